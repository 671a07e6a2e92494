import { schedule } from 'node-cron'
import type { Log } from './log.ts'
import type { Clock } from './ports.ts'

interface Schedule {
  /** When the last tick ran; null before the first. */
  lastTickAt(): number | null
  stop(): Promise<void>
}

/**
 * Ticks once a second and runs the actions, which return at once: what is due, leases and retries live in the store,
 * so that a missed tick is caught up by the next. UTC, because in a zone node-cron loses the repeated hour.
 */
export function startSchedule(actions: (() => void)[], clock: Clock, log: Log): Schedule {
  let tickedAt: number | null = null
  const task = schedule(
    '* * * * * *',
    () => {
      tickedAt = clock()
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
  return {
    lastTickAt: () => tickedAt,
    async stop() {
      await task.destroy()
    },
  }
}
