import { isRecord } from './json-text.ts'
import { SECTION } from './markup/scan.ts'
import { NAMES } from './rss-names.ts'

// What rss-parser gives, checked: it may be anything.

/** An element as xml2js gives it: text ("_"), attributes ("$"), and children by name, each a list. */
export type Element = Record<string, unknown>

export function elementOf(value: unknown): Element {
  return isRecord(value) ? value : {}
}

/** The children of an element, by their names as they are read here. A crowd of one name is an attack or a mistake. */
export type Fields = ReadonlyMap<string, readonly Element[]>

/** An item has few of all the fields there are: to ask a map for one that is not there costs least. */
export function fieldsOf(element: Element): Map<string, readonly Element[]> {
  const fields = new Map<string, readonly Element[]>()
  for (const key in element) {
    const name = NAMES.get(key)
    const children = element[key]
    if (name === undefined || !Array.isArray(children)) continue
    // Most stand once, and are what they should be.
    const isAsItShould = children.length <= MAX_REPEATS && children.every(isRecord)
    fields.set(name, isAsItShould ? children : children.slice(0, MAX_REPEATS).map(elementOf))
  }
  return fields
}

export function one(fields: Fields, name: string): readonly Element[] {
  return fields.get(name) ?? NONE
}

/** What these say, in the order of the names, without what is blank. */
export function textsOf(fields: Fields, names: readonly string[]): string[] {
  const texts: string[] = []
  for (const name of names) {
    for (const element of one(fields, name)) {
      const text = textOf(element) || leavesOf(element)[0]
      if (text) texts.push(text)
    }
  }
  return texts
}

/** All of these names, in the order of the names. */
export function all(fields: Fields, names: readonly string[]): readonly Element[] {
  let found: readonly Element[] = NONE
  for (const name of names) {
    const elements = fields.get(name)
    if (elements) found = found === NONE ? elements : [...found, ...elements]
  }
  return found
}

export function within(element: Element, names: readonly string[]): readonly Element[] {
  return all(fieldsOf(element), names)
}

const NONE: readonly Element[] = []
const MAX_REPEATS = 500

export function textOf(element: Element): string {
  const text = typeof element._ === 'string' ? element._.trim() : ''
  if (!text.endsWith(']]>')) return text
  if (text.startsWith(SECTION) && text.lastIndexOf(SECTION) === 0) return text.slice(SECTION.length, -3).trim()
  // The end of a section that stands twice, or one whose beginning is misspelt.
  const inner = text.startsWith('<') ? text : text.replace(HALF_BEGINNING, '')
  return inner !== text || !text.includes('[') ? inner.slice(0, -3).trim() : text
}

/** What the elements within it say that hold no others; those nobody asked for are gone. */
export function leavesOf(element: Element, depth = 0): string[] {
  const text = textOf(element)
  if (text !== '') return [text]
  const children = Object.values(element).filter((value) => Array.isArray(value))
  return depth === MAX_NESTED
    ? []
    : children.flatMap((list) =>
        list.slice(0, MAX_REPEATS).flatMap((child: unknown) => leavesOf(elementOf(child), depth + 1)),
      )
}

const MAX_NESTED = 3

/** xml2js makes them an object that inherits nothing. */
export function attribute(element: Element, name: string): string | undefined {
  const value = isRecord(element.$) ? element.$[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** RDF's attributes and those of its files, with whatever prefix the document gave them, or none. */
export function resourceOf(element: Element, name: 'about' | 'resource' | 'type' | 'length'): string | undefined {
  const usual = attribute(element, `rdf:${name}`) ?? attribute(element, name)
  if (usual !== undefined || !isRecord(element.$)) return usual
  const written = Object.keys(element.$).find((key) => key.endsWith(`:${name}`))
  return written === undefined ? undefined : attribute(element, written)
}

export function basesOf(element: Element): string[] {
  return said(attribute(element, 'xml:base'))
}

/** CDF has an attribute of its own. */
export function channelBases(feed: Element): string[] {
  return [...basesOf(feed), ...said(attribute(feed, 'base'))]
}

export function said(text: string | null | undefined): string[] {
  return text === null || text === undefined || text.trim() === '' ? [] : [text]
}

/** `flatMap`, which takes its time for none or one; those are most. */
export function each<T>(elements: readonly Element[], read: (element: Element) => T[]): T[] {
  const [first] = elements
  if (first === undefined) return []
  return elements.length === 1 ? read(first) : elements.flatMap(read)
}

/** Likewise of lists, most of which are empty. */
export function joined<T>(lists: T[][]): T[] {
  let found: T[] | undefined
  for (const list of lists) if (list.length > 0) found = found === undefined ? list : found.concat(list)
  return found ?? []
}

export const HALF_BEGINNING = /^(?:<\s*!*\s*|!*)\[CDATA\s*\[?/

export function firstOf(elements: readonly Element[], read = textOf): string | null {
  for (const element of elements) {
    const text = read(element)
    if (text !== '') return text
  }
  return null
}
