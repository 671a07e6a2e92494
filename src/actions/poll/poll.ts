import { isDeepStrictEqual } from 'node:util'
import { faultOf } from '../../errors.ts'
import type { KnownSlices, ReadDocument, Rhythm, Source, Unreadable } from '../../model.ts'
import {
  type Fetch,
  type FetchFailed,
  type FreshDocument,
  type IngestPlan,
  type IngestResult,
  type Known,
  UNSEEN,
  type Unchanged,
} from '../../ports.ts'
import { webAddress } from '../../publish/address.ts'
import { planNextPoll, throttledAgain } from '../../source/cadence.ts'
import { PARSER_VERSION } from '../../source/fingerprint.ts'
import { DAY_MS } from '../../time.ts'
import { freeBytes } from '../../workers/free.ts'
import type { Actions } from '../context.ts'
import { type Bulk, storeBulk } from '../ingest/bulk.ts'
import { planIngest } from '../ingest/ingest.ts'
import { namedHub } from '../websub/rules.ts'
import { catchUp } from './catch-up.ts'
import { followMove, foreign, isSameSource, moved, sayForeign, sayMoved } from './move.ts'
import { rhythmIfChanged, rhythmOf } from './rhythm.ts'
import { newTrouble, noticesFor, noticesOf, recovery, sayRelaid, sayRenumbered } from './trouble.ts'

export type PollOutcome =
  /** `gap`: it shared nothing with the last poll, and older pages led back to that, or did not. */
  | { kind: 'new'; inserted: number; edited: number; alerts: number; gap?: 'closed' | 'open' }
  | { kind: 'unchanged' }
  /** The server asked us to wait; not a failure. */
  | { kind: 'throttled'; reason: string; retryAfterMs: number | null }
  | { kind: 'failed'; reason: string }

/**
 * Polls one source that is leased to us, and stores what is new. A source's own faults come back in the outcome; only
 * ours are thrown, and then the lease runs out by itself. `fetchMore` is for all but the first request.
 */
export async function pollSource(ctx: Actions, source: Source, fetchMore: Fetch = ctx.fetch): Promise<PollOutcome> {
  const fetched = await ctx.fetch({ url: source.url, ...lastSeen(source, ctx.clock()), access: source.access })
  if (fetched.kind === 'unchanged') {
    await recordUnchanged(ctx, source, fetched)
    return { kind: 'unchanged' }
  }
  if (fetched.kind === 'failed') return recordFailure(ctx, source, fetched)

  try {
    // Only now: most polls end with a 304, and need none.
    return await readAndStore(ctx, source, fetched, await ctx.store.findKnownSlices(source.id), fetchMore)
  } finally {
    freeBytes(fetched.bytes)
  }
}

/** What an older parser read must come again: the server's "not modified" would keep its mistakes for good. */
function lastSeen(source: Source, now: number): Pick<Source, 'validators' | 'bodyHash'> {
  const { validators, bodyHash, parserVersion } = source
  if (parserVersion !== PARSER_VERSION) return UNSEEN
  // It may be our condition that it stumbles over.
  const isBare = source.failures >= LEAST_FAILURES || isToMakeSure(source, now)
  return isBare ? { ...UNSEEN, bodyHash } : { validators, bodyHash }
}

/**
 * Some servers say "not modified" for ever, whatever they have. Whoever brings nothing for five times as long as usual (a day
 * at least; a week where nothing is usual yet) is asked once without a condition, and again after as long. Each source has a
 * moment of its own for it.
 */
function isToMakeSure({ id, addedAt, polledAt, rhythm: { gapMs, arrivedAt } }: Source, now: number): boolean {
  const everyMs = gapMs === null ? 7 * DAY_MS : Math.max(DAY_MS, 5 * gapMs)
  if (polledAt === null || now - (arrivedAt ?? addedAt) < everyMs) return false
  const turnOf = (at: number) => Math.floor(at / everyMs + id * GOLDEN)
  return turnOf(now) !== turnOf(polledAt)
}

const LEAST_FAILURES = 3
/** Its multiples are spread most evenly. */
const GOLDEN = 0.381966

