import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { AppError } from '../errors.ts'
import type { CliIo } from './io.ts'

/** A file of the person who runs the command, or standard input for "-". Throws `not_found`, or `invalid` for what cannot be read. */
export async function readGivenFile(io: CliIo, path: string): Promise<Uint8Array> {
  if (path === '-') return new TextEncoder().encode(await io.stdin())
  try {
    return readFileSync(resolve(io.cwd, path))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new AppError('not_found', `There is no file ${path}.`, { cause: error })
    }
    const why = code === 'EISDIR' ? 'it is a folder' : 'this user may not'
    throw new AppError('invalid', `The file ${path} cannot be read: ${why}.`, { cause: error })
  }
}
