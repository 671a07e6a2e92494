import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { AppError } from '../../src/errors.ts'
import { listen } from '../../src/http/server.ts'
import type { WebSubDoor } from '../../src/http/websub.ts'
import { silentLog } from '../support/store.ts'
import { get, openSite } from './site.ts'

const TOKEN = 'abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE'
const MB = 1_024 * 1_024

type Received = Parameters<WebSubDoor['receive']>

/** A door that keeps what came through it. */
function doorOf(answers: { challenge?: string | null; outcome?: 'accepted' | 'unknown' } = {}) {
  const received: Received[] = []
  const asked: [string, string][] = []
  const door: WebSubDoor = {
    async verify(token, query) {
      asked.push([token, query.toString()])
      return answers.challenge ?? null
    },
    async expects() {
      return answers.outcome !== 'unknown'
    },
    async receive(...push) {
      received.push(push)
      return answers.outcome ?? 'accepted'
    },
  }
  return { door, received, asked }
}

function push(body: BodyInit, headers: Record<string, string> = {}) {
  const init = { method: 'POST', body, headers, duplex: 'half' }
  return new Request(`https://hub-sees.example/websub/${TOKEN}`, init)
}

describe('a hub that asks', () => {
  test.each([
    ['is given back its challenge as it is', 'a <b>&amp; c\n'],
    ['is given nothing where nothing is to be said', ''],
  ])('%s, as plain text', async (_, challenge) => {
    const { door, asked } = doorOf({ challenge })
    const response = await get(await openSite({ websub: door }), `/websub/${TOKEN}?hub.mode=subscribe&hub.challenge=x`)
    expect([response.status, await response.text()]).toEqual([200, challenge])
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(asked).toEqual([[TOKEN, 'hub.mode=subscribe&hub.challenge=x']])
  })

  test('for what we did not want is told that nothing is there', async () => {
    const response = await get(await openSite({ websub: doorOf().door }), `/websub/${TOKEN}`)
    expect([response.status, await response.text()]).toEqual([404, 'There is nothing at this address.\n'])
  })

  test('finds nothing where nobody pushes', async () => {
    const site = await openSite()
    expect((await get(site, `/websub/${TOKEN}`)).status).toBe(404)
    expect((await site.handle(push('x'))).status).toBe(404)
  })

  test('asks by GET and pushes by POST; HEAD asks nothing', async () => {
    const { door, asked } = doorOf({ challenge: 'x' })
    const site = await openSite({ websub: door })
    for (const method of ['HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
      const response = await get(site, `/websub/${TOKEN}`, {}, method)
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST'])
    }
    expect(asked).toEqual([])
  })
})

describe('a hub that pushes', () => {
  test('is taken from anywhere, its bytes as they came, with type and signature', async () => {
    const { door, received } = doorOf()
    const site = await openSite({ websub: door })
    const bytes = new Uint8Array([0xff, 0, 0x3c, 0x0d, 0x0a])
    const headers = { 'content-type': 'application/atom+xml', 'x-hub-signature': 'sha256=ab' }
    const response = await site.handle(push(bytes, headers), { address: '203.0.113.9' })
    expect(response.status).toBe(202)
    expect(received.map(([token, { bytes: got, ...rest }]) => [token, [...got], rest])).toEqual([
      [TOKEN, [...bytes], { contentType: 'application/atom+xml', signature: 'sha256=ab' }],
    ])
  })

  test.each([
    ['only -256', { 'x-hub-signature-256': 'sha256=2' }, 'sha256=2'],
    ['both', { 'x-hub-signature': 'sha1=1', 'x-hub-signature-256': 'sha256=2' }, 'sha1=1'],
    ['none', {}, null],
  ])('is heard whose signature header is %s', async (_, headers, signature) => {
    const { door, received } = doorOf()
    await (await openSite({ websub: door })).handle(push('x', headers))
    expect(received[0]?.[1].signature).toBe(signature)
  })

  test('to nobody is told so for good', async () => {
    const { door } = doorOf({ outcome: 'unknown' })
    expect((await (await openSite({ websub: door })).handle(push('x'))).status).toBe(410)
  })

  test('to nobody takes no room from others: not a byte of it is read', async () => {
    const { door } = doorOf()
    const site = await openSite({ websub: { ...door, expects: async (token) => token === TOKEN } })
    const endless = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(MB)) })
    const strangers = Array.from({ length: 20 }, () => {
      const init = { method: 'POST', body: endless(), duplex: 'half' }
      return site.handle(new Request(`https://hub-sees.example/websub/${'A'.repeat(43)}`, init))
    })
    expect((await site.handle(push(new Uint8Array(9 * MB)))).status).toBe(202)
    expect((await Promise.all(strangers)).map(({ status }) => status)).toEqual(Array(20).fill(410))
  })

  test('nothing at all is taken: a light ping', async () => {
    const { door, received } = doorOf()
    const site = await openSite({ websub: door })
    const response = await site.handle(new Request(`http://a.example/websub/${TOKEN}`, { method: 'POST' }))
    expect([response.status, received[0]?.[1].bytes.byteLength]).toEqual([202, 0])
  })

  test.each([
    ['we cannot keep it', new Error('disk'), 500],
    ['we stop', new AppError('unavailable', 'Crier is stopping.'), 503],
  ])('sends it again when %s', async (_, error, status) => {
    const door = { ...doorOf().door, receive: () => Promise.reject(error) }
    expect((await (await openSite({ websub: door })).handle(push('x'))).status).toBe(status)
  })

  test('more than 10 MB is refused, whatever its length was said to be, and none of it stays in memory', async () => {
    const { door, received } = doorOf()
    const site = await openSite({ websub: door })
    // More often than all pushes together may hold.
    for (let i = 0; i < 6; i++) {
      expect((await site.handle(push(new Uint8Array(10 * MB + 1)))).status).toBe(413)
      const chunks = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(MB)),
      })
      expect((await site.handle(push(chunks))).status).toBe(413)
    }
    expect((await site.handle(push(new Uint8Array(10 * MB)))).status).toBe(202)
    expect(received.map(([, { bytes }]) => bytes.byteLength)).toEqual([10 * MB])
  })

  test('and breaks off leaves nothing of it in memory, and is no fault of ours', async () => {
    const error = vi.fn()
    const { door, received } = doorOf()
    const site = await openSite({ websub: door, log: { ...silentLog, error } })
    // More often than all pushes together may hold.
    for (let i = 0; i < 5; i++) {
      let sent = 0
      const chunks = new ReadableStream({
        pull(controller) {
          sent += 1
          if (sent > 9) controller.error(new Error('cut'))
          else controller.enqueue(new Uint8Array(MB))
        },
      })
      const response = await site.handle(push(chunks))
      expect([response.status, response.headers.get('connection')]).toEqual([400, 'close'])
    }
    expect(error).not.toHaveBeenCalled()
    expect((await site.handle(push(new Uint8Array(9 * MB)))).status).toBe(202)
    expect(received).toHaveLength(1)
  })

  test('in small pieces is put together, and none of them is kept', async () => {
    const { door, received } = doorOf()
    const piece = new Uint8Array(100)
    let sent = 0
    const pieces = new ReadableStream(
      {
        // Always the same memory: whoever keeps a piece has the next one.
        pull(controller) {
          if (sent === 3_000) return controller.close()
          controller.enqueue(piece.fill(sent % 251))
          sent += 1
        },
      },
      { highWaterMark: 0 },
    )
    expect((await (await openSite({ websub: door })).handle(push(pieces))).status).toBe(202)
    const expected = Buffer.concat(Array.from({ length: 3_000 }, (_, i) => Buffer.alloc(100, i % 251)))
    expect(Buffer.from(received[0]?.[1].bytes ?? []).equals(expected)).toBe(true)
  })

  test('in crumbs, byte by byte, is refused while it is small', async () => {
    const { door, received } = doorOf()
    let sent = 0
    const crumbs = new ReadableStream({
      pull(controller) {
        sent += 1
        if (sent > 100_000) controller.close()
        else controller.enqueue(new Uint8Array(1))
      },
    })
    const response = await (await openSite({ websub: door })).handle(push(crumbs))
    expect([response.status, response.headers.get('connection')]).toEqual([400, 'close'])
    expect(sent).toBeLessThan(20_000)
    expect(received).toEqual([])
  })

  test('too much at once is put off, and taken when there is room again', async () => {
    let finish = () => {}
    const isFinished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const door: WebSubDoor = { ...doorOf().door, receive: () => isFinished.then(() => 'accepted' as const) }
    const site = await openSite({ websub: door })
    const large = Array.from({ length: 5 }, () => site.handle(push(new Uint8Array(9 * MB))))
    const first = await Promise.race(large)
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '60'])
    finish()
    const statuses = (await Promise.all(large)).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([202, 202, 503, 503, 503])
    expect((await site.handle(push(new Uint8Array(9 * MB)))).status).toBe(202)
  })
})

