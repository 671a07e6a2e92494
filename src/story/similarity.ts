/**
 * Do two items tell the same news? A softer question than identity: a wrong answer only groups oddly, but a follow-up told as
 * the old news is missed. What they are judged by are their signatures (signature.ts).
 *
 * Names and figures decide, and where they stand: rewritten copy leads with the same ones though hardly a sentence stays, a
 * follow-up leads with others and has them as background, and a sibling (the same sentences about another town) has other
 * figures. A title over a sentence says too little for that, so it is judged strictly. What is common is known from lists,
 * and only beyond them from other items: the answer is the same in an empty window and in a full one.
 */
import { tokenStream } from '../text/tokens.ts'
import { HOUR_MS } from '../time.ts'
import { isDayOfMonth, weightOfNumber } from './figures.ts'
import { COMMON_ABROAD, COMMON_HAN, COMMON_WORDS, GENERAL_WORDS } from './news-words.ts'
import {
  ASKING,
  GATHERED,
  HEAD,
  isBare,
  isMatter,
  isName,
  isOfPairs,
  leadOf,
  MARKET,
  MATTER_WORDS,
  MAX_WORDS,
  PAIRED,
  type Signature,
  titleKeyOf,
  WEEKDAY,
  WEEKDAYS_NAMED,
  wordOf,
} from './signature.ts'
import { OF_NAMED, OF_PAIRS, OF_WORDS, type Weights } from './similarity-weights.ts'

