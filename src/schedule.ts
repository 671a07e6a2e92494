import { type ScheduledTask, schedule } from 'node-cron'
import type { Log } from './log.ts'
import { SECOND_MS, systemClock } from './time.ts'

/**
 * Ticks once a second and runs the actions, which return at once: what is due, leases and retries live in the store,
 * so that a missed tick is caught up by the next. UTC, because in a zone node-cron loses the repeated hour. Whatever the clock
 * does, the next tick is a second or two away. Gives what ends it.
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
  const endWatch = watchClock(task)
  return async () => {
    endWatch()
    await task.destroy()
  }
}

/** So long before each tick it is looked what the clock did since the last. */
const AHEAD_MS = 2
/** More than this is no second any more: the clock was set forward, or the machine slept. */
const LEAP_MS = 3 * SECOND_MS

/**
 * node-cron waits for the second that it planned, for an hour where the clock is set back by one; and where that lies behind, it
 * goes through all that it missed before it does anything else, which takes 15 s for a night that a laptop slept, and for
 * ever where a machine without a clock of its own is told what year it is. So it plans anew then, before it notices.
 */
function watchClock(task: ScheduledTask): () => void {
  let lookedAt = systemClock()
  let timer: NodeJS.Timeout
  const look = () => {
    const now = systemClock()
    if (now < lookedAt || now > lookedAt + LEAP_MS) {
      void task.stop()
      void task.start()
    }
    lookedAt = now
    timer = setTimeout(look, SECOND_MS - ((now + AHEAD_MS) % SECOND_MS))
  }
  look()
  return () => clearTimeout(timer)
}
