import type { Query, QueryNode, TextField } from '../../model.ts'
import { urlWords } from '../../query/addresses.ts'
import { isNodeMatch } from '../../query/evaluate.ts'
import { queryTokens } from '../../text/tokens.ts'
import type { QueryViews } from './query-views.ts'

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

/** One part of a query. Exact parts may be negated; of the others the contrary is not known. */
type Part =
  | Match
  /** Everything but what this finds. */
  | Without
  | Where
  | { kind: 'anything' }

interface Match {
  kind: 'match'
  expression: string
  exact: boolean
  /** How many pages there are to leaf through to see where its words meet: of each word all, or as many as the rarest has rows. */
  leaves: () => number
  /** How many of these for words that must not be there. */
  unwantedLeaves: () => number
  /** How many pages there are to read in all. */
  cost: () => number
  /** How many of them, at worst, before it finds something: of a word none, it stands wherever it is read. */
  waste: () => number
  /** What holds as well and is dense, to be asked in its stead. */
  instead?: () => Match[]
  /** Of beginnings: so many pages are put together each time it is asked. */
  prefixPages: number
}

interface Without {
  kind: 'without'
  left: Match
  exact: true
}

type Where = { kind: 'where'; exact: boolean; dated?: RenderedQuery['dated'] } & Condition

type Known = Exclude<Part, { kind: 'anything' }>

const ANYTHING: Part = { kind: 'anything' }
const ALWAYS = { fromMs: null, toMs: null }

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

/** What is asked in each stretch may cost so much. */
const HEAVY_PART_PAGES = 700
/** What costs so little needs no closer look. */
const RARE_PAGES = 200
/** A word by itself is read so much faster than several that must meet. */
const ALONE = 0.35
/** To put together what stands in titles, or among names, takes so much of what it takes for whole texts. */
const SHORT = 0.4
/** Of words that must stand in a row; those that meet are found so much faster. */
const IN_A_ROW = 2.4
/** So many alternatives are not looked at one by one. */
const MANY = 12
/** Too much where they must not be there, and for a count. */
const LEAVES_OF_MANY = 7_000
/** So many items stand on a page of a common word. */
export const ROWS_OF_PAGE = 170
/** So many alternatives take long to begin with, and are not asked for in each stretch. */
const MOST_PHRASES = 50

