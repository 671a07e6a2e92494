import { AppError } from '../../errors.ts'
import type { Watch } from '../../model.ts'
import type { Store } from '../../ports.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Group } from '../sqlite/group.ts'
import type { Meta } from '../sqlite/meta.ts'
import type { ChatWriter } from './chats.ts'

/** A `Watch`, as SQL. */
export const WATCH_COLUMNS = 'watches.id, watches.chat, watches.number, watches.query, watches.created_at AS createdAt'

export function createWatchStore(
  { driver }: Database,
  { group, meta, chatWriter }: { group: Group; meta: Meta; chatWriter: ChatWriter },
): Pick<Store, 'addWatch' | 'listWatches' | 'listQueries' | 'isWatched' | 'removeWatch'> {
  const insert = driver.prepare('INSERT INTO watches (chat, number, query, created_at) VALUES (?, ?, ?, ?)')
  const live = `SELECT ${WATCH_COLUMNS} FROM watches WHERE removed_at IS NULL`
  const ofAll = driver.prepare<Watch>(`${live} ORDER BY chat, number`)
  const ofChat = driver.prepare<Watch>(`${live} AND chat = ? ORDER BY number`)
  const sameOfChat = driver.prepare<Watch>(`${live} AND chat = ? AND query = ?`)
  const remove = driver.prepare<Watch>(
    `UPDATE watches SET removed_at = ? WHERE chat = ? AND number = ? AND removed_at IS NULL RETURNING ${WATCH_COLUMNS}`,
  )
  const takeNumber = driver
    .prepare<number>('UPDATE chats SET next_number = next_number + 1 WHERE id = ? RETURNING next_number - 1')
    .pluck()
  // What waits for more publishers was not told, even where something else of its alert was.
  const cancelHits = driver
    .prepare<number>(
      `UPDATE hits SET cancelled = 1 WHERE watch_id = ? AND NOT cancelled AND alert_id IN (
         SELECT alerts.id FROM alerts LEFT JOIN messages ON messages.id = alerts.message_id
         WHERE alerts.id = hits.alert_id AND alerts.cancelled_at IS NULL
           AND (hits.waits_for IS NOT NULL OR messages.state IS NULL OR messages.state = 'queued'))
       RETURNING alert_id`,
    )
    .pluck()
  const queries = driver.prepare<{ query: string; total: number }>(
    `SELECT query, count(*) OVER () AS total FROM watches WHERE removed_at IS NULL
     GROUP BY query ORDER BY min(id) LIMIT ?`,
  )
  const ofQuery = driver.prepare('SELECT 1 FROM watches WHERE query = ? AND removed_at IS NULL LIMIT 1')
  const cancelAlert = driver.prepare(
    'UPDATE alerts SET cancelled_at = ? WHERE id = ? AND NOT EXISTS (SELECT 1 FROM hits WHERE alert_id = alerts.id AND NOT cancelled)',
  )
  const isLeftWaiting = driver.prepare(
    `SELECT 1 FROM alerts JOIN messages ON messages.id = alerts.message_id AND messages.state = 'queued'
     WHERE alerts.id = ? AND alerts.cancelled_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM hits WHERE alert_id = alerts.id AND NOT cancelled AND waits_for IS NULL)`,
  )
  const waitAgain = driver.prepare('UPDATE alerts SET message_id = NULL WHERE id = ?')
  // What may have been seen already is sent again to the byte, and edited when it has arrived; what nobody has seen is written anew.
  const shorten = driver.prepare(
    `UPDATE messages SET total = total - :less, state = iif(total = :less, 'cancelled', state),
       html = iif(attempts + unknowns = 0, NULL, html), open_url = iif(attempts + unknowns = 0, NULL, open_url),
       edit_wanted = attempts + unknowns > 0
     WHERE id = (SELECT message_id FROM alerts WHERE id = :alertId) AND state = 'queued'`,
  )

  return {
    async addWatch(chat, query, now) {
      const watch = await group.run(() => {
        const known = sameOfChat.get(chat, query.text)
        // Not thrown in here: of a long list, given once more, each would have the others undone.
        if (known) return known.number

        chatWriter.ensure(chat)
        const number = takeNumber.get(chat) ?? 1
        const id = Number(insert.run(chat, number, query.text, now).lastInsertRowid)
        meta.noteChange('watch', id)
        return { id, chat, number, query: query.text, createdAt: now }
      })
      if (typeof watch === 'number')
        throw new AppError('conflict', `Watch ${watch} of this chat is the same: ${query.text}`)
      return watch
    },

    listWatches: async (chat) => (chat === undefined ? ofAll.all() : ofChat.all(chat)),

    async listQueries(most) {
      const rows = queries.all(most)
      return { queries: rows.map(({ query }) => query), total: rows[0]?.total ?? 0 }
    },

    isWatched: async (text) => ofQuery.get(text) !== undefined,

    removeWatch: (chat, number, now) =>
      group.run(() => {
        const watch = remove.get(now, chat, number)
        if (!watch) throw new AppError('not_found', `This chat has no watch ${number}.`)

        for (const alertId of cancelHits.all(watch.id)) takeBack(alertId, now)
        meta.noteChange('watch', watch.id)
        return watch
      }),
  }

  /**
   * An alert without hits is cancelled, and one whose other hits all wait goes back to waiting. A message without alerts is
   * cancelled too; one that nobody has seen yet tells what is left.
   */
  function takeBack(alertId: number, now: number): void {
    const isCancelled = cancelAlert.run(now, alertId).changes > 0
    const waits = isLeftWaiting.get(alertId) !== undefined
    shorten.run({ alertId, less: isCancelled || waits ? 1 : 0 })
    if (waits) waitAgain.run(alertId)
  }
}
