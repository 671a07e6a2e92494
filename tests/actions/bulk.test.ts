import { expect, test } from 'vitest'
import { pollSource } from '../../src/actions/poll.ts'
import type { ReadItem } from '../../src/model.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { fresh, testActions } from '../support/actions.ts'
import { readDocument, readItem } from '../support/items.ts'
import { addTestSource, NOW } from '../support/store.ts'

const LONG = 'A sentence with some words in it. '.repeat(300)

/** 150 items of 10 KB, the newest first. */
function many(salt: string, text = LONG): ReadItem[] {
  return Array.from({ length: 150 }, (_, i) =>
    readItem({ id: `${salt}${i}`, title: `Title ${salt} ${i}`, text: `${i} ${text}` }),
  )
}

async function desk() {
  let items = many('a')
  const transactions: number[] = []
  const ctx = await testActions({
    parse: async () => readDocument(items, { title: 'Wire' }),
    fetch: async () => fresh(),
  })
  const { ingest } = ctx.store
  ctx.store.ingest = async (...given) => {
    const result = await ingest(...given)
    transactions.push(result.inserted + result.edited)
    return result
  }
  const { id } = await addTestSource(ctx.store, { url: 'https://example.com/feed' })
  const query = parseQuery('sentence', { now: NOW, timezone: 'UTC', for: 'watch' })
  await ctx.store.addWatch('terminal', query, NOW - 1)
  return {
    transactions,
    async poll(next: ReadItem[]) {
      items = next
      transactions.length = 0
      const source = await ctx.store.findSource(id)
      return source && pollSource(ctx, source)
    },
  }
}

test('a large document is stored whole, but in many small transactions, and a large first one calls nobody', async () => {
  const { poll, transactions } = await desk()

  expect(await poll(many('a'))).toEqual({ kind: 'new', inserted: 150, edited: 0, alerts: 0 })
  expect(transactions.length).toBeGreaterThan(8)
  expect(Math.max(...transactions)).toBeLessThan(30)
})

test('what is new in a large document afterwards calls as ever, once', async () => {
  const { poll } = await desk()
  await poll(many('a'))

  expect(await poll(many('b'))).toEqual({ kind: 'new', inserted: 150, edited: 0, alerts: 150 })
  expect(await poll(many('b'))).toEqual({ kind: 'new', inserted: 0, edited: 0, alerts: 0 })
})

test('a usual document is one transaction', async () => {
  const { poll, transactions } = await desk()
  await poll(many('a').slice(0, 20))

  expect(transactions).toEqual([20])
})
