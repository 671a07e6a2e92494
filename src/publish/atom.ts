import { createHash } from 'node:crypto'
import { Feed, type Item as FeedItem } from 'feed'
import type { Item } from '../model.ts'
import { webAddress } from './address.ts'
import { sourceTitle } from './related.ts'
import { createSafeHtmlCache, type SafeHtml, type SafeHtmlCache, textAsHtml } from './safe-html.ts'
import { excerpt, itemTitle } from './title.ts'
import { cleanLine, cleanXml, escapeXml, validLanguage } from './xml.ts'

interface AtomOptions {
  /** A URN that never changes. */
  id: string
  title: string
  /** Where this document lives. Absolute. */
  selfUrl: string
  /** The page for people. Absolute. */
  siteUrl: string
  /** The document that goes on where this one ends; null at the end. */
  nextUrl: string | null
  /** So that HTML is sanitized once per revision, not once per document. */
  safeHtml?: SafeHtmlCache
  /** Told of each item that could not be rendered and is missing from the document. */
  onSkipped?: (item: Item, error: unknown) => void
}

// A document a reader can still hold; items beyond it come with an excerpt instead of their content, and without the
// others of their stories.
const MAX_CONTENT_CHARS = 8_000_000

/**
 * The items as one Atom document (RFC 4287), in the order given. Valid for any stored text, and the same bytes for the
 * same items: nothing in it comes from the clock.
 */
export function renderAtom(items: Item[], options: AtomOptions): string {
  const entries = entriesOf(items, options)
  const updatedAt = Math.max(0, ...entries.map(({ item }) => itemUpdatedAt(item)))
  const feed = new Feed({
    id: options.id,
    title: plain(options.title),
    link: options.siteUrl,
    feed: options.selfUrl,
    updated: new Date(updatedAt),
    generator: 'Crier',
    copyright: SLOT,
  })
  for (const { entry } of entries) feed.addItem(entry)
  return fillSlots(feed.atom1(), entries, options)
}

/**
 * The name of an item for all time, a URN made of what is fixed when it is stored: neither its source's address nor our
 * own is in it, both of which may move. `urn:uuid` because it is registered and needs no domain of ours, as `tag:` would;
 * version 8 of RFC 9562, whose bits are up to us: a SHA-256 of place and arrival. Two installations could give one place
 * to two items (whole seconds of a first backlog), hardly with the same millisecond of arrival.
 */
export function itemUrn(item: Pick<Item, 'place' | 'firstSeenAt'>): string {
  return nameUrn(`item ${item.place} ${item.firstSeenAt}`)
}

/** A `urn:uuid` (RFC 9562, version 8) for a name. */
export function nameUrn(name: string): string {
  const hex = createHash('sha256').update(`crier ${name}`).digest('hex')
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** When an item last changed, as far as can be believed: a source's dates in the future of its arrival are its arrival. */
export function itemUpdatedAt(item: Pick<Item, 'revisedAt' | 'updatedAt' | 'publishedAt' | 'firstSeenAt'>): number {
  return item.revisedAt ?? believable(item.updatedAt ?? item.publishedAt, item.firstSeenAt) ?? item.firstSeenAt
}

function believable(at: number | null, firstSeenAt: number): number | null {
  // The first moment of 1970 is none that was said. RFC 3339 has years of four digits only.
  if (at === null || at === 0 || !(at >= Date.UTC(1000, 0))) return null
  return Math.min(at, firstSeenAt)
}

interface Entry {
  item: Item
  entry: FeedItem
  /** What `feed` cannot say, as XML. */
  extras: string
}

// What `feed` cannot say is filled in afterwards, at slots marked by a character that XML forbids: cleaning has taken it
// out of every text, so nothing foreign can forge a slot, and unlike a random mark it leaves the function pure.
const SLOT = '\u0001'

// `feed` insists on a link; this one is taken out again.
const NO_ADDRESS = 'https://no-address.invalid/'

function entriesOf(items: Item[], options: AtomOptions): Entry[] {
  const cache = options.safeHtml ?? createSafeHtmlCache(items.length)
  let charsLeft = MAX_CONTENT_CHARS
  const entries: Entry[] = []
  for (const item of items) {
    try {
      const entry = entryOf(item, charsLeft > 0 ? cache : null)
      const extras = extrasOf(charsLeft > 0 ? item : { ...item, related: [] })
      charsLeft -= (entry.content?.length ?? 0) + (entry.description?.length ?? 0) + extras.length
      entries.push({ item, entry, extras })
    } catch (error) {
      options.onSkipped?.(item, error)
    }
  }
  return entries
}

function entryOf(item: Item, cache: SafeHtmlCache | null): FeedItem {
  const publishedAt = believable(item.publishedAt, item.firstSeenAt)
  const authors = item.authors.map(cleanLine).filter((name) => name !== '')
  return {
    // Type "html" is what `feed` writes, so a plain title is escaped to be it.
    title: SLOT + escapeXml(itemTitle(item)),
    id: itemUrn(item),
    link: webAddress(item.url) ?? NO_ADDRESS,
    date: new Date(itemUpdatedAt(item)),
    ...(publishedAt === null ? {} : { published: new Date(publishedAt) }),
    // RFC 4287, 4.2.1: an entry has an author; the source is one where nobody is named.
    author: (authors.length > 0 ? authors : [sourceTitle(item)]).map((name) => ({ name: plain(name) })),
    ...bodyOf(item, cache),
    copyright: SLOT,
  }
}

/** Content always: RFC 4287, 4.1.2 demands it of an entry without an address, and readers show it first. */
function bodyOf(item: Item, cache: SafeHtmlCache | null): { content: SafeHtml; description?: SafeHtml } {
  const summary = item.summary && cache?.get(item, 'summary', item.summary)
  const content = item.content && cache?.get(item, 'content', item.content)
  if (content && summary && content !== summary) return { content, description: summary }
  return { content: content || summary || textAsHtml(excerpt(item.text, 2_000) || itemTitle(item)) }
}

function extrasOf(item: Item): string {
  const lines: string[] = []
  for (const category of new Set(item.categories.map(cleanLine))) {
    if (category !== '') lines.push(`<category term="${escapeXml(category)}"/>`)
  }
  for (const { url, type, length } of item.enclosures) {
    const address = webAddress(url)
    if (address === null) continue
    const typed = type !== null && MEDIA_TYPE.test(type) ? ` type="${escapeXml(type)}"` : ''
    const sized = length !== null && Number.isSafeInteger(length) && length >= 0 ? ` length="${length}"` : ''
    lines.push(`<link rel="enclosure" href="${escapeXml(address)}"${typed}${sized}/>`)
  }
  return [...lines, ...relatedOf(item), ...sourceOf(item)].map((line) => `\n        ${line}`).join('')
}

// RFC 6838, 4.2, with parameters.
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;.*)?$/

