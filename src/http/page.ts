import { html } from 'hono/html'
import { parseWatch } from '../actions/watch/watch.ts'
import type { AppError } from '../errors.ts'
import type { Item, Query, Source, Status } from '../model.ts'
import type { ItemCount, ItemPage, TelegramState } from '../ports.ts'
import { countOf } from '../publish/count.ts'
import { asOneLine } from '../publish/query-line.ts'
import { cleanLine } from '../publish/xml.ts'
import { findContradiction } from '../query/contradictions.ts'
import { sayQuery } from '../query/echo.ts'
import { type Calendar, createCalendar } from './calendar.ts'
import { bringList, type Html, linkQuery, renderFrame } from './frame.ts'
import { wordsOf } from './marks.ts'
import { countInWords, linkToWatch, queryHints, refusedQuery, waysToSave } from './query.ts'
import { shownName } from './source-state.ts'
import { sayStanding, type Watched, type WatchStanding } from './standing.ts'
import { renderDays } from './story.ts'
import { watchesLeft, watchLines } from './watch-list.ts'

export interface PageModel extends ItemPage {
  now: number
  timezone: string
  /** Without a slash at the end. */
  baseUrl: string
  /** What stands in the search field; null when nobody searched. */
  written: string | null
  query: Query | null
  /** How many items the query matches; null where nothing was searched for. */
  count: ItemCount | null
  /** Each story is shown once; else every item. */
  stories: boolean
  before: number | undefined
  /** Why there are no items: the query was refused. */
  refusal: AppError | null
  status: Status
  /** What is watched for, by whomever: the first WATCHES_SHOWN, which of them call nobody now, and how many there are. */
  watched: Watched
  /** Of what was searched for. */
  standing: WatchStanding
  /** The sources whose last polls failed. */
  troubled: Pick<Source, 'title' | 'trouble' | 'failures' | 'polledAt'>[]
  /** Null where there is no token. */
  telegram: Pick<TelegramState, 'state' | 'username'> | null
}

