import { describe, expect, test } from 'vitest'
import { createHostGate, type HostGate, type Release } from '../../../src/actions/hosts/gate.ts'
import type { Departure } from '../../../src/actions/hosts/pace.ts'
import type { HostPace, Store } from '../../../src/ports.ts'
import { type FakeTime, fakeTime } from '../../support/fake-time.ts'
import { NOW, silentLog } from '../../support/store.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const HOST = 'example.com'
const OTHER = 'example.org'
const ANSWERED: Departure = { kind: 'answered' }
const THROTTLED: Departure = { kind: 'throttled', retryAfterMs: null }

/** A gate on a clock of its own; `kept` is what it stores. */
async function open(given: { paces?: HostPace[]; store?: Partial<Store> } = {}) {
  const time = fakeTime()
  const kept: HostPace[] = []
  let version = 0
  const store = {
    listHostPaces: async () => given.paces ?? [],
    // Another process writes all the time.
    findPacesVersion: async () => ++version,
    saveHostPace: async (pace: HostPace) => void kept.push(pace),
    ...given.store,
  }
  const gate = createHostGate(
    // The gate asks the store for nothing else.
    { store: store as unknown as Parameters<typeof createHostGate>[0]['store'], clock: time.clock, log: silentLog },
    { isOwnHost: (host) => host === 'own.example', timer: time.timer },
  )
  await gate.ready()
  return { gate, time, kept }
}

/** One whole request that takes no time. */
function ask(gate: HostGate, departure: Departure | null = ANSWERED, host = HOST): void {
  expect(gate.isFree(host)).toBe(true)
  gate.enter(host)
  gate.leave(host, departure)
}

/** How long nothing may go to the host now. */
async function closedFor({ gate, time }: { gate: HostGate; time: FakeTime }): Promise<number> {
  return gate.freeAt(HOST) - time.clock()
}

describe('a host', () => {
  test('is asked one thing at a time, and gets two seconds of rest', async () => {
    const { gate, time } = await open()

    gate.enter(HOST)
    expect(gate.isFree(HOST)).toBe(false)
    await time.pass(HOUR)
    expect(gate.isFree(HOST)).toBe(false)

    gate.leave(HOST, ANSWERED)
    expect(gate.isFree(HOST)).toBe(false)
    await time.pass(1_999)
    expect(gate.isFree(HOST)).toBe(false)
    await time.pass(1)
    expect(gate.isFree(HOST)).toBe(true)
  })

  test('may be given its next turn a little before that, from the moment on that the rest ends', async () => {
    const { gate, time } = await open()
    ask(gate)
    await time.pass(1_000)

    expect(gate.isFree(HOST, 999)).toBe(false)
    expect(gate.isFree(HOST, 1_000)).toBe(true)
    expect(gate.enter(HOST)).toBe(NOW + 2_000)
    expect(gate.isFree(HOST, 1_000)).toBe(false)
  })

  test('does not hold up another', async () => {
    const { gate } = await open()
    gate.enter(HOST)
    expect(gate.isFree(OTHER)).toBe(true)
  })

  test('gets no rest from what was not sent after all', async () => {
    const { gate } = await open()
    ask(gate, null)
    expect(gate.isFree(HOST)).toBe(true)
  })

  test('of our own has no limits', async () => {
    const { gate, kept } = await open()
    for (let i = 0; i < 3; i += 1) {
      expect(gate.isFree('own.example')).toBe(true)
      gate.enter('own.example')
    }
    gate.leave('own.example', { kind: 'throttled', retryAfterMs: HOUR })
    await gate.wait('own.example')
    await gate.wait('own.example')

    expect(gate.isFree('own.example')).toBe(true)
    expect([kept, gate.size()]).toEqual([[], 0])
  })

  test('is free from now on, where its rest is over or nothing is known of it', async () => {
    const { gate, time } = await open()
    ask(gate)
    expect(gate.freeAt(HOST)).toBe(NOW + 2 * SECOND)
    await time.pass(HOUR)
    expect([gate.freeAt(HOST), gate.freeAt(OTHER)]).toEqual([NOW + HOUR, NOW + HOUR])
    expect([gate.enter(HOST), gate.enter('own.example')]).toEqual([NOW + HOUR, NOW + HOUR])
  })

  test('is not shut for long by a clock that was set back', async () => {
    const { gate, time } = await open()
    ask(gate)
    ask(gate, { kind: 'throttled', retryAfterMs: HOUR }, OTHER)
    time.set(time.clock() - 400 * 24 * HOUR)

    expect(gate.isFree(HOST)).toBe(true)
    expect(gate.isFree(OTHER)).toBe(true)
  })
})

