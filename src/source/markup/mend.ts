import { hasHtmlTag } from './html-look.ts'
import { isLifted, mendField } from './mend-field.ts'
import {
  beginLost,
  closeDownTo,
  closeUnclosed,
  dropHollow,
  endMark,
  halfStart,
  insertOpen,
  markAt,
  mendAnew,
  noteHead,
  noteUnclosed,
  openHalfTag,
  setMark,
  tryAgain,
} from './mend-lost.ts'
import {
  containerOf,
  FIELDS,
  isAmongItems,
  isFieldOf,
  isItem,
  isKnownField,
  itemName,
  OF_MODULES,
  OF_PEOPLE,
  ofDefault,
  PEOPLE,
  usualName,
} from './mend-names.ts'
import { behindScript, isMultipart, MAX_DEPTH, mendStart, passPlainField } from './mend-start.ts'
import {
  createMender,
  endTagEnd,
  isAtom,
  isRoot,
  MAX_LOOKS,
  type Mender,
  mendSection,
  mendText,
  replace,
  writeTag,
} from './mender.ts'
import { adoptChannel, adoptRoot, inherit, noteTag, spell } from './names.ts'
import {
  beginsWithItem,
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
      const end = lt === -1 ? text.length : lt
      mendText(mender, openHalfItem(mender, openEmpty(mender, at, end), end), end)
    }
    at = lt === -1 ? text.length : mendMarkup(mender, lt)
  }
  return finish(mender)
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
  const field = holder === undefined || isField ? lt : fieldInSection(mender, lt)
  // Likewise, around fields.
  return field === lt ? mendSection(mender, lt, isField ? holder.raw : null) : leaveOut(mender, lt, field)
}

/** Where the field begins with which the section at `lt` does, whose beginning may stand twice; `lt` where none does. */
function fieldInSection({ text, names }: Mender, lt: number): number {
  let at = lt
  while (text.startsWith(SECTION, at)) at = skipSpace(text, at + SECTION.length)
  const isField = text.charAt(at) === '<' && isKnownField(spell(names, text.slice(at + 1, skipName(text, at + 1))))
  return isField ? at : lt
}

function mendOpen(mender: Mender, lt: number): number {
  const tag = mendStart(mender, readTag(mender.finder, lt), lt)
  const scriptEnd = behindScript(mender, tag)
  if (scriptEnd !== -1) return leaveOut(mender, lt, scriptEnd)
  const named = nameTag(mender, tag, lt)
  const { name } = named
  if (tag.selfClosing && (isFilled(mender, tag, name) || isBegun(mender, tag, name))) reopen(tag)
  if (name === 'link' && isEmptied(mender, tag)) {
    reopen(tag)
    mender.unclosed.add(lt)
  }
  continueAfterEnd(mender, lt)

  if (isMisplaced(mender, name) || isNothing(mender, tag, name)) return leaveOut(mender, lt, tag.end)
  const elsewhere = isItem(mender, name) ? endItemBefore(mender, lt, tag) : null
  if (elsewhere !== null) return elsewhere
  if (name === 'channel') closeCrossed(mender, lt, 0)
  closeUnclosed(mender, lt, name)
  openContainer(mender, lt, name)
  noteHead(mender, lt, name)
  if (isItem(mender, name) && !tag.selfClosing) setMark(mender, lt, tag.end)
  // Its parts are contents of the item, each with its type; the end tag that is left over is dropped.
  return isMultipart(mender, tag, name) ? leaveOut(mender, lt, tag.end) : openElement(mender, lt, tag, named)
}

/** What stands there goes; behind the end of the root nothing is written anyway. Returns where the text goes on. */
function leaveOut(mender: Mender, from: number, to: number): number {
  if (mender.endedAt === null) replace(mender, from, to, '')
  return to
}

/** It seemed to end itself. */
function reopen(tag: Tag): void {
  tag.selfClosing = false
  tag.clean = false
}

interface Named {
  name: string
  /** What prefixes mean around it, and whether some mean something else in it. */
  scope: Mender['names']['scope']
  isScope: boolean
}

/** What is meant by a start tag, the first of which tells it for all. */
function nameTag(mender: Mender, tag: Tag, lt: number): Named {
  const { names, open } = mender
  const renamed = mender.renamed.get(lt)
  if (renamed !== undefined) {
    tag.name = renamed
    tag.clean = false
  }
  if (open.length === 0) adoptRoot(names, tag)
  // `<rss/>`, and then a whole document.
  if (tag.selfClosing && isRoot(spell(names, tag.name))) reopen(tag)
  const { scope } = names
  if (tag.attributes.length > 0) noteTag(names, tag, isAtom(mender, tag), lt)
  if (needsChannel(mender, open[0]?.name) && open.length === 1) adoptChannel(names, tag.name)
  const name = usualName(mender, tag)
  const isScope = names.scope !== scope
  // It begins when all has ended that was never closed.
  names.scope = scope
  return { name, scope, isScope }
}

