import { isRecord, isTooMuch, type Json, readJsonText } from './json-text.ts'
import { dropIllegal } from './markup/references.ts'
import { isOldestFirst, MAX_ITEMS } from './oldest-first.ts'
import type { RawDocument, RawEnclosure, RawItem, RawLink, RawText } from './raw.ts'

/**
 * What a JSON Feed 1.0 or 1.1 says; every field may be of the wrong type. `no_feed` is JSON of another kind. Of one that
 * was cut off the whole items.
 */
export function readJsonFeed(
  text: string,
): { raw: RawDocument; truncated: boolean } | 'no_feed' | 'no_json' | 'too_much' {
  const json = readJsonText(text.replace(LONG_ID, '$1"$2"'))
  if (json === undefined) return isTooMuch(text) ? 'too_much' : 'no_json'
  // A string in which the document stands.
  if (isText(json.value)) return readJsonFeed(json.value)
  // Its items may stand alone.
  const value = isListOfItems(json.value) ? { items: json.value } : json.value
  const document = documentOf(value)
  const found = isRecord(document) && isFeed(document) ? document : findFeed(value)
  // None of its names may be the usual one, or only that of its items.
  const renamed = Array.isArray(found?.items) ? undefined : findFeed(usualNames(value))
  const feed = found === undefined || Array.isArray(renamed?.items) ? renamed : found
  // "{}" before an XML document is what a program printed too much.
  if (feed === undefined) return json.truncated || json.outside.includes('<') ? 'no_json' : 'no_feed'
  return { raw: readFeed(feed), truncated: json.truncated }
}

/** What is plainly a feed, or something around one (`{"data": {…}}`). */
function findFeed(value: unknown): Json | undefined {
  const inner = isRecord(value) ? Object.values(value).slice(0, MAX_WRAPPED) : []
  const found = [value, ...inner].map(documentOf)
  return found.filter(isRecord).find((one) => saysSo(one) && isFeed(one))
}

const MAX_WRAPPED = 20

/** A list of one is what stands in it; a list of items may be one that PHP spoilt, or an item. */
function documentOf(value: unknown): unknown {
  const feed = Array.isArray(value) && value.length === 1 ? value[0] : value
  if (!isRecord(feed)) return feed
  return { ...feed, items: isItem(feed.items) ? [feed.items] : elementsOf(feed.items) }
}

/** `Title` and `contentHtml`, as programs of other languages call it. */
function usualNames(value: unknown, depth = MAX_NESTED): unknown {
  if (depth === 0) return value
  if (Array.isArray(value)) return value.map((element) => usualNames(element, depth - 1))
  if (!isRecord(value)) return value
  const fields = Object.entries(value)
  return Object.fromEntries(fields.map(([name, field]) => [usualName(name), usualNames(field, depth - 1)]))
}

const MAX_NESTED = 6

function usualName(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()
}

/** Lists in a list are one; PHP writes a list with a hole in it as an object whose names are numbers; what holds nothing but objects is a list, too. */
function elementsOf(value: unknown): unknown {
  if (Array.isArray(value) && value.every((element) => Array.isArray(element))) return value.flat()
  if (!isRecord(value)) return value
  const fields = Object.entries(value)
  const isList =
    fields.length > 0 && (fields.every(([name]) => /^\d+$/.test(name)) || fields.every(([, field]) => isRecord(field)))
  return isList ? Object.values(value) : value
}

/** A number of more digits than JavaScript's numbers keep: neighbours would become one. No string holds a bare `"id":`. */
const LONG_ID = /("id"\s*:\s*)(\d{16,})(?=\s*[,}])/g

/** Some leave the version out: a list of items is a feed all the same where it has a title, or its items are items. */
function isFeed({ version, title, home_page_url: home, items }: Json): boolean {
  const said = textOf(version)?.toLowerCase() ?? null
  if (said?.includes(SITE)) return items === undefined || items === null || Array.isArray(items)
  if (!Array.isArray(items)) return false
  // Of another version are other things with items, unless these carry what only ours do.
  if (said !== null && !/^\d(?:\.\d)?$/.test(said)) return items.some(hasContent)
  const isNamed = isText(title) || isText(home)
  // Everything has ids.
  return items.length === 0 ? isNamed : (isNamed || items.every(isItem)) && items.some(isTold)
}

const SITE = 'jsonfeed.org'

/** By its version, or by what only its items carry. */
function saysSo({ version, items }: Json): boolean {
  return textOf(version)?.toLowerCase().includes(SITE) || (Array.isArray(items) && items.some(hasContent))
}

function isItem(value: unknown): boolean {
  return isRecord(value) && ['id', 'url', 'title', 'content_html', 'content_text'].some((name) => name in value)
}

function isTold(value: unknown): boolean {
  return (
    hasContent(value) || (isRecord(value) && ['url', 'external_url', 'title', 'summary'].some((name) => name in value))
  )
}

