import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SaxesParser } from 'saxes'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startApp } from '../src/app.ts'
import type { Service } from '../src/cli/io.ts'
import { readConfig } from '../src/config.ts'
import { readTelegramStanding } from '../src/db/service-lock.ts'
import { createLog } from '../src/log.ts'
import { systemClock } from '../src/time.ts'
import { createParsePool } from '../src/workers/parse-pool.ts'
import { type FakeTelegram, type SentMessage, startFakeTelegram } from './support/fake-telegram.ts'
import { type FeedServer, startFeedServer } from './support/feed-server.ts'

const TOKEN = '987654:CANARY-abcdefghijklmnopqrstuvwxyz0123'
const OWNER = 100

/** For the commands beside the service: to start a thread is most of the work of each. */
const parsers = createParsePool({ size: 1 })
afterAll(() => parsers.stop())

let folder: string
let feeds: FeedServer
let telegram: FakeTelegram
let app: Service | null
let logged: string
let said: string[]
/** Lets the terminal's reader read what was said last; null while he reads all the time. */
let read: (() => void) | null
/** How far the service's clock is ahead. */
let aheadMs: number

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crier-test-'))
  feeds = await startFeedServer()
  telegram = await startFakeTelegram({ token: TOKEN })
  app = null
  logged = ''
  said = []
  read = null
  aheadMs = 0
})

