import { isIP } from 'node:net'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { AppError } from './errors.ts'
import { type LogLevel, redactTokens } from './log.ts'
import { letterDistance } from './text/letter-distance.ts'

/** What the service is told from outside: the environment, and a `.env` file beneath it. */
export interface Config {
  host: string
  /** 0 picks a free one. */
  port: number
  /** The folder of `crier.db`. */
  dataDir: string
  /** Without a slash at its end; null when nobody said. */
  publicUrl: string | null
  /** Host names, addresses and CIDRs that are our own: the guard lets them through. */
  allowHosts: string[]
  /** IANA name. */
  timezone: string
  logLevel: LogLevel
  telegram: {
    /** Secret. */
    token: string | null
    apiRoot: string
    /** A Telegram user id that needs no code. */
    owner: number | null
  }
  /** Names that begin with CRIER_ and are no settings: they do nothing, and resemble none that would. */
  ignored: string[]
}

interface Option {
  name: string
  /** As it would be written; '' when there is none. */
  default: string
  example: string
  meaning: string
}

/** Every setting there is, in the order people meet them: `.env.example` and the README repeat this list. */
export const OPTIONS = [
  {
    name: 'HOST',
    default: '127.0.0.1',
    example: '0.0.0.0',
    meaning: 'The address the page and the feeds are served on; 0.0.0.0 is every network of this machine.',
  },
  { name: 'PORT', default: '8080', example: '3000', meaning: 'Their port; 0 picks a free one and says which.' },
  {
    name: 'CRIER_DATA',
    default: './data',
    example: '/var/lib/crier',
    meaning: 'The folder of the database file, crier.db.',
  },
  {
    name: 'CRIER_PUBLIC_URL',
    default: '',
    example: 'https://news.example.org',
    meaning: 'The address under which others reach the page; links in feeds and alerts use it.',
  },
  {
    name: 'CRIER_ALLOW_HOSTS',
    default: '',
    example: 'nas.local,192.168.1.0/24',
    meaning: 'Hosts of your own network that may be polled: names, addresses and CIDRs, separated by commas.',
  },
  {
    name: 'CRIER_TIMEZONE',
    default: '',
    example: 'Europe/Berlin',
    meaning: "The time zone of dates that people read and write; the machine's when not set.",
  },
  { name: 'LOG_LEVEL', default: 'info', example: 'debug', meaning: 'debug, info, warn, error or silent.' },
  {
    name: 'TELEGRAM_BOT_TOKEN',
    default: '',
    example: '123456789:AAE-what-BotFather-gave',
    meaning: 'The secret that BotFather gave you; without it there is no bot.',
  },
  {
    name: 'TELEGRAM_BOT_TOKEN_FILE',
    default: '',
    example: '/run/secrets/telegram_bot_token',
    meaning: 'A file that holds the token, instead of the setting itself.',
  },
  {
    name: 'TELEGRAM_API_ROOT',
    default: 'https://api.telegram.org',
    example: 'http://127.0.0.1:8081',
    meaning: 'The Bot API server, if you run your own.',
  },
  {
    name: 'TELEGRAM_OWNER',
    default: '',
    example: '123456789',
    meaning: 'Your numeric Telegram user id: you are the owner then, without the one-time code.',
  },
] as const satisfies Option[]

