import { STATUS_CODES } from 'node:http'
import type { FetchFailed } from '../ports.ts'
import { BodyError } from './body-error.ts'
import { type Headers, retryAfterMs } from './cache-headers.ts'
import { RefusedError } from './guard.ts'

/**
 * A failure, without a status unless `facts` has one. `detail` must name hosts only, never a whole address: those can hold
 * a password. Nor does it say that Crier asks again: that is so of a source, and who asks may only want to add one.
 */
export function failure(
  reason: FetchFailed['reason'],
  detail: string,
  facts: Partial<Omit<FetchFailed, 'kind' | 'reason' | 'detail'>> = {},
): FetchFailed {
  return { kind: 'failed', reason, detail, status: null, retryAfterMs: null, ...facts }
}

/** A failure that is described where it happened, on its way through the library. */
export class DescribedError extends Error {
  readonly failure: FetchFailed

  constructor(described: FetchFailed) {
    super(described.detail)
    this.name = 'DescribedError'
    this.failure = described
  }
}

/** Somebody keeps us out: `who` as the beginning of a sentence ("Cloudflare asks for a browser"). */
export function describeBlock(who: string, host: string, status: number, wait: number | null): FetchFailed {
  const detail = `${who} at ${host}. Look for another address of this feed, or send the cookie of a browser that was let in.`
  return failure('blocked', detail, { status, retryAfterMs: wait, needs: 'cookie' })
}

/** A page that asks for a login stands where the document was. */
export function describeLogin(host: string, status: number): FetchFailed {
  const detail = `${host} shows a login page instead. Look for a public address of this feed, or give it the cookie of a browser that is logged in.`
  return failure('blocked', detail, { status, needs: 'cookie' })
}

/** What an answer that is no document means, as a sentence that says what to do. */
export function describeStatus(
  status: number,
  headers: Headers,
  now: number,
  options: { wasAuthorized?: boolean } = {},
): FetchFailed {
  const wait = retryAfterMs(headers, now)
  const said = `The server answered ${nameOfStatus(status)}.`
  const facts = { status, retryAfterMs: wait }
  if (status === 401 || status === 407) {
    const advice = status === 401 && options.wasAuthorized ? NOT_ACCEPTED : adviceFor(status)
    return failure('blocked', `${said} ${advice}`, { ...facts, needs: status === 401 ? 'login' : 'proxy_login' })
  }
  const isThrottled = status === 429 || (status === 503 && wait !== null)
  if (isThrottled) return failure('throttled', `${said} It wants to be asked less often.`, facts)
  return failure('status', `${said} ${adviceFor(status)}`, facts)
}

/** "404 Not Found"; of one that nobody registered the number alone. */
export function nameOfStatus(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
}

/** It sends hints (status 1xx), and never an answer. */
export function describeHints(host: string): FetchFailed {
  const detail = `${host} sends one hint after the other (status 1xx) and never an answer. ${noServer(host)}`
  return failure('network', detail)
}

/** The time for all of it has passed. */
export function describeTimeout(host: string, ms: number): FetchFailed {
  return failure('timeout', `${host} did not answer whole within ${ms / 1_000} seconds. ${lookAt(host)}`)
}

/** What a broken exchange means, as a sentence that says what to do. `wholeHost` is the one of the hop that failed. */
export function describeFault(error: Error, wholeHost: string): FetchFailed {
  if (error instanceof DescribedError) return error.failure
  if (error instanceof RefusedError) return failure('refused', error.message)
  const host = wholeHost.length > MAX_HOST_CHARS ? `${wholeHost.slice(0, MAX_HOST_CHARS)}…` : wholeHost
  if (error instanceof BodyError) return describeBodyError(error, host)

  if (isNoHttp(error))
    return failure('network', `${host} did not answer in valid HTTP. Check the address and the port.`)
  const code = errorCode(error)
  const known = FAULTS[code]
  if (known !== undefined) return failure(known[0], known[1](known[0] === 'dns' ? nameOf(host) : host))
  if (isTlsCode(code)) return failure('tls', tlsSentence(code, host))
  if (code.startsWith('EAI_')) return failure('dns', lookupFailed(nameOf(host)))
  return failure('network', `The connection to ${host} failed${code === '' ? '' : ` (${code})`}. ${lookAt(host)}`)
}

/** Of one answer: policies, links and cookies of an honest one are some 20 KiB. */
export const MAX_HEADER_BYTES = 65_536

/** Of a name (253, RFC 1035) and a port. A redirect can lead to one of ten thousand. */
export const MAX_HOST_CHARS = 280

/** The connection broke before an answer: a kept connection that the server had just closed looks like that. */
export function isStaleConnection(error: Error): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(errorCode(error)) && !isNoHttp(error)
}

/**
 * undici's parser names its errors, and gives a code to some; a status of 007 fails an assertion of its own, and one of
 * 100 or 101, which nobody asked for, is "bad".
 */
function isNoHttp(error: Error): boolean {
  const { name, message } = error
  return (
    name === 'HTTPParserError' || errorCode(error) === 'ERR_ASSERTION' || /^bad (?:response|upgrade)$/.test(message)
  )
}

