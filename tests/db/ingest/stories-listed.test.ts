import { join } from 'node:path'
import type BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { openFile } from '../../../src/db/file.ts'
import { KEEP_LEAD } from '../../../src/db/ingest/item-writer.ts'
import { createItemReader, type ItemReader } from '../../../src/db/items/items.ts'
import { createSearch } from '../../../src/db/search/search.ts'
import type { Database, Driver } from '../../../src/db/sqlite/driver.ts'
import * as schema from '../../../src/db/sqlite/schema.ts'
import { silentLog } from '../../../src/log.ts'
import type { Item, Matchable, Query } from '../../../src/model.ts'
import type { Store } from '../../../src/ports.ts'
import { evaluate } from '../../../src/query/evaluate.ts'
import { asMatchable } from '../../../src/query/item-view.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { readItem } from '../../support/items.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, testFolder } from '../../support/store.ts'

const query = (text: string) => parseQuery(text, { timezone: 'UTC', for: 'search' })

interface Told {
  title: string
  /** Which of the items (by order) began its story, if that is not itself. */
  began?: number
  isGone?: boolean
  /** The title of its source, "Example News" if it says nothing. */
  source?: string
  content?: string
}

/** A store of these items, oldest first, a minute apart, in the stories that are given. */
async function storeOf(given: Told[]): Promise<Store> {
  return (await openOf(given)).store
}

/** The same, and the file of the store. */
async function openOf(given: Told[]): Promise<{ store: Store; path: string }> {
  const dataDir = testFolder()
  const store = await openTestStore({ dataDir })
  const titleOf = ({ source = 'Example News' }: Told) => source
  for (const title of new Set(given.map(titleOf))) {
    const { id } = await addTestSource(store, { givenTitle: title })
    const insert = given.flatMap((told, i) => {
      const { title: said, content = null } = told
      return titleOf(told) === title
        ? [{ item: readItem({ id: `${i}`, title: said, content }), placeMs: placeMs(i) }]
        : []
    })
    await ingestPlan(store, id, { insert })
  }
  const path = join(dataDir, 'crier.db')
  tell(openFile(path), given)
  return { store, path }
}

/** The parts of the store over its file, every statement counted, and the text of each that was prepared. */
function partsOf(path: string, clock = () => NOW) {
  const file = openFile(path)
  onTestFinished(() => void file.close())
  const asked = { times: 0, texts: [] as string[] }
  const count = <Given extends unknown[], Found>(ask: (...given: Given) => Found) => {
    return (...given: Given) => {
      asked.times += 1
      return ask(...given)
    }
  }
  const driver: Driver = Object.create(file, {
    prepare: {
      value: (text: string) => {
        asked.texts.push(text)
        const statement = file.prepare(text)
        const all = count(statement.all.bind(statement))
        return Object.assign(statement, { all, get: count(statement.get.bind(statement)) })
      },
    },
  })
  // It is the binding over the same file, whatever its type says.
  const orm = drizzle(driver as unknown as BetterSqlite3.Database, { schema })
  const db: Database = { driver, orm, log: silentLog, clock }
  return { db, file, asked, reader: createItemReader(db) }
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
  const matchable = matchables.get(item) ?? asMatchable(item)
  matchables.set(item, matchable)
  return evaluate(wanted, matchable, NOW) !== null
}

const matchables = new WeakMap<Item, Matchable>()

const titles = (items: Pick<Item, 'title'>[]) => items.map(({ title }) => title)

const anyTold = fc.record({
  title: fc.subarray(['big', 'data', 'cake', '大数据', 'rain'], { minLength: 1 }).map((words) => words.join(' ')),
  began: fc.option(fc.nat(23), { nil: undefined }),
  isGone: fc.boolean(),
})

