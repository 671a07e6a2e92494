import { describe, expect, test } from 'vitest'
import type { Item, ReadItem } from '../../../src/model.ts'
import type { IngestPlan, Store } from '../../../src/ports.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { readItem } from '../../support/items.ts'
import { newsdesk } from '../../support/newsdesk.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, testFolder } from '../../support/store.ts'
import { WIRE } from '../../support/story-desk.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
const TITLE = 'Norwegian ferry Aurelia runs aground off Tromsø with 214 aboard'
const TEXT =
  'The ferry Aurelia ran aground near Tromsø early on Sunday with 214 passengers aboard, the coast guard said. Captain Ingrid Solheim ' +
  'reported damage to the hull below the car deck. Two helicopters and four lifeboats took everybody to Skjervøy, where the mayor opened a school.'

/** The same news, as another paper carries it. */
function wire(given: Partial<ReadItem> = {}): ReadItem {
  const { keys: _, tokens: __, ...said } = given
  return readItem({ title: TITLE, content: TEXT, publishedAt: NOW - HOUR, ...said })
}

const other = readItem({ title: 'Council of Bergen votes on the budget for libraries', publishedAt: NOW - HOUR })

function notices(count: number): ReadItem[] {
  return Array.from({ length: count }, (_, i) => readItem({ id: `${i}`, title: `Notice ${i}`, publishedAt: NOW }))
}

/** Stores them as new items of the source; gives their places. */
async function put(store: Store, sourceId: number, items: ReadItem[], more: Partial<IngestPlan> = {}, at = NOW) {
  const insert = items.map((item) => ({ item, placeMs: at }))
  await ingestPlan(store, sourceId, { insert, ...more }, { polledAt: at })
}

/** Titles with the source's number, grouped by story, the oldest first. */
async function stories(store: Store): Promise<string[][]> {
  const { items } = await store.listItems({ limit: 999, now: NOW })
  const byStory = new Map<number, string[]>()
  for (const { story, source, title } of items.reverse()) {
    byStory.set(story, [...(byStory.get(story) ?? []), `${source.id} ${title.slice(0, 10)}`])
  }
  return [...byStory.values()]
}

describe('a new item joins the story that others tell', () => {
  test('in the place of the item that began it', async () => {
    const store = await openTestStore()
    const [a, b] = [await addTestSource(store), await addTestSource(store)]

    await put(store, a.id, [other, wire()])
    await put(store, b.id, [wire({ title: `UPDATE 1-${TITLE}` })])

    const { items } = await store.listItems({ limit: 9, now: NOW })
    const begun = items.find(({ source, title }) => source.id === a.id && title === TITLE)
    expect(items.find(({ source }) => source.id === b.id)?.story).toBe(begun?.place)
    expect(await stories(store)).toHaveLength(2)
  })

  test('under its address, whatever the words', async () => {
    const store = await openTestStore()
    const [a, b] = [await addTestSource(store), await addTestSource(store)]
    const url = 'https://paper.example/ferry'

    await put(store, a.id, [wire({ url })])
    await put(store, b.id, [readItem({ title: 'Ferry', url, publishedAt: NOW })])

    expect(await stories(store)).toHaveLength(1)
  })

  test('also when both come in one commit', async () => {
    const store = await openTestStore()
    const [a, b] = [await addTestSource(store), await addTestSource(store)]

    await Promise.all([put(store, a.id, [wire()]), put(store, b.id, [wire()])])

    expect(await stories(store)).toEqual([[`${a.id} Norwegian `, `${b.id} Norwegian `]])
  })

  test('that a first backlog brought', async () => {
    const store = await openTestStore()
    const [a, b] = [await addTestSource(store), await addTestSource(store)]

    await put(store, a.id, [wire()], { quiet: true })
    await put(store, b.id, [wire()])

    expect(await stories(store)).toHaveLength(1)
  })

  test('but not one that is older than 72 h', async () => {
    const store = await openTestStore()
    const [a, b] = [await addTestSource(store), await addTestSource(store)]

    await put(store, a.id, [wire({ publishedAt: NOW - 73 * HOUR })])
    await put(store, b.id, [wire({ publishedAt: NOW })])

    expect(await stories(store)).toHaveLength(2)
  })

  test('nor is a date in the future a way to stay in the window for ever', async () => {
    const store = await openTestStore()
    const [a, b] = [await addTestSource(store), await addTestSource(store)]

    await put(store, a.id, [wire({ publishedAt: NOW + 9_000 * HOUR })])
    await put(store, b.id, [wire({ publishedAt: null })], {}, NOW + 74 * HOUR)

    expect(await stories(store)).toHaveLength(2)
  })

  test('and of a language it shares', async () => {
    const store = await openTestStore()
    const [a, b] = [await addTestSource(store), await addTestSource(store)]

    await put(store, a.id, [wire({ language: 'en-gb' })])
    await put(store, b.id, [wire({ language: 'no' }), wire({ language: 'en-us', id: 'us' })])

    expect((await stories(store)).map((told) => told.length)).toEqual([2, 1])
  })
})

