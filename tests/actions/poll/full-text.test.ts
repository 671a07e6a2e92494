import { describe, expect, test } from 'vitest'
import type { Actions } from '../../../src/actions/context.ts'
import type { Departure } from '../../../src/actions/hosts/pace.ts'
import { planIngest } from '../../../src/actions/ingest/ingest.ts'
import { createFullTexts, type FullTexts } from '../../../src/actions/poll/full-text.ts'
import { AppError } from '../../../src/errors.ts'
import type { Access, Article, Item, Source, Unreadable } from '../../../src/model.ts'
import type { FetchRequest, Store } from '../../../src/ports.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { tokenStream } from '../../../src/text/tokens.ts'
import { failed, fresh, testActions } from '../../support/actions.ts'
import { readDocument, readItem } from '../../support/items.ts'
import { addTestSource, NOW, openTestStore, pollRecord, silentLog } from '../../support/store.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const SITE = 'https://blog.example'

type Given = Partial<Parameters<typeof readItem>[0]> & { id: string }

interface Setup {
  store: Store
  source: Source
  fullTexts: FullTexts
  requests: FetchRequest[]
  /** How each turn at a host ended. */
  departures: [host: string, departure: Departure | undefined][]
  /** What was heard of other hosts. */
  heard: [host: string, departure: Departure][]
  /** How often something to be sent was announced. */
  alerted: () => number
  wait: (ms: number) => void
  now: () => number
  askedAt: number[]
  tick: (fullTexts?: FullTexts) => Promise<void>
  /** A minute later, a poll that finds these. */
  poll: (...items: Given[]) => Promise<void>
  item: (title: string) => Promise<Item | undefined>
  told: () => Promise<string[]>
  restart: () => FullTexts
}

/** Asked to be left alone for an hour. */
const RESTING = 'resting.example'

/** A source whose whole texts are wanted, before its first poll; each page says "the whole of PATH" and more, unless told. */
async function setUp(
  given: Partial<Actions> & { from?: string; access?: Access; wait?: (host: string) => Promise<void> } = {},
): Promise<Setup> {
  const { from = SITE, access = null, wait = async () => {}, ...actions } = given
  let now = NOW
  const clock = () => now
  const requests: FetchRequest[] = []
  const askedAt: number[] = []
  const departures: Setup['departures'] = []
  const heard: Setup['heard'] = []
  let alerted = 0
  const store = await openTestStore({ clock })
  const { fetch = async ({ url }) => fresh({ url }), ...others } = actions
  const ctx = await testActions({
    store,
    clock,
    extract: async ({ url }) => article(`the whole of ${new URL(url).pathname}, and it goes on`),
    ...others,
    fetch(request) {
      requests.push(request)
      askedAt.push(now)
      return fetch(request)
    },
  })
  const source = await addTestSource(store, { url: `${from}/feed.xml`, fullText: true, access })
  const start = () =>
    createFullTexts(ctx, {
      gate: {
        async wait(host) {
          await wait(host)
          return (departure) => void departures.push([host, departure])
        },
        restMs: (host) => (host === RESTING ? HOUR : 0),
        hear: (host, departure) => void heard.push([host, departure]),
      },
      onAlerts: () => {
        alerted += 1
      },
    })
  const fullTexts = start()
  return {
    store,
    source,
    fullTexts,
    requests,
    askedAt,
    now: clock,
    departures,
    heard,
    alerted: () => alerted,
    wait: (ms) => {
      now += ms
    },
    async tick(one = fullTexts) {
      one.pump()
      await settled()
    },
    async poll(...items) {
      now += MINUTE
      const at = now
      const read = readDocument(items.map((item) => readItem({ url: `${SITE}/${item.id}`, title: item.id, ...item })))
      const record = pollRecord({ polledAt: at, nextPollAt: at + DAY })
      await store.ingest(source.id, read, record, (known) => planIngest(read, known, at))
    },
    async item(title) {
      return (await store.listItems({ limit: 99, now })).items.find((item) => item.title === title)
    },
    told: async () => (await store.listAlerts({ limit: 99 })).map(({ item }) => item.title).sort(),
    restart: start,
  }
}

