import type { KnownSlices } from '../model.ts'
import type { FingerprintedItem, Fingerprints } from '../ports.ts'
import type { Database } from './driver.ts'

export interface FingerprintTable {
  /** Without their places and keys: what the parser needs. */
  findPrints(sourceId: number): KnownSlices | null
  find(sourceId: number): Fingerprints | null
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
      return value ? { context: readPrint(value, 0), prints: offsetsOf(value).map((at) => readPrint(value, at)) } : null
    },
    find(sourceId) {
      const value = select.get(sourceId)
      return value ? { context: readPrint(value, 0), items: offsetsOf(value).map((at) => decode(value, at)) } : null
    },
    replace(sourceId, fingerprints) {
      const before = select.get(sourceId)
      if (!fingerprints || fingerprints.items.length === 0) return void (before && remove.run(sourceId))
      const value = encode(fingerprints)
      if (!before?.equals(value)) write.run(sourceId, value)
    },
  }
}

// ---- The form: the context's print, then for each item its print, flags, place, and what its keys begin with ----

const PRINT_BYTES = 12
const KEY_BYTES = 8
const FLAGS = PRINT_BYTES
const PLACE = FLAGS + 1
const KEYS = PLACE + 8
const ENTRY_BYTES = KEYS + 3 * KEY_BYTES

const NAMES = ['id', 'url', 'content'] as const
const [HAS_ID, HAS_URL, IS_HOME, NAME_SHIFT] = [1, 2, 4, 3]

function encode({ context, items }: Fingerprints): Buffer {
  const value = Buffer.alloc(PRINT_BYTES + items.length * ENTRY_BYTES)
  value.write(context, 0, 'base64')
  for (const [index, { print, place, keys, namedBy, isHome }] of items.entries()) {
    const at = PRINT_BYTES + index * ENTRY_BYTES
    const has = (keys.id === null ? 0 : HAS_ID) | (keys.url === null ? 0 : HAS_URL) | (isHome ? IS_HOME : 0)
    value.write(print, at, 'base64')
    value.writeUInt8(has | (NAMES.indexOf(namedBy) << NAME_SHIFT), at + FLAGS)
    value.writeDoubleLE(place, at + PLACE)
    for (const [nth, name] of NAMES.entries()) value.write(keys[name] ?? '', at + KEYS + nth * KEY_BYTES, 'hex')
  }
  return value
}

function offsetsOf(value: Buffer): number[] {
  const count = Math.floor((value.length - PRINT_BYTES) / ENTRY_BYTES)
  return Array.from({ length: count }, (_, index) => PRINT_BYTES + index * ENTRY_BYTES)
}

function readPrint(value: Buffer, at: number): string {
  return value.toString('base64', at, at + PRINT_BYTES)
}

function decode(value: Buffer, at: number): FingerprintedItem {
  const flags = value.readUInt8(at + FLAGS)
  const key = (nth: number) => value.toString('hex', at + KEYS + nth * KEY_BYTES, at + KEYS + (nth + 1) * KEY_BYTES)
  return {
    print: readPrint(value, at),
    place: value.readDoubleLE(at + PLACE),
    keys: { id: flags & HAS_ID ? key(0) : null, url: flags & HAS_URL ? key(1) : null, content: key(2) },
    namedBy: NAMES[flags >> NAME_SHIFT] ?? 'content',
    isHome: (flags & IS_HOME) !== 0,
  }
}
