/**
 * One spelling for addresses that lead to the same page, for comparing, never for fetching or showing: http and https
 * are one, host in lower case, no default port, no fragment, no parameters that only say where the reader came from.
 * The order of the others, the path's case and its last slash are kept: servers tell them apart.
 * What is no web address comes back trimmed.
 */
export function canonicalUrl(url: string): string {
  const trimmed = url.trim()
  if (PLAIN.test(trimmed)) return canonicalPlain(trimmed)
  const parsed = parseUrl(trimmed)
  if (!parsed || !isWeb(parsed)) return trimmed

  parsed.protocol = 'https:'
  // Port 80 of http and 443 of https are dropped by the parser; 80 is what the change of scheme leaves behind.
  if (parsed.port === '80') parsed.port = ''
  parsed.hash = ''
  // Through the text, not through searchParams: those would encode anew what stays.
  const kept = parsed.search.slice(1).split('&').filter(isTelling)
  parsed.search = kept.join('&')
  return parsed.href
}

/** The same of a plain address (`PLAIN`), which needs no parser. */
function canonicalPlain(url: string): string {
  const hash = url.indexOf('#')
  const whole = hash === -1 ? url : url.slice(0, hash)
  const query = whole.indexOf('?')
  const page = `https${whole.slice(whole.indexOf(':'), query === -1 ? undefined : query)}`
  const kept =
    query === -1
      ? []
      : whole
          .slice(query + 1)
          .split('&')
          .filter(isTelling)
  return kept.length === 0 ? page : `${page}?${kept.join('&')}`
}

/**
 * The absolute http(s) address that `text` means when it stands in a document at `base`; null when it means none.
 * Other absolute schemes (mailto:, tag:) are no addresses of pages.
 */
export function resolveUrl(text: string, base: string | null): string | null {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > MAX_URL_CHARS) return null
  if (PLAIN.test(trimmed)) return trimmed
  // Without a base only whole addresses mean something.
  const parsed = parseUrl(trimmed, base || undefined)
  return parsed && isWeb(parsed) ? parsed.href : null
}

/** What the URL parser gives back to the letter, told at a tenth of its cost: nothing to lower, to encode or to resolve. */
const PLAIN =
  /^https?:\/\/(?:[a-z\d]+(?:-[a-z\d]+)*\.)+[a-z]{2,24}\/(?:[\w~!$&()*+,;=:@-][\w.~!$&()*+,;=:@-]*\/)*(?:[\w~!$&()*+,;=:@-][\w.~!$&()*+,;=:@-]*)?(?:\?[\w.~!$&()*+,;=:@/?-]*)?(?:#[\w.~-]*)?$/

/** Longer ones are junk: browsers and servers give up far earlier. */
const MAX_URL_CHARS = 8_192

function parseUrl(text: string, base?: string): URL | null {
  try {
    return new URL(text, base)
  } catch {
    return null
  }
}

function isWeb(url: URL): boolean {
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== ''
}

function isTelling(parameter: string): boolean {
  const name = parameter.split('=', 1)[0]?.toLowerCase() ?? ''
  return name !== '' && !name.startsWith('utm_') && !TRACKING.has(name)
}

/** What advertisers and newsletters append (as in the lists of Firefox's query stripping and of ClearURLs). */
const TRACKING = new Set([
  '_hsenc',
  '_hsmi',
  '_openstat',
  'dclid',
  'fb_action_ids',
  'fb_source',
  'fbclid',
  'ga_source',
  'gbraid',
  'gclid',
  'gclsrc',
  'igshid',
  'mc_cid',
  'mc_eid',
  'mkt_tok',
  'ml_subscriber',
  'ml_subscriber_hash',
  'msclkid',
  'oly_anon_id',
  'oly_enc_id',
  's_cid',
  'spm',
  'srsltid',
  'twclid',
  'vero_id',
  'wbraid',
  'wickedid',
  'xtor',
  'yclid',
])
