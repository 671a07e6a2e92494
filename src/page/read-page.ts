import { ENTRY_PARTS, type EntryPart, type PageRules, type Read, type ReadDocument, type Unreadable } from '../model.ts'
import { languageOfScript } from '../source/language.ts'
import { normalize } from '../source/normalize.ts'
import type { Document } from '../source/parse.ts'
import type { RawDocument, RawItem } from '../source/raw.ts'
import { unreadable } from '../source/unreadable.ts'
import { describeEntries } from './describe.ts'
import { openPage, type Page } from './dom.ts'
import { readEntries } from './entries.ts'
import { JSON_LD, readJsonLd } from './json-ld.ts'
import { findList, type List, MIN_ENTRIES, rateList } from './list.ts'
import { CHALLENGE, CONSENT, EMPTY, FEED, LOGIN, NO_LINKS, NO_LIST, SCRIPTED, sayError, sayFrames } from './refusals.ts'
import { checkSelector } from './selector.ts'
import { type Block, findWithin, isWithin, readTree, type Tree, widthBetween, widthOf } from './tree.ts'
import { errorOf, framesOf, isChallenge, isConsent } from './wall.ts'

/**
 * Reads a web page as a list of entries. Without rules the list is found by itself, in what is written for machines alone
 * where no other is shown, and `page` of the outcome says where it stands; so it is when rules of that kind find no list any
 * more, or one that another is far better than (`page` then differs from what was given). Rules that a person gave are
 * obeyed: where they find nothing, the outcome is `layout`, and says what was found instead. A login or a check for browsers (`blocked`), an error (`error_page`), a feed, or
 * nothing but scripts in the place of a page is no layout.
 */
export async function readPage(document: Document, rules: PageRules | null): Promise<Read> {
  const page = await openPage(document)
  if ('kind' in page) return page
  const fault = rules && findFault(rules)
  if (fault) return unreadable('layout', fault, 'entry')

  const tree = readTree(page)
  if (rules === null) {
    const found = readFound(tree, findList(tree)) ?? readListed(page) ?? noList(tree)
    // Where there are no links, nobody need look for a selector.
    const isLinked = tree.links.length > 0
    return found ?? (isLinked ? unreadable('not_a_feed', NO_LIST, 'entry') : unreadable('not_a_feed', NO_LINKS))
  }
  return rules.auto ? readAgain(tree, rules) : readGiven(tree, rules)
}

function readGiven(tree: Tree, rules: PageRules): Read {
  const listed = rules.entry === JSON_LD ? readListed(tree.page, rules) : null
  if (listed !== null) return listed
  const entries = select(tree, rules.entry)
  const items = readEntries(tree, entries, rules)
  if (items.length > 0) {
    const list = toDocument(tree.page, items, rules)
    const unmatched = findUnmatched(tree, entries, rules, list)
    return { ...list, ...(unmatched.length > 0 && { unmatched }) }
  }
  const found = readFound(tree, findList(tree))
  const instead = entries.length > 0 ? null : (standIn(tree) ?? (found === null ? noList(tree) : null))
  return instead ?? unreadable('layout', nothingFound(rules, entries.length, items, found), 'entry')
}

// ---- Where the list was found before ----

/**
 * Rules that we made ourselves. A list that is empty for once, or an error in its place, must not leave us with the list
 * beside it for good: `before` is where it stood until we last found it elsewhere. What we return comes back as it is.
 */
type FoundRules = PageRules & { before?: string }

function readAgain(tree: Tree, rules: FoundRules): Read {
  const { entry, before } = rules
  const [here, back] = [listAt(tree, rules), before === undefined ? null : listAt(tree, { ...rules, entry: before })]
  if (before !== undefined && back !== null && back.score > (here?.score ?? 0)) {
    return toDocument(tree.page, back.items, movedTo({ ...rules, entry: before }, entry))
  }
  const listed = entry === JSON_LD ? readListed(tree.page, rules) : null
  if (listed !== null) return listed
  const other = findList(tree)
  if (here !== null && !isPoor(here, other)) return toDocument(tree.page, here.items, rules)
  const instead = here === null ? standIn(tree) : null
  if (instead !== null) return instead
  const found = readFound(tree, other) ?? readListed(tree.page)
  if (found?.page) return { ...found, page: movedTo(found.page, entry) }
  const entries = select(tree, entry)
  const said = nothingFound(rules, entries.length, readEntries(tree, entries, rules), null)
  return noList(tree) ?? unreadable('layout', said, 'entry')
}

