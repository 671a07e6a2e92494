/**
 * Tokens: one function for everything that is matched, searched, grouped or marked.
 *
 * A text becomes a row of tokens. Only `[a-z0-9]`, `+ # @ & .` and characters beyond ASCII stand in one, so that SQLite can
 * split them at spaces and fold nothing (`tokenize="ascii tokenchars '+#@&.'"`).
 *
 * - In scripts with spaces a token is a word, and a change of script ends it: "AI芯片" begins with `ai`.
 * - A run of n characters of a script without spaces is n−1 pairs and its last character alone: 大数据 is `大数 数据 据`.
 *   There is one token for each character, beginning with it, so a query's lone character is a prefix (数 finds `数据`),
 *   its longer runs are pairs in a row, and the lone last character of a run in a query is left out (`queryTokens`).
 * - `#tag` and `@name` are words where they stand, and once more as one token at the end, after a lone `#`. No query makes
 *   that token, so no phrase runs from the words into the tags.
 */
import { fold } from './fold.ts'
import { plainLatinStream } from './plain-latin.ts'
import { widthAt } from './points.ts'
import { isUnspaced, listTokens, newScan, type Scan, SHORT_UNITS, type Span, scan } from './scan.ts'

/** The folded tokens of a text, joined by single spaces, its tags and names at the end; '' for a text without words. */
export function tokenStream(text: string): string {
  return plainLatinStream(text) ?? anyStream(text)
}

function anyStream(text: string): string {
  const folded = fold(text)
  // Nearly every call is for a short text: it works in memory that is kept.
  const isShort = folded.length <= SHORT_UNITS
  const found = scan(folded, isShort ? shortScan : newScan(folded.length))
  const words = joinTokens(folded, found, isShort ? shortJoin : new Uint16Array(roomToJoin(folded.length)))
  if (found.tags.length === 0) return words
  return `${words} ${TAGS_BEGIN} ${[...new Set(found.tags.map((tag) => tag.token))].join(' ')}`
}

/** Stands before the tags at the end of a token stream, and nowhere else. */
export const TAGS_BEGIN = '#'

/**
 * Tokens in a row, as a query looks for them. `prefix`: the last one may go on. A token before it that ends in `*` may go on
 * too: it is the lone last character of a run, and whatever is asked for next begins right after it.
 */
export interface QueryTokens {
  tokens: string[]
  prefix: boolean
}

/**
 * What to look for in token streams to find this word or phrase; `prefix` says that its last word may go on. A `#tag` or
 * `@name` with no word beside it is the tag only; within a phrase it is a word like others. No tokens when there is no word in it.
 */
export function queryTokens(text: string, prefix = false): QueryTokens {
  const folded = fold(text)
  const found = scan(folded)
  const [tag] = found.tags
  if (tag && isAlone(tag, found, folded)) return { tokens: [tag.token], prefix }

  const tokens = listTokens(folded, found)
  const last = tokens.at(-1) ?? ''
  const wanted = tokens.flatMap((token, index) => {
    if (!isLone(token)) return token
    if (index < tokens.length - 1) return `${token}*`
    // A pair before it is of the same run, and says already that this character stands there.
    return isPair(tokens[index - 1]) ? [] : token
  })
  if (!isUnspaced(last)) return { tokens: wanted, prefix }
  return { tokens: wanted, prefix: isLone(wanted.at(-1) ?? '') }
}

/** Whether all words are those of the tag. The `#` that closes it may belong to its word, as in C#. */
function isAlone(tag: Span, { count, starts, ends }: Scan, folded: string): boolean {
  const end = folded.charAt(tag.end) === '#' ? tag.end + 1 : tag.end
  return (starts[0] ?? 0) > tag.start && (ends[count - 1] ?? 0) <= end
}

/** The last character of a run. */
function isLone(token: string): boolean {
  return isUnspaced(token) && token.length === widthAt(token, 0)
}

function isPair(token: string | undefined): boolean {
  return token !== undefined && isUnspaced(token) && token.length > widthAt(token, 0)
}

const shortScan = newScan(SHORT_UNITS)
const shortJoin = new Uint16Array(roomToJoin(SHORT_UNITS))

/** A unit stands in two tokens at most, each with a space. */
function roomToJoin(length: number): number {
  return 4 * length
}

const SPACE = 0x20

/** Copies units instead of slicing strings: a Chinese text would be a thousand slices of two characters. */
function joinTokens(folded: string, { count, starts, ends }: Scan, units: Uint16Array): string {
  let length = 0
  for (let index = 0; index < count; index += 1) {
    if (index > 0) units[length++] = SPACE
    const end = ends[index] ?? 0
    for (let at = starts[index] ?? 0; at < end; at += 1) units[length++] = folded.charCodeAt(at)
  }
  let joined = ''
  for (let at = 0; at < length; at += 4_096) {
    // Not by spreading: that walks an iterator.
    joined += Reflect.apply(String.fromCharCode, null, units.subarray(at, Math.min(length, at + 4_096)))
  }
  return joined
}
