import { containerOf, isItem, itemName, OF_PEOPLE, PEOPLE } from './mend-names.ts'
import { halfEnd, type Mark, type Mender, replace } from './mender.ts'
import { spell } from './names.ts'
import { createFinder, formatTag, readTag } from './scan.ts'

// What was never closed, and what lost its beginning: marks to go back to.

/** The end tags of all that is open from `index` up; it is not open any more. */
export function closeDownTo(mender: Mender, index: number): string {
  const first = mender.open[index]
  if (first === undefined) return ''
  mender.names.scope = first.outer
  return mender.open
    .splice(index)
    .reverse()
    .map(({ name }) => `</${name}>`)
    .join('')
}

export function markAt({ out, copied, open, names, hasChannel }: Mender, at: number, tagEnd: number): Mark {
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

export function setMark(mender: Mender, at: number, tagEnd: number): void {
  endMark(mender)
  mender.mark = markAt(mender, at, tagEnd)
}

export function endMark(mender: Mender): void {
  mender.mark = null
  mender.hasUnclosed = false
}

/**
 * An item ends, and none is open: where fields of one stand behind the item before, its start tag was lost, and the piece
 * is mended anew, in an item. Returns where to go on, null where there is no such item.
 */
export function beginLost(mender: Mender, lt: number): number | null {
  const { between } = mender
  mender.between = null
  if (between === null || !FIELD_OF_ITEM.test(mender.text.slice(between.at, lt))) return null
  goBack(mender, between)
  insertOpen(mender, between.at, itemName(mender))
  setMark(mender, between.at, between.at)
  return between.at
}

/** Opens the element whose start tag lost its "<", or had it escaped: it begins at `start` in the piece, and ends it. Returns where that is. */
export function openHalfTag(mender: Mender, from: number, piece: string, start: number, raw: string): number {
  const { open, names } = mender
  const name = spell(names, raw)
  const tag = readTag(createFinder(`<${piece.slice(start)}`), 0)
  const isEscaped = piece.endsWith('&lt;', start)
  const end = from + piece.length
  replace(mender, from + start - (isEscaped ? 4 : 0), end, formatTag(name, tag.attributes, false))
  open.push({ raw, name, at: -1, outer: names.scope })
  return end
}

/** Where in the piece "title" begins, or "guid isPermaLink="false"", that ends with the ">" at `gt`. */
export function halfStart(piece: string, gt: number, raw: string): number {
  if (piece.charAt(gt) !== '>') return -1
  const start = piece.endsWith(raw, gt) ? gt - raw.length : piece.lastIndexOf(`${raw} `, gt)
  const isAlone = start === 0 || /(?:[\s>]|&lt;)$/.test(piece.slice(Math.max(start - 4, 0), start))
  return isAlone && start !== -1 && !/[<>]/.test(piece.slice(start, gt)) ? start : -1
}

const FIELD_OF_ITEM = /<(?:[\w-]+:)?(?:title|link|guid|id|description|summary|content)[\s>/]/

/** Where something begins that the head has no more than once, or never: the start tag of the first item may have been lost before it. */
export function noteHead(mender: Mender, lt: number, name: string): void {
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
export function dropHollow(mender: Mender, lt: number): void {
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
export function tryAgain(mender: Mender, index: number, upTo?: number): number | null {
  const { mark } = mender
  if (mark === null || mark.at <= mender.againUpTo || index < mark.open.length) return null
  if (index >= mender.open.length && !mender.hasUnclosed) return null
  noteUnclosed(mender, index, upTo)
  mender.againUpTo = mark.at
  return mendAnew(mender, mark)
}

export function mendAnew(mender: Mender, mark: Mark): number {
  if (mender.head !== null) {
    mender.head = new Set()
    mender.between = null
  }
  goBack(mender, mark)
  // A head has no start tag of its own that would set it once more.
  if (mark.tagEnd === mark.at) setMark(mender, mark.at, mark.at)
  return mark.at
}

export function noteUnclosed(mender: Mender, index: number, upTo?: number): void {
  for (const { at } of mender.open.slice(index, upTo)) mender.unclosed.add(at)
}

/** Ends what is known to have no end tag, before the tag of this name that begins at `lt`; a person goes on where it is told of. */
export function closeUnclosed(mender: Mender, lt: number, name: string): void {
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

export function insertOpen(mender: Mender, lt: number, name: string): void {
  replace(mender, lt, lt, `<${name}>`)
  mender.open.push({ raw: name, name, at: -1, outer: mender.names.scope })
}
