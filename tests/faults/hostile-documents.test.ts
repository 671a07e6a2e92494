import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readDocument } from '../../src/source/parse.ts'
import { workedMs } from '../support/work.ts'

const rss = (inner: string, head = '') =>
  `<rss version="2.0"><channel><title>T</title>${head}<item><title>ok</title><guid>1</guid>${inner}</item></channel></rss>`
const atom = (inner: string) =>
  `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>ok</title>${inner}</entry></feed>`
const numbered = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index)).join('')

// Each is small enough to pass at once when the cost is linear, and large enough to stop the clock when it is not.
const BAIT: Record<string, string> = {
  'a billion laughs': `<!DOCTYPE rss [<!ENTITY a "lol">${numbered(9, (i) => `<!ENTITY a${i} "${`&a${i - 1};`.repeat(10)}">`)}]>${rss('<description>&a8;</description>')}`,
  '50,000 entity declarations': `<!DOCTYPE rss [${numbered(50_000, (i) => `<!ENTITY e${i} "x">`)}]>${rss('<description>&e1;</description>')}`,
  '50,000 elements in one another': rss(`<description>${'<a>'.repeat(50_000)}x${'</a>'.repeat(50_000)}</description>`),
  '100,000 elements never closed': rss('', '<a>'.repeat(100_000)),
  '100,000 items in one another': `<rss><channel><title>T</title><item><title>ok</title></item>${'<item>'.repeat(100_000)}${'</item>'.repeat(100_000)}</channel></rss>`,
  '40,000 divs of XHTML': atom(`<content type="xhtml">${'<div>'.repeat(40_000)}x${'</div>'.repeat(40_000)}</content>`),
  '50,000 contents that quote an entry and never end': atom(
    `${'<content type="xml"><a><entry>'.repeat(50_000)}</entry></content>`,
  ),
  'an attribute of 5 MB': rss(`<enclosure url="${'a'.repeat(5_000_000)}"/>`),
  'an attribute of 5 MB that never ends': rss(`<enclosure url="${'a'.repeat(5_000_000)}`),
  '100,000 attributes': rss(`<enclosure ${numbered(100_000, (i) => ` a${i}="x"`)}/>`),
  '100,000 quotes that never end': rss('<a b="x>'.repeat(100_000)),
  'quotes of two kinds that never end': rss(`<a b='x><a c="y>`.repeat(50_000)),
  'a name of 5 MB': rss(`<${'a'.repeat(5_000_000)}>`),
  '200,000 spaces in a title': rss(`<description>a${' '.repeat(200_000)}b</description>`),
  '200,000 lines between two characters': rss(`<description>大${' \n'.repeat(200_000)}数</description>`),
  'tags that never end (rss-parser’s snippet is quadratic in them)': rss(
    `<description><![CDATA[${'a<p'.repeat(100_000)}]]></description>`,
  ),
  'nothing but less-than': rss(`<description><![CDATA[${'<'.repeat(100_000)}]]></description>`),
  'comments that never end': rss('<!--'.repeat(100_000)),
  'comments that never end, before one that does': rss(`${'<!--'.repeat(100_000)}<item/>-->`),
  'instructions that never end': rss('<?'.repeat(100_000)),
  'instructions that items end': rss('<?<item>?></item>'.repeat(50_000)),
  'doctypes that never end': '<!D['.repeat(100_000) + rss(''),
  'nothing but ampersands': rss(`<description>${'&'.repeat(200_000)}</description>`),
  '50,000 names of no entity': rss(`<description>${numbered(50_000, (i) => `&f${i};`)}</description>`),
  '100,000 numeric references': rss(`<description>${'&#65;'.repeat(100_000)}</description>`),
  '100,000 titles never closed': rss('<title>'.repeat(100_000)),
  '50,000 end tags of nothing': rss('</b>'.repeat(50_000)),
  '50,000 categories': rss('<category>x</category>'.repeat(50_000)),
  '50,000 namespaces': rss(`<a ${numbered(50_000, (i) => ` xmlns:a${i}="x"`)}/>`),
  '50,000 addresses in one attribute': rss(
    `<description><![CDATA[<img srcset="${'a, '.repeat(50_000)}">]]></description>`,
  ),
  '200,000 scripts never closed': rss(`<description><![CDATA[${'<script>'.repeat(200_000)}]]></description>`),
  'a date of 1 MB': rss(`<pubDate>${'1'.repeat(1_000_000)}</pubDate>`),
  'a person of 1 MB': rss(`<author>${'a@'.repeat(500_000)} (</author>`),
  'an entity of 2 KB, used 50,000 times': `<!DOCTYPE rss [<!ENTITY a "${'x'.repeat(2_000)}">]>${rss(`<description>${'&a;'.repeat(50_000)}</description>`)}`,
  '200,000 ampersands beside an entity': `<!DOCTYPE rss [<!ENTITY a "x">]>${rss(`<description>${'&a'.repeat(200_000)}</description>`)}`,
  '20,000 doctypes around roots': '<!DOCTYPE a ['.repeat(20_000) + rss(''),
  '50,000 gaps in tags': rss('< title>x</ title>'.repeat(50_000)),
  '25,000 sections in lower case': rss('<description><![cdata[x]]></description>'.repeat(25_000)),
  '50,000 descriptions of RDF in one another': `<rdf:RDF xmlns="http://purl.org/rss/1.0/"><item><title>ok</title></item>${'<rdf:Description><rdf:type rdf:resource="http://purl.org/rss/1.0/item"/>'.repeat(50_000)}${'</rdf:Description>'.repeat(50_000)}</rdf:RDF>`,
  '50,000 lists of RDF in titles': rss(`<subtitle>${'<rdf:Alt><rdf:li>'.repeat(50_000)}`),
  '50,000 beginnings of sections before a field': rss(`${'<![CDATA['.repeat(50_000)}<link>`),
  '50,000 beginnings of sections, each before a field': rss('<![CDATA[<link>'.repeat(50_000)),
  '50,000 comments in sections in comments': rss('<!-- <![CDATA[ <!-- '.repeat(50_000)),
  '50,000 start tags without their last letter': rss('<lin>x</link>'.repeat(50_000)),
  '50,000 start tags without their last letter in the head': `<rss><channel>${'<lin>x</link>'.repeat(50_000)}<item><title>ok</title></item></channel></rss>`,
  '50,000 backslashes': rss('<a><\\title>'.repeat(50_000)),
  '25,000 start tags without an end': rss('<titlea b</title>'.repeat(25_000)),
  '20,000 items that end themselves': `<rss><channel><item><title>ok</title></item>${'<item/><a>x</a>'.repeat(20_000)}</channel></rss>`,
  '100,000 empty items in an item': rss('<item/>'.repeat(100_000)),
  '50,000 quotes that items end': rss('<a b="</item '.repeat(50_000)),
  '100,000 odd quotes': rss(`<a ${'b=“c d=&quot;e '.repeat(50_000)}/>`),
  '100,000 sections of many names': rss(numbered(100_000, (i) => `<a${i}><![CDATA[`)),
  '100,000 sections in items of many names': rss(numbered(100_000, (i) => `<item><a${i}>b<![CDATA[c</item>`)),
  '20,000 ends of items': rss(`</item>${'<title></item>'.repeat(20_000)}`),
  '50,000 items in elements of an item': rss('<x:y><item><x:y></item>'.repeat(50_000)),
  '100,000 items in an element of an item': rss(`<x:y>${'<item></item>'.repeat(100_000)}</x:y>`),
  '100,000 ends of the channel in an item': rss('</channel><item></channel>'.repeat(100_000)),
  '50,000 end tags of nothing in a title': rss(`<title>${'</a>'.repeat(50_000)}</title>`),
  '25,000 titles in a title': rss('<title>a<title>\n'.repeat(25_000)),
  '25,000 end tags of nothing, each in a title': rss(`${'<title>a</x>'.repeat(25_000)}</title>`),
  '25,000 texts of two kinds': rss('<summary>a<content>b'.repeat(25_000)),
  '100,000 start tags of a title': rss('<title>'.repeat(100_000)),
  '100,000 XHTML texts that do not end': rss('<content type="xhtml"><dc:x>'.repeat(100_000)),
  '5 MB of NUL': rss(`<description>${'\0'.repeat(5_000_000)}</description>`),
}

