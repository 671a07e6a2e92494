import { expect, test } from 'vitest'
import type { Article, ReadItem, Source, Watch } from '../../../src/model.ts'
import type { Known, Store } from '../../../src/ports.ts'
import { tokenStream } from '../../../src/text/tokens.ts'
import { readItem } from '../../support/items.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, testFolder, watchQuery } from '../../support/store.ts'

const PLACE = NOW * 1000
const HOUR = 3_600_000

function linked(title: string, content = 'The beginning'): ReadItem {
  return readItem({ id: title, url: `https://a.example/${title}`, title, content })
}

function article(text: string): Article {
  return { kind: 'article', content: `<p>${text}</p>`, text, tokens: tokenStream(text) }
}

/** A source whose whole texts are wanted, past its baseline. */
async function addWholeSource(store: Store, given: { access?: Source['access'] } = {}): Promise<Source> {
  const source = await addTestSource(store, { fullText: true, ...given })
  await ingestPlan(store, source.id, {})
  return source
}

const add = (store: Store, { id }: Source, items: ReadItem[], record = {}) =>
  ingestPlan(store, id, { insert: items.map((item, i) => ({ item, placeMs: NOW + i })) }, record)

const dueTitles = async (store: Store, now = NOW) => {
  const due = await store.listDueFullTexts(now, 99)
  return Promise.all(due.map(async ({ place }) => (await store.findItem(place))?.title))
}

const found = async (store: Store, text: string) =>
  (await store.listItems({ limit: 9, now: NOW, query: watchQuery(text) })).items.map(({ title }) => title)

/** Tells every watch of this chat about the item, as a plan would that found it to match. */
const callOf = (watch: Watch, place: number) => () => [
  { chat: watch.chat, alerts: [{ item: { place }, hits: [{ watch, words: ['whole'] }] }] },
]
const callNobody = () => []

test('a new item with an address is due, one without is not, and other sources ask for none', async () => {
  const store = await openTestStore()
  const access = { headers: { cookie: 'a=b' }, proxy: null }
  const whole = await addWholeSource(store, { access })
  const plain = await addTestSource(store)

  await add(store, whole, [linked('a'), readItem({ title: 'no address' })])
  await add(store, plain, [linked('c')])

  expect(await store.listDueFullTexts(NOW, 9)).toEqual([
    { place: PLACE, url: 'https://a.example/a', sourceId: whole.id, access, attempts: 0 },
  ])
  expect(await store.listDueFullTexts(NOW - 1, 9)).toEqual([])

  const [other] = (await store.listItems({ limit: 1, now: NOW })).items
  await ingestPlan(store, plain.id, { edit: [{ place: other?.place ?? 0, item: linked('c', 'Corrected') }] })
  expect((await store.findItem(other?.place ?? 0))?.text).toBe('Corrected')
  expect(await dueTitles(store)).toEqual(['a'])
})

test('of a first backlog the twenty newest are due, after whatever may call somebody', async () => {
  const store = await openTestStore()
  const [old, fresh] = [await addWholeSource(store), await addTestSource(store, { fullText: true })]

  await add(
    store,
    fresh,
    Array.from({ length: 25 }, (_, i) => linked(`b${i}`)),
  )
  await add(store, old, [linked('news')], { polledAt: NOW + 1 })

  const newest = Array.from({ length: 20 }, (_, i) => `b${i + 5}`)
  expect(await dueTitles(store, NOW + 1)).toEqual(['news', ...newest])
})

test('the whole text is the content from then on: shown, found, and moved to a new revision', async () => {
  const store = await openTestStore()
  const source = await addWholeSource(store)
  await add(store, source, [linked('a', '<p>The beginning</p>')])
  const before = [await store.findItem(PLACE), await store.revision()] as const
  expect(await found(store, 'whole')).toEqual([])

  await store.storeFullText(PLACE, article('The beginning and the whole rest'), NOW + 5, callNobody)

  expect(await store.findItem(PLACE)).toEqual({
    ...before[0],
    content: '<p>The beginning and the whole rest</p>',
    text: 'The beginning and the whole rest',
    revision: 1,
  })
  expect((await store.listItems({ limit: 1, now: NOW })).items[0]?.content).toContain('whole rest')
  expect(await found(store, 'whole')).toEqual(['a'])
  expect(await found(store, 'title:a')).toEqual(['a'])
  expect(await store.revision()).toBeGreaterThan(before[1])
  expect(await store.listDueFullTexts(NOW + HOUR, 9)).toEqual([])
})

