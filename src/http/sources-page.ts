import { html } from 'hono/html'
import { RULE_PARTS, type RulePart, sayUnmatched } from '../actions/sources/page-rules.ts'
import type { OfferedFeed } from '../actions/sources/subscribe.ts'
import type { Advice, AppError } from '../errors.ts'
import type { ReadDocument, Source, Status } from '../model.ts'
import type { HostPace, ListedSource } from '../ports.ts'
import { webAddress } from '../publish/address.ts'
import { adviceOn, commandFor } from '../publish/advice.ts'
import { countOf, sayHeld } from '../publish/count.ts'
import { cleanLine } from '../publish/xml.ts'
import { nextAskAt, whyNext } from '../source/cadence.ts'
import { formatAge, MINUTE_MS } from '../time.ts'
import { type Calendar, createCalendar, machineDate } from './calendar.ts'
import { bringList, type Html, linkQuery, renderFrame } from './frame.ts'
import { describeState, shownName, urgencyOf } from './source-state.ts'

/** What every page about sources shows or needs. */
export interface Setting {
  now: number
  timezone: string
  status: Status
}

export interface SourcesModel extends Setting {
  /** By title. */
  sources: ListedSource[]
  paces: HostPace[]
  /** From 1. */
  page: number
  /** Whether a form makes sense here; with a bot there is another way. */
  adding: 'form' | 'elsewhere' | 'elsewhere or bot'
  /** What has just become of a form: the source it led to; and the site, where it was chosen among its feeds. */
  outcome: { kind: 'added' | 'present'; id: number; among: string | null } | null
  /** An address that was refused, and why. */
  refused: Refused | null
}

interface Refused {
  address: string
  fault: Pick<AppError, 'message' | 'hint' | 'advice'>
}

const SOURCES_ON_PAGE = 200

/** All sources, those first that need a look: how each is, when it was polled last, and when and why it is polled next. */
export function renderSources(model: SourcesModel): Promise<string> {
  const { now, outcome, sources, page } = model
  const calendar = createCalendar(model.timezone, now)
  const rank = (source: ListedSource) => (source.id === outcome?.id ? -1 : urgencyOf(source))
  const sorted = sources.toSorted((a, b) => rank(a) - rank(b))
  const shown = sorted.slice((page - 1) * SOURCES_ON_PAGE, page * SOURCES_ON_PAGE)
  const body = html`<div class="page wide"><main id="items">
<div class="head"><h1>Sources</h1>${askForm(model)}</div>
${model.refused === null ? '' : fault(model.refused)}${news(model)}${summary(model, calendar)}
${shown.length === 0 ? nothing(model) : table(shown, model, calendar)}${paging(model)}</main></div>`
  return frame(model, 'Sources – Crier', body)
}

function frame({ status }: Setting, title: string, body: Html): Promise<string> {
  return renderFrame({ title, feed: 'feed.atom', search: '', at: 'sources', failing: status.sources.failing, body })
}

// ---- Above the table ----

function askForm({ adding, refused }: Pick<SourcesModel, 'adding' | 'refused'>): Html {
  if (adding !== 'form') return html``
  const state = refused === null ? '' : html` aria-invalid="true" aria-describedby="fault"`
  return html`<form class="add" method="post" action="sources"><input name="url" value="${refused?.address ?? ''}" aria-label="Address of a feed or a site"${state}
 placeholder="example.com, or a feed" inputmode="url" autocapitalize="off" autocomplete="off" spellcheck="false" maxlength="2000" required><button>Add a source</button></form>`
}

/** A refusal, and what to try: with a button where this page can do it. */
function fault({ address, fault: { message, hint, advice } }: Refused): Html {
  const said = [message, ...(hint === null ? [] : [hint])].map((sentence) => html`<p>${cleanLine(sentence)}</p>`)
  return html`<div class="said" id="fault" role="alert">${said}${advice === null ? '' : sayAdvice(advice, address)}</div>`
}

function sayAdvice(advice: Advice, address: string): Html {
  if (advice.kind === 'add') return html`<div class="ways">${addForm(advice.url, 'Add it as a feed')}</div>`
  if (advice.kind === 'give' && advice.what === 'entry') {
    return html`<div class="ways">${lookForm(address, 'Give a CSS selector')}</div>`
  }
  return html`<p>${onCommandLine(advice)}</p>`
}

