import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PollReason, Rhythm, Source } from '../../src/model.ts'
import {
  gapOf,
  nextAskAt,
  type Paced,
  type PollEnd,
  planNextPoll,
  throttledAgain,
  whyNext,
} from '../../src/source/cadence.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Wednesday, 09:00 UTC. */
const NOW = Date.UTC(2026, 10, 25, 9)

const UNKNOWN: Rhythm = {
  documentMs: null,
  freshForMs: null,
  skipHours: [],
  skipDays: [],
  gapMs: null,
  arrivedAt: null,
}

function rhythm(given: Partial<Rhythm>): Rhythm {
  return { ...UNKNOWN, ...given }
}

type Given = Partial<Omit<Paced, 'rhythm'>> & { rhythm?: Partial<Rhythm> }

function paced(given: Given = {}): Paced {
  const plain = { everyMs: null, failures: 0, told: [], pushedUntil: null, addedAt: NOW }
  return { ...plain, ...given, rhythm: rhythm(given.rhythm ?? {}) }
}

/** The wait until the next poll, where nothing but what is given is special and the dice lie in the middle. */
function wait(given: Given, end: Partial<PollEnd> = {}): number {
  const { at } = planNextPoll(paced(given), { now: NOW, random: 0.5, ...end })
  return at - NOW
}

/** Asked to wait so often, and not told how long. */
const slowedDown = (doublings: number): Partial<Rhythm> => ({
  throttled: { status: 429, times: doublings, doublings },
})

/** A source that brings something every so often, and did so just now. */
const each = (gapMs: number): Given => ({ rhythm: { gapMs, arrivedAt: NOW } })

