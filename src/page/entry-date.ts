import type { PageRules } from '../model.ts'
import { dateOfUrl, EDGE_DATES, type FoundDate, findDate, findTime, isoDay, yearOfHeading } from './date.ts'
import type { Scope } from './list.ts'
import { isDate, isDateRun, withoutSign } from './name.ts'
import {
  type Block,
  datesBetween,
  findWithin,
  firstWithin,
  joinedDate,
  type Link,
  type Tree,
  textOf,
  widthOf,
} from './tree.ts'

/** An entry, and what stands around it of which its date may be told. */
export interface DatedEntry {
  tree: Tree
  entry: Block
  link: Link
  scope: Scope | null
  /** Of the heading it stands below. */
  year: number | null
  /** Likewise the day, where the list has one heading for each. */
  day: string | null
  rules: PageRules
}

/** The date of an entry, as it is to be read by `normalize`; null where none is to be found. */
export function readDate(given: DatedEntry, title: Block): string | null {
  const { tree, entry, link, scope, rules } = given
  const ruled = rules.date === null ? null : findWithin(tree, entry, rules.date)
  if (rules.date !== null) return ruled ? dateIn(given, ruled) : null

  const times = tree.times.slice(entry.firstTime, entry.endTime)
  const shown = times.find(({ isShown, block }) => isShown && !isOfEnd(tree, block.firstText))
  if (shown) return shown.datetime
  const inside = dateAmong(given, { from: entry.firstText, end: entry.endText }, title)
  if (inside !== null) return inside
  const [hidden] = times
  if (hidden) return hidden.datetime
  const beside = scope && dateAmong(given, scope, title)
  if (beside !== null) return withTime(tree, entry, beside)
  const edge = edgeDate(given, withoutSign(textOf(tree, title, 200), link.text))
  if (edge !== null) return edge
  if (given.day !== null) return withTime(tree, entry, given.day)
  const ofUrl = dateOfUrl(link.url)
  return ofUrl?.month && ofUrl.day ? isoDay(ofUrl.year, ofUrl.month, ofUrl.day) : null
}

/** A date that a rule points at: machine-readable first. */
function dateIn(given: DatedEntry, ruled: Block): string | null {
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
function dateAmong(given: DatedEntry, { from, end }: Scope, title: Block): string | null {
  const { tree } = given
  let yearless: string | null = null
  for (let at = from; at < end; at += 1) {
    if (datesBetween(tree, at, end) === 0) break
    if (at >= title.firstText && at < title.endText && !isDateRun(tree, at)) continue
    const run = tree.texts[at]
    if (!run || datesBetween(tree, at, at + 1) === 0 || isOfEnd(tree, at)) continue
    const found = findDate(run.value, widthOf(run.value) <= MAX_DATE_WIDTH)
    // A day in large letters stands in an element of its own beside its month, or its year below both.
    const whole = found?.kind === 'whole' ? found : findDate(aroundOf(tree, at, from, end), false)
    if (whole?.kind === 'whole') return hasTime(whole.date) ? whole.date : whole.date + timeNear(tree, at, from, end)
    const pieces = joinedDate(tree.texts, at)
    yearless ??= resolveDate(given, found ?? whole ?? (pieces === null ? null : findDate(pieces, true)))
  }
  return yearless
}

const MAX_DATE_WIDTH = 40

/** When something closes is not when it was published: "Deadline: 20 June 2018", a cell below 截止时间. */
function isOfEnd(tree: Tree, at: number): boolean {
  const { value = '', block } = tree.texts[at] ?? {}
  const label = value.slice(0, Math.max(0, value.search(/\d/)))
  const before = tree.texts[at - 1]?.value ?? ''
  return ENDS.test(label) || (/[:：]\s*$/.test(before) && ENDS.test(before)) || ENDS.test(columnOf(tree, block))
}

const ENDS =
  /^.{0,12}(?:\b(?:deadline|clos(?:es|ing)|expir\w*|due|ends?|until)\b|截止|截至|到期|有效期|结束|結束|开标|開標|締切|締め切り|마감|frist|schluss|gültig bis|date limite|fecha límite|prazo|scadenza|окончани)/i

/** What the head of its table says above a cell; '' for any other block. */
function columnOf(tree: Tree, inner: Block | undefined): string {
  const cell = around(inner, 'td', 3)
  const row = cell?.parent
  const head = row && firstWithin(tree, around(row, 'table', 3) ?? row, ({ tag }) => tag === 'tr', MAX_BEFORE_HEAD)
  const named = head && cellsOf(tree, head)[cellsOf(tree, row).indexOf(cell)]
  return named ? textOf(tree, named, 5) : ''
}

/** A caption, and how wide the columns are. */
const MAX_BEFORE_HEAD = 30

/** The block itself or the nearest around it, a few steps out, with this tag. */
function around(block: Block | null | undefined, tag: string, steps: number): Block | null {
  if (!block || block.tag === tag) return block ?? null
  return steps === 0 ? null : around(block.parent, tag, steps - 1)
}

function cellsOf({ blocks }: Tree, row: Block): Block[] {
  const cells: Block[] = []
  for (let at = row.at + 1; at < row.end && cells.length < 30; at = blocks[at]?.end ?? row.end) {
    const cell = blocks[at]
    if (cell) cells.push(cell)
  }
  return cells
}

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
function edgeDate(given: DatedEntry, title: string): string | null {
  const edge = [...EDGE_DATES, ...WRITTEN_DATES]
    .map((date) => date.exec(title)?.[0])
    .find((found) => found !== undefined)
  return edge === undefined ? null : resolveDate(given, findDate(edge, true))
}

/** "11 May 2018 Title", "Title - 11 May 2018": written out it may be a part of what the title says, and stays. */
const WRITTEN_DATES = ['^WRITTEN(?=\\W)', '(?:\\s[-–—|·] |[[(]|[,:] )WRITTEN(?=[\\])]?$)'].map(
  (place) =>
    new RegExp(
      place.replace(
        'WRITTEN',
        '(?:\\d{1,2}\\.? (?:de )?\\p{L}{3,12}\\.?,? (?:de )?|\\p{L}{3,12}\\.? \\d{1,2},? )(?:19|20)\\d\\d',
      ),
      'u',
    ),
)

/** The year of a date that names none is told by the entry's address, or by the heading above it. */
function resolveDate({ link, year: ofHeading }: DatedEntry, found: FoundDate | null): string | null {
  if (found === null) return null
  if (found.kind === 'whole') return found.date
  const ofUrl = dateOfUrl(link.url)
  const year = ofUrl ? yearBeside(found, ofUrl) : ofHeading
  if (year === null) return null
  return (found.isUnsure ? `${found.month}/${found.day}/${year}` : isoDay(year, found.month, found.day)) + found.time
}

/** A page of 30 December that is dated 2 January. */
function yearBeside(
  { month, day, isUnsure }: Extract<FoundDate, { kind: 'yearless' }>,
  { year, month: other }: { year: number; month: number | null },
): number {
  // "12.01." is of January, too.
  if (other === null || (isUnsure && day === other)) return year
  if (other === 12 && month === 1) return year + 1
  return other === 1 && month === 12 ? year - 1 : year
}

/**
 * The day that stands above each entry, or above one before it: news under the headings of their days. None where the first
 * has none, or all have the same: then it is today's date at the top of a page, or what stands behind the entries before.
 */
export function daysOf(tree: Tree, entries: Block[]): Map<Block, string> {
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
export function yearsOf(tree: Tree, entries: Block[]): Map<Block, number | null> {
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
