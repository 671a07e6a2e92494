import { describe, expect, test } from 'vitest'
import { absolutizeLinks } from '../../src/source/html-links.ts'
import { cutText, htmlToText } from '../../src/source/html-text.ts'

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
