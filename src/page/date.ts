import { parseDate } from '../source/dates.ts'
import { plainDigits } from '../source/digits.ts'
import { monthOf } from '../source/months.ts'
import { FOREIGN_FORMS } from './calendars.ts'

/** A date as a list writes it beside its entries. Where the year is missing, something else must tell it. */
export type FoundDate =
  | { kind: 'whole'; date: string }
  /** `time` is '' or, to be written behind the day, " 12:30". `isUnsure`: the month may be the day, as `settleDates` says. */
  | { kind: 'yearless'; month: number; day: number; time: string; isUnsure: boolean }

/** Whether a short text holds a date, or two of its numbers: the third may stand in an element of its own. */
export function holdsDate(text: string): boolean {
  return /\p{Nd}/u.test(text) && (TWO_NUMBERS.test(plainDigits(text)) || findDate(text, true) !== null)
}

const TWO_NUMBERS = /(?:19|20)\d\d ?[-/.年] ?\d|(?<![\d.:/-])\d{1,2} ?[-/.月] ?\d{1,2}(?![\d.:/%-])/

/** "May 11, 2018. This release brings …", "2018年5月11日，全市…", "Lisbon, 11 May 2018 – …": the date a text was written. */
export function beginsWithDate(text: string): boolean {
  return DATELINE.test(plainDigits(text.slice(0, 80)))
}

const DATELINE =
  /^\s*(?:\p{Lu}[\p{L} .]{2,20}, )?(?:(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}(?!\d)|\d{1,2}\.? (?:de )?\p{L}{3,12}\.? (?:de )?(?:19|20)\d\d|\p{L}{3,12}\.? \d{1,2},? (?:19|20)\d\d)日?\s?[-:.,，：–—|](?=\s|[^\d\s])/u

/**
 * The first date in a text, and how it is written; null for none. A time of day beside it belongs to it. `isWholeText` says
 * that the text is little else: then forms count that elsewhere are numbers (20180511, 05-11).
 */
export function findDate(text: string, isWholeText: boolean): FoundDate | null {
  const clean = plainDigits(text.slice(0, 300)).replace(/\s+/g, ' ').trim()
  return findWhole(clean, FORMS) ?? (isWholeText ? findWhole(clean, LOOSE) : null) ?? findYearless(clean, isWholeText)
}

function findWhole(text: string, forms: Form[]): FoundDate | null {
  for (const { pattern, write } of forms) {
    for (const match of text.matchAll(pattern)) {
      const day = write(match)
      if (parseDate(day) === null) continue
      const date = `${day}${timeBeside(text, match.index, match.index + match[0].length)}`
      return { kind: 'whole', date: parseDate(date) === null ? day : date }
    }
  }
  return null
}

// ---- The time of day ----

/** Whether, and when: " 18:40", with seconds and zone where they are said; '' where no time stands beside the day. */
function timeBeside(text: string, from: number, end: number): string {
  CLOCK_BEHIND.lastIndex = end
  const match = CLOCK_BEHIND.exec(text) ?? CLOCK_BEFORE.exec(text.slice(Math.max(0, from - 30), from))
  return match === null ? '' : writeClock(match)
}

/** The same of a text that is a time and nothing else, in an element of its own beside its day; null for any other. */
export function findTime(text: string): string | null {
  const match = /^\s*\d\d[:：]\d\d/.test(text) ? CLOCK_ALONE.exec(plainDigits(text.slice(0, 40)).trim()) : null
  return match === null ? null : writeClock(match)
}

/** A text without its time of day. */
export function withoutTime(text: string): string {
  return text.slice(0, 300).replace(CLOCK_ANYWHERE, ' ').trim()
}

