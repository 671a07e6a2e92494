import { describe, expect, test } from 'vitest'
import { readAccess } from '../../../src/actions/access.ts'
import { getSource } from '../../../src/actions/get-source.ts'
import { exportOpml, importOpml } from '../../../src/actions/sources/opml.ts'
import { addSource, changeSource, newestDate } from '../../../src/actions/sources/subscribe.ts'
import { describeError } from '../../../src/errors.ts'
import type { Access } from '../../../src/model.ts'
import { readPage } from '../../../src/page/read-page.ts'
import type { Fetched, FreshDocument } from '../../../src/ports.ts'
import { readDocument as readBytes } from '../../../src/source/parse.ts'
import { failed, fresh, testActions } from '../../support/actions.ts'
import { readItem } from '../../support/items.ts'
import { newsPage } from '../../support/news-page.ts'
import { NOW } from '../../support/store.ts'

const SITE = 'https://news.example/'

/** Actions on a web of these documents by address; what is not there answers 404. Keeps what was asked. */
async function web(documents: Record<string, string | Fetched>) {
  const asked: string[] = []
  /** What went along, by address. */
  const sent: Record<string, Access | null | undefined> = {}
  const ctx = await testActions({
    async fetch({ url, access }) {
      asked.push(url)
      sent[url] = access
      const document = documents[url]
      if (document === undefined) return failed({ status: 404, detail: 'The server answered 404 Not Found.' })
      if (typeof document !== 'string') return document
      const contentType = document.startsWith('<?xml') ? 'application/xml' : 'text/html'
      // It comes without the name and password of the request.
      const plain = url.replace(/\/\/[^/@]*@/, '//')
      // A Buffer, as the fetcher gives it: its `slice` shares memory.
      const bytes = Buffer.from(new TextEncoder().encode(document).slice().buffer)
      return fresh({ url: plain, contentType, bytes, bodyHash: document })
    },
    // The pool moves the bytes into its thread.
    async parse(document) {
      const bytes = structuredClone(document.bytes, { transfer: [document.bytes.buffer as ArrayBuffer] })
      const moved = { ...document, bytes }
      return moved.page ? readPage(moved, moved.page.rules) : readBytes(moved)
    },
  })
  return { ctx, asked, sent }
}

