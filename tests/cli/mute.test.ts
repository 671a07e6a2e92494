import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FeedServer, startFeedServer } from '../support/feed-server.ts'
import { NOW, openTestStore } from '../support/store.ts'
import { noService, rss, testTerminal } from './terminal.ts'

const HOUR = 3_600_000

let feeds: FeedServer
let wires = 0

beforeAll(async () => {
  feeds = await startFeedServer()
})

afterAll(() => feeds.close())

/** A watched source, and a clock that tests move. */
async function newsroom() {
  const path = `/wire-${wires++}.xml`
  let now = NOW
  const terminal = testTerminal({}, { ...noService, clock: () => now })
  feeds.set(path, rss('Wire', []))
  await terminal.crier('source', 'add', `${feeds.url}${path}`)
  for (const query of ['data', 'dogs']) await terminal.crier('watch', 'add', query)
  return {
    ...terminal,
    pass: (ms: number) => {
      now += ms
    },
    /** The source shows this, and is polled; gives whom it called. */
    async publish(id: string, title: string): Promise<string[]> {
      feeds.set(path, rss('Wire', [{ id, title }]))
      await terminal.crier('poll')
      const alerts: { item: { title: string }; watches: string[] }[] = JSON.parse(
        (await terminal.crier('alerts', '--json')).out,
      )
      return alerts.filter(({ item }) => item.title === title).flatMap(({ watches }) => watches)
    },
  }
}

test('crier watch mute silences one watch for a while, says until when, and how it is ended', async () => {
  const { crier, publish, pass } = await newsroom()

  expect(await crier('watch', 'mute', '1', '2h')).toEqual({
    code: 0,
    out: 'Watch 1 is muted until 2026-11-23 11:00: data\nWhat comes meanwhile is kept, and not told later either. To end it: npx crier watch mute 1 off\n',
    err: '',
  })
  expect(await publish('a', 'Big data and dogs')).toEqual(['dogs'])
  expect((await crier('whynot', 'https://wire.example/a')).out).toContain(
    'Watch 1, data: it matches, but the watch is muted until 2026-11-23 11:00 (since 2026-11-23 09:00), and was when it came.\n',
  )
  pass(2 * HOUR)
  expect(await publish('b', 'More data')).toEqual(['data'])
  expect((await crier('whynot', 'https://wire.example/a')).out).toContain(
    'Watch 1, data: it matches, but the watch was muted from 2026-11-23 09:00 to 2026-11-23 11:00, when it came.\n',
  )
  const { items } = JSON.parse((await crier('whynot', 'https://wire.example/a', '--json')).out)
  expect(items[0].verdicts).toContainEqual({
    watch: expect.objectContaining({ number: 1 }),
    verdict: 'muted',
    muted: 'watch',
    since: '2026-11-23T09:00:00.000Z',
    until: '2026-11-23T11:00:00.000Z',
    when: 'came',
  })
})

test('without a number the whole chat is muted, the terminal unless told; off ends it at once', async () => {
  const { crier, publish } = await newsroom()
  await crier('watch', 'add', 'data', '--chat', '-100/5')

  expect((await crier('watch', 'mute', '30m')).out).toContain('The terminal is muted until 2026-11-23 09:30.\n')
  expect(await publish('a', 'Big data and dogs')).toEqual(['data'])
  expect(await crier('watch', 'mute', 'off')).toMatchObject({ code: 0, out: 'The terminal is muted no more.\n' })
  expect(await crier('watch', 'mute', 'off')).toMatchObject({ code: 0, out: 'The terminal was not muted.\n' })
  const topic = await crier('watch', 'mute', '1d', '--chat', '-100/5')
  expect(topic.out).toContain('Chat -100/5 is muted until 2026-11-24 09:00.\n')
  expect(topic.out).toContain('To end it: npx crier watch mute off --chat -100/5\n')
  expect((await publish('b', 'More data and dogs')).sort()).toEqual(['data', 'dogs'])
})