describe('what a host teaches', () => {
  test('each complaint doubles the pause, from ten seconds to ten minutes', async () => {
    const { gate, time } = await open()
    const pauses: number[] = []
    for (let i = 0; i < 8; i += 1) {
      ask(gate, THROTTLED)
      pauses.push(await closedFor({ gate, time }))
      await time.pass(HOUR)
    }
    expect(pauses.map((ms) => ms / SECOND)).toEqual([10, 20, 40, 80, 160, 320, 600, 600])
  })

  test('nothing goes there before Retry-After is over', async () => {
    const { gate, time } = await open()
    ask(gate, { kind: 'throttled', retryAfterMs: HOUR })

    await time.pass(HOUR - 1)
    expect(gate.isFree(HOST)).toBe(false)
    await time.pass(1)
    expect(gate.isFree(HOST)).toBe(true)
  })

  test('Retry-After is believed up to a day', async () => {
    const { gate, time } = await open()
    ask(gate, { kind: 'throttled', retryAfterMs: 1_000 * 24 * HOUR })
    expect(await closedFor({ gate, time })).toBe(24 * HOUR)
  })

  test('twenty answers without a complaint bring the pause down by a quarter, and in the end to two seconds', async () => {
    const { gate, time, kept } = await open()
    ask(gate, THROTTLED)
    const pauses: number[] = []
    for (let i = 0; i < 7 * 20; i += 1) {
      await time.pass(await closedFor({ gate, time }))
      ask(gate)
      if (i % 20 === 19) pauses.push(await closedFor({ gate, time }))
    }
    expect(pauses).toEqual([7_500, 5_625, 4_219, 3_164, 2_373, 2_000, 2_000])
    // Only what changed was kept, and in the end that there is nothing special.
    expect(kept.map(({ spacingMs }) => spacingMs)).toEqual([10_000, 7_500, 5_625, 4_219, 3_164, 2_373, 2_000])
  })

  test('after a storm of complaints the host is asked as usual within hours', async () => {
    const { gate, time, kept } = await open()
    for (let i = 0; i < 20; i += 1) {
      await time.pass(await closedFor({ gate, time }))
      ask(gate, THROTTLED)
    }
    const slowest = kept.at(-1)?.spacingMs
    let [asked, waitedMs] = [0, 0]
    while (kept.at(-1)?.spacingMs !== 2_000 && asked < 1_000) {
      const closedMs = await closedFor({ gate, time })
      await time.pass(closedMs)
      ask(gate)
      asked += 1
      waitedMs += closedMs
    }
    expect(slowest).toBe(600_000)
    expect(waitedMs / HOUR).toBeGreaterThan(3)
    expect(waitedMs / HOUR).toBeLessThan(5)
  })

  test('a complaint among them starts the count anew', async () => {
    const { gate, time } = await open()
    ask(gate, THROTTLED)
    for (let i = 0; i < 19; i += 1) {
      await time.pass(HOUR)
      ask(gate)
    }
    await time.pass(HOUR)
    ask(gate, THROTTLED)
    for (let i = 0; i < 19; i += 1) {
      await time.pass(HOUR)
      ask(gate)
    }
    expect(await closedFor({ gate, time })).toBe(20 * SECOND)
  })

  test('failures teach nothing', async () => {
    const { gate, time, kept } = await open()
    ask(gate, THROTTLED)
    for (let i = 0; i < 50; i += 1) {
      await time.pass(HOUR)
      ask(gate, { kind: 'failed' })
    }
    expect(await closedFor({ gate, time })).toBe(10 * SECOND)
    expect(kept).toHaveLength(1)
  })

  test('outlives the service', async () => {
    const first = await open()
    ask(first.gate, { kind: 'throttled', retryAfterMs: HOUR })

    const { gate, time } = await open({ paces: first.kept })

    expect(await closedFor({ gate, time })).toBe(HOUR)
    await time.pass(HOUR)
    ask(gate)
    expect(await closedFor({ gate, time })).toBe(10 * SECOND)
  })

  test('is heard from other processes within a second', async () => {
    const paces: HostPace[] = []
    const { gate, time } = await open({ paces })
    expect(gate.isFree(HOST)).toBe(true)
    paces.push({ host: HOST, spacingMs: 40 * SECOND, until: NOW + HOUR })

    await time.pass(SECOND)
    await gate.ready()

    expect(await closedFor({ gate, time })).toBe(HOUR - SECOND)
    await time.pass(HOUR)
    ask(gate)
    expect(await closedFor({ gate, time })).toBe(40 * SECOND)
  })

  test('is not taken back by what is stored of earlier, while it is on its way there', async () => {
    const paces = [{ host: HOST, spacingMs: 10 * SECOND, until: NOW - HOUR }]
    const stored: (() => void)[] = []
    const store = { listHostPaces: async () => paces, saveHostPace: () => new Promise<void>((end) => stored.push(end)) }
    const { gate, time } = await open({ store })
    const answerTwenty = async () => {
      for (let i = 0; i < 20; i += 1) {
        ask(gate)
        await time.pass(10 * SECOND)
      }
    }
    await answerTwenty()
    await gate.ready()
    ask(gate)
    expect(await closedFor({ gate, time })).toBe(7_500)

    // Stored at last, and somebody else was told otherwise since.
    for (const end of stored) end()
    await time.pass(10 * SECOND)
    await gate.ready()
    ask(gate)
    expect(await closedFor({ gate, time })).toBe(10 * SECOND)
  })

  test('is read again when another process may have written it, and else once an hour', async () => {
    let [version, reads] = [1, 0]
    const paces: HostPace[] = []
    const { gate, time } = await open({
      store: {
        findPacesVersion: async () => version,
        async listHostPaces() {
          reads += 1
          return paces
        },
      },
    })
    const readsWithin = async (ms: number) => {
      const before = reads
      for (let at = 0; at < ms; at += MINUTE) {
        await time.pass(MINUTE)
        await gate.ready()
      }
      return reads - before
    }
    expect(await readsWithin(59 * MINUTE)).toBe(0)
    expect(await readsWithin(2 * HOUR)).toBe(2)

    paces.push({ host: HOST, spacingMs: 40 * SECOND, until: time.clock() + HOUR })
    version += 1
    expect(await readsWithin(MINUTE)).toBe(1)
    expect(gate.isFree(HOST)).toBe(false)
  })

  test('is looked for once a second, however many want to know it, and whatever the clock does', async () => {
    let [looks, reads] = [0, 0]
    const { gate, time } = await open({
      store: {
        async findPacesVersion() {
          looks += 1
          return 1
        },
        async listHostPaces() {
          reads += 1
          return []
        },
      },
    })
    const look = () => Promise.all([gate.ready(), gate.ready(), gate.ready()])
    await look()
    await time.pass(SECOND - 1)
    await look()
    expect([looks, reads]).toEqual([1, 1])
    await time.pass(1)
    await look()
    await look()
    expect([looks, reads]).toEqual([2, 1])

    time.set(NOW - HOUR)
    await look()
    await look()
    expect([looks, reads]).toEqual([3, 2])
  })

  test.each([
    ['today', 0, 20 * SECOND],
    ['a month ago', 31 * DAY, 10 * SECOND],
  ])('is known on where it could not be stored, whatever stands there of %s', async (_, agoMs, spacingMs) => {
    const paces = [{ host: HOST, spacingMs: 10 * SECOND, until: NOW - agoMs }]
    const { gate, time } = await open({ paces, store: { saveHostPace: () => Promise.reject(new Error('disk')) } })
    ask(gate, { kind: 'throttled', retryAfterMs: HOUR })
    await time.pass(SECOND)
    await gate.ready()
    expect(await closedFor({ gate, time })).toBe(HOUR - SECOND)
    await time.pass(HOUR)
    ask(gate)
    expect(await closedFor({ gate, time })).toBe(spacingMs)
  })

  test('is read again once what we learned ourselves is stored, which may have met what another process was told', async () => {
    const paces: HostPace[] = [{ host: HOST, spacingMs: 10 * SECOND, until: 0 }]
    const stored: (() => void)[] = []
    const { gate, time } = await open({
      store: {
        findPacesVersion: async () => 1,
        listHostPaces: async () => paces,
        saveHostPace: () => new Promise<void>((end) => stored.push(end)),
      },
    })
    ask(gate, THROTTLED)
    await time.pass(HOUR)
    await gate.ready()
    paces[0] = { host: HOST, spacingMs: 20 * SECOND, until: time.clock() + HOUR }
    for (const end of stored) end()

    await time.pass(SECOND)
    await gate.ready()

    expect(gate.isFree(HOST)).toBe(false)
  })

  test('a wait that a clock set back since made years long gives way to the next one', async () => {
    const { gate, time } = await open()
    ask(gate, { kind: 'throttled', retryAfterMs: HOUR })
    time.set(NOW - 400 * DAY)
    ask(gate, { kind: 'throttled', retryAfterMs: MINUTE })
    expect(await closedFor({ gate, time })).toBe(MINUTE)
  })

  test('nor does it stand above what another process learned since', async () => {
    const paces: HostPace[] = []
    const { gate, time } = await open({ paces })
    ask(gate, { kind: 'throttled', retryAfterMs: HOUR })
    time.set(NOW - 400 * DAY)
    paces.push({ host: HOST, spacingMs: 10 * SECOND, until: time.clock() + MINUTE })
    await gate.ready()
    expect(await closedFor({ gate, time })).toBe(MINUTE)
  })

  test('a store that cannot be read is asked again', async () => {
    let isBroken = true
    const store = {
      findPacesVersion: async () => 1,
      listHostPaces: () => (isBroken ? Promise.reject(new Error('disk')) : Promise.resolve([])),
    }
    const gate = createHostGate(
      // The gate asks the store for nothing else before a host complains.
      { store: store as unknown as Parameters<typeof createHostGate>[0]['store'], clock: () => 0, log: silentLog },
      { isOwnHost: () => false },
    )

    await expect(gate.ready()).rejects.toThrow('disk')
    isBroken = false
    await expect(gate.ready()).resolves.toBeUndefined()
  })
})

