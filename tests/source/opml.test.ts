import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../src/errors.ts'
import { formatOpml, isCutOff, parseOpml } from '../../src/source/opml.ts'
import { parseDuration } from '../../src/time.ts'
import { anyString } from '../support/any-string.ts'

describe('OPML as other readers write it', () => {
  test('folders become tags, an address in two of them has both', () => {
    const outlines = parseOpml(`<?xml version="1.0"?><opml version="1.0"><head><title>x</title></head><body>
      <outline text="Tech"><outline text="News" title="News"><outline type="rss" text="A" xmlUrl="https://a.test/feed" htmlUrl="https://a.test/"/></outline></outline>
      <outline text="Fun"><outline text="A again" xmlUrl="https://a.test/feed"/></outline>
      <outline title="B" text="b" xmlUrl="https://b.test/" category="/x/y,z"/>
    </body></opml>`)

    expect(outlines).toEqual([
      { url: 'https://a.test/feed', title: 'A', tags: ['Tech', 'News', 'Fun'] },
      { url: 'https://b.test/', title: 'B', tags: ['x', 'y', 'z'] },
    ])
  })

  test.each([
    [
      'bare ampersands',
      '<opml><body><outline text="R&D" xmlUrl="https://a.test/?a=1&b=2"/></body></opml>',
      { url: 'https://a.test/?a=1&b=2', title: 'R&D' },
    ],
    [
      'attributes in other cases',
      '<opml><body><outline TEXT="A" xmlurl="https://a.test/"/></body></opml>',
      { url: 'https://a.test/', title: 'A' },
    ],
    [
      'its address as a link has it, beside links and includes',
      '<opml><body><outline type="link" url="https://b.test/"/><outline type="include" url="https://c.test/"/><outline type="rss" text="A" url="https://a.test/"/></body></opml>',
      { url: 'https://a.test/', title: 'A' },
    ],
    [
      'a byte order mark',
      '\ufeff<opml><body><outline xmlUrl="https://a.test/"/></body></opml>',
      { url: 'https://a.test/', title: null },
    ],
    [
      'a page that FreshRSS makes a feed of',
      '<opml><body><outline text="A" type="HTML+XPath" xmlUrl="https://a.test/" frss:xPathItem="//ul/li"/></body></opml>',
      { url: 'https://a.test/', title: 'A', page: { rules: null } },
    ],
    [
      'an outline never closed',
      '<opml><body><outline text="A" xmlUrl="https://a.test/">',
      { url: 'https://a.test/', title: 'A' },
    ],
  ])('%s', (_, text, outline) => {
    expect(parseOpml(text)).toMatchObject([outline])
  })

  test.each(['', 'hello', '<rss version="2.0"/>', '<html><body><outline xmlUrl="https://a.test/"/></body></html>'])(
    'what is no OPML is refused: %s',
    (text) => {
      expect(() => parseOpml(text)).toThrow(AppError)
      expect(() => parseOpml(text)).toThrow('not an OPML')
    },
  )

  test.each([
    ['in an address', '<outline xmlUrl="https://b.test/fe'],
    ['behind an address', '<outline xmlUrl="https://b.test/feed"'],
    ['before its end', ''],
  ])('a file that was cut off %s lists what stood whole before', (_, rest) => {
    const text = `<opml><body><outline xmlUrl="https://a.test/"/>${rest}`

    expect(parseOpml(text)).toMatchObject([{ url: 'https://a.test/' }])
    expect(isCutOff(text)).toBe(true)
  })

  test.each(['<opml><body/></opml>', '<OPML></OPML >\n', '<opml version="2.0" />'])('%s is whole', (text) => {
    expect(isCutOff(text)).toBe(false)
  })

  test('what else it says of a feed is left out: other readers’ types and attributes', () => {
    const xml =
      '<opml><body><outline type="XML+XPath" xmlUrl="https://a.test/" frss:xPathItem="//li" every="30m" x:every="5"/></body></opml>'

    expect(parseOpml(xml)).toEqual([{ url: 'https://a.test/', title: null, tags: [] }])
  })

  test('100,000 folders in one another end in an answer', () => {
    const deep = `<opml><body>${'<outline text="f">'.repeat(100_000)}<outline xmlUrl="https://a.test/"/>`
    expect(parseOpml(deep)[0]?.tags).toEqual(['f'])
  })
})

describe('what we write', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .map((text) => text.trim())
    .filter((text) => text !== '')
  const source = fc.record({ url: fc.webUrl(), title: name, tags: fc.uniqueArray(name, { maxLength: 4 }) })

  test('comes back with address, title and tags', () => {
    fc.assert(
      fc.property(fc.uniqueArray(source, { selector: ({ url }) => url }), name, (sources, title) => {
        expect(parseOpml(formatOpml(sources, title))).toEqual(sources)
      }),
      { seed: 3 },
    )
  })

  const selector = fc.option(name, { nil: null })
  const rules = fc.record({
    entry: name,
    link: selector,
    title: selector,
    date: selector,
    summary: selector,
    auto: fc.boolean(),
  })

  test('comes back with how a page is watched, how often it is polled, and whether it is paused, has a title of its own, and whole texts', () => {
    const page = fc.record({
      url: fc.webUrl(),
      pageRules: fc.option(rules, { nil: null }),
      fullText: fc.boolean(),
      everyMs: fc.constantFrom(null, 1_000, 90_000, 1_800_000, 604_800_000),
      state: fc.constantFrom('active' as const, 'paused' as const),
      givenTitle: fc.constantFrom(null, 'A'),
    })
    fc.assert(
      fc.property(page, (given) => {
        const source = { ...given, title: 'A', tags: [], kind: 'page' as const }
        const { url, pageRules, fullText, everyMs, state, givenTitle } = given

        const [{ every = null, ...outline } = { every: null }] = parseOpml(formatOpml([source], 'x'))
        expect(outline).toEqual({
          url,
          title: 'A',
          tags: [],
          page: { rules: pageRules },
          ...(fullText && { fullText }),
          ...(state === 'paused' && { isPaused: true }),
          ...(givenTitle === null && { isUntitled: true }),
        })
        expect(every && parseDuration(every, 'every')).toBe(everyMs)
      }),
      { seed: 3 },
    )
  })

  test('says of a feed nothing but what every reader knows', () => {
    const source = {
      url: 'https://a.test/',
      title: 'A',
      tags: [],
      kind: 'feed' as const,
      pageRules: null,
      fullText: false,
      everyMs: null,
      state: 'active' as const,
      givenTitle: 'A',
    }

    expect(formatOpml([source], 'x')).toContain('<outline type="rss" text="A" title="A" xmlUrl="https://a.test/"/>')
  })

  test('is well-formed for any text', () => {
    fc.assert(
      fc.property(anyString(), (text) => {
        const parser = new SaxesParser({ xmlns: true })
        let fault: Error | null = null
        parser.on('error', (error) => {
          fault ??= error
        })
        const pageRules = { entry: text, link: text, title: null, date: null, summary: null, auto: false }
        const page = { url: `https://a.test/${text}`, title: text, tags: [text], kind: 'page' as const, pageRules }
        parser.write(formatOpml([page], text)).close()
        expect(fault).toBeNull()
      }),
      { seed: 3 },
    )
  })
})
