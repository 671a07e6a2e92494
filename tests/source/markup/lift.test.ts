import { describe, expect, test } from 'vitest'
import { liftMarkup } from '../../../src/source/markup/lift.ts'

const PREFIXES: Record<string, string> = { h: 'xhtml', s: 'svg', m: 'mml' }
const usualName = (raw: string) => raw.replace(/^(\w+):/, (_, prefix: string) => `${PREFIXES[prefix] ?? prefix}:`)

describe('XHTML becomes HTML', () => {
  test.each([
    ['the div around it goes', '<div xmlns="urn:x">a <b>b</b></div>', 'a <b>b</b>'],
    ['the div around it goes whose end stands twice', '<div><p>a</p></div> </div>', '<p>a</p>'],
    ['two divs are not one around it', '<div>a</div><div>b</div>', '<div>a</div><div>b</div>'],
    ['an empty element has an end tag', '<p><i/></p>', '<p><i></i></p>'],
    ['unless HTML knows none', '<p>a<br/>b</p>', '<p>a<br/>b</p>'],
    ['prefixes HTML does without', '<h:p><s:svg><m:mi>a</m:mi></s:svg></h:p>', '<p><svg><mi>a</mi></svg></p>'],
    ['prefixes of anything else stay', '<p><x:y>a</x:y></p>', '<p><x:y>a</x:y></p>'],
    ['CDATA is text', '<p><![CDATA[a <b>]]></p>', '<p>a &lt;b&gt;</p>'],
    ['comments go', '<p>a<!-- b --></p>', '<p>a</p>'],
    ['a numeric reference is its character', '<p>&#233;&#xE9;&#150;</p>', '<p>éé–</p>'],
    ['one of two halves of a character', '<p>&#55357;&#56832;</p>', '<p>😀</p>'],
    ['one of markup gets its name', '<p>&#38;lt; &#60;</p>', '<p>&amp;lt; &lt;</p>'],
    ['in values too', "<i title='&#233;&#34;&#38;'>a</i>", '<i title="é&quot;&amp;">a</i>'],
    ['quotes are signs', '<p>a&apos;b &quot;c&#34; &amp;quot;</p>', '<p>a\'b "c" &amp;quot;</p>'],
    ['a bare ampersand is escaped', '<p title="a&b">R&D&eacute;</p>', '<p title="a&amp;b">R&amp;Dé</p>'],
    ['but in CDATA it is text', '<p><![CDATA[&#233;]]></p>', '<p>&amp;#233;</p>'],
    ['and what would be a line end stays', '<pre>a&#13;b</pre>', '<pre>a&#13;b</pre>'],
    ['a script is markup like any other', '<script>a &lt; b<i/></script>', '<script>a &lt; b<i></i></script>'],
  ])('%s', (_, markup, html) => {
    expect(liftMarkup(markup, true, usualName)).toBe(html)
  })
})

describe('addresses are put together with the xml:base of elements around them', () => {
  test.each([
    ['an absolute one', '<p xml:base="https://a.test/b/"><a href="c">d</a></p>', 'https://a.test/b/c'],
    ['one that is only a host', '<p xml:base="https://a.test"><a href="c">d</a></p>', 'https://a.test/c'],
    ['one of the element itself', '<a xml:base="https://a.test/b/" href="c">d</a>', 'https://a.test/b/c'],
    ['a relative one', '<p xml:base="b/"><a href="c">d</a></p>', 'b/c'],
    ['a relative one, and a question', '<p xml:base="b?c#d"><a href="?e">f</a></p>', 'b?e'],
    ['a rooted one', '<p xml:base="/b/"><a href="c">d</a></p>', '/b/c'],
    ['an address that is rooted', '<p xml:base="b/"><a href="/c">d</a></p>', '/c'],
    ['an address that is absolute', '<p xml:base="b/"><a href="mailto:c@a.test">d</a></p>', 'mailto:c@a.test'],
    ['an address that is empty', '<p xml:base="b/"><a href="">d</a></p>', ''],
    ['one within one', '<p xml:base="b/"><i xml:base="c/"><a href="d">e</a></i></p>', 'b/c/d'],
    ['one that has ended', '<p><i xml:base="b/">c<br/></i><a href="d">e</a></p>', 'd'],
    ['one that has ended within one', '<p xml:base="b/"><i xml:base="c/"/><a href="d">e</a></p>', 'b/d'],
    ['references', '<p xml:base="b/&#xe9;&amp;/"><a href="&#99;&amp;">d</a></p>', 'b/é&amp;/c&amp;'],
  ])('%s', (_, markup, address) => {
    const html = liftMarkup(markup, true, usualName)

    expect(html).toContain(`href="${address}"`)
    expect(html).not.toContain('xml:base')
  })

  test('a base below which nothing lies counts as if it were not there', () => {
    const bases =
      '<p xml:base="https://a.test/b/"><i xml:base="javascript:alert(&quot;/&quot;)"><a href="c">d</a></i></p>'

    expect(liftMarkup(bases, true, usualName)).toBe('<p><i><a href="https://a.test/b/c">d</a></i></p>')
    expect(liftMarkup('<p xml:base="data:,/"><a href="c">d</a></p>', true, usualName)).toBe('<p><a href="c">d</a></p>')
  })

  test('as those of HTML are: each of a srcset, but not the name of a map in the same text', () => {
    const images = '<p xml:base="https://a.test/"><img srcset="b.png 1x,c.png 2x" usemap="#d"/></p>'

    expect(liftMarkup(images, true, usualName)).toBe(
      '<p><img srcset="https://a.test/b.png 1x,https://a.test/c.png 2x" usemap="#d"/></p>',
    )
  })

  test.each([
    [
      'a long one, around many',
      `<p xml:base="https://a.test/${'b/'.repeat(400)}">${'<a href="c">d</a>'.repeat(10_000)}`,
    ],
    ['many, within one another', '<p xml:base="a-long-way-down/"><a href="b">c</a>'.repeat(5_000)],
  ])('but do not grow without measure: %s', (_, markup) => {
    const html = liftMarkup(markup, true, usualName)

    expect(html.match(/<a href="/g)?.length).toBeGreaterThanOrEqual(5_000)
    expect(html.length).toBeLessThan(2 * markup.length + 4_000)
  })
})

describe('HTML that nobody escaped stays HTML', () => {
  test.each([
    ['what looks like a tag in a script', '<script>if (a<b && c>d) e()</script><i/>'],
    ['what looks like a tag in a style', '<style>a > b { content: "<b/>" }</style><i/>'],
  ])('%s', (_, markup) => {
    expect(liftMarkup(markup, false, usualName)).toBe(markup.replace('<i/>', '<i></i>'))
  })

  test('a script without an end hides nothing', () => {
    expect(liftMarkup('<script>a<i/>', false, usualName)).toBe('<script>a<i></i>')
  })
})
