import type { Item, Query, QueryNode, ReadItem } from '../model.ts'
import type { ItemCount, ItemPage, StoredItem } from '../ports.ts'
import { asMatchable, evaluate, urlStream } from '../query/evaluate.ts'
import { itemKeys } from '../source/identity.ts'
import { canonicalUrl } from '../source/url.ts'
import { TAGS_BEGIN, tokenStream } from '../text.ts'
import type { Database, Statement } from './driver.ts'
import type { ItemReader } from './items.ts'
import { createQueryViews, type QueryViews } from './query-views.ts'
import { type RenderedQuery, renderQuery } from './render-query.ts'
import { ASTRAY_MS, IS_ASTRAY } from './schema.ts'

/** The event loop waits while SQLite works: a search looks back this long at once, then says how far it came. */
const SEARCH_MS = 35
/** What it may look through without a stop, in pages of the full text: some forty take a millisecond. */
const SEARCHED_PAGES = 1_500
const COUNTED_PAGES = 600
/** A count says that there are more after this long. */
const COUNT_MS = 12
/** What a question gave is looked at for so long at least: on a busy machine the question alone may take all the time. */
const JUDGED_MS = 10
/** So long the words of an address are looked for, before its names are. */
const ADDRESS_MS = 15
/** So many items of one address are listed. */
const MOST_OF_URL = 50
/** The first stretch of `place` that is looked through. */
const FIRST_STRETCH = 600_000 * 1000
/** Longer than all places there can be. */
const EVERYTHING = 2 ** 53
/** What looking through one stretch is to take. */
const STRETCH_MS = 5
const MOST_GROWTH = 8
/** Some questions take as long for a short stretch as for a long one. */
const LEAST_GROWTH = 1.3
/** See `Sizes`. */
const FEW = 500
const SOME = 20_000
const SHAPES = 500
/** What was found so often, among the newest items, is common. */
const COMMON = 3
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
  isEnough: () => boolean
  /** Nothing is done with what is sure but to count it. */
  isCount?: boolean
}

/** How items of one batch are taken: they do match (`isSure`), or somebody has to look, until this moment. */
interface Terms {
  isSure: boolean
  judgeUntil: number
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
  /** So many shapes of conditions have a statement of their own; beyond, only the words are asked for, or every item. */
  shapes: number
}

