import { describe, expect, test } from 'vitest'
import type { Need } from '../../../src/errors.ts'
import type { Rhythm } from '../../../src/model.ts'
import type { DueQuota, NewSource, SourcePatch, Store } from '../../../src/ports.ts'
import { readItem } from '../../support/items.ts'
import { addTestSource, badPoll, goodPoll, ingestPlan, NOW, openTestStore } from '../../support/store.ts'

const URL_A = 'https://a.example.com/feed.xml'

function newSource(given: Partial<NewSource> = {}): NewSource {
  return { url: URL_A, givenTitle: null, tags: [], everyMs: null, found: null, ...given }
}

test('a new source is due at once, and its first poll is its baseline', async () => {
  const store = await openTestStore()

  const { source, added } = await store.addSource(newSource({ tags: ['tech'], everyMs: 60_000 }), NOW)

  expect(added).toBe(true)
  expect(source).toMatchObject({ url: URL_A, host: 'a.example.com', state: 'active', baselineDue: true })
  expect(source).toMatchObject({ nextPollAt: NOW, tags: ['tech'], everyMs: 60_000, failures: 0 })
  expect(await store.findSource(source.id)).toEqual(source)
  expect(await store.findSource(URL_A)).toEqual(source)
})

test.each([
  ['the title somebody gave it', 'Given', 'Found', 'Given'],
  ['else the one of the document', null, 'Found', 'Found'],
  ['else its host', null, null, 'a.example.com'],
])('a source is called by %s', async (_, givenTitle, title, expected) => {
  const store = await openTestStore()
  const found = { title, link: null, language: null, format: 'Atom 1.0' }

  const { source } = await store.addSource(newSource({ givenTitle, found }), NOW)

  expect(source.title).toBe(expected)
})

test('what the first look found is known of it', async () => {
  const store = await openTestStore()
  const found = { title: 'Found', link: 'https://a.example.com/', language: 'de', format: 'Atom 1.0' }

  const { source } = await store.addSource(newSource({ found }), NOW)

  expect(source).toMatchObject({ siteUrl: 'https://a.example.com/', language: 'de', format: 'Atom 1.0' })
})

test('an address that is there already is left as it is', async () => {
  const store = await openTestStore()
  const { source } = await store.addSource(newSource({ givenTitle: 'First' }), NOW)

  const again = await store.addSource(newSource({ givenTitle: 'Second' }), NOW + 1)

  expect(again).toEqual({ source, added: false })
})

test('a removed source is found by nobody who did not ask for it, and continued when its address comes again', async () => {
  const store = await openTestStore()
  const { source } = await store.addSource(newSource(), NOW)
  await ingestPlan(store, source.id, { insert: [{ item: readItem({ title: 'Kept' }), placeMs: NOW }] })
  await store.changeSource(source.id, { state: 'removed' }, NOW)
  expect(await store.findSource(source.id)).toBeUndefined()
  expect(await store.findSource(URL_A, { removed: true })).toMatchObject({ state: 'removed' })
  expect(await store.listSources()).toEqual([])

  const again = await store.addSource(newSource(), NOW + 5)

  expect(again.added).toBe(true)
  expect(again.source).toMatchObject({ id: source.id, state: 'active', baselineDue: true, nextPollAt: NOW + 5 })
  expect(again.source.addedAt).toBe(NOW + 5)
  expect(again.source.validators).toEqual({ etag: null, lastModified: null })
  expect((await store.listItems({ limit: 5, now: NOW })).items.map(({ title }) => title)).toEqual(['Kept'])
})

test('sources are listed by title, with their count of items and their newest', async () => {
  const store = await openTestStore()
  const second = await addTestSource(store, { givenTitle: 'zebra' })
  await addTestSource(store, { givenTitle: 'Ant' })
  const insert = [NOW - 1_000, NOW].map((placeMs) => ({ item: readItem({ title: `at ${placeMs}` }), placeMs }))
  await ingestPlan(store, second.id, { insert })

  const listed = await store.listSources()

  expect(listed.map(({ title, items, newestAt }) => [title, items, newestAt])).toEqual([
    ['Ant', 0, null],
    ['zebra', 2, NOW],
  ])
})

test('numbers in titles are sorted as numbers', async () => {
  const store = await openTestStore()
  for (const givenTitle of ['Feed 10', 'Feed 9', 'feed 100']) await addTestSource(store, { givenTitle })

  expect((await store.listSources()).map(({ title }) => title)).toEqual(['Feed 9', 'Feed 10', 'feed 100'])
})

