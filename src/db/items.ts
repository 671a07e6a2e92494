import { desc, eq, getTableColumns, lt, sql } from 'drizzle-orm'
import { AppError } from '../errors.ts'
import type { Item } from '../model.ts'
import type { Database } from './driver.ts'
import { items, sources } from './schema.ts'

/** Reads items with their sources, and who was called for them. */
export interface ItemReader {
  find(place: number): Item | undefined
  /** Throws `not_found`. */
  get(place: number): Item
  /** Newest first, strictly before the place. */
  listBefore(before: number, limit: number): Item[]
  /** Fills in `calledBy`: the other methods leave it empty. */
  withCalls(found: Item[]): Item[]
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
  // The first chats are enough to say what called it; an item may have gone to thousands.
  const calls = driver
    .prepare<string>(
      `SELECT watches.query FROM (SELECT id FROM alerts WHERE place = ? AND cancelled_at IS NULL ORDER BY id LIMIT 50) alert
         JOIN hits ON hits.alert_id = alert.id AND NOT hits.cancelled JOIN watches ON watches.id = hits.watch_id
       ORDER BY alert.id, watches.id`,
    )
    .pluck()

  function find(place: number): Item | undefined {
    const row = byPlace.get({ place })
    return row && toItem(row)
  }

  return {
    find,
    get(place) {
      const item = find(place)
      if (!item) throw new AppError('not_found', `There is no item at place ${place}.`)
      return item
    },
    listBefore: (place, limit) => before.all({ before: place, limit }).map(toItem),
    withCalls: (found) => found.map((item) => ({ ...item, calledBy: [...new Set(calls.all(item.place))] })),
  }
}

// The whole text, where there is one, stands in place of what the source published of it.
const { fullContent, sourceId, contentKey, ...columns } = getTableColumns(items)
const ITEM_COLUMNS = { ...columns, content: sql<string | null>`coalesce(${fullContent}, ${columns.content})` }

const { id, url, host, tags, siteUrl, givenTitle, foundTitle } = getTableColumns(sources)
const SOURCE_COLUMNS = { id, url, host, tags, siteUrl, givenTitle, foundTitle }

interface ItemRow {
  item: Omit<typeof items.$inferSelect, 'fullContent' | 'sourceId' | 'contentKey'>
  source: Pick<typeof sources.$inferSelect, keyof typeof SOURCE_COLUMNS>
}

function toItem({ item, source }: ItemRow): Item {
  const { givenTitle, foundTitle, ...known } = source
  return { ...item, source: { ...known, title: givenTitle ?? foundTitle ?? known.host }, calledBy: [] }
}
