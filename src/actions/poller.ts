import { AppError, describeError } from '../errors.ts'
import type { Source } from '../model.ts'
import type { Actions } from './context.ts'
import { type PollOutcome, pollSource } from './poll.ts'
import { getSource } from './subscribe.ts'

export interface PollLimits {
  /** Polls at once. */
  concurrency: number
  /** Of these, at one host; a host of our own (`CRIER_ALLOW_HOSTS`) has no limit. */
  perHost: number
  isOwnHost: (host: string) => boolean
}

export const DEFAULT_LIMITS = { concurrency: 24, perHost: 2 }

type Candidate = Pick<Source, 'id' | 'host'>

interface Supply {
  /** What could be polled now; what is under way is left out by the claim. */
  list: (now: number) => Promise<Iterable<Candidate>>
  /** Whether what is not due yet is polled too. */
  force: boolean
  onOutcome: (source: Source, outcome: PollOutcome) => void
  /** Somebody else polls it. */
  onSkipped?: (candidate: Candidate) => void
  onIdle?: () => void
  /** Our own fault kept us from claiming, or a listener from hearing; the next `pump` goes on. */
  onBroken: (error: unknown) => void
}

export interface Poller {
  /** Starts what there is room for and returns at once. Every tick calls it, and every poll that ends. */
  pump(): void
  /** Takes nothing more, and resolves when what runs has ended. */
  stop(): Promise<void>
}

/** Longer than any poll can take: a fetch of 30 s, then, at worst, every other document is given up after 5 s before its own. */
const LEASE_MS = 180_000

/** How many sources are claimed in one transaction, and how many are looked at to find them. */
const CLAIM = 64
const LOOK = 256

/** The service's polls: whatever is due, for ever. */
export function createPoller(ctx: Actions, limits: PollLimits, onOutcome: Supply['onOutcome']): Poller {
  return createPool(ctx, limits, {
    async list(now) {
      const due = await ctx.store.listDueSources(now, LOOK, CLAIM)
      if (due.length < LOOK) return due
      // The long queues of a few hosts may have filled it: first, of each host, only what may run.
      return [...(await ctx.store.listDueSources(now, LOOK, limits.perHost)), ...due]
    },
    force: false,
    onOutcome,
    onBroken: (error) => ctx.log.error({ err: describeError(error), ...stackOf(error) }, 'polling broke'),
  })
}

export interface PollSummary {
  polled: { source: Source; outcome: PollOutcome }[]
  /** Being polled by the service at this moment. */
  skipped: Source[]
}

/**
 * Polls these sources (numbers or addresses), or all active ones, once and now, due or not. Throws `not_found` for a
 * source that is not there, before anything is polled.
 */
export async function pollNow(
  ctx: Actions,
  limits: PollLimits,
  refs: string[] | 'all',
  onProgress: (done: number, total: number) => void,
): Promise<PollSummary> {
  const sources = new Map((await chooseSources(ctx, refs)).map((source) => [source.id, source]))
  const summary: PollSummary = { polled: [], skipped: [] }
  const total = sources.size
  if (total === 0) return summary

  const waiting = new Map(sources)
  await new Promise<void>((resolve, reject) => {
    const pool = createPool(ctx, limits, {
      list: async () => waiting.values(),
      force: true,
      onOutcome: (source, outcome) => {
        waiting.delete(source.id)
        summary.polled.push({ source, outcome })
        onProgress(summary.polled.length + summary.skipped.length, total)
      },
      onSkipped: ({ id }) => {
        const source = waiting.get(id)
        waiting.delete(id)
        if (source) summary.skipped.push(source)
      },
      onIdle: () => (waiting.size === 0 ? resolve() : pool.pump()),
      onBroken: reject,
    })
    pool.pump()
  })
  return summary
}