describe('who waits for a turn', () => {
  /** Writes down who was let in, and when, in seconds. */
  function queue({ gate, time }: { gate: HostGate; time: FakeTime }) {
    const start = time.clock()
    const turns: string[] = []
    const releases = new Map<string, Release>()
    const join = (name: string, wait = gate.wait) => {
      void wait(HOST).then(
        (release) => {
          turns.push(`${name} ${(time.clock() - start) / SECOND}`)
          releases.set(name, release)
        },
        (error: Error) => turns.push(`${name}: ${error.message}`),
      )
    }
    return { turns, releases, join }
  }

  test('is let in at once where nobody is', async () => {
    const { gate, time } = await open()
    const { turns, join } = queue({ gate, time })
    join('a')
    await time.settle()
    expect(turns).toEqual(['a 0'])
  })

  test('comes first when first come, with the rest of the host between', async () => {
    const { gate, time } = await open()
    const { turns, releases, join } = queue({ gate, time })
    for (const name of ['a', 'b', 'c']) join(name)
    await time.pass(5 * SECOND)
    expect(turns).toEqual(['a 0'])

    releases.get('a')?.()
    await time.pass(5 * SECOND)
    expect(turns).toEqual(['a 0', 'b 7'])
    releases.get('b')?.()
    // Said twice, it frees nobody else's turn.
    releases.get('a')?.()
    await time.pass(1 * SECOND)
    expect(turns).toEqual(['a 0', 'b 7'])
    await time.pass(1 * SECOND)
    expect(turns).toEqual(['a 0', 'b 7', 'c 12'])
  })

  test('may say how it ended, and teaches nothing where he does not', async () => {
    const { gate, time } = await open()
    const { releases, join } = queue({ gate, time })
    join('a')
    await time.settle()
    releases.get('a')?.(THROTTLED)
    expect(await closedFor({ gate, time })).toBe(10 * SECOND)

    for (let i = 0; i < 20; i += 1) {
      const turn = gate.wait(HOST)
      await time.pass(10 * SECOND)
      const release = await turn
      release()
    }
    expect(await closedFor({ gate, time })).toBe(10 * SECOND)
  })

  test('takes turns with the polls: neither keeps the other away', async () => {
    const { gate, time } = await open()
    const { turns, releases, join } = queue({ gate, time })
    const polls: number[] = []
    const start = time.clock()
    for (let i = 0; i < 20; i += 1) join(String(i))

    // A tick each second, with a poll that is always due and ends at once.
    for (let second = 0; second < 30; second += 1) {
      await time.pass(SECOND)
      if (gate.isFree(HOST)) {
        ask(gate)
        polls.push((time.clock() - start) / SECOND)
      }
      for (const release of releases.values()) release()
    }

    expect(polls.length).toBeGreaterThanOrEqual(5)
    expect(turns.length).toBeGreaterThanOrEqual(5)
    expect(Math.abs(polls.length - turns.length)).toBeLessThanOrEqual(1)
  })

  test.each([0, 500, 950, 999])(
    'lets the poll that has the next turn go first, which ticks %i ms after the second',
    async (phaseMs) => {
      const { gate, time } = await open()
      const { turns, releases, join } = queue({ gate, time })
      for (const name of ['a', 'b']) join(name)
      await time.settle()
      gate.isFree(HOST)
      releases.get('a')?.(ANSWERED)
      await time.pass(phaseMs)
      for (let tick = 0; tick < 4 && !gate.isFree(HOST); tick += 1) await time.pass(SECOND)

      expect([gate.isFree(HOST), turns]).toEqual([true, ['a 0']])
    },
  )

  test('is not overtaken by a poll that comes at the moment of its turn', async () => {
    const { gate, time } = await open()
    const { turns, join } = queue({ gate, time })
    ask(gate)
    join('a')
    await time.settle()

    // The tick is faster than the timer.
    time.set(NOW + 2 * SECOND)
    expect(gate.isFree(HOST)).toBe(false)
    await time.pass(0)
    expect(turns).toEqual(['a 2'])
  })

  test('is not kept waiting for a poll that was turned away before anybody waited', async () => {
    const { gate, time } = await open()
    const { turns, releases, join } = queue({ gate, time })
    join('a')
    await time.settle()
    expect(gate.isFree(HOST)).toBe(false)
    releases.get('a')?.(ANSWERED)
    join('b')
    await time.pass(2 * SECOND)
    expect(turns).toEqual(['a 0', 'b 2'])
  })

  test('does not wait for a poll that does not come', async () => {
    const { gate, time } = await open()
    const { turns, releases, join } = queue({ gate, time })
    for (const name of ['a', 'b']) join(name)
    await time.settle()
    gate.isFree(HOST)
    releases.get('a')?.()
    await time.pass(10 * SECOND)
    expect(turns.map((turn) => turn[0])).toEqual(['a', 'b'])
  })

  test('is turned away by a host that asked to be left alone for long, at once or when it says so', async () => {
    const { gate, time } = await open()
    const { turns, releases, join } = queue({ gate, time })
    for (const name of ['a', 'b', 'c']) join(name)
    await time.settle()

    releases.get('a')?.({ kind: 'throttled', retryAfterMs: HOUR })
    await time.settle()
    join('d')
    await time.settle()

    const refusal = 'example.com asked to wait until 2026-11-23 10:00 UTC.'
    expect(turns).toEqual(['a 0', `b: ${refusal}`, `c: ${refusal}`, `d: ${refusal}`])
    expect(time.pending()).toBe(0)
  })

  test('waits for a host that wants to be left alone for minutes, as long as those are ten', async () => {
    const { gate, time } = await open()
    const { turns, join } = queue({ gate, time })
    ask(gate, { kind: 'throttled', retryAfterMs: 10 * MINUTE })
    join('a')
    await time.pass(10 * MINUTE)
    expect(turns).toEqual(['a 600'])
  })

  test('is turned away by one that wants to be left alone for longer than that, and a poll that goes first', async () => {
    const { gate, time } = await open()
    const { turns, releases, join } = queue({ gate, time })
    for (const name of ['a', 'b']) join(name)
    await time.settle()
    // A poll that is to have the next turn.
    gate.isFree(HOST)
    releases.get('a')?.({ kind: 'throttled', retryAfterMs: 10 * MINUTE })
    await time.pass(11 * MINUTE)
    expect(turns.map((turn) => turn.split(' ')[0])).toEqual(['a', 'b'])

    join('c')
    releases.get('b')?.({ kind: 'throttled', retryAfterMs: 10 * MINUTE + 1_101 })
    await time.settle()
    expect(turns[2]).toMatch(/^c: /)
  })

  test('is turned away where too many wait', async () => {
    const { gate, time } = await open()
    const { turns, join } = queue({ gate, time })
    gate.enter(HOST)
    for (let i = 0; i < 51; i += 1) join(String(i))
    await time.settle()
    expect(turns).toEqual(['50: Too many requests wait for example.com already.'])
  })

  describe('for one request that somebody is watching', () => {
    test('is let in before the others and without a rest, as soon as nobody else is there', async () => {
      const { gate, time } = await open()
      const { turns, releases, join } = queue({ gate, time })
      gate.enter(HOST)
      join('a')
      join('brief', gate.waitBriefly)
      join('brief too', gate.waitBriefly)
      await time.pass(SECOND)
      expect(turns).toEqual([])

      gate.leave(HOST, ANSWERED)
      await time.settle()
      expect(turns).toEqual(['brief 1'])
      releases.get('brief')?.(ANSWERED)
      await time.settle()
      expect(turns).toEqual(['brief 1', 'brief too 1'])
      expect(gate.isFree(HOST)).toBe(false)
      releases.get('brief too')?.(ANSWERED)
      await time.pass(10 * SECOND)
      expect(turns.slice(2)).toEqual([expect.stringMatching(/^a [34]/)])
    })

    test('is not kept waiting for a poll that has the next turn', async () => {
      const { gate, time } = await open()
      const { turns, releases, join } = queue({ gate, time })
      for (const name of ['a', 'b']) join(name)
      await time.settle()
      gate.isFree(HOST)

      releases.get('a')?.(ANSWERED)
      join('brief', gate.waitBriefly)
      await time.settle()
      expect(turns).toEqual(['a 0', 'brief 0'])
    })

    test('rests as long as a host that complained wants it, up to half a minute', async () => {
      const { gate, time } = await open()
      const { turns, releases, join } = queue({ gate, time })
      ask(gate, { kind: 'throttled', retryAfterMs: 30 * SECOND })
      join('brief', gate.waitBriefly)
      await time.pass(30 * SECOND)
      expect(turns).toEqual(['brief 30'])

      join('brief too', gate.waitBriefly)
      releases.get('brief')?.({ kind: 'throttled', retryAfterMs: 32 * SECOND })
      await time.settle()
      join('late', gate.waitBriefly)
      await time.settle()
      const refusal = 'example.com asked to wait until 2026-11-23 09:01 UTC.'
      expect(turns.slice(1)).toEqual([`brief too: ${refusal}`, `late: ${refusal}`])
      expect(time.pending()).toBe(0)
    })
  })

  test('is let in when the gate closes, to see that it is to stop', async () => {
    const { gate, time } = await open()
    const { turns, join } = queue({ gate, time })
    ask(gate)
    for (const name of ['a', 'b']) join(name)
    await time.settle()

    gate.close()
    join('c')
    await time.settle()

    expect(turns).toEqual(['a 0', 'b 0', 'c 0'])
    expect(time.pending()).toBe(0)
  })
})

