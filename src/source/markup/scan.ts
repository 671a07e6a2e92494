import { mendReferences } from './references.ts'

/** One start tag as it was found, well-formed or not. */
export interface Tag {
  /** As written. */
  name: string
  /** Values raw: references not yet replaced. A name stands once. */
  attributes: { name: string; value: string }[]
  /** Behind its ">"; where the text goes on. */
  end: number
  selfClosing: boolean
  /** It is well-formed as it stands (its name and the references in its values not looked at). */
  clean: boolean
  /** Its ">" was found. */
  whole: boolean
}

/**
 * Searches one text forward, remembering what lies ahead, so that asking at every tag stays linear in the text. Going
 * back by a piece of it, once for each piece, does too.
 */
export interface Finder {
  text: string
  /** The first `needle` at or after `from`, or -1. */
  find(needle: string, from: number): number
  /** Likewise, the end tag of an element. Of the names that are asked for the first ones are searched for, no others. */
  findEndTag(name: string, from: number): number
  /** Likewise, where the next internal subset of a DOCTYPE ends: a "]", perhaps spaces, and the character behind its ">". */
  findSubsetEnd(from: number): number
}

export function createFinder(text: string): Finder {
  const memory = new Map<string, { from: number; found: number }>()
  const look = (name: string, from: number, search: Search, reach: number) => {
    const known = memory.get(name)
    if (known === undefined) {
      const found = search(text, from, name)
      memory.set(name, { from, found })
      return found
    }
    if (from < known.from) {
      // Gone back: only what lies before the place asked for last time is not yet known.
      const near = search(text.slice(from, known.from + reach), 0, name)
      if (near !== -1) known.found = from + near
    } else if (known.found >= from || known.found === -1) return known.found
    else known.found = search(text, from, name)
    known.from = from
    return known.found
  }
  const find = (needle: string, from: number) => look(needle, from, searchText, needle.length - 1)
  return {
    text,
    find,
    findEndTag: (name, from) => {
      const needle = `</${name}`
      return memory.size < MAX_NEEDLES || memory.has(needle) ? find(needle, from) : -1
    },
    findSubsetEnd: (from) => look('subset', from, searchSubsetEnd, 1),
  }
}

type Search = (within: string, from: number, needle: string) => number

function searchText(within: string, from: number, needle: string): number {
  return within.indexOf(needle, from)
}

/** Each may cost a look at the whole text. */
const MAX_NEEDLES = 64

function searchSubsetEnd(text: string, from: number): number {
  const end = /\]\s*>/g
  end.lastIndex = from
  return end.test(text) ? end.lastIndex : -1
}

/**
 * Where the comment, CDATA section, processing instruction or declaration that begins at `lt` ends (behind its last
 * character). -1 when it never ends; undefined when something else begins there. A CDATA section that lost its "]]>"
 * ends before the end tag of its element: the `holder`, where it is known that it has one or none.
 */
export function findMarkupEnd(finder: Finder, lt: number, holder?: string | null): number | undefined {
  const { text } = finder
  const sign = text.charCodeAt(lt + 1)
  if (sign === QUESTION) return findInstructionEnd(finder, lt)
  if (sign !== BANG) return undefined
  if (text.startsWith('<!--', lt)) return findCommentEnd(finder, lt)
  if (text.startsWith(SECTION, lt)) return findSectionEnd(finder, lt, holder)
  if (/[a-z]/i.test(text.charAt(lt + 2))) return findDeclarationEnd(finder, lt)
  return undefined
}

/** The start tag at `lt` (which holds "<" and the start of a name). Never fails: a tag that is broken ends where it must. */
export function readTag(finder: Finder, lt: number): Tag {
  const { text } = finder
  let at = skipName(text, lt + 1)
  const tag: Tag = {
    name: text.slice(lt + 1, at),
    attributes: [],
    end: 0,
    selfClosing: false,
    clean: true,
    whole: false,
  }

  for (;;) {
    const gap = at
    at = skipSpace(text, at)
    const code = text.charCodeAt(at)
    if (code === GT) return finish(tag, at + 1, true)
    if (code === SLASH && text.charCodeAt(at + 1) === GT) {
      tag.selfClosing = true
      return finish(tag, at + 2, true)
    }
    // A new tag begins, or the text ends: this one was never closed.
    if (code === LT || at >= text.length) {
      tag.clean = false
      return finish(tag, at, code === LT)
    }
    if (gap === at) tag.clean = false
    at = readAttribute(finder, at, tag)
  }
}

