import type { Actions } from '../../src/actions/context.ts'
import type { Fetched } from '../../src/ports.ts'
import { testActions } from './actions.ts'
import { fakeTime } from './fake-time.ts'
import { NOW } from './store.ts'

export const LIMITS = { concurrency: 24, isOwnHost: () => false }
const UNCHANGED: Fetched = { kind: 'unchanged', validators: { etag: '"b"', lastModified: null }, notBeforeMs: null }

/** Actions whose fetch counts how many run at once. */
export async function counting(): Promise<{ ctx: Actions; atOnce: { now: number; most: number; polled: number } }> {
  const atOnce = { now: 0, most: 0, polled: 0 }
  const ctx = await testActions({
    fetch: async () => {
      atOnce.now += 1
      atOnce.polled += 1
      atOnce.most = Math.max(atOnce.most, atOnce.now)
      for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve))
      atOnce.now -= 1
      return UNCHANGED
    },
  })
  return { ctx, atOnce }
}

/** Actions on a clock of their own; each request is written down with the second in which it was answered. */
export async function timed(answers: Record<string, Fetched> = {}) {
  const time = fakeTime()
  const asked: { host: string; at: number }[] = []
  const ctx = await testActions({
    clock: time.clock,
    fetch: async ({ url }) => {
      const { hostname: host } = new URL(url)
      asked.push({ host, at: (time.clock() - NOW) / 1_000 })
      return answers[host] ?? UNCHANGED
    },
  })
  return { ctx, time, asked }
}
