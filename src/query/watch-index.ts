import type { Hit, Query, Watch } from '../model.ts'
import type { WatchIndex } from '../ports.ts'
import { type Anchor, findAnchors } from './anchors.ts'
import { evaluateView, type ItemView, rowParts, viewItem, withTokens } from './evaluate.ts'

/**
 * An empty index of watches. Each hangs on a few anchors, one of which every item that it matches must have: an item costs
 * what its tokens and its hits cost, however many watches there are. `add` of an id that is there replaces it; `remove` of one
 * that is not does nothing. Hits come in no order: putting thousands in one would cost what finding them does.
 */
export function createWatchIndex(): WatchIndex & {
  add(watch: Watch, query: Query): void
  remove(watchId: number): void
  readonly size: number
} {
  const entries = new Map<number, Entry>()
  const places = newPlaces()
  let round = 0

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
      const entry = newEntry(watch, query)
      entries.set(watch.id, entry)
      hang(places, entry)
    },
    remove,
    match(item, nowMs) {
      round += 1
      const plain = viewItem(item)
      const found: Found = { round, sure: [], toAsk: [] }
      findEntries(places, plain, found)
      const hits = found.sure.map(({ watch, written }): Hit => ({ watch, words: [written] }))
      const view = found.toAsk.length > MANY ? withTokens(plain) : plain
      for (const { watch, query } of found.toAsk) {
        const words = evaluateView(query, view, nowMs)
        if (words) hits.push({ watch, words })
      }
      return hits
    },
  }
}

/** So many questions pay for `withTokens`. */
const MANY = 16

/** A watch, and by what it is known in a text. */
interface Entry {
  watch: Watch
  query: Query
  anchors: Anchor[] | null
  /** A `word` matches where its anchor stands, a `phrase` where its row stands around it; all `others` must be asked. */
  kind: 'word' | 'phrase' | 'others'
  /** The whole phrase as a padded stream has it, and where in it the anchor begins. */
  row: string
  lead: number
  /** The word or phrase. */
  written: string
  /** The round in which it was last found, or put down to be asked. */
  metIn: number
}

function newEntry(watch: Watch, query: Query): Entry {
  const { root } = query
  const anchors = findAnchors(root)
  const others = { watch, query, anchors, kind: 'others' as const, row: '', lead: 0, written: '', metIn: 0 }
  if (root.kind !== 'words' || root.field !== 'any') return others
  const { tokens, written } = root
  const [row, ...more] = rowParts(root)
  const at = tokens.indexOf(anchors?.[0]?.token ?? '')
  // Where a token before the last may go on, the row has no one form.
  if (row === undefined || more.length > 0 || at < 0) return others
  const lead = tokens.slice(0, at).reduce((units, token) => units + token.length + 1, 1)
  return { ...others, kind: tokens.length === 1 ? 'word' : 'phrase', row, lead, written }
}

/** What an item may have called, each entry once: most are known by where they stand, the others must be asked. */
interface Found {
  round: number
  sure: Entry[]
  toAsk: Entry[]
}

/** Who hangs where. */
interface Places {
  /** What has no anchor is asked about every item; `parseQuery` makes no such watch. */
  unanchored: Set<Entry>
  byToken: Record<Anchor['in'], Anchors>
}

interface Anchors {
  whole: Map<string, Hook>
  prefixes: Map<string, Hook>
  /**
   * By hash, whether somebody may hang on a token (`WHOLE`) or on its beginning (`PREFIX`): most tokens of an item are
   * passed over without being cut out of its text. What is removed stays marked, and costs a look-up in vain.
   */
  marked: Uint8Array
}

/** All who hang on one token, by their kind. */
interface Hook {
  word: Entry[] | null
  phrase: Entry[] | null
  others: Entry[] | null
  /** The round in which an item had the token last, and how often it has met it there. */
  metIn: number
  times: number
}

const WHOLE = 1
const PREFIX = 2
const MARKED_SIZE = 2 ** 18
/** So many occurrences of a token are looked at; who still waits then is asked about the whole text. */
const MOST_OCCURRENCES = 16

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
    const hooks = prefix ? prefixes : whole
    let hook = hooks.get(token)
    if (!hook) {
      hook = { word: null, phrase: null, others: null, metIn: 0, times: 0 }
      hooks.set(token, hook)
      const hash = hashOf(token)
      marked[hash] = (marked[hash] ?? 0) | (prefix ? PREFIX : WHOLE)
    }
    const there = hook[entry.kind]
    // An OR can hang on one token twice.
    if (there === null) hook[entry.kind] = [entry]
    else if (there.at(-1) !== entry) there.push(entry)
  }
}

