import type { Item, Matchable } from '../model.ts'
import { STORY_WINDOW_MS } from '../source/story-index.ts'
import { tokenStream } from '../text.ts'

/** A stored item as queries look at it; its words are cut when they are first asked for. */
export function asMatchable(item: Item): Matchable {
  let title: string | undefined
  let text: string | undefined
  const tokens = {
    get title() {
      title ??= tokenStream(item.title)
      return title
    },
    get text() {
      text ??= tokenStream(item.text)
      return text
    },
  }
  return { ...item, tokens }
}

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
