import { ENTRY_PARTS, type EntryPart, type PageRules, type Read, type ReadDocument, type Unreadable } from '../model.ts'
import { languageOfScript } from '../source/language.ts'
import { normalize } from '../source/normalize.ts'
import type { Document } from '../source/parse.ts'
import type { RawDocument, RawItem } from '../source/raw.ts'
import { describeEntries } from './describe.ts'
import { openPage, type Page } from './dom.ts'
import { readEntries } from './entries.ts'
import { findList } from './list.ts'
import { EMPTY, FEED, LOGIN, NO_LIST, unreadable } from './refusals.ts'
import { checkSelector } from './selector.ts'
import { type Block, readTree, type Tree, widthOf } from './tree.ts'

/**
 * Reads a web page as a list of entries. Without rules the list is found by itself, and `page` of the outcome says where
 * it stands; so it is when rules of that kind find no list any more (`page` then differs from what was given). Rules that
 * a person gave are obeyed: where they find nothing, the outcome is `layout`, and says what was found instead. A login
 * (`blocked`), a feed, or nothing but scripts in the place of a page is no layout.
 */
export async function readPage(document: Document, rules: PageRules | null): Promise<Read> {
  const page = await openPage(document)
  if ('kind' in page) return page
  const fault = rules && findFault(rules)
  if (fault) return unreadable('layout', fault, 'entry')

  const tree = readTree(page)
  if (rules === null) return readFound(tree) ?? noList(tree) ?? unreadable('not_a_feed', NO_LIST)
  const entries = select(tree, rules.entry)
  const items = readEntries(tree, entries, rules)
  if (items.length > 0 && (!rules.auto || looksLikeList(items))) {
    const list = toDocument(page, items, rules)
    const unmatched = findUnmatched(entries, rules, list)
    return { ...list, ...(unmatched.length > 0 && { unmatched }) }
  }
  const found = readFound(tree)
  if (rules.auto && found !== null) return found
  const isGone = found === null && (rules.auto || entries.length === 0)
  return (isGone && noList(tree)) || unreadable('layout', nothingFound(rules, entries.length, items, found), 'entry')
}

/** What stands there that never is a list; null for a page. */
function noList(tree: Tree): Unreadable | null {
  const { document } = tree.page
  const root = document.querySelector('body > *')?.localName ?? ''
  if (/^(?:rss|feed|rdf:rdf|channel)$/i.test(root)) return unreadable('not_a_feed', FEED, 'feed')
  if (document.querySelector('input[type="password"]') !== null) return unreadable('blocked', LOGIN)
  return isEmpty(tree) ? unreadable('not_a_feed', EMPTY) : null
}

function isEmpty(tree: Tree): boolean {
  const hasScript = tree.page.document.querySelector('script') !== null
  return hasScript && tree.links.length < 3 && (tree.widths.at(-1) ?? 0) < 300
}

function findFault(rules: PageRules): string | null {
  for (const part of ['entry', ...ENTRY_PARTS] as const) {
    const selector = rules[part]
    const fault = selector === null ? null : checkSelector(selector)
    if (fault !== null) return `The selector of the ${part} is wrong: ${fault}`
  }
  return null
}

function select(tree: Tree, selector: string): Block[] {
  const found = [...tree.page.document.querySelectorAll(selector)]
  return found.map((element) => tree.blockOf(element)).filter((block) => block !== undefined)
}

/** Without a title or a date nothing is missing but what somebody asked for: it is worth a word. */
function findUnmatched(entries: Block[], rules: PageRules, { items }: ReadDocument): EntryPart[] {
  return ENTRY_PARTS.filter((part) => {
    const selector = rules[part]
    if (selector === null) return false
    if (part === 'date') return items.every(({ publishedAt }) => publishedAt === null)
    return entries.every(({ element }) => element.querySelector(selector) === null)
  })
}

function readFound(tree: Tree): ReadDocument | null {
  const list = findList(tree)
  if (list === null) return null
  const entry = describeEntries(tree, list.entries)
  const rules: PageRules = { entry, link: null, title: null, date: null, summary: null, auto: true }
  const items = readEntries(tree, select(tree, entry), rules)
  return items.length === 0 ? null : toDocument(tree.page, items, rules)
}

/** A selector that once found the news may find the menu of a new layout. */
function looksLikeList(items: RawItem[]): boolean {
  const widths = items.map(({ title }) => widthOf(title?.value ?? ''))
  const isDated = items.some(({ published }) => published.length > 0)
  return isDated || widths.reduce((sum, width) => sum + width, 0) / widths.length >= MIN_TITLE_WIDTH
}

const MIN_TITLE_WIDTH = 12

function toDocument(page: Page, items: RawItem[], rules: PageRules): ReadDocument {
  const { url, title } = page
  const raw: RawDocument = {
    format: 'page',
    title: title === null ? null : { value: title, kind: 'text', bases: [] },
    links: [{ href: url, rel: 'alternate', type: null, bases: [] }],
    bases: [],
    language: languageOf(page, items),
    authors: [],
    pace: { ttl: null, updatePeriod: null, updateFrequency: null, skipHours: [], skipDays: [] },
    items,
  }
  return { ...normalize(raw, url, { forMatching: true }), truncated: false, page: rules }
}

/** Templates say `lang="en"` and are filled in Chinese: where the titles are of another script, each says its own. */
function languageOf({ language }: Page, items: RawItem[]): string | null {
  if (!language?.startsWith('en')) return language
  const titles = items.slice(0, 20).map(({ title }) => title?.value ?? '')
  return languageOfScript(titles.join(' ')) === null ? language : null
}

function nothingFound(
  { entry, link, auto }: PageRules,
  count: number,
  items: RawItem[],
  found: ReadDocument | null,
): string {
  const matched = `What matches "${entry}" on the page (${count})`
  const linkless = link === null ? `${matched} holds no link` : `${matched} holds no link at "${link}"`
  const poor = items.length > 0 ? `${matched} is no list of entries` : linkless
  const nothing = count === 0 ? `Nothing on the page matches "${entry}"` : poor
  // What was found by itself was right once, and all of the page was looked through.
  if (auto) return `${nothing} any more, and no other list was found on it.`
  const instead = found?.page
    ? ` What looks like its list of entries now is "${found.page.entry}" (${found.items.length}, the first: "${found.items[0]?.title.slice(0, 80)}").`
    : ''
  return `${nothing}: the page may have changed its layout, or the selector is wrong.${instead}`
}
