import { DAY_MS, formatLocal, HOUR_MS, MINUTE_MS } from '../time.ts'
import { plainDigits } from './digits.ts'
import { monthOf } from './months.ts'

/**
 * The moment a date in a document means, in UTC milliseconds; null for what is none or impossible (31 February, the
 * years before 100 and after 9999, which tools write for "none"). Reads RFC 822, ISO 8601 and the forms seen in the wild,
 * also in the years of Iran and Thailand. What names no zone, or one nobody knows, is UTC, or Korea's time if it is written in
 * Korean: never the zone of the machine.
 */
export function parseDate(text: string): number | null {
  const moment = parseCommon(text) ?? parseOther(text)
  // A zone may lead out of the years of four digits, which are all that formats can write.
  return moment !== null && moment >= YEAR_100 && moment < YEAR_10000 ? moment : null
}

const YEAR_100 = Date.UTC(100, 0)
const YEAR_10000 = Date.UTC(10_000, 0)

function parseOther(text: string): number | null {
  // "<pubDate>>Wed, 25 Nov …": a sign of the tag stood twice.
  const clean = usualSigns(text.slice(0, MAX_CHARS))
    // '14:03:07 "+0100"'
    .replace(/[\s<>"]+/g, ' ')
    .replace(/^[ ']+|[ ']+$/g, '')
  if (clean === '') return null
  const ordered = inOrder(clean)
  const written =
    parseTicks(clean) ?? parseMonth(ordered) ?? parseNumeric(ordered) ?? parseWritten(ordered) ?? parseEpoch(clean)
  return written !== null && KOREAN.test(clean) && !ZONED.test(clean.replace(/ [ap]m /i, ' '))
    ? written - KOREA_MS
    : written
}

function usualSigns(text: string): string {
  if (!/[\u0080-\uffff]/.test(text)) return text
  return (
    plainDigits(text)
      // Arabic's marks of direction: between the parts of a date, whose first is the day.
      .replace(/\u200f\/\u200f?/g, '.')
      .replace(/[\u200b-\u200f]/g, '')
      // Signs as wide as a character of Chinese or Japanese.
      .replace(/[（），．／：]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
      .replace(/،/g, ',')
      .replace(/[‐-–−]/g, '-')
      // Thai: "25 พ.ย. 2569", "25 พฤศจิกายน พ.ศ. 2569", in years of the Buddha.
      .replace(/[คพ]\.ศ\. ?/g, '')
      .replace(/([ก-ฮ]\p{M}?)\.([ก-ฮ])\./gu, '$1$2')
      .replace(/(?<=[ก-๙] ?)25([3-9]\d)(?!\d)/g, (_, year: string) => String(1_957 + Number(year)))
      // Japan's eras
      .replace(/(令和|平成|昭和) ?(\d{1,2}|元) ?年/, (_, era: string, year: string) => `${yearOfEra(era, year)}年`)
  )
}

function yearOfEra(era: string, year: string): number {
  const before = era === '令和' ? 2_018 : era === '平成' ? 1_988 : 1_925
  return before + (year === '元' ? 1 : Number(year))
}

function inOrder(text: string): string {
  return (
    text
      // RFC 2822's comments: "Wed, 25 Nov 2026 (today) 14:03 +0100"; a last one may be the zone.
      .replace(/ ?\([^()]*\) ?(?=.*\d)/g, ' ')
      // "14:03 25.11.2026 +0100", "2:03 PM · Nov 25, 2026", "2:03 PM ET, Wed November 25, 2026"
      .replace(TIME_FIRST, '$3 $1$2$4')
      // "2026:11:25 14:03:07", of a camera
      .replace(/^(\d{4}):(\d\d):(\d\d)(?= |$)/, '$1-$2-$3')
      // "25/Nov/2026:14:03:07 +0100", of a server's log
      .replace(/^(\d{1,2}\/\p{L}{3,12}\/\d{4}):(?=\d)/u, '$1 ')
      // "Wed, 25 11 2026 14:03:07 GMT"
      .replace(/^(\p{L}{2,12}\.?, ?)(\d{1,2}) (\d{1,2}) (?=\d{4}(?: |$))/u, '$1$2.$3.')
      // "25 Wednesday, Nov 2026"
      .replace(/^(\d{1,2}) \p{L}{3,12}, (?=\p{L})/u, '$1 ')
      // Lithuanian and Armenian, Latvian and Kazakh: "2026 m. lapkričio 25 d.", "2026. gada 25. novembris", "2026 ж. 25 қараша"
      .replace(/^(?:\p{L}+, )?(\d{4}) (?:m|թ)\. (\p{L}+) (\d{1,2})(?: d\.|(?!\d))/u, '$3 $2 $1')
      .replace(/^(?:\p{L}+, )?(\d{4})(?:\. gada| ж\.) (\d{1,2})\.? (\p{L}+)\.?/u, '$2 $3 $1')
      // Vietnamese: "25 tháng 11, 2026", "Thứ Tư, ngày 25 tháng 11 năm 2026"
      .replace(/^(.*?)(?<!\d)(\d{1,2}) th(?:áng|g) (\d{1,2}),? (?:năm )?(\d{4})(?!\d)(.*)$/i, '$2.$3.$4$5 $1')
      // "2026-11-25 00:00:00.0 14:03:07.0": a day and a time, each from a column of its own.
      .replace(/ 00:00:00(?:\.0+)? (?=\d\d:\d\d:\d\d)/, ' ')
  )
}

const TIME_FIRST =
  /^(\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp]\.?[Mm]\.?)?)( (?:[+-]\d\d:?\d\d|UTC|(?!OCT|SAT|SEPT)[A-Z]{1,4}T)(?![A-Z]))?,?(?: [-·|])? (?=[\p{L}\d])(.*?)( (?:[+-]\d\d:?\d\d|[A-Z]{1,5}))?$/u

/** The tools that write so (blogs of Nate, of OnBlog) never name the zone they are in. */
const KOREAN = /(?:년|오전|오후).*\d ?[:시]/
const ZONED = /[a-z+]|\d ?-\d\d:?\d\d$/i
const KOREA_MS = 9 * HOUR_MS

/** Longer ones are no dates. */
const MAX_CHARS = 100

/** What most feeds write: "Wed, 25 Nov 2026 14:03:07 +0100" and "2026-11-25T14:03:07+01:00"; all of it possible, days and zones too. */
const RFC_822 =
  /^[A-Z][a-z]{2}, (?!(?:29|3\d) Feb|31 (?:Apr|Jun|Sep|Nov))(?:0?[1-9]|[12]\d|3[01]) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (?:19|20)\d\d (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d (?:GMT|[+-](?:0\d|1[01])[0-5]\d)$/
const RFC_3339 =
  /^(?:19|20)\d\d-(?!02-(?:29|3)|(?:0[469]|11)-31)(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?(?:Z|[+-](?:0\d|1[01]):[0-5]\d)$/

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
  // The day of the year (ISO 8601).
  const ordinal = /^(\d{4})-?(\d{3})(T.*)?$/i.exec(text)
  if (ordinal) return parseOrdinal(Number(ordinal[1]), Number(ordinal[2]), ordinal[3] ?? '')
  const year =
    /^[a-z ]{0,16}[,:]? ?(\d{4})(?: ?[-/.年년] ?0?(\d{1,2})(?!\d))?(?: ?[-/.月월] ?(\d{1,2}) ?[日일]?)?(.*)$/i.exec(
      text,
    )
  if (year && (year[2] !== undefined || /^$|^T/i.test(year[4] ?? ''))) {
    return build({ year: Number(year[1]), month: Number(year[2] ?? 1), day: Number(year[3] ?? 1), time: year[4] ?? '' })
  }
  const compact = /^(\d{4})-{0,2}(\d\d)-{0,2}(\d\d)(?:[T ]?(\d\d:?\d\d.*)|T(\d\d(?!\d).*))?$/i.exec(text)
  if (compact) {
    const [, y, month, day, time = compact[5]] = compact
    return build({ year: Number(y), month: Number(month), day: Number(day), time: time ? `T${time}` : '' })
  }
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

/** ISO 8601 with two digits of the year, where it can be that: "03-12-31", "031231", "03-335", "-03-12", "-03". */
function parseTruncated(text: string): number | null {
  const short =
    /^(\d\d)-(\d\d)-(\d\d)(?!\d)(.*)$/.exec(text) ??
    // One digit is no year: "03-1-2".
    /^(\d\d)-(\d{1,2})-(\d)(?!\d)(.*)$/.exec(text) ??
    // Not "200312", which may be the month of a year.
    /^(?!19|20)(\d\d)(\d\d)(\d\d)()$/.exec(text) ??
    /^-(\d\d)(?:-?(\d\d))?$/.exec(text)
  if (short) {
    const [, year = '', month = 1, day = 1, time = ''] = short
    return build({ year: fullYear(year), month: Number(month), day: Number(day), time })
  }
  const [, year, dayOfYear] = /^(\d\d)-?(\d{3})$/.exec(text) ?? []
  return year === undefined ? null : parseOrdinal(fullYear(year), Number(dayOfYear), '')
}

// ---- Nov 2026 ----

function parseMonth(text: string): number | null {
  const [, name = '', year] = MONTH_AND_YEAR.exec(text) ?? []
  const month = monthOf(name)
  return month === undefined ? null : build({ year: Number(year), month, day: 1, time: '' })
}

/** What may be a month's name; India's scripts and Thai have some of two letters. */
const WORD = '[\\p{L}\\p{M}]{3,12}|ag|دی|[\\u0900-\\u0d7f\\p{Script=Thai}]{2}'
const MONTH_AND_YEAR = new RegExp(`^(${WORD})\\.?,? (\\d{4})$`, 'u')

// ---- Wed, 25 Nov 2026 14:03:07 GMT, November 25, 2026 2:03 pm, 25. märz 2026, Wed Nov 25 14:03:07 UTC 2026 ----

function parseWritten(text: string): number | null {
  // Hungarian: "2004-július-13T9:15-05:00", "2026. november 25."
  const yearFirst = YEAR_FIRST.exec(text)
  const namedMonth = yearFirst && monthOf(yearFirst[2] ?? '')
  if (yearFirst && namedMonth) {
    const [, year, , day, time] = yearFirst
    return build({ year: Number(year), month: namedMonth, day: Number(day), time: time ?? '' })
  }
  const dayFirst = DAY_FIRST.exec(text)
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
  for (const match of text.matchAll(MONTH_FIRST)) {
    const month = monthOf(match[1] ?? '')
    if (!month) continue
    const rest = text.slice((match.index ?? 0) + match[0].length)
    // The year comes next, or after the time (asctime); of "Nov 25, 10 pm" nobody knows it.
    const year = /(?:^-?|[ ,])(\d{4})(?!\d)/.exec(rest) ?? /^, ?(\d\d)(?![\d:.]| ?[ap]\.?m)/i.exec(rest)
    if (!year) return null
    const time = `${rest.slice(0, year.index)} ${rest.slice(year.index + year[0].length)}`
    return build({ year: fullYear(year[1] ?? ''), month, day: Number(match[2]), time })
  }
  return null
}

const YEAR_FIRST = new RegExp(`^(\\d{4})[-., ]{1,2}(${WORD})[-. ]{1,2}(\\d{1,2})(?!\\d)\\.?(.*)$`, 'u')
const DAY_FIRST = new RegExp(
  "(?:^|[^\\d:.])(\\d{1,2})(?:st|nd|rd|th|er|º)?[-. ,/]{0,2} ?(?:de |of |d['’])?" +
    `(${WORD}|(?:\\d{1,2}|[一二三四五六七八九十]{1,2})[月월])[.׳॰]?(?: del?)?[-. ,/]{0,2}(\\d{4}|\\d\\d)(?!\\d|:)(.*)$`,
  'u',
)
const MONTH_FIRST = new RegExp(`(${WORD})\\.?[- ]{1,2}(\\d{1,2})(?:st|nd|rd|th)?(?=[-,. ])`, 'gu')
const CROATIAN = /^(?:listopada?|lis|lip|srp)$/i

/** Milliseconds since 1970, or micro- or nanoseconds, of our days: "1710101010101" is no day of 1710. */
function parseTicks(text: string): number | null {
  const ms = /^(1\d{12})(?:\d{3}|\d{6})?$/.exec(text)?.[1]
  return ms === undefined ? null : Number(ms)
}

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
  const start = startOfDay(year, month, day)
  if (clock === null || start === null) return null
  const local = start + clock.ms
  return local - zoneOffsetMs(clock.zone, local)
}

/** Null for a day that no month has. Nobody publishes in our 15th century, nor in our 26th: those years are others'. */
function startOfDay(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1) return null
  if (year >= IRANS_1370 && year < 1_450) return startOfIranianDay(year, month, day)
  const ours = year >= 2_513 && year < 2_600 ? year - BUDDHA : year
  if (ours < 100 || day > daysIn(ours, month)) return null
  const date = new Date(0)
  // Not Date.UTC: it takes the years 0 to 99 for 1900 to 1999.
  return date.setUTCFullYear(ours, month - 1, day)
}

const BUDDHA = 543

/** Six months of 31 days, five of 30, and one of 29, in leap years of 30. */
function startOfIranianDay(year: number, month: number, day: number): number | null {
  const days = month <= 6 ? 31 : month < 12 || isIranianLeap(year) ? 30 : 29
  if (day > days) return null
  let before = 31 * (month - 1) - Math.max(month - 7, 0) + day - 1
  for (let past = IRANS_1370; past < year; past += 1) before += isIranianLeap(past) ? 366 : 365
  return Date.UTC(1991, 2, 21) + before * DAY_MS
}

const IRANS_1370 = 1_370

/** By its cycle of 33 years, which is right for all of these. */
function isIranianLeap(year: number): boolean {
  return [1, 5, 9, 13, 17, 22, 26, 30].includes(year % 33)
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
  /(?:^|[T ,/])(?:at )?(\d{1,2})(?:[:.h時时点시]| [:h](?= ?\d)) ?(\d{1,2})?(?: ?[:.分분] ?(\d{1,2})(?:[.,](\d{0,9}))?[秒초]?)?[分분]? ?([ap]\.? ?m(?![a-z])\.?|ptg(?![a-z])|[πμ]\.? ?μ\.?|[صم](?= |$))?(.*)$/i
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
  const numeric = /^\(?(?:(?:UTC|GMT|Z)? ?)[:-]?([+-]) ?(\d{1,2}):?(\d\d)?(?!\d)/i.exec(zone)
  if (numeric) {
    const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? 0)
    const offset = numeric[1] === '+' ? minutes : -minutes
    return offset < -12 * 60 || offset > 14 * 60 ? 0 : offset * MINUTE_MS
  }
  const [, place, season] = AMERICAN.exec(zone) ?? []
  const name = place ? `${place[0]}${season?.[0] ?? ''}T`.toUpperCase() : (NAMED.exec(zone)?.[0].toUpperCase() ?? '')
  const clocks = CLOCKS.get(name)
  return clocks === undefined ? (ZONES.get(name) ?? 0) * HOUR_MS : cityOffsetMs(clocks, local)
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
/** "ET", which is EST or EDT: what the clocks there say. */
const CLOCKS = new Map([
  ['ET', 'America/New_York'],
  ['CT', 'America/Chicago'],
  ['MT', 'America/Denver'],
  ['PT', 'America/Los_Angeles'],
])
/** "Eastern Standard Time" */
const AMERICAN = /^\(?(eastern|central|mountain|pacific)(?: (standard|daylight)| time|$)/i

/** By hours from UTC. RFC 822's, and those seen in feeds; where a name has several meanings, the one feeds use. */
const ZONE_NAMES: [number, string][] = [
  [-11, 'SST'],
  [-10, 'HST HAST'],
  [-9, 'AKST HADT'],
  [-8, 'PST AKDT'],
  [-7, 'MST PDT'],
  [-6, 'CST MDT'],
  [-5, 'EST CDT COT PET ECT'],
  [-4, 'EDT AST AT CLT PYT VET AMT BOT GYT'],
  [-3.5, 'NST'],
  [-3, 'ADT BRT ART CLST UYT PMST SRT'],
  [-2.5, 'NDT'],
  [-2, 'BRST'],
  [1, 'WEST BST CET MEZ MET WAT WEDT'],
  [2, 'CEST MESZ MEST EET SAST CAT CEDT'],
  [3, 'EEST MSK IDT EAT TRT EEDT'],
  [3.5, 'IRST'],
  [4, 'MSD GST SAMT AZT GET MUT RET'],
  [4.5, 'IRDT'],
  [5, 'PKT UZT YEKT MVT TJT TMT'],
  [5.5, 'IST SLT'],
  [5.75, 'NPT'],
  [6, 'OMST BDT KGT'],
  [6.5, 'MMT'],
  [7, 'ICT WIB NOVT KRAT'],
  [8, 'HKT SGT AWST IRKT MYT PHT ULAT WITA'],
  [9, 'JST KST WIT AWDT YAKT'],
  [9.5, 'ACST'],
  [10, 'AEST VLAT PGT'],
  [10.5, 'ACDT LHST'],
  [11, 'AEDT LHDT MAGT NFT SBT VUT'],
  [12, 'NZST FJT PETT'],
  [12.75, 'CHAST'],
  [13, 'NZDT'],
  [13.75, 'CHADT'],
  // RFC 822's letters, whose signs it has the other way round than the armies they are of.
  [-12, 'M'],
  [-1, 'A'],
  [1, 'N'],
  [12, 'Y'],
]
const ZONES = new Map(ZONE_NAMES.flatMap(([hours, names]) => names.split(' ').map((name) => [name, hours] as const)))
