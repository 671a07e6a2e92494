import { describe, expect, test } from 'vitest'
import { createHostGate } from '../../../src/actions/hosts/gate.ts'
import { type PollSummary, pollNow } from '../../../src/actions/poll/poll-now.ts'
import { AppError } from '../../../src/errors.ts'
import { failed, fresh, testActions } from '../../support/actions.ts'
import type { FakeTime } from '../../support/fake-time.ts'
import { counting, LIMITS, timed } from '../../support/polls.ts'
import { addTestSource, NOW } from '../../support/store.ts'

const SECOND = 1_000
const HOUR = 3_600 * SECOND

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

  test('waits for a host that wants to be left alone for two minutes, and meanwhile for others no longer than for those', async () => {
    const { ctx, time, asked } = await timed()
    await ctx.store.saveHostPace({ host: 'long.example', spacingMs: 10 * SECOND, until: NOW + 120 * SECOND + 1 })
    await ctx.store.saveHostPace({ host: 'rests.example', spacingMs: 10 * SECOND, until: NOW + 120 * SECOND })
    for (const [number, host] of ['one', 'one', 'long', 'rests'].entries()) {
      await addTestSource(ctx.store, { url: `https://${host}.example/${number}` })
    }

    const polling = pollNow(ctx, { ...LIMITS, timer: time.timer }, 'all', () => {})
    await time.pass(3 * SECOND)
    // However often it looked.
    expect(time.pending()).toBe(1)
    const { polled } = await ended(time, polling)

    expect(asked.map(({ host, at }) => `${host} ${at}`)).toEqual([
      'one.example 0',
      'one.example 2',
      'rests.example 120',
    ])
    const kinds = polled.map(({ source, outcome }) => `${source.host} ${outcome.kind}`)
    expect(kinds).toContain('long.example throttled')
    expect(polled).toHaveLength(4)
  })

  test('of our own hosts knows no pause', async () => {
    const { ctx, atOnce } = await counting()
    for (let i = 0; i < 6; i += 1) await addTestSource(ctx.store, { url: `https://one.example/${i}` })

    await pollNow(ctx, { ...LIMITS, isOwnHost: () => true }, 'all', () => {})

    expect(atOnce).toEqual({ most: 6, now: 0, polled: 6 })

    // Who is under way is not claimed again, which would look as if somebody else polled it.
    const few = await pollNow(ctx, { ...LIMITS, isOwnHost: () => true, concurrency: 4 }, 'all', () => {})
    expect([few.polled.length, few.skipped]).toEqual([6, []])
  })

  test('never has more under way than there is room for', async () => {
    const { ctx, atOnce } = await counting()
    for (let i = 0; i < 20; i += 1) await addTestSource(ctx.store)

    await pollNow(ctx, { ...LIMITS, concurrency: 5 }, 'all', () => {})

    expect(atOnce).toEqual({ most: 5, now: 0, polled: 20 })
  })

  test.each([
    ['by a bug', new Error('a bug of ours')],
    ['on a full disk', new AppError('unavailable', 'The disk is full.')],
  ])("goes on where one source's poll breaks %s", async (_, fault) => {
    const ctx = await testActions()
    const [bad, good] = [await addTestSource(ctx.store), await addTestSource(ctx.store)]
    ctx.fetch = async (request) => (request.url === bad.url ? Promise.reject(fault) : fresh())

    const summary = await pollNow(ctx, LIMITS, 'all', () => {})

    const kinds = new Map(summary.polled.map(({ source, outcome }) => [source.id, outcome.kind]))
    expect(kinds.get(bad.id)).toBe('failed')
    expect(kinds.get(good.id)).toBe('new')
  })

  test('fails where nothing can be claimed, and does not wait for better times', async () => {
    const ctx = await testActions()
    await addTestSource(ctx.store)
    ctx.store.claimSources = () => Promise.reject(new Error('disk'))

    await expect(pollNow(ctx, LIMITS, 'all', () => {})).rejects.toThrow('disk')
  })

  test('skips a source that somebody else polls, and says so', async () => {
    const ctx = await testActions()
    const [busy, free] = [await addTestSource(ctx.store), await addTestSource(ctx.store)]
    await ctx.store.claimSources([busy.id], NOW, 60_000)

    const progress: string[] = []
    const summary = await pollNow(ctx, LIMITS, 'all', (done, total) => progress.push(`${done}/${total}`))

    expect(summary.skipped.map((source) => source.id)).toEqual([busy.id])
    expect(summary.polled.map(({ source }) => source.id)).toEqual([free.id])
    expect(progress).toEqual(['2/2'])
  })

  test('ends where everything is polled by somebody else, though it is of one host', async () => {
    const ctx = await testActions()
    const sources = [
      await addTestSource(ctx.store, { url: 'https://one.example/1' }),
      await addTestSource(ctx.store, { url: 'https://one.example/2' }),
    ]
    await ctx.store.claimSources(
      sources.map(({ id }) => id),
      NOW,
      60_000,
    )
    expect((await pollNow(ctx, LIMITS, 'all', () => {})).skipped).toHaveLength(2)
  })

  test('polls a source once, in its turn at the new host, that moves while it waits', async () => {
    const { ctx, time, asked } = await timed()
    const [, moving] = [
      await addTestSource(ctx.store, { url: 'https://one.example/1' }),
      await addTestSource(ctx.store, { url: 'https://one.example/2' }),
      await addTestSource(ctx.store, { url: 'https://one.example/3' }),
      await addTestSource(ctx.store, { url: 'https://two.example/' }),
    ]
    const progress: string[] = []

    const polling = pollNow(ctx, { ...LIMITS, timer: time.timer }, 'all', (done, total) =>
      progress.push(`${done}/${total}`),
    )
    await time.pass(SECOND)
    await ctx.store.changeSource(moving.id, { url: 'https://two.example/2' }, NOW)
    const { polled, skipped } = await ended(time, polling)

    expect(polled.map(({ source }) => source.url).sort()).toEqual([
      'https://one.example/1',
      'https://one.example/3',
      'https://two.example/',
      'https://two.example/2',
    ])
    expect([skipped, progress.at(-1)]).toEqual([[], '4/4'])
    for (const host of ['one.example', 'two.example']) {
      const [first = 0, second = 0] = asked.filter((one) => one.host === host).map(({ at }) => at)
      expect(second - first).toBeGreaterThanOrEqual(2)
    }
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

describe('a poll that is to stop', () => {
  test('gives what it has, and nothing stays claimed', async () => {
    const { ctx, time, asked } = await timed()
    const answer = ctx.fetch
    let breakOff = () => {}
    ctx.fetch = async (request) => {
      if (request.url !== 'https://slow.example/') return answer(request)
      return new Promise((_, reject) => {
        breakOff = () => reject(new AppError('unavailable', 'Stopping.'))
      })
    }
    const hosts = ['slow.example', 'one.example', 'one.example', 'two.example']
    const sources = []
    for (const [i, host] of hosts.entries()) {
      sources.push(await addTestSource(ctx.store, { url: `https://${host}/${i === 0 ? '' : i}` }))
    }
    let stop = () => {}
    const until = new Promise<void>((resolve) => {
      stop = resolve
    })

    const polling = pollNow(ctx, { ...LIMITS, timer: time.timer }, 'all', () => {}, until)
    await time.pass(SECOND)
    stop()
    breakOff()
    let isOver = false
    void polling.then(() => {
      isOver = true
    })
    await time.settle()
    // At once, and nothing is left that would keep the command.
    expect([isOver, time.pending()]).toEqual([true, 0])
    const { polled, skipped } = await polling
    await time.pass(HOUR)

    expect(polled.map(({ source }) => source.host).sort()).toEqual(['one.example', 'two.example'])
    expect([skipped, asked.length, time.pending()]).toEqual([[], 2, 0])
    const ids = sources.map(({ id }) => id)
    expect(await ctx.store.claimSources(ids, NOW, 1, { force: true })).toHaveLength(ids.length)
    expect(await ctx.store.findSource(sources[0]?.id ?? 0)).toMatchObject({
      failures: 0,
      trouble: null,
      polledAt: null,
    })
  })

  test('does not wait for what rests between two requests, or for the turn of a host', async () => {
    const { ctx, time } = await timed()
    const gate = createHostGate(ctx, { isOwnHost: () => false, timer: time.timer })
    const turn = await gate.wait('one.example')
    const waiting = [gate.rest('one.example'), gate.wait('one.example')]
    await addTestSource(ctx.store, { url: 'https://two.example/' })

    await pollNow(ctx, { ...LIMITS, gate, timer: time.timer }, 'all', () => {}, Promise.resolve())

    await Promise.all(waiting)
    turn()
    expect(time.pending()).toBe(0)
  })

  test('does not wait longer than 10 s for what does not end', async () => {
    const { ctx, time } = await timed()
    ctx.fetch = () => new Promise(() => {})
    await addTestSource(ctx.store)

    let stop = () => {}
    const until = new Promise<void>((resolve) => {
      stop = resolve
    })
    let summary: PollSummary | null = null
    void pollNow(ctx, { ...LIMITS, timer: time.timer }, 'all', () => {}, until).then((ended) => {
      summary = ended
    })
    await time.pass(SECOND)
    stop()

    await time.pass(10 * SECOND - 1)
    expect(summary).toBeNull()
    await time.pass(1)
    expect(summary).toEqual({ polled: [], skipped: [] })
  })
})

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
