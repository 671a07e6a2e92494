import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { cutDocument } from '../../../src/source/markup/cut.ts'
import { mendXml } from '../../../src/source/markup/mend.ts'
import { breakSomething, createFeed, FORMATS } from '../../support/broken-feeds.ts'
import { createRandom } from '../../support/random.ts'

const FOLDER = fileURLToPath(new URL('../../fixtures/sources/', import.meta.url))
const documents = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.xml'))
  .map((file) => readFileSync(FOLDER + file, 'utf8'))
const LONG = 'Long text. '.repeat(1_000)

describe('broken XML becomes well-formed', () => {
  test.each([
    ['a bare ampersand', '<feed>AT&T</feed>', '<feed>AT&amp;T</feed>'],
    ['a name of HTML', '<feed>a&nbsp;b&eacute;</feed>', '<feed>a\u00a0bé</feed>'],
    ['a name nobody knows', '<feed>&foo;</feed>', '<feed>&amp;foo;</feed>'],
    ['a number of Windows', '<feed>it&#146;s</feed>', '<feed>it’s</feed>'],
    ['a number of no character', '<feed>a&#0;b&#xFFFF;c&#99999999;</feed>', '<feed>abc\ufffd</feed>'],
    ['half a pair in two numbers', '<feed>&#55357;&#56832;&#55357;</feed>', '<feed>😀\ufffd</feed>'],
    ['a lone less-than', '<feed>1 < 2</feed>', '<feed>1 &lt; 2</feed>'],
    ['the end of CDATA in a text', '<feed>a]]>b</feed>', '<feed>a]]&gt;b</feed>'],
    ['an unclosed element', '<feed><a><b>x</a></feed>', '<feed><a><b>x</b></a></feed>'],
    ['an end tag of nothing', '<feed>x</b></feed>', '<feed>x</feed>'],
    ['a document cut off', '<rss><channel><item><link>x', '<rss><channel><item><link>x</link></item></channel></rss>'],
    ['a document cut off in a tag', '<rss><channel><item><link hr', '<rss><channel><item></item></channel></rss>'],
    ['CDATA without an end', '<feed><title><![CDATA[x', '<feed><title><![CDATA[x]]></title></feed>'],
    ['attributes without quotes', '<feed a=1 b></feed>', '<feed a="1" b="b"></feed>'],
    ['an attribute given twice', '<feed a="1" a="2"></feed>', '<feed a="1"></feed>'],
    ['a quote that was forgotten', '<feed><a b="x>y</a><c d="e"/></feed>', '<feed><a b="x">y</a><c d="e"/></feed>'],
    ['a name no element may have', '<feed><a"b>x</a"b></feed>', '<feed><ab>x</ab></feed>'],
    ['comments with dashes', '<feed>a<!-- -- -->b</feed>', '<feed>ab</feed>'],
    ['a script that never ends', '<feed><script>a<b</feed>', '<feed>a<b></b></feed>'],
    [
      'a link that lost its "<", without a channel around it',
      '<rss>link href="https://a.test/"/></rss>',
      '<rss><channel><link href="https://a.test/"/></channel></rss>',
    ],
    [
      'an element that is never closed, before the channel',
      '<rdf:RDF><p><channel><a>1</a></channel><item><a>2</a></item></rdf:RDF>',
      '<rdf:RDF><p></p><channel><a>1</a></channel><item><a>2</a></item></rdf:RDF>',
    ],
    [
      'a root that seems to end itself',
      '<feed a="1"/><entry><a>1</a></entry></feed>',
      '<feed a="1"><entry><a>1</a></entry></feed>',
    ],
    [
      'an item in an item',
      '<feed><entry><a>1<entry><a>2</a></entry></feed>',
      '<feed><entry><a>1</a></entry><entry><a>2</a></entry></feed>',
    ],
    [
      'an element in an item that is never closed',
      '<feed><entry><a>1<b>2</b><title>T</title></entry></feed>',
      '<feed><entry><a>1</a><b>2</b><title>T</title></entry></feed>',
    ],
    [
      'an element in the head that is never closed',
      '<feed><a><title>T</title><entry></entry></feed>',
      '<feed><a></a><title>T</title><entry></entry></feed>',
    ],
    [
      'a link emptied by an HTML parser',
      '<feed><entry><link/>https://a.test/<b/></entry></feed>',
      '<feed><entry><link>https://a.test/</link><b/></entry></feed>',
    ],
    [
      'an end tag in another case',
      '<feed><entry><title>T</Title><b/></entry></feed>',
      '<feed><entry><title>T</title><b/></entry></feed>',
    ],
    [
      'CDATA whose end was lost before another',
      '<feed><entry><title><![CDATA[a</title><summary><![CDATA[b]]></summary></entry></feed>',
      '<feed><entry><title><![CDATA[a]]></title><summary><![CDATA[b]]></summary></entry></feed>',
    ],
    [
      'CDATA whose end was lost before another, in fields whose start tags are in capitals, or lost their end',
      '<feed><entry><TITLE><![CDATA[a</title><ID><![CDATA[b]]></ID><summary<![CDATA[c</summary><x<![CDATA[d]]></x></entry></feed>',
      '<feed><entry><title><![CDATA[a]]></title><id><![CDATA[b]]></id><summary><![CDATA[c]]></summary><x><![CDATA[d]]></x></entry></feed>',
    ],
    [
      'the start tag of an item, twice',
      '<feed><entry a="1">\n<entry a="1"><a/></entry></feed>',
      '<feed><entry a="1"><a/></entry></feed>',
    ],
    [
      'an empty item in an item',
      '<feed><entry><a/><entry/><b/></entry></feed>',
      '<feed><entry><a/><b/></entry></feed>',
    ],
    ['an item among entries', '<feed><item>1</item><entry/></feed>', '<feed><entry>1</entry><entry/></feed>'],
    [
      'an entry behind what is never closed in a channel',
      '<rss><link/>https://a.test/<entry>1</entry></rss>',
      '<rss><channel><link>https://a.test/</link><item>1</item></channel></rss>',
    ],
    [
      'a word of the other format within an item',
      '<rss><channel><item><entry>1</entry><a/></item></channel></rss>',
      '<rss><channel><item><entry>1</entry><a/></item></channel></rss>',
    ],
    [
      'a start tag without its end',
      '<feed><entry><titleA b</title><linkhttp://a.test</link></entry></feed>',
      '<feed><entry><title>A b</title><link>http://a.test</link></entry></feed>',
    ],
    [
      'a stray end of the channel in an item',
      '<rss><channel><item><a/></channel><b/></item></channel></rss>',
      '<rss><channel><item><a/><b/></item></channel></rss>',
    ],
    [
      'an item whose start tag was lost',
      '<feed><entry><a/></entry><title>T</title><b>1<c/></entry><entry/></feed>',
      '<feed><entry><a/></entry><entry><title>T</title><b>1</b><c/></entry><entry/></feed>',
    ],
    ['the end tag of an item, twice', '<feed><entry/></entry></entry></feed>', '<feed><entry/></feed>'],
    [
      'items within an element of an item',
      '<feed><entry><x:y><feed><entry><a/></entry><entry><a/></entry></feed></x:y><b/></entry></feed>',
      '<feed><entry><x:y></x:y><b/></entry></feed>',
    ],
    [
      'a person whose end tag is missing',
      '<feed><entry><author><name>A</name><id>1</id></entry></feed>',
      '<feed><entry><author><name>A</name></author><id>1</id></entry></feed>',
    ],
    [
      'a person whose end tags are all missing',
      '<feed><entry><author><name>A<email>B<id>1</id></entry></feed>',
      '<feed><entry><author><name>A</name><email>B</email></author><id>1</id></entry></feed>',
    ],
    [
      'attributes without an equals sign, with two, and with a comma between them',
      '<feed><a b "1"/><a b=="1"/><a b="1",c="2"/><a b=&#34;1&#34;/><a b c="1"/></feed>',
      '<feed><a b="1"/><a b="1"/><a b="1" c="2"/><a b="1"/><a b="b" c="1"/></feed>',
    ],
    [
      'attributes whose equals sign was lost, with a quote too many',
      '<feed><link href"https://a.test/" rel:"c"/><link href=""https://a.test/"/><x b c"/></feed>',
      '<feed><link href="https://a.test/" rel="c"/><link href="https://a.test/"/><x b="b"/></feed>',
    ],
    [
      'start tags with a space for their end',
      '<feed><entry><title A b</title><link https://a.test</link><author><name A</name></author></entry></feed>',
      '<feed><entry><title> A b</title><link> https://a.test</link><author><name> A</name></author></entry></feed>',
    ],
    [
      'a field that ends where another has just begun',
      '<rss><channel><item><pubDate>a<guid>\n</pubDate>b</guid></item><item><pubDate>a<dc:x>b</pubDate></dc:x></item></channel></rss>',
      '<rss><channel><item><pubDate>a</pubDate><guid>\nb</guid></item><item><pubDate>a</pubDate><dc:x>b</dc:x></item></channel></rss>',
    ],
    [
      'CDATA whose end is misspelt',
      '<feed><entry><title><![CDATA[a] ]></title><b><![CDATA[a]]}</b><c><![CDATA[a]></c></entry></feed>',
      '<feed><entry><title><![CDATA[a]]></title><b><![CDATA[a]]></b><c><![CDATA[a]]></c></entry></feed>',
    ],
    [
      'a category in which an enclosure begins',
      '<rss><channel><item><category>a<enclosure url="b"></category></enclosure></item></channel></rss>',
      '<rss><channel><item><category>a</category><enclosure url="b"></enclosure></item></channel></rss>',
    ],
    [
      'elements that end only with the one around them',
      '<feed><entry><media:group><media:thumbnail url="a"><media:title>T</media:title></media:group><b>1<c/></entry></feed>',
      '<feed><entry><media:group><media:thumbnail url="a"></media:thumbnail><media:title>T</media:title></media:group><b>1</b><c/></entry></feed>',
    ],
    [
      'CDATA whose end lost its last sign',
      '<feed><entry><title><![CDATA[a]]</title><b><![CDATA[[b]]]></b></entry></feed>',
      '<feed><entry><title><![CDATA[a]]></title><b><![CDATA[[b]]]></b></entry></feed>',
    ],
    [
      'CDATA around all items',
      '<rss><channel><title>T</title><![CDATA[<item><a/></item><item><a/></item>]]></channel></rss>',
      '<rss><channel><title>T</title><![CDATA[]]><item><a/></item><item><a/></item>]]&gt;</channel></rss>',
    ],
    [
      'an attribute without quotes that ends with a slash, of an element that holds something',
      '<feed><entry xml:base=a/><link href=b/><c/></entry></feed>',
      '<feed><entry xml:base="a/"><link href="b"/><c/></entry></feed>',
    ],
    [
      'a text field whose end tag is missing, before one that HTML has too',
      '<feed><entry><summary>a\n<link/></entry></feed>',
      '<feed><entry><summary>a\n</summary><link/></entry></feed>',
    ],
    [
      'a text field that ends with another name',
      '<feed><title>a</titel><link/></feed>',
      '<feed><title>a</title><link/></feed>',
    ],
    ['a text field that ends with no name', '<feed><title>a</><link/></feed>', '<feed><title>a</title><link/></feed>'],
    [
      'the start tag of a title, twice, with a type',
      '<feed><title><title type="html">a</title></feed>',
      '<feed><title type="html">a</title></feed>',
    ],
    [
      'a name and its first attribute without a space',
      '<feed><entryxml:base="a"><linkhref="https://b.test/"/><titletype="text">c</title></entry></feed>',
      '<feed><entry xml:base="a"><link href="https://b.test/"/><title type="text">c</title></entry></feed>',
    ],
    [
      'a start tag with attributes that lost its beginning',
      '<rss><channel><item>guid isPermaLink="false">a</guid><b/></item></channel></rss>',
      '<rss><channel><item><guid isPermaLink="false">a</guid><b/></item></channel></rss>',
    ],
    [
      'a start tag in a person that lost its beginning',
      '<feed><entry><author>name>a</name></author><b/>x:y>c</x:y></entry></feed>',
      '<feed><entry><author><name>a</name></author><b/><x:y>c</x:y></entry></feed>',
    ],
    [
      'a start tag with a prefix that lost its beginning',
      '<rss:rss><channel><item><b/> rss:title>a</rss:title></item></channel></rss:rss>',
      '<rss><channel><item><b/> <title>a</title></item></channel></rss>',
    ],
    [
      'a start tag before a section that lost its beginning',
      '<rss><channel><item><b/> description><![CDATA[a>b]]></description></item></channel></rss>',
      '<rss><channel><item><b/> <description><![CDATA[a>b]]></description></item></channel></rss>',
    ],
    [
      'a channel in the namespace of Atom',
      '<rss><channel xmlns="http://www.w3.org/2005/Atom"><entry>1</entry></channel></rss>',
      '<rss><channel xmlns="http://www.w3.org/2005/Atom"><item>1</item></channel></rss>',
    ],
    ['a number of HTML without its end', '<feed>it&#8217 s &#39s</feed>', '<feed>it&#8217; s &#39;s</feed>'],
    ['an end tag of nothing in a text field', '<feed><title>a</x>b</title></feed>', '<feed><title>ab</title></feed>'],
    ['a slash that was forgotten', '<feed><title>a<title><b/></feed>', '<feed><title>a</title><b/></feed>'],
    ['the start tag of a title, twice', '<feed><title>\n<title>a</title></feed>', '<feed><title>a</title></feed>'],
    [
      'half an attribute at the end of an item',
      '<feed><entry><a b="c\n</entry><entry d="e"/></feed>',
      '<feed><entry><a b="c"></a></entry><entry d="e"/></feed>',
    ],
    [
      'half an attribute before another tag',
      '<feed><a b="c\n<d>e</d><f g="h"/></feed>',
      '<feed><a b="c"></a><d>e</d><f g="h"/></feed>',
    ],
    ['typographic quotes', '<feed><a b=“c d” e=‘f’/></feed>', '<feed><a b="c d" e="f"/></feed>'],
    ['quotes escaped', '<feed><a b=\\"c d\\" e=&quot;f g&quot;/></feed>', '<feed><a b="c d" e="f g"/></feed>'],
    ['quotes written twice', '<feed><a b=""c"" d=""/></feed>', '<feed><a b="c" d=""/></feed>'],
    ['a section in an attribute', '<feed><a b="<![CDATA[c&d]]>"/></feed>', '<feed><a b="c&amp;d"/></feed>'],
    ['a space of HTML in a tag', '<feed><a\u00a0b="c"\u00a0d="e"/></feed>', '<feed><a b="c" d="e"/></feed>'],
    ['a name of HTML without its end', '<feed>R &amp D&nbsp</feed>', '<feed>R &amp; D\u00a0</feed>'],
    ['what looks so in an address', '<feed>/?a&copy=1&lty</feed>', '<feed>/?a&amp;copy=1&amp;lty</feed>'],
    [
      'a long text whose start tag lost its beginning',
      `<rss><channel><item><b/>content:encoded><![CDATA[${LONG}]]></content:encoded> description>${LONG}</description></item></channel></rss>`,
      `<rss><channel><item><b/><content:encoded><![CDATA[${LONG}]]></content:encoded> <description>${LONG}</description></item></channel></rss>`,
    ],
    [
      'an item whose start tag lost its beginning, but not what it says',
      '<rdf:RDF><channel></channel>item rdf:about="a"><title>T</title></item>\n&lt;item rdf:about="b?c&d"><title>T</title></item></rdf:RDF>',
      '<rdf:RDF><channel></channel><item rdf:about="a"><title>T</title></item>\n<item rdf:about="b?c&amp;d"><title>T</title></item></rdf:RDF>',
    ],
    [
      'the first item, whose start tag lost its beginning, behind a head that says nothing',
      '<rss>item><a/></item><item>item><b/></item></rss>',
      '<rss><channel><item><a/></item><item>item><b/></item></channel></rss>',
    ],
    [
      'an element that ends itself, its beginning escaped',
      '<feed><entry>&lt;link href="a"/><b/></entry></feed>',
      '<feed><entry><link href="a"/><b/></entry></feed>',
    ],
    [
      "a picture's text whose start tag lost its beginning",
      '<feed><entry><media:group>media:description>a</media:description></media:group></entry></feed>',
      '<feed><entry><media:group><media:description>a</media:description></media:group></entry></feed>',
    ],
    [
      'CDATA whose end lost all but its last sign',
      '<feed><entry><x><![CDATA[a>b>]]></x><x><![CDATA[a>]></x><x><![CDATA[a></x><x><![CDATA[<i>a</i>></x><x><![CDATA[<i>a</i></x></entry></feed>',
      '<feed><entry><x><![CDATA[a>b>]]></x><x><![CDATA[a>]]></x><x><![CDATA[a]]></x><x><![CDATA[<i>a</i>]]></x><x><![CDATA[<i>a</i>]]></x></entry></feed>',
    ],
    [
      'the beginning of an end tag, twice',
      '<feed><entry><title>a<</title><x>b<</x><summary><p>c</p>\n<</summary><x>d <</x></entry></feed>',
      '<feed><entry><title>a</title><x>b</x><summary type="html">&lt;p&gt;c&lt;/p&gt;</summary><x>d &lt;</x></entry></feed>',
    ],
    [
      'a start tag with a prefix that is misspelt',
      '<feed><entry><dc:craetor>a</dc:creator><b/></entry></feed>',
      '<feed><entry><dc:creator>a</dc:creator><b/></entry></feed>',
    ],
    [
      'a start tag with the prefix of RSS that is misspelt',
      '<rss><channel><item><rss:tilte>a</rss:title><b/></item></channel></rss>',
      '<rss><channel><item><title>a</title><b/></item></channel></rss>',
    ],
    [
      'an end tag with a prefix that is misspelt',
      '<rss><channel><item><atom:updated>a</atom:udpated><b/></item></channel></rss>',
      '<rss><channel><item><atom:updated>a</atom:updated><b/></item></channel></rss>',
    ],
    [
      'a start tag without its end, before a text that holds a space of HTML',
      '<feed><entry><titleA\u00a0b</title></entry></feed>',
      '<feed><entry><title>A\u00a0b</title></entry></feed>',
    ],
    [
      "a prefix of .NET's that nobody declared",
      '<rss><channel><item><a10:updated>a</a10:updated></item></channel></rss>',
      '<rss><channel><item><atom:updated>a</atom:updated></item></channel></rss>',
    ],
    ['what became the end of CDATA when a tag was taken out', '<feed>]]</b>></feed>', '<feed>]]&gt;</feed>'],
    [
      'a slash before the end of a tag',
      '<feed><link href=https://a.test/1/></feed>',
      '<feed><link href="https://a.test/1"/></feed>',
    ],
  ])('%s', (_, broken, mended) => {
    expect(mendXml(broken)).toBe(mended)
  })
})

