import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stateOf } from '../../src/cli/sources.ts'
import type { Source } from '../../src/model.ts'
import { systemClock } from '../../src/time.ts'
import { type FeedServer, startFeedServer } from '../support/feed-server.ts'
import { NOW, openTestStore } from '../support/store.ts'
import { rss, testTerminal } from './terminal.ts'

let feeds: FeedServer

beforeEach(async () => {
  feeds = await startFeedServer()
})

afterEach(() => feeds.close())

const NEWS = [
  { id: 'a', title: 'Ferry on time', date: 'Mon, 23 Nov 2026 08:55:00 GMT' },
  { id: 'b', title: 'Frost', date: 'Sun, 22 Nov 2026 07:00:00 GMT' },
]

describe('crier source add', () => {
  test('shows what was found, and says that it was stored quietly', async () => {
    feeds.set('/wire.xml', rss('The Harbour Wire', NEWS))
    const { code, out } = await testTerminal({ isBare: true }).crier(
      'source',
      'add',
      `${feeds.url}/wire.xml`,
      '--tag',
      'local',
      '--tag',
      'sea',
    )

    expect(code).toBe(0)
    expect(out).toContain('source 1: The Harbour Wire')
    expect(out).toMatch(/Format +RSS 2\.0/)
    expect(out).toMatch(/Items +2, the newest came 2026-11-23 08:55/)
    expect(out).toMatch(/Tags +local, sea/)
    expect(out).toContain('2 items stored quietly; the next new one can alert.')
  })

  test('what holds nothing yet says so, and whether it breaks off', async () => {
    const whole = rss('Wire', [])
    for (const [path, body] of Object.entries({ '/whole.xml': whole, '/cut.xml': whole.slice(0, -20) })) {
      feeds.set(path, body)
    }
    const terminal = testTerminal()
    const add = async (path: string) => (await terminal.crier('source', 'add', `${feeds.url}${path}`)).out

    expect(await add('/whole.xml')).toMatch(/\nIt holds nothing yet; what comes can alert\.\n$/)
    expect(await add('/cut.xml')).toMatch(/\nIts document breaks off before the first item\.\n$/)
  })

  test('what is read in part says so, and why', async () => {
    const cut = rss('Wire', NEWS)
    feeds.set('/cut.xml', cut.slice(0, cut.lastIndexOf('<item>') + 20))
    const many = Array.from({ length: 1_001 }, (_, n) => ({ id: `${n}`, title: `News ${n}` }))
    feeds.set('/long.xml', rss('Wire', many))
    const terminal = testTerminal()
    const add = async (path: string) => (await terminal.crier('source', 'add', `${feeds.url}${path}`)).out

    expect(await add('/cut.xml')).toMatch(/Items +1, and then the document was cut off; the newest came/)
    expect(await add('/long.xml')).toMatch(/Items +1000, the most that are read of one document; without dates/)
    expect((await terminal.crier('parse', `${feeds.url}/long.xml`)).out).toMatch(
      /Items +1000, the most that are read of one document\n/,
    )
  })

  test('asks nothing of a host that wants to be left alone, and says until when', async () => {
    feeds.set('/wire.xml', rss('The Harbour Wire', NEWS))
    feeds.set('/busy.xml', { status: 429, headers: { 'retry-after': '3600' } })
    const terminal = testTerminal()
    // By name it is no host of our own, and has manners to be learned.
    const there = `http://localhost:${feeds.port}`
    expect((await terminal.crier('source', 'add', `${there}/busy.xml`)).code).toBe(4)

    const { code, err } = await terminal.crier('source', 'add', `${there}/wire.xml`)

    expect(code).toBe(4)
    expect(err).toMatch(/localhost asked to wait until \d{4}-\d\d-\d\d \d\d:\d\d UTC\. Try again in 60 min\./)
    expect(feeds.requests.map(({ path }) => path)).toEqual(['/busy.xml'])
  })

  test('fetches once, and what is there already is left as it is', async () => {
    feeds.set('/wire.xml', rss('The Harbour Wire', NEWS))
    const terminal = testTerminal()
    await terminal.crier('source', 'add', `${feeds.url}/wire.xml`)

    const { code, out, err } = await terminal.crier('source', 'add', `${feeds.url}/wire.xml`, '--tag', 'sea')

    expect(code).toBe(0)
    expect(out).toBe('Already there, and left as it is: source 1, The Harbour Wire.\n')
    expect(err).toContain('crier source set 1')
    expect(feeds.requests).toHaveLength(1)
  })

  test('a site leads to the one feed it names', async () => {
    feeds.set('/', {
      body: '<html><link rel="alternate" type="application/rss+xml" href="wire.xml">',
      contentType: 'text/html',
    })
    feeds.set('/wire.xml', rss('The Harbour Wire', NEWS))
    const terminal = testTerminal()

    const { code, out } = await terminal.crier('source', 'add', feeds.url)

    expect(code).toBe(0)
    expect(out).toContain('source 1: The Harbour Wire')
    expect(out).toContain(`${feeds.url}/wire.xml`)
    expect(feeds.requests.map(({ path }) => path)).toEqual(['/', '/wire.xml'])
    const again = await terminal.crier('source', 'add', feeds.url)
    expect(again.out).toBe(`Already there, and left as it is: source 1, The Harbour Wire, ${feeds.url}/wire.xml.\n`)
  })

  describe('a site with several feeds', () => {
    beforeEach(() => {
      const links = [
        '<link rel="alternate" type="application/rss+xml" title="All \u001b[31mnews" href="all.xml">',
        '<link rel="alternate" type="application/atom+xml" href="/feed?for=it&amp;x=\'1">',
      ]
      feeds.set('/', { body: `<html>${links.join('')}`, contentType: 'text/html' })
      feeds.set('/all.xml', rss('All', NEWS))
    })

    test('is answered with 2 and the exact command for each; one of them adds it', async () => {
      const terminal = testTerminal()

      const asked = await terminal.crier('source', 'add', feeds.url, '--tag', 'my tag', '--every', '2h')

      expect([asked.code, asked.out]).toEqual([2, ''])
      expect(asked.err).toBe(
        [
          `${feeds.url}/ names 2 feeds. Which one?`,
          '  1. All news, RSS',
          `     npx crier source add ${feeds.url}/all.xml --tag 'my tag' --every 2h`,
          '  2. Atom',
          `     npx crier source add '${feeds.url}/feed?for=it&x=%271' --tag 'my tag' --every 2h`,
          '',
        ].join('\n'),
      )
      expect((await terminal.crier('source', 'list', '--json')).out).toBe('[]\n')
      expect((await terminal.crier('source', 'add', `${feeds.url}/all.xml`)).code).toBe(0)
    })

    test('says of one that is read already which source it is', async () => {
      const terminal = testTerminal()
      await terminal.crier('source', 'add', `${feeds.url}/all.xml`)

      expect((await terminal.crier('source', 'add', feeds.url)).err).toContain(
        '  1. All news, RSS\n     read already: source 1\n  2. Atom\n     npx crier source add ',
      )
    })

    test('--json gives the candidates, with 2 as well', async () => {
      const { code, out, err } = await testTerminal().crier('source', 'add', feeds.url, '--json')

      expect([code, err]).toEqual([2, ''])
      expect(JSON.parse(out)).toEqual({
        page: `${feeds.url}/`,
        candidates: [
          { url: `${feeds.url}/all.xml`, title: expect.stringContaining('news'), format: 'RSS', source: null },
          { url: `${feeds.url}/feed?for=it&x=%271`, title: null, format: 'Atom', source: null },
        ],
      })
    })
  })

  const refusals = [
    {
      name: 'a web page',
      path: '/page',
      body: '<!doctype html><html><body><p>Hello</p></body></html>',
      code: 4,
      says: /not a feed.*feed/i,
    },
    { name: 'an address where nothing is', path: '/nothing', body: null, code: 4, says: /404/ },
  ]
  for (const { name, path, body, code, says } of refusals) {
    test(`refuses ${name} with ${code} and what to try, and adds nothing`, async () => {
      if (body !== null) feeds.set(path, { body, contentType: 'text/html' })
      const terminal = testTerminal()

      const refused = await terminal.crier('source', 'add', `${feeds.url}${path}`)

      expect([refused.code, refused.out]).toEqual([code, ''])
      expect(refused.err).toMatch(says)
      expect((await terminal.crier('source', 'list', '--json')).out).toBe('[]\n')
    })
  }

  test('does not reach into a network that is not allowed', async () => {
    feeds.set('/wire.xml', rss('Wire', NEWS))
    const terminal = testTerminal({ env: { CRIER_ALLOW_HOSTS: '' } })

    const { code, err } = await terminal.crier('source', 'add', `${feeds.url}/wire.xml`)

    expect(code).toBe(2)
    expect(err).toContain('CRIER_ALLOW_HOSTS')
    expect(feeds.requests).toEqual([])
  })

  test('--json is the source, and nothing else', async () => {
    feeds.set('/wire.xml', rss('Wire', NEWS))

    const { out } = await testTerminal().crier(
      'source',
      'add',
      `${feeds.url}/wire.xml`,
      '--every',
      '90s',
      '--title',
      'Mine',
      '--json',
    )

    expect(JSON.parse(out)).toMatchObject({
      number: 1,
      title: 'Mine',
      url: `${feeds.url}/wire.xml`,
      every: '90s',
      items: 2,
    })
  })
})

