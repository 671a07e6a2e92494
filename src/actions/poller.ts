import { AppError, describeError, isCode } from '../errors.ts'
import type { Source } from '../model.ts'
import type { Fetch, Fetched, FetchRequest } from '../ports.ts'
import { webAddress } from '../publish/address.ts'
import { formatLocal } from '../time.ts'
import type { Actions } from './context.ts'
import { createFetchMore } from './fetch-more.ts'
import { createHostGate, type Departure, departureOf, type HostGate, systemTimer, type Timer } from './host-gate.ts'
import { faultOf, type PollOutcome, pollSource } from './poll.ts'
import { getSource } from './subscribe.ts'

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

/** A fetch that takes longer waits for its server, not for us: meanwhile its poll is not counted among those at once. */
const SLOW_MS = 1_000
/** Of documents from this size on there is one at a time, from its reading until it is stored. */
const LARGE_BYTES = 1_048_576
/** Polls at once, however slow. */
const MOST_POLLS = 256

/** Who polls now, and is watched at it, does not wait longer than this for one host's turn. */
const MOST_PATIENCE_MS = 2 * 60_000

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

type PoolLimits = Pick<PollLimits, 'concurrency'> & { gate: HostGate; timer: Timer }

export interface Poller {
  /** Starts what there is room for and returns at once. Every tick calls it, and each poll that ends while more is left. */
  pump(): void
  /** Takes nothing more, and resolves when what runs has ended. */
  stop(): Promise<void>
}

/** Longer than any poll can take: a fetch of 30 s, then, at worst, every other document is given up after 5 s before its own. */
const LEASE_MS = 180_000

/** How many sources are claimed in one transaction, and how many are looked at to find them. */
const CLAIM = 64
const LOOK = 256

/** The service's polls: whatever is due and whose host is free, for ever. */
export function createPoller(ctx: Actions, limits: PollLimits, onOutcome: Supply['onOutcome']): Poller {
  const { concurrency, gate = createHostGate(ctx, limits), timer = systemTimer } = limits
  return createPool(
    ctx,
    { concurrency, gate, timer },
    {
      async list(now) {
        const due = await ctx.store.listDueSources(now, LOOK, CLAIM)
        if (due.length < LOOK) return due
        // The long queues of a few hosts may have filled it: first, of each host, only what may run.
        return [...(await ctx.store.listDueSources(now, LOOK, 1)), ...due]
      },
      force: false,
      onOutcome,
      onBroken: (error) => ctx.log.error(faultOf(error), 'polling broke'),
    },
  )
}

export interface PollSummary {
  polled: { source: Source; outcome: PollOutcome }[]
  /** Being polled by the service at this moment. */
  skipped: Source[]
}

/**
 * Polls these sources (numbers or addresses), or all active ones, once and now, due or not, as their hosts become free.
 * A host that asked us to stay away for long is not asked: its sources come back as throttled. Throws `not_found` for a
 * source that is not there, before anything is polled.
 */
export async function pollNow(
  ctx: Actions,
  limits: PollLimits,
  refs: string[] | 'all',
  onProgress: (done: number, total: number) => void,
): Promise<PollSummary> {
  const { concurrency, gate = createHostGate(ctx, limits), timer = systemTimer } = limits
  const queues = new Map<string, Map<number, Source>>()
  const summary: PollSummary = { polled: [], skipped: [] }
  let total = 0
  for (const source of await chooseSources(ctx, refs)) {
    const queue = queues.get(source.host) ?? new Map()
    if (!queue.has(source.id)) total += 1
    queues.set(source.host, queue.set(source.id, source))
  }
  if (total === 0) return summary

  let cancelTimer = () => {}
  let isStuck = false

  const take = (source: Pick<Source, 'id' | 'host'>): Source | undefined => {
    const queue = queues.get(source.host)
    const taken = queue?.get(source.id)
    queue?.delete(source.id)
    if (queue?.size === 0) queues.delete(source.host)
    return taken
  }
  const finish = (source: Source, outcome: PollOutcome) => {
    take(source)
    summary.polled.push({ source, outcome })
    onProgress(summary.polled.length + summary.skipped.length, total)
  }

  /** What may be asked now: of one host only the first, unless it is ours. */
  const list = (now: number): Source[] => {
    isStuck = true
    const candidates: Source[] = []
    let wakeAt = Number.POSITIVE_INFINITY
    for (const [host, queue] of queues) {
      const freeAt = gate.freeAt(host)
      if (freeAt > now + MOST_PATIENCE_MS) {
        for (const source of [...queue.values()]) finish(source, putOff(host, freeAt, now))
      } else if (freeAt > now) wakeAt = Math.min(wakeAt, freeAt)
      else candidates.push(...(gate.isOwn(host) ? queue.values() : [...queue.values()].slice(0, 1)))
    }
    cancelTimer()
    cancelTimer = wakeAt === Number.POSITIVE_INFINITY ? () => {} : timer(() => pool.pump(), wakeAt - now)
    return candidates
  }

  let pool: Poller
  await new Promise<void>((resolve, reject) => {
    pool = createPool(
      ctx,
      { concurrency, gate, timer },
      {
        list: async (now) => list(now),
        force: true,
        onOutcome: finish,
        onSkipped: (candidate) => {
          isStuck = false
          const source = take(candidate)
          if (source) summary.skipped.push(source)
        },
        onIdle: () => {
          if (queues.size === 0) resolve()
          else if (!isStuck) pool.pump()
        },
        onBroken: reject,
      },
    )
    pool.pump()
  }).finally(() => cancelTimer())
  return summary
}

