import { hash } from 'node:crypto'
import type { CutDocument } from './markup/cut.ts'
import { prefixOf } from './markup/names.ts'
import type { RawDocument } from './raw.ts'

/** To be raised whenever the same document would be read differently: every source is then read whole once more. */
export const PARSER_VERSION = 17

/**
 * A fingerprint of each item slice (16 characters of base64), in document order. Null where items cannot be told apart
 * or read apart: a document that was cut off or could not be cut, and one whose items give prefixes a meaning of their own.
 */
export function takePrints(document: CutDocument): string[] | null {
  const { items, truncated } = document
  if (truncated || items.length === 0 || declaresPrefixes(document)) return null
  return items.map(print)
}

/** What a document's items are read against, apart from what its head says in its elements. */
export interface Surroundings {
  document: CutDocument
  charset: string
  /** The address that answered. */
  url: string
}

/**
 * One print of everything items inherit: the same slice in the same context is the same item. Not in it is what moves
 * with every build (dates, generator, self and next links, RDF's list of items, comments): a context too wide costs
 * time, one too narrow hides changes. So it is made of what the head was understood to say, not of how it looks.
 */
export function contextOf({ document, charset, url }: Surroundings, raw: RawDocument, link: string | null): string {
  // The title and the pace are no item's, and of the links only the one that was picked is a base.
  const { items: _items, title: _title, links: _links, pace: _pace, ...inherited } = raw
  const { kind, rootTag, doctype, before } = document
  const channelTag = kind === 'atom' ? null : (/<channel\b[^>]*>/i.exec(before)?.[0] ?? null)
  return print(JSON.stringify([PARSER_VERSION, charset, url, kind, rootTag, channelTag, doctype, link, inherited]))
}

/**
 * A print of everything around the items, as it is written, but for dates of the document and comments: where it is the
 * same, so is the context, and the head says of the source what it said before. The charset and the address are in it.
 */
export function headOf({ document, charset, url }: Surroundings): string {
  const { kind, doctype, before, after } = document
  return print([PARSER_VERSION, charset, url, kind, doctype ?? '', steady(before), steady(after)].join('\n'))
}

/** Without what tells only when it was made. Linear in any text. */
function steady(text: string): string {
  const kept: string[] = []
  let from = 0
  for (let start = text.indexOf('<!--'); start !== -1; start = text.indexOf('<!--', from)) {
    const end = text.indexOf('-->', start + 4)
    if (end === -1) break
    kept.push(text.slice(from, start))
    from = end + 3
  }
  kept.push(text.slice(from))
  return kept.join('').replace(BUILD_DATE, '')
}

const BUILD_DATE = /<((?:\w{1,20}:)?(?:lastBuildDate|pubDate|updated|modified|date))>[^<>]{0,100}<\/\1>/g

function print(text: string): string {
  return hash('sha256', text, 'base64').slice(0, 16)
}

/** What the first item says of a prefix, the mender takes to hold in the next: then each changes how others are read. */
function declaresPrefixes({ kind, items, before }: CutDocument): boolean {
  const inItems = items.filter((item) => item.includes('xmlns:'))
  return inItems.length > 0 && [before, ...inItems].some((text) => givesMeaning(text, kind === 'atom'))
}

function givesMeaning(text: string, inAtom: boolean): boolean {
  // A prefix has no colon: with one, "xmlns:xmlns:…" would be read from each of its colons to its end.
  for (const [, prefix, , uri = ''] of text.matchAll(/xmlns:([^\s=<>:]+)\s*=\s*(["'])([^"'<]*)/g)) {
    const usual = prefixOf(uri, inAtom)
    if (usual !== undefined && usual !== prefix) return true
  }
  return false
}
