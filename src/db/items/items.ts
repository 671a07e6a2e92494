import { type AnyColumn, desc, eq, getTableColumns, lt, type SQL, sql } from 'drizzle-orm'
import { AppError } from '../../errors.ts'
import type { Item, RelatedCount, RelatedItem } from '../../model.ts'
import type { StoredItem } from '../../ports.ts'
import { sourceTitle } from '../../publish/related.ts'
import type { Database } from '../sqlite/driver.ts'
import { lazily } from '../sqlite/lazily.ts'
import { IS_SHOWN, items, sources } from '../sqlite/schema.ts'

/** So many others of a story are looked at. */
const MOST_RELATED = 50
/** Of those that joined a story so many are listed at once. */
const JOINED_AT_ONCE = 100

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
  /** Places of those that joined this story, not of the one that began it, between the two: the earliest first, a hundred at most. */
  listJoined(story: number, after: number, before: number): number[]
  /** Fills in `calledBy`, `ofStory` by what was told of its whole story: the other methods leave it empty. */
  withCalls<Found extends Item>(found: Found[], ofStory?: boolean): Found[]
  /**
   * Fills in `related`, so many for each at most (fifty without `most`), and `relatedCount` where there are more: the other
   * methods leave them out. Three statements for all of them; an item whose story it has for itself costs a look-up.
   */
  withRelated<Found extends Item>(found: Found[], most?: number): Found[]
}

export function createItemReader({ orm, driver }: Database): ItemReader {
  const selection = { item: ITEM_COLUMNS, source: SOURCE_COLUMNS }
  const select = () => orm.select(selection).from(items).innerJoin(sources, eq(items.sourceId, sources.id))

  const byPlace = lazily(() =>
    select()
      .where(eq(items.place, sql.placeholder('place')))
      .prepare(),
  )
  const before = lazily(() =>
    select()
      .where(lt(items.place, sql.placeholder('before')))
      .orderBy(desc(items.place))
      .limit(sql.placeholder('limit'))
      .prepare(),
  )
  const storiesBefore = lazily(() =>
    select()
      .where(
        sql`${items.place} IN (SELECT place FROM ${items} INDEXED BY items_shown WHERE ${sql.raw(IS_SHOWN)}
        AND place < ${sql.placeholder('before')} ORDER BY place DESC LIMIT ${sql.placeholder('limit')})`,
      )
      .orderBy(desc(items.place))
      .prepare(),
  )
  const joined = driver
    .prepare<number>(
      `SELECT place FROM items INDEXED BY items_story WHERE story = ? AND story <> place AND place > ? AND place < ?
       ORDER BY place LIMIT ${JOINED_AT_ONCE}`,
    )
    .pluck()
  // Of each story the one that began it, and from the index those that joined it first: one more than is needed, for one
  // of them is the item itself, and one more yet to tell that there are more.
  const members = driver.prepare<Member>(
    `SELECT begun.story, begun.place, begun.source_id AS sourceId
       FROM json_each(:stories) AS asked CROSS JOIN items AS begun ON begun.place = asked.value AND begun.story = begun.place
     UNION ALL
     SELECT story, place, source_id FROM json_each(:stories) AS asked CROSS JOIN items INDEXED BY items_story
       ON story = asked.value AND story <> place AND place <= coalesce(
         (SELECT place FROM items INDEXED BY items_story WHERE story = asked.value AND story <> place
          ORDER BY place LIMIT 1 OFFSET ${MOST_RELATED}), 9e15)`,
  )
  const relatedRows = lazily(() =>
    orm
      .select({ ...RELATED_COLUMNS, sourceId: items.sourceId })
      .from(items)
      .where(isIn(items.place, 'places'))
      .prepare(),
  )
  const relatedSources = lazily(() => orm.select(SOURCE_COLUMNS).from(sources).where(isIn(sources.id, 'ids')).prepare())
  // The first chats are enough to say what called it; an item may have gone to thousands.
  const callsBy = (column: 'place' | 'story') =>
    driver.prepare<string>(
      `SELECT watches.query FROM (SELECT id FROM alerts WHERE ${column} = ? AND cancelled_at IS NULL ORDER BY id LIMIT 50) alert
         JOIN hits ON hits.alert_id = alert.id AND NOT hits.cancelled AND hits.waits_for IS NULL JOIN watches ON watches.id = hits.watch_id
       ORDER BY alert.id, watches.id`,
    )
  const calls = callsBy('place').pluck()
  const storyCalls = callsBy('story').pluck()

  function find(place: number): Item | undefined {
    const row = byPlace().get({ place })
    return row && toItem(row)
  }

  function withRelated<Found extends Item>(found: Found[], most = MOST_RELATED): Found[] {
    const stories = listMembers(found)
    const others = found.map(({ place, story }) => stories.get(story)?.filter((member) => member.place !== place) ?? [])
    const tellers = findTellers(others.flat())
    const titles = found.map(sourceTitle)
    const titleOf = (sourceId: number) => tellers.get(sourceId)?.title
    const chosen = others.map((each, i) => chooseRelated(each.slice(0, MOST_RELATED), most, titles[i] ?? '', titleOf))
    const known = findRelated(chosen.flat(), tellers)
    return found.map((item, i) => {
      const all = others[i] ?? []
      const related = chosen[i]?.flatMap(({ place }) => known.get(place) ?? []) ?? []
      if (related.length === all.length) return { ...item, related }
      return { ...item, related, relatedCount: countSources(all, titles[i] ?? '', titleOf) }
    })
  }

  /** By story, the earliest first. */
  function listMembers(found: Item[]): Map<number, Member[]> {
    const stories = new Map<number, Member[]>(found.map(({ story }) => [story, []]))
    for (const member of members.all({ stories: JSON.stringify([...stories.keys()]) })) {
      stories.get(member.story)?.push(member)
    }
    // One of a first backlog may have a place before the one whose story it joined.
    for (const each of stories.values()) each.sort((a, b) => a.place - b.place)
    return stories
  }

  function findTellers(members: Member[]): Map<number, Teller> {
    const ids = [...new Set(members.map(({ sourceId }) => sourceId))]
    if (ids.length === 0) return new Map()
    const rows = relatedSources()
      .all({ ids: JSON.stringify(ids) })
      .map(toItemSource)
    return new Map(rows.map((source) => [source.id, { source, title: sourceTitle({ source }) }]))
  }

  function findRelated(members: Member[], tellers: Map<number, Teller>): Map<number, RelatedItem> {
    const places = [...new Set(members.map(({ place }) => place))]
    if (places.length === 0) return new Map()
    const rows = relatedRows().all({ places: JSON.stringify(places) })
    return new Map(
      rows.flatMap(({ sourceId, ...item }) => {
        const source = tellers.get(sourceId)?.source
        return source ? [[item.place, { ...item, source }]] : []
      }),
    )
  }

  return {
    find,
    findStored(place) {
      const row = byPlace().get({ place })
      return row && { ...toItem(row), quiet: row.item.quiet }
    },
    get(place) {
      const item = find(place)
      if (!item) throw new AppError('not_found', `There is no item at place ${place}.`)
      return item
    },
    listBefore: (place, limit) => before().all({ before: place, limit }).map(toItem),
    listStoriesBefore: (place, limit) => storiesBefore().all({ before: place, limit }).map(toItem),
    listJoined: (story, after, before) => joined.all(story, after, before),
    withCalls: (found, ofStory) =>
      found.map((item) => ({
        ...item,
        calledBy: [...new Set(ofStory ? storyCalls.all(item.story) : calls.all(item.place))],
      })),
    withRelated,
  }
}