function putOff(host: string, until: number, now: number): PollOutcome {
  const reason = `${host} is to be left alone until ${formatLocal(until, 'UTC')} UTC: it has complained of too many requests.`
  return { kind: 'throttled', reason, retryAfterMs: until - now }
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
function createPool(ctx: Actions, { concurrency, gate, timer }: PoolLimits, supply: Supply): Poller {
  const underWay = new Set<number>()
  const ready: Source[] = []
  const polls = new Set<Promise<void>>()
  let claiming: Promise<void> | null = null
  // A poll that ended during a claim may have made room that the claim did not see.
  let again = false
  // The last look may have left what could be polled now.
  let isMore = true
  let stopped = false
  /** Fetches that take long. */
  let slow = 0
  let lastLarge: Promise<unknown> = Promise.resolve()

  /** With it a poll waits for slow servers, and for its turn with a large document, which it has until `end`. */
  function equip(): { ctx: Actions; end: () => void; isElsewhere: () => boolean } {
    let end = () => {}
    let elsewhere = false
    const fetch: Actions['fetch'] = async (request) => {
      const fetched = await fetchPatiently({ ...request, restMs: gate.restMs })
      if (fetched.kind === 'failed' && fetched.host !== undefined) {
        elsewhere = true
        if (fetched.status !== null) gate.hear(fetched.host, departureOf(fetched))
      }
      return fetched
    }
    const parse: Actions['parse'] = async (document) => {
      if (document.bytes.byteLength >= LARGE_BYTES) await (end === noEnd ? takeTurn() : null)
      return ctx.parse(document)
    }
    const noEnd = end
    const takeTurn = () => {
      const before = lastLarge
      lastLarge = new Promise<void>((resolve) => {
        end = resolve
      })
      return before
    }
    return { ctx: { ...ctx, fetch, parse }, end: () => end(), isElsewhere: () => elsewhere }
  }

  function hasRoom(): boolean {
    return polls.size - slow < concurrency && polls.size < MOST_POLLS
  }

  async function fetchPatiently(request: FetchRequest): Promise<Fetched> {
    let isSlow = false
    const cancel = timer(() => {
      isSlow = true
      slow += 1
      pump()
    }, SLOW_MS)
    try {
      return await ctx.fetch(request)
    } finally {
      cancel()
      if (isSlow) slow -= 1
    }
  }

  function pump(): void {
    startReady()
    if (claiming) again = true
    if (stopped || claiming || ready.length > 0 || !hasRoom()) return
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
    const chosen = choose(await supply.list(now))
    // To look costs more than many a poll: what becomes due or free in between waits for the next tick.
    isMore = supply.force || chosen.length === CLAIM
    if (chosen.length === 0) {
      if (polls.size === 0) supply.onIdle?.()
      return
    }
    const options = supply.force ? ([{ force: true }] as const) : ([] as const)
    const ids = chosen.map((candidate) => candidate.id)
    const claimed = await ctx.store.claimSources(ids, now, LEASE_MS, ...options).catch((error: unknown) => {
      for (const candidate of chosen) release(candidate, null)
      throw error
    })
    const mine = new Set(claimed.map((source) => source.id))
    for (const candidate of chosen) {
      if (mine.has(candidate.id)) continue
      release(candidate, null)
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
      if (underWay.has(candidate.id) || !gate.isFree(candidate.host)) continue
      gate.enter(candidate.host)
      underWay.add(candidate.id)
      chosen.push(candidate)
    }
    return chosen
  }

  function release({ id, host }: Candidate, departure: Departure | null): void {
    underWay.delete(id)
    gate.leave(host, departure)
  }

  function startReady(): void {
    while (!stopped && hasRoom()) {
      const source = ready.shift()
      if (!source) return
      const own = equip()
      const more = createFetchMore(own.ctx, gate, source, () => stopped)
      const poll: Promise<void> = pollSafely(own.ctx, source, more.fetch, () => stopped)
        .finally(own.end)
        .then((outcome) => {
          // Who sent us to a host that complained has not complained itself.
          const departure = own.isElsewhere() ? ANSWERED : outcome && departureAfter(outcome)
          release(source, more.end() ?? departure)
          if (outcome) supply.onOutcome(source, outcome)
        })
        .catch(supply.onBroken)
        .finally(() => {
          polls.delete(poll)
          startReady()
          if (isMore) pump()
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
    // Broken off by us: the source is due again when the service starts.
    if (isStopped() && isCode(error, 'unavailable')) return null
    ctx.log.error({ source: webAddress(source.url), ...faultOf(error) }, 'poll broke')
    return { kind: 'failed', reason: describeError(error) }
  }
}
