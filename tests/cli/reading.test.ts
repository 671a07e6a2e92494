import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { takeServiceLock } from '../../src/db/service-lock.ts'
import type { OutboxMessage } from '../../src/model.ts'
import type { Store } from '../../src/ports.ts'
import { systemClock } from '../../src/time.ts'
import { type FeedServer, startFeedServer } from '../support/feed-server.ts'
import { NOW, openTestStore } from '../support/store.ts'
import { noService, rss, testTerminal } from './terminal.ts'

let feeds: FeedServer

beforeEach(async () => {
  feeds = await startFeedServer()
})

afterEach(() => feeds.close())

const ITEM_FIELDS = [
  'id',
  'url',
  'title',
  'content',
  'summary',
  'published',
  'updated',
  'author',
  'categories',
  'enclosures',
]
const OLD = [
  { id: 'old', title: 'Old news of big data', text: 'Before the watch.', date: 'Sun, 22 Nov 2026 07:00:00 GMT' },
]
const NEW = [
  { id: 'new', title: '江城大数据交易所揭牌', text: '今日。', date: 'Mon, 23 Nov 2026 08:55:00 GMT' },
  ...OLD,
]

/** A watched source that has published something new since. */
async function newsroom(given: Parameters<typeof testTerminal>[0] = {}) {
  feeds.set('/wire.xml', rss('江城 Wire', OLD))
  const terminal = testTerminal(given)
  await terminal.crier('source', 'add', `${feeds.url}/wire.xml`)
  await terminal.crier('watch', 'add', '"big data" OR 大数据')
  feeds.set('/wire.xml', rss('江城 Wire', NEW))
  return terminal
}

describe('crier poll', () => {
  test('says what is new, and that the service sends the alerts', async () => {
    const terminal = await newsroom()

    const { code, out, err } = await terminal.crier('poll', '--all')

    expect(code).toBe(0)
    expect(out).toContain('江城 Wire: 1 new, 1 alert')
    expect(out).toContain('Polled 1 source: 1 new item, 0 edited, 1 alert.')
    expect(err).toContain('npx crier start')
    expect((await terminal.crier('poll')).out).toContain('0 new items')
  })

  test('--json tells each source’s outcome', async () => {
    const terminal = await newsroom()

    const { out } = await terminal.crier('poll', `${feeds.url}/wire.xml`, '--json')

    expect(JSON.parse(out)).toEqual([
      { number: 1, source: `${feeds.url}/wire.xml`, outcome: 'new', inserted: 1, edited: 0, alerts: 1 },
    ])
  })

  test('ends with 4 where every source failed, with 0 where one answered, and with 3 for one that is not there', async () => {
    const terminal = await newsroom()
    feeds.set('/other.xml', rss('Other', OLD))
    await terminal.crier('source', 'add', `${feeds.url}/other.xml`)
    feeds.set('/wire.xml', { status: 500, body: '' })

    const one = await terminal.crier('poll', '1')
    expect([one.code, one.out]).toEqual([4, expect.stringMatching(/江城 Wire: .*500[\s\S]*1 failed/)])
    expect((await terminal.crier('poll')).code).toBe(0)
    expect((await terminal.crier('poll', '9')).code).toBe(3)
    expect((await terminal.crier('source', 'show', '1')).out).toMatch(/Trouble.*500[\s\S]*2 polls in a row failed/)
  })

  test('what a service is polling at this moment is left to it, and that is no failure', async () => {
    const terminal = await newsroom()
    const store = await openTestStore({ dataDir: join(terminal.folder, 'data') })
    await store.claimSources([1], systemClock(), 60_000, { force: true })

    expect(await terminal.crier('poll')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/江城 Wire: left to the service[\s\S]*1 skipped/),
    })
    expect(JSON.parse((await terminal.crier('poll', '--json')).out)).toMatchObject([{ number: 1, outcome: 'skipped' }])
  })

  test('a signal ends it in order: it says what it polled, and leaves no source claimed or at fault', async () => {
    const terminal = await newsroom()
    feeds.set('/slow.xml', rss('Slow', OLD))
    await terminal.crier('source', 'add', `${feeds.url}/slow.xml`)
    feeds.set('/slow.xml', { answer: () => setTimeout(terminal.signal, 200) })

    const { code, out, err } = await terminal.crier('poll')

    expect([code, out]).toEqual([130, expect.stringMatching(/江城 Wire: 1 new, 1 alert\nPolled 1 source: /)])
    expect(err).toContain('Stopped before every source was polled.')
    expect((await terminal.crier('poll', '2')).out).toBe('Polled 0 sources: 0 new items, 0 edited, 0 alerts.\n')
    expect([terminal.handlers(), terminal.said.exits]).toEqual([0, []])
    const store = await openTestStore({ dataDir: join(terminal.folder, 'data') })
    expect(await store.claimSources([1, 2], systemClock(), 1, { force: true })).toHaveLength(2)
    expect(await store.findSource(2)).toMatchObject({ failures: 0, trouble: null })
  })

  test('without sources there is nothing to poll', async () => {
    const terminal = testTerminal({
      stdin: async () => '<opml><body><outline xmlUrl="https://a.example/"/></body></opml>',
    })
    await terminal.crier('import', '-')
    await terminal.crier('source', 'remove', '1')

    expect(await terminal.crier('poll')).toMatchObject({ code: 0, out: expect.stringContaining('crier source add') })
  })
})

