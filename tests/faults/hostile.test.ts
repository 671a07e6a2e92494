import { createServer, type Server, type Socket } from 'node:net'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFetch, type Fetcher } from '../../src/fetch/fetch.ts'
import type { Fetched, FetchFailed } from '../../src/ports.ts'
import { type FeedServer, startFeedServer } from '../support/feed-server.ts'

const MIB = 1_048_576
/** Much more than a bomb needs that waits for room on a busy machine. */
const DEADLINE_MS = 5_000
const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\n'
const zeros = Buffer.alloc(64 * MIB)
const BOMB = gzipSync(zeros)
const brotliBomb = (windowBits: number) =>
  brotliCompressSync(zeros, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: windowBits },
  })
const BROTLI_BOMB = brotliBomb(22)
const WIDE_BOMB = brotliBomb(24)
const NOISE = gzipSync(Array.from({ length: 20_000 }, (_, i) => Math.sin(i)).join())

/** What a server does with a request for a path, and what we must say of it. */
type Hostility = [name: string, reasons: FetchFailed['reason'][], attack: (socket: Socket, path: string) => void]

const HOSTILITIES: Hostility[] = [
  ['says nothing', ['timeout'], () => {}],
  ['hangs up', ['network'], (socket) => socket.destroy()],
  ['resets', ['network'], (socket) => socket.resetAndDestroy()],
  ['drips a status line', ['timeout'], (socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x-a: b\r\n')],
  ['drips headers byte by byte', ['timeout'], (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx: ', 'y')],
  ['drips a body', ['timeout'], (socket) => drip(socket, `${OK}\r\n`, 'x')],
  ['drips a body with a length', ['timeout'], (socket) => drip(socket, `${OK}content-length: 1000\r\n\r\n`, 'x')],
  ['drips chunks', ['timeout'], (socket) => drip(socket, `${OK}transfer-encoding: chunked\r\n\r\n`, '1\r\nx\r\n')],
  ['drips gzip', ['timeout'], (socket) => dripBytes(socket, `${OK}content-encoding: gzip\r\n\r\n`, NOISE)],
  ['stops in the middle', ['timeout'], (socket) => socket.write(`${OK}content-length: 1000\r\n\r\n<rss>`)],
  ['gives hints for ever', ['network'], (socket) => drip(socket, '', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n')],
  ['is processing for ever', ['network'], (socket) => drip(socket, '', 'HTTP/1.1 102 Processing\r\n\r\n')],
  [
    'pours out hints',
    ['network'],
    (socket) => flood(socket, '', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(100)),
  ],
  ['continues what nobody began', ['network'], (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n')],
  [
    'switches protocols',
    ['network'],
    (socket) => socket.write('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
  ],
  ['leads on and on', ['redirects'], (socket, path) => socket.end(`HTTP/1.1 302 Found\r\nlocation: ${path}x\r\n\r\n`)],
  ['leads in a circle', ['redirects'], (socket, path) => socket.end(`HTTP/1.1 301 Moved\r\nlocation: ${path}\r\n\r\n`)],
  [
    'leads slowly',
    ['timeout'],
    (socket, path) => void later(socket, 1_900, `HTTP/1.1 307 x\r\nlocation: ${path}\r\ncontent-length: 0\r\n\r\n`),
  ],
  ['leads nowhere', ['redirects'], (socket) => socket.end('HTTP/1.1 302 Found\r\n\r\n')],
  [
    'leads inside',
    ['refused'],
    (socket) => socket.end('HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\n\r\n'),
  ],
  [
    'leads to a file',
    ['refused'],
    (socket) => socket.end('HTTP/1.1 302 Found\r\nlocation: file:///etc/passwd\r\n\r\n'),
  ],
  [
    'leads to a port of mail',
    ['refused'],
    (socket) => socket.end('HTTP/1.1 302 x\r\nlocation: //127.0.0.1:25/\r\n\r\n'),
  ],
  [
    'leads to an address of 15 KiB',
    ['too_big'],
    (socket, path) => socket.end(`HTTP/1.1 302 x\r\nlocation: ${path}${'y'.repeat(15_000)}\r\n\r\n`),
  ],
  [
    'leads to an address of 100 KiB',
    ['too_big'],
    (socket) => socket.end(`HTTP/1.1 302 x\r\nlocation: /${'y'.repeat(100_000)}\r\n\r\n`),
  ],
  ['has a bomb in gzip', ['too_big'], (socket) => send(socket, 'content-encoding: gzip', BOMB)],
  ['has a bomb in brotli', ['too_big'], (socket) => send(socket, 'content-encoding: br', BROTLI_BOMB)],
  ['has a bomb in the widest brotli', ['body'], (socket) => send(socket, 'content-encoding: br', WIDE_BOMB)],
  ['has a bomb in a bomb', ['too_big'], (socket) => send(socket, 'content-encoding: gzip, gzip', gzipSync(BOMB))],
  ['has a bomb without a label', ['too_big'], (socket) => send(socket, 'x-a: b', BOMB)],
  [
    'is compressed fifty times',
    ['body'],
    (socket) => send(socket, `content-encoding: ${'gzip, '.repeat(50)}gzip`, BOMB),
  ],
  ['is compressed with what nobody knows', ['body'], (socket) => send(socket, 'content-encoding: zstd', NOISE)],
  ['cuts its gzip off', ['body'], (socket) => send(socket, 'content-encoding: gzip', NOISE.subarray(0, -9))],
  [
    'cuts its chunks off',
    ['network', 'body'],
    (socket) => socket.end(`${OK}transfer-encoding: chunked\r\n\r\n5\r\nhal`),
  ],
  [
    'has chunks that are none',
    ['network', 'body'],
    (socket) => socket.end(`${OK}transfer-encoding: chunked\r\n\r\nzz\r\nx`),
  ],
  [
    'has chunks of a petabyte',
    ['network', 'body', 'timeout'],
    (socket) => socket.write(`${OK}transfer-encoding: chunked\r\n\r\nfffffffffffff\r\nx`),
  ],
  ['announces more than it sends', ['network', 'body'], (socket) => socket.end(`${OK}content-length: 999\r\n\r\nx`)],
  ['announces a petabyte', ['too_big'], (socket) => socket.write(`${OK}content-length: 999999999999999\r\n\r\nx`)],
  ['announces a length that is none', ['network'], (socket) => socket.end(`${OK}content-length: -5\r\n\r\nx`)],
  [
    'resets in the body',
    ['network'],
    (socket) => void later(socket, 20, null, `${OK}content-length: 999\r\n\r\n<rss>`),
  ],
  [
    'sends headers for ever',
    ['too_big'],
    (socket) => flood(socket, 'HTTP/1.1 200 OK\r\n', `x-a: ${'y'.repeat(100)}\r\n`.repeat(80)),
  ],
  ['sends one header for ever', ['too_big'], (socket) => flood(socket, 'HTTP/1.1 200 OK\r\nx-a: ', 'y'.repeat(8_192))],
  [
    'sends cookies for ever',
    ['too_big'],
    (socket) => flood(socket, OK, `set-cookie: a=${'y'.repeat(100)}\r\n`.repeat(80)),
  ],
  ['sends a body for ever', ['too_big'], (socket) => flood(socket, `${OK}\r\n`, 'x'.repeat(65_536))],
  [
    'sends a body for ever, a byte in a chunk',
    ['body'],
    (socket) => flood(socket, `${OK}transfer-encoding: chunked\r\n\r\n`, '1\r\nx\r\n'.repeat(10_000)),
  ],
  ['sends gzip for ever', ['too_big'], (socket) => flood(socket, `${OK}content-encoding: gzip\r\n\r\n`, NOISE)],
  [
    'sends chunk extensions for ever',
    ['network', 'timeout', 'too_big'],
    (socket) => flood(socket, `${OK}transfer-encoding: chunked\r\n\r\n1;`, 'e'.repeat(65_536)),
  ],
  [
    'sends trailers for ever',
    ['too_big', 'network'],
    (socket) =>
      flood(socket, `${OK}transfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n`, `x-a: ${'y'.repeat(100)}\r\n`.repeat(80)),
  ],
  ['speaks HTTP/0.9', ['network'], (socket) => socket.end('<rss version="2.0"></rss>')],
  ['speaks HTTP/3.7', ['network'], (socket) => socket.end('HTTP/3.7 200 OK\r\n\r\nx')],
  ['speaks SSH', ['network'], (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
  ['speaks mail', ['network'], (socket) => socket.end('220 mail.example ESMTP\r\n')],
  ['speaks TLS', ['network'], (socket) => socket.end(Buffer.from('15030300020246', 'hex'))],
  ['speaks in zeros', ['network'], (socket) => socket.end(Buffer.alloc(1_000))],
  ['has a status that is none', ['network', 'status'], (socket) => socket.end('HTTP/1.1 999999 Huge\r\n\r\n')],
  ['has a part only', ['status'], (socket) => socket.end('HTTP/1.1 206 Partial\r\ncontent-length: 1\r\n\r\nx')],
  ['has nothing', ['status'], (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n')],
  ['has an empty document', ['body'], (socket) => socket.end(`${OK}content-length: 0\r\n\r\n`)],
  ['never changed', ['status'], (socket) => socket.end('HTTP/1.1 304 Not Modified\r\n\r\n')],
  [
    'names header fields with bytes',
    ['network'],
    (socket) => socket.end(Buffer.from(`${OK}\xff\xfe: x\r\n\r\nx`, 'latin1')),
  ],
  [
    'has a length and chunks',
    ['body', 'network'],
    (socket) => socket.end(`${OK}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`),
  ],
]

/** How the hostile server answers what is no HTTP, such as the greeting of TLS. */
let greeted = 'says nothing'
let good: FeedServer
let bad: { url: string; close(): void }
let fetcher: Fetcher
beforeAll(async () => {
  good = await startFeedServer()
  bad = await startHostileServer()
  fetcher = createFetch({
    userAgent: 'Crier/test',
    allowHosts: ['127.0.0.1'],
    limits: {
      totalMs: DEADLINE_MS,
      connectMs: 1_000,
      maxBytes: 4 * MIB,
      roomBytes: 8 * MIB,
      connectionsPerOrigin: 200,
    },
  })
})
afterAll(async () => {
  await fetcher.close()
  await good.close()
  bad.close()
})

describe('hostile servers', () => {
  test('all at once: each ends in time and with a reason, the good ones beside them notice nothing', async () => {
    for (let i = 0; i < 10; i += 1) good.set(`/good${i}`, { body: `<rss>${i}</rss>`, encoding: 'gzip' })
    const before = process.memoryUsage.rss()
    let peak = before
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }, 10)
    const started = performance.now()

    const hostile = HOSTILITIES.map(([name]) => timed(ask(`${bad.url}/${encodeURIComponent(name)}`), started))
    const friendly = Array.from({ length: 10 }, (_, i) => timed(ask(`${good.url}/good${i}`), started))
    const welcome = await Promise.all(friendly)
    const ended = await Promise.all(hostile)
    clearInterval(watch)

    expect(welcome.map(({ fetched }) => fetched.kind)).toEqual(Array(10).fill('fresh'))
    expect(Math.max(...welcome.map(({ ms }) => ms))).toBeLessThan(DEADLINE_MS)
    const unexpected = ended.flatMap(({ fetched }, i) => {
      const [name, reasons] = HOSTILITIES[i] ?? ['', []]
      const said = fetched.kind === 'failed' ? fetched.reason : fetched.kind
      return reasons.some((reason) => reason === said) ? [] : [`${name}: ${said}, not ${reasons.join(' or ')}`]
    })
    expect(unexpected).toEqual([])
    expect(Math.max(...ended.map(({ ms }) => ms))).toBeLessThan(DEADLINE_MS + 1_000)
    expect((peak - before) / MIB).toBeLessThan(150)
  })

  test('a dozen bombs at once that unpack in a window of 4 MiB take the memory of one', async () => {
    const patient = createFetch({
      userAgent: 'Crier/test',
      allowHosts: ['127.0.0.1'],
      limits: { maxBytes: 4 * MIB, connectionsPerOrigin: 12 },
    })
    const url = `${bad.url}/${encodeURIComponent('has a bomb in brotli')}`
    const bombs = Array.from({ length: 12 }, () => ask(url, patient))
    const before = process.memoryUsage.rss()
    let peak = before
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }, 5)

    const ended = await Promise.all(bombs)
    clearInterval(watch)
    await patient.close()

    expect(ended.map((fetched) => fetched.kind === 'failed' && fetched.reason)).toEqual(Array(12).fill('too_big'))
    expect((peak - before) / MIB).toBeLessThan(120)
  })

  test.each([
    ['says nothing', /did not take the call in time/],
    ['hangs up', /broke off|No secure connection/],
    ['speaks mail', /does not speak https/],
    ['has an empty document', /does not speak https/],
  ])('where https was asked for, one that %s is told from others', async (name, sentence) => {
    greeted = name
    const fetched = await ask(bad.url.replace('http:', 'https:'))

    expect(fetched).toMatchObject({ kind: 'failed', detail: expect.stringMatching(sentence) })
  })

  test('what they say tells nothing but the host, and ends in what to do', async () => {
    const quick = HOSTILITIES.filter(([, reasons]) => !reasons.includes('timeout')).map(([name]) => name)

    for (const name of quick) {
      const fetched = await ask(`${bad.url.replace('http://', 'http://ann:s3cr3t@')}/${encodeURIComponent(name)}`)

      expect(fetched).toMatchObject({ kind: 'failed', detail: expect.stringMatching(/^\S.*[^.]\. \S.*[^.]\.$/) })
      expect(JSON.stringify(fetched)).not.toMatch(/s3cr3t|yyyy|undefined/)
    }
  })

  test('are no reason not to ask a good one again', async () => {
    good.set('/after', 'x')

    expect(await ask(`${good.url}/after`)).toMatchObject({ kind: 'fresh' })
  })
})

function ask(url: string, by: Fetcher = fetcher): Promise<Fetched> {
  return by.fetch({ url, validators: { etag: null, lastModified: null }, bodyHash: null })
}

async function timed(fetched: Promise<Fetched>, started: number): Promise<{ fetched: Fetched; ms: number }> {
  return { fetched: await fetched, ms: performance.now() - started }
}

/** Answers by the path: each hostility at its name. Redirects lead to paths that begin with it. */
async function startHostileServer(): Promise<{ url: string; close(): void }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      const path = /^GET (\S+) /.exec(chunk.toString('latin1'))?.[1]
      const asked = path === undefined ? greeted : decodeURIComponent(path.slice(1))
      const byLength = HOSTILITIES.toSorted(([a], [b]) => b.length - a.length)
      byLength.find(([name]) => asked.startsWith(name))?.[2](socket, path ?? '/')
    })
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function send(socket: Socket, header: string, body: Buffer): void {
  socket.write(`${OK}${header}\r\ncontent-length: ${body.length}\r\n\r\n`)
  socket.end(body)
}

/** A little at a time, until the other side has enough. */
function drip(socket: Socket, start: string, drop: string): void {
  socket.write(start)
  const drops = setInterval(() => socket.write(drop), 10)
  socket.on('close', () => clearInterval(drops))
}

function dripBytes(socket: Socket, start: string, bytes: Buffer): void {
  socket.write(start)
  let at = 0
  const drops = setInterval(() => {
    socket.write(bytes.subarray(at, at + 1))
    at += 1
  }, 10)
  socket.on('close', () => clearInterval(drops))
}

/** As much as the other side takes, up to more than it should. */
function flood(socket: Socket, start: string, wave: string | Buffer): void {
  let left = 12 * MIB
  const pour = () => {
    while (!socket.destroyed && left > 0) {
      left -= wave.length
      if (!socket.write(wave)) return
    }
  }
  socket.write(start)
  socket.on('drain', pour)
  pour()
}

/** `start` at once, the rest after a while; null resets the connection. */
function later(socket: Socket, ms: number, rest: string | null, start = ''): void {
  socket.write(start)
  const timer = setTimeout(() => (rest === null ? socket.resetAndDestroy() : socket.write(rest)), ms)
  socket.on('close', () => clearTimeout(timer))
}
