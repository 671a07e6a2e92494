import { isDeepStrictEqual } from 'node:util'
import { describeAccess } from '../actions/access.ts'
import type { Actions } from '../actions/context.ts'
import { createBriefFetch } from '../actions/hosts/brief-fetch.ts'
import { createHostGate } from '../actions/hosts/gate.ts'
import { describeRules } from '../actions/sources/page-rules.ts'
import { type Added, addSource as addIt, newestDate, type SourceWish } from '../actions/sources/subscribe.ts'
import { parseAddress } from '../actions/typed-address.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import type { ReadDocument, Source } from '../model.ts'
import { shownAddress, webAddress } from '../publish/address.ts'
import { countOf, sayHeld, whyNotAll } from '../publish/count.ts'
import { documentAsJson, sourceAsJson } from '../publish/json.ts'
import { shellWord } from '../publish/shell.ts'
import { MAX_ITEMS } from '../source/oldest-first.ts'
import { formatDate, formatDuration, parseDuration } from '../time.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { renderReadItems } from './items.ts'
import { printJson } from './json.ts'
import { optionsAgain, withWholeCommand } from './options-again.ts'
import { startProgress } from './progress.ts'
import { readAccessOptions, readSelectors, warnOfUnmatched } from './source-options.ts'
import { describePage, getListed } from './sources.ts'
import { styleFor } from './style.ts'
import { renderFacts } from './table.ts'
import { printable } from './terminal-text.ts'
import { noteNoService, withActionsOrNew } from './workplace.ts'

/**
 * Fetches once, shows what was found, and stores it quietly; a page's only feed is taken, of several one must be chosen,
 * and a page without any is shown as it would be watched. Nothing is added then, and the code is 2.
 */
export async function addSource(cli: Cli, input: Input): Promise<number> {
  // Looked at before a database is made for it, and before anything is fetched.
  const wish = readWish(input)
  return withActionsOrNew(cli, async (actions, config) => {
    const found = await look(cli, actions, config, wish).catch((error: unknown) => {
      throw withWholeCommand(error, input)
    })
    if (found.kind === 'choose') return offerChoice(cli, input, found)
    if (found.kind === 'page') return offerPage(cli, input, found, config.timezone)
    const { source } = found
    if (found.kind === 'present') refuseOtherPage(source, wish, input)
    if (input.flag('json')) printJson(cli.io, sourceAsJson(await getListed(actions, source)))
    else if (found.kind === 'present') cli.io.out(describePresent(source, wish.url))
    else cli.io.out(describeAdded(cli, source, found.document, config.timezone))

    const more = optionsAgain(input)
    if (found.kind === 'present') {
      if (more !== '') cli.note(`To change it: npx crier source set ${source.id}${more}\n`)
      return EXIT.done
    }
    cli.io.err(warnOfUnmatched(found.document))
    if (found.note !== null) cli.io.err(`${printable(found.note)}\n`)
    noteNoService(cli, config.dataDir)
    return EXIT.done
  })
}

function readWish(input: Input): SourceWish {
  const every = input.text('every')
  const rules = readSelectors(input)
  return {
    url: parseAddress(input.args[0] ?? ''),
    tags: input.list('tag'),
    title: input.text('title'),
    everyMs: every === undefined ? undefined : parseDuration(every, '--every'),
    page: input.flag('page') || rules !== null ? { rules } : undefined,
    fullText: input.flag('full-text'),
    access: readAccessOptions(input),
  }
}

async function look(cli: Cli, actions: Actions, { allowHosts }: Config, wish: SourceWish): Promise<Added> {
  const progress = startProgress(cli.io, `Fetching ${printable(webAddress(wish.url) ?? '')}`)
  const { isAllowedHost } = await import('../fetch/guard.ts')
  const gate = createHostGate(actions, { isOwnHost: (host) => isAllowedHost(host, allowHosts) })
  return addIt({ ...actions, fetch: createBriefFetch(actions, gate) }, wish).finally(() => progress.end())
}

/** Throws `conflict` where somebody named entries, and the source that is there has others, or none. */
function refuseOtherPage(source: Source, { page }: SourceWish, input: Input): void {
  const rules = page?.rules ?? null
  if (rules === null || isDeepStrictEqual(rules, source.pageRules)) return
  const kind = source.kind === 'feed' ? 'a feed' : `a page with the entries it has (${printable(describePage(source))})`
  throw new AppError('conflict', `One address is one source, and source ${source.id} stays ${kind}.`, {
    hint: `For these entries instead: npx crier source set ${source.id}${optionsAgain(input)}`,
  })
}

