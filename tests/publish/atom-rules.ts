import { type SaxesAttributeNS, SaxesParser } from 'saxes'

const ATOM = 'http://www.w3.org/2005/Atom'

export interface AtomElement {
  name: string
  attributes: Record<string, string>
  text: string
  children: AtomElement[]
}

/** The document as a tree; throws where it is not well-formed. */
export function readAtom(xml: string): AtomElement {
  const root: AtomElement = { name: '', attributes: {}, text: '', children: [] }
  const open = [root]
  const parser = new SaxesParser({ xmlns: true })
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', (tag) => {
    if (tag.uri !== ATOM) throw new Error(`<${tag.name}> is not of Atom's namespace`)
    const attributes = Object.fromEntries(
      Object.entries<SaxesAttributeNS>(tag.attributes).map(([name, attribute]) => [name, attribute.value]),
    )
    const element = { name: tag.local, attributes, text: '', children: [] }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  const addText = (text: string) => {
    const element = open.at(-1)
    if (element) element.text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => open.pop())
  parser.write(xml).close()
  const [feed] = root.children
  if (feed === undefined) throw new Error('an empty document')
  return feed
}

export function childrenOf(element: AtomElement, name: string): AtomElement[] {
  return element.children.filter((child) => child.name === name)
}

export function textOf(element: AtomElement, name: string): string {
  return childrenOf(element, name)[0]?.text ?? ''
}

/** What RFC 4287 says a document MUST, and this one does not; empty when all is well. */
export function findAtomFaults(feed: AtomElement): string[] {
  const faults: string[] = []
  if (feed.name !== 'feed') faults.push(`the root is <${feed.name}>`)
  const entries = childrenOf(feed, 'entry')

  for (const [where, element] of [
    ['feed', feed] as const,
    ...entries.map((entry, i) => [`entry ${i}`, entry] as const),
  ]) {
    // 4.1.1, 4.1.2: exactly one of each.
    for (const name of ['id', 'title', 'updated']) {
      if (childrenOf(element, name).length !== 1) faults.push(`${where} has not exactly one ${name}`)
    }
    for (const name of ['published', 'content', 'summary', 'rights', 'source', 'generator', 'subtitle']) {
      if (childrenOf(element, name).length > 1) faults.push(`${where} has several ${name}`)
    }
    faults.push(...datesOf(element, where), ...linksOf(element, where), ...peopleAndTermsOf(element, where))
    if (!isIri(textOf(element, 'id'))) faults.push(`${where}: its id "${textOf(element, 'id')}" is no absolute IRI`)
  }

  for (const [i, entry] of entries.entries()) {
    const hasAlternate = childrenOf(entry, 'link').some((link) => (link.attributes.rel ?? 'alternate') === 'alternate')
    // 4.1.2
    if (childrenOf(entry, 'content').length === 0 && !hasAlternate)
      faults.push(`entry ${i} has neither content nor link`)
    if (childrenOf(entry, 'author').length + childrenOf(feed, 'author').length === 0)
      faults.push(`entry ${i} has no author`)
  }

  const ids = [feed, ...entries].map((element) => textOf(element, 'id'))
  // 4.1.1: same id only with different updated; ours never repeat.
  if (new Set(ids).size !== ids.length) faults.push('an id stands twice')
  // 4.2.7.2: where a feed is published it links to itself.
  if (!childrenOf(feed, 'link').some((link) => link.attributes.rel === 'self')) faults.push('no link to itself')
  return faults
}

function datesOf(element: AtomElement, where: string): string[] {
  const dates = [...childrenOf(element, 'updated'), ...childrenOf(element, 'published')].map((date) => date.text)
  // RFC 3339, with "T" and "Z" in upper case (RFC 4287, 3.3).
  return dates
    .filter(
      (date) =>
        !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(date) || Number.isNaN(Date.parse(date)),
    )
    .map((date) => `${where}: "${date}" is no date`)
}

function linksOf(element: AtomElement, where: string): string[] {
  const faults: string[] = []
  const seen = new Set<string>()
  for (const { attributes } of childrenOf(element, 'link')) {
    const { href = '', rel = 'alternate', type = '', hreflang = '', length } = attributes
    if (!isIri(href)) faults.push(`${where}: link to "${href}"`)
    if (type !== '' && !/^[^\s/]+\/[^\s/]+/.test(type)) faults.push(`${where}: type "${type}"`)
    // 4.2.7.2: an IANA name such as "related"; 4.2.7.6: a title is for people.
    if (!LINK_RELATIONS.has(rel)) faults.push(`${where}: rel "${rel}"`)
    if (attributes.title?.trim() === '') faults.push(`${where}: a link with an empty title`)
    if (length !== undefined && !/^\d+$/.test(length)) faults.push(`${where}: length "${length}"`)
    // 4.1.1, 4.1.2: one alternate for each pair of type and language.
    const key = `${type} ${hreflang}`
    if (rel === 'alternate' && seen.has(key)) faults.push(`${where}: two alternates of one type`)
    if (rel === 'alternate') seen.add(key)
  }
  return faults
}

const LINK_RELATIONS = new Set(['alternate', 'self', 'next', 'enclosure', 'related'])

function peopleAndTermsOf(element: AtomElement, where: string): string[] {
  const faults: string[] = []
  for (const person of childrenOf(element, 'author')) {
    if (textOf(person, 'name').trim() === '') faults.push(`${where}: an author without name`)
  }
  for (const category of childrenOf(element, 'category')) {
    if (!category.attributes.term) faults.push(`${where}: a category without term`)
  }
  return faults
}

function isIri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]+$/i.test(text)
}
