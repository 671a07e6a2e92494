import type { PageRules } from '../model.ts'
import type { RawItem } from '../source/raw.ts'
import { dateOfUrl, findDate, findTime, isoDay, yearOfHeading } from './date.ts'
import { datesBetween, mainLinkOf, type Scope, scopesOf } from './list.ts'
import {
  findCodeName,
  findName,
  findRefrain,
  firstWithin,
  isDate,
  isSilent,
  MIN_LINE_WIDTH,
  type Name,
  TITLE_NAMES,
} from './name.ts'
import { settleDates } from './settle.ts'
import { type Block, isNamed, isWithin, type Link, MORE, type Tree, textOf, widthOf } from './tree.ts'

/**
 * What the entries say, in document order, each address once. Those without a link are none; what the rules do not say is
 * found by itself: the link that says most, the title in its `title=` where its text is cut, the date in whatever form
 * beside it, the paragraph below it.
 */
export function readEntries(tree: Tree, entries: Block[], rules: PageRules): RawItem[] {
  const linked = entries.filter((entry) => linkOf(tree, entry, rules) !== null)
  const refrain = findRefrain(linked.map((entry) => linkOf(tree, entry, rules)))
  const scopes = scopesOf(tree, linked)
  const years = yearsOf(tree, linked)
  const days = daysOf(tree, linked)
  const items = new Map<string, RawItem>()
  for (const entry of linked) {
    const link = linkOf(tree, entry, rules)
    if (link === null || items.has(link.url) || items.size >= MAX_ENTRIES) continue
    const [scope, year, day] = [scopes.get(entry) ?? null, years.get(entry) ?? null, days.get(entry) ?? null]
    const item = readEntry({ tree, entry, link, scope, year, day, refrain, rules })
    // The last of a list's own blocks may lead on to its next page.
    if (!(rules.auto && item.published.length === 0 && MORE.test(item.title?.value ?? ''))) items.set(link.url, item)
  }
  return settleDates([...items.values()], tree.page.language)
}

/** As of a feed: `parse.ts`. */
const MAX_ENTRIES = 1_000

interface Entry {
  tree: Tree
  entry: Block
  link: Link
  scope: Scope | null
  /** Of the heading it stands below. */
  year: number | null
  /** Likewise the day, where the list has one heading for each. */
  day: string | null
  /** What the links of most entries say, and so is nobody's title. */
  refrain: string | null
  rules: PageRules
}

function readEntry(given: Entry): RawItem {
  const title = readTitle(given)
  const date = readDate(given, title.block)
  const summary = readSummary(given, title)
  return {
    // What a heading is of the page is no part of an address to those who compare them.
    id: given.link.isJump ? given.link.url : null,
    links: [{ href: given.link.url, rel: 'alternate', type: null, bases: [] }],
    title: plain(title.text),
    content: null,
    summary: summary === '' ? null : plain(summary),
    published: date === null ? [] : [date],
    updated: [],
    authors: [],
    categories: [],
    enclosures: [],
    language: null,
    bases: [],
  }
}

function plain(value: string): { value: string; kind: 'text'; bases: string[] } {
  return { value, kind: 'text', bases: [] }
}

// ---- Link ----

function linkOf(tree: Tree, entry: Block, { link: selector }: PageRules): Link | null {
  if (selector === null) return mainLinkOf(entry)
  const found = within(tree, entry, selector)
  return found && mainLinkOf(found)
}

function within(tree: Tree, entry: Block, selector: string): Block | null {
  const element = entry.element.querySelector(selector)
  return (element && tree.blockOf(element)) ?? null
}

// ---- Title ----

function readTitle({ tree, entry, link, scope, refrain, rules }: Entry): Name {
  const ruled = rules.title === null ? null : within(tree, entry, rules.title)
  if (ruled) {
    const text = textOf(tree, ruled)
    const hint = ruled.element.getAttribute('title') ?? ''
    return { text: tidy(fuller(text, hint || link.hint)), block: ruled }
  }
  const hint = hintOf(tree, entry, link)
  const own = titleBlock(tree, link)
  const text = titleText(tree, own)
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
  const name = twin ? { text: titleText(tree, twin.block), block: twin.block } : findName(tree, entry, link)
  if (name) return { text: tidy(fuller(name.text, hint)), block: name.block }
  return { text: tidy(hint || altOf(link) || text), block: own }
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
    if (!run || isDateRun(tree, at, block)) continue
    const isNewLine = run.breaksBefore && run.block !== last
    if (isNewLine || lines.length === 0) lines.push(run.value)
    else lines.push(`${lines.pop() ?? ''}${run.breaksBefore ? ' ' : ''}${run.value}`)
    last = run.block
  }
  const said = lines.map((line) => line.replace(/\s+/g, ' ').trim()).filter((line) => line !== '')
  const [first = ''] = said
  if (said.length === 0) return textOf(tree, block, 200)
  if (said.length === 1 || block.tag !== 'a') return said.join(' ')
  return said.find((line) => widthOf(line) >= MIN_LINE_WIDTH) ?? first
}

