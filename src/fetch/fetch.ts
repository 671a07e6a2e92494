import { setFlagsFromString } from 'node:v8'
// Of undici what is needed: all of it, a fetch and a WebSocket of its own among that, is three times as much memory.
import Agent from 'undici/lib/dispatcher/agent.js'
import { AppError } from '../errors.ts'
import { MAX_DOCUMENT_BYTES } from '../model.ts'
import type { Clock, Fetch, Fetched, FetchFailed, FetchRequest, Post } from '../ports.ts'
import { systemClock } from '../time.ts'
import { type OwnHeaders, ownHeaders, takeCredentials } from './access.ts'
import { type Answered, readAnswer } from './answered.ts'
import { BodyError } from './body-error.ts'
import { type Headers, headerValue } from './cache-headers.ts'
import { createCookies } from './cookies.ts'
import { type Deadline, type Exchange, exchange, startDeadline } from './exchange.ts'
import { failure, isStaleConnection, MAX_HEADER_BYTES, MAX_HOST_CHARS } from './faults.ts'
import { createGuard } from './guard.ts'
import { askHop, type FetchLimits, type Network, nextHop, notAnAddress, parseUrl, REDIRECTS } from './hop.ts'
import type { LookupAll } from './lookup.ts'
import { readLeniently } from './mended-parser.ts'
import { postForm } from './post.ts'
import { createProxies, type Way } from './proxy.ts'
import { createRoom } from './room.ts'

const FETCH_LIMITS: FetchLimits = {
  totalMs: 30_000,
  connectMs: 10_000,
  maxBytes: MAX_DOCUMENT_BYTES,
  maxRedirects: 5,
  connectionsPerOrigin: 512,
  roomBytes: 4 * 1_048_576,
}

export interface Fetcher {
  fetch: Fetch
  post: Post
  /** The bytes of a document are not needed any more: large ones make room for others. Optional, and sooner is better. */
  release(bytes: Uint8Array): void
  /** What runs, and what comes later, rejects with `unavailable`: that is no answer of any server, and must not be stored as one. */
  stop(): void
  /** Breaks off what is still running. */
  close(): Promise<void>
}

/**
 * Our own HTTP client: conditional GET behind the guard. Redirects are followed by hand (5 at most), each hop judged
 * anew. What belongs to the source alone (a name and password in its address, its headers) goes to its own origin only,
 * and a secret among it not from https to http; the `url` of a document is without it, and so is every `detail`.
 * Headers that frame the message or ask about the cache are ours: a source that has one of them is refused. Through a
 * proxy, the proxy is judged as a host, and each hop by its address and what our own look-up says of it.
 */
export function createFetch(options: FetchOptions): Fetcher {
  // undici's parser is one huge function of WebAssembly, made at the first connection: to optimize it takes 40 MB and
  // 100 ms, and gains nothing that could be measured.
  setFlagsFromString('--liftoff-only')
  const network = createNetwork(options)
  /** Of the requests that run. */
  const deadlines = new Set<Deadline>()
  let isStopped = false

  return {
    fetch: (request) => inTime((deadline) => fetchDocument(network, request, deadline)),
    post: (request) => inTime((deadline) => postForm(network, request, deadline)),
    release: network.room.release,
    stop() {
      isStopped = true
      for (const deadline of deadlines) deadline.expire()
    },
    async close() {
      await Promise.all([network.agent.destroy(), network.proxies.close()])
    },
  }

  async function inTime<T extends { kind: string }>(work: (deadline: Deadline) => Promise<T>): Promise<T> {
    const stopping = () => new AppError('unavailable', 'Crier is stopping.')
    if (isStopped) throw stopping()
    const deadline = startDeadline(network.limits.totalMs)
    deadlines.add(deadline)
    try {
      const result = await work(deadline)
      // It was we who broke it off: that says nothing of the server.
      if (isStopped && result.kind === 'failed') throw stopping()
      return result
    } finally {
      deadlines.delete(deadline)
      deadline.end()
    }
  }
}

interface FetchOptions {
  userAgent: string
  allowHosts: string[]
  limits?: Partial<FetchLimits>
  clock?: Clock
  lookup?: LookupAll
  /** Hears when large bodies begin to wait for memory, and when none has for a minute. */
  onScarce?: ((isScarce: boolean) => void) | undefined
}

function createNetwork({ userAgent, allowHosts, clock = systemClock, lookup, ...options }: FetchOptions): Network {
  const limits = { ...FETCH_LIMITS, ...options.limits }
  const connectTimeoutMs = limits.connectMs
  const guard = createGuard({ allowHosts, connectTimeoutMs, ...(lookup && { lookup }) })
  const pool = {
    connections: limits.connectionsPerOrigin,
    pipelining: 1,
    // Thousands of hosts are asked once in minutes: a socket that waits for the next time is only in the way.
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 10_000,
    maxHeaderSize: MAX_HEADER_BYTES,
  }
  // Not behind a proxy, whose connection leads to many servers: what one of them says must not be read as another's.
  const connect: typeof guard.connect = (target, callback) =>
    guard.connect(target, (...given) => {
      const [, socket] = given
      // The types say null where there is none, and undici undefined.
      if (socket) readLeniently(socket)
      callback(...given)
    })
  // One deadline covers both; undici's own would only fire earlier on slow servers that do answer.
  const agent = new Agent({ ...pool, connect, headersTimeout: 0, bodyTimeout: 0 })
  const proxies = createProxies({ guard, connectTimeoutMs, pool })
  const room = createRoom(limits.roomBytes, options.onScarce)
  return { agent, proxies, guard, room, limits, userAgent, clock }
}

