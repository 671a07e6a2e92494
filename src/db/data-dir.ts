/** The data folder: what lies in it, and how it is made. */
import { mkdirSync, type Stats, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Advice, AppError } from '../errors.ts'

export function databasePath(dataDir: string): string {
  return join(dataDir, 'crier.db')
}

/** The small database beside `crier.db` whose exclusive transaction says that a service runs. */
export function lockPath(dataDir: string): string {
  return join(dataDir, 'crier.lock')
}

/** Says, for people only, which process that is. */
export function pidPath(dataDir: string): string {
  return join(dataDir, 'crier.pid')
}

/** Says, for commands, how the service stands with Telegram. */
export function telegramPath(dataDir: string): string {
  return join(dataDir, 'crier.telegram')
}

/** The path of the database, in a folder that is there from now on. Throws `not_found` where there is no database, unless it is to be made. */
export function getDatabasePath(dataDir: string, { create }: { create: boolean }): string {
  const path = databasePath(dataDir)
  const hint = 'Begin with a source; CRIER_DATA names the folder.'
  const advice: Advice = { kind: 'add', url: 'https://example.com/feed.xml' }
  if (!create && statOf(path) === undefined)
    throw new AppError('not_found', `There is no Crier database at ${path}.`, { hint, advice })
  makeDataDir(dataDir)
  return path
}

/** Logins and headers of sources stand in the database as they were given. */
const ONLY_OURS = 0o700

/** For this user alone, unless it is there; throws `invalid`, naming the folder, where it cannot be made. */
export function makeDataDir(dataDir: string): void {
  try {
    makeFolder(resolve(dataDir), ONLY_OURS)
  } catch (error) {
    const message = `The data folder ${dataDir} cannot be made.`
    throw new AppError('invalid', message, { hint: 'Make it, or name another in CRIER_DATA.', cause: error })
  }
}

/** With those it lies in. Node's own `recursive` tries for ever where a folder that is there says that it is not, as /proc does. */
function makeFolder(path: string, mode?: number): void {
  if (isFolder(path)) return
  if (dirname(path) !== path) makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    // Somebody else may have been quicker.
    if (!isFolder(path)) throw error
  }
}

/** False also where nobody can tell. */
export function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false
}

/** Undefined where nothing is; null where nobody can tell, as behind a folder that this user may not enter. */
function statOf(path: string): Stats | null | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return null
  }
}