/** What was written never becomes syntax: tokens stand in double quotes, values are bound. */
export function renderQuery(views: QueryViews, query: Query, now: number, bounds: RenderOptions): RenderedQuery {
  const values: Record<string, unknown> = {}
  const bind = (value: unknown): string => {
    const name = `v${Object.keys(values).length}`
    values[name] = value
    return `:${name}`
  }
  const { pagesOf } = views
  let prefixPages = 0
  const parts = listConjuncts(query.root).map(render)
  const known = parts.filter((part) => part.kind !== 'anything')
  const { match, left, isWhole, isInParts } = bearable(known)
  const wheres = left.map(asWhere)
  return {
    match: match?.expression ?? null,
    isDense: match?.waste() === 0,
    conditions: wheres.map(({ kind, exact, dated, ...condition }) => condition),
    values,
    isExact: isWhole && known.length === parts.length && [...known, ...wheres].every((part) => part.exact),
    prefixPages,
    isInParts,
    dated: wheres.reduce<RenderedQuery['dated']>((all, { dated = ALWAYS }) => within(all, dated), ALWAYS),
  }

  /**
   * Nothing stops an expression that is looking for what is not there: what would take long is asked for in parts, stretch
   * by stretch; what takes long by itself is not asked for, and then it is not the whole.
   */
  function bearable(known: Known[]): { match: Match | null; left: Known[]; isWhole: boolean; isInParts: boolean } {
    const { match, left } = joinMatches(known)
    const waste = match?.waste() ?? 0
    const matches = known.filter((part) => part.kind === 'match')
    const isLight =
      waste === 0 ||
      (waste + prefixPages <= bounds.atOncePages &&
        isWithin(match?.leaves, matches.every((part) => part.instead) ? bounds.leaves : bounds.leavesAnyhow) &&
        isWithin(match?.unwantedLeaves, bounds.unwantedLeaves))
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

  function render(node: QueryNode): Part {
    switch (node.kind) {
      case 'and':
        return joinAll(node.nodes.map(render))
      case 'or':
        return joinAny(node.nodes.map(render))
      case 'not':
        return negate(render(node.node))
      case 'words':
        return renderWords(node)
      case 'source':
        return inSources(listSources(node))
      case 'site':
        return renderSite(node)
      case 'lang':
        return where(`language IN ${list(views.listLanguages(node.language))}`, { index: 'items_language' })
      case 'published':
        return between(node)
      case 'within':
        return between({ fromMs: now - node.ms, toMs: null })
      case 'enclosure':
        return where(`enclosures <> '[]'`, { index: 'items_enclosed' })
    }
  }

  function renderWords(node: Extract<QueryNode, { kind: 'words' }>): Part {
    const match = matchWords(node)
    if (node.field !== 'tag' || match.kind === 'anything') return match
    return orOfSources(match, node)
  }

  function matchWords({ field, tokens, prefix }: Words): Part {
    const rows = listRows(tokens.map((token) => token.replace(UNSAFE, '')))
    const matches = rows?.map((row) => matchRow(field, row, prefix)) ?? []
    const known = matches.filter((match) => match !== null)
    const any = known.length < matches.length ? null : anyMatch(known)
    return any ? withInstead(any, known) : ANYTHING
  }

  /** Null where it says nothing that helps: the beginning of so many words stands nearly everywhere, and to put them together costs dearly. */
  function matchRow(field: TextField, row: string[], prefix: boolean): Match | null {
    const share = field === 'any' || field === 'body' ? 1 : SHORT
    const pages = prefix ? share * pagesOf(row.at(-1) ?? '', true) : 0
    if (prefixPages + pages <= bounds.prefixPages) {
      prefixPages += pages
      return { ...phrase(field, row, prefix), prefixPages: pages }
    }
    return row.length === 1 ? null : { ...phrase(field, row.slice(0, -1), false), exact: false }
  }

  function phrase(field: TextField, tokens: string[], isPrefix: boolean): Match {
    const expression = `${COLUMNS[field]} : "${tokens.join(' ')}"${isPrefix ? ' *' : ''}`
    const lastAt = isPrefix ? tokens.length - 1 : -1
    const share = tokens.length === 1 ? ALONE : tokens.length
    const cost = () => share * cheapest(tokens.map((token, at) => () => pagesOf(token, at === lastAt)))
    const leaves = () => {
      const pages = tokens.map((token, at) => pagesOf(token, at === lastAt))
      return leavesOf(pages, Math.min(...pages))
    }
    const costs = { leaves, unwantedLeaves: () => 0, cost, waste: cost, prefixPages: 0 }
    const match: Match = { kind: 'match', expression, exact: true, ...costs }
    if (!DENSE.has(field)) return match
    if (tokens.length === 1) {
      const word: Match = { ...match, waste: () => 0, instead: () => [word] }
      return word
    }
    const instead = () =>
      [...new Set(lastAt < 0 ? tokens : tokens.slice(0, -1))].map((token) => phrase(field, [token], false))
    return { ...match, leaves: () => IN_A_ROW * leaves(), instead }
  }

  /** The host's words stand in a row in the address of an item, among other places. */
  function renderSite(node: Extract<QueryNode, { kind: 'site' }>): Part {
    const { tokens, prefix } = queryTokens(urlWords(node.host))
    const match = matchWords({ field: 'url', tokens, prefix })
    if (match.kind !== 'match') return ANYTHING
    // Items stored by earlier versions have "xn--80a" in the words of their addresses, later ones what it stands for.
    const coded = node.host.includes('xn--') ? phrase('url', node.host.split(/[.-]+/), false) : null
    return orOfSources({ ...(anyMatch(coded ? [match, coded] : [match]) ?? match), exact: false }, node)
  }

  /** What holds for all items of a source is looked up by row: a new tag acts at once. */
  function orOfSources(match: Part, node: QueryNode): Part {
    const ids = listSources(node)
    return ids.length === 0 ? match : joinAny([match, inSources(ids)])
  }

  function inSources(ids: number[]): Part {
    return where(`source_id IN ${list(ids)}`, { index: 'items_source' })
  }

  function list(them: (number | string)[]): string {
    return `(SELECT value FROM json_each(${bind(JSON.stringify(them))}))`
  }

  /** The sources whose every item matches, whatever it says. */
  function listSources(node: QueryNode): number[] {
    return views.listSources().flatMap(({ id, view }) => (isNodeMatch(node, view, now) ? id : []))
  }

  function between({ fromMs, toMs }: RenderedQuery['dated']): Part {
    const bounds = [
      ...(fromMs === null ? [] : [`${DATE} >= ${bind(fromMs)}`]),
      ...(toMs === null ? [] : [`${DATE} < ${bind(toMs)}`]),
    ]
    if (bounds.length === 0) return ANYTHING
    return { ...where(bounds.join(' AND ')), dated: { fromMs, toMs } }
  }

  function asWhere(part: Known): Where {
    if (part.kind === 'where') return part
    const asked = part.kind === 'without' ? part.left : part
    // It is asked in each stretch anew.
    if (!isBearable(asked)) return { ...where('1'), exact: false, of: 'places' }
    // With the sign before it, it is a question to each row and nothing to begin with.
    const sql = `+place ${part.kind === 'without' ? 'NOT ' : ''}IN (SELECT rowid FROM items_text
      WHERE items_text MATCH ${bind(asked.expression)} AND rowid >= :start AND rowid < :end)`
    return { kind: 'where', sql, exact: part.exact, of: 'places' }
  }

  function negate(part: Part): Part {
    if (part.kind === 'anything' || !part.exact) return ANYTHING
    // Most items are without it: to read some of them takes less than to put it together.
    if (part.kind === 'match' && part.prefixPages > bounds.unwantedPages) {
      prefixPages -= part.prefixPages
      return ANYTHING
    }
    if (part.kind === 'match') return { kind: 'without', left: part, exact: true }
    if (part.kind === 'without') return part.left
    // Of what is not known to hold (NULL) SQLite does not know the contrary.
    return where(`(${part.sql}) IS NOT TRUE`)
  }

  function joinAll(parts: Part[]): Part {
    const known = parts.filter((part) => part.kind !== 'anything')
    const { match, left } = joinMatches(known)
    const [only, ...more] = match ? [match, ...left] : left
    if (!only) return ANYTHING
    const isWhole = known.length === parts.length
    if (more.length === 0 && isWhole) return only
    if (only.kind === 'match' && more.length === 0) return { ...only, exact: false }
    const wheres = [only, ...more].map(asWhere)
    const exact = isWhole && wheres.every((part) => part.exact)
    return { ...where(wheres.map(({ sql }) => inParens(sql)).join(' AND ')), exact }
  }

  function joinAny(parts: Part[]): Part {
    const known = parts.filter((part) => part.kind !== 'anything')
    if (known.length < parts.length) return ANYTHING
    const matches = known.filter((part) => part.kind === 'match')
    const match = anyMatch(matches)
    const all: Known[] = [
      ...(match ? [withInstead(match, matches)] : []),
      ...known.filter((part) => part.kind !== 'match'),
    ]
    const [only, ...more] = all
    if (only && more.length === 0) return only
    const wheres = all.map(asWhere)
    const branches = all.map(toBranch)
    return {
      ...where(wheres.map(({ sql }) => inParens(sql)).join(' OR ')),
      exact: wheres.every((part) => part.exact),
      ...(branches.every((branch) => branch !== null) && { branches }),
    }
  }

  function toBranch(part: Known): Branch | null {
    if (part.kind === 'match') return isBearable(part) ? { match: bind(part.expression) } : null
    return part.kind === 'where' && part.index ? { sql: part.sql, index: part.index } : null
  }
}

const DATE = 'coalesce(published_at, first_seen_at)'

type Words = Pick<Extract<QueryNode, { kind: 'words' }>, 'field' | 'tokens' | 'prefix'>

/** What no text has, or what ends a quoted string of the full text's language. */
const UNSAFE = /[\p{Cc}"]/gu
/** Each open place doubles them. */
const MOST_ROWS = 8

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

const COLUMNS = {
  any: '{title body}',
  title: 'title',
  body: 'body',
  author: 'author',
  tag: 'tag',
  url: 'url',
} satisfies Record<TextField, string>

/** Most of what stands under a word stands in these. */
const DENSE = new Set<TextField>(['any', 'body', 'title'])

/** All that must hold, however it was bracketed. */
function listConjuncts(node: QueryNode): QueryNode[] {
  return node.kind === 'and' ? node.nodes.flatMap(listConjuncts) : [node]
}

/** One expression for all that the full text is asked. Alone, what is left out is no expression of its. */
function joinMatches(parts: Known[]): { match: Match | null; left: Known[] } {
  const matches = parts.filter((part) => part.kind === 'match')
  const without = parts.filter((part) => part.kind === 'without')
  const wheres: Known[] = parts.filter((part) => part.kind === 'where')
  const unwanted = anyMatch(without.map((part) => part.left))
  const [only] = matches
  if (!only)
    return { match: null, left: unwanted ? [{ kind: 'without', left: unwanted, exact: true }, ...wheres] : wheres }
  if (matches.length === 1 && without.length === 0) return { match: only, left: wheres }

  const exact = matches.every((part) => part.exact)
  const wanted = matches.map(({ expression }) => inParens(expression)).join(' AND ')
  const expression = unwanted ? `${inParens(wanted)} NOT ${inParens(unwanted.expression)}` : wanted
  // Each part is asked once: what is nested is asked by what it is nested in, and twice at each level would be without end.
  const unwantedLeavesAt = (rarest: number) =>
    unwanted === null ? 0 : leavesOf([unwanted.leaves()], rarest * without.length)
  const unwantedLeaves = () =>
    unwanted === null ? 0 : unwantedLeavesAt(Math.min(...matches.map((part) => part.leaves())))
  const leaves = () => {
    const pages = matches.map((part) => part.leaves())
    const rarest = Math.min(...pages)
    return leavesOf(pages, rarest) + unwantedLeavesAt(rarest)
  }
  const cost = () => parts.length * cheapest(matches.map((part) => part.cost))
  const prefixPages = sumOf([...matches, ...(unwanted ? [unwanted] : [])].map((part) => part.prefixPages))
  const costs = { leaves, unwantedLeaves, cost, waste: cost, prefixPages }
  return { match: { kind: 'match', expression, exact, ...costs }, left: wheres }
}

function anyMatch(matches: Match[]): Match | null {
  const [only] = matches
  if (!only || matches.length === 1) return only ?? null
  return {
    kind: 'match',
    expression: matches.map(({ expression }) => inParens(expression)).join(' OR '),
    exact: matches.every((part) => part.exact),
    // To look at so many takes as long as what it is to save: a guess.
    leaves: () => (matches.length > MANY ? LEAVES_OF_MANY : sumOf(matches.map((part) => part.leaves()))),
    unwantedLeaves: () => sumOf(matches.map((part) => part.unwantedLeaves())),
    cost: () => sumOf(matches.map((part) => part.cost())),
    waste: () => sumOf(matches.map((part) => part.waste())),
    prefixPages: sumOf(matches.map((part) => part.prefixPages)),
  }
}

/** Where all of them take too long: of each its rarest word. */
function withInstead(any: Match, matches: Match[]): Match {
  if (any.instead || !matches.every((part) => part.instead)) return any
  const either: Match = { ...any, instead: () => (isBearable(either) ? [either] : rarestOfEach(matches)) }
  return either
}

function rarestOfEach(matches: Match[]): Match[] {
  const words = new Map<string, Match>()
  for (const { instead = () => [] } of matches) {
    const [rarest] = byCost(instead())
    if (rarest) words.set(rarest.expression, rarest)
  }
  return [anyMatch([...words.values()]) ?? []].flat()
}

function byCost(parts: Match[]): Match[] {
  const costs = parts.map((part) => ({ part, cost: part.cost() }))
  return costs.sort((a, b) => a.cost - b.cost).map(({ part }) => part)
}

/** Not looked at where there is no bound. */
function isWithin(leaves: (() => number) | undefined, most: number): boolean {
  return most === Number.POSITIVE_INFINITY || leaves === undefined || leaves() <= most
}

/** Into how many words and phrases the full text looks for this. */
export function countPhrases(expression: string): number {
  return (expression.split('"').length - 1) / 2
}

/** Of words that stand on so many pages each: for every row of the rarest one page at most. */
function leavesOf(pages: number[], rarest: number): number {
  return sumOf(pages.map((each) => Math.min(each, ROWS_OF_PAGE * rarest)))
}

function sumOf(numbers: number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

/** It may be asked in each stretch. */
function isBearable(match: Match): boolean {
  return match.waste() <= HEAVY_PART_PAGES && countPhrases(match.expression) <= MOST_PHRASES
}

/** The rarest leads the others. One that is rare enough ends the search for it. */
function cheapest(costs: (() => number)[]): number {
  let least = Number.POSITIVE_INFINITY
  for (const cost of costs) {
    least = Math.min(least, cost())
    if (least * costs.length <= RARE_PAGES) break
  }
  return least
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

function inParens(text: string): string {
  return `(${text})`
}
