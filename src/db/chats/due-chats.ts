import { type Chat, type OutboxMessage, telegramPlace } from '../../model.ts'
import type { Database } from '../sqlite/driver.ts'
import { CHAT_COLUMNS } from './chats.ts'

/** Chats that may have something now, each when its time has come; those that are gone have nothing. */
interface DueChats {
  /** What those that are due give, the longest due first: of a group and its topics one at a time. */
  claim(
    options: { kind: Chat['kind']; now: number; limit: number },
    claimOne: (chat: Chat) => OutboxMessage | null,
  ): OutboxMessage[]
  /** When the first of them is due; null where there is none. */
  next(kind: Chat['kind']): number | null
  /** A group or a topic has had its turn, or was told to wait: the others that Telegram counts together with it wait as long. */
  paceOthers(chat: string, readyAt: number): void
}

/**
 * Due chats that are looked at in one go, whoever asks for how many; not a bound value, by which SQLite prepares its statement
 * anew at each call.
 */
const MOST_CHATS = 16

/** Those that wait for messages, or, where none waits, for edits of what they were sent. */
export function createDueChats({ driver }: Database, what: 'messages' | 'edits'): DueChats {
  const [dueAt, waiting] = what === 'messages' ? ['due_at', 1] : ['edit_due_at', 0]
  const from = `FROM chats WHERE kind = ? AND state = 'active' AND waiting = ${waiting}`
  const due = driver.prepare<Chat>(
    `SELECT ${CHAT_COLUMNS} ${from} AND ${dueAt} <= ? ORDER BY ${dueAt} LIMIT ${MOST_CHATS}`,
  )
  const first = driver.prepare<number | null>(`SELECT min(${dueAt}) ${from} AND ${dueAt} IS NOT NULL`).pluck()
  // A millisecond less than the one that had its turn: then the others have theirs first.
  const pace = driver.prepare(
    `UPDATE chats SET ready_at = max(ready_at, :readyAt - 1), due_at = max(due_at, :readyAt - 1),
       edit_due_at = max(edit_due_at, :readyAt - 1)
     WHERE (id = :place OR id > :place || '/' AND id < :place || '0') AND id <> :chat`,
  )

  return {
    claim({ kind, now, limit }, claimOne) {
      const places = new Set<string>()
      return due
        .all(kind, now)
        .slice(0, limit)
        .flatMap((chat) => {
          const { chat: place } = telegramPlace(chat.id)
          const claimed = places.has(place) ? null : claimOne(chat)
          if (claimed) places.add(place)
          return claimed ?? []
        })
    },
    next: (kind) => first.get(kind) ?? null,
    paceOthers: (chat, readyAt) => void pace.run({ chat, place: telegramPlace(chat).chat, readyAt }),
  }
}