describe('the next poll', () => {
  test.each<[string, Given, Partial<PollEnd>, number]>([
    ['comes after a quarter of an hour while little is known', {}, {}, 15 * MINUTE],
    ['varies by ten per cent down', {}, { random: 0 }, 13.5 * MINUTE],
    ['varies by ten per cent up', {}, { random: 1 }, 16.5 * MINUTE],
    ['comes after half the usual gap', each(40 * MINUTE), {}, 20 * MINUTE],
    ['comes every five minutes at most', each(MINUTE), {}, 5 * MINUTE],
    ['comes every six hours at least', each(7 * DAY), {}, 6 * HOUR],
    [
      'slows down for a source that fell silent',
      { rhythm: { gapMs: 10 * MINUTE, arrivedAt: NOW - 8 * HOUR } },
      {},
      HOUR,
    ],
    [
      'does not slow down for a pause that is not much longer than the gap',
      { rhythm: { gapMs: 40 * MINUTE, arrivedAt: NOW - 2 * HOUR } },
      {},
      20 * MINUTE,
    ],
    ['slows down for a source that never showed a rhythm', { addedAt: NOW - 8 * HOUR }, {}, HOUR],
    [
      'does not slow down where something came of late, though no rhythm is known',
      { addedAt: NOW - 8 * HOUR, rhythm: { arrivedAt: NOW - HOUR } },
      {},
      15 * MINUTE,
    ],
    ['does not slow down for the age of a backlog', { rhythm: { arrivedAt: NOW - 300 * DAY } }, {}, 15 * MINUTE],

    ['waits for the cache headers', { rhythm: { freshForMs: HOUR } }, {}, HOUR],
    ['believes cache headers up to a day', { rhythm: { freshForMs: 30 * DAY } }, {}, DAY],
    ['is not sooner for short-lived answers', { rhythm: { freshForMs: 1_000 } }, {}, 15 * MINUTE],
    ['waits as the document wishes', { rhythm: { documentMs: 2 * HOUR } }, {}, 2 * HOUR],
    ['believes the document up to a day', { rhythm: { documentMs: 365 * DAY } }, {}, DAY],
    ['takes no notice of a wish that is none', { rhythm: { documentMs: -5, freshForMs: -5 } }, {}, 15 * MINUTE],
    [
      'waits for the longest of what is asked',
      { rhythm: { documentMs: 2 * HOUR, freshForMs: 3 * HOUR } },
      {},
      3 * HOUR,
    ],

    ['obeys an interval somebody asked for', { everyMs: 90_000, rhythm: { freshForMs: DAY } }, { random: 1 }, 90_000],
    ['obeys it whatever the document wishes', { everyMs: 90_000, rhythm: { documentMs: DAY } }, {}, 90_000],
    ['obeys it in skipped hours', { everyMs: 90_000, rhythm: { skipHours: [9] } }, {}, 90_000],
    ['obeys it where a hub pushes', { everyMs: 90_000, pushedUntil: NOW + DAY }, {}, 90_000],
    ['obeys it down to a second', { everyMs: 1 }, {}, 1_000],
    ['obeys it beyond a day', { everyMs: 7 * DAY }, {}, 7 * DAY],

    ['doubles with the first failure', { failures: 1 }, {}, 30 * MINUTE],
    ['doubles with each', { failures: 3 }, {}, 2 * HOUR],
    ['doubles from the rhythm of its own', { ...each(HOUR), failures: 1 }, {}, HOUR],
    ['varies after failures too', { failures: 1 }, { random: 0 }, 27 * MINUTE],
    ['backs off from an explicit interval too', { everyMs: 1_000, failures: 4 }, {}, 16_000],
    ['comes once a day however long it fails', { failures: 5_000 }, { random: 1 }, DAY],
    [
      'varies then, too: a server may be off at that hour',
      { failures: 5_000 },
      { random: 0 },
      Math.round(DAY * (9 / 11)),
    ],
    ['is never sooner for failing', { everyMs: 7 * DAY, failures: 3 }, {}, 7 * DAY],
    ['comes once a day when the publisher has ended it', { failures: 1, told: ['gone'] }, {}, DAY],
    [
      'comes so late then, too, where it was asked before its time',
      { failures: 1, told: ['gone'] },
      { dueAt: NOW + HOUR },
      DAY,
    ],

    ['obeys Retry-After', {}, { retryAfterMs: HOUR }, HOUR],
    ['obeys Retry-After before an explicit interval', { everyMs: 1_000 }, { retryAfterMs: HOUR }, HOUR],
    ['does not come sooner for it', {}, { retryAfterMs: 1_000 }, 15 * MINUTE],
    ['believes Retry-After up to a day', {}, { retryAfterMs: 30 * DAY }, DAY],

    ['doubles when it is asked to wait, and not how long', { rhythm: slowedDown(1) }, {}, 30 * MINUTE],
    ['doubles again each time', { rhythm: slowedDown(4) }, {}, 4 * HOUR],
    ['varies by ten per cent down then too', { rhythm: slowedDown(1) }, { random: 0 }, 27 * MINUTE],
    ['and by ten per cent up', { rhythm: slowedDown(1) }, { random: 1 }, 33 * MINUTE],
    ['doubles an explicit interval then, too', { everyMs: 60_000, rhythm: slowedDown(3) }, {}, 8 * MINUTE],
    ['comes once a day however often it is asked to wait', { rhythm: slowedDown(5_000) }, { random: 1 }, DAY],
    ['slows down from the pace of its silence', { addedAt: NOW - 8 * HOUR, rhythm: slowedDown(1) }, {}, 2 * HOUR],
    ['is never sooner for being asked to wait', { everyMs: 7 * DAY, rhythm: slowedDown(3) }, {}, 7 * DAY],
    ['doubles what the server wishes, then', { rhythm: { ...slowedDown(1), freshForMs: HOUR } }, {}, 2 * HOUR],
    ['doubles the net of a hub, then', { pushedUntil: NOW + DAY, rhythm: slowedDown(1) }, {}, 2 * HOUR],
    ['obeys Retry-After beyond that', { rhythm: slowedDown(1) }, { retryAfterMs: HOUR }, HOUR],
    ['doubles for failures and for being asked to wait', { failures: 1, rhythm: slowedDown(1) }, {}, HOUR],
    [
      'is as ever when it was asked to wait for long only',
      { rhythm: { throttled: { status: 429, times: 9 } } },
      {},
      15 * MINUTE,
    ],

    ['is a net under what a hub pushes', { ...each(2 * HOUR), pushedUntil: NOW + DAY }, {}, 4 * HOUR],
    ['is an hour at least where a hub pushes', { ...each(MINUTE), pushedUntil: NOW + DAY }, {}, HOUR],
    ['is half a day at most where a hub pushes', { ...each(7 * DAY), pushedUntil: NOW + DAY }, {}, 12 * HOUR],
    ['is as ever when the hub pushes no more', { ...each(2 * HOUR), pushedUntil: NOW }, {}, HOUR],
    ['is sooner when something may be missing', each(2 * HOUR), { isMissing: true }, 30 * MINUTE],
    ['is five minutes at least then', each(MINUTE), { isMissing: true }, 5 * MINUTE],
    [
      'is sooner then whatever a hub pushes',
      { ...each(2 * HOUR), pushedUntil: NOW + DAY },
      { isMissing: true },
      30 * MINUTE,
    ],
    ['is no sooner than the server lets us', { rhythm: { freshForMs: HOUR } }, { isMissing: true }, HOUR],
  ])('%s', (_, given, end, ms) => {
    expect(wait(given, end)).toBe(ms)
  })

  test.each<[string, Partial<Rhythm>, string, string]>([
    ['an hour that is allowed is as good as any', { skipHours: [11, 12] }, '09:00', '09:15'],
    ['what falls into skipped hours comes in the next allowed one', { skipHours: [9, 10] }, '09:00', '11:00'],
    ['what lies before them is as ever', { skipHours: [9, 10] }, '08:30', '08:45'],
    ['what would fall into them waits', { skipHours: [9, 10] }, '08:50', '11:00'],
    ['midnight is no end of them', { skipHours: [23, 0, 1] }, '23:30', '26:00'],
    ['a skipped day ends at midnight, UTC', { skipDays: [3] }, '09:00', '24:00'],
    ['a day and an hour are added up', { skipDays: [3], skipHours: [0, 1] }, '09:00', '26:00'],
    [
      'a document that allows no hour is not believed',
      { skipHours: Array.from({ length: 24 }, (_, i) => i) },
      '09:00',
      '09:15',
    ],
    ['a document that allows no day is not believed', { skipDays: [0, 1, 2, 3, 4, 5, 6] }, '09:00', '09:15'],
    ['what is no hour or day is none', { skipHours: [-1, 24, 9.5], skipDays: [7, -3] }, '09:00', '09:15'],
    ['nobody waits longer than a day', { skipDays: [3, 4, 5] }, '09:00', '33:00'],
  ])('%s', (_, given, from, to) => {
    const at = (time: string) => {
      const [hours = 0, minutes = 0] = time.split(':').map(Number)
      return Date.UTC(2026, 10, 25) + hours * HOUR + minutes * MINUTE
    }
    const now = at(from)

    expect(planNextPoll(paced({ addedAt: now, rhythm: given }), { now, random: 0.5 }).at).toBeGreaterThanOrEqual(at(to))
    expect(planNextPoll(paced({ addedAt: now, rhythm: given }), { now, random: 0.5 }).at).toBeLessThan(
      at(to) + 5 * MINUTE,
    )
  })

  test('after skipped hours comes within five minutes: sources come back one by one', () => {
    const source = paced({ rhythm: { skipHours: [9] } })
    const waits = [0, 0.123456789, 1].map((random) => planNextPoll(source, { now: NOW, random }).at - NOW)
    expect(waits).toEqual([HOUR, HOUR + 37_037, HOUR + 5 * MINUTE])
  })

  test('is later than now and within a day, whatever is said; and an explicit interval is exact', () => {
    const ms = fc.oneof(fc.constant(null), fc.integer({ min: -DAY, max: 400 * DAY }))
    const moment = fc.integer({ min: NOW - 400 * DAY, max: NOW + 2 * DAY })
    const source = fc.record({
      everyMs: fc.oneof(fc.constant(null), fc.integer({ min: 1_000, max: DAY })),
      failures: fc.integer({ min: 0, max: 2_000 }),
      told: fc.constantFrom<Source['told']>([], ['gone'], ['dead']),
      pushedUntil: fc.oneof(fc.constant(null), moment),
      addedAt: moment,
      rhythm: fc.record({
        documentMs: ms,
        freshForMs: ms,
        skipHours: fc.array(fc.integer({ min: -1, max: 25 })),
        skipDays: fc.array(fc.integer({ min: -1, max: 8 })),
        gapMs: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 400 * DAY })),
        arrivedAt: fc.oneof(fc.constant(null), moment),
        throttled: fc.record({ status: fc.constant(429), times: fc.nat(), doublings: fc.nat({ max: 2_000 }) }),
      }),
    })
    const end = fc.record({
      now: fc.constant(NOW),
      random: fc.double({ min: 0, max: 1, noNaN: true }),
      retryAfterMs: ms,
      isMissing: fc.boolean(),
    })
    fc.assert(
      fc.property(source, end, (given, how) => {
        const { at, because } = planNextPoll(given, how)
        expect(at).toBeGreaterThanOrEqual(NOW + 1_000)
        expect(at).toBeLessThanOrEqual(NOW + DAY)
        expect(Number.isInteger(at)).toBe(true)
        expect(isTrue(because, at - NOW, given, how)).toBe(true)
      }),
      { seed: 3 },
    )
  })
})

