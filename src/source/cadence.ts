import type { PollReason, Rhythm, Source } from '../model.ts'
import type { HostPace } from '../ports.ts'
import { DAY_MS, formatDuration, formatLocal, HOUR_MS, MINUTE_MS } from '../time.ts'

/** Half the usual gap between arrivals, within these bounds. */
const SHORTEST_MS = 5 * MINUTE_MS
const LONGEST_MS = 6 * HOUR_MS
/** Of a source whose rhythm is not known yet. */
const UNPROVEN_MS = 15 * MINUTE_MS
/** A silence counts when a quarter of it is longer than the usual gap. */
const SILENCE_SHARE = 1 / 4
/** A net under what a hub pushes. */
const NET_FACTOR = 4
const NET_SHORTEST_MS = HOUR_MS
const NET_LONGEST_MS = 12 * HOUR_MS
/** An interval somebody asked for is obeyed down to this. */
const LEAST_WAIT_MS = 1_000
/** A source is never given up on: whatever it says and however long it fails, it is asked once a day. */
const MOST_WAIT_MS = DAY_MS
/** Sources added together drift apart. */
const JITTER = 0.1
/** Between two requests to one host, until it asks for more. */
export const USUAL_SPACING_MS = 2_000
/** After hours that were skipped, sources come back one by one. */
const SKIP_SPREAD_MS = 5 * MINUTE_MS
/** A median needs this many arrivals. */
const LEAST_ARRIVALS = 3

/** A source as the poll that just ended leaves it. */
export type Paced = Pick<Source, 'everyMs' | 'failures' | 'rhythm' | 'told' | 'pushedUntil' | 'addedAt'>

export interface PollEnd {
  now: number
  /** From 0 to 1, as Math.random gives it. */
  random: number
  /** What the server answered with Retry-After, from now; null when it did not say. */
  retryAfterMs?: number | null
  /** Something may have come and gone between the last two polls. */
  isMissing?: boolean
  /** It was polled before its time, which is then: a failure does not put that off. */
  dueAt?: number
}

/**
 * The time of the next poll in UTC milliseconds, always later than now, and what decided upon it. An interval somebody
 * asked for is exact, and only Retry-After is a floor under it. Ours follows the arrivals, varies by 10 % and waits for
 * the cache headers, the document's own wish and its skipped hours. Failures double the interval, for ever, and so does
 * being asked to wait without a time; a failure before its time leaves that as it was. Nothing but an interval somebody
 * asked for is longer than a day.
 */
export function planNextPoll(source: Paced, end: PollEnd): { at: number; because: PollReason } {
  const { now } = end
  const waits = [waitOf(source, end), { ms: atMostADay(end.retryAfterMs ?? 0), because: 'asked' as const }]
  // The first of the longest: a floor is a reason only where it decides.
  const { ms, because } = waits.reduce((longest, wait) => (wait.ms > longest.ms ? wait : longest))
  const at = now + Math.max(Math.round(ms), LEAST_WAIT_MS)
  if (source.everyMs !== null) return { at, because }
  return afterSkipped(at, source, end) ?? { at, because }
}

/**
 * What an answer that asks us to wait adds to those before it. One that names a longer wait than the usual is only obeyed;
 * else the usual is too often, unless nobody was asked (status null: another host, to which it leads, rests for us). Who
 * asks once more before its time (`isEarly`) learns nothing new by that.
 */
export function throttledAgain(
  source: Paced,
  { now, status, retryAfterMs, isEarly }: Pick<PollEnd, 'now'> & ThrottledAnswer,
): NonNullable<Rhythm['throttled']> {
  const { times, doublings = 0 } = source.rhythm.throttled ?? { times: 0 }
  const isTooOften = status !== null && (retryAfterMs ?? 0) < usualWait(source, { now, random: 0.5 }).ms
  const more = isEarly && doublings > 0 ? doublings : doublings + (isTooOften ? 1 : 0)
  return { status, times: times + 1, ...(more > 0 && { doublings: more }) }
}

interface ThrottledAnswer {
  status: number | null
  retryAfterMs: number | null
  isEarly: boolean
}