test('the plan sees the item as it was, and whom it calls is told', async () => {
  const store = await openTestStore()
  const source = await addWholeSource(store)
  const watch = await store.addWatch('terminal', watchQuery('whole'), NOW)
  await add(store, source, [linked('a')])
  const seen: string[] = []

  await store.storeFullText(PLACE, article('the whole'), NOW + 5, (known: Known) => {
    const stored = known.findStored(PLACE)
    if (!stored) throw new Error('It is not stored.')
    seen.push(stored.text, `${known.source.id}`, `${known.isAlerted('terminal', PLACE)}`)
    const item = { ...stored, tokens: { title: '', text: 'the whole' } }
    seen.push(...known.watches.match(item, NOW).map((hit) => hit.watch.query))
    return callOf(watch, PLACE)()
  })

  expect(seen).toEqual(['The beginning', `${source.id}`, 'false', 'whole'])
  expect(await store.listAlerts({ limit: 9 })).toMatchObject([
    { state: 'queued', createdAt: NOW + 5, item: { text: 'the whole' }, hits: [{ words: ['whole'] }] },
  ])
})

test('a message that told the item before is shown anew, with its whole text', async () => {
  const store = await openTestStore()
  const source = await addWholeSource(store)
  const watch = await store.addWatch('12', watchQuery('a'), NOW)
  await add(store, source, [linked('a')])
  await ingestPlan(store, source.id, { messages: callOf(watch, PLACE)() })
  const claim = async (now: number) => {
    const { messages } = await store.claimMessages({
      ...{ now, limit: 9, edits: 9, leaseMs: 1_000, kind: 'telegram', gapMs: () => 0 },
      render: ([alert]) => ({ html: alert?.item.text ?? '', openUrl: null }),
    })
    return messages
  }
  const [news] = await claim(NOW)
  await store.settleMessage(news?.id ?? 0, { kind: 'sent', at: NOW, messageId: '7' })

  await store.storeFullText(PLACE, article('The beginning and the rest'), NOW, callNobody)

  // The first look may only find the chat at rest.
  const edits = [...(await claim(NOW + HOUR)), ...(await claim(NOW + HOUR))]
  expect(edits.map(({ rendered }) => rendered.html)).toEqual(['The beginning and the rest'])
})

test.each([
  ['of a baseline', { baseline: true, quiet: false }],
  ['a plan stored quietly', { baseline: false, quiet: true }],
])('the whole text of an item %s calls nobody', async (_, { baseline, quiet }) => {
  const store = await openTestStore()
  const source = baseline ? await addTestSource(store, { fullText: true }) : await addWholeSource(store)
  const watch = await store.addWatch('terminal', watchQuery('whole'), NOW)
  await ingestPlan(store, source.id, {
    insert: [{ item: linked('a'), placeMs: NOW }],
    ...(quiet && { quiet: true as const }),
  })

  await store.storeFullText(PLACE, article('the whole'), NOW, callOf(watch, PLACE))

  expect(await store.findItem(PLACE)).toMatchObject({ text: 'the whole' })
  expect(await store.listAlerts({ limit: 9 })).toEqual([])
})

test('of what one poll brings, only what is said to be quiet is a backlog: of that the twenty newest are due, last', async () => {
  const store = await openTestStore()
  const source = await addWholeSource(store)
  const watch = await store.addWatch('terminal', watchQuery('whole'), NOW)
  const backlog = Array.from({ length: 25 }, (_, i) => ({
    item: linked(`old ${i}`),
    placeMs: NOW + i,
    quiet: true as const,
  }))

  await ingestPlan(store, source.id, { insert: [...backlog, { item: linked('news'), placeMs: NOW + 99 }] })

  expect(await dueTitles(store)).toEqual(['news', ...backlog.slice(5).map(({ item }) => item.title)])
  const [, quiet] = await store.listDueFullTexts(NOW, 2)
  await store.storeFullText(quiet?.place ?? 0, article('the whole'), NOW, callOf(watch, quiet?.place ?? 0))
  expect(await store.listAlerts({ limit: 9 })).toEqual([])
})