async function fetchDocument(network: Network, request: FetchRequest, deadline: Deadline): Promise<Fetched> {
  const start = parseUrl(request.url)
  if (start === null) return notAnAddress()

  const answered = await followRedirects(network, request, start, deadline)
  return answered.kind === 'failed' ? answered : readAnswer(network, request, answered)
}

async function followRedirects(
  network: Network,
  request: FetchRequest,
  asked: URL,
  deadline: Deadline,
): Promise<Answered | FetchFailed> {
  const own = ownHeaders(request.access, takeCredentials(asked))
  if (typeof own === 'string') return failure('refused', own)
  const cookies = createCookies()
  const proxy = request.access?.proxy ?? null
  let url = asked
  let movedForGood = true
  for (let hops = 0; ; hops += 1) {
    const isOwn = url.origin === asked.origin
    const headers = requestHeaders(network, request, isOwn ? own : null, cookies.find(url))
    const answer = await askHop(network, { url, proxy, deadline }, (way) =>
      exchangeTwice(network, way, headers, deadline),
    )
    if (answer.kind === 'failed') {
      const isOurs = hops === 0 || (url.host === asked.host && answer.reason !== 'refused')
      return isOurs ? answer : sentThere(asked, url, answer)
    }
    if (!REDIRECTS.has(answer.status)) {
      const wasAuthorized = isOwn && own.headers.authorization !== undefined
      return { kind: 'answered', asked, url, answer, movedForGood: movedForGood && hops > 0, wasAuthorized }
    }

    if (hops >= network.limits.maxRedirects) {
      return failure('redirects', `${asked.host} sends us on and on (more than ${hops} times). Try the final address.`)
    }
    cookies.take(url, answer.headers)
    const next = nextHop(url, answer.headers)
    if (next === null) return failure('redirects', `${url.host} ${sentNowhere(answer.headers)} Check the address.`)
    if (own.isSecret && url.protocol === 'https:' && next.protocol === 'http:') {
      return failure('redirects', `${url.host} sends us from https to http, where a password is not safe.`)
    }
    const restMs = next.hostname === asked.hostname ? 0 : (request.restMs?.(next.hostname) ?? 0)
    if (restMs > 0) return leftAlone(asked, next, restMs)
    movedForGood &&= answer.status === 301 || answer.status === 308
    url = next
  }
}

function sentNowhere(headers: Headers): string {
  return headerValue(headers, 'location') ? 'sends us to what is no address.' : 'sends us on without saying where.'
}

/** Nobody gave us the address that failed: it is to be said who did. */
function sentThere(asked: URL, { host, protocol }: URL, failed: FetchFailed): FetchFailed {
  const article = /^[aeiou]/.test(protocol) ? 'an' : 'a'
  const where = host === '' ? `${article} ${protocol.slice(0, MAX_HOST_CHARS)} address` : host.slice(0, MAX_HOST_CHARS)
  return { ...failed, detail: `${asked.host} sends us to ${where}. ${failed.detail}` }
}

function leftAlone(asked: URL, next: URL, retryAfterMs: number): FetchFailed {
  const detail = `${asked.host} sends us to ${next.host}, which has asked to be left alone for now.`
  return failure('throttled', detail, { retryAfterMs, host: next.hostname })
}

/**
 * Asks again, once, where that may help: without compression if the body was garbled, and on a new connection if the server
 * closed a kept one just as we asked, which is no fault of it.
 */
async function exchangeTwice(
  { limits, room }: Network,
  way: Way,
  headers: Record<string, string>,
  deadline: Deadline,
): Promise<Exchange> {
  const request = { headers, maxBytes: limits.maxBytes, room, deadline }
  const answer = await exchange(way, request)
  if (answer.kind !== 'fault' || deadline.expired) return answer
  const isGarbled = answer.error instanceof BodyError && answer.error.reason === 'garbled'
  if (isGarbled) return exchange(way, { ...request, headers: { ...headers, 'accept-encoding': 'identity' } })
  return answer.early && isStaleConnection(answer.error) ? exchange(way, request) : answer
}

function requestHeaders(
  { userAgent }: Network,
  request: FetchRequest,
  own: OwnHeaders | null,
  cookie: string | null,
): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': userAgent,
    accept: ACCEPT,
    'accept-encoding': 'gzip, deflate, br',
    ...own?.headers,
  }
  if (cookie !== null) headers.cookie = headers.cookie === undefined ? cookie : `${headers.cookie}; ${cookie}`
  const { etag, lastModified } = request.validators
  if (etag !== null) headers['if-none-match'] = etag
  if (lastModified !== null) headers['if-modified-since'] = lastModified
  return headers
}

// Feeds first; pages are welcome too, their feeds can be found. The rest last, for servers that label feeds oddly.
const ACCEPT =
  'application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.5'
