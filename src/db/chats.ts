import { and, eq, isNull, sql } from 'drizzle-orm'
import { AppError } from '../errors.ts'
import { type Chat, chatKind, type Watch } from '../model.ts'
import type { Store } from '../ports.ts'
import type { Database } from './driver.ts'
import type { Group } from './group.ts'
import type { Meta } from './meta.ts'
import { chats, watches } from './schema.ts'

/** As SQL: two alerts of one story, of two chats that become one, and whether the one that comes is the one that stays. */
const PAIRS = `SELECT coming.id AS coming, there.id AS there, coming.message_id AS coming_message,
    there.message_id AS there_message, ${weightOf('coming')} > ${weightOf('there')} AS comes
  FROM alerts AS coming JOIN alerts AS there
    ON there.chat = :to AND there.story = coming.story AND there.cancelled_at IS NULL
  WHERE coming.chat = :from AND coming.cancelled_at IS NULL`

type ChatStore = Pick<Store, 'findChat' | 'reviveChat' | 'markChatGone' | 'addWatch' | 'listWatches' | 'removeWatch'>

/** What others may do to a chat inside their own transaction. */
export interface ChatWriter {
  /** Makes the chat known. Throws `invalid` for what is no chat. */
  ensure(id: string): void
  /** Unknown chats stay unknown; one that is gone keeps its first reason. */
  markGone(id: string, reason: string, now: number): void
  /** Everything of the old chat belongs to the new one from now on, and the old one is forgotten. */
  move(from: string, to: string): void
}

export function toChat({ id, kind, state, goneReason, goneAt }: typeof chats.$inferSelect): Chat {
  return { id, kind, state, goneReason, goneAt }
}

export function createChatWriter({ driver }: Database, meta: Meta): ChatWriter {
  const insert = driver.prepare('INSERT INTO chats (id, kind) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const leave = driver.prepare(
    "UPDATE chats SET state = 'gone', gone_reason = ?, gone_at = ? WHERE id = ? AND state = 'active'",
  )
  const moving = [
    // Numbers and texts that both chats use: the newcomers get new numbers, and of two equal watches one goes, of which the
    // other has all hits.
    `UPDATE hits SET watch_id = twin.id FROM watches AS own
       JOIN watches AS twin ON twin.chat = :to AND twin.query = own.query AND twin.removed_at IS NULL
     WHERE own.chat = :from AND own.removed_at IS NULL AND hits.watch_id = own.id`,
    `UPDATE watches SET removed_at = created_at WHERE chat = :from AND removed_at IS NULL
       AND query IN (SELECT query FROM watches WHERE chat = :to AND removed_at IS NULL)`,
    `UPDATE watches SET chat = :to,
       number = number + (SELECT next_number FROM chats WHERE id = :to) - 1 WHERE chat = :from`,
    `UPDATE chats SET next_number = next_number - 1 + (SELECT next_number FROM chats WHERE id = :from) WHERE id = :to`,
    // Of two alerts of one story the one that was sent stays, else the one that is to be, else the one that was given up,
    // else the one that waits; of two such the one that was there. It has the hits of both, as if all had come to one chat:
    // what waits for publishers waits on, and since one that waits stays beside its like only, it gets none that stand.
    `INSERT INTO hits (alert_id, watch_id, words, waits_for)
     SELECT iif(pair.comes, pair.coming, pair.there), watch_id, words, waits_for
     FROM (${PAIRS}) AS pair JOIN hits ON hits.alert_id = iif(pair.comes, pair.there, pair.coming)
     WHERE NOT cancelled AND EXISTS (SELECT 1 FROM watches WHERE id = hits.watch_id AND removed_at IS NULL)
     ON CONFLICT DO UPDATE SET waits_for = NULL WHERE excluded.waits_for IS NULL`,
    // Its message is to be shown anew, once its chat may have the next one; where it shows the same, no edit comes of it.
    `UPDATE messages SET edit_wanted = 1, edit_at = iif(state = 'sent', coalesce(edit_at, max(edit_ready_at, sent_at)), NULL)
     WHERE id IN (SELECT iif(pair.comes, pair.coming_message, pair.there_message) FROM (${PAIRS}) AS pair)
       AND NOT edit_wanted AND (state = 'sent' AND total = 1 AND external_id IS NOT NULL
         OR state IN ('queued', 'sending') AND html IS NOT NULL)`,
    `UPDATE alerts SET cancelled_at = created_at WHERE chat = :to AND cancelled_at IS NULL
       AND EXISTS (SELECT 1 FROM alerts AS other WHERE other.chat = :from AND other.story = alerts.story
                     AND other.cancelled_at IS NULL AND ${weightOf('other')} > ${weightOf('alerts')})`,
    `UPDATE alerts SET cancelled_at = created_at WHERE chat = :from AND cancelled_at IS NULL
       AND story IN (SELECT story FROM alerts WHERE chat = :to AND cancelled_at IS NULL)`,
    'UPDATE alerts SET chat = :to WHERE chat = :from',
    "UPDATE messages SET state = 'queued' WHERE chat = :from AND state = 'sending'",
    // What was sent has other numbers there, or none: it can be edited no more.
    `UPDATE messages SET chat = :to, external_id = NULL, edit_at = NULL, edit_wanted = edit_wanted AND state = 'queued'
     WHERE chat = :from`,
    `UPDATE messages SET total = (SELECT count(*) FROM alerts WHERE message_id = messages.id AND cancelled_at IS NULL)
     WHERE chat = :to AND state IN ('queued', 'parked')`,
    // Not the notices: they have no alerts.
    `UPDATE messages SET state = 'cancelled' WHERE chat = :to AND state IN ('queued', 'parked') AND total = 0
       AND EXISTS (SELECT 1 FROM alerts WHERE message_id = messages.id)`,
    // What nobody has seen is written anew.
    `UPDATE messages SET html = NULL, open_url = NULL, edit_wanted = 0
     WHERE chat = :to AND state = 'queued' AND total > 0 AND attempts + unknowns = 0`,
    'DELETE FROM chats WHERE id = :from',
    `UPDATE chats SET state = 'active', gone_reason = NULL, gone_at = NULL, waiting = 1, due_at = max(due_at, ready_at),
       edit_due_at = max(ready_at, (SELECT min(edit_at) FROM messages WHERE chat = :to AND edit_at IS NOT NULL))
     WHERE id = :to`,
  ].map((sql) => driver.prepare(sql))

  function ensure(id: string): void {
    insert.run(id, kindOf(id))
  }

  return {
    ensure,
    markGone(id, reason, now) {
      if (leave.run(reason, now, id).changes === 0) return
      meta.noteChange('chat', id)
      meta.touch()
    },
    move(from, to) {
      if (from === to) return
      ensure(to)
      for (const statement of moving) statement.run({ from, to })
      meta.noteChange('chat', to)
      meta.touch()
    },
  }
}

