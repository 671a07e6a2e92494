import type { Timer } from '../../src/actions/hosts/gate.ts'
import type { Clock } from '../../src/ports.ts'
import { NOW } from './store.ts'
import { settle } from './turns.ts'

export interface FakeTime {
  clock: Clock
  timer: Timer
  /** Lets so many milliseconds pass: each timer runs at its time, and what it set going settles before the next. */
  pass(ms: number): Promise<void>
  /** What is under way without waiting for a timer comes to rest. */
  settle(): Promise<void>
  /** Timers that are set. */
  pending(): number
  /** Somebody sets the clock: no timer runs for it. */
  set(now: number): void
}

/** A clock that stands still but for `pass`. */
export function fakeTime(start = NOW): FakeTime {
  let now = start
  let set: { at: number; run: () => void }[] = []

  return {
    clock: () => now,
    timer(run, ms) {
      const entry = { at: now + Math.max(ms, 0), run }
      set.push(entry)
      return () => {
        set = set.filter((other) => other !== entry)
      }
    },
    async pass(ms) {
      const end = now + ms
      await settle()
      for (;;) {
        const next = set.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        set = set.filter((other) => other !== next)
        now = Math.max(now, next.at)
        next.run()
        await settle()
      }
      now = end
    },
    settle,
    pending: () => set.length,
    set(to) {
      now = to
    },
  }
}
