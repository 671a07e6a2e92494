import { AppError } from '../errors.ts'
import { collectGarbage } from '../garbage.ts'
import { type Article, type KnownSlices, MAX_DOCUMENT_BYTES, type Read, type Unreadable } from '../model.ts'
import type { Extract, Parse } from '../ports.ts'
import { glance, type NewItems } from '../source/glance.ts'
import type { Document } from '../source/parse.ts'
import { tooBig, unreadable } from '../source/unreadable.ts'
import type { Answer, NewItemsJob, Result, Task } from './parse-worker.ts'
import { type Listener, MAX_KEPT_PROCESS_BYTES, type Reader, startProcess, startThread } from './reader.ts'

export interface ParsePoolOptions {
  /** How many usual documents are read at once. */
  size: number
  /** A document that takes longer is given up, and its thread with it. */
  timeoutMs?: number
  /** Larger documents are refused without a look. */
  maxBytes?: number
  /** Memory one document may take, beyond which its thread or process ends. */
  maxHeapMb?: number
  /** From this size on a document is heavy. */
  heavyBytes?: number
  /** Hears when there is a process for heavy documents, and when there is none any more. */
  onScarce?: (isScarce: boolean) => void
}

export interface ParsePool {
  parse: Parse
  extract: Extract
  /** Ends the threads; what is still being read or waits is rejected as `unavailable`: it is no fault of the document. */
  stop(): Promise<void>
}

/**
 * Reads documents in threads, one at a time each; they start with the first document and do not keep the process alive
 * while they wait. Some lie ready there, so that a thread reads on while we are busy. A document may hang, crash or explode
 * in there: that is an outcome (`unreadable`), the thread is replaced, and nobody else notices. Heavy documents are read one
 * after the other in a process of their own, which ends soon after: V8 does not give back what it took, and where it passes
 * a limit in one step it takes the whole process along. A usual document that keeps its thread for long does not keep the
 * others: meanwhile there is one more thread.
 */
export function createParsePool(options: ParsePoolOptions): ParsePool {
  const limits = {
    timeoutMs: options.timeoutMs ?? 5_000,
    maxBytes: options.maxBytes ?? MAX_DOCUMENT_BYTES,
    maxHeapMb: options.maxHeapMb ?? 64,
    heavyBytes: options.heavyBytes ?? 512 * 1_024,
  }
  const pool: Pool = {
    limits,
    usual: { isHeavy: false, size: Math.max(1, options.size), seats: [], waiting: [] },
    heavy: { isHeavy: true, size: 1, seats: [], waiting: [] },
    stopped: false,
    onScarce: options.onScarce ?? (() => {}),
  }

  return {
    parse({ known = null, page, ...document }) {
      // What a thread answers is of the kind it was asked for: see `run` of parse-worker.ts.
      if (page) return give(pool, document, { kind: 'page', rules: page.rules }) as Promise<Read>
      return readKnown(pool, document, known) ?? readAll(pool, document, known)
    },
    extract(document) {
      return give(pool, document, { kind: 'extract' }) as Promise<Article | Unreadable>
    },
    async stop() {
      pool.stopped = true
      const lanes = [pool.usual, pool.heavy]
      for (const { answer } of lanes.flatMap(({ waiting }) => waiting.splice(0))) answer(STOPPED)
      await Promise.all(lanes.flatMap((lane) => lane.seats.map((seat) => end(pool, lane, seat, STOPPED))))
    },
  }
}

interface Pool {
  limits: { timeoutMs: number; maxBytes: number; maxHeapMb: number; heavyBytes: number }
  usual: Lane
  heavy: Lane
  stopped: boolean
  onScarce: (isScarce: boolean) => void
}

/** Documents that wait for the same readers. */
interface Lane {
  isHeavy: boolean
  size: number
  seats: Seat[]
  waiting: Waiting[]
}

interface Waiting {
  document: Document
  task: Task | NewItemsJob
  answer: (result: Result) => void
}

/** One reader. */
interface Seat {
  reader: Reader
  isReady: boolean
  /** What it reads now, or will when it is ready, and what lies ready behind that; it answers in this order. */
  queue: Waiting[]
  /** It has been at it for long. */
  isSlow: boolean
  timers: NodeJS.Timeout[]
  /** It takes no more, and is gone when this resolves. */
  ending: Promise<void> | null
}

/** Up to here a document is looked at where it arrives: to move it to a thread and back costs as much, and two more passes. */
const MAX_GLANCE_BYTES = 131_072

/** What can be said without reading what is known; undefined where the whole document must be read. */
function readKnown(pool: Pool, document: Document, known: KnownSlices | null): Promise<Read> | undefined {
  if (known === null || document.bytes.byteLength > MAX_GLANCE_BYTES || pool.stopped) return undefined
  const seen = glance(document, known)
  if (seen === null) return undefined
  return seen.kind === 'as_before' ? Promise.resolve(seen.read) : readNew(pool, document, known, seen)
}

