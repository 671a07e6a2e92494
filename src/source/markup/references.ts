import { Parser } from 'htmlparser2'

/**
 * Text of XML with every reference a strict reader takes: the five of XML and numeric ones stay, names of HTML become
 * their characters, everything else that begins with "&" is that character itself.
 */
export function mendReferences(raw: string): string {
  if (hasOnlyXmlNames(raw)) return raw
  return inParts(raw, mendPart)
}

/**
 * What `change` makes of a text's references, part by part: V8 notes all that a pattern finds before it replaces the
 * first, some 100 bytes for each of a million.
 */
function inParts(text: string, change: (part: string) => string): string {
  if (text.length <= MAX_PART) return change(text)
  const parts: string[] = []
  for (let from = 0; from < text.length; ) {
    BETWEEN_PARTS.lastIndex = from + MAX_PART
    const to = BETWEEN_PARTS.test(text) ? BETWEEN_PARTS.lastIndex : text.length
    const part = change(text.slice(from, to))
    // What was replaced in is a chain of pieces, 32 bytes for each of its links, until somebody takes a part of it.
    parts.push(part.charAt(0), part.slice(1))
    from = to
  }
  return parts.join('')
}

const MAX_PART = 65_536
/** Before a reference, within none, behind no name that may lack its semicolon, and not within a pair (see PAIR). */
const BETWEEN_PARTS = /\W(?=&(?!#(?:5[67]|xd)))/gi

function mendPart(raw: string): string {
  const ended = mendPairs(raw).replace(UNENDED, '&$1$2$3;')
  return ended.replace(REFERENCE, (whole, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined)
      return XML_NAMES.has(name) ? whole : (escaped(htmlCharacters(name)) ?? `&amp;${whole.slice(1)}`)
    if (decimal === undefined && hex === undefined) return '&amp;'
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    return mendNumber(whole, code)
  })
}

/** Whether every "&" begins one of the five references that XML has names for. */
function hasOnlyXmlNames(raw: string): boolean {
  for (let at = raw.indexOf('&'); at !== -1; at = raw.indexOf('&', at + 1)) {
    if (xmlNameAt(raw, at) === undefined) return false
  }
  return true
}

function xmlNameAt(text: string, ampersand: number): string | undefined {
  if (text.startsWith('lt;', ampersand + 1)) return 'lt'
  if (text.startsWith('gt;', ampersand + 1)) return 'gt'
  if (text.startsWith('amp;', ampersand + 1)) return 'amp'
  if (text.startsWith('quot;', ampersand + 1)) return 'quot'
  return text.startsWith('apos;', ampersand + 1) ? 'apos' : undefined
}

/** What a reader sees in XML text or an attribute's value: all references replaced, once. */
export function decodeReferences(raw: string): string {
  return raw.includes('&') ? decodeMended(mendReferences(raw)) : raw
}

/** The same of what `mendReferences` has been over. */
export function decodeMended(mended: string): string {
  return mended.includes('&') ? inParts(mended, decodePart) : mended
}

function decodePart(mended: string): string {
  if (!mended.includes('&#')) return decodeNames(mended)
  return mended.replace(STRICT, (_, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return XML_CHARACTERS[name] ?? ''
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal))
  })
}

/** The five of XML, a third of what a pattern's callback costs for each. */
function decodeNames(text: string): string {
  let decoded = ''
  let copied = 0
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) {
    const name = xmlNameAt(text, at)
    if (name === undefined) continue
    decoded += text.slice(copied, at) + XML_CHARACTERS[name]
    copied = at + name.length + 2
  }
  return decoded + text.slice(copied)
}

/** Removes what XML 1.0 has no place for: control characters, halves of surrogate pairs, U+FFFE and U+FFFF. */
export function dropIllegal(text: string): string {
  return isSuspect(text) ? text.replace(ILLEGAL, '') : text
}

/**
 * By a look that takes characters beyond U+FFFF for suspects, five times as quick as one that knows them. In a long text
 * of Latin 1, which V8 tells without reading it, one search after another is another four times as quick.
 */
