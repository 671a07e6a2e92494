import { groupBy } from '../groups.ts'
import type { PageRules } from '../model.ts'
import { MAX_ITEMS } from '../source/oldest-first.ts'
import type { RawItem, RawText } from '../source/raw.ts'
import { EDGE_DATES } from './date.ts'
import { type DatedEntry, readDate } from './entry-date.ts'
import { datesAbove, yearsOf } from './headings.ts'
import { isRanking, mainLinkOf, type Scope, scopesOf, VERSION } from './list.ts'
import {
  findCodeName,
  findHeading,
  findName,
  findRefrain,
  findShortName,
  isDateRun,
  isSilent,
  MIN_LINE_WIDTH,
  type Name,
  TITLE_NAMES,
} from './name.ts'
import { settleDates } from './settle.ts'
import {
  type Block,
  datesBetween,
  findWithin,
  firstWithin,
  headingAround,
  isHeadingTag,
  isNamed,
  isWithin,
  type Link,
  MORE,
  type Tree,
  textOf,
  widthBetween,
  widthOf,
} from './tree.ts'

/**
 * What the entries say, in document order, each address once. Those without a link are none; what the rules do not say is
 * found by itself: the link that says most, the title in its `title=` where its text is cut, the date in whatever form
 * beside it, the paragraph below it.
 */
export function readEntries(tree: Tree, entries: Block[], rules: PageRules): RawItem[] {
  const links = new Map<Block, Link>()
  for (const entry of entries) {
    const link = linkOf(tree, entry, rules)
    if (link) links.set(entry, link)
  }
  const linked = [...links.keys()]
  const refrain = findRefrain([...links.values()])
  const scopes = scopesOf(tree, linked)
  const years = yearsOf(tree, linked)
  const days = datesAbove(tree, linked)
  const items = new Map<string, ReadEntry>()
  for (const [entry, link] of links) {
    const same = items.get(link.url)
    if (same) same.isRepeated = true
    if (same || items.size >= MAX_ITEMS) continue
    const [scope, year, day] = [scopes.get(entry) ?? null, years.get(entry) ?? null, days.get(entry) ?? null]
    const item = readEntry({ tree, entry, link, scope, year, day, refrain, rules })
    // The last of a list's own blocks may lead on to its next page.
    if (rules.auto && item.published.length === 0 && MORE.test(item.title?.value ?? '')) continue
    const isDated = item.published.length > 0 || datesBetween(tree, entry.firstText, entry.endText) > 0
    items.set(link.url, { entry, item, isDated, leadsOn: MORE.test(link.text), isRepeated: false })
  }
  const read = [...items.values()]
  const kept = rules.auto ? withoutStrays(withoutRankings(tree, read)) : read
  return settleDates(
    kept.map(({ item }) => item),
    tree.page.language,
    tree.page.url,
  )
}

interface ReadEntry {
  entry: Block
  item: RawItem
  isDated: boolean
  /** "Next page", in the last row of a table. */
  leadsOn: boolean
  /** Others lead there, too: an advertisement for the site itself. */
  isRepeated: boolean
}

/** Of boxes of one kind, those below a heading that says so hold what others read. */
function withoutRankings(tree: Tree, read: ReadEntry[]): ReadEntry[] {
  const boxes = [...groupBy(read, ({ entry }) => entry.parent).values()]
  const news = boxes.filter(([first]) => !isRanking(tree, first?.entry))
  return news.length === 0 ? read : news.flat()
}

/**
 * No selector may part the rows of a table from its head, or the list from what stands at the same place of the structure
 * beside it: where the list has dates, what has none is a word of the head, or another list as a whole.
 */
function withoutStrays(read: ReadEntry[]): ReadEntry[] {
  const boxes = groupBy(read, ({ entry }) => entry.parent)
  const isDatedBox = (box: ReadEntry[]) => box.some(({ isDated }) => isDated)
  const list = [...boxes.values()].filter(isDatedBox).flat()
  const dated = list.filter(({ isDated }) => isDated).length
  if (dated < MIN_DATED || dated < list.length * 0.8) return read
  return read.filter(({ entry, item, isDated, leadsOn, isRepeated }) => {
    if (isDated) return true
    const box = boxes.get(entry.parent) ?? []
    const isOfList = isDatedBox(box)
    const isOfHead = isOfList && (leadsOn || isRepeated || widthOf(item.title?.value ?? '') < MIN_TITLE_WIDTH)
    return !isOfHead && (isOfList || box.length === 1)
  })
}

const MIN_DATED = 3
const MIN_TITLE_WIDTH = 10

interface Entry extends DatedEntry {
  /** What the links of most entries say, and so is nobody's title. */
  refrain: string | null
}

function readEntry(given: Entry): RawItem {
  const title = readTitle(given)
  const date = readDate(given, title.block)
  const summary = readSummary(given, title)
  return itemOf({
    // What a heading is of the page is no part of an address to those who compare them.
    id: given.link.isJump ? given.link.url : null,
    url: given.link.url,
    title: plain(title.text),
    summary: summary === '' ? null : plain(summary),
    date,
  })
}