/** Own names: imported ones are looked up for every word. */
const { titleWords: TITLE_WORDS, words: WORDS, flags: FLAGS, matter: MATTER, size: BEGIN } = HEAD
const { titleActs: TITLE_ACTS, leadActs: LEAD_ACTS, names: NAMES } = HEAD

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
export function createComparison(weights: WordWeights = LISTED): Comparison {
  /** 1 + where a word stands. */
  const place = new Uint8Array(0x10000)
  const isNumber = new Uint8Array(0x10000)
  let marked: Signature = new Uint16Array(BEGIN)
  let ofWindow = weights.words
  let ofLists = LISTED.words
  let byWindow: Whole = NOTHING
  let byLists: Whole = NOTHING
  let markedNumbers = 0
  let markedCounts = 0
  let markedFirstDay = 0
  let markedNames = 0
  let markedTitle = 0
  let markedDays = 0
  let markedMatter = 0
  let markedLead = 0

  function begin(signature: Signature): void {
    clear()
    marked = signature
    const words = signature[WORDS] ?? 0
    for (let at = 0; at < words; at += 1) place[signature[BEGIN + at] ?? 0] = at + 1
    const script = isOfPairs(signature) ? 'pairs' : 'words'
    ofWindow = weights[script]
    ofLists = LISTED[script]
    byWindow = weigh(signature, ofWindow)
    byLists = ofWindow === ofLists ? byWindow : weigh(signature, ofLists)
    markedNumbers = 0
    markedCounts = 0
    markedFirstDay = 0
    markedNames = namesOf(signature)
    markedTitle = 0
    for (let at = 0; at < (signature[TITLE_WORDS] ?? 0); at += 1)
      markedTitle += rarityOf(ofLists, signature[BEGIN + at] ?? 0)
    markedDays = 0
    markedMatter = weighMatter(ofLists, signature)
    markedLead = leadOf(signature)
    for (let at = BEGIN + words; at < signature.length; at += 1) {
      const number = signature[at] ?? 0
      isNumber[number] = 1
      const weight = weightOfNumber(number)
      markedNumbers += weight
      if (weight >= COUNT) markedCounts += weight
      if (!isDayOfMonth(number)) continue
      markedFirstDay ||= number
      markedDays += 1
    }
  }

  function clear(): void {
    const words = marked[WORDS] ?? 0
    for (let at = 0; at < words; at += 1) place[marked[BEGIN + at] ?? 0] = 0
    for (let at = BEGIN + words; at < marked.length; at += 1) isNumber[marked[at] ?? 0] = 0
  }

  /** Null where too little is shared for any answer but no, and the titles have nothing in common: most are told apart by that. */
  function share(other: Signature, isTitled: boolean): Shared | null {
    const [whole, weightOf] = isTitled ? [byLists, ofLists] : [byWindow, ofWindow]
    const titleWords = marked[TITLE_WORDS] ?? 0
    const [otherWords, otherTitleWords] = [other[WORDS] ?? 0, other[TITLE_WORDS] ?? 0]
    const otherLead = leadOf(other)
    const [matter, otherMatter] = [marked[MATTER] ?? 0, other[MATTER] ?? 0]
    const isPaired = isEither(other, PAIRED)
    // A pair has half the weight of a word: each character stands in two.
    const weightOfEach = isPaired ? 0.5 : 1
    const leastRow = LEAST_ROW / weightOfEach
    let [inBoth, inRow, titleRows] = [0, 0, 0]
    let [words, leadFound, otherLeadFound, inBothLeads] = [0, 0, 0, 0]
    let [matterFound, matterLacked] = [0, 0]
    // In pairs there are none to be looked for at each word.
    const [hasNames, hasOtherNames] = [markedNames > 0, namesOf(other) > 0]
    let [namesKnown, otherNamesStrange] = [0, 0]
    let [titleKnown, otherTitleLacked] = [0, 0]
    let [row, inRows] = [0, 0]
    let before = 0
    for (let at = 0; at < otherWords; at += 1) {
      const word = other[BEGIN + at] ?? 0
      const found = place[word] ?? 0
      const isInTitle = at < otherTitleWords
      // Most words.
      if (found === 0) {
        before = -1
        if (hasOtherNames && isName(other, at)) otherNamesStrange += 1
        if (!isInTitle) continue
        otherTitleLacked += rarityOf(ofLists, word)
        if (isMatter(otherMatter, at)) matterLacked += weightOfMatter(ofLists, word)
        continue
      }
      const weight = weightOf[word] ?? 1
      const isNext = found === before + 1
      words += weight
      if (hasNames && isName(marked, found - 1)) namesKnown += 1
      if (isNext) inRow += weight
      const isInLead = at < otherLead
      if (isInLead) otherLeadFound += weight
      if (found <= markedLead) {
        leadFound += weight
        if (isInLead) inBothLeads += weight
      }
      if (found <= titleWords) {
        titleKnown += rarityOf(ofLists, word)
        if (isMatter(matter, found - 1)) matterFound += weightOfMatter(ofLists, word)
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

    let [numbers, otherNumbers, days, otherDays] = [0, 0, 0, 0]
    let [counts, otherCounts, otherFirstDay] = [0, 0, 0]
    for (let at = BEGIN + otherWords; at < other.length; at += 1) {
      const number = other[at] ?? 0
      const weight = weightOfNumber(number)
      const count = weight >= COUNT ? weight : 0
      otherNumbers += weight
      otherCounts += count
      if (isNumber[number] === 1) {
        numbers += weight
        counts += count
      }
      if (!isDayOfMonth(number)) continue
      otherFirstDay ||= number
      otherDays += 1
      if (isNumber[number] === 1) days += 1
    }
    const weight = words * weightOfEach * WEIGHT_OF_WORD + numbers
    if (weight < leastShared(isPaired) && inBoth === 0) return null

    const otherWhole = weigh(other, weightOf)
    const fewerWords = Math.min(marked[WORDS] ?? 0, otherWords)
    const moreWords = Math.max(marked[WORDS] ?? 0, otherWords)
    const fewerNumbers = Math.min(markedNumbers, otherNumbers)
    return {
      weight,
      brevity: brevityOf(fewerWords * (isPaired ? WORDS_OF_PAIR : 1) + fewerNumbers / WEIGHT_OF_WORD),
      lengthRatio: moreWords / Math.max(1, fewerWords),
      excess: Math.max(1, fewerWords / MAX_WORDS),
      lacked: Math.min(markedMatter - matterFound, matterLacked),
      ownMatter: Math.max(markedMatter - matterFound, matterLacked) * weightOfEach,
      inBothLeads: inBothLeads * weightOfEach,
      leadLacked: Math.max(whole.lead - leadFound, otherWhole.lead - otherLeadFound) * weightOfEach,
      rows: inRows * weightOfEach,
      bothTitles: partOf(inBoth, Math.min(whole.title, otherWhole.title)),
      bothWholeTitles: partOf(inBoth, Math.max(whole.title, otherWhole.title)),
      titleRows: titleRows - (isPaired ? 1 : 0),
      copied: partOf(inRow, Math.min(whole.words, otherWhole.words)),
      numbers,
      fewerNumbers,
      moreNumbers: Math.max(markedNumbers, otherNumbers),
      ownCounts: Math.min(markedCounts, otherCounts) - counts,
      ownTitle: Math.max(markedTitle - titleKnown, otherTitleLacked) * weightOfEach,
      sharedNames: Math.min(namesKnown, namesOf(other) - otherNamesStrange),
      strangeNames: Math.min(markedNames - namesKnown, otherNamesStrange),
      isOtherFirstDay: markedFirstDay !== otherFirstDay && markedFirstDay !== 0 && otherFirstDay !== 0,
      isOtherDay: days === 0 && markedDays > 0 && otherDays > 0,
    }
  }

  /** Of this kind is one of the two, not both. */
  function isOne(other: Signature, kind: number): boolean {
    return (((marked[FLAGS] ?? 0) ^ (other[FLAGS] ?? 0)) & kind) !== 0
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

  function isEither(other: Signature, kind: number): boolean {
    return (((marked[FLAGS] ?? 0) | (other[FLAGS] ?? 0)) & kind) !== 0
  }

  /** Both texts name a weekday, and another one first, which is not only the order in which they name the same. */
  function isOtherWeekday(other: Signature): boolean {
    if (!areWeekdays(other) || (((marked[FLAGS] ?? 0) ^ (other[FLAGS] ?? 0)) & WEEKDAY) === 0) return false
    return !(namesWeekdayOf(marked, other) && namesWeekdayOf(other, marked))
  }

  /** Both texts name weekdays, and the same ones. */
  function areSameWeekdays(other: Signature): boolean {
    return areWeekdays(other) && (((marked[FLAGS] ?? 0) ^ (other[FLAGS] ?? 0)) & WEEKDAYS_NAMED) === 0
  }

  function areWeekdays(other: Signature): boolean {
    return ((marked[FLAGS] ?? 0) & WEEKDAY) !== 0 && ((other[FLAGS] ?? 0) & WEEKDAY) !== 0
  }

  /** How many acts one title tells that the other lead does not: of the item that has more of them. */
  function ownActs(other: Signature): number {
    const own = (marked[TITLE_ACTS] ?? 0) & ~(other[LEAD_ACTS] ?? 0)
    const otherOwn = (other[TITLE_ACTS] ?? 0) & ~(marked[LEAD_ACTS] ?? 0)
    return Math.max(bitsOf(own), bitsOf(otherOwn))
  }

  /** What comes to the likeness where little is said. */
  function ofBrief(other: Signature, shared: Shared, halfDays: number, of: BriefWeights): number {
    return (
      of.begin +
      of.sharedNumbers * Math.log1p(Math.min(shared.numbers, ONE_FIGURE)) +
      of.bothTitles * shared.bothTitles +
      (isOneTitle(other, shared) ? of.sameTitle : 0) +
      (isOne(other, ASKING) ? of.asking : 0) +
      (isOtherWeekday(other) ? of.otherWeekday : 0) +
      of.halfDays * halfDays
    )
  }

  /** So much must be shared: the less, the more the titles say. */
  function leastOf(other: Signature, shared: Shared, apartMs: number): number {
    const { bothTitles, bothWholeTitles, numbers, moreNumbers } = shared
    const isAgain = bothWholeTitles === 1 && numbers === moreNumbers && isBare(marked) && isBare(other)
    if (isAgain && apartMs <= AGAIN_WITHIN) return LEAST_AGAIN
    const [isTelling, isOtherTelling] = [titleKeyOf(marked) !== 0, titleKeyOf(other) !== 0]
    if (!isTelling && !isOtherTelling) return LEAST_UNDER_ANY_TITLE
    return isTelling && isOtherTelling && bothTitles >= ONE_TITLE
      ? LEAST_OF_TITLE
      : leastShared(isEither(other, PAIRED))
  }

  return {
    begin,
    likeness(other, apartMs) {
      if (isOne(other, GATHERED)) return Number.NEGATIVE_INFINITY
      const shared = share(other, hasTitleOf(other))
      if (!shared || shared.weight < leastOf(other, shared, apartMs)) return Number.NEGATIVE_INFINITY
      const conflict = 1 - Math.min(1, (shared.numbers + 0.5) / (shared.fewerNumbers + 0.5))
      const of = isEither(other, PAIRED) ? OF_PAIRS : shared.sharedNames >= SOME_NAMES ? OF_NAMED : OF_WORDS
      const halfDays = Math.min(apartMs / HALF_DAY, MOST_HALF_DAYS) * (isCopied(shared, COPY_LEAST) ? TIME_OF_COPY : 1)
      const likeness =
        of.begin +
        (shared.brevity > 0 ? shared.brevity * ofBrief(other, shared, halfDays, of.brief) : 0) +
        of.lacked * shared.copied * Math.min(1, shared.lacked) +
        of.conflict * shared.copied * conflict +
        (isTemplate(marked, other) ? of.template : 0) +
        (isOne(other, MARKET) ? of.market : 0) +
        of.ownMatter * Math.min(MOST_MATTER, shared.ownMatter) +
        of.inBothLeads * Math.log1p(shared.inBothLeads) +
        of.leadLacked * Math.log1p(shared.leadLacked) +
        of.rows * Math.log1p(shared.rows) +
        of.sharedNumbers * Math.log1p(shared.numbers) +
        of.manyNumbers * Math.log1p(shared.numbers) ** 2 +
        of.shared * Math.log(shared.weight) +
        of.ownActs * ownActs(other) +
        of.ownCounts * shared.ownCounts +
        of.ownTitle * shared.ownTitle +
        of.strangeNames * Math.log1p(shared.strangeNames) +
        of.ownSentences * Math.log1p(shared.rows) * Math.log1p(shared.strangeNames) +
        of.unlikeLengths * Math.log(shared.lengthRatio) +
        of.excess * Math.log(shared.excess) +
        of.titles * shared.bothWholeTitles +
        (isOtherWeekday(other) ? of.otherWeekday : 0) +
        (areSameWeekdays(other) ? of.sameWeekdays : 0) +
        (shared.isOtherFirstDay ? of.otherFirstDay : 0) +
        (shared.isOtherDay ? of.otherDay : 0) +
        (apartMs <= AT_ONCE ? of.atOnce : 0) +
        of.halfDays * halfDays
      // The weights tell rewrites from siblings, and copy that is handed on word for word looks like a sibling to them.
      const isHandedOn = apartMs <= AGAIN_WITHIN && isCopied(shared, 0) && !isBare(marked) && !isBare(other)
      return isHandedOn ? Math.max(likeness, SAME_NEWS) : likeness
    },
    isCopy(other) {
      const isTitled = hasTitleOf(other)
      const shared = share(other, true)
      return shared !== null && isCopied(shared, isTitled ? LEAST_OF_TITLE : COPY_LEAST)
    },
  }
}

/** Whether one text names the weekday that the other names first. */
function namesWeekdayOf(one: Signature, other: Signature): boolean {
  const first = ((other[FLAGS] ?? 0) & WEEKDAY) >>> 3
  return (((one[FLAGS] ?? 0) & WEEKDAYS_NAMED) >>> (6 + first)) % 2 === 1
}

function isCopied({ weight, bothWholeTitles, copied, numbers, moreNumbers }: Shared, least: number): boolean {
  return weight >= least && bothWholeTitles === 1 && copied >= COPIED && numbers === moreNumbers
}

/**
 * Both titles are one row of words but for a name: "Orange warning for Orsa" and "for Melby". It stands in the same place, and
 * each text says its own again, so it is no other word for the same.
 */
function isTemplate(one: Signature, other: Signature): boolean {
  const words = one[TITLE_WORDS] ?? 0
  if (words !== other[TITLE_WORDS] || words < LEAST_TEMPLATE) return false
  const matter = (one[MATTER] ?? 0) & (other[MATTER] ?? 0)
  let [same, isOtherName] = [0, false]
  for (let at = 0; at < words; at += 1) {
    if (one[BEGIN + at] === other[BEGIN + at]) same += 1
    else isOtherName ||= isMatter(matter, at)
  }
  return isOtherName && same >= TEMPLATE * words
}

function leastShared(isPaired: boolean): number {
  return isPaired ? LEAST_SHARED.pairs : LEAST_SHARED.words
}

function weightOfMatter(weights: Float32Array, word: number): number {
  return Math.max(LEAST_MATTER, weights[word] ?? 1)
}

/** 1, or 0 for a common word. */
function rarityOf(weights: Float32Array, word: number): number {
  return weights[word] === 1 ? 1 : 0
}

function namesOf(signature: Signature): number {
  let count = 0
  for (let at = NAMES; at < BEGIN; at += 1) count += bitsOf(signature[at] ?? 0)
  return count
}

function bitsOf(bits: number): number {
  let count = 0
  for (let left = bits; left !== 0; left &= left - 1) count += 1
  return count
}

function weighMatter(weights: Float32Array, signature: Signature): number {
  const matter = signature[MATTER] ?? 0
  let weight = 0
  for (let at = 0; at < MATTER_WORDS; at += 1) {
    if (isMatter(matter, at)) weight += weightOfMatter(weights, signature[BEGIN + at] ?? 0)
  }
  return weight
}

/** From 0 for an item of some words to 1 for one of few. */
function brevityOf(words: number): number {
  return Math.min(1, Math.max(0, (LONG - words) / (LONG - BRIEF_WORDS)))
}

/** Weights of all words of an item, of those in its title, and in its lead. */
interface Whole {
  words: number
  title: number
  lead: number
}

const NOTHING: Whole = { words: 0, title: 0, lead: 0 }

function weigh(signature: Signature, weights: Float32Array): Whole {
  const [titleEnd, leadEnd] = [signature[TITLE_WORDS] ?? 0, leadOf(signature)]
  const title = sum(signature, weights, 0, titleEnd)
  const lead = title + sum(signature, weights, titleEnd, leadEnd)
  return { title, lead, words: lead + sum(signature, weights, leadEnd, signature[WORDS] ?? 0) }
}

function sum(signature: Signature, weights: Float32Array, from: number, to: number): number {
  let all = 0
  for (let at = from; at < to; at += 1) all += weights[signature[BEGIN + at] ?? 0] ?? 1
  return all
}

/** Of one that is not common; a pair of characters has half. */
const WEIGHT_OF_WORD = 4

interface Shared {
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
  /** Of the words and numbers that both have. */
  weight: number
  /** The same of the item that has more of it: what one title says and the other item nowhere. */
  ownMatter: number
  /** Weight of the words that stand in both leads. */
  inBothLeads: number
  /** Weight of the words of a lead that stand nowhere in the other item, for the lead that has more of them. */
  leadLacked: number
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
  /** Weight of the numbers, but for dates, that the other item lacks: of the item that has less of it. */
  ownCounts: number
  /** Words of a title, but for common ones, that stand nowhere in the other item: of the item that has more of them. */
  ownTitle: number
  /** Names of either that the other has too: of the item that has fewer of them. */
  sharedNames: number
  /** Names of one that the other does not have: of the item that has fewer of them. */
  strangeNames: number
  /** Both name days of the month, and another one first. */
  isOtherFirstDay: boolean
  /** Both name days of the month, and none in common. */
  isOtherDay: boolean
}

/** From this weight on a number is no date. */
const COUNT = 1

/** One word may have its capital by accident: a heading, a link. */
const SOME_NAMES = 2

const HALF_DAY = 12 * HOUR_MS
/** What a feed does not date has the time of a poll, of which there are many within this. */
const AT_ONCE = HOUR_MS / 3
/** Later than this it makes no difference any more: such items are one only when they are copies. */
const MOST_HALF_DAYS = 3
/** A paper may print a copy a day late. Not fitted: the sets have few, and all of another paper's are the same news. */
const TIME_OF_COPY = 0.5
/** Three words, or eight pairs of characters: less says nothing, however much of a short item it is. */
const LEAST_SHARED = { words: 12, pairs: 16 }
/** Where one title has the words of the other ("UPDATE 1-", "BREAKING:"), and both tell something. */
const LEAST_OF_TITLE = 8
/** From this part of its words on: all but a common one. */
const ONE_TITLE = 0.9
/** Where neither does: "Release v4.2.0" over a sentence that all releases have. */
const LEAST_UNDER_ANY_TITLE = 32

/** Where neither has a text, and both are one title to the word and figure: a word and a number, soon after one another. */
const LEAST_AGAIN = 5
const AGAIN_WITHIN = 6 * HOUR_MS
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
/** Words of a title, and the part of them that is the same in both: less is a way to begin a title. */
const LEAST_TEMPLATE = 4
const TEMPLATE = 0.6
/** So many words of its own say that a title is another one; more say no more. */
const MOST_MATTER = 4
/** Words that follow one another in both, without the small words: fewer do so by chance. */
const LEAST_ROW = 3

/** A copy within one source: columns and tables have less than this in common from day to day. */
const COPIED = 0.9
const COPY_LEAST = 40

type BriefWeights = Weights['brief']

function partOf(part: number, whole: number): number {
  return whole === 0 ? 0.5 : part / whole
}

/** How much each word says: of texts in words, and of those in pairs of characters. */
export interface WordWeights {
  words: Float32Array
  pairs: Float32Array
}

/** The weight of each word where nothing is known of other items: 1, or less for what much of the news has. */
export function listedWeights(): WordWeights {
  return { words: LISTED.words.slice(), pairs: LISTED.pairs.slice() }
}

/** A pair of characters that is common says less than a word: the pairs around it say the same. */
const COMMON_PAIR = 0.25
const COMMON_WORD = 0.4
const GENERAL_WORD = 0.8

const COMMON = `${COMMON_WORDS} ${COMMON_HAN} ${COMMON_ABROAD}`
const LISTED: WordWeights = {
  words: weightsOf([GENERAL_WORDS, GENERAL_WORD], [COMMON, COMMON_WORD]),
  pairs: weightsOf([COMMON, COMMON_PAIR]),
}

/** The last list in which a word stands says its weight. */
function weightsOf(...lists: [string, number][]): Float32Array {
  const weights = new Float32Array(0x10000).fill(1)
  for (const [list, weight] of lists) {
    for (const word of tokenStream(list.replaceAll('\n', ' ')).split(' ')) {
      const marked = wordOf(word)
      if (marked !== 0) weights[marked] = weight
    }
  }
  return weights
}
