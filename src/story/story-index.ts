/** The items of the last days, so that a new one finds those that tell the same news without being compared with all. */

import { HOUR_MS } from '../time.ts'
import { MAX_SIGNATURE_UNITS, type Signature, titleKeyOf, wordsOf } from './signature.ts'
import { createComparison, SAME_NEWS } from './similarity.ts'
import { listedWeights, type WordWeights } from './word-weights.ts'

/** What the index keeps of an item. */
export interface StoryMember {
  place: number
  /** The place of the item that began its story. */
  story: number
  /** Published, else first seen; UTC milliseconds. */
  at: number
  sourceId: number
  /** The language's first part ("en"); '' for Latin text that does not say. */
  language: string
  /** Of the canonical address, as 52 bits; 0 without an address of its own. */
  urlKey: number
  signature: Signature
}

export type StoryStranger = Omit<StoryMember, 'place' | 'story'>

export interface StoryIndex {
  /** The story that this item tells too, or null: it begins one. Changes nothing. */
  find(item: StoryStranger): number | null
  /** Takes the place of the member that is already there, if one is. */
  add(member: StoryMember): void
  /** What is not there is no error. */
  remove(place: number): void
  /** Takes out what happened before this moment; looks at so many members, from where it ended the last time (all). */
  forgetBefore(at: number, looked?: number): void
  readonly size: number
}

/** Items further apart tell two stories, however alike: a column of every week, a follow-up. */
export const STORY_WINDOW_MS = 72 * HOUR_MS

/** Items that are compared in full for one question. */
const MAX_CANDIDATES = 12
/** Steps along one chain: thousands of items under one title or address must not cost more than a few. */
const MAX_STEPS = 256
/** A source's own copies come one upon the other: what it says again later in the same words is another case. */
const COPY_MS = HOUR_MS
/** So many members are asked beside the one that is most like it: the story's first, and the newest. */
const MOST_ASKED = 8
/** What is less like it says no more against it. */
const LEAST_LIKE = -6

/**
 * 100,000 items take some 55 MB, a question some 50 µs. What it costs follows the item, not the number of members.
 *
 * An item joins the story of the member that is most like it, if the others do not say too much against it: a follow-up is
 * like one telling of what was before, and unlike the rest. A source tells a story once: its next item about the same is
 * a follow-up, or another case in the same words, so it joins no story that the source is in already, unless it is a copy
 * that comes within the hour.
 */
