import { join } from 'node:path'
import type BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openFile } from '../../../src/db/file.ts'
import { createItemReader } from '../../../src/db/items/items.ts'
import { createQueryViews } from '../../../src/db/search/query-views.ts'
import { AT_ANY_COST, type RenderOptions, renderQuery } from '../../../src/db/search/render-query.ts'
import { createSearch } from '../../../src/db/search/search.ts'
import { COUNTED, createPlanner, SEARCHED } from '../../../src/db/search/search-plan.ts'
import type { Database } from '../../../src/db/sqlite/driver.ts'
import * as schema from '../../../src/db/sqlite/schema.ts'
import { silentLog } from '../../../src/log.ts'
import type { Item, Matchable, Query, ReadItem } from '../../../src/model.ts'
import type { ItemPage, Store } from '../../../src/ports.ts'
import { evaluate } from '../../../src/query/evaluate.ts'
import { asMatchable } from '../../../src/query/item-view.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { readItem } from '../../support/items.ts'
import { anyItem, anyQueryText } from '../../support/queries.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, testFolder } from '../../support/store.ts'

const query = (text: string) => parseQuery(text, { timezone: 'UTC', for: 'search' })

/** The titles a query finds, newest first. */
async function find(store: Store, text: string, limit = 50): Promise<string[]> {
  const { items } = await store.listItems({ limit, query: query(text), now: NOW })
  return items.map(({ title }) => title)
}

/** A store whose items have these titles, oldest first, a minute apart, unless they say more. */
async function storeOf(...given: Titles): Promise<Store> {
  return fill(await openTestStore(), given)
}

type Titles = (string | Parameters<typeof readItem>[0])[]

async function fill(store: Store, given: Titles): Promise<Store> {
  const source = await addTestSource(store, { givenTitle: 'Example News', tags: ['wire'] })
  const insert = given.map((said, i) => {
    const item = readItem({ id: String(i), ...(typeof said === 'string' ? { title: said } : said) })
    return { item, placeMs: NOW + i * 60_000 }
  })
  await ingestPlan(store, source.id, { insert })
  return store
}

function isMatch(wanted: Query, item: Item): boolean {
  const matchable = matchables.get(item) ?? asMatchable(item)
  matchables.set(item, matchable)
  return evaluate(wanted, matchable, NOW) !== null
}

const matchables = new WeakMap<Item, Matchable>()

/** Two hundred and forty items of eight sources, some dated days from their place. */
async function fillAnyhow(store: Store): Promise<Item[]> {
  const given = fc.sample(anyItem, { numRuns: 240, seed: 7 })
  for (const { source } of given.slice(0, 8)) {
    const url = `https://${source.host}/feed${(await store.listSources()).length || ''}`
    const { id } = await addTestSource(store, { url, givenTitle: source.title, tags: source.tags })
    const insert = given
      .filter((_, i) => i % 8 === id - 1)
      .map((item, i) => ({ item: readItem({ ...item, id: String(i) }), placeMs: item.firstSeenAt }))
      .sort((a, b) => a.placeMs - b.placeMs)
    await ingestPlan(store, id, { insert })
  }
  const { items } = await store.listItems({ limit: 999, now: NOW })
  expect(items).toHaveLength(240)
  return items
}

/** The same file once more, for the parts of a store. */
function openAgain(dataDir: string, clock = () => NOW): Database {
  const driver = openFile(join(dataDir, 'crier.db'))
  onTestFinished(() => void driver.close())
  // It is the binding over the same file, whatever its type says.
  const orm = drizzle(driver as unknown as BetterSqlite3.Database, { schema })
  return { driver, orm, log: silentLog, clock }
}

test('search and evaluate agree on every pair of an item and a query, and so does the count', async () => {
  const store = await openTestStore()
  const items = await fillAnyhow(store)
  const matched: number[] = []

  const agree = fc.asyncProperty(anyQueryText, async (text) => {
    const wanted = query(text)
    const found = await store.listItems({ limit: 999, query: wanted, now: NOW })
    const expected = items.filter((item) => isMatch(wanted, item))
    expect(found.items.map(({ place }) => place)).toEqual(expected.map(({ place }) => place))
    expect(found).toMatchObject({ next: null, lookedBackTo: null })
    const count = await store.countItems({ query: wanted, now: NOW, most: 999 })
    expect(count).toEqual({ count: expected.length, isMore: false })
    matched.push(expected.length)
  })
  await fc.assert(agree, { numRuns: 100, seed: 11 })

  // The agreement says something only if queries do find, and do not find all.
  expect(matched.filter((count) => count > 0 && count < 240).length).toBeGreaterThan(50)
})