function feed(title: string): string {
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>${title}</title><link>${SITE}</link><description/><item><guid>1</guid><title>One</title></item></channel></rss>`
}

function page(...links: string[]): string {
  return `<!doctype html><html><head><title>News</title>${links.join('')}</head><body><p>Hello</p></body></html>`
}

function declares(href: string, title = ''): string {
  return `<link rel="alternate" type="application/rss+xml" title="${title}" href="${href}">`
}

describe('a source is added', () => {
  test('from a host without a dot where its address is written out, but not from a word alone', async () => {
    const { ctx } = await web({ 'http://bridge:1200/feed': feed('Wire') })

    expect(await addSource(ctx, { url: 'http://bridge:1200/feed' })).toMatchObject({ kind: 'added' })
    await expect(addSource(ctx, { url: 'bridge' })).rejects.toThrow('"bridge" is not a web address.')
  })

  test.each([
    'feed://news.example/feed',
    'feed:https://news.example/feed',
    'FEED:https://news.example/feed',
    'itpc://news.example/feed',
  ])('from %s, as buttons for readers have it', async (url) => {
    const { ctx } = await web({ [`${SITE}feed`]: feed('Wire') })

    expect(await addSource(ctx, { url })).toMatchObject({ kind: 'added', source: { url: `${SITE}feed` } })
  })

  test.each([
    '<https://news.example/feed>',
    '"https://news.example/feed"',
    ' < feed:https://news.example/feed > ',
    '\u200bhttps://news.example/feed#top',
  ])('from %s, as other texts have it', async (url) => {
    const { ctx } = await web({ [`${SITE}feed`]: feed('Wire') })

    expect(await addSource(ctx, { url })).toMatchObject({ kind: 'added', source: { url: `${SITE}feed` } })
  })

  test('but not from the address of a mailbox', async () => {
    const { ctx, asked } = await web({})

    await expect(addSource(ctx, { url: 'mailto:a@b.example' })).rejects.toThrow('is not a web address.')
    expect(asked).toEqual([])
  })

  test('from its own address with one request, and what it holds is stored quietly', async () => {
    const { ctx, asked } = await web({ [`${SITE}feed`]: feed('Wire') })

    const added = await addSource(ctx, { url: `${SITE}feed`, tags: ['a'] })

    expect(added).toMatchObject({ kind: 'added', source: { url: `${SITE}feed`, title: 'Wire', tags: ['a'] } })
    expect(asked).toEqual([`${SITE}feed`])
    expect((await ctx.store.listItems({ limit: 5, now: NOW })).items).toHaveLength(1)
    expect(await addSource(ctx, { url: 'news.example/feed' })).toMatchObject({ kind: 'present', source: { id: 1 } })
    expect(asked).toHaveLength(1)
  })

  test('from the page that declares it, with one request more', async () => {
    const { ctx, asked } = await web({ [SITE]: page(declares('feed')), [`${SITE}feed`]: feed('Wire') })

    expect(await addSource(ctx, { url: 'news.example' })).toMatchObject({
      kind: 'added',
      source: { url: `${SITE}feed`, title: 'Wire' },
    })
    expect(asked).toEqual([SITE, `${SITE}feed`])

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'present', source: { id: 1 } })
    expect(asked).toEqual([SITE, `${SITE}feed`, SITE])
  })

  test('from the header of a page that declares it there, likewise', async () => {
    const alternates = [{ href: 'feed', type: 'application/rss+xml', title: '' }]
    const bytes = new TextEncoder().encode(page())
    const { ctx, asked } = await web({
      [SITE]: fresh({ url: SITE, contentType: 'text/html', bytes, alternates }),
      [`${SITE}feed`]: feed('Wire'),
    })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { url: `${SITE}feed` } })
    expect(asked).toEqual([SITE, `${SITE}feed`])
  })

  test('but not a second time from an address that has moved to it for good', async () => {
    const there = `${SITE}feed`
    const bytes = new TextEncoder().encode(feed('Wire'))
    const moved = (url: string, given: Partial<FreshDocument>) => fresh({ url, bytes: bytes.slice(), ...given })
    const { ctx } = await web({
      [there]: feed('Wire'),
      [`${SITE}rss`]: moved(there, { movedTo: there }),
      // For now only.
      [`${SITE}today`]: moved(there, {}),
      [`${SITE}old`]: moved(`${SITE}new`, { movedTo: `${SITE}new` }),
    })
    await addSource(ctx, { url: there })

    expect(await addSource(ctx, { url: `${SITE}rss` })).toMatchObject({ kind: 'present', source: { url: there } })
    expect(await addSource(ctx, { url: `${SITE}today` })).toMatchObject({ kind: 'added' })
    expect(await addSource(ctx, { url: `${SITE}old` })).toMatchObject({ kind: 'added', source: { url: `${SITE}old` } })
  })

  test.each([
    ['says until when', { reason: 'throttled', status: 429, retryAfterMs: 3_600_000 }, 'Why. Try again in 60 min.'],
    ['does not say until when', { reason: 'throttled', status: 429 }, 'Why. Try again later.'],
    ['fails by itself', { status: 502 }, 'Why. Try again later.'],
    ['is slow', { reason: 'timeout', status: null }, 'Why. Try again later.'],
    ['keeps us out', { reason: 'blocked', status: 503 }, 'Why.'],
    ['knows nothing of it', { status: 404 }, 'Why.'],
    ['is nobody', { reason: 'dns', status: null }, 'Why.'],
  ] as const)('but not from a host that %s, and when to try again is said', async (_, given, said) => {
    const { ctx } = await web({ [SITE]: failed({ detail: 'Why.', ...given }) })

    expect(await addSource(ctx, { url: SITE }).catch(describeError)).toBe(said)
  })

  test('from a site whose feeds are known, with one request', async () => {
    const atom = 'https://github.com/owner/repo/releases.atom'
    const { ctx, asked } = await web({ [atom]: feed('Releases') })

    expect(await addSource(ctx, { url: 'https://github.com/owner/repo' })).toMatchObject({ source: { url: atom } })
    expect(asked).toEqual([atom])
    expect(await addSource(ctx, { url: 'https://github.com/owner/repo/' })).toMatchObject({ kind: 'present' })
    expect(asked).toEqual([atom])
  })

  const CHANNEL = `UC${'x'.repeat(22)}`
  const VIDEOS = `https://www.youtube.com/feeds/videos.xml?channel_id=${CHANNEL}`
  const sites: { name: string; given: string; feedAt: string; pages?: Record<string, string>; requests: number }[] = [
    { name: 'a channel', given: `youtube.com/channel/${CHANNEL}`, feedAt: VIDEOS, requests: 1 },
    {
      name: 'a handle, whose page declares the channel',
      given: 'https://www.youtube.com/@name',
      feedAt: VIDEOS,
      pages: { 'https://www.youtube.com/@name': page(declares(VIDEOS)) },
      requests: 2,
    },
    {
      name: 'a handle, whose page only says which channel it is',
      given: 'https://www.youtube.com/@name',
      feedAt: VIDEOS,
      pages: {
        'https://www.youtube.com/@name': page(
          `<link rel="canonical" href="https://www.youtube.com/channel/${CHANNEL}">`,
        ),
      },
      requests: 2,
    },
    {
      name: 'a user of old whose name is no more',
      given: 'https://www.youtube.com/user/name',
      feedAt: VIDEOS,
      pages: { 'https://www.youtube.com/user/name': page(declares(VIDEOS)) },
      requests: 3,
    },
    {
      name: 'a subreddit',
      given: 'old.reddit.com/r/rss',
      feedAt: 'https://www.reddit.com/r/rss/.rss',
      requests: 1,
    },
    {
      name: 'a profile of the fediverse',
      given: 'social.example/@name',
      feedAt: 'https://social.example/@name.rss',
      requests: 1,
    },
    {
      name: 'such a profile by its handle',
      given: '@name@social.example',
      feedAt: 'https://social.example/@name.rss',
      requests: 1,
    },
    {
      name: 'a podcast, by the directory that names its feed',
      given: 'https://podcasts.apple.com/us/podcast/the-show/id42?i=1000',
      feedAt: 'https://show.example/rss',
      pages: {
        'https://itunes.apple.com/lookup?entity=podcast&id=42':
          '{"resultCount":1,"results":[{"feedUrl":"https://show.example/rss"}]}',
      },
      requests: 2,
    },
    {
      name: 'a package',
      given: 'https://pypi.org/project/name/',
      feedAt: 'https://pypi.org/rss/project/name/releases.xml',
      requests: 1,
    },
  ]
  for (const { name, given, feedAt, pages, requests } of sites) {
    test(`from ${name}, with ${requests} ${requests === 1 ? 'request' : 'requests'}`, async () => {
      const { ctx, asked } = await web({ ...pages, [feedAt]: feed('Wire') })

      expect(await addSource(ctx, { url: given })).toMatchObject({ kind: 'added', source: { url: feedAt } })
      expect(asked).toHaveLength(requests)
    })
  }

  test('from a profile that is not where such profiles are kept, by its page', async () => {
    const profile = 'https://social.example/@name'
    const { ctx, asked } = await web({
      [profile]: page(declares('/users/name.atom')),
      'https://social.example/users/name.atom': feed('Name'),
    })

    expect(await addSource(ctx, { url: profile })).toMatchObject({ kind: 'added', source: { title: 'Name' } })
    expect(asked).toEqual([`${profile}.rss`, profile, 'https://social.example/users/name.atom'])
  })

  test('from a profile whose host answers a page where feeds of such profiles are kept, likewise', async () => {
    const profile = 'https://social.example/@name'
    const { ctx } = await web({
      [`${profile}.rss`]: page(),
      [profile]: page(declares('/users/name.atom')),
      'https://social.example/users/name.atom': feed('Name'),
    })

    expect(await addSource(ctx, { url: profile })).toMatchObject({ kind: 'added', source: { title: 'Name' } })
  })

  test('from the page that a front page leads on to by itself, with one request more', async () => {
    const { ctx, asked } = await web({
      [SITE]: page('<meta http-equiv="Refresh" content="0; URL=/en/">'),
      [`${SITE}en/`]: page(declares('feed.xml')),
      [`${SITE}en/feed.xml`]: feed('Wire'),
    })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { url: `${SITE}en/feed.xml` } })
    expect(asked).toEqual([SITE, `${SITE}en/`, `${SITE}en/feed.xml`])
  })

  test('but not in circles, nor from where a page only comes anew after a while', async () => {
    const circle = await web({
      [SITE]: page('<meta http-equiv="refresh" content="0;url=/a">'),
      [`${SITE}a`]: page('<meta http-equiv="refresh" content="0;url=/">'),
    })
    const anew = await web({ [SITE]: page('<meta http-equiv="refresh" content="300; url=/en/">') })

    await expect(addSource(circle.ctx, { url: SITE })).rejects.toThrow(/names none/)
    expect(circle.asked.slice(0, 4)).toEqual([SITE, `${SITE}a`, SITE, `${SITE}feed`])
    await expect(addSource(anew.ctx, { url: SITE })).rejects.toThrow(/names none/)
    expect(anew.asked).not.toContain(`${SITE}en/`)
  })

  test('from a customary path when the page names none, the first that is a feed', async () => {
    const { ctx, asked } = await web({
      [SITE]: page(),
      [`${SITE}feed`]: page('<p>'),
      [`${SITE}feed.xml`]: feed('Wire'),
    })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { url: `${SITE}feed.xml` } })
    expect(asked).toEqual([SITE, `${SITE}feed`, `${SITE}rss.xml`, `${SITE}feed.xml`])
  })

  test('from a page that declares its comments beside it, as WordPress does, and those only where the news is gone', async () => {
    const pages = {
      [SITE]: page(declares('/feed/', 'Site » Feed'), declares('/comments/feed/', 'Site » Comments Feed')),
      [`${SITE}comments/feed/`]: feed('Comments'),
    }
    const [whole, half] = [await web({ ...pages, [`${SITE}feed/`]: feed('News') }), await web(pages)]

    expect(await addSource(whole.ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { title: 'News' } })
    expect(whole.asked).toEqual([SITE, `${SITE}feed/`])
    expect(await addSource(half.ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { title: 'Comments' } })
  })

  test('from a customary path, where an article declares nothing but its own comments', async () => {
    const article = `${SITE}2026/harbour/`
    const pages = {
      [article]: page(declares(`${article}feed/`, 'Comments on: Harbour')),
      [`${article}feed/`]: feed('Comments'),
      [`${article}feed`]: feed('Comments'),
    }
    const [whole, half] = [await web({ ...pages, [`${SITE}feed`]: feed('News') }), await web(pages)]

    expect(await addSource(whole.ctx, { url: article })).toMatchObject({ kind: 'added', source: { title: 'News' } })
    expect(whole.asked).toEqual([article, `${SITE}feed`])
    expect(await addSource(half.ctx, { url: article })).toMatchObject({ kind: 'added', source: { title: 'Comments' } })
    expect(half.asked.at(-1)).toBe(`${article}feed/`)
  })

  test('from its blog, where a front page has neither a feed nor anything to watch', async () => {
    const { ctx, asked } = await web({
      [SITE]: page('<body><a href="/blog/">Blog</a>'),
      [`${SITE}blog/`]: page(declares('/blog/index.xml')),
      [`${SITE}blog/index.xml`]: feed('Blog'),
    })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { title: 'Blog' } })
    expect(asked).toHaveLength(9)
    expect(asked.slice(-2)).toEqual([`${SITE}blog/`, `${SITE}blog/index.xml`])
  })

  test('from a link of the page, when what its template declares is gone', async () => {
    const { ctx, asked } = await web({
      [SITE]: page(`${declares('/gone')}<a href="/live.xml">RSS</a>`),
      [`${SITE}live.xml`]: feed('Live'),
    })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { url: `${SITE}live.xml` } })
    expect(asked).toEqual([SITE, `${SITE}gone`, `${SITE}live.xml`])
  })

  test('from a list of feeds that a link of the page leads to, when it has one', async () => {
    const { ctx } = await web({
      [SITE]: page('<a href="/abo">RSS</a>'),
      [`${SITE}abo`]: page('<a href="/all.rss">All</a>'),
      [`${SITE}all.rss`]: feed('All'),
    })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { url: `${SITE}all.rss` } })
  })

  test.each([
    ['has none', {}],
    [
      'only leads on to one more page',
      { [`${SITE}abo`]: page('<a href="/more">RSS</a>'), [`${SITE}more`]: page('<p>') },
    ],
  ])('from a customary path, where the list that a link leads to %s', async (_, pages) => {
    const { ctx } = await web({
      [SITE]: page('<a href="/abo">RSS</a>'),
      [`${SITE}abo`]: page('<h1>Subscribe</h1>'),
      ...pages,
      [`${SITE}feed`]: feed('Wire'),
    })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { url: `${SITE}feed` } })
  })

  test('behind a password, which goes on to its own origin only', async () => {
    const url = 'https://me:secret@news.example/'
    const login = { headers: { authorization: `Basic ${btoa('me:secret')}` }, proxy: null }
    const { ctx, sent } = await web({ [SITE]: page(declares('/feed')), [`${SITE}feed`]: feed('Mine') })

    const added = await addSource(ctx, { url })
    expect(added).toMatchObject({ kind: 'added', source: { title: 'Mine', url: `${SITE}feed`, access: login } })
    expect(sent).toEqual({ [SITE]: login, [`${SITE}feed`]: login })

    const other = await web({ [SITE]: page(declares('https://other.example/feed')) })
    await expect(addSource(other.ctx, { url })).rejects.toThrow(/^(?!.*secret)/)
    expect(other.sent['https://other.example/feed']).toBeNull()
  })
})

