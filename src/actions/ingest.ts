/**
 * Decides what one document changes: the one place where reading and matching meet. Pure: it is called inside the
 * ingest transaction with what is known there, perhaps twice, and touches nothing.
 */
import type { Hit, Item, Matchable, ReadDocument, ReadItem } from '../model.ts'
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

/** Fills in edits and bindings, and returns what is new, in document order, each with the keys that may name it from now on. */
function sortItems(read: ReadDocument, known: Known, plan: IngestPlan): ReadItem[] {
  const items = distinctItems(read)
  const ids = new Set(items.map((item) => item.id))
  const claimed = new Set<number>()
  const fresh = new Set<ReadItem>()

  const claim = (item: ReadItem, { place, contentKey }: KnownItem): void => {
    const isEdited = contentKey !== item.keys.content
    // Two items cannot be one: the second is news, unless it says the very same.
    if (claimed.has(place)) return void (isEdited && fresh.add(item))
    claimed.add(place)
    if (isEdited) plan.edit.push({ place, item })
  }

  // Ids first, and of these what is unchanged: an item that an id names is nobody else by its address or its words.
  const strange: ReadItem[] = []
  const edited: [ReadItem, KnownItem][] = []
  for (const item of items) {
    const found = findById(item, known)
    if (!found) strange.push(item)
    else if (found.contentKey === item.keys.content) claim(item, found)
    else edited.push([item, found])
  }
  for (const [item, found] of edited) claim(item, found)
  for (const item of strange) {
    const found = findByLooks(item, known, ids)
    if (!found) fresh.add(item)
    else {
      claim(item, found)
      // Its other keys it has; an edit binds them all.
      if (item.keys.id !== null && !fresh.has(item)) plan.bind.push({ place: found.place, keys: [item.keys.id] })
    }
  }
  return items.filter((item) => fresh.has(item))
}

/**
 * Without repetitions, and with the keys that name one item only: an id or an address that several share names none of
 * them, nor does the address of the site itself. The same words under two ids are two items.
 */
function distinctItems(read: ReadDocument): ReadItem[] {
  const items = [...new Map(read.items.map((item) => [`${item.id} ${item.keys.content}`, item])).values()]
  const counts = new Map<string, number>()
  for (const { keys } of items) {
    for (const key of [keys.id, keys.url]) {
      if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  const site = read.link === null ? null : bareAddress(read.link)
  const reliable = (key: string | null) => (key !== null && counts.get(key) === 1 ? key : null)
  return items.map((item) => {
    const { id, url, content } = item.keys
    const isHome = item.url !== null && bareAddress(item.url) === site
    return { ...item, keys: { id: reliable(id), url: isHome ? null : reliable(url), content } }
  })
}

/** The chain begins with the id in this source. */
function findById(item: ReadItem, known: Known): KnownItem | undefined {
  const byId = item.keys.id === null ? undefined : known.findItem(item.keys.id)
  if (!byId || byId.contentKey === item.keys.content) return byId

  // An edit, or an id that named several items once: then what else is the same decides.
  const others = [item.keys.content, item.keys.url].map((key) => (key === null ? undefined : known.findItem(key)))
  const closer = others.find((other) => other && other.place !== byId.place && hasId(item, known.getItem(other.place)))
  return closer ?? byId
}

/** The chain goes on with its address, then its whole content. */
function findByLooks(item: ReadItem, known: Known, ids: Set<string | null>): KnownItem | undefined {
  for (const key of [item.keys.url, item.keys.content]) {
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
  // Its id does not name it, because others have it too.
  if (hasId(item, stored)) return true
  if (stored.id !== null && ids.has(stored.id)) return false
  if (stored.publishedAt !== null && stored.publishedAt === item.publishedAt) return true
  const sameDate = stored.publishedAt === null || item.publishedAt === null
  return sameDate && fold(stored.title) === fold(item.title)
}

function hasId(item: ReadItem, stored: Item): boolean {
  return item.id !== null && item.id === stored.id
}

function bareAddress(url: string): string {
  return url.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '')
}

// ---- Where does it stand? ----

/** Its arrival; in a source's first backlog its own date, if that is earlier, so that old items do not bury the news. */
function placeMs(item: ReadItem, quiet: boolean, now: number): number {
  return quiet ? Math.max(0, Math.min(now, orderOf(item, now))) : now
}

function orderOf(item: ReadItem, now: number): number {
  // Atom asks for `updated` only.
  return item.publishedAt ?? item.updatedAt ?? now
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
  for (const hit of hits) {
    const own = byChat.get(hit.watch.chat)
    if (own) own.push(hit)
    else byChat.set(hit.watch.chat, [hit])
  }
  return byChat
}