export function createStoryIndex(): StoryIndex {
  const members = createMembers()
  const postings = createPostings()
  const comparison = createComparison(postings.weights)
  const [byPlace, byStory, byUrl, byTitle] = [createChains(), createChains(), createChains(), createChains()]

  function slotOf(place: number): number {
    return byPlace.find(place, (slot) => members.place(slot) === place)
  }

  function find(item: StoryStranger): number | null {
    const twin = findUrlTwin(item)
    if (twin >= 0) return members.story(twin)

    comparison.begin(item.signature)
    const alike: { slot: number; likeness: number }[] = []
    for (const slot of candidates(item)) {
      if (!members.isNear(slot, item)) continue
      const likeness = likenessTo(slot, item)
      if (likeness >= SAME_NEWS) alike.push({ slot, likeness })
    }
    // Most are like nothing.
    if (alike.length === 0) return null
    alike.sort((a, b) => b.likeness - a.likeness || members.place(a.slot) - members.place(b.slot))
    const asked = new Set<number>()
    for (const { slot, likeness } of alike) {
      const story = members.story(slot)
      if (asked.has(story)) continue
      asked.add(story)
      if (likeness + likenessToAll(story, item) >= 2 * SAME_NEWS && isOpen(story, item)) return story
    }
    return null
  }

  /** Slots of those that share rare words or the whole title with it. */
  function candidates({ signature }: StoryStranger): number[] {
    const slots = postings.candidates(signature)
    const title = titleKeyOf(signature)
    if (title === 0) return slots
    let titled = 0
    byTitle.walk(title, (slot) => {
      if (titled === MAX_CANDIDATES || titleKeyOf(members.signature(slot)) !== title) return
      titled += 1
      if (!slots.includes(slot)) slots.push(slot)
    })
    return slots
  }

  function beginsStory(slot: number): boolean {
    return members.story(slot) === members.place(slot)
  }

  function likenessTo(slot: number, item: StoryStranger): number {
    return comparison.likeness(members.signature(slot), Math.abs(members.at(slot) - item.at))
  }

  /** The mean of the story's first item and its newest. */
  function likenessToAll(story: number, item: StoryStranger): number {
    let [sum, asked, strangers] = [0, 0, 0]
    const ask = (slot: number) => {
      const likeness = likenessTo(slot, item)
      asked += 1
      if (likeness === Number.NEGATIVE_INFINITY) strangers += 1
      else sum += Math.max(LEAST_LIKE, likeness)
    }
    const first = slotOf(story)
    if (first >= 0) ask(first)
    byStory.walk(story, (slot) => {
      if (asked < MOST_ASKED && slot !== first && members.story(slot) === story) ask(slot)
    })
    // One that shares next to nothing with it may be told from another side. The more of them, the more each says against it.
    sum += strangers * Math.max(LEAST_LIKE, -strangers)
    return asked === 0 ? SAME_NEWS : sum / asked
  }

  /** Whether this item may join the story: it is no follow-up of a source's own item. */
  function isOpen(story: number, item: StoryStranger): boolean {
    let isClosed = false
    byStory.walk(story, (slot) => {
      if (members.story(slot) !== story || members.sourceId(slot) !== item.sourceId) return
      isClosed ||= Math.abs(members.at(slot) - item.at) > COPY_MS || !comparison.isCopy(members.signature(slot))
    })
    return !isClosed
  }

  /** The member under the same address; -1 where there is none, or the address is no item's own (a homepage, say). */
  function findUrlTwin(item: StoryStranger): number {
    const { urlKey, sourceId } = item
    if (urlKey === 0) return -1
    let twin = -1
    let sources: Set<number> | null = null
    let isShared = false
    byUrl.walk(urlKey, (slot) => {
      if (members.urlKey(slot) !== urlKey || !members.isNear(slot, item)) return
      sources ??= new Set([sourceId])
      isShared ||= sources.has(members.sourceId(slot))
      sources.add(members.sourceId(slot))
      if (twin < 0 || members.story(slot) < members.story(twin)) twin = slot
    })
    return isShared ? -1 : twin
  }

  function remove(place: number): void {
    const slot = slotOf(place)
    if (slot < 0) return
    const signature = members.signature(slot)
    postings.remove(slot, signature, beginsStory(slot))
    byPlace.remove(place, slot)
    byStory.remove(members.story(slot), slot)
    const [url, title] = [members.urlKey(slot), titleKeyOf(signature)]
    if (url !== 0) byUrl.remove(url, slot)
    if (title !== 0) byTitle.remove(title, slot)
    members.free(slot)
  }

  return {
    find,
    remove,
    add(member) {
      remove(member.place)
      const slot = members.take(member)
      postings.add(slot, member.signature, beginsStory(slot))
      byPlace.add(member.place, slot)
      byStory.add(member.story, slot)
      if (member.urlKey !== 0) byUrl.add(member.urlKey, slot)
      const title = titleKeyOf(member.signature)
      if (title !== 0) byTitle.add(title, slot)
    },
    forgetBefore(at, looked = Number.POSITIVE_INFINITY) {
      for (const place of members.before(at, looked)) remove(place)
    },
    get size() {
      return members.size()
    },
  }
}

// ---- Members: one slot each, in blocks of typed arrays ----

const BLOCK_BITS = 9
const BLOCK = 2 ** BLOCK_BITS
/** Where a slot stands in its block: what integers do quicker than a division. */
const IN_BLOCK = BLOCK - 1

interface Block {
  place: Float64Array
  story: Float64Array
  at: Float64Array
  urlKey: Float64Array
  sourceId: Float64Array
  language: Uint16Array
  /** Each has room for the longest. */
  signature: Uint16Array
  length: Uint8Array
}

function createMembers() {
  const blocks: Block[] = []
  const free: number[] = []
  /** Languages by number, from 1; 0 marks a free slot. */
  const languages: string[] = ['']
  let used = 0
  let lookedAt = -1

  const blockOf = (slot: number): Block => {
    const block = blocks[slot >>> BLOCK_BITS]
    if (!block) throw new Error(`There is no slot ${slot}.`)
    return block
  }
  const read = (column: Exclude<keyof Block, 'signature' | 'length'>) => (slot: number) =>
    blockOf(slot)[column][slot & IN_BLOCK] ?? 0
  const at = read('at')
  const language = read('language')
  const place = read('place')

  function numberOf(name: string): number {
    const known = languages.indexOf(name, 1)
    return known > 0 ? known : languages.push(name) - 1
  }

  return {
    at,
    place,
    story: read('story'),
    urlKey: read('urlKey'),
    sourceId: read('sourceId'),
    size: () => used - free.length,
    signature(slot: number): Signature {
      const { signature: units, length } = blockOf(slot)
      const start = (slot & IN_BLOCK) * MAX_SIGNATURE_UNITS
      return units.subarray(start, start + (length[slot & IN_BLOCK] ?? 0))
    },
    isNear(slot: number, item: Pick<StoryStranger, 'at' | 'language'>): boolean {
      if (Math.abs(at(slot) - item.at) > STORY_WINDOW_MS) return false
      const name = languages[language(slot)]
      return name === item.language || name === '' || item.language === ''
    },
    take(member: StoryMember): number {
      const slot = free.pop() ?? used
      if (slot === used) used += 1
      if (slot === blocks.length * BLOCK) blocks.push(newBlock())
      const [block, row] = [blockOf(slot), slot & IN_BLOCK]
      block.place[row] = member.place
      block.story[row] = member.story
      block.at[row] = member.at
      block.urlKey[row] = member.urlKey
      block.sourceId[row] = member.sourceId
      block.language[row] = numberOf(member.language)
      block.length[row] = member.signature.length
      block.signature.set(member.signature, row * MAX_SIGNATURE_UNITS)
      return slot
    },
    free(slot: number): void {
      blockOf(slot).language[slot & IN_BLOCK] = 0
      free.push(slot)
    },
    /** Places, of the next so many slots. */
    before(moment: number, looked: number): number[] {
      const found: number[] = []
      let block: Block | undefined
      for (let left = Math.min(looked, used); left > 0; left -= 1) {
        lookedAt = lookedAt + 1 < used ? lookedAt + 1 : 0
        const row = lookedAt & IN_BLOCK
        // Every ingest looks at hundreds: block by block costs a tenth.
        if (!block || row === 0) block = blockOf(lookedAt)
        if ((block.at[row] ?? 0) < moment && block.language[row] !== 0) found.push(block.place[row] ?? 0)
      }
      return found
    },
  }
}

