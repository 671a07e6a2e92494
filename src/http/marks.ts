import type { Query, QueryNode } from '../model.ts'
import { excerpt } from '../publish/title.ts'
import { cleanLine } from '../publish/xml.ts'
import { findMarks } from '../text/marks.ts'

/** A text in pieces, those that matched marked. */
export type MarkedText = { text: string; marked: boolean }[]

/** The words and phrases a query looks for in titles and texts, as `findMarks` takes them; what it excludes is not among them. */
export function wordsOf({ root }: Query): string[] {
  return wordsIn(root)
}

function wordsIn(node: QueryNode): string[] {
  if (node.kind === 'and' || node.kind === 'or') return node.nodes.flatMap(wordsIn)
  return node.kind === 'words' && ['any', 'title', 'body'].includes(node.field) ? [node.written] : []
}

/** One line of foreign text with the words marked where they stand. */
export function markLine(text: string, words: string[]): MarkedText {
  const line = cleanLine(text)
  const pieces: MarkedText = []
  let end = 0
  for (const mark of words.length === 0 ? [] : findMarks(line, words)) {
    pieces.push({ text: line.slice(end, mark.start), marked: false })
    pieces.push({ text: line.slice(mark.start, mark.end), marked: true })
    end = mark.end
  }
  if (end < line.length) pieces.push({ text: line.slice(end), marked: false })
  return pieces
}

// About two lines of the page.
const QUOTE_CHARS = 220

// A word further in than this would not be seen in two lines, so the quotation begins shortly before it.
const LATE = 140
const LEAD = 60

// Nobody looks for the place of a match in a whole book; in 8 KB nearly all are found.
const LOOK_CHARS = 8_000

/** Two lines of a text: its beginning, or the place where the words stand. */
export function quoteText(text: string, words: string[]): MarkedText {
  const first = words.length === 0 ? undefined : findMarks(text.slice(0, LOOK_CHARS), words)[0]
  if (first === undefined || first.start < LATE) return markLine(excerpt(text, QUOTE_CHARS), words)
  const lead = text.slice(first.start - LEAD, first.start)
  // Begin with a whole word, where words are parted.
  const start = first.start - LEAD + (lead.search(/\s/) + 1)
  return markLine(`…${excerpt(text.slice(start), QUOTE_CHARS)}`, words)
}
