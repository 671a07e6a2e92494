import type { NewSource, PollRecord, Store } from '../../src/ports.ts'
import { readDocument, readItem } from '../support/items.ts'
import { addTestSource, NOW, pollRecord } from '../support/store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

interface Invented extends Partial<NewSource> {
  format?: string
  items?: number
  polledAgo?: number
  nextIn?: number
  record?: Partial<PollRecord>
  /** The last poll, after a good one. */
  fault?: { failures: number; trouble: string; succeededAgo: number }
  paused?: true
}

const RHYTHM = { documentMs: null, freshForMs: null, skipHours: [], skipDays: [], gapMs: null, arrivedAt: null }

/** Invented sources in every state there is. */
export const SOURCES: Invented[] = [
  {
    givenTitle: 'Northern Wire',
    url: 'https://northern-wire.example/rss',
    format: 'RSS 2.0',
    items: 12,
    polledAgo: 20_000,
    nextIn: 9 * MINUTE,
    record: { rhythm: { ...RHYTHM, gapMs: 18 * MINUTE, arrivedAt: NOW - 12 * MINUTE, because: 'usual' } },
  },
  {
    givenTitle: '吉林省人民政府',
    url: 'http://www.jl.gov.example/yw/',
    kind: 'page',
    format: 'page',
    items: 3,
    polledAgo: 22 * MINUTE,
    nextIn: 38 * MINUTE,
    record: { rhythm: { ...RHYTHM, freshForMs: HOUR, because: 'cache' } },
    fullText: true,
  },
  {
    givenTitle: 'Harbour Times',
    url: 'https://harbour-times.example/feed',
    format: 'Atom 1.0',
    items: 7,
    polledAgo: 9 * MINUTE,
    nextIn: 5 * HOUR + 20 * MINUTE,
    record: { rhythm: { ...RHYTHM, because: 'asked', throttled: { status: 429, times: 1 } } },
    fault: {
      failures: 0,
      trouble: 'The server answered 429 Too Many Requests. It wants to be asked less often.',
      succeededAgo: 9 * MINUTE,
    },
  },
  {
    givenTitle: 'Data Review',
    url: 'https://data-review.example/index.xml',
    format: 'RSS 1.0',
    items: 2,
    polledAgo: 3 * MINUTE,
    nextIn: 12 * MINUTE,
    record: {
      move: { url: 'https://data-review.example/feed.xml', seen: 2 },
      rhythm: { ...RHYTHM, because: 'unproven' },
    },
  },
  {
    givenTitle: 'Old Mill Blog',
    url: 'https://old-mill.example/atom.xml',
    format: 'Atom 1.0',
    items: 1,
    polledAgo: 7 * HOUR,
    nextIn: 17 * HOUR,
    record: { rhythm: { ...RHYTHM, because: 'failing' } },
    fault: {
      failures: 14,
      trouble: "The server answered 404 Not Found. Check the address, or look for the feed's new one on its site.",
      succeededAgo: 3 * 24 * HOUR + HOUR,
    },
  },
  {
    givenTitle: 'Elephant News',
    url: 'https://elephant-news.example/rss',
    format: 'RSS 2.0',
    items: 4,
    polledAgo: 48 * MINUTE,
    nextIn: 3 * HOUR + 12 * MINUTE,
    record: { rhythm: { ...RHYTHM, documentMs: 4 * HOUR, because: 'document' } },
  },
  {
    givenTitle: 'Kernel Weekly',
    url: 'https://kernel-weekly.example/headlines/rss',
    format: 'RSS 1.0',
    items: 1_204,
    polledAgo: 2 * MINUTE,
    nextIn: 30 * MINUTE,
    record: { rhythm: { ...RHYTHM, gapMs: 64 * MINUTE, arrivedAt: NOW - 40 * MINUTE, because: 'usual' } },
  },
  {
    givenTitle: 'The Longshore',
    url: 'https://longshore.example/feed.json',
    format: 'JSON Feed 1.1',
    paused: true,
    polledAgo: 30 * HOUR,
  },
  { givenTitle: 'Zodiac', url: 'https://zodiac.example/feed' },
]

/** Puts them into the store, each as its last poll left it. */
export async function fillSources(store: Store): Promise<void> {
  for (const invented of SOURCES) await addInvented(store, invented)
}

async function addInvented(store: Store, invented: Invented): Promise<void> {
  const { format, items = 0, polledAgo, nextIn = HOUR, record = {}, fault, paused, ...given } = invented
  const found = format === undefined ? null : { title: null, link: null, language: null, format }
  const { id } = await addTestSource(store, { ...given, found })
  if (polledAgo !== undefined) {
    const at = { polledAt: NOW - polledAgo, nextPollAt: NOW + nextIn }
    await store.claimSources([id], NOW - polledAgo, 60_000, { force: true })
    const insert = Array.from({ length: items }, (_, i) => ({
      item: readItem({ id: `${id}-${i}`, title: `Item ${i}` }),
      placeMs: NOW - 11 * MINUTE - (items - i) * HOUR,
    }))
    const good = fault === undefined ? at : { ...at, polledAt: NOW - fault.succeededAgo }
    const nothing = { edit: [], bind: [], messages: [] }
    const read = readDocument([], { format: format ?? 'RSS 2.0' })
    await store.ingest(id, read, { ...pollRecord(good), ...record }, () => ({ insert, ...nothing }))
    if (fault) {
      const { failures, trouble } = fault
      await store.recordPoll(id, { ...pollRecord({ ...at, ...record }), failures, trouble, succeeded: false })
    }
  }
  if (paused) await store.changeSource(id, { state: 'paused' }, NOW)
}
