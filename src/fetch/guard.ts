import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import buildConnector from 'undici/lib/core/connect.js'
import { createLookup, type LookupAll } from './lookup.ts'
import { mendParser } from './mended-parser.ts'
import { SPARING_READS } from './socket-reading.ts'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Where we will not go; the message is a sentence for people. */
export class RefusedError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RefusedError'
  }
}

export interface Guard {
  /** Why this address may not be asked for, as a sentence, or null. Names are judged later, when they are resolved. */
  refusal(url: URL): string | null
  /**
   * Looks the host up as `connect` would, and gives what is wrong with it: for what somebody else will dial for us.
   * A host that is listed by name is not looked up.
   */
  judge(hostname: string): Promise<Error | null>
  /** Opens sockets to judged peers only; what it refuses fails with a `RefusedError`. */
  connect: buildConnector.connector
}

/**
 * The judge of every outgoing connection. Denied is all that is not public unicast, unless `allowHosts` lists the host
 * or the address. What is judged is what is dialled: the literal, each resolved address, and the peer of the socket.
 */
export function createGuard(options: { allowHosts: string[]; connectTimeoutMs: number; lookup?: LookupAll }): Guard {
  const { allowHosts, connectTimeoutMs, lookup = createLookup() } = options
  // A little less than connecting may take in all, so that a name server that is silent is told from a host that is.
  const judgedLookup = createJudgedLookup(lookup, allowHosts, connectTimeoutMs * 0.9)
  const dialling: buildConnector.BuildOptions = {
    timeout: connectTimeoutMs,
    // Node asks for all addresses, and the callback gives them all: with `autoSelectFamily` it chooses among the families itself.
    lookup: (hostname, _, callback) => judgedLookup(hostname, callback),
    autoSelectFamily: true,
    // Node's 250 ms gives up on every host farther away than that when it has two addresses.
    autoSelectFamilyAttemptTimeout: 2_000,
  }
  const dialSecure = buildConnector(dialling)
  const dialPlain = buildConnector({ ...dialling, ...SPARING_READS })

  return {
    refusal: (url) => refusalOf(url, allowHosts),
    judge(hostname) {
      const host = bareHost(hostname)
      const refusal = refusalOfHost(host, allowHosts)
      if (refusal !== null) return Promise.resolve(new RefusedError(refusal))
      if (isIP(host) !== 0 || isAllowedHost(host, allowHosts)) return Promise.resolve(null)
      return new Promise((resolve) => judgedLookup(host, resolve))
    },
    connect(target, callback) {
      const host = bareHost(target.hostname)
      const refusal = refusalOfHost(host, allowHosts)
      if (refusal !== null) return callback(new RefusedError(refusal), null)

      // The types say void, but undici's connector returns its socket; a test would tell if it ceased to.
      const isSecure = target.protocol === 'https:'
      const socket: unknown = isSecure ? dialSecure(target, callback) : dialPlain(target, callback)
      if (!isSocket(socket)) return
      judgePeer(socket, host, allowHosts)
      socket.once(isSecure ? 'secureConnect' : 'connect', () => mendParser(socket))
    },
  }
}

/**
 * Whether the host (a name or a literal address, as in `URL.hostname`) is one of our own: listed by name, or an address
 * in a listed address or CIDR. Names are not resolved.
 */
export function isAllowedHost(host: string, allowHosts: string[]): boolean {
  const bare = bareHost(host)
  const address = parseAddress(bare)
  return allowedOf(allowHosts).some(({ name, range }) => (address === null ? name === bare : contains(range, address)))
}

/**
 * Whether this literal address lies in the public internet. Deny by default: what is not known to be public is not.
 * Addresses that carry an IPv4 address (mapped, NAT64, 6to4) are judged by it.
 */
export function isPublicAddress(text: string): boolean {
  // "::8.8.8.8" is the long dead IPv4-compatible form (::/96), which ipaddr.js reads as the mapped one.
  if (/^::\d+\./.test(text)) return false
  const address = parseAddress(text)
  return address !== null && isPublic(address)
}

function isPublic(address: Address): boolean {
  const bytes = address.toByteArray()
  if (address instanceof ipaddr.IPv4) return isPublicV4(bytes)

  const range = address.range()
  // RFC 6052: only the well-known prefix 64:ff9b::/96 says where its IPv4 address is; 64:ff9b:1::/48 is for local use.
  if (range === 'rfc6052') return bytes.slice(4, 12).every((byte) => byte === 0) && isPublicV4(bytes.slice(12))
  // RFC 3056: 2002:AABB:CCDD::/48 leads to the router at A.B.C.D.
  if (range === '6to4') return isPublicV4(bytes.slice(2, 6))
  // RFC 4291, 2.4: only 2000::/3 is handed out as global unicast. ipaddr.js calls ::7f00:1 (127.0.0.1) unicast.
  return range === 'unicast' && ((bytes[0] ?? 0) & 0xe0) === 0x20
}

function isPublicV4(bytes: number[]): boolean {
  const address = new ipaddr.IPv4(bytes)
  return address.range() === 'unicast' && !HOSTS_OF_MACHINES.has(address.toString())
}

/** Azure's virtual machines reach what runs them there ("What is IP address 168.63.129.16?"), and nobody else does. */
const HOSTS_OF_MACHINES = new Set(['168.63.129.16'])

function refusalOf(url: URL, allowHosts: string[]): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `Only addresses with http or https are fetched, not with ${url.protocol.slice(0, 30)} as this one.`
  }
  if (url.port !== '' && BAD_PORTS.has(Number(url.port))) {
    return `Port ${url.port} belongs to another protocol, and is never asked for a feed.`
  }
  return refusalOfHost(bareHost(url.hostname), allowHosts)
}

