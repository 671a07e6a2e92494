/** What two items have in common, and what only one of them has: the measures by which similarity.ts judges them. */

import {
  isRare,
  measure,
  measureNumbers,
  measureWords,
  type Numbers,
  newSide,
  noNumbers,
  type Side,
  UNKNOWN,
  weightOfMatter,
} from './side.ts'
import { HEAD, isMatter, isName, isOfPairs, MAX_SIGNATURE_UNITS, MAX_WORDS, type Signature } from './signature.ts'
import { listedWeights, type WordWeights } from './word-weights.ts'

/** Names of this file: an imported one would be looked up for every word. */
const { titleWords: TITLE_WORDS, words: WORDS, matter: MATTER, size: BEGIN } = HEAD

export interface Shared {
  /** Either is written in pairs of characters. */
  isPaired: boolean
  /** Of the words and numbers that both have. */
  weight: number
  /** 1 where either says little: a title and a sentence or two. 0 where both say enough to be judged by it. */
  brevity: number
  /** How many times the words of the shorter one the longer one has. */
  lengthRatio: number
  /** How many times as long as those that the weights are fitted to the shorter one is; 1 up to there. */
  excess: number
  /**
   * Weight of what one title says, its own text again, and the other item nowhere: of the item that has less of it. Each has
   * a matter of its own.
   */
  lacked: number
  /** The same of the item that has more of it: what one title says and the other item nowhere. */
  ownMatter: number
  /** Words of a title, but for common ones, that stand nowhere in the other item: of the item that has more of them. */
  ownTitle: number
  /** The part of the shorter title's words that stand in the other title too. */
  bothTitles: number
  /** The same of the longer title's words. */
  bothWholeTitles: number
  /** In how many rows they stand in both. */
  titleRows: number
  /** Weight of the words that stand in both leads. */
  inBothLeads: number
  /** Weight of the words of a lead that stand nowhere in the other item, for the lead that has more of them. */
  leadLacked: number
  /** Weight of the words of the texts that stand in rows of LEAST_ROW or more in both. */
  rows: number
  /** The part of the shorter one's words that follow the same word in both. */
  copied: number
  /** Weight of the numbers of both. */
  numbers: number
  /** Weight of all numbers of the one that has fewer. */
  fewerNumbers: number
  moreNumbers: number
  /** Weight of the numbers, but for dates, that the other item lacks: of the item that has less of it. */
  ownCounts: number
  /** Both name days of the month, and another one first. */
  isOtherFirstDay: boolean
  /** Both name days of the month, and none in common. */
  isOtherDay: boolean
  /** Names of either that the other has too: of the item that has fewer of them. */
  sharedNames: number
  /** Names of one that the other does not have: of the item that has fewer of them. */
  strangeNames: number
}

export interface Sharing {
  /** Compares from now on with this one. */
  begin(signature: Signature): void
  /**
   * Null where too little is shared for any answer but no, and the titles have nothing in common: most are told apart by that.
   * It holds until the next call. `isTitled`: words have their listed weights.
   */
  share(other: Signature, isTitled: boolean): Shared | null
}

/**
 * Marks the words of an item in a table, so that another is compared in one walk over its own; what it meets there is noted,
 * and the rest is measured by the notes. All of it is kept between calls.
 */
