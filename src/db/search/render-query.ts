import type { Query, QueryNode, TextField } from '../../model.ts'
import { urlWords } from '../../query/addresses.ts'
import { queryTokens } from '../../text/tokens.ts'
import type { QueryViews } from './query-views.ts'
import { byCost, countPhrases, isBearable, type Match, matchAll, matchAny, matchPhrase } from './text-match.ts'

/** A query in SQLite's dialect: what holds for every item the query matches, and perhaps for more. All of it holds at once. */
export interface RenderedQuery {
  /** The full-text expression, which gives its rows in order of place; null where it would give all of them, or says nothing. */
  match: string | null
  /** Of what `match` asks for: there is much, so that it finds something wherever it looks. Else it may read all of the index at once. */
  isDense: boolean
  conditions: Condition[]
  values: Record<string, unknown>
  /** It says just what the query says: nobody has to look at the items. */
  isExact: boolean
  /** So many pages of words that begin alike are put together, each time the full text is asked, before it gives the first row. */
  prefixPages: number
  /** What the full text is asked takes long where it finds nothing, and so it is asked in parts. */
  isInParts: boolean
  /** The item is dated from the one moment until, not including, the other. */
  dated: { fromMs: number | null; toMs: number | null }
}

export interface Condition {
  sql: string
  /** It asks for columns of `items`, or for places only: those between `:start` and `:end`. */
  of: 'columns' | 'places'
  /** The index that gives just these items, in order of place within each value. */
  index?: 'items_source' | 'items_language' | 'items_enclosed'
  /** It holds where one of these does: each is cheap to list. */
  branches?: Branch[]
}

export type Branch = { match: string } | { sql: string; index: NonNullable<Condition['index']> }

/** What may be done before something is found, or nothing. */
export interface RenderOptions {
  /** Read; some forty pages take a millisecond. */
  atOncePages: number
  /** Leafed through; some 100 to 250 take a millisecond. */
  leaves: number
  /** The same where authors, tags or addresses are asked for as well, and nothing else could be in their stead. */
  leavesAnyhow: number
  unwantedLeaves: number
  /** Words and phrases of which one is to be there, where they are asked in parts: each takes some time to begin with. */
  phrases: number
  /** Put together, of beginnings of words. */
  prefixPages: number
  /** Of beginnings of words that must not be there. */
  unwantedPages: number
}

/** Whatever it takes, but for what some items that are read say sooner. */
export const AT_ANY_COST: RenderOptions = {
  atOncePages: Number.POSITIVE_INFINITY,
  leaves: Number.POSITIVE_INFINITY,
  leavesAnyhow: Number.POSITIVE_INFINITY,
  unwantedLeaves: Number.POSITIVE_INFINITY,
  phrases: Number.POSITIVE_INFINITY,
  prefixPages: 800,
  unwantedPages: 40,
}

/** What was written never becomes syntax: tokens stand in double quotes, values are bound. */
export function renderQuery(views: QueryViews, query: Query, now: number, bounds: RenderOptions): RenderedQuery {
  const renderer = new Renderer(views, now, bounds)
  const parts = listConjuncts(query.root).map((node) => renderer.render(node))
  const known = parts.filter(isKnown)
  const { match, left, isWhole, isInParts } = whatToAsk(known, renderer.prefixPages, bounds)
  const wheres = left.map((part) => renderer.asWhere(part))
  return {
    match: match?.expression ?? null,
    isDense: match?.waste() === 0,
    conditions: wheres.map(({ kind, exact, dated, ...condition }) => condition),
    values: renderer.values,
    isExact: isWhole && known.length === parts.length && [...known, ...wheres].every((part) => part.exact),
    prefixPages: renderer.prefixPages,
    isInParts,
    dated: wheres.reduce<RenderedQuery['dated']>((all, { dated = ALWAYS }) => within(all, dated), ALWAYS),
  }
}

/** All that must hold, however it was bracketed. */
function listConjuncts(node: QueryNode): QueryNode[] {
  return node.kind === 'and' ? node.nodes.flatMap(listConjuncts) : [node]
}

