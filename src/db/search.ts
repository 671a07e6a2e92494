import type { Item, Query, QueryNode, ReadItem } from '../model.ts'
import type { ItemCount, ItemPage, StoredItem } from '../ports.ts'
import { evaluate, urlStream } from '../query/evaluate.ts'
import { canonicalUrl } from '../source/url.ts'
import { TAGS_BEGIN, tokenStream } from '../text.ts'
import type { Database, Statement } from './driver.ts'
import type { ItemReader } from './items.ts'
import { createQueryViews, type QueryViews } from './query-views.ts'
import { type RenderedQuery, renderQuery } from './render-query.ts'
import { ASTRAY_MS, IS_ASTRAY } from './schema.ts'

/** The event loop waits while SQLite works: a search looks back this long at once, then says how far it came. */
const SEARCH_MS = 40
/** A count says that there are more after this long. */
const COUNT_MS = 12
/** So many items of one address are listed. */
const MOST_OF_URL = 50
/** The first stretch of `place` that is looked through. */
const FIRST_STRETCH = 3_600_000 * 1000
/** Longer than all places there can be. */
const EVERYTHING = 2 ** 53
/** What looking through one stretch is to take. */
const STRETCH_MS = 5
const MOST_GROWTH = 8
/** No query makes this token, so no phrase runs across it. */
const SEPARATOR = ` ${TAGS_BEGIN} `

type TextOf = Pick<ReadItem, 'tokens' | 'authors' | 'categories' | 'url'>

/** The full text of the items, by place. */
export interface TextTable {
  /** Cheapest at the end of a transaction, in ascending order of places. */
  insert(place: number, item: TextOf): void
  /** For an item that may be there already. */
  replace(place: number, item: TextOf): void
}

export function createTextTable({ driver }: Database): TextTable {
  const columns = 'INTO items_text (rowid, title, body, author, tag, url) VALUES (?, ?, ?, ?, ?, ?)'
  const insert = driver.prepare(`INSERT ${columns}`)
  const replace = driver.prepare(`INSERT OR REPLACE ${columns}`)
  const each = (texts: string[]) => texts.map(tokenStream).join(SEPARATOR)
  // A JS number is bound as a float, and full text takes a float for "no rowid given".
  const row = (place: number, { tokens, authors, categories, url }: TextOf) =>
    [BigInt(place), tokens.title, tokens.text, each(authors), each(categories), urlStream(url ?? '')] as const
  return {
    insert: (place, item) => void insert.run(...row(place, item)),
    replace: (place, item) => void replace.run(...row(place, item)),
  }
}

export interface Search {
  /**
   * The newest items that a query matches, strictly before a place. Stretches of `place` are looked through newest first,
   * each longer than the last, until there are enough or time is up. `related` and `calledBy` are left empty.
   */
  list(options: SearchOptions): ItemPage
  count(options: { query: Query; now: number; most: number }): ItemCount
  /** See `Store.findItemsByUrl`. */
  findByUrl(url: string): StoredItem[]
}

export interface SearchOptions {
  limit: number
  before: number
  query: Query
  now: number
  /** See `ListOptions`. */
  stories?: true
}

/** Something to look for: where it may be, and what decides. */
interface Wanted {
  query: Query
  now: number
  before: number
  stopAt: number
  /** Nothing is done with what is sure but to count it. */
  isCount?: true
}

/** How far a walk came: to the end, or with places before `before` left to look at, for time was up or nobody wanted more. */
type Way = { end: 'all' } | { end: 'time' | 'enough'; before: number }

/** What decides on the way a search takes, never on what it finds. */
interface Sizes {
  views: QueryViews
  /** So many items of a source, a language, with files: they are looked at before the full text is asked. */
  few: number
  /** Up to so many are met with what the full text finds; of more, each that it finds is looked up. */
  some: number
}

