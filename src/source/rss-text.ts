import { SECTION } from './markup/scan.ts'
import type { RawText } from './raw.ts'
import { attribute, basesOf, type Element, HALF_BEGINNING, textOf } from './rss-elements.ts'

// Titles, summaries and contents: what kind of text each is.

/** Whose rules a text has: Atom's titles, summaries and contents; articles, which are HTML; all others say nothing. */
type Field = 'title' | 'summary' | 'content' | 'html' | 'unsaid'

/** The first that says something; of contents the first that is HTML, since they may be alternatives (Atom 0.3, 3.1). */
export function readText(elements: readonly Element[], field: Field): RawText | null {
  let first: RawText | null = null
  for (const element of elements) {
    // CDF's first form has an attribute for it.
    const value = unwrap(textOf(element) || (attribute(element, 'value')?.trim() ?? ''))
    if (value === '') continue
    // "text/html; charset=utf-8"
    const type = attribute(element, 'type')?.replace(PARAMETERS, '').trim().toLowerCase()
    const mode = attribute(element, 'mode')?.trim().toLowerCase()
    // Atom 1.0: what is neither text nor XML is base64 (RFC 4287, 4.1.3.3), in titles of some, too; 0.3 says so.
    const isBinary = !mode && type !== undefined && BINARY.test(type) && isBase64(value)
    const text = mode === 'base64' || isBinary ? decodeBase64(value, type) : { value, kind: kindOf(type, mode, field) }
    if (!text?.kind) continue
    const read = { value: text.value, kind: text.kind, bases: basesOf(element) }
    if (field !== 'content' || text.kind === 'html') return read
    first ??= read
  }
  return first
}

const PARAMETERS = /;.*$/s
const BINARY = /^application\/(?!.*(?:xml|html))/
const BASE64 = /^[A-Za-z\d+/]+={0,2}$/

/** In one line or several; words look alike, but stand side by side. */
function isBase64(text: string): boolean {
  const signs = text.replace(/\s*\n\s*/g, '')
  return signs.length % 4 === 0 && BASE64.test(signs)
}

/** Sections that were escaped or put into a section once more; the one around a field misspelt; and an end of one that stands twice. */
function unwrap(text: string): string {
  // Behind a tag they are HTML's: they keep code from being markup, or show it.
  const first = text.indexOf('<')
  const isIn = first !== -1 && text.startsWith(SECTION, first)
  // What takes "<!" and ">" for a tag leaves "[CDATA[" and "]]".
  const isLeft = text.startsWith('[CDATA[') && text.endsWith(']]')
  if (!isIn && first !== 0 && !isLeft && !text.endsWith(']]>')) return text
  const whole = isIn ? withoutSections(text) : text
  const inner = whole.replace(HALF_BEGINNING, '')
  return inner !== whole || inner.endsWith(']]>') ? inner.replace(/\]\]>?$/, '').trim() : inner
}

function withoutSections(text: string): string {
  const pieces: string[] = []
  let at = 0
  for (let start = text.indexOf(SECTION); start !== -1; start = text.indexOf(SECTION, at)) {
    const end = text.indexOf(']]>', start)
    if (end === -1) break
    pieces.push(text.slice(at, start), text.slice(start + SECTION.length, end))
    at = end + 3
  }
  return pieces.join('') + text.slice(at)
}

/** Null for what is no text: a picture, an archive. */
function kindOf(type: string | undefined, mode: string | undefined, field: Field): RawText['kind'] | null {
  if (field === 'html' || isHtml(type)) return 'html'
  if (field === 'unsaid') return 'unsaid'
  // A title without a type is text (RFC 4287, 3.1.1). So is a content, but there many write HTML all the same.
  if (!type) return field === 'title' && mode !== 'escaped' ? 'text' : 'unsaid'
  if (type === 'text' || type.startsWith('text/')) return 'text'
  // Markup in it was lifted to type="html": what still says XHTML holds none, or some escaped it.
  if (type === 'xhtml') return 'unsaid'
  return field === 'content' && type.includes('/') ? null : 'unsaid'
}

function isHtml(type: string | undefined): boolean {
  return type === 'html' || type === 'text/html' || (type?.startsWith('application/') === true && type.includes('html'))
}

function decodeBase64(text: string, type: string | undefined): Pick<RawText, 'value' | 'kind'> | null {
  const value = Buffer.from(text, 'base64').toString('utf8')
  if (value === '') return null
  if (isHtml(type)) return { value, kind: 'html' }
  if (type?.startsWith('text/')) return { value, kind: 'text' }
  // No type and "application/octet-stream" tell nothing of what is inside.
  return NO_TEXT.test(value) ? null : { value, kind: 'unsaid' }
}

const NO_TEXT = /[\0\ufffd]/