afterEach(async () => {
  await app?.stop()
  await feeds.close()
  await telegram.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the whole service', () => {
  test('a new item becomes exactly one alert, one feed entry and one answer, and a restart repeats nothing', async () => {
    feeds.set('/wire.xml', rss([{ id: 'old', title: 'Old news about big data' }]))
    await start()
    await command(`/addsource ${feeds.url}/wire.xml`, (reply) => /Wire/.test(reply.text))
    await command('/watch "big data" OR 大数据', (reply) => /big data/.test(reply.text))
    const before = telegram.sent.length

    feeds.set(
      '/wire.xml',
      rss([
        { id: 'new', title: 'Jilin opens its <b>Big Data</b> exchange & more', body: 'The big data of 2026.' },
        { id: 'old', title: 'Old news about big data' },
      ]),
    )
    await pollNow()
    const alert = await until(() => telegram.sent[before], 'an alert')

    expect(alert.chat).toBe(String(OWNER))
    expect(alert.text).toContain('Jilin opens its Big Data exchange & more')
    expect(marked(alert, 'u')).toEqual(['Big Data'])
    expect(marked(alert, 'b')).toContain('big data')
    expect(alert.buttons.join()).toContain('https://wire.example/new')

    await command('/recent', (reply) => reply.text.includes('Jilin opens its Big Data exchange'))
    const feed = await (await fetch(`${app?.url}/feed.atom`)).text()
    expect(() => parseXml(feed)).not.toThrow()
    expect(feed.match(/<entry>/g)).toHaveLength(2)
    expect(feed.split('Jilin opens its').length - 1).toBe(1)

    const sent = telegram.sent.length
    await app?.stop()
    await start()
    await pollNow()
    await command('/status', () => true)
    expect(telegram.sent.length).toBe(sent + 1)
  })

  test('the log says once when a source cannot be read, and when it can be again', async () => {
    feeds.set('/wire.xml', rss([{ id: 'old', title: 'Old' }]))
    await start()
    await addSource('/wire.xml')
    await crier('source', 'set', '1', '--every', '1s')
    const told = () =>
      logged.split('\n').flatMap((line) => /"message":"(poll failed|read again|new items)"/.exec(line)?.[1] ?? [])

    feeds.set('/wire.xml', { status: 500, body: 'Oops' })
    await until(() => (told().includes('poll failed') ? true : undefined), 'a failure in the log')
    feeds.set(
      '/wire.xml',
      rss([
        { id: 'new', title: 'New' },
        { id: 'old', title: 'Old' },
      ]),
    )
    aheadMs = 3_600_000
    await until(() => (told().includes('new items') ? true : undefined), 'news in the log')

    expect(told()).toEqual(['poll failed', 'read again', 'new items'])
  })

  test('what a second paper carries edits the message of the first, rings nobody, and is one entry of the feed', async () => {
    const ferry = {
      title: 'Ferry Aurelia runs aground off Tromsø with 214 aboard',
      body: 'The ferry Aurelia ran aground near Tromsø early on Sunday with 214 passengers aboard, the coast guard said. Captain Solheim reported damage to the hull below the car deck.',
    }
    const old = { id: 'old', title: 'Old' }
    feeds.set('/wire.xml', rss([old]))
    feeds.set('/post.xml', rss([old], 'Post'))
    await start()
    await addSource('/wire.xml')
    await addSource('/post.xml')
    await command('/watch Tromsø', (reply) => /Tromsø/.test(reply.text))
    const before = telegram.sent.length

    feeds.set('/wire.xml', rss([{ id: 'ferry', ...ferry }, old]))
    await pollNow()
    const alert = await until(() => telegram.sent[before], 'an alert')
    feeds.set('/post.xml', rss([{ id: 'aground', ...ferry, title: `Norway: ${ferry.title}` }, old], 'Post'))
    await pollNow()
    aheadMs = 60_000
    await until(() => (alert.edits > 0 ? true : undefined), 'an edit')

    expect(alert.text).toContain('+1: Post')
    expect(telegram.sent).toHaveLength(before + 1)
    // A search has 35 ms: on a machine that is busy enough it may come to nothing at first.
    const entries = (address: string) =>
      until(async () => (await (await fetch(`${app?.url}${address}`)).text()).match(/<entry>/g)?.length, 'an entry')
    expect([await entries('/feed.atom?q=Troms%C3%B8'), await entries('/feed.atom?q=Troms%C3%B8&stories=0')]).toEqual([
      1, 2,
    ])
    const reason = await command('/whynot https://post.example/aground', (reply) => /Post/.test(reply.text))
    expect(reason.text).toMatch(/folded into that alert/)
  })

  test('the token is in no line of the log and in no answer, whatever Telegram does', async () => {
    await start({ LOG_LEVEL: 'debug' })
    telegram.fail([{ html: 502 }, { status: 400, description: "Bad Request: can't parse entities" }], 'sendMessage')
    telegram.push({ text: '/help', from: OWNER })
    telegram.push({ text: '/help', from: OWNER })
    await command('/status', () => true)
    telegram.revoke()
    telegram.push({ text: '/help', from: OWNER })
    await until(() => (/token/i.test(logged) ? true : undefined), 'a word about the token')

    const page = await (await fetch(`${app?.url}/`)).text()

    expect(`${logged}${page}${said.join()}`).not.toMatch(/CANARY/)
  })

  test('a wrong token stops neither polling nor the feeds', async () => {
    telegram.revoke()
    feeds.set('/wire.xml', rss([{ id: 'one', title: 'One' }]))
    await start()
    await until(() => (app?.telegram()?.state === 'unauthorized' ? true : undefined), 'the refusal')
    await until(() => (readTelegramStanding(folder) === 'unauthorized' ? true : undefined), 'a word for commands')

    await addSource('/wire.xml')

    const feed = await (await fetch(`${app?.url}/feed.atom`)).text()
    expect(feed).toContain('One')
    expect((await fetch(`${app?.url}/healthz`)).status).toBe(200)
  })

  test('the terminal is a chat: its alert is said once, with control characters taken out', async () => {
    feeds.set('/wire.xml', rss([{ id: 'old', title: 'Old' }]))
    await start({ TELEGRAM_BOT_TOKEN: '' })
    await addSource('/wire.xml')
    await crier('watch', 'add', 'chips')

    feeds.set(
      '/wire.xml',
      rss([
        { id: 'new', title: 'Chips \u009b31m are scarce' },
        { id: 'old', title: 'Old' },
      ]),
    )
    await pollNow()
    const text = await until(() => said[0], 'the alert')

    expect(text).toContain('are scarce')
    expect(text).not.toMatch(/\u009b/)
    expect(said).toHaveLength(1)
  })

  test('a terminal that nobody reads keeps its alerts, in order and once, and holds up nobody', async () => {
    feeds.set('/wire.xml', rss([{ id: 'old', title: 'Old' }]))
    await start()
    await addSource('/wire.xml')
    await crier('watch', 'add', 'chips')
    await command('/watch chips', (reply) => /chips/.test(reply.text))
    read = () => {}
    const told = () => telegram.sent.filter(({ text }) => /^Chips: /m.test(text))
    const items = ['beech', 'oak', 'pine'].map((wood) => ({ id: wood, title: `Chips: ${wood}` }))
    const publish = async (count: number) => {
      feeds.set('/wire.xml', rss(items.slice(0, count)))
      await pollNow()
      await until(() => (told().length === count ? true : undefined), `alert ${count} in Telegram`)
    }

    await publish(1)
    await until(() => said[0], 'the first alert')
    await publish(2)
    // The lease of the first has run out when the third comes.
    aheadMs = 1_000_000
    await publish(3)
    expect(said).toHaveLength(1)
    for (let number = 2; number <= 3; number += 1) {
      read()
      await until(() => said[number - 1], `alert ${number}`)
    }

    expect(said.map((text) => /Chips: (\w+)/.exec(text)?.[1])).toEqual(['beech', 'oak', 'pine'])
  })

  test('a service whose terminal nobody reads ends in order, and the next one says what waits', async () => {
    feeds.set('/wire.xml', rss([{ id: 'old', title: 'Old' }]))
    await start({ TELEGRAM_BOT_TOKEN: '' })
    await addSource('/wire.xml')
    await crier('watch', 'add', 'chips')
    read = () => {}
    feeds.set('/wire.xml', rss([{ id: 'new', title: 'Chips' }]))
    await pollNow()
    await until(() => said[0], 'the alert')

    await app?.stop()
    expect(JSON.parse(await crier('alerts', '--json'))).toMatchObject([{ state: 'queued' }])
    expect(logged).not.toMatch(/could not end/)

    read = null
    await start({ TELEGRAM_BOT_TOKEN: '' })
    await until(() => said[1], 'the alert again')
    expect(said[1]).toBe(said[0])
  })

  test('says that it is not well while its clock does not tick, and only then', async () => {
    await start({ TELEGRAM_BOT_TOKEN: '' })
    const healthz = () => fetch(`${app?.url}/healthz`)
    const sick = await until(async () => {
      // Ahead of the next tick; seldom it comes in between.
      aheadMs += 20_000
      const response = await healthz()
      return response.ok ? undefined : response
    }, 'a word about the schedule')

    expect([sick.status, await sick.text()]).toEqual([503, expect.stringContaining('The schedule has stopped.')])
    await until(async () => ((await healthz()).ok ? true : undefined), 'the next tick')
  })

  test('a second service on one folder is refused, and the first goes on', async () => {
    await start()

    await expect(startApp(config(), io())).rejects.toMatchObject({ code: 'conflict' })
    expect((await fetch(`${app?.url}/healthz`)).status).toBe(200)
  })

  test('a busy port is refused in one line, and leaves the folder free', async () => {
    const other = await startFeedServer()
    try {
      await expect(startApp(config({ PORT: String(other.port) }), io())).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining(String(other.port)),
      })
    } finally {
      await other.close()
    }
    await start()
    expect(app?.url).toMatch(/^http:/)
  })
})

