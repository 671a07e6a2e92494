/** What a document shows, with the items in it that were not read again. Pure. */
import { countEach } from '../../groups.ts'
import type { ItemKeys, ReadDocument, ReadItem } from '../../model.ts'
import type { FingerprintedItem, Fingerprints } from '../../ports.ts'

/** One item of the document, read or skipped; `keys` tell those of one document apart. */
export interface Shown {
  keys: ItemKeys
  /** What its identity hangs on: its id, else its address, else its content. Null where others have the same id. */
  namedBy: keyof ItemKeys | null
  isHome: boolean
  /** Its keys are those that name it alone: an id or an address that several share names none of them. */
  item: ReadItem | null
  skipped: FingerprintedItem | null
}

export interface ShownDocument {
  /** Without repetitions, in order. The same words under two ids are two items. */
  items: Shown[]
  /** Beside each slice, its item. */
  bySlice: (Shown | undefined)[]
}

/**
 * Null when one that was skipped is named by something else now, or is not known to the store. In a part (`partial`) what
 * several had in the last document names nobody, either: the others are not seen.
 */
export function listShown(
  read: ReadDocument,
  last: Fingerprints | null,
  { partial }: { partial?: true } = {},
): ShownDocument | null {
  const all = inOrder(read, last)
  if (!all) return null
  const names = all.map(nameOf)
  const distinct = new Map<string, Shown>()
  for (const [index, one] of all.entries()) {
    const name = names[index] ?? ''
    // Of two that say the same, the one that was skipped: it is known already.
    if (!distinct.get(name)?.skipped) distinct.set(name, one)
  }
  const items = [...distinct.values()]
  nameEach(items, partial ? listShared(last) : new Set())
  if (items.some(({ skipped, namedBy }) => skipped && skipped.namedBy !== namedBy)) return null
  return { items, bySlice: names.map((name) => distinct.get(name)) }
}

function nameOf({ keys }: Shown): string {
  return `${keys.id} ${keys.content}`
}

/** Nothing was read, and nothing that is remembered is gone: only the head can have changed. */
export function isAsBefore(read: ReadDocument, last: Fingerprints | null): boolean {
  const { prints = [], skipped = [] } = read.slices ?? {}
  return skipped.length > 0 && read.items.length === 0 && last?.items.length === new Set(prints).size
}

function inOrder(read: ReadDocument, last: Fingerprints | null): Shown[] | null {
  const site = read.link === null ? null : siteAddress(read.link)
  const { prints = [], skipped = [] } = read.slices ?? {}
  if (skipped.length === 0) return read.items.map((item) => showItem(item, site))

  if (last?.context !== read.slices?.context) return null
  const byPrint = new Map(last?.items.map((item) => [item.print, item]))
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
  const isHome = item.url !== null && siteAddress(item.url) === site
  return {
    keys: { id: shorten(id), url: shorten(url), content: shorten(content) },
    namedBy: null,
    isHome,
    item,
    skipped: null,
  }
}

/** Enough to tell the items of one document apart. */
export function shorten<Key extends string | null>(key: Key): Key extends string ? string : string | null
export function shorten(key: string | null): string | null {
  return key === null ? null : key.slice(0, 16)
}

/** Says what names each, and takes from its item the keys that do not; nor does the address of the site itself. */
function nameEach(items: Shown[], shared: Set<string | null>): void {
  const counts = countEach(items.flatMap(({ keys }) => [keys.id, keys.url]))
  const isOwn = (key: string | null) => key !== null && counts.get(key) === 1 && !shared.has(key)
  for (const one of items) {
    const hasId = isOwn(one.keys.id)
    const hasUrl = isOwn(one.keys.url) && !one.isHome
    one.namedBy = one.keys.id !== null ? (hasId ? 'id' : null) : hasUrl ? 'url' : 'content'
    if (!one.item) continue
    const { id, url, content } = one.item.keys
    one.item = { ...one.item, keys: { id: hasId ? id : null, url: hasUrl ? url : null, content } }
  }
}

/** The ids and addresses that several items had. One with several prints stands there several times. */
function listShared(last: Fingerprints | null): Set<string | null> {
  const items = new Map(last?.items.map((one) => [one.place, one]))
  const counts = countEach([...items.values()].flatMap(({ keys }) => [keys.id, keys.url]))
  return new Set([...counts].flatMap(([key, count]) => (count > 1 ? [key] : [])))
}

function siteAddress(url: string): string {
  return url.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '')
}
