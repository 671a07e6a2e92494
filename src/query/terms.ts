import type { QueryNode, TextField } from '../model.ts'
import { hostOf, isAddressMeant } from './addresses.ts'
import { rarestToken } from './anchors.ts'
import { hasRow, isNodeMatch, rowParts } from './evaluate.ts'
import { FIRST, Hooks, type Place } from './hooks.ts'
import { grown, IntRows, IntSets } from './int-tables.ts'
import type { ItemView } from './item-view.ts'

/** Columns of a term: the token at which it is looked at, 0 for a condition, which is asked; and the next term there, 0 after the last. */
const HOOK = 0
const NEXT = 1
/** In which walks over an item it can be found, how it is looked at, and how far into its row its hook's token begins. */
const SHAPE = 2
/** How often watches have it. */
const USES = 3
const TERM_BITS = 2

const IN_TITLE = 1
const IN_BODY = 2
const ELSEWHERE = 4
/** The last token of its row may go on. */
const IS_OPEN = 8
/** `judges` decides. */
const IS_JUDGED = 16
const LEAD_BITS = 5
const PARTS = { any: IN_TITLE | IN_BODY, title: IN_TITLE, body: IN_BODY }

/** Columns of a hook: a plain word, what else the token alone brings, and rows around it. */
const PLAIN = FIRST
const WORDS = FIRST + 1
const ROWS = FIRST + 2
/** The walk that met it last, and how often. */
const WALK = FIRST + 3
const TIMES = FIRST + 4
/** So many occurrences of a token are looked at; the rows still missing then are looked for in the whole text. */
const MOST_OCCURRENCES = 16

type Judge = (view: ItemView, nowMs: number) => boolean
type Row = { tokens: string[]; prefix: boolean }
/** `written` as it is told, null for no word; `text` its row in a token stream, null for a single token. */
type NewTerm = { written: string | null; text: string | null; shape: number; judge: Judge | null }

/**
 * What watches ask for in one place (words, rows of words, sites, sources, conditions), and which of it an item has. All who
 * ask for the same in the same spelling share one term. What an item costs follows its tokens and the terms that it has.
 */
export class Terms {
  /** By term, who is told when it is found: numbers of the watch index's own. */
  private readonly watchers = new IntSets()
  private readonly rows = new IntRows(1 << TERM_BITS)
  private readonly hooks = new Hooks()
  private readonly byKey = new Map<string, number>()
  /** By number (`term >> TERM_BITS`): '' where the hook knows it; as it is told, null for no word; its row in a token stream. */
  private readonly keys: string[] = []
  private readonly written: (string | null)[] = []
  private readonly texts: (string | null)[] = []
  private readonly judges = new Map<number, Judge>()
  /** The terms that were judged not to be what the item of the last `find` has. */
  private readonly absent = new Set<number>()
  /** By number, 1 for each term that the item of the last `find` has; and which these are. One byte each stays near the processor. */
  private present = new Uint8Array(1_024)
  private readonly noted: number[] = []
  private notes = 0
  private walks = 0
  private view: ItemView | null = null
  private nowMs = 0
  private onFound: (term: number) => void = () => {}

  /** The terms that a leaf of a query stands for: an item must have one of them. Each gets one more use. */
  take(leaf: QueryNode): number[] {
    switch (leaf.kind) {
      case 'words':
        return [this.takeWords(leaf.field, leaf, leaf.written)]
      case 'site':
        return [this.takeName('host', leaf.host, `site:${leaf.host}`)]
      case 'source':
        return this.takeSource(leaf)
      default:
        return [this.takeCondition(leaf)]
    }
  }

  /** Takes one use back; the last one ends it. */
  release(term: number): void {
    const { cells } = this.rows
    const uses = (cells[term + USES] ?? 0) - 1
    cells[term + USES] = uses
    if (uses > 0) return
    const id = term >> TERM_BITS
    this.byKey.delete(this.keys[id] ?? '')
    this.keys[id] = ''
    this.written[id] = null
    this.texts[id] = null
    this.judges.delete(term)
    this.unhang(term, cells[term + HOOK] ?? 0)
    this.rows.free(term)
  }

  addWatcher(term: number, watcher: number): void {
    this.watchers.add(term >> TERM_BITS, watcher)
  }

  removeWatcher(term: number, watcher: number): void {
    this.watchers.remove(term >> TERM_BITS, watcher)
  }

  forEachWatcher(term: number, tell: (watcher: number) => void): void {
    this.watchers.forEach(term >> TERM_BITS, tell)
  }

  /** As it is told to people; null for what is no word of theirs. */
  writtenOf(term: number): string | null {
    return this.written[term >> TERM_BITS] ?? null
  }

  isCondition(term: number): boolean {
    return this.rows.cells[term + HOOK] === 0
  }

