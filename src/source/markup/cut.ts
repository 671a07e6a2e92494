import { closeGaps, hasGap, hasRootGap } from './gaps.ts'
import { nameByType } from './rdf-types.ts'
import { decodeReferences, expandEntities } from './references.ts'
import { findRoot, type Root, type Seen, withRoot } from './root.ts'
import {
  behindRawText,
  createFinder,
  type Finder,
  findMarkupEnd,
  findOuterEnd,
  isAroundItems,
  isItemGoingOn,
  isNameStart,
  localName,
  readTag,
  SECTION,
  skipName,
  type Tag,
} from './scan.ts'

/** An XML document in pieces: `before + items.join('') + after` is the document from its root element on. */
export interface CutDocument {
  kind: Root['kind']
  /** For people: "RSS 2.0", "RSS 1.0", "Atom 1.0". */
  format: string
  /** What the root element says for everything below it: xml:base and xml:lang. */
  base: string | null
  language: string | null
  /** The root element's start tag as written. */
  rootTag: string
  /** The DOCTYPE before it, where it defines entities. */
  doctype: string | null
  before: string
  /** Each from its "<" to its ">". Empty where it could not be cut cleanly, or one is huge: then `before` is all of it. */
  items: string[]
  after: string
  /** It ended before its root element did. An item that was cut off is left out. */
  truncated: boolean
}

export type Cut = { kind: 'cut'; document: CutDocument } | { kind: 'no_feed'; seen: Seen }

/**
 * Finds the head and the items in one scan forward, linear in any text. Junk before the root element is skipped. At
 * most `maxItems` items are kept, the first ones. Nested, unclosed and oddly spelled items are not cut apart:
 * the mender sorts them out.
 */
export function cutDocument(text: string, maxItems: number): Cut {
  return cut(text, maxItems, true)
}

function cut(text: string, maxItems: number, mendGaps: boolean): Cut {
  const finder = createFinder(text)
  const found = findRoot(finder)
  if ('seen' in found) {
    // All tags of some begin so.
    const mayBeFeed = mendGaps && found.seen !== 'web_page' && hasRootGap(text)
    return mayBeFeed ? cut(closeGaps(text), maxItems, false) : { kind: 'no_feed', seen: found.seen }
  }
  if ('lostRoot' in found) return cut(withRoot(text, found.lostRoot), maxItems, mendGaps)
  // A text is rewritten once.
  const named = mendGaps && found.kind === 'rdf' ? nameByType(text) : text
  if (named !== text) return cut(named, maxItems, false)

  const { hasGaps, before, items, after, truncated } = scanItems(finder, found, maxItems, mendGaps)
  if (hasGaps) return cut(closeGaps(text), maxItems, false)
  return { kind: 'cut', document: { ...describeRoot(text, found), before, items, after, truncated } }
}

type Described = Pick<CutDocument, 'kind' | 'format' | 'base' | 'language' | 'rootTag' | 'doctype'>

function describeRoot(text: string, { kind, tag, start }: Root): Described {
  const doctype = findDoctype(text.slice(0, start))
  const value = (name: string) => {
    const written = tag.attributes.find((attribute) => attribute.name.toLowerCase() === name)?.value
    const raw = doctype !== null && written?.includes('&') ? expandEntities(written, doctype) : written
    return raw === undefined ? null : decodeReferences(raw).trim() || null
  }
  return {
    kind,
    format: formatOf(kind, tag, value('version')),
    base: value('xml:base'),
    language: value('xml:lang'),
    rootTag: text.slice(start, tag.end),
    doctype,
  }
}

function findDoctype(prologue: string): string | null {
  const start = prologue.search(/<!DOCTYPE/i)
  return start !== -1 && /<!ENTITY/i.test(prologue) ? prologue.slice(start, prologue.lastIndexOf(']') + 1) : null
}

