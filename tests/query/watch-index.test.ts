import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError } from '../../src/errors.ts'
import { collectGarbage } from '../../src/garbage.ts'
import type { Hit, Query, Watch } from '../../src/model.ts'
import { evaluate } from '../../src/query/evaluate.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { createWatchIndex } from '../../src/query/watch-index.ts'
import { anyItem, anyQueryText, matchable } from '../support/queries.ts'
import { workedMs } from '../support/work.ts'

const NOW = Date.UTC(2026, 10, 2)
const options = { timezone: 'Etc/UTC' }

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
    { numRuns: 250, seed: 3 },
  )
  // Else it would prove nothing.
  expect(hits).toBeGreaterThan(500)
})

test('however watches come, change and go, the index agrees with the evaluator on those that are there', () => {
  let hits = 0
  const change = fc.record({ id: fc.integer({ min: 1, max: 12 }), text: fc.option(anyQueryText), item: anyItem })
  fc.assert(
    fc.property(fc.array(change, { minLength: 20, maxLength: 60 }), (changes) => {
      const index = createWatchIndex()
      const there = new Map<number, { watch: Watch; query: Query }>()
      for (const { id, text, item } of changes) {
        if (text === null) {
          index.remove(id)
          there.delete(id)
        } else {
          const query = { ...parseQuery(text, { ...options, for: 'search' }), ...(id > 8 && { publishers: id }) }
          const entry = { watch: { id, chat: 'terminal', number: id, query: text, createdAt: NOW }, query }
          index.add(entry.watch, query)
          there.set(id, entry)
        }

        const expected = [...there.values()].flatMap(({ watch, query }) => {
          const words = evaluate(query, item, NOW)
          return words ? [{ watch, words, ...(query.publishers && { waitsFor: query.publishers }) }] : []
        })
        hits += expected.length
        expect(byId(index.match(item, NOW))).toEqual(byId(expected))
        expect(index.size).toBe(there.size)
      }
    }),
    { numRuns: 40, seed: 9 },
  )
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

test('a watch that cannot be added is not there, and the others stay as they are', () => {
  const index = createWatchIndex()
  index.add(...watch(1, '(big OR data) lake'))
  index.add(...watch(2, 'zebra -x'))
  index.add(...watch(3, 'data'))
  index.remove(2)
  const [broken, query] = watch(2, 'big data')
  // A row of another version, say.
  const unknown = { ...query, root: { ...query.root, nodes: [{ kind: 'words' }] } } as unknown as Query

  expect(() => index.add(broken, unknown)).toThrow()

  expect(index.size).toBe(2)
  index.remove(2)
  index.add(...watch(4, 'zebra'))
  const hits = byId(index.match(matchable({ text: 'zebra of a big data lake' }), NOW))
  expect(hits.map((hit) => [hit.watch.id, ...hit.words])).toEqual([
    [1, 'big', 'data', 'lake'],
    [3, 'data'],
    [4, 'zebra'],
  ])
})

test('a hit says how many publishers its watch waits for, and who matches does not depend on it', () => {
  const index = createWatchIndex()
  for (const [id, query] of ['zebra sources>=3', '"a zebra" sources>=2', 'zebra -x sources>=4', 'zebra'].entries()) {
    index.add(...watch(id, query))
  }
  const hits = byId(index.match(matchable({ title: 'A zebra' }), NOW))
  expect(hits.map(({ waitsFor }) => waitsFor)).toEqual([3, 2, 4, undefined])
  expect(hits.map((hit) => 'waitsFor' in hit)).toEqual([true, true, true, false])
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

test.each([
  ['that goes on', '"data lake"', 'data lakes'],
  ['of which the first word ends so', '"data lake"', 'metadata lake'],
  ['that goes on elsewhere than at its end', '"data la*"', 'databases lake'],
  ['with a word between', '"data lake"', 'data of lake'],
])('a phrase is not found behind many that begin like it in one %s', (_name, query, text) => {
  const index = createWatchIndex()
  index.add(...watch(1, query))
  for (const many of [0, 14, 15, 16, 40]) {
    const item = matchable({ text: `${'data base '.repeat(many)}${text}${' data base'.repeat(many)}` })
    expect(index.match(item, NOW)).toEqual([])
  }
})

test('watches of several words that are all there are each told once, however many they are', () => {
  const index = createWatchIndex()
  const queries = ['big OR data', '(big OR data) lake', 'data']
  const words = [['big', 'data'], ['big', 'data', 'lake'], ['data']]
  const item = matchable({ title: 'A lake', text: 'big data' })
  for (let id = 0; id < 1_600; id += 1) {
    index.add(...watch(id, queries[id % 3] ?? ''))
    // Its tables are made for some thousand at first, and grow by half.
    if (id % 512 < 8) expect(index.match(item, NOW)).toHaveLength(id + 1)
  }

  const hits = byId(index.match(item, NOW))
  expect(hits.map(({ watch }) => watch.id)).toEqual(Array.from({ length: 1_600 }, (_, id) => id))
  expect(hits.every((hit) => hit.words.join() === words[hit.watch.id % 3]?.join())).toBe(true)
})

test.each([
  ['spellings of one word', 'DATA', ['data', 'Data', 'DATA', 'dAtA -x'], 4],
  ['one word whole and as a beginning', 'data', ['data', 'data*', 'title:data*', 'dat*', 'dat'], 3],
  ['one word as a beginning and whole', 'data', ['data*', 'data', 'body:data*', 'datas', '"x data*"'], 3],
  ['fields of one word', 'data', ['data', 'title:data', 'body:data', 'tag:data', 'url:data', 'author:data'], 2],
  ['a source by number, host, address and title', '', ['source:1', 'source:example.com', 'source:example'], 3],
  ['a source by a word of its title and by how one begins', '', ['source:exam', 'source:exam*', 'source:example'], 2],
  ['a source that is another', '', ['source:2', 'source:example.org', 'source:https://example.com/other'], 0],
  ['a site and what it belongs to', '', ['site:example.com', 'site:com', 'site:ample.com'], 2],
  ['conditions beside a word', 'data', ['data within:1d', 'data -within:1d', 'data has:enclosure', 'data lang:en'], 1],
  ['one word twice', 'data', ['data OR data', 'data data', 'data OR (data x)', 'data -x OR data -y'], 4],
  [
    'rows that are open within',
    'x 大数据',
    ['"大 数据"', '"x 大 数"', '"大 人"', 'body:"大 数据"', 'title:"大 数据"'],
    3,
  ],
])('several watches of %s are told apart, and one that goes takes none along', (_name, text, queries, count) => {
  const index = createWatchIndex()
  for (const [id, query] of queries.entries()) index.add(...watch(id, query))
  const item = matchable({ text, firstSeenAt: NOW - 3_600_000 })
  const expected = queries.flatMap((query, id) => {
    const words = evaluate(watch(id, query)[1], item, NOW)
    return words ? [{ id, words }] : []
  })
  expect(expected).toHaveLength(count)

  for (const gone of [-1, ...queries.keys()]) {
    index.remove(gone)
    const found = byId(index.match(item, NOW)).map((hit) => ({ id: hit.watch.id, words: hit.words }))
    expect(found).toEqual(expected.filter(({ id }) => id > gone))
  }
})

test('ten thousand watches that came and went leave no trace in what is found, nor in the memory', () => {
  const index = createWatchIndex()
  const taken: number[] = []
  for (let round = 0; round < 5; round += 1) {
    for (let id = 0; id < 2_000; id += 1) {
      const own = `${round}x${id}`
      index.add(...watch(id, `w${own} OR "data lake ${own}" OR pre${own}* OR (data -x${own} source:${own})`))
    }
    for (let id = 0; id < 2_000; id += 1) index.remove(id)
    collectGarbage()
    taken.push(process.memoryUsage().arrayBuffers)
  }
  index.add(...watch(1, 'data'))
  expect(index.match(matchable({ text: 'data lake 3x7 w3x7 pre3x12' }), NOW)).toHaveLength(1)
  expect(index.size).toBe(1)
  // What is not given back is of 100 KB each round, the least of it.
  const [first = 0, ...later] = taken
  expect(Math.max(...later) - first).toBeLessThan(50_000)
})

test.each([
  ['prefixes', Array.from({ length: 90 }, (_, at) => `${'abcdefghij'[at % 10]}${'abcdefghi'[at % 9]}*`).join(' OR ')],
  ['phrases that begin alike', Array.from({ length: 40 }, (_, at) => `"ab ab ${at}"`).join(' OR ')],
  ['parentheses', `${'('.repeat(19)}ab${' OR -(ab x))'.repeat(19)}`],
  ['Han characters', Array.from({ length: 90 }, (_, at) => String.fromCharCode(0x4e00 + at)).join(' OR ')],
])('eleven hundred watches of a hundred %s answer for a huge item at once', (_name, query) => {
  const index = createWatchIndex()
  const parsed = parseQuery(query, { ...options, for: 'search' })
  for (let id = 1; id <= 1_100; id += 1) index.add(watch(id, 'ab')[0], parsed)
  const item = matchable({ text: 'ab abab ba 一丁 丂 '.repeat(10_000) })

  const started = workedMs()
  expect(index.match(item, NOW)).toHaveLength(evaluate(parsed, item, NOW) ? 1_100 : 0)

  expect(workedMs() - started).toBeLessThan(1_500)
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

  const started = workedMs()
  expect(index.match(item, NOW)).toHaveLength(2_000)

  // Once for each place would be 400,000,000 questions: seconds.
  expect(workedMs() - started).toBeLessThan(1_000)
})

test('a hundred times more watches that do not match cost no more candidates', () => {
  const index = createWatchIndex()
  for (let id = 1; id <= 10_000; id += 1) index.add(...watch(id, `the word${id} news`))
  const item = matchable({ title: 'The news of word9777', text: 'the news, all the news' })

  const started = workedMs()
  for (let round = 0; round < 200; round += 1) expect(index.match(item, NOW)).toHaveLength(1)

  // A loop over all watches would be 2,000,000 questions: seconds.
  expect(workedMs() - started).toBeLessThan(1_000)
})
