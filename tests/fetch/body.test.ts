import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { BodyReader } from '../../src/fetch/body.ts'
import type { BodyError } from '../../src/fetch/body-error.ts'
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
  const reader = new BodyReader({
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
  const reader = new BodyReader({
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

test('bodies that come at the same time, and one after the other, do not share a byte', async () => {
  const open = () =>
    new BodyReader({ ...wide, contentEncoding: null, maxBytes: 4 * MIB, onDrain: () => {}, onError: () => {} })
  const read = async (sizes: number[]) => {
    const readers = sizes.map(open)
    for (let part = 0; part < 10; part += 1) {
      for (const [i, reader] of readers.entries()) reader.write(Buffer.alloc((sizes[i] ?? 0) / 10, 48 + i))
    }
    return Promise.all(readers.map((reader) => reader.end()))
  }

  const sizes = [50_000, 65_530, 65_540, 200_000, 700_000, 2_000_000]
  const bodies = [...(await read(sizes)), ...(await read(sizes))]

  const wanted = [...sizes, ...sizes].map((size, i) => Buffer.alloc(size - (size % 10), 48 + (i % sizes.length)))
  expect(bodies.map((body, i) => body.equals(wanted[i] ?? Buffer.alloc(0)))).toEqual(bodies.map(() => true))
})

describe('a large body in brotli, while what came before is not read yet', () => {
  const packed = brotliCompressSync(Buffer.alloc(3 * MIB, 'news '))
  const crowd = () => {
    const room = createRoom(2 * MIB)
    const before = new Uint8Array(3 * MIB)
    const holding = room.open(() => {})
    holding.take(before.length)
    holding.handOver(before)
    const reader = new BodyReader({
      room,
      contentLength: null,
      contentEncoding: 'br',
      maxBytes: 4 * MIB,
      onDrain: () => {},
      onError: () => {},
    })
    reader.write(packed)
    return { room, before, reader }
  }
  const settled = async (body: Promise<Buffer>) => {
    let isSettled = false
    body.then(
      () => {
        isSettled = true
      },
      () => {
        isSettled = true
      },
    )
    for (let turns = 0; turns < 10; turns += 1) await nextTurn()
    return isSettled
  }

  test('waits for it unpacked, and then comes whole', async () => {
    const { room, before, reader } = crowd()
    const body = reader.end()

    expect(await settled(body)).toBe(false)
    room.release(before)

    expect((await body).equals(Buffer.alloc(3 * MIB, 'news '))).toBe(true)
  })

  test('is forgotten when it is given up, and the next has its turn', async () => {
    const { room, before, reader } = crowd()
    const body = reader.end()
    await settled(body)

    reader.destroy()
    await expect(body).rejects.toThrow('given up')

    room.release(before)
    expect(await room.open(() => {}).alone(async () => 'its turn')).toBe('its turn')
  })
})

test('what is destroyed holds nothing and complains no more', async () => {
  const faults: BodyError[] = []
  const reader = new BodyReader({
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

test('a large body whose label is wrong waits for room like all others, and is asked for more when there is', async () => {
  const room = createRoom(MIB)
  const before = room.open(() => {})
  before.take(3 * MIB)
  let drains = 0
  const reader = new BodyReader({
    ...{ contentEncoding: 'gzip', contentLength: null, maxBytes: MIB, room },
    onDrain: () => {
      drains += 1
    },
    onError: () => {},
  })

  expect(reader.write(Buffer.alloc(200_000, 'x'))).toBe(false)
  await nextTurn()
  expect(drains).toBe(0)
  before.end()
  await nextTurn()

  expect(drains).toBe(1)
  expect(await reader.end()).toEqual(Buffer.alloc(200_000, 'x'))
})
