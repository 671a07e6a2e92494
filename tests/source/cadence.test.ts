import { describe, expect, test } from 'vitest'
import { type Cadence, nextPollAt } from '../../src/source/cadence.ts'

const MINUTE = 60_000
const DAY = 86_400_000

/** The wait until the next poll, where nothing but `given` is special and the dice lie in the middle. */
function wait(given: Partial<Cadence>): number {
  const now = 1_000_000
  return (
    nextPollAt({ everyMs: null, failures: 0, notBeforeMs: 0, retryAfterMs: null, now, random: () => 0.5, ...given }) -
    now
  )
}

describe('the next poll', () => {
  test.each<[string, Partial<Cadence>, number]>([
    ['comes after a quarter of an hour', {}, 15 * MINUTE],
    ['varies by ten per cent down', { random: () => 0 }, 13.5 * MINUTE],
    ['varies by ten per cent up', { random: () => 1 }, 16.5 * MINUTE],
    ['waits for the cache headers', { notBeforeMs: 3_600_000 }, 3_600_000],
    ['believes cache headers up to a day', { notBeforeMs: 30 * DAY }, DAY],
    ['obeys an interval somebody asked for', { everyMs: 90_000, random: () => 1, notBeforeMs: DAY }, 90_000],
    ['obeys it down to a second', { everyMs: 1 }, 1_000],
    ['obeys it beyond a day', { everyMs: 7 * DAY }, 7 * DAY],
    ['doubles with the first failure', { failures: 1 }, 30 * MINUTE],
    ['doubles with each', { failures: 3 }, 120 * MINUTE],
    ['backs off from an explicit interval too', { everyMs: 1_000, failures: 4 }, 16_000],
    ['comes once a day however long it fails', { failures: 5_000 }, DAY],
    ['is never sooner for failing', { everyMs: 7 * DAY, failures: 3 }, 7 * DAY],
    ['obeys Retry-After', { retryAfterMs: 3_600_000 }, 3_600_000],
    ['does not come sooner for it', { retryAfterMs: 1_000 }, 15 * MINUTE],
    ['believes Retry-After up to a day', { retryAfterMs: 30 * DAY }, DAY],
  ])('%s', (_, given, ms) => {
    expect(wait(given)).toBe(ms)
  })
})