/**
 * Nothing stops an expression that is looking for what is not there: what would take long is asked for in parts, stretch
 * by stretch; what takes long by itself is not asked for, and then it is not the whole.
 */
function whatToAsk(
  known: Known[],
  prefixPages: number,
  bounds: RenderOptions,
): { match: Match | null; left: Known[]; isWhole: boolean; isInParts: boolean } {
  const { match, left } = joinMatches(known)
  const waste = match?.waste() ?? 0
  const matches = known.filter((part) => part.kind === 'match')
  const isLight =
    match === null ||
    waste === 0 ||
    (waste + prefixPages <= bounds.atOncePages &&
      isWithin(match.leaves, matches.every((part) => part.instead) ? bounds.leaves : bounds.leavesAnyhow) &&
      isWithin(match.unwantedLeaves, bounds.unwantedLeaves))
  if (isLight) return { match, left, isWhole: true, isInParts: false }

  const bearing = matches
    .flatMap((part) => (part.waste() === 0 ? part : (part.instead?.() ?? (isBearable(part) ? part : []))))
    .filter((part) => countPhrases(part.expression) <= bounds.phrases)
  const [rarest, ...others] = byCost(bearing)
  const without = known.filter((part) => part.kind === 'without')
  return {
    match: rarest ?? null,
    left: [...others, ...without, ...left],
    isWhole: matches.every((part) => bearing.includes(part)),
    isInParts: true,
  }
}

/** Not looked at where there is no bound. */
function isWithin(leaves: () => number, most: number): boolean {
  return most === Number.POSITIVE_INFINITY || leaves() <= most
}

/** One expression for all that the full text is asked. Alone, what is left out is no expression of its. */
function joinMatches(parts: Known[]): { match: Match | null; left: Known[] } {
  const matches = parts.filter((part) => part.kind === 'match')
  const unwanted = parts.flatMap((part) => (part.kind === 'without' ? part.left : []))
  const wheres = parts.filter((part) => part.kind === 'where')
  const match = matchAll(matches, unwanted, parts.length)
  const without = match ? null : matchAny(unwanted)
  return { match, left: without ? [{ kind: 'without', left: without, exact: true }, ...wheres] : wheres }
}

/** One part of a query. Exact parts may be negated; of the others the contrary is not known. */
type Part = Known | Anything

type Known =
  | Match
  /** Everything but what this finds. */
  | { kind: 'without'; left: Match; exact: true }
  | Where

type Where = { kind: 'where'; exact: boolean; dated?: RenderedQuery['dated'] } & Condition

type Anything = { kind: 'anything' }

const ANYTHING: Anything = { kind: 'anything' }
const ALWAYS = { fromMs: null, toMs: null }

function isKnown(part: Part): part is Known {
  return part.kind !== 'anything'
}

/** To put together what stands in titles, or among names, takes so much of what it takes for whole texts. */
const SHORT = 0.4
const DATE = 'coalesce(published_at, first_seen_at)'

type Words = Pick<Extract<QueryNode, { kind: 'words' }>, 'field' | 'tokens' | 'prefix'>

/** Renders one query part by part; has the values that are bound in it, and the pages that it puts together. */
class Renderer {
  readonly values: Record<string, unknown> = {}
  prefixPages = 0
  private rows = 0
  private readonly views: QueryViews
  private readonly now: number
  private readonly bounds: RenderOptions

  constructor(views: QueryViews, now: number, bounds: RenderOptions) {
    this.views = views
    this.now = now
    this.bounds = bounds
  }

  render(node: QueryNode): Part {
    switch (node.kind) {
      case 'and':
        return this.joinAll(node.nodes.map((each) => this.render(each)))
      case 'or':
        return this.joinAny(node.nodes.map((each) => this.render(each)))
      case 'not':
        return this.negate(this.render(node.node))
      case 'words':
        return this.renderWords(node)
      case 'source':
        return this.inSources(this.views.listSources(node))
      case 'site':
        return this.renderSite(node)
      case 'lang':
        return where(`language IN ${this.list(this.views.listLanguages(node.language))}`, { index: 'items_language' })
      case 'published':
        return this.between(node)
      case 'within':
        return this.between({ fromMs: this.now - node.ms, toMs: null })
      case 'enclosure':
        return where(`enclosures <> '[]'`, { index: 'items_enclosed' })
    }
  }

