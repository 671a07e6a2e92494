import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'
import { discoverFeeds, rivalsOf, wellKnownPaths } from '../../src/source/discover.ts'

const PAGE = 'https://news.example/section/'

function find(html: string | Uint8Array, { url = PAGE, contentType = 'text/html' } = {}) {
  const bytes = typeof html === 'string' ? new TextEncoder().encode(html) : html
  return discoverFeeds({ bytes, contentType, url })
}

function addresses(html: string): string[] {
  return find(html).candidates.map(({ url }) => url)
}

describe('the feeds a page declares', () => {
  const declared = [
    { name: 'RSS', type: 'application/rss+xml', format: 'RSS' },
    { name: 'Atom, in capitals, with a charset', type: 'Application/Atom+XML; charset=utf-8', format: 'Atom' },
    { name: 'JSON Feed', type: 'application/feed+json', format: 'JSON Feed' },
    { name: 'RDF', type: 'application/rdf+xml', format: 'RSS' },
    { name: 'a wrong type of RSS', type: 'text/rss', format: 'RSS' },
    { name: 'another', type: 'text/rss+xml', format: 'RSS' },
    { name: 'one that was never registered', type: 'application/x-rss+xml', format: 'RSS' },
    { name: 'a wrong type of Atom', type: 'application/atom', format: 'Atom' },
    { name: 'the type of a page with an address of a feed', type: 'text/html', format: null },
    { name: 'XML with an address of a feed', type: 'text/xml', format: null },
    { name: 'no type with an address of a feed', type: '', format: null },
  ]
  for (const { name, type, format } of declared) {
    test(`${name} is found, its address absolute, its title plain`, () => {
      const html = `<html><head><link rel="alternate" type="${type}" title="News &amp; more" href="../feed.xml#top"></head>`

      expect(find(html).candidates).toEqual([{ url: 'https://news.example/feed.xml', title: 'News & more', format }])
    })
  }

  test.each(['', ' rel="alternative"', ' rel="rss"', ' rel="self"'])(
    'one is meant where its type says so: rel is "%s"',
    (rel) => {
      expect(addresses(`<html><head><link${rel} type="application/rss+xml" href="/n.php"></head>`)).toEqual([
        'https://news.example/n.php',
      ])
    },
  )

  const ignored = [
    { name: 'a place to post to', link: '<link rel="service.post" type="application/atom+xml" href="/feed">' },
    { name: 'another language', link: '<link rel="alternate" hreflang="de" href="/de/">' },
    { name: 'another language of a page about feed', link: '<link rel="alternate" hreflang="de" href="/feed-mills/">' },
    { name: 'a style sheet', link: '<link rel="alternate stylesheet" title="feed" type="text/css" href="/feed.css">' },
    { name: 'an API', link: '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/feed/1">' },
    { name: 'oEmbed', link: '<link rel="alternate" type="text/xml+oembed" href="/oembed?url=feed">' },
    { name: 'an app', link: '<link rel="alternate" href="android-app://com.example/feed">' },
    { name: 'no relation', link: '<link rel="canonical" type="application/rss+xml" href="/feed">' },
    { name: 'no address', link: '<link rel="alternate" type="application/rss+xml" href="javascript:feed()">' },
    { name: 'a comment', link: '<!-- <link rel="alternate" type="application/rss+xml" href="/feed"> -->' },
    { name: 'a script', link: `<script>'<link rel="alternate" type="application/rss+xml" href="/feed">'</script>` },
  ]
  for (const { name, link } of ignored) {
    test(`${name} is no feed`, () => {
      expect(addresses(`<html><head>${link}</head>`)).toEqual([])
    })
  }

  test('each is there once, in the order of the page, those of comments last', () => {
    const link = (href: string, title = '') =>
      `<link href='${href}' rel=alternate type=application/rss+xml title='${title}'>`

    expect(addresses(link('/comments/feed/') + link('/feed/') + link('/feed/#x') + link('/b.atom', 'B'))).toEqual([
      'https://news.example/feed/',
      'https://news.example/b.atom',
      'https://news.example/comments/feed/',
    ])
  })

  test.each([
    'Comments Feed',
    'Kommentar-Feed',
    'Flux des commentaires',
    'RSS de los comentarios',
    'Лента комментариев',
    'Komentáře',
    'Commenti',
    'Reacties',
    'コメント',
    '댓글',
    '留言',
    '评论',
  ])('whatever the language calls them: %s', (title) => {
    const html = `<link rel=alternate type=application/rss+xml title="${title}" href=/c><link rel=alternate type=application/rss+xml href=/n>`

    expect(addresses(html)).toEqual(['https://news.example/n', 'https://news.example/c'])
  })

  test.each(['https://news.example/sport/', 'https://news.example/sport'])(
    'to who asks for a section its own goes before the whole site’s: %s',
    (url) => {
      const html = ['/feed/', '/comments/feed/', '/sport/feed/'].map(
        (href) => `<link rel=alternate type=application/rss+xml href="${href}">`,
      )

      expect(find(html.join(''), { url }).candidates.map((candidate) => candidate.url)).toEqual([
        'https://news.example/sport/feed/',
        'https://news.example/feed/',
        'https://news.example/comments/feed/',
      ])
    },
  )

  test('an encyclopedia’s own are some, though its articles are none', () => {
    const url = 'https://en.wikipedia.org/w/index.php?title=Special:RecentChanges&feed=atom'
    const declared = `<link rel="alternate" type="application/atom+xml" href="${url.replace('&', '&amp;')}">`

    expect(addresses(`${declared}<a href="https://en.wikipedia.org/wiki/Web_feed">Feed</a>`)).toEqual([url])
  })

  test('an alternate in XML is one, whatever it and its address are called', () => {
    expect(addresses('<link rel="alternate" type="text/xml" title="News" href="/backend.php">')).toEqual([
      'https://news.example/backend.php',
    ])
  })

  test('what the header of its answer declares counts likewise, relative to the page itself', () => {
    const alternates = [
      { href: 'feed', type: 'application/rss+xml', title: 'News' },
      { href: '/wp-json/wp/v2/pages/2', type: 'application/json', title: 'JSON' },
    ]
    const bytes = new TextEncoder().encode('<html><head><base href="/other/"></head><body><a href="/rss">RSS</a>')

    expect(discoverFeeds({ bytes, contentType: 'text/html', url: PAGE, alternates }).candidates).toEqual([
      { url: `${PAGE}feed`, title: 'News', format: 'RSS' },
    ])
  })

  test('the first base counts, and links may stand in the body and in the wildest markup', () => {
    const html =
      '<base href="//cdn.example/x/"><base href="/y/"><body><div <p><LINK REL = "Alternate"\nTYPE=application/rss+xml HREF=a.rss /></span>'

    expect(addresses(html)).toEqual(['https://cdn.example/x/a.rss'])
  })

  test('a title in GBK is read, declared by the page or guessed', () => {
    const html = (meta: string) =>
      iconv.encode(
        `<html><head>${meta}<title>国家统计局</title><link rel="alternate" type="application/rss+xml" title="最新发布：统计数据" href="/rss">`,
        'gbk',
      )

    expect(find(html('<meta charset="gb2312">')).candidates[0]?.title).toBe('最新发布：统计数据')
    expect(find(html(''), { contentType: 'text/html; charset=gbk' }).candidates[0]?.title).toBe('最新发布：统计数据')
  })

  test.each(['utf-8', 'ISO-8859-1'])(
    'a page is asked for its charset where its server says %s, as of everything',
    (charset) => {
      const html = iconv.encode(
        '<meta charset="gbk"><link rel="alternate" type="application/rss+xml" title="新闻" href="/rss">',
        'gbk',
      )

      expect(find(html, { contentType: `text/html; charset=${charset}` }).candidates[0]?.title).toBe('新闻')
    },
  )
})

