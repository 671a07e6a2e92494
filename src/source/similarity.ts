/**
 * Do two items tell the same news? A softer question than identity: a wrong answer only groups oddly, but a follow-up told as
 * the old news is missed. Each item is boiled down to a signature: its words in order, title first, and its numbers.
 *
 * Names and figures decide, and where they stand: rewritten copy leads with the same ones though hardly a sentence stays, a
 * follow-up leads with others and has them as background, and a sibling (the same sentences about another town) has other
 * figures. A title over a sentence says too little for that, so it is judged strictly. What is common is known from lists,
 * and only beyond them from other items: the answer is the same in an empty window and in a full one.
 */
import type { ReadItem } from '../model.ts'
import { TAGS_BEGIN, tokenStream } from '../text/tokens.ts'
import { ALIKE_HAN, ALIKE_WORDS, COMMON_ABROAD, COMMON_HAN, COMMON_WORDS, STOP_WORDS } from './news-words.ts'

/**
 * How a signature lies in its 16-bit units: the head, fingerprints of different words in the order of the text (those of
 * the title first), then those of different numbers. It is as long as what is in it.
 */
export type Signature = Uint16Array

const HEAD = {
  version: 0,
  /** How many of the words stand in the title. */
  titleWords: 1,
  words: 2,
  numbers: 3,
  /** Bits: PAIRED, ASKING, GATHERED. */
  flags: 4,
  /** A hash of the whole title, in two units; 0 where it says too little to know it by. */
  titleKey: 5,
  /** A bit for each of the title's first words, the lowest for the first: the text says it again. */
  matter: 7,
  size: 8,
} as const

/** Of the rules below: signatures of other rules cannot be compared. */
const VERSION = 3
/** Mostly Han or the like: its words are pairs of characters. */
const PAIRED = 1
/** Its title asks or explains ("Who could follow …?"): no news, but about it. */
const ASKING = 2
/** Its title says that it tells many news ("Morning briefing: …"): it is like each of them, and none. */
const GATHERED = 4
const MATTER_WORDS = 16
/** The title and so many more words, or pairs, are the lead: what the news is. A follow-up leads with what is new. */
const LEAD_WORDS = 14
const LEAD_PAIRS = 32
/** Some 1,000 characters of English: who, what and where. What stands behind them is background. */
const MAX_WORDS = 87
const MAX_NUMBERS = 20
export const MAX_SIGNATURE_UNITS = HEAD.size + MAX_WORDS + MAX_NUMBERS

/** Enough for MAX_WORDS, also where most are stop words. */
const READ_UNITS = 2_400

/** The signature of an item, from its token streams; at most 230 bytes. Takes microseconds, whatever the text. */
export function signatureOf({ tokens }: Pick<ReadItem, 'tokens'>): Signature {
  const reading = beginReading()
  readStream(reading, tokens.title)
  const title = { words: reading.words, numbers: reading.numbers, all: reading.all, han: reading.han }
  reading.titleWords = title.words
  reading.isTitle = false
  readStream(reading, tokens.text)
  const isBare = title.words > 0 && reading.all - title.all < LEAST_TEXT
  if (isBare) {
    reading.words = title.words
    reading.numbers = title.numbers
  }

  const signature = new Uint16Array(HEAD.size + reading.words + reading.numbers)
  signature[HEAD.version] = VERSION
  signature[HEAD.titleWords] = title.words
  signature[HEAD.words] = reading.words
  signature[HEAD.numbers] = reading.numbers
  const begin = tokens.title.slice(0, KIND_WITHIN)
  signature[HEAD.flags] =
    (reading.han > reading.all / 2 ? PAIRED : 0) |
    (ASKS.test(begin) ? ASKING : 0) |
    (GATHERS.test(begin) ? GATHERED : 0)
  signature[HEAD.matter] = isBare ? (1 << Math.min(title.words, MATTER_WORDS)) - 1 : reading.matter
  if (isTelling(title)) {
    const key = hashText(tokens.title)
    signature[HEAD.titleKey] = key >>> 16
    signature[HEAD.titleKey + 1] = key & 0xffff
  }
  // Not by set(): it wants two views made first.
  for (let at = 0; at < reading.words; at += 1) signature[HEAD.size + at] = foundWords[at] ?? 0
  const numbers = HEAD.size + reading.words
  for (let at = 0; at < reading.numbers; at += 1) signature[numbers + at] = foundNumbers[at] ?? 0
  return signature
}

/** Tokens: less is no text, but a word or two for a link ("Comments"), and the title is all there is. */
const LEAST_TEXT = 6
/** A title says within this what kind of news it is. */
const KIND_WITHIN = 200
const ASKS =
  /^(?:how|who (?:could|would|might|will|is|are|was)|why|what|where|which|inside|opinion|analysis|explainer|profile|review|watch|video|are|can|could|should|does|do|is) |(?:^| )(?:为何|为什|如何|怎么|怎样|哪些)(?: |$)/

