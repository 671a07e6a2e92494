import { describe, expect, test } from 'vitest'
import type { Actions } from '../../../src/actions/context.ts'
import { pollSource } from '../../../src/actions/poll/poll.ts'
import type { Access, PageRules, ReadDocument, Source } from '../../../src/model.ts'
import type { Fetched, FetchRequest, FreshDocument, Unchanged } from '../../../src/ports.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { whyNext } from '../../../src/source/cadence.ts'
import { failed, fresh, testActions } from '../../support/actions.ts'
import { readDocument, readItem } from '../../support/items.ts'
import { addTestSource, NOW } from '../../support/store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const unchanged = (given: Partial<Unchanged> = {}): Unchanged => ({
  kind: 'unchanged',
  validators: { etag: '"b"', lastModified: null },
  notBeforeMs: null,
  ...given,
})

const throttled = (retryAfterMs: number | null) =>
  failed({ reason: 'throttled', status: 429, retryAfterMs, detail: 'Wait.' })

/** Items that tell themselves apart, the first the newest. */
const items = (...ids: string[]) => ids.map((id) => readItem({ id, title: `Title ${id}` }))

interface Desk {
  ctx: Actions
  /** The source as it is stored now. */
  source(): Promise<Source>
  /** One poll that is answered so, `later` after the one before; the document holds these items. */
  poll(
    answer: Fetched,
    more?: { read?: Awaited<ReturnType<Actions['parse']>>; later?: number; fetchMore?: Actions['fetch'] },
  ): ReturnType<typeof pollSource>
  asked: FetchRequest[]
  /** What the owner was told, oldest first, without markup. */
  notices(): Promise<string[]>
}

/** One source on a clock of its own; its baseline is stored. */
async function desk(given: Parameters<typeof addTestSource>[1] = {}): Promise<Desk> {
  let now = NOW
  let answer: Fetched = fresh()
  let read: Awaited<ReturnType<Actions['parse']>> = readDocument(items('c', 'b', 'a'), { title: 'Wire' })
  const asked: FetchRequest[] = []
  const ctx = await testActions({
    clock: () => now,
    fetch: async (request) => {
      asked.push(request)
      return answer
    },
    parse: async () => read,
  })
  const { id } = await addTestSource(ctx.store, { url: 'https://example.com/feed', ...given })
  const source = async () => {
    const found = await ctx.store.findSource(id)
    if (!found) throw new Error('The source is gone.')
    return found
  }
  const poll: Desk['poll'] = async (next, { read: document, later = HOUR, fetchMore } = {}) => {
    now += later
    answer = next
    read = document ?? read
    return pollSource(ctx, await source(), fetchMore)
  }
  await poll(answer, { later: 0 })
  asked.length = 0

  return {
    ctx,
    source,
    poll,
    asked,
    async notices() {
      const told: string[] = []
      for (;;) {
        const { messages } = await ctx.store.claimMessages({
          ...{ now, limit: 10, leaseMs: MINUTE, kind: 'terminal', gapMs: () => 0 },
          render: () => ({ html: 'an alert', openUrl: null }),
        })
        if (messages.length === 0) return told
        for (const message of messages) {
          told.push(message.rendered.html.replace(/^🛠 |<\/?code>|\u2060/gu, ''))
          await ctx.store.settleMessage(message.id, { kind: 'sent', at: now, messageId: null })
        }
      }
    },
  }
}