async function chooseSources(ctx: Actions, refs: string[] | 'all'): Promise<Source[]> {
  if (refs === 'all') return (await ctx.store.listSources()).filter((source) => source.state === 'active')
  const chosen: Source[] = []
  for (const ref of refs) chosen.push(await getSource(ctx, ref))
  const paused = chosen.find((source) => source.state === 'paused')
  if (!paused) return chosen
  throw new AppError('conflict', `${paused.title} is paused.`, { hint: `crier source resume ${paused.id} wakes it.` })
}

/** Claims in small groups as slots become free, so that a lease is never much older than its poll. */
function createPool(ctx: Actions, limits: PollLimits, supply: Supply): Poller {
  const atHost = new Map<string, number>()
  const underWay = new Set<number>()
  const ready: Source[] = []
  const polls = new Set<Promise<void>>()
  let claiming: Promise<void> | null = null
  // A poll that ended during a claim may have made room that the claim did not see.
  let again = false
  let stopped = false

  function pump(): void {
    startReady()
    if (claiming) again = true
    if (stopped || claiming || ready.length > 0 || polls.size >= limits.concurrency) return
    again = false
    claiming = claim()
      .catch(supply.onBroken)
      .finally(() => {
        claiming = null
        if (again) pump()
      })
  }

  async function claim(): Promise<void> {
    const now = ctx.clock()
    const chosen = choose(await supply.list(now))
    if (chosen.length === 0) {
      if (polls.size === 0) supply.onIdle?.()
      return
    }
    const options = supply.force ? ([{ force: true }] as const) : ([] as const)
    const ids = chosen.map((candidate) => candidate.id)
    const claimed = await ctx.store.claimSources(ids, now, LEASE_MS, ...options).catch((error: unknown) => {
      for (const candidate of chosen) release(candidate)
      throw error
    })
    const mine = new Set(claimed.map((source) => source.id))
    for (const candidate of chosen) {
      if (mine.has(candidate.id)) continue
      release(candidate)
      supply.onSkipped?.(candidate)
    }
    ready.push(...claimed)
    startReady()
    if (claimed.length === 0 && polls.size === 0) supply.onIdle?.()
  }

  function choose(candidates: Iterable<Candidate>): Candidate[] {
    const chosen: Candidate[] = []
    for (const candidate of candidates) {
      if (chosen.length === CLAIM) break
      const busy = atHost.get(candidate.host) ?? 0
      if (underWay.has(candidate.id) || (busy >= limits.perHost && !limits.isOwnHost(candidate.host))) continue
      atHost.set(candidate.host, busy + 1)
      underWay.add(candidate.id)
      chosen.push(candidate)
    }
    return chosen
  }

  function release({ id, host }: Candidate): void {
    underWay.delete(id)
    const left = (atHost.get(host) ?? 1) - 1
    if (left > 0) atHost.set(host, left)
    else atHost.delete(host)
  }

  function startReady(): void {
    while (!stopped && polls.size < limits.concurrency) {
      const source = ready.shift()
      if (!source) return
      const poll: Promise<void> = pollSafely(ctx, source)
        .then((outcome) => supply.onOutcome(source, outcome))
        .catch(supply.onBroken)
        .finally(() => {
          release(source)
          polls.delete(poll)
          pump()
        })
      polls.add(poll)
    }
  }

  return {
    pump,
    async stop() {
      stopped = true
      await claiming
      await Promise.allSettled(polls)
    },
  }
}

/** A fault of ours, or of the disk, in one poll must not end the others: it is logged here, once, and its lease runs out. */
async function pollSafely(ctx: Actions, source: Source): Promise<PollOutcome> {
  try {
    return await pollSource(ctx, source)
  } catch (error) {
    ctx.log.error({ source: source.url, err: describeError(error), ...stackOf(error) }, 'poll broke')
    return { kind: 'failed', reason: describeError(error) }
  }
}

/** Only a bug of ours needs one. */
function stackOf(error: unknown): { stack?: string | undefined } {
  return error instanceof Error && !(error instanceof AppError) ? { stack: error.stack } : {}
}
