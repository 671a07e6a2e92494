import type { Item, Query, QueryNode } from '../model.ts'
import type { ItemCount } from '../ports.ts'
import { echoQuery } from '../query/echo.ts'
import { evaluate } from '../query/evaluate.ts'
import { parseQuery } from '../query/parse.ts'
import type { Actions } from './context.ts'
import { asMatchable, countPublishers } from './stored-item.ts'

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
  /** Matches beyond the first of a story that would have been told: they would have joined its alert. */
  folded: ItemCount
  /** Of the 30 days, the five with the most matches. */
  sources: { title: string; count: number }[]
  /** The three newest that would have been told, one of each story. */
  samples: Item[]
  /** There was too much to look through: the counts are of what came since this moment only. Null when all was looked at. */
  lookedBackTo: number | null
}

const DAY_MS = 86_400_000
const SHORT_MS = 7 * DAY_MS
const LONG_MS = 30 * DAY_MS
const MOST_MATCHES = 2_000
const MOST_MS = 2_000
/** Items of one page: the event loop has its turn between two. */
const PAGE = 100
/** Longer than there have been clocks, and still a whole number when a time is taken from it. */
const FOREVER_MS = 1e15
const MOST_SOURCES = 5
const MOST_SAMPLES = 3

/**
 * Asks of the stored items what a watch would have sent, without saving it. Quiet items (a baseline) count like others: it
 * is asked how often such news comes. Looks at 2,000 matches and works for 2 s at most, others having their turn
 * meanwhile. Throws `invalid` for what is refused as a watch.
 */
export async function tryQuery(ctx: Pick<Actions, 'store' | 'clock' | 'timezone'>, text: string): Promise<Trial> {
  const now = ctx.clock()
  const query = parseQuery(text, { now, timezone: ctx.timezone, for: 'watch' })
  const tally: Tally = { recent: 0, all: 0, sources: new Map(), stories: new Map() }
  const lookedBackTo = await lookBack(ctx, query, now, (item, at) => add(tally, item, at >= now - SHORT_MS))

  const told = [...tally.stories.values()].filter(({ publishers }) => publishers >= (query.publishers ?? 1))
  const matchesTold = told.reduce((sum, { matches }) => sum + matches, 0)
  const countOf = (count: number, ms: number): ItemCount => ({ count, isMore: (lookedBackTo ?? 0) > now - ms })
  return {
    query,
    echo: echoQuery(query),
    last7: countOf(tally.recent, SHORT_MS),
    last30: countOf(tally.all, LONG_MS),
    alerts: countOf(told.length, LONG_MS),
    folded: countOf(matchesTold - told.length, LONG_MS),
    sources: [...tally.sources.values()].sort((a, b) => b.count - a.count).slice(0, MOST_SOURCES),
    samples: told.slice(0, MOST_SAMPLES).map(({ newest }) => newest),
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
  const since = now - LONG_MS
  let taken = 0
  let before: number | undefined
  for (;;) {
    const page = await store.listItems({ limit: PAGE, now, query: wide, ...(before === undefined ? {} : { before }) })
    for (const item of page.items) {
      const at = arrivalOf(item.place)
      if (at < since) return null
      // Its age was judged when it came.
      if (evaluate(query, asMatchable(item), item.firstSeenAt) === null) continue
      if (taken === MOST_MATCHES) return at
      take(item, at)
      taken += 1
    }
    if (page.next === null || arrivalOf(page.next) < since) return null
    if (clock() - now >= MOST_MS) return arrivalOf(page.next)
    before = page.next
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Counts, and one item of each story: whole items of all matches would fill the memory. */
interface Tally {
  recent: number
  all: number
  sources: Map<number, { title: string; count: number }>
  /** The story told last comes first. */
  stories: Map<number, { newest: Item; matches: number; publishers: number }>
}

function add(tally: Tally, item: Item, isRecent: boolean): void {
  tally.all += 1
  if (isRecent) tally.recent += 1

  const source = tally.sources.get(item.source.id)
  if (source) source.count += 1
  else tally.sources.set(item.source.id, { title: item.source.title, count: 1 })

  const story = tally.stories.get(item.story)
  if (story) story.matches += 1
  else tally.stories.set(item.story, { newest: item, matches: 1, publishers: countPublishers(item) })
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

/** A place is a moment in thousandths of a millisecond (model.ts). */
function arrivalOf(place: number): number {
  return Math.floor(place / 1_000)
}