describe('crier search and alerts', () => {
  test('search gives the newest first, as the fields of parse and where they are from', async () => {
    const terminal = await newsroom()
    await terminal.crier('poll')

    const items = JSON.parse((await terminal.crier('search', '--json')).out)
    expect(items.map((item: { id: string }) => item.id)).toEqual(['new', 'old'])
    expect(Object.keys(items[0])).toEqual([...ITEM_FIELDS, 'source', 'story', 'related'])
    expect(items[0]).toMatchObject({
      url: 'https://wire.example/new',
      published: '2026-11-23T08:55:00.000Z',
      source: `${feeds.url}/wire.xml`,
    })

    expect(JSON.parse((await terminal.crier('search', 'big', 'data', '--json')).out)).toHaveLength(1)
    expect(JSON.parse((await terminal.crier('search', '--limit', '1', '--json')).out)).toHaveLength(1)
    expect(JSON.parse((await terminal.crier('search', '--json', '--', '-大数据')).out)).toMatchObject([{ id: 'old' }])
    expect(await terminal.crier('search', 'nowhere', '--json')).toMatchObject({ code: 0, out: '[]\n' })
    expect((await terminal.crier('search', '"big')).code).toBe(2)
  })

  test('search looks on for two seconds, however little the machine does at once', async () => {
    const terminal = await newsroom()
    await terminal.crier('poll')
    const search = (stepMs: number) => {
      let now = NOW
      const clock = () => {
        now += stepMs
        return now
      }
      return testTerminal({ cwd: terminal.folder }, { ...noService, clock }).crier('search', '--', '-大数据')
    }

    expect(await search(40)).toMatchObject({
      out: expect.stringContaining('Old news'),
      err: expect.not.stringContaining('Looked back'),
    })
    expect(await search(2_000)).toMatchObject({ out: '', err: expect.stringMatching(/Looked back to/) })
  })

  test('people get date, title, source and address', async () => {
    const terminal = await newsroom()

    const { out, err } = await terminal.crier('search', 'data')

    expect(out.split('\n')).toEqual([
      '2026-11-22 07:00  Old news of big data',
      '                  江城 Wire',
      '                  https://wire.example/old',
      '',
    ])
    expect(err).toBe('1 item: data.\n')
    expect((await terminal.crier('search', 'zebra')).err).toBe('Nothing stored says that: zebra\n')
    expect((await terminal.crier('search', '--limit', '1')).err).toBe('1 item.\n')
  })

  test('a date that cannot be is not shown: in its place stands when the item came', async () => {
    const items = ['Thu, 01 Jan 1970 00:00:00 GMT', 'Thu, 01 Jan 2099 00:00:00 GMT'].map((date) => ({
      id: date,
      title: date,
      date,
    }))
    feeds.set('/odd.xml', rss('Odd', items))
    const terminal = testTerminal({}, { ...noService, clock: () => NOW })
    await terminal.crier('source', 'add', `${feeds.url}/odd.xml`)

    const { out } = await terminal.crier('search')

    expect(out.match(/^\d{4}-\d\d-\d\d/gm)).toEqual(['2026-11-23', '2026-11-23'])
  })

  test('of an episode without a page they get where it is heard', async () => {
    const heard = 'https://cdn.example/42.mp3'
    const item = `<item><guid>42</guid><title>Episode 42</title><enclosure url="${heard}" type="audio/mpeg"/></item>`
    feeds.set('/pod.xml', `<rss version="2.0"><channel><title>Pod</title>${item}</channel></rss>`)
    const terminal = testTerminal()
    await terminal.crier('source', 'add', `${feeds.url}/pod.xml`)

    for (const words of [['search'], ['parse', `${feeds.url}/pod.xml`]]) {
      expect((await terminal.crier(...words)).out).toContain(heard)
    }
    expect(JSON.parse((await terminal.crier('search', '--json')).out)[0]).toMatchObject({ url: null })
  })

  test('alerts tell the watch, the chat, the state and the item', async () => {
    const terminal = await newsroom()
    expect(await terminal.crier('alerts')).toMatchObject({ code: 0, out: '' })
    await terminal.crier('watch', 'add', '交易所')
    await terminal.crier('poll')

    const alerts = JSON.parse((await terminal.crier('alerts', '--json')).out)

    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toMatchObject({
      id: 1,
      watch: '"big data" OR 大数据',
      watches: ['"big data" OR 大数据', '交易所'],
      chat: 'terminal',
      state: 'queued',
      item: { id: 'new', source: `${feeds.url}/wire.xml` },
    })
    expect(Object.keys(alerts[0].item)).toEqual([...ITEM_FIELDS, 'source', 'story', 'related'])
    expect((await terminal.crier('alerts')).out).toMatch(/alert 1 · queued · terminal · "big data" OR 大数据; 交易所/)
    expect((await terminal.crier('alerts', '--chat', '77', '--json')).out).toBe('[]\n')
    expect((await terminal.crier('alerts', '--chat', '77')).err).toBe('Nothing was called out in chat 77 yet.\n')

    const store = await openTestStore({ dataDir: join(terminal.folder, 'data') })
    const messages = await claimAll(store)
    const at = Date.UTC(2026, 10, 23, 9, 1)
    for (const { id } of messages) await store.settleMessage(id, { kind: 'sent', at, messageId: null })
    expect((await terminal.crier('alerts')).out).toContain('alert 1 · sent 2026-11-23 09:01 · terminal')
  })
})

