import { hasHtmlTag } from './html-look.ts'
import { isLifted, mendField } from './mend-field.ts'
import {
  createMender,
  endTagEnd,
  halfEnd,
  ITEMS,
  isAtom,
  isRoot,
  MAX_LOOKS,
  type Mark,
  type Mender,
  mendSection,
  mendText,
  plainEnd,
  replace,
  writeTag,
} from './mender.ts'
import {
  beginsWithItem,
  behindRawText,
  createFinder,
  findMarkupEnd,
  findOuterEnd,
  formatTag,
  holdsItemTag,
  isItemGoingOn,
  isNameStart,
  readTag,
  SECTION,
  skipName,
  skipSpace,
  type Tag,
} from './scan.ts'

/**
 * Makes wild XML well-formed for a strict reader, and lifts what xml2js cannot carry: markup inside a text field (XHTML
 * content, inline tags in a title) becomes escaped HTML with `type="html"`, foreign prefixes of known namespaces become
 * the usual ones. `xml` begins with its root element. What is well-formed keeps its names, attributes and texts;
 * comments and processing instructions are dropped. Linear in any text.
 */
export function mendXml(xml: string): string {
  const mender = createMender(xml)
  const { text } = mender

  for (let at = 0; at < text.length; ) {
    const lt = text.indexOf('<', at)
    if (lt !== at) {
      fillLink(mender, at)
      mendText(mender, openEmpty(mender, at, lt === -1 ? text.length : lt), lt === -1 ? text.length : lt)
    }
    at = lt === -1 ? text.length : mendMarkup(mender, lt)
  }
  return finish(mender)
}

/** Deeper ones are taken out, their text stays. */
const MAX_DEPTH = 64

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
  const first = mender.open[index]
  if (first === undefined) return ''
  mender.names.scope = first.outer
  return mender.open
    .splice(index)
    .reverse()
    .map(({ name }) => `</${name}>`)
    .join('')
}

// ---- What was never closed ----

function markAt({ out, copied, open, names, hasChannel }: Mender, at: number, tagEnd: number): Mark {
  return { at, tagEnd, out: out.length, copied, open: open.slice(), scope: names.scope, hasChannel }
}

/** Back to the mark, as if nothing had been seen since. */
function goBack(mender: Mender, mark: Mark): void {
  mender.out.length = mark.out
  mender.copied = mark.copied
  mender.open.splice(0, mender.open.length, ...mark.open)
  mender.names.scope = mark.scope
  mender.hasChannel = mark.hasChannel
  endMark(mender)
}

function setMark(mender: Mender, at: number, tagEnd: number): void {
  endMark(mender)
  mender.mark = markAt(mender, at, tagEnd)
}

function endMark(mender: Mender): void {
  mender.mark = null
  mender.hasUnclosed = false
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
  setMark(mender, between.at, between.at)
  return between.at
}

const FIELD_OF_ITEM = /<(?:[\w-]+:)?(?:title|link|guid|id|description|summary|content)[\s>/]/

/** Where something begins that the head has no more than once, or never: the start tag of the first item may have been lost before it. */
function noteHead(mender: Mender, lt: number, name: string): void {
  const { head, open } = mender
  if (head === null) return
  if (isItem(mender, name)) mender.head = null
  if (open.length !== containerOf(mender) + 1 || !(ONCE.has(name) || NEVER_IN_HEAD.has(name))) return
  const isSecond = head.has(name) || NEVER_IN_HEAD.has(name) || open[0]?.name === 'rdf:RDF'
  if (isSecond) mender.between ??= markAt(mender, lt, lt)
  head.add(name)
}

const ONCE = new Set('title id description'.split(' '))
const NEVER_IN_HEAD = new Set('guid summary content content:encoded'.split(' '))

/** `<item><item>`: the start tag of an item stands twice. */
function dropHollow(mender: Mender, lt: number): void {
  const { mark } = mender
  const isOpen = mark !== null && mender.open.length === mark.open.length + 1 && mender.open.at(-1)?.at === mark.at
  if (!isOpen || mender.text.slice(mark.tagEnd, lt).trim() !== '') return
  goBack(mender, mark)
  replace(mender, mark.at, lt, '')
}

