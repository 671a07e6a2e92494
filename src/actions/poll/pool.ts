/** The pool of polls that run at once: what may be polled is claimed, polled when its host is free, and let go again. */
import { describeError, faultOf, isCode } from '../../errors.ts'
import type { Source } from '../../model.ts'
import type { DueSource, Fetch } from '../../ports.ts'
import { webAddress } from '../../publish/address.ts'
import { MINUTE_MS } from '../../time.ts'
import type { Actions } from '../context.ts'
import { createFetchMore } from '../hosts/fetch-more.ts'
import { type Departure, type HostGate, TICK_MS, type Timer } from '../hosts/gate.ts'
import { createOfflineWatch } from '../hosts/offline.ts'
import { hearElsewhere } from '../hosts/turn.ts'
import { type PollOutcome, pollSource } from './poll.ts'

export interface PollLimits {
  /** Polls at once. */
  concurrency: number
  /** A host of our own (`CRIER_ALLOW_HOSTS`) has no limits. */
  isOwnHost: (host: string) => boolean
  /** Shared with what else asks these hosts; a gate of its own where none is given. */
  gate?: HostGate
  timer?: Timer
}

export const DEFAULT_LIMITS = { concurrency: 24 }
/** So much of it at most for those that are slow, failing or new. */
const DOUBTFUL_SHARE = 5 / 6

/** A fetch that takes longer waits for its server, not for us: meanwhile its poll is not counted among those at once. */
const SLOW_MS = 300
/** Of documents from this size on there is one at a time, from its reading until it is stored. */
const LARGE_BYTES = 1_048_576
/** Polls at once, however slow. */
const MOST_POLLS = 512
/** Of them, those of sources that are slow, failing or new: hundreds that hang hold up none that is well. */
const MOST_DOUBTFUL = 448

