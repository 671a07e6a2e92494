import type { CliIo } from './io.ts'
import { styleFor } from './style.ts'
import { asLines, cut, pad, printable, widthOf } from './terminal-text.ts'

export interface Column<Row> {
  title: string
  /** Foreign text may stand in it: it is made printable here. */
  value: (row: Row) => string
  align?: 'right'
  /** Gives way, down to this many cells, when the terminal is narrow. */
  shrinksTo?: number
}

const GAP = '  '

/**
 * Rows under titles, one line each, aligned by what a terminal shows. On a terminal no line is wider than it; elsewhere
 * (a pipe, a file) nothing is cut, because nobody could get it back. '' for no rows.
 */
export function renderTable<Row>(rows: Row[], columns: Column<Row>[], io: CliIo): string {
  if (rows.length === 0) return ''
  const style = styleFor(io)
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))))
  const wanted = columns.map((column, i) =>
    cells.reduce((most, row) => Math.max(most, widthOf(row[i] ?? '')), widthOf(column.title)),
  )
  const widths = io.isTTY ? shrink(wanted, columns, io.columns) : wanted

  const cell = (text: string, i: number) => pad(cut(text, widths[i] ?? 0), widths[i] ?? 0, columns[i]?.align)
  const line = (texts: string[]) => texts.map(cell).join(GAP).trimEnd()
  return asLines([style.dim(line(columns.map((column) => column.title))), ...cells.map(line)])
}

/** Names and what they are, aligned; a null is left out. */
export function renderFacts(facts: [name: string, value: string | null][], io: CliIo): string {
  const style = styleFor(io)
  const known = facts.filter(([, value]) => value !== null && value !== '')
  const width = known.reduce((most, [name]) => Math.max(most, widthOf(name)), 0)
  return known.map(([name, value]) => `${style.dim(pad(name, width))}  ${value}\n`).join('')
}

/** Takes what is missing from the widest of those that may shrink, cell by cell, so that two wide columns end up alike. */
function shrink<Row>(wanted: number[], columns: Column<Row>[], available: number): number[] {
  const widths = [...wanted]
  let missing = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - available
  for (; missing > 0; missing -= 1) {
    const room = widths.map((width, i) => (width > (columns[i]?.shrinksTo ?? Number.POSITIVE_INFINITY) ? width : 0))
    const widest = Math.max(...room)
    if (widest === 0) break
    widths[room.indexOf(widest)] = widest - 1
  }
  return widths
}
