import type { Database, Statement } from '../sqlite/driver.ts'

/** Places that may match, newest first, some at a time. */
export interface Batches {
  /** Nothing else than what matches is listed. */
  isExact: boolean
  /** From places before `before` down to where they were to end. */
  listBatches(before: number): Iterable<Batch>
  /** The same by one question that takes long where there is nothing to be found. */
  listAtOnce?: () => Batches
}

/** All places from `start` on (and before those of the last batch) that may match. */
export interface Batch {
  places: number[]
  start: number
}

/** Items in SQL: a select, and the values in it. */
export interface Selection {
  select: string
  values: Record<string, unknown>
  isExact: boolean
}

/** Some of what the full text finds: those that meet the conditions, how many it looked at, and the last of them. */
export type Ask = (bounds: Record<string, unknown>) => { places: number[]; asked: number; last: number | undefined }

/**
 * What is looked through first: some minutes; where common words are to meet, so many items that they do, if they do; or all
 * there is, where few come of it.
 */
export type FirstStretch = 'minutes' | 'items' | 'everything'

const FIRST_MINUTES = 600_000 * 1000
const FIRST_ITEMS = 100
/** More items do not come into a stretch at once, however long it is: thousands may have come within a minute. */
const MOST_ITEMS = 1_000
/** Where so many are looked at in no time, they are not counted any more. */
const MOST_COUNTED = 16_384
/** Longer than all places there can be. */
const EVERYTHING = 2 ** 53
/** Every item: so many at once. */
const ITEMS_AT_ONCE = 64
const LARGEST_CHUNK = 16_384
/** What one question is to take. */
const QUESTION_MS = 5
const MOST_GROWTH = 8
/** Some questions take as long for little as for much. */
const LEAST_GROWTH = 1.3

/**
 * Asks for the places from `from` on, and each time for more, as long as that takes no longer than it should: nothing stops
 * SQLite on its way. Of questions that differ in more than their values, `shapes` are kept as statements; for one beyond
 * there is no way (null).
 */
export function createBatches({ driver, clock }: Database, shapes: number) {
  const newestBefore = driver.prepare<number | null>('SELECT max(place) FROM items WHERE place < ?').pluck()
  // The smallest table that has a row for each item.
  const itemBack = driver
    .prepare<number>('SELECT id FROM items_text_docsize WHERE id <= ? ORDER BY id DESC LIMIT 1 OFFSET ?')
    .pluck()
  const everything = driver
    .prepare<number>('SELECT place FROM items WHERE place >= ? AND place < ? ORDER BY place DESC LIMIT ?')
    .pluck()
  const numbers = new Map<string, Statement<number>>()
  const rows = new Map<string, Statement<unknown[]>>()

  return { inStretches, inChunks, allItems, askRows, placesOf }

  /** Each stretch of `place` is taken whole, and is longer than the last. */
  function inStretches(
    { select, values, isExact }: Selection,
    from: number,
    first: FirstStretch = 'minutes',
  ): Batches | null {
    const statement = placesOf(select)
    if (!statement) return null

    const listBatches = function* (before: number): Generator<Batch> {
      let end = before
      let stretch: number | null = null
      let most = MOST_ITEMS
      for (;;) {
        // Stretches without any item are leapt over.
        const newest = newestBefore.get(end) ?? null
        if (newest === null || newest < from) return
        stretch ??= lengthOf(first, newest, from)
        const fullAt = first === 'everything' || most > MOST_COUNTED ? from : startOf(most, newest, from)
        const wanted = stretch >= EVERYTHING ? from : Math.max(newest + 1 - stretch, from)
        const start = Math.max(wanted, fullAt)
        const startedAt = clock()
        const places = statement.all({ ...values, start: BigInt(start), end: BigInt(newest + 1) })
        const growth = growthAfter(startedAt)
        if (start > wanted) most = Math.ceil(most * growth)
        else stretch = Math.ceil(stretch * growth)
        yield { places, start }
        end = start
      }
    }
    return { isExact, listBatches }
  }

  function lengthOf(first: FirstStretch, newest: number, from: number): number {
    if (first === 'items') return newest + 1 - startOf(FIRST_ITEMS, newest, from)
    return first === 'minutes' ? FIRST_MINUTES : EVERYTHING
  }

  /** Where so many items begin, of which this is the newest; `from` where there are fewer. */
  function startOf(count: number, newest: number, from: number): number {
    return itemBack.get(newest, count - 1) ?? from
  }

  /** As the full text finds them: `first` of them, then the more the less time it takes. */
  function inChunks(
    { ask, values, isExact }: Omit<Selection, 'select'> & { ask: Ask },
    from: number,
    first: number,
  ): Batches {
    const listBatches = function* (before: number): Generator<Batch> {
      let end = before
      for (let count = Math.min(LARGEST_CHUNK, first); end > from; ) {
        const startedAt = clock()
        const { places, asked, last } = ask({ ...values, start: BigInt(from), end: BigInt(end), count })
        end = asked < count ? from : (last ?? from)
        count = Math.min(LARGEST_CHUNK, Math.ceil(count * growthAfter(startedAt)))
        yield { places, start: end }
      }
    }
    return { isExact, listBatches }
  }

  function allItems(from: number): Batches {
    function* listBatches(before: number): Generator<Batch> {
      for (let end = before; ; ) {
        const places = everything.all(from, end, ITEMS_AT_ONCE)
        const start = places.at(-1)
        if (start === undefined) return
        yield { places, start }
        end = start
      }
    }
    return { isExact: false, listBatches }
  }

  /** Rows of a place and whether it is one. */
  function askRows(select: string): Ask | null {
    const statement = keep(rows, shapes, select, () => driver.prepare(select).raw())
    if (!statement) return null
    return (bounds) => {
      // Two whole numbers, or NULL for what is not known.
      const found = statement.all(bounds) as [number, 0 | 1 | null][]
      const places = found.flatMap(([place, isOne]) => (isOne ? place : []))
      return { places, asked: found.length, last: found.at(-1)?.[0] }
    }
  }

  /** A select of places, or of one number. */
  function placesOf(select: string): Statement<number> | undefined {
    return keep(numbers, shapes, select, () => driver.prepare<number>(select).pluck())
  }

  function growthAfter(startedAt: number): number {
    return Math.min(MOST_GROWTH, Math.max(LEAST_GROWTH, QUESTION_MS / (clock() - startedAt)))
  }
}

/** Each of the places that are selected is one. */
export function askPlaces(statement: Statement<number>): Ask {
  return (bounds) => {
    const places = statement.all(bounds)
    return { places, asked: places.length, last: places.at(-1) }
  }
}

function keep<T>(kept: Map<string, T>, most: number, select: string, make: () => T): T | undefined {
  const known = kept.get(select)
  if (known || kept.size >= most) return known
  const made = make()
  kept.set(select, made)
  return made
}
