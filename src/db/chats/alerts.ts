import type { Alert, AlertState, Hit, Item, Watch } from '../../model.ts'
import { MOST_SINGLE_ALERTS, type Store } from '../../ports.ts'
import type { ItemReader } from '../items/items.ts'
import type { Database } from '../sqlite/driver.ts'
import { membersOf } from '../sqlite/schema.ts'
import { WATCH_COLUMNS } from './watches.ts'

/** Reads alerts with their items and hits. */
export interface AlertReader {
  /** Newest first, of one chat or of all. */
  list(limit: number, chat?: string): Alert[]
  /** What one message tells: its newest alerts without those that were cancelled, and their hits without those that wait. `calledBy` of the items stays empty. */
  ofMessage(messageId: number): Alert[]
  /** As `Store.findAlert`. */
  find(ref: Parameters<Store['findAlert']>[0]): Alert | undefined
  /** As `Store.findAlertOfStory`. */
  findOfStory(chat: string, story: number): Alert | undefined
}

interface AlertRow extends Pick<Alert, 'id' | 'chat' | 'story' | 'createdAt' | 'sentAt'> {
  place: number
  cancelledAt: number | null
  messageState: AlertState | null
  error: string | null
  total: number | null
}

/** With its watch. */
interface HitRow extends Watch {
  alertId: number
  words: string
  cancelled: 0 | 1
  waitsFor: number | null
}

export function createAlertReader({ driver }: Database, reader: ItemReader): AlertReader {
  const select = `SELECT alerts.id, alerts.chat, alerts.story, alerts.place, alerts.created_at AS createdAt,
      alerts.cancelled_at AS cancelledAt, messages.state AS messageState, messages.sent_at AS sentAt,
      messages.error, messages.total
    FROM alerts LEFT JOIN messages ON messages.id = alerts.message_id`
  const newest = driver.prepare<AlertRow>(`${select} ORDER BY alerts.id DESC LIMIT ?`)
  const newestOfChat = driver.prepare<AlertRow>(`${select} WHERE alerts.chat = ? ORDER BY alerts.id DESC LIMIT ?`)
  const ofMessage = driver.prepare<AlertRow>(
    `${select} WHERE alerts.message_id = ? AND alerts.cancelled_at IS NULL ORDER BY alerts.place DESC LIMIT ${MOST_SINGLE_ALERTS}`,
  )
  const byId = driver.prepare<AlertRow>(`${select} WHERE alerts.id = ?`)
  const byExternalId = driver.prepare<AlertRow>(
    `${select} WHERE alerts.message_id IN (SELECT id FROM messages WHERE chat = ? AND external_id = ?)
     ORDER BY alerts.cancelled_at IS NOT NULL, alerts.place DESC LIMIT 1`,
  )
  const live = driver.prepare<AlertRow>(`${select} WHERE alerts.chat = ? AND alerts.story = ? AND cancelled_at IS NULL`)
  // By the items of the story: the cancelled are in no index of their own.
  const cancelled = driver.prepare<AlertRow>(
    `${select} WHERE +alerts.chat = :chat AND alerts.story = :story AND alerts.cancelled_at IS NOT NULL
       AND alerts.place IN (${membersOf(':story')})
     ORDER BY alerts.id DESC LIMIT 1`,
  )
  const hitsOf = driver.prepare<HitRow>(
    `SELECT hits.alert_id AS alertId, hits.words, hits.cancelled, hits.waits_for AS waitsFor, ${WATCH_COLUMNS}
     FROM hits JOIN watches ON watches.id = hits.watch_id
     WHERE hits.alert_id IN (SELECT value FROM json_each(?)) ORDER BY watches.id`,
  )

  return {
    list: (limit, chat) => forPeople(chat === undefined ? newest.all(limit) : newestOfChat.all(chat, limit)),
    ofMessage(messageId) {
      const told = withItems(complete(ofMessage.all(messageId)), reader.withRelated)
      return told.map((alert) => ({ ...alert, hits: alert.hits.filter(({ waitsFor }) => waitsFor === undefined) }))
    },
    find(ref) {
      const row = 'id' in ref ? byId.get(ref.id) : byExternalId.get(ref.chat, ref.messageId)
      return row && forPeople([row])[0]
    },
    findOfStory(chat, story) {
      const row = live.get(chat, story) ?? cancelled.get({ chat, story })
      return row && forPeople([row])[0]
    },
  }

  function forPeople(rows: AlertRow[]): Alert[] {
    return withItems(complete(rows), (items) => reader.withRelated(reader.withCalls(items)))
  }

  function complete(rows: AlertRow[]): Alert[] {
    const hits = new Map<number, HitRow[]>(rows.map(({ id }) => [id, []]))
    for (const hit of hitsOf.all(JSON.stringify([...hits.keys()]))) hits.get(hit.alertId)?.push(hit)
    return rows.flatMap((row) => {
      const item = reader.find(row.place)
      // Pruned since: there is nothing left to tell.
      if (!item) return []
      const { id, chat, story, createdAt, cancelledAt, sentAt, error, total } = row
      const state = cancelledAt === null ? (row.messageState ?? 'waiting') : 'cancelled'
      const more = {
        ...(state !== 'sent' && error !== null && { trouble: error }),
        ...(cancelledAt === null && total !== null && total > 1 && { beside: total - 1 }),
      }
      return [{ id, chat, story, state, item, hits: toHits(hits.get(id) ?? [], state), createdAt, sentAt, ...more }]
    })
  }
}

function withItems(alerts: Alert[], change: (items: Item[]) => Item[]): Alert[] {
  const items = change(alerts.map(({ item }) => item))
  return alerts.map((alert, i) => ({ ...alert, item: items[i] ?? alert.item }))
}

/** Those that still stand; of a cancelled alert all, for the record. */
function toHits(rows: HitRow[], state: AlertState): Hit[] {
  return rows
    .filter(({ cancelled }) => !cancelled || state === 'cancelled')
    .map(({ alertId, cancelled, words, waitsFor, ...watch }) => ({
      watch,
      // Written by us, as JSON of a list of words.
      words: JSON.parse(words) as string[],
      ...(waitsFor !== null && { waitsFor }),
    }))
}
