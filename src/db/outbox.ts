import { and, eq, sql } from 'drizzle-orm'
import type { Chat, Hit, RenderedMessage } from '../model.ts'
import type { Notice, ParkedNotice, Settlement, Store } from '../ports.ts'
import type { AlertReader } from './alerts.ts'
import { type ChatWriter, toChat } from './chats.ts'
import type { Database } from './driver.ts'
import type { Group } from './group.ts'
import type { Meta } from './meta.ts'
import { chats, messages } from './schema.ts'

/** A summary shows this many of its alerts. */
const SHOWN_ALERTS = 10

type MessageRow = typeof messages.$inferSelect

type OutboxStore = Pick<Store, 'claimMessages' | 'settleMessage' | 'recover' | 'listAlerts' | 'listParkedNotices'>

/** Puts messages into the outbox, inside the transaction of what they tell. */
export interface MessageWriter {
  /** Gives the number of alerts. What a chat was told of already is left out, and a message left empty is not written. */
  write(planned: { chat: string; alerts: { place: number; story: number; hits: Hit[] }[] }[], now: number): number
  isAlerted(chat: string, story: number): boolean
  /** One message for each chat of a notice, in order with its others. Makes the chats known; throws `invalid` for what is none. */
  notify(notices: Notice[], now: number): void
}

export function createMessageWriter({ driver }: Database, chatWriter: ChatWriter): MessageWriter {
  const isAlerted = driver.prepare('SELECT 1 FROM alerts WHERE chat = ? AND story = ? AND cancelled_at IS NULL')
  const insertMessage = driver
    .prepare<number>('INSERT INTO messages (chat, total, created_at) VALUES (?, ?, ?) RETURNING id')
    .pluck()
  // It tells no alert, so none can be taken back from it, and it counts as none.
  const insertNotice = driver.prepare(
    'INSERT INTO messages (chat, total, html, open_url, created_at) VALUES (?, 0, ?, ?, ?)',
  )
  const insertAlert = driver
    .prepare<number>(
      `INSERT INTO alerts (chat, story, place, message_id, created_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING RETURNING id`,
    )
    .pluck()
  const insertHit = driver.prepare('INSERT INTO hits (alert_id, watch_id, words) VALUES (?, ?, ?)')
  const correct = driver.prepare('UPDATE messages SET total = ? WHERE id = ?')
  const removeMessage = driver.prepare('DELETE FROM messages WHERE id = ?')
  const wake = driver.prepare('UPDATE chats SET waiting = 1, due_at = ready_at WHERE id = ? AND waiting = 0')

  return {
    isAlerted: (chat, story) => isAlerted.get(chat, story) !== undefined,
    write: (planned, now) => planned.reduce((sum, message) => sum + writeMessage(message, now), 0),
    notify(notices, now) {
      for (const { chats, message } of notices) {
        for (const chat of new Set(chats)) {
          chatWriter.ensure(chat)
          insertNotice.run(chat, message.html, message.openUrl, now)
          wake.run(chat)
        }
      }
    },
  }

  function writeMessage({ chat, alerts }: Parameters<MessageWriter['write']>[0][number], now: number): number {
    const messageId = insertMessage.get(chat, alerts.length, now)
    let written = 0
    for (const { place, story, hits } of alerts) {
      const alertId = insertAlert.get(chat, story, place, messageId, now)
      if (alertId === undefined) continue
      for (const { watch, words } of hits) insertHit.run(alertId, watch.id, JSON.stringify(words))
      written += 1
    }
    if (written < alerts.length) correct.run(written, messageId)
    if (written === 0) removeMessage.run(messageId)
    else wake.run(chat)
    return written
  }
}

