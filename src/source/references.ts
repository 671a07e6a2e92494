import { Parser } from 'htmlparser2'

/**
 * Text of XML with every reference a strict reader takes: the five of XML and numeric ones stay, names of HTML become
 * their characters, everything else that begins with "&" is that character itself. What a DOCTYPE declares is never
 * expanded.
 */
export function mendReferences(raw: string): string {
  if (!UNCLEAN.test(raw)) return raw
  return mendPairs(raw).replace(REFERENCE, (whole, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined)
      return XML_NAMES.has(name) ? whole : (escaped(htmlCharacters(name)) ?? `&amp;${whole.slice(1)}`)
    if (decimal === undefined && hex === undefined) return '&amp;'
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    return mendNumber(whole, code)
  })
}

/** What a reader sees in XML text or an attribute's value: all references replaced, once. */
export function decodeReferences(raw: string): string {
  if (!raw.includes('&')) return raw
  return mendReferences(raw).replace(STRICT, (_, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return XML_CHARACTERS[name] ?? ''
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal))
  })
}

/** Removes what XML 1.0 has no place for: control characters, halves of surrogate pairs, U+FFFE and U+FFFF. */
export function dropIllegal(text: string): string {
  // A look that takes characters beyond U+FFFF for suspects is five times as quick as one that knows them.
  return SUSPECT.test(text) ? text.replace(ILLEGAL, '') : text
}

/** For text and for attributes in double quotes. */
export function escapeXml(text: string): string {
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

/** Anything but the five of XML. */
const UNCLEAN = /&(?!(?:amp|lt|gt|quot|apos);)/
const REFERENCE = /&(?:([a-z][a-z\d]{1,39});|#(\d{1,7});|#x([\da-f]{1,6});)?/gi
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
  if (!legal) return ''
  // An upper-case X is HTML's, not XML's.
  return whole.startsWith('&#X') ? `&#x${whole.slice(3)}` : whole
}

const WINDOWS_1252 = [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ']
