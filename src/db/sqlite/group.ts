import { AppError } from '../../errors.ts'
import { type Database, isBusy, translateError } from './driver.ts'

/**
 * A group takes no more intentions after this much work: with its commit it holds up the event loop for a quarter of a second
 * at most, and only while many sources are new. Smaller groups of big polls cost a tenth more, most of it for full text.
 */
const GROUP_WORK_MS = 150
/** When so many intentions are there, the group begins at once. */
const ENOUGH = 10
/** How long an intention waits for a file that another process holds. */
const BUSY_DEADLINE_MS = 30_000
const BUSY_RETRY_MS = 40

/** The transaction that an intention runs in, which others of its group may share. */
export interface Transaction {
  /** Runs after the last intention of the group, before the commit, in ascending order of `place`; the last one for a place wins. */
  atEnd(place: number, work: () => void): void
  /** Runs if what the intention did is undone, whether it alone or its whole group: for what is held in memory. */
  ifUndone(work: () => void): void
}

/**
 * Joins intentions that come together in one transaction, because a commit (an fsync) costs more than most of them.
 * If one of them throws, which is rare, all are undone and each runs once more by itself: a savepoint for each would copy
 * every page that it changes.
 */
export interface Group {
  /**
   * Runs `work`, synchronous and perhaps more than once, in a transaction that holds the write lock, and resolves after
   * the commit. If it throws, what it did is undone and it alone rejects. Rejects with `unavailable` when the file
   * cannot be written, or stays locked by another process for `busyMs`.
   */
  run<T>(work: (transaction: Transaction) => T, options?: { busyMs: number }): Promise<T>
  /** Waits for what was asked; refuses what comes later. */
  close(): Promise<void>
}

interface Intention {
  work: (transaction: Transaction) => unknown
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
  giveUpAt: number
  /** Its group could not be committed: now it runs by itself. */
  alone: boolean
}

/** `waitMs`: how long the first intention waits for company; 0 takes only what came in the same turn of the loop. */
export function createGroup(
  { driver, clock }: Database,
  { waitMs, onCommit, onRollback }: { waitMs: number; onCommit: () => void; onRollback: () => void },
): Group {
  const begin = driver.prepare('BEGIN IMMEDIATE')
  const commit = driver.prepare('COMMIT')
  const rollback = driver.prepare('ROLLBACK')

  let queue: Intention[] = []
  let isScheduled = false
  /** The first of the queue waits for others. */
  let company: NodeJS.Timeout | null = null
  let closing: Promise<void> | null = null
  let onDrained = () => {}

  return { run, close }

  function run<T>(work: (transaction: Transaction) => T, options: { busyMs?: number } = {}): Promise<T> {
    if (closing) return Promise.reject(new AppError('unavailable', 'The database is closed.'))
    return new Promise<T>((resolve, reject) => {
      const giveUpAt = clock() + (options.busyMs ?? BUSY_DEADLINE_MS)
      // `work` makes the value that `resolve` is given: both are of this T.
      queue.push({ work, resolve: resolve as Intention['resolve'], reject, giveUpAt, alone: false })
      if (queue.length === ENOUGH) beginNow()
      else if (!isScheduled) waitForCompany()
    })
  }

  function close(): Promise<void> {
    closing ??= new Promise((resolve) => {
      if (queue.length > 0) onDrained = resolve
      else resolve()
    })
    return closing
  }

  function waitForCompany(): void {
    isScheduled = true
    if (waitMs > 0) company = setTimeout(flush, waitMs)
    else queueMicrotask(flush)
  }

  /** If it is the first intention that waits: else a group will come by itself. */
  function beginNow(): void {
    if (company === null) return
    clearTimeout(company)
    setImmediate(flush)
  }

  function flush(): void {
    company = null
    const retryMs = runGroup()
    // Between two groups the event loop gets its turn.
    isScheduled = queue.length > 0
    if (isScheduled) setTimeout(flush, Math.max(retryMs, 1))
    else onDrained()
  }

  /** Runs and commits one group; gives how long to wait before the next. */
  function runGroup(): number {
    try {
      begin.run()
    } catch (error) {
      if (!isBusy(error)) refuse(queue.splice(0), error)
      else refuse(takeLate(), error)
      // Waiting inside SQLite would block the loop: come back instead.
      return BUSY_RETRY_MS
    }

    const intentions: Intention[] = []
    /** What was done to things held in memory, to be taken back. */
    const undoing: (() => void)[] = []
    let values: unknown[]
    try {
      values = runIntentions(intentions, undoing)
      commit.run()
    } catch (error) {
      endTransaction()
      for (const work of undoing.reverse()) work()
      onRollback()
      redo(intentions, error)
      return 0
    }
    onCommit()
    for (const [i, intention] of intentions.entries()) intention.resolve(values[i])
    return 0
  }

  /** After a bad fault SQLite has ended it by itself, or cannot: then the next BEGIN says so to those who ask. */
  function endTransaction(): void {
    try {
      if (driver.inTransaction) rollback.run()
    } catch {
      // The fault that brought us here is the one to tell.
    }
  }

  /** Takes intentions from the queue into `intentions` until the group is full, and gives what they made. */
  function runIntentions(intentions: Intention[], undoing: (() => void)[]): unknown[] {
    const endAt = clock() + GROUP_WORK_MS
    const endings = new Map<number, () => void>()
    const transaction: Transaction = {
      atEnd: (place, work) => endings.set(place, work),
      ifUndone: (work) => undoing.push(work),
    }
    const values: unknown[] = []
    while (queue[0] && (intentions.length === 0 || clock() < endAt)) {
      const intention = queue[0]
      queue.shift()
      intentions.push(intention)
      const value = intention.work(transaction)
      if (value instanceof Promise) throw new Error('An intention must be synchronous.')
      values.push(value)
      // Those that run alone come before all others.
      if (intention.alone) break
    }
    for (const [, work] of [...endings].sort(([a], [b]) => a - b)) work()
    return values
  }

  /** One that failed in company may have been the victim of another: each gets a transaction of its own, before all others. */
  function redo(intentions: Intention[], error: unknown): void {
    if (intentions.length === 1) {
      refuse(intentions, error)
      return
    }
    for (const intention of intentions) intention.alone = true
    queue = [...intentions, ...queue]
  }

  function takeLate(): Intention[] {
    const now = clock()
    const late = queue.filter((intention) => intention.giveUpAt <= now)
    queue = queue.filter((intention) => intention.giveUpAt > now)
    return late
  }
}

function refuse(intentions: Intention[], error: unknown): void {
  for (const intention of intentions) intention.reject(translateError(error))
}
