/**
 * Which of the items that a document shows are known. Identity is a chain: the id in this source, then its address, then
 * its whole content. A wrong "same item" loses news. Pure.
 */
import type { Item, ReadItem } from '../../model.ts'
import type { FingerprintedItem, IngestPlan, Known, KnownItem } from '../../ports.ts'
import { PARSER_VERSION } from '../../source/fingerprint.ts'
import { idKey } from '../../source/identity.ts'
import { fold } from '../../text/fold.ts'
import { HOUR_MS } from '../../time.ts'
import { type Shown, shorten } from './shown.ts'

/** Less than a day, so that what is published daily is not taken for the same. */
const SAME_DAY_MS = 20 * HOUR_MS

/** A plan in the making. */
export type Draft = IngestPlan & Required<Pick<IngestPlan, 'forget'>>

/** One that was read. */
export type ReadShown = Shown & { item: ReadItem }

/** `isSure`: they have an address of their own, or the dates are of one day. */
type Twin = KnownItem & { isSure: boolean }

export interface Sorted {
  /** What is new, in document order, each with the keys that may name it from now on. */
  fresh: ReadShown[]
  /** Of what is known. */
  placeOf: Map<Shown, number>
  claimed: Set<number>
  /** Known by their looks, under an id that nobody knows. */
  renamed: { one: ReadShown; place: number }[]
  /** For what is new: who says the very same at the same address, under another id and date. */
  twins: Map<ReadShown, Twin>
}

/** What stands in the same document: ids, or how their keys begin. `isAll`: nothing else does. */
interface Company {
  ids: Set<string | null>
  /** What these ids name, some of it stored under an older one. */
  named: Set<number>
  isAll: boolean
}

