import { hasHtmlTag } from './html-look.ts'
import { liftMarkup } from './lift.ts'
import { decodeReferences, dropIllegal, escapeXml, mendReferences } from './references.ts'
import { createNames, type Names } from './xml-names.ts'
import {
  behindRawText,
  createFinder,
  type Finder,
  findMarkupEnd,
  formatTag,
  holdsItemTag,
  isItemGoingOn,
  isNameStart,
  readTag,
  skipName,
  skipSpace,
  type Tag,
} from './xml-scan.ts'

/**
 * Makes wild XML well-formed for a strict reader, and lifts what xml2js cannot carry: markup inside a text field (XHTML
 * content, inline tags in a title) becomes escaped HTML with `type="html"`, foreign prefixes of known namespaces become
 * the usual ones. `xml` begins with its root element. What is well-formed keeps its names, attributes and texts;
 * comments and processing instructions are dropped. Linear in any text.
 */
export function mendXml(xml: string): string {
  const text = dropIllegal(xml.includes('\r') ? xml.replace(/\r\n?/g, '\n') : xml)
  const mender: Mender = {
    text,
    finder: createFinder(text),
    ahead: createFinder(text),
    out: [],
    copied: 0,
    open: [],
    hasChannel: false,
    names: createNames(),
    endedAt: null,
    unclosed: new Set(),
    mark: null,
    inVain: 0,
    between: null,
    againUpTo: -1,
  }

  for (let at = 0; at < text.length; ) {
    const lt = text.indexOf('<', at)
    if (lt !== at) mendText(mender, at, lt === -1 ? text.length : lt)
    at = lt === -1 ? text.length : mendMarkup(mender, lt)
  }
  return finish(mender)
}

interface Mender {
  text: string
  finder: Finder
  /** For looking ahead to the end of a field: a finder never goes back. */
  ahead: Finder
  out: string[]
  /** What stands before it in the text has been written, as it was or mended. */
  copied: number
  open: Open[]
  hasChannel: boolean
  names: Names
  /** Where the root or channel said it ends: held back, since items may still follow. */
  endedAt: number | null
  /** Start tags whose end tag is known to be missing. */
  unclosed: Set<number>
  /** The beginning of the item (or of the head) that is being mended. */
  mark: Mark | null
  /** How many characters were looked at for ends of fields that never came. */
  inVain: number
  /** Behind the last item. */
  between: Mark | null
  /** What begins before it has been mended twice. */
  againUpTo: number
}

/** All that is needed to mend anew from a place on. */
interface Mark {
  at: number
  /** Behind the start tag that begins there. */
  tagEnd: number
  out: number
  copied: number
  open: number
  hasChannel: boolean
}

interface Open {
  /** As the document spells it. */
  raw: string
  /** As it is written. */
  name: string
  /** Where its start tag begins; -1 for one that was put in. */
  at: number
}

/** What goes beyond it in one text that needs mending is dropped: no item is read so far. */
const MAX_TEXT = 1_500_000
/** Deeper ones are taken out, their text stays. */
const MAX_DEPTH = 64

// ---- Writing ----

function replace(mender: Mender, from: number, to: number, by: string): void {
  mender.out.push(mender.text.slice(mender.copied, from), by)
  mender.copied = to
}

function finish(mender: Mender): string {
  const end = mender.endedAt ?? mender.text.length
  const root = mender.open[0]?.name
  // rss-parser looks for the items in the channel without asking whether there is one.
  const channel = needsChannel(mender, root) ? '<channel></channel>' : ''
  mender.out.push(mender.text.slice(mender.copied, end), closeDownTo(mender, 1), channel, closeDownTo(mender, 0))
  return mender.out.join('')
}

function needsChannel(mender: Mender, root: string | undefined): boolean {
  return !mender.hasChannel && (root === 'rss' || root === 'rdf:RDF')
}

/** The end tags of all that is open from `index` up; it is not open any more. */
function closeDownTo(mender: Mender, index: number): string {
  if (index >= mender.open.length) return ''
  return mender.open
    .splice(index)
    .reverse()
    .map(({ name }) => `</${name}>`)
    .join('')
}

// ---- What was never closed ----

function markAt({ out, copied, open, hasChannel }: Mender, at: number, tagEnd: number): Mark {
  return { at, tagEnd, out: out.length, copied, open: open.length, hasChannel }
}

/** Back to the mark, as if nothing had been seen since. */
function goBack(mender: Mender, mark: Mark): void {
  mender.out.length = mark.out
  mender.copied = mark.copied
  mender.open.length = mark.open
  mender.hasChannel = mark.hasChannel
  mender.mark = null
}

/**
 * An item ends, and none is open: where fields of one stand behind the item before, its start tag was lost, and the piece
 * is mended anew, in an item. Returns where to go on, null where there is no such item.
 */
