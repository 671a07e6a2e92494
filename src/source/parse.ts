import { isUtf8 } from 'node:buffer'
import { AppError } from '../errors.ts'
import {
  type Enclosure,
  type KnownSlices,
  MAX_DOCUMENT_BYTES,
  type Read,
  type ReadDocument,
  type ReadItem,
} from '../model.ts'
import { formatIso } from '../time.ts'
import { decodeDocument } from './charset/charset.ts'
import { contextOf, headOf, type Surroundings, takePrints } from './fingerprint.ts'
import { compare, type NewItems } from './glance.ts'
import { readJsonFeed } from './json-feed.ts'
import { type CutDocument, cutDocument } from './markup/cut.ts'
import { mendXml } from './markup/mend.ts'
import { expandEntities } from './markup/references.ts'
import { normalize, type Purpose } from './normalize.ts'
import { MAX_ITEMS } from './oldest-first.ts'
import { inPortions } from './portions.ts'
import type { RawDocument, RawItem } from './raw.ts'
import { readXml } from './rss.ts'
import { shieldDocument } from './shield.ts'
import { tooBig, unreadable } from './unreadable.ts'
import { cutOut, saysJson, unwrapBytes, unwrapText } from './unwrap.ts'

export interface Document {
  bytes: Uint8Array
  /** The Content-Type header; null where there is none. */
  contentType: string | null
  /** The address it came from: what its relative addresses are meant against. */
  url: string
  /** Called when its bytes are not needed any more, where that is before it is read. */
  onDecoded?: () => void
  /**
   * Called with the items of each part of a large document: their texts may be taken out, all but a title and the first
   * 2,000 characters of `text`, which tell news from errors. Items it was called with may be missing in the end, for none
   * but these reasons: they are errors, or the document had to be read once more, and they were given again.
   */
  onItems?: (items: ReadItem[]) => void
}

/** What a document says, in plain data. Dates are ISO 8601 in UTC. */
export interface ParsedFeed {
  title: string | null
  link: string | null
  /** A tag, in the case it was published in. */
  language: string | null
  items: ParsedItem[]
}

export interface ParsedItem {
  id: string | null
  /** Absolute. */
  url: string | null
  /** Plain text. */
  title: string
  /** HTML as published (not sanitized), its addresses made absolute. */
  content: string | null
  /** HTML likewise. */
  summary: string | null
  published: string | null
  updated: string | null
  /** Several are joined by ", ". */
  author: string | null
  categories: string[]
  enclosures: Enclosure[]
}

/**
 * Reads a feed in any of its formats (RSS 0.9x, 1.0, 2.0, Atom 0.3, 1.0, JSON Feed), whatever its charset and however
 * broken it is. In the caller's thread, without network. Rejects with an `AppError` when the document is no feed, or no bytes.
 *
 * @example
 * import { readFile } from 'node:fs/promises'
 * import { parse } from 'crier'
 *
 * const feed = await parse(await readFile('feed.xml'), { contentType: 'application/rss+xml', url: 'https://example.com/feed.xml' })
 * for (const item of feed.items) console.log(item.published, item.title, item.url)
 */
export async function parse(
  bytes: Uint8Array,
  options: { contentType?: string | null; url?: string } = {},
): Promise<ParsedFeed> {
  // Not everybody who calls it has a compiler that says so.
  if (!ArrayBuffer.isView(bytes) || bytes instanceof DataView) throw new AppError('invalid', NO_BYTES)
  const document = { bytes, contentType: options.contentType ?? null, url: options.url ?? '' }
  const read = await readFor(document, { forMatching: false })
  if (read.kind === 'unreadable') {
    const advice = read.detail === NO_FEED.web_page ? ` ${FIND_ITS_FEED}` : ''
    throw new AppError('invalid', read.detail + advice)
  }

  return {
    title: read.title,
    link: read.link,
    language: read.language,
    items: read.items.map((item) => ({
      id: item.id,
      url: item.url,
      title: item.title,
      content: item.content,
      summary: item.summary,
      published: formatIso(item.publishedAt),
      updated: formatIso(item.updatedAt),
      author: item.authors.join(', ') || null,
      categories: item.categories,
      enclosures: item.enclosures,
    })),
  }
}