const GATHERS =
  /(?:^| )(?:(?:morning|evening|daily|nightly|weekly|weekend|news|market|markets) (?:brief|briefing|digest|recap|round ?up|wrap)|newsletter|roundup|(?:\d+|three|five|seven|ten) things (?:to|you)|week in review|早报|要闻|速览)(?: |$)/

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
  if (words > MAX_WORDS || numbers > MAX_NUMBERS || signature.length !== lengthOf(signature)) return null
  return signature
}

/** How many of these units are the signature that begins with them. */
export function lengthOf(units: Uint16Array): number {
  return HEAD.size + (units[HEAD.words] ?? 0) + (units[HEAD.numbers] ?? 0)
}

/** The fingerprints of its words and numbers, some of which may be equal. */
export function wordsOf(signature: Signature): Uint16Array {
  return signature.subarray(HEAD.size)
}

/** The same for the same title; 0 where it says too little to know it by ("Morning briefing"). */
export function titleKeyOf(signature: Signature): number {
  return (signature[HEAD.titleKey] ?? 0) * 0x10000 + (signature[HEAD.titleKey + 1] ?? 0)
}

// ---- The judgement ----

/** From here on two items tell the same news. */
export const SAME_NEWS = 0

/** Compares one item with many. */
export interface Comparison {
  /** Compares from now on with this one. */
  begin(signature: Signature): void
  /** SAME_NEWS or more where both tell the same news. `apartMs`: between the two. */
  likeness(other: Signature, apartMs: number): number
  /** The same title over the same sentences and figures. */
  isCopy(other: Signature): boolean
}

/**
 * Marks the words of an item in a table, so that another is compared in one walk over its own. `weights`: of all words. They
 * do not count where the whole title is the same: a story that many carry makes its own words common.
 */