test.each([
  ['a picture that names its own', '<svg><metadata><rdf:RDF><dc:title>x</dc:title></rdf:RDF></metadata></svg>'],
  ['an author', '<p><author>x</author></p>'],
])('well-formed XHTML is kept whole, whatever it holds: %s', (_, inner) => {
  const mended = mendXml(`<feed><entry><content type="xhtml"><div>${inner}<p>z</p></div></content></entry></feed>`)

  expect(mended).toContain(
    `<content type="html">${inner.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}&lt;p&gt;z&lt;/p&gt;</content>`,
  )
})

test('what is well-formed stays as it is, to the letter', () => {
  const xml =
    '<rss version="2.0" xmlns:x="urn:x"><channel><title>a &amp; b &#8217; &lt;c&gt;</title><x:y z=\'"&apos;\'>é 大 😀</x:y><item><description><![CDATA[<p>]]></description><e/></item></channel></rss>'

  expect(mendXml(xml)).toBe(xml)
})

test('an empty item is not begun by an end tag that stands in a section', () => {
  const xml = '<rss><channel><item/><category><![CDATA[</item>]]></category><item>x</item></channel></rss>'

  expect(mendXml(xml)).toBe(xml)
})

test('any well-formed document stays as it is', () => {
  const escaped = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
  const plain = fc.string({ unit: 'grapheme' }).map(escaped)
  const cdata = plain.map((text) => `<![CDATA[${text}<p>]]>`)
  const attributes = fc.uniqueArray(fc.constantFrom('a', 'xml:lang', 'x:b', 'Href'), { maxLength: 3 })
  const name = fc.constantFrom('dc:creator', 'link', 'x:y', 'geo', '_', 'constructor', 'é', 'a-b.c')
  const { element } = fc.letrec<{ element: string }>((tie) => ({
    element: fc
      .tuple(
        name,
        attributes,
        plain,
        fc.array(fc.oneof({ maxDepth: 4 }, plain, cdata, tie('element')), { maxLength: 4 }),
      )
      .map(([name, names, value, children]) => {
        const start = [name, ...names.map((attribute) => `${attribute}="${value}"`)].join(' ')
        return children.length === 0 ? `<${start}/>` : `<${start}>${children.join('')}</${name}>`
      }),
  }))

  fc.assert(
    fc.property(fc.array(element), (elements) => {
      const xml = `<rss version="2.0"><channel><title>T</title><item>${elements.join('')}</item></channel></rss>`
      expect(mendXml(xml)).toBe(xml)
    }),
    { seed: 3 },
  )
})

