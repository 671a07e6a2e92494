import Parser from 'rss-parser'
import { isRecord } from './json-text.ts'
import type { CutDocument } from './markup/cut.ts'
import { hasHtmlTag } from './markup/html-look.ts'
import { decodeReferences } from './markup/references.ts'
import { SECTION } from './markup/scan.ts'
import { type Skimmed, skim } from './markup/skim.ts'
import type { RawDocument, RawEnclosure, RawItem, RawLink, RawPace, RawText } from './raw.ts'

/** What the root element says of itself, which rss-parser does not tell. */
type Root = Pick<CutDocument, 'kind' | 'format' | 'base' | 'language'>

/**
 * Maps mended XML (RSS 0.9x, 1.0, 2.0, Atom 0.3, 1.0) with rss-parser. Rejects what is not well-formed; the next
 * document is not touched by it.
 */
export async function readXml(xml: string, root: Root): Promise<RawDocument> {
  const skimmed = skim(xml, root.kind === 'rdf' && NESTED.test(xml) ? nameOrRdf : shortName)
  const { read, lists } = readerOf(skimmed.names)
  const output = elementOf(await read(skimmed))
  const feed = fieldsOf(output)
  const isAtom = root.kind === 'atom'
  const items = Array.isArray(output.items) ? output.items : []
  const format = { isAtom, lists, torn: PLAIN.filter((name) => skimmed.holders.has(SHORT.get(name) ?? '')) }

  return {
    format: root.format,
    title:
      readText(one(feed, 'title'), isAtom ? 'title' : 'unsaid') ?? readText(all(feed, LISTS.otherTitles), 'unsaid'),
    links: joined([all(feed, LISTS.links).flatMap(readLink), hrefOf(output)]),
    // On Atom's feed element and the root are one.
    bases: isAtom ? said(root.base) : [...said(root.base), ...channelBases(output)],
    isSiteBase: !isAtom,
    language: firstOf(all(feed, LANGUAGES)) ?? attribute(output, 'xml:lang') ?? root.language,
    authors: isAtom ? (feed.get('author') ?? one(feed, 'name')).flatMap(authorOf) : [],
    pace: readPace(feed),
    items: items.map((item: unknown) => readItem(elementOf(item), format)),
  }
}

// ---- rss-parser ----

/** What documents are built of; everything else gets a name of ours. */
const STRUCTURE = new Set(['rss', 'rdf:RDF', 'channel', 'item', 'feed', 'entry'])

/**
 * What an element that is read here is called on its way through rss-parser. That cuts a snippet of every description
 * with regexes that are quadratic in it, throws on a date it cannot read and on a link without attributes, and breaks on
 * an element named "_": it never meets one of these names. Short ones, since sax takes each character in its hand.
 */
function shortName(name: string): string | undefined {
  const known = SHORT.get(name)
  if (known !== undefined) return known
  return STRUCTURE.has(name) ? name : SHORT.get(name.toLowerCase())
}

/** RDF may say a name by an element of its own (`<dc:creator><foaf:Person><foaf:name>`), or several in a list. */
const NESTED =
  /<(?:(?:dc|dcterms):(?:creator|subject|date|created|issued|modified)|author|category)(?:\s[^<>]*)?>\s*<\w/

function nameOrRdf(name: string): string | undefined {
  return shortName(name) ?? (RDF_LEAVES.has(name) ? name : undefined)
}

const RDF_LEAVES = new Set('foaf:name rdf:value rdf:li'.split(' '))

const LANGUAGES = 'language dc:language dcterms:language'.split(' ')
const FEED_FIELDS = [
  ...LANGUAGES,
  ...'title atom:title dc:title dcterms:title link atom:link author name'.split(' '),
  ...'ttl skiphours skipdays sy:updateperiod sy:updatefrequency'.split(' '),
]

