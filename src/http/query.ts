import { html } from 'hono/html'
import type { AppError } from '../errors.ts'
import type { Query } from '../model.ts'
import type { ItemCount } from '../ports.ts'
import { countOf } from '../publish/count.ts'
import { asOneLine } from '../publish/query-line.ts'
import { shellQuote } from '../publish/shell.ts'
import { excerpt } from '../publish/title.ts'
import { cleanLine } from '../publish/xml.ts'
import { hintsOf } from '../query/hints.ts'
import { isQueryFor } from '../query/purpose.ts'
import { type Html, linkQuery } from './frame.ts'

/** From our first page: what a watch finds, or where it waits for publishers, which nobody can search for, what it would have sent. */
export function linkToWatch(query: string): string {
  return `${isQueryFor('search', query) ? './' : 'try'}${linkQuery({ q: query })}`
}

/** A query as it was written, with the quotes of print; of a pasted list its beginning. */
export function prettyQuery(query: string): string {
  return excerpt(query, LONGEST_SHOWN).replace(/"([^"]*)"/g, '“$1”')
}

const LONGEST_SHOWN = 80

/** What a query matches is counted so far: nobody reads on. */
export const MOST_COUNTED = 10_000

/** "14 items", "more than 10,000 items", "at least 310 items" where time was up; null when it was before the first was found. */
export function countInWords({ count, isMore }: ItemCount): string | null {
  if (!isMore) return countOf(count, 'item')
  if (count === 0) return null
  return `${count >= MOST_COUNTED ? 'more than' : 'at least'} ${countOf(count, 'item')}`
}

/** What is said beside a query, the form that may be meant being a link to `page`. */
export function queryHints(query: Query, page: './' | 'try'): Html[] {
  return hintsOf(query).map(({ text, form }) => {
    const link = form === null ? '' : html`<a href="${page}${linkQuery({ q: form })}" dir="auto">${form}</a>`
    return html`<p class="lead"><span>${text}${link}</span></p>`
  })
}

/** Why a query was refused, what would be right, and examples that lead to `page`; `way` is another way out. */
export function refusedQuery({ message, hint }: AppError, page: './' | 'try', way: Html | null = null): Html {
  return html`<div class="said" role="alert"><p>${cleanLine(message)}</p>${hint === null ? '' : html`<p>${cleanLine(hint)}</p>`}${way ?? ''}</div>
${queryExamples(page)}`
}

/** What can be written, each a link to `page`; to the one for watches where nobody can search for it. */
export function queryExamples(page: './' | 'try'): Html {
  const link = (query: string) => (page === 'try' ? `try${linkQuery({ q: query })}` : linkToWatch(query))
  return html`<dl>${EXAMPLES.map(([query, meaning]) => html`<dt><a href="${link(query)}">${query}</a></dt><dd>${meaning}</dd>`)}</dl>`
}

const EXAMPLES = [
  ['big data', 'both words, anywhere'],
  ['"big data"', 'the words in a row'],
  ['chips OR 芯片', 'either'],
  ['flood -insurance', 'without a word'],
  ['data*', 'data, database, datasets'],
  ['title:library', 'in the title'],
  ['chips sources>=3', 'in watches: as soon as three publishers carry it'],
] as const

/** How a query is saved as a watch: what to send to the bot, and what to type in a shell, below a line of ours. */
export function waysToSave(written: string, line: string): Html {
  const query = asOneLine(written)
  // What begins with a hyphen would be taken for an option.
  const dashes = query.startsWith('-') ? '-- ' : ''
  return html`<p>${line}</p>
<pre>/watch ${query}</pre><pre>npx crier watch add ${dashes}${shellQuote(query)}</pre>`
}