function beginLost(mender: Mender, lt: number): number | null {
  const { between } = mender
  mender.between = null
  if (between === null || !FIELD_OF_ITEM.test(mender.text.slice(between.at, lt))) return null
  goBack(mender, between)
  insertOpen(mender, between.at, itemName(mender))
  mender.mark = markAt(mender, between.at, between.at)
  return between.at
}

const FIELD_OF_ITEM = /<(?:title|link|guid|id)[\s>/]/

/** `<item><item>`: the start tag of an item stands twice. */
function dropHollow(mender: Mender, lt: number): void {
  const { mark } = mender
  const isOpen = mark !== null && mender.open.length === mark.open + 1 && mender.open[mark.open]?.at === mark.at
  if (!isOpen || mender.text.slice(mark.tagEnd, lt).trim() !== '') return
  goBack(mender, mark)
  replace(mender, mark.at, lt, '')
}

/**
 * An item or a head ends, and elements in it (those from `index` up) are still open: each would swallow the fields
 * behind it. Now that it is known, the piece is mended anew, once, and each ends where the next tag begins. Returns
 * where to go on, null where all is well or has been tried.
 */
function tryAgain(mender: Mender, index: number): number | null {
  const { mark } = mender
  if (mark === null || mark.at <= mender.againUpTo || index < mark.open || index >= mender.open.length) return null
  for (const { at } of mender.open.slice(index)) mender.unclosed.add(at)
  mender.againUpTo = mark.at
  goBack(mender, mark)
  return mark.at
}

/** Ends what is known to have no end tag, before the tag of this name that begins at `lt`; a person goes on where it is told of. */
function closeUnclosed(mender: Mender, lt: number, name: string): void {
  if (mender.unclosed.size === 0) return
  let index = mender.open.length
  for (; index > 0; index -= 1) {
    const last = mender.open[index - 1]
    if (!last || !mender.unclosed.has(last.at) || (PEOPLE.has(last.name) && OF_PEOPLE.has(name))) break
  }
  const raw = mender.open.at(-1)?.raw ?? ''
  const ends = closeDownTo(mender, index)
  if (ends !== '') replace(mender, Math.max(halfEnd(mender.text, lt, raw), mender.copied), lt, ends)
}

/** Where "/title>" begins before `at`, an end tag that lost its "<"; else `at`. */
function halfEnd(text: string, at: number, name: string): number {
  const before = text.slice(Math.max(0, at - 200), at)
  const written = before.trimEnd()
  return written.endsWith(`/${name}>`) ? at - before.length + written.length - name.length - 2 : at
}

const PEOPLE = new Set('author contributor atom:author atom:contributor'.split(' '))
const OF_PEOPLE = new Set('name email uri url atom:name atom:email atom:uri'.split(' '))

// ---- Text ----

function mendText(mender: Mender, from: number, to: number): void {
  if (mender.endedAt !== null || from === to) return
  const start = mendTextStart(mender, from)
  const ampersand = mender.finder.find('&', start)
  const end = mender.finder.find(']]>', start)
  if ((ampersand === -1 || ampersand >= to) && (end === -1 || end >= to)) return
  const raw = mender.text.slice(start, Math.min(to, start + MAX_TEXT))
  // "]]>" may stand in no text (XML 1.0, 2.4).
  const mended = mendReferences(raw).replaceAll(']]>', ']]&gt;')
  if (mended !== raw || raw.length < to - start) replace(mender, start, to, mended)
}

/** A ">" at its beginning: what stood between it and a "]]" before it may have been taken out. */
function mendTextStart(mender: Mender, from: number): number {
  const { text } = mender
  const gt = text.startsWith(']>', from) ? from + 1 : from
  if (mender.copied !== from || text.charAt(gt) !== '>') return from
  replace(mender, gt, gt + 1, '&gt;')
  return gt + 1
}

// ---- Markup ----

/** Mends what begins with the "<" at `lt`, and returns where the text goes on. */
function mendMarkup(mender: Mender, lt: number): number {
  const sign = mender.text.charCodeAt(lt + 1)
  if (isNameStart(sign)) {
    const behind = passPlainField(mender, lt)
    return behind === -1 ? mendOpen(mender, lt) : behind
  }
  if (sign === 47) return mendClose(mender, lt)
  return mendSection(mender, lt)
}

/**
 * Behind the end tag of a field of an item that needs no more than its text mended, as most do: `<name>`, a text or a
 * CDATA section, `</name>`. -1 for everything else. It does what the long way does, told by fewer looks.
 */
