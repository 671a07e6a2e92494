import { describe, expect, test } from 'vitest'
import type { Actions } from '../../../src/actions/context.ts'
import { planIngest } from '../../../src/actions/ingest/ingest.ts'
import { catchUp } from '../../../src/actions/poll/catch-up.ts'
import type { DocumentHints, ReadDocument, ReadItem, Source } from '../../../src/model.ts'
import type { FetchRequest, NewSource } from '../../../src/ports.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { failed, fresh, testActions } from '../../support/actions.ts'
import { readDocument, readItem } from '../../support/items.ts'
import { addTestSource, NOW, pollRecord } from '../../support/store.ts'

const HOUR = 3_600_000
const FEED = 'https://example.com/news'

interface Site {
  ctx: Actions
  asked: FetchRequest[]
  /** Catches up after a poll that found the first page, and knew the items below `known`. */
  catchUp: (first: ReadDocument, options?: { known?: number; source?: Partial<NewSource> }) => Promise<Found>
}

type Found = Awaited<ReturnType<typeof catchUp>> & { titles: string[]; told: string[] }

/** Story n was published n minutes after the baseline. */
function stories(from: number, to: number): ReadItem[] {
  const count = Math.abs(from - to) + 1
  return Array.from({ length: count }, (_, i) => story(from - i))
}

function story(n: number, given: Partial<ReadItem> = {}): ReadItem {
  return readItem({ id: `s${n}`, url: `${FEED}/${n}`, title: `data ${n}`, publishedAt: NOW + n * 60_000, ...given })
}

function page(items: ReadItem[], older: string | null = null): ReadDocument {
  const none: DocumentHints = { everyMs: null, skipHours: [], skipDays: [], hub: null, self: null, older: null }
  return readDocument(items, { hints: { ...none, older }, title: `Page of ${items.length}` })
}

/** What the site answers at each address; everywhere else, 404. */
async function open(pages: Record<string, ReadDocument>): Promise<Site> {
  const asked: FetchRequest[] = []
  let now = NOW
  const ctx = await testActions({
    clock: () => now,
    async fetch(request) {
      asked.push(request)
      const { url } = request
      return url in pages ? fresh({ url, bodyHash: url }) : failed({ status: 404 })
    },
    parse: async ({ url }) => pages[url] ?? { kind: 'unreadable', reason: 'not_a_feed', detail: 'Nothing.' },
  })
  return {
    ctx,
    asked,
    async catchUp(first, { known = 10, source: given = {} } = {}) {
      const { id } = await addTestSource(ctx.store, { url: FEED, ...given })
      await ctx.store.addWatch('terminal', parseQuery('data', { timezone: 'UTC', for: 'watch' }), NOW)
      const poll = async (items: ReadItem[]) => {
        now += HOUR
        const [read, at] = [readDocument(items), now]
        const record = pollRecord({ polledAt: at, validators: { etag: '"first"', lastModified: null }, bodyHash: 'ff' })
        await ctx.store.ingest(id, read, record, (given) => planIngest(read, given, at))
      }
      await poll(stories(known - 1, 0))
      const before = await findSource(ctx, id)
      await poll(first.items)
      const told = new Set((await ctx.store.listAlerts({ limit: 99 })).map(({ item }) => item.title))
      now += 60_000
      const found = await catchUp(ctx, before, first, told.size)
      return {
        ...found,
        titles: (await ctx.store.listItems({ limit: 999, now })).items.map(({ title }) => title),
        told: (await ctx.store.listAlerts({ limit: 999 }))
          .map(({ item }) => item.title)
          .filter((one) => !told.has(one)),
      }
    },
  }
}

async function findSource(ctx: Actions, id: number): Promise<Source> {
  const source = await ctx.store.findSource(id)
  if (!source) throw new Error('It was added.')
  return source
}

/** Sends all there is; gives how many alerts stand in each message. */
async function messagesOf({ store }: Actions): Promise<number[]> {
  const totals: number[] = []
  for (let left = 99; left > 0; left -= 1) {
    const { messages } = await store.claimMessages({
      ...{ now: NOW * 2, limit: 9, leaseMs: 1_000, kind: 'terminal', gapMs: () => 0 },
      render: (_, total) => ({ html: `${total}`, openUrl: null }),
    })
    if (messages.length === 0) break
    for (const { id, rendered } of messages) {
      totals.push(Number(rendered.html))
      await store.settleMessage(id, { kind: 'sent', at: NOW, messageId: null })
    }
  }
  return totals
}

