/** In which slots a word stands, so that a new item is compared only with those that share its rarest words. */
import { longer } from './longer.ts'
import { MAX_SIGNATURE_UNITS, type Signature, wordsOf } from './signature.ts'
import { listedWeights, type WordWeights } from './word-weights.ts'

/** Items that are compared in full for one question. */
export const MAX_CANDIDATES = 12

/** Slots that there is room for at first. */
const FEW = 512
const WORDS = 2 ** 16
/** An item is listed under so many of its words in any case, the rarest; under the others while there is room for them. */
const ALWAYS_LISTED = 16
/** A word that this part of all stories has is asked for last: the few that are listed under it are there by luck. */
const TOO_COMMON = 1 / 64
/** But never one that only so many stories have, however few stories there are. */
const NEVER_COMMON = 100
/** Slots under one word, the newest: among 100,000 items they are those of about the last two days, older ones are hardly joined. */
const ROOM = 16

/** A word weighs half, or a quarter, from this part of the window's stories on. */
const SOMETIMES = 0.03
const OFTEN = 0.1
/** As if so many stories without the word had been told: in a small window the names of one are no common words. */
const STORIES_BEFORE = 3_000

export function createPostings() {
  /** Stories that began with the word, listed under it or not: however many carry one, its words are no more common. */
  const frequency = new Uint32Array(WORDS)
  /** Each word gets room when the first item is listed under it; row 0 is nobody's. */
  const rows = new Uint16Array(WORDS)
  let slots = new Int32Array(ROOM)
  let taken = 0
  const counts = new Uint8Array(WORDS)
  /** Where a word has no more room: whose place the next one takes, the oldest's. */
  const cursors = new Uint8Array(WORDS)
  const listed = listedWeights()
  const weights: WordWeights = { words: listed.words.slice(), pairs: listed.pairs.slice() }
  let stories = 0
  let scores = new Uint16Array(FEW)
  const ranks = new Float64Array(MAX_SIGNATURE_UNITS)
  const best = new Int32Array(MAX_CANDIDATES)
  const touched = new Int32Array(MAX_SIGNATURE_UNITS * ROOM)

  /** Under all words that have room, and under the rarest of the others if those are few. */
  function listAll(words: Uint16Array, slot: number): void {
    let full = 0
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] ?? 0
      if ((counts[word] ?? 0) < ROOM) list(word, slot)
      else ranks[full++] = (frequency[word] ?? 0) * 256 + at
    }
    const missing = ALWAYS_LISTED - (words.length - full)
    if (missing <= 0) return
    bringForward(ranks, full, missing)
    // Frequency and position in one number each.
    for (let at = 0; at < missing && at < full; at += 1) list(words[(ranks[at] ?? 0) % 256] ?? 0, slot)
  }

  function list(word: number, slot: number): void {
    const count = counts[word] ?? 0
    const nth = count < ROOM ? count : (cursors[word] ?? 0) % ROOM
    const start = roomOf(word)
    slots[start + nth] = slot
    if (count < ROOM) counts[word] = count + 1
    else cursors[word] = nth + 1
  }

  /** Where its slots begin. */
  function roomOf(word: number): number {
    if (rows[word] === 0) {
      taken += 1
      rows[word] = taken
      if ((taken + 1) * ROOM > slots.length) slots = longer(slots, (taken + 1) * ROOM)
    }
    return (rows[word] ?? 0) * ROOM
  }

  function unlist(word: number, slot: number): void {
    const start = (rows[word] ?? 0) * ROOM
    const end = start + (counts[word] ?? 0)
    let kept = start
    for (let at = start; at < end; at += 1) {
      const other = slots[at] ?? 0
      if (other !== slot) slots[kept++] = other
    }
    counts[word] = kept - start
    if (kept < end) cursors[word] = 0
  }

  /** In languages whose common words are not known, the window shows them. */
  function count(word: number, change: 1 | -1): void {
    const count = (frequency[word] ?? 0) + change
    frequency[word] = count
    // So few are not common in any window.
    if (count < SOMETIMES * STORIES_BEFORE) return
    const all = stories + STORIES_BEFORE
    const weight = count > OFTEN * all ? 0.25 : count > SOMETIMES * all ? 0.5 : 1
    weights.words[word] = Math.min(weight, listed.words[word] ?? 1)
    weights.pairs[word] = Math.min(weight, listed.pairs[word] ?? 1)
  }

  return {
    weights,
    add(slot: number, signature: Signature, isStory: boolean): void {
      if (slot >= scores.length) scores = new Uint16Array(Math.ceil((slot + 1) * 1.33))
      const words = wordsOf(signature)
      listAll(words, slot)
      if (!isStory) return
      stories += 1
      for (const word of words) count(word, 1)
    },
    remove(slot: number, signature: Signature, isStory: boolean): void {
      if (isStory) stories -= 1
      for (const word of wordsOf(signature)) {
        if (isStory) count(word, -1)
        unlist(word, slot)
      }
    },
    /** The slots that share most rare words with it, MAX_CANDIDATES at most. */
    candidates(signature: Signature): number[] {
      const tooCommon = stories * TOO_COMMON + NEVER_COMMON
      const words = wordsOf(signature)
      // Also for what no story began with: those that joined one are listed under words of their own.
      let met = ask(words, -1, tooCommon, 0)
      if (met < MAX_CANDIDATES) met = ask(words, tooCommon, Number.POSITIVE_INFINITY, met)
      const found = findHighest(met)
      for (let at = 0; at < met; at += 1) scores[touched[at] ?? 0] = 0
      return Array.from(best.subarray(0, found))
    },
  }

  /** Counts for those listed under its words of such a frequency; gives how many slots have been touched by now. */
  function ask(words: Uint16Array, above: number, most: number, touchedBefore: number): number {
    const [table, listed] = [scores, slots]
    let met = touchedBefore
    for (let nth = 0; nth < words.length; nth += 1) {
      const word = words[nth] ?? 0
      const items = frequency[word] ?? 0
      if (items <= above || items > most) continue
      const gain = gainOf(items)
      const start = (rows[word] ?? 0) * ROOM
      const end = start + (counts[word] ?? 0)
      for (let at = start; at < end; at += 1) {
        const slot = listed[at] ?? 0
        const score = table[slot] ?? 0
        if (score === 0) touched[met++] = slot
        table[slot] = score + gain
      }
    }
    return met
  }

  /** Puts the best of those touched into `best`, of equals the first; gives how many that are. */
  function findHighest(met: number): number {
    const table = scores
    let found = 0
    let least = 0
    for (let nth = 0; nth < met; nth += 1) {
      const slot = touched[nth] ?? 0
      const score = table[slot] ?? 0
      if (found === MAX_CANDIDATES && score <= least) continue
      let at = found < MAX_CANDIDATES ? found++ : MAX_CANDIDATES - 1
      for (; at > 0; at -= 1) {
        const before = best[at - 1] ?? 0
        if ((table[before] ?? 0) >= score) break
        best[at] = before
      }
      best[at] = slot
      least = table[best[found - 1] ?? 0] ?? 0
    }
    return found
  }
}

/** Falls with the logarithm of the frequency: 60 for a new word, 20 where 10,000 have it. */
function gainOf(frequency: number): number {
  return (Math.clz32(frequency + 1) ** 2) >> 4
}

/** Brings the lowest so many of the first `count` values to the front, in order. */
function bringForward(values: Float64Array, count: number, wanted: number): void {
  for (let from = 1; from < count; from += 1) {
    const value = values[from] ?? 0
    let at = from
    if (from >= wanted) {
      at = wanted - 1
      if (value >= (values[at] ?? 0)) continue
    }
    for (; at > 0; at -= 1) {
      const before = values[at - 1] ?? 0
      if (before <= value) break
      values[at] = before
    }
    values[at] = value
  }
}