test('an edit by the source takes the whole text away, and it is fetched anew and compared with what it was', async () => {
  const store = await openTestStore()
  const source = await addWholeSource(store)
  await add(store, source, [linked('a')])
  await store.putOffFullText(PLACE, NOW)
  await store.storeFullText(PLACE, article('the whole'), NOW, callNobody)

  const edit = (title: string) =>
    ingestPlan(store, source.id, { edit: [{ place: PLACE, item: linked(title, 'Edited') }] })
  await edit('b')
  await edit('c')

  expect(await store.findItem(PLACE)).toMatchObject({ title: 'c', content: 'Edited', text: 'Edited', revision: 3 })
  expect(await found(store, 'whole')).toEqual([])
  expect(await store.listDueFullTexts(NOW, 9)).toMatchObject([{ url: 'https://a.example/c', attempts: 0 }])
  const seen: string[] = []
  await store.storeFullText(PLACE, article('the whole, edited'), NOW, (known) => {
    const stored = known.findStored(PLACE)
    seen.push(stored?.text ?? '', stored?.title ?? '')
    return []
  })
  expect(seen).toEqual(['the whole', 'c'])
  expect(await store.findItem(PLACE)).toMatchObject({ text: 'the whole, edited', revision: 4 })
})

test('an item that came quietly stays quiet when it is edited before its whole text came', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store, { fullText: true })
  const watch = await store.addWatch('terminal', watchQuery('whole'), NOW)
  await add(store, source, [linked('a')])
  await ingestPlan(store, source.id, { edit: [{ place: PLACE, item: linked('b') }] })

  await store.storeFullText(PLACE, article('the whole'), NOW, callOf(watch, PLACE))

  expect(await store.listAlerts({ limit: 9 })).toEqual([])
})

test('an item that is edited quietly after its whole text came calls nobody by the next one', async () => {
  const store = await openTestStore()
  const source = await addWholeSource(store)
  const watch = await store.addWatch('terminal', watchQuery('whole'), NOW)
  await add(store, source, [linked('a')])
  await store.storeFullText(PLACE, article('all'), NOW, callNobody)
  await ingestPlan(store, source.id, { quiet: true, edit: [{ place: PLACE, item: linked('b') }] })

  await store.storeFullText(PLACE, article('the whole'), NOW, callOf(watch, PLACE))

  expect(await store.findItem(PLACE)).toMatchObject({ text: 'the whole' })
  expect(await store.listAlerts({ limit: 9 })).toEqual([])
})

test('an edit that takes the address away takes it off the list', async () => {
  const store = await openTestStore()
  const source = await addWholeSource(store)
  await add(store, source, [linked('a')])

  await ingestPlan(store, source.id, { edit: [{ place: PLACE, item: { ...linked('a'), url: null } }] })

  expect(await store.listDueFullTexts(NOW, 9)).toEqual([])
})

test('what is put off comes again at its time, and counts; null is never again', async () => {
  const store = await openTestStore()
  const source = await addWholeSource(store)
  await add(store, source, [linked('a')])

  await store.putOffFullText(PLACE, NOW, { uncounted: true })
  expect(await store.listDueFullTexts(NOW, 9)).toMatchObject([{ attempts: 0 }])
  await store.putOffFullText(PLACE, NOW + HOUR)
  expect(await store.listDueFullTexts(NOW + HOUR - 1, 9)).toEqual([])
  expect(await store.listDueFullTexts(NOW + HOUR, 9)).toMatchObject([{ place: PLACE, attempts: 1 }])
  await store.putOffFullText(PLACE, null)

  expect(await store.listDueFullTexts(NOW + 1e12, 9)).toEqual([])
  await expect(store.putOffFullText(77, NOW)).resolves.toBeUndefined()
})