// The best first; of those that mean the same, the format's own before Atom's, and both before Dublin Core's.
const PUBLISHED = [
  ...'pubdate published atom:published issued atom:issued dcterms:issued dc:date dcterms:date date'.split(' '),
  ...'created atom:created dcterms:created dcterms:available prism:publicationdate'.split(' '),
]
const UPDATED = 'updated atom:updated modified atom:modified dcterms:modified lastbuilddate dc:date dcterms:date'.split(
  ' ',
)
const ITEM_FIELDS = [
  ...'guid id atom:id dc:identifier dcterms:identifier'.split(' '),
  ...'title atom:title dc:title dcterms:title media:title itunes:title link atom:link feedburner:origlink pheedo:origlink'.split(
    ' ',
  ),
  ...'description summary atom:summary abstract dc:description dcterms:description dcterms:abstract'.split(' '),
  ...'itunes:summary itunes:subtitle media:description googleplay:description'.split(' '),
  ...'content:encoded encoded fullitem xhtml:body xhtml:div body content atom:content yandex:full-text turbo:content'.split(
    ' ',
  ),
  ...'author atom:author dc:creator dcterms:creator creator dc:author itunes:author googleplay:author source dc:language dcterms:language language'.split(
    ' ',
  ),
  ...'category atom:category dc:subject dcterms:subject media:category itunes:category'.split(' '),
  ...'itunes:keywords media:keywords keywords tags'.split(' '),
  ...'enclosure enc:enclosure media:content media:group name'.split(' '),
  ...PUBLISHED,
  ...UPDATED,
]

/** What stands within other fields. */
const INNER_FIELDS = 'name atom:name email atom:email uri atom:uri url hour day'.split(' ')

/** The shortest names are for what most items have. */
const COMMON = [
  ...'title link guid id description summary content content:encoded pubdate published updated category author name'.split(
    ' ',
  ),
  ...'dc:creator dc:date dc:subject enclosure media:content'.split(' '),
]

/** The names as they are written, in lower case, to "a", "b", … "a1", "b1", …; rss-parser knows none of these itself. */
const SHORT = new Map(
  [...new Set([...COMMON, ...FEED_FIELDS, ...ITEM_FIELDS, ...INNER_FIELDS])].map((name, index) => [
    name,
    letterOf(index),
  ]),
)
const NAMES = new Map([...SHORT].map(([name, short]) => [short, name]))

function letterOf(index: number): string {
  return `${String.fromCharCode(97 + (index % 26))}${Math.floor(index / 26) || ''}`
}

/** How documents are read in which the same names occur. */
interface Reader {
  read: (skimmed: Skimmed) => Promise<unknown>
  lists: Lists
}

/** rss-parser looks for every field in every item, and so do we: each kind of document has a reader that knows its own only. */
const readers = new Map<string, Reader>()
const MAX_READERS = 100

function readerOf(names: Set<string>): Reader {
  const key = [...names].sort().join(' ')
  const known = readers.get(key)
  if (known) return known
  const reader = { read: createParser(names), lists: occurring(names) }
  if (readers.size >= MAX_READERS) readers.clear()
  readers.set(key, reader)
  return reader
}

function createParser(names: Set<string>): Reader['read'] {
  const asItIs = (text: string) => text
  // Of the document that is being read.
  let takeBack = asItIs
  const keepThese = (fields: string[]) => fields.flatMap((name) => keep(SHORT.get(name), names))
  // Strict: a failed document leaves it whole. A loose one (`strict: false`) hangs for ever after one.
  const parser = new Parser({
    // Documents without a version, or with one of their own.
    defaultRSS: 2,
    xml2js: {
      attrNameProcessors: [(name: string) => name.toLowerCase()],
      valueProcessors: [(text: string) => takeBack(text)],
      // Objects throughout: it would take the `link` of an empty entry for String.prototype.link, and throw.
      explicitCharkey: true,
      emptyTag: () => ({}),
    },
    customFields: {
      // Its types forget that fields of the feed take the same triples (rss-parser, lib/utils.js, copyFromXML).
      feed: [ATTRIBUTES, ...keepThese(FEED_FIELDS)] as unknown as string[],
      item: [ATTRIBUTES, ...keepThese(ITEM_FIELDS)],
    },
  })
  return (skimmed) => {
    takeBack = skimmed.takeBack
    const output = parser.parseString(skimmed.xml)
    // Its promise is new, but the reading is done: the next document comes later, and this one's texts can go.
    takeBack = asItIs
    return output
  }
}