/**
 * Looks for the end tag of what is open at `from`, as far as `to`: `at` it, at `to`, or where something begins that XML does
 * not allow. It is sound where every element that began on the way has ended, each within the one around it.
 */
export function findOuterEnd(finder: Finder, from: number, to: number): { at: number; isSound: boolean } {
  const { text } = finder
  const open: string[] = []
  for (let lt = text.indexOf('<', from); lt !== -1 && lt < to; ) {
    const sign = text.charCodeAt(lt + 1)
    let next = findMarkupEnd(finder, lt) ?? -1
    if (sign === SLASH) {
      next = skipName(text, lt + 2)
      if (open.length === 0) return { at: lt, isSound: true }
      if (open.pop() !== text.slice(lt + 2, next)) return { at: lt, isSound: false }
    } else if (isNameStart(sign)) {
      const tag = readTag(finder, lt)
      if (!tag.selfClosing) open.push(tag.name)
      next = tag.clean ? tag.end : -1
    }
    if (next === -1) return { at: lt, isSound: false }
    lt = text.indexOf('<', next)
  }
  return { at: to, isSound: open.length === 0 }
}

/** Whether a section begins at `lt`, and an item in it. */
export function beginsWithItem(text: string, lt: number): boolean {
  return text.startsWith(SECTION, lt) && BEFORE_ITEM.test(text.slice(lt + SECTION.length, lt + 200))
}

/** Whether an item begins or ends between these places, by its name in lower case. */
export function holdsItemTag(finder: Finder, from: number, to: number): boolean {
  const at = nearest(findItemStart(finder, from), findItemEnd(finder, from))
  return at !== -1 && at < to
}

/** Whether the item in which `at` lies goes on behind it: it ends before another begins. */
export function isItemGoingOn(finder: Finder, at: number): boolean {
  const end = findItemEnd(finder, at)
  const next = findItemStart(finder, at)
  return end !== -1 && (next === -1 || end < next)
}

/** What stands in them is no markup (HTML, "raw text elements"). */
export const RAW_TEXT = new Set(['script', 'style'])

/** Behind what stands raw in an element whose start tag ends before `from`: at its end tag, where there is one. */
export function behindRawText(finder: Finder, name: string, from: number): number {
  const end = finder.find(`</${name}`, from)
  return end === -1 ? from : end
}

/** A well-formed start tag: references in its values mended, and every "<" and ">"; nothing else changed. */
export function formatTag(name: string, attributes: Tag['attributes'], selfClosing: boolean): string {
  const written = attributes.map(({ name, value }) => {
    const mended = mendReferences(value).replace(/[<>"]/g, (c) => QUOTED[c] ?? c)
    return ` ${name}="${mended}"`
  })
  return `<${name}${written.join('')}${selfClosing ? '/' : ''}>`
}

const QUOTED: Record<string, string> = { '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Whether an element's name can begin with this character (XML 1.0 names, and all of what is not ASCII). */
export function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === UNDERSCORE || code >= 0x80
}

export function skipSpace(text: string, from: number): number {
  let at = from
  while (isSpace(text.charCodeAt(at))) at += 1
  return at
}

/** Behind the name that begins at `from`. */
export function skipName(text: string, from: number): number {
  let at = from
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === GT || code === SLASH || code === LT || isSpace(code)) break
  }
  return at
}

/** First characters of names (XML 1.0, production 4), as a character class; sax knows none beyond U+FFFF. */
export const NAME_START =
  'A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd'
/** All characters of names (production 4a). */
export const NAME_CHARACTER = `${NAME_START}0-9.\\u00b7\\u0300-\\u036f\\u203f\\u2040-`
/** A whole name, with a prefix or without. */
export const XML_NAME = new RegExp(`^[${NAME_START}][${NAME_CHARACTER}]*(?::[${NAME_START}][${NAME_CHARACTER}]*)?$`)