describe('a rest between two requests of one turn', () => {
  test('is as long as the host wants it, and none at our own', async () => {
    const { gate, time } = await open()
    ask(gate, THROTTLED)
    await time.pass(HOUR)
    gate.enter(HOST)
    let rested = 0
    void gate.rest(HOST).then(() => (rested += 1))
    void gate.rest('own.example').then(() => (rested += 1))

    await time.pass(10 * SECOND - 1)
    expect(rested).toBe(1)
    await time.pass(1)
    expect(rested).toBe(2)
  })

  test('is none where the host complained meanwhile, and wants to be left alone for longer than ten seconds', async () => {
    const { gate, time } = await open()
    gate.enter(HOST)
    gate.hear(HOST, { kind: 'throttled', retryAfterMs: 10 * SECOND + 1 })
    expect(await gate.rest(HOST)).toBe(false)

    await time.pass(2)
    let isRested = false
    void gate.rest(HOST).then((isOver) => (isRested = isOver))
    await time.pass(10 * SECOND - 1)
    expect(isRested).toBe(false)
    await time.pass(1)
    expect(isRested).toBe(true)
  })

  test('ends when the gate closes', async () => {
    const { gate, time } = await open()
    gate.enter(HOST)
    const resting = gate.rest(HOST)
    gate.close()
    expect(await resting).toBe(false)
    for (const host of [HOST, OTHER, 'own.example']) expect(await gate.rest(host)).toBe(false)
    expect(time.pending()).toBe(0)
  })
})