function passPlainField(mender: Mender, lt: number): number {
  const { text, open } = mender
  // Within an item or the channel: no container is to be opened or put in, nothing was left open or ended before.
  const isWithin = open.length > 1 && open.length < MAX_DEPTH
  if (!isWithin || mender.endedAt !== null || mender.unclosed.size > 0) return -1
  const start = skipName(text, lt + 1) + 1
  if (text.charCodeAt(start - 1) !== 62) return -1
  const name = text.slice(lt + 1, start - 1)
  const isPlain = mender.names.spell(name) === name && !ITEMS.has(name) && !isRoot(name)
  const end = isPlain ? plainEnd(mender, start, name) : -1
  if (end === -1) return -1
  if (text.charCodeAt(start) !== 60) mendText(mender, start, end)
  return end + name.length + 3
}

/** CDATA stays; comments, instructions and declarations go; a "<" that begins nothing is text. */
function mendSection(mender: Mender, lt: number): number {
  const { text } = mender
  const end = findMarkupEnd(mender.finder, lt)
  const isCdata = text.startsWith('<![CDATA[', lt)
  if (isCdata && end !== undefined) {
    const to = end === -1 ? text.length : end
    const isEnded = end !== -1 && to >= lt + 12 && text.startsWith(']]>', to - 3)
    // Another section's beginning in it would tell where it was to end.
    const inner = isEnded ? '' : text.slice(lt + 9, to)
    if (!isEnded && mender.endedAt === null) replace(mender, lt + 9, to, `${inner.replaceAll('<![CDATA[', ' ')}]]>`)
    return to
  }
  // One that never ends hides nothing but its own beginning.
  const to = end === undefined ? lt + 1 : end === -1 ? lt + 2 : end
  if (mender.endedAt !== null) return to
  replace(mender, lt, to, end === undefined ? '&lt;' : '')
  return to
}

/** `<titleStorm closes</title>`, `<guid isPermaLink="false"tag:1</guid>`: the ">" was forgotten. And HTML's space between attributes is none of XML's. */
function mendStart({ text }: Mender, tag: Tag, lt: number): Tag {
  if (tag.clean && !tag.name.includes(NBSP)) return tag
  const written = text.slice(lt, tag.end)
  if (written.includes(NBSP))
    return { ...readTag(createFinder(written.replaceAll(NBSP, ' ')), 0), end: tag.end, clean: false }
  if (text.charCodeAt(tag.end - 1) === 62 || !text.startsWith('</', tag.end)) return tag
  const name = text.slice(tag.end + 2, skipName(text, tag.end + 2))
  if (!FIELDS.has(name) || !tag.name.startsWith(name)) return tag
  if (tag.name === name) {
    const start = WITH_VALUES.exec(written)?.[0]
    return start === undefined
      ? tag
      : { ...readTag(createFinder(`${start}>`), 0), end: lt + start.length, clean: false }
  }
  return { ...tag, name, attributes: [], end: lt + 1 + name.length, selfClosing: false, whole: true }
}

const NBSP = '\u00a0'
const FIELDS = new Set([
  ...'title link description summary content content:encoded guid id author category comments'.split(' '),
  ...'pubDate updated published issued modified created dc:creator dc:date dc:subject'.split(' '),
])
const WITH_VALUES = /^<[\w:]+(?:\s+[\w:]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))+/

function mendOpen(mender: Mender, lt: number): number {
  const tag = mendStart(mender, readTag(mender.finder, lt), lt)
  if (mender.open.length === 0) mender.names.adopt(tag)
  if (tag.selfClosing && isRoot(mender.names.spell(tag.name))) {
    // `<rss/>`, and then a whole document.
    tag.selfClosing = false
    tag.clean = false
  }
  mender.names.note(tag, isAtom(mender, tag))
  const name = usualName(mender, tag)
  if (tag.selfClosing && isFilled(mender, tag, name)) {
    tag.selfClosing = false
    tag.clean = false
  }
  if (name === 'link' && isEmptied(mender, tag)) {
    tag.selfClosing = false
    tag.clean = false
    mender.unclosed.add(lt)
  }
  continueAfterEnd(mender, lt)

  const isMisplaced =
    isRoot(name) && mender.open.some((open) => open.name === name || open.name === 'feed' || isItem(mender, open.name))
  const isTooDeep = mender.open.length >= MAX_DEPTH && !isItem(mender, name)
  // Half a tag at the end says nothing, except where it is all there is.
  const isHalf = !tag.whole && mender.open.length > 0
  // An item that holds nothing, within one.
  const isHollow = tag.selfClosing && isItem(mender, name) && mender.open.some((open) => isItem(mender, open.name))
  if (isHalf || isMisplaced || isTooDeep || isHollow) {
    replace(mender, lt, tag.end, '')
    return tag.end
  }

  if (isItem(mender, name)) {
    const container = containerOf(mender)
    const behind = behindQuoted(mender, lt, tag, container)
    if (behind !== -1) {
      replace(mender, lt, behind, '')
      return behind
    }
    const again = tryAgain(mender, firstWithin(mender, container))
    if (again !== null) return again
    dropHollow(mender, lt)
    closeCrossed(mender, lt, container)
  }
  if (name === 'channel') closeCrossed(mender, lt, 0)
  closeUnclosed(mender, lt, name)
  openContainer(mender, lt, name)
  if (isItem(mender, name) && !tag.selfClosing) mender.mark = markAt(mender, lt, tag.end)
  if (isMultipart(mender, tag, name)) {
    // Its parts are contents of the item, each with its type; the end tag that is left over is dropped.
    replace(mender, lt, tag.end, '')
    return tag.end
  }
  if (!tag.selfClosing && isLifted(mender, tag, name)) return mendField(mender, lt, tag, name)
  writeTag(mender, lt, tag, name)
  if (!tag.selfClosing) mender.open.push({ raw: tag.name, name, at: lt })
  // The head begins here.
  if (isRoot(name) && !tag.selfClosing) mender.mark = markAt(mender, tag.end, tag.end)
  if (isItem(mender, name) && tag.selfClosing) mender.between = markAt(mender, tag.end, tag.end)
  return tag.end
}

