import { faultOf } from '../../errors.ts'
import { createRepeatedError } from '../../log.ts'
import type { DueQuota, DueSource } from '../../ports.ts'
import type { Actions } from '../context.ts'
import { createHostGate, systemTimer, TICK_MS } from '../hosts/gate.ts'
import { CLAIM, createPool, type Poller, type PollLimits, type Supply } from './pool.ts'

/** How many due sources are seen at one look, and how many of one host: to look costs more than many a poll. */
const LOOK = 1_024
const LOOK_PER_HOST = 512
/** Less than a tick: at each there is another look. */
const FRESH_MS = 500

/** The service's polls: whatever is due and whose host is free, for ever. */
export function createPoller(ctx: Actions, limits: PollLimits, onOutcome: Supply['onOutcome']): Poller {
  const { concurrency, gate = createHostGate(ctx, limits), timer = systemTimer } = limits
  /** What the last look saw, and nobody has taken yet. */
  let seen = new Set<DueSource>()
  let seenAt = 0

  async function look(dueBy: number, isPrompt: NonNullable<DueQuota['isWanted']>): Promise<Set<DueSource>> {
    const [due = [], ones = [], prompt = [], promptOnes = []] = await ctx.store.listDueSources(
      dueBy,
      { limit: LOOK, perHost: LOOK_PER_HOST },
      { limit: LOOK, perHost: 1 },
      { limit: LOOK, perHost: LOOK_PER_HOST, isWanted: isPrompt },
      { limit: LOOK, perHost: 1, isWanted: isPrompt },
    )
    if (due.length < CLAIM) return new Set(due)
    // The long queues of a few hosts may have filled it: first, of each host, only what may run.
    const all = due.length < LOOK ? due : [...ones, ...due]
    return new Set(alternate([...promptOnes, ...prompt], all))
  }

  const logBroken = createRepeatedError(ctx.log, ctx.clock)

  return createPool(
    ctx,
    { concurrency, gate, timer },
    {
      async list(dueBy, isPrompt) {
        const now = ctx.clock()
        const isOld = now < seenAt || now >= seenAt + FRESH_MS
        if (isOld || seen.size < CLAIM) {
          seen = await look(dueBy, isPrompt)
          seenAt = now
        }
        return seen
      },
      aheadMs: TICK_MS,
      force: false,
      onOutcome,
      onBroken: (error) => logBroken(faultOf(error), 'polling broke'),
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
