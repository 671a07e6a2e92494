import type { QueryNode, TextField } from '../model.ts'
import { type QueryTokens, queryTokens } from '../text/tokens.ts'
import { parseDuration } from '../time.ts'
import { bareAddress, urlWords } from './evaluate.ts'
import { FIELDS, type Field } from './fields.ts'
import type { TextLexeme } from './lex.ts'
import { type RefusalKind, refuseAt } from './refusals.ts'

/** What the text means in this field (null: in none). Throws `invalid`, with its place in the query. */
export function readLeaf(field: Field | null, lexeme: TextLexeme, context: LeafContext): QueryNode {
  const meaning = field === null ? 'any' : FIELDS[field]
  switch (meaning) {
    case 'source':
      return readSource(lexeme, context)
    case 'site':
      return readSite(lexeme, context)
    case 'lang':
      return readLanguage(lexeme, context)
    case 'after':
    case 'before':
      return readDay(meaning, lexeme, context)
    case 'within':
      return readWithin(lexeme, context)
    case 'has':
      if (plain(lexeme) === 'enclosure') return { kind: 'enclosure' }
      throw refuseValue('not_a_property', lexeme, context)
    default:
      return readWords(meaning, lexeme, context)
  }
}

export interface LeafContext {
  /** The whole query, for positions. */
  text: string
  /** IANA name. */
  timezone: string
}

function readWords(field: TextField, lexeme: TextLexeme, context: LeafContext): QueryNode {
  const { text } = lexeme
  // A tag of an item may be written with its sign or without.
  const words = field === 'url' ? urlWords(text) : field === 'tag' ? text.replace(/^[#＃]/, '') : text
  return { kind: 'words', field, ...readTokens(words, lexeme, context), written: writtenOf(lexeme) }
}

function readTokens(text: string, lexeme: TextLexeme, context: LeafContext): QueryTokens {
  const wanted = tokensOf(text, lexeme.star)
  const last = wanted.tokens.at(-1)
  if (last === undefined) throw refuseNoWords(lexeme, context)
  if (!lexeme.star || isOpenAnyway(text)) return wanted

  const star = lexeme.isQuoted ? lexeme.end : lexeme.end - 1
  if (!/[\p{L}\p{M}\p{N}+#]$/u.test(text)) throw refuseAt(context.text, star, 'star_inside', { form: `${last}*` })
  const letters = last.match(/[\p{L}\p{N}]/gu)?.length ?? 0
  if (letters < 2) throw refuseAt(context.text, star, 'star_short')
  return wanted
}

/** `queryTokens`, and for plain words, which most of a query are, at a tenth of its price. */
function tokensOf(text: string, isOpen: boolean): QueryTokens {
  if (!/^[a-z\d]+(?: [a-z\d]+)*$/i.test(text)) return queryTokens(text, isOpen)
  const lower = text.toLowerCase()
  return { tokens: lower.includes(' ') ? lower.split(' ') : [lower], prefix: isOpen }
}

/** In scripts without spaces every ending is open. */
function isOpenAnyway(text: string): boolean {
  return queryTokens(text, true).prefix === queryTokens(text).prefix
}

function refuseNoWords(lexeme: TextLexeme, context: LeafContext): Error {
  if (lexeme.isQuoted) return refuseAt(context.text, lexeme.start - 1, 'empty_quotes')
  return refuseAt(context.text, lexeme.start, 'no_words', { what: `"${lexeme.text}"` })
}

function writtenOf({ text, star }: TextLexeme): string {
  return star && !isOpenAnyway(text) ? `${text}*` : text
}

function readSource(lexeme: TextLexeme, context: LeafContext): QueryNode {
  const { text } = lexeme
  return {
    kind: 'source',
    written: writtenOf(lexeme),
    ...readTokens(text, lexeme, context),
    id: /^\d{1,15}$/.test(text) ? Number(text) : null,
    address: lexeme.star ? null : addressOf(text),
  }
}

/** A host or an address without its scheme; null for what is neither. */
function addressOf(text: string): string | null {
  const url = /^https?:\/\//i.test(text) ? text : `http://${text}`
  if (/\s/.test(text) || !URL.canParse(url)) return null
  const { href } = new URL(url)
  // Lone words and numbers are valid hosts for URL: 24 is 0.0.0.24.
  if (!/[.:]/.test(text.replace(/^https?:/i, '').replace(/[/?#].*$/s, '')) && !/:\/\//.test(text)) return null
  return bareAddress(href)
}

function readSite(lexeme: TextLexeme, context: LeafContext): QueryNode {
  const text = plain(lexeme)
    .replace(/^https?:\/\//, '')
    .replace(/^\*?\./, '')
    .replace(/\/$/, '')
  const isHost = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}.-]*$/u.test(text) && !lexeme.star && URL.canParse(`http://${text}`)
  if (!isHost) throw refuseValue('not_a_site', lexeme, context)
  // In the form addresses have it: xn-- for other scripts.
  return { kind: 'site', host: new URL(`http://${text}`).hostname.replace(/\.$/, '') }
}

function readLanguage(lexeme: TextLexeme, context: LeafContext): QueryNode {
  const language = plain(lexeme).replaceAll('_', '-')
  if (!/^[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}$/.test(language)) throw refuseValue('not_a_language', lexeme, context)
  return { kind: 'lang', language }
}

function readDay(side: 'after' | 'before', lexeme: TextLexeme, context: LeafContext): QueryNode {
  const written = plain(lexeme)
  const [year, month, day] = /^([1-9]\d{3})-(\d{2})-(\d{2})$/.exec(written)?.slice(1).map(Number) ?? []
  const utc = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day))
  const isDay = year !== undefined && utc.getUTCMonth() + 1 === month && utc.getUTCDate() === day
  if (!isDay) throw refuseValue('not_a_day', lexeme, context, `${side}:${likelyDay(written)}`)
  const at = startOfDay(utc.getTime(), context.timezone)
  return { kind: 'published', fromMs: side === 'after' ? at : null, toMs: side === 'before' ? at : null, written }
}

/** 2026/11/1 was meant as 2026-11-01. */
function likelyDay(written: string): string {
  const [, year, month, day] = /^([1-9]\d{3})[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d)$/.exec(written) ?? []
  if (year === undefined || month === undefined || day === undefined) return '2026-11-01'
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
}

/** The first second that carries this date in the zone (some days begin at one o'clock). Zones are within 16 h of UTC. */
function startOfDay(utcMidnight: number, timezone: string): number {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  const wanted = new Date(utcMidnight).toISOString().slice(0, 10)
  let before = utcMidnight / 1_000 - 16 * 3_600
  let within = utcMidnight / 1_000 + 16 * 3_600
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2)
    if (format.format(middle * 1_000) >= wanted) within = middle
    else before = middle
  }
  return within * 1_000
}

function readWithin(lexeme: TextLexeme, context: LeafContext): QueryNode {
  const written = plain(lexeme)
  // `parseDuration` names the setting; here the place in the query helps more.
  if (!/^0*[1-9]\d{0,4}[smhdw]$/.test(written)) throw refuseValue('not_a_time', lexeme, context)
  return { kind: 'within', ms: parseDuration(written, 'within'), written }
}

function plain({ text, star }: TextLexeme): string {
  return (star ? `${text}*` : text).normalize('NFKC').toLowerCase().trim()
}

function refuseValue(kind: RefusalKind, lexeme: TextLexeme, context: LeafContext, form = ''): Error {
  return refuseAt(context.text, lexeme.start, kind, { what: writtenOf(lexeme), form })
}
