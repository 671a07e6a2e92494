/** Where words, tags and names begin and end in a folded text: see `tokens.ts` for the rules. */
import { pointBefore, widthAt } from './points.ts'

/** Where the tokens stand in the folded text. */
export interface Scan {
  count: number
  starts: Int32Array
  ends: Int32Array
  tags: (Span & { token: string })[]
}

export function newScan(length: number): Scan {
  return { count: 0, starts: new Int32Array(length), ends: new Int32Array(length), tags: [] }
}

export interface Span {
  start: number
  end: number
}

/** Texts that are no longer are worked on in memory that is kept: nearly all are short. */
export const SHORT_UNITS = 16_384

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

const PLUS = 0x2b
const HASH = 0x23
const AT = 0x40
const AMPERSAND = 0x26
const DOT = 0x2e
const UNDERSCORE = 0x5f

/** Finds the tokens of a folded text, and its tags and names, into `found` if one with room for it is given. */
export function scan(folded: string, found: Scan = newScan(folded.length)): Scan {
  found.count = 0
  found.tags = []
  let at = 0
  let closingHash = -1
  while (at < folded.length) {
    const kind = classAt(folded, at)
    if (kind >= LETTER || kind === DIGIT) {
      at = add(found, at, endOfWord(folded, at, closingHash))
    } else if (kind === UNSPACED) {
      at = addRun(found, folded, at)
    } else if (kind !== BREAK) {
      at = add(found, at, endOfEmoji(folded, at, kind))
    } else {
      const unit = folded.charCodeAt(at)
      if (unit === DOT && beginsDotWord(folded, at)) {
        at = add(found, at, endOfWord(folded, at + 1, closingHash))
        continue
      }
      if (unit === AT) addTag(found, folded, at)
      else if (unit === HASH && at !== closingHash) closingHash = addTag(found, folded, at)
      at += 1
    }
  }
  return found
}

/** The tokens, one by one. */
export function listTokens(folded: string, { count, starts, ends }: Scan): string[] {
  const tokens: string[] = []
  for (let index = 0; index < count; index += 1) tokens.push(folded.slice(starts[index], ends[index]))
  return tokens
}

/** Whether it is of a script without spaces. */
export function isUnspaced(token: string): boolean {
  return classAt(token, 0) === UNSPACED
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
  // The apostrophe parts, also where Unicode calls it a letter.
  if (/^[\u02b9-\u02bf]/.test(char)) return BREAK
  if (IS_UNSPACED.test(char) && /^[\p{L}\p{M}\p{Nl}]/u.test(char)) return UNSPACED
  if (/^\p{N}/u.test(char)) return DIGIT
  if (/^[\p{L}\p{M}]/u.test(char)) return LETTER + 1 + SCRIPTS.findIndex((script) => script.test(char))
  if (/^[\u{1f1e6}-\u{1f1ff}]/u.test(char)) return FLAG
  return /^\p{Extended_Pictographic}/u.test(char) ? EMOJI : BREAK
}

/** Letters of one script and digits, then the signs that belong to letters alone: C++, C#, AT&T. */
function endOfWord(folded: string, start: number, closingHash: number): number {
  let at = start
  let script = 0
  let isLetters = true
  for (;;) {
    const kind = classAt(folded, at)
    if (kind === script) {
      at += widthAt(folded, at)
      // Nearly every step is this one.
      while (at < folded.length && unitClasses[folded.charCodeAt(at)] === script) at += 1
      continue
    }
    if (kind === DIGIT) isLetters = false
    else if (kind < LETTER || script !== 0) break
    else script = kind
    at += widthAt(folded, at)
  }
  return isLetters ? endOfSigns(folded, { start, end: at }, closingHash) : at
}

function endOfSigns(folded: string, { start, end }: Span, closingHash: number): number {
  if (end >= folded.length) return end
  let at = end
  while (folded.charCodeAt(at) === AMPERSAND && classAt(folded, at + 1) >= LETTER) at = endOfLetters(folded, at + 1)
  const sign = folded.charCodeAt(at)
  if (sign === PLUS && folded.charCodeAt(at + 1) === PLUS) return at + 2
  if (sign !== HASH) return at
  const next = classAt(folded, at + 1)
  // "page#part" is two words.
  if (next >= LETTER) return at
  // So are "issue#12" and "Mate#鸿蒙#", and the end of #NBA# is no part of its word; C#12 and C#语言 are of C#.
  const isOfTag = at === closingHash || next === DIGIT || next === UNSPACED
  return isOfTag && at - start > 1 ? at : at + 1
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
  return !isWordBefore(folded, at) && folded.charCodeAt(at - 1) !== DOT
}

function isWordBefore(folded: string, at: number): boolean {
  const kind = at === 0 ? BREAK : classAt(folded, pointBefore(folded, at))
  return kind >= LETTER || kind === DIGIT
}

/** Notes the tag or name that begins here, if one does, and says where a `#` would close it (#话题#); else -1. */
function addTag(found: Scan, folded: string, start: number): number {
  // Where spaces part no words, a tag follows them as it is: Mate60#鸿蒙#.
  const isAmongUnspaced = folded.charCodeAt(start) === HASH && classAt(folded, start + 1) === UNSPACED
  if (isWordBefore(folded, start) && !isAmongUnspaced) return -1
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
