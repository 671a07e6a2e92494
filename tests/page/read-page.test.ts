import { fileURLToPath } from 'node:url'
import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'
import type { PageRules, Read } from '../../src/model.ts'
import { readPage } from '../../src/page/read-page.ts'
import { EMPTY, FEED, LOGIN } from '../../src/page/refusals.ts'
import { checkSelector } from '../../src/page/selector.ts'
import { formatIso } from '../../src/time.ts'
import { fixturePairs } from '../support/fixture-pairs.ts'
import { workedMs } from '../support/work.ts'

interface Expected {
  rules?: PageRules
  expect?: { title?: string; language?: string; entry?: string; items: object[] }
  unreadable?: { reason: string; detail: string }
}

const { names, load } = fixturePairs<Expected>(fileURLToPath(new URL('../fixtures/pages/', import.meta.url)))

describe('pages are read as expected', () => {
  test.each(names)('%s', async (name) => {
    const { document, expect: expected, unreadable } = load(name)

    const read = await readOnce(name)

    if (unreadable) {
      expect(read).toMatchObject({ kind: 'unreadable', reason: unreadable.reason })
      expect(read).toHaveProperty('detail', expect.stringContaining(unreadable.detail))
      return
    }
    if (read.kind !== 'read') throw new Error(read.detail)
    const { items, entry, ...of } = expected ?? { items: [] }
    const summarized = items.some((item) => 'summary' in item)
    const found = read.items.map(({ title, url, publishedAt, summary }) => ({
      title,
      url,
      published: formatIso(publishedAt),
      ...(summarized ? { summary } : {}),
    }))
    expect(found).toEqual(items)
    expect(read).toMatchObject({ ...of, format: 'page', truncated: false, link: document.url })
    if (entry !== undefined) expect(read.page?.entry).toBe(entry)
  })
})

const reads = new Map<string, Promise<Read>>()

/** As it comes and with its rules; nobody changes what was read. */
function readOnce(name: string): Promise<Read> {
  const { document, rules = null } = load(name)
  const read = reads.get(name) ?? readPage(document, rules)
  reads.set(name, read)
  return read
}

function rules(given: Partial<PageRules> & { entry: string }): PageRules {
  return { link: null, title: null, date: null, summary: null, auto: false, ...given }
}

function page(body: string, url = 'https://a.test/news/') {
  const html = `<!doctype html><html lang="en"><head><title>News</title></head><body>${body}</body></html>`
  return { bytes: Buffer.from(html), contentType: 'text/html', url }
}

async function readItems(body: string, given: PageRules | null = null) {
  const read = await readPage(page(body), given)
  if (read.kind !== 'read') throw new Error(read.detail)
  return read.items.map(({ title, url, publishedAt }) => [title, url, formatIso(publishedAt)?.slice(0, 10) ?? null])
}

const TITLES = [
  'The first of the titles',
  'The second of the titles',
  'The third of the titles',
  'The fourth of them all',
]
const list = (write: (title: string, at: number) => string) => TITLES.map(write).join('\n')

test('what is found has rules that find the same again', async () => {
  for (const name of names.filter((name) => load(name).rules === undefined)) {
    const { document } = load(name)
    const first = await readOnce(name)
    if (first.kind !== 'read' || !first.page) continue

    const again = await readPage(document, first.page)

    expect(again).toMatchObject({ kind: 'read', page: first.page })
    expect(again).toHaveProperty(
      'items',
      first.items.map((item) => expect.objectContaining({ keys: item.keys })),
    )
  }
})

test('an item is known by its address, and its content by what the list says of it', async () => {
  const read = await readPage(
    page(`<ul class="news">${list((t, i) => `<li><a href="/${i}">${t}</a></li>`)}</ul>`),
    null,
  )

  expect(read).toHaveProperty('items.0', {
    ...(read.kind === 'read' ? read.items[0] : {}),
    id: null,
    url: 'https://a.test/0',
    content: null,
    authors: [],
    categories: [],
    enclosures: [],
    tokens: { title: 'the first of the titles', text: '' },
    keys: { id: null, url: expect.any(String), content: expect.any(String) },
  })
})