function onCommandLine(advice: Advice): Html {
  return html`On the command line: <code>${commandFor(advice)}</code>`
}

function news({ outcome, sources, adding }: SourcesModel): Html {
  const source = sources.find(({ id }) => id === outcome?.id)
  if (outcome === null || source === undefined) return html``
  const name = html`<b dir="auto">${shownName(source)}</b>`
  const { among } = outcome
  const others =
    among === null || adding !== 'form'
      ? ''
      : html`<div class="ways">${addForm(among, `More feeds of ${new URL(among).host}`)}</div>`
  if (outcome.kind === 'present') {
    return html`<p class="said" role="status">${name} is there already, and was left as it is.</p>${others}`
  }
  return html`<p class="said good" role="status">${name} is read from now on. <span>${sayHeld(source.items)}</span></p>${others}`
}

function summary({ adding, status, sources, now }: SourcesModel, calendar: Calendar): Html {
  const { failing, paused } = status.sources
  const parts = [
    sources.length === 0 ? null : countOf(sources.length, 'source'),
    failing > 0 ? `${failing} failing` : null,
    paused > 0 ? `${paused} paused` : null,
  ].filter((part) => part !== null)
  const next = sources.reduce(
    (soonest, s) => (s.state === 'active' ? Math.min(soonest, s.nextPollAt) : soonest),
    Infinity,
  )
  const poll =
    next === Infinity ? '' : next <= now ? ' A poll is due now.' : ` The next poll is at ${calendar.moment(next)}.`
  const lead = parts.length === 0 ? '' : `${parts.join(', ')}.${poll}`
  const bot = adding === 'elsewhere or bot' ? html`, or in the bot: <code>/addsource ADDRESS</code>` : ''
  const how = html`<p class="lead"><span>To add one, on the command line: <code>npx crier source add ADDRESS</code>${bot}. This page can do it where only this machine reaches Crier (<code>HOST=127.0.0.1</code>), and at <code>CRIER_PUBLIC_URL</code>, behind a proxy with a login.</span></p>`
  return html`${lead === '' ? '' : html`<p class="lead">${lead}</p>`}${adding === 'form' ? '' : how}`
}

function nothing({ sources, adding }: SourcesModel): Html {
  if (sources.length > 0)
    return html`<section class="empty"><p>There are no more. <a href="sources">To the first</a></p></section>`
  const say =
    adding === 'form'
      ? 'Give the address of a feed, or of a site: its feed is found.'
      : 'The first one brings its items.'
  return html`<section class="empty"><h1>No sources yet</h1><p>${say}</p>
${bringList()}</section>`
}

// ---- The table ----

function table(sources: ListedSource[], model: SourcesModel, calendar: Calendar): Html {
  const paces = new Map(model.paces.map((pace) => [pace.host, pace]))
  const rows = sources.map((source) => row(source, paces.get(source.host) ?? null, model, calendar))
  // The roles again: laid out as blocks, on a phone, it would be no table to a screen reader.
  return html`<table role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader">Source</th><th role="columnheader">State</th><th role="columnheader">Polled</th><th role="columnheader" class="n">Items</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody></table>`
}

function row(source: ListedSource, pace: HostPace | null, { now, outcome }: SourcesModel, calendar: Calendar): Html {
  const { words, tone } = describeState(source, now, calendar)
  const about = [cleanLine(shortAddress(source.url)), kindOf(source), source.fullText ? 'full text' : '']
  const polled = source.polledAt === null ? 'not yet' : ago(source.polledAt, now)
  const newest = source.newestAt === null ? '' : html`<small>newest ${ago(source.newestAt, now)}</small>`
  // What asked us to wait has said it already, and until when; so has what is paused.
  const isSaid = source.state === 'paused' || (source.rhythm.because === 'asked' && tone === 'warn')
  const why = isSaid ? '' : sentence(whyNext(source, now, pace, calendar.moment))
  const advice = adviceOn(source)
  const isNew = source.id === outcome?.id ? html` class="new"` : ''
  return html`<tr role="row"${isNew}><td role="cell"><a href="./${linkQuery({ q: `source:${source.id}` })}" dir="auto">${shownName(source)} <span class="quiet">no. ${source.id}</span></a><small>${about.filter((part) => part !== '').join(' · ')}</small></td>
<td role="cell"><span class="${tone}">${cleanLine(words)}</span><small>${cleanLine(why)}</small>${advice === null ? '' : html`<small>${onCommandLine(advice)}</small>`}</td>
<td role="cell">${polled}<small>${whenNext(source, nextAskAt(source, pace), { now, calendar })}</small></td><td role="cell" class="n">${source.items.toLocaleString('en')}<span class="unit"> ${source.items === 1 ? 'item' : 'items'}</span>${newest}</td></tr>
`
}