function formatOf(kind: CutDocument['kind'], tag: Tag, version: string | null): string {
  const namespaces = tag.attributes.filter(({ name }) => name.startsWith('xmlns')).map(({ value }) => value)
  if (kind === 'atom') {
    const isOld = namespaces.some((uri) => uri.includes('purl.org/atom')) || version === '0.3'
    return isOld ? 'Atom 0.3' : 'Atom 1.0'
  }
  if (kind === 'rdf')
    return namespaces.some((uri) => uri.includes('netscape.com/rdf/simple/0.9')) ? 'RSS 0.90' : 'RSS 1.0'
  return version !== null && /^[\d.]{1,8}$/.test(version) ? `RSS ${version}` : 'RSS 2.0'
}

/** Each item from `starts[i]` to `ends[i]`. */
interface Found {
  starts: number[]
  ends: number[]
  /** Something stood where it should not: do not cut. */
  odd: boolean
  rootClosed: boolean
  /** An item has an end tag. */
  hasItemEnds: boolean
  hasGaps: boolean
}

type Pieces = Omit<CutDocument, keyof Described>

function scanItems(finder: Finder, root: Root, maxItems: number, mendGaps: boolean): Pieces & { hasGaps: boolean } {
  const { text } = finder
  const found = findItems(finder, root, maxItems, mendGaps)
  const { starts, ends, odd, rootClosed, hasGaps } = found
  const whole = found.starts.length > maxItems
  // Where the document was cut off, or where there are too many.
  const isLastOpen = ends.length < starts.length
  const truncated = !rootClosed && !whole
  const isLastWhole = truncated && isLastOpen && isWholeItem(finder, found)
  const isDropped = whole || (truncated && isLastOpen && !isLastWhole)
  const limit = isDropped ? (starts.at(-1) ?? text.length) : text.length

  // An item of half a document is copied, and hashed, for nothing: little else could be told apart from it.
  const isHuge = ends.some((end, index) => end - (starts[index] ?? 0) > HUGE_CHARS)
  if (odd || isLastWhole || isHuge)
    return { before: text.slice(root.start, limit), items: [], after: '', truncated, hasGaps }
  const items = ends.map((end, index) => text.slice(starts[index], end))
  if (items.length === 0) return { before: text.slice(root.start, limit), items, after: '', truncated, hasGaps }

  const between: string[] = []
  for (let index = 1; index <= ends.length; index += 1) {
    between.push(text.slice(ends[index - 1], index < ends.length ? starts[index] : limit))
  }
  return { before: text.slice(root.start, starts[0]), items, after: between.join(''), truncated, hasGaps }
}

const HUGE_CHARS = 4_000_000

/**
 * Whether the item in which the document ends says all it had to: all its fields have ended, and then half its end tag
 * or that of a root follows; or nothing does, where none of the items has an end tag.
 */
function isWholeItem(finder: Finder, { starts, ends, hasItemEnds }: Found): boolean {
  const { text } = finder
  const end = findOuterEnd(finder, readTag(finder, starts.at(-1) ?? 0).end, text.length)
  if (!end.isSound) return false
  return HALF_END.test(text.slice(end.at, end.at + 32)) || (!hasItemEnds && ends.length > 0 && end.at === text.length)
}

const HALF_END = /^<\/(?:(?:[\w-]+:)?(?:i|it|ite|item|e|en|ent|entr|entry)?$|(?:rss|channel|feed|rdf:RDF)\s*>)/

function findItems(finder: Finder, root: Root, maxItems: number, mendGaps: boolean): Found {
  const { text } = finder
  const found: Found = {
    starts: [],
    ends: [],
    odd: false,
    rootClosed: root.tag.selfClosing,
    hasItemEnds: false,
    hasGaps: false,
  }
  const [wanted, other] = root.kind === 'atom' ? ['entry', 'item'] : ['item', 'entry']
  const scan: Scan = { finder, root, found, wanted, other, mendGaps }
  for (let lt = text.indexOf('<', root.tag.end); lt !== -1; ) {
    const next = isNameStart(text.charCodeAt(lt + 1)) ? passStart(scan, lt) : passOther(scan, lt)
    if (next === null || found.starts.length > maxItems) break
    lt = text.indexOf('<', next)
  }
  return found
}

