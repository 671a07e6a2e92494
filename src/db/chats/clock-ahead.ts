import type { Chat } from '../../model.ts'
import { HOUR_MS } from '../../time.ts'
import type { Database } from '../sqlite/driver.ts'

/** Nothing waits for longer: Telegram's word is taken for a day at most, and all other waits are a few hours. */
const LONGEST_WAIT_MS = 25 * HOUR_MS

/** Chats and edits that a clock that was ahead has put off: they wait for longer than anything may. */
interface ClockAhead {
  /** Whether there are any. */
  wasSeen(kind: Chat['kind'], now: number): boolean
  /** All of them are due now, in the caller's transaction; what is on its way when its lease of `leaseMs` ends. */
  bringBack(now: number, leaseMs: number): void
}

export function createClockAhead({ driver }: Database): ClockAhead {
  const tooFar = driver.prepare(
    `SELECT 1 WHERE EXISTS (SELECT 1 FROM chats WHERE kind = :kind AND state = 'active' AND waiting = 1 AND due_at > :latest)
       OR EXISTS (SELECT 1 FROM chats WHERE kind = :kind AND state = 'active' AND waiting = 0
                    AND edit_due_at IS NOT NULL AND edit_due_at > :latest)`,
  )
  // One that is on its way keeps its lease.
  const bringBackChats = driver.prepare(
    `UPDATE chats SET ready_at = iif(ready_at > :latest, :now, ready_at),
       due_at = iif(due_at <= :latest, due_at,
         iif(EXISTS (SELECT 1 FROM messages WHERE chat = chats.id AND state = 'sending'), :now + :leaseMs, :now)),
       edit_due_at = iif(edit_due_at > :latest, :now, edit_due_at)
     WHERE ready_at > :latest OR due_at > :latest OR edit_due_at > :latest`,
  )
  const bringBackEdits = driver.prepare(
    `UPDATE messages INDEXED BY messages_edits SET edit_at = :now, edit_ready_at = :now
     WHERE edit_at IS NOT NULL AND edit_at > :latest`,
  )

  return {
    wasSeen: (kind, now) => tooFar.get({ kind, latest: now + LONGEST_WAIT_MS }) !== undefined,
    bringBack(now, leaseMs) {
      const latest = now + LONGEST_WAIT_MS
      bringBackChats.run({ now, latest, leaseMs })
      bringBackEdits.run({ now, latest })
    },
  }
}
