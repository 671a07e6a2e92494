import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import { checkSelector } from '../../src/page/selector.ts'

const GOOD = [
  'li',
  '*',
  'ul.news > li',
  '#main .entry a[href]',
  'div.list, ul.list',
  'a[href^="/news/"]',
  "a[href*='art_']",
  'a[rel=bookmark]',
  '[data-id]',
  'tr:nth-child(2n+1) > td:first-child',
  'tr:nth-child( odd )',
  'tr:nth-child(even)',
  'li:first-child.new',
  'li:nth-child( -2n + 4 )',
  'li:not(.ad, .more)',
  'div:has(> a.title)',
  'article:has(h2 a, h3 a) p:last-of-type',
  ':scope > a',
  'body > div.main > div:nth-child(3) > ul',
  'h2+p',
  'h2 ~ p',
  '.新闻 > li',
  'div#a.b[c]:empty',
  'a.md\\:flex',
  '.\\:x',
  '.--wide',
  'a[ href $= ".html" i ]',
  '.-x',
  ' li ',
]

describe('a selector that is understood is one the library takes, too', () => {
  const { document } = parseHTML('<html><body><ul class="news"><li><a href="/x">x</a></li></ul></body></html>')
  test.each(GOOD)('%s', (selector) => {
    expect(checkSelector(selector)).toBeNull()
    expect(() => document.querySelectorAll(selector)).not.toThrow()
  })
})

describe('what is wrong is said, with its place', () => {
  test.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['li >', 'ends where'],
    [
      '> li',
      '">" at character 1 cannot stand there: something must stand before it. Directly below an entry is ":scope > li".',
    ],
    ['>> li', '">" at character 1 cannot stand there: something must stand before it.'],
    ['+ li', '"+" at character 1 cannot stand there.'],
    ['li,', 'ends where'],
    ['li..a', 'must follow "." at character 3'],
    ['li#', 'must follow "#" at character 3'],
    ['li[href', '"[" at character 3'],
    ['li[href="a]', '"[" at character 3'],
    ['li)', '")" at character 3'],
    ['li:not(.a', 'never closed'],
    ['li:nth-child(x)', 'needs a number'],
    ['li:nth-child', 'needs brackets'],
    ['li:contains(x)', '":contains" at character 3 is not known'],
    ['a::before', '"::" at character 2 names no element'],
    ['.item::text', '"::" at character 6'],
    ['li { color: red }', '"{" at character 4'],
    ['//ul/li', 'this is XPath'],
    ['a.title@href', '"@" at character 8 cannot stand there: name the element alone'],
    ['1li', '"1" at character 1'],
    ['li$', '"$" at character 3'],
    ['x'.repeat(501), 'longer than 500'],
    [`${':not('.repeat(8)}a${')'.repeat(8)}`, 'nested too deep'],
  ])('%s', (selector, fault) => {
    expect(checkSelector(selector)).toContain(fault)
  })
})
