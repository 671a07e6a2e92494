/** The pool of polls that run at once: what may be polled is claimed, polled when its host is free, and let go again. */
import { describeError, faultOf, isCode } from '../../errors.ts'
import type { Source } from '../../model.ts'
import type { DueSource, Fetch } from '../../ports.ts'
import { webAddress } from '../../publish/address.ts'
import { MINUTE_MS } from '../../time.ts'
import type { Actions } from '../context.ts'
import { createFetchMore } from '../hosts/fetch-more.ts'
import { type HostGate, TICK_MS, type Timer } from '../hosts/gate.ts'
import type { Departure } from '../hosts/pace.ts'
import { createEquipping } from './equip.ts'
import { type PollOutcome, pollSource } from './poll.ts'
import { createSlots, STANDINGS, type Standing } from './slots.ts'

export interface PollLimits {
  /** Polls at once. */
  concurrency: number
  /** A host of our own (`CRIER_ALLOW_HOSTS`) has no limits. */
  isOwnHost: (host: string) => boolean
  /** Shared with what else asks these hosts; a gate of its own where none is given. */
  gate?: HostGate
  timer?: Timer
}

/** While one commit takes ten new sources, ten more are read and ten are fetched: with fewer, commits wait for documents. */
export const DEFAULT_LIMITS = { concurrency: 36 }
/** Polls at once, however slow. */
const MOST_POLLS = 512
/**
 * Longer than a poll takes: a fetch of 30 s, and its wait for the desk. Where hundreds wait there it may run out, and another
 * process poll the same source meanwhile, which does no harm.
 */
const LEASE_MS = 3 * MINUTE_MS

/** How many sources are claimed in one transaction. */
export const CLAIM = 64

export interface Supply {
  /**
   * What could be polled by then; what is under way is left out by the claim. Where there is more than is looked at, those
   * that will answer promptly have their share of it. What is taken from it is out of it.
   */
  list: (dueBy: number, isPrompt: (candidate: DueSource) => boolean) => Promise<Set<DueSource>>
  /** What will be due within so long is claimed too, and polled at its moment: a tick that comes right before it would be the last for a second. */
  aheadMs?: number
  /** Whether what is not due yet is polled too. */
  force: boolean
  onOutcome: (source: Source, outcome: PollOutcome) => void
  /** Somebody else polls it. */
  onSkipped?: (candidate: DueSource) => void
  /** Its address is at another host by now, whose turn nobody has taken: it was let go again. */
  onMoved?: (candidate: DueSource, source: Source) => void
  onIdle?: () => void
  /** Our own fault kept us from claiming, or a listener from hearing; the next `pump` goes on. */
  onBroken: (error: unknown) => void
}

export interface Poller {
  /** Starts what there is room for and returns at once. Every tick calls it, and each poll that ends while more is left. */
  pump(): void
  /** Takes nothing more, gives back what was claimed and not begun, and resolves when what runs has ended. */
  stop(): Promise<void>
}

type PoolLimits = Pick<PollLimits, 'concurrency'> & { gate: HostGate; timer: Timer }

