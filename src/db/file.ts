/** A file of ours that SQLite opens, and what people are told when it cannot. */
import { AppError, type ErrorCode } from '../errors.ts'
import { isFolder } from './data-dir.ts'
import { openDriver } from './sqlite/binding.ts'
import { type Driver, sqliteCode, translateError } from './sqlite/driver.ts'

/** The binding over a file of ours. Throws in words for people, as `explain` has them. */
export function openFile(path: string): Driver {
  try {
    return openDriver(path)
  } catch (error) {
    throw explain(error, path)
  }
}

export const RESTORE = 'Leave it as it is, move it away, and put a backup in its place.'

/** What SQLite says about the file itself, with its path and what to do. */
export function explain(error: unknown, path: string): unknown {
  const code = sqliteCode(error)
  const refuse = (kind: ErrorCode, message: string, hint: string) => new AppError(kind, message, { hint, cause: error })
  if (code.startsWith('SQLITE_NOTADB')) return refuse('invalid', `${path} is not a Crier database.`, RESTORE)
  if (code.startsWith('SQLITE_CORRUPT')) return refuse('internal', `The database ${path} is damaged.`, RESTORE)
  if (code.startsWith('SQLITE_READONLY')) {
    return refuse('invalid', `The database ${path} is read-only.`, 'Let this user write the file and its folder.')
  }
  if (code.startsWith('SQLITE_CANTOPEN')) {
    if (isFolder(path)) {
      return refuse('invalid', `${path} is a folder, not a database file.`, 'Move it away, or change CRIER_DATA.')
    }
    const hint = 'Let this user read and write it and its folder.'
    return refuse('invalid', `The database ${path} cannot be opened.`, hint)
  }
  return translateError(error)
}
