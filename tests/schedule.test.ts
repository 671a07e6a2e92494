import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Log } from '../src/log.ts'
import { startSchedule } from '../src/schedule.ts'
import { NOW, silentLog } from './support/store.ts'

const SECOND = 1_000
const HOUR = 3_600 * SECOND

let end: (() => Promise<void>) | null = null

beforeEach(() => {
  vi.useFakeTimers({ now: NOW + 300, toFake: ['Date', 'setTimeout', 'clearTimeout'] })
})

afterEach(async () => {
  await end?.()
  end = null
  vi.useRealTimers()
})

/** `ticks` are the moments at which the actions were run. */
function start(actions: (() => void)[] = [], log: Log = silentLog) {
  const ticks: number[] = []
  end = startSchedule([() => void ticks.push(Date.now()), ...actions], log)
  return ticks
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * SECOND)

describe('the schedule', () => {
  test('ticks once in each second, until it is ended', async () => {
    const ticks = start()
    await pass(5)
    expect(ticks).toEqual([1, 2, 3, 4, 5].map((second) => NOW + second * SECOND))

    await end?.()
    await pass(5)
    expect(ticks).toHaveLength(5)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('goes on after an action that breaks, and says so', async () => {
    const said: unknown[] = []
    const broken = () => {
      throw new Error('a bug of ours')
    }
    const ticks = start([broken], { ...silentLog, error: (fields) => void said.push(fields) })
    await pass(3)
    expect(ticks).toHaveLength(3)
    expect(said[0]).toEqual({ err: 'a bug of ours' })
  })

  test.each([
    ['an hour back', -HOUR],
    ['a minute back', -60 * SECOND],
    ['four seconds on', 4 * SECOND],
    ['an hour on', HOUR],
  ])('does not stand still when the clock is set %s, and makes up for nothing', async (_, byMs) => {
    const warnings: unknown[] = []
    const ticks = start([], { ...silentLog, debug: (_, message) => void warnings.push(message) })
    await pass(3)
    vi.setSystemTime(Date.now() + byMs)
    ticks.splice(0)

    await pass(5)

    expect(ticks.length).toBeGreaterThanOrEqual(4)
    expect(ticks.length).toBeLessThanOrEqual(5)
    // It would warn of each tick that it goes through.
    expect(warnings).toEqual([])
  })
})
