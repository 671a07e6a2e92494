import type { PollOutcome } from '../actions/poll/poll.ts'
import { type PollSummary, pollNow } from '../actions/poll/poll-now.ts'
import { DEFAULT_LIMITS } from '../actions/poll/pool.ts'
import { isServiceRunning } from '../db/service-lock.ts'
import { AppError } from '../errors.ts'
import type { Source } from '../model.ts'
import { webAddress } from '../publish/address.ts'
import { adviceOn, commandFor } from '../publish/advice.ts'
import { countOf } from '../publish/count.ts'
import { sayDuration } from '../source/cadence.ts'
import { readRefs } from './arguments.ts'
import { type Cli, type CliIo, EXIT, type Input } from './io.ts'
import { printJson } from './json.ts'
import { startProgress } from './progress.ts'
import { describePage } from './sources.ts'
import { waitForSignals } from './start.ts'
import { styleFor } from './style.ts'
import { asLines, printable } from './terminal-text.ts'
import { withActions } from './workplace.ts'

/**
 * Polls these sources, or all that are not paused, once and now. The outside has failed only where every source has, or
 * asked us to wait. A signal ends it in order: what was polled by then is said, and nothing stays claimed.
 */
export async function poll(cli: Cli, input: Input): Promise<number> {
  const refs = readRefs(input)
  if (refs.length > 0 && input.flag('all')) {
    throw new AppError('invalid', '--all polls every source: leave out either it or the sources.')
  }
  const signals = waitForSignals(cli)
  let isStopped = false
  return withActions(cli, async (actions, config, network) => {
    const { isAllowedHost } = await import('../fetch/guard.ts')
    const limits = { ...DEFAULT_LIMITS, isOwnHost: (host: string) => isAllowedHost(host, config.allowHosts) }
    const progress = startProgress(cli.io, 'Polling')
    const stopping = signals.first.then(() => {
      isStopped = true
      network.stop()
    })
    const summary = await pollNow(actions, limits, refs.length === 0 ? 'all' : refs, progress.update, stopping).finally(
      () => progress.end(),
    )
    const notes = noteAll(summary, await actions.store.listSources(), cli.clock())

    if (input.flag('json')) {
      const polled = summary.polled.map((one) => polledAsJson(one, notes.get(one.source.id) ?? []))
      printJson(cli.io, [...polled, ...summary.skipped.map(skippedAsJson)])
    } else if (isStopped || summary.polled.length + summary.skipped.length > 0) {
      cli.io.out(describe(cli.io, summary, notes))
    } else cli.io.out(NOTHING)
    if (sum(summary, 'alerts') > 0 && !isServiceRunning(config.dataDir)) {
      cli.note('The alerts are sent when the service runs: npx crier start\n')
    }
    if (isStopped) {
      cli.io.err('Stopped before every source was polled.\n')
      return EXIT.stopped
    }
    const isFailed = summary.polled.length > 0 && summary.skipped.length === 0 && summary.polled.every(gaveNothing)
    return isFailed ? EXIT.outsideFailed : EXIT.done
  }).finally(signals.end)
}

const NOTHING = 'There is nothing to poll. To add a source: npx crier source add https://example.com/feed.xml\n'

/** What a poll found out about a source beside its items, by the source's number. */
type Notes = Map<number, string[]>

function noteAll({ polled }: PollSummary, after: Source[], now: number): Notes {
  const byId = new Map(after.map((source) => [source.id, source]))
  return new Map(
    polled.map(({ source, outcome }) => [source.id, noteOn(source, byId.get(source.id) ?? source, outcome, now)]),
  )
}