/** A second root, or a whole feed in a channel. */
function isMisplaced(mender: Mender, name: string): boolean {
  const { open } = mender
  const isSecond =
    isRoot(name) && open.some((outer) => outer.name === name || outer.name === 'feed' || isItem(mender, outer.name))
  return isSecond || ((name === 'feed' || name === 'atom:feed') && open.length > 0)
}

/** Too deep, half a tag at the end, except where it is all there is, or an item that holds nothing, within one. */
function isNothing(mender: Mender, tag: Tag, name: string): boolean {
  const { open } = mender
  if (!isItem(mender, name)) return open.length >= MAX_DEPTH || (!tag.whole && open.length > 0)
  return (!tag.whole && open.length > 0) || (tag.selfClosing && open.some((outer) => isItem(mender, outer.name)))
}

/** Before an item begins all ends that was open in the one before. Returns where to go on if not there; else null. */
function endItemBefore(mender: Mender, lt: number, tag: Tag): number | null {
  const container = containerOf(mender)
  const behind = behindQuoted(mender, lt, tag, container)
  if (behind !== -1) return leaveOut(mender, lt, behind)
  const again = tryAgain(mender, firstWithin(mender, container))
  if (again !== null) return again
  dropHollow(mender, lt)
  closeCrossed(mender, lt, container)
  return null
}

function openElement(mender: Mender, lt: number, tag: Tag, { name: meant, scope, isScope }: Named): number {
  const { names } = mender
  const outer = names.scope
  if (isScope) noteTag(names, tag, isAtom(mender, tag), lt)
  // What it stood in was never closed.
  const name = outer === scope ? meant : usualName(mender, tag)
  if (!tag.selfClosing && isLifted(mender, tag, name)) {
    const next = mendField(mender, lt, tag, name)
    names.scope = outer
    return next
  }
  writeTag(mender, lt, tag, name)
  if (tag.selfClosing) names.scope = outer
  else {
    const module = ofDefault(tag, name)
    if (module !== undefined) inherit(names, module, lt)
    mender.open.push({ raw: tag.name, name, at: lt, outer })
  }
  // The head begins here.
  if (isRoot(name) && !tag.selfClosing) setMark(mender, tag.end, tag.end)
  if (isItem(mender, name) && tag.selfClosing) mender.between = markAt(mender, tag.end, tag.end)
  return tag.end
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
  return ADDRESS.test(mender.text.slice(tag.end, tag.end + 200))
}