describe('bait for parsers costs what its length costs', () => {
  test.each(Object.keys(BAIT))('%s', async (name) => {
    const bytes = Buffer.from(BAIT[name] ?? '')
    const before = workedMs()
    const read = await readDocument({ bytes, contentType: null, url: 'https://a.test/' })
    expect(workedMs() - before).toBeLessThan(3_000)

    expect(read.kind).toBe('read')
    expect(read).toHaveProperty('items.0.title', 'ok')
  })
})

describe('bait for readers of broken JSON and of pages', () => {
  const json = (inner: string) => `{"version":"https://jsonfeed.org/version/1.1","items":[${inner}`
  test.each([
    ['comments that never end', json('/*'.repeat(200_000))],
    ['strings that never end', json('"\\'.repeat(200_000))],
    ['brackets that never end', json('['.repeat(200_000))],
    ['commas', json(','.repeat(490_000))],
    ['escapes of nothing', json(`{"id":"${'\\x'.repeat(300_000)}"},`)],
    ['a page of feeds', `<html>${'<feed>'.repeat(100_000)}`],
    ['a page of rss', `<html>${'<rss '.repeat(100_000)}`],
    ['a page of scripts', `<html>${'<script>'.repeat(100_000)}`],
  ])('%s', async (_, text) => {
    const before = workedMs()
    const read = await readDocument({ bytes: Buffer.from(text), contentType: null, url: '' })
    expect(workedMs() - before).toBeLessThan(2_000)
    expect(['read', 'unreadable']).toContain(read.kind)
  })
})

