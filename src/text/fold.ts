import traditional from 'opencc-js/dict/TSCharacters'
import { pointBefore, widthAt } from './points.ts'

/**
 * The text as comparisons see it: case, width, accents, Unicode form, traditional or simplified characters and invisible
 * signs make no difference. Linear in the text.
 */
export function fold(text: string): string {
  return foldWith(text, null)
}

/** For each UTF-16 unit of the folded text, the piece of the original that it came from. */
export interface OffsetMap {
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

/** `fold`, which also notes in `map` where each unit came from. */
export function foldWith(text: string, map: OffsetMap | null): string {
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
  const folded = foldPiece(char)
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
/** V8 cuts out what is longer without a copy: a heap of marks on one letter would hold its whole text for good. */
const MAX_PIECE_UNITS = 12

function foldPiece(piece: string): string {
  const known = foldedPieces.get(piece)
  if (known !== undefined) return known

  const folded = foldChars(piece)
  if (piece.length === 1 || piece.length > MAX_PIECE_UNITS) return folded
  if (foldedPieces.size >= MAX_FOLDED_PIECES) foldedPieces.clear()
  foldedPieces.set(piece, folded)
  return folded
}

function foldChars(piece: string): string {
  let folded = ''
  for (const char of [...piece]
    .filter((char) => !VANISHES.test(char))
    .join('')
    .replace(/[™®©]/g, ' ')
    .normalize('NFKC')) {
    for (const lower of char === 'İ' ? 'i' : char.toLowerCase()) folded += foldChar(lower)
  }
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
