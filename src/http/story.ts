import { html } from 'hono/html'
import { groupBy } from '../groups.ts'
import { type Item, momentOf } from '../model.ts'
import { itemAddress, webAddress } from '../publish/address.ts'
import { countOf } from '../publish/count.ts'
import { otherSources, sourceTitle } from '../publish/related.ts'
import { excerpt, itemTitle } from '../publish/title.ts'
import { cleanLine, validLanguage } from '../publish/xml.ts'
import { type Calendar, machineDate } from './calendar.ts'
import type { Html } from './frame.ts'
import { type MarkedText, markLine, quoteText } from './marks.ts'
import { linkToWatch, prettyQuery } from './query.ts'
import { shownName } from './source-state.ts'

/** Items in their order under the days on which they came, what `wordsFor` says of each marked. */
export function renderDays(items: Item[], wordsFor: (item: Item) => string[], calendar: Calendar): Html[] {
  // A date without a time is placed at its midnight in UTC, which west of it is a moment of the day before.
  const days = groupBy(items, (item) => calendar.dayName(momentOf(item.place)))
  return [...days].map(
    ([name, items]) =>
      html`<section><h2>${name}</h2>${items.map((item) => story(item, wordsFor(item), calendar))}</section>`,
  )
}

function story(item: Item, words: string[], calendar: Calendar): Html {
  // Lists go by place; the moment in it is what people see.
  const at = momentOf(item.place)
  const title = itemTitle(item)
  const url = webAddress(itemAddress(item))
  const headline = marked(markLine(title, words))
  const quote = quoteText(textBeyond(title, item), words)
  return html`<article${language(item)}><time datetime="${machineDate(at)}">${calendar.time(at)}</time>
<h3 dir="auto">${url === null ? headline : html`<a href="${url}" rel="noopener noreferrer">${headline}</a>`}</h3>
${quote.length === 0 ? '' : html`<p dir="auto">${marked(quote)}</p>`}<footer lang="en"><b dir="auto">${shownName(item.source)}</b>${others(item)}${watches(item.calledBy)}</footer></article>
`
}

/** Who else has it: "also: Reuters, BBC and 2 more", which opens; what its own source said again stands among those. */
function others(item: Item): Html {
  const { named, rest } = otherSources(item, OTHERS_NAMED)
  const unnamed = item.related.filter((related) => !named.includes(related))
  if (item.related.length === 0) return html``
  const also = named.length === 0 ? '' : html`also: ${inRow(named)} `
  if (unnamed.length === 0) return html`<div class="also">${also}</div>`
  // Of a large story not all are named even here.
  const left = otherSources(item, item.related.length).rest
  const more = item.relatedCount === undefined ? `${unnamed.length} more` : 'more'
  const summary = named.length === 0 ? `${more} of this source` : item.relatedCount && rest ? rest : `and ${more}`
  return html`<div class="also">${also}<details><summary>${summary}</summary>${inRow(unnamed)}${left === '' ? '' : ` ${left}`}</details></div>`
}

function inRow(items: Item['related']): Html[] {
  return items.map((other, i) => html`${i === 0 ? '' : ', '}${otherSource(other)}`)
}

const OTHERS_NAMED = 3
const LONGEST_NAME = 60
const LONGEST_HOVER = 120

function otherSource(other: Item['related'][number]): Html {
  const name = excerpt(sourceTitle(other), LONGEST_NAME)
  const url = webAddress(other.url)
  if (url === null) return html`<bdi>${name}</bdi>`
  return html`<a href="${url}" title="${excerpt(other.title, LONGEST_HOVER)}" rel="noopener noreferrer" dir="auto">${name}</a>`
}

/** What the text says after the title: of an untitled item the title is its beginning, and many texts begin with theirs. */
function textBeyond(title: string, item: Item): string {
  const said = title.replace(/…$/, '')
  const begin = cleanLine(item.text.slice(0, said.length + 20))
  if (!begin.startsWith(said)) return item.text
  const rest = cleanLine(item.text.slice(0, 4_000)).slice(said.length)
  const isWhole = said === title
  return isWhole ? rest.replace(/^[\s.:;,–—-]+/, '') : `…${rest.trimStart()}`
}

function language(item: Item): Html {
  const tag = validLanguage(item.language)
  return tag === null ? html`` : html` lang="${tag}"`
}

/** What it called: three watches by name, and how many more, which opens. */
function watches(queries: string[]): Html {
  const more = queries.slice(WATCHES_NAMED)
  const named = html`${queries.slice(0, WATCHES_NAMED).map(called)}`
  if (more.length === 0) return named
  const left = more.length - MOST_WATCHES_OPENED
  const opened = more.slice(0, MOST_WATCHES_OPENED).map((query) => html`${called(query)} `)
  return html`${named}<div class="also"><details><summary>and ${countOf(more.length, 'more watch', 'more watches')}</summary> ${opened}${left > 0 ? `… and ${left.toLocaleString('en')} more` : ''}</details></div>`
}

const WATCHES_NAMED = 3
/** Whoever has more that call for one item has the command line. */
const MOST_WATCHES_OPENED = 20

function called(query: string): Html {
  return html`<a class="called" title="A watch that matched" href="${linkToWatch(query)}" dir="auto">${prettyQuery(query)}</a>`
}

function marked(pieces: MarkedText): (Html | string)[] {
  return pieces.map((piece) => (piece.marked ? html`<mark>${piece.text}</mark>` : piece.text))
}