/** All occurrences of a field, with their attributes, where there are any. */
function keep(short: string | undefined, names: Set<string>): [string, string, { keepArray: true }][] {
  return short !== undefined && names.has(short) ? [[short, short, { keepArray: true }]] : []
}
const ATTRIBUTES: [string, string, { keepArray: true }] = ['$', '$', { keepArray: true }]

// ---- Its output, checked ----

/** An element as xml2js gives it: text ("_"), attributes ("$"), and children by name, each a list. */
type Element = Record<string, unknown>

function elementOf(value: unknown): Element {
  return isRecord(value) ? value : {}
}

/** The children of an element, by their names as they are read here. A crowd of one name is an attack or a mistake. */
type Fields = ReadonlyMap<string, readonly Element[]>

/** An item has few of all the fields there are: to ask a map for one that is not there costs least. */
function fieldsOf(element: Element): Map<string, readonly Element[]> {
  const fields = new Map<string, readonly Element[]>()
  for (const key in element) {
    const name = NAMES.get(key)
    const children = element[key]
    if (name === undefined || !Array.isArray(children)) continue
    // Most stand once, and are what they should be.
    const isAsItShould = children.length <= MAX_REPEATS && children.every(isRecord)
    fields.set(name, isAsItShould ? children : children.slice(0, MAX_REPEATS).map(elementOf))
  }
  return fields
}

function one(fields: Fields, name: string): readonly Element[] {
  return fields.get(name) ?? NONE
}

/** What these say, in the order of the names, without what is blank. */
function textsOf(fields: Fields, names: readonly string[]): string[] {
  const texts: string[] = []
  for (const name of names) {
    for (const element of one(fields, name)) {
      const text = textOf(element) || leavesOf(element)[0]
      if (text) texts.push(text)
    }
  }
  return texts
}

/** All of these names, in the order of the names. */
function all(fields: Fields, names: readonly string[]): readonly Element[] {
  let found: readonly Element[] = NONE
  for (const name of names) {
    const elements = fields.get(name)
    if (elements) found = found === NONE ? elements : [...found, ...elements]
  }
  return found
}

function within(element: Element, names: readonly string[]): readonly Element[] {
  return all(fieldsOf(element), names)
}

const NONE: readonly Element[] = []
const MAX_REPEATS = 500

function textOf(element: Element): string {
  const text = typeof element._ === 'string' ? element._.trim() : ''
  if (!text.endsWith(']]>')) return text
  // The end of a section that stands twice, or one whose beginning is misspelt.
  const inner = text.startsWith('<') ? text : text.replace(HALF_BEGINNING, '')
  return inner !== text || !text.includes('[') ? inner.slice(0, -3).trim() : text
}

/** What the elements within it say that hold no others; those nobody asked for are gone. */
function leavesOf(element: Element, depth = 0): string[] {
  const text = textOf(element)
  if (text !== '') return [text]
  const children = Object.values(element).filter((value) => Array.isArray(value))
  return depth === MAX_NESTED
    ? []
    : children.flatMap((list) =>
        list.slice(0, MAX_REPEATS).flatMap((child: unknown) => leavesOf(elementOf(child), depth + 1)),
      )
}

const MAX_NESTED = 3

