/** Feeds nobody ever published, and the ways in which people and programs break theirs. */
export type Random = (below: number) => number

export const FORMATS = ['rss', 'rdf', 'atom', 'rss with a prefix', 'atom with a prefix'] as const
export type Format = (typeof FORMATS)[number]

/** A well-formed feed of one to four items. */
export function createFeed(format: Format, random: Random): string {
  const items = [...Array(1 + random(4)).keys()].map((index) => createItem(format, index, random))
  return aroundItems(format, items.join(pick(random, ['', '\n', '\n  '])), random)
}

export function aroundItems(format: Format, items: string, random: Random): string {
  const p = prefixOf(format)
  const head = `<${p}title>Feed</${p}title>${isAtom(format) ? `<${p}link href="https://a.test/"/>` : `<${p}link>https://a.test/</${p}link><${p}description>${html(random)}</${p}description>`}`
  if (isAtom(format)) return `<${p}feed xmlns${p && ':a'}="http://www.w3.org/2005/Atom">${head}${items}</${p}feed>`
  if (format !== 'rdf') return `<${p}rss version="2.0" ${MODULES}><${p}channel>${head}${items}</${p}channel></${p}rss>`
  const rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
  return `<rdf:RDF ${rdf} ${MODULES}><channel rdf:about="/">${head}<items><rdf:Seq/></items></channel>${items}</rdf:RDF>`
}

export function createItem(format: Format, index: number, random: Random): string {
  const p = prefixOf(format)
  const fields = isAtom(format)
    ? [
        `<${p}id>urn:x:${index}</${p}id>`,
        `<${p}link rel="alternate" href="https://a.test/${index}?a=1&amp;b=2"/>`,
        `<${p}updated>2026-11-25T10:00:00Z</${p}updated>`,
        `<${p}author><${p}name>Jane</${p}name><${p}email>jane@a.test</${p}email></${p}author>`,
        `<${p}summary type="html">${html(random)}</${p}summary>`,
        `<${p}content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>a <em>b</em><br/></p></div></${p}content>`,
      ]
    : [
        `<${p}link>https://a.test/${index}?a=1&amp;b=2</${p}link>`,
        `<${p}guid isPermaLink="false">tag:${index}</${p}guid>`,
        `<${p}pubDate>Wed, 25 Nov 2026 10:00:00 GMT</${p}pubDate>`,
        `<${p}description>${html(random)}</${p}description>`,
        `<content:encoded>${html(random)}</content:encoded>`,
        '<dc:creator>Jane</dc:creator>',
        `<${p}enclosure url="https://a.test/${index}.mp3" length="9" type="audio/mpeg"/>`,
        '<media:group><media:thumbnail url="/t.png"/><media:title>M</media:title></media:group>',
      ]
  const title = `<${p}title>${pick(random, [`Storm ${index}`, `<![CDATA[Storm ${index} & b]]>`, `Storm ${index} &amp; b`])}</${p}title>`
  const name = p + (isAtom(format) ? 'entry' : 'item')
  const some = [title, ...fields.filter(() => random(3) > 0)]
  return `<${name} xml:lang="en">${some.join(pick(random, ['', '\n']))}</${name}>`
}

const MODULES =
  'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'

function prefixOf(format: Format): string {
  return format === 'rss with a prefix' ? 'rss:' : format === 'atom with a prefix' ? 'a:' : ''
}

function isAtom(format: Format): boolean {
  return format.startsWith('atom')
}

function html(random: Random): string {
  const html = pick(random, [
    '<p>a &amp; b</p>',
    '<a href="/a?b=1&amp;c=2">l</a><br/>c',
    'a',
    '<!-- c --><b>d</b>',
    '1 < 2',
  ])
  return random(2) === 0 ? `<![CDATA[${html}]]>` : html.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random(list.length)] as T
}

/** Breaks a text in one of the ways, at one of the places where it can be. */
export function breakSomething(text: string, random: Random): string {
  const wound = pick(random, WOUNDS)
  const places = [...text.matchAll(wound.where)]
  const place = places[random(Math.max(places.length, 1))]
  if (place === undefined) return text
  const whole = place[0]
  const by = pick(random, wound.by)
  const written = typeof by === 'string' ? whole + by : by(whole, place)
  return text.slice(0, place.index) + written + text.slice(place.index + whole.length)
}

