import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Read } from '../../src/model.ts'
import { parse, readDocument } from '../../src/source/parse.ts'
import { formatIso } from '../../src/time.ts'
import { fixturePairs } from '../support/fixture-pairs.ts'

interface Expected {
  expect?: { items: object[] }
  unreadable?: { reason: string; detail: string }
}

const { names, load } = fixturePairs<Expected>(fileURLToPath(new URL('../fixtures/sources/', import.meta.url)))

/** A reading with dates and authors as the pairs write them. */
function readable(read: Read) {
  if (read.kind === 'unreadable') return read
  const items = read.items.map(({ publishedAt, updatedAt, authors, ...item }) => ({
    ...item,
    published: formatIso(publishedAt),
    updated: formatIso(updatedAt),
    author: authors.join(', ') || null,
  }))
  return { ...read, items }
}

describe('documents from the wild are read as expected', () => {
  test.each(names)('%s', async (name) => {
    const { document, expect: expected, unreadable } = load(name)

    const read = await readDocument(document)

    if (unreadable) {
      expect(read).toMatchObject({ kind: 'unreadable', reason: unreadable.reason })
      expect(read).toHaveProperty('detail', expect.stringContaining(unreadable.detail))
      await expect(parse(document.bytes, document)).rejects.toThrow(unreadable.detail)
      return
    }
    expect(readable(read)).toMatchObject({ kind: 'read', ...expected })
    expect(read).toHaveProperty('items.length', expected?.items.length)
  })
})

test('each pair says why it exists', () => {
  expect(names.length).toBeGreaterThanOrEqual(120)
  for (const name of names) expect(load(name).why, name).toMatch(/\w.+[.!?]$/)
})
