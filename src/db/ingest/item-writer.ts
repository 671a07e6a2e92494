import { eq, sql } from 'drizzle-orm'
import type { Article, ReadItem } from '../../model.ts'
import type { Database } from '../sqlite/driver.ts'
import { items } from '../sqlite/schema.ts'

/** What a message shows of an item, and by what it is known in its story. */
export interface Shown extends Pick<ReadItem, 'title' | 'text' | 'url'> {
  story: number
  quiet: 0 | 1
  firstSeenAt: number
}

/** The rows of items and of the keys they are known by, inside the caller's transaction. Keys are hexadecimal. */
export interface ItemWriter {
  /** Within one millisecond places are given in order, each once for ever, so the last one taken tells the first one free. */
  freePlace(placeMs: number): number
  insert(
    item: ReadItem,
    at: Pick<typeof items.$inferSelect, 'place' | 'story' | 'sourceId' | 'quiet'>,
    firstSeenAt: number,
  ): void
  /** Missing where it was pruned. */
  shown(place: number): Shown | undefined
  /** As its source shows it now, a full text gone; `revisedAt` is null where the publisher edited nothing. */
  update(place: number, item: ReadItem, revisedAt: number | null): void
  /** The publisher edited nothing, but who remembers what the item showed must look again. */
  setFullText(place: number, article: Pick<Article, 'content' | 'text'>): void
  storyOf(place: number): number | undefined
  move(place: number, story: number): void
  /** To be called after an item joined the story. */
  keepLead(story: number): void
  bind(sourceId: number, keys: string[], place: number): void
  /** `start`: how the key begins; by that an old name is known. */
  forget(sourceId: number, start: string, place: number): void
}

/**
 * Says again who leads the story `:story`, whose first item is gone, after an item joined it. Only the two earliest of those
 * that joined are looked at: the new one can only have taken the place of the earliest. (When an item is deleted a trigger
 * does this; a trigger for joining would cost each insert something.)
 */
export const KEEP_LEAD = `UPDATE items
  SET leads = (place = (SELECT min(place) FROM items WHERE story = :story AND story <> place))
  WHERE place IN (SELECT place FROM items WHERE story = :story AND story <> place ORDER BY place LIMIT 2)
    AND NOT EXISTS (SELECT 1 FROM items WHERE place = :story)`

export function createItemWriter({ orm, driver }: Database): ItemWriter {
  // The full text keeps a row of what somebody deleted by hand: its names lead to its place still, and another item there
  // would be taken for it.
  const lastPlace = driver
    .prepare<number | null>(
      `SELECT max(last) FROM (SELECT max(place) AS last FROM items WHERE place >= :start AND place < :end
         UNION ALL SELECT max(id) FROM items_text_docsize WHERE id >= :start AND id < :end)`,
    )
    .pluck()
  const insert = driver.prepare(
    `INSERT INTO items (place, story, source_id, id, url, title, published_at, updated_at, authors, categories, enclosures,
       language, first_seen_at, content_key, content, summary, text, quiet)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const shown = driver.prepare<Shown>(
    'SELECT title, text, url, story, quiet, first_seen_at AS firstSeenAt FROM items WHERE place = ?',
  )
  const setFullText = driver.prepare(
    'UPDATE items SET full_content = ?, text = ?, revision = revision + 1 WHERE place = ?',
  )
  const storyOf = driver.prepare<number>('SELECT story FROM items WHERE place = ?').pluck()
  const move = driver.prepare('UPDATE items SET story = ? WHERE place = ?')
  const keepLead = driver.prepare(KEEP_LEAD)
  const bind = driver.prepare('INSERT OR REPLACE INTO identities (source_id, key, place) VALUES (?, ?, ?)')
  const forget = driver.prepare('DELETE FROM identities WHERE source_id = ? AND key >= ? AND key <= ? AND place = ?')

  return {
    freePlace(placeMs) {
      for (let start = Math.trunc(placeMs) * 1000; ; start += 1000) {
        const last = lastPlace.get({ start, end: start + 1000 }) ?? null
        if (last === null) return start
        if (last + 1 < start + 1000) return last + 1
      }
    },
    insert(item, at, firstSeenAt) {
      const { id, url, title, publishedAt, updatedAt, language, keys, content, summary, text } = item
      const lists = [item.authors, item.categories, item.enclosures].map((list) => JSON.stringify(list))
      const head = [at.place, at.story, at.sourceId, id, url, title, publishedAt, updatedAt]
      insert.run(...head, ...lists, language, firstSeenAt, keys.content, content, summary, text, at.quiet ? 1 : 0)
    },
    shown: (place) => shown.get(place),
    update(place, { tokens: _, keys, ...values }, revisedAt) {
      const revised = revisedAt === null ? {} : { revisedAt, revision: sql`${items.revision} + 1` }
      orm
        .update(items)
        .set({ ...values, contentKey: keys.content, fullContent: null, ...revised })
        .where(eq(items.place, place))
        .run()
    },
    setFullText: (place, { content, text }) => void setFullText.run(content, text, place),
    storyOf: (place) => storyOf.get(place),
    move: (place, story) => void move.run(story, place),
    keepLead: (story) => void keepLead.run({ story }),
    bind(sourceId, keys, place) {
      for (const key of keys) bind.run(sourceId, toBytes(key), place)
    },
    forget: (sourceId, start, place) =>
      void forget.run(sourceId, toBytes(start), toBytes(start.padEnd(64, 'f')), place),
  }
}

function toBytes(key: string): Buffer {
  return Buffer.from(key, 'hex')
}