test('what a clock that was ahead put off is due at once, and what waits for a day is not', async () => {
  const store = await openTestStore()
  const source = await addWholeSource(store)
  await add(store, source, [linked('a'), linked('b')])
  const [first, second] = await store.listDueFullTexts(NOW, 9)

  await store.putOffFullText(first?.place ?? 0, NOW + 365 * 24 * HOUR)
  await store.putOffFullText(second?.place ?? 0, NOW + 24 * HOUR)

  expect(await dueTitles(store)).toEqual(['a'])
  expect(await dueTitles(store, NOW - 2_000)).toEqual(['a'])
})

test('a paused source is not asked for whole texts until it goes on', async () => {
  const store = await openTestStore()
  const source = await addWholeSource(store)
  await add(store, source, [linked('a')])
  await store.changeSource(source.id, { state: 'paused' }, NOW)

  expect(await store.listDueFullTexts(NOW, 9)).toEqual([])
  await store.storeFullText(PLACE, article('the whole'), NOW, callNobody)
  expect(await store.findItem(PLACE)).toMatchObject({ text: 'The beginning' })

  await store.changeSource(source.id, { state: 'active' }, NOW)
  expect(await dueTitles(store)).toEqual(['a'])
})

test.each([
  ['its source wants none any more', { fullText: false }],
  ['its source was removed', { state: 'removed' as const }],
])('a whole text that comes after %s is not taken', async (_, patch) => {
  const dataDir = testFolder()
  const [service, command] = [await openTestStore({ dataDir }), await openTestStore({ dataDir })]
  const source = await addWholeSource(service)
  await add(service, source, [linked('a')])
  const [due] = await service.listDueFullTexts(NOW, 9)

  await command.changeSource(source.id, patch, NOW)
  await service.storeFullText(due?.place ?? 0, article('the whole'), NOW, () => {
    throw new Error('not asked')
  })

  expect(await service.findItem(PLACE)).toMatchObject({ text: 'The beginning', revision: 0 })
  expect(await service.listDueFullTexts(NOW + 1e12, 9)).toEqual([])
})

test('a source of which whole texts are wanted from now on begins with its twenty newest items, quietly', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)
  const watch = await store.addWatch('terminal', watchQuery('whole'), NOW)
  await add(store, source, [readItem({ title: 'no address' }), ...Array.from({ length: 22 }, (_, i) => linked(`${i}`))])

  await store.changeSource(source.id, { fullText: true }, NOW + 9)
  await store.changeSource(source.id, { fullText: true }, NOW + 9)

  const due = await store.listDueFullTexts(NOW + 9, 99)
  expect(due).toHaveLength(20)
  expect(due[0]?.place).toBe((NOW + 3) * 1000)
  await store.storeFullText((NOW + 3) * 1000, article('the whole'), NOW, callOf(watch, (NOW + 3) * 1000))
  expect(await store.listAlerts({ limit: 9 })).toEqual([])
})

test('it passes over items without an address, and those that have their whole text already', async () => {
  const store = await openTestStore()
  const source = await addWholeSource(store)
  await add(store, source, [linked('a'), linked('b'), readItem({ title: 'no address' })])
  await store.storeFullText(PLACE, article('the whole'), NOW, callNobody)

  await store.changeSource(source.id, { fullText: false }, NOW)
  expect(await dueTitles(store)).toEqual([])
  await store.changeSource(source.id, { fullText: true }, NOW)

  expect(await dueTitles(store)).toEqual(['b'])
})

test('a plan that throws leaves the item as it was, and due', async () => {
  const store = await openTestStore()
  const source = await addWholeSource(store)
  await add(store, source, [linked('a')])

  const broken = store.storeFullText(PLACE, article('the whole'), NOW, () => {
    throw new Error('a bug of ours')
  })

  await expect(broken).rejects.toThrow('a bug of ours')
  expect(await store.findItem(PLACE)).toMatchObject({ text: 'The beginning', revision: 0 })
  expect(await dueTitles(store)).toEqual(['a'])
})