describe('what is in memory follows what is stored', () => {
  test('an ingest that is undone leaves no member behind', async () => {
    const store = await openTestStore()
    const [a, b] = [await addTestSource(store), await addTestSource(store)]

    const broken = put(store, a.id, [wire()], { bind: [{ place: 1, keys: ['no key'] }] })
    await expect(broken).rejects.toThrow()
    await put(store, b.id, [wire()])
    await put(store, a.id, [wire()])

    expect(await stories(store)).toEqual([[`${b.id} Norwegian `, `${a.id} Norwegian `]])
  })

  test('one that is undone among others takes nobody with it', async () => {
    const store = await openTestStore()
    const [a, b, c] = [await addTestSource(store), await addTestSource(store), await addTestSource(store)]

    const outcomes = await Promise.allSettled([
      put(store, a.id, [other]),
      put(store, b.id, [wire()], { bind: [{ place: 1, keys: ['no key'] }] }),
      put(store, c.id, [wire()]),
    ])
    await put(store, b.id, [wire(), other])

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await stories(store)).toEqual([
      [`${a.id} Council of`, `${b.id} Council of`],
      [`${c.id} Norwegian `, `${b.id} Norwegian `],
    ])
  })

  test('a service that starts again knows the last days', async () => {
    const dataDir = testFolder()
    const before = await openTestStore({ dataDir })
    const [a, b] = [await addTestSource(before), await addTestSource(before)]
    // More than one slice of them.
    await put(before, a.id, [wire(), ...notices(700)])
    await before.close()

    const after = await openTestStore({ dataDir })
    await put(after, b.id, [wire()])

    const { items } = await after.listItems({ limit: 999, now: NOW })
    expect(items.filter(({ story, place }) => story !== place)).toMatchObject([{ source: { id: b.id }, title: TITLE }])
  })

  test('what another process stored is known to the next poll', async () => {
    const dataDir = testFolder()
    const [service, command] = [await openTestStore({ dataDir }), await openTestStore({ dataDir })]
    const [a, b] = [await addTestSource(service), await addTestSource(service)]
    await put(service, a.id, [other])

    await put(command, a.id, [wire()])
    await put(service, b.id, [wire(), other])
    await put(command, b.id, [wire({ id: 'again' })])

    expect((await stories(service)).map((told) => told.length)).toEqual([2, 3])
  })

  test('what has left the window is forgotten in steps, on disk too', async () => {
    const dataDir = testFolder()
    const store = await openTestStore({ dataDir })
    const [a, b] = [await addTestSource(store), await addTestSource(store)]
    await put(store, a.id, notices(1_200))
    await put(store, b.id, [other], {}, NOW + 80 * HOUR)

    const left: number[] = []
    for (const minutes of [11, 12, 13]) {
      await put(store, b.id, [wire({ publishedAt: null })], {}, NOW + 80 * HOUR + minutes * MINUTE)
      left.push(await countMembers(dataDir))
    }

    expect(left).toEqual([701, 202, 3])
  })

  test('a clock that is ahead for one round of polls forgets nothing', async () => {
    const dataDir = testFolder()
    const store = await openTestStore({ dataDir })
    const [a, b] = [await addTestSource(store), await addTestSource(store)]
    await put(store, a.id, [wire()])

    await put(store, a.id, [other], {}, NOW + 900 * HOUR)
    await put(store, b.id, [other], {}, NOW + 900 * HOUR + MINUTE)
    await put(store, b.id, [wire()], {}, NOW + MINUTE)

    const told = await stories(store)
    expect(told).toContainEqual([`${a.id} Norwegian `, `${b.id} Norwegian `])
  })

  test('nor does a command that begins with such a clock', async () => {
    const dataDir = testFolder()
    const service = await openTestStore({ dataDir })
    const [a, b] = [await addTestSource(service), await addTestSource(service)]
    await put(service, a.id, [wire()])
    const command = await openTestStore({ dataDir, clock: () => NOW + 900 * HOUR })

    await put(command, a.id, [other], {}, NOW + 900 * HOUR)

    expect(await countMembers(dataDir)).toBe(1)
    await put(command, b.id, [wire()], {}, NOW + MINUTE)
    expect((await stories(service)).map((told) => told.length)).toContain(2)
  })

  test('what a clock that was ahead left behind keeps nothing in the table', async () => {
    const dataDir = testFolder()
    const store = await openTestStore({ dataDir })
    const a = await addTestSource(store)
    await put(store, a.id, [wire({ publishedAt: null })], {}, NOW + 900 * HOUR)
    await put(store, a.id, notices(20))

    await put(store, a.id, [], {}, NOW + 80 * HOUR)
    for (const minutes of [0, 11]) {
      await put(store, a.id, [wire({ publishedAt: null })], {}, NOW + 80 * HOUR + minutes * MINUTE)
    }

    expect(await countMembers(dataDir)).toBe(3)
  })

  test('a poll that stores nothing does not read the window', async () => {
    const dataDir = testFolder()
    const before = await openTestStore({ dataDir })
    const [a, b] = [await addTestSource(before), await addTestSource(before)]
    await put(before, a.id, [wire(), ...notices(600)])
    await before.close()
    const store = await openTestStore({ dataDir })
    const asked: string[] = []
    const planned = (name: string, insert: IngestPlan['insert']) => () => {
      asked.push(name)
      return { insert }
    }

    await ingestPlan(store, b.id, planned('nothing', []))
    const both = [planned('new', [{ item: wire(), placeMs: NOW }]), planned('newer', [{ item: other, placeMs: NOW }])]
    await Promise.all(both.map((plan) => ingestPlan(store, b.id, plan)))
    await ingestPlan(store, b.id, planned('later', [{ item: wire({ id: 'later' }), placeMs: NOW + 1 }]))

    // What finds no window is undone, and asked again when it is read; by then, perhaps, the one after it comes.
    expect(asked.filter((name) => name !== 'newer')).toEqual(['nothing', 'new', 'new', 'later'])
    expect((await stories(store)).filter((told) => told.length > 1)).toEqual([
      [`${a.id} Norwegian `, `${b.id} Norwegian `, `${b.id} Norwegian `],
    ])
  })

  test('where the window is lost again with a group that failed, it is read again, and nobody but the culprit hears of it', async () => {
    const dataDir = testFolder()
    const before = await openTestStore({ dataDir })
    const [a, b, c] = [await addTestSource(before), await addTestSource(before), await addTestSource(before)]
    await put(before, a.id, [wire(), ...notices(600)])
    const { items } = await before.listItems({ limit: 1, now: NOW })
    const edited = { place: items[0]?.place ?? 0, item: other }
    await before.close()
    const store = await openTestStore({ dataDir })

    // The text of the last one cannot be written at the end of the group.
    const broken = { ...readItem({ id: 'bad', title: 'bad' }), authors: [null] as unknown as string[] }
    const outcomes = await Promise.allSettled([
      put(store, b.id, [wire()]),
      ingestPlan(store, a.id, { edit: [edited] }),
      put(store, c.id, [broken]),
    ])

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect((await stories(store)).filter((told) => told.length > 1)).toHaveLength(1)
  })

  test('whoever waits for the window hears when the store is closed', async () => {
    const dataDir = testFolder()
    const before = await openTestStore({ dataDir })
    const a = await addTestSource(before)
    await put(before, a.id, notices(600))
    await before.close()
    const store = await openTestStore({ dataDir })

    const waiting = put(store, a.id, [wire()])
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'unavailable' })
    await store.close()

    await outcome
  })
})