/** The page: the newest items by day, or those a query finds, and beside them what is going on. Loads nothing but our style sheet. */
export async function renderPage(model: PageModel): Promise<string> {
  const calendar = createCalendar(model.timezone, model.now)
  const title = model.written === null ? 'Crier' : `${cleanLine(model.written)} – Crier`
  const feed = feedOf(model)
  const body = html`<div class="page">
<main id="items">${heading(model)}${lead(model)}${stories(model, calendar)}${paging(model)}</main>
<aside aria-label="What is going on">${asWatch(model, calendar)}${watches(model, calendar)}${sources(model, calendar)}${telegram(model, calendar)}${subscribe(model)}</aside>
</div>`
  const { failing } = model.status.sources
  return renderFrame({ title, feed, search: asOneLine(model.written ?? ''), at: 'stories', failing, body })
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

/** For who listens: eyes see where they are. What finds nothing says so in a heading of its own. */
function heading({ items, written }: PageModel): Html {
  return items.length === 0 ? html`` : html`<h1 class="heard">${written === null ? 'Stories' : 'Stories found'}</h1>`
}

function lead(model: PageModel): Html {
  if (model.refusal !== null) return refusal(model, model.refusal)
  const links = ways(model)
  if (model.query !== null) {
    const echo = html`<b dir="auto">${cleanLine(sayQuery(model.query))}</b>`
    return html`<p class="lead"><span>${found(model)} ${echo}</span>${links}</p>${queryHints(model.query, './')}`
  }
  const sources = model.status.sources.active + model.status.sources.paused
  if (sources === 0 && model.status.items === 0) return html``
  const count = `${countOf(model.status.items, 'item')} from ${countOf(sources, 'source')}`
  return html`<p class="lead"><span>${count}</span>${links}</p>`
}

/** "14 items in 9 stories for": how many stories is known where all of them are on one page. */
function found({ count, items, next, before, stories, lookedBackTo }: PageModel): string {
  const words = count === null || count.count === 0 ? null : countInWords(count)
  if (words === null || count === null) return 'Showing'
  const isWhole = next === null && before === undefined && lookedBackTo === null && !count.isMore
  const inStories =
    stories && isWhole && items.length < count.count ? ` in ${countOf(items.length, 'story', 'stories')}` : ''
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${inStories} for`
}

/** To the same in another form, and back to everything. */
function ways(model: PageModel): Html {
  const { written, query, before, stories, items } = model
  const folds = stories && items.some((item) => item.related.length > 0)
  const links = [
    folds ? html`<a href="./${linkQuery({ q: written, stories: 0 })}">Every item</a>` : null,
    stories ? null : html`<a href="./${linkQuery({ q: written })}">Each story once</a>`,
    query !== null && watchOf(model) !== null ? html`<a href="try${linkQuery({ q: written })}">As a watch</a>` : null,
    query !== null ? html`<a href="./">Clear</a>` : null,
    query === null && before !== undefined ? html`<a href="./${linkHere(model)}">Newest items</a>` : null,
  ].filter((link) => link !== null)
  return links.length === 0 ? html`` : html`<span class="to">${links}</span>`
}

/** The address of what is shown, from its newest item. */
function linkHere({ written, stories }: Pick<PageModel, 'written' | 'stories'>, before: number | null = null): string {
  return linkQuery({ q: written, stories: stories ? null : 0, before })
}

function refusal(model: PageModel, error: AppError): Html {
  const way =
    watchOf(model) === null ? null : html`<p><a href="try${linkQuery({ q: model.written })}">Try it as a watch</a></p>`
  return html`<section class="empty"><h1>That search was not understood</h1>
${refusedQuery(error, './', way)}</section>`
}

function stories(model: PageModel, calendar: Calendar): Html | Html[] {
  if (model.refusal !== null) return html``
  if (model.items.length === 0) return empty(model)
  return renderDays(model.items, createWordFinder(model), calendar)
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

function parseWords(text: string, model: PageModel): string[] {
  const query = findWatch(text, model)
  // Null: saved when the language was another. Its items are shown all the same, unmarked.
  return query === null ? [] : wordsOf(query)
}

function findWatch(text: string, ask: Pick<PageModel, 'now' | 'timezone'>): Query | null {
  try {
    return parseWatch(text, ask)
  } catch {
    return null
  }
}

/** What was searched for as a watch; null where it cannot be one: "-jobs" alone can be searched for, not watched. */
export function watchOf(ask: Pick<PageModel, 'written' | 'now' | 'timezone'>): Query | null {
  return ask.written === null ? null : findWatch(ask.written, ask)
}

function empty(model: PageModel): Html {
  const { status, written, before } = model
  if (before !== undefined) return html`<section class="empty"><p>Nothing older is stored.</p></section>`
  if (written !== null) {
    const watch = watchOf(model)
    const save =
      watch === null || findContradiction(watch.root) !== null
        ? ''
        : waysToSave(written, 'To be told as soon as something does, in the bot or on the command line:')
    return html`<section class="empty"><h1>Nothing stored says that</h1>${save}</section>`
  }
  if (status.sources.active + status.sources.paused > 0) {
    return html`<section class="empty"><h1>Waiting for the first items</h1><p>The sources are there, and have published nothing yet. To look now:</p>
<pre>npx crier poll --all</pre></section>`
  }
  return html`<section class="empty"><h1>No sources yet</h1><p><a href="sources">Add the first</a> by its address, or on the command line; its items are here a moment later:</p>
<pre>npx crier source add https://example.com/feed.xml</pre>
${bringList()}</section>`
}

function paging(model: PageModel): Html {
  const back =
    model.lookedBackTo === null
      ? ''
      : html`<span>Looked back to ${createCalendar(model.timezone, model.now).moment(model.lookedBackTo)}</span>`
  if (model.next === null) return html`${back === '' ? '' : html`<p class="more">${back}</p>`}`
  return html`<p class="more"><a rel="next" href="./${linkHere(model, model.next)}">Older items</a>${back}</p>`
}

// ---- The rail ----

export const WATCHES_SHOWN = 8
const TROUBLED_SHOWN = 5

/** Of a search that finds something: how to be told what comes. */
function asWatch(model: PageModel, calendar: Calendar): Html {
  const { written, items, standing } = model
  const watch = watchOf(model)
  if (written === null || watch === null || items.length === 0) return html``
  return html`<section id="watch"><h2>As a watch</h2>${
    standing.isWatched
      ? html`<p>You have this watch already. ${sayStanding(standing, calendar)}</p>`
      : waysToSave(written, 'To be told what comes, in the bot or on the command line:')
  }<p><a href="try${linkQuery({ q: written })}">What it would have sent</a></p></section>`
}

function watches({ watched }: PageModel, calendar: Calendar): Html {
  return html`<section id="watches"><h2>Watches <a class="act" href="try">New</a></h2>${
    watched.total === 0
      ? html`<p>None yet. What they match is called out in your chat, or in the service's terminal:</p><pre>npx crier watch add '"big data"'</pre>`
      : html`<ul>${watchLines(watched, calendar, linkToWatch)}</ul>`
  }${watchesLeft(watched, 'their page')}</section>`
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
              html`<li class="bad"><b dir="auto">${shownName(source)}</b><span>${cleanLine(source.trouble ?? 'cannot be read')}</span></li>`,
          )}${rest > 0 ? html`<li><a class="warn" href="sources">${rest} more</a><span>cannot be read</span></li>` : ''}${
          paused > 0 ? html`<li><span>${paused} paused</span></li>` : ''
        }</ul>`
  }</section>`
}

function telegram(model: PageModel, calendar: Calendar): Html {
  const { alerts, chatsGone } = model.status
  const { queued, parked } = alerts
  const queue = html`<span>${queued} queued</span>`
  const last = model.status.lastAlertAt
  return html`<section id="telegram"><h2>Telegram</h2>${telegramLine(model.telegram, queue)}${
    last === null ? '' : html`<p>Last alert ${calendar.moment(last)}.</p>`
  }${
    chatsGone > 0
      ? html`<p>${countOf(chatsGone, 'chat is', 'chats are')} out of reach of the bot: <code>npx crier watch list</code> marks them.</p>`
      : ''
  }${parked > 0 ? html`<p>${countOf(parked, 'alert')} could not be sent: <code>npx crier alerts</code> lists them.</p>` : ''}</section>`
}

function telegramLine(telegram: PageModel['telegram'], queue: Html): Html {
  if (telegram === null)
    return html`<p>Not connected. Make a bot with @BotFather, put its token in <code>TELEGRAM_BOT_TOKEN</code> and start again.</p>`
  const { state, username } = telegram
  const bot = username === null ? 'The bot' : `@${username}`
  switch (state) {
    case 'online':
      return html`<ul><li><a class="good" href="https://t.me/${username ?? ''}" rel="noopener noreferrer">${bot}</a>${queue}</li></ul>`
    case 'connecting':
      return html`<ul><li><span>connecting</span>${queue}</li></ul>`
    case 'offline':
      return html`<ul><li><span class="warn">cannot be reached</span>${queue}</li></ul><p>Alerts go out as soon as it answers.</p>`
    case 'unauthorized':
      return html`<ul><li><span class="warn">the token is refused</span>${queue}</li></ul><p>Take a new one from @BotFather, put it in <code>TELEGRAM_BOT_TOKEN</code> and start again.</p>`
    case 'conflict':
      return html`<ul><li><span class="warn">somebody else reads this bot</span>${queue}</li></ul><p>Another program uses the same token. Stop it, or give this one a bot of its own.</p>`
  }
}

function subscribe(model: PageModel): Html {
  const path = feedOf(model)
  const isOfSearch = model.refusal === null && model.written !== null
  return html`<section id="subscribe"><h2>Subscribe</h2>
<p class="address"><input readonly value="${model.baseUrl}/${path}" aria-label="Address of the feed"><a href="${path}">Open</a></p>
<p>${isOfSearch ? 'The feed of this search.' : 'Every search has a feed of its own.'}</p></section>`
}

/** A refused search has none: then that of everything. */
function feedOf(model: PageModel): string {
  return `feed.atom${linkHere({ ...model, written: model.refusal === null ? model.written : null })}`
}