export function createComparison(weights: Float32Array = COMMON): Comparison {
  /** 1 + where a word stands. */
  const place = new Uint8Array(0x10000)
  const isNumber = new Uint8Array(0x10000)
  let marked: Signature = new Uint16Array(HEAD.size)
  let byWindow: Whole = NOTHING
  let byLists: Whole = NOTHING
  let markedNumbers = 0
  let markedMatter = 0
  let markedLead = 0

  function begin(signature: Signature): void {
    clear()
    marked = signature
    const words = signature[HEAD.words] ?? 0
    for (let at = 0; at < words; at += 1) place[signature[HEAD.size + at] ?? 0] = at + 1
    byWindow = weigh(signature, weights)
    byLists = weights === COMMON ? byWindow : weigh(signature, COMMON)
    markedNumbers = 0
    markedMatter = weighMatter(signature)
    markedLead = leadOf(signature)
    for (let at = HEAD.size + words; at < signature.length; at += 1) {
      const number = signature[at] ?? 0
      isNumber[number] = 1
      markedNumbers += weightOfNumber(number)
    }
  }

  function clear(): void {
    const words = marked[HEAD.words] ?? 0
    for (let at = 0; at < words; at += 1) place[marked[HEAD.size + at] ?? 0] = 0
    for (let at = HEAD.size + words; at < marked.length; at += 1) isNumber[marked[at] ?? 0] = 0
  }

  function share(other: Signature, isTitled: boolean): Shared {
    const [whole, weightOf] = isTitled ? [byLists, COMMON] : [byWindow, weights]
    const titleWords = marked[HEAD.titleWords] ?? 0
    const [otherWords, otherTitleWords] = [other[HEAD.words] ?? 0, other[HEAD.titleWords] ?? 0]
    const otherLead = leadOf(other)
    const [matter, otherMatter] = [marked[HEAD.matter] ?? 0, other[HEAD.matter] ?? 0]
    const isPaired = (((marked[HEAD.flags] ?? 0) | (other[HEAD.flags] ?? 0)) & PAIRED) !== 0
    // A pair has half the weight of a word: each character stands in two.
    const weightOfEach = isPaired ? 0.5 : 1
    const leastRow = LEAST_ROW / weightOfEach
    const otherWhole = weigh(other, weightOf)
    let [inBoth, inRow, titleRows] = [0, 0, 0]
    let [words, leadFound, otherLeadFound, inBothLeads] = [0, 0, 0, 0]
    let [matterFound, matterLacked] = [0, 0]
    let [row, inRows] = [0, 0]
    let before = 0
    for (let at = 0; at < otherWords; at += 1) {
      const word = other[HEAD.size + at] ?? 0
      const found = place[word] ?? 0
      const isInTitle = at < otherTitleWords
      // Most words.
      if (found === 0) {
        if (isInTitle && isMatter(otherMatter, at)) matterLacked += weightOfMatter(word)
        before = -1
        continue
      }
      const weight = weightOf[word] ?? 1
      const isInLead = at < otherLead
      const isNext = found === before + 1
      words += weight
      if (isNext) inRow += weight
      if (isInLead) otherLeadFound += weight
      if (found <= markedLead) {
        leadFound += weight
        if (isInLead) inBothLeads += weight
      }
      if (found <= titleWords) {
        if (isMatter(matter, found - 1)) matterFound += weightOfMatter(word)
        if (isInTitle) {
          inBoth += weight
          if (!isNext || before === 0) titleRows += 1
        }
      }
      const isInTexts = !isInTitle && found > titleWords
      if (!isInTexts || !isNext) {
        if (row >= leastRow) inRows += row
        row = 0
      }
      if (isInTexts) row += weight
      before = found
    }
    if (row >= leastRow) inRows += row

    let [numbers, otherNumbers] = [0, 0]
    for (let at = HEAD.size + otherWords; at < other.length; at += 1) {
      const number = other[at] ?? 0
      const weight = weightOfNumber(number)
      otherNumbers += weight
      if (isNumber[number] === 1) numbers += weight
    }
    const fewerWords = Math.min(marked[HEAD.words] ?? 0, otherWords)
    const fewerNumbers = Math.min(markedNumbers, otherNumbers)
    return {
      weight: words * weightOfEach * WEIGHT_OF_WORD + numbers,
      brevity: brevityOf(fewerWords * (isPaired ? WORDS_OF_PAIR : 1) + fewerNumbers / WEIGHT_OF_WORD),
      lacked: Math.min(markedMatter - matterFound, matterLacked),
      ownMatter: Math.max(markedMatter - matterFound, matterLacked) * weightOfEach,
      leadFound: Math.min(partOf(leadFound, whole.lead), partOf(otherLeadFound, otherWhole.lead)),
      inBothLeads: partOf(inBothLeads, Math.min(whole.lead, otherWhole.lead)),
      inBothLeadsWeight: inBothLeads * weightOfEach,
      rows: inRows * weightOfEach,
      bothTitles: partOf(inBoth, Math.min(whole.title, otherWhole.title)),
      bothWholeTitles: partOf(inBoth, Math.max(whole.title, otherWhole.title)),
      titleRows: titleRows - (isPaired ? 1 : 0),
      copied: partOf(inRow, Math.min(whole.words, otherWhole.words)),
      numbers,
      fewerNumbers,
      moreNumbers: Math.max(markedNumbers, otherNumbers),
    }
  }

  /** Of this kind is one of the two, not both. */
  function isOne(other: Signature, kind: number): boolean {
    return (((marked[HEAD.flags] ?? 0) ^ (other[HEAD.flags] ?? 0)) & kind) !== 0
  }

  function hasTitleOf(other: Signature): boolean {
    return titleKeyOf(marked) !== 0 && titleKeyOf(marked) === titleKeyOf(other)
  }

  /** All words of one title stand in the other, and both tell something. */
  function isWithin(other: Signature, { bothTitles }: Shared): boolean {
    return bothTitles === 1 && titleKeyOf(marked) !== 0 && titleKeyOf(other) !== 0
  }

  /** One title says what the other does, over the same figures: all of it, or in one row where there is no text. */
  function isOneTitle(other: Signature, shared: Shared): boolean {
    if (shared.numbers < shared.fewerNumbers) return false
    if (hasTitleOf(other)) return true
    if (shared.moreNumbers - shared.numbers > MORE_FIGURES) return false
    if (shared.bothWholeTitles === 1) return true
    return isWithin(other, shared) && shared.titleRows <= 1 && (isBare(marked) || isBare(other))
  }

  /** What comes to the likeness where little is said. */
  function ofBrief(other: Signature, shared: Shared): number {
    return (
      BRIEF.begin +
      BRIEF.sharedNumbers * Math.log1p(Math.min(shared.numbers, ONE_FIGURE)) +
      (isOneTitle(other, shared) ? BRIEF.sameTitle : 0) +
      (isOne(other, ASKING) ? BRIEF.asking : 0)
    )
  }

  /** So much must be shared: the less, the more the titles say. */
  function leastOf(other: Signature, shared: Shared, apartMs: number): number {
    const { bothTitles, bothWholeTitles, numbers, moreNumbers } = shared
    const isAgain = bothWholeTitles === 1 && numbers === moreNumbers && isBare(marked) && isBare(other)
    if (isAgain && apartMs <= AGAIN_WITHIN) return LEAST_AGAIN
    const [isTelling, isOtherTelling] = [titleKeyOf(marked) !== 0, titleKeyOf(other) !== 0]
    if (!isTelling && !isOtherTelling) return LEAST_UNDER_ANY_TITLE
    return isTelling && isOtherTelling && bothTitles >= ONE_TITLE ? LEAST_OF_TITLE : LEAST_SHARED
  }

  return {
    begin,
    likeness(other, apartMs) {
      if (isOne(other, GATHERED)) return Number.NEGATIVE_INFINITY
      const shared = share(other, hasTitleOf(other))
      if (shared.weight < leastOf(other, shared, apartMs)) return Number.NEGATIVE_INFINITY
      const conflict = 1 - Math.min(1, (shared.numbers + 0.5) / (shared.fewerNumbers + 0.5))
      return (
        LIKENESS.begin +
        (shared.brevity > 0 ? shared.brevity * ofBrief(other, shared) : 0) +
        LIKENESS.lacked * shared.copied * Math.min(1, shared.lacked) +
        LIKENESS.conflict * shared.copied * conflict +
        LIKENESS.ownMatter * Math.min(MOST_MATTER, shared.ownMatter) +
        LIKENESS.leadFound * shared.leadFound +
        LIKENESS.inBothLeads * shared.inBothLeads +
        LIKENESS.inBothLeadsWeight * Math.log1p(shared.inBothLeadsWeight) +
        LIKENESS.rows * Math.log1p(shared.rows) +
        LIKENESS.sharedNumbers * Math.log1p(shared.numbers) +
        LIKENESS.shared * Math.log(shared.weight) +
        LIKENESS.halfDays *
          (isCopied(shared, COPY_LEAST) ? TIME_OF_COPY : 1) *
          Math.min(apartMs / HALF_DAY, MOST_HALF_DAYS)
      )
    },
    isCopy(other) {
      const isTitled = hasTitleOf(other)
      return isCopied(share(other, true), isTitled ? LEAST_OF_TITLE : COPY_LEAST)
    },
  }
}

