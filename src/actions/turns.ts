import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../ports.ts'

/** Long enough to get on, and too short for anybody to notice. */
const AT_ONCE_MS = 10

/**
 * For long work, to be awaited between its steps: others have their turn as soon as it has gone on for 10 ms. A single
 * step is not interrupted.
 */
export function createTurns(clock: Clock): () => Promise<void> {
  let since = clock()
  return async () => {
    const worked = clock() - since
    // Less than nothing: the clock was set back.
    if (worked >= 0 && worked < AT_ONCE_MS) return
    await nextTurn()
    since = clock()
  }
}
