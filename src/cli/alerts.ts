import { isStoryOver } from '../actions/story.ts'
import type { Hit } from '../model.ts'
import type { Store } from '../ports.ts'
import { plainText } from '../publish/plain.ts'
import { formatLocal } from '../time.ts'
import { readLimit } from './arguments.ts'
import { nameOf, readChat } from './chat.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { renderItem } from './items.ts'
import { alertAsJson, printJson } from './json.ts'
import { printable } from './terminal-text.ts'
import { withActions } from './workplace.ts'

/** What was called out, and what waits, newest first; below it what the owner could not be told of sources. */
export async function listAlerts(cli: Cli, input: Input): Promise<number> {
  const limit = readLimit(input)
  const chat = readChat(input)
  return withActions(cli, async ({ store }, { timezone }) => {
    const found = await store.listAlerts({ limit: limit + 1, ...(chat === undefined ? {} : { chat }) })
    const alerts = found.slice(0, limit)
    if (input.flag('json')) printJson(cli.io, alerts.map(alertAsJson))
    else {
      const now = cli.clock()
      for (const { id, item, state, sentAt, chat, hits } of alerts) {
        const isOver = state === 'cancelled' || isStoryOver(item, now)
        const watches = hits.map((hit) => sayWatch(hit, isOver)).join('; ')
        // What was told last may be about what was published first.
        const when = state === 'sent' && sentAt !== null ? ` ${formatLocal(sentAt, timezone)}` : ''
        const where = state === 'waiting' && isOver ? 'cancelled' : `${state}${when}`
        cli.io.out(renderItem(cli.io, item, timezone, [`alert ${id}`, where, chat, watches]))
      }
    }
    if (alerts.length === 0) cli.note(`Nothing was called out${chat === undefined ? '' : ` in ${nameOf(chat)}`} yet.\n`)
    if (found.length > limit) {
      const ofChat = chat === undefined ? ', --chat of which chat' : ''
      cli.note(`There are more; --limit says how many are shown${ofChat}.\n`)
    }
    if (!input.flag('json')) await listNotices(cli, store, limit)
    return EXIT.done
  })
}

function sayWatch({ watch, waitsFor }: Hit, isOver: boolean): string {
  const query = printable(watch.query)
  if (waitsFor === undefined) return query
  return `${query} (${isOver ? 'waited' : 'waits'} for ${waitsFor})`
}

async function listNotices(cli: Cli, store: Pick<Store, 'listParkedNotices'>, limit: number): Promise<void> {
  const notices = await store.listParkedNotices(limit)
  if (notices.length === 0) return
  cli.io.err('Could not be sent:\n')
  for (const { chat, message, error } of notices) {
    cli.io.out(`${printable(plainText(message, { ansi: false }))}\n  ${printable(`${chat}: ${error ?? 'given up'}`)}\n`)
  }
}