describe('one poll', () => {
  test('a new document stores its items together with its validators', async () => {
    const ctx = await testActions()
    const source = await addTestSource(ctx.store)

    const outcome = await pollSource(ctx, source)

    expect(outcome).toEqual({ kind: 'new', inserted: 1, edited: 0, alerts: 0 })
    expect((await ctx.store.findSource(source.id))?.validators.etag).toBe('"a"')
    expect((await ctx.store.listItems({ limit: 10, now: NOW })).items.map((item) => item.title)).toEqual(['One'])
  })

  test('a 304 stores nothing and takes the validators it brought', async () => {
    const { poll, source } = await desk()

    expect(await poll(unchanged())).toEqual({ kind: 'unchanged' })
    expect(await source()).toMatchObject({ validators: { etag: '"b"' }, failures: 0, trouble: null })
  })

  test('what would help against a failure is kept until a poll goes well', async () => {
    for (const answer of [unchanged(), fresh()]) {
      const { poll, source } = await desk()
      await poll(failed({ reason: 'blocked', needs: 'login' }))
      expect((await source()).needs).toBe('login')
      await poll(failed())
      expect((await source()).needs).toBeNull()
      await poll(failed({ reason: 'blocked', needs: 'cookie' }))
      await poll(answer)
      expect(await source()).toMatchObject({ failures: 0, trouble: null, needs: null })
    }
  })

  test('a failure is counted, told, and keeps the validators', async () => {
    const { poll, source } = await desk()

    await poll(failed())

    expect(await source()).toMatchObject({
      failures: 1,
      trouble: 'The server answered 500.',
      validators: { etag: '"a"' },
    })
  })

  test('a 429 is obeyed and not counted, and so is a 503 that says when', async () => {
    for (const status of [429, 503]) {
      const { poll, source } = await desk()

      const answer = failed({ reason: 'throttled', status, retryAfterMs: 2 * HOUR, detail: 'Wait.' })
      expect(await poll(answer)).toEqual({ kind: 'throttled', reason: 'Wait.', retryAfterMs: 2 * HOUR })

      const after = await source()
      expect(after).toMatchObject({ failures: 0, trouble: 'Wait.', nextPollAt: NOW + 3 * HOUR })
      expect(whyNext(after, NOW + HOUR)).toContain('asked to wait until 2026-11-23 12:00 UTC')
    }
  })

  test('a 429 in a row of failures takes none of them back', async () => {
    const { poll, source } = await desk()
    await poll(failed())
    await poll(failed())
    await poll(throttled(MINUTE))
    // The silence of three hours has slowed it down to 22.5 minutes, and that thrice doubled: a minute it has waited already.
    expect(await source()).toMatchObject({ failures: 2, nextPollAt: NOW + 3 * HOUR + 180 * MINUTE })
  })

  test('to be polled by hand before its time costs a source that was asked to wait no longer wait', async () => {
    const { poll, source } = await desk()
    await poll(throttled(null))
    for (let i = 0; i < 9; i += 1) await poll(throttled(null), { later: MINUTE })
    expect((await source()).rhythm.throttled).toEqual({ status: 429, times: 10, doublings: 1 })
    await poll(throttled(null), { later: DAY })
    expect((await source()).rhythm.throttled).toMatchObject({ doublings: 2 })
  })

  test('to be polled by hand before its time puts off a source that fails no further', async () => {
    const { poll, source } = await desk({ everyMs: HOUR })
    const { nextPollAt } = await source()
    await poll(failed(), { later: MINUTE })
    await poll(failed(), { later: MINUTE })
    expect(await source()).toMatchObject({ failures: 2, nextPollAt, rhythm: { because: 'failing' } })

    await poll(failed())
    const planned = await source()
    expect(planned).toMatchObject({ failures: 3, nextPollAt: (planned.polledAt ?? 0) + 2 * HOUR })
    for (let i = 0; i < 9; i += 1) await poll(failed(), { later: MINUTE })
    expect(await source()).toMatchObject({ failures: 12, nextPollAt: planned.nextPollAt })
    await poll(failed(), { later: 2 * HOUR })
    const again = await source()
    expect(again).toMatchObject({ failures: 13, nextPollAt: (again.polledAt ?? 0) + 4 * HOUR })

    await poll(failed({ retryAfterMs: DAY }), { later: MINUTE })
    const asked = await source()
    expect(asked).toMatchObject({ nextPollAt: (asked.polledAt ?? 0) + DAY, rhythm: { because: 'asked' } })

    for (const answer of [unchanged(), fresh()]) {
      await poll(answer, { later: DAY })
      expect(await source()).toMatchObject({ failures: 0 })
      expect((await source()).rhythm.uncounted).toBeUndefined()
      await poll(failed(), { later: MINUTE })
    }
  })

  test('what failed at another address makes nobody wait at the new one', async () => {
    const { ctx, poll, source } = await desk({ everyMs: HOUR })
    for (let i = 0; i < 5; i += 1) await poll(failed(), { later: DAY })
    const { id } = await source()
    await ctx.store.changeSource(id, { url: 'https://example.com/new' }, ctx.clock())

    await poll(failed())

    const { failures, nextPollAt, polledAt } = await source()
    expect({ failures, waitMs: nextPollAt - (polledAt ?? 0) }).toEqual({ failures: 6, waitMs: 2 * HOUR })
  })

  test.each([
    ['a 304', unchanged()],
    ['a document', fresh()],
  ])(
    'a source that is asked to wait without a time is asked less and less often, until %s comes',
    async (_, answer) => {
      const { poll, source } = await desk({ everyMs: 10 * MINUTE })
      const waits: number[] = []
      for (let n = 0; n < 9; n += 1) {
        await poll(throttled(null), { later: DAY })
        const { nextPollAt, polledAt } = await source()
        waits.push(Math.round((nextPollAt - (polledAt ?? 0)) / MINUTE))
      }
      // A day is the longest that chance makes of the last.
      expect(waits).toEqual([20, 40, 80, 160, 320, 640, 1_280, 1_309, 1_309])
      expect(await source()).toMatchObject({ failures: 0, trouble: 'Wait.', rhythm: { because: 'throttled' } })

      await poll(answer)

      const { nextPollAt, polledAt, rhythm } = await source()
      expect(nextPollAt - (polledAt ?? 0)).toBe(10 * MINUTE)
      expect(rhythm.throttled).toBeUndefined()
    },
  )

  test('a document that cannot be read is a failure of its source', async () => {
    const { poll, source } = await desk()
    const read = { kind: 'unreadable', reason: 'not_a_feed', detail: 'This is a web page.' } as const

    expect(await poll(fresh(), { read })).toEqual({ kind: 'failed', reason: 'This is a web page.' })
    expect((await source()).failures).toBe(1)
  })

  test('a document that was cut off is stored without validators, so that it is asked for again', async () => {
    const { poll, source } = await desk()

    await poll(fresh(), { read: readDocument(items('d'), { truncated: true }) })

    expect(await source()).toMatchObject({ validators: { etag: null, lastModified: null }, bodyHash: null })
  })

  test('a server that says "not modified" for long is asked without a condition once a week, and goes on to be', async () => {
    const { poll, asked, source } = await desk()
    expect((await source()).rhythm.gapMs).toBeNull()
    for (let hour = 0; hour < 4 * 7 * 24; hour += 1) await poll(unchanged())

    const bare = asked.flatMap(({ validators }, i) => (validators.etag === null ? [i] : []))
    expect(bare).toHaveLength(3)
    expect(bare[0]).toBeGreaterThanOrEqual(7 * 24 - 1)
    expect(bare.map((i) => i % (7 * 24))).toEqual(Array(3).fill((bare[0] ?? 0) % (7 * 24)))
    // What it shows then is known by its body.
    expect(asked[bare[0] ?? 0]?.bodyHash).not.toBeNull()
  })

  test('of a source with a rhythm, five times its usual gap is long, and a day at least', async () => {
    const { poll, asked, ctx, source } = await desk()
    const setGap = async (gapMs: number) => {
      const now = ctx.clock()
      const { id, validators, rhythm } = await source()
      const record = {
        polledAt: now,
        nextPollAt: now,
        validators,
        bodyHash: null,
        failures: 0,
        trouble: null,
        succeeded: true,
      }
      await ctx.store.recordPoll(id, { ...record, rhythm: { ...rhythm, gapMs, arrivedAt: now } })
    }
    const bareIn = async (days: number) => {
      asked.length = 0
      for (let hour = 0; hour < days * 24; hour += 1) await poll(unchanged())
      return asked.filter(({ validators }) => validators.etag === null).length
    }
    await setGap(2 * HOUR)
    expect(await bareIn(5)).toBe(4)
    await setGap(48 * HOUR)
    expect(await bareIn(10)).toBe(0)
    expect(await bareIn(20)).toBe(2)
  })

  test('a server that goes on failing is asked without a condition, over which it may stumble', async () => {
    const { poll, asked } = await desk()
    for (let i = 0; i < 5; i += 1) await poll(failed({ status: 412 }), { later: DAY })
    await poll(unchanged(), { later: DAY })
    await poll(unchanged())

    const etags = asked.map(({ validators }) => validators.etag)
    expect(etags).toEqual(['"a"', '"a"', '"a"', null, null, null, '"b"'])
  })

  test('what goes with every request to the source goes with this one', async () => {
    const access: Access = { headers: { 'x-key': 'k' }, proxy: null }
    const { poll, asked } = await desk({ access })

    await poll(unchanged())

    expect(asked).toEqual([
      {
        url: 'https://example.com/feed',
        validators: { etag: '"a"', lastModified: null },
        bodyHash: 'ab',
        access,
      },
    ])
  })
})

