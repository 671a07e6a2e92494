/**
 * Decides what one document changes: the one place where reading and matching meet. Pure: it is called inside the
 * ingest transaction with what is known there, perhaps twice, and touches nothing.
 */
import type { Hit, Item, ItemKeys, Matchable, ReadDocument, ReadItem, Slices } from '../model.ts'
import type {
  FingerprintedItem,
  Fingerprints,
  IngestPlan,
  Known,
  KnownItem,
  PlannedAlert,
  PlannedFingerprint,
} from '../ports.ts'
import { PARSER_VERSION } from '../source/fingerprint.ts'
import { idKey } from '../source/identity.ts'
import { fold, tokenStream } from '../text.ts'

/** More alerts than this for one chat from one poll become one message. */
const MAX_SINGLE_ALERTS = 10

/**
 * What is new in the document, what was edited, and whom it calls. A baseline stores and calls nobody. Items that were
 * skipped stand as they stood; where that is not certain, the plan asks for the whole document.
 */
export function planIngest(read: ReadDocument, known: Known, now: number): IngestPlan {
  const plan: IngestPlan = { insert: [], edit: [], bind: [], messages: [] }
  // Read inside the transaction: another poll may have been faster, and seen them change.
  const remembered = read.slices && read.slices.skipped.length > 0 ? known.fingerprints() : null
  const shown = listShown(read, remembered)
  if (!shown) return { ...plan, needsAll: true }
  if (isAsBefore(read, remembered)) return { ...plan, remember: 'as_before' }
  const sorted = sortItems(shown.items, known, plan)

  const quiet = known.source.baselineDue
  plan.insert = sorted.fresh
    .map((item, index) => ({ item, placeMs: placeMs(item, quiet, now), index }))
    // A document lists its newest first; where no date says otherwise, its last item is the oldest.
    .sort((a, b) => a.placeMs - b.placeMs || orderOf(a.item, now) - orderOf(b.item, now) || b.index - a.index)
    .map(({ item, placeMs }) => ({ item, placeMs }))

  if (!quiet) plan.messages = planMessages(plan, known, now)
  if (read.slices && !read.truncated) {
    plan.remember = planFingerprints(read.slices, shown, sorted.placeOf, known, plan)
  }
  return plan
}

// ---- What the document shows ----

/** One item of the document, read or skipped; `keys` tell those of one document apart. */
interface Shown {
  keys: ItemKeys
  /** What its identity hangs on: its id, else its address, else its content. Null where others have the same id. */
  namedBy: keyof ItemKeys | null
  isHome: boolean
  /** Its keys are those that name it alone: an id or an address that several share names none of them. */
  item: ReadItem | null
  skipped: FingerprintedItem | null
}

interface Document {
  /** Without repetitions, in order. The same words under two ids are two items. */
  items: Shown[]
  /** Beside each slice, its item. */
  bySlice: (Shown | undefined)[]
}

/** Null when one that was skipped is named by something else now, or is not known to the store. */
function listShown(read: ReadDocument, remembered: Fingerprints | null): Document | null {
  const all = inOrder(read, remembered)
  if (!all) return null
  const distinct = new Map<string, Shown>()
  for (const one of all) {
    const name = nameOf(one)
    // Of two that say the same, the one that was skipped: it is known already.
    if (!distinct.get(name)?.skipped) distinct.set(name, one)
  }
  const items = [...distinct.values()]
  nameEach(items)
  if (items.some(({ skipped, namedBy }) => skipped && skipped.namedBy !== namedBy)) return null
  return { items, bySlice: all.map((one) => distinct.get(nameOf(one))) }
}

function nameOf({ keys }: Shown): string {
  return `${keys.id} ${keys.content}`
}

/** Nothing was read, and nothing that is remembered is gone: only the head can have changed. */
function isAsBefore(read: ReadDocument, remembered: Fingerprints | null): boolean {
  return read.items.length === 0 && remembered?.items.length === new Set(read.slices?.prints).size
}

function inOrder(read: ReadDocument, remembered: Fingerprints | null): Shown[] | null {
  const site = read.link === null ? null : bareAddress(read.link)
  const { prints = [], skipped = [] } = read.slices ?? {}
  if (skipped.length === 0) return read.items.map((item) => showItem(item, site))

  if (remembered?.context !== read.slices?.context) return null
  const byPrint = new Map(remembered?.items.map((item) => [item.print, item]))
  const isSkipped = new Set(skipped)
  const items = read.items.values()
  const all: Shown[] = []
  for (const [index, print] of prints.entries()) {
    const before = isSkipped.has(index) ? byPrint.get(print) : undefined
    const item = isSkipped.has(index) ? undefined : items.next().value
    if (before) all.push({ keys: before.keys, namedBy: null, isHome: before.isHome, item: null, skipped: before })
    else if (item) all.push(showItem(item, site))
    else return null
  }
  return all
}

function showItem(item: ReadItem, site: string | null): Shown {
  const { id, url, content } = item.keys
  const isHome = item.url !== null && bareAddress(item.url) === site
  return {
    keys: { id: shorten(id), url: shorten(url), content: shorten(content) },
    namedBy: null,
    isHome,
    item,
    skipped: null,
  }
}

/** Enough to tell the items of one document apart. */
function shorten<Key extends string | null>(key: Key): Key extends string ? string : string | null
function shorten(key: string | null): string | null {
  return key === null ? null : key.slice(0, 16)
}