/** Whether what is given can be the reason for a wait of so many milliseconds. */
function isTrue(because: PollReason, ms: number, source: Paced, end: PollEnd): boolean {
  const { rhythm, failures, everyMs } = source
  const isMs = (wanted: number | null | undefined) => wanted != null && ms === Math.round(Math.min(wanted, DAY))
  const isHealthy = failures === 0 && everyMs === null
  const truths: Record<PollReason, () => boolean> = {
    every: () => failures === 0 && ms === everyMs,
    unproven: () => isHealthy && rhythm.gapMs === null && Math.abs(ms - 15 * MINUTE) <= 90_000,
    usual: () => isHealthy && rhythm.gapMs !== null && ms >= 4.5 * MINUTE && ms <= 6.6 * HOUR,
    quiet: () => isHealthy && NOW - lastSign(source) > 4 * (rhythm.gapMs ?? 30 * MINUTE),
    pushed: () => isHealthy && (source.pushedUntil ?? 0) > NOW && ms >= 0.9 * HOUR && ms <= 13.2 * HOUR,
    sooner: () => isHealthy && end.isMissing === true,
    cache: () => isHealthy && isMs(rhythm.freshForMs),
    document: () => isHealthy && isMs(rhythm.documentMs),
    skip_hours: () => everyMs === null && rhythm.skipHours.length > 0,
    skip_days: () => everyMs === null && rhythm.skipDays.length > 0,
    asked: () => isMs(end.retryAfterMs),
    throttled: () => failures === 0 && (rhythm.throttled?.doublings ?? 0) > 0,
    failing: () => failures > 0 && !source.told.includes('gone'),
    gone: () => failures > 0 && source.told.includes('gone'),
  }
  return truths[because]()
}