describe('the rhythm of a source', () => {
  test('is learned from what arrives, not from how often it is asked', async () => {
    const { poll, source } = await desk()
    await poll(fresh(), { read: readDocument(items('d', 'c', 'b', 'a')), later: 40 * MINUTE })
    expect((await source()).rhythm).toMatchObject({ gapMs: null, arrivedAt: NOW + 40 * MINUTE })

    await poll(unchanged(), { later: 20 * MINUTE })
    await poll(fresh(), { read: readDocument(items('e', 'd', 'c', 'b', 'a')), later: 20 * MINUTE })

    const after = await source()
    expect(after.rhythm).toMatchObject({ gapMs: 40 * MINUTE, arrivedAt: NOW + 80 * MINUTE })
    expect(after.nextPollAt).toBe(NOW + 80 * MINUTE + 20 * MINUTE)
    expect(whyNext(after, NOW + 80 * MINUTE)).toContain('about every 40 min, so it is polled about every 20 min')
  })

  test('is learned from the dates of the first backlog', async () => {
    const ctx = await testActions({
      parse: async () =>
        readDocument([1, 3, 5, 7].map((hours) => readItem({ id: `${hours}`, publishedAt: NOW - hours * HOUR }))),
    })
    const source = await addTestSource(ctx.store)

    await pollSource(ctx, source)

    expect(await ctx.store.findSource(source.id)).toMatchObject({
      rhythm: { gapMs: 2 * HOUR, arrivedAt: NOW - HOUR },
      nextPollAt: NOW + HOUR,
    })
  })

  test('counts what a hub pushed between two polls', async () => {
    const { ctx, poll, source } = await desk()
    const hub = { url: 'https://hub.example/', topic: 'https://example.com/feed' }
    await poll(fresh({ links: { hub: hub.url, self: hub.topic } }))
    const { id } = await source()
    await ctx.store.saveSubscription({
      ...{ sourceId: id, hub, token: 't', secret: 's', state: 'active', leaseUntil: NOW + 9 * DAY },
      ...{ nextAt: NOW + 8 * DAY, attempts: 0 },
    })
    const validators = { etag: null, lastModified: null }
    for (const [index, name] of ['d', 'e', 'f'].entries()) {
      const polledAt = NOW + (2 + index) * HOUR
      const record = { polledAt, nextPollAt: polledAt, validators, bodyHash: null, pushed: true } as const
      await ctx.store.ingest(id, readDocument(items(name)), record, () => ({
        ...{ insert: items(name).map((item) => ({ item, placeMs: polledAt })), edit: [], bind: [], messages: [] },
        remember: 'as_before' as const,
      }))
    }

    await poll(fresh(), { read: readDocument(items('f', 'e', 'd', 'c', 'b', 'a')), later: 4 * HOUR })

    const after = await source()
    expect(after.rhythm).toMatchObject({ gapMs: HOUR, arrivedAt: NOW + 4 * HOUR, because: 'pushed' })
    expect(after.nextPollAt).toBe(NOW + 5 * HOUR + 2 * HOUR)
  })

  test('keeps what the cache headers asked for through a 304 that says nothing of it', async () => {
    const { poll, source } = await desk()
    await poll(fresh({ notBeforeMs: 2 * HOUR }))
    expect((await source()).nextPollAt).toBe(NOW + HOUR + 2 * HOUR)

    await poll(unchanged())
    expect(await source()).toMatchObject({ nextPollAt: NOW + 2 * HOUR + 2 * HOUR, rhythm: { because: 'cache' } })

    // What a 304 does say is what counts.
    await poll(unchanged({ notBeforeMs: 3 * HOUR }))
    expect((await source()).nextPollAt).toBe(NOW + 3 * HOUR + 3 * HOUR)
    await poll(unchanged({ notBeforeMs: 0 }))
    expect((await source()).rhythm).toMatchObject({ freshForMs: 0 })
    await poll(unchanged())
    expect((await source()).rhythm).toMatchObject({ freshForMs: 0 })
    // And a whole answer without any takes it back.
    await poll(fresh({ notBeforeMs: null }))
    expect((await source()).rhythm).toMatchObject({ freshForMs: null })
  })

  test('follows what the document asks for, until the next one asks for something else', async () => {
    const { poll, source } = await desk()
    const hints = { everyMs: 3 * HOUR, skipHours: [1], skipDays: [0], hub: null, self: null, older: null }
    await poll(fresh(), { read: readDocument(items('c', 'b', 'a'), { hints }) })
    await poll(unchanged())

    expect(await source()).toMatchObject({
      rhythm: { documentMs: 3 * HOUR, skipHours: [1], skipDays: [0], because: 'document' },
      nextPollAt: NOW + 2 * HOUR + 3 * HOUR,
    })

    await poll(fresh(), { read: readDocument(items('c', 'b', 'a')) })
    expect((await source()).rhythm).toMatchObject({ documentMs: null, skipHours: [], skipDays: [] })
  })

  test('is not written again where a 304 changes nothing of it', async () => {
    const { ctx, poll } = await desk()
    await poll(unchanged())
    const records: object[] = []
    const { recordPoll } = ctx.store
    ctx.store.recordPoll = (id, record) => {
      records.push(record)
      return recordPoll(id, record)
    }

    await poll(unchanged(), { later: MINUTE })

    expect(Object.keys(records[0] ?? {}).sort()).toEqual(
      ['bodyHash', 'failures', 'nextPollAt', 'polledAt', 'succeeded', 'trouble', 'validators'].sort(),
    )
  })

  test('an interval that somebody set is obeyed to the millisecond', async () => {
    const { ctx, poll, source } = await desk({ everyMs: 90_000 })
    ctx.random = () => 0.9
    await poll(fresh({ notBeforeMs: DAY }), { read: readDocument(items('d', 'c')) })
    expect((await source()).nextPollAt).toBe(NOW + HOUR + 90_000)
    await poll(unchanged())
    expect((await source()).nextPollAt).toBe(NOW + 2 * HOUR + 90_000)
  })
})

