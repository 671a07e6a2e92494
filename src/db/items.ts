import { and, desc, eq, getTableColumns, lt, sql } from 'drizzle-orm'
import { AppError } from '../errors.ts'
import type { Item, RelatedItem } from '../model.ts'
import type { StoredItem } from '../ports.ts'
import type { Database } from './driver.ts'
import { items, sources } from './schema.ts'

/** More of one story are not listed beside an item. */
const MOST_RELATED = 50

/** Reads items with their sources, who was called for them, and what else tells their stories. */
export interface ItemReader {
  find(place: number): Item | undefined
  findStored(place: number): StoredItem | undefined
  /** Throws `not_found`. */
  get(place: number): Item
  /** Newest first, strictly before the place. */
  listBefore(before: number, limit: number): Item[]
  /** As `listBefore`, each story once: by the item that began it, or by the earliest of the others where that is gone. */
  listStoriesBefore(before: number, limit: number): Item[]
  /** Places of those that joined this story, not of the one that began it: the earliest first. */
  listJoined(story: number): number[]
  /** Fills in `calledBy`: the other methods leave it empty. */
  withCalls<Found extends Item>(found: Found[]): Found[]
  /** Fills in `related`: the other methods leave it empty. An item whose story it has for itself costs one look-up. */
  withRelated<Found extends Item>(found: Found[]): Found[]
}

export function createItemReader({ orm, driver }: Database): ItemReader {
  const selection = { item: ITEM_COLUMNS, source: SOURCE_COLUMNS }
  const select = () => orm.select(selection).from(items).innerJoin(sources, eq(items.sourceId, sources.id))

  const byPlace = select()
    .where(eq(items.place, sql.placeholder('place')))
    .prepare()
  const before = select()
    .where(lt(items.place, sql.placeholder('before')))
    .orderBy(desc(items.place))
    .limit(sql.placeholder('limit'))
    .prepare()
  const storiesBefore = select()
    .where(and(lt(items.place, sql.placeholder('before')), IS_SHOWN))
    .orderBy(desc(items.place))
    .limit(sql.placeholder('limit'))
    .prepare()
  const joined = driver
    .prepare<number>('SELECT place FROM items WHERE story = ? AND story <> place ORDER BY place LIMIT ?')
    .pluck()
  const related = orm
    .select({ item: RELATED_COLUMNS, source: SOURCE_COLUMNS })
    .from(items)
    .innerJoin(sources, eq(items.sourceId, sources.id))
    .where(eq(items.place, sql.placeholder('place')))
    .prepare()
  // The first chats are enough to say what called it; an item may have gone to thousands.
  const calls = driver
    .prepare<string>(
      `SELECT watches.query FROM (SELECT id FROM alerts WHERE place = ? AND cancelled_at IS NULL ORDER BY id LIMIT 50) alert
         JOIN hits ON hits.alert_id = alert.id AND NOT hits.cancelled AND hits.waits_for IS NULL JOIN watches ON watches.id = hits.watch_id
       ORDER BY alert.id, watches.id`,
    )
    .pluck()

  function find(place: number): Item | undefined {
    const row = byPlace.get({ place })
    return row && toItem(row)
  }

  function listRelated({ place, story }: Item): RelatedItem[] {
    // An item of a first backlog may have a place before the one whose story it joined. One place more: it may be its own.
    const places = [...joined.all(story, MOST_RELATED + 1), ...(story === place ? [] : [story])].sort((a, b) => a - b)
    return places
      .filter((other) => other !== place)
      .flatMap((other) => related.all({ place: other }))
      .slice(0, MOST_RELATED)
      .map(({ item, source }) => ({ ...item, source: toItemSource(source) }))
  }

  return {
    find,
    findStored(place) {
      const row = byPlace.get({ place })
      return row && { ...toItem(row), quiet: row.item.quiet }
    },
    get(place) {
      const item = find(place)
      if (!item) throw new AppError('not_found', `There is no item at place ${place}.`)
      return item
    },
    listBefore: (place, limit) => before.all({ before: place, limit }).map(toItem),
    listStoriesBefore: (place, limit) => storiesBefore.all({ before: place, limit }).map(toItem),
    listJoined: (story) => joined.all(story, -1),
    withCalls: (found) => found.map((item) => ({ ...item, calledBy: [...new Set(calls.all(item.place))] })),
    withRelated: (found) => found.map((item) => ({ ...item, related: listRelated(item) })),
  }
}

/** It began its story, or that one is gone and it is the earliest of the others. */
const IS_SHOWN = sql`(${items.story} = ${items.place} OR (
  NOT EXISTS (SELECT 1 FROM items AS begun WHERE begun.place = ${items.story})
  AND NOT EXISTS (SELECT 1 FROM items AS earlier
    WHERE earlier.story = ${items.story} AND earlier.story <> earlier.place AND earlier.place < ${items.place})))`

// The whole text, where there is one, stands in place of what the source published of it.
const { fullContent, sourceId, contentKey, ...columns } = getTableColumns(items)
const ITEM_COLUMNS = { ...columns, content: sql<string | null>`coalesce(${fullContent}, ${columns.content})` }

const { place, title, url: itemUrl, publishedAt, firstSeenAt } = columns
const RELATED_COLUMNS = { place, title, url: itemUrl, publishedAt, firstSeenAt }

const { id, url, host, tags, siteUrl, givenTitle, foundTitle } = getTableColumns(sources)
const SOURCE_COLUMNS = { id, url, host, tags, siteUrl, givenTitle, foundTitle }

interface ItemRow {
  item: Omit<typeof items.$inferSelect, 'fullContent' | 'sourceId' | 'contentKey'>
  source: SourceColumns
}

type SourceColumns = Pick<typeof sources.$inferSelect, keyof typeof SOURCE_COLUMNS>

function toItem({ item, source }: ItemRow): Item {
  const { quiet, ...shown } = item
  return { ...shown, source: toItemSource(source), calledBy: [], related: [] }
}

function toItemSource({ givenTitle, foundTitle, ...known }: SourceColumns): Item['source'] {
  return { ...known, title: givenTitle ?? foundTitle ?? known.host }
}
