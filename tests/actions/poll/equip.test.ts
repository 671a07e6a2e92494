import { describe, expect, test } from 'vitest'
import { createHostGate } from '../../../src/actions/hosts/gate.ts'
import { createEquipping } from '../../../src/actions/poll/equip.ts'
import { createSlots } from '../../../src/actions/poll/slots.ts'
import type { Source } from '../../../src/model.ts'
import { type Fetched, type FetchRequest, UNSEEN } from '../../../src/ports.ts'
import { failed, fresh, testActions } from '../../support/actions.ts'
import { fakeTime } from '../../support/fake-time.ts'
import { readDocument, readItem } from '../../support/items.ts'
import { addTestSource, NOW } from '../../support/store.ts'

const SECOND = 1_000
const LARGE = 1_048_576
const HOST = 'wire.example'

/** The equipment of polls in a pool with one slot; `answer` says what the next fetch gives, and when. */
async function setUp() {
  const time = fakeTime()
  const world = { answer: async (): Promise<Fetched> => fresh(), requests: [] as FetchRequest[], freed: 0 }
  const ctx = await testActions({
    clock: time.clock,
    async fetch(request) {
      world.requests.push(request)
      return world.answer()
    },
  })
  const gate = createHostGate(ctx, { isOwnHost: (host) => host === 'own.example', timer: time.timer })
  const slots = createSlots(1)
  const equip = createEquipping(ctx, {
    gate,
    timer: time.timer,
    slots,
    onSlotFree: () => {
      world.freed += 1
    },
  })
  let count = 0
  /** A poll that has begun. */
  const begin = async (host = HOST) => {
    count += 1
    const source: Source = await addTestSource(ctx.store, { url: `https://${host}/${count}` })
    slots.enter(source.id, 'prompt')
    slots.begin(source.id)
    const own = equip(source)
    return { ...own, id: source.id, fetch: () => own.ctx.fetch({ url: source.url, ...UNSEEN }) }
  }
  const late =
    (ms: number, fetched: Fetched = fresh()) =>
    async () => {
      await new Promise<void>((resolve) => time.timer(resolve, ms))
      return fetched
    }
  return { ctx, time, gate, slots, world, begin, late }
}

const sized = (bytes: number) => fresh({ bytes: new Uint8Array(bytes) })

describe('a poll whose server is slow', () => {
  test('goes on without its slot after 300 ms, and the pool hears of it', async () => {
    const { time, slots, world, begin, late } = await setUp()
    world.answer = late(SECOND)
    const poll = await begin()
    const fetching = poll.fetch()

    await time.pass(299)
    expect([slots.hasSlotFor('prompt'), world.freed]).toEqual([false, 0])
    await time.pass(1)
    expect([slots.hasSlotFor('prompt'), world.freed]).toEqual([true, 1])

    await time.pass(SECOND)
    expect(await fetching).toMatchObject({ kind: 'fresh' })
    expect(slots.isDoubtful(poll.id)).toBe(true)
  })

  test('is none that answers before, or breaks: nothing is set any more', async () => {
    const { time, slots, world, begin, late } = await setUp()
    const poll = await begin()
    world.answer = late(200)
    const fetching = poll.fetch()
    await time.pass(200)
    await fetching
    world.answer = () => Promise.reject(new Error('broken'))
    await expect(poll.fetch()).rejects.toThrow('broken')

    expect(time.pending()).toBe(0)
    expect([slots.hasSlotFor('prompt'), world.freed]).toEqual([false, 0])
  })

  test('is given as long again where it was we who were busy', async () => {
    const { time, world, begin, late } = await setUp()
    world.answer = late(SECOND)
    const poll = await begin()
    const fetching = poll.fetch()
    await time.settle()
    // The timer comes much too late.
    time.set(NOW + 601)
    await time.pass(0)
    expect(world.freed).toBe(0)
    await time.pass(299)
    expect(world.freed).toBe(0)
    await time.pass(1)
    expect(world.freed).toBe(1)
    await time.pass(SECOND)
    await fetching
  })
})

