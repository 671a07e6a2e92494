import type { Headers } from './cache-headers.ts'

export interface Cookies {
  /** What this answer sets. */
  take(url: URL, headers: Headers): void
  /** For the next request there, as the field Cookie has it; null for none. */
  find(url: URL): string | null
}

/** More, or longer ones, are no sign of having been here. */
const MOST = 20
const LONGEST = 1_024

/**
 * The cookies of one fetch: some servers set one and send whoever comes without it round in circles. Each goes to the host
 * that set it, what came by https not by http, and none outlives the fetch.
 */
export function createCookies(): Cookies {
  /** By host and name. */
  const cookies = new Map<string, { pair: string; host: string; isSecure: boolean }>()
  return {
    take({ hostname: host, protocol }, headers) {
      for (const field of [headers['set-cookie'] ?? []].flat()) {
        const [, name = '', value = ''] = COOKIE.exec(field) ?? []
        const key = `${host} ${name}`
        cookies.delete(key)
        if (name === '' || field.length > LONGEST || cookies.size >= MOST || OVER.test(field)) continue
        cookies.set(key, { pair: `${name}=${value}`, host, isSecure: protocol === 'https:' })
      }
    },
    find({ hostname, protocol }) {
      const mine = [...cookies.values()].filter(
        ({ host, isSecure }) => host === hostname && (!isSecure || protocol === 'https:'),
      )
      return mine.length === 0 ? null : mine.map(({ pair }) => pair).join('; ')
    },
  }
}

/** RFC 6265, 4.1.1: name and value, of signs that a field can carry. */
const COOKIE = /^\s*([!#$%&'*+.^_`|~\w-]+)=([\x21-\x3a\x3c-\x7e]*)\s*(?:;|$)/
/** It is taken back. */
const OVER = /;\s*max-age\s*=\s*"?(?:0|-\d)/i
