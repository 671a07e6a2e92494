import { expect, test } from 'vitest'
import { openStore } from '../../../src/db/open.ts'
import { openDriver } from '../../../src/db/sqlite/binding.ts'
import type { Hit, Watch } from '../../../src/model.ts'
import type { Known } from '../../../src/ports.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { readDocument, readItem } from '../../support/items.ts'
import {
  addTestSource,
  ingestPlan,
  NOW,
  openTestStore,
  pollRecord,
  silentLog,
  testFolder,
} from '../../support/store.ts'

const query = (text: string) => parseQuery(text, { timezone: 'UTC', for: 'watch' })
const insertOf = (...titles: string[]) =>
  titles.map((title) => ({ item: readItem({ id: title, title }), placeMs: NOW }))
const hitOf = (watch: Watch): Hit => ({ watch, words: ['data'] })
const nothing = { insert: [], edit: [], bind: [], messages: [] }

test('what a poll found is stored whole: items, what the document says of itself, and the poll', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  const item = readItem({
    id: 'tag:1',
    url: 'https://a.example/1',
    title: 'Big data',
    content: '<p>All of <b>it</b></p>',
    publishedAt: NOW - 5_000,
    authors: ['Ann', 'Bob'],
    categories: ['x'],
    enclosures: [{ url: 'https://a.example/1.mp3', type: 'audio/mpeg', length: 9 }],
    language: 'en',
  })
  const read = readDocument([item], { title: 'The A', link: 'https://a.example/', language: 'en', format: 'Atom 1.0' })
  const record = pollRecord({ validators: { etag: '"e"', lastModified: 'Mon' }, bodyHash: 'ab' })

  const result = await store.ingest(source.id, read, record, () => ({ ...nothing, insert: [{ item, placeMs: NOW }] }))

  expect(result).toEqual({ inserted: 1, edited: 0, alerts: 0 })
  const { tokens, keys, ...said } = item
  expect(await store.findItem(NOW * 1000)).toEqual({
    ...said,
    place: NOW * 1000,
    story: NOW * 1000,
    firstSeenAt: NOW,
    revision: 0,
    revisedAt: null,
    calledBy: [],
    related: [],
    source: {
      id: source.id,
      title: 'The A',
      url: source.url,
      host: source.host,
      tags: [],
      siteUrl: 'https://a.example/',
    },
  })
  expect(await store.findSource(source.id)).toMatchObject({
    title: 'The A',
    language: 'en',
    format: 'Atom 1.0',
    validators: { etag: '"e"', lastModified: 'Mon' },
    bodyHash: 'ab',
    succeededAt: NOW,
    baselineDue: false,
  })
})

test('a document that was cut off leaves no validators: the next poll must ask for all of it', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  const record = pollRecord({ validators: { etag: '"e"', lastModified: 'Mon' }, bodyHash: 'ab' })

  await store.ingest(source.id, readDocument([], { truncated: true }), record, () => nothing)

  const stored = await store.findSource(source.id)
  expect(stored).toMatchObject({ validators: { etag: null, lastModified: null }, bodyHash: null })
})

test('the rest of a first document that was cut off is of the same baseline, and no third one is', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  const isDue = async () => (await store.findSource(source.id))?.baselineDue
  const cut = readDocument([], { truncated: true })

  await store.ingest(source.id, cut, pollRecord(), () => nothing)
  expect(await isDue()).toBe(true)

  await store.ingest(source.id, cut, pollRecord({ polledAt: NOW + 1 }), () => nothing)
  expect(await isDue()).toBe(false)
})

test('every item has a place of its own, also when thousands share a millisecond', async () => {
  const store = await openTestStore()
  const [a, b] = [await addTestSource(store), await addTestSource(store)]
  const many = (name: string) => insertOf(...Array.from({ length: 1_300 }, (_, i) => `${name}${i}`))

  await ingestPlan(store, a.id, { insert: many('a') })
  await ingestPlan(store, b.id, { insert: many('b') })

  const { items } = await store.listItems({ limit: 5_000, now: NOW })
  expect(new Set(items.map(({ place }) => place)).size).toBe(2_600)
  expect(items.at(-1)).toMatchObject({ place: NOW * 1000, title: 'a0' })
  expect(items[0]).toMatchObject({ place: NOW * 1000 + 2_599, title: 'b1299' })
})