test('whatever way a search takes, as many and as common as things may be, it finds the same', async () => {
  const dataDir = testFolder()
  const items = await fillAnyhow(await openTestStore({ dataDir }))
  const db = openAgain(dataDir)
  const views = createQueryViews(db)
  const reader = createItemReader(db)
  // Small and huge words, whatever they are: from 0 to 4,999 pages.
  const pagesOf = (seed: number) => (word: string) => {
    let mixed = seed
    for (const char of word) mixed = (Math.imul(mixed, 31) + (char.codePointAt(0) ?? 0)) >>> 0
    return mixed % 3 === 0 ? mixed % 50 : mixed % 5_000
  }
  const ways = [0, 3, 30].flatMap((few) =>
    [few, 60].map((some) =>
      createSearch(db, reader, { few, some, shapes: few * 9, views: { ...views, pagesOf: pagesOf(few * 7 + some) } }),
    ),
  )

  const agree = fc.property(anyQueryText, fc.nat(ways.length - 1), (text, way) => {
    const wanted = query(text)
    const search = ways[way]
    const expected = items.filter((item) => isMatch(wanted, item)).map(({ place }) => place)
    const found = search?.list({ limit: 999, before: Number.MAX_SAFE_INTEGER, query: wanted, now: NOW })
    expect(found?.items.map(({ place }) => place)).toEqual(expected)
    expect(search?.count({ query: wanted, now: NOW, most: 999 })).toEqual({ count: expected.length, isMore: false })
  })
  fc.assert(agree, { numRuns: 120, seed: 3 })
})

test.each([
  ['of one language', 'lang:zh rare', 3],
  ['of one site or language', '(site:blog.test OR lang:de) rare', 3],
  ['of one source', 'source:example rare', 6],
  ['with files or none', 'rare (-has:enclosure OR lang:de)', 6],
])(
  'conditions without a statement of their own leave it to the words to find the items: %s',
  async (_, text, expected) => {
    const dataDir = testFolder()
    const given = Array.from({ length: 150 }, (_, i) => ({
      title: `${i % 25 ? 'common' : 'rare'} ${i}`,
      language: i % 50 ? 'en' : 'zh',
      url: `https://${i % 50 ? 'example.org' : 'www.blog.test'}/${i}`,
    }))
    await fill(await openTestStore({ dataDir }), given)
    const db = openAgain(dataDir)
    const reader = createItemReader(db)
    let read = 0
    const find = (place: number) => {
      read += 1
      return reader.find(place)
    }
    const search = createSearch(db, { ...reader, find }, { few: 0, shapes: 0 })
    const asked = { query: query(text), now: NOW }

    const { items } = search.list({ ...asked, limit: 50, before: Number.MAX_SAFE_INTEGER })
    const counted = search.count({ ...asked, most: 50 })

    expect(items).toHaveLength(expected)
    expect(counted).toEqual({ count: expected, isMore: false })
    expect(read).toBe(12)
  },
)

test.each([
  ['as many as wanted', 5, 5, false],
  ['as many as there is some more time for', 50, 10, true],
])('what a question found is listed though it took all of the time: %s', async (_, limit, expected, isTimeUp) => {
  const dataDir = testFolder()
  await fill(
    await openTestStore({ dataDir }),
    Array.from({ length: 60 }, (_, i) => `big data ${i}`),
  )
  let now = NOW
  const db = openAgain(dataDir, () => now)
  const reader = createItemReader(db)
  const views = createQueryViews(db)
  const pagesOf = () => {
    now += 100
    return 1
  }
  const find = (place: number) => {
    now += 1
    return reader.find(place)
  }
  const search = createSearch(db, { ...reader, find }, { views: { ...views, pagesOf } })

  const page = search.list({ limit, before: Number.MAX_SAFE_INTEGER, query: query('big data'), now: NOW })

  const titles = Array.from({ length: expected }, (_, i) => `big data ${59 - i}`)
  expect(page.items.map(({ title }) => title)).toEqual(titles)
  expect(page.next).toBe(page.items.at(-1)?.place)
  expect(page.lookedBackTo !== null).toBe(isTimeUp)
})

test('a count says how many, or honestly that there are more', async () => {
  const store = await storeOf(...Array.from({ length: 30 }, (_, i) => (i % 3 ? `data ${i}` : `cake ${i}`)))
  const count = (text: string | null, most: number) =>
    store.countItems({ now: NOW, most, ...(text !== null && { query: query(text) }) })

  expect(await count(null, 99)).toEqual({ count: 30, isMore: false })
  expect(await count(null, 29)).toEqual({ count: 29, isMore: true })
  expect(await count('data', 99)).toEqual({ count: 20, isMore: false })
  expect(await count('data', 20)).toEqual({ count: 20, isMore: false })
  expect(await count('data', 19)).toEqual({ count: 19, isMore: true })
  expect(await count('cake OR data', 19)).toEqual({ count: 19, isMore: true })
  expect(await count('cake OR data', 20)).toEqual({ count: 20, isMore: true })
  expect(await count('cake OR data', 30)).toEqual({ count: 30, isMore: false })
  expect(await count('-data', 99)).toEqual({ count: 10, isMore: false })
  expect(await count('-data', 10)).toEqual({ count: 10, isMore: false })
  expect(await count('-data', 9)).toEqual({ count: 9, isMore: true })
  expect(await count('nowhere', 99)).toEqual({ count: 0, isMore: false })
})

test('a count whose time is up says that there may be more than it met', async () => {
  let now = NOW
  const store = await openTestStore({ clock: () => (now += 5) })
  const source = await addTestSource(store)
  const insert = Array.from({ length: 200 }, (_, i) => ({ item: readItem({ title: `data ${i}` }), placeMs: NOW + i }))
  await ingestPlan(store, source.id, { insert })

  const { count, isMore } = await store.countItems({ query: query('data site:example.com'), now: NOW, most: 999 })
  expect(isMore).toBe(true)
  expect(count).toBeLessThan(200)
  // One question to the full text has no time to stop in.
  expect(await store.countItems({ query: query('data'), now: NOW, most: 999 })).toEqual({ count: 200, isMore: false })
})