test.each([
  ['none without items', [], null],
  ['none without dates', [{ publishedAt: null, updatedAt: null }], null],
  ['one that was only updated', [{ publishedAt: null, updatedAt: 7 }, { publishedAt: 5 }], 7],
  ['what was published, whatever was updated since', [{ publishedAt: 3, updatedAt: 9 }, { publishedAt: 5 }], 5],
])('the newest date of a document is %s', (_, items, newest) => {
  expect(newestDate({ items: items.map((item) => readItem(item)) })).toBe(newest)
})

describe('several feeds are a choice', () => {
  test('with no more requests, and nothing added', async () => {
    const { ctx, asked } = await web({ [SITE]: page(declares('/a', 'A'), declares('/b', 'B')) })

    expect(await addSource(ctx, { url: SITE })).toEqual({
      kind: 'choose',
      page: SITE,
      candidates: [
        { url: `${SITE}a`, title: 'A', format: 'RSS', readAs: null },
        { url: `${SITE}b`, title: 'B', format: 'RSS', readAs: null },
      ],
    })
    expect(asked).toEqual([SITE])
    expect(await ctx.store.listSources()).toEqual([])
  })

  test('and what is read already says so, where the login goes on to it too', async () => {
    const { ctx } = await web({ [SITE]: page(declares('/a', 'A'), declares('/b', 'B')), [`${SITE}b`]: feed('B') })
    await addSource(ctx, { url: `${SITE}b` })

    for (const url of [SITE, SITE.replace('//', '//me:secret@')]) {
      expect(await addSource(ctx, { url })).toMatchObject({ candidates: [{ readAs: null }, { readAs: 1 }] })
    }
  })

  describe('where they are only called feeds', () => {
    const links = ['<a href="/1">Feed one</a>', '<a href="/2">Feed two</a>']

    test('a feed at a customary path goes before them', async () => {
      const { ctx } = await web({ [SITE]: page(...links), [`${SITE}feed`]: feed('Wire') })

      expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { url: `${SITE}feed` } })
    })

    test('so do the entries of the page', async () => {
      const { ctx } = await web({ [SITE]: newsPage().replace('<body>', `<body>${links.join('')}`) })

      expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'page' })
    })

    test('they are what there is to choose from where there is nothing else', async () => {
      const { ctx } = await web({ [SITE]: page(...links) })

      expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'choose', candidates: [{}, {}] })
    })
  })

  test('on the list that a link of the page leads to as well', async () => {
    const { ctx, asked } = await web({
      [SITE]: page('<a href="/abo">订阅</a>'),
      [`${SITE}abo`]: page('<a href="/a.rss">A</a><a href="/b.rss">B</a>'),
    })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'choose', page: `${SITE}abo` })
    expect(asked).toHaveLength(2)
  })
})

