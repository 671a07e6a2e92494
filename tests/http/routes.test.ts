import { describe, expect, test, vi } from 'vitest'
import { AppError } from '../../src/errors.ts'
import { addTestSource, NOW, pollRecord, silentLog } from '../support/store.ts'
import { addItems, addStory, fillNewsroom, get, openSite, readJson, type Site, STORY } from './site.ts'

const PATHS = [
  ...['/', '/try', '/feed.atom', '/healthz', '/readyz', '/metrics', '/style.css', '/favicon.svg', '/robots.txt'],
  ...['/api/v1/items', '/api/v1/sources', '/api/v1/status'],
]

describe('every answer', () => {
  test.each([
    ...PATHS,
    '/sources',
    '/websub/x',
    '/nothing',
    '/api/v1/nothing',
    '/?q=%22',
    '/try?q=%22',
    '/?stories=x',
    '/feed.atom?limit=x',
    '/api/v1/items?limit=x',
  ])('%s says that nothing may run, frame or be guessed', async (path) => {
    const site = await openSite()
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
      const { headers } = await get(site, path, {}, method)
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      )
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('asks for https only where we are reached by https', async () => {
    const header = async (base: string) =>
      (await get(await openSite({ baseUrl: () => base }), '/')).headers.get('strict-transport-security')
    expect(await header('https://news.example')).toBe('max-age=15552000')
    expect(await header('http://127.0.0.1:8080')).toBeNull()
  })

  test.each(PATHS)('%s takes GET and HEAD only', async (path) => {
    const site = await openSite()
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const response = await get(site, path, {}, method)
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    }
  })

  test('a body that says it is large is refused before it is read', async () => {
    const response = await get(await openSite(), '/', { 'content-length': '65537' }, 'POST')
    expect(response.status).toBe(413)
  })
})

describe('what cannot be answered', () => {
  test.each([
    '/nothing',
    '/feed.atom/',
    '//feed.atom',
    '/FEED.ATOM',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/style.css%00',
    '/..%5c..%5cx',
  ])('%s is not there', async (path) => {
    const response = await get(await openSite(), path)
    expect(response.status).toBe(404)
    expect(await response.text()).toBe('There is nothing at this address.\n')
  })

  test('a browser gets a page, which repeats nothing of the address', async () => {
    const response = await get(await openSite(), '/<script>alert(1)</script>', { accept: 'text/html,*/*' })
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).not.toContain('alert')
  })

  test('the API answers with a problem', async () => {
    const response = await get(await openSite(), '/api/v1/items?q=%22big')
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ status: 400, code: 'invalid' })
  })

  test.each([
    ['not_found', 404],
    ['conflict', 409],
    ['unavailable', 503],
  ] as const)('what we refuse as %s is %i, with its reason and hint', async (code, status) => {
    const search = () => Promise.reject(new AppError(code, 'It is so.', { hint: 'Do this.' }))
    const response = await get(await openSite({ search }), '/feed.atom')
    expect([response.status, await response.text()]).toEqual([status, 'It is so. Do this.\n'])
  })

  test('our own fault is logged once and told to nobody', async () => {
    const error = vi.fn()
    const site = await openSite({
      log: { ...silentLog, error },
      search: () => Promise.reject(new Error('secret at line 1')),
    })
    for (const accept of ['*/*', 'text/html']) {
      const response = await get(site, '/feed.atom', { accept })
      expect(response.status).toBe(500)
      const body = await response.text()
      expect(body).toContain('Internal error.')
      expect(body).not.toContain('secret')
    }
    expect(error.mock.calls).toEqual(Array(2).fill([{ err: 'secret at line 1', path: '/feed.atom' }, 'request failed']))
  })
})

