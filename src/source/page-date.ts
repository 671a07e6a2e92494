import { parseDate } from './dates.ts'

/** A date as a list writes it beside its entries. Where the year is missing, something else must tell it. */
export type FoundDate = { kind: 'whole'; date: string } | { kind: 'yearless'; month: number; day: number }

/** Where a date may stand: one look for those who have many texts. */
export const DATE_HINT =
  /(?:19|20)\d\d ?[-/.年]|[-/.]\s?(?:19|20)\d\d(?!\d)|(?<![\d.:/-])\d{1,2} ?[-/.月] ?\d{1,2}(?![\d.:/%-])|\d(?:st|nd|rd|th|er|º)?\.?[ -](?:de )?\p{L}{3,12}\.?,?[ -](?:de )?(?:19|20)\d\d|\p{L}{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d|^\s*(?:\p{L}{3,9}\.? \d{1,2}|\d{1,2}\.? \p{L}{3,9}|\W?(?:19|20)\d{6}\W?|\W?\d\d[-/.]\d\d[-/.]\d\d\W?)\s*$/u

/**
 * The first date in a text, and how it is written; null for none. `isWholeText` says that the text is little else: then
 * forms count that elsewhere are numbers (20180511, 05-11).
 */
export function findDate(text: string, isWholeText: boolean): FoundDate | null {
  const clean = text.slice(0, 300).replace(/\s+/g, ' ').trim()
  return findWhole(clean, isWholeText) ?? findYearless(clean, isWholeText)
}

function findWhole(text: string, isWholeText: boolean): FoundDate | null {
  for (const { pattern, write } of isWholeText ? [...FORMS, ...LOOSE] : FORMS) {
    for (const match of text.matchAll(pattern)) {
      const date = write(match)
      if (parseDate(date) !== null) return { kind: 'whole', date }
    }
  }
  return null
}

const YEAR = '((?:19|20)\\d\\d)'
const TIME = '(?:[T ,]{1,2}\\d{1,2}:\\d\\d(?::\\d\\d)?(?:Z| ?[+-]\\d\\d:?\\d\\d)?)?'

interface Form {
  pattern: RegExp
  write: (match: RegExpMatchArray) => string
}

const asWritten = (match: RegExpMatchArray) => match[0]

/** The surest first. */
const FORMS: Form[] = [
  // 2018-05-11 12:30, 2018/5/11, 2018.05.11, 2018年5月11日
  {
    pattern: new RegExp(`(?<!\\d)${YEAR} ?[-/.年] ?\\d{1,2} ?[-/.月] ?\\d{1,2}(?!\\d) ?日?${TIME}`, 'g'),
    write: asWritten,
  },
  // 11 May 2018, 11. Mai 2018, 11 de mayo de 2018
  {
    pattern: new RegExp(
      `(?<![\\d:])\\d{1,2}(?:st|nd|rd|th|er|º)?\\.?[ -](?:de )?\\p{L}{3,12}\\.?,?[ -](?:de )?${YEAR}(?!\\d)`,
      'gu',
    ),
    write: asWritten,
  },
  // May 11, 2018
  { pattern: new RegExp(`\\p{L}{3,12}\\.? \\d{1,2}(?:st|nd|rd|th)?,? ${YEAR}(?!\\d)`, 'gu'), write: asWritten },
  // 11.05.2018, 05/11/2018
  { pattern: new RegExp(`(?<![\\d./-])\\d{1,2}([-/.])\\d{1,2}\\1${YEAR}(?!\\d)`, 'g'), write: asWritten },
  // The day in large letters, the month and year below it: "11 2018-05", "11 2018年5月"
  {
    pattern: new RegExp(`(?<![\\d:.-])(\\d{1,2})日? ${YEAR}[-/.年] ?(\\d{1,2})月?(?!\\d|[-/.月] ?\\d)`, 'g'),
    write: ([, day, year, month]) => `${year}-${month}-${day}`,
  },
  // The year below: "05-11 2018", "5月11日 2018年", "05/11 2018"
  {
    pattern: new RegExp(`(?<![\\d:.-])(\\d{1,2})[-/.月](\\d{1,2})日?,? ${YEAR}年?(?!\\d)`, 'g'),
    write: ([, month, day, year]) => `${year}-${month}-${day}`,
  },
  // The year above: "2018 05-11", "2018年 05-11"
  {
    pattern: new RegExp(`(?<!\\d)${YEAR}年? (\\d{1,2})[-/.月](\\d{1,2})日?(?!\\d)`, 'g'),
    write: ([, year, month, day]) => `${year}-${month}-${day}`,
  },
]

const LOOSE: Form[] = [
  { pattern: /^\D{0,10}((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)\D{0,3}$/g, write: ([, y, m, d]) => `${y}-${m}-${d}` },
  { pattern: /^\W?(\d\d)[-/.](\d\d)[-/.](\d\d)\W?$/g, write: ([, y, m, d]) => `20${y}-${m}-${d}` },
]

function findYearless(text: string, isWholeText: boolean): FoundDate | null {
  const bracketed = /[[(（【](\d{1,2})[-/.月](\d{1,2})日?[\])）】]/.exec(text)
  const bare = /^(\d\d)[-/.](\d\d)(?: \d\d:\d\d)?$|^(\d{1,2})月(\d{1,2})日?(?: \d\d:\d\d)?$/.exec(text)
  const month = Number(bracketed?.[1] ?? bare?.[1] ?? bare?.[3])
  const day = Number(bracketed?.[2] ?? bare?.[2] ?? bare?.[4])
  if (bracketed || (bare && isWholeText)) return isDay(month, day) ? { kind: 'yearless', month, day } : null
  if (!isWholeText || !/^(?:\p{L}{3,9}\.? \d{1,2}|\d{1,2}\.? \p{L}{3,9})$/u.test(text)) return null
  // "May 11", "11 May": in a leap year every day there is exists.
  const date = parseDate(`${text.replace(/\./g, '')} 2000`) ?? parseDate(`${text.replace(/\./g, '')}, 2000`)
  return date === null ? null : { kind: 'yearless', month: monthOf(date), day: dayOf(date) }
}

function isDay(month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31
}

function monthOf(date: number): number {
  return new Date(date).getUTCMonth() + 1
}

function dayOf(date: number): number {
  return new Date(date).getUTCDate()
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

export function isoDay(year: number, month: number, day: number): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}
