import type { Item, Matchable } from '../model.ts'
import { publisherOf } from '../source/publisher.ts'
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

/** How many independent publishers carry its story, matching or not, as far as `related` names them. */
export function countPublishers(item: Item): number {
  return new Set([item, ...item.related].map(publisherOf)).size
}
