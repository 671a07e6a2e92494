import { expect, test } from 'vitest'
import { inPortions } from '../../src/source/portions.ts'

const CASES: { name: string; list: number[]; portions: number[][] }[] = [
  { name: 'nothing has none', list: [], portions: [] },
  { name: 'one ends with what fills it', list: [4, 6, 1], portions: [[4, 6], [1]] },
  {
    name: 'the large one is not cut',
    list: [1, 90, 2, 3],
    portions: [
      [1, 90],
      [2, 3],
    ],
  },
  { name: 'the last one is never empty', list: [10, 10], portions: [[10], [10]] },
]
for (const { name, list, portions } of CASES) {
  test(`portions: ${name}`, () => {
    expect([...inPortions(list, (size) => size, 10)]).toEqual(portions)
  })
}