test('the place of an item that was deleted by hand is given to no other: its names lead there still', async () => {
  const dataDir = testFolder()
  const store = await openTestStore({ dataDir })
  const [a, b] = [await addTestSource(store), await addTestSource(store)]
  await ingestPlan(store, a.id, { insert: insertOf('Gone') })
  const driver = openDriver(`${dataDir}/crier.db`)
  driver.exec('DELETE FROM items')
  driver.close()

  await ingestPlan(store, b.id, { insert: insertOf('Of the same moment') })
  await ingestPlan(store, a.id, (known) => {
    const found = known.findItem(readItem({ id: 'Gone' }).keys.id ?? '')
    expect(found).toEqual({ place: NOW * 1000, contentKey: '', firstSeenAt: NOW })
    return { edit: [{ place: found?.place ?? 0, item: readItem({ id: 'Gone', title: 'Gone, corrected' }) }] }
  })

  const { items } = await store.listItems({ limit: 9, now: NOW })
  expect(items.map(({ place, title }) => [place, title])).toEqual([[NOW * 1000 + 1, 'Of the same moment']])
})

test('an item is known by each of its keys, in its source only, until another takes the key over', async () => {
  const store = await openTestStore()
  const [a, b] = [await addTestSource(store), await addTestSource(store)]
  const item = readItem({ id: 'one', url: 'https://a.example/1', title: 'One' })
  await ingestPlan(store, a.id, { insert: [{ item, placeMs: NOW }] })
  const { id, url, content } = item.keys
  const places = (known: Known) => [id, url, content].map((key) => known.findItem(key ?? '')?.place)

  await ingestPlan(store, b.id, (known) => {
    expect(places(known)).toEqual([undefined, undefined, undefined])
    return {}
  })
  await ingestPlan(store, a.id, (known) => {
    expect(places(known)).toEqual([NOW * 1000, NOW * 1000, NOW * 1000])
    expect(known.findItem(content)).toEqual({
      place: NOW * 1000,
      contentKey: content,
      firstSeenAt: NOW,
    })
    return { insert: [{ item: readItem({ id: 'two', url: item.url, title: 'Two' }), placeMs: NOW + 1 }] }
  })
  await ingestPlan(store, a.id, (known) => {
    expect(places(known)).toEqual([NOW * 1000, (NOW + 1) * 1000, NOW * 1000])
    return { bind: [{ place: (NOW + 1) * 1000, keys: [content] }] }
  })
  await ingestPlan(store, a.id, (known) => {
    expect(known.findItem(content)?.place).toBe((NOW + 1) * 1000)
    return {}
  })
})

test('a name that is forgotten, whole or by how it begins, names its item no more, and nobody else loses one', async () => {
  const store = await openTestStore()
  const [source, other] = [await addTestSource(store), await addTestSource(store)]
  const item = readItem({ id: 'one', title: 'One' })
  for (const { id } of [source, other]) await ingestPlan(store, id, { insert: [{ item, placeMs: NOW }] })
  const idKey = item.keys.id ?? ''
  const placeOf = async (id: number) => {
    let place: number | undefined
    await ingestPlan(store, id, (known) => {
      place = known.findItem(idKey)?.place
      return {}
    })
    return place
  }

  await ingestPlan(store, source.id, { forget: [{ place: NOW * 1000 + 1, key: idKey.slice(0, 16) }] })
  expect(await placeOf(source.id)).toBe(NOW * 1000)
  await ingestPlan(store, source.id, { forget: [{ place: NOW * 1000, key: idKey.slice(0, 16) }] })

  expect(await placeOf(source.id)).toBeUndefined()
  expect(await placeOf(other.id)).toBe(NOW * 1000 + 1)
  await ingestPlan(store, source.id, (known) => {
    expect(known.findItem(item.keys.content)?.place).toBe(NOW * 1000)
    return { forget: [{ place: NOW * 1000, key: item.keys.content }] }
  })
  await ingestPlan(store, source.id, (known) => {
    expect(known.findItem(item.keys.content)).toBeUndefined()
    return {}
  })
})

