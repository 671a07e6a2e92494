import { AppError } from '../../errors.ts'
import type { HostPace } from '../../ports.ts'
import { USUAL_SPACING_MS } from '../../source/cadence.ts'
import { formatLocal, HOUR_MS, MINUTE_MS } from '../../time.ts'
import type { Actions } from '../context.ts'
import { believed, type Departure, FORGIVEN, isForgiven, learn, openAt, type Pace, restOf, usualPace } from './pace.ts'

/** Who waits for a host longer than this had better come again. */
const MOST_PATIENCE_MS = 10 * MINUTE_MS
/** Who is watched at it does not wait longer for a host that complained. */
const MOST_BRIEF_MS = 30_000
/** Who has the turn does not rest longer than this in the midst of its work, nor who is watched at it between two requests. */
const MOST_REST_MS = 10_000
/** So many wait for one host at most. */
const MOST_WAITING = 50
/** Idle hosts are forgotten when there are this many, and then whenever there are twice as many as stayed. */
const SWEEP_AT = 1_024
/** What other processes learn is looked for so often: each tick. */
const LOOK_MS = 1_000
/** Where none of them wrote anything, for hosts that are forgiven by now. */
const RELOAD_MS = HOUR_MS
/** A tick of the service, and a little: so long the poller is given to take its turn. */
export const TICK_MS = 1_100

/** Ends the turn at a host; said twice, it counts once. Who does not say how it ended teaches nothing. */
export type Release = (departure?: Departure) => void

/** Runs it after so many milliseconds, unless it is cancelled before. */
export type Timer = (run: () => void, ms: number) => () => void

/**
 * One request at a time for each host, and a pause between two of them: 2 s, more where the host complained. Our own
 * hosts have no limits.
 */
export interface HostGate {
  /** Resolves when what was learned in former lives, and by other processes, is known; to be awaited before `isFree`. */
  ready(): Promise<void>
  isOwn(host: string): boolean
  /** Whether a poll may go there now, or within so many milliseconds. Where others wait too, it takes turns with them. */
  isFree(host: string, withinMs?: number): boolean
  /** When the pause after its last request, and what it asked for, are over; now, when they are. */
  freeAt(host: string): number
  /** Takes the turn at a host that is free, from the moment that is returned; whoever does must leave. */
  enter(host: string): number
  /** For how long it still wants to be left alone, because it complained; 0 when it does not. */
  restMs(host: string): number
  /** A host complained to which another one had sent us, without a turn. */
  hear(host: string, departure: Departure): void
  /** Null when nothing was sent after all. */
  leave(host: string, departure: Departure | null): void
  /**
   * A turn for what is no poll, first come, first served; the poller's turns lie between. Throws `unavailable` when the
   * host asked us to stay away for long, or too many wait already.
   */
  wait(host: string): Promise<Release>
  /**
   * A turn for one request that somebody waits for: before all others and without the usual pause. Where the host complained
   * it comes 10 s after the last one, and not within what the host asked for. Throws `unavailable` when that would be longer
   * than 30 s, or too many wait already.
   */
  waitBriefly(host: string): Promise<Release>
  /**
   * The pause between two requests, for who has the turn and needs several. False when nothing more should be asked: it
   * would be longer than 10 s, or the service stops.
   */
  rest(host: string): Promise<boolean>
  /** How many hosts it has in mind: those that are idle, and did not complain for a month, it forgets. */
  size(): number
  /** For a service that stops: nobody waits or rests any more, and all are let in, to see that they are to stop. */
  close(): void
}

interface Host extends Pace {
  isBusy: boolean
  waiting: Waiter[]
  cancelTimer: (() => void) | null
  /** The last turn was a poll's. */
  wasPoll: boolean
  /** A poll was turned away for those who wait: it gets the next turn. */
  isPollNext: boolean
  /** What it taught, and is not stored yet. */
  saves: number
}

interface Waiter {
  resolve: (release: Release) => void
  reject: (error: AppError) => void
  isBrief: boolean
}

