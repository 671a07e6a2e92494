import { isRecord, type Json, readJsonText } from '../source/json-text.ts'
import { MAX_ITEMS } from '../source/oldest-first.ts'
import type { RawItem, RawText } from '../source/raw.ts'
import { resolveUrl, withoutHash } from '../source/url.ts'
import type { Page } from './dom.ts'
import { itemOf } from './entries.ts'
import { MIN_ENTRIES } from './list.ts'
import { settleDates } from './settle.ts'

/** Where such a list stands, as the `entry` of a page's rules. */
export const JSON_LD = 'script[type="application/ld+json"]'

/**
 * What a page lists for machines alone, in words of schema.org (JSON-LD): the entries of an ItemList, a Blog or a
 * CollectionPage, or articles that are named one by one. Of several lists all those with dates, else the longest. What has
 * no address of its own, or no title, is no entry.
 */
export function readJsonLd(page: Page): RawItem[] {
  const lists = listsOf(page)
    .map((list) => entriesOf(list, page))
    .filter((entries) => entries.length >= MIN_ENTRIES)
  const dated = lists.filter((entries) => entries.some(({ published }) => published.length > 0))
  const [longest = []] = lists.toSorted((a, b) => b.length - a.length)
  const items = onceEach(dated.length > 0 ? dated.flat() : longest).slice(0, MAX_ITEMS)
  return settleDates(items, page.language, page.url)
}

/** The texts of all its scripts that hold JSON-LD. */
export function jsonLdTexts({ document }: Page): string[] {
  return [...document.querySelectorAll('script[type]')]
    .filter((script) => /^\s*application\/ld\+json\b/i.test(script.getAttribute('type') ?? ''))
    .map((script) => script.textContent)
}

// ---- Lists ----

interface Found {
  lists: Json[][]
  /** Articles that are of no list but the page. */
  articles: Json[]
}

function listsOf(page: Page): Json[][] {
  const found: Found = { lists: [], articles: [] }
  for (const text of jsonLdTexts(page)) look(readJsonText(text)?.value, found, MAX_DEPTH)
  return [...found.lists, found.articles]
}

/** Nobody nests a page, its main thing and the list of that any deeper. */
const MAX_DEPTH = 8

function look(value: unknown, found: Found, depth: number): void {
  if (depth === 0) return
  if (Array.isArray(value)) {
    for (const one of value) look(one, found, depth - 1)
    return
  }
  if (!isRecord(value) || isOf(value, /BreadcrumbList$/)) return
  if (isOf(value, ARTICLE)) found.articles.push(value)
  for (const key of LISTS) {
    const list = [value[key]].flat().filter(isRecord)
    if (list.length > 0) found.lists.push(list)
  }
  for (const key of AROUND) look(value[key], found, depth - 1)
}

const ARTICLE = /(?:Article|Posting)$/
/** Of an ItemList; of a Blog, and as it was called before; of a CollectionPage. */
const LISTS = ['itemListElement', 'blogPost', 'blogPosts', 'hasPart']
const AROUND = ['@graph', 'mainEntity', 'hasPart']

// ---- Entries ----

function entriesOf(list: Json[], page: Page): RawItem[] {
  return onceEach(list.flatMap((element) => entryOf(element, page) ?? []))
}

function entryOf(element: Json, page: Page): RawItem | null {
  // A ListItem says the place, and what stands there; a short one says only its address and its name.
  const { item } = element
  const node = { ...element, ...(isRecord(item) ? item : { url: element.url ?? item }) }
  const url = addressOf(node, page)
  const title = textIn(node, ['headline', 'name', 'title'])
  if (url === null || title === null || isOf(node, /SiteNavigationElement$/)) return null
  const summary = textIn(node, ['description', 'abstract'])
  const date = textIn(node, ['datePublished', 'uploadDate', 'datePosted', 'dateCreated'])
  return itemOf({ id: null, url, title: raw(title), summary: summary === null ? null : raw(summary), date })
}

/** Many escape what needs none there. */
function raw(value: string): RawText {
  return { value, kind: 'unsaid', bases: [] }
}

function addressOf(node: Json, page: Page): string | null {
  for (const said of [node.url, node.mainEntityOfPage, node['@id']]) {
    const address = [said].flat().map((one) => (isRecord(one) ? (one['@id'] ?? one.url) : one))[0]
    const url = typeof address === 'string' ? resolveUrl(address, page.base) : null
    // A place on this page, or a name that was made of its address.
    if (url !== null && withoutHash(url) !== withoutHash(page.url)) return url
  }
  return null
}

/** The first that says something. */
function textIn(node: Json, names: string[]): string | null {
  for (const name of names) {
    const value = [node[name]].flat()[0]
    const text = isRecord(value) ? value['@value'] : value
    if (typeof text === 'string' && text.trim() !== '') return text
  }
  return null
}

/** Types are names, or addresses that end with them. */
function isOf(node: Json, type: RegExp): boolean {
  return [node['@type']].flat().some((one) => typeof one === 'string' && type.test(one))
}

function onceEach(items: RawItem[]): RawItem[] {
  const seen = new Set<string>()
  return items.filter(({ links: [link] }) => {
    const url = link?.href ?? ''
    return !seen.has(url) && seen.add(url)
  })
}
