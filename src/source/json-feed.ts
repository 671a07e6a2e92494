import type { RawDocument, RawEnclosure, RawItem, RawLink, RawText } from './raw.ts'

/** What a JSON Feed 1.0 or 1.1 says; every field may be of the wrong type. `no_feed` is JSON of another kind. */
export function readJsonFeed(text: string, maxItems: number): RawDocument | 'no_feed' | 'no_json' {
  const feed = parseJson(text)
  if (feed === undefined) return 'no_json'
  if (!isRecord(feed) || !Array.isArray(feed.items)) return 'no_feed'
  const version = textOf(feed.version)
  // Some leave the version out; a list of items with a title or a home page is a feed all the same.
  const isBare = version === null || /^\d(?:\.\d)?$/.test(version)
  const isNamed = isBare ? isText(feed.title) || isText(feed.home_page_url) : version.includes('jsonfeed.org')
  if (!isNamed) return 'no_feed'

  const number = /(?:^|version\/)(\d(?:\.\d)?)/.exec(version ?? '')?.[1] ?? '1.1'
  return {
    format: `JSON Feed ${number === '1' ? '1.0' : number}`,
    title: plain(feed.title),
    links: linksOf(feed.home_page_url),
    bases: [],
    language: textOf(feed.language),
    authors: authorsOf(feed),
    items: feed.items.slice(0, maxItems).flatMap((item) => (isRecord(item) ? [readItem(item)] : [])),
  }
}

type Json = Record<string, unknown>

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readItem(item: Json): RawItem {
  const html = textOf(item.content_html)
  return {
    id: idOf(item.id),
    links: [...linksOf(item.url), ...linksOf(item.external_url)],
    title: plain(item.title),
    content: html === null ? plain(item.content_text) : { value: html, kind: 'html', bases: [] },
    summary: plain(item.summary),
    published: textsOf(item.date_published),
    updated: textsOf(item.date_modified),
    authors: authorsOf(item),
    categories: Array.isArray(item.tags) ? item.tags.flatMap(textsOf) : [],
    enclosures: Array.isArray(item.attachments) ? item.attachments.flatMap(readAttachment) : [],
    language: textOf(item.language),
    bases: [],
  }
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function textOf(value: unknown): string | null {
  return isText(value) && value.trim() !== '' ? value : null
}

function textsOf(value: unknown): string[] {
  const text = textOf(value)
  return text === null ? [] : [text]
}

/** A number where a string should be is still a name (JSON Feed 1.1: "coerce"). */
function idOf(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : textOf(value)
}

function plain(value: unknown): RawText | null {
  const text = textOf(value)
  return text === null ? null : { value: text, kind: 'text', bases: [] }
}

function linksOf(value: unknown): RawLink[] {
  return textsOf(value).map((href) => ({ href, rel: 'alternate', type: null, bases: [] }))
}

/** 1.1 has a list, 1.0 had one. */
function authorsOf(holder: Json): string[] {
  const authors = Array.isArray(holder.authors) && holder.authors.length > 0 ? holder.authors : [holder.author]
  return authors.flatMap((author) => (isRecord(author) ? textsOf(author.name) : textsOf(author)))
}

function readAttachment(value: unknown): RawEnclosure[] {
  if (!isRecord(value)) return []
  const length = typeof value.size_in_bytes === 'number' ? String(value.size_in_bytes) : null
  return textsOf(value.url).map((url) => ({ url, type: textOf(value.mime_type), length }))
}