function writeClock({ groups = {} }: RegExpExecArray): string {
  const { half = '', h, m, s, noon = '', zone = '' } = groups
  const isLate = /^p/i.test(noon) || /下午|午後|오후|晚上/.test(half)
  const isEarly = /^a/i.test(noon) || /上午|午前|오전|早上|凌晨/.test(half)
  const said = Number(h)
  const hour = isLate || isEarly ? (said % 12) + (isLate ? 12 : 0) : said
  if (hour > 23 || Number(m) > 59) return ''
  return ` ${String(hour).padStart(2, '0')}:${m}${s === undefined ? '' : `:${s}`}${zone === '' ? '' : ` ${zone}`}`
}

const CLOCK =
  '(?<half>上午|下午|午前|午後|오전|오후|早上|晚上|凌晨)? ?(?<h>\\d{1,2})(?:[:：时時h]|시 ?|(?<=(?:kl|klo|ore|um)\\.? \\d{1,2})\\.|\\.(?=\\d\\d Uhr))(?<m>\\d\\d)(?:[:：](?<s>\\d\\d))?分?(?![\\d:：])(?: ?(?<noon>[apAP])\\.? ?[mM](?!\\p{L})\\.?)?(?: ?(?<zone>(?:UTC|GMT) ?[+-]\\d{1,2}(?=[^\\d:]|$)|(?:Z|UTC|GMT|MSK|MES?Z|[A-Z]{1,4}T)?(?: ?[+-]\\d\\d:?\\d\\d)?)(?![\\p{L}\\d]))?'
/** What may stand between a day and its time: signs, "г.", the day of the week, "at". */
const GAP =
  '(?:T|[ ,;|·–—-]{0,4}(?:[гr]\\.?,? )?(?:[(（]\\p{L}{1,9}\\.?[)）] ?|(?:星期|周)[一二三四五六日天] ?)?(?:(?:at|um|om|klo?|ore|à|às|в|o|a las)\\.? )?)'
const CLOCK_BEHIND = new RegExp(`${GAP}${CLOCK}`, 'uy')
const CLOCK_BEFORE = new RegExp(`(?<![\\d:.])${CLOCK}(?: Uhr)?[ ,;|·–—-]{1,3}$`, 'u')
const CLOCK_ALONE = new RegExp(`^${CLOCK}(?: Uhr| ч\\.?)?$`, 'u')
const CLOCKS = new RegExp(`(?<![\\d:.])${CLOCK}`, 'gu')
const CLOCK_ANYWHERE = new RegExp(`(?<![\\d:.])${CLOCK}`, 'u')

// ---- The day ----

const YEAR = '((?:19|20)\\d\\d)'

interface Form {
  pattern: RegExp
  write: (match: RegExpMatchArray) => string
}

const asWritten = (match: RegExpMatchArray) => match[0]
const ORDINAL = 'st|nd|rd|th|ST|ND|RD|TH'
const withoutOrdinal = ([written]: RegExpMatchArray) => written.replace(/(\d)(?:ST|ND|RD|TH)/, '$1')

