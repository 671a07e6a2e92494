import type { Enclosure, ReadDocument, ReadItem } from '../model.ts'
import { tokenStream } from '../text/tokens.ts'
import { parseDate } from './dates.ts'
import { readHints } from './hints.ts'
import { itemKeys } from './identity.ts'
import { languageOfScript, languageTag } from './language.ts'
import { absolutizeLinks } from './markup/html-links.ts'
import { looksLikeHtml, textToHtml } from './markup/html-look.ts'
import { collapse, cutText, htmlToText } from './markup/html-text.ts'
import { decodeReferences } from './markup/references.ts'
import { NOTHING, type RawDocument, type RawEnclosure, type RawItem, type RawLink, type RawText } from './raw.ts'
import { resolveUrl, siteHost, urlAsPublished } from './url.ts'

/** What it costs to know an item again and to match it: its plain text, tokens and keys. `parse` for strangers does without. */
export interface Purpose {
  forMatching: boolean
}

/**
 * Makes the house's items of what a document says: titles plain, addresses absolute (see `baseOf`), dates in milliseconds,
 * everything within its limits. Items that say nothing at all are left out.
 */
export function normalize(raw: RawDocument, documentUrl: string, purpose: Purpose): Omit<ReadDocument, 'truncated'> {
  // "#x" is the document itself: that says nothing.
  const bases = raw.bases.filter((base) => !/^\s*#/.test(base))
  const outer = foldBases(bases, documentUrl)
  const link = pickLink(raw.links, outer)
  const base = bases.length > 0 && outer !== '' ? outer : baseOf(raw, documentUrl, link)
  const language = languageTag(raw.language)
  const context = { base, language, authors: raw.authors }

  return {
    kind: 'read',
    format: raw.format,
    title: plainTitle(raw.title) || null,
    link,
    // Strangers get it as published: others know "en-GB" by its capitals.
    language: purpose.forMatching ? language : language && (raw.language?.trim() ?? null),
    hints: readHints(raw.links, raw.pace, ({ href, bases }) => resolveUrl(href, foldBases(bases, outer))),
    items: raw.items.map((item) => normalizeItem(item, context, purpose)).filter((item) => item !== null),
  }
}

const MAX_TITLE_CHARS = 1_000
export const MAX_TEXT_CHARS = 256 * 1_024
const MAX_HTML_CHARS = 1_024 * 1_024
const MAX_ID_CHARS = 8_192
const MAX_LIST = 200
const MAX_NAME_CHARS = 500

interface Context {
  base: string
  language: string | null
  authors: string[]
}

function normalizeItem(raw: RawItem, context: Context, purpose: Purpose): ReadItem | null {
  const base = foldBases(raw.bases, context.base)
  const page = pickLink(raw.links, base)
  // A magnet link leads to a file, and to no page.
  const file = page === null ? pickFile(raw.links) : null
  const url = purpose.forMatching ? page : (page ?? file)
  const content = toHtml(raw.content, base)
  const summary = toHtml(raw.summary, base)
  const title = plainTitle(raw.title)
  const id = raw.id === null ? null : cutText(raw.id.trim(), MAX_ID_CHARS)

  const text = purpose.forMatching ? htmlToText(content ?? summary ?? '', MAX_TEXT_CHARS) : ''
  // One object, filled in: to copy it by a spread costs more than all that is in it.
  const read: ReadItem = {
    id,
    url,
    title,
    content,
    summary,
    publishedAt: firstDate(raw.published),
    updatedAt: firstDate(raw.updated),
    authors: cleanAuthors(raw.authors.length > 0 ? raw.authors : context.authors),
    categories: cleanNames(raw.categories),
    enclosures: normalizeEnclosures(file === null ? raw.enclosures : [...raw.enclosures, fileAt(file)], base),
    language: languageTag(raw.language) ?? context.language,
    text,
    tokens: NO_TOKENS,
    keys: NO_KEYS,
  }
  if (saysNothing(read, raw) && !HOLDS_ELEMENTS.test(raw.written ?? '')) return null
  if (!purpose.forMatching) return read
  read.language ??= languageOfScript(`${title} ${text.slice(0, 1_000)}`)
  read.tokens = { title: tokenStream(title), text: tokenStream(text) }
  read.keys = itemKeys(read)
  return read
}

/** What it inherits from the document does not count. */
function saysNothing(read: Omit<ReadItem, 'text' | 'tokens' | 'keys'>, raw: RawItem): boolean {
  const isNamed = read.title !== '' || read.url !== null || read.id !== null
  const isTold = read.content !== null || read.summary !== null || read.enclosures.length > 0
  const isDated = read.publishedAt !== null || read.updatedAt !== null
  return !isNamed && !isTold && !isDated && raw.authors.length === 0 && read.categories.length === 0
}

/** Be they ones that are not read. */
const HOLDS_ELEMENTS = /<[^/?!][^<]*<\w/
const NO_TOKENS = { title: '', text: '' }
const NO_KEYS = { id: null, url: null, content: '' }

// ---- Addresses ----

/**
 * Against what addresses are meant where no xml:base says it: the document (RFC 4287, 2). RSS knows no base at all, and
 * when a service publishes it for a site, they are the site's.
 */
function baseOf({ isSiteBase }: RawDocument, documentUrl: string, link: string | null): string {
  if (link === null || (documentUrl !== '' && !isSiteBase)) return documentUrl
  return siteHost(documentUrl) === siteHost(link) ? documentUrl : link
}

function foldBases(bases: string[], outer: string): string {
  return bases.reduce((base, next) => resolveUrl(next, base) ?? base, outer)
}

/** The page: what calls itself the alternate, HTML before other types; else what is the page by another word. */
function pickLink(links: RawLink[], base: string): string | null {
  const alternates = links.filter(({ rel }) => rel === 'alternate')
  const pages = alternates.filter(({ type }) => type === null || /html/i.test(type))
  const others = links.filter(({ rel }) => PAGES.has(rel))
  for (const link of [...pages, ...alternates, ...others]) {
    if (NOTHING.test(link.href)) continue
    const url = urlAsPublished(escapedOnce(asMeant(link.href)), foldBases(link.bases, base))
    if (url !== null) return url
  }
  return null
}

function pickFile(links: RawLink[]): string | null {
  const files = links.map(({ rel, href }) => (rel === 'alternate' ? otherFile(href.trim()) : null))
  return files.find((file) => file !== null) ?? null
}

function fileAt(url: string): RawEnclosure {
  return { url, type: null, length: null }
}

/** "/a?b=1&amp;c=2": no parameter is called "amp;c", but many escape an address that stands in a section, or twice. */
function escapedOnce(address: string): string {
  return address.includes('&amp;') ? address.replaceAll('&amp;', '&') : address
}

/** Without quotes around it, and with one whole scheme. */
function asMeant(written: string): string {
  const address = written.replace(QUOTED, '$2')
  if (!address.includes('://')) return address.replace(MISSPELT, '$1://').replace(BARE, 'http://')
  return address.replace(MISSPELT_SCHEME, 'http$1:').replace(DOUBLED_SCHEME, '')
}

const QUOTED = /^\s*(["'])(.*)\1\s*$/s
/** "http:/example.com/a", "http//example.com/a" and "http: //example.com/a": to the letter, pages of this host. */
const MISSPELT = /^\s*(https?)(?::\/|:\s{1,2}\/\/|\/\/)(?=[\w-]+\.)/i
/** "ttp://example.com/a", "htttp://example.com/a" */
const MISSPELT_SCHEME = /^\s*(?!https?:)h{0,2}t{1,3}p{0,2}(s?):(?=\/\/)/i
const DOUBLED_SCHEME = /^\s*https?:\/\/(?=https?:\/\/)/i
/** "www.example.com/a": likewise. */
const BARE = /^\s*(?=www\.[\w-]+\.[\w.-]+(?:\/|\s*$))/i
/** All other relations say that it is something else: the picture of who wrote it, what is answered, where to edit. */
const PAGES = new Set('canonical bookmark permalink shortlink content'.split(' '))

function normalizeEnclosures(enclosures: RawEnclosure[], base: string): Enclosure[] {
  const byUrl = new Map<string, Enclosure>()
  for (const { url: written, type, length, bases = [] } of enclosures.slice(0, MAX_LIST)) {
    if (NOTHING.test(written)) continue
    const url = escapedOnce(written)
    const absolute = urlAsPublished(url, foldBases(bases, base)) ?? otherFile(url.trim())
    if (absolute === null) continue
    const bytes = /^\s*\d{1,15}\s*$/.test(length ?? '') ? Number(length) : null
    const kind = type?.trim().slice(0, MAX_NAME_CHARS) || null
    const known = byUrl.get(absolute)
    // Of one file two elements may say different things.
    byUrl.set(absolute, { url: absolute, type: known?.type ?? kind, length: known?.length ?? bytes })
  }
  return [...byUrl.values()]
}

/** Files have other ways than the web's. */
function otherFile(url: string): string | null {
  return OTHER_FILE.test(url) ? url : null
}

const OTHER_FILE = /^(?:magnet:\?|(?:s?ftp|ftps|rtsp|rtmps?|mms|ipfs):\/\/)[^\s<>"]{1,8000}$/i

// ---- Texts ----

/** "List<T>" is no markup, whatever the title is called, and whatever reference stands beside it: nothing ends. */
function plainTitle(raw: RawText | null): string {
  if (raw === null) return ''
  const { value, kind } = raw
  if (kind === 'text') return collapse(value, MAX_TITLE_CHARS)
  const hasTags = looksLikeHtml(value.replaceAll('&', ''), IN_TITLE) || (kind === 'html' && ENDS.test(value))
  if (hasTags) return htmlToText(value, MAX_TITLE_CHARS)
  return collapse(looksLikeHtml(value, IN_TITLE) ? decodeReferences(value) : value, MAX_TITLE_CHARS)
}

const IN_TITLE = { inTitle: true }
const ENDS = /<\/|\/>/

function toHtml(raw: RawText | null, base: string): string | null {
  if (raw === null) return null
  const value = cutHtml(raw.value.trim())
  return isHtml(raw.kind, value) ? absolutizeLinks(value, foldBases(raw.bases, base)) : textToHtml(value)
}

/** Where the format does not say, the text does. */
function isHtml(kind: RawText['kind'], value: string): boolean {
  return kind === 'html' || (kind === 'unsaid' && looksLikeHtml(value))
}

/** A body of megabytes is cut before a tag; the sanitizer closes what stays open. */
export function cutHtml(html: string): string {
  if (html.length <= MAX_HTML_CHARS) return html
  const start = html.slice(0, MAX_HTML_CHARS)
  const lt = start.lastIndexOf('<')
  return lt > MAX_HTML_CHARS / 2 ? start.slice(0, lt) : cutText(html, MAX_HTML_CHARS)
}

// ---- Names and dates ----

/**
 * "mail@example.com (Jane Doe)", "Jane Doe <mail@example.com>" and "Jane Doe [https://…]" are Jane Doe; who has nothing
 * but an address is called by it. Several stand between commas or semicolons; those of one name ("Doe, Jane") part nobody.
 */
function personNames(text: string): string[] {
  const isList = (text.match(ADDRESS) ?? []).length > 1
  const people = isList ? text.split(BETWEEN_PEOPLE) : [text]
  const names = people.map((person) => unwrapName(collapse(withoutAddresses(person), MAX_NAME_CHARS), person))
  const found = names.filter((name) => name !== '')
  return found.length > 0 ? found : people.map(addressOf).filter((address) => !HIDDEN.test(address))
}

/** A handle of the fediverse, "@jane@example.com", is a name. */
function withoutAddresses(person: string): string {
  const rest = person.replace(ADDRESS, (written) => (written.startsWith('@') ? written : ' '))
  return rest === person ? person : rest.replace(/\s+(?=[,;])/g, '')
}

const MAIL = String.raw`(?:mailto:)?[^\s@()[\]<>（）,;:]{1,100}@(?:[^\s@()[\]<>（）,;]{1,200}|\[[\da-f.:]{2,45}\])`
/** "jane(at)example.com" */
const SPELT_OUT = String.raw`[\w.+-]{1,100} ?[([]at[)\]] ?[\w-]{1,100}(?:\.[\w-]{1,100}){1,5}`
/** What Cloudflare leaves of an address. */
const HIDDEN = /\[email\sprotected\]/i
const ADDRESS = new RegExp(
  String.raw`@[\w.-]{1,100}@[\w.-]{1,200}|[([<]?\s?(?:${MAIL}|${SPELT_OUT}|${HIDDEN.source}|https?://[^\s()[\]<>]{1,300})\s?[)\]>]?|\(\s?\)|<\s?>`,
  'gi',
)
const BETWEEN_PEOPLE = /(?<=[)\]>])\s*[,;]\s*|\s*[,;]\s*(?=[^\s,;]{1,100}@)/

/** Without what stood between it and its address, brackets and quotes. */
function unwrapName(rest: string, person: string): string {
  const name = rest === person ? rest : rest.replace(CRUMBS, '')
  return name
    .replace(/^\(((?:[^()]|\([^()]*\))*)\)$|^\[(.*)\]$|^<(.*)>$|^（(.*)）$/, '$1$2$3$4')
    .replace(/^"(.*)"$/, '$1')
    .trim()
}

// Never begun within a run of them: that would cost its length squared.
const CRUMBS = /^[\s,;:|/–—-]+|(?<![\s,;:|/–—-])[\s,;:|/–—-]+$|^\((?=[^)]*$)/g

/** "mailto:jane@example.com?subject=Hello" */
function addressOf(person: string): string {
  return /(?:mailto:)?([^\s()[\]<>?,;:]+@[^\s()[\]<>?,;]+)/i.exec(person)?.[1] ?? person
}

function cleanNames(names: string[]): string[] {
  if (names.length === 0) return []
  const clean: string[] = []
  for (const name of names.length > MAX_LIST ? names.slice(0, MAX_LIST) : names) {
    const plain = plainName(name)
    if (plain !== '') clean.push(plain)
  }
  return distinct(clean)
}

function cleanAuthors(names: string[]): string[] {
  const clean = cleanNames(names)
  return clean.some((name) => NEEDS_A_LOOK.test(name)) ? distinct(clean.flatMap(personNames)) : clean
}

/** An address, one that is hidden, or something around the whole or around nothing. */
const NEEDS_A_LOOK = /@|:\/\/|^[([<"]|[([]at[)\]]|\[email|\(\s?\)|<\s?>/i

function distinct(names: string[]): string[] {
  return names.length > 1 ? [...new Set(names)] : names
}

function plainName(name: string): string {
  if (!/[<&]/.test(name)) return collapse(name, MAX_NAME_CHARS)
  // A section around it that was escaped.
  const inner = name.slice(0, 2 * MAX_NAME_CHARS).replace(/^\s*<!\[CDATA\[([^<>]*)\]\]>\s*$/, '$1')
  return looksLikeHtml(inner, { inTitle: true }) ? htmlToText(inner, MAX_NAME_CHARS) : collapse(inner, MAX_NAME_CHARS)
}

function firstDate(written: string[]): number | null {
  for (const text of written) {
    const date = parseDate(text)
    if (date !== null) return date
  }
  return null
}