describe('after a window that was missed', () => {
  test('what the poll and its older pages call is told together: no flood', async () => {
    const site = await open({
      [`${FEED}?page=2`]: page(stories(39, 30), `${FEED}?page=3`),
      [`${FEED}?page=3`]: page(stories(29, 20), `${FEED}?page=4`),
      [`${FEED}?page=4`]: page(stories(19, 5)),
    })
    await site.catchUp(page(stories(49, 40), `${FEED}?page=2`))

    // Ten alerts of the poll itself, then one message for the thirty of the older pages.
    expect(await messagesOf(site.ctx)).toEqual([...Array(10).fill(1), 30])
  })

  test('what the poll told counts: a few more are one message where all would be too many', async () => {
    const site = await open({ [`${FEED}/2`]: page(stories(14, 5)) })
    const { inserted } = await site.catchUp(page(stories(22, 15), `${FEED}/2`))

    expect(inserted).toBe(5)
    expect(await messagesOf(site.ctx)).toEqual([...Array(8).fill(1), 5])
  })

  test('the older pages a document names are read back to what was known, and what was missed is alerted', async () => {
    const site = await open({
      [`${FEED}?page=2`]: page(stories(39, 30), `${FEED}?page=3`),
      [`${FEED}?page=3`]: page(stories(19, 12), `${FEED}?page=4`),
      [`${FEED}?page=4`]: page(stories(11, 2), `${FEED}?page=5`),
    })

    const found = await site.catchUp(page(stories(49, 40), `${FEED}?page=2`))

    expect(found).toMatchObject({ pages: 3, inserted: 20, isClosed: true })
    expect(site.asked.map(({ url }) => url)).toEqual([2, 3, 4].map((n) => `${FEED}?page=${n}`))
    expect(found.titles.length).toBe(10 + 10 + 20)
  })

  test('what is missed is stored in the order it came, the oldest page first', async () => {
    const site = await open({
      [`${FEED}/2`]: page(stories(14, 13), `${FEED}/3`),
      [`${FEED}/3`]: page(stories(12, 9)),
    })

    const { titles, told } = await site.catchUp(page(stories(24, 15), `${FEED}/2`))

    expect(titles.slice(0, 5)).toEqual(['data 14', 'data 13', 'data 12', 'data 11', 'data 10'])
    expect([...told].sort()).toEqual(['data 10', 'data 11', 'data 12', 'data 13', 'data 14'])
  })

  test('a page whose items have no dates may hold what was missed', async () => {
    const undated = (n: number) => story(n, { publishedAt: null })
    const site = await open({
      [`${FEED}/2`]: page([undated(14), undated(13)], `${FEED}/3`),
      [`${FEED}/3`]: page(stories(12, 5)),
    })

    expect(await site.catchUp(page(stories(24, 15), `${FEED}/2`))).toMatchObject({ inserted: 5, isClosed: true })
  })

  test('an item that slipped from the first page to the second is not where it ends', async () => {
    const site = await open({ [`${FEED}/2`]: page(stories(40, 31), `${FEED}/3`), [`${FEED}/3`]: page(stories(30, 9)) })

    expect(await site.catchUp(page(stories(49, 40), `${FEED}/2`))).toMatchObject({
      pages: 2,
      inserted: 30,
      isClosed: true,
    })
  })

  test('the source stays as the poll left it: its validators, its title, its next poll', async () => {
    const site = await open({ [`${FEED}/2`]: page(stories(39, 30)) })
    await site.catchUp(page(stories(49, 40), `${FEED}/2`))

    expect(await site.ctx.store.findSource(FEED)).toMatchObject({
      validators: { etag: '"first"' },
      bodyHash: 'ff',
      title: 'example.com',
      polledAt: NOW + 2 * HOUR,
      nextPollAt: NOW + HOUR,
    })
  })
})

describe('WordPress has older pages without saying so', () => {
  test.each([
    ['its feed’s address', 'https://example.com/blog/feed/', null, 'https://example.com/blog/feed/?paged=2'],
    [
      'its feed’s parameter',
      'https://example.com/?feed=rss2&lang=de',
      null,
      'https://example.com/?feed=rss2&lang=de&paged=2',
    ],
    ['its items’ ids', 'https://example.com/rss', 'https://example.com/?p=7', 'https://example.com/rss?paged=2'],
    [
      'its items’ ids of a kind of their own',
      'https://example.com/rss',
      'https://example.com/?post_type=event&p=7',
      'https://example.com/rss?paged=2',
    ],
    ['its feed’s format', 'https://example.com/feed/atom/', null, 'https://example.com/feed/atom/?paged=2'],
  ])('known by %s', async (_, url, id, second) => {
    const site = await open({ [second]: page(stories(12, 8)) })
    const first = page([...stories(29, 20), ...(id ? [story(19, { id, keys: readItem({ id }).keys })] : [])])

    expect(await site.catchUp(first, { source: { url } })).toMatchObject({ pages: 1, inserted: 3, isClosed: true })
    expect(site.asked.map((request) => request.url)).toEqual([second])
  })

  test('page after page', async () => {
    const feed = 'https://example.com/feed'
    const site = await open({ [`${feed}?paged=2`]: page(stories(19, 15)), [`${feed}?paged=3`]: page(stories(14, 5)) })

    expect(await site.catchUp(page(stories(29, 20)), { source: { url: feed } })).toMatchObject({
      pages: 2,
      inserted: 10,
    })
  })

  test('other sources are not asked for pages nobody spoke of', async () => {
    const site = await open({})
    const ids = ['https://example.com/page?p=7', 'https://example.com/?p=7&x=1'].map((id) => story(19, { id }))

    const found = await site.catchUp(page([...stories(29, 20), ...ids]), {
      source: { url: 'https://example.com/feeds' },
    })
    expect(found).toMatchObject({ pages: 0, inserted: 0, isClosed: false })
    expect(site.asked).toEqual([])
  })
})