test('a well-formed document, however it is written, keeps its names, attributes and texts', () => {
  const gap = fc.constantFrom('', ' ', '\n', '\t ')
  const text = fc.constantFrom(
    'a',
    ' 1 &lt; 2 ',
    '&#x26;',
    '>',
    '大',
    '<![CDATA[</item><item><b>&]]>',
    '<!-- - <item> -->',
    '<?p <x ?>',
  )
  const value = fc.constantFrom('"a"', "'a'", '"\'>"', "'\"&amp;'", '"&#10;"')
  const name = fc.constantFrom('dc:creator', 'link', 'x:y', 'geo', 'guid', 'é', 'a-b.c')
  const { element } = fc.letrec<{ element: string }>((tie) => ({
    element: fc
      .tuple(
        name,
        gap,
        value,
        fc.array(fc.oneof({ maxDepth: 3 }, text, tie('element')), { maxLength: 4 }),
        fc.boolean(),
      )
      .map(([name, gap, value, children, isShort]) =>
        isShort
          ? `<${name} a${gap}=${gap}${value}${gap}/>`
          : `<${name} a=${value}${gap}>${children.join('')}</${name}${gap}>`,
      ),
  }))

  fc.assert(
    fc.property(fc.array(fc.oneof(element, text), { maxLength: 6 }), (pieces) => {
      const xml = `<rss><channel><title>T</title><item>${pieces.join('')}</item><item>x</item></channel></rss>`
      expect(eventsOf(mendXml(xml))).toEqual(eventsOf(xml))
    }),
    { numRuns: 500, seed: 3 },
  )
})