interface PageEntry {
  id: string | null
  url: string
  title: RawText
  summary: RawText | null
  /** As written. */
  date: string | null
}

/** An entry of a page as what a feed says of an item. */
export function itemOf({ id, url, title, summary, date }: PageEntry): RawItem {
  return {
    id,
    links: [{ href: url, rel: 'alternate', type: null, bases: [] }],
    title,
    content: null,
    summary,
    published: date === null ? [] : [date],
    updated: [],
    authors: [],
    categories: [],
    enclosures: [],
    language: null,
    bases: [],
  }
}

function plain(value: string): RawText {
  return { value, kind: 'text', bases: [] }
}

// ---- Link ----

function linkOf(tree: Tree, entry: Block, { link: selector }: PageRules): Link | null {
  if (selector === null) {
    const main = mainLinkOf(entry)
    return placeOfVersion(tree, entry, main) ?? main
  }
  const found = findWithin(tree, entry, selector)
  return found && mainLinkOf(found)
}

/** Where notes on a release begin: what is linked among their words, or nothing, is not where they stand. */
function placeOfVersion(tree: Tree, entry: Block, main: Link | null): Link | null {
  const heading = firstWithin(tree, entry, isHeadingTag, MAX_HEAD_BLOCKS)
  const id = heading?.id || entry.id
  if (!heading || id === '' || !VERSION.test(textOf(tree, heading, 40))) return null
  if (main && !isAmongWords(tree, main)) return null
  const url = new URL(`#${encodeURIComponent(id)}`, tree.page.url).href
  return { block: heading, url, weight: 0, text: '', hint: '', isTitle: true, width: 0, shape: '', isJump: true }
}

const MAX_HEAD_BLOCKS = 60

function isAmongWords(tree: Tree, { block, text }: Link): boolean {
  const { parent, firstText, endText } = block
  if (MORE.test(text) || !parent || !/^(?:p|li|dd)$/.test(parent.tag)) return false
  return widthBetween(tree, parent.firstText, parent.endText) > widthBetween(tree, firstText, endText)
}

// ---- Title ----

function readTitle({ tree, entry, link, scope, refrain, rules }: Entry): Name {
  const ruled = rules.title === null ? null : findWithin(tree, entry, rules.title)
  if (ruled) {
    const text = textOf(tree, ruled)
    const hint = ruled.element.getAttribute('title') ?? ''
    return { text: tidy(fuller(text, hint || link.hint)), block: ruled }
  }
  const own = titleBlock(tree, link)
  const text = titleText(tree, own)
  const hint = hintOf(tree, entry, link) || wholeIn(entry, text)
  // Of a row that is pressed as a whole the text is more than its title.
  const isRow = own === link.block && own.tag !== 'a'
  if (!isRow && !isSilent(text, refrain)) {
    const code = findCodeName(tree, entry, link, scope)
    return { text: tidy(code === null ? fuller(text, hint) : `${text} ${code.text.replace(LABEL, '')}`), block: own }
  }
  // "Read more", or a picture: its entry has another link to the same page, or a heading.
  const twin = tree.links
    .slice(entry.firstLink, entry.endLink)
    .find((other) => other.url === link.url && !isSilent(other.text, refrain))
  const name = twin ? { text: titleText(tree, twin.block), block: twin.block } : findName(tree, entry, link, scope)
  if (name)
    return {
      text: tidy(fuller(name.text, hint || (name.block.element.getAttribute('title') ?? ''))),
      block: name.block,
    }
  const said = hint || altOf(link)
  const short = said === '' ? findShortName(tree, entry) : null
  return short ?? { text: tidy(said || text), block: own }
}

const LABEL = /^\p{L}{2,8}[:：] ?/u

/**
 * A block's text without a date that stands in an element of its own. Of a whole card of lines (kind, title, date) it is
 * the first that says something.
 */
function titleText(tree: Tree, block: Block): string {
  const lines: string[] = []
  let last: Block | null = null
  for (let at = block.firstText; at < Math.min(block.endText, block.firstText + 200); at += 1) {
    const run = tree.texts[at]
    if (!run || isDateRun(tree, at)) continue
    const isNewLine = run.breaksBefore && run.block !== last
    if (isNewLine || lines.length === 0) lines.push(run.value)
    else lines.push(`${lines.pop() ?? ''}${run.breaksBefore ? ' ' : ''}${run.value}`)
    last = run.block
  }
  const said = lines.map((line) => line.replace(/\s+/g, ' ').trim()).filter((line) => line !== '')
  const [first = ''] = said
  if (said.length === 0) return textOf(tree, block, 200)
  if (block.tag !== 'a') return said.join(' ')
  return said.find((line) => widthOf(line) >= MIN_LINE_WIDTH) ?? first
}

/** The heading in the link, or that the link stands in; what is called a title; else the link itself. */
function titleBlock(tree: Tree, link: Link): Block {
  const inLink = findHeading(tree, link.block, isHeadingTag)
  const named = inLink ?? firstWithin(tree, link.block, (block) => isNamed(block, TITLE_NAMES))
  return named ?? link.block
}

