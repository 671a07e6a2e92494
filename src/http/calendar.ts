import { aheadOfUtcMs, formatDate, HOUR_MS, isWholeDay, MINUTE_MS } from '../time.ts'

/** Moments as people in one zone say them. A date without a time is the same day in every zone. */
export interface Calendar {
  /** "14:05"; '' for a date without a time. */
  time(ms: number): string
  /** "Today", "Yesterday", "Monday 23 November", with the year when it is another. */
  dayName(ms: number): string
  /** "23 November", with the year when it is another. */
  day(ms: number): string
  /** "14:05" today, else "23 November, 14:05". */
  moment(ms: number): string
}

/** `timezone` is an IANA name; `now` says which day is today. Formatters are dear to make (0.1 ms) and made once. */
export function createCalendar(timezone: string, now: number): Calendar {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone: timezone, ...options })
  const time = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const date = format({ year: 'numeric', month: '2-digit', day: '2-digit' })
  const year = format({ year: 'numeric' })
  const long = format({ weekday: 'long', day: 'numeric', month: 'long' })
  const longWithYear = format({ day: 'numeric', month: 'long', year: 'numeric' })
  const short = format({ day: 'numeric', month: 'long' })

  const today = date.format(now)
  const thisYear = year.format(now)
  // Eight hours before today's midnight is yesterday, on days of 23 and 25 hours too.
  const [hours = 0, minutes = 0] = time.format(now).split(':').map(Number)
  const yesterday = date.format(now - (hours * 60 + minutes) * MINUTE_MS - 8 * HOUR_MS)

  const isThisYear = (ms: number) => year.format(ms) === thisYear
  const day = (ms: number) => (isThisYear(ms) ? short.format(ms) : longWithYear.format(ms))
  return {
    day: (ms) => day(momentIn(timezone, ms)),
    time: (ms) => (isWholeDay(ms) ? '' : time.format(ms)),
    dayName(ms) {
      const moment = momentIn(timezone, ms)
      const written = date.format(moment)
      if (written === today) return 'Today'
      if (written === yesterday) return 'Yesterday'
      return isThisYear(moment) ? long.format(moment) : longWithYear.format(moment)
    },
    moment(ms) {
      if (date.format(ms) === today) return time.format(ms)
      return `${day(ms)}, ${time.format(ms)}`
    },
  }
}

/** For `<time datetime>`: "2026-11-23T09:00:00.000Z", or the day alone. */
export function machineDate(ms: number): string {
  return isWholeDay(ms) ? formatDate(ms, 'UTC') : new Date(ms).toISOString()
}

/** A moment of this day in the zone: of a date without a time the noon there. */
function momentIn(timezone: string, ms: number): number {
  if (!isWholeDay(ms)) return ms
  const noon = ms + 12 * HOUR_MS
  return noon - aheadOfUtcMs(noon, timezone)
}
