import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Item, RelatedItem } from '../../src/model.ts'
import { itemUpdatedAt, itemUrn, renderAtom } from '../../src/publish/atom.ts'
import { anyString } from '../support/any-string.ts'
import { type AtomElement, childrenOf, findAtomFaults, readAtom, textOf } from './atom-rules.ts'

const SEEN = Date.UTC(2026, 10, 25, 12)

const OPTIONS = {
  id: 'urn:uuid:c1f0b6a0-0000-8000-a000-000000000000',
  title: 'Crier',
  selfUrl: 'https://news.example/feed.atom',
  siteUrl: 'https://news.example/',
  nextUrl: null,
}

function makeItem(changes: Partial<Item> = {}): Item {
  const place = changes.place ?? SEEN * 1_000
  return {
    place,
    story: place,
    source: {
      id: 1,
      title: 'Northern Wire',
      url: 'https://wire.example/rss',
      host: 'wire.example',
      tags: [],
      siteUrl: 'https://wire.example/',
    },
    id: 'a-1',
    url: 'https://wire.example/a-1',
    title: 'Jilin opens its big data exchange',
    content: '<p>The exchange opens in <b>January</b>.</p>',
    summary: null,
    publishedAt: SEEN - 60_000,
    updatedAt: null,
    authors: ['Mei Lin'],
    categories: ['data', 'markets'],
    enclosures: [],
    language: 'en',
    text: 'The exchange opens in January.',
    tokens: { title: '', text: '' },
    firstSeenAt: SEEN,
    revision: 0,
    revisedAt: null,
    calledBy: [],
    related: [],
    ...changes,
  } as Item // `tokens` is left out of Item, and harmless in it.
}

/** An item of another source that tells the same. */
function makeRelated(title: string, changes: Partial<RelatedItem> = {}): RelatedItem {
  const source = { ...makeItem().source, id: 2, title, url: 'https://other.example/rss' }
  const slug = encodeURIComponent(title)
  const url = `https://other.example/${slug}`
  return { place: 1, title: 'Big data in Jilin', url, source, publishedAt: null, firstSeenAt: SEEN, ...changes }
}

/** The only entry of a feed of one item. */
function entryOf(changes: Partial<Item>): AtomElement {
  const feed = readAtom(renderAtom([makeItem(changes)], OPTIONS))
  expect(findAtomFaults(feed)).toEqual([])
  const [entry] = childrenOf(feed, 'entry')
  if (entry === undefined) throw new Error('no entry')
  return entry
}

const linksOf = (element: AtomElement, rel: string) =>
  childrenOf(element, 'link')
    .map((link) => link.attributes)
    .filter((attributes) => (attributes.rel ?? 'alternate') === rel)

describe('the document', () => {
  test('says what the feed is, where it lives and where it goes on', () => {
    const nextUrl = 'https://news.example/feed.atom?limit=5&before=12'
    const feed = readAtom(renderAtom([makeItem()], { ...OPTIONS, title: 'Crier: “a & b” <c>', nextUrl }))

    expect(findAtomFaults(feed)).toEqual([])
    expect(textOf(feed, 'title')).toBe('Crier: “a & b” <c>')
    expect(textOf(feed, 'id')).toBe(OPTIONS.id)
    expect(linksOf(feed, 'self')).toEqual([{ rel: 'self', href: OPTIONS.selfUrl }])
    expect(linksOf(feed, 'alternate')).toEqual([{ rel: 'alternate', href: OPTIONS.siteUrl }])
    expect(linksOf(feed, 'next')).toEqual([{ rel: 'next', href: nextUrl }])
    expect(childrenOf(feed, 'rights')).toEqual([])
  })

  test('is valid without items, and then as old as time', () => {
    const feed = readAtom(renderAtom([], OPTIONS))
    expect(findAtomFaults(feed)).toEqual([])
    expect(textOf(feed, 'updated')).toBe('1970-01-01T00:00:00.000Z')
  })

  test('is as new as its newest entry, wherever that stands', () => {
    const items = [makeItem({ place: 3 }), makeItem({ place: 2, revisedAt: SEEN + 5_000 }), makeItem({ place: 1 })]
    expect(textOf(readAtom(renderAtom(items, OPTIONS)), 'updated')).toBe('2026-11-25T12:00:05.000Z')
  })

  test('keeps the order of its items and is the same bytes for the same items', () => {
    const items = [1, 5, 3].map((place) => makeItem({ place, title: `Item ${place}` }))
    const xml = renderAtom(items, OPTIONS)
    expect(childrenOf(readAtom(xml), 'entry').map((entry) => textOf(entry, 'title'))).toEqual([
      'Item 1',
      'Item 5',
      'Item 3',
    ])
    expect(renderAtom(structuredClone(items), OPTIONS)).toBe(xml)
  })

  test('does without an item that cannot be rendered, and says which', () => {
    const broken = makeItem({ place: 2, firstSeenAt: Number.NaN, publishedAt: null })
    const skipped: number[] = []
    const xml = renderAtom([makeItem({ place: 3 }), broken, makeItem({ place: 1 })], {
      ...OPTIONS,
      onSkipped: (item) => skipped.push(item.place),
    })
    expect(findAtomFaults(readAtom(xml))).toEqual([])
    expect(childrenOf(readAtom(xml), 'entry')).toHaveLength(2)
    expect(skipped).toEqual([2])
  })

  test('stays small enough to be held when every item is a book', () => {
    const book = `<p>${'word '.repeat(60_000)}</p>`
    const items = Array.from({ length: 60 }, (_, i) => makeItem({ place: i + 1, content: book }))
    const xml = renderAtom(items, OPTIONS)
    expect(xml.length).toBeLessThan(9_000_000)
    expect(childrenOf(readAtom(xml), 'entry')).toHaveLength(60)
  })
})

