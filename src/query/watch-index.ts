import type { Hit, Query, Watch } from '../model.ts'
import type { WatchIndex } from '../ports.ts'
import { type Anchor, findAnchors } from './anchors.ts'
import { evaluateView, type ItemView, viewItem, withTokens } from './evaluate.ts'

/**
 * An empty index of watches. Each hangs on a few anchors, one of which every item that it matches must have: an item costs
 * what its tokens and its hits cost, however many watches there are. `add` of an id that is there replaces it; `remove` of one
 * that is not does nothing. Hits come in the order of the watches' ids.
 */
export function createWatchIndex(): WatchIndex & {
  add(watch: Watch, query: Query): void
  remove(watchId: number): void
  readonly size: number
} {
  const entries = new Map<number, Entry>()
  const places = newPlaces()

  const remove = (watchId: number) => {
    const entry = entries.get(watchId)
    if (!entry) return
    entries.delete(watchId)
    unhang(places, entry)
  }

  return {
    get size() {
      return entries.size
    },
    add(watch, query) {
      remove(watch.id)
      const entry = { watch, query, anchors: findAnchors(query.root) }
      entries.set(watch.id, entry)
      hang(places, entry)
    },
    remove,
    match(item, nowMs) {
      const plain = viewItem(item)
      const candidates = findCandidates(places, plain)
      const view = candidates.size > MANY ? withTokens(plain) : plain
      const hits: Hit[] = []
      for (const { watch, query } of candidates) {
        const words = evaluateView(query, view, nowMs)
        if (words) hits.push({ watch, words })
      }
      return hits.sort((a, b) => a.watch.id - b.watch.id)
    },
  }
}

/** So many candidates pay for `withTokens`. */
const MANY = 16

interface Entry {
  watch: Watch
  query: Query
  anchors: Anchor[] | null
}

/** Who hangs where. */
interface Places {
  /** What has no anchor is asked about every item; `parseQuery` makes no such watch. */
  unanchored: Set<Entry>
  byToken: Record<Anchor['in'], Anchors>
}

interface Anchors {
  whole: Map<string, Set<Entry>>
  prefixes: Map<string, Set<Entry>>
  /**
   * By hash, whether somebody may hang on a token (`WHOLE`) or on its beginning (`PREFIX`): most tokens of an item are
   * passed over without being cut out of its text. What is removed stays marked, and costs a look-up in vain.
   */
  marked: Uint8Array
}

const WHOLE = 1
const PREFIX = 2
const MARKED_SIZE = 2 ** 18

function newPlaces(): Places {
  const none = (): Anchors => ({ whole: new Map(), prefixes: new Map(), marked: new Uint8Array(MARKED_SIZE) })
  return {
    unanchored: new Set(),
    byToken: {
      text: none(),
      author: none(),
      tag: none(),
      url: none(),
      source: none(),
      source_id: none(),
      host: none(),
    },
  }
}

function hang(places: Places, entry: Entry): void {
  if (entry.anchors === null) places.unanchored.add(entry)
  for (const { in: place, token, prefix } of entry.anchors ?? []) {
    const { whole, prefixes, marked } = places.byToken[place]
    const byToken = prefix ? prefixes : whole
    const there = byToken.get(token)
    if (there) {
      there.add(entry)
      continue
    }
    byToken.set(token, new Set([entry]))
    const hash = hashOf(token)
    marked[hash] = (marked[hash] ?? 0) | (prefix ? PREFIX : WHOLE)
  }
}

function unhang(places: Places, entry: Entry): void {
  places.unanchored.delete(entry)
  for (const { in: place, token, prefix } of entry.anchors ?? []) {
    const byToken = prefix ? places.byToken[place].prefixes : places.byToken[place].whole
    const there = byToken.get(token)
    if (there?.delete(entry) && there.size === 0) byToken.delete(token)
  }
}

function hashOf(token: string): number {
  let hash = 0
  for (let at = 0; at < token.length; at += 1) hash = addToHash(hash, token.charCodeAt(at))
  return hash
}

/** Of a token's beginning and its next unit, below `MARKED_SIZE`. */
function addToHash(hash: number, unit: number): number {
  // Knuth's multiplicative hash (TAOCP 6.4): the upper bits are the mixed ones.
  return Math.imul(hash ^ (unit + 0x9e37), 0x9e3779b1) >>> 14
}

function findCandidates(places: Places, view: ItemView): Set<Entry> {
  const found = new Set(places.unanchored)
  const { text, author, tag, url, source, source_id, host } = places.byToken
  if (hasAny(text)) {
    collect(text, view.item.tokens.title, found)
    collect(text, view.item.tokens.text, found)
  }
  // Made only where somebody watches there: most watches are words.
  if (hasAny(author)) collect(author, view.padded('author'), found)
  if (hasAny(tag)) collect(tag, view.padded('tag'), found)
  if (hasAny(url)) collect(url, view.padded('url'), found)
  if (hasAny(source)) collect(source, view.padded('source'), found)
  take(source_id.whole.get(String(view.item.source.id)), found)
  if (hasAny(host)) for (const name of view.hosts()) collectHost(host, name, found)
  return found
}

function hasAny({ whole, prefixes }: Anchors): boolean {
  return whole.size + prefixes.size > 0
}

function collect({ whole, prefixes, marked }: Anchors, stream: string, found: Set<Entry>): void {
  let start = 0
  let hash = 0
  for (let at = 0; at <= stream.length; at += 1) {
    const unit = at < stream.length ? stream.charCodeAt(at) : SPACE
    if (unit === SPACE) {
      if (((marked[hash] ?? 0) & WHOLE) !== 0) take(whole.get(stream.slice(start, at)), found)
      start = at + 1
      hash = 0
    } else {
      hash = addToHash(hash, unit)
      if (((marked[hash] ?? 0) & PREFIX) !== 0) take(prefixes.get(stream.slice(start, at + 1)), found)
    }
  }
}

const SPACE = 0x20

/** A watch of example.com hangs on that; an item of news.example.com looks for both. */
function collectHost({ whole }: Anchors, host: string, found: Set<Entry>): void {
  let name = host
  for (;;) {
    take(whole.get(name), found)
    const dot = name.indexOf('.')
    if (dot < 0) return
    name = name.slice(dot + 1)
  }
}

function take(entries: Set<Entry> | undefined, found: Set<Entry>): void {
  if (entries) for (const entry of entries) found.add(entry)
}