describe('what there is to choose from', () => {
  const feed = (href: string, title: string, type = 'rss') =>
    `<link rel="alternate" type="application/${type}+xml" title="${title}" href="${href}">`
  test.each<[string, string[], string[]]>([
    ['two feeds', [feed('/a', 'News'), feed('/b', 'Sport')], ['/a', '/b']],
    ['no comments', [feed('/feed/', 'Site » Feed'), feed('/comments/feed/', 'Site » Comments Feed')], ['/feed/']],
    ['comments, where there is nothing else', [feed('/comments/feed/', 'Site » Comments Feed')], ['/comments/feed/']],
    ['no second format', [feed('/a.rss', 'Site (RSS 2.0)'), feed('/a.atom', 'Site (Atom)', 'atom')], ['/a.rss']],
    ['no second format without a name', [feed('/a.atom', '', 'atom'), feed('/a.rss', '')], ['/a.atom']],
    ['no second format that only its link is called', ['<a href="/r">RSS</a>', '<a href="/a">Atom</a>'], ['/r']],
    [
      'no other version of the same format',
      [feed('/2', 'Site RSS 2.0'), feed('/92', 'Site RSS .92'), feed('/1', 'Site RDF', 'rdf')],
      ['/2'],
    ],
    ['other feeds that are numbered', [feed('/1', 'RSS 1'), feed('/2', 'RSS 2')], ['/1', '/2']],
    ['no second format, whatever both are called', [feed('/a', 'RSS', 'atom'), feed('/b', 'RSS')], ['/a']],
    ['not what a feed is', ['<a href="/help">What is RSS?</a>', '<a href="/x">RSS</a>'], ['/x']],
    [
      'feeds, whatever their sections are called',
      ['<a href="/a.rss">News</a>', '<a href="/b.rss">How to</a>'],
      ['/a.rss', '/b.rss'],
    ],
    ['what a feed is, where there is nothing else', ['<a href="/help">About our RSS feeds</a>'], ['/help']],
    ['other feeds of the same name', [feed('/a.rss', 'RSS'), feed('/b.rss', 'RSS')], ['/a.rss', '/b.rss']],
    ['names in any script', [feed('/a', '新闻 RSS'), feed('/b', '公告 Atom', 'atom')], ['/a', '/b']],
  ])('is %s', (_, links, paths) => {
    const { candidates } = find(`<html><head>${links.join('')}</head><body>`)

    expect(rivalsOf(candidates).map(({ url }) => new URL(url).pathname)).toEqual(paths)
  })
})

