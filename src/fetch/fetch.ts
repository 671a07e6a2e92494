import { createHash } from 'node:crypto'
import { Agent } from 'undici'
import type { Validators } from '../model.ts'
import type { Clock, Fetch, Fetched, FetchFailed, FetchRequest } from '../ports.ts'
import { systemClock } from '../time.ts'
import { freshForMs, type Headers, headerValue } from './cache-headers.ts'
import { type Deadline, type Exchange, exchange, startDeadline } from './exchange.ts'
import { describeFault, describeStatus, failure, isStaleConnection } from './faults.ts'
import { createGuard, type Guard, type LookupAll } from './guard.ts'

export interface FetchLimits {
  /** For one whole fetch: connecting, redirects, headers and bodies. */
  totalMs: number
  connectMs: number
  /** Of a decompressed body. */
  maxBytes: number
  maxRedirects: number
  /** More requests than these wait, and their deadline runs meanwhile. */
  connectionsPerOrigin: number
}

const FETCH_LIMITS: FetchLimits = {
  totalMs: 30_000,
  connectMs: 10_000,
  maxBytes: 10 * 1_048_576,
  maxRedirects: 5,
  connectionsPerOrigin: 8,
}

interface Context {
  agent: Agent
  guard: Guard
  limits: FetchLimits
  userAgent: string
  clock: Clock
}

/**
 * Our own HTTP client: conditional GET behind the guard. Redirects are followed by hand (5 at most), each hop judged
 * anew; a name and password in the address go as basic auth to their own origin only, and not from https to http.
 * The `url` of a document is without them. `close` breaks off what is still running.
 */
