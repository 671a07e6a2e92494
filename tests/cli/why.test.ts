import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FeedServer, startFeedServer } from '../support/feed-server.ts'
import { openTestStore, testFolder } from '../support/store.ts'
import { rss, testTerminal } from './terminal.ts'

let feeds: FeedServer
/** A watched source that has published something since, and has been polled. */
const prepared = mkdtempSync(join(tmpdir(), 'crier-test-'))

beforeAll(async () => {
  feeds = await startFeedServer()
  // Others of the same age stay within the last 30 days, whenever the test runs.
  const old = { id: 'old', title: 'Old news of big data', text: 'Before the watch.' }
  feeds.set('/wire.xml', rss('江城 Wire', [old]))
  const terminal = testTerminal({ cwd: prepared })
  await terminal.crier('source', 'add', `${feeds.url}/wire.xml`)
  await terminal.crier('watch', 'add', '"big data" OR 大数据')
  feeds.set('/wire.xml', rss('江城 Wire', [{ id: 'new', title: '江城大数据交易所揭牌' }, old]))
  await terminal.crier('poll')
})

afterAll(async () => {
  await feeds.close()
  rmSync(prepared, { recursive: true, force: true })
})

/** A copy of it of the test's own. */
function newsroom(given: Parameters<typeof testTerminal>[0] = {}) {
  const folder = testFolder()
  cpSync(prepared, folder, { recursive: true })
  return testTerminal({ ...given, cwd: folder })
}

describe('crier watch try', () => {
  test('says what a watch would have sent, and saves nothing', async () => {
    const terminal = newsroom()

    const { code, out, err } = await terminal.crier('watch', 'try', '"big', 'data"', 'OR', '大数据')

    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(
      /^“big data” or 大数据\nLast 7 days 2, last 30 days 2; would have sent 2 alerts, none folded as duplicates\.\n/,
    )
    expect(out).toMatch(/\nSOURCE +ITEMS\n江城 Wire +2\n/)
    expect(out).toContain('江城大数据交易所揭牌')
    expect(JSON.parse((await terminal.crier('watch', 'list', '--json')).out)).toHaveLength(1)
  })

  test('--json gives the counts, whether there is more, and whole items', async () => {
    const terminal = newsroom()

    const trial = JSON.parse((await terminal.crier('watch', 'try', 'data', '--json')).out)

    expect(trial).toMatchObject({
      query: 'data',
      understood: 'data',
      last7: { count: 1, more: false },
      last30: { count: 1, more: false },
      alerts: { count: 1, more: false },
      messages: { count: 1, more: false },
      folded: { count: 0, more: false },
      tooFewPublishers: { count: 0, more: false },
      sources: [{ title: '江城 Wire', count: 1 }],
      samples: [{ id: 'old' }],
      lookedBackTo: null,
    })
  })

  test('--json counts what is in stories of too few publishers', async () => {
    const terminal = newsroom()

    const trial = JSON.parse((await terminal.crier('watch', 'try', 'data sources>=2', '--json')).out)

    expect(trial).toMatchObject({
      last30: { count: 1 },
      alerts: { count: 0 },
      tooFewPublishers: { count: 1, more: false },
    })
  })

  test.each([
    ['no query', [], 'There is no query.'],
    ['what no watch can be', ['--', '-jobs'], 'crier'],
  ])('ends with 2 for %s', async (_, args, said) => {
    const terminal = newsroom()

    expect(await terminal.crier('watch', 'try', ...args)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining(said),
    })
  })
})