function isCopied({ weight, bothWholeTitles, copied, numbers, moreNumbers }: Shared, least: number): boolean {
  return weight >= least && bothWholeTitles === 1 && copied >= COPIED && numbers === moreNumbers
}

/** It is its title, without a text. */
function isBare(signature: Signature): boolean {
  return signature[HEAD.titleWords] === signature[HEAD.words]
}

function isMatter(matter: number, at: number): boolean {
  return at < MATTER_WORDS && ((matter >>> at) & 1) === 1
}

function weightOfMatter(word: number): number {
  return Math.max(LEAST_MATTER, COMMON[word] ?? 1)
}

function weighMatter(signature: Signature): number {
  const matter = signature[HEAD.matter] ?? 0
  let weight = 0
  for (let at = 0; at < MATTER_WORDS; at += 1) {
    if (isMatter(matter, at)) weight += weightOfMatter(signature[HEAD.size + at] ?? 0)
  }
  return weight
}

/** From 0 for an item of some words to 1 for one of few. */
function brevityOf(words: number): number {
  return Math.min(1, Math.max(0, (LONG - words) / (LONG - BRIEF_WORDS)))
}

/** How many words the lead has. */
function leadOf(signature: Signature): number {
  const isPaired = ((signature[HEAD.flags] ?? 0) & PAIRED) !== 0
  return Math.min((signature[HEAD.titleWords] ?? 0) + (isPaired ? LEAD_PAIRS : LEAD_WORDS), signature[HEAD.words] ?? 0)
}

/** Weights of all words of an item, of those in its title, and in its lead. */
interface Whole {
  words: number
  title: number
  lead: number
}

const NOTHING: Whole = { words: 0, title: 0, lead: 0 }

function weigh(signature: Signature, weights: Float32Array): Whole {
  const [titleEnd, leadEnd] = [signature[HEAD.titleWords] ?? 0, leadOf(signature)]
  const title = sum(signature, weights, 0, titleEnd)
  const lead = title + sum(signature, weights, titleEnd, leadEnd)
  return { title, lead, words: lead + sum(signature, weights, leadEnd, signature[HEAD.words] ?? 0) }
}

function sum(signature: Signature, weights: Float32Array, from: number, to: number): number {
  let all = 0
  for (let at = from; at < to; at += 1) all += weights[signature[HEAD.size + at] ?? 0] ?? 1
  return all
}

/** Of one that is not common; a pair of characters has half. */
const WEIGHT_OF_WORD = 4

interface Shared {
  /** 1 where either says little: a title and a sentence or two. 0 where both say enough to be judged by it. */
  brevity: number
  /**
   * Weight of what one title says, its own text again, and the other item nowhere: of the item that has less of it. Each has
   * a matter of its own.
   */
  lacked: number
  /** Of the words and numbers that both have. */
  weight: number
  /** The same of the item that has more of it: what one title says and the other item nowhere. */
  ownMatter: number
  /** The part of a lead's words that stand anywhere in the other item, for the lead that has less of it. */
  leadFound: number
  /** The part of the shorter lead's words that stand in the other lead. */
  inBothLeads: number
  /** Their weight. */
  inBothLeadsWeight: number
  /** Weight of the words of the texts that stand in rows of LEAST_ROW or more in both. */
  rows: number
  /** The part of the shorter title's words that stand in the other title too. */
  bothTitles: number
  /** The same of the longer title's words. */
  bothWholeTitles: number
  /** In how many rows they stand in both. */
  titleRows: number
  /** The part of the shorter one's words that follow the same word in both. */
  copied: number
  /** Weight of the numbers of both. */
  numbers: number
  /** Weight of all numbers of the one that has fewer. */
  fewerNumbers: number
  moreNumbers: number
}

