import { describe, expect, test } from 'vitest'
import {
  faultOfSignature,
  type HubAnswer,
  isRefusal,
  isTaken,
  namedHub,
  putOffMs,
  renewalMs,
} from '../../../src/actions/websub/rules.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/time.ts'
import { failed, fresh } from '../../support/actions.ts'
import { sign } from '../../support/fake-hub.ts'
import { plainSource, readDocument } from '../../support/items.ts'

/** The middle of every jitter. */
const MIDDLE = 0.5

describe('the hub that a source names', () => {
  const [A, B] = ['https://a.example/hub', 'https://b.example/hub']
  const [SELF, OTHER, OWN] = ['https://example.com/self', 'https://example.com/other', 'https://example.com/feed']
  const said = (hub: string | null, self: string | null) => ({ hub, self })
  type Said = ReturnType<typeof said> | null
  const CASES: [name: string, byHeader: Said, byDocument: Said, url: string | null, topic: string][] = [
    ['in its header', said(A, SELF), null, A, SELF],
    ['in its document', null, said(B, SELF), B, SELF],
    ['in both: its header counts', said(A, SELF), said(B, OTHER), A, SELF],
    ['in its header, and its own address in the document', said(A, null), said(null, OTHER), A, OTHER],
    ['in its document, and its own address in the header', said(null, SELF), said(B, null), B, SELF],
    ['without its own address', null, said(B, null), B, OWN],
    ['with an address of its own that is none', null, said(B, 'urn:feed'), B, OWN],
    ['by what is no address', null, said('urn:hub', SELF), null, SELF],
    ['no more', null, null, null, SELF],
  ]
  test.each(CASES)('%s', (_, byHeader, byDocument, url, topic) => {
    const fetched = fresh({ ...(byHeader && { links: byHeader }) })
    const hints = { everyMs: null, skipHours: [], skipDays: [], older: null }
    const read = readDocument([], { ...(byDocument && { hints: { ...hints, ...byDocument } }) })
    const hub = url === null ? null : { url, topic }

    const before = { url: 'https://old.example/hub', topic: SELF }
    expect(namedHub(plainSource({ hub: before }), fetched, read)).toEqual({ hub })
    // As before: then nothing need be written.
    expect(namedHub(plainSource({ hub }), fetched, read)).toEqual({})
  })
})

describe('an answer of a hub', () => {
  const throttled = failed({ reason: 'throttled', status: 429, retryAfterMs: 2 * HOUR_MS })
  const CASES: { name: string; answer: HubAnswer; means: 'yes' | 'no' | 'not now' }[] = [
    { name: '202', answer: { kind: 'answered', status: 202 }, means: 'yes' },
    { name: '204', answer: { kind: 'answered', status: 204 }, means: 'yes' },
    { name: '302', answer: { kind: 'answered', status: 302 }, means: 'not now' },
    { name: '403', answer: { kind: 'answered', status: 403 }, means: 'no' },
    { name: '408', answer: { kind: 'answered', status: 408 }, means: 'not now' },
    { name: '425', answer: { kind: 'answered', status: 425 }, means: 'not now' },
    { name: '500', answer: { kind: 'answered', status: 500 }, means: 'not now' },
    { name: '429 with Retry-After', answer: throttled, means: 'not now' },
    { name: 'an address that we do not call', answer: failed({ reason: 'refused', status: null }), means: 'no' },
    { name: 'none', answer: failed({ reason: 'timeout', status: null }), means: 'not now' },
  ]
  for (const { name, answer, means } of CASES) {
    test(`${name} means ${means}`, () => {
      expect([isTaken(answer), isRefusal(answer)]).toEqual([means === 'yes', means === 'no'])
    })
  }

  test('that is a no, or none at all, puts the next request off, twice as long each time, up to a day', () => {
    const waits = (answer: HubAnswer) => [1, 2, 3, 2_000].map((attempts) => putOffMs(answer, attempts, MIDDLE))
    expect(waits({ kind: 'answered', status: 403 })).toEqual([HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS, DAY_MS])
    expect(waits(failed({ reason: 'timeout', status: null }))).toEqual([
      MINUTE_MS,
      2 * MINUTE_MS,
      4 * MINUTE_MS,
      DAY_MS,
    ])
    expect(waits(throttled)).toEqual([2 * HOUR_MS, 2 * HOUR_MS, 2 * HOUR_MS, DAY_MS])
    expect(waits(failed({ retryAfterMs: 365 * DAY_MS }))).toEqual([DAY_MS, DAY_MS, DAY_MS, DAY_MS])
  })
})

test('a lease is renewed when a fifth of it is left, or a day', () => {
  expect([HOUR_MS, 5 * DAY_MS, 30 * DAY_MS].map((leaseMs) => renewalMs(leaseMs, 0))).toEqual([
    48 * MINUTE_MS,
    4 * DAY_MS,
    29 * DAY_MS,
  ])
})

describe('a signature', () => {
  const bytes = Buffer.from('<feed/>')
  const CASES: { name: string; signature: string | null; fault: ReturnType<typeof faultOfSignature> }[] = [
    { name: 'of the secret and the bytes', signature: sign(bytes, 'secret'), fault: null },
    { name: 'by SHA-1, in capitals', signature: sign(bytes, 'secret', 'sha1').toUpperCase(), fault: null },
    { name: 'of another secret', signature: sign(bytes, 'guess'), fault: 'wrong signature' },
    { name: 'of other bytes', signature: sign(Buffer.from('<rss/>'), 'secret'), fault: 'wrong signature' },
    { name: 'by SHA-384', signature: sign(bytes, 'secret', 'sha384'), fault: null },
    { name: 'by SHA-512', signature: sign(bytes, 'secret', 'sha512'), fault: null },
    { name: 'with spaces around it', signature: ` ${sign(bytes, 'secret')} `, fault: null },
    { name: 'by a method of its own', signature: 'md5=00', fault: 'wrong signature' },
    { name: 'with something before it', signature: `x${sign(bytes, 'secret')}`, fault: 'wrong signature' },
    { name: 'with something behind it', signature: `${sign(bytes, 'secret')} x`, fault: 'wrong signature' },
    { name: 'cut short', signature: sign(bytes, 'secret').slice(0, -2), fault: 'wrong signature' },
    { name: 'that is missing', signature: null, fault: 'unsigned' },
  ]
  for (const { name, signature, fault } of CASES) {
    test(`${name}: ${fault ?? 'right'}`, () => {
      expect(faultOfSignature(bytes, signature, 'secret')).toBe(fault)
    })
  }
})
