import { describe, expect, test } from 'vitest'
import type { Actions } from '../../src/actions/context.ts'
import { createHostGate } from '../../src/actions/host-gate.ts'
import { createPoller, type PollSummary, pollNow } from '../../src/actions/poller.ts'
import type { Fetched } from '../../src/ports.ts'
import { failed, fresh, testActions } from '../support/actions.ts'
import { type FakeTime, fakeTime } from '../support/fake-time.ts'
import { addTestSource, NOW } from '../support/store.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const LIMITS = { concurrency: 24, isOwnHost: () => false }
const UNCHANGED: Fetched = { kind: 'unchanged', validators: { etag: '"b"', lastModified: null }, notBeforeMs: null }

describe('polls of the service', () => {
  test('take what is due, each once, and stop waits for what runs', async () => {
    const { ctx, atOnce } = await counting()
    for (let i = 0; i < 150; i += 1) await addTestSource(ctx.store)
    const later = await addTestSource(ctx.store)
    await ctx.store.changeSource(later.id, { nextPollAt: NOW + MINUTE }, NOW)
    const polled = new Map<number, number>()
    const poller = createPoller(ctx, LIMITS, (source) => polled.set(source.id, (polled.get(source.id) ?? 0) + 1))

    poller.pump()
    for (let i = 0; i < 1_000 && polled.size < 150; i += 1) await new Promise((resolve) => setImmediate(resolve))
    await poller.stop()

    expect(polled.size).toBe(150)
    expect(new Set(polled.values())).toEqual(new Set([1]))
    expect(polled.has(later.id)).toBe(false)
    expect(atOnce.now).toBe(0)
    expect(atOnce.most).toBeLessThanOrEqual(24)
  })

  test('look for more once a tick, and not after each poll, where what is due waits for its host', async () => {
    const { ctx, time, asked } = await timed()
    for (let i = 0; i < 300; i += 1) await addTestSource(ctx.store, { url: `https://big.example/${i}` })
    let looks = 0
    const { listDueSources } = ctx.store
    ctx.store.listDueSources = (...given) => {
      looks += 1
      return listDueSources(...given)
    }
    const poller = createPoller(ctx, LIMITS, () => {})

    for (let second = 0; second < 10; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    await poller.stop()

    expect(asked).toHaveLength(5)
    expect(looks).toBe(10)
  })

  test('ask one host for one thing at a time, two seconds apart, and hold up nobody else for it', async () => {
    const { ctx, time, asked } = await timed()
    for (let i = 0; i < 300; i += 1) await addTestSource(ctx.store, { url: `https://big-${i % 4}.example/${i}` })
    await addTestSource(ctx.store, { url: 'https://small.example/' })
    const poller = createPoller(ctx, LIMITS, () => {})

    for (let second = 0; second < 7; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    await poller.stop()

    expect(asked.filter(({ host }) => host === 'small.example')).toEqual([{ host: 'small.example', at: 0 }])
    expect(asked.filter(({ host }) => host === 'big-0.example').map(({ at }) => at)).toEqual([0, 2, 4, 6])
    expect(asked).toHaveLength(4 * 4 + 1)
  })

  test('leave a host alone for as long as it asks, with all its sources', async () => {
    const { ctx, time, asked } = await timed({
      'busy.example': failed({ reason: 'throttled', status: 429, retryAfterMs: MINUTE }),
    })
    for (let i = 0; i < 5; i += 1) await addTestSource(ctx.store, { url: `https://busy.example/${i}` })
    await addTestSource(ctx.store, { url: 'https://calm.example/' })
    const poller = createPoller(ctx, LIMITS, () => {})

    for (let second = 0; second < 61; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    await poller.stop()

    expect(asked.filter(({ host }) => host === 'busy.example').map(({ at }) => at)).toEqual([0, 60])
    expect(asked.filter(({ host }) => host === 'calm.example')).toHaveLength(1)
    expect(await ctx.store.listHostPaces()).toEqual([
      { host: 'busy.example', spacingMs: 20_000, until: NOW + 2 * MINUTE },
    ])
  })

  test('of a service that starts anew know what the last one learned', async () => {
    const { ctx, time, asked } = await timed()
    await ctx.store.saveHostPace({ host: 'busy.example', spacingMs: 10_000, until: NOW + 20_000 })
    for (let i = 0; i < 2; i += 1) await addTestSource(ctx.store, { url: `https://busy.example/${i}` })
    const poller = createPoller(ctx, LIMITS, () => {})

    for (let second = 0; second < 40; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    await poller.stop()

    expect(asked.map(({ at }) => at)).toEqual([20, 30])
  })

  test('share the turns of a host with what else is fetched from there', async () => {
    const { ctx, time, asked } = await timed()
    const gate = createHostGate(ctx, { isOwnHost: () => false, timer: time.timer })
    await addTestSource(ctx.store, { url: 'https://one.example/' })
    const poller = createPoller(ctx, { ...LIMITS, gate }, () => {})
    const release = await gate.wait('one.example')

    for (let second = 0; second < 5; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    expect(asked).toEqual([])
    release({ kind: 'answered' })
    for (let second = 0; second < 3; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    await poller.stop()
    expect(asked.map(({ at }) => at)).toEqual([7])
  })

  test('go on where a listener breaks', async () => {
    const { ctx, atOnce } = await counting()
    for (let i = 0; i < 3; i += 1) await addTestSource(ctx.store)
    let told = 0
    const poller = createPoller(ctx, LIMITS, () => {
      told += 1
      throw new Error('a bug of ours')
    })

    poller.pump()
    for (let i = 0; i < 1_000 && told < 3; i += 1) await new Promise((resolve) => setImmediate(resolve))
    await poller.stop()

    expect(atOnce.polled).toBe(3)
    expect(told).toBe(3)
  })
})

describe('a poll that somebody asked for', () => {
  test('goes through a queue of one host at its pace, and tells how far it is', async () => {
    const { ctx, time, asked } = await timed()
    for (let i = 0; i < 4; i += 1) await addTestSource(ctx.store, { url: `https://one.example/${i}` })
    for (let i = 0; i < 3; i += 1) await addTestSource(ctx.store, { url: `https://two.example/${i}` })
    const progress: string[] = []

    const summary = await ended(
      time,
      pollNow(ctx, { ...LIMITS, timer: time.timer }, 'all', (done, total) => progress.push(`${done}/${total}`)),
    )

    expect(asked.filter(({ host }) => host === 'one.example').map(({ at }) => at)).toEqual([0, 2, 4, 6])
    expect(asked.filter(({ host }) => host === 'two.example').map(({ at }) => at)).toEqual([0, 2, 4])
    expect(progress).toEqual(['1/7', '2/7', '3/7', '4/7', '5/7', '6/7', '7/7'])
    expect(summary.polled).toHaveLength(7)
    expect(time.pending()).toBe(0)
  })

  test('does not wait for a slow source to ask another host again', async () => {
    const { ctx, time, asked } = await timed()
    const answer = ctx.fetch
    ctx.fetch = async (request) => {
      if (request.url === 'https://slow.example/')
        await new Promise<void>((resolve) => time.timer(resolve, 30 * SECOND))
      return answer(request)
    }
    await addTestSource(ctx.store, { url: 'https://slow.example/' })
    for (let i = 0; i < 3; i += 1) await addTestSource(ctx.store, { url: `https://one.example/${i}` })

    await ended(
      time,
      pollNow(ctx, { ...LIMITS, timer: time.timer }, 'all', () => {}),
    )

    expect(asked.map(({ host, at }) => `${host} ${at}`)).toEqual([
      'one.example 0',
      'one.example 2',
      'one.example 4',
      'slow.example 30',
    ])
  })

  test('does not ask a host that wants to be left alone for long, and says so', async () => {
    const { ctx, time, asked } = await timed({
      'busy.example': failed({ reason: 'throttled', status: 429, retryAfterMs: HOUR, detail: 'Wait.' }),
    })
    for (let i = 0; i < 3; i += 1) await addTestSource(ctx.store, { url: `https://busy.example/${i}` })

    const summary = await ended(
      time,
      pollNow(ctx, { ...LIMITS, timer: time.timer }, 'all', () => {}),
    )

    expect(asked).toHaveLength(1)
    expect(summary.polled.map(({ outcome }) => outcome)).toEqual([
      { kind: 'throttled', reason: 'Wait.', retryAfterMs: HOUR },
      ...Array.from({ length: 2 }, () => ({
        kind: 'throttled',
        reason: 'busy.example is to be left alone until 2026-11-23 10:00 UTC: it has complained of too many requests.',
        retryAfterMs: HOUR,
      })),
    ])
  })

  test('of our own hosts knows no pause', async () => {
    const { ctx, atOnce } = await counting()
    for (let i = 0; i < 6; i += 1) await addTestSource(ctx.store, { url: `https://one.example/${i}` })

    await pollNow(ctx, { ...LIMITS, isOwnHost: () => true }, 'all', () => {})

    expect(atOnce).toEqual({ most: 6, now: 0, polled: 6 })
  })

  test('never has more under way than there is room for', async () => {
    const { ctx, atOnce } = await counting()
    for (let i = 0; i < 20; i += 1) await addTestSource(ctx.store)

    await pollNow(ctx, { ...LIMITS, concurrency: 5 }, 'all', () => {})

    expect(atOnce).toEqual({ most: 5, now: 0, polled: 20 })
  })

  test("goes on where one source's poll breaks", async () => {
    const ctx = await testActions()
    const [bad, good] = [await addTestSource(ctx.store), await addTestSource(ctx.store)]
    ctx.fetch = async (request) => (request.url === bad.url ? Promise.reject(new Error('a bug of ours')) : fresh())

    const summary = await pollNow(ctx, LIMITS, 'all', () => {})

    const kinds = new Map(summary.polled.map(({ source, outcome }) => [source.id, outcome.kind]))
    expect(kinds.get(bad.id)).toBe('failed')
    expect(kinds.get(good.id)).toBe('new')
  })

  test('skips a source that somebody else polls, and says so', async () => {
    const ctx = await testActions()
    const [busy, free] = [await addTestSource(ctx.store), await addTestSource(ctx.store)]
    await ctx.store.claimSources([busy.id], NOW, 60_000)

    const summary = await pollNow(ctx, LIMITS, 'all', () => {})

    expect(summary.skipped.map((source) => source.id)).toEqual([busy.id])
    expect(summary.polled.map(({ source }) => source.id)).toEqual([free.id])
  })

  test('ends where everything is polled by somebody else', async () => {
    const ctx = await testActions()
    const sources = [await addTestSource(ctx.store), await addTestSource(ctx.store)]
    await ctx.store.claimSources(
      sources.map(({ id }) => id),
      NOW,
      60_000,
    )
    expect((await pollNow(ctx, LIMITS, 'all', () => {})).skipped).toHaveLength(2)
  })

  test('polls a source once that was named twice', async () => {
    const { ctx, atOnce } = await counting()
    const source = await addTestSource(ctx.store)
    await pollNow(ctx, LIMITS, [String(source.id), source.url], () => {})
    expect(atOnce.polled).toBe(1)
  })

  test('of a source that is not there is refused before anything is polled', async () => {
    const { ctx, atOnce } = await counting()
    await addTestSource(ctx.store)

    await expect(pollNow(ctx, LIMITS, ['1', '99'], () => {})).rejects.toMatchObject({ code: 'not_found' })
    expect(atOnce.polled).toBe(0)
  })

  test('of a paused source is refused, and all of them are the others', async () => {
    const { ctx, atOnce } = await counting()
    const source = await addTestSource(ctx.store)
    await ctx.store.changeSource(source.id, { state: 'paused' }, NOW)

    expect(await pollNow(ctx, LIMITS, 'all', () => {})).toEqual({ polled: [], skipped: [] })
    await expect(pollNow(ctx, LIMITS, [String(source.id)], () => {})).rejects.toMatchObject({ code: 'conflict' })
    expect(atOnce.polled).toBe(0)
  })
})

/** Actions whose fetch counts how many run at once. */
async function counting(): Promise<{ ctx: Actions; atOnce: { now: number; most: number; polled: number } }> {
  const atOnce = { now: 0, most: 0, polled: 0 }
  const ctx = await testActions({
    fetch: async () => {
      atOnce.now += 1
      atOnce.polled += 1
      atOnce.most = Math.max(atOnce.most, atOnce.now)
      for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve))
      atOnce.now -= 1
      return UNCHANGED
    },
  })
  return { ctx, atOnce }
}

/** Actions on a clock of their own; each request is written down with the second in which it was answered. */
async function timed(answers: Record<string, Fetched> = {}) {
  const time = fakeTime()
  const asked: { host: string; at: number }[] = []
  const ctx = await testActions({
    clock: time.clock,
    fetch: async ({ url }) => {
      const { hostname: host } = new URL(url)
      asked.push({ host, at: (time.clock() - NOW) / SECOND })
      return answers[host] ?? UNCHANGED
    },
  })
  return { ctx, time, asked }
}

/** Lets time pass until it ends, an hour at most. */
async function ended(time: FakeTime, work: Promise<PollSummary>): Promise<PollSummary> {
  let isOver = false
  const over = work.finally(() => {
    isOver = true
  })
  for (let second = 0; second < 3_600 && !isOver; second += 1) await time.pass(SECOND)
  expect(isOver).toBe(true)
  return over
}
