import { hash } from 'node:crypto'
import type { KnownSlices } from '../model.ts'
import type { FingerprintedItem, Fingerprints } from '../ports.ts'
import type { Database } from './driver.ts'

export interface FingerprintTable {
  /** Without their places and keys: what the parser needs. */
  findPrints(sourceId: number): KnownSlices | null
  find(sourceId: number): Fingerprints | null
  /** As `KnownSlices` has it; null where nothing is remembered. */
  findStamp(sourceId: number): string | null
  /** Writes only what differs; null forgets. */
  replace(sourceId: number, fingerprints: Fingerprints | null): void
}

/** One row per source; inside the caller's transaction. */
export function createFingerprintTable({ driver }: Database): FingerprintTable {
  const select = driver.prepare<Buffer>('SELECT value FROM fingerprints WHERE source_id = ?').pluck()
  const remove = driver.prepare('DELETE FROM fingerprints WHERE source_id = ?')
  const write = driver.prepare('INSERT OR REPLACE INTO fingerprints (source_id, value) VALUES (?, ?)')

  return {
    findPrints(sourceId) {
      const value = select.get(sourceId)
      return value ? readPrints(value) : null
    },
    find(sourceId) {
      const value = select.get(sourceId)
      return value ? decode(value) : null
    },
    findStamp(sourceId) {
      const value = select.get(sourceId)
      return value ? stampOf(value) : null
    },
    replace(sourceId, fingerprints) {
      const before = select.get(sourceId)
      if (!fingerprints || fingerprints.items.length === 0) return void (before && remove.run(sourceId))
      const value = encode(fingerprints)
      if (!before?.equals(value)) write.run(sourceId, value)
    },
  }
}

// ---- The form: the prints of context and head, then for each item its print, flags, place, and what its keys begin with ----

const PRINT_BYTES = 12
const KEY_BYTES = 8
const FLAGS = PRINT_BYTES
const PLACE = FLAGS + 1
const KEYS = PLACE + 8
const HEAD_BYTES = 2 * PRINT_BYTES
const ENTRY_BYTES = KEYS + 3 * KEY_BYTES

const NAMES = ['id', 'url', 'content'] as const
// In one byte: three flags, two bits for what names it, three for how often it was renamed.
const [HAS_ID, HAS_URL, IS_HOME, NAME_SHIFT, NAME_MASK, RENAMED_SHIFT, MAX_RENAMED] = [1, 2, 4, 3, 3, 5, 7]

function encode({ context, head, items }: Fingerprints): Buffer {
  const value = Buffer.alloc(HEAD_BYTES + items.length * ENTRY_BYTES)
  value.write(context, 0, 'base64')
  value.write(head, PRINT_BYTES, 'base64')
  for (const [index, item] of items.entries()) {
    const at = HEAD_BYTES + index * ENTRY_BYTES
    value.write(item.print, at, 'base64')
    value.writeUInt8(flagsOf(item), at + FLAGS)
    value.writeDoubleLE(item.place, at + PLACE)
    for (const [nth, name] of NAMES.entries()) value.write(item.keys[name] ?? '', at + KEYS + nth * KEY_BYTES, 'hex')
  }
  return value
}

function flagsOf({ keys, namedBy, isHome, renamed = 0 }: FingerprintedItem): number {
  const has = (keys.id === null ? 0 : HAS_ID) | (keys.url === null ? 0 : HAS_URL) | (isHome ? IS_HOME : 0)
  return has | (NAMES.indexOf(namedBy) << NAME_SHIFT) | (Math.min(renamed, MAX_RENAMED) << RENAMED_SHIFT)
}

function readPrints(value: Buffer): KnownSlices {
  const print = printReader(value)
  const prints = offsetsOf(value).map(print)
  return { context: print(0), head: print(PRINT_BYTES), prints, stamp: stampOf(value) }
}

function stampOf(value: Buffer): string {
  return hash('sha1', value, 'base64')
}

function decode(value: Buffer): Fingerprints {
  const print = printReader(value)
  const hex = value.toString('hex')
  const items = offsetsOf(value).map((at): FingerprintedItem => {
    const flags = value.readUInt8(at + FLAGS)
    const renamed = flags >> RENAMED_SHIFT
    const key = (nth: number) => hex.slice(2 * (at + KEYS + nth * KEY_BYTES), 2 * (at + KEYS + (nth + 1) * KEY_BYTES))
    return {
      print: print(at),
      place: value.readDoubleLE(at + PLACE),
      keys: { id: flags & HAS_ID ? key(0) : null, url: flags & HAS_URL ? key(1) : null, content: key(2) },
      namedBy: NAMES[(flags >> NAME_SHIFT) & NAME_MASK] ?? 'content',
      isHome: (flags & IS_HOME) !== 0,
      ...(renamed > 0 && { renamed }),
    }
  })
  return { context: print(0), head: print(PRINT_BYTES), items }
}

function offsetsOf(value: Buffer): number[] {
  const count = Math.floor((value.length - HEAD_BYTES) / ENTRY_BYTES)
  return Array.from({ length: count }, (_, index) => HEAD_BYTES + index * ENTRY_BYTES)
}

/** Prints begin at multiples of three bytes, which are four characters: so the whole is told in base64 at once, which costs half. */
function printReader(value: Buffer): (at: number) => string {
  const base64 = value.toString('base64')
  return (at) => base64.slice((at / 3) * 4, ((at + PRINT_BYTES) / 3) * 4)
}