describe('a source that moves for good', () => {
  const THERE = 'https://example.org/new'
  const at = (movedTo = THERE): FreshDocument => fresh({ url: movedTo, movedTo })

  test('is followed when it was said three times in a row and the same items are there', async () => {
    const { poll, source, notices } = await desk()
    await poll(at())
    expect((await source()).move).toEqual({ url: THERE, seen: 1 })
    await poll(unchanged({ movedTo: THERE }))
    expect(await source()).toMatchObject({ url: 'https://example.com/feed', move: { url: THERE, seen: 2 } })
    expect(await notices()).toEqual([])

    await poll(at())

    expect(await source()).toMatchObject({
      ...{ url: THERE, host: 'example.org', move: null, baselineDue: false, validators: { etag: '"a"' } },
    })
    expect(await notices()).toEqual([`Wire has moved to ${THERE}; Crier follows.`])
  })

  test('is followed when the new address knows our validators', async () => {
    const { poll, source, notices } = await desk()
    for (let i = 0; i < 3; i += 1) await poll(unchanged({ movedTo: THERE }))
    expect((await source()).url).toBe(THERE)
    expect(await notices()).toHaveLength(1)
  })

  test('is not followed to a page that shows something else, however often', async () => {
    const { poll, source, notices } = await desk()
    for (let i = 0; i < 6; i += 1) await poll(at(), { read: readDocument(items(`parked ${i}`, `sold ${i}`)) })

    expect((await source()).url).toBe('https://example.com/feed')
    expect((await notices()).filter((text) => text.includes('moved'))).toEqual([])
  })

  test('is not followed where something else stood at first, though it is known by now: the owner decides', async () => {
    const { poll, source, notices } = await desk()
    for (let i = 0; i < 5; i += 1) await poll(at(), { read: readDocument(items('casino', 'pills', 'loans')) })

    expect(await source()).toMatchObject({
      url: 'https://example.com/feed',
      move: { url: THERE, seen: 1, foreign: true },
    })
    expect(await notices()).toEqual([
      `Wire sends us to ${THERE} for good, and hardly anything there was known: what stands there is stored, but calls nobody until you say what it is. If it is the same source: npx crier source set 1 --url ${THERE} – if not: npx crier source remove 1`,
    ])
  })

  test('calls nobody with what stands there at first', async () => {
    const { poll, ctx } = await desk()
    await ctx.store.addWatch('terminal', parseQuery('casino', { timezone: 'UTC', for: 'watch' }), NOW)
    await poll(at(), { read: readDocument(items('casino', 'pills', 'loans')) })

    expect(await ctx.store.listAlerts({ limit: 9 })).toEqual([])
    expect((await ctx.store.listItems({ limit: 99, now: NOW * 2 })).items.map(({ title }) => title)).toContain(
      'Title casino',
    )
  })

  describe('while the owner has not said what stands there', () => {
    const CASINO = { title: 'Casino', link: 'https://casino.example/', language: 'fr' }

    async function moved() {
      const known = await desk()
      const { ctx, poll } = known
      await ctx.store.addWatch('terminal', parseQuery('title', { timezone: 'UTC', for: 'watch' }), NOW)
      const links = { hub: 'https://hub.casino.example/', self: null }
      for (const ids of [['casino'], ['slots', 'casino']]) {
        await poll({ ...at(), links }, { read: readDocument(items(...ids), CASINO) })
      }
      return known
    }

    test('it gives the source no name, site, language and hub', async () => {
      const { source } = await moved()

      expect(await source()).toMatchObject({ title: 'Wire', siteUrl: null, language: null, hub: null })
    })

    test('what it brings later is stored and found, and calls nobody either', async () => {
      const { ctx } = await moved()

      expect(await ctx.store.listAlerts({ limit: 9 })).toEqual([])
      const { items: stored } = await ctx.store.listItems({ limit: 99, now: NOW * 2 })
      expect(stored.map(({ title }) => title)).toEqual(expect.arrayContaining(['Title slots', 'Title casino']))
    })

    test('the old address, when it answers again, calls as before', async () => {
      const { ctx, poll } = await moved()
      await poll(fresh(), { read: readDocument(items('d', 'c', 'b', 'a'), { title: 'Wire' }) })

      expect(await ctx.store.listAlerts({ limit: 9 })).toMatchObject([{ item: { title: 'Title d' } }])
    })
  })

  test.each<[string, Fetched]>([
    ['an answer from the old address', fresh()],
    ['an unchanged answer from the old address', unchanged()],
  ])('starts anew after %s', async (_, answer) => {
    const { poll, source } = await desk()
    await poll(at())
    await poll(at())
    await poll(answer)
    expect((await source()).move).toBe(null)
    await poll(at())
    expect(await source()).toMatchObject({ url: 'https://example.com/feed', move: { seen: 1 } })
  })

  test('starts anew with another address', async () => {
    const { poll, source } = await desk()
    await poll(at())
    await poll(at())
    await poll(at('https://example.net/'))
    expect((await source()).move).toEqual({ url: 'https://example.net/', seen: 1 })
  })

  test('is not forgotten for a failure between', async () => {
    const { poll, source } = await desk()
    await poll(at())
    await poll(failed())
    expect((await source()).move).toEqual({ url: THERE, seen: 1 })
  })

  test.each(['added', 'removed'])(
    'is not followed to an address that another source has (%s), and that is told once',
    async (how) => {
      const { ctx, poll, source, notices } = await desk()
      const other = await addTestSource(ctx.store, { url: THERE })
      if (how === 'removed') await ctx.store.changeSource(other.id, { state: 'removed' }, NOW)

      for (let i = 0; i < 6; i += 1) await poll(i % 2 === 0 ? at() : unchanged({ movedTo: THERE }))

      expect((await source()).url).toBe('https://example.com/feed')
      const whose = how === 'added' ? `is source ${other.id} already` : 'belonged to a source that was removed'
      expect(await notices()).toEqual([
        `Wire says that it has moved to ${THERE}, which ${whose}. Crier goes on asking the old address; to remove it: npx crier source remove 1`,
      ])
    },
  )

  test('takes its password along on its own origin only', async () => {
    const { poll, source, notices } = await desk({ url: 'https://me:secret@example.com/feed' })
    for (let i = 0; i < 3; i += 1) await poll(at('https://example.com/new'))

    expect((await source()).url).toBe('https://me:secret@example.com/new')
    expect(await notices()).toEqual(['Wire has moved to https://example.com/new; Crier follows.'])
  })

  test.each<[string, Parameters<typeof addTestSource>[1]]>([
    ['a password in its address', { url: 'https://me:secret@example.com/feed' }],
    ['headers of its own', { access: { headers: { authorization: 'Basic secret' }, proxy: null } }],
  ])('is not followed elsewhere with %s, and that is told once', async (_, given) => {
    const { poll, source, notices } = await desk(given)
    for (let i = 0; i < 6; i += 1) await poll(at())

    expect(new URL((await source()).url).hostname).toBe('example.com')
    const told = await notices()
    expect(told).toEqual([
      `Wire says that it has moved to ${THERE}. Crier takes its password nowhere by itself; if it is right: npx crier source set 1 --url ${THERE}`,
    ])
    expect(told.join()).not.toContain('secret')
  })

  test('that leads to itself is no move', async () => {
    const { poll, source } = await desk({ url: 'https://me:secret@example.com/feed' })
    for (let i = 0; i < 4; i += 1) await poll(at('https://example.com/feed'))
    expect(await source()).toMatchObject({ url: 'https://me:secret@example.com/feed', move: null })
  })
})