describe('an item that is edited', () => {
  const stub = wire({ title: 'BREAKING: Ferry in trouble in the north', content: 'More to follow.' })

  test('keeps its story, if others tell it too', async () => {
    const store = await openTestStore()
    const [a, b] = [await addTestSource(store), await addTestSource(store)]
    await put(store, a.id, [wire()])
    await put(store, b.id, [wire()])
    const [begun, joined] = await itemsOf(store)

    for (const item of [begun, joined]) await edit(store, item, other)

    expect((await itemsOf(store)).map(({ title, story }) => [title, story])).toEqual([
      [other.title, begun?.place],
      [other.title, begun?.place],
    ])
  })

  test('is found by what it says now: a stub that is filled in is the story that others carry next', async () => {
    const dataDir = testFolder()
    const store = await openTestStore({ dataDir })
    const [a, b, c] = [await addTestSource(store), await addTestSource(store), await addTestSource(store)]
    await put(store, a.id, [stub])
    const [begun] = await itemsOf(store)

    await edit(store, begun, wire())
    await put(store, b.id, [wire()])
    await store.close()
    const again = await openTestStore({ dataDir })
    await put(again, c.id, [wire()])

    expect((await itemsOf(again)).map(({ story }) => story)).toEqual(Array(3).fill(begun?.place))
    expect(await countMembers(dataDir)).toBe(3)
  })

  test('joins the story that it tells by now, if it was alone: what waited for it is told, and what told it follows', async () => {
    const store = await openTestStore()
    const [a, b] = [await addTestSource(store, domain('a')), await addTestSource(store, domain('b'))]
    const watch = (chat: string, text: string) =>
      store.addWatch(chat, parseQuery(text, { timezone: 'UTC', for: 'watch' }), NOW)
    const [waits, plain] = [await watch('12', 'tromsø sources>=2'), await watch('13', 'ferry')]
    const told = [{ item: { inserted: 0 }, hits: [{ watch: plain, words: ['ferry'] }] }]
    const waiting = [{ item: { inserted: 0 }, hits: [{ watch: waits, words: ['tromsø'], waitsFor: 2 }] }]
    await put(store, a.id, [wire()], { messages: [{ chat: '12', alerts: waiting }] })
    await put(store, b.id, [stub], { messages: [{ chat: '13', alerts: told }] })
    const [begun, filled] = await itemsOf(store)
    expect([begun?.story, filled?.story]).toEqual([begun?.place, filled?.place])

    const { alerts } = await edit(store, filled, wire())

    expect((await itemsOf(store)).map(({ story }) => story)).toEqual([begun?.place, begun?.place])
    expect(alerts).toBe(1)
    expect(await store.listAlerts({ limit: 9 })).toMatchObject([
      { chat: '13', story: begun?.place, item: { place: filled?.place } },
      { chat: '12', story: begun?.place, state: 'queued' },
    ])
    expect((await store.listItems({ limit: 9, now: NOW, stories: true })).items).toMatchObject([
      { place: begun?.place, related: [{ place: filled?.place }] },
    ])
  })

  test('and whose edit is undone is found by what it said before', async () => {
    const store = await openTestStore()
    const [a, b] = [await addTestSource(store), await addTestSource(store)]
    await put(store, a.id, [wire()])
    const [begun] = await itemsOf(store)

    await expect(edit(store, begun, other, { bind: [{ place: 1, keys: ['no key'] }] })).rejects.toThrow()
    await put(store, b.id, [wire(), other])

    expect((await itemsOf(store)).map(({ title, story }) => [title, story === begun?.place])).toEqual([
      [TITLE, true],
      [TITLE, true],
      [other.title, false],
    ])
  })

  test('by our reading only, is no other story', async () => {
    const store = await openTestStore()
    const [a, b] = [await addTestSource(store), await addTestSource(store)]
    await put(store, a.id, [wire()])
    await put(store, b.id, [stub])
    const [, alone] = await itemsOf(store)

    await ingestPlan(store, b.id, { edit: [{ place: alone?.place ?? 0, item: wire(), silent: true }] })

    expect(await stories(store)).toHaveLength(2)
  })
})

