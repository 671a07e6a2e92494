import { expect, test } from 'vitest'
import { letterDistance } from '../../src/text/letter-distance.ts'

test.each([
  ['the same', 'title', 'title', 0],
  ['one to add', 'titl', 'title', 1],
  ['one to drop', 'tittle', 'title', 1],
  ['one to change', 'tatle', 'title', 1],
  ['two to swap', 'ttile', 'title', 1],
  ['one to change, and two to swap', 'bitel', 'title', 2],
  ['one that moved, beside a new one', 'ab', 'bc', 2],
  ['a new one, beside one that moved', 'ab', 'ca', 2],
  ['two apart', 'tatles', 'title', 2],
  ['nothing in common', 'abc', 'xyz', 3],
  ['all to add', '', 'url', 3],
  ['all to drop', 'url', '', 3],
])('%s: from “%s” to “%s”', (_name, from, to, distance) => {
  expect(letterDistance(from, to)).toBe(distance)
})
