import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FeedServer, startFeedServer } from '../support/feed-server.ts'
import { newsPage } from '../support/news-page.ts'
import { testTerminal } from './terminal.ts'

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

describe('crier source add on a page without a feed', () => {
  test('shows what it would watch and the command that does it, saves nothing, and ends with 2', async () => {
    const url = serve('/list', newsPage())
    const terminal = testTerminal()

    const { code, out, err } = await terminal.crier('source', 'add', url, '--tag', 'my tag', '--full-text')

    expect([code, out]).toEqual([2, ''])
    const lines = err.split('\n')
    expect(lines[0]).toBe(`${url} has no feed, but 6 entries that can be watched:`)
    expect(lines[1]).toBe('2026-11-11        Announcement number 11 of the harbour office')
    expect(lines[2]).toBe(`                  ${feeds.url}/n/11.html`)
    expect(lines[11]).toBe('… and 1 more.')
    expect(lines[12]).toMatch(/^Each entry is .*li.*, found by itself\.$/)
    expect(lines.slice(13)).toEqual([
      'To watch them:',
      `     npx crier source add --page ${url} --tag 'my tag' --full-text`,
      'If these are the wrong ones, say what an entry is:',
      `     npx crier source add --page ${url} --tag 'my tag' --full-text --entry 'CSS SELECTOR'`,
      '',
    ])
    expect((await terminal.crier('source', 'list', '--json')).out).toBe('[]\n')
  })

  test('--json gives the entries and the rules, with 2 as well', async () => {
    const url = serve('/list', newsPage())

    const { code, out, err } = await testTerminal().crier('source', 'add', url, '--json')

    expect([code, err]).toEqual([2, ''])
    const { page, rules, items } = JSON.parse(out)
    expect([page, rules.auto, items.length]).toEqual([url, true, 6])
    expect(items[0]).toMatchObject({ url: `${feeds.url}/n/11.html`, published: '2026-11-11T00:00:00.000Z' })
  })

  test('what is secret is not repeated in the command', async () => {
    const url = serve('/list', newsPage()).replace('//', '//me:CANARY@')
    const { err } = await testTerminal().crier('source', 'add', url, '--header', 'X-Key: CANARY')

    expect(err).toContain(`--page ${url.replace('me:CANARY@', '')} --auth NAME:PASSWORD --header 'X-Key: …'`)
    expect(err).not.toContain('CANARY')
  })

  test('escape sequences of the page stay on the page', async () => {
    const url = serve('/list', newsPage().replaceAll('harbour', 'harbour \u001B[31m'))
    const { err } = await testTerminal().crier('source', 'add', url)

    expect(err).toContain('of the harbour office')
    expect(err).not.toContain('\u001B')
  })
})

