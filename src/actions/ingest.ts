/**
 * Decides what one document changes: the one place where reading and matching meet. Pure: it is called inside the
 * ingest transaction with what is known there, perhaps twice, and touches nothing.
 */
import type { Hit, Item, ItemKeys, Matchable, ReadDocument, ReadItem } from '../model.ts'
import type { IngestPlan, Known, KnownItem, PlannedAlert } from '../ports.ts'
import { fold, tokenStream } from '../text.ts'

/** More alerts than this for one chat from one poll become one message. */
const MAX_SINGLE_ALERTS = 10

/** What is new in the document, what was edited, and whom it calls. A baseline stores and calls nobody. */
export function planIngest(read: ReadDocument, known: Known, now: number): IngestPlan {
  const plan: IngestPlan = { insert: [], edit: [], bind: [], messages: [] }
  const fresh = sortItems(read, known, plan)

  const quiet = known.source.baselineDue
  plan.insert = fresh
    .map((item, index) => ({ item, placeMs: placeMs(item, quiet, now), index }))
    // A document lists its newest first; where no date says otherwise, its last item is the oldest.
    .sort((a, b) => a.placeMs - b.placeMs || orderOf(a.item, now) - orderOf(b.item, now) || b.index - a.index)
    .map(({ item, placeMs }) => ({ item, placeMs }))

  if (!quiet) plan.messages = planMessages(plan, known, now)
  return plan
}

// ---- Same item? ----

/** Fills in edits and bindings, and returns what is new, each with the keys that may name it from now on. */
function sortItems(read: ReadDocument, known: Known, plan: IngestPlan): ReadItem[] {
  const counts = countKeys(read.items)
  const ids = new Set(read.items.map((item) => item.id))
  const claimed = new Set<number>()
  const fresh = new Map<string, ReadItem>()

  for (const item of read.items) {
    const keys = reliableKeys(item.keys, counts)
    const found = findKnown(item, keys, known, ids)
    if (found === undefined) {
      // The same item twice in one document is one item; the same words under two ids are two.
      const itself = `${item.id} ${keys.content}`
      if (!fresh.has(itself)) fresh.set(itself, { ...item, keys })
      continue
    }
    if (claimed.has(found.place)) continue
    claimed.add(found.place)

    if (found.contentKey !== keys.content) plan.edit.push({ place: found.place, item: { ...item, keys } })
    const unbound = [keys.id, keys.url, keys.content].filter((key) => key !== null && !isBound(known, key, found))
    // The filter leaves no null.
    if (unbound.length > 0) plan.bind.push({ place: found.place, keys: unbound as string[] })
  }
  return [...fresh.values()]
}

function countKeys(items: ReadItem[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { keys } of items) {
    for (const key of [keys.id, keys.url]) {
      if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return counts
}

/** An id or address that several items of one document share names none of them. */
function reliableKeys(keys: ItemKeys, counts: Map<string, number>): ItemKeys {
  const reliable = (key: string | null) => (key !== null && counts.get(key) === 1 ? key : null)
  return { id: reliable(keys.id), url: reliable(keys.url), content: keys.content }
}

/** The chain: its id, else its address, else its whole content, all in this source. */
function findKnown(item: ReadItem, keys: ItemKeys, known: Known, ids: Set<string | null>): KnownItem | undefined {
  const byId = keys.id === null ? undefined : known.findItem(keys.id)
  if (byId) return byId

  for (const key of [keys.url, keys.content]) {
    const found = key === null ? undefined : known.findItem(key)
    if (found && (item.id === null || isRenamed(item, known.getItem(found.place), ids))) return found
  }
  return undefined
}

/**
 * An item with a new id is an old acquaintance only if its old id is gone from the document and it still says the
 * same thing: many sources link every item to their homepage, and a wrong "same item" loses news.
 */
function isRenamed(item: ReadItem, stored: Item, ids: Set<string | null>): boolean {
  if (stored.id !== null && ids.has(stored.id)) return false
  if (stored.publishedAt !== null && stored.publishedAt === item.publishedAt) return true
  const sameDate = stored.publishedAt === null || item.publishedAt === null
  return sameDate && fold(stored.title) === fold(item.title)
}

function isBound(known: Known, key: string, to: KnownItem): boolean {
  return known.findItem(key)?.place === to.place
}

// ---- Where does it stand? ----

/** Its arrival; in a source's first backlog its own date, if that is earlier, so that old items do not bury the news. */
function placeMs(item: ReadItem, quiet: boolean, now: number): number {
  if (!quiet || item.publishedAt === null) return now
  return Math.max(0, Math.min(now, item.publishedAt))
}

function orderOf(item: ReadItem, now: number): number {
  return item.publishedAt ?? now
}

// ---- Whom does it call? ----

function planMessages(plan: IngestPlan, known: Known, now: number): IngestPlan['messages'] {
  const byChat = new Map<string, PlannedAlert[]>()
  const call = (item: PlannedAlert['item'], hits: Hit[]) => {
    for (const [chat, own] of groupByChat(hits)) {
      const alerts = byChat.get(chat) ?? []
      alerts.push({ item, hits: own })
      byChat.set(chat, alerts)
    }
  }

  for (const { place, item } of plan.edit) call({ place }, hitsOfEdit(place, item, known, now))
  for (const [inserted, { item }] of plan.insert.entries()) {
    call({ inserted }, known.watches.match(matchable(item, known, now), now))
  }
  return [...byChat].flatMap(([chat, alerts]) =>
    alerts.length > MAX_SINGLE_ALERTS ? [{ chat, alerts }] : alerts.map((alert) => ({ chat, alerts: [alert] })),
  )
}

/** An edit calls only where the stored version did not match, this one does, and nobody was called for its story. */
function hitsOfEdit(place: number, item: ReadItem, known: Known, now: number): Hit[] {
  const stored = known.getItem(place)
  const hits = known.watches.match({ ...matchable(item, known, now), firstSeenAt: stored.firstSeenAt }, now)
  if (hits.length === 0) return []

  const tokens = { title: tokenStream(stored.title), text: tokenStream(stored.text) }
  const before = new Set(known.watches.match({ ...stored, tokens }, now).map((hit) => hit.watch.id))
  return hits.filter(
    ({ watch }) =>
      !before.has(watch.id) && watch.createdAt <= stored.firstSeenAt && !known.isAlerted(watch.chat, stored.story),
  )
}

function matchable(item: ReadItem, known: Known, now: number): Matchable {
  return { ...item, firstSeenAt: now, source: known.source }
}

function groupByChat(hits: Hit[]): Map<string, Hit[]> {
  const byChat = new Map<string, Hit[]>()
  for (const hit of hits) byChat.set(hit.watch.chat, [...(byChat.get(hit.watch.chat) ?? []), hit])
  return byChat
}
