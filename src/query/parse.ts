/**
 * The way of a query: `lex` takes its text apart, `sources>=3` is put aside (publishers.ts), the parser here joins what
 * `readLeaf` makes of words and fields, and `checkWatchable` sees to watches. What a query means is said by `evaluate` alone;
 * the index of watches (watch-index.ts over program.ts, terms.ts and hooks.ts) and the full text (db/search) only find sooner
 * what it would. `echoQuery` says it back, `createExplainer` says why, `formatNode` writes what refusals.ts proposes.
 */
import type { Query, QueryNode } from '../model.ts'
import type { Field } from './fields.ts'
import { plainWords, readLeaf } from './leaf.ts'
import { type Lexeme, lex, operatorOf } from './lex.ts'
import { readPublishers, withoutPublishers } from './publishers.ts'
import { QueryRefusal, refuseAt, replaced } from './refusals.ts'

const MAX_CHARACTERS = 1_000
const MAX_TERMS = 100
const MAX_LEVELS = 20

/** So many faults of one query are looked for beyond the first. */
const MOST_FAULTS = 10

export interface ParseOptions {
  /** IANA name: days are days there. */
  timezone: string
  for: 'search' | 'watch'
}

/**
 * A query text in its normal form: nested ANDs and ORs flat, a pasted list as OR. Throws `invalid`, with position and
 * a form that is accepted, for whatever is not understood. A watch must have something to look for in every branch, and may
 * wait for a number of publishers (`sources>=3`); a search may not.
 */
export function parseQuery(text: string, options: ParseOptions): Query {
  try {
    return readQuery(text, options)
  } catch (error) {
    throw error instanceof QueryRefusal ? error.proposing((form) => findAccepted(form, options)) : error
  }
}

/** A form may have faults that the text had further on: then what is proposed for those. None where there is no end to it. */
function findAccepted(form: string, options: ParseOptions): string | undefined {
  let next: string | undefined = form
  for (let faults = 0; next !== undefined && faults < MOST_FAULTS; faults += 1) {
    try {
      readQuery(next, options)
      return next
    } catch (error) {
      if (!(error instanceof QueryRefusal)) throw error
      next = error.form
    }
  }
  return undefined
}

function readQuery(text: string, options: ParseOptions): Query {
  const clean = tidy(text)
  if (clean === '') throw new QueryRefusal('empty')
  const count = [...clean].length
  if (count > MAX_CHARACTERS) throw new QueryRefusal('too_long', { count, limit: MAX_CHARACTERS })

  const simple = readSimple(clean)
  if (simple) return { text: clean, root: simple }

  const lexemes = lex(clean)
  if (lexemes.length === 0) throw refuseAt(clean, 0, 'no_words', { what: `"${clean}"` })
  const rest = withoutPublishers(lexemes)
  const parser = new Parser(clean, rest, options.timezone)
  const root = rest.length === 0 ? null : parser.parse()
  const startOf = (node: QueryNode) => parser.starts.get(node) ?? 0
  const publishers = readPublishers(clean, lexemes, { root, startOf, for: options.for })
  if (root === null) throw new QueryRefusal('empty')
  return publishers === undefined ? { text: clean, root } : { text: clean, root, publishers }
}

/**
 * One kind of line end, no control characters, no halves of surrogate pairs, ends trimmed. Without word joiners: the messages
 * of the bot hold some, to keep addresses and names from being live, and people copy from them.
 */
function tidy(text: string): string {
  // Most queries are tidy.
  if (/^[ -~]*$/.test(text)) return text.trim()
  return text
    .replaceAll('\u2060', '')
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(/[\p{Cc}\p{Cs}]/gu, (sign) => (sign === '\n' ? sign : ' '))
    .trim()
}

/**
 * A query that is one word or one phrase, of ASCII letters and digits: what the parser would make of it, at a tenth of the
 * price. Most queries are such, and many thousands are read when a service starts. Null for every other.
 */
function readSimple(text: string): QueryNode | null {
  const isQuoted = text.startsWith('"')
  const written = isQuoted && text.endsWith('"') ? text.slice(1, -1) : text
  const tokens = plainWords(written)
  if (tokens === null || (!isQuoted && (tokens.length > 1 || operatorOf(written)))) return null
  return { kind: 'words', field: 'any', tokens, prefix: false, written }
}

/** Recursive descent; parentheses are the only way down, and their depth is limited. */
class Parser {
  readonly text: string
  readonly timezone: string
  readonly lexemes: Lexeme[]
  /** Where in the text what was read begins. */
  readonly starts = new Map<QueryNode, number>()
  next = 0
  terms = 0
  level = 0

  /** Of some lexemes of this text; to parse needs one at least. */
  constructor(text: string, lexemes: Lexeme[], timezone: string) {
    this.text = text
    this.lexemes = lexemes
    this.timezone = timezone
  }

  parse(): QueryNode {
    const root = this.parseList(null)
    const rest = this.lexemes[this.next]
    if (rest) throw this.refuseUnopened(rest)
    return root
  }

