import type { Database } from '../sqlite/driver.ts'
import type { EditWriter } from './edits.ts'

/** What is known of how far an alert has come: who has come further stays. */
const RANK = { waiting: 0, givenUp: 1, queued: 2, told: 3 } as const

interface AlertRow {
  id: number
  chat: string
  messageId: number | null
  rank: number
}

/**
 * Alerts of a story that turned out to tell another one, in the caller's transaction: they tell that from now on. Of two in
 * one chat one is left, with the hits of both: the one that has come further. Two that were told stay both, but what waits
 * goes to the one of the story that is left.
 */
export function createStoryMover(
  { driver }: Database,
  edits: Pick<EditWriter, 'wantOfMessage'>,
): (from: number, to: number, now: number) => void {
  // A text that was made may have been seen: then it was told, as far as anybody knows.
  const alertsOf = driver.prepare<AlertRow>(
    `SELECT alerts.id, alerts.chat, message_id AS messageId,
       CASE WHEN message_id IS NULL THEN ${RANK.waiting} WHEN messages.state = 'parked' THEN ${RANK.givenUp}
         WHEN messages.state = 'queued' AND html IS NULL THEN ${RANK.queued} ELSE ${RANK.told} END AS rank
     FROM alerts LEFT JOIN messages ON messages.id = message_id WHERE story = ? AND cancelled_at IS NULL`,
  )
  const setStory = driver.prepare('UPDATE alerts SET story = ? WHERE id = ?')
  const cancel = driver.prepare('UPDATE alerts SET cancelled_at = ? WHERE id = ?')
  const moveHits = driver.prepare('UPDATE OR IGNORE hits SET alert_id = ? WHERE alert_id = ? AND NOT cancelled')
  const moveWaiting = driver.prepare(
    'UPDATE OR IGNORE hits SET alert_id = ? WHERE alert_id = ? AND NOT cancelled AND waits_for IS NOT NULL',
  )
  // What was taken out while it was muted must not stand in the way of what came after that.
  const makeRoom = driver.prepare(
    `DELETE FROM hits WHERE alert_id = :to AND cancelled
       AND watch_id IN (SELECT watch_id FROM hits WHERE alert_id = :from AND NOT cancelled)`,
  )
  // What stands is no less so for having waited elsewhere.
  const stand = driver.prepare(
    `UPDATE hits SET waits_for = NULL WHERE alert_id = :to AND waits_for IS NOT NULL AND watch_id IN
       (SELECT watch_id FROM hits WHERE alert_id = :from AND NOT cancelled AND waits_for IS NULL)`,
  )
  const leave = driver.prepare(
    `UPDATE messages SET total = total - 1, state = iif(total = 1, 'cancelled', state)
     WHERE id = ? AND state IN ('queued', 'parked')`,
  )

  return (from, to, now) => {
    const moving = alertsOf.all(from)
    if (moving.length === 0) return
    const there = new Map(alertsOf.all(to).map((alert) => [alert.chat, alert]))
    for (const alert of moving) {
      const other = there.get(alert.chat)
      if (!other) setStory.run(to, alert.id)
      else if (alert.rank === RANK.told && other.rank === RANK.told) {
        makeRoom.run({ to: other.id, from: alert.id })
        if (moveWaiting.run(other.id, alert.id).changes > 0) seeAgain(other)
      } else if (alert.rank > other.rank) {
        joinInto(alert, other)
        setStory.run(to, alert.id)
      } else joinInto(other, alert)
    }

    function joinInto(left: AlertRow, gone: AlertRow): void {
      makeRoom.run({ to: left.id, from: gone.id })
      stand.run({ to: left.id, from: gone.id })
      moveHits.run(left.id, gone.id)
      cancel.run(now, gone.id)
      if (gone.messageId !== null) leave.run(gone.messageId)
      seeAgain(left)
    }

    function seeAgain({ messageId }: AlertRow): void {
      if (messageId !== null) edits.wantOfMessage(messageId, now)
    }
  }
}
