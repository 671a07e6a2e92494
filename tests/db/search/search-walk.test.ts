import { expect, test } from 'vitest'
import { createWalk } from '../../../src/db/search/search-walk.ts'
import type { Database } from '../../../src/db/sqlite/driver.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { NOW } from '../../support/store.ts'

interface Given {
  /** Batches of places, newest first, as they are asked for in parts. */
  parts: number[][]
  /** The same by one question, where there is one. */
  atOnce?: number[][]
  /** They do match. */
  isExact?: boolean
  isCount?: boolean
  /** The search has no time at all. */
  isLate?: boolean
  /** So many are enough. */
  most?: number
  /** These do not match. */
  others?: number[]
  /** Where the dates asked for say that they are, what is dated elsewhere, and from where on one looks. */
  dated?: { start: number; end: number; astray: number[] }
  before?: number
}

/** What a walk over these takes and asks for, where each look at an item takes a millisecond. */
function walkOver(given: Given) {
  const { parts, atOnce, isExact = false, isCount = false, isLate = false, most = 99, others = [] } = given
  const { start, end, astray } = given.dated ?? { start: 0, end: Number.MAX_SAFE_INTEGER, astray: [] }
  let now = NOW
  const taken: number[] = []
  const asked: string[] = []
  const batches = (way: string, given: number[][]) => ({
    isExact,
    *listBatches(before: number) {
      for (const places of given) {
        const start = places.at(-1) ?? 0
        if (start >= before) continue
        asked.push(way)
        yield { places: places.filter((place) => place < before), start }
      }
    },
  })
  const plan = {
    ...batches('in parts', parts),
    ...(atOnce && { listAtOnce: () => batches('at once', atOnce) }),
    start,
    end,
    listAstray: (from: number, before: number) => astray.filter((place) => place >= from && place < before),
  }
  const planner = { plan: () => plan, count: () => null, screen: () => () => true }
  // Of the database a walk wants the clock alone.
  const walk = createWalk({ clock: () => now } as unknown as Database, planner)
  const query = parseQuery('data', { timezone: 'UTC', for: 'search' })
  const isEnough = () => taken.length >= most
  const { before = Number.MAX_SAFE_INTEGER } = given
  const stopAt = isLate ? NOW : NOW + 1_000
  const way = walk({ query, now: NOW, before, stopAt, isEnough, isCount }, (place) => {
    now += 1
    taken.push(place)
    return !others.includes(place)
  })
  return { taken, asked, way }
}

/** Places from the one down to the other. */
const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i)

test.each([
  ['three of the newest', [], 3, 1],
  ['two, and later a third', [8], 4, 1],
  ['two, and no more', [8, 6, 5, 4, 3, 2, 1], 9, 0],
])(
  'what was found in parts is asked for at once where it is common, and nothing is taken twice: %s',
  (_, others, inParts, atOnce) => {
    const { taken, asked, way } = walkOver({ parts: down(9, 1).map((place) => [place]), atOnce: [down(9, 1)], others })

    expect(taken).toEqual(down(9, 1))
    expect(asked).toEqual([...Array(inParts).fill('in parts'), ...Array(atOnce).fill('at once')])
    expect(way).toEqual({ end: 'all' })
  },
)

test('when time is up nothing is asked for at once any more', () => {
  const { taken, asked, way } = walkOver({ parts: [down(9, 5), down(4, 1)], atOnce: [down(9, 1)], isLate: true })

  expect(taken).toEqual(down(9, 5))
  expect(asked).toEqual(['in parts'])
  expect(way).toEqual({ end: 'time', before: 5 })
})

test.each([
  ['a list looks at it for 10 ms', false, false, 10],
  ['a count, which may say that there are more, at eight', true, false, 8],
  ['a count of what is sure at all of it', true, true, 40],
])('of what a question found when time is up, %s', (_, isCount, isExact, expected) => {
  const { taken, way } = walkOver({ parts: [down(40, 1)], isCount, isExact, isLate: true })

  expect(taken).toHaveLength(expected)
  expect(way).toEqual({ end: 'time', before: 41 - expected })
})

test('a walk ends with the place that was enough', () => {
  expect(walkOver({ parts: [down(9, 5), down(4, 1)], most: 3 }).way).toEqual({ end: 'enough', before: 7 })
})

test.each([
  ['from the newest on', undefined, [25, 22, ...down(19, 10), 5, 3]],
  ['from one of those after', 23, [22, ...down(19, 10), 5, 3]],
  ['from one of those between', 15, [...down(14, 10), 5, 3]],
  ['from one of those before', 5, [3]],
])('what is dated elsewhere than where it stands comes in its place, %s', (_, before, expected) => {
  const dated = { start: 10, end: 20, astray: [25, 22, 5, 3] }
  const parts = [down(19, 15), down(14, 10)]

  expect(walkOver({ parts, dated, ...(before && { before }) }).taken).toEqual(expected)
})

test('what is dated elsewhere takes its time, too', () => {
  const dated = { start: 10, end: 20, astray: down(40, 21) }
  const { taken, way } = walkOver({ parts: [down(19, 10)], dated, isLate: true })

  expect(taken).toEqual(down(40, 31))
  expect(way).toEqual({ end: 'time', before: 31 })
})

test('what was looked through to the end is looked through, however late it is', () => {
  const dated = { start: 10, end: 20, astray: [5, 3] }

  expect(walkOver({ parts: [down(12, 10)], dated, isLate: true })).toMatchObject({
    taken: [12, 11, 10, 5, 3],
    way: { end: 'all' },
  })
})
