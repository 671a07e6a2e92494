import type { Enclosure, ReadDocument, ReadItem } from '../model.ts'
import { tokenStream } from '../text.ts'
import { parseDate } from './dates.ts'
import { readHints } from './hints.ts'
import { absolutizeLinks } from './html-links.ts'
import { looksLikeHtml } from './html-look.ts'
import { collapse, cutText, htmlToText } from './html-text.ts'
import { itemKeys } from './identity.ts'
import { languageOfScript, languageTag } from './language.ts'
import type { RawDocument, RawItem, RawLink, RawText } from './raw.ts'
import { escapeXml } from './references.ts'
import { resolveUrl } from './url.ts'

/** What it costs to know an item again and to match it: its plain text, tokens and keys. `parse` for strangers does without. */
export interface Purpose {
  forMatching: boolean
}

/**
 * Makes the house's items of what a document says: titles plain, addresses absolute (against xml:base, else the site's
 * address, else the document's), dates in milliseconds, everything within its limits. Items that say nothing at all are left out.
 */
export function normalize(raw: RawDocument, documentUrl: string, purpose: Purpose): Omit<ReadDocument, 'truncated'> {
  // "#x" is the document itself: that says nothing.
  const bases = raw.bases.filter((base) => !/^\s*#/.test(base))
  const outer = foldBases(bases, documentUrl)
  const link = pickLink(raw.links, outer)
  // What feed readers do: RSS has no base of its own, and its relative addresses are meant to be the site's.
  const base = bases.length > 0 && outer !== '' ? outer : (link ?? documentUrl)
  const language = languageTag(raw.language)

  return {
    kind: 'read',
    format: raw.format,
    title: plainTitle(raw.title) || null,
    link,
    language,
    hints: readHints(raw.links, raw.pace, ({ href, bases }) => resolveUrl(href, foldBases(bases, outer))),
    items: raw.items
      .map((item) => normalizeItem(item, { base, language, authors: raw.authors }, purpose))
      .filter((item) => item !== null),
  }
}

const MAX_TITLE_CHARS = 1_000
export const MAX_TEXT_CHARS = 256 * 1_024
export const MAX_HTML_CHARS = 1_024 * 1_024
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
  const content = toHtml(raw.content, base)
  const summary = toHtml(raw.summary, base)
  const title = plainTitle(raw.title)
  const id = raw.id === null ? null : cutText(raw.id.trim(), MAX_ID_CHARS)
  const url = pickLink(raw.links, base)

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
    authors: cleanNames(raw.authors.length > 0 ? raw.authors : context.authors, personName),
    categories: cleanNames(raw.categories),
    enclosures: normalizeEnclosures(raw, base),
    language: languageTag(raw.language) ?? context.language,
    text,
    tokens: NO_TOKENS,
    keys: NO_KEYS,
  }
  if (saysNothing(read, raw) && !raw.holdsSomething) return null
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

const NO_TOKENS = { title: '', text: '' }
const NO_KEYS = { id: null, url: null, content: '' }

// ---- Addresses ----

function foldBases(bases: string[], outer: string): string {
  return bases.reduce((base, next) => resolveUrl(next, base) ?? base, outer)
}

/** The page: what calls itself the alternate, HTML before other types; else any link that is no utility. */
function pickLink(links: RawLink[], base: string): string | null {
  const alternates = links.filter(({ rel }) => rel === 'alternate')
  const pages = alternates.filter(({ type }) => type === null || /html/i.test(type))
  const others = links.filter(({ rel }) => !UTILITIES.has(rel) && rel !== 'alternate')
  for (const link of [...pages, ...alternates, ...others]) {
    const url = resolveUrl(link.href, foldBases(link.bases, base))
    if (url !== null) return url
  }
  return null
}

const UTILITIES = new Set([
  ...'self edit edit-media enclosure hub next prev previous prev-archive next-archive current first last replies related via license search'.split(
    ' ',
  ),
  ...'icon payment service.post service.edit service.feed wfw:commentrss'.split(' '),
  ...'http://schemas.google.com/g/2005#post http://schemas.google.com/g/2005#feed'.split(' '),
])

function normalizeEnclosures(raw: RawItem, base: string): Enclosure[] {
  const byUrl = new Map<string, Enclosure>()
  for (const { url, type, length } of raw.enclosures.slice(0, MAX_LIST)) {
    const absolute = resolveUrl(url, base)
    if (absolute === null || byUrl.has(absolute)) continue
    const bytes = /^\s*\d{1,15}\s*$/.test(length ?? '') ? Number(length) : null
    byUrl.set(absolute, { url: absolute, type: type?.trim().slice(0, MAX_NAME_CHARS) || null, length: bytes })
  }
  return [...byUrl.values()]
}

// ---- Texts ----

function plainTitle(raw: RawText | null): string {
  if (raw === null) return ''
  return isHtml(raw) ? htmlToText(raw.value, MAX_TITLE_CHARS) : collapse(raw.value, MAX_TITLE_CHARS)
}

function toHtml(raw: RawText | null, base: string): string | null {
  if (raw === null) return null
  const value = cutHtml(raw.value.trim())
  return isHtml(raw) ? absolutizeLinks(value, foldBases(raw.bases, base)) : escapeXml(value).replaceAll('&quot;', '"')
}

/** Where the format does not say, a known tag or a reference does: "Array<T>" and "a < b" are text. */
function isHtml({ value, kind }: RawText): boolean {
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
 * but an address is called by it.
 */
function personName(text: string): string {
  if (!/@|:\/\//.test(text)) return text
  const rest = collapse(text.replace(ADDRESS, ' '), MAX_NAME_CHARS)
  // "mailto:jane@example.com?subject=Hello"
  const alone = () => /(?:mailto:)?([^\s()[\]<>?]+@[^\s()[\]<>?]+)/i.exec(text)?.[1] ?? text
  return rest.replace(/^\((.*)\)$|^\[(.*)\]$|^<(.*)>$|^"(.*)"$/, '$1$2$3$4').trim() || alone()
}

const ADDRESS =
  /[([<]?\s?(?:(?:mailto:)?[^\s@()[\]<>]{1,100}@[^\s@()[\]<>]{1,200}|https?:\/\/[^\s()[\]<>]{1,300})\s?[)\]>]?/gi

function cleanNames(names: string[], mend = (name: string) => name): string[] {
  const clean = names.slice(0, MAX_LIST).map((name) => mend(plainName(name)))
  return [...new Set(clean.filter((name) => name !== ''))]
}

function plainName(name: string): string {
  return /[<&]/.test(name) && looksLikeHtml(name.slice(0, 2 * MAX_NAME_CHARS))
    ? htmlToText(name.slice(0, 2 * MAX_NAME_CHARS), MAX_NAME_CHARS)
    : collapse(name, MAX_NAME_CHARS)
}

function firstDate(written: string[]): number | null {
  for (const text of written) {
    const date = parseDate(text)
    if (date !== null) return date
  }
  return null
}
