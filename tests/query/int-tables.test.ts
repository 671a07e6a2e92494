import { expect, test } from 'vitest'
import { IntSets } from '../../src/query/int-tables.ts'
import { createRandom } from '../support/random.ts'

function listed(sets: IntSets, owner: number): number[] {
  const numbers: number[] = []
  sets.forEach(owner, (number) => numbers.push(number))
  return numbers.sort((a, b) => a - b)
}

test('sets of numbers have what was added and not removed, however often they grow, shrink and are empty', () => {
  const random = createRandom(7)
  const sets = new IntSets()
  const expected = new Map<number, Set<number>>()
  for (let step = 0; step < 20_000; step += 1) {
    // A few owners have many, one of them beyond what there is room for at first.
    const owner = random(10) === 0 ? 5_000 : random(40)
    const number = random(owner < 3 ? 300 : 4)
    const there = expected.get(owner) ?? new Set()
    expected.set(owner, there)
    if (there.delete(number)) sets.remove(owner, number)
    else {
      there.add(number)
      sets.add(owner, number)
    }
    expect(listed(sets, owner)).toEqual([...there].sort((a, b) => a - b))
  }
  for (const [owner, there] of expected) expect(listed(sets, owner)).toEqual([...there].sort((a, b) => a - b))
})

test('to remove what is not in a set, or from none, changes nothing', () => {
  const sets = new IntSets()
  for (const number of [1, 2, 3]) sets.add(0, number)
  sets.add(1, 7)

  sets.remove(0, 7)
  sets.remove(1, 1)
  sets.remove(9_999, 1)

  expect([0, 1, 2, 9_999].map((owner) => listed(sets, owner))).toEqual([[1, 2, 3], [7], [], []])
})

test('a set of many thousands is filled and emptied at once', () => {
  const sets = new IntSets()
  for (let number = 0; number < 20_000; number += 1) sets.add(3, number)
  expect(listed(sets, 3)).toHaveLength(20_000)
  for (let number = 20_000; number > 0; number -= 1) sets.remove(3, number - 1)
  expect(listed(sets, 3)).toEqual([])
})
