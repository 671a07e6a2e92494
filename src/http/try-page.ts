import { html } from 'hono/html'
import type { Trial } from '../actions/watch/try.ts'
import type { AppError } from '../errors.ts'
import type { Status } from '../model.ts'
import type { ItemCount } from '../ports.ts'
import { countOf } from '../publish/count.ts'
import { asOneLine } from '../publish/query-line.ts'
import { excerpt } from '../publish/title.ts'
import { cleanLine } from '../publish/xml.ts'
import { findContradiction } from '../query/contradictions.ts'
import { sayQuery } from '../query/echo.ts'
import { isQueryFor } from '../query/purpose.ts'
import { type Calendar, createCalendar } from './calendar.ts'
import { type Html, linkQuery, renderFrame } from './frame.ts'
import { wordsOf } from './marks.ts'
import { queryExamples, queryHints, refusedQuery, waysToSave } from './query.ts'
import { sayStanding, type Watched, type WatchStanding } from './standing.ts'
import { renderDays } from './story.ts'
import { HOW_TO_END, watchesLeft, watchLines } from './watch-list.ts'

interface TryModel {
  now: number
  timezone: string
  /** What stands in the field; null when nothing was tried. */
  written: string | null
  trial: Trial | null
  /** Why there is no trial. */
  refusal: AppError | null
  status: Status
  standing: WatchStanding
  /** What is watched for, by whomever; null when something was tried. */
  watched: Watched | null
}

/** The page of watches: where one is tried on what is stored, before it is saved, and which there are. */
export async function renderTry(model: TryModel): Promise<string> {
  const { written, trial, refusal, status } = model
  const body = html`<div class="page wide"><main id="items" class="narrow try"><h1>New watch</h1>
<p class="lead">Try it on what is stored, before you save it.</p>
<form class="ask" action="try"><p><input type="search" name="q" value="${asOneLine(written ?? '')}" aria-label="Query" autocomplete="off" spellcheck="false" maxlength="1000"${
    refusal === null ? '' : html` aria-invalid="true"`
  }><button>Try</button></p>${trial === null ? '' : html`<p>Calls you for <b dir="auto">${cleanLine(sayQuery(trial.query))}</b></p>`}</form>${trial === null ? '' : queryHints(trial.query, 'try')}
${trial !== null ? results(model, trial) : refusal === null ? beginning(model) : refusedQuery(refusal, 'try')}</main></div>`
  const title = written === null ? 'New watch – Crier' : `${cleanLine(written)} as a watch – Crier`
  return renderFrame({ title, feed: 'feed.atom', search: '', at: 'watches', failing: status.sources.failing, body })
}

/** Nothing is tried yet: what can be written, and what is watched for already. */
function beginning({ watched, timezone, now }: TryModel): Html {
  if (watched === null || watched.total === 0) return queryExamples('try')
  const lines = watchLines(watched, createCalendar(timezone, now), (query) => `try${linkQuery({ q: query })}`)
  return html`${queryExamples('try')}
<section class="save" id="watches"><h2>Watches</h2><ul class="list">${lines}</ul>${watchesLeft(watched, 'their chats')}${HOW_TO_END}</section>`
}

function results(model: TryModel, trial: Trial): Html {
  const calendar = createCalendar(model.timezone, model.now)
  const { lookedBackTo, samples, query } = trial
  const words = wordsOf(query)
  return html`<dl class="figures">${figure(trial.last7, 'items in 7 days')}${figure(trial.last30, 'in 30 days')}${figure(
    trial.alerts,
    `alerts it would have sent${inMessages(trial)}`,
  )}${figure(trial.folded, 'folded as the same story')}${
    query.publishers === undefined ? '' : figure(trial.short, `in stories of fewer than ${query.publishers} publishers`)
  }</dl>
${lookedBackTo === null ? '' : html`<p class="note">There is much to look through: only what came since ${calendar.moment(lookedBackTo)} was counted.</p>`}${topSources(trial)}
${
  samples.length === 0
    ? html`<p class="note">It would have sent nothing${findContradiction(query.root) === null ? '. It calls as soon as something comes' : ', and never will'}.</p>`
    : html`<p class="note">The newest it would have sent:</p>${renderDays(samples, () => words, calendar)}`
}
${saving(model, trial, calendar)}`
}

function figure({ count, isMore }: ItemCount, label: string): Html {
  return html`<div><dt>${label}</dt><dd>${count.toLocaleString('en')}${isMore ? '+' : ''}</dd></div>`
}

/** Said only where some of them would have come together. */
function inMessages({ alerts, messages }: Trial): string {
  return messages.count === alerts.count ? '' : `, in ${countOf(messages.count, 'message')}`
}

function topSources({ sources }: Trial): Html {
  if (sources.length === 0) return html``
  const names = sources.map(
    ({ title, count }, i) =>
      html`${i === 0 ? '' : ', '}<bdi>${excerpt(title, LONGEST_NAME)}</bdi> (${count.toLocaleString('en')})`,
  )
  return html`<p class="note">Most from: ${names}.</p>`
}

const LONGEST_NAME = 60

function saving({ standing }: TryModel, { query }: Trial, calendar: Calendar): Html {
  const { text } = query
  const search = isQueryFor('search', text) ? html`<p><a href="./${linkQuery({ q: text })}">Search for it</a></p>` : ''
  return html`<section class="save"><h2>${standing.isWatched ? 'You have this watch already' : 'Save it'}</h2>${
    standing.isWatched
      ? html`<p>${sayStanding(standing, calendar)}</p>`
      : waysToSave(text, 'In the bot, or on the command line:')
  }${search}${standing.isWatched ? HOW_TO_END : ''}</section>`
}
