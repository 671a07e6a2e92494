import { expect, test } from 'vitest'
import type { Hub, Source } from '../../../src/model.ts'
import type { Store, Subscription } from '../../../src/ports.ts'
import { readDocument, readItem } from '../../support/items.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, pollRecord, testFolder } from '../../support/store.ts'

const HUB: Hub = { url: 'https://hub.example/', topic: 'https://a.example/feed' }

/** A source whose last document named this hub. */
async function addPushedSource(store: Store, hub: Hub | null = HUB): Promise<Source> {
  const { id } = await addTestSource(store)
  await ingestPlan(store, id, {}, { hub })
  const [source] = await store.claimSources([id], NOW, 0, { force: true })
  if (!source) throw new Error('just added')
  return source
}

function subscriptionOf({ id }: Source, given: Partial<Subscription> = {}): Subscription {
  return {
    sourceId: id,
    hub: HUB,
    token: `token of ${id}`,
    secret: 's',
    state: 'active',
    leaseUntil: NOW + 1_000,
    nextAt: NOW + 800,
    attempts: 0,
    ...given,
  }
}

const dueAt = async (store: Store, now: number) =>
  (await store.listDueSubscriptions(now, 9)).map(({ source }) => source.id)

test('a source that names a hub is to be asked for, one that names none is not', async () => {
  const store = await openTestStore()
  const source = await addPushedSource(store)
  await addPushedSource(store, null)
  await addTestSource(store)

  expect(await store.listDueSubscriptions(NOW, 9)).toEqual([{ source, subscription: null }])
})

test('what was asked for is due again when its time has come, the longest due first', async () => {
  const store = await openTestStore()
  const [a, b] = [await addPushedSource(store), await addPushedSource(store)]
  await store.saveSubscription(subscriptionOf(a, { nextAt: NOW + 800 }))
  await store.saveSubscription(subscriptionOf(b, { nextAt: NOW + 700 }))

  expect(await dueAt(store, NOW + 699)).toEqual([])
  expect(await dueAt(store, NOW + 700)).toEqual([b.id])
  expect(await dueAt(store, NOW + 800)).toEqual([b.id, a.id])
  expect(await store.listDueSubscriptions(NOW + 800, 1)).toMatchObject([
    { subscription: subscriptionOf(b, { nextAt: NOW + 700 }) },
  ])
})

test('what a clock that was ahead planned for next year is due', async () => {
  const store = await openTestStore()
  const source = await addPushedSource(store)
  await store.saveSubscription(subscriptionOf(source, { nextAt: NOW + 29 * 86_400_000 }))
  expect(await dueAt(store, NOW)).toEqual([])
  await store.saveSubscription(subscriptionOf(source, { nextAt: NOW + 365 * 86_400_000 }))
  expect(await dueAt(store, NOW)).toEqual([source.id])
})

test('another hub is asked at once, the same one named anew is not', async () => {
  const store = await openTestStore()
  const source = await addPushedSource(store)
  const { url, topic } = HUB
  await store.saveSubscription(subscriptionOf(source, { hub: { topic, url } }))
  await ingestPlan(store, source.id, {}, { hub: { topic, url } })
  expect(await dueAt(store, NOW)).toEqual([])

  await ingestPlan(store, source.id, {}, { hub: { url, topic: 'https://a.example/other' } })

  expect(await store.listDueSubscriptions(NOW, 9)).toMatchObject([
    { source: { hub: { topic: 'https://a.example/other' } }, subscription: { hub: HUB } },
  ])
})

test('it is found by its token, and the source says until when it is pushed, while it is active', async () => {
  const store = await openTestStore()
  const source = await addPushedSource(store)
  const pushedUntil = async () => (await store.findSource(source.id))?.pushedUntil

  await store.saveSubscription(subscriptionOf(source, { state: 'asked', leaseUntil: null }))
  expect(await pushedUntil()).toBeNull()
  const active = subscriptionOf(source)
  await store.saveSubscription(active)
  expect(await pushedUntil()).toBe(NOW + 1_000)
  expect(await store.findSubscription(active.token)).toEqual({
    source: { ...source, pushedUntil: NOW + 1_000 },
    subscription: active,
  })
  expect(await store.findSubscription('another')).toBeUndefined()

  await store.saveSubscription({ ...active, state: 'refused' })
  expect(await pushedUntil()).toBeNull()
  await store.saveSubscription(active)
  await store.removeSubscription(source.id)
  expect(await pushedUntil()).toBeNull()
  expect(await store.findSubscription(active.token)).toBeUndefined()
})

