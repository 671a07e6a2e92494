import type { LookupAddress } from 'node:dns'
import { createServer, type IncomingHttpHeaders, request as passOn } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFetch } from '../../src/fetch/fetch.ts'
import type { FetchLimits } from '../../src/fetch/hop.ts'
import type { LookupAll } from '../../src/fetch/lookup.ts'
import { type Fetched, UNSEEN } from '../../src/ports.ts'
import { type FeedServer, startFeedServer } from '../support/feed-server.ts'
import { OWN_CERTIFICATE, OWN_KEY } from './certificate.ts'

const names: Record<string, string[]> = {}
const lookup: LookupAll = (hostname, _, callback) => {
  const addresses: LookupAddress[] = (names[hostname] ?? []).map((address) => ({ address, family: 4 }))
  callback(null, addresses)
}

let target: FeedServer
let proxy: TestProxy
beforeAll(async () => {
  target = await startFeedServer()
  proxy = await startProxy()
})
beforeEach(() => {
  target.requests.length = 0
  proxy.asked.length = 0
  proxy.answerWith = null
  for (const name of Object.keys(names)) delete names[name]
})
afterAll(async () => {
  await target.close()
  await proxy.close()
})

interface TestProxy {
  port: number
  /** What it was asked for: "GET http://…" or "CONNECT host:port", with the headers. */
  asked: { line: string; headers: IncomingHttpHeaders }[]
  /** A status that it answers instead of doing its work; 0 never answers. */
  answerWith: number | null
  close(): Promise<void>
}

/** A proxy that leads every request to this machine, by whatever name it was asked for. */
async function startProxy(options: { secure?: boolean } = {}): Promise<TestProxy> {
  const sockets = new Set<Socket>()
  const state: TestProxy = { port: 0, asked: [], answerWith: null, close: async () => {} }
  const server = options.secure ? createHttpsServer({ key: OWN_KEY, cert: OWN_CERTIFICATE }) : createServer()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
  })
  server.on('request', (request, response) => {
    state.asked.push({ line: `${request.method} ${request.url}`, headers: request.headers })
    if (state.answerWith === 0) return
    if (state.answerWith !== null) return response.writeHead(state.answerWith).end('No.')
    const { port, pathname } = new URL(request.url ?? '')
    passOn({ host: '127.0.0.1', port, path: pathname, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(response)
    }).end()
  })
  server.on('connect', (request, socket: Socket) => {
    state.asked.push({ line: `CONNECT ${request.url}`, headers: request.headers })
    socket.on('error', () => socket.destroy())
    if (state.answerWith === 0) return
    if (state.answerWith !== null) return socket.end(`HTTP/1.1 ${state.answerWith} No\r\n\r\n`)
    const through = connect(Number(String(request.url).split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      through.pipe(socket).pipe(through)
    })
    sockets.add(through)
    through.on('error', () => socket.destroy())
  })
  state.port = await listen(server)
  state.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return state
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    // A TCP server that listens has an address with a port.
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

async function getThrough(
  url: string,
  options: {
    proxy?: string
    allowHosts?: string[]
    limits?: Partial<FetchLimits>
    headers?: Record<string, string>
  } = {},
): Promise<Fetched> {
  const { fetch, close } = createFetch({
    userAgent: 'Crier/test',
    allowHosts: options.allowHosts ?? ['127.0.0.1'],
    limits: options.limits ?? {},
    lookup,
  })
  const access = { headers: options.headers ?? {}, proxy: options.proxy ?? `http://127.0.0.1:${proxy.port}` }
  const fetched = await fetch({ url, ...UNSEEN, access })
  await close()
  return fetched
}

