import { expect, test } from 'vitest'
import { freeBytes } from '../../src/workers/free.ts'

test('bytes that are freed are gone, for everybody, and their memory before any garbage is collected', async () => {
  const before = process.memoryUsage().arrayBuffers
  const bytes = Array.from({ length: 200 }, () => new Uint8Array(1_000_000))
  const view = bytes[0]?.subarray(10)
  for (const one of bytes) freeBytes(one)

  expect(bytes.map(({ byteLength }) => byteLength)).toEqual(bytes.map(() => 0))
  expect(view?.byteLength).toBe(0)
  // The way out opens with the first of them, a turn later.
  await expect.poll(() => process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
  expect(bytes).toHaveLength(200)
})

test('a body that fills most of its memory is freed with the rest of it', () => {
  const body = Buffer.allocUnsafeSlow(65_536).subarray(0, 58_000)
  freeBytes(body)

  expect(body.byteLength).toBe(0)
})

test('what may share its memory with others stays, and what is gone already is no fault', () => {
  const neighbours = [Buffer.from('one'), Buffer.from('two')]
  const part = new Uint8Array(100_000).subarray(0, 10_000)
  for (const one of [...neighbours, part]) freeBytes(one)
  const gone = new Uint8Array(10)
  freeBytes(gone)
  freeBytes(gone)

  expect(neighbours.map(String)).toEqual(['one', 'two'])
  expect(part.byteLength).toBe(10_000)
  expect(gone.byteLength).toBe(0)
})