test('the pages together show each story once, and just where the rule says', async () => {
  const texts = [
    'data',
    'big',
    '-cake',
    'rain OR 大数据',
    'big -data',
    'title:cake',
    'source:1 rain',
    'nothing',
    'ca*',
    '"big data"',
    'within:1h -rain',
    '-(big data)',
    'source:1 OR cake',
    'has:enclosure OR da*',
    '大 -"big cake"',
  ]
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
  await fc.assert(once, { numRuns: 9, seed: 5 })

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

test('of a large story a list has twelve others, and by itself an item comes with fifty', async () => {
  const store = await storeOf(
    Array.from({ length: 70 }, (_, i) => ({ title: `item ${i}`, ...(i > 0 && { began: 0 }) })),
  )

  const { items, next } = await store.listItems({ limit: 9, now: NOW, stories: true })
  expect(items).toHaveLength(1)
  expect(next).toBeNull()
  expect(titles(items[0]?.related ?? [])).toEqual(Array.from({ length: 12 }, (_, i) => `item ${i + 1}`))
  const last = await store.findItem(place(69))
  expect(titles(last?.related ?? [])).toEqual(Array.from({ length: 50 }, (_, i) => `item ${i}`))
})

test('one that joined may have a place before the one that began: it is told first, and stands for nothing', async () => {
  const store = await storeOf([{ title: 'an old one, found late', began: 1 }, { title: 'begins' }])

  const { items } = await store.listItems({ limit: 9, now: NOW, stories: true })
  expect(titles(items)).toEqual(['begins'])
  expect(items[0]?.related.map(({ title }) => title)).toEqual(['an old one, found late'])
  const found = await store.listItems({ limit: 9, now: NOW, stories: true, query: query('old') })
  expect(titles(found.items)).toEqual(['an old one, found late'])
})

test('a list of stories passes over those that joined, by an index, and of each reads no more than the first', async () => {
  const { path } = await openOf([{ title: 'begins' }, { title: 'joins', began: 0 }])
  const { reader, asked, file } = partsOf(path)
  reader.listStoriesBefore(Number.MAX_SAFE_INTEGER, 1)
  const planOf = (has: string, ...values: unknown[]) => {
    const [text = ''] = asked.texts.filter((each) => each.includes(has))
    const steps = file.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`).all(...values)
    return steps.map(({ detail }) => detail).filter((detail) => /items|begun/.test(detail))
  }

  expect(planOf('items_shown', 5, 5)).toEqual([
    'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH items USING INDEX items_shown (place<?)',
  ])
  expect(planOf('AS begun', { stories: '[]' })).toEqual([
    'SEARCH begun USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH items USING COVERING INDEX items_story (story=? AND place<?)',
    'SEARCH items USING COVERING INDEX items_story (story=?)',
  ])
})

test('a page of stories costs as many statements as one story', async () => {
  const stories = Array.from({ length: 30 }, (_, i) => ({ title: `story ${i}` }))
  const joined = stories.flatMap((_, began) => [0, 1, 2].map((i) => ({ title: `${began} joins ${i}`, began })))
  const { path } = await openOf([...stories, ...joined])
  const { reader, asked } = partsOf(path)
  const countOf = (limit: number) => {
    asked.times = 0
    const found = reader.withRelated(reader.listStoriesBefore(Number.MAX_SAFE_INTEGER, limit))
    expect(found.map(({ related }) => related.length)).toEqual(Array.from({ length: limit }, () => 3))
    return asked.times
  }

  expect(countOf(1)).toBeLessThanOrEqual(4)
  expect(countOf(30)).toBe(countOf(1))
})

test('what was never in a story, or is the only one left, costs one statement and is related to nothing', async () => {
  const { path } = await openOf([{ title: 'alone' }, { title: 'gone', isGone: true }, { title: 'left', began: 1 }])
  const { reader, asked } = partsOf(path)
  const listed = reader.listStoriesBefore(Number.MAX_SAFE_INTEGER, 9)
  asked.times = 0

  const found = reader.withRelated(listed)

  expect(found.map(({ title, related }) => [title, related])).toEqual([
    ['left', []],
    ['alone', []],
  ])
  expect(found[0]).not.toHaveProperty('relatedCount')
  expect(asked.times).toBe(1)
})

test('each source has its earliest named before any has a second, and all are counted', async () => {
  const store = await storeOf([
    { title: 'begins' },
    ...Array.from({ length: 14 }, (_, i) => ({ title: `again ${i}`, began: 0 })),
    ...Array.from({ length: 13 }, (_, i) => ({ title: `chatter ${i}`, began: 0, source: 'Chatter' })),
    ...['Reuters', 'BBC', 'Reuters', 'Guardian'].map((source) => ({ title: `from ${source}`, began: 0, source })),
  ])

  const { items } = await store.listItems({ limit: 9, now: NOW, stories: true })
  const [story] = items
  expect(story?.related.map(({ title }) => title)).toEqual([
    ...Array.from({ length: 8 }, (_, i) => `again ${i}`),
    'chatter 0',
    'from Reuters',
    'from BBC',
    'from Guardian',
  ])
  expect(story?.relatedCount).toEqual({ sources: 4, isMore: false })
  // By itself it names them all, and there is nothing to count.
  const whole = await store.findItem(place(0))
  expect(whole?.related).toHaveLength(31)
  expect(whole).not.toHaveProperty('relatedCount')
})

test.each([
  ['fifty others are all counted', 50, { sources: 50, isMore: false }],
  ['of fifty-one, fifty at least', 51, { sources: 50, isMore: true }],
])('%s, whichever of the story is asked', async (_, count, expected) => {
  const papers = Array.from({ length: count }, (_, i) => ({ title: `item ${i}`, began: 0, source: `Paper ${i}` }))
  const store = await storeOf([{ title: 'begins' }, ...papers])

  const { items } = await store.listItems({ limit: 99, now: NOW })

  expect(new Set(items.map(({ relatedCount }) => JSON.stringify(relatedCount)))).toEqual(
    new Set([JSON.stringify(expected)]),
  )
  expect(items.every((item) => item.related.length === 12)).toBe(true)
})

test('one that joins what is left of a story takes its place there: its lead, if it is the earliest', async () => {
  const { store, path } = await openOf([
    { title: 'gone', isGone: true },
    { title: 'early', began: 0 },
    { title: 'late', began: 0 },
  ])
  const driver = openFile(path)
  onTestFinished(() => void driver.close())
  const join = (at: number, title: string) => {
    driver
      .prepare(
        `INSERT INTO items (place, story, source_id, title, authors, categories, enclosures, first_seen_at, content_key, text)
         VALUES (?, ?, 1, ?, '[]', '[]', '[]', 0, 'k', '')`,
      )
      .run(BigInt(at), BigInt(place(0)), title)
    driver.prepare(KEEP_LEAD).run({ story: BigInt(place(0)) })
  }
  const remove = (at: number) => driver.prepare('DELETE FROM items WHERE place = ?').run(BigInt(at))
  const listed = async () => titles((await store.listItems({ limit: 9, now: NOW, stories: true })).items)

  expect(await listed()).toEqual(['early'])
  join(place(3), 'later yet')
  expect(await listed()).toEqual(['early'])
  join(place(1) - 1, 'found late')
  expect(await listed()).toEqual(['found late'])
  remove(place(1) - 1)
  expect(await listed()).toEqual(['early'])
  remove(place(2))
  expect(await listed()).toEqual(['early'])
  remove(place(1))
  expect(await listed()).toEqual(['later yet'])
  remove(place(3))
  expect(await listed()).toEqual([])
  join(place(4), 'after all')
  expect(await listed()).toEqual(['after all'])
})

test('a search reads of a story what it lists, and what the full text says may match before', async () => {
  const copies = Array.from({ length: 80 }, (_, i) => ({
    title: `copy ${i}`,
    content: `<p>data ${i === 60 || i === 79 ? 'zebra' : 'cake'}</p>`,
    ...(i > 0 && { began: 0 }),
  }))
  const { path } = await openOf(copies)
  const { db, reader } = partsOf(path)
  const read: number[] = []
  const find: ItemReader['find'] = (at) => {
    read.push((at - place(0)) / 60_000_000)
    return reader.find(at)
  }
  const search = createSearch(db, { ...reader, find })
  const list = (text: string) => {
    read.length = 0
    return search.list({ limit: 20, before: Number.MAX_SAFE_INTEGER, query: query(text), now: NOW, stories: true })
  }

  expect(titles(list('zebra').items)).toEqual(['copy 60'])
  // The newest that matches, and what stands for it; then that one again, as it comes.
  expect(read).toEqual([79, 60, 60])
  expect(titles(list('cake').items)).toEqual(['copy 0'])
  // Nobody reads the others that match: their story is told.
  expect(read).toEqual([78, 0, 0])
})

test('a story for which there is no time left is left to the next page, and is told once', async () => {
  const copies = Array.from({ length: 15 }, (_, i) => ({ title: `copy ${i}`, ...(i > 0 && { began: 0 }) }))
  const alone = Array.from({ length: 20 }, (_, i) => `zebra alone ${i}`)
  const joined = ['first zebra', 'newest zebra'].map((title) => ({ title, began: 0 }))
  const { path } = await openOf([...copies, ...joined, ...alone.map((title) => ({ title }))])
  let now = NOW
  const { db, reader } = partsOf(path, () => (now += 1))
  const search = createSearch(db, reader)
  const pageFrom = (before: number) =>
    search.list({ limit: 30, before, query: query('zebra'), now: NOW, stories: true })

  const page = pageFrom(Number.MAX_SAFE_INTEGER)
  const rest = pageFrom(page.next ?? 0)

  expect(titles(page.items)).toEqual(alone.reverse())
  expect(page.lookedBackTo).not.toBeNull()
  expect(titles(rest.items)).toEqual(['first zebra'])
})

test('a search whose time is up in a large story shows its newest match, and says how far back it looked', async () => {
  const begun = Array.from({ length: 260 }, (_, i) => ({ title: `copy ${i}`, ...(i > 0 && { began: 0 }) }))
  const alone = Array.from({ length: 7 }, (_, i) => `zebra alone ${i}`)
  const { path } = await openOf([...begun, { title: 'newest zebra', began: 0 }, ...alone.map((title) => ({ title }))])
  let now = NOW
  const { db, reader } = partsOf(path, () => (now += 1))
  const listed: number[] = []
  const listJoined: ItemReader['listJoined'] = (...given) => {
    const joined = reader.listJoined(...given)
    listed.push(joined.length)
    return joined
  }
  const search = createSearch(db, { ...reader, listJoined })

  const options = { limit: 20, query: query('zebra'), now: NOW, stories: true as const }
  const page = search.list({ ...options, before: Number.MAX_SAFE_INTEGER })

  expect(titles(page.items)).toEqual([...alone.reverse(), 'newest zebra'])
  expect(page).toMatchObject({ next: place(260), lookedBackTo: placeMs(260) })
  expect(listed).toEqual([100])
  const rest = search.list({ ...options, before: page.next ?? 0 })
  expect(rest).toEqual({ items: [], next: null, lookedBackTo: null })
})
