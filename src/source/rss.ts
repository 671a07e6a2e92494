import Parser from 'rss-parser'
import type { CutDocument } from './cut.ts'
import type { RawDocument, RawEnclosure, RawItem, RawLink, RawText } from './raw.ts'
import { decodeReferences } from './references.ts'

/** What the root element says of itself, which rss-parser does not tell. */
export type Root = Pick<CutDocument, 'kind' | 'format' | 'base' | 'language'>

/**
 * Maps mended XML (RSS 0.9x, 1.0, 2.0, Atom 0.3, 1.0) with rss-parser. Rejects what is not well-formed; the next
 * document is not touched by it.
 */
export async function readXml(xml: string, root: Root): Promise<RawDocument> {
  const aside = setAside(xml)
  const output: unknown = await parser.parseString(aside.xml)
  if (aside.texts.length > 0) putBack(output, aside.texts)
  const feed = elementOf(output)
  const isAtom = root.kind === 'atom'
  const items = Array.isArray(feed.items) ? feed.items : []

  return {
    format: root.format,
    title: readText(all(feed, 'title'), isAtom) ?? readText(all(feed, 'dc:title'), false),
    links: [...all(feed, 'link', 'atom:link').flatMap(readLink), ...said(attribute(feed, 'href')).map(alternate)],
    // On Atom's feed element and the root are one.
    bases: isAtom ? said(root.base) : [...said(root.base), ...basesOf(feed)],
    language: firstOf(all(feed, 'language', 'dc:language')) ?? attribute(feed, 'xml:lang') ?? root.language,
    authors: isAtom ? all(feed, 'author').flatMap(authorOf) : [],
    items: items.map((item: unknown) => readItem(elementOf(item), isAtom)),
  }
}

// ---- rss-parser ----

/** What documents are built of; everything else gets a prefix of ours. */
const STRUCTURE = new Set(['rss', 'rdf:RDF', 'channel', 'item', 'feed', 'entry'])

/**
 * rss-parser cuts a snippet of every description with regexes that are quadratic in it, throws on a date it cannot
 * read and on a link without attributes, and breaks on an element named "_". It never meets one of these names.
 */
function rename(name: string): string {
  return STRUCTURE.has(name) ? name : `x:${name.toLowerCase()}`
}

const FEED_FIELDS = 'title dc:title link atom:link language dc:language author'.split(' ')

// The best first.
const PUBLISHED = 'pubdate published atom:published issued dcterms:issued dc:date date created dcterms:created'.split(
  ' ',
)
const UPDATED = 'updated atom:updated modified dcterms:modified'.split(' ')
const ITEM_FIELDS = [
  ...'guid id title dc:title media:title itunes:title link atom:link feedburner:origlink'.split(' '),
  ...'description summary atom:summary abstract dc:description itunes:summary media:description'.split(' '),
  ...'content:encoded fullitem xhtml:body xhtml:div body content atom:content'.split(' '),
  ...'author atom:author dc:creator dc:author itunes:author dc:language language'.split(' '),
  ...'category dc:subject media:category itunes:category itunes:keywords media:keywords keywords'.split(' '),
  ...'enclosure enc:enclosure media:content media:group'.split(' '),
  ...PUBLISHED,
  ...UPDATED,
]

/** All occurrences of a field, with their attributes. */
function keep(name: string): [string, string, { keepArray: true }] {
  return [`x:${name}`, `x:${name}`, { keepArray: true }]
}
const ATTRIBUTES: [string, string, { keepArray: true }] = ['$', '$', { keepArray: true }]

// One strict parser for all: a failed document leaves it whole. A loose one (`strict: false`) hangs for ever after one.
const parser = new Parser({
  // Documents without a version, or with one of their own.
  defaultRSS: 2,
  xml2js: {
    tagNameProcessors: [rename],
    attrNameProcessors: [(name: string) => name.toLowerCase()],
    // Objects throughout: it would take the `link` of an empty entry for String.prototype.link, and throw.
    explicitCharkey: true,
    emptyTag: () => ({}),
  },
  customFields: {
    // Its types forget that fields of the feed take the same triples (rss-parser, lib/utils.js, copyFromXML).
    feed: [ATTRIBUTES, ...FEED_FIELDS.map(keep)] as unknown as string[],
    item: [ATTRIBUTES, ...ITEM_FIELDS.map(keep)],
  },
})

