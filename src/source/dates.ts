import { DAY_MS, formatLocal, HOUR_MS, MINUTE_MS } from '../time.ts'
import { monthOf } from './months.ts'

/**
 * The moment a date in a document means, in UTC milliseconds; null for what is none or impossible (31 February, the
 * years before 100, which tools write for "none"). Reads RFC 822, ISO 8601 and the forms seen in the wild. What names no
 * zone, or one nobody knows, is UTC, or Korea's time if it is written in Korean: never the zone of the machine.
 */
export function parseDate(text: string): number | null {
  const moment = parseCommon(text)
  if (moment !== undefined) return moment
  // "<pubDate>>Wed, 25 Nov …": a sign of the tag stood twice.
  const clean = text
    .slice(0, MAX_CHARS)
    // Arabic's marks of direction: between the parts of a date, whose first is the day; and digits of its own, and of Japan's keyboards.
    .replace(/\u200f\/\u200f?/g, '.')
    .replace(/[\u200e\u200f]/g, '')
    .replace(/[٠-٩０-９]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .replace(/[\s<>]+/g, ' ')
    .replace(/^[ "']+|[ "']+$/g, '')
  if (clean === '') return null
  const ordered = inOrder(clean)
  const written = parseMonth(ordered) ?? parseNumeric(ordered) ?? parseWritten(ordered) ?? parseEpoch(clean)
  return written !== null && KOREAN.test(clean) && !ZONED.test(clean.replace(/ [ap]m /i, ' '))
    ? written - KOREA_MS
    : written
}

function inOrder(text: string): string {
  return (
    text
      // "14:03 25.11.2026 +0100"
      .replace(/^(\d{1,2}:\d\d(?::\d\d)?),? (?=\d)(.*?)( (?:[+-]\d\d:?\d\d|[A-Z]{1,5}))?$/, '$2 $1$3')
      // "25/Nov/2026:14:03:07 +0100", of a server's log
      .replace(/^(\d{1,2}\/\p{L}{3,12}\/\d{4}):(?=\d)/u, '$1 ')
      // "25 Wednesday, Nov 2026"
      .replace(/^(\d{1,2}) \p{L}{3,12}, (?=\p{L})/u, '$1 ')
      // Lithuanian and Latvian: "2026 m. lapkričio 25 d.", "2026. gada 25. novembris"
      .replace(/^(?:\p{L}+, )?(\d{4}) m\. (\p{L}+) (\d{1,2}) d\./u, '$3 $2 $1')
      .replace(/^(?:\p{L}+, )?(\d{4})\. gada (\d{1,2})\. (\p{L}+)\.?/u, '$2 $3 $1')
      // "2026-11-25 00:00:00.0 14:03:07.0": a day and a time, each from a column of its own.
      .replace(/ 00:00:00(?:\.0+)? (?=\d\d:\d\d:\d\d)/, ' ')
  )
}

/** The tools that write so (blogs of Nate, of OnBlog) never name the zone they are in. */
const KOREAN = /(?:년|오전|오후).*\d ?[:시]/
const ZONED = /[a-z+]|\d ?[-−–]\d\d:?\d\d$/i
const KOREA_MS = 9 * HOUR_MS

/** Longer ones are no dates. */
const MAX_CHARS = 100

/** What most feeds write: "Wed, 25 Nov 2026 14:03:07 +0100" and "2026-11-25T14:03:07+01:00"; all of it possible, days and zones too. */
const RFC_822 =
  /^[A-Z][a-z]{2}, (?!(?:29|3\d) Feb|31 (?:Apr|Jun|Sep|Nov))(?:0?[1-9]|[12]\d|3[01]) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [1-9]\d{3} (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d (?:GMT|[+-](?:0\d|1[01])[0-5]\d)$/
const RFC_3339 =
  /^[1-9]\d{3}-(?!02-(?:29|3)|(?:0[469]|11)-31)(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?(?:Z|[+-](?:0\d|1[01]):[0-5]\d)$/

/** Undefined for other forms, which are for the long way. Of a day of the week `Date` would read "Mar" as a month. */
function parseCommon(text: string): number | undefined {
  if (RFC_822.test(text)) return Date.parse(text.slice(5))
  return RFC_3339.test(text) ? Date.parse(text) : undefined
}

interface Parts {
  year: number
  month: number
  day: number
  time: string
}

// ---- 2026-11-25T14:03:07+01:00, 2026/11/25, 2026年11月25日, 20261125, 25.11.2026, 11/25/2026 ----

function parseNumeric(text: string): number | null {
  const year =
    /^[a-z]{0,9},? ?(\d{4})(?: ?[-/.年년] ?0?(\d{1,2})(?!\d))?(?: ?[-/.月월] ?(\d{1,2}) ?[日일]?)?(.*)$/i.exec(text)
  if (year && (year[2] !== undefined || /^$|^T/i.test(year[4] ?? ''))) {
    return build({ year: Number(year[1]), month: Number(year[2] ?? 1), day: Number(year[3] ?? 1), time: year[4] ?? '' })
  }
  const compact = /^(\d{4})(\d\d)(\d\d)(?:[T ]?(\d\d:?\d\d.*)|T(\d\d(?!\d).*))?$/i.exec(text)
  if (compact) {
    const [, y, month, day, time = compact[5]] = compact
    return build({ year: Number(y), month: Number(month), day: Number(day), time: time ? `T${time}` : '' })
  }
  // The day of the year (ISO 8601).
  const ordinal = /^(\d{4})-?(\d{3})(T.*)?$/i.exec(text)
  if (ordinal) return parseOrdinal(Number(ordinal[1]), Number(ordinal[2]), ordinal[3] ?? '')
  const week = /^(\d{4})-?W(\d\d)(?:-?(\d))?(T.*)?$/i.exec(text)
  if (week) return parseWeek(Number(week[1]), Number(week[2]), Number(week[3] ?? 1), week[4] ?? '')
  const truncated = parseTruncated(text)
  if (truncated !== null) return truncated
  const ending = /^(?:\p{L}{2,12}\.?,? )?(\d{1,2}) ?([-/.]) ?(\d{1,2}) ?\2 ?(\d{4}|\d\d)\b(.*)$/u.exec(text)
  if (!ending) return null
  const [, first, sign, second, y, time] = ending
  // With dots the day stands first; with slashes and dashes the month, unless it cannot be one.
  const dayFirst = sign === '.' || Number(first) > 12
  const [day, month] = dayFirst ? [first, second] : [second, first]
  return build({ year: fullYear(y ?? ''), month: Number(month), day: Number(day), time: time ?? '' })
}

function parseOrdinal(year: number, dayOfYear: number, time: string): number | null {
  const start = build({ year, month: 1, day: 1, time })
  const days = 337 + daysIn(year, 2)
  return start === null || dayOfYear < 1 || dayOfYear > days ? null : start + (dayOfYear - 1) * DAY_MS
}

/** The first week is that of 4 January, and begins on Monday (ISO 8601). */
function parseWeek(year: number, week: number, day: number, time: string): number | null {
  const fourth = build({ year, month: 1, day: 4, time })
  if (fourth === null || week < 1 || week > 53 || day < 1 || day > 7) return null
  const weekday = new Date(Date.UTC(year, 0, 4)).getUTCDay() || 7
  return fourth + ((week - 1) * 7 + day - weekday) * DAY_MS
}

/** ISO 8601 with two digits of the year, where it can be that: "03-12-31", "031231", "03-335", "-03-12". */
function parseTruncated(text: string): number | null {
  const short =
    /^(\d\d)-(\d\d)-(\d\d)(?!\d)(.*)$/.exec(text) ??
    // One digit is no year: "03-1-2".
    /^(\d\d)-(\d{1,2})-(\d)(?!\d)(.*)$/.exec(text) ??
    // Not "200312", which may be the month of a year.
    /^(?!19|20)(\d\d)(\d\d)(\d\d)()$/.exec(text) ??
    /^-(\d\d)-?(\d\d)$/.exec(text)
  if (short) {
    const [, year = '', month, day = 1, time = ''] = short
    return build({ year: fullYear(year), month: Number(month), day: Number(day), time })
  }
  const [, year, dayOfYear] = /^(\d\d)-?(\d{3})$/.exec(text) ?? []
  return year === undefined ? null : parseOrdinal(fullYear(year), Number(dayOfYear), '')
}

// ---- Nov 2026 ----

function parseMonth(text: string): number | null {
  const [, name = '', year] = /^(\p{L}{3,12})\.?,? (\d{4})$/u.exec(text) ?? []
  const month = monthOf(name)
  return month === undefined ? null : build({ year: Number(year), month, day: 1, time: '' })
}

// ---- Wed, 25 Nov 2026 14:03:07 GMT, November 25, 2026 2:03 pm, 25. märz 2026, Wed Nov 25 14:03:07 UTC 2026 ----

function parseWritten(text: string): number | null {
  // Hungarian: "2004-július-13T9:15-05:00", "2026. november 25."
  const yearFirst = /^(\d{4})[-., ]{1,2}(\p{L}{3,12})[-. ]{1,2}(\d{1,2})(?!\d)\.?(.*)$/u.exec(text)
  const namedMonth = yearFirst && monthOf(yearFirst[2] ?? '')
  if (yearFirst && namedMonth) {
    const [, year, , day, time] = yearFirst
    return build({ year: Number(year), month: namedMonth, day: Number(day), time: time ?? '' })
  }
  const dayFirst =
    /(?:^|[^\d:.])(\d{1,2})(?:st|nd|rd|th|er|º)?[-. ,/]{0,2} ?(?:de |of )?(\p{L}{3,12}|(?:\d{1,2}|[一二三四五六七八九十]{1,2})[月월])[.׳]?(?: del?)?[-. ,/]{1,2}(\d{4}|\d\d)(?!\d|:)(.*)$/u.exec(
      text,
    )
  const writtenMonth = dayFirst && monthOf(dayFirst[2] ?? '')
  if (dayFirst && writtenMonth) {
    // "25. listopada 2026." is Croatian, and a month earlier than in Polish: so are all names that both have.
    const isCroatian = dayFirst[4]?.startsWith('.') && CROATIAN.test(dayFirst[2] ?? '')
    return build({
      year: fullYear(dayFirst[3] ?? ''),
      month: isCroatian ? writtenMonth - 1 : writtenMonth,
      day: Number(dayFirst[1]),
      time: dayFirst[4] ?? '',
    })
  }
  for (const match of text.matchAll(/(\p{L}{3,12})\.?[- ]{1,2}(\d{1,2})(?:st|nd|rd|th)?(?=[-,. ])/gu)) {
    const month = monthOf(match[1] ?? '')
    if (!month) continue
    const rest = text.slice((match.index ?? 0) + match[0].length)
    // The year comes next, or after the time (asctime).
    const year = /(?:^-?|[ ,])(\d{4})(?!\d)/.exec(rest)
    if (!year) return null
    const time = `${rest.slice(0, year.index)} ${rest.slice(year.index + year[0].length)}`
    return build({ year: Number(year[1]), month, day: Number(match[2]), time })
  }
  return null
}

const CROATIAN = /^(?:listopada?|lis|lip|srp)$/i

/** Seconds or milliseconds since 1970. */
function parseEpoch(text: string): number | null {
  // "/Date(1796040000000+0100)/" of .NET, where the zone is for showing it.
  const [, ticks] = /^\/Date\((-?\d{1,14})(?:[+-]\d{4})?\)\/$/.exec(text) ?? []
  if (ticks !== undefined) return Number(ticks)
  if (/^\d{9,10}(?:\.\d{1,6})?$/.test(text)) return Math.round(Number(text) * 1_000)
  return /^\d{12,13}$/.test(text) ? Number(text) : null
}

// ---- Parts ----

function build({ year, month, day, time }: Parts): number | null {
  const clock = parseClock(time)
  if (clock === null || year < 100 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null
  const date = new Date(0)
  // Not Date.UTC: it takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day)
  const local = date.getTime() + clock.ms
  return local - zoneOffsetMs(clock.zone, local)
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2_000 + (year % 400), month, 0)).getUTCDate()
}

function fullYear(digits: string): number {
  const year = Number(digits)
  if (digits.length === 4) return year
  // RFC 2822, 4.3.
  return year < 50 ? 2_000 + year : 1_900 + year
}

/** Time of day and what follows it; midnight where none is written, null for an impossible one. */
function parseClock(written: string): { ms: number; zone: string } | null {
  // Chinese, Japanese and Korean say the half of the day before the hour.
  const said = HALF.exec(written)
  const text = (said ? written.replace(said[0], ' ') : written).replace(DASHES, 'T$1:$2:$3')
  const time = CLOCK.exec(text) ?? BARE_CLOCK.exec(text)
  if (!time) return { ms: 0, zone: text.replace(/^[T ,]+/i, '') }
  const [, h, m, s, fraction, after, zone] = time
  const half = said ? (said[1] === undefined ? 'am' : 'pm') : after
  // "14:03 PM" says it twice.
  const hour = half && Number(h) <= 12 ? (Number(h) % 12) + (/^[pμم]/i.test(half) ? 12 : 0) : Number(h)
  const [minute, second] = [Number(m ?? 0), Number(s ?? 0)]
  // 24:00 ends the day, 60 seconds are a leap second.
  if (hour > 24 || (hour === 24 && minute + second > 0) || minute > 59 || second > 60) return null
  const ms = Math.floor(Number(`0.${fraction ?? 0}`) * 1_000)
  return { ms: hour * HOUR_MS + minute * MINUTE_MS + second * 1_000 + ms, zone: zone ?? '' }
}

const CLOCK =
  /(?:^|[T ,])(?:at )?(\d{1,2})[:.h時时点시] ?(\d{1,2})?(?:[:.分분] ?(\d{1,2})(?:[.,](\d{0,9}))?[秒초]?)?[分분]? ?([ap]\.? ?m(?![a-z])\.?|[πμ]\.? ?μ\.?|[صم](?= |$))?(.*)$/i
/** ISO 8601 without colons: "T14", "T1403", "T140307", " 140307"; " 14 +0100". */
const BARE_CLOCK = /^(?: (?=\d{6}|\d\d [+-]\d{4}$)|T)(\d\d)(?:(\d\d)(?:(\d\d)(?:[.,](\d{1,9}))?)?)?()(?!\d)(.*)$/i
/** "T14-03-07": three are no zone. */
const DASHES = /^T(\d\d)-(\d\d)-(\d\d)(?!\d)/
const HALF = /(오후|下午|午後|晚上|中午|PM(?= ?\d))|오전|上午|午前|早上|凌晨|AM(?= ?\d)/

/** What to take off at this moment of the place; 0 for no zone, an unknown one, and one that is on no map. */
function zoneOffsetMs(text: string, local: number): number {
  const zone = text.trim()
  const city = CITY.exec(zone)?.[0]
  if (city !== undefined) return cityOffsetMs(city, local)
  const numeric = /^\(?(?:(?:UTC|GMT|Z)? ?)[:-]?([+\-−–]) ?(\d{1,2}):?(\d\d)?(?!\d)/i.exec(zone)
  if (numeric) {
    const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? 0)
    const offset = numeric[1] === '+' ? minutes : -minutes
    return offset < -12 * 60 || offset > 14 * 60 ? 0 : offset * MINUTE_MS
  }
  const [, place, season] = AMERICAN.exec(zone) ?? []
  const name = place ? `${place[0]}${season?.[0] ?? ''}T`.toUpperCase() : (NAMED.exec(zone)?.[0].toUpperCase() ?? '')
  return (ZONES[name] ?? 0) * HOUR_MS
}

/** "Europe/Berlin", which may change its clocks that day. */
function cityOffsetMs(city: string, local: number): number {
  const offsetAt = (ms: number) => Date.parse(`${formatLocal(ms, city)}Z`) - Math.floor(ms / MINUTE_MS) * MINUTE_MS
  try {
    return offsetAt(local - offsetAt(local)) || 0
  } catch {
    return 0
  }
}

/** As the list of the world's zones spells them. */
const CITY = /^(?:US|[A-Z][a-z]+)\/[A-Z][a-z]+(?:[_/-][A-Z][a-z]+)*/
const NAMED = /[A-Za-z]{2,5}|^[AMNY]$/
/** "Eastern Standard Time" */
const AMERICAN = /^\(?(eastern|central|mountain|pacific)(?: (standard|daylight)| time|$)/i

/** In hours. RFC 822's, and those seen in feeds; where a name has several meanings, the one feeds use. */
const ZONES: Record<string, number | undefined> = Object.assign(Object.create(null), {
  EST: -5,
  EDT: -4,
  ET: -5,
  CST: -6,
  CDT: -5,
  CT: -6,
  MST: -7,
  MDT: -6,
  MT: -7,
  PST: -8,
  PDT: -7,
  PT: -8,
  AKST: -9,
  AKDT: -8,
  HST: -10,
  AST: -4,
  AT: -4,
  ADT: -3,
  NST: -3.5,
  NDT: -2.5,
  BRT: -3,
  ART: -3,
  WEST: 1,
  BST: 1,
  CET: 1,
  MEZ: 1,
  MET: 1,
  CEST: 2,
  MESZ: 2,
  MEST: 2,
  EET: 2,
  EEST: 3,
  SAST: 2,
  MSK: 3,
  MSD: 4,
  IST: 5.5,
  PKT: 5,
  ICT: 7,
  WIB: 7,
  HKT: 8,
  SGT: 8,
  AWST: 8,
  JST: 9,
  KST: 9,
  ACST: 9.5,
  AEST: 10,
  AEDT: 11,
  HAST: -10,
  HADT: -9,
  CLT: -4,
  CLST: -3,
  PYT: -4,
  VET: -4,
  COT: -5,
  PET: -5,
  UYT: -3,
  BRST: -2,
  WAT: 1,
  CAT: 2,
  IDT: 3,
  EAT: 3,
  TRT: 3,
  IRST: 3.5,
  GST: 4,
  SAMT: 4,
  UZT: 5,
  YEKT: 5,
  NPT: 5.75,
  OMST: 6,
  NOVT: 7,
  MMT: 6.5,
  KRAT: 7,
  IRKT: 8,
  MYT: 8,
  PHT: 8,
  ULAT: 8,
  WITA: 8,
  WIT: 9,
  VLAT: 10,
  ACDT: 10.5,
  NZST: 12,
  NZDT: 13,
  // RFC 822's letters, whose signs it has the other way round than the armies they are of.
  A: -1,
  M: -12,
  N: 1,
  Y: 12,
})
