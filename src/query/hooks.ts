import { IntLists, IntRows } from './int-tables.ts'

/** Where a token is looked for. */
const PLACES = { text: 1, author: 2, tag: 3, url: 4, source: 5, source_id: 6, host: 7 } as const
export type Place = keyof typeof PLACES

/** Columns of a hook. `FIRST` and those after it are the user's own. */
const NEXT = 0
const HASH = 1
const TOKEN = 2
export const FIRST = 3
const WIDTH = 8

/**
 * A hash table of tokens, each in one place, whole or as the beginning of others (`isOpen`). It is asked with pieces of a
 * text, which are not cut out of it for that.
 */
export class Hooks {
  readonly rows = new IntRows(WIDTH)
  private readonly counts = new Int32Array(8)
  /** By the upper bits of a hash, the first hook; the others follow by `NEXT`. */
  private buckets = new Int32Array(2 ** 12)
  private shift = 32 - 12
  private size = 0
  /** Each with its length and its head before it. */
  private readonly tokens = new IntLists((length) => new Uint16Array(length))
  /** By the upper bits of a hash, whether a hook may be open there. What is gone stays, and costs a look in vain. */
  private readonly opened = new Uint8Array(2 ** 16)
  private units = new Uint16Array(2 ** 14)
  private bytes = Buffer.from(this.units.buffer)

  /** Whether there is any in this place. */
  has(place: Place): boolean {
    return this.counts[PLACES[place]] !== 0
  }

  /** The hook of a token, or 0. */
  find(place: Place, token: string, isOpen: boolean): number {
    const length = this.read(token)
    return this.lookUp(hashOf(this.units, length, PLACES[place]), headOf(place, isOpen), 0, length)
  }

  /** The same, made where there is none. */
  take(place: Place, token: string, isOpen: boolean): number {
    const known = this.find(place, token, isOpen)
    if (known !== 0) return known
    const hash = hashOf(this.units, token.length, PLACES[place])
    if (this.size >= this.buckets.length) this.spread()
    const hook = this.rows.take()
    const { cells } = this.rows
    const bucket = hash >>> this.shift
    cells[hook + NEXT] = this.buckets[bucket] ?? 0
    cells[hook + HASH] = hash
    cells[hook + TOKEN] = this.keep(token.length, headOf(place, isOpen))
    this.buckets[bucket] = hook
    if (isOpen) this.opened[hash >>> 16] = 1
    this.counts[PLACES[place]] = (this.counts[PLACES[place]] ?? 0) + 1
    this.size += 1
    return hook
  }

  remove(hook: number): void {
    const { cells } = this.rows
    const bucket = (cells[hook + HASH] ?? 0) >>> this.shift
    const next = cells[hook + NEXT] ?? 0
    const first = this.buckets[bucket] ?? 0
    if (first === hook) this.buckets[bucket] = next
    for (let at = first; at !== 0; at = cells[at + NEXT] ?? 0) if (cells[at + NEXT] === hook) cells[at + NEXT] = next
    const token = cells[hook + TOKEN] ?? 0
    const place = (this.tokens.numbers[token + 1] ?? 0) >> 1
    this.tokens.free(token, (this.tokens.numbers[token] ?? 0) + 2)
    this.counts[place] = (this.counts[place] ?? 0) - 1
    this.rows.free(hook)
    this.size -= 1
  }

  /** Calls back with each hook whose token stands in a padded token stream, and where: as often as it stands there. */
  walk(place: Place, padded: string, meet: (hook: number, start: number) => void): void {
    const length = this.read(padded)
    const { units, opened } = this
    const seed = PLACES[place]
    const [whole, open] = [headOf(place, false), headOf(place, true)]
    let start = 1
    let hash: number = seed
    for (let at = 1; at < length; at += 1) {
      const unit = units[at] ?? 0
      if (unit === SPACE) {
        const hook = this.lookUp(hash, whole, start, at)
        if (hook !== 0) meet(hook, start)
        start = at + 1
        hash = seed
      } else {
        hash = addToHash(hash, unit)
        if (opened[hash >>> 16] === 1) {
          const hook = this.lookUp(hash, open, start, at + 1)
          if (hook !== 0) meet(hook, start)
        }
      }
    }
  }

  private lookUp(hash: number, head: number, start: number, end: number): number {
    const { cells } = this.rows
    let hook = this.buckets[hash >>> this.shift] ?? 0
    while (hook !== 0) {
      if (cells[hook + HASH] === hash && this.isToken(cells[hook + TOKEN] ?? 0, head, start, end)) return hook
      hook = cells[hook + NEXT] ?? 0
    }
    return 0
  }

  private isToken(token: number, head: number, start: number, end: number): boolean {
    const { numbers } = this.tokens
    if (numbers[token] !== end - start || numbers[token + 1] !== head) return false
    const { units } = this
    for (let at = start, of = token + 2; at < end; at += 1, of += 1) if (numbers[of] !== units[at]) return false
    return true
  }

  /** Into `units`. */
  private read(text: string): number {
    // To ask a long string for each of its units takes longer than to copy them at once; for a word it is the other way.
    if (text.length <= 32) {
      for (let at = 0; at < text.length; at += 1) this.units[at] = text.charCodeAt(at)
      return text.length
    }
    if (text.length > this.units.length) {
      this.units = new Uint16Array(2 * text.length)
      this.bytes = Buffer.from(this.units.buffer)
    }
    return this.bytes.write(text, 'utf16le') / 2
  }

  /** What `units` begins with, put to the tokens. */
  private keep(length: number, head: number): number {
    const token = this.tokens.take(length + 2)
    const { numbers } = this.tokens
    numbers[token] = length
    numbers[token + 1] = head
    for (let at = 0; at < length; at += 1) numbers[token + 2 + at] = this.units[at] ?? 0
    return token
  }

  private spread(): void {
    const { cells } = this.rows
    const before = this.buckets
    this.buckets = new Int32Array(4 * before.length)
    this.shift -= 2
    for (const first of before) {
      for (let hook = first, next = 0; hook !== 0; hook = next) {
        next = cells[hook + NEXT] ?? 0
        const bucket = (cells[hook + HASH] ?? 0) >>> this.shift
        cells[hook + NEXT] = this.buckets[bucket] ?? 0
        this.buckets[bucket] = hook
      }
    }
  }
}

const SPACE = 0x20

function headOf(place: Place, isOpen: boolean): number {
  return 2 * PLACES[place] + (isOpen ? 1 : 0)
}

function hashOf(units: Uint16Array, length: number, seed: number): number {
  let hash = seed
  for (let at = 0; at < length; at += 1) hash = addToHash(hash, units[at] ?? 0)
  return hash
}

/** Of a token's beginning and its next unit. */
function addToHash(hash: number, unit: number): number {
  // Knuth's multiplicative hash (TAOCP 6.4): the upper bits are the mixed ones.
  return Math.imul(hash ^ unit, 0x9e3779b1)
}
