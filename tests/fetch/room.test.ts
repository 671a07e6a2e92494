import { createServer } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { createFetch } from '../../src/fetch/fetch.ts'
import { createRoom } from '../../src/fetch/room.ts'

const MIB = 1_048_576

describe('a room of 4 MiB', () => {
  test('counts nothing of small bodies', () => {
    const room = createRoom(4 * MIB)

    const small = Array.from({ length: 50 }, () => room.open(() => {}).take(MIB / 16))

    expect(small).toEqual(Array(50).fill(true))
  })

  test('lets the first go on when it is full, and lets the others wait until one is over', async () => {
    const room = createRoom(4 * MIB)
    const called: string[] = []
    const first = room.open(() => called.push('first'))
    const second = room.open(() => called.push('second'))
    const third = room.open(() => called.push('third'))

    expect([first.take(2 * MIB), second.take(2 * MIB), third.take(3 * MIB)]).toEqual([true, true, false])
    expect([first.take(MIB), second.take(1)]).toEqual([true, false])
    expect(called).toEqual([])

    first.end()
    await nextTurn()
    expect(called).toEqual(['second'])
    second.end()
    second.end()
    await nextTurn()
    expect(called).toEqual(['second', 'third'])
    expect(third.take(MIB)).toBe(true)
  })

  test('lets nobody go on beside what was handed over, until it is released', async () => {
    const room = createRoom(4 * MIB)
    const called: string[] = []
    const first = room.open(() => {})
    const body = new Uint8Array(6 * MIB)
    first.take(6 * MIB)
    first.handOver(body)
    const second = room.open(() => called.push('second'))

    expect(second.take(2 * MIB)).toBe(false)
    room.release(new Uint8Array(6 * MIB))
    await nextTurn()
    expect(called).toEqual([])
    room.release(body)
    await nextTurn()
    expect(called).toEqual(['second'])

    room.release(body)
    first.end()
    await nextTurn()
    expect(second.take(3 * MIB)).toBe(true)
    expect(room.open(() => {}).take(2 * MIB)).toBe(false)
  })

  test.each([
    ['drips', 1, true],
    ['brings enough', 100_000, false],
  ])('the first, where it %s, is given up only when others wait for its room', (_, bytesASecond, isGivenUp) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const room = createRoom(4 * MIB)
    const onTooSlow = vi.fn()
    const first = room.open(() => {}, onTooSlow)
    const bring = () => {
      for (let seconds = 0; seconds < 5; seconds += 1) {
        first.take(bytesASecond)
        vi.advanceTimersByTime(750)
      }
    }
    first.take(3 * MIB)
    bring()
    expect(onTooSlow).not.toHaveBeenCalled()

    expect(room.open(() => {}).take(2 * MIB)).toBe(false)
    bring()
    vi.useRealTimers()

    expect(onTooSlow.mock.calls.length > 0).toBe(isGivenUp)
  })

  test('lets works that need much memory come one after the other, each before the eldest', async () => {
    const room = createRoom(4 * MIB)
    const called: string[] = []
    const eldest = room.open(() => called.push('eldest'))
    const [one, other] = ['one', 'other'].map((name) => room.open(() => called.push(name)))
    eldest.take(3 * MIB)
    let end = () => {}
    const work = one?.alone(async () => {
      called.push(`one began: ${one.take(2 * MIB)}, ${eldest.take(1)}`)
      await new Promise<void>((resolve) => {
        end = resolve
      })
    })
    const next = other?.alone(async () => called.push('other began'))

    await nextTurn()
    expect(called).toEqual(['one began: true, false'])
    one?.end()
    end()
    await Promise.all([work, next])
    expect(called.slice(1).sort()).toEqual(['eldest', 'other began'])
  })

  test('gives none up that has come whole and waits for its turn', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const room = createRoom(4 * MIB)
    const onTooSlow = vi.fn()
    const whole = room.open(() => {}, onTooSlow)
    whole.take(3 * MIB)
    void whole.alone(() => new Promise(() => {}))
    room.open(() => {}).take(3 * MIB)

    vi.advanceTimersByTime(10_000)
    vi.useRealTimers()

    expect(onTooSlow).not.toHaveBeenCalled()
  })

  test('says that memory is scarce from when the first waits until a minute after the last did', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    const onScarce = vi.fn()
    const room = createRoom(4 * MIB, onScarce)
    room.open(() => {}).take(3 * MIB)
    expect(onScarce.mock.calls).toEqual([])

    for (let times = 0; times < 3; times += 1) {
      vi.advanceTimersByTime(40_000)
      expect(room.open(() => {}).take(3 * MIB)).toBe(false)
    }
    expect(onScarce.mock.calls).toEqual([[true]])
    vi.advanceTimersByTime(60_000)
    vi.useRealTimers()

    expect(onScarce.mock.calls).toEqual([[true], [false]])
  })

  test('forgets what was handed over and nobody released', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const room = createRoom(4 * MIB)
    const first = room.open(() => {})
    first.take(6 * MIB)
    first.handOver(new Uint8Array(6 * MIB))
    const waiting = room.open(() => {})
    expect(waiting.take(2 * MIB)).toBe(false)

    vi.advanceTimersByTime(30_000)
    vi.useRealTimers()

    expect(waiting.take(MIB)).toBe(true)
  })
})

test('a server that closes its side while the end of its body waits for room ends nothing but its answer', async () => {
  const large = Buffer.alloc(3 * MIB, 'x')
  // Its last piece is what goes over the free part.
  const small = Buffer.alloc(70_000, 'x')
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      const path = /^GET \/(\w+)/.exec(chunk.toString('latin1'))?.[1]
      const body = path === 'large' ? large : small
      const length = path === 'cut' ? body.length + 1 : body.length
      socket.write(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n`)
      socket.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const fetcher = createFetch({ userAgent: 'x', allowHosts: ['127.0.0.1'], limits: { roomBytes: 2 * MIB } })
  const ask = (path: string) =>
    fetcher.fetch({ url: `${url}/${path}`, validators: { etag: null, lastModified: null }, bodyHash: null })

  const held = await ask('large')
  const waiting = [ask('whole'), ask('whole'), ask('cut')]
  await nextTurn()
  const ended = await Promise.all(waiting)
  if (held.kind === 'fresh') fetcher.release(held.bytes)

  expect(ended.map((fetched) => fetched.kind)).toEqual(['fresh', 'fresh', 'failed'])
  expect(await ask('whole')).toMatchObject({ kind: 'fresh' })
  await fetcher.close()
  server.close()
})