describe('a notice that could not be sent', () => {
  test('stands below the alerts, and is counted by status', async () => {
    const terminal = await newsroom()
    feeds.set('/wire.xml', { status: 410, body: '' })
    await terminal.crier('poll')
    const store = await openTestStore({ dataDir: join(terminal.folder, 'data') })
    const messages = await claimAll(store)
    for (const { id } of messages) await store.settleMessage(id, { kind: 'parked', error: 'The chat is full.' })
    expect(messages).toHaveLength(1)

    expect(await terminal.crier('alerts')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/answers 410 Gone[\s\S]*terminal: The chat is full/),
    })
    expect((await terminal.crier('status')).out).toMatch(/Notices +1 about sources could not be sent/)
    expect(JSON.parse((await terminal.crier('status', '--json')).out)).toMatchObject({ noticesParked: 1 })
  })
})

describe('crier watch', () => {
  test('add prints number and echo; list and remove go by the number', async () => {
    const terminal = await newsroom()

    const { out } = await terminal.crier('watch', 'add', 'chip*', 'OR', '芯片')
    expect(out).toMatch(/^Watch 2 in the terminal: chip\* OR 芯片\n {2}words beginning with chip or 芯片\n$/)
    expect((await terminal.crier('watch', 'list')).out).toMatch(/^ *N +QUERY +SINCE\n1 .*\n2 +chip\* OR 芯片/)
    expect(await terminal.crier('watch', 'add', 'chip* OR 芯片')).toMatchObject({ code: 2, out: '' })
    expect(JSON.parse((await terminal.crier('watch', 'add', 'title:flood', '--json')).out)).toMatchObject({
      ...{ number: 3, chat: 'terminal', query: 'title:flood', understood: 'flood in the title' },
    })
    await terminal.crier('watch', 'remove', '3')
    expect((await terminal.crier('watch', 'remove', '#1')).code).toBe(0)
    expect(await terminal.crier('watch', 'remove', '1')).toMatchObject({
      code: 3,
      err: 'crier: This chat has no watch 1. npx crier watch list shows what it has.\n',
    })
    expect((await terminal.crier('watch', 'remove', '1', '--chat', '-5')).err).toContain('watch list --chat -5 shows')
    expect(JSON.parse((await terminal.crier('watch', 'list', '--json')).out)).toMatchObject([
      { number: 2, chat: 'terminal', query: 'chip* OR 芯片' },
    ])
  })

  test('a query that is refused is told with its place', async () => {
    const terminal = await newsroom()

    expect(await terminal.crier('watch', 'add', '"big data')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/character 1/),
    })
  })

  test('of a file the good lines are saved, and each refusal names its line', async () => {
    const terminal = await newsroom()
    writeFileSync(
      join(terminal.folder, 'watches'),
      '\ufeffchips\r\n# what else\r\n"open\n"big data" OR 大数据 # both\n#ai\n"x # y"\n\n',
    )

    const { code, out, err } = await terminal.crier('watch', 'add', '--from', 'watches')

    expect(code).toBe(2)
    expect(out).toMatch(/Watch 2 .*chips[\s\S]*Watch 3 .*#ai[\s\S]*Watch 4 [\s\S]*“x # y”/)
    expect(err).toMatch(/line 3: "open/)
    expect(err).toContain('3 added, 1 already there, 1 refused.')

    writeFileSync(join(terminal.folder, 'watches'), 'chips\n#ai\n')
    expect(await terminal.crier('watch', 'add', '--from', 'watches', '--json')).toMatchObject({ code: 0, out: '[]\n' })
  })

  test('a file of any length is saved in its order, and so are its refusals told', async () => {
    const terminal = await newsroom()
    const lines = Array.from({ length: 120 }, (_, i) => (i % 40 === 7 ? `"open ${i}` : `word${i}`))
    writeFileSync(join(terminal.folder, 'watches'), lines.join('\n'))

    const { out, err } = await terminal.crier('watch', 'add', '--from', 'watches')

    const saved = lines.filter((line) => line.startsWith('word'))
    expect(out.match(/(?<=^Watch )\d+ .*/gm)).toEqual(saved.map((query, i) => `${i + 2} in the terminal: ${query}`))
    expect(err.match(/^line \d+/gm)).toEqual(['line 8', 'line 48', 'line 88'])
    expect(err).toContain('117 added, 0 already there, 3 refused.')
  })

  test('a file that is no text makes no watches', async () => {
    const terminal = await newsroom()
    for (const bytes of [Uint8Array.of(0x61, 0x0a, 0xff, 0xfe), Uint8Array.of(0x61, 0x0a, 0)]) {
      writeFileSync(join(terminal.folder, 'picture'), bytes)
      expect(await terminal.crier('watch', 'add', '--from', 'picture')).toMatchObject({
        code: 2,
        err: expect.stringContaining('not text in UTF-8'),
      })
    }
  })

  test('a Telegram chat has numbers of its own, and the terminal’s list says that it is there', async () => {
    const terminal = await newsroom()

    expect((await terminal.crier('watch', 'add', 'chips', '--chat', '-100123')).out).toContain(
      'Watch 1 in chat -100123',
    )
    expect((await terminal.crier('watch', 'list')).err).toContain('--chat -100123')
    expect((await terminal.crier('watch', 'list', '--chat', '-100123')).out).toContain('chips')
  })
})

