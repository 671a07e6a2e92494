import { and, eq, sql } from 'drizzle-orm'
import type { Chat, Hit, OutboxMessage, RenderedMessage } from '../model.ts'
import type { Notice, ParkedNotice, Settlement, Store } from '../ports.ts'
import { STORY_WINDOW_MS } from '../source/story-index.ts'
import type { AlertReader } from './alerts.ts'
import { type ChatWriter, toChat } from './chats.ts'
import type { Database } from './driver.ts'
import { createEditQueue, createEditWriter, EDIT_DELAY_MS } from './edits.ts'
import type { Group } from './group.ts'
import type { Meta } from './meta.ts'
import { createPublisherCount, type PublisherCount } from './publishers.ts'
import { chats, messages } from './schema.ts'

/** A summary shows this many of its alerts. */
const SHOWN_ALERTS = 10

type MessageRow = typeof messages.$inferSelect

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

type PlannedMessage = { chat: string; alerts: PlannedAlert[]; singly?: number }

interface PlannedAlert {
  place: number
  story: number
  hits: Hit[]
}

/** Puts messages into the outbox, inside the transaction of what they tell. */
export interface MessageWriter {
  /** As `IngestPlan.messages` says. Gives how many alerts are to be told now: not those that wait, nor what joins one that was told before. */
  write(planned: PlannedMessage[], now: number): number
  /**
   * A further item tells this story: what waited for as many publishers is told, and what was told is to be shown anew.
   * Gives how many alerts are told now. Costs one look-up where the story is in no alert.
   */
  carried(story: number, now: number): number
  /** What tells this item alone is to be shown anew. */
  itemEdited(place: number, now: number): void
  /** Whether the chat was told of the story, or is about to be; an alert that waits is neither. */
  isAlerted(chat: string, story: number): boolean
  /** One message for each chat of a notice, in order with its others. Makes the chats known; throws `invalid` for what is none. */
  notify(notices: Notice[], now: number): void
}

