/**
 * Decides what one document changes: the one place where reading and matching meet. Pure: it is called inside the
 * ingest transaction with what is known there, perhaps twice, and touches nothing.
 */
import { groupBy } from '../../groups.ts'
import type { Hit, Matchable, ReadDocument, ReadItem, Source } from '../../model.ts'
import type { Fingerprints, IngestPlan, Known, PlannedAlert, PlannedInsert, PollRecord } from '../../ports.ts'
import { MOST_SINGLE_ALERTS } from '../../ports.ts'
import { tokenStream } from '../../text/tokens.ts'
import { DAY_MS } from '../../time.ts'
import { keepMemory, planMemory } from './memory.ts'
import { dateOf, settleRenamed } from './renumbered.ts'
import { type Draft, isOtherParser, sortItems } from './same-item.ts'
import { isAsBefore, listShown } from './shown.ts'

/** What a plan saw on its way. */
export interface Findings {
  /** Items in the document, those that were skipped included. */
  shown: number
  /** Of them, those that were known before this poll. */
  overlap: number
  /** Known ones that came under a new id, or with a new address as well. */
  renumbered: number
  /** The source did that, and most of it for the first time: somebody should hear of it. */
  isRenumbering: boolean
  /** Nothing in it was known, at its usual length: what came between the two polls may have been missed. */
  missedWindow: boolean
  /** The source had shown nothing until now, at its baseline neither. */
  isFirst: boolean
}

export interface IngestOptions {
  /** A part of what the source shows (what was pushed, an older page): what it lacks is not gone, and what its polls showed is remembered. */
  partial?: true
  /** Of a portion: the ids of what stands beside it in the same document, or how their keys begin. */
  beside?: ReadonlySet<string | null>
  /** It may be something else than before (a page laid out anew, another address): quiet unless half of it is known. */
  doubtful?: boolean
  /** So many alerts this poll has called out already, from newer pages. */
  toldBefore?: number
  /** What the source shows first, of which a part may be stored already. */
  isFirst?: boolean
}

/**
 * What is new in the document, what was edited, and whom it calls. A baseline stores and calls nobody, and what only
 * got a new id is bound again, silently. Items that were skipped stand as they stood; where that is not certain, the
 * plan asks for the whole document.
 */
export function planIngest(
  read: ReadDocument,
  known: Known,
  now: number,
  options: IngestOptions = {},
): IngestPlan & { findings: Findings } {
  const plan: Draft = { insert: [], edit: [], bind: [], forget: [], messages: [] }
  // Read inside the transaction: another poll may have been faster, and seen them change.
  const last = known.fingerprints()
  const shown = listShown(read, last, options)
  const count = shown?.items.length ?? 0
  const findings: Findings = {
    shown: count,
    overlap: count,
    renumbered: 0,
    isRenumbering: false,
    missedWindow: false,
    isFirst: options.isFirst ?? (last === null && known.arrivals().length === 0),
  }
  if (!shown) return { ...plan, needsAll: true, findings }
  // A source that shows nothing for a while is still the same.
  if (isAsBefore(read, last) || count === 0) return { ...plan, remember: 'as_before', findings }

  const sorted = sortItems(shown.items, known, plan, options)
  const churn = settleRenamed(sorted, known, plan, last, options)
  findings.overlap -= sorted.fresh.length
  findings.renumbered = sorted.renamed.length
  findings.missedWindow = !options.partial && !options.doubtful && isWindowMissed(read, findings, known, last)

  const isMostlyNew = findings.overlap * 2 < findings.shown
  const quiet = known.source.baselineDue || (options.doubtful === true && isMostlyNew)
  const isQuiet = (item: ReadItem) =>
    quiet ||
    churn.isBacklog(item) ||
    (isMostlyNew && isNamedAnew(item, known)) ||
    (findings.isFirst && isFromBefore(item, known.source))
  plan.insert = sorted.fresh
    // A document lists its newest first; where no date says otherwise, its last item is the oldest.
    .toReversed()
    .map(({ item }) => planInsert(item, isQuiet(item), now))
    .sort((a, b) => a.placeMs - b.placeMs || orderOf(a.item, now) - orderOf(b.item, now))

  if (!quiet) {
    // What another version of the parser reads better is no news.
    const isReread = options.doubtful === true || isOtherParser(known)
    const edits = isReread ? [] : plan.edit.filter(({ place }) => !churn.silent.has(place))
    plan.messages = planMessages({ insert: plan.insert, edit: edits }, known, now, options.toldBefore)
  }
  if (isOtherParser(known)) plan.edit = plan.edit.map((edit) => ({ ...edit, silent: true }))
  if (quiet) plan.quiet = true
  findings.isRenumbering = churn.isNews && !quiet && !isOtherParser(known)
  const isPart = options.partial || (read.truncated && last && last.items.length >= count)
  const remember = isPart ? keepMemory(last, sorted, plan) : planMemory(read, shown, sorted, last, known, plan)
  return { ...plan, remember, findings }
}