function kindOf({ kind, format }: Source): string {
  return kind === 'page' ? 'page' : cleanLine(format ?? '')
}

/** "example.com/feed.xml": without what says nothing, and never with a login. */
function shortAddress(url: string): string {
  return (webAddress(url) ?? '').replace(/^https?:\/\/(www\.)?/, '').replace(/^([^/]+)\/$/, '$1')
}

/** Pages are kept for a minute, so that seconds would be wrong. */
function ago(then: number, now: number): string {
  return now - then < MINUTE_MS ? 'just now' : formatAge(then, now)
}

function whenNext({ state }: Source, at: number, { now, calendar }: { now: number; calendar: Calendar }): string {
  if (state !== 'active') return ''
  return at <= now ? 'next now' : `next ${calendar.moment(at)}`
}

function sentence(clause: string): string {
  return clause.charAt(0).toUpperCase() + clause.slice(1)
}

function paging({ sources, page }: SourcesModel): Html {
  const hasMore = sources.length > page * SOURCES_ON_PAGE
  if (page === 1 && !hasMore) return html``
  const link = (to: number, rel: string, text: string) =>
    html`<a rel="${rel}" href="sources${linkQuery({ page: to === 1 ? null : to })}">${text}</a>`
  return html`<p class="more">${page > 1 ? link(page - 1, 'prev', 'Sources before') : ''}${hasMore ? link(page + 1, 'next', 'More sources') : ''}</p>`
}

// ---- A choice of feeds ----

/** The page at `page` names several feeds: each can be added with one press, but those that are read already. */
export function renderChoice(
  setting: Setting,
  { page, candidates }: { page: string; candidates: OfferedFeed[] },
): Promise<string> {
  const address = webAddress(page) ?? ''
  const feeds = candidates.map(({ url, title, format, readAs }) => {
    const shown = webAddress(url) ?? ''
    const name = cleanLine(title ?? '') || shortAddress(shown)
    const about = [shortAddress(shown), cleanLine(format ?? '')].filter((part) => part !== '').join(' · ')
    const button =
      readAs === null
        ? addForm(shown, 'Add', { spoken: `Add ${name}`, among: address })
        : html`<span class="good">read already</span>`
    return html`<li><div><b dir="auto">${name}</b><small>${about}</small></div>${button}</li>
`
  })
  const body = html`<div class="page wide"><main id="items" class="narrow"><h1>Which of its feeds?</h1>
<p class="lead"><span><b>${shortAddress(address)}</b> names ${countOf(candidates.length, 'feed')}.</span></p>
<ul class="list">${feeds}</ul>
<div class="ways">${lookForm(address, 'Watch the page itself')}<p>or go <a href="sources">back to the sources</a>.</p></div></main></div>`
  return frame(setting, 'Which feed? – Crier', body)
}

/** One button that adds an address; `among`: the site among whose feeds it is. */
function addForm(address: string, label: string, { spoken = label, among = '' } = {}): Html {
  const from = among === '' ? '' : html`<input type="hidden" name="among" value="${among}">`
  return html`<form method="post" action="sources"><input type="hidden" name="url" value="${address}">${from}<button aria-label="${spoken}">${label}</button></form>`
}

/** One button that shows what could be watched on the page. */
function lookForm(address: string, label: string): Html {
  return html`<form method="post" action="sources"><input type="hidden" name="url" value="${address}"><button class="plain" name="page" value="look">${label}</button></form>`
}

// ---- A page without a feed ----

interface PreviewModel extends Setting {
  address: string
  /** What was found; null when that was refused. */
  document: ReadDocument | null
  /** What stands in the fields. */
  selectors: Record<RulePart, string>
  /** Where the entries were found by us; '' where a person said it. */
  found: string
  fault: AppError | null
}

