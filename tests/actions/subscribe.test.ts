import { describe, expect, test } from 'vitest'
import { addSource } from '../../src/actions/subscribe.ts'
import type { Fetched } from '../../src/ports.ts'
import { readDocument as readBytes } from '../../src/source/parse.ts'
import { failed, fresh, testActions } from '../support/actions.ts'
import { NOW } from '../support/store.ts'

const SITE = 'https://news.example/'

/** Actions on a web of these documents by address; what is not there answers 404. Keeps what was asked. */
async function web(documents: Record<string, string | Fetched>) {
  const asked: string[] = []
  const ctx = await testActions({
    async fetch({ url }) {
      asked.push(url)
      const document = documents[url]
      if (document === undefined) return failed({ status: 404, detail: 'The server answered 404 Not Found.' })
      if (typeof document !== 'string') return document
      const contentType = document.startsWith('<?xml') ? 'application/xml' : 'text/html'
      // It comes without the name and password of the request.
      const plain = url.replace(/\/\/[^/@]*@/, '//')
      return fresh({ url: plain, contentType, bytes: new TextEncoder().encode(document), bodyHash: document })
    },
    // The pool moves the bytes into its thread.
    async parse(document) {
      const moved = { ...document, bytes: structuredClone(document.bytes) }
      document.bytes.fill(0)
      return readBytes(moved)
    },
  })
  return { ctx, asked }
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

  test('from a site whose feeds are known, with one request', async () => {
    const atom = 'https://github.com/owner/repo/releases.atom'
    const { ctx, asked } = await web({ [atom]: feed('Releases') })

    expect(await addSource(ctx, { url: 'https://github.com/owner/repo' })).toMatchObject({ source: { url: atom } })
    expect(asked).toEqual([atom])
    expect(await addSource(ctx, { url: 'https://github.com/owner/repo/' })).toMatchObject({ kind: 'present' })
    expect(asked).toEqual([atom])
  })

  test('from a profile that is not where such profiles are kept, by its page', async () => {
    const profile = 'https://social.example/@name'
    const { ctx, asked } = await web({
      [profile]: page(declares('/users/name.atom')),
      'https://social.example/users/name.atom': feed('Name'),
    })

    expect(await addSource(ctx, { url: profile })).toMatchObject({ kind: 'added', source: { title: 'Name' } })
    expect(asked).toEqual([`${profile}.rss`, profile, 'https://social.example/users/name.atom'])
  })

  test('from a customary path when the page names none, the first that is a feed', async () => {
    const { ctx, asked } = await web({ [SITE]: page(), [`${SITE}rss`]: page('<p>'), [`${SITE}atom.xml`]: feed('Wire') })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { url: `${SITE}atom.xml` } })
    expect(asked).toEqual([SITE, `${SITE}feed`, `${SITE}rss`, `${SITE}atom.xml`])
  })

  test('from a list of feeds that a link of the page leads to, when it has one', async () => {
    const { ctx } = await web({
      [SITE]: page('<a href="/abo">RSS</a>'),
      [`${SITE}abo`]: page('<a href="/all.rss">All</a>'),
      [`${SITE}all.rss`]: feed('All'),
    })

    expect(await addSource(ctx, { url: SITE })).toMatchObject({ kind: 'added', source: { url: `${SITE}all.rss` } })
  })

  test('behind a password, which goes on to its own origin only', async () => {
    const url = 'https://me:secret@news.example/'
    const { ctx, asked } = await web({ [url]: page(declares('/feed')), [`${url}feed`]: feed('Mine') })

    expect(await addSource(ctx, { url })).toMatchObject({ kind: 'added', source: { title: 'Mine' } })
    expect(asked).toEqual([url, `${url}feed`])

    const other = await web({ [url]: page(declares('https://other.example/feed')) })
    await expect(addSource(other.ctx, { url })).rejects.toThrow(/^(?!.*secret)/)
    expect(other.asked[1]).toBe('https://other.example/feed')
  })
})

describe('several feeds are a choice', () => {
  test('with no more requests, and nothing added', async () => {
    const { ctx, asked } = await web({ [SITE]: page(declares('/a', 'A'), declares('/b', 'B')) })

    expect(await addSource(ctx, { url: SITE })).toEqual({
      kind: 'choose',
      page: SITE,
      candidates: [
        { url: `${SITE}a`, title: 'A', format: 'RSS' },
        { url: `${SITE}b`, title: 'B', format: 'RSS' },
      ],
    })
    expect(asked).toEqual([SITE])
    expect(await ctx.store.listSources()).toEqual([])
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

describe('a refusal says what was looked at and what to try', () => {
  test('a page without any feed, after five requests', async () => {
    const { ctx, asked } = await web({ [SITE]: page() })

    await expect(addSource(ctx, { url: SITE })).rejects.toMatchObject({
      code: 'unavailable',
      message: `${SITE} is a web page, not a feed, and names none. No feed is at ${SITE}feed, ${SITE}rss, ${SITE}atom.xml, ${SITE}feed.xml either.`,
      hint: 'Look for a link named RSS, Atom or Feed on it and give its address.',
    })
    expect(asked).toHaveLength(5)
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

  const ends = [
    { name: 'asks us to wait', answer: failed({ reason: 'throttled', status: 429, detail: 'Wait.' }) },
    { name: 'keeps us out', answer: failed({ reason: 'status', status: 403, detail: 'No.' }) },
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
    { name: 'XML that is no feed', body: '<?xml version="1.0"?><opml/>', says: /neither RSS nor Atom/ },
    { name: 'no page at all', body: 'Just words.', says: /neither a feed nor a web page|not a feed/ },
  ]
  for (const { name, body, says } of others) {
    test(`${name} is one request`, async () => {
      const answer = fresh({ url: SITE, contentType: 'text/plain', bytes: new TextEncoder().encode(body) })
      const { ctx, asked } = await web({ [SITE]: answer })

      await expect(addSource(ctx, { url: SITE })).rejects.toThrow(says)
      expect(asked).toHaveLength(1)
    })
  }

  test('an address we will not fetch is asked wrongly', async () => {
    const { ctx } = await web({ 'http://10.0.0.1/': failed({ reason: 'refused', detail: 'Private.' }) })

    await expect(addSource(ctx, { url: 'http://10.0.0.1/' })).rejects.toMatchObject({ code: 'invalid' })
  })
})