// ---- The service, and the people around it ----

function config(more: Record<string, string> = {}) {
  return readConfig(
    {
      PORT: '0',
      CRIER_DATA: folder,
      CRIER_ALLOW_HOSTS: '127.0.0.1',
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_API_ROOT: telegram.url,
      TELEGRAM_OWNER: String(OWNER),
      ...more,
    },
    null,
  )
}

function io(level: 'debug' | 'info' = 'info') {
  const log = createLog({
    level,
    pretty: false,
    secrets: [TOKEN],
    clock: systemClock,
    write: (line) => {
      logged += line
    },
  })
  const clock = () => systemClock() + aheadMs
  return { log, clock, say, ansi: false, pid: process.pid, version: '0.0.0' }
}

async function say(text: string, signal: AbortSignal): Promise<boolean> {
  said.push(text)
  if (read === null) return true
  return new Promise((resolve) => {
    read = () => resolve(true)
    signal.addEventListener('abort', () => resolve(false))
  })
}

async function start(more: Record<string, string> = {}): Promise<void> {
  app = await startApp(config(more), io(more.LOG_LEVEL === 'debug' ? 'debug' : 'info'))
}

/** A command line beside the service, on the same file. */
async function crier(...args: string[]): Promise<string> {
  const { runCli } = await import('../src/cli/program.ts')
  let out = ''
  let err = ''
  const code = await runCli(
    args,
    {
      out: (text) => {
        out += text
      },
      err: (text) => {
        err += text
      },
      log: () => {},
      say: async () => false,
      isTTY: false,
      isErrTTY: false,
      columns: 80,
      color: false,
      env: { CRIER_DATA: folder, CRIER_ALLOW_HOSTS: '127.0.0.1' },
      cwd: folder,
      pid: process.pid,
      version: '0.0.0',
      stdin: async () => '',
      onSignal: () => () => {},
      exitNow: () => {},
    },
    { startApp, parsers },
  )
  if (code !== 0) throw new Error(`crier ${args.join(' ')} ended with ${code}: ${err}`)
  return out
}

const addSource = (path: string) => crier('source', 'add', `${feeds.url}${path}`)
const pollNow = () => crier('poll', '--all')

async function command(text: string, isAnswer: (reply: SentMessage) => boolean): Promise<SentMessage> {
  const before = telegram.sent.length
  telegram.push({ text, from: OWNER })
  return until(() => telegram.sent.slice(before).find(isAnswer), `an answer to ${text}`)
}

async function until<T>(find: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> {
  const end = Date.now() + 100_000
  while (Date.now() < end) {
    const found = await find()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(
    `${what} did not come; sent: ${JSON.stringify(telegram.sent.map((message) => message.text))}\n${logged}`,
  )
}

function marked(message: SentMessage, type: string): string[] {
  return message.entities
    .filter((entity) => entity.type === type)
    .map(({ offset, length }) => message.text.slice(offset, offset + length))
}

function rss(items: { id: string; title: string; body?: string }[], name = 'Wire'): string {
  const site = `https://${name.toLowerCase()}.example`
  const xml = items.map(
    ({ id, title, body }) =>
      `<item><guid>${id}</guid><link>${site}/${id}</link><title><![CDATA[${title}]]></title><description>${body ?? ''}</description></item>`,
  )
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>${name}</title><link>${site}/</link><description/>${xml.join('')}</channel></rss>`
}

function parseXml(text: string): void {
  const parser = new SaxesParser({ xmlns: true })
  parser.on('error', (error) => {
    throw error
  })
  parser.write(text).close()
}
