import { foldWith, type OffsetMap } from './fold.ts'
import { isUnspaced, listTokens, type Scan, type Span, scan } from './scan.ts'
import { type QueryTokens, queryTokens } from './tokens.ts'

/**
 * Where these words or phrases stand (a trailing `*` is a prefix): offsets in UTF-16 units of the text as given, sorted,
 * merged where they touch or overlap, never within a surrogate pair.
 */
export function findMarks(text: string, words: string[]): { start: number; end: number }[] {
  const map: OffsetMap = { starts: [], ends: [] }
  const folded = foldWith(text, map)
  const found = scan(folded)
  const wanted = words.map(readWanted)
  const marks = [
    ...wanted.flatMap((each) => findTags(found, each)),
    ...findRows(listTokens(folded, found), found, wanted),
  ]
  return merge(marks.map(({ start, end }) => ({ start: map.starts[start] ?? 0, end: map.ends[end - 1] ?? 0 })))
}

function readWanted(word: string): QueryTokens {
  return word.endsWith('*') ? queryTokens(word.slice(0, -1), true) : queryTokens(word)
}

/** The tag or name that is asked for, or ''. */
function tagOf({ tokens: [first = ''] }: QueryTokens): string {
  return /^[#@]/.test(first) ? first : ''
}

function findTags({ tags }: Scan, wanted: QueryTokens): Span[] {
  const tag = tagOf(wanted)
  if (tag === '') return []
  return tags.filter(({ token }) => (wanted.prefix ? token.startsWith(tag) : token === tag))
}

/** One walk for all rows: most are passed over by a look-up of their first token. */
function findRows(tokens: string[], found: Scan, rows: QueryTokens[]): Span[] {
  const byFirst = new Map<string, QueryTokens[]>()
  const open: QueryTokens[] = []
  for (const row of rows) {
    const [first, ...more] = row.tokens
    if (first === undefined) continue
    if (first.endsWith('*') || (more.length === 0 && row.prefix)) open.push(row)
    else if (!byFirst.get(first)?.push(row)) byFirst.set(first, [row])
  }

  const spans: Span[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const begun = byFirst.get(tokens[at] ?? '')
    if (begun) addRows(spans, begun, tokens, at, found)
    if (open.length > 0) addRows(spans, open, tokens, at, found)
  }
  return spans
}

function addRows(spans: Span[], rows: QueryTokens[], tokens: string[], at: number, found: Scan): void {
  for (const row of rows) {
    if (!row.tokens.every((token, offset) => isWanted(tokens[at + offset] ?? '', token, row, offset))) continue
    const end = at + row.tokens.length - 1
    const last = row.tokens.at(-1) ?? ''
    // A lone character of a script without spaces found a pair: only the first of the two is meant.
    const tail = isUnspaced(last) ? (found.starts[end] ?? 0) + last.length : (found.ends[end] ?? 0)
    spans.push({ start: found.starts[at] ?? 0, end: tail })
  }
}

function isWanted(token: string, wanted: string, { tokens, prefix }: QueryTokens, offset: number): boolean {
  if (offset === tokens.length - 1) return prefix ? token.startsWith(wanted) : token === wanted
  return wanted.endsWith('*') ? token.startsWith(wanted.slice(0, -1)) : token === wanted
}

function merge(spans: Span[]): Span[] {
  const merged: Span[] = []
  for (const span of spans.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end)
    else merged.push({ ...span })
  }
  return merged
}