/** The `title=` of the link, or of another link in the entry that leads to the same page, or of what is around it. */
function hintOf(tree: Tree, entry: Block, link: Link): string {
  for (const other of [link, ...tree.links.slice(entry.firstLink, entry.endLink)]) {
    if (other.url === link.url && other.hint !== '') return other.hint
  }
  for (let i = link.block.at; i < Math.min(link.block.end, link.block.at + 10); i += 1) {
    const hint = tree.blocks[i]?.element.getAttribute('title')
    if (hint) return hint
  }
  return isWithin(link.block, entry) ? (entry.element.getAttribute('title') ?? '') : ''
}

/** What is cut stands whole in the label of its link, or with its picture. */
function wholeIn({ element }: Block, text: string): string {
  const start = text.replace(CUT, '')
  if (start === text || start.length < 4) return ''
  for (const labelled of element.querySelectorAll('[aria-label], [data-title], [alt]')) {
    const said = ['aria-label', 'data-title', 'alt'].map((name) => labelled.getAttribute(name) ?? '')
    const whole = said.find((text) => text.startsWith(start))
    if (whole !== undefined) return whole
  }
  return ''
}

function altOf({ block }: Link): string {
  return block.element.getAttribute('aria-label') ?? block.element.querySelector('img[alt]')?.getAttribute('alt') ?? ''
}

/** What a list cuts to fit its column stands whole in `title=`: with an ellipsis, or without any mark of it. */
function fuller(text: string, hint: string): string {
  const whole = hint.replace(/\s+/g, ' ').trim()
  const start = text.replace(CUT, '')
  const isCut = start.length < text.length
  // Some say "Opens in a new window" of each. The first sign may be a bullet.
  if (isCut) return whole.length >= start.length && whole.includes(start.slice(1, 5)) ? whole : text
  return start.length >= 4 && whole.startsWith(start) ? whole : text
}

const CUT = /\s*(?:…+|\.{2,}|。{2,}|⋯+|>>|»)\s*$/

/** Without the bullet before it, and the date that some put before or behind it. */
function tidy(text: string): string {
  const bare = text
    .replace(/\s+/g, ' ')
    .replace(/^[\s·•■□▪●○◆◇►▶▸›»>*\-–—|・※★☆]+(?=\S)/u, '')
    .trim()
  return EDGE_DATES.reduce((text, date) => text.replace(date, ''), bare).trim() || bare
}

// ---- Summary ----

function readSummary({ tree, entry, link, scope, rules }: Entry, title: Name): string {
  if (rules.summary !== null) {
    const ruled = findWithin(tree, entry, rules.summary)
    return ruled ? textOf(tree, ruled) : ''
  }
  // There is no other page that would say it.
  const chapter = link.isJump ? chapterOf(tree, title.block) : ''
  if (chapter !== '') return chapter
  const named = firstWithin(tree, entry, (block) => isNamed(block, SUMMARIES) && isTelling(tree, block, title))
  const inside = named ?? firstWithin(tree, entry, (block) => block.tag === 'p' && isTelling(tree, block, title))
  if (inside) return textOf(tree, inside)
  return scope ? summaryBeside(tree, entry, scope, title) : ''
}

/** What stands below a heading of this page, as far as the next one of its rank. */
function chapterOf(tree: Tree, title: Block): string {
  const heading = headingAround(title)
  if (heading === null) return ''
  const { parent } = heading
  let end = heading.endText
  // A heading and its anchor may have a box of their own, as on GitHub.
  const isBoxed = parent !== null && widthBetween(tree, end, parent.endText) === 0
  const box = isBoxed ? parent.parent : parent
  const last = Math.min(box?.endText ?? end, end + MAX_CHAPTER_RUNS)
  while (end < last && rankOf(tree.texts[end]?.block) > rankOf(heading)) end += 1
  return textOf(tree, { firstText: heading.endText, endText: end })
}

const MAX_CHAPTER_RUNS = 500

/** Of a heading 1 to 6, below them all for what is none. */
function rankOf(block: Block | undefined): number {
  return Number(headingAround(block)?.tag.slice(1)) || 7
}

const SUMMARIES =
  /(?:^|[-_])(?:summary|excerpt|desc|description|abstract|intro|lead|teaser|snippet|digest|zy)(?:$|[-_\d])/i

function isTelling(tree: Tree, block: Block, title: Name): boolean {
  if (isWithin(title.block, block) || isWithin(block, title.block)) return false
  return widthOf(textOf(tree, block)) >= MIN_SUMMARY_WIDTH
}

const MIN_SUMMARY_WIDTH = 40

/** `<dd>` behind its `<dt>`. */
function summaryBeside(tree: Tree, { end, parent }: Block, scope: Scope, title: Name): string {
  const behind = tree.blocks.slice(end, Math.min(parent?.end ?? 0, end + 10))
  const told = behind.find((block) => {
    return /^(?:dd|p)$/.test(block.tag) && block.endText <= scope.end && isTelling(tree, block, title)
  })
  return told ? textOf(tree, told) : ''
}
