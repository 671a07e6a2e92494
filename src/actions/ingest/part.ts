/** A part of what a source shows: what was pushed, a page of older items, a portion of a large document. */
import type { Source } from '../../model.ts'
import type { IngestPlan, PollRecord } from '../../ports.ts'

/** The record of a part: it says nothing of the source, which stays as it is. */
export function recordOfPart({ nextPollAt, validators, bodyHash }: Source, now: number): PollRecord {
  return { polledAt: now, nextPollAt, validators, bodyHash, pushed: true }
}

/** The plan for a part that changes nothing: the way to look at what is known without touching it. */
export const NO_CHANGE: IngestPlan = { insert: [], edit: [], bind: [], messages: [], needsAll: true }
