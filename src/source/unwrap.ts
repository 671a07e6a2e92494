import { constants, unzipSync } from 'node:zlib'
import { MAX_DOCUMENT_BYTES } from '../model.ts'
import { isRecord, readJsonText } from './json-text.ts'
import { type Cut, cutDocument } from './markup/cut.ts'
import { decodeReferences } from './markup/references.ts'
import { SECTION } from './markup/scan.ts'
import { isOldestFirst, MAX_ITEMS } from './oldest-first.ts'

// A document that comes within something else. Its bytes are taken out first, then its text, and last the XML in a text of XML's.

/**
 * The bytes of a document as it was written, where it comes packed with gzip or deflate, and then as it was sent: in the chunks of
 * HTTP, perhaps behind its header, or encoded as mail or an address is. What comes plainly or is too large is handed back
 * itself; null for what is packed, and damaged.
 */
export function unwrapBytes(bytes: Uint8Array): Uint8Array | null {
  const once = isPacked(bytes) ? unpack(bytes) : bytes
  // A server packed what was packed already.
  const unpacked = once !== null && once !== bytes && isPacked(once) ? unpack(once) : once
  if (unpacked === null || unpacked.byteLength > MAX_DOCUMENT_BYTES) return unpacked
  const view = Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength)
  const start = view.toString('latin1', 0, MAX_START)
  const chunks = joinChunks(view, HTTP_HEADER.exec(start)?.[0].length ?? 0)
  if (chunks !== null) return chunks
  if (BASE64_OF_XML.test(start)) return Buffer.from(view.toString('latin1'), 'base64')
  const escaped = MAIL_ESCAPES.test(start) ? MAIL_ESCAPE : ADDRESS_ESCAPES.test(start) ? ADDRESS_ESCAPE : null
  return escaped === null ? unpacked : unescapeBytes(view, escaped)
}

const MAX_START = 2_000
const HTTP_HEADER = /^HTTP\/\d[^<]*?\r?\n\r?\n/

/** With gzip, or as "deflate" is (RFC 1950, 2.2). */
function isPacked([first, second = 0]: Uint8Array): boolean {
  return (first === 0x1f && second === 0x8b) || (first === 0x78 && (0x7800 + second) % 31 === 0)
}

/** A file that was packed and is served as it lies there. Of one that was cut off, what is whole. */
function unpack(bytes: Uint8Array): Uint8Array | null {
  try {
    return unzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_DOCUMENT_BYTES + 1 })
  } catch (error) {
    // A bomb is not damaged but too big: its size is judged where every document's is.
    if (error instanceof RangeError) return new Uint8Array(MAX_DOCUMENT_BYTES + 1)
    // "x^" begins some text, too.
    return bytes[0] === 0x78 ? bytes : null
  }
}

/** RFC 9112, 7.1. Null where no chunk begins at `from`, or another one than should behind it. */
function joinChunks(view: Buffer, from: number): Buffer | null {
  const pieces: Buffer[] = []
  for (let at = from; at < view.length; ) {
    const [line, size = ''] = CHUNK.exec(view.toString('latin1', at, at + 200)) ?? []
    // Cut off in it.
    if (line === undefined && view.length - at < MAX_CUT) break
    if (line === undefined) return null
    const start = at + line.length
    const end = start + Number.parseInt(size, 16)
    if (end === start) break
    pieces.push(view.subarray(start, end))
    at = end
  }
  return pieces.length === 0 ? null : Buffer.concat(pieces)
}

const MAX_CUT = 12
/** A size in hex; the line's end before it is that of the chunk before. */
const CHUNK = /^(?:\r\n)?([\da-f]{1,8})[ \t]*(?:;[^\r\n]{0,150})?\r\n/i

