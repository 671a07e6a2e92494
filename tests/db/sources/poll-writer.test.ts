import { expect, test } from 'vitest'
import type { Rhythm, Source } from '../../../src/model.ts'
import type { PollRecord, Store } from '../../../src/ports.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { readDocument, readItem } from '../../support/items.ts'
import {
  addTestSource,
  badPoll,
  goodPoll,
  ingestPlan,
  NOW,
  openTestStore,
  pollRecord,
  testFolder,
} from '../../support/store.ts'

const RHYTHM: Rhythm = {
  documentMs: 3_600_000,
  freshForMs: null,
  skipHours: [3],
  skipDays: [0],
  gapMs: 5_000,
  arrivedAt: NOW,
}
const RULES = { entry: 'li', link: 'a', title: null, date: null, summary: null, auto: true }
const HUB = { url: 'https://hub.example/', topic: 'https://a.example/feed' }
const LESSONS = {
  rhythm: RHYTHM,
  move: { url: 'https://new.example/feed', seen: 2 },
  told: ['gone', 'blocked'],
  hub: HUB,
  pageRules: RULES,
} satisfies Partial<PollRecord>

async function poll(store: Store, id: number, given: Partial<PollRecord>): Promise<void> {
  await store.recordPoll(id, goodPoll(given))
}

/** The two ways a poll ends. */
const ENDS: [string, (store: Store, id: number, given: Partial<PollRecord>) => Promise<unknown>][] = [
  ['a poll without new items', poll],
  ['a poll that read a document', (store, id, given) => ingestPlan(store, id, { remember: 'as_before' }, given)],
]

const lessonsOf = ({ rhythm, move, told, hub, pageRules }: Source) => ({ rhythm, move, told, hub, pageRules })

async function learned(store: Store, id: number) {
  const source = await store.findSource(id)
  return source && lessonsOf(source)
}

test.each(ENDS)('%s keeps what it learned, and one that says nothing leaves it', async (_, end) => {
  const store = await openTestStore()
  const source = await addTestSource(store)

  await end(store, source.id, LESSONS)
  expect(await learned(store, source.id)).toEqual(LESSONS)
  await end(store, source.id, {})
  expect(await learned(store, source.id)).toEqual(LESSONS)

  await end(store, source.id, { move: null, told: [], hub: null })
  expect(await learned(store, source.id)).toEqual({ ...LESSONS, move: null, told: [], hub: null })
})

test('a failed poll may teach as well', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)

  await store.recordPoll(id, badPoll({ told: ['dead'], failures: 9 }))

  expect(await store.findSource(id)).toMatchObject({ told: ['dead'], failures: 9 })
})

test('what the plan says of the source stands in place of the record', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  const plan = { nextPollAt: NOW + 7, told: ['layout' as const], move: null, rhythm: { ...RHYTHM, gapMs: 1 } }

  await ingestPlan(store, id, plan, LESSONS)

  expect(await store.findSource(id)).toMatchObject({ ...LESSONS, ...plan })
})

test.each(ENDS)('%s after its source was paused teaches nothing', async (_, end) => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  await store.claimSources([source.id], NOW, 60_000)
  await store.changeSource(source.id, { state: 'paused' }, NOW)

  await end(store, source.id, { ...LESSONS, adoptUrl: 'https://new.example/feed' })

  expect(await store.findSource(source.id)).toMatchObject({ url: source.url, ...lessonsOf(source) })
})

test.each(ENDS)('%s that follows a move keeps everything that is known', async (_, end) => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  const item = readItem({ id: 'one', title: 'One' })
  const print = { print: 'AAAAAAAAAAAAAAAA', keys: item.keys, namedBy: 'id', isHome: false } as const
  const record = { validators: { etag: '"e"', lastModified: 'Mon' }, bodyHash: 'ff' }
  await ingestPlan(
    store,
    source.id,
    {
      insert: [{ item, placeMs: NOW }],
      remember: { context: 'BBBBBBBBBBBBBBBB', head: 'CCCCCCCCCCCCCCCC', items: [{ ...print, item: { inserted: 0 } }] },
    },
    { ...record, move: { url: 'https://new.example/feed', seen: 3 } },
  )
  const revision = await store.revision()

  await end(store, source.id, { ...record, adoptUrl: 'https://new.example/feed' })

  expect(await store.findSource(source.id)).toMatchObject({
    url: 'https://new.example/feed',
    host: 'new.example',
    move: null,
    baselineDue: false,
    validators: record.validators,
    bodyHash: 'ff',
  })
  expect(await store.findKnownSlices(source.id)).toMatchObject({
    context: 'BBBBBBBBBBBBBBBB',
    prints: ['AAAAAAAAAAAAAAAA'],
  })
  expect(await store.findSource(source.url)).toBeUndefined()
  expect(await store.revision()).toBeGreaterThan(revision)
  await ingestPlan(store, source.id, (known) => {
    expect(known.findItem(item.keys.id ?? '')?.place).toBe(NOW * 1000)
    return {}
  })
})

