import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib'
import { type Headers, headerValue } from './cache-headers.ts'

/** What of an answer tells who stands in the way. */
interface Answer {
  status: number
  headers: Headers
  /** The beginning of its body, as it came over the wire; null when it was not looked at. */
  excerpt: Buffer | null
}

/**
 * Who keeps programs out with this refusal, and how, as the beginning of a sentence ("Cloudflare asks for a browser");
 * null when nobody says so. Not what every page behind such a service has, but what its challenges and refusals have.
 */
export function findGuard(answer: Answer): string | null {
  const { status, headers, excerpt } = answer
  const text = excerpt === null ? '' : readExcerpt(excerpt, headers)
  const guard = GUARDS.find(
    ({ header, mark, alone }) =>
      header?.(headers, status) || (DENIALS.has(status) ? mark?.test(text) : alone?.every((part) => part.test(text))),
  )
  return guard === undefined ? null : `${guard.name} asks for a browser`
}

/**
 * The same for a 200 with a page: only challenges that stand alone, as services answer them with 200, and only in small
 * pages. What is about them, or carries their script, is not taken for one.
 */
export function findGuardOnPage(body: Uint8Array): string | null {
  if (body.length > MAX_CHALLENGE_BYTES) return null
  const text = latin1(body)
  const guard = GUARDS.find(({ alone }) => alone?.every((mark) => mark.test(text)))
  return guard === undefined ? null : `${guard.name} asks for a browser`
}

/**
 * Whether a login stands where something else was asked for: a redirect led to an address that is called so, which the
 * one asked for is not, and there is a field for a password.
 */