test('items dated days from their place are found by their date', async () => {
  const day = 86_400_000
  const given = [
    { title: 'dated before all', publishedAt: NOW - 400 * day },
    { title: 'dated as it came', publishedAt: NOW },
    { title: 'dated ahead', publishedAt: NOW + 90 * day },
    { title: 'without a date' },
  ]
  const store = await storeOf(...given)

  expect(await find(store, 'before:2026-01-01')).toEqual(['dated before all'])
  expect(await find(store, 'after:2027-01-01')).toEqual(['dated ahead'])
  expect(await find(store, 'after:2026-11-20 before:2026-11-30')).toEqual(['without a date', 'dated as it came'])
  expect(await find(store, 'within:1d')).toEqual(['without a date', 'dated ahead', 'dated as it came'])
  expect(await find(store, '-within:1d dated')).toEqual(['dated before all'])
})

test('items dated a day from their place, and a moment more, are found by the first and the last moment of a date', async () => {
  const moment = NOW - 90 * 86_400_000
  const offsets = [-1, 1].flatMap((sign) => [0, 1].map((more) => sign * (86_400_000 + more)))
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  const insert = offsets.map((offset) => ({
    item: readItem({ title: `${offset}`, publishedAt: moment }),
    placeMs: moment + offset,
  }))
  await ingestPlan(store, id, { insert: insert.sort((a, b) => a.placeMs - b.placeMs) })
  const count = async (fromMs: number | null, toMs: number | null) => {
    const root = { kind: 'published', fromMs, toMs, written: '' } as const
    return (await store.listItems({ limit: 9, query: { text: '', root }, now: NOW })).items.length
  }

  expect(await count(moment, null)).toBe(4)
  expect(await count(moment + 1, null)).toBe(0)
  expect(await count(null, moment + 1)).toBe(4)
  expect(await count(null, moment)).toBe(0)
  expect(await count(moment, moment + 1)).toBe(4)
})

test('of several dates asked for, those are looked through that all of them leave', () => {
  const views = { listSources: () => [], listLanguages: () => [], pagesOf: () => 1 }
  const datedBy = (text: string) => renderQuery(views, query(text), NOW, SEARCHED).dated
  const [march, april] = [Date.UTC(2026, 2, 1), Date.UTC(2026, 3, 1)]

  for (const dates of ['after:2026-01-01 after:2026-03-01', 'after:2026-03-01 after:2026-01-01']) {
    expect(datedBy(`${dates} before:2026-04-01 big before:2026-05-01`)).toEqual({ fromMs: march, toMs: april })
  }
  expect(datedBy('before:2026-05-01 before:2026-04-01')).toEqual({ fromMs: null, toMs: april })
  expect(datedBy('(after:2026-03-01 OR big) -before:2026-01-01')).toEqual({ fromMs: null, toMs: null })
})

test('a search by date leaps to a day before the first and after the last, and looks for others only where there is a date', async () => {
  const dataDir = testFolder()
  await fill(await openTestStore({ dataDir }), [{ title: 'dated elsewhere', publishedAt: Date.UTC(2026, 2, 7) }])
  const planner = createPlanner(openAgain(dataDir))
  const plan = (text: string) => planner.plan({ query: query(text), now: NOW })
  const astray = (text: string) => plan(text).listAstray(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).length
  const [start, end] = [Date.UTC(2026, 1, 28) * 1000, Date.UTC(2026, 3, 2) * 1000]

  expect(plan('big after:2026-03-01 before:2026-04-01')).toMatchObject({ start, end })
  expect(plan('after:2026-03-01')).toMatchObject({ start, end: Number.MAX_SAFE_INTEGER })
  expect(plan('before:2026-04-01')).toMatchObject({ start: Number.MIN_SAFE_INTEGER, end })
  expect(astray('after:2026-03-01')).toBe(1)
  expect(astray('after:2026-03-08')).toBe(0)
  expect(astray('before:2026-03-07')).toBe(0)
  expect(astray('before:2026-03-08')).toBe(1)
  expect(astray('dated')).toBe(0)
})

test('items dated days from their place come page by page like all others', async () => {
  const given = Array.from({ length: 5 }, (_, i) => ({ title: `old ${i}`, publishedAt: NOW - 400 * 86_400_000 }))
  const store = await storeOf(...given)

  const titles: string[] = []
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; ) {
    const page: ItemPage = await store.listItems({ limit: 2, before, query: query('before:2026-01-01'), now: NOW })
    expect(page.items.length).toBeLessThanOrEqual(2)
    titles.push(...page.items.map(({ title }) => title))
    before = page.next
  }
  expect(titles).toEqual(['old 4', 'old 3', 'old 2', 'old 1', 'old 0'])
})

