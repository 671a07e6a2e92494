import { isDeepStrictEqual } from 'node:util'
import type { ReadDocument, Rhythm } from '../../model.ts'
import { type FreshDocument, type IngestPlan, type Known, MOST_ARRIVALS } from '../../ports.ts'
import { gapOf } from '../../source/cadence.ts'

/** What this document, its headers and what came with it teach of how often something comes. */
export function rhythmOf(
  known: Known,
  plan: IngestPlan,
  { notBeforeMs }: FreshDocument,
  { hints }: ReadDocument,
): Rhythm {
  const { rhythm } = known.source
  return {
    documentMs: hints?.everyMs ?? null,
    freshForMs: notBeforeMs,
    skipHours: hints?.skipHours ?? [],
    skipDays: hints?.skipDays ?? [],
    ...arrivalsOf(known, plan, rhythm),
  }
}

/** What was pushed arrived between the polls, unseen by them. */
function arrivalsOf(known: Known, plan: IngestPlan, { gapMs, arrivedAt }: Rhythm): Pick<Rhythm, 'gapMs' | 'arrivedAt'> {
  const isNewKnown = arrivedAt !== null && known.source.pushedUntil === null
  if (plan.insert.length === 0 && isNewKnown) return { gapMs, arrivedAt }
  const moments = new Set([...plan.insert.map(({ placeMs }) => Math.trunc(placeMs)), ...known.arrivals()])
  const arrivals = [...moments].sort((a, b) => b - a).slice(0, MOST_ARRIVALS)
  return { gapMs: gapOf(arrivals), arrivedAt: arrivals[0] ?? null }
}

/** Most polls change nothing of it, and then it need not be written. */
export function rhythmIfChanged(before: Rhythm, after: Rhythm): { rhythm?: Rhythm } {
  return isDeepStrictEqual(before, after) ? {} : { rhythm: after }
}
