import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDriver } from '../../src/db/sqlite/binding.ts'
import { testTerminal } from '../cli/terminal.ts'
import { type FakeTelegram, startFakeTelegram } from '../support/fake-telegram.ts'
import { type FeedServer, startFeedServer } from '../support/feed-server.ts'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const TOKEN = '987654:CANARY-abcdefghijklmnopqrstuvwxyz0123'
const CHATS = [201, 202, 203, 204, 205, 206]
const ITEMS = 36
const KILLS = 6

let folder: string
let feeds: FeedServer
let telegram: FakeTelegram
let service: ChildProcess | null = null
let said = ''

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crier-kill-'))
  feeds = await startFeedServer()
  telegram = await startFakeTelegram({ token: TOKEN })
  for (const chat of CHATS) telegram.knowChat(chat)
})

afterEach(async () => {
  service?.kill('SIGKILL')
  await feeds.close()
  await telegram.close()
  rmSync(folder, { recursive: true, force: true })
})

test('six kills in the middle of polling and delivering lose nothing', async () => {
  let published = 0
  const publish = () => feeds.set('/wire.xml', rss(published))
  publish()
  const { crier } = testTerminal({ cwd: folder, env: { CRIER_DATA: folder, TELEGRAM_OWNER: '100' } })
  const prepare = async (...args: string[]) => expect((await crier(...args)).code, args.join(' ')).toBe(0)
  await prepare('source', 'add', `${feeds.url}/wire.xml`, '--every', '1s')
  for (const chat of CHATS) await prepare('watch', 'add', wordOf(chat), '--chat', String(chat))

  const random = generator(7)
  for (let kill = 0; kill < KILLS; kill += 1) {
    service = start()
    // One message of this life arrives without an answer: it is on its way when the kill comes.
    telegram.heal()
    telegram.fail([{ hang: true, delivered: true }])
    // Every third one comes while it starts; the others once it is at work, however long it takes to begin.
    if (kill % 3 > 0) await until(() => said.includes('is running'))
    const end = Date.now() + random() * 900
    while (Date.now() < end) {
      if (published < ITEMS && random() < 0.12) {
        published += 1
        publish()
      }
      await pause(30)
    }
    service.kill('SIGKILL')
    await once(service, 'exit')
  }

  telegram.heal()
  published = ITEMS
  publish()
  service = start()
  await until(() => CHATS.every((chat) => alertsOf(chat).size === ITEMS / CHATS.length))

  for (const chat of CHATS) {
    const all = numbersIn(chat)
    const repeated = all.length - new Set(all).size
    expect(repeated, `chat ${chat}: ${all}`).toBeLessThanOrEqual(KILLS)
    const first = [...new Set(all)]
    expect(first, 'in order within a chat').toEqual([...first].sort((a, b) => a - b))
  }

  service.kill('SIGTERM')
  const [code] = await once(service, 'exit')
  expect(code, said).toBe(0)
  const db = openDriver(join(folder, 'crier.db'))
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(db.prepare('select count(*) from items').pluck().get()).toBe(ITEMS + 1)
  expect(db.prepare("select count(*) from messages where state <> 'sent'").pluck().get()).toBe(0)
  db.close()
})

function start(): ChildProcess {
  const child = spawn(process.execPath, [MAIN, 'start'], { cwd: folder, env: env(), stdio: ['ignore', 'pipe', 'pipe'] })
  said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  }
  return child
}

function env(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PORT: '0',
    CRIER_DATA: folder,
    CRIER_ALLOW_HOSTS: '127.0.0.1',
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_OWNER: '100',
  }
}

/** Each item calls one chat, in turn, so that no chat is told more than a handful. */
function wordOf(chat: number): string {
  return `desk${chat}`
}

function rss(count: number): string {
  const items = Array.from({ length: count + 1 }, (_, number) => {
    const chat = CHATS[number % CHATS.length] ?? 0
    const title = number === 0 ? 'The first' : `News number ${number} for ${wordOf(chat)}`
    return `<item><guid>n${number}</guid><title>${title}</title><link>https://wire.example/${number}</link></item>`
  })
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title>${items.reverse().join('')}</channel></rss>`
}

function numbersIn(chat: number): number[] {
  return telegram.sent
    .filter((message) => message.chat === String(chat))
    .map((message) => Number(/News number (\d+)/.exec(message.text)?.[1]))
}

function alertsOf(chat: number): Set<number> {
  return new Set(numbersIn(chat))
}

async function until(done: () => boolean): Promise<void> {
  const end = Date.now() + 60_000
  while (!done()) {
    if (Date.now() > end)
      throw new Error(`Not all arrived: ${CHATS.map((chat) => numbersIn(chat).join(' ')).join(' | ')}\n${said}`)
    await pause(100)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