describe('a page without a feed', () => {
  test('is shown as it would be watched, after the same seven requests, and nothing is added', async () => {
    const { ctx, asked } = await web({ [SITE]: newsPage() })

    const found = await addSource(ctx, { url: SITE })

    expect(found).toMatchObject({
      kind: 'page',
      page: SITE,
      document: { format: 'page', page: { auto: true }, items: { length: 6 } },
    })
    const guessed = ['feed', 'rss.xml', 'feed.xml', 'rss', 'atom.xml', 'index.xml'].map((path) => SITE + path)
    expect(asked).toEqual([SITE, ...guessed])
    expect(await ctx.store.listSources()).toEqual([])
  })

  /** As Telegram shows posts; each with links to other sites among its words. */
  const channel = (...posts: [number: number, html: string][]) =>
    page(
      `<body>${posts
        .map(
          ([number, html]) => `<div class="tgme_widget_message_wrap"><div class="tgme_widget_message">
<a class="tgme_widget_message_owner_name" href="https://t.me/harbour"><span>Harbour office</span></a>
<div class="tgme_widget_message_text">${html}</div><div class="tgme_widget_message_info"><span>1.2K views</span>
<a class="tgme_widget_message_date" href="https://t.me/harbour/${number}"><time datetime="2026-11-25T08:0${number}:00+00:00">08:0${number}</time></a></div></div></div>`,
        )
        .join('\n')}`,
    )

  test('is that of a channel of Telegram, with one request, each post at its own address', async () => {
    const posts = channel(
      [1, 'Storm warning for the outer harbour<br>Ferries stop at noon.'],
      [2, 'Dredging ends a week early. <a href="https://port.example/dredge">Read the whole notice</a>'],
    )
    const { ctx, asked } = await web({ 'https://t.me/s/harbour': posts })

    const found = await addSource(ctx, { url: 'https://t.me/harbour/42' })
    expect(found).toMatchObject({ kind: 'page', page: 'https://t.me/s/harbour' })
    const items = [
      { url: 'https://t.me/harbour/1', title: 'Storm warning for the outer harbour Ferries stop at noon.' },
      { url: 'https://t.me/harbour/2', title: 'Dredging ends a week early. Read the whole notice' },
    ].map((item, index) => ({ ...item, publishedAt: Date.parse(`2026-11-25T08:0${index + 1}:00Z`) }))
    expect(found).toMatchObject({ document: { items } })
    expect(asked).toEqual(['https://t.me/s/harbour'])

    await addSource(ctx, { url: 'https://t.me/s/harbour', page: { rules: null } })
    expect((await ctx.store.listItems({ limit: 9, now: NOW })).items).toHaveLength(2)
  })

  test('is none where a channel shows no posts, and that is said', async () => {
    const { ctx, asked } = await web({ 'https://t.me/s/harbour': page('<h1>Harbour</h1>') })

    await expect(addSource(ctx, { url: 't.me/harbour' })).rejects.toThrow('https://t.me/s/harbour shows no posts')
    expect(asked).toHaveLength(1)
  })

  test('of a channel that is watched already is there', async () => {
    const { ctx } = await web({ 'https://t.me/s/harbour': channel([1, 'Storm warning']) })
    await addSource(ctx, { url: 'https://t.me/s/harbour', page: { rules: null } })

    expect(await addSource(ctx, { url: 'https://t.me/harbour' })).toMatchObject({ kind: 'present' })
  })

  test('is the one that a front page calls its news, where it has nothing to watch itself', async () => {
    const { ctx } = await web({ [SITE]: page('<body><a href="/news/">News</a>'), [`${SITE}news/`]: newsPage() })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'page', page: `${SITE}news/` })
  })

  test('is itself where it has something to watch, whatever it calls its blog', async () => {
    const { ctx, asked } = await web({
      [SITE]: newsPage().replace('<body>', '<body><a href="/blog/">Blog</a>'),
      [`${SITE}blog/`]: feed('Blog'),
    })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'page', page: SITE })
    expect(asked).not.toContain(`${SITE}blog/`)
  })

  test('whose blog does not answer is refused in its own words', async () => {
    const { ctx } = await web({
      [SITE]: page('<body><a href="/blog/">Blog</a>'),
      [`${SITE}blog/`]: failed({ reason: 'timeout', detail: 'blog: no answer.' }),
    })

    await expect(addSource(ctx, { url: SITE })).rejects.toThrow(`${SITE} is a web page, not a feed`)
  })

  test('is the one that a front page leads on to, and is wished by its address', async () => {
    const { ctx } = await web({
      [SITE]: page('<meta http-equiv="refresh" content="0;url=index.html">'),
      [`${SITE}index.html`]: newsPage(),
    })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'page', page: `${SITE}index.html` })
  })

  test('wished as a page is watched, with one request, and what it holds is stored quietly', async () => {
    const { ctx, asked } = await web({ [SITE]: newsPage() })

    const added = await addSource(ctx, { url: SITE, page: { rules: null }, fullText: true, tags: ['a'] })

    expect(added).toMatchObject({
      kind: 'added',
      source: { kind: 'page', url: SITE, pageRules: { auto: true }, fullText: true, tags: ['a'], baselineDue: false },
    })
    expect(asked).toEqual([SITE])
    const { items } = await ctx.store.listItems({ limit: 10, now: NOW })
    expect(items.map(({ url }) => url)).toContain(`${SITE}n/11.html`)
    expect(items).toHaveLength(6)
    expect(await addSource(ctx, { url: SITE, page: { rules: null } })).toMatchObject({ kind: 'present' })
  })

  test('where no list is found on it, the entries are asked for; where it has no links, they are not', async () => {
    const { ctx } = await web({
      [SITE]: page().replace('Hello', '<a href="/about">About us</a>'),
      [`${SITE}bare`]: page(),
    })
    const watch = (url: string) => addSource(ctx, { url, page: { rules: null } })

    await expect(watch(SITE)).rejects.toMatchObject({ advice: { kind: 'give', what: 'entry', url: SITE } })
    await expect(watch(`${SITE}bare`)).rejects.toMatchObject({ advice: null })
  })

  test('is watched as the rules say, which are kept as they were given', async () => {
    const { ctx } = await web({ [SITE]: newsPage() })
    const rules = { entry: 'ul.news > li', link: 'a', title: null, date: '.day', summary: null, auto: false }

    expect(await addSource(ctx, { url: SITE, page: { rules } })).toMatchObject({ source: { pageRules: rules } })
  })

  test('is watched also where it names a feed, when that is what was wished', async () => {
    const { ctx, asked } = await web({ [SITE]: newsPage({ head: declares('feed') }), [`${SITE}feed`]: feed('Wire') })

    expect(await addSource(ctx, { url: SITE, page: { rules: null } })).toMatchObject({
      source: { kind: 'page', url: SITE },
    })
    expect(asked).toEqual([SITE])
  })

  test('continues what was once a feed at that address, as a page', async () => {
    const { ctx } = await web({ [SITE]: feed('Wire') })
    await addSource(ctx, { url: SITE, access: readAccess({ headers: ['X-Key: 1'] }) })
    await changeSource(ctx, '1', { state: 'removed' })
    const now = await web({ [SITE]: newsPage() })

    const added = await addSource({ ...now.ctx, store: ctx.store }, { url: SITE, page: { rules: null } })

    expect(added).toMatchObject({
      kind: 'added',
      source: { id: 1, kind: 'page', pageRules: { auto: true }, access: null },
    })
  })

  test('is refused where the rules find nothing, or nothing can be found', async () => {
    const { ctx } = await web({ [SITE]: newsPage(), [`${SITE}empty`]: page(), [`${SITE}wire`]: feed('Wire') })
    const rules = { entry: 'article', link: null, title: null, date: null, summary: null, auto: false }

    await expect(addSource(ctx, { url: SITE, page: { rules } })).rejects.toMatchObject({
      code: 'unavailable',
      advice: { kind: 'give', what: 'entry', url: SITE },
    })
    await expect(addSource(ctx, { url: `${SITE}empty`, page: { rules: null } })).rejects.toMatchObject({
      code: 'unavailable',
    })
    await expect(addSource(ctx, { url: `${SITE}none`, page: { rules: null } })).rejects.toThrow('404')
    await expect(addSource(ctx, { url: `${SITE}wire`, page: { rules: null } })).rejects.toMatchObject({
      code: 'invalid',
      message: `${SITE}wire is a feed, not a page.`,
    })
    expect(await ctx.store.listSources()).toEqual([])
  })

  test('is offered also where the host answers a guess with a refusal, and is not asked on', async () => {
    const { ctx, asked } = await web({ [SITE]: newsPage(), [`${SITE}feed`]: failed({ status: 403, detail: 'No.' }) })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'page' })
    expect(asked).toEqual([SITE, `${SITE}feed`])
  })
})