function isListOfItems(value: unknown): boolean {
  return Array.isArray(value) && value.every(isItem) && value.some(hasContent)
}

function hasContent(value: unknown): boolean {
  return isRecord(value) && ('content_html' in value || 'content_text' in value)
}

function readFeed(feed: Json): RawDocument {
  const version = textOf(feed.version)
  const items: unknown[] = Array.isArray(feed.items) ? feed.items : []
  const kept =
    items.length > MAX_ITEMS && isOldestFirst(items, dateOf) ? items.slice(-MAX_ITEMS) : items.slice(0, MAX_ITEMS)
  const number = /(?:^|version\/)(\d(?:\.\d)?)/.exec(version?.toLowerCase() ?? '')?.[1] ?? '1.1'
  return {
    format: `JSON Feed ${number === '1' ? '1.0' : number}`,
    title: plain(feed.title),
    links: [
      ...linksOf(feed.home_page_url),
      ...linksOf(feed.feed_url, 'self'),
      ...linksOf(feed.next_url, 'next'),
      ...(Array.isArray(feed.hubs) ? feed.hubs.slice(0, MAX_HUBS).flatMap(readHub) : []),
    ],
    bases: [],
    language: textOf(feed.language),
    authors: authorsOf(feed),
    pace: { ttl: null, updatePeriod: null, updateFrequency: null, skipHours: [], skipDays: [] },
    items: kept.flatMap((item) => (isRecord(item) ? [readItem(item)] : [])),
  }
}

const MAX_HUBS = 20

function dateOf(item: unknown): string | null {
  return isRecord(item) ? (textOf(item.date_published) ?? textOf(item.date_modified)) : null
}

/** Other types ("rssCloud") are no WebSub. */
function readHub(hub: unknown): RawLink[] {
  return isRecord(hub) && textOf(hub.type)?.toLowerCase() === 'websub' ? linksOf(hub.url, 'hub') : []
}

function readItem(item: Json): RawItem {
  const html = textOf(item.content_html)
  const id = idOf(item.id)
  return {
    id,
    // "Ideally, the id is the full URL of the resource" (JSON Feed 1.1).
    links: [...linksOf(item.url), ...linksOf(item.external_url), ...linksOf(WEB.test(id ?? '') ? id : null)],
    title: plain(item.title),
    content: html === null ? plain(item.content_text) : { value: html, kind: 'html', bases: [] },
    summary: plain(item.summary),
    published: namesOf(item.date_published),
    updated: namesOf(item.date_modified),
    authors: authorsOf(item),
    categories: listOf(item.tags).flatMap(namesOf),
    enclosures: listOf(item.attachments).flatMap(readAttachment),
    language: textOf(item.language),
    bases: [],
  }
}

const WEB = /^https?:\/\//i

/** One where a list should be is a list of one. */
function listOf(value: unknown): unknown[] {
  const list = elementsOf(value)
  return Array.isArray(list) ? list : [list]
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** Without what no other format could say of it: control characters, halves of characters. */
function textOf(value: unknown): string | null {
  const text = isText(value) ? dropIllegal(value) : ''
  return text.trim() === '' ? null : text
}

function textsOf(value: unknown): string[] {
  const text = textOf(value)
  return text === null ? [] : [text]
}

/** A number where a string should be is still a name (JSON Feed 1.1: "coerce"). */
function idOf(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : textOf(value)
}

/** Likewise; but false says that there is none. */
function namesOf(value: unknown): string[] {
  return typeof value === 'number' ? [String(value)] : textsOf(value)
}

function plain(value: unknown): RawText | null {
  const [text] = namesOf(value)
  return text === undefined ? null : { value: text, kind: 'text', bases: [] }
}

function linksOf(value: unknown, rel = 'alternate'): RawLink[] {
  return textsOf(value).map((href) => ({ href, rel, type: null, bases: [] }))
}

/** 1.1 has a list, 1.0 had one. */
function authorsOf(holder: Json): string[] {
  const read = (authors: unknown) =>
    listOf(authors).flatMap((author) => (isRecord(author) ? authorOf(author) : textsOf(author)))
  const authors = read(holder.authors)
  return authors.length > 0 ? authors : read(holder.author)
}

/** Who has no name may have an address. */
function authorOf({ name, url }: Json): string[] {
  const mail = /^mailto:([^?]+)/i.exec(textOf(url) ?? '')?.[1]
  return [...textsOf(name), ...textsOf(mail ?? url)].slice(0, 1)
}

function readAttachment(value: unknown): RawEnclosure[] {
  if (!isRecord(value)) return []
  const size = value.size_in_bytes
  const length = typeof size === 'number' ? String(Math.trunc(size)) : textOf(size)
  return textsOf(value.url).map((url) => ({ url, type: textOf(value.mime_type), length }))
}
