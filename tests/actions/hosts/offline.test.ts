import { describe, expect, test } from 'vitest'
import { createOfflineWatch } from '../../../src/actions/hosts/offline.ts'
import { createPoller } from '../../../src/actions/poll/poller.ts'
import type { Fetched } from '../../../src/ports.ts'
import { failed, fresh } from '../../support/actions.ts'
import { LIMITS, timed } from '../../support/polls.ts'
import { addTestSource, silentLog } from '../../support/store.ts'

const MINUTE = 60_000
const SILENT = failed({ reason: 'dns', status: null, detail: 'The name could not be looked up.' })

describe('our own network', () => {
  const isOffline = (fetched: Fetched) => fetched.kind === 'failed' && fetched.offline === true

  test('may be down where five hosts in a row do not answer, and is up as soon as one does', () => {
    const said: string[] = []
    const note = (_: object, message: string) => said.push(message)
    let now = 0
    const watch = createOfflineWatch({ clock: () => now, log: { ...silentLog, warn: note, info: note } })
    const hear = (...hosts: string[]) =>
      hosts.map((host) => {
        now += 2_500
        return isOffline(watch(host, SILENT))
      })

    expect(hear('a', 'b', 'b', 'c', 'd', 'e', 'a')).toEqual([false, false, false, false, false, true, true])
    expect(isOffline(watch('f', fresh()))).toBe(false)
    expect(hear('a', 'b', 'c', 'd')).toEqual([false, false, false, false])
    expect(said).toEqual(['no host answers: our own network may be down', 'a host answers again'])
  })

  test.each<[string, Fetched]>([
    ['an error', failed({ reason: 'status', status: 500 })],
    ['that it wants to be left alone', failed({ reason: 'throttled', status: 429 })],
    ['something damaged', failed({ reason: 'body', status: null })],
    ['through a proxy that it cannot be reached', failed({ reason: 'connect', status: 502 })],
  ])('is up where somebody answers %s', (_, answer) => {
    let now = 0
    const watch = createOfflineWatch({ clock: () => (now += 5_000), log: silentLog })
    for (const host of ['a', 'b', 'c', 'd']) watch(host, SILENT)
    expect(isOffline(watch('e', answer))).toBe(false)
    expect(isOffline(watch('f', SILENT))).toBe(false)
  })
})

test('names that are none are told within a moment, and are no sign of it', () => {
  let now = Date.UTC(2026, 10, 23)
  const watch = createOfflineWatch({ clock: () => now, log: silentLog })
  for (const host of 'abcdefgh') expect(watch(host, SILENT)).toEqual(SILENT)
  now += 9_999
  expect(watch('i', SILENT)).toEqual(SILENT)
  now += 1
  expect(watch('j', SILENT)).toEqual({ ...SILENT, offline: true })
})

test('a clock that is set back meanwhile does not hide it for as long', () => {
  let now = Date.UTC(2026, 10, 23)
  const watch = createOfflineWatch({ clock: () => now, log: silentLog })
  for (const host of 'abcde') watch(host, SILENT)
  now -= 3_600_000
  expect(watch('a', SILENT)).toEqual(SILENT)
  now += 10_000
  expect(watch('b', SILENT)).toEqual({ ...SILENT, offline: true })
})

test.each(['dns', 'connect', 'tls', 'network', 'timeout'] as const)('no answer may mean: %s', (reason) => {
  let now = 0
  const watch = createOfflineWatch({ clock: () => (now += 10_000), log: silentLog })
  const fetched = failed({ reason, status: null })
  for (const host of ['a', 'b', 'c', 'd']) watch(host, fetched)
  expect(watch('e', fetched)).toEqual({ ...fetched, offline: true })
})

describe('while it is down', () => {
  async function afterHours(count: number, answers: Record<string, Fetched>) {
    const { ctx, time } = await timed(answers)
    for (const host of Object.keys(answers)) await addTestSource(ctx.store, { url: `https://${host}/` })
    const poller = createPoller(ctx, { ...LIMITS, timer: time.timer }, () => {})
    for (let minute = 0; minute < count * 60; minute += 1) {
      poller.pump()
      await time.pass(MINUTE)
    }
    await poller.stop()
    const sources = await ctx.store.listSources()
    return sources.map(({ failures, nextPollAt }) => ({ failures, inMinutes: (nextPollAt - time.clock()) / MINUTE }))
  }

  test('nobody is asked less and less often: what comes back is read soon', async () => {
    const hosts = Array.from({ length: 9 }, (_, i) => [`${i}.example`, SILENT] as const)
    for (const { failures, inMinutes } of await afterHours(8, Object.fromEntries(hosts))) {
      expect(failures).toBeGreaterThan(3)
      // Twice its own pace, which is an hour after eight hours of silence.
      expect(inMinutes).toBeLessThanOrEqual(120)
    }
  })

  test('and where others answer, who does not is asked ever more seldom', async () => {
    const up: Fetched = { kind: 'unchanged', validators: { etag: null, lastModified: null }, notBeforeMs: null }
    const hosts = Array.from({ length: 9 }, (_, i) => [`${i}.example`, i < 4 ? SILENT : up] as const)
    const sources = await afterHours(8, Object.fromEntries(hosts))
    expect(sources.filter(({ failures, inMinutes }) => failures > 2 && inMinutes > 120)).toHaveLength(4)
  })
})
