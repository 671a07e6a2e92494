import type { Actions } from '../actions/context.ts'
import { search } from '../actions/search.ts'
import { AppError, describeError, isCode } from '../errors.ts'
import { inertText, renderItems, timeTag } from '../publish/alert.ts'
import { findContradiction } from '../query/contradictions.ts'
import { echoQuery } from '../query/echo.ts'
import { isQueryFor } from '../query/purpose.ts'
import { SECOND_MS } from '../time.ts'
import { type Answer, ask, type Call, type Command, inLines } from './command.ts'
import { LIST_ROOM, offer } from './wording.ts'

const MOST_RECENT = 20
const FOUND = 10

export const recentCommand: Command = {
  name: 'recent',
  argument: '[n] [query]',
  description: 'The newest items',
  help: `The newest items, each story once, 5 unless you say how many (1 to ${MOST_RECENT}), all or those that match.`,
  example: '/recent 10 climate',
  run: runRecent,
}

export const searchCommand: Command = {
  name: 'search',
  argument: 'QUERY',
  description: 'Search everything that was kept',
  help: `The newest ${FOUND} items that match, each story once, in the language of /watch.`,
  example: '/search title:"interest rate"',
  prompt: 'What are you looking for? Example: "interest rate"',
  run: runSearch,
}

async function runRecent({ actions, args }: Call): Promise<Answer> {
  // More digits are a year, or something else to look for.
  const [, digits, rest = ''] = /^(?:(\d{1,3})(?:\s+|$))?([\s\S]*)$/.exec(args) ?? []
  const wanted = digits === undefined ? 5 : Number(digits)
  const limit = Math.min(MOST_RECENT, Math.max(1, wanted))
  const note = wanted === limit ? null : `Showing ${limit} (the ${wanted > limit ? 'most' : 'least'} I can).`
  return find(actions, rest, limit, note)
}

async function runSearch({ actions, args }: Call): Promise<Answer> {
  return args === '' ? ask(searchCommand) : find(actions, args, FOUND, null)
}

/** A chat waits for a second without noticing, and cannot turn the page. */
const PATIENCE_MS = SECOND_MS

async function find(actions: Actions, text: string, limit: number, note: string | null): Promise<Answer> {
  const found = await search(actions, text, { limit, stories: true, patienceMs: PATIENCE_MS }).catch(
    (error: unknown) => {
      if (!isCode(error, 'invalid') || !isQueryFor('watch', text)) throw error
      return error
    },
  )
  if (found instanceof AppError) {
    return { html: `${inertText(describeError(found), 900)}\nAs a watch it can be tried: ${offer('try', text)}` }
  }
  const { items, query, next, lookedBackTo } = found
  const what = query === null ? null : inertText(echoQuery(query), 300)
  const looked = lookedBackTo === null ? null : `I looked back to ${timeTag(lookedBackTo)} only.`
  if (items.length === 0 && what === null) {
    return {
      html: 'Nothing is stored yet. A source brings items: <code>/addsource https://example.com/feed.xml</code>',
    }
  }
  if (items.length === 0) {
    const canCome = isQueryFor('watch', text) && (query === null || findContradiction(query.root) === null)
    const again = canCome ? `To be told when something comes: ${offer('watch', text)}` : null
    return inLines([`Nothing found: ${what}`, looked, again])
  }
  const list = renderItems(items, LIST_ROOM)
  const more = list.shown < items.length || next !== null
  return inLines([
    items.length < limit ? null : note,
    what === null ? '<b>Newest</b>' : `<b>Newest</b>: ${what}`,
    list.html,
    looked,
    more && what !== null && list.shown < MOST_RECENT ? '… and more: /recent takes a number and the same query.' : null,
  ])
}
