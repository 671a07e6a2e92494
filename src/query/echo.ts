import type { Query, QueryNode, TextField } from '../model.ts'
import { readableHost } from './addresses.ts'
import { hintsOf } from './hints.ts'

/** What is said back, in English. Another language is another table. */
const SAYINGS = {
  and: ' and ',
  or: ' or ',
  /** Between branches that are more than a word. */
  orLong: ', or ',
  not: 'not ',
  without: 'without ',
  withoutAny: ' or ',
  everything: 'everything',
  /** Words that these sayings consist of are said in quotes where they are looked for. */
  ours: new Set(['and', 'or', 'not', 'without', 'everything']),
  phrase: (words: string) => `“${words}”`,
  prefix: (word: string) => `words beginning with ${word}`,
  phrasePrefix: (words: string) => `“${words}…”`,
  in: {
    any: (words: string) => words,
    title: (words: string) => `${words} in the title`,
    body: (words: string) => `${words} in the text`,
    author: (words: string) => `author ${words}`,
    tag: (words: string) => `tag ${words}`,
    url: (words: string) => `${words} in the address`,
  } satisfies Record<TextField, (words: string) => string>,
  source: (words: string) => `from the source ${words}`,
  site: (host: string) => `on ${host}`,
  lang: (name: string) => `in ${name}`,
  after: (day: string) => `since ${day}`,
  before: (day: string) => `before ${day}`,
  within: (time: string) => `not older than ${time}`,
  enclosure: 'with an enclosure',
  olderThan: (time: string) => `older than ${time}`,
  withoutEnclosure: 'without an enclosure',
  publishers: (query: string, least: number) => `${query}, once ${least} publishers carry it`,
}

/**
 * The query in plain words, so that people see what it was taken for: `"big data" OR 大数据 -jobs` is
 * “big data”, or 大数据 without jobs. Where a negative stands in some branches of an OR only, a second sentence gives the form
 * that leaves it out of all; and where “or” stands among words, the form in which it is one.
 */
export function echoQuery(query: Query): string {
  const hints = hintsOf(query).map(({ text, form }) => text + (form ?? ''))
  return [sayQuery(query), ...hints].join('. ').replace(/([.!?])\. /g, '$1 ')
}

/** The query in plain words, without a hint. */
export function sayQuery({ root, publishers }: Query): string {
  const said = isNarrowing(root) ? sayAll([root]) : say(root)
  if (publishers === undefined) return said
  // What is waited for belongs to all branches.
  const isLong = root.kind === 'or' && !root.nodes.every(isShort)
  return SAYINGS.publishers(isLong ? `(${said})` : said, publishers)
}

/** One clause of it, in the same words: a negative is "without jobs". */
export function echoNode(node: QueryNode): string {
  if (node.kind !== 'not') return say(node)
  return isNarrowing(node.node) ? sayOpposite(node.node) : SAYINGS.without + sayOperand(node.node)
}

function say(node: QueryNode): string {
  switch (node.kind) {
    case 'and':
      return sayAll(node.nodes)
    case 'or':
      return sayAny(node.nodes)
    case 'not':
      return sayAll([node])
    case 'words':
      return SAYINGS.in[node.field](sayWords(node.written))
    case 'source':
      return SAYINGS.source(sayWords(node.written))
    case 'site':
      return SAYINGS.site(readableHost(node.host))
    case 'lang':
      return SAYINGS.lang(languageName(node.language))
    case 'published':
      return node.fromMs === null ? SAYINGS.before(node.written) : SAYINGS.after(node.written)
    case 'within':
      return SAYINGS.within(node.written)
    case 'enclosure':
      return SAYINGS.enclosure
  }
}

/** What is asked for, then what narrows it, then what is left out: "a and b since 2026-11-01 without c or d". */
function sayAll(nodes: QueryNode[]): string {
  const asked = nodes.filter((node) => node.kind !== 'not' && !isNarrowing(node))
  const narrowing = nodes.filter(isNarrowing)
  const negated = nodes.flatMap((node) => (node.kind === 'not' ? [node.node] : []))
  const excluded = negated.filter((node) => !isNarrowing(node))

  const parts = [sayEach(asked).join(SAYINGS.and) || SAYINGS.everything, ...narrowing.map(say)]
  parts.push(...negated.filter(isNarrowing).map(sayOpposite))
  if (excluded.length > 0) parts.push(SAYINGS.without + sayEach(excluded).join(SAYINGS.withoutAny))
  return parts.join(' ')
}

/** Of what narrows. Every item has a time. */
function sayOpposite(node: QueryNode): string {
  switch (node.kind) {
    case 'published':
      return node.fromMs === null ? SAYINGS.after(node.written) : SAYINGS.before(node.written)
    case 'within':
      return SAYINGS.olderThan(node.written)
    case 'enclosure':
      return SAYINGS.withoutEnclosure
    default:
      return SAYINGS.not + say(node)
  }
}

function sayAny(nodes: QueryNode[]): string {
  return nodes.every(isShort) ? sayEach(nodes).join(SAYINGS.or) : nodes.map(say).join(SAYINGS.orLong)
}

/** To stand in a row: the part at the end ("b in the title") is that of the last, not of those before it. */
function sayEach(nodes: QueryNode[]): string[] {
  return nodes.map((node, index) => {
    const field = fieldOf(node)
    const isApart = ENDING.has(field) && nodes.slice(0, index).some((other) => fieldOf(other) !== field)
    return isApart ? `(${say(node)})` : sayOperand(node)
  })
}

function fieldOf(node: QueryNode): TextField | null {
  return node.kind === 'words' ? node.field : null
}

/** Fields that are said after their words. */
const ENDING = new Set<TextField | null>(['title', 'body', 'url'])

function sayOperand(node: QueryNode): string {
  return isShort(node) ? say(node) : `(${say(node)})`
}

function isShort(node: QueryNode): boolean {
  return node.kind !== 'and' && node.kind !== 'or' && node.kind !== 'not'
}

function isNarrowing(node: QueryNode): boolean {
  return !['and', 'or', 'not', 'words'].includes(node.kind)
}

function sayWords(written: string): string {
  const star = written.endsWith('*')
  const words = star ? written.slice(0, -1) : written
  const isPhrase = /[\s"-]/.test(words)
  if (star) return isPhrase ? SAYINGS.phrasePrefix(words) : SAYINGS.prefix(words)
  return isPhrase || SAYINGS.ours.has(words.toLowerCase()) ? SAYINGS.phrase(words) : words
}

function languageName(code: string): string {
  try {
    return new Intl.DisplayNames('en', { type: 'language' }).of(code) ?? code
  } catch (_noSuchCode) {
    return code
  }
}