// ---- A part of what a source shows: what was pushed, a page of older items, a portion of a large document ----

/** The record of a part: it says nothing of the source, which stays as it is. */
export function recordOfPart({ nextPollAt, validators, bodyHash }: Source, now: number): PollRecord {
  return { polledAt: now, nextPollAt, validators, bodyHash, pushed: true }
}

/** The plan for a part that changes nothing: the way to look at what is known without touching it. */
export const NO_CHANGE: IngestPlan = { insert: [], edit: [], bind: [], messages: [], needsAll: true }

// ---- Something missed? ----

/** Shorter documents share nothing more often by chance. */
const SHORTEST_WINDOW = 5

function isWindowMissed(
  read: ReadDocument,
  { shown, overlap }: Findings,
  known: Known,
  last: Fingerprints | null,
): boolean {
  if (overlap > 0 || read.truncated || known.source.baselineDue || !last) return false
  const usual = new Set(last.items.map(({ place }) => place)).size
  return usual >= SHORTEST_WINDOW && shown >= 0.8 * usual
}

/**
 * Another version of the parser may spell addresses otherwise: where hardly anything is known any more, what only its
 * address names, and is no younger than the last poll, is no news.
 */
function isNamedAnew(item: ReadItem, known: Known): boolean {
  if (item.keys.id !== null || !isOtherParser(known)) return false
  return (dateOf(item) ?? 0) <= (known.source.succeededAt ?? 0)
}

/**
 * A source that had shown nothing until now, at its baseline neither: what is older than our knowing it is its backlog all
 * the same. By a day, because some say the day only.
 */
function isFromBefore(item: ReadItem, { addedAt }: Source): boolean {
  return (dateOf(item) ?? addedAt) < addedAt - DAY_MS
}

// ---- Where does it stand? ----

/** Its arrival; in a source's first backlog its own date, if that is earlier, so that old items do not bury the news. */
function planInsert(item: ReadItem, isQuiet: boolean, now: number): PlannedInsert {
  if (!isQuiet) return { item, placeMs: now }
  return { item, placeMs: Math.max(0, Math.min(now, orderOf(item, now))), quiet: true }
}

function orderOf(item: ReadItem, now: number): number {
  return dateOf(item) ?? now
}

// ---- Whom does it call? ----

function planMessages(
  plan: Pick<IngestPlan, 'insert' | 'edit'>,
  known: Known,
  now: number,
  toldBefore = 0,
): IngestPlan['messages'] {
  const callsOf = (item: PlannedAlert['item'], hits: Hit[]) =>
    [...groupBy(hits, ({ watch }) => watch.chat)].map(([chat, own]) => ({ chat, alert: { item, hits: own } }))
  const calls = [
    ...plan.edit.flatMap(({ place, item }) => callsOf({ place }, hitsOfEdit(place, item, known, now))),
    ...plan.insert.flatMap(({ item, quiet }, inserted) =>
      quiet ? [] : callsOf({ inserted }, known.watches.match(matchable(item, known, now), now)),
    ),
  ]
  const singly = Math.max(0, MOST_SINGLE_ALERTS - toldBefore)
  return [...groupBy(calls, ({ chat }) => chat)].map(([chat, own]) => {
    return { chat, alerts: own.map(({ alert }) => alert), singly }
  })
}

/**
 * An edit calls only where the stored version did not match, this one does, and nobody was called for its story. What was
 * pruned has nothing to compare with: it calls nobody.
 */
export function hitsOfEdit(place: number, item: Omit<ReadItem, 'keys'>, known: Known, now: number): Hit[] {
  const stored = known.findStored(place)
  if (!stored) return []
  const hits = known.watches.match({ ...matchable(item, known, now), firstSeenAt: stored.firstSeenAt }, now)
  if (hits.length === 0) return []

  const tokens = { title: tokenStream(stored.title), text: tokenStream(stored.text) }
  const before = new Set(known.watches.match({ ...stored, tokens }, now).map((hit) => hit.watch.id))
  return hits.filter(
    ({ watch }) =>
      !before.has(watch.id) && watch.createdAt <= stored.firstSeenAt && !known.isAlerted(watch.chat, stored.story),
  )
}

function matchable(item: Omit<ReadItem, 'keys'>, known: Known, now: number): Matchable {
  return { ...item, firstSeenAt: now, source: known.source }
}
