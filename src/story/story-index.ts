/** The items of the last days, so that a new one finds those that tell the same news without being compared with all. */
import { HOUR_MS } from '../time.ts'
import { createChains } from './chains.ts'
import { createPostings, MAX_CANDIDATES } from './postings.ts'
import { titleKeyOf } from './signature.ts'
import { createComparison, SAME_NEWS } from './similarity.ts'
import { createMembers, type StoryMember, type StoryStranger } from './story-members.ts'

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

  function isNear(slot: number, { at, language }: StoryStranger): boolean {
    return Math.abs(members.at(slot) - at) <= STORY_WINDOW_MS && members.mayBe(slot, language)
  }

  function find(item: StoryStranger): number | null {
    const twin = findUrlTwin(item)
    if (twin >= 0) return members.story(twin)

    comparison.begin(item.signature)
    const alike: { slot: number; likeness: number }[] = []
    for (const slot of candidates(item)) {
      if (!isNear(slot, item)) continue
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
      if (members.urlKey(slot) !== urlKey || !isNear(slot, item)) return
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