describe('a chain that leads nowhere ends', () => {
  const first = page(stories(29, 20), `${FEED}/2`)
  /** Where nothing can be missing. */
  const PAST = 'at pages from before the last poll'
  const chains: [name: string, pages: Record<string, ReadDocument>, asked: number, inserted: number][] = [
    ['at a page that is not there', {}, 1, 0],
    ['at itself', { [`${FEED}/2`]: page(stories(19, 18), `${FEED}/2#again`) }, 1, 2],
    ['at the source', { [`${FEED}/2`]: page(stories(19, 18), FEED) }, 1, 2],
    [
      'in a circle',
      { [`${FEED}/2`]: page(stories(19, 18), `${FEED}/3`), [`${FEED}/3`]: page(stories(17, 16), `${FEED}/2`) },
      2,
      4,
    ],
    ['at the first page again, under another address', { [`${FEED}/2`]: page(stories(29, 20), `${FEED}/3`) }, 1, 0],
    ['at an empty page', { [`${FEED}/2`]: page([], `${FEED}/3`) }, 1, 0],
    ['at what is no address', { [`${FEED}/2`]: page(stories(19, 18), 'mailto:me@example.com') }, 1, 2],
    [
      'after five pages',
      Object.fromEntries(
        Array.from({ length: 9 }, (_, n) => [`${FEED}/${n + 2}`, page([story(900 - n)], `${FEED}/${n + 3}`)]),
      ),
      5,
      5,
    ],
    // A day and an hour before it.
    [PAST, { [`${FEED}/2`]: page([story(60 - 1_500), story(-3_001)], `${FEED}/3`) }, 1, 0],
  ]
  test.each(chains)('%s', async (name, pages, asked, inserted) => {
    const site = await open(pages)

    expect(await site.catchUp(first)).toMatchObject({ inserted, isClosed: name === PAST })
    expect(site.asked).toHaveLength(asked)
  })

  test('at a server that gives the same page whatever is asked for', async () => {
    const site = await open({
      [`${FEED}/2`]: page(stories(19, 18), `${FEED}/3`),
      [`${FEED}/3`]: page(stories(19, 18), `${FEED}/4`),
    })
    const { fetch } = site.ctx
    site.ctx.fetch = async (request) => {
      const fetched = await fetch(request)
      return fetched.kind === 'fresh' ? { ...fetched, bodyHash: 'the same' } : fetched
    }

    expect(await site.catchUp(first)).toMatchObject({ pages: 1, inserted: 2 })
    expect(site.asked).toHaveLength(2)
  })

  test('another host is asked, but without the source’s credentials', async () => {
    const elsewhere = 'https://archive.example/2'
    const site = await open({ [`${FEED}/2`]: page(stories(19, 18), elsewhere), [elsewhere]: page(stories(17, 8)) })
    const access = { headers: { cookie: 'secret' }, proxy: 'http://proxy.example:3128/' }

    expect(await site.catchUp(first, { source: { access } })).toMatchObject({ pages: 2, inserted: 10, isClosed: true })
    expect(site.asked.map((request) => request.access)).toEqual([access, { headers: {}, proxy: access.proxy }])
  })

  test('a source that was paused meanwhile stays as it is', async () => {
    const site = await open({ [`${FEED}/2`]: page(stories(19, 18), `${FEED}/3`), [`${FEED}/3`]: page(stories(17, 16)) })
    const { fetch } = site.ctx
    site.ctx.fetch = async (request) => {
      await site.ctx.store.changeSource(1, { state: 'paused' }, NOW)
      return fetch(request)
    }

    expect(await site.catchUp(first)).toMatchObject({ pages: 0, inserted: 0 })
    expect(site.asked).toHaveLength(1)
  })
})