describe('what the owner is told', () => {
  const gone = failed({ status: 410, detail: 'The server answered 410.' })

  test('once that a source is gone for good, and it is asked once a day from then on', async () => {
    const { poll, source, notices } = await desk()
    for (let i = 0; i < 3; i += 1) await poll(gone, { later: DAY })

    const after = await source()
    expect(after).toMatchObject({ told: ['gone'], failures: 3, nextPollAt: NOW + 4 * DAY })
    expect(whyNext(after, NOW + 3 * DAY)).toBe('it answered 410 Gone, so it is asked once a day only.')
    expect(await notices()).toEqual([
      'Wire answers 410 Gone: its publisher has ended it. Crier asks once a day; to remove it: npx crier source remove 1',
    ])
  })

  test('nothing more of a source that is gone, until it is back', async () => {
    const { poll, source, notices } = await desk()
    await poll(gone)
    for (let i = 0; i < 12; i += 1) await poll(failed({ reason: 'blocked', detail: 'A challenge.' }), { later: DAY })
    expect(await notices()).toHaveLength(1)

    await poll(unchanged())
    expect(await source()).toMatchObject({ told: [], failures: 0 })
    expect(await notices()).toEqual(['Wire is back.'])
  })

  test('once that a source is dead: after a week without success, counted from the last one', async () => {
    const { poll, source, notices } = await desk()
    for (let day = 1; day <= 6; day += 1) await poll(failed(), { later: DAY })
    expect(await notices()).toEqual([])

    for (let day = 7; day <= 20; day += 1) await poll(failed(), { later: DAY })

    expect((await source()).told).toEqual(['dead'])
    expect(await notices()).toEqual([
      'Wire could not be read for 7 days. The server answered 500. Crier asks once a day; to remove it: npx crier source remove 1',
    ])
    await poll(fresh())
    expect((await source()).told).toEqual([])
    expect(await notices()).toEqual(['Wire is back.'])
  })

  test('that a source never worked, counted from when it was added', async () => {
    let now = NOW
    const ctx = await testActions({ clock: () => now, fetch: async () => failed() })
    const { id } = await addTestSource(ctx.store)
    for (let day = 0; day < 8; day += 1) {
      const source = await ctx.store.findSource(id)
      if (source) await pollSource(ctx, source)
      now += DAY
    }
    expect((await ctx.store.findSource(id))?.told).toEqual(['dead'])
  })

  test('nothing after one failure, however long the service was off', async () => {
    const { poll, notices } = await desk()
    await poll(failed(), { later: 30 * DAY })
    await poll(unchanged())
    expect(await notices()).toEqual([])
  })

  test('once that a source has done nothing but ask to wait for a week, alone or between failures', async () => {
    for (const others of [throttled(DAY), failed()]) {
      const { poll, source, notices } = await desk()
      for (let day = 1; day <= 6; day += 1) await poll(day % 2 === 0 ? throttled(DAY) : others, { later: DAY })
      expect(await notices()).toEqual([])

      for (let day = 7; day <= 20; day += 1) await poll(throttled(DAY), { later: DAY })

      expect((await source()).told).toEqual(['dead'])
      expect(await notices()).toEqual([
        'Wire could not be read for 7 days. Wait. Crier goes on asking; to remove it: npx crier source remove 1',
      ])
      await poll(unchanged())
      expect(await source()).toMatchObject({ told: [], failures: 0 })
      expect(await notices()).toEqual(['Wire is back.'])
    }
  })

  test('nothing of a host that asks to wait twice, however long the service was off', async () => {
    const { poll, source, notices } = await desk()
    await poll(throttled(DAY), { later: 30 * DAY })
    await poll(throttled(DAY), { later: DAY })
    expect((await source()).rhythm.throttled).toEqual({ status: 429, times: 2 })
    expect(await notices()).toEqual([])
  })

  test.each([
    ['nothing new', unchanged()],
    ['a document', fresh()],
  ])('nothing of a host that asks to wait now and then: %s between', async (_, answer) => {
    const { poll, source, notices } = await desk()
    for (let day = 1; day <= 20; day += 1) await poll(day % 5 === 0 ? answer : throttled(DAY), { later: DAY })
    expect((await source()).rhythm.throttled).toBeUndefined()
    expect(await notices()).toEqual([])
  })

  test('once that a source does not let us in, after the third time', async () => {
    const { poll, source, notices } = await desk()
    const blocked = failed({
      reason: 'blocked',
      status: 403,
      detail: 'Cloudflare asks for a browser.',
      needs: 'cookie',
    })
    await poll(blocked)
    await poll(blocked)
    expect(await notices()).toEqual([])

    await poll(blocked)
    await poll(blocked)

    expect((await source()).told).toEqual(['blocked'])
    expect(await notices()).toEqual([
      "Wire does not let Crier in. Cloudflare asks for a browser. Crier goes on asking. On the command line: npx crier source set 1 --header 'Cookie: …'",
    ])
  })

  test('once that a page cannot be read any more by its rules, at the first time', async () => {
    const { poll, source, notices } = await desk()
    const read = { kind: 'unreadable', reason: 'layout', detail: 'No entries stand where they stood.' } as const
    await poll(fresh(), { read })
    await poll(fresh(), { read })

    expect((await source()).told).toEqual(['layout'])
    expect(await notices()).toEqual([
      "Wire has changed its layout. No entries stand where they stood. To say what an entry is now: npx crier source set 1 --entry 'SELECTOR', or to look for it: npx crier source set 1 --page",
    ])
  })

  test('once that it gave its items other names', async () => {
    const { poll, notices } = await desk()
    const named = (names: string) =>
      readDocument(
        Array.from({ length: 10 }, (_, n) =>
          readItem({ id: `${names}${n}`, title: `News ${n}`, publishedAt: NOW - n }),
        ),
        { title: 'Wire' },
      )
    await poll(fresh(), { read: named('old') })
    await poll(fresh(), { read: named('new') })
    await poll(fresh(), { read: named('newer') })

    expect(await notices()).toEqual([
      'Wire renumbered 10 items; none was alerted. They are known again by their addresses, titles, texts and dates.',
    ])
  })

  test('nothing of what passed', async () => {
    const { poll, source, notices } = await desk()
    for (let i = 0; i < 3; i += 1) await poll(failed({ reason: 'blocked', detail: 'A challenge.' }))
    await notices()
    await poll(unchanged())
    expect((await source()).told).toEqual([])
    expect(await notices()).toEqual([])
  })

  test('goes to every owner, with the commands of the bot', async () => {
    const { ctx, poll } = await desk()
    ctx.ownerChats = async () => ['11', '12']
    await poll(gone)
    const { messages } = await ctx.store.claimMessages({
      ...{ now: NOW + DAY, limit: 10, leaseMs: MINUTE, kind: 'telegram', gapMs: () => 0 },
      render: () => ({ html: 'an alert', openUrl: null }),
    })
    expect(messages.map(({ chat }) => chat.id).sort()).toEqual(['11', '12'])
    for (const { rendered } of messages) {
      expect(rendered.html).toMatch(/; to remove it: <code>\/removesource 1<\/code>$/)
    }
  })
})

