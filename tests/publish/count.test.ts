import { expect, test } from 'vitest'
import { countOf } from '../../src/publish/count.ts'

test.each([
  [countOf(1, 'item'), '1 item'],
  [countOf(0, 'item'), '0 items'],
  [countOf(1_204, 'item'), '1,204 items'],
  [countOf(2, 'entry', 'entries'), '2 entries'],
  [countOf(1, 'entry', 'entries'), '1 entry'],
])('%s', (said, expected) => {
  expect(said).toBe(expected)
})
