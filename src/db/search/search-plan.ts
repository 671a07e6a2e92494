import type { Query, QueryNode } from '../../model.ts'
import type { Database } from '../sqlite/driver.ts'
import { ASTRAY_MS, IS_ASTRAY } from '../sqlite/schema.ts'
import { askPlaces, type Batches, createBatches } from './batches.ts'
import { createQueryViews, type QueryViews } from './query-views.ts'
import { AT_ANY_COST, type Condition, type RenderedQuery, type RenderOptions, renderQuery } from './render-query.ts'
import { countPhrases, ROWS_OF_PAGE } from './text-match.ts'

/** Decides on the way a search takes, from the newest item back: which index is asked, and how much at once. */
export interface Planner {
  plan(wanted: Wanted): Plan
  /** How many there are, up to so many, where the full text says it by one question that takes no longer than it may; else null. */
  count(wanted: Wanted, most: number): number | null
  /** Says of one item after another whether it may match: the full text is asked, and nothing of the item is read. */
  screen(wanted: Wanted): (place: number) => boolean
}

/** Something to look for. */
export interface Wanted {
  query: Query
  now: number
  /** Nothing is done with what is sure but to count it. */
  isCount?: boolean
  /** So many are enough. */
  most?: number
}

/** How the items are looked for that a query may match. */
interface Plan extends Batches {
  /** The places looked through, as far as the dates asked for say so. */
  start: number
  end: number
  /** Between these places, those of the dates that are asked for which stand elsewhere than their date says. */
  listAstray(from: number, before: number): number[]
}

/** What decides on the way a search takes, never on what it finds. */
export interface Sizes {
  views: QueryViews
  /** So many items of a source, a language, with files: they are looked at before the full text is asked. */
  few: number
  /** Up to so many are met with what the full text finds; of more, each that it finds is looked up. */
  some: number
  /** So many shapes of conditions have a statement of their own; beyond, only the words are asked for, or every item. */
  shapes: number
}

/** See `Sizes`. */
const FEW = 500
const SOME = 20_000
const SHAPES = 500
/** What may be looked through without a stop. */
export const SEARCHED: RenderOptions = {
  ...AT_ANY_COST,
  atOncePages: 1_500,
  leaves: 10_000,
  unwantedLeaves: 6_500,
}
export const COUNTED: RenderOptions = {
  atOncePages: 600,
  leaves: 3_200,
  leavesAnyhow: 3_200,
  unwantedLeaves: 3_200,
  phrases: 20,
  prefixPages: 550,
  unwantedPages: 400,
}
/** Where so many pages are put together each time, it is asked seldom, for much. */
const DEAR_PAGES = 40
/** And where so many are, items of an index are read sooner than met with what is found. */
const SLOW_PAGES = 400
/** And where so many words and phrases are looked for: each takes some time to begin with. */
const MANY_PHRASES = 8