test.each(['active', 'removed'] as const)('an address that another source has, %s, is not adopted', async (state) => {
  const store = await openTestStore()
  const [source, other] = [await addTestSource(store), await addTestSource(store)]
  if (state === 'removed') await store.changeSource(other.id, { state }, NOW)
  const move = { url: other.url, seen: 3 }

  await poll(store, source.id, { move, adoptUrl: other.url })

  expect(await store.findSource(source.id)).toMatchObject({ url: source.url, move })
})

test('a source that was followed to its new address is found there by other processes', async () => {
  const dataDir = testFolder()
  const [store, other] = [await openTestStore({ dataDir }), await openTestStore({ dataDir })]
  const source = await addTestSource(store)
  await ingestPlan(store, source.id, { insert: [{ item: readItem({ title: 'One' }), placeMs: NOW }] })
  const query = parseQuery('source:new.example', { timezone: 'UTC', for: 'search' })
  const count = async () => (await other.listItems({ limit: 5, now: NOW, query })).items.length
  expect(await count()).toBe(0)

  await poll(store, source.id, { adoptUrl: 'https://new.example/feed' })

  expect(await count()).toBe(1)
})

test('other rules, another kind or another address make the next poll read everything at once, the last two quietly', async () => {
  const patches = [
    { patch: { pageRules: { ...RULES, entry: 'tr' } }, baselineDue: false },
    { patch: { pageRules: null }, baselineDue: false },
    { patch: { kind: 'feed' as const }, baselineDue: true },
    { patch: { url: 'https://b.example/list' }, baselineDue: true },
  ]
  for (const { patch, baselineDue } of patches) {
    const store = await openTestStore()
    const { id } = await addTestSource(store, { kind: 'page', pageRules: RULES })
    await poll(store, id, { validators: { etag: '"e"', lastModified: 'x' }, bodyHash: 'ff' })

    const changed = await store.changeSource(id, patch, NOW + 5)

    expect(changed, JSON.stringify(patch)).toMatchObject({ ...patch, baselineDue, nextPollAt: NOW + 5 })
    expect(changed.validators).toEqual({ etag: null, lastModified: null })
    expect(changed.bodyHash).toBeNull()
  }
})

test('what a poll brings that began under the old rules is not stored', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store, { kind: 'page' })
  await store.claimSources([id], NOW, 60_000)
  await store.changeSource(id, { pageRules: RULES }, NOW)

  const result = await store.ingest(id, readDocument([]), pollRecord(), () => {
    throw new Error('not asked')
  })

  expect(result.inserted).toBe(0)
  expect(await store.findSource(id)).toMatchObject({ baselineDue: true, pageRules: RULES })
})

test('the same rules again change nothing', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store, { kind: 'page', pageRules: RULES })
  await poll(store, id, {})
  const before = await store.findSource(id)

  const { auto, ...rest } = RULES
  expect(await store.changeSource(id, { pageRules: { auto, ...rest }, kind: 'page' }, NOW + 5)).toEqual(before)
})

test('other credentials are tried at once, and forgotten with their source', async () => {
  const store = await openTestStore()
  const access = { headers: { authorization: 'Basic eA==' }, proxy: null }
  const { id, url } = await addTestSource(store, { access })
  await poll(store, id, {})
  expect((await store.claimSources([id], NOW, 1, { force: true }))[0]?.access).toEqual(access)

  const same = await store.changeSource(id, { access }, NOW + 5)
  expect(same.nextPollAt).toBe(NOW + 3_600_000)
  const changed = await store.changeSource(id, { access: { ...access, proxy: 'http://p.example' } }, NOW + 5)
  expect(changed).toMatchObject({ nextPollAt: NOW + 5, baselineDue: false })

  await store.changeSource(id, { state: 'removed' }, NOW)
  expect((await store.findSource(url, { removed: true }))?.access).toBeNull()
})

test('another address drops what the old one said of itself', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  const { rhythm, move, told, hub } = await addTestSource(store)
  await poll(store, id, LESSONS)

  const moved = await store.changeSource(id, { url: 'https://b.example/' }, NOW)

  expect(moved).toMatchObject({ rhythm, move, told, hub })
})

test('a removed source that comes again is asked for what is wanted now', async () => {
  const store = await openTestStore()
  const { id, url } = await addTestSource(store, { kind: 'page', pageRules: RULES, fullText: true })
  await poll(store, id, LESSONS)
  await store.changeSource(id, { state: 'removed' }, NOW)

  const { source } = await store.addSource({ url, givenTitle: null, tags: [], everyMs: null, found: null }, NOW)

  expect(source).toMatchObject({
    id,
    kind: 'feed',
    pageRules: null,
    fullText: false,
    access: null,
    told: [],
    hub: null,
  })
})
