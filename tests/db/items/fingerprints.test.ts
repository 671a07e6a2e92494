import { expect, test } from 'vitest'
import { createFingerprintTable } from '../../../src/db/items/fingerprints.ts'
import { openDriver } from '../../../src/db/sqlite/binding.ts'
import type { Database } from '../../../src/db/sqlite/driver.ts'
import type { FingerprintedItem, Fingerprints } from '../../../src/ports.ts'

function openTable() {
  const driver = openDriver(':memory:')
  driver.exec('CREATE TABLE fingerprints (source_id INTEGER PRIMARY KEY, value BLOB NOT NULL)')
  // The table asks for its driver only.
  return { driver, table: createFingerprintTable({ driver } as Database) }
}

const key = (letter: string) => letter.repeat(16)
const item = (given: Partial<FingerprintedItem> = {}): FingerprintedItem => ({
  print: 'AbCd/+09AbCd/+09',
  place: 1_790_000_000_000_123,
  keys: { id: key('1'), url: key('a'), content: key('f') },
  namedBy: 'id',
  isHome: false,
  ...given,
})
const FINGERPRINTS: Fingerprints = {
  context: 'ContextContextCo',
  head: 'HeadHeadHeadHead',
  items: [
    item(),
    item({ print: 'A'.repeat(16), keys: { id: null, url: key('b'), content: key('0') }, namedBy: 'url', renamed: 7 }),
    item({ place: 0, keys: { id: null, url: null, content: key('e') }, namedBy: 'content', isHome: true, renamed: 1 }),
  ],
}

test('what is remembered of a source comes back as it was, and its prints alone likewise', () => {
  const { table } = openTable()
  table.replace(1, FINGERPRINTS)

  expect(table.find(1)).toEqual(FINGERPRINTS)
  expect(table.findPrints(1)).toEqual({
    context: FINGERPRINTS.context,
    head: FINGERPRINTS.head,
    prints: FINGERPRINTS.items.map(({ print }) => print),
    stamp: table.findStamp(1),
  })
  expect(table.find(2)).toBeNull()
})

test('the stamp moves with anything that is remembered, and with nothing else', () => {
  const { table } = openTable()
  const stamps = [FINGERPRINTS, { ...FINGERPRINTS, items: FINGERPRINTS.items.slice(1) }, FINGERPRINTS].map((given) => {
    table.replace(1, given)
    return table.findStamp(1)
  })

  expect(stamps[1]).not.toBe(stamps[0])
  expect(stamps[2]).toBe(stamps[0])
})

test('null, and a document without items, are forgotten', () => {
  const { table } = openTable()
  for (const nothing of [null, { ...FINGERPRINTS, items: [] }]) {
    table.replace(1, FINGERPRINTS)
    table.replace(1, nothing)
    expect(table.find(1)).toBeNull()
    expect(table.findStamp(1)).toBeNull()
  }
})

test('what an earlier version wrote in another form, or nobody, is as if nothing were remembered', () => {
  const { driver, table } = openTable()
  const write = driver.prepare('INSERT OR REPLACE INTO fingerprints VALUES (1, ?)')
  // The first of them: 24 bytes and 45 for each item.
  for (const bytes of [24 + 45, 24 + 90, 12, 1]) {
    write.run(Buffer.alloc(bytes, 2))
    expect(table.find(1)).toBeNull()
    expect(table.findPrints(1)).toBeNull()
  }
  table.replace(1, FINGERPRINTS)
  expect(table.find(1)).toEqual(FINGERPRINTS)
})

test('a name that is too long or too short moves no other', () => {
  const { table } = openTable()
  const [first = item(), ...rest] = FINGERPRINTS.items
  table.replace(1, {
    ...FINGERPRINTS,
    items: [{ ...first, keys: { id: 'ab', url: key('a') + key('b'), content: key('c') } }, ...rest],
  })

  const found = table.find(1)
  expect(found?.items[0]?.keys).toEqual({ id: 'ab'.padEnd(16, '0'), url: key('a'), content: key('c') })
  expect(found?.items.slice(1)).toEqual(rest)
})
