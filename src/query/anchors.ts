import type { QueryNode } from '../model.ts'

/** What an item must have: words somewhere in it, or its source or site. */
export type Anchor = Extract<QueryNode, { kind: 'words' | 'source' | 'site' }>

/**
 * Of these parts of a query, every item that it matches has at least one; they are chosen to be as rare as can be guessed.
 * Null when there are none: a branch that only leaves out or narrows. Linear in the query, at each level of its parentheses.
 */
export function findAnchors(root: QueryNode): Anchor[] | null {
  return choose(root, true)
}

/** `isWanted` is false below an odd number of NOTs, where AND and OR change places (De Morgan). */
function choose(node: QueryNode, isWanted: boolean): Anchor[] | null {
  switch (node.kind) {
    case 'not':
      return choose(node.node, !isWanted)
    case 'and':
    case 'or': {
      const choices = node.nodes.map((each) => choose(each, isWanted))
      return (node.kind === 'and') === isWanted ? rarest(choices) : union(choices)
    }
    case 'words':
    case 'source':
    case 'site':
      return isWanted ? [node] : null
    default:
      return null
  }
}

function rarest(choices: (Anchor[] | null)[]): Anchor[] | null {
  let best: Anchor[] | null = null
  let least = Number.POSITIVE_INFINITY
  for (const choice of choices) {
    const share = choice === null ? Number.POSITIVE_INFINITY : shareOf(choice)
    if (share >= least) continue
    best = choice
    least = share
  }
  return best
}

function union(choices: (Anchor[] | null)[]): Anchor[] | null {
  const all: Anchor[] = []
  for (const choice of choices) {
    if (choice === null) return null
    all.push(...choice)
  }
  return all
}

/** How many items of a thousand probably have one of them. A guess, for choosing only. */
function shareOf(anchors: Anchor[]): number {
  let sum = 0
  for (const anchor of anchors) sum += anchor.kind === 'words' ? guessShare(rarestToken(anchor)) : 10
  return sum
}

/** A token of a row, without its `*`; `prefix`: the item's token may go on. */
export interface RowToken {
  token: string
  prefix: boolean
  index: number
}

/** The one that probably the fewest items have, of one at least. */
export function rarestToken({ tokens, prefix }: { tokens: string[]; prefix: boolean }): RowToken {
  const [only = ''] = tokens
  if (tokens.length === 1 && !only.endsWith('*')) return { token: only, prefix, index: 0 }
  let best: RowToken = { token: '', prefix: false, index: 0 }
  let least = Number.POSITIVE_INFINITY
  for (let index = 0; index < tokens.length; index += 1) {
    const written = tokens[index] ?? ''
    const isOpen = written.endsWith('*')
    const token = isOpen ? written.slice(0, -1) : written
    const found = { token, prefix: isOpen || (prefix && index === tokens.length - 1), index }
    const share = guessShare(found)
    if (share >= least) continue
    best = found
    least = share
  }
  return best
}

/** The most frequent words of English news: 200 to 600 of a thousand items have them. */
const FREQUENT = new Set(
  (
    'the a an and or of to in on for is are was were be been has have had it its this that with as at by from not will ' +
    'you your we our they their he she his her i new news more all can how what who when why up out about after one'
  ).split(' '),
)

/** Most words are longer, and need not be looked up. */
const MOST_FREQUENT_LETTERS = 5

/** Longer words are rarer; a pair of characters says about what a word of seven letters does. */
function guessShare({ token, prefix }: { token: string; prefix: boolean }): number {
  if (token.length <= MOST_FREQUENT_LETTERS && FREQUENT.has(token)) return 400
  const isAscii = token.charCodeAt(0) < 128
  const letters = (isAscii ? token.length : token.length * 3.5) - (prefix ? 2 : 0)
  return 300 / 2 ** Math.max(0, letters - 1)
}
