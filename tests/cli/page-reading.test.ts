import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FeedServer, startFeedServer } from '../support/feed-server.ts'
import { newsPage } from '../support/news-page.ts'
import { rss, testTerminal } from './terminal.ts'

let feeds: FeedServer

beforeEach(async () => {
  feeds = await startFeedServer()
})

afterEach(() => feeds.close())

function serve(path: string, body: string): string {
  feeds.set(path, { body, contentType: 'text/html; charset=utf-8' })
  return `${feeds.url}${path}`
}

/** A terminal, in its database the page as source 1. */
async function watching(...options: string[]) {
  const url = serve('/list', newsPage())
  const terminal = testTerminal()
  expect((await terminal.crier('source', 'add', '--page', url, ...options)).code).toBe(0)
  return { terminal, url }
}

describe('crier poll', () => {
  test('says that a source has moved, as long as nobody confirmed it', async () => {
    feeds.set('/old.xml', rss('Wire', [{ id: 'a', title: 'One' }]))
    const terminal = testTerminal()
    await terminal.crier('source', 'add', `${feeds.url}/old.xml`)
    feeds.set('/old.xml', { redirect: `${feeds.url}/new.xml`, status: 301 })
    feeds.set('/new.xml', rss('Wire', [{ id: 'a', title: 'One' }]))

    expect((await terminal.crier('poll')).out).toContain(
      `Wire: it says it has moved for good to ${feeds.url}/new.xml; not followed yet\n`,
    )
    expect((await terminal.crier('source', 'show', '1')).out).toMatch(
      /Moving +for good to .*new\.xml: 1 of 3 confirmations\n/,
    )
    await terminal.crier('poll')
    expect(JSON.parse((await terminal.crier('poll', '--json')).out)).toMatchObject([
      { number: 1, notes: [`it has moved for good, and is polled at ${feeds.url}/new.xml now`] },
    ])
    expect((await terminal.crier('source', 'show', '1')).out).toContain(`${feeds.url}/new.xml\n`)
  })

  test('a source that has moved to another says which, and how this one can go', async () => {
    feeds.set('/old.xml', rss('Wire', [{ id: 'a', title: 'One' }]))
    feeds.set('/new.xml', rss('Wire', [{ id: 'a', title: 'One' }]))
    const terminal = testTerminal()
    for (const name of ['old', 'new']) await terminal.crier('source', 'add', `${feeds.url}/${name}.xml`)
    feeds.set('/old.xml', { redirect: `${feeds.url}/new.xml`, status: 301 })
    const show = async () => (await terminal.crier('source', 'show', '1')).out
    for (let polls = 0; polls < 3; polls++) await terminal.crier('poll')

    expect(await show()).toContain(
      `for good to ${feeds.url}/new.xml, which is source 2 already: this one can go (npx crier source remove 1)\n`,
    )
    await terminal.crier('source', 'remove', '2')
    expect(await show()).toContain('/new.xml, which was a source that was removed: ')
  })

  test('says that items may have been missed', async () => {
    const wire = (from: number) =>
      rss(
        'Wire',
        Array.from({ length: 10 }, (_, i) => ({ id: `n${from + i}`, title: `News number ${from + i}` })),
      )
    feeds.set('/wire.xml', wire(0))
    const terminal = testTerminal()
    await terminal.crier('source', 'add', `${feeds.url}/wire.xml`)
    feeds.set('/wire.xml', wire(100))

    const missed = /Wire: 10 new\n {2}Wire: nothing it shows was there before: items may have been missed/
    expect((await terminal.crier('poll')).out).toMatch(missed)
  })

  test('says that what came between was found on older pages', async () => {
    const wire = (from: number, older = '') =>
      rss(
        `Wire</title>${older}<title>`,
        Array.from({ length: 10 }, (_, i) => ({ id: `n${from + i}`, title: `News number ${from + i}` })),
      )
    feeds.set('/wire.xml', wire(0))
    const terminal = testTerminal()
    await terminal.crier('source', 'add', `${feeds.url}/wire.xml`)
    const next = `<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="next" href="${feeds.url}/wire2.xml"/>`
    feeds.set('/wire.xml', wire(14, next))
    feeds.set('/wire2.xml', wire(5))

    const found = /Wire: 14 new\n {2}Wire: nothing it shows was there before: what came between was found on/
    expect((await terminal.crier('poll')).out).toMatch(found)
  })

  test('says that the entries of a page stand elsewhere now', async () => {
    const { terminal } = await watching()
    serve('/list', newsPage().replaceAll('ul class="news"', 'ol class="notices"').replace('</ul></div>', '</ol></div>'))

    expect((await terminal.crier('poll')).out).toMatch(/its entries stand elsewhere now: .*found by itself/)
  })

  test('names a page that lost its entries in words', async () => {
    const { terminal } = await watching()
    serve('/list', '<!doctype html><html><body><p>Hello</p></body></html>')
    const lost = await terminal.crier('poll')
    expect([lost.code, lost.out]).toEqual([4, expect.stringMatching(/Harbour office: .*(?:layout|list|entries)/)])
  })
})