/** `<content type="multipart/alternative"><content type="text/plain">…` (Atom 0.3, 3.1). */
function isMultipart({ text }: Mender, tag: Tag, name: string): boolean {
  if (name !== 'content' || !text.startsWith(`<${tag.name}`, skipSpace(text, tag.end))) return false
  return tag.attributes.some(({ name, value }) => name === 'type' && value.startsWith('multipart/'))
}

/**
 * Where an element ends that holds items of its own, within an item (`<gd:entryLink><entry>…</entry></gd:entryLink>`);
 * -1 where what is open there was never closed.
 */
function behindQuoted({ open, ahead }: Mender, lt: number, tag: Tag, container: number): number {
  const holder = open[container + 2]
  if (!holder || !(holder.name.includes(':') || holder.name === 'link')) return -1
  for (let at = lt, count = 0; count < MAX_QUOTED; count += 1) {
    const end = ahead.findEndTag(tag.name, at)
    const close = end === -1 ? -1 : ahead.findEndTag(holder.raw, end)
    if (close === -1) return -1
    const next = ahead.find(`<${tag.name}`, end)
    if (next === -1 || next > close) return close
    at = next
  }
  return -1
}

/** Items within one item. */
const MAX_QUOTED = 8

/** The outermost element within the item that is open, or within the container where none is. */
function firstWithin(mender: Mender, container: number): number {
  const outer = mender.open[container + 1]
  return outer && isItem(mender, outer.name) ? container + 2 : container + 1
}

/** `<link/>https://example.com/`: written by an HTML parser, for which a link has no text. */
function isEmptied(mender: Mender, tag: Tag): boolean {
  if (!tag.selfClosing || tag.attributes.length > 0) return false
  return /^\s*https?:\/\//.test(mender.text.slice(tag.end, tag.end + 200))
}

/** `<title/>Storm closes</title>`: a text, and then its end tag. */
function isFilled({ text, open, finder }: Mender, tag: Tag, name: string): boolean {
  const isSection = text.startsWith('<![CDATA[', tag.end)
  const lt = isSection ? (findMarkupEnd(finder, tag.end) ?? -1) : text.indexOf('<', tag.end)
  // Most are followed by a start tag.
  if (text.charCodeAt(lt + 1) !== 47 || !FIELDS.has(name)) return false
  if (!text.startsWith(`</${tag.name}>`, lt) || text.slice(tag.end, lt).trim() === '') return false
  return !open.some((outer) => outer.name === name)
}

/** Something follows the end of the channel or the root: they did not end there. */
function continueAfterEnd(mender: Mender, lt: number): void {
  if (mender.endedAt === null) return
  replace(mender, mender.endedAt, lt, '')
  mender.endedAt = null
}

/** Items lie in nothing but their channel, feed or RDF, a channel in nothing but the root: what else is open was never closed. */
function closeCrossed(mender: Mender, lt: number, container: number): void {
  const crossed = closeDownTo(mender, container + 1)
  if (crossed !== '') replace(mender, lt, lt, crossed)
}

/** Where items lie: in RSS the channel, elsewhere the root. */
function containerOf(mender: Mender): number {
  return mender.open[0]?.name === 'rss' && mender.open[1]?.name === 'channel' ? 1 : 0
}

/** RSS without its root, or without a channel, gets what a reader needs to find the items. */
function openContainer(mender: Mender, lt: number, name: string): void {
  const isFirst = mender.open.length === 0
  if (name === 'channel') {
    mender.hasChannel = true
    if (isFirst) insertOpen(mender, lt, 'rss')
    return
  }
  // RDF has no order: its channel may follow the items.
  if (mender.open.length !== 1 || mender.open[0]?.name !== 'rss' || mender.hasChannel) return
  insertOpen(mender, lt, 'channel')
  mender.hasChannel = true
}

