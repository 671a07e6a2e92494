import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type Socket } from 'node:net'
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createFetch, type Fetcher } from '../../src/fetch/fetch.ts'
import type { FetchLimits } from '../../src/fetch/hop.ts'
import type { LookupAll } from '../../src/fetch/lookup.ts'
import { type Fetched, type FetchFailed, type FetchRequest, type FreshDocument, UNSEEN } from '../../src/ports.ts'
import { type FeedServer, type ServedDocument, startFeedServer } from '../support/feed-server.ts'
import { workedMs } from '../support/work.ts'
import { OWN_CERTIFICATE, OWN_KEY } from './certificate.ts'

const NOW = Date.parse('2026-11-23T09:00:00Z')
const MIB = 1_048_576

let server: FeedServer
let other: FeedServer
let fetcher: Fetcher

const USUAL = { userAgent: 'Crier/1.0 (+https://x.example)', allowHosts: ['127.0.0.1'], clock: () => NOW }

/** For one test. */
function fetcherWith(limits: Partial<FetchLimits>, others: Partial<Parameters<typeof createFetch>[0]> = {}): Fetcher {
  const made = createFetch({ ...USUAL, limits, ...others })
  onTestFinished(() => made.close())
  return made
}

beforeAll(async () => {
  server = await startFeedServer()
  other = await startFeedServer()
  fetcher = createFetch(USUAL)
})
beforeEach(() => {
  server.requests.length = 0
  other.requests.length = 0
})
afterAll(async () => {
  await fetcher.close()
  await server.close()
  await other.close()
})

async function get(path: string, request: Partial<FetchRequest> = {}): Promise<Fetched> {
  const fetched = await fetcher.fetch({ url: `${server.url}${path}`, ...UNSEEN, ...request })
  if (fetched.kind === 'fresh') fetcher.release(fetched.bytes)
  return fetched
}

function getWithin(limits: Partial<FetchLimits>, path: string): Promise<Fetched> {
  return fetcherWith(limits).fetch({ url: `${server.url}${path}`, ...UNSEEN })
}

/** The best quality takes a second for a megabyte. */
function quickBrotli(data: string | Buffer): Buffer {
  return brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })
}

function serve(path: string, document: ServedDocument | string): Promise<Fetched> {
  server.set(path, document)
  return get(path)
}

function freshText(fetched: Fetched): string {
  expect(fetched).toMatchObject({ kind: 'fresh' })
  // Said by the line above.
  return Buffer.from((fetched as FreshDocument).bytes).toString('utf8')
}

/** A failure for this reason, in a sentence with these words. */
function failure(reason: FetchFailed['reason'], words = ''): object {
  return { kind: 'failed', reason, detail: expect.stringContaining(words) }
}

