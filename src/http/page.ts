import { html } from 'hono/html'
import type { AppError } from '../errors.ts'
import type { Item, Query, Source, Status, Watch } from '../model.ts'
import type { ItemPage } from '../ports.ts'
import { webAddress } from '../publish/address.ts'
import { itemTitle } from '../publish/atom.ts'
import { cleanLine, languageTag } from '../publish/xml.ts'
import { echoQuery } from '../query/echo.ts'
import { parseQuery } from '../query/parse.ts'
import { type Calendar, createCalendar } from './calendar.ts'
import { type Html, linkQuery, number, renderFrame } from './frame.ts'
import { type MarkedText, markLine, quoteText, wordsOf } from './marks.ts'

/** How the way to Telegram is. */
export interface TelegramState {
  state: 'off' | 'connecting' | 'online' | 'unauthorized' | 'offline' | 'conflict'
  /** Of the bot, without "@". */
  username: string | null
}

export interface PageModel extends ItemPage {
  now: number
  timezone: string
  /** Without a slash at the end. */
  baseUrl: string
  /** What stands in the search field; null when nobody searched. */
  written: string | null
  query: Query | null
  before: number | undefined
  /** Why there are no items: the query was refused. */
  refusal: AppError | null
  status: Status
  watches: Watch[]
  /** The sources whose last polls failed. */
  troubled: Pick<Source, 'title' | 'trouble' | 'failures' | 'polledAt'>[]
  telegram: TelegramState | null
}

/** The page: the newest items by day, or those a query finds, and beside them what is going on. Loads nothing but our style sheet. */
export async function renderPage(model: PageModel): Promise<string> {
  const calendar = createCalendar(model.timezone, model.now)
  const title = model.written === null ? 'Crier' : `${cleanLine(model.written)} – Crier`
  const feed = `feed.atom${linkQuery({ q: model.written })}`
  const body = html`<div class="page">
<main id="items">${lead(model)}${stories(model, calendar)}${paging(model)}</main>
<aside aria-label="What is going on">${watches(model)}${sources(model, calendar)}${telegram(model, calendar)}${subscribe(model)}</aside>
</div>`
  const { failing } = model.status.sources
  return renderFrame({ title, feed, search: model.written ?? '', at: 'stories', failing, body })
}

/** A refusal as a page, for browsers, at any `path` of ours. */
export async function renderErrorPage(status: number, message: string, path: string): Promise<string> {
  const root = rootFrom(path)
  const body = html`<div class="page"><main id="items" class="lost"><h1>${status === 404 ? 'Nothing here' : 'That did not work'}</h1>
<p>${cleanLine(message)}</p><p><a href="${root}">To the newest items</a></p></main></div>`
  return renderFrame({ title: `${status} – Crier`, feed: 'feed.atom', search: '', at: null, failing: 0, body, root })
}

/** From there to our first page, within the path that a proxy may have taken away: "./", "../../". */
function rootFrom(path: string): string {
  return '../'.repeat(path.split('/').length - 2) || './'
}

// ---- The items ----

function lead(model: PageModel): Html {
  if (model.refusal !== null) return refusal(model.refusal)
  if (model.query !== null) {
    return html`<p class="lead"><span>Showing <b dir="auto">${cleanLine(echoQuery(model.query))}</b></span><a href="./">All items</a></p>`
  }
  const sources = model.status.sources.active + model.status.sources.paused
  if (sources === 0 && model.status.items === 0) return html``
  const count = `${number(model.status.items, 'item')} from ${number(sources, 'source')}`
  return html`<p class="lead"><span>${count}</span>${model.before === undefined ? '' : html`<a href="./">Newest items</a>`}</p>`
}

const EXAMPLES = [
  ['big data', 'both words, anywhere'],
  ['"big data"', 'the words in a row'],
  ['chips OR 芯片', 'either'],
  ['flood -insurance', 'without a word'],
  ['data*', 'data, database, datasets'],
  ['title:library', 'in the title'],
] as const

function refusal({ message, hint }: AppError): Html {
  return html`<section class="empty"><h1>That search was not understood</h1>
<div class="said" role="alert"><p>${message}</p>${hint === null ? '' : html`<p>${hint}</p>`}</div>
<dl>${EXAMPLES.map(([query, meaning]) => html`<dt><a href="./${linkQuery({ q: query })}">${query}</a></dt><dd>${meaning}</dd>`)}</dl></section>`
}