/** What was started without being waited for has ended: nothing here waits for the clock or the network. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

function article(text: string): Article {
  return { kind: 'article', content: `<p>${text}</p>`, text, tokens: tokenStream(text) }
}

function query(text: string) {
  return parseQuery(text, { timezone: 'UTC', for: 'watch' })
}

describe('a whole text', () => {
  test('takes the place of the beginning, and is found', async () => {
    const setup = await setUp()
    await setup.poll()
    await setup.poll({ id: 'a', content: '<p>the whole …</p>' })

    await setup.tick()

    expect(await setup.item('a')).toMatchObject({
      content: '<p>the whole of /a, and it goes on</p>',
      text: 'the whole of /a, and it goes on',
    })
    const found = await setup.store.listItems({ limit: 9, now: NOW, query: query('goes') })
    expect(found.items.map(({ title }) => title)).toEqual(['a'])
    await setup.tick()
    expect(setup.requests).toHaveLength(1)
  })

  test('is fetched for a backlog too, which stays quiet', async () => {
    const setup = await setUp()
    await setup.store.addWatch('terminal', query('whole'), NOW)
    await setup.poll({ id: 'a' }, { id: 'b' })

    await setup.tick()
    await setup.tick()

    expect((await setup.item('a'))?.text).toBe('the whole of /a, and it goes on')
    expect((await setup.item('b'))?.text).toBe('the whole of /b, and it goes on')
    expect(await setup.told()).toEqual([])
    expect(setup.alerted()).toBe(0)
  })

  test('that says no more than the source did is not taken, and not asked for again', async () => {
    const setup = await setUp({ extract: async () => article('Accept our cookies') })
    const content = '<p>The source gave more than that.</p>'
    await setup.poll({ id: 'a', content })

    await setup.tick()
    setup.wait(DAY)
    await setup.tick()

    expect((await setup.item('a'))?.content).toBe(content)
    expect(setup.requests).toHaveLength(1)
  })

  test('is not wanted for a source that did not ask, nor for an item without a page of its own', async () => {
    const setup = await setUp()
    const other = await addTestSource(setup.store, { url: 'https://other.example/feed' })
    const read = readDocument([readItem({ id: 'x', url: 'https://other.example/x' })])
    await setup.store.ingest(other.id, read, pollRecord(), (known) => planIngest(read, known, NOW))
    await setup.poll({ id: 'none', url: null }, { id: 'the feed', url: `${SITE}/feed.xml#now` })

    for (let n = 0; n < 3; n += 1) await setup.tick()

    expect(setup.requests).toEqual([])
  })

  test('the page of the site itself is nobody’s text', async () => {
    const setup = await setUp()
    const read = readDocument([readItem({ id: 'home', url: `${SITE}/` })], { link: SITE })
    await setup.store.ingest(setup.source.id, read, pollRecord(), (known) => planIngest(read, known, NOW))

    await setup.tick()

    expect(setup.requests).toEqual([])
  })

  test.each([
    ['the front of the site', `${SITE}/`],
    ['the front by another name', `${SITE}/index.php`],
    ['the front of a language', `${SITE}/en/home`],
    ['the page that says so', `${SITE}/404.html`],
    ['the page that the source is about', `${SITE}/news/`],
  ])('is none where the page led to %s', async (_, url) => {
    const { store, source, tick, poll, item, requests, wait } = await setUp({ fetch: async () => fresh({ url }) })
    const about = readDocument([], { link: `${SITE}/news` })
    await store.ingest(source.id, about, pollRecord(), (known) => planIngest(about, known, NOW))
    await poll({ id: 'gone', text: 'The beginning' })

    await tick()
    wait(DAY)
    await tick()

    expect(await item('gone')).toMatchObject({ text: 'The beginning' })
    expect(requests).toHaveLength(1)
  })

  test.each([`${SITE}/index.php?id=7`, `${SITE}/2026/home-truths`])(
    'but is what the page led to at %s',
    async (url) => {
      const { tick, poll, item } = await setUp({ fetch: async () => fresh({ url }) })
      await poll({ id: 'moved', text: 'The beginning' })

      await tick()

      expect(await item('moved')).not.toMatchObject({ text: 'The beginning' })
    },
  )

  test('is fetched anew when the source edits the item', async () => {
    let version = 1
    const setup = await setUp({ extract: async () => article(`the whole of it, version ${version}`) })
    await setup.poll({ id: 'a', content: 'draft' })
    await setup.tick()
    version = 2
    await setup.poll({ id: 'a', content: 'edited' })
    expect((await setup.item('a'))?.text).toBe('edited')

    await setup.tick()

    expect((await setup.item('a'))?.text).toBe('the whole of it, version 2')
  })
})

describe('whom a whole text calls', () => {
  test('a watch that the beginning did not match, once', async () => {
    const setup = await setUp()
    await setup.store.addWatch('terminal', query('whole'), NOW)
    await setup.poll()
    await setup.poll({ id: 'a', content: 'In short …' })
    expect(await setup.told()).toEqual([])

    await setup.tick()

    expect(await setup.told()).toEqual(['a'])
    expect(setup.alerted()).toBe(1)
    await setup.poll({ id: 'a', content: 'In short, corrected …' })
    await setup.tick()
    expect(await setup.told()).toEqual(['a'])
    expect(setup.alerted()).toBe(1)
  })

  test('nobody who was told by the beginning already', async () => {
    const setup = await setUp()
    await setup.store.addWatch('terminal', query('short'), NOW)
    await setup.store.addWatch('terminal', query('whole'), NOW)
    await setup.poll()
    await setup.poll({ id: 'a', content: 'In short …' })
    expect(await setup.told()).toEqual(['a'])

    await setup.tick()

    expect(await setup.told()).toEqual(['a'])
    expect(setup.alerted()).toBe(0)
  })

  test('no watch that is younger than the item', async () => {
    const setup = await setUp()
    await setup.poll()
    await setup.poll({ id: 'a' })
    await setup.store.addWatch('terminal', query('whole'), NOW + HOUR)

    await setup.tick()

    expect((await setup.item('a'))?.text).toContain('whole')
    expect(await setup.told()).toEqual([])
  })

  test('each chat for itself', async () => {
    const setup = await setUp()
    await setup.store.addWatch('terminal', query('whole'), NOW)
    await setup.store.addWatch('42', query('goes'), NOW)
    await setup.store.addWatch('42', query('whole'), NOW)
    await setup.poll()
    await setup.poll({ id: 'a' })

    await setup.tick()

    const alerts = await setup.store.listAlerts({ limit: 9 })
    const calls = alerts.map(({ chat, hits }) => [chat, hits.map(({ watch }) => watch.query).sort()])
    expect(calls.sort()).toEqual([
      ['42', ['goes', 'whole']],
      ['terminal', ['whole']],
    ])
  })
})

describe('what cannot be had', () => {
  const unreadable = (reason: Unreadable['reason']): Unreadable => ({ kind: 'unreadable', reason, detail: 'No.' })
  const nothing = (reason: Unreadable['reason']): Partial<Actions> => ({ extract: async () => unreadable(reason) })
  const RETRIES = [10 * MINUTE, HOUR, 6 * HOUR]
  const CASES: { name: string; given: Partial<Actions>; waits: number[] }[] = [
    { name: 'no answer', given: { fetch: async () => failed({ reason: 'connect', status: null }) }, waits: RETRIES },
    { name: 'a server in trouble', given: { fetch: async () => failed() }, waits: RETRIES },
    { name: 'a page that takes too long to read', given: nothing('too_slow'), waits: RETRIES },
    { name: 'an error page', given: nothing('error_page'), waits: RETRIES },
    {
      name: 'a server in trouble that asks to wait two hours',
      given: { fetch: async () => failed({ status: 500, retryAfterMs: 2 * HOUR }) },
      waits: [2 * HOUR, 2 * HOUR, 6 * HOUR],
    },
    {
      name: 'a server in trouble that asks to wait a year, which is a day',
      given: { fetch: async () => failed({ status: 500, retryAfterMs: 365 * DAY }) },
      waits: [DAY, DAY, DAY],
    },
    { name: 'a page that is not there', given: { fetch: async () => failed({ status: 404 }) }, waits: [] },
    { name: 'a page that is gone', given: { fetch: async () => failed({ status: 410 }) }, waits: [] },
    {
      name: 'a forbidden address',
      given: { fetch: async () => failed({ reason: 'refused', status: null }) },
      waits: [],
    },
    { name: 'a page without end', given: { fetch: async () => failed({ reason: 'too_big' }) }, waits: [] },
    { name: 'a page that is no article', given: nothing('not_a_feed'), waits: [] },
  ]
  for (const { name, given, waits } of CASES) {
    test(`${name}: ${waits.length === 0 ? 'never again' : 'three times more'}, and what the source gave stays`, async () => {
      const setup = await setUp(given)
      await setup.poll({ id: 'a', content: 'In short …' })
      await setup.tick()
      expect(setup.requests).toHaveLength(1)

      for (const [index, ms] of waits.entries()) {
        setup.wait(ms - 1)
        await setup.tick()
        expect(setup.requests).toHaveLength(index + 1)
        setup.wait(1)
        await setup.tick()
        expect(setup.requests).toHaveLength(index + 2)
      }
      setup.wait(365 * DAY)
      await setup.tick()

      expect(setup.requests).toHaveLength(waits.length + 1)
      expect((await setup.item('a'))?.text).toBe('In short …')
    })
  }

  test('a server that has too many requests is asked for two days, uncounted, and then four times as any other', async () => {
    const setup = await setUp({ fetch: async () => failed({ reason: 'throttled', status: 429 }) })
    await setup.poll({ id: 'a' })
    const seenAt = setup.now()

    for (let half = 0; half < 120; half += 1) {
      await setup.tick()
      setup.wait(HOUR / 2)
    }

    const uncounted = setup.askedAt.filter((at) => at < seenAt + 2 * DAY)
    expect(uncounted).toEqual(Array.from({ length: 48 }, (_, hour) => seenAt + hour * HOUR))
    expect(setup.askedAt.slice(48).map((at) => (at - seenAt - 2 * DAY) / HOUR)).toEqual([0, 0.5, 1.5, 7.5])
    setup.wait(365 * DAY)
    await setup.tick()
    expect(setup.requests).toHaveLength(52)
  })

  test('a server that asks to wait is believed up to a day, and its page is had in the end', async () => {
    const answers = [10 * DAY, 2 * HOUR].map((retryAfterMs) => failed({ reason: 'throttled', retryAfterMs }))
    const setup = await setUp({ fetch: async ({ url }) => answers.shift() ?? fresh({ url }) })
    await setup.poll({ id: 'a' })
    const seenAt = setup.now()

    for (const ms of [0, DAY - 1, 1, 2 * HOUR - 1, 1]) {
      setup.wait(ms)
      await setup.tick()
    }

    expect(setup.askedAt.map((at) => at - seenAt)).toEqual([0, DAY, DAY + 2 * HOUR])
    expect((await setup.item('a'))?.text).toBe('the whole of /a, and it goes on')
  })

  test('a fault of ours is put off like one of theirs, and the others go on', async () => {
    const setup = await setUp({
      extract: async ({ url }) => {
        if (url.endsWith('/a')) throw new Error('A bug.')
        return article('the whole of it')
      },
    })
    await setup.poll({ id: 'a' }, { id: 'b' })

    for (let n = 0; n < 4; n += 1) await setup.tick()

    expect(setup.requests.map(({ url }) => url).sort()).toEqual([`${SITE}/a`, `${SITE}/b`])
    expect((await setup.item('b'))?.text).toBe('the whole of it')
  })

  test('a source that is paused is left alone, and goes on when it is woken', async () => {
    const setup = await setUp()
    await setup.poll({ id: 'a' })
    await setup.store.changeSource(setup.source.id, { state: 'paused' }, NOW)
    await setup.tick()
    expect(setup.requests).toEqual([])

    await setup.store.changeSource(setup.source.id, { state: 'active' }, NOW)
    await setup.tick()

    expect(setup.requests).toHaveLength(1)
  })
})

describe('credentials', () => {
  const access: Access = { headers: { authorization: 'Basic eDp5' }, proxy: null }
  const proxied: Access = { ...access, proxy: 'http://proxy.example:3128' }
  const CASES: { name: string; from?: string; url: string; access: Access; sent: Access | null }[] = [
    { name: 'go to the source’s own origin', url: `${SITE}/a`, access, sent: access },
    { name: 'go with their proxy', url: `${SITE}/a`, access: proxied, sent: proxied },
    { name: 'go to no other host', url: 'https://tracker.example/a', access, sent: null },
    { name: 'go to no other port', url: `${SITE}:8443/a`, access, sent: null },
    { name: 'go to https of the same host', from: 'http://blog.example', url: `${SITE}/a`, access, sent: access },
    { name: 'do not go unencrypted', url: 'http://blog.example/a', access, sent: null },
    {
      name: 'stay home where only the proxy is of use',
      url: 'https://tracker.example/a',
      access: proxied,
      sent: { headers: {}, proxy: proxied.proxy },
    },
  ]
  for (const { name, from, url, access: given, sent } of CASES) {
    test(name, async () => {
      const setup = await setUp({ access: given, ...(from !== undefined && { from }) })
      await setup.poll({ id: 'a', url })

      await setup.tick()

      expect(setup.requests.map((request) => request.access)).toEqual([sent])
    })
  }
})

describe('manners', () => {
  test('one page of a host at a time, four in all, and a slow host holds up nobody else', async () => {
    const ends = new Map<string, () => void>()
    const setup = await setUp({
      fetch: ({ url }) => new Promise((resolve) => void ends.set(url, () => resolve(fresh({ url })))),
    })
    // A document's last item is its oldest, and the first in the queue.
    const hosts = ['e', 'd', 'c', 'b', 'a', 'a']
    await setup.poll(...hosts.map((host, index) => ({ id: `${index}`, url: `https://${host}.example/${index}` })))

    await setup.tick()
    await setup.tick()
    expect([...ends.keys()].map((url) => new URL(url).hostname).sort()).toEqual([
      'a.example',
      'b.example',
      'c.example',
      'd.example',
    ])
    ends.get('https://b.example/3')?.()
    await settled()
    await setup.tick()

    expect(setup.requests.map(({ url }) => new URL(url).hostname)).toContain('e.example')
    expect(setup.requests).toHaveLength(5)
  })

  test('hosts that let us wait for their turn hold up nobody else, however much of theirs is due', async () => {
    const setup = await setUp({ wait: (host) => (host.startsWith('slow') ? new Promise(() => {}) : Promise.resolve()) })
    await setup.poll()
    const slow = Array.from({ length: 90 }, (_, n) => ({ id: `s${n}`, url: `https://slow-${n % 5}.example/${n}` }))
    const quick = Array.from({ length: 3 }, (_, n) => ({ id: `q${n}`, url: `https://quick-${n}.example/` }))
    await setup.poll(...slow)
    await setup.poll(...quick)

    for (let n = 0; n < 3; n += 1) await setup.tick()

    expect(setup.requests.map(({ url }) => url).sort()).toEqual(quick.map(({ url }) => url))
  })

  test('no more than thirty-two hosts are waited for beside four that are asked', async () => {
    const waitedFor = new Set<string>()
    const setup = await setUp({
      wait: (host) => {
        waitedFor.add(host)
        return new Promise(() => {})
      },
    })
    await setup.poll()
    await setup.poll(...Array.from({ length: 50 }, (_, n) => ({ id: `${n}`, url: `https://slow-${n}.example/` })))

    for (let n = 0; n < 20; n += 1) await setup.tick()

    expect(waitedFor.size).toBe(36)
  })

  test('the turn at a host ends with its answer, which it hears of', async () => {
    const setup = await setUp({
      fetch: async ({ url }) =>
        url.endsWith('/a') ? failed({ reason: 'throttled', retryAfterMs: MINUTE }) : fresh({ url }),
      extract: () => new Promise(() => {}),
    })
    await setup.poll({ id: 'a' }, { id: 'b', url: 'https://b.example/b' })

    await setup.tick()

    expect(setup.departures).toHaveLength(2)
    expect(setup.departures).toContainEqual(['blog.example', { kind: 'throttled', retryAfterMs: MINUTE }])
    expect(setup.departures).toContainEqual(['b.example', { kind: 'answered' }])
  })

  test('a host that has no time for days is asked when it has, with all four attempts left', async () => {
    let isOpen = false
    const setup = await setUp({
      async wait() {
        if (!isOpen) throw new AppError('unavailable', 'It asked us to wait.')
      },
    })
    await setup.poll({ id: 'a' })
    for (let n = 0; n < 300; n += 1) {
      await setup.tick()
      setup.wait(10 * MINUTE)
    }
    isOpen = true
    await setup.tick()

    expect(setup.requests).toHaveLength(1)
  })

  test('a host that has no time is asked ten minutes later', async () => {
    let isOpen = false
    const setup = await setUp({
      async wait() {
        if (!isOpen) throw new AppError('unavailable', 'It asked us to wait.')
      },
    })
    await setup.poll({ id: 'a' })
    await setup.tick()
    isOpen = true
    await setup.tick()
    expect(setup.requests).toEqual([])

    setup.wait(10 * MINUTE)
    await setup.tick()

    expect(setup.requests).toHaveLength(1)
  })

  test('stopping waits for what is under way; the rest is still due when we are back', async () => {
    let end = (): void => {}
    const setup = await setUp({
      fetch: ({ url }) =>
        new Promise((resolve) => {
          end = () => resolve(fresh({ url }))
        }),
    })
    await setup.poll({ id: 'a' }, { id: 'b' })
    await setup.tick()

    let isStopped = false
    const stopping = setup.fullTexts.stop().then(() => {
      isStopped = true
    })
    await settled()
    expect(isStopped).toBe(false)
    end()
    await stopping
    await setup.tick()
    expect(setup.requests).toHaveLength(1)

    await setup.tick(setup.restart())
    expect(new Set(setup.requests.map(({ url }) => url))).toEqual(new Set([`${SITE}/a`, `${SITE}/b`]))
  })

  test('a fetch that our stopping breaks off is no fault, and the page is still due', async () => {
    let breakOff = (): void => {}
    const faults: object[] = []
    const setup = await setUp({
      fetch: () =>
        new Promise((_, reject) => {
          breakOff = () => reject(new AppError('unavailable', 'Crier is stopping.'))
        }),
      log: { ...silentLog, error: (fields: object) => void faults.push(fields) },
    })
    await setup.poll({ id: 'a' })
    await setup.tick()

    const stopping = setup.fullTexts.stop()
    breakOff()
    await stopping

    expect(faults).toEqual([])
    expect(await setup.store.listDueFullTexts(setup.now(), 9)).toHaveLength(1)
  })

  test('another host, to which a page led, is left alone where it wants to be, and heard where it complains', async () => {
    const complaint = failed({ reason: 'throttled', status: 429, retryAfterMs: MINUTE, host: 'far.example' })
    const setup = await setUp({ fetch: async () => complaint })
    await setup.poll({ id: 'a' })
    await setup.tick()

    expect(setup.requests.map(({ restMs }) => restMs?.(RESTING))).toEqual([HOUR])
    expect(setup.heard).toEqual([['far.example', { kind: 'throttled', retryAfterMs: MINUTE }]])
    expect(setup.departures).toEqual([['blog.example', { kind: 'answered' }]])
  })

  test('a turn that comes when we stop is given back unused', async () => {
    let open = (): void => {}
    const setup = await setUp({
      wait: () =>
        new Promise((resolve) => {
          open = resolve
        }),
    })
    await setup.poll({ id: 'a' })
    await setup.tick()

    const stopping = setup.fullTexts.stop()
    open()
    await stopping

    expect(setup.requests).toEqual([])
    expect(setup.departures).toHaveLength(1)
    expect(await setup.store.listDueFullTexts(NOW + HOUR, 9)).toHaveLength(1)
  })

  test('a fault that comes back with each tick is told once a minute', async () => {
    const told: string[] = []
    const setup = await setUp({ log: { ...silentLog, error: (_, message) => told.push(message) } })
    setup.store.listDueFullTexts = () => Promise.reject(new AppError('unavailable', 'The disk is full.'))

    for (let second = 0; second < 90; second += 1) {
      setup.wait(1_000)
      await setup.tick()
    }

    expect(told).toEqual(['looking for full texts broke', 'looking for full texts broke'])
  })

  test('what a crash broke off is fetched again', async () => {
    const setup = await setUp({ fetch: () => new Promise(() => {}) })
    await setup.poll({ id: 'a' })
    await setup.tick()

    await setup.tick(setup.restart())

    expect(setup.requests.map(({ url }) => url)).toEqual([`${SITE}/a`, `${SITE}/a`])
  })
})