/** The median gap between these moments, the latest first; null with fewer than three of them. */
export function gapOf(arrivals: number[]): number | null {
  const distinct = arrivals.filter((at, index) => at !== arrivals[index - 1])
  if (distinct.length < LEAST_ARRIVALS) return null
  const gaps = distinct.slice(1).map((at, index) => (distinct[index] ?? at) - at)
  gaps.sort((a, b) => a - b)
  const [low, high] = [gaps[(gaps.length - 1) >> 1] ?? 0, gaps[gaps.length >> 1] ?? 0]
  return Math.round((low + high) / 2)
}

interface Wait {
  ms: number
  because: PollReason
}

function waitOf(source: Paced, end: PollEnd): Wait {
  if (source.failures > 0) return backOff(source, end)
  const usual = usualWait(source, end)
  const doublings = source.rhythm.throttled?.doublings ?? 0
  // From the usual wait without its jitter: one is enough.
  const ms = doublings === 0 ? 0 : doubled(usualWait(source, { ...end, random: 0.5 }).ms, doublings, end.random)
  return ms > usual.ms ? { ms, because: 'throttled' } : usual
}

function usualWait(source: Paced, end: PollEnd): Wait {
  if (source.everyMs !== null) return { ms: source.everyMs, because: 'every' }

  const { freshForMs, documentMs } = source.rhythm
  const waits: Wait[] = [
    restOf(source, end),
    { ms: atMostADay(freshForMs ?? 0), because: 'cache' },
    { ms: atMostADay(documentMs ?? 0), because: 'document' },
  ]
  return waits.reduce((longest, wait) => (wait.ms > longest.ms ? wait : longest))
}

function restOf(source: Paced, { now, random, isMissing }: PollEnd): Wait {
  const { ms, because } = intervalOf(source, now)
  // What a hub pushes went missing as well: then it is no net that is needed.
  if (isMissing) return { ms: jitter(Math.max(ms / 2, SHORTEST_MS), random), because: 'sooner' }
  if (source.pushedUntil === null || source.pushedUntil <= now) return { ms: jitter(ms, random), because }
  return { ms: jitter(netOf(ms), random), because: 'pushed' }
}

function backOff(source: Paced, { now, random, dueAt = now }: PollEnd): Wait {
  const interval = source.everyMs ?? intervalOf(source, now).ms
  const isGone = source.told.includes('gone')
  const { throttled, uncounted = 0 } = source.rhythm
  const times = source.failures - uncounted + (throttled?.doublings ?? 0)
  const wanted = isGone ? MOST_WAIT_MS : doubled(interval, times, random)
  // An interval longer than a day stays what it is.
  const ms = dueAt > now && !isGone ? dueAt - now : Math.max(interval, wanted)
  return { ms, because: isGone ? 'gone' : 'failing' }
}

/**
 * So many times, a day at most. It varies there, too: who came at the same time each day would never meet a server that
 * is off at that time.
 */
function doubled(ms: number, times: number, random: number): number {
  return jitter(Math.min(ms * 2 ** times, MOST_WAIT_MS / (1 + JITTER)), random)
}

/** Ours, before jitter. A source that has been silent for much longer than its gap slows down. */
function intervalOf({ rhythm, addedAt }: Paced, now: number): Wait & { gapMs: number; silentMs: number } {
  const { gapMs, arrivedAt } = rhythm
  // A backlog's dates say how old its items are, not how often something comes.
  const since = gapMs === null ? Math.max(arrivedAt ?? addedAt, addedAt) : (arrivedAt ?? now)
  const silentMs = Math.max(0, now - since)
  const usualMs = gapMs ?? 2 * UNPROVEN_MS
  const isQuiet = silentMs * SILENCE_SHARE > usualMs
  const ms = clamp((isQuiet ? silentMs * SILENCE_SHARE : usualMs) / 2, SHORTEST_MS, LONGEST_MS)
  const because = isQuiet ? 'quiet' : gapMs === null ? 'unproven' : 'usual'
  return { ms, because, gapMs: usualMs, silentMs }
}

/**
 * The next hour that the document allows (RSS 2.0, skipHours and skipDays), within a day; null where this one is. A
 * document that allows none is not believed.
 */
