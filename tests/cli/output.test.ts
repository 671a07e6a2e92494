import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { widthOf } from '../../src/cli/terminal-text.ts'
import { type FeedServer, startFeedServer } from '../support/feed-server.ts'
import { rss, testTerminal } from './terminal.ts'

let feeds: FeedServer

beforeEach(async () => {
  feeds = await startFeedServer()
})

afterEach(() => feeds.close())

describe('on a terminal', () => {
  const HOSTILE = '大数据 \u001B[31malert\u0007 \u009B2J\u202Eevil'

  async function hostile(given: Parameters<typeof testTerminal>[0]) {
    feeds.set(
      '/wire.xml',
      `${rss(`Wire ${HOSTILE}`, [{ id: 'a', title: `${HOSTILE} ${'很长的标题'.repeat(40)}`, text: HOSTILE }])}`,
    )
    const terminal = testTerminal(given)
    await terminal.crier('source', 'add', `${feeds.url}/wire.xml`)
    return terminal
  }
  // All control characters but the line feed, and what turns the direction of writing.
  const COMMANDS_OF_A_TERMINAL = /(?!\n)\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u
  const LISTS = [['source', 'list'], ['source', 'show', '1'], ['search'], ['export']]

  test('no text of a source moves the cursor or colours the screen', async () => {
    const terminal = await hostile({})
    const asked = [
      ...LISTS,
      ['search', '--json'],
      ['source', 'list', '--json'],
      ['parse', `${feeds.url}/wire.xml`],
      ['parse', `${feeds.url}/wire.xml`, '--json'],
    ]
    for (const words of asked) {
      const { code, out, err } = await terminal.crier(...words)

      expect(code, `${words.join(' ')}: ${err}`).toBe(0)
      expect(out + err, words.join(' ')).not.toMatch(COMMANDS_OF_A_TERMINAL)
    }
    await terminal.crier('source', 'pause', '1')
    const refused = await terminal.crier('poll', '1')
    expect(refused.err).toContain('大数据')
    expect(refused.err).not.toMatch(COMMANDS_OF_A_TERMINAL)
  })

  test('no line is wider than it, wide characters counted as they are shown', async () => {
    const terminal = await hostile({ isTTY: true, color: true, columns: 64 })
    for (const words of [['source', 'list'], ['search'], ['parse', `${feeds.url}/wire.xml`]]) {
      const { out } = await terminal.crier(...words)

      expect(out).toContain('大数据')
      expect(
        out.split('\n').filter((line) => widthOf(line) > 64),
        words.join(' '),
      ).toEqual([])
    }
  })

  const rows: { name: string; given: Parameters<typeof testTerminal>[0]; colours: boolean }[] = [
    { name: 'colours', given: { isTTY: true, color: true }, colours: true },
    { name: 'no colours with NO_COLOR', given: { isTTY: true, color: true, env: { NO_COLOR: '1' } }, colours: false },
    {
      name: 'no colours for a dumb terminal',
      given: { isTTY: true, color: true, env: { TERM: 'dumb' } },
      colours: false,
    },
    { name: 'no colours in a pipe', given: { isTTY: false, color: true }, colours: false },
  ]
  for (const { name, given, colours } of rows) {
    test(name, async () => {
      const terminal = await hostile(given)

      expect((await terminal.crier('search')).out.includes('\u001B[')).toBe(colours)
    })
  }

  test('nothing is cut in a pipe, and --json is never coloured', async () => {
    const terminal = await hostile({ isTTY: false })
    expect((await terminal.crier('search')).out).toContain('很长的标题'.repeat(40))

    const coloured = await hostile({ isTTY: true, color: true })
    expect((await coloured.crier('search', '--json')).out).not.toContain('\u001B')
  })
})

describe('with --json', () => {
  const LISTS = [
    ['source', 'list'],
    ['watch', 'list'],
    ['search'],
    ['search', 'nowhere'],
    ['alerts'],
    ['alerts', '--chat', '77'],
    ['poll', '--all'],
  ]

  /** A database with nothing in it. */
  async function emptyNewsroom() {
    const terminal = testTerminal()
    feeds.set('/wire.xml', rss('Wire', []))
    await terminal.crier('source', 'add', `${feeds.url}/wire.xml`)
    await terminal.crier('source', 'remove', '1')
    return terminal
  }

  test.each(LISTS)('%s %s %s: an empty list is an empty array, and nothing is said beside it', async (...words) => {
    const terminal = await emptyNewsroom()

    expect(await terminal.crier(...words, '--json')).toEqual({ code: 0, out: '[]\n', err: '' })
    // People are told what that means.
    const { out, err } = await terminal.crier(...words)
    expect(out + err).toMatch(/^\S.*\.|^Nothing/)
  })

  test('what was not done is said all the same: the lines of a file that are no queries', async () => {
    const terminal = await emptyNewsroom()
    writeFileSync(join(terminal.folder, 'watches'), 'data\n"open\n')

    const { code, out, err } = await terminal.crier('watch', 'add', '--from', 'watches', '--json')

    expect([code, JSON.parse(out)]).toMatchObject([2, [{ query: 'data' }]])
    expect(err).toMatch(/^line 2: "open\n {2}[^\n]*\n$/)
  })
})