describe('what keeps us out is named in words', () => {
  test('by crier poll, and by source show', async () => {
    feeds.set('/wire.xml', rss('Wire', [{ id: 'a', title: 'One' }]))
    const terminal = testTerminal()
    await terminal.crier('source', 'add', `${feeds.url}/wire.xml`)
    const challenge =
      '<!doctype html><title>Just a moment...</title><script src="/cdn-cgi/challenge-platform/x.js"></script>'
    feeds.set('/wire.xml', {
      status: 403,
      body: challenge,
      contentType: 'text/html',
      headers: { 'cf-mitigated': 'challenge', server: 'cloudflare' },
    })

    const { code, out } = await terminal.crier('poll')

    expect(code).toBe(4)
    expect(out).toMatch(/Wire: .*(?:Cloudflare|challenge|browser)/i)
    expect(out).toContain("Wire: try: npx crier source set 1 --header 'Cookie: …'\n")
    expect((await terminal.crier('source', 'show', '1')).out).toMatch(/Trouble +.*(?:Cloudflare|challenge|browser)/i)

    feeds.set('/wire.xml', rss('Wire', [{ id: 'b', title: 'Two' }]))
    expect((await terminal.crier('poll')).out).not.toContain('try:')
    expect((await terminal.crier('source', 'show', '1')).out).not.toMatch(/Trouble|Try/)
  })

  test('by crier source add, and by parse, with the option that gives what is wanted', async () => {
    feeds.set('/wire.xml', { status: 401 })
    for (const command of [['source', 'add'], ['parse']]) {
      expect(await testTerminal().crier(...command, `${feeds.url}/wire.xml`)).toMatchObject({
        code: 4,
        err: `crier: The server answered 401 Unauthorized. It wants a name and a password. Try: npx crier source add ${feeds.url}/wire.xml --auth NAME:PASSWORD\n`,
      })
    }
  })
})

describe('what crier source add advises takes along what was given, and no secret', () => {
  const rows: { name: string; path: string; user?: string; options: string[]; says: (url: string) => string }[] = [
    {
      name: 'a feed that was to be a page, behind a login in its address',
      path: '/wire.xml',
      user: 'me:CANARY@',
      options: ['--page', '--entry', 'li', '--tag', 'sea', '--header', 'X-Key: CANARY'],
      says: (url) => `add ${url} --tag sea --auth NAME:PASSWORD --header 'X-Key: …'\n`,
    },
    {
      name: 'a login that is wanted, or another one',
      path: '/closed.xml',
      options: ['--auth', 'me:CANARY', '--title', 'The Wire', '--every', '2h'],
      says: (url) => `add ${url} --auth NAME:PASSWORD --every 2h --title 'The Wire'\n`,
    },
    {
      name: 'a login of a page whose entries were named',
      path: '/closed.xml',
      options: ['--entry', 'ul > li', '--full-text'],
      says: (url) => `add ${url} --auth NAME:PASSWORD --entry 'ul > li' --full-text\n`,
    },
    {
      name: 'an entry that is to be named, behind a login',
      path: '/bare',
      options: ['--auth', 'me:CANARY', '--full-text'],
      says: (url) => `add ${url} --entry 'SELECTOR' --full-text --auth NAME:PASSWORD\n`,
    },
  ]
  for (const { name, path, user = '', options, says } of rows) {
    test(name, async () => {
      feeds.set('/wire.xml', rss('Wire', [{ id: 'a', title: 'One' }]))
      feeds.set('/closed.xml', { status: 401 })
      feeds.set('/bare', { body: '<html><body><a href="/about">About us</a></body></html>', contentType: 'text/html' })
      const url = `${feeds.url}${path}`

      const { err } = await testTerminal().crier('source', 'add', url.replace('//', `//${user}`), ...options)

      expect(err).toContain(` Try: npx crier source ${says(url)}`)
      expect(err).not.toContain('CANARY')
    })
  }

  test('what is there already is changed by the options that were given', async () => {
    feeds.set('/wire.xml', rss('Wire', [{ id: 'a', title: 'One' }]))
    const terminal = testTerminal()
    const add = (...options: string[]) => terminal.crier('source', 'add', `${feeds.url}/wire.xml`, ...options)
    await add()

    expect((await add()).err).toBe('')
    expect((await add('--tag', 'sea', '--auth', 'me:CANARY')).err).toBe(
      'To change it: npx crier source set 1 --tag sea --auth NAME:PASSWORD\n',
    )
  })
})