test.each([
  ['a word in any case', 'BIG', ['big data']],
  ['not a part of a word', 'at', []],
  ['a prefix', 'dat*', ['big data']],
  ['one Han character', '数', ['大数据分析']],
  ['a run of Han characters', '数据', ['大数据分析']],
  ['signs that belong to a word', 'c++', ['C++ 26']],
  ['the author', 'author:ann', ['by ann']],
  ['a category', 'tag:sport', ['by ann']],
  ['a tag of the source', 'tag:wire cake', ['cake']],
  ['the address', 'url:example.com/deep', ['by ann']],
  ['the site of the item', 'site:example.com by', ['by ann']],
  ['the source', 'source:example cake', ['cake']],
  ['what is left out', 'data OR cake -big', ['cake', 'big data']],
  ['a negative alone', '-cake -c++ -by -big', ['大数据分析']],
])('search finds %s', async (_, text, expected) => {
  const store = await storeOf('big data', '大数据分析', 'C++ 26', 'cake', {
    title: 'by ann',
    authors: ['Ann'],
    categories: ['Sport'],
    url: 'https://www.example.com/deep/1',
  })

  expect(await find(store, text)).toEqual(expected)
})

test('a site in another script is found by its name, what was stored with its coded name too', async () => {
  const dataDir = testFolder()
  const url = 'https://www.xn--mnchen-3ya.de/1'
  const store = await fill(await openTestStore({ dataDir }), [
    { title: 'earlier', url },
    { title: 'later', url },
  ])
  const { items } = await store.listItems({ limit: 9, now: NOW })
  openAgain(dataDir)
    .driver.prepare('INSERT OR REPLACE INTO items_text (rowid, title, url) VALUES (?, ?, ?)')
    .run(BigInt(items[1]?.place ?? 0), 'earlier', 'https www xn mnchen 3ya de 1')

  expect(await find(store, 'url:münchen.de')).toEqual(['later'])
  expect(await find(store, 'site:münchen.de')).toEqual(['later', 'earlier'])
})

test.each([
  '"',
  '""',
  'a"b',
  "'; DROP TABLE items; --",
  'title:"x" NEAR(a b)',
  '{title} : a',
  'a* b^ c',
  '\u0000',
  'x'.repeat(1_000),
])('whatever is asked becomes no syntax: %o', async (text) => {
  const store = await storeOf('cake')
  // The text as words, past the parser: the store must not rely on what it lets through.
  const node = { kind: 'words', field: 'any', tokens: text.split(' '), prefix: true, written: text } as const

  const { items } = await store.listItems({ limit: 9, query: { text, root: node }, now: NOW })

  expect(items).toEqual([])
})

test('the beginning of many words is found among the newest items, and beyond them where it is rare', async () => {
  const titles = Array.from({ length: 620 }, (_, i) => (i < 3 ? `zxylo 稀 ${i}` : `cake 常 ${i}`))
  const store = await storeOf(...titles)

  expect((await find(store, 'zx*')).sort()).toEqual(titles.slice(0, 3).sort())
  expect((await find(store, '稀')).sort()).toEqual(titles.slice(0, 3).sort())
  expect(await find(store, 'ca* -常')).toEqual([])
  expect((await find(store, 'ca* -zxy*')).length).toBeGreaterThan(0)
})

test('a rename and a new tag of a source are found at once', async () => {
  const store = await storeOf('cake')
  expect(await find(store, 'source:kitchen OR tag:sweet')).toEqual([])

  await store.changeSource(1, { givenTitle: 'The Kitchen' }, NOW)
  expect(await find(store, 'source:kitchen')).toEqual(['cake'])
  await store.changeSource(1, { tags: ['sweet'] }, NOW)
  expect(await find(store, 'tag:sweet')).toEqual(['cake'])
})

test('which sources a part of a query means is asked of them once, until one of them changes', async () => {
  const dataDir = testFolder()
  const store = await fill(await openTestStore({ dataDir }), ['cake'])
  const views = createQueryViews(openAgain(dataDir))
  const { root } = query('tag:sweet')

  const meant = views.listSources(root)
  expect(meant).toEqual([])
  expect(views.listSources(root)).toBe(meant)
  await store.changeSource(1, { tags: ['sweet'] }, NOW)
  expect(views.listSources(root)).toEqual([1])
})

test('pages follow one another without a gap or a repetition, with a query and without', async () => {
  const store = await storeOf(...Array.from({ length: 25 }, (_, i) => (i % 2 ? `data ${i}` : `cake ${i}`)))

  for (const wanted of [undefined, query('data'), query('-cake')]) {
    const titles: string[] = []
    let before: number | null = Number.MAX_SAFE_INTEGER
    while (before !== null) {
      const page = await store.listItems({ limit: 4, before, ...(wanted && { query: wanted }), now: NOW })
      titles.push(...page.items.map(({ title }) => title))
      before = page.next
    }
    const all = Array.from({ length: 25 }, (_, i) => 24 - i)
    const expected = wanted
      ? all.filter((i) => i % 2).map((i) => `data ${i}`)
      : all.map((i) => (i % 2 ? `data ${i}` : `cake ${i}`))
    expect(titles).toEqual(expected)
  }
})