// ---- Long texts go round it ----

/**
 * Mended XML with a sign in place of each long text: sax takes every character in its hand, and every reference twice,
 * and the bodies are most of a feed. Nothing is set aside where the document uses the sign itself.
 */
function setAside(xml: string): { xml: string; texts: string[] } {
  const texts: string[] = []
  if (xml.includes(SIGN)) return { xml, texts }
  const pieces: string[] = []
  let copied = 0
  const take = (from: number, to: number, text: string) => {
    pieces.push(xml.slice(copied, from), SIGN, String(texts.length), SIGN)
    texts.push(text)
    copied = to
  }

  // The mender leaves tags without a ">" in their values, texts, and sections: nothing else begins with "<".
  for (let lt = xml.indexOf('<'); lt !== -1; ) {
    const isSection = xml.startsWith(CDATA, lt)
    const end = isSection ? xml.indexOf(']]>', lt) + 3 : xml.indexOf('>', lt) + 1
    // What is not well-formed is for the reader to refuse.
    if (end <= lt) break
    if (isSection && end - lt > LONG) take(lt, end, xml.slice(lt + CDATA.length, end - 3))
    lt = xml.indexOf('<', end)
    if (lt - end > LONG) take(end, lt, decodeReferences(xml.slice(end, lt)))
  }
  pieces.push(xml.slice(copied))
  return { xml: texts.length === 0 ? xml : pieces.join(''), texts }
}

const LONG = 100

/** In the whole of an output, in place. It is no deeper than the mender leaves XML. */
function putBack(output: unknown, texts: string[]): void {
  if (Array.isArray(output)) {
    for (const element of output) putBack(element, texts)
    return
  }
  if (!isRecord(output)) return
  for (const name in output) {
    const value = output[name]
    // Attributes are never set aside.
    if (name === '$') continue
    if (typeof value === 'object') putBack(value, texts)
    else if (name === '_' && typeof value === 'string' && value.includes(SIGN)) {
      output[name] = value.replace(SIGNS, (_, index: string) => texts[Number(index)] ?? '')
    }
  }
}

const CDATA = '<![CDATA['
// Of the private use area.
const SIGN = '\ue0c5'
const SIGNS = new RegExp(`${SIGN}(\\d+)${SIGN}`, 'g')

// ---- Its output, checked ----

/** An element as xml2js gives it: text ("_"), attributes ("$"), and children by name, each a list. */
type Element = Record<string, unknown>

