import type { QueryNode, TextField } from '../model.ts'
import { type QueryTokens, queryTokens } from '../text/tokens.ts'
import { parseDuration } from '../time.ts'
import { bareAddress, urlWords } from './addresses.ts'
import { FIELDS, type Field } from './fields.ts'
import type { TextLexeme } from './lex.ts'
import { type RefusalKind, refuseAt, replaced } from './refusals.ts'

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
      throw refuseValue('not_a_property', lexeme, context, 'enclosure')
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
  const { tokens, prefix } = readTokens(words, lexeme, context)
  return { kind: 'words', field, tokens, prefix, written: writtenOf(lexeme) }
}

function readTokens(text: string, lexeme: TextLexeme, context: LeafContext): QueryTokens {
  const wanted = tokensOf(text, lexeme.star)
  const token = wanted.tokens.at(-1)
  if (token === undefined) throw refuseNoWords(lexeme, context)
  if (!lexeme.star || isOpenAnyway(text)) return wanted

  const star = lexeme.start + context.text.slice(lexeme.start).search(/[*＊]/)
  const after = text.search(AFTER_WORDS)
  if (after < text.length) {
    const form = replaced(context.text, lexeme, `${text.slice(0, after)}*`)
    throw refuseAt(context.text, star, 'star_inside', { form })
  }
  const letters = token.match(/[\p{L}\p{N}]/gu)?.length ?? 0
  if (letters < 2) throw refuseAt(context.text, star, 'star_short', { form: replaced(context.text, lexeme, text) })
  return wanted
}

