/** One form, posted where its receiver wants it. */
import type { Post } from '../ports.ts'
import { takeCredentials } from './access.ts'
import { type Deadline, type Exchange, exchange } from './exchange.ts'
import { describeFault, describeStatus } from './faults.ts'
import { findWay, judgeHop, type Network, nextHop, notAnAddress, parseUrl, REDIRECTS, timedOut } from './hop.ts'

type Posted = Awaited<ReturnType<Post>>

/** As `Post` says; `inTime` runs what it is given within the deadline. */
export async function postForm(
  context: Network,
  { url: address, form, proxy = null }: Parameters<Post>[0],
  inTime: (work: (deadline: Deadline) => Promise<Posted>) => Promise<Posted>,
): Promise<Posted> {
  const url = parseUrl(address)
  if (url === null) return notAnAddress()
  const credentials = takeCredentials(url)
  const body = new URLSearchParams(form).toString()
  return inTime(async (deadline) => {
    for (let at = url, hops = 0; ; hops += 1) {
      const refused = await judgeHop(context, at, proxy, deadline)
      const way = refused ?? findWay(context, at, proxy)
      if ('kind' in way) return way
      const headers = {
        'user-agent': context.userAgent,
        'content-type': 'application/x-www-form-urlencoded',
        ...(credentials !== null && at.origin === url.origin && { authorization: credentials }),
      }
      const { maxBytes } = context.limits
      const answer = await exchange(way, { headers, form: body, maxBytes, room: context.room, deadline })
      if (answer.kind === 'fault') {
        return deadline.expired ? timedOut(at.host, context.limits.totalMs) : describeFault(answer.error, way.peer)
      }
      const next = hops < context.limits.maxRedirects ? nextPost(at, answer) : null
      if (next === null) return describePosted(answer, context.clock())
      at = next
    }
  })
}

/** A form may hold a secret, which goes to whom its receiver names, but not into the open. */
function nextPost(at: URL, { status, headers }: Extract<Exchange, { kind: 'answer' }>): URL | null {
  // 303 says to ask for something else, and that it was taken.
  if (!REDIRECTS.has(status) || status === 303) return null
  const next = nextHop(at, headers)
  return at.protocol === 'https:' && next?.protocol !== 'https:' ? null : next
}

function describePosted({ status, headers }: Extract<Exchange, { kind: 'answer' }>, now: number): Posted {
  const described = status === 429 || status === 503 ? describeStatus(status, headers, now) : null
  return described?.reason === 'throttled' ? described : { kind: 'answered', status }
}
