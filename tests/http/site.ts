import { expect } from 'vitest'
import { search } from '../../src/actions/search.ts'
import { tryQuery } from '../../src/actions/watch/try.ts'
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
    tryQuery: (text) => tryQuery({ store, clock, timezone: 'UTC' }, text),
    telegram: () => null,
    // Off: it is served to a network, and nobody said under which name.
    adding: {
      addSource: async () => expect.fail('nothing is added here'),
      readPage: async () => expect.fail('no page is read here'),
      host: '0.0.0.0',
      publicUrl: null,
    },
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
    items: { title: string; place: number; calledBy: string[]; related: { url: string | null; title: string }[] }[]
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

/** Stores what several sources tell of the same, one item each, the first of the list earliest, a minute apart. */
export async function addStory(store: Store, sources: string[], item: Partial<ReadItem>): Promise<void> {
  for (const [i, givenTitle] of sources.entries()) {
    const source = await addTestSource(store, { givenTitle })
    // Each gives its own address: what they say is the same.
    const url = `https://paper-${source.id}.example/a`
    await ingestPlan(store, source.id, {
      insert: [{ item: readItem({ url, ...item }), placeMs: NOW - (sources.length - i) * 60_000 }],
    })
  }
}

/** What several papers tell: long enough to be known again, and all of a Monday. */
export const STORY = {
  title: 'Jilin opens its big data exchange to private firms',
  text: 'The provincial exchange will let hospitals, utilities and banks trade data products under a common licence from January, officials said in Changchun. Eleven firms have signed so far, and forty more have asked for the papers, the office of the governor added on Monday.',
}

export const FERRY = {
  title: 'Ferry crews end their strike after nine days',
  text: 'Captains and engineers voted on Monday to take the ferries out again at noon, after the company agreed to a second cabin for night crossings. The islands had been supplied by fishing boats, and the last medicine was flown in by helicopter on Saturday, a spokeswoman for the harbour said.',
}

export const RIVER = {
  title: 'Flood barrier holds as the river crests at 6.1 metres',
  text: 'The water stood two hands below the crown of the barrier on Monday when it began to fall, and the evacuation orders for the lower town were lifted in the evening. The rail line along the bank stays closed until Thursday, because its bed has to be looked at by divers first.',
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
  return parseQuery(text, { timezone: 'UTC', for: 'watch' })
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
