/**
 * Large documents: SQLite would hold the event loop for seconds over a thousand new items of 10 KB. They are stored in
 * portions, and the poll's own transaction has only the rest of them, and what it says of the source.
 */
import type { ReadDocument, ReadItem, Source } from '../../model.ts'
import type { IngestResult } from '../../ports.ts'
import { inPortions } from '../../source/portions.ts'
import type { Actions } from '../context.ts'
import { NO_CHANGE, planIngest, recordOfPart } from './ingest.ts'

/** New text of a document that one transaction takes. */
const MOST_CHARS = 1_048_576
/** What one portion takes: some 20 ms. */
const PORTION_CHARS = 131_072
/** The store joins what comes together; whoever else wants something waits for no more than these. */
const AT_ONCE = 4

export interface Bulk extends Pick<IngestResult, 'inserted' | 'edited' | 'alerts'> {
  /** All of it was new: what came before may have been missed. The poll's own plan will not see it any more. */
  isMissing: boolean
  /** Nor that the source had shown nothing before; missing where nothing was stored. */
  isFirst?: boolean
}

/**
 * Stores most of what is new, in portions, where it is much; nothing where the whole must be judged at once (a source
 * that gave its items new ids, or alerts that are summed up). A crash in the middle loses nothing: validators come with the last transaction, and what
 * is stored already is known then.
 */
export async function storeBulk(ctx: Actions, source: Source, read: ReadDocument): Promise<Bulk> {
  const bulk: Bulk = { inserted: 0, edited: 0, alerts: 0, isMissing: false }
  if (charsOf(read.items) <= MOST_CHARS) return bulk

  const now = ctx.clock()
  const record = recordOfPart(source, now)
  const found = { items: [] as ReadItem[], isMissing: false, isFirst: false, beside: new Set<string | null>() }
  await ctx.store.ingest(source.id, read, record, (known) => {
    const { insert, edit, messages, needsAll, findings } = planIngest(read, known, now)
    found.isMissing = findings.missedWindow
    found.isFirst = findings.isFirst
    // What was skipped is remembered by its keys only.
    const before = known.fingerprints()?.items.map(({ keys }) => keys.id) ?? []
    found.beside = new Set([...read.items.map(({ id }) => id), ...before])
    // More alerts than may be told singly are one summary, which no portion could make.
    const isSummary = messages.some(({ alerts, singly = 0 }) => alerts.length > singly)
    const isWhole = needsAll || isSummary || findings.renumbered > 0
    // In the plan's order, the oldest first.
    found.items = isWhole ? [] : [...edit, ...insert].map(({ item }) => item)
    return NO_CHANGE
  })
  if (charsOf(found.items) <= MOST_CHARS) return bulk

  bulk.isMissing = found.isMissing
  bulk.isFirst = found.isFirst
  const portions = [...inPortions(found.items, sizeOf, PORTION_CHARS)]
  for (let at = 0; at < portions.length; at += AT_ONCE) {
    const stored = await Promise.all(portions.slice(at, at + AT_ONCE).map(storePortion))
    for (const { inserted, edited, alerts } of stored) {
      bulk.inserted += inserted
      bulk.edited += edited
      bulk.alerts += alerts
    }
  }
  return bulk

  function storePortion(items: ReadItem[]): Promise<IngestResult> {
    const { slices: _, ...part } = { ...read, items }
    return ctx.store.ingest(source.id, part, record, (known) => {
      const { findings: _, ...plan } = planIngest(part, known, now, {
        partial: true,
        beside: found.beside,
        isFirst: found.isFirst,
      })
      return plan
    })
  }
}

function charsOf(items: ReadItem[]): number {
  return items.reduce((sum, item) => sum + sizeOf(item), 0)
}

function sizeOf({ text, tokens, content }: ReadItem): number {
  return Math.max(text.length, tokens.text.length, content?.length ?? 0)
}
