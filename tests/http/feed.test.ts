import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { represent } from '../../src/http/representation.ts'
import { type AtomElement, childrenOf, findAtomFaults, readAtom, textOf } from '../publish/atom-rules.ts'
import { NOW, openTestStore } from '../support/store.ts'
import { addItems, addStory, BASE, FERRY, fillNewsroom, get, openSite, RIVER, STORY } from './site.ts'

async function readFeed(response: Response) {
  expect(response.status).toBe(200)
  const feed = readAtom(await response.text())
  expect(findAtomFaults(feed)).toEqual([])
  const next = childrenOf(feed, 'link').find((link) => link.attributes.rel === 'next')
  return { feed, titles: childrenOf(feed, 'entry').map((entry) => textOf(entry, 'title')), next: next?.attributes.href }
}

describe('/feed.atom', () => {
  test('is a valid feed of what is stored, newest first, and links to where it lives', async () => {
    const site = await openSite()
    await addItems(site.store, [{ title: 'older' }, { title: 'newer' }])

    const response = await get(site, '/feed.atom')

    expect(response.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8')
    const { feed, titles } = await readFeed(response)
    expect(titles).toEqual(['newer', 'older'])
    expect(childrenOf(feed, 'link').map((link) => link.attributes.href)).toEqual([`${BASE}/`, `${BASE}/feed.atom`])
  })

  test('is valid when nothing is stored', async () => {
    const { titles } = await readFeed(await get(await openSite(), '/feed.atom'))
    expect(titles).toEqual([])
  })

  test('is 100 entries unless asked for another number, and goes on by its link, each item once', async () => {
    const site = await openSite()
    await addItems(
      site.store,
      Array.from({ length: 230 }, (_, i) => ({ title: `Item ${i}`, url: `https://a.example/${i}` })),
    )
    const seen: string[] = []
    let path: string | undefined = '/feed.atom'
    const sizes: number[] = []
    while (path !== undefined) {
      const { titles, next } = await readFeed(await get(site, path))
      seen.push(...titles)
      sizes.push(titles.length)
      path = next?.replace(BASE, '')
    }
    expect(sizes).toEqual([100, 100, 30])
    expect(seen).toEqual(Array.from({ length: 230 }, (_, i) => `Item ${229 - i}`))
    expect((await readFeed(await get(site, '/feed.atom?limit=500'))).titles).toHaveLength(230)
    expect((await readFeed(await get(site, '/feed.atom?limit=3'))).next).toMatch(/feed\.atom\?limit=3&before=\d+$/)
  })

  test.each([
    'limit=0',
    'limit=501',
    'limit=-1',
    'limit=ten',
    'limit=1e2',
    'limit=5.',
    'limit=%205',
    'limit=',
    'before=x',
    'before=0',
    'before=99999999999999999',
    'before=9999999999999999',
    'before=1e9',
    'before=%201',
  ])('refuses ?%s in words', async (query) => {
    const response = await get(await openSite(), `/feed.atom?${query}`)
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await response.text()).toMatch(/^(limit must be a whole number from 1 to 500|before must be a place)/)
  })

  test('of a search holds what the search finds, under a name of its own', async () => {
    const site = await openSite()
    await fillNewsroom(site.store)
    const all = await readFeed(await get(site, '/feed.atom'))
    const some = await readFeed(await get(site, `/feed.atom?q=${encodeURIComponent('"big data"')}`))
    expect(some.titles).toEqual([
      'Jilin opens its big data exchange to private firms',
      'Grid operator puts its big data on load online, minute by minute',
    ])
    expect(textOf(some.feed, 'id')).not.toBe(textOf(all.feed, 'id'))
    // What is advised beside a query is no name for its feed.
    const advised = await readFeed(await get(site, `/feed.atom?q=${encodeURIComponent('"big data" OR port -jobs')}`))
    expect(textOf(advised.feed, 'title')).toBe('Crier: “big data”, or port without jobs')
    const refused = await get(site, '/feed.atom?q=%22big')
    expect(refused.status).toBe(400)
  })

  test('an item keeps its id, whatever our address', async () => {
    const store = await openTestStore()
    await addItems(store, [{ title: 'one' }])
    const ids = []
    for (const base of [BASE, 'http://localhost:8080']) {
      const { feed } = await readFeed(await get(await openSite({ store, baseUrl: () => base }), '/feed.atom'))
      ids.push([textOf(feed, 'id'), ...childrenOf(feed, 'entry').map((entry) => textOf(entry, 'id'))])
    }
    expect(ids[0]).toEqual(ids[1])
  })

  test('is the same to the byte, whatever the request says about hosts', async () => {
    const site = await openSite()
    await fillNewsroom(site.store)
    const body = await (await get(site, '/feed.atom')).text()
    for (const headers of [
      { host: 'evil.example' },
      { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'ftp' },
      { forwarded: 'host=evil.example' },
    ]) {
      const response = await site.handle(new Request('http://evil.example/feed.atom', { headers }))
      expect(await response.text()).toBe(body)
    }
  })
})