/** xml2js makes them an object that inherits nothing. */
function attribute(element: Element, name: string): string | undefined {
  const value = isRecord(element.$) ? element.$[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** RDF's attributes and those of its files, with whatever prefix the document gave them, or none. */
function resourceOf(element: Element, name: 'about' | 'resource' | 'type' | 'length'): string | undefined {
  const usual = attribute(element, `rdf:${name}`) ?? attribute(element, name)
  if (usual !== undefined || !isRecord(element.$)) return usual
  const written = Object.keys(element.$).find((key) => key.endsWith(`:${name}`))
  return written === undefined ? undefined : attribute(element, written)
}

function basesOf(element: Element): string[] {
  return said(attribute(element, 'xml:base'))
}

/** CDF has an attribute of its own. */
function channelBases(feed: Element): string[] {
  return [...basesOf(feed), ...said(attribute(feed, 'base'))]
}

function said(text: string | null | undefined): string[] {
  return text === null || text === undefined || text.trim() === '' ? [] : [text]
}

/** `flatMap`, which takes its time for none or one; those are most. */
function each<T>(elements: readonly Element[], read: (element: Element) => T[]): T[] {
  const [first] = elements
  if (first === undefined) return []
  return elements.length === 1 ? read(first) : elements.flatMap(read)
}

/** Likewise of lists, most of which are empty. */
function joined<T>(lists: T[][]): T[] {
  let found: T[] | undefined
  for (const list of lists) if (list.length > 0) found = found === undefined ? list : found.concat(list)
  return found ?? []
}

// ---- Items ----

/** What says the same, the best first. */
const LISTS = {
  links: 'link atom:link'.split(' '),
  origins: 'feedburner:origlink pheedo:origlink'.split(' '),
  otherTitles: 'atom:title dc:title dcterms:title'.split(' '),
  bodies: 'content:encoded encoded fullitem xhtml:body xhtml:div body'.split(' '),
  contents: 'content atom:content'.split(' '),
  fullTexts: 'yandex:full-text turbo:content'.split(' '),
  summaries: 'summary atom:summary'.split(' '),
  ids: 'guid id atom:id'.split(' '),
  atomIds: 'id guid'.split(' '),
  lastIds: 'dc:identifier dcterms:identifier'.split(' '),
  languages: 'dc:language dcterms:language language'.split(' '),
  published: PUBLISHED,
  updated: UPDATED,
  // Some tools lose prefixes.
  authors: 'author atom:author dc:creator dcterms:creator creator dc:author itunes:author googleplay:author'.split(' '),
  enclosures: 'enclosure enc:enclosure'.split(' '),
  categories: 'category atom:category dc:subject dcterms:subject'.split(' '),
  shortTexts: 'abstract dc:description dcterms:description dcterms:abstract itunes:summary'.split(' '),
  lastTexts: 'itunes:subtitle googleplay:description'.split(' '),
}

type Lists = typeof LISTS

/** The lists without what does not occur: every item is asked for them. */
function occurring(names: Set<string>): Lists {
  const isThere = (name: string) => names.has(SHORT.get(name) ?? '')
  // The same keys.
  return Object.fromEntries(Object.entries(LISTS).map(([list, all]) => [list, all.filter(isThere)])) as Lists
}

/** What is the same for all items of a document. */
interface Format {
  isAtom: boolean
  lists: Lists
  /** Plain fields that hold others in it. */
  torn: string[]
}

function readItem(element: Element, { isAtom, lists, torn }: Format): RawItem {
  const own = fieldsOfItem(element, torn)
  const groups = one(own, 'media:group').map(fieldsOf)
  // What a group says is said of the item; what one of its pictures is called is not.
  const inMedia = (name: string) =>
    groups.length === 0 ? one(own, name) : one(own, name).concat(groups.flatMap((group) => one(group, name)))
  const about = resourceOf(element, 'about')
  const links = all(own, lists.links)
  const contents = all(own, lists.contents)
  const enclosures = each(all(own, lists.enclosures), readEnclosure)
  const content =
    readText(all(own, lists.bodies), 'html') ??
    readText(contents, 'content') ??
    readText(all(own, lists.fullTexts), 'unsaid')
  const description = readText(one(own, 'description'), 'unsaid')
  const short = readText(all(own, lists.summaries), isAtom ? 'summary' : 'unsaid')
  // Beside a content the description is the shorter text, except where the format has another element for that.
  const isLong = !content || isAtom

  return {
    id:
      firstOf(all(own, isAtom ? lists.atomIds : lists.ids), addressOf) ??
      about ??
      firstOf(all(own, lists.lastIds)) ??
      fileId(enclosures, links),
    links: joined([
      each(all(own, lists.origins), readOriginal),
      each(links, readLink),
      permalinks(own, about),
      hrefOf(element),
      each(contents, (source) => (isPage(source) ? readSource(source) : [])),
    ]),
    title:
      readText(one(own, 'title'), isAtom ? 'title' : 'unsaid') ??
      readText([...all(own, lists.otherTitles), ...inMedia('media:title'), ...one(own, 'itunes:title')], 'unsaid'),
    // Beside a summary, the description is the whole text.
    content: content ?? (short && description),
    summary:
      (isLong ? (short ?? description) : (description ?? short)) ??
      readText(
        [...all(own, lists.shortTexts), ...inMedia('media:description'), ...all(own, lists.lastTexts)],
        'unsaid',
      ),
    published: textsOf(own, lists.published),
    // CDF says it in an attribute.
    updated: joined([textsOf(own, lists.updated), said(attribute(element, 'lastmod'))]),
    authors: readAuthors(own, lists.authors, isAtom),
    categories: readCategories(own, lists.categories, inMedia),
    enclosures: joined([
      enclosures,
      each(links, (link) => (relOf(link) === 'enclosure' ? readEnclosure(link) : [])),
      each(contents, (source) => (isPage(source) ? [] : readSource(source).map(fileOf))),
      each(inMedia('media:content'), readMedia),
    ]),
    language: firstOf(all(own, lists.languages)) ?? attribute(element, 'xml:lang') ?? null,
    bases: basesOf(element),
  }
}

/** An episode is known by its file where nothing else tells it (Apple's podcasts have no guid for such). */
function fileId([file]: RawEnclosure[], links: readonly Element[]): string | null {
  return file !== undefined && links.length === 0 ? file.url.trim() : null
}

/**
 * `<link>…<guid>…</guid></link>`: an end tag that stands too late. Of plain fields none holds another: where the item has
 * no such field of its own, it is meant.
 */
function fieldsOfItem(element: Element, torn: string[]): Fields {
  const own = fieldsOf(element)
  for (const name of torn) {
    for (const field of one(own, name)) {
      for (const [inner, elements] of fieldsOf(field)) if (!own.has(inner)) own.set(inner, elements)
    }
  }
  return own
}

const PLAIN = 'link guid id pubdate published updated category dc:creator dc:date dc:subject'.split(' ')

/** Whose rules a text has: Atom's titles, summaries and contents; articles, which are HTML; all others say nothing. */
type Field = 'title' | 'summary' | 'content' | 'html' | 'unsaid'

/** The first that says something; of contents the first that is HTML, since they may be alternatives (Atom 0.3, 3.1). */
function readText(elements: readonly Element[], field: Field): RawText | null {
  let first: RawText | null = null
  for (const element of elements) {
    // CDF's first form has an attribute for it.
    const value = unwrap(textOf(element) || (attribute(element, 'value')?.trim() ?? ''))
    if (value === '') continue
    // "text/html; charset=utf-8"
    const type = attribute(element, 'type')?.replace(PARAMETERS, '').trim().toLowerCase()
    const mode = attribute(element, 'mode')?.trim().toLowerCase()
    // Atom 1.0: what is neither text nor XML is base64 (RFC 4287, 4.1.3.3), in titles of some, too; 0.3 says so.
    const isBinary = !mode && type !== undefined && BINARY.test(type) && isBase64(value)
    const text = mode === 'base64' || isBinary ? decodeBase64(value, type) : { value, kind: kindOf(type, mode, field) }
    if (!text?.kind) continue
    const read = { value: text.value, kind: text.kind, bases: basesOf(element) }
    if (field !== 'content' || text.kind === 'html') return read
    first ??= read
  }
  return first
}

const PARAMETERS = /;.*$/s
const BINARY = /^application\/(?!.*(?:xml|html))/
const BASE64 = /^[A-Za-z\d+/]+={0,2}$/

/** In one line or several; words look alike, but stand side by side. */
function isBase64(text: string): boolean {
  const signs = text.replace(/\s*\n\s*/g, '')
  return signs.length % 4 === 0 && BASE64.test(signs)
}

/** Sections that were escaped or put into a section once more; the one around a field misspelt; and an end of one that stands twice. */
function unwrap(text: string): string {
  // Behind a tag they are HTML's: they keep code from being markup, or show it.
  const first = text.indexOf('<')
  const isIn = first !== -1 && text.startsWith(SECTION, first)
  // What takes "<!" and ">" for a tag leaves "[CDATA[" and "]]".
  const isLeft = text.startsWith('[CDATA[') && text.endsWith(']]')
  if (!isIn && first !== 0 && !isLeft && !text.endsWith(']]>')) return text
  const whole = isIn ? withoutSections(text) : text
  const inner = whole.replace(HALF_BEGINNING, '')
  return inner !== whole || inner.endsWith(']]>') ? inner.replace(/\]\]>?$/, '').trim() : inner
}

