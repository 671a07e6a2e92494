import { describe, expect, test } from 'vitest'
import { pollSource } from '../../../src/actions/poll/poll.ts'
import type { ReadItem } from '../../../src/model.ts'
import type { Store } from '../../../src/ports.ts'
import { itemKeys } from '../../../src/source/identity.ts'
import { fresh, testActions } from '../../support/actions.ts'
import { readDocument, readItem } from '../../support/items.ts'
import { addTestSource, NOW, watchQuery } from '../../support/store.ts'

/** Two hundred items of some ten kilobytes; every so manieth speaks of data. */
function many(dataEvery: number): ReadItem[] {
  const text = 'lorem ipsum dolor '.repeat(550)
  return Array.from({ length: 200 }, (_, n) => {
    const title = n % dataEvery === 0 ? `Data ${n}` : `Other ${n}`
    return readItem({ id: `${n}`, url: `https://a.example/${n}`, title, text, content: text })
  })
}

/** A source whose baseline is behind it (`first`), and a poll that finds these items; `sizes` are those of the transactions. */
async function pollMany(
  items: ReadItem[],
  change: (store: Store) => Partial<Store> = () => ({}),
  baseline = [readItem({ id: 'old', title: 'Old', url: 'https://a.example/old' })],
) {
  let shown = baseline
  const ctx = await testActions({
    fetch: async () => fresh({ validators: { etag: `"${shown.length}"`, lastModified: null } }),
    parse: async () => readDocument(shown),
  })
  const source = await addTestSource(ctx.store, { url: 'https://a.example/feed' })
  await ctx.store.addWatch('terminal', watchQuery('data'), NOW)
  const sizes: number[] = []
  const { ingest } = ctx.store
  ctx.store.ingest = async (...given) => {
    const result = await ingest(...given)
    sizes.push(result.inserted)
    return result
  }
  const first = { outcome: await pollSource(ctx, source), sizes: sizes.splice(0) }
  shown = [...items, ...shown]
  ctx.store = { ...ctx.store, ...change(ctx.store) }
  const now = await ctx.store.findSource(source.id)
  if (!now) throw new Error('It is gone.')
  return { ctx, first, sizes, source: now, poll: () => pollSource(ctx, now) }
}

test('a large document is stored in portions, each item once, and told as one poll', async () => {
  const { ctx, sizes, poll } = await pollMany(many(50))

  expect(await poll()).toEqual({ kind: 'new', inserted: 200, edited: 0, alerts: 4 })
  expect(await poll()).toEqual({ kind: 'new', inserted: 0, edited: 0, alerts: 0 })

  expect(Math.max(...sizes)).toBeLessThan(40)
  expect((await ctx.store.listItems({ limit: 999, now: NOW })).items).toHaveLength(201)
  expect((await ctx.store.listAlerts({ limit: 99 })).map(({ item }) => item.title).sort()).toEqual([
    'Data 0',
    'Data 100',
    'Data 150',
    'Data 50',
  ])
})

test('the old items of a source that was empty at first call nobody in any portion', async () => {
  const old = many(50).map((item, n) => ({ ...item, publishedAt: n === 100 ? NOW : NOW - 9 * 86_400_000 }))
  const { ctx, sizes, poll } = await pollMany(old, () => ({}), [])

  expect(await poll()).toEqual({ kind: 'new', inserted: 200, edited: 0, alerts: 1 })

  expect(Math.max(...sizes)).toBeLessThan(40)
  expect((await ctx.store.listAlerts({ limit: 99 })).map(({ item }) => item.title)).toEqual(['Data 100'])
})

test('alerts that are summed up are not torn apart: then it is one transaction after all', async () => {
  const { ctx, sizes, poll } = await pollMany(many(5))

  expect(await poll()).toMatchObject({ inserted: 200, alerts: 40 })

  expect(sizes.filter((size) => size > 0)).toEqual([200])
  const { messages } = await ctx.store.claimMessages({
    now: NOW,
    limit: 9,
    leaseMs: 1_000,
    kind: 'terminal',
    gapMs: () => 0,
    render: (_, total) => ({ html: `${total}`, openUrl: null }),
  })
  expect(messages.map(({ rendered }) => rendered.html)).toEqual(['40'])
})