function newBlock(): Block {
  return {
    place: new Float64Array(BLOCK),
    story: new Float64Array(BLOCK),
    at: new Float64Array(BLOCK),
    urlKey: new Float64Array(BLOCK),
    sourceId: new Float64Array(BLOCK),
    language: new Uint16Array(BLOCK),
    signature: new Uint16Array(BLOCK * MAX_SIGNATURE_UNITS),
    length: new Uint8Array(BLOCK),
  }
}

// ---- Chains: slots by a key, the newest first ----

const CHAIN_BITS = 17
const CHAINS = 2 ** CHAIN_BITS

/** A hash table of slots in three arrays. It does not keep the keys: whoever walks a chain looks whether a slot is meant. */
function createChains() {
  // Slots from 1, 0 for none: arrays that begin as zeros take memory only where they are written.
  const heads = new Int32Array(CHAINS)
  let older = new Int32Array(BLOCK)
  let newer = new Int32Array(BLOCK)

  return {
    add(key: number, slot: number): void {
      const link = slot + 1
      if (link >= older.length) {
        older = longer(older, link)
        newer = longer(newer, link)
      }
      const chain = chainOf(key)
      const before = heads[chain] ?? 0
      older[link] = before
      newer[link] = 0
      if (before !== 0) newer[before] = link
      heads[chain] = link
    },
    /** The slot must be there. */
    remove(key: number, slot: number): void {
      const [before, after] = [older[slot + 1] ?? 0, newer[slot + 1] ?? 0]
      if (before !== 0) newer[before] = after
      if (after !== 0) older[after] = before
      else heads[chainOf(key)] = before
    },
    /** The newest slot that is meant; -1 without one. */
    find(key: number, isMeant: (slot: number) => boolean): number {
      let link = heads[chainOf(key)] ?? 0
      while (link !== 0 && !isMeant(link - 1)) link = older[link] ?? 0
      return link - 1
    },
    /** The newest of the chain, among them slots of other keys. */
    walk(key: number, visit: (slot: number) => void): void {
      let link = heads[chainOf(key)] ?? 0
      for (let step = 0; link !== 0 && step < MAX_STEPS; step += 1) {
        visit(link - 1)
        link = older[link] ?? 0
      }
    },
  }
}

/** Keys are integers of up to 53 bits. */
function chainOf(key: number): number {
  const high = Math.floor(key / 2 ** 32)
  return Math.imul((key - high * 2 ** 32) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> (32 - CHAIN_BITS)
}

/** By a third, not by half: 100,000 items have many such arrays. */
function longer(from: Int32Array, slot: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(Math.ceil((slot + 1) * 1.33))
  to.set(from)
  return to
}

// ---- Postings: in which slots a word stands ----

const WORDS = 2 ** 16
/** An item is listed under so many of its words in any case, the rarest; under the others while there is room for them. */
const LISTED = 16
/** The few that are listed under a word which this part of all stories has are a matter of luck: it is asked for last. */
const TOO_COMMON = 1 / 64
/** What so many stories have is no common matter yet. */
const NEVER_COMMON = 100
/** Slots under one word, the newest: among 100,000 items they are those of about the last two days, older ones are hardly joined. */
const ROOM = 16

/** A word weighs half, or a quarter, from this part of the window's stories on. */
const SOMETIMES = 0.03
const OFTEN = 0.1
/** As if so many stories without the word had been told: in a small window the names of one are no common words. */
const STORIES_BEFORE = 3_000

function createPostings() {
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
  let scores = new Uint16Array(BLOCK)
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
    const missing = LISTED - (words.length - full)
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