const HALF_DAY = 12 * 3_600_000
/** Later than this it makes no difference any more: such items are one only when they are copies. */
const MOST_HALF_DAYS = 3
/** A paper may print a copy a day late. Not fitted: the sets have few, and all of another paper's are the same news. */
const TIME_OF_COPY = 0.5
/** Four words: less says nothing, however much of a short item it is. */
const LEAST_SHARED = 16
/** Where one title has the words of the other ("UPDATE 1-", "BREAKING:"), and both tell something. */
const LEAST_OF_TITLE = 8
/** From this part of its words on: all but a common one. */
const ONE_TITLE = 0.9
/** Where neither does: "Release v4.2.0" over a sentence that all releases have. */
const LEAST_UNDER_ANY_TITLE = 32

/** Where neither has a text, and both are one title to the word and figure: a word and a number, soon after one another. */
const LEAST_AGAIN = 5
const AGAIN_WITHIN = 6 * 3_600_000
/** "UPDATE 2-" */
const MORE_FIGURES = 1

/** Words and figures, without the small words: up to BRIEF_WORDS an item is judged strictly, from LONG on by what it says. */
const BRIEF_WORDS = 13
const LONG = 20
/** Weight of a long number: that one is shared says little, a follow-up repeats it. */
const ONE_FIGURE = 4.5
/** A pair of characters is as much text as this part of an English word that is not small. */
const WORDS_OF_PAIR = 0.375
/** Also a common word is one that the other lacks. */
const LEAST_MATTER = 0.5
/** So many words of its own say that a title is another one; more say no more. */
const MOST_MATTER = 4
/** Words that follow one another in both, without the small words: fewer do so by chance. */
const LEAST_ROW = 3

/** A copy within one source: columns and tables have less than this in common from day to day. */
const COPIED = 0.9
const COPY_LEAST = 40

/**
 * Fitted by logistic regression to the labelled sets of tests/bench/stories, the pairs of tests/source and the noise of the
 * bench (copy of other news that shares whole sentences), the languages together; a wrong pair counts twice. Each set is
 * taken as it is and once more with its items at most three hours apart, so that a follow-up is known by what it says and
 * not by the clock alone. Fitted to the others, they hold on each set as it is but the short one, whose follow-ups were
 * chosen for being like the news. The two that begin are set a little higher for long items and lower for brief ones.
 */
const LIKENESS = {
  begin: -9.58,
  /** The same sentences about another name. */
  lacked: -6.46,
  /** The same sentences with other figures: a sibling. */
  conflict: -14.21,
  /** What one title says is nowhere in the other item: a follow-up, or another topic of the speech. */
  ownMatter: -0.47,
  /** What leads in the one is background in the other, if it stands there but not in its lead: that tells of a follow-up. */
  leadFound: -3.87,
  inBothLeads: 1.57,
  inBothLeadsWeight: 1.39,
  /** Whole sentences of the other, which a rewrite has not: a template, or the background of a follow-up. */
  rows: -0.66,
  sharedNumbers: 1.27,
  shared: 2.49,
  /** A follow-up comes a day later, another paper's copy the same day. */
  halfDays: -1.98,
}

/** What comes to it for items of few words, where a follow-up has the names of the news before it, and figures too. */
const BRIEF = {
  begin: 1.56,
  sharedNumbers: -0.89,
  /** Higher than fitted, for titles of a word or two without a text. */
  sameTitle: 5.5,
  /** One asks or explains, the other does not. Not fitted: the sets have few of these. */
  asking: -2.25,
}

function partOf(part: number, whole: number): number {
  return whole === 0 ? 0.5 : part / whole
}

/** The weight of each word where nothing is known of other items: 1, or less for what much of the news has. */
export function commonWeights(): Float32Array {
  return COMMON.slice()
}

const COMMON_WEIGHT = 0.25

// ---- Reading a stream ----

/** Kept between calls: what is found is copied into the signature. */
const foundWords = new Uint16Array(MAX_WORDS)
const foundNumbers = new Uint16Array(MAX_NUMBERS)
/** The reading in which a word or number was met last, of the last 255: small tables stay in the processor's cache. */
const metWords = new Uint8Array(0x10000)
const metNumbers = new Uint8Array(0x10000)
let readings = 0

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
}

function beginReading(): Reading {
  readings += 1
  if (readings === 256) {
    metWords.fill(0)
    metNumbers.fill(0)
    readings = 1
  }
  return { id: readings, words: 0, numbers: 0, titleWords: 0, isTitle: true, matter: 0, all: 0, han: 0 }
}

