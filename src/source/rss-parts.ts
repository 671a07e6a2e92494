import { hasHtmlTag } from './markup/html-look.ts'
import { decodeReferences } from './markup/references.ts'
import { NOTHING, type RawEnclosure, type RawLink } from './raw.ts'
import {
  all,
  attribute,
  basesOf,
  type Element,
  each,
  type Fields,
  fieldsOf,
  firstOf,
  joined,
  leavesOf,
  one,
  resourceOf,
  said,
  textOf,
  within,
} from './rss-elements.ts'

// What an item has several of: links, authors, categories, enclosures.

/** RSS writes the address as text, Atom into `href`. */
export function readLink(link: Element): RawLink[] {
  const href = attribute(link, 'href') ?? resourceOf(link, 'resource') ?? addressOf(link)
  if (href === '') return []
  return [{ href, rel: relOf(link), type: attribute(link, 'type') ?? null, bases: basesOf(link) }]
}

/** What it says; where a filter for pages made a link of an address (`<a href="…">…</a>`), that address. */
export function addressOf(element: Element): string {
  const written = textOf(element)
  // `<link>>https://…`
  const text = written.startsWith('>') ? written.slice(1).trimStart() : written
  if (!text.startsWith('<') || !hasHtmlTag(text)) return text
  return decodeReferences(
    ANCHOR.exec(text)?.[2] ?? LAST_ADDRESS.exec(text)?.[1] ?? FIRST_TEXT.exec(text)?.[1] ?? '',
  ).trim()
}

/** Of an id only markup around an address is left out: what comes first in it may be the same in all items. */
export function idOf(element: Element): string {
  const [text, address] = [textOf(element), addressOf(element)]
  const isAddress = WEB.test(address) && (ONE_TEXT.test(text) || text.endsWith(address))
  return text.startsWith('<') && !isAddress ? text : address
}

const ONE_TEXT = /^(?:<[^<>]*>)*[^<]*(?:<[^<>]*>)*$/

const ANCHOR = /^<a\s(?:[^<>]*?\s)?href\s*=\s*(["'])([^"'<>]+)\1/i
/** Behind a program's warning, which is markup. */
const LAST_ADDRESS = />\s*(https?:\/\/[^\s<>]+)$/
const FIRST_TEXT = /^(?:<[^<>]*>|\s)*([^<]*)/

/** A content that lies elsewhere (RFC 4287, 4.1.3.2). */
export function readSource(content: Element): RawLink[] {
  const type = attribute(content, 'type') ?? null
  return said(attribute(content, 'src')).map((href) => ({ href, rel: 'content', type, bases: basesOf(content) }))
}

export function isPage(content: Element): boolean {
  return /html/i.test(attribute(content, 'type') ?? 'html')
}

export function fileOf({ href, type, bases }: RawLink): RawEnclosure {
  return { url: href, type, length: null, bases }
}

/** The registered relations may be written as addresses (RFC 4287, 4.2.7.2). */
export function relOf(link: Element): string {
  const rel = attribute(link, 'rel')?.trim().toLowerCase() || 'alternate'
  // HTML has several: "alternate bookmark".
  if (/^alternate (?!stylesheet)/.test(rel)) return 'alternate'
  return rel.startsWith('http') ? rel.replace(IANA, '') : rel
}

const IANA = /^https?:\/\/www\.iana\.org\/assignments\/(?:relation|link-relations)\//

/** FeedBurner's links, and Pheedo's, lead through them; they say themselves where to. */
export function readOriginal(link: Element): RawLink[] {
  return said(textOf(link)).map((href) => alternate(href))
}

export function hrefOf(element: Element): RawLink[] {
  return said(attribute(element, 'href')).map((href) => alternate(href))
}

/** A guid is an address unless it says that it is not (RSS 2.0), and rdf:about is one. */
export function permalinks(item: Fields, about: string | undefined): RawLink[] {
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
export function readAuthors(item: Fields, names: readonly string[], isAtom: boolean): string[] {
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

/** Or what Cloudflare leaves of one. */
const BARE_MAIL =
  /^\s*(?:(?:mailto:)?[^\s@()<>]+@[^\s@()<>]+|(?:<a\s[^<>]*>)?\[email(?:\s|&nbsp;|&#160;)protected\](?:<\/a>)?)\s*$/i

/** Atom's person, or what RSS writes as text. */
export function authorOf(author: Element): string[] {
  const inner = within(author, PERSON)
  // `<author>Jane<email>…</email></author>`
  const isNamed = inner.length > 0 && textOf(author) !== '' && within(author, NAMES_OF_PERSONS).length === 0
  const name = inner.length > 0 && !isNamed ? each(inner, (field) => leavesOf(field))[0] : undefined
  const other = name ?? (textOf(author) || firstOf(within(author, ['uri', 'atom:uri', 'url'])))
  return (other ? [other] : leavesOf(author)).filter((text) => !NOTHING.test(text))
}

const NAMES_OF_PERSONS = 'name atom:name'.split(' ')
const PERSON = [...NAMES_OF_PERSONS, 'email', 'atom:email']

/** Loose keywords are many and cheap: only where there is nothing else. */
export function readCategories(
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

/** Some write `<itunes:keywords text="a, b"/>`. */
function readList(list: Element): string[] {
  return said(textOf(list) || attribute(list, 'text')).flatMap((text) => text.split(','))
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

/** Some write elements for its attributes. */
export function readEnclosure(enclosure: Element): RawEnclosure[] {
  const inner = (name: string) => firstOf(within(enclosure, [name]))
  const url =
    attribute(enclosure, 'url') ??
    attribute(enclosure, 'href') ??
    attribute(enclosure, 'uri') ??
    resourceOf(enclosure, 'resource')
  const type = resourceOf(enclosure, 'type') ?? inner('type')
  const length = resourceOf(enclosure, 'length') ?? inner('length')
  return said(url ?? (textOf(enclosure) || inner('url'))).map((said) => ({
    url: said,
    type,
    length,
    bases: basesOf(enclosure),
  }))
}

export function readMedia(media: Element): RawEnclosure[] {
  const [type, length] = [attribute(media, 'type') ?? null, attribute(media, 'filesize') ?? null]
  return said(attribute(media, 'url')).map((url) => ({ url, type, length, bases: basesOf(media) }))
}