function lastSign({ addedAt, rhythm: { gapMs, arrivedAt } }: Paced): number {
  return gapMs === null ? Math.max(arrivedAt ?? addedAt, addedAt) : (arrivedAt ?? NOW)
}

describe('an answer that asks us to wait', () => {
  type Answer = { status?: number | null; retryAfterMs?: number | null; isEarly?: boolean }
  test.each<[string, Given, Answer, number | undefined]>([
    ['doubles the wait where it names none', {}, {}, 1],
    ['doubles it once more', { rhythm: slowedDown(3) }, {}, 4],
    ['doubles it where it names one that we waited already', {}, { retryAfterMs: MINUTE }, 1],
    ['is only obeyed where it names a longer one', {}, { retryAfterMs: HOUR }, undefined],
    ['is measured by an explicit interval', { everyMs: DAY }, { retryAfterMs: HOUR }, 1],
    [
      'is measured by the net under a hub',
      { ...each(2 * HOUR), pushedUntil: NOW + DAY },
      { retryAfterMs: 2 * HOUR },
      1,
    ],
    ['is measured by the pace of its silence', { addedAt: NOW - 8 * HOUR }, { retryAfterMs: 30 * MINUTE }, 1],
    ['takes nothing back where it names a longer one', { rhythm: slowedDown(3) }, { retryAfterMs: HOUR }, 3],
    ['doubles nothing where it was our own rest', {}, { status: null, retryAfterMs: 10_000 }, undefined],
    ['doubles it for who asked before its time', {}, { isEarly: true }, 1],
    ['doubles nothing for who asks so again', { rhythm: slowedDown(3) }, { isEarly: true }, 3],
  ])('%s', (_, given, { status = 429, retryAfterMs = null, isEarly = false }, doublings) => {
    const before = paced(given)

    const after = throttledAgain(before, { now: NOW, status, retryAfterMs, isEarly })

    expect(after).toEqual({ status, times: (before.rhythm.throttled?.times ?? 0) + 1, doublings })
  })
})

