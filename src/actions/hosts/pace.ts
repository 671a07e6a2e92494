/** What answers teach of how often a host may be asked. */
import type { Fetched, HostPace, Post } from '../../ports.ts'
import { USUAL_SPACING_MS } from '../../source/cadence.ts'
import { DAY_MS, MINUTE_MS } from '../../time.ts'

/** What a host that complained is given at least, and what none is kept waiting beyond. */
const LEAST_LEARNED_MS = 10_000
const MOST_LEARNED_MS = 10 * MINUTE_MS
/** So many answers without a complaint, or those of so long at a slow pace, and the spacing comes down by a quarter. */
const CALM = 20
const CALM_MS = 20 * MINUTE_MS
const CALMER = 0.75
/** What a host asks for is believed up to a day. */
const MOST_ASKED_MS = DAY_MS
/** So long after its last complaint a host is as any other: else each that ever complained is kept for good. */
const FORGIVEN_MS = 30 * DAY_MS

/** How a request ended, for its host. What never came to an answer teaches nothing. */
export type Departure = { kind: 'answered' | 'failed' } | { kind: 'throttled'; retryAfterMs: number | null }

/** What an answer teaches of the host that was asked: who sent us to another one, which complained, has answered. */
export function departureOf(answer: Fetched | Awaited<ReturnType<Post>>): Departure {
  if (answer.kind !== 'failed' || answer.host !== undefined) return { kind: 'answered' }
  const { reason, retryAfterMs } = answer
  return reason === 'throttled' ? { kind: 'throttled', retryAfterMs } : { kind: 'failed' }
}

/** The pace of one host, as it is now. */
export interface Pace extends Omit<HostPace, 'host'> {
  /** Not before then: the pause after the last request. */
  pauseUntil: number
  /** Answers in a row without a complaint. */
  calm: number
}

/** Of a host of which nothing is known. */
export function usualPace(): Pace {
  return { ...FORGIVEN, pauseUntil: 0, calm: 0 }
}

export const FORGIVEN = { spacingMs: USUAL_SPACING_MS, until: 0 }

/** Whether its last complaint is so long ago that it counts no more. */
export function isForgiven({ until }: Pick<Pace, 'until'>, now: number): boolean {
  return until < now - FORGIVEN_MS
}

/** Changes the pace by what a request taught. True where it is to be kept. */
export function learn(pace: Pace, departure: Departure, now: number): boolean {
  if (departure.kind === 'failed') return false
  if (departure.kind === 'throttled') {
    pace.calm = 0
    pace.spacingMs = Math.min(Math.max(2 * pace.spacingMs, LEAST_LEARNED_MS), MOST_LEARNED_MS)
    pace.until = Math.max(believed(pace.until, now), now + Math.min(departure.retryAfterMs ?? 0, MOST_ASKED_MS))
    return true
  }
  pace.calm += 1
  if (pace.calm < Math.min(CALM, CALM_MS / pace.spacingMs) || pace.spacingMs === USUAL_SPACING_MS) return false
  pace.calm = 0
  pace.spacingMs = Math.max(Math.round(pace.spacingMs * CALMER), USUAL_SPACING_MS)
  return true
}

/** When the pause and what it asked for are over. Longer than either can be, and the clock was set back meanwhile. */
export function openAt({ until, pauseUntil, spacingMs }: Omit<Pace, 'calm'>, now: number): number {
  return Math.max(believed(until, now), pauseUntil > now + spacingMs ? 0 : pauseUntil)
}

/** A time that a host asked for, 0 where it is too far away to be one. */
export function believed(until: number, now: number): number {
  return until > now + MOST_ASKED_MS ? 0 : until
}

/** For how long a host that complained still wants to be left alone. */
export function restOf(pace: Omit<Pace, 'calm'>, now: number): number {
  return pace.spacingMs > USUAL_SPACING_MS ? Math.max(0, openAt(pace, now) - now) : 0
}