describe('a page', () => {
  const RULES: PageRules = { entry: 'li', link: null, title: null, date: null, summary: null, auto: true }
  const OTHERS: PageRules = { ...RULES, entry: 'article' }

  test('is read by its rules, and keeps those that were found', async () => {
    const asked: unknown[] = []
    const ctx = await testActions({
      parse: async ({ page }) => {
        asked.push(page)
        return readDocument(items('a'), { format: 'page', page: RULES })
      },
    })
    const { id } = await addTestSource(ctx.store, { kind: 'page' })
    const poll = async () => {
      const source = await ctx.store.findSource(id)
      if (source) await pollSource(ctx, source)
    }

    await poll()
    await poll()

    expect(asked).toEqual([{ rules: null }, { rules: RULES }])
    expect((await ctx.store.findSource(id))?.pageRules).toEqual(RULES)
  })

  test('whose entries were found anew says so, and keeps the new rules', async () => {
    const { poll, source, notices } = await desk({ kind: 'page', pageRules: RULES })
    await poll(fresh(), { read: readDocument(items('d', 'c', 'b', 'a'), { page: OTHERS }) })

    expect((await source()).pageRules).toEqual(OTHERS)
    expect(await notices()).toEqual([
      'Wire has changed its layout. Crier found its entries anew: 3 of 4 were known, and the rest counts as new.',
    ])
  })

  test('that shows strange entries by new rules stores them quietly, and says so', async () => {
    const { ctx, poll, notices } = await desk({ kind: 'page', pageRules: RULES })
    await ctx.store.addWatch('terminal', parseQuery('title', { timezone: 'UTC', for: 'watch' }), NOW)
    const outcome = await poll(fresh(), { read: readDocument(items('x', 'y', 'z'), { page: OTHERS }) })

    expect(outcome).toMatchObject({ inserted: 3, alerts: 0 })
    expect(await notices()).toEqual([
      'Wire has changed its layout. Crier found its entries anew, but hardly one was known: they were stored quietly. See whether they are right: npx crier source show 1',
    ])
  })

  test('by the same rules is told nothing of', async () => {
    const { poll, notices } = await desk({ kind: 'page', pageRules: RULES })
    await poll(fresh(), { read: readDocument(items('d', 'c', 'b', 'a'), { page: { ...RULES } }) })
    expect(await notices()).toEqual([])
  })
})

