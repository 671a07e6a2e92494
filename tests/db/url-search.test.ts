import { expect, test } from 'vitest'
import { itemKeys } from '../../src/source/identity.ts'
import { readItem } from '../support/items.ts'
import { addTestSource, ingestPlan, NOW, openTestStore } from '../support/store.ts'

test('the items of an address are found across sources, by whatever spelling of it', async () => {
  const store = await openTestStore()
  const urls = [
    ['http://news.example.com/2026/big-data?id=5#top', 'https://www.example.org/other', null],
    ['https://news.example.com/2026/big-data?id=5&utm_source=feed', 'https://news.example.com/2026/big-data?id=6'],
    ['https://news.example.com/2026/big-data/more?id=5'],
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
