/** What the headings above the entries of a list tell of their dates. */
import { dayAlone, findDate, isoDay, monthOfHeading, yearOfHeading } from './date.ts'
import { isDateRun } from './name.ts'
import type { Block, Tree } from './tree.ts'

/** The days that headings tell of these entries: of days, or of months above lone days. */
export function datesAbove(tree: Tree, entries: Block[]): Map<Block, string> {
  const days = daysOf(tree, entries)
  return days.size > 0 ? days : daysOfMonths(tree, entries)
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
    const found = isDateRun(tree, at) ? findDate(value, true) : null
    return found?.kind === 'whole' ? found.date : null
  }
  return null
}

/**
 * The days of entries that say only "11" or "11日", below the headings of their months. None where most say no day, or where
 * the numbers go to and fro, or count from 1 on: then they are of something else.
 */
function daysOfMonths(tree: Tree, entries: Block[]): Map<Block, string> {
  const days = new Map<Block, string>()
  const numbers = new Map<string, number[]>()
  let [above, year, from]: [{ year: number | null; month: number } | null, number | null, number] = [null, null, 0]
  for (const entry of entries) {
    above = monthBetween(tree, Math.max(from, entry.firstText - MAX_MONTH_RUNS), entry.firstText) ?? above
    if (above === null) return new Map()
    const day = dayWithin(tree, Math.max(from, entry.firstText - 2), entry)
    // One heading of a year may stand above those of its months.
    year = above.year ?? yearsOf(tree, [entry]).get(entry) ?? year
    if (day !== null && year !== null) {
      const month = isoDay(year, above.month, 1).slice(0, 7)
      numbers.set(month, [...(numbers.get(month) ?? []), day])
      days.set(entry, isoDay(year, above.month, day))
    }
    from = entry.endText
  }
  return days.size >= entries.length * 0.8 && [...numbers.values()].every(areDays) ? days : new Map()
}

const MAX_MONTH_RUNS = 6

/** In the order of a list, and no ranks. */
function areDays(numbers: number[]): boolean {
  const steps = numbers.slice(1).map((number, i) => number - (numbers[i] ?? 0))
  const isOrdered = steps.every((step) => step >= 0) || steps.every((step) => step <= 0)
  return isOrdered && !(numbers.length > 2 && numbers[0] === 1 && steps.every((step) => step === 1))
}

/** Of the last of these texts that is the heading of a month. A link leads to another month, unless it is the heading. */
function monthBetween(tree: Tree, from: number, end: number): { year: number | null; month: number } | null {
  for (let at = end - 1; at >= from; at -= 1) {
    const run = tree.texts[at]
    if (!run || (isLinked(tree, at) && !run.block.inHeading)) continue
    const month = monthOfHeading(run.value)
    if (month !== null) return month
  }
  return null
}

/** Of the first of its texts, or of those just before it, that is a day and no more. */
function dayWithin({ texts }: Tree, from: number, { endText }: Block): number | null {
  for (const { value } of texts.slice(from, Math.min(endText, from + MAX_ENTRY_RUNS))) {
    const day = /\p{Nd}/u.test(value) ? dayAlone(value) : null
    if (day !== null) return day
  }
  return null
}

const MAX_ENTRY_RUNS = 20

function isLinked({ linkWidths }: Tree, at: number): boolean {
  return (linkWidths[at + 1] ?? 0) > (linkWidths[at] ?? 0)
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
    const year = run && (!isLinked(tree, at) || run.block.inHeading) ? yearOfHeading(run.value) : null
    if (year !== null) return year
  }
  return null
}