test.each(['data', 'data -cake', '-cake', 'source:1 data', 'after:2026-11-22 data'])(
  'while items come, change and go, each that is there all the time comes once: %s',
  async (text) => {
    let now = NOW
    const dataDir = testFolder()
    const store = await openTestStore({ dataDir, clock: () => (now += 4) })
    const { id } = await addTestSource(store)
    const come = (...insert: { item: ReadItem; placeMs: number }[]) => ingestPlan(store, id, { insert })
    const item = (title: string, placeMs: number) => ({ item: readItem({ title }), placeMs })
    await come(...Array.from({ length: 30 }, (_, i) => item(`data ${i}`, NOW + i * 60_000)))
    const { items } = await store.listItems({ limit: 99, now: NOW })
    const at = (i: number) => items[items.length - 1 - i]?.place ?? 0
    const { driver } = openAgain(dataDir)

    const titles: string[] = []
    let pages = 0
    for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; pages += 1) {
      const page: ItemPage = await store.listItems({ limit: 4, before, query: query(text), now: NOW })
      titles.push(...page.items.map(({ title }) => title))
      before = page.next
      if (pages > 0) continue
      // One is new, one is found late, one says something else now, and two are gone: of these one where the next page begins.
      await come(item('data late', NOW + 90_000), item('data new', NOW + 3_600_000))
      await ingestPlan(store, id, { edit: [{ place: at(5), item: readItem({ title: 'cake' }) }] })
      for (const place of [page.next ?? 0, at(7)]) {
        for (const table of ['items WHERE place', 'items_text WHERE rowid']) {
          driver.prepare(`DELETE FROM ${table} = ?`).run(BigInt(place))
        }
      }
    }

    const left = Array.from({ length: 30 }, (_, i) => `data ${29 - i}`).filter((title) => !/ [57]$/.test(title))
    expect(titles).toEqual([...left.slice(0, -2), 'data late', ...left.slice(-2)])
    expect(pages).toBeGreaterThan(7)
  },
)

test('old items are found behind years without any', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  const years = [0, 4, 30, 56].map((ago) => NOW - ago * 31_536_000_000).sort((a, b) => a - b)
  await ingestPlan(store, source.id, {
    insert: years.map((placeMs) => ({ item: readItem({ title: `data ${placeMs}` }), placeMs })),
  })

  expect(await find(store, 'data')).toEqual(years.reverse().map((placeMs) => `data ${placeMs}`))
})

test('a few items are found in any case, however long the machine stands still', async () => {
  let now = NOW
  const store = await openTestStore({ clock: () => (now += 1_000) })
  const source = await addTestSource(store)
  const insert = Array.from({ length: 8 }, (_, i) => ({ item: readItem({ title: `data ${i}` }), placeMs: NOW + i }))
  await ingestPlan(store, source.id, { insert })

  expect((await store.listItems({ limit: 30, query: query('-x'), now: NOW })).items).toHaveLength(8)
})

test('a search whose time is up says how far back it looked, and goes on from there', async () => {
  let now = NOW
  const store = await openTestStore({ clock: () => (now += 30) })
  const source = await addTestSource(store)
  const insert = Array.from({ length: 40 }, (_, i) => ({ item: readItem({ title: `data ${i}` }), placeMs: NOW + i }))
  await ingestPlan(store, source.id, { insert })

  const titles: string[] = []
  let before: number | null = Number.MAX_SAFE_INTEGER
  let pages = 0
  while (before !== null) {
    const page = await store.listItems({ limit: 30, before, query: query('data -x'), now: NOW })
    if (page.next !== null) expect(page.lookedBackTo).toBe(Math.floor(page.next / 1000))
    titles.push(...page.items.map(({ title }) => title))
    before = page.next
    pages += 1
  }

  expect(pages).toBeGreaterThan(2)
  expect(titles).toEqual(Array.from({ length: 40 }, (_, i) => `data ${39 - i}`))
})

test('a search that finds nothing stops when its time is up, and goes on from there', async () => {
  let now = NOW
  const store = await openTestStore({ clock: () => (now += 30) })
  const source = await addTestSource(store)
  const insert = Array.from({ length: 40 }, (_, i) => ({
    item: readItem({ title: `data ${i}`, language: i === 0 ? 'de' : 'en' }),
    placeMs: NOW + i * 3_600_000,
  }))
  await ingestPlan(store, source.id, { insert })

  const pages: ItemPage[] = []
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; before = pages.at(-1)?.next ?? null) {
    pages.push(await store.listItems({ limit: 30, before, query: query('-lang:en'), now: NOW }))
  }

  expect(pages.length).toBeGreaterThan(2)
  expect(pages[0]).toMatchObject({ items: [], lookedBackTo: Math.floor((pages[0]?.next ?? 0) / 1000) })
  expect(pages.flatMap(({ items }) => items.map(({ title }) => title))).toEqual(['data 0'])
})

test('of alternatives a common word says by itself that there are as many as wanted, whatever the others ask', async () => {
  const dataDir = testFolder()
  await fill(
    await openTestStore({ dataDir }),
    Array.from({ length: 20 }, (_, i) => `data ${i}`),
  )
  const db = openAgain(dataDir)
  const planner = createPlanner(db, { views: { ...createQueryViews(db), pagesOf: () => 1 } })
  const count = (text: string, most: number) => planner.count({ query: query(text), now: NOW }, most)

  expect(count('lang:de OR data', 20)).toBe(20)
  expect(count('lang:de OR data', 21)).toBeNull()
})

