import { describe, expect, test } from 'vitest'
import { readDocument } from '../../src/source/parse.ts'
import { formatIso } from '../../src/time.ts'

const DAY_MS = 86_400_000
const dayOf = (number: number) => formatIso(Date.UTC(2020, 0, 1) + number * DAY_MS) ?? ''
const numbers = (count: number) => Array.from({ length: count }, (_, number) => number)

const rss = (items: string[]) => `<rss><channel><title>T</title>${items.join('\n')}</channel></rss>`
const item = (number: number, date = dayOf(number)) =>
  `<item><title>${number}</title><guid>${number}</guid><pubDate>${date}</pubDate></item>`
const entry = (number: number) =>
  `<entry><id>${number}</id><title>${number}</title><updated>${dayOf(number)}</updated></entry>`
const record = (number: number) => ({
  id: `${number}`,
  content_text: `${number}`,
  title: `${number}`,
  date_published: dayOf(number),
})
const json = (items: object[]) => JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', title: 'T', items })

async function read(text: string, known?: Parameters<typeof readDocument>[1]) {
  const found = await readDocument(
    { bytes: Buffer.from(text), contentType: null, url: 'https://example.com/feed' },
    known,
  )
  if (found.kind === 'unreadable') throw new Error(found.detail)
  return found
}

describe('of more than 1,000 items the last are read where their dates say that they are the newest', () => {
  test.each([
    ['RSS', rss(numbers(1_200).map((number) => item(number)))],
    ['Atom, which says only when they were updated', `<feed>${numbers(1_200).map(entry).join('')}</feed>`],
    ['JSON', json(numbers(1_200).map(record))],
    ['several of one day', rss(numbers(1_200).map((number) => item(number, dayOf(number >> 3))))],
    ['dates in sections', rss(numbers(1_200).map((number) => item(number, `<![CDATA[${dayOf(number)}]]>`)))],
  ])('%s', async (_, text) => {
    const { items } = await read(text)
    expect(items.map(({ title }) => title)).toEqual(numbers(1_200).slice(200).map(String))
  })
})

describe('else the first are read', () => {
  const reversed = numbers(1_200).toReversed()
  test.each([
    ['RSS whose newest come first', rss(reversed.map((number) => item(number))), 1_199],
    ['JSON whose newest come first', json(reversed.map(record)), 1_199],
    ['no dates', rss(numbers(1_200).map((number) => item(number, ''))), 0],
    ['one date for all', rss(numbers(1_200).map((number) => item(number, dayOf(1)))), 0],
    ['dates that fall once', rss(numbers(1_200).map((number) => item(number, dayOf(number % 600)))), 0],
    [
      'dates that fall behind the first 1,000',
      rss(numbers(2_000).map((number) => item(number, dayOf(number % 1_000)))),
      0,
    ],
    [
      'items behind the first 1,000 that cannot be cut apart',
      rss([...numbers(1_200).map((number) => item(number)), '<item><item>']),
      0,
    ],
  ])('%s', async (_, text, first) => {
    const { items } = await read(text)
    expect(items).toHaveLength(1_000)
    expect(items[0]?.title).toBe(`${first}`)
  })
})

test('one more item at the end of an archive is the only one that is read anew', async () => {
  const before = await read(rss(numbers(1_200).map((number) => item(number))))

  const { items, slices } = await read(rss(numbers(1_201).map((number) => item(number))), before.slices)

  expect(items.map(({ title }) => title)).toEqual(['1200'])
  expect(slices?.skipped).toHaveLength(999)
})
