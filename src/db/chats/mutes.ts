import { AppError } from '../../errors.ts'
import type { Mute } from '../../model.ts'
import type { Store } from '../../ports.ts'
import { DAY_MS } from '../../time.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Group } from '../sqlite/group.ts'
import type { Meta } from '../sqlite/meta.ts'
import type { ChatWriter } from './chats.ts'

/** So long it is remembered what was muted when. */
const KEPT_MS = 366 * DAY_MS

/** A `Mute`, as SQL. */
export const MUTE_COLUMNS = 'chat, watch_id AS watchId, since, until'

/** As SQL: what mutes a watch at `:now`, by itself or with its chat; both are given as SQL, too. */
export function mutesOf(watchId: string, chat: string): string {
  return `mutes WHERE mutes.chat = ${chat} AND mutes.until > :now AND mutes.since <= :now
    AND (mutes.watch_id IS NULL OR mutes.watch_id = ${watchId})`
}

export function createMuteStore(
  { driver }: Database,
  { group, meta, chatWriter }: { group: Group; meta: Meta; chatWriter: ChatWriter },
): Pick<Store, 'mute' | 'listMutes' | 'listMutedQueries'> {
  const findWatch = driver
    .prepare<number>('SELECT id FROM watches WHERE chat = ? AND number = ? AND removed_at IS NULL')
    .pluck()
  const going = 'chat = :chat AND watch_id IS :watchId AND until > :now'
  const find = driver.prepare<Mute>(`SELECT ${MUTE_COLUMNS} FROM mutes WHERE ${going} ORDER BY until DESC LIMIT 1`)
  const begin = driver.prepare(
    'INSERT INTO mutes (chat, watch_id, since, until) VALUES (:chat, :watchId, :now, :until)',
  )
  // Two chats that became one may have brought two of them. A clock that was set back must not put off the beginning.
  const change = driver.prepare(`UPDATE mutes SET since = min(since, :now), until = :until WHERE ${going}`)
  const forget = driver.prepare('DELETE FROM mutes WHERE until < ?')
  const ofChat = driver.prepare<Mute>(`SELECT ${MUTE_COLUMNS} FROM mutes WHERE chat = ? ORDER BY since, id`)
  const isAnyGoing = driver.prepare<number>('SELECT 1 FROM mutes WHERE since <= :now AND until > :now LIMIT 1')
  const ofWatch = mutesOf('watches.id', 'watches.chat')
  const ofQuery = 'FROM watches WHERE query = :text AND removed_at IS NULL'
  const isHeard = driver.prepare(`SELECT 1 ${ofQuery} AND NOT EXISTS (SELECT 1 FROM ${ofWatch}) LIMIT 1`)
  const heardAgain = driver.prepare<number | null>(`SELECT min((SELECT max(until) FROM ${ofWatch})) ${ofQuery}`).pluck()

  return {
    mute: (chat, number, until, now) =>
      group.run(() => {
        chatWriter.ensure(chat)
        const watchId = number === null ? null : findWatch.get(chat, number)
        if (watchId === undefined) throw new AppError('not_found', `This chat has no watch ${number}.`)

        const before = find.get({ chat, watchId, now }) ?? null
        if (before) change.run({ chat, watchId, now, until })
        else if (until > now) begin.run({ chat, watchId, now, until })
        forget.run(now - KEPT_MS)
        meta.noteChange('mute', chat)
        return before
      }),

    listMutes: async (chat) => ofChat.all(chat),

    async listMutedQueries(texts, now) {
      if (isAnyGoing.get({ now }) === undefined) return new Map()
      // Thousands may watch for the same: nearly always the first of them hears it.
      const muted = texts.filter((text) => isHeard.get({ text, now }) === undefined)
      const untils = muted.map((text) => [text, heardAgain.get({ text, now }) ?? 0] as const)
      return new Map(untils.filter(([, until]) => until > 0))
    },
  }
}
