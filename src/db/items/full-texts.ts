import type { Access } from '../../model.ts'
import type { DueFullText, Store } from '../../ports.ts'
import { DAY_MS } from '../../time.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Group } from '../sqlite/group.ts'

/** Of what a source held already, only so many newest items get their whole text: a backlog is not the news. */
const BACKLOG = 20
/** None is put off by more than a day: what lies beyond was planned by a clock that was ahead. */
const FURTHEST_MS = 2 * DAY_MS

/** What others note about whole texts inside their own transaction. */
export interface FullTextTable {
  /** Items as they were stored, oldest first. What came quietly is a backlog. */
  want(items: { place: number; url: string | null; quiet: boolean }[], now: number): void
  /** After an edit by its source: fetched anew. Before the edit is stored: it takes the whole text away. */
  wantAnew(item: { place: number; url: string | null }, options: { quiet: boolean; now: number }): void
  /** For a source of which whole texts are wanted from now on: its newest items, quietly. */
  wantNewest(sourceId: number, now: number): void
  /** For a source of which they are not wanted any more. */
  drop(sourceId: number): void
  /** Undefined when it is not wanted (any more). */
  find(place: number): { sourceId: number; quiet: 0 | 1; textBefore: string | null } | undefined
  done(place: number): void
}

export function createFullTextTable({ driver }: Database): FullTextTable {
  const add = driver.prepare('INSERT OR REPLACE INTO full_texts (place, quiet, due_at) VALUES (?, ?, ?)')
  // What came quietly and was not looked at yet stays quiet.
  const renew = driver.prepare(
    `INSERT INTO full_texts (place, quiet, due_at, text_before)
       SELECT place, :quiet, :now, iif(full_content IS NULL, NULL, text) FROM items WHERE place = :place
     ON CONFLICT DO UPDATE SET quiet = max(quiet, excluded.quiet), due_at = excluded.due_at, attempts = 0,
       text_before = coalesce(excluded.text_before, text_before)`,
  )
  const addNewest = driver.prepare(
    `INSERT INTO full_texts (place, quiet, due_at)
       SELECT place, 1, :now FROM items WHERE source_id = :sourceId AND url IS NOT NULL AND full_content IS NULL
       ORDER BY place DESC LIMIT ${BACKLOG}
     ON CONFLICT DO NOTHING`,
  )
  const drop = driver.prepare(
    'DELETE FROM full_texts WHERE place IN (SELECT place FROM items WHERE source_id = ? ORDER BY place)',
  )
  const find = driver.prepare<{ sourceId: number; quiet: 0 | 1; textBefore: string | null }>(
    `SELECT items.source_id AS sourceId, full_texts.quiet, full_texts.text_before AS textBefore
     FROM full_texts JOIN items ON items.place = full_texts.place WHERE full_texts.place = ?`,
  )
  const remove = driver.prepare('DELETE FROM full_texts WHERE place = ?')

  return {
    want(items, now) {
      const linked = items.filter(({ url }) => url !== null)
      for (const { place } of linked.filter(({ quiet }) => !quiet)) add.run(place, 0, now)
      for (const { place } of linked.filter(({ quiet }) => quiet).slice(-BACKLOG)) add.run(place, 1, now)
    },
    wantAnew({ place, url }, { quiet, now }) {
      if (url === null) remove.run(place)
      else renew.run({ place, quiet: quiet ? 1 : 0, now })
    },
    wantNewest: (sourceId, now) => void addNewest.run({ sourceId, now }),
    drop: (sourceId) => void drop.run(sourceId),
    find: (place) => find.get(place),
    done: (place) => void remove.run(place),
  }
}

export function createFullTextStore(
  { driver }: Database,
  group: Group,
): Pick<Store, 'listDueFullTexts' | 'putOffFullText'> {
  // Who may call somebody comes first.
  const due = driver.prepare<Omit<DueFullText, 'access'> & { access: string | null }>(
    `SELECT full_texts.place, items.url, items.source_id AS sourceId, sources.access, full_texts.attempts
     FROM full_texts JOIN items ON items.place = full_texts.place JOIN sources ON sources.id = items.source_id
     WHERE full_texts.due_at IS NOT NULL AND full_texts.due_at NOT BETWEEN :now + 1 AND :now + ${FURTHEST_MS}
       AND sources.state = 'active'
     ORDER BY full_texts.quiet, full_texts.due_at, full_texts.place LIMIT :limit`,
  )
  const putOff = driver.prepare('UPDATE full_texts SET attempts = attempts + ?, due_at = ? WHERE place = ?')

  return {
    listDueFullTexts: async (now, limit) =>
      // Written by us, as JSON of what it is read as.
      due
        .all({ now, limit })
        .map((row) => ({ ...row, access: row.access === null ? null : (JSON.parse(row.access) as Access) })),
    putOffFullText: (place, nextAt, options) =>
      group.run(() => void putOff.run(options?.uncounted ? 0 : 1, nextAt, place)),
  }
}