test('text fields that hold names of fields, and are not well-formed, cost no more than a look each', () => {
  const field = '<description>a<br><guid>1</guid></description>'

  const mended = mendXml(`<rss><channel><item>${field.repeat(20_000)}</item></channel></rss>`)

  expect(mended.match(/<guid>1<\/guid>/g)).toHaveLength(20_000)
})

test('elements that are never closed cost no more than twice the time', () => {
  const item = '<item><weird>& <title>T</title></item>'
  const names = Array.from({ length: 20_000 }, (_, n) => `<item><w${n}>]]> <title>T</title></item>`)

  const mended = mendXml(`<rss><channel>${item.repeat(20_000)}${names.join('')}`)

  expect(mended.match(/<item><w[a-z\d]*>[^<]*<\/w[a-z\d]*><title>T<\/title><\/item>/g)).toHaveLength(40_000)
})

test('a text field that holds markup is lifted to escaped HTML', () => {
  const mended = mendXml(
    '<feed><entry><content type="xhtml"><div><p>a<br/>b &amp; <i/></p></div></content></entry></feed>',
  )

  expect(mended).toContain(
    '<content type="html">&lt;p&gt;a&lt;br/&gt;b &amp;amp; &lt;i&gt;&lt;/i&gt;&lt;/p&gt;</content>',
  )
})

