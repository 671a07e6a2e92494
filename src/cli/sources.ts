import type { Actions } from '../actions/context.ts'
import {
  type Added,
  addSource as addIt,
  changeSource,
  getSource,
  parseAddress,
  removeSource as removeIt,
} from '../actions/subscribe.ts'
import { isHeld, lockPath } from '../db/open.ts'
import { AppError } from '../errors.ts'
import type { ReadDocument, Source } from '../model.ts'
import type { SourcePatch } from '../ports.ts'
import { webAddress } from '../publish/address.ts'
import { sourceAsJson } from '../publish/json.ts'
import { formatAge, formatDuration, formatLocal, parseDuration } from '../time.ts'
import { count } from './arguments.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { printJson } from './json.ts'
import { startProgress } from './progress.ts'
import { styleFor } from './style.ts'
import { renderFacts, renderTable } from './table.ts'
import { printable } from './terminal-text.ts'
import { withActions } from './workplace.ts'

type ListedSource = Source & { items: number; newestAt: number | null }

/** Fetches once, shows what was found, and stores it quietly; a page's only feed is taken, of several one must be chosen. */
export async function addSource(cli: Cli, input: Input): Promise<number> {
  const [given = ''] = input.args
  const every = input.text('every')
  const wish = {
    // Looked at before a database is made for it.
    url: parseAddress(given),
    tags: input.list('tag'),
    title: input.text('title'),
    everyMs: every === undefined ? undefined : parseDuration(every, '--every'),
  }
  return withActions(cli, { create: true }, async (actions, { dataDir, timezone }) => {
    const progress = startProgress(cli.io, `Fetching ${printable(webAddress(wish.url) ?? '')}`)
    const found = await addIt(actions, wish).finally(() => progress.end())
    if (found.kind === 'choose') return offerChoice(cli, input, found)
    const { source } = found
    const added = found.kind === 'added'
    if (input.flag('json')) printJson(cli.io, sourceAsJson(await getListed(actions, source)))
    else if (added) cli.io.out(describeAdded(cli, source, found.document, timezone))
    else cli.io.out(`Already there, and left as it is: source ${source.id}, ${printable(source.title)}.\n`)

    if (!added && (wish.title || wish.everyMs || wish.tags.length > 0)) {
      cli.io.err(`To change it: crier source set ${source.id} …\n`)
    }
    if (added && !isHeld(lockPath(dataDir))) cli.io.err('No service is running here. To start it: npx crier start\n')
    return EXIT.done
  })
}

/** Nothing was added: says which feeds there are, and the command for each. */
function offerChoice({ io }: Cli, input: Input, { page, candidates }: Extract<Added, { kind: 'choose' }>): number {
  if (input.flag('json')) {
    printJson(io, {
      page: webAddress(page),
      candidates: candidates.map((candidate) => ({ ...candidate, url: webAddress(candidate.url) })),
    })
    return EXIT.askedWrongly
  }
  const style = styleFor(io, 'err')
  const said = [
    ...input.list('tag').map((tag) => ['--tag', tag]),
    ...['every', 'title'].map((name) => [`--${name}`, input.text(name)]),
  ]
  const options = said.map(([name, value]) => (value === undefined ? '' : ` ${name} ${quote(value)}`))
  const lines = candidates.map(({ url, title, format }, i) => {
    const name = [printable(title ?? ''), format].filter(Boolean).join(', ') || 'Without a title'
    return `${String(i + 1).padStart(3)}. ${name}\n     npx crier source add ${quote(webAddress(url) ?? '')}${options.join('')}\n`
  })
  io.err(
    `${style.bold(`${printable(webAddress(page) ?? '')} names ${candidates.length} feeds. Which one?`)}\n${lines.join('')}`,
  )
  return EXIT.askedWrongly
}