function insertOpen(mender: Mender, lt: number, name: string): void {
  replace(mender, lt, lt, `<${name}>`)
  mender.open.push({ raw: name, name, at: -1 })
}

function mendClose(mender: Mender, lt: number): number {
  const { text } = mender
  const nameStart = skipSpace(text, lt + 2)
  const nameEnd = skipName(text, nameStart)
  const raw = text.slice(nameStart, nameEnd)
  const end = endTagEnd(mender.finder, nameEnd)

  if (mender.endedAt === null) closeUnclosed(mender, lt, mender.names.spell(raw))
  if (mender.endedAt !== null) return end
  const found = findOpen(mender, raw)
  const index = found === -1 ? openHalf(mender, lt, raw) : found
  const container = containerOf(mender)
  if (index === -1 || (index <= container && isStray(mender, container, lt))) {
    const again = index === -1 && isItem(mender, mender.names.spell(raw)) ? beginLost(mender, lt) : null
    if (again !== null) return again
    replace(mender, lt, end, '')
    return end
  }
  const { name } = mender.open[index] ?? { name: raw }
  if (isItem(mender, name) || index <= container) {
    const again = tryAgain(mender, index <= container ? firstWithin(mender, container) : index + 1)
    if (again !== null) return again
    mender.mark = null
  }
  // `<link>…<guid>…</link></guid>`: of two plain fields neither holds the other.
  const inner = index > container ? mender.open[index + 1] : undefined
  if (inner && FIELDS.has(name) && FIELDS.has(inner.name)) {
    const again = tryAgain(mender, index)
    if (again !== null) return again
  }
  closeCrossed(mender, lt, index <= container ? container : index)
  if (index <= container) {
    mender.endedAt = lt
    return end
  }
  mender.open.pop()
  const isClean = raw === name && nameStart === lt + 2 && END.test(text.slice(nameEnd, end))
  if (!isClean) replace(mender, lt, end, `</${name}>`)
  if (isItem(mender, name)) mender.between = markAt(mender, end, end)
  return end
}

/** `title>Storm closes</title>`: the start tag lost its "<". It is open then, and its place returned; -1 where it is not so. */
function openHalf(mender: Mender, lt: number, raw: string): number {
  const { text, open } = mender
  if (!FIELDS.has(raw) || !isItem(mender, open.at(-1)?.name ?? '')) return -1
  const from = Math.max(mender.copied, lt - MAX_HALF)
  const gt = from + text.slice(from, lt).lastIndexOf('>')
  const start = gt - raw.length
  if (start < from || !text.startsWith(raw, start) || !/[\s>]/.test(text.charAt(start - 1))) return -1
  replace(mender, start, gt + 1, `<${raw}>`)
  return open.push({ raw, name: mender.names.spell(raw), at: -1 }) - 1
}

/** How far back a start tag is looked for that lost its "<". */
const MAX_HALF = 2_000

/** `</channel>` in an item that goes on. */
function isStray(mender: Mender, container: number, lt: number): boolean {
  const inner = mender.open[container + 1]
  return inner !== undefined && isItem(mender, inner.name) && isItemGoingOn(mender.ahead, lt)
}

/** The innermost open element this end tag means. Only an end tag of structure reaches out of an item. */
function findOpen(mender: Mender, raw: string): number {
  const usual = mender.names.spell(raw)
  const isStructure = isRoot(usual) || isItem(mender, usual)
  for (let index = mender.open.length - 1; index >= 0; index -= 1) {
    const open = mender.open[index]
    if (open?.raw === raw || open?.name === usual) return index
    if (open && isItem(mender, open.name) && !isStructure) return -1
  }
  return -1
}

// ---- Tags ----

function writeTag(mender: Mender, lt: number, tag: Tag, name: string): void {
  const isClean = tag.clean && name === tag.name && tag.attributes.every(({ value }) => mendReferences(value) === value)
  if (!isClean) replace(mender, lt, tag.end, formatTag(name, tag.attributes, tag.selfClosing))
}

/** Nothing is open here but what items lie in, or what is known to have no end tag. */
function isAmongItems(mender: Mender): boolean {
  const above = containerOf(mender) + 1
  if (mender.open.length < above) return false
  for (let index = mender.open.length - 1; index >= above; index -= 1) {
    if (!mender.unclosed.has(mender.open[index]?.at ?? -1)) return false
  }
  return true
}

/** In any format. */
const ITEMS = new Set(['item', 'entry'])

function isItem(mender: Mender, name: string): boolean {
  return name === itemName(mender)
}

function itemName(mender: Mender): string {
  return mender.open[0]?.name === 'feed' ? 'entry' : 'item'
}

function isRoot(name: string): boolean {
  return name === 'rss' || name === 'rdf:RDF' || name === 'feed' || name === 'channel'
}

