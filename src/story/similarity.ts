/**
 * Do two items tell the same news? A softer question than identity: a wrong answer only groups oddly, but a follow-up told as
 * the old news is missed. What they are judged by are their signatures (signature.ts), and what these share (shared.ts).
 *
 * Names and figures decide, and where they stand: rewritten copy leads with the same ones though hardly a sentence stays, a
 * follow-up leads with others and has them as background, and a sibling (the same sentences about another town) has other
 * figures. A title over a sentence says too little for that, so it is judged strictly. What is common is known from lists,
 * and only beyond them from other items: the answer is the same in an empty window and in a full one.
 */
import { HOUR_MS } from '../time.ts'
import { createSharing, leastShared, type Shared } from './shared.ts'
import { bitsOf } from './side.ts'
import { HEAD, isBare, isMatter, type Signature, titleKeyOf, WEEKDAY, WEEKDAYS_NAMED } from './signature.ts'
import { OF_NAMED, OF_PAIRS, OF_WORDS, type Weights } from './similarity-weights.ts'
import { ASKING, GATHERED, MARKET } from './title-kinds.ts'
import { listedWeights, type WordWeights } from './word-weights.ts'

/** Names of this file: an imported one would be looked up for every word. */
const { titleWords: TITLE_WORDS, flags: FLAGS, matter: MATTER, size: BEGIN } = HEAD
const { titleActs: TITLE_ACTS, leadActs: LEAD_ACTS } = HEAD

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
 * `weights`: of all words. They do not count where the whole title is the same: a story that many carry makes its own words
 * common.
 */
export function createComparison(weights: WordWeights = listedWeights()): Comparison {
  const sharing = createSharing(weights)
  let one: Signature = new Uint16Array(BEGIN)

  return {
    begin(signature) {
      one = signature
      sharing.begin(signature)
    },
    likeness(other, apartMs) {
      if (isOne(one, other, GATHERED)) return Number.NEGATIVE_INFINITY
      const shared = sharing.share(other, haveOneTitle(one, other))
      if (!shared || shared.weight < leastOf(one, other, shared, apartMs)) return Number.NEGATIVE_INFINITY
      const likeness = likenessOf(one, other, shared, apartMs)
      // The weights tell rewrites from siblings, and copy that is handed on word for word looks like a sibling to them.
      const isHandedOn = apartMs <= AGAIN_WITHIN && isCopied(shared, 0) && !isBare(one) && !isBare(other)
      return isHandedOn ? Math.max(likeness, SAME_NEWS) : likeness
    },
    isCopy(other) {
      const shared = sharing.share(other, true)
      return shared !== null && isCopied(shared, haveOneTitle(one, other) ? LEAST_OF_TITLE : COPY_LEAST)
    },
  }
}

/** So much must be shared: the less, the more the titles say. */
function leastOf(one: Signature, other: Signature, shared: Shared, apartMs: number): number {
  const { bothTitles, bothWholeTitles, numbers, moreNumbers } = shared
  const isAgain = bothWholeTitles === 1 && numbers === moreNumbers && isBare(one) && isBare(other)
  if (isAgain && apartMs <= AGAIN_WITHIN) return LEAST_AGAIN
  const isTelling = titleKeyOf(one) !== 0
  const isOtherTelling = titleKeyOf(other) !== 0
  if (!isTelling && !isOtherTelling) return LEAST_UNDER_ANY_TITLE
  return isTelling && isOtherTelling && bothTitles >= ONE_TITLE ? LEAST_OF_TITLE : leastShared(shared.isPaired)
}

function likenessOf(one: Signature, other: Signature, shared: Shared, apartMs: number): number {
  const of = shared.isPaired ? OF_PAIRS : shared.sharedNames >= SOME_NAMES ? OF_NAMED : OF_WORDS
  const conflict = Math.max(0, 1 - (shared.numbers + 0.5) / (shared.fewerNumbers + 0.5))
  const halfDays = Math.min(apartMs / HALF_DAY, MOST_HALF_DAYS) * (isCopied(shared, COPY_LEAST) ? TIME_OF_COPY : 1)
  return (
    of.begin +
    (shared.brevity > 0 ? shared.brevity * ofBrief(one, other, shared, halfDays, of.brief) : 0) +
    of.lacked * shared.copied * Math.min(1, shared.lacked) +
    of.conflict * shared.copied * conflict +
    of.template * oneIf(isTemplate(one, other)) +
    of.market * oneIf(isOne(one, other, MARKET)) +
    of.ownMatter * Math.min(MOST_MATTER, shared.ownMatter) +
    of.inBothLeads * Math.log1p(shared.inBothLeads) +
    of.leadLacked * Math.log1p(shared.leadLacked) +
    of.rows * Math.log1p(shared.rows) +
    of.sharedNumbers * Math.log1p(shared.numbers) +
    of.manyNumbers * Math.log1p(shared.numbers) ** 2 +
    of.shared * Math.log(shared.weight) +
    of.ownActs * ownActs(one, other) +
    of.ownCounts * shared.ownCounts +
    of.ownTitle * shared.ownTitle +
    of.strangeNames * Math.log1p(shared.strangeNames) +
    of.ownSentences * Math.log1p(shared.rows) * Math.log1p(shared.strangeNames) +
    of.unlikeLengths * Math.log(shared.lengthRatio) +
    of.excess * Math.log(shared.excess) +
    of.titles * shared.bothWholeTitles +
    of.otherWeekday * oneIf(isOtherWeekday(one, other)) +
    of.sameWeekdays * oneIf(areSameWeekdays(one, other)) +
    of.otherFirstDay * oneIf(shared.isOtherFirstDay) +
    of.otherDay * oneIf(shared.isOtherDay) +
    of.atOnce * oneIf(apartMs <= AT_ONCE) +
    of.halfDays * halfDays
  )
}