/** Claims in small groups as slots become free, so that a lease is never much older than its poll. */
export function createPool(ctx: Actions, { concurrency, gate, timer }: PoolLimits, supply: Supply): Poller {
  /** When each may begin. */
  const underWay = new Map<number, number>()
  /** Claimed, and to be begun as soon as there is room: in this order. */
  const ready: Record<Standing, Source[]> = { prompt: [], slow: [], doubtful: [], dear: [] }
  /** Claimed, and their moment has not come: what ends their waiting. */
  const resting = new Map<Source, () => void>()
  const polls = new Set<Promise<void>>()
  let claiming: Promise<void> | null = null
  // A poll that ended during a claim may have made room that the claim did not see.
  let again = false
  // The last look may have left what could be polled now.
  let isMore = true
  let stopped = false
  const slots = createSlots(concurrency)
  const equip = createEquipping(ctx, { gate, timer, slots, onSlotFree: goOn })

  /** At each tick: what is prompt does not wait until what is doubtful has begun. */
  function pump(): void {
    startReady()
    if (ready.prompt.length === 0) startClaim()
  }

  /** Where there is room again. */
  function goOn(): void {
    startReady()
    if (isMore && isNoneReady()) startClaim()
  }

  function isNoneReady(): boolean {
    return STANDINGS.every((standing) => ready[standing].length === 0)
  }

  function startClaim(): void {
    if (claiming) again = true
    if (stopped || claiming || !slots.hasSlotFor('prompt') || polls.size >= MOST_POLLS) return
    again = false
    claiming = claim()
      .catch(supply.onBroken)
      .finally(() => {
        claiming = null
        if (again) pump()
      })
  }

  async function claim(): Promise<void> {
    await gate.ready()
    const now = ctx.clock()
    const dueBy = now + (supply.aheadMs ?? 0)
    const isForAll = isNoneReady()
    const chosen = choose(await supply.list(dueBy, isPrompt))
    // To look costs more than many a poll: what becomes due or free in between waits for the next tick.
    isMore = supply.force || chosen.length === CLAIM || !isForAll
    if (chosen.length === 0) {
      if (polls.size === 0) supply.onIdle?.()
      return
    }
    const ids = chosen.map((candidate) => candidate.id)
    const { force } = supply
    const claimed = await ctx.store.claimSources(ids, now, LEASE_MS, { force, dueBy }).catch((error: unknown) => {
      for (const candidate of chosen) release(candidate, null)
      throw error
    })
    const mine = new Map(claimed.map((source) => [source.id, source]))
    const moved: number[] = []
    for (const candidate of chosen) {
      const source = mine.get(candidate.id)
      if (source?.host === candidate.host) {
        makeReady(source)
        continue
      }
      release(candidate, null)
      if (!source) supply.onSkipped?.(candidate)
      else {
        moved.push(source.id)
        supply.onMoved?.(candidate, source)
      }
    }
    startReady()
    if (moved.length > 0) await ctx.store.releaseSources(moved)
    if (claimed.length === moved.length && polls.size === 0) supply.onIdle?.()
  }

  /**
   * Of hosts that are free, or will be before the next tick: such a poll begins at that moment. Else each pause of a host
   * would end just behind a tick, and last until the one after.
   */
  function choose(candidates: Set<DueSource>): DueSource[] {
    const chosen: DueSource[] = []
    // Of those that stand claimed already there is no need for more.
    const full = STANDINGS.filter((standing) => standing !== 'prompt' && ready[standing].length > 0)
    for (const candidate of candidates) {
      if (chosen.length === CLAIM) break
      const standing = slots.standingOf(candidate)
      if (full.includes(standing) || !slots.admits(standing)) continue
      if (underWay.has(candidate.id) || !gate.isFree(candidate.host, TICK_MS)) continue
      slots.enter(candidate.id, standing)
      underWay.set(candidate.id, gate.enter(candidate.host))
      chosen.push(candidate)
      candidates.delete(candidate)
    }
    return chosen
  }

  function isPrompt(candidate: DueSource): boolean {
    return slots.standingOf(candidate) === 'prompt'
  }

  function release({ id, host }: DueSource, departure: Departure | null): void {
    underWay.delete(id)
    slots.end(id)
    gate.leave(host, departure)
  }

  function makeReady(source: Source): void {
    const dueAt = supply.force ? 0 : source.nextPollAt
    const waitMs = Math.max(underWay.get(source.id) ?? 0, dueAt) - ctx.clock()
    // Longer than it was when it was chosen, and the clock was set back meanwhile.
    if (waitMs <= 0 || waitMs > TICK_MS) {
      ready[slots.standingOf(source)].push(source)
      return
    }
    const cancel = timer(() => {
      resting.delete(source)
      makeReady(source)
      startReady()
    }, waitMs)
    resting.set(source, cancel)
  }

  function startReady(): void {
    for (;;) {
      const source = nextReady()
      if (!source) return
      slots.begin(source.id)
      const own = equip(source)
      const more = createFetchMore(own.ctx, gate, source, () => stopped)
      const poll: Promise<void> = pollSafely(own.ctx, source, more.fetch, () => stopped)
        .finally(own.end)
        .then((outcome) => {
          const departure = own.isElsewhere() ? ANSWERED : outcome && departureAfter(outcome)
          release(source, more.end() ?? departure)
          slots.judge(source.id)
          if (outcome) supply.onOutcome(source, outcome)
        })
        .catch(supply.onBroken)
        .finally(() => {
          polls.delete(poll)
          goOn()
        })
      polls.add(poll)
    }
  }

  function nextReady(): Source | undefined {
    if (stopped || polls.size >= MOST_POLLS) return undefined
    for (const standing of STANDINGS) {
      const index = slots.hasSlotFor(standing) ? 0 : ready[standing].findIndex(({ id }) => slots.needsNone(id))
      const [next] = index < 0 ? [] : ready[standing].splice(index, 1)
      if (next) return next
    }
    return undefined
  }

  return {
    pump,
    async stop() {
      stopped = true
      await claiming
      for (const cancel of resting.values()) cancel()
      const unbegun = [...Object.values(ready).flat(), ...resting.keys()].map(({ id }) => id)
      if (unbegun.length > 0) await ctx.store.releaseSources(unbegun).catch(supply.onBroken)
      await Promise.allSettled(polls)
    },
  }
}

const ANSWERED: Departure = { kind: 'answered' }

function departureAfter(outcome: PollOutcome): Departure {
  if (outcome.kind === 'throttled') return outcome
  return { kind: outcome.kind === 'failed' ? 'failed' : 'answered' }
}

/** A fault of ours, or of the disk, in one poll must not end the others: it is logged here, once, and its lease runs out. */
async function pollSafely(
  ctx: Actions,
  source: Source,
  fetchMore: Fetch,
  isStopped: () => boolean,
): Promise<PollOutcome | null> {
  try {
    return await pollSource(ctx, source, fetchMore)
  } catch (error) {
    // Broken off by us: it is no fault of the source, which is due as before.
    if (isStopped() && isCode(error, 'unavailable')) {
      await ctx.store.releaseSources([source.id])
      return null
    }
    ctx.log.error({ source: webAddress(source.url), ...faultOf(error) }, 'poll broke')
    return { kind: 'failed', reason: describeError(error) }
  }
}
