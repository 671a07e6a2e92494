import { faultOf } from '../../errors.ts'
import type { Chat, OutboxMessage, RenderedMessage } from '../../model.ts'
import type { ParkedNotice, Settlement, Store } from '../../ports.ts'
import { STORY_WINDOW_MS } from '../../story/story-index.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Group } from '../sqlite/group.ts'
import type { Meta } from '../sqlite/meta.ts'
import { membersOf } from '../sqlite/schema.ts'
import type { AlertReader } from './alerts.ts'
import type { ChatWriter } from './chats.ts'
import { createClockAhead } from './clock-ahead.ts'
import { createDueChats } from './due-chats.ts'
import { createEditQueue } from './edit-queue.ts'
import { EDIT_DELAY_MS, type EditWriter } from './edits.ts'
import { MESSAGE_ROWS, type MessageRow } from './message-rows.ts'

type OutboxStore = Pick<
  Store,
  | 'claimMessages'
  | 'settleMessage'
  | 'cancelStaleAlerts'
  | 'recover'
  | 'listAlerts'
  | 'findAlert'
  | 'findAlertOfStory'
  | 'listParkedNotices'
>

export function createOutboxStore(
  db: Database,
  parts: { group: Group; meta: Meta; alerts: AlertReader; chatWriter: ChatWriter; edits: EditWriter },
): OutboxStore {
  const { group, meta, alerts, chatWriter, edits } = parts
  const { driver, log } = db
  const editQueue = createEditQueue(db, { edits, chatWriter })
  const dueChats = createDueChats(db, 'messages')
  const clockAhead = createClockAhead(db)
  const select = `SELECT ${MESSAGE_ROWS.columns} FROM messages`
  const head = driver.prepare(`${select} WHERE chat = ? AND state = 'queued' ORDER BY id LIMIT 1`).raw()
  const byId = driver.prepare(`${select} WHERE id = ?`).raw()
  const dropLease = driver.prepare("UPDATE messages SET state = 'queued' WHERE chat = ? AND state = 'sending'")
  const rest = driver.prepare('UPDATE chats SET waiting = 0 WHERE id = ?')
  const take = driver.prepare(
    "UPDATE messages SET state = 'sending', html = ?, open_url = ?, first_attempt_at = ? WHERE id = ?",
  )
  // Another item of the story stands in for one that was pruned; where none is left there is nothing to tell.
  const standIn = `(SELECT min(place) FROM (${membersOf('alerts.story')}))`
  const mendAlerts = driver.prepare(
    `UPDATE alerts SET place = coalesce(${standIn}, place), cancelled_at = iif(${standIn} IS NULL, :now, NULL)
     WHERE message_id = :id AND cancelled_at IS NULL AND NOT EXISTS (SELECT 1 FROM items WHERE place = alerts.place)`,
  )
  const recount = driver
    .prepare<number>(
      `UPDATE messages SET total = (SELECT count(*) FROM alerts WHERE message_id = messages.id AND cancelled_at IS NULL)
       WHERE id = ? RETURNING total`,
    )
    .pluck()
  const cancel = driver.prepare("UPDATE messages SET state = 'cancelled' WHERE id = ?")
  const pace = driver.prepare(`UPDATE chats SET ready_at = :readyAt, due_at = max(:readyAt, :until) WHERE id = :chat`)
  const makeDue = driver.prepare('UPDATE chats SET waiting = 1, due_at = ready_at WHERE id = ?')
  const delay = driver.prepare(
    `UPDATE chats SET waiting = 1, ready_at = max(ready_at, :at), due_at = max(ready_at, :at) WHERE id = :chat`,
  )
  const sent = driver.prepare(
    `UPDATE messages SET state = 'sent', sent_at = :at, external_id = :messageId, error = NULL,
       edit_at = iif(edit_wanted AND total = 1 AND :messageId IS NOT NULL, :at + ${EDIT_DELAY_MS}, NULL) WHERE id = :id`,
  )
  const park = driver.prepare("UPDATE messages SET state = 'parked', error = ? WHERE id = ?")
  const requeue = driver.prepare(
    `UPDATE messages SET state = 'queued', attempts = attempts + ?, unknowns = unknowns + ?, plain = max(plain, ?), error = ?
     WHERE id = ?`,
  )
  // An alert's message that was taken back is cancelled, not parked: what tells none is a notice.
  const parkedNotices = driver.prepare<Omit<ParkedNotice, 'message'> & RenderedMessage>(
    `SELECT id, chat, html, open_url AS openUrl, error, created_at AS createdAt FROM messages
     WHERE state = 'parked' AND total = 0 ORDER BY id DESC LIMIT ?`,
  )
  // When each of its items happened, as the story index has it.
  const happenedAt = 'min(coalesce(published_at, first_seen_at), first_seen_at)'
  const cancelStale = driver.prepare(
    `UPDATE alerts INDEXED BY alerts_waiting SET cancelled_at = :now WHERE message_id IS NULL AND cancelled_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM items WHERE place IN (${membersOf('alerts.story')}) AND ${happenedAt} >= :since)`,
  )
  const freeSources = driver.prepare('UPDATE sources SET lease_until = 0 WHERE lease_until > 0')
  const sendingChats = driver.prepare<string>("SELECT chat FROM messages WHERE state = 'sending'").pluck()

  type ClaimOptions = Parameters<Store['claimMessages']>[0]

  return {
    async claimMessages(options) {
      const { now, limit, kind, edits: mostEdits = 0 } = options
      const withEdits = mostEdits > 0
      // Asked every second, and mostly in vain: a look needs no lock.
      const nextAt = findNextDue(kind, withEdits)
      const clockWasAhead = clockAhead.wasSeen(kind, now)
      if (!clockWasAhead && (nextAt === null || nextAt > now)) return { messages: [], nextAt }
      return group.run(() => {
        if (clockWasAhead) clockAhead.bringBack(now, options.leaseMs)
        const claimed = dueChats.claim(options, (chat) => claimHead(chat, options))
        const room = Math.min(mostEdits, limit - claimed.length)
        const renderEdit = (message: MessageRow) => renderAnew(message, options.render)
        if (room > 0) claimed.push(...editQueue.claim({ ...options, limit: room }, renderEdit))
        return { messages: claimed, nextAt: findNextDue(kind, withEdits) }
      })
    },

    settleMessage: (id, settlement, editOf = null) =>
      group.run(() => {
        const message = MESSAGE_ROWS.toRow(byId.get(id))
        if (editOf !== null) {
          if (message?.externalId === editOf) editQueue.settle(message, settlement)
          return
        }
        // Its lease may have run out meanwhile; that it was sent is true all the same.
        const isOpen = message?.state === 'sending' || (message?.state === 'queued' && settlement.kind === 'sent')
        if (message && isOpen) settle(message, settlement)
      }),

    recover: () =>
      group.run(() => {
        for (const chat of sendingChats.all()) {
          dropLease.run(chat)
          makeDue.run(chat)
        }
        freeSources.run()
        meta.trimChanges()
      }),

    cancelStaleAlerts: (now) => group.run(() => cancelStale.run({ now, since: now - STORY_WINDOW_MS }).changes),

    listAlerts: async ({ limit, chat }) => alerts.list(limit, chat),
    findAlert: async (ref) => alerts.find(ref),
    findAlertOfStory: async (chat, story) => alerts.findOfStory(chat, story),

    listParkedNotices: async (limit) =>
      parkedNotices.all(limit).map(({ html, openUrl, ...notice }) => ({ ...notice, message: { html, openUrl } })),
  }

  /** Null while no chat has anything in the queue. */
  function findNextDue(kind: Chat['kind'], withEdits: boolean): number | null {
    const messageAt = dueChats.next(kind)
    const editAt = withEdits ? editQueue.nextDue(kind) : null
    return messageAt === null || editAt === null ? (messageAt ?? editAt) : Math.min(messageAt, editAt)
  }

  function claimHead(chat: Chat, { now, leaseMs, gapMs, render }: ClaimOptions): OutboxMessage | null {
    // A message that is still on its way has outlived its lease: before that, the chat would not be due.
    dropLease.run(chat.id)
    const row = MESSAGE_ROWS.toRow(head.get(chat.id))
    if (!row) {
      rest.run(chat.id)
      return null
    }
    const total = row.html === null ? mend(row, now) : row.total
    if (total === null) return null
    const rendered =
      row.html === null ? renderAnew({ ...row, total }, render) : { html: row.html, openUrl: row.openUrl }
    if (!rendered) {
      park.run('It could not be rendered: internal error.', row.id)
      return null
    }
    const firstAttemptAt = Math.min(row.firstAttemptAt ?? now, now)
    take.run(rendered.html, rendered.openUrl, firstAttemptAt, row.id)
    const readyAt = now + gapMs(chat)
    pace.run({ chat: chat.id, readyAt, until: now + leaseMs })
    dueChats.paceOthers(chat.id, readyAt)
    const { id, plain, attempts, unknowns } = row
    return { id, chat, rendered, plain, attempts, unknowns, firstAttemptAt, edits: null }
  }

  /** Gives how many alerts the message tells, none of an item that was pruned; null, and it is cancelled, where none is left. */
  function mend({ id, total }: MessageRow, now: number): number | null {
    if (mendAlerts.run({ id, now }).changes === 0) return total
    const left = recount.get(id) ?? 0
    if (left > 0) return left
    cancel.run(id)
    return null
  }

  /** Null for what our own fault keeps from being rendered: it must not hold up everybody else's messages. */
  function renderAnew({ id, total, state }: MessageRow, render: ClaimOptions['render']): RenderedMessage | null {
    const told = alerts.ofMessage(id)
    // Pruned since: it stays as it was sent.
    if (told.length === 0 && state === 'sent') return null
    try {
      return render(told, total)
    } catch (error) {
      log.error({ messageId: id, ...faultOf(error) }, 'A message cannot be rendered; it is given up.')
      return null
    }
  }

  function settle({ id, chat, total, editWanted }: MessageRow, settlement: Settlement): void {
    switch (settlement.kind) {
      case 'sent':
        sent.run({ id, at: settlement.at, messageId: settlement.messageId })
        if (editWanted) edits.reschedule(chat)
        meta.add('alerts_sent', total)
        if (total > 0) meta.raise('last_alert_at', settlement.at)
        makeDue.run(chat)
        break
      case 'requeue': {
        const { at, counts, plain, error } = settlement
        requeue.run(counts === 'attempts' ? 1 : 0, counts === 'unknowns' ? 1 : 0, plain ? 1 : 0, error, id)
        delay.run({ at, chat })
        // Telegram told us to wait, which is no fault of the message; the others of its group would be told the same.
        if (counts === null && !plain) dueChats.paceOthers(chat, at)
        break
      }
      case 'parked':
        park.run(settlement.error, id)
        makeDue.run(chat)
        break
      case 'gone':
        requeue.run(0, 0, 0, settlement.reason, id)
        makeDue.run(chat)
        chatWriter.markGone(chat, settlement.reason, settlement.at)
        break
      case 'moved':
        chatWriter.move(chat, settlement.chat)
        break
    }
  }
}
