import { hash } from 'node:crypto'
import type { KnownSlices } from '../../model.ts'
import type { FingerprintedItem, Fingerprints } from '../../ports.ts'
import type { Database } from '../sqlite/driver.ts'

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

  const readBy =
    <T>(read: (value: Buffer) => T) =>
    (sourceId: number): T | null => {
      const value = select.get(sourceId)
      return value ? read(value) : null
    }

  return {
    findPrints: readBy(readPrints),
    find: readBy(decode),
    findStamp: readBy(stampOf),
    replace(sourceId, fingerprints) {
      const before = select.get(sourceId)
      if (!fingerprints || fingerprints.items.length === 0) return void (before && remove.run(sourceId))
      const value = encode(fingerprints)
      if (!before?.equals(value)) write.run(sourceId, value)
    },
  }
}

// ---- The form: columns, each read and written in one go; one item after the other took three times as long ----

/** The first byte. What was written in another form is forgotten: its source is read whole once more. */
const FORM = 2
const PRINT_BYTES = 12
const PRINT_CHARS = 16
const KEY_CHARS = 16
const KEYS_BYTES = (3 * KEY_CHARS) / 2
const PLACE_BYTES = 8
/** The form, and the prints of context and head. */
const HEAD_BYTES = 1 + 2 * PRINT_BYTES
const ENTRY_BYTES = PRINT_BYTES + KEYS_BYTES + PLACE_BYTES + 1
const NO_KEY = '0'.repeat(KEY_CHARS)

const NAMES = ['id', 'url', 'content'] as const
// In one byte: three flags, two bits for what names it, three for how often it was renamed.
const [HAS_ID, HAS_URL, IS_HOME, NAME_SHIFT, NAME_MASK, RENAMED_SHIFT, MAX_RENAMED] = [1, 2, 4, 3, 3, 5, 7]

/** Where each column begins. */
function columnsOf(count: number): { keys: number; places: number; flags: number; end: number } {
  const keys = HEAD_BYTES + count * PRINT_BYTES
  const places = keys + count * KEYS_BYTES
  const flags = places + count * PLACE_BYTES
  return { keys, places, flags, end: flags + count }
}

function encode({ context, head, items }: Fingerprints): Buffer {
  const columns = columnsOf(items.length)
  const value = Buffer.alloc(columns.end)
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  let prints = sized(context, PRINT_CHARS, 'A') + sized(head, PRINT_CHARS, 'A')
  let keys = ''
  let index = 0
  for (const item of items) {
    prints += sized(item.print, PRINT_CHARS, 'A')
    keys += sized(item.keys.id ?? NO_KEY, KEY_CHARS, '0')
    keys += sized(item.keys.url ?? NO_KEY, KEY_CHARS, '0')
    keys += sized(item.keys.content, KEY_CHARS, '0')
    view.setFloat64(columns.places + index * PLACE_BYTES, item.place, true)
    value[columns.flags + index] = flagsOf(item)
    index += 1
  }
  value[0] = FORM
  value.write(prints, 1, 'base64')
  value.write(keys, columns.keys, 'hex')
  return value
}

/** Each stands where its number says: one that is too short would move all the others. */
function sized(text: string, length: number, filler: string): string {
  return text.length === length ? text : text.slice(0, length).padEnd(length, filler)
}

function flagsOf({ keys, namedBy, isHome, renamed = 0 }: FingerprintedItem): number {
  const has = (keys.id === null ? 0 : HAS_ID) | (keys.url === null ? 0 : HAS_URL) | (isHome ? IS_HOME : 0)
  return has | (NAMES.indexOf(namedBy) << NAME_SHIFT) | (Math.min(renamed, MAX_RENAMED) << RENAMED_SHIFT)
}

function readPrints(value: Buffer): KnownSlices | null {
  const count = countOf(value)
  if (count === null) return null
  const [context = '', head = '', ...prints] = printsOf(value, count)
  return { context, head, prints, stamp: stampOf(value) }
}

function stampOf(value: Buffer): string {
  return hash('sha1', value, 'base64')
}

function decode(value: Buffer): Fingerprints | null {
  const count = countOf(value)
  if (count === null) return null
  const columns = columnsOf(count)
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  const [context = '', head = '', ...prints] = printsOf(value, count)
  const hex = value.toString('hex', columns.keys, columns.places)
  const items = prints.map((print, index): FingerprintedItem => {
    const flags = value[columns.flags + index] ?? 0
    const renamed = flags >> RENAMED_SHIFT
    const at = index * 3 * KEY_CHARS
    const [urlAt, contentAt] = [at + KEY_CHARS, at + 2 * KEY_CHARS]
    const item: FingerprintedItem = {
      print,
      place: view.getFloat64(columns.places + index * PLACE_BYTES, true),
      keys: {
        id: flags & HAS_ID ? hex.slice(at, urlAt) : null,
        url: flags & HAS_URL ? hex.slice(urlAt, contentAt) : null,
        content: hex.slice(contentAt, contentAt + KEY_CHARS),
      },
      namedBy: NAMES[(flags >> NAME_SHIFT) & NAME_MASK] ?? 'content',
      isHome: (flags & IS_HOME) !== 0,
    }
    // Seldom: a spread into each costs more than all that is in it.
    return renamed > 0 ? { ...item, renamed } : item
  })
  return { context, head, items }
}

/** Null for what is in another form. */
function countOf(value: Buffer): number | null {
  const count = (value.length - HEAD_BYTES) / ENTRY_BYTES
  return value[0] === FORM && Number.isInteger(count) && count > 0 ? count : null
}

/** Context and head first. */
function printsOf(value: Buffer, count: number): string[] {
  const base64 = value.toString('base64', 1, HEAD_BYTES + count * PRINT_BYTES)
  const prints: string[] = []
  for (let at = 0; at < base64.length; at += PRINT_CHARS) prints.push(base64.slice(at, at + PRINT_CHARS))
  return prints
}
