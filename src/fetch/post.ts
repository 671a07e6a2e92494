/** One form, posted where its receiver wants it. */
import type { Post } from '../ports.ts'
import { takeCredentials } from './access.ts'
import { type Answer, type Deadline, exchange } from './exchange.ts'
import { describeStatus } from './faults.ts'
import { askHop, type Network, nextHop, notAnAddress, parseUrl, REDIRECTS } from './hop.ts'

type Posted = Awaited<ReturnType<Post>>

/** As `Post` says. */
export async function postForm(
  network: Network,
  { url: address, form, proxy = null }: Parameters<Post>[0],
  deadline: Deadline,
): Promise<Posted> {
  const url = parseUrl(address)
  if (url === null) return notAnAddress()
  const credentials = takeCredentials(url)
  const body = new URLSearchParams(form).toString()
  const { room, limits } = network
  for (let at = url, hops = 0; ; hops += 1) {
    const headers = {
      'user-agent': network.userAgent,
      'content-type': 'application/x-www-form-urlencoded',
      ...(credentials !== null && at.origin === url.origin && { authorization: credentials }),
    }
    const posted = { headers, form: body, maxBytes: limits.maxBytes, room, deadline }
    const answer = await askHop(network, { url: at, proxy, deadline }, (way) => exchange(way, posted))
    if (answer.kind === 'failed') return answer
    const next = hops < limits.maxRedirects ? nextPost(at, answer) : null
    if (next === null) return describePosted(answer, network.clock())
    at = next
  }
}

/** A form may hold a secret, which goes to whom its receiver names, but not into the open. */
function nextPost(at: URL, { status, headers }: Answer): URL | null {
  // 303 says to ask for something else, and that it was taken.
  if (!REDIRECTS.has(status) || status === 303) return null
  const next = nextHop(at, headers)
  return at.protocol === 'https:' && next?.protocol !== 'https:' ? null : next
}

function describePosted({ status, headers }: Answer, now: number): Posted {
  const described = status === 429 || status === 503 ? describeStatus(status, headers, now) : null
  return described?.reason === 'throttled' ? described : { kind: 'answered', status }
}
