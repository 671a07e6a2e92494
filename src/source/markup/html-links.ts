import { decodeReferences, escapeXml } from './references.ts'
import { RAW_TEXT, skipName, skipSpace } from './scan.ts'

/**
 * HTML with every relative address made absolute against `base`; everything else stays to the letter. Addresses that
 * mean nothing are left as they are: judging them is the sanitizer's task. Linear in any input.
 */
export function absolutizeLinks(html: string, base: string): string {
  // Most documents write whole addresses: one look instead of a pass.
  if (!mayBeRelative(html)) return html

  const origin = originOf(base)
  const rewrite: Rewrite = { html, base, origin, written: '', copied: 0 }
  for (let lt = html.indexOf('<'); lt !== -1; ) {
    lt = html.indexOf('<', passMarkup(rewrite, lt))
  }
  return rewrite.written + html.slice(rewrite.copied)
}

// No finder is needed to stay linear: every search goes on behind what it found, or ends the pass.
interface Rewrite {
  html: string
  base: string
  /** Of the base, where it is a web address. */
  origin: string | undefined
  written: string
  /** What stands before it in the HTML has been written. */
  copied: number
}

/** All items of a document have the same base, or most. */
let known: { base: string; origin: string | undefined } = { base: '', origin: undefined }

function originOf(base: string): string | undefined {
  if (base !== known.base) {
    known = { base, origin: /^https?:/i.test(base) && URL.canParse(base) ? new URL(base).origin : undefined }
  }
  return known.origin
}

/**
 * The value of an attribute, named in lower case, with each address in it put through `map`: most hold one, a srcset several,
 * and all others none (HTML, "attributes").
 */
export function mapAddresses(name: string, value: string, map: (address: string) => string): string {
  // A map most often stands in the same text.
  if (!ADDRESSES.has(name) || (name === 'usemap' && value.startsWith('#'))) return value
  if (name !== 'srcset') return map(value)
  return value.replace(CANDIDATE, (_, address: string, descriptor: string) => map(address) + descriptor)
}

const ADDRESSES = new Set(
  'href src srcset cite poster longdesc data action background formaction usemap codebase classid profile'.split(' '),
)

/** "a.jpg 1x, b.jpg 2x" (HTML, "srcset attributes"). A comma ends an address only where a space or a descriptor follows it. */
const CANDIDATE = /([^\s,](?:\S*[^\s,])?)([^,]*)/g

/**
 * Whether one of them has a value without a scheme. Where it finds too much, that costs a pass, no more. From one "=" to
 * the next: they are few, and a regex takes every character in its hand.
 */
function mayBeRelative(html: string): boolean {
  for (let equals = html.indexOf('='); equals !== -1; equals = html.indexOf('=', equals + 1)) {
    if (NAMES.test(html.slice(Math.max(0, equals - 20), equals)) && !ABSOLUTE.test(html.slice(equals + 1, equals + 32)))
      return true
  }
  return false
}

const NAMES = new RegExp(`(?:${[...ADDRESSES].join('|')})\\s{0,8}$`, 'i')
const ABSOLUTE = /^\s{0,8}(?:["']?(?:https?:|mailto:|data:)|""|'')/i

/** Over the tag, the comment or the raw text that begins at `lt`, as HTML's tokenizer goes; returns where the text goes on. */
function passMarkup(rewrite: Rewrite, lt: number): number {
  const { html } = rewrite
  const first = html.charCodeAt(lt + 1)
  if (!isLetter(first)) return html.startsWith('<!--', lt) ? behind(html.indexOf('-->', lt + 4), 3, html) : lt + 1

  const nameEnd = skipName(html, lt + 1)
  const end = passAttributes(rewrite, nameEnd)
  // Only those of raw text begin so.
  if ((first | 0x20) !== LOWER_S) return end
  const name = html.slice(lt + 1, nameEnd).toLowerCase()
  return RAW_TEXT.has(name) ? findRawEnd(html, name, end) : end
}

function findRawEnd(html: string, name: string, from: number): number {
  for (let at = html.indexOf('</', from); at !== -1; at = html.indexOf('</', at + 2)) {
    if (html.slice(at + 2, at + 2 + name.length).toLowerCase() === name) return at
  }
  return html.length
}

/** Behind the ">" of the tag whose attributes begin at `from`. */
function passAttributes(rewrite: Rewrite, from: number): number {
  const { html } = rewrite
  for (let at = from; at < html.length; ) {
    const code = html.charCodeAt(at)
    if (code === GT) return at + 1
    if (code === SLASH || isSpace(code)) {
      at += 1
      continue
    }
    let nameEnd = at + 1
    while (nameEnd < html.length && !isNameEnd(html.charCodeAt(nameEnd))) nameEnd += 1
    const equals = skipSpace(html, nameEnd)
    if (html.charCodeAt(equals) !== EQUALS) {
      at = nameEnd
      continue
    }
    at = passValue(rewrite, html.slice(at, nameEnd), skipSpace(html, equals + 1))
  }
  return html.length
}

/** Rewrites the value that begins at `start` where it is an address, and returns where it ends. */
function passValue(rewrite: Rewrite, written: string, start: number): number {
  const { html } = rewrite
  const quote = html.charCodeAt(start)
  const isQuoted = quote === QUOTE || quote === APOSTROPHE
  const from = isQuoted ? start + 1 : start
  let end = from
  if (isQuoted) end = html.indexOf(html.charAt(start), from)
  else while (end < html.length && html.charCodeAt(end) !== GT && !isSpace(html.charCodeAt(end))) end += 1
  // A quote that never ends takes all that follows; the sanitizer will see no tag there either.
  if (end === -1) return html.length

  rewriteValue(rewrite, written.toLowerCase(), from, end)
  return isQuoted ? end + 1 : end
}

function rewriteValue(rewrite: Rewrite, name: string, from: number, end: number): void {
  const { html } = rewrite
  const raw = html.slice(from, end)
  const mended = mapAddresses(name, raw, (address) => absolutize(address, rewrite))
  if (mended === raw) return
  rewrite.written += html.slice(rewrite.copied, from) + mended
  rewrite.copied = end
}

const HAS_SCHEME = /^\s*[a-z][a-z0-9+.-]*:/i

function absolutize(raw: string, { base, origin }: Rewrite): string {
  // Joined to the origin a plain path is what the URL parser makes of it, at a tenth of the cost.
  if (origin !== undefined && PLAIN_PATH.test(raw)) return origin + raw
  if (HAS_SCHEME.test(raw) || raw.trim() === '') return raw
  try {
    return escapeXml(new URL(decodeReferences(raw).trim(), base).href)
  } catch {
    return raw
  }
}

// No dot at the beginning of a part, no second slash at the beginning, nothing to encode.
const PLAIN_PATH = /^(?:\/[\w~-][\w.~-]*)+\/?$/

const [QUOTE, APOSTROPHE, SLASH, EQUALS, GT, LOWER_S] = [34, 39, 47, 61, 62, 115]

export function behind(found: number, length: number, html: string): number {
  return found === -1 ? html.length : found + length
}

export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

function isNameEnd(code: number): boolean {
  return isSpace(code) || code === EQUALS || code === GT || code === SLASH
}
