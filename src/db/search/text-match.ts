import type { TextField } from '../../model.ts'
import type { PagesOf } from './text-pages.ts'

/**
 * What the full text is asked for, and what it takes to ask it. That is reckoned where somebody wants to know it, for each
 * word takes some time to be reckoned.
 */
export interface Match {
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

/** What is asked in each stretch may cost so much. */
const HEAVY_PART_PAGES = 700
/** What costs so little needs no closer look. */
const RARE_PAGES = 200
/** A word by itself is read so much faster than several that must meet. */
const ALONE = 0.35
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

/** One token, or several in a row, of which the last may go on where it `isPrefix`. */
export function matchPhrase(field: TextField, tokens: string[], isPrefix: boolean, pagesOf: PagesOf): Match {
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
  const whole = new Set(isPrefix ? tokens.slice(0, -1) : tokens)
  const instead = () => [...whole].map((token) => matchPhrase(field, [token], false, pagesOf))
  return { ...match, leaves: () => IN_A_ROW * leaves(), instead }
}

/** One of these; null for none. Where all of them take too long, the rarest word of each may be asked for in their stead. */
export function matchAny(matches: Match[]): Match | null {
  const [only] = matches
  if (!only || matches.length === 1) return only ?? null
  const any: Match = {
    kind: 'match',
    expression: matches.map(({ expression }) => `(${expression})`).join(' OR '),
    exact: matches.every((part) => part.exact),
    // To look at so many takes as long as what it is to save: a guess.
    leaves: () => (matches.length > MANY ? LEAVES_OF_MANY : sumOf(matches.map((part) => part.leaves()))),
    unwantedLeaves: () => sumOf(matches.map((part) => part.unwantedLeaves())),
    cost: () => sumOf(matches.map((part) => part.cost())),
    waste: () => sumOf(matches.map((part) => part.waste())),
    prefixPages: sumOf(matches.map((part) => part.prefixPages)),
  }
  if (!matches.every((part) => part.instead)) return any
  const either: Match = { ...any, instead: () => (isBearable(either) ? [either] : rarestOfEach(matches)) }
  return either
}

function rarestOfEach(matches: Match[]): Match[] {
  const words = new Map<string, Match>()
  for (const { instead = () => [] } of matches) {
    const [rarest] = byCost(instead())
    if (rarest) words.set(rarest.expression, rarest)
  }
  return [matchAny([...words.values()]) ?? []].flat()
}

/** All of these, and nothing of `unwanted`; null for none. They are `among` so many conditions, each of which costs a look. */
export function matchAll(matches: Match[], unwanted: Match[], among: number): Match | null {
  const [only] = matches
  const without = matchAny(unwanted)
  if (!only || (matches.length === 1 && !without)) return only ?? null
  const wanted = matches.map(({ expression }) => `(${expression})`).join(' AND ')
  // Each part is asked once: what is nested is asked by what it is nested in, and twice at each level would be without end.
  const unwantedLeavesAt = (rarest: number) =>
    without === null ? 0 : leavesOf([without.leaves()], rarest * unwanted.length)
  const cost = () => among * cheapest(matches.map((part) => part.cost))
  return {
    kind: 'match',
    expression: without ? `(${wanted}) NOT (${without.expression})` : wanted,
    exact: matches.every((part) => part.exact),
    leaves: () => {
      const pages = matches.map((part) => part.leaves())
      const rarest = Math.min(...pages)
      return leavesOf(pages, rarest) + unwantedLeavesAt(rarest)
    },
    unwantedLeaves: () => (without ? unwantedLeavesAt(Math.min(...matches.map((part) => part.leaves()))) : 0),
    cost,
    waste: cost,
    prefixPages: sumOf(matches.map((part) => part.prefixPages)) + (without?.prefixPages ?? 0),
  }
}

/** The cheapest first. */
export function byCost(matches: Match[]): Match[] {
  const costs = matches.map((part) => ({ part, cost: part.cost() }))
  return costs.sort((a, b) => a.cost - b.cost).map(({ part }) => part)
}

/** It may be asked in each stretch. */
export function isBearable(match: Match): boolean {
  return match.waste() <= HEAVY_PART_PAGES && countPhrases(match.expression) <= MOST_PHRASES
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

/** The rarest leads the others. One that is rare enough ends the search for it. */
function cheapest(costs: (() => number)[]): number {
  let least = Number.POSITIVE_INFINITY
  for (const cost of costs) {
    least = Math.min(least, cost())
    if (least * costs.length <= RARE_PAGES) break
  }
  return least
}
