import { ITEMS, isAtom, isRoot, type Mender } from './mender.ts'
import { isOfModule, prefixOf, spell } from './names.ts'
import type { Tag } from './scan.ts'

// Which element is meant, and where it may stand.

export const PEOPLE = new Set('author contributor atom:author atom:contributor'.split(' '))
export const OF_PEOPLE = new Set('name email uri url atom:name atom:email atom:uri'.split(' '))

export const FIELDS = new Set([
  ...'title link description summary content content:encoded guid id author category comments enclosure'.split(' '),
  ...'pubDate updated published issued modified created dc:creator dc:date dc:subject'.split(' '),
])

/** Where items lie: in RSS the channel, elsewhere the root. */
export function containerOf(mender: Mender): number {
  return mender.open[0]?.name === 'rss' && mender.open[1]?.name === 'channel' ? 1 : 0
}

/** Elements of modules, which stand beside the others. */
export const OF_MODULES = /^(?:atom|content|dc|dcterms|feedburner|georss|itunes|media|slash|sy|thr|wfw|yt):/

/** Whether it is a field, by its own name and no misspelt one, as far as that can be told. */
export function isKnownField(name: string): boolean {
  return FIELDS.has(name) || OF_PEOPLE.has(name) || name === 'channel' || (isOfModule(name) ?? OF_MODULES.test(name))
}

/**
 * Whether an element of this name stands in one of that: a field in an item or in the head, a name in a person, RDF's channel,
 * a picture's text in a group.
 */
export function isFieldOf(mender: Mender, raw: string, outer: string): boolean {
  const isOfHead = FIELDS.has(raw) && mender.head !== null && (outer === 'channel' || outer === 'feed')
  const isField = isOfHead || ((FIELDS.has(raw) || raw.includes(':')) && isItem(mender, outer))
  const isOther = (OF_PEOPLE.has(raw) && PEOPLE.has(outer)) || (raw === 'channel' && outer === 'rdf:RDF')
  return isField || isOther || (raw.startsWith('media:') && outer === 'media:group')
}

/** Nothing is open here but what items lie in, or what is known to have no end tag. */
export function isAmongItems(mender: Mender): boolean {
  const above = containerOf(mender) + 1
  if (mender.open.length < above) return false
  for (let index = mender.open.length - 1; index >= above; index -= 1) {
    if (!mender.unclosed.has(mender.open[index]?.at ?? -1)) return false
  }
  return true
}

function isInItemCalled(mender: Mender, raw: string): boolean {
  return mender.open.some((open) => open.raw === raw && isItem(mender, open.name))
}

export function isItem(mender: Mender, name: string): boolean {
  return name === itemName(mender)
}

export function itemName(mender: Mender): string {
  return mender.open[0]?.name === 'feed' ? 'entry' : 'item'
}

/** `<author xmlns="http://www.w3.org/2005/Atom">` in RSS is Atom's, `<title xmlns="urn:x">` is nobody's we know. */
export function usualName(mender: Mender, tag: Tag): string {
  const name = spell(mender.names, tag.name)
  // An item among items, by the other format's word for it.
  const isItemOfEither = ITEMS.has(name) || name === 'atom:entry'
  if (isItemOfEither && (isAmongItems(mender) || isInItemCalled(mender, tag.name))) return itemName(mender)
  const uri = tag.attributes.find((attribute) => attribute.name === 'xmlns')?.value
  // In whatever namespace somebody puts a channel, it is one.
  if (uri === undefined || mender.open.length === 0 || name.includes(':') || name === 'channel') return name
  const prefix = prefixOf(uri, isAtom(mender, tag))
  // Meant of what it holds.
  if (prefix === 'xhtml' && OF_XHTML.has(name)) return name
  if (prefix) return spell(mender.names, `${prefix}:${name}`)
  // Whoever misspells the namespace of an item means an item.
  const isForeign = prefix === undefined && uri !== '' && uri !== mender.names.own && !ITEMS.has(name) && !isRoot(name)
  return isForeign ? `foreign:${name}` : name
}

/** The prefix of a module we know, where the tag makes its namespace the default one. */
export function ofDefault({ name: raw, attributes }: Tag, name: string): string | undefined {
  if (raw.includes(':') || !name.includes(':') || name.startsWith('foreign:')) return undefined
  if (isRoot(name) || isRoot(raw) || ITEMS.has(raw)) return undefined
  return attributes.some((attribute) => attribute.name === 'xmlns') ? name.slice(0, name.indexOf(':')) : undefined
}

const OF_XHTML = new Set('title description summary content subtitle tagline'.split(' '))