/** "<?xm", "<rss", "<rdf", "<fee" or a byte order mark. */
const BASE64_OF_XML = /^\s*(?:PD94b|PHJzc|PHJkZ|PGZlZ|77u\/P)[A-Za-z\d+/=\s]+$/
/** RFC 2045, 6.7: the first quote in the root or the declaration shows it; behind it an address may end in "?tag=3D". */
const MAIL_ESCAPES = /<(?:\?xml|rss|feed|rdf:RDF)\s[^<>"']*=3D["']/i
const MAIL_ESCAPE = /=([\dA-F]{2})/gi
const SOFT_BREAK = /=[ \t]*\r?\n/g
const ADDRESS_ESCAPES = /^\s*%3C(?:%3F|rss|feed|rdf)[^<>]*$/i
const ADDRESS_ESCAPE = /%([\dA-F]{2})/gi

function unescapeBytes(view: Buffer, sign: RegExp): Buffer {
  const plain = view
    .toString('latin1')
    .replace(SOFT_BREAK, '')
    .replace(sign, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(plain, 'latin1')
}

/** What is to be read as XML, and before that as JSON, where it may be any. */
export function unwrapText(text: string): { json: string | null; xml: string } {
  const answer = xmlInAnswer(text)
  if (answer !== null) return { json: null, xml: answer }
  const json = jsonInView(text)
  return { json: mayBeJson(json) ? json : null, xml: text }
}

/**
 * The XML in what a proxy for web pages answers: a string in JSON (`{"contents": "<rss …"}`), alone, or given to a function
 * or a variable of a script. Null for all else.
 */
function xmlInAnswer(text: string): string | null {
  if (!ANSWER.test(text.slice(0, 200))) return null
  const isObject = text.trimStart().startsWith('{')
  const value = readJsonText(isObject ? text : text.slice(text.indexOf('"'), text.lastIndexOf('"') + 1))?.value
  const found: unknown = isObject && isRecord(value) ? Object.values(value)[0] : value
  // Else it only speaks of one: "<rss> is not supported".
  return typeof found === 'string' && HOLDS_PARTS.test(found) ? found : null
}

const HOLDS_PARTS = /<(?:\w+:)?(?:channel|item|entry|title|link|id)[\s>/]/i
const ANSWER =
  /^\s*(?:\{\s*"\w{1,40}"\s*:|(?:(?:var|let|const)\s+)?[\w$.]{1,40}\s*[=(])?\s*"\s*(?:<|\\u003c)(?:\?xml|rss|feed|rdf)/i

/** The JSON Feed in a browser's view of it that somebody saved, or escaped as what stands in a page or a string; all else as it is. */
function jsonInView(text: string): string {
  if (ESCAPED.test(text.slice(0, 200))) return decodeReferences(text)
  if (IN_STRING.test(text.slice(0, 200))) {
    const inner = readJsonText(`"${text.trim().replace(/\s/g, ' ')}"`)?.value
    return typeof inner === 'string' ? inner : text.replaceAll('\\"', '"')
  }
  const start = VIEW.exec(text.slice(0, 4_000))?.[0].length
  if (start === undefined) return text
  const inner = decodeReferences(text.slice(start, text.lastIndexOf('</pre')))
  return saysJson(inner) ? inner : text
}

const IN_STRING = /^\s*[{[]\s*\\"/
const ESCAPED = /^\s*[{[]\s*&(?:quot|#0?34);/
const VIEW = /^\s*<html(?:[^<>]*>\s*<(?!pre))*[^<>]*>\s*<pre[^<>]*>(?=\s*\{)/i

/** As loosely as whoever reads it does: a feed in a JSON string is none. */
export function mayBeJson(text: string): boolean {
  return /^\s*[{[]/.test(text) || saysJson(text) || (holdsFirst(text, HEAD) && OWN_NAME.test(text) && !ROOT.test(text))
}

/** It names itself a JSON Feed, whatever stands before that: a program's warnings in HTML, but no root of another kind. */
export function saysJson(text: string): boolean {
  return holdsFirst(text, /jsonfeed\.org\\?\/version/)
}

function holdsFirst(text: string, pattern: RegExp): boolean {
  const start = text.slice(0, 2_000)
  const at = start.search(pattern)
  return at !== -1 && !OTHER_ROOT.test(start.slice(0, at))
}

/** What one begins with that does not name itself, and what nobody else's JSON holds. */
const HEAD = /(?:\{|^)\s*"(?:version|title|home_page_url|feed_url)"\s*:/
const OWN_NAME = /"(?:home_page_url|content_html|content_text|date_published)"\s*:/
export const ROOT = /<(?:rss|feed|rdf:rdf)[\s>]/i
const OTHER_ROOT = /<(?:[?!](?:xml|doctype)|(?:\w{1,20}:)?(?:rss|rdf|feed|channel|html|head|body|opml)\b)/i

/** Cuts the document, or the one that stands in it: as a text where there is no root, or in a string of JSON or of a program. */
export function cutOut(text: string): Cut {
  const cut = cutNewest(text)
  const isInString = cut.kind === 'cut' && cut.document.rootTag.includes('=\\"')
  const inner = isInString ? text.replaceAll('\\"', '"') : cut.kind === 'no_feed' ? xmlInText(text) : null
  return inner === null ? cut : cutNewest(inner)
}

/** As many items as are read: the first ones, or the last. */
function cutNewest(text: string): Cut {
  const first = cutDocument(text, MAX_ITEMS)
  if (!isArchive(first)) return first
  const all = cutDocument(text, MANY_ITEMS)
  if (!isArchive(all) || all.document.items.length === MANY_ITEMS) return first
  return { kind: 'cut', document: { ...all.document, items: all.document.items.slice(-MAX_ITEMS) } }
}

function isArchive(cut: Cut): cut is Extract<Cut, { kind: 'cut' }> {
  return cut.kind === 'cut' && cut.document.items.length >= MAX_ITEMS && isOldestFirst(cut.document.items, dateOf)
}

/** Each takes memory before it is left out. */
const MANY_ITEMS = 50_000

function dateOf(item: string): string | null {
  return (PUBLISHED.exec(item) ?? UPDATED.exec(item))?.[1] ?? null
}

const PUBLISHED = /<(?:\w{1,20}:)?(?:pubDate|published|issued|created|date)(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?([^<>\]]+)/i
const UPDATED = /<(?:\w{1,20}:)?(?:updated|modified)(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?([^<>\]]+)/i

/**
 * The document that stands within another one's text, escaped or in a CDATA section, where only tags stand before it
 * (`<pre>&lt;rss …`); null where none does.
 */
function xmlInText(text: string): string | null {
  const start = WRAPPING.exec(text.slice(0, 4_000))?.[0].length
  if (start === undefined) return null
  const isSection = text.startsWith(SECTION, start)
  // Some escape no ">".
  const end = text.lastIndexOf(isSection ? ']]>' : '&gt;')
  const inner = isSection
    ? text.slice(start + SECTION.length, end)
    : decodeReferences(text.slice(start, end === -1 ? text.length : end + 4))
  // A page whose text begins so only speaks of feeds.
  return INNER_START.test(inner.slice(0, 200)) && INNER.test(inner) ? inner : null
}

const WRAPPING = /^(?:\s|<(?!!\[)[^<>]*>)*(?=&lt;|<!\[CDATA\[)/
const INNER = /<(?:[\w-]{1,20}:)?(?:channel|item|entry|title)[\s/>]/i
const INNER_START = /^\s*<(?:\?xml|!DOCTYPE\s+(?:rss|rdf)|rss|rdf:RDF|feed)[\s>]/i
