import { parseDate } from '../source/dates.ts'
import { languageOfScript } from '../source/language.ts'
import type { RawItem } from '../source/raw.ts'
import { aheadOfUtcMs, formatIso } from '../time.ts'

/**
 * "03/05/2024" is 3 May or March 5th, "08.05.11" any of three. One date of the list that can only be read one way tells how
 * to read all of them; without such a one the page's language does. A time that names no zone is
 * that of the country where nearly all pages of its language come from; where there is no such country it is UTC.
 */
export function settleDates(items: RawItem[], declared: string | null, url: string): RawItem[] {
  const dates = items.map(({ published }) => published[0] ?? '')
  const titles = items.slice(0, 20).map(({ title }) => title?.value ?? '')
  const language = languageOfScript(titles.join(' ')) ?? ofCountry(declared ?? '', url)
  const long = orderOf(
    dates,
    LONG,
    ordersOf(language, '/').filter((order) => order !== 'ymd'),
  )
  const sign = dates.map((date) => SHORT.exec(date)?.[2]).find((found) => found !== undefined) ?? '-'
  const short = orderOf(dates, SHORT, ordersOf(language, sign))
  const zone = zoneOf(language)
  return items.map((item) => ({
    ...item,
    published: item.published.map((date) => withZone(settle(settle(date, LONG, long), SHORT, short), zone)),
  }))
}

/** English is written everywhere, and a page that says no more, or nothing, may stand at home. */
function ofCountry(language: string, url: string): string {
  const country = /^https?:\/\/[^/?#]*\.([a-z]{2})(?::\d+)?(?:[/?#]|$)/i.exec(url)?.[1]?.toLowerCase()
  const isAtHome = country !== undefined && !NO_COUNTRY.has(country)
  return isAtHome && (language === '' || language === 'en') ? 'und' : language
}

/** Where the month goes first, most of all in English, and what is a name more than a country. */
const NO_COUNTRY = new Set('us ca ph cn tw jp kr io ai co me tv ly fm gg to cc ws am is'.split(' '))

/** Where year, month and day stand among the numbers of a date. */
type Order = 'ymd' | 'dmy' | 'mdy'

const LONG = /^(\d{1,2})([-/])(\d{1,2})\2(\d{4})(?= |$)/
const SHORT = /^(\d{1,2})([-/.])(\d{1,2})\2(\d\d)(?= |$)/

/** The likeliest first. Everybody but North America puts the day first, or the year; nobody the month where dots part them. */
function ordersOf(language: string, sign: string): Order[] {
  if (sign === '-' || YEAR_FIRST.test(language)) return ['ymd', 'mdy', 'dmy']
  return sign === '/' && MONTH_FIRST.test(language) ? ['mdy', 'dmy', 'ymd'] : ['dmy', 'mdy', 'ymd']
}

const YEAR_FIRST = /^(?:zh|ja|ko|hu|lt|mn|fa|sv)/
const MONTH_FIRST = /^(?:$|en$|en-(?:us|ca|ph))/

/**
 * Of those in which all of them are days the first, or one of fewer years where that would be many: a list is of one time.
 * So it is where the month goes first, and all would be the fifth, say, of one month after the other.
 */
function orderOf(dates: string[], form: RegExp, orders: Order[]): Order | undefined {
  const written = dates.filter((date) => form.test(date))
  const all = (order: Order, part: Part) => new Set(written.map((date) => Number(partsOf(date, form, order)[part])))
  const spread = (order: Order) => {
    const [years, days] = [all(order, 'y').size, all(order, 'd')]
    const isOneDay = order === 'mdy' && days.size === 1 && !days.has(1) && all(order, 'm').size > 2
    return (years <= 3 ? 0 : years) + (isOneDay ? 1 : 0)
  }
  const possible = orders.filter((order) => written.every((date) => isWrittenDay(partsOf(date, form, order))))
  return possible.toSorted((a, b) => spread(a) - spread(b))[0] ?? orders[0]
}

type Part = 'y' | 'm' | 'd'

function partsOf(date: string, form: RegExp, order: Order): { [part in Part]: string } {
  const [, first = '', , second = '', third = ''] = form.exec(date) ?? []
  if (order === 'ymd') return { y: first, m: second, d: third }
  return order === 'dmy' ? { y: third, m: second, d: first } : { y: third, m: first, d: second }
}

function isWrittenDay({ y, m }: { y: string; m: string }): boolean {
  return y.length > 1 && Number(m) <= 12
}

function settle(date: string, form: RegExp, order: Order | undefined): string {
  const whole = form.exec(date)?.[0]
  if (whole === undefined || order === undefined) return date
  const { y, m, d } = partsOf(date, form, order)
  return `${y.length === 2 ? `20${y}` : y}-${m}-${d}${date.slice(whole.length)}`
}

/** Midnight is how a day without a time is written: it stays that day everywhere. */
function withZone(date: string, zone: string | undefined): string {
  if (zone === undefined || !TIMED.test(date) || MIDNIGHT.test(date) || KOREAN.test(date)) return date
  const written = parseDate(date)
  if (written === null) return date
  return formatIso(written - aheadOfUtcMs(written, zone)) ?? date
}

const TIMED = /[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?$/
const MIDNIGHT = /[T ]00:00(?::00)?(?:\.0+)?$/
/** `parseDate` knows where that is. */
const KOREAN = /[년월일]/

/** Undefined where a language is at home in several: English, Spanish, Portuguese, Arabic. */
function zoneOf(language: string): string | undefined {
  if (/^fr-(?!fr|be|ch|lu|mc)/.test(language)) return undefined
  const [spoken = ''] = language.split('-')
  return ZONES.find(({ of }) => of.split(' ').includes(spoken))?.zone
}

const ZONES = [
  { of: 'zh', zone: 'Asia/Shanghai' },
  { of: 'ja', zone: 'Asia/Tokyo' },
  { of: 'ko', zone: 'Asia/Seoul' },
  { of: 'th vi km lo', zone: 'Asia/Bangkok' },
  // One clock from Norway to Macedonia.
  { of: 'de fr it nl fy pl cs sk hu sl hr bs sr mk sq da sv nb nn no rm lb mt', zone: 'Europe/Berlin' },
  { of: 'el fi et lv lt bg ro uk', zone: 'Europe/Athens' },
  { of: 'ru', zone: 'Europe/Moscow' },
  { of: 'be', zone: 'Europe/Minsk' },
  { of: 'tr', zone: 'Europe/Istanbul' },
  { of: 'is', zone: 'Atlantic/Reykjavik' },
  { of: 'he', zone: 'Asia/Jerusalem' },
  { of: 'fa', zone: 'Asia/Tehran' },
  { of: 'ka hy', zone: 'Asia/Tbilisi' },
  { of: 'az', zone: 'Asia/Baku' },
  { of: 'hi mr gu pa kn ml te', zone: 'Asia/Kolkata' },
  { of: 'ur', zone: 'Asia/Karachi' },
  { of: 'ne', zone: 'Asia/Kathmandu' },
  { of: 'my', zone: 'Asia/Yangon' },
]