describe('a story that several sources tell', () => {
  const linksOf = (entry: AtomElement | undefined, rel: string) =>
    childrenOf(entry ?? { name: '', attributes: {}, text: '', children: [] }, 'link')
      .map(({ attributes }) => attributes)
      .filter((attributes) => attributes.rel === rel)

  test('is one entry with the others as related links; ?stories=0 shows every item', async () => {
    const site = await openSite()
    await addStory(site.store, ['Northern Wire', 'Reuters', 'BBC'], STORY)
    await addItems(site.store, [{ title: 'Something else' }], 'Alone')

    const { feed, titles } = await readFeed(await get(site, '/feed.atom'))
    expect(titles).toEqual(['Something else', STORY.title])
    const [alone, entry] = childrenOf(feed, 'entry')
    expect(linksOf(alone, 'related')).toEqual([])
    expect(linksOf(entry, 'related')).toEqual([
      { rel: 'related', href: 'https://paper-2.example/a', title: `Reuters: ${STORY.title}` },
      { rel: 'related', href: 'https://paper-3.example/a', title: `BBC: ${STORY.title}` },
    ])
    expect(childrenOf(entry ?? feed, 'source').map((source) => textOf(source, 'title'))).toEqual(['Northern Wire'])

    const every = await readFeed(await get(site, '/feed.atom?stories=0'))
    expect(every.titles).toHaveLength(4)
    expect(textOf(every.feed, 'id')).not.toBe(textOf(feed, 'id'))
    expect(childrenOf(every.feed, 'link').map(({ attributes }) => attributes.href)).toEqual([
      `${BASE}/?stories=0`,
      `${BASE}/feed.atom?stories=0`,
    ])
  })

  test('keeps its id and its date when another joins, and comes anew', async () => {
    const site = await openSite()
    await addStory(site.store, ['Northern Wire'], STORY)
    const first = await get(site, '/feed.atom')
    const before = await first.text()
    await addStory(site.store, ['Reuters'], STORY)
    const later = await get(site, '/feed.atom')
    const after = await later.text()

    expect(after.replace(/\s*<link rel="related"[^>]*>/, '')).toBe(before)
    expect(after).toContain('<link rel="related" href="https://paper-2.example/a"')
    expect(later.headers.get('etag')).not.toBe(first.headers.get('etag'))
  })

  test('is one entry of a search too, and the pages of either go on as they began', async () => {
    const site = await openSite()
    for (const [i, story] of [STORY, FERRY, RIVER].entries())
      await addStory(site.store, [`Wire ${i}`, `Paper ${i}`], story)
    for (const [query, total] of [
      ['q=monday&limit=1', 3],
      ['q=monday&stories=0&limit=1', 6],
      ['stories=0&limit=1', 6],
      ['stories=1&limit=1', 3],
    ] as const) {
      const seen: string[] = []
      let path: string | undefined = `/feed.atom?${query}`
      while (path !== undefined) {
        const { feed, next } = await readFeed(await get(site, path))
        seen.push(...childrenOf(feed, 'entry').map((entry) => textOf(entry, 'id')))
        path = next?.replace(BASE, '')
      }
      expect([query, seen.length, new Set(seen).size]).toEqual([query, total, total])
    }
  })

  test.each(['stories=2', 'stories=', 'stories=no', 'stories=0&stories=x'])(
    'with ?%s is refused in words, or the first counts',
    async (query) => {
      for (const path of ['/feed.atom', '/', '/api/v1/items']) {
        const response = await get(await openSite(), `${path}?${query}`)
        const isFirst = query.startsWith('stories=0')
        expect(response.status).toBe(isFirst ? 200 : 400)
        if (!isFirst)
          expect(await response.text()).toContain('stories must be 0 (every item) or 1 (each story once), not ')
      }
    },
  )
})

