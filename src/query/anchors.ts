import type { QueryNode } from '../model.ts'

/**
 * Something an item must have for a query to match: a token in title or text, in another field, or of its source. Watches
 * hang on these.
 */
export interface Anchor {
  in: 'text' | 'author' | 'tag' | 'url' | 'source' | 'source_id' | 'host'
  token: string
  /** The item's token may go on. */
  prefix: boolean
}

/**
 * Of these anchors, every item that the query matches has at least one; they are chosen to be as rare as can be guessed.
 * Null when there are none: a branch that only leaves out or narrows. Linear in the query.
 */
export function findAnchors(root: QueryNode): Anchor[] | null {
  return choose(root, true)?.anchors ?? null
}

interface Choice {
  anchors: Anchor[]
  /** How many items of a thousand probably have one. A guess, for choosing only. */
  share: number
}

/** `isWanted` is false below an odd number of NOTs, where AND and OR change places (De Morgan). */
function choose(node: QueryNode, isWanted: boolean): Choice | null {
  switch (node.kind) {
    case 'not':
      return choose(node.node, !isWanted)
    case 'and':
    case 'or': {
      const choices = node.nodes.map((each) => choose(each, isWanted))
      return (node.kind === 'and') === isWanted ? rarest(choices) : union(choices)
    }
    default:
      return isWanted ? chooseLeaf(node) : null
  }
}

function rarest(choices: (Choice | null)[]): Choice | null {
  return choices.reduce((best, choice) => (choice && (!best || choice.share < best.share) ? choice : best), null)
}

function union(choices: (Choice | null)[]): Choice | null {
  const all = choices.filter((choice) => choice !== null)
  if (all.length < choices.length) return null
  return { anchors: all.flatMap(({ anchors }) => anchors), share: all.reduce((sum, { share }) => sum + share, 0) }
}

function chooseLeaf(node: QueryNode): Choice | null {
  if (node.kind === 'site') return { anchors: [{ in: 'host', token: node.host, prefix: false }], share: 10 }
  if (node.kind === 'source') return chooseSource(node)
  if (node.kind !== 'words') return null
  const place = node.field === 'any' || node.field === 'title' || node.field === 'body' ? 'text' : node.field
  return rarest(rowAnchors(node).map((anchor) => ({ anchors: [{ in: place, ...anchor }], share: guessShare(anchor) })))
}

function chooseSource(node: Extract<QueryNode, { kind: 'source' }>): Choice {
  const anchors: Anchor[] = []
  if (node.id !== null) anchors.push({ in: 'source_id', token: String(node.id), prefix: false })
  if (node.address !== null) {
    anchors.push({ in: 'host', token: new URL(`http://${node.address}`).hostname, prefix: false })
  }
  const [word] = rowAnchors(node).sort((a, b) => guessShare(a) - guessShare(b))
  if (word) anchors.push({ in: 'source', ...word })
  return { anchors, share: 10 }
}

function rowAnchors({ tokens, prefix }: { tokens: string[]; prefix: boolean }): Omit<Anchor, 'in'>[] {
  return tokens.map((token, index) =>
    token.endsWith('*')
      ? { token: token.slice(0, -1), prefix: true }
      : { token, prefix: prefix && index === tokens.length - 1 },
  )
}

/** The most frequent words of English news: 200 to 600 of a thousand items have them. */
const FREQUENT = new Set(
  (
    'the a an and or of to in on for is are was were be been has have had it its this that with as at by from not will ' +
    'you your we our they their he she his her i new news more all can how what who when why up out about after one'
  ).split(' '),
)

/** Longer words are rarer; a pair of characters says about what a word of seven letters does. */
function guessShare({ token, prefix }: Omit<Anchor, 'in'>): number {
  if (FREQUENT.has(token)) return 400
  const isAscii = token.charCodeAt(0) < 128
  const letters = (isAscii ? token.length : token.length * 3.5) - (prefix ? 2 : 0)
  return 300 / 2 ** Math.max(0, letters - 1)
}
