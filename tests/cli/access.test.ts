import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FeedServer, startFeedServer } from '../support/feed-server.ts'
import { rss, testTerminal } from './terminal.ts'

let feeds: FeedServer

beforeEach(async () => {
  feeds = await startFeedServer()
})

afterEach(() => feeds.close())

describe('what goes along with the requests of a source', () => {
  test('is sent with each, and shown by no command', async () => {
    feeds.set('/wire.xml', rss('Wire', []))
    const terminal = testTerminal({ isErrTTY: true, env: { LOG_LEVEL: 'debug' } })
    const said = [
      await terminal.crier(
        ...['source', 'add', `${feeds.url}/wire.xml`, '--auth', 'me:CANARY', '--header', 'X-Key: CANARY'],
      ),
    ]
    for (const asked of [
      ['source', 'show', '1'],
      ['source', 'show', '1', '--json'],
      ['source', 'list'],
      ['source', 'list', '--json'],
      ['source', 'set', '1', '--title', 'Mine'],
      ['poll', '--json'],
      ['export'],
      ['source', 'pause', '1'],
    ]) {
      said.push(await terminal.crier(...asked))
    }

    expect(said.filter(({ code }) => code !== 0)).toEqual([])
    expect(JSON.stringify(said)).not.toMatch(/CANARY|Q0FOQVJZ/)
    expect(said[1]?.out).toMatch(/Sent along +1 header \(x-key\), basic auth\n/)
    expect(JSON.parse(said[2]?.out ?? '').access).toEqual({ headers: ['x-key', 'authorization'], proxy: null })
    for (const { headers } of feeds.requests) {
      expect(headers).toMatchObject({ authorization: `Basic ${btoa('me:CANARY')}`, 'x-key': 'CANARY' })
    }
    expect(feeds.requests).toHaveLength(2)
  })

  test('of a proxy only the host is shown', async () => {
    feeds.set('/wire.xml', rss('Wire', []))
    const terminal = testTerminal()
    await terminal.crier('source', 'add', `${feeds.url}/wire.xml`)

    const set = await terminal.crier('source', 'set', '1', '--proxy', 'http://me:CANARY@proxy.example:3128')

    expect(set.out).toContain('sent with every request: a proxy (proxy.example:3128)')
    const { out } = await terminal.crier('source', 'show', '1', '--json')
    expect(JSON.parse(out).access).toEqual({ headers: [], proxy: 'proxy.example:3128' })
    expect(set.out + out).not.toContain('CANARY')
  })

  test('is added to, replaced and forgotten', async () => {
    feeds.set('/wire.xml', rss('Wire', []))
    const terminal = testTerminal()
    const names = async () => JSON.parse((await terminal.crier('source', 'show', '1', '--json')).out).access?.headers
    await terminal.crier('source', 'add', `${feeds.url}/wire.xml`, '--header', 'A: 1')

    await terminal.crier('source', 'set', '1', '--header', 'B: 2')
    expect(await names()).toEqual(['a', 'b'])
    await terminal.crier('source', 'set', '1', '--no-access', '--header', 'C: 3')
    expect(await names()).toEqual(['c'])
    await terminal.crier('source', 'set', '1', '--no-access')
    expect(await names()).toBeUndefined()
  })
})
