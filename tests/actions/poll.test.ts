import { describe, expect, test } from 'vitest'
import type { Actions } from '../../src/actions/context.ts'
import { pollSource } from '../../src/actions/poll.ts'
import { createPoller, pollNow } from '../../src/actions/poller.ts'
import { failed, fresh, testActions } from '../support/actions.ts'
import { readDocument, readItem } from '../support/items.ts'
import { addTestSource, NOW } from '../support/store.ts'

const LIMITS = { concurrency: 24, perHost: 2, isOwnHost: () => false }
const UNCHANGED = { kind: 'unchanged', validators: { etag: '"b"', lastModified: null }, notBeforeMs: 0 } as const

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
    const ctx = await testActions({ fetch: async () => UNCHANGED })
    const source = await addTestSource(ctx.store)

    expect(await pollSource(ctx, source)).toEqual({ kind: 'unchanged' })
    expect(await ctx.store.findSource(source.id)).toMatchObject({
      validators: { etag: '"b"' },
      failures: 0,
      trouble: null,
    })
  })

  test('a failure is counted, told, and keeps the validators', async () => {
    const ctx = await testActions()
    const source = await addTestSource(ctx.store)
    await pollSource(ctx, source)

    ctx.fetch = async () => failed()
    const now = (await ctx.store.findSource(source.id)) ?? source
    await pollSource(ctx, now)

    expect(await ctx.store.findSource(source.id)).toMatchObject({
      failures: 1,
      trouble: 'The server answered 500.',
      validators: { etag: '"a"' },
    })
  })

  test('a 429 is obeyed and not counted', async () => {
    const ctx = await testActions({
      fetch: async () => failed({ reason: 'throttled', status: 429, retryAfterMs: 7_200_000, detail: 'Wait.' }),
    })
    const source = await addTestSource(ctx.store)

    expect(await pollSource(ctx, source)).toEqual({ kind: 'throttled', reason: 'Wait.' })
    expect(await ctx.store.findSource(source.id)).toMatchObject({ failures: 0, nextPollAt: NOW + 7_200_000 })
  })

  test('a document that cannot be read is a failure of its source', async () => {
    const ctx = await testActions({
      parse: async () => ({ kind: 'unreadable', reason: 'not_a_feed', detail: 'This is a web page.' }),
    })
    const source = await addTestSource(ctx.store)

    expect(await pollSource(ctx, source)).toEqual({ kind: 'failed', reason: 'This is a web page.' })
    expect((await ctx.store.findSource(source.id))?.failures).toBe(1)
  })

  test('a document that was cut off is stored without validators, so that it is asked for again', async () => {
    const ctx = await testActions({ parse: async () => readDocument([readItem({ id: 'a' })], { truncated: true }) })
    const source = await addTestSource(ctx.store)

    await pollSource(ctx, source)

    expect(await ctx.store.findSource(source.id)).toMatchObject({
      validators: { etag: null, lastModified: null },
      bodyHash: null,
    })
  })
})

describe('many polls', () => {
  test('of a host that is not ours, two at a time; of our own, as many as there is room for', async () => {
    for (const { own, most } of [
      { own: false, most: 2 },
      { own: true, most: 6 },
    ]) {
      const { ctx, atOnce } = await counting()
      for (let i = 0; i < 6; i += 1) await addTestSource(ctx.store, { url: `https://one.example/${i}` })

      await pollNow(ctx, { ...LIMITS, isOwnHost: () => own }, 'all', () => {})

      expect(atOnce.most).toBe(most)
      expect(atOnce.polled).toBe(6)
    }
  })

  test('never more than there is room for', async () => {
    const { ctx, atOnce } = await counting()
    for (let i = 0; i < 20; i += 1) await addTestSource(ctx.store)

    await pollNow(ctx, { ...LIMITS, concurrency: 5 }, 'all', () => {})

    expect(atOnce).toEqual({ most: 5, now: 0, polled: 20 })
  })

  test("one source's failure touches no other", async () => {
    const ctx = await testActions()
    const [bad, good] = [await addTestSource(ctx.store), await addTestSource(ctx.store)]
    ctx.fetch = async (request) => (request.url === bad.url ? Promise.reject(new Error('a bug of ours')) : fresh())

    const summary = await pollNow(ctx, LIMITS, 'all', () => {})

    const kinds = new Map(summary.polled.map(({ source, outcome }) => [source.id, outcome.kind]))
    expect(kinds.get(bad.id)).toBe('failed')
    expect(kinds.get(good.id)).toBe('new')
  })

  test('a source that somebody else polls is skipped, and it is said', async () => {
    const ctx = await testActions()
    const [busy, free] = [await addTestSource(ctx.store), await addTestSource(ctx.store)]
    await ctx.store.claimSources([busy.id], NOW, 60_000)

    const summary = await pollNow(ctx, LIMITS, 'all', () => {})

    expect(summary.skipped.map((source) => source.id)).toEqual([busy.id])
    expect(summary.polled.map(({ source }) => source.id)).toEqual([free.id])
  })

  test('a source that is not there is refused before anything is polled', async () => {
    const { ctx, atOnce } = await counting()
    await addTestSource(ctx.store)

    await expect(pollNow(ctx, LIMITS, ['1', '99'], () => {})).rejects.toMatchObject({ code: 'not_found' })
    expect(atOnce.polled).toBe(0)
  })

  test('a paused source is not polled, and named when it is asked for', async () => {
    const { ctx, atOnce } = await counting()
    const source = await addTestSource(ctx.store)
    await ctx.store.changeSource(source.id, { state: 'paused' }, NOW)

    expect(await pollNow(ctx, LIMITS, 'all', () => {})).toEqual({ polled: [], skipped: [] })
    await expect(pollNow(ctx, LIMITS, [String(source.id)], () => {})).rejects.toMatchObject({ code: 'conflict' })
    expect(atOnce.polled).toBe(0)
  })

  test('the service polls what is due, each once, and stop waits for what runs', async () => {
    const { ctx, atOnce } = await counting()
    for (let i = 0; i < 150; i += 1) await addTestSource(ctx.store)
    const later = await addTestSource(ctx.store)
    await ctx.store.changeSource(later.id, { nextPollAt: NOW + 60_000 }, NOW)
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
})

test('hosts with long queues do not hold up the sources of others', async () => {
  const polled: string[] = []
  const answers: (() => void)[] = []
  const ctx = await testActions({
    fetch: ({ url }) => {
      polled.push(url)
      return new Promise((resolve) => answers.push(() => resolve(UNCHANGED)))
    },
  })
  for (let i = 0; i < 300; i += 1) await addTestSource(ctx.store, { url: `https://big-${i % 4}.example/${i}` })
  await addTestSource(ctx.store, { url: 'https://small.example/' })
  const poller = createPoller(ctx, LIMITS, () => {})

  poller.pump()
  await until(() => polled.length === 9)

  expect(polled).toContain('https://small.example/')
  const stopped = poller.stop()
  for (const answer of answers) answer()
  await stopped
})

test('a listener that breaks ends no other poll', async () => {
  const { ctx, atOnce } = await counting()
  for (let i = 0; i < 3; i += 1) await addTestSource(ctx.store)
  let told = 0
  const poller = createPoller(ctx, LIMITS, () => {
    told += 1
    throw new Error('a bug of ours')
  })

  poller.pump()
  await until(() => told === 3)
  await poller.stop()

  expect(atOnce.polled).toBe(3)
})

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !done(); i += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(done()).toBe(true)
}

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
