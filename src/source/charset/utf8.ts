import { isAscii, isUtf8, transcode } from 'node:buffer'
import { WINDOWS_1252 } from '../markup/references.ts'

/**
 * Text of a document that is UTF-8 beyond doubt, without its byte order mark; null for all others, ASCII with escapes in
 * it among them: that may be a charset of seven bits. Linear, a few hundredths of a millisecond for 100 KB.
 */
export function decodeUtf8(bytes: Uint8Array): string | null {
  const [a, b] = bytes
  // UTF-16 and UTF-32 show in the first two bytes, with their mark or without.
  const isWide = a === 0 || b === 0 || (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isWide || view.includes(0x1b) || !isUtf8(view)) return null
  return mendControls(readValid(view), view)
}

/** UTF-8 of any bytes: what is none is U+FFFD. Two halves of a character, each encoded by itself (CESU-8), are it. */
export function readUtf8(view: Buffer): string {
  const text = UTF8.decode(view)
  if (!text.includes('\ufffd') || !view.includes(0xed)) return text
  return UTF8.decode(Buffer.from(view.toString('latin1').replace(HALVES, joinHalves), 'latin1'))
}

/** Through UTF-16, where there is more than ASCII in it: four times as quick as a TextDecoder of Node 20. */
function readValid(view: Buffer): string {
  if (view.length > MAX_AT_ONCE || isAscii(view)) return UTF8.decode(view)
  const text = transcode(view, 'utf8', 'utf16le').toString('utf16le')
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** For a larger one it would take too much memory; and V8 would no more make single bytes of what is all Latin 1. */
const MAX_AT_ONCE = 500_000

/** As Java and some databases write what is beyond U+FFFF: first UTF-16, and of each half three bytes. */
const HALVES = /\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]/g

function joinHalves(bytes: string): string {
  const halves = [1, 4].map((at) => 0xd000 | ((bytes.charCodeAt(at) & 0x3f) << 6) | (bytes.charCodeAt(at + 1) & 0x3f))
  return Buffer.from(String.fromCharCode(...halves), 'utf8').toString('latin1')
}

/**
 * The same, but a byte that is none, alone among ASCII, is a letter or a sign of windows-1252, and two are two letters:
 * one item was pasted from elsewhere. All others are U+FFFD, halves of characters among them. Linear.
 */
export function readMixedUtf8(view: Buffer): string {
  if (isUtf8(view)) return readValid(view)
  const text = readUtf8(view)
  if (!text.includes('\ufffd')) return text
  return readUtf8(Buffer.from(view.toString('latin1').replace(LONE, windowsInUtf8), 'latin1'))
}

/** At the end of a word 0xC2 and 0xC3 are what is left of an accented letter that was cut in half. */
const LONE = /(?<![\x80-\xff])(?![\xc2\xc3](?![A-Za-z]))(?:[\x80-\xfe]|[\xc0-\xfe]{2})(?![\x80-\xff])/g

function windowsInUtf8(bytes: string): string {
  const text = bytes.replace(C1, (byte) => WINDOWS_1252[byte.charCodeAt(0) - 0x80] ?? '\ufffd')
  return Buffer.from(text, 'utf8').toString('latin1')
}

/**
 * Control characters U+0080 to U+009F mean nothing in a document: somebody read Windows' quotes and dashes as Latin 1.
 * In UTF-8 (`view`) each begins with the byte 0xC2, which most documents do not hold.
 */
export function mendControls(text: string, view: Buffer | null): string {
  if (view !== null && !view.includes(0xc2)) return text
  return text.replace(C1, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80] ?? control)
}

const C1 = /[\u0080-\u009f]/g
const UTF8 = new TextDecoder('utf-8')