  private parseList(field: Field | null): QueryNode {
    const entries = [this.parseOr(field)]
    while (this.take('list')) entries.push(this.parseOr(field))
    // A negative entry excludes from the whole list.
    const positive = entries.filter((entry) => !isNegative(entry))
    const negative = entries.filter(isNegative)
    return join('and', positive.length === 0 ? negative : [join('or', positive), ...negative])
  }

  private parseOr(field: Field | null): QueryNode {
    const start = this.start()
    const nodes = [this.parseAnd(field)]
    while (this.take('or')) nodes.push(this.parseAnd(field))
    return this.placed(join('or', nodes), start)
  }

  private parseAnd(field: Field | null): QueryNode {
    const start = this.start()
    const nodes = [this.parseTerm(field)]
    while (this.take('and') || this.isTermNext()) nodes.push(this.parseTerm(field))
    return this.placed(join('and', nodes), start)
  }

  private start(): number {
    return this.lexemes[this.next]?.start ?? 0
  }

  private placed(node: QueryNode, start: number): QueryNode {
    this.starts.set(node, start)
    return node
  }

  private isTermNext(): boolean {
    const kind = this.lexemes[this.next]?.kind
    return kind === 'text' || kind === 'field' || kind === 'open' || kind === 'not'
  }

  private parseTerm(field: Field | null): QueryNode {
    let isNegated = false
    while (this.take('not')) isNegated = !isNegated
    const node = this.parseOperand(field)
    if (!isNegated) return node
    return node.kind === 'not' ? node.node : { kind: 'not', node }
  }

  private parseOperand(field: Field | null): QueryNode {
    const lexeme = this.lexemes[this.next]
    if (lexeme?.kind === 'text') return this.parseText(field, lexeme)
    if (lexeme?.kind === 'open') return this.parseGroup(field, lexeme)
    if (lexeme?.kind !== 'field') throw this.refuseMissing(lexeme)
    if (field !== null) throw refuseAt(this.text, lexeme.start, 'field_in_field', { what: `${lexeme.field}:` })
    this.next += 1
    return this.parseOperand(lexeme.field)
  }

  private parseText(field: Field | null, lexeme: Extract<Lexeme, { kind: 'text' }>): QueryNode {
    this.next += 1
    this.terms += 1
    if (this.terms > MAX_TERMS) throw refuseAt(this.text, lexeme.start, 'too_many_terms', { limit: MAX_TERMS })
    return readLeaf(field, lexeme, { text: this.text, timezone: this.timezone })
  }

  private parseGroup(field: Field | null, open: Lexeme): QueryNode {
    this.next += 1
    this.level += 1
    if (this.level > MAX_LEVELS) throw refuseAt(this.text, open.start, 'too_deep', { limit: MAX_LEVELS })
    const isEmpty = this.next === this.lexemes.length || this.lexemes[this.next]?.kind === 'close'
    if (isEmpty) throw this.refuseEmpty(open)
    const node = this.parseList(field)
    if (!this.take('close')) throw this.refuseUnclosed(open)
    this.level -= 1
    return node
  }

  private refuseEmpty({ start, end }: Lexeme): Error {
    const form = replaced(this.text, { start, end: this.lexemes[this.next]?.end ?? end }, '')
    return refuseAt(this.text, start, 'empty_parens', { form })
  }

  private take(kind: Lexeme['kind']): boolean {
    if (this.lexemes[this.next]?.kind !== kind) return false
    this.next += 1
    return true
  }

  /** A term was expected; there is an operator, a parenthesis or nothing. */
  private refuseMissing(found: Lexeme | undefined): Error {
    const before = this.lexemes[this.next - 1]
    if (before && (before.kind === 'or' || before.kind === 'and' || before.kind === 'not')) {
      return this.refuseOperator('nothing_after', before)
    }
    if (found && (found.kind === 'or' || found.kind === 'and')) return this.refuseOperator('nothing_before', found)
    return found ? this.refuseUnopened(found) : new QueryRefusal('empty')
  }

  private refuseOperator(kind: 'nothing_after' | 'nothing_before', operator: Lexeme): Error {
    const what = this.text.slice(operator.start, operator.end)
    const form = replaced(this.text, operator, '').replace(/ {2,}/g, ' ')
    const isWord = /^\w+$/.test(what)
    return refuseAt(this.text, operator.start, kind, {
      ...{ what, form },
      ...(isWord && { quoted: replaced(this.text, operator, `"${what}"`) }),
    })
  }

  private refuseUnopened(close: Lexeme): Error {
    const form = replaced(this.text, close, '')
    if (form === '') return refuseAt(this.text, close.start, 'no_words', { what: `"${this.text}"` })
    return refuseAt(this.text, close.start, 'unopened_paren', { form })
  }

  private refuseUnclosed(open: Lexeme): Error {
    return refuseAt(this.text, open.start, 'unclosed_paren', { form: this.text + ')'.repeat(this.level) })
  }
}

/** Flat: an AND within an AND is one. */
function join(kind: 'and' | 'or', nodes: QueryNode[]): QueryNode {
  const [only] = nodes
  if (nodes.length === 1 && only) return only
  return { kind, nodes: nodes.flatMap((node) => (node.kind === kind ? node.nodes : [node])) }
}

function isNegative(node: QueryNode): boolean {
  return node.kind === 'not' || (node.kind === 'and' && node.nodes.every(isNegative))
}