const NOT_ACCEPTED = 'It does not accept the name and password of this source; give it others.'

function adviceFor(status: number): string {
  if (status === 401) return 'It wants a name and a password.'
  if (status === 407) return 'The proxy wants a name and a password.'
  if (status === 403) return 'It does not let us in. Try the address in a browser, or look for another one.'
  if (status === 404) return "Check the address, or look for the feed's new one on its site."
  if (status === 410) return 'The feed is gone for good. Look for its new address.'
  if (status === 304) return 'Nobody had asked whether it changed: its cache is broken.'
  if (status >= 500) return 'The fault is on its side.'
  return 'That is no document. Check the address.'
}

function describeBodyError(error: BodyError, host: string): FetchFailed {
  if (error.reason === 'too_big') {
    return failure('too_big', `The document at ${host} was not read: ${error.message}. Look for a shorter feed there.`)
  }
  if (error.reason === 'too_slow') {
    // Small documents never wait for room.
    return failure('timeout', `The document at ${host} was given up: ${error.message}. Look for a shorter feed there.`)
  }
  return failure('body', cameDamaged(host, error.message))
}

/** A name server knows of no ports. */
function nameOf(host: string): string {
  return host.replace(/:\d+(?= |$)/, '')
}

function errorCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

const noConnection = (host: string) => `${host} does not accept connections. Check the address.`
const noRoute = (host: string) => `There is no way to ${host} from this machine. Check its network.`
const lookupFailed = (host: string) =>
  `The name ${host} could not be looked up. Check this machine's network and name server.`
const brokeOff = (host: string) => `${host} broke off the connection. ${lookAt(host)}`
const notInTime = (host: string) => `${host} did not take the call in time. ${lookAt(host)}`
const cameDamaged = (host: string, how: string) =>
  `The document at ${host} came damaged: ${how}. Its owner has to mend it.`

/** What tells whether it is that server, or how we reach it. */
function lookAt(host: string): string {
  return isProxy(host) ? 'See whether it runs.' : 'See whether it opens in a browser.'
}

function noServer(host: string): string {
  return isProxy(host) ? 'It is no proxy.' : 'It is no feed server.'
}

function isProxy(host: string): boolean {
  return host.endsWith('(the proxy)')
}

const FAULTS: Record<string, [FetchFailed['reason'], (host: string) => string] | undefined> = {
  ENOTFOUND: ['dns', (host) => `There is no host named ${host}. Check the spelling of the address.`],
  ECONNREFUSED: ['connect', noConnection],
  EHOSTUNREACH: ['connect', noRoute],
  ENETUNREACH: ['connect', noRoute],
  EADDRNOTAVAIL: ['connect', noRoute],
  ETIMEDOUT: ['connect', notInTime],
  UND_ERR_CONNECT_TIMEOUT: ['connect', notInTime],
  ECONNRESET: ['network', brokeOff],
  EPIPE: ['network', brokeOff],
  UND_ERR_SOCKET: ['network', brokeOff],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['body', (host) => cameDamaged(host, 'it ended too early')],
  UND_ERR_HEADERS_OVERFLOW: [
    'too_big',
    (host) => `${host} sent more than ${MAX_HEADER_BYTES / 1_024} KiB of headers. ${noServer(host)}`,
  ],
  CRIER_PADDING: ['too_big', (host) => `${host} sends on and on, and nothing of it is a document. ${noServer(host)}`],
  UND_ERR_HEADERS_TIMEOUT: ['timeout', notInTime],
}

function isTlsCode(code: string): boolean {
  return /^(?:CERT_|CRL_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)|EPROTO)/.test(
    code,
  )
}

function tlsSentence(code: string, host: string): string {
  const trust = 'If it is your own, give its authority to Node with NODE_EXTRA_CA_CERTS.'
  if (code === 'CERT_HAS_EXPIRED') return `The certificate of ${host} has expired. Its owner has to renew it.`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `The certificate of ${host} is another host's. Check the address.`
  }
  if (/SELF_SIGNED|UNABLE_TO/.test(code)) return `Nobody we trust vouches for the certificate of ${host}. ${trust}`
  if (code === 'CERT_NOT_YET_VALID') return `The certificate of ${host} is not valid yet. Check this machine's clock.`
  if (/PROTOCOL_VERSION$|UNSUPPORTED_PROTOCOL$/.test(code)) {
    return `${host} speaks https only in a version that is not safe any more. Its owner has to renew it.`
  }
  if (/UNRECOGNIZED_NAME$/.test(code)) return `There is no ${host} at that server. Check the address.`
  // An alert is TLS: only who speaks it can refuse so. All else that OpenSSL cannot read is another protocol.
  if (/^(?:EPROTO|ERR_SSL_(?!.*_ALERT_))/.test(code)) {
    return `${host} does not speak https at this port. Try http:// or another port.`
  }
  return `No secure connection to ${host} could be made (${code}). Its owner has to mend it.`
}