describe('a login in an address', () => {
  const login = { headers: { authorization: `Basic ${btoa('me:se:cret')}` }, proxy: null }
  const [given, bare] = ['https://me:se%3Acret@b.example/', 'https://b.example/']

  test('goes along in its place, and the address is the source’s with it and without', async () => {
    const { ctx } = await web({ [bare]: feed('B') })

    expect(await addSource(ctx, { url: given })).toMatchObject({ source: { url: bare, access: login } })
    expect(await addSource(ctx, { url: given })).toMatchObject({ kind: 'present', source: { id: 1 } })
    expect(await changeSource(ctx, given, { url: 'https://me:new@c.example/x' })).toMatchObject({
      url: 'https://c.example/x',
      access: { headers: { authorization: `Basic ${btoa('me:new')}` } },
    })
  })

  test('goes with each feed of its own origin that is to choose from', async () => {
    const { ctx } = await web({ [bare]: page(declares('/a', 'A'), declares('https://x.example/b', 'B')) })

    const found = await addSource(ctx, { url: given })

    expect(found).toMatchObject({ candidates: [{ url: `${given}a` }, { url: 'https://x.example/b' }] })
  })

  test('is taken from an OPML file, and does not come out in one', async () => {
    const { ctx } = await web({})
    const opml = `<opml><body><outline xmlUrl="${given}"/></body></opml>`

    expect(await importOpml(ctx, opml, () => undefined)).toMatchObject({ added: [bare] })
    expect(await ctx.store.findSource(bare)).toMatchObject({ access: login })
    expect(await importOpml(ctx, opml, () => undefined)).toMatchObject({ added: [], present: [bare] })
    expect(await exportOpml(ctx)).toMatchObject({
      opml: expect.stringContaining(`xmlUrl="${bare}"`),
      withheld: [{ id: 1 }],
    })
  })

  test('that an older version has stored stays the source’s, and stays out of the export', async () => {
    const { ctx } = await web({})
    const settings = { givenTitle: null, tags: [], everyMs: null, found: null }
    await ctx.store.addSource({ url: given, ...settings }, ctx.clock())
    const opml = `<opml><body><outline xmlUrl="${given}"/></body></opml>`

    expect(await addSource(ctx, { url: given })).toMatchObject({ kind: 'present', source: { id: 1, url: given } })
    expect(await importOpml(ctx, opml, () => undefined)).toMatchObject({ added: [], present: [bare] })
    expect(await getSource(ctx, given)).toMatchObject({ id: 1 })
    expect(await exportOpml(ctx)).toMatchObject({
      opml: expect.stringContaining(`xmlUrl="${bare}"`),
      withheld: [{ id: 1 }],
    })
  })
})

