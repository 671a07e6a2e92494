import { DAY_MS, MINUTE_MS } from '../../time.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Group } from '../sqlite/group.ts'

/** A clock is corrected by less now and then: nobody waits long for that. */
const LEAST_MS = MINUTE_MS
/** Leases are less than half as long: one that ends later was given by a clock that was ahead. */
export const LONGEST_LEASE_MS = 10 * MINUTE_MS
/**
 * A machine without a clock of its own believes that it is long ago, until the network tells it the time: meanwhile all plans
 * look as if a clock had been ahead.
 */
const PATIENCE_MS = 5 * MINUTE_MS

/**
 * Gives what must be called with the time before it is asked which sources are due. PATIENCE_MS after its first call, and after
 * each time that the clock was set back, it brings forward what a clock that was ahead has planned: that is due as long after
 * `now` as it was planned after that clock's time.
 */
export function createClockAhead({ driver }: Database, group: Group): (now: number) => Promise<void> {
  // No plan reaches further than a day, or the interval that somebody asked for.
  const furthest = `:now + max(${DAY_MS}, ifnull(every_ms, 0))`
  const madeAt = 'ifnull(polled_at, added_at)'
  const ahead = `${madeAt} > :now + ${LEAST_MS} OR next_poll_at > ${furthest} OR lease_until > :now + ${LONGEST_LEASE_MS}`
  const find = driver.prepare(`SELECT 1 FROM sources WHERE ${ahead} LIMIT 1`)
  const bring = driver.prepare(
    `UPDATE sources SET next_poll_at = min(next_poll_at - max(0, ${madeAt} - :now), ${furthest}),
       lease_until = iif(lease_until > :now + ${LONGEST_LEASE_MS}, 0, lease_until), added_at = min(added_at, :now),
       polled_at = min(polled_at, :now), succeeded_at = min(succeeded_at, :now) WHERE ${ahead}`,
  )
  let latest = Number.POSITIVE_INFINITY
  let setBackAt: number | null = null

  return async (now) => {
    const isSetBack = now < latest - LEAST_MS
    latest = isSetBack ? now : Math.max(latest, now)
    if (isSetBack) setBackAt = now
    if (setBackAt === null || now < setBackAt + PATIENCE_MS) return
    setBackAt = null
    if (find.get({ now })) await group.run(() => void bring.run({ now }))
  }
}
