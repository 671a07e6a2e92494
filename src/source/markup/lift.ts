import { mapAddresses } from './html-links.ts'
import { hasHtmlTag } from './html-look.ts'
import { withoutHalfEnd } from './mender.ts'
import { decodeReferences, escapeXml, mendReferences } from './references.ts'
import {
  behindRawText,
  createFinder,
  type Finder,
  findMarkupEnd,
  formatTag,
  isNameStart,
  localName,
  RAW_TEXT,
  readTag,
  SECTION,
  skipName,
  skipSpace,
  type Tag,
} from './scan.ts'

/**
 * XML markup as HTML: no comments, no prefixes of XHTML, SVG and MathML, no `<p/>`, no xml:base, against which the
 * addresses below it are put together; without the `div` Atom wraps around XHTML. `usualName` spells a prefixed name
 * with the usual prefix. Linear in any text.
 */
export function liftMarkup(markup: string, isXhtml: boolean, usualName: (name: string) => string): string {
  const finder = createFinder(markup)
  const lift: Lift = { finder, isXhtml, usualName, pieces: [], depth: 0, bases: [], room: markup.length + MIN_ROOM }
  const done: string[] = []
  let at = 0
  for (let lt = finder.text.indexOf('<'); lt !== -1; lt = finder.text.indexOf('<', at)) {
    lift.pieces.push(liftText(finder.text.slice(at, lt), isXhtml))
    if (lift.pieces.length > MAX_PIECES) done.push(lift.pieces.splice(0).join(''))
    const sign = finder.text.charCodeAt(lt + 1)
    if (isNameStart(sign)) at = liftTag(lift, lt)
    else if (sign === 47) at = liftEndTag(lift, lt)
    else at = liftSection(lift, lt)
  }
  lift.pieces.push(liftText(finder.text.slice(at), isXhtml))
  const html = [...done, ...lift.pieces].join('').trim()
  return isXhtml ? unwrapDiv(html) : html
}

/** A piece takes some 40 bytes, be it a single sign. */
const MAX_PIECES = 16_384

/** As those who hand out trees write it: quotes are signs like any other. In XHTML names are HTML's, and an ampersand that begins none is XML's. */
function liftText(text: string, isXhtml: boolean): string {
  if (!text.includes('&')) return text
  const known = isXhtml ? mendReferences(text) : text
  return plainNumbers(known).replaceAll('&quot;', '"').replaceAll('&apos;', "'")
}