test('a host that has not complained for a month is forgiven by the service that learned it, too', async () => {
  const paces: HostPace[] = []
  const { gate, time } = await open({ paces })
  ask(gate, { kind: 'throttled', retryAfterMs: null })
  paces.push({ host: HOST, spacingMs: 10 * SECOND, until: NOW })
  await time.pass(31 * DAY)
  await gate.ready()
  ask(gate)
  expect(await closedFor({ gate, time })).toBe(2 * SECOND)
})

test('a host that has not complained for a month is as any other: in memory, and in the next life', async () => {
  const forgiven = { host: HOST, spacingMs: 2 * SECOND, until: 0 }
  const paces = [
    { host: HOST, spacingMs: 40 * SECOND, until: NOW - 31 * DAY },
    { host: OTHER, spacingMs: 40 * SECOND, until: NOW - 29 * DAY },
  ]
  const next = await open({ paces })
  expect(next.gate.size()).toBe(1)
  expect(next.kept).toEqual([forgiven])

  const { gate, time, kept } = await open()
  ask(gate, THROTTLED)
  await time.pass(31 * DAY)
  for (let i = 0; i < 1_100; i += 1) ask(gate, ANSWERED, `host-${i}.example`)
  expect(kept.slice(1)).toEqual([forgiven])
  ask(gate)
  expect(await closedFor({ gate, time })).toBe(2 * SECOND)
})

