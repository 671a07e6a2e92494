/**
 * Which of the items that a document shows are known. Identity is a chain: the id in this source, then its address, then
 * its whole content. A wrong "same item" loses news. Pure.
 */
import type { Item, ReadItem } from '../model.ts'
import type { FingerprintedItem, IngestPlan, Known, KnownItem } from '../ports.ts'
import { idKey } from '../source/identity.ts'
import { fold } from '../text.ts'
import { type Shown, shorten } from './shown.ts'

/** Less than a day, so that what is published daily is not taken for the same. */
const SAME_DAY_MS = 20 * 3_600_000

/** A plan in the making. */
export type Draft = IngestPlan & Required<Pick<IngestPlan, 'forget'>>

/** One that was read. */
export type ReadShown = Shown & { item: ReadItem }

export interface Sorted {
  /** What is new, in document order, each with the keys that may name it from now on. */
  fresh: ReadShown[]
  /** Of what is known. */
  placeOf: Map<Shown, number>
  claimed: Set<number>
  /** Known by their looks, under an id that nobody knows. */
  renamed: { one: ReadShown; place: number }[]
  /** For what is new: who says the very same at the same address, under another id and date. */
  twins: Map<ReadShown, KnownItem>
}

/** Fills in edits, and what they said before. */
export function sortItems(shown: Shown[], known: Known, plan: Draft): Sorted {
  // What was skipped is known by its keys only.
  const ids = new Set(shown.map(({ item, keys }) => (item ? item.id : keys.id)))
  const claimed = new Set<number>()
  const fresh = new Set<Shown>()
  const placeOf = new Map<Shown, number>()
  const renamed: Sorted['renamed'] = []
  const twins: Sorted['twins'] = new Map()

  const claim = (one: ReadShown, { place, contentKey }: KnownItem): void => {
    const isEdited = contentKey !== one.item.keys.content
    // Two items cannot be one: the second is news, unless it says the very same.
    if (claimed.has(place) && isEdited) return void fresh.add(one)
    placeOf.set(one, place)
    if (claimed.has(place)) return
    claimed.add(place)
    if (!isEdited) return
    plan.edit.push({ place, item: one.item })
    // Else a source whose items say something else at every poll would gather names without end.
    if (contentKey !== '') plan.forget.push({ place, key: contentKey })
  }
  // Reading it would have found it unchanged.
  const claimSkipped = (one: Shown, { place }: FingerprintedItem): void => {
    claimed.add(place)
    placeOf.set(one, place)
  }

  // Ids first, and of these what is unchanged: an item that an id names is nobody else by its address or its words.
  const strange: Shown[] = []
  const edited: [ReadShown, KnownItem][] = []
  for (const one of shown) {
    if (one.skipped?.namedBy === 'id') claimSkipped(one, one.skipped)
    const found = one.item ? findById(one.item, known) : undefined
    if (isRead(one) && found?.contentKey === one.item.keys.content) claim(one, found)
    else if (isRead(one) && found) edited.push([one, found])
    else if (one.skipped?.namedBy !== 'id') strange.push(one)
  }
  for (const [one, found] of edited) claim(one, found)
  for (const one of strange) {
    if (one.skipped) claimSkipped(one, one.skipped)
    if (!isRead(one)) continue
    const { found, twin } = findByLooks(one.item, known, ids)
    if (found) claim(one, found)
    else fresh.add(one)
    if (twin) twins.set(one, twin)
    if (found && one.item.keys.id !== null && !fresh.has(one)) renamed.push({ one, place: found.place })
  }
  return { fresh: shown.filter(isRead).filter((one) => fresh.has(one)), placeOf, claimed, renamed, twins }
}

function isRead(one: Shown): one is ReadShown {
  return one.item !== null
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

/** The chain goes on with its address, then its whole content; `twin` says the very same at the same address, and yet may be another. */
function findByLooks(item: ReadItem, known: Known, ids: Set<string | null>): { found?: KnownItem; twin?: KnownItem } {
  let twin: KnownItem | undefined
  for (const key of [item.keys.url, item.keys.content]) {
    const found = key === null ? undefined : known.findItem(key)
    if (!found) continue
    if (item.id === null) return { found }
    const stored = known.getItem(found.place)
    if (isRenamed(item, stored, ids)) return { found }
    if (isTwin(item, found) && !isShown(stored, ids)) {
      if (isRestamped(item, stored)) return { found }
      twin ??= found
    }
  }
  return twin ? { twin } : {}
}

/**
 * An item with a new id is an old acquaintance only if its old id is gone from the document and it still says the
 * same thing: many sources link every item to their homepage, and a wrong "same item" loses news.
 */
function isRenamed(item: ReadItem, stored: Item, ids: Set<string | null>): boolean {
  // Its id does not name it, because others have it too.
  if (hasId(item, stored)) return true
  if (isShown(stored, ids)) return false
  if (stored.publishedAt !== null && stored.publishedAt === item.publishedAt) return true
  const sameDate = stored.publishedAt === null || item.publishedAt === null
  return sameDate && fold(stored.title) === fold(item.title)
}

function isShown({ id }: Item, ids: Set<string | null>): boolean {
  return id !== null && (ids.has(id) || ids.has(shorten(idKey(id))))
}

function isTwin({ keys }: ReadItem, { contentKey }: KnownItem): boolean {
  return keys.url !== null && keys.content === contentKey
}

/** Some sources draw new ids and take the present time for every answer. Next week's open thread has another date too, but not the same day's. */
function isRestamped(item: ReadItem, stored: Item): boolean {
  return (
    item.publishedAt !== null &&
    stored.publishedAt !== null &&
    Math.abs(item.publishedAt - stored.publishedAt) < SAME_DAY_MS
  )
}

function hasId(item: ReadItem, stored: Item): boolean {
  return item.id !== null && item.id === stored.id
}
