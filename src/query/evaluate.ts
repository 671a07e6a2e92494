import type { Item, Matchable, Query, QueryNode, TextField } from '../model.ts'
import { TAGS_BEGIN, tokenStream } from '../text/tokens.ts'

/**
 * Whether a query matches an item: the one truth that the watch index and the full text must agree with. Gives the words
 * that were asked for and found, as they stand in the query, each once; null when it does not match. `nowMs` is for `within:`.
 */
export function evaluate(query: Query, item: Matchable, nowMs: number): string[] | null {
  const view = viewItem(item)
  // Most watches are one word or phrase.
  if (query.root.kind === 'words') return hasWords(query.root, view) ? [query.root.written] : null
  const words = new Set<string>()
  return isMatch(query.root, { view, nowMs, words }) ? [...words] : null
}

/** Whether this part of a query holds for an item that is ready: `evaluate` without the words. */
export function isNodeMatch(node: QueryNode, view: ItemView, nowMs: number): boolean {
  return isMatch(node, { view, nowMs, words: null })
}

/** A stored item as queries look at it; its words are cut when they are first asked for. */
export function asMatchable(item: Item): Matchable {
  const title = once(() => tokenStream(item.title))
  const text = once(() => tokenStream(item.text))
  const tokens = {
    get title() {
      return title()
    },
    get text() {
      return text()
    },
  }
  return { ...item, tokens }
}

/** An item made ready to be asked many times; what few queries need is made when it is first asked for. */
export interface ItemView {
  item: Matchable
  /** A token stream with a space at each end, so that whole tokens are found as substrings. */
  padded(field: Exclude<TextField, 'any'> | 'source'): string
  hosts(): string[]
  /** The tokens of title and text, where it pays to have them (`withTokens`). */
  tokens: { title: Set<string>; body: Set<string> } | null
}

/** See `ItemView`. */
export function viewItem(item: Matchable): ItemView {
  const paddedOf = {
    title: once(() => ` ${item.tokens.title} `),
    body: once(() => ` ${item.tokens.text} `),
    author: once(() => padEach(item.authors)),
    // A tag is found whole within one category.
    tag: once(() => padEach([...item.categories, ...item.source.tags])),
    url: once(() => ` ${urlStream(item.url ?? '')} `),
    source: once(() => padEach([item.source.title])),
  }
  const hosts = once(() => {
    const known = [
      hostOf(item.url),
      hostOf(item.source.url),
      hostOf(item.source.siteUrl),
      item.source.host.toLowerCase(),
    ]
    return [...new Set(known.filter((host) => host !== null))]
  })
  return { item, padded: (field) => paddedOf[field](), hosts, tokens: null }
}

/** The same view for some dozen questions or more: making the sets costs what ten phrases cost, then most answers are a look-up. */
export function withTokens(view: ItemView): ItemView {
  const { title, text } = view.item.tokens
  return { ...view, tokens: { title: new Set(title.split(' ')), body: new Set(text.split(' ')) } }
}

/** The tokens of an address: its words in a row, percent signs decoded, whatever stands between them. */
export function urlStream(url: string): string {
  return tokenStream(urlWords(url))
}

/** An address as plain words, for `queryTokens`: a sign in an address joins nothing. */
export function urlWords(url: string): string {
  return decode(url).replace(/[!-/:-@[-`{-~]+/g, ' ')
}

function isSourceNamed(
  { id, address }: Extract<QueryNode, { kind: 'source' }>,
  source: Pick<Matchable['source'], 'id' | 'url' | 'host'>,
): boolean {
  return id === source.id || (address !== null && isAddressMeant(address, source))
}

/** Whether a host or an address after `source:` is that of this source. */
export function isAddressMeant(address: string, source: Pick<Matchable['source'], 'url' | 'host'>): boolean {
  if (address.includes('/')) return address === bareAddress(source.url)
  // With a port or without.
  return [source.host.toLowerCase(), hostOf(source.url, 'host')].some((host) => host && isWithinHost(host, address))
}

/** An address without its scheme and without a slash at its end: what people write after `source:`. */
export function bareAddress(url: string): string {
  return url.replace(/^https?:\/\//i, '').replace(/\/$/, '')
}

/** Whether a host is this one or below it: "news.example.com" is within "example.com", "myexample.com" is not. */
function isWithinHost(host: string, above: string): boolean {
  return host === above || host.endsWith(`.${above}`)
}

/** Whether the wanted tokens stand in a row in a padded token stream. Linear for all but made-up texts. */
export function hasRow(padded: string, wanted: { tokens: string[]; prefix: boolean }): boolean {
  const parts = rowParts(wanted)
  const [first = ' '] = parts
  for (let at = padded.indexOf(first); at >= 0; at = padded.indexOf(first, at + 1)) {
    if (parts.length === 1 || restFollows(padded, at + first.length, parts)) return true
  }
  return false
}

function restFollows(padded: string, from: number, parts: string[]): boolean {
  let at = from
  for (const part of parts.slice(1)) {
    const next = padded.indexOf(' ', at)
    if (next < 0 || !padded.startsWith(part, next)) return false
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
  if (part !== '') parts.push(prefix ? part : `${part} `)
  return parts
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

/** "zh" is every Chinese, "zh-tw" exactly that one. */
function isLanguage(declared: string | null, wanted: string): boolean {
  const language = (declared ?? '').toLowerCase().replaceAll('_', '-')
  return language === wanted || (!wanted.includes('-') && language.startsWith(`${wanted}-`))
}

function padEach(texts: string[]): string {
  return ` ${texts.map(tokenStream).join(` ${TAGS_BEGIN} `)} `
}

function hostOf(url: string | null, part: 'host' | 'hostname' = 'hostname'): string | null {
  // Most addresses are plain, and are asked for with every new item: told at a tenth of what the URL parser takes.
  const [, plain] = url === null ? [] : (PLAIN_HOST.exec(url) ?? [])
  if (plain !== undefined && !plain.includes('xn--')) return plain
  return url !== null && URL.canParse(url) ? new URL(url)[part].replace(/\.$/, '') : null
}

/** In lower case, without user, port or number at its end: as the URL parser would give it back. */
const PLAIN_HOST = /^https?:\/\/((?:[a-z\d][a-z\d-]*\.)+[a-z]{2,24})(?=[/?#]|$)/

function decode(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch (_notUtf8) {
    return url
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
