import type { Access } from '../model.ts'

/** What goes with the requests to one origin, and to no other. */
export interface OwnHeaders {
  headers: Record<string, string>
  /** Something in there tells who we are; user-agent and the accepted types and languages do not. */
  isSecret: boolean
}

/**
 * The headers of one source, `credentials` (basic auth from its address) unless it has an authorization of its own.
 * A string says in a sentence why they cannot be sent; it holds nothing of them.
 */
export function ownHeaders(access: Access | null | undefined, credentials: string | null): OwnHeaders | string {
  const headers: Record<string, string> = {}
  if (credentials !== null) headers.authorization = credentials
  for (const [i, [name, value]] of Object.entries(access?.headers ?? {}).entries()) {
    const key = name.toLowerCase()
    if (OUR_HEADERS.has(key)) return `The header "${key}" is ours to set. Take it out of this source's headers.`
    // RFC 9110, 5.1 and 5.5. Which one it is is said by its place: a secret may stand where the name belongs.
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(key)) {
      return `The name of header ${i + 1} of this source is none: letters, digits and hyphens make one.`
    }
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      return `The value of header ${i + 1} of this source cannot be sent: it has a line break or another character that headers cannot carry.`
    }
    headers[key] = value.trim()
  }
  return { headers, isSecret: Object.keys(headers).some((name) => !HARMLESS.has(name)) }
}

const HARMLESS = new Set(['user-agent', 'accept', 'accept-language'])

/** In lower case. They frame the message, say to whom it goes, or what we know already: others than ours would break the fetch. */
export const OUR_HEADERS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Takes name and password out of the URL, so that they can appear nowhere, and gives the basic auth header. */
export function takeCredentials(url: URL): string | null {
  const { username, password } = url
  if (username === '' && password === '') return null
  url.username = ''
  url.password = ''
  const pair = `${decodePercent(username)}:${decodePercent(password)}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