/** `<author xmlns="http://www.w3.org/2005/Atom">` in RSS is Atom's, `<title xmlns="urn:x">` is nobody's we know. */
function usualName(mender: Mender, tag: Tag): string {
  const name = mender.names.spell(tag.name)
  // An item among items, by the other format's word for it.
  if (ITEMS.has(name) && isAmongItems(mender)) return itemName(mender)
  const uri = tag.attributes.find((attribute) => attribute.name === 'xmlns')?.value
  if (uri === undefined || mender.open.length === 0 || name.includes(':')) return name
  const prefix = mender.names.prefixOf(uri, isAtom(mender, tag))
  if (prefix) return mender.names.spell(`${prefix}:${name}`)
  // Whoever misspells the namespace of an item means an item.
  const isForeign = prefix === undefined && uri !== '' && !mender.names.isOwn(uri) && !ITEMS.has(name) && !isRoot(name)
  return isForeign ? `foreign:${name}` : name
}

/** Whether this tag stands in an Atom feed, or is its root. */
function isAtom(mender: Mender, tag: Tag): boolean {
  return (mender.open[0]?.name ?? mender.names.spell(tag.name)) === 'feed'
}

// ---- Fields whose text may hold markup ----

const LIFTED = new Set([
  ...'title description summary content content:encoded body xhtml:body xhtml:div tagline subtitle info rights'.split(
    ' ',
  ),
  ...'fullitem abstract'.split(' '),
  ...'copyright dc:title dc:description itunes:summary itunes:subtitle itunes:title media:title'.split(' '),
  ...'media:description atom:title atom:summary atom:content'.split(' '),
])

/** Whether markup in it is HTML and not elements of its own. */
function isLifted({ text }: Mender, tag: Tag, name: string): boolean {
  if (LIFTED.has(name)) return true
  if (!NAMED.has(name)) return false
  PHRASE.lastIndex = text.indexOf('<', tag.end)
  return PHRASE.lastIndex > 0 && PHRASE.test(text)
}

/** Plain words, by all rules; but some write `<author><b>Jane</b> Doe</author>`. */
const NAMED = new Set('author category dc:creator dc:subject'.split(' '))
const PHRASE = /<(?:a|b|em|font|i|span|strong|u)[\s>]/y

/** Never HTML: where one of them begins, the text field before it was not closed. */
const SIBLINGS = new Set([
  ...'pubDate guid description author category enclosure id updated published issued modified created'.split(' '),
  ...'comments generator lastBuildDate content:encoded'.split(' '),
])
const SIBLING_PREFIXES = /^(?:dc|dcterms|content|media|itunes|slash|wfw|atom|feedburner|thr|sy|georss):/

/** Of HTML too, but never in a title. */
const AFTER_TITLES = new Set(['link', 'summary', 'content', 'pubdate'])

/** Of HTML too: what ends a field whose end tag never comes. */
const LIKE_HTML = new Set(['title', 'link', 'summary', 'content', 'source'])
/** Office's, and those of pages. */
const OF_PAGES = /^(?:[movw]|st1|svg|math|mml|xhtml|html):/i

interface Field {
  /** Where its content ends, and where the text goes on behind its end tag. */
  end: number
  next: number
  hasMarkup: boolean
  /** End tags in it of nothing that began in it, and of no HTML. */
  strays: { start: number; end: number }[]
}

function mendField(mender: Mender, lt: number, tag: Tag, name: string): number {
  const simple = simpleFieldEnd(mender, tag, name)
  if (simple !== -1) {
    writeTag(mender, lt, tag, name)
    if (mender.text.charCodeAt(tag.end) !== 60) mendText(mender, tag.end, simple)
    return simple + name.length + 3
  }
  // `<title><title>T</title>`
  const inner = skipSpace(mender.text, tag.end)
  if (LIKE_HTML.has(name) && mender.text.startsWith(mender.text.slice(lt, tag.end), inner)) {
    replace(mender, lt, inner, '')
    return inner
  }
  const field = findFieldEnd(mender, tag)
  if (field.end === field.next) field.end = Math.max(halfEnd(mender.text, field.end, tag.name), tag.end)
  if (field.hasMarkup) {
    const type = tag.attributes.find((attribute) => attribute.name === 'type')?.value ?? ''
    const isXhtml = /xhtml/i.test(type)
    const markup = withoutStrays(mender.text, tag.end, field)
    const lifted = liftMarkup(markup, isXhtml, mender.names.spell)
    // Escaped HTML, into which somebody put line breaks that are not.
    const html = !isXhtml && ESCAPED_TAG.test(lifted) ? decodeReferences(lifted) : lifted
    // "Array<T>", "Re: <no subject>", written raw: tags of no HTML are what somebody wanted to be read, as they stand.
    const isHtml = /html/i.test(type) || hasHtmlTag(html)
    const kept = tag.attributes.filter(({ name }) => !isHtml || (name !== 'type' && name !== 'mode'))
    const start = formatTag(name, isHtml ? [...kept, { name: 'type', value: 'html' }] : kept, false)
    const isAsWritten = !isHtml && !isXml(tag) && !OF_XML.test(markup)
    const text = isHtml ? html : decodeReferences(isAsWritten ? markup.trim() : html)
    // As itself a carriage return would be read as a line's end.
    const value = escapeXml(text).replaceAll('\r', '&#13;')
    replace(mender, lt, field.next, `${start}${value}</${name}>`)
    return field.next
  }

  writeTag(mender, lt, tag, name)
  for (let at = tag.end; at < field.end; ) {
    const inner = mender.text.indexOf('<', at)
    const stop = inner === -1 || inner >= field.end ? field.end : inner
    mendText(mender, at, stop)
    at = stop === field.end ? stop : mendSection(mender, stop)
  }
  const endTag = mender.text.slice(field.end, field.next)
  if (endTag !== `</${name}>`) replace(mender, field.end, field.next, `</${name}>`)
  return field.next
}