test('a new address makes a baseline due and drops what was known of the old one', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  await store.recordPoll(source.id, goodPoll({ validators: { etag: '"a"', lastModified: 'x' }, bodyHash: 'ff' }))

  const moved = await store.changeSource(source.id, { url: 'https://b.example.org/feed' }, NOW + 9)

  expect(moved).toMatchObject({ host: 'b.example.org', baselineDue: true, nextPollAt: NOW + 9, bodyHash: null })
  expect(moved.validators).toEqual({ etag: null, lastModified: null })
})

test('what a poll of the old address brings is not stored under the new one', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  await store.claimSources([source.id], NOW, 60_000)
  await store.changeSource(source.id, { url: 'https://b.example.org/feed' }, NOW)

  await store.recordPoll(source.id, goodPoll({ validators: { etag: '"old"', lastModified: null } }))

  expect(await store.findSource(source.id)).toMatchObject({
    validators: { etag: null },
    baselineDue: true,
    polledAt: null,
  })
  expect(await store.claimSources([source.id], NOW, 60_000)).toHaveLength(1)
})

test('a poll that is refused with the old login does not put off the one with the new', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  await store.claimSources([source.id], NOW, 60_000)
  await store.changeSource(source.id, { access: { headers: { authorization: 'Basic bmV3' }, proxy: null } }, NOW + 5)

  await store.recordPoll(source.id, { ...badPoll({ nextPollAt: NOW + 3_600_000 }), needs: 'login' })

  expect(await store.findSource(source.id)).toMatchObject({ needs: null, failures: 0, nextPollAt: NOW + 5 })
  expect(await store.claimSources([source.id], NOW + 5, 60_000)).toHaveLength(1)
})

describe('what a source needs is asked for until it is given', () => {
  const login = { access: { headers: { authorization: 'Basic bmV3' }, proxy: null } }
  const entry = { entry: 'li', link: null, title: null, date: null, summary: null, auto: false }
  const rows: { needs: Need; patch: SourcePatch; after: Need | null }[] = [
    { needs: 'login', patch: login, after: null },
    { needs: 'proxy_login', patch: { access: { headers: {}, proxy: 'http://a:b@p.example' } }, after: null },
    { needs: 'cookie', patch: { access: { headers: { cookie: 'a=b' }, proxy: null } }, after: null },
    { needs: 'entry', patch: { kind: 'page', pageRules: entry }, after: null },
    { needs: 'page', patch: { kind: 'page', pageRules: null }, after: null },
    { needs: 'login', patch: { url: 'https://b.example.org/feed' }, after: null },
    { needs: 'login', patch: { everyMs: 60_000, tags: ['x'] }, after: 'login' },
    { needs: 'login', patch: { kind: 'page', pageRules: entry }, after: 'login' },
    { needs: 'entry', patch: login, after: 'entry' },
  ]
  for (const { needs, patch, after } of rows) {
    test(`${needs}, and then ${Object.keys(patch).join(' and ')}: ${after === null ? 'no more' : 'still'}`, async () => {
      const store = await openTestStore()
      const { id } = await addTestSource(store)
      await store.recordPoll(id, { ...badPoll(), needs })

      const changed = await store.changeSource(id, patch, NOW + 5)

      expect(changed).toMatchObject({ needs: after, trouble: 'No answer.' })
    })
  }
})

test('what is given back may be claimed at once, and is due as before', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  const [claimed] = await store.claimSources([id], NOW, 60_000)

  await store.releaseSources([id, 99])

  expect(await store.claimSources([id], NOW, 60_000)).toEqual([claimed])
})

test('an address that another source has is a conflict', async () => {
  const store = await openTestStore()
  const [a, b] = [await addTestSource(store), await addTestSource(store)]

  await expect(store.changeSource(a.id, { url: b.url }, NOW)).rejects.toMatchObject({ code: 'conflict' })
})

test('the end of a pause makes a baseline due, and the next good poll ends it', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  await store.recordPoll(source.id, goodPoll())
  await store.changeSource(source.id, { state: 'paused' }, NOW)
  expect(await store.listDueSources(NOW + 1e9, { limit: 10, perHost: 10 })).toEqual([[]])

  const resumed = await store.changeSource(source.id, { state: 'active' }, NOW + 7)
  expect(resumed).toMatchObject({ baselineDue: true, nextPollAt: NOW + 7 })
  await store.recordPoll(source.id, badPoll())
  expect(await store.findSource(source.id)).toMatchObject({ baselineDue: true })
  await store.recordPoll(source.id, goodPoll())
  expect(await store.findSource(source.id)).toMatchObject({ baselineDue: false })
})