/** "creator" of "dc:creator". */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

const [BANG, QUOTE, APOSTROPHE, COMMA, SLASH, LT, EQUALS, GT, QUESTION, UNDERSCORE] = [
  33, 34, 39, 44, 47, 60, 61, 62, 63, 95,
]

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9
}

function endOf(finder: Finder, needle: string, from: number): number {
  const found = finder.find(needle, from)
  return found === -1 ? -1 : found + needle.length
}

/**
 * Where a comment or an instruction ends; -1 for one that holds another's beginning, and items, or a section in which that one
 * begins: it was never ended.
 */
function findSoundEnd(finder: Finder, lt: number, start: string, needle: string): number {
  const end = endOf(finder, needle, lt + start.length)
  const inner = end === -1 ? '' : finder.text.slice(lt + start.length, end)
  const other = inner.indexOf(start)
  if (other === -1) return end
  const isInSection = inner.lastIndexOf(SECTION, other) > inner.lastIndexOf(']]>', other)
  return isInSection || holdsItemTag(finder, lt, end) ? -1 : end
}

/**
 * Of one that was never ended the end may be a "?>" that an item says; a declaration (`<?xml version="1.0">`) holds no
 * tags, and ends before them.
 */
function findInstructionEnd(finder: Finder, lt: number): number {
  const end = findSoundEnd(finder, lt, '<?', '?>')
  const next = finder.find('<', lt + 2)
  if (end === -1 || next === -1 || next > end) return end
  if (finder.text.startsWith('<?xml', lt)) {
    const gt = finder.find('>', lt)
    return gt < next ? gt + 1 : -1
  }
  // `<?php echo "<item>" ?>`
  const line = finder.find('\n', lt)
  const isOnLine = end - lt < MAX_INSTRUCTION && (line === -1 || line > end)
  return !isOnLine && holdsItemTag(finder, lt, end) && isItemGoingOn(finder, end) ? -1 : end
}

const MAX_INSTRUCTION = 200

/** Of one that was never ended a misspelt end may tell where it should. */
function findCommentEnd(finder: Finder, lt: number): number {
  const end = findSoundEnd(finder, lt, '<!--', '-->')
  if (end !== -1) return end
  const half = HALF_COMMENT.exec(finder.text.slice(lt + 4, lt + 504))?.[0]
  return half === undefined ? -1 : lt + 4 + half.length
}

const HALF_COMMENT = /^[^<>]*?(?:--\s*!?|-)>/

/** How a CDATA section begins. */
export const SECTION = '<![CDATA['

/**
 * The "]]>" is another section's where the end tag of this one's element comes first, a tag behind it, and then the
 * beginning of that other one; or where the item ends before that one begins, and another item follows. Text that quotes
 * a feed can look so too, but hardly and be well-formed: it would hold "]]>".
 */
function findSectionEnd(finder: Finder, lt: number, known?: string | null): number {
  const end = endOf(finder, ']]>', lt + SECTION.length)
  const next = finder.find(SECTION, lt + SECTION.length)
  if (end !== -1 && (next === -1 || next >= end)) return end

  const { text } = finder
  const isBeforeNext = (at: number) => at !== -1 && (end === -1 || at < next)
  const stop = findItemEnd(finder, lt)
  const holder = known === undefined ? holderOf(text, lt) : known
  const found = holder === null ? -1 : findEndOfEither(finder, holder, lt)
  // The next item has fields of the same name.
  const close = stop !== -1 && found > stop ? -1 : found
  if (isBeforeNext(close) && (end === -1 || BEHIND_FIELD.test(text.slice(close, close + 200)))) return close
  if (isBeforeNext(stop) && BEHIND_ITEM.test(text.slice(stop, stop + 200))) return close === -1 ? stop : close
  return end
}

/** Whether the section at `lt`, where no item is open, is in no field, and around items. */
export function isAroundItems({ text }: Finder, lt: number): boolean {
  if (!beginsWithItem(text, lt)) return false
  const holder = holderOf(text, lt)
  return holder === null || LISTS.test(holder)
}

