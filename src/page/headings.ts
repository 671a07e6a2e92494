/** What the headings above the entries of a list tell of their dates. */
import { findDate, yearOfHeading } from './date.ts'
import { isDateRun } from './name.ts'
import type { Block, Tree } from './tree.ts'

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
    const found = isDateRun(tree, at) ? findDate(value, true) : null
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