test('hosts that are idle are forgotten, those that complained are not', async () => {
  const { gate, time } = await open()
  ask(gate, THROTTLED)
  for (let i = 0; i < 5_000; i += 1) {
    ask(gate, ANSWERED, `host-${i}.example`)
    if (i % 100 === 0) await time.pass(20 * SECOND)
  }
  expect(gate.size()).toBeLessThan(2_048)
  ask(gate)
  expect(await closedFor({ gate, time })).toBe(10 * SECOND)
})

test('a host that is asked, or rests, is not forgotten: it would be asked twice at once', async () => {
  const { gate, time, kept } = await open()
  gate.enter(HOST)
  for (let i = 0; i < 1_022; i += 1) ask(gate, ANSWERED, `host-${i}.example`)
  await time.pass(HOUR)
  ask(gate, ANSWERED, OTHER)
  expect(gate.size()).toBe(1_024)

  ask(gate, ANSWERED, 'one-more.example')
  expect(gate.size()).toBe(3)
  expect(gate.isFree(HOST)).toBe(false)
  expect(gate.isFree(OTHER)).toBe(false)
  expect(kept).toEqual([])
})

test('a host for which somebody waits is not forgotten: he would be let in beside a poll', async () => {
  const { gate, time } = await open()
  const first = gate.wait(HOST)
  let isIn = false
  void gate.wait(HOST).then(() => (isIn = true))
  const release = await first
  gate.isFree(HOST)
  release(ANSWERED)
  // The host is open, and the poll that was turned away may come.
  await time.pass(2 * SECOND)
  for (let i = 0; i < 1_024; i += 1) ask(gate, ANSWERED, `host-${i}.example`)

  gate.enter(HOST)
  await time.pass(HOUR)
  expect(isIn).toBe(false)
})

