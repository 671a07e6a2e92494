import { expect, test } from 'vitest'
import { countEach, groupBy } from '../src/groups.ts'

test('values are grouped by what they have in common, in the order in which they come', () => {
  const groups = groupBy(['pear', 'fig', 'plum', 'kiwi', 'yam'], ({ length }) => length)

  expect([...groups]).toEqual([
    [4, ['pear', 'plum', 'kiwi']],
    [3, ['fig', 'yam']],
  ])
})

test('each value is counted', () => {
  expect([...countEach(['b', null, 'b', 'a', null])]).toEqual([
    ['b', 2],
    [null, 2],
    ['a', 1],
  ])
})
