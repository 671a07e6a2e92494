import { pino } from 'pino'
import type { Clock } from './ports.ts'
import { MINUTE_MS } from './time.ts'

/** Structured logging. Fields first, then a sentence; a field named `err` must be a message, never an error object. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export type LogLevel = keyof Log | 'silent'

/** Tells nobody. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

const MAX_FIELD_CHARS = 2_048
const REDACTED = '[secret]'

/**
 * One line per event, its "\n" included: JSON, or with `pretty` for people (local time, level, sentence, key=value).
 * Every line passes the one sink that takes out the secrets (as they are, URL-encoded, in base64; `secrets` may grow
 * later), everything that looks like a bot token, and names and passwords in addresses. Control characters are escaped,
 * long fields cut.
 */
export function createLog(options: {
  level: LogLevel
  pretty: boolean
  write: (line: string) => void
  secrets: string[]
  clock: Clock
}): Log {
  const redact = createRedact(options.secrets)
  const print = options.pretty ? formatLine : (line: string) => line
  const sink = (line: string) => options.write(`${escapeControls(redact(print(line.trimEnd())))}\n`)

  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(options.clock()).toISOString()}"`,
      formatters: {
        level: (level) => ({ level }),
        log: (fields) => mapFields(fields, redact),
      },
    },
    { write: sink },
  )
  const say = (level: keyof Log) => (fields: object, message: string) => {
    // Redacted before it is cut, so that no half of a secret stays at the edge.
    if (logger.isLevelEnabled(level)) logger[level](fields, cut(redact(message)))
  }
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
}

/**
 * Logs errors of what is tried again each second. The same one is said once a minute: a disk that is full for a night would
 * else fill what is left of it with the log.
 */
export function createRepeatedError(log: Log, clock: Clock): (fields: object, message: string) => void {
  let last = ''
  let saidAt = 0
  return (fields, message) => {
    const now = clock()
    const error = JSON.stringify([message, fields])
    const isSaid = error === last && now >= saidAt && now < saidAt + MINUTE_MS
    if (isSaid) return
    last = error
    saidAt = now
    log.error(fields, message)
  }
}

/** Takes out what looks like a Telegram bot token (digits, a colon, some 35 characters), also URL-encoded. */
export function redactTokens(text: string): string {
  return text.replace(/\d{5,16}(?::|%3a)[\w-]{30,}/gi, REDACTED)
}

function createRedact(secrets: string[]): (text: string) => string {
  let known = 0
  let forms: string[] = []
  return (text) => {
    if (secrets.length !== known) {
      known = secrets.length
      forms = secrets.flatMap(formsOf)
    }
    let clean = text
    for (const form of forms) clean = clean.replaceAll(form, REDACTED)
    // Up to the last "@" of the host's part: as people write it, a password may hold one.
    return redactTokens(clean).replace(/(\w:\/\/)[^\s/?#"]*@/g, `$1${REDACTED}@`)
  }
}

/** Shorter ones would take pieces out of ordinary words. */
const MIN_SECRET_CHARS = 5

function formsOf(secret: string): string[] {
  if (secret.length < MIN_SECRET_CHARS) return []
  const json = JSON.stringify(secret).slice(1, -1)
  const base64 = [0, 1, 2].flatMap((before) => base64Forms(secret, before))
  return [...new Set([secret, json, encodeURIComponent(secret), encodeURI(secret), ...base64])]
}

/** What of the secret shows in the base64 of a text that has it behind so many bytes (modulo 3): "name:secret" in a header. */
function base64Forms(secret: string, before: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret, 'utf8')])
  // A sign at either end that it shares with its neighbour is not told.
  const start = Math.ceil((before * 8) / 6)
  const end = Math.floor((bytes.length * 8) / 6)
  return [bytes.toString('base64').slice(start, end), bytes.toString('base64url').slice(start, end)]
}

function mapFields(fields: object, redact: (text: string) => string): Record<string, unknown> {
  const mapped: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    // The line's own names stay the line's own.
    const name = key === 'level' || key === 'time' || key === 'message' ? `${key}_` : key
    mapped[name] = mapField(value, redact)
  }
  return mapped
}

function mapField(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return cut(redact(value))
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  // Library errors carry requests, and those carry tokens: only the sentence goes out.
  if (value instanceof Error) return cut(redact(`${value.name}: ${value.message}`))
  const json = toJson(value)
  return json.length <= MAX_FIELD_CHARS ? JSON.parse(json) : cut(redact(json))
}

function toJson(value: object): string {
  try {
    return (
      JSON.stringify(value, (_, inner: unknown) =>
        inner instanceof Error ? `${inner.name}: ${inner.message}` : inner,
      ) ?? 'null'
    )
  } catch {
    // A circle, a BigInt or a getter that throws: a log line is no place to fail.
    return '"[unreadable]"'
  }
}

function cut(text: string): string {
  if (text.length <= MAX_FIELD_CHARS) return text
  // Never half of a surrogate pair.
  const start = text.slice(0, MAX_FIELD_CHARS).replace(/[\ud800-\udbff]$/, '')
  return `${start}… (${text.length} characters)`
}

/** In local time: "14:03:07 info  Polled.  source=12 items=3". */
function formatLine(line: string): string {
  // pino wrote this line from our own fields a moment ago: it is an object with these three.
  const { level, time, message, ...fields } = JSON.parse(line) as { level: string; time: string; message: string }
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${formatValue(value)}`)
  const start = `${new Date(time).toTimeString().slice(0, 8)} ${level.padEnd(5)} ${message}`
  return pairs.length === 0 ? start : `${start}  ${pairs.join(' ')}`
}

function formatValue(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}

/** Terminals obey control characters, and some editors break lines at U+2028; both would forge lines. */
function escapeControls(line: string): string {
  return line.replace(UNPRINTABLE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

// C0, DEL and C1, the line and paragraph separators, and what turns the direction of writing.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu
