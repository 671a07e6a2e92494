import { describe, expect, test } from 'vitest'
import type { Actions } from '../../../src/actions/context.ts'
import { planIngest } from '../../../src/actions/ingest/ingest.ts'
import type { PushOutcome } from '../../../src/actions/websub/push.ts'
import { createWebSub, type WebSub } from '../../../src/actions/websub/websub.ts'
import { AppError } from '../../../src/errors.ts'
import { silentLog } from '../../../src/log.ts'
import type { Hub, Read, ReadItem, Source } from '../../../src/model.ts'
import type { Store } from '../../../src/ports.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { failed, testActions } from '../../support/actions.ts'
import { createFakeHub, type FakeHub, PUBLIC_URL, sign, tokenOf } from '../../support/fake-hub.ts'
import { readDocument, readItem } from '../../support/items.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, pollRecord } from '../../support/store.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const HUB: Hub = { url: 'https://hub.example/', topic: 'https://wire.example/feed.xml' }
/** Nobody else is at a hub's host, or hears of a push. */
const ALONE = { publicUrl: PUBLIC_URL, wait: async () => () => {}, onPush: () => {} }

interface Setup {
  ctx: Actions
  store: Store
  hub: FakeHub
  websub: WebSub
  source: Source
  outcomes: PushOutcome[]
  wait: (ms: number) => void
  /** Ticks until nothing is under way. */
  tick: (websub?: WebSub, ms?: number) => Promise<void>
  /** Another service over the same store, as after a crash. */
  restart: () => WebSub
  current: () => Promise<Source>
}

/** A source that was polled once, and names the hub. `random` gives the middle of every jitter. */
async function setUp(given: Partial<Actions> = {}, hubOfSource: Hub | null = HUB): Promise<Setup> {
  let now = NOW
  const clock = () => now
  const hub = createFakeHub(clock)
  const store = await openTestStore({ clock })
  const ctx = await testActions({ store, clock, post: hub.post, parse: async ({ bytes }) => readBody(bytes), ...given })
  const source = await addTestSource(store, { url: HUB.topic })
  await ingestPlan(
    store,
    source.id,
    { insert: [{ item: readItem({ id: 'old', title: 'Old' }), placeMs: NOW - DAY }] },
    { hub: hubOfSource, validators: { etag: '"a"', lastModified: null }, bodyHash: 'ab' },
  )
  const outcomes: PushOutcome[] = []
  const start = () => {
    const websub = createWebSub(ctx, { ...ALONE, onPush: (_, outcome) => outcomes.push(outcome) })
    hub.connect(websub)
    return websub
  }
  const websub = start()
  return {
    ctx,
    store,
    hub,
    websub,
    source,
    outcomes,
    wait: (ms) => {
      now += ms
    },
    async tick(one = websub, ms = 10_000) {
      // Whoever looked a moment ago rests.
      now += ms
      one.pump()
      await settled()
    },
    restart: start,
    current: async () => (await store.findSource(source.id)) ?? source,
  }
}

/** What was started without being waited for has ended: nothing here waits for the clock or the network. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Items as JSON; anything else is no feed. */
function readBody(bytes: Uint8Array): Read {
  const text = Buffer.from(bytes).toString()
  if (!text.startsWith('[')) return { kind: 'unreadable', reason: 'not_a_feed', detail: 'This is no feed.' }
  // Written by `bodyOf`.
  return readDocument((JSON.parse(text) as Partial<ReadItem>[]).map((item) => readItem(item)))
}

function bodyOf(...items: Partial<ReadItem>[]): string {
  return JSON.stringify(items)
}

async function subscribed(given: Partial<Actions> = {}): Promise<Setup> {
  const setup = await setUp(given)
  await setup.tick()
  await setup.hub.askBack()
  return setup
}

async function titles({ store }: Setup): Promise<string[]> {
  return (await store.listItems({ limit: 99, now: NOW })).items.map(({ title }) => title)
}

function lastForm({ hub }: Setup): Record<string, string> {
  return hub.requests.at(-1) ?? {}
}

function tokenAsked(setup: Setup): string {
  return tokenOf(lastForm(setup)['hub.callback'] ?? '')
}

describe('subscribing', () => {
  test('a source that names a hub is asked for once, and pushed to us when the hub has asked back', async () => {
    const setup = await setUp()

    await setup.tick()
    await setup.tick()

    expect(setup.hub.requests).toHaveLength(1)
    expect((await setup.current()).pushedUntil).toBeNull()

    await setup.hub.askBack()
    expect(setup.hub.subscriptions.size).toBe(1)
    expect((await setup.current()).pushedUntil).toBe(NOW + 20_000 + 10 * DAY)
  })

  test('a source without a hub is not asked for', async () => {
    const setup = await setUp({}, null)

    await setup.tick()

    expect(setup.hub.requests).toEqual([])
  })

  test('a hub that asks back before it answers is understood, whatever it answers then', async () => {
    const setup = await setUp()
    setup.hub.asksAtOnce = true
    setup.hub.answer = { kind: 'answered', status: 500 }

    await setup.tick()
    setup.wait(2 * DAY)
    await setup.tick()

    expect(setup.hub.requests).toHaveLength(1)
    expect((await setup.current()).pushedUntil).toBe(NOW + 10_000 + 10 * DAY)
  })

  test('a request that nobody asks back about is made again after an hour, with the same address and secret', async () => {
    const setup = await setUp()
    await setup.tick()
    setup.wait(HOUR - 20_000)
    await setup.tick()
    expect(setup.hub.requests).toHaveLength(1)

    await setup.tick()

    const [first, second] = setup.hub.requests
    expect(second).toEqual(first)
  })

  const FAILURES: { name: string; answer: FakeHub['answer']; waits: number[] }[] = [
    { name: 'does not answer', answer: down(), waits: [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE] },
    { name: 'answers 503', answer: { kind: 'answered', status: 503 }, waits: [MINUTE, 2 * MINUTE] },
    { name: 'answers 429', answer: { kind: 'answered', status: 429 }, waits: [MINUTE, 2 * MINUTE] },
    { name: 'says when', answer: down({ reason: 'throttled', retryAfterMs: HOUR }), waits: [HOUR, HOUR] },
    { name: 'refuses', answer: { kind: 'answered', status: 400 }, waits: [HOUR, 2 * HOUR, 4 * HOUR] },
    { name: 'is where we must not go', answer: down({ reason: 'refused' }), waits: [HOUR, 2 * HOUR] },
  ]
  for (const { name, answer, waits } of FAILURES) {
    test(`a hub that ${name} is asked again later and later`, async () => {
      const setup = await setUp()
      setup.hub.answer = answer
      await setup.tick()

      for (const [index, ms] of waits.entries()) {
        setup.wait(ms - 20_000)
        await setup.tick()
        expect(setup.hub.requests).toHaveLength(index + 1)
        await setup.tick()
        expect(setup.hub.requests).toHaveLength(index + 2)
      }
    })
  }

  test('it is never given up: once a day, for ever, and taken at last', async () => {
    const setup = await setUp()
    setup.hub.answer = down()
    for (let day = 0; day < 40; day += 1) {
      await setup.tick()
      setup.wait(DAY)
    }
    expect(setup.hub.requests).toHaveLength(40)

    setup.hub.answer = { kind: 'answered', status: 202 }
    await setup.tick()
    await setup.hub.askBack()

    expect(setup.hub.subscriptions.size).toBe(1)
  })

  test('one source whose hub hangs does not keep the next tick from returning, nor is it asked twice meanwhile', async () => {
    let asked = 0
    let answer = (): void => {}
    const setup = await setUp({
      post: () => {
        asked += 1
        return new Promise((resolve) => {
          answer = () => resolve({ kind: 'answered', status: 202 })
        })
      },
    })

    await setup.tick()
    setup.wait(2 * HOUR)
    await setup.tick()
    expect(asked).toBe(1)

    const stopping = setup.websub.stop()
    answer()
    await stopping
    await setup.tick()
    expect(asked).toBe(1)
  })

  test('a clock that is set back makes nobody wait for it', async () => {
    const setup = await setUp()
    await setup.tick()
    await setup.hub.askBack()
    setup.wait(10 * MINUTE)
    await setup.hub.publish(HUB.topic, '')
    await poll(setup)
    await addSourceWith(setup, { ...HUB, url: 'https://other.example/' }, 1)

    setup.wait(-HOUR)
    await setup.tick(setup.websub, 0)

    expect(setup.hub.requests).toHaveLength(2)
    const { nextPollAt, polledAt } = await setup.current()
    expect(nextPollAt).toBe((polledAt ?? 0) + MINUTE)
  })

  test('a hub whose host is shut keeps no other hub waiting, however many sources name it, and is asked in the end', async () => {
    const setup = await setUp({}, null)
    const shut = { ...HUB, url: 'https://shut.example/' }
    await Promise.all(Array.from({ length: 260 }, (_, n) => addSourceWith(setup, shut, n)))
    await addSourceWith(setup, HUB, 260)
    let isOpen = false
    const websub = createWebSub(setup.ctx, {
      ...ALONE,
      async wait(host) {
        if (host === 'shut.example' && !isOpen) throw new AppError('unavailable', 'It asked us to wait.')
        return () => {}
      },
    })
    for (let second = 0; second < 10; second += 1) await setup.tick(websub, 1_000)
    expect(setup.hub.requests).toHaveLength(1)

    isOpen = true
    setup.wait(HOUR)
    await setup.tick(websub)

    expect(setup.hub.requests).toHaveLength(2)
  })

  test('a hub that hangs holds up neither another hub nor the second look after a ping', async () => {
    const setup = await subscribed()
    const hanging = { ...HUB, url: 'https://hanging.example/' }
    await addSourceWith(setup, hanging, 1)
    let letIn = (): void => {}
    const websub = createWebSub(setup.ctx, {
      ...ALONE,
      wait: (host) =>
        new Promise((resolve) => {
          if (host !== 'hanging.example') return resolve(() => {})
          letIn = () => resolve(() => {})
        }),
    })
    setup.hub.connect(websub)
    await setup.tick(websub)
    await addSourceWith(setup, { ...HUB, url: 'https://third.example/' }, 2)

    expect(await setup.hub.publish(HUB.topic, '')).toEqual(['accepted'])
    await setup.tick(websub)
    expect(setup.hub.requests).toHaveLength(2)
    const polledAt = NOW + 10 * MINUTE
    await ingestPlan(setup.store, setup.source.id, {}, { polledAt, nextPollAt: polledAt + DAY })
    setup.wait(12 * MINUTE)
    await setup.tick(websub)

    expect((await setup.current()).nextPollAt).toBeLessThan(polledAt + HOUR)
    letIn()
    await websub.stop()
  })

  test('a hub that asks back while a second request waits for its turn pushes on', async () => {
    const setup = await setUp()
    await setup.tick()
    let letIn = (): void => {}
    const websub = createWebSub(setup.ctx, {
      ...ALONE,
      wait: () => new Promise((resolve) => (letIn = () => resolve(() => {}))),
    })
    setup.wait(2 * HOUR)
    await setup.tick(websub)
    setup.hub.connect(websub)
    await setup.hub.askBack()
    letIn()
    await settled()

    expect(setup.hub.requests).toHaveLength(2)
    expect((await setup.current()).pushedUntil).not.toBeNull()
  })

  test('a password in the address of a source stays out of the log', async () => {
    const lines: object[] = []
    const note = (fields: object) => void lines.push(fields)
    const log = { debug: note, info: note, warn: note, error: note }
    const setup = await subscribed({ log })
    await setup.store.changeSource(setup.source.id, { url: 'https://me:secret@wire.example/feed.xml' }, NOW)
    await ingestPlan(setup.store, setup.source.id, {}, { hub: HUB })
    setup.wait(11 * DAY)

    await setup.tick()
    await setup.hub.askBack()
    await setup.hub.publish(HUB.topic, bodyOf({ id: 'a', title: 'New' }))

    expect(JSON.stringify(lines)).toContain('wire.example')
    expect(JSON.stringify(lines)).not.toContain('secret')
  })

  test('a fault of ours is told in the log with the place where it broke', async () => {
    const told: object[] = []
    const setup = await setUp({ log: { ...silentLog, error: (fields, message) => told.push({ ...fields, message }) } })
    const broken = { ...setup.store, listDueSubscriptions: () => Promise.reject(new TypeError('a bug of ours')) }

    await setup.tick(createWebSub({ ...setup.ctx, store: broken }, ALONE))

    const stack = expect.stringMatching(/^TypeError: a bug of ours\n +at /)
    expect(told).toEqual([{ err: 'Internal error.', stack, message: 'asking hubs broke' }])
  })

  test('a fault that comes back with each tick is told once a minute', async () => {
    const told: string[] = []
    const setup = await setUp({ log: { ...silentLog, error: (_, message) => told.push(message) } })
    const refuse = () => Promise.reject(new AppError('unavailable', 'The disk is full.'))
    const websub = createWebSub({ ...setup.ctx, store: { ...setup.store, listDueSubscriptions: refuse } }, ALONE)

    for (let second = 0; second < 90; second += 1) await setup.tick(websub, 1_000)

    expect(told).toEqual(['asking hubs broke', 'asking hubs broke'])
  })
})

/** Another source that was polled once. */
async function addSourceWith({ store }: Setup, hub: Hub, n: number): Promise<Source> {
  const source = await addTestSource(store, { url: `https://wire-${n}.example/feed.xml` })
  await ingestPlan(store, source.id, {}, { hub: { ...hub, topic: source.url } })
  return source
}

describe('what a hub asks', () => {
  const topic = HUB.topic
  const good = { 'hub.mode': 'subscribe', 'hub.topic': topic, 'hub.challenge': 'x', 'hub.lease_seconds': '864000' }
  const CASES: { name: string; query: Record<string, string>; says: string | null }[] = [
    { name: 'what we asked for', query: good, says: 'x' },
    {
      name: 'a challenge of 2,048 characters',
      query: { ...good, 'hub.challenge': 'c'.repeat(2_048) },
      says: 'c'.repeat(2_048),
    },
    { name: 'a challenge without end', query: { ...good, 'hub.challenge': 'c'.repeat(2_049) }, says: null },
    { name: 'no challenge', query: { ...good, 'hub.challenge': '' }, says: null },
    { name: 'another topic', query: { ...good, 'hub.topic': `${topic}/` }, says: null },
    { name: 'no topic', query: { 'hub.mode': 'subscribe', 'hub.challenge': 'x' }, says: null },
    { name: 'another mode', query: { ...good, 'hub.mode': 'publish' }, says: null },
    { name: 'no mode', query: { 'hub.topic': topic, 'hub.challenge': 'x' }, says: null },
    { name: 'to unsubscribe, though we did not ask', query: { ...good, 'hub.mode': 'unsubscribe' }, says: null },
    { name: 'nothing', query: {}, says: null },
  ]
  for (const { name, query, says } of CASES) {
    test(`${name}: ${says === null ? 'no' : 'yes'}`, async () => {
      const setup = await setUp()
      await setup.tick()

      expect(await setup.websub.verify(tokenAsked(setup), new URLSearchParams(query))).toBe(says)
      expect((await setup.current()).pushedUntil !== null).toBe(says !== null)
    })
  }

  test('whether we want what we asked for before its source was paused: no', async () => {
    const setup = await setUp()
    await setup.tick()
    await setup.store.changeSource(setup.source.id, { state: 'paused' }, setup.ctx.clock())

    expect(await setup.websub.verify(tokenAsked(setup), new URLSearchParams(good))).toBeNull()
    expect((await setup.current()).pushedUntil).toBeNull()
  })

  const LEASES: { name: string; seconds: string | null; ms: number }[] = [
    { name: 'a day', seconds: '86400', ms: DAY },
    { name: 'a second, taken for five minutes', seconds: '1', ms: 5 * MINUTE },
    { name: 'a century, taken for thirty days', seconds: '3155760000', ms: 30 * DAY },
    { name: 'no number, taken for what we asked', seconds: '-5', ms: 10 * DAY },
    { name: 'nothing, taken for what we asked', seconds: null, ms: 10 * DAY },
  ]
  for (const { name, seconds, ms } of LEASES) {
    test(`a lease of ${name}`, async () => {
      const setup = await setUp()
      await setup.tick()
      const { 'hub.lease_seconds': _, ...query } = good

      const lease = seconds === null ? {} : { 'hub.lease_seconds': seconds }
      await setup.websub.verify(tokenAsked(setup), new URLSearchParams({ ...query, ...lease }))

      expect((await setup.current()).pushedUntil).toBe(NOW + 10_000 + ms)
    })
  }

  test('who does not know the token learns nothing and changes nothing', async () => {
    const setup = await subscribed()
    const token = tokenAsked(setup)
    const guesses = [
      '',
      'x',
      `${token}x`,
      token.slice(1),
      token.toUpperCase(),
      'A'.repeat(43),
      `${token.slice(0, -1)}%`,
    ]

    for (const guess of guesses) {
      expect(await setup.websub.verify(guess, new URLSearchParams(good))).toBeNull()
      expect(await setup.websub.verify(guess, new URLSearchParams({ ...good, 'hub.mode': 'denied' }))).toBeNull()
      expect(await setup.websub.receive(guess, push(bodyOf({ id: 'a' }), 'secret'))).toBe('unknown')
    }

    expect((await setup.current()).pushedUntil).not.toBeNull()
    expect(await titles(setup)).toEqual(['Old'])
  })

  test('a hub that denies is asked again a day later, and may think better of it', async () => {
    const setup = await subscribed()
    const denied = { 'hub.mode': 'denied', 'hub.topic': topic, 'hub.reason': 'Too many.' }

    expect(
      await setup.websub.verify(tokenAsked(setup), new URLSearchParams({ ...denied, 'hub.topic': 'x' })),
    ).toBeNull()
    expect(await setup.websub.verify(tokenAsked(setup), new URLSearchParams(denied))).toBe('')

    expect((await setup.current()).pushedUntil).toBeNull()
    setup.wait(DAY - 30_000)
    await setup.tick()
    expect(setup.hub.requests).toHaveLength(1)
    setup.wait(30_000)
    await setup.tick()
    expect(setup.hub.requests).toHaveLength(2)
    await setup.hub.askBack()
    expect((await setup.current()).pushedUntil).not.toBeNull()
  })
})

describe('being pushed to', () => {
  test('what is pushed is stored, and told at once', async () => {
    const setup = await subscribed()
    await setup.store.addWatch('terminal', parseQuery('flood', { timezone: 'UTC', for: 'watch' }), NOW)

    const answers = await setup.hub.publish(HUB.topic, bodyOf({ id: 'new', title: 'Flood in Wuhan' }))

    expect(answers).toEqual(['accepted'])
    expect(await titles(setup)).toEqual(['Flood in Wuhan', 'Old'])
    expect(await setup.store.listAlerts({ limit: 9 })).toHaveLength(1)
    expect(setup.outcomes).toEqual([{ kind: 'new', inserted: 1, edited: 0, alerts: 1 }])
  })

  test('a push that comes twice is stored and told once', async () => {
    const setup = await subscribed()
    await setup.store.addWatch('terminal', parseQuery('flood', { timezone: 'UTC', for: 'watch' }), NOW)
    const body = bodyOf({ id: 'new', title: 'Flood' }, { id: 'old', title: 'Old' })

    await Promise.all([setup.hub.publish(HUB.topic, body), setup.hub.publish(HUB.topic, body)])
    await setup.hub.publish(HUB.topic, body)

    expect(await titles(setup)).toEqual(['Flood', 'Old'])
    expect(await setup.store.listAlerts({ limit: 9 })).toHaveLength(1)
  })

  test('a push is no poll: what the source knows of its polls stays, and the lease of one under way too', async () => {
    const setup = await subscribed()
    const [leased] = await setup.store.claimSources([setup.source.id], NOW + HOUR, MINUTE, { force: true })
    const before = await setup.current()

    await setup.hub.publish(HUB.topic, bodyOf({ id: 'new', title: 'New' }))

    expect(leased?.id).toBe(setup.source.id)
    expect(await setup.current()).toEqual(before)
    expect(await setup.store.claimSources([setup.source.id], NOW + HOUR, MINUTE, { force: true })).toEqual([])
  })

  const body = bodyOf({ id: 'new', title: 'New' })
  const METHODS = ['sha1', 'sha256', 'sha384', 'sha512']
  for (const method of METHODS) {
    test(`a push signed with ${method} is taken`, async () => {
      const setup = await subscribed()
      const secret = lastForm(setup)['hub.secret'] ?? ''

      await setup.websub.receive(tokenAsked(setup), push(body, secret, method))
      await setup.websub.receive(tokenAsked(setup), {
        ...push(bodyOf({ id: 'newer', title: 'Newer' }), secret, method),
        signature: sign(Buffer.from(bodyOf({ id: 'newer', title: 'Newer' })), secret, method).toUpperCase(),
      })

      expect(await titles(setup)).toEqual(['Newer', 'New', 'Old'])
    })
  }

  const FORGERIES: { name: string; forge: (secret: string) => string | null }[] = [
    { name: 'no signature', forge: () => null },
    { name: 'an empty signature', forge: () => '' },
    { name: 'the signature of other bytes', forge: (secret) => sign(Buffer.from(`${body} `), secret) },
    { name: 'the signature of somebody else', forge: (secret) => sign(Buffer.from(body), `${secret}0`) },
    { name: 'half a signature', forge: (secret) => sign(Buffer.from(body), secret).slice(0, 40) },
    { name: 'a signature and more', forge: (secret) => `${sign(Buffer.from(body), secret)}00` },
    { name: 'the signature without its method', forge: (secret) => sign(Buffer.from(body), secret).slice(7) },
    { name: 'a method of its own', forge: (secret) => sign(Buffer.from(body), secret, 'md5') },
    {
      name: 'another method than it says',
      forge: (secret) => sign(Buffer.from(body), secret).replace('sha256', 'sha512'),
    },
    { name: 'no hash', forge: () => 'sha256=' },
    { name: 'a hash that is none', forge: () => `sha256=${'z'.repeat(64)}` },
    { name: 'the name of a property', forge: () => 'constructor=00' },
  ]
  for (const { name, forge } of FORGERIES) {
    test(`${name}: answered politely, and ignored`, async () => {
      const setup = await subscribed()
      const secret = lastForm(setup)['hub.secret'] ?? ''

      const answer = await setup.websub.receive(tokenAsked(setup), { ...push(body, secret), signature: forge(secret) })

      expect(answer).toBe('accepted')
      expect(await titles(setup)).toEqual(['Old'])
      expect(setup.outcomes).toEqual([
        { kind: 'ignored', reason: forge(secret) === null ? 'unsigned' : 'wrong signature' },
      ])
      expect((await setup.current()).nextPollAt).toBe(NOW + HOUR)
    })
  }

  test('a push that was signed for one source is worth nothing at the address of another', async () => {
    const setup = await subscribed()
    const first = lastForm(setup)
    const other = await addTestSource(setup.store, { url: 'https://other.example/feed' })
    await ingestPlan(setup.store, other.id, {}, { hub: { ...HUB, topic: other.url } })
    await setup.tick()
    await setup.hub.askBack()

    const answer = await setup.websub.receive(tokenAsked(setup), push(body, first['hub.secret'] ?? ''))

    expect(setup.hub.subscriptions.size).toBe(2)
    expect(answer).toBe('accepted')
    expect(await titles(setup)).toEqual(['Old'])
  })

  test('while a baseline is due nothing is taken: the first poll must not find half of it told already', async () => {
    const setup = await subscribed()
    await setup.store.addWatch('terminal', parseQuery('new', { timezone: 'UTC', for: 'watch' }), NOW)
    await setup.store.changeSource(setup.source.id, { state: 'paused' }, NOW)
    await setup.store.changeSource(setup.source.id, { state: 'active' }, NOW)
    expect((await setup.current()).baselineDue).toBe(true)

    await setup.hub.publish(HUB.topic, body)

    expect(setup.outcomes).toEqual([{ kind: 'ignored', reason: 'baseline is due' }])
    expect(await titles(setup)).toEqual(['Old'])
    expect((await setup.current()).baselineDue).toBe(true)
  })

  test('a baseline that becomes due while a push is read is not consumed by it', async () => {
    let end = (): void => {}
    const setup = await subscribed({
      parse: ({ bytes }) =>
        new Promise((resolve) => {
          end = () => resolve(readBody(bytes))
        }),
    })
    const pushed = setup.hub.publish(HUB.topic, body)
    await settled()
    await setup.store.changeSource(setup.source.id, { state: 'paused' }, NOW)
    await setup.store.changeSource(setup.source.id, { state: 'active' }, NOW)
    end()
    await pushed

    expect(await titles(setup)).toEqual(['Old'])
    expect((await setup.current()).baselineDue).toBe(true)
  })

  test('an older version that comes late does not take the place of the newer one', async () => {
    const setup = await subscribed()
    const version = (n: number) => bodyOf({ id: 'a', title: `Version ${n}`, updatedAt: NOW + n })

    for (const n of [1, 3, 2]) await setup.hub.publish(HUB.topic, version(n))

    expect(await titles(setup)).toEqual(['Version 3', 'Old'])
  })

  test('what was edited by a push is read again by the next poll, even if it looks as it did before', async () => {
    const setup = await subscribed()
    const items = [readItem({ id: 'one', title: 'One' }), readItem({ id: 'two', title: 'Two' })]
    const [context, head] = ['c'.repeat(16), 'h'.repeat(16)]
    const slices = { context, head, prints: ['1'.repeat(16), '2'.repeat(16)], skipped: [], bytes: null }
    const read = readDocument(items, { slices })
    await setup.store.ingest(setup.source.id, read, pollRecord(), (known) => planIngest(read, known, NOW))
    const prints = async () => (await setup.store.findKnownSlices(setup.source.id))?.prints

    await setup.hub.publish(HUB.topic, bodyOf({ id: 'new', title: 'New' }))
    expect(await prints()).toEqual(slices.prints)
    await setup.hub.publish(HUB.topic, bodyOf({ id: 'one', title: 'One, corrected' }))

    expect(await prints()).toContain('2'.repeat(16))
    expect(await prints()).not.toContain('1'.repeat(16))
  })

  test('pushes of one source are read one after the other, in the order in which they came', async () => {
    const ends: (() => void)[] = []
    const setup = await subscribed({
      parse: ({ bytes }) => new Promise((resolve) => void ends.push(() => resolve(readBody(bytes)))),
    })

    const pushed = [1, 2, 3].map((n) => setup.hub.publish(HUB.topic, bodyOf({ id: 'a', title: `Version ${n}` })))
    for (let n = 0; n < 3; n += 1) {
      await settled()
      expect(ends).toHaveLength(n + 1)
      ends[n]?.()
    }
    await Promise.all(pushed)

    expect(await titles(setup)).toEqual(['Version 3', 'Old'])
  })

  test('a flood is not kept in memory: what comes beyond 32 pushes is polled instead', async () => {
    const ends: (() => void)[] = []
    const setup = await subscribed({
      parse: ({ bytes }) => new Promise((resolve) => void ends.push(() => resolve(readBody(bytes)))),
    })

    const pushed = Array.from({ length: 40 }, (_, n) =>
      setup.hub.publish(HUB.topic, bodyOf({ id: `${n}`, title: `${n}` })),
    )
    await settled()
    expect(setup.outcomes).toEqual(Array(8).fill({ kind: 'light' }))
    for (let n = 0; n < 32; n += 1) {
      ends[n]?.()
      await settled()
    }
    await Promise.all(pushed)

    expect(ends).toHaveLength(32)
    expect(await titles(setup)).toHaveLength(33)
  })

  test('a push that could not be stored is not accepted, so that the hub sends it again', async () => {
    const setup = await subscribed()
    const broken = { ...setup.store, ingest: () => Promise.reject(new AppError('unavailable', 'The disk is full.')) }
    const websub = createWebSub({ ...setup.ctx, store: broken }, ALONE)
    setup.hub.connect(websub)

    await expect(setup.hub.publish(HUB.topic, body)).rejects.toThrow('The disk is full.')

    setup.hub.connect(setup.websub)
    await setup.hub.publish(HUB.topic, body)
    expect(await titles(setup)).toEqual(['New', 'Old'])
  })

  test('stopping waits for the push under way, and takes no other', async () => {
    let end = (): void => {}
    const setup = await subscribed({
      parse: ({ bytes }) =>
        new Promise((resolve) => {
          end = () => resolve(readBody(bytes))
        }),
    })
    const pushed = setup.hub.publish(HUB.topic, body)
    await settled()

    let isStopped = false
    const stopping = setup.websub.stop().then(() => {
      isStopped = true
    })
    await expect(setup.hub.publish(HUB.topic, body)).rejects.toThrow('Crier is stopping.')
    expect(isStopped).toBe(false)
    end()
    await stopping

    expect(await pushed).toEqual(['accepted'])
    expect(await titles(setup)).toEqual(['New', 'Old'])
  })
})

describe('a push that only says that there is something', () => {
  const LIGHT: { name: string; body: string }[] = [
    { name: 'nothing in it', body: '' },
    { name: 'a note in it', body: 'Something new!' },
    { name: 'a document without items', body: '[]' },
  ]
  for (const { name, body } of LIGHT) {
    test(`with ${name} makes its source due now`, async () => {
      const setup = await subscribed()
      setup.wait(10 * MINUTE)

      expect(await setup.hub.publish(HUB.topic, body)).toEqual(['accepted'])

      expect(setup.outcomes).toEqual([{ kind: 'light' }])
      expect((await setup.current()).nextPollAt).toBe(setup.ctx.clock())
    })
  }

  test('is followed by a second look a minute later: a poll under way may have asked before', async () => {
    const setup = await subscribed()
    setup.wait(10 * MINUTE)
    await setup.hub.publish(HUB.topic, '')
    await poll(setup)

    setup.wait(50_000)
    await setup.tick()

    expect((await setup.current()).nextPollAt).toBeLessThanOrEqual(setup.ctx.clock())
    await poll(setup)
    setup.wait(HOUR / 2)
    await setup.tick()
    expect((await setup.current()).nextPollAt).toBeGreaterThan(setup.ctx.clock())
  })

  test('does not make us ask more than once a minute, however many come', async () => {
    const setup = await subscribed()
    await poll(setup)
    const polledAt = setup.ctx.clock()
    setup.wait(1_000)

    for (let n = 0; n < 5; n += 1) await setup.hub.publish(HUB.topic, '')

    expect((await setup.current()).nextPollAt).toBe(polledAt + MINUTE)
  })

  test('puts off no poll that is due sooner', async () => {
    const setup = await subscribed()
    await poll(setup)
    setup.wait(1_000)
    const nextPollAt = setup.ctx.clock() + 1_000
    await setup.store.changeSource(setup.source.id, { nextPollAt }, setup.ctx.clock())

    await setup.hub.publish(HUB.topic, '')

    expect((await setup.current()).nextPollAt).toBe(nextPollAt)
  })

  test('leaves a server alone that asked us to wait', async () => {
    const setup = await subscribed()
    const nextPollAt = NOW + DAY
    await setup.store.claimSources([setup.source.id], NOW, HOUR, { force: true })
    await setup.store.recordPoll(setup.source.id, {
      polledAt: NOW,
      nextPollAt,
      validators: { etag: null, lastModified: null },
      bodyHash: null,
      failures: 0,
      trouble: 'It asked us to wait.',
      succeeded: false,
    })

    await setup.hub.publish(HUB.topic, '')

    expect((await setup.current()).nextPollAt).toBe(nextPollAt)
  })

  test('a page is polled, whatever is pushed: its entries are told by where they stand', async () => {
    const setup = await subscribed()
    await setup.store.changeSource(setup.source.id, { kind: 'page' }, NOW)
    await poll(setup)
    setup.wait(10 * MINUTE)

    await setup.hub.publish(HUB.topic, bodyOf({ id: 'new', title: 'New' }))

    expect(setup.outcomes).toEqual([{ kind: 'light' }])
    expect((await setup.current()).nextPollAt).toBe(setup.ctx.clock())
  })
})

describe('leases', () => {
  const RENEWALS: { name: string; seconds: number; afterMs: number }[] = [
    { name: 'ten days, on the last', seconds: 864_000, afterMs: 9 * DAY },
    { name: 'two days, after four fifths', seconds: 172_800, afterMs: 1.6 * DAY },
    { name: 'an hour, after four fifths', seconds: 3_600, afterMs: 0.8 * HOUR },
  ]
  for (const { name, seconds, afterMs } of RENEWALS) {
    test(`a lease is renewed in time: ${name}, with the same address and secret`, async () => {
      const setup = await setUp()
      setup.hub.leaseSeconds = seconds
      await setup.tick()
      await setup.hub.askBack()

      // The jitter takes up to a twentieth off.
      setup.wait(0.95 * afterMs - MINUTE)
      await setup.tick()
      expect(setup.hub.requests).toHaveLength(1)
      setup.wait(0.05 * afterMs + MINUTE)
      await setup.tick()

      const [first, second] = setup.hub.requests
      expect(second).toEqual(first)
      const before = (await setup.current()).pushedUntil ?? 0
      await setup.hub.askBack()
      expect((await setup.current()).pushedUntil).toBeGreaterThan(before)
    })
  }

  test('while a renewal waits for its answer, what is pushed is taken', async () => {
    const setup = await subscribed()
    setup.wait(9 * DAY)
    await setup.tick()
    expect(setup.hub.requests).toHaveLength(2)

    await setup.hub.publish(HUB.topic, bodyOf({ id: 'a', title: 'Meanwhile' }))

    expect(await titles(setup)).toEqual(['Meanwhile', 'Old'])
    expect((await setup.current()).pushedUntil).not.toBeNull()
  })

  test('a renewal that fails is tried again before the lease ends; after that the source is polled as ever', async () => {
    const setup = await subscribed()
    const end = (await setup.current()).pushedUntil ?? 0
    setup.hub.answer = down()
    setup.wait(9 * DAY)
    while (setup.ctx.clock() < end) {
      await setup.tick()
      expect((await setup.current()).pushedUntil).toBe(end)
      setup.wait(HOUR)
    }
    expect(setup.hub.requests.length).toBeGreaterThan(5)

    setup.wait(DAY)
    await setup.tick()
    expect((await setup.current()).pushedUntil).toBeNull()

    setup.hub.answer = { kind: 'answered', status: 202 }
    setup.wait(DAY)
    await setup.tick()
    await setup.hub.askBack()
    expect((await setup.current()).pushedUntil).toBeGreaterThan(setup.ctx.clock())
  })
})

describe('leaving', () => {
  test('a source with another hub is asked for there, and the old one told goodbye, which we confirm', async () => {
    const setup = await subscribed()
    const [old] = setup.hub.subscriptions.keys()
    const next = { url: 'https://other-hub.example/', topic: HUB.topic }
    await ingestPlan(setup.store, setup.source.id, {}, { hub: next })

    await setup.tick()

    const modes = setup.hub.requests.slice(1).map((form) => form['hub.mode'])
    expect(modes).toEqual(['subscribe', 'unsubscribe'])
    const goodbye = { 'hub.mode': 'unsubscribe', 'hub.topic': 'https://else.example/', 'hub.challenge': 'x' }
    expect(await setup.websub.verify(tokenOf(old ?? ''), new URLSearchParams(goodbye))).toBeNull()
    await setup.hub.askBack()
    const [now, ...others] = setup.hub.subscriptions.keys()
    expect(others).toEqual([])
    expect(now).not.toBe(old)
    expect(await setup.hub.publish(HUB.topic, bodyOf({ id: 'a', title: 'New' }))).toEqual(['accepted'])
    await setup.tick()
    expect(setup.hub.requests).toHaveLength(3)
  })

  test('a question about the old one that comes when we want another is answered with no', async () => {
    const setup = await setUp()
    await setup.tick()
    await ingestPlan(setup.store, setup.source.id, {}, { hub: { ...HUB, url: 'https://other-hub.example/' } })

    await setup.hub.askBack()

    expect(setup.hub.subscriptions.size).toBe(0)
    expect((await setup.current()).pushedUntil).toBeNull()
  })

  test('a hub that has no time for us now is asked later, and the old one goes on until then', async () => {
    const setup = await subscribed()
    let isOpen = false
    const websub = createWebSub(setup.ctx, {
      ...ALONE,
      async wait() {
        if (!isOpen) throw new AppError('unavailable', 'It asked us to wait.')
        return () => {}
      },
    })
    setup.hub.connect(websub)
    await ingestPlan(setup.store, setup.source.id, {}, { hub: { ...HUB, url: 'https://other-hub.example/' } })
    await setup.tick(websub)
    expect(setup.hub.requests).toHaveLength(1)
    expect(await setup.hub.publish(HUB.topic, bodyOf({ id: 'a', title: 'New' }))).toEqual(['accepted'])

    isOpen = true
    await setup.tick(websub)

    expect(setup.hub.requests.slice(1).map((form) => form['hub.mode'])).toEqual(['subscribe', 'unsubscribe'])
  })

  test('another topic at the same hub is another subscription', async () => {
    const setup = await subscribed()
    const moved = { ...HUB, topic: 'https://wire.example/new.xml' }
    await ingestPlan(setup.store, setup.source.id, {}, { hub: moved })

    await setup.tick()
    await setup.hub.askBack()

    expect([...setup.hub.subscriptions.values()].map(({ topic }) => topic)).toEqual([moved.topic])
  })

  const ENDS: { name: string; end: (setup: Setup) => Promise<unknown> }[] = [
    { name: 'paused', end: ({ store, source }) => store.changeSource(source.id, { state: 'paused' }, NOW) },
    { name: 'removed', end: ({ store, source }) => store.changeSource(source.id, { state: 'removed' }, NOW) },
  ]
  for (const { name, end } of ENDS) {
    test(`the hub of a source that was ${name} is told so; what it still pushes finds nobody`, async () => {
      const setup = await subscribed()
      const token = tokenAsked(setup)
      const secret = lastForm(setup)['hub.secret'] ?? ''
      await end(setup)
      const late = push(bodyOf({ id: 'a', title: 'Late' }), secret)
      expect(await setup.websub.receive(token, late)).toBe('unknown')

      await setup.tick()

      expect(lastForm(setup)['hub.mode']).toBe('unsubscribe')
      await setup.hub.askBack()
      expect(setup.hub.subscriptions.size).toBe(0)
      expect(await setup.websub.receive(token, late)).toBe('unknown')
      expect(await titles(setup)).toEqual(['Old'])
      await setup.tick()
      expect(setup.hub.requests).toHaveLength(2)
    })
  }

  test('a source that names no hub any more is unsubscribed, and polled as ever', async () => {
    const setup = await subscribed()
    await ingestPlan(setup.store, setup.source.id, {}, { hub: null })

    await setup.tick()
    await setup.hub.askBack()

    expect(setup.hub.subscriptions.size).toBe(0)
    expect((await setup.current()).pushedUntil).toBeNull()
  })

  test('a hub that cannot be told learns it from its next push', async () => {
    const setup = await subscribed()
    setup.hub.answer = down()
    await ingestPlan(setup.store, setup.source.id, {}, { hub: null })
    await setup.tick()
    expect(setup.hub.subscriptions.size).toBe(1)

    expect(await setup.hub.publish(HUB.topic, bodyOf({ id: 'a' }))).toEqual(['unknown'])

    expect(setup.hub.subscriptions.size).toBe(0)
  })

  test('a source that is woken is subscribed anew', async () => {
    const setup = await subscribed()
    const before = tokenAsked(setup)
    await setup.store.changeSource(setup.source.id, { state: 'paused' }, NOW)
    await setup.tick()
    await setup.store.changeSource(setup.source.id, { state: 'active' }, NOW)

    await setup.tick()
    await setup.hub.askBack()

    expect(lastForm(setup)['hub.mode']).toBe('subscribe')
    expect(tokenAsked(setup)).not.toBe(before)
    expect((await setup.current()).pushedUntil).not.toBeNull()
  })
})

