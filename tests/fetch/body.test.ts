import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type BodyError, createBodyReader } from '../../src/fetch/body.ts'
import { createRoom } from '../../src/fetch/room.ts'

const MIB = 1_048_576
const wide = { contentLength: null, room: createRoom(64 * MIB) }

/** Writes the chunk again and again, as a socket would: it waits when it is asked to. Gives the bytes written until the fault. */
async function writeForEver(
  contentEncoding: string | null,
  chunk: Buffer,
): Promise<{ written: number; fault: BodyError | null }> {
  let fault: BodyError | null = null
  let resume = () => {}
  const reader = createBodyReader({
    ...wide,
    contentEncoding,
    maxBytes: MIB,
    onDrain: () => resume(),
    onError: (error) => {
      fault = error
      resume()
    },
  })
  let written = 0
  while (fault === null && written < 64 * MIB) {
    const drained = new Promise<void>((resolve) => {
      resume = resolve
    })
    const goOn = reader.write(chunk)
    written += chunk.length
    if (!goOn && fault === null) await drained
    await nextTurn()
  }
  return { written, fault }
}

describe('an endless body', () => {
  // Members of gzip may follow one another: 16 KiB over the wire are 16 MiB inside, again and again.
  const bomb = gzipSync(Buffer.alloc(16 * MIB))

  test.each<[string, string | null, Buffer, number]>([
    ['plain', null, Buffer.alloc(65_536), 2 * MIB],
    ['compressed a thousand times', 'gzip', bomb, 600_000],
    ['compressed without a label', null, bomb, 600_000],
    ['compressed a hundred thousand times', 'gzip, gzip', gzipSync(bomb), 600_000],
    ['that compression does not help', 'gzip', gzipSync(randomBytes(65_536)), 2 * MIB],
    ['of members without content', 'gzip', Buffer.concat(Array(3_000).fill(gzipSync(''))), 2 * MIB],
  ])('%s is cut soon after the cap', async (_, contentEncoding, chunk, enough) => {
    const { written, fault } = await writeForEver(contentEncoding, chunk)

    expect(fault).not.toBeNull()
    expect(written).toBeLessThan(enough)
  })
})

test.each<[string, Buffer]>([
  ['gzip', gzipSync(randomBytes(100_000).toString('hex'))],
  ['br', brotliCompressSync(randomBytes(100_000).toString('hex'), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
])('padding after %s is dropped', async (contentEncoding, body) => {
  let resume = () => {}
  const faults: BodyError[] = []
  const reader = createBodyReader({
    ...wide,
    contentEncoding,
    maxBytes: MIB,
    onDrain: () => resume(),
    onError: (error) => faults.push(error),
  })

  for (const chunk of [body, ...Array<Buffer>(10).fill(Buffer.alloc(16_384))]) {
    const drained = new Promise<void>((resolve) => {
      resume = resolve
    })
    if (!reader.write(chunk)) await drained
  }
  const whole = await reader.end()

  expect(whole.length).toBe(200_000)
  expect(faults).toEqual([])
})

test('what is destroyed holds nothing and complains no more', async () => {
  const faults: BodyError[] = []
  const reader = createBodyReader({
    ...wide,
    contentEncoding: 'gzip',
    maxBytes: MIB,
    onDrain: () => {},
    onError: (error) => faults.push(error),
  })
  reader.write(gzipSync(Buffer.alloc(100)).subarray(0, 15))

  reader.destroy()
  await nextTurn()

  expect(faults).toEqual([])
})