describe('crier why', () => {
  test('shows what each clause of the watch hit, and where the alert is', async () => {
    const terminal = newsroom()

    const { code, out } = await terminal.crier('why', '1')

    expect(code).toBe(0)
    expect(out.split('\n')).toEqual([
      '江城大数据交易所揭牌 · 江城 Wire https://wire.example/new',
      'Alert 1: waiting in the outbox, the next of its chat.',
      'Watch 1: "big data" OR 大数据',
      '  ✗ “big data”: not there',
      '  ✓ 大数据: in the title',
      '',
    ])
  })

  test('names the chat it was for, where that is not the terminal: the numbers of its watches are its own', async () => {
    const terminal = newsroom()
    await terminal.crier('watch', 'add', 'lamps', '--chat', '77')
    feeds.set('/wire.xml', rss('江城 Wire', [{ id: 'lit', title: 'Lamps are lit' }]))
    await terminal.crier('poll')

    const { out } = await terminal.crier('why', '2')

    expect(out).toContain('\nAlert 2 in chat 77: waiting in the outbox, the next of its chat.\nWatch 1: lamps\n')
  })

  test('--json is the alert, its situation, and the tree of clauses', async () => {
    const terminal = newsroom()

    const why = JSON.parse((await terminal.crier('why', '1', '--json')).out)

    expect(why).toMatchObject({
      id: 1,
      chat: 'terminal',
      state: 'queued',
      item: { id: 'new' },
      situation: { kind: 'queued', ahead: 0, more: false },
      publishers: null,
      reasons: [
        {
          watch: { number: 1, chat: 'terminal' },
          words: ['大数据'],
          publishers: null,
          waitsFor: null,
          waitIsOver: false,
          item: 'https://wire.example/new',
          sure: true,
          clause: { kind: 'or', holds: true, parts: [{ holds: false }, { holds: true, foundIn: ['title'] }] },
        },
      ],
      left: 0,
    })
  })

  test('takes the number as people write it', async () => {
    const terminal = newsroom()

    for (const spelling of ['#1', '№ 1']) expect(await terminal.crier('why', spelling)).toMatchObject({ code: 0 })
  })

  test.each([
    ['no number', 'first', 2, 'is not the number of an alert'],
    ['a number nobody has', '99', 3, 'There is no alert 99. npx crier alerts shows them.'],
  ])('%s', async (_, given, code, said) => {
    const terminal = newsroom()

    expect(await terminal.crier('why', given)).toMatchObject({ code, out: '', err: expect.stringContaining(said) })
  })
})