/** Sections, comments and namespaces are nothing to be read. */
const OF_XML = /<[!?]|\sxmlns/
const ESCAPED_TAG = /^\s*&lt;[a-z][^<>]*?&gt;/i

function withoutStrays(text: string, from: number, { end, strays }: Field): string {
  const pieces: string[] = []
  let at = from
  for (const stray of strays) {
    pieces.push(text.slice(at, stray.start))
    at = stray.end
  }
  return pieces.join('') + text.slice(at, end)
}

function simpleFieldEnd(mender: Mender, tag: Tag, name: string): number {
  return name === tag.name ? plainEnd(mender, tag.end, name) : -1
}

/** Where the end tag begins, of a field that holds a text or a CDATA section and nothing else, as most do; -1 for others. */
function plainEnd({ text, finder }: Mender, start: number, name: string): number {
  const lt = text.indexOf('<', start)
  if (lt === -1) return -1
  const isSection = lt === start && text.startsWith('<![CDATA[', lt)
  const end = isSection ? (findMarkupEnd(finder, lt) ?? -1) : lt
  if (end === -1 || (isSection && (end < lt + 12 || !text.startsWith(']]>', end - 3)))) return -1
  const isOwn =
    text.startsWith('</', end) && text.startsWith(name, end + 2) && text.charCodeAt(end + 2 + name.length) === 62
  return isOwn ? end : -1
}

/**
 * Its own end tag, else what no such field holds; and where that comes first, what it hardly holds: a field that is also
 * HTML's, an element that is none of HTML's, or the end tag of nothing that began in it (`<title>T</titel>`).
 */
function findFieldEnd(mender: Mender, tag: Tag): Field {
  const { text, ahead } = mender
  const field: Field = { end: text.length, next: text.length, hasMarkup: false, strays: [] }
  const own = mender.names.spell(tag.name)
  const isTitle = own === 'title'
  const isEnded = isXml(tag) && isEndedInItem(mender, tag)
  const quotedEnd = isXml(tag) && !isEnded ? findQuotedEnd(mender, tag) : -1
  const isWhole = isEnded || quotedEnd !== -1
  const opened = new Set<string>()
  let guess: Field | null = null
  const stopAt = (end: number, next: number): Field => ({ ...field, end, next })

  for (let lt = text.indexOf('<', tag.end), depth = 0; lt !== -1; ) {
    if (guess !== null && mender.inVain > text.length) return guess
    let next = lt + 1
    const sign = text.charCodeAt(lt + 1)
    if (sign === 47) {
      const nameStart = skipSpace(text, lt + 2)
      const raw = text.slice(nameStart, skipName(text, nameStart))
      const usual = mender.names.spell(raw)
      const isSame = isSameName(raw, tag.name)
      if (isSame && depth === 0) {
        return stopAt(lt, endTagEnd(ahead, lt + 1))
      }
      if ((ITEMS.has(usual) && lt >= quotedEnd) || (isRoot(usual) && !isWhole))
        return fallBack(mender, guess, lt) ?? stopAt(lt, lt)
      if (isSame) depth -= 1
      else if (isStrayEnd(text, nameStart, raw) && !opened.has(raw)) {
        const end = endTagEnd(ahead, lt + 1)
        guess ??= { ...stopAt(lt, end), strays: [] }
        field.strays.push({ start: lt, end })
      }
      field.hasMarkup = true
    } else if (isNameStart(sign)) {
      const raw = text.slice(lt + 1, skipName(text, lt + 1))
      const usual = mender.names.spell(raw)
      const isNext = SIBLINGS.has(usual) || SIBLING_PREFIXES.test(usual) || (isTitle && AFTER_TITLES.has(usual))
      if ((ITEMS.has(usual) && lt >= quotedEnd) || (isNext && !isWhole))
        return fallBack(mender, guess, lt) ?? stopAt(lt, lt)
      const inner = readTag(ahead, lt)
      if (inner.attributes.length > 0) mender.names.note(inner, isAtom(mender, inner))
      const isSame = isSameName(raw, tag.name)
      if (isSame && !inner.selfClosing) depth += 1
      const stray = field.strays.at(-1)
      // `<description>D</title><title>T</description>`: their end tags were exchanged.
      if (
        stray &&
        LIKE_HTML.has(usual) &&
        lt - stray.end < 64 &&
        text.slice(stray.start + 2, lt).trimEnd() === `${raw}>`
      )
        return stopAt(stray.start, stray.end)
      const isOther = guess === null && usual !== own && !isSame
      if (isOther && (LIKE_HTML.has(usual) || (!opened.has(raw) && isNoHtml(text, raw, inner))))
        guess = { ...stopAt(lt, lt), strays: [] }
      // `<title>T<title>`: a slash was forgotten.
      else if (isSame && guess === null && text.slice(tag.end, lt).trim() !== '')
        guess = { ...stopAt(lt, inner.end), strays: [] }
      opened.add(raw)
      field.hasMarkup = true
      next = raw === 'script' ? behindRawText(ahead, raw, inner.end) : inner.end
    } else {
      const end = findMarkupEnd(ahead, lt)
      if (end === -1 && text.startsWith('<![CDATA[', lt)) return fallBack(mender, guess, text.length) ?? field
      if (end !== undefined && end !== -1) next = end
    }
    lt = text.indexOf('<', next)
  }
  return fallBack(mender, guess, text.length) ?? field
}