test.each([
  ['a word without a common one', 'big -the', 'asked at once, counted at once'],
  ['a word without three common ones', 'big -the -of -and', 'asked in parts, counted in parts'],
  ['a rare word without three common ones', 'rare -the -of -and', 'asked at once, counted at once'],
  ['common words that meet often', 'big the of', 'asked at once, counted in parts'],
  [
    'a word and one of many',
    `big (${Array.from({ length: 13 }, (_, i) => `w${i}`)})`,
    'asked at once, counted in parts',
  ],
  ['a phrase of a word and common ones', '"big the of"', 'asked in parts, counted in parts'],
  ['a phrase of an address, however common its words', 'url:"big the of"', 'asked at once, counted in parts'],
  ['a long one', 'url:"big the of and to in"', 'asked at once, counted in parts'],
  ['a phrase of words that are not common', '"big news"', 'asked at once, counted at once'],
  ['three of them', '"company major news"', 'asked at once, counted at once'],
  ['three, the last a beginning of many', '"company major news*"', 'asked at once, counted in parts'],
  ['a common word among names', 'author:the', 'asked at once, counted in parts'],
  ['two of them', 'author:the author:of', 'asked in parts, counted in parts'],
  ['one of many', Array.from({ length: 13 }, (_, i) => `w${i}`).join(), 'asked at once, counted at once'],
])('what may take long before it is found, or not found, is looked for in parts: %s', (_, text, expected) => {
  const views = {
    listSources: () => [],
    listLanguages: () => [],
    pagesOf: (word: string) => (word === 'rare' ? 1 : word.length < 4 && word !== 'big' ? 2_500 : 200),
  }
  const wayOf = (bounds: RenderOptions) =>
    renderQuery(views, query(text), NOW, bounds).isInParts ? 'in parts' : 'at once'
  expect(`asked ${wayOf(SEARCHED)}, counted ${wayOf(COUNTED)}`).toBe(expected)
})

test.each(['data', '"big data"', 'title:data'])(
  'where all that is found matches, hardly more is asked for than is wanted: %s',
  async (text) => {
    const dataDir = testFolder()
    await fill(
      await openTestStore({ dataDir }),
      Array.from({ length: 100 }, (_, i) => `big data ${i}`),
    )
    const planner = createPlanner(openAgain(dataDir))
    const firstOf = (most?: number) => {
      const plan = planner.plan({ query: query(text), now: NOW, ...(most && { most }) })
      for (const { places } of plan.listBatches(Number.MAX_SAFE_INTEGER)) return places.length
      return 0
    }

    expect(firstOf(20)).toBe(24)
    expect(firstOf()).toBe(64)
  },
)

test.each([
  ['listed', SEARCHED, '{title body} : "big"'],
  ['counted', COUNTED, '(({title body} : "big")) NOT ({title body} : "st" *)'],
])(
  'beginnings of many words that must not be there are not put together where some items are soon read: %s',
  (_, bounds, match) => {
    const views = { listSources: () => [], listLanguages: () => [], pagesOf: () => 300 }
    const rendered = renderQuery(views, query('big -st*'), NOW, { ...AT_ANY_COST, unwantedPages: bounds.unwantedPages })
    expect(rendered).toMatchObject({ match, isExact: bounds === COUNTED, prefixPages: bounds === COUNTED ? 300 : 0 })
  },
)

test.each([
  ['a phrase', '"aaaa bbb"', '{title body} : "bbb"'],
  ['one of two phrases', '"aaaa bbb" OR "cccc ddd"', '({title body} : "bbb") OR ({title body} : "ddd")'],
  ['a phrase or a word', '"aaaa bbb" OR title:cccc', '({title body} : "bbb") OR (title : "cccc")'],
])('where %s would take too long, the rarest words of it are looked for', (_, text, match) => {
  const pagesOf = (word: string) => 1_000 * word.length
  const views = { listSources: () => [], listLanguages: () => [], pagesOf }

  expect(renderQuery(views, query(text), NOW, SEARCHED)).toMatchObject({ match, isDense: true, isExact: false })
})

test.each([
  ['a few', '数', 300, '{title body} : "数" *', '{title body} : "数" *'],
  ['many', '数', 700, '{title body} : "数" *', null],
  ['far too many', '数', 900, null, null],
  ['in titles more', 'title:数', 900, 'title : "数" *', 'title : "数" *'],
])('%s words that begin alike are put together where there is time for it', (_, text, pages, listed, counted) => {
  const views = { listSources: () => [], listLanguages: () => [], pagesOf: () => pages }

  expect(renderQuery(views, query(text), NOW, SEARCHED).match).toBe(listed)
  expect(renderQuery(views, query(text), NOW, COUNTED).match).toBe(counted)
})

test('a phrase of single Han characters, each of which may begin a word, is not put out in all its readings', () => {
  const views = { listSources: () => [], listLanguages: () => [], pagesOf: () => 1 }
  const match = (text: string) => renderQuery(views, query(text), NOW, SEARCHED).match

  expect(match('"大 数 据 库"')?.split(' OR ')).toHaveLength(8)
  expect(match('"大 数 据 库 大"')).toBeNull()
})