describe('alerts of an item that tells another story by now', () => {
  const storm = { ...WIRE.storm, publishedAt: NOW }
  const stub = { title: 'harbour: more soon', text: '', publishedAt: NOW }

  /** Paper A tells the storm, B announces it; then B fills it in. */
  async function openPapers(watches: string[], tellsOf: 'harbour' | 'port' = 'port') {
    const desk = await newsdesk()
    const [a, b] = [await desk.source('a'), await desk.source('b')]
    for (const watch of watches) await desk.watch(watch, '12')
    const own = (text: string) => (tellsOf === 'port' ? text.replaceAll('harbour', 'port') : text)
    const first = { ...storm, title: own(storm.title), text: own(storm.text) }
    await desk.publish(a, readItem({ id: 'a', url: 'https://a.test/1', ...first }))
    return {
      desk,
      announce: () => desk.publish(b, readItem({ id: 'b', url: 'https://b.test/1', ...stub })),
      fillIn: (url = 'https://b.test/1') => desk.publish(b, readItem({ id: 'b', url, ...storm })),
      async news() {
        const told: string[] = []
        await desk.settle(({ id, edits }) => {
          if (edits === null) told.push(`${id}`)
          return { kind: 'sent', at: desk.now(), messageId: edits ?? `${id}` }
        })
        return told.length
      },
      alerts: async () =>
        (await desk.store.listAlerts({ limit: 9 })).map(({ state, hits }) => [
          state,
          hits.map(({ watch }) => watch.query),
        ]),
    }
  }

  test('what waits there is set free, though something else waits at the story too', async () => {
    const { announce, fillIn, news, alerts } = await openPapers(['harbour sources>=2', 'ferries sources>=5'])
    await announce()
    expect(await alerts()).toMatchObject([
      ['waiting', ['harbour sources>=2']],
      ['waiting', ['ferries sources>=5']],
    ])

    await fillIn()

    expect(await news()).toBe(1)
    expect((await alerts()).map(([state]) => state)).toEqual(['cancelled', 'sent'])
  })

  test('what waits there is told, though the same watch was muted when the story had enough publishers before', async () => {
    const { desk, announce, fillIn, news, alerts } = await openPapers(
      ['harbour sources>=2', 'ferries sources>=5'],
      'harbour',
    )
    await desk.store.mute('12', 1, desk.now() + 60_000, desk.now())
    desk.pass(1_000)
    await desk.publish(await desk.source('c'), readItem({ id: 'c', url: 'https://c.test/1', ...storm }))
    desk.pass(60_000)
    expect(await alerts()).toEqual([['waiting', ['ferries sources>=5']]])
    await announce()

    await fillIn()

    expect(await news()).toBe(1)
    expect((await alerts()).at(-1)).toEqual(['sent', ['harbour sources>=2', 'ferries sources>=5']])
  })

  test('what waits there is named in the message that told the story', async () => {
    const { announce, fillIn, news, alerts } = await openPapers(['harbour sources>=2', 'ferries'])
    expect(await news()).toBe(1)
    await announce()

    await fillIn()

    expect(await news()).toBe(0)
    expect((await alerts()).at(-1)).toEqual(['sent', ['harbour sources>=2', 'ferries']])
  })

  test('what was not sent yet is no second message', async () => {
    const { announce, fillIn, news, alerts } = await openPapers(['harbour'], 'harbour')
    expect(await news()).toBe(1)
    await announce()

    await fillIn()

    expect(await news()).toBe(0)
    expect((await alerts()).map(([state]) => state)).toEqual(['cancelled', 'sent'])
  })

  test('what was told there stays told, and takes over what waits at the story', async () => {
    const { announce, fillIn, news, alerts } = await openPapers(['harbour', 'ferries sources>=5'])
    await announce()
    expect(await news()).toBe(1)

    await fillIn()

    expect(await news()).toBe(0)
    expect((await alerts()).map(([state]) => state)).toEqual(['sent', 'cancelled'])
  })

  test('another address may be another publisher: what waits for it is told', async () => {
    const { fillIn, news } = await openPapers(['harbour sources>=2'], 'harbour')
    await fillIn('https://a.test/2')
    expect(await news()).toBe(0)

    await fillIn('https://c.test/2')

    expect(await news()).toBe(1)
  })

  test('it is listed, though the item that began the story is gone', async () => {
    const dataDir = testFolder()
    const store = await openTestStore({ dataDir })
    const [a, b] = [await addTestSource(store), await addTestSource(store)]
    await put(store, a.id, [wire()])
    await put(store, b.id, [wire({ title: 'BREAKING: Ferry in trouble', content: 'More to follow.' })])
    const [begun, filled] = await itemsOf(store)
    await lose(dataDir, begun)

    await edit(store, filled, wire())

    const { items } = await store.listItems({ limit: 9, now: NOW, stories: true })
    expect(items.map(({ place, story }) => [place, story])).toEqual([[filled?.place, begun?.place]])
  })
})

