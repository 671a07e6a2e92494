import type { Item, Query } from '../../model.ts'
import type { ItemCount, ItemPage, StoredItem } from '../../ports.ts'
import type { ItemReader } from '../items/items.ts'
import type { Database } from '../sqlite/driver.ts'
import { createPlanner, type Sizes } from './search-plan.ts'
import { createWalk } from './search-walk.ts'
import { createStoryFilters, EVERY_ITEM, isMatch } from './story-filter.ts'
import { createUrlSearch } from './url-search.ts'

/** The event loop waits while SQLite works: a search looks back this long at once, then says how far it came. */
const SEARCH_MS = 30
/** A count says that there are more after this long. */
const COUNT_MS = 10

export interface Search {
  /**
   * The newest items that a query matches, strictly before a place. Stretches of `place` are looked through newest first,
   * each longer than the last, until there are enough or time is up. `related` and `calledBy` are left empty.
   */
  list(options: SearchOptions): ItemPage
  count(options: { query: Query; now: number; most: number }): ItemCount
  /** See `Store.findItemsByUrl`. */
  findByUrl(url: string): StoredItem[]
}

export interface SearchOptions {
  limit: number
  before: number
  query: Query
  now: number
  /** See `ListOptions`. */
  stories?: boolean
}

/**
 * A query becomes SQL (render-query.ts, and text-match.ts for what the full text is asked and what that takes), the planner
 * chooses the way, the walk takes batch after batch. What comes is perhaps too much: `evaluate` decides on each that is not sure.
 */
export function createSearch(db: Database, reader: ItemReader, sizes: Partial<Sizes> = {}): Search {
  const { clock } = db
  const planner = createPlanner(db, sizes)
  const walk = createWalk(db, planner)
  const tellOnce = createStoryFilters(db, reader, planner)

  return { list, count, findByUrl: createUrlSearch(db, reader, walk) }

  function list({ limit, before, query, now, stories }: SearchOptions): ItemPage {
    const items: Item[] = []
    const stopAt = clock() + SEARCH_MS
    const { isHidden, isTold } = stories ? tellOnce({ query, now }) : EVERY_ITEM
    const isEnough = () => items.length > limit
    const way = walk({ query, now, before, stopAt, isEnough, most: limit + 1 }, (place, terms) => {
      if (isHidden(place)) return false
      const item = reader.find(place)
      if (!item || !(terms.isSure || isMatch(query, item, now))) return false
      const told = isTold(item, terms)
      if (told) items.push(item)
      return told === null ? null : true
    })
    if (way.end === 'all') return { items, next: null, lookedBackTo: null }
    if (way.end === 'time') {
      return { items, next: way.before, lookedBackTo: Math.max(0, Math.floor(way.before / 1000)) }
    }
    items.pop()
    return { items, next: items.at(-1)?.place ?? null, lookedBackTo: null }
  }

  function count({ query, now, most }: { query: Query; now: number; most: number }): ItemCount {
    const counted = planner.count({ query, now }, most + 1)
    if (counted !== null) return { count: Math.min(counted, most), isMore: counted > most }

    let found = 0
    const before = Number.MAX_SAFE_INTEGER
    const way = walk(
      { query, now, before, stopAt: clock() + COUNT_MS, isEnough: () => found > most, isCount: true },
      (place, { isSure }) => {
        if (!isSure && !isMatch(query, reader.find(place), now)) return false
        found += 1
        return true
      },
    )
    return { count: Math.min(found, most), isMore: way.end !== 'all' }
  }
}
