import { isLoopback } from '../config.ts'

/** Who sent a request: the address at the other end of the connection, whatever the request says. */
export interface Peer {
  address: string | null
}

/** Where the service can be reached. */
export interface Reach {
  /** What it listens on: HOST. */
  host: string
  /** CRIER_PUBLIC_URL, or null. */
  publicUrl: string | null
}

/** Who may change something through a page. */
interface Trust {
  /** Whether the request was sent to a name of ours, so that a form on the page makes sense. */
  isOurs(request: Request, peer: Peer): boolean
  /** Why a form is not taken, as a sentence for people; null when it is. */
  refusal(request: Request, peer: Peer): string | null
}

/**
 * Crier has no login. A change is taken only from this machine, or at the public address, before which a proxy with a
 * login stands; and only from a form of ours. Every browser of the last years says with a form where it comes from
 * (Sec-Fetch-Site since 2023 in all of them, Origin since 2020), and no page can forge either: what says neither is no
 * browser we know. That makes a token superfluous. A name that was pointed at us (DNS rebinding) is no name of ours.
 */
export function createTrust({ host, publicUrl }: Reach): Trust {
  const ours = publicUrl === null ? null : new URL(publicUrl)
  // Nobody may: whoever reaches the page could make Crier fetch.
  const isOff = ours === null && !isLoopback(host)

  function isOurs(request: Request, peer: Peer): boolean {
    const origin = originOf(request)
    const sentTo = new URL(request.url)
    const isAtPublic = ours !== null && (origin === null ? sentTo.hostname === ours.hostname : origin === ours.origin)
    const isSaidHere = origin === null || hostOf(origin) === sentTo.host
    const isNamedOurs = isLoopback(sentTo.hostname) || sentTo.hostname === ours?.hostname
    const isHere = isFromHere(request, peer) && isSaidHere
    return !isOff && isNamedOurs && (isAtPublic || isHere)
  }

  return {
    isOurs,
    refusal(request, peer) {
      if (isOff) return 'Sources cannot be added here.'
      const site = request.headers.get('sec-fetch-site')
      const isOwnForm = site === null ? originOf(request) !== null : site === 'same-origin'
      if (!isOwnForm)
        return 'This form was sent by something that is not a page of Crier. Open /sources and use the form there.'
      if (isOurs(request, peer)) return null
      const where = ours === null ? '' : `, or at ${ours.origin}`
      return `Sources are added on the machine itself, as localhost or 127.0.0.1${where}, and this form was sent to or from another address.`
    },
  }
}

/**
 * Why a request is not for us, as a sentence for people; null when it is. Who listens on this machine only is asked for
 * by its names only: another page that pointed its own name at us (DNS rebinding) would read what we show. Who listens to a
 * network has names that only its people know. `baseUrl`: where people reach us.
 */
export function misdirection(request: Request, { host, publicUrl }: Reach, baseUrl: string): string | null {
  const { hostname } = new URL(request.url)
  // No DNS can point *.localhost elsewhere either (RFC 6761, 6.3).
  if (!isLoopback(host) || isLoopback(hostname) || hostname.endsWith('.localhost')) return null
  if (publicUrl !== null && hostname === new URL(publicUrl).hostname) return null
  const name = hostname.slice(0, 100)
  return `Crier is not at ${name}: open ${baseUrl}, or set CRIER_PUBLIC_URL if a proxy leads here under that name.`
}

/**
 * By the connection's own address, never by what a header claims alone. A proxy on this machine connects from it too, so
 * that a request which names a proxy or another host is not from here.
 */
export function isFromHere(request: Request, peer: Peer): boolean {
  const isProxied = [...request.headers.keys()].some((name) => OF_PROXIES.test(name))
  return !isProxied && isLoopback(peer.address) && isLoopback(new URL(request.url).hostname)
}

/** RFC 7239 and RFC 9110, 7.6.3; and what proxies and tunnels say instead. */
const OF_PROXIES = /^(?:forwarded|via|x-forwarded-.+|x-real-ip|(?:cf-connecting|true-client|x-client)-ip)$/

/** Null where it is not said; a proxy's own Referrer-Policy can make it "null". */
function originOf(request: Request): string | null {
  const origin = request.headers.get('origin')
  return origin === 'null' ? null : origin
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}