test('a new item that joins a story of which nothing is left is listed in its place', async () => {
  const dataDir = testFolder()
  const store = await openTestStore({ dataDir })
  const [a, b] = [await addTestSource(store), await addTestSource(store)]
  await put(store, a.id, [wire()])
  const [begun] = await itemsOf(store)
  await lose(dataDir, begun)

  await put(store, b.id, [wire()])

  const { items } = await store.listItems({ limit: 9, now: NOW, stories: true })
  expect(items.map(({ source, story }) => [source.id, story])).toEqual([[b.id, begun?.place]])
})

/** The oldest first. */
async function itemsOf(store: Store): Promise<Item[]> {
  return (await store.listItems({ limit: 99, now: NOW })).items.reverse()
}

function edit(store: Store, item: Item | undefined, to: ReadItem, more: Partial<IngestPlan> = {}) {
  if (!item) throw new Error('There is no such item.')
  return ingestPlan(store, item.source.id, { edit: [{ place: item.place, item: to }], ...more })
}

function domain(name: string) {
  return { url: `https://${name}.test/feed.xml` }
}

/** Somebody deletes it by hand. */
async function lose(dataDir: string, item: Item | undefined): Promise<void> {
  const { openDriver } = await import('../../../src/db/sqlite/binding.ts')
  const driver = openDriver(`${dataDir}/crier.db`)
  driver.prepare('DELETE FROM items WHERE place = ?').run(item?.place)
  driver.close()
}

async function countMembers(dataDir: string): Promise<number> {
  const { openDriver } = await import('../../../src/db/sqlite/binding.ts')
  const driver = openDriver(`${dataDir}/crier.db`)
  const count = driver.prepare<number>('SELECT count(*) FROM story_members').pluck().get() ?? 0
  driver.close()
  return count
}
