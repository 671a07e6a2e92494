/** What is asked of the story of a stored item: who carries it, and whether it is over. */
import type { Item } from '../model.ts'
import type { Store } from '../ports.ts'
import { sourceTitle } from '../publish/related.ts'
import { publisherOf } from '../story/publisher.ts'
import { STORY_WINDOW_MS } from '../story/story-index.ts'

/**
 * Whether nothing joins its story any more: its newest item, too, has left the window (72 h). Of one with more items than
 * `related` names that is not known: then it is false.
 */
export function isStoryOver(item: Item, now: number): boolean {
  if (item.relatedCount !== undefined) return false
  const happened = [item, ...item.related].map(({ publishedAt, firstSeenAt }) =>
    Math.min(publishedAt ?? firstSeenAt, firstSeenAt),
  )
  return Math.max(...happened) < now - STORY_WINDOW_MS
}

/** Who carries a story. */
export interface Carriers {
  /** Independent publishers, all of them. */
  count: number
  /** The title of one source of each, the earliest first; fewer than `count` where `related` does not name all. */
  names: string[]
}

/** Who carries the story of this item, which has its `related`. */
export async function findCarriers(store: Pick<Store, 'countPublishers'>, item: Item): Promise<Carriers> {
  const names = new Map<string, string>()
  for (const each of [item, ...item.related].sort((a, b) => a.place - b.place)) {
    const publisher = publisherOf(each)
    if (!names.has(publisher)) names.set(publisher, sourceTitle(each))
  }
  return { count: await store.countPublishers(item.story), names: [...names.values()] }
}