/** The surest first. */
const FORMS: Form[] = [
  // 2018-05-11, 2018/5/11, 2018.05.11, 2018年5月11日, 2018년 5월 11일
  {
    pattern: new RegExp(`(?<!\\d)${YEAR} ?[-/.年년] ?\\d{1,2} ?[-/.月월] ?\\d{1,2}(?!\\d)(?: ?[日일])?`, 'g'),
    write: asWritten,
  },
  // 11 May 2018, 11. Mai 2018, 11 de mayo de 2018
  {
    pattern: new RegExp(
      `(?<![\\d:])\\d{1,2}(?:${ORDINAL}|er|º)?\\.?[ -](?:de )?\\p{L}{3,12}\\.?,?[ -](?:de )?${YEAR}(?!\\d)`,
      'gu',
    ),
    write: withoutOrdinal,
  },
  // May 11, 2018
  { pattern: new RegExp(`\\p{L}{3,12}\\.? \\d{1,2}(?:${ORDINAL})?,? ${YEAR}(?!\\d)`, 'gu'), write: withoutOrdinal },
  // 11. 5. 2018, 11 / 05 / 2018
  {
    pattern: new RegExp(`(?<![\\d./-] ?)(\\d{1,2})(\\. | ?/ )(\\d{1,2})\\2${YEAR}(?!\\d)`, 'g'),
    write: ([, first, sign, second, year]) => [first, second, year].join(sign?.trim()),
  },
  // 11.05.2018, 05/11/2018
  { pattern: new RegExp(`(?<![\\d./-])\\d{1,2}([-/.])\\d{1,2}\\1${YEAR}(?!\\d)`, 'g'), write: asWritten },
  // 令和8年5月11日, R8.5.11
  {
    pattern: /(令和|平成|昭和|(?<![\p{L}\d])[RH]) ?(元|\d{1,2})[年.] ?(\d{1,2})[月.] ?(\d{1,2})(?!\d)日?/gu,
    write: ([, era, year, month, day]) =>
      `${(ERAS[era ?? ''] ?? 0) + (year === '元' ? 1 : Number(year))}-${month}-${day}`,
  },
  // 民國107年5月11日
  {
    pattern: /民[國国] ?(\d{2,3}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日?/g,
    write: ([, year, month, day]) => `${MINGUO + Number(year)}-${month}-${day}`,
  },
  // The day in large letters, the month and year below it: "11 2018-05", "11 2018年5月", "11 /2018.05"
  {
    pattern: new RegExp(`(?<![\\d:.-])(\\d{1,2})日?(?: | ?/ ?)${YEAR}[-/.年] ?(\\d{1,2})月?(?!\\d|[-/.月] ?\\d)`, 'g'),
    write: ([, day, year, month]) => `${year}-${month}-${day}`,
  },
  // The year below: "05-11 2018", "5月11日 2018年", "05/11 2018", "11.05. 2018"
  {
    pattern: new RegExp(`(?<![\\d:.-])(\\d{1,2})([-/.月])(\\d{1,2})(?:日|\\.?),? ${YEAR}年?(?!\\d)`, 'g'),
    write: ([, first, sign, second, year]) =>
      /[/.]/.test(sign ?? '') ? `${first}/${second}/${year}` : `${year}-${first}-${second}`,
  },
  // The year above: "2018 05-11", "2018年 05-11"
  {
    pattern: new RegExp(`(?<!\\d)${YEAR}年? (\\d{1,2})[-/.月](\\d{1,2})日?(?!\\d)`, 'g'),
    write: ([, year, month, day]) => `${year}-${month}-${day}`,
  },
  // "등록일 : 18.05.11", read as `settleDates` says.
  {
    pattern: /\p{L} ?[:：] ?(\d\d([-/.])\d\d\2\d\d)(?![\d./-])/gu,
    write: ([, date = '']) => date,
  },
  ...FOREIGN_FORMS,
]

/** The year before their first one. */
const ERAS: Record<string, number | undefined> = { 令和: 2018, R: 2018, 平成: 1988, H: 1988, 昭和: 1925 }
/** Years of the Republic of China are counted from here. */
const MINGUO = 1911

const LOOSE: Form[] = [
  {
    pattern: /^\D{0,10}((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)(?=\D{0,3}$)/g,
    write: ([, y, m, d]) => `${y}-${m}-${d}`,
  },
  // Read as `settleDates` says.
  { pattern: /(?<=^\W?)(?:\d\d([-/.])\d\d\1\d\d|\d\d?\/\d\d?\/\d\d)(?=\W?$| \d\d?:)/g, write: asWritten },
  {
    pattern: /^\W?(1[01]\d)([-/.])(\d{1,2})\2(\d{1,2})(?=\W?$| \d\d:)/g,
    write: ([, year, , month, day]) => `${MINGUO + Number(year)}-${month}-${day}`,
  },
]

function findYearless(text: string, isWholeText: boolean): FoundDate | null {
  // "May 11, 14:02 - 16:30 UTC": of what lasted the beginning counts.
  const day = isWholeText
    ? text
        .replace(CLOCKS, ' ')
        .trim()
        .replace(/^[\s,;|·([（【–—-]+|[\s,:;|·)\]）】–—-]+$/g, '')
    : ''
  const numbers = BRACKETED.exec(text) ?? BARE_DAYS.map((form) => form.exec(day)).find((match) => match !== null)
  if (numbers) return yearless(numbers.map(Number), text, /[/.]/.test(numbers[2] ?? ''))
  if (!/^(?:\p{L}{3,9}\.? \d{1,2}|\d{1,2}\.? \p{L}{3,9})$/u.test(day)) return null
  // "May 11", "11 May": in a leap year every day there is exists.
  const date = parseDate(`${day.replace(/\./g, '')}, 2000`)
  if (date === null) return null
  const found = new Date(date)
  return yearless([0, found.getUTCMonth() + 1, 0, found.getUTCDate()], text, false)
}

/** With the sign that parts them. */
const BRACKETED = /[[(（【](\d{1,2})([-/.月])(\d{1,2})日?[\])）】]/
const BARE_DAYS = [/^(\d\d)([-/.])(\d\d)\.?$/, /^(\d{1,2})(月)(\d{1,2})日?$/, /^(\d{1,2})(\.) ?(\d{1,2})\.$/]

function yearless([, month = 0, , day = 0]: number[], text: string, isUnsure: boolean): FoundDate | null {
  const clock = CLOCK_ANYWHERE.exec(text)
  const isOne = isDay(month, day) || (isUnsure && isDay(day, month))
  return isOne ? { kind: 'yearless', month, day, time: clock === null ? '' : writeClock(clock), isUnsure } : null
}

/**
 * A day in large letters and its month, one below the other, as one text: "11", "May 2018"; "May", "11"; "11", "May". Null
 * for anything else.
 */
export function joinDate(before: string, behind: string): string | null {
  if (!PIECE.test(behind) || !PIECE.test(before) || /^\d/.test(before) === /^\d/.test(behind)) return null
  const [day, month] = /^\d/.test(before) ? [before, behind] : [behind, before]
  const written = /\d$/.test(month) ? `${day} ${month}` : `${month} ${day}`
  return findDate(written, true) === null ? null : written
}

const PIECE = /^(?:\d{1,2}|\p{L}{3,12}\.?(?:,? (?:19|20)\d\d)?)$/u

function isDay(month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31
}

/**
 * What an address tells of the day its page was published: /2018/05/11/, /201805/t20180511_1.html, /2018-05/11/,
 * /art/2018/5/11/art_1.html. Null where it tells no year; a month or a day it does not tell is null.
 */
export function dateOfUrl(url: string): { year: number; month: number | null; day: number | null } | null {
  const path = /^[a-z]+:\/\/[^/]*(.*)$/i.exec(url)?.[1] ?? ''
  for (const pattern of URL_FORMS) {
    const [, year, month, day] = pattern.exec(path) ?? []
    if (year === undefined) continue
    if (month === undefined) return { year: Number(year), month: null, day: null }
    if (!isDay(Number(month), Number(day ?? 1))) continue
    return { year: Number(year), month: Number(month), day: day === undefined ? null : Number(day) }
  }
  return null
}

const URL_FORMS = [
  /[/_t-]((?:19|20)\d\d)[-/_]?(\d\d)[-/_]?(\d\d)(?!\d)/,
  /\/((?:19|20)\d\d)\/(\d{1,2})\/(\d{1,2})\//,
  /\/((?:19|20)\d\d)[-/_]?(\d\d)(?=[/_-])/,
  /\/((?:19|20)\d\d)(?=[/_-])/,
]

/** The year a heading is about: "2018", "2018年5月", "News 2018 (12)"; null for a text that says more than that. */
export function yearOfHeading(text: string): number | null {
  const year = HEADING.exec(text.trim())?.[1]
  return year === undefined ? null : Number(year)
}

const HEADING =
  /^(?:[^\d\p{Script=Han}]{0,20}|\D{0,6}|\d{1,2}[-/.])((?:19|20)\d\d)(?:年度?)?(?:[-/. ]?\d{1,2}月?(?!\d)|\s?[(（]\d{1,4}[)）])?(?:[^\d\p{Script=Han}]{0,12}|\D{0,6})$/u

/** The month a heading is about, and its year where it names one: "May 2018", "2018年5月", "令和8年5月", "Mai"; null for any other text. */
export function monthOfHeading(text: string): { year: number | null; month: number } | null {
  const written = plainDigits(text.slice(0, 60)).replace(/\s+/g, ' ').trim()
  const [, name = '', year] = MONTH_IN_WORDS.exec(written) ?? []
  const named = monthOf(name)
  if (named !== undefined) return { year: year === undefined ? null : Number(year), month: named }
  const { groups } = MONTH_IN_NUMBERS.exec(written) ?? {}
  const month = Number(groups?.month)
  if (groups === undefined || !isDay(month, 1)) return null
  const ofEra = groups.era && (ERAS[groups.era] ?? 0) + (groups.of === '元' ? 1 : Number(groups.of))
  return { year: groups.year ? Number(groups.year) : ofEra || null, month }
}

const MONTH_IN_WORDS =
  /^([\p{L}\p{M}]{2,12})\.?(?:,? (?:de )?((?:19|20)\d\d))?(?: [гr]\.?)?(?: ?[(（]\d{1,3}[)）])? ?[:：]?$/u
const MONTH_IN_NUMBERS =
  /^(?:(?:(?<year>(?:19|20)\d\d) ?[年년]|(?<era>令和|平成) ?(?<of>元|\d{1,2})年) ?)?(?<month>\d{1,2})[月월][ :：]?$/

/** The day of a text that says no more than that, below the heading of its month: "11", "11日", "Fri 11th –"; null for any other. */
export function dayAlone(text: string): number | null {
  const day = Number(DAY_ALONE.exec(plainDigits(text.slice(0, 40)).trim())?.[1])
  return isDay(1, day) ? day : null
}

const DAY_ALONE = /^(?:\p{L}{1,4}[.,]? )?(\d{1,2})(?:st|nd|rd|th|日|일|\.)? ?(?:[(（]?\p{L}{1,3}[)）]?)? ?[:：–—-]?$/u

export function isoDay(year: number, month: number, day: number): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

// ---- At the ends of a title ----

const EDGE_CLOCK = '(?: \\d{1,2}:\\d\\d(?::\\d\\d)?)?'
const DAY_FIRST = '\\d{1,2}([-/.])\\d{1,2}\\1(?:19|20)\\d\\d'
const YEAR_FIRST = '(?:19|20)\\d\\d ?[-/.年] ?\\d{1,2} ?[-/.月] ?\\d{1,2} ?日?'
const YEARLESS = '\\d{1,2} ?[-/.月] ?\\d{1,2} ?日?'
/** Dates at the ends of a title, with the signs that part them from it. */
export const EDGE_DATES = [
  `^[[(（【]\\s?(?:${YEAR_FIRST}|${YEARLESS})${EDGE_CLOCK}\\s?[\\])）】]\\s*`,
  `^[[(（【]\\s?${DAY_FIRST}${EDGE_CLOCK}\\s?[\\])）】]\\s*`,
  `^${YEAR_FIRST}${EDGE_CLOCK}[\\s:：|-]+`,
  `^${DAY_FIRST}${EDGE_CLOCK}[\\s:：|-]+`,
  `\\s*[[(（【]\\s?(?:${YEAR_FIRST}|${YEARLESS})${EDGE_CLOCK}\\s?[\\])）】]$`,
  `\\s*[[(（【]\\s?${DAY_FIRST}${EDGE_CLOCK}\\s?[\\])）】]$`,
  `\\s+(?:[-–—|·] )?${YEAR_FIRST}${EDGE_CLOCK}$`,
].map((pattern) => new RegExp(pattern))
