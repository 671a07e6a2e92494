import type { Item, Query } from '../../model.ts'
import { evaluate } from '../../query/evaluate.ts'
import { asMatchable } from '../../query/item-view.ts'
import type { ItemReader } from '../items/items.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Planner, Wanted } from './search-plan.ts'

/** Which items of a search are listed, each story once. */
export interface StoryFilter {
  /** Another one stands for its story, as is known already: nobody has to read this one. */
  isHidden(place: number): boolean
  /**
   * This one, which matches, stands for its story. Nobody looks any further when the time given has come: not known (null)
   * where that `mayWait`, else it stands for it.
   */
  isTold(item: Item, terms: { judgeUntil: number; mayWait: boolean }): boolean | null
}

/** Each item for itself. */
export const EVERY_ITEM: StoryFilter = { isHidden: () => false, isTold: () => true }

/**
 * For one search after another, which of its matches stand for their stories: nothing else of the story matches, of the item
 * that began it and those that joined before. Each story is looked at once.
 */
export function createStoryFilters(
  { driver, clock }: Database,
  reader: ItemReader,
  planner: Planner,
): (wanted: Wanted) => StoryFilter {
  const storyOf = driver.prepare<number>('SELECT story FROM items WHERE place = ?').pluck()

  return ({ query, now }) => {
    const told = new Map<number, number>()
    let mayMatch: ((place: number) => boolean) | null = null

    return {
      isHidden: (place) => told.size > 0 && (told.get(storyOf.get(place) ?? place) ?? place) !== place,
      isTold({ place, story }, { judgeUntil, mayWait }) {
        const known = told.get(story) ?? (story === place ? place : findFirst(story, place, judgeUntil))
        if (known === null && mayWait) return null
        const first = known ?? place
        told.set(story, first)
        return first === place
      },
    }

    function findFirst(story: number, newest: number, until: number): number | null {
      if (isFound(story)) return story
      for (let after = Number.MIN_SAFE_INTEGER; ; ) {
        const joined = reader.listJoined(story, after, newest)
        for (const place of joined) {
          if (clock() >= until) return null
          if (isFound(place)) return place
        }
        const last = joined.at(-1)
        if (last === undefined) return newest
        after = last
      }
    }

    function isFound(place: number): boolean {
      mayMatch ??= planner.screen({ query, now })
      return mayMatch(place) && isMatch(query, reader.find(place), now)
    }
  }
}

/** Whether an item that is still there matches. */
export function isMatch(query: Query, item: Item | undefined, now: number): boolean {
  return item !== undefined && evaluate(query, asMatchable(item), now) !== null
}
