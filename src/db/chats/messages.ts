import { groupBy } from '../../groups.ts'
import type { Hit } from '../../model.ts'
import { MOST_SINGLE_ALERTS, type Notice } from '../../ports.ts'
import type { PublisherCount } from '../items/publishers.ts'
import type { Database } from '../sqlite/driver.ts'
import { membersOf } from '../sqlite/schema.ts'
import type { ChatWriter } from './chats.ts'
import type { EditWriter } from './edits.ts'
import { mutesOf } from './mutes.ts'
import { createStoryMover } from './story-mover.ts'

/** As a plan has it, its items by their places. */
interface ResolvedMessage {
  chat: string
  alerts: ResolvedAlert[]
  singly?: number
}

interface ResolvedAlert {
  place: number
  story: number
  hits: Hit[]
}

/** Further items that tell stories which were there before. */
interface Carried {
  stories: Iterable<number>
  sourceId: number
  /** All of its items that came just now. */
  places: number[]
  /** They came quietly: what they set free is no more than one message for a chat. */
  isQuiet: boolean
}

/** Puts messages into the outbox, inside the transaction of what they tell. */
export interface MessageWriter {
  /**
   * As `IngestPlan.messages` says. Where stories are `carried`, what waited for as many publishers is told, by the same
   * rule, and what was told is to be shown anew; a story that is in no alert costs one look-up. A watch that is muted when
   * enough publishers have come is taken out of what was not told yet. Gives how many alerts are to be told now: not those
   * that wait, nor what joins one that was told before.
   */
  write(planned: ResolvedMessage[], now: number, carried?: Carried): number
  /** What tells this item alone is to be shown anew. */
  itemEdited(place: number, now: number): void
  /** A story turned out to tell another one: its alerts tell that from now on, none twice. */
  storyMoved(from: number, to: number, now: number): void
  /** Whether the chat was told of the story, or is about to be: an alert that waits is neither, nor is one that was given up. */
  isAlerted(chat: string, story: number): boolean
  /** One message for each chat of a notice, in order with its others. Makes the chats known; throws `invalid` for what is none. */
  notify(notices: Notice[], now: number): void
}

