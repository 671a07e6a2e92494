import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Driver } from '../../src/db/driver.ts'
import { openFile } from '../../src/db/open.ts'
import type { Item, Query } from '../../src/model.ts'
import type { Store } from '../../src/ports.ts'
import { evaluate } from '../../src/query/evaluate.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { tokenStream } from '../../src/text.ts'
import { readItem } from '../support/items.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, testFolder } from '../support/store.ts'

const query = (text: string) => parseQuery(text, { now: NOW, timezone: 'UTC', for: 'search' })

interface Told {
  title: string
  /** Which of the items (by order) began its story, if that is not itself. */
  began?: number
  isGone?: boolean
}

/** A store of these items, oldest first, a minute apart, in the stories that are given. */
async function storeOf(given: Told[]): Promise<Store> {
  const dataDir = testFolder()
  const store = await openTestStore({ dataDir })
  const source = await addTestSource(store, { givenTitle: 'Example News' })
  await ingestPlan(store, source.id, {
    insert: given.map(({ title }, i) => ({ item: readItem({ id: String(i), title }), placeMs: placeMs(i) })),
  })
  tell(openFile(join(dataDir, 'crier.db')), given)
  return store
}

/** What finding stories, and pruning, would have done. */
function tell(driver: Driver, given: Told[]): void {
  const join = driver.prepare('UPDATE items SET story = ? WHERE place = ?')
  const removals = ['DELETE FROM items WHERE place = ?', 'DELETE FROM items_text WHERE rowid = ?'].map((sql) =>
    driver.prepare(sql),
  )
  driver.exec('BEGIN')
  for (const [i, { began }] of given.entries()) join.run(BigInt(place(began ?? i)), BigInt(place(i)))
  for (const [i, { isGone }] of given.entries()) {
    if (isGone) for (const remove of removals) remove.run(BigInt(place(i)))
  }
  driver.exec('COMMIT')
  driver.close()
}

const placeMs = (i: number) => NOW + i * 60_000
const place = (i: number) => placeMs(i) * 1000

/** All pages of so many, one after another. */
async function listPages(store: Store, limit: number, wanted?: Query): Promise<Item[]> {
  const items: Item[] = []
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; ) {
    const page = await store.listItems({ limit, before, now: NOW, stories: true, ...(wanted && { query: wanted }) })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    items.push(...page.items)
    before = page.next
  }
  return items
}

/** The rule: an item that joined stands for its story where neither the first one nor one that joined before it matches. */
function listNaively(items: Item[], wanted?: Query): Item[] {
  const found = items.filter((item) => wanted === undefined || isMatch(wanted, item))
  const joined = (item: Item) => item.story !== item.place
  return found.filter(
    (item) =>
      !joined(item) ||
      !found.some(
        (other) =>
          other.place === item.story || (joined(other) && other.story === item.story && other.place < item.place),
      ),
  )
}

function isMatch(wanted: Query, item: Item): boolean {
  const tokens = { title: tokenStream(item.title), text: tokenStream(item.text) }
  return evaluate(wanted, { ...item, tokens }, NOW) !== null
}

const titles = (items: Item[]) => items.map(({ title }) => title)

const anyTold = fc.record({
  title: fc.subarray(['big', 'data', 'cake', '大数据', 'rain'], { minLength: 1 }).map((words) => words.join(' ')),
  began: fc.option(fc.nat(23), { nil: undefined }),
  isGone: fc.boolean(),
})

