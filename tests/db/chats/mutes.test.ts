import { expect, test } from 'vitest'
import type { Hit } from '../../../src/model.ts'
import type { Known, Store } from '../../../src/ports.ts'
import { readItem } from '../../support/items.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, testFolder, watchQuery } from '../../support/store.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Whom an ingest at that moment would call for an item with all these words: "chat number". */
async function heard(store: Store, at = NOW): Promise<string[]> {
  const source =
    (await store.findSource('https://a.example/feed')) ??
    (await addTestSource(store, { url: 'https://a.example/feed' }))
  let hits: Hit[] = []
  await ingestPlan(store, source.id, (known) => {
    hits = known.watches.match({ ...readItem({ title: 'data dogs' }), firstSeenAt: at, source }, at)
    return {}
  })
  return hits.map(({ watch }) => `${watch.chat} ${watch.number}`).sort()
}

test('what is muted is not matched from its beginning on and before its end, by the time of the ingest', async () => {
  const store = await openTestStore()
  for (const text of ['data', 'dogs']) await store.addWatch('terminal', watchQuery(text), NOW)
  await store.addWatch('12', watchQuery('data'), NOW)
  const all = ['12 1', 'terminal 1', 'terminal 2']

  await store.mute('terminal', 1, NOW + 2 * HOUR, NOW)
  await store.mute('terminal', null, NOW + HOUR, NOW)

  expect(await heard(store, NOW - 1)).toEqual(all)
  expect(await heard(store, NOW)).toEqual(['12 1'])
  expect(await heard(store, NOW + HOUR - 1)).toEqual(['12 1'])
  expect(await heard(store, NOW + HOUR)).toEqual(['12 1', 'terminal 2'])
  expect(await heard(store, NOW + 2 * HOUR)).toEqual(all)
})

test('a clock that was set back does not put off what is muted after it', async () => {
  const store = await openTestStore()
  await store.addWatch('terminal', watchQuery('data'), NOW)
  await store.mute('terminal', null, NOW + DAY + HOUR, NOW + DAY)
  expect(await heard(store)).toEqual(['terminal 1'])

  await store.mute('terminal', null, NOW + HOUR, NOW)
  expect(await heard(store)).toEqual([])
  expect(await heard(store, NOW + HOUR)).toEqual(['terminal 1'])
})

test('what another process mutes, and ends, counts from the next plan on', async () => {
  const dataDir = testFolder()
  const [service, command] = [await openTestStore({ dataDir }), await openTestStore({ dataDir })]
  await service.addWatch('terminal', watchQuery('data'), NOW)
  expect(await heard(service)).toEqual(['terminal 1'])

  await command.mute('terminal', null, NOW + HOUR, NOW)
  expect(await heard(service)).toEqual([])
  await command.mute('terminal', null, NOW, NOW)
  expect(await heard(service)).toEqual(['terminal 1'])
  await command.mute('terminal', 1, NOW + HOUR, NOW)
  expect(await heard(service)).toEqual([])
})

test('a service that starts knows what is muted', async () => {
  const dataDir = testFolder()
  const before = await openTestStore({ dataDir })
  await before.addWatch('terminal', watchQuery('data'), NOW)
  await before.mute('terminal', 1, NOW + HOUR, NOW)

  expect(await heard(await openTestStore({ dataDir }))).toEqual([])
})

test('a mute whose group came to nothing mutes nobody, and nor does one that was refused', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store, { url: 'https://a.example/feed' })
  await store.addWatch('terminal', watchQuery('data'), NOW)
  const seen: number[] = []
  // It cannot be written at the end of the group, so that the whole group fails; alone, the mute is tried once more.
  const broken = { ...readItem({ id: 'bad', title: 'bad' }), authors: [null] as unknown as string[] }
  const plan = (known: Known) => {
    seen.push(known.watches.match({ ...readItem({ title: 'data' }), firstSeenAt: NOW, source }, NOW).length)
    return { insert: [{ item: broken, placeMs: NOW }] }
  }

  const outcomes = await Promise.allSettled([
    ingestPlan(store, source.id, plan),
    store.mute('terminal', 1, NOW + HOUR, NOW),
    ingestPlan(store, source.id, plan),
    store.mute('terminal', 7, NOW + HOUR, NOW),
  ])

  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'rejected'])
  expect(seen).toEqual([1, 0, 1, 0])
  expect(await store.listMutes('terminal')).toHaveLength(1)
  expect(await heard(store)).toEqual([])
})