/** A server that answers each connection with these bytes, then does `after` with the socket. */
async function withRawServer<T>(
  answer: (socket: Socket, connection: number) => void,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>()
  let count = 0
  const raw = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    count += 1
    const connection = count
    socket.once('data', () => answer(socket, connection))
  })
  const port = await new Promise<number>((resolve) => {
    raw.listen(0, '127.0.0.1', () => {
      const address = raw.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  try {
    return await work(`http://127.0.0.1:${port}/feed`)
  } finally {
    for (const socket of sockets) socket.destroy()
    raw.close()
  }
}

/** What such a server is understood to have answered; bytes are all it says. */
function getRaw(answer: string | Parameters<typeof withRawServer>[0]): Promise<Fetched> {
  const say = typeof answer === 'string' ? (socket: Socket) => socket.end(answer, 'latin1') : answer
  return withRawServer(say, (url) => fetcher.fetch({ url, ...UNSEEN }))
}

describe('a document', () => {
  test('comes with its bytes, type, validators and hash', async () => {
    const fetched = await serve('/a', {
      body: '<rss/>',
      contentType: 'application/rss+xml',
      etag: '"v1"',
      lastModified: 'Mon, 23 Nov 2026 08:00:00 GMT',
      headers: { 'cache-control': 'max-age=300' },
    })

    expect(fetched).toEqual({
      kind: 'fresh',
      url: `${server.url}/a`,
      contentType: 'application/rss+xml',
      bytes: Buffer.from('<rss/>'),
      validators: { etag: '"v1"', lastModified: 'Mon, 23 Nov 2026 08:00:00 GMT' },
      bodyHash: createHash('sha256').update('<rss/>').digest('hex'),
      notBeforeMs: 300_000,
    })
  })

  test('is asked for with our name, the types of feeds, and the codings we can undo', async () => {
    await serve('/a', 'x')

    expect(server.requests[0]?.headers).toMatchObject({
      'user-agent': 'Crier/1.0 (+https://x.example)',
      accept: expect.stringContaining('application/atom+xml'),
      'accept-encoding': 'gzip, deflate, br',
    })
    expect(server.requests[0]?.headers).not.toHaveProperty('if-none-match')
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  test('without a type has none', async () => {
    const fetched = await serve('/a', { answer: (response) => response.end('x') })

    expect(fetched).toMatchObject({ kind: 'fresh', contentType: null })
  })

  test('keeps no validator that could not be sent back', async () => {
    const fetched = await serve('/a', { body: 'x', etag: `"${'e'.repeat(2_000)}"`, lastModified: 'gestern um neun' })

    expect(fetched).toMatchObject({ validators: { etag: null, lastModified: 'gestern um neun' } })
  })

  test('that is empty is a failure, not a document without items', async () => {
    for (const document of [
      { body: '' },
      { body: '', encoding: 'gzip' },
      { body: '', headers: { 'content-encoding': 'gzip' } },
    ] as const) {
      expect(await serve('/empty', document)).toMatchObject(failure('body'))
    }
  })
})

describe('a conditional request', () => {
  test('that is answered 304 is unchanged, with the validators it had', async () => {
    server.set('/a', { body: 'x', etag: '"v1"' })

    const fetched = await get('/a', { validators: { etag: '"v1"', lastModified: 'Mon, 23 Nov 2026 08:00:00 GMT' } })

    expect(server.requests[0]).toMatchObject({
      status: 304,
      headers: { 'if-none-match': '"v1"', 'if-modified-since': 'Mon, 23 Nov 2026 08:00:00 GMT' },
    })
    expect(fetched).toEqual({
      kind: 'unchanged',
      validators: { etag: '"v1"', lastModified: 'Mon, 23 Nov 2026 08:00:00 GMT' },
      notBeforeMs: null,
    })
  })

  test('takes the validators and the freshness that a 304 renews', async () => {
    server.set('/a', { status: 304, etag: 'W/"v2"', headers: { 'cache-control': 'max-age=60' } })

    const fetched = await get('/a', { validators: { etag: '"v1"', lastModified: null } })

    expect(fetched).toEqual({
      kind: 'unchanged',
      validators: { etag: 'W/"v2"', lastModified: null },
      notBeforeMs: 60_000,
    })
  })

  test('that was none cannot be answered 304', async () => {
    expect(await serve('/a', { status: 304 })).toMatchObject({ kind: 'failed', reason: 'status', status: 304 })
  })

  test('with the same body again is unchanged, with the new validators', async () => {
    server.set('/a', { body: 'same', etag: '"v2"', encoding: 'gzip' })

    const fetched = await get('/a', {
      validators: { etag: '"v1"', lastModified: null },
      bodyHash: createHash('sha256').update('same').digest('hex'),
    })

    expect(server.requests[0]?.status).toBe(200)
    expect(fetched).toEqual({ kind: 'unchanged', validators: { etag: '"v2"', lastModified: null }, notBeforeMs: null })
  })
})

describe('compression', () => {
  const small = 'Nachrichten 大数据 '.repeat(50)
  // Hardly compressible, so that it is more than is inflated in one go.
  const large = Buffer.from(
    Array.from({ length: 40_000 }, (_, i) => createHash('md5').update(String(i)).digest('base64')).join('\n'),
  ).toString('utf8')

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['br', quickBrotli],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['gzip, br', (text: string) => quickBrotli(gzipSync(text))],
    ['GZIP', gzipSync],
    ['identity', (text: string) => Buffer.from(text)],
    // Labelled, but inflated by a proxy on the way.
    ['gzip', (text: string) => Buffer.from(text)],
    // A file.xml.gz: compressed, but without a label.
    ['', gzipSync],
    // Labels that are no codings.
    ['utf-8', (text: string) => Buffer.from(text)],
    ['none', (text: string) => Buffer.from(text)],
    ['UTF-8, gzip', gzipSync],
    ['"gzip"', gzipSync],
    ['gzip;q=1.0', gzipSync],
    // The label of another coding.
    ['br', gzipSync],
    ['deflate', gzipSync],
  ] as [string, (text: string) => Buffer][])('%j is undone, in small and in large', async (encoding, compress) => {
    for (const text of [small, large]) {
      const fetched = await serve('/z', { body: compress(text), headers: { 'content-encoding': encoding } })

      expect(freshText(fetched) === text).toBe(true)
    }
  })

  test.each([
    ['small gzip', 'gzip', gzipSync(small).subarray(0, -20)],
    ['large gzip', 'gzip', gzipSync(large).subarray(0, -20)],
    ['gzip without its last bytes', 'gzip', gzipSync(small).subarray(0, -4)],
    ['another member', 'gzip', Buffer.concat([gzipSync(small), gzipSync(small).subarray(0, -4)])],
    ['small brotli', 'br', brotliCompressSync(small).subarray(0, -10)],
    ['large deflate', 'deflate', deflateSync(large).subarray(0, -10)],
  ])('%s that was cut off is a failure', async (_, encoding, body) => {
    const fetched = await serve('/z', { body, headers: { 'content-encoding': encoding } })

    expect(fetched).toMatchObject(failure('body', 'cut off'))
  })

  test.each(['br', 'deflate', 'gzip'])(
    'a document that is not compressed is read as it is, though %s is said',
    async (coding) => {
      for (const text of [small, large]) {
        const body = `\ufeff\n<?xml version="1.0"?><rss>${text}</rss>`
        const fetched = await serve('/z', { body, headers: { 'content-encoding': coding } })
        expect(freshText(fetched) === body).toBe(true)
      }
    },
  )

  test.each([
    ['the line break that ends a script', Buffer.concat([gzipSync(small), Buffer.from('\n')])],
    ['a remark', Buffer.concat([gzipSync(small), Buffer.from('<!-- made by a cache -->')])],
    ['zeros', Buffer.concat([gzipSync(small), Buffer.alloc(99)])],
    ['another member', Buffer.concat([gzipSync(small.slice(0, 9)), gzipSync(small.slice(9))])],
    ['nothing, compressed again', gzipSync(gzipSync(small))],
  ])('gzip with %s behind it is the same document', async (_, body) => {
    for (const headers of [{ 'content-encoding': 'gzip' }, {}]) {
      expect(freshText(await serve('/z', { body, headers }))).toBe(small)
    }
  })

  test.each(['zstd', 'compress', 'gzip, zstd'])('what we did not ask for is a failure: %s', async (coding) => {
    const fetched = await serve('/z', { body: 'x', headers: { 'content-encoding': coding } })
    expect(fetched).toMatchObject(failure('body', 'did not ask for'))
  })

  test('damaged data is a failure', async () => {
    const body = gzipSync(small)
    body.fill(0xff, 12, 30)
    const [otherSum, otherLength] = [gzipSync(small), gzipSync(small)]
    otherSum[otherSum.length - 8] = 1 + (otherSum.at(-8) ?? 0)
    otherLength[otherLength.length - 4] = 1 + (otherLength.at(-4) ?? 0)

    for (const damaged of [body, otherSum, otherLength, Buffer.concat([otherLength, Buffer.from('\n')])]) {
      const fetched = await serve('/z', { body: damaged, headers: { 'content-encoding': 'gzip' } })
      expect(fetched).toMatchObject(failure('body', 'damaged'))
    }
  })

  test.each([
    ['is damaged', quickBrotli(large).fill(0xff, 900, 1_000)],
    ['was cut off', gzipSync(large).subarray(0, -9)],
    ['ends in what it did not compress, far behind', Buffer.concat([gzipSync(large), Buffer.from('\n')])],
  ])('what %s is asked for without compression', async (_, damaged) => {
    const answer = (response: ServerResponse) => {
      const isBare = response.req.headers['accept-encoding'] === 'identity'
      if (!isBare) response.setHeader('content-encoding', damaged[0] === 0x1f ? 'gzip' : 'br')
      response.end(isBare ? small : damaged)
    }

    expect(freshText(await serve('/garbled', { answer }))).toBe(small)
    expect(server.requests.filter(({ path }) => path === '/garbled')).toHaveLength(2)
  })

  test('brotli that takes 16 MiB before it shows the first byte is not unpacked, and asked for in another way', async () => {
    const wide = brotliCompressSync(small, { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } })
    const answer = (response: ServerResponse) => {
      const isBare = response.req.headers['accept-encoding'] === 'identity'
      response.setHeader('content-encoding', isBare ? 'identity' : 'br')
      response.end(isBare ? small : wide)
    }

    expect(freshText(await serve('/wide', { answer }))).toBe(small)
    expect(await serve('/wide', { body: wide, headers: { 'content-encoding': 'br' } })).toMatchObject(
      failure('body', '16 MiB'),
    )
    expect(server.requests.filter(({ path }) => path === '/wide')).toHaveLength(4)
  })

  test.each(['zstd', 'gzip, gzip, gzip', Array(50).fill('gzip').join(', ')])(
    '%s was not asked for and is a failure',
    async (encoding) => {
      const fetched = await serve('/z', { body: 'x', headers: { 'content-encoding': encoding } })

      expect(fetched).toMatchObject(failure('body'))
    },
  )
})

describe('size', () => {
  const zeros = Buffer.alloc(16 * MIB)

  test.each([
    ['gzip', gzipSync(zeros)],
    ['br', quickBrotli(zeros)],
    ['gzip, gzip', gzipSync(gzipSync(zeros))],
  ])('a bomb in %s is cut at 10 MiB', async (encoding, body) => {
    const fetched = await serve('/bomb', { body, headers: { 'content-encoding': encoding } })

    expect(fetched).toMatchObject(failure('too_big', '10 MiB'))
  })

  test('an endless body is cut at the cap', async () => {
    let written = 0
    const fetched = await serve('/endless', {
      answer(response, socket) {
        const chunk = Buffer.alloc(MIB, 'x')
        const pump = () => {
          while (!socket.destroyed && written < 200 * MIB && response.write(chunk)) written += MIB
        }
        response.on('drain', pump)
        pump()
      },
    })

    expect(fetched).toMatchObject(failure('too_big'))
    expect(written).toBeLessThan(40 * MIB)
  })

  test('exactly the cap is still read', async () => {
    server.set('/big', { body: Buffer.alloc(1_000, 'x') })

    expect(await getWithin({ maxBytes: 1_000 }, '/big')).toMatchObject({ kind: 'fresh' })
    expect(await getWithin({ maxBytes: 999 }, '/big')).toMatchObject(failure('too_big'))
  })

  test('a length over the cap is refused before the body is sent', async () => {
    const fetched = await serve('/announced', {
      answer(response) {
        response.writeHead(200, { 'content-length': 11 * MIB })
        response.flushHeaders()
      },
    })

    expect(fetched).toMatchObject(failure('too_big'))
  })

  test('endless headers are a failure', async () => {
    const fetched = await serve('/headers', { body: 'x', headers: { 'x-long': 'y'.repeat(70_000) } })

    expect(fetched).toMatchObject(failure('too_big', '64 KiB'))
  })

  test.each<[string, Record<string, string[]>]>([
    ['thousands of short ones', { 'x-a': Array(4_000).fill('b') }],
    ['thousands of cookies', { 'set-cookie': Array(2_000).fill('a=b') }],
  ])('so are %s: each takes its room', async (_, headers) => {
    const fetched = await serve('/headers', { body: 'x', headers })

    expect(fetched).toMatchObject(failure('too_big'))
  })

  test('of endless headers no more is read than the limit', async () => {
    const endless = `HTTP/1.1 200 OK\r\n${'a:\r\n'.repeat(100_000)}`
    const before = workedMs()
    const fetched = await withRawServer(
      (socket) => socket.write(endless),
      (url) => Promise.all(Array.from({ length: 8 }, () => fetcher.fetch({ url, ...UNSEEN }))),
    )

    expect(fetched).toMatchObject(Array(8).fill({ kind: 'failed', reason: 'too_big' }))
    expect(workedMs() - before).toBeLessThan(1_000)
  })

  test.each<[string, string, string]>([
    ['blank lines', '', '\r\n'],
    ['words behind the status', 'HTTP/1.1 200 ', 'OK'],
    ['blanks before a value', 'HTTP/1.1 200 OK\r\nx-a:', ' '],
    ['extensions of a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;', 'e'],
    ['zeros before the length of a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', '0'],
    ['blanks behind the length of a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1', ' '],
  ])('nor are %s read until the deadline', async (_, start, endless) => {
    let written = 0
    const fetched = await getRaw((socket) => {
      const pour = () => {
        while (!socket.destroyed && socket.write(endless.repeat(32_768))) written += 1
      }
      socket.on('drain', pour).write(start)
      pour()
    })

    expect(fetched).toMatchObject(failure('too_big', 'on and on'))
    expect(written).toBeLessThan(1_000)
  })

  test('an honest body in a hundred thousand short chunks is read', async () => {
    const words = 'twenty letters here.'
    const fetched = await getRaw((socket) =>
      socket.end(
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${`14\r\n${words}\r\n`.repeat(100_000)}0\r\n\r\n`,
      ),
    )

    expect(freshText(fetched)).toHaveLength(2_000_000)
  })

  test('long headers of an honest server are not', async () => {
    const fetched = await serve('/headers', { body: 'x', headers: { link: '</a.css>; rel=preload, '.repeat(2_000) } })

    expect(freshText(fetched)).toBe('x')
  })
})

describe('an answer in sloppy HTTP', () => {
  const body = '<rss/>'
  const inChunks = '6\r\n<rss/>\r\n0\r\n\r\n'
  const CRLF = '\r\n'

  test.each<[string, string]>([
    ['lines that end in LF', `HTTP/1.1 200 OK\nContent-Length: 6\nX-A: b\n\n${body}`],
    ['a field in two lines', `HTTP/1.1 200 OK${CRLF}Content-Length: 6${CRLF}X-A: b${CRLF}  c${CRLF}${CRLF}${body}`],
    [
      'a control character in a value',
      `HTTP/1.1 200 OK${CRLF}X-A: b\x01c${CRLF}Content-Length: 6${CRLF}${CRLF}${body}`,
    ],
    [
      'blanks behind the length of a chunk',
      `HTTP/1.1 200 OK${CRLF}Transfer-Encoding: chunked${CRLF}${CRLF}${inChunks.replace('6', '6  ')}`,
    ],
    ['no reason', `HTTP/1.1 200${CRLF}Content-Length: 6${CRLF}${CRLF}${body}`],
    ['one length, twice', `HTTP/1.1 200 OK${CRLF}Content-Length: 6${CRLF}content-length:6${CRLF}${CRLF}${body}`],
    ['one length, twice in a line', `HTTP/1.1 200 OK${CRLF}Content-Length: 6, 6${CRLF}${CRLF}${body}`],
  ])('is read as a browser reads it: %s', async (_, answer) => {
    const fetched = await getRaw(answer)
    expect(freshText(fetched)).toBe(body)
  })

  test.each<[string, string]>([
    ['something else', 'SSH-2.0-OpenSSH_9.2'],
    ['a status that is none', `HTTP/1.1 OK${CRLF}${CRLF}${body}`],
    ['two different lengths', `HTTP/1.1 200 OK${CRLF}Content-Length: 6${CRLF}Content-Length: 5${CRLF}${CRLF}${body}`],
    ['two different lengths in a line', `HTTP/1.1 200 OK${CRLF}Content-Length: 6, 5${CRLF}${CRLF}${body}`],
    ['a length that is none', `HTTP/1.1 200 OK${CRLF}Content-Length: six${CRLF}${CRLF}${body}`],
  ])('is a failure: %s', async (_, answer) => {
    const fetched = await getRaw(answer)
    expect(fetched).toMatchObject({ kind: 'failed' })
  })

  test('gives no answer to the next request beside its own', async () => {
    const answer = `HTTP/1.1 200 OK${CRLF}Content-Length: 6${CRLF}${CRLF}`
    const bodies = await withRawServer(
      (socket, connection) => socket.write(`${answer}first${connection}${answer}forged`),
      async (url) => {
        const texts: string[] = []
        for (let i = 0; i < 3; i += 1) {
          texts.push(freshText(await fetcher.fetch({ url, ...UNSEEN })))
        }
        return texts
      },
    )
    expect(bodies).toEqual(['first1', 'first2', 'first3'])
  })
})

describe('a body that ends before the server said', () => {
  const whole = '<rss><channel><item/></channel></rss>\n'
  const [long, chunked] = ['content-length: 900', 'transfer-encoding: chunked']
  const inChunk = (body: string | Buffer) => {
    const bytes = Buffer.from(body)
    return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
  }

  test.each<[string, string, string | Buffer]>([
    ['a length that is too large', long, whole],
    ['a length that is too large, compressed', `${long}\r\ncontent-encoding: gzip`, gzipSync(whole)],
    ['chunks without a last one', chunked, inChunk(whole)],
  ])('is a document where its root element ends there: %s', async (_, header, body) => {
    const fetched = await getRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`)
      socket.end(body)
    })
    expect(freshText(fetched)).toBe(whole)
  })

  test.each<[string, string, string | Buffer]>([
    ['a length that is too large', long, whole],
    ['a length that is too large, compressed', `${long}\r\ncontent-encoding: gzip`, gzipSync(whole)],
    ['no length at all', 'x-a: b', whole],
    ['chunks without a last one', chunked, inChunk(whole)],
  ])('is a document though the server never goes away: %s', async (_, header, body) => {
    const fetched = await getPatiently(header, body)
    expect(freshText(fetched)).toBe(whole)
  })

  test.each<[string, string, string | Buffer]>([
    ['cut off', long, whole.slice(0, -9)],
    ['compressed, and cut off', `${long}\r\ncontent-encoding: gzip`, gzipSync(whole).subarray(0, -9)],
    ['nothing', long, ''],
  ])('is none where the server stays, and the rest does not come: %s', async (_, header, body) => {
    const fetched = await getPatiently(header, body)
    expect(fetched).toMatchObject(failure('timeout', 'did not answer whole'))
  })

  /** What a server that never closes says after `header` is all that comes until time is up. */
  function getPatiently(header: string, body: string | Buffer): Promise<Fetched> {
    const answer = (socket: Socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`)
      socket.write(body)
    }
    return withRawServer(answer, (url) => fetcherWith({ totalMs: 200 }).fetch({ url, ...UNSEEN }))
  }

  test.each([`<rss>${'x'.repeat(500)}</rss>`, '<feed></feed>', '<rdf:RDF></rdf:RDF >', '<HTML></HTML>'])(
    'is a document where its root element ends there: %s',
    async (text) => {
      const fetched = await getRaw((socket) => socket.end(`HTTP/1.1 200 OK\r\n${long}\r\n\r\n${text}`))
      expect(freshText(fetched)).toBe(text)
    },
  )

  test.each<[string, string, string | Buffer]>([
    ['a length that is too large', long, whole.slice(0, -9)],
    ['an element that is no root', long, '<rss><channel></channel>'],
    ['what stands behind the root', long, '<rss></rss><p>'],
    ['compressed, and cut off', `${long}\r\ncontent-encoding: gzip`, gzipSync(whole).subarray(0, -9)],
    ['chunks without a last one', chunked, inChunk(whole.slice(0, -9))],
    ['no body at all', long, ''],
  ])('is none where it does not: %s', async (_, header, body) => {
    const fetched = await getRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`)
      socket.end(body)
    })
    expect(fetched).toMatchObject(failure('network', 'broke off'))
  })
})