/** Where a site's address led to a feed that is there, it says which. */
function describePresent({ id, title, url }: Source, given: string): string {
  const address = shownAddress(url)
  const where = address === shownAddress(given) ? '' : `, ${printable(address)}`
  return `Already there, and left as it is: source ${id}, ${printable(title)}${where}.\n`
}

function describeAdded(cli: Cli, source: Source, document: ReadDocument, timezone: string): string {
  const style = styleFor(cli.io)
  const newest = newestDate(document)
  const shown = newest === null ? 'without dates' : `the newest came ${formatDate(newest, timezone)}`
  const why = whyNotAll(document, MAX_ITEMS)
  const facts = renderFacts(
    [
      ['Address', printable(shownAddress(source.url))],
      ['Format', printable(document.format)],
      ['Entries', document.page === undefined ? null : printable(describeRules(document.page))],
      [
        'Items',
        document.items.length === 0 ? 'none yet' : `${document.items.length}${why === '' ? ',' : `${why};`} ${shown}`,
      ],
      ['Tags', printable(source.tags.join(', '))],
      ['Polled', source.everyMs === null ? null : `every ${formatDuration(source.everyMs)}`],
      ['Full text', source.fullText ? 'from the items’ own pages' : null],
      ['Sent along', describeAccess(source.access)],
    ],
    cli.io,
  )
  const isCut = document.truncated && document.items.length === 0
  const held = isCut ? 'Its document breaks off before the first item.' : sayHeld(document.items.length)
  const entries =
    source.kind === 'page' ? `\n${renderReadItems(cli.io, document.items.slice(0, SHOWN_ENTRIES), timezone)}` : ''
  return `${style.good('Added')} source ${source.id}: ${style.bold(printable(source.title))}\n${facts}${entries}${held}\n`
}

/** Nothing was added: says which feeds there are, and the command for each that is not read already. */
function offerChoice({ io }: Cli, input: Input, { page, candidates }: Extract<Added, { kind: 'choose' }>): number {
  if (input.flag('json')) {
    printJson(io, {
      page: webAddress(page),
      candidates: candidates.map(({ readAs, ...candidate }) => ({
        ...candidate,
        url: webAddress(candidate.url),
        source: readAs,
      })),
    })
    return EXIT.askedWrongly
  }
  const style = styleFor(io, 'err')
  const options = optionsAgain(input)
  const lines = candidates.map(({ url, title, format, readAs }, i) => {
    const name = [printable(title ?? ''), format].filter(Boolean).join(', ') || 'Without a title'
    const command = `npx crier source add ${shellWord(printable(webAddress(url) ?? ''))}${options}`
    return `${String(i + 1).padStart(3)}. ${name}\n     ${readAs === null ? command : `read already: source ${readAs}`}\n`
  })
  io.err(
    `${style.bold(`${printable(webAddress(page) ?? '')} names ${candidates.length} feeds. Which one?`)}\n${lines.join('')}`,
  )
  return EXIT.askedWrongly
}

/** Nothing was added: shows what would be watched, and the command that does it. */
function offerPage(
  { io }: Cli,
  input: Input,
  { page, document }: Extract<Added, { kind: 'page' }>,
  timezone: string,
): number {
  const address = webAddress(page) ?? ''
  if (input.flag('json')) {
    printJson(io, { page: address, ...documentAsJson(document) })
    return EXIT.askedWrongly
  }
  const style = styleFor(io, 'err')
  const { items } = document
  const command = `npx crier source add --page ${shellWord(printable(address))}${optionsAgain(input)}`
  io.err(
    [
      `${style.bold(`${printable(address)} has no feed, but ${countOf(items.length, 'entry', 'entries')} that can be watched:`)}\n`,
      renderReadItems(io, items.slice(0, SHOWN_ENTRIES), timezone, 'err'),
      items.length > SHOWN_ENTRIES ? `… and ${items.length - SHOWN_ENTRIES} more.\n` : '',
      document.page === undefined ? '' : `Each entry is ${printable(describeRules(document.page))}.\n`,
      `To watch them:\n     ${command}\n`,
      `If these are the wrong ones, say what an entry is:\n     ${command} --entry 'CSS SELECTOR'\n`,
    ].join(''),
  )
  return EXIT.askedWrongly
}

const SHOWN_ENTRIES = 5
