import { Worker } from 'node:worker_threads'
import type { Article, Read, Unreadable } from '../model.ts'
import type { Extract, Parse } from '../ports.ts'
import type { Document } from '../source/parse.ts'
import type { Answer, Job, Result, Task } from './parse-worker.ts'

export interface ParsePoolOptions {
  /** How many documents are read at once. */
  size: number
  /** A document that takes longer is given up, and its thread with it. */
  timeoutMs?: number
  /** Larger documents are refused without a look. */
  maxBytes?: number
  /** Memory one document may take, beyond which its thread ends. A small limit is no safety: V8 ends the whole process where it is passed in one step. */
  maxHeapMb?: number
  /** From this size on documents are read one after the other, not side by side. */
  heavyBytes?: number
}

export interface ParsePool {
  parse: Parse
  extract: Extract
  /** Bytes of documents that wait or are being read. Whoever fetches them should hold back while these are many. */
  pressure(): number
  /** Ends the threads; what is still being read or waits is `unreadable`. */
  stop(): Promise<void>
}

/**
 * Threads that read documents, one at a time each; they start with the first document and do not keep the process alive
 * while they wait. A document may hang, crash or explode in there: that is an outcome (`unreadable`), the thread is
 * replaced, and nobody else notices. The bytes given are moved into the thread, the caller's array is empty afterwards,
 * unless they are a part of a larger buffer: then they are copied. Memory: of the large documents one is read at a time,
 * whatever the size of the pool, and a thread that grew with one makes room for a new one.
 */
export function createParsePool(options: ParsePoolOptions): ParsePool {
  const limits = {
    timeoutMs: options.timeoutMs ?? 5_000,
    maxBytes: options.maxBytes ?? 10 * 1_024 * 1_024,
    maxHeapMb: options.maxHeapMb ?? 256,
    heavyBytes: options.heavyBytes ?? 1_024 * 1_024,
  }
  const pool: Pool = { limits, size: Math.max(1, options.size), threads: [], waiting: [], heldBytes: 0, stopped: false }

  return {
    parse({ known = null, page, ...document }) {
      // What a thread answers is of the kind it was asked for: see `run` of parse-worker.ts.
      if (page) return give(pool, document, { kind: 'page', rules: page.rules }) as Promise<Read>
      return give(pool, document, { kind: 'read', known }) as Promise<Read>
    },
    extract(document) {
      return give(pool, document, { kind: 'extract' }) as Promise<Article | Unreadable>
    },
    pressure: () => pool.heldBytes,
    async stop() {
      pool.stopped = true
      for (const { answer } of pool.waiting.splice(0)) answer(STOPPED)
      await Promise.all(pool.threads.map((thread) => end(pool, thread, STOPPED)))
    },
  }
}

interface Pool {
  limits: { timeoutMs: number; maxBytes: number; maxHeapMb: number; heavyBytes: number }
  size: number
  threads: Thread[]
  waiting: Waiting[]
  /** Of the documents that were given and are not answered. */
  heldBytes: number
  stopped: boolean
}

interface Waiting {
  document: Document
  task: Task
  isHeavy: boolean
  answer: (result: Result) => void
}

interface Thread {
  worker: Worker
  /** What it reads now. */
  current: Waiting | null
  timer: NodeJS.Timeout | null
  /** It takes no more, and is gone when this resolves. */
  ending: Promise<void> | null
}

function give(pool: Pool, document: Document, task: Task): Promise<Result> {
  const { maxBytes } = pool.limits
  if (pool.stopped) return Promise.resolve(STOPPED)
  const { byteLength } = document.bytes
  if (byteLength > maxBytes) return Promise.resolve(tooBig(maxBytes))
  return new Promise((resolve) => {
    const answer = (result: Result) => {
      pool.heldBytes -= byteLength
      resolve(result)
    }
    pool.heldBytes += byteLength
    pool.waiting.push({ document, task, isHeavy: byteLength >= pool.limits.heavyBytes, answer })
    assign(pool)
  })
}

/** Hands what waits to free threads, starting new ones up to the pool's size. */
function assign(pool: Pool): void {
  while (pool.waiting.length > 0) {
    const at = findNext(pool)
    if (at === -1) return
    const thread = pool.threads.find(({ current, ending }) => current === null && ending === null) ?? startThread(pool)
    if (!thread) return
    for (const next of pool.waiting.splice(at, 1)) begin(pool, thread, next)
  }
}