const HOUR = 3_600_000
const none = { documentMs: null, freshForMs: null, skipHours: [], skipDays: [], gapMs: null, arrivedAt: null }
const ASKED: Rhythm = { ...none, because: 'asked' }
const SLOWED: Rhythm = { ...none, because: 'throttled', throttled: { status: 429, times: 2, doublings: 2 } }

describe('a shorter interval', () => {
  const later = NOW + 5 * HOUR
  const CASES: [name: string, poll: Parameters<Store['recordPoll']>[1], expected: number][] = [
    ['acts at once', goodPoll({ nextPollAt: later }), NOW + 60_000],
    ['makes a source that failed back off from it', badPoll({ nextPollAt: later, failures: 3 }), NOW + 8 * 60_000],
    [
      'makes one that wants to be asked less often back off from it',
      badPoll({ nextPollAt: later, failures: 0, rhythm: SLOWED }),
      NOW + 4 * 60_000,
    ],
    ['takes nothing from what a server asked for', badPoll({ nextPollAt: later, failures: 0, rhythm: ASKED }), later],
  ]
  test.each(CASES)('%s', async (_, poll, expected) => {
    const store = await openTestStore()
    const { id } = await addTestSource(store)
    await store.recordPoll(id, { ...poll, polledAt: NOW })

    const { nextPollAt } = await store.changeSource(id, { everyMs: 60_000 }, NOW + 1_000)

    expect(nextPollAt).toBe(expected)
  })
})

describe('an interval that is Crier’s own again acts at once', () => {
  const week = { everyMs: 168 * HOUR }
  const CASES: [name: string, poll: Parameters<Store['recordPoll']>[1], expected: number][] = [
    ['as if the last poll had planned it', goodPoll({ nextPollAt: NOW + 168 * HOUR }), NOW + HOUR / 4],
    ['sooner than later only', goodPoll({ nextPollAt: NOW + 60_000 }), NOW + 60_000],
    ['a source that failed backs off', badPoll({ nextPollAt: NOW + 168 * HOUR, failures: 2 }), NOW + HOUR],
    [
      'a server that asked to wait is left alone',
      badPoll({ nextPollAt: NOW + 5 * HOUR, failures: 0, rhythm: ASKED }),
      NOW + 5 * HOUR,
    ],
  ]
  for (const [name, poll, expected] of CASES) {
    test(name, async () => {
      const store = await openTestStore()
      const { id } = await addTestSource(store, week)
      await store.recordPoll(id, { ...poll, polledAt: NOW })

      const { nextPollAt } = await store.changeSource(id, { everyMs: null }, NOW + 1_000)

      expect(nextPollAt).toBe(expected)
    })
  }

  test('set during a poll, it holds for the next: a day at most', async () => {
    const store = await openTestStore()
    const { id } = await addTestSource(store, week)
    await store.claimSources([id], NOW, 60_000)

    await store.changeSource(id, { everyMs: null }, NOW)
    await store.recordPoll(id, goodPoll({ polledAt: NOW, nextPollAt: NOW + 168 * HOUR }))

    expect((await store.findSource(id))?.nextPollAt).toBe(NOW + 24 * HOUR)
  })
})

test('a shorter interval that is set during a poll holds for the next, unless the source failed', async () => {
  const polls: [string, (store: Store, id: number) => Promise<unknown>, number][] = [
    ['a poll that found nothing new', (store, id) => store.recordPoll(id, goodPoll()), NOW + 60_000],
    ['a poll that read a document', (store, id) => ingestPlan(store, id, {}), NOW + 60_000],
    ['a poll that failed', (store, id) => store.recordPoll(id, badPoll()), NOW + 3_600_000],
  ]
  for (const [name, end, expected] of polls) {
    const store = await openTestStore()
    const { id } = await addTestSource(store)
    await store.claimSources([id], NOW, 60_000)

    await store.changeSource(id, { everyMs: 60_000 }, NOW)
    await end(store, id)

    expect((await store.findSource(id))?.nextPollAt, name).toBe(expected)
  }
})

test('changing what is not there, or was removed, is not found', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  await store.changeSource(source.id, { state: 'removed' }, NOW)

  await expect(store.changeSource(source.id, { tags: [] }, NOW)).rejects.toMatchObject({ code: 'not_found' })
  await expect(store.changeSource(99, { tags: [] }, NOW)).rejects.toMatchObject({ code: 'not_found' })
})

