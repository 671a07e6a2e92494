import type { Query, Watch } from '../model.ts'
import { echoQuery } from '../query/echo.ts'
import { parseQuery } from '../query/parse.ts'
import type { Actions } from './context.ts'

export interface AddedWatch {
  watch: Watch
  query: Query
  /** The query in plain words, to show what was understood. */
  echo: string
}

/** Saves a query in a chat; it counts from this commit on. Throws `invalid` for a query it refuses, `conflict` when the chat has it already. */
export async function addWatch(ctx: Actions, chat: string, text: string): Promise<AddedWatch> {
  const now = ctx.clock()
  const query = parseQuery(text, { now, timezone: ctx.timezone, for: 'watch' })
  const watch = await ctx.store.addWatch(chat, query, now)
  return { watch, query, echo: echoQuery(query) }
}

/** Takes a watch back, with its own hits that still wait. Throws `not_found`. */
export async function removeWatch(ctx: Actions, chat: string, number: number): Promise<Watch> {
  return ctx.store.removeWatch(chat, number, ctx.clock())
}