/** An element that stands in no page, whole. */
function isNoHtml(text: string, raw: string, tag: Tag): boolean {
  return text.charCodeAt(tag.end - 1) === 62 && !OF_PAGES.test(raw) && !hasHtmlTag(`<${raw}>`)
}

/** The look as far as `at` brought nothing: how far such looks went is counted, since many of them could cost too much. */
function fallBack(mender: Mender, guess: Field | null, at: number): Field | null {
  if (guess !== null) mender.inVain += at - guess.end
  return guess
}

/** `</titel>` or `</>`: the end tag of nothing in HTML. */
function isStrayEnd(text: string, nameStart: number, name: string): boolean {
  if (name === '') return text.charCodeAt(nameStart) === 62
  return isNameStart(name.charCodeAt(0)) && !hasHtmlTag(`</${name}>`)
}

/** Markup of any kind may stand in it: XHTML, SVG, RDF. */
function isXml(tag: Tag): boolean {
  return tag.attributes.some(({ name, value }) => name === 'type' && /x(?:ht)?ml/i.test(value))
}

function isEndedInItem({ ahead }: Mender, tag: Tag): boolean {
  const end = ahead.findEndTag(tag.name, tag.end)
  return end !== -1 && !holdsItemTag(ahead, tag.end, end)
}

/**
 * Where XML ends that holds items or feeds, each begun and ended in it (RFC 4287, 4.1.3.3: any XML may be content); -1
 * where it does not so, soon. How far looks went in vain is counted, since many of them could cost too much.
 */
function findQuotedEnd(mender: Mender, tag: Tag): number {
  const { text } = mender
  if (mender.inVain > text.length) return -1
  const near = text.slice(tag.end, tag.end + MAX_QUOTED_CHARS)
  let own = 1
  let quoted = 0
  for (const { 0: written, 1: slash, 2: name = '', index } of near.matchAll(ANY_TAG)) {
    if (written.endsWith('/>')) continue
    const step = slash === '' ? 1 : -1
    if (isSameName(name, tag.name)) own += step
    else if (QUOTED.test(name)) quoted += step
    if (own === 0 && quoted === 0) return tag.end + index
    // It was never closed, or holds sections, in which tags are text.
    if (own === 0 || quoted < 0 || name === '') {
      mender.inVain += index
      return -1
    }
  }
  mender.inVain += near.length
  return -1
}

const MAX_QUOTED_CHARS = 100_000
const ANY_TAG = /<(?:!|(\/?)([\w:.-]+)(?=[\s/>])[^<>]*>)/g
const QUOTED = /^(?:[\w.-]+:)?(?:item|entry|feed|channel|rss|RDF)$/i

/** Behind the ">" of an end tag; where that was forgotten, at the next tag. */
function endTagEnd(finder: Finder, from: number): number {
  const gt = finder.find('>', from)
  const lt = finder.find('<', from)
  if (gt !== -1 && (lt === -1 || gt < lt)) return gt + 1
  return lt === -1 ? finder.text.length : lt
}

const END = /^\s*>$/

/** Some end with `</Title>` what they began with `<title>`. */
function isSameName(one: string, other: string): boolean {
  return one === other || (one.length === other.length && one.toLowerCase() === other.toLowerCase())
}