describe('the deadline', () => {
  test('ends a server that is silent', async () => {
    server.set('/silent', { answer: () => {} })

    const fetched = await getWithin({ totalMs: 60 }, '/silent')

    expect(fetched).toMatchObject(failure('timeout', '0.06 seconds'))
  })

  test('ends a body that drips, however lively', async () => {
    let drips: NodeJS.Timeout | undefined
    server.set('/drip', {
      answer(response) {
        drips = setInterval(() => response.write('x'), 5)
      },
    })

    const fetched = await getWithin({ totalMs: 80 }, '/drip')
    clearInterval(drips)

    expect(fetched).toMatchObject(failure('timeout'))
  })

  test('ends a server that gives hints and never an answer', async () => {
    const fetched = await withRawServer(
      (socket) => {
        const hints = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'), 5)
        socket.on('close', () => clearInterval(hints))
      },
      async (url) => {
        return fetcherWith({ totalMs: 80 }).fetch({ url, ...UNSEEN })
      },
    )

    expect(fetched).toMatchObject(failure('timeout'))
  })

  test('counts redirects in: each hop is quick enough, all together are not', async () => {
    for (const n of [0, 1, 2, 3]) server.set(`/slow${n}`, { redirect: `/slow${n + 1}`, delayMs: 40 })

    expect(await getWithin({ totalMs: 100 }, '/slow0')).toMatchObject(failure('timeout'))
  })

  test('leaves a request that waits for a free connection', async () => {
    server.set('/silent', { answer: () => {} })
    const narrow = fetcherWith({ totalMs: 60, connectionsPerOrigin: 1 })
    const request = { url: `${server.url}/silent`, ...UNSEEN }

    const both = await Promise.all([narrow.fetch(request), narrow.fetch(request)])

    expect(both).toMatchObject([{ reason: 'timeout' }, { reason: 'timeout' }])
  })
})

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])(
    '%d is followed, and the document has the address that answered',
    async (status) => {
      server.set('/old', { redirect: '/new#part', status })
      server.set('/new', 'here')

      const fetched = await get('/old')

      expect(fetched).toMatchObject({ kind: 'fresh', url: `${server.url}/new` })
    },
  )

  test('five are followed, six are not', async () => {
    for (const n of [1, 2, 3, 4, 5, 6]) server.set(`/hop${n}`, { redirect: `/hop${n - 1}` })
    server.set('/hop0', 'here')

    expect(await get('/hop5')).toMatchObject({ kind: 'fresh' })
    expect(await get('/hop6')).toMatchObject(failure('redirects'))
  })

  test.each<[string, ServedDocument, string]>([
    ['without a location', { status: 302 }, 'without saying where'],
    ['with an empty location', { status: 302, headers: { location: '' } }, 'without saying where'],
    ['to an address that is none', { redirect: 'http://[not-an-address/' }, 'to what is no address'],
    ['to an interface of their own', { redirect: 'http://[fe80::1%eth0]/' }, 'to what is no address'],
    ['to itself', { redirect: '/circle' }, 'on and on'],
  ])('%s are a failure, and say why', async (_, document, why) => {
    expect(await serve('/circle', document)).toMatchObject(failure('redirects', why))
  })

  test('that say twice where they lead go to the first of the two', async () => {
    server.set('/old', { status: 302, headers: { location: ['/new', '/other'] } })
    server.set('/new', 'here')

    expect(freshText(await get('/old'))).toBe('here')
  })

  test('with a large body of their own do not disturb', async () => {
    server.set('/old', { redirect: '/new', body: Buffer.alloc(MIB, 'x') })
    server.set('/new', 'here')

    expect(freshText(await get('/old'))).toBe('here')
  })
})

