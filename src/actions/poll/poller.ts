import { faultOf } from '../../errors.ts'
import type { Actions } from '../context.ts'
import { createHostGate, systemTimer, TICK_MS } from '../hosts/gate.ts'
import { CLAIM, createPool, type Poller, type PollLimits, type Supply } from './pool.ts'

/** How many due sources are looked at to find those that are claimed. */
const LOOK = 256

/** The service's polls: whatever is due and whose host is free, for ever. */
export function createPoller(ctx: Actions, limits: PollLimits, onOutcome: Supply['onOutcome']): Poller {
  const { concurrency, gate = createHostGate(ctx, limits), timer = systemTimer } = limits
  return createPool(
    ctx,
    { concurrency, gate, timer },
    {
      async list(dueBy, isPrompt) {
        const look = (perHost: number, isWanted?: typeof isPrompt) =>
          ctx.store.listDueSources(dueBy, { limit: LOOK, perHost, ...(isWanted && { isWanted }) })
        const due = await look(CLAIM)
        if (due.length < CLAIM) return due
        // The long queues of a few hosts may have filled it: first, of each host, only what may run.
        const all = due.length < LOOK ? due : [...(await look(1)), ...due]
        return alternate([...(await look(1, isPrompt)), ...(await look(CLAIM, isPrompt))], all)
      },
      aheadMs: TICK_MS,
      force: false,
      onOutcome,
      onBroken: (error) => ctx.log.error(faultOf(error), 'polling broke'),
    },
  )
}

/** One of these, one of those, and what is left of the longer. */
function alternate<T>(these: T[], those: T[]): T[] {
  const length = Math.max(these.length, those.length)
  return Array.from({ length }, (_, index) => [
    ...these.slice(index, index + 1),
    ...those.slice(index, index + 1),
  ]).flat()
}