describe('an entry', () => {
  test('carries what was published, and where it comes from', () => {
    const entry = entryOf({
      url: 'https://wire.example/a?x=1&y="2"',
      language: 'zh-tw',
      authors: ['Mei Lin', 'J. <Doe> & Sons &amp;'],
      categories: ['a "b" <c> & d', 'data', 'data', ' '],
      enclosures: [
        { url: 'https://wire.example/a.mp3', type: 'audio/mpeg', length: 1234 },
        { url: 'https://wire.example/b', type: 'not a type', length: -1 },
        { url: 'https://wire.example/c.ogg', type: 'audio/ogg; codecs=opus', length: 0 },
        { url: 'https://wire.example/d', type: 'an audio/mpeg', length: null },
        { url: 'https://wire.example/e', type: 'audio/mpeg file', length: 0.5 },
        { url: 'javascript:alert(1)', type: null, length: null },
      ],
    })
    expect(entry.attributes).toEqual({ 'xml:lang': 'zh-tw' })
    expect(linksOf(entry, 'alternate')).toEqual([{ href: 'https://wire.example/a?x=1&y=%222%22' }])
    expect(childrenOf(entry, 'author').map((author) => textOf(author, 'name'))).toEqual([
      'Mei Lin',
      'J. <Doe> & Sons &amp;',
    ])
    expect(childrenOf(entry, 'category').map(({ attributes }) => attributes)).toEqual([
      { term: 'a "b" <c> & d' },
      { term: 'data' },
    ])
    expect(linksOf(entry, 'enclosure')).toEqual([
      { rel: 'enclosure', href: 'https://wire.example/a.mp3', type: 'audio/mpeg', length: '1234' },
      { rel: 'enclosure', href: 'https://wire.example/b' },
      { rel: 'enclosure', href: 'https://wire.example/c.ogg', type: 'audio/ogg; codecs=opus', length: '0' },
      { rel: 'enclosure', href: 'https://wire.example/d' },
      { rel: 'enclosure', href: 'https://wire.example/e' },
    ])
    expect(textOf(entry, 'published')).toBe('2026-11-25T11:59:00.000Z')
    expect(childrenOf(entry, 'rights')).toEqual([])

    const [source] = childrenOf(entry, 'source')
    expect(source && textOf(source, 'id')).toBe('https://wire.example/rss')
    expect(source && textOf(source, 'title')).toBe('Northern Wire')
    expect(source && linksOf(source, 'self')).toEqual([{ rel: 'self', href: 'https://wire.example/rss' }])
    expect(source && linksOf(source, 'alternate')).toEqual([{ rel: 'alternate', href: 'https://wire.example/' }])
  })

  test('has its HTML escaped exactly once, and its title too', () => {
    const entry = entryOf({
      title: 'AT&T <b>wins</b> &amp; ]]> ]]>',
      content: '<p>a &lt; b &amp; c ]]&gt; ]]> ]]></p>',
    })
    // Type html: after the XML is read, the text is the HTML.
    expect(textOf(entry, 'title')).toBe('AT&amp;T &lt;b&gt;wins&lt;/b&gt; &amp;amp; ]]&gt; ]]&gt;')
    expect(textOf(entry, 'content')).toBe('<p>a &lt; b &amp; c ]]&gt; ]]&gt; ]]&gt;</p>')
    expect(childrenOf(entry, 'content')[0]?.attributes).toEqual({ type: 'html' })
  })

  test('shows no password of a source', () => {
    const source = { ...makeItem().source, url: 'https://me:secret@wire.example/rss' }
    expect(renderAtom([makeItem({ source })], OPTIONS)).not.toContain('secret')
  })

  test.each([
    ['content, and a summary of its own', '<p>all</p>', '<p>short</p>', '<p>all</p>', '<p>short</p>'],
    ['only a summary', null, '<p>short</p>', '<p>short</p>', ''],
    ['a summary that is the content again', '<p>all</p>', '<p>all</p>', '<p>all</p>', ''],
    ['neither', null, null, 'The exchange opens in January.', ''],
    ['nothing that may pass', '<script>1</script>', null, 'The exchange opens in January.', ''],
  ])('with %s', (_, content, summary, expectedContent, expectedSummary) => {
    const entry = entryOf({ content, summary })
    expect(textOf(entry, 'content')).toBe(expectedContent)
    expect(textOf(entry, 'summary')).toBe(expectedSummary)
  })

  test('without an address, a title, a text and an author is still an entry', () => {
    const entry = entryOf({ url: null, title: '', content: null, summary: null, text: '', authors: [], id: null })
    expect(linksOf(entry, 'alternate')).toEqual([])
    expect(textOf(entry, 'title')).toBe('Northern Wire')
    expect(textOf(entry, 'content')).toBe('Northern Wire')
    expect(childrenOf(entry, 'author').map((author) => textOf(author, 'name'))).toEqual(['Northern Wire'])
  })

  test.each(['"><x', 'en_US', 'e', '日本', 'en--us'])('with the language %s has none', (language) => {
    expect(entryOf({ language }).attributes).toEqual({})
  })
})