describe('through a proxy', () => {
  test('http is asked for whole, by the name of the host, and its answer is read like any other', async () => {
    names['public.example'] = ['93.184.215.14']
    target.set('/feed', { body: '<rss/>', encoding: 'gzip' })

    const fetched = await getThrough(`http://public.example:${target.port}/feed`)

    expect(fetched).toMatchObject({ kind: 'fresh', url: `http://public.example:${target.port}/feed` })
    expect(proxy.asked.map(({ line }) => line)).toEqual([`GET http://public.example:${target.port}/feed`])
    expect(target.requests[0]?.headers).toMatchObject({
      host: `public.example:${target.port}`,
      'user-agent': 'Crier/test',
    })
  })

  test('a form is posted', async () => {
    names['hub.example'] = ['93.184.216.34']
    const fetcher = createFetch({ userAgent: 'Crier/test', allowHosts: ['127.0.0.1'], lookup })
    const answered = await fetcher.post({
      url: `http://hub.example:${target.port}/hub`,
      form: { a: 'b' },
      proxy: `http://127.0.0.1:${proxy.port}`,
    })
    await fetcher.close()

    expect(answered).toMatchObject({ kind: 'answered' })
    expect(proxy.asked.map(({ line }) => line)).toEqual([`POST http://hub.example:${target.port}/hub`])
  })

  test('its name and password go to the proxy, the headers of the source through it', async () => {
    names['public.example'] = ['93.184.215.14']
    target.set('/feed', 'x')

    await getThrough(`http://public.example:${target.port}/feed`, {
      proxy: `http://pete:pr%3Axy@127.0.0.1:${proxy.port}`,
      headers: { cookie: 'a=b' },
    })

    expect(proxy.asked[0]?.headers).toMatchObject({
      'proxy-authorization': `Basic ${Buffer.from('pete:pr:xy').toString('base64')}`,
      cookie: 'a=b',
    })
  })

  test('https goes through a tunnel, in which the certificate of the server is checked', async () => {
    names['own.example'] = ['93.184.215.14']
    const secure = createHttpsServer({ key: OWN_KEY, cert: OWN_CERTIFICATE }, (_, response) => response.end('x'))
    const port = await listen(secure)

    const fetched = await getThrough(`https://own.example:${port}/feed`, {
      proxy: `http://pete:secret@127.0.0.1:${proxy.port}`,
    })
    secure.close()

    expect(proxy.asked).toMatchObject([
      {
        line: `CONNECT own.example:${port}`,
        headers: { 'proxy-authorization': `Basic ${Buffer.from('pete:secret').toString('base64')}` },
      },
    ])
    expect(fetched).toMatchObject({
      kind: 'failed',
      reason: 'tls',
      detail: expect.stringContaining(`vouches for the certificate of own.example:${port}`),
    })
  })

  test('a proxy that speaks https is checked too', async () => {
    names['public.example'] = ['93.184.215.14']
    const secure = await startProxy({ secure: true })

    const fetched = await getThrough('http://public.example/feed', { proxy: `https://127.0.0.1:${secure.port}` })
    await secure.close()

    expect(fetched).toMatchObject({
      kind: 'failed',
      reason: 'tls',
      detail: expect.stringContaining(`127.0.0.1:${secure.port} (the proxy)`),
    })
  })
})