const ENTRIES_SHOWN = 6

const FIELDS = {
  entry: 'Entry',
  link: 'Link',
  title: 'Title',
  date: 'Date',
  summary: 'Summary',
} satisfies Record<RulePart, string>

/** For a refusal: the part as its field is called. */
export function fieldName(part: RulePart): string {
  return FIELDS[part]
}

/**
 * What Crier would watch on a page, and by which selectors: they can be corrected until it is right. What is watched
 * then is what is shown.
 */
export function renderPreview(model: PreviewModel): Promise<string> {
  const { document } = model
  const body = html`<div class="page"><main id="items" class="narrow">${document === null ? refusedPage(model) : offer(model, document)}</main>
<aside aria-label="Where the entries stand">${fields(model)}</aside></div>`
  return frame(model, 'Watch a page – Crier', body)
}

function refusedPage({ address, fault: refusal }: PreviewModel): Html {
  return html`<h1>Where do its entries stand?</h1><p class="lead"><b>${shortAddress(address)}</b></p>
${refusal === null ? '' : fault({ address, fault: withoutEntry(refusal) })}`
}

/** The fields for a selector stand beside. */
function withoutEntry({ message, hint, advice }: AppError): Refused['fault'] {
  return { message, hint, advice: advice?.kind === 'give' && advice.what === 'entry' ? null : advice }
}

function offer(model: PreviewModel, document: ReadDocument): Html {
  const { address, selectors, found } = model
  const count = countOf(document.items.length, 'entry', 'entries')
  const hidden = found === '' ? { url: address, ...selectors } : { url: address }
  return html`<h1>Watch this page?</h1>
<p class="lead"><span>${found === '' ? html`Of <b>${shortAddress(address)}</b> Crier` : html`<b>${shortAddress(address)}</b> names no feed. Crier`} would watch ${document.items.length === 1 ? 'this' : 'these'} ${count}:</span></p>
${unmatchedParts(document)}${entries(document, model)}
<form class="ways" method="post" action="sources">${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}<button name="page" value="watch">Watch this page</button><p>What it holds today is stored quietly.</p></form>`
}

function unmatchedParts({ page, unmatched = [] }: ReadDocument): Html {
  if (page === undefined || unmatched.length === 0) return html``
  const said = sayUnmatched(unmatched, page, (part) => `“${fieldName(part)}”`)
  return html`<div class="said" role="alert">${said.map((sentence) => html`<p>${cleanLine(sentence)}</p>`)}</div>`
}

function entries({ items }: ReadDocument, { timezone, now }: Setting): Html {
  const calendar = createCalendar(timezone, now)
  const rest = items.length - ENTRIES_SHOWN
  const list = items.slice(0, ENTRIES_SHOWN).map(({ title, url, publishedAt }) => {
    const address = webAddress(url)
    const headline = cleanLine(title) || 'Without a title'
    const when =
      publishedAt === null ? '' : html`<time datetime="${machineDate(publishedAt)}">${calendar.day(publishedAt)}</time>`
    return html`<li><div>${address === null ? html`<b dir="auto">${headline}</b>` : html`<a href="${address}" rel="noopener noreferrer" dir="auto">${headline}</a>`}<small>${address === null ? 'without an address' : shortAddress(address)}</small></div>${when}</li>
`
  })
  return html`<ul class="list">${list}</ul>${rest > 0 ? html`<p class="lead">and ${rest} more</p>` : ''}`
}

function fields({ address, document, selectors, found }: PreviewModel): Html {
  const inputs = RULE_PARTS.map((part) => {
    const hint = part === 'entry' ? 'ul.news > li' : 'found by itself'
    return html`<label><span>${FIELDS[part]}</span><input name="${part}" value="${selectors[part]}" placeholder="${hint}" autocapitalize="off" autocomplete="off" spellcheck="false" maxlength="1000"></label>
`
  })
  return html`<form class="rules" method="post" action="sources"><h2>Where the entries stand</h2>
<p>${document === null ? '' : 'Not the right ones? '}CSS selectors say it; all but the first are looked for within each entry.</p>
<input type="hidden" name="url" value="${address}"><input type="hidden" name="found" value="${found}">
${inputs}<button class="plain" name="page" value="look">Look again</button></form>`
}