/** What it learns is kept in the store, read before the first turn, and written when it changes. */
export function createHostGate(
  ctx: Pick<Actions, 'store' | 'clock' | 'log'>,
  options: { isOwnHost: (host: string) => boolean; timer?: Timer },
): HostGate {
  const { store, clock, log } = ctx
  const { isOwnHost: isOwn, timer = systemTimer } = options
  const hosts = new Map<string, Host>()
  const resting = new Set<() => void>()
  let sweepAt = SWEEP_AT
  let isClosed = false
  let loading: Promise<void> | null = null
  let lookedAt = Number.NEGATIVE_INFINITY
  let loaded = { at: Number.NEGATIVE_INFINITY, version: Number.NaN }

  return {
    ready,
    isOwn,
    isFree(name, withinMs = 0) {
      const host = findHost(name)
      if (!host || (isOpen(host, clock(), withinMs) && !isTheirTurn(host))) return true
      // Turn by turn, so that neither can keep the other away.
      if (isTheirTurn(host)) host.isPollNext = !host.wasPoll
      return false
    },
    freeAt(name) {
      const host = findHost(name)
      const now = clock()
      return host ? Math.max(openAt(host, now), now) : now
    },
    restMs(name) {
      const host = findHost(name)
      return host ? restOf(host, clock()) : 0
    },
    hear(name, departure) {
      if (isOwn(name)) return
      note(name, remember(name), departure)
    },
    enter(name) {
      const now = clock()
      if (isOwn(name)) return now
      const host = remember(name)
      takeTurn(host, true)
      return Math.max(openAt(host, now), now)
    },
    leave,
    wait: (name) => queueUp(name, false),
    waitBriefly: (name) => queueUp(name, true),
    async rest(name) {
      const host = findHost(name)
      if (isClosed) return false
      if (!host) return true
      // It may have complained meanwhile, to another process or where another host led us there.
      const restMs = Math.max(host.spacingMs, restOf(host, clock()))
      if (restMs > MOST_REST_MS) return false
      await new Promise<void>((resolve) => {
        const end = () => {
          resting.delete(end)
          cancel()
          resolve()
        }
        const cancel = timer(end, restMs)
        resting.add(end)
      })
      return !isClosed
    },
    size: () => hosts.size,
    close() {
      isClosed = true
      for (const host of hosts.values()) {
        host.cancelTimer?.()
        for (const { resolve } of host.waiting.splice(0)) resolve(() => {})
      }
      for (const end of resting) end()
    },
  }

  async function ready(): Promise<void> {
    const now = clock()
    // A clock that was set back must not stop it.
    if (now >= lookedAt && now < lookedAt + LOOK_MS) return
    loading ??= look(now).finally(() => {
      loading = null
    })
    await loading
  }

  async function look(now: number): Promise<void> {
    const version = await store.findPacesVersion()
    if (version !== loaded.version || now < loaded.at || now >= loaded.at + RELOAD_MS) {
      const isWhole = await load(now)
      loaded = { at: now, version: isWhole ? version : Number.NaN }
    }
    lookedAt = now
  }

  /** False where what is on its way into the store is newer than what stands there. */
  async function load(now: number): Promise<boolean> {
    let isWhole = true
    for (const pace of await store.listHostPaces()) {
      const { host: name } = pace
      if ((hosts.get(name)?.saves ?? 0) > 0) {
        isWhole = false
        continue
      }
      if (isForgiven(pace, now)) {
        const known = hosts.get(name)
        if (known && isForgiven(known, now)) known.spacingMs = USUAL_SPACING_MS
        save(name, FORGIVEN)
      } else {
        const host = remember(name)
        host.spacingMs = Math.max(host.spacingMs, pace.spacingMs)
        host.until = Math.max(believed(host.until, now), pace.until)
      }
    }
    return isWhole
  }

  async function queueUp(name: string, isBrief: boolean): Promise<Release> {
    if (isOwn(name)) return () => {}
    await ready()
    if (isClosed) return () => {}
    const host = remember(name)
    if (host.waiting.length >= MOST_WAITING) {
      throw new AppError('unavailable', `Too many requests wait for ${name} already.`)
    }
    return new Promise<Release>((resolve, reject) => {
      const place = isBrief ? host.waiting.filter((other) => other.isBrief).length : host.waiting.length
      host.waiting.splice(place, 0, { resolve, reject, isBrief })
      serve(name, host)
    })
  }

  /** Undefined for one without limits, or of which nothing is known yet. */
  function findHost(name: string): Host | undefined {
    return isOwn(name) ? undefined : hosts.get(name)
  }

  function remember(name: string): Host {
    const known = hosts.get(name)
    if (known) return known
    if (hosts.size >= sweepAt) sweep()
    const turns = { isBusy: false, waiting: [], cancelTimer: null, wasPoll: false, isPollNext: false }
    const host: Host = { ...usualPace(), ...turns, saves: 0 }
    hosts.set(name, host)
    return host
  }

  function sweep(): void {
    const now = clock()
    for (const [name, host] of hosts) {
      if (!isOpen(host, now) || host.waiting.length > 0 || !isForgiven(host, now)) continue
      hosts.delete(name)
      if (host.spacingMs > USUAL_SPACING_MS) save(name, FORGIVEN)
    }
    sweepAt = Math.max(SWEEP_AT, 2 * hosts.size)
  }

  function leave(name: string, departure: Departure | null): void {
    const host = findHost(name)
    if (!host) return
    host.isBusy = false
    if (departure) note(name, host, departure)
    serve(name, host)
  }

  function note(name: string, host: Host, departure: Departure): void {
    const now = clock()
    if (learn(host, departure, now)) save(name, host)
    host.pauseUntil = now + host.spacingMs
  }

  function save(name: string, { spacingMs, until }: Pick<Host, 'spacingMs' | 'until'>): void {
    const pace: HostPace = { host: name, spacingMs, until }
    const host = hosts.get(name)
    if (host) host.saves += 1
    store
      .saveHostPace(pace)
      .catch((error: unknown) => {
        log.error({ host: name, err: error instanceof Error ? error.message : String(error) }, 'pace was not kept')
      })
      .finally(() => {
        if (host) host.saves -= 1
      })
  }

  /** Lets the first of those who wait in, or looks again when that may be. */
  function serve(name: string, host: Host): void {
    host.cancelTimer?.()
    const [first] = host.waiting
    if (host.isBusy || !first) return

    const now = clock()
    const waitMs = waitOf(host, now, first.isBrief) + (host.isPollNext && !first.isBrief ? TICK_MS : 0)
    if (waitMs > patienceOf(first.isBrief) + TICK_MS) {
      host.waiting.shift()
      first.reject(tooLong(name, openAt(host, now)))
      serve(name, host)
      return
    }
    if (waitMs > 0) {
      host.cancelTimer = timer(() => serve(name, host), waitMs)
      return
    }
    // A poller that did not come has lost its turn.
    takeTurn(host, false)
    let isOver = false
    host.waiting.shift()
    first.resolve((departure = { kind: 'failed' }) => {
      if (isOver) return
      isOver = true
      leave(name, departure)
    })
  }
}

function takeTurn(host: Host, isPoll: boolean): void {
  host.isBusy = true
  host.wasPoll = isPoll
  host.isPollNext = false
}

function isOpen(host: Host, now: number, withinMs = 0): boolean {
  return !host.isBusy && openAt(host, now) <= now + withinMs
}

function waitOf(host: Host, now: number, isBrief: boolean): number {
  if (!isBrief) return openAt(host, now) - now
  const spacingMs = Math.min(host.spacingMs, MOST_REST_MS)
  return restOf({ ...host, spacingMs, pauseUntil: host.pauseUntil - host.spacingMs + spacingMs }, now)
}

function patienceOf(isBrief: boolean): number {
  return isBrief ? MOST_BRIEF_MS : MOST_PATIENCE_MS
}

/** Others wait, and no poll is promised the next turn. */
function isTheirTurn({ waiting, isPollNext }: Host): boolean {
  return waiting.length > 0 && !isPollNext
}

function tooLong(name: string, until: number): AppError {
  return new AppError('unavailable', `${name} asked to wait until ${formatLocal(until, 'UTC')} UTC.`)
}

/** The machine's own. */
export const systemTimer: Timer = (run, ms) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}