describe('rules that a person gave', () => {
  const body = `<div class="box">${list(
    (title, at) =>
      `<div class="x"><h4>${title}</h4><a href="/user">by somebody with a long name</a><a class="go" href="/${at}">go</a><i>2024-05-1${at}</i><u>More of it</u></div>`,
  )}</div>`

  test('each part is taken from where it says', async () => {
    const read = await readPage(
      page(body),
      rules({ entry: 'div.x', link: 'a.go', title: 'h4', date: 'i', summary: 'u' }),
    )

    expect(read).toHaveProperty('items.1', expect.objectContaining({ title: TITLES[1], url: 'https://a.test/1' }))
    expect(read).toHaveProperty('items.1.summary', 'More of it')
    expect(read).toHaveProperty('items.1.publishedAt', Date.UTC(2024, 4, 11))
  })

  test('a part may be looked for directly below its entry, and be the link around it', async () => {
    const items = await readItems(body, rules({ entry: '.box > *', link: ':scope > a.go', title: ':scope > h4' }))

    expect(items.map(([title]) => title)).toEqual(TITLES)
  })

  test('a card of a link and a paragraph has the structure that a browser shows', async () => {
    const cards = ['Storm closes port', 'Ferry sails again'].map(
      (title, i) => `<div class="card"><a href="/${i}">${title}</a><p>Of ${title}.</p><p>More.</p></div>`,
    )
    const parts = { title: ':scope > a', summary: 'p:first-of-type' }
    const read = await readPage(page(cards.join('')), rules({ entry: '.card', ...parts }))

    expect(read).toMatchObject({
      items: [
        { title: 'Storm closes port', summary: 'Of Storm closes port.' },
        { title: 'Ferry sails again', summary: 'Of Ferry sails again.' },
      ],
    })
    expect(await readItems(cards.join(''), rules({ entry: '.card > a' }))).toHaveLength(2)
  })

  test('a part may be the entry itself', async () => {
    const links = list((title, at) => `<a class="x" href="/${at}">${title}</a>`)

    for (const link of [':scope', 'a.go, :scope']) {
      const read = await readPage(page(links), rules({ entry: 'a.x', link, title: ':scope' }))

      expect(read).toHaveProperty('items.1', expect.objectContaining({ title: TITLES[1], url: 'https://a.test/1' }))
      expect(read).not.toHaveProperty('unmatched')
    }
  })

  test('one or two entries are enough, and they may look like a menu', async () => {
    const items = await readItems('<nav><a href="/a">A</a><a href="/b">B</a></nav>', rules({ entry: 'nav a' }))

    expect(items).toEqual([
      ['A', 'https://a.test/a', null],
      ['B', 'https://a.test/b', null],
    ])
  })

  test('blocks that stand within their links are entries', async () => {
    const cards = list((title, at) => `<a href="/${at}"><div class="card"><b>${title}</b></div></a>`)

    expect(await readItems(cards, rules({ entry: 'div.card' }))).toHaveLength(4)
  })

  test('selectors that match nothing within any entry are named, and what they ask for is missing', async () => {
    const given = { entry: 'div.x', link: 'a.go', title: 'h5', date: '.day', summary: 'u' }
    const read = await readPage(page(body), rules(given))

    expect(read).toMatchObject({ unmatched: ['title', 'date'], items: { 0: { publishedAt: null } } })
    expect(await readPage(page(body), rules({ ...given, title: 'h4', date: 'i' }))).not.toHaveProperty('unmatched')
    // Something is there, but no date.
    expect(await readPage(page(body), rules({ ...given, title: 'h4', date: 'u' }))).toHaveProperty('unmatched', [
      'date',
    ])
  })

  test('a selector that is none is refused with what is wrong with it', async () => {
    const read = await readPage(page(body), rules({ entry: 'div.x', date: 'i[' }))

    expect(read).toMatchObject({
      kind: 'unreadable',
      reason: 'layout',
      detail: expect.stringContaining('selector of the date is wrong: The "[" at character 2'),
    })
  })

  test('where nothing matches and nothing else looks like a list, it says only that', async () => {
    const read = await readPage(page('<p>Under construction.</p>'), rules({ entry: 'li' }))

    expect(read).toMatchObject({
      kind: 'unreadable',
      reason: 'layout',
      detail: 'Nothing on the page matches "li": the page may have changed its layout, or the selector is wrong.',
    })
  })
})

test.each([
  [
    'has lost its list',
    '<p>Under construction.</p>',
    'Nothing on the page matches "ul.news > li" any more, and no other list was found on it.',
  ],
  [
    'has a menu in its place',
    '<ul class="news"><li><a href="/">Home</a><li><a href="/a">About</a><li><a href="/b">Press</a></ul>',
    'What matches "ul.news > li" on the page (3) is no list of entries any more, and no other list was found on it.',
  ],
])('rules that were found and a page that %s: it is the layout, not silence', async (_, body, detail) => {
  const read = await readPage(page(body), rules({ entry: 'ul.news > li', auto: true }))

  expect(read).toEqual({ kind: 'unreadable', reason: 'layout', detail, needs: 'entry' })
})

test.each([
  ['links, of which none is a list, needs a selector', '<p>Read <a href="/a">this</a>.</p>', { needs: 'entry' }],
  ['no links has no use for one', '<p>Nothing to read.</p>', {}],
])('a page with %s', async (_, body, needs) => {
  const document = {
    bytes: Buffer.from(`<html><body>${body}</body></html>`),
    contentType: null,
    url: 'https://a.test/',
  }

  const detail = expect.any(String)
  expect(await readPage(document, null)).toEqual({ kind: 'unreadable', reason: 'not_a_feed', detail, ...needs })
})

describe.each([true, false])('what stands in the place of a page is told (found by itself: %s)', (auto) => {
  test.each([
    ['a login', 'blocked', LOGIN, '<html><body><form><input type="password"></form></body></html>'],
    [
      'nothing but scripts',
      'not_a_feed',
      EMPTY,
      '<html><body><div id="app"></div><script src="a.js"></script></body></html>',
    ],
    [
      'RSS',
      'not_a_feed',
      FEED,
      '<?xml version="1.0"?><rss version="2.0"><channel><item><title>A</title></item></channel></rss>',
    ],
    ['Atom', 'not_a_feed', FEED, '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title></entry></feed>'],
    ['RDF', 'not_a_feed', FEED, '<rdf:RDF xmlns="http://purl.org/rss/1.0/"><item><title>A</title></item></rdf:RDF>'],
  ])('%s', async (_, reason, detail, html) => {
    const document = { bytes: Buffer.from(html), contentType: null, url: 'https://a.test/' }

    const read = await readPage(document, rules({ entry: 'ul.news > li', auto }))

    expect(read).toEqual({ kind: 'unreadable', reason, detail, ...(detail === FEED && { needs: 'feed' }) })
  })
})

test('a page that calls itself English and is Chinese is Chinese, and an English one English', async () => {
  const { document } = load('university-panels')
  const english = page(`<ul class="news">${list((t, i) => `<li><a href="/${i}">${t}</a></li>`)}</ul>`)

  expect(await readPage(document, null)).toMatchObject({ language: null, items: { 0: { language: 'zh' } } })
  expect(await readPage(english, null)).toMatchObject({ language: 'en', items: { 0: { language: 'en' } } })
})

test.each(['text/html; charset=utf-8', 'text/html; charset=ISO-8859-1', 'text/html'])(
  'a page in GBK that says so is read as such, whatever a careless server says: %s',
  async (contentType) => {
    const body = `<ul>${TITLES.map((_, at) => `<li><a href="/${at}">关于大数据产业发展的通知之${at}</a></li>`).join('')}</ul>`
    const html = `<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head><body>${body}</body></html>`

    const read = await readPage({ bytes: iconv.encode(html, 'gbk'), contentType, url: 'https://a.test/' }, null)

    expect(read).toHaveProperty('items.3.title', '关于大数据产业发展的通知之3')
  },
)

