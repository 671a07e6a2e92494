import { isDeepStrictEqual } from 'node:util'
import { isCode } from '../../errors.ts'
import type { Query, QueryNode, Watch } from '../../model.ts'
import { asOneLine } from '../../publish/query-line.ts'
import { echoQuery } from '../../query/echo.ts'
import { isNodeMatch } from '../../query/evaluate.ts'
import { EMPTY_ITEM, viewItem } from '../../query/item-view.ts'
import { type ParseOptions, parseQuery } from '../../query/parse.ts'
import type { Actions } from '../context.ts'

export interface AddedWatch {
  watch: Watch
  query: Query
  /** The query in plain words, to show what was understood. */
  echo: string
}

/** Saves a query in a chat; it counts from this commit on. Throws `invalid` for a query it refuses, `conflict` when the chat has it already. */
export async function addWatch(ctx: Actions, chat: string, text: string): Promise<AddedWatch> {
  const now = ctx.clock()
  const query = parseWatch(text, { timezone: ctx.timezone })
  const watch = await ctx.store.addWatch(chat, query, now)
  return { watch, query, echo: echoQuery(query) }
}

/**
 * The number of another watch of the same chat that means the same, though it is written otherwise ("Big Data", or the same
 * list once more, one a line); null where there is none among the first thousand.
 */
export async function findSameWatch(ctx: Actions, { watch, echo }: AddedWatch): Promise<number | null> {
  const meant = echo.toLowerCase()
  const others = (await ctx.store.listWatches(watch.chat)).slice(0, MOST_COMPARED)
  const same = others.find(({ number, query }) => {
    if (number === watch.number) return false
    try {
      return echoQuery(parseWatch(query, { timezone: ctx.timezone })).toLowerCase() === meant
    } catch (error) {
      // Saved when it was understood.
      if (isCode(error, 'invalid')) return false
      throw error
    }
  })
  return same?.number ?? null
}

/** A person's chat has fewer; more come from a file. */
const MOST_COMPARED = 1_000

/**
 * What stands behind `source:` in a query and no source is called by, so that a wrong name is not waited for in vain; null
 * where nothing does. A sentence for people.
 */
export async function sayNoSuchSource({ store }: Pick<Actions, 'store'>, query: Query): Promise<string | null> {
  const asked = sourcesAskedFor(query.root)
  if (asked.length === 0) return null
  const views = (await store.listSources()).map((source) => viewItem({ ...EMPTY_ITEM, source }))
  const missing = asked.filter((node) => !views.some((view) => isNodeMatch(node, view, 0)))
  const names = [...new Set(missing.map(({ written }) => `“${written}”`))]
  return names.length === 0 ? null : `No source is called ${names.join(' or ')} so far.`
}

type SourceNode = Extract<QueryNode, { kind: 'source' }>

function sourcesAskedFor(node: QueryNode): SourceNode[] {
  if (node.kind === 'source') return [node]
  if (node.kind === 'not') return sourcesAskedFor(node.node)
  return node.kind === 'and' || node.kind === 'or' ? node.nodes.flatMap(sourcesAskedFor) : []
}

/**
 * A query as a watch has it: on one line, as alerts and lists show it, so that it means there what it means. It stays as it
 * was written where that would be another query (a line end within quotes) or too long a one. Throws `invalid`.
 */
export function parseWatch(text: string, { timezone }: Omit<ParseOptions, 'for'>): Query {
  const options = { timezone, for: 'watch' as const }
  const query = parseQuery(text, options)
  const line = asOneLine(query.text)
  try {
    const same = parseQuery(line, options)
    return isDeepStrictEqual(same, { ...query, text: line }) ? same : query
  } catch (error) {
    if (!isCode(error, 'invalid')) throw error
    return query
  }
}

/** Takes a watch back, with its own hits that still wait. Throws `not_found`. */
export async function removeWatch(ctx: Actions, chat: string, number: number): Promise<Watch> {
  return ctx.store.removeWatch(chat, number, ctx.clock())
}
