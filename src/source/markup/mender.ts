import { createNames, type Names, type Scope, spell } from './names.ts'
import { dropIllegal, mendReferences } from './references.ts'
import { createFinder, type Finder, findMarkupEnd, formatTag, SECTION, type Tag } from './scan.ts'

/** A document that is being mended: what was read, what was written of it, what is open. */
export interface Mender {
  text: string
  finder: Finder
  /** For looking ahead to the end of a field: a finder never goes back. */
  ahead: Finder
  out: string[]
  /** When `out` is to be looked at next: see `joinPieces`. */
  joinAt: number
  /** What stands before it in the text has been written, as it was or mended. */
  copied: number
  open: Open[]
  hasChannel: boolean
  names: Names
  /** Where the root or channel said it ends: held back, since items may still follow. */
  endedAt: number | null
  /** Start tags whose end tag is known to be missing. */
  unclosed: Set<number>
  /** One of them was closed only when an element around it ended. */
  hasUnclosed: boolean
  /** The beginning of the item (or of the head) that is being mended. */
  mark: Mark | null
  /** How many characters were looked at for ends of fields that never came. */
  inVain: number
  /** How many characters were looked at to tell texts that hold names of fields from fields that were never closed. */
  looked: number
  /** Behind the last item; before the first one, where it may have begun. */
  between: Mark | null
  /** What the head said so far; null where an item began. */
  head: Set<string> | null
  /** Where the last section begins that is no field's alone. */
  section: number
  /** What begins before it has been mended twice. */
  againUpTo: number
  /** Start tags whose name is misspelt, with the one their end tag tells; how many in the piece at `piece`. */
  renamed: Map<number, string>
  renames: { piece: number; count: number }
}

/** All that is needed to mend anew from a place on. */
export interface Mark {
  at: number
  /** Behind the start tag that begins there. */
  tagEnd: number
  out: number
  copied: number
  /** The elements themselves: some of them may have ended since, and others begun. */
  open: readonly Open[]
  scope: Scope | null
  hasChannel: boolean
}

interface Open {
  /** As the document spells it. */
  raw: string
  /** As it is written. */
  name: string
  /** Where its start tag begins; -1 for one that was put in. */
  at: number
  /** What prefixes mean around it. */
  outer: Scope | null
}

export function createMender(xml: string): Mender {
  const text = dropIllegal(xml.includes('\r') ? xml.replace(/\r\n?/g, '\n') : xml)
  return {
    text,
    finder: createFinder(text),
    ahead: createFinder(text),
    out: [],
    joinAt: MAX_PIECES,
    copied: 0,
    open: [],
    hasChannel: false,
    names: createNames(),
    endedAt: null,
    unclosed: new Set(),
    hasUnclosed: false,
    mark: null,
    inVain: 0,
    looked: 0,
    between: null,
    head: new Set(),
    section: -1,
    againUpTo: -1,
    renamed: new Map(),
    renames: { piece: -1, count: 0 },
  }
}

// ---- Writing ----

/** Writes `by` for what stands from `from` to `to`, behind all that was written so far. */
export function replace(mender: Mender, from: number, to: number, by: string): void {
  mender.out.push(mender.text.slice(mender.copied, from), by)
  mender.copied = to
  if (mender.out.length >= mender.joinAt) joinPieces(mender)
}

/** A piece takes some 40 bytes, be it a single sign: of millions within one item most become one. Nobody goes back to between them. */
function joinPieces(mender: Mender): void {
  const { out, mark, between } = mender
  // The last ones may be looked at.
  const last = out.splice(-4)
  const from = Math.max(mark?.out ?? 0, between?.out ?? 0, mender.joinAt - MAX_PIECES)
  if (from < out.length) out.push(out.splice(from).join(''))
  out.push(...last)
  mender.joinAt = out.length + MAX_PIECES
}

const MAX_PIECES = 16_384

/** The start tag at `lt`, well-formed and by its usual name. */
export function writeTag(mender: Mender, lt: number, tag: Tag, name: string): void {
  const isClean = tag.clean && name === tag.name && tag.attributes.every(({ value }) => mendReferences(value) === value)
  if (!isClean) replace(mender, lt, tag.end, formatTag(name, tag.attributes, tag.selfClosing))
}

