import { html } from 'hono/html'
import type { Calendar } from './calendar.ts'
import type { Html } from './frame.ts'
import { prettyQuery } from './query.ts'
import type { Watched } from './standing.ts'

/** A line for each watch that is listed, with where `link` leads, and until when it calls nobody. */
export function watchLines(
  { queries, mutedUntil }: Watched,
  calendar: Calendar,
  link: (query: string) => string,
): Html[] {
  return queries.map((query) => {
    const until = mutedUntil.get(query)
    const muted = until === undefined ? '' : html`<small>muted until ${calendar.moment(until)}</small>`
    return html`<li><div><a href="${link(query)}" dir="auto">${prettyQuery(query)}</a>${muted}</div></li>`
  })
}

/** "and 3 more", of those that are not listed, and where they are. */
export function watchesLeft({ queries, total }: Watched, where: 'their page' | 'their chats'): Html {
  if (total <= queries.length) return html``
  const more = `and ${total - queries.length} more`
  return where === 'their page'
    ? html`<p><a href="try#watches">${more}</a></p>`
    : html`<p>${more}: <code>/watches WORDS</code> finds them in their chat, and <code>npx crier watch list --chat ID</code> here</p>`
}

/** How a watch is ended; the page shows watches of all chats, and numbers belong to a chat. */
export const HOW_TO_END = html`<p class="note">To end a watch: in its chat <code>/watches</code> shows its number and <code>/unwatch N</code> ends it; on the command line it is <code>npx crier watch list</code> and <code>npx crier watch remove N</code>.</p>`