/** Plans searches of this store; `sizes` decide on the way alone. */
export function createPlanner(db: Database, sizes: Partial<Sizes> = {}): Planner {
  const { driver } = db
  const { views = createQueryViews(db), few = FEW, some = SOME, shapes = SHAPES } = sizes
  const { inStretches, inChunks, allItems, askRows, placesOf } = createBatches(db, shapes)
  const astray = driver
    .prepare<number>(
      `SELECT place FROM items INDEXED BY items_astray WHERE ${IS_ASTRAY}
         AND coalesce(published_at, first_seen_at) >= :from AND coalesce(published_at, first_seen_at) < :to
         AND place >= :start AND place < :end ORDER BY place DESC`,
    )
    .pluck()
  const textOnly = askPlaces(driver.prepare<number>(selectChunk('rowid')).pluck())
  // In the order in which they are stored: newest first takes up to half as long again.
  const countOfText = driver
    .prepare<number>('SELECT count(*) FROM (SELECT 1 FROM items_text WHERE items_text MATCH :match LIMIT :most)')
    .pluck()

  return { plan, count, screen }

  function plan({ query, now, isCount = false, most }: Wanted): Plan {
    const bounds = isCount ? COUNTED : SEARCHED
    const rendered = renderQuery(views, query, now, bounds)
    const whole = rendered.isInParts ? renderQuery(views, query, now, AT_ANY_COST) : null
    const { fromMs, toMs } = rendered.dated
    const start = fromMs === null ? Number.MIN_SAFE_INTEGER : (Math.floor(fromMs) - ASTRAY_MS) * 1000
    return {
      ...planBatches(rendered, { start, most }),
      ...(whole &&
        countPhrases(whole.match ?? '') <= bounds.phrases && {
          listAtOnce: () => planBatches(whole, { start, most, isCommon: true }),
        }),
      start,
      end: toMs === null ? Number.MAX_SAFE_INTEGER : (Math.ceil(toMs) + ASTRAY_MS) * 1000,
      listAstray(start, end) {
        if (fromMs === null && toMs === null) return []
        return astray.all({ from: fromMs ?? Number.MIN_SAFE_INTEGER, to: toMs ?? Number.MAX_SAFE_INTEGER, start, end })
      },
    }
  }

  function count({ query, now }: Wanted, most: number): number | null {
    const commonest = query.root.kind === 'or' ? commonestOf(query.root.nodes, most) : undefined
    const least = commonest ? count({ query: { ...query, root: commonest }, now }, most) : null
    if (least !== null && least >= most) return least

    const { match, conditions, isExact } = renderQuery(views, query, now, COUNTED)
    if (match === null || conditions.length > 0 || !isExact) return null
    return countOfText.get({ match, most }) ?? 0
  }

  /** Of alternatives, the word that may say by itself that there are so many: all of them take long to begin with. */
  function commonestOf(nodes: QueryNode[], most: number): QueryNode | undefined {
    const sized = nodes.slice(0, MANY_PHRASES).map((node) => {
      const [token = '', ...more] = node.kind === 'words' && !node.prefix ? node.tokens : []
      return { node, pages: token === '' || more.length > 0 ? 0 : views.pagesOf(token, false) }
    })
    const [commonest] = sized.sort((a, b) => b.pages - a.pages)
    return commonest && commonest.pages * ROWS_OF_PAGE >= most ? commonest.node : undefined
  }

  function screen({ query, now }: Wanted): (place: number) => boolean {
    const rendered = renderQuery(views, query, now, AT_ANY_COST)
    const { match, conditions, values, prefixPages, isDense } = rendered
    const where = [...conditions.map(inParens), ...(match === null ? [] : [`place IN (${selectText('rowid')})`])]
    // The full text finds the first that matches of all before it looks for this one: of words that seldom meet, of many
    // alternatives, and of the rows of many words that it puts together, this takes longer than to read the item.
    if (prefixPages > DEAR_PAGES || (match !== null && (!isDense || countPhrases(match) > MANY_PHRASES)))
      return () => true
    const only = (place: number) => ({ ...values, match, start: BigInt(place), end: BigInt(place + 1), count: 1 })
    const statement = placesOf(selectItems(undefined, where))
    if (statement) return (place) => statement.get(only(place)) !== undefined
    return (place) => match === null || textOnly(only(place)).asked > 0
  }

  function planBatches(rendered: RenderedQuery, options: PlanOptions): Batches {
    const { match } = rendered
    const shaped = planShape(rendered, options)
    return shaped ?? (match === null ? allItems(options.start) : planWords({ ...rendered, match }, options.start))
  }

  /** A way of its own for these conditions; null where no more statements are to be kept. */
  function planShape(rendered: RenderedQuery, options: PlanOptions): Batches | null {
    const { match, conditions, values, isExact, prefixPages } = rendered
    const { start } = options
    const narrow = narrowest(rendered)
    const isSlow = prefixPages > SLOW_PAGES || (match !== null && countPhrases(match) > MANY_PHRASES)
    if (narrow && narrow.size <= (isSlow ? some : few)) {
      // So few are looked at one by one sooner than the full text is asked.
      const ofColumns = conditions.filter((condition) => !isRanged(condition))
      const isAll = match === null && ofColumns.length === conditions.length
      const select = selectItems(narrow.index, ofColumns.map(inParens))
      return inStretches({ select, values, isExact: isExact && isAll }, start, 'everything')
    }
    if (match !== null) return planText({ ...rendered, values: { ...values, match } }, { ...options, narrow })

    const select = (narrow ? null : selectBranches(conditions)) ?? selectItems(narrow?.index, conditions.map(inParens))
    return inStretches({ select, values, isExact }, start)
  }

  /** What the full text finds, as far as it meets the conditions. */
  function planText(rendered: RenderedQuery, { start, narrow, most, isCommon = false }: TextOptions): Batches | null {
    const { conditions, values, isExact, isDense, prefixPages } = rendered
    const where = conditions.map(inParens)
    const isOfRange = conditions.some(isRanged)
    if (narrow && narrow.size <= some) {
      const select = selectItems(narrow.index, [...where, `+place IN (${selectText('rowid')})`])
      const isMuch = isOfRange || isCommon || (isDense && prefixPages <= DEAR_PAGES)
      return inStretches({ select, values, isExact }, start, isMuch ? 'minutes' : 'everything')
    }
    if (isOfRange) {
      const isOfPlaces = conditions.every(({ of }) => of === 'places')
      const items = `SELECT items.place FROM items_text CROSS JOIN items ON items.place = items_text.rowid
        WHERE items_text MATCH :match AND ${inRange('items_text.rowid')}`
      const select = [isOfPlaces ? selectText('rowid AS place') : items, ...where].join(' AND ')
      return inStretches({ select: `${select} ORDER BY items_text.rowid DESC`, values, isExact }, start, 'items')
    }
    if (where.length === 0) return inChunks({ ask: textOnly, values, isExact }, start, firstChunk(rendered, most))

    const ask = askRows(
      `SELECT found, ${where.join(' AND ')} FROM (${selectChunk('rowid AS found')})
       LEFT JOIN items ON items.place = found ORDER BY found DESC`,
    )
    return ask && inChunks({ ask, values, isExact }, start, firstChunk(rendered))
  }

  /** What the full text finds by the words alone: whoever looks at the items sees to the conditions. */
  function planWords(rendered: RenderedQuery & { match: string }, start: number): Batches {
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
    return placesOf(select)?.get(values) ?? some + 1
  }
}

/** From where on, how many are enough, and whether it is known that there is much to be found. */
interface PlanOptions {
  start: number
  most?: number | undefined
  isCommon?: boolean
}

/** The same, with the index that few items meet. */
interface TextOptions extends PlanOptions {
  narrow: { sql: string; index: NonNullable<Condition['index']>; size: number } | undefined
}

/** So many the full text is asked for first: where `most` are enough and all that it finds match, hardly more. */
function firstChunk({ prefixPages, isExact }: RenderedQuery, most?: number): number {
  if (prefixPages > DEAR_PAGES) return DEAR_CHUNK
  return isExact && most !== undefined ? Math.ceil(most * FOLDED) : FIRST_CHUNK
}

/** Most searches end within the first chunk. */
const FIRST_CHUNK = 64
/** Where each story is told once, some of what is found stands for no story of its own. */
const FOLDED = 1.2
/** Where each chunk costs much before it begins. */
const DEAR_CHUNK = 1_024

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

function selectChunk(columns: string): string {
  return `${selectText(columns)} ORDER BY rowid DESC LIMIT :count`
}

/** One condition that holds where one of some does, each of which is cheap to list. */
function selectBranches([only, ...more]: Condition[]): string | null {
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