describe('crier whynot', () => {
  test('says why, watch by watch', async () => {
    const terminal = newsroom()

    const { code, out } = await terminal.crier('whynot', 'https://wire.example/old')

    expect(code).toBe(0)
    expect(out).toMatch(/^Old news of big data · 江城 Wire https:\/\/wire\.example\/old\nStored \d{4}-/)
    expect(out).toContain('Watch 1, "big data" OR 大数据: it matches, but the item was stored quietly.')
  })

  test('--json of what was called out says where the alert is, and of what was edited since that it matched before', async () => {
    const terminal = newsroom()
    const ask = async () =>
      JSON.parse((await terminal.crier('whynot', 'https://wire.example/new', '--json')).out).items[0]
    const told = { alert: 1, item: 'https://wire.example/new', situation: { kind: 'queued', ahead: 0, more: false } }
    const before = await ask()
    feeds.set('/wire.xml', rss('江城 Wire', [{ id: 'new', title: 'The lamps go out' }]))
    await terminal.crier('poll')

    expect(before).toMatchObject({ told, verdicts: [{ watch: { number: 1 }, verdict: 'told' }] })
    const called = { verdict: 'called', matched: 'before an edit', waitsFor: null, waitIsOver: false }
    expect(await ask()).toMatchObject({ told, verdicts: [{ watch: { number: 1 }, ...called }] })
  })

  test('knows the watches of the chat that is asked about only', async () => {
    const terminal = newsroom()
    await terminal.crier('watch', 'add', '"big deal"', '--chat', '77')

    const { items } = JSON.parse((await terminal.crier('whynot', 'wire.example/old', '--chat', '77', '--json')).out)

    expect(items).toMatchObject([
      {
        item: { id: 'old' },
        quiet: true,
        told: null,
        verdicts: [
          {
            watch: { number: 1, query: '"big deal"' },
            verdict: 'failed',
            clause: { holds: false, finding: 'not there (“big” is, “deal” is not)' },
          },
        ],
        left: 0,
      },
    ])
  })

  test('what was never fetched is an answer too: it names the command that would', async () => {
    const terminal = newsroom()

    expect(await terminal.crier('whynot', 'https://www.post.example/x')).toMatchObject({
      code: 0,
      out: expect.stringContaining('To read it: npx crier source add https://www.post.example/\n'),
    })
    const known = JSON.parse((await terminal.crier('whynot', 'https://wire.example/other', '--json')).out)
    expect(known).toMatchObject({
      chat: 'terminal',
      items: [],
      sources: [{ number: 1, state: 'active', trouble: null }],
    })
  })

  test('the command it names is safe to paste into a shell', async () => {
    const terminal = newsroom()

    expect((await terminal.crier('whynot', 'http://[2001:db8::1]/x')).out).toContain(
      "To read it: npx crier source add 'https://[2001:db8::1]/'\n",
    )
  })

  test('what is no address is refused, with an example of news', async () => {
    const terminal = newsroom()

    const { code, err } = await terminal.crier('whynot', 'hello')

    expect(code).toBe(2)
    expect(err).toMatch(/hello[\s\S]*Example: https:\/\/example\.com\/news\/1/)
  })

  test('of a source that was removed it says so', async () => {
    const terminal = newsroom()
    await terminal.crier('source', 'remove', '1')

    expect((await terminal.crier('whynot', 'https://wire.example/other')).out).toContain(
      `Source 1, 江城 Wire, was removed: nothing of it is read any more. To read it again: npx crier source add ${feeds.url}/wire.xml\n`,
    )
  })

  test('a chat without watches hears where there are some; nothing is offered that would watch elsewhere', async () => {
    const terminal = newsroom()
    const news = 'https://wire.example/new'
    const said = async (...more: string[]) => (await terminal.crier('whynot', news, ...more)).out
    await terminal.crier('watch', 'remove', '1')
    expect(await said()).toContain('The terminal watches for nothing. To begin: npx crier watch add climate\n')

    await terminal.crier('watch', 'add', 'deal', '--chat', '100')
    await terminal.crier('watch', 'add', 'deal', '--chat', '-200')
    await terminal.crier('watch', 'remove', '1', '--chat', '100')
    await terminal.crier('watch', 'add', 'deal', '--chat', '300')

    expect(await said()).toContain(
      'The terminal watches for nothing. Other chats have watches: --chat -200, --chat 300\n',
    )
    expect(await said('--chat', '100')).toContain('\nChat 100 watches for nothing. Other chats have watches: ')
    expect(await said('--chat', '999')).toContain('\nChat 999 is not known here. Other chats have watches: ')
    expect(await said('--chat', '999')).not.toContain('watch add')
    const json = JSON.parse((await terminal.crier('whynot', news, '--chat', '999', '--json')).out)
    expect(json).toMatchObject({ chat: '999', known: false, watches: 0, otherChats: ['-200', '300'] })
  })
})

test('what waits for publishers is said by why and whynot, for people and for programs', async () => {
  const terminal = newsroom()
  feeds.set('/wire.xml', rss('江城 Wire', []))
  await terminal.crier('watch', 'add', 'lamps sources>=3')
  feeds.set('/wire.xml', rss('江城 Wire', [{ id: 'lamps', title: 'Lamps go out all over the old town of Lindow' }]))
  await terminal.crier('poll')

  const why = JSON.parse((await terminal.crier('why', '2', '--json')).out)
  const whyNot = JSON.parse((await terminal.crier('whynot', 'https://wire.example/lamps', '--json')).out)

  const publishers = { count: 1, names: ['江城 Wire'] }
  const reasons = [{ publishers: 3, waitsFor: 3, waitIsOver: false }]
  expect(why).toMatchObject({ situation: { kind: 'waiting' }, publishers, reasons })
  expect(whyNot.items[0]).toMatchObject({ publishers, left: 0, nearLeft: 0 })
  expect(whyNot.items[0].verdicts[0]).toMatchObject({ verdict: 'waiting', waitsFor: 3, waitIsOver: false })
  expect((await terminal.crier('whynot', 'https://wire.example/lamps')).out).toContain(
    'Watch 2, lamps sources>=3: it matches, and waits: 1 of 3 publishers (江城 Wire).',
  )
})

