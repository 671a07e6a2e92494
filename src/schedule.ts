import { schedule } from 'node-cron'
import type { Log } from './log.ts'

/**
 * Ticks once a second and runs the actions, which return at once: what is due, leases and retries live in the store,
 * so that a missed tick is caught up by the next. UTC, because in a zone node-cron loses the repeated hour. Gives what ends it.
 */
export function startSchedule(actions: (() => void)[], log: Log): () => Promise<void> {
  const task = schedule(
    '* * * * * *',
    () => {
      for (const action of actions) action()
    },
    {
      name: 'tick',
      timezone: 'Etc/UTC',
      noOverlap: true,
      logger: {
        info: () => {},
        debug: () => {},
        warn: (message) => log.debug({}, `schedule: ${message}`),
        error: (message) => log.error({ err: message instanceof Error ? message.message : message }, 'schedule'),
      },
    },
  )
  return async () => task.destroy()
}