interface Scan {
  finder: Finder
  root: Root
  found: Found
  /** What items are called here, and in the other format. */
  wanted: string
  other: string
  mendGaps: boolean
}

function passStart(scan: Scan, lt: number): number {
  const { finder, found, wanted, other } = scan
  const name = finder.text.slice(lt + 1, skipName(finder.text, lt + 1))
  if (isCalled(name, wanted)) return noteOpen(found, finder, lt, wanted)
  // Raw in a description: what a script writes are no items.
  if (name === 'script') return behindRawText(finder, name, lt + 1)
  // The other format's word for it, from the first item on or all of a sudden.
  if (name === other && found.starts.length === 0) {
    scan.wanted = other
    scan.other = wanted
    return noteOpen(found, finder, lt, other)
  }
  if ((name === other || name === 'atom:entry') && found.ends.length === found.starts.length) found.odd = true
  return lt + 1
}

/** An end tag, a section, or a sign. Null where the scan ends: at a gap, which is to be closed first, or in a section that never does. */
function passOther(scan: Scan, lt: number): number | null {
  const { finder, found } = scan
  const { text } = finder
  const sign = text.charCodeAt(lt + 1)
  const name = sign === 47 ? text.slice(lt + 2, skipName(text, lt + 2)) : ''
  const isSection = sign === 33 && text.startsWith(SECTION, lt)
  if (scan.mendGaps && name === '' && !isSection && hasGap(text, lt)) {
    found.hasGaps = true
    return null
  }
  if (sign === 47) noteClose(found, name, lt, finder, scan.root, scan.wanted)
  if (sign !== 33 && sign !== 63) return lt + 1
  const isOpen = found.ends.length < found.starts.length
  if (!isOpen && isAroundItems(finder, lt)) return lt + 1
  const end = findMarkupEnd(finder, lt) ?? -1
  // What never ends hides nothing but itself, except a CDATA section: the document was cut off in it.
  if (end === -1) return isSection ? null : lt + 1
  return end
}

/** `<ITEM>` and `<rss:item>` are called so, and `<media:item>`, which the mender tells apart. */
function isCalled(name: string, wanted: string): boolean {
  if (name === wanted) return true
  // Of most names the last letter tells.
  const last = name.charCodeAt(name.length - 1) | 0x20
  return last === wanted.charCodeAt(wanted.length - 1) && localName(name).toLowerCase() === wanted
}

function noteOpen(found: Found, finder: Finder, lt: number, wanted: string): number {
  const tag = readTag(finder, lt)
  // `<media:item>` is not ours, `<ITEM>` and `<rss:item>` are: let the mender tell.
  if (tag.name !== wanted) found.odd = true
  if (tag.selfClosing && found.ends.length < found.starts.length) {
    found.odd = true
    return tag.end
  }
  if (found.ends.length < found.starts.length) {
    found.odd = true
    found.ends.push(lt)
  }
  found.starts.push(lt)
  if (tag.selfClosing) found.ends.push(tag.end)
  return tag.end
}

function noteClose(found: Found, name: string, lt: number, finder: Finder, root: Root, wanted: string): void {
  const { text } = finder
  const isOpen = found.ends.length < found.starts.length
  if (isCalled(name, wanted)) {
    found.hasItemEnds = true
    const gt = finder.find('>', lt)
    const next = text.indexOf('<', lt + 1)
    if (!isOpen) found.odd = true
    else if (gt !== -1 && (next === -1 || gt < next)) found.ends.push(gt + 1)
    // "</item" without its ">".
    else if (gt !== -1) {
      found.odd = true
      found.ends.push(next)
    }
    return
  }
  // Some write start tags in capitals, and end tags small.
  const isRoot = name.length === root.tag.name.length && name.toLowerCase() === root.tag.name.toLowerCase()
  if (isOpen && (isRoot || name === 'channel')) {
    found.odd = true
    // A stray end tag; the mender leaves it out.
    if (isItemGoingOn(finder, lt)) return
    // The channel or the root ends within an item: it was never closed.
    found.ends.push(lt)
  }
  if (isRoot) found.rootClosed = true
}
