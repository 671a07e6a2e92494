import { describe, expect, test } from 'vitest'
import type { Actions } from '../../../src/actions/context.ts'
import { createHostGate } from '../../../src/actions/hosts/gate.ts'
import { createPoller } from '../../../src/actions/poll/poller.ts'
import { readDocument as readBytes } from '../../../src/source/parse.ts'
import { failed, fresh } from '../../support/actions.ts'
import { counting, LIMITS, timed } from '../../support/polls.ts'
import { addTestSource, NOW } from '../../support/store.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** How often what is due is looked at from now on. */
function countLooks({ store }: Pick<Actions, 'store'>): () => number {
  let looks = 0
  const { listDueSources } = store
  store.listDueSources = (...asked) => {
    looks += 1
    return listDueSources(...asked)
  }
  return () => looks
}

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
    expect(atOnce.most).toBeLessThanOrEqual(36)
  })

  test('look for more once for hundreds, and not for each claim of a few', async () => {
    const { ctx } = await counting()
    for (let i = 0; i < 300; i += 1) await addTestSource(ctx.store)
    const looks = countLooks(ctx)
    const claimed: number[] = []
    const { claimSources } = ctx.store
    ctx.store.claimSources = (ids, ...how) => {
      claimed.push(...ids)
      return claimSources(ids, ...how)
    }
    const polled = new Set<number>()
    const poller = createPoller(ctx, { ...LIMITS, isOwnHost: () => true }, (source) => polled.add(source.id))

    poller.pump()
    for (let i = 0; i < 2_000 && polled.size < 300; i += 1) await new Promise((resolve) => setImmediate(resolve))
    await poller.stop()

    expect(polled.size).toBe(300)
    expect(looks()).toBeLessThanOrEqual(3)
    // Nor is anything claimed in vain that was polled since the look.
    expect(claimed).toHaveLength(300)
  })

  test('look for more once a tick, and not after each poll, where what is due waits for its host', async () => {
    const { ctx, time, asked } = await timed()
    for (let i = 0; i < 300; i += 1) await addTestSource(ctx.store, { url: `https://big.example/${i}` })
    const looks = countLooks(ctx)
    const poller = createPoller(ctx, { ...LIMITS, timer: time.timer }, () => {})

    for (let second = 0; second < 10; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    await poller.stop()

    expect(asked.map(({ at }) => at)).toEqual([0, 2, 4, 6, 8, 10])
    expect(looks()).toBe(10)
  })

  test('ask one host for one thing at a time, two seconds apart, and hold up nobody else for it', async () => {
    const { ctx, time, asked } = await timed()
    for (let i = 0; i < 300; i += 1) await addTestSource(ctx.store, { url: `https://big-${i % 4}.example/${i}` })
    await addTestSource(ctx.store, { url: 'https://small.example/' })
    const poller = createPoller(ctx, { ...LIMITS, timer: time.timer }, () => {})

    for (let second = 0; second < 7; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    await poller.stop()

    expect(asked.filter(({ host }) => host === 'small.example')).toEqual([{ host: 'small.example', at: 0 }])
    expect(asked.filter(({ host }) => host === 'big-0.example').map(({ at }) => at)).toEqual([0, 2, 4, 6])
    expect(asked).toHaveLength(4 * 4 + 1)
  })

  test('do not wait for the tick after the two seconds, which end a little behind one', async () => {
    const { ctx, time, asked } = await timed()
    for (let i = 0; i < 9; i += 1) await addTestSource(ctx.store, { url: `https://big.example/${i}` })
    const { fetch } = ctx
    ctx.fetch = async (request) => {
      const fetched = await fetch(request)
      await new Promise<void>((resolve) => void time.timer(resolve, 30))
      return fetched
    }
    const poller = createPoller(ctx, { ...LIMITS, timer: time.timer }, () => {})

    for (let second = 0; second < 7; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    await poller.stop()

    expect(asked.map(({ at }) => at)).toEqual([0, 2.03, 4.06, 6.09])
  })

  test('begin at their moment, though it lies between two ticks', async () => {
    const { ctx, time, asked } = await timed()
    const source = await addTestSource(ctx.store, { url: 'https://a.example/' })
    await ctx.store.changeSource(source.id, { nextPollAt: NOW + SECOND + 90 }, NOW)
    const poller = createPoller(ctx, { ...LIMITS, timer: time.timer }, () => {})
    const released: number[] = []
    ctx.store.releaseSources = async (ids) => void released.push(...ids)

    for (let second = 0; second < 3; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    await poller.stop()

    expect(asked.map(({ at }) => at)).toEqual([1.09])
    // It does not rest any more: whoever polls it next is not disturbed.
    expect(released).toEqual([])
  })

  test('that were given a turn a little early do not begin where the service stops before', async () => {
    const { ctx, time, asked } = await timed()
    for (let i = 0; i < 2; i += 1) await addTestSource(ctx.store, { url: `https://big.example/${i}` })
    const poller = createPoller(ctx, { ...LIMITS, timer: time.timer }, () => {})
    poller.pump()
    await time.pass(SECOND)
    poller.pump()
    await time.settle()

    await poller.stop()
    expect(time.pending()).toBe(0)
    await time.pass(MINUTE)

    expect(asked).toHaveLength(1)
    // It is not claimed any more.
    expect(await ctx.store.claimSources([2], NOW + SECOND, 1)).toHaveLength(1)
  })

  test('of those that answer promptly come on time, however many others take half a minute', async () => {
    const { ctx, time, asked } = await timed()
    const add = (url: string) => addTestSource(ctx.store, { url, everyMs: SECOND })
    const begin = () => createPoller(ctx, { ...LIMITS, isOwnHost: () => true, timer: time.timer }, () => {})
    const { fetch } = ctx
    ctx.fetch = async (request) => {
      const fetched = await fetch(request)
      if (request.url.includes('//dawdles')) await new Promise<void>((resolve) => void time.timer(resolve, 29 * SECOND))
      return fetched
    }
    for (let i = 0; i < 5; i += 1) await add(`https://prompt.example/${i}`)
    const first = begin()
    first.pump()
    await time.pass(SECOND)
    await first.stop()
    for (let i = 0; i < 500; i += 1) await add(`https://dawdles.example/${i}`)

    const poller = begin()
    for (let second = 0; second < 60; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    const stopped = poller.stop()
    await time.pass(30 * SECOND)
    await stopped

    const begun = (name: string) => asked.filter(({ host }) => host === `${name}.example`)
    for (let second = 2; second < 60; second += 1) {
      expect(
        begun('prompt').filter(({ at }) => at === second),
        `at ${second} s`,
      ).toHaveLength(5)
    }
    // As many as may hang at once, and once more for each that ends.
    expect(begun('dawdles').length).toBeGreaterThanOrEqual(2 * 448)
  })

  test('of those that answer promptly come on time, however many others answer late, all at once, with much to read', async () => {
    const { ctx, time, asked } = await timed()
    const wait = (ms: number) => new Promise<void>((resolve) => void time.timer(resolve, ms))
    const reading = { now: 0, most: 0 }
    const { fetch, parse } = ctx
    ctx.fetch = async (request) => {
      const fetched = await fetch(request)
      if (!request.url.includes('//late')) return fetched
      await wait(SECOND)
      return fresh({ bodyHash: `${request.url} ${time.clock()}` })
    }
    ctx.parse = async (document) => {
      reading.now += 1
      reading.most = Math.max(reading.most, reading.now)
      await wait(3 * SECOND)
      reading.now -= 1
      return parse(document)
    }
    const begin = () => createPoller(ctx, { ...LIMITS, isOwnHost: () => true, timer: time.timer }, () => {})
    for (let i = 0; i < 5; i += 1)
      await addTestSource(ctx.store, { url: `https://prompt.example/${i}`, everyMs: SECOND })
    const first = begin()
    first.pump()
    await time.pass(SECOND)
    await first.stop()
    for (let i = 0; i < 100; i += 1)
      await addTestSource(ctx.store, { url: `https://late.example/${i}`, everyMs: SECOND })

    const poller = begin()
    for (let second = 0; second < 30; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    const stopped = poller.stop()
    await time.pass(MINUTE)
    await stopped

    for (let second = 2; second < 30; second += 1) {
      expect(
        asked.filter(({ host, at }) => host === 'prompt.example' && at === second),
        `at ${second} s`,
      ).toHaveLength(5)
    }
    expect(reading).toEqual({ now: 0, most: 30 })
    expect(time.pending()).toBe(0)
  })

  test('of a source that moves after it was looked at wait for its new host, and hold up no other at the old one', async () => {
    const { ctx, time, asked } = await timed()
    const moving = await addTestSource(ctx.store, { url: 'https://old.example/1' })
    const [staying, there] = [
      await addTestSource(ctx.store, { url: 'https://old.example/2' }),
      await addTestSource(ctx.store, { url: 'https://new.example/' }),
    ]
    const { claimSources } = ctx.store
    ctx.store.claimSources = async (...claim) => {
      ctx.store.claimSources = claimSources
      await ctx.store.changeSource(moving.id, { url: 'https://new.example/1' }, NOW)
      return claimSources(...claim)
    }
    const polled: number[] = []
    const poller = createPoller(ctx, { ...LIMITS, timer: time.timer }, (source) => polled.push(source.id))

    for (let second = 0; second < 6; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    await poller.stop()

    expect(polled.sort()).toEqual([moving.id, staying.id, there.id])
    const [first = 0, second = 0] = asked.filter(({ host }) => host === 'new.example').map(({ at }) => at)
    expect(second - first).toBeGreaterThanOrEqual(2)
  })

  test('leave a host alone for as long as it asks, with all its sources', async () => {
    const { ctx, time, asked } = await timed({
      'busy.example': failed({ reason: 'throttled', status: 429, retryAfterMs: MINUTE }),
    })
    for (let i = 0; i < 5; i += 1) await addTestSource(ctx.store, { url: `https://busy.example/${i}` })
    await addTestSource(ctx.store, { url: 'https://calm.example/' })
    const poller = createPoller(ctx, { ...LIMITS, timer: time.timer }, () => {})

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

  test('slow down who complained, and not the host that had sent us there', async () => {
    const { ctx, time, asked } = await timed({
      'ours.example': failed({ reason: 'throttled', status: 429, retryAfterMs: MINUTE, host: 'there.example' }),
    })
    for (let i = 0; i < 2; i += 1) await addTestSource(ctx.store, { url: `https://ours.example/${i}` })
    const there = await addTestSource(ctx.store, { url: 'https://there.example/' })
    await ctx.store.changeSource(there.id, { nextPollAt: NOW + 5 * SECOND }, NOW)
    const poller = createPoller(ctx, { ...LIMITS, timer: time.timer }, () => {})

    for (let second = 0; second < 70; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    await poller.stop()

    expect(asked.filter(({ host }) => host === 'ours.example').map(({ at }) => at)).toEqual([0, 2])
    // It was sent there twice.
    expect(asked.filter(({ host }) => host === 'there.example').map(({ at }) => at)).toEqual([62])
  })

  test('leave a host alone that complains when it is asked for older pages', async () => {
    const { ctx, time } = await timed()
    const asked: string[] = []
    ctx.fetch = async ({ url }) => {
      asked.push(`${(time.clock() - NOW) / SECOND} ${url}`)
      if (url.includes('paged=2')) return failed({ reason: 'throttled', status: 429, retryAfterMs: MINUTE })
      // Nothing of what it shows is what it showed before.
      const items = [1, 2, 3, 4, 5, 6].map(
        (id) => `<item><guid>${asked.length}-${id}</guid><title>News ${asked.length} ${id}</title></item>`,
      )
      const bytes = new TextEncoder().encode(`<rss><channel><title>Wire</title>${items.join('')}</channel></rss>`)
      return fresh({ url, bytes, bodyHash: `${asked.length}` })
    }
    ctx.parse = (document) => readBytes(document, document.known)
    const feed = 'https://wp.example/feed'
    await addTestSource(ctx.store, { url: feed, everyMs: SECOND })
    const poller = createPoller(ctx, { ...LIMITS, timer: time.timer }, () => {})

    for (let second = 0; second < 66; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    const stopped = poller.stop()
    await time.pass(MINUTE)
    await stopped

    expect(asked.slice(0, 4)).toEqual([`0 ${feed}`, `2 ${feed}`, `4 ${feed}?paged=2`, `64 ${feed}`])
  })

  test('of a service that starts anew know what the last one learned', async () => {
    const { ctx, time, asked } = await timed()
    await ctx.store.saveHostPace({ host: 'busy.example', spacingMs: 10_000, until: NOW + 20_000 })
    for (let i = 0; i < 2; i += 1) await addTestSource(ctx.store, { url: `https://busy.example/${i}` })
    const poller = createPoller(ctx, { ...LIMITS, timer: time.timer }, () => {})

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
    const poller = createPoller(ctx, { ...LIMITS, gate, timer: time.timer }, () => {})
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

  test('go on where a claim breaks: neither the sources nor their hosts stay taken', async () => {
    const { ctx, time, asked } = await timed()
    await addTestSource(ctx.store, { url: 'https://one.example/' })
    const { claimSources } = ctx.store
    ctx.store.claimSources = () => Promise.reject(new Error('disk'))
    const poller = createPoller(ctx, { ...LIMITS, timer: time.timer }, () => {})

    poller.pump()
    await time.pass(SECOND)
    ctx.store.claimSources = claimSources
    poller.pump()
    await time.pass(SECOND)
    await poller.stop()

    expect(asked).toEqual([{ host: 'one.example', at: 1 }])
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