describe('what a poll brings', () => {
  test.each([
    ['waits for its place where it is large', LARGE, false],
    ['needs none where it is small and its server prompt', LARGE - 1, true],
  ])('%s', async (_, bytes, isAtOnce) => {
    const { time, world, begin } = await setUp()
    world.answer = async () => sized(LARGE)
    const first = await begin()
    await first.fetch()
    world.answer = async () => sized(bytes)
    const second = await begin()
    let isHere = false
    const fetching = second.fetch().then(() => {
      isHere = true
    })

    await time.settle()
    expect(isHere).toBe(isAtOnce)
    first.end()
    await fetching
  })

  test('has its place until the end, which it asks for once', async () => {
    const { time, world, begin } = await setUp()
    world.answer = async () => sized(LARGE)
    const first = await begin()
    await first.fetch()
    // An older page: who has the place would wait for itself.
    await first.fetch()
    const second = await begin()
    let isHere = false
    void second.fetch().then(() => {
      isHere = true
    })
    await time.settle()
    expect(isHere).toBe(false)
    first.end()
    await time.settle()
    expect(isHere).toBe(true)
  })

  test('waits for one of thirty places where its server is slow, however small it is', async () => {
    const { slots, begin, time } = await setUp()
    const polls = []
    let here = 0
    for (let i = 0; i < 31; i += 1) {
      const poll = await begin()
      slots.giveUpSlot(poll.id)
      void poll.fetch().then(() => {
        here += 1
      })
      polls.push(poll)
    }
    await time.settle()
    expect(here).toBe(30)
    polls[0]?.end()
    await time.settle()
    expect(here).toBe(31)
  })

  test('takes no place where there is nothing to read', async () => {
    const { slots, world, begin, time } = await setUp()
    const poll = await begin()
    slots.giveUpSlot(poll.id)
    for (let i = 0; i < 30; i += 1) {
      const other = await begin()
      slots.giveUpSlot(other.id)
      world.answer = async () => (i % 2 === 0 ? failed() : { kind: 'unchanged', ...KEPT })
      await other.fetch()
    }
    world.answer = async () => fresh()
    let isHere = false
    void poll.fetch().then(() => {
      isHere = true
    })
    await time.settle()
    expect(isHere).toBe(true)
  })

  const items = (count: number) => Array.from({ length: count }, (_, i) => readItem({ id: `${i}` }))
  test.each([
    ['is dear with fifty items', readDocument(items(50)), 1, 'dear'],
    ['is not with fewer', readDocument(items(49)), 262_143, 'prompt'],
    ['is dear where it is large', readDocument([]), 262_144, 'dear'],
    ['is not where all was known', { ...readDocument(items(50)), asBefore: true as const }, 262_144, 'prompt'],
    [
      'is not where it cannot be read',
      { kind: 'unreadable', reason: 'malformed', detail: '' } as const,
      262_144,
      'prompt',
    ],
  ])('%s', async (_, read, bytes, standing) => {
    const { ctx, slots, begin } = await setUp()
    ctx.parse = async () => read
    const { ctx: own, id } = await begin()

    expect(await own.parse(sized(bytes))).toBe(read)

    expect(slots.standingOf({ id, failures: 0, succeededAt: NOW })).toBe(standing)
  })
})

const KEPT = { validators: { etag: null, lastModified: null }, notBeforeMs: null }

describe('a fetch of a poll', () => {
  test('knows of each host to which it is sent whether that wants to be left alone', async () => {
    const { gate, world, begin } = await setUp()
    gate.hear('other.example', { kind: 'throttled', retryAfterMs: 60 * SECOND })
    await (await begin()).fetch()
    expect(world.requests[0]?.restMs?.('other.example')).toBe(60 * SECOND)
    expect(world.requests[0]?.restMs?.(HOST)).toBe(0)
    expect(world.requests[0]?.url).toBe(`https://${HOST}/1`)
  })

  test('that another host ended is no complaint of its own', async () => {
    const { gate, world, begin } = await setUp()
    const poll = await begin()
    await poll.fetch()
    expect(poll.isElsewhere()).toBe(false)

    world.answer = async () =>
      failed({ reason: 'throttled', status: 429, retryAfterMs: 60 * SECOND, host: 'other.example' })
    await poll.fetch()

    expect(poll.isElsewhere()).toBe(true)
    expect([gate.restMs('other.example'), gate.restMs(HOST)]).toEqual([60 * SECOND, 0])
  })

  test('counts for whether our network is down, but not at our own hosts', async () => {
    const { time, world, begin } = await setUp()
    world.answer = async () => failed({ reason: 'connect', status: null })
    const isOffline = async (host: string) => {
      const fetched = await (await begin(host)).fetch()
      return fetched.kind === 'failed' && fetched.offline === true
    }
    for (let i = 0; i < 5; i += 1) await isOffline(`${i}.example`)
    await time.pass(20 * SECOND)

    expect(await isOffline(HOST)).toBe(true)
    expect(await isOffline('own.example')).toBe(false)
  })
})