/** As a shell takes it for one word, letter by letter. */
function quote(text: string): string {
  const word = printable(text)
  return /^[\w./:@%+,~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** All but the removed, by title. */
export async function listSources(cli: Cli, input: Input): Promise<number> {
  return withActions(cli, { create: false }, async ({ store, clock }) => {
    const sources = await store.listSources()
    if (input.flag('json')) {
      printJson(cli.io, sources.map(sourceAsJson))
      return EXIT.done
    }
    if (sources.length === 0) {
      cli.io.err('There are no sources yet. To add one: npx crier source add https://example.com/feed.xml\n')
      return EXIT.done
    }
    const now = clock()
    const table = renderTable(
      sources,
      [
        { title: 'REF', value: (source) => String(source.id), align: 'right' },
        { title: 'TITLE', value: (source) => source.title, shrinksTo: 14 },
        { title: 'ITEMS', value: (source) => String(source.items), align: 'right' },
        { title: 'NEWEST', value: ({ newestAt }) => (newestAt === null ? '–' : formatAge(newestAt, now)) },
        { title: 'STATE', value: stateOf },
        { title: 'ADDRESS', value: shownAddress, shrinksTo: 16 },
      ],
      cli.io,
    )
    cli.io.out(table)
    return EXIT.done
  })
}

/** Everything known of one source, and when it is polled next and why. */
export async function showSource(cli: Cli, input: Input): Promise<number> {
  return withActions(cli, { create: false }, async (actions, { timezone, dataDir }) => {
    const source = await getListed(actions, await getSource(actions, refOf(input)))
    const now = cli.clock()
    if (input.flag('json')) {
      printJson(cli.io, { ...sourceAsJson(source), nextPollBecause: whyNext(source, now) })
      return EXIT.done
    }
    const moment = (ms: number | null) => (ms === null ? null : `${formatLocal(ms, timezone)} (${formatAge(ms, now)})`)
    const style = styleFor(cli.io)
    cli.io.out(`${style.bold(printable(source.title))}\n`)
    const isRunning = isHeld(lockPath(dataDir))
    cli.io.out(
      renderFacts(
        [
          ['Number', String(source.id)],
          ['Address', printable(shownAddress(source))],
          ['Site', source.siteUrl && printable(webAddress(source.siteUrl) ?? '')],
          ['Format', source.format && printable(source.format)],
          ['Language', source.language && printable(source.language)],
          ['Tags', printable(source.tags.join(', '))],
          ['State', stateOf(source)],
          [
            'Items',
            `${source.items.toLocaleString('en-US')}${source.newestAt === null ? '' : `, the newest of ${moment(source.newestAt)}`}`,
          ],
          ['Last poll', moment(source.polledAt) ?? 'not yet'],
          ['Last success', source.failures > 0 ? (moment(source.succeededAt) ?? 'never') : null],
          ['Trouble', source.trouble && style.bad(printable(source.trouble))],
          ['Next poll', `${describeNext(source, now, isRunning, timezone)}: ${whyNext(source, now)}`],
        ],
        cli.io,
      ),
    )
    return EXIT.done
  })
}

export async function setSource(cli: Cli, input: Input): Promise<number> {
  const patch = readPatch(input)
  return withActions(cli, { create: false }, async (actions) => {
    const source = await changeSource(actions, refOf(input), patch)
    const every = source.everyMs === null ? 'polled as it allows' : `polled every ${formatDuration(source.everyMs)}`
    const tags = source.tags.length === 0 ? 'no tags' : `tags ${printable(source.tags.join(', '))}`
    cli.io.out(
      `Source ${source.id}, ${printable(source.title)}: ${every}, ${tags}, ${printable(shownAddress(source))}\n`,
    )
    return EXIT.done
  })
}

export async function removeSource(cli: Cli, input: Input): Promise<number> {
  return withActions(cli, { create: false }, async (actions) => {
    const source = await removeIt(actions, refOf(input))
    cli.io.out(
      `Removed source ${source.id}, ${printable(source.title)}. Its items stay; its address added again continues it.\n`,
    )
    return EXIT.done
  })
}

export async function pauseSource(cli: Cli, input: Input): Promise<number> {
  return withActions(cli, { create: false }, async (actions) => {
    const source = await changeSource(actions, refOf(input), { state: 'paused' })
    cli.io.out(`Paused source ${source.id}, ${printable(source.title)}. To wake it: crier source resume ${source.id}\n`)
    return EXIT.done
  })
}

export async function resumeSource(cli: Cli, input: Input): Promise<number> {
  return withActions(cli, { create: false }, async (actions) => {
    const before = await getSource(actions, refOf(input))
    const source = await changeSource(actions, refOf(input), { state: 'active' })
    const quietly = source.baselineDue ? ' What came meanwhile is stored quietly.' : ''
    const verb = before.state === 'paused' ? 'Resumed' : 'Not paused:'
    cli.io.out(`${verb} source ${source.id}, ${printable(source.title)}.${quietly}\n`)
    return EXIT.done
  })
}

function refOf(input: Input): string {
  return input.args[0] ?? ''
}

function readPatch(input: Input): SourcePatch {
  const patch: SourcePatch = {}
  const [every, title, url, tags] = [input.text('every'), input.text('title'), input.text('url'), input.list('tag')]
  if (every !== undefined) patch.everyMs = every === 'auto' ? null : parseDuration(every, '--every')
  if (title !== undefined) patch.givenTitle = title.trim() || null
  if (url !== undefined) patch.url = url
  if (tags.length > 0) patch.tags = [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))]
  if (Object.keys(patch).length > 0) return patch
  throw new AppError('invalid', 'Nothing was said that could be set.', {
    hint: 'Give --tag, --every, --title or --url.',
  })
}