/** Whether another list is far better than the one where it stood. A list that is short for a while is no reason, unless it is around the other. */
function isPoor({ entries, items, score }: Standing, other: List | null): boolean {
  if (other === null) return false
  if (items.length >= MIN_ENTRIES) return other.score >= score * FAR_BETTER
  return entries.some((entry) => other.entries.filter((one) => isWithin(one, entry)).length >= MIN_ENTRIES)
}

/** Days differ, and so do lists. */
const FAR_BETTER = 3

function movedTo(rules: PageRules, before: string): FoundRules {
  return { ...rules, before }
}

interface Standing extends List {
  items: RawItem[]
}

/** What stands at a place we found; null for no list any more. */
function listAt(tree: Tree, rules: PageRules): Standing | null {
  const entries = select(tree, rules.entry)
  const items = readEntries(tree, entries, rules)
  // A selector that once found the news may find the menu of a new layout.
  return looksLikeList(items) ? { entries, items, score: rateList(tree, entries) } : null
}

// ---- No list ----

/** What is no page of entries, whatever list stands on it. */
function standIn({ page }: Tree): Unreadable | null {
  if (isChallenge(page)) return unreadable('blocked', CHALLENGE)
  if (isConsent(page)) return unreadable('blocked', CONSENT)
  const error = errorOf(page)
  return error === null ? null : unreadable('error_page', sayError(error))
}

/** What stands there that never is a list; null for a page. */
function noList(tree: Tree): Unreadable | null {
  const { document } = tree.page
  const root = document.querySelector('body > *')?.localName ?? ''
  if (/^(?:rss|feed|rdf:rdf|channel)$/i.test(root)) return unreadable('not_a_feed', FEED, 'feed')
  const other = standIn(tree)
  if (other !== null) return other
  if (document.querySelector('input[type="password"]') !== null) return unreadable('blocked', LOGIN)
  const frames = framesOf(tree.page)
  if (frames.length > 0) return unreadable('not_a_feed', sayFrames(frames))
  if (isEmpty(tree)) return unreadable('not_a_feed', EMPTY)
  return isScripted(tree) ? unreadable('not_a_feed', SCRIPTED) : null
}

/** Whether there are things to press that say as much as titles do, and lead nowhere. */
function isScripted(tree: Tree): boolean {
  const pressed = tree.blocks.filter((block) => {
    if (block.main !== null || widthBetween(tree, block.firstText, block.endText) < MIN_PRESSED_WIDTH) return false
    const href = block.tag === 'a' ? (block.element.getAttribute('href') ?? '') : ''
    return block.element.getAttribute('onclick') !== null || /^\s*(?:javascript:|#(?:none|void|this)?\s*$)/i.test(href)
  })
  return pressed.length >= MIN_PRESSED
}

const MIN_PRESSED = 5
const MIN_PRESSED_WIDTH = 20

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
function findUnmatched(tree: Tree, entries: Block[], rules: PageRules, { items }: ReadDocument): EntryPart[] {
  return ENTRY_PARTS.filter((part) => {
    const selector = rules[part]
    if (selector === null) return false
    if (part === 'date') return items.every(({ publishedAt }) => publishedAt === null)
    return entries.every((entry) => findWithin(tree, entry, selector) === null)
  })
}

function readFound(tree: Tree, list: List | null): ReadDocument | null {
  if (list === null) return null
  const entry = describeEntries(tree, list.entries)
  const rules = foundAt(entry)
  const items = readEntries(tree, select(tree, entry), rules)
  return items.length === 0 ? null : toDocument(tree.page, items, rules)
}

/** Where nobody but machines is shown a list. */
function readListed(page: Page, rules = foundAt(JSON_LD)): ReadDocument | null {
  const items = readJsonLd(page)
  return items.length > 0 && looksLikeList(items) ? toDocument(page, items, rules) : null
}

function foundAt(entry: string): PageRules {
  return { entry, link: null, title: null, date: null, summary: null, auto: true }
}

/** Not where there is none. */
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
