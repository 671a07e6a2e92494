import { DAY_MS } from '../time.ts'

/** Header fields by lower-case name, as undici hands them over. */
export type Headers = Record<string, string | string[] | undefined>

/** The field's value, several of them joined by commas (RFC 9110, 5.2), or null. */
export function headerValue(headers: Headers, name: string): string | null {
  const value = headers[name]
  if (value === undefined) return null
  return (Array.isArray(value) ? value.join(', ') : value).trim()
}

/**
 * How long the answer stays fresh, in ms from now, at most a day: Cache-Control's max-age, else Expires less Date, each
 * less the Age it had already (RFC 9111, 4.2). Null when the server did not say; 0 when it said no-cache or no-store, or
 * something that cannot be understood, which is stale (4.2.1 and 5.3).
 */
export function freshForMs(headers: Headers, now: number): number | null {
  const control = headerValue(headers, 'cache-control')?.toLowerCase() ?? ''
  if (/(?:^|[\s,])no-(?:cache|store)(?:[\s,]|$)/.test(control)) return 0

  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,12})/.exec(control)?.[1]
  if (maxAge !== undefined) return atMostADay((Number(maxAge) - ageSeconds(headers)) * 1_000)

  if (/(?:^|[\s,])max-age\s*=/.test(control)) return 0
  const expires = headerValue(headers, 'expires')
  if (expires === null) return null
  const expiresAt = parseHttpDate(expires)
  return expiresAt === null ? 0 : atMostADay(expiresAt - serverNow(headers, now) - ageSeconds(headers) * 1_000)
}

/**
 * How long the server asks us to stay away, in ms from now, at most a day (RFC 9110, 10.2.3: seconds, or a date, which
 * is measured by the server's own clock). Null without the field or when it cannot be understood.
 */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const value = headerValue(headers, 'retry-after')
  if (value === null) return null
  if (/^\d+(?:\.\d+)?$/.test(value)) return atMostADay(Number(value) * 1_000)
  const date = parseHttpDate(value)
  return date === null ? null : atMostADay(date - serverNow(headers, now))
}

function atMostADay(ms: number): number {
  return Math.min(DAY_MS, Math.max(0, Math.round(ms)))
}

function ageSeconds(headers: Headers): number {
  const age = headerValue(headers, 'age')
  return age !== null && /^\d{1,12}$/.test(age) ? Number(age) : 0
}

/** The server's clock, so that one that is wrong cancels itself out. */
function serverNow(headers: Headers, now: number): number {
  return parseHttpDate(headerValue(headers, 'date')) ?? now
}

/** IMF-fixdate and the two older forms start with a weekday; "0" and "-1" (Expires: already over) do not. */
function parseHttpDate(value: string | null): number | null {
  if (value === null || !/^[A-Za-z]{3,9},? /.test(value)) return null
  // RFC 9110, 5.6.7: every form is in UTC, but asctime does not say so.
  const ms = Date.parse(/(?:GMT|UTC?|[+-]\d{4})$/.test(value) ? value : `${value} GMT`)
  return Number.isNaN(ms) ? null : ms
}