/** Judges literals only: the socket's own lookup, which Node skips for literals, judges names. */
function refusalOfHost(host: string, allowHosts: string[]): string | null {
  if (isIP(host) === 0 || isPublicAddress(host) || isAllowedHost(host, allowHosts)) return null
  return `${host} is a private address. ${LIST_IT}`
}

const LIST_IT = 'If it is yours, list it in CRIER_ALLOW_HOSTS and restart Crier.'

type JudgedLookup = (hostname: string, callback: (error: Error | null, addresses: LookupAddress[]) => void) => void

/** Fails after `timeoutMs` at the latest, and with a `RefusedError` where the name leads to a private address. */
function createJudgedLookup(lookup: LookupAll, allowHosts: string[], timeoutMs: number): JudgedLookup {
  return (hostname, callback) => {
    let isOver = false
    const finish = (error: Error | null, addresses: LookupAddress[]) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      callback(error, addresses)
    }
    const timer = setTimeout(() => finish(lookupFault('EAI_AGAIN'), []), timeoutMs)
    lookup(hostname, { all: true }, (error, addresses) => {
      if (error) return finish(lookupFault(error.code), [])
      const judged = judgeAddresses(hostname, addresses, allowHosts)
      if (judged instanceof Error) return finish(judged, [])
      finish(null, judged)
    })
  }
}

/** In the codes of getaddrinfo, so that a name server that refuses a connection is not taken for the host. */
function lookupFault(code: string | undefined): Error {
  const isUnknown = code === 'ENOTFOUND' || code === 'ENODATA'
  const name = isUnknown ? 'ENOTFOUND' : code?.startsWith('EAI_') ? code : 'EAI_FAIL'
  return Object.assign(new Error('The name could not be looked up.'), { code: name })
}

/** One private address among them spoils the name: that mixture is how a rebinding answer looks. */
function judgeAddresses(hostname: string, addresses: LookupAddress[], allowHosts: string[]): LookupAddress[] | Error {
  if (addresses.length === 0) return lookupFault('ENOTFOUND')
  if (isAllowedHost(hostname, allowHosts)) return someOf(addresses)

  if (addresses.length > MAX_JUDGED)
    return new RefusedError(`${hostname} leads to ${addresses.length} addresses, which no honest name does.`)

  // Our own name may have another address beside the listed one (localhost: ::1 and 127.0.0.1). Dial what is listed.
  const listed = addresses.filter(({ address }) => isAllowedHost(address, allowHosts))
  if (listed.length > 0) return someOf(listed)

  const forbidden = addresses.find(({ address }) => !isPublicAddress(address))
  if (forbidden === undefined) return someOf(addresses)
  return new RefusedError(`${hostname} leads to ${forbidden.address}, a private address. ${LIST_IT}`)
}

/** Judging thousands would keep everybody else waiting. */
const MAX_JUDGED = 256

/** All are judged, but nobody needs to dial hundreds. */
function someOf(addresses: LookupAddress[]): LookupAddress[] {
  const ofFamily = (family: number) => addresses.filter((address) => address.family === family).slice(0, MAX_DIALLED)
  return addresses.length <= MAX_DIALLED ? addresses : [...ofFamily(4), ...ofFamily(6)]
}

const MAX_DIALLED = 8

/** The last word: whatever was resolved, this is who answered the phone. */
function judgePeer(socket: PeerSocket, host: string, allowHosts: string[]): void {
  if (isAllowedHost(host, allowHosts)) return
  // TCP's own event: for TLS it comes before the handshake says a word.
  socket.prependOnceListener('connect', () => {
    const peer = socket.remoteAddress
    if (peer !== undefined && (isPublicAddress(peer) || isAllowedHost(peer, allowHosts))) return
    socket.destroy(new RefusedError(`${host} leads to ${peer ?? 'an unknown peer'}, a private address. ${LIST_IT}`))
  })
}

interface PeerSocket {
  remoteAddress?: string
  prependOnceListener(event: 'connect', listener: () => void): unknown
  once(event: 'connect' | 'secureConnect', listener: () => void): unknown
  destroy(error: Error): unknown
}

function isSocket(value: unknown): value is PeerSocket {
  return typeof value === 'object' && value !== null && 'prependOnceListener' in value && 'destroy' in value
}

interface Allowed {
  name: string
  range: [Address, number] | null
}

/** Read once for each list: a name can lead to thousands of addresses. */
const allowed = new WeakMap<string[], Allowed[]>()

function allowedOf(allowHosts: string[]): Allowed[] {
  const known = allowed.get(allowHosts)
  if (known !== undefined) return known
  const read = allowHosts.map((entry) => ({ name: bareHost(entry), range: parseRange(entry) }))
  allowed.set(allowHosts, read)
  return read
}

function contains(range: [Address, number] | null, address: Address): boolean {
  return range !== null && range[0].kind() === address.kind() && address.match(range)
}

function parseRange(entry: string): [Address, number] | null {
  if (entry.includes('/')) return ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : null
  const address = parseAddress(bareHost(entry))
  return address && [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** An IPv4 address in IPv6 clothes (::ffff:10.0.0.1) comes back as the IPv4 address. */
function parseAddress(text: string): Address | null {
  // The library throws where it cannot read the name of the interface behind it ("fe80::1%br-lan").
  return isIP(text) !== 0 && ipaddr.isValid(text) ? ipaddr.process(text) : null
}

/** As in `URL.hostname`, without brackets and the root's dot, in lower case. */
function bareHost(host: string): string {
  const lower = host.toLowerCase()
  if (lower.startsWith('[')) return lower.slice(1, -1)
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}

// Fetch standard, "bad port": other protocols listen there, and could be made to act on what we send.
const BAD_PORTS = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
])
