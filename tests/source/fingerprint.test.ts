import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { KnownSlices, ReadDocument } from '../../src/model.ts'
import { readDocument } from '../../src/source/parse.ts'
import { aroundItems, breakSomething, createItem, FORMATS } from '../support/broken-feeds.ts'
import { createRandom } from '../support/random.ts'

const ITEMS = '<item><guid>a</guid><title>A &thing;</title><link>/a</link></item><item><title>B</title></item>'
const RSS = `<!DOCTYPE rss [<!ENTITY thing "x">]>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Wire</title><link>https://example.com/</link><language>en</language>
${ITEMS}</channel></rss>`
const ATOM = `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Wire</title><link href="https://example.com/"/><author><name>Ann</name></author>
<entry><id>a</id><title>A</title></entry><entry><id>b</id><title>B</title></entry></feed>`
const RDF = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://example.com/"><title>Wire</title><link>https://example.com/</link><items><rdf:Seq><rdf:li resource="/a"/></rdf:Seq></items></channel>
<item rdf:about="/a"><title>A</title></item></rdf:RDF>`

const SAMPLES = new URL('../fixtures/sources/', import.meta.url)

interface Given {
  known?: KnownSlices | null
  url?: string
  contentType?: string | null
}

async function read(
  text: string | Uint8Array,
  { known = null, url = 'https://example.com/feed', contentType = null }: Given = {},
) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const read = await readDocument({ bytes, contentType, url }, known)
  if (read.kind === 'unreadable') throw new Error(read.detail)
  return read
}

/** How many items of `after` are read by one who knows `before`. */
async function countRead(before: string, after: string | Uint8Array, given: Given = {}): Promise<number> {
  const known = (await read(before)).slices ?? null
  return (await read(after, { ...given, known })).items.length
}

describe('what items inherit: another of it, and all are read again', () => {
  test.each([
    ['the site', RSS, RSS.replace('https://example.com/', 'https://example.org/')],
    ['the language', RSS, RSS.replace('>en<', '>de<')],
    ['the base', RSS, RSS.replace('<rss ', '<rss xml:base="https://base.example/" ')],
    ['the base of the channel', RSS, RSS.replace('<channel>', '<channel xml:base="https://base.example/">')],
    ['the version', RSS, RSS.replace('2.0', '0.92')],
    ['a namespace', RSS, RSS.replace('xmlns:dc', 'xmlns:d')],
    ['an entity', RSS, RSS.replace('"x"', '"y"')],
    ['the base of a feed', ATOM, ATOM.replace('<feed ', '<feed xml:base="https://base.example/" ')],
    ['the language of a feed', ATOM, ATOM.replace('"en"', '"de"')],
    ['the author of a feed', ATOM, ATOM.replace('Ann', 'Bob')],
    ['the link of a feed', ATOM, ATOM.replace('https://example.com/', 'https://example.org/')],
    [
      'what stands behind the items',
      RSS.replace('<language>en</language>', ''),
      RSS.replace('<language>en</language>', '').replace('</channel>', '<language>de</language></channel>'),
    ],
  ])('%s', async (_, before, after) => {
    expect(after).not.toBe(before)
    expect(await countRead(before, before)).toBe(0)
    expect(await countRead(before, after)).toBe(2)
  })

  test('the address that answered', async () => {
    expect(await countRead(RSS, RSS, { url: 'https://example.com/moved' })).toBe(2)
  })

  test('the charset, where the bytes are the same', async () => {
    const bytes = Buffer.from(RSS.replace('Wire', 'Wire \u00e9'), 'latin1')
    const known = (await read(bytes, { contentType: 'text/xml; charset=windows-1252' })).slices ?? null
    expect((await read(bytes, { known, contentType: 'text/xml; charset=windows-1251' })).items).toHaveLength(2)
  })

  test("the parser's version: a print of another's context is none", async () => {
    const { slices } = await read(RSS)
    const known = { context: 'of another parser', head: 'of another parser', prints: slices?.prints ?? [] }
    expect((await read(RSS, { known })).items).toHaveLength(2)
  })
})

describe('what moves with every build: nothing is read again', () => {
  const inHead = (xml: string) => RSS.replace('<language>', `${xml}<language>`)
  test.each([
    ['the title', RSS, RSS.replace('Wire', 'Wire!')],
    ['a build date', RSS, inHead('<lastBuildDate>Mon, 23 Nov 2026 09:00:00 GMT</lastBuildDate>')],
    ['a date', RSS, inHead('<pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>')],
    ['the generator', RSS, inHead('<generator>G 2</generator>')],
    ['the time to live', RSS, inHead('<ttl>5</ttl>')],
    ['a self link', RSS, inHead('<atom:link rel="self" href="https://example.com/feed?now"/>')],
    ['an editor, whom no item inherits', RSS, inHead('<managingEditor>e@example.com</managingEditor>')],
    ['a comment', RSS, inHead('<!-- served in 12 ms -->')],
    ['a comment before the root', RSS, RSS.replace('<rss', '<!-- served in 12 ms --><rss')],
    ['the space between items', RSS, RSS.replace('</item><item>', '</item>\n\n<item>')],
    ['the update of a feed', ATOM, ATOM.replace('<author>', '<updated>2026-11-23T09:00:00Z</updated><author>')],
    ['the next page of a feed', ATOM, ATOM.replace('<author>', '<link rel="next" href="/2"/><author>')],
    ["RDF's list of items", RDF, RDF.replace('<rdf:Seq>', '<rdf:Seq><rdf:li resource="/b"/>')],
  ])('%s', async (_, before, after) => {
    expect(after).not.toBe(before)
    expect(await countRead(before, after)).toBe(0)
  })
})

describe('a document that only was built anew is not read at all', () => {
  const asBefore = async (before: string, after: string) =>
    (await read(after, { known: (await read(before)).slices ?? null })).asBefore === true
  const inHead = (xml: string) => RSS.replace('<language>', `${xml}<language>`)
  const built = (day: number) => `<lastBuildDate>Mon, ${day} Nov 2026 09:00:00 GMT</lastBuildDate>`
  const updated = (day: number) => ATOM.replace('<author>', `<updated>2026-11-${day}T09:00:00Z</updated><author>`)

  test.each([
    ['the same', RSS, RSS],
    ['another build date', inHead(built(22)), inHead(built(23))],
    ['the first build date', RSS, inHead(built(23))],
    ['another update', updated(22), updated(23)],
    ['another comment', inHead('<!-- served in 12 ms -->'), inHead('<!-- served in 7 ms -->')],
    ['another order', RSS, RSS.replace(/(<item>.*<\/item>)(<item>.*<\/item>)/, '$2$1')],
  ])('%s', async (_, before, after) => {
    expect(await asBefore(before, after)).toBe(true)
  })

  test.each([
    ['another title of it', RSS, RSS.replace('Wire', 'Wire!')],
    ['another pace', inHead('<ttl>5</ttl>'), inHead('<ttl>50</ttl>')],
    ['another hub', RSS, inHead('<atom:link rel="hub" href="https://hub.example/"/>')],
    ['a comment that is never closed', RSS, inHead('<!-- served')],
    ['one item less', RSS, RSS.replace(/<item>(?:(?!<item>).)*<\/item>/, '')],
    ['one item twice', RSS.replace(ITEMS, `${ITEMS}<item><title>C</title></item>`), RSS.replace(ITEMS, ITEMS + ITEMS)],
  ])('but: %s', async (_, before, after) => {
    expect(after).not.toBe(before)
    expect(await asBefore(before, after)).toBe(false)
  })
})

describe('what is read beside what is skipped', () => {
  const known = async (text: string) => (await read(text)).slices ?? null
  const withNew = (text: string) =>
    text.replace(/<(item|entry)\b/, (tag) => `${tag}><title>New</title><link>/new</link></${tag.slice(1)}>${tag}`)

  test.each([
    ['RSS', RSS],
    ['RDF', RDF],
  ])('%s: the head and the new item are what a whole reading makes of them', async (_, text) => {
    const after = withNew(text)
    const { items, slices, ...head } = await read(after, { known: await known(text) })
    const { items: all, slices: _slices, ...wholeHead }: ReadDocument = await read(after)

    expect(head).toEqual(wholeHead)
    expect(items).toEqual(all.filter(({ title }) => title === 'New'))
    expect(slices?.skipped).toEqual([...all.keys()].slice(1))
  })

  test('each item of every sample document, however broken, reads the same alone', async () => {
    let compared = 0
    for (const name of readdirSync(SAMPLES).filter((name) => name.endsWith('.xml'))) {
      const bytes = readFileSync(new URL(name, SAMPLES))
      const whole = await readDocument({ bytes, contentType: null, url: 'https://example.com/feed' })
      if (whole.kind === 'unreadable' || !whole.slices) continue
      const { slices, items, ...head } = whole
      for (const [index, print] of slices.prints.entries()) {
        const others = { ...slices, prints: slices.prints.filter((other) => other !== print) }
        if (others.prints.length !== slices.prints.length - 1 || others.prints.length === 0) continue
        const { slices: _slices, items: alone, ...sameHead } = await read(bytes, { known: others })
        expect([name, sameHead, alone]).toEqual([name, head, [items[index]]])
        compared += 1
      }
    }
    expect(compared).toBeGreaterThan(20)
  })

  // Items with a prefix are not cut apart.
  test.each(FORMATS.filter((format) => !format.includes('prefix')))(
    'items that are broken in up to four ways read the same beside whichever others: %s',
    async (format) => {
      let skipped = 0
      for (let seed = 1; seed <= 40; seed += 1) {
        const random = createRandom(seed * 31 + format.length)
        const items = [...Array(6).keys()].map((index) => {
          let item = createItem(format, index, random)
          for (let wounds = random(5); wounds > 0; wounds -= 1) item = breakSomething(item, random)
          return item
        })
        const show = (...shown: number[]) =>
          aroundItems(format, shown.map((index) => items[index]).join('\n'), createRandom(seed))
        const first = await read(show(0, 1, 2, 3))
        if (!first.slices) continue
        const [all, some] = [await read(show(4, 3, 5, 0)), await read(show(4, 3, 5, 0), { known: first.slices })]
        const { prints = [], skipped: places = [] } = some.slices ?? {}
        expect([seed, some.items]).toEqual([seed, all.items.filter((_, place) => !places.includes(place))])
        for (const place of places) {
          const before = first.items[first.slices.prints.indexOf(prints[place] ?? '')]
          expect([seed, all.items[place]]).toEqual([seed, before])
          skipped += 1
        }
      }
      expect(skipped).toBeGreaterThan(20)
    },
  )

  test('a change within an item is another item', async () => {
    expect(await countRead(RSS, RSS.replace('>B<', '>b<'))).toBe(1)
    expect(await countRead(ATOM, ATOM.replace('>B<', '>B <'))).toBe(1)
  })

  test.each([
    ['was cut off', RSS.slice(0, -3).replace('</channel></', '')],
    ['has unclosed items', RSS.replace('</item>', '')],
    ['holds an item that says nothing', RSS.replace('<title>B</title>', '')],
    ['has no items', RSS.replace(ITEMS, '')],
  ])('a document that %s has no fingerprints', async (_, text) => {
    expect((await read(text)).slices).toBeUndefined()
  })
})
