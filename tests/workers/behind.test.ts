import { describe, expect, test } from 'vitest'
import { createIncoming } from '../../src/workers/behind.ts'
import type { Behind } from '../../src/workers/parse-worker.ts'
import { readItem } from '../support/items.ts'

const MIB = 1_048_576

/** What a process writes of them, and what it says where each stands. */
function written(items: unknown[]): { bytes: Uint8Array; behind: Behind } {
  const texts = items.map((item) => Buffer.from(JSON.stringify(item)))
  const places: Behind['items'] = []
  for (const { length } of texts) {
    const from = places.at(-1)?.to ?? 0
    places.push({ from, to: from + length })
  }
  return { bytes: new Uint8Array(Buffer.concat(texts)), behind: { bytes: places.at(-1)?.to ?? 0, items: places } }
}

/** As a pipe gives it. */
function* inChunks(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
}

const ITEMS = ['Öre', '大数据', 'three'].map((title) => readItem({ id: title, title, content: 'x'.repeat(600_000) }))

describe('what a process says of its items', () => {
  test.each([1_000, 65_536, 10 * MIB])('is put together from chunks of %i bytes, in order', async (size) => {
    const { bytes, behind } = written(ITEMS)
    const incoming = createIncoming()
    for (const chunk of inChunks(bytes, size)) expect(incoming.add(chunk)).toBe(true)
    expect(await incoming.take(behind)).toEqual(ITEMS)
  })

  test('of one document after the other', async () => {
    const incoming = createIncoming()
    for (const items of [ITEMS, [], ITEMS.slice(1), ITEMS]) {
      const { bytes, behind } = written(items)
      for (const chunk of inChunks(bytes, 65_536)) incoming.add(chunk)
      await incoming.hasCome(behind.bytes)
      expect(await incoming.take(behind)).toEqual(items)
    }
  })

  test('is waited for until it has come, and no longer', async () => {
    const { bytes, behind } = written(ITEMS)
    const incoming = createIncoming()
    let come = 0
    incoming.add(bytes.slice(0, 10))
    const coming = incoming.hasCome(behind.bytes).then(() => (come += 1))
    incoming.add(bytes.slice(10, -1))
    await settle()
    expect(come).toBe(0)
    incoming.add(bytes.slice(-1))
    await coming
    await incoming.hasCome(behind.bytes)
  })

  test.each([-1, 1])('is refused where it is whole but for %i bytes, and so it is where it ended', async (off) => {
    const { bytes, behind } = written(ITEMS)
    const incoming = createIncoming()
    const coming = incoming.hasCome(bytes.length + 1)
    incoming.add(bytes)
    incoming.end()
    await coming
    await incoming.hasCome(bytes.length + 1)
    await expect(incoming.take({ ...behind, bytes: behind.bytes + off })).rejects.toThrow(
      'its items did not come whole',
    )
  })

  test('takes the memory of what came with it', () => {
    const incoming = createIncoming()
    const chunk = new Uint8Array(70_000)
    incoming.add(chunk)
    expect(chunk.byteLength).toBe(0)
  })

  test('is cut off where it is more than a document may be said in', () => {
    const incoming = createIncoming()
    expect(incoming.add(new Uint8Array(128 * MIB + 1))).toBe(false)
    expect(incoming.add(new Uint8Array(10))).toBe(true)
    expect(incoming.add(new Uint8Array(128 * MIB - 9))).toBe(false)
  })

  test('is made into items bit by bit: others have their turn meanwhile', async () => {
    const { bytes, behind } = written(ITEMS)
    const incoming = createIncoming()
    incoming.add(bytes)
    let turns = 0
    let isOver = false
    const count = () => {
      turns += 1
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    await incoming.take(behind)
    isOver = true
    expect(turns).toBeGreaterThanOrEqual(2)
  })
})

const settle = () => new Promise((resolve) => setImmediate(resolve))
