import type { Query } from '../model.ts'
import type { ItemPage } from '../ports.ts'
import { parseQuery } from '../query/parse.ts'
import type { Actions } from './context.ts'

/**
 * The newest items, or the newest that a query matches (null or blank: all); with `stories` each story once. Throws
 * `invalid` for a query it refuses.
 */
export async function search(
  ctx: Pick<Actions, 'store' | 'clock' | 'timezone'>,
  text: string | null,
  options: { limit: number; before?: number | undefined; stories?: boolean },
): Promise<ItemPage & { query: Query | null }> {
  const now = ctx.clock()
  const query = text?.trim() ? parseQuery(text, { now, timezone: ctx.timezone, for: 'search' }) : null
  const page = await ctx.store.listItems({
    limit: options.limit,
    now,
    ...(options.before === undefined ? {} : { before: options.before }),
    ...(query === null ? {} : { query }),
    ...(options.stories ? { stories: true as const } : {}),
  })
  return { ...page, query }
}
