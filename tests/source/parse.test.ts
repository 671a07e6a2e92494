import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { AppError } from '../../src/errors.ts'
import { parse, readDocument } from '../../src/source/parse.ts'

const FEED =
  '<rss version="2.0"><channel><title>T</title><link>https://a.test/</link><language>en</language><item><title>A</title><guid>1</guid><link>/a</link><author>x@a.test (X)</author><pubDate>Wed, 25 Nov 2026 12:00:00 GMT</pubDate></item></channel></rss>'

test('parse gives plain data with exactly the promised fields', async () => {
  expect(await parse(Buffer.from(FEED), { contentType: 'application/rss+xml', url: 'https://a.test/feed' })).toEqual({
    title: 'T',
    link: 'https://a.test/',
    language: 'en',
    items: [
      {
        id: '1',
        url: 'https://a.test/a',
        title: 'A',
        content: null,
        summary: null,
        published: '2026-11-25T12:00:00.000Z',
        updated: null,
        author: 'X',
        categories: [],
        enclosures: [],
      },
    ],
  })
})

test('a language is said as it was published', async () => {
  const languages = ['en-GB', ' zh_TW ', 'English'].map(async (language) =>
    parse(Buffer.from(FEED.replace('>en<', `>${language}<`))),
  )

  expect((await Promise.all(languages)).map(({ language }) => language)).toEqual(['en-GB', 'zh_TW', null])
})

test('strangers get a link to a file, where there is none to a page', async () => {
  const { items } = await parse(Buffer.from(FEED.replace('/a</link>', 'magnet:?xt=urn:btih:abc</link>')))

  expect(items[0]).toMatchObject({ url: 'magnet:?xt=urn:btih:abc' })
})

test('the address and the content type may be missing; what cannot be made absolute is null then', async () => {
  const bytes = Buffer.from('<rss><channel><item><title>A</title><link>/a</link></item></channel></rss>')
  expect((await parse(bytes)).items[0]).toMatchObject({ title: 'A', url: null })
})

test('a document that is no feed is refused with a reason', async () => {
  const refusal = parse(Buffer.from('<!doctype html><p>Hi'), { contentType: 'text/html', url: 'https://a.test/' })
  await expect(refusal).rejects.toBeInstanceOf(AppError)
  await expect(refusal).rejects.toMatchObject({
    code: 'invalid',
    message: 'This is a web page, not a feed. Look for a link named RSS, Atom or Feed on it and give its address.',
  })
})

test('a charset that nothing reads is named, where it is more than a label', async () => {
  const written = Buffer.from(`<?xml version="1.0" encoding="johab"?>${FEED}`)
  const letters = Buffer.from([...written.subarray(0, -20), 0x88, 0x61, ...written.subarray(-20)])

  expect((await parse(written)).items).toHaveLength(1)
  await expect(parse(letters)).rejects.toThrow('Johab')
})

test.each<[string, unknown]>([
  ['a string', FEED],
  ['an ArrayBuffer', new ArrayBuffer(8)],
  ['a DataView', new DataView(new ArrayBuffer(8))],
  ['nothing', undefined],
])('%s is refused as no bytes, and how to make them of it is said', async (_, given) => {
  // As from plain JavaScript, where no compiler says so.
  const refusal = parse(given as Uint8Array, {})
  await expect(refusal).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('TextEncoder') })
})

test('a failed document leaves the next one whole, and many at once do not mix', async () => {
  const broken = parse(Buffer.from('<svg/>')).catch(() => 'refused')
  const many = Array.from({ length: 20 }, (_, i) => parse(Buffer.from(FEED.replace('>A<', `>${i}<`))))

  expect(await broken).toBe('refused')
  expect((await Promise.all(many)).map(({ items }) => items[0]?.title)).toEqual(many.map((_, i) => String(i)))
})

test.each([
  [
    'plain',
    '<rss><channel><item><comments>x</comments></item><item></item><item><title>A</title></item></channel></rss>',
  ],
  [
    'with prefixes',
    '<r:rss><r:channel><r:item><r:comments>x</r:comments></r:item><r:item></r:item><r:item><r:title>A</r:title></r:item></r:channel></r:rss>',
  ],
  ['never closed', '<rss><channel><item><comments>x</comments><item><item><title>A</title></channel></rss>'],
])('an item of which we read nothing is an item to strangers, and nothing to store: %s', async (_, xml) => {
  const bytes = Buffer.from(xml)
  expect((await parse(bytes)).items.map(({ title }) => title)).toEqual(['', 'A'])
  expect(await readDocument({ bytes, contentType: null, url: '' })).toMatchObject({ items: [{ title: 'A' }] })
})

test('a packed file is unpacked: whole, cut off, damaged, or too big for anybody', async () => {
  const read = (bytes: Uint8Array) => readDocument({ bytes, contentType: 'text/xml', url: '' })
  const packed = gzipSync(FEED)

  expect(await read(packed)).toMatchObject({ items: [{ title: 'A' }], truncated: false })
  expect(await read(packed.subarray(0, -40))).toMatchObject({ kind: 'read', truncated: true })
  expect(await read(Buffer.concat([packed.subarray(0, 20), Buffer.alloc(40, 0xff)]))).toMatchObject({
    kind: 'unreadable',
    reason: 'malformed',
  })
  expect(await read(gzipSync(Buffer.alloc(50_000_000)))).toMatchObject({ kind: 'unreadable', reason: 'too_big' })
})