  asWhere(part: Known): Where {
    if (part.kind === 'where') return part
    const asked = part.kind === 'without' ? part.left : part
    // It is asked in each stretch anew.
    if (!isBearable(asked)) return { ...where('1'), exact: false, of: 'places' }
    // With the sign before it, it is a question to each row and nothing to begin with.
    const sql = `+place ${part.kind === 'without' ? 'NOT ' : ''}IN (SELECT rowid FROM items_text
      WHERE items_text MATCH ${this.bind(asked.expression)} AND rowid >= :start AND rowid < :end)`
    return { kind: 'where', sql, exact: part.exact, of: 'places' }
  }

  private renderWords(node: Extract<QueryNode, { kind: 'words' }>): Part {
    const match = this.matchWords(node)
    if (node.field !== 'tag' || match.kind === 'anything') return match
    return this.orOfSources(match, node)
  }

  private matchWords({ field, tokens, prefix }: Words): Match | Anything {
    const rows = listRows(tokens.map((token) => token.replace(UNSAFE, '')))
    this.rows += rows?.length ?? 0
    if (!rows || this.rows > MOST_ROWS_IN_ALL) return ANYTHING
    const matches = rows.map((row) => this.matchRow(field, row, prefix))
    const known = matches.filter((match) => match !== null)
    return (known.length === matches.length && matchAny(known)) || ANYTHING
  }

  /** Null where it says nothing that helps: the beginning of so many words stands nearly everywhere, and to put them together costs dearly. */
  private matchRow(field: TextField, row: string[], prefix: boolean): Match | null {
    const { pagesOf } = this.views
    const share = field === 'any' || field === 'body' ? 1 : SHORT
    const pages = prefix ? share * pagesOf(row.at(-1) ?? '', true) : 0
    if (this.prefixPages + pages <= this.bounds.prefixPages) {
      this.prefixPages += pages
      return { ...matchPhrase(field, row, prefix, pagesOf), prefixPages: pages }
    }
    return row.length === 1 ? null : { ...matchPhrase(field, row.slice(0, -1), false, pagesOf), exact: false }
  }

  /** The host's words stand in a row in the address of an item, among other places. */
  private renderSite(node: Extract<QueryNode, { kind: 'site' }>): Part {
    const words = [queryTokens(urlWords(node.host))]
    // Items stored by earlier versions have "xn--80a" in the words of their addresses, later ones what it stands for.
    if (node.host.includes('xn--')) words.push({ tokens: node.host.split(/[.-]+/), prefix: false })
    const match = this.joinAny(words.map((each) => this.matchWords({ ...each, field: 'url' })))
    return match.kind === 'match' ? this.orOfSources({ ...match, exact: false }, node) : ANYTHING
  }

  /** What holds for all items of a source is looked up by row: a new tag acts at once. */
  private orOfSources(match: Part, node: QueryNode): Part {
    const ids = this.views.listSources(node)
    return ids.length === 0 ? match : this.joinAny([match, this.inSources(ids)])
  }

  private inSources(ids: number[]): Part {
    return where(`source_id IN ${this.list(ids)}`, { index: 'items_source' })
  }

  private between({ fromMs, toMs }: RenderedQuery['dated']): Part {
    const bounds = [
      ...(fromMs === null ? [] : [`${DATE} >= ${this.bind(fromMs)}`]),
      ...(toMs === null ? [] : [`${DATE} < ${this.bind(toMs)}`]),
    ]
    return { ...where(bounds.join(' AND ')), dated: { fromMs, toMs } }
  }

