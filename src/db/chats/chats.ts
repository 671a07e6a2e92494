import { AppError } from '../../errors.ts'
import { type Chat, chatKind } from '../../model.ts'
import type { Store } from '../../ports.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Group } from '../sqlite/group.ts'
import type { Meta } from '../sqlite/meta.ts'
import { createChatMover } from './chat-mover.ts'

type ChatStore = Pick<Store, 'findChat' | 'listPlaces' | 'reviveChat' | 'markChatGone' | 'moveChat'>

/** What others may do to a chat inside their own transaction. */
export interface ChatWriter {
  /** Makes the chat known. Throws `invalid` for what is no chat. */
  ensure(id: string): void
  /** Unknown chats stay unknown; one that is gone keeps its first reason. */
  markGone(id: string, reason: string, now: number): void
  /** Everything of the old chat belongs to the new one from now on, and the old one is forgotten. */
  move(from: string, to: string): void
}

/** A `Chat`, as SQL. */
export const CHAT_COLUMNS = 'id, kind, state, gone_reason AS goneReason, gone_at AS goneAt'

export function createChatWriter(db: Database, meta: Meta): ChatWriter {
  const { driver } = db
  const moveAll = createChatMover(db)
  const insert = driver.prepare('INSERT INTO chats (id, kind) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const leave = driver.prepare(
    "UPDATE chats SET state = 'gone', gone_reason = ?, gone_at = ? WHERE id = ? AND state = 'active'",
  )

  function ensure(id: string): void {
    insert.run(id, kindOf(id))
  }

  return {
    ensure,
    markGone(id, reason, now) {
      if (leave.run(reason, now, id).changes === 0) return
      meta.noteChange('chat', id)
    },
    move(from, to) {
      if (from === to) return
      ensure(to)
      moveAll(from, to)
      meta.noteChange('chat', to)
    },
  }
}

export function createChatStore(
  { driver }: Database,
  { group, meta, chatWriter }: { group: Group; meta: Meta; chatWriter: ChatWriter },
): ChatStore {
  const byId = driver.prepare<Chat>(`SELECT ${CHAT_COLUMNS} FROM chats WHERE id = ?`)
  // A topic is "CHAT/NUMBER", and "0" follows "/".
  const places = driver
    .prepare<string>(
      `SELECT id FROM chats WHERE id = :id OR id > :id || '/' AND id < :id || '0'
         AND EXISTS (SELECT 1 FROM watches WHERE chat = chats.id AND removed_at IS NULL) ORDER BY id`,
    )
    .pluck()
  // When it is due stays as it is: one of its messages may still be on its way.
  const revive = driver.prepare(
    "UPDATE chats SET state = 'active', gone_reason = NULL, gone_at = NULL WHERE id = ? AND state = 'gone'",
  )
  // The 72 hours of a message count while its chat can be reached: they begin anew.
  const restartRetries = driver.prepare(
    "UPDATE messages SET first_attempt_at = NULL, attempts = 0 WHERE chat = ? AND state = 'queued'",
  )
  // An edit on its way when its chat was left may have arrived or not: it is made again, whatever its text was.
  const restartEdits = driver.prepare(
    `UPDATE messages SET edit_tried_at = NULL, edit_attempts = 0, html = NULL, open_url = NULL
     WHERE chat = ? AND edit_at IS NOT NULL AND edit_tried_at IS NOT NULL`,
  )

  return {
    findChat: async (id) => byId.get(id),

    listPlaces: async (id) => places.all({ id }),

    reviveChat: (id) =>
      group.run(() => {
        chatWriter.ensure(id)
        const goneSince = byId.get(id)?.goneAt ?? null
        if (revive.run(id).changes === 0) return { goneSince: null }
        restartRetries.run(id)
        restartEdits.run(id)
        meta.noteChange('chat', id)
        return { goneSince }
      }),

    markChatGone: (id, reason, now) => group.run(() => chatWriter.markGone(id, reason, now)),

    moveChat: (from, to) =>
      group.run(() => {
        if (byId.get(from)) chatWriter.move(from, to)
      }),
  }
}

function kindOf(id: string): Chat['kind'] {
  const kind = chatKind(id)
  if (kind !== null) return kind
  throw new AppError('invalid', `"${id}" is no chat.`, { hint: 'Give "terminal", or the number of a Telegram chat.' })
}