describe('health', () => {
  test('is 200 and ok, or 503 and the reasons', async () => {
    let health = { ok: true, reasons: [] as string[] }
    const site = await openSite({ health: async () => health })
    for (const path of ['/healthz', '/readyz']) {
      const response = await get(site, path)
      expect([response.status, await response.text()]).toEqual([200, 'ok\n'])
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
    health = { ok: false, reasons: ['The schedule has stopped.', 'The database cannot be written.'] }
    const response = await get(site, '/healthz')
    expect(response.status).toBe(503)
    expect(await response.text()).toBe('The schedule has stopped.\nThe database cannot be written.\n')
  })
})

describe('/metrics', () => {
  const ask = async (url: string, address: string | null, headers: Record<string, string> = {}) => {
    const site = await openSite()
    return site.handle(new Request(url, { headers }), { address })
  }

  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('is for %s', async (address) => {
    const response = await ask('http://localhost:8080/metrics', address)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/)
    expect(await response.text()).toContain('crier_sources{state="active"} 0')
  })

  test.each([
    ['another machine', 'http://127.0.0.1/metrics', '192.0.2.7', {}],
    [
      'another machine that says it is this one',
      'http://127.0.0.1/metrics',
      '192.0.2.7',
      { 'x-forwarded-for': '127.0.0.1' },
    ],
    ['somebody behind a proxy here', 'http://127.0.0.1/metrics', '127.0.0.1', { 'x-forwarded-for': '192.0.2.7' }],
    ['a proxy that only says its name', 'http://127.0.0.1/metrics', '127.0.0.1', { via: '1.1 proxy' }],
    ['a proxy that only says https', 'http://127.0.0.1/metrics', '127.0.0.1', { 'x-forwarded-proto': 'https' }],
    ['a tunnel that says who asks', 'http://127.0.0.1/metrics', '127.0.0.1', { 'cf-connecting-ip': '192.0.2.7' }],
    ['a name that was pointed at us', 'http://rebound.example/metrics', '127.0.0.1', {}],
    ['nobody', 'http://127.0.0.1/metrics', null, {}],
  ])('is not for %s', async (_, url, address, headers) => {
    const response = await ask(url, address, headers)
    expect(response.status).toBe(404)
    expect(await response.text()).not.toContain('crier_')
  })

  test('counts answers by route, so that invented paths make no new series', async () => {
    const site = await openSite()
    await get(site, '/feed.atom')
    await get(site, '/one')
    await get(site, '/two')
    const request = new Request('http://127.0.0.1/metrics')
    const text = await (await site.handle(request, { address: '127.0.0.1' })).text()
    expect(text).toContain('crier_http_requests_total{route="/feed.atom",status="200"} 1')
    expect(text).toContain('crier_http_requests_total{route="other",status="404"} 2')
    expect(text).not.toContain('/two')
  })
})

