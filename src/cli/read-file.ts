import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { AppError } from '../errors.ts'
import type { CliIo } from './io.ts'

/**
 * A file of the person who runs the command, or standard input for "-". Throws `not_found`, or `invalid` for what cannot be
 * read or has more than 64 MiB: a device such as /dev/zero never ends.
 */
export async function readGivenFile(io: CliIo, path: string): Promise<Uint8Array> {
  if (path === '-') {
    const given = await io.stdin()
    return typeof given === 'string' ? new TextEncoder().encode(given) : given
  }
  if (path === '') throw new AppError('invalid', 'No file was named.', { hint: '- is what comes on standard input.' })
  try {
    return await readWhole(resolve(io.cwd, path))
  } catch (error) {
    if (error instanceof AppError) throw error
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const hint = /^https?:\/\//i.test(path)
        ? 'An address is not fetched here: save what it holds as a file first.'
        : undefined
      throw new AppError('not_found', `There is no file ${path}.`, { cause: error, ...(hint && { hint }) })
    }
    const why = code === 'EISDIR' ? 'it is a folder' : 'this user may not'
    throw new AppError('invalid', `The file ${path} cannot be read: ${why}.`, { cause: error })
  }
}

/** More than any document that is read, and any list of sources. */
const MOST_BYTES = 64 * 1024 * 1024

/** In pieces: what a pipe or a device holds says no size beforehand. */
async function readWhole(path: string): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let total = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    total += chunk.length
    if (total > MOST_BYTES) throw new AppError('invalid', `The file ${path} is larger than 64 MiB.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, total)
}