describe('crier parse', () => {
  test('shows what it sees in a file or at an address, and needs no database', async () => {
    const terminal = testTerminal()
    writeFileSync(join(terminal.folder, 'feed.xml'), rss('江城 Wire', NEW))
    feeds.set('/wire.xml', rss('江城 Wire', NEW))

    for (const where of ['feed.xml', `${feeds.url}/wire.xml`]) {
      const { code, out } = await terminal.crier('parse', where)
      expect(code).toBe(0)
      expect(out).toMatch(/Title +江城 Wire\nFormat +RSS 2\.0\nSite +https:\/\/wire\.example\/\n.*Items +2\n/s)
      expect(out).toMatch(/2026-11-23 08:55 {2}江城大数据交易所揭牌\n +https:\/\/wire\.example\/new\n/)

      const json = JSON.parse((await terminal.crier('parse', where, '--json')).out)
      expect(Object.keys(json)).toEqual(['title', 'link', 'language', 'items'])
      expect(Object.keys(json.items[0])).toEqual(ITEM_FIELDS)
    }
  })

  test('no feed, no answer, no file', async () => {
    const terminal = testTerminal()
    writeFileSync(join(terminal.folder, 'page.html'), '<!doctype html><html><body>Hello</body></html>')

    for (const asked of [
      ['parse', 'page.html'],
      ['parse', 'page.html', '--json'],
      ['parse', `${feeds.url}/none`],
    ]) {
      expect(await terminal.crier(...asked)).toMatchObject({ code: 4, out: '' })
    }
    expect(await terminal.crier('parse', 'none.xml')).toMatchObject({
      code: 3,
      err: expect.stringContaining('https://'),
    })
  })

  test('an error in place of the items is one to scripts too', async () => {
    const terminal = testTerminal()
    const item = '<item><title>Bridge returned error 0! (20783)</title><guid>Reddit_20783</guid></item>'
    writeFileSync(join(terminal.folder, 'bridge.xml'), `<rss><channel><title>B</title>${item}</channel></rss>`)

    for (const options of [[], ['--json']]) {
      expect(await terminal.crier('parse', 'bridge.xml', ...options)).toMatchObject({
        ...{ code: 4, out: '' },
        err: expect.stringContaining('an error in place of its items'),
      })
    }
  })

  test('calls what has no title by what it says first', async () => {
    const terminal = testTerminal()
    const item = '<item><description>The bridge is closed.</description><guid>1</guid></item>'
    writeFileSync(
      join(terminal.folder, 'notes.xml'),
      `<rss version="2.0"><channel><title>B</title>${item}</channel></rss>`,
    )

    expect((await terminal.crier('parse', 'notes.xml')).out).toContain('  The bridge is closed.\n')
  })

  test('of a feed, selectors are refused', async () => {
    const terminal = testTerminal()
    writeFileSync(join(terminal.folder, 'feed.xml'), rss('江城 Wire', NEW))

    const { code, err } = await terminal.crier('parse', 'feed.xml', '--entry', 'li')

    expect([code, err]).toEqual([2, expect.stringMatching(/This is a feed, not a page\..*Leave out --entry/s)])
  })

  test('no name of a file is told as that', async () => {
    const { code, err } = await testTerminal().crier('parse', '')

    expect([code, err]).toEqual([2, expect.stringContaining('No file was named.')])
  })

  test.each([
    ['a folder', 2, '.', 'The file . cannot be read: it is a folder.'],
    ['what stands in no folder', 3, 'feed.xml/a', 'There is no file feed.xml/a. An address begins'],
  ])('%s is told as that', async (_, code, path, says) => {
    const terminal = testTerminal()
    writeFileSync(join(terminal.folder, 'feed.xml'), rss('江城 Wire', NEW))

    expect(await terminal.crier('parse', path)).toMatchObject({ code, out: '', err: expect.stringContaining(says) })
  })

  test('a file that never ends is given up', async () => {
    expect(await testTerminal().crier('parse', '/dev/zero')).toMatchObject({
      code: 2,
      err: expect.stringContaining('larger than 64 MiB'),
    })
  })

  test('standard input is read as bytes, whatever their charset', async () => {
    const head = '<?xml version="1.0" encoding="windows-1252"?>'
    const bytes = Buffer.from(`${head}<rss version="2.0"><channel><title>Caf\u00e9</title></channel></rss>`, 'latin1')
    const terminal = testTerminal({ stdin: async () => bytes })

    expect(JSON.parse((await terminal.crier('parse', '-', '--json')).out)).toMatchObject({ title: 'Café' })
  })
})