test('a fault in the middle keeps the validators out: the next poll stores the rest, and tells nothing twice', async () => {
  let calls = 0
  const failing = (store: Store): Partial<Store> => ({
    ingest: async (...given) => {
      calls += 1
      if (calls === 4) throw new Error('The disk is full.')
      return store.ingest(...given)
    },
  })
  const { ctx, source, poll } = await pollMany(many(50), failing)

  await expect(poll()).rejects.toThrow('The disk is full.')
  expect((await ctx.store.findSource(source.id))?.validators.etag).toBe('"1"')
  await poll()

  expect((await ctx.store.listItems({ limit: 999, now: NOW })).items).toHaveLength(201)
  expect(await ctx.store.listAlerts({ limit: 99 })).toHaveLength(4)
  expect((await ctx.store.findSource(source.id))?.validators.etag).toBe('"201"')
})

test('a large page by other rules is judged by the whole: where hardly anything was known, nobody is called', async () => {
  const { ctx, sizes, source, poll } = await pollMany(many(50))
  const rules = { entry: 'li', link: null, title: null, date: null, summary: null, auto: false }
  const parsed = await ctx.parse({ bytes: new Uint8Array(), contentType: null, url: source.url })
  ctx.parse = async () => (parsed.kind === 'read' ? { ...parsed, page: rules } : parsed)
  source.kind = 'page'
  source.pageRules = rules
  source.bodyHash = null

  expect(await poll()).toMatchObject({ inserted: 200, alerts: 0 })

  expect(sizes.filter((size) => size > 0)).toEqual([200])
})

test('a large first document is stored in portions too, and calls nobody', async () => {
  const { first } = await pollMany([], () => ({}), many(1))

  expect(first.outcome).toEqual({ kind: 'new', inserted: 200, edited: 0, alerts: 0 })
  expect(Math.max(...first.sizes)).toBeLessThan(40)
})

test('a usual document is one transaction', async () => {
  const { sizes, poll } = await pollMany(many(50).slice(0, 20))
  await poll()

  expect(sizes).toEqual([20])
})

describe('in a large document, too, the same words under two ids are two items', () => {
  const photo = (id: string) => {
    const item = readItem({ id, title: 'Photo', content: 'Of the day' })
    return { ...item, keys: itemKeys(item) }
  }
  const photos = async (store: Store) => {
    const { items } = await store.listItems({ limit: 999, now: NOW })
    return items.flatMap(({ id, title }) => (title === 'Photo' ? id : [])).sort()
  }

  test('which come together', async () => {
    const { ctx, poll } = await pollMany([photo('a'), ...many(50), photo('b')])

    expect(await poll()).toMatchObject({ inserted: 202, edited: 0 })

    expect(await photos(ctx.store)).toEqual(['a', 'b'])
  })

  test('of which one was known and left unread', async () => {
    const slices = (prints: number[], skipped: number[]) => {
      const named = prints.map((print) => `${print}`.padStart(16, '0'))
      return { context: '0'.repeat(16), head: '0'.repeat(16), prints: named, skipped, bytes: new Uint8Array() }
    }
    const news = [...many(50), photo('b')]
    const documents = [
      readDocument([photo('a')], { slices: slices([0], []) }),
      readDocument(news, { slices: slices([...news.map((_, n) => n + 1), 0], [news.length]) }),
    ]
    const ctx = await testActions({
      fetch: async () => fresh({ bodyHash: `${documents.length}` }),
      parse: async () => documents.shift() ?? readDocument([]),
    })
    const { id } = await addTestSource(ctx.store, { url: 'https://a.example/feed' })

    for (const inserted of [1, 201]) {
      const source = await ctx.store.findSource(id)
      expect(source && (await pollSource(ctx, source))).toMatchObject({ inserted, edited: 0 })
    }
    expect(await photos(ctx.store)).toEqual(['a', 'b'])
  })
})
