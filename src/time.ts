import { AppError } from './errors.ts'
import type { Clock } from './ports.ts'

/** The machine's clock: the only place that asks it. */
export const systemClock: Clock = () => Date.now()

export const SECOND_MS = 1_000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

const UNIT_MS: Record<string, number> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS }

/** "90s", "30m", "12h", "7d", "2w" in milliseconds. Throws `invalid`, with `name` in the message, for anything else or less than a second. */
export function parseDuration(text: string, name: string): number {
  const parts = /^(\d{1,6})([smhdw])$/.exec(text.trim())
  const ms = parts ? Number(parts[1]) * (UNIT_MS[parts[2] ?? ''] ?? 0) : 0
  if (ms >= SECOND_MS) return ms
  throw new AppError('invalid', `${name} must be a time such as 90s, 30m, 12h or 7d, not "${text}".`)
}

/** The shortest form `parseDuration` takes back, rounded to a second: 5400000 is "90m". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000))
  for (const unit of ['d', 'h', 'm'] as const) {
    const size = (UNIT_MS[unit] ?? 1) / 1_000
    if (seconds % size === 0) return `${seconds / size}${unit}`
  }
  return `${seconds}s`
}

/** How long ago, for people: "12 s ago", "5 min ago", "3 h ago", "12 days ago"; "now" for less than a second and for the future. */
export function formatAge(thenMs: number, nowMs: number): string {
  const s = Math.floor((nowMs - thenMs) / 1_000)
  if (s < 1) return 'now'
  if (s < 60) return `${s} s ago`
  if (s < 3_600) return `${Math.floor(s / 60)} min ago`
  if (s < 2 * 86_400) return `${Math.floor(s / 3_600)} h ago`
  return `${Math.floor(s / 86_400)} days ago`
}

/** ISO 8601 in UTC, or null. */
export function formatIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

/** "2026-11-23 09:00" in the zone (IANA name). */
export function formatLocal(ms: number, timezone: string): string {
  // Most are in UTC, and ISO 8601 says these.
  if (timezone === 'UTC' && ms >= 0 && ms < YEAR_10000) return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
  const parts = formatOf(timezone).formatToParts(ms)
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`
}

/** How far a clock there is ahead of UTC at this moment, in whole minutes: what it shows then tells. */
export function aheadOfUtcMs(ms: number, timezone: string): number {
  const minute = ms - (ms % MINUTE_MS)
  return Date.parse(`${formatLocal(minute, timezone).replace(' ', 'T')}Z`) - minute
}

/** Its years have more digits. */
const YEAR_10000 = Date.UTC(10_000, 0)
/** To make one costs as much as to write a message; the zones of the world are some hundreds. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const twoDigits = { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const
  const made = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', ...twoDigits, hourCycle: 'h23' })
  formats.set(timeZone, made)
  return made
}

/** Whether a date came without a time: it is kept as its midnight in UTC, and is that day in every zone. */
export function isWholeDay(ms: number): boolean {
  return ms % DAY_MS === 0
}

/** When an item says that it was published: "2026-11-23 09:00" in the zone, or of a date without a time the day alone. */
export function formatDate(ms: number, timezone: string): string {
  return isWholeDay(ms) ? formatLocal(ms, 'UTC').replace(/ .*/, '') : formatLocal(ms, timezone)
}
