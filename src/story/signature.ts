/**
 * What is kept of an item to judge its news by: its words in order, title first, its numbers, and its days.
 *
 * Whether two of them tell the same news is decided in similarity.ts.
 */
import type { ReadItem } from '../model.ts'
import { TAGS_BEGIN } from '../text/tokens.ts'
import { type Figure, isDigit, isHanDigit, numberOfDay, readDigits, readHan, readNumberWord } from './figures.ts'
import { eachName } from './names.ts'
import { ACT_WORDS, ALIKE_HAN, ALIKE_WORDS, STOP_WORDS } from './news-words.ts'
import { isAlphabetWithoutSpaces, isPaired, isPairOfMatter } from './pairs.ts'
import { stemOf } from './stems.ts'
import { kindsOf } from './title-kinds.ts'
import { HASH_PRIME, HASH_SEED, hashesOf, hashText, mix } from './word-hash.ts'

/**
 * How a signature lies in its 16-bit units: the head, fingerprints of different words in the order of the text (those of
 * the title first), then those of different numbers. It is as long as what is in it.
 */
export type Signature = Uint16Array

export const HEAD = {
  version: 0,
  /** How many of the words stand in the title. */
  titleWords: 1,
  words: 2,
  numbers: 3,
  /** Bits: PAIRED, those of title-kinds.ts; the weekday that the text names first, from 1; all that it names. */
  flags: 4,
  /** A hash of the whole title, in two units; 0 where it says too little to know it by. */
  titleKey: 5,
  /** A bit for each of the title's first words, the lowest for the first: the text says it again. */
  matter: 7,
  /** Bits, one for each row of ACT_WORDS: what its title says that was done. */
  titleActs: 8,
  /** The same of its lead, in which the title is. */
  leadActs: 9,
  /** A bit for each of the words, the lowest of the first unit for the first: the text shows that it is a name. */
  names: 10,
  size: 16,
} as const

/** Of the rules below: signatures of other rules cannot be compared. */
const VERSION = 9
/** Mostly Han or the like: its words are pairs of characters. */
export const PAIRED = 1
/** Three bits. */
export const WEEKDAY = 7 << 3
/** Seven bits: all weekdays that the text names. */
export const WEEKDAYS_NAMED = 127 << 7
export const MATTER_WORDS = 16
/** The title and so many more words, or pairs, are the lead: what the news is. A follow-up leads with what is new. */
const LEAD_WORDS = 14
const LEAD_PAIRS = 32
/** Some 1,000 characters of English: who, what and where. What stands behind them is background. */
export const MAX_WORDS = 87
/** Some 200 characters of Chinese. In as many pairs as words a text would be cut within its second sentence. */
const MAX_PAIRS = 140
const MAX_NUMBERS = 20
export const MAX_SIGNATURE_UNITS = HEAD.size + MAX_PAIRS + MAX_NUMBERS

/** Enough for as many, also where most are stop words. */
const READ_UNITS = 2_400

/**
 * The signature of an item, from its token streams, and from its text what is a name; at most 352 bytes. Takes microseconds,
 * whatever the text.
 */
export function signatureOf({ tokens, text }: Pick<ReadItem, 'tokens' | 'text'>): Signature {
  const reading = beginReading()
  readStream(reading, tokens.title)
  const { words: titleWords, numbers: titleNumbers, all: titleTokens } = reading
  const titleKey = isTelling(reading) ? hashText(tokens.title) : 0
  reading.titleWords = titleWords
  reading.isTitle = false
  readStream(reading, tokens.text)
  // The last words may be those that make it a text of words.
  reading.words = Math.min(reading.words, mostWords(reading))
  reading.titleWords = Math.min(titleWords, reading.words)
  if (titleWords > 0 && reading.all - titleTokens < LEAST_TEXT) {
    reading.words = reading.titleWords
    reading.numbers = titleNumbers
    reading.matter = (1 << Math.min(reading.titleWords, MATTER_WORDS)) - 1
  }

  const signature = new Uint16Array(HEAD.size + reading.words + reading.numbers)
  writeHead(signature, reading, titleKey, kindsOf(tokens.title))
  writeFound(signature, reading)
  writeActs(signature)
  writeNames(signature, reading, text)
  return signature
}

/** Tokens: less is no text, but a word or two for a link ("Comments"), and the title is all there is. */
const LEAST_TEXT = 6