function afterSkipped(at: number, { rhythm }: Paced, { now, random }: PollEnd): ReturnType<typeof planNextPoll> | null {
  const [hours, days] = [believable(rhythm.skipHours, 24), believable(rhythm.skipDays, 7)]
  if (hours.size + days.size === 0) return null
  const isHourSkipped = (ms: number) => hours.has(new Date(ms).getUTCHours())
  const isSkipped = (ms: number) => isHourSkipped(ms) || days.has(new Date(ms).getUTCDay())
  if (!isSkipped(at)) return null

  const because = isHourSkipped(at) ? 'skip_hours' : 'skip_days'
  let hour = at - (at % HOUR_MS)
  while (isSkipped(hour) && hour < now + MOST_WAIT_MS) hour += HOUR_MS
  return { at: Math.min(Math.round(hour + random * SKIP_SPREAD_MS), now + MOST_WAIT_MS), because }
}

function believable(skipped: number[], count: number): Set<number> {
  const real = new Set(skipped.filter((one) => Number.isInteger(one) && one >= 0 && one < count))
  return real.size === count ? new Set() : real
}

function netOf(ms: number): number {
  return clamp(NET_FACTOR * ms, NET_SHORTEST_MS, NET_LONGEST_MS)
}

function jitter(ms: number, random: number): number {
  return ms * (1 - JITTER + 2 * JITTER * random)
}

function clamp(ms: number, least: number, most: number): number {
  return Math.min(Math.max(ms, least), most)
}

function atMostADay(ms: number): number {
  return clamp(ms, 0, MOST_WAIT_MS)
}

/** When it is asked at the soonest: as planned, or when its host is to be asked again, where that is a minute later. */
export function nextAskAt({ nextPollAt }: Pick<Source, 'nextPollAt'>, pace: HostPace | null): number {
  return pace !== null && pace.until > nextPollAt + MINUTE_MS ? pace.until : nextPollAt
}

// ---- In words ----

/**
 * Why the next poll is when it is: a clause for people that may follow the time and a colon, in lower case, with its full
 * stop. Says what decided when that time was planned. `pace`: what is known of its host; `say` writes a moment, in UTC
 * where it is not given.
 */
export function whyNext(source: Source, now: number, pace: HostPace | null = null, say: SayMoment = sayTime): string {
  if (source.state === 'paused') return 'it is paused.'
  if (source.state === 'removed') return 'it was removed.'
  if (source.nextPollAt <= now) return whyNow(source, now, pace, say)
  if (nextAskAt(source, pace) > source.nextPollAt) return sayRest(source.host, pace?.until ?? 0, say)
  if (source.polledAt === null) return 'it is new, and was not polled yet.'
  const reason = reasonOf(source)
  if (reason === null) return 'as the last poll planned it.'
  const isHastened = source.nextPollAt - source.polledAt < leastWait(reason, source, source.polledAt) - 1_000
  if (isHastened) return 'it was brought forward, by its hub or by you.'
  // It was planned before its hub began to push: what came since was pushed, and is no rhythm of the polls.
  const isPushed = source.pushedUntil !== null && source.pushedUntil > now && BY_RHYTHM.has(reason)
  const words = REASONS[isPushed ? 'pushed' : reason](source, source.polledAt, say)
  // No failure, and yet trouble: it was a 429 or the like.
  const isSaid = reason === 'asked' || reason === 'throttled'
  const isThrottled = source.failures === 0 && source.trouble !== null && !isSaid
  return isThrottled ? `the server wants to be asked less often, but asked for no longer wait; ${words}` : words
}

const BY_RHYTHM: ReadonlySet<PollReason> = new Set(['usual', 'quiet', 'unproven'])

type SayMoment = (ms: number) => string

function whyNow({ polledAt, baselineDue, host }: Source, now: number, pace: HostPace | null, say: SayMoment): string {
  const what = polledAt === null ? 'it is new' : baselineDue ? 'it was resumed or has a new address' : 'it is due'
  if (pace && pace.until > now) return `${what}, but ${sayRest(host, pace.until, say)}`
  if (pace)
    return `${what}; ${host} complained, and is asked one thing at a time, ${sayDuration(pace.spacingMs)} apart.`
  return `${what}, and is polled as soon as its host is free.`
}

function sayRest(host: string, until: number, say: SayMoment): string {
  return `${host} asked to wait until ${say(until)}.`
}

/** What decided. The interval may have been set since, and what failed may have been pushed since. */
function reasonOf({ everyMs, failures, polledAt, nextPollAt, rhythm, trouble }: Source): PollReason | null {
  const { because = null } = rhythm
  const isEvery =
    everyMs !== null && failures === 0 && nextPollAt === (polledAt ?? 0) + Math.max(everyMs, LEAST_WAIT_MS)
  if (isEvery) return 'every'
  if (because === 'failing' || because === 'gone') return failures > 0 ? because : null
  if (because !== null) return because
  if (failures > 0) return 'failing'
  return trouble === null ? null : 'asked'
}