test('of many such phrases no more readings are put out in all than are soon looked into', () => {
  const views = { listSources: () => [], listLanguages: () => [], pagesOf: () => 1 }
  const match = (count: number, phrase: (i: number) => string) => {
    const text = Array.from({ length: count }, (_, i) => phrase(i)).join()
    return renderQuery(views, query(text), NOW, SEARCHED).match
  }
  const fourOf = (i: number) => `"大 数 ${String.fromCodePoint(0x4e00 + i)} 库"`
  const twoOf = (i: number) => `"大${String.fromCodePoint(0x4e00 + i)} 数据"`

  expect(match(31, fourOf)?.split(' OR ')).toHaveLength(248)
  expect(match(32, fourOf)).toBeNull()
  expect(match(99, twoOf)?.split(' OR ')).toHaveLength(198)
})

test('many alternatives that are asked in parts are asked for by a search, not by a count', () => {
  const views = { listSources: () => [], listLanguages: () => [], pagesOf: () => 2_000 }
  const any = (from: number) => `(${Array.from({ length: 21 }, (_, i) => `w${from + i}`).join(' OR ')})`
  const wanted = query(`${any(0)} ${any(21)}`)

  expect(renderQuery(views, wanted, NOW, SEARCHED)).toMatchObject({ isInParts: true, isDense: true })
  expect(renderQuery(views, wanted, NOW, COUNTED)).toMatchObject({ isInParts: true, match: null })
})

test('what is common is asked for at once, but by a count not where that is many alternatives', async () => {
  const dataDir = testFolder()
  await fill(await openTestStore({ dataDir }), ['cake'])
  const db = openAgain(dataDir)
  const planner = createPlanner(db, { views: { ...createQueryViews(db), pagesOf: () => 2_000 } })
  const isAtOnce = (words: number, isCount: boolean) => {
    const any = Array.from({ length: words }, (_, i) => `w${i}`).join(' OR ')
    return planner.plan({ query: query(`(${any}) big -the -of`), now: NOW, isCount }).listAtOnce !== undefined
  }

  expect([isAtOnce(17, false), isAtOnce(17, true)]).toEqual([true, true])
  expect([isAtOnce(18, false), isAtOnce(18, true)]).toEqual([true, false])
  // What is asked at once already is not asked so again.
  expect(planner.plan({ query: query('big'), now: NOW }).listAtOnce).toBeUndefined()
})

test.each([
  'big -the -of -and',
  'big the -of -and -title:and',
  'of lang:de -big -the -and',
  'big "the and"',
  '"big the of" -and',
  '"big the" "of and"',
  '"big the of" author:"ann of" author:the',
  'author:the author:of big -and',
  '"big the of" (lang:de OR and)',
])('what is asked in parts is no more and no less than what is asked at once: %s', async (text) => {
  const dataDir = testFolder()
  const words = ['big', 'the', 'of', 'and']
  const given = Array.from({ length: 32 }, (_, i) => ({
    title: words.filter((_, at) => i & (1 << at)).join(' '),
    authors: i & 16 ? ['Ann of the'] : ['Ann'],
    language: i & 16 ? 'de' : 'en',
  }))
  const store = await fill(await openTestStore({ dataDir }), given)
  const { items } = await store.listItems({ limit: 99, now: NOW })
  const db = openAgain(dataDir)
  const views = { ...createQueryViews(db), pagesOf: () => 2_500 }
  const wanted = query(text)
  const search = createSearch(db, createItemReader(db), { views })

  const found = search.list({ limit: 99, before: Number.MAX_SAFE_INTEGER, query: wanted, now: NOW })

  for (const bounds of [SEARCHED, COUNTED]) expect(renderQuery(views, wanted, NOW, bounds).isInParts).toBe(true)
  const expected = items.filter((item) => isMatch(wanted, item)).map(({ place }) => place)
  expect(found.items.map(({ place }) => place)).toEqual(expected)
  expect(expected.length % 32).toBeGreaterThan(0)
  expect(search.count({ query: wanted, now: NOW, most: 99 })).toEqual({ count: expected.length, isMore: false })
})

test('nearly two megabytes of text that come in one transaction are written in one piece', async () => {
  const dataDir = testFolder()
  const word = (n: number) => `word${n.toString(36)}`
  const titles = Array.from({ length: 50 }, (_, i) =>
    Array.from({ length: 5_000 }, (_, j) => word((i * 7_919 + j * 131) % 30_000)).join(' '),
  )
  await fill(await openTestStore({ dataDir }), titles)

  const pieces = openAgain(dataDir).driver.prepare('SELECT count(DISTINCT segid) FROM items_text_idx').pluck().get()
  expect(titles.join(' ').length).toBeGreaterThan(1_900_000)
  expect(pieces).toBe(1)
})

test('many words that begin alike are reckoned dearer than the pages they stand on', async () => {
  const dataDir = testFolder()
  const titles = Array.from({ length: 200 }, (_, i) => Array.from({ length: 60 }, (_, j) => `zz${i}x${j}`).join(' '))
  await fill(await openTestStore({ dataDir }), titles)
  const db = openAgain(dataDir)
  const pages = db.driver.prepare<number>('SELECT count(*) FROM items_text_data').pluck().get() ?? 0

  expect(pages).toBeGreaterThan(20)
  expect(createQueryViews(db).pagesOf('zz', true)).toBeGreaterThan(2 * pages)
})

