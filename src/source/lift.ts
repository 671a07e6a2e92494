import { escapeXml } from './references.ts'
import {
  createFinder,
  type Finder,
  findMarkupEnd,
  formatTag,
  isNameStart,
  localName,
  readTag,
  skipName,
} from './xml-scan.ts'

/**
 * XML markup as HTML: no comments, no prefixes of XHTML, no `<p/>`; without the `div` Atom wraps around XHTML.
 * `usualName` spells a prefixed name with the usual prefix. Linear in any text.
 */
export function liftMarkup(markup: string, isXhtml: boolean, usualName: (name: string) => string): string {
  const finder = createFinder(markup)
  const pieces: string[] = []
  let at = 0
  for (let lt = finder.text.indexOf('<'); lt !== -1; lt = finder.text.indexOf('<', at)) {
    pieces.push(finder.text.slice(at, lt))
    const sign = finder.text.charCodeAt(lt + 1)
    if (isNameStart(sign)) at = liftTag(finder, lt, pieces, usualName)
    else if (sign === 47) at = liftEndTag(finder, lt, pieces, usualName)
    else at = liftSection(finder, lt, pieces, isXhtml)
  }
  pieces.push(finder.text.slice(at))
  const html = pieces.join('').trim()
  return isXhtml ? unwrapDiv(html) : html
}

function liftTag(finder: Finder, lt: number, pieces: string[], usualName: (name: string) => string): number {
  const tag = readTag(finder, lt)
  const name = htmlName(tag.name, usualName)
  const isVoid = VOID.has(name.toLowerCase())
  // HTML knows no namespaces.
  const attributes = tag.attributes.filter((attribute) => !attribute.name.startsWith('xmlns'))
  const isAsWritten = tag.clean && name === tag.name && attributes.length === tag.attributes.length
  if (isAsWritten && (isVoid || !tag.selfClosing)) {
    pieces.push(finder.text.slice(lt, tag.end))
    return tag.end
  }
  pieces.push(formatTag(name, attributes, false))
  if (tag.selfClosing && !isVoid) pieces.push(`</${name}>`)
  return tag.end
}

function liftEndTag(finder: Finder, lt: number, pieces: string[], usualName: (name: string) => string): number {
  const nameEnd = skipName(finder.text, lt + 2)
  pieces.push(`</${htmlName(finder.text.slice(lt + 2, nameEnd), usualName)}>`)
  const gt = finder.find('>', nameEnd)
  return gt === -1 ? finder.text.length : gt + 1
}

/** What stands in CDATA inside XHTML is text; elsewhere people wrap HTML into it. */
function liftSection(finder: Finder, lt: number, pieces: string[], isXhtml: boolean): number {
  const end = findMarkupEnd(finder, lt)
  const isSection = finder.text.startsWith('<![CDATA[', lt)
  if (end === undefined || (end === -1 && !isSection)) {
    pieces.push('&lt;')
    return lt + 1
  }
  const to = end === -1 ? finder.text.length : end
  if (isSection) {
    const inner = finder.text.slice(lt + 9, to).replace(/\]\]>$/, '')
    pieces.push(isXhtml ? escapeXml(inner) : inner)
  }
  return to
}

function htmlName(raw: string, usualName: (name: string) => string): string {
  return raw.includes(':') && usualName(raw).startsWith('xhtml:') ? localName(raw) : raw
}

function unwrapDiv(html: string): string {
  const start = /^<div(?:\s[^>]*)?>/i.exec(html)
  if (!start || !html.endsWith('</div>')) return html
  const inner = html.slice(start[0].length, -6)
  // "<div>a</div><div>b</div>" begins and ends with one, and is not wrapped.
  return isBalanced(inner) ? inner.trim() : html
}

function isBalanced(html: string): boolean {
  let depth = 0
  for (const [tag] of html.matchAll(/<\/?div[\s>]/gi)) {
    depth += tag.startsWith('</') ? -1 : 1
    if (depth < 0) return false
  }
  return depth === 0
}

/** HTML elements without an end tag (HTML, "Void elements"). */
const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '))
