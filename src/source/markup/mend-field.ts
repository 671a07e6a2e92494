import { hasHtmlTag } from './html-look.ts'
import { liftMarkup } from './lift.ts'
import { FIELDS, OF_MODULES } from './mend-names.ts'
import {
  endTagEnd,
  halfEnd,
  ITEMS,
  isAtom,
  isRoot,
  MAX_LOOKS,
  type Mender,
  mendSection,
  mendText,
  plainEnd,
  replace,
  writeTag,
} from './mender.ts'
import { noteTag, spell } from './names.ts'
import { decodeReferences, escapeXml } from './references.ts'
import {
  behindRawText,
  findMarkupEnd,
  findOuterEnd,
  formatTag,
  holdsItemTag,
  isNameStart,
  readTag,
  SECTION,
  skipName,
  skipSpace,
  type Tag,
} from './scan.ts'

/** A field that was lifted, from its start tag at `lt` on, its markup escaped. Returns where the text goes on. */
export function mendField(mender: Mender, lt: number, tag: Tag, name: string): number {
  const simple = simpleFieldEnd(mender, tag, name)
  if (simple !== -1) {
    writeTag(mender, lt, tag, name)
    if (mender.text.charCodeAt(tag.end) !== 60) mendText(mender, tag.end, simple)
    return simple + name.length + 3
  }
  // `<title><title>T</title>`
  const inner = skipSpace(mender.text, tag.end)
  if (LIKE_HTML.has(name) && isTwice(mender.text, lt, tag, inner)) {
    replace(mender, lt, inner, '')
    return inner
  }
  const field = findFieldEnd(mender, tag, lt)
  if (field.end === field.next) field.end = Math.max(halfEnd(mender.text, field.end, tag.name), tag.end)
  if (field.hasMarkup) {
    const type = tag.attributes.find(({ name }) => isType(name))?.value ?? ''
    const isXhtml = /xhtml/i.test(type)
    const markup = firstOfList(withoutStrays(mender.text, tag.end, field))
    const lifted =
      (isXhtml ? null : inOneSection(markup)) ?? liftMarkup(markup, isXhtml, (name) => spell(mender.names, name))
    // Escaped HTML, into which somebody put line breaks that are not.
    const html = !isXhtml && ESCAPED_TAG.test(lifted) ? decodeReferences(lifted) : lifted
    // "Array<T>", "Re: <no subject>", written raw: tags of no HTML are what somebody wanted to be read, as they stand.
    const isHtml = /html/i.test(type) || hasHtmlTag(html) || isOfElements(lifted)
    const kept = tag.attributes.filter(({ name }) => !isHtml || !(isType(name) || name === 'mode'))
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

/** What a section holds in which its end stands as text, too: `<![CDATA[<code>a[b[0]]>1</code>]]>`. Null for everything else. */
function inOneSection(markup: string): string | null {
  const text = markup.trim()
  const isOne = text.startsWith(SECTION) && text.endsWith(']]>') && text.lastIndexOf(SECTION) === 0
  return isOne ? text.slice(SECTION.length, -3) : null
}

/** RDF's lists of one text, in several languages or (`content:items`) forms: the first of them. */
function firstOfList(markup: string): string {
  if (!RDF_LIST.test(markup)) return markup
  const name = markup.includes('<rdf:value') ? 'rdf:value' : 'rdf:li'
  const start = markup.indexOf(`<${name}`)
  const end = markup.indexOf(`</${name}>`, start)
  return start === -1 || end === -1 ? markup : markup.slice(markup.indexOf('>', start) + 1, end)
}

const RDF_LIST = /^\s*<rdf:(?:Alt|Bag|Seq)[\s>]/

/** What it says of itself may stand in the second alone. */
function isTwice(text: string, lt: number, tag: Tag, inner: number): boolean {
  if (text.startsWith(text.slice(lt, tag.end), inner)) return true
  return tag.attributes.length === 0 && text.startsWith(`<${tag.name} `, inner)
}

/** Whether markup in it is HTML and not elements of its own. */
export function isLifted({ text }: Mender, tag: Tag, name: string): boolean {
  if (LIFTED.has(name)) return true
  if (!NAMED.has(name) && !ADDRESSES.has(name)) return false
  PHRASE.lastIndex = NAMED.has(name) ? text.indexOf('<', tag.end) : skipSpace(text, tag.end)
  return PHRASE.lastIndex > 0 && PHRASE.test(text)
}

const LIFTED = new Set([
  ...'title description summary content content:encoded body xhtml:body xhtml:div tagline subtitle info rights'.split(
    ' ',
  ),
  ...'fullitem content:items abstract dcterms:title dcterms:description'.split(' '),
  ...'copyright dc:title dc:description itunes:summary itunes:subtitle itunes:title media:title'.split(' '),
  ...'media:description atom:title atom:summary atom:content'.split(' '),
])
/** Plain words, by all rules; but some write `<author><b>Jane</b> Doe</author>`. */
const NAMED = new Set('author name category dc:creator dc:subject'.split(' '))
/** Of which some make a link: `<link><a href="…">…</a></link>`. */
const ADDRESSES = new Set('link guid id'.split(' '))
const PHRASE = /<(?:a|b|br|em|font|i|span|strong|u)[\s/<>]/y

/** Of HTML too, but never in a title. */
const AFTER_TITLES = new Set(['link', 'summary', 'content', 'pubdate'])

/** Of HTML too: what ends a field whose end tag never comes. */
const LIKE_HTML = new Set(['title', 'link', 'summary', 'content', 'source'])

/** Never HTML: where one of them begins, the text field before it was not closed. */
const SIBLINGS = new Set([...FIELDS, 'generator', 'lastBuildDate'].filter((name) => !LIKE_HTML.has(name)))
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

/** Sections, comments and namespaces are nothing to be read. */
const OF_XML = /<[!?]|\sxmlns/
/** Elements that end are none of that; but where HTML stands beside them, escaped, all is to be read so. */
function isOfElements(markup: string): boolean {
  return ENDED.test(markup) && !hasHtmlTag(decodeReferences(markup))
}

const ENDED = /<\/[a-z]|<[a-z][\w:.-]*(?:\s[^<>]*)?\/>/i
const ESCAPED_TAG = /^\s*(?:&lt;!--[^<>]{0,200}?--&gt;\s*)?&lt;[a-z][^<>]*?&gt;/i

function withoutStrays(text: string, from: number, { end, strays }: Field): string {
  const pieces: string[] = []
  let at = from
  for (const stray of strays) {
    pieces.push(text.slice(at, stray.start))
    at = stray.end
  }
  const rest = text.slice(at, end).trimEnd()
  // `…</div><</content>`
  return pieces.join('') + (rest.endsWith('<') ? rest.slice(0, -1) : rest)
}

function simpleFieldEnd(mender: Mender, tag: Tag, name: string): number {
  return name === tag.name ? plainEnd(mender, tag.end, name) : -1
}

/**
 * Its own end tag, else what no such field holds; and where that comes first, what it hardly holds: a field that is also
 * HTML's, an element that is none of HTML's, or the end tag of nothing that began in it (`<title>T</titel>`).
 */
function findFieldEnd(mender: Mender, tag: Tag, start: number): Field {
  const { text } = mender
  const isEnded = isXml(tag) && isEndedInItem(mender, tag)
  const quotedEnd = isXml(tag) && (!isEnded || tag.name.includes(':')) ? findQuotedEnd(mender, tag) : -1
  const field = { end: text.length, next: text.length, hasMarkup: false, strays: [] }
  const isWhole = isEnded || quotedEnd !== -1
  const own = spell(mender.names, tag.name)
  const look: Look = { mender, tag, start, own, quotedEnd, isWhole, field, guess: null, depth: 0, opened: new Set() }

  for (let lt = text.indexOf('<', tag.end); lt !== -1; ) {
    if (look.guess !== null && mender.inVain > text.length) return look.guess
    const sign = text.charCodeAt(lt + 1)
    const pass = sign === 47 ? passEndTag : isNameStart(sign) ? passStartTag : passSection
    const next = pass(look, lt)
    if (typeof next === 'object') return next
    lt = text.indexOf('<', next)
  }
  return fallBack(look, text.length)
}

/** A look for the end of the field whose start tag begins at `start`. */
interface Look {
  mender: Mender
  tag: Tag
  start: number
  /** Its usual name. */
  own: string
  /** Where the end of items and feeds that it quotes is known to be. */
  quotedEnd: number
  /** Whatever stands in it is its text. */
  isWhole: boolean
  /** As far as it was looked through. */
  field: Field
  /** What ends it if its own end tag never comes. */
  guess: Field | null
  /** How many elements of its name are open in it. */
  depth: number
  opened: Set<string>
}

function passEndTag(look: Look, lt: number): number | Field {
  const { mender, tag, quotedEnd, field } = look
  const { text, ahead } = mender
  const nameStart = skipSpace(text, lt + 2)
  const raw = text.slice(nameStart, skipName(text, nameStart))
  const usual = spell(mender.names, raw)
  const isSame = isSameName(raw, tag.name)
  if (isSame && look.depth === 0) return { ...field, end: lt, next: endTagEnd(ahead, lt + 1) }
  if ((ITEMS.has(usual) && lt >= quotedEnd) || (isRoot(usual) && !look.isWhole)) return fallBack(look, lt)
  if (isSame) look.depth -= 1
  else if (isStrayEnd(text, nameStart, raw) && !look.opened.has(raw)) {
    const end = endTagEnd(ahead, lt + 1)
    look.guess ??= { ...field, end: lt, next: end, strays: [] }
    field.strays.push({ start: lt, end })
  }
  field.hasMarkup = true
  return lt + 1
}

function passStartTag(look: Look, lt: number): number | Field {
  const { mender, tag, start, own, quotedEnd, field, opened } = look
  const { text, ahead, names } = mender
  const raw = text.slice(lt + 1, skipName(text, lt + 1))
  const usual = spell(names, raw)
  const isNext = isSibling(usual, own)
  if (isNext && !look.isWhole) look.isWhole = isSound(mender, tag, start)
  if ((ITEMS.has(usual) && lt >= quotedEnd) || (isNext && !look.isWhole)) return fallBack(look, lt)
  const inner = readTag(ahead, lt)
  if (inner.attributes.length > 0) noteTag(names, inner, isAtom(mender, inner), start)
  const isSame = isSameName(raw, tag.name)
  if (isSame && !inner.selfClosing) look.depth += 1
  const stray = field.strays.at(-1)
  const isExchanged = stray && LIKE_HTML.has(usual) && lt - stray.end < 64
  // `<description>D</title><title>T</description>`: their end tags were exchanged.
  if (isExchanged && text.slice(stray.start + 2, lt).trimEnd() === `${raw}>`)
    return { ...field, end: stray.start, next: stray.end }
  const isNoText = () => usual !== own && (LIKE_HTML.has(usual) || (!opened.has(raw) && isNoHtml(text, raw, inner)))
  // `<title>T<title>`: a slash was forgotten.
  if (look.guess === null && (isSame ? text.slice(tag.end, lt).trim() !== '' : isNoText()))
    look.guess = { ...field, end: lt, next: isSame ? inner.end : lt, strays: [] }
  opened.add(raw)
  field.hasMarkup = true
  return raw === 'script' ? behindRawText(ahead, raw, inner.end) : inner.end
}

function passSection(look: Look, lt: number): number | Field {
  const { text, ahead } = look.mender
  const end = findMarkupEnd(ahead, lt) ?? -1
  if (end === -1 && text.startsWith(SECTION, lt)) return fallBack(look, text.length)
  return end === -1 ? lt + 1 : end
}

/** An element that stands in no page, whole. */
function isNoHtml(text: string, raw: string, tag: Tag): boolean {
  return text.charCodeAt(tag.end - 1) === 62 && !OF_PAGES.test(raw) && !hasHtmlTag(`<${raw}>`)
}

/** The look as far as `at` brought nothing: how far such looks went is counted, since many of them could cost too much. */
function fallBack({ mender, guess, field }: Look, at: number): Field {
  if (guess === null) return { ...field, end: at, next: at }
  mender.inVain += at - guess.end
  return guess
}

/** `</titel>` or `</>`: the end tag of nothing in HTML. */
function isStrayEnd(text: string, nameStart: number, name: string): boolean {
  if (name === '') return text.charCodeAt(nameStart) === 62
  return isNameStart(name.charCodeAt(0)) && !hasHtmlTag(`</${name}>`)
}

/** Markup of any kind may stand in it: XHTML, SVG, RDF. */
function isXml(tag: Tag): boolean {
  return tag.attributes.some(({ name, value }) => isType(name) && /x(?:ht)?ml/i.test(value))
}

/** Some write all in capitals. */
function isType(name: string): boolean {
  return name === 'type' || name === 'TYPE'
}

/**
 * Whether all is well-formed up to its own end tag, within its item: then what it holds is its text, by whatever name. Where
 * such an element comes last in it, and stands nowhere else, the end tag stands too late: it is the item's.
 */
function isSound(mender: Mender, tag: Tag, start: number): boolean {
  const { text, ahead, names } = mender
  // Of most that were never closed this tells it.
  if (mender.looked > MAX_LOOKS * text.length || !isEndedInItem(mender, tag)) return false
  const end = findOuterEnd(ahead, tag.end, Math.min(tag.end + MAX_QUOTED_CHARS, text.length))
  const isOwn = end.isSound && text.startsWith(`</${tag.name}`, end.at)
  const last = isOwn ? LAST_TAG.exec(text.slice(text.lastIndexOf('<', end.at - 1), end.at))?.[1] : undefined
  const isLate = last !== undefined && isSibling(spell(names, last), spell(names, tag.name))
  mender.looked += end.at - tag.end
  return isOwn && !(isLate && !isElsewhere(mender, last, start, end.at))
}

const LAST_TAG = /^<\/?([^\s<>/]+)[^<>]*>\s*$/

/** Whether the item has an element of this name before `start` or, not too far, behind `end`. */
function isElsewhere(mender: Mender, name: string, start: number, end: number): boolean {
  const { text, mark } = mender
  const before = text.slice(mark?.at ?? start, start)
  const behind = text.slice(end, end + MAX_BEHIND)
  const itemEnd = behind.search(ITEM_END)
  const rest = itemEnd === -1 ? behind : behind.slice(0, itemEnd)
  mender.looked += before.length + rest.length
  return before.includes(`<${name}`) || rest.includes(`<${name}`)
}

const MAX_BEHIND = 4_000
const ITEM_END = /<\/(?:[\w-]+:)?(?:item|entry)/

/** Whether an element is a field beside the one called `own`, rather than anything in its text. */
function isSibling(usual: string, own: string): boolean {
  return SIBLINGS.has(usual) || OF_MODULES.test(usual) || (own === 'title' && AFTER_TITLES.has(usual))
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
    if (written.endsWith('/>') || /^<!./.test(written)) continue
    const step = slash === '' ? 1 : -1
    if (isSameName(name, tag.name)) own += step
    else if (QUOTED.test(name)) quoted += step
    if (own === 0 && quoted === 0) return tag.end + index
    // It was never closed, or holds a section or a comment that never ends.
    if (own === 0 || quoted < 0 || name === '') {
      mender.inVain += name === '' ? near.length : index
      return -1
    }
  }
  mender.inVain += near.length
  return -1
}

const MAX_QUOTED_CHARS = 100_000
/** And sections and comments, in which tags are text. */
const ANY_TAG = /<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->|<(?:!|(\/?)([\w:.-]+)(?=[\s/>])[^<>]*>)/g
const QUOTED = /^(?:[\w.-]+:)?(?:item|entry|feed|channel|rss|RDF)$/i

/** Some end with `</Title>` what they began with `<title>`. */
function isSameName(one: string, other: string): boolean {
  return one === other || (one.length === other.length && one.toLowerCase() === other.toLowerCase())
}