test('the pages together show each story once, and just where the rule says', async () => {
  const texts = ['data', 'big', '-cake', 'rain OR 大数据', 'big -data', 'title:cake', 'source:1 rain', 'nothing']
  const seen: number[] = []

  const once = fc.asyncProperty(
    fc.array(anyTold, { minLength: 24, maxLength: 24 }),
    fc.integer({ min: 1, max: 7 }),
    async (told, limit) => {
      // An item begins its own story, or joins one that an item began: stories are one step deep. One in four is gone.
      const given = told.map(({ title, began, isGone }, i) => ({
        title: `${title} ${i}`,
        isGone: isGone && i % 2 === 0,
        ...(began !== undefined && began % 3 === 0 && i % 3 !== 0 && { began }),
      }))
      const store = await storeOf(given)
      const { items } = await store.listItems({ limit: 99, now: NOW })

      for (const wanted of [undefined, ...texts.map(query)]) {
        const listed = await listPages(store, limit, wanted)
        expect(titles(listed), wanted?.text).toEqual(titles(listNaively(items, wanted)))
        seen.push(items.length - listed.length)
      }
      const whole = await listPages(store, limit)
      expect(new Set(whole.map(({ story }) => story)).size).toBe(whole.length)
      expect(new Set(whole.map(({ story }) => story))).toEqual(new Set(items.map(({ story }) => story)))
    },
  )
  await fc.assert(once, { numRuns: 12, seed: 5 })

  // It says something only if there is something to hide.
  expect(seen.filter((hidden) => hidden > 0).length).toBeGreaterThan(50)
})

test('a story is shown by the item that began it; where that is gone, by the first that joined', async () => {
  const given = [{ title: 'a begins' }, { title: 'b begins', isGone: true }, { title: 'alone' }]
  const joined = [0, 1, 0, 1].map((began, i) => ({ title: `${'ab'[began]} joins ${i}`, began }))
  const store = await storeOf([...given, ...joined])

  const { items } = await store.listItems({ limit: 9, now: NOW, stories: true })
  expect(titles(items)).toEqual(['b joins 1', 'alone', 'a begins'])
  const all = await store.listItems({ limit: 9, now: NOW })
  expect(titles(all.items)).toHaveLength(6)
})

test('where the item that began a story does not match, the first that does stands for it', async () => {
  const store = await storeOf([
    { title: 'a plain title' },
    { title: 'big data, early', began: 0 },
    { title: 'big data, late', began: 0 },
    { title: 'big data, alone' },
  ])

  const { items } = await store.listItems({ limit: 9, now: NOW, query: query('data'), stories: true })
  expect(titles(items)).toEqual(['big data, alone', 'big data, early'])
  expect(items[1]?.related.map(({ title }) => title)).toEqual(['a plain title', 'big data, late'])
})

test('an item comes with the others of its story, the earliest first', async () => {
  const store = await storeOf([
    { title: 'begins' },
    { title: 'alone' },
    { title: 'joins', began: 0 },
    { title: 'joins later', began: 0 },
    { title: 'gone', began: 0, isGone: true },
  ])

  const { items } = await store.listItems({ limit: 9, now: NOW })
  expect(items.map(({ title, related }) => [title, related.map((other) => other.title)])).toEqual([
    ['joins later', ['begins', 'joins']],
    ['joins', ['begins', 'joins later']],
    ['alone', []],
    ['begins', ['joins', 'joins later']],
  ])
  expect(items.at(-1)?.related[0]).toEqual({
    place: place(2),
    title: 'joins',
    url: null,
    source: items[0]?.source,
    publishedAt: null,
    firstSeenAt: items[0]?.firstSeenAt,
  })
  expect((await store.findItem(place(2)))?.related).toHaveLength(2)
})

test('of a large story fifty are told, and the one that began it among them', async () => {
  const store = await storeOf(
    Array.from({ length: 70 }, (_, i) => ({ title: `item ${i}`, ...(i > 0 && { began: 0 }) })),
  )

  const { items, next } = await store.listItems({ limit: 9, now: NOW, stories: true })
  expect(items).toHaveLength(1)
  expect(next).toBeNull()
  expect(items[0]?.related).toHaveLength(50)
  const last = await store.findItem(place(69))
  expect(last?.related).toHaveLength(50)
  expect(last?.related[0]?.title).toBe('item 0')
})

test('one that joined may have a place before the one that began: it is told first, and stands for nothing', async () => {
  const store = await storeOf([{ title: 'an old one, found late', began: 1 }, { title: 'begins' }])

  const { items } = await store.listItems({ limit: 9, now: NOW, stories: true })
  expect(titles(items)).toEqual(['begins'])
  expect(items[0]?.related.map(({ title }) => title)).toEqual(['an old one, found late'])
  const found = await store.listItems({ limit: 9, now: NOW, stories: true, query: query('old') })
  expect(titles(found.items)).toEqual(['an old one, found late'])
})