describe('which list of a page is its news', () => {
  const menu = (count: number) =>
    Array.from(
      { length: count },
      (_, at) => `<li><a href="/about/${at}">A part of the site, number ${at}</a></li>`,
    ).join('')
  const news = list((t, i) => `<div><i>2018-05-1${i}</i> <a href="/news/${i}">${t}</a></div>`)

  test.each([
    'footer',
    'nav',
    'aside',
    'div role="navigation"',
    'div role="menu"',
    'div role="menubar"',
    'div role="contentinfo"',
  ])('a %s that is most of the page is still no news', async (tag) => {
    const items = await readItems(`<section>${news}</section><${tag}><ul>${menu(50)}</ul></${tag.split(' ', 1)[0]}>`)

    expect(items.map(([title]) => title)).toEqual(TITLES)
  })

  test('a table of menu words at the same place of a page of tables is left out', async () => {
    const rows = list((t, i) => `<tr><td><a href="/${i}">${t}</a></td><td>2018-05-1${i}</td></tr>`)

    const items = await readItems(
      `<table><tr><td><a href="/a">Home</a></td><td><a href="/b">Office</a></td></tr></table><table id="news">${rows}</table>`,
    )

    expect(items.map(([title]) => title)).toEqual(TITLES)
  })

  test('the days of an archive are not, where there is anything else', async () => {
    const days = [5, 4, 3, 2, 1].map((day) => `<li><a href="/archive/${day}">Friday, ${day} May 2018</a></li>`)

    const items = await readItems(
      `<ul>${days.join('')}</ul><ol>${list((t, i) => `<li><a href="/${i}">${t}</a></li>`)}</ol>`,
    )

    expect(items.map(([title]) => title)).toEqual(TITLES)
  })

  test('the block that leads to the next page is no entry, though it looks like one', async () => {
    const items = await readItems(
      `<ul>${list((t, i) => `<li><a href="/${i}">${t}</a></li>`)}<li><a href="/list?page=2">Next »</a></li></ul>`,
    )

    expect(items.map(([title]) => title)).toEqual(TITLES)
  })

  test('a folder as servers list it is read without its ways of sorting', async () => {
    const files = ['1.9.0', '2.0.0', '2.1.0'].map(
      (v) => `<a href="thing-${v}.tar.gz">thing-${v}.tar.gz</a> 2018-05-11 10:30 1M`,
    )

    const items = await readItems(
      `<pre><a href="?C=N;O=D">Name</a> <a href="?C=M;O=A">Last modified</a><hr><a href="/">Parent Directory</a>\n${files.join('\n')}</pre>`,
    )

    expect(items.map(([title]) => title)).toEqual(['thing-1.9.0.tar.gz', 'thing-2.0.0.tar.gz', 'thing-2.1.0.tar.gz'])
  })

  test('short words that lead somewhere new each time are no titles', async () => {
    const items = await readItems(
      list(
        (t, i) =>
          `<div class="e"><h4>${t}</h4><i>2018-05-1${i}</i><a href="/${i}">Details</a> <a href="/${i}/s.pdf">Our slides</a></div>`,
      ),
    )

    expect(items).toEqual(TITLES.map((title, at) => [title, `https://a.test/${at}`, `2018-05-1${at}`]))
  })

  test('a code is called with what stands beside it, and led to before other codes', async () => {
    const items = await readItems(
      `<table>${list((t, i) => `<tr><td><a href="/${i}">VSA-${i}</a></td><td>${t}</td><td><a href="https://b.test/${i}">CVE-2018-400${i}</a></td></tr>`)}</table>`,
    )

    expect(items).toEqual(TITLES.map((title, at) => [`VSA-${at} ${title}`, `https://a.test/${at}`, null]))
  })
})

describe('rows and links that only a script leads on', () => {
  test.each<[string, (title: string, at: number) => string]>([
    ['a row with data-href', (t, i) => `<tr data-href="/${i}"><td>${t}</td><td>2018-05-1${i}</td></tr>`],
    ['a row with onclick', (t, i) => `<tr onclick="location.href='/${i}'"><td>${t}</td><td>2018-05-1${i}</td></tr>`],
    [
      'a script for an address',
      (t, i) => `<tr><td><a href="javascript:window.open('/${i}')">${t}</a></td><td>2018-05-1${i}</td></tr>`,
    ],
    [
      'a link with onclick',
      (t, i) =>
        `<tr><td><a href="#" onclick="window.open('/${i}','_blank');return false">${t}</a></td><td>2018-05-1${i}</td></tr>`,
    ],
    [
      'a row that holds a link',
      (t, i) => `<tr onclick="location='/row/${i}'"><td><a href="/${i}">${t}</a></td><td>2018-05-1${i}</td></tr>`,
    ],
  ])('%s', async (_, row) => {
    const items = await readItems(`<table>${list(row)}</table>`)

    expect(items).toEqual(TITLES.map((title, at) => [title, `https://a.test/${at}`, `2018-05-1${at}`]))
  })
})