  private negate(part: Part): Part {
    if (part.kind === 'anything' || !part.exact) return ANYTHING
    // Most items are without it: to read some of them takes less than to put it together.
    if (part.kind === 'match' && part.prefixPages > this.bounds.unwantedPages) {
      this.prefixPages -= part.prefixPages
      return ANYTHING
    }
    if (part.kind === 'match') return { kind: 'without', left: part, exact: true }
    if (part.kind === 'without') return part.left
    // Of what is not known to hold (NULL) SQLite does not know the contrary.
    return where(`(${part.sql}) IS NOT TRUE`)
  }

  private joinAll(parts: Part[]): Part {
    const known = parts.filter(isKnown)
    const { match, left } = joinMatches(known)
    const [only, ...more] = match ? [match, ...left] : left
    if (!only) return ANYTHING
    const isWhole = known.length === parts.length
    if (more.length === 0 && isWhole) return only
    if (only.kind === 'match' && more.length === 0) return { ...only, exact: false }
    const wheres = [only, ...more].map((part) => this.asWhere(part))
    const exact = isWhole && wheres.every((part) => part.exact)
    return { ...where(wheres.map(({ sql }) => `(${sql})`).join(' AND ')), exact }
  }

  private joinAny(parts: Part[]): Part {
    const known = parts.filter(isKnown)
    if (known.length < parts.length) return ANYTHING
    const match = matchAny(known.filter((part) => part.kind === 'match'))
    const all: Known[] = [...(match ? [match] : []), ...known.filter((part) => part.kind !== 'match')]
    const [only, ...more] = all
    if (only && more.length === 0) return only
    const wheres = all.map((part) => this.asWhere(part))
    const branches = all.map((part) => this.toBranch(part))
    return {
      ...where(wheres.map(({ sql }) => `(${sql})`).join(' OR ')),
      exact: wheres.every((part) => part.exact),
      ...(branches.every((branch) => branch !== null) && { branches }),
    }
  }

  private toBranch(part: Known): Branch | null {
    if (part.kind === 'match') return isBearable(part) ? { match: this.bind(part.expression) } : null
    return part.kind === 'where' && part.index ? { sql: part.sql, index: part.index } : null
  }

  private list(them: (number | string)[]): string {
    return `(SELECT value FROM json_each(${this.bind(JSON.stringify(them))}))`
  }

  private bind(value: unknown): string {
    const name = `v${Object.keys(this.values).length}`
    this.values[name] = value
    return `:${name}`
  }
}

/** What no text has, or what ends a quoted string of the full text's language. */
const UNSAFE = /[\p{Cc}"]/gu
/** Each open place doubles them. */
const MOST_ROWS = 8
/** To look into the full text for so many takes some 30 ms before it finds the first. */
const MOST_ROWS_IN_ALL = 250

/**
 * All rows of whole tokens that these tokens mean, of which one before the last may go on: the lone last character of a
 * run stands alone, or the run goes on with what is asked for next (大* 数据 is 大 数据 or 大数 数据). Null for too many.
 */
function listRows(tokens: string[]): string[][] | null {
  let rows: string[][] = tokens.length === 0 ? [] : [[]]
  for (const [at, token] of tokens.entries()) {
    const lone = token.replaceAll('*', '')
    const next = [...(tokens[at + 1] ?? '')][0] ?? ''
    const ways = token.endsWith('*') && next !== '' ? [lone, lone + next] : [lone]
    if (lone === '') return null
    rows = rows.flatMap((row) => ways.map((way) => [...row, way]))
    if (rows.length > MOST_ROWS) return null
  }
  return rows
}

function within(one: RenderedQuery['dated'], other: RenderedQuery['dated']): RenderedQuery['dated'] {
  return {
    fromMs: one.fromMs === null ? other.fromMs : Math.max(one.fromMs, other.fromMs ?? one.fromMs),
    toMs: one.toMs === null ? other.toMs : Math.min(one.toMs, other.toMs ?? one.toMs),
  }
}

function where(sql: string, by: Pick<Condition, 'index'> = {}): Where {
  return { kind: 'where', sql, exact: true, of: 'columns', ...by }
}