const NO_BYTES =
  'parse() reads bytes, a Uint8Array or Buffer: of a string new TextEncoder().encode(it), of an ArrayBuffer new Uint8Array(it).'

/**
 * The whole way from bytes to items, with text, tokens and keys. Items that stand in it as `known` says they stood
 * before are not read again: `slices` names them. The document's own faults come back in the outcome.
 */
export async function readDocument(document: Document, known: KnownSlices | null = null): Promise<Read> {
  const read = await readFor(document, { forMatching: true, onItems: document.onItems }, known)
  return read.kind === 'read' ? shieldDocument(read) : read
}

/**
 * Likewise, of a document that was looked at already: only its new items are read. Null where they do not stand under
 * what is known (`context`), or cannot be read so: then the document must be read whole.
 */
export async function readNewItems(found: NewItems, context: string): Promise<Read | null> {
  const read = await readNew(found, context, null, { forMatching: true }).catch(() => null)
  return read && shieldDocument(read)
}

interface Reading extends Purpose {
  onItems?: Document['onItems'] | undefined
}

async function readFor(
  { bytes, contentType, url, onDecoded }: Document,
  purpose: Reading,
  known: KnownSlices | null = null,
): Promise<Read> {
  const plain = unwrapBytes(bytes)
  if (plain === null) return unreadable('malformed', 'This is packed with gzip, and damaged.')
  if (plain.byteLength > MAX_DOCUMENT_BYTES) return tooBig('document')
  if (JOHAB.test(Buffer.from(plain.subarray(0, 200)).toString('latin1')) && !isUtf8(plain))
    return unreadable('not_a_feed', 'This is written in Johab, which is not read here: UTF-8 is.')
  const { text, charset } = decodeDocument(plain, contentType)
  if (known === null) onDecoded?.()
  if (text.trim() === '') return unreadable('not_a_feed', 'The document is empty.')
  const { json, xml } = unwrapText(text)
  const read = json === null ? undefined : readJson(json, url, purpose)
  return read ?? readXmlText({ text: xml, charset, url, bytes }, purpose, known)
}