/** The first that waits; while a large document is being read, the first small one: -1 for none. */
function findNext({ waiting, threads }: Pool): number {
  const isBusy = threads.some(({ current, ending }) => ending !== null || current?.isHeavy)
  return isBusy ? waiting.findIndex(({ isHeavy }) => !isHeavy) : 0
}

// The worker is always the built one: `new Worker` cannot run TypeScript, whoever runs the pool from its source.
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/workers/parse-worker.js' : './parse-worker.js',
  import.meta.url,
)

function startThread(pool: Pool): Thread | undefined {
  if (pool.threads.length >= pool.size) return undefined
  const worker = new Worker(WORKER, {
    resourceLimits: { maxOldGenerationSizeMb: pool.limits.maxHeapMb },
    // Loaders and flags of the main thread mean nothing to a built file, and some refuse it.
    execArgv: [],
  })
  const thread: Thread = { worker, current: null, timer: null, ending: null }
  worker.on('message', (answer: Answer) => {
    const result = 'result' in answer ? answer.result : crashed(answer.fault)
    // V8 gives back little of what it took; a new thread costs less than a process that stays large.
    if (answer.heapBytes > MAX_KEPT_BYTES) return void end(pool, thread, result)
    settle(thread, result)
    assign(pool)
  })
  worker.on('error', (error: Error & { code?: string }) => {
    void end(pool, thread, error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? TOO_HUNGRY : crashed(error.message))
  })
  worker.on('exit', () => void end(pool, thread, crashed('its thread ended')))
  pool.threads.push(thread)
  return thread
}

/** What a thread holds that has read usual documents, and some. */
const MAX_KEPT_BYTES = 96 * 1_024 * 1_024

function begin(pool: Pool, thread: Thread, next: Waiting): void {
  thread.current = next
  thread.timer = setTimeout(() => void end(pool, thread, tooSlow(pool.limits.timeoutMs)), pool.limits.timeoutMs)
  thread.worker.ref()
  const { bytes, contentType, url } = next.document
  // Only a whole buffer may change hands: a part of Node's shared pool would take other people's bytes along.
  const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
  const job: Job = { document: { bytes: own, contentType, url }, ...next.task }
  // Bodies are ArrayBuffers; a SharedArrayBuffer comes from nobody here.
  thread.worker.postMessage(job, [own.buffer as ArrayBuffer])
}

/** Answers for the document in hand, if there is one, and lets the thread wait without keeping the process. */
function settle(thread: Thread, result: Result): void {
  if (thread.timer) clearTimeout(thread.timer)
  const { current } = thread
  thread.current = null
  thread.timer = null
  thread.worker.unref()
  current?.answer(result)
}

/** Takes a thread out of the pool, its document answered with `result`; another takes what waits. Twice does nothing. */
function end(pool: Pool, thread: Thread, result: Result): Promise<void> {
  thread.ending ??= close(pool, thread, result)
  return thread.ending
}

async function close(pool: Pool, thread: Thread, result: Result): Promise<void> {
  settle(thread, result)
  // It counts until its memory is free: the next large document waits for that.
  await thread.worker.terminate()
  pool.threads = pool.threads.filter((other) => other !== thread)
  if (!pool.stopped) assign(pool)
}

// ---- What is said for the document ----

const STOPPED: Unreadable = {
  kind: 'unreadable',
  reason: 'too_slow',
  detail: 'The service stopped before it was read.',
}
const TOO_HUNGRY: Unreadable = {
  kind: 'unreadable',
  reason: 'too_big',
  detail: 'The document needs more memory than it may take.',
}

function tooBig(maxBytes: number): Unreadable {
  return {
    kind: 'unreadable',
    reason: 'too_big',
    detail: `The document is larger than ${Math.floor(maxBytes / 1_048_576)} MiB.`,
  }
}

function tooSlow(timeoutMs: number): Unreadable {
  return {
    kind: 'unreadable',
    reason: 'too_slow',
    detail: `Reading the document took longer than ${timeoutMs / 1_000} s.`,
  }
}

function crashed(why: string): Unreadable {
  return { kind: 'unreadable', reason: 'malformed', detail: `The document could not be read (${why}).` }
}