test('crier alerts marks the watches that still wait, for people and for programs', async () => {
  const terminal = newsroom()
  await terminal.crier('watch', 'add', '交易所 sources>=3')
  feeds.set('/wire.xml', rss('江城 Wire', [{ id: 'next', title: '沿海大数据交易所迎来首批企业' }]))
  await terminal.crier('poll')

  const { out } = await terminal.crier('alerts', '--limit', '1')
  const [alert] = JSON.parse((await terminal.crier('alerts', '--limit', '1', '--json')).out)

  expect(out).toContain('alert 2 · queued · terminal · "big data" OR 大数据; 交易所 sources>=3 (waits for 3)\n')
  expect(alert).toMatchObject({
    watch: '"big data" OR 大数据',
    watches: ['"big data" OR 大数据'],
    waiting: [{ watch: '交易所 sources>=3', publishers: 3 }],
  })
})

test('crier alerts says when there are more than it shows, and how they are seen', async () => {
  const terminal = newsroom()
  const said = async (...args: string[]) => (await terminal.crier('alerts', ...args)).err
  feeds.set('/wire.xml', rss('江城 Wire', [{ id: 'next', title: '沿海大数据交易所迎来首批企业' }]))
  await terminal.crier('poll')

  expect(await said('--limit', '1')).toBe('There are more; --limit says how many are shown, --chat of which chat.\n')
  expect(await said('--limit', '1', '--chat', 'terminal')).toBe('There are more; --limit says how many are shown.\n')
  expect(JSON.parse((await terminal.crier('alerts', '--limit', '1', '--json')).out)).toHaveLength(1)
  expect(await said('--limit', '2')).toBe('')
})

test('a watch for a chat that the bot has not met says what must be done there, once', async () => {
  const terminal = newsroom()
  const add = async (...args: string[]) => (await terminal.crier('watch', 'add', ...args)).err

  expect(await add('deal')).not.toContain('/start')
  expect(await add('deal', '--chat', '555')).toContain(
    'The bot has not met chat 555 yet. Somebody must send it /start there',
  )
  expect(await add('lamps', '--chat', '555')).not.toContain('/start')
  expect(await add('lamps source:nobody')).toContain('No source is called “nobody” so far.')
  expect(await add('Lamps', '--chat', '555')).toContain('Watch 2 of chat 555 means the same; one of them is enough.')
  expect(await add('(', '--chat', '666')).not.toContain('/start')
})

test('crier status says of what is to be sent that it is queued: waiting is what waits for publishers', async () => {
  const terminal = newsroom()

  expect((await terminal.crier('status')).out).toContain('0 sent, 1 queued, 0 parked')
})

test('nothing that a source says reaches the terminal as a command of it', async () => {
  const evil = '\u001B]0;owned\u0007\u009B31m\u202E'
  const terminal = newsroom()
  const store = await openTestStore({ dataDir: join(terminal.folder, 'data') })
  await store.changeSource(1, { givenTitle: `Wire${evil}` }, 0)

  for (const asked of [
    ['watch', 'try', 'data'],
    ['why', '1'],
    ['whynot', 'https://wire.example/new'],
    ['whynot', 'https://wire.example/other'],
  ]) {
    const { code, out } = await terminal.crier(...asked)
    expect(code).toBe(0)
    expect(out).toContain('Wire')
    expect([...out].filter((sign) => /[\p{Cc}\u202E]/u.test(sign) && sign !== '\n')).toEqual([])
  }
})