test('due sources come longest due first, at most so many of one host, and none that somebody polls', async () => {
  const store = await openTestStore()
  const add = async (url: string, at: number) => (await store.addSource(newSource({ url }), at)).source.id
  const a1 = await add('https://a.example/1', NOW - 1)
  const a2 = await add('https://a.example/2', NOW - 3)
  const a3 = await add('https://a.example/3', NOW - 2)
  const b1 = await add('https://b.example/1', NOW)
  await add('https://c.example/1', NOW + 1)

  const due = async (...quotas: DueQuota[]) =>
    (await store.listDueSources(NOW, ...quotas)).map((list) => list.map(({ id }) => id))

  expect(await due({ limit: 10, perHost: 2 })).toEqual([[a2, a3, b1]])
  await store.claimSources([a2], NOW, 1_000)
  const isWanted = ({ id }: { id: number }) => id !== a3
  expect(await due({ limit: 1, perHost: 9 }, { limit: 10, perHost: 9 }, { limit: 1, perHost: 1, isWanted })).toEqual([
    [a3],
    [a3, a1, b1],
    [a1],
  ])
})

test('behind hundreds of one host, more than are looked at in one go, the others are found', async () => {
  const store = await openTestStore()
  const add = (url: string, at: number) => store.addSource(newSource({ url }), at)
  const many = Array.from({ length: 300 }, (_, i) => add(`https://a.example/${i}`, NOW - 1_000 - (i % 2)))
  await Promise.all([...many, add('https://b.example/1', NOW - 1), add('https://c.example/1', NOW)])

  const [one = [], all = []] = await store.listDueSources(NOW, { limit: 9, perHost: 1 }, { limit: 999, perHost: 999 })

  expect(one.map(({ host }) => host)).toEqual(['a.example', 'b.example', 'c.example'])
  expect(new Set(all.map(({ id }) => id)).size).toBe(302)
  expect(all).toHaveLength(302)
})

test('a lease is given once, and again when it ran out', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  const claim = async (now: number) => (await store.claimSources([id], now, 1_000)).length

  expect(await claim(NOW)).toBe(1)
  expect(await claim(NOW + 999)).toBe(0)
  expect(await claim(NOW + 1_000)).toBe(1)
})

test('only by force is a source claimed that is not due; paused ones never', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  await store.recordPoll(id, goodPoll())

  expect(await store.claimSources([id], NOW, 1_000)).toEqual([])
  expect(await store.claimSources([id], NOW, 1_000, { force: true })).toHaveLength(1)
  await store.changeSource(id, { state: 'paused' }, NOW)
  expect(await store.claimSources([id], NOW + 5_000, 1_000, { force: true })).toEqual([])
})

test('a failed poll says its trouble and keeps the time of the last success; a good one clears it', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  await store.recordPoll(id, goodPoll({ polledAt: NOW }))

  await store.recordPoll(id, badPoll({ polledAt: NOW + 10 }))
  expect(await store.findSource(id)).toMatchObject({
    failures: 1,
    trouble: 'No answer.',
    succeededAt: NOW,
    polledAt: NOW + 10,
  })
  expect((await store.status()).sources).toEqual({ active: 1, paused: 0, failing: 1 })

  await store.recordPoll(id, goodPoll({ polledAt: NOW + 20 }))
  expect(await store.findSource(id)).toMatchObject({ failures: 0, trouble: null, succeededAt: NOW + 20 })
})

test('a poll that ends after its source was paused changes nothing but the lease', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  await store.claimSources([id], NOW, 60_000)
  const paused = await store.changeSource(id, { state: 'paused' }, NOW)

  await store.recordPoll(id, goodPoll({ validators: { etag: '"new"', lastModified: null } }))

  expect(await store.findSource(id)).toEqual(paused)
  await store.changeSource(id, { state: 'active' }, NOW)
  expect(await store.claimSources([id], NOW, 1_000)).toHaveLength(1)
})

test('the revision moves with a rename, a tag and a removal, not with a poll that found nothing or comes sooner', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  const revisions = [await store.revision()]
  const note = async () => revisions.push(await store.revision())

  await store.changeSource(id, { givenTitle: 'New' }, NOW)
  await note()
  await store.changeSource(id, { tags: ['x'] }, NOW)
  await note()
  await store.recordPoll(id, goodPoll())
  await store.changeSource(id, { nextPollAt: NOW + 1 }, NOW)
  await note()
  await store.changeSource(id, { state: 'removed' }, NOW)
  await note()

  const [first = 0] = revisions
  expect(revisions.map((revision) => revision - first)).toEqual([0, 1, 2, 2, 3])
})