export function createOutboxStore(
  { orm, driver, log }: Database,
  { group, meta, alerts, chatWriter }: { group: Group; meta: Meta; alerts: AlertReader; chatWriter: ChatWriter },
): OutboxStore {
  const dueChats = orm
    .select()
    .from(chats)
    .where(
      and(
        eq(chats.kind, sql.placeholder('kind')),
        sql`${chats.state} = 'active' AND ${chats.waiting} = 1 AND ${chats.dueAt} <= ${sql.placeholder('now')}`,
      ),
    )
    .orderBy(chats.dueAt)
    .limit(sql.placeholder('limit'))
    .prepare()
  const nextDue = driver
    .prepare<number | null>(`SELECT min(due_at) FROM chats WHERE kind = ? AND state = 'active' AND waiting = 1`)
    .pluck()
  const head = orm
    .select()
    .from(messages)
    .where(and(eq(messages.chat, sql.placeholder('chat')), sql`${messages.state} = 'queued'`))
    .orderBy(messages.id)
    .limit(1)
    .prepare()
  const byId = orm
    .select()
    .from(messages)
    .where(eq(messages.id, sql.placeholder('id')))
    .prepare()
  const dropLease = driver.prepare("UPDATE messages SET state = 'queued' WHERE chat = ? AND state = 'sending'")
  const rest = driver.prepare('UPDATE chats SET waiting = 0 WHERE id = ?')
  const take = driver.prepare(
    `UPDATE messages SET state = 'sending', html = ?, open_url = ?, first_attempt_at = coalesce(first_attempt_at, ?)
     WHERE id = ?`,
  )
  const pace = driver.prepare('UPDATE chats SET ready_at = ?, due_at = max(?, ?) WHERE id = ?')
  const makeDue = driver.prepare('UPDATE chats SET waiting = 1, due_at = ready_at WHERE id = ?')
  const delay = driver.prepare(
    'UPDATE chats SET waiting = 1, ready_at = max(ready_at, ?), due_at = max(ready_at, ?) WHERE id = ?',
  )
  const sent = driver.prepare(
    "UPDATE messages SET state = 'sent', sent_at = ?, external_id = ?, error = NULL WHERE id = ?",
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
  const freeSources = driver.prepare('UPDATE sources SET lease_until = 0 WHERE lease_until > 0')
  const sendingChats = driver.prepare<string>("SELECT chat FROM messages WHERE state = 'sending'").pluck()

  type ClaimOptions = Parameters<Store['claimMessages']>[0]

  return {
    async claimMessages(options) {
      const { now, limit, kinds } = options
      // Asked every second, and mostly in vain: a look needs no lock.
      const nextAt = findNextDue(kinds)
      if (nextAt === null || nextAt > now) return { messages: [], nextAt }
      return group.run(() => {
        const due = kinds
          .flatMap((kind) => dueChats.all({ kind, now, limit }))
          .sort((a, b) => a.dueAt - b.dueAt)
          .slice(0, limit)
        const claimed = due.flatMap((chat) => claimHead(toChat(chat), options))
        return { messages: claimed, nextAt: findNextDue(kinds) }
      })
    },

    settleMessage: (id, settlement) =>
      group.run(() => {
        const message = byId.get({ id })
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

    listAlerts: async ({ limit, chat }) => alerts.list(limit, chat),

    listParkedNotices: async (limit) =>
      parkedNotices.all(limit).map(({ html, openUrl, ...notice }) => ({ ...notice, message: { html, openUrl } })),
  }

  /** Null while no chat has anything in the queue. */
  function findNextDue(kinds: Chat['kind'][]): number | null {
    const dueAts = kinds.flatMap((kind) => nextDue.get(kind) ?? [])
    return dueAts.length === 0 ? null : Math.min(...dueAts)
  }

  function claimHead(chat: Chat, { now, leaseMs, gapMs, render }: ClaimOptions) {
    // Its lease ran out, or the chat would not be due.
    dropLease.run(chat.id)
    const row = head.get({ chat: chat.id })
    if (!row) {
      rest.run(chat.id)
      return []
    }
    const rendered = row.html === null ? renderAnew(row, render) : { html: row.html, openUrl: row.openUrl }
    if (!rendered) {
      park.run('It could not be rendered: internal error.', row.id)
      return []
    }
    const firstAttemptAt = row.firstAttemptAt ?? now
    take.run(rendered.html, rendered.openUrl, now, row.id)
    const readyAt = now + gapMs(chat)
    pace.run(readyAt, readyAt, now + leaseMs, chat.id)
    const { id, plain, attempts, unknowns } = row
    return [{ id, chat, rendered, plain, attempts, unknowns, firstAttemptAt }]
  }

  /** Null for what our own fault keeps from being rendered: it must not hold up everybody else's messages. */
  function renderAnew({ id, total }: MessageRow, render: ClaimOptions['render']): RenderedMessage | null {
    const told = alerts.ofMessage(id, SHOWN_ALERTS)
    try {
      return render(told, total)
    } catch (error) {
      const err = error instanceof Error ? (error.stack ?? error.message) : String(error)
      log.error({ message: id, err }, 'A message cannot be rendered; it is parked.')
      return null
    }
  }

  function settle({ id, chat, total }: MessageRow, settlement: Settlement): void {
    switch (settlement.kind) {
      case 'sent':
        sent.run(settlement.at, settlement.messageId, id)
        meta.add('alerts_sent', total)
        if (total > 0) meta.raise('last_alert_at', settlement.at)
        makeDue.run(chat)
        break
      case 'requeue': {
        const { at, counts, plain, error } = settlement
        requeue.run(counts === 'attempts' ? 1 : 0, counts === 'unknowns' ? 1 : 0, plain ? 1 : 0, error, id)
        delay.run(at, at, chat)
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
        requeue.run(0, 0, 0, null, id)
        makeDue.run(chat)
        chatWriter.move(chat, settlement.chat)
        break
    }
  }
}
