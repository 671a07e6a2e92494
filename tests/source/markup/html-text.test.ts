import { describe, expect, test } from 'vitest'
import { absolutizeLinks } from '../../../src/source/markup/html-links.ts'
import { looksLikeHtml, textToHtml } from '../../../src/source/markup/html-look.ts'
import { cutText, htmlToText } from '../../../src/source/markup/html-text.ts'
import { workedMs } from '../../support/work.ts'

describe('HTML is heard as a reader hears it', () => {
  test.each([
    ['inline tags add nothing', '<b>大</b>数据 un<i>believ</i>able', '大数据 unbelievable'],
    [
      'block tags and br part words',
      '<p>one</p><p>two<br>three</p><ul><li>four<li>five</ul>',
      'one two three four five',
    ],
    ['references', 'AT&amp;T &nbsp; &#8217; &eacute; &unknown; a & b', 'AT&T ’ é &unknown; a & b'],
    ['script and style are never shown', 'a<script>if (a < b) "</p>"</script>b<style>p{}</style>c', 'a b c'],
    ['comments say nothing', 'a<!-- <p>x</p> -->b', 'ab'],
    ['a sign in an attribute', '<a title="a > b">x</a>', 'x'],
    ['a less-than that begins nothing', '1 < 2 <3', '1 < 2 <3'],
    ['white space', '  a\n\t b\u00a0 c ', 'a b c'],
    ['a byte order mark is no space', '\ufeffone\ufefftwo <b>\ufeff</b>three', 'onetwo three'],
    ['a line break between Han or kana vanishes', '人工\n  智能\r\n时代', '人工智能时代'],
    ['a line break beside Latin stays a space', '使用\nAI\n技术', '使用 AI 技术'],
    ['a block between Han is a space', '<p>人工</p><p>智能</p>', '人工 智能'],
    ['readings over characters', '<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>', '漢字'],
    ['a tag that never ends', 'a <b', 'a'],
    ['plain text', 'just text', 'just text'],
  ])('%s', (_, html, text) => {
    expect(htmlToText(html, 1_000)).toBe(text)
  })

  test('it ends on a whole character', () => {
    expect(htmlToText(`<p>${'a'.repeat(9)}👩‍👩‍👧‍👦</p>`, 12)).toBe('a'.repeat(9))
    expect(cutText('ae\u0301', 2)).toBe('a')
    expect(cutText('大数据', 2)).toBe('大数')
  })
})

describe('relative addresses in HTML become absolute, everything else stays to the letter', () => {
  test.each([
    ['<a href="x">', '<a href="https://a.test/b/x">'],
    ["<img alt='a>b' src='/i.png?a=1&amp;b=2' />", "<img alt='a>b' src='https://a.test/i.png?a=1&amp;b=2' />"],
    ['<a href=x>y</a>', '<a href=https://a.test/b/x>y</a>'],
    ['<a href="https://c.test/x">', '<a href="https://c.test/x">'],
    ['<a href="mailto:a@b.test">', '<a href="mailto:a@b.test">'],
    ['<a href="//c.test/x">', '<a href="https://c.test/x">'],
    ['<img srcset="s.png 1x, /m.png 2x">', '<img srcset="https://a.test/b/s.png 1x, https://a.test/m.png 2x">'],
    ['<img srcset="a.png 100w,b.png 200w">', '<img srcset="https://a.test/b/a.png 100w,https://a.test/b/b.png 200w">'],
    ['<img srcset="a,b.png, c.png,">', '<img srcset="https://a.test/b/a,b.png, https://a.test/b/c.png,">'],
    ['<img usemap="#m"><img usemap="m">', '<img usemap="#m"><img usemap="https://a.test/b/m">'],
    [
      '<object classid="clsid:1" codebase="/o/"><button formaction="f">',
      '<object classid="clsid:1" codebase="https://a.test/o/"><button formaction="https://a.test/b/f">',
    ],
    ['<p>href="x" in a text</p>', '<p>href="x" in a text</p>'],
    ['<a href="">', '<a href="">'],
    [
      '<video poster="p.jpg"><source src="v.mp4"></video>',
      '<video poster="https://a.test/b/p.jpg"><source src="https://a.test/b/v.mp4"></video>',
    ],
  ])('%s', (html, absolute) => {
    expect(absolutizeLinks(html, 'https://a.test/b/c')).toBe(absolute)
  })
})

describe('what may be either is HTML where it holds an element, a comment or a reference', () => {
  test.each([
    ['<p>x', 'in a title too'],
    ['a <!-- c --> b', 'in a title too'],
    ['&eacute;', 'in a title too'],
    ['<bdo dir="rtl">x', 'in a title too'],
    ['Why the <b> tag matters', 'in a text'],
    ['How to close one (<li>)', 'in a text'],
    ['a <br> b', 'in a title too'],
    ['<p> Storm', 'in a title too'],
    ['Storm <b>closes port', 'in a title too'],
    ['Storm <b> closes </b> port', 'in a title too'],
    ['<main>x</main>', 'in a text'],
    ['<foo:bar/>', 'in a text'],
    ['<object data="x">', 'in a title too'],
    ['How <link rel="x"> works', 'in a text'],
    ['<o:p></o:p>', 'in a title too'],
    ['<html>x</html>', 'in a title too'],
    ['<td nowrap>', 'in a title too'],
    ['if (a<b && c>d) {', 'nowhere'],
    ['while (n<i || m>k)', 'nowhere'],
    ['<Big News> today', 'nowhere'],
    ['fn<T = string>', 'in a text'],
    ['<title>', 'nowhere'],
    ['Map<String, List<Object>>', 'nowhere'],
    ['a < b > c', 'nowhere'],
    ['x <y> z', 'nowhere'],
    ['<blockquote', 'nowhere'],
  ])('%s: %s', (text, where) => {
    expect(looksLikeHtml(text)).toBe(where !== 'nowhere')
    expect(looksLikeHtml(text, { inTitle: true })).toBe(where === 'in a title too')
  })

  test.each(['<a ', '<a =', '</a ', '<a', '<aa', '<a /', '<'])('in a moment, of many "%s"', (piece) => {
    const started = workedMs()
    expect(looksLikeHtml(piece.repeat(200_000))).toBe(false)
    expect(looksLikeHtml(piece + piece.replace('<', '').repeat(200_000))).toBe(false)
    expect(workedMs() - started).toBeLessThan(1_000)
  })
})

test.each([
  ['AT&T, Q & A, R&D', 'AT&T, Q & A, R&D'],
  ['a < b > c, I <3 "you"', 'a < b > c, I <3 "you"'],
  ['<b> & "c"', '&lt;b&gt; &amp; "c"'],
  ['</b', '&lt;/b'],
  ['&lt;', '&amp;lt;'],
  ['&copy2004', '&amp;copy2004'],
  ['&#65', '&amp;#65'],
  ['&Copy2004', '&Copy2004'],
])('text that HTML reads the same stays, another is escaped: %s', (text, html) => {
  expect(textToHtml(text)).toBe(html)
  expect(htmlToText(html, 100)).toBe(text)
})