describe('an entry whose story others tell', () => {
  test('links to each of them, with its source and title', () => {
    const entry = entryOf({ related: [makeRelated('Reuters'), makeRelated('Data "Review" & <Co>', { title: '' })] })
    expect(linksOf(entry, 'related')).toEqual([
      { rel: 'related', href: 'https://other.example/Reuters', title: 'Reuters: Big data in Jilin' },
      {
        rel: 'related',
        href: 'https://other.example/Data%20%22Review%22%20%26%20%3CCo%3E',
        title: 'Data "Review" & <Co>',
      },
    ])
  })

  test('changes in nothing else, whoever joins: neither id nor date nor content', () => {
    const alone = renderAtom([makeItem()], OPTIONS)
    const told = renderAtom([makeItem({ related: [makeRelated('Reuters'), makeRelated('BBC')] })], OPTIONS)
    expect(told).not.toBe(alone)
    expect(told.replace(/\s*<link rel="related"[^>]*>/g, '')).toBe(alone)
  })

  test.each([
    ['without an address', makeRelated('Reuters', { url: null })],
    ['at no web address', makeRelated('Reuters', { url: 'javascript:alert(1)' })],
    ['at the address of the entry itself', makeRelated('Reuters', { url: 'https://wire.example/a-1' })],
  ])('has no link to one %s', (_, related) => {
    expect(linksOf(entryOf({ related: [related] }), 'related')).toEqual([])
  })

  test('links to an address once, and shows no password', () => {
    const url = 'https://me:secret@other.example/a'
    const entry = entryOf({ related: [makeRelated('Reuters', { url }), makeRelated('BBC', { url })] })
    expect(linksOf(entry, 'related').map(({ href }) => href)).toEqual(['https://other.example/a'])
  })

  test('has ten links at most, to the earliest that can be followed', () => {
    const names = Array.from({ length: 14 }, (_, i) => `Paper ${i}`)
    const related = names.map((name, i) => makeRelated(name, { url: i === 0 ? null : `https://other.example/${i}` }))
    const hrefs = linksOf(entryOf({ related }), 'related').map(({ href }) => href)
    expect(hrefs).toEqual(Array.from({ length: 10 }, (_, i) => `https://other.example/${i + 1}`))
  })

  test('is no larger than a reader can hold, however long the addresses are', () => {
    const related = Array.from({ length: 50 }, (_, i) =>
      makeRelated(`${i}`, { url: `https://other.example/${i}/${'x'.repeat(4_000)}`, title: 'word '.repeat(10_000) }),
    )
    const xml = renderAtom(
      Array.from({ length: 300 }, (_, i) => makeItem({ place: i + 1, related })),
      OPTIONS,
    )
    expect(xml.length).toBeLessThan(9_000_000)
    expect(childrenOf(readAtom(xml), 'entry')).toHaveLength(300)
  })
})

