/**
 * Folding and tokens: one function for everything that is matched, searched, grouped or marked.
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
import traditional from 'opencc-js/dict/TSCharacters'

/**
 * The text as comparisons see it: case, width, accents, Unicode form, traditional or simplified characters and invisible
 * signs make no difference. Linear in the text.
 */
export function fold(text: string): string {
  return foldWith(text, null)
}

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
 * What to look for in token streams to find this word or phrase; `prefix` says that its last word may go on. A lone `#tag` or
 * `@name` is the tag only; within a phrase it is a word like others. No tokens when there is no word in it.
 */
export function queryTokens(text: string, prefix = false): QueryTokens {
  const folded = fold(text).trim()
  const found = scan(folded)
  const [tag] = found.tags
  if (tag?.start === 0 && (tag.end === folded.length || folded.slice(tag.end) === '#')) {
    return { tokens: [tag.token], prefix }
  }

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

/**
 * Where these words or phrases stand (a trailing `*` is a prefix): offsets in UTF-16 units of the text as given, sorted,
 * merged where they touch or overlap, never within a surrogate pair.
 */
export function findMarks(text: string, words: string[]): { start: number; end: number }[] {
  const map: OffsetMap = { starts: [], ends: [] }
  const folded = foldWith(text, map)
  const found = scan(folded)
  const wanted = words.map((word) => readWanted(word.trim()))
  const marks = [
    ...wanted.flatMap((each) => findTags(found, each)),
    ...findRows(listTokens(folded, found), found, wanted),
  ]
  return merge(marks.map(({ start, end }) => ({ start: map.starts[start] ?? 0, end: map.ends[end - 1] ?? 0 })))
}

interface Span {
  start: number
  end: number
}

function readWanted(word: string): QueryTokens {
  return word.endsWith('*') ? queryTokens(word.slice(0, -1), true) : queryTokens(word)
}

/** The tag or name that is asked for, or ''. */
function tagOf({ tokens: [only = '', ...more] }: QueryTokens): string {
  return more.length === 0 && /^[#@]/.test(only) ? only : ''
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
    if (first === undefined || tagOf(row) !== '') continue
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
  for (const span of spans.sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = merged.at(-1)
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end)
    else merged.push({ ...span })
  }
  return merged
}

/** Letters to add, drop, change or swap with the next to make one word of the other. For short names: it takes the product of their lengths. */
export function letterDistance(from: string, to: string): number {
  let older: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const isSame = from[i - 1] === to[j - 1]
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (older[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    older = row
    row = next
  }
  return row[to.length] ?? 0
}

// ---- Folding ----

/** For each UTF-16 unit of the folded text, the piece of the original that it came from. */
interface OffsetMap {
  starts: number[]
  ends: number[]
}

const SAME = 1
const MAPPED = 2
const COMBINES = 3
const SURROGATE = 4

/** What folding does with each UTF-16 unit, learnt as units are met. 0 is "not met yet". */
const foldKinds = new Uint8Array(0x10000)
const foldedUnits: string[] = []

/** Longer rows of marks are cut (UAX #15, Stream-Safe Text Format, takes 30): putting n marks in order costs n². */
const MAX_MARKS = 30

function foldWith(text: string, map: OffsetMap | null): string {
  // Lower case first leaves most units as they are. İ alone gets longer by it, and would shift the offsets.
  const lower = text.toLowerCase()
  const base = lower.length === text.length ? lower : text
  let folded = ''
  let done = 0
  let at = 0
  while (at < base.length) {
    const unit = base.charCodeAt(at)
    const kind = foldKinds[unit] || learnUnit(unit)
    if (kind === SAME) {
      at += 1
      continue
    }
    const start = kind === COMBINES ? Math.max(done, pointBefore(base, at)) : at
    const end = endOfMarks(base, at + widthAt(base, at))
    const piece = end - start === 1 ? (foldedUnits[unit] ?? '') : foldPiece(base.slice(start, end))
    folded += base.slice(done, start) + piece
    if (map) mapPiece(map, { done, start, end, length: piece.length })
    done = end
    at = end
  }
  if (map) mapPiece(map, { done, start: base.length, end: base.length, length: 0 })
  return done === 0 ? base : folded + base.slice(done)
}

function learnUnit(unit: number): number {
  const char = String.fromCharCode(unit)
  const kind = unit >= 0xd800 && unit <= 0xdfff ? SURROGATE : combines(char) ? COMBINES : MAPPED
  const folded = kind === SURROGATE ? ' ' : foldPiece(char)
  foldedUnits[unit] = folded
  foldKinds[unit] = kind === MAPPED && folded === char ? SAME : kind
  return foldKinds[unit] ?? MAPPED
}

/** Joins with what stands before it under NFKC (marks, half-width voicing, Hangul vowels and finals), or vanishes. */
function combines(char: string): boolean {
  return VANISHES.test(char) || /^[\p{M}\u1160-\u11ff\ud7b0-\ud7fb]/u.test(char.normalize('NFKC'))
}

/** Soft hyphen, zero-width and direction signs, variation selectors, tags, skin tones. */
const VANISHES = /^[\p{Default_Ignorable_Code_Point}\p{Emoji_Modifier}]$/u

function pointBefore(text: string, at: number): number {
  return at - (at >= 2 && widthAt(text, at - 2) === 2 ? 2 : 1)
}

function endOfMarks(text: string, from: number): number {
  const limit = from + MAX_MARKS
  let at = from
  while (at < text.length && at < limit) {
    const unit = text.charCodeAt(at)
    // The first that combine: soft hyphen, then the marks from U+0300.
    if (unit < 0x300 && unit !== 0xad) break
    const kind = foldKinds[unit] || learnUnit(unit)
    if (kind === SURROGATE ? !combines(text.slice(at, at + widthAt(text, at))) : kind !== COMBINES) break
    at += widthAt(text, at)
  }
  return at
}

/** 2 where a surrogate pair begins. */
function widthAt(text: string, at: number): 1 | 2 {
  const unit = text.charCodeAt(at)
  if (unit < 0xd800 || unit > 0xdbff) return 1
  const next = text.charCodeAt(at + 1)
  return next >= 0xdc00 && next <= 0xdfff ? 2 : 1
}

function mapPiece(map: OffsetMap, piece: { done: number; start: number; end: number; length: number }): void {
  for (let at = piece.done; at < piece.start; at += 1) {
    map.starts.push(at)
    map.ends.push(at + 1)
  }
  for (let unit = 0; unit < piece.length; unit += 1) {
    map.starts.push(piece.start)
    map.ends.push(piece.end)
  }
}

/** Pieces of more than one unit, folded before. Thai, Devanagari and decomposed text consist of few different ones. */
const foldedPieces = new Map<string, string>()
const MAX_FOLDED_PIECES = 20_000

function foldPiece(piece: string): string {
  const known = foldedPieces.get(piece)
  if (known !== undefined) return known

  let folded = ''
  for (const char of [...piece]
    .filter((char) => !VANISHES.test(char))
    .join('')
    .replace(/[™®©]/g, ' ')
    .normalize('NFKC')) {
    for (const lower of char === 'İ' ? 'i' : char.toLowerCase()) folded += foldChar(lower)
  }
  if (foldedPieces.size >= MAX_FOLDED_PIECES) foldedPieces.clear()
  if (piece.length > 1) foldedPieces.set(piece, folded)
  return folded
}

/** Letters whose stroke or shape is no mark that NFD takes apart. */
const FOLDED_LETTERS: Record<string, string> = Object.fromEntries(
  (
    'ß ss|æ ae|œ oe|ø o|đ d|ð d|ħ h|ł l|ŧ t|þ th|ı i|ȷ j|ĸ k|ƀ b|ƚ l|ƶ z|ǥ g|ɇ e|ɉ j|ɍ r|ɏ y|ɨ i|ʉ u|ȼ c|ⱥ a|ⱦ t|' +
    'ς σ|ё е|ѐ е|ѝ и'
  )
    .split('|')
    .map((pair) => pair.split(' ')),
)

/** One character after NFKC, in lower case. */
function foldChar(char: string): string {
  const letter = FOLDED_LETTERS[char]
  if (letter !== undefined) return letter
  if (/^\p{Script=Han}/u.test(char)) return simplify(char)
  // й and kana voicing are letters of their own; Thai and Indic signs are no accents.
  if (/^[\p{Script=Latin}\p{Script=Greek}]/u.test(char)) {
    const bare = char.normalize('NFD').replace(/\p{M}/gu, '')
    return FOLDED_LETTERS[bare] ?? bare
  }
  if (/^[\ud800-\udfff]$/.test(char)) return ' '
  return POINTS.test(char) ? '' : char
}

/** Accents that stand alone after NFKC, keycaps; the points of Hebrew; the vowel signs of Arabic, and its tatweel. */
const POINTS =
  /^[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]$/

let simplified: Map<string, string> | undefined

/** Built with the first Han character: most small commands never need it. */
function simplify(char: string): string {
  simplified ??= new Map(
    traditional.split('|').map((pair) => [pair.slice(0, pair.indexOf(' ')), pair.slice(pair.indexOf(' ') + 1)]),
  )
  // A few simplified characters are traditional ones of another word (薴 苧 苎): twice makes folding the folded a no-op.
  const once = simplified.get(char) ?? char
  return simplified.get(once) ?? once
}

// ---- Tokens ----

/** Where the tokens stand in the folded text. */
interface Scan {
  count: number
  starts: Int32Array
  ends: Int32Array
  tags: (Span & { token: string })[]
}

function newScan(length: number): Scan {
  return { count: 0, starts: new Int32Array(length), ends: new Int32Array(length), tags: [] }
}

const SHORT_UNITS = 16_384
const shortScan = newScan(SHORT_UNITS)
const shortJoin = new Uint16Array(roomToJoin(SHORT_UNITS))

/** A unit stands in two tokens at most, each with a space. */
function roomToJoin(length: number): number {
  return 4 * length
}

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

function listTokens(folded: string, { count, starts, ends }: Scan): string[] {
  return Array.from({ length: count }, (_, index) => folded.slice(starts[index], ends[index]))
}

const BREAK = 1
const DIGIT = 2
const UNSPACED = 3
const EMOJI = 4
const FLAG = 5
/** Letters of scripts with spaces; those beyond stand for their script. */
const LETTER = 6
const HIGH_SURROGATE = 255

const SCRIPTS = [
  /^\p{Script=Latin}/u,
  /^\p{Script=Greek}/u,
  /^\p{Script=Cyrillic}/u,
  /^\p{Script=Arabic}/u,
  /^\p{Script=Hebrew}/u,
]

/** The class of each UTF-16 unit, learnt as units are met. 0 is "not met yet". */
const unitClasses = new Uint8Array(0x10000)
const pairClasses = new Map<number, number>()

const SPACE = 0x20
const PLUS = 0x2b
const HASH = 0x23
const AT = 0x40
const AMPERSAND = 0x26
const DOT = 0x2e
const UNDERSCORE = 0x5f

function scan(folded: string, found: Scan = newScan(folded.length)): Scan {
  found.count = 0
  found.tags = []
  let at = 0
  let closingHash = -1
  while (at < folded.length) {
    const kind = classAt(folded, at)
    if (kind >= LETTER || kind === DIGIT) {
      at = add(found, at, endOfWord(folded, at))
    } else if (kind === UNSPACED) {
      at = addRun(found, folded, at)
    } else if (kind !== BREAK) {
      at = add(found, at, endOfEmoji(folded, at, kind))
    } else {
      const unit = folded.charCodeAt(at)
      if (unit === DOT && beginsDotWord(folded, at)) {
        at = add(found, at, endOfWord(folded, at + 1))
        continue
      }
      if ((unit === HASH || unit === AT) && at !== closingHash) closingHash = addTag(found, folded, at)
      at += 1
    }
  }
  return found
}

function add(found: Scan, start: number, end: number): number {
  found.starts[found.count] = start
  found.ends[found.count] = end
  found.count += 1
  return end
}

function endOfEmoji(folded: string, at: number, kind: number): number {
  const end = at + widthAt(folded, at)
  return kind === FLAG && classAt(folded, end) === FLAG ? end + widthAt(folded, end) : end
}

function classAt(text: string, at: number): number {
  // To ask for a unit beyond the end, even once, makes every later look at one slower.
  if (at >= text.length) return BREAK
  const unit = text.charCodeAt(at)
  const kind = unitClasses[unit] || learnClass(unit)
  return kind === HIGH_SURROGATE ? classOfPair(text.codePointAt(at) ?? 0) : kind
}

function learnClass(unit: number): number {
  const kind = unit >= 0xd800 && unit <= 0xdbff ? HIGH_SURROGATE : classOf(String.fromCharCode(unit))
  unitClasses[unit] = kind
  return kind
}

function classOfPair(point: number): number {
  const known = pairClasses.get(point)
  if (known !== undefined) return known
  const kind = classOf(String.fromCodePoint(point))
  pairClasses.set(point, kind)
  return kind
}

const IS_UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30fc\u3099\u309a]/u

function classOf(char: string): number {
  if (/^[\ud800-\udfff]$/.test(char)) return BREAK
  // The apostrophe parts, also where Unicode calls it a letter.
  if (/^[\u02b9-\u02bf]/.test(char)) return BREAK
  if (IS_UNSPACED.test(char) && /^[\p{L}\p{M}\p{Nl}]/u.test(char)) return UNSPACED
  if (/^\p{N}/u.test(char)) return DIGIT
  if (/^[\p{L}\p{M}]/u.test(char)) return LETTER + 1 + SCRIPTS.findIndex((script) => script.test(char))
  if (/^[\u{1f1e6}-\u{1f1ff}]/u.test(char)) return FLAG
  return /^\p{Extended_Pictographic}/u.test(char) ? EMOJI : BREAK
}

function isUnspaced(token: string): boolean {
  return classAt(token, 0) === UNSPACED
}

/** The last character of a run. */
function isLone(token: string): boolean {
  return isUnspaced(token) && token.length === widthAt(token, 0)
}

function isPair(token: string | undefined): boolean {
  return token !== undefined && isUnspaced(token) && token.length > widthAt(token, 0)
}

/** Letters of one script and digits, then the signs that belong to letters alone: C++, C#, AT&T. */
function endOfWord(folded: string, start: number): number {
  let at = start
  let script = 0
  let isLetters = true
  for (;;) {
    const kind = classAt(folded, at)
    if (kind === script) {
      at += 1
      // Nearly every step is this one.
      while (at < folded.length && unitClasses[folded.charCodeAt(at)] === script) at += 1
      continue
    }
    if (kind === DIGIT) isLetters = false
    else if (kind < LETTER || script !== 0) break
    else script = kind
    at += widthAt(folded, at)
  }
  return isLetters ? endOfSigns(folded, start, at) : at
}

function endOfSigns(folded: string, start: number, end: number): number {
  if (end >= folded.length) return end
  let at = end
  while (folded.charCodeAt(at) === AMPERSAND && classAt(folded, at + 1) >= LETTER) at = endOfLetters(folded, at + 1)
  const sign = folded.charCodeAt(at)
  if (sign === PLUS && folded.charCodeAt(at + 1) === PLUS) return at + 2
  if (sign !== HASH) return at
  // "page#part" and "issue#12" are two words; C#12 is the version of C#.
  const next = classAt(folded, at + 1)
  const isPart = next >= LETTER || (next === DIGIT && at - start > 1)
  return isPart ? at : at + 1
}

function endOfLetters(folded: string, start: number): number {
  const script = classAt(folded, start)
  let at = start
  while (classAt(folded, at) === script) at += widthAt(folded, at)
  return at
}

/** .NET, but neither node.js nor "wait...then". A character of a script without spaces before it parts like a space. */
function beginsDotWord(folded: string, at: number): boolean {
  if (classAt(folded, at + 1) < LETTER) return false
  return at === 0 || !(isWordBefore(folded, at) || folded.charCodeAt(at - 1) === DOT)
}

function isWordBefore(folded: string, at: number): boolean {
  const kind = at === 0 ? BREAK : classAt(folded, pointBefore(folded, at))
  return kind >= LETTER || kind === DIGIT
}

/** Notes the tag or name that begins here, if one does, and says where a `#` would close it (#话题#); else -1. */
function addTag(found: Scan, folded: string, start: number): number {
  if (isWordBefore(folded, start)) return -1
  let end = start + 1
  let hasWord = false
  for (;;) {
    const kind = classAt(folded, end)
    if (kind >= LETTER || kind === DIGIT || kind === UNSPACED) hasWord = true
    else if (folded.charCodeAt(end) !== UNDERSCORE) break
    end += widthAt(folded, end)
  }
  if (!hasWord) return -1
  // SQLite would part the token at "_": the undertie stands for it.
  found.tags.push({ token: folded.slice(start, end).replaceAll('_', '‿'), start, end })
  return end
}

function addRun(found: Scan, folded: string, start: number): number {
  let before = start
  let at = start + widthAt(folded, start)
  while (classAt(folded, at) === UNSPACED) {
    const end = at + widthAt(folded, at)
    add(found, before, end)
    before = at
    at = end
  }
  return add(found, before, at)
}

// ---- The short way ----

/** What the short way does with a UTF-16 unit: write this ASCII letter or digit, or one of these. 0 is "not met yet". */
const unitSteps = new Uint8Array(0x10000)
const STEP_BREAK = 1
const STEP_DOT = 2
/** The long way decides: other scripts, marks, and the signs of C++, AT&T and tags. */
const STEP_LEAVE = 3

/**
 * The stream of a text of Latin letters and plain punctuation, which most of what is published is: folded, cut and
 * joined in one pass, a fifth of the price. Null for every other text.
 */
function plainLatinStream(text: string): string | null {
  if (text.length > SHORT_UNITS) return null
  const lower = text.toLowerCase()
  if (lower.length !== text.length) return null

  // Copied out at once: to ask a string for each of its units takes as long again as all the rest.
  const count = shortText.write(lower, 'utf16le') / 2
  let length = 0
  let isInWord = false
  for (let at = 0; at < count; at += 1) {
    const unit = shortUnits[at] ?? 0
    const step = unitSteps[unit] || learnStep(unit)
    if (step > STEP_LEAVE) {
      if (!isInWord && length > 0) shortBytes[length++] = SPACE
      isInWord = true
      shortBytes[length++] = step
      continue
    }
    // .NET is a word of its own; the long way knows what may stand before its dot.
    if (step === STEP_LEAVE || (step === STEP_DOT && !isInWord && isLetterAt(lower, at + 1))) return null
    isInWord = false
  }
  return shortBytes.toString('latin1', 0, length)
}

/** The text, as units and as the bytes they consist of. UTF-16 has the order of the machine's own bytes nearly everywhere. */
const shortUnits = new Uint16Array(SHORT_UNITS)
const shortText = Buffer.from(shortUnits.buffer)
/** At most one token for every two units, each with a space before it. */
const shortBytes = Buffer.alloc(2 * SHORT_UNITS)

function isLetterAt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if (!(unit >= 0)) return false
  const step = unitSteps[unit] || learnStep(unit)
  return step > DIGIT_9 || step === STEP_LEAVE
}

const DIGIT_9 = 0x39

function learnStep(unit: number): number {
  unitSteps[unit] = stepOf(unit)
  return unitSteps[unit] ?? STEP_LEAVE
}

function stepOf(unit: number): number {
  const kind = foldKinds[unit] || learnUnit(unit)
  const folded = foldedUnits[unit] ?? ''
  if ((kind !== SAME && kind !== MAPPED) || folded.length !== 1) return STEP_LEAVE
  if (/^[a-z0-9]$/.test(folded)) return folded.charCodeAt(0)
  if (/^[+#@&]$/.test(folded)) return STEP_LEAVE
  if (folded === '.') return STEP_DOT
  return classAt(folded, 0) === BREAK ? STEP_BREAK : STEP_LEAVE
}