describe('links that look like feeds', () => {
  const links = [
    {
      name: 'by the last part of the address',
      html: '<a href="/news/rss">News</a>',
      url: 'https://news.example/news/rss',
    },
    { name: 'by its ending', html: '<a href="all.atom">All</a>', url: `${PAGE}all.atom` },
    { name: 'by a parameter', html: '<a href="?feed=rss2&amp;x=1">Neu</a>', url: `${PAGE}?feed=rss2&x=1` },
    { name: 'by another parameter', html: '<a href="?type=atom">Neu</a>', url: `${PAGE}?type=atom` },
    { name: 'before one other word', html: '<a href="/rss-sport">Sport</a>', url: 'https://news.example/rss-sport' },
    {
      name: 'by a host with a number',
      html: '<a href="https://feeds2.example/x">x</a>',
      url: 'https://feeds2.example/x',
    },
    {
      name: 'in a link that is never closed',
      html: '<a href="/abo">RSS <a href="/about">About us</a>',
      url: 'https://news.example/abo',
    },
    {
      name: 'by an icon that is drawn',
      html: '<a href="/x"><svg class="icon-rss"></svg></a>',
      url: 'https://news.example/x',
    },
    { name: 'by its host', html: '<a href="https://feeds.example/wire">Wire</a>', url: 'https://feeds.example/wire' },
    { name: 'by its type', html: '<a type="application/rss+xml" href="/x">x</a>', url: 'https://news.example/x' },
    { name: 'by its scheme', html: '<a href="feed://a.example/x">x</a>', url: 'https://a.example/x' },
    { name: 'by both schemes', html: '<a href="feed:http://a.example/x">x</a>', url: 'http://a.example/x' },
    { name: 'by its text', html: '<a href="/abo">Our <b>RSS</b> service</a>', url: 'https://news.example/abo' },
    { name: 'by its text in Chinese', html: '<a href="/dy">订阅</a>', url: 'https://news.example/dy' },
    { name: 'beside one other word', html: '<a href="/news-feed">News</a>', url: 'https://news.example/news-feed' },
    {
      name: 'as a file',
      html: '<a href="/all-the-news-feed-1.xml">x</a>',
      url: `https://news.example/all-the-news-feed-1.xml`,
    },
    { name: 'by a sentence', html: '<a href="/abo">Subscribe to our RSS feed</a>', url: 'https://news.example/abo' },
    { name: 'by a scheme for podcasts', html: '<a href="itpc://a.example/x">x</a>', url: 'https://a.example/x' },
    { name: 'by its class', html: '<a class="icon-rss" href="/x"></a>', url: 'https://news.example/x' },
    { name: 'by an icon', html: '<a href="/x"><i class="fa fa-rss"></i></a>', url: 'https://news.example/x' },
    { name: 'by an icon for feeds', html: '<a href="/x"><i class="icon-feed"></i></a>', url: 'https://news.example/x' },
    {
      name: 'by a drawing with a name',
      html: '<a href="/x"><svg><title>RSS</title><path d="M0"/></svg></a>',
      url: 'https://news.example/x',
    },
    {
      name: 'by the file of its picture',
      html: '<a href="/x"><img src="/i/rss.png"></a>',
      url: 'https://news.example/x',
    },
    {
      name: 'by a part of a drawing',
      html: '<a href="/x"><svg><use xlink:href="/all.svg#rss"/></svg></a>',
      url: 'https://news.example/x',
    },
    {
      name: 'by what comes up over its text',
      html: '<a href="/x" title="RSS 2.0">Follow us</a>',
      url: 'https://news.example/x',
    },
    {
      name: 'by what is read out in place of its text',
      html: '<a href="/x" aria-label="RSS feed">Follow us</a>',
      url: 'https://news.example/x',
    },
    { name: 'by its picture', html: '<a href="/x"><img src=i.png alt="RSS"></a>', url: 'https://news.example/x' },
  ]
  for (const { name, html, url } of links) {
    test(`are found ${name}`, () => expect(addresses(`<html><body>${html}`)).toEqual([url]))
  }

  const x = 'https://news.example/x?a=1'
  test.each([
    `https://feedly.com/i/subscription/feed/${x}`,
    `https://feedly.com/i/subscription/feed%2F${encodeURIComponent(x)}`,
    `https://feedly.com/i/subscription/feed/feed%2F${encodeURIComponent(x)}`,
    `https://www.inoreader.com/?add_feed=${encodeURIComponent(x)}&amp;ref=1`,
    `https://www.newsblur.com/?url=${x}`,
    `http://add.my.yahoo.com/rss?url=${encodeURIComponent(x)}`,
  ])('are found by a button for a reader: %s', (href) => {
    expect(find(`<html><body><a href="${href}">Follow us</a>`).candidates).toEqual([
      { url: x, title: null, format: null },
    ])
  })

  test('a button says no more than the link beside it', () => {
    const button = '<a href="https://feedly.com/i/subscription/feed/https://news.example/rss">Feedly</a>'
    const link = '<a href="/rss">RSS</a>'

    expect(find(`<html><body>${button}${link}`).candidates).toMatchObject([{ title: 'RSS' }])
    expect(find(`<html><body>${link}${button}`).candidates).toMatchObject([{ title: 'RSS' }])
  })

  const others = [
    ['a button for the page itself', `<a href="https://feedly.com/i/subscription/feed/${PAGE}">RSS</a>`],
    ['a button that is torn', '<a href="https://feedly.com/i/subscription/feed/https%3A%2F%2Fa.test%E0%A4">RSS</a>'],
    ['a word that holds one', '<a href="/feedback">Seafood, atomic, feedback</a>'],
    ['a neighbour’s button', '<a href="https://feedly.com/i/subscription/feed/x">RSS</a>'],
    ['a reader of feeds', '<a href="https://www.inoreader.com/feed/x">RSS</a>'],
    ['what is said elsewhere', '<a href="https://x.com/name">Our feed</a>'],
    ['a headline of few letters', '<a href="/n/3">How a feed is to be cut</a>'],
    ['a picture', '<a href="/rss.png">RSS</a>'],
    ['a site map', '<a href="/sitemap.xml">XML</a>'],
    ['a letter', '<a href="mailto:rss@news.example">RSS</a>'],
    ['a headline about feed', '<a href="/n/cattle-feed-prices-rise">Cattle feed prices rise after the dry summer</a>'],
    ['a headline about subscriptions', '<a href="/n/2">关于做好2027年度党报党刊订阅工作的通知</a>'],
    ['an article about feeds', '<a href="https://en.wikipedia.org/wiki/RSS">RSS</a>'],
    ['a column of news', '<a class="feed" href="/n/1">Neues</a>'],
    ['the page itself', `<a href="#rss">RSS</a>`],
  ]
  for (const [name, html] of others) {
    test(`${name} is none`, () => expect(addresses(`<html><body>${html}`)).toEqual([]))
  }

  test('what is declared goes before what looks like it, and that before what is only called so', () => {
    const called = '<a href="/abo">RSS</a>'
    const looks = '<a href="/rss">Abo</a>'
    const declared = '<link rel=alternate type=application/atom+xml href=/d>'

    expect(addresses(called + looks + declared)).toEqual(['https://news.example/d'])
    expect(addresses(called + looks)).toEqual(['https://news.example/rss'])
    expect(find(called + looks + declared).further.map(({ url }) => url)).toEqual([
      'https://news.example/rss',
      'https://news.example/abo',
    ])
    expect(find(called + looks).onlyCalled).toBe(false)
    expect(find(`<html>${called}`).onlyCalled).toBe(true)
    expect(find(looks).candidates[0]).toMatchObject({ title: 'Abo', format: null })
  })

  test('the one that is also called so goes first, beside however many feeds of tags', () => {
    const tags = Array.from({ length: 30 }, (_, number) => `<a href="/tag/${number}/feed/">#${number}</a>`)
    const { candidates } = find(`<html><body>${tags.join('')}<footer><a href="/feed/">RSS</a></footer>`)

    expect(candidates).toHaveLength(20)
    expect(candidates.slice(0, 2).map(({ url }) => url)).toEqual([
      'https://news.example/feed/',
      'https://news.example/tag/0/feed/',
    ])
  })

  test('one that is linked by its name and by an icon is offered by its name', () => {
    const html = '<a href="/a.xml?format=rss">Harbour</a><a href="/a.xml?format=rss"><img src=i.png alt="RSS"></a>'

    expect(find(`<html><body>${html}`).candidates).toMatchObject([{ title: 'Harbour' }])
  })
})

