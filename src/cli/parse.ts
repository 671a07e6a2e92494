import { fetchFirst, refusalOf } from '../actions/sources/find-feed.ts'
import { describeRules } from '../actions/sources/page-rules.ts'
import { parseAddress } from '../actions/typed-address.ts'
import { AppError, isCode } from '../errors.ts'
import type { PageRules, Read, ReadDocument, Unreadable } from '../model.ts'
import { webAddress } from '../publish/address.ts'
import { countOf, whyNotAll } from '../publish/count.ts'
import { documentAsJson } from '../publish/json.ts'
import { discoverFeeds } from '../source/discover.ts'
import { MAX_ITEMS } from '../source/oldest-first.ts'
import { type Document, parse, readDocument } from '../source/parse.ts'
import { type Cli, type CliIo, EXIT, type Input } from './io.ts'
import { renderReadItems } from './items.ts'
import { printJson } from './json.ts'
import { startProgress } from './progress.ts'
import { readGivenFile } from './read-file.ts'
import { readSelectors, warnOfUnmatched } from './source-options.ts'
import { styleFor } from './style.ts'
import { renderFacts } from './table.ts'
import { printable } from './terminal-text.ts'
import { createNetwork, readSettings } from './workplace.ts'

/**
 * Shows what Crier sees in a file, or at an address (fetched once, behind the guard): the items of a feed, the entries of a
 * page. Needs no database.
 */
export async function parseDocument(cli: Cli, input: Input): Promise<number> {
  const given = input.args[0] ?? ''
  const rules = readSelectors(input)
  const document = await open(cli, given, input.text('url'))
  const read = rules === null ? await readAnything(document) : await readEntries(document, rules)
  if (read.kind === 'unreadable') {
    if (rules !== null && (await readDocument(document)).kind === 'read') {
      throw new AppError('invalid', 'This is a feed, not a page.', { hint: 'Leave out --entry and what goes with it.' })
    }
    throw new AppError('unavailable', read.detail, hintAt(document, rules, read))
  }
  if (input.flag('json') && read.page === undefined) {
    // To scripts a feed is, to the letter, what the package's own `parse` says.
    printJson(cli.io, await parse(document.bytes, document))
    return EXIT.done
  }
  if (input.flag('json')) printJson(cli.io, documentAsJson(read))
  else cli.io.out(describe(cli.io, read, readSettings(cli.io).timezone))
  if (read.page === undefined) return EXIT.done
  cli.io.err(warnOfUnmatched(read))
  cli.note(sayOfPage(document, read))
  return EXIT.done
}

function open(cli: Cli, given: string, from: string | undefined): Promise<Document> {
  if (!/^https?:\/\//i.test(given)) return readIt(cli.io, given, from === undefined ? '' : parseAddress(from))
  if (from === undefined) return fetchIt(cli, parseAddress(given))
  throw new AppError('invalid', '--url says where a file came from; an address needs none.')
}

/** A feed, else the entries of a page. What is a page without any is told as that. */
async function readAnything(document: Document): Promise<Read> {
  const read = await readDocument(document)
  const isPage = read.kind === 'unreadable' && read.reason === 'not_a_feed' && discoverFeeds(document).isPage
  return isPage ? readEntries(document, null) : read
}

/** Of a file nobody knows where it came from: an entry is known by its address, so it gets one all the same. */
const NOWHERE = 'http://localhost/'

async function readEntries(document: Document, rules: PageRules | null): Promise<Read> {
  // Only now: it brings a whole DOM along.
  const { readPage } = await import('../page/read-page.ts')
  return readPage({ ...document, url: document.url || NOWHERE }, rules)
}

/** A page with nothing to watch may name feeds, and then they are what was looked for. */
function hintAt(document: Document, rules: PageRules | null, { needs }: Unreadable): { hint?: string } {
  const named = feedsNamed(document)
  if (named.length > 0) return { hint: `It names ${countOf(named.length, 'feed')}: ${named.join(', ')}` }
  return rules === null && needs === 'entry' ? { hint: 'It is given with --entry.' } : {}
}

function feedsNamed(document: Document): string[] {
  const { isPage, candidates } = discoverFeeds(document)
  return isPage ? candidates.map(({ url }) => printable(webAddress(url) ?? '')) : []
}

/** Notices for people about a page that was read. */
function sayOfPage(document: Document, { items }: ReadDocument): string {
  const named = feedsNamed(document).map((url) => `  ${url}\n`)
  const isNowhere = document.url === '' && items.some(({ url }) => url?.startsWith(NOWHERE))
  return [
    isNowhere ? `Relative addresses are shown as on ${NOWHERE}; --url says where the file came from.\n` : '',
    named.length > 0 ? `The page names ${countOf(named.length, 'feed')}:\n${named.join('')}` : '',
  ].join('')
}

async function fetchIt(cli: Cli, url: string): Promise<Document> {
  const { io } = cli
  const network = createNetwork(cli, readSettings(io))
  const progress = startProgress(io, `Fetching ${printable(webAddress(url) ?? '')}`)
  try {
    const fetched = await fetchFirst(network.fetch, url, null)
    if (fetched.kind === 'failed') throw refusalOf(fetched, url)
    return fetched
  } finally {
    progress.end()
    await network.close()
  }
}

async function readIt(io: CliIo, path: string, url: string): Promise<Document> {
  const bytes = await readGivenFile(io, path).catch((error: unknown) => {
    if (!isCode(error, 'not_found')) throw error
    throw new AppError('not_found', error.message, { hint: 'An address begins with https:// or http://', cause: error })
  })
  // Where nobody says where it came from, nothing can be relative to it.
  return { bytes, contentType: null, url }
}

function describe(io: CliIo, read: ReadDocument, timezone: string): string {
  const style = styleFor(io)
  const head = renderFacts(
    [
      ['Title', style.bold(printable(read.title ?? '')) || '(none)'],
      ['Format', printable(read.format)],
      ['Site', read.link && printable(read.link)],
      ['Entries', read.page === undefined ? null : printable(describeRules(read.page))],
      ['Language', read.language && printable(read.language)],
      ['Items', `${read.items.length}${whyNotAll(read, MAX_ITEMS)}`],
    ],
    io,
  )
  return read.items.length === 0 ? head : `${head}\n${renderReadItems(io, read.items, timezone)}`
}
