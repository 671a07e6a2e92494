/**
 * One spelling for addresses that lead to the same page, for comparing, never for fetching or showing: http and https
 * are one, host in lower case, without "www.", no default port, no fragment, no parameters that only say where the reader
 * came from or which visit it is, the page itself for its AMP and mobile versions. The order of the other parameters, the
 * path's case and its last slash are kept: servers tell them apart. What is no web address comes back trimmed.
 */
export function canonicalUrl(url: string): string {
  const canonical = canonicalParts(url.trim())
  return VERSION.test(canonical) ? withoutVersion(canonical) : canonical
}

/** Signs that it may be another version of a page. */
const VERSION = /^https:\/\/(?:(?:[a-z\d-]+\.)?(?:www|m|mobile|amp)\.|[^/]*\.cdn\.ampproject\.org\/)|[./]amp\b/

/** A page as a cache of Google's carries it: its own address follows. */
const AMP_CACHE =
  /^https:\/\/(?:www\.google\.[a-z.]+\/amp|[a-z\d-]+\.cdn\.ampproject\.org\/[a-z])\/(?:s\/)?([^/?]+\.[^/?]+\/.*)$/

function withoutVersion(url: string): string {
  const page = url.replace(AMP_CACHE, 'https://$1')
  const [, host = '', path = ''] = /^https:\/\/([^/?]+)(.*)$/s.exec(page) ?? []
  if (host === '') return url
  return `https://${plainHost(host)}${plainPath(path)}`
}

/** "m.example.com" and "en.m.example.org", but "m.com" is a name. */
function plainHost(host: string): string {
  const plain = host.replace(/^((?!www\.)[a-z\d-]+\.)?(?:m|mobile|amp)\.(?=[^.]+\.[^.])/, '$1')
  return plain.replace(/^www\.(?=[^.]+\.[^.])/, '').replace(/^(?:m|mobile|amp)\.(?=[^.]+\.[^.])/, '')
}

/** "/story/amp", "/story/amp/", "/story.amp.html", "/story.amp". */
function plainPath(path: string): string {
  return path.replace(/\/amp(?=\/?(?:\?|$))/, '').replace(/\.amp(?=(?:\.html)?(?:\?|$))/, '') || '/'
}

function canonicalParts(trimmed: string): string {
  if (PLAIN.test(trimmed)) return canonicalPlain(trimmed)
  const parsed = parseUrl(trimmed)
  if (!parsed || !isWeb(parsed)) return trimmed

  parsed.protocol = 'https:'
  // Port 80 of http and 443 of https are dropped by the parser; 80 is what the change of scheme leaves behind.
  if (parsed.port === '80') parsed.port = ''
  parsed.hash = ''
  parsed.pathname = parsed.pathname.replace(SESSION_IN_PATH, '')
  // Through the text, not through searchParams: those would encode anew what stays.
  const kept = parsed.search.slice(1).split('&').filter(isTelling)
  parsed.search = kept.join('&')
  return parsed.href
}

/**
 * The same text, plain or HTML, where the addresses in it lack their tracking parameters and sessions: for comparing what two
 * answers say, never for showing. All else stays to the letter. Linear in any text.
 */
export function withoutTracking(text: string): string {
  // Where there is neither, that is told at a tenth of what the search costs.
  if (!(text.includes('?') || text.includes(';jsessionid=')) || !TRACE.test(text)) return text
  return text.replace(SESSION_IN_TEXT, '').replace(QUERY_IN_TEXT, (query) => {
    const kept = query.replace(PARAMETER_IN_TEXT, (written, parameter: string) =>
      isTracking(parameter) ? '' : written,
    )
    return kept === query ? query : kept.replace(FIRST_SIGN, '?')
  })
}

/** The same of a plain address (`PLAIN`), which needs no parser. */
function canonicalPlain(url: string): string {
  const whole = withoutHash(url)
  const query = whole.indexOf('?')
  const path = whole.slice(whole.indexOf(':'), query === -1 ? undefined : query)
  const page = `https${path.includes(';') ? path.replace(SESSION_IN_PATH, '') : path}`
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
  const address = trimmed.replace(INVISIBLE, '').replace(FEED_SCHEME, (_, scheme?: string) => scheme ?? 'http://')
  // Without a base only whole addresses mean something.
  const parsed = parseUrl(address, base || undefined)
  return parsed && isWeb(parsed) ? parsed.href : null
}

/** Likewise, for showing: a host that was published without a slash behind it stays so. */
export function urlAsPublished(text: string, base: string | null): string | null {
  const url = resolveUrl(text, base)
  const written = text.trim()
  return url?.length === written.length + 1 && url.replace(HOST_SLASH, '') === written ? written : url
}