async function readAndStore(
  ctx: Actions,
  source: Source,
  fetched: FreshDocument,
  known: KnownSlices | null,
  fetchMore: Fetch,
): Promise<PollOutcome> {
  const page = source.kind === 'page' ? { page: { rules: source.pageRules } } : {}
  const read = await ctx.parse({ ...fetched, known, ...page })
  if (read.kind === 'unreadable') return recordFailure(ctx, source, read)
  // Only its build date has changed.
  if (read.asBefore) {
    const isRecorded = await recordUnchanged(ctx, source, fetched, known?.stamp)
    return isRecorded ? { kind: 'unchanged' } : readAgain(ctx, source, fetched, read, fetchMore)
  }

  const { result, isMissing } = await storeDocument(ctx, source, fetched, read)
  if (result.needsAll) return readAgain(ctx, source, fetched, read, fetchMore)
  const { inserted, edited, alerts } = result
  if (!isMissing) return { kind: 'new', inserted, edited, alerts }
  const found = await catchUpSafely(ctx, source, read, alerts, fetchMore)
  const gap = found.isClosed ? 'closed' : 'open'
  return { kind: 'new', inserted: inserted + found.inserted, edited, alerts: alerts + found.alerts, gap }
}

/** Seldom: a new item has the id of one that was skipped, or another poll was faster, and who is whom must be looked at anew. */
function readAgain(
  ctx: Actions,
  source: Source,
  fetched: FreshDocument,
  { slices }: ReadDocument,
  fetchMore: Fetch,
): Promise<PollOutcome> {
  const bytes = slices?.bytes
  if (!bytes) throw new Error('The plan asks for more than the whole document.')
  return readAndStore(ctx, source, { ...fetched, bytes }, null, fetchMore)
}

/** What the poll itself found is stored: what goes wrong on older pages must not make it a failure. */
async function catchUpSafely(ctx: Actions, source: Source, read: ReadDocument, told: number, fetchMore: Fetch) {
  try {
    return await catchUp({ ...ctx, fetch: fetchMore }, source, read, told)
  } catch (error) {
    ctx.log.error({ source: webAddress(source.url), ...faultOf(error) }, 'catching up broke')
    return { inserted: 0, alerts: 0, isClosed: false }
  }
}

/**
 * Stores what a document holds that is new, quietly where the source's baseline is due. `isMissing`: what came since the
 * last poll may have been missed.
 */
export async function storeDocument(
  ctx: Actions,
  source: Source,
  fetched: FreshDocument,
  read: ReadDocument,
): Promise<{ result: IngestResult; isMissing: boolean }> {
  const [now, random, ownerChats] = [ctx.clock(), ctx.random(), await ctx.ownerChats()]
  const move = await followMove(ctx, source, fetched.movedTo)
  const relaid = source.pageRules !== null && read.page !== undefined && !isDeepStrictEqual(source.pageRules, read.page)
  const isElsewhere = move.move !== null && move.move.url !== source.move?.url
  const isForeignStill = move.move?.foreign === true
  // Who answers at another address may be somebody else: the source's name and hub are not theirs to give.
  const isStranger = !source.baselineDue && (isElsewhere || isForeignStill)
  const hub = isStranger ? {} : namedHub(source, fetched, read)
  const doubtful = relaid || isElsewhere || hasOtherRules(source)
  // Whether it is the same source, or still laid out as it was, is judged by the whole.
  const bulk = doubtful || move.move !== null ? null : await storeBulk(ctx, source, read)
  let isMissing = false

  const plan = (known: Known): IngestPlan => {
    const { findings, ...judged } = planIngest(read, known, now, { doubtful, ...(bulk?.isFirst && { isFirst: true }) })
    if (judged.needsAll) return judged
    const planned = isForeignStill ? quietly(judged) : judged
    isMissing = !isForeignStill && (findings.missedWindow || bulk?.isMissing === true)

    const rhythm = rhythmOf(known, planned, fetched, read)
    const after = { ...known.source, failures: 0, told: [], rhythm }
    const { at, because } = planNextPoll(after, { now, random, isMissing })
    const isConfirmed = isSameSource(findings)
    const isForeign = isElsewhere && !isConfirmed && known.arrivals().length > 0
    const told = [
      findings.isRenumbering && !isForeignStill ? sayRenumbered(known.source, findings) : null,
      isForeign && move.move ? sayForeign(source, move.move.url) : move.notice,
      isConfirmed && move.adopt !== null ? sayMoved(source, move.adopt) : null,
      recovery(known.source),
      relaid ? sayRelaid(source, findings) : null,
    ]
    return {
      ...planned,
      nextPollAt: at,
      ...rhythmIfChanged(known.source.rhythm, { ...rhythm, because }),
      ...moved(source, isForeign ? foreign(move) : move, isConfirmed),
      ...(known.source.told.length > 0 && { told: [] }),
      ...(read.page && !isDeepStrictEqual(known.source.pageRules, read.page) && { pageRules: read.page }),
      notices: noticesOf(known.source, ownerChats, told),
    }
  }

  // Items, alerts and validators in one transaction: validators newer than the items
  // would make the next 304 hide them for good. The store may ask for the plan twice.
  const { validators, bodyHash } = fetched
  // When the next poll is, the plan says: it knows what came.
  const record = { polledAt: now, nextPollAt: now, validators, bodyHash, ...hub }
  const nameless = isStranger ? { ...read, title: null, link: null, language: null } : read
  const result = await ctx.store.ingest(source.id, nameless, record, plan)
  return { result: bulk === null ? result : addUp(result, bulk), isMissing }
}