export function createSharing(weights: WordWeights): Sharing {
  const marks: Marks = { places: new Uint8Array(0x10000), numbers: new Uint8Array(0x10000) }
  const meeting = newMeeting()
  const shared = nothingShared()
  const { one, other } = meeting
  const listed = listedWeights()
  let ofWindow = weights.words
  let ofLists = listed.words

  return {
    begin(signature) {
      clearMarks(marks, one.signature)
      setMarks(marks, signature)
      const script = isOfPairs(signature) ? 'pairs' : 'words'
      ofWindow = weights[script]
      ofLists = listed[script]
      measure(one, signature, ofWindow, ofLists)
    },
    share(signature, isTitled) {
      const weightOf = isTitled ? ofLists : ofWindow
      meetWords(meeting, marks.places, signature, weightOf)
      measureNumbers(meeting.numbers, signature, marks.numbers)
      const isPaired = isOfPairs(one.signature) || isOfPairs(signature)
      // A pair has half the weight of a word: each character stands in two.
      meeting.weightOfEach = isPaired ? 0.5 : 1
      const weight = meeting.words * meeting.weightOfEach * WEIGHT_OF_WORD + meeting.numbers.weight
      if (weight < leastShared(isPaired) && !isInBothTitles(meeting, signature)) return null

      if (one.weightOf !== weightOf) measureWords(one, weightOf)
      measure(other, signature, weightOf, ofLists)
      shared.isPaired = isPaired
      shared.weight = weight
      shareLengths(shared, meeting)
      shareTitles(shared, meeting)
      shareMatter(shared, meeting, ofLists)
      shareLeads(shared, meeting)
      shareRows(shared, meeting)
      shareNumbers(shared, meeting)
      shareNames(shared, meeting)
      return shared
    },
  }
}

/** So much must be shared, but where the titles say much. */
export function leastShared(isPaired: boolean): number {
  return isPaired ? LEAST_SHARED.pairs : LEAST_SHARED.words
}

/** Three words, or eight pairs of characters: less says nothing, however much of a short item it is. */
const LEAST_SHARED = { words: 12, pairs: 16 }
/** Of one that is not common; a pair of characters has half. */
const WEIGHT_OF_WORD = 4

/** By fingerprint: 1 + where a word stands in the one, and whether it has a number. */
interface Marks {
  places: Uint8Array
  numbers: Uint8Array
}

function setMarks({ places, numbers }: Marks, signature: Signature): void {
  const end = BEGIN + (signature[WORDS] ?? 0)
  for (let at = BEGIN; at < end; at += 1) places[signature[at] ?? 0] = at - BEGIN + 1
  for (let at = end; at < signature.length; at += 1) numbers[signature[at] ?? 0] = 1
}

function clearMarks({ places, numbers }: Marks, signature: Signature): void {
  const end = BEGIN + (signature[WORDS] ?? 0)
  for (let at = BEGIN; at < end; at += 1) places[signature[at] ?? 0] = 0
  for (let at = end; at < signature.length; at += 1) numbers[signature[at] ?? 0] = 0
}

interface Meeting {
  one: Side
  other: Side
  weightOfEach: number
  /** So many words are in both. */
  count: number
  /** Where each of them stands in the one and in the other, in whose order they are, and what it weighs. */
  places: Uint8Array
  otherPlaces: Uint8Array
  weights: Float32Array
  /** Weight of them all. */
  words: number
  /** Those that are in both. */
  numbers: Numbers
}

function newMeeting(): Meeting {
  return {
    one: newSide(),
    other: newSide(),
    weightOfEach: UNKNOWN,
    count: 0,
    places: new Uint8Array(MAX_SIGNATURE_UNITS),
    otherPlaces: new Uint8Array(MAX_SIGNATURE_UNITS),
    weights: new Float32Array(MAX_SIGNATURE_UNITS),
    words: UNKNOWN,
    numbers: noNumbers(),
  }
}

function meetWords(meeting: Meeting, marked: Uint8Array, signature: Signature, weightOf: Float32Array): void {
  const { places, otherPlaces, weights } = meeting
  const end = signature[WORDS] ?? 0
  let count = 0
  let words = 0
  for (let at = 0; at < end; at += 1) {
    const word = signature[BEGIN + at] ?? 0
    const found = marked[word] ?? 0
    // Most words.
    if (found === 0) continue
    const weight = weightOf[word] ?? 1
    words += weight
    places[count] = found - 1
    otherPlaces[count] = at
    weights[count] = weight
    count += 1
  }
  meeting.count = count
  meeting.words = words
}