export function isLoginPage(asked: URL, answered: URL, body: Uint8Array): boolean {
  if (!isLoginAddress(answered) || isLoginAddress(asked)) return false
  return /<input\b[^>]{0,300}\btype\s*=\s*["']?password\b/i.test(latin1(body.subarray(0, MAX_LOGIN_BYTES)))
}

/** Whether the field says HTML. */
export function isHtml(headers: Headers): boolean {
  return /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(headerValue(headers, 'content-type') ?? '')
}

/** Whether a refusal may say who refuses: Cloudflare has a page for browsers, and a line of text for others. */
export function tellsGuard(headers: Headers): boolean {
  return isHtml(headers) || /^\s*text\/plain\b/i.test(headerValue(headers, 'content-type') ?? '')
}

const MAX_CHALLENGE_BYTES = 65_536
const MAX_LOGIN_BYTES = 131_072

function isLoginAddress({ hostname, pathname }: URL): boolean {
  return (
    /^(?:login|signin|sso|auth|idp|accounts?|passport)\./i.test(hostname) ||
    /\/(?:log[-_]?in|sign[-_]?in|sso|auth|authorize|oauth2?|session\/new|sessions\/new|wp-login|cas|passport)(?:[/.]|$)/i.test(
      pathname,
    )
  )
}

/** They do not let us in. Others (busy, origin down, wait a moment) have many reasons, and need a challenge for a sign. */
const DENIALS = new Set([403, 405, 406, 468])

interface GuardMarks {
  name: string
  header?: (headers: Headers, status: number) => boolean
  /** In the body of a denial. */
  mark?: RegExp
  /** Each of them in a page that is a challenge and nothing else, whatever its status. */
  alone?: RegExp[]
}

const has = (headers: Headers, name: string) => headers[name] !== undefined
const says = (headers: Headers, name: string, value: RegExp) => value.test(headerValue(headers, name) ?? '')

// From the services' own documents where they have them, else from what they answer.
const GUARDS: GuardMarks[] = [
  {
    name: 'Cloudflare',
    header: (headers) => says(headers, 'cf-mitigated', /challenge/i),
    mark: /^error code: 10\d\d\b|_cf_chl_opt|cf-browser-verification|cf-error-details|<title>(?:Just a moment\.\.\.|Attention Required! \| Cloudflare)/i,
    alone: [/<title>(?:Just a moment|Please Wait|DDoS protection)/i, /_cf_chl_opt|cf-browser-verification/],
  },
  {
    name: 'DataDome',
    header: (headers, status) => (has(headers, 'x-datadome') || has(headers, 'x-dd-b')) && status === 403,
    mark: /captcha-delivery\.com/i,
    alone: [/\bsrc=["']https:\/\/ct\.captcha-delivery\.com\//i, /\bvar dd=\{/],
  },
  {
    name: 'Akamai',
    header: (headers, status) => says(headers, 'server', /^AkamaiGHost/i) && status === 403,
    mark: /errors\.edgesuite\.net|Reference&#32;&#35;|Reference #[0-9a-f]+\.[0-9a-f]+\./i,
  },
  {
    name: 'Imperva',
    header: (headers, status) =>
      (has(headers, 'x-iinfo') || says(headers, 'x-cdn', /incapsula|imperva/i)) && status === 403,
    mark: /Incapsula incident ID|_Incapsula_Resource/i,
    alone: [/<iframe\b/i, /_Incapsula_Resource/, />\s{0,20}Request unsuccessful\. Incapsula incident ID/i],
  },
  {
    name: 'PerimeterX',
    header: (headers, status) => has(headers, 'x-px-block') || (has(headers, 'x-px-blocked') && status === 403),
    mark: /px-captcha|captcha\.px-(?:cdn|cloud)\.net|_pxAppId/i,
  },
  {
    name: 'Sucuri',
    header: (headers) => has(headers, 'x-sucuri-block'),
    mark: /Sucuri WebSite Firewall|sucuri_cloudproxy_js/i,
    alone: [/<title>You are being redirected\.\.\.<\/title>/i, /sucuri_cloudproxy_js/],
  },
  {
    name: 'AWS WAF',
    header: (headers) => says(headers, 'x-amzn-waf-action', /challenge|captcha/i),
    mark: /\.token\.awswaf\.com\//i,
  },
  {
    name: 'Vercel',
    header: (headers) => says(headers, 'x-vercel-mitigated', /challenge|deny/i),
    mark: /<title>Vercel Security Checkpoint/i,
  },
  { name: 'DDoS-Guard', mark: /check\.ddos-guard\.net|<title>DDoS-Guard/i },
  { name: 'Kasada', header: (headers, status) => has(headers, 'x-kpsdk-ct') && (status === 429 || status === 403) },
  {
    name: 'Anubis',
    mark: /\/\.within\.website\/x\/cmd\/anubis\//i,
    alone: [/\bid=["']anubis_challenge["']/i],
  },
  // 加速乐, in front of many Chinese government sites.
  {
    name: 'Jiasule',
    header: (headers, status) => status === 521 && says(headers, 'set-cookie', /__jsluid/i),
  },
  {
    name: 'Aliyun',
    mark: /acw_sc__v2|aliyun_waf/i,
    alone: [/^\s{0,20}<html><script>\s{0,20}var arg1='[0-9A-F]{40}'/i],
  },
]

/** Cut off as it is, compressed as it may be; '' when it cannot be read. */
function readExcerpt(excerpt: Buffer, headers: Headers): string {
  const coding = headerValue(headers, 'content-encoding')?.toLowerCase() ?? ''
  const limit = { maxOutputLength: 262_144 }
  const cut = { ...limit, finishFlush: constants.Z_SYNC_FLUSH }
  try {
    if (coding === 'br') {
      return latin1(brotliDecompressSync(excerpt, { ...limit, finishFlush: constants.BROTLI_OPERATION_FLUSH }))
    }
    if (coding === 'deflate') return latin1(inflateSync(excerpt, cut))
    return latin1(coding.endsWith('gzip') ? gunzipSync(excerpt, cut) : excerpt)
  } catch {
    return ''
  }
}

/** Marks are ASCII, whatever the page is in. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
