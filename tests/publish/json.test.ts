import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Need } from '../../src/errors.ts'
import type { Item, PageRules } from '../../src/model.ts'
import { documentAsJson, itemAsJson, sourceAsJson } from '../../src/publish/json.ts'
import { readDocument } from '../support/items.ts'
import { addTestSource, openTestStore } from '../support/store.ts'

const source: Item['source'] = {
  id: 1,
  title: 'Northern Wire',
  url: 'https://me:secret@wire.example/rss',
  host: 'wire.example',
  tags: [],
  siteUrl: null,
}

const item: Item = {
  place: 5,
  story: 3,
  source,
  id: 'a-1',
  url: 'https://wire.example/a-1',
  title: 'Jilin opens its exchange',
  content: '<p>It opens.</p>',
  summary: null,
  publishedAt: 1_795_424_400_000,
  updatedAt: null,
  authors: ['Mei Lin', 'Jo'],
  categories: ['data'],
  enclosures: [],
  language: 'en',
  text: 'It opens.',
  firstSeenAt: 1_795_424_460_000,
  revision: 2,
  revisedAt: 1_795_424_500_000,
  calledBy: ['data'],
  related: [],
}

test('an item is what parse gives, its source, its story and who else tells it, and nothing of ours besides', () => {
  const other = { ...source, id: 2, title: 'Reuters', url: 'https://reuters.example/rss' }
  const related = [
    { place: 3, title: 'Exchange', url: null, source: other, publishedAt: null, firstSeenAt: 1 },
    { place: 6, title: '', url: 'https://wire.example/b', source, publishedAt: 1, firstSeenAt: 1 },
  ]

  expect(itemAsJson({ ...item, related })).toEqual({
    id: 'a-1',
    url: 'https://wire.example/a-1',
    title: 'Jilin opens its exchange',
    content: '<p>It opens.</p>',
    summary: null,
    published: '2026-11-23T09:00:00.000Z',
    updated: null,
    author: 'Mei Lin, Jo',
    categories: ['data'],
    enclosures: [],
    source: 'https://wire.example/rss',
    story: 3,
    related: [
      { url: null, title: 'Exchange', source: 'https://reuters.example/rss' },
      { url: 'https://wire.example/b', title: '', source: 'https://wire.example/rss' },
    ],
  })
})

test('an item that stands alone has an empty list', () => {
  expect(itemAsJson(item).related).toEqual([])
})

test('the rules of a page are those that people can give, also where it was found elsewhere before', async () => {
  const rules: PageRules = { entry: 'ul.news > li', link: null, title: null, date: null, summary: null, auto: true }
  const pageRules = { ...rules, before: 'ol.old > li' }
  const page = await addTestSource(await openTestStore(), { kind: 'page', pageRules })

  expect(sourceAsJson({ ...page, items: 0, newestAt: null }).rules).toEqual(rules)
  expect(documentAsJson(readDocument([], { page: pageRules })).rules).toEqual(rules)
})

test('the README knows what a source may need, by the names that scripts see', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const needs: Record<Need, true> = {
    login: true,
    proxy_login: true,
    cookie: true,
    entry: true,
    page: true,
    feed: true,
  }
  const said = /`needs` in it[\s\S]*?else null\./.exec(readme)?.[0] ?? ''

  expect(Object.keys(needs).filter((need) => !said.includes(`\`${need}\``))).toEqual([])
})
