/**
 * The fuse against sources that give everything a new id: items that look new are old acquaintances when what vanished
 * from the document is back under other names. Pure.
 */
import { countEach, groupBy } from '../../groups.ts'
import type { Item, ReadItem } from '../../model.ts'
import type { FingerprintedItem, Fingerprints, Known } from '../../ports.ts'
import { fold } from '../../text/fold.ts'
import type { Draft, ReadShown, Sorted } from './same-item.ts'
import { shorten } from './shown.ts'

/** So often an item keeps its old ids beside the new one while it stands in the document; after that only the last: some sources draw new ones for every answer. */
export const MAX_RENAMES = 3
/** So many items at least, and such a share of what looks new (or of what vanished). Fewer are judged one by one. */
const LEAST_RENUMBERED = 8
const LEAST_SHARE = 0.6
/** Fewer are enough where they say the very same at the same address, or where nothing stayed under its name and no two look alike. */
const LEAST_CERTAIN = 3
/** Such a share must say word for word what vanished, where the dates are others. */
const LEAST_SHARE_REDATED = 0.8

interface Churn {
  /** The first time for most of them, so that somebody should hear of it. */
  isNews: boolean
  /** What nobody is called for, whatever it says now. */
  silent: Set<number>
  /** What a new system lists beyond what the old one listed is no news. */
  isBacklog: (item: ReadItem) => boolean
}

/** What the document showed last time, by place. */
type Before = Map<number, FingerprintedItem>

/** Takes from what is fresh what only got new names, fills in edits and bindings. Nothing is looked for where nothing is `last`. */
export function settleRenamed(
  sorted: Sorted,
  known: Known,
  plan: Draft,
  last: Fingerprints | null,
  { partial }: { partial?: true },
): Churn {
  const before: Before = new Map(last?.items.map((one) => [one.place, one]))
  const again = last && !partial ? findAgain(sorted, known, last) : null
  if (again) takeAgain(again, sorted, known, plan, before)
  forgetAddresses(sorted, plan, before)
  settleNames(sorted, plan, before)
  return again ? churnOf(sorted, before) : { isNews: false, silent: new Set(), isBacklog: () => false }
}

/** They are fresh no more. */
function takeAgain(again: Map<ReadShown, number>, sorted: Sorted, known: Known, plan: Draft, before: Before): void {
  for (const [one, place] of again) {
    sorted.placeOf.set(one, place)
    sorted.renamed.push({ one, place })
    const said = before.get(place)?.keys.content
    // What several say leads to one of them only.
    if (said === shorten(one.item.keys.content) || known.findItem(one.item.keys.content)?.place === place) continue
    plan.edit.push({ place, item: one.item })
    if (said) plan.forget.push({ place, key: said })
  }
  sorted.fresh = sorted.fresh.filter((one) => !again.has(one))
}

/** What is known by a steady id needs no other address than its last; some sources draw a new one for every answer. */
function forgetAddresses({ renamed }: Sorted, plan: Draft, before: Before): void {
  const isRenamed = new Set(renamed.map(({ place }) => place))
  for (const { place, item } of plan.edit) {
    const url = before.get(place)?.keys.url
    const isSteady = item.keys.id !== null && !isRenamed.has(place)
    if (isSteady && url && item.keys.url && url !== shorten(item.keys.url)) plan.forget.push({ place, key: url })
  }
}

/** Binds new ids, and lets go of the old ones of what was renamed often. */
function settleNames({ placeOf, renamed }: Sorted, plan: Draft, before: Before): void {
  const edits = new Map(plan.edit.map(({ place, item }) => [place, item]))
  // The same item may stand in a document twice.
  const shownIds = new Set([...placeOf.keys()].map(({ keys }) => keys.id))
  for (const { one, place } of renamed) {
    const { keys, renamed: times = 0 } = before.get(place) ?? {}
    const { id, url } = one.item.keys
    if (keys && times >= MAX_RENAMES) {
      if (keys.id && !shownIds.has(keys.id)) plan.forget.push({ place, key: keys.id })
      // Without an id it is its address that was another each time.
      if (keys.url && id === null && keys.url !== shorten(url)) plan.forget.push({ place, key: keys.url })
    }
    // An edit binds all its keys.
    if (id !== null && edits.get(place) !== one.item) plan.bind.push({ place, keys: [id] })
  }
}