/** Stored, and found, but nobody is called by it, now or later. */
function quietly(plan: IngestPlan): IngestPlan {
  return { ...plan, quiet: true, messages: [] }
}

/** Somebody said anew what its entries are: with that the store forgets the page as it was read last. */
function hasOtherRules({ kind, bodyHash }: Source): boolean {
  return kind === 'page' && bodyHash === null
}

function addUp(result: IngestResult, { inserted, edited, alerts }: Bulk): IngestResult {
  return {
    ...result,
    inserted: result.inserted + inserted,
    edited: result.edited + edited,
    alerts: result.alerts + alerts,
  }
}

/** False where it rests on what was remembered at this `stamp`, and that is no longer so. */
async function recordUnchanged(
  ctx: Actions,
  source: Source,
  fetched: Unchanged | FreshDocument,
  stamp?: string,
): Promise<boolean> {
  const now = ctx.clock()
  // What a 304 does not say it has not taken back.
  const before = fetched.kind === 'unchanged' ? source.rhythm.freshForMs : null
  const { throttled: _, uncounted: __, ...lasting } = source.rhythm
  const rhythm = { ...lasting, freshForMs: fetched.notBeforeMs ?? before }
  const after = { ...source, failures: 0, told: [], rhythm }
  const { at, because } = planNextPoll(after, { now, random: ctx.random() })
  const move = await followMove(ctx, source, fetched.movedTo)
  const told = [move.notice, move.adopt !== null ? sayMoved(source, move.adopt) : null, recovery(source)]
  return ctx.store.recordPoll(source.id, {
    ...(stamp !== undefined && { stamp }),
    polledAt: now,
    nextPollAt: at,
    validators: fetched.validators,
    bodyHash: fetched.kind === 'fresh' ? fetched.bodyHash : source.bodyHash,
    failures: 0,
    trouble: null,
    succeeded: true,
    ...rhythmIfChanged(source.rhythm, { ...rhythm, because }),
    // It knew our validators, or shows what we know: this is the same document.
    ...moved(source, move, true),
    ...(source.told.length > 0 && { told: [] }),
    ...(await noticesFor(ctx, source, told)),
  })
}

async function recordFailure(ctx: Actions, source: Source, fault: FetchFailed | Unreadable): Promise<PollOutcome> {
  const now = ctx.clock()
  const throttled = fault.reason === 'throttled'
  const isEarly = now < source.nextPollAt
  const failures = throttled ? source.failures : source.failures + 1
  const { retryAfterMs, status } = fault.kind === 'failed' ? fault : NO_ANSWER
  const rhythm = throttled
    ? { ...source.rhythm, throttled: throttledAgain(source, { now, status, retryAfterMs, isEarly }) }
    : failedAgain(source.rhythm, isEarly || (fault.kind === 'failed' && fault.offline === true))
  const polls = failures - (rhythm.uncounted ?? 0) + (rhythm.throttled?.times ?? 0)
  const news = newTrouble(source, fault, { failures, polls }, now)
  const told = news ? [...source.told, news.trouble] : source.told
  const after = { ...source, failures, told, rhythm }
  const dueAt = throttled ? now : source.nextPollAt
  const { at, because } = planNextPoll(after, { now, random: ctx.random(), retryAfterMs, dueAt })
  await ctx.store.recordPoll(source.id, {
    polledAt: now,
    nextPollAt: at,
    validators: source.validators,
    bodyHash: source.bodyHash,
    failures,
    trouble: fault.detail,
    ...(fault.needs && { needs: fault.needs }),
    succeeded: false,
    ...rhythmIfChanged(source.rhythm, { ...rhythm, because }),
    ...(news && { told, ...(await noticesFor(ctx, source, [news.said])) }),
  })
  return throttled
    ? { kind: 'throttled', reason: fault.detail, retryAfterMs }
    : { kind: 'failed', reason: fault.detail }
}

/** Somebody looked whether it goes again, or our own network is down: that makes nobody wait longer and longer. */
function failedAgain(rhythm: Rhythm, isUncounted: boolean): Rhythm {
  return isUncounted ? { ...rhythm, uncounted: (rhythm.uncounted ?? 0) + 1 } : rhythm
}

const NO_ANSWER = { retryAfterMs: null, status: null }