function writeHead(signature: Signature, reading: Reading, titleKey: number, kinds: number): void {
  signature[HEAD.version] = VERSION
  signature[HEAD.titleWords] = reading.titleWords
  signature[HEAD.words] = reading.words
  signature[HEAD.numbers] = reading.numbers
  signature[HEAD.flags] = (isMostlyHan(reading) ? PAIRED : 0) | kinds | (reading.weekday << 3) | (reading.weekdays << 7)
  signature[HEAD.titleKey] = titleKey >>> 16
  signature[HEAD.titleKey + 1] = titleKey & 0xffff
  signature[HEAD.matter] = reading.matter
}

/** Not by set(): it wants two views made first. */
function writeFound(signature: Signature, { words, numbers }: Reading): void {
  for (let at = 0; at < words; at += 1) signature[HEAD.size + at] = foundWords[at] ?? 0
  for (let at = 0; at < numbers; at += 1) signature[HEAD.size + words + at] = foundNumbers[at] ?? 0
}

function writeActs(signature: Signature): void {
  signature[HEAD.titleActs] = actsOfFirst(signature[HEAD.titleWords] ?? 0)
  signature[HEAD.leadActs] = actsOfFirst(leadOf(signature))
}

/** Of so many of the words found. */
function actsOfFirst(words: number): number {
  let acts = 0
  for (let at = 0; at < words; at += 1) acts |= foundActs[at] ?? 0
  return acts
}

// ---- As it is stored ----

/** To be stored; undone by `readSignature`. */
export function signatureBytes(signature: Signature): Uint8Array {
  const bytes = new Uint8Array(signature.length * 2)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < signature.length; at += 1) view.setUint16(at * 2, signature[at] ?? 0, true)
  return bytes
}

/** Null for what is no signature of these rules: an older release wrote it. */
export function readSignature(bytes: Uint8Array): Signature | null {
  if (bytes.length % 2 !== 0 || bytes.length < HEAD.size * 2) return null
  const signature = new Uint16Array(bytes.length / 2)
  for (let at = 0; at < signature.length; at += 1) {
    signature[at] = (bytes[at * 2] ?? 0) | ((bytes[at * 2 + 1] ?? 0) << 8)
  }
  const [words, numbers] = [signature[HEAD.words] ?? 0, signature[HEAD.numbers] ?? 0]
  if (signature[HEAD.version] !== VERSION || (signature[HEAD.titleWords] ?? 0) > words) return null
  if (words > MAX_PAIRS || numbers > MAX_NUMBERS || signature.length !== lengthOf(signature)) return null
  return signature
}

/** How many of these units are the signature that begins with them. */
export function lengthOf(units: Uint16Array): number {
  return HEAD.size + (units[HEAD.words] ?? 0) + (units[HEAD.numbers] ?? 0)
}

// ---- What it says ----

/** The fingerprints of its numbers and first words, by which it is found; some of them may be equal. */
export function wordsOf(signature: Signature): Uint16Array {
  const words = signature[HEAD.words] ?? 0
  if (words <= MAX_WORDS) return signature.subarray(HEAD.size)
  // What a long text says later is of use to compare it, and would only crowd out others where items are looked up.
  const numbers = signature.subarray(HEAD.size + words)
  const found = new Uint16Array(MAX_WORDS + numbers.length)
  found.set(signature.subarray(HEAD.size, HEAD.size + MAX_WORDS))
  found.set(numbers, MAX_WORDS)
  return found
}

/** The same for the same title; 0 where it says too little to know it by ("Morning briefing"). */
export function titleKeyOf(signature: Signature): number {
  return (signature[HEAD.titleKey] ?? 0) * 0x10000 + (signature[HEAD.titleKey + 1] ?? 0)
}

/** It is its title, without a text. */
export function isBare(signature: Signature): boolean {
  return signature[HEAD.titleWords] === signature[HEAD.words]
}

/** It is mostly pairs of characters. */
export function isOfPairs(signature: Signature): boolean {
  return ((signature[HEAD.flags] ?? 0) & PAIRED) !== 0
}

/** Whether its text says again the word that stands here in its title. */
export function isMatter(matter: number, at: number): boolean {
  return at < MATTER_WORDS && ((matter >>> at) & 1) === 1
}

/** Whether the word that stands here is a name. */
export function isName(signature: Signature, at: number): boolean {
  return at < MAX_WORDS && (((signature[HEAD.names + (at >>> 4)] ?? 0) >>> (at & 15)) & 1) === 1
}