/** An old charset of Korea's, which no library reads. */
const JOHAB = /^<\?xml[^>]*encoding\s*=\s*["'](?:x-)?(?:johab|(?:ms|cp)1361)["']/i

/** Undefined for what is no JSON at all. */
function readJson(text: string, url: string, purpose: Reading): Read | undefined {
  const saysSo = saysJson(text)
  const found = readJsonFeed(text)
  if (found === 'too_much') return saysSo ? unreadable('too_big', TOO_MUCH_JSON) : undefined
  if (found === 'no_json')
    return saysSo ? unreadable('malformed', 'This JSON Feed is cut off or broken: it is no valid JSON.') : undefined
  if (found !== 'no_feed') return { ...normalizeInParts(found.raw, url, purpose), truncated: found.truncated }
  return unreadable('not_a_feed', 'This is JSON, but not a JSON Feed: it needs a version, a title and a list of items.')
}

const TOO_MUCH_JSON =
  'This JSON Feed holds more than 500,000 values, or brackets more than 200,000 deep: no feed needs so many. Look for a shorter one there.'

/** What is made of a text takes more than the text: the items of each part are told of before those of the next are made. */
function normalizeInParts(raw: RawDocument, url: string, purpose: Reading): Omit<ReadDocument, 'truncated'> {
  const read = normalize({ ...raw, items: [] }, url, purpose)
  const sizeOf = ({ content, summary }: RawItem) => (content ?? summary)?.value.length ?? 0
  for (const items of inPortions(raw.items, sizeOf, PART_CHARS)) {
    const part = normalize({ ...raw, items }, url, purpose).items
    purpose.onItems?.(part)
    read.items.push(...part)
  }
  return read
}

async function readXmlText(
  { text, ...origin }: { text: string; charset: string; url: string; bytes: Uint8Array },
  purpose: Reading,
  known: KnownSlices | null,
): Promise<Read> {
  const cut = cutOut(text)
  if (cut.kind === 'no_feed') return unreadable(cut.seen === 'list' ? 'opml' : 'not_a_feed', NO_FEED[cut.seen])

  const { document } = cut
  const around = { document, ...origin }
  try {
    const prints = purpose.forMatching ? takePrints(document) : null
    const seen = prints && known && compare(around, prints, known, origin.bytes)
    if (seen?.kind === 'as_before') return seen.read
    const some = seen && known && (await readNew(seen, known.context, origin.bytes, purpose).catch(() => null))
    return some ?? (await readWhole(around, prints, purpose))
  } catch (error) {
    // The mender leaves nothing that a strict reader refuses; if it does after all, one document fails, not the service.
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : 'unknown'
    return unreadable('malformed', `This ${document.format} document is broken beyond repair (${why}).`)
  }
}

/** Only the items that are not known, and the head. Null where what items inherit has changed. */
async function readNew(
  { around, slices }: NewItems,
  context: string,
  bytes: Uint8Array | null,
  purpose: Reading,
): Promise<ReadDocument | null> {
  const found = await readPieces(around, around.document.items, purpose)
  return found.context === context ? { ...found.read, slices: { ...slices, context, bytes } } : null
}

async function readWhole(around: Surroundings, prints: string[] | null, purpose: Reading): Promise<ReadDocument> {
  const { read, context } = await readPieces(around, around.document.items, purpose)
  return prints && context !== null
    ? { ...read, slices: { context, head: headOf(around), prints, skipped: [], bytes: null } }
    : read
}

/** The document with these of its items. No context where it has more or fewer items than slices: whose is whose is not known. */
async function readPieces(
  around: Surroundings,
  items: string[],
  purpose: Reading,
): Promise<{ read: ReadDocument; context: string | null }> {
  const { document, url } = around
  const [first = [], ...more] = inPortions(items, ({ length }) => length, partChars(document))
  const raw = await readPart(document, first, purpose)
  const read: ReadDocument = { ...normalize(raw, url, purpose), truncated: document.truncated }
  purpose.onItems?.(read.items)
  let rawItems = raw.items.length
  raw.items = []
  for (const part of more) {
    const next = await readPart(document, part, purpose)
    rawItems += next.items.length
    // All but the items it has from the head.
    const { items: readItems } = normalize({ ...raw, items: next.items }, url, purpose)
    purpose.onItems?.(readItems)
    read.items.push(...readItems)
  }
  const isOneToOne = rawItems === items.length && read.items.length === items.length
  return { read, context: purpose.forMatching && isOneToOne ? contextOf(around, raw, read.link) : null }
}

async function readPart(document: CutDocument, items: string[], purpose: Purpose): Promise<RawDocument> {
  // Joined, not added: a text of a thousand pieces is slow to read.
  const text = [document.before, ...items, document.after].join('')
  const xml = mendXml(document.doctype === null ? text : expandEntities(text, document.doctype))
  const raw = await readXml(xml, document)
  if (!purpose.forMatching) noteWritten(raw.items, items.length > 0 ? items : itemsOf(xml))
  return raw
}

/** What stands in an item is known only where each slice is one. */
function noteWritten(items: RawItem[], slices: string[]): void {
  if (items.length !== slices.length) return
  for (const [index, item] of items.entries()) item.written = slices[index] ?? ''
}

/** Where they could not be cut apart as they were written, they can be now. */
function itemsOf(mended: string): string[] {
  const cut = cutDocument(mended, MAX_ITEMS)
  return cut.kind === 'cut' ? cut.document.items : []
}

/** What is made of a text on its way is several times as large: a large document is read in parts, each under its head. */
function partChars({ before, after, doctype }: CutDocument): number {
  // What its entities may grow to is counted for the whole.
  return doctype === null ? Math.max(PART_CHARS, 4 * (before.length + after.length)) : Number.POSITIVE_INFINITY
}

const PART_CHARS = 393_216

/** For who gave the address. What has been read as a feed for months may answer with a page for a while. */
const FIND_ITS_FEED = 'Look for a link named RSS, Atom or Feed on it and give its address.'

const NO_FEED = {
  web_page: 'This is a web page, not a feed.',
  list: 'This is a list of feeds (OPML), not a feed: import it to add them all.',
  xml: 'This is XML, but not a feed: neither RSS nor Atom.',
  start: 'This is only the beginning of a feed: the document was cut off in its first tag.',
  binary: 'This is binary data, neither a feed nor a web page.',
  nothing: 'This is neither a feed nor a web page.',
}
