import type { Item, Query, ReadItem } from '../model.ts'
import type { ItemPage } from '../ports.ts'
import { evaluate, urlStream } from '../query/evaluate.ts'
import { TAGS_BEGIN, tokenStream } from '../text.ts'
import type { Database, Statement } from './driver.ts'
import type { ItemReader } from './items.ts'
import { renderQuery } from './render-query.ts'
import { createSourceView } from './source-view.ts'

/** The event loop waits while SQLite works: a search looks back this long at once, then says how far it came. */
const SEARCH_MS = 200
/** The first stretch of `place` that is looked through. */
const FIRST_STRETCH = 3_600_000 * 1000
/** Longer than all places there can be. */
const EVERYTHING = 2 ** 52
/** How many of the newest items are looked at one by one for the beginning of many words. */
const WALKED = 500
/** A stretch that took less than this lets the next one grow faster. */
const QUICK_MS = 5
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

export interface SearchOptions {
  limit: number
  /** Strictly before this place. */
  before: number
  query: Query
  now: number
}

/**
 * The newest items that a query matches. The full text gives candidates, perhaps too many; `evaluate` decides on each.
 * Stretches of `place` are looked through newest first, each longer than the last, until there are enough or time is up.
 */
export function createSearch(db: Database, reader: ItemReader): (options: SearchOptions) => ItemPage {
  const { driver, clock } = db
  const listCandidates = createCandidates(db)
  const newestBefore = driver.prepare<number | null>('SELECT max(place) FROM items WHERE place < ?').pluck()

  const newestPlaces = driver
    .prepare<number>('SELECT place FROM items WHERE place < ? ORDER BY place DESC LIMIT ?')
    .pluck()

  return ({ limit, before, query, now }) => {
    const { isWide, list } = listCandidates(query, now)
    const stopAt = clock() + SEARCH_MS
    const items: Item[] = []
    let end = before

    if (isWide) {
      // The beginning of many words stands in many items: the newest are soon found. Else it is rare, and cheap to merge.
      for (const place of newestPlaces.all(before, WALKED)) {
        const page = consider(place)
        if (page) return page
        end = place
      }
    }
    let stretch = isWide ? EVERYTHING : FIRST_STRETCH
    for (;;) {
      // Stretches without any item are leapt over.
      const newest = newestBefore.get(end) ?? null
      if (newest === null) return { items: reader.withCalls(items), next: null, lookedBackTo: null }
      const start = newest + 1 - stretch
      const startedAt = clock()

      for (const place of list(start, newest + 1)) {
        const page = consider(place)
        if (page) return page
      }

      const endedAt = clock()
      if (endedAt >= stopAt) return outOfTime(items, start)
      stretch *= endedAt - startedAt < QUICK_MS ? 8 : 2
      end = start
    }

    /** Takes the item if it matches; gives the page when that was the last that was wanted, or time is up. */
    function consider(place: number): ItemPage | null {
      const item = reader.find(place)
      if (item && matches(query, item, now)) items.push(item)
      if (items.length > limit) {
        items.pop()
        return { items: reader.withCalls(items), next: items.at(-1)?.place ?? null, lookedBackTo: null }
      }
      return clock() >= stopAt ? outOfTime(items, place) : null
    }
  }

  function outOfTime(items: Item[], place: number): ItemPage {
    return { items: reader.withCalls(items), next: place, lookedBackTo: Math.max(0, Math.floor(place / 1000)) }
  }
}

function matches(query: Query, item: Item, now: number): boolean {
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

interface Candidates {
  isWide: boolean
  /** The places from `start` up to, not including, `end` that the query may match, newest first. */
  list(start: number, end: number): Iterable<number>
}

/** So many shapes of conditions have a statement of their own; what goes beyond looks at every item, and finds the same. */
const MOST_SHAPES = 500

function createCandidates(db: Database): (query: Query, now: number) => Candidates {
  const sources = createSourceView(db)
  const matching = db.driver
    .prepare<number>(
      'SELECT rowid FROM items_text WHERE items_text MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?',
    )
    .pluck()
  const shapes = new Map<string, Statement<number>>()
  const scanOf = (where: string) => {
    const shape = shapes.has(where) || shapes.size < MOST_SHAPES ? where : '1'
    const scan =
      shapes.get(shape) ??
      db.driver
        .prepare<number>(
          `SELECT place FROM items WHERE place >= :start AND place < :end AND ${shape} ORDER BY place DESC LIMIT :count`,
        )
        .pluck()
    shapes.set(shape, scan)
    return { scan, isOwn: shape === where }
  }

  return (query, now) => {
    const { match, where, values, isWide } = renderQuery(sources, query, now)
    if (match !== null && where === null) {
      const list = (start: number, end: number) =>
        inChunks(end, (before, count) => matching.all(match, BigInt(start), BigInt(before), count))
      return { isWide, list }
    }
    const { scan, isOwn } = scanOf(where ?? '1')
    const bound = isOwn ? values : {}
    const list = (start: number, end: number) =>
      inChunks(end, (before, count) => scan.all({ ...bound, start: BigInt(start), end: BigInt(before), count }))
    return { isWide, list }
  }
}

/** Most searches end within the first chunk; those that go on take larger ones. */
const FIRST_CHUNK = 64
const LARGEST_CHUNK = 4_096

function* inChunks(end: number, take: (before: number, count: number) => number[]): Generator<number> {
  let before = end
  for (let count = FIRST_CHUNK; ; count = Math.min(count * 8, LARGEST_CHUNK)) {
    const places = take(before, count)
    yield* places
    if (places.length < count) return
    before = places.at(-1) ?? before
  }
}