describe('the JSON API', () => {
  test('gives items with what was published and where they stand, their HTML made safe', async () => {
    const site = await openSite()
    const source = await addTestSource(site.store)
    await addItems(site.store, [
      {
        id: 'a-1',
        url: 'https://a.example/1',
        title: 'One & two',
        content: '<p onclick="x()">text</p><script>1</script>',
        publishedAt: NOW - 1_000,
        authors: ['Mei', 'Jo'],
        categories: ['data'],
        enclosures: [{ url: 'https://a.example/1.mp3', type: 'audio/mpeg', length: 5 }],
        language: 'en',
      },
    ])
    const body = await readJson(await get(site, '/api/v1/items'))
    const place = body.items[0]?.place
    expect(body).toEqual({
      query: null,
      items: [
        {
          id: 'a-1',
          url: 'https://a.example/1',
          title: 'One & two',
          content: '<p>text</p>',
          summary: null,
          published: '2026-11-23T08:59:59.000Z',
          updated: null,
          author: 'Mei, Jo',
          categories: ['data'],
          enclosures: [{ url: 'https://a.example/1.mp3', type: 'audio/mpeg', length: 5 }],
          language: 'en',
          source: source.url.replace('source-1', 'source-2'),
          sourceTitle: 'Northern Wire',
          story: place,
          related: [],
          place,
          calledBy: [],
        },
      ],
      next: null,
      lookedBackTo: null,
    })
  })

  test('searches, says the query back, and pages', async () => {
    const site = await openSite()
    await fillNewsroom(site.store)
    const first = await readJson(await get(site, `/api/v1/items?q=${encodeURIComponent('大数据')}&limit=1`))
    expect(first.query).toContain('大数据')
    expect(first.items.map((item) => item.title)).toEqual(['吉林省大数据交易中心向民营企业开放'])
    expect(first.items[0]?.calledBy).toEqual(['大数据'])

    const all = await readJson(await get(site, '/api/v1/items?limit=2'))
    const next = await readJson(await get(site, `/api/v1/items?limit=2&before=${all.next}`))
    expect(next.items[0]?.place).toBeLessThan(all.items[1]?.place ?? 0)
  })

  test('gives every item with who else tells it, and each story once when asked to', async () => {
    const site = await openSite()
    await addStory(site.store, ['Northern Wire', 'Reuters'], STORY)
    const every = await readJson(await get(site, '/api/v1/items'))
    expect(every.items.map(({ related }) => related)).toEqual([
      [{ url: 'https://paper-1.example/a', title: STORY.title, source: expect.stringContaining('source-1') }],
      [{ url: 'https://paper-2.example/a', title: STORY.title, source: expect.stringContaining('source-2') }],
    ])
    const once = await readJson(await get(site, '/api/v1/items?stories=1'))
    expect(once.items.map(({ place }) => place)).toEqual([every.items[1]?.place])
  })

  test('gives sources without their passwords, and the state of the house without the owner’s code', async () => {
    const site = await openSite({
      telegram: () => ({ state: 'online', username: 'harbour_bot', ...{ code: 'SECRET' } }),
    })
    await addTestSource(site.store, {
      url: 'https://me:secret@a.example/feed',
      givenTitle: 'A',
      tags: ['x'],
      everyMs: 1_800_000,
    })
    const sources = await (await get(site, '/api/v1/sources')).json()
    expect(sources).toMatchObject([
      { number: 1, url: 'https://a.example/feed', title: 'A', tags: ['x'], every: '30m', items: 0, needs: null },
    ])
    await site.store.recordPoll(1, { ...pollRecord(), failures: 1, trouble: 'No.', needs: 'login', succeeded: false })
    expect(await (await get(site, '/api/v1/sources')).json()).toMatchObject([{ trouble: 'No.', needs: 'login' }])

    const status = await (await get(site, '/api/v1/status')).json()
    expect(status).toMatchObject({
      sources: { active: 1 },
      items: 0,
      telegram: { state: 'online', username: 'harbour_bot' },
    })
    expect(JSON.stringify([sources, status])).not.toMatch(/secret/i)
  })
})

describe('behind a proxy that takes a path away', () => {
  const PREFIX = 'https://news.example/crier'

  /** Where the links and forms of a page of ours lead, as a browser resolves them. */
  async function linksOf(site: Site, path: string): Promise<string[]> {
    const html = await (await get(site, path, { accept: 'text/html' })).text()
    const written = [...html.matchAll(/ (?:href|action)="([^"]*)"/g)].map(([, link = '']) => link)
    return written.map((link) => new URL(link.replaceAll('&amp;', '&'), PREFIX + path).href)
  }

  test.each([
    '/',
    '/?q=chips',
    '/?q=(',
    '/?stories=0',
    '/try',
    '/try?q=chips',
    '/try?q=(',
    '/sources',
    '/nothing',
    '/a/b/nothing',
    '/feed.atom/',
  ])('every link of %s stays beneath the path, and leads somewhere', async (path) => {
    const site = await openSite({ baseUrl: () => PREFIX })
    const links = (await linksOf(site, path)).filter((link) => !link.includes('#'))
    expect(links.length).toBeGreaterThan(5)
    expect(links.filter((link) => !link.startsWith(`${PREFIX}/`))).toEqual([])
    for (const link of new Set(links)) expect((await get(site, link.slice(PREFIX.length))).status).not.toBe(404)
  })
})

describe('our own files', () => {
  test('the style sheet is kept for ever under the address the page gives it, and an hour otherwise', async () => {
    const site = await openSite()
    const page = await (await get(site, '/')).text()
    const address = /href="\.(\/style\.css\?v=[0-9a-f]+)"/.exec(page)?.[1] ?? ''
    const named = await get(site, address)
    expect(named.headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(named.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect((await get(site, '/style.css?v=old')).headers.get('cache-control')).toBe('public, max-age=3600')
    expect(await (await get(site, '/favicon.svg')).text()).toMatch(/^<svg /)
  })
})