/** A text that is only a date, in an element within the block. */
function isDateRun(tree: Tree, at: number, block: Block): boolean {
  const run = tree.texts[at]
  if (!run || run.block === block || datesBetween(tree, at, at + 1) === 0) return false
  return isDate(run.value)
}

/** The heading in the link, or that the link stands in; what is called a title; else the link itself. */
function titleBlock(tree: Tree, link: Link): Block {
  const inLink = firstWithin(tree, link.block, (block) => /^h[1-6]$/.test(block.tag))
  const named = inLink ?? firstWithin(tree, link.block, (block) => isNamed(block, TITLE_NAMES))
  return named && textOf(tree, named, 200) !== '' ? named : link.block
}

/** The `title=` of the link, or of another link in the entry that leads to the same page, or of what is around it. */
function hintOf(tree: Tree, entry: Block, link: Link): string {
  if (link.hint !== '') return link.hint
  for (const other of tree.links.slice(entry.firstLink, entry.endLink)) {
    if (other.url === link.url && other.hint !== '') return other.hint
  }
  for (let i = link.block.at; i < Math.min(link.block.end, link.block.at + 10); i += 1) {
    const hint = tree.blocks[i]?.element.getAttribute('title')
    if (hint) return hint
  }
  return isWithin(link.block, entry) ? (entry.element.getAttribute('title') ?? '') : ''
}

function altOf({ block }: Link): string {
  return block.element.getAttribute('aria-label') ?? block.element.querySelector('img[alt]')?.getAttribute('alt') ?? ''
}

/** What a list cuts to fit its column stands whole in `title=`: with an ellipsis, or without any mark of it. */
function fuller(text: string, hint: string): string {
  const whole = hint.replace(/\s+/g, ' ').trim()
  if (whole.length <= text.length - 3) return text
  const start = text.replace(/\s*(?:…+|\.{2,}|。{2,}|⋯+|>>|»)\s*$/, '')
  const isCut = start.length < text.length
  if (isCut) return whole.length >= start.length && whole !== '' ? whole : text
  return start.length >= 4 && whole.length > start.length && whole.startsWith(start) ? whole : text
}

/** Without the bullet before it, and the date that some put before or behind it. */
function tidy(text: string): string {
  const bare = text
    .replace(/\s+/g, ' ')
    .replace(/^[\s·•■□▪●○◆◇►▶▸›»>*\-–—|・※★☆]+(?=\S)/u, '')
    .trim()
  const undated = EDGE_DATES.reduce((text, date) => text.replace(date, ''), bare).trim()
  return undated === '' ? bare : undated
}

const CLOCK = '(?: \\d{1,2}:\\d\\d(?::\\d\\d)?)?'
const DAY_FIRST = '\\d{1,2}([-/.])\\d{1,2}\\1(?:19|20)\\d\\d'
const YEAR_FIRST = '(?:19|20)\\d\\d ?[-/.年] ?\\d{1,2} ?[-/.月] ?\\d{1,2} ?日?'
const YEARLESS = '\\d{1,2} ?[-/.月] ?\\d{1,2} ?日?'
const EDGE_DATES = [
  `^[[(（【]\\s?(?:${YEAR_FIRST}|${YEARLESS})${CLOCK}\\s?[\\])）】]\\s*`,
  `^[[(（【]\\s?${DAY_FIRST}${CLOCK}\\s?[\\])）】]\\s*`,
  `^${YEAR_FIRST}${CLOCK}[\\s:：|-]+`,
  `^${DAY_FIRST}${CLOCK}[\\s:：|-]+`,
  `\\s*[[(（【]\\s?(?:${YEAR_FIRST}|${YEARLESS})${CLOCK}\\s?[\\])）】]$`,
  `\\s*[[(（【]\\s?${DAY_FIRST}${CLOCK}\\s?[\\])）】]$`,
  `\\s+${YEAR_FIRST}${CLOCK}$`,
].map((pattern) => new RegExp(pattern))

// ---- Date ----