async function readNew(pool: Pool, document: Document, known: KnownSlices, found: NewItems): Promise<Read> {
  const { context } = known
  // A thread answers as it was asked: see `run` of parse-worker.ts.
  const read = (await give(pool, document, { kind: 'new_items', found, context })) as Read | null
  if (read === null) return readAll(pool, document, null)
  if (read.kind === 'read' && read.slices) read.slices.bytes = document.bytes
  return read
}

function readAll(pool: Pool, document: Document, known: KnownSlices | null): Promise<Read> {
  // Likewise.
  return give(pool, document, { kind: 'read', known }) as Promise<Read>
}

function give(pool: Pool, document: Document, task: Task | NewItemsJob): Promise<Result> {
  const { maxBytes, heavyBytes } = pool.limits
  if (pool.stopped) return Promise.reject(new AppError('unavailable', STOPPED.detail))
  const { byteLength } = document.bytes
  if (byteLength > maxBytes) return Promise.resolve(tooBig('document', maxBytes))
  return new Promise((resolve, reject) => {
    const lane = byteLength >= heavyBytes ? pool.heavy : pool.usual
    const answer = (result: Result) =>
      result === STOPPED ? reject(new AppError('unavailable', STOPPED.detail)) : resolve(result)
    lane.waiting.push({ document, task, answer })
    assign(pool, lane)
  })
}

/** Hands what waits to free readers, starting new ones as far as the lane may have them, or lays it ready for one that reads. */
function assign(pool: Pool, lane: Lane): void {
  while (lane.waiting.length > 0) {
    const seat =
      lane.seats.find(({ queue, ending }) => queue.length === 0 && ending === null) ?? start(pool, lane) ?? busy(lane)
    if (!seat && lane.seats.length > 0) return
    const next = lane.waiting.shift()
    if (!next) return
    if (!seat) {
      // Nobody is there who would come to it.
      next.answer(crashed('the system gave us nothing to read it with'))
      continue
    }
    seat.queue.push(next)
    if (seat.isReady) post(lane, seat, next)
    if (seat.queue.length > 1) continue
    clearTimers(seat)
    seat.reader.hold(true)
    if (seat.isReady) watch(pool, lane, seat)
    else seat.timers.push(setTimeout(() => void end(pool, lane, seat, crashed('nobody came to read it')), STARTING_MS))
  }
}

/** One that gets on with usual documents, and has room for one more. */
function busy(lane: Lane): Seat | undefined {
  if (lane.isHeavy) return undefined
  return lane.seats.find(({ queue, isSlow, ending }) => queue.length <= AHEAD && !isSlow && ending === null)
}

/** So many documents lie ready: a commit takes as long as to read them. */
const AHEAD = 10

/** Of a busy machine. */
const STARTING_MS = 15_000
/** Beyond the usual number there is one for as long as another does not get on. */
const SLOW_MS = 300

function start(pool: Pool, lane: Lane): Seat | undefined {
  const spare = !lane.isHeavy && lane.seats.length > 0 && lane.seats.every(({ isSlow }) => isSlow) ? 1 : 0
  // One that ends counts until its memory is free.
  if (lane.seats.length >= lane.size + spare) return undefined
  const reader = startReader(pool, lane, {
    onReady() {
      seat.isReady = true
      if (seat.queue.length === 0 || seat.ending !== null) return
      for (const waiting of seat.queue) post(lane, seat, waiting)
      watch(pool, lane, seat)
    },
    onAnswer: (answer) => finish(pool, lane, seat, answer),
    onEnd: (fault) => void end(pool, lane, seat, typeof fault === 'string' ? ENDED[fault] : crashed(fault.why)),
  })
  if (reader === null) return undefined
  const seat: Seat = { reader, isReady: false, queue: [], isSlow: false, timers: [], ending: null }
  lane.seats.push(seat)
  if (lane.isHeavy) pool.onScarce(true)
  return seat
}

/** Null where the system gives us no more threads or processes: most of who calls this could tell nobody of an error. */
function startReader({ limits }: Pool, { isHeavy }: Lane, listener: Listener): Reader | null {
  try {
    return (isHeavy ? startProcess : startThread)(limits.maxHeapMb, listener)
  } catch {
    return null
  }
}

