import type { Query, QueryNode, TextField } from '../model.ts'
import { readableHost } from './addresses.ts'
import { type Contradiction, findContradiction, keyOf } from './contradictions.ts'
import { FIELDS_MEANT } from './fields.ts'
import { formatNode } from './format.ts'
import { type Lexeme, lex } from './lex.ts'
import { parseQuery } from './parse.ts'
import { replaced } from './refusals.ts'

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
  nothing: {
    same: 'It can match nothing: the same is asked for and left out.',
    part: 'It can match nothing: what is left out is part of what is asked for.',
    days: 'It can match nothing: no day is left between them.',
    languages: 'It can match nothing: an item has one language.',
  } satisfies Record<Contradiction, string>,
  operatorMeant: (word: string) => `“${word}” is looked for like any word. As an operator: `,
  fieldMeant: (name: string) => `There is no field ${name}:, it is looked for as a word. As a field: `,
  listMeant: (word: string, field: string) => `“${word}” is not looked for in ${field}:. In the same field: `,
  excludeFromAll: 'To leave it out everywhere: ',
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

/** What is said beside it: a whole sentence, or one that ends in the form which may be meant. */
export interface QueryHint {
  text: string
  form: string | null
}

export function hintsOf(query: Query): QueryHint[] {
  const contradiction = findContradiction(query.root)
  const nothing = contradiction && { text: SAYINGS.nothing[contradiction], form: null }
  return [nothing, hintAtOperators(query), hintAtFields(query), hintAtLists(query), hintAtPrecedence(query)].filter(
    (hint) => hint !== null,
  )
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

/** Between two words or groups; what is in quotes is meant as it stands. */
const SMALL_OPERATOR =
  /["“”„‟＂][^"“”„‟＂]*["“”„‟＂]?|«[^»]*»|»[^«»]*[^\s«»][«»]|「[^」]*」|『[^』]*』|(?<=[^\s(,，|] )([Aa]nd|[Oo]r|[Nn]ot|或者?)(?= (?!(?:and|or|not|或者?) |[),，|]))/gu
const LARGE: Record<string, string> = { and: 'AND', or: 'OR', not: 'NOT', 或: 'OR', 或者: 'OR' }

function hintAtOperators({ text }: Query): QueryHint | null {
  let first: string | undefined
  const form = text.replace(SMALL_OPERATOR, (all: string, word?: string) => {
    first ??= word
    return word === undefined ? all : (LARGE[word.toLowerCase()] ?? all)
  })
  return first === undefined ? null : { text: SAYINGS.operatorMeant(first), form }
}

/** Of "language:de", which is plain text, but not of "language: de", as headlines have it. */
function hintAtFields({ text, publishers }: Query): QueryHint | null {
  if (!/[:：]\S/.test(text)) return null
  let hint: QueryHint | null = null
  for (const lexeme of lex(text).reverse()) {
    const [, name = ''] = (lexeme.kind === 'text' && !lexeme.isQuoted && /^(\p{L}+)[:：]/u.exec(lexeme.text)) || []
    const field = Object.hasOwn(FIELDS_MEANT, name.toLowerCase()) ? FIELDS_MEANT[name.toLowerCase()] : undefined
    if (field === undefined) continue
    const form = replaced(hint?.form ?? text, { start: lexeme.start, end: lexeme.start + name.length }, field)
    hint = { text: SAYINGS.fieldMeant(name), form }
  }
  // Once for all of them: to read a query takes long where it has a hundred.
  return hint?.form && isAccepted(hint.form, publishers) ? hint : null
}

/** "lang:en,de" is a list of two entries, of which the second is a word; nearly always both were meant for the field. */
function hintAtLists({ text, publishers }: Query): QueryHint | null {
  if (!/[:：]\S+[,，、،]\S/.test(text)) return null
  let hint: QueryHint | null = null
  for (const { field, values } of listsInFields(lex(text)).reverse()) {
    const [first, second] = values
    const last = values.at(-1)
    if (!first || !second || !last) continue
    const written = values.map(({ start, end }) => text.slice(start, end)).join(' OR ')
    const form = replaced(hint?.form ?? text, { start: first.start, end: last.end }, `(${written})`)
    hint = { text: SAYINGS.listMeant(text.slice(second.start, second.end), field), form }
  }
  return hint?.form && isAccepted(hint.form, publishers) ? hint : null
}

/** Values that stand behind a field with nothing but commas between them. */
function listsInFields(lexemes: Lexeme[]): { field: string; values: Lexeme[] }[] {
  return lexemes.flatMap((lexeme, index) => {
    if (lexeme.kind !== 'field') return []
    const values: Lexeme[] = []
    let before: Lexeme = lexeme
    for (const next of lexemes.slice(index + 1)) {
      const isNext = next.start === before.end && next.kind === (before.kind === 'text' ? 'list' : 'text')
      if (!isNext) break
      if (next.kind === 'text') values.push(next)
      before = next
    }
    return values.length > 1 ? [{ field: lexeme.field, values }] : []
  })
}

function isAccepted(form: string, publishers: number | undefined): boolean {
  try {
    parseQuery(form, { timezone: 'Etc/UTC', for: publishers === undefined ? 'search' : 'watch' })
    return true
  } catch (_refused) {
    return false
  }
}

function hintAtPrecedence({ root, publishers }: Query): QueryHint | null {
  const everywhere = excludeEverywhere(root)
  if (everywhere === null) return null
  const form = formatNode(everywhere)
  return { text: SAYINGS.excludeFromAll, form: publishers === undefined ? form : `${form} sources>=${publishers}` }
}

/** The same, with what some branches of an OR leave out left out of all of them; null where there is no such OR. */
function excludeEverywhere(node: QueryNode): QueryNode | null {
  if (node.kind === 'and') {
    for (const [index, each] of node.nodes.entries()) {
      const without = excludeEverywhere(each)
      if (without) return { kind: 'and', nodes: node.nodes.with(index, without) }
    }
  }
  if (node.kind !== 'or') return null
  const branches = node.nodes.map((each) => (each.kind === 'and' ? each.nodes.filter(isNot) : []))
  const excluded = new Map(branches.flat().map((each) => [keyOf(each), each]))
  if (branches.every((nots) => new Set(nots.map(keyOf)).size === excluded.size)) return null
  const kept = node.nodes.flatMap((each) => (each.kind === 'and' ? withoutNots(each) : [each]))
  // A branch that only leaves out is everything else.
  if (kept.length < node.nodes.length) return null
  return { kind: 'and', nodes: [{ kind: 'or', nodes: kept }, ...excluded.values()] }
}

function isNot(node: QueryNode): boolean {
  return node.kind === 'not'
}

/** As one node; none when nothing is left. */
function withoutNots({ nodes }: { nodes: QueryNode[] }): QueryNode[] {
  const kept = nodes.filter((node) => !isNot(node))
  return kept.length > 1 ? [{ kind: 'and', nodes: kept }] : kept
}
