import { parseAddress } from '../actions/subscribe.ts'
import { AppError } from '../errors.ts'
import type { ReadDocument } from '../model.ts'
import { webAddress } from '../publish/address.ts'
import { type Document, parse, readDocument } from '../source/parse.ts'
import { formatLocal } from '../time.ts'
import { type Cli, type CliIo, EXIT, type Input } from './io.ts'
import { printJson } from './json.ts'
import { startProgress } from './progress.ts'
import { readGivenFile } from './read-file.ts'
import { styleFor } from './style.ts'
import { renderFacts } from './table.ts'
import { cut, printable } from './terminal-text.ts'
import { createNetwork, readSettings } from './workplace.ts'

/** Shows what Crier sees in a file, or at an address (fetched once, behind the guard). Needs no database. */
export async function parseDocument(cli: Cli, input: Input): Promise<number> {
  const given = input.args[0] ?? ''
  const document = /^https?:\/\//i.test(given) ? await fetchIt(cli, parseAddress(given)) : await readIt(cli.io, given)
  if (input.flag('json')) {
    const parsed = await parse(document.bytes, document).catch((error: unknown) => {
      throw error instanceof AppError ? noFeed(error.message) : error
    })
    printJson(cli.io, parsed)
    return EXIT.done
  }
  const read = await readDocument(document)
  if (read.kind === 'unreadable') throw noFeed(read.detail)
  cli.io.out(describe(cli.io, read, readSettings(cli.io).timezone))
  return EXIT.done
}

async function fetchIt({ io }: Cli, url: string): Promise<Document> {
  const network = createNetwork(io, readSettings(io))
  const progress = startProgress(io, `Fetching ${printable(webAddress(url) ?? '')}`)
  try {
    const fetched = await network.fetch({ url, validators: { etag: null, lastModified: null }, bodyHash: null })
    if (fetched.kind === 'fresh') return fetched
    if (fetched.kind === 'unchanged')
      throw new AppError('unavailable', `${webAddress(url)} answered "not modified" to a first request.`)
    throw new AppError(fetched.reason === 'refused' ? 'invalid' : 'unavailable', fetched.detail)
  } finally {
    progress.end()
    await network.close()
  }
}

async function readIt(io: CliIo, path: string): Promise<Document> {
  const bytes = await readGivenFile(io, path).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'not_found') throw error
    throw new AppError('not_found', error.message, { hint: 'An address begins with https:// or http://', cause: error })
  })
  // Where it came from nobody knows: nothing can be relative to this.
  return { bytes, contentType: null, url: '' }
}

/** Whatever the document is, it is what the outside gave us. */
function noFeed(detail: string): AppError {
  return new AppError('unavailable', detail)
}

function describe(io: CliIo, read: ReadDocument, timezone: string): string {
  const style = styleFor(io)
  const width = io.isTTY ? io.columns : Number.POSITIVE_INFINITY
  const head = renderFacts(
    [
      ['Title', style.bold(printable(read.title ?? '')) || '(none)'],
      ['Format', printable(read.format)],
      ['Site', read.link && printable(read.link)],
      ['Language', read.language && printable(read.language)],
      ['Items', `${read.items.length}${read.truncated ? ', and then the document was cut off' : ''}`],
    ],
    io,
  )
  const items = read.items.map((item) => {
    const date = item.publishedAt ?? item.updatedAt
    const when = date === null ? 'no date         ' : formatLocal(date, timezone)
    const title = cut(printable(item.title) || '(untitled)', width - when.length - 2)
    const url = item.url === null ? '' : `\n${' '.repeat(when.length + 2)}${style.dim(printable(item.url))}`
    return `${style.dim(when)}  ${title}${url}\n`
  })
  return items.length === 0 ? head : `${head}\n${items.join('')}`
}