describe('crier status', () => {
  test('tells what is there, and whether a service runs here', async () => {
    const terminal = await newsroom()
    await terminal.crier('poll')

    const stopped = JSON.parse((await terminal.crier('status', '--json')).out)
    expect(stopped).toMatchObject({
      service: { running: false, pid: null },
      database: join(terminal.folder, 'data', 'crier.db'),
      sources: { active: 1, paused: 0, failing: 0 },
      items: 2,
      watches: 1,
      alerts: { queued: 1, sent: 0, parked: 0 },
      lastAlert: null,
    })
    const { out } = await terminal.crier('status')
    expect(out).toMatch(/Service +not running; npx crier start/)
    expect(out).toMatch(/Last poll +(?! |never).*\nLast alert +never\n$/)
    expect(out).not.toMatch(/^(Notices|Chats)/m)

    const lock = takeServiceLock(join(terminal.folder, 'data'), 4_711)
    expect((await terminal.crier('status')).out).toMatch(/Service +running, pid 4711/)
    expect((await terminal.crier('watch', 'add', 'chips')).err).toBe('')
    lock.release()
  })
})

/** What waits for the terminal, claimed as a service would. */
async function claimAll(store: Store): Promise<OutboxMessage[]> {
  const { messages } = await store.claimMessages({
    now: systemClock(),
    limit: 9,
    leaseMs: 1_000,
    kind: 'terminal',
    gapMs: () => 0,
    render: () => ({ html: '', openUrl: null }),
  })
  return messages
}
