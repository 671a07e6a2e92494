import { describeAccess } from '../actions/access.ts'
import type { Actions } from '../actions/context.ts'
import { getSource } from '../actions/get-source.ts'
import { describeRules } from '../actions/sources/page-rules.ts'
import { changeSource, removeSource as removeIt } from '../actions/sources/subscribe.ts'
import { AppError } from '../errors.ts'
import type { PageRules, Source } from '../model.ts'
import type { ListedSource, SourcePatch } from '../ports.ts'
import { shownAddress } from '../publish/address.ts'
import { sourceAsJson } from '../publish/json.ts'
import { formatAge, formatDuration, parseDuration } from '../time.ts'
import { readRef } from './arguments.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { printJson } from './json.ts'
import { readAccessOptions, readSelectors } from './source-options.ts'
import { renderTable } from './table.ts'
import { printable } from './terminal-text.ts'
import { withActions } from './workplace.ts'

/** All but the removed, by title. */
export async function listSources(cli: Cli, input: Input): Promise<number> {
  return withActions(cli, async ({ store, clock }) => {
    const sources = await store.listSources()
    if (input.flag('json')) {
      printJson(cli.io, sources.map(sourceAsJson))
      return EXIT.done
    }
    if (sources.length === 0) {
      cli.note('There are no sources yet. To add one: npx crier source add https://example.com/feed.xml\n')
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
        { title: 'ADDRESS', value: ({ url }) => shownAddress(url), shrinksTo: 16 },
      ],
      cli.io,
    )
    cli.io.out(table)
    return EXIT.done
  })
}

export async function setSource(cli: Cli, input: Input): Promise<number> {
  const ref = readRef(input)
  const said = readPatch(input)
  const accessToo = readAccessOptions(input)
  if (input.choice('access') === false) said.access = null
  // Whether they are selectors at all; what they are put into is known only then.
  const selectors = readSelectors(input, ANY_ENTRY)
  if (selectors !== null && input.flag('feed')) {
    throw new AppError('invalid', '--feed was given with the selectors of a page.', { hint: 'Keep one of them.' })
  }
  if (Object.keys(said).length === 0 && accessToo === null && selectors === null) {
    throw new AppError('invalid', 'Nothing was said that could be set.', {
      hint: 'Give --tag, --every, --title, --url or another option: npx crier source set --help lists them.',
    })
  }
  return withActions(cli, async (actions) => {
    const before = await getSource(actions, ref)
    const rules = selectors && readSelectors(input, before.pageRules)
    const source = await changeSource(actions, ref, {
      ...said,
      ...(rules && { kind: 'page', pageRules: rules }),
      accessToo,
    })
    cli.io.out(`Source ${source.id}, ${printable(source.title)}: ${printable(describeSettings(source))}\n`)
    return EXIT.done
  })
}

const ANY_ENTRY: PageRules = { entry: '*', link: null, title: null, date: null, summary: null, auto: true }

function describeSettings(source: Source): string {
  return [
    source.everyMs === null ? 'polled as it allows' : `polled every ${formatDuration(source.everyMs)}`,
    source.tags.length === 0 ? 'no tags' : `tags ${source.tags.join(', ')}`,
    shownAddress(source.url),
    source.kind === 'page' ? `watched as a page (${describePage(source)})` : null,
    source.fullText ? 'whole texts from the items’ own pages' : null,
    source.access && `sent with every request: ${describeAccess(source.access)}`,
  ]
    .filter((part) => part !== null)
    .join(', ')
}

export function describePage({ pageRules }: Source): string {
  return pageRules === null ? 'its entries are looked for' : describeRules(pageRules)
}

export async function removeSource(cli: Cli, input: Input): Promise<number> {
  const ref = readRef(input)
  return withActions(cli, async (actions) => {
    const source = await removeIt(actions, ref)
    cli.io.out(
      `Removed source ${source.id}, ${printable(source.title)}. Its items stay; its address added again continues it.\n`,
    )
    return EXIT.done
  })
}

export async function pauseSource(cli: Cli, input: Input): Promise<number> {
  const ref = readRef(input)
  return withActions(cli, async (actions) => {
    const source = await changeSource(actions, ref, { state: 'paused' })
    cli.io.out(
      `Paused source ${source.id}, ${printable(source.title)}. To wake it: npx crier source resume ${source.id}\n`,
    )
    return EXIT.done
  })
}

export async function resumeSource(cli: Cli, input: Input): Promise<number> {
  const ref = readRef(input)
  return withActions(cli, async (actions) => {
    const before = await getSource(actions, ref)
    const source = await changeSource(actions, ref, { state: 'active' })
    const quietly = source.baselineDue ? ' What came meanwhile is stored quietly.' : ''
    const verb = before.state === 'paused' ? 'Resumed' : 'Not paused:'
    cli.io.out(`${verb} source ${source.id}, ${printable(source.title)}.${quietly}\n`)
    return EXIT.done
  })
}

function readPatch(input: Input): SourcePatch {
  const patch: SourcePatch = {}
  const [every, title, url, tags] = [input.text('every'), input.text('title'), input.text('url'), input.list('tag')]
  const fullText = input.choice('full-text')
  if (every !== undefined) patch.everyMs = every === 'auto' ? null : parseDuration(every, '--every')
  if (title !== undefined) patch.givenTitle = title.trim() || null
  if (url !== undefined) patch.url = url
  if (tags.length > 0) patch.tags = [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))]
  if (fullText !== undefined) patch.fullText = fullText
  if (input.flag('page') && input.flag('feed')) {
    throw new AppError('invalid', '--page and --feed were both given.', { hint: 'Keep one of them.' })
  }
  if (input.flag('page')) Object.assign(patch, { kind: 'page', pageRules: null })
  if (input.flag('feed')) Object.assign(patch, { kind: 'feed', pageRules: null })
  return patch
}

export async function getListed(actions: Pick<Actions, 'store'>, source: Source): Promise<ListedSource> {
  const listed = (await actions.store.listSources()).find(({ id }) => id === source.id)
  return listed ?? { ...source, items: 0, newestAt: null }
}

export function stateOf(source: Source): string {
  if (source.state !== 'active') return source.state
  if (source.failures > 0) return `failing (${source.failures})`
  if (source.trouble !== null) return 'told to wait'
  if (source.move !== null) return source.move.foreign ? 'leads elsewhere' : 'moving'
  return source.polledAt === null ? 'new' : 'ok'
}
