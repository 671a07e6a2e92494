import Parser from 'rss-parser'
import type { Skimmed } from './markup/skim.ts'
import { FEED_FIELDS, ITEM_FIELDS, type Lists, occurring, SHORT } from './rss-names.ts'

/** How documents are read in which the same names occur. */
interface Reader {
  read: (skimmed: Skimmed) => Promise<unknown>
  lists: Lists
}

/** rss-parser looks for every field in every item, and so do we: each kind of document has a reader that knows its own only. */
const readers = new Map<string, Reader>()
const MAX_READERS = 100

export function readerOf(names: Set<string>): Reader {
  const key = [...names].sort().join(' ')
  const known = readers.get(key)
  if (known) return known
  const reader = { read: createParser(names), lists: occurring(names) }
  if (readers.size >= MAX_READERS) readers.clear()
  readers.set(key, reader)
  return reader
}

function createParser(names: Set<string>): Reader['read'] {
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
function keep(short: string | undefined, names: Set<string>): [string, string, { keepArray: true }][] {
  return short !== undefined && names.has(short) ? [[short, short, { keepArray: true }]] : []
}
const ATTRIBUTES: [string, string, { keepArray: true }] = ['$', '$', { keepArray: true }]
