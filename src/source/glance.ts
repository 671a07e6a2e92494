/**
 * What can be told of a document that a source's last one is known of, before anything in it is read: two linear passes
 * over its text, without a parser. Cheap and harmless enough for the thread that everything else waits for.
 */
import type { KnownSlices, ReadDocument, Slices } from '../model.ts'
import { decodeUtf8 } from './charset/utf8.ts'
import { headOf, type Surroundings, takePrints } from './fingerprint.ts'
import { cutOut, mayBeJson, ROOT } from './unwrap.ts'

export type Glance =
  /** All its items are known, and no others, under the same head. */
  { kind: 'as_before'; read: ReadDocument } | NewItems

/** Some of its items are known; the others stand in `around`, and nothing else of the document has to be read. */
export interface NewItems {
  kind: 'new_items'
  around: Surroundings
  slices: Pick<Slices, 'head' | 'prints' | 'skipped'>
}

/**
 * What a feed shows beside what is known. Null where that cannot be told at a glance, and it must be read whole: nothing
 * of it is known, it cannot be cut apart, it is no XML, or in no charset that every document of its kind is in.
 */
export function glance({ bytes, url }: { bytes: Uint8Array; url: string }, known: KnownSlices): Glance | null {
  const text = decodeUtf8(bytes)
  if (text === null || !beginsAsFeed(text)) return null
  const cut = cutOut(text)
  if (cut.kind === 'no_feed') return null
  const around = { document: cut.document, charset: 'utf-8', url }
  const prints = takePrints(cut.document)
  return prints && compare(around, prints, known, bytes)
}

/** Where a root must be looked for, each tag costs more; and what was a feed once is seldom a page or JSON now. */
function beginsAsFeed(text: string): boolean {
  const start = text.slice(0, 2_000)
  return (
    // Behind anything else it may be a string, or in chunks; and encoded for mail all the same.
    /^\s*<(?:[?!]|rss|feed|rdf)/i.test(start) &&
    !start.includes('=3D') &&
    ROOT.test(start) &&
    !/<(?:!doctype\s+)?html/i.test(start) &&
    !mayBeJson(text)
  )
}

/** What is new among slices with these prints; null where none of them is known. `bytes`: the document, should it have to be read whole after all. */
export function compare(around: Surroundings, prints: string[], known: KnownSlices, bytes: Uint8Array): Glance | null {
  const before = new Set(known.prints)
  const skipped: number[] = []
  for (const [index, print] of prints.entries()) if (before.has(print)) skipped.push(index)
  if (skipped.length === 0) return null

  const { document } = around
  const head = headOf(around)
  if (skipped.length === prints.length && new Set(prints).size === before.size && head === known.head) {
    const slices = { context: known.context, head, prints, skipped, bytes }
    const silent = { title: null, link: null, language: null, items: [], truncated: false }
    return { kind: 'as_before', read: { kind: 'read', format: document.format, ...silent, slices, asBefore: true } }
  }
  const items = document.items.filter((_, index) => !before.has(prints[index] ?? ''))
  return {
    kind: 'new_items',
    around: { ...around, document: { ...document, items } },
    slices: { head, prints, skipped },
  }
}