/** What this reason led to at least; 0 where that cannot be told any more. */
function leastWait(reason: PollReason, source: Source, polledAt: number): number {
  if (reason === 'cache') return atMostADay(source.rhythm.freshForMs ?? 0)
  if (reason === 'document') return atMostADay(source.rhythm.documentMs ?? 0)
  const { ms } = intervalOf(source, polledAt)
  if (reason === 'pushed') return jitter(netOf(ms), 0)
  return BY_RHYTHM.has(reason) ? jitter(ms, 0) : 0
}

const REASONS: Record<PollReason, (source: Source, polledAt: number, say: SayMoment) => string> = {
  every({ everyMs, nextPollAt }, polledAt) {
    if (everyMs === null) return 'its interval was taken back, so Crier decides again.'
    const isStill = nextPollAt === polledAt + Math.max(everyMs, LEAST_WAIT_MS)
    return isStill ? `every ${formatDuration(everyMs)}, as you set it.` : 'as it was set when it was polled last.'
  },
  unproven(source, polledAt) {
    const { ms } = intervalOf(source, polledAt)
    return `too little has come to know its rhythm, so it is polled about every ${sayDuration(ms)}.`
  },
  usual(source, polledAt) {
    const { ms, gapMs } = intervalOf(source, polledAt)
    return `usually something new comes about every ${sayDuration(gapMs)}, so it is polled about every ${sayDuration(ms)}.`
  },
  quiet(source, polledAt) {
    const { ms, silentMs } = intervalOf(source, polledAt)
    return `nothing new came for ${sayDuration(silentMs)}, so it is polled about every ${sayDuration(ms)}.`
  },
  pushed: (source, polledAt) =>
    `its hub pushes what is new, so it is polled as a net only, after ${sayWait(source, polledAt)}.`,
  sooner: (source, polledAt) =>
    `items may have been missed between its last two polls, so it is polled sooner than usual, after ${sayWait(source, polledAt)}.`,
  cache: (source, polledAt) => `the server's cache headers ask to wait ${sayWait(source, polledAt)}.`,
  document: (source, polledAt) =>
    `the document itself asks to wait ${sayWait(source, polledAt)} (ttl or sy:updatePeriod).`,
  skip_hours: (source, polledAt) =>
    `the document asks to be left alone in the hours before (skipHours)${orADay(source, polledAt)}.`,
  skip_days: (source, polledAt) =>
    `the document asks to be left alone on the day before (skipDays)${orADay(source, polledAt)}.`,
  asked: ({ nextPollAt }, _, say) =>
    `the server asked to wait until ${say(nextPollAt)} (429, or 503 with Retry-After).`,
  throttled: () =>
    'the server wants to be asked less often (429, or 503 with Retry-After), so the wait doubles each time, up to a day.',
  failing({ failures, rhythm: { uncounted = 0 } }) {
    const what = failures === 1 ? 'the last poll' : `${failures} polls in a row`
    // Those that were asked for by hand, or while nobody answered, put nothing off.
    const isSlower = failures - uncounted > 1
    return `${what} failed, so it is asked ${isSlower ? 'less and less often, once a day at least' : 'again after a while'}.`
  },
  gone: () => 'it answered 410 Gone, so it is asked once a day only.',
}

function sayWait({ nextPollAt }: Source, polledAt: number): string {
  return sayDuration(nextPollAt - polledAt)
}

function orADay({ nextPollAt }: Source, polledAt: number): string {
  return nextPollAt - polledAt === MOST_WAIT_MS ? ', but Crier waits no longer than a day' : ''
}

function sayTime(ms: number): string {
  return `${formatLocal(ms, 'UTC')} UTC`
}

/** "40 s", "90 min", "6 h", "3 days": rounded, in the largest unit that has at least about two. */
export function sayDuration(ms: number): string {
  if (ms < 100_000) return `${Math.max(1, Math.round(ms / 1_000))} s`
  if (ms < 100 * MINUTE_MS) return `${Math.round(ms / MINUTE_MS)} min`
  if (ms < 2 * DAY_MS) return `${Math.round(ms / HOUR_MS)} h`
  return `${Math.round(ms / DAY_MS)} days`
}
