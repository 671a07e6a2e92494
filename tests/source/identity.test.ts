import { expect, test } from 'vitest'
import type { Enclosure } from '../../src/model.ts'
import { itemKeys } from '../../src/source/identity.ts'

const item = {
  id: 'one',
  url: 'http://a.test/x?utm_source=rss',
  title: 'T',
  content: '<p>c</p>',
  summary: null as string | null,
  publishedAt: 1,
  updatedAt: null,
  authors: ['A'],
  categories: [],
  enclosures: [] as Enclosure[],
  language: null,
}

test('keys are SHA-256 in hex, and null where there is nothing to name', () => {
  expect(itemKeys(item)).toEqual({
    id: expect.stringMatching(/^[\da-f]{64}$/),
    url: expect.stringMatching(/^[\da-f]{64}$/),
    content: expect.stringMatching(/^[\da-f]{64}$/),
  })
  expect(itemKeys({ ...item, id: null, url: null })).toMatchObject({ id: null, url: null })
})

test('the address is named by its canonical spelling', () => {
  expect(itemKeys({ ...item, url: 'https://A.test/x' }).url).toBe(itemKeys(item).url)
})

test('an id never meets an address of the same letters', () => {
  const keys = itemKeys({ ...item, id: 'https://a.test/x', url: 'https://a.test/x' })
  expect(keys.id).not.toBe(keys.url)
})

test('the content changes with what a reader sees, not with dates or tracking', () => {
  const { content } = itemKeys(item)
  expect(itemKeys({ ...item, publishedAt: 2, updatedAt: 3, url: 'https://a.test/x' }).content).toBe(content)
  for (const edit of [
    { title: 'T2' },
    { content: null },
    { summary: 's' },
    { authors: [] },
    { categories: ['c'] },
    { url: null },
  ]) {
    expect(itemKeys({ ...item, ...edit }).content, JSON.stringify(edit)).not.toBe(content)
  }
})

test.each<[string, Partial<typeof item>, Partial<typeof item>]>([
  [
    'another campaign in a link of the text',
    { content: '<a href="https://a.test/y?id=1&amp;utm_source=rss&amp;utm_content=1">y</a>' },
    { content: '<a href="https://a.test/y?id=1&amp;utm_source=rss&amp;utm_content=2">y</a>' },
  ],
  [
    'the only parameter, drawn anew',
    { content: "<a href='https://a.test/y?fbclid=Iw1#top'>y</a>" },
    { content: "<a href='https://a.test/y?fbclid=Iw2#top'>y</a>" },
  ],
  [
    'one that stands first, before others that stay',
    { content: '<img src="https://a.test/i.png?utm_id=7&w=20&#38;h=10">' },
    { content: '<img src="https://a.test/i.png?w=20&#38;h=10">' },
  ],
  [
    'one in escaped HTML of a summary',
    { summary: '&lt;a href=&quot;https://a.test/?p=1&amp;amp;mc_eid=1&quot;&gt;' },
    { summary: '&lt;a href=&quot;https://a.test/?p=1&amp;amp;mc_eid=2&quot;&gt;' },
  ],
  [
    "a visit's session in a path",
    { content: '<a href="/y;jsessionid=1A?p=1">y</a>' },
    { content: '<a href="/y;jsessionid=2B?p=1">y</a>' },
  ],
])('what only says where a reader came from is no content: %s', (_, one, other) => {
  expect(itemKeys({ ...item, ...one }).content).toBe(itemKeys({ ...item, ...other }).content)
})

test('nor is it in the address of an enclosure', () => {
  const enclosed = (url: string) => itemKeys({ ...item, enclosures: [{ url, type: 'audio/mpeg', length: 9 }] }).content
  expect(enclosed('https://a.test/1.mp3?utm_source=a')).toBe(enclosed('https://a.test/1.mp3?utm_source=b'))
  expect(enclosed('https://a.test/1.mp3?take=1')).not.toBe(enclosed('https://a.test/1.mp3?take=2'))
})

test.each([
  ['<a href="/y?page=1">y</a>', '<a href="/y?page=2">y</a>'],
  ['<a href="/y?a=1&amp;utm_id=1">y</a>', '<a href="/y?a=2&amp;utm_id=1">y</a>'],
  ['Why? Because.', 'Why! Because.'],
  ['utm_source=1', 'utm_source=2'],
  ['5 & 6?', '5 &amp; 6?'],
])('all else in a text is content: %s', (content, other) => {
  expect(itemKeys({ ...item, content }).content).not.toBe(itemKeys({ ...item, content: other }).content)
})

test('neighbouring parts cannot be confused', () => {
  expect(itemKeys({ ...item, authors: ['ab', 'c'] }).content).not.toBe(
    itemKeys({ ...item, authors: ['a', 'bc'] }).content,
  )
  expect(itemKeys({ ...item, authors: ['A'], categories: [] }).content).not.toBe(
    itemKeys({ ...item, authors: [], categories: ['A'] }).content,
  )
})
