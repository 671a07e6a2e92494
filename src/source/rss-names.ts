// The names of the fields that are read, as they are written, and as rss-parser meets them.

/** What documents are built of; everything else gets a name of ours. */
const STRUCTURE = new Set(['rss', 'rdf:RDF', 'channel', 'item', 'feed', 'entry'])

/**
 * What an element that is read here is called on its way through rss-parser. That cuts a snippet of every description
 * with regexes that are quadratic in it, throws on a date it cannot read and on a link without attributes, and breaks on
 * an element named "_": it never meets one of these names. Short ones, since sax takes each character in its hand.
 */
export function shortName(name: string): string | undefined {
  const known = SHORT.get(name)
  if (known !== undefined) return known
  return STRUCTURE.has(name) ? name : SHORT.get(name.toLowerCase())
}

/** RDF may say a name by an element of its own (`<dc:creator><foaf:Person><foaf:name>`), or several in a list. */
export const NESTED =
  /<(?:(?:dc|dcterms):(?:creator|subject|date|created|issued|modified)|author|category)(?:\s[^<>]*)?>\s*<\w/

export function nameOrRdf(name: string): string | undefined {
  return shortName(name) ?? (RDF_LEAVES.has(name) ? name : undefined)
}

const RDF_LEAVES = new Set('foaf:name rdf:value rdf:li'.split(' '))

export const LANGUAGES = 'language dc:language dcterms:language'.split(' ')
export const FEED_FIELDS = [
  ...LANGUAGES,
  ...'title atom:title dc:title dcterms:title itunes:title link atom:link a author name'.split(' '),
  ...'ttl skiphours skipdays sy:updateperiod sy:updatefrequency'.split(' '),
]

/** What says the same, the best first: the format's own before Atom's, and both before Dublin Core's. */
export const LISTS = {
  links: 'link atom:link producturl'.split(' '),
  origins: 'feedburner:origlink pheedo:origlink'.split(' '),
  otherTitles: 'dc:title dcterms:title'.split(' '),
  bodies: 'content:encoded encoded content:items fullitem xhtml:body xhtml:div body'.split(' '),
  contents: 'content atom:content'.split(' '),
  fullTexts: 'yandex:full-text turbo:content prodlink'.split(' '),
  summaries: 'summary atom:summary'.split(' '),
  ids: 'guid id atom:id'.split(' '),
  atomIds: 'id guid'.split(' '),
  lastIds: 'dc:identifier dcterms:identifier'.split(' '),
  languages: 'dc:language dcterms:language language'.split(' '),
  published: [
    ...'pubdate published atom:published issued atom:issued dcterms:issued dc:date dcterms:date date'.split(' '),
    ...'created atom:created dcterms:created dcterms:available prism:publicationdate'.split(' '),
  ],
  updated: 'updated atom:updated modified atom:modified dcterms:modified lastbuilddate dc:date dcterms:date'.split(' '),
  // Some tools lose prefixes.
  authors: 'author atom:author dc:creator dcterms:creator creator dc:author itunes:author googleplay:author'.split(' '),
  enclosures: 'enclosure enc:enclosure'.split(' '),
  categories: 'category atom:category dc:subject dcterms:subject'.split(' '),
  shortTexts: 'abstract dc:description dcterms:description dcterms:abstract itunes:summary'.split(' '),
  lastTexts: 'itunes:subtitle googleplay:description'.split(' '),
}

export type Lists = typeof LISTS

export const ITEM_FIELDS = [
  ...new Set(Object.values(LISTS).flat()),
  ...'title atom:title media:title itunes:title a description media:description source name'.split(' '),
  ...'media:category itunes:category itunes:keywords media:keywords keywords tags media:content media:group'.split(' '),
]

/** What stands within other fields. */
const INNER_FIELDS = 'name atom:name email atom:email uri atom:uri url type length hour day'.split(' ')

/** The shortest names are for what most items have. */
const COMMON = [
  ...'title link guid id description summary content content:encoded pubdate published updated category author name'.split(
    ' ',
  ),
  ...'dc:creator dc:date dc:subject enclosure media:content'.split(' '),
]

/** The names as they are written, in lower case, to "a", "b", … "a1", "b1", …; rss-parser knows none of these itself. */
export const SHORT = new Map(
  [...new Set([...COMMON, ...FEED_FIELDS, ...ITEM_FIELDS, ...INNER_FIELDS])].map((name, index) => [
    name,
    letterOf(index),
  ]),
)
export const NAMES = new Map([...SHORT].map(([name, short]) => [short, name]))

function letterOf(index: number): string {
  return `${String.fromCharCode(97 + (index % 26))}${Math.floor(index / 26) || ''}`
}

/** The lists without what does not occur: every item is asked for them. */
export function occurring(names: Set<string>): Lists {
  const isThere = (name: string) => names.has(SHORT.get(name) ?? '')
  // The same keys.
  return Object.fromEntries(Object.entries(LISTS).map(([list, all]) => [list, all.filter(isThere)])) as Lists
}