describe('what goes along with the requests', () => {
  const access = readAccess({ auth: 'me:secret', proxy: 'http://proxy.example:3128' })
  const proxyOnly = { headers: {}, proxy: 'http://proxy.example:3128/' }

  test('goes to the origin it was given for, and is kept with the source', async () => {
    const { ctx, sent } = await web({ [SITE]: page(declares('/feed')), [`${SITE}feed`]: feed('Mine') })

    const added = await addSource(ctx, { url: SITE, access })

    expect(added).toMatchObject({ kind: 'added', note: null, source: { access } })
    expect(sent).toEqual({ [SITE]: access, [`${SITE}feed`]: access })
  })

  test('goes nowhere else but through the proxy; that is said, and the source does not keep it', async () => {
    const other = 'https://feeds.example/wire'
    const { ctx, sent } = await web({ [SITE]: page(declares(other)), [other]: feed('Wire') })

    const added = await addSource(ctx, { url: SITE, access })

    expect(sent).toEqual({ [SITE]: access, [other]: proxyOnly })
    expect(added).toMatchObject({
      kind: 'added',
      source: { url: other, access: proxyOnly },
      note: 'The feed is at feeds.example: the headers and the login given for news.example are not sent there.',
    })
  })

  test('is not a second login beside that of the address', async () => {
    const { ctx, asked } = await web({})

    await expect(addSource(ctx, { url: 'https://you:other@news.example/', access })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^(?!.*(?:secret|other@))/),
    })
    expect(asked).toEqual([])
  })

  test('stays behind when the source moves to another origin, unless it is said anew', async () => {
    const { ctx } = await web({ [`${SITE}feed`]: feed('Wire') })
    await addSource(ctx, { url: `${SITE}feed`, access })

    expect(await changeSource(ctx, '1', { url: `${SITE}other` })).toMatchObject({ access })
    expect(await changeSource(ctx, '1', { accessToo: readAccess({ headers: ['X-Key: 1'] }) })).toMatchObject({
      access: { ...access, headers: { ...access?.headers, 'x-key': '1' } },
    })
    const more = readAccess({ headers: ['X-Key: 2'] })
    expect(await changeSource(ctx, '1', { url: 'https://b.example/', accessToo: more })).toMatchObject({
      access: { headers: { 'x-key': '2' }, proxy: proxyOnly.proxy },
    })
    expect(await changeSource(ctx, '1', { access: null })).toMatchObject({ access: null })
  })
})

