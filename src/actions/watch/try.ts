import { setImmediate as nextTurn } from 'node:timers/promises'
import { countEach } from '../../groups.ts'
import { type Item, momentOf, type Query, type QueryNode } from '../../model.ts'
import { type ItemCount, MOST_SINGLE_ALERTS, type Store } from '../../ports.ts'
import { echoQuery } from '../../query/echo.ts'
import { evaluate } from '../../query/evaluate.ts'
import { asMatchable } from '../../query/item-view.ts'
import { DAY_MS } from '../../time.ts'
import type { Actions } from '../context.ts'
import { createTurns } from '../turns.ts'
import { parseWatch } from './watch.ts'

/** What a watch would have done with the last 30 days of what is stored. */
export interface Trial {
  query: Query
  /** The query in plain words. */
  echo: string
  /** Items that match, of the last 7 and the last 30 days. */
  last7: ItemCount
  last30: ItemCount
  /** One for each story of the 30 days; with `sources>=3` only for stories that so many publishers carry. */
  alerts: ItemCount
  /**
   * In so many messages: more than ten alerts of one poll are one. Of a first backlog each counts as one, and so does each that
   * waited for publishers.
   */
  messages: ItemCount
  /** Matches beyond the first of a story that would have been told: they would have joined its alert. */
  folded: ItemCount
  /** Matches in stories that too few publishers carry. With `alerts` and `folded` these are all. */
  short: ItemCount
  /** Of the 30 days, the five with the most matches; those that people cannot tell apart by their titles are one. */
  sources: { title: string; count: number }[]
  /** Of the three newest stories that would have been told the item that would have told each: the first that matches. */
  samples: Item[]
  /** There was too much to look through: the counts are of what came since this moment only. Null when all was looked at. */
  lookedBackTo: number | null
}

const SHORT_MS = 7 * DAY_MS
const LONG_MS = 30 * DAY_MS
const MOST_MATCHES = 2_000
const MOST_MS = 2_000
/** Items of the first page; of the following as many more or fewer as the time says that one took. */
const FIRST_PAGE = 5
const LARGEST_PAGE = 100
/** Others wait while a page is read. */
const PAGE_MS = 25
/** Longer than there have been clocks, and still a whole number when a time is taken from it. */
const FOREVER_MS = 1e15
const MOST_SOURCES = 5
const MOST_SAMPLES = 3

/**
 * Asks of the stored items what a watch would have sent, without saving it. Quiet items (a baseline) count like others: it
 * is asked how often such news comes. Looks at 2,000 matches and works for some 2 s at most, in pages that are to take
 * 25 ms each (their size follows from what the last one took); others have their turn after each of them, and while its
 * items are judged. Throws `invalid` for what is refused as a watch.
 */
export async function tryQuery(ctx: Pick<Actions, 'store' | 'clock' | 'timezone'>, text: string): Promise<Trial> {
  const now = ctx.clock()
  const query = parseWatch(text, { timezone: ctx.timezone })
  const tally: Tally = { recent: 0, all: 0, sources: new Map(), stories: new Map() }
  const lookedBackTo = await lookBack(ctx, query, now, (item, at) => add(tally, item, at >= now - SHORT_MS))

  const told = await listTold(ctx, tally, query.publishers ?? 1)
  const matchesTold = told.reduce((sum, { matches }) => sum + matches, 0)
  const countOf = (count: number, ms: number): ItemCount => ({ count, isMore: (lookedBackTo ?? 0) > now - ms })
  return {
    query,
    echo: echoQuery(query),
    last7: countOf(tally.recent, SHORT_MS),
    last30: countOf(tally.all, LONG_MS),
    alerts: countOf(told.length, LONG_MS),
    messages: countOf(countMessages(told, query), LONG_MS),
    folded: countOf(matchesTold - told.length, LONG_MS),
    short: countOf(tally.all - matchesTold, LONG_MS),
    sources: [...tally.sources]
      .map(([title, count]) => ({ title, count }))
      .sort((a, b) => b.count - a.count)
      .slice(0, MOST_SOURCES),
    samples: await listSamples(ctx.store, told),
    lookedBackTo,
  }
}