describe('whatever comes in', () => {
  // Pieces of real documents, cut and put together anew.
  const fragment = fc
    .tuple(fc.constantFrom(...documents), fc.nat(2_000), fc.nat(300))
    .map(([text, from, length]) => text.slice(from, from + length))
  const scrap = fc.constantFrom(
    '<',
    '>',
    '&',
    '"',
    "'",
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?',
    '</',
    '/>',
    '<item>',
    '</item>',
    '<title>',
    '\0',
    '\ud800',
  )
  const wild = fc
    .array(fc.oneof(fragment, scrap, fc.string()), { maxLength: 12 })
    .map((pieces) => `<rss>${pieces.join('')}`)

  test('the result is well-formed', () => {
    fc.assert(
      fc.property(wild, (text) => {
        expect(faultOf(mendXml(text))).toBeNull()
      }),
      { numRuns: 1_000, seed: 3 },
    )
  })

  test('mending twice changes nothing more', () => {
    fc.assert(
      fc.property(wild, (text) => {
        const once = mendXml(text)
        expect(mendXml(once)).toBe(once)
      }),
      { numRuns: 1_000, seed: 3 },
    )
  })

  // Nothing but markup, in no order.
  const names = fc.constantFrom(
    ...'item entry channel feed title link guid category pubDate dc:creator description content:encoded'.split(' '),
    ...'enclosure media:group media:title author name p x:y'.split(' '),
  )
  const tag = fc
    .tuple(names, fc.constantFrom('<?>', '</?>', '<?/>', '<? a="1" b=2>', '<? url"x" b "1"/>'))
    .map(([name, form]) => form.replace('?', name))
  const piece = fc.oneof(
    { weight: 3, arbitrary: tag },
    fc.constantFrom(
      ...['<![CDATA[', ']]>', ']]', ']>', '<![CDATA[x]]>', '<![CDATA[<item>', '<item><title>A</title>', '<//title>'],
      ...['<!--', '-->', '-- >', '<?', '?>', '&', '&amp;', '&#38b', '<', '>', '"', 'a', ' ', 'http://x/', '![CDATA['],
    ),
  )
  const markup = fc
    .tuple(fc.constantFrom('<rss>', '<rss><channel>', '<feed>', '<rdf:RDF>'), fc.array(piece, { maxLength: 25 }))
    .map(([root, pieces]) => root + pieces.join(''))

  test('the same holds of markup in no order', () => {
    fc.assert(
      fc.property(markup, (text) => {
        const once = mendXml(text)
        expect(faultOf(once)).toBeNull()
        expect(mendXml(once)).toBe(once)
      }),
      { numRuns: 4_000, seed: 3 },
    )
  })

  test.each(FORMATS)('the same holds of feeds that are broken in up to six ways: %s', (format) => {
    let mended = 0
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = createRandom(seed * 31 + format.length)
      let text = createFeed(format, random)
      for (let wounds = 1 + random(6); wounds > 0; wounds -= 1) text = breakSomething(text, random)
      const cut = cutDocument(text, 10)
      if (cut.kind === 'no_feed') continue
      mended += 1
      const { before, items, after } = cut.document
      const once = mendXml([before, ...items, after].join(''))
      expect([seed, faultOf(once)]).toEqual([seed, null])
      expect(mendXml(once), `${seed}`).toBe(once)
    }
    expect(mended).toBeGreaterThan(95)
  })

  test.each([
    '<rss><channel><item/></x:y><category><![CDATA[</item>',
    '<rss><channel><item></description><![CDATA[</item></entry><guid><![CDATA[x]]>',
    '<feed><entry/><<guid><category/>]]<![CDATA[</item>',
    '<feed><category><description/><![CDATA[<item>]]><channel><item>',
    '<feed><item><dc:creator></author><![CDATA[<enclosure></dc:creator></feed><media:group/><![CDATA[x]]>',
    '<rss><feed>&<item/><dc:creator><dc:creator><author></dc:creator>',
    '<rss><feed url"x" b "1"/>&</feed><id><id><link></id>',
    '<feed><item><![CDATA[</x:y><tilte/><![CDATA[x]]></author>',
    '<rss><author><author url"x" b "1"/><content:encoded>',
    '<rss><channel><item>Storm</title\n></item>',
    '<rss><channel><item><![CDATA[Storm]]></content:encoded ></item>',
    '<rss><channel><item><![CDATA[Storm</title><y><![CDATA[1]]></title></item>',
    '<rss:rss><channel><rss:link/> </x>http://x/',
  ])('nor does it of what came to light: %s', (text) => {
    const once = mendXml(text)
    expect(faultOf(once)).toBeNull()
    expect(mendXml(once)).toBe(once)
  })

  test.each([
    ['an address behind a tag that is taken out', '<feed><link/></p>http://x/', '<feed><link>http://x/</link></feed>'],
    [
      'the same, before other fields',
      '<rss><channel><item><link/> <channel>http://x/<title>T</title></item>',
      '<rss><channel><item><link>http://x/</link><title>T</title></item></channel></rss>',
    ],
    [
      'a section around an item, before a tag that is taken out',
      '<rss><channel><![CDATA[<item>]]></p>',
      '<rss><channel><![CDATA[]]><item>]]&gt;</item></channel></rss>',
    ],
  ])('mending twice changes nothing more: %s', (_, text, mended) => {
    expect(mendXml(text)).toBe(mended)
    expect(mendXml(mended)).toBe(mended)
  })
})

test('the fixtures, mended, are well-formed', () => {
  for (const text of documents) {
    const cut = cutDocument(text, 1_000)
    if (cut.kind === 'no_feed') continue
    const { before, items, after } = cut.document
    expect(faultOf(mendXml([before, ...items, after].join('')))).toBeNull()
  }
})

function faultOf(xml: string): string | null {
  let fault: string | null = null
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    fault ??= error.message
  })
  parser.write(xml).close()
  return fault
}

/** What a strict reader sees; texts joined, empty ones left out. */
function eventsOf(xml: string): string[] {
  const events: string[] = []
  let text = ''
  const flush = () => {
    if (text !== '') events.push(text)
    text = ''
  }
  const parser = new SaxesParser()
  parser.on('text', (piece) => (text += piece))
  parser.on('cdata', (piece) => (text += piece))
  parser.on('opentag', ({ name, attributes }) => {
    flush()
    events.push(`<${name} ${JSON.stringify(attributes)}>`)
  })
  parser.on('closetag', ({ name }) => {
    flush()
    events.push(`</${name}>`)
  })
  parser.on('error', (error) => {
    throw error
  })
  parser.write(xml).close()
  return events
}