test('a plan may ask when something arrived: each moment once, the latest first, seventeen at most', async () => {
  const store = await openTestStore()
  const [source, other] = [await addTestSource(store), await addTestSource(store)]
  const moments = Array.from({ length: 20 }, (_, i) => NOW + i * 60_000)
  const insertAt = (placeMs: number) => ({ item: readItem({ title: `at ${placeMs}` }), placeMs })
  await ingestPlan(store, other.id, { insert: [insertAt(NOW + 1e9)] })
  let seen: number[] = []
  const look = () =>
    ingestPlan(store, source.id, (known) => {
      seen = known.arrivals()
      return {}
    })

  await look()
  expect(seen).toEqual([])
  await ingestPlan(store, source.id, { insert: moments.slice(0, 2).flatMap((at) => [at, at, at].map(insertAt)) })
  await look()
  expect(seen).toEqual([NOW + 60_000, NOW])
  await ingestPlan(store, source.id, { insert: moments.slice(2).flatMap((at) => [at, at].map(insertAt)) })
  await look()
  expect(seen).toEqual(moments.slice(3).reverse())
})

test('an edit keeps place, story and first sight, counts a revision, and is found by its new words only', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  await ingestPlan(store, source.id, { insert: insertOf('Old words') })
  const place = NOW * 1000
  const edited = readItem({ id: 'Old words', title: 'New words' })

  const result = await ingestPlan(store, source.id, { edit: [{ place, item: edited }] }, { polledAt: NOW + 60 })

  expect(result).toEqual({ inserted: 0, edited: 1, alerts: 0 })
  const item = await store.findItem(place)
  expect(item).toMatchObject({ title: 'New words', revision: 1, revisedAt: NOW + 60, firstSeenAt: NOW, story: place })
  const found = async (text: string) => (await store.listItems({ limit: 9, now: NOW, query: query(text) })).items.length
  expect([await found('old'), await found('new')]).toEqual([0, 1])
  await ingestPlan(store, source.id, (known) => {
    expect(known.findItem(edited.keys.content)?.contentKey).toBe(edited.keys.content)
    return {}
  })
})

test('what only we read differently is stored, and is no edit to anybody', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  const watch = await store.addWatch('12', query('data'), NOW)
  await ingestPlan(store, source.id, {
    insert: insertOf('data'),
    messages: [{ chat: '12', alerts: [{ item: { inserted: 0 }, hits: [hitOf(watch)] }] }],
  })
  const claim = (now: number) =>
    store.claimMessages({
      ...{ now, limit: 9, edits: 9, leaseMs: 1_000, kind: 'telegram', gapMs: () => 0 },
      render: ([alert]) => ({ html: alert?.item.title ?? '', openUrl: null }),
    })
  const [message] = (await claim(NOW)).messages
  await store.settleMessage(message?.id ?? 0, { kind: 'sent', at: NOW, messageId: '7' })
  const edits = async (now: number) => {
    // The first look may only find the chat at rest.
    const looks = [await claim(now), await claim(now)]
    return looks.flatMap(({ messages }) => messages.map(({ rendered }) => rendered.html))
  }

  const edit = (title: string, more: { silent?: true } = {}) =>
    ingestPlan(store, source.id, { edit: [{ place: NOW * 1000, item: readItem({ id: 'data', title }), ...more }] })
  await edit('data, read anew', { silent: true })

  expect(await store.findItem(NOW * 1000)).toMatchObject({ title: 'data, read anew', revision: 0, revisedAt: null })
  expect(await edits(NOW + 3_600_000)).toEqual([])
  await edit('data, corrected')
  expect(await store.findItem(NOW * 1000)).toMatchObject({ title: 'data, corrected', revision: 1, revisedAt: NOW })
  expect(await edits(NOW + 7_200_000)).toEqual(['data, corrected'])
})