/** Gives each match of the last 30 days to `take`, newest first; returns how far it came, or null when it saw all. */
async function lookBack(
  { store, clock }: Pick<Actions, 'store' | 'clock'>,
  query: Query,
  now: number,
  take: (item: Item, at: number) => void,
): Promise<number | null> {
  const wide: Query = { ...query, root: atAnyAge(query.root, true) }
  // All else is the same at any moment: then the store has judged already.
  const isOfAge = JSON.stringify(wide.root) !== JSON.stringify(query.root)
  const since = now - LONG_MS
  const giveTurn = createTurns(clock)
  let limit = FIRST_PAGE
  let taken = 0
  let before: number | undefined
  for (;;) {
    const startedAt = clock()
    const page = await store.listItems({ limit, now, query: wide, before })
    limit = nextLimit(limit, clock() - startedAt)
    for (const item of page.items) {
      await giveTurn()
      const at = momentOf(item.place)
      if (at < since) return null
      // Its age was judged when it came.
      if (isOfAge && evaluate(query, asMatchable(item), item.firstSeenAt) === null) continue
      if (taken === MOST_MATCHES) return at
      take(item, at)
      taken += 1
    }
    if (page.next === null || momentOf(page.next) < since) return null
    if (clock() - now >= MOST_MS) return momentOf(page.next)
    before = page.next
    await nextTurn()
  }
}

/** Some questions take their time whatever is asked for: their pages do not shrink for it. */
function nextLimit(limit: number, tookMs: number): number {
  if (tookMs < PAGE_MS) return Math.min(LARGEST_PAGE, limit * 2)
  return tookMs > 2 * PAGE_MS ? Math.max(1, Math.floor(limit / 2)) : limit
}

/** Counts and places: the items themselves would fill the memory. */
interface Tally {
  recent: number
  all: number
  /** By title. */
  sources: Map<string, number>
  stories: Map<number, TriedStory>
}

interface TriedStory {
  story: number
  /** Of its first match, which tells it: its place, and the poll that found it, where that is known. */
  first: number
  poll: string | null
  matches: number
}

/** Items come newest first. */
function add(tally: Tally, item: Item, isRecent: boolean): void {
  tally.all += 1
  if (isRecent) tally.recent += 1

  const { title } = item.source
  tally.sources.set(title, (tally.sources.get(title) ?? 0) + 1)

  const { story, place } = item
  const matches = (tally.stories.get(story)?.matches ?? 0) + 1
  tally.stories.set(story, { story, first: place, poll: pollOf(item), matches })
}

/** All that one poll finds was first seen at one moment. A first backlog was as well, but it came when it says that it was published. */
function pollOf({ source, place, firstSeenAt }: Item): string | null {
  return momentOf(place) < firstSeenAt ? null : `${source.id} ${firstSeenAt}`
}

/** Which poll brought the last publisher of a story, and with that its alert, is not asked. */
function countMessages(told: TriedStory[], { publishers }: Query): number {
  if (publishers !== undefined) return told.length
  const polls = countEach(told.flatMap(({ poll }) => poll ?? []))
  const summedUp = [...polls.values()].filter((count) => count > MOST_SINGLE_ALERTS)
  return told.length - summedUp.reduce((sum, count) => sum + count - 1, 0)
}

/** The stories that so many publishers carry, the newest first. */
async function listTold(
  { store, clock }: Pick<Actions, 'store' | 'clock'>,
  { stories }: Tally,
  publishers: number,
): Promise<TriedStory[]> {
  const newestFirst = [...stories.values()].sort((a, b) => b.first - a.first)
  if (publishers === 1) return newestFirst
  const giveTurn = createTurns(clock)
  const told: TriedStory[] = []
  for (const each of newestFirst) {
    await giveTurn()
    if ((await store.countPublishers(each.story)) >= publishers) told.push(each)
  }
  return told
}

async function listSamples(store: Pick<Store, 'findItem'>, told: TriedStory[]): Promise<Item[]> {
  const items = await Promise.all(told.slice(0, MOST_SAMPLES).map(({ first }) => store.findItem(first)))
  return items.filter((item) => item !== undefined)
}

/** Stored items and new ones are asked at other moments: what `within:` says is left open, so that no match is missed. */
function atAnyAge(node: QueryNode, isWanted: boolean): QueryNode {
  switch (node.kind) {
    case 'and':
    case 'or':
      return { ...node, nodes: node.nodes.map((each) => atAnyAge(each, isWanted)) }
    case 'not':
      return { ...node, node: atAnyAge(node.node, !isWanted) }
    case 'within':
      return { ...node, ms: isWanted ? FOREVER_MS : -FOREVER_MS }
    default:
      return node
  }
}