test('JSON nested 100,000 deep, and fields of wrong types, are no danger', async () => {
  const deep = `{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`
  const odd =
    '{"version":"https://jsonfeed.org/version/1.1","title":[],"__proto__":{"x":1},"items":[{"id":{},"title":{"a":5},"__proto__":{"id":"7"},"url":[]},null]}'
  for (const text of [deep, odd]) {
    const read = await readDocument({ bytes: Buffer.from(text), contentType: null, url: '' })
    expect(read).toMatchObject({ kind: 'read', items: [] })
  }
})

test.each([
  ['numbers', `[${'1,'.repeat(600_000)}1]`],
  ['empty objects with names of their own', `[{${numbered(300_000, (i) => `"k${i}":{},`)}"z":1}]`],
  ['brackets within one another', '['.repeat(300_000) + ']'.repeat(300_000)],
])('JSON of more %s than any feed has is refused by that name, before it is made', async (_, items) => {
  const text = `{"version":"https://jsonfeed.org/version/1.1","title":"x","items":${items}}`

  expect(await readDocument({ bytes: Buffer.from(text), contentType: null, url: '' })).toMatchObject({
    kind: 'unreadable',
    reason: 'too_big',
    detail: expect.stringContaining('500,000 values'),
  })
})

describe('limits', () => {
  const read = async (text: string) => {
    const read = await readDocument({ bytes: Buffer.from(text), contentType: null, url: 'https://a.test/' })
    if (read.kind === 'unreadable') throw new Error(read.detail)
    return read
  }

  test('1,000 items, the first ones', async () => {
    const { items, truncated } = await read(
      `<rss><channel>${numbered(1_500, (i) => `<item><title>${i}</title></item>`)}</channel></rss>`,
    )
    expect(items).toHaveLength(1_000)
    expect(items.at(-1)?.title).toBe('999')
    expect(truncated).toBe(false)
  })

  test('1,000 items also where they cannot be cut apart', async () => {
    const { items } = await read(`<rss><channel>${numbered(1_500, (i) => `<item><title>${i}</title>`)}</channel></rss>`)
    expect(items).toHaveLength(1_000)
  })

  test('200 categories and enclosures', async () => {
    const crowd = numbered(300, (i) => `<category>c${i}</category><enclosure url="/${i}.mp3"/>`)
    const [item] = (await read(rss(crowd))).items
    expect(item?.categories).toHaveLength(200)
    expect(item?.enclosures).toHaveLength(200)
  })

  test('1,000 characters of a title, 256 KiB of plain text, on a whole character', async () => {
    const [item] = (
      await read(
        `<rss><channel><item><title>${'👍🏽'.repeat(1_000)}</title><description>${'大'.repeat(300_000)}</description></item></channel></rss>`,
      )
    ).items
    expect(item?.title).toBe('👍🏽'.repeat(250))
    expect(item?.text).toBe('大'.repeat(262_144))
  })

  test('10 MiB of bytes', async () => {
    const bytes = Buffer.alloc(10 * 1_024 * 1_024 + 1, ' ')
    expect(await readDocument({ bytes, contentType: null, url: '' })).toMatchObject({
      kind: 'unreadable',
      reason: 'too_big',
    })
  })
})

test('documents with flipped bytes, cuts and splices always end in an outcome', async () => {
  const folder = fileURLToPath(new URL('../fixtures/sources/', import.meta.url))
  const files = readdirSync(folder).filter((file) => !file.endsWith('.expect.json'))
  const document = fc.constantFrom(...files).map((file) => readFileSync(folder + file))
  const wound = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), cut: fc.nat(40) })
  const mutated = fc
    .tuple(document, document, fc.array(wound, { minLength: 1, maxLength: 8 }))
    .map(([bytes, other, wounds]) => {
      let text = bytes
      for (const { at, byte, cut } of wounds) {
        const place = at % (text.length + 1)
        const graft = byte < 60 ? other.subarray(place, place + cut * 5) : Buffer.from([byte])
        text = Buffer.concat([text.subarray(0, place), graft, text.subarray(place + cut)])
      }
      return text
    })

  await fc.assert(
    fc.asyncProperty(mutated, async (bytes) => {
      const read = await readDocument({ bytes, contentType: null, url: 'https://a.test/' })
      // The mender leaves nothing that the strict reader refuses. JSON is not mended.
      if (read.kind === 'unreadable') expect(read.detail).not.toContain('broken beyond repair')
    }),
    { numRuns: 300, seed: 3 },
  )
})