/** Says what names each, and takes from its item the keys that do not; nor does the address of the site itself. */
function nameEach(items: Shown[]): void {
  const counts = new Map<string, number>()
  for (const { keys } of items) {
    for (const key of [keys.id, keys.url]) {
      if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  for (const one of items) {
    const hasId = one.keys.id !== null && counts.get(one.keys.id) === 1
    const hasUrl = one.keys.url !== null && !one.isHome && counts.get(one.keys.url) === 1
    one.namedBy = one.keys.id !== null ? (hasId ? 'id' : null) : hasUrl ? 'url' : 'content'
    if (!one.item) continue
    const { id, url, content } = one.item.keys
    one.item = { ...one.item, keys: { id: hasId ? id : null, url: hasUrl ? url : null, content } }
  }
}

// ---- Same item? ----

interface Sorted {
  /** What is new, in document order, each with the keys that may name it from now on. */
  fresh: ReadItem[]
  /** Of what is known. */
  placeOf: Map<Shown, number>
}

/** Fills in edits and bindings. */
function sortItems(shown: Shown[], known: Known, plan: IngestPlan): Sorted {
  // What was skipped is known by its keys only.
  const ids = new Set(shown.map(({ item, keys }) => (item ? item.id : keys.id)))
  const claimed = new Set<number>()
  const fresh = new Set<ReadItem>()
  const placeOf = new Map<Shown, number>()

  const claim = (one: Shown, item: ReadItem, { place, contentKey }: KnownItem): void => {
    const isEdited = contentKey !== item.keys.content
    // Two items cannot be one: the second is news, unless it says the very same.
    if (claimed.has(place) && isEdited) return void fresh.add(item)
    placeOf.set(one, place)
    if (claimed.has(place)) return
    claimed.add(place)
    if (isEdited) plan.edit.push({ place, item })
  }
  // Reading it would have found it unchanged.
  const claimSkipped = (one: Shown, { place }: FingerprintedItem): void => {
    claimed.add(place)
    placeOf.set(one, place)
  }

  // Ids first, and of these what is unchanged: an item that an id names is nobody else by its address or its words.
  const strange: Shown[] = []
  const edited: [Shown, ReadItem, KnownItem][] = []
  for (const one of shown) {
    if (one.skipped?.namedBy === 'id') claimSkipped(one, one.skipped)
    const found = one.item ? findById(one.item, known) : undefined
    if (one.item && found?.contentKey === one.item.keys.content) claim(one, one.item, found)
    else if (one.item && found) edited.push([one, one.item, found])
    else if (one.skipped?.namedBy !== 'id') strange.push(one)
  }
  for (const [one, item, found] of edited) claim(one, item, found)
  for (const one of strange) {
    const { item, skipped } = one
    if (skipped) claimSkipped(one, skipped)
    if (!item) continue
    const found = findByLooks(item, known, ids)
    if (!found) fresh.add(item)
    else {
      claim(one, item, found)
      // Its other keys it has; an edit binds them all.
      if (item.keys.id !== null && !fresh.has(item)) plan.bind.push({ place: found.place, keys: [item.keys.id] })
    }
  }
  return { fresh: shown.flatMap(({ item }) => (item && fresh.has(item) ? [item] : [])), placeOf }
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
  if (stored.id !== null && (ids.has(stored.id) || ids.has(shorten(idKey(stored.id))))) return false
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

// ---- What need not be read again? ----

/**
 * Those that the next plan would leave as they are whatever else the document shows, as long as the same key names
 * them: it leads to their place, and what is stored there says what they say.
 */
function planFingerprints(
  { context, prints }: Slices,
  shown: Document,
  placeOf: Map<Shown, number>,
  known: Known,
  plan: IngestPlan,
): NonNullable<IngestPlan['remember']> {
  const inserted = new Map(plan.insert.map(({ item }, index) => [item, index]))
  const edits = new Map(plan.edit.map(({ place, item }) => [place, item]))
  const bound = new Map(plan.bind.flatMap(({ place, keys }) => keys.map((key) => [key, place])))
  const contents = new Map<string, number>()
  for (const { keys } of shown.items) contents.set(keys.content, (contents.get(keys.content) ?? 0) + 1)

  const standsAt = (one: Shown): PlannedAlert['item'] | null => {
    const { item, namedBy } = one
    if (namedBy === null || (namedBy === 'content' && contents.get(one.keys.content) !== 1)) return null
    const index = item ? inserted.get(item) : undefined
    if (index !== undefined) return { inserted: index }
    const place = placeOf.get(one)
    if (place === undefined) return null
    const edit = edits.get(place)
    if (edit) return edit === item ? { place } : null
    if (!item) return { place }
    const key = item.keys[namedBy] ?? ''
    return (bound.get(key) ?? known.findItem(key)?.place) === place ? { place } : null
  }

  const items = new Map<string, PlannedFingerprint>()
  for (const [index, print] of prints.entries()) {
    const one = shown.bySlice[index]
    const item = one && standsAt(one)
    if (!one?.namedBy || !item) continue
    items.set(print, { print, item, keys: one.keys, namedBy: one.namedBy, isHome: one.isHome })
  }
  return { context, items: [...items.values()] }
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

  // What another version of the parser reads better is no news.
  const { parserVersion = null } = known.source
  const isReread = parserVersion !== null && parserVersion !== PARSER_VERSION
  for (const { place, item } of isReread ? [] : plan.edit) call({ place }, hitsOfEdit(place, item, known, now))
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