test('the token stands in no log and in no number', async () => {
  const error = vi.fn()
  const door: WebSubDoor = {
    ...doorOf().door,
    verify: () => Promise.reject(new Error('broken')),
    receive: () => Promise.reject(new Error('broken')),
  }
  const site = await openSite({ websub: door, log: { ...silentLog, error } })
  await get(site, `/websub/${TOKEN}`)
  await site.handle(push('x'))
  await get(site, `/websub/${TOKEN}/more`)
  expect(error.mock.calls).toEqual(Array(2).fill([{ err: 'broken', path: '/websub' }, 'request failed']))
  const numbers = await site.handle(new Request('http://127.0.0.1/metrics'), { address: '127.0.0.1' })
  const text = await numbers.text()
  expect(text).toContain('crier_http_requests_total{route="/websub",status="500"} 2')
  expect(text).not.toContain(TOKEN)
})

test('over a socket: a large push arrives, a larger one is answered before it has ended', async () => {
  const { door, received } = doorOf()
  const site = await openSite({ websub: door })
  const server = await listen(site.handle, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close())
  const address = `http://127.0.0.1:${server.port}/websub/${TOKEN}`

  const body = new Uint8Array(10 * MB).fill(7)
  expect((await fetch(address, { method: 'POST', body })).status).toBe(202)
  expect(received[0]?.[1].bytes).toHaveLength(10 * MB)

  let sent = 0
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1
      if (sent > 64) controller.close()
      else controller.enqueue(new Uint8Array(MB))
    },
  })
  const init = { method: 'POST', body: endless, duplex: 'half' }
  // The connection may be cut under the sender's hands; then there is no answer to read.
  const status = await fetch(address, init).then(
    (response) => response.status,
    () => 413,
  )
  expect(status).toBe(413)
  expect(received).toHaveLength(1)
  expect((await fetch(address, { method: 'POST', body: 'x' })).status).toBe(202)
})