test('two subscriptions never share a token', async () => {
  const store = await openTestStore()
  const [a, b] = [await addPushedSource(store), await addPushedSource(store)]
  await store.saveSubscription(subscriptionOf(a))

  await expect(store.saveSubscription(subscriptionOf(b, { token: subscriptionOf(a).token }))).rejects.toThrow('UNIQUE')
})

test.each([
  ['paused', { state: 'paused' as const }],
  ['removed', { state: 'removed' as const }],
  ['given another address', { url: 'https://b.example/feed' }],
])('a source that is %s is not pushed from that moment, and its hub is to be told', async (_, patch) => {
  const store = await openTestStore()
  const source = await addPushedSource(store)
  const active = subscriptionOf(source)
  await store.saveSubscription(active)

  await store.changeSource(source.id, patch, NOW)

  expect((await store.findSource(source.id, { removed: true }))?.pushedUntil).toBeNull()
  expect(await store.listDueSubscriptions(NOW, 9)).toMatchObject([{ source: { id: source.id }, subscription: active }])
  await store.removeSubscription(source.id)
  expect(await store.listDueSubscriptions(NOW, 9)).toEqual([])
})

test('a source whose document names no hub any more needs its subscription no more', async () => {
  const store = await openTestStore()
  const source = await addPushedSource(store)
  await store.saveSubscription(subscriptionOf(source))

  await ingestPlan(store, source.id, {}, { hub: null })

  expect(await store.listDueSubscriptions(NOW, 9)).toMatchObject([
    { source: { hub: null }, subscription: { hub: HUB } },
  ])
})

test('a source that was paused while its hub was asked gets no new subscription', async () => {
  const store = await openTestStore()
  const source = await addPushedSource(store)
  await store.changeSource(source.id, { state: 'paused' }, NOW)

  await store.saveSubscription(subscriptionOf(source))

  expect(await store.findSubscription(subscriptionOf(source).token)).toBeUndefined()
  expect(await store.findSource(source.id)).toMatchObject({ pushedUntil: null })
})

test('a push brings its items and touches nothing else of the source, not even the lease of a poll on its way', async () => {
  const dataDir = testFolder()
  const [store, other] = [await openTestStore({ dataDir }), await openTestStore({ dataDir })]
  const source = await addPushedSource(store)
  await other.claimSources([source.id], NOW, 60_000, { force: true })
  const before = await store.findSource(source.id)
  const item = readItem({ title: 'Pushed' })
  const record = pollRecord({ pushed: true, polledAt: NOW + 9, nextPollAt: 1, bodyHash: 'ff', hub: null })
  const read = readDocument([item], { title: 'A part of it', truncated: true })

  const result = await store.ingest(source.id, read, record, () => ({
    insert: [{ item, placeMs: NOW }],
    edit: [],
    bind: [],
    messages: [],
    remember: 'as_before',
  }))

  expect(result.inserted).toBe(1)
  expect(await store.findItem(NOW * 1000)).toMatchObject({ title: 'Pushed', firstSeenAt: NOW + 9 })
  expect(await store.findSource(source.id)).toEqual(before)
  expect((await store.listSources())[0]?.items).toBe(1)
  expect(await store.claimSources([source.id], NOW, 1, { force: true })).toEqual([])
})

test.each([
  ['that was paused', { state: 'paused' as const }],
  ['whose address changed during a poll', { url: 'https://b.example/feed' }],
])('a push for a source %s is dropped, and the lease stays with the poll', async (_, patch) => {
  const store = await openTestStore()
  const source = await addPushedSource(store)
  await store.claimSources([source.id], NOW, 60_000, { force: true })
  await store.changeSource(source.id, patch, NOW)

  await ingestPlan(store, source.id, { insert: [{ item: readItem(), placeMs: NOW }] }, { pushed: true })

  expect((await store.listItems({ limit: 1, now: NOW })).items).toEqual([])
  await store.changeSource(source.id, { state: 'active' }, NOW)
  expect(await store.claimSources([source.id], NOW, 1, { force: true })).toEqual([])
})
