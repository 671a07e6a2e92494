import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp } from '../../src/app.ts'
import type { Service } from '../../src/cli/io.ts'
import { readConfig } from '../../src/config.ts'
import { openStore } from '../../src/db/open.ts'
import { createLog } from '../../src/log.ts'
import type { Source } from '../../src/model.ts'
import { systemClock } from '../../src/time.ts'

const MIB = 1_048_576
const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\n'
const BOMB = gzipSync(Buffer.alloc(32 * MIB))
const NOTHING = 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'

/** What stands at a path of the hostile server, and what its source must say of it; null for what only has to end well. */
const HOSTILITIES: Record<string, [says: RegExp | null, attack: (socket: Socket) => void]> = {
  references: [null, (socket) => send(socket, item('&#65;<b>'.repeat(150_000)))],
  tiny: [null, (socket) => send(socket, rss('<item><title>t</title></item>'.repeat(50_000)))],
  huge: [null, (socket) => send(socket, item('word '.repeat(400_000)))],
  many: [null, (socket) => send(socket, rss(manyItems()))],
  entities: [null, (socket) => send(socket, LAUGHS)],
  nested: [null, (socket) => send(socket, item('<a>'.repeat(100_000)))],
  attributes: [null, (socket) => send(socket, rss(`<item a="${'y'.repeat(MIB)}"><title>x</title></item>`))],
  noise: [/neither a feed/, (socket) => send(socket, '\u0001'.repeat(2 * MIB))],
  bomb: [/larger than 10 MiB/, (socket) => send(socket, BOMB, 'content-encoding: gzip\r\n')],
  bigger: [/larger than 10 MiB/, (socket) => socket.write(`${OK}content-length: 99999999\r\n\r\n`)],
  endless: [/larger than 10 MiB/, (socket) => pour(socket)],
  circle: [/on and on/, (socket) => socket.end('HTTP/1.1 302 Found\r\nlocation: /circle\r\ncontent-length: 0\r\n\r\n')],
  reset: [/broke off/, (socket) => socket.resetAndDestroy()],
  cut: [
    /ended too early/,
    (socket) => socket.end(`${OK}content-length: 9000000\r\nconnection: close\r\n\r\n${'x'.repeat(2 * MIB)}`),
  ],
}
/** They do not answer at all. */
const SILENT = 40
const GOOD = 5

let folder: string
let app: Service
let hostile: Listener
let good: Listener
let forbidden: Listener
let forbiddenHits = 0
let slowestMs = 0
let startedAt = 0
const polls = new Map<string, number[]>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crier-test-'))
  forbidden = await listen((socket) => {
    forbiddenHits += 1
    socket.destroy()
  }, '127.0.0.2')
  const redirect = (host: string) => `HTTP/1.1 302 x\r\nlocation: http://${host}:${forbidden.port}/\r\n\r\n`
  const inside: Record<string, string> = { v4: '127.0.0.2', number: '2130706434', mapped: '[::ffff:127.0.0.2]' }
  hostile = await listen((socket) =>
    onPath(socket, (path) => {
      const [kind = '', name = ''] = path.slice(1).split('-')
      if (kind === 'silent') return
      if (kind === 'inside') socket.end(redirect(inside[name] ?? ''))
      else HOSTILITIES[kind]?.[1](socket)
    }),
  )
  good = await listen((socket) =>
    onPath(socket, (path) => {
      const times = polls.get(path) ?? []
      polls.set(path, [...times, performance.now()])
      if (path.startsWith('/good'))
        send(socket, rss(`<item><guid>${times.length}</guid><title>News ${times.length}</title></item>`))
      else socket.end(NOTHING)
    }),
  )

  const store = await openStore({ dataDir: folder, log: quiet(), timezone: 'UTC', role: 'command' })
  const add = (url: string, everyMs: number) =>
    store.addSource({ url, givenTitle: null, tags: [], everyMs, found: null }, 0)
  // The hostile ones were added first, and are due first.
  for (let i = 0; i < SILENT; i += 1) await add(`${hostile.url}/silent-${i}`, 60_000)
  for (const name of Object.keys(HOSTILITIES)) await add(`${hostile.url}/${name}`, 60_000)
  for (const name of Object.keys(inside)) await add(`${hostile.url}/inside-${name}`, 60_000)
  for (const host of Object.values(inside))
    await add(new URL(`http://${host}:${forbidden.port}/${host.length}`).href, 60_000)
  for (let i = 0; i < GOOD; i += 1) await add(`${good.url}/good-${i}`, 1_000)
  await store.close()

  const env = { CRIER_DATA: folder, PORT: '0', CRIER_ALLOW_HOSTS: '127.0.0.1', CRIER_TIMEZONE: 'UTC' }
  const io = { log: quiet(), say: async () => true, ansi: false, pid: process.pid, version: '0.0.0' }
  startedAt = performance.now()
  app = await startApp(readConfig(env, null), io)
})