/** One walk over a token stream, without cutting a string out of it. */
function readStream(reading: Reading, stream: string): void {
  const end = Math.min(stream.length, READ_UNITS)
  // Where the last token may end: one of a million units is not read to its end.
  const limit = Math.min(stream.length, READ_UNITS + 100)
  let at = 0
  while (at < end && reading.words < MAX_WORDS) {
    const first = stream.charCodeAt(at)
    let stop = at
    let hash = HASH_SEED
    while (stop < limit) {
      const unit = stream.charCodeAt(stop)
      if (unit === SPACE) break
      hash = Math.imul(hash ^ unit, HASH_PRIME)
      stop += 1
    }
    // The tags at the end repeat words.
    if (stop - at === 1 && stream[at] === TAGS_BEGIN) return
    reading.all += 1
    if (isDigit(first)) {
      at = readNumber(reading, stream, at, stop)
      continue
    }
    if (isPaired(first)) {
      reading.han += 1
      const next = HAN_VALUES[first] ? readHanNumber(reading, stream, at) : 0
      if (next > 0) {
        at = next
        continue
      }
      // The last character of a run says nothing beside the pair before it.
      if (stop - at > 1 && !isParticle(first) && !isParticle(stream.charCodeAt(stop - 1))) addPair(reading, mix(hash))
    } else if (stop - at > 1 && !isAlphabetWithoutSpaces(first)) {
      readWord(reading, stream, at, stop, mix(hash))
    }
    at = stop + 1
  }
}

function endOfToken(stream: string, from: number): number {
  let end = from + 1
  while (end < stream.length && stream.charCodeAt(end) !== SPACE) end += 1
  return end
}

const SPACE = 0x20

function readWord(reading: Reading, stream: string, start: number, end: number, hash: number): void {
  if (STOPS.has(hash)) {
    if (reading.isTitle && WEEKDAYS.has(hash)) addNumber(reading, withWeight(hash, 0))
    return
  }
  const number = NUMBERS.has(hash) ? NUMBER_WORDS.get(stream.slice(start, end)) : undefined
  if (number !== undefined) {
    addNumber(reading, number)
    return
  }
  const stem = endOfStem(stream, start, end)
  addWord(reading, stem === end ? hash : hashPart(stream, start, stem))
}

/** "fires" and "fire", "grounded" and "grounding": a rule of thumb, for languages that end words in this way. */
function endOfStem(stream: string, start: number, end: number): number {
  let stop = end
  if (stop - start > 3 && stream.charCodeAt(stop - 1) === S && stream.charCodeAt(stop - 2) !== S) stop -= 1
  if (stop - start > 4) {
    const before = stream.charCodeAt(stop - 2)
    const last = stream.charCodeAt(stop - 1)
    if (last === G && before === N && stop - start > 5 && stream.charCodeAt(stop - 3) === I) stop -= 3
    else if (before === I && last === E) stop -= 2
    else if (before === E && last === D) stop -= 2
  }
  if (stop - start > 3 && stream.charCodeAt(stop - 1) === E) stop -= 1
  const vowel = stream.charCodeAt(stop - 1)
  if (stop - start > 3 && (vowel === I || vowel === Y)) stop -= 1
  return Math.min(stop, start + STEM_UNITS)
}

const [D, E, G, I, N, S, Y] = [0x64, 0x65, 0x67, 0x69, 0x6e, 0x73, 0x79]

/** Enough to part most words; what follows are endings ("Norwegian", "Norwegians"). */
const STEM_UNITS = 7

/**
 * 58.7 is two tokens and one number; the letters of "7.4bn" and "80mph" are not of it, as they are not of "80 miles". In Han
 * what is counted (41万, 6时) belongs to a number that is short enough to be met by chance, if it is a word for that: the
 * stream has no signs, and in "3.75%,为" another sentence follows. Gives where the next token begins.
 */
function readNumber(reading: Reading, stream: string, start: number, firstEnd: number): number {
  let stop = firstEnd
  while (stop - start < NUMBER_UNITS && isDigit(stream.charCodeAt(stop - 1)) && isDigit(stream.charCodeAt(stop + 1))) {
    stop = endOfToken(stream, stop + 1)
  }
  const rest = endOfRest(stream, stop)
  if (rest > 0) {
    // 2万5000 is 2.5万.
    const digits = `${stream.slice(start, stop)} ${stream.slice(stop + 3, rest)}`.replace(/0+$/, '')
    addCounted(reading, digits, 0, digits.length, 0)
    return rest + 1
  }
  let end = stop
  while (!isDigit(stream.charCodeAt(end - 1))) end -= 1
  const next = stop === firstEnd ? stream.charCodeAt(stop + 1) : 0
  addCounted(reading, stream, start, end, next)
  return stop + 1
}