function isInBothTitles({ one, count, places, otherPlaces }: Meeting, signature: Signature): boolean {
  const otherEnd = signature[TITLE_WORDS] ?? 0
  for (let nth = 0; nth < count && (otherPlaces[nth] ?? 0) < otherEnd; nth += 1) {
    if ((places[nth] ?? 0) < one.titleEnd) return true
  }
  return false
}

/** Whether this word of both follows the one before it, or nothing, in both. */
function isNext({ places, otherPlaces }: Meeting, nth: number): boolean {
  if (nth === 0) return places[0] === 0 && otherPlaces[0] === 0
  return (
    (places[nth] ?? 0) - (places[nth - 1] ?? 0) === 1 && (otherPlaces[nth] ?? 0) - (otherPlaces[nth - 1] ?? 0) === 1
  )
}

function nothingShared(): Shared {
  return {
    isPaired: false,
    weight: UNKNOWN,
    brevity: UNKNOWN,
    lengthRatio: UNKNOWN,
    excess: UNKNOWN,
    lacked: UNKNOWN,
    ownMatter: UNKNOWN,
    ownTitle: UNKNOWN,
    bothTitles: UNKNOWN,
    bothWholeTitles: UNKNOWN,
    titleRows: 0,
    inBothLeads: UNKNOWN,
    leadLacked: UNKNOWN,
    rows: UNKNOWN,
    copied: UNKNOWN,
    numbers: UNKNOWN,
    fewerNumbers: UNKNOWN,
    moreNumbers: UNKNOWN,
    ownCounts: UNKNOWN,
    isOtherFirstDay: false,
    isOtherDay: false,
    sharedNames: 0,
    strangeNames: 0,
  }
}

function shareLengths(shared: Shared, { one, other }: Meeting): void {
  const fewer = Math.min(one.end, other.end)
  const said =
    fewer * (shared.isPaired ? WORDS_OF_PAIR : 1) + Math.min(one.numbers.weight, other.numbers.weight) / WEIGHT_OF_WORD
  shared.brevity = Math.min(1, Math.max(0, (LONG - said) / (LONG - BRIEF_WORDS)))
  shared.lengthRatio = Math.max(one.end, other.end) / Math.max(1, fewer)
  shared.excess = Math.max(1, fewer / MAX_WORDS)
}

/** Words and figures, without the small words: up to BRIEF_WORDS an item is judged strictly, from LONG on by what it says. */
const BRIEF_WORDS = 13
const LONG = 20
/** A pair of characters is as much text as this part of an English word that is not small. */
const WORDS_OF_PAIR = 0.375

function shareTitles(shared: Shared, meeting: Meeting): void {
  const { one, other, count, places, otherPlaces, weights } = meeting
  let inBoth = 0
  let rows = 0
  for (let nth = 0; nth < count && (otherPlaces[nth] ?? 0) < other.titleEnd; nth += 1) {
    if ((places[nth] ?? 0) >= one.titleEnd) continue
    inBoth += weights[nth] ?? 0
    if (nth === 0 || !isNext(meeting, nth)) rows += 1
  }
  shared.bothTitles = partOf(inBoth, Math.min(one.title, other.title))
  shared.bothWholeTitles = partOf(inBoth, Math.max(one.title, other.title))
  shared.titleRows = rows - (shared.isPaired ? 1 : 0)
}

function partOf(part: number, whole: number): number {
  return whole === 0 ? 0.5 : part / whole
}

