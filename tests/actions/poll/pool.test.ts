import { describe, expect, onTestFinished, test } from 'vitest'
import { createHostGate } from '../../../src/actions/hosts/gate.ts'
import { createPoller } from '../../../src/actions/poll/poller.ts'
import type { Fetched } from '../../../src/ports.ts'
import { readDocument as readBytes } from '../../../src/source/parse.ts'
import { failed, fresh, testActions } from '../../support/actions.ts'
import { fakeTime } from '../../support/fake-time.ts'
import { readDocument, readItem } from '../../support/items.ts'
import { createRandom } from '../../support/random.ts'
import { addTestSource, NOW } from '../../support/store.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const KIB = 1_024
/** From here on there is one document at a time, whosesoever it is. */
const LARGE = 1_024 * KIB
/** What is on the desk at once, where each is small; and one that is large. */
const DESK = 16

const MANY = Array.from({ length: 60 }, (_, i) => readItem({ id: `${i}` }))

describe('whatever its sources do, the pool', () => {
  test.each([1, 2, 3, 6])('polls each, none twice at once, and no more than it may (history %i)', async (seed) => {
    const world = await openWorld(seed)
    const { time } = world
    for (let second = 0; second < 60; second += 1) {
      if (second === 20 && seed % 2 === 0) world.setBack(60 * MINUTE)
      world.poller.pump()
      await time.pass(SECOND)
    }

    const calmAt = await world.calm()
    // Longer than the lease of one that broke, and than it takes until a clock that was set back is believed.
    for (let second = 0; second < 400 && world.polledSince(calmAt) < world.count; second += 1) {
      world.poller.pump()
      await time.pass(SECOND)
    }
    expect(world.polledSince(calmAt)).toBe(world.count)
    expect(world.broken).toEqual([])

    // Some stop in the midst of a claim.
    world.poller.pump()
    if (seed % 3 > 0) await time.pass(world.random(900))
    const stopped = world.poller.stop()
    await time.pass(3 * MINUTE)
    await stopped

    expect(world.broken).toEqual([])
    expect(world.underWay()).toBe(0)
    expect(time.pending()).toBe(0)
    expect(await world.claimAll()).toBe(world.count)
  })

  test('stopped while it claims begins nothing more, and gives back what it claimed', async () => {
    const world = await openWorld(7)
    world.poller.pump()
    await world.time.pass(1)
    const stopped = world.poller.stop()
    await world.time.pass(MINUTE)
    await stopped

    expect(world.begun()).toBe(0)
    expect(await world.claimAll()).toBe(world.count)
  })
})

describe('a source that is well comes on time', () => {
  test('however much others bring at each poll, and each of those has its turn', async () => {
    const { ctx, wait, add, runFor } = await openWithWell()
    let lastWork = Promise.resolve()
    const waiting = { now: 0, most: 0 }
    ctx.fetch = async ({ url }) => {
      waiting.now += 1
      waiting.most = Math.max(waiting.most, waiting.now)
      return fresh({ url, bytes: new Uint8Array(url.includes('//much') ? 200 * KIB : 1) })
    }
    // All are read and stored one after the other.
    ctx.parse = async ({ url }) => {
      waiting.now -= 1
      const isMuch = url.includes('//much')
      lastWork = lastWork.then(() => wait(isMuch ? 500 : 5))
      await lastWork
      return readDocument(isMuch ? MANY : [readItem({ id: 'one' })])
    }
    for (let i = 0; i < 60; i += 1) await add(`https://much.example/${i}`)

    const begun = await runFor(40)

    expect(longestGapMs(begun, '//well')).toBeLessThan(1_600)
    expect([...begun.keys()].filter((url) => url.includes('//much'))).toHaveLength(60)
    // Who is known for it begins when there is a place soon: its document takes memory meanwhile.
    waiting.most = 0
    await runFor(10)
    expect(waiting.most).toBeLessThan(10)
  })

  test('though its server is slow, however much new ones bring', async () => {
    const { ctx, wait, add, runFor } = await openWithWell()
    ctx.fetch = async ({ url }) => {
      if (url.includes('//slow')) await wait(400)
      return fresh({ url, bytes: new Uint8Array(url.includes('//much') ? 200 * KIB : 1) })
    }
    ctx.parse = async ({ url }) => {
      const isMuch = url.includes('//much')
      await wait(isMuch ? SECOND : 5)
      return readDocument(isMuch ? MANY : [readItem({ id: 'one' })])
    }
    for (let i = 0; i < 5; i += 1) await add(`https://slow.example/${i}`)
    await runFor(3)
    for (let i = 0; i < 100; i += 1) await add(`https://much.example/${i}`)

    const begun = await runFor(20)

    expect(longestGapMs(begun, '//slow')).toBeLessThan(1_600)
  })

  test('and if all are, no more than 36 are asked at once, and one large document is read at a time', async () => {
    const { ctx, wait, add, runFor } = await openWithWell()
    const asking = { now: 0, most: 0 }
    const reading = { now: 0, most: 0 }
    let size = 1
    const during = async (counts: typeof asking, ms: number) => {
      counts.now += 1
      counts.most = Math.max(counts.most, counts.now)
      await wait(ms)
      counts.now -= 1
    }
    ctx.fetch = async ({ url }) => {
      await during(asking, 100)
      return fresh({ url, bytes: new Uint8Array(size) })
    }
    ctx.parse = async () => {
      if (size === LARGE) await during(reading, 5)
      return readDocument([readItem({ id: 'one' })])
    }
    for (let i = 0; i < 60; i += 1) await add(`https://all.example/${i}`)
    await runFor(5)
    size = LARGE

    await runFor(5)

    expect(asking.most).toBe(36)
    expect(reading.most).toBe(1)
  })

  test('however many others hang every other time', async () => {
    const { ctx, wait, add, runFor } = await openWithWell()
    const asked = new Map<string, number>()
    ctx.fetch = async ({ url }) => {
      const times = (asked.get(url) ?? 0) + 1
      asked.set(url, times)
      if (url.includes('//moody') && times % 2 === 0) await wait(10 * SECOND)
      return fresh({ url, bodyHash: `${url} ${times}` })
    }
    for (let i = 0; i < 150; i += 1) await add(`https://moody.example/${i}`)

    await runFor(15)
    const begun = await runFor(30)

    expect(longestGapMs(begun, '//well')).toBeLessThan(1_100)
  })
})