test('a chat that moves takes its mutes along; of two that become one, the later end counts', async () => {
  const store = await openTestStore()
  await store.addWatch('-5', watchQuery('data'), NOW)
  await store.addWatch('-5', watchQuery('dogs'), NOW)
  await store.addWatch('-100', watchQuery('dogs'), NOW)
  await store.mute('-5', null, NOW + HOUR, NOW)
  await store.mute('-5', 1, NOW + 3 * HOUR, NOW)
  await store.mute('-100', null, NOW + 2 * HOUR, NOW)

  const source = await addTestSource(store)
  const [first] = await store.listWatches('-5')
  if (!first) throw new Error('It is there.')
  await ingestPlan(store, source.id, {
    insert: [{ item: readItem({ title: 'data' }), placeMs: NOW }],
    messages: [{ chat: '-5', alerts: [{ item: { inserted: 0 }, hits: [{ watch: first, words: [] }] }] }],
  })
  const claimed = await store.claimMessages({
    ...{ now: NOW, limit: 1, leaseMs: HOUR, kind: 'telegram', gapMs: () => 0 },
    render: () => ({ html: 'x', openUrl: null }),
  })
  await store.settleMessage(claimed.messages[0]?.id ?? 0, { kind: 'moved', chat: '-100' })

  expect(await heard(store, NOW + HOUR)).toEqual([])
  expect(await heard(store, NOW + 2 * HOUR)).toEqual(['-100 1'])
  expect(await heard(store, NOW + 3 * HOUR)).toEqual(['-100 1', '-100 2'])
  // To end it ends both.
  await store.mute('-100', null, NOW + 1, NOW + 1)
  expect(await heard(store, NOW + 1)).toEqual(['-100 1'])
})

test('a query is muted while nobody hears it, and until the first of its watches is heard again', async () => {
  const store = await openTestStore()
  for (const chat of ['terminal', '12']) await store.addWatch(chat, watchQuery('data'), NOW)
  await store.addWatch('terminal', watchQuery('dogs'), NOW)
  const muted = async (at = NOW) => Object.fromEntries(await store.listMutedQueries(['data', 'dogs', 'cats'], at))

  await store.mute('terminal', null, NOW + HOUR, NOW)
  expect(await muted()).toEqual({ dogs: NOW + HOUR })
  await store.mute('12', 1, NOW + 2 * HOUR, NOW)
  await store.mute('terminal', 1, NOW + 3 * HOUR, NOW)
  expect(await muted()).toEqual({ data: NOW + 2 * HOUR, dogs: NOW + HOUR })
  expect(await muted(NOW + HOUR)).toEqual({ data: NOW + 2 * HOUR })
  expect(await muted(NOW + 2 * HOUR)).toEqual({})
  // A watch that was removed is heard by nobody, muted or not.
  await store.removeWatch('12', 1, NOW)
  expect(await muted(NOW + 2 * HOUR)).toEqual({ data: NOW + 3 * HOUR })
})

test('to mute makes the chat known; what is no chat is refused', async () => {
  const store = await openTestStore()

  expect(await store.mute('12', null, NOW + HOUR, NOW)).toBeNull()
  expect(await store.findChat('12')).toMatchObject({ kind: 'telegram' })
  await expect(store.mute('me', null, NOW + HOUR, NOW)).rejects.toMatchObject({ code: 'invalid' })
})

test('what was muted is remembered for a year after it ended', async () => {
  const store = await openTestStore()
  await store.mute('12', null, NOW + HOUR, NOW)
  await store.mute('12', null, NOW + 367 * DAY, NOW + 366 * DAY)
  expect(await store.listMutes('12')).toHaveLength(2)

  await store.mute('terminal', null, NOW + 368 * DAY, NOW + 367 * DAY)

  expect(await store.listMutes('12')).toEqual([
    { chat: '12', watchId: null, since: NOW + 366 * DAY, until: NOW + 367 * DAY },
  ])
})