describe('a host to which another one leads us', () => {
  test('is left alone after it complained, and only then', async () => {
    const { gate, time } = await open()
    ask(gate)
    expect(gate.restMs(HOST)).toBe(0)

    gate.hear(HOST, { kind: 'throttled', retryAfterMs: MINUTE })
    expect(gate.restMs(HOST)).toBe(MINUTE)
    expect(gate.isFree(HOST)).toBe(false)
    await time.pass(MINUTE)
    expect(gate.restMs(HOST)).toBe(0)
    expect(gate.isFree(HOST)).toBe(true)
  })

  test('is left alone for the longest that it asked for', async () => {
    const { gate } = await open()
    gate.hear(HOST, { kind: 'throttled', retryAfterMs: HOUR })
    gate.hear(HOST, { kind: 'throttled', retryAfterMs: MINUTE })
    gate.hear(HOST, THROTTLED)
    expect(gate.restMs(HOST)).toBe(HOUR)
  })

  test('is never made to rest where it is our own', async () => {
    const { gate, kept } = await open()
    gate.hear('own.example', THROTTLED)

    expect(gate.restMs('own.example')).toBe(0)
    expect(gate.restMs(OTHER)).toBe(0)
    expect([kept, gate.size()]).toEqual([[], 0])
  })
})
