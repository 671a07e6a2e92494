import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError } from '../../src/errors.ts'
import type { Hit, Query, Watch } from '../../src/model.ts'
import { evaluate } from '../../src/query/evaluate.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { createWatchIndex } from '../../src/query/watch-index.ts'
import { anyItem, anyQueryText, matchable } from '../support/queries.ts'

const NOW = Date.UTC(2026, 10, 2)
const options = { now: NOW, timezone: 'Etc/UTC' }

function watch(id: number, query: string): [Watch, Query] {
  const parsed = parseQuery(query, { ...options, for: 'watch' })
  return [{ id, chat: 'terminal', number: id, query, createdAt: NOW }, parsed]
}

function byId(hits: Hit[]): Hit[] {
  return hits.sort((a, b) => a.watch.id - b.watch.id)
}

test('the index agrees with the evaluator on every watch and every item', () => {
  let hits = 0
  fc.assert(
    fc.property(
      fc.array(anyQueryText, { minLength: 1, maxLength: 30 }),
      fc.array(anyItem, { maxLength: 4 }),
      (texts, items) => {
        const index = createWatchIndex()
        const watches = texts.flatMap((text, id) => {
          const query = parseQuery(text, { ...options, for: 'search' })
          const [only] = [{ id, chat: 'terminal', number: id, query: text, createdAt: NOW }]
          index.add(only, query)
          return { watch: only, query }
        })

        for (const item of items) {
          const expected = watches.flatMap(({ watch, query }) => {
            const words = evaluate(query, item, NOW)
            return words ? [{ watch, words }] : []
          })
          hits += expected.length
          expect(byId(index.match(item, NOW))).toEqual(expected)
        }
      },
    ),
    { numRuns: 400, seed: 3 },
  )
  // Else it would prove nothing.
  expect(hits).toBeGreaterThan(500)
})

test('what a watch may be has an anchor, and what it may not be is refused with a hint', () => {
  let refused = 0
  fc.assert(
    fc.property(anyQueryText, (text) => {
      try {
        parseQuery(text, { ...options, for: 'watch' })
      } catch (error) {
        refused += 1
        expect(error).toBeInstanceOf(AppError)
        expect(error).toMatchObject({ code: 'invalid', hint: expect.stringMatching(/\S/) })
      }
    }),
    { numRuns: 500, seed: 4 },
  )
  expect(refused).toBeGreaterThan(20)
})

test('a removed watch is gone from all its anchors, and one added again counts once', () => {
  const index = createWatchIndex()
  index.add(...watch(1, 'zebra OR dat* OR source:example.com OR 数'))
  index.add(...watch(2, 'zebra'))
  index.add(...watch(2, 'database'))
  const item = matchable({ title: 'A zebra in the database' })
  expect(byId(index.match(item, NOW)).map((hit) => hit.watch.id)).toEqual([1, 2])

  index.remove(1)
  index.remove(7)

  expect(index.size).toBe(1)
  expect(index.match(item, NOW)).toEqual([{ watch: watch(2, 'database')[0], words: ['database'] }])
})

test.each([
  ['behind many that go on otherwise', '"data lake"', `${'data base '.repeat(40)}data lake`],
  ['behind itself', '"data data lake"', `${'data '.repeat(40)}lake`],
  ['with an open ending', '"data la*"', `${'data base '.repeat(40)}data lakes`],
  ['at the very beginning', '"data lake"', 'data lake'],
  ['in a script without spaces', '"大 数据"', `${'大人'.repeat(40)}大数据`],
])('a phrase is found %s', (_name, query, text) => {
  const index = createWatchIndex()
  index.add(...watch(1, query))
  expect(index.match(matchable({ text }), NOW)).toEqual([{ watch: watch(1, query)[0], words: [query.slice(1, -1)] }])
  expect(index.match(matchable({ text: text.slice(0, -4), title: 'lake' }), NOW)).toEqual([])
})

test('of several watches of one word, the removed one is gone and the others stay', () => {
  const index = createWatchIndex()
  const queries = ['zebra', 'zebra', '"zebra crossing"', '"a zebra"', 'zebra -x', 'zebra OR zebra x']
  for (const [id, query] of queries.entries()) index.add(...watch(id, query))
  const item = matchable({ text: 'a zebra crossing' })

  for (let left = queries.length; left > 0; left -= 1) {
    expect(index.match(item, NOW)).toHaveLength(left)
    index.remove(queries.length - left)
  }
  expect(index.match(item, NOW)).toEqual([])
})

test('an item that repeats one word a hundred thousand times asks those who watch for it once', () => {
  const index = createWatchIndex()
  for (let id = 1; id <= 4_000; id += 1) index.add(...watch(id, id % 2 === 0 ? 'data' : `"data x${id}"`))
  const item = matchable({ text: 'data '.repeat(100_000) })

  const started = performance.now()
  expect(index.match(item, NOW)).toHaveLength(2_000)

  // Once for each place would be 400,000,000 questions: seconds.
  expect(performance.now() - started).toBeLessThan(1_000)
})

test('a hundred times more watches that do not match cost no more candidates', () => {
  const index = createWatchIndex()
  for (let id = 1; id <= 10_000; id += 1) index.add(...watch(id, `the word${id} news`))
  const item = matchable({ title: 'The news of word77', text: 'the news, all the news' })

  const started = performance.now()
  for (let round = 0; round < 200; round += 1) expect(index.match(item, NOW)).toHaveLength(1)

  // A loop over all watches would be 2,000,000 questions: seconds.
  expect(performance.now() - started).toBeLessThan(1_000)
})
