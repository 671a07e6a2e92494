import type { Headers } from './cache-headers.ts'

interface Cookies {
  /** What this answer sets. */
  take(url: URL, headers: Headers): void
  /** For the next request there, as the field Cookie has it; null for none. */
  find(url: URL): string | null
}

/** A cookie that only says that we have been there is short, and there are few of them: others are dropped. */
const MOST = 20
const LONGEST = 1_024

/**
 * The cookies of one fetch: some servers set one and send whoever comes without it round in circles. Each goes to the host
 * that set it, at that port (80 and 443 are one) and under its path, what came by https not by http, and none outlives the
 * fetch.
 */
export function createCookies(): Cookies {
  /** By host and name. */
  const cookies = new Map<string, { pair: string; host: string; path: string; isSecure: boolean }>()
  return {
    take({ host, pathname, protocol }, headers) {
      const isSecure = protocol === 'https:'
      for (const field of [headers['set-cookie'] ?? []].flat()) {
        const [, name = '', value = ''] = COOKIE.exec(field) ?? []
        const key = `${host} ${name}`
        const isForSecure = SECURE.test(field) || SECURE_NAME.test(name)
        if (isForSecure && !isSecure) continue
        cookies.delete(key)
        if (name === '' || field.length > LONGEST || cookies.size >= MOST || OVER.test(field)) continue
        const path = PATH.exec(field)?.[1] ?? pathname.slice(0, pathname.lastIndexOf('/'))
        cookies.set(key, { pair: `${name}=${value}`, host, path, isSecure })
      }
    },
    find({ host, pathname, protocol }) {
      const mine = [...cookies.values()].filter(
        (cookie) =>
          cookie.host === host && isUnder(cookie.path, pathname) && (!cookie.isSecure || protocol === 'https:'),
      )
      return mine.length === 0 ? null : mine.map(({ pair }) => pair).join('; ')
    },
  }
}

/** RFC 6265, 5.1.4. */
function isUnder(path: string, pathname: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
}

/** RFC 6265, 4.1.1: name and value, of signs that a field can carry. */
const COOKIE = /^\s*([!#$%&'*+.^_`|~\w-]+)=([\x21-\x3a\x3c-\x7e]*)\s*(?:;|$)/
/** It is taken back. */
const OVER = /;\s*max-age\s*=\s*"?(?:0|-\d)/i
const PATH = /;\s*path\s*=\s*(\/[^;]*?)\s*(?:;|$)/i
/** Browsers take neither of these from http. */
const SECURE = /;\s*secure\s*(?:;|$)/i
const SECURE_NAME = /^__(?:host|secure)-/i
