/** Addresses and hosts, as queries ask of them. */
import { domainToUnicode } from 'node:url'
import { tokenStream } from '../text/tokens.ts'

/** The tokens of an address: its words in a row as people read them, whatever stands between them. */
export function urlStream(url: string): string {
  return tokenStream(urlWords(url))
}

/** An address as plain words, for `queryTokens`: the signs that belong to words elsewhere (C++, AT&T, .NET) join nothing. */
export function urlWords(url: string): string {
  return decode(readableHost(url)).replace(/[+#@&.]/g, ' ')
}

/** A host, alone or in an address, as people read it: "xn--mnchen-3ya.de" is münchen.de. */
export function readableHost(host: string): string {
  return host.replace(/\bxn--[a-z\d-]+/gi, (label) => domainToUnicode(label) || label)
}

/** Whether a host or an address after `source:` is that of the source with this address. */
export function isAddressMeant(address: string, url: string): boolean {
  if (address.includes('/')) return address === bareAddress(url)
  // With a port or without.
  return (['host', 'hostname'] as const).some((part) => isWithinHost(hostOf(url, part) ?? '', address))
}

/** An address without its scheme, without a slash at its end and a dot at that of its host: what people write after `source:`. */
export function bareAddress(url: string): string {
  return url
    .replace(/^https?:\/\//i, '')
    .replace(/\/$/, '')
    .replace(/^([^/?#:]*[^/?#:@.])\.(?=[/?#:]|$)/, '$1')
}

/** Whether a host is this one or below it: "news.example.com" is within "example.com", "myexample.com" is not. */
export function isWithinHost(host: string, above: string): boolean {
  return host === above || host.endsWith(`.${above}`)
}

/** The host of an address, in lower case, with its port where `part` is `host`; null where there is none. */
export function hostOf(url: string | null, part: 'host' | 'hostname' = 'hostname'): string | null {
  // Most addresses are plain, and are asked for with every new item: told at a tenth of what the URL parser takes.
  const [, plain] = PLAIN_HOST.exec(url ?? '') ?? []
  if (plain !== undefined && !plain.includes('xn--')) return plain
  return url !== null && URL.canParse(url) ? new URL(url)[part].replace(/\.(?=:|$)/, '') : null
}

/** In lower case, without user, port or number at its end: as the URL parser would give it back. */
const PLAIN_HOST = /^https?:\/\/((?:[a-z\d][a-z\d-]*\.)+[a-z]{2,24})(?=[/?#]|$)/

function decode(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch (_notUtf8) {
    // One part of it is not. What stands beside that is read all the same.
    return url.replace(/(?:%[\da-f]{2})+/gi, (part) => (part === url ? part : decode(part)))
  }
}