test('a source does not move to the address of another, and hears which that is', async () => {
  const { ctx } = await web({ [`${SITE}feed`]: feed('Wire'), [`${SITE}other`]: feed('Other') })
  await addSource(ctx, { url: `${SITE}feed` })
  await addSource(ctx, { url: `${SITE}other` })

  await expect(changeSource(ctx, '1', { url: `${SITE}other` })).rejects.toMatchObject({
    code: 'conflict',
    message: `Source 2 has the address ${SITE}other already.`,
    advice: { kind: 'show', id: 2 },
  })
  expect(await changeSource(ctx, '1', { url: `${SITE}feed` })).toMatchObject({ url: `${SITE}feed` })
})

test('a login is not said back, whatever is wrong with the address it stands in', async () => {
  const { ctx } = await web({})
  const opml = '<opml><body><outline xmlUrl="ftp://me:CANARY@a.example/x"/></body></opml>'
  const said = [
    await addSource(ctx, { url: 'ftp://me:CANARY@a.example/' }).catch(describeError),
    await addSource(ctx, { url: 'https://me:CANARY@a.example/' }).catch(describeError),
    await addSource(ctx, { url: 'feed:ftp://me:CANARY@a.example/' }).catch(describeError),
    await changeSource(ctx, 'https://me:CANARY@a.example/', { state: 'paused' }).catch(describeError),
    await importOpml(ctx, opml, () => undefined),
  ]

  expect(JSON.stringify(said)).toContain('a.example')
  expect(JSON.stringify(said)).not.toContain('CANARY')
})

describe('sources go out as OPML and come back', () => {
  test('pages with their rules, whole texts, how often each is polled, and no secret', async () => {
    const { ctx } = await web({ [SITE]: newsPage(), 'https://b.example/': feed('B') })
    const access = readAccess({ auth: 'me:CANARY', headers: ['X-Key: CANARY'], proxy: 'http://me:CANARY@p.example' })
    await addSource(ctx, { url: SITE, page: { rules: null }, access, fullText: true, tags: ['a'], everyMs: 5_400_000 })
    await addSource(ctx, { url: 'https://me:inurl@b.example/' })

    const { opml, withheld } = await exportOpml(ctx)
    expect(withheld.map(({ id }) => id).sort()).toEqual([1, 2])
    const other = await web({})
    const { added, failed } = await importOpml(other.ctx, opml, () => undefined)

    expect(opml).not.toMatch(/CANARY|Q0FOQVJZ|inurl/)
    expect([added, failed]).toEqual([[expect.stringContaining('b.example'), SITE], []])
    const [before, after] = [await ctx.store.findSource(SITE), await other.ctx.store.findSource(SITE)]
    expect(after).toMatchObject({
      kind: 'page',
      pageRules: before?.pageRules,
      fullText: true,
      tags: ['a'],
      access: null,
      everyMs: 5_400_000,
    })
    expect(opml).toContain('crier:every="90m"')
    expect(await exportOpml(other.ctx)).toEqual({ opml, withheld: [] })
    expect(other.asked).toEqual([])
  })

  test('those that are paused stay so, and only a title that somebody gave is one', async () => {
    const urls = ['https://a.example/', 'https://b.example/', 'https://c.example/']
    const { ctx } = await web({ 'https://a.example/': feed('A'), 'https://b.example/': feed('B') })
    await addSource(ctx, { url: urls[0] ?? '', title: 'Mine' })
    await addSource(ctx, { url: urls[1] ?? '' })
    await changeSource(ctx, '2', { state: 'paused' })
    await importOpml(ctx, `<opml><body><outline xmlUrl="${urls[2]}"/></body></opml>`, () => undefined)

    const { opml } = await exportOpml(ctx)
    const other = await web({ 'https://c.example/': feed('C') })
    await importOpml(other.ctx, opml, () => undefined)

    expect(await Promise.all(urls.map((url) => other.ctx.store.findSource(url)))).toMatchObject([
      { title: 'Mine', givenTitle: 'Mine', state: 'active' },
      { title: 'B', givenTitle: null, state: 'paused', baselineDue: true },
      { title: 'c.example', givenTitle: null, state: 'active' },
    ])
    const [due] = await other.ctx.store.listDueSources(other.ctx.clock(), { limit: 10, perHost: 10 })
    expect(due).toHaveLength(2)
  })

  test('a page whose selectors are none is told as failed', async () => {
    const { ctx } = await web({})
    const opml =
      '<opml><body><outline xmlUrl="https://a.example/" crier:page="rules" crier:entry="li" crier:date="[[["/><outline xmlUrl="https://b.example/" crier:page="auto"/></body></opml>'

    const { added, failed } = await importOpml(ctx, opml, () => undefined)

    expect(added).toEqual(['https://b.example/'])
    expect(failed).toEqual([{ url: 'https://a.example/', reason: expect.stringContaining('Its date is no selector') }])
    expect(await ctx.store.findSource('https://b.example/')).toMatchObject({ kind: 'page', pageRules: null })
  })

  test('one whose time between polls is none is told as failed, and the others come', async () => {
    const { ctx } = await web({})
    const opml =
      '<opml><body><outline xmlUrl="https://a.example/" crier:every="soon"/><outline xmlUrl="https://b.example/" crier:every=" 2h "/><outline xmlUrl="https://c.example/" every="soon"/></body></opml>'

    const { added, failed } = await importOpml(ctx, opml, () => undefined)

    expect(added).toEqual(['https://b.example/', 'https://c.example/'])
    expect(failed).toEqual([
      {
        url: 'https://a.example/',
        reason: 'Its crier:every must be a time such as 90s, 30m, 12h or 7d, not "soon".',
      },
    ])
    expect(await ctx.store.findSource('https://b.example/')).toMatchObject({ everyMs: 7_200_000 })
  })
})

