import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AppError } from '../../src/errors.ts'
import type { Handle } from '../../src/http/routes.ts'
import { listen } from '../../src/http/server.ts'
import { addItems, openSite } from './site.ts'

async function serve(handle?: Handle, options: Pick<Parameters<typeof listen>[1], 'patience'> = {}) {
  const site = await openSite()
  await addItems(site.store, [{ title: 'one' }])
  const server = await listen(handle ?? site.handle, { host: '127.0.0.1', port: 0, ...options })
  onTestFinished(() => server.close())
  return server
}

/** Sends bytes as they are and reads until the server ends the connection. */
function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('close', () => resolve(answer))
    // A refused sender may see its connection reset after the answer.
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)))
  })
}

const ask = (line: string, headers = '') => `${line} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n${headers}\r\n`
const bodyOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4)
const statusOf = (answer: string) => Number(answer.slice(9, 12))
/** More than both sides' buffers hold. */
const ENOUGH = 32 * 1_048_576

describe('listening', () => {
  test('picks a port for 0 and answers there', async () => {
    const { port } = await serve()
    const response = await fetch(`http://127.0.0.1:${port}/healthz`)
    expect([response.status, await response.text()]).toEqual([200, 'ok\n'])
  })

  test('on a port that is taken is refused in one clear line', async () => {
    const { port } = await serve()
    const { handle } = await openSite()
    const refused = await listen(handle, { host: '127.0.0.1', port }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(AppError)
    expect(refused).toMatchObject({
      code: 'invalid',
      message: `Port ${port} is in use.`,
      hint: expect.stringContaining('PORT=8081'),
    })
  })

  test('on an address that is not ours is refused with what would be right', async () => {
    const { handle } = await openSite()
    await expect(listen(handle, { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'invalid',
      message: 'HOST "192.0.2.1" is not an address of this machine.',
    })
  })
})

describe('closing', () => {
  test('ends idle connections at once', async () => {
    const server = await serve()
    const response = await fetch(`http://127.0.0.1:${server.port}/healthz`)
    await response.text()
    await server.close()
    await expect(fetch(`http://127.0.0.1:${server.port}/healthz`)).rejects.toThrow()
  })

  test('lets an answer under way finish', async () => {
    let answer = (_: Response) => {}
    let asked = () => {}
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const server = await serve(() => {
      asked()
      return new Promise((resolve) => {
        answer = resolve
      })
    })
    const response = fetch(`http://127.0.0.1:${server.port}/`)
    await isAsked
    const closed = server.close()
    answer(new Response('done'))
    expect(await (await response).text()).toBe('done')
    await closed
  })

  test('cuts off who does not finish in two seconds', async () => {
    const server = await serve()
    const silent = sendRaw(server.port, 'GET / HTTP/1.1\r\nHost: a.example\r\n').catch(() => 'cut')
    await fetch(`http://127.0.0.1:${server.port}/healthz`)
    const begun = performance.now()
    await server.close()
    expect(performance.now() - begun).toBeLessThan(6_000)
    await silent
  })
})

describe('strange requests', () => {
  test('a page is the same under two Host headers, an absolute address and forwarded names', async () => {
    const { port } = await serve()
    const usual = bodyOf(await sendRaw(port, ask('GET /feed.atom')))
    expect(usual).toContain('<title type="html"><![CDATA[one]]></title>')
    for (const request of [
      'GET /feed.atom HTTP/1.1\r\nHost: a.example\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
      ask('GET http://evil.example/feed.atom'),
      ask('GET /feed.atom', 'X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n'),
    ]) {
      const answer = await sendRaw(port, request)
      expect(answer).not.toContain('evil.example')
      if (statusOf(answer) === 200) expect(bodyOf(answer)).toBe(usual)
      else expect(statusOf(answer)).toBe(400)
    }
  })

  test.each([
    ['two slashes and another host', ask('GET //evil.example/feed.atom'), 404],
    ['a way up', ask('GET /../../../../etc/passwd'), 404],
    ['a way up, encoded', ask('GET /style.css/%2e%2e/%2e%2e/etc/passwd'), 404],
    ['a way up, with backslashes', ask('GET /..\\..\\etc\\passwd'), 400],
    ['an encoded NUL', ask('GET /style.css%00.html'), 404],
    ['an overlong encoding', ask('GET /%c0%ae%c0%ae/etc/passwd'), 404],
    ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a b<script>\r\nConnection: close\r\n\r\n', 400],
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['an expectation', ask('GET /', 'Expect: the-impossible\r\n'), 417],
    ['TRACE', ask('TRACE /'), 405],
    ['another method', ask('PROPFIND /'), 405],
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['headers beyond the limit', ask('GET /', `X: ${'x'.repeat(20_000)}\r\n`), 431],
    ['an address beyond the limit', ask(`GET /?q=${'x'.repeat(20_000)}`), 431],
    ['a body that says it is huge', ask('POST /', 'Content-Length: 104857600\r\n'), 413],
    ['a query no one types', ask(`GET /?q=${'%28'.repeat(2_000)}`), 400],
  ])('%s', async (_, request, status) => {
    const { port } = await serve()
    const answer = await sendRaw(port, request)
    expect(statusOf(answer)).toBe(status)
    expect(answer.toLowerCase()).toContain('x-content-type-options: nosniff')
    expect(answer).not.toMatch(/root:|node_modules|\.ts:\d/)
  })

  test('clients that never finish asking are sent away, and others served meanwhile', async () => {
    const patience = { headersTimeout: 300, requestTimeout: 300, connectionsCheckingInterval: 50 }
    const { port } = await serve(undefined, { patience })
    const slow = Array.from({ length: 50 }, () => sendRaw(port, 'GET / HTTP/1.1\r\nHost: a.example\r\nX-Slow: '))
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
    const answers = await Promise.all(slow)
    expect(new Set(answers.map(statusOf))).toEqual(new Set([408]))
  })

  test('a body without end is not read', async () => {
    const { port } = await serve()
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    const endless = `POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(40)}`
    expect(statusOf(await sendRaw(port, endless))).toBe(405)
  })

  test.each(['GET', 'HEAD'])('a body without end behind %s is not read either', async (method) => {
    const { port } = await serve()
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (bytes) => {
      answer += bytes
    })
    const ended = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve))
    const pour = () => {
      while (!socket.destroyed && socket.bytesWritten < ENOUGH && socket.write(chunk));
      if (socket.bytesWritten >= ENOUGH) socket.destroy()
    }
    socket.on('drain', pour)
    socket.write(`${method} /healthz HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n`)
    pour()

    await ended
    expect(statusOf(answer)).toBe(200)
    expect(socket.bytesWritten).toBeLessThan(ENOUGH)
  })

  test('HEAD has the length of what GET has, and nothing else', async () => {
    const { port } = await serve()
    const full = await sendRaw(port, ask('GET /feed.atom'))
    const head = await sendRaw(port, ask('HEAD /feed.atom'))
    const length = (answer: string) => /content-length: (\d+)/i.exec(answer)?.[1]
    expect(length(head)).toBe(length(full))
    expect(bodyOf(head)).toBe('')
  })

  test('compressed bytes arrive whole', async () => {
    const { port } = await serve()
    for (const coding of ['gzip', 'br']) {
      const response = await fetch(`http://127.0.0.1:${port}/feed.atom`, { headers: { 'accept-encoding': coding } })
      expect(response.headers.get('content-encoding')).toBe(coding)
      expect(await response.text()).toContain('</feed>')
    }
  })

  test('a client that lies about its address gets no numbers, this machine does', async () => {
    const { port } = await serve()
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200)
    const spoofed = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { 'x-forwarded-for': '127.0.0.1' } })
    expect(spoofed.status).toBe(404)
  })
})