afterAll(async () => {
  hostile.close()
  await app.stop()
  good.close()
  forbidden.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the whole service, among hostile servers', () => {
  test('good sources stay on time, every hostile one ends with a reason, and the page answers meanwhile', async () => {
    const settled = await untilSettled()

    const unexpected = Object.entries(HOSTILITIES).flatMap(([name, [says]]) => {
      const { trouble } = settled.get(`${hostile.url}/${name}`) ?? {}
      return says === null || says.test(trouble ?? '') ? [] : [`${name}: ${trouble}`]
    })
    expect(unexpected).toEqual([])
    const times = [...polls].filter(([path]) => path.startsWith('/good'))
    expect(times).toHaveLength(GOOD)
    // Due each second. Whom one that is silent holds up waits for half a minute; a busy machine for some seconds.
    for (const [, moments] of times) expect(longestGap([startedAt, ...moments])).toBeLessThan(12_000)
    expect(slowestMs).toBeLessThan(2_000)
  })

  test('what is forbidden is refused by name and never touched, by whatever way it is reached', async () => {
    const sources = await readSources()
    const inward = [...sources.values()].filter(({ url }) => /inside-|127\.0\.0\.2|7f00:2/.test(url))

    expect(inward.length).toBeGreaterThanOrEqual(5)
    for (const { trouble } of inward) expect(trouble).toMatch(/private address/)
    expect(forbiddenHits).toBe(0)
  })

  // The last: nothing runs afterwards.
  test('stopping waits for none that is silent, and takes none for a failure', async () => {
    // On a busy machine some were given up before.
    const before = await readSilent()
    const asked = performance.now()
    await app.stop()

    expect(performance.now() - asked).toBeLessThan(4_000)
    expect(before).toHaveLength(SILENT)
    expect(await readSilent()).toEqual(before)
  })
})

/** Watches the page until every hostile source but the silent ones was polled, and the good ones several times. */
async function untilSettled(): Promise<Map<string, Source>> {
  for (let tries = 0; ; tries += 1) {
    const asked = performance.now()
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200)
    slowestMs = Math.max(slowestMs, performance.now() - asked)
    const sources = await readSources()
    const waiting = [...sources.values()].filter(({ url, polledAt }) => polledAt === null && !url.includes('/silent-'))
    const isEnough = polls.size === GOOD && [...polls.values()].every((times) => times.length >= 3)
    if (waiting.length === 0 && isEnough) return sources
    if (tries > 400) throw new Error(`Not polled: ${waiting.map(({ url }) => url).join(' ')}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function readSources(): Promise<Map<string, Source>> {
  const store = await openStore({ dataDir: folder, log: quiet(), timezone: 'UTC', role: 'command' })
  const sources = await store.listSources()
  await store.close()
  return new Map(sources.map((source) => [source.url, source]))
}

async function readSilent() {
  const silent = [...(await readSources()).values()].filter(({ url }) => url.includes('/silent-'))
  return silent.map(({ trouble, failures, polledAt }) => [trouble, failures, polledAt])
}

function longestGap(moments: number[]): number {
  return Math.max(...moments.slice(1).map((moment, i) => moment - (moments[i] ?? 0)))
}

function rss(items: string): string {
  return `<rss version="2.0"><channel><title>x</title>${items}</channel></rss>`
}

function item(description: string): string {
  return rss(`<item><title>x</title><description>${description}</description></item>`)
}

function manyItems(): string {
  const text = 'A sentence of some words. '.repeat(160)
  return Array.from(
    { length: 400 },
    (_, i) => `<item><guid>${i}</guid><description>${i} ${text}</description></item>`,
  ).join('')
}

const LAUGHS = `<!DOCTYPE rss [<!ENTITY l "lol">${Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i} "${`&l${i - 1 < 0 ? '' : i - 1};`.repeat(10)}">`).join('')}]>${item('&l8;')}`

function send(socket: Socket, body: string | Buffer, headers = ''): void {
  const bytes = Buffer.from(body)
  socket.write(`${OK}${headers}content-length: ${bytes.length}\r\nconnection: close\r\n\r\n`)
  socket.end(bytes)
}

/** As much as the other side takes. */
function pour(socket: Socket): void {
  let left = 16 * MIB
  const wave = Buffer.alloc(65_536, 'x')
  const go = () => {
    while (!socket.destroyed && left > 0) {
      left -= wave.length
      if (!socket.write(wave)) return
    }
  }
  socket.write(`${OK}\r\n`)
  socket.on('drain', go)
  go()
}

function onPath(socket: Socket, answer: (path: string) => void): void {
  socket.on('data', (chunk) => {
    const path = /^GET (\S+) /.exec(chunk.toString('latin1'))?.[1]
    if (path !== undefined) answer(path)
  })
}

interface Listener {
  url: string
  port: number
  close(): void
}

async function listen(onSocket: (socket: Socket) => void, host = '127.0.0.1'): Promise<Listener> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    onSocket(socket)
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  return {
    url: `http://${host}:${port}`,
    port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function quiet() {
  return createLog({ level: 'error', pretty: false, write: () => {}, secrets: [], clock: systemClock })
}