describe('an address that moved', () => {
  test.each<[string, number[], boolean]>([
    ['one 301', [301], true],
    ['one 308', [308], true],
    ['301 and 308', [301, 308, 301], true],
    ['one 302', [302], false],
    ['one 307', [307], false],
    ['a temporary hop first', [302, 301], false],
    ['a temporary hop last', [301, 303], false],
    ['no hop', [], false],
  ])('is told for good only when every hop says so: %s', async (_, hops, forGood) => {
    for (const [i, status] of hops.entries()) server.set(`/moving${i}`, { status, redirect: `/moving${i + 1}#part` })
    server.set(`/moving${hops.length}`, { body: 'here', etag: '"v1"' })
    const movedTo = `${server.url}/moving${hops.length}`

    const fresh = await get('/moving0')
    const same = await get('/moving0', { validators: { etag: '"v1"', lastModified: null } })

    expect(fresh).toMatchObject({ kind: 'fresh', ...(forGood && { movedTo }) })
    expect(same).toMatchObject({ kind: 'unchanged', ...(forGood && { movedTo }) })
    if (!forGood) for (const fetched of [fresh, same]) expect(fetched).not.toHaveProperty('movedTo')
  })

  test('is told without the name and password that a redirect brings along', async () => {
    server.set('/old', { status: 301, redirect: `http://eve:pw@127.0.0.1:${other.port}/new?x=1#y` })
    other.set('/new?x=1', 'here')

    expect(await get('/old')).toMatchObject({ kind: 'fresh', movedTo: `${other.url}/new?x=1` })
  })

  test('that sets a cookie and leads back is followed with it, and only by the one who set it', async () => {
    const seen: (string | undefined)[] = []
    const answer = (response: ServerResponse) => {
      const { cookie } = response.req.headers
      seen.push(cookie)
      if (cookie?.includes('seen=1')) return void response.end('welcome')
      response.setHeader('set-cookie', [
        'seen=1; Path=/; HttpOnly',
        'old=2; Max-Age=0',
        'bad value',
        'long='.padEnd(2_000, 'x'),
      ])
      response.writeHead(302, { location: '/cookie' }).end()
    }
    const access = { headers: { cookie: 'own=0' }, proxy: null }
    server.set('/cookie', { answer })
    expect(freshText(await get('/cookie'))).toBe('welcome')
    expect(freshText(await get('/cookie', { access }))).toBe('welcome')
    expect(seen).toEqual([undefined, 'seen=1', 'own=0', 'own=0; seen=1'])

    server.set('/away', {
      status: 302,
      redirect: `${other.url.replace('127.0.0.1', 'localhost')}/here`,
      headers: { 'set-cookie': 'a=1' },
    })
    other.set('/here', 'there')
    const wide = fetcherWith({}, { allowHosts: ['127.0.0.1', 'localhost'] })
    expect(freshText(await wide.fetch({ url: `${server.url}/away`, ...UNSEEN }))).toBe('there')
    expect(other.requests[0]?.headers.cookie).toBeUndefined()
  })

  test('in raw UTF-8 is the address that was meant', async () => {
    server.set('/old', { status: 301, redirect: Buffer.from('/große-日本').toString('latin1') })
    server.set('/gro%C3%9Fe-%E6%97%A5%E6%9C%AC', 'here')

    expect(await get('/old')).toMatchObject({ kind: 'fresh', url: `${server.url}/gro%C3%9Fe-%E6%97%A5%E6%9C%AC` })
  })
})