/** Fills in edits, and what they said before. For `partial` and `beside` see `IngestOptions`. */
export function sortItems(
  shown: Shown[],
  known: Known,
  plan: Draft,
  { partial, beside }: { partial?: true; beside?: ReadonlySet<string | null> } = {},
): Sorted {
  // What was skipped is known by its keys only.
  const ids = new Set([...shown.map(({ item, keys }) => (item ? item.id : keys.id)), ...(beside ?? [])])
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
    const { found, isReused = false } = one.item ? findById(one.item, known) : {}
    // It is no sign any more that what it named is still there.
    if (isReused) ids.delete(one.item?.id ?? null)
    if (isRead(one) && found?.contentKey === one.item.keys.content) {
      claim(one, found)
      if (isReused) renamed.push({ one, place: found.place })
    } else if (isRead(one) && found) edited.push([one, found])
    else if (one.skipped?.namedBy !== 'id') strange.push(one)
  }
  for (const [one, found] of edited) claim(one, found)
  const company = { ids, named: new Set(claimed), isAll: !partial || beside !== undefined }
  for (const one of strange) {
    if (one.skipped) claimSkipped(one, one.skipped)
    if (!isRead(one)) continue
    const { found, twin } = findByLooks(one.item, known, company)
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

/** The chain begins with the id in this source. `isReused`: it named something else before. */
function findById(item: ReadItem, known: Known): { found?: KnownItem; isReused?: boolean } {
  const byId = item.keys.id === null ? undefined : known.findItem(item.keys.id)
  if (!byId) return {}
  if (byId.contentKey === item.keys.content) return { found: byId }

  // An edit, or an id that named several items once: then what else is the same decides.
  const [bySame, byUrl] = [item.keys.content, item.keys.url].map((key) =>
    key === null ? undefined : known.findItem(key),
  )
  const closer = [bySame, byUrl].find(
    (other) => other && other.place !== byId.place && hasId(item, known.findStored(other.place)),
  )
  if (closer) return { found: closer }
  // Some sources number what they show from the top: who says the very same at the same address is the one.
  if (bySame && bySame.place !== byId.place && item.keys.url !== null) return { found: bySame, isReused: true }
  const isReused = byUrl?.place !== byId.place && isAnother(item, byId, known)
  return isReused ? { isReused } : { found: byId }
}

/** Nothing it says is what that item said, nor is its date: the name is one that the source gives to one after another. */
function isAnother(item: ReadItem, { place }: KnownItem, known: Known): boolean {
  // What another parser reads differently is no other item.
  if (isOtherParser(known) || item.publishedAt === null || (item.title === '' && item.text === '')) return false
  const stored = known.findStored(place)
  if (!stored || stored.publishedAt === null || stored.publishedAt === item.publishedAt) return false
  const [hasTitle, hasText] = [item.title !== '', item.text !== '']
  return !(hasTitle && fold(stored.title) === fold(item.title)) && !(hasText && stored.text === item.text)
}

/** Another version of the parser read its items last. */
export function isOtherParser({ source: { parserVersion = null } }: Known): boolean {
  return parserVersion !== null && parserVersion !== PARSER_VERSION
}

/** The chain goes on with its address, then its whole content; `twin` says the very same at the same address, and yet may be another. */
function findByLooks(item: ReadItem, known: Known, company: Company): { found?: KnownItem; twin?: Twin } {
  let twin: Twin | undefined
  for (const key of [item.keys.url, item.keys.content]) {
    const found = key === null ? undefined : known.findItem(key)
    if (!found) continue
    const saysTheSame = found.contentKey === item.keys.content
    // Some sources link whatever they say to one page.
    if (item.id === null && (saysTheSame || !isAnother(item, found, known))) return { found }

    const stored = known.findStored(found.place)
    const isSame = stored
      ? isRenamed(item, stored, company, saysTheSame)
      : wasSeenBefore(item, found, key === item.keys.content)
    if (isSame) return { found }
    if (!stored || !saysTheSame || isShown(stored, company)) continue
    const [hasOwnUrl, isNear] = [item.keys.url !== null, isRestamped(item, stored)]
    if (hasOwnUrl && isNear) return { found }
    twin ??= { ...found, isSure: hasOwnUrl || isNear }
  }
  return twin ? { twin } : {}
}

/**
 * An item with a new id is an old acquaintance only if its old id is gone from the document and it still says the
 * same thing: many sources link every item to their homepage, and a wrong "same item" loses news.
 */
function isRenamed(item: ReadItem, stored: Item, company: Company, saysTheSame: boolean): boolean {
  // Its id does not name it, because others have it too.
  if (hasId(item, stored)) return true
  if (isShown(stored, company)) return false
  const isOfOneDate = stored.publishedAt !== null && stored.publishedAt === item.publishedAt
  const isUndated = stored.publishedAt === null || item.publishedAt === null
  const hasItsTitle = fold(stored.title) === fold(item.title)
  // Who sees only a part does not know that the old id is gone.
  if (!company.isAll && stored.id !== null && !saysTheSame) return isOfOneDate && hasItsTitle
  return isOfOneDate || (isUndated && hasItsTitle)
}

/**
 * Of an item that was pruned only its names are left. It is this one if the whole content says so, or if this one was
 * published before that was seen: else it is something new at an address that many items share.
 */
function wasSeenBefore({ publishedAt }: ReadItem, { firstSeenAt }: KnownItem, isSameContent: boolean): boolean {
  return isSameContent || (publishedAt !== null && publishedAt <= firstSeenAt)
}

function isShown({ id, place }: Item, { ids, named }: Company): boolean {
  if (named.has(place)) return true
  return id !== null && (ids.has(id) || ids.has(shorten(idKey(id))))
}

/** Some sources draw new ids and take the present time for every answer. Next week's open thread has another date too, but not the same day's. */
function isRestamped(item: ReadItem, stored: Item): boolean {
  return (
    item.publishedAt !== null &&
    stored.publishedAt !== null &&
    Math.abs(item.publishedAt - stored.publishedAt) < SAME_DAY_MS
  )
}

function hasId(item: ReadItem, stored: Item | undefined): boolean {
  return item.id !== null && item.id === stored?.id
}