function elementOf(value: unknown): Element {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The children of these names, in the order of the names. A crowd of one name is an attack or a mistake. */
function all(parent: Element, ...names: string[]): readonly Element[] {
  let found: Element[] | null = null
  for (const name of names) {
    const children = parent[RENAMED.get(name) ?? rename(name)]
    if (!Array.isArray(children)) continue
    found ??= []
    for (const child of children.length > MAX_REPEATS ? children.slice(0, MAX_REPEATS) : children) {
      found.push(elementOf(child))
    }
  }
  // An item has few of all the fields there are.
  return found ?? NONE
}

const NONE: readonly Element[] = []

const MAX_REPEATS = 500
const RENAMED = new Map([...FEED_FIELDS, ...ITEM_FIELDS, 'name', 'email'].map((name) => [name, rename(name)]))

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

function said(text: string | null | undefined): string[] {
  return text === null || text === undefined || text.trim() === '' ? [] : [text]
}

// ---- Items ----

function readItem(item: Element, isAtom: boolean): RawItem {
  const groups = all(item, 'media:group')
  const media = [...all(item, 'media:content'), ...groups.flatMap((group) => all(group, 'media:content'))]
  const inMedia = (name: string) => [...all(item, name), ...groups.concat(media).flatMap((outer) => all(outer, name))]
  const about = resourceOf(item, 'about')
  const links = all(item, 'link', 'atom:link')

  return {
    id: firstOf(all(item, 'guid', 'id')) ?? about ?? null,
    links: [
      ...originalLinks(item),
      ...links.flatMap(readLink),
      ...permalinks(item, about),
      ...said(attribute(item, 'href')).map(alternate),
    ],
    title:
      readText(all(item, 'title'), isAtom) ??
      readText([...all(item, 'dc:title'), ...inMedia('media:title'), ...all(item, 'itunes:title')], false),
    content:
      readText(all(item, 'content:encoded', 'fullitem', 'xhtml:body', 'xhtml:div', 'body'), false) ??
      readText(all(item, 'content', 'atom:content'), true),
    summary:
      readText(all(item, 'description'), false) ??
      readText(all(item, 'summary', 'atom:summary'), isAtom) ??
      readText([...all(item, 'abstract', 'dc:description', 'itunes:summary'), ...inMedia('media:description')], false),
    published: all(item, ...PUBLISHED).flatMap((date) => said(textOf(date))),
    // CDF says it in an attribute.
    updated: [...all(item, ...UPDATED).map(textOf), attribute(item, 'lastmod')].flatMap(said),
    authors: readAuthors(item),
    categories: readCategories(item),
    enclosures: [
      ...all(item, 'enclosure', 'enc:enclosure').flatMap(readEnclosure),
      ...links.filter((link) => attribute(link, 'rel')?.endsWith('enclosure')).flatMap(readEnclosure),
      ...media.flatMap(readMedia),
    ],
    language: firstOf(all(item, 'dc:language', 'language')) ?? attribute(item, 'xml:lang') ?? null,
    bases: basesOf(item),
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
  return { value, kind: type === 'text/html' || type === 'application/xhtml+xml' ? 'html' : 'text' }
}

function firstOf(elements: readonly Element[]): string | null {
  for (const element of elements) {
    const text = textOf(element)
    if (text !== '') return text
  }
  return null
}

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
function originalLinks(item: Element): RawLink[] {
  return all(item, 'feedburner:origlink').flatMap((link) => said(textOf(link)).map(alternate))
}

/** A guid is an address unless it says that it is not (RSS 2.0), and rdf:about is one. */
function permalinks(item: Element, about: string | undefined): RawLink[] {
  const found: string[] = []
  for (const guid of all(item, 'guid')) {
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
function readAuthors(item: Element): string[] {
  let mails: string[] = []
  for (const name of ['author', 'atom:author', 'dc:creator', 'dc:author', 'itunes:author']) {
    const found = all(item, name).flatMap(authorOf)
    if (found.some((author) => !BARE_MAIL.test(author))) return found
    if (mails.length === 0) mails = found
  }
  return mails
}

const BARE_MAIL = /^\s*(?:mailto:)?[^\s@()<>]+@[^\s@()<>]+\s*$/i

/** Atom's person, or what RSS writes as text. */
function authorOf(author: Element): string[] {
  return said(
    firstOf(all(author, 'name')) ?? firstOf(all(author, 'atom:name', 'email', 'atom:email')) ?? textOf(author),
  )
}

function readCategories(item: Element): string[] {
  const lists = all(item, 'itunes:keywords', 'media:keywords', 'keywords')
  return [
    ...all(item, 'category', 'dc:subject', 'media:category').flatMap(readCategory),
    ...all(item, 'itunes:category').flatMap(readCategory),
    ...lists.flatMap((list) => textOf(list).split(',')),
  ]
}

function readCategory(category: Element): string[] {
  const [text, label] = [textOf(category), attribute(category, 'label')]
  // iTunes has them in an attribute, and one within another.
  const inner = all(category, 'itunes:category').flatMap((deeper) => said(attribute(deeper, 'text')))
  const own =
    attribute(category, 'term') || text || label || attribute(category, 'text') || resourceOf(category, 'resource')
  return [...said(own), ...inner]
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
