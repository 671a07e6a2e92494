import { isUtf8 } from 'node:buffer'
import chardet from 'chardet'
import iconv from 'iconv-lite'

/**
 * Text of a document, without its byte order mark; bytes that mean nothing in its charset are U+FFFD. Believed in this
 * order: byte order mark, the byte shape of UTF-16, valid UTF-8 (over a legacy label: few legacy texts are valid UTF-8
 * by accident, many servers label wrongly), the HTTP charset, the XML declaration, a guess.
 */
export function decodeDocument(bytes: Uint8Array, contentType: string | null): { text: string; charset: string } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const charset = findCharset(view, contentType)
  return { text: decode(view, charset), charset }
}

function findCharset(view: Buffer, contentType: string | null): string {
  const shape = findShape(view)
  if (shape !== null) return shape

  const start = view.toString('latin1', 0, 1_024)
  const declared = labelOf(HTTP_CHARSET.exec(contentType ?? '')?.[1]) ?? labelOf(XML_ENCODING.exec(start)?.[1])
  // A seven-bit charset looks like ASCII, which is valid UTF-8.
  if (declared !== null && SEVEN_BIT.test(declared) && view.includes(0x1b)) return declared
  if (isUtf8(view)) return 'utf-8'
  if (declared === null) return guess(view)
  return declared === 'utf-8' && !isMostlyUtf8(view) ? guess(view) : declared
}

function findShape(view: Buffer): string | null {
  const [a, b, c, d] = view
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'utf-32le' : 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (a === 0 && b === 0) return c === 0xfe || d === 0x3c ? 'utf-32be' : null
  // The first two characters of any document we read are ASCII: "<?", "<r", "{\n".
  if (a && b === 0 && c && d === 0) return 'utf-16le'
  if (a && b === 0 && c === 0 && d === 0) return 'utf-32le'
  if (a === 0 && b && c === 0 && d) return 'utf-16be'
  return null
}

const HTTP_CHARSET = /;\s*charset\s*=\s*["']?([\w.:-]{1,40})/i
const XML_ENCODING = /^[^<]{0,64}<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']/
const SEVEN_BIT = /^iso-2022-|^hz-/

/** The charset a label means on the web (WHATWG Encoding, "Names and labels"); null for one that cannot be, or is unknown. */
function labelOf(written: string | undefined): string | null {
  if (written === undefined) return null
  const label = written.toLowerCase()
  const known = ALIASES.get(label) ?? label
  // A declaration we could read as ASCII is not in UTF-16, and UTF-7 is only ever an attack.
  // "hex" and "base64" are encodings of iconv-lite's, and charsets of nobody's.
  if (/^utf-?(?:16|32|7)|^ucs-?[24]|^(?:hex|base64|binary)$/.test(known)) return null
  return iconv.encodingExists(known) || isNative(known) ? known : null
}

const ALIASES = new Map([
  ['utf8', 'utf-8'],
  ['unicode-1-1-utf-8', 'utf-8'],
  // Everybody who says Latin 1 or ASCII means what Windows made of it.
  ['ascii', 'windows-1252'],
  ['us-ascii', 'windows-1252'],
  ['latin1', 'windows-1252'],
  ['iso-8859-1', 'windows-1252'],
  ['iso8859-1', 'windows-1252'],
  ['iso-8859-9', 'windows-1254'],
  ['iso-8859-11', 'windows-874'],
  ['tis-620', 'windows-874'],
  // Each a part of the next one.
  ['gb2312', 'gb18030'],
  ['gb_2312-80', 'gb18030'],
  ['gbk', 'gb18030'],
  ['x-gbk', 'gb18030'],
  ['x-sjis', 'shift_jis'],
  ['windows-31j', 'shift_jis'],
  ['ks_c_5601-1987', 'euc-kr'],
  ['ms949', 'euc-kr'],
])

/** An undeclared charset; long documents tell by their beginning. */
function guess(view: Buffer): string {
  const found = labelOf(chardet.detect(view.subarray(0, 65_536)) ?? undefined)
  // It is not valid UTF-8, or we would not guess; Latin 1 is what is left of it most often.
  return found === null || found === 'utf-8' || SEVEN_BIT.test(found) ? 'windows-1252' : found
}

/** Whether UTF-8 was meant and a few bytes are broken, or the label lies. */
function isMostlyUtf8(view: Buffer): boolean {
  let broken = 0
  let foreign = 0
  for (const char of decode(view.subarray(0, 65_536), 'utf-8')) {
    if (char === '\ufffd') broken += 1
    else if (char > '\u007f') foreign += 1
  }
  return foreign > broken
}

function decode(view: Buffer, charset: string): string {
  if (charset === 'utf-8') return UTF8.decode(view)
  // Not by TextDecoder: that of Node 20 leaves windows-1252's 0x80–0x9f as control characters.
  if (iconv.encodingExists(charset)) return iconv.decode(view, charset)
  return new TextDecoder(charset).decode(view)
}

function isNative(label: string): boolean {
  try {
    new TextDecoder(label)
    return true
  } catch {
    return false
  }
}

const UTF8 = new TextDecoder('utf-8')