describe('the guard in front of a proxy', () => {
  test.each([
    ['http://127.0.0.1:9/', []],
    ['http://169.254.169.254/latest/', []],
    ['http://[::ffff:10.0.0.1]/', []],
    ['https://10.0.0.5/', []],
    ['http://inside.example/', ['10.0.0.5']],
    ['https://inside.example/', ['10.0.0.5']],
    ['http://mixed.example/', ['93.184.215.14', '127.0.0.1']],
    ['http://public.example:25/', ['93.184.215.14']],
  ])('%s %j is refused before the proxy is asked', async (url, addresses) => {
    names[new URL(url).hostname] = addresses
    names['proxy.example'] = ['127.0.0.1']
    const fetched = await getThrough(url, {
      allowHosts: ['proxy.example'],
      proxy: `http://proxy.example:${proxy.port}`,
    })

    expect(fetched).toMatchObject({ kind: 'failed', reason: 'refused' })
    expect(proxy.asked).toEqual([])
  })

  test('a redirect is judged before it is asked', async () => {
    names['public.example'] = ['93.184.215.14']
    names['inside.example'] = ['192.168.1.1']
    target.set('/away', { redirect: 'http://inside.example/secret' })

    const fetched = await getThrough(`http://public.example:${target.port}/away`)

    expect(fetched).toMatchObject({ kind: 'failed', reason: 'refused', detail: expect.stringContaining('192.168.1.1') })
    expect(proxy.asked.length).toBe(1)
  })

  test('a host without an address here is not asked for, unless it is listed', async () => {
    target.set('/feed', 'x')
    const url = `http://nowhere.example:${target.port}/feed`

    expect(await getThrough(url)).toMatchObject({ kind: 'failed', reason: 'dns' })
    expect(await getThrough(url, { allowHosts: ['127.0.0.1', 'nowhere.example'] })).toMatchObject({ kind: 'fresh' })
  })

  test.each([
    ['http://127.0.0.1:PORT', /127\.0\.0\.1 is a private address/],
    ['http://2130706433:PORT', /127\.0\.0\.1 is a private address/],
    ['http://inside.example:PORT', /inside\.example leads to 10\.0\.0\.5/],
    ['http://public.example:25', /Port 25 belongs to another protocol/],
    ['socks5://public.example:1080', /no address of one/],
    ['proxy.example', /no address of one/],
    ['', /no address of one/],
  ])('the proxy %s is refused', async (address, sentence) => {
    names['public.example'] = ['93.184.215.14']
    names['inside.example'] = ['10.0.0.5']

    const fetched = await getThrough('http://public.example/', {
      allowHosts: [],
      proxy: address.replace('PORT', String(proxy.port)),
    })

    expect(fetched).toMatchObject({ kind: 'failed', reason: 'refused', detail: expect.stringMatching(sentence) })
    expect(proxy.asked).toEqual([])
  })
})

describe('a proxy that does not work', () => {
  const withPassword = () => `http://pete:s3cr3t@127.0.0.1:${proxy.port}`

  test.each([
    ['http', 407, 'blocked', 'wants a name and a password'],
    ['https', 407, 'blocked', 'wants a name and a password'],
    ['https', 403, 'connect', 'does not lead to public.example: it answered 403 Forbidden'],
    ['https', 502, 'connect', 'does not lead to public.example: it answered 502 Bad Gateway'],
    ['https', 0, 'timeout', '(the proxy) did not take the call in time. See whether it runs.'],
    ['http', 0, 'timeout', 'did not answer whole'],
  ])(
    'for %s, answering %d, is a failure that says so without its password',
    async (scheme, status, reason, sentence) => {
      names['public.example'] = ['93.184.215.14']
      proxy.answerWith = status

      const fetched = await getThrough(`${scheme}://public.example/`, {
        proxy: withPassword(),
        // What never answers need not be waited for long; what does may be late on a busy machine.
        limits: status === 0 ? { totalMs: scheme === 'http' ? 200 : 3_000, connectMs: 200 } : { totalMs: 3_000 },
      })

      expect(fetched).toMatchObject({ kind: 'failed', detail: expect.stringContaining(sentence), reason })
      expect(JSON.stringify(fetched)).not.toMatch(/pete|s3cr3t/)
    },
  )

  test('nobody listens there', async () => {
    names['public.example'] = ['93.184.215.14']
    const gone = await startProxy()
    await gone.close()

    for (const scheme of ['http', 'https']) {
      const fetched = await getThrough(`${scheme}://public.example/`, {
        proxy: `http://pete:s3cr3t@127.0.0.1:${gone.port}`,
      })

      expect(fetched).toMatchObject({
        kind: 'failed',
        reason: 'connect',
        detail: `127.0.0.1:${gone.port} (the proxy) does not accept connections. Check the address.`,
      })
    }
  })

  test('our own look-up that never ends does not outlive the deadline', async () => {
    const { fetch, close } = createFetch({
      userAgent: 'x',
      allowHosts: ['127.0.0.1'],
      lookup: () => {},
      limits: { totalMs: 60 },
    })
    const access = { headers: {}, proxy: `http://127.0.0.1:${proxy.port}` }

    const fetched = await fetch({ url: 'http://slow.example/', ...UNSEEN, access })
    await close()

    expect(fetched).toMatchObject({ kind: 'failed', reason: 'timeout' })
  })
})
