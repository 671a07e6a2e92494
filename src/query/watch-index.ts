import type { Hit, Matchable, Query, QueryNode, Watch } from '../model.ts'
import type { WatchIndex } from '../ports.ts'
import { findAnchors } from './anchors.ts'
import { viewItem } from './evaluate.ts'
import { IntLists } from './int-tables.ts'
import { collectWords, endOf, isSo, termsOf, writeProgram } from './program.ts'
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

/*
 * A watch that is asked is a list of numbers: its own number, the round (one for each item) in which it was put down to be
 * asked, for how many publishers it waits (0 for none), how many anchors it has, the terms that these are, and its program.
 */
const WATCH = 0
const MET_IN = 1
const WAITS_FOR = 2
const COUNT = 3
const ANCHORS = 4

/**
 * An item is looked through once, for all that anybody watches for. A watch of one word or phrase is called where that is
 * found; every other one hangs on a few of its terms, one of which all items that it matches must have, and is asked then. So
 * an item costs what its tokens and its hits cost, however many watches there are.
 */
class Index implements WatchIndex {
  private readonly terms = new Terms()
  /** What has an id has a number. */
  private readonly numberOf = new Map<number, number>()
  private readonly freed: number[] = []
  /** By number. */
  private readonly watches: (Watch | null)[] = []
  /** By number: where its list begins in `lists`, or `~term` if that alone is what it asks for. */
  private readonly places: number[] = []
  private readonly lists = new IntLists((length) => new Int32Array(length))
  /** Who has no anchor is asked about every item; `parseQuery` makes no such watch. */
  private readonly unanchored = new Set<number>()
  private round = 0
  /** Used again for each item, as far as they are filled: to empty them would give their room back. */
  private readonly toAsk: number[] = []
  private asking = 0
  private readonly words: string[] = []
  private hits: Hit[] = []

  get size(): number {
    return this.numberOf.size
  }

  add(watch: Watch, { root, publishers = 0 }: Query): void {
    this.remove(watch.id)
    const number = this.freed.pop() ?? this.watches.length
    this.numberOf.set(watch.id, number)
    this.watches[number] = watch
    const isOne = root.kind === 'words' && publishers === 0
    this.places[number] = isOne ? this.addTerm(number, root) : this.addList(number, publishers, root)
  }

  remove(watchId: number): void {
    const number = this.numberOf.get(watchId)
    if (number === undefined) return
    this.numberOf.delete(watchId)
    this.freed.push(number)
    this.watches[number] = null
    const place = this.places[number] ?? 0
    if (place < 0) this.removeTerm(number, ~place)
    else this.removeList(place)
  }

  match(item: Matchable, nowMs: number): Hit[] {
    this.beginRound()
    const hits: Hit[] = []
    this.hits = hits
    for (const list of this.unanchored) this.putDown(list)
    this.terms.find(viewItem(item), nowMs, (term) => this.call(term))
    for (let at = 0; at < this.asking; at += 1) this.ask(this.toAsk[at] ?? 0)
    this.hits = []
    return hits
  }

  private addTerm(number: number, leaf: QueryNode): number {
    const [term = 0] = this.terms.take(leaf)
    this.terms.sure.add(term, number)
    return ~term
  }

  private removeTerm(number: number, term: number): void {
    this.terms.sure.remove(term, number)
    this.terms.release(term)
  }

  private addList(number: number, publishers: number, root: QueryNode): number {
    const taken = new Map<QueryNode, number[]>()
    const program: number[] = []
    writeProgram(root, program, this.terms, taken)
    const anchors: number[] = []
    for (const leaf of findAnchors(root) ?? []) {
      for (const term of taken.get(leaf) ?? []) if (!anchors.includes(term)) anchors.push(term)
    }
    const list = this.lists.put([number, 0, publishers, anchors.length, ...anchors, ...program])
    for (const term of anchors) this.terms.others.add(term, list)
    if (anchors.length === 0) this.unanchored.add(list)
    return list
  }

  private removeList(list: number): void {
    const { numbers } = this.lists
    const program = this.programOf(list)
    for (const term of numbers.subarray(list + ANCHORS, program)) this.terms.others.remove(term, list)
    this.unanchored.delete(list)
    for (const term of termsOf(numbers, program)) this.terms.release(term)
    this.lists.free(list, endOf(numbers, program) - list)
  }

  private programOf(list: number): number {
    return list + ANCHORS + (this.lists.numbers[list + COUNT] ?? 0)
  }

  private beginRound(): void {
    this.asking = 0
    this.round += 1
    if (this.round < 2 ** 31) return
    this.round = 1
    for (const place of this.places) if (place >= 0) this.lists.numbers[place + MET_IN] = 0
  }

  private call(term: number): void {
    const sure = this.terms.sure.of(term)
    if (sure !== undefined) this.hitAll(sure, [this.terms.writtenOf(term) ?? ''])
    const others = this.terms.others.of(term)
    if (others !== undefined) this.putDownAll(others)
  }

  private hitAll(numbers: number | readonly number[], words: string[]): void {
    if (typeof numbers === 'number') this.hit(numbers, words)
    else for (let at = 0; at < numbers.length; at += 1) this.hit(numbers[at] ?? 0, words)
  }

  private hit(number: number, words: string[]): void {
    const watch = this.watches[number]
    if (watch) this.hits.push({ watch, words })
  }

  private putDownAll(lists: number | readonly number[]): void {
    if (typeof lists === 'number') this.putDown(lists)
    else for (let at = 0; at < lists.length; at += 1) this.putDown(lists[at] ?? 0)
  }

  private putDown(list: number): void {
    const { numbers } = this.lists
    if (numbers[list + MET_IN] === this.round) return
    numbers[list + MET_IN] = this.round
    this.toAsk[this.asking] = list
    this.asking += 1
  }

  private ask(list: number): void {
    const { numbers } = this.lists
    const program = this.programOf(list)
    if (!isSo(numbers, program, this.terms)) return
    const watch = this.watches[numbers[list + WATCH] ?? 0]
    if (!watch) return
    const words = this.words.slice(0, collectWords(numbers, program, this.terms, this.words, 0))
    const waitsFor = numbers[list + WAITS_FOR] ?? 0
    this.hits.push(waitsFor === 0 ? { watch, words } : { watch, words, waitsFor })
  }
}
