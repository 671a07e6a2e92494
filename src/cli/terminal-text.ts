import { stripVTControlCharacters } from 'node:util'

/** Foreign text as one line that a terminal only shows: no escape sequences, control characters or turned directions. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\p{Surrogate}\u200B\u2060-\u2064\u202A-\u202E\u2066-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu, '')
    .trim()
}

/** One text of these lines, each with its end; '' for none. */
export function asLines(lines: string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** How many cells it takes: two for East Asian wide characters and emoji (UAX 11), none for marks and for our colours. */
export function widthOf(text: string): number {
  // Most text there is, and a hundred times as quick.
  if (/^[ -~]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) width += cellsOf(segment)
  return width
}

/** At most `cells` wide, cut between graphemes, with "…" where something is missing. Plain text only. */
export function cut(text: string, cells: number): string {
  // A grapheme has no end (joined emoji): what cannot be shown is not even looked at.
  if (text.length <= cells * 8 && widthOf(text) <= cells) return text
  let kept = ''
  let width = 0
  for (const { segment } of graphemes.segment(text)) {
    width += cellsOf(segment)
    if (width > cells - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

/** Fills up to `cells` with spaces, before the text with `right`. */
export function pad(text: string, cells: number, side: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, cells - widthOf(text)))
  return side === 'left' ? text + space : space + text
}

/** Lines of at most `cells`, broken at spaces, or inside what is longer and in scripts without spaces. Colours are kept and count nothing. */
export function wrap(text: string, cells: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of text.match(PIECES) ?? []) {
    if (piece !== ' ' && widthOf(line) > 0 && widthOf(line + piece) > cells) {
      lines.push(line.trimEnd())
      line = ''
    }
    if (piece !== ' ' || line !== '') line += piece
  }
  return [...lines, line.trimEnd()]
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}]/u

function cellsOf(grapheme: string): number {
  if (grapheme.includes('\uFE0F') || WIDE.test(grapheme)) return 2
  return /^[\p{M}\p{Cf}\p{Cc}]*$/u.test(grapheme) ? 0 : 1
}

/** An escape sequence of ours, a space, a wide character, or up to 20 of the rest. */
const PIECES = new RegExp(
  `\\u001B\\[[\\d;]*m| |${WIDE.source}\\p{M}*|[^\\u001B ]{1,20}?(?=${WIDE.source}|[\\u001B ]|$)|[^\\u001B ]{1,20}`,
  'gu',
)
