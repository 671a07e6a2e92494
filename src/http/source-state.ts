import { CONFIRMED } from '../actions/poll/move.ts'
import type { Source } from '../model.ts'
import { webAddress } from '../publish/address.ts'
import { excerpt } from '../publish/title.ts'
import { formatAge, MINUTE_MS } from '../time.ts'
import type { Calendar } from './calendar.ts'

/** What a source is called on a page, in one line: a source may say any length. */
export function shownName({ title }: Pick<Source, 'title'>): string {
  return excerpt(title, LONGEST_NAME)
}

const LONGEST_NAME = 120

/** How a source is, in words; `tone` only underlines what they say. */
interface SourceState {
  words: string
  tone: 'good' | 'warn' | 'quiet'
}

/** `now` and `calendar` are of the same moment. */
export function describeState(source: Source, now: number, calendar: Calendar): SourceState {
  const { state, move, trouble, polledAt, failures } = source
  if (state === 'paused') return { words: 'paused', tone: 'quiet' }
  if (failures > 0) return { words: `failing ${since(source, now)}: ${trouble ?? 'it cannot be read'}`, tone: 'warn' }
  if (trouble !== null) return { words: describeWait(source, now, calendar), tone: 'warn' }
  if (move !== null) return { words: describeMove(source.url, move), tone: 'warn' }
  if (polledAt === null) return { words: 'not polled yet', tone: 'quiet' }
  const isPushed = source.pushedUntil !== null && source.pushedUntil > now
  return { words: isPushed ? 'fine, its hub pushes' : 'fine', tone: 'good' }
}

/** Those that need a look first: what fails, what moves, what asked us to wait; a list in this order keeps its own within each. */
export function urgencyOf({ state, failures, move, trouble }: Source): number {
  if (state !== 'active') return 3
  if (failures > 0) return 0
  return move !== null ? 1 : trouble !== null ? 2 : 3
}

function since({ succeededAt, addedAt }: Source, now: number): string {
  // Pages are kept for a minute, so that seconds would be wrong.
  const age = (then: number) => formatAge(Math.min(then, now - MINUTE_MS), now)
  return succeededAt === null ? `since it was added, ${age(addedAt)}` : `for ${age(succeededAt).replace(' ago', '')}`
}

/** No failure, and yet trouble: it was told to come back later. When is its own word only where the next poll waits for that. */
function describeWait({ nextPollAt, rhythm }: Source, now: number, calendar: Calendar): string {
  const status = rhythm.throttled?.status ?? null
  const why = status === null ? '' : ` (${status})`
  return nextPollAt > now && rhythm.because === 'asked'
    ? `asked us to wait${why} until ${calendar.moment(nextPollAt)}`
    : `asked us to wait${why}`
}

function describeMove(from: string, { url, seen, foreign }: NonNullable<Source['move']>): string {
  const to = new URL(url)
  const shown = to.origin === new URL(from).origin ? `${to.pathname}${to.search}` : (webAddress(url) ?? to.host)
  if (foreign) return `sends us to ${shown}, where something else stands`
  return seen < CONFIRMED
    ? `moved to ${shown}: ${seen} of ${CONFIRMED} confirmations`
    : `moved to ${shown}, which Crier does not follow by itself`
}