test('a hub in the Link header is found, relative to the address that answered', async () => {
  const link = '<https://hub.example/>; rel="hub"; anchor="/blog/feed", <self.xml>; rel=self'
  server.set('/old', { redirect: '/blog/feed#latest' })
  server.set('/blog/feed', { body: 'x', headers: { link } })

  expect(await get('/old')).toMatchObject({
    kind: 'fresh',
    links: { hub: 'https://hub.example/', self: `${server.url}/blog/self.xml` },
  })
})

describe('the headers of a source', () => {
  const access = {
    headers: { cookie: 'sid=s3cr3t', 'user-agent': 'Firefox', authorization: 'Bearer s3cr3t' },
    proxy: null,
  }

  test('go along, in place of ours and of what the address says', async () => {
    server.set('/a', 'x')

    await get('/a', { url: `${server.url}/a`.replace('http://', 'http://ann:pw@'), access })

    expect(server.requests[0]?.headers).toMatchObject({ ...access.headers, 'accept-encoding': 'gzip, deflate, br' })
  })

  test('stay with their own origin', async () => {
    server.set('/a', { redirect: `${other.url}/b` })
    other.set('/b', { redirect: `${server.url}/c` })
    server.set('/c', 'x')

    await get('/a', { access })

    expect(server.requests.map(({ headers }) => headers.cookie)).toEqual(['sid=s3cr3t', 'sid=s3cr3t'])
    expect(other.requests[0]?.headers).toMatchObject({ 'user-agent': 'Crier/1.0 (+https://x.example)' })
    expect(other.requests[0]?.headers).not.toHaveProperty('cookie')
    expect(other.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  test.each([
    { cookie: 's3cr3t\r\nx: y' },
    { cookie: 's3cr3t 大' },
    { 's3cr3t key': 'x' },
    { host: 's3cr3t.example' },
    { 'content-length': '5' },
    { 'accept-encoding': 'zstd' },
  ])('that cannot be sent end in a refusal that tells nothing of them: %j', async (headers) => {
    server.set('/a', 'x')

    const fetched = await get('/a', { access: { headers, proxy: null } })

    expect(fetched).toMatchObject(failure('refused', 'header'))
    expect(JSON.stringify(fetched)).not.toContain('s3cr3t')
    expect(server.requests).toEqual([])
  })

  test.each<[string, (response: ServerResponse, socket: Socket) => void]>([
    ['a denial', (response) => response.writeHead(403).end('s3cr3t')],
    ['a hang-up', (_, socket) => socket.destroy()],
    [
      'a broken body',
      (response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(Buffer.from('\x1f\x8bs3cr3t', 'latin1')),
    ],
    ['an endless redirect', (response) => response.writeHead(302, { location: '?s3cr3t' }).end()],
    ['a redirect to a private address', (response) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end()],
  ])('appear in no message: %s', async (_, answer) => {
    server.set('/a', { answer })
    server.set('/a?s3cr3t', { answer })

    const fetched = await get('/a', { access })

    expect(fetched.kind).toBe('failed')
    expect(JSON.stringify(fetched)).not.toContain('s3cr3t')
  })
})

describe('somebody who keeps us out', () => {
  test.each<[string, ServedDocument, string]>([
    [
      'by a header',
      { status: 403, headers: { 'cf-mitigated': 'challenge' }, body: 'x' },
      'Cloudflare asks for a browser',
    ],
    [
      'by a page',
      {
        status: 503,
        contentType: 'text/html',
        encoding: 'gzip',
        body: '<title>Just a moment...</title><script>_cf_chl_opt</script>',
      },
      'Cloudflare asks for a browser',
    ],
    [
      'by a line of text',
      { status: 403, contentType: 'text/plain; charset=UTF-8', body: 'error code: 1010' },
      'Cloudflare asks for a browser',
    ],
    [
      'by a page with 200',
      { contentType: 'text/html; charset=utf-8', body: '<script id="anubis_challenge">' },
      'Anubis asks for a browser',
    ],
    ['by a password', { status: 401, headers: { 'www-authenticate': 'Basic' } }, 'wants a name and a password'],
  ])('%s is named', async (_, document, sentence) => {
    expect(await serve('/guarded', document)).toMatchObject({
      kind: 'failed',
      reason: 'blocked',
      status: document.status ?? 200,
      detail: expect.stringContaining(sentence),
    })
  })

  test('by a password that we gave says so', async () => {
    server.set('/guarded', { status: 401 })

    const fetched = await get('/guarded', { url: `${server.url}/guarded`.replace('http://', 'http://ann:wrong@') })

    expect(fetched).toMatchObject({ reason: 'blocked', detail: expect.stringContaining('does not accept the name') })
    expect(JSON.stringify(fetched)).not.toMatch(/ann|wrong/)
  })

  test('by a page that never ends is named all the same', async () => {
    server.set('/guarded', {
      answer(response) {
        response.writeHead(403, { 'content-type': 'text/html' })
        response.write('<div id="px-captcha">')
      },
    })

    expect(await getWithin({ totalMs: 500 }, '/guarded')).toMatchObject(failure('blocked'))
  })

  test('by a login page that a redirect led to is named, and a login page somebody asked for is a page', async () => {
    server.set('/feed', { redirect: '/login?next=/feed' })
    const page = { contentType: 'text/html', body: '<form><input type="password"></form>' }
    server.set('/login?next=/feed', page)

    expect(await get('/feed')).toMatchObject(failure('blocked', 'shows a login page instead'))
    expect(await serve('/login', page)).toMatchObject({ kind: 'fresh' })
  })

  test('with Retry-After asks to come later', async () => {
    const document = { status: 503, headers: { 'cf-mitigated': 'challenge', 'retry-after': '60' } }

    expect(await serve('/guarded', document)).toMatchObject({ reason: 'blocked', retryAfterMs: 60_000 })
  })
})

describe('a form', () => {
  test('is posted, and whatever the server answers is the answer', async () => {
    let received = ''
    server.set('/hub', {
      answer(response, _socket) {
        const request = response.req
        request.on('data', (chunk) => {
          received += chunk
        })
        request.on('end', () => response.writeHead(202).end('x'.repeat(100_000)))
      },
    })

    const answered = await fetcher.post({
      url: `${server.url}/hub`,
      form: { 'hub.mode': 'subscribe', 'hub.topic': 'https://x.example/a?b=1&c=2', word: 'größe 大' },
    })

    expect(answered).toEqual({ kind: 'answered', status: 202 })
    expect(server.requests[0]?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'Crier/1.0 (+https://x.example)',
    })
    expect(Object.fromEntries(new URLSearchParams(received))).toEqual({
      'hub.mode': 'subscribe',
      'hub.topic': 'https://x.example/a?b=1&c=2',
      word: 'größe 大',
    })
  })

  test.each([301, 302, 307, 308])(
    'goes on to where a %s leads, without the password of the address',
    async (status) => {
      const received: string[] = []
      server.set('/hub', { status, redirect: `${other.url}/hub` })
      other.set('/hub', {
        answer(response) {
          const { method, headers } = response.req
          response.req.on('data', (chunk) => received.push(`${method} ${headers.authorization} ${chunk}`))
          response.req.on('end', () => response.writeHead(202).end())
        },
      })

      const url = `${server.url}/hub`.replace('http://', 'http://a:b@')
      expect(await fetcher.post({ url, form: { a: 'b' } })).toEqual({ kind: 'answered', status: 202 })
      expect(received).toEqual(['POST undefined a=b'])
    },
  )

  test('goes nowhere else where the redirect is no address, a private one, without end, or says to look elsewhere', async () => {
    const post = (redirect: string, status = 307) => {
      server.set('/hub', { status, redirect })
      return fetcher.post({ url: `${server.url}/hub`, form: {} })
    }
    expect(await post('')).toEqual({ kind: 'answered', status: 307 })
    expect(await post('http://10.0.0.1/hub')).toMatchObject(failure('refused'))
    expect(await post('/hub')).toEqual({ kind: 'answered', status: 307 })
    expect(await post(`${other.url}/hub`, 303)).toEqual({ kind: 'answered', status: 303 })
    expect(other.requests).toEqual([])
  })

  test('that comes too often says when to come again', async () => {
    server.set('/hub', { status: 429, headers: { 'retry-after': '120' } })
    const answer = await fetcher.post({ url: `${server.url}/hub`, form: {} })
    expect(answer).toMatchObject({ kind: 'failed', reason: 'throttled', status: 429, retryAfterMs: 120_000 })

    server.set('/hub', { status: 503 })
    expect(await fetcher.post({ url: `${server.url}/hub`, form: {} })).toEqual({ kind: 'answered', status: 503 })
  })

  test.each([
    ['http://10.0.0.1/hub', 'refused'],
    ['ftp://x.example/hub', 'refused'],
    ['no address', 'refused'],
    ['http://127.0.0.1:25/', 'refused'],
    ['http://127.0.0.1:1/', 'refused'],
  ])('to %s is refused', async (url, reason) => {
    expect(await fetcher.post({ url, form: {} })).toMatchObject({ kind: 'failed', reason })
  })

  test('that is not taken in time is given up', async () => {
    server.set('/hub', { answer: () => {} })
    const impatient = fetcherWith({ totalMs: 60 })

    expect(await impatient.post({ url: `${server.url}/hub`, form: {} })).toMatchObject({ reason: 'timeout' })
  })
})

describe('a redirect to another host', () => {
  const elsewhere = () => other.url.replace('127.0.0.1', 'localhost')
  const ask = async (path: string, restMs: (host: string) => number) => {
    const wide = fetcherWith({}, { allowHosts: ['127.0.0.1', 'localhost'] })
    const fetched = await wide.fetch({ url: `${server.url}${path}`, ...UNSEEN, restMs })
    return fetched
  }

  test('that wants to be left alone is not followed, and no fault of anybody', async () => {
    server.set('/led', { status: 302, headers: { location: `${elsewhere()}/feed` } })
    const hosts: string[] = []

    const fetched = await ask('/led', (host) => hosts.push(host) * 60_000)

    expect(fetched).toMatchObject({ kind: 'failed', reason: 'throttled', retryAfterMs: 60_000, host: 'localhost' })
    expect(fetched).toMatchObject({ status: null, detail: expect.stringContaining('asked to be left alone') })
    expect(hosts).toEqual(['localhost'])
    expect(other.requests).toEqual([])
  })

  test('is followed otherwise, and who complains there is named', async () => {
    server.set('/led', { status: 302, headers: { location: `${elsewhere()}/busy` } })
    other.set('/busy', { status: 429, headers: { 'retry-after': '7' } })

    const fetched = await ask('/led', () => 0)

    expect(fetched).toMatchObject({ reason: 'throttled', status: 429, retryAfterMs: 7_000, host: 'localhost' })
  })

  test.each<[string, () => string, RegExp]>([
    [
      'nobody knows',
      () => 'http://gone.example',
      /^127\S+ sends us to gone\.example\. There is no host named gone\.example/,
    ],
    ['hangs up', elsewhere, /^127\S+ sends us to (localhost:\d+)\. \1 broke off the connection/],
  ])('that %s: who leads there is named, too', async (_, where, sentence) => {
    server.set('/led', { status: 302, headers: { location: `${where()}/hangs` } })
    other.set('/hangs', { answer: (response) => void response.socket?.destroy() })
    const lookup: LookupAll = (name, _, callback) =>
      name === 'localhost'
        ? callback(null, [{ address: '127.0.0.1', family: 4 }])
        : callback(Object.assign(new Error('x'), { code: 'ENOTFOUND' }), [])
    const wide = fetcherWith({}, { allowHosts: ['127.0.0.1', 'localhost'], lookup })

    const fetched = await wide.fetch({ url: `${server.url}/led`, ...UNSEEN })

    expect(fetched).toMatchObject({ kind: 'failed', detail: expect.stringMatching(sentence) })
  })
})

test('a service that stops breaks off what runs and takes nothing more, and neither is an answer', async () => {
  server.set('/drips', { answer: () => {} })
  const stopping = fetcherWith({})
  const running = [
    stopping.fetch({ url: `${server.url}/drips`, ...UNSEEN }),
    stopping.post({ url: `${server.url}/drips`, form: {} }),
  ]
  const ended = Promise.allSettled(running)
  await new Promise((resolve) => setImmediate(resolve))

  stopping.stop()

  for (const end of [...(await ended), ...(await Promise.allSettled([stopping.post({ url: server.url, form: {} })]))])
    expect(end).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
})

describe('room for large bodies', () => {
  const large = Buffer.alloc(4 * MIB, 'x')

  test('is shared: what is too much at once comes one after the other, and small ones pass by', async () => {
    server.set('/large', { body: large, etag: null })
    server.set('/packed', { body: large, encoding: 'gzip', etag: null })
    server.set('/small', 'x')
    const narrow = fetcherWith({ roomBytes: 4 * MIB })
    const ask = (path: string) => narrow.fetch({ url: server.url + path, ...UNSEEN })

    const first = await ask('/large')
    const others = ['/large', '/packed'].map(ask)
    const small = await ask('/small')
    let arrived = 0
    for (const other of others) void other.then(() => (arrived += 1))
    expect(freshText(small)).toBe('x')
    expect(arrived).toBe(0)

    // Said by what it brought.
    narrow.release((first as FreshDocument).bytes)
    const second = (await Promise.race(others)) as FreshDocument
    narrow.release(second.bytes)
    const lengths = (await Promise.all(others)).map((fetched) => freshText(fetched).length)

    expect(lengths).toEqual([large.length, large.length])
  })

  test('is left by those that are too large, one after the other', async () => {
    server.set('/endless', {
      answer(response, socket) {
        const chunk = Buffer.alloc(65_536, 'x')
        const pump = () => {
          while (!socket.destroyed && response.write(chunk));
        }
        response.on('drain', pump)
        pump()
      },
    })
    const narrow = fetcherWith({ roomBytes: 2 * MIB, maxBytes: 3 * MIB, totalMs: 5_000 })
    const ask = () => narrow.fetch({ url: `${server.url}/endless`, ...UNSEEN })

    const fetched = await Promise.all(Array.from({ length: 8 }, ask))

    expect(fetched.map((one) => one.kind === 'failed' && one.reason)).toEqual(Array(8).fill('too_big'))
  })

  test.each([
    ['in one piece', { body: large }],
    ['unpacked when it is there', { body: quickBrotli(large), headers: { 'content-encoding': 'br' } }],
  ])('that nobody makes ends with the deadline, and not the server is blamed: %s', async (_, document) => {
    server.set('/large', { body: large, etag: null })
    server.set('/late', { ...document, etag: null })
    const narrow = fetcherWith({ roomBytes: MIB, totalMs: 1_000 })
    const ask = (path: string) => narrow.fetch({ url: server.url + path, ...UNSEEN })

    const held = await ask('/large')
    const waited = await ask('/late')

    const detail = expect.stringContaining('too many large ones came at once')
    expect([held, waited]).toMatchObject([{ kind: 'fresh' }, { kind: 'failed', reason: 'timeout', detail }])
  })
})

describe('a name and password in the address', () => {
  const withPassword = (url: string) => url.replace('http://', 'http://ann:s3cr%23t@')
  const authorization = `Basic ${Buffer.from('ann:s3cr#t').toString('base64')}`

  test('go as basic auth, and appear in no address that comes back', async () => {
    server.set('/a', 'x')

    const fetched = await get('/a', { url: withPassword(`${server.url}/a`) })

    expect(server.requests[0]?.headers.authorization).toBe(authorization)
    expect(fetched).toMatchObject({ kind: 'fresh', url: `${server.url}/a` })
  })

  test('stay with their own origin', async () => {
    server.set('/same', { redirect: '/a' })
    server.set('/a', { redirect: `${other.url}/b` })
    other.set('/b', { redirect: `${server.url}/c` })
    server.set('/c', 'x')

    await get('/same', { url: withPassword(`${server.url}/same`) })

    expect(server.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/same', authorization],
      ['/a', authorization],
      ['/c', authorization],
    ])
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })

  test('that a redirect brings along are not used', async () => {
    server.set('/a', { redirect: withPassword(`${other.url}/b`) })
    other.set('/b', 'x')

    const fetched = await get('/a')

    expect(other.requests[0]?.headers.authorization).toBeUndefined()
    expect(fetched).toMatchObject({ url: `${other.url}/b` })
  })

  test.each([
    'http://ann:s3cr%23t@127.0.0.1:1/',
    'http://ann:s3cr%23t@10.0.0.1/',
    'ftp://ann:s3cr%23t@x.example/',
    'http://ann:s3cr%23t@[',
  ])('appear in no message: %s', async (url) => {
    const fetched = await fetcher.fetch({ url, ...UNSEEN })

    expect(fetched.kind).toBe('failed')
    expect(JSON.stringify(fetched)).not.toMatch(/ann|s3cr/)
  })
})

describe('other answers', () => {
  test.each([
    [404, 'The server answered 404 Not Found. Check the address'],
    [410, 'The server answered 410 Gone. The feed is gone for good'],
    [403, 'The server answered 403 Forbidden. It does not let us in'],
    [500, 'The server answered 500 Internal Server Error. The fault is on its side'],
    [503, 'The server answered 503 Service Unavailable. The fault is on its side'],
    [202, 'The server answered 202 Accepted. That is no document'],
    [599, 'The server answered 599. The fault is on its side'],
  ])('%d is a failure with a sentence', async (status, sentence) => {
    const fetched = await serve('/status', { status, body: 'not this' })

    expect(fetched).toMatchObject({
      kind: 'failed',
      reason: 'status',
      status,
      retryAfterMs: null,
      detail: expect.stringContaining(sentence),
    })
  })

  test.each([
    [429, '120', 120_000],
    [429, undefined, null],
    [503, 'Mon, 23 Nov 2026 09:05:00 GMT', 300_000],
  ])('%d with Retry-After %s asks us to wait', async (status, retryAfter, expected) => {
    const date = 'Mon, 23 Nov 2026 09:00:00 GMT'
    const headers = retryAfter === undefined ? { date } : { date, 'retry-after': retryAfter }

    const fetched = await serve('/busy', { status, headers })

    expect(fetched).toMatchObject({ kind: 'failed', reason: 'throttled', status, retryAfterMs: expected })
  })
})

describe('broken connections', () => {
  test('nobody listens', async () => {
    const gone = await startFeedServer()
    await gone.close()

    const fetched = await fetcher.fetch({ url: `${gone.url}/`, ...UNSEEN })

    expect(fetched).toMatchObject(failure('connect', 'does not accept'))
  })

  test('a server that hangs up is asked once more, then given up', async () => {
    let connections = 0
    const fetched = await getRaw((socket) => {
      connections += 1
      socket.destroy()
    })

    expect(fetched).toMatchObject(failure('network', 'broke off'))
    expect(connections).toBe(2)
  })

  test.each(['100 Continue', '101 Switching Protocols'])(
    'a server that answers %s is not asked twice',
    async (status) => {
      let connections = 0
      const fetched = await getRaw((socket) => {
        connections += 1
        socket.write(`HTTP/1.1 ${status}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`)
      })

      expect(fetched).toMatchObject(failure('network', 'valid HTTP'))
      expect(connections).toBe(1)
    },
  )

  test('a kept connection that was closed meanwhile is no failure', async () => {
    const fetched = await getRaw((socket, connection) => {
      if (connection === 1) socket.resetAndDestroy()
      else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })

    expect(freshText(fetched)).toBe('ok')
  })

  test.each([
    ['a body shorter than announced', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort', 'network'],
    ['chunks that are none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 'network'],
    ['a status that is none', 'HTTP/1.1 007 Bond\r\n\r\n', 'network'],
    ['what is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'network'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      'network',
    ],
    ['a field without a colon', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\nnonsense\r\n\r\nabc', 'network'],
  ])('%s is a failure', async (_, bytes, reason) => {
    const fetched = await getRaw(bytes)

    expect(fetched).toMatchObject({ kind: 'failed', reason })
  })

  test('https where there is none', async () => {
    const fetched = await withRawServer(
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      (url) => fetcher.fetch({ url: url.replace('http:', 'https:'), ...UNSEEN }),
    )

    expect(fetched).toMatchObject(failure('tls', 'Try http://'))
  })

  test('a certificate that nobody vouches for', async () => {
    const secure = createHttpsServer({ key: OWN_KEY, cert: OWN_CERTIFICATE }, (_, response) => response.end('x'))
    const port = await new Promise<number>((resolve) => {
      secure.listen(0, '127.0.0.1', () => {
        const address = secure.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })

    const fetched = await fetcher.fetch({ url: `https://127.0.0.1:${port}/`, ...UNSEEN })
    secure.close()

    expect(fetched).toMatchObject(failure('tls', 'NODE_EXTRA_CA_CERTS'))
  })

  test('a name server that never answers', async () => {
    const patient = fetcherWith({ connectMs: 50 }, { allowHosts: [], lookup: () => {} })

    const fetched = await patient.fetch({ url: 'http://slow.example/', ...UNSEEN })

    expect(fetched).toMatchObject(failure('dns', 'looked up'))
  })

  test('closing ends what is under way', async () => {
    server.set('/silent', { answer: () => {} })
    const leaving = fetcherWith({})
    const fetched = leaving.fetch({ url: `${server.url}/silent`, ...UNSEEN })

    await leaving.close()

    expect(await fetched).toMatchObject({ kind: 'failed' })
    expect(await leaving.fetch({ url: server.url, ...UNSEEN })).toMatchObject({
      kind: 'failed',
    })
  })
})

describe('connections', () => {
  test('are kept for the next request, and bounded for one origin', async () => {
    const own = await startFeedServer()
    own.set('/a', 'x')
    const narrow = fetcherWith({ connectionsPerOrigin: 2 })
    const request = { url: `${own.url}/a`, ...UNSEEN }

    await Promise.all(Array.from({ length: 20 }, () => narrow.fetch(request)))
    await narrow.fetch(request)

    expect(own.requests.length).toBe(21)
    expect(own.connections()).toBeLessThanOrEqual(2)
    await own.close()
  })

  test('are not used for what waited for one until its time was up', async () => {
    const own = await startFeedServer()
    own.set('/silent', { answer: () => {} })
    own.set('/a', 'x')
    const narrow = fetcherWith({ connectionsPerOrigin: 1, totalMs: 500 })
    const fetch = (path: string) => narrow.fetch({ url: `${own.url}${path}`, ...UNSEEN })

    const late = await Promise.all([fetch('/silent'), fetch('/silent'), fetch('/silent')])
    const next = await fetch('/a')

    expect(late).toMatchObject([failure('timeout'), failure('timeout'), failure('timeout')])
    expect(next).toMatchObject({ kind: 'fresh' })
    expect(own.requests.map(({ path }) => path)).toEqual(['/silent', '/a'])
    await own.close()
  })
})