describe('a log of changes is a page of headings with anchors', () => {
  const versions = ['2.4.0', '2.3.1', '2.3.0']

  test.each<[string, (version: string, at: number) => string]>([
    [
      'an anchor before it',
      (v, i) => `<h2 id="v${i}"><a class="anchor" href="#v${i}">#</a>Version ${v}</h2><p>Released 2018-05-1${i}</p>`,
    ],
    [
      'an anchor behind it',
      (v, i) =>
        `<h2 id="v${i}">Version ${v}<a class="headerlink" href="#v${i}" title="Permalink">¶</a></h2><p>2018-05-1${i}</p>`,
    ],
    [
      'its day in the heading, and an anchor behind it',
      (v, i) => `<h2 id="v${i}">Version ${v} (2018-05-1${i})<a class="headerlink" href="#v${i}">¶</a></h2>`,
    ],
    [
      'an anchor before a heading that ends with its day',
      (v, i) => `<h2 id="v${i}"><a href="#v${i}">#</a> Version ${v} - 2018-05-1${i}</h2>`,
    ],
    [
      'an anchor beside its heading, in a box',
      (v, i) => `<div><h2>Version ${v}</h2><a class="anchor" href="#v${i}"></a></div><p>Released 2018-05-1${i}</p>`,
    ],
    ['a heading that links to itself', (v, i) => `<h2><a href="#v${i}">Version ${v}</a></h2><p>2018-05-1${i}</p>`],
    ['a name to which nothing leads', (v, i) => `<h2 id="v${i}">Version ${v} - 2018-05-1${i}</h2>`],
    [
      'a heading that links to itself, and chapters below it',
      (v, i) => `<h2><a href="#v${i}">Version ${v}</a> <small>2018-05-1${i}</small></h2><h3>Mended</h3>`,
    ],
  ])('%s', async (_, write) => {
    const log = versions.map(
      (version, at) => `${write(version, at)}<ul><li>Fixed it (<a href="/pull/${at}1">#${at}1</a>)</li></ul>`,
    )

    const read = await readPage(page(log.join('')), null)

    const items = read.kind === 'read' ? read.items : []
    expect(
      items.map(({ id, url, title, publishedAt }) => [id, url, title, formatIso(publishedAt)?.slice(0, 10)]),
    ).toEqual(
      versions.map((version, at) => [
        `https://a.test/news/#v${at}`,
        `https://a.test/news/#v${at}`,
        `Version ${version}`,
        `2018-05-1${at}`,
      ]),
    )
    // A watch may be of what was changed.
    expect(items.map(({ text }) => /Fixed it .*$/.exec(text)?.[0])).toEqual(
      versions.map((_, at) => `Fixed it (#${at}1)`),
    )
  })

  test.each<[string, (version: string, at: number, notes: string) => string, string]>([
    ['in a section that is named', (v, at, notes) => `<section id="v${at}"><h2>${v}</h2>${notes}</section>`, '#v'],
    ['below a heading that is named', (v, at, notes) => `<div><h3 id="v${at}">v${v}</h3>${notes}</div>`, '#v'],
    [
      'with a page of their own',
      (v, at) => `<div id="v${at}"><h3>v${v}</h3><p>1 May 201${at}</p><a href="/v${at}">Read more</a></div>`,
      '/v',
    ],
    ['with a name nowhere', (v, _, notes) => `<article><h3>v${v}</h3>${notes}</article>`, '/pull/'],
  ])('notes %s stand where they begin, whatever they link to', async (_, write, place) => {
    const log = versions.map((version, at) =>
      write(
        version,
        at,
        `<time datetime="2018-05-1${at}">May</time><ul><li>Fixed it (<a href="/pull/${at}">#${at}</a>)</li></ul>`,
      ),
    )

    const read = await readPage(page(log.join('')), null)

    const items = read.kind === 'read' ? read.items : []
    expect(items.map(({ url, title }) => [url, title])).toEqual(
      versions.map((version, at) => [
        new URL(`${place}${at}`, 'https://a.test/news/').href,
        expect.stringContaining(version),
      ]),
    )
  })

  test.each([
    ['v2.4', true],
    ['[2.4.0] - 2018-05-11', true],
    ['2.4.0-rc.1 (11 May)', true],
    ['2.4', true],
    ['2.4 Methods', false],
    ['2.4.1 Methods and more', false],
    ['What is new', false],
  ])('a heading of “%s” alone is one: %s', async (heading, isOne) => {
    const log = ['a', 'b', 'c'].map((id) => `<h2 id="${id}">${heading}</h2><p>Some text.</p>`)
    expect((await readPage(page(log.join('')), null)).kind).toBe(isOne ? 'read' : 'unreadable')
  })

  test('the chapters of a page are no entries', async () => {
    const read = await readPage(page(list((t, i) => `<h2><a href="#c${i}">${t}</a></h2><p>Some text.</p>`)), null)

    expect(read).toMatchObject({ kind: 'unreadable', reason: 'not_a_feed' })
  })
})

describe('summaries', () => {
  const TEXT = 'It was said at length, and by many who were there.'

  test.each([
    ['the paragraph below a title', '<a href="/1">The title of the entry</a><p>TEXT</p>', TEXT],
    ['none where the title is the paragraph', '<p class="lead"><a href="/1">TEXT</a></p>', null],
    ['none where a paragraph only leads on', '<a href="/1">The title of the entry</a><p>Read more</p>', null],
  ])('%s', async (_, entry, summary) => {
    const read = await readPage(page(`<div class="e">${entry.replace('TEXT', TEXT)}</div>`), rules({ entry: 'div.e' }))

    expect(read).toHaveProperty('items.0.summary', summary)
  })
})