describe('after a clock that was ahead', () => {
  const YEAR = 365 * 86_400_000
  const LATER = NOW + 300_000
  const dueIn = async (store: Store, id: number, now: number) => ((await store.findSource(id))?.nextPollAt ?? 0) - now

  test('what it planned is due as long from now as it was then, and a lease is over', async () => {
    const store = await openTestStore()
    const ahead = NOW + YEAR
    const [polled, slow] = [await addTestSource(store), await addTestSource(store, { everyMs: 7 * 86_400_000 })]
    for (const { id } of [polled, slow]) {
      await store.recordPoll(id, goodPoll({ polledAt: ahead, nextPollAt: ahead + 900_000 }))
    }
    const { source: added } = await store.addSource(newSource(), ahead)
    await store.claimSources([added.id], ahead, 180_000)
    const paused = await addTestSource(store)
    await store.recordPoll(paused.id, goodPoll({ polledAt: NOW, nextPollAt: NOW + 5 }))
    await store.changeSource(paused.id, { state: 'paused' }, ahead)
    await store.changeSource(paused.id, { state: 'active' }, ahead)

    await store.listDueSources(NOW, { limit: 10, perHost: 10 })
    const [due] = await store.listDueSources(LATER, { limit: 10, perHost: 10 })

    expect(due?.map(({ id }) => id)).toEqual([added.id])
    expect(await store.claimSources([added.id], LATER, 180_000)).toHaveLength(1)
    expect(await dueIn(store, polled.id, LATER)).toBe(900_000)
    expect(await dueIn(store, slow.id, LATER)).toBe(900_000)
    expect(await dueIn(store, paused.id, LATER)).toBe(86_400_000)
    expect(await store.findSource(polled.id)).toMatchObject({ polledAt: LATER, succeededAt: LATER })
  })

  test.each([
    ['a year', YEAR],
    ['ten minutes', 600_000],
  ])('by %s, a lease of its time keeps nobody who polls by hand, with no service to bring it back', async (_, ms) => {
    const store = await openTestStore()
    const { id } = await addTestSource(store)
    await store.claimSources([id], NOW + ms, 180_000, { force: true })

    expect(await store.claimSources([id], NOW, 180_000, { force: true })).toHaveLength(1)
    expect(await store.claimSources([id], NOW, 180_000, { force: true })).toHaveLength(0)
  })

  test('that is set back in the midst of it by an hour, no source waits for an hour', async () => {
    const store = await openTestStore()
    const { id } = await addTestSource(store, { everyMs: 60_000 })
    await store.listDueSources(NOW, { limit: 10, perHost: 10 })
    await store.recordPoll(id, goodPoll({ polledAt: NOW, nextPollAt: NOW + 60_000 }))

    await store.listDueSources(NOW - 3_600_000, { limit: 10, perHost: 10 })
    await store.listDueSources(LATER - 3_600_000, { limit: 10, perHost: 10 })

    expect(await dueIn(store, id, LATER - 3_600_000)).toBe(60_000)
  })

  test('that is set back little by little is set back, too', async () => {
    const store = await openTestStore()
    const { id } = await addTestSource(store, { everyMs: 60_000 })
    await store.listDueSources(NOW, { limit: 10, perHost: 10 })
    await store.recordPoll(id, goodPoll({ polledAt: NOW, nextPollAt: NOW + 60_000 }))

    // By 40 seconds each time.
    for (let back = 40_000; back <= 3_600_000; back += 40_000)
      await store.listDueSources(NOW - back, { limit: 10, perHost: 10 })
    await store.listDueSources(LATER - 3_600_000, { limit: 10, perHost: 10 })

    expect(await dueIn(store, id, LATER - 3_600_000)).toBe(60_000)
  })

  test('or was long ago for the first minute of a start, nothing is planned anew', async () => {
    const store = await openTestStore()
    const { id } = await addTestSource(store)
    await store.recordPoll(id, badPoll({ nextPollAt: NOW + 86_400_000 }))
    const before = await store.findSource(id)

    for (const now of [1_000, 60_000, NOW + 120_000, NOW + 600_000])
      await store.listDueSources(now, { limit: 10, perHost: 10 })

    expect(await store.findSource(id)).toEqual(before)
  })

  test('a second or two change nothing, nor does a long interval, or a wait that a server asked for', async () => {
    const store = await openTestStore()
    const slow = await addTestSource(store, { everyMs: YEAR })
    await store.recordPoll(slow.id, goodPoll({ nextPollAt: NOW + YEAR }))
    const asked = await addTestSource(store)
    await store.recordPoll(asked.id, badPoll({ nextPollAt: NOW + 86_400_000 }))

    for (const now of [NOW, NOW + 2_000, NOW, LATER]) await store.listDueSources(now, { limit: 10, perHost: 10 })

    expect(await dueIn(store, slow.id, NOW)).toBe(YEAR)
    expect(await dueIn(store, asked.id, NOW)).toBe(86_400_000)
  })
})