function noteOn(before: Source, after: Source, outcome: PollOutcome, now: number): string[] {
  const advice = adviceOn(after)
  const address = (url: string) => webAddress(url) ?? ''
  return [
    advice && `try: ${commandFor(advice)}`,
    outcome.kind === 'throttled' && outcome.retryAfterMs === null
      ? `it did not say how long to wait; it is polled again in ${sayDuration(after.nextPollAt - now)}`
      : null,
    after.url === before.url ? null : `it has moved for good, and is polled at ${address(after.url)} now`,
    after.move === null
      ? null
      : `it says it has moved for good to ${address(after.move.url)}; ${sayWhyNotFollowed(after.move)}`,
    outcome.kind === 'new' && outcome.gap !== undefined
      ? `nothing it shows was there before: ${ON_GAP[outcome.gap]}`
      : null,
    after.kind === 'page' && describePage(before) !== describePage(after)
      ? `its entries stand elsewhere now: ${describePage(after)}`
      : null,
  ].filter((note) => note !== null)
}

const ON_GAP = {
  closed: 'what came between was found on its older pages, and it is polled sooner',
  open: 'items may have been missed, so it is polled sooner',
}

function sayWhyNotFollowed({ foreign }: NonNullable<Source['move']>): string {
  return foreign ? 'something else stands there, is stored, and calls nobody' : 'not followed yet'
}

function describe(io: CliIo, summary: PollSummary, notes: Notes): string {
  const { polled, skipped } = summary
  const style = styleFor(io)
  const lines = [...polled]
    .sort((a, b) => a.source.id - b.source.id)
    .flatMap(({ source, outcome }) => {
      const said = sayOutcome(outcome)
      const name = `  ${printable(source.title)}: `
      const noted = (notes.get(source.id) ?? []).map((note) => `${name}${printable(note)}`)
      if (said === null) return noted
      return [outcome.kind === 'new' ? `${name}${said}` : `${name}${style.bad(printable(said))}`, ...noted]
    })
  for (const source of skipped) lines.push(`  ${printable(source.title)}: left to the service, which is polling it now`)
  return asLines([...lines, sayTotals(summary)])
}

/** Null for what is not worth a line. */
function sayOutcome(outcome: PollOutcome): string | null {
  if (outcome.kind === 'unchanged') return null
  if (outcome.kind !== 'new') return outcome.reason
  const parts = [
    outcome.inserted > 0 ? `${outcome.inserted} new` : null,
    outcome.edited > 0 ? `${outcome.edited} edited` : null,
    outcome.alerts > 0 ? countOf(outcome.alerts, 'alert') : null,
  ].filter((part) => part !== null)
  return parts.length === 0 ? null : parts.join(', ')
}

function sayTotals(summary: PollSummary): string {
  const { polled, skipped } = summary
  const count = (kind: PollOutcome['kind']) => polled.filter(({ outcome }) => outcome.kind === kind).length
  const [inserted, edited, alerts] = [sum(summary, 'inserted'), sum(summary, 'edited'), sum(summary, 'alerts')]
  const parts = [
    `Polled ${countOf(polled.length, 'source')}: ${countOf(inserted, 'new item')}, ${edited} edited, ${countOf(alerts, 'alert')}`,
    count('failed') > 0 ? `${count('failed')} failed` : null,
    count('throttled') > 0 ? `${count('throttled')} asked us to wait` : null,
    skipped.length > 0 ? `${skipped.length} skipped` : null,
  ]
  return `${parts.filter((part) => part !== null).join(', ')}.`
}

function sum({ polled }: PollSummary, what: 'inserted' | 'edited' | 'alerts'): number {
  return polled.reduce((total, { outcome }) => total + (outcome.kind === 'new' ? outcome[what] : 0), 0)
}

function gaveNothing({ outcome }: PollSummary['polled'][number]): boolean {
  return outcome.kind === 'failed' || outcome.kind === 'throttled'
}

function polledAsJson({ source, outcome }: PollSummary['polled'][number], notes: string[]) {
  const { kind, ...rest } = outcome
  return {
    number: source.id,
    source: webAddress(source.url),
    outcome: kind,
    ...rest,
    ...(notes.length === 0 ? {} : { notes }),
  }
}

function skippedAsJson(source: Source) {
  return { number: source.id, source: webAddress(source.url), outcome: 'skipped' }
}
