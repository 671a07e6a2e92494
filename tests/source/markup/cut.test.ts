import { describe, expect, test } from 'vitest'
import { cutDocument } from '../../../src/source/markup/cut.ts'

function cut(text: string, maxItems = 100) {
  const cut = cutDocument(text, maxItems)
  if (cut.kind === 'no_feed') throw new Error(cut.seen)
  return cut.document
}

test('the pieces are the document from its root on', () => {
  const text =
    '<?xml version="1.0"?>\n<!-- x --><rss version="0.92">\n<channel><title>T</title>\n<item>1</item>\n\n<item/>\n<link>x</link></channel></rss>\n'
  const { before, items, after, ...rest } = cut(text)

  expect(items).toEqual(['<item>1</item>', '<item/>'])
  expect(before).toBe('<rss version="0.92">\n<channel><title>T</title>\n')
  expect(after).toBe('\n\n\n<link>x</link></channel></rss>\n')
  expect(rest).toEqual({
    kind: 'rss',
    format: 'RSS 0.92',
    base: null,
    language: null,
    rootTag: '<rss version="0.92">',
    doctype: null,
    truncated: false,
  })
})

describe('what looks like an item and is none', () => {
  test.each([
    ['CDATA', '<rss><channel><item><![CDATA[</item><item>]]></item></channel></rss>', 1],
    ['a comment', '<rss><channel><!-- <item> --><item>x</item></channel></rss>', 1],
    ['an attribute', '<rss><channel><item a="</x>">x</item></channel></rss>', 1],
    ['a longer name', '<rss><channel><items/><item>x</item></channel></rss>', 1],
    ['items of RDF', '<rdf:RDF><channel><items><rdf:Seq/></items></channel><item>1</item><item>2</item></rdf:RDF>', 2],
  ])('%s', (_, text, count) => {
    expect(cut(text).items).toHaveLength(count)
  })
})

describe('what cannot be cut cleanly stays in one piece', () => {
  test.each([
    ['nested items', '<rss><channel><item><item>x</item></item></channel></rss>'],
    ['unclosed items', '<rss><channel><item>1<item>2</channel></rss>'],
    ['capitals', '<RSS><CHANNEL><ITEM>1</ITEM></CHANNEL></RSS>'],
    ['an end without a start', '<rss><channel></item><item>1</item></channel></rss>'],
  ])('%s', (_, text) => {
    expect(cut(text)).toMatchObject({ before: text, items: [], after: '', truncated: false })
  })

  test('a huge item, of which a piece would be one more copy', () => {
    const text = `<rss><channel><item>1</item><item>${'x'.repeat(4_000_000)}</item></channel></rss>`
    const { before, items } = cut(text)

    expect(before === text).toBe(true)
    expect(items).toEqual([])
    expect(cut(text.replace('x'.repeat(100), '')).items).toHaveLength(2)
  })
})

describe('a document that was cut off', () => {
  test.each([
    ['in an item', '<rss><channel><item>1</item><item>2', ['<item>1</item>']],
    ['in the end tag of a field', '<rss><channel><item>1</item><item><a>2</', ['<item>1</item>']],
    ['behind a field', '<rss><channel><item>1</item><item><a>2</a>', ['<item>1</item>']],
    ['behind a field of the only one', '<rss><channel><item><link>2</link>', []],
    ['between items', '<rss><channel><item>1</item>', ['<item>1</item>']],
    ['before the root ends', '<rss><channel><item>1</item></channel>', ['<item>1</item>']],
    ['in CDATA', '<rss><channel><item>1</item><item><a><![CDATA[</item>', ['<item>1</item>']],
  ])('%s', (_, text, items) => {
    expect(cut(text)).toMatchObject({ items, truncated: true })
  })
})

describe('the last item, cut off where all of it has been said, is left to the mender', () => {
  test.each([
    ['at its end tag', '<rss><channel><item>1</item><item><a>2</a></'],
    ['in its end tag', '<rss><channel><item>1</item><item>2<b/></ite'],
    ['in its end tag, with a prefix', '<a:feed><a:entry>1</a:entry><a:entry>2</a:entr'],
    ['where none has an end tag', '<rss><channel><item><a>1</a><item><a>2</a>\n'],
    ['where the root ends by another name', '<feed><entry><a>1</a><entry><a>2</a></rss>'],
  ])('%s', (_, text) => {
    expect(cut(text)).toMatchObject({ before: text, items: [], truncated: true })
  })
})

describe('a CDATA section that lost its end hides no item', () => {
  test.each([
    ['in any field', '<x:y><![CDATA[a</x:y>'],
    ['behind a text', '<a>b <![CDATA[c</a>'],
    ['before a text', '<a><![CDATA[b</a>; '],
    ['in a field that lost its end too', '<a><![CDATA[b <b>c</b>'],
    ['before the next item has such a field', '<title><![CDATA[a'],
  ])('%s', (_, field) => {
    const others = '<item><title>2</title></item><item><title><![CDATA[3]]></title></item>'
    const { items, truncated } = cut(`<rss><channel><item>${field}</item>${others}</channel></rss>`)
    expect(items.slice(1).join('')).toBe(others)
    expect(truncated).toBe(false)
  })
})

test('nor does one in a field that lost its end too, where a comment stands between the items', () => {
  const others = '<!-- 2 --><item><title><![CDATA[2]]></title></item>'
  const { items } = cut(`<rss><channel><item><a><![CDATA[b <b>c</b></item>\n${others}</channel></rss>`)
  expect(items).toEqual(['<item><a><![CDATA[b <b>c</b></item>', '<item><title><![CDATA[2]]></title></item>'])
})

test('only the first items are kept, and that is no truncation', () => {
  const text = `<rss><channel>${'<item>x</item>'.repeat(500)}</channel></rss>`
  const document = cut(text, 3)
  expect(document.items).toHaveLength(3)
  expect(document.truncated).toBe(false)
})

test.each([
  ['<html><body><rss/></body></html>', 'web_page'],
  ['<!DOCTYPE html><p>x', 'web_page'],
  ['<svg/>', 'xml'],
  ['<service xmlns="http://www.w3.org/2005/Atom"><workspace/></service>', 'xml'],
  ['<rss version="2', 'start'],
  ['hello', 'nothing'],
  ['a < rss > b', 'nothing'],
  ['<p>a < feed > b < entry > c</p>', 'xml'],
  ['\uFEFF \n<svg/>', 'xml'],
  ['9\u00e8<k\u00a7\u0003 x<b>', 'nothing'],
  ['\u0089PNG\0\0<rdf:RDF>', 'binary'],
  ['a<b\0', 'binary'],
  ['\0\u0001', 'binary'],
])('no feed: %s', (text, seen) => {
  expect(cutDocument(text, 10)).toEqual({ kind: 'no_feed', seen })
})

test('a gap that closing gaps does not reach is left alone, and the cut ends', () => {
  // The DOCTYPE that never ends hides the gap from one of the two.
  const text = '<!DOCTYPE rss [<rss><channel><item>< title>x</title></item></channel></rss><![CDATA[ ]>'
  expect(cut(text).kind).toBe('rss')
})

test('items by the name of the other format are items', () => {
  expect(cut('<feed><item>1</item><item>2</item></feed>').items).toHaveLength(2)
  expect(cut('<rss><channel><entry>1</entry></channel></rss>').items).toHaveLength(1)
})

test('a word of the other format within an item is none', () => {
  expect(cut('<rss><channel><item><entry>1</entry></item><item>2</item></channel></rss>').items).toHaveLength(2)
})