describe('crier source add --page', () => {
  test('fetches once, shows what it found, and stores it quietly; the next new entry can alert', async () => {
    const url = serve('/list', newsPage())
    const terminal = testTerminal()

    const { code, out } = await terminal.crier('source', 'add', '--page', url)

    expect(code).toBe(0)
    expect(out).toMatch(/^Added source 1: Harbour office\n/)
    expect(out).toMatch(/Entries +.*li.*, found by itself/)
    expect(out).toMatch(/Items +6, the newest came 2026-11-11/)
    expect(out).toContain('2026-11-11        Announcement number 11 of the harbour office')
    expect(out).toContain('6 items stored quietly; the next new one can alert.')
    expect(feeds.requests.map(({ path }) => path)).toEqual(['/list'])

    await terminal.crier('watch', 'add', 'announcement')
    serve('/list', newsPage({ days: [12, 11, 10, 9, 8, 7] }))
    expect((await terminal.crier('poll')).out).toContain('Harbour office: 1 new, 1 alert')
  })

  test('takes selectors in place of what it would find, and keeps them', async () => {
    const { terminal } = await watching('--entry', 'ul.news > li', '--entry-link', 'a', '--entry-date', '.day')

    const { rules, kind } = JSON.parse((await terminal.crier('source', 'show', '1', '--json')).out)
    expect([kind, rules]).toEqual([
      'page',
      { entry: 'ul.news > li', link: 'a', title: null, date: '.day', summary: null, auto: false },
    ])
    expect((await terminal.crier('source', 'show', '1')).out).toMatch(
      /Kind +a page; an entry is ul\.news > li, the link at a, the date at \.day\n/,
    )
  })

  test('is obeyed where the page names a feed', async () => {
    const head = '<link rel="alternate" type="application/rss+xml" href="/wire.xml">'
    const url = serve('/list', newsPage({ head }))
    const { out } = await testTerminal().crier('source', 'add', url, '--page', '--json')

    expect(JSON.parse(out)).toMatchObject({ kind: 'page', url })
  })

  test('selectors that find nothing are told, and nothing is added', async () => {
    const url = serve('/list', newsPage())
    const terminal = testTerminal()

    const { code, out, err } = await terminal.crier('source', 'add', url, '--entry', 'article.post')

    expect([code, out]).toEqual([4, ''])
    expect(err).toContain('article.post')
    expect((await terminal.crier('source', 'list', '--json')).out).toBe('[]\n')
  })

  test('selectors of a part that match nothing are told, and the page is added all the same', async () => {
    const url = serve('/list', newsPage())
    const options = ['--entry', 'ul.news > li', '--entry-title', '.nope', '--entry-date', 'time', '--entry-link', 'a']
    const warning = [
      '--entry-title ".nope" matches nothing within the entries: the titles are those that Crier finds by itself.',
      '--entry-date "time" matches no date within the entries.',
    ].join('\n')
    const terminal = testTerminal()

    const parsed = await terminal.crier('parse', url, ...options)
    const added = await terminal.crier('source', 'add', url, ...options)

    expect([parsed.code, parsed.err]).toEqual([0, `${warning}\n`])
    expect([added.code, added.err]).toEqual([
      0,
      `${warning}\nNo service is running here. To start it: npx crier start\n`,
    ])
    expect(added.out).toContain('Added source 1')
  })

  test('an address that is a source already keeps its entries, and that is a conflict', async () => {
    const { terminal, url } = await watching('--entry', 'ul.news > li')
    const again = (...options: string[]) => terminal.crier('source', 'add', url, ...options)

    expect(await again('--entry', '#main li', '--json')).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(
        /One address is one source, and source 1 stays a page with the entries it has \(ul\.news > li\)\.\s.*crier source set 1 --entry '#main li'\n/,
      ),
    })
    expect(await again('--entry', 'ul.news > li')).toMatchObject({ code: 0 })
    expect(await again('--page')).toMatchObject({ code: 0, out: expect.stringContaining('left as it is') })
  })

  test('a login page is called one', async () => {
    const url = serve('/login', '<html><body><form><input type="password"></form></body></html>')

    const { code, err } = await testTerminal().crier('source', 'add', url)

    expect(code).toBe(4)
    expect(err).toContain(`${url} is a web page, not a feed, and names none.`)
    expect(err).toContain('This page asks for a login, and has no list of links.')
    expect(err).not.toContain('--entry')
  })

  const refusals: { name: string; options: string[]; says: RegExp }[] = [
    { name: 'what is no selector', options: ['--entry', 'li[['], says: /--entry is no selector: .*Example.*ul\.news/s },
    { name: 'an empty one', options: ['--entry', ''], says: /--entry is empty/ },
    { name: 'a date without an entry', options: ['--entry-date', '.day'], says: /--entry-date needs --entry/ },
    {
      name: 'a bad date beside a good entry',
      options: ['--entry', 'li', '--entry-date', '..'],
      says: /--entry-date is no/,
    },
    { name: 'a header without a colon', options: ['--header', 'CANARY'], says: /name, a colon and a value/ },
    { name: 'a login without a colon', options: ['--auth', 'CANARY'], says: /user and a password/ },
    { name: 'no login', options: ['--auth', ''], says: /--auth is empty/ },
    { name: 'a proxy of another kind', options: ['--proxy', 'socks5://CANARY'], says: /http or https/ },
  ]
  for (const { name, options, says } of refusals) {
    test(`${name} is refused before anything is fetched or made`, async () => {
      const url = serve('/list', newsPage())
      const terminal = testTerminal({ isBare: true })

      const { code, out, err } = await terminal.crier('source', 'add', url, ...options)

      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(says)
      expect(err).not.toContain('CANARY')
      expect(feeds.requests).toEqual([])
      expect(existsSync(join(terminal.folder, 'data'))).toBe(false)
    })
  }
})

