import { expect, test } from 'vitest'
import type { Actions } from '../../../src/actions/context.ts'
import { createFetchMore, type FetchMore } from '../../../src/actions/hosts/fetch-more.ts'
import { createHostGate, type HostGate } from '../../../src/actions/hosts/gate.ts'
import type { Fetched, FetchRequest } from '../../../src/ports.ts'
import { failed, fresh, testActions } from '../../support/actions.ts'
import { type FakeTime, fakeTime } from '../../support/fake-time.ts'
import { addTestSource, NOW } from '../../support/store.ts'

const SECOND = 1_000
const HOME = 'feeds.example'
const ELSE = 'archive.example'

interface Setup {
  ctx: Actions
  gate: HostGate
  time: FakeTime
  more: FetchMore
  asked: { host: string; at: number }[]
  /** Asks for a page there, and lets time pass until the answer. */
  ask: (host: string) => Promise<Fetched['kind']>
  stop: () => void
}

/** A poll of a source at `HOME` that has its host's turn. */
async function setUp(answer: Fetched = fresh()): Promise<Setup> {
  const time = fakeTime()
  const asked: Setup['asked'] = []
  let isStopped = false
  const ctx = await testActions({
    clock: time.clock,
    fetch: async ({ url }) => {
      asked.push({ host: new URL(url).hostname, at: (time.clock() - NOW) / SECOND })
      return answer
    },
  })
  const gate = createHostGate(ctx, { isOwnHost: (host) => host === 'own.example', timer: time.timer })
  const source = await addTestSource(ctx.store, { url: `https://${HOME}/feed` })
  gate.enter(HOME)
  const more = createFetchMore(ctx, gate, source, () => isStopped)
  return {
    ctx,
    gate,
    time,
    more,
    asked,
    async ask(host) {
      const answered = more.fetch(requestTo(host))
      await time.pass(2 * SECOND)
      return (await answered).kind
    },
    stop: () => {
      isStopped = true
    },
  }
}

function requestTo(host: string): FetchRequest {
  return { url: `https://${host}/2`, validators: { etag: null, lastModified: null }, bodyHash: null }
}

test('each further request to its own host waits for the pause between two', async () => {
  const { ask, asked } = await setUp()

  await ask(HOME)
  await ask(HOME)

  expect(asked).toEqual([
    { host: HOME, at: 2 },
    { host: HOME, at: 4 },
  ])
})

test('another host is asked only with its turn, which nobody else gets until the end', async () => {
  const { ask, asked, gate, more, time } = await setUp()

  expect(await ask(ELSE)).toBe('fresh')
  expect(await ask(ELSE)).toBe('fresh')
  expect(gate.isFree(ELSE)).toBe(false)
  more.end()
  await time.pass(2 * SECOND)

  expect(asked).toEqual([
    { host: ELSE, at: 0 },
    { host: ELSE, at: 4 },
  ])
  expect(gate.isFree(ELSE)).toBe(true)
})

test('a host that is busy is not waited for: two polls that did would wait for each other', async () => {
  const { ask, asked, gate, more } = await setUp()
  gate.enter(ELSE)

  expect(await ask(ELSE)).toBe('failed')
  more.end()

  expect(asked).toEqual([])
  expect(gate.isFree(ELSE)).toBe(false)
})

test('our own hosts are asked at once, and always', async () => {
  const { ask, asked } = await setUp()

  await ask('own.example')
  await ask('own.example')

  expect(asked.map(({ at }) => at)).toEqual([0, 2])
})

test('a complaint is learned, of its own host and of another', async () => {
  const { ask, more, gate } = await setUp(failed({ reason: 'throttled', status: 429, retryAfterMs: 60 * SECOND }))

  await ask(ELSE)
  expect(more.end()).toBeNull()
  await ask(HOME)

  expect(more.end()).toEqual({ kind: 'throttled', retryAfterMs: 60 * SECOND })
  expect(gate.freeAt(ELSE)).toBeGreaterThan(NOW + 60 * SECOND)
})

test('who sends us to another host, which complains, has not complained itself', async () => {
  const there = failed({ reason: 'throttled', status: 429, retryAfterMs: 60 * SECOND, host: 'third.example' })
  const { ask, more, gate, time } = await setUp(there)

  await ask(ELSE)
  await ask(HOME)

  expect(more.end()).toBeNull()
  await time.pass(2 * SECOND)
  expect(gate.isFree(ELSE)).toBe(true)
})

test('a host whose request breaks, or is not sent because we stop, is left again', async () => {
  const { ctx, gate, more, stop, time } = await setUp()
  ctx.fetch = () => Promise.reject(new Error('broken'))
  await expect(more.fetch(requestTo(ELSE))).rejects.toThrow('broken')
  stop()
  await more.fetch(requestTo('third.example'))

  more.end()

  await time.pass(2 * SECOND)
  expect([gate.isFree(ELSE), gate.isFree('third.example')]).toEqual([true, true])
})

test('a complaint of its own host is told, to be learned once, and not learned here as well', async () => {
  const { ask, more, gate } = await setUp(failed({ reason: 'throttled', status: 429, retryAfterMs: null }))
  await ask(HOME)

  const departure = more.end()
  expect(gate.isFree(HOME, 60 * SECOND)).toBe(false)
  gate.leave(HOME, departure)

  expect(gate.freeAt(HOME)).toBe(NOW + 12 * SECOND)
})

test('a host that wants long pauses is asked nothing more: the poll would stand there for them', async () => {
  const { ask, asked, gate } = await setUp()
  for (let n = 0; n < 2; n += 1) gate.leave(HOME, { kind: 'throttled', retryAfterMs: null })

  expect(await ask(HOME)).toBe('failed')

  expect(asked).toEqual([])
})

test('a minute after the first request nothing more is asked: slow pages must not keep other polls waiting', async () => {
  const { ask, asked, time } = await setUp()

  await ask(HOME)
  await time.pass(60 * SECOND)

  expect(await ask(HOME)).toBe('failed')
  expect(await ask('third.example')).toBe('failed')
  expect(asked).toHaveLength(1)
})

test('nothing more is asked when we stop, not even what rests', async () => {
  const { more, asked, gate, stop, time } = await setUp()

  const resting = more.fetch(requestTo(HOME))
  await time.settle()
  stop()
  gate.close()

  expect(await resting).toEqual({
    kind: 'failed',
    reason: 'network',
    detail: 'There is no time for more requests to feeds.example now.',
    status: null,
    retryAfterMs: null,
  })
  expect((await more.fetch(requestTo(ELSE))).kind).toBe('failed')
  expect(asked).toEqual([])
  expect(time.pending()).toBe(0)
})
