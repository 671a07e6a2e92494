import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Query } from '../model.ts'
import type { ItemPage } from '../ports.ts'
import { parseQuery } from '../query/parse.ts'
import type { Actions } from './context.ts'

/**
 * The newest items, or the newest that a query matches (null or blank: all); with `stories` each story once. Of those
 * asked at the same time each has a turn of the event loop to itself, in the order they came. The store looks for some
 * 25 ms; who would rather wait for more has it look on, turn by turn, for `patienceMs` (none). Throws `invalid` for a query
 * it refuses.
 */
export async function search(
  ctx: Pick<Actions, 'clock' | 'timezone'> & { store: Pick<Actions['store'], 'listItems'> },
  text: string | null,
  {
    patienceMs = 0,
    ...options
  }: { limit: number; before?: number | undefined; stories?: boolean; patienceMs?: number },
): Promise<ItemPage & { query: Query | null }> {
  const now = ctx.clock()
  const query = text?.trim() ? parseQuery(text, { timezone: ctx.timezone, for: 'search' }) : null
  const look = async (from: typeof options) => {
    if (query) await ownTurn()
    return ctx.store.listItems({ ...from, now, query: query ?? undefined })
  }
  let page = await look(options)
  const until = now + patienceMs
  while (page.lookedBackTo !== null && page.next !== null && page.items.length < options.limit && ctx.clock() < until) {
    const { items, next } = page
    const older = await look({ ...options, limit: options.limit - items.length, before: next })
    page = { ...older, items: [...items, ...older.items] }
  }
  return { ...page, query }
}

/** There is one event loop, whatever is searched. */
let turns: Promise<unknown> = Promise.resolve()

/** A search is over before its turn is, but many at once would hold up everybody else for as long as they all take. */
function ownTurn(): Promise<unknown> {
  turns = turns.then(() => nextTurn())
  return turns
}