describe('one source after another', () => {
  async function withSource() {
    feeds.set('/wire.xml', rss('The Harbour Wire', NEWS))
    const terminal = testTerminal()
    await terminal.crier('source', 'add', `${feeds.url}/wire.xml`, '--tag', 'sea')
    return terminal
  }

  test('list shows them aligned; --json is an array with stable names', async () => {
    const terminal = await withSource()

    const [head = '', row = ''] = (await terminal.crier('source', 'list')).out.split('\n')
    expect(head).toMatch(/^REF {2}TITLE {13}ITEMS {2}NEWEST +STATE {2}ADDRESS$/)
    expect(row).toMatch(/^ {2}1 {2}The Harbour Wire {6}2 {2}.+ {2}ok +http:\/\/127\.0\.0\.1:\d+\/wire\.xml$/)
    expect(row.indexOf('ok')).toBe(head.indexOf('STATE'))
    const [source] = JSON.parse((await terminal.crier('source', 'list', '--json')).out)
    expect(Object.keys(source)).toEqual([
      'number',
      'kind',
      'url',
      'title',
      'site',
      'format',
      'language',
      'tags',
      'state',
      'every',
      'rules',
      'fullText',
      'access',
      'usualGap',
      'move',
      'hub',
      'pushedUntil',
      'items',
      'newest',
      'polled',
      'succeeded',
      'nextPoll',
      'failures',
      'trouble',
      'needs',
      'told',
    ])
    expect(source).toMatchObject({ number: 1, tags: ['sea'], state: 'active', items: 2, failures: 0, trouble: null })
  })

  test('show says when the next poll is and why, by number and by address', async () => {
    const terminal = await withSource()

    for (const ref of ['1', `${feeds.url}/wire.xml`]) {
      const { code, out } = await terminal.crier('source', 'show', ref)
      expect(code).toBe(0)
      expect(out).toMatch(/Next poll +\d{4}-\d\d-\d\d \d\d:\d\d \(in \d+ min\): .*polled about every 15 min\./)
    }
    const json = JSON.parse((await terminal.crier('source', 'show', '1', '--json')).out)
    expect(json).toMatchObject({ number: 1, nextPollBecause: expect.stringContaining('every 15 min') })
  })

  test.each(['show', 'set', 'pause'])(
    '%s of what is neither a number nor an address is told as not there',
    async (verb) => {
      const terminal = await withSource()

      const { code, err } = await terminal.crier('source', verb, 'nosuch', ...(verb === 'set' ? ['--title', 'x'] : []))

      expect(code).toBe(3)
      expect(err).toContain('There is no source nosuch.')
      expect(err).toContain('by its number or its address')
    },
  )

  test('a server that wants to be asked less often, and says no time, is asked again at one that is said', async () => {
    const terminal = await withSource()
    feeds.set('/wire.xml', { status: 429 })

    const { out } = await terminal.crier('poll')
    expect(out).toMatch(/Wire: it did not say how long to wait; it is polled again in \d+ min\n/)
    // Which is no failure.
    expect(out).toContain('0 alerts, 1 asked us to wait.\n')
    expect(out).not.toContain('failed')
    expect((await terminal.crier('source', 'show', '1')).out).toMatch(
      /\(in (2[6-9]|3\d) min\): the server wants to be asked less often \(.*\), so the wait doubles each time, up to a day\.\n/,
    )
  })

  test('show says when its host is to be asked again, where that is later', async () => {
    const terminal = testTerminal()
    feeds.set('/wire.xml', rss('Wire', NEWS))
    // By name it is no host of our own.
    await terminal.crier('source', 'add', `http://localhost:${feeds.port}/wire.xml`)
    const store = await openTestStore({ dataDir: join(terminal.folder, 'data') })
    const until = systemClock() + 2 * 3_600_000
    await store.saveHostPace({ host: 'localhost', spacingMs: 10_000, until })
    for (const wait of [600_000, 0]) {
      await store.changeSource(1, { nextPollAt: systemClock() + wait }, systemClock())

      const { out } = await terminal.crier('source', 'show', '1')

      expect(out).toMatch(/Next poll +(\S+ \S+) \(in 2 h\): .*localhost asked to wait until \1\.\n/)
    }
  })

  test('show tells the rhythm, who pushes, and what the owner was told', async () => {
    const terminal = await withSource()
    const store = await openTestStore({ dataDir: join(terminal.folder, 'data') })
    const now = systemClock()
    const hub = { url: 'https://hub.example/x', topic: `${feeds.url}/wire.xml` }
    await store.claimSources([1], now, 60_000, { force: true })
    await store.recordPoll(1, {
      polledAt: now,
      nextPollAt: now + 3_600_000,
      validators: { etag: null, lastModified: null },
      bodyHash: null,
      failures: 1,
      trouble: 'A login page stands there.',
      needs: 'cookie',
      succeeded: false,
      told: ['blocked'],
      hub,
      rhythm: {
        documentMs: null,
        freshForMs: null,
        skipHours: [],
        skipDays: [],
        gapMs: 40 * 60_000,
        arrivedAt: now,
      },
    })
    const { out } = await terminal.crier('source', 'show', '1')

    expect(out).toMatch(/Rhythm +usually something new every 40 min\n/)
    expect(out).toMatch(/Pushed +no; it could be by hub\.example, with CRIER_PUBLIC_URL set\n/)
    expect(out).toMatch(/Trouble +A login page stands there\.\nTry +npx crier source set 1 --header 'Cookie: …'\n/)
    expect(out).toMatch(/Owner told +something keeps us out\n/)
    expect(JSON.parse((await terminal.crier('source', 'show', '1', '--json')).out)).toMatchObject({
      usualGap: '40m',
      hub: 'https://hub.example/x',
      pushedUntil: null,
      trouble: 'A login page stands there.',
      needs: 'cookie',
      told: ['blocked'],
    })

    terminal.io.env.CRIER_PUBLIC_URL = 'https://news.example'
    expect((await terminal.crier('source', 'show', '1')).out).toMatch(/Pushed +no; it could be by hub\.example\n/)

    const leaseUntil = now + 7 * 86_400_000
    const ask = { token: 'CANARY-token', secret: 'CANARY-secret', nextAt: leaseUntil, attempts: 0 }
    await store.saveSubscription({ sourceId: 1, hub, state: 'active', leaseUntil, ...ask })
    const pushed = await terminal.crier('source', 'show', '1')

    expect(pushed.out).toMatch(/Pushed +until \d{4}-\d\d-\d\d \d\d:\d\d by hub\.example\n/)
    expect(pushed.out + (await terminal.crier('source', 'list', '--json')).out).not.toContain('CANARY')
  })

  test('set changes title, tags and interval, and takes them back', async () => {
    const terminal = await withSource()

    const set = await terminal.crier(
      'source',
      'set',
      '1',
      '--title',
      ' Mine ',
      '--tag',
      'a',
      '--tag',
      ' b ',
      '--every',
      '2h',
    )
    expect(set.out).toMatch(/Mine: polled every 2h, tags a, b/)
    expect((await terminal.crier('source', 'show', '1')).out).toContain('every 2h, as you set it')

    const back = await terminal.crier('source', 'set', '1', '--title', '', '--tag', '', '--every', 'auto')
    expect(back.out).toMatch(/The Harbour Wire: polled as it allows, no tags/)
  })

  test('set takes the address to which it has moved, and what that holds at first is stored quietly', async () => {
    const terminal = await withSource()
    await terminal.crier('watch', 'add', 'harbour')
    feeds.set('/moved.xml', rss('The Harbour Wire', [{ id: 'moved', title: 'The harbour has moved' }]))

    const { code, out } = await terminal.crier('source', 'set', '1', '--url', `${feeds.url}/moved.xml`)

    expect([code, out]).toEqual([0, expect.stringContaining(`${feeds.url}/moved.xml`)])
    expect((await terminal.crier('poll')).out).toContain('1 new item, 0 edited, 0 alerts')
    expect(await terminal.crier('source', 'set', '1', '--url', 'nonsense')).toMatchObject({ code: 2, out: '' })
  })

  test('pause, resume and remove say what they did; a removed one is continued when it is added again', async () => {
    const terminal = await withSource()

    expect((await terminal.crier('source', 'pause', '1')).out).toContain('Paused source 1')
    expect((await terminal.crier('source', 'show', '1')).out).toMatch(/Next poll +none: it is paused/)
    expect(await terminal.crier('poll', '1')).toMatchObject({ code: 2, err: expect.stringContaining('resume 1') })
    expect((await terminal.crier('source', 'resume', '1')).out).toMatch(/Resumed source 1.*quietly/)
    await terminal.crier('poll', '1')
    expect((await terminal.crier('source', 'resume', '1')).out).toBe('Not paused: source 1, The Harbour Wire.\n')
    expect((await terminal.crier('source', 'remove', '1')).out).toContain('Removed source 1')
    expect(await terminal.crier('source', 'show', '1')).toMatchObject({ code: 3, out: '' })

    const again = JSON.parse((await terminal.crier('source', 'add', `${feeds.url}/wire.xml`, '--json')).out)
    expect(again).toMatchObject({ number: 1, items: 2 })
  })

  for (const command of ['source show', 'source set', 'source remove', 'source pause', 'source resume', 'poll']) {
    test(`${command} refuses an empty REF as that, not as a source that is missing`, async () => {
      const { code, out, err } = await testTerminal().crier(...command.split(' '), '')

      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(/^crier: REF is empty\. A source goes by its number or its address\..*crier source list\n$/)
    })
  }

  test('a login that was given for a site goes to no feed elsewhere, and that is said', async () => {
    feeds.set('/wire.xml', rss('Wire', NEWS))
    const link = `<link rel="alternate" type="application/rss+xml" href="http://localhost:${feeds.port}/wire.xml">`
    feeds.set('/', { contentType: 'text/html', body: `<!doctype html><html><head>${link}</head></html>` })
    const terminal = testTerminal({ env: { CRIER_ALLOW_HOSTS: '127.0.0.1,localhost' } })

    const { code, err } = await terminal.crier('source', 'add', feeds.url, '--auth', 'me:CANARY')

    expect([code, err]).toEqual([
      0,
      expect.stringContaining(`The feed is at localhost:${feeds.port}: the headers and the login given for 127.0.0.1`),
    ])
    expect(err).not.toContain('CANARY')
    expect(feeds.requests.map(({ path, headers }) => [path, headers.authorization !== undefined])).toEqual([
      ['/', true],
      ['/wire.xml', false],
    ])
  })

  test('the login of an address goes along, and is in no output', async () => {
    feeds.set('/wire.xml', rss('Wire', NEWS))
    const terminal = testTerminal({ isErrTTY: true })
    const url = `http://me:CANARY@127.0.0.1:${feeds.port}/wire.xml`
    const said = [await terminal.crier('source', 'add', url), await terminal.crier('source', 'add', url, '--json')]
    for (const asked of [
      ['source', 'list'],
      ['source', 'show', '1'],
      ['source', 'list', '--json'],
      ['poll', '--json'],
      ['search', '--json'],
      ['search'],
      ['export'],
    ]) {
      said.push(await terminal.crier(...asked))
    }

    expect(said.every(({ code }) => code === 0)).toBe(true)
    expect(JSON.stringify(said)).not.toContain('CANARY')
    expect((await terminal.crier('source', 'show', '1')).out).toMatch(/Sent along +basic auth\n/)
    expect(feeds.requests.map(({ headers }) => headers.authorization)).toEqual(
      feeds.requests.map(() => `Basic ${btoa('me:CANARY')}`),
    )
  })
})