describe('a poll that looks for older pages', () => {
  test('has its place among large documents still, and waits neither for another nor for a slot', async () => {
    const time = fakeTime()
    const wait = (ms: number) => new Promise<void>((resolve) => void time.timer(resolve, ms))
    const feed = 'https://missed.example/feed'
    let round = 0
    const asked: string[] = []
    const ctx = await testActions({
      clock: time.clock,
      async fetch({ url }) {
        asked.push(url)
        if (url === `${feed}?paged=2`) await wait(SECOND)
        const bytes = url.startsWith(feed) ? largeFeed(round) : new Uint8Array(LARGE)
        return fresh({ url, bytes, bodyHash: `${url} ${round}` })
      },
      parse: async (document) =>
        document.url.startsWith(feed) ? readBytes(document, document.known) : readDocument([readItem({ id: 'one' })]),
    })
    await addTestSource(ctx.store, { url: feed, everyMs: SECOND })
    const told: string[] = []
    const poller = createPoller(
      ctx,
      { concurrency: 36, isOwnHost: () => true, timer: time.timer },
      (source, { kind }) => told.push(`${source.url} ${kind}`),
    )
    poller.pump()
    await time.pass(SECOND / 2)
    round = 1
    for (let i = 0; i < 40; i += 1) {
      const { id } = await addTestSource(ctx.store, { url: `https://large.example/${i}` })
      // A little later, when it asks for its older page: then they have the slots, and wait for its place.
      await ctx.store.changeSource(id, { nextPollAt: NOW + SECOND + 100 }, NOW)
    }
    told.splice(0)

    for (let second = 0; second < 20; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    const stopped = poller.stop()
    await time.pass(MINUTE)

    expect(asked).toContain(`${feed}?paged=2`)
    expect(told.filter((line) => line.startsWith('https://large.example/'))).toHaveLength(40)
    expect(told).toContain(`${feed} new`)
    await stopped
  })
})

/** Five sources that were polled before, each second; `runFor` gives when each source was asked for meanwhile, and its end. */
async function openWithWell() {
  const time = fakeTime()
  const ctx = await testActions({ clock: time.clock })
  const add = (url: string) => addTestSource(ctx.store, { url, everyMs: SECOND })
  let begun = new Map<string, number[]>()
  const asking: typeof ctx = {
    ...ctx,
    fetch(request) {
      begun.set(request.url, [...(begun.get(request.url) ?? []), time.clock()])
      return ctx.fetch(request)
    },
    parse: (document) => ctx.parse(document),
  }
  const poller = createPoller(asking, { concurrency: 36, isOwnHost: () => true, timer: time.timer }, () => {})
  onTestFinished(async () => {
    const stopped = poller.stop()
    await time.pass(MINUTE)
    await stopped
  })
  const runFor = async (seconds: number) => {
    begun = new Map()
    for (let second = 0; second < seconds; second += 1) {
      poller.pump()
      await time.pass(SECOND)
    }
    // Who is not asked any more has a gap, too.
    for (const moments of begun.values()) moments.push(time.clock())
    return begun
  }
  for (let i = 0; i < 5; i += 1) await add(`https://well.example/${i}`)
  await runFor(1)
  const wait = (ms: number) => new Promise<void>((resolve) => void time.timer(resolve, ms))
  return { ctx, wait, add, runFor }
}

function longestGapMs(begun: Map<string, number[]>, name: string): number {
  const gaps = [...begun].flatMap(([url, at]) =>
    url.includes(name) ? at.slice(1).map((moment, i) => moment - (at[i] ?? 0)) : [],
  )
  return gaps.length > 0 ? Math.max(...gaps) : Number.POSITIVE_INFINITY
}

/** Six items that were in no round before; the comment makes it large. */
function largeFeed(round: number): Uint8Array {
  const items = Array.from(
    { length: 6 },
    (_, i) => `<item><guid>${round}-${i}</guid><title>News ${round} ${i}</title></item>`,
  )
  const text = `<rss version="2.0"><channel><title>Missed</title><!--${'x'.repeat(LARGE)}-->${items.join('')}</channel></rss>`
  return new TextEncoder().encode(text)
}

const LIMIT = 4

/** Sources that do what they like, and what must hold of their polls meanwhile. */
async function openWorld(seed: number) {
  const random = createRandom(seed)
  const pick = <T>(values: T[]): T => values[random(values.length)] as T
  const time = fakeTime()
  let setBackMs = 0
  const now = () => time.clock() - setBackMs
  const wait = (ms: number) => new Promise<void>((resolve) => void time.timer(resolve, ms))
  let isCalm = false
  // A lease that nobody ended, and a host that complained, hold for longer where the clock was set back.
  const isFragile = seed % 2 > 0
  let begun = 0
  const broken: string[] = []
  /** The polls under way, each with the size of what it reads or stores. */
  const running = new Map<string, number | 'fetching' | 'fetched'>()
  const everSlow = new Set<string>()
  const polledAt = new Map<string, number>()

  const check = () => {
    const polls = [...running]
    const sizes = [...running.values()].filter((state) => typeof state === 'number')
    const large = sizes.filter((bytes) => bytes >= LARGE)
    const fetching = polls.filter(([url, state]) => state === 'fetching' && !everSlow.has(url))
    if (fetching.length > LIMIT) broken.push('more prompt fetches than slots')
    if (sizes.length > LIMIT + DESK + 1) broken.push('too many documents at once')
    if (large.length > 1) broken.push('two large documents at once')
  }
  const ctx = await testActions({
    clock: now,
    async fetch({ url }): Promise<Fetched> {
      if (running.has(url)) broken.push(`${url} twice at once`)
      begun += 1
      running.set(url, 'fetching')
      check()
      const ms = isCalm ? 10 : pick([0, 0, 10, 100, 290, 310, 700, 4_000, 30_000])
      await Promise.race([wait(ms), wait(299).then(() => ms >= 300 && everSlow.add(url))])
      if (ms > 299) await wait(ms - 299)
      running.set(url, 'fetched')
      const bytes = new Uint8Array(pick([1, 20 * KIB, 300 * KIB, LARGE]))
      const answers: Fetched[] = [
        { kind: 'unchanged', validators: { etag: null, lastModified: null }, notBeforeMs: null },
        failed(),
        ...(isFragile ? [failed({ reason: 'throttled', status: 429, retryAfterMs: SECOND })] : []),
        fresh({ url, bytes, bodyHash: `${url} ${begun}` }),
      ]
      return isCalm || random(3) > 0 ? fresh({ url, bytes, bodyHash: `${url} ${begun}` }) : pick(answers)
    },
    async parse({ url, bytes }) {
      running.set(url, bytes.byteLength)
      check()
      await wait(isCalm ? 10 : pick([0, 5, 50, 500, 3_000]))
      if (isFragile && !isCalm && random(20) === 0) throw new Error('a bug of ours')
      return readDocument(Array.from({ length: pick([1, 60]) }, (_, i) => readItem({ id: `${begun}-${i}` })))
    },
  })
  const { claimSources } = ctx.store
  ctx.store.claimSources = async (...given) => {
    await wait(pick([2, 40]))
    return claimSources(...given)
  }
  const urls = Array.from({ length: 24 }, (_, i) => `https://${i < 16 ? 'ours' : `host-${i % 5}`}.example/${i}`)
  for (const url of urls) await addTestSource(ctx.store, { url, everyMs: pick([1, 5, 20]) * SECOND })
  const gate = createHostGate(ctx, { isOwnHost: (host) => host === 'ours.example', timer: time.timer })
  const limits = { concurrency: LIMIT, isOwnHost: () => true, gate, timer: time.timer }
  const poller = createPoller(ctx, limits, ({ url }) => {
    running.delete(url)
    polledAt.set(url, now())
  })

  return {
    time,
    random,
    poller,
    broken,
    count: urls.length,
    begun: () => begun,
    underWay: () => running.size,
    setBack(ms: number) {
      setBackMs += ms
      for (const url of urls) polledAt.delete(url)
    },
    /** From now on all are well; each is due, however often it failed. Gives when that was. */
    async calm() {
      isCalm = true
      const at = now()
      const sources = await ctx.store.listSources()
      for (const { id } of sources) await ctx.store.changeSource(id, { nextPollAt: at, everyMs: MINUTE }, at)
      return at
    },
    polledSince: (since: number) =>
      urls.filter((url) => (polledAt.get(url) ?? Number.NEGATIVE_INFINITY) >= since).length,
    claimAll: async () => {
      const ids = (await ctx.store.listSources()).map(({ id }) => id)
      return (await claimSources(ids, now(), 1, { force: true })).length
    },
  }
}