describe('the hub of a source', () => {
  const hints = { everyMs: null, skipHours: [], skipDays: [], older: null }
  const HUB = 'https://hub.example/'
  const SELF = 'https://example.com/self'

  test.each<[string, FreshDocument['links'] | undefined, Partial<NonNullable<ReadDocument['hints']>>, Source['hub']]>([
    ['is what the document says', undefined, { hub: HUB, self: SELF }, { url: HUB, topic: SELF }],
    ['is what the headers say', { hub: HUB, self: SELF }, {}, { url: HUB, topic: SELF }],
    [
      'is what the headers say before what the document says',
      { hub: HUB, self: SELF },
      { hub: 'https://other.example/', self: 'https://example.com/other' },
      { url: HUB, topic: SELF },
    ],
    ['may have its topic from the other', { hub: HUB, self: null }, { self: SELF }, { url: HUB, topic: SELF }],
    [
      'knows it by our address where it says no other',
      { hub: HUB, self: null },
      {},
      { url: HUB, topic: 'https://example.com/feed' },
    ],
    ['is none where it is no address', { hub: 'javascript:alert(1)', self: SELF }, {}, null],
    ['is none without one', { hub: null, self: SELF }, { self: SELF }, null],
  ])('%s', async (_, links, said, hub) => {
    const { poll, source } = await desk({ url: 'https://me:secret@example.com/feed' })
    const document = readDocument(items('a'), { hints: { ...hints, hub: null, self: null, ...said } })
    await poll(fresh(links ? { links } : {}), { read: document })
    expect((await source()).hub).toEqual(hub)
  })

  test('is kept through a 304, and forgotten when a document names none', async () => {
    const { poll, source } = await desk()
    await poll(fresh({ links: { hub: HUB, self: SELF } }))
    await poll(unchanged())
    expect((await source()).hub).toEqual({ url: HUB, topic: SELF })
    await poll(fresh())
    expect((await source()).hub).toBe(null)
  })
})

