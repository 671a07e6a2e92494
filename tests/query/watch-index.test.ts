import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError } from '../../src/errors.ts'
import type { Query, Watch } from '../../src/model.ts'
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
          expect(index.match(item, NOW)).toEqual(expected)
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
  expect(index.match(item, NOW).map((hit) => hit.watch.id)).toEqual([1, 2])

  index.remove(1)
  index.remove(7)

  expect(index.size).toBe(1)
  expect(index.match(item, NOW)).toEqual([{ watch: watch(2, 'database')[0], words: ['database'] }])
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