/** Names of this machine that no DNS can point elsewhere, and its own addresses; in a URL with brackets. */
export function isLoopback(host: string | null): boolean {
  return host !== null && /^(localhost|(::ffff:)?127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}

/** How we name ourselves to servers (RFC 9110, 10.1.5): with an address to complain to, where there is one. */
export function userAgent(version: string, config: Pick<Config, 'publicUrl'>): string {
  return `Crier/${version}${config.publicUrl === null ? '' : ` (+${config.publicUrl})`}`
}

type Name = (typeof OPTIONS)[number]['name']

/**
 * The settings of the environment, above those of a `.env` file (its text, or null); empty means not set. `timezone` is
 * the machine's, `readFile` gives the text of the token file. Throws one `invalid` with every fault in it, each with the
 * setting's name, what was wrong and an example; secrets are never repeated.
 */
export function readConfig(
  env: Record<string, string | undefined>,
  dotenv: string | null,
  machine: { readFile?: (path: string) => string; timezone?: string } = {},
): Config {
  const given = mergeSettings(env, dotenv)
  const { faults, ignored } = judgeNames(given)
  const parsed = SETTINGS.safeParse({ ...DEFAULTS, ...given })
  for (const issue of parsed.error?.issues ?? []) faults.push(describeIssue(issue, given))
  const token = readToken(given, machine.readFile, faults)
  if (!parsed.success || faults.length > 0) throw invalidSettings(faults)

  const settings = parsed.data
  return {
    host: settings.HOST,
    port: settings.PORT,
    dataDir: settings.CRIER_DATA,
    publicUrl: settings.CRIER_PUBLIC_URL ?? null,
    allowHosts: settings.CRIER_ALLOW_HOSTS,
    timezone: settings.CRIER_TIMEZONE ?? zoneOf(machine),
    logLevel: settings.LOG_LEVEL,
    telegram: { token, apiRoot: settings.TELEGRAM_API_ROOT, owner: settings.TELEGRAM_OWNER ?? null },
    ignored,
  }
}

function mergeSettings(env: Record<string, string | undefined>, dotenv: string | null): Record<string, string> {
  const merged: Record<string, string> = {}
  for (const layer of [dotenv === null ? {} : parseEnv(dotenv.replace(/^\ufeff/, '')), env]) {
    for (const [name, value] of Object.entries(layer)) {
      const trimmed = value?.trim() ?? ''
      if (trimmed !== '') merged[nameIn(name)] = trimmed
    }
  }
  return merged
}

/** Node 20 takes a line without "=" for a part of the next name. */
function nameIn(written: string): string {
  const line = written.slice(written.lastIndexOf('\n') + 1)
  return line.trim().replace(/^export\s+/, '')
}

// The message of each check goes on after the setting's name: "PORT must be …".
const HOST_NAME = /^(?=.{1,253}\.?$)[\p{L}\p{N}_]([\p{L}\p{N}_-]{0,62})(\.[\p{L}\p{N}_][\p{L}\p{N}_-]{0,62})*\.?$/u
const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const satisfies LogLevel[]
const TOKEN = /^\d{5,16}:[\w-]{30,64}$/

const HOST_ENTRY_RULE = 'must be host names, addresses or CIDRs separated by commas, without http:// and port'

const webAddress = z
  .string()
  .refine(isPlainWebAddress, 'must be a whole address with http:// or https://, without a name, password, ? or #,')
  .transform((address) => address.replace(/\/+$/, ''))

const SETTINGS = z.object({
  HOST: z
    .string()
    .refine((host) => isIP(host) !== 0 || HOST_NAME.test(host), 'must be an address or a host name, without a port,'),
  PORT: z
    .string()
    .refine((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535, 'must be a whole number from 0 to 65535')
    .transform(Number),
  CRIER_DATA: z.string(),
  CRIER_PUBLIC_URL: webAddress.optional(),
  CRIER_ALLOW_HOSTS: z
    .string()
    .transform(splitHosts)
    .pipe(z.array(z.string().refine(isHostEntry, HOST_ENTRY_RULE)))
    .default([]),
  CRIER_TIMEZONE: z.string().refine(isTimezone, 'must be a time zone by its IANA name').optional(),
  LOG_LEVEL: z
    .string()
    .toLowerCase()
    .pipe(z.enum(LEVELS, `must be one of ${LEVELS.join(', ')}`)),
  TELEGRAM_API_ROOT: webAddress,
  TELEGRAM_OWNER: z
    .string()
    .refine(
      (id) => /^[1-9]\d{0,15}$/.test(id) && Number.isSafeInteger(Number(id)),
      'must be a numeric user id; the bot tells it to whoever writes /start',
    )
    .transform(Number)
    .optional(),
})

const DEFAULTS = Object.fromEntries(OPTIONS.map((option) => [option.name, option.default || undefined]))

function splitHosts(list: string): string[] {
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
}

function isHostEntry(entry: string): boolean {
  const bare = entry.replace(/^\[(.*)\]$/, '$1')
  const [address = '', prefix, ...rest] = bare.split('/')
  if (prefix === undefined) return isIP(bare) !== 0 || isName(bare)
  const bits = isIP(address) === 4 ? 32 : 128
  return isIP(address) !== 0 && rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
}

/** "10.0.0" and "300.1.1.1" are mistyped addresses: no host name ends in a number (WHATWG URL, "ends in a number"). */
function isName(text: string): boolean {
  return HOST_NAME.test(text) && !/(?:^|\.)\d+\.?$/.test(text)
}

function isPlainWebAddress(address: string): boolean {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return false
  const { username, password, search, hash } = new URL(address)
  return `${username}${password}${search}${hash}` === '' && !/[?#]/.test(address)
}

/** With a TZ that is set but empty, Node calls its zone "Etc/Unknown", and then refuses to know that: it means UTC. */
function zoneOf({ timezone }: { timezone?: string }): string {
  const zone = timezone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone
  return isTimezone(zone) ? zone : 'UTC'
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** From the setting, or from the file it names. Notes its faults. */
function readToken(
  given: Record<string, string>,
  readFile: ((path: string) => string) | undefined,
  faults: string[],
): string | null {
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_BOT_TOKEN_FILE: path } = given
  if (token !== undefined && path !== undefined) {
    faults.push('TELEGRAM_BOT_TOKEN and TELEGRAM_BOT_TOKEN_FILE are both set. Keep one of them.')
    return null
  }
  if (token !== undefined) return checkToken('TELEGRAM_BOT_TOKEN', token, 'is not', faults)
  if (path === undefined) return null
  try {
    if (readFile === undefined) throw new Error('No files here.')
    return checkToken('TELEGRAM_BOT_TOKEN_FILE', readFile(path).trim(), 'names a file that does not hold', faults)
  } catch {
    faults.push(fault('TELEGRAM_BOT_TOKEN_FILE', `names a file that cannot be read: ${quote(path)}`))
    return null
  }
}

function checkToken(name: Name, token: string, verb: string, faults: string[]): string | null {
  if (TOKEN.test(token)) return token
  faults.push(
    fault(name, `${verb} a bot token: digits, a colon, and some 35 letters, digits, - and _, as BotFather gave it`),
  )
  return null
}

function describeIssue(issue: z.core.$ZodIssue, given: Record<string, string>): string {
  const name = String(issue.path[0])
  // An entry of the list is told by itself.
  const entry = typeof issue.path[1] === 'number' ? splitHosts(given[name] ?? '')[issue.path[1]] : given[name]
  return fault(name, `${issue.message.replace(/,$/, '')}, not ${quote(entry ?? '')}`)
}

function fault(name: string, what: string): string {
  const example = OPTIONS.find((option) => option.name === name)?.example ?? ''
  return `${name} ${what}. Example: ${name}=${example}`
}

/** As it was written, unless it may be a secret in the wrong place. */
function quote(value: string): string {
  const shown = redactTokens(value)
  return shown !== value || /:\/\/[^/]*@/.test(value) ? 'what it is set to' : JSON.stringify(value.slice(0, 200))
}

function invalidSettings(faults: string[]): AppError {
  if (faults.length === 1) return new AppError('invalid', `A setting is wrong. ${faults[0]}`)
  return new AppError('invalid', [`${faults.length} settings are wrong:`, ...faults].join('\n  '))
}

/** What people write when they guess; the rest is found by its spelling. */
const GUESSES: Record<string, Name> = {
  TELEGRAM_TOKEN: 'TELEGRAM_BOT_TOKEN',
  TELEGRAM_TOKEN_FILE: 'TELEGRAM_BOT_TOKEN_FILE',
  TELEGRAM_OWNER_ID: 'TELEGRAM_OWNER',
  CRIER_DATA_DIR: 'CRIER_DATA',
  CRIER_HOST: 'HOST',
  CRIER_PORT: 'PORT',
  CRIER_LOG_LEVEL: 'LOG_LEVEL',
  CRIER_TZ: 'CRIER_TIMEZONE',
  CRIER_URL: 'CRIER_PUBLIC_URL',
}

/** Kubernetes gives these, and CRIER_PORT=tcp://…, to every pod when a service is named crier. */
const OF_A_POD = /^CRIER_(?:SERVICE_(?:HOST|PORT)|PORT_\d+_)/

/**
 * A setting that is misspelt is one that silently does nothing. Names that resemble none of ours are somebody else's, or
 * were meant for us all the same, where they begin as ours do.
 */
function judgeNames(given: Record<string, string>): { faults: string[]; ignored: string[] } {
  const faults: string[] = []
  const ignored: string[] = []
  for (const [name, value] of Object.entries(given)) {
    if (!/^(?:CRIER|TELEGRAM)_/i.test(name) || OPTIONS.some((option) => option.name === name)) continue
    if (value.startsWith('tcp://') || OF_A_POD.test(name)) continue
    const meant = nearestName(name.toUpperCase())
    if (meant !== undefined) faults.push(`${name} is no setting. Did you mean ${meant}?`)
    else if (/^CRIER_/i.test(name)) ignored.push(name)
  }
  return { faults, ignored }
}

function nearestName(name: string): Name | undefined {
  const near = OPTIONS.find((option) => letterDistance(name, option.name) <= 2)
  // Some guesses are short: two letters apart, they are something else.
  const [, guess] = Object.entries(GUESSES).find(([known]) => letterDistance(name, known) <= 1) ?? []
  return near?.name ?? guess
}