describe('the id of an entry', () => {
  test('is a UUID that only place and arrival decide', () => {
    const item = makeItem()
    expect(itemUrn(item)).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(itemUrn(makeItem({ title: 'edited', url: null, id: 'b', revision: 3, revisedAt: SEEN + 1 }))).toBe(
      itemUrn(item),
    )
    expect(itemUrn(makeItem({ place: item.place + 1 }))).not.toBe(itemUrn(item))
  })

  test('never changes: readers would show everything again', () => {
    expect(itemUrn({ place: 1_795_608_000_000_000, firstSeenAt: 1_795_608_000_000 })).toMatchInlineSnapshot(
      `"urn:uuid:be5e558c-e9b2-8146-a139-aecae51e2334"`,
    )
  })
})

describe('when an entry was updated', () => {
  const hour = 3_600_000
  test.each([
    ['nothing said: when it came', {}, 0],
    ['published', { publishedAt: SEEN - hour }, -hour],
    ['updated after that', { publishedAt: SEEN - hour, updatedAt: SEEN - 60_000 }, -60_000],
    ['published in the future', { publishedAt: SEEN + hour }, 0],
    ['updated in the future', { publishedAt: SEEN - hour, updatedAt: SEEN + 400 * 24 * hour }, 0],
    ['edited since', { publishedAt: SEEN - hour, revisedAt: SEEN + hour }, hour],
    ['published when clocks begin that were never set', { publishedAt: 0 }, 0],
    ['published before years had four digits', { publishedAt: Date.UTC(-50, 0) }, 0],
    ['published at no time', { publishedAt: Number.NaN }, 0],
  ])('%s', (_, dates, offset) => {
    const item = makeItem({ publishedAt: null, ...dates })
    expect(itemUpdatedAt(item) - SEEN).toBe(offset)
  })
})

describe('whatever is stored', () => {
  // Any UTF-16 units, half surrogates and control characters among them, mixed with what breaks XML.
  const nasty = fc
    .array(
      fc.oneof(
        anyString(),
        fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
        fc.constantFrom(
          ']]>',
          '<![CDATA[',
          '<!--',
          '&amp;',
          '&#0;',
          '&#xD800;',
          '"',
          "'",
          '<',
          '\u0001',
          '\u0001\u0001',
          '</entry>',
        ),
        fc.constantFrom(
          '<rights>',
          '</rights>',
          '<entry>',
          '<p title="',
          '<a href="https://x.example/',
          'javascript:',
          'http://[',
        ),
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join(''))
  const maybe = fc.option(nasty)
  const date = fc.option(fc.oneof(fc.integer({ min: -1e14, max: 1e14 }), fc.double()))
  const items = fc.array(
    fc.record({
      url: maybe,
      title: nasty,
      content: maybe,
      summary: maybe,
      text: nasty,
      language: maybe,
      authors: fc.array(nasty, { maxLength: 3 }),
      categories: fc.array(nasty, { maxLength: 3 }),
      enclosures: fc.array(fc.record({ url: nasty, type: maybe, length: fc.option(fc.double()) }), { maxLength: 2 }),
      publishedAt: date,
      updatedAt: date,
      sourceTitle: nasty,
      sourceUrl: nasty,
      others: fc.array(fc.record({ name: nasty, title: nasty, url: fc.oneof(maybe, fc.webUrl()) }), { maxLength: 3 }),
    }),
    { maxLength: 4 },
  )

  test('the document is well-formed, valid, complete and stable', () => {
    fc.assert(
      fc.property(items, nasty, (drawn, title) => {
        const stored = drawn.map(({ sourceTitle, sourceUrl, others, ...rest }, i) =>
          makeItem({
            ...rest,
            related: others.map(({ name, title, url }) => ({
              ...makeRelated('x', { title, url }),
              source: { ...makeItem().source, title: name },
            })),
            place: i + 1,
            source: { ...makeItem().source, title: sourceTitle, url: sourceUrl, siteUrl: sourceUrl },
          }),
        )
        const xml = renderAtom(stored, { ...OPTIONS, title })
        const feed = readAtom(xml)
        expect(findAtomFaults(feed)).toEqual([])
        expect(childrenOf(feed, 'entry').map((entry) => textOf(entry, 'id'))).toEqual(stored.map(itemUrn))
        expect(renderAtom(stored, { ...OPTIONS, title })).toBe(xml)
      }),
      { numRuns: 150, seed: 4287 },
    )
  })

  test('every UTF-16 unit may stand in a title', () => {
    const items: Item[] = []
    for (let block = 0; block < 0x10000; block += 256) {
      const title = Array.from({ length: 256 }, (_, i) => String.fromCharCode(block + i)).join(' ')
      items.push(makeItem({ place: block + 1, title, content: title }))
    }
    const feed = readAtom(renderAtom(items, OPTIONS))
    expect(childrenOf(feed, 'entry')).toHaveLength(256)
  })
})