test.each(['paused', 'removed'] as const)('a source that was %s meanwhile stores nothing', async (state) => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  await store.claimSources([source.id], NOW, 60_000)
  await store.changeSource(source.id, { state }, NOW)

  const result = await ingestPlan(store, source.id, () => {
    throw new Error('not asked')
  })

  expect(result).toEqual({ inserted: 0, edited: 0, alerts: 0 })
  expect((await store.listItems({ limit: 1, now: NOW })).items).toEqual([])
})

test('what a poll brings from an address that its source left meanwhile is not stored, and the new one is polled at once', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  const claim = async () => (await store.claimSources([id], NOW, 60_000)).length
  await claim()
  await store.changeSource(id, { url: 'https://elsewhere.example/feed' }, NOW)
  const bring = (record: { pushed?: true } = {}) =>
    ingestPlan(store, id, { insert: insertOf('of the old one') }, record)

  // A hub gives back no lease: it has none.
  expect(await bring({ pushed: true })).toEqual({ inserted: 0, edited: 0, alerts: 0 })
  expect(await claim()).toBe(0)
  expect(await bring()).toEqual({ inserted: 0, edited: 0, alerts: 0 })
  expect(await claim()).toBe(1)
  expect((await store.listItems({ limit: 1, now: NOW })).items).toEqual([])
})

test('a plan that throws leaves nothing behind, and the lease as it was', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  const before = await store.revision()

  const broken = ingestPlan(store, source.id, {
    insert: insertOf('a'),
    edit: [{ place: 1, item: readItem() }],
    messages: [{ chat: 'terminal', alerts: [{ item: { place: 1 }, hits: [] }] }],
  })

  await expect(broken).rejects.toThrow('not stored')
  expect((await store.listItems({ limit: 1, now: NOW })).items).toEqual([])
  expect(await store.revision()).toBe(before)
  expect(await store.findSource(source.id)).toEqual(source)
})

test('the plan sees the watches that were committed before it, and no other', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  const seen: string[][] = []
  const look = () =>
    ingestPlan(store, source.id, (known) => {
      const item = { ...readItem({ title: 'big data cake' }), firstSeenAt: NOW, source }
      seen.push(known.watches.match(item, NOW).map(({ watch }) => watch.query))
      return {}
    })

  await look()
  const first = await store.addWatch('terminal', query('data'), NOW)
  await store.addWatch('12', query('cake'), NOW)
  await look()
  await store.markChatGone('12', 'blocked', NOW)
  await look()
  await store.reviveChat('12')
  await look()
  await store.removeWatch('terminal', first.number, NOW)
  await look()

  expect(seen.map((queries) => queries.sort())).toEqual([[], ['cake', 'data'], ['data'], ['cake', 'data'], ['cake']])
})

test('a watch that another process saved counts from the next plan on', async () => {
  const dataDir = testFolder()
  const store = await openTestStore({ dataDir })
  const source = await addTestSource(store)
  const matched = async () => {
    let count = 0
    await ingestPlan(store, source.id, (known) => {
      count = known.watches.match({ ...readItem({ title: 'data' }), firstSeenAt: NOW, source }, NOW).length
      return {}
    })
    return count
  }
  expect(await matched()).toBe(0)

  const other = await openStore({ dataDir, log: silentLog, groupWaitMs: 0 })
  const watch = await other.addWatch('terminal', query('data'), NOW)
  expect(await matched()).toBe(1)
  await other.removeWatch('terminal', watch.number, NOW)
  expect(await matched()).toBe(0)
  await other.close()
})

test('a watch that was saved in a group which came to nothing is not in the index', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  let attempts = 0
  const match = (known: Known) =>
    known.watches.match({ ...readItem({ title: 'data' }), firstSeenAt: NOW, source }, NOW).length
  const seen: number[] = []

  // The text of the second item cannot be written at the end of the group, so that the whole group fails.
  const broken = { ...readItem({ id: 'bad', title: 'bad' }), authors: [null] as unknown as string[] }
  const outcomes = await Promise.allSettled([
    store.addWatch('terminal', query('data'), NOW),
    ingestPlan(store, source.id, (known) => {
      attempts += 1
      seen.push(match(known))
      return { insert: [{ item: broken, placeMs: NOW }] }
    }),
  ])

  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(attempts).toBe(2)
  expect(seen).toEqual([1, 1])
  expect((await store.listItems({ limit: 9, now: NOW })).items).toEqual([])
})