describe('titles', () => {
  test.each([
    ['cut with an ellipsis', '<a href="/1" title="The whole title of the entry">The whole title…</a>'],
    ['cut with dots', '<a href="/1" title="The whole title of the entry">The whole title...</a>'],
    ['cut without a mark', '<a href="/1" title="The whole title of the entry">The whole title of</a>'],
    [
      'whole in the title= of what is in the link',
      '<a href="/1"><span title="The whole title of the entry">The who…</span></a>',
    ],
    [
      'whole in a title= that lists more',
      '<a href="/1" title="文章标题：The whole title of the entry&#13;&#10;作&nbsp;&nbsp;者：Jane&#13;&#10;点击次数：12">The whole…</a>',
    ],
    ['whole in a title= of two lines', '<a href="/1" title="The whole title\nof the entry">The whole…</a>'],
    [
      'whole in the title= of its picture',
      '<a href="/1" title="The whole title of the entry"><img></a><h3><a href="/1">The whole…</a></h3>',
    ],
    [
      'whole in the title= of its picture, with a text below',
      '<a href="/1" title="The whole title of the entry"><img></a><a href="/1">The whole…</a><p>What was said of it at length.</p>',
    ],
    ['beside an empty place for an icon', '<a href="/1"><i class="title-icon"></i>The whole title of the entry</a>'],
    ['whole for those who hear it', '<a href="/1" aria-label="The whole title of the entry">The whole title…</a>'],
    ['whole with its picture', '<a href="/1"><img alt="The whole title of the entry"></a><a href="/1">The whole…</a>'],
    ['only a picture', '<a href="/1"><img src="x" alt="The whole title of the entry"></a>'],
    ['a bullet before it', '<a href="/1">· The whole title of the entry</a>'],
    ['a day before it', '<a href="/1">[05-11] The whole title of the entry</a>'],
    ['a whole day behind it', '<a href="/1">The whole title of the entry (20-11-2018)</a>'],
    ['a whole day before it', '<a href="/1">20.11.2018: The whole title of the entry</a>'],
    ['a day in it, in an element of its own', '<a href="/1"><i>2018-05-11</i>The whole title of the entry</a>'],
    ['a day before it, in no element', '<a href="/1">11 May 2018 <b>The whole title of the entry</b></a>'],
    ['a day below it', '<a href="/1"><p>The whole title of the entry</p><p>2018-05-11</p></a>'],
    ['one line of a card', '<a href="/1"><div>Press</div><div>The whole title of the entry</div><div>Text.</div></a>'],
    ['a heading of two lines', '<a href="/1"><h3><div>The whole title</div><div>of the entry</div></h3></a>'],
    ['broken into lines', '<a href="/1">The whole title<br>of the entry</a>'],
    ['"more" beside a heading', '<h3>The whole title of the entry</h3><a href="/1">Read more »</a>'],
    ['references', '<a href="/1">The&nbsp;whole title of&#32;the <b>entry</b></a>'],
    [
      'another title=, which says something else',
      '<a href="/1" title="Opens in a new window">The whole title of the entry</a>',
    ],
  ])('%s', async (_, entry) => {
    const items = await readItems(`<div class="e">${entry}</div>`, rules({ entry: 'div.e' }))

    expect(items.map(([title]) => title)).toEqual(['The whole title of the entry'])
  })
})

test('a cut title stays so where its title= says something else', async () => {
  const entry = '<div class="e"><a href="/1" title="Opens the page in a new window">The whole title…</a></div>'

  expect((await readItems(entry, rules({ entry: 'div.e' })))[0]?.[0]).toBe('The whole title…')
})

test('what is called by its day alone is called so, and dated by it', async () => {
  const items = await readItems('<div class="e"><a href="/1">11 May 2018</a></div>', rules({ entry: 'div.e' }))

  expect(items).toEqual([['11 May 2018', 'https://a.test/1', '2018-05-11']])
})

describe('entries whose link says nothing', () => {
  const day = (at: number) => `2024-05-1${at}`
  const cards: [string, (title: string, at: number) => string][] = [
    [
      'a picture, a heading and "Read more"',
      (t, i) => `<a href="/${i}"><img src=x></a><h2>${t}</h2><p>${day(i)}</p><a href="/${i}">Read more</a>`,
    ],
    ['a heading and 查看详情', (t, i) => `<h4>${t}</h4><span>${day(i)}</span><a href="/${i}">查看详情</a>`],
    [
      'a link over the whole card',
      (t, i) => `<h3>${t}</h3><p>${day(i)}</p><a class="stretched-link" href="/${i}"></a>`,
    ],
    ['a label for those who hear it', (t, i) => `<a href="/${i}" aria-label="${t}"></a><p>${day(i)}</p>`],
    [
      'what all of them say',
      (t, i) => `<strong>${t}</strong> <small>${day(i)}</small> <a href="/${i}">Download (PDF, ${12 * i},5 KB)</a>`,
    ],
    [
      'a line in bold, and "Read more" at the end of what is said',
      (t, i) => `<p><b>${t}</b> <i>${day(i)}</i></p><p>It was said at length. <a href="/${i}">Read more</a></p>`,
    ],
    ['a line of text', (t, i) => `<li>${t} <small>${day(i)}</small> <a href="/${i}">PDF</a></li>`],
    ['a cell beside it', (t, i) => `<table><tr><td>${day(i)}<td>${t}<td><a href="/${i}">Details</a></table>`],
  ]
  test.each(cards)('%s: are found, and called by what stands beside it', async (_, write) => {
    const menu = `<nav>${list((_title, at) => `<a href="/menu/${at}">A part of the site ${at}</a>`)}</nav>`

    const items = await readItems(`${menu}<div>${list((t, i) => `<div class="card">${write(t, i)}</div>`)}</div>`)

    expect(items).toEqual(TITLES.map((title, at) => [title, `https://a.test/${at}`, day(at)]))
  })

  test.each<[string, (title: string, at: number) => string]>([
    ['advertisements of its own', (t, i) => `<div class="card"><h3>${t}</h3><a href="/${i}">Learn more</a></div>`],
    [
      'comments',
      (t, i) =>
        `<li><a href="/user/${i}"><img src="x"></a> <b>Anna ${i}</b> <i>2024-05-1${i}</i><p>${t}, is it not?</p><a href="/answer/${i}">Reply</a></li>`,
    ],
    ['services with "Read more"', (t, i) => `<p>${t} and more of it. <a href="/${i}">Read more</a></p>`],
    ['links in running text', (t, i) => `<p>${t}, as may be read <a href="/${i}">here</a> and elsewhere.</p>`],
    ['ways to follow it', (_t, i) => `<a href="https://${i}.test/us" aria-label="Follow us on Number ${i}"></a>`],
  ])('a page has no list where it has only %s', async (_, write) => {
    const read = await readPage(page(`<h1>About us</h1>${list(write)}`), null)

    expect(read).toMatchObject({ kind: 'unreadable', reason: 'not_a_feed' })
  })
})