/** Likewise, of a text behind what was taken out. */
function fillLink(mender: Mender, at: number): void {
  const { text, out, open, copied, names, unclosed } = mender
  if (copied !== at || out.at(-1) !== '' || !ADDRESS.test(text.slice(at, at + 200))) return
  let last = out.length - 1
  while (last > 0 && out[last]?.trim() === '') last -= 1
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

function mendClose(mender: Mender, lt: number): number {
  const { text, names } = mender
  const nameStart = skipSpace(text, lt + 2)
  const nameEnd = skipName(text, nameStart)
  const raw = text.slice(nameStart, nameEnd)
  const end = endTagEnd(mender.finder, nameEnd)

  if (mender.endedAt === null) closeUnclosed(mender, lt, spell(names, raw))
  if (mender.endedAt !== null) return end
  const found = findOpen(mender, raw)
  const index = found === -1 ? openHalf(mender, lt, raw) : found
  const container = containerOf(mender)
  const open = mender.open[index]
  if (!open || (index <= container && isStray(mender, container, lt)))
    return dropEnd(mender, lt, end, open ? null : raw)
  const again = endInner(mender, lt, index, container)
  if (again !== null) return again
  if (index <= container) {
    mender.endedAt = lt
    return end
  }
  const { name, outer } = open
  mender.open.pop()
  names.scope = outer
  const isClean = raw === name && nameStart === lt + 2 && text.charCodeAt(nameEnd) === 62
  if (!isClean) replace(mender, lt, end, `</${name}>`)
  if (isItem(mender, name)) mender.between = markAt(mender, end, end)
  // In RDF items stand behind the channel: the start tag of the first one may be broken.
  if (name === 'channel') setMark(mender, end, end)
  return end
}

/** An end tag too many (`raw`: of nothing that is open); perhaps its start tag was lost. Returns where to go on. */
function dropEnd(mender: Mender, lt: number, end: number, raw: string | null): number {
  const isOfItem = raw !== null && isItem(mender, spell(mender.names, raw))
  const isBetween = mender.between !== null
  const again = raw === null ? null : isOfItem ? beginLost(mender, lt) : renameStart(mender, lt, raw)
  if (again !== null) return again
  replace(mender, lt, end, '')
  // `</item></item><title>`: the second was to begin one.
  if (isOfItem && isBetween && isAmongItems(mender)) mender.between = markAt(mender, end, end)
  return end
}

/** Ends what is open in the element that ends, which was never closed. Returns where to go on if it is mended anew; else null. */
function endInner(mender: Mender, lt: number, index: number, container: number): number | null {
  const { text, open } = mender
  const name = open[index]?.name ?? ''
  // RDF's channel ends before its items begin: it has a piece of its own.
  if (isItem(mender, name) || index <= container || name === 'channel') {
    const again = tryAgain(mender, index <= container ? firstWithin(mender, container) : index + 1)
    if (again !== null) return again
    endMark(mender)
  }
  // `<link>…<guid>…</link></guid>`: of two plain fields neither holds the other.
  const inner = index > container ? open[index + 1] : undefined
  if (inner && FIELDS.has(name) && (FIELDS.has(inner.name) || OF_MODULES.test(inner.name))) {
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
  return null
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
  const isMeant = isKnownField(last.name) || !isKnownField(spell(mender.names, raw)) || hasHtmlTag(`<${last.raw}>`)
  const found = isMeant ? -1 : ahead.findEndTag(last.raw, lt)
  // `<pubDat>…</pubDate>`: a part of another one's.
  const end = found !== -1 && /[\s>]/.test(mender.text.charAt(found + 2 + last.raw.length)) ? found : -1
  if (isMeant || (end !== -1 && !holdsItemTag(ahead, lt, end))) return null
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
  const name = spell(mender.names, raw)
  if (start === -1) {
    if (piece.slice(gt + 1).trim() === '') return -1
    insertOpen(mender, from + gt + 1, name)
  } else openHalfTag(mender, from, piece.slice(0, gt + 1), start, raw)
  const section = isSection ? text.slice(mender.section + SECTION.length, lt) : ''
  // In a field another section's beginning would tell where this one was to end.
  if (section.includes(SECTION)) replace(mender, mender.section + SECTION.length, lt, section.replaceAll(SECTION, ' '))
  return open.length - 1
}

/** `link rel="alternate" href="…"/>`: an element that ends itself lost its "<", or had it escaped. It is written, and where it ends returned; else `at`. */
function openEmpty(mender: Mender, at: number, end: number): number {
  const { text, open } = mender
  const slash = mender.finder.find('/>', at)
  if (slash === -1 || slash >= end || end - at > MAX_HALF_TAG || mender.endedAt !== null) return at
  const outer = open.at(-1)?.name ?? ''
  const found = isItem(mender, outer) || isRoot(outer) ? EMPTY.exec(text.slice(at, end)) : null
  if (found === null) return at
  const tag = readTag(createFinder(`<${found[1]}`), 0)
  openContainer(mender, at, tag.name)
  replace(mender, at, end, formatTag(spell(mender.names, tag.name), tag.attributes, true))
  return end
}

const EMPTY =
  /^\s*(?:&lt;)?((?:\w+:)?(?:link|category|enclosure|content|thumbnail)(?:\s+[\w:-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))+\s*\/>)\s*$/

/** `item rdf:about="…">` among items, one of which ends before another begins. Returns where its fields begin; else `at`. */
function openHalfItem(mender: Mender, at: number, end: number): number {
  const { text, finder } = mender
  const gt = finder.find('>', at)
  if (gt === -1 || gt >= end || end - at > MAX_HALF_TAG) return at
  if (mender.endedAt !== null || !isAmongItems(mender)) return at
  const name = itemName(mender)
  const piece = text.slice(at, end).trimEnd()
  const start = halfStart(piece, piece.length - 1, name)
  const isAlone = start !== -1 && /^\s*(?:&lt;)?$/.test(piece.slice(0, start))
  if (!isAlone || !isItemGoingOn(mender.ahead, end)) return at
  closeUnclosed(mender, at, name)
  openContainer(mender, at, name)
  noteHead(mender, at, name)
  const behind = openHalfTag(mender, at, piece, start, name)
  setMark(mender, behind, behind)
  return behind
}

const MAX_HALF_TAG = 2_000

/** How far back a start tag is looked for that lost its "<": a text may be long. What was looked at once is copied, or mended, then. */
const MAX_HALF = 200_000

/** `</channel>` in an item that goes on. */
function isStray(mender: Mender, container: number, lt: number): boolean {
  const inner = mender.open[container + 1]
  return inner !== undefined && isItem(mender, inner.name) && isItemGoingOn(mender.ahead, lt)
}

/** The innermost open element this end tag means. Only an end tag of structure reaches out of an item. */
function findOpen(mender: Mender, raw: string): number {
  const usual = spell(mender.names, raw)
  const isStructure = isRoot(usual) || isItem(mender, usual)
  for (let index = mender.open.length - 1; index >= 0; index -= 1) {
    const open = mender.open[index]
    if (open?.raw === raw || open?.name === usual) return index
    if (open && isItem(mender, open.name) && !isStructure) return -1
  }
  return -1
}