const HALF_BEGINNING = /^(?:<\s*!*\s*|!*)\[CDATA\s*\[?/

function withoutSections(text: string): string {
  const pieces: string[] = []
  let at = 0
  for (let start = text.indexOf(SECTION); start !== -1; start = text.indexOf(SECTION, at)) {
    const end = text.indexOf(']]>', start)
    if (end === -1) break
    pieces.push(text.slice(at, start), text.slice(start + SECTION.length, end))
    at = end + 3
  }
  return pieces.join('') + text.slice(at)
}

/** Null for what is no text: a picture, an archive. */
function kindOf(type: string | undefined, mode: string | undefined, field: Field): RawText['kind'] | null {
  if (field === 'html' || isHtml(type)) return 'html'
  if (field === 'unsaid') return 'unsaid'
  // A title without a type is text (RFC 4287, 3.1.1). So is a content, but there many write HTML all the same.
  if (!type) return field === 'title' && mode !== 'escaped' ? 'text' : 'unsaid'
  if (type === 'text' || type.startsWith('text/')) return 'text'
  // Markup in it was lifted to type="html": what still says XHTML holds none, or some escaped it.
  if (type === 'xhtml') return 'unsaid'
  return field === 'content' && type.includes('/') ? null : 'unsaid'
}

function isHtml(type: string | undefined): boolean {
  return type === 'html' || type === 'text/html' || (type?.startsWith('application/') === true && type.includes('html'))
}

function decodeBase64(text: string, type: string | undefined): Pick<RawText, 'value' | 'kind'> | null {
  const value = Buffer.from(text, 'base64').toString('utf8')
  if (value === '') return null
  if (isHtml(type)) return { value, kind: 'html' }
  if (!type || type.startsWith('text/')) return { value, kind: 'text' }
  // "application/octet-stream" tells nothing of what is inside.
  return NO_TEXT.test(value) ? null : { value, kind: 'unsaid' }
}

const NO_TEXT = /[\0\ufffd]/

function firstOf(elements: readonly Element[], read = textOf): string | null {
  for (const element of elements) {
    const text = read(element)
    if (text !== '') return text
  }
  return null
}

function readPace(feed: Fields): RawPace {
  const texts = (name: string, inner: string) =>
    one(feed, name).flatMap((list) => one(fieldsOf(list), inner).slice(0, MAX_SKIPS).map(textOf))
  return {
    ttl: firstOf(one(feed, 'ttl')),
    updatePeriod: firstOf(one(feed, 'sy:updateperiod')),
    updateFrequency: firstOf(one(feed, 'sy:updatefrequency')),
    skipHours: texts('skiphours', 'hour'),
    skipDays: texts('skipdays', 'day'),
  }
}

const MAX_SKIPS = 24

/** RSS writes the address as text, Atom into `href`. */
function readLink(link: Element): RawLink[] {
  const href = attribute(link, 'href') ?? resourceOf(link, 'resource') ?? addressOf(link)
  if (href === '') return []
  return [{ href, rel: relOf(link), type: attribute(link, 'type') ?? null, bases: basesOf(link) }]
}

/** What it says; where a filter for pages made a link of an address (`<a href="…">…</a>`), that address. */
function addressOf(element: Element): string {
  const text = textOf(element)
  if (!text.startsWith('<') || !hasHtmlTag(text)) return text
  return decodeReferences(
    ANCHOR.exec(text)?.[2] ?? LAST_ADDRESS.exec(text)?.[1] ?? FIRST_TEXT.exec(text)?.[1] ?? '',
  ).trim()
}

const ANCHOR = /^<a\s(?:[^<>]*?\s)?href\s*=\s*(["'])([^"'<>]+)\1/i
/** Behind a program's warning, which is markup. */
const LAST_ADDRESS = />\s*(https?:\/\/[^\s<>]+)$/
const FIRST_TEXT = /^(?:<[^<>]*>|\s)*([^<]*)/

/** A content that lies elsewhere (RFC 4287, 4.1.3.2). */
function readSource(content: Element): RawLink[] {
  const type = attribute(content, 'type') ?? null
  return said(attribute(content, 'src')).map((href) => ({ href, rel: 'content', type, bases: basesOf(content) }))
}

function isPage(content: Element): boolean {
  return /html/i.test(attribute(content, 'type') ?? 'html')
}

function fileOf({ href, type, bases }: RawLink): RawEnclosure {
  return { url: href, type, length: null, bases }
}

/** The registered relations may be written as addresses (RFC 4287, 4.2.7.2). */
function relOf(link: Element): string {
  const rel = attribute(link, 'rel')?.trim().toLowerCase() || 'alternate'
  // HTML has several: "alternate bookmark".
  if (/^alternate (?!stylesheet)/.test(rel)) return 'alternate'
  return rel.startsWith('http') ? rel.replace(IANA, '') : rel
}

const IANA = /^https?:\/\/www\.iana\.org\/assignments\/(?:relation|link-relations)\//

/** FeedBurner's links, and Pheedo's, lead through them; they say themselves where to. */
function readOriginal(link: Element): RawLink[] {
  return said(textOf(link)).map((href) => alternate(href))
}

function hrefOf(element: Element): RawLink[] {
  return said(attribute(element, 'href')).map((href) => alternate(href))
}

/** A guid is an address unless it says that it is not (RSS 2.0), and rdf:about is one. */
function permalinks(item: Fields, about: string | undefined): RawLink[] {
  const found: RawLink[] = []
  for (const guid of one(item, 'guid')) {
    const [text, said] = [addressOf(guid), attribute(guid, 'ispermalink')?.trim().toLowerCase()]
    // A relative one only where it says so itself: "abc" is most often no address.
    const isLink = said === 'true' || (WEB.test(text) && !NO.has(said ?? ''))
    if (isLink) found.push(alternate(text, basesOf(guid)))
  }
  if (about !== undefined && WEB.test(about)) found.push(alternate(about))
  return found
}

const NO = new Set(['false', 'no', '0'])
const WEB = /^https?:\/\//i

function alternate(href: string, bases: string[] = []): RawLink {
  return { href, rel: 'alternate', type: null, bases }
}

/**
 * The first field that names somebody; a bare mail address only where nobody says a name. An entry that was taken over
 * from another feed has the authors of that one (RFC 4287, 4.2.1).
 */
function readAuthors(item: Fields, names: readonly string[], isAtom: boolean): string[] {
  let mails: string[] = []
  // The name alone is that of a person whose start tag was lost.
  for (const name of isAtom ? [...names, 'name'] : names) {
    const found = each(one(item, name), authorOf)
    if (found.some((author) => !BARE_MAIL.test(author))) return found
    if (mails.length === 0) mails = found
  }
  const isTakenOver = isAtom && mails.length === 0
  return isTakenOver ? one(item, 'source').flatMap((feed) => within(feed, ['author']).flatMap(authorOf)) : mails
}

const BARE_MAIL = /^\s*(?:mailto:)?[^\s@()<>]+@[^\s@()<>]+\s*$/i

/** Atom's person, or what RSS writes as text. */
function authorOf(author: Element): string[] {
  const inner = within(author, PERSON)
  // `<author>Jane<email>…</email></author>`
  const isNamed = inner.length > 0 && textOf(author) !== '' && within(author, NAMES_OF_PERSONS).length === 0
  const name = inner.length > 0 && !isNamed ? each(inner, (field) => leavesOf(field))[0] : undefined
  const other = name ?? (textOf(author) || firstOf(within(author, ['uri', 'atom:uri', 'url'])))
  return other ? [other] : leavesOf(author)
}

const NAMES_OF_PERSONS = 'name atom:name'.split(' ')
const PERSON = [...NAMES_OF_PERSONS, 'email', 'atom:email']

/** Loose keywords are many and cheap: only where there is nothing else. */
function readCategories(
  item: Fields,
  names: readonly string[],
  inMedia: (name: string) => readonly Element[],
): string[] {
  const categories = joined([
    each(all(item, names), readCategory),
    each(inMedia('media:category'), readCategory),
    each(one(item, 'itunes:category'), readNested),
    each(one(item, 'itunes:keywords'), readList),
    each(one(item, 'tags'), readList),
  ])
  return categories.length > 0
    ? categories
    : joined([each(inMedia('media:keywords'), readList), each(one(item, 'keywords'), readList)])
}

function readList(list: Element): string[] {
  return said(textOf(list)).flatMap((text) => text.split(','))
}

function readCategory(category: Element): string[] {
  const name =
    attribute(category, 'term') ||
    textOf(category) ||
    attribute(category, 'label') ||
    attribute(category, 'text') ||
    resourceOf(category, 'resource')
  return name ? said(name) : leavesOf(category)
}

/** iTunes has one within another. */
function readNested(category: Element): string[] {
  return [category, ...one(fieldsOf(category), 'itunes:category')].flatMap(readCategory)
}

function readEnclosure(enclosure: Element): RawEnclosure[] {
  const url =
    attribute(enclosure, 'url') ??
    attribute(enclosure, 'href') ??
    attribute(enclosure, 'uri') ??
    resourceOf(enclosure, 'resource')
  const [type, length] = [resourceOf(enclosure, 'type') ?? null, resourceOf(enclosure, 'length') ?? null]
  const inner = () => textOf(enclosure) || firstOf(within(enclosure, ['url']))
  return said(url ?? inner()).map((said) => ({ url: said, type, length, bases: basesOf(enclosure) }))
}

function readMedia(media: Element): RawEnclosure[] {
  const [type, length] = [attribute(media, 'type') ?? null, attribute(media, 'filesize') ?? null]
  return said(attribute(media, 'url')).map((url) => ({ url, type, length, bases: basesOf(media) }))
}
