import type { Hit, Matchable, Query, QueryNode, Watch } from '../model.ts'
import type { WatchIndex } from '../ports.ts'
import { findAnchors } from './anchors.ts'
import { grown, IntLists } from './int-tables.ts'
import { viewItem } from './item-view.ts'
import { collectWords, endOf, isAnyOfTerms, isSo, termsOf, writeProgram } from './program.ts'
import { Terms } from './terms.ts'

/**
 * An empty index of watches. `add` of an id that is there replaces it; `remove` of one that is not does nothing. Hits come in
 * no order (putting thousands in one would cost what finding them does), and may share their `words`.
 */
export function createWatchIndex(): WatchIndex & {
  add(watch: Watch, query: Query): void
  remove(watchId: number): void
  readonly size: number
} {
  return new Index()
}

/**
 * How a watch answers where one of its terms is found, in the lower bits of what that term knows of it; above them stands the
 * watch's number.
 */
const HOW_BITS = 2
/** It matches: the term is all that it asks for. */
const ONE = 0
/** It matches: the term is one of those of which it asks for any. */
const ANY = 1
/** It is asked when all terms of the item are known. */
const ASKED = 2
const HOW = (1 << HOW_BITS) - 1

/**
 * What a watch has in `lists`, if it is no `ONE`: for how many publishers it waits (0 for none), on how many terms it hangs,
 * its program, and behind that these terms.
 */
const WAITS_FOR = 0
const COUNT = 1
const PROGRAM = 2

/** Stands for the words of a hit that has more than one, until all of them are known. */
const SEVERAL: string[] = []

/**
 * An item is looked through once, for all that anybody watches for. A watch of one word or phrase, or of any of some, matches
 * where one is found; every other one hangs on a few of its terms, one of which all items that it matches must have, and is
 * asked then. So an item costs what its tokens and its hits cost, however many watches there are.
 */
class Index implements WatchIndex {
  private readonly terms = new Terms()
  /** What has an id has a number. */
  private readonly numberOf = new Map<number, number>()
  private readonly freed: number[] = []
  /** By number. */
  private readonly watches: (Watch | undefined)[] = []
  /** By number: where its list begins in `lists`, or `~term` if that alone is what it asks for. */
  private readonly places: number[] = []
  private readonly lists = new IntLists((length) => new Int32Array(length))
  /** By number. Who has no anchor is asked about every item; `parseQuery` makes no such watch. */
  private readonly unanchored = new Set<number>()
  /** Two by number: the round (one for each item) in which it was met last, and which hit of that item is its. */
  private met = new Int32Array(2_048)
  private round = 0
  private hits: Hit[] = []
  /** Numbers: whom to ask, and for whose hits the words are to be collected. */
  private toAsk: number[] = []
  private toCollect: number[] = []
  /** Used again, as far as it is filled: to empty it would give its room back. */
  private readonly words: string[] = []

  get size(): number {
    return this.numberOf.size
  }

  add(watch: Watch, { root, publishers = 0 }: Query): void {
    this.remove(watch.id)
    const number = this.freed.at(-1) ?? this.watches.length
    const isOne = root.kind === 'words' && publishers === 0
    // Whoever adds many goes on with the next where one is not to be understood: until it is in its place, it is not there.
    this.places[number] = isOne ? this.addOne(number, root) : this.addList(number, publishers, root)
    this.freed.pop()
    this.numberOf.set(watch.id, number)
    this.watches[number] = watch
    if (2 * number >= this.met.length) this.met = grown(this.met, 2, (length) => new Int32Array(length))
  }

  remove(watchId: number): void {
    const number = this.numberOf.get(watchId)
    if (number === undefined) return
    this.numberOf.delete(watchId)
    this.freed.push(number)
    this.watches[number] = undefined
    const place = this.places[number] ?? 0
    if (place < 0) this.removeOne(number, ~place)
    else this.removeList(number, place)
  }

  match(item: Matchable, nowMs: number): Hit[] {
    this.beginRound()
    const { hits } = this
    this.terms.find(viewItem(item), nowMs, (term) => this.call(term))
    for (const number of this.toAsk) this.ask(number)
    for (const number of this.unanchored) this.ask(number)
    for (const number of this.toCollect) this.collect(number)
    return hits
  }

