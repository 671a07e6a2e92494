/** When a source nobody set an interval for is polled again. */
const DEFAULT_INTERVAL_MS = 15 * 60_000
/** An interval somebody asked for is obeyed down to this. */
const MIN_INTERVAL_MS = 1_000
/** A source is never given up on: however long it fails, it is asked once a day. */
const MAX_WAIT_MS = 24 * 3_600_000
/** Sources added together drift apart. */
const JITTER = 0.1

export interface Cadence {
  /** The interval somebody asked for; null for ours. */
  everyMs: number | null
  /** Failed polls in a row, this one included; 0 after a success. */
  failures: number
  /** What the server's cache headers ask for, from now. */
  notBeforeMs: number
  /** What the server answered with Retry-After, from now; null when it did not say. */
  retryAfterMs: number | null
  now: number
  /** From 0 to 1, as Math.random gives it. */
  random: () => number
}

/**
 * The time of the next poll in UTC milliseconds, always later than now. An explicit interval is exact; ours varies by
 * 10 % and waits for the server's cache headers. Failures double the interval, with jitter, up to a day, for ever.
 * Retry-After is a floor, believed up to a day.
 */
export function nextPollAt(cadence: Cadence): number {
  const wait = cadence.failures > 0 ? backOff(cadence) : rest(cadence)
  const floor = clamp(cadence.retryAfterMs ?? 0)
  return cadence.now + Math.round(Math.max(wait, floor, MIN_INTERVAL_MS))
}

function rest({ everyMs, notBeforeMs, random }: Cadence): number {
  if (everyMs !== null) return everyMs
  return Math.max(jitter(DEFAULT_INTERVAL_MS, random), clamp(notBeforeMs))
}

function backOff({ everyMs, failures, random }: Cadence): number {
  const interval = everyMs ?? DEFAULT_INTERVAL_MS
  // Beyond 2^30 every interval has met the day; an interval longer than that stays what it is.
  const doubled = interval * 2 ** Math.min(failures, 30)
  return Math.max(interval, Math.min(jitter(doubled, random), MAX_WAIT_MS))
}

function jitter(ms: number, random: () => number): number {
  return ms * (1 - JITTER + 2 * JITTER * random())
}

function clamp(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_WAIT_MS)
}