function churnOf(sorted: Sorted, before: Before): Churn {
  const places = sorted.renamed.map(({ place }) => place)
  // Where items go quickly, most are always renamed for the first time.
  const didBefore = [...before.values()].filter(({ renamed }) => renamed).length * 4 >= before.size
  const isFirst = places.filter((place) => !before.get(place)?.renamed).length * 2 > places.length
  const isNews = isFirst && !didBefore
  const backlog = new Set(isNews ? findBacklog(sorted) : [])
  return { isNews, silent: new Set(places), isBacklog: (item) => backlog.has(item) }
}

/** Many at once that are older than everything the source showed before; where that has no dates, nobody knows. */
function findBacklog({ fresh, renamed }: Sorted): ReadItem[] {
  const dates = renamed.map(({ one }) => dateOf(one.item) ?? Number.NEGATIVE_INFINITY)
  const oldest = dates.reduce((least, date) => Math.min(least, date), Number.POSITIVE_INFINITY)
  const older = fresh.map(({ item }) => item).filter((item) => (dateOf(item) ?? oldest) < oldest)
  return older.length >= LEAST_RENUMBERED ? older : []
}

/** What looks new and is not, and where it stands; null where the source did not renumber. */
function findAgain(sorted: Sorted, known: Known, last: Fingerprints): Map<ReadShown, number> | null {
  const { fresh, renamed, claimed } = sorted
  const vanished = new Set(last.items.map(({ place }) => place).filter((place) => !claimed.has(place)))
  const gone = vanished.size + renamed.length
  const again = findTwins(sorted, last)
  const wordForWord = again.size
  const rest = fresh.filter((one) => !again.has(one))
  const all = fresh.length + renamed.length
  const countAgain = () => again.size + renamed.length
  const isWorthLooking = rest.length > 0 && all >= LEAST_CERTAIN
  // Each costs a look at what is stored.
  for (const place of again.values()) vanished.delete(place)
  const stored = isWorthLooking ? [...vanished].flatMap((place) => known.findStored(place) ?? []) : []
  const pair = (find: typeof pairByLooks): void => {
    const strange = rest.filter((one) => !again.has(one))
    const places = new Set(again.values())
    const pairs = find(
      strange.map(({ item }) => item),
      stored.filter(({ place }) => !places.has(place)),
    )
    for (const one of strange) {
      const twin = pairs.get(one.item)
      if (twin) again.set(one, twin.place)
    }
  }
  pair(pairByLooks)
  const areNoStrangers = countAgain() >= LEAST_CERTAIN
  const isWhole = areNoStrangers && claimed.size === renamed.length && haveOwnLooks(rest.map(({ item }) => item))
  if (isRenumbered({ again: countAgain(), wordForWord, all, vanished: gone, isWhole })) return again

  if (all < LEAST_RENUMBERED || gone < LEAST_SHARE_REDATED * all) return null
  pair(pairByTexts)
  return countAgain() >= LEAST_SHARE_REDATED * all ? again : null
}

/** Those that say the very same at the same address. What they say may be the same for several. */
function findTwins({ fresh, claimed, twins }: Sorted, last: Fingerprints): Map<ReadShown, number> {
  const again = new Map<ReadShown, number>()
  const taken = new Set(claimed)
  const wasRenamed = new Set(last.items.filter(({ renamed = 0 }) => renamed > 0).map(({ place }) => place))
  for (const one of fresh) {
    const twin = twins.get(one)
    if (!twin || taken.has(twin.place) || !(twin.isSure || wasRenamed.has(twin.place))) continue
    taken.add(twin.place)
    again.set(one, twin.place)
  }
  return again
}

// ---- Renumbered, or news? ----