/** What comes to the likeness where little is said. */
function ofBrief(one: Signature, other: Signature, shared: Shared, halfDays: number, of: BriefWeights): number {
  return (
    of.begin +
    of.sharedNumbers * Math.log1p(Math.min(shared.numbers, ONE_FIGURE)) +
    of.bothTitles * shared.bothTitles +
    of.sameTitle * oneIf(isOneTitle(one, other, shared)) +
    of.asking * oneIf(isOne(one, other, ASKING)) +
    of.otherWeekday * oneIf(isOtherWeekday(one, other)) +
    of.halfDays * halfDays
  )
}

function oneIf(is: boolean): number {
  return is ? 1 : 0
}

/** One title says what the other does, over the same figures: all of it, or in one row where there is no text. */
function isOneTitle(one: Signature, other: Signature, shared: Shared): boolean {
  if (shared.numbers < shared.fewerNumbers) return false
  if (haveOneTitle(one, other)) return true
  if (shared.moreNumbers - shared.numbers > MORE_FIGURES) return false
  if (shared.bothWholeTitles === 1) return true
  return isWithin(one, other, shared) && shared.titleRows <= 1 && (isBare(one) || isBare(other))
}

/** All words of one title stand in the other, and both tell something. */
function isWithin(one: Signature, other: Signature, { bothTitles }: Shared): boolean {
  return bothTitles === 1 && titleKeyOf(one) !== 0 && titleKeyOf(other) !== 0
}

function haveOneTitle(one: Signature, other: Signature): boolean {
  return titleKeyOf(one) !== 0 && titleKeyOf(one) === titleKeyOf(other)
}

/** Of this kind is one of the two, not both. */
function isOne(one: Signature, other: Signature, kind: number): boolean {
  return (((one[FLAGS] ?? 0) ^ (other[FLAGS] ?? 0)) & kind) !== 0
}

/** Both texts name a weekday, and another one first, which is not only the order in which they name the same. */
function isOtherWeekday(one: Signature, other: Signature): boolean {
  if (!areWeekdays(one, other) || (((one[FLAGS] ?? 0) ^ (other[FLAGS] ?? 0)) & WEEKDAY) === 0) return false
  return !(namesWeekdayOf(one, other) && namesWeekdayOf(other, one))
}

/** Both texts name weekdays, and the same ones. */
function areSameWeekdays(one: Signature, other: Signature): boolean {
  return areWeekdays(one, other) && (((one[FLAGS] ?? 0) ^ (other[FLAGS] ?? 0)) & WEEKDAYS_NAMED) === 0
}

function areWeekdays(one: Signature, other: Signature): boolean {
  return ((one[FLAGS] ?? 0) & WEEKDAY) !== 0 && ((other[FLAGS] ?? 0) & WEEKDAY) !== 0
}

/** Whether one text names the weekday that the other names first. */
function namesWeekdayOf(one: Signature, other: Signature): boolean {
  const first = ((other[FLAGS] ?? 0) & WEEKDAY) >>> 3
  return (((one[FLAGS] ?? 0) & WEEKDAYS_NAMED) >>> (6 + first)) % 2 === 1
}

/** How many acts one title tells that the other lead does not: of the item that has more of them. */
function ownActs(one: Signature, other: Signature): number {
  const own = (one[TITLE_ACTS] ?? 0) & ~(other[LEAD_ACTS] ?? 0)
  const otherOwn = (other[TITLE_ACTS] ?? 0) & ~(one[LEAD_ACTS] ?? 0)
  return Math.max(bitsOf(own), bitsOf(otherOwn))
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

/** One word may have its capital by accident: a heading, a link. */
const SOME_NAMES = 2

const HALF_DAY = 12 * HOUR_MS
/** What a feed does not date has the time of a poll, of which there are many within this. */
const AT_ONCE = HOUR_MS / 3
/** Later than this it makes no difference any more: such items are one only when they are copies. */
const MOST_HALF_DAYS = 3
/** A paper may print a copy a day late. Not fitted: the sets have few, and all of another paper's are the same news. */
const TIME_OF_COPY = 0.5
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

/** Weight of a long number: that one is shared says little, a follow-up repeats it. */
const ONE_FIGURE = 4.5
/** Words of a title, and the part of them that is the same in both: less is a way to begin a title. */
const LEAST_TEMPLATE = 4
const TEMPLATE = 0.6
/** So many words of its own say that a title is another one; more say no more. */
const MOST_MATTER = 4
/** A copy within one source: columns and tables have less than this in common from day to day. */
const COPIED = 0.9
const COPY_LEAST = 40

type BriefWeights = Weights['brief']