/** What the titles say: those are compared by the lists, also where words have other weights. */
function shareMatter(
  shared: Shared,
  { one, other, count, places, otherPlaces, weightOfEach }: Meeting,
  listed: Float32Array,
): void {
  const bits = one.signature[MATTER] ?? 0
  const otherBits = other.signature[MATTER] ?? 0
  let matter = one.matter
  let otherMatter = other.matter
  let rare = one.rare
  let otherRare = other.rare
  for (let nth = 0; nth < count; nth += 1) {
    const at = places[nth] ?? 0
    const otherAt = otherPlaces[nth] ?? 0
    // Most words.
    if (at >= one.titleEnd && otherAt >= other.titleEnd) continue
    const weight = listed[other.signature[BEGIN + otherAt] ?? 0] ?? 1
    if (isRare(weight) && at < one.titleEnd) rare -= 1
    if (isRare(weight) && otherAt < other.titleEnd) otherRare -= 1
    if (isMatter(bits, at)) matter -= weightOfMatter(weight)
    if (isMatter(otherBits, otherAt)) otherMatter -= weightOfMatter(weight)
  }
  shared.lacked = Math.min(matter, otherMatter)
  shared.ownMatter = Math.max(matter, otherMatter) * weightOfEach
  shared.ownTitle = Math.max(rare, otherRare) * weightOfEach
}

function shareLeads(shared: Shared, { one, other, count, places, otherPlaces, weights, weightOfEach }: Meeting): void {
  let inBoth = 0
  let lacked = one.lead
  let otherLacked = other.lead
  for (let nth = 0; nth < count; nth += 1) {
    const weight = weights[nth] ?? 0
    const isInLead = (places[nth] ?? 0) < one.leadEnd
    const isInOtherLead = (otherPlaces[nth] ?? 0) < other.leadEnd
    if (isInLead) lacked -= weight
    if (isInOtherLead) otherLacked -= weight
    if (isInLead && isInOtherLead) inBoth += weight
  }
  shared.inBothLeads = inBoth * weightOfEach
  shared.leadLacked = Math.max(lacked, otherLacked) * weightOfEach
}

function shareRows(shared: Shared, meeting: Meeting): void {
  const { one, other, count, places, otherPlaces, weights, weightOfEach } = meeting
  const least = LEAST_ROW / weightOfEach
  let inRow = 0
  let row = 0
  let inRows = 0
  for (let nth = 0; nth < count; nth += 1) {
    const weight = weights[nth] ?? 0
    const goesOn = isNext(meeting, nth)
    if (goesOn) inRow += weight
    const isInTexts = (places[nth] ?? 0) >= one.titleEnd && (otherPlaces[nth] ?? 0) >= other.titleEnd
    if (!isInTexts || !goesOn) {
      if (row >= least) inRows += row
      row = 0
    }
    if (isInTexts) row += weight
  }
  if (row >= least) inRows += row
  shared.rows = inRows * weightOfEach
  shared.copied = partOf(inRow, Math.min(one.words, other.words))
}

/** Words that follow one another in both, without the small words: fewer do so by chance. */
const LEAST_ROW = 3

function shareNumbers(shared: Shared, meeting: Meeting): void {
  const one = meeting.one.numbers
  const other = meeting.other.numbers
  const both = meeting.numbers
  shared.numbers = both.weight
  shared.fewerNumbers = Math.min(one.weight, other.weight)
  shared.moreNumbers = Math.max(one.weight, other.weight)
  shared.ownCounts = Math.min(one.counts, other.counts) - both.counts
  shared.isOtherFirstDay = one.firstDay !== other.firstDay && one.firstDay !== 0 && other.firstDay !== 0
  shared.isOtherDay = both.days === 0 && one.days > 0 && other.days > 0
}

function shareNames(shared: Shared, { one, other, count, places, otherPlaces }: Meeting): void {
  let known = 0
  let otherKnown = 0
  // Where one has none, nothing is to be found.
  const end = one.names > 0 && other.names > 0 ? count : 0
  for (let nth = 0; nth < end; nth += 1) {
    if (isName(one.signature, places[nth] ?? 0)) known += 1
    if (isName(other.signature, otherPlaces[nth] ?? 0)) otherKnown += 1
  }
  shared.sharedNames = Math.min(known, otherKnown)
  shared.strangeNames = Math.min(one.names - known, other.names - otherKnown)
}