  /** Calls back once with each term that the item has, but for conditions. `nowMs` is for `within:`. */
  find(view: ItemView, nowMs: number, onFound: (term: number) => void): void {
    this.beginRound()
    this.view = view
    this.nowMs = nowMs
    this.onFound = onFound
    if (this.hooks.has('text')) {
      this.walk('text', IN_TITLE, view.padded('title'))
      this.walk('text', IN_BODY, view.padded('body'))
    }
    // Made only where somebody watches there: most watches are words.
    for (const place of ['author', 'tag', 'url', 'source'] as const) {
      if (this.hooks.has(place)) this.walk(place, ELSEWHERE, view.padded(place))
    }
    this.meetWords(this.hooks.find('source_id', String(view.item.source.id), false), ELSEWHERE)
    if (this.hooks.has('host')) for (const name of view.hosts()) this.meetHost(name)
  }

  /** Whether the item of the last `find` has a term that is no condition. */
  isPresent(term: number): boolean {
    return this.present[term >> TERM_BITS] === 1
  }

  /** Whether the item of the last `find` fulfils a condition; each is asked once. */
  isFulfilled(term: number): boolean {
    if (this.isPresent(term)) return true
    if (!this.isJudgedSo(term)) return false
    this.note(term)
    return true
  }

  private takeWords(field: TextField | 'source', wanted: Row, written: string | null): number {
    const { tokens, prefix } = wanted
    const isText = field === 'any' || field === 'title' || field === 'body'
    const place = isText ? 'text' : field
    const row = tokens.length === 1 ? (tokens[0] ?? '') : tokens.join(' ')
    const isPlain = field === 'any' && row === written && !prefix
    if (isPlain && tokens.length === 1) return this.takePlain(row)

    const key = isPlain ? row : `${field}:${row}${prefix ? '*' : ''}:${written}`
    const known = this.byKey.get(key)
    if (known !== undefined) return this.use(known)
    const { token, prefix: isOpenAt, index } = rarestToken(wanted)
    const lead = tokens.slice(0, index).reduce((units, each) => units + each.length + 1, 0)
    const judge = tokens.length > 1 && rowParts(wanted).length > 1 ? judgeOfRow(field, wanted) : null
    const parts = isText ? PARTS[field] : ELSEWHERE
    const term = this.make(key, {
      // One string for both.
      written: isPlain ? key : written,
      text: tokens.length === 1 ? null : isPlain ? key : row,
      shape: parts | (prefix ? IS_OPEN : 0) | (lead << LEAD_BITS),
      judge,
    })
    this.hang(term, this.hooks.take(place, token, isOpenAt), tokens.length === 1 ? WORDS : ROWS)
    return term
  }

  /** Most of what people watch for: its hook knows it, and no other table has to. */
  private takePlain(word: string): number {
    const hook = this.hooks.take('text', word, false)
    const known = this.hooks.rows.cells[hook + PLAIN] ?? 0
    if (known !== 0) return this.use(known)
    const term = this.make('', { written: word, text: null, shape: PARTS.any, judge: null })
    this.rows.cells[term + HOOK] = hook
    this.hooks.rows.cells[hook + PLAIN] = term
    return term
  }

  private takeSource({ id, address, tokens, prefix }: Extract<QueryNode, { kind: 'source' }>): number[] {
    const terms = [this.takeWords('source', { tokens, prefix }, null)]
    if (id !== null) terms.push(this.takeName('source_id', String(id), `source_id:${id}`))
    if (address === null) return terms
    const host = hostOf(`http://${address}`) ?? ''
    const isMeant: Judge = ({ item }) => isAddressMeant(address, item.source.url)
    return [...terms, this.takeName('host', host, `address:${address}`, isMeant)]
  }

  private takeName(place: Place, name: string, key: string, judge: Judge | null = null): number {
    const known = this.byKey.get(key)
    if (known !== undefined) return this.use(known)
    const term = this.make(key, { written: null, text: null, shape: ELSEWHERE, judge })
    this.hang(term, this.hooks.take(place, name, false), WORDS)
    return term
  }

  private takeCondition(leaf: QueryNode): number {
    const key = JSON.stringify(leaf)
    const known = this.byKey.get(key)
    if (known !== undefined) return this.use(known)
    const judge: Judge = (view, nowMs) => isNodeMatch(leaf, view, nowMs)
    return this.make(key, { written: null, text: null, shape: ELSEWHERE, judge })
  }

  private use(term: number): number {
    const { cells } = this.rows
    cells[term + USES] = (cells[term + USES] ?? 0) + 1
    return term
  }

  private make(key: string, { written, text, shape, judge }: NewTerm): number {
    const term = this.rows.take()
    const id = term >> TERM_BITS
    if (id >= this.present.length) this.present = grown(this.present, 1, (length) => new Uint8Array(length))
    this.keys[id] = key
    this.written[id] = written
    this.texts[id] = text
    if (key !== '') this.byKey.set(key, term)
    if (judge) this.judges.set(term, judge)
    this.rows.cells[term + SHAPE] = shape | (judge ? IS_JUDGED : 0)
    return this.use(term)
  }