describe('crier import and export', () => {
  const opml = (...urls: string[]) =>
    `<opml version="2.0"><body>${urls.map((url) => `<outline text="One" xmlUrl="${url}"/>`).join('')}</body></opml>`

  test('adds without fetching, and tells added, there already, and failed with reasons', async () => {
    const terminal = testTerminal()
    writeFileSync(join(terminal.folder, 'a.opml'), opml('https://a.example/feed', 'https://b.example/feed'))
    expect((await terminal.crier('import', 'a.opml')).out).toContain('2 sources added, 0 already there, 0 failed.')

    writeFileSync(join(terminal.folder, 'b.opml'), opml('https://a.example/feed', 'ftp://c.example/feed'))
    const { code, out } = await terminal.crier('import', 'b.opml')

    expect(code).toBe(0)
    expect(out).toContain('0 sources added, 1 already there, 1 failed.')
    expect(out).toMatch(/failed {2}ftp:\/\/c\.example\/feed: .*not a web address/)
    const json = JSON.parse((await terminal.crier('import', 'b.opml', '--json')).out)
    expect(json).toMatchObject({
      added: [],
      present: ['https://a.example/feed'],
      failed: [{ url: 'ftp://c.example/feed' }],
    })
  })

  test('where nothing could be added, the outside has failed', async () => {
    const terminal = testTerminal({ stdin: async () => opml('ftp://c.example/feed') })

    expect((await terminal.crier('import', '-')).code).toBe(4)
  })

  test('a file that was cut off adds what stands whole in it, and says so', async () => {
    const terminal = testTerminal()
    writeFileSync(join(terminal.folder, 'cut.opml'), opml('https://a.example/', 'https://b.example/feed').slice(0, -30))

    expect(await terminal.crier('import', 'cut.opml')).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 source added'),
      err: expect.stringContaining('cut.opml was cut off'),
    })
  })

  test('an address where a file is wanted is told what to do', async () => {
    const terminal = testTerminal()
    const url = 'https://a.example/feeds.opml'

    for (const command of [['import'], ['watch', 'add', '--from']]) {
      expect(await terminal.crier(...command, url)).toMatchObject({
        code: 3,
        err: `crier: There is no file ${url}. An address is not fetched here: save what it holds as a file first.\n`,
      })
    }
    expect((await terminal.crier('import', 'none.opml')).err).toBe('crier: There is no file none.opml.\n')
  })

  test('a file that is not there, no OPML, or empty OPML makes no database', async () => {
    const terminal = testTerminal({ isBare: true })
    writeFileSync(join(terminal.folder, 'a.txt'), 'not OPML')
    writeFileSync(join(terminal.folder, 'empty.opml'), opml())

    expect(await terminal.crier('import', 'none.opml')).toMatchObject({
      code: 3,
      err: expect.stringContaining('none.opml'),
    })
    expect((await terminal.crier('import', 'a.txt')).code).toBe(2)
    writeFileSync(join(terminal.folder, 'cut.opml'), opml('https://a.example/').slice(0, 30))
    for (const [name, why] of [
      ['empty', 'is OPML, but lists no feeds.'],
      ['cut', 'is OPML, but was cut off before its first feed.'],
    ]) {
      const { code, err } = await terminal.crier('import', `${name}.opml`)
      expect([code, err]).toEqual([2, `crier: ${name}.opml ${why}\n`])
    }
    expect(existsSync(join(terminal.folder, 'data'))).toBe(false)
  })

  test('what was exported can be imported elsewhere', async () => {
    const terminal = testTerminal({
      stdin: async () => opml('https://a.example/feed?x=1&amp;y=2', 'https://b.example/'),
    })
    await terminal.crier('import', '-')
    const { out } = await terminal.crier('export')

    const other = testTerminal({ stdin: async () => out })
    await other.crier('import', '-')

    expect((await other.crier('export')).out).toBe(out)
  })

  test('of what is secret the export says only whose it is', async () => {
    const terminal = testTerminal()
    for (const name of ['a', 'b', 'c']) feeds.set(`/${name}.xml`, rss(name, NEWS))
    await terminal.crier('source', 'add', `${feeds.url}/a.xml`, '--header', 'X-Key: CANARY')
    await terminal.crier('source', 'add', `${feeds.url}/b.xml`)
    await terminal.crier('source', 'add', `${feeds.url.replace('//', '//me:CANARY@')}/c.xml`)

    const { code, out, err } = await terminal.crier('export')

    expect(code).toBe(0)
    expect(err).toBe('Not in the export: logins, headers and proxies, here of 2 sources (1, 3).\n')
    expect(out + err).not.toMatch(/CANARY|Q0FOQVJZ/)
  })

  test('progress is one rewritten line on a terminal, and nothing elsewhere', async () => {
    const many = Array.from({ length: 120 }, (_, i) => `https://s${i}.example/feed`)
    const terminal = testTerminal({ isErrTTY: true, stdin: async () => opml(...many) })
    const { out, err } = await terminal.crier('import', '-')

    expect(err).toContain('Importing 120 of 120')
    expect(err.endsWith('\r\u001B[2K')).toBe(true)
    expect(err).not.toContain('\n')
    expect(out).not.toContain('\u001B')
    expect((await testTerminal({ stdin: async () => opml(...many) }).crier('import', '-')).err).toBe('')
  })
})

const WELL = { state: 'active', failures: 0, trouble: null, move: null, polledAt: NOW }

test.each([
  ['paused', { state: 'paused', failures: 3 }],
  ['failing (3)', { failures: 3, trouble: 'The server answered 500.' }],
  ['told to wait', { trouble: 'The server answered 429.' }],
  ['moving', { move: { url: 'https://a.test/', seen: 1, foreign: false } }],
  ['leads elsewhere', { move: { url: 'https://b.test/', seen: 3, foreign: true } }],
  ['new', { polledAt: null }],
  ['ok', {}],
])('the state of a source in a list: %s', (state, given) => {
  expect(stateOf({ ...WELL, ...given } as Source)).toBe(state)
})
