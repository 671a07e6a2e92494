import type { KnownSlices, ReadDocument, Source, Unreadable } from '../model.ts'
import type { Fetched, FetchFailed, FreshDocument, IngestResult } from '../ports.ts'
import { nextPollAt } from '../source/cadence.ts'
import { PARSER_VERSION } from '../source/fingerprint.ts'
import type { Actions } from './context.ts'
import { planIngest } from './ingest.ts'

export type PollOutcome =
  | { kind: 'new'; inserted: number; edited: number; alerts: number }
  | { kind: 'unchanged' }
  /** The server asked us to wait; not a failure. */
  | { kind: 'throttled'; reason: string }
  | { kind: 'failed'; reason: string }

/**
 * Polls one source that is leased to us, and stores what is new. A source's own faults come back in the outcome; only
 * ours are thrown, and then the lease runs out by itself.
 */
export async function pollSource(ctx: Actions, source: Source): Promise<PollOutcome> {
  const fetched = await ctx.fetch({ url: source.url, ...lastSeen(source) })
  if (fetched.kind === 'unchanged') return recordUnchanged(ctx, source, fetched)
  if (fetched.kind === 'failed') return recordFailure(ctx, source, fetched)

  // Only now: most polls end with a 304, and need none.
  return readAndStore(ctx, source, fetched, await ctx.store.findKnownSlices(source.id))
}

/** What an older parser read must come again: the server's "not modified" would keep its mistakes for good. */
function lastSeen({ validators, bodyHash, parserVersion }: Source): Pick<Source, 'validators' | 'bodyHash'> {
  const isOurs = parserVersion === PARSER_VERSION
  return isOurs ? { validators, bodyHash } : { validators: { etag: null, lastModified: null }, bodyHash: null }
}

async function readAndStore(
  ctx: Actions,
  source: Source,
  fetched: FreshDocument,
  known: KnownSlices | null,
): Promise<PollOutcome> {
  const read = await ctx.parse({ ...fetched, known })
  if (read.kind === 'unreadable') return recordFailure(ctx, source, read)

  const result = await storeDocument(ctx, source, fetched, read)
  if (!result.needsAll) return { kind: 'new', ...result }

  // Seldom: a new item has the id of one that was skipped, and who is whom must be looked at anew.
  const bytes = read.slices?.bytes
  if (!bytes) throw new Error('The plan asks for more than the whole document.')
  return readAndStore(ctx, source, { ...fetched, bytes }, null)
}

/** Stores what a document holds that is new, quietly where the source's baseline is due. */
export function storeDocument(
  ctx: Actions,
  source: Source,
  fetched: FreshDocument,
  read: ReadDocument,
): Promise<IngestResult> {
  // Items, alerts and validators in one transaction: validators newer than the items
  // would make the next 304 hide them for good. The store may ask for the plan twice.
  const now = ctx.clock()
  const record = {
    polledAt: now,
    nextPollAt: nextPollAt({ ...cadence(ctx, source, now), notBeforeMs: fetched.notBeforeMs }),
    validators: fetched.validators,
    bodyHash: fetched.bodyHash,
  }
  return ctx.store.ingest(source.id, read, record, (known) => planIngest(read, known, now))
}

async function recordUnchanged(
  ctx: Actions,
  source: Source,
  fetched: Extract<Fetched, { kind: 'unchanged' }>,
): Promise<PollOutcome> {
  const now = ctx.clock()
  await ctx.store.recordPoll(source.id, {
    polledAt: now,
    nextPollAt: nextPollAt({ ...cadence(ctx, source, now), notBeforeMs: fetched.notBeforeMs }),
    validators: fetched.validators,
    bodyHash: source.bodyHash,
    failures: 0,
    trouble: null,
    succeeded: true,
  })
  return { kind: 'unchanged' }
}

async function recordFailure(ctx: Actions, source: Source, fault: FetchFailed | Unreadable): Promise<PollOutcome> {
  const now = ctx.clock()
  const throttled = fault.reason === 'throttled'
  const failures = throttled ? source.failures : source.failures + 1
  const retryAfterMs = fault.kind === 'failed' ? fault.retryAfterMs : null
  await ctx.store.recordPoll(source.id, {
    polledAt: now,
    nextPollAt: nextPollAt({ ...cadence(ctx, source, now), failures, retryAfterMs }),
    validators: source.validators,
    bodyHash: source.bodyHash,
    failures,
    trouble: fault.detail,
    succeeded: false,
  })
  return { kind: throttled ? 'throttled' : 'failed', reason: fault.detail }
}

function cadence(ctx: Actions, source: Source, now: number) {
  return { everyMs: source.everyMs, failures: 0, notBeforeMs: 0, retryAfterMs: null, now, random: ctx.random }
}