function readDate(given: Entry, title: Block): string | null {
  const { tree, entry, link, scope, rules } = given
  const ruled = rules.date === null ? null : within(tree, entry, rules.date)
  if (rules.date !== null) return ruled ? dateIn(given, ruled) : null

  const time = tree.times[entry.firstTime]
  if (time && entry.endTime > entry.firstTime) return time.datetime
  const inside = dateAmong(given, { from: entry.firstText, end: entry.endText }, title)
  if (inside !== null) return inside
  const beside = scope && dateAmong(given, scope, title)
  if (beside !== null) return withTime(tree, entry, beside)
  const edge = edgeDate(given, textOf(tree, title, 200))
  if (edge !== null) return edge
  if (given.day !== null) return withTime(tree, entry, given.day)
  const ofUrl = dateOfUrl(link.url)
  return ofUrl?.month && ofUrl.day ? isoDay(ofUrl.year, ofUrl.month, ofUrl.day) : null
}

/** A date that a rule points at: machine-readable first. */
function dateIn(given: Entry, ruled: Block): string | null {
  const { tree } = given
  const attributes = ['datetime', 'content', 'title', 'data-time'].map((name) => ruled.element.getAttribute(name))
  const text = textOf(tree, ruled, 50)
  // A day in large letters stands in an element of its own beside its month.
  const parted = runsBetween(tree, ruled.firstText, Math.min(ruled.endText, ruled.firstText + 50))
  for (const written of [...attributes, parted, text]) {
    if (!written) continue
    const date = resolveDate(given, findDate(written, true))
    if (date !== null) return date
  }
  // Every other form there is: dates.ts knows them.
  return text.slice(0, 100)
}

/** The first date in these texts but the title; one that names its year before one that does not. */
function dateAmong(given: Entry, { from, end }: Scope, title: Block): string | null {
  const { tree } = given
  let yearless: string | null = null
  for (let at = from; at < end; at += 1) {
    if (datesBetween(tree, at, end) === 0) break
    if (at >= title.firstText && at < title.endText && !isDateRun(tree, at, title)) continue
    const run = tree.texts[at]
    if (!run || datesBetween(tree, at, at + 1) === 0) continue
    const found = findDate(run.value, widthOf(run.value) <= MAX_DATE_WIDTH)
    // A day in large letters stands in an element of its own beside its month, or its year below both.
    const whole = found?.kind === 'whole' ? found : findDate(aroundOf(tree, at, from, end), false)
    if (whole?.kind === 'whole') return hasTime(whole.date) ? whole.date : whole.date + timeNear(tree, at, from, end)
    yearless ??= resolveDate(given, found ?? whole)
  }
  return yearless
}

const MAX_DATE_WIDTH = 40

/** The time of day, where it stands in an element of its own behind the day or before it. */
function timeNear({ texts }: Tree, at: number, from: number, end: number): string {
  const behind = texts.slice(at + 1, Math.min(end, at + 4)).find(({ value }) => value.trim() !== '')
  const before = texts.slice(Math.max(from, at - 3), at).findLast(({ value }) => value.trim() !== '')
  return findTime(behind?.value ?? '') ?? findTime(before?.value ?? '') ?? ''
}

function aroundOf(tree: Tree, at: number, from: number, end: number): string {
  return runsBetween(tree, Math.max(from, at - 3), Math.min(end, at + 4))
}

function runsBetween({ texts }: Tree, from: number, end: number): string {
  const runs = texts.slice(from, end)
  return runs.map(({ value }) => value.slice(0, 80)).join(' ')
}

/** Below the heading of its day an entry says only when. */
function withTime({ texts }: Tree, { firstText, endText }: Block, day: string): string {
  if (hasTime(day)) return day
  const runs = texts.slice(firstText, Math.min(endText, firstText + 20))
  return day + (runs.map(({ value }) => findTime(value)).find((time) => time !== null) ?? '')
}

function hasTime(date: string): boolean {
  return /\d:\d\d/.test(date)
}

/** "[2018-05-11] Title", "Title (05-11)": within the title only at its ends, where it is no part of what it says. */
function edgeDate(given: Entry, title: string): string | null {
  const edge = [...EDGE_DATES, STARTING_DATE].map((date) => date.exec(title)?.[0]).find((found) => found !== undefined)
  return edge === undefined ? null : resolveDate(given, findDate(edge, true))
}

/** "11 May 2018 Title": where no sign parts them, it may be a part of what the title says, and stays. */
const STARTING_DATE = /^(?:\d{1,2}\.? (?:de )?\p{L}{3,12}\.?,? (?:de )?|\p{L}{3,12}\.? \d{1,2},? )(?:19|20)\d\d(?=\W)/u

/** The year of a date that names none is told by the entry's address, or by the heading above it. */
function resolveDate({ link, year: ofHeading }: Entry, found: ReturnType<typeof findDate>): string | null {
  if (found === null) return null
  if (found.kind === 'whole') return found.date
  const ofUrl = dateOfUrl(link.url)
  const year = ofUrl ? yearBeside(found.month, ofUrl) : ofHeading
  return year === null ? null : isoDay(year, found.month, found.day) + found.time
}

