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
      async list(dueBy) {
        const due = await ctx.store.listDueSources(dueBy, LOOK, CLAIM)
        if (due.length < LOOK) return due
        // The long queues of a few hosts may have filled it: first, of each host, only what may run.
        return [...(await ctx.store.listDueSources(dueBy, LOOK, 1)), ...due]
      },
      aheadMs: TICK_MS,
      force: false,
      onOutcome,
      onBroken: (error) => ctx.log.error(faultOf(error), 'polling broke'),
    },
  )
}