describe('crier source set', () => {
  test('changes selectors one by one, finds them anew, and makes a feed of a page and a page of a feed', async () => {
    const { terminal } = await watching()
    const rules = async () => JSON.parse((await terminal.crier('source', 'show', '1', '--json')).out)

    expect((await terminal.crier('source', 'set', '1', '--entry', '#main li')).out).toContain(
      'watched as a page (#main li)',
    )
    await terminal.crier('source', 'set', '1', '--entry-date', '.day')
    expect(await rules()).toMatchObject({ rules: { entry: '#main li', date: '.day', auto: false } })
    await terminal.crier('source', 'set', '1', '--entry-date', '')
    expect(await rules()).toMatchObject({ rules: { entry: '#main li', date: null } })
    expect((await terminal.crier('source', 'set', '1', '--page')).out).toContain('its entries are looked for')
    await terminal.crier('poll')
    expect(await rules()).toMatchObject({ kind: 'page', rules: { auto: true }, items: 6 })
    await terminal.crier('source', 'set', '1', '--feed')
    expect(await rules()).toMatchObject({ kind: 'feed', rules: null })
    await terminal.crier('source', 'set', '1', '--entry', 'li')
    expect(await rules()).toMatchObject({ kind: 'page', rules: { entry: 'li', auto: false } })
  })

  const relaid = (days: number[]) => newsPage({ days }).replace('<ul class="news">', '<ul class="notices">')

  test('a corrected selector calls out what came while the old one found nothing', async () => {
    const { terminal } = await watching('--entry', 'ul.news > li')
    await terminal.crier('watch', 'add', 'announcement')
    serve('/list', relaid([13, 12, 11, 10, 9, 8]))
    expect((await terminal.crier('poll')).code).toBe(4)

    await terminal.crier('source', 'set', '1', '--entry', 'ul.notices > li')

    expect((await terminal.crier('poll')).out).toContain('2 new items, 0 edited, 2 alerts')
    serve('/list', relaid([20, 19, 18, 17, 13, 12]))
    expect((await terminal.crier('poll')).out).toContain('4 new items, 0 edited, 4 alerts')
  })

  test('a selector that leads to something else is stored quietly', async () => {
    const { terminal } = await watching('--entry', 'ul.news > li')
    await terminal.crier('watch', 'add', 'announcement')
    serve('/list', relaid([33, 32, 31, 30]))

    await terminal.crier('source', 'set', '1', '--entry', 'ul.notices > li')

    expect((await terminal.crier('poll')).out).toContain('4 new items, 0 edited, 0 alerts')
  })

  test('turns whole texts on and off', async () => {
    const { terminal } = await watching()

    expect((await terminal.crier('source', 'set', '1', '--full-text')).out).toContain('whole texts')
    expect((await terminal.crier('source', 'show', '1')).out).toMatch(/Full text +from the items’ own pages/)
    expect((await terminal.crier('source', 'set', '1', '--no-full-text')).out).not.toContain('whole texts')
  })

  test('what contradicts itself or cannot be is refused', async () => {
    const refusals: [options: string[], says: RegExp][] = [
      [['--page', '--feed'], /Keep one of them/],
      [['--entry', 'ul li', '--feed'], /--feed was given with the selectors of a page\.\s+Keep one of them/],
      [['--full-text', '--no-full-text'], /--full-text and --no-full-text were both given\.\s+Keep one of them/],
      [['--no-full-text', '--full-text'], /--full-text and --no-full-text were both given/],
      [['--entry', '[['], /--entry is no selector/],
      [['--header', 'Host: x'], /"host" is Crier’s own/],
    ]
    const { terminal } = await watching()

    for (const [options, says] of refusals) {
      const { code, out, err } = await terminal.crier('source', 'set', '1', ...options)

      expect([code, out], options.join(' ')).toEqual([2, ''])
      expect(err).toMatch(says)
    }
  })
})