/** Sees to it that the document in hand is answered. */
function watch(pool: Pool, lane: Lane, seat: Seat): void {
  const { timeoutMs } = pool.limits
  const [current] = seat.queue
  // Its answer may be there already, where it was we who were busy for so long.
  const unlessAnswered = (then: () => void) => () =>
    setImmediate(() => {
      if (seat.queue[0] === current && seat.ending === null) then()
    })
  const giveUp = unlessAnswered(() => void end(pool, lane, seat, tooSlow(timeoutMs)))
  const callOthers = unlessAnswered(() => {
    seat.isSlow = true
    takeBack(lane, seat)
    assign(pool, lane)
  })
  clearTimers(seat)
  seat.timers = [setTimeout(giveUp, timeoutMs), setTimeout(callOthers, SLOW_MS)]
}

/** Others may read what lies ready there: it is answered there all the same, and nobody waits for that. */
function takeBack(lane: Lane, { queue, reader }: Seat): void {
  const behind = queue.splice(1)
  reader.drop(behind.length)
  lane.waiting.unshift(...behind.filter(isWaitedFor))
  queue.push(...behind.map((waiting) => ({ ...waiting, answer: NOBODY })))
}

const NOBODY = () => {}

/** Of what others have taken over, the bytes may be gone. */
function isWaitedFor({ answer }: Waiting): boolean {
  return answer !== NOBODY
}

function post({ isHeavy }: Lane, { reader }: Seat, { document, task }: Waiting): void {
  // What the one before left behind in our own heap goes first: V8 is in no hurry, and takes new memory meanwhile.
  if (isHeavy) collectGarbage()
  const { bytes, contentType, url } = document
  reader.post(task.kind === 'new_items' ? task : { document: { bytes, contentType, url }, ...task })
}

function finish(pool: Pool, lane: Lane, seat: Seat, answer: Answer): void {
  // What it read ahead will be read by another.
  if (seat.ending !== null) return
  const result = 'result' in answer ? answer.result : crashed(answer.fault)
  const document = seat.queue[0]?.document
  if (result?.kind === 'read' && result.slices?.bytes && document) result.slices.bytes = document.bytes
  // V8 gives back little of what it took; a new thread costs less than a process that stays large.
  if (answer.heldBytes > (lane.isHeavy ? MAX_KEPT_PROCESS_BYTES : MAX_KEPT_BYTES))
    return void end(pool, lane, seat, result)
  settle(seat, result)
  if (seat.queue.length > 0) watch(pool, lane, seat)
  assign(pool, lane)
  if (seat.queue.length > 0 || (!lane.isHeavy && lane.seats.length <= lane.size)) return
  seat.timers = [setTimeout(() => void end(pool, lane, seat, STOPPED), IDLE_MS).unref()]
}

/** What a thread holds that has read usual documents, and some. */
const MAX_KEPT_BYTES = 40 * 1_024 * 1_024
/** So long who is seldom needed is kept for the next: what it read is being stored, and takes the memory that it holds. */
const IDLE_MS = 1_000

/** Answers for the document in hand, if there is one; a reader without any waits without keeping the process. */
function settle(seat: Seat, result: Result): void {
  clearTimers(seat)
  const current = seat.queue.shift()
  seat.isSlow = false
  if (seat.queue.length === 0) seat.reader.hold(false)
  current?.answer(result)
}

function clearTimers(seat: Seat): void {
  for (const timer of seat.timers.splice(0)) clearTimeout(timer)
}

/** Takes a reader out of its lane, its document answered with `result`; another takes what waits. Twice does nothing. */
function end(pool: Pool, lane: Lane, seat: Seat, result: Result): Promise<void> {
  seat.ending ??= close(pool, lane, seat, result)
  return seat.ending
}

async function close(pool: Pool, lane: Lane, seat: Seat, result: Result): Promise<void> {
  settle(seat, result)
  const behind = seat.queue.splice(0).filter(isWaitedFor)
  if (pool.stopped) for (const { answer } of behind) answer(STOPPED)
  else lane.waiting.unshift(...behind)
  // Who waits has no other reader meanwhile.
  if (lane.waiting.length > 0) seat.reader.hold(true)
  await seat.reader.terminate()
  lane.seats = lane.seats.filter((other) => other !== seat)
  if (lane.isHeavy) pool.onScarce(false)
  if (!pool.stopped) assign(pool, lane)
}

// ---- What is said for the document ----

/** Nobody is told of it as such: see `give`. */
const STOPPED = unreadable('too_slow', 'The service stopped before it was read.')
const TOO_HUNGRY = unreadable('too_big', 'The document needs more memory than it may take.')
const ENDED = { hungry: TOO_HUNGRY, stopped: STOPPED }

function tooSlow(timeoutMs: number): Unreadable {
  return unreadable('too_slow', `Reading the document took longer than ${timeoutMs / 1_000} s.`)
}

function crashed(why: string): Unreadable {
  return unreadable('malformed', `The document could not be read (${why}).`)
}
