/** Which of the jobs of a thread nobody waits for any more, in memory that it shares with the pool: it need not be told first. */
export interface Dropped {
  shared: SharedArrayBuffer
  /** Those behind the first so many, up to the last of so many. */
  set(from: number, to: number): void
  /** Whether the job with this number, counted from 1, is one. */
  has(number: number): boolean
}

/** Of the pool, or with what the pool shares, of the thread. */
export function createDropped(shared = new SharedArrayBuffer(8)): Dropped {
  const range = new Int32Array(shared)
  return {
    shared,
    // In this order, and read in the other: what lies between an old beginning and a new end was never dropped.
    set(from, to) {
      Atomics.store(range, 0, from)
      Atomics.store(range, 1, to)
    },
    has: (number) => number <= Atomics.load(range, 1) && number > Atomics.load(range, 0),
  }
}