/** What is a text is put behind what stands there. */
interface Wound {
  where: RegExp
  by: (string | ((whole: string, match: RegExpExecArray) => string))[]
}

const START_TAG = /<([a-z][\w:]*)([^<>]*)>/gi
const END_TAG = /<\/([\w:]+)>/g
const VALUE = /="([^"<>]*)"/g
const IN_TEXT = />(?=[^<>]*<)/g
const ANYWHERE = /[\s\S]/g
const gone = () => ''
const twice = (whole: string) => whole + whole

const WOUNDS: Wound[] = [
  {
    where: START_TAG,
    by: [gone, twice, '>', '<item>', '<x:y>', '</channel>', '</item>', '<entry/>', '<![CDATA[', '<rss>'],
  },
  { where: START_TAG, by: [(_, [, name, rest]) => `< ${name}${rest}>`, (_, [, name, rest]) => `<${name}\n${rest}\t>`] },
  { where: START_TAG, by: [(_, [, name, rest]) => `${name}${rest}>`, (_, [, name, rest]) => `&lt;${name}${rest}>`] },
  { where: START_TAG, by: [(_, [, name, rest]) => `<${name}${rest}`, (_, [, name, rest]) => `<${name}${rest}/>`] },
  {
    where: START_TAG,
    by: [(whole) => whole.toUpperCase(), (_, [, , rest]) => `<tilte${rest}>`, (whole) => `<${whole}`],
  },
  {
    where: START_TAG,
    by: ['"', '=', 'a=b/', 'a', 'a="<b>"', 'xmlns="urn:x"', 'xmlns:dc="urn:y"'].map(
      (bit) =>
        (_, [, name, rest]) =>
          `<${name} ${bit} ${rest}>`,
    ),
  },
  {
    where: END_TAG,
    by: [gone, twice, '<item>', '</item>', '</rss>', '<p>', '</p>', '<title>', '<!-- a -- b -->', '<?x'],
  },
  {
    where: END_TAG,
    by: [(_, [, name]) => `</${name} >`, (_, [, name]) => `</${name}\n>`, (_, [, name]) => `< / ${name}>`],
  },
  {
    where: END_TAG,
    by: [(_, [, name]) => `</${name}`, (_, [, name]) => `/${name}>`, (_, [, name]) => `&lt;/${name}>`],
  },
  {
    where: END_TAG,
    by: [(whole) => whole.toUpperCase(), () => '</titel>', () => '</>', (_, [, name]) => `<\\/${name}>`],
  },
  { where: /(<\/[\w:]+>)(\s*)(<\/?[\w:]+>)/g, by: [(_, [, first, space, second]) => `${second}${space}${first}`] },
  { where: VALUE, by: [(_, [, value]) => `=${value}`, (_, [, value]) => `="${value}`, (_, [, value]) => `=${value}"`] },
  {
    where: VALUE,
    by: [(_, [, value]) => ` "${value}"`, (_, [, value]) => `"${value}"`, (_, [, value]) => `=“${value}”`],
  },
  {
    where: VALUE,
    by: [
      gone,
      twice,
      ' a',
      '"',
      '/',
      (whole) => whole.replaceAll('"', "'"),
      (whole) => whole.replaceAll('"', '&quot;'),
    ],
  },
  { where: /<!\[CDATA\[/g, by: [gone, twice, () => '<![cdata[', () => '![CDATA[', 'a<![CDATA[b]]>'] },
  { where: /\]\]>/g, by: [gone, twice, () => ']]', () => ']>', () => '>', () => ']] >', '>'] },
  {
    where: IN_TEXT,
    by: [' & ', '&', '&nbsp', '&#', '&#38;lt', '&foo;', ' < ', '<', ' 1<2 ', '</', '<>', '<!', ']]>', '-->', '?>'],
  },
  {
    where: IN_TEXT,
    by: ['<!--', '<!-- <item> -->', '<!-->', '<![CDATA[</item>', '<?xml version="1.0">', '<!DOCTYPE html>', '<!D['],
  },
  {
    where: IN_TEXT,
    by: ['<p>a<br>', '<b>c</b>', '<script>a<b</script>', '</b>', '<title>x</title>', '<link/>https://a.test/'],
  },
  { where: ANYWHERE, by: [gone, twice, '\0', '\u001b', '\ud800', '\u00a0', '<', '>', '"', "'", '&', '/', '\r'] },
  { where: /[\s\S]{40}/g, by: [gone, twice] },
]