/** Where the four figures end that follow a number and a lone 万; 0 without them. */
function endOfRest(stream: string, stop: number): number {
  if (stream.charCodeAt(stop + 1) !== TEN_THOUSAND || stream.charCodeAt(stop + 2) !== SPACE) return 0
  let end = stop + 3
  while (end < stop + 7 && isDigit(stream.charCodeAt(end))) end += 1
  return end === stop + 7 && !isDigit(stream.charCodeAt(end)) ? end : 0
}

/** The number between these places of `text`, and the character `next` behind it; 0 where that says nothing. */
function addCounted(reading: Reading, text: string, start: number, end: number, next: number): void {
  const hash = hashPart(text, start, end)
  const unit = UNITS[next] ?? 0
  const isDate = DATE_UNITS.has(unit)
  const hasUnit = unit !== 0 && (isDate || end - start <= LONGEST_WITH_UNIT)
  addNumber(reading, withWeight(hasUnit ? mix(hash ^ unit) : hash, isDate ? 0 : weightClass(text, start, end)))
}

/** A longer number is known without what it counts: 68亿 but 218.6, 23人 but 2400. */
const LONGEST_WITH_UNIT = 2

/**
 * 十三年 as 13年: a number in Han before what is counted. Gives where the token that begins with that stands; 0 where there is
 * no such number. 一 is "a" more often than 1, and 十分 is "very".
 */
function readHanNumber(reading: Reading, stream: string, start: number): number {
  let [sum, digit, at] = [0, 0, start]
  for (; at - start < HAN_NUMBER_UNITS; at += 3) {
    const value = HAN_VALUES[stream.charCodeAt(at)] ?? 0
    if (value === 0) break
    // In the last token of a run nothing is counted.
    if (stream.charCodeAt(at + 2) !== SPACE) return 0
    if (value < 10) {
      if (digit !== 0) return 0
      digit = value
    } else {
      if (digit === 0 && value > 10) return 0
      sum += Math.max(1, digit) * value
      digit = 0
    }
  }
  const number = sum + digit
  const next = stream.charCodeAt(at)
  if (number < 2 || (UNITS[next] ?? 0) === 0 || (number === 10 && next === MINUTE)) return 0
  const digits = String(number)
  addCounted(reading, digits, 0, digits.length, next)
  return at
}

/** 九千九百九十九 is seven characters. */
const HAN_NUMBER_UNITS = 24

/** A row of figures is no number. */
const NUMBER_UNITS = 24

/** A date says little: all news of a day has it. The longer a number, the less it is met by chance. */
function weightClass(stream: string, start: number, end: number): 0 | 1 | 2 | 3 {
  const length = end - start
  if (length === 4 && isYear(stream.charCodeAt(start), stream.charCodeAt(start + 1))) return 0
  if (length === 1) return 1
  return length === 2 ? 2 : 3
}

function isYear(first: number, second: number): boolean {
  return (first === 0x31 && second === 0x39) || (first === 0x32 && second === 0x30)
}

/** By the class in a number's two highest bits. */
const NUMBER_WEIGHTS = new Float64Array([0.5, 1, 2.5, 4.5])

function withWeight(hash: number, weight: 0 | 1 | 2 | 3): number {
  return (weight << 14) | (hash & 0x3fff)
}

function weightOfNumber(number: number): number {
  return NUMBER_WEIGHTS[number >>> 14] ?? 0
}

function addPair(reading: Reading, hash: number): void {
  if (!STOPS.has(hash)) addWord(reading, hash)
}

function addWord(reading: Reading, hash: number): void {
  const own = hash & 0xffff
  const word = ALIKE[own] || own
  if (metWords[word] === reading.id) {
    markMatter(reading, word)
    return
  }
  if (reading.words === MAX_WORDS) return
  metWords[word] = reading.id
  foundWords[reading.words] = word
  reading.words += 1
}

function markMatter(reading: Reading, word: number): void {
  const end = Math.min(reading.titleWords, MATTER_WORDS)
  for (let at = 0; at < end; at += 1) if (foundWords[at] === word) reading.matter |= 1 << at
}

function addNumber(reading: Reading, number: number): void {
  if (metNumbers[number] === reading.id || reading.numbers === MAX_NUMBERS) return
  metNumbers[number] = reading.id
  foundNumbers[reading.numbers] = number
  reading.numbers += 1
}

/** "Morning briefing" heads another text every day. */
function isTelling({ words, all, han }: Pick<Reading, 'words' | 'all' | 'han'>): boolean {
  return han > all / 2 ? all >= 9 && words >= 6 : words >= 4 && all >= 5
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39
}

function isParticle(unit: number): boolean {
  return PARTICLES[unit] === 1
}

/**
 * Thai, Lao, Tibetan, Myanmar, Khmer, and hiragana, which writes the small words of Japanese: pairs of their letters stand in
 * every text.
 */