  private hang(term: number, hook: number, chain: number): void {
    const { cells } = this.rows
    cells[term + HOOK] = hook
    cells[term + NEXT] = this.hooks.rows.cells[hook + chain] ?? 0
    this.hooks.rows.cells[hook + chain] = term
  }

  private unhang(term: number, hook: number): void {
    if (hook === 0) return
    const { cells } = this.hooks.rows
    if (cells[hook + PLAIN] === term) cells[hook + PLAIN] = 0
    for (const chain of [WORDS, ROWS]) cells[hook + chain] = this.without(cells[hook + chain] ?? 0, term)
    if (cells[hook + PLAIN] === 0 && cells[hook + WORDS] === 0 && cells[hook + ROWS] === 0) this.hooks.remove(hook)
  }

  /** The chain that begins with `first`, as it begins then. Linear in it. */
  private without(first: number, gone: number): number {
    const { cells } = this.rows
    const next = cells[gone + NEXT] ?? 0
    if (first === gone) return next
    for (let term = first; term !== 0; term = cells[term + NEXT] ?? 0) {
      if (cells[term + NEXT] === gone) cells[term + NEXT] = next
    }
    return first
  }

  private beginRound(): void {
    for (let at = 0; at < this.notes; at += 1) this.present[(this.noted[at] ?? 0) >> TERM_BITS] = 0
    this.notes = 0
    this.absent.clear()
  }

  private walk(place: Place, part: number, padded: string): void {
    this.walks = (this.walks + 1) | 0
    this.hooks.walk(place, padded, (hook, start) => this.meet(hook, part, padded, start))
  }

  /** The hook's token stands at `start`. Words are met once in a walk, rows at each place until they are found. */
  private meet(hook: number, part: number, padded: string, start: number): void {
    const { cells } = this.hooks.rows
    if (cells[hook + WALK] !== this.walks) {
      cells[hook + WALK] = this.walks
      cells[hook + TIMES] = 0
      this.meetWords(hook, part)
    }
    const times = (cells[hook + TIMES] ?? 0) + 1
    if (cells[hook + ROWS] === 0 || times > MOST_OCCURRENCES) return
    cells[hook + TIMES] = times
    this.meetRows(cells[hook + ROWS] ?? 0, part, padded, times < MOST_OCCURRENCES ? start : null)
  }

  private meetWords(hook: number, part: number): void {
    if (hook === 0) return
    const { cells } = this.rows
    const plain = this.hooks.rows.cells[hook + PLAIN] ?? 0
    if (plain !== 0 && !this.isPresent(plain)) this.found(plain)
    for (let term = this.hooks.rows.cells[hook + WORDS] ?? 0; term !== 0; term = cells[term + NEXT] ?? 0) {
      const shape = cells[term + SHAPE] ?? 0
      if ((shape & part) === 0 || this.isPresent(term)) continue
      if ((shape & IS_JUDGED) === 0 || this.isJudgedSo(term)) this.found(term)
    }
  }

  /** `start` is null where the whole text is to be looked through. */
  private meetRows(first: number, part: number, padded: string, start: number | null): void {
    const { cells } = this.rows
    for (let term = first; term !== 0; term = cells[term + NEXT] ?? 0) {
      const shape = cells[term + SHAPE] ?? 0
      if ((shape & part) === 0 || this.isPresent(term)) continue
      if ((shape & IS_JUDGED) !== 0 ? this.isJudgedSo(term) : this.isRowAt(term, shape, padded, start)) this.found(term)
    }
  }

  private isRowAt(term: number, shape: number, padded: string, start: number | null): boolean {
    const row = this.texts[term >> TERM_BITS] ?? ''
    const isOpen = (shape & IS_OPEN) !== 0
    if (start === null) return padded.includes(isOpen ? ` ${row}` : ` ${row} `)
    const from = start - (shape >> LEAD_BITS)
    if (padded.charCodeAt(from - 1) !== SPACE || !padded.startsWith(row, from)) return false
    return isOpen || padded.charCodeAt(from + row.length) === SPACE
  }

  /** A watch of example.com hangs on that; an item of news.example.com looks for both. */
  private meetHost(host: string): void {
    let name = host
    for (;;) {
      this.meetWords(this.hooks.find('host', name, false), ELSEWHERE)
      const dot = name.indexOf('.')
      if (dot < 0) return
      name = name.slice(dot + 1)
    }
  }

  private found(term: number): void {
    this.note(term)
    this.onFound(term)
  }

  private note(term: number): void {
    this.present[term >> TERM_BITS] = 1
    this.noted[this.notes] = term
    this.notes += 1
  }

  private isJudgedSo(term: number): boolean {
    if (this.view === null || this.absent.has(term)) return false
    if (this.judges.get(term)?.(this.view, this.nowMs)) return true
    this.absent.add(term)
    return false
  }
}

const SPACE = 0x20

function judgeOfRow(field: TextField | 'source', wanted: Row): Judge {
  if (field !== 'any') return (view) => hasRow(view.padded(field), wanted)
  return (view) => hasRow(view.padded('title'), wanted) || hasRow(view.padded('body'), wanted)
}
