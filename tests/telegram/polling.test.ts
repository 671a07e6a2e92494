import { type Api, GrammyError, HttpError } from 'grammy'
import { expect, test, vi } from 'vitest'
import type { Log } from '../../src/log.ts'
import { createPolling } from '../../src/telegram/polling.ts'
import { silentLog } from '../support/store.ts'

const RETRY_MS = { first: 1, most: 4, unauthorized: 3 }

/** What is said, and how long it waits then, when asking Telegram fails in these ways one after another. */
async function pausesAfter(failures: Error[]): Promise<unknown[]> {
  const pauses: unknown[] = []
  const log = {
    ...silentLog,
    warn: ({ state, retryMs }: object & Record<string, unknown>) => pauses.push([state, retryMs]),
  }
  const left = [...failures]
  const getMe = () => Promise.reject(left.shift())
  const polling = createPolling({
    // Of the whole API it asks this first, and no further.
    api: { getMe } as unknown as Api,
    log: log as Log,
    pollSeconds: 30,
    retryMs: RETRY_MS,
    onConnected: async () => {},
    onUpdate: async () => {},
  })
  polling.start()
  await vi.waitFor(() => expect(pauses).toHaveLength(failures.length), { interval: 1 })
  await polling.stop()
  return pauses
}

function refused(code: number, parameters = {}) {
  return new GrammyError('failed', { ok: false, error_code: code, description: 'No', parameters }, 'getMe', {})
}

const unsent = new HttpError('failed', Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))

test('after a failure it waits twice as long each time, up to the most', async () => {
  const failures = [unsent, refused(409), unsent, refused(409), unsent]
  expect(await pausesAfter(failures)).toEqual([
    ['offline', 1],
    ['conflict', 2],
    ['offline', 4],
    ['conflict', 4],
    ['offline', 4],
  ])
})

test('a token that is refused is tried again after a time of its own', async () => {
  expect(await pausesAfter([refused(401), unsent])).toEqual([
    ['unauthorized', 3],
    ['offline', 1],
  ])
})

test('where Telegram says how long, it waits as long', async () => {
  expect(await pausesAfter([refused(429, { retry_after: 7 })])).toEqual([['offline', 7_000]])
})