test('common words of one source are met with its items stretch by stretch, however it is found that they are common', async () => {
  const dataDir = testFolder()
  const titles = Array.from({ length: 100 }, (_, i) => `big data ${i}`)
  await fill(await openTestStore({ dataDir }), titles)
  const db = openAgain(dataDir)
  const views = { ...createQueryViews(db), pagesOf: () => 9_999 }
  const plan = createPlanner(db, { views, few: 0 }).plan({ query: query('source:1 "big data"'), now: NOW })

  // The first stretch is ten minutes, of which each has an item.
  for (const { listBatches } of [plan, plan.listAtOnce?.()].filter((each) => each !== undefined)) {
    const [first] = listBatches(Number.MAX_SAFE_INTEGER)
    expect(first?.places).toHaveLength(10)
  }
  expect(plan.listAtOnce).toBeDefined()
})

test.each([
  ['in no time', 0, [64, 236], [10, 80, 210]],
  ['in half of the time it may', 2.5, [64, 128, 108], [10, 20, 40, 80, 150]],
  ['in more than that', 7, [64, 84, 110, 42], [10, 13, 17, 22, 29, 38, 49, 63, 59]],
])('each question is for so much more as the last was answered %s', async (_, stepMs, ofText, ofItems) => {
  const dataDir = testFolder()
  await fill(
    await openTestStore({ dataDir }),
    Array.from({ length: 300 }, (_, i) => `big data ${i}`),
  )
  let now = NOW
  const planner = createPlanner(openAgain(dataDir, () => (now += stepMs)))
  const sizes = (text: string) =>
    [...planner.plan({ query: query(text), now: NOW }).listBatches(Number.MAX_SAFE_INTEGER)].map(
      ({ places }) => places.length,
    )

  expect(sizes('data')).toEqual(ofText)
  expect(sizes('-lang:de')).toEqual(ofItems)
})

test('of many that came within a moment one question looks at a thousand, however long the stretches are by then', async () => {
  const dataDir = testFolder()
  const store = await openTestStore({ dataDir })
  const source = await addTestSource(store)
  const came = [
    ...Array.from({ length: 1_200 }, (_, i) => NOW + i),
    ...[1, 2, 3].map((hours) => NOW + hours * 3_600_000),
  ]
  await ingestPlan(store, source.id, { insert: came.map((placeMs) => ({ item: readItem({}), placeMs })) })
  const plan = createPlanner(openAgain(dataDir)).plan({ query: query('-lang:de'), now: NOW })

  const sizes = [...plan.listBatches(Number.MAX_SAFE_INTEGER)].map(({ places }) => places.length)

  expect(sizes).toEqual([1, 2, 1_000, 200])
})

test('whether an item of a story may match is asked of the full text for some words, not for many', async () => {
  const dataDir = testFolder()
  const store = await fill(await openTestStore({ dataDir }), ['cake'])
  const { items } = await store.listItems({ limit: 1, now: NOW })
  const planner = createPlanner(openAgain(dataDir))
  const mayMatch = (words: number) => {
    const text = Array.from({ length: words }, (_, i) => `w${i}`).join(' OR ')
    return planner.screen({ query: query(text), now: NOW })(items[0]?.place ?? 0)
  }

  expect(mayMatch(8)).toBe(false)
  expect(mayMatch(9)).toBe(true)
})

test('how much stands under a word is reckoned anew after a minute', async () => {
  const dataDir = testFolder()
  const store = await openTestStore({ dataDir })
  let now = NOW
  const { pagesOf } = createQueryViews(openAgain(dataDir, () => now))
  const before = pagesOf('data', false)
  await fill(
    store,
    Array.from({ length: 500 }, (_, i) => `${'data '.repeat(40)}word${i}`),
  )

  now += 59_000
  expect(pagesOf('data', false)).toBe(before)
  now += 1_000
  expect(pagesOf('data', false)).toBeGreaterThan(before)
})

test('what a nested query costs is reckoned in one pass over it', () => {
  const views = { listSources: () => [], listLanguages: () => [], pagesOf: () => 12 }
  const nested = Array.from({ length: 18 }).reduce<string>(
    (inner, _, level) => (level % 2 ? `(${inner}) w -x` : `(${inner}) OR (u v -y)`),
    'a b',
  )
  const reckoned = vi.spyOn(Math, 'min')
  onTestFinished(() => reckoned.mockRestore())

  renderQuery(views, query(nested), NOW, COUNTED)
  expect(reckoned.mock.calls.length).toBeLessThan(2_000)
})

test.each(['"big data"', '"big data" site:example.com', 'title:"big data" -source:7', '"big data" -"data big"'])(
  'what is rare to one that reckons, and common to one that looks, is listed once, however often time is up: %s',
  async (text) => {
    const dataDir = testFolder()
    const titles = Array.from({ length: 300 }, (_, i) => (i % 3 ? `data big ${i}` : `big data ${i}`))
    await fill(await openTestStore({ dataDir }), titles)
    let now = NOW
    const db = openAgain(dataDir, () => (now += 1))
    const views = { ...createQueryViews(db), pagesOf: () => 9_999 }
    const search = createSearch(db, createItemReader(db), { views })

    const found: string[] = []
    let pages = 0
    for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; pages += 1) {
      const page: ItemPage = search.list({ limit: 40, before, query: query(text), now: NOW })
      found.push(...page.items.map(({ title }) => title))
      before = page.next
    }

    expect(found).toEqual(titles.filter((title) => title.startsWith('big')).reverse())
    expect(pages).toBeGreaterThan(3)
  },
)