test('a watch that is saved after a plan threw counts from the next plan on', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  // The document has a new title: the transaction that comes to nothing had noted a change of its own.
  const broken = store.ingest(source.id, readDocument([], { title: 'New' }), pollRecord(), (known) => {
    known.watches.match({ ...readItem(), firstSeenAt: NOW, source }, NOW)
    throw new Error('a bug of ours')
  })
  await expect(broken).rejects.toThrow('a bug of ours')

  await store.addWatch('terminal', query('data'), NOW)

  await ingestPlan(store, source.id, (known) => {
    const item = { ...readItem({ title: 'data' }), firstSeenAt: NOW, source }
    expect(known.watches.match(item, NOW)).toHaveLength(1)
    return {}
  })
})

test('a stored watch that can no longer be read is skipped, and the others go on', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  await store.addWatch('terminal', { ...query('data'), text: '"unclosed' }, NOW)
  await store.addWatch('terminal', query('data'), NOW)

  await ingestPlan(store, source.id, (known) => {
    const item = { ...readItem({ title: 'data' }), firstSeenAt: NOW, source }
    expect(known.watches.match(item, NOW).map(({ watch }) => watch.query)).toEqual(['data'])
    return {}
  })
})

test('alerts are stored with their items: once for a chat and story, with all their hits', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  const watch = await store.addWatch('terminal', query('data'), NOW)
  const alert = { item: { inserted: 0 }, hits: [hitOf(watch)] }

  const result = await ingestPlan(store, source.id, {
    insert: insertOf('data'),
    messages: [
      { chat: 'terminal', alerts: [alert] },
      { chat: 'terminal', alerts: [alert] },
    ],
  })

  expect(result.alerts).toBe(1)
  const [stored, ...others] = await store.listAlerts({ limit: 9 })
  expect(others).toEqual([])
  expect(stored).toMatchObject({ chat: 'terminal', story: NOW * 1000, state: 'queued', createdAt: NOW, sentAt: null })
  expect(stored?.hits).toEqual([{ watch, words: ['data'] }])
  expect(stored?.item.calledBy).toEqual(['data'])
  await ingestPlan(store, source.id, (known) => {
    expect(known.isAlerted('terminal', NOW * 1000)).toBe(true)
    expect(known.isAlerted('terminal', NOW * 1000 + 1)).toBe(false)
    expect(known.isAlerted('12', NOW * 1000)).toBe(false)
    return {}
  })
})

test('polls that end together see one another, in order', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  const watch = await store.addWatch('terminal', query('data'), NOW)
  let wasAlerted = false

  await Promise.all([
    ingestPlan(store, source.id, {
      insert: insertOf('data'),
      messages: [{ chat: 'terminal', alerts: [{ item: { inserted: 0 }, hits: [hitOf(watch)] }] }],
    }),
    ingestPlan(store, source.id, (known) => {
      wasAlerted = known.isAlerted('terminal', NOW * 1000)
      return {}
    }),
  ])

  expect(wasAlerted).toBe(true)
})

test('the revision moves with what was stored or edited, by whatever process', async () => {
  const dataDir = testFolder()
  const store = await openTestStore({ dataDir })
  const other = await openTestStore({ dataDir })
  const source = await addTestSource(store)
  await ingestPlan(store, source.id, {})
  const before = await other.revision()

  await ingestPlan(store, source.id, {})
  expect(await other.revision()).toBe(before)
  await ingestPlan(store, source.id, { insert: insertOf('a') })
  expect(await other.revision()).toBe(before + 1)
  await ingestPlan(store, source.id, { edit: [{ place: NOW * 1000, item: readItem({ title: 'b' }) }] })
  expect(await other.revision()).toBe(before + 2)
})