describe('the other name of a page (canonical)', () => {
  const canonical = `<link rel="canonical" href="https://www.youtube.com/channel/UC${'x'.repeat(22)}">`
  const feed = `https://www.youtube.com/feeds/videos.xml?channel_id=UC${'x'.repeat(22)}`

  test('leads to the feed where that is known by it: a handle is a channel with a number', () => {
    expect(
      find(`<html>${canonical}<a href="/rss">RSS</a>`, { url: 'https://www.youtube.com/@name' }).candidates,
    ).toEqual([{ url: feed, title: null, format: null }])
  })

  test('counts less than a feed that is declared, and nothing where it is any other page', () => {
    const declared = '<link rel=alternate type=application/atom+xml href=/d>'

    expect(addresses(canonical + declared)).toEqual(['https://news.example/d'])
    expect(addresses('<html><link rel="canonical" href="https://news.example/section">')).toEqual([])
  })
})

describe('where the news of a site is', () => {
  test.each([
    ['its blog', '<a href="/news">News</a><a href="/blog">Our Blog</a>', 'https://news.example/blog'],
    ['its news', '<a href="/n"><span>新闻中心</span></a>', 'https://news.example/n'],
    ['the first that is called so', '<a href="/a">Blog</a><a href="/b">Blog</a>', 'https://news.example/a'],
    ['a host of its own', '<a href="https://blog.news.example/">Blog</a>', 'https://blog.news.example/'],
    ['nowhere', '<a href="/x">News from the harbour</a>', null],
    ['not at a stranger’s', '<a href="https://other.example/blog">Blog</a>', null],
    ['not where we are', `<a href="${PAGE}#top">News</a>`, null],
  ])('is %s', (_, html, url) => {
    expect(find(`<html><body>${html}`).news).toBe(url)
  })
})