interface Suspicion {
  /** Known again under a new id, or at a new address. */
  again: number
  /** Of them, those that say the very same at the same address. */
  wordForWord: number
  /** With what nobody knows in any way. */
  all: number
  /** What the document showed last time and does not show under its old names. */
  vanished: number
  /** Nothing that is known stands under its old names, and no two that look new look alike. */
  isWhole: boolean
}

/** Whether a source renumbered its items, rather than publish some that look like older ones. */
function isRenumbered({ again, wordForWord, all, vanished, isWhole }: Suspicion): boolean {
  if (wordForWord >= LEAST_CERTAIN && wordForWord >= LEAST_SHARE * all) return true
  if (isWhole && again >= LEAST_CERTAIN && again >= LEAST_SHARE * all) return true
  if (again < LEAST_RENUMBERED) return false
  // A new system may list more than the old one did: then most of what vanished is back among many older items.
  return again >= LEAST_SHARE * all || again >= LEAST_SHARE * vanished
}

/**
 * Whose title and date are those of an item that vanished; where one of them has no date, title and text. Without a
 * title the text stands for it. Several that say the same are paired from the oldest on, so that one too many is the newest.
 */
function pairByLooks(fresh: ReadItem[], vanished: Item[]): Map<ReadItem, Item> {
  const looks = vanished.flatMap((item) => {
    const { date, words } = looksOf(item)
    return [`any ${words}`, date ?? `undated ${words}`].map((look) => ({ look, item }))
  })
  const byLooks = groupBy(looks, ({ look }) => look)

  const pairs = new Map<ReadItem, Item>()
  const taken = new Set<Item>()
  const take = (look: string): Item | undefined => {
    const same = byLooks.get(look)
    let twin = same?.pop()?.item
    while (twin && taken.has(twin)) twin = same?.pop()?.item
    return twin
  }
  // Documents list their newest first.
  for (const item of fresh.toReversed()) {
    const { date, words } = looksOf(item)
    // A daily briefing has the title of yesterday's, and often its words, but not its date.
    const twin = date === null ? take(`any ${words}`) : (take(date) ?? take(`undated ${words}`))
    if (!twin || words === NO_WORDS) continue
    taken.add(twin)
    pairs.set(item, twin)
  }
  return pairs
}

/** No two have the same title and date, or the same title and text where they have no date. */
function haveOwnLooks(items: ReadItem[]): boolean {
  const looks = items.map(looksOf).map(({ date, words }) => date ?? words)
  return new Set(looks).size === items.length
}

/**
 * Whose title and text are those of an item that vanished, whatever the dates. A briefing may repeat its title and its
 * words every day: only texts that no other of them has are asked.
 */
function pairByTexts(fresh: ReadItem[], vanished: Item[]): Map<ReadItem, Item> {
  const twins = new Map(vanished.filter(({ text }) => text !== '').map((item) => [looksOf(item).words, item]))
  const textOf = ({ text }: ReadItem) => text.slice(0, LONGEST_TEXT)
  const times = countEach(fresh.map(textOf))
  const pairs = fresh.flatMap((item): [ReadItem, Item][] => {
    const twin = times.get(textOf(item)) === 1 ? twins.get(looksOf(item).words) : undefined
    return twin ? [[item, twin]] : []
  })
  return new Map(pairs)
}

/** As much of a text as tells one from another. */
const LONGEST_TEXT = 2_000
const NO_WORDS = '\n'

/** Title and date, and title and text. */
function looksOf(item: Pick<Item, 'title' | 'text' | 'publishedAt' | 'updatedAt'>): {
  date: string | null
  words: string
} {
  const text = item.text.slice(0, LONGEST_TEXT)
  const head = fold(item.title) || text
  const date = dateOf(item)
  return { date: date === null ? null : `${date} ${head}`, words: `${head}\n${text}` }
}

/** Atom asks for `updated` only. */
export function dateOf({ publishedAt, updatedAt }: Pick<Item, 'publishedAt' | 'updatedAt'>): number | null {
  return publishedAt ?? updatedAt
}