export function createSearch(db: Database, reader: ItemReader, sizes: Partial<Sizes> = {}): Search {
  const { clock } = db
  const planSearch = createPlanner(db, { views: createQueryViews(db), few: 500, some: 20_000, ...sizes })
  const urlOf = db.driver.prepare<string | null>('SELECT url FROM items WHERE place = ?').pluck()

  return { list, count, findByUrl }

  function list({ limit, before, query, now, stories }: SearchOptions): ItemPage {
    const items: Item[] = []
    const isTold = stories ? tellOnce(query, now) : () => true
    const way = walk({ query, now, before, stopAt: clock() + SEARCH_MS }, (place) => {
      const item = reader.find(place)
      if (item && isMatch(query, item, now) && isTold(item)) items.push(item)
      return items.length > limit
    })
    if (way.end === 'all') return { items, next: null, lookedBackTo: null }
    if (way.end === 'time') {
      return { items, next: way.before, lookedBackTo: Math.max(0, Math.floor(way.before / 1000)) }
    }
    items.pop()
    return { items, next: items.at(-1)?.place ?? null, lookedBackTo: null }
  }

  function count({ query, now, most }: { query: Query; now: number; most: number }): ItemCount {
    let found = 0
    const before = Number.MAX_SAFE_INTEGER
    const way = walk({ query, now, before, stopAt: clock() + COUNT_MS, isCount: true }, (place, isSure) => {
      if (isSure || isMatch(query, reader.find(place), now)) found += 1
      return found > most
    })
    return { count: Math.min(found, most), isMore: way.end !== 'all' }
  }

  function findByUrl(url: string): StoredItem[] {
    const wanted = canonicalUrl(url)
    const query = addressQuery(wanted)
    const found: number[] = []
    if (!query) return []
    walk({ query, now: 0, before: Number.MAX_SAFE_INTEGER, stopAt: clock() + SEARCH_MS }, (place) => {
      if (canonicalUrl(urlOf.get(place) ?? '') === wanted) found.push(place)
      return found.length >= MOST_OF_URL
    })
    return found.flatMap((place) => reader.findStored(place) ?? [])
  }

  /** Hands over the places of all items that may match, newest first, until `take` has enough; `isSure`: it does match. */
  function walk(wanted: Wanted, take: (place: number, isSure: boolean) => boolean): Way {
    const { before, stopAt, isCount = false } = wanted
    const plan = planSearch(wanted.query, wanted.now)
    const astray = plan.listAstray(before)

    const newer = consider(
      astray.filter((place) => place >= plan.end),
      false,
    )
    if (newer) return newer
    for (const batch of plan.listBatches(Math.min(before, plan.end))) {
      const way = consider(batch.places, plan.isExact)
      if (way) return way
      if (batch.start > plan.start && clock() >= stopAt) return { end: 'time', before: batch.start }
    }
    return (
      consider(
        astray.filter((place) => place < plan.start),
        false,
      ) ?? { end: 'all' }
    )

    function consider(places: number[], isSure: boolean): Way | null {
      for (const [at, place] of places.entries()) {
        if (take(place, isSure)) return { end: 'enough', before: place }
        // To count what is sure takes less time than to ask for it.
        const isDue = !isSure || !isCount || at % 64 === 63
        if (isDue && clock() >= stopAt) return { end: 'time', before: place }
      }
      return null
    }
  }

  /**
   * Says of a matching item whether it stands for its story: nothing else of it matches, of the one that began it and
   * those that joined before. Each story is looked at once.
   */
  function tellOnce(query: Query, now: number): (item: Item) => boolean {
    const told = new Map<number, number | undefined>()
    const isFound = (place: number) => isMatch(query, reader.find(place), now)
    return ({ place, story }) => {
      if (story === place) return true
      if (!told.has(story)) told.set(story, [story, ...reader.listJoined(story)].find(isFound))
      return told.get(story) === place
    }
  }
}

function isMatch(query: Query, item: Item | undefined, now: number): boolean {
  if (!item) return false
  // Cut only when the query asks for them.
  const tokens = {
    get title() {
      return tokenStream(item.title)
    },
    get text() {
      return tokenStream(item.text)
    },
  }
  return evaluate(query, { ...item, tokens }, now) !== null
}