test('a page is told from what is none, and names what made it', () => {
  expect(find('<!doctype html><meta name=generator content="Hugo 0.120"><p>Hi')).toMatchObject({
    isPage: true,
    generator: 'Hugo 0.120',
  })
  expect(find('Hello')).toMatchObject({ isPage: false })
  expect(find('<?xml version="1.0"?><opml version="2.0"><head><title/></head><body/></opml>')).toEqual({
    isPage: false,
    candidates: [],
    further: [],
    onlyCalled: false,
    generator: null,
    onward: null,
    news: null,
  })
})

test.each([
  ['0; url=/en/', 'https://news.example/en/'],
  ["0;URL='en/index.html'", 'https://news.example/section/en/index.html'],
  ['3, url=https://other.example/', 'https://other.example/'],
  ['300; url=/en/', null],
  ['0', null],
  ['0; url=javascript:alert(1)', null],
])('a page that says "refresh: %s" leads on to %s', (content, onward) => {
  expect(find(`<html><meta http-equiv="refresh" content="${content}"><p>Hi`).onward).toBe(onward)
})

test('HTML inside of JSON is no page', () => {
  const json = JSON.stringify({ html: '<p><a href=/rss>RSS</a></p>' })

  expect(find(json, { contentType: 'application/json' })).toMatchObject({ isPage: false, candidates: [] })
})