function isSuspect(text: string): boolean {
  if (text.length < MANY || BEYOND_LATIN.test(text)) return SUSPECT.test(text)
  return CONTROLS.some((control) => text.includes(control))
}

const MANY = 1_000
const BEYOND_LATIN = /[^\0-\xff]/
const CONTROLS = [
  ...'\0\x01\x02\x03\x04\x05\x06\x07\b\v\f\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f',
]

/**
 * XML text in which the entities a DOCTYPE declares are replaced; markup in their values is text. Entities
 * of files and other addresses are never looked at, and of many or huge ones only the first: see the limits.
 */
export function expandEntities(xml: string, doctype: string): string {
  const values = declaredEntities(doctype)
  if (values.size === 0) return xml
  const pieces: string[] = []
  let copied = 0
  let added = 0
  let section = xml.indexOf(CDATA)
  for (let at = xml.indexOf('&'); at !== -1; at = xml.indexOf('&', at)) {
    if (section !== -1 && section < at) {
      const end = xml.indexOf(']]>', section)
      if (end === -1) break
      section = xml.indexOf(CDATA, end)
      at = Math.max(at, end)
      continue
    }
    const name = xml.slice(at + 1, at + MAX_ENTITY_NAME + 2).split(';', 1)[0] ?? ''
    const value = xml.charAt(at + name.length + 1) === ';' ? values.get(name) : undefined
    if (value !== undefined && added + value.length <= MAX_ADDED) {
      pieces.push(xml.slice(copied, at), value)
      added += value.length
      copied = at + name.length + 2
    }
    at += 1
  }
  return pieces.join('') + xml.slice(copied)
}

const CDATA = '<![CDATA['
const MAX_ENTITIES = 200
const MAX_ENTITY_NAME = 64
/** In the values of others, ten levels of which would be a thousand million. */
const MAX_IN_ENTITIES = 65_536
/** Over the whole document: a value of 2 KB, used a thousand times. */
const MAX_ADDED = 1_048_576

/** As XML text. What is declared before or behind may stand in a value (XML 1.0, 4.4.7), but not within itself. */
function declaredEntities(doctype: string): Map<string, string> {
  const written = new Map<string, string>()
  for (const [, name = '', quoted, apostrophed] of withoutComments(doctype).matchAll(ENTITY)) {
    if (written.size >= MAX_ENTITIES) break
    // The first declaration counts (XML 1.0, 4.2).
    if (!XML_NAMES.has(name) && !written.has(name)) written.set(name, quoted ?? apostrophed ?? '')
  }
  const values = new Map<string, string>()
  let room = MAX_IN_ENTITIES
  const expand = (name: string): string | undefined => {
    const own = written.get(name)
    written.delete(name)
    if (own === undefined) return values.get(name)
    const whole = own.replace(REFERENCE_TO_ENTITY, (reference: string, inner: string) => {
      const value = expand(inner)
      if (value === undefined || value.length > room) return reference
      room -= value.length
      return value
    })
    const value = escapeXml(decodeReferences(whole))
    values.set(name, value)
    return value
  }
  for (const name of [...written.keys()]) expand(name)
  return values
}

/** In which nothing is declared. */
function withoutComments(doctype: string): string {
  const [first = '', ...others] = doctype.split('<!--')
  // Of one that never ends all is kept.
  return first + others.map((text) => text.slice(text.includes('-->') ? text.indexOf('-->') + 3 : 0)).join(' ')
}

const REFERENCE_TO_ENTITY = /&([\w.:\u0080-\uffff-]{1,64});/g
const ENTITY = /<!ENTITY\s+([\w.:\u0080-\uffff-]{1,64})\s+(?:"([^"]{0,2048})"|'([^']{0,2048})')\s*>/g