/** What an address has all words of, whatever else stands between them, may be another version of the same page. */
function addressQuery(url: string): Query | null {
  const tokens = new Set(urlStream(url.replace(/^https?:/, '')).split(' '))
  const nodes = [...tokens].flatMap((token): QueryNode[] =>
    token === '' || /^[#@]/.test(token)
      ? []
      : [{ kind: 'words', field: 'url', tokens: [token], prefix: false, written: token }],
  )
  return nodes.length === 0 ? null : { text: url, root: { kind: 'and', nodes } }
}

/** How the items are looked for that a query may match. */
interface Plan {
  /** Nothing else than what matches is listed. */
  isExact: boolean
  /** The places looked through, as far as the dates asked for say so. */
  start: number
  end: number
  /** Newest first, from places before `before` down to `start`. */
  listBatches(before: number): Iterable<Batch>
  /** The same of those outside of `start` and `end`: items dated far from their place. */
  listAstray(before: number): number[]
}

/** All places from `start` on (and before those of the last batch) that may match. */
interface Batch {
  places: number[]
  start: number
}

/** So many shapes of conditions have a statement of their own; what goes beyond looks at every item, and finds the same. */
const MOST_SHAPES = 500

/** Items in SQL: a select, and the values in it. */
type Batches = Pick<Plan, 'isExact' | 'listBatches'>

interface Selection {
  select: string
  values: Record<string, unknown>
  isExact: boolean
}

function createPlanner({ driver, clock }: Database, { views, few, some }: Sizes): (query: Query, now: number) => Plan {
  const newestBefore = driver.prepare<number | null>('SELECT max(place) FROM items WHERE place < ?').pluck()
  const astray = driver
    .prepare<number>(
      `SELECT place FROM items INDEXED BY items_astray WHERE ${IS_ASTRAY}
         AND coalesce(published_at, first_seen_at) >= :from AND coalesce(published_at, first_seen_at) < :to
         AND place < :before ORDER BY place DESC`,
    )
    .pluck()
  const everything = driver
    .prepare<number>('SELECT place FROM items WHERE place >= ? AND place < ? ORDER BY place DESC LIMIT ?')
    .pluck()
  const numbers = new Map<string, Statement<number>>()
  const rows = new Map<string, Statement<unknown[]>>()

  return (query, now) => {
    const rendered = renderQuery(views, query, now)
    const { fromMs, toMs } = rendered.dated
    const start = fromMs === null ? Number.MIN_SAFE_INTEGER : (Math.floor(fromMs) - ASTRAY_MS) * 1000
    return {
      ...planBatches(rendered, start),
      start,
      end: toMs === null ? Number.MAX_SAFE_INTEGER : (Math.ceil(toMs) + ASTRAY_MS) * 1000,
      listAstray(before) {
        if (fromMs === null && toMs === null) return []
        return astray.all({ from: fromMs ?? Number.MIN_SAFE_INTEGER, to: toMs ?? Number.MAX_SAFE_INTEGER, before })
      },
    }
  }

  function planBatches(rendered: RenderedQuery, start: number): Batches {
    const { match, conditions, values, isExact, isDense, isDear } = rendered
    const where = conditions.map(({ sql }) => inParens(sql))
    const narrow = narrowest(rendered)
    const firstChunk = isDear ? LARGEST_CHUNK : FIRST_CHUNK

    if (match === null) {
      const select = narrow ? null : selectBranches(conditions)
      if (select) return inStretches({ select, values, isExact }, start)
      return inStretches({ select: selectItems(narrow?.index, where), values, isExact }, start)
    }
    const asked = { ...values, match }
    if (narrow && narrow.size <= few) {
      // So few are looked at one by one sooner than the full text is asked.
      return inStretches({ select: selectItems(narrow.index, where), values, isExact: false }, start, EVERYTHING)
    }
    if (narrow && narrow.size <= some) {
      const found = `+place IN (SELECT rowid FROM items_text WHERE items_text MATCH :match AND ${inRange('rowid')})`
      const select = selectItems(narrow.index, [...where, found])
      return inStretches({ select, values: asked, isExact }, start, isDense && !isDear ? FIRST_STRETCH : EVERYTHING)
    }
    if (conditions.some(({ sql }) => sql.includes(':start'))) {
      const select = conditions.every(({ of }) => of === 'places')
        ? `SELECT rowid AS place FROM items_text WHERE items_text MATCH :match AND ${inRange('rowid')}`
        : `SELECT items.place FROM items_text CROSS JOIN items ON items.place = items_text.rowid
           WHERE items_text MATCH :match AND ${inRange('items_text.rowid')}`
      const whole = `${[select, ...where].join(' AND ')} ORDER BY items_text.rowid DESC`
      return inStretches({ select: whole, values: asked, isExact }, start)
    }
    const chunk = (columns: string) =>
      `SELECT ${columns} FROM items_text WHERE items_text MATCH :match AND ${inRange('rowid')} ORDER BY rowid DESC LIMIT :count`
    const select =
      conditions.length === 0
        ? chunk('rowid, 1')
        : `SELECT found, ${where.join(' AND ')} FROM (${chunk('rowid AS found')})
           LEFT JOIN items ON items.place = found ORDER BY found DESC`
    return inChunks({ select, values: asked, isExact }, start, firstChunk)
  }

  /** Of the conditions that an index answers, the one that fewest items meet. */
  function narrowest({ match, conditions, values }: RenderedQuery) {
    const indexed = conditions.flatMap(({ sql, index }) => (index ? { sql, index } : []))
    if (match === null && indexed.length <= 1) return indexed[0] && { ...indexed[0], size: 0 }
    return indexed.map((each) => ({ ...each, size: countSome(each, values) })).sort((a, b) => a.size - b.size)[0]
  }

  function countSome({ sql, index }: { sql: string; index: string }, values: Record<string, unknown>): number {
    const select = `SELECT count(*) FROM (SELECT 1 FROM items INDEXED BY ${index} WHERE ${sql} LIMIT ${some + 1})`
    return numbersOf(select)?.get(values) ?? some + 1
  }

  /** Rows of which each stretch is taken whole, each stretch longer than the last. */
  function inStretches({ select, values, isExact }: Selection, from: number, firstStretch = FIRST_STRETCH): Batches {
    const statement = numbersOf(select)
    if (!statement) return anything(from)

    function* listBatches(before: number): Generator<Batch> {
      let end = before
      for (let stretch = firstStretch; ; ) {
        // Stretches without any item are leapt over.
        const newest = newestBefore.get(end) ?? null
        if (newest === null || newest < from) return
        const start = stretch >= EVERYTHING ? from : Math.max(newest + 1 - stretch, from)
        const startedAt = clock()
        const places = statement?.all({ ...values, start: BigInt(start), end: BigInt(newest + 1) }) ?? []
        // Nothing stops SQLite on its way, so each stretch is to take about as long as this.
        const growth = STRETCH_MS / (clock() - startedAt)
        stretch = Math.ceil(stretch * Math.min(MOST_GROWTH, Math.max(1 / MOST_GROWTH, growth)))
        yield { places, start }
        end = start
      }
    }
    return { isExact, listBatches }
  }

  /** Rows of a place and whether it is one, as the full text finds them: so many at once, the more the longer it takes. */
  function inChunks({ select, values, isExact }: Selection, from: number, firstChunk: number): Batches {
    const statement = rowsOf(select)
    if (!statement) return anything(from)

    function* listBatches(before: number): Generator<Batch> {
      let end = before
      for (let count = firstChunk; ; count = Math.min(count * 8, LARGEST_CHUNK)) {
        if (end <= from) return
        // Two whole numbers, or NULL for what is not known.
        const rows = (statement?.all({ ...values, start: BigInt(from), end: BigInt(end), count }) ?? []) as [
          number,
          0 | 1 | null,
        ][]
        const isLast = rows.length < count
        end = isLast ? from : (rows.at(-1)?.[0] ?? from)
        yield { places: rows.flatMap(([place, isOne]) => (isOne ? place : [])), start: end }
        if (isLast) return
      }
    }
    return { isExact, listBatches }
  }

  /** Every item, one by one. */
  function anything(from: number): Batches {
    function* listBatches(before: number): Generator<Batch> {
      for (let end = before; ; ) {
        const places = everything.all(from, end, FIRST_CHUNK)
        const start = places.at(-1)
        if (start === undefined) return
        yield { places, start }
        end = start
      }
    }
    return { isExact: false, listBatches }
  }

  function numbersOf(select: string): Statement<number> | undefined {
    return keep(numbers, select, () => driver.prepare<number>(select).pluck())
  }

  function rowsOf(select: string): Statement<unknown[]> | undefined {
    return keep(rows, select, () => driver.prepare(select).raw())
  }
}

function keep<T>(shapes: Map<string, T>, select: string, make: () => T): T | undefined {
  const known = shapes.get(select)
  if (known || shapes.size >= MOST_SHAPES) return known
  const made = make()
  shapes.set(select, made)
  return made
}

/** What the full text gives at once. Most searches end within the first chunk. */
const FIRST_CHUNK = 64
const LARGEST_CHUNK = 4_096

function selectItems(index: string | undefined, where: string[]): string {
  const by = index ? `INDEXED BY ${index}` : 'NOT INDEXED'
  return `SELECT place FROM items ${by} WHERE ${[inRange('place'), ...where].join(' AND ')} ORDER BY place DESC`
}

/** One condition that holds where one of some does, each of which is cheap to list. */
function selectBranches([only, ...more]: RenderedQuery['conditions']): string | null {
  if (!only?.branches || more.length > 0) return null
  const selects = only.branches.map((branch) =>
    'match' in branch
      ? `SELECT rowid AS place FROM items_text WHERE items_text MATCH ${branch.match} AND ${inRange('rowid')}`
      : `SELECT place FROM items INDEXED BY ${branch.index} WHERE ${inParens(branch.sql)} AND ${inRange('place')}`,
  )
  return `${selects.join(' UNION ')} ORDER BY place DESC`
}

function inRange(place: string): string {
  return `${place} >= :start AND ${place} < :end`
}

function inParens(text: string): string {
  return `(${text})`
}
