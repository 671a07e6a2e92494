import { AppError } from '../errors.ts'
import { OUR_HEADERS, takeCredentials } from '../fetch/access.ts'
import type { Access } from '../model.ts'

/** What goes with the requests to a source, as people write it. */
export interface AccessWish {
  /** USER:PASSWORD, for HTTP basic authentication. */
  auth?: string | undefined
  /** "Name: value" each. */
  headers?: string[] | undefined
  /** Of an HTTP proxy. */
  proxy?: string | undefined
}

/**
 * The wish as it is stored, or null where nothing was wished. Throws `invalid`, naming what was wrong but never a value:
 * what stands there is secret, also where it is written wrongly.
 */
export function readAccess({ auth, headers = [], proxy }: AccessWish): Access | null {
  if (auth === undefined && headers.length === 0 && proxy === undefined) return null
  const fields = headers.map(readHeader)
  if (auth !== undefined) fields.push(['authorization', readAuth(auth)])
  const names = fields.map(([name]) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    const also = twice === 'authorization' ? ' (the user and password are sent as that header)' : ''
    throw invalid(`The header "${twice}" was given twice${also}.`, 'Keep one of them.')
  }
  if (fields.length > MOST_HEADERS) throw invalid(`At most ${MOST_HEADERS} headers go with a source.`)
  // Own properties, whatever their names: "__proto__" is a token too.
  return { headers: Object.fromEntries(fields), proxy: proxy === undefined ? null : readProxy(proxy) }
}

/** What was there and what is said now; of the same header the new one counts. */
export function mergeAccess(before: Access | null, more: Access | null): Access | null {
  if (before === null || more === null) return more ?? before
  return { headers: { ...before.headers, ...more.headers }, proxy: more.proxy ?? before.proxy }
}

/**
 * The address without the user and password it may hold: they go along as a header from then on, so that no address can
 * give them away. Throws `invalid` where another login was given beside it.
 */
export function takeLogin(given: string, access: Access | null): { url: string; access: Access | null } {
  const url = new URL(given)
  const authorization = takeCredentials(url)
  if (authorization === null) return { url: given, access }
  if (access?.headers.authorization !== undefined) {
    throw invalid('The address holds a login, and another one was given beside it.', 'Keep one of them.')
  }
  return { url: url.href, access: mergeAccess({ headers: { authorization }, proxy: null }, access) }
}

/**
 * What of it may go to another address: everything within the same origin, or from http to https of the same host;
 * elsewhere the proxy alone.
 */
export function accessAt(access: Access | null, given: string, target: string): Access | null {
  if (access === null || isSameOrigin(new URL(given), new URL(target))) return access
  return access.proxy === null ? null : { headers: {}, proxy: access.proxy }
}

/** For people, without a value: "2 headers (cookie, x-key), basic auth, a proxy (proxy.example:3128)"; null for none. */
export function describeAccess(access: Access | null): string | null {
  if (access === null) return null
  const { authorization = '', ...others } = access.headers
  const isBasic = /^basic /i.test(authorization)
  const names = Object.keys(isBasic ? others : access.headers)
  const parts = [
    names.length === 0 ? null : `${names.length} ${names.length === 1 ? 'header' : 'headers'} (${names.join(', ')})`,
    isBasic ? 'basic auth' : null,
    access.proxy === null ? null : `a proxy (${new URL(access.proxy).host})`,
  ].filter((part) => part !== null)
  return parts.join(', ')
}

const MOST_HEADERS = 20
/** Together with what the client sends itself this stays below what servers take (8 KB in the strictest). */
const MOST_VALUE = 4_096
const HEADER_EXAMPLE = "Example: 'X-Api-Key: abc123'"

function readHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(':')
  if (colon < 1) throw invalid('A header is a name, a colon and a value.', HEADER_EXAMPLE)
  const name = text.slice(0, colon).trim().toLowerCase()
  const value = text.slice(colon + 1).trim()
  // RFC 9110, 5.1 and 5.6.2: a token.
  if (!/^[!#$%&'*+.^_`|~\w-]{1,100}$/.test(name)) {
    throw invalid('The name of a header has only letters, digits and -, without spaces.', HEADER_EXAMPLE)
  }
  if (OUR_HEADERS.has(name)) throw invalid(`The header "${name}" is Crier’s own: it cannot be set.`)
  if (value === '') throw invalid(`The header "${name}" has no value.`)
  if (value.length > MOST_VALUE) {
    throw invalid(`The value of the header "${name}" is longer than ${MOST_VALUE} characters.`)
  }
  // RFC 9110, 5.5: visible characters and spaces between them.
  const bad = /[^\x20-\x7e\t]/.exec(value)
  if (bad) {
    throw invalid(
      `The value of the header "${name}" has a character that no header can hold, at position ${bad.index + 1}.`,
      'Only printable ASCII may stand there.',
    )
  }
  return [name, value]
}

/** RFC 7617: the user has no colon, and neither has control characters. */
function readAuth(text: string): string {
  const colon = text.indexOf(':')
  if (colon < 0 || /\p{Cc}/u.test(text)) {
    throw invalid('The login must be a user and a password with a colon between them.', 'Example: me:secret')
  }
  return `Basic ${Buffer.from(text).toString('base64')}`
}

function readProxy(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const isPlain = url !== null && url.pathname === '/' && url.search === '' && url.hash === ''
  if (isPlain && /^https?:$/.test(url.protocol)) return url.href
  throw invalid('The proxy must be an http or https address without a path.', 'Example: http://proxy.example:3128')
}

function invalid(message: string, hint?: string): AppError {
  return new AppError('invalid', message, { hint })
}

function isSameOrigin(given: URL, target: URL): boolean {
  if (given.origin === target.origin) return true
  // Both at the usual port, so that it was http before.
  return target.protocol === 'https:' && given.hostname === target.hostname && given.port === '' && target.port === ''
}
