import { describe, expect, test } from 'vitest'
import { alternates, parseLinks, pushLinks } from '../../src/fetch/links.ts'
import { workedMs } from '../support/work.ts'

const BASE = 'https://site.example/blog/feed.xml'

describe('pushLinks', () => {
  test.each<[string, string | string[] | undefined, { hub: string | null; self: string | null } | undefined]>([
    ['no field', undefined, undefined],
    [
      'both in one field',
      '<https://hub.example/>; rel="hub", <https://site.example/feed>; rel="self"',
      { hub: 'https://hub.example/', self: 'https://site.example/feed' },
    ],
    [
      'two fields',
      ['<https://hub.example/>; rel=hub', '<https://site.example/feed>; rel=self'],
      { hub: 'https://hub.example/', self: 'https://site.example/feed' },
    ],
    ['without quotes', '<https://hub.example/>;rel=hub', { hub: 'https://hub.example/', self: null }],
    ['spaces everywhere', ' < https://hub.example/ > ; rel = "hub" ', { hub: 'https://hub.example/', self: null }],
    ['in capitals', '<https://hub.example/>; REL=HUB', { hub: 'https://hub.example/', self: null }],
    ['several relations', '</feed>; rel="alternate self"', { hub: null, self: 'https://site.example/feed' }],
    [
      'relative addresses',
      '<feed.xml>; rel=self, <//hub.example>; rel=hub',
      { hub: 'https://hub.example/', self: BASE },
    ],
    [
      'the first hub of two',
      '<https://a.example/>; rel=hub, <https://b.example/>; rel=hub',
      { hub: 'https://a.example/', self: null },
    ],
    ['a second rel does not count', '<https://hub.example/>; rel=next; rel=hub', undefined],
    ['other relations', '</style.css>; rel=preload; as=style', undefined],
    [
      'commas and semicolons in quotes',
      '</a>; title="x, y; rel=hub"; rel=next, </feed>; rel=self',
      { hub: null, self: 'https://site.example/feed' },
    ],
    ['a quoted quote', '</a>; title="say \\"hub\\", <b>"; rel=self', { hub: null, self: 'https://site.example/a' }],
    ['a comma in the address', '<https://hub.example/a,b>; rel=hub', { hub: 'https://hub.example/a,b', self: null }],
    ['of another document', '<https://hub.example/>; rel=hub; anchor="/other"', undefined],
    [
      'of this document, by name',
      `<https://hub.example/>; rel=hub; anchor="${BASE}"`,
      { hub: 'https://hub.example/', self: null },
    ],
    ['no web address', '<javascript:alert(1)>; rel=hub, <ftp://x.example/>; rel=self', undefined],
    [
      'a hub that is none, then one',
      '<mailto:x@y.example>; rel=hub, <https://b.example/>; rel=hub',
      { hub: 'https://b.example/', self: null },
    ],
    ['an address that never ends', '<https://hub.example/; rel=hub', undefined],
    ['one that never ends, behind a comma', 'x, <https://hub.example/; rel=hub', undefined],
    ['no relation', '<https://hub.example/>; title=hub', undefined],
    ['a quote that never ends', '</a>; rel="hub', undefined],
    ['nonsense', ';;;,,,=="', undefined],
    ['nonsense, then a hub', 'rel=hub, x, <https://b.example/>; rel=hub', { hub: 'https://b.example/', self: null }],
  ])('%s', (_, link, expected) => {
    expect(pushLinks({ link }, BASE)).toEqual(expected)
  })
})

describe('alternates', () => {
  test('are what is said to be another format, as it is written; no style sheet, and nothing without a type', () => {
    const link =
      '</feed>; rel="alternate"; type="application/rss+xml"; title="News", </de/>; rel=alternate; hreflang=de, </a.css>; rel=stylesheet; type="text/css"'

    expect(alternates({ link })).toEqual([{ href: '/feed', type: 'application/rss+xml', title: 'News' }])
    expect(alternates({})).toEqual([])
  })

  test.each(['alternate', 'Alternate', 'alternate home', 'home alternate'])('are told by rel="%s"', (rel) => {
    expect(alternates({ link: `</a>; rel="${rel}"; type=text/rss` })).toEqual([
      { href: '/a', type: 'text/rss', title: '' },
    ])
  })

  test.each(['alternates', 'no-alternate', 'home'])('are not told by rel="%s"', (rel) => {
    expect(alternates({ link: `</a>; rel="${rel}"; type=text/rss` })).toEqual([])
  })

  test('are twenty at most', () => {
    const link = Array.from({ length: 30 }, (_, i) => `</${i}>; rel=alternate; type=text/rss`).join(', ')

    expect(alternates({ link })).toHaveLength(20)
  })
})

test.each([
  '<'.repeat(16_000),
  '<>;'.repeat(5_000),
  `<>${';'.repeat(16_000)}`,
  `<>; rel=${'"\\'.repeat(8_000)}`,
  `<>${' '.repeat(16_000)}x`,
  `<>;${' ='.repeat(8_000)}`,
])('a header of 16 KiB is read in no time, whatever it is made of (%#)', (value) => {
  const started = workedMs()

  parseLinks(value)

  expect(workedMs() - started).toBeLessThan(100)
})