/** Longer than any poll can take: a fetch of 30 s, then, at worst, every other document is given up after 5 s before its own. */
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
  const ready = { prompt: [] as Source[], doubtful: [] as Source[] }
  /** Claimed, and their moment has not come: what ends their waiting. */
  const resting = new Map<Source, () => void>()
  const polls = new Set<Promise<void>>()
  let claiming: Promise<void> | null = null
  // A poll that ended during a claim may have made room that the claim did not see.
  let again = false
  // The last look may have left what could be polled now.
  let isMore = true
  let stopped = false
  /** Those that hold a slot: all that were begun, but for those that wait for a slow server. */
  const working = new Set<number>()
  /** Their slow server has answered: each goes on when there is a slot for it. */
  const answered: { id: number; goOn: () => void }[] = []
  /** How the last fetch of each went, since we began. */
  const tempos = new Map<number, 'prompt' | 'slow'>()
  /** Those under way that may hang. */
  const doubtful = new Set<number>()
  let lastLarge: Promise<unknown> = Promise.resolve()
  const watchOffline = createOfflineWatch(ctx)

  /** What one poll works with: it waits for slow servers, and for its turn with a large document, which it has until `end`. */
  function equip({ id, host }: Source): { ctx: Actions; end: () => void; isElsewhere: () => boolean } {
    let endTurn: (() => void) | null = null
    let elsewhere = false
    const fetchPatiently = beginPatience(id)
    const fetch: Actions['fetch'] = async (request) => {
      const fetched = await fetchPatiently({ ...request, restMs: gate.restMs })
      if (hearElsewhere(gate, fetched)) elsewhere = true
      return gate.isOwn(host) ? fetched : watchOffline(host, fetched)
    }
    const parse: Actions['parse'] = async (document) => {
      if (document.bytes.byteLength >= LARGE_BYTES && endTurn === null) {
        const before = lastLarge
        lastLarge = new Promise<void>((resolve) => {
          endTurn = resolve
        })
        await before
      }
      return ctx.parse(document)
    }
    return { ctx: { ...ctx, fetch, parse }, end: () => endTurn?.(), isElsewhere: () => elsewhere }
  }

  function hasSlot(isDoubtful = false): boolean {
    if (working.size >= concurrency) return false
    return !isDoubtful || [...working].filter((id) => doubtful.has(id)).length < Math.ceil(concurrency * DOUBTFUL_SHARE)
  }

  /** The fetch of one poll, which holds no slot while its server is slow. One that was the last time is from its beginning. */
  function beginPatience(id: number): Fetch {
    let wasSlow = false
    let isFirst = true
    if (tempos.get(id) !== 'slow') working.add(id)
    return async (request) => {
      let cancel = () => {}
      const lookAgain = () => {
        const begunAt = ctx.clock()
        cancel = timer(() => {
          // It is we who were busy.
          if (ctx.clock() > begunAt + 2 * SLOW_MS) return lookAgain()
          wasSlow = true
          tempos.set(id, 'slow')
          doubtful.add(id)
          working.delete(id)
          goOn()
        }, SLOW_MS)
      }
      lookAgain()
      try {
        const fetched = await ctx.fetch(request)
        if (!wasSlow) tempos.set(id, 'prompt')
        return fetched
      } finally {
        cancel()
        // With a later one it may have the turn of large documents, for which those wait that have the slots.
        if (!working.has(id) && isFirst) await takeSlot(id)
        else if (underWay.has(id)) working.add(id)
        isFirst = false
      }
    }
  }

  /** Hundreds that answer at the same moment are not read all at once. */
  async function takeSlot(id: number): Promise<void> {
    await new Promise<void>((goOn) => {
      answered.push({ id, goOn })
      startReady()
    })
  }

  /** At each tick: what is prompt does not wait until what is doubtful has begun. */
  function pump(): void {
    startReady()
    if (ready.prompt.length === 0) startClaim()
  }

  /** Where there is room again. */
  function goOn(): void {
    startReady()
    if (isMore && ready.prompt.length + ready.doubtful.length === 0) startClaim()
  }

  function startClaim(): void {
    if (claiming) again = true
    if (stopped || claiming || !hasSlot() || polls.size >= MOST_POLLS) return
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
    const isForAll = ready.doubtful.length === 0
    const chosen = choose(await supply.list(dueBy, isPrompt), isForAll)
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
    const mine = new Set(claimed.map((source) => source.id))
    for (const candidate of chosen) {
      if (mine.has(candidate.id)) continue
      release(candidate, null)
      supply.onSkipped?.(candidate)
    }
    for (const source of claimed) makeReady(source)
    startReady()
    if (claimed.length === 0 && polls.size === 0) supply.onIdle?.()
  }

  /**
   * Of hosts that are free, or will be before the next tick: such a poll begins at that moment. Else each pause of a host
   * would end just behind a tick, and last until the one after.
   */
  function choose(candidates: Set<DueSource>, isForAll: boolean): DueSource[] {
    const chosen: DueSource[] = []
    for (const candidate of candidates) {
      candidates.delete(candidate)
      if (chosen.length === CLAIM) break
      const isDoubtful = !isPrompt(candidate)
      if (isDoubtful && (!isForAll || doubtful.size >= MOST_DOUBTFUL)) continue
      if (underWay.has(candidate.id) || !gate.isFree(candidate.host, supply.force ? 0 : TICK_MS)) continue
      if (isDoubtful) doubtful.add(candidate.id)
      underWay.set(candidate.id, gate.enter(candidate.host))
      chosen.push(candidate)
    }
    return chosen
  }

  /** As it was the last time, or as it left off before we began. */
  function isPrompt({ id, failures, succeededAt }: DueSource): boolean {
    const tempo = tempos.get(id)
    return tempo === undefined ? failures === 0 && succeededAt !== null : tempo === 'prompt'
  }

  function release({ id, host }: DueSource, departure: Departure | null): void {
    underWay.delete(id)
    doubtful.delete(id)
    working.delete(id)
    gate.leave(host, departure)
  }

  function makeReady(source: Source): void {
    const dueAt = supply.force ? 0 : source.nextPollAt
    const waitMs = Math.max(underWay.get(source.id) ?? 0, dueAt) - ctx.clock()
    // Longer than it was when it was chosen, and the clock was set back meanwhile.
    if (stopped || waitMs <= 0 || waitMs > TICK_MS) {
      ready[isPrompt(source) ? 'prompt' : 'doubtful'].push(source)
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
      const own = equip(source)
      const more = createFetchMore(own.ctx, gate, source, () => stopped)
      const poll: Promise<void> = pollSafely(own.ctx, source, more.fetch, () => stopped)
        .finally(own.end)
        .then((outcome) => {
          const departure = own.isElsewhere() ? ANSWERED : outcome && departureAfter(outcome)
          release(source, more.end() ?? departure)
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
    const mayBegin = !stopped && polls.size < MOST_POLLS
    const prompt = mayBegin && hasSlot() && ready.prompt.shift()
    if (prompt) return prompt
    letOn()
    return mayBegin && hasSlot(true) ? ready.doubtful.shift() : undefined
  }

  /** Those whose server has answered, before any other of their kind begins; they end what they began where we stop, too. */
  function letOn(): void {
    while (hasSlot(true)) {
      const next = answered.shift()
      if (!next) return
      if (underWay.has(next.id)) working.add(next.id)
      next.goOn()
    }
  }

  return {
    pump,
    async stop() {
      stopped = true
      await claiming
      for (const cancel of resting.values()) cancel()
      const unbegun = [...ready.prompt, ...ready.doubtful, ...resting.keys()].map(({ id }) => id)
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
