import type { Chat, OutboxMessage, RenderedMessage } from '../../model.ts'
import type { Settlement, Store } from '../../ports.ts'
import { tellsTheSame } from '../../publish/alert.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../time.ts'
import type { Database } from '../sqlite/driver.ts'
import type { ChatWriter } from './chats.ts'
import { createDueChats } from './due-chats.ts'
import { EDITED_FOR_MS, type EditWriter, MOST_EDITS } from './edits.ts'
import { MESSAGE_ROWS, type MessageRow } from './message-rows.ts'

/** After the first edit of a message, the second, and so on: what is edited without end is shown ever more seldom. */
const SPACING_MS = [20 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS]
const LONGEST_SPACING_MS = 2 * HOUR_MS

/** So many edits of one chat are looked at in one transaction, should each turn out to change nothing. */
const MOST_LOOKED_AT = 20

/** Gives out the edits that are due, and notes what became of them; all of it inside the caller's transaction. */
interface EditQueue {
  /** When a chat in which nothing new waits may have its next edit; null where there is none. */
  nextDue(kind: Chat['kind']): number | null
  /** One for each chat, of a group and its topics for one only, the longest due first. `render` gives null for what cannot be told any more: then its edit is given up. */
  claim(
    options: Pick<Parameters<Store['claimMessages']>[0], 'now' | 'limit' | 'leaseMs' | 'kind' | 'gapMs'>,
    render: (message: MessageRow) => RenderedMessage | null,
  ): OutboxMessage[]
  /** What became of an edit; nothing changes where it is none any more. */
  settle(message: MessageRow, settlement: Settlement): void
}

export function createEditQueue(
  db: Database,
  { edits, chatWriter }: { edits: EditWriter; chatWriter: ChatWriter },
): EditQueue {
  const { driver } = db
  const dueChats = createDueChats(db, 'edits')
  const head = driver
    .prepare(`SELECT ${MESSAGE_ROWS.columns} FROM messages WHERE chat = ? AND edit_at <= ? ORDER BY edit_at LIMIT 1`)
    .raw()
  const take = driver.prepare(
    `UPDATE messages SET html = :html, open_url = :openUrl, edit_wanted = 0, edit_at = :until, edit_ready_at = :until,
       edit_tried_at = :triedAt WHERE id = :id`,
  )
  const paceOwn = driver.prepare(
    'UPDATE chats SET ready_at = max(ready_at, :at), due_at = max(due_at, :at) WHERE id = :chat',
  )
  const drop = driver.prepare(
    'UPDATE messages SET edit_at = NULL, edit_wanted = 0, edit_ready_at = :readyAt WHERE id = :id',
  )
  const end = driver.prepare(
    `UPDATE messages SET edits = edits + 1, edit_tried_at = NULL, edit_attempts = 0, edit_ready_at = :readyAt,
       edit_at = iif(edit_wanted, :readyAt, NULL) WHERE id = :id`,
  )
  // What the message shows is not known any more: the next edit must be made, even if its text is the one that was kept.
  const forgetText = driver.prepare('UPDATE messages SET html = NULL, open_url = NULL WHERE id = ?')
  const putOff = driver.prepare(
    'UPDATE messages SET edit_at = :at, edit_ready_at = :at, edit_attempts = edit_attempts + :counted WHERE id = :id',
  )

  return {
    nextDue: dueChats.next,
    claim: (options, render) => dueChats.claim(options, (chat) => claimOne(chat, options, render)),
    settle,
  }

  function claimOne(
    chat: Chat,
    { now, leaseMs, gapMs }: Parameters<EditQueue['claim']>[0],
    render: Parameters<EditQueue['claim']>[1],
  ): OutboxMessage | null {
    let claimed: OutboxMessage | null = null
    for (let i = 0; i < MOST_LOOKED_AT && !claimed; i += 1) {
      const row = MESSAGE_ROWS.toRow(head.get(chat.id, now))
      if (!row) break
      const rendered = isOver(row, now) ? null : render(row)
      // What was tried before may have arrived or not: it is tried again, even if it would show the same.
      if (!rendered || (row.editTriedAt === null && isShown(row, rendered))) {
        drop.run({ id: row.id, readyAt: now + idleSpacingMs(row, now) })
      } else claimed = takeOne(row, chat, rendered, { now, until: now + leaseMs })
    }
    if (claimed) pace(chat.id, now + gapMs(chat))
    edits.reschedule(chat.id)
    return claimed
  }

  function takeOne(
    row: MessageRow,
    chat: Chat,
    rendered: RenderedMessage,
    { now, until }: { now: number; until: number },
  ): OutboxMessage {
    const { id, plain, editAttempts: attempts, externalId: edits } = row
    const firstAttemptAt = Math.min(row.editTriedAt ?? now, now)
    take.run({ id, ...rendered, triedAt: firstAttemptAt, until })
    return { id, chat, rendered, plain, attempts, unknowns: 0, firstAttemptAt, edits }
  }

  function settle(message: MessageRow, settlement: Settlement): void {
    const { id, chat } = message
    if (message.state !== 'sent' || message.editAt === null) return
    switch (settlement.kind) {
      case 'sent':
        endEdit(message, settlement.at)
        break
      case 'parked':
        forgetText.run(id)
        endEdit(message, message.editReadyAt)
        break
      case 'requeue':
        putOff.run({ id, at: settlement.at, counted: settlement.counts === null ? 0 : 1 })
        // Telegram's word to wait is for all that goes to the chat.
        if (settlement.counts === null) pace(chat, settlement.at)
        break
      case 'gone':
        putOff.run({ id, at: settlement.at, counted: 0 })
        chatWriter.markGone(chat, settlement.reason, settlement.at)
        break
      case 'moved':
        chatWriter.move(chat, settlement.chat)
        return
    }
    edits.reschedule(chat)
  }

  function pace(chat: string, at: number): void {
    paceOwn.run({ chat, at })
    dueChats.paceOthers(chat, at)
  }

  function endEdit(message: MessageRow, at: number): void {
    end.run({ id: message.id, readyAt: at + spacingMs(message) })
  }
}

function isOver({ sentAt, edits }: MessageRow, now: number): boolean {
  return edits >= MOST_EDITS || now - (sentAt ?? now) >= EDITED_FOR_MS
}

function isShown({ html, openUrl }: MessageRow, rendered: RenderedMessage): boolean {
  return html !== null && tellsTheSame({ html, openUrl }, rendered)
}

function spacingMs({ edits }: MessageRow): number {
  return SPACING_MS[edits] ?? LONGEST_SPACING_MS
}

/** Where there was nothing to show: what is revised without end is looked at ever more seldom too, by the age of its message. */
function idleSpacingMs(message: MessageRow, now: number): number {
  const age = Math.max(0, now - (message.sentAt ?? now))
  return Math.max(spacingMs(message), Math.min(Math.round(age / 4), LONGEST_SPACING_MS))
}