/** For text and for attributes in double quotes. */
export function escapeXml(text: string): string {
  if (text.length <= MAX_PART) return escapePart(text)
  const parts: string[] = []
  for (let at = 0; at < text.length; at += MAX_PART) parts.push(escapePart(text.slice(at, at + MAX_PART)))
  return parts.join('')
}

function escapePart(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ESCAPES[c] ?? c)
}

/** The characters a name of HTML stands for ("nbsp", "eacute"); undefined for an unknown one. Case matters. */
function htmlCharacters(name: string): string | undefined {
  const known = htmlNames.get(name)
  if (known !== undefined) return known === '' ? undefined : known
  const found = name.length <= MAX_NAME ? askHtml(name) : ''
  // Unknown ones are the document's invention: they must not fill the memory of a long life.
  if (found !== '' || htmlNames.size < MAX_NAMES) htmlNames.set(name, found)
  return found === '' ? undefined : found
}

const XML_CHARACTERS: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const XML_NAMES = new Set(Object.keys(XML_CHARACTERS))
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const REFERENCE = /&(?:([a-z][a-z\d]{1,39});|#(\d{1,12});|#x([\da-f]{1,10});)?/gi
/** HTML's first names and numbers need no semicolon; before a letter or "=" names are part of an address. */
const UNENDED =
  /&(?:(amp|lt|gt|quot|nbsp|copy|reg|[aeiouAEIOU](?:acute|grave|circ|uml)|ccedil|ntilde)(?=[\s<]|$)|(#\d{2,6})(?![\d;])|(#[xX][\da-fA-F]{2,5})(?=[\s<]|$))/g
const STRICT = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi
/** Characters beyond U+FFFF written as two references, each half of a surrogate pair. */
const PAIR = /&#(?:(5[5-6]\d{3})|x(d[89ab][\da-f]{2}));&#(?:(5[6-7]\d{3})|x(d[c-f][\da-f]{2}));/gi

// What is not in production 2 (Char) of XML 1.0; with the u flag halves of pairs are found alone.
const ILLEGAL = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu
const SUSPECT = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/

// HTML has 2,231 names.
const MAX_NAMES = 5_000
const MAX_NAME = 32
const htmlNames = new Map<string, string>()

/** htmlparser2 knows the table; asked once for each name. */
function askHtml(name: string): string {
  let text = ''
  const parser = new Parser({ ontext: (piece) => (text += piece) }, { decodeEntities: true })
  parser.end(`&${name};`)
  return text.startsWith('&') && text.length > 1 ? '' : text
}

function escaped(text: string | undefined): string | undefined {
  return text === undefined ? undefined : escapeXml(text)
}

function mendPairs(raw: string): string {
  if (!/&#(?:5[5-7]|xd)/i.test(raw)) return raw
  return raw.replace(PAIR, (whole, high?: string, highHex?: string, low?: string, lowHex?: string) => {
    const first = high === undefined ? Number.parseInt(highHex ?? '', 16) : Number(high)
    const second = low === undefined ? Number.parseInt(lowHex ?? '', 16) : Number(low)
    const isPair = first >= 0xd800 && first <= 0xdbff && second >= 0xdc00 && second <= 0xdfff
    return isPair ? String.fromCharCode(first, second) : whole
  })
}

function mendNumber(whole: string, code: number): string {
  // What they meant by numbers of Windows' own (HTML, "numeric character reference end state").
  if (code >= 0x80 && code <= 0x9f) return WINDOWS_1252[code - 0x80] || ''
  const legal =
    code === 9 ||
    code === 10 ||
    code === 13 ||
    (code >= 32 && code < 0xd800) ||
    (code >= 0xe000 && code < 0xfffe) ||
    (code > 0xffff && code <= 0x10ffff)
  // Beyond Unicode, and halves of pairs: likewise. Control characters are no text.
  if (!legal) return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? '\ufffd' : ''
  // An upper-case X is HTML's, not XML's.
  return whole.startsWith('&#X') ? `&#x${whole.slice(3)}` : whole
}

/** What Windows has where Unicode has control characters. */
export const WINDOWS_1252 = [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ']