export function createMessageWriter(
  db: Database,
  {
    chatWriter,
    edits,
    countPublishers,
  }: { chatWriter: ChatWriter; edits: EditWriter; countPublishers: PublisherCount },
): MessageWriter {
  const { driver } = db

  const findAlert = driver.prepare<KnownAlert>(
    `SELECT alerts.id, message_id AS messageId, messages.state IS 'parked' AS isGivenUp
     FROM alerts LEFT JOIN messages ON messages.id = message_id
     WHERE alerts.chat = ? AND story = ? AND cancelled_at IS NULL`,
  )
  const isInAlert = driver.prepare('SELECT 1 FROM alerts WHERE story = ? AND cancelled_at IS NULL LIMIT 1')
  const insertMessage = driver.prepare('INSERT INTO messages (chat, total, created_at) VALUES (?, ?, ?)')
  // It tells no alert, so none can be taken back from it, and it counts as none.
  const insertNotice = driver.prepare(
    'INSERT INTO messages (chat, total, html, open_url, created_at) VALUES (?, 0, ?, ?, ?)',
  )
  const insertAlert = driver.prepare(
    'INSERT INTO alerts (chat, story, place, message_id, created_at) VALUES (?, ?, ?, ?, ?)',
  )
  // What was taken out while it was muted may come in again.
  const insertHit = driver.prepare(
    `INSERT INTO hits (alert_id, watch_id, words, waits_for) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET words = excluded.words, waits_for = excluded.waits_for, cancelled = 0 WHERE cancelled`,
  )
  const wake = driver.prepare('UPDATE chats SET waiting = 1, due_at = ready_at WHERE id = ? AND waiting = 0')

  const tellBy = driver.prepare('UPDATE alerts SET message_id = ? WHERE id = ?')
  // A message that was given up keeps what else it tells. Without an alert it is cancelled: parked, it would be a notice.
  const leaveGivenUp = driver.prepare(
    `UPDATE messages SET total = total - 1, state = iif(total = 1, 'cancelled', state)
     WHERE id = (SELECT message_id FROM alerts WHERE id = ?) AND state = 'parked'`,
  )
  const leaveRemoved = driver.prepare(
    `UPDATE hits SET cancelled = 1 WHERE alert_id = ? AND NOT cancelled
       AND watch_id IN (SELECT id FROM watches WHERE id = hits.watch_id AND removed_at IS NOT NULL)`,
  )

  const ofStory = 'SELECT id FROM alerts WHERE story = ? AND cancelled_at IS NULL'
  const isAwaited = driver.prepare(
    `SELECT 1 FROM hits WHERE alert_id IN (${ofStory}) AND waits_for IS NOT NULL AND NOT cancelled LIMIT 1`,
  )
  // Also where the message was given up: nobody has seen it.
  const silence = driver
    .prepare<number>(
      `UPDATE hits SET cancelled = 1 FROM alerts LEFT JOIN messages ON messages.id = message_id
       WHERE alerts.id = hits.alert_id AND story = :story AND cancelled_at IS NULL AND waits_for <= :publishers
         AND NOT cancelled AND (message_id IS NULL OR messages.state = 'parked')
         AND EXISTS (SELECT 1 FROM ${mutesOf('hits.watch_id', 'alerts.chat')})
       RETURNING alert_id`,
    )
    .pluck()
  const cancelEmpty = driver.prepare(
    `UPDATE alerts SET cancelled_at = ? WHERE id = ? AND message_id IS NULL
       AND NOT EXISTS (SELECT 1 FROM hits WHERE alert_id = alerts.id AND NOT cancelled)`,
  )
  const release = driver
    .prepare<number>(
      `UPDATE hits SET waits_for = NULL WHERE waits_for <= ? AND NOT cancelled AND alert_id IN (${ofStory})
       RETURNING alert_id`,
    )
    .pluck()
  const untold = driver.prepare<{ id: number; chat: string }>(
    `SELECT alerts.id, alerts.chat FROM alerts LEFT JOIN messages ON messages.id = message_id
     WHERE alerts.id IN (SELECT value FROM json_each(?)) AND (message_id IS NULL OR messages.state = 'parked')
     ORDER BY alerts.id`,
  )
  const placesOf = driver
    .prepare<number>(`SELECT place FROM items WHERE place IN (${membersOf(':story')}) AND source_id = :sourceId`)
    .pluck()

  return {
    write(planned, now, carried) {
      const publishersOf = remembered(countPublishers)
      const room = new Map<string, number>()
      let sum = 0
      for (const { chat, alerts, singly = 0 } of planned) {
        const fresh = joinStories(alerts).flatMap((alert) => join({ chat, ...alert }, now, publishersOf) ?? [])
        tell(chat, fresh, singly, now)
        room.set(chat, Math.max(0, singly - fresh.length))
        sum += fresh.length
      }
      if (!carried) return sum

      const freed = setFree(carried, now, publishersOf)
      for (const [chat, alerts] of groupBy(freed, ({ chat }) => chat)) {
        tell(chat, alerts, carried.isQuiet ? 0 : (room.get(chat) ?? MOST_SINGLE_ALERTS), now)
      }
      return sum + freed.length
    },

    itemEdited: (place, now) => edits.wantOfItem(place, now),
    storyMoved: createStoryMover(db, edits),

    isAlerted(chat, story) {
      const known = findAlert.get(chat, story)
      return known !== undefined && known.messageId !== null && !known.isGivenUp
    },

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

  /** Gives back what needs a message: a new alert, one of which something waits no longer, or one that was given up. All else is written. */
  function join(
    { hits: called, ...alert }: ResolvedAlert & { chat: string },
    now: number,
    publishersOf: PublisherCount,
  ): Untold | null {
    const hits = called.map(({ waitsFor = 0, ...hit }) => ({
      ...hit,
      waitsFor: waitsFor > 0 && publishersOf(alert.story) < waitsFor ? waitsFor : null,
    }))
    const known = findAlert.get(alert.chat, alert.story)
    if (!known) {
      if (hits.some(stands)) return { ...alert, hits }
      insert({ ...alert, hits }, null, now)
      return null
    }
    const added = addHits(known.id, hits)
    // Nobody has seen it: a watch that called it before may call it again.
    if (known.isGivenUp) return hits.some(stands) ? known : null
    if (!added.some(stands)) return null
    if (known.messageId === null) return known
    edits.wantOfMessage(known.messageId, now)
    return null
  }

  function insert({ chat, story, place, hits }: NewAlert, messageId: number | null, now: number): void {
    // Not by RETURNING: where one item calls thousands, that takes as long as all else.
    addHits(Number(insertAlert.run(chat, story, place, messageId, now).lastInsertRowid), hits)
  }

  /** Gives those that were not there. */
  function addHits(alertId: number, hits: NewHit[]): NewHit[] {
    return hits.filter(
      ({ watch, words, waitsFor }) => insertHit.run(alertId, watch.id, JSON.stringify(words), waitsFor).changes > 0,
    )
  }

  /** Gives the alerts that need a message now. */
  function setFree(carried: Carried, now: number, publishersOf: PublisherCount): { id: number; chat: string }[] {
    const isNew = new Set(carried.places)
    const freed: number[] = []
    for (const story of carried.stories) {
      if (isInAlert.get(story) === undefined) continue
      const alerts = isAwaited.get(story) === undefined ? [] : setFreeOf(story, publishersOf(story), now)
      for (const alert of alerts) freed.push(alert)
      // Who carries a story already is named already, or it is the item that is told.
      const isNamed = placesOf.all({ story, sourceId: carried.sourceId }).some((place) => !isNew.has(place))
      if (alerts.length > 0 || !isNamed) edits.wantOfStory(story, now)
    }
    return freed.length === 0 ? [] : untold.all(JSON.stringify(freed))
  }

  /** What was waiting for so many is not any more; but who is muted now is not told later either. */
  function setFreeOf(story: number, publishers: number, now: number): number[] {
    for (const alertId of silence.all({ story, publishers, now })) cancelEmpty.run(now, alertId)
    return release.all(publishers, story)
  }

  /** Each by a message of its own, or all by one. */
  function tell(chat: string, alerts: Untold[], singly: number, now: number): void {
    const texts = alerts.length <= singly ? alerts.map((alert) => [alert]) : [alerts]
    for (const some of texts) tellOnce(chat, some, now)
  }

  function tellOnce(chat: string, alerts: Untold[], now: number): void {
    const messageId = Number(insertMessage.run(chat, alerts.length, now).lastInsertRowid)
    for (const alert of alerts) {
      if ('id' in alert) {
        leaveGivenUp.run(alert.id)
        leaveRemoved.run(alert.id)
        tellBy.run(messageId, alert.id)
      } else insert(alert, messageId, now)
    }
    wake.run(chat)
  }
}

interface KnownAlert {
  id: number
  messageId: number | null
  isGivenUp: 0 | 1
}

/** As it is written; what it waits for is judged. */
type NewHit = Omit<Hit, 'waitsFor'> & { waitsFor: number | null }

interface NewAlert extends Omit<ResolvedAlert, 'hits'> {
  chat: string
  hits: NewHit[]
}

type Untold = NewAlert | { id: number }

function stands({ waitsFor }: NewHit): boolean {
  return waitsFor === null
}

/** Alerts of one story are one, by the first of its items; of one watch's hits the first counts. */
function joinStories(alerts: ResolvedAlert[]): ResolvedAlert[] {
  const joined = new Map<number, ResolvedAlert>()
  for (const alert of alerts) {
    const known = joined.get(alert.story)
    if (known) known.hits.push(...alert.hits)
    else joined.set(alert.story, { ...alert, hits: [...alert.hits] })
  }
  return [...joined.values()]
}

function remembered(count: PublisherCount): PublisherCount {
  const counts = new Map<number, number>()
  return (story) => {
    const known = counts.get(story) ?? count(story)
    counts.set(story, known)
    return known
  }
}