export function createMessageWriter(db: Database, chatWriter: ChatWriter): MessageWriter {
  const { driver } = db
  const edits = createEditWriter(db)
  const countPublishers = createPublisherCount(db)

  const findAlert = driver.prepare<{ id: number; messageId: number | null }>(
    'SELECT id, message_id AS messageId FROM alerts WHERE chat = ? AND story = ? AND cancelled_at IS NULL',
  )
  const isInAlert = driver.prepare('SELECT 1 FROM alerts WHERE story = ? AND cancelled_at IS NULL LIMIT 1')
  const insertMessage = driver
    .prepare<number>('INSERT INTO messages (chat, total, created_at) VALUES (?, ?, ?) RETURNING id')
    .pluck()
  // It tells no alert, so none can be taken back from it, and it counts as none.
  const insertNotice = driver.prepare(
    'INSERT INTO messages (chat, total, html, open_url, created_at) VALUES (?, 0, ?, ?, ?)',
  )
  const insertAlert = driver
    .prepare<number>(
      'INSERT INTO alerts (chat, story, place, message_id, created_at) VALUES (?, ?, ?, ?, ?) RETURNING id',
    )
    .pluck()
  const insertHit = driver.prepare(
    'INSERT OR IGNORE INTO hits (alert_id, watch_id, words, waits_for) VALUES (?, ?, ?, ?)',
  )
  const tellBy = driver.prepare('UPDATE alerts SET message_id = ? WHERE id = ?')
  const wake = driver.prepare('UPDATE chats SET waiting = 1, due_at = ready_at WHERE id = ? AND waiting = 0')

  const ofStory = 'SELECT id FROM alerts WHERE story = ? AND cancelled_at IS NULL'
  const isAwaited = driver.prepare(
    `SELECT 1 FROM hits WHERE alert_id IN (${ofStory}) AND waits_for IS NOT NULL AND NOT cancelled LIMIT 1`,
  )
  const release = driver.prepare(`UPDATE hits SET waits_for = NULL WHERE waits_for <= ? AND alert_id IN (${ofStory})`)
  const released = driver.prepare<{ id: number; chat: string }>(
    `SELECT id, chat FROM alerts WHERE story = ? AND cancelled_at IS NULL AND message_id IS NULL
       AND EXISTS (SELECT 1 FROM hits WHERE alert_id = alerts.id AND waits_for IS NULL AND NOT cancelled)`,
  )

  return {
    write(planned, now) {
      const publishers = new Map<number, number>()
      const publishersOf = (story: number) => {
        const known = publishers.get(story) ?? countPublishers(story)
        publishers.set(story, known)
        return known
      }
      return planned.reduce((sum, message) => sum + writeMessages(message, now, publishersOf), 0)
    },

    carried(story, now) {
      if (isInAlert.get(story) === undefined) return 0
      const told = isAwaited.get(story) === undefined ? 0 : releaseHits(story, now)
      edits.wantOfStory(story, now)
      return told
    },

    itemEdited: (place, now) => edits.wantOfItem(place, now),
    isAlerted: (chat, story) => typeof findAlert.get(chat, story)?.messageId === 'number',

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

  function writeMessages({ chat, alerts, singly = 0 }: PlannedMessage, now: number, publishersOf: PublisherCount) {
    const told = joinStories(alerts).flatMap((planned) => {
      const hits = planned.hits.map((hit) => ({ ...hit, waitsFor: waitOf(hit, planned.story, publishersOf) }))
      return join({ chat, ...planned, hits }, now) ?? []
    })
    const texts = told.length <= singly ? told.map((alert) => [alert]) : [told]
    for (const some of texts) tell(chat, some, now)
    return told.length
  }

  function waitOf({ waitsFor = 0 }: Hit, story: number, publishersOf: PublisherCount): number | null {
    return waitsFor > 0 && publishersOf(story) < waitsFor ? waitsFor : null
  }

  /** Gives back what needs a message: a new alert, or one of which something waits no longer. All else is written. */
  function join(alert: NewAlert, now: number): NewAlert | { id: number } | null {
    const known = findAlert.get(alert.chat, alert.story)
    if (!known) {
      if (alert.hits.some(({ waitsFor }) => waitsFor === null)) return alert
      insert(alert, null, now)
      return null
    }
    if (!addHits(known.id, alert.hits)) return null
    if (known.messageId === null) return known
    edits.wantOfMessage(known.messageId, now)
    return null
  }

  function insert({ chat, story, place, hits }: NewAlert, messageId: number | null, now: number): void {
    const id = insertAlert.get(chat, story, place, messageId, now)
    if (id !== undefined) addHits(id, hits)
  }

  /** Whether one came that was not there and waits for nothing. */
  function addHits(alertId: number, hits: NewAlert['hits']): boolean {
    const added = hits.filter(
      ({ watch, words, waitsFor }) => insertHit.run(alertId, watch.id, JSON.stringify(words), waitsFor).changes > 0,
    )
    return added.some(({ waitsFor }) => waitsFor === null)
  }

  function releaseHits(story: number, now: number): number {
    release.run(countPublishers(story), story)
    const alerts = released.all(story)
    for (const { id, chat } of alerts) tell(chat, [{ id }], now)
    return alerts.length
  }

  /** One message of all of them. */
  function tell(chat: string, alerts: (NewAlert | { id: number })[], now: number): void {
    if (alerts.length === 0) return
    const messageId = insertMessage.get(chat, alerts.length, now) ?? null
    for (const alert of alerts) {
      if ('id' in alert) tellBy.run(messageId, alert.id)
      else insert(alert, messageId, now)
    }
    wake.run(chat)
  }
}

/** As it is written; what its hits wait for is judged. */
interface NewAlert extends Omit<PlannedAlert, 'hits'> {
  chat: string
  hits: (Omit<Hit, 'waitsFor'> & { waitsFor: number | null })[]
}

/** Alerts of one story are one, by the first of its items; of one watch's hits the first counts. */
function joinStories(alerts: PlannedAlert[]): PlannedAlert[] {
  const joined = new Map<number, PlannedAlert>()
  for (const alert of alerts) {
    const known = joined.get(alert.story)
    if (known) known.hits.push(...alert.hits)
    else joined.set(alert.story, { ...alert, hits: [...alert.hits] })
  }
  return [...joined.values()]
}

export function createOutboxStore(
  db: Database,
  { group, meta, alerts, chatWriter }: { group: Group; meta: Meta; alerts: AlertReader; chatWriter: ChatWriter },
): OutboxStore {
  const { orm, driver, log } = db
  const edits = createEditWriter(db)
  const editQueue = createEditQueue(db, { edits, chatWriter })
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
    `UPDATE messages SET state = 'sending', html = ?, open_url = ?,
       first_attempt_at = coalesce(first_attempt_at, ?) WHERE id = ?`,
  )
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
       AND NOT EXISTS (SELECT 1 FROM items WHERE place = alerts.story AND ${happenedAt} >= :since)
       AND NOT EXISTS (SELECT 1 FROM items WHERE story = alerts.story AND story <> place AND ${happenedAt} >= :since)`,
  )
  const freeSources = driver.prepare('UPDATE sources SET lease_until = 0 WHERE lease_until > 0')
  const sendingChats = driver.prepare<string>("SELECT chat FROM messages WHERE state = 'sending'").pluck()

  type ClaimOptions = Parameters<Store['claimMessages']>[0]

  return {
    async claimMessages(options) {
      const { now, limit, kinds, edits: mostEdits = 0 } = options
      const withEdits = mostEdits > 0
      // Asked every second, and mostly in vain: a look needs no lock.
      const nextAt = findNextDue(kinds, withEdits)
      if (nextAt === null || nextAt > now) return { messages: [], nextAt }
      return group.run(() => {
        const due = kinds
          .flatMap((kind) => dueChats.all({ kind, now, limit }))
          .sort((a, b) => a.dueAt - b.dueAt)
          .slice(0, limit)
        const claimed = due.flatMap((chat) => claimHead(toChat(chat), options))
        const room = Math.min(mostEdits, limit - claimed.length)
        if (room > 0) claimed.push(...editQueue.claim({ ...options, limit: room }, renderEdit(options)))
        return { messages: claimed, nextAt: findNextDue(kinds, withEdits) }
      })
    },

    settleMessage: (id, settlement, editOf = null) =>
      group.run(() => {
        const message = byId.get({ id })
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
  function findNextDue(kinds: Chat['kind'][], withEdits: boolean): number | null {
    const dueAts = kinds.flatMap((kind) => nextDue.get(kind) ?? [])
    const editAt = withEdits ? editQueue.nextDue(kinds) : null
    if (editAt !== null) dueAts.push(editAt)
    return dueAts.length === 0 ? null : Math.min(...dueAts)
  }

  function claimHead(chat: Chat, { now, leaseMs, gapMs, render }: ClaimOptions): OutboxMessage[] {
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
    pace.run({ chat: chat.id, readyAt: now + gapMs(chat), until: now + leaseMs })
    const { id, plain, attempts, unknowns } = row
    return [{ id, chat, rendered, plain, attempts, unknowns, firstAttemptAt, edits: null }]
  }

  function renderEdit({ render }: ClaimOptions) {
    return (message: MessageRow) => renderAnew(message, render)
  }

  /** Null for what our own fault keeps from being rendered: it must not hold up everybody else's messages. */
  function renderAnew({ id, total, state }: MessageRow, render: ClaimOptions['render']): RenderedMessage | null {
    const told = alerts.ofMessage(id, SHOWN_ALERTS)
    // Pruned since: it stays as it was sent.
    if (told.length === 0 && state === 'sent') return null
    try {
      return render(told, total)
    } catch (error) {
      const err = error instanceof Error ? (error.stack ?? error.message) : String(error)
      log.error({ message: id, err }, 'A message cannot be rendered; it is given up.')
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
