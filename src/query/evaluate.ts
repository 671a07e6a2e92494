import type { Matchable, Query, QueryNode, TextField } from '../model.ts'
import { isAddressMeant, isWithinHost } from './addresses.ts'
import { type ItemView, viewItem } from './item-view.ts'

/**
 * Whether a query matches an item: the one truth that the watch index and the full text must agree with. Gives the words
 * that were asked for and found, as they stand in the query, each once; null when it does not match. `nowMs` is for `within:`.
 */
export function evaluate(query: Query, item: Matchable, nowMs: number): string[] | null {
  const words = new Set<string>()
  return isMatch(query.root, { view: viewItem(item), nowMs, words }) ? [...words] : null
}

/** Whether this part of a query holds for an item that is ready: `evaluate` without the words. */
export function isNodeMatch(node: QueryNode, view: ItemView, nowMs: number): boolean {
  return isMatch(node, { view, nowMs, words: null })
}

interface Asked {
  view: ItemView
  nowMs: number
  /** Null where nobody wants them, and within a negative: what must not be there is no word to show. */
  words: Set<string> | null
}

function isMatch(node: QueryNode, asked: Asked): boolean {
  const { item } = asked.view
  switch (node.kind) {
    case 'and':
      return areAll(node.nodes, asked)
    case 'or':
      return isAny(node.nodes, asked)
    case 'not':
      return !isMatch(node.node, { ...asked, words: null })
    case 'words': {
      const found = hasWords(node, asked.view)
      if (found) asked.words?.add(node.written)
      return found
    }
    case 'source':
      return isSourceNamed(node, item.source) || hasRow(asked.view.padded('source'), node)
    case 'site':
      return asked.view.hosts().some((host) => isWithinHost(host, node.host))
    case 'lang':
      return isLanguage(item.language, node.language)
    case 'published': {
      const at = item.publishedAt ?? item.firstSeenAt
      return (node.fromMs === null || at >= node.fromMs) && (node.toMs === null || at < node.toMs)
    }
    case 'within':
      return asked.nowMs - (item.publishedAt ?? item.firstSeenAt) <= node.ms
    case 'enclosure':
      return item.enclosures.length > 0
  }
}

function areAll(nodes: QueryNode[], asked: Asked): boolean {
  // Words of a branch that fails in the end are not told.
  const words = asked.words && new Set<string>()
  if (!nodes.every((node) => isMatch(node, { ...asked, words }))) return false
  for (const word of words ?? []) asked.words?.add(word)
  return true
}

/** Every branch is asked: people see all words that were found. */
function isAny(nodes: QueryNode[], asked: Asked): boolean {
  if (asked.words === null) return nodes.some((node) => isMatch(node, asked))
  return nodes.filter((node) => isMatch(node, asked)).length > 0
}

function isSourceNamed(
  { id, address }: Extract<QueryNode, { kind: 'source' }>,
  source: Pick<Matchable['source'], 'id' | 'url'>,
): boolean {
  return id === source.id || (address !== null && isAddressMeant(address, source.url))
}

function hasWords(node: WordsNode, view: ItemView): boolean {
  if (node.field !== 'any') return hasWordsIn(node.field, node, view)
  return hasWordsIn('title', node, view) || hasWordsIn('body', node, view)
}

type WordsNode = Extract<QueryNode, { kind: 'words' }>

function hasWordsIn(field: Exclude<TextField, 'any'>, node: WordsNode, view: ItemView): boolean {
  const known = field === 'title' || field === 'body' ? view.tokens?.[field] : undefined
  if (known) {
    const { tokens, prefix } = node
    const whole = prefix ? tokens.length - 1 : tokens.length
    for (let index = 0; index < whole; index += 1) {
      const token = tokens[index] ?? ''
      if (!known.has(token) && !token.endsWith('*')) return false
    }
    if (whole === 1 && tokens.length === 1) return true
  }
  return hasRow(view.padded(field), node)
}

/** Whether the wanted tokens stand in a row in a padded token stream. Linear for all but made-up texts. */
export function hasRow(padded: string, wanted: { tokens: string[]; prefix: boolean }): boolean {
  const parts = rowParts(wanted)
  const [first = ' '] = parts
  for (let at = padded.indexOf(first); at >= 0; at = padded.indexOf(first, at + 1)) {
    if (restFollows(padded, at + first.length, parts)) return true
  }
  return false
}

function restFollows(padded: string, from: number, parts: string[]): boolean {
  let at = from
  for (const part of parts.slice(1)) {
    // The token before it goes on to there.
    const next = padded.indexOf(' ', at)
    if (!padded.startsWith(part, next)) return false
    at = next + part.length
  }
  return true
}

/** The row as pieces of a padded stream, cut after each token that may go on: 大* 数据 ai is " 大" and " 数据 ai ". */
export function rowParts({ tokens, prefix }: { tokens: string[]; prefix: boolean }): string[] {
  const parts: string[] = []
  let part = ''
  for (const token of tokens) {
    if (token.endsWith('*')) {
      parts.push(`${part} ${token.slice(0, -1)}`)
      part = ''
    } else {
      part += ` ${token}`
    }
  }
  parts.push(prefix ? part : `${part} `)
  return parts
}

/** "zh" is every Chinese, "zh-tw" exactly that one. */
function isLanguage(declared: string | null, wanted: string): boolean {
  return declared === wanted || (!wanted.includes('-') && declared !== null && declared.startsWith(`${wanted}-`))
}
