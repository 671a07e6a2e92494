import { expect, test } from 'vitest'
import { collectGarbage } from '../../src/garbage.ts'
import { IntLists, IntRows, IntSets } from '../../src/query/int-tables.ts'
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
  for (const number of [4, 8, 9]) sets.add(2, number)

  sets.remove(0, 7)
  sets.remove(0, 8)
  sets.remove(1, 1)
  sets.remove(9_999, 1)

  expect([0, 1, 2, 9_999].map((owner) => listed(sets, owner))).toEqual([[1, 2, 3], [7], [4, 8, 9], []])
})

test('a set of many thousands is filled and emptied at once', () => {
  const sets = new IntSets()
  for (let number = 0; number < 20_000; number += 1) sets.add(3, number)
  expect(listed(sets, 3)).toHaveLength(20_000)
  for (let number = 20_000; number > 0; number -= 1) sets.remove(3, number - 1)
  expect(listed(sets, 3)).toEqual([])
})

test('sets that are filled and emptied again and again take no more room', () => {
  const sets = new IntSets()
  const fillAndEmpty = () => {
    for (let number = 0; number < 1_000; number += 1) sets.add(number % 3, number)
    for (let number = 0; number < 1_000; number += 1) sets.remove(number % 3, number)
  }
  const taken = () => {
    collectGarbage()
    return process.memoryUsage().arrayBuffers
  }
  fillAndEmpty()
  const before = taken()

  for (let round = 0; round < 50; round += 1) fillAndEmpty()

  // What is not given back is of some 6 KB each round, the least of it.
  expect(taken() - before).toBeLessThan(50_000)
})

test('each of thousands of owners has its own numbers, whoever comes when there is no more room', () => {
  const sets = new IntSets()
  for (let owner = 0; owner < 4_000; owner += 1) sets.add(owner, 2 * owner)
  for (let owner = 0; owner < 4_000; owner += 2) sets.add(owner, 2 * owner + 1)

  for (let owner = 0; owner < 4_000; owner += 1) {
    expect(listed(sets, owner)).toEqual(owner % 2 === 0 ? [2 * owner, 2 * owner + 1] : [2 * owner])
  }
})

test('a list keeps its numbers while others come, go and need more room', () => {
  const random = createRandom(5)
  const lists = new IntLists((length) => new Int32Array(length))
  const there = new Map<number, number[]>()
  for (let step = 0; step < 6_000; step += 1) {
    const list = Array.from({ length: 1 + random(9) }, () => random(1_000_000))
    const at = lists.put(list)
    expect(there.has(at)).toBe(false)
    there.set(at, list)
    const [oldest] = there
    if (random(3) > 0 || oldest === undefined) continue
    const [gone, numbers] = oldest
    lists.free(gone, numbers.length)
    there.delete(gone)
  }
  for (const [at, list] of there) expect([...lists.numbers.subarray(at, at + list.length)]).toEqual(list)
})

test('a row is of zeros when it is taken, whatever stood in it before', () => {
  const rows = new IntRows(4)
  const taken = Array.from({ length: 1_000 }, () => rows.take())
  for (const row of taken) rows.cells.fill(7, row, row + 4)
  for (const row of taken.slice(0, 500)) rows.free(row)

  const again = Array.from({ length: 600 }, () => rows.take())

  expect(taken).not.toContain(0)
  expect(new Set([...again, ...taken.slice(500)]).size).toBe(1_100)
  expect(again.every((row) => rows.cells.subarray(row, row + 4).join() === '0,0,0,0')).toBe(true)
  expect(taken.slice(500).every((row) => rows.cells.subarray(row, row + 4).join() === '7,7,7,7')).toBe(true)
})