async function getListed(actions: Pick<Actions, 'store'>, source: Source): Promise<ListedSource> {
  const listed = (await actions.store.listSources()).find(({ id }) => id === source.id)
  return listed ?? { ...source, items: 0, newestAt: null }
}

function describeAdded(cli: Cli, source: Source, document: ReadDocument, timezone: string): string {
  const style = styleFor(cli.io)
  const dates = document.items.flatMap((item) => item.publishedAt ?? [])
  const newest = dates.reduce<number | null>((latest, date) => (latest === null || date > latest ? date : latest), null)
  const shown = newest === null ? 'without dates' : `the newest of ${formatLocal(newest, timezone)}`
  const facts = renderFacts(
    [
      ['Address', printable(shownAddress(source))],
      ['Format', printable(document.format)],
      ['Items', document.items.length === 0 ? 'none yet' : `${document.items.length}, ${shown}`],
      ['Tags', printable(source.tags.join(', '))],
      ['Polled', source.everyMs === null ? null : `every ${formatDuration(source.everyMs)}`],
    ],
    cli.io,
  )
  const promise = `${count(document.items.length, 'item')} stored quietly; the next new one can alert.`
  return `${style.good('Added')} source ${source.id}: ${style.bold(printable(source.title))}\n${facts}${promise}\n`
}

function stateOf(source: Source): string {
  if (source.state !== 'active') return source.state
  if (source.failures > 0) return `failing (${source.failures})`
  return source.polledAt === null ? 'new' : 'ok'
}

/** Without the user and password it may hold. */
function shownAddress(source: Source): string {
  return webAddress(source.url) ?? source.url
}

function describeNext(source: Source, now: number, isRunning: boolean, timezone: string): string {
  if (source.state !== 'active') return 'none'
  if (source.nextPollAt > now) {
    return `${formatLocal(source.nextPollAt, timezone)} (in ${sayWait(source.nextPollAt - now)})`
  }
  return isRunning ? 'now' : 'as soon as the service runs (npx crier start)'
}

function sayWait(ms: number): string {
  if (ms < 120_000) return `${Math.ceil(ms / 1_000)} s`
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
}

/** The reason for the time of the next poll, as a sentence for people. */
function whyNext(source: Source, now: number): string {
  if (source.state === 'paused') return `it is paused; crier source resume ${source.id} wakes it.`
  if (source.state === 'removed') return 'it was removed.'
  if (source.failures > 0) {
    return `${count(source.failures, 'poll')} in a row failed, so it is asked less and less often, once a day at least.`
  }
  if (source.trouble !== null) return 'the server asked us to wait.'
  if (source.polledAt === null) return 'it was not polled yet.'
  if (source.baselineDue && source.nextPollAt <= now) return 'it has moved or was resumed.'
  if (source.everyMs !== null) return `every ${formatDuration(source.everyMs)}, as you set it.`
  return 'about every 15 minutes, or later where the server’s cache headers say so.'
}