describe('a refusal says what was looked at and what to try', () => {
  test('a page without any feed, after seven requests', async () => {
    const { ctx, asked } = await web({ [SITE]: page().replace('</body>', '<a href="/about">About us</a></body>') })

    await expect(addSource(ctx, { url: SITE })).rejects.toMatchObject({
      code: 'unavailable',
      message: `${SITE} is a web page, not a feed, and names none. No feed is at ${SITE}feed, ${SITE}rss.xml, ${SITE}feed.xml, ${SITE}rss, ${SITE}atom.xml, ${SITE}index.xml. No list of entries was found on it either.`,
      hint: 'Look for a link named RSS, Atom or Feed on it and give its address, or say what an entry is, by a CSS selector.',
      advice: { kind: 'give', what: 'entry', url: SITE },
    })
    expect(asked).toHaveLength(7)
  })

  test('a page without any links, where no selector could find entries', async () => {
    const { ctx } = await web({ [SITE]: page() })

    await expect(addSource(ctx, { url: SITE })).rejects.toMatchObject({
      message: expect.stringMatching(/There are no links on this page.* a page that links to its news\.$/),
      advice: null,
    })
  })

  test.each([
    ['is not there', undefined, 'The server answered 404 Not Found.'],
    [
      'we will not fetch',
      failed({ reason: 'refused', status: null, detail: '10.0.0.1 is private.' }),
      '10.0.0.1 is private.',
    ],
  ])('a page that names a feed that %s', async (_, answer, why) => {
    const { ctx } = await web({ [SITE]: page(declares('/gone')), ...(answer && { [`${SITE}gone`]: answer }) })

    await expect(addSource(ctx, { url: SITE })).rejects.toMatchObject({
      message: expect.stringContaining(
        `${SITE} is a web page, not a feed. It names ${SITE}gone, but: ${why} No feed is at ${SITE}feed, `,
      ),
    })
  })

  test('a private address a page names is left out', async () => {
    const refused = failed({ reason: 'refused', status: null, detail: 'Private.' })
    const { ctx } = await web({
      [SITE]: page(declares('http://10.0.0.1/feed')),
      'http://10.0.0.1/feed': refused,
      [`${SITE}feed`]: feed('Wire'),
    })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { url: `${SITE}feed` } })
  })

  test('a host that answers everything with its front page is not asked on', async () => {
    const { ctx, asked } = await web({ [SITE]: page(), [`${SITE}feed`]: page() })

    await expect(addSource(ctx, { url: SITE })).rejects.toMatchObject({ code: 'unavailable' })
    expect(asked).toHaveLength(2)
  })

  test('a host that says "not found" with a page of its own is not asked on after the second', async () => {
    const sorry = page('<h1>Not found</h1>')
    const { ctx, asked } = await web({
      [SITE]: page(),
      [`${SITE}feed`]: sorry,
      [`${SITE}rss.xml`]: sorry,
      [`${SITE}feed.xml`]: feed('Late'),
    })

    await expect(addSource(ctx, { url: SITE })).rejects.toMatchObject({ code: 'unavailable' })
    expect(asked).toHaveLength(3)
  })

  const ends = [
    { name: 'asks us to wait', answer: failed({ reason: 'throttled', status: 429, detail: 'Wait.' }) },
    { name: 'keeps us out', answer: failed({ reason: 'status', status: 403, detail: 'No.' }) },
    { name: 'wants a login', answer: failed({ reason: 'status', status: 401, detail: 'Who are you?' }) },
    { name: 'falls silent', answer: failed({ reason: 'timeout', status: null, detail: 'No answer.' }) },
  ]
  for (const { name, answer } of ends) {
    test(`a host that ${name} is not asked on`, async () => {
      const { ctx, asked } = await web({ [SITE]: page(), [`${SITE}feed`]: answer })

      await expect(addSource(ctx, { url: SITE })).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining(`${SITE}feed, but: `),
      })
      expect(asked).toHaveLength(2)
    })
  }

  const others = [
    {
      name: 'XML that is no feed',
      type: 'text/xml',
      body: '<?xml version="1.0"?><note/>',
      is: 'XML, but not a feed',
      hint: /^Give the/,
    },
    {
      name: 'JSON',
      type: 'application/json',
      body: '{"a":1}',
      is: 'JSON, but not a JSON Feed',
      hint: /^Give the address of a feed/,
    },
    {
      name: 'words',
      type: 'text/html',
      body: 'Hello.',
      is: 'neither a feed nor a web page',
      hint: /^Give the address of a feed/,
    },
    {
      name: 'a list of feeds',
      type: 'text/html',
      body: '<opml><head><title>A</title></head><body><outline xmlUrl="http://a/"/></body></opml>',
      is: 'a list of feeds (OPML), not a feed',
      hint: /^Save it as a file/,
    },
  ]
  for (const { name, type, body, is, hint } of others) {
    test(`${name} is one request`, async () => {
      const answer = fresh({ url: SITE, contentType: type, bytes: new TextEncoder().encode(body) })
      const { ctx, asked } = await web({ [SITE]: answer })

      await expect(addSource(ctx, { url: SITE })).rejects.toMatchObject({
        message: expect.stringContaining(`${SITE}: This is ${is}`),
        hint: expect.stringMatching(hint),
      })
      expect(asked).toHaveLength(1)
    })
  }

  test('a document that cannot be read is refused in its own words', async () => {
    const { ctx } = await web({ [SITE]: feed('Wire') })
    const detail = 'It took too long to read.'
    const parse: typeof ctx.parse = async () => ({ kind: 'unreadable', reason: 'too_slow', detail })

    await expect(addSource({ ...ctx, parse }, { url: SITE })).rejects.toMatchObject({ message: detail, hint: null })
  })

  test('an address we will not fetch is asked wrongly', async () => {
    const { ctx } = await web({ 'http://10.0.0.1/': failed({ reason: 'refused', detail: 'Private.' }) })

    await expect(addSource(ctx, { url: 'http://10.0.0.1/' })).rejects.toMatchObject({ code: 'invalid' })
  })
})