describe('after a crash', () => {
  test('between our request and the question of the hub, the question is understood', async () => {
    const setup = await setUp()
    await setup.tick()

    const websub = setup.restart()
    await setup.hub.askBack()
    await setup.tick(websub)

    expect(setup.hub.subscriptions.size).toBe(1)
    expect(setup.hub.requests).toHaveLength(1)
    expect(await setup.hub.publish(HUB.topic, bodyOf({ id: 'a', title: 'New' }))).toEqual(['accepted'])
    expect(await titles(setup)).toEqual(['New', 'Old'])
  })

  test('pushes go on, and the lease is renewed when its time comes', async () => {
    const setup = await subscribed()
    const websub = setup.restart()
    expect(await setup.hub.publish(HUB.topic, bodyOf({ id: 'a', title: 'New' }))).toEqual(['accepted'])

    setup.wait(9 * DAY)
    await setup.tick(websub)

    expect(setup.hub.requests).toHaveLength(2)
  })
})

function push(body: string, secret: string, method?: string) {
  const bytes = Buffer.from(body)
  return { bytes, contentType: 'application/atom+xml', signature: sign(bytes, secret, method) }
}

function down(given: Partial<Extract<FakeHub['answer'], { kind: 'failed' }>> = {}): FakeHub['answer'] {
  const answer = failed({ reason: 'connect', status: null, detail: 'Nobody answered.', ...given })
  if (answer.kind !== 'failed') throw new Error('Not a failure.')
  return answer
}

/** A poll that finds nothing new. */
async function poll({ store, source, ctx }: Setup): Promise<void> {
  const now = ctx.clock()
  await ingestPlan(store, source.id, { remember: 'as_before' }, { polledAt: now, nextPollAt: now + HOUR })
}