describe('hostile pages', () => {
  const MB = 1_048_576
  const repeat = (piece: (i: number) => string, bytes: number) => {
    let html = '<html>'
    const pieces: string[] = []
    for (let i = 0; html.length < bytes; i++) {
      pieces.push(piece(i))
      if (i % 1_000 === 999) html += pieces.splice(0).join('')
    }
    return html
  }
  const pages = [
    {
      name: '100,000 alternates',
      html: repeat((i) => `<link rel=alternate type=application/rss+xml href=/f${i}>`, 6 * MB),
      most: 20,
    },
    {
      name: 'the same alternate, for ever',
      html: repeat(() => '<link rel=alternate type=text/rss href=/f>', 10 * MB),
      most: 1,
    },
    { name: 'empty links', html: repeat(() => '<link>', 10 * MB), most: 0 },
    { name: 'anchors that never end', html: repeat((i) => `<a href=/rss/${i}>`, 10 * MB), most: 20 },
    { name: 'links to pictures of feeds', html: repeat((i) => `<a href=/rss${i}.png>rss</a>`, 10 * MB), most: 0 },
    {
      name: 'deep nesting, closed in the wrong order',
      html: repeat((i) => (i < 300_000 ? '<b>' : '</i>'), 10 * MB),
      most: 0,
    },
    { name: 'one tag without end', html: `<link rel=alternate ${repeat((i) => `a${i}=1 `, 10 * MB)}`, most: 0 },
    { name: 'one value without end', html: `<link rel=alternate href="${'/rss'.repeat(2.5 * MB)}`, most: 0 },
    { name: 'a comment without end', html: `<!--${'- '.repeat(5 * MB)}`, most: 0 },
    {
      name: 'as many anchors around markup as fit',
      html: repeat((i) => `<a href=/rss?${i}><b>x</a><!-- -->`, 10 * MB),
      most: 20,
    },
    { name: 'references', html: `<a href=/rss>${'&amp'.repeat(2 * MB)}</a>`, most: 1 },
  ]
  for (const { name, html, most } of pages) {
    test(`${name}: an end at once, with at most ${most}`, () => {
      const bytes = new TextEncoder().encode(html)
      const start = process.cpuUsage()
      expect(discoverFeeds({ bytes, contentType: 'text/html', url: PAGE }).candidates).toHaveLength(most)
      expect(process.cpuUsage(start).user / 1_000).toBeLessThan(2_000)
    })
  }
})

describe('customary paths', () => {
  test('six at most, at the root', () => {
    expect(wellKnownPaths('https://news.example/?x=1')).toEqual([
      'https://news.example/feed',
      'https://news.example/rss.xml',
      'https://news.example/feed.xml',
      'https://news.example/rss',
      'https://news.example/atom.xml',
      'https://news.example/index.xml',
    ])
  })

  test('a page further in is asked beside it too, and what made it knows best', () => {
    expect(wellKnownPaths('https://a.example/blog/index.html', 'Hugo 0.1')).toEqual([
      'https://a.example/blog/index.xml',
      'https://a.example/index.xml',
      'https://a.example/blog/feed',
      'https://a.example/feed',
      'https://a.example/blog/rss.xml',
      'https://a.example/rss.xml',
    ])
  })
})