describe('a feed that did not change', () => {
  test('is rendered once, and again after the next item', async () => {
    const site = await openSite()
    await addItems(site.store, [{ title: 'one' }])
    const listItems = vi.spyOn(site.store, 'listItems')

    const first = await get(site, '/feed.atom')
    await Promise.all([get(site, '/feed.atom'), get(site, '/feed.atom'), get(site, '/feed.atom', {}, 'HEAD')])
    expect(listItems).toHaveBeenCalledTimes(1)

    await addItems(site.store, [{ title: 'two' }], 'Another')
    const later = await get(site, '/feed.atom')
    expect(listItems).toHaveBeenCalledTimes(2)
    expect(later.headers.get('etag')).not.toBe(first.headers.get('etag'))
  })

  test('is tried again after it could not be read', async () => {
    const site = await openSite()
    vi.spyOn(site.store, 'listItems').mockRejectedValueOnce(new Error('disk'))
    expect((await get(site, '/feed.atom')).status).toBe(500)
    expect((await get(site, '/feed.atom')).status).toBe(200)
  })

  test.each([
    ['gzip, br', 'br'],
    ['gzip', 'gzip'],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    ['br;q=0, gzip;q=0', null],
    ['*', 'br'],
    ['identity', null],
    ['identity;q=1, gzip;q=0.5', null],
    ['deflate', null],
    ['gzip;q=what', null],
    ['gzip;q=-1', null],
    ['identity;q=0.5, gzip;q=0.5', 'gzip'],
    ['', null],
  ])('for Accept-Encoding "%s" comes as %s', async (accept, coding) => {
    const site = await openSite()
    await fillNewsroom(site.store)
    const plain = Buffer.from(await (await get(site, '/feed.atom')).arrayBuffer())

    const response = await get(site, '/feed.atom', { 'accept-encoding': accept })

    const bytes = Buffer.from(await response.arrayBuffer())
    expect(response.headers.get('content-encoding')).toBe(coding)
    expect(response.headers.get('vary')).toBe('Accept-Encoding')
    expect(response.headers.get('content-length')).toBe(`${bytes.length}`)
    const decoded = coding === 'br' ? brotliDecompressSync(bytes) : coding === 'gzip' ? gunzipSync(bytes) : bytes
    expect(decoded.equals(plain)).toBe(true)
  })

  test('has a strong ETag for each coding, and answers 304 to any of them, in lists and weakened too', async () => {
    const site = await openSite()
    await addItems(site.store, [{ title: 'one' }])
    const etags = await Promise.all(
      ['identity', 'gzip', 'br'].map(async (coding) => {
        const response = await get(site, '/feed.atom', { 'accept-encoding': coding })
        return response.headers.get('etag') ?? ''
      }),
    )
    expect(new Set(etags).size).toBe(3)
    for (const tag of [...etags, '*', `"x", ${etags[0]}`, `"a,b" , W/${etags[1]}`]) {
      const response = await get(site, '/feed.atom', { 'if-none-match': tag })
      expect([tag, response.status, await response.text()]).toEqual([tag, 304, ''])
      expect(response.headers.get('etag')).toBe(etags[0])
    }
    for (const tag of ['"x"', 'x', '', `"${etags[0]}"x`.replaceAll('"', '')]) {
      expect((await get(site, '/feed.atom', { 'if-none-match': tag })).status).toBe(200)
    }
  })

  test('has a date once its second is over, and 304 by it; a tag counts more than a date', async () => {
    const site = await openSite()
    await addItems(site.store, [{ title: 'one' }])
    expect((await get(site, '/feed.atom')).headers.get('last-modified')).toBeNull()

    site.time.now += 2_000
    const date = (await get(site, '/feed.atom')).headers.get('last-modified') ?? ''
    expect(date).toBe('Mon, 23 Nov 2026 09:00:00 GMT')
    const status = async (headers: Record<string, string>) => (await get(site, '/feed.atom', headers)).status
    expect(await status({ 'if-modified-since': date })).toBe(304)
    expect(await status({ 'if-modified-since': 'Mon, 23 Nov 2026 08:59:59 GMT' })).toBe(200)
    expect(await status({ 'if-modified-since': 'yesterday' })).toBe(200)
    expect(await status({ 'if-modified-since': date, 'if-none-match': '"x"' })).toBe(200)

    await addItems(site.store, [{ title: 'two' }], 'Another')
    expect(await status({ 'if-modified-since': date })).toBe(200)
  })

  test('is compressed once for each coding, and not again where its bytes are the same', () => {
    const document = represent('<feed/>', 'application/atom+xml', NOW)
    const again = represent('<feed/>', 'application/atom+xml', NOW + 1, document)
    expect(again.bytes('gzip')).toBe(document.bytes('gzip'))
    expect(again.bytes('br')).not.toBe(document.bytes('gzip'))
  })

  test('is asked for by HEAD with the same headers and no body', async () => {
    const site = await openSite()
    await addItems(site.store, [{ title: 'one' }])
    const full = await get(site, '/feed.atom')
    const head = await get(site, '/feed.atom', {}, 'HEAD')
    expect(head.status).toBe(200)
    expect(await head.text()).toBe('')
    expect([...head.headers]).toEqual([...full.headers])
  })
})