describe('dates', () => {
  test.each([
    ['2018-05-11'],
    ['2018/05/11'],
    ['2018.05.11'],
    ['2018年5月11日'],
    ['2018년 5월 11일'],
    ['2018 年 05 月 11 日'],
    ['[2018-05-11]'],
    ['（2018-05-11）'],
    ['发布时间：2018-05-11 09:30'],
    ['11 May 2018'],
    ['11. Mai 2018'],
    ['May 11, 2018'],
    ['May 11th, 2018'],
    ['Posted on Friday, May 11, 2018 by Jane'],
    ['11 de mayo de 2018'],
    ['11.05.2018'],
    ['5/11/2018'],
    ['20180511'],
    ['18-05-11'],
    ['<b>11</b><span>2018-05</span>'],
    ['<b>11</b><i>2018.05</i>'],
    ['<b>05-11</b><i>2018</i>'],
    ['<b>2018</b><i>05-11</i>'],
    ['平成30年5月11日'],
    ['1397/02/21'],
    ['H30.5.11'],
    ['民國107年5月11日'],
    ['107-05-11'],
    ['２０１８年５月１１日'],
    ['١١ مايو ٢٠١٨'],
    ['Section 4 | 등록일 : 18-05-11 | 77'],
    ['<time datetime="2018-05-11">three days ago</time>'],
    ['<time>11 May 2018</time>'],
  ])('%s', async (written) => {
    const items = await readItems(
      `<div class="e"><a href="/1">The title of the entry</a><p class="d">${written}</p></div>`,
      rules({ entry: 'div.e' }),
    )

    expect(items).toEqual([['The title of the entry', 'https://a.test/1', '2018-05-11']])
  })

  test.each([
    ['2018-05-11 18:40', '18:40'],
    ['2018-05-11 18:40:59', '18:40'],
    ['2018年5月11日 18:40', '18:40'],
    ['2018年5月11日（金） 18時40分', '18:40'],
    ['2018-05-11 下午6:40', '18:40'],
    ['2018-05-11 오후 6:40', '18:40'],
    ['11 May 2018, 18:40', '18:40'],
    ['11. Mai 2018 um 18:40 Uhr', '18:40'],
    ['11. Mai 2018, 18.40 Uhr', '18:40'],
    ['11 maj 2018 kl. 18.40', '18:40'],
    ['11/05/2018 - 18:40', '18:40'],
    ['11.05.2018 | 18:40', '18:40'],
    ['11 мая 2018 г., 18:40', '18:40'],
    ['18:40, 11 мая 2018', '18:40'],
    ['May 11, 2018 at 6:40 PM', '18:40'],
    ['May 11, 2018, 12:40 a.m.', '00:40'],
    ['2018-05-11 18:40 UTC', '18:40'],
    ['2018-05-11 18:40 GMT+8', '10:40'],
    ['2018-05-11 18:40 UTC+08:00', '10:40'],
    ['2018-05-11 20:40 +0200', '18:40'],
    ['2018-05-11 13:40 EST', '18:40'],
    ['<i>2018-05-11</i> <b>18:40</b>', '18:40'],
    ['<i>18:40</i> <b>11.05.2018</b>', '18:40'],
    ['[05-11 18:40]', '18:40'],
    ['05-11 18:40', '18:40'],
    ['5月11日 18:40', '18:40'],
    ['11 May, 18:40', '18:40'],
    ['2018-05-11 오전 12:40', '00:40'],
    ['2018-05-11 27:40', '00:00'],
    ['2018-05-11 1:2', '00:00'],
  ])('%s: the time is kept, in UTC where no zone is told', async (written, time) => {
    const read = await readPage(
      page(`<h3>2018</h3><div class="e"><a href="/1">The title of the entry</a><p>${written}</p></div>`),
      rules({ entry: 'div.e' }),
    )

    const days = read.kind === 'read' ? read.items.map(({ publishedAt }) => formatIso(publishedAt)?.slice(0, 16)) : []
    expect(days).toEqual([`2018-${written.startsWith('11/05') ? '11-05' : '05-11'}T${time}`])
  })

  test.each([
    ['关于大数据产业发展的通知', '2018-05-11 18:40', '2018-05-11T10:40'],
    ['冬の交通安全運動を実施します', '2018年5月11日 18時40分', '2018-05-11T09:40'],
    ['겨울철 한파 대비 취약계층 지원 강화', '2018.05.11 18:40', '2018-05-11T09:40'],
    ['겨울철 한파 대비 취약계층 지원 강화', '2018년 5월 11일 18:40', '2018-05-11T09:40'],
    ['关于大数据产业发展的通知', '2018-05-11 18:40 UTC', '2018-05-11T18:40'],
    ['关于大数据产业发展的通知', '2018-05-11', '2018-05-11T00:00'],
    ['关于大数据产业发展的通知', '2018-05-11 00:00:00', '2018-05-11T00:00'],
    ['Депутаты приняли закон о лесах', '11.05.2018 18:40', '2018-05-11T15:40'],
    ['An entry in English', '2018-05-11 18:40', '2018-05-11T18:40'],
  ])('of a language with one home a time is that of its clocks: %s, %s', async (title, written, expected) => {
    const read = await readPage(
      page(`<div class="e"><a href="/1">${title}</a><p>${written}</p></div>`),
      rules({ entry: 'div.e' }),
    )

    expect(read.kind === 'read' && formatIso(read.items[0]?.publishedAt ?? null)?.slice(0, 16)).toBe(expected)
  })

  test.each([
    ['de', '11.05.2018, 18:40', '2018-05-11T16:40'],
    ['de-AT', '11.12.2018, 18:40', '2018-12-11T17:40'],
    ['pl', '2018-05-11T18:40:00+00:00', '2018-05-11T18:40'],
    ['fr', '11/05/2018 18:40', '2018-05-11T16:40'],
    ['fr-CA', '2018-05-11 18:40', '2018-05-11T18:40'],
    ['pt', '11/05/2018 18:40', '2018-05-11T18:40'],
  ])('so it is where the page says its language, summer time included: %s, %s', async (language, written, expected) => {
    const html = `<html lang="${language}"><div class="e"><a href="/1">Eine Meldung des Amtes</a><p>${written}</p></div></html>`

    const read = await readPage(
      { bytes: Buffer.from(html), contentType: 'text/html; charset=utf-8', url: 'https://a.test/' },
      rules({ entry: 'div.e' }),
    )

    expect(read.kind === 'read' && formatIso(read.items[0]?.publishedAt ?? null)?.slice(0, 16)).toBe(expected)
  })

  test.each([
    ['The title of an entry', ['05/11/18', '05/10/18'], '2018-05-11'],
    ['The title of an entry', ['11.05.18', '10.05.18'], '2018-05-11'],
    ['The title of an entry', ['5/11/18', '5/9/18'], '2018-05-11'],
    ['The title of an entry', ['11/05/18', '23/05/18'], '2018-05-11'],
    ['关于大数据产业发展的通知', ['18/05/11', '18/05/10'], '2018-05-11'],
    ['The title of an entry', ['18/05/11', '18/05/10', '18/05/09', '18/05/08'], '2018-05-11'],
    ['The title of an entry', ['18-05-11', '18-05-10'], '2018-05-11'],
    ['The title of an entry', ['11/05/2018', '10/05/2018', '09/05/2018'], '2018-05-11'],
    // Once a month, on its first.
    ['The title of an entry', ['11/01/2018', '10/01/2018', '09/01/2018'], '2018-11-01'],
    ['The title of an entry', ['11/05/2018', '10/05/2018'], '2018-11-05'],
  ])(
    'what is year, month and day is told by the language, the signs and the rest of the list: %s, %s',
    async (title, days, expected) => {
      const rows = days.map((day, at) => `<div class="e"><a href="/${at}">${title}</a><i>${day}</i></div>`)

      const items = await readItems(rows.join(''), rules({ entry: 'div.e' }))

      expect(items[0]?.[2]).toBe(expected)
    },
  )

  test('the day above a group is the day of all in it, and what they say of the time is theirs', async () => {
    const row = (at: number, time = '') => `<li><b>${time}</b> <a href="/${at}">A notice of the harbour office</a></li>`
    const groups = `<h3>11 May 2018</h3><ul>${row(1, '18:40')}${row(2, '09:05')}</ul><h3>10 May 2018</h3><ul>${row(3)}${row(4)}</ul>`

    const read = await readPage(page(groups), rules({ entry: 'li' }))

    const dates = read.kind === 'read' ? read.items.map(({ publishedAt }) => formatIso(publishedAt)?.slice(0, 16)) : []
    expect(dates).toEqual(['2018-05-11T18:40', '2018-05-11T09:05', '2018-05-10T00:00', '2018-05-10T00:00'])
  })

  test("today's date at the top of a page dates nothing", async () => {
    const items = await readItems(`<p>2018-05-11</p><ul>${list((t, i) => `<li><a href="/${i}">${t}</a></li>`)}</ul>`)

    expect(items.map(([, , date]) => date)).toEqual([null, null, null, null])
  })

  test.each([
    ['<b>11</b><i>2018-05</i>'],
    ['<b>2018</b><i>05-11</i>'],
    ['2018-0<b>5-11</b>'],
    ['<i title="2018-05-11">Friday</i>'],
    ['Fri, 11 May 2018 12:30:00 GMT'],
  ])('%s, pointed at by a selector', async (written) => {
    const items = await readItems(
      `<div class="e"><a href="/1">The title of the entry</a><p class="d">${written}</p></div>`,
      rules({ entry: 'div.e', date: written.startsWith('<i title') ? '.d i' : '.d' }),
    )

    expect(items).toEqual([['The title of the entry', 'https://a.test/1', '2018-05-11']])
  })

  test.each([
    ['05-11', '/201805/t20180511_1.html', '2018-05-11'],
    ['[05-11]', '/2018/5/11/1.html', '2018-05-11'],
    ['5月11日', '/2018-05/11/c_1.htm', '2018-05-11'],
    ['01-02', '/201712/t20171231_1.html', '2018-01-02'],
    ['12-31', '/201801/t20180102_1.html', '2017-12-31'],
    ['11-30', '/201712/t20171201_1.html', '2017-11-30'],
    ['01-02', '/201803/t20180301_1.html', '2018-01-02'],
    ['12-31', '/201803/t20180301_1.html', '2018-12-31'],
    ['02-01', '/201801/t20180131_1.html', '2018-02-01'],
    ['three days ago', '/art/2018/5/11/art_20185599_1.html', '2018-05-11'],
    ['05-11', '/show?id=20185', null],
    ['three days ago', '/2018/05/11/title', '2018-05-11'],
    ['32-13', '/show', null],
    ['3/4 of all pages', '/show', null],
    ['1.2.3', '/v1.2.3', null],
  ])('%s at %s', async (written, path, expected) => {
    const items = await readItems(
      `<div class="e"><a href="${path}">The title of the entry</a> <span>${written}</span></div>`,
      rules({ entry: 'div.e' }),
    )

    expect(items).toEqual([['The title of the entry', `https://a.test${path}`, expected]])
  })

  describe('the year of a day alone', () => {
    const row = (day: string, title = 'A notice of the harbour office') =>
      `<li><a href="/${day}">${title}</a><b>[${day}]</b></li>`
    const dates = async (body: string) => {
      const read = await readItems(body, rules({ entry: 'li' }))
      return read.map(([, , date]) => date)
    }

    test.each(['2018', '2018年', '2018年5月', 'News 2018', '通知公告 2018', 'May 2018', '2018 (12)'])(
      'is told by the heading %s',
      async (heading) => {
        expect(await dates(`<h3>${heading}</h3><ul>${row('05-11')}${row('05-10')}</ul>`)).toEqual([
          '2018-05-11',
          '2018-05-10',
        ])
      },
    )

    test('is told by the nearest heading between the entries, for all that follow it', async () => {
      const rows = ['05-11', '05-10', '05-09', '05-08', '05-07', '05-06'].map((day) => row(day))

      const read = await dates(`<ul><h4>2018</h4>${rows.join('')}<h4><a href="/2017">2017</a></h4>${row('12-01')}</ul>`)

      expect(read.slice(5)).toEqual(['2018-05-06', '2017-12-01'])
    })

    test.each([
      ['the title of the row above', `<ul>${row('05-12', '面向2035年远景目标')}${row('05-11')}</ul>`],
      ['a title with little else', `<ul>${row('05-12', 'Budget 2018')}${row('05-11')}</ul>`],
      ['a title that is no link', `<ul><li><h3>Budget 2018</h3><a href="/1">More</a></li>${row('05-11')}</ul>`],
      ['a sentence above the list', `<p>面向2035年远景目标规划的通知</p><ul>${row('05-11')}</ul>`],
      ['links to other years', `<p><a href="/y">2017</a></p><ul>${row('05-11')}</ul>`],
    ])('is not told by %s', async (_, body) => {
      expect((await dates(body)).at(-1)).toBeNull()
    })
  })

  test('a date within the link, beside the title, is the date of it', async () => {
    const items = await readItems(
      '<div class="e"><a href="/1"><span>2018-05-11</span>The title of the entry</a></div>',
      rules({ entry: 'div.e' }),
    )

    expect(items).toEqual([['The title of the entry', 'https://a.test/1', '2018-05-11']])
  })

  test('a date in the middle of the title is what it is about, not when it was published', async () => {
    const items = await readItems(
      '<div class="e"><a href="/1">Report on 11 May 2018 and what followed</a></div>',
      rules({ entry: 'div.e' }),
    )

    expect(items).toEqual([['Report on 11 May 2018 and what followed', 'https://a.test/1', null]])
  })
})