/** What stands behind the last word; invisible signs are of the word that they follow. */
const AFTER_WORDS = /(?:[^\p{L}\p{M}\p{N}\p{Extended_Pictographic}\p{RI}\p{DI}+#]\p{DI}*)*$/u

function tokensOf(text: string, isOpen: boolean): QueryTokens {
  const tokens = plainWords(text)
  return tokens === null ? queryTokens(text, isOpen) : { tokens, prefix: isOpen }
}

/** The tokens of words of ASCII letters and digits, at a tenth of what `queryTokens` takes; null for every other text. */
export function plainWords(text: string): string[] | null {
  if (!/^[a-z\d]+(?: [a-z\d]+)*$/i.test(text)) return null
  const lower = text.toLowerCase()
  const tokens: string[] = []
  let start = 0
  // `split` takes longer than all the rest of reading a phrase.
  for (let end = lower.indexOf(' '); end >= 0; end = lower.indexOf(' ', start)) {
    tokens.push(lower.slice(start, end))
    start = end + 1
  }
  tokens.push(lower.slice(start))
  return tokens
}

/** In scripts without spaces every ending is open. */
function isOpenAnyway(text: string): boolean {
  return queryTokens(text, true).prefix === queryTokens(text).prefix
}

function refuseNoWords(lexeme: TextLexeme, context: LeafContext): Error {
  const { start, end } = lexeme
  if (!lexeme.isQuoted) {
    return refuseAt(context.text, start, 'no_words', {
      what: `"${lexeme.text}"`,
      form: replaced(context.text, lexeme, ''),
    })
  }
  const form = replaced(context.text, { start: start - 1, end: end + 1 }, '')
  return refuseAt(context.text, start - 1, 'empty_quotes', { form })
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
    address: addressOf(text),
  }
}

/** A host or an address without its scheme; null for what is neither. */
function addressOf(text: string): string | null {
  const url = /^https?:\/\//i.test(text) ? text : `http://${text}`
  // Lone words and numbers are valid hosts for URL: 24 is 0.0.0.24.
  if (!URL.canParse(url) || !/^[^/?#]*[.:]/.test(text)) return null
  return bareAddress(new URL(url).href)
}

function readSite(lexeme: TextLexeme, context: LeafContext): QueryNode {
  const text = plain(lexeme)
    .replace(/^https?:\/\//, '')
    .replace(/^\*?\./, '')
    .replace(/\/$/, '')
  const isHost = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}.-]*$/u.test(text) && URL.canParse(`http://${text}`)
  if (!isHost) {
    const [host = ''] = /^[^/?#:]+(?=[/?#:])/.exec(text) ?? []
    throw refuseValue('not_a_site', lexeme, context, host === '' ? undefined : host)
  }
  // In the form addresses have it: xn-- for other scripts.
  return { kind: 'site', host: new URL(`http://${text}`).hostname.replace(/\.+$/, '') }
}

function readLanguage(lexeme: TextLexeme, context: LeafContext): QueryNode {
  const language = plain(lexeme).replaceAll('_', '-')
  if (!/^[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}$/.test(language))
    throw refuseValue('not_a_language', lexeme, context, likelyLanguage(language))
  return { kind: 'lang', language }
}

/** The code of a language that was written by its name, in English or as its speakers call it. */
function likelyLanguage(name: string): string | undefined {
  return NAMED_LANGUAGES.find((code) => ['en', code].some((of) => languageName(code, of) === name))
}

/** People write of these; to look at every code there is would take too long. */
const NAMED_LANGUAGES =
  'en zh es pt fr de it nl pl ru uk ja ko ar fa he tr hi bn ur id vi th el cs hu ro sv da no fi bg sr hr sk'.split(' ')

function languageName(code: string, of: string): string | undefined {
  return new Intl.DisplayNames(of, { type: 'language' }).of(code)?.toLowerCase()
}

function readDay(side: 'after' | 'before', lexeme: TextLexeme, context: LeafContext): QueryNode {
  const written = plain(lexeme)
  const [year, month, day] = /^([1-9]\d{3})-(\d{2})-(\d{2})$/.exec(written)?.slice(1).map(Number) ?? []
  const utc = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day))
  if (!isInMonth(utc, month)) throw refuseDay(written, lexeme, context)
  const at = startOfDay(utc.getTime(), context.timezone)
  return { kind: 'published', fromMs: side === 'after' ? at : null, toMs: side === 'before' ? at : null, written }
}

/** "after:7d" was meant as "within:7d". */
function refuseDay(written: string, lexeme: TextLexeme, context: LeafContext): Error {
  const { text } = context
  const [field = ''] = /after[:：]["“”„‟＂«「『]?$/i.exec(text.slice(0, lexeme.start)) ?? []
  if (field === '' || !IS_TIME.test(written)) return refuseValue('not_a_day', lexeme, context, likelyDay(written))
  const place = { start: lexeme.start - field.length, end: lexeme.end + (lexeme.isQuoted ? 1 : 0) }
  const form = replaced(text, place, `within:${written}`)
  return refuseAt(text, lexeme.start, 'not_a_day', { what: writtenOf(lexeme), form })
}

/** A day that its month does not have is one of the next; what is no date is in no month. */
function isInMonth(utc: Date, month: number | undefined): boolean {
  return utc.getUTCMonth() + 1 === month
}

/**
 * 2026/11/1, 20261101, 1.11.2026 and a day with something behind it were meant as 2026-11-01, 2026-11 as its beginning, the
 * 31st of November as the 30th. Undefined for 1/11/2026, which may be either day.
 */
function likelyDay(written: string): string | undefined {
  const [, first = 0, sign, second = 0, last = ''] = /^(\d\d?)([./-])(\d\d?)\2(\d{4})(?!\d)/.exec(written) ?? []
  if (last !== '' && sign !== '.' && Number(first) < 13 && Number(second) < 13) return undefined
  const yearFirst = Number(second) > 12 ? `${last}-${first}-${second}` : `${last}-${second}-${first}`
  const found = /^([1-9]\d{3})(?:[-/.年–—]?(\d\d?)(?:[-/.月–—]?(\d\d?))?)?(?!\d)/.exec(
    last === '' ? written : yearFirst,
  )
  const [year = 0, month = 0, day = 0] = found?.slice(1).map((part = '1') => Number(part)) ?? []
  const utc = new Date(Date.UTC(year, month - 1, Math.min(day, daysOf(year, month))))
  return isInMonth(utc, month) && day <= 31 ? utc.toISOString().slice(0, 10) : '2026-11-01'
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
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

const IS_TIME = /^0*[1-9]\d{0,4}[smhdw]$/

function readWithin(lexeme: TextLexeme, context: LeafContext): QueryNode {
  const written = plain(lexeme)
  // `parseDuration` names the setting; here the place in the query helps more.
  if (!IS_TIME.test(written)) throw refuseTime(written, lexeme, context)
  return { kind: 'within', ms: parseDuration(written, 'within'), written }
}

/** In "within:24 hours" the unit is a word of its own. */
function refuseTime(written: string, lexeme: TextLexeme, { text }: LeafContext): Error {
  const isNumber = !lexeme.isQuoted && /^\d+$/.test(written)
  const [apart = ''] = (isNumber && UNIT_APART.exec(text.slice(lexeme.end))) || []
  const form = replaced(text, { start: lexeme.start, end: lexeme.end + apart.length }, likelyTime(written + apart))
  return refuseAt(text, lexeme.start, 'not_a_time', { what: writtenOf(lexeme), form })
}

const UNIT_APART = /^ +(?:m|min(?:ute)?s?|h|hours?|hrs?|d|days?|w|weeks?|months?|y|years?)(?![\p{L}\p{N}])/iu

/** 24hours was meant as 24h, 2 months as 60d, a week as 7d, a number alone as days. */
function likelyTime(written: string): string {
  const [, count, word = ''] = /^0*([1-9]\d{0,2})? *([a-z]*)[^a-z\d]*$/i.exec(written) ?? []
  const isSaid = count !== undefined || /^(?:minute|hour|today|day|week|month|year)$/i.test(word)
  const [, unit, times] = LIKELY_UNITS.find(([name]) => isSaid && name.test(word)) ?? []
  return unit === undefined || times === undefined ? '7d' : `${Number(count ?? 1) * times}${unit}`
}

/** What people write for a unit, the unit, and how many of it are meant. */
const LIKELY_UNITS: [RegExp, string, number][] = [
  [/^m(?:in|$)/i, 'm', 1],
  [/^h/i, 'h', 1],
  [/^(?:d|today|$)/i, 'd', 1],
  [/^w/i, 'w', 1],
  [/^mo/i, 'd', 30],
  [/^y/i, 'd', 365],
]

function plain({ text, star }: TextLexeme): string {
  return (star ? `${text}*` : text).normalize('NFKC').toLowerCase().trim()
}

/** `value` would have been right in its place. */
function refuseValue(kind: RefusalKind, lexeme: TextLexeme, { text }: LeafContext, value?: string): Error {
  const form = value === undefined ? {} : { form: replaced(text, lexeme, value) }
  return refuseAt(text, lexeme.start, kind, { what: writtenOf(lexeme), ...form })
}