describe('crier parse on a page', () => {
  test('shows the entries it would watch, and where they stand', async () => {
    const { code, out, err } = await testTerminal().crier('parse', serve('/list', newsPage()))

    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/Format +page\n/)
    expect(out).toMatch(/Entries +.*li.*, found by itself\n/)
    expect(out).toContain('2026-11-11        Announcement number 11 of the harbour office')
    expect(out).toContain(`${feeds.url}/n/6.html`)
  })

  test('a day without a time is that day in every zone, and has no hour', async () => {
    const west = testTerminal({ env: { CRIER_ALLOW_HOSTS: '127.0.0.1', CRIER_TIMEZONE: 'America/New_York' } })
    const url = serve('/list', newsPage().replace('2026-11-10', '2026-11-10T12:30'))

    const { out } = await west.crier('parse', url)

    expect(out).toContain('2026-11-11        Announcement number 11 ')
    expect(out).toContain('2026-11-10 07:30  Announcement number 10 ')
  })

  test('once stored it still is, and a list says so in its own zone', async () => {
    for (const zone of ['America/New_York', 'Europe/Berlin', 'Pacific/Kiritimati']) {
      const terminal = testTerminal({ env: { CRIER_TIMEZONE: zone } })
      const added = await terminal.crier('source', 'add', '--page', serve('/list', newsPage()))

      expect(added.out, zone).toMatch(/the newest came 2026-11-11$/m)
      expect((await terminal.crier('source', 'show', '1')).out, zone).toMatch(/^Items +6, the newest came 2026-11-11$/m)
      expect((await terminal.crier('search')).out, zone).toMatch(/^2026-11-11 {8}Announcement number 11 /m)
    }
  })

  test('--json has the fields of every document, and the rules', async () => {
    const url = serve('/list', newsPage())
    const { out } = await testTerminal().crier('parse', url, '--json', '--entry', 'ul.news li')

    const parsed = JSON.parse(out)
    expect(Object.keys(parsed)).toEqual(['title', 'link', 'language', 'rules', 'items'])
    expect(parsed).toMatchObject({ title: 'Harbour office', rules: { entry: 'ul.news li', auto: false } })
    expect(parsed.items).toHaveLength(6)
  })

  test('says beside it which feeds the page names', async () => {
    const head = '<link rel="alternate" type="application/rss+xml" href="/wire.xml">'
    const { code, err } = await testTerminal().crier('parse', serve('/list', newsPage({ head })))

    expect(code).toBe(0)
    expect(err).toBe(`The page names 1 feed:\n  ${feeds.url}/wire.xml\n`)
  })

  test('reads a file as well: its relative addresses are on no host, or on the one that is said', async () => {
    const terminal = testTerminal()
    writeFileSync(join(terminal.folder, 'page.html'), newsPage())

    const alone = await terminal.crier('parse', 'page.html')
    expect([alone.code, alone.err]).toEqual([0, expect.stringMatching(/as on http:\/\/localhost\/; --url says/)])
    expect(alone.out).toContain('http://localhost/n/11.html')

    const placed = await terminal.crier('parse', 'page.html', '--url', 'https://a.example/news/')
    expect([placed.code, placed.err]).toEqual([0, ''])
    expect(placed.out).toContain('https://a.example/n/11.html')
    expect((await terminal.crier('parse', 'https://a.example/', '--url', 'https://b.example/')).code).toBe(2)
  })

  test('of a feed in a file --url is where its relative addresses are', async () => {
    const terminal = testTerminal()
    writeFileSync(join(terminal.folder, 'feed.xml'), rss('Wire', []).replace('https://wire.example/', '/home'))
    const { out } = await terminal.crier('parse', 'feed.xml', '--json', '--url', 'a.example')

    expect(JSON.parse(out).link).toBe('https://a.example/home')
  })

  test.each([
    [
      'a page without links',
      '<!doctype html><html><body><p>Hello</p></body></html>',
      [],
      'There are no links on this page',
    ],
    [
      'a page without entries',
      '<!doctype html><html><body><a href="/a">A</a></body></html>',
      [],
      'given with --entry.',
    ],
    ['selectors that find nothing', newsPage(), ['--entry', 'article'], 'Nothing on the page matches "article"'],
  ])('ends with 4 for %s', async (_, html, options, says) => {
    const { code, out, err } = await testTerminal().crier('parse', serve('/list', html), ...options)

    expect([code, out]).toEqual([4, ''])
    expect(err).toContain(says)
  })

  test('of a page without entries it says which feeds it names', async () => {
    const html =
      '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/wire.xml"></head><body><p>Hello</p></body></html>'
    const { code, err } = await testTerminal().crier('parse', serve('/list', html))

    expect(code).toBe(4)
    expect(err).toContain(`It names 1 feed: ${feeds.url}/wire.xml`)
  })

  test('refuses a bad selector before it fetches', async () => {
    const { code, err } = await testTerminal().crier('parse', serve('/list', newsPage()), '--entry', '((')

    expect(code).toBe(2)
    expect(err).toContain('--entry is no selector')
    expect(feeds.requests).toEqual([])
  })
})