/**
 * Others of its story (RFC 4287, 4.2.7.2: "related"), each address once, the earliest ones. Nothing else of an entry moves
 * when one joins.
 */
function relatedOf(item: Item): string[] {
  const known = new Set([webAddress(item.url)])
  const lines: string[] = []
  for (const other of item.related) {
    if (lines.length === MOST_RELATED) break
    const address = webAddress(other.url)
    if (address === null || known.has(address)) continue
    known.add(address)
    const parts = [sourceTitle(other), other.title].map((text) => excerpt(text, LONGEST_LINK_PART))
    const title = parts.filter((part) => part !== '').join(': ')
    lines.push(`<link rel="related" href="${escapeXml(address)}" title="${escapeXml(title)}"/>`)
  }
  return lines
}

/** Readers show them in a row, where they show them at all. */
const MOST_RELATED = 10
const LONGEST_LINK_PART = 150

/** RFC 4287, 4.2.11. The source's own id is its address: what it called itself is not kept. */
function sourceOf(item: Item): string[] {
  const address = webAddress(item.source.url)
  if (address === null) return []
  const site = webAddress(item.source.siteUrl)
  return [
    '<source>',
    `    <id>${escapeXml(address)}</id>`,
    `    <title>${escapeXml(sourceTitle(item))}</title>`,
    `    <updated>${new Date(itemUpdatedAt(item)).toISOString()}</updated>`,
    ...(site === null ? [] : [`    <link rel="alternate" href="${escapeXml(site)}"/>`]),
    `    <link rel="self" href="${escapeXml(address)}"/>`,
    '</source>',
  ]
}

/** Plain text for an element that `feed` escapes, but whose "&amp;" it would take for an escaped "&" already. */
function plain(text: string): string {
  return cleanXml(text).replaceAll('&', '&amp;')
}

/**
 * Cuts at the slots: the feed's `rights`, then of each entry the beginning of its title and its `rights`. All that is
 * changed lies directly before or after a slot, never inside foreign text.
 */
function fillSlots(xml: string, entries: Entry[], options: AtomOptions): string {
  const pieces = xml.split(SLOT)
  const next = options.nextUrl === null ? '' : `<link rel="next" href="${escapeXml(options.nextUrl)}"/>`
  let filled = replaceLast(pieces[0] ?? '', RIGHTS_OPEN, next)
  for (const [index, { item, extras }] of entries.entries()) {
    const untilTitle = (pieces[2 * index + 1] ?? '').slice(RIGHTS_CLOSE.length)
    filled += replaceLast(untilTitle, '<entry>', `<entry${languageOf(item)}>`)
    const untilRights = pieces[2 * index + 2] ?? ''
    const linked = webAddress(item.url) === null ? untilRights.replace(NO_ADDRESS_LINK, '') : untilRights
    filled += replaceLast(linked, RIGHTS_OPEN, extras.trimStart())
  }
  return `${filled}${(pieces.at(-1) ?? '').slice(RIGHTS_CLOSE.length)}\n`
}

const RIGHTS_OPEN = '<rights>'
const RIGHTS_CLOSE = '</rights>'
const NO_ADDRESS_LINK = /\n *<link href="https:\/\/no-address\.invalid\/"\/>/

function languageOf(item: Item): string {
  const language = validLanguage(item.language)
  return language === null ? '' : ` xml:lang="${language}"`
}

function replaceLast(text: string, what: string, by: string): string {
  const at = text.lastIndexOf(what)
  return at === -1 ? text : text.slice(0, at) + by + text.slice(at + what.length)
}
