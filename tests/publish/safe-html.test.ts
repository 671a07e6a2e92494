import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSafeHtmlCache, safeHtml } from '../../src/publish/safe-html.ts'
import { anyString } from '../support/any-string.ts'
import { ATTACKS } from './attacks.ts'

describe('what may pass', () => {
  test.each([
    [
      'text and structure',
      '<p>a <b>b</b> <i>c</i></p><ul><li>d</li></ul>',
      '<p>a <b>b</b> <i>c</i></p><ul><li>d</li></ul>',
    ],
    ['tables', '<table><tr><td colspan="2">x</td></tr></table>', '<table><tr><td colspan="2">x</td></tr></table>'],
    ['ruby', '<ruby>漢<rt>かん</rt></ruby>', '<ruby>漢<rt>かん</rt></ruby>'],
    ['language and direction', '<p lang="ar" dir="rtl">x</p>', '<p lang="ar" dir="rtl">x</p>'],
    ['what was never closed is closed', '<p>a <b>b', '<p>a <b>b</b></p>'],
    [
      'a link, which tells nobody where it was followed',
      '<a href="https://a.example/?x=1&amp;y=2" target="_top" onclick="x()">a</a>',
      '<a href="https://a.example/?x=1&amp;y=2" rel="noopener noreferrer nofollow">a</a>',
    ],
    [
      'a mail address',
      '<a href="mailto:a@b.example">a</a>',
      '<a href="mailto:a@b.example" rel="noopener noreferrer nofollow">a</a>',
    ],
    [
      'an image, loaded late and silently',
      '<img src="https://a.example/i.png" alt="a" width="10" onerror="x()" srcset="https://b.example/j.png 2x">',
      '<img width="10" alt="a" src="https://a.example/i.png" loading="lazy" referrerpolicy="no-referrer" />',
    ],
    ['the text of an image without a usable address', '<img src="/i.png" alt="a map">', '<img alt="a map" />'],
    ['nothing of one without text', 'a<img src="data:image/gif;base64,R0">b', 'ab'],
    ['signs as signs', 'a &lt;b&gt; &amp; "c" ]]> d', 'a &lt;b&gt; &amp; "c" ]]&gt; d'],
  ])('%s', (_, html, expected) => {
    expect(safeHtml(html)).toBe(expected)
  })

  test.each(['/a', 'a.html', '//evil.example/a', '#top', '?q=1', '\u3000/a', ' ', 'http://', 'https:a b'])(
    'the relative or broken address %j is dropped, its text stays',
    (href) => {
      expect(safeHtml(`<a href="${href}">text</a>`)).not.toContain(`href="${href}"`)
      expect(safeHtml(`<a href="${href}">text</a>`)).toMatch(/^<a( href="https:\/\/a%20b\/"[^>]*)?>text<\/a>$/)
    },
  )
})

describe('attacks', () => {
  test.each(ATTACKS)('%s', (attack) => {
    expect(findDanger(safeHtml(attack))).toEqual([])
    expect(findDanger(safeHtml(`<p><b>${attack}<table><td>${attack}`))).toEqual([])
  })

  test('in any mixture and cut anywhere', () => {
    const parts = fc.oneof(fc.constantFrom(...ATTACKS), anyString(5), fc.constantFrom('<', '>', '"', "'", '<p ', '</'))
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 6 }), fc.nat(60), (drawn, cut) => {
        const out = safeHtml(drawn.join('').slice(cut))
        expect(findDanger(out)).toEqual([])
        // The gate is shut for good: what passed once passes again as it is.
        expect(safeHtml(out)).toBe(out)
      }),
      { numRuns: 300, seed: 9 },
    )
  })

  test.each([
    ['deep nesting', '<div>'.repeat(40_000)],
    ['endless attributes', `<p ${'a=1 '.repeat(50_000)}>`],
    ['opened tags', '<a '.repeat(60_000)],
    ['closed tags', '</p>'.repeat(50_000)],
    ['images without address', '<img src=x>'.repeat(18_000)],
    ['crossed tags', '<b><i>'.repeat(16_000) + '</b></i>'.repeat(16_000)],
    ['far more than anybody reads', '<p>word</p>'.repeat(500_000)],
  ])(
    '%s end soon',
    (_, html) => {
      const out = safeHtml(html)
      expect(out.length).toBeLessThan(2_000_000)
      expect(findDanger(out)).toEqual([])
    },
    // What is not linear takes minutes.
    20_000,
  )
})

describe('the cache', () => {
  const item = (place: number, revision = 0) => ({ place, revision })

  test('remembers by place, revision and part', () => {
    const cache = createSafeHtmlCache(10)
    expect(cache.get(item(1), 'content', '<p>one</p>')).toBe('<p>one</p>')
    // It trusts the name: that is how one sees that it did not sanitize again.
    expect(cache.get(item(1), 'content', 'other')).toBe('<p>one</p>')
    expect(cache.get(item(1, 1), 'content', 'edited')).toBe('edited')
    expect(cache.get(item(1), 'summary', 'short')).toBe('short')
    expect(cache.get(item(2), 'content', 'two')).toBe('two')
  })

  test('forgets what was unused for longest', () => {
    const cache = createSafeHtmlCache(2)
    cache.get(item(1), 'content', 'one')
    cache.get(item(2), 'content', 'two')
    cache.get(item(1), 'content', 'one')
    cache.get(item(3), 'content', 'three')
    expect(cache.get(item(1), 'content', 'again')).toBe('one')
    expect(cache.get(item(2), 'content', 'again')).toBe('again')
  })

  test('holds a bounded number of characters', () => {
    const cache = createSafeHtmlCache(100, 10)
    cache.get(item(1), 'content', '12345678')
    cache.get(item(2), 'content', '12345678')
    expect(cache.get(item(1), 'content', 'again')).toBe('again')
    // What was forgotten takes no room: there is some for the next, each time.
    for (let place = 3; place < 9; place += 1) cache.get(item(place), 'content', '12345')
    expect(cache.get(item(7), 'content', 'again')).toBe('12345')
  })
})

/** What must never be in sanitized HTML, read as a browser would split it: tags, then their attributes. */
function findDanger(html: string): string[] {
  const found: string[] = []
  if (/<(?![a-z/])/i.test(html)) found.push('a stray <')
  for (const [tag, name = '', attributes = ''] of html.matchAll(/<\/?([a-z0-9]+)((?:[^>"]|"[^"]*")*)>/gi)) {
    if (
      /^(script|style|iframe|object|embed|form|input|button|svg|math|link|meta|base|template|xmp|noscript|textarea|bdo)$/i.test(
        name,
      )
    )
      found.push(tag)
    for (const [, attribute = '', value = ''] of attributes.matchAll(/([^\s=/]+)(?:="([^"]*)")?/g)) {
      if (/^(on|style|id|name|class|srcdoc|formaction|xlink)/i.test(attribute)) found.push(tag)
      if (/^(href|src)$/i.test(attribute) && !/^(https?:\/\/|mailto:)/.test(value)) found.push(tag)
    }
  }
  return found
}
