import { expect, test } from 'vitest'
import { isStoryOver } from '../../src/actions/story.ts'
import type { Item } from '../../src/model.ts'
import { NOW } from '../support/store.ts'

const HOUR = 3_600_000

/** Of the moments that count; nothing else of an item is asked. */
function itemOf(publishedAt: number | null, firstSeenAt: number, more: Partial<Item> = {}): Item {
  return { publishedAt, firstSeenAt, related: [], ...more } as unknown as Item
}

test.each<[string, boolean, Item]>([
  ['72 hours and a moment after it came', true, itemOf(null, NOW - 72 * HOUR - 1)],
  ['not after 72 hours', false, itemOf(null, NOW - 72 * HOUR)],
  ['by its date, where that is earlier', true, itemOf(NOW - 73 * HOUR, NOW)],
  ['not by a date that is later', true, itemOf(NOW, NOW - 73 * HOUR)],
  ['not while another item of it is young', false, itemOf(null, 0, { related: [itemOf(null, NOW)] })],
  [
    'for all that is known not where not all of it is',
    false,
    itemOf(null, 0, { relatedCount: { sources: 60, isMore: true } }),
  ],
])('a story is over %s', (_, isOver, item) => {
  expect(isStoryOver(item, NOW)).toBe(isOver)
})