export function createFetch(options: {
  userAgent: string
  allowHosts: string[]
  limits?: Partial<FetchLimits>
  clock?: Clock
  lookup?: LookupAll
}): { fetch: Fetch; close(): Promise<void> } {
  const limits = { ...FETCH_LIMITS, ...options.limits }
  const guard = createGuard({
    allowHosts: options.allowHosts,
    connectTimeoutMs: limits.connectMs,
    ...(options.lookup && { lookup: options.lookup }),
  })
  const agent = new Agent({
    connect: guard.connect,
    connections: limits.connectionsPerOrigin,
    pipelining: 1,
    // Thousands of hosts are asked once in minutes: a socket that waits for the next time is only in the way.
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 10_000,
    // One deadline covers both; undici's own would only fire earlier on slow servers that do answer.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const context = { agent, guard, limits, userAgent: options.userAgent, clock: options.clock ?? systemClock }

  return {
    fetch: (request) => fetchDocument(context, request),
    close: () => agent.destroy(),
  }
}

async function fetchDocument(context: Context, request: FetchRequest): Promise<Fetched> {
  const start = parseUrl(request.url)
  if (start === null) return failure('refused', 'That is no web address. It must start with http:// or https://')

  const deadline = startDeadline(context.limits.totalMs)
  try {
    const answered = await followRedirects(context, request, start, deadline)
    return answered.kind === 'failed' ? answered : readAnswer(context, request, answered)
  } finally {
    deadline.end()
  }
}

type Answered = { kind: 'answered'; url: URL; answer: Extract<Exchange, { kind: 'answer' }> }

async function followRedirects(
  context: Context,
  request: FetchRequest,
  start: URL,
  deadline: Deadline,
): Promise<Answered | FetchFailed> {
  const credentials = takeCredentials(start)
  let url = start
  for (let hops = 0; ; hops += 1) {
    const refusal = context.guard.refusal(url)
    if (refusal !== null) return failure('refused', refusal)

    const headers = requestHeaders(context, request, url.origin === start.origin ? credentials : null)
    const answer = await exchangeTwice(context, url, headers, deadline)
    if (deadline.expired) return timedOut(url.host, context.limits.totalMs)
    if (answer.kind === 'fault') return describeFault(answer.error, url.host)
    if (!REDIRECTS.has(answer.status)) return { kind: 'answered', url, answer }

    if (hops >= context.limits.maxRedirects) {
      return failure('redirects', `${start.host} sends us on and on (more than ${hops} times). Try the final address.`)
    }
    const next = nextHop(url, answer.headers)
    if (next === null) return failure('redirects', `${url.host} sends us on without saying where. Check the address.`)
    if (credentials !== null && url.protocol === 'https:' && next.protocol === 'http:') {
      return failure('redirects', `${url.host} sends us from https to http, where a password is not safe.`)
    }
    url = next
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** A kept connection that the server closes just as we ask is not its fault: a GET may be asked again, once. */
async function exchangeTwice(
  context: Context,
  url: URL,
  headers: Record<string, string>,
  deadline: Deadline,
): Promise<Exchange> {
  const ask = () => exchange(context.agent, { url, headers, maxBytes: context.limits.maxBytes, deadline })
  const answer = await ask()
  const again = answer.kind === 'fault' && answer.early && isStaleConnection(answer.error) && !deadline.expired
  return again ? await ask() : answer
}

function readAnswer(context: Context, request: FetchRequest, answered: Answered): Fetched {
  const { url, answer } = answered
  const { status, headers, body } = answer
  const now = context.clock()
  const { etag, lastModified } = request.validators
  if (status === 304 && (etag !== null || lastModified !== null)) {
    const renewed = validatorsOf(headers)
    const validators = { etag: renewed.etag ?? etag, lastModified: renewed.lastModified ?? lastModified }
    return { kind: 'unchanged', validators, notBeforeMs: freshForMs(headers, now) }
  }
  if (body === null) return describeStatus(status, headers, now)
  if (body.length === 0) {
    return failure('body', `${url.host} answered with an empty document. Check the address; Crier tries again.`)
  }

  const validators = validatorsOf(headers)
  const notBeforeMs = freshForMs(headers, now)
  const bodyHash = createHash('sha256').update(body).digest('hex')
  if (bodyHash === request.bodyHash) return { kind: 'unchanged', validators, notBeforeMs }
  const contentType = headerValue(headers, 'content-type')
  return { kind: 'fresh', url: withoutFragment(url), contentType, bytes: body, validators, bodyHash, notBeforeMs }
}

function requestHeaders(context: Context, request: FetchRequest, credentials: string | null): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': context.userAgent,
    accept: ACCEPT,
    'accept-encoding': 'gzip, deflate, br',
    ...(credentials !== null && { authorization: credentials }),
  }
  const { etag, lastModified } = request.validators
  if (etag !== null) headers['if-none-match'] = etag
  if (lastModified !== null) headers['if-modified-since'] = lastModified
  return headers
}

// Feeds first; pages are welcome too, their feeds can be found. The rest last, for servers that label feeds oddly.
const ACCEPT =
  'application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.5'

/** What came back goes out again in the next request: only what is a header value, and short enough to keep. */
function validatorsOf(headers: Headers): Validators {
  const keep = (value: string | null) => (value !== null && /^[\x20-\x7e]{1,1024}$/.test(value) ? value : null)
  return { etag: keep(headerValue(headers, 'etag')), lastModified: keep(headerValue(headers, 'last-modified')) }
}

/** Takes name and password out of the URL, so that they can appear nowhere, and gives the basic auth header. */
function takeCredentials(url: URL): string | null {
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

/** Where a redirect leads, or null. A name and password in it are dropped: nobody gave them to us. */
function nextHop(url: URL, headers: Headers): URL | null {
  const next = parseUrl(headerValue(headers, 'location') ?? '', url.href)
  if (next !== null) takeCredentials(next)
  return next
}

function parseUrl(text: string, base?: string): URL | null {
  return text !== '' && URL.canParse(text, base) ? new URL(text, base) : null
}

function withoutFragment(url: URL): string {
  const { href, hash } = url
  return hash === '' ? href : href.slice(0, -hash.length)
}

function timedOut(host: string, totalMs: number): FetchFailed {
  return failure('timeout', `${host} did not answer whole within ${totalMs / 1_000} seconds. Crier tries again.`)
}
