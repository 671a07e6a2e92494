import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parse } from '../../src/source/parse.ts'
import { cutOut, unwrapBytes } from '../../src/source/unwrap.ts'

const FEED =
  '<?xml version="1.0"?><rss version="2.0"><channel><title>Café</title><item><title>“One”</title></item></channel></rss>'

function inChunks(bytes: Buffer, size: number, extension = ''): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, at + size)
    chunks.push(Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')])
}

function asMail(text: string): string {
  const ascii = Buffer.from(text)
    .toString('latin1')
    .replace(/[=\x80-\xff]/g, escaped)
  return ascii.replace(/[^=]{60}/g, '$&=\r\n')
}

function escaped(byte: string): string {
  return `=${byte.charCodeAt(0).toString(16).toUpperCase()}`
}

const HEADER = 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n'

describe('a document that comes as it was sent', () => {
  const bytes = Buffer.from(FEED)
  test.each([
    ['packed by a server that packs a packed file', gzipSync(gzipSync(bytes))],
    ['packed by "deflate"', deflateSync(bytes)],
    ['in chunks', inChunks(bytes, 40)],
    ['in chunks with extensions', inChunks(bytes, 7, ' ;a=b')],
    ['in chunks, behind the header', Buffer.concat([Buffer.from(HEADER), inChunks(bytes, 40)])],
    ['as mail', Buffer.from(asMail(FEED))],
    ['in base64', Buffer.from(bytes.toString('base64').replace(/.{76}/g, '$&\r\n'))],
    ['as an address', Buffer.from(encodeURIComponent(FEED))],
  ])('%s', async (_, sent) => {
    expect(Buffer.from(unwrapBytes(sent) ?? '').toString()).toBe(FEED)
    const read = await parse(sent)
    expect([read.title, read.items[0]?.title]).toEqual(['Café', '“One”'])
  })

  test.each([
    [30, 26],
    [46, 40],
    [100, 84],
  ])('of one that was cut off after %d bytes, the %d that came', (length, written) => {
    const came = unwrapBytes(inChunks(bytes, 40).subarray(0, length)) ?? Buffer.of()

    expect(bytes.subarray(0, written).equals(came)).toBe(true)
  })
})

test.each([
  ['a feed', FEED],
  ['a text that begins as what is packed does', `x^2 is no tag. ${FEED}`],
  ['what looks like a chunk, of another size', `20\r\n${FEED}\r\n0\r\n\r\n`],
  ['an attribute in a content that was encoded for mail', FEED.replace('One', '&lt;a href=3D&quot;/a&quot;&gt;')],
  [
    'an address in its root that ends like an escape',
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.test/?tag=3D"><title>a=20b</title></feed>',
  ],
  ['an address with escapes', 'https://example.test/%3Crss%3E'],
  ['nothing', ''],
])('what is sent plainly stays as it is: %s', (_, text) => {
  const bytes = Buffer.from(text)

  expect(unwrapBytes(bytes)).toBe(bytes)
})

test.each([
  [
    'escaped',
    '<html><body><pre>&lt;?xml version="1.0"?&gt;&lt;rss&gt;&lt;channel/&gt;&lt;/rss&gt;</pre></body></html>',
  ],
  ['escaped, in an element', '<string xmlns="urn:x">&lt;rss&gt;&lt;channel/&gt;&lt;/rss&gt;</string>'],
  ['in a CDATA section', '<x>\n<![CDATA[<rss><channel/></rss>]]></x>'],
])('a feed that stands as text in another document is read: %s', (_, text) => {
  expect(cutOut(text)).toMatchObject({ document: { before: '<rss><channel/></rss>' } })
})

test.each([
  '<html><body><p>Write:</p><pre>&lt;rss&gt;&lt;channel&gt;</pre></body></html>',
  '<html><body>&lt;b&gt;&amp;lt;rss&amp;gt;',
])('a page that only speaks of feeds is none: %s', (text) => {
  expect(cutOut(text)).toEqual({ kind: 'no_feed', seen: 'web_page' })
})
