import { readdirSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { KnownSlices, Read } from '../../src/model.ts'
import { type Glance, glance } from '../../src/source/glance.ts'
import { readDocument, readNewItems } from '../../src/source/parse.ts'
import { workedMs } from '../support/work.ts'

const URL_OF_FEED = 'https://example.com/feed'
const item = (name: string) => `<item><guid>${name}</guid><title>${name} &amp; more</title><link>/${name}</link></item>`
const rss = (names: string[], head = '<lastBuildDate>Mon, 2 Nov 2026 10:00:00 GMT</lastBuildDate>') =>
  `<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Wire</title><link>https://example.com/</link>${head}\n${names.map(item).join('\n')}</channel></rss>`

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function read(bytes: Uint8Array, known: KnownSlices | null = null): Promise<Read> {
  return readDocument({ bytes, contentType: null, url: URL_OF_FEED }, known)
}

async function knownOf(text: string): Promise<KnownSlices> {
  const first = await read(bytesOf(text))
  if (first.kind !== 'read' || !first.slices) throw new Error('It cannot be known again.')
  return first.slices
}

function look(bytes: Uint8Array, known: KnownSlices): Glance | null {
  return glance({ bytes, url: URL_OF_FEED }, known)
}

describe('what a glance at a document tells', () => {
  test.each([
    ['nothing but another build date: as before', rss(['b', 'a'], '<lastBuildDate>now</lastBuildDate>'), 'as_before'],
    ['its items in another order: as before', rss(['a', 'b']), 'as_before'],
    ['an item more: that one is new', rss(['c', 'b', 'a']), 'new_items'],
    ['an item less: none is new, but it is not as before', rss(['a']), 'new_items'],
    ['another title of the whole: none is new, but it is not as before', rss(['b', 'a'], '<ttl>60</ttl>'), 'new_items'],
    ['other items only', rss(['d', 'c']), undefined],
    ['an item that was cut off', rss(['b', 'a']).slice(0, -30), undefined],
    ['a web page with a feed in it', `<html>${rss(['b', 'a'])}`, undefined],
    ['a feed in a JSON text', JSON.stringify({ text: rss(['b', 'a']) }), undefined],
    ['another root', rss(['b', 'a']).replace('<rss version="2.0">', '').replace('</rss>', ''), undefined],
    ['nothing', '', undefined],
  ])('%s', async (_, text, kind) => {
    expect(look(bytesOf(text), await knownOf(rss(['b', 'a'])))?.kind).toBe(kind)
  })

  test('only what is UTF-8 beyond doubt is looked at', async () => {
    const known = await knownOf(rss(['b', 'a']))
    const text = rss(['c', 'b', 'a'])

    expect(look(Buffer.from(`\ufeff${text}`), known)?.kind).toBe('new_items')
    expect(look(Buffer.from(text, 'utf16le'), known)).toBeNull()
    expect(look(Buffer.from(`\ufeff${text}`, 'utf16le'), known)).toBeNull()
    expect(look(Buffer.from(text.replace('Wire', 'Wire é'), 'latin1'), known)).toBeNull()
    // ISO-2022-JP looks like ASCII but for its escapes.
    expect(look(Buffer.from(text.replace('Wire', '\x1b$B>e\x1b(B')), known)).toBeNull()
  })

  test('new items under a head that says something else for them are read with the whole document', async () => {
    const known = await knownOf(rss(['b', 'a']))
    const seen = look(bytesOf(rss(['c', 'b', 'a'], '<language>de</language>')), known)

    expect(seen?.kind).toBe('new_items')
    if (seen?.kind === 'new_items') expect(await readNewItems(seen, known.context)).toBeNull()
  })
})

test('a glance and the new items alone say what reading with what is known says, for every sample document', async () => {
  const folder = new URL('../fixtures/sources/', import.meta.url)
  let told = 0
  for (const file of readdirSync(folder).filter((name) => !name.endsWith('.expect.json'))) {
    const bytes = readFileSync(new URL(file, folder))
    const first = await read(bytes)
    if (first.kind !== 'read' || !first.slices) continue
    // All known, and the first one new.
    for (const prints of [first.slices.prints, first.slices.prints.slice(1)]) {
      const known = { ...first.slices, prints }
      const seen = look(bytes, known)
      if (seen === null) continue
      told += 1
      const alone = seen.kind === 'as_before' ? seen.read : await readNewItems(seen, known.context)
      const whole = await read(bytes, known)
      if (alone?.kind === 'read' && alone.slices) alone.slices.bytes = bytes
      // Vitest's own look at the bytes takes longer than the reading.
      if (!isDeepStrictEqual(alone, whole)) expect(alone, file).toEqual(whole)
    }
  }
  expect(told).toBeGreaterThan(100)
})

describe('the longest pause that 128 KB can cause is no more than a few hundredths of a second', () => {
  const heads: Record<string, string> = {
    RSS: '<rss version="2.0"><channel><item><title>ok</title></item>',
    Atom: '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>ok</title></entry>',
    'an open item': '<rss><channel><item><title>',
    'an open root': '<rss ',
    'a DOCTYPE': '<!DOCTYPE rss [<!ENTITY a "x">',
  }
  const units = [
    ...['<', '<a', '<a>', '<item>', '<item/>', '</item>', '<item a="', `<item a='x><b c="y>`, '<rss ', '<rss><1:feed>'],
    ...['<!', '<!--', '<!D[', '<!DOCTYPE a [', '<?', '<![', '<![CDATA[', '<![CDATA[]]>', '<title><![CDATA[x</title>'],
    ...['] ', '&', '&#', '< title>', '</ title>', '<\\title>', '<   ', '<item xmlns:a="http://purl.org/dc/terms/">'],
    ...[
      'xmlns:',
      'xmlns:a',
      'xmlns:a= ',
      ' a="b"',
      ' a',
      '"',
      ' ',
      '\u0085',
      '大',
      '<lastBuildDate>',
      `<pubDate>${'x'.repeat(99)}`,
      '<media:item>',
      '\0',
    ],
  ]
  const ends = ['', '</title></item></channel></rss>']
  const cases = Object.entries(heads).flatMap(([name, head]) =>
    ends.map((end) => [`${name}, ${end}`, head, end] as const),
  )
  test.each(cases)('%s', (_, head, end) => {
    const known = { context: '', head: '', prints: ['A'] }
    for (const unit of units) {
      const room = 131_072 - head.length - end.length
      const bytes = bytesOf(head + unit.repeat(Math.floor(room / Buffer.byteLength(unit))) + end)
      const start = workedMs()
      look(bytes, known)
      // What is not linear takes seconds; ours is some 10 ms, and a busy machine is not to be blamed.
      expect(workedMs() - start, JSON.stringify(unit)).toBeLessThan(250)
    }
  })
})