/** The full text gives candidates, perhaps too many: `evaluate` decides on each, unless they are only counted and sure. */
export function createSearch(db: Database, reader: ItemReader, sizes: Partial<Sizes> = {}): Search {
  const { clock } = db
  const planner = createPlanner(db, { views: createQueryViews(db), few: FEW, some: SOME, shapes: SHAPES, ...sizes })
  const urlOf = db.driver.prepare<string | null>('SELECT url FROM items WHERE place = ?').pluck()
  const storyOf = db.driver.prepare<number>('SELECT story FROM items WHERE place = ?').pluck()
  const namedBy = db.driver
    .prepare<number>(
      'SELECT place FROM sources CROSS JOIN identities ON identities.source_id = sources.id AND identities.key = ?',
    )
    .pluck()

  return { list, count, findByUrl }

  function list({ limit, before, query, now, stories }: SearchOptions): ItemPage {
    const items: Item[] = []
    const stopAt = clock() + SEARCH_MS
    const { isHidden, isTold } = stories ? createStoryTeller({ query, now }) : EVERY_ITEM
    const way = walk({ query, now, before, stopAt, isEnough: () => items.length > limit }, (place, { judgeUntil }) => {
      if (isHidden(place)) return false
      const item = reader.find(place)
      if (!item || !isMatch(query, item, now)) return false
      if (isTold(item, judgeUntil)) items.push(item)
      return true
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
    const way = walk(
      { query, now, before, stopAt: clock() + COUNT_MS, isEnough: () => found > most, isCount: true },
      (place, { isSure }) => {
        if (!isSure && !isMatch(query, reader.find(place), now)) return false
        found += 1
        return true
      },
    )
    return { count: Math.min(found, most), isMore: way.end !== 'all' }
  }

  function findByUrl(url: string): StoredItem[] {
    const wanted = canonicalUrl(url)
    const query = addressQuery(wanted)
    const found = new Set<number>()
    if (!query) return []
    const isOne = (place: number) => canonicalUrl(urlOf.get(place) ?? '') === wanted
    const isEnough = () => found.size >= MOST_OF_URL
    const before = Number.MAX_SAFE_INTEGER
    const way = walk({ query, now: 0, before, stopAt: clock() + ADDRESS_MS, isEnough }, (place) => {
      if (!isOne(place)) return false
      found.add(place)
      return true
    })
    if (way.end === 'time') {
      // Its words are those of thousands (a front page): by name there is one in each source.
      for (const place of namedBy.all(Buffer.from(urlKey(url), 'hex'))) if (isOne(place)) found.add(place)
    }
    return [...found]
      .sort((a, b) => b - a)
      .slice(0, MOST_OF_URL)
      .flatMap((place) => reader.findStored(place) ?? [])
  }

  /**
   * Hands over the places of all items that may match, newest first, until it is enough. `take` says whether one does.
   */
  function walk(wanted: Wanted, take: (place: number, by: Terms) => boolean): Way {
    const { before, stopAt, isEnough, isCount = false } = wanted
    const plan = planner.plan(wanted)
    let found = 0

    return (
      considerAll(plan.listAstray(plan.end, before)) ??
      walkBatches(plan, Math.min(before, plan.end)) ??
      considerAll(plan.listAstray(Number.MIN_SAFE_INTEGER, Math.min(before, plan.start))) ?? { end: 'all' }
    )

    function walkBatches({ isExact, listBatches, listAtOnce }: Batches, from: number): Way | null {
      for (const { places, start } of listBatches(from)) {
        const terms = termsOf(isExact)
        for (const place of places) {
          const way = consider(place, terms)
          if (way) return way
          // What is so common is found at once wherever one looks.
          if (listAtOnce && found >= COMMON && clock() < stopAt) return walkBatches(listAtOnce(), place)
        }
        if (start > plan.start && clock() >= stopAt) return { end: 'time', before: start }
      }
      return null
    }

    function considerAll(places: number[]): Way | null {
      const terms = termsOf(false)
      for (const place of places) {
        const way = consider(place, terms)
        if (way) return way
      }
      return null
    }

    function termsOf(isSure: boolean): Terms {
      return { isSure, judgeUntil: Math.max(stopAt, clock() + JUDGED_MS) }
    }

    function consider(place: number, terms: Terms): Way | null {
      if (take(place, terms)) found += 1
      if (isEnough()) return { end: 'enough', before: place }
      // To count what is sure takes less time than to ask for it.
      return !(terms.isSure && isCount) && clock() >= terms.judgeUntil ? { end: 'time', before: place } : null
    }
  }

  /**
   * Says of a matching item whether it stands for its story: nothing else of it matches, of the one that began it and
   * those that joined before. Each story is looked at once, as long as there is time: after that its newest match stands
   * for it, and the search ends there.
   */
  function createStoryTeller({ query, now }: Pick<Wanted, 'query' | 'now'>): StoryTeller {
    const told = new Map<number, number>()
    let mayMatch: ((place: number) => boolean) | null = null

    return {
      isHidden: (place) => told.size > 0 && (told.get(storyOf.get(place) ?? place) ?? place) !== place,
      isTold({ place, story }, until) {
        const first = told.get(story) ?? (story === place ? place : findFirst(story, place, until))
        told.set(story, first)
        return first === place
      },
    }

    function findFirst(story: number, newest: number, until: number): number {
      if (isFound(story)) return story
      for (let after = Number.MIN_SAFE_INTEGER; ; ) {
        const joined = reader.listJoined(story, after, newest)
        for (const place of joined) {
          if (clock() >= until) return newest
          if (isFound(place)) return place
        }
        const last = joined.at(-1)
        if (last === undefined) return newest
        after = last
      }
    }

    function isFound(place: number): boolean {
      mayMatch ??= planner.screen({ query, now })
      return mayMatch(place) && isMatch(query, reader.find(place), now)
    }
  }
}

/** Which items of a search are listed, each story once. */
interface StoryTeller {
  /** Another one stands for its story, as is known already: nobody has to read this one. */
  isHidden(place: number): boolean
  /** This one, which matches, stands for its story; when the time given has come, nobody looks any further. */
  isTold(item: Item, until: number): boolean
}

const EVERY_ITEM: StoryTeller = { isHidden: () => false, isTold: () => true }

function isMatch(query: Query, item: Item | undefined, now: number): boolean {
  return item !== undefined && evaluate(query, asMatchable(item), now) !== null
}

function urlKey(url: string): string {
  const nothing = {
    id: null,
    title: '',
    content: null,
    summary: null,
    publishedAt: null,
    updatedAt: null,
    language: null,
  }
  return itemKeys({ ...nothing, url, authors: [], categories: [], enclosures: [] }).url ?? ''
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
  /** The same by one question that takes long where there is nothing to be found. */
  listAtOnce?: () => Batches
  /** Between these places, those of the dates that are asked for which stand elsewhere than their date says. */
  listAstray(from: number, before: number): number[]
}

/** All places from `start` on (and before those of the last batch) that may match. */
interface Batch {
  places: number[]
  start: number
}

type Asked = RenderedQuery & { isCount: boolean }

type Batches = Pick<Plan, 'isExact' | 'listBatches' | 'listAtOnce'>

/** Items in SQL: a select, and the values in it. */
interface Selection {
  select: string
  values: Record<string, unknown>
  isExact: boolean
}

/** Some of what the full text finds: those that meet the conditions, how many it looked at, and the last of them. */
type Ask = (bounds: Record<string, unknown>) => { places: number[]; asked: number; last: number | undefined }

function createPlanner({ driver, clock }: Database, { views, few, some, shapes }: Sizes) {
  const newestBefore = driver.prepare<number | null>('SELECT max(place) FROM items WHERE place < ?').pluck()
  const astray = driver
    .prepare<number>(
      `SELECT place FROM items INDEXED BY items_astray WHERE ${IS_ASTRAY}
         AND coalesce(published_at, first_seen_at) >= :from AND coalesce(published_at, first_seen_at) < :to
         AND place >= :start AND place < :end ORDER BY place DESC`,
    )
    .pluck()
  const everything = driver
    .prepare<number>('SELECT place FROM items WHERE place >= ? AND place < ? ORDER BY place DESC LIMIT ?')
    .pluck()
  const chunk = (columns: string) => `${selectText(columns)} ORDER BY rowid DESC LIMIT :count`
  const textOnly = askPlaces(driver.prepare<number>(chunk('rowid')).pluck())
  const numbers = new Map<string, Statement<number>>()
  const rows = new Map<string, Statement<unknown[]>>()

  return { plan, screen }

  function plan({ query, now, isCount = false }: Pick<Wanted, 'query' | 'now' | 'isCount'>): Plan {
    const rendered = renderQuery(views, query, now, { atOncePages: isCount ? COUNTED_PAGES : SEARCHED_PAGES })
    const { fromMs, toMs } = rendered.dated
    const start = fromMs === null ? Number.MIN_SAFE_INTEGER : (Math.floor(fromMs) - ASTRAY_MS) * 1000
    return {
      ...planBatches({ ...rendered, isCount }, start),
      ...(rendered.isInParts && {
        listAtOnce: () =>
          planBatches({ ...renderQuery(views, query, now, { atOncePages: Number.POSITIVE_INFINITY }), isCount }, start),
      }),
      start,
      end: toMs === null ? Number.MAX_SAFE_INTEGER : (Math.ceil(toMs) + ASTRAY_MS) * 1000,
      listAstray(start, end) {
        if (fromMs === null && toMs === null) return []
        return astray.all({ from: fromMs ?? Number.MIN_SAFE_INTEGER, to: toMs ?? Number.MAX_SAFE_INTEGER, start, end })
      },
    }
  }

  /** Says of one item after another whether it may match: the full text is asked, and nothing of the item is read. */
  function screen({ query, now }: Pick<Wanted, 'query' | 'now'>): (place: number) => boolean {
    const rendered = renderQuery(views, query, now, { atOncePages: Number.POSITIVE_INFINITY })
    const { match, conditions, values, isDear } = rendered
    const where = [...conditions.map(inParens), ...(match === null ? [] : [`place IN (${selectText('rowid')})`])]
    // To put together the rows of many words for each item takes longer than to read it.
    if (isDear) return () => true
    const only = (place: number) => ({ ...values, match, start: BigInt(place), end: BigInt(place + 1), count: 1 })
    const statement = numbersOf(selectItems(undefined, where))
    if (statement) return (place) => statement.get(only(place)) !== undefined
    return (place) => match === null || textOnly(only(place)).asked > 0
  }

  function planBatches(rendered: Asked, start: number): Batches {
    const { match } = rendered
    return planShape(rendered, start) ?? (match === null ? anything(start) : planWords({ ...rendered, match }, start))
  }

  /** A way of its own for these conditions; null where no more statements are to be kept. */
  function planShape(rendered: Asked, start: number): Batches | null {
    const { match, conditions, values, isExact } = rendered
    const narrow = narrowest(rendered)
    if (narrow && narrow.size <= few) {
      // So few are looked at one by one sooner than the full text is asked.
      const ofColumns = conditions.filter((condition) => !isRanged(condition))
      const isAll = match === null && ofColumns.length === conditions.length
      const select = selectItems(narrow.index, ofColumns.map(inParens))
      return inStretches({ select, values, isExact: isExact && isAll }, start, EVERYTHING)
    }
    if (match !== null) return planText({ ...rendered, values: { ...values, match } }, start, narrow)

    const select = (narrow ? null : selectBranches(conditions)) ?? selectItems(narrow?.index, conditions.map(inParens))
    return inStretches({ select, values, isExact }, start)
  }

  /** What the full text finds, as far as it meets the conditions. */
  function planText(rendered: Asked, start: number, narrow: ReturnType<typeof narrowest>): Batches | null {
    const { conditions, values, isExact, isDense, isDear } = rendered
    const where = conditions.map(inParens)
    const isOfRange = conditions.some(isRanged)
    if (narrow && narrow.size <= some) {
      const select = selectItems(narrow.index, [...where, `+place IN (${selectText('rowid')})`])
      const firstStretch = isOfRange || (isDense && !isDear) ? FIRST_STRETCH : EVERYTHING
      return inStretches({ select, values, isExact }, start, firstStretch)
    }
    if (isOfRange) {
      const isOfPlaces = conditions.every(({ of }) => of === 'places')
      const items = `SELECT items.place FROM items_text CROSS JOIN items ON items.place = items_text.rowid
        WHERE items_text MATCH :match AND ${inRange('items_text.rowid')}`
      const select = [isOfPlaces ? selectText('rowid AS place') : items, ...where].join(' AND ')
      return inStretches({ select: `${select} ORDER BY items_text.rowid DESC`, values, isExact }, start)
    }
    if (where.length === 0) return inChunks({ ask: textOnly, values, isExact }, start, firstChunk(rendered))

    const ask = askRows(
      `SELECT found, ${where.join(' AND ')} FROM (${chunk('rowid AS found')})
       LEFT JOIN items ON items.place = found ORDER BY found DESC`,
    )
    return ask && inChunks({ ask, values, isExact }, start, firstChunk(rendered))
  }

  /** What the full text finds by the words alone: whoever looks at the items sees to the conditions. */
  function planWords(rendered: Asked & { match: string }, start: number): Batches {
    const values = { ...rendered.values, match: rendered.match }
    return inChunks({ ask: textOnly, values, isExact: false }, start, firstChunk(rendered))
  }

  /** Of the conditions that an index answers, the one that fewest items meet. */
  function narrowest({ conditions, values }: RenderedQuery) {
    const indexed = conditions.flatMap(({ sql, index }) => (index ? { sql, index } : []))
    return indexed.map((each) => ({ ...each, size: countSome(each, values) })).sort((a, b) => a.size - b.size)[0]
  }

  function countSome({ sql, index }: { sql: string; index: string }, values: Record<string, unknown>): number {
    const select = `SELECT count(*) FROM (SELECT 1 FROM items INDEXED BY ${index} WHERE ${sql} LIMIT ${some + 1})`
    return numbersOf(select)?.get(values) ?? some + 1
  }

  /** Rows of which each stretch is taken whole, each stretch longer than the last. */
  function inStretches(
    { select, values, isExact }: Selection,
    from: number,
    firstStretch = FIRST_STRETCH,
  ): Batches | null {
    const statement = numbersOf(select)
    if (!statement) return null

    const listBatches = function* (before: number): Generator<Batch> {
      let end = before
      for (let stretch = firstStretch; ; ) {
        // Stretches without any item are leapt over.
        const newest = newestBefore.get(end) ?? null
        if (newest === null || newest < from) return
        const start = stretch >= EVERYTHING ? from : Math.max(newest + 1 - stretch, from)
        const startedAt = clock()
        const places = statement.all({ ...values, start: BigInt(start), end: BigInt(newest + 1) })
        stretch = Math.ceil(stretch * growthAfter(startedAt))
        yield { places, start }
        end = start
      }
    }
    return { isExact, listBatches }
  }

  /** As the full text finds them: so many at once, the more the longer it takes. */
  function inChunks(
    { ask, values, isExact }: Omit<Selection, 'select'> & { ask: Ask },
    from: number,
    first: number,
  ): Batches {
    const listBatches = function* (before: number): Generator<Batch> {
      let end = before
      for (let count = first; end > from; ) {
        const startedAt = clock()
        const { places, asked, last } = ask({ ...values, start: BigInt(from), end: BigInt(end), count })
        end = asked < count ? from : (last ?? from)
        count = Math.min(LARGEST_CHUNK, Math.ceil(count * growthAfter(startedAt)))
        yield { places, start: end }
      }
    }
    return { isExact, listBatches }
  }

  /** Rows of a place and whether it is one. */
  function askRows(select: string): Ask | null {
    const statement = keep(rows, shapes, select, () => driver.prepare(select).raw())
    if (!statement) return null
    return (bounds) => {
      // Two whole numbers, or NULL for what is not known.
      const found = statement.all(bounds) as [number, 0 | 1 | null][]
      const places = found.flatMap(([place, isOne]) => (isOne ? place : []))
      return { places, asked: found.length, last: found.at(-1)?.[0] }
    }
  }

  /** Nothing stops SQLite on its way, so each question is to take about as long as the others. */
  function growthAfter(startedAt: number): number {
    return Math.min(MOST_GROWTH, Math.max(LEAST_GROWTH, STRETCH_MS / (clock() - startedAt)))
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
    return keep(numbers, shapes, select, () => driver.prepare<number>(select).pluck())
  }
}

function askPlaces(statement: Statement<number>): Ask {
  return (bounds) => {
    const places = statement.all(bounds)
    return { places, asked: places.length, last: places.at(-1) }
  }
}

function keep<T>(kept: Map<string, T>, most: number, select: string, make: () => T): T | undefined {
  const known = kept.get(select)
  if (known || kept.size >= most) return known
  const made = make()
  kept.set(select, made)
  return made
}

/** So many the full text is asked for first: where that costs much before it begins, a count without conditions asks for all. */
function firstChunk({ conditions, isDear, isCount }: Asked): number {
  if (!isDear) return FIRST_CHUNK
  return isCount && conditions.length === 0 ? LARGEST_CHUNK : DEAR_CHUNK
}

/** What the full text gives at once. Most searches end within the first chunk. */
const FIRST_CHUNK = 64
/** Where each chunk costs much before it begins. */
const DEAR_CHUNK = 1_024
const LARGEST_CHUNK = 16_384

type Condition = RenderedQuery['conditions'][number]

/** It is answered anew for each stretch. */
function isRanged({ sql }: Condition): boolean {
  return sql.includes(':start')
}

function selectItems(index: string | undefined, where: string[]): string {
  const by = index ? `INDEXED BY ${index}` : 'NOT INDEXED'
  return `SELECT place FROM items ${by} WHERE ${[inRange('place'), ...where].join(' AND ')} ORDER BY place DESC`
}

function selectText(columns: string): string {
  return `SELECT ${columns} FROM items_text WHERE items_text MATCH :match AND ${inRange('rowid')}`
}

/** One condition that holds where one of some does, each of which is cheap to list. */
function selectBranches([only, ...more]: RenderedQuery['conditions']): string | null {
  if (!only?.branches || more.length > 0) return null
  const selects = only.branches.map((branch) =>
    'match' in branch
      ? `SELECT rowid AS place FROM items_text WHERE items_text MATCH ${branch.match} AND ${inRange('rowid')}`
      : `SELECT place FROM items INDEXED BY ${branch.index} WHERE ${inParens(branch)} AND ${inRange('place')}`,
  )
  return `${selects.join(' UNION ')} ORDER BY place DESC`
}

function inRange(place: string): string {
  return `${place} >= :start AND ${place} < :end`
}

function inParens({ sql }: Pick<Condition, 'sql'>): string {
  return `(${sql})`
}