/** The element in whose text the section at `lt` begins: its start tag is the last tag before. What the mender takes out is none. */
function holderOf(text: string, lt: number): string | null {
  let start = text.lastIndexOf('<', lt - 1)
  while (start > 0 && !BEGINS_TAG.test(text.slice(start + 1, start + 3))) start = text.lastIndexOf('<', start - 1)
  const isEmpty = text.charCodeAt(text.slice(start, lt).indexOf('>') + start - 1) === SLASH
  return isEmpty ? null : (HOLDER.exec(text.slice(start, Math.min(lt, start + 64)))?.[1] ?? null)
}

const BEGINS_TAG = /^(?:[a-z/_]|!\[)/i
const HOLDER = /^<([a-z][\w:.-]*)(?:[\s>]|$)/i
const BEFORE_ITEM = /^(?:\s|<!\[CDATA\[)*<(?:\w+:)?(?:item|entry|channel)[\s>]/i
const LISTS = /^(?:\w+:)?(?:rss|channel|feed|RDF)$/
const BEHIND_FIELD = /^<\/[\w:]+\s*>\s*<(?:\/?[a-z]|!--)/i
const BEHIND_ITEM = /^<\/\w+\s*>\s*<(?:!|(?:item|entry|\/channel|\/rdf|\/feed|\/rss)[\s:>])/i

/** Some write start tags in capitals, and end tags small. */
function findEndOfEither(finder: Finder, name: string, from: number): number {
  const end = finder.findEndTag(name, from)
  return /^[A-Z]/.test(name) ? nearest(end, finder.findEndTag(name.toLowerCase(), from)) : end
}

function findItemEnd(finder: Finder, from: number): number {
  return nearest(finder.find('</item', from), finder.find('</entry', from))
}

function findItemStart(finder: Finder, from: number): number {
  return nearest(finder.find('<item', from), finder.find('<entry', from))
}

/** The smaller of two places; -1 is none. */
function nearest(one: number, other: number): number {
  return one === -1 || other === -1 ? Math.max(one, other) : Math.min(one, other)
}

/** `<!DOCTYPE …>`, over its internal subset in brackets. */
function findDeclarationEnd(finder: Finder, lt: number): number {
  const gt = finder.find('>', lt)
  const bracket = finder.find('[', lt)
  if (bracket === -1 || gt < bracket) return gt === -1 ? -1 : gt + 1
  return finder.findSubsetEnd(bracket)
}

function finish(tag: Tag, end: number, whole: boolean): Tag {
  tag.end = end
  tag.whole = whole
  return tag
}

/** Adds the attribute at `at` to the tag, and returns where it ends; moves on by one character at least. */
function readAttribute(finder: Finder, start: number, tag: Tag): number {
  const { text } = finder
  let at = start
  while (at < text.length && !isAttributeNameEnd(text.charCodeAt(at))) at += 1
  // `url="…",length="…"`
  if (at === start || text.charCodeAt(start) === COMMA) {
    tag.clean = false
    return start + 1
  }
  const name = text.slice(start, at)
  const equals = skipSpace(text, at)
  // `url "…"` and `url=="…"`
  const isUsual = text.charCodeAt(equals) === EQUALS && text.charCodeAt(equals + 1) !== EQUALS
  const signs = isUsual ? undefined : SIGNS.exec(text.slice(at, at + 32))?.[0].length
  if (text.charCodeAt(equals) !== EQUALS && signs === undefined) {
    GLUED.lastIndex = start
    const glued = GLUED.exec(text)
    if (glued) {
      addAttribute(tag, glued[1] ?? '', glued[3] ?? '', false)
      return GLUED.lastIndex
    }
    // `<option selected>`: a name without a value.
    addAttribute(tag, name, name, false)
    return at
  }
  if (signs !== undefined) tag.clean = false
  at = signs === undefined ? skipSpace(text, equals + 1) : at + signs
  const quote = text.charCodeAt(at)
  const isQuoted = quote === QUOTE || quote === APOSTROPHE
  const end = isQuoted ? findQuoteEnd(finder, at) : -1
  const odd = isQuoted && end !== at + 1 ? null : ODDLY_QUOTED.exec(text.slice(at, at + 2_000))
  if (odd) {
    addAttribute(tag, name, odd.slice(1).join(''), false)
    return at + odd[0].length
  }
  if (end !== -1) {
    addAttribute(tag, name, text.slice(at + 1, end), true)
    return end + 1
  }
  if (isQuoted) at += 1
  const valueStart = at
  while (at < text.length && !isUnquotedEnd(text.charCodeAt(at))) at += 1
  // `<link href=http://example.com/1/>`: the slash before the ">" ends the tag.
  const isSlash = text.charCodeAt(at) === GT && text.charCodeAt(at - 1) === SLASH && at - 1 > valueStart
  if (isSlash && !NEVER_EMPTY.test(tag.name)) at -= 1
  // Of a value that lost its opening quote, or ends with the other one.
  addAttribute(tag, name, text.slice(valueStart, at).replace(/["']$/, ''), false)
  return at
}

const NEVER_EMPTY = /^(?:[\w-]+:)?(?:rss|rdf|channel|feed|item|entry)$/i

/** `href"…"`, `href:"…"` */
const GLUED = /([\w.-]+(?::[\w.-]+)?):?(["'])([^"'<>]*)\2(?=[\s/>])/y

/** Typographic quotes, quotes written twice, and quotes escaped as another language or a text would. */
const ODDLY_QUOTED =
  /^(?:[“”„″]([^“”„″<>]*)[“”″]|[‘’′]([^‘’′<>]*)[‘’′]|«([^«»<>]*)»|""([^"<>\s]*[^"<>\s=])""?|''([^'<>\s]*[^'<>\s=])''?|`([^`<>]*)`|\\"([^"<>\\]*)\\"|&(?:quot|#34);((?:(?!&(?:quot|#34);)[^"<>])*)&(?:quot|#34);)(?=[\s>/])/
/** Instead of an equals sign between a name and a quote. */
const SIGNS = /^(?:\s{1,8}|\s{0,8}={2}\s{0,8})(?=["'])/

/**
 * The closing quote of the one at `at`; -1 when it was forgotten, which tells where a tag ends or an item begins or ends
 * before it, or where it opens the value of another tag.
 */
function findQuoteEnd(finder: Finder, at: number): number {
  const { text } = finder
  const end = finder.find(text.charAt(at), at + 1)
  if (end === -1) return -1
  // `rel='alternate" href='http…'`: it opens another value.
  if (text.charCodeAt(end - 1) === EQUALS && OPENS_OTHER.test(text.slice(Math.max(at, end - 32), end + 2))) return -1
  const lt = finder.find('<', at)
  if (lt === -1 || lt > end) return end
  const gt = finder.find('>', at)
  const isForgotten = (gt !== -1 && gt < lt) || text.charCodeAt(end - 1) === EQUALS || holdsItemTag(finder, lt, end)
  return isForgotten ? -1 : end
}

/** A name before it, and no end of a value behind. */
const OPENS_OTHER = /\s[\w:]+=["'][^\s/>]$/

function addAttribute(tag: Tag, name: string, written: string, clean: boolean): void {
  const isClean = clean && !written.includes('<') && !written.includes('>')
  if (!isClean) tag.clean = false
  const value = isClean ? written : (SECTION_ALONE.exec(written)?.[1] ?? written)
  // 200,000 attributes on one element: no document needs a hundred.
  const isTooMuch = tag.attributes.length >= MAX_ATTRIBUTES || name.length + value.length > MAX_ATTRIBUTE_CHARS
  if (isTooMuch || !XML_NAME.test(name) || hasAttribute(tag, name)) {
    tag.clean = false
    return
  }
  tag.attributes.push({ name, value })
}

function hasAttribute(tag: Tag, name: string): boolean {
  return tag.attributes.some((attribute) => attribute.name === name)
}

/** `href="<![CDATA[…]]>"` */
const SECTION_ALONE = /^\s{0,8}<!\[CDATA\[([^<>]*)\]\]>\s*$/
const MAX_ATTRIBUTES = 100
const MAX_ATTRIBUTE_CHARS = 65_536

function isUnquotedEnd(code: number): boolean {
  return isSpace(code) || code === GT || code === LT
}

function isAttributeNameEnd(code: number): boolean {
  return isSpace(code) || code === EQUALS || code === GT || code === SLASH || code === LT
}
