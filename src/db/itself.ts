import type { Store } from '../ports.ts'
import type { Database } from './sqlite/driver.ts'
import type { Group } from './sqlite/group.ts'
import type { Meta } from './sqlite/meta.ts'

/** Whoever asks whether the file can be written wants an answer soon. */
const CHECK_BUSY_MS = 2_000

type ItselfStore = Pick<Store, 'status' | 'checkWritable' | 'revision' | 'instance'>

export function createItselfStore({ driver }: Database, group: Group, meta: Meta): ItselfStore {
  const sources = driver.prepare<
    Record<'active' | 'paused' | 'failing' | 'items', number> & { lastPollAt: number | null }
  >(
    `SELECT count(*) FILTER (WHERE state = 'active') AS active, count(*) FILTER (WHERE state = 'paused') AS paused,
       count(*) FILTER (WHERE state = 'active' AND failures > 0) AS failing,
       coalesce(sum(items), 0) AS items, max(polled_at) AS lastPollAt FROM sources`,
  )
  const watches = driver.prepare<number>('SELECT count(*) FROM watches WHERE removed_at IS NULL').pluck()
  // Through the index of that state; the sent ones, which are many, are counted as they are sent.
  const alertsIn = (state: string) =>
    driver.prepare<number>(`SELECT coalesce(sum(total), 0) FROM messages WHERE state = '${state}'`).pluck()
  const queued = alertsIn('queued')
  const sending = alertsIn('sending')
  const parked = alertsIn('parked')
  const chatsGone = driver.prepare<number>("SELECT count(*) FROM chats WHERE state = 'gone'").pluck()

  return {
    async status() {
      const { active = 0, paused = 0, failing = 0, items = 0, lastPollAt = null } = sources.get() ?? {}
      return {
        sources: { active, paused, failing },
        items,
        watches: watches.get() ?? 0,
        alerts: {
          queued: (queued.get() ?? 0) + (sending.get() ?? 0),
          sent: meta.read('alerts_sent'),
          parked: parked.get() ?? 0,
        },
        chatsGone: chatsGone.get() ?? 0,
        lastPollAt,
        lastAlertAt: meta.read('last_alert_at') || null,
      }
    },
    // A value that differs from the last one: SQLite does not write what is there already.
    checkWritable: () => group.run(() => meta.add('writes_checked', 1), { busyMs: CHECK_BUSY_MS }),
    revision: async () => meta.read('revision'),
    instance: async () => meta.read('instance'),
  }
}
