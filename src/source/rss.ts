import Parser from 'rss-parser'
import type { CutDocument } from './cut.ts'
import type { RawDocument, RawEnclosure, RawItem, RawLink, RawPace, RawText } from './raw.ts'
import { type Skimmed, skim } from './skim.ts'

/** What the root element says of itself, which rss-parser does not tell. */
export type Root = Pick<CutDocument, 'kind' | 'format' | 'base' | 'language'>

/**
 * Maps mended XML (RSS 0.9x, 1.0, 2.0, Atom 0.3, 1.0) with rss-parser. Rejects what is not well-formed; the next
 * document is not touched by it.
 */
export async function readXml(xml: string, root: Root): Promise<RawDocument> {
  const skimmed = skim(xml, shortName)
  const output = elementOf(await readerOf(skimmed.names)(skimmed))
  const feed = fieldsOf(output)
  const isAtom = root.kind === 'atom'
  const items = Array.isArray(output.items) ? output.items : []

  return {
    format: root.format,
    title: readText(one(feed, 'title'), isAtom) ?? readText(one(feed, 'dc:title'), false),
    links: [...all(feed, ['link', 'atom:link']).flatMap(readLink), ...said(attribute(output, 'href')).map(alternate)],
    // On Atom's feed element and the root are one.
    bases: isAtom ? said(root.base) : [...said(root.base), ...channelBases(output)],
    language: firstOf(all(feed, ['language', 'dc:language'])) ?? attribute(output, 'xml:lang') ?? root.language,
    authors: isAtom ? one(feed, 'author').flatMap(authorOf) : [],
    pace: readPace(feed),
    items: items.map((item: unknown) => readItem(elementOf(item), isAtom)),
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

const FEED_FIELDS = [
  ...'title dc:title link atom:link language dc:language author'.split(' '),
  ...'ttl skiphours skipdays sy:updateperiod sy:updatefrequency'.split(' '),
]

// The best first.
const PUBLISHED = 'pubdate published atom:published issued dcterms:issued dc:date date created dcterms:created'.split(
  ' ',
)
const UPDATED = 'updated atom:updated modified dcterms:modified lastbuilddate dc:date'.split(' ')
const ITEM_FIELDS = [
  ...'guid id title dc:title media:title itunes:title link atom:link feedburner:origlink'.split(' '),
  ...'description summary atom:summary abstract dc:description itunes:summary itunes:subtitle media:description'.split(
    ' ',
  ),
  ...'content:encoded fullitem xhtml:body xhtml:div body content atom:content'.split(' '),
  ...'author atom:author dc:creator dc:author itunes:author dc:language language'.split(' '),
  ...'category atom:category dc:subject media:category itunes:category itunes:keywords media:keywords keywords'.split(
    ' ',
  ),
  ...'enclosure enc:enclosure media:content media:group'.split(' '),
  ...PUBLISHED,
  ...UPDATED,
]

/** What stands within other fields. */
const INNER_FIELDS = 'name atom:name email atom:email uri url hour day'.split(' ')

/** The names as they are written, in lower case, to "a", "b", … "a1", "b1", …; rss-parser knows none of these itself. */
const SHORT = new Map(
  [...new Set([...FEED_FIELDS, ...ITEM_FIELDS, ...INNER_FIELDS])].map((name, index) => [name, letterOf(index)]),
)
const NAMES = new Map([...SHORT].map(([name, short]) => [short, name]))

function letterOf(index: number): string {
  return `${String.fromCharCode(97 + (index % 26))}${Math.floor(index / 26) || ''}`
}

type Reader = (skimmed: Skimmed) => Promise<unknown>

/** rss-parser looks for every field in every item: each kind of document has a parser that knows its own only. */
const readers = new Map<string, Reader>()
const MAX_READERS = 100

function readerOf(names: Set<string>): Reader {
  const key = [...names].sort().join(' ')
  const known = readers.get(key)
  if (known) return known
  const reader = createReader(names)
  if (readers.size >= MAX_READERS) readers.clear()
  readers.set(key, reader)
  return reader
}

function createReader(names: Set<string>): Reader {
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
function keep(short: string | undefined, occurring: Set<string>): [string, string, { keepArray: true }][] {
  return short !== undefined && occurring.has(short) ? [[short, short, { keepArray: true }]] : []
}
const ATTRIBUTES: [string, string, { keepArray: true }] = ['$', '$', { keepArray: true }]

// ---- Its output, checked ----

/** An element as xml2js gives it: text ("_"), attributes ("$"), and children by name, each a list. */
type Element = Record<string, unknown>

function elementOf(value: unknown): Element {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The children of an element, by their names as they are read here. A crowd of one name is an attack or a mistake. */
type Fields = ReadonlyMap<string, readonly Element[]>

/** An item has few of all the fields there are: to ask a map for one that is not there costs least. */
function fieldsOf(element: Element): Fields {
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
      const text = textOf(element)
      if (text !== '') texts.push(text)
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
  return typeof element._ === 'string' ? element._.trim() : ''
}

/** Of its own attributes only: names come from the document. */
function attribute(element: Element, name: string): string | undefined {
  if (!isRecord(element.$) || !Object.hasOwn(element.$, name)) return undefined
  const value = element.$[name]
  return typeof value === 'string' ? value : undefined
}

/** RDF's attributes, with whatever prefix the document gave them. */
function resourceOf(element: Element, name: 'about' | 'resource'): string | undefined {
  const usual = attribute(element, `rdf:${name}`)
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

// ---- Items ----

// Made once: every item is asked for them.
const LINKS = 'link atom:link'.split(' ')
const BODIES = 'content:encoded fullitem xhtml:body xhtml:div body'.split(' ')
const CONTENTS = 'content atom:content'.split(' ')
const SUMMARIES = 'summary atom:summary'.split(' ')
const IDS = 'guid id'.split(' ')
const LANGUAGES = 'dc:language language'.split(' ')
const ENCLOSURES = 'enclosure enc:enclosure'.split(' ')
const CATEGORIES = 'category atom:category dc:subject media:category'.split(' ')
const KEYWORDS = 'itunes:keywords media:keywords keywords'.split(' ')
const SHORT_TEXTS = 'abstract dc:description itunes:summary'.split(' ')

function readItem(element: Element, isAtom: boolean): RawItem {
  const item = fieldsOf(element)
  const groups = one(item, 'media:group')
  const media = one(item, 'media:content').concat(groups.flatMap((group) => one(fieldsOf(group), 'media:content')))
  const outer = groups.concat(media)
  const inMedia = (name: string) => one(item, name).concat(outer.flatMap((element) => one(fieldsOf(element), name)))
  const about = resourceOf(element, 'about')
  const links = all(item, LINKS)
  const content = readText(all(item, BODIES), false) ?? readText(all(item, CONTENTS), true)
  const description = readText(one(item, 'description'), false)
  const short = readText(all(item, SUMMARIES), isAtom)

  return {
    id: firstOf(all(item, IDS)) ?? about ?? null,
    links: originalLinks(item).concat(
      links.flatMap(readLink),
      permalinks(item, about),
      said(attribute(element, 'href')).map(alternate),
    ),
    title:
      readText(one(item, 'title'), isAtom) ??
      readText([...one(item, 'dc:title'), ...inMedia('media:title'), ...one(item, 'itunes:title')], false),
    // Beside a summary, the description is the whole text.
    content: content ?? (short && description),
    summary:
      (content ? (description ?? short) : (short ?? description)) ??
      readText([...all(item, SHORT_TEXTS), ...inMedia('media:description'), ...one(item, 'itunes:subtitle')], false),
    published: textsOf(item, PUBLISHED),
    // CDF says it in an attribute.
    updated: textsOf(item, UPDATED).concat(said(attribute(element, 'lastmod'))),
    authors: readAuthors(item),
    categories: readCategories(item),
    enclosures: all(item, ENCLOSURES)
      .flatMap(readEnclosure)
      .concat(
        links.filter((link) => attribute(link, 'rel')?.endsWith('enclosure')).flatMap(readEnclosure),
        media.flatMap(readMedia),
      ),
    language: firstOf(all(item, LANGUAGES)) ?? attribute(element, 'xml:lang') ?? null,
    bases: basesOf(element),
  }
}

/** The first that says something. `typed`: Atom's rule, where text is plain unless its type says HTML. */
function readText(elements: readonly Element[], typed: boolean): RawText | null {
  for (const element of elements) {
    const value = textOf(element)
    if (value === '') continue
    const bases = basesOf(element)
    const type = attribute(element, 'type')?.toLowerCase().trim()
    const mode = attribute(element, 'mode')
    if (mode === 'base64') return { ...decodeBase64(value, type), bases }
    // Atom 1.0: what is neither text nor XML is base64 (RFC 4287, 4.1.3.3).
    const isBinary = typed && type !== undefined && BINARY.test(type)
    if (isBinary && BASE64.test(value)) return { ...decodeBase64(value, type), bases }
    const kind = kindOf(type, mode, typed)
    if (kind !== null) return { value, kind, bases }
  }
  return null
}

const BINARY = /^application\/(?!.*xml)/
const BASE64 = /^[A-Za-z\d+/=\s]+$/

/** Null for what is no text: a picture, an archive. */
function kindOf(type: string | undefined, mode: string | undefined, typed: boolean): RawText['kind'] | null {
  if (type === 'html' || type === 'text/html' || type === 'application/xhtml+xml') return 'html'
  if (!typed) return 'unsaid'
  if (type === undefined) return mode === 'escaped' ? 'unsaid' : 'text'
  // Markup in it was lifted to type="html": what still says XHTML holds none.
  return type === 'text' || type === 'xhtml' || type.startsWith('text/') ? 'text' : null
}

/** Atom 0.3, mode="base64". */
function decodeBase64(text: string, type: string | undefined): Pick<RawText, 'value' | 'kind'> {
  const value = Buffer.from(text, 'base64').toString('utf8')
  if (type === 'text/html' || type === 'application/xhtml+xml') return { value, kind: 'html' }
  // "application/octet-stream" tells nothing of what is inside.
  return { value, kind: type?.startsWith('application/') ? 'unsaid' : 'text' }
}

function firstOf(elements: readonly Element[]): string | null {
  for (const element of elements) {
    const text = textOf(element)
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
  const href = attribute(link, 'href') ?? resourceOf(link, 'resource') ?? textOf(link)
  if (href === '') return []
  const rel = attribute(link, 'rel')?.trim().toLowerCase() || 'alternate'
  // The registered relations may be written as addresses (RFC 4287, 4.2.7.2).
  const short = rel.replace('http://www.iana.org/assignments/relation/', '')
  return [{ href, rel: short, type: attribute(link, 'type') ?? null, bases: basesOf(link) }]
}

/** FeedBurner's links lead through FeedBurner; it says itself where to. */
function originalLinks(item: Fields): RawLink[] {
  return one(item, 'feedburner:origlink').flatMap((link) => said(textOf(link)).map(alternate))
}

/** A guid is an address unless it says that it is not (RSS 2.0), and rdf:about is one. */
function permalinks(item: Fields, about: string | undefined): RawLink[] {
  const found: string[] = []
  for (const guid of one(item, 'guid')) {
    const [text, said] = [textOf(guid), attribute(guid, 'ispermalink')?.trim().toLowerCase()]
    // A relative one only where it says so itself: "abc" is most often no address.
    if (said !== 'false' && (said === 'true' || WEB.test(text))) found.push(text)
  }
  if (about !== undefined && WEB.test(about)) found.push(about)
  return found.map(alternate)
}

const WEB = /^https?:\/\//i

function alternate(href: string): RawLink {
  return { href, rel: 'alternate', type: null, bases: [] }
}

/** The first field that names somebody; a bare mail address only where nobody says a name. */
function readAuthors(item: Fields): string[] {
  let mails: string[] = []
  for (const name of AUTHORS) {
    const found = one(item, name).flatMap(authorOf)
    if (found.some((author) => !BARE_MAIL.test(author))) return found
    if (mails.length === 0) mails = found
  }
  return mails
}

const AUTHORS = ['author', 'atom:author', 'dc:creator', 'dc:author', 'itunes:author']
const BARE_MAIL = /^\s*(?:mailto:)?[^\s@()<>]+@[^\s@()<>]+\s*$/i

/** Atom's person, or what RSS writes as text. */
function authorOf(author: Element): string[] {
  return said(
    firstOf(within(author, ['name', 'atom:name', 'email', 'atom:email'])) ??
      (textOf(author) || firstOf(within(author, ['uri', 'url']))),
  )
}

function readCategories(item: Fields): string[] {
  const lists = all(item, KEYWORDS)
  return all(item, CATEGORIES)
    .flatMap(readCategory)
    .concat(
      one(item, 'itunes:category').flatMap(readNested),
      lists.flatMap((list) => textOf(list).split(',')),
    )
}

function readCategory(category: Element): string[] {
  return said(
    attribute(category, 'term') ||
      textOf(category) ||
      attribute(category, 'label') ||
      attribute(category, 'text') ||
      resourceOf(category, 'resource'),
  )
}

/** iTunes has one within another. */
function readNested(category: Element): string[] {
  return [category, ...one(fieldsOf(category), 'itunes:category')].flatMap(readCategory)
}

function readEnclosure(enclosure: Element): RawEnclosure[] {
  const url = attribute(enclosure, 'url') ?? attribute(enclosure, 'href') ?? resourceOf(enclosure, 'resource')
  const type = attribute(enclosure, 'type') ?? attribute(enclosure, 'enc:type') ?? null
  const length = attribute(enclosure, 'length') ?? attribute(enclosure, 'enc:length') ?? null
  return said(url ?? textOf(enclosure)).map((said) => ({ url: said, type, length }))
}

function readMedia(media: Element): RawEnclosure[] {
  const [type, length] = [attribute(media, 'type') ?? null, attribute(media, 'filesize') ?? null]
  return said(attribute(media, 'url')).map((url) => ({ url, type, length }))
}
