import type { Alert, AlertState, Hit } from '../model.ts'
import type { Database } from './driver.ts'
import type { ItemReader } from './items.ts'

/** Reads alerts with their items and hits. */
export interface AlertReader {
  /** Newest first, of one chat or of all. */
  list(limit: number, chat?: string): Alert[]
  /** The newest alerts of one message, cancelled ones left out; `calledBy` of their items stays empty. */
  ofMessage(messageId: number, limit: number): Alert[]
}

interface AlertRow {
  id: number
  chat: string
  story: number
  place: number
  createdAt: number
  cancelledAt: number | null
  messageState: AlertState | null
  sentAt: number | null
}

interface HitRow {
  alertId: number
  words: string
  cancelled: 0 | 1
  id: number
  chat: string
  number: number
  query: string
  createdAt: number
}

export function createAlertReader({ driver }: Database, reader: ItemReader): AlertReader {
  const select = `SELECT alerts.id, alerts.chat, alerts.story, alerts.place, alerts.created_at AS createdAt,
      alerts.cancelled_at AS cancelledAt, messages.state AS messageState, messages.sent_at AS sentAt
    FROM alerts LEFT JOIN messages ON messages.id = alerts.message_id`
  const newest = driver.prepare<AlertRow>(`${select} ORDER BY alerts.id DESC LIMIT ?`)
  const newestOfChat = driver.prepare<AlertRow>(`${select} WHERE alerts.chat = ? ORDER BY alerts.id DESC LIMIT ?`)
  const ofMessage = driver.prepare<AlertRow>(
    `${select} WHERE alerts.message_id = ? AND alerts.cancelled_at IS NULL ORDER BY alerts.place DESC LIMIT ?`,
  )
  const hitsOf = driver.prepare<HitRow>(
    `SELECT hits.alert_id AS alertId, hits.words, hits.cancelled, watches.id, watches.chat, watches.number,
       watches.query, watches.created_at AS createdAt
     FROM hits JOIN watches ON watches.id = hits.watch_id
     WHERE hits.alert_id IN (SELECT value FROM json_each(?)) ORDER BY watches.id`,
  )

  return {
    list(limit, chat) {
      const found = complete(chat === undefined ? newest.all(limit) : newestOfChat.all(chat, limit))
      const items = reader.withCalls(found.map(({ item }) => item))
      return found.map((alert, i) => ({ ...alert, item: items[i] ?? alert.item }))
    },
    ofMessage: (messageId, limit) => complete(ofMessage.all(messageId, limit)),
  }

  function complete(rows: AlertRow[]): Alert[] {
    const hits = new Map<number, HitRow[]>(rows.map(({ id }) => [id, []]))
    for (const hit of hitsOf.all(JSON.stringify([...hits.keys()]))) hits.get(hit.alertId)?.push(hit)
    return rows.flatMap((row) => {
      const item = reader.find(row.place)
      // Pruned since: there is nothing left to tell.
      if (!item) return []
      const { id, chat, story, createdAt, cancelledAt, sentAt } = row
      const state = cancelledAt === null ? (row.messageState ?? 'waiting') : 'cancelled'
      return [{ id, chat, story, state, item, hits: toHits(hits.get(id) ?? [], state), createdAt, sentAt }]
    })
  }
}

/** Those that still stand; of a cancelled alert all, for the record. */
function toHits(rows: HitRow[], state: AlertState): Hit[] {
  return rows
    .filter(({ cancelled }) => !cancelled || state === 'cancelled')
    .map(({ id, chat, number, query, createdAt, words }) => ({
      watch: { id, chat, number, query, createdAt },
      // Written by us, as JSON of a list of words.
      words: JSON.parse(words) as string[],
    }))
}
