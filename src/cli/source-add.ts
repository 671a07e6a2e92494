import { isDeepStrictEqual } from 'node:util'
import { describeAccess } from '../actions/access.ts'
import { createBriefFetch } from '../actions/hosts/brief-fetch.ts'
import { createHostGate } from '../actions/hosts/gate.ts'
import { describeRules } from '../actions/sources/page-rules.ts'
import { type Added, addSource as addIt, newestDate, type SourceWish } from '../actions/sources/subscribe.ts'
import { parseAddress } from '../actions/typed-address.ts'
import { AppError } from '../errors.ts'
import type { PageRules, ReadDocument, Source } from '../model.ts'
import { shownAddress, webAddress } from '../publish/address.ts'
import { commandFor } from '../publish/advice.ts'
import { countOf, sayHeld } from '../publish/count.ts'
import { documentAsJson, sourceAsJson } from '../publish/json.ts'
import { shellWord } from '../publish/shell.ts'
import { formatDate, formatDuration, parseDuration } from '../time.ts'
import { renderReadItems } from './entry.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { printJson } from './json.ts'
import { startProgress } from './progress.ts'
import { readAccessOptions, readSelectors, selectorsAgain, warnOfUnmatched } from './source-options.ts'
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
  const [given = ''] = input.args
  const every = input.text('every')
  // Looked at before a database is made for it, and before anything is fetched.
  const rules = readSelectors(input)
  const wish: SourceWish = {
    url: parseAddress(given),
    tags: input.list('tag'),
    title: input.text('title'),
    everyMs: every === undefined ? undefined : parseDuration(every, '--every'),
    page: input.flag('page') || rules !== null ? { rules } : undefined,
    fullText: input.flag('fullText'),
    access: readAccessOptions(input),
  }
  return withActionsOrNew(cli, async (actions, { dataDir, timezone, allowHosts }) => {
    const progress = startProgress(cli.io, `Fetching ${printable(webAddress(wish.url) ?? '')}`)
    const { isAllowedHost } = await import('../fetch/guard.ts')
    const gate = createHostGate(actions, { isOwnHost: (host) => isAllowedHost(host, allowHosts) })
    const found = await addIt({ ...actions, fetch: createBriefFetch(actions, gate) }, wish)
      .catch((error: unknown) => {
        throw withWholeCommand(error, input)
      })
      .finally(() => progress.end())
    if (found.kind === 'choose') return offerChoice(cli, input, found)
    if (found.kind === 'page') return offerPage(cli, input, found, timezone)
    const { source } = found
    const added = found.kind === 'added'
    if (!added && isOtherPage(rules, source)) {
      throw new AppError(
        'conflict',
        `One address is one source, and source ${source.id} stays ${describeKind(source)}.`,
        {
          hint: `For these entries instead: npx crier source set ${source.id}${optionsAgain(input)}`,
        },
      )
    }
    if (input.flag('json')) printJson(cli.io, sourceAsJson(await getListed(actions, source)))
    else if (added) cli.io.out(describeAdded(cli, source, found.document, timezone))
    else cli.io.out(describePresent(source, wish.url))

    if (added) cli.io.err(warnOfUnmatched(found.document))
    if (added && found.note !== null) cli.io.err(`${printable(found.note)}\n`)
    const more = optionsAgain(input)
    if (!added && more !== '') cli.note(`To change it: npx crier source set ${source.id}${more}\n`)
    if (added) noteNoService(cli, dataDir)
    return EXIT.done
  })
}

/** Where a site's address led to a feed that is there, it says which. */
function describePresent({ id, title, url }: Source, given: string): string {
  const address = shownAddress(url)
  const where = address === shownAddress(given) ? '' : `, ${printable(address)}`
  return `Already there, and left as it is: source ${id}, ${printable(title)}${where}.\n`
}

/** Somebody named entries, and the source that is there has others, or none. */
function isOtherPage(rules: PageRules | null, { pageRules }: Source): boolean {
  return rules !== null && !isDeepStrictEqual(rules, pageRules)
}

function describeKind(source: Source): string {
  return source.kind === 'feed' ? 'a feed' : `a page with the entries it has (${printable(describePage(source))})`
}

function describeAdded(cli: Cli, source: Source, document: ReadDocument, timezone: string): string {
  const style = styleFor(cli.io)
  const newest = newestDate(document)
  const shown = newest === null ? 'without dates' : `the newest came ${formatDate(newest, timezone)}`
  const facts = renderFacts(
    [
      ['Address', printable(shownAddress(source.url))],
      ['Format', printable(document.format)],
      ['Entries', document.page === undefined ? null : printable(describeRules(document.page))],
      ['Items', document.items.length === 0 ? 'none yet' : `${document.items.length}, ${shown}`],
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
  const options = optionsAgain(input)
  const lines = candidates.map(({ url, title, format }, i) => {
    const name = [printable(title ?? ''), format].filter(Boolean).join(', ') || 'Without a title'
    return `${String(i + 1).padStart(3)}. ${name}\n     npx crier source add ${quote(webAddress(url) ?? '')}${options}\n`
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
  const command = `npx crier source add --page ${quote(address)}${optionsAgain(input)}`
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

function hasLogin(given: string): boolean {
  const { username, password } = new URL(parseAddress(given))
  return username !== '' || password !== ''
}

/** What is advised is advised to whoever gave these options: they stand in its command, too. */
function withWholeCommand(error: unknown, input: Input): unknown {
  if (!(error instanceof AppError) || error.advice === null || !('url' in error.advice)) return error
  const { advice, hint } = error
  const command = commandFor(advice)
  // What is a feed has no entries to be named.
  const options = advice.kind === 'add' ? settingsAgain(input) : [...pageAgain(input), ...settingsAgain(input)]
  // An option that is advised stands there already.
  const more = options.filter((option) => isRepeatable(option) || !command.includes(` --${option[0]} `))
  const how = `Try: ${command}${spell(more)}`
  return new AppError(error.code, error.message, { hint: hint === null ? how : `${hint} ${how}`, cause: error })
}

/** By its name, without --, and with the value it had: null for none. What is secret is to be filled in. */
type Said = [name: string, value: string | null]

/** The options that were given, to be given again. */
function optionsAgain(input: Input): string {
  return spell([...pageAgain(input), ...settingsAgain(input)])
}

function spell(options: Said[]): string {
  return options.map(([name, value]) => ` --${name}${value === null ? '' : ` ${quote(value)}`}`).join('')
}

function pageAgain(input: Input): Said[] {
  return [...(input.flag('page') ? [['page', null] satisfies Said] : []), ...selectorsAgain(input)]
}

function settingsAgain(input: Input): Said[] {
  const texts = ['every', 'title'].flatMap((name): Said[] => {
    const value = input.text(name)
    return value === undefined ? [] : [[name, value]]
  })
  const hasAuth = input.text('auth') !== undefined || hasLogin(input.args[0] ?? '')
  return [
    ...input.list('tag').map((tag): Said => ['tag', tag]),
    ...texts,
    ...(input.flag('fullText') ? [['full-text', null] satisfies Said] : []),
    ...(hasAuth ? [['auth', 'NAME:PASSWORD'] satisfies Said] : []),
    ...input.list('header').map((header): Said => ['header', `${header.slice(0, header.indexOf(':'))}: …`]),
    ...(input.text('proxy') === undefined ? [] : [['proxy', 'http://HOST:PORT'] satisfies Said]),
  ]
}

function isRepeatable([name]: Said): boolean {
  return name === 'header' || name === 'tag'
}

function quote(text: string): string {
  return shellWord(printable(text))
}