test('crier watch list shows what is muted and until when, in the zone, and nothing of it where nothing is', async () => {
  const { crier, pass } = await newsroom()
  const list = () => crier('watch', 'list')
  expect((await list()).out).not.toContain('MUTED')

  await crier('watch', 'mute', '2', '3h')
  expect((await list()).out).toBe(
    'N  QUERY  SINCE             MUTED UNTIL\n1  data   2026-11-23 09:00\n2  dogs   2026-11-23 09:00  2026-11-23 12:00\n',
  )
  await crier('watch', 'mute', '1h')
  expect(await list()).toMatchObject({
    out: expect.stringContaining(
      '1  data   2026-11-23 09:00  2026-11-23 10:00\n2  dogs   2026-11-23 09:00  2026-11-23 12:00\n',
    ),
    err: 'The terminal is muted until 2026-11-23 10:00.\n',
  })
  const asked = JSON.parse((await crier('watch', 'list', '--json')).out)
  expect(asked.map(({ mutedUntil }: { mutedUntil: string }) => mutedUntil)).toEqual([
    '2026-11-23T10:00:00.000Z',
    '2026-11-23T12:00:00.000Z',
  ])
  pass(3 * HOUR)
  expect(await list()).toMatchObject({ out: expect.not.stringContaining('MUTED'), err: '' })
})

test('crier watch list of a chat that watches for nothing gives an example that watches there', async () => {
  const { crier } = await newsroom()

  expect((await crier('watch', 'list', '--chat', '77')).err).toContain(
    `Nothing is watched in chat 77. Example: npx crier watch add '"big data"' --chat 77\n`,
  )
})

test('crier watch list names ten of the other chats, and counts the rest', async () => {
  const { crier } = await newsroom()
  for (let chat = 1; chat <= 12; chat += 1) await crier('watch', 'add', 'data', '--chat', `${100 + chat}`)

  expect((await crier('watch', 'list')).err).toMatch(
    /^Other chats have watches: --chat 101, (?:--chat 1\d\d, ){8}--chat 110 and 2 more\n$/,
  )
})

test('the times are those of the zone', async () => {
  const terminal = testTerminal({ env: { CRIER_TIMEZONE: 'Asia/Tokyo' } }, { ...noService, clock: () => NOW })
  await openTestStore({ dataDir: `${terminal.folder}/data` })

  expect((await terminal.crier('watch', 'mute', '2h')).out).toContain('The terminal is muted until 2026-11-23 20:00.\n')
})

test('--json says what is muted until when, and what was', async () => {
  const { crier } = await newsroom()
  const json = async (...words: string[]) => JSON.parse((await crier('watch', 'mute', ...words, '--json')).out)

  expect(await json('2', '2h')).toEqual({
    ...{ chat: 'terminal', watch: 2, query: 'dogs' },
    ...{ mutedUntil: '2026-11-23T11:00:00.000Z', wasMuted: false },
  })
  expect(await json('2', 'off')).toMatchObject({ mutedUntil: null, wasMuted: true })
  expect(await json('1h')).toMatchObject({ watch: null, query: null, mutedUntil: '2026-11-23T10:00:00.000Z' })
})

test.each([
  ['soon', ['soon'], 2, 'How long? Use 30m, 2h, 3d or off. Examples: npx crier watch mute 2h'],
  ['a watch and no time', ['3'], 2, 'How long?'],
  ['what is no number', ['data', '2h'], 2, '"data" is not the number of a watch.'],
  ['too long', ['400d'], 2, '400d is too long. Use 365d at most.'],
  ['a watch that is not there', ['9', '2h'], 3, 'This chat has no watch 9. npx crier watch list shows what it has.'],
  [
    'a chat nobody knows',
    ['2h', '--chat', '999'],
    3,
    'Chat 999 is not known here. npx crier watch list names the chats that have watches.',
  ],
])('%s is refused', async (_, words, code, said) => {
  const { crier } = await newsroom()

  expect(await crier('watch', 'mute', ...words)).toMatchObject({ code, out: '', err: expect.stringContaining(said) })
})
