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

  const line = (texts: string[]) =>
    texts
      .map((text, i) =>
        pad(cut(text, widths[i] ?? 0), widths[i] ?? 0, columns[i]?.align === 'right' ? 'right' : 'left'),
      )
      .join(GAP)
      .trimEnd()
  return asLines([style.dim(line(columns.map((column) => column.title))), ...cells.map(line)])
}

/** Names and what they are, aligned; a null is left out. */
export function renderFacts(facts: [name: string, value: string | null][], io: CliIo): string {
  const style = styleFor(io)
  const known = facts.filter(([, value]) => value !== null && value !== '')
  const width = known.reduce((most, [name]) => Math.max(most, widthOf(name)), 0)
  return known.map(([name, value]) => `${style.dim(pad(name, width))}  ${value}\n`).join('')
}

/** Takes what is missing from the widest of those that may shrink, as long as it is missing. */
function shrink<Row>(wanted: number[], columns: Column<Row>[], available: number): number[] {
  const widths = [...wanted]
  let missing = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - available
  while (missing > 0) {
    let widest = -1
    for (const [i, column] of columns.entries()) {
      const room = (widths[i] ?? 0) - (column.shrinksTo ?? Number.POSITIVE_INFINITY)
      if (room > 0 && (widths[i] ?? 0) > (widths[widest] ?? 0)) widest = i
    }
    if (widest < 0) break
    // Cell by cell, so that two wide columns end up alike; a title of 10,000 cells is first cut to the screen.
    const width = widths[widest] ?? 0
    const step = Math.max(1, Math.min(missing, width - available))
    widths[widest] = Math.max(columns[widest]?.shrinksTo ?? 0, width - step)
    missing -= width - (widths[widest] ?? 0)
  }
  return widths
}
