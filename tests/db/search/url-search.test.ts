import { expect, test } from 'vitest'
import { itemKeys } from '../../../src/source/identity.ts'
import { readItem } from '../../support/items.ts'
import { addTestSource, ingestPlan, NOW, openTestStore } from '../../support/store.ts'

test('the items of an address are found across sources, by whatever spelling of it', async () => {
  const store = await openTestStore()
  const urls = [
    ['http://news.example.com/2026/big-data?id=5#top', 'https://www.example.org/other', null],
    ['https://news.example.com/2026/big-data?id=5&utm_source=feed', 'https://news.example.com/2026/big-data?id=6'],
    ['https://news.example.com/2026/big-data/more?id=5', 'https://example.org/%EF%BC%83tag'],
  ]
  for (const [i, each] of urls.entries()) {
    const { id } = await addTestSource(store)
    const insert = each.map((url, at) => ({
      item: readItem({ url, title: `${i}.${at}` }),
      placeMs: NOW + i * 1000 + at,
    }))
    await ingestPlan(store, id, { insert })
  }
  const titles = async (url: string) => (await store.findItemsByUrl(url)).map(({ title }) => title)

  expect(await titles('news.example.com is no address')).toEqual([])
  expect(await titles('')).toEqual([])
  expect(await titles('https://news.example.com/2026/big-data?utm_medium=x&id=5')).toEqual(['1.0', '0.0'])
  expect(await titles('http://news.example.com:80/2026/big-data?id=6')).toEqual(['1.1'])
  expect(await titles('https://example.org/other')).toEqual(['0.1'])
  expect(await titles('https://example.org/%EF%BC%83tag')).toEqual(['2.1'])
  expect(await titles('https://news.example.com/2026')).toEqual([])
  expect((await store.findItemsByUrl('https://example.org/other'))[0]).toMatchObject({
    quiet: expect.any(Boolean),
    related: [],
  })
})

test('where nothing stands any more, what stood there before its source gave it another address is found', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  const readAt = (url: string, title: string) => {
    const item = readItem({ url, title })
    return { ...item, keys: itemKeys(item) }
  }
  const [old, now] = ['https://news.example.com/old/1', 'https://news.example.com/new/1']
  await ingestPlan(store, id, { insert: [{ item: readAt(old, 'Moved'), placeMs: NOW }] })
  const place = (await store.findItemsByUrl(old))[0]?.place ?? 0
  await ingestPlan(store, id, { edit: [{ place, item: readAt(now, 'Moved') }] })
  const titles = async (url: string) => (await store.findItemsByUrl(url)).map(({ title }) => title)

  expect(await titles(old)).toEqual(['Moved'])
  expect(await titles(`${old}?utm_source=x`)).toEqual(['Moved'])

  const other = await addTestSource(store)
  await ingestPlan(store, other.id, { insert: [{ item: readAt(old, 'There now'), placeMs: NOW }] })
  expect(await titles(old)).toEqual(['There now'])
  expect(await titles(now)).toEqual(['Moved'])
})

test('an item is found by the address of its recording, unless something stands at that address', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  const file = 'https://cdn.example.com/shows/7/episode-1.mp3?utm_source=feed'
  const enclosures = [
    { url: 'magnet:?xt=1', type: null, length: null },
    { url: file, type: 'audio/mpeg', length: 7 },
  ]
  const other = [{ url: 'https://cdn.example.com/shows/8/episode-1.mp3', type: null, length: null }]
  await ingestPlan(store, id, {
    insert: [
      { item: readItem({ title: 'Episode', enclosures }), placeMs: NOW },
      { item: readItem({ title: 'Another show', enclosures: other }), placeMs: NOW + 1 },
      { item: readItem({ title: 'No recording', url: 'https://example.com/1' }), placeMs: NOW + 2 },
    ],
  })
  const titles = async (url: string) => (await store.findItemsByUrl(url)).map(({ title }) => title)

  expect(await titles('http://cdn.example.com/shows/7/episode-1.mp3')).toEqual(['Episode'])
  expect(await titles('https://cdn.example.com/shows/9/episode-1.mp3')).toEqual([])
  expect(await titles('https://cdn.example.com/')).toEqual([])

  const page = { title: 'Its page', url: 'https://cdn.example.com/shows/7/episode-1.mp3' }
  await ingestPlan(store, id, { insert: [{ item: readItem(page), placeMs: NOW + 3 }] })
  expect(await titles(file)).toEqual(['Its page'])
})

test('where the words of an address are those of too many, it is found by its name: all that stand there, and nothing that left', async () => {
  let now = NOW
  const store = await openTestStore({ clock: () => (now += 4) })
  const front = 'https://news.example.com/'
  const put = async (title: string, url: string, placeMs: number) => {
    const { id } = await addTestSource(store)
    const item = readItem({ url, title })
    await ingestPlan(store, id, { insert: [{ item: { ...item, keys: itemKeys(item) }, placeMs }] })
    return { id, place: placeMs * 1000 }
  }
  await put('first', front, NOW - 3_000)
  await put('second', front, NOW - 2_000)
  const gone = await put('gone', front, NOW - 1_000)
  for (let n = 0; n < 20; n += 1) await put(`story ${n}`, `${front}2026/${n}`, NOW + n)
  await put('third', front, NOW + 1_000)
  const elsewhere = readItem({ url: `${front}elsewhere`, title: 'gone' })
  await ingestPlan(store, gone.id, { edit: [{ place: gone.place, item: { ...elsewhere, keys: itemKeys(elsewhere) } }] })

  expect((await store.findItemsByUrl(front)).map(({ title }) => title)).toEqual(['third', 'second', 'first'])
})