describe('the gap between arrivals', () => {
  test.each<[string, number[], number | null]>([
    ['is not known from nothing', [], null],
    ['is not known from two', [20, 10], null],
    ['is not known from two moments, however often', [20, 20, 10, 10], null],
    ['is the middle one', [100, 90, 60, 0], 30],
    ['is halfway between the middle two', [100, 90, 60], 20],
    ['does not mind one long pause', [1_000_010, 1_000_000, 20, 10, 0], 10],
  ])('%s', (_, arrivals, gap) => {
    expect(gapOf(arrivals)).toBe(gap)
  })
})

describe('the reason in words', () => {
  /** The source as the poll at NOW left it: what was planned is what is told. */
  function polled(given: Given, end: Partial<PollEnd> = {}, more: Partial<Source> = {}): Source {
    const state = paced(given)
    const { at, because } = planNextPoll(state, { now: NOW, random: 0.3, ...end })
    return source({ ...state, polledAt: NOW, nextPollAt: at, rhythm: { ...state.rhythm, because }, ...more })
  }

  const REASONS: Record<PollReason, [Source, string]> = {
    every: [polled({ everyMs: 90_000 }), 'every 90s, as you set it.'],
    unproven: [polled({}), 'too little has come to know its rhythm, so it is polled about every 15 min.'],
    usual: [
      polled(each(40 * MINUTE)),
      'usually something new comes about every 40 min, so it is polled about every 20 min.',
    ],
    quiet: [
      polled({ rhythm: { gapMs: HOUR, arrivedAt: NOW - 3 * DAY } }),
      'nothing new came for 3 days, so it is polled about every 6 h.',
    ],
    pushed: [
      polled({ ...each(2 * HOUR), pushedUntil: NOW + DAY }),
      'its hub pushes what is new, so it is polled as a net only, after 4 h.',
    ],
    sooner: [
      polled(each(2 * HOUR), { isMissing: true }),
      'items may have been missed between its last two polls, so it is polled sooner than usual, after 29 min.',
    ],
    cache: [polled({ rhythm: { freshForMs: HOUR } }), "the server's cache headers ask to wait 60 min."],
    document: [
      polled({ rhythm: { documentMs: 3 * HOUR } }),
      'the document itself asks to wait 3 h (ttl or sy:updatePeriod).',
    ],
    skip_hours: [
      polled({ rhythm: { skipHours: [9] } }),
      'the document asks to be left alone in the hours before (skipHours).',
    ],
    skip_days: [
      polled({ rhythm: { skipDays: [3, 4, 5] } }),
      'the document asks to be left alone on the day before (skipDays), but Crier waits no longer than a day.',
    ],
    asked: [
      polled({}, { retryAfterMs: 2 * HOUR }, { trouble: 'The server answered 429.' }),
      'the server asked to wait until 2026-11-25 11:00 UTC (429, or 503 with Retry-After).',
    ],
    throttled: [
      polled({ rhythm: slowedDown(2) }, {}, { trouble: 'The server answered 429.' }),
      'the server wants to be asked less often (429, or 503 with Retry-After), so the wait doubles each time, up to a day.',
    ],
    failing: [
      polled({ failures: 3 }),
      '3 polls in a row failed, so it is asked less and less often, once a day at least.',
    ],
    gone: [polled({ failures: 2, told: ['gone'] }), 'it answered 410 Gone, so it is asked once a day only.'],
  }

  test('polls that failed and put nothing off are counted, and not said to', () => {
    const byHand = polled({ failures: 3, rhythm: { uncounted: 2 } })
    expect(whyNext(byHand, NOW)).toBe('3 polls in a row failed, so it is asked again after a while.')
  })

  test.each(Object.entries(REASONS))('%s', (reason, [given, words]) => {
    expect(given.rhythm.because).toBe(reason)
    expect(whyNext(given, NOW + 1_000)).toBe(words)
  })

  test.each<[string, Source, string]>([
    [
      'a new source',
      source({ polledAt: null, nextPollAt: NOW }),
      'it is new, and is polled as soon as its host is free.',
    ],
    [
      'a new source that waits',
      source({ polledAt: null, nextPollAt: NOW + HOUR }),
      'it is new, and was not polled yet.',
    ],
    ['one that is paused', source({ state: 'paused' }), 'it is paused.'],
    ['one that was removed', source({ state: 'removed' }), 'it was removed.'],
    [
      'one that was resumed',
      source({ nextPollAt: NOW, baselineDue: true }),
      'it was resumed or has a new address, and is polled as soon as its host is free.',
    ],
    ['the first failure', polled({ failures: 1 }), 'the last poll failed, so it is asked again after a while.'],
    [
      'a busy source',
      polled(each(MINUTE)),
      'usually something new comes about every 60 s, so it is polled about every 5 min.',
    ],
    [
      'a slow one',
      polled(each(3 * DAY)),
      'usually something new comes about every 3 days, so it is polled about every 6 h.',
    ],
    [
      'an interval set after the poll',
      polled({}, {}, { everyMs: 90_000, nextPollAt: NOW + 90_000 }),
      'every 90s, as you set it.',
    ],
    [
      'an interval that was taken back',
      polled({ everyMs: DAY }, {}, { everyMs: null }),
      'its interval was taken back, so Crier decides again.',
    ],
    [
      'a ping of its hub',
      polled({ ...each(2 * HOUR), pushedUntil: NOW + DAY }, {}, { nextPollAt: NOW + MINUTE }),
      'it was brought forward, by its hub or by you.',
    ],
    [
      'one that was pushed since',
      polled({ rhythm: { gapMs: HOUR, arrivedAt: NOW - 17 * HOUR } }, {}, { pushedUntil: NOW + DAY }),
      'its hub pushes what is new, so it is polled as a net only, after 2 h.',
    ],
    [
      'one of a known rhythm that was pushed since',
      polled(each(40 * MINUTE), {}, { pushedUntil: NOW + DAY }),
      'its hub pushes what is new, so it is polled as a net only, after 19 min.',
    ],
    [
      'one of no known rhythm that was pushed since',
      polled({}, {}, { pushedUntil: NOW + DAY }),
      'its hub pushes what is new, so it is polled as a net only, after 14 min.',
    ],
    [
      'one that the server put off, and was pushed since',
      polled({ rhythm: { freshForMs: HOUR } }, {}, { pushedUntil: NOW + DAY }),
      "the server's cache headers ask to wait 60 min.",
    ],
    [
      'one that failed, and was pushed since',
      polled({ failures: 3 }, {}, { failures: 0 }),
      'as the last poll planned it.',
    ],
    [
      'one that was gone, and was pushed since',
      polled({ failures: 3, told: ['gone'] }, {}, { failures: 0 }),
      'as the last poll planned it.',
    ],
    [
      'one whose pushes have ended',
      polled({ rhythm: { gapMs: HOUR, arrivedAt: NOW - 17 * HOUR } }, {}, { pushedUntil: NOW }),
      'nothing new came for 17 h, so it is polled about every 2 h.',
    ],
    [
      'a wait of ours for another host, to which it leads',
      polled(each(40 * MINUTE), {}, { trouble: 'The server answered 429.' }),
      'the server wants to be asked less often, but asked for no longer wait; usually something new comes about every 40 min, so it is polled about every 20 min.',
    ],
    ['what an older version planned', source({ nextPollAt: NOW + HOUR }), 'as the last poll planned it.'],
  ])('%s', (_, given, words) => {
    expect(whyNext(given, NOW)).toBe(words)
  })

  test.each<[string, Given]>([
    ['the server', { rhythm: { freshForMs: HOUR } }],
    ['the document', { rhythm: { documentMs: HOUR } }],
    ['its rhythm', each(2 * HOUR)],
    ['its silence', { addedAt: NOW - DAY }],
    ['nothing yet', {}],
  ])('what %s put off and somebody wants sooner was brought forward', (_, given) => {
    const hastened = polled(given, {}, { nextPollAt: NOW + MINUTE })
    expect(whyNext(hastened, NOW)).toBe('it was brought forward, by its hub or by you.')
  })

  test('a source that is due later waits for its host too, where that asked for more than a minute beyond', () => {
    const planned = polled({})
    const pace = (until: number) => ({ host: 'example.com', spacingMs: 10_000, until })
    const usual = 'too little has come to know its rhythm, so it is polled about every 15 min.'

    expect(whyNext(planned, NOW, pace(NOW + HOUR))).toBe('example.com asked to wait until 2026-11-25 10:00 UTC.')
    expect(whyNext(planned, NOW, pace(NOW + HOUR), (ms) => `${ms - NOW}`)).toBe(
      'example.com asked to wait until 3600000.',
    )
    expect(nextAskAt(planned, pace(NOW + HOUR))).toBe(NOW + HOUR)
    for (const until of [NOW - HOUR, NOW + MINUTE, planned.nextPollAt + MINUTE]) {
      expect(whyNext(planned, NOW, pace(until))).toBe(usual)
      expect(nextAskAt(planned, pace(until))).toBe(planned.nextPollAt)
    }
  })

  test.each([
    [
      'a host that asked for it',
      { spacingMs: 40_000, until: NOW + HOUR },
      'it is due, but example.com asked to wait until 2026-11-25 10:00 UTC.',
    ],
    [
      'a host that is spaced',
      { spacingMs: 40_000, until: NOW - HOUR },
      'it is due; example.com complained, and is asked one thing at a time, 40 s apart.',
    ],
  ])('a source that is due waits for %s', (_, pace, words) => {
    expect(whyNext(source({ nextPollAt: NOW - 1 }), NOW, { host: 'example.com', ...pace })).toBe(words)
  })

  function source(given: Partial<Source>): Source {
    return {
      ...{ id: 7, kind: 'feed', url: 'https://example.com/feed', host: 'example.com', title: 'Wire', givenTitle: null },
      ...{ siteUrl: null, language: null, format: null, tags: [], everyMs: null, state: 'active', baselineDue: false },
      ...{ validators: { etag: null, lastModified: null }, bodyHash: null, addedAt: NOW, polledAt: NOW },
      ...{
        succeededAt: NOW,
        nextPollAt: NOW,
        failures: 0,
        trouble: null,
        needs: null,
        pageRules: null,
        fullText: false,
      },
      ...{ access: null, rhythm: UNKNOWN, move: null, told: [], hub: null, pushedUntil: null },
      ...given,
    }
  }
})