  private addOne(number: number, leaf: QueryNode): number {
    const [term = 0] = this.terms.take(leaf)
    this.terms.addWatcher(term, asOf(number, ONE))
    return ~term
  }

  private removeOne(number: number, term: number): void {
    this.terms.removeWatcher(term, asOf(number, ONE))
    this.terms.release(term)
  }

  private addList(number: number, publishers: number, root: QueryNode): number {
    const leaves = findAnchors(root) ?? []
    const anchors: number[] = []
    const list = [publishers, 0]
    writeProgram(root, list, this.terms, (leaf, terms) => {
      if (!leaves.some((each) => each === leaf)) return
      for (const term of terms) if (!anchors.includes(term)) anchors.push(term)
    })
    list[COUNT] = anchors.length
    for (const term of anchors) list.push(term)
    if (anchors.length === 0) this.unanchored.add(number)
    const place = this.lists.put(list)
    const how = this.howOf(place)
    for (const term of anchors) this.terms.addWatcher(term, asOf(number, how))
    return place
  }

  private removeList(number: number, list: number): void {
    const { numbers } = this.lists
    const how = this.howOf(list)
    const anchors = endOf(numbers, list + PROGRAM)
    const end = anchors + (numbers[list + COUNT] ?? 0)
    for (let at = anchors; at < end; at += 1) this.terms.removeWatcher(numbers[at] ?? 0, asOf(number, how))
    this.unanchored.delete(number)
    for (const term of termsOf(numbers, list + PROGRAM)) this.terms.release(term)
    this.lists.free(list, end - list)
  }

  private howOf(list: number): number {
    const { numbers } = this.lists
    return numbers[list + WAITS_FOR] === 0 && isAnyOfTerms(numbers, list + PROGRAM) ? ANY : ASKED
  }

  private beginRound(): void {
    this.hits = []
    this.toAsk = []
    this.toCollect = []
    this.round = (this.round + 1) | 0
  }

  private call(term: number): void {
    const written = this.terms.writtenOf(term)
    const words = written === null ? [] : [written]
    this.terms.forEachWatcher(term, (watcher) => this.meet(watcher, words))
  }

  /** `words` are those of the term that was found; all who match by it share them. */
  private meet(watcher: number, words: string[]): void {
    const number = watcher >> HOW_BITS
    const how = watcher & HOW
    if (how === ONE) this.hit(number, words)
    else if (this.met[2 * number] === this.round) this.meetAgain(number, how)
    else {
      this.met[2 * number] = this.round
      this.met[2 * number + 1] = this.hits.length
      if (how === ANY) this.hit(number, words)
      else this.toAsk.push(number)
    }
  }

  private meetAgain(number: number, how: number): void {
    const hit = how === ANY ? this.hits[this.met[2 * number + 1] ?? 0] : undefined
    if (!hit || hit.words === SEVERAL) return
    hit.words = SEVERAL
    this.toCollect.push(number)
  }

  private hit(number: number, words: string[]): void {
    const watch = this.watches[number]
    // Compared, and not asked whether it is true: that looks at the watch itself, far away in the memory, and takes as long
    // as all the rest of a hit.
    if (watch !== undefined) this.hits.push({ watch, words })
  }

  private collect(number: number): void {
    const hit = this.hits[this.met[2 * number + 1] ?? 0]
    if (hit) hit.words = this.wordsOf(this.places[number] ?? 0)
  }

  private ask(number: number): void {
    const { numbers } = this.lists
    const list = this.places[number] ?? 0
    if (!isSo(numbers, list + PROGRAM, this.terms)) return
    const watch = this.watches[number]
    if (watch === undefined) return
    const words = this.wordsOf(list)
    const waitsFor = numbers[list + WAITS_FOR] ?? 0
    this.hits.push(waitsFor === 0 ? { watch, words } : { watch, words, waitsFor })
  }

  private wordsOf(list: number): string[] {
    return this.words.slice(0, collectWords(this.lists.numbers, list + PROGRAM, this.terms, this.words, 0))
  }
}

function asOf(number: number, how: number): number {
  return (number << HOW_BITS) | how
}
