import { Parser } from 'htmlparser2'
import { MAX_DOCUMENT_BYTES, type Unreadable } from '../model.ts'
import { decodePage } from '../source/charset/charset.ts'
import { languageTag } from '../source/language.ts'
import { collapse } from '../source/markup/html-text.ts'
import type { Document } from '../source/parse.ts'
import { tooBig, unreadable } from '../source/unreadable.ts'
import { resolveUrl } from '../source/url.ts'

/** What we use of an element of the DOM. */
export interface PageElement {
  readonly nodeType: number
  readonly localName: string
  readonly parentElement: PageElement | null
  readonly firstChild: PageNode | null
  readonly nextSibling: PageNode | null
  readonly textContent: string
  readonly innerHTML: string
  getAttribute(name: string): string | null
  setAttribute(name: string, value: string): void
  getAttributeNames(): Iterable<string>
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
  append(...nodes: PageNode[]): void
  insertBefore(node: PageNode, before: PageNode | null): void
}

export interface PageNode {
  readonly nodeType: number
  readonly nextSibling: PageNode | null
}

export interface PageDocument extends Omit<PageElement, 'localName'> {
  readonly documentElement: PageElement
  createElement(name: string): PageElement
  getElementsByTagName(name: string): Iterable<PageElement>
}

/** A web page as a tree. */
export interface Page {
  document: PageDocument
  /** The address that answered. */
  url: string
  /** What relative addresses in it are meant against. */
  base: string
  title: string | null
  language: string | null
}

const ELEMENT_NODE = 1
export const TEXT_NODE = 3

/**
 * Bytes to a tree of elements (`html`, with a `body`, and every row of a table in a `tbody`, as browsers make it). What is
 * too large, too deep or no HTML is refused before the tree is built: building it is what would be slow. The library is
 * loaded with the first page.
 */