/** A text without markup: its references, and what may stand in none. */
export function mendText(mender: Mender, from: number, to: number): void {
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

/** What goes beyond it in one text that needs mending is dropped: no item is read so far. */
const MAX_TEXT = 1_500_000

/** A ">" at its beginning: what stood between it and a "]]" before it may have been taken out. */
function mendTextStart(mender: Mender, from: number): number {
  const { text } = mender
  const gt = text.startsWith(']>', from) ? from + 1 : from
  if (mender.copied !== from || text.charAt(gt) !== '>') return from
  replace(mender, gt, gt + 1, '&gt;')
  return gt + 1
}

/** CDATA stays; comments, instructions and declarations go; a "<" that begins nothing is text. */
export function mendSection(mender: Mender, lt: number, holder?: string | null): number {
  const { text } = mender
  const end = findMarkupEnd(mender.finder, lt, holder)
  const isCdata = text.startsWith(SECTION, lt)
  if (isCdata && end !== undefined) {
    mender.section = lt
    const to = end === -1 ? text.length : end
    const isEnded = end !== -1 && to >= lt + 12 && text.startsWith(']]>', to - 3)
    // Another section's beginning in it would tell where it was to end.
    const inner = isEnded ? '' : withoutHalfEnd(text.slice(lt + SECTION.length, to))
    if (!isEnded && mender.endedAt === null)
      replace(mender, lt + SECTION.length, to, `${inner.replaceAll(SECTION, ' ')}]]>`)
    return to
  }
  // One that never ends hides nothing but its own beginning.
  const to = end === undefined ? lt + 1 : end === -1 ? lt + 2 : end
  if (mender.endedAt !== null) return to
  // `Storm closes<</title>`: it stands twice.
  const isTwice = end === undefined && text.startsWith('</', lt + 1) && /[^ \t]/.test(text.charAt(lt - 1))
  replace(mender, lt, to, end === undefined && !isTwice ? '&lt;' : '')
  return to
}

/** A section's text without what is left of its end where that is misspelt: it lost its ">", or all but that, which ends no tag then. */
export function withoutHalfEnd(section: string): string {
  const text = section.replace(HALF_SECTION_END, '')
  const last = text.trimEnd().length - 1
  if (text !== section || text.charAt(last) !== '>') return text
  return text.lastIndexOf('<', last) > text.lastIndexOf('>', last - 1) ? text : text.slice(0, last)
}

const HALF_SECTION_END = /\](?:\s?\]\s?(?:[>}]>?|&gt;)?|\s?>)\s*$/

// ---- Looking ----

/** How often on the average a character may be looked at to tell what a tag means by what follows. */
export const MAX_LOOKS = 8

/** Where the end tag begins, of a field that holds a text or a CDATA section and nothing else, as most do; -1 for others. */
export function plainEnd({ text, finder }: Mender, start: number, name: string): number {
  const lt = text.indexOf('<', start)
  if (lt === -1) return -1
  const isSection = lt === start && text.startsWith(SECTION, lt)
  const end = isSection ? (findMarkupEnd(finder, lt) ?? -1) : lt
  if (end === -1 || (isSection && (end < lt + 12 || !text.startsWith(']]>', end - 3)))) return -1
  const isOwn =
    text.startsWith('</', end) && text.startsWith(name, end + 2) && text.charCodeAt(end + 2 + name.length) === 62
  return isOwn ? end : -1
}

/** Behind the ">" of an end tag; where that was forgotten, at the next tag. */
export function endTagEnd(finder: Finder, from: number): number {
  const gt = finder.find('>', from)
  const lt = finder.find('<', from)
  if (gt !== -1 && (lt === -1 || gt < lt)) return gt + 1
  return lt === -1 ? finder.text.length : lt
}

/** Where "/title>" begins before `at`, an end tag that lost its "<", or had it escaped, or "</", of which no more is left; else `at`. */
export function halfEnd(text: string, at: number, name: string): number {
  const before = text.slice(Math.max(0, at - 200), at)
  const written = before.trimEnd()
  const half = HALF_ENDS.map((sign) => sign.replace('name', name)).find((end) => written.endsWith(end))
  return half === undefined ? at : at - before.length + written.length - half.length
}

const HALF_ENDS = ['&lt;/name>', '&lt;/name&gt;', '/name>', '</', '<']

// ---- Names ----

/** In any format. */
export const ITEMS = new Set(['item', 'entry'])

/** Whether items lie in such an element, or it is around what they lie in. */
export function isRoot(name: string): boolean {
  return name === 'rss' || name === 'rdf:RDF' || name === 'feed' || name === 'channel'
}

/** Whether this tag stands in an Atom feed, or is its root. */
export function isAtom(mender: Mender, tag: Tag): boolean {
  return (mender.open[0]?.name ?? spell(mender.names, tag.name)) === 'feed'
}
