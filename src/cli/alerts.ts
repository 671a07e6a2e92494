import { readChat, readLimit } from './arguments.ts'
import { renderEntry } from './entry.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { alertAsJson, printJson } from './json.ts'
import { printable } from './terminal-text.ts'
import { withActions } from './workplace.ts'

/** What was called out, and what waits, newest first. */
export async function listAlerts(cli: Cli, input: Input): Promise<number> {
  const limit = readLimit(input)
  const chat = readChat(input)
  return withActions(cli, { create: false }, async ({ store }, { timezone }) => {
    const alerts = await store.listAlerts({ limit, ...(chat === undefined ? {} : { chat }) })
    if (input.flag('json')) printJson(cli.io, alerts.map(alertAsJson))
    else {
      for (const { item, state, chat, hits } of alerts) {
        const watches = hits.map((hit) => printable(hit.watch.query)).join(', ')
        cli.io.out(renderEntry(cli.io, item, timezone, [state, chat, watches]))
      }
    }
    if (alerts.length === 0) cli.io.err('Nothing was called out yet.\n')
    return EXIT.done
  })
}