/**
 * An item or a head ends, and elements in it (those from `index` up, or `upTo` another) are still open, or were when one around them ended:
 * each would swallow the fields behind it. Now that it is known, the piece is mended anew, once, and each ends where the
 * next tag begins. Returns where to go on, null where all is well or has been tried.
 */
function tryAgain(mender: Mender, index: number, upTo?: number): number | null {
  const { mark } = mender
  if (mark === null || mark.at <= mender.againUpTo || index < mark.open.length) return null
  if (index >= mender.open.length && !mender.hasUnclosed) return null
  noteUnclosed(mender, index, upTo)
  mender.againUpTo = mark.at
  return mendAnew(mender, mark)
}

function mendAnew(mender: Mender, mark: Mark): number {
  if (mender.head !== null) {
    mender.head = new Set()
    mender.between = null
  }
  goBack(mender, mark)
  return mark.at
}

function noteUnclosed(mender: Mender, index: number, upTo?: number): void {
  for (const { at } of mender.open.slice(index, upTo)) mender.unclosed.add(at)
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

const PEOPLE = new Set('author contributor atom:author atom:contributor'.split(' '))
const OF_PEOPLE = new Set('name email uri url atom:name atom:email atom:uri'.split(' '))

// ---- Markup ----

/** Mends what begins with the "<" at `lt`, and returns where the text goes on. */
function mendMarkup(mender: Mender, lt: number): number {
  const sign = mender.text.charCodeAt(lt + 1)
  if (isNameStart(sign)) {
    const behind = passPlainField(mender, lt)
    return behind === -1 ? mendOpen(mender, lt) : behind
  }
  if (sign === 47) return mendClose(mender, lt)
  if (beginsWithItem(mender.text, lt) && isAmongItems(mender)) {
    // Around items, whose text it cannot be.
    if (mender.endedAt === null) replace(mender, lt + SECTION.length, lt + SECTION.length, ']]>')
    return lt + SECTION.length
  }
  const holder = mender.open.at(-1)
  const isField = holder !== undefined && !isItem(mender, holder.name) && !isRoot(holder.name)
  return mendSection(mender, lt, isField ? holder.raw : null)
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
  noteHead(mender, lt, name)
  if (text.charCodeAt(start) !== 60) mendText(mender, start, end)
  return end + name.length + 3
}

/** `<titleStorm closes</title>`, `<guid isPermaLink="false"tag:1</guid>`: the ">" was forgotten. And HTML's space between attributes is none of XML's. */
function mendStart({ text }: Mender, tag: Tag, lt: number): Tag {
  if (tag.clean && !tag.name.includes(NBSP) && !tag.name.includes('=')) return tag
  const together = TOGETHER.exec(text.slice(lt, lt + MAX_TAG))?.[0]
  if (together !== undefined) {
    const parted = readTag(createFinder(`${together} ${text.slice(lt + together.length, lt + MAX_TAG)}`), 0)
    return { ...parted, end: lt + parted.end - 1, clean: false }
  }
  const written = text.slice(lt, tag.end)
  if (written.includes(NBSP))
    return { ...readTag(createFinder(written.replaceAll(NBSP, ' ')), 0), end: tag.end, clean: false }
  if (text.charCodeAt(tag.end - 1) === 62 || !text.startsWith('</', tag.end)) return tag
  const name = text.slice(tag.end + 2, skipName(text, tag.end + 2))
  if (!(FIELDS.has(name) || OF_PEOPLE.has(name) || name.includes(':')) || !tag.name.startsWith(name)) return tag
  if (tag.name === name) {
    const start = WITH_VALUES.exec(written)?.[0]
    return start === undefined
      ? tag
      : { ...readTag(createFinder(`${start}>`), 0), end: lt + start.length, clean: false }
  }
  const end = lt + 1 + name.length
  const behind = text.startsWith('&gt;', end) ? end + 4 : end
  return { ...tag, name, attributes: [], end: behind, selfClosing: false, whole: true }
}

/** `<itemrdf:about="…">`: no space between the name and its first attribute. */
const TOGETHER =
  /^<(?:[\w-]+:)?(?:item|entry|title|link|guid|category|enclosure|summary|content)(?=(?:rdf:about|xml:\w+|xmlns|type|href|rel|isPermaLink|term|domain|url|length)=["'])/
const MAX_TAG = 4_000
const NBSP = '\u00a0'
const FIELDS = new Set([
  ...'title link description summary content content:encoded guid id author category comments'.split(' '),
  ...'pubDate updated published issued modified created dc:creator dc:date dc:subject'.split(' '),
])
const WITH_VALUES = /^<[\w:]+(?:\s+[\w:]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*/

function mendOpen(mender: Mender, lt: number): number {
  const tag = mendStart(mender, readTag(mender.finder, lt), lt)
  const scriptEnd = behindScript(mender, tag)
  if (scriptEnd !== -1) {
    if (mender.endedAt === null) replace(mender, lt, scriptEnd, '')
    return scriptEnd
  }
  const renamed = mender.renamed.size > 0 ? mender.renamed.get(lt) : undefined
  if (renamed !== undefined) {
    tag.name = renamed
    tag.clean = false
  }
  if (mender.open.length === 0) mender.names.adopt(tag)
  if (tag.selfClosing && isRoot(mender.names.spell(tag.name))) {
    // `<rss/>`, and then a whole document.
    tag.selfClosing = false
    tag.clean = false
  }
  const { names } = mender
  const before = names.scope
  if (tag.attributes.length > 0) names.note(tag, isAtom(mender, tag), lt)
  if (needsChannel(mender, mender.open[0]?.name) && mender.open.length === 1) names.adoptChannel(tag.name)
  let name = usualName(mender, tag)
  const isScope = names.scope !== before
  // It begins when all has ended that was never closed.
  names.scope = before
  if (tag.selfClosing && (isFilled(mender, tag, name) || isBegun(mender, tag, name))) {
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
    // What a second root declares holds where it stands.
    if (isMisplaced && isScope) names.note(tag, isAtom(mender, tag), mender.open.at(-1)?.at ?? lt)
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
  noteHead(mender, lt, name)
  if (isItem(mender, name) && !tag.selfClosing) setMark(mender, lt, tag.end)
  if (isMultipart(mender, tag, name)) {
    // Its parts are contents of the item, each with its type; the end tag that is left over is dropped.
    replace(mender, lt, tag.end, '')
    return tag.end
  }
  const outer = names.scope
  if (isScope) names.note(tag, isAtom(mender, tag), lt)
  // What it stood in was never closed.
  if (outer !== before) name = usualName(mender, tag)
  if (!tag.selfClosing && isLifted(mender, tag, name)) {
    const next = mendField(mender, lt, tag, name)
    names.scope = outer
    return next
  }
  writeTag(mender, lt, tag, name)
  if (tag.selfClosing) names.scope = outer
  else {
    const module = ofDefault(tag, name)
    if (module !== undefined) names.inherit(module, lt)
    mender.open.push({ raw: tag.name, name, at: lt, outer })
  }
  // The head begins here.
  if (isRoot(name) && !tag.selfClosing) setMark(mender, tag.end, tag.end)
  if (isItem(mender, name) && tag.selfClosing) mender.between = markAt(mender, tag.end, tag.end)
  return tag.end
}

/** What a provider or a page put between fields and items, with all that looks like tags in it; -1 for everything else. */
function behindScript({ ahead, text }: Mender, { name, end, selfClosing }: Tag): number {
  if (selfClosing || !RAW.has(name.toLowerCase())) return -1
  const close = behindRawText(ahead, name, end)
  const inner = text.indexOf('<', end)
  return inner !== -1 && inner < close ? endTagEnd(ahead, close + 2) : -1
}

const RAW = new Set(['script', 'style'])

/** `<content type="multipart/alternative"><content type="text/plain">…` (Atom 0.3, 3.1). */
function isMultipart({ text }: Mender, tag: Tag, name: string): boolean {
  if (name !== 'content' || !tag.attributes.some(isOfParts)) return false
  const start = COMMENTS.exec(text.slice(tag.end, tag.end + MAX_TAG))?.[0].length ?? 0
  return text.startsWith(`<${tag.name}`, tag.end + start)
}

function isOfParts({ name, value }: Tag['attributes'][number]): boolean {
  return name === 'type' && value.startsWith('multipart/')
}

const COMMENTS = /^(?:\s|<!--[^<>]*-->)*/

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
  return ADDRESS.test(mender.text.slice(tag.end, tag.end + 200))
}

/** Likewise, of a text behind what was taken out. */
function fillLink(mender: Mender, at: number): void {
  const { text, out, open, copied, names, unclosed } = mender
  if (copied !== at || out.at(-1) !== '' || !ADDRESS.test(text.slice(at, at + 200))) return
  let last = out.length - 1
  while (last > 0 && out[last] === '') last -= 1
  const written = out[last] ?? ''
  const start = EMPTY_LINK.exec(written.slice(-200))?.[0]
  if (start === undefined) return
  out[last] = `${written.slice(0, written.length - start.length)}<link>`
  open.push({ raw: 'link', name: 'link', at, outer: names.scope })
  unclosed.add(at)
}

const ADDRESS = /^\s*https?:\/\//
const EMPTY_LINK = /<link\s*\/>\s*$/

/** `<title/>Storm closes</title>`: a text, and then its end tag. */
function isFilled({ text, open, finder }: Mender, tag: Tag, name: string): boolean {
  const isSection = text.startsWith(SECTION, tag.end)
  const lt = isSection ? (findMarkupEnd(finder, tag.end) ?? -1) : text.indexOf('<', tag.end)
  // Most are followed by a start tag.
  if (text.charCodeAt(lt + 1) !== 47 || !FIELDS.has(name)) return false
  if (!text.startsWith(`</${tag.name}>`, lt) || text.slice(tag.end, lt).trim() === '') return false
  return !open.some((outer) => outer.name === name)
}

/** `<item rdf:about="…"/>`, and then its fields and its end tag; likewise of a person. */
function isBegun(mender: Mender, tag: Tag, name: string): boolean {
  const { text, ahead } = mender
  const next = skipSpace(text, tag.end)
  const isPerson = PEOPLE.has(name)
  if (!isItem(mender, name) && !isPerson) return false
  if (text.charAt(next) !== '<' || !isNameStart(text.charCodeAt(next + 1))) return false
  const isPlace = isPerson
    ? OF_PEOPLE.has(text.slice(next + 1, skipName(text, next + 1))) && !mender.open.some(({ name }) => PEOPLE.has(name))
    : isAmongItems(mender) && isItemGoingOn(ahead, tag.end)
  if (!isPlace) return false
  if (mender.looked > MAX_LOOKS * text.length) return false
  const end = findOuterEnd(ahead, tag.end, text.length)
  mender.looked += end.at - tag.end
  return end.isSound && text.startsWith(`</${tag.name}`, end.at)
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
  mender.open.push({ raw: name, name, at: -1, outer: mender.names.scope })
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
    const isOfItem = isItem(mender, mender.names.spell(raw))
    const isBetween = mender.between !== null
    const again = index !== -1 ? null : isOfItem ? beginLost(mender, lt) : renameStart(mender, lt, raw)
    if (again !== null) return again
    replace(mender, lt, end, '')
    // `</item></item><title>`: the second was to begin one.
    if (isOfItem && isBetween && isAmongItems(mender)) mender.between = markAt(mender, end, end)
    return end
  }
  const { name, outer } = mender.open[index] ?? { name: raw, outer: mender.names.scope }
  // RDF's channel ends before its items begin: it has a piece of its own.
  if (isItem(mender, name) || index <= container || name === 'channel') {
    const again = tryAgain(mender, index <= container ? firstWithin(mender, container) : index + 1)
    if (again !== null) return again
    endMark(mender)
  }
  // `<link>…<guid>…</link></guid>`: of two plain fields neither holds the other.
  const inner = index > container ? mender.open[index + 1] : undefined
  if (inner && FIELDS.has(name) && (FIELDS.has(inner.name) || FIELDS_OF_OTHERS.test(inner.name))) {
    // `<pubDate>…<guid></pubDate>tag:1</guid>`: what the inner one says is still to come.
    const isToCome = text.slice(text.lastIndexOf('>', lt) + 1, lt).trim() === ''
    const again = tryAgain(mender, index, isToCome ? index + 1 : undefined)
    if (again !== null) return again
  }
  // `<media:group><media:thumbnail url="…"><media:description>…</media:group>`: mended when the item ends.
  if (inner && !isItem(mender, name)) {
    noteUnclosed(mender, index + 1)
    mender.hasUnclosed = true
  }
  closeCrossed(mender, lt, index <= container ? container : index)
  if (index <= container) {
    mender.endedAt = lt
    return end
  }
  mender.open.pop()
  mender.names.scope = outer
  const isClean = raw === name && nameStart === lt + 2 && END.test(text.slice(nameEnd, end))
  if (!isClean) replace(mender, lt, end, `</${name}>`)
  if (isItem(mender, name)) mender.between = markAt(mender, end, end)
  // In RDF items stand behind the channel: the start tag of the first one may be broken.
  if (name === 'channel') setMark(mender, end, end)
  return end
}

const END = /^\s*>$/
const FIELDS_OF_OTHERS = /^(?:enclosure$|(?:dc|itunes|media|content|slash|wfw|feedburner|georss|thr|yt):)/

/** Whether an element of this name stands in one of that: a field in an item, a name in a person, RDF's channel. */
function isFieldOf(mender: Mender, raw: string, outer: string): boolean {
  const isField = (FIELDS.has(raw) || raw.includes(':')) && isItem(mender, outer)
  return isField || (OF_PEOPLE.has(raw) && PEOPLE.has(outer)) || (raw === 'channel' && outer === 'rdf:RDF')
}

/**
 * `<tilte>Storm closes</title>`: what is open here nobody knows, and it never ends. It is renamed, and the piece mended anew.
 * Returns where to go on, null where it is not so.
 */
function renameStart(mender: Mender, lt: number, raw: string): number | null {
  const { open, mark, ahead, renames } = mender
  const last = open.at(-1)
  if (!last || last.at < 0 || mark === null || !isFieldOf(mender, raw, open.at(-2)?.name ?? '')) return null
  if (raw === 'channel' && (mender.hasChannel || isItem(mender, last.name))) return null
  const isKnown = FIELDS.has(last.name) || FIELDS_OF_OTHERS.test(last.name) || hasHtmlTag(`<${last.raw}>`)
  const end = isKnown ? -1 : ahead.findEndTag(last.raw, lt)
  if (isKnown || (end !== -1 && !holdsItemTag(ahead, lt, end))) return null
  if (renames.piece !== mark.at) mender.renames = { piece: mark.at, count: 0 }
  if (mender.renames.count >= MAX_RENAMES) return null
  mender.renames.count += 1
  mender.renamed.set(last.at, raw)
  return mendAnew(mender, mark)
}

/** In one item: it is mended anew for each. */
const MAX_RENAMES = 4

/**
 * `title>Storm closes</title>`: the start tag lost its "<", or had it escaped, or is gone. It is open then, and its place
 * returned; -1 where it is not so.
 */
function openHalf(mender: Mender, lt: number, raw: string): number {
  const { text, open } = mender
  const outer = open.at(-1)?.name ?? ''
  if (!isFieldOf(mender, raw, outer)) return -1
  const from = Math.max(mender.copied, lt - MAX_HALF)
  const piece = text.slice(from, lt)
  const isSection = piece.trimEnd().endsWith(']]>') && mender.section >= from
  const gt = isSection ? mender.section - from - 1 : piece.lastIndexOf('>')
  const start = halfStart(piece, gt, raw)
  const name = mender.names.spell(raw)
  if (start === -1) {
    if (piece.slice(gt + 1).trim() === '') return -1
    insertOpen(mender, from + gt + 1, name)
    return open.length - 1
  }
  const tag = readTag(createFinder(`<${piece.slice(start, gt + 1)}`), 0)
  const isEscaped = piece.endsWith('&lt;', start)
  replace(mender, from + start - (isEscaped ? 4 : 0), from + gt + 1, formatTag(name, tag.attributes, false))
  return open.push({ raw, name, at: -1, outer: mender.names.scope }) - 1
}

/** `link rel="alternate" href="…"/>`: an element that ends itself lost its "<". It is written, and where it ends returned; else `at`. */
function openEmpty(mender: Mender, at: number, end: number): number {
  const { text, open } = mender
  const slash = mender.finder.find('/>', at)
  if (slash === -1 || slash >= end || end - at > MAX_HALF || mender.endedAt !== null) return at
  const outer = open.at(-1)?.name ?? ''
  const found = isItem(mender, outer) || isRoot(outer) ? EMPTY.exec(text.slice(at, end)) : null
  if (found === null) return at
  const tag = readTag(createFinder(`<${found[1]}`), 0)
  replace(mender, at, end, formatTag(mender.names.spell(tag.name), tag.attributes, true))
  return end
}

const EMPTY =
  /^\s*((?:\w+:)?(?:link|category|enclosure|content|thumbnail)(?:\s+[\w:-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))+\s*\/>)\s*$/

/** Where in the piece "title" begins, or "guid isPermaLink="false"", that ends with the ">" at `gt`. */
function halfStart(piece: string, gt: number, raw: string): number {
  if (piece.charAt(gt) !== '>') return -1
  const start = piece.endsWith(raw, gt) ? gt - raw.length : piece.lastIndexOf(`${raw} `, gt)
  const isAlone = start === 0 || /(?:[\s>]|&lt;)$/.test(piece.slice(Math.max(start - 4, 0), start))
  return isAlone && start !== -1 && !/[<>]/.test(piece.slice(start, gt)) ? start : -1
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

// ---- Names ----

/** Nothing is open here but what items lie in, or what is known to have no end tag. */
function isAmongItems(mender: Mender): boolean {
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

function isItem(mender: Mender, name: string): boolean {
  return name === itemName(mender)
}

function itemName(mender: Mender): string {
  return mender.open[0]?.name === 'feed' ? 'entry' : 'item'
}

/** `<author xmlns="http://www.w3.org/2005/Atom">` in RSS is Atom's, `<title xmlns="urn:x">` is nobody's we know. */
function usualName(mender: Mender, tag: Tag): string {
  const name = mender.names.spell(tag.name)
  // An item among items, by the other format's word for it.
  if (ITEMS.has(name) && (isAmongItems(mender) || isInItemCalled(mender, tag.name))) return itemName(mender)
  const uri = tag.attributes.find((attribute) => attribute.name === 'xmlns')?.value
  // In whatever namespace somebody puts a channel, it is one.
  if (uri === undefined || mender.open.length === 0 || name.includes(':') || name === 'channel') return name
  const prefix = mender.names.prefixOf(uri, isAtom(mender, tag))
  // Meant of what it holds.
  if (prefix === 'xhtml' && OF_XHTML.has(name)) return name
  if (prefix) return mender.names.spell(`${prefix}:${name}`)
  // Whoever misspells the namespace of an item means an item.
  const isForeign = prefix === undefined && uri !== '' && !mender.names.isOwn(uri) && !ITEMS.has(name) && !isRoot(name)
  return isForeign ? `foreign:${name}` : name
}

/** The prefix of a module we know, where the tag makes its namespace the default one. */
function ofDefault({ name: raw, attributes }: Tag, name: string): string | undefined {
  if (raw.includes(':') || !name.includes(':') || name.startsWith('foreign:')) return undefined
  if (isRoot(name) || isRoot(raw) || ITEMS.has(raw)) return undefined
  return attributes.some((attribute) => attribute.name === 'xmlns') ? name.slice(0, name.indexOf(':')) : undefined
}

const OF_XHTML = new Set('title description summary content subtitle tagline'.split(' '))
