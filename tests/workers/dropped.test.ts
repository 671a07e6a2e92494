import { expect, test } from 'vitest'
import { createDropped } from '../../src/workers/dropped.ts'

/** Which of the first six jobs are dropped. */
const among = (dropped: ReturnType<typeof createDropped>) => [1, 2, 3, 4, 5, 6].filter(dropped.has)

test('none is dropped at first', () => {
  expect(among(createDropped())).toEqual([])
})

test('what the pool drops the thread knows, and neither what came before nor what comes after', () => {
  const pool = createDropped()
  const thread = createDropped(pool.shared)
  pool.set(2, 4)
  expect(among(thread)).toEqual([3, 4])
  pool.set(4, 5)
  expect(among(thread)).toEqual([5])
  expect(among(createDropped())).toEqual([])
})