/** How many words the lead has. */
export function leadOf(signature: Signature): number {
  const lead = isOfPairs(signature) ? LEAD_PAIRS : LEAD_WORDS
  return Math.min((signature[HEAD.titleWords] ?? 0) + lead, signature[HEAD.words] ?? 0)
}

// ---- Reading a stream ----

/** Kept between calls: what is found is copied into the signature. */
const foundWords = new Uint16Array(MAX_PAIRS)
const foundNumbers = new Uint16Array(MAX_NUMBERS)
/** What each of the words found says that was done. */
const foundActs = new Uint16Array(MAX_PAIRS)
/** The reading in which a word or number was met last, of the last 255: small tables stay in the processor's cache. */
const metWords = new Uint8Array(0x10000)
const metNumbers = new Uint8Array(0x10000)
let readings = 0
const figure: Figure = { number: 0, next: 0 }

interface Reading {
  id: number
  words: number
  numbers: number
  /** Those of `words` that stand in the title; 0 while it is being read. */
  titleWords: number
  isTitle: boolean
  /** See HEAD.matter. */
  matter: number
  /** Of all tokens, and of those in Han and the like. */
  all: number
  han: number
  /** See HEAD.flags; 0 for none. */
  weekday: number
  /** A bit for each, the lowest for Monday. */
  weekdays: number
}

function beginReading(): Reading {
  readings += 1
  if (readings === 256) {
    metWords.fill(0)
    metNumbers.fill(0)
    readings = 1
  }
  return {
    id: readings,
    words: 0,
    numbers: 0,
    titleWords: 0,
    isTitle: true,
    matter: 0,
    all: 0,
    han: 0,
    weekday: 0,
    weekdays: 0,
  }
}

/** One walk over a token stream, without cutting a string out of it. */
function readStream(reading: Reading, stream: string): void {
  const end = Math.min(stream.length, READ_UNITS)
  // Where the last token may end: one of a million units is not read to its end.
  const limit = Math.min(stream.length, READ_UNITS + 100)
  let at = 0
  while (at < end && (reading.words < MAX_WORDS || reading.words < mostWords(reading))) {
    const first = stream.charCodeAt(at)
    let stop = at
    let hash = SEED
    while (stop < limit) {
      const unit = stream.charCodeAt(stop)
      if (unit === SPACE) break
      hash = Math.imul(hash ^ unit, PRIME)
      stop += 1
    }
    // The tags at the end repeat words.
    if (stop - at === 1 && stream[at] === TAGS_BEGIN) return
    reading.all += 1
    if (isDigit(first)) {
      readDigits(stream, at, stop, figure)
      at = addFigure(reading)
      continue
    }
    if (isPaired(first)) {
      reading.han += 1
      if (isHanDigit(first) && readHan(stream, at, figure)) {
        at = addFigure(reading)
        continue
      }
      if (isPairOfMatter(stream, at, stop)) addPair(reading, mix(hash))
    } else if (stop - at > 1 && !isAlphabetWithoutSpaces(first)) {
      const own = mix(hash)
      if (readNumberWord(own, stream, at, stop, figure)) {
        at = addFigure(reading)
        continue
      }
      readWord(reading, stream, at, stop, own)
    }
    at = stop + 1
  }
}

const SPACE = 0x20
/** Names of this file: an imported one would be looked up for every character. */
const [SEED, PRIME] = [HASH_SEED, HASH_PRIME]

function readWord(reading: Reading, stream: string, start: number, end: number, hash: number): void {
  if (STOPS.has(hash)) {
    if (!WEEKDAYS.has(hash)) return
    if (reading.isTitle) addNumber(reading, numberOfDay(hash))
    else addWeekday(reading, weekdayOf(stream, start))
    return
  }
  const own = stemOf(stream, start, end, hash)
  addWord(reading, ALIKE[own] || own, ACTS[own] ?? 0)
}

function addPair(reading: Reading, hash: number): void {
  const own = hash & 0xffff
  if (!STOPS.has(hash)) addWord(reading, ALIKE_PAIRS[own] || own, 0)
}

function addWord(reading: Reading, word: number, act: number): void {
  if (metWords[word] === reading.id) {
    markMatter(reading, word)
    return
  }
  if (reading.words === MAX_PAIRS) return
  metWords[word] = reading.id
  placeOf[word] = reading.words
  foundWords[reading.words] = word
  foundActs[reading.words] = act
  reading.words += 1
}

function markMatter(reading: Reading, word: number): void {
  const end = Math.min(reading.titleWords, MATTER_WORDS)
  for (let at = 0; at < end; at += 1) if (foundWords[at] === word) reading.matter |= 1 << at
}