const HOST_SLASH = /(?<=^https?:\/\/[^/?#]+)\/(?=[?#]|$)/

/** The page itself, without a place in it. */
export function withoutHash(url: string): string {
  const hash = url.indexOf('#')
  return hash === -1 ? url : url.slice(0, hash)
}

/** Whose address it is: its host, less a "www."; null where it is none. */
export function siteHost(url: string | null): string | null {
  return parseUrl(url ?? '')?.hostname.replace(/^www\./, '') ?? null
}

/** What names the reader's visit, in the path: ";jsessionid=1A2B". */
const SESSION_IN_PATH = /;jsessionid=[^;/?]*/gi
/** And as a parameter. "sid" and "s" name other things too: a session's are 32 hexadecimal digits. */
const SESSION =
  /^(?:(?:jsessionid|phpsessid|oscsid|aspsessionid[a-z]*)(?:=.*)?|(?:s|sid|sessid|sessionid)=[\da-f]{32})$/i

const SESSION_IN_TEXT = /;jsessionid=[\w.!~-]*/gi
/** From its "?" on, in HTML or not. */
const QUERY_IN_TEXT = /\?(?:[^\s"'<>#]|(?<=&)#)+/g
/** With the sign before it, which HTML spells in several ways, and escaped HTML in more. */
const PARAMETER_IN_TEXT = /(?:^\?|&(?:(?:amp;)+|#38;|#x26;)?)([^&]*)/gi
const FIRST_SIGN = /^&(?:(?:amp;)+|#38;|#x26;)?/i

/** What the URL parser gives back to the letter, told at a tenth of its cost: nothing to lower, to encode or to resolve. */
const PLAIN =
  /^https?:\/\/(?:[a-z\d]+(?:-[a-z\d]+)*\.)+[a-z]{2,24}\/(?:[\w~!$&()*+,;=:@-][\w.~!$&()*+,;=:@-]*\/)*(?:[\w~!$&()*+,;=:@-][\w.~!$&()*+,;=:@-]*)?(?:\?[\w.~!$&()*+,;=:@/?-]*)?(?:#[\w.~-]*)?$/

/** What comes along when an address is copied from a page. */
const INVISIBLE = /^[\u200b-\u200f\u2060]+|[\u200b-\u200f\u2060]+$/g
/** "feed:https://…", "feed://…": what readers of feeds register themselves for. */
const FEED_SCHEME = /^feed:(?:(https?:)|\/\/)/i

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
  return parameter !== '' && !parameter.startsWith('=') && !isTracking(parameter) && !AMP.test(parameter)
}

function isTracking(parameter: string): boolean {
  const name = parameter.split('=', 1)[0]?.toLowerCase() ?? ''
  return CAMPAIGN.test(name) || TRACKING.has(name) || SESSION.test(parameter)
}

/** The AMP version of the same page. */
const AMP = /^(?:amp(?:=(?:1|true)?)?|outputtype=amp|_?amp_(?:js_v|gsa)(?:=.*)?)$/i

/** What tells a site's statistics of which campaign a visit comes: Google's, Matomo's, HubSpot's, the BBC's. */
const CAMPAIGN =
  /^(?:utm_|mtm_|matomo_|piwik_|hsa_|pk_(?:campaign|cid|content|keyword|kwd|medium|source)$|at_(?:campaign|custom\d*|format|link_\w+|medium)$|ns_(?:campaign|fee|linkname|mchannel|source)$)/

/** What advertisers and newsletters append (as in the lists of Firefox's query stripping and of ClearURLs). */
const TRACKING = new Set([
  ...'__twitter_impression _ga _gl _hsenc _hsmi _openstat cmpid dclid fb_action_ids fb_source fbclid'.split(' '),
  ...'ga_source gad_source gbraid gclid gclsrc igsh igshid mc_cid mc_eid mkt_tok ml_subscriber'.split(' '),
  ...'ml_subscriber_hash msclkid oly_anon_id oly_enc_id s_cid spm srsltid ttclid twclid vero_id wbraid'.split(' '),
  ...'wickedid wt.mc_id xtor yclid'.split(' '),
])

/** What all of them begin with, behind the sign before it: most texts have none, and need not be looked at again. */
const TRACE = new RegExp(
  `[?&;](?:${['utm_', 'mtm_', 'matomo_', 'piwik_', 'hsa_', 'pk_', 'at_', 'ns_', ...TRACKING, 'jsess', 'phpsess', 'oscsid', 'aspsess', 's=', 'sid=', 'sess'].join('|').replaceAll('.', '\\.')})`,
  'i',
)
