import { search } from '../actions/search.ts'
import { countOf } from '../publish/count.ts'
import { itemAsJson } from '../publish/json.ts'
import { echoQuery } from '../query/echo.ts'
import { formatLocal, SECOND_MS } from '../time.ts'
import { readLimit } from './arguments.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { renderItem } from './items.ts'
import { printJson } from './json.ts'
import { printable } from './terminal-text.ts'
import { withActions } from './workplace.ts'

/** Nobody else waits meanwhile, as in a service, where a search ends much sooner. */
const PATIENCE_MS = 2 * SECOND_MS

/** Stored items, newest first: those a query matches, or all. */
export async function searchItems(cli: Cli, input: Input): Promise<number> {
  const limit = readLimit(input)
  return withActions(cli, async (actions, { timezone }) => {
    const page = await search(actions, input.args.join(' '), { limit, patienceMs: PATIENCE_MS })
    if (input.flag('json')) printJson(cli.io, page.items.map(itemAsJson))
    else for (const item of page.items) cli.io.out(renderItem(cli.io, item, timezone))

    cli.note(describePage(page))
    // With --json too: there may be more than the document says.
    if (page.lookedBackTo !== null) cli.io.err(`Looked back to ${formatLocal(page.lookedBackTo, timezone)}.\n`)
    return EXIT.done
  })
}

type Page = Awaited<ReturnType<typeof search>>

function describePage({ items, query, next, lookedBackTo }: Page): string {
  const asked = query === null ? '' : `: ${printable(echoQuery(query))}`
  if (items.length === 0 && lookedBackTo !== null) return `Nothing that was looked at says that${asked}\n`
  if (items.length === 0) return query === null ? 'Nothing is stored yet.\n' : `Nothing stored says that${asked}\n`
  const more = next === null ? '' : ' There are more; --limit says how many are shown.'
  return `${countOf(items.length, 'item')}${asked}.${more}\n`
}