export function createChatStore(
  { orm, driver }: Database,
  { group, meta, chatWriter }: { group: Group; meta: Meta; chatWriter: ChatWriter },
): ChatStore {
  const byId = orm
    .select()
    .from(chats)
    .where(eq(chats.id, sql.placeholder('id')))
    .prepare()
  const takeNumber = driver
    .prepare<number>('UPDATE chats SET next_number = next_number + 1 WHERE id = ? RETURNING next_number - 1')
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
    async findChat(id) {
      const row = byId.get({ id })
      return row && toChat(row)
    },

    reviveChat: (id) =>
      group.run(() => {
        chatWriter.ensure(id)
        const before = getChat(id)
        if (revive.run(id).changes === 0) return { chat: before, goneSince: null }
        restartRetries.run(id)
        restartEdits.run(id)
        meta.noteChange('chat', id)
        meta.touch()
        return { chat: getChat(id), goneSince: before.goneAt }
      }),

    markChatGone: (id, reason, now) => group.run(() => chatWriter.markGone(id, reason, now)),

    addWatch: (chat, query, now) =>
      group.run(() => {
        chatWriter.ensure(chat)
        const same = and(eq(watches.chat, chat), eq(watches.query, query.text), isNull(watches.removedAt))
        const known = orm.select().from(watches).where(same).get()
        if (known) {
          throw new AppError('conflict', `Watch ${known.number} of this chat is the same: ${query.text}`)
        }
        const number = takeNumber.get(chat) ?? 1
        const row = orm.insert(watches).values({ chat, number, query: query.text, createdAt: now }).returning().get()
        meta.noteChange('watch', row.id)
        meta.touch()
        return toWatch(row)
      }),

    async listWatches(chat) {
      const ofChat = chat === undefined ? undefined : eq(watches.chat, chat)
      const rows = orm
        .select()
        .from(watches)
        .where(and(ofChat, isNull(watches.removedAt)))
      return rows.orderBy(watches.chat, watches.number).all().map(toWatch)
    },

    removeWatch: (chat, number, now) =>
      group.run(() => {
        const live = and(eq(watches.chat, chat), eq(watches.number, number), isNull(watches.removedAt))
        const row = orm.update(watches).set({ removedAt: now }).where(live).returning().get()
        if (!row) throw new AppError('not_found', `This chat has no watch ${number}.`)

        for (const alertId of cancelHits.all(row.id)) takeBack(alertId, now)
        meta.noteChange('watch', row.id)
        meta.touch()
        return toWatch(row)
      }),
  }

  function getChat(id: string): Chat {
    const row = byId.get({ id })
    if (!row) throw new AppError('not_found', `There is no chat ${id}.`)
    return toChat(row)
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

/** As SQL: 3 for an alert that was sent, 2 for one in the queue, 1 for one that was given up, 0 for one that waits. */
function weightOf(alert: string): string {
  const ofState = "CASE state WHEN 'sent' THEN 3 WHEN 'parked' THEN 1 ELSE 2 END"
  return `coalesce((SELECT ${ofState} FROM messages WHERE id = ${alert}.message_id), 0)`
}

function toWatch({ removedAt, ...watch }: typeof watches.$inferSelect): Watch {
  return watch
}

function kindOf(id: string): Chat['kind'] {
  const kind = chatKind(id)
  if (kind !== null) return kind
  throw new AppError('invalid', `"${id}" is no chat.`, { hint: 'Give "terminal", or the number of a Telegram chat.' })
}