function isAlphabetWithoutSpaces(unit: number): boolean {
  return (unit >= 0x0e00 && unit <= 0x109f) || (unit >= 0x1780 && unit <= 0x17ff) || isHiragana(unit)
}

function isHiragana(unit: number): boolean {
  return unit >= 0x3041 && unit <= 0x309f
}

function isHan(unit: number): boolean {
  return unit >= 0x3400 && unit <= 0x9fff
}

/** Scripts without spaces that have so many characters that a pair of them tells something: Han, katakana, Hangul. */
function isPaired(unit: number): boolean {
  return isHan(unit) || (unit >= 0x30a0 && unit <= 0x30ff) || (unit >= 0xac00 && unit <= 0xd7a3)
}

// ---- Hashing (FNV-1a by UTF-16 units, then the finalizer of MurmurHash3) ----

const HASH_SEED = 0x811c9dc5 | 0
const HASH_PRIME = 0x01000193

function hashText(text: string): number {
  return hashPart(text, 0, text.length)
}

function hashPart(text: string, start: number, end: number): number {
  let hash = HASH_SEED
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), HASH_PRIME)
  return mix(hash)
}

function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

// ---- What every text has ----

const PARTICLES = new Uint8Array(0x10000)
for (const char of '的了是在和与及将已也而被并等之其') PARTICLES[char.charCodeAt(0)] = 1
for (let unit = 0x3041; unit <= 0x309f; unit += 1) PARTICLES[unit] = 1
const DATE_UNITS = new Set([...'年月日'].map((char) => char.charCodeAt(0)))
const MINUTE = '分'.charCodeAt(0)
const TEN_THOUSAND = '万'.charCodeAt(0)

/** What stands behind a number in Han and says what it counts; those of a word count the same. */
const UNITS = new Uint16Array(0x10000)
for (const row of '年 月 日 人名位死伤 元块 天 时 分 秒 点 周 季 岁 万 亿 千 百 级 度 倍 成 吨 斤 克 米 公 层 个 家 户 辆 台 架 艘 所 座 处 例 起 件 宗 项 条 次 场 届 期 套 枚 只 头 张 票 站 号'.split(
  ' ',
)) {
  for (const char of row) UNITS[char.charCodeAt(0)] = row.charCodeAt(0)
}
const HAN_VALUES = new Uint16Array(0x10000)
for (const [index, char] of [...'一二三四五六七八九十'].entries()) HAN_VALUES[char.charCodeAt(0)] = index + 1
for (const [char, value] of [
  ['两', 2],
  ['百', 100],
  ['千', 1_000],
] as const)
  HAN_VALUES[char.charCodeAt(0)] = value

/** Papers write small numbers as words. */
const NUMBER_WORDS = new Map(
  [
    ...'two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
      .split(' ')
      .map((word, index) => [word, index + 2] as const),
    ...'twenty thirty forty fifty sixty seventy eighty ninety'
      .split(' ')
      .map((word, index) => [word, (index + 2) * 10] as const),
  ].map(([word, value]) => {
    const digits = String(value)
    return [word, withWeight(hashText(digits), weightClass(digits, 0, digits.length))]
  }),
)

/** Whether a hash is one of these words'; so it is of one other word in a thousand. A set of them takes ten times as long. */
function hashesOf(words: Iterable<string>) {
  const bits = new Uint32Array(2 ** 13)
  for (const word of words) {
    const bit = hashText(word) >>> 14
    bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31))
  }
  return { has: (hash: number) => (((bits[hash >>> 19] ?? 0) >>> ((hash >>> 14) & 31)) & 1) === 1 }
}

const STOPS = hashesOf(STOP_WORDS.split(/\s+/))
const NUMBERS = hashesOf(NUMBER_WORDS.keys())
/** In a title they tell one day's column from the next day's. */
const WEEKDAYS = hashesOf(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'])

/** The word that stands for a word; 0 for itself. */
const ALIKE = new Uint16Array(0x10000)
for (const row of [...ALIKE_WORDS.split('\n'), ...ALIKE_HAN.split('\n')]) markAlike(row.split(' ').map(wordOf))

function markAlike([first = 0, ...others]: number[]): void {
  // Forms of one word may have one stem; 0 is no word.
  for (const word of others) if (word !== first && word !== 0) ALIKE[word] = first
}

const COMMON = new Float32Array(0x10000).fill(1)
for (const word of tokenStream(`${COMMON_WORDS} ${COMMON_HAN} ${COMMON_ABROAD}`).split(' ')) markCommon(word)

function markCommon(word: string): void {
  const marked = wordOf(word)
  if (marked !== 0) COMMON[marked] = COMMON_WEIGHT
}

/** 0 for a small word. */
function wordOf(text: string): number {
  const reading = beginReading()
  readStream(reading, tokenStream(text))
  return reading.words > 0 ? (foundWords[0] ?? 0) : 0
}
