import { describe, expect, test } from 'vitest'
import { BodyError } from '../../src/fetch/body-error.ts'
import { DescribedError, describeFault, describeHints, describeStatus, failure } from '../../src/fetch/faults.ts'
import { RefusedError } from '../../src/fetch/guard.ts'
import type { FetchFailed } from '../../src/ports.ts'

function fault(code: string): Error {
  return Object.assign(new Error('GET http://ann:hunter2@x.example/ failed'), { code })
}

describe('describeFault', () => {
  test.each<[Error, FetchFailed['reason'], RegExp]>([
    [fault('ENOTFOUND'), 'dns', /no host named x\.example.*spelling/],
    [fault('EAI_AGAIN'), 'dns', /name server/],
    [fault('EAI_FAIL'), 'dns', /name server/],
    [fault('ECONNREFUSED'), 'connect', /does not accept connections/],
    [fault('EHOSTUNREACH'), 'connect', /no way to x\.example/],
    [fault('ENETUNREACH'), 'connect', /no way to x\.example/],
    [fault('EADDRNOTAVAIL'), 'connect', /no way to x\.example/],
    [fault('ETIMEDOUT'), 'connect', /in time\. See whether it opens in a browser\.$/],
    [fault('UND_ERR_CONNECT_TIMEOUT'), 'connect', /in time/],
    [fault('ECONNRESET'), 'network', /broke off the connection\. See whether it opens in a browser\.$/],
    [fault('EPIPE'), 'network', /broke off/],
    [fault('UND_ERR_SOCKET'), 'network', /broke off/],
    [fault('UND_ERR_HEADERS_TIMEOUT'), 'timeout', /in time/],
    [fault('CRIER_PADDING'), 'too_big', /sends on and on/],
    [Object.assign(new Error('x'), { name: 'HTTPParserError' }), 'network', /valid HTTP/],
    [fault('ERR_ASSERTION'), 'network', /valid HTTP/],
    [new Error('bad response'), 'network', /valid HTTP/],
    [new Error('bad upgrade'), 'network', /valid HTTP/],
    [fault('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'), 'body', /ended too early/],
    [fault('UND_ERR_HEADERS_OVERFLOW'), 'too_big', /headers/],
    [fault('CERT_HAS_EXPIRED'), 'tls', /has expired/],
    [fault('ERR_TLS_CERT_ALTNAME_INVALID'), 'tls', /another host's/],
    [fault('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls', /NODE_EXTRA_CA_CERTS/],
    [fault('SELF_SIGNED_CERT_IN_CHAIN'), 'tls', /NODE_EXTRA_CA_CERTS/],
    [fault('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'tls', /NODE_EXTRA_CA_CERTS/],
    [fault('EPROTO'), 'tls', /Try http:\/\//],
    [fault('ERR_SSL_WRONG_VERSION_NUMBER'), 'tls', /Try http:\/\//],
    [fault('ERR_SSL_EXCESSIVE_MESSAGE_SIZE'), 'tls', /Try http:\/\//],
    [fault('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), 'tls', /a version that is not safe any more/],
    [fault('ERR_SSL_UNSUPPORTED_PROTOCOL'), 'tls', /a version that is not safe any more/],
    [fault('ERR_SSL_TLSV1_UNRECOGNIZED_NAME'), 'tls', /no x\.example at that server\. Check the address/],
    // OpenSSL 3.0 and 3.5 have a name each.
    [fault('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'), 'tls', /No secure connection.*_HANDSHAKE_FAILURE/],
    [fault('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'), 'tls', /No secure connection.*_HANDSHAKE_FAILURE/],
    [fault('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'), 'tls', /No secure connection.*_NO_APPLICATION_PROTOCOL/],
    [fault('CERT_NOT_YET_VALID'), 'tls', /this machine's clock/],
    [fault('CRL_HAS_EXPIRED'), 'tls', /CRL_HAS_EXPIRED/],
    [fault('ERR_TLS_HANDSHAKE_TIMEOUT'), 'tls', /ERR_TLS_HANDSHAKE_TIMEOUT/],
    [fault('HOSTNAME_MISMATCH'), 'tls', /HOSTNAME_MISMATCH/],
    [fault('INVALID_CA'), 'tls', /INVALID_CA/],
    [fault('INVALID_PURPOSE'), 'tls', /INVALID_PURPOSE/],
    [fault('ESOMETHING'), 'network', /failed \(ESOMETHING\)/],
    [new Error('http://ann:hunter2@x.example/'), 'network', /failed\. See whether it opens in a browser\.$/],
    [new RefusedError('10.0.0.1 is a private address.'), 'refused', /^10\.0\.0\.1 is a private address\.$/],
    [new BodyError('too_big', 'it is larger than 10 MiB'), 'too_big', /larger than 10 MiB/],
    [new BodyError('too_slow', 'it drips'), 'timeout', /was given up: it drips\. Look for a shorter feed there\.$/],
    [new BodyError('broken', 'its compressed data was cut off'), 'body', /cut off\. Its owner has to mend it\.$/],
  ])('%s is %s', (error, reason, sentence) => {
    const failed = describeFault(error, 'x.example')

    expect(failed).toEqual({
      kind: 'failed',
      reason,
      detail: expect.stringMatching(sentence),
      status: null,
      retryAfterMs: null,
    })
    // Whether anybody asks again, it cannot know.
    expect(failed.detail).not.toMatch(/hunter2|Crier/)
  })
})

test.each([
  ['x.example:8080', 'There is no host named x.example. Check the spelling of the address.'],
  [
    'proxy.example:3128 (the proxy)',
    'There is no host named proxy.example (the proxy). Check the spelling of the address.',
  ],
])('a name that does not exist is said without the port: %s', (host, sentence) => {
  expect(describeFault(fault('ENOTFOUND'), host).detail).toBe(sentence)
})

test.each([
  ['x.example', 'It is no feed server.'],
  ['proxy.example:3128 (the proxy)', 'It is no proxy.'],
])('what talks and never answers is told by what it was taken for: %s', (host, sentence) => {
  const said = [
    describeHints(host),
    ...['UND_ERR_HEADERS_OVERFLOW', 'CRIER_PADDING'].map((code) => describeFault(fault(code), host)),
  ]

  for (const { detail } of said)
    expect([detail.startsWith(`${host} s`), detail.endsWith(`. ${sentence}`)]).toEqual([true, true])
})

test('a failure that was described where it happened is told as it is', () => {
  const described = failure('connect', 'The proxy does not work.')

  expect(describeFault(new DescribedError(described), 'x.example')).toBe(described)
})

describe('describeStatus', () => {
  test.each([403, 404, 410, 429, 500, 503])('does not say of %d that Crier asks again: it cannot know', (status) => {
    expect(describeStatus(status, { 'retry-after': '60' }, 0).detail).not.toContain('Crier')
  })

  test.each([
    [401, 'login'],
    [407, 'proxy_login'],
  ])('says of %d what it needs', (status, needs) => {
    expect(describeStatus(status, {}, 0)).toMatchObject({
      reason: 'blocked',
      status,
      detail: expect.stringContaining('wants a name and a password'),
      needs,
    })
  })

  test.each([
    [403, '403 Forbidden. It does not let us in.'],
    [404, '404 Not Found. Check the address, or look for'],
    [410, '410 Gone. The feed is gone for good.'],
    [304, '304 Not Modified. Nobody had asked whether it changed'],
    [500, '500 Internal Server Error. The fault is on its side.'],
    [418, "418 I'm a Teapot. That is no document."],
    [499, '499. That is no document.'],
  ])('says of %d what it is called, and what can be done', (status, said) => {
    expect(describeStatus(status, {}, 0)).toMatchObject({ reason: 'status', status, retryAfterMs: null })
    expect(describeStatus(status, {}, 0).detail).toContain(`The server answered ${said}`)
  })

  test('takes 429 for a request to wait, however long', () => {
    expect(describeStatus(429, {}, 0)).toMatchObject({ reason: 'throttled', status: 429, retryAfterMs: null })
    expect(describeStatus(429, { 'retry-after': '5' }, 0)).toMatchObject({ reason: 'throttled', retryAfterMs: 5_000 })
  })

  test('takes 503 without Retry-After for a failure, and with it for a request to wait', () => {
    expect(describeStatus(503, {}, 0)).toMatchObject({ reason: 'status', retryAfterMs: null })
    expect(describeStatus(503, { 'retry-after': '5' }, 0)).toMatchObject({ reason: 'throttled', retryAfterMs: 5_000 })
  })
})

test('of a host that cannot exist, its name being too long, only so much is said', () => {
  const { detail } = describeFault(fault('EAI_FAIL'), 'a'.repeat(12_000))

  expect(detail).toContain('aaaa… could not be looked up')
  expect(detail.length).toBeLessThan(500)
})
