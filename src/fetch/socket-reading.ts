import type { Socket } from 'node:net'

/**
 * How plain sockets read: all into one place, from which each takes a copy as long as what came. Node would make a buffer of
 * 64 KiB for each read, and among hundreds of sockets that wait these, cut to size, leave a heap full of holes.
 * A read ends before the next begins, whoever's it is.
 */
export const SPARING_READS = {
  /** One read ahead of its reader. */
  highWaterMark: 16_384,
  onread: { buffer: Buffer.alloc(32_768), callback: pushCopy },
}

/** False: it shall not be read until its reader comes for more. */
function pushCopy(this: Socket, bytes: number, buffer: Uint8Array): boolean {
  return this.push(Buffer.from(buffer.subarray(0, bytes)))
}