function mostWords(reading: Reading): number {
  return isMostlyHan(reading) ? MAX_PAIRS : MAX_WORDS
}

function isMostlyHan({ all, han }: Reading): boolean {
  return han > all / 2
}

/** Gives where the next token begins. */
function addFigure(reading: Reading): number {
  addNumber(reading, figure.number)
  return figure.next
}

function addNumber(reading: Reading, number: number): void {
  if (metNumbers[number] === reading.id || reading.numbers === MAX_NUMBERS) return
  metNumbers[number] = reading.id
  foundNumbers[reading.numbers] = number
  reading.numbers += 1
}

/** "Morning briefing" heads another text every day. */
function isTelling(title: Reading): boolean {
  const { words, all } = title
  return isMostlyHan(title) ? all >= 9 && words >= 6 : words >= 4 && all >= 5
}

// ---- Names ----

/** Marks the words that the text writes as names. */
function writeNames(signature: Signature, reading: Reading, text: string): void {
  if (isOfPairs(signature)) return
  const places = new Set<number>()
  eachName(text, NAME_UNITS, (name) => {
    const word = wordIn(name)
    const at = placeOf[word] ?? 0
    if (word !== 0 && metWords[word] === reading.id && at < reading.words) places.add(at)
  })
  // In German all nouns have a capital, and in some headlines all words.
  if (places.size > reading.words * MOST_NAMES) return
  for (const at of places) {
    const unit = HEAD.names + (at >>> 4)
    signature[unit] = (signature[unit] ?? 0) | (1 << (at & 15))
  }
}

/** About as much of a text as its words are taken from. */
const NAME_UNITS = 1_200
/** Of its words. */
const MOST_NAMES = 0.45
/** Where a word that was met stands among those found. */
const placeOf = new Uint8Array(0x10000)

/** The fingerprint of a folded word, as `readWord` makes it; 0 for a small one. */
function wordIn(folded: string): number {
  if (folded.length < 2) return 0
  const hash = hashText(folded)
  if (STOPS.has(hash)) return 0
  const own = stemOf(folded, 0, folded.length, hash)
  return ALIKE[own] || own
}

// ---- What every text has ----

const STOPS = hashesOf(STOP_WORDS.split(/\s+/))
/** In a title they tell one day's column from the next day's; for those of a text see HEAD.flags. */
const WEEKDAY_NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const WEEKDAYS = hashesOf(WEEKDAY_NAMES)

/** `weekday`: from 1, or 0 for none. */
function addWeekday(reading: Reading, weekday: number): void {
  reading.weekday ||= weekday
  reading.weekdays |= (1 << weekday) >>> 1
}

/** From 1; 0 for a word that only hashes like one. */
function weekdayOf(stream: string, start: number): number {
  return 1 + WEEKDAY_NAMES.findIndex((name) => stream.startsWith(name, start))
}

/** What was done, by word: a bit each; 0 for most. Empty while the words below are read. */
const ACTS = new Uint16Array(0x10000)
/** The word that stands for a word, and the same for pairs of characters; 0 for itself. */
const ALIKE = new Uint16Array(0x10000)
const ALIKE_PAIRS = new Uint16Array(0x10000)

/** Before words are taken for one another: "rise" and "lift" are alike, but only one of them ends a ban. */
for (const [nth, row] of ACT_WORDS.split('\n').entries()) {
  for (const word of row.split(' ').map(wordOf)) if (word !== 0) ACTS[word] = 1 << nth
}
fillAlike(ALIKE, ALIKE_WORDS)
fillAlike(ALIKE_PAIRS, ALIKE_HAN)

function fillAlike(alike: Uint16Array, rows: string): void {
  // All are read before one is filled in: it would stand for others by then.
  for (const [first = 0, ...others] of rows.split('\n').map((row) => row.split(' ').map(wordOf))) {
    // Forms of one word may have one stem; 0 is no word.
    for (const word of others) if (word !== first && word !== 0) alike[word] = first
  }
}

/** The fingerprint of a token, a word or a pair of characters; 0 for a small word or a number. */
export function wordOf(token: string): number {
  const hash = hashText(token)
  if (!isPaired(token.charCodeAt(0))) return readNumberWord(hash, token, 0, token.length, figure) ? 0 : wordIn(token)
  const own = hash & 0xffff
  return !isPairOfMatter(token, 0, token.length) || STOPS.has(hash) ? 0 : ALIKE_PAIRS[own] || own
}
