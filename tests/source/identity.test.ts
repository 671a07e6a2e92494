import { expect, test } from 'vitest'
import { itemKeys } from '../../src/source/identity.ts'

const item = {
  id: 'one',
  url: 'http://a.test/x?utm_source=rss',
  title: 'T',
  content: '<p>c</p>',
  summary: null,
  publishedAt: 1,
  updatedAt: null,
  authors: ['A'],
  categories: [],
  enclosures: [],
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

test('neighbouring parts cannot be confused', () => {
  expect(itemKeys({ ...item, authors: ['ab', 'c'] }).content).not.toBe(
    itemKeys({ ...item, authors: ['a', 'bc'] }).content,
  )
  expect(itemKeys({ ...item, authors: ['A'], categories: [] }).content).not.toBe(
    itemKeys({ ...item, authors: [], categories: ['A'] }).content,
  )
})
