import { search } from '../../src/actions/search.ts'
import { createHttp, type Handle, type HttpDeps } from '../../src/http/routes.ts'
import { createMetrics } from '../../src/metrics.ts'
import type { Query, ReadItem } from '../../src/model.ts'
import type { IngestPlan, Store } from '../../src/ports.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { readItem } from '../support/items.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, silentLog } from '../support/store.ts'
import { HEADLINES, type Headline, WATCHES } from './newsroom.ts'

export const BASE = 'https://news.example'

export interface Site {
  store: Store
  handle: Handle
  /** What the test may turn. */
  time: { now: number }
}

/** The web side over a real store in memory. */
export async function openSite(changes: Partial<HttpDeps> & { store?: Store } = {}): Promise<Site> {
  const time = { now: NOW }
  const clock = () => time.now
  const store = changes.store ?? (await openTestStore())
  const handle = createHttp({
    clock,
    log: silentLog,
    metrics: createMetrics(),
    timezone: 'UTC',
    baseUrl: () => BASE,
    search: (text, options) => search({ store, clock, timezone: 'UTC' }, text, options),
    telegram: () => null,
    health: async () => ({ ok: true, reasons: [] }),
    ...changes,
    store,
  })
  return { store, handle, time }
}

/** GET as most clients would, unless told otherwise. */
export function get(site: Pick<Site, 'handle'>, path: string, headers: Record<string, string> = {}, method = 'GET') {
  return site.handle(new Request(`http://127.0.0.1:8080${path}`, { method, headers }))
}

/** The body of a JSON answer, for tests that say what must be in it. */
export async function readJson(response: Response) {
  // What JSON.parse gives: `expect` judges it.
  return (await response.json()) as {
    query: string | null
    items: { title: string; place: number; calledBy: string[] }[]
    next: number | null
  }
}

/** Stores items of one new source, the first of the list oldest, a minute apart. */
export async function addItems(store: Store, items: Partial<ReadItem>[], title = 'Northern Wire'): Promise<void> {
  const source = await addTestSource(store, { givenTitle: title })
  await ingestPlan(store, source.id, {
    insert: items.map((item, i) => ({ item: readItem(item), placeMs: NOW - (items.length - i) * 60_000 })),
  })
}

/** Fills the store with the invented newsroom, its watches and the alerts they caused. */
export async function fillNewsroom(store: Store): Promise<void> {
  const watches = new Map<string, Awaited<ReturnType<Store['addWatch']>>>()
  for (const query of WATCHES) watches.set(query, await store.addWatch('terminal', asQuery(query), NOW))

  const bySource = new Map<string, Headline[]>()
  for (const headline of HEADLINES.toReversed()) {
    bySource.set(headline.source, [...(bySource.get(headline.source) ?? []), headline])
  }
  for (const [title, headlines] of bySource) {
    const source = await addTestSource(store, { givenTitle: title })
    await ingestPlan(store, source.id, { insert: headlines.map(asInsert), messages: alertsOf(headlines, watches) })
  }
}

function asQuery(text: string): Query {
  return parseQuery(text, { now: NOW, timezone: 'UTC', for: 'watch' })
}

function asInsert({ minutesAgo, title, text, language }: Headline): IngestPlan['insert'][number] {
  const url = `https://news.example/${minutesAgo}`
  return {
    item: readItem({ title, text, language: language ?? null, url, id: url }),
    placeMs: NOW - minutesAgo * 60_000,
  }
}

function alertsOf(headlines: Headline[], watches: Map<string, Awaited<ReturnType<Store['addWatch']>>>) {
  const messages: IngestPlan['messages'] = []
  for (const [inserted, { calledBy = [] }] of headlines.entries()) {
    const hits = calledBy.flatMap((query) => {
      const watch = watches.get(query)
      return watch === undefined ? [] : [{ watch, words: [query] }]
    })
    if (hits.length > 0) messages.push({ chat: 'terminal', alerts: [{ item: { inserted }, hits }] })
  }
  return messages
}