const BARE_AMPERSAND = /&(?!#?\w{1,40};)/g

/**
 * `&#233;` as the character it is: XML's readers, who hand out trees, know no other. What is of markup gets the name it has
 * there; a carriage return stays a reference, since as itself it would be read as a line's end.
 */
function plainNumbers(text: string): string {
  if (!text.includes('&#')) return text
  return text.replace(NUMBERS, (numbers) => {
    const characters = decodeReferences(numbers)
    return characters.includes('\r') ? numbers : escapeXml(characters)
  })
}

/** Several at once: two may be the halves of one character. */
const NUMBERS = /(?:&#(?:\d{1,7}|x[\da-f]{1,6});)+/gi

interface Lift {
  finder: Finder
  isXhtml: boolean
  usualName: (name: string) => string
  pieces: string[]
  /** How many elements are open. */
  depth: number
  /** What those of them say of addresses that do, each against the one around it. */
  bases: { depth: number; base: string }[]
  /** How many characters of them may be added: a long one around ten thousand short addresses is no document's. */
  room: number
}

function liftTag(lift: Lift, lt: number): number {
  const { finder, pieces } = lift
  const tag = readTag(finder, lt)
  if (isSign(finder.text, lt, tag)) {
    pieces.push('&lt;')
    return lt + 1
  }
  const name = htmlName(lift, tag.name)
  const lower = name.toLowerCase()
  const isVoid = VOID.has(lower)
  const isOpen = !isVoid && !tag.selfClosing
  if (isOpen) lift.depth += 1
  const attributes = plainValues(liftAttributes(lift, tag, isOpen))
  const isBare = lift.isXhtml && attributes.some(({ value }) => value.search(BARE_AMPERSAND) !== -1)
  const isAsWritten = tag.clean && name === tag.name && attributes === tag.attributes && !isBare
  if (isAsWritten && (isVoid || isOpen)) pieces.push(finder.text.slice(lt, tag.end))
  else pieces.push(formatTag(name, attributes, isVoid && tag.selfClosing))
  if (tag.selfClosing && !isVoid) pieces.push(`</${name}>`)
  // What nobody escaped is written as HTML: its scripts are no markup.
  if (lift.isXhtml || !isOpen || !RAW_TEXT.has(lower)) return tag.end
  const end = behindRawText(finder, tag.name, tag.end)
  pieces.push(finder.text.slice(tag.end, end))
  return end
}

/** "x<y then", "a <b and c", "a<b": no ">" answers it, no value follows, and the name says nothing in HTML, or other words follow or none. */
function isSign(text: string, lt: number, { name, attributes, clean, end }: Tag): boolean {
  if (clean || text.charCodeAt(end - 1) === 62 || attributes.some(({ name, value }) => name !== value)) return false
  const isLast = name.length === 1 && end === text.length && /\w/.test(text.charAt(lt - 1))
  return attributes.length > 0 || isLast || !hasHtmlTag(`<${name}>`)
}

/** HTML knows no namespaces, and no bases of elements. */
function liftAttributes(lift: Lift, tag: Tag, isOpen: boolean): Tag['attributes'] {
  if (tag.attributes.length === 0) return tag.attributes
  const said = tag.attributes.find(({ name }) => name === 'xml:base')?.value
  const outer = lift.bases.at(-1)?.base
  const base = said === undefined ? outer : joinBases(decodeReferences(said).trim(), outer)
  if (said !== undefined && base !== undefined && isOpen) lift.bases.push({ depth: lift.depth, base })
  const kept = tag.attributes.filter(({ name }) => !name.startsWith('xmlns') && name !== 'xml:base')
  if (base !== undefined)
    return kept.map(({ name, value }) => ({
      name,
      value: mapAddresses(name.toLowerCase(), value, (address) => against(lift, base, address)),
    }))
  return kept.length === tag.attributes.length ? tag.attributes : kept
}

function plainValues(attributes: Tag['attributes']): Tag['attributes'] {
  if (!attributes.some(({ value }) => value.includes('&#'))) return attributes
  return attributes.map(({ name, value }) => ({ name, value: plainNumbers(value) }))
}

function liftEndTag(lift: Lift, lt: number): number {
  const { text } = lift.finder
  const nameStart = skipSpace(text, lt + 2)
  const nameEnd = skipName(text, nameStart)
  const name = htmlName(lift, text.slice(nameStart, nameEnd))
  // HTML would read `<br></br>` as two.
  if (!VOID.has(name.toLowerCase())) {
    lift.pieces.push(`</${name}>`)
    if (lift.bases.at(-1)?.depth === lift.depth) lift.bases.pop()
    lift.depth -= 1
  }
  const gt = lift.finder.find('>', nameEnd)
  return gt === -1 ? text.length : gt + 1
}

/** What stands in CDATA inside XHTML is text; elsewhere people wrap HTML into it. */
function liftSection({ finder, pieces, isXhtml }: Lift, lt: number): number {
  const end = findMarkupEnd(finder, lt)
  const isSection = finder.text.startsWith(SECTION, lt)
  if (end === undefined || (end === -1 && !isSection)) {
    pieces.push('&lt;')
    return lt + 1
  }
  const to = end === -1 ? finder.text.length : end
  if (isSection) {
    const written = finder.text.slice(lt + SECTION.length, to)
    const inner = written.endsWith(']]>') ? written.slice(0, -3) : withoutHalfEnd(written)
    // A section in it ended with it: what is left of that is its beginning.
    pieces.push(isXhtml ? escapeXml(inner) : inner.replaceAll(SECTION, ''))
  }
  return to
}

/** The namespaces that HTML knows without a prefix. */
function htmlName({ isXhtml, usualName }: Lift, raw: string): string {
  if (!raw.includes(':')) return raw
  const name = usualName(raw)
  return HTML_NAME.test(name) || (isXhtml && UNDECLARED.test(name)) ? localName(raw) : raw
}

const HTML_NAME = /^(?:xhtml|svg|mml):/
/** What people call XHTML without saying so. */
const UNDECLARED = /^(?:html|h|xh):/

function unwrapDiv(html: string): string {
  const start = /^<div(?:\s[^>]*)?>/i.exec(html)
  if (!start) return html
  // Its end tag may be missing, or stand twice.
  const inner = html.slice(start[0].length).replace(/<\/div>$/i, '')
  const other = inner.trimEnd().replace(/<\/div>$/i, '')
  // "<div>a</div><div>b</div>" begins and ends with one, and is not wrapped.
  return [inner, other].find(isBalanced)?.trim() ?? html
}

function isBalanced(html: string): boolean {
  let depth = 0
  for (const [tag] of html.matchAll(/<\/?div[\s>]/gi)) {
    depth += tag.startsWith('</') ? -1 : 1
    if (depth < 0) return false
  }
  return depth === 0
}

/** HTML elements without an end tag (HTML, "Void elements"), and one that was (HTML 5.2). */
const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '))

// ---- Addresses ----

/** None is longer, and none of many must become so by what is joined to it. */
const MAX_BASE_CHARS = 1_000
const MIN_ROOM = 2_000

/** "javascript:", "data:": nothing lies below such a one. */
const NO_BASE = /^(?!https?:)[a-z][a-z\d+.-]*:/i

function joinBases(inner: string, outer: string | undefined): string | undefined {
  if (NO_BASE.test(inner)) return outer
  const base = outer === undefined ? inner : join(inner, outer)
  return base.length > MAX_BASE_CHARS ? outer : base
}

function against(lift: Lift, base: string, address: string): string {
  if (address.trim() === '' || lift.room < 0) return address
  const whole = escapeXml(join(decodeReferences(address).trim(), base))
  lift.room -= whole.length - address.length
  return whole
}

/** An address within `outer`, which may itself be relative to what is not known here. */
function join(inner: string, outer: string): string {
  if (URL.canParse(inner)) return inner
  if (URL.canParse(inner, outer)) return new URL(inner, outer).href
  if (inner.startsWith('/')) return inner
  const page = outer.split(/[?#]/, 1)[0] ?? ''
  return /^[?#]/.test(inner) ? page + inner : page.slice(0, page.lastIndexOf('/') + 1) + inner
}