/** A page of 30 December that is dated 2 January. */
function yearBeside(month: number, { year, month: other }: { year: number; month: number | null }): number {
  if (other === null) return year
  if (other === 12 && month === 1) return year + 1
  return other === 1 && month === 12 ? year - 1 : year
}

/**
 * The day that stands above each entry, or above one before it: news under the headings of their days. None where the first
 * has none, or all have the same: then it is today's date at the top of a page, or what stands behind the entries before.
 */
function daysOf(tree: Tree, entries: Block[]): Map<Block, string> {
  const days = new Map<Block, string>()
  let [day, from]: [string | null, number] = [null, 0]
  for (const entry of entries) {
    day = dayBetween(tree, Math.max(from, entry.firstText - MAX_DAY_RUNS), entry.firstText) ?? day
    if (day === null) return new Map()
    days.set(entry, day)
    from = entry.endText
  }
  return new Set(days.values()).size > 1 ? days : new Map()
}

const MAX_DAY_RUNS = 4

/** The last of these texts that says anything, if it is a whole date. */
function dayBetween(tree: Tree, from: number, end: number): string | null {
  for (let at = end - 1; at >= from; at -= 1) {
    const value = tree.texts[at]?.value ?? ''
    if (value.trim() === '') continue
    const found = isDate(value) ? findDate(value, true) : null
    return found?.kind === 'whole' ? found.date : null
  }
  return null
}

/**
 * The year of the heading each entry stands below: between its neighbours, or above their block. What an entry itself says
 * is no heading of the next one.
 */
function yearsOf(tree: Tree, entries: Block[]): Map<Block, number | null> {
  const years = new Map<Block, number | null>()
  let previous: Block | undefined
  for (const entry of entries) {
    const isSibling = previous !== undefined && previous.parent === entry.parent
    const from = isSibling ? (previous?.endText ?? 0) : (entry.parent?.firstText ?? 0)
    const before = yearBetween(tree, from, entry.firstText)
    const above = () => (isSibling && previous ? (years.get(previous) ?? null) : yearAbove(tree, entry.parent))
    years.set(entry, before ?? above())
    previous = entry
  }
  return years
}

/** Of the nearest heading before a block, or before what it stands in. */
function yearAbove(tree: Tree, inner: Block | null): number | null {
  let block = inner
  for (let steps = 0; block && steps < 6; block = block.parent, steps += 1) {
    const year = yearBetween(tree, 0, block.firstText)
    if (year !== null) return year
  }
  return null
}

/** Of the last of these texts that is a heading, if it is near the end. A link leads to other years, unless it is the heading. */
function yearBetween(tree: Tree, from: number, end: number): number | null {
  for (let at = end - 1; at >= Math.max(from, end - 6); at -= 1) {
    const run = tree.texts[at]
    const isLinked = (tree.linkWidths[at + 1] ?? 0) > (tree.linkWidths[at] ?? 0)
    const year = run && (!isLinked || run.block.inHeading) ? yearOfHeading(run.value) : null
    if (year !== null) return year
  }
  return null
}

// ---- Summary ----

function readSummary({ tree, entry, scope, rules }: Entry, title: Name): string {
  if (rules.summary !== null) {
    const ruled = within(tree, entry, rules.summary)
    return ruled ? textOf(tree, ruled) : ''
  }
  const named = firstWithin(tree, entry, (block) => isNamed(block, SUMMARIES) && isTelling(tree, block, title))
  const inside = named ?? firstWithin(tree, entry, (block) => block.tag === 'p' && isTelling(tree, block, title))
  if (inside) return textOf(tree, inside)
  return scope ? summaryBeside(tree, entry, scope, title) : ''
}

const SUMMARIES =
  /(?:^|[-_])(?:summary|excerpt|desc|description|abstract|intro|lead|teaser|snippet|digest|zy)(?:$|[-_\d])/i

function isTelling(tree: Tree, block: Block, title: Name): boolean {
  if (isWithin(title.block, block) || isWithin(block, title.block)) return false
  const text = textOf(tree, block)
  return widthOf(text) >= MIN_SUMMARY_WIDTH && !MORE.test(text)
}

const MIN_SUMMARY_WIDTH = 40

/** `<dd>` behind its `<dt>`. */
function summaryBeside(tree: Tree, { end, parent }: Block, scope: Scope, title: Name): string {
  for (let at = end; at < Math.min(parent?.end ?? 0, end + 10); at += 1) {
    const block = tree.blocks[at]
    if (!block || block.firstText >= scope.end) break
    if (/^(?:dd|p)$/.test(block.tag) && block.endText <= scope.end && isTelling(tree, block, title)) {
      return textOf(tree, block)
    }
  }
  return ''
}