export async function openPage({ bytes, contentType, url }: Document): Promise<Page | Unreadable> {
  if (bytes.byteLength > MAX_DOCUMENT_BYTES) return tooBig('page')
  const html = unpackRecords(decodePage(bytes, contentType))
  if (html.trim() === '') return unreadable('not_a_feed', 'The page is empty.')
  if (/^\s*[{[]/.test(html)) return unreadable('not_a_feed', 'This is JSON, not a web page.')
  const shape = measure(html)
  if (shape.fault !== null) return shape.fault

  const { DOMParser } = await import('linkedom')
  const whole = shape.hasRoot ? html : `<html><head></head><body>${html}</body></html>`
  // Its types speak of the browser's DOM, which our sources do not know; `PageDocument` is the part of it we use.
  const document = new DOMParser().parseFromString(whole, 'text/html') as unknown as PageDocument
  if (shape.hasRoot && !shape.hasBody) addBody(document)
  addTableBodies(document)
  addFirstParagraphs(document)
  if (shape.hasCapitals) lowerAttributes(document.documentElement)

  const base = document.querySelector('base[href]')?.getAttribute('href') ?? ''
  return {
    document,
    url,
    base: resolveUrl(base, url) ?? url,
    title: collapse(document.querySelector('title')?.textContent ?? '', 1_000) || null,
    language: languageTag(document.documentElement.getAttribute('lang')),
  }
}

// ---- Text ----

/**
 * Sites of Chinese provinces (Hanweb's JPage) write a list into a script of type text/xml, entry by entry as CDATA in
 * `<record>`, and show it by JavaScript: the records are put where the script stands.
 */
function unpackRecords(html: string): string {
  if (!html.includes('<datastore')) return html
  const pieces: string[] = []
  let copied = 0
  for (let store = html.indexOf('<datastore'); store !== -1; store = html.indexOf('<datastore', copied)) {
    const start = html.lastIndexOf('<script', store)
    const end = html.indexOf('</script', store)
    if (end === -1) break
    const from = start < copied || store - start > 500 ? store : start
    pieces.push(html.slice(copied, from), '<div class="datastore">')
    for (let at = html.indexOf(RECORD, store); at !== -1 && at < end; at = html.indexOf(RECORD, at)) {
      const close = html.indexOf(']]>', at)
      if (close === -1 || close > end) break
      pieces.push(html.slice(at + RECORD.length, close))
      at = close
    }
    pieces.push('</div>')
    copied = html.indexOf('>', end) + 1 || html.length
  }
  return pieces.join('') + html.slice(copied)
}

const RECORD = '<![CDATA['

// ---- Limits ----

/** Far beyond any page people read; what building the tree costs grows with them. */
const MAX_ELEMENTS = 30_000
const MAX_PIECES = 150_000
const MAX_DEPTH = 256

interface Shape {
  fault: Unreadable | null
  hasRoot: boolean
  hasBody: boolean
  /** Attributes are written as in 1996: HREF. */
  hasCapitals: boolean
}

/** One pass of the same parser that will build the tree, ended where a limit is passed. */
function measure(html: string): Shape {
  const shape: Shape = { fault: null, hasRoot: false, hasBody: false, hasCapitals: false }
  let [elements, depth, pieces] = [0, 0, 0]
  const give = (fault: string) => {
    shape.fault ??= unreadable('too_big', `The page is not one to be read: it has ${fault}.`)
    parser.pause()
  }
  const piece = () => {
    pieces += 1
    if (pieces > MAX_PIECES) give(`more than ${MAX_PIECES} pieces of text, comments and attributes`)
  }
  const parser = new Parser(
    {
      onopentagname(name) {
        elements += 1
        depth += 1
        if (name === 'html') shape.hasRoot = true
        else if (name === 'body') shape.hasBody = true
        if (elements > MAX_ELEMENTS) give(`more than ${MAX_ELEMENTS} elements`)
        else if (depth > MAX_DEPTH) give(`elements nested more than ${MAX_DEPTH} deep`)
      },
      onclosetag() {
        depth -= 1
      },
      onattribute(name) {
        piece()
        if (/^[A-Z]+$/.test(name)) shape.hasCapitals = true
      },
      ontext: piece,
      oncomment: piece,
    },
    // As the library that builds the tree calls it.
    { lowerCaseAttributeNames: false, decodeEntities: true },
  )
  parser.write(html)
  if (shape.fault === null) parser.end()
  if (elements === 0) shape.fault ??= unreadable('not_a_feed', 'This is not a web page.')
  return shape
}

// ---- What browsers add ----

function addBody(document: PageDocument): void {
  const root = document.documentElement
  const body = document.createElement('body')
  const children: PageNode[] = []
  for (let child = root.firstChild; child; child = child.nextSibling) {
    if (!isElement(child) || child.localName !== 'head') children.push(child)
  }
  body.append(...children)
  root.append(body)
}

/** Selectors copied from a browser say `tbody`, whether the page wrote it or not. */
function addTableBodies(document: PageDocument): void {
  for (const table of [...document.getElementsByTagName('table')]) {
    const rows: PageNode[] = []
    for (let child = table.firstChild; child; child = child.nextSibling) {
      if (isElement(child) && child.localName === 'tr') rows.push(child)
    }
    const [first] = rows
    if (first === undefined) continue
    const body = document.createElement('tbody')
    table.insertBefore(body, first)
    body.append(...rows)
  }
}

/**
 * `<a>one</a><p><a>two</a><p><a>three</a>`, as pages of 1996 part what they list: the first has no paragraph of its own, and
 * would be seen only when the next one is there. A card of a link and a paragraph about it stays as it is: people's selectors
 * know it by its structure.
 */
function addFirstParagraphs(document: PageDocument): void {
  const parents = new Set([...document.getElementsByTagName('p')].map(({ parentElement }) => parentElement))
  for (const parent of parents) {
    if (parent === null) continue
    const leading: PageNode[] = []
    let child = parent.firstChild
    while (child && !(isElement(child) && child.localName === 'p')) {
      leading.push(child)
      child = child.nextSibling
    }
    const elements = leading.filter(isElement)
    if (child === null || !elements.every(({ localName }) => PHRASES.test(localName)) || countLinks(elements) !== 1)
      continue
    if (!isParted(parent)) continue
    const next = child
    const paragraph = document.createElement('p')
    parent.insertBefore(paragraph, next)
    paragraph.append(...leading)
  }
}

/** Whether paragraphs of it are entries, as far as one sees: each has a link of its own. */
function isParted(parent: PageElement): boolean {
  let paragraphs = 0
  for (let child = parent.firstChild; child && paragraphs < 2; child = child.nextSibling) {
    if (!isElement(child) || child.localName !== 'p' || child.textContent.trim() === '') continue
    if (countLinks([child]) !== 1) return false
    paragraphs += 1
  }
  return paragraphs === 2
}

const PHRASES = /^(?:a|b|big|br|em|font|i|img|small|span|strong|tt|u)$/

function countLinks(elements: PageElement[]): number {
  return elements.reduce((sum, element) => {
    const isLink = element.localName === 'a'
    return sum + (isLink ? 1 : [...element.querySelectorAll('a')].length)
  }, 0)
}

/** `<A HREF=…>`: the library keeps attributes as they are written, and asks for them as they are named. */
function lowerAttributes(element: PageElement): void {
  for (const name of element.getAttributeNames()) {
    const lower = name.toLowerCase()
    if (lower !== name && element.getAttribute(lower) === null) {
      element.setAttribute(lower, element.getAttribute(name) ?? '')
    }
  }
  for (let child = element.firstChild; child; child = child.nextSibling) {
    if (isElement(child)) lowerAttributes(child)
  }
}

export function isElement(node: PageNode): node is PageElement {
  return node.nodeType === ELEMENT_NODE
}
