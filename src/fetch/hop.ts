/** One hop of a request: whether we may go there, by which way, what came of it, and where a redirect leads. */
import type Agent from 'undici/lib/dispatcher/agent.js'
import type { Clock, FetchFailed } from '../ports.ts'
import { takeCredentials } from './access.ts'
import { NO_ROOM } from './body-error.ts'
import type { Headers } from './cache-headers.ts'
import type { Answer, Deadline, Exchange } from './exchange.ts'
import { describeFault, describeTimeout, failure } from './faults.ts'
import type { Guard } from './guard.ts'
import type { Proxies, Way } from './proxy.ts'
import type { Room } from './room.ts'

export interface FetchLimits {
  /** For one whole fetch: connecting, redirects, headers and bodies. */
  totalMs: number
  connectMs: number
  /** Of a decompressed body. */
  maxBytes: number
  maxRedirects: number
  /** More requests than these wait, and their deadline runs meanwhile. */
  connectionsPerOrigin: number
  /** Of all large bodies together, until they are released; others wait, and their deadline runs meanwhile. */
  roomBytes: number
}

/** What all requests share. */
export interface Network {
  agent: Agent
  proxies: Proxies
  guard: Guard
  room: Room
  limits: FetchLimits
  userAgent: string
  clock: Clock
}

export const REDIRECTS = new Set([301, 302, 303, 307, 308])

interface Hop {
  url: URL
  /** Through which it goes, or null. */
  proxy: string | null
  deadline: Deadline
}

/** Judges the hop, has it asked by the way that leads there, and describes what failed. */
export async function askHop(
  network: Network,
  hop: Hop,
  ask: (way: Way) => Promise<Exchange>,
): Promise<Answer | FetchFailed> {
  const way = (await judgeHop(network, hop)) ?? findWay(network, hop)
  if ('kind' in way) return way
  const answer = await ask(way)
  if (answer.kind === 'answer') return answer
  const isLate = hop.deadline.expired && answer.error !== NO_ROOM
  return isLate ? describeTimeout(hop.url.host, network.limits.totalMs) : describeFault(answer.error, way.peer)
}

/** Why we may not go there, or null. */
async function judgeHop(network: Network, { url, proxy, deadline }: Hop): Promise<FetchFailed | null> {
  const refusal = network.guard.refusal(url)
  if (refusal !== null) return failure('refused', refusal)

  const fault = proxy === null ? null : await judgeInTime(network.guard, url.hostname, deadline)
  if (deadline.expired) return describeTimeout(url.host, network.limits.totalMs)
  return fault === null ? null : describeFault(fault, url.host)
}

function findWay(network: Network, { url, proxy }: Hop): Way | FetchFailed {
  const way = proxy === null ? directWay(network, url) : network.proxies.find(proxy, url)
  return typeof way === 'string' ? failure('refused', way) : way
}

function judgeInTime(guard: Guard, hostname: string, deadline: Deadline): Promise<Error | null> {
  return new Promise((resolve) => {
    const cancel = () => resolve(null)
    deadline.add(cancel)
    void guard.judge(hostname).then((fault) => {
      deadline.remove(cancel)
      resolve(fault)
    })
  })
}

function directWay({ agent }: Network, url: URL): Way {
  return { dispatcher: agent, origin: url.origin, path: url.pathname + url.search, headers: {}, peer: url.host }
}

/** Where a redirect leads (said twice, the first counts), or null. A name and password in it are dropped: nobody gave them to us. */
export function nextHop(url: URL, headers: Headers): URL | null {
  const [location = ''] = [headers.location ?? []].flat()
  const next = parseUrl(decodeLocation(location), url.href)
  if (next !== null) takeCredentials(next)
  return next
}

/** Fields are read as Latin 1; an address in raw UTF-8, as browsers take it, would come out as another one. */
function decodeLocation(location: string): string {
  const decoded = Buffer.from(location, 'latin1').toString('utf8')
  return decoded.includes('\ufffd') ? location : decoded
}

/** Somebody gave something else for an address. */
export function notAnAddress(): FetchFailed {
  return failure('refused', 'That is no web address. It must start with http:// or https://')
}

/** Without its fragment, which is never sent; null for what is none. */
export function parseUrl(text: string, base?: string): URL | null {
  if (text === '' || !URL.canParse(text, base)) return null
  const url = new URL(text, base)
  url.hash = ''
  return url
}