describe('a window that was missed', () => {
  const named = (name: string) => items(...Array.from({ length: 20 }, (_, index) => `${name} ${index}`))

  test('is followed by a poll sooner than usual', async () => {
    const { poll, source } = await desk()
    await poll(fresh(), { read: readDocument(named('old')) })
    await poll(fresh(), { read: readDocument(named('new')), later: DAY })

    const after = await source()
    expect(after).toMatchObject({ rhythm: { because: 'sooner' }, nextPollAt: NOW + HOUR + DAY + 3 * HOUR })
    expect(whyNext(after, NOW + HOUR + DAY)).toContain('items may have been missed')
  })

  test('is followed by none sooner than the server lets us', async () => {
    const { poll, source } = await desk()
    await poll(fresh(), { read: readDocument(named('old')) })
    await poll(fresh({ notBeforeMs: 5 * HOUR }), { read: readDocument(named('new')), later: DAY })
    expect(await source()).toMatchObject({ rhythm: { because: 'cache' }, nextPollAt: NOW + HOUR + DAY + 5 * HOUR })
  })

  const hints = { everyMs: null, skipHours: [], skipDays: [], hub: null, self: null }
  const older = { hints: { ...hints, older: 'https://example.com/feed?page=2' } }

  test('is looked for on older pages, and what is found there counts', async () => {
    const { ctx, poll } = await desk()
    await poll(fresh(), { read: readDocument(named('old')) })
    const { parse } = ctx
    const between = readDocument([...items('missed 1', 'missed 2'), ...named('old').slice(0, 5)])
    ctx.parse = async (document) => (document.url.endsWith('page=2') ? between : parse(document))
    const { fetch } = ctx
    const steps: string[] = []
    ctx.fetch = async (request) => {
      steps.push(request.url)
      return fetch(request)
    }

    const fetchMore: Actions['fetch'] = async ({ url }) => {
      steps.push('in its turn', url)
      return fresh({ url })
    }
    const outcome = await poll(fresh(), { read: readDocument(named('new'), older), later: DAY, fetchMore })

    expect(outcome).toEqual({ kind: 'new', inserted: 22, edited: 0, alerts: 0, gap: 'closed' })
    expect(steps).toEqual(['https://example.com/feed', 'in its turn', 'https://example.com/feed?page=2'])
  })

  test('does not make the poll a failure when looking for it breaks', async () => {
    const { ctx, poll, source } = await desk()
    await poll(fresh(), { read: readDocument(named('old')) })
    const { fetch } = ctx
    ctx.fetch = async (request) =>
      request.url.endsWith('page=2') ? Promise.reject(new Error('a bug of ours')) : fetch(request)

    const outcome = await poll(fresh(), { read: readDocument(named('new'), older), later: DAY })

    expect(outcome).toEqual({ kind: 'new', inserted: 20, edited: 0, alerts: 0, gap: 'open' })
    expect(await source()).toMatchObject({ failures: 0, trouble: null })
  })
})
