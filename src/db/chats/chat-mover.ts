import type { Database } from '../sqlite/driver.ts'

/** As SQL: two alerts of one story, of two chats that become one, and whether the one that comes is the one that stays. */
const PAIRS = `SELECT coming.id AS coming, there.id AS there, coming.message_id AS coming_message,
    there.message_id AS there_message, ${weightOf('coming')} > ${weightOf('there')} AS comes
  FROM alerts AS coming JOIN alerts AS there
    ON there.chat = :to AND there.story = coming.story AND there.cancelled_at IS NULL
  WHERE coming.chat = :from AND coming.cancelled_at IS NULL`

/**
 * A chat that has got another id, in the caller's transaction: everything of the old one belongs to the new one from now on,
 * and the old one is forgotten. Both are known; what they both have is joined.
 */
export function createChatMover({ driver }: Database): (from: string, to: string) => void {
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
    'UPDATE mutes SET chat = :to WHERE chat = :from',
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

  return (from, to) => {
    for (const statement of moving) statement.run({ from, to })
  }
}

/** As SQL: 3 for an alert that was sent, 2 for one in the queue, 1 for one that was given up, 0 for one that waits. */
function weightOf(alert: string): string {
  const ofState = "CASE state WHEN 'sent' THEN 3 WHEN 'parked' THEN 1 ELSE 2 END"
  return `coalesce((SELECT ${ofState} FROM messages WHERE id = ${alert}.message_id), 0)`
}