function unhang(places: Places, entry: Entry): void {
  places.unanchored.delete(entry)
  for (const { in: place, token, prefix } of entry.anchors ?? []) {
    const hooks = prefix ? places.byToken[place].prefixes : places.byToken[place].whole
    const hook = hooks.get(token)
    if (!hook) continue
    hook[entry.kind] = without(hook[entry.kind], entry)
    if (hook.word === null && hook.phrase === null && hook.others === null) hooks.delete(token)
  }
}

function without(entries: Entry[] | null, entry: Entry): Entry[] | null {
  const at = entries?.lastIndexOf(entry) ?? -1
  if (entries === null || at < 0) return entries
  // Their order says nothing: the last one takes its place.
  const last = entries.pop()
  if (last !== undefined && last !== entry) entries[at] = last
  return entries.length === 0 ? null : entries
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

function findEntries(places: Places, view: ItemView, found: Found): void {
  takeAll(places.unanchored, found.round, found.toAsk)
  const { text, author, tag, url, source, source_id, host } = places.byToken
  if (hasAny(text)) {
    collect(text, view.padded('title'), found)
    collect(text, view.padded('body'), found)
  }
  // Made only where somebody watches there: most watches are words.
  if (hasAny(author)) collect(author, view.padded('author'), found)
  if (hasAny(tag)) collect(tag, view.padded('tag'), found)
  if (hasAny(url)) collect(url, view.padded('url'), found)
  if (hasAny(source)) collect(source, view.padded('source'), found)
  takeAll(source_id.whole.get(String(view.item.source.id))?.others ?? null, found.round, found.toAsk)
  if (hasAny(host)) for (const name of view.hosts()) collectHost(host, name, found)
}

function hasAny({ whole, prefixes }: Anchors): boolean {
  return whole.size + prefixes.size > 0
}

function collect({ whole, prefixes, marked }: Anchors, padded: string, found: Found): void {
  let start = 1
  let hash = 0
  for (let at = 1; at < padded.length; at += 1) {
    const unit = padded.charCodeAt(at)
    if (unit === SPACE) {
      if (((marked[hash] ?? 0) & WHOLE) !== 0) meet(whole.get(padded.slice(start, at)), padded, start, found)
      start = at + 1
      hash = 0
    } else {
      hash = addToHash(hash, unit)
      if (((marked[hash] ?? 0) & PREFIX) !== 0) meet(prefixes.get(padded.slice(start, at + 1)), padded, start, found)
    }
  }
}

const SPACE = 0x20

/** The token stands at `start`. A word that an item repeats is met once, a phrase at each place until it is found. */
function meet(hook: Hook | undefined, padded: string, start: number, found: Found): void {
  if (!hook) return
  if (hook.metIn !== found.round) {
    hook.metIn = found.round
    hook.times = 0
    takeAll(hook.word, found.round, found.sure)
    takeAll(hook.others, found.round, found.toAsk)
  }
  if (hook.phrase === null || hook.times > MOST_OCCURRENCES) return
  hook.times += 1
  if (hook.times > MOST_OCCURRENCES) {
    takeAll(hook.phrase, found.round, found.toAsk)
    return
  }
  for (const entry of hook.phrase) {
    if (entry.metIn === found.round || !padded.startsWith(entry.row, start - entry.lead)) continue
    entry.metIn = found.round
    found.sure.push(entry)
  }
}

function takeAll(entries: Iterable<Entry> | null, round: number, into: Entry[]): void {
  if (entries === null) return
  for (const entry of entries) {
    if (entry.metIn === round) continue
    entry.metIn = round
    into.push(entry)
  }
}

/** A watch of example.com hangs on that; an item of news.example.com looks for both. */
function collectHost({ whole }: Anchors, host: string, found: Found): void {
  let name = host
  for (;;) {
    takeAll(whole.get(name)?.others ?? null, found.round, found.toAsk)
    const dot = name.indexOf('.')
    if (dot < 0) return
    name = name.slice(dot + 1)
  }
}
