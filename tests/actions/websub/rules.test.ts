import { describe, expect, test } from 'vitest'
import {
  faultOfSignature,
  type HubAnswer,
  isRefusal,
  isTaken,
  putOffMs,
  renewalMs,
} from '../../../src/actions/websub/rules.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/time.ts'
import { failed } from '../../support/actions.ts'
import { sign } from '../../support/fake-hub.ts'

/** The middle of every jitter. */
const MIDDLE = 0.5

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
    { name: 'by a method of its own', signature: 'md5=00', fault: 'wrong signature' },
    { name: 'cut short', signature: sign(bytes, 'secret').slice(0, -2), fault: 'wrong signature' },
    { name: 'that is missing', signature: null, fault: 'unsigned' },
  ]
  for (const { name, signature, fault } of CASES) {
    test(`${name}: ${fault ?? 'right'}`, () => {
      expect(faultOfSignature(bytes, signature, 'secret')).toBe(fault)
    })
  }
})