function stories(model: PageModel, calendar: Calendar): Html | Html[] {
  if (model.refusal !== null) return html``
  if (model.items.length === 0) return empty(model)

  const wordsFor = createWordFinder(model)
  const days: { name: string; items: Item[] }[] = []
  for (const item of model.items) {
    const name = calendar.dayName(placedAt(item))
    const day = days.at(-1)
    if (day?.name === name) day.items.push(item)
    else days.push({ name, items: [item] })
  }
  return days.map(
    (day) =>
      html`<section><h2>${day.name}</h2>${day.items.map((item) => story(item, wordsFor(item), calendar))}</section>`,
  )
}

function story(item: Item, words: string[], calendar: Calendar): Html {
  const at = placedAt(item)
  const title = itemTitle(item)
  const url = webAddress(item.url)
  const headline = marked(markLine(title, words))
  const quote = quoteText(textBeyond(title, item), words)
  return html`<article${language(item)}><time datetime="${new Date(at).toISOString()}">${calendar.time(at)}</time>
<h3 dir="auto">${url === null ? headline : html`<a href="${url}" rel="noopener noreferrer">${headline}</a>`}</h3>
${quote.length === 0 ? '' : html`<p dir="auto">${marked(quote)}</p>`}<footer lang="en"><b dir="auto">${cleanLine(item.source.title)}</b>${item.calledBy.slice(0, 3).map(called)}</footer></article>
`
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

/** Lists go by place; the moment in it is what people see. */
function placedAt(item: Item): number {
  return Math.floor(item.place / 1_000)
}

function language(item: Item): Html {
  const tag = languageTag(item.language)
  return tag === null ? html`` : html` lang="${tag}"`
}

function called(query: string): Html {
  return html`<a class="called" title="A watch that matched" href="./${linkQuery({ q: query })}" dir="auto">${prettyQuery(query)}</a>`
}

function marked(pieces: MarkedText): (Html | string)[] {
  return pieces.map((piece) => (piece.marked ? html`<mark>${piece.text}</mark>` : piece.text))
}

/** What to mark in an item: the words searched for, else those of the watches it called. */
function createWordFinder(model: PageModel): (item: Item) => string[] {
  const searched = model.query === null ? null : wordsOf(model.query)
  const known = new Map<string, string[]>()
  const wordsOfWatch = (text: string) => {
    const words = known.get(text) ?? parseWords(text, model)
    known.set(text, words)
    return words
  }
  return (item) => searched ?? item.calledBy.flatMap(wordsOfWatch)
}

function parseWords(text: string, { now, timezone }: PageModel): string[] {
  try {
    return wordsOf(parseQuery(text, { now, timezone, for: 'watch' }))
  } catch {
    // Saved when the language was another: its items are shown all the same, unmarked.
    return []
  }
}

function empty(model: PageModel): Html {
  const { status, written, before } = model
  if (before !== undefined) return html`<section class="empty"><p>Nothing older is stored.</p></section>`
  if (written !== null) {
    return html`<section class="empty"><h1>Nothing stored says that</h1><p>To be told as soon as something does:</p>
<pre>npx crier watch add ${shellQuote(cleanLine(written))}</pre></section>`
  }
  if (status.sources.active + status.sources.paused > 0) {
    return html`<section class="empty"><h1>Waiting for the first items</h1><p>The sources are there, and have published nothing yet. To look now:</p>
<pre>npx crier poll --all</pre></section>`
  }
  return html`<section class="empty"><h1>No sources yet</h1><p>Add the first, and its items are here a moment later:</p>
<pre>npx crier source add https://example.com/feed.xml</pre>
<p>Coming from another reader? Bring its list:</p><pre>npx crier import subscriptions.opml</pre><p><a href="sources">To the sources</a></p></section>`
}

function paging(model: PageModel): Html {
  const back =
    model.lookedBackTo === null
      ? ''
      : html`<span>Looked back to ${createCalendar(model.timezone, model.now).moment(model.lookedBackTo)}</span>`
  if (model.next === null) return html`${back === '' ? '' : html`<p class="more">${back}</p>`}`
  return html`<p class="more"><a rel="next" href="./${linkQuery({ q: model.written, before: model.next })}">Older items</a>${back}</p>`
}

// ---- The rail ----

const WATCHES_SHOWN = 8
const TROUBLED_SHOWN = 5

function watches(model: PageModel): Html {
  const queries = [...new Set(model.watches.map((watch) => watch.query))]
  const rest = queries.length - WATCHES_SHOWN
  return html`<section id="watches"><h2>Watches</h2>${
    queries.length === 0
      ? html`<p>None yet. What they match is called out in your chat, or in the service's terminal:</p><pre>npx crier watch add '"big data"'</pre>`
      : html`<ul>${queries.slice(0, WATCHES_SHOWN).map((query) => html`<li><a href="./${linkQuery({ q: query })}" dir="auto">${prettyQuery(query)}</a></li>`)}</ul>`
  }${rest > 0 ? html`<p>and ${rest} more</p>` : ''}</section>`
}

function sources({ status, troubled }: PageModel, calendar: Calendar): Html {
  const { active, paused, failing } = status.sources
  const fine = Math.max(0, active - failing)
  const polled = status.lastPollAt === null ? 'not polled yet' : `last poll ${calendar.moment(status.lastPollAt)}`
  const rest = troubled.length - TROUBLED_SHOWN
  return html`<section id="sources"><h2><a href="sources">Sources</a></h2>${
    active + paused === 0
      ? html`<p>None yet.</p>`
      : html`<ul><li><span class="good">${fine} fine</span><span>${polled}</span></li>${troubled
          .slice(0, TROUBLED_SHOWN)
          .map(
            (source) =>
              html`<li class="bad"><b dir="auto">${cleanLine(source.title)}</b><span>${cleanLine(source.trouble ?? 'cannot be read')}</span></li>`,
          )}${rest > 0 ? html`<li><a class="warn" href="sources">${rest} more</a><span>cannot be read</span></li>` : ''}${
          paused > 0 ? html`<li><span>${paused} paused</span></li>` : ''
        }</ul>`
  }</section>`
}

function telegram(model: PageModel, calendar: Calendar): Html {
  const { queued, parked } = model.status.alerts
  const state = model.telegram ?? { state: 'off' as const, username: null }
  const waiting = html`<span>${queued} waiting</span>`
  const last = model.status.lastAlertAt
  return html`<section id="telegram"><h2>Telegram</h2>${telegramLine(state, waiting)}${
    last === null ? '' : html`<p>Last alert ${calendar.moment(last)}.</p>`
  }${parked > 0 ? html`<p>${number(parked, 'alert')} could not be sent: <code>npx crier alerts</code> lists them.</p>` : ''}</section>`
}

function telegramLine({ state, username }: TelegramState, waiting: Html): Html {
  const bot = username === null ? 'The bot' : `@${username}`
  switch (state) {
    case 'online':
      return html`<ul><li><a class="good" href="https://t.me/${username ?? ''}" rel="noopener noreferrer">${bot}</a>${waiting}</li></ul>`
    case 'connecting':
      return html`<ul><li><span>connecting</span>${waiting}</li></ul>`
    case 'offline':
      return html`<ul><li><span class="warn">cannot be reached</span>${waiting}</li></ul><p>Alerts go out as soon as it answers.</p>`
    case 'unauthorized':
      return html`<ul><li><span class="warn">the token is refused</span>${waiting}</li></ul><p>Take a new one from @BotFather, put it in <code>TELEGRAM_BOT_TOKEN</code> and start again.</p>`
    case 'conflict':
      return html`<ul><li><span class="warn">somebody else reads this bot</span>${waiting}</li></ul><p>Another program uses the same token. Stop it, or give this one a bot of its own.</p>`
    case 'off':
      return html`<p>Not connected. Make a bot with @BotFather, put its token in <code>TELEGRAM_BOT_TOKEN</code> and start again.</p>`
  }
}

function subscribe({ baseUrl, written, refusal }: PageModel): Html {
  const asked = refusal === null ? written : null
  const path = `feed.atom${linkQuery({ q: asked })}`
  return html`<section id="subscribe"><h2>Subscribe</h2>
<p class="address"><input readonly value="${baseUrl}/${path}" aria-label="Address of the feed"><a href="${path}">Open</a></p>
<p>${asked === null ? 'Every search has a feed of its own.' : 'The feed of this search.'}</p></section>`
}

// ---- Small things ----

/** A query as it was written, with the quotes of print. */
function prettyQuery(query: string): string {
  return cleanLine(query).replace(/"([^"]*)"/g, '“$1”')
}

/** For a POSIX shell: within single quotes only the single quote means something. */
function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