/** An item of a story, as the index has it. */
interface Member {
  story: number
  place: number
  sourceId: number
}

interface Teller {
  source: Item['source']
  /** What people know it by. */
  title: string
}

type TitleOf = (sourceId: number) => string | undefined

/** Of each other source the earliest, then as many of the rest as there is room for; in their order. */
function chooseRelated(others: Member[], most: number, own: string, titleOf: TitleOf): Member[] {
  if (others.length <= most) return others
  const titles = new Set<string | undefined>([own])
  const isFirst = ({ sourceId }: Member) => titles.size < titles.add(titleOf(sourceId)).size
  const firsts = new Set(others.filter(isFirst))
  const chosen = [...firsts, ...others.filter((member) => !firsts.has(member))].slice(0, most)
  return chosen.sort((a, b) => a.place - b.place)
}

function countSources(others: Member[], own: string, titleOf: TitleOf): RelatedCount {
  const titles = new Set(others.slice(0, MOST_RELATED).map(({ sourceId }) => titleOf(sourceId)))
  titles.delete(own)
  return { sources: titles.size, isMore: others.length > MOST_RELATED }
}

// The whole text, where there is one, stands in place of what the source published of it.
const { fullContent, sourceId, contentKey, leads, ...columns } = getTableColumns(items)
const ITEM_COLUMNS = { ...columns, content: sql<string | null>`coalesce(${fullContent}, ${columns.content})` }

const { place, title, url: itemUrl, publishedAt, firstSeenAt } = columns
const RELATED_COLUMNS = { place, title, url: itemUrl, publishedAt, firstSeenAt }

const { id, url, host, tags, siteUrl, givenTitle, foundTitle } = getTableColumns(sources)
const SOURCE_COLUMNS = { id, url, host, tags, siteUrl, givenTitle, foundTitle }

interface ItemRow {
  item: Omit<typeof items.$inferSelect, 'fullContent' | 'sourceId' | 'contentKey' | 'leads'>
  source: SourceColumns
}

type SourceColumns = Pick<typeof sources.$inferSelect, keyof typeof SOURCE_COLUMNS>

/** The column holds one of the numbers of a JSON list. */
function isIn(column: AnyColumn, name: string): SQL {
  return sql`${column} IN (SELECT value FROM json_each(${sql.placeholder(name)}))`
}

function toItem({ item, source }: ItemRow): Item {
  const { quiet, ...shown } = item
  return { ...shown, source: toItemSource(source), calledBy: [], related: [] }
}

function toItemSource({ givenTitle, foundTitle, ...known }: SourceColumns): Item['source'] {
  return { ...known, title: givenTitle ?? foundTitle ?? known.host }
}
