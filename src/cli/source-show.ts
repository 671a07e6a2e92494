import { describeAccess } from '../actions/access.ts'
import type { Actions } from '../actions/context.ts'
import { getSource } from '../actions/get-source.ts'
import { CONFIRMED } from '../actions/poll/move.ts'
import { describeRules } from '../actions/sources/page-rules.ts'
import type { Config } from '../config.ts'
import { isServiceRunning } from '../db/service-lock.ts'
import type { Source, Trouble } from '../model.ts'
import type { HostPace, ListedSource } from '../ports.ts'
import { shownAddress, webAddress } from '../publish/address.ts'
import { adviceOn, commandFor } from '../publish/advice.ts'
import { countOf } from '../publish/count.ts'
import { sourceAsJson } from '../publish/json.ts'
import { nextAskAt, sayDuration, whyNext } from '../source/cadence.ts'
import { formatAge, formatDate, formatDuration, formatLocal, isWholeDay } from '../time.ts'
import { readRef } from './arguments.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { printJson } from './json.ts'
import { getListed, stateOf } from './sources.ts'
import { styleFor } from './style.ts'
import { renderFacts } from './table.ts'
import { printable } from './terminal-text.ts'
import { withActions } from './workplace.ts'

/** Everything known of one source, and when it is polled next and why. */
export async function showSource(cli: Cli, input: Input): Promise<number> {
  const ref = readRef(input)
  return withActions(cli, async (actions, config) => {
    const source = await getListed(actions, await getSource(actions, ref))
    const now = cli.clock()
    const pace = (await actions.store.listHostPaces()).find(({ host }) => host === source.host) ?? null
    if (input.flag('json')) {
      printJson(cli.io, { ...sourceAsJson(source), nextPollBecause: whyNext(source, now, pace) })
    } else {
      const there = await whoIsThere(actions, source)
      cli.io.out(describe(cli, source, { pace, there, now, config }))
    }
    return EXIT.done
  })
}

interface Beside {
  pace: HostPace | null
  /** Whose the address is to which it has moved. */
  there: Source | undefined
  now: number
  config: Config
}

function describe({ io }: Cli, source: ListedSource, { pace, there, now, config }: Beside): string {
  const { timezone, dataDir } = config
  const style = styleFor(io)
  const moment = (ms: number | null) => (ms === null ? null : `${formatLocal(ms, timezone)} (${formatAge(ms, now)})`)
  const newest = source.newestAt === null ? '' : `, the newest came ${sayNewest(source.newestAt, now, timezone)}`
  const advice = adviceOn(source)
  const isRunning = isServiceRunning(dataDir)
  const next = describeNext(source, nextAskAt(source, pace), { now, isRunning, timezone })
  const why = whyNext(source, now, pace, (ms) => formatLocal(ms, timezone))
  const facts = renderFacts(
    [
      ['Number', String(source.id)],
      ['Address', printable(shownAddress(source.url))],
      ['Moving', describeMove(source, there)],
      ['Site', source.siteUrl && printable(webAddress(source.siteUrl) ?? '')],
      ['Kind', describeKind(source)],
      ['Format', source.format && printable(source.format)],
      ['Full text', source.fullText ? 'from the items’ own pages' : null],
      ['Sent along', describeAccess(source.access)],
      ['Language', source.language && printable(source.language)],
      ['Tags', printable(source.tags.join(', '))],
      ['State', stateOf(source)],
      ['Items', `${source.items.toLocaleString('en-US')}${newest}`],
      ['Polled', source.everyMs === null ? null : `every ${formatDuration(source.everyMs)}, as you set it`],
      ['Rhythm', describeRhythm(source)],
      ['Pushed', describePush(source, now, config)],
      ['Last poll', moment(source.polledAt) ?? 'not yet'],
      ['Last success', source.failures > 0 ? (moment(source.succeededAt) ?? 'never') : null],
      ['Trouble', source.trouble && style.bad(printable(source.trouble))],
      ['Try', advice && commandFor(advice)],
      ['Owner told', source.told.map((trouble) => TOLD[trouble]).join(', ')],
      ['Next poll', `${next}: ${printable(why)}`],
    ],
    io,
  )
  return `${style.bold(printable(source.title))}\n${facts}`
}

/** Of a first look it may be a date without a time: nobody knows how many hours ago that was. */
function sayNewest(at: number, now: number, timezone: string): string {
  return isWholeDay(at) ? formatDate(at, timezone) : `${formatLocal(at, timezone)} (${formatAge(at, now)})`
}

/** What was told once, as long as it lasts. */
const TOLD = {
  gone: 'it is gone for good',
  dead: 'it could not be read for long',
  layout: 'its page has another layout',
  blocked: 'something keeps us out',
} satisfies Record<Trouble, string>

function describeKind({ kind, pageRules }: Source): string {
  if (kind === 'feed') return 'a feed'
  const rules = pageRules === null ? 'looked for with the next poll' : printable(describeRules(pageRules))
  return `a page; an entry is ${rules}`
}

/** Whose the address is to which it has moved for good, where Crier does not follow. */
async function whoIsThere({ store }: Pick<Actions, 'store'>, { move }: Source): Promise<Source | undefined> {
  return move === null || move.seen < CONFIRMED ? undefined : store.findSource(move.url, { removed: true })
}

function describeMove({ move, id }: Source, there: Source | undefined): string | null {
  if (move === null) return null
  const url = printable(webAddress(move.url) ?? '')
  if (move.foreign) {
    return `for good to ${url}, where something else stands: it calls nobody until you say that it is the same (npx crier source set ${id} --url …)`
  }
  if (move.seen < CONFIRMED) return `for good to ${url}: ${move.seen} of ${countOf(CONFIRMED, 'confirmation')}`
  if (there === undefined) {
    return `for good to ${url}, where its login does not go by itself: say that it is the same (npx crier source set ${id} --url …)`
  }
  const whose =
    there.state === 'removed' ? 'which was a source that was removed' : `which is source ${there.id} already`
  return `for good to ${url}, ${whose}: this one can go (npx crier source remove ${id})`
}

function describeRhythm({ rhythm }: Source): string | null {
  return rhythm.gapMs === null ? null : `usually something new every ${sayDuration(rhythm.gapMs)}`
}

function describePush({ hub, pushedUntil }: Source, now: number, { timezone, publicUrl }: Config): string | null {
  const host = hub === null ? '' : ` by ${printable(new URL(hub.url).host)}`
  if (pushedUntil !== null && pushedUntil > now) return `until ${formatLocal(pushedUntil, timezone)}${host}`
  if (hub === null) return null
  return `no; it could be${host}${publicUrl === null ? ', with CRIER_PUBLIC_URL set' : ''}`
}

function describeNext(
  { state }: Source,
  at: number,
  { now, isRunning, timezone }: { now: number; isRunning: boolean; timezone: string },
): string {
  if (state !== 'active') return 'none'
  if (at > now) return `${formatLocal(at, timezone)} (in ${sayDuration(at - now)})`
  return isRunning ? 'now' : 'as soon as the service runs (npx crier start)'
}
