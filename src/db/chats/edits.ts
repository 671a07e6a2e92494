import { STORY_WINDOW_MS } from '../../story/story-index.ts'
import { SECOND_MS } from '../../time.ts'
import type { Database } from '../sqlite/driver.ts'

/** What comes within it is one edit: the papers that carry a story often come with one round of polls. */
export const EDIT_DELAY_MS = 20 * SECOND_MS

/** A message is edited as long as its story is followed, and so often at most: after that nobody looks at it any more. */
export const EDITED_FOR_MS = STORY_WINDOW_MS
export const MOST_EDITS = 10

/** Marks messages that are to be shown anew; all of it inside the caller's transaction. */
export interface EditWriter {
  /** What tells a story alone; a summary stays as it was sent. Costs one look-up where no chat was told of the story. */
  wantOfStory(story: number, now: number): void
  /** The same of what tells this item. */
  wantOfItem(place: number, now: number): void
  wantOfMessage(id: number, now: number): void
  /** Something of this chat's edits or its pace has changed. */
  reschedule(chat: string): void
}

export function createEditWriter({ driver }: Database): EditWriter {
  // Its text may be made already, and yet on its way: then the edit follows when it is known to have arrived.
  const want = (ids: string) =>
    driver.prepare<{ chat: string; editAt: number | null }>(
      `UPDATE messages SET edit_wanted = 1,
         edit_at = iif(state = 'sent', coalesce(min(edit_at, max(:at, edit_ready_at)), max(:at, edit_ready_at)), NULL)
       WHERE id IN (${ids}) AND total = 1 AND NOT edit_wanted AND edits < ${MOST_EDITS}
         AND (state = 'sent' AND external_id IS NOT NULL AND sent_at > :now - ${EDITED_FOR_MS}
           OR state IN ('queued', 'sending') AND html IS NOT NULL)
       RETURNING chat, edit_at AS editAt`,
    )
  const alive = 'cancelled_at IS NULL AND message_id IS NOT NULL'
  const ofStory = want(`SELECT message_id FROM alerts WHERE story = :ref AND ${alive}`)
  const ofItem = want(`SELECT message_id FROM alerts WHERE place = :ref AND ${alive}`)
  const ofMessage = want(':ref')
  const bring = driver.prepare(
    `UPDATE chats SET edit_due_at = coalesce(min(edit_due_at, max(:at, ready_at)), max(:at, ready_at)) WHERE id = :chat`,
  )
  const reschedule = driver.prepare(
    `UPDATE chats SET edit_due_at =
       max(ready_at, (SELECT min(edit_at) FROM messages WHERE chat = chats.id AND edit_at IS NOT NULL)) WHERE id = ?`,
  )

  function run(statement: typeof ofStory, ref: number, now: number): void {
    for (const { chat, editAt } of statement.all({ ref, now, at: now + EDIT_DELAY_MS })) {
      if (editAt !== null) bring.run({ chat, at: editAt })
    }
  }

  return {
    wantOfStory: (story, now) => run(ofStory, story, now),
    wantOfItem: (place, now) => run(ofItem, place, now),
    wantOfMessage: (id, now) => run(ofMessage, id, now),
    reschedule: (chat) => void reschedule.run(chat),
  }
}