describe('links that lead nowhere are none', () => {
  test.each([
    'javascript:void(0)',
    ' JavaScript:open(1)',
    '#top',
    '',
    'mailto:a@b.test',
    'tel:110',
    'data:text/html,x',
    'https://a.test/news/#x',
    'http://',
  ])('%s', async (href) => {
    const read = await readPage(
      page(`<p class="e"><a href="${href}">A title of an entry</a></p>`),
      rules({ entry: '.e' }),
    )

    expect(read).toMatchObject({ kind: 'unreadable', reason: 'layout' })
  })
})

describe('a page that was made to hurt ends soon, with a reason', () => {
  const entry = '<li><a href="/a">A title of some length</a></li>'
  test.each([
    ['nested a hundred thousand deep', '<div>'.repeat(100_000), 'nested more than 256'],
    ['of links within links', '<a href=x>'.repeat(100_000), 'nested more than 256'],
    ['of a million elements', '<b></b>'.repeat(1_000_000), 'more than 30000 elements'],
    ['of endless entries', entry.repeat(100_000), 'more than 30000 elements'],
    ['torn into pieces', `<p>${'&amp;'.repeat(1_000_000)}`, 'pieces'],
    ['of attributes', `<p ${Array.from({ length: 300_000 }, (_, at) => `a${at}`).join(' ')}>`, 'pieces'],
    ['of ten megabytes', `<script>${'x'.repeat(11 * 1_024 * 1_024)}`, 'larger than 10 MiB'],
  ])('%s', async (_, body, detail) => {
    const read = await readPage(page(body), null)

    expect(read).toMatchObject({ kind: 'unreadable', reason: 'too_big', detail: expect.stringContaining(detail) })
  })

  test('cut off anywhere, or with a piece torn out, each of the pages above is read or refused', async () => {
    for (const [order, name] of names.entries()) {
      const { document, rules: given = null } = load(name)
      const { bytes } = document
      // At each place the one or the other, by turns.
      for (const [turn, share] of [0.1, 0.35, 0.6, 0.85].entries()) {
        const at = Math.floor(bytes.length * share)
        const behind = (order + turn) % 2 === 0 ? [] : [bytes.subarray(at + 97)]
        const left = Buffer.concat([bytes.subarray(0, at), ...behind])
        expect((await readPage({ ...document, bytes: left }, given)).kind).toMatch(/^(?:read|unreadable)$/)
      }
    }
  })

  test('as deep as it may be, and with as many classes, it is read', async () => {
    const deep = `${'<div class="a b c d e f">'.repeat(240)}<ul>${list((t, i) => `<li><a href="/${i}">${t}</a></li>`)}</ul>`

    expect(await readItems(deep)).toHaveLength(4)
  })

  test('the selector that is found can be said, however deep the list and odd the names around it', async () => {
    const entries = `<w:list 1="">${list((t, i) => `<o:p><a href="/${i}">${t}</a></o:p>`)}</w:list>`
    const menus = `<w:list>${'<o:p><a href="/m">Menu</a></o:p>'.repeat(9)}</w:list>`

    for (const wrap of ['<section>'.repeat(200), '<div class="w-1/2 md:flex">'.repeat(200), '<x<y class="[a]">']) {
      const read = await readPage(page(`${wrap}${menus}${entries}`), null)

      expect(read).toMatchObject({ kind: 'read' })
      expect(read.kind === 'read' && checkSelector(read.page?.entry ?? '')).toBeNull()
      expect(read).toHaveProperty('items', expect.arrayContaining([expect.objectContaining({ title: TITLES[3] })]))
    }
  })

  test('names that mean something to JavaScript mean nothing here', async () => {
    const body = `<div id="__proto__" class="constructor toString">${list((t, i) => `<p class="hasOwnProperty"><a href="/${i}" __proto__="x">${t}</a></p>`)}</div>`

    expect(await readItems(body)).toHaveLength(4)
  })

  test('a link of thousands of digits is read in time', async () => {
    const digits = '1'.repeat(20_000)
    const body = `<ul>${list((_, i) => `<li><a href="/${i}">${digits}z</a></li>`)}</ul>`
    const before = workedMs()

    const read = await readPage(page(body), null)

    expect(read.kind).toBe('unreadable')
    expect(workedMs() - before).toBeLessThan(3_000)
  })

  test('no more than a thousand entries are read', async () => {
    const body = `<ul>${Array.from({ length: 3_000 }, (_, at) => `<li><a href="/${at}">A title of some length ${at}</a></li>`).join('')}</ul>`

    expect(await readItems(body)).toHaveLength(1_000)
  })
})

test.each([
  ['nothing', ''],
  ['JSON', '{"items": []}'],
  ['words', 'just words'],
])('%s is no page', async (_, text) => {
  const read = await readPage({ bytes: Buffer.from(text), contentType: null, url: 'https://a.test/' }, null)

  expect(read).toMatchObject({ kind: 'unreadable', reason: 'not_a_feed' })
})
