import { Worker } from 'node:worker_threads'
import type { Read, Unreadable } from '../model.ts'
import type { Parse } from '../ports.ts'
import type { Answer, Job } from './parse-worker.ts'

export interface ParsePoolOptions {
  /** How many documents are read at once. */
  size: number
  /** A document that takes longer is given up, and its thread with it. */
  timeoutMs?: number
  /** Larger documents are refused without a look. */
  maxBytes?: number
  /** Memory one document may take, beyond which its thread ends. */
  maxHeapMb?: number
}

export interface ParsePool {
  parse: Parse
  /** Ends the threads; what is still being read or waits is `unreadable`. */
  stop(): Promise<void>
}

/**
 * Threads that read documents, one at a time each; they start with the first document and do not keep the process alive
 * while they wait. A document may hang, crash or explode in there: that is an outcome (`unreadable`), the thread is
 * replaced, and nobody else notices. The bytes given are moved into the thread, the caller's array is empty afterwards,
 * unless they are a part of a larger buffer: then they are copied.
 */
export function createParsePool(options: ParsePoolOptions): ParsePool {
  const limits = {
    timeoutMs: options.timeoutMs ?? 5_000,
    maxBytes: options.maxBytes ?? 10 * 1_024 * 1_024,
    maxHeapMb: options.maxHeapMb ?? 256,
  }
  const pool: Pool = { limits, size: Math.max(1, options.size), threads: [], waiting: [], stopped: false }

  return {
    parse(document) {
      if (pool.stopped) return Promise.resolve(STOPPED)
      if (document.bytes.byteLength > limits.maxBytes) return Promise.resolve(tooBig(limits.maxBytes))
      return new Promise((resolve) => {
        pool.waiting.push({ document, resolve })
        assign(pool)
      })
    },
    async stop() {
      pool.stopped = true
      for (const { resolve } of pool.waiting.splice(0)) resolve(STOPPED)
      await Promise.all(pool.threads.map((thread) => end(pool, thread, STOPPED)))
    },
  }
}

interface Pool {
  limits: { timeoutMs: number; maxBytes: number; maxHeapMb: number }
  size: number
  threads: Thread[]
  waiting: Waiting[]
  stopped: boolean
}

interface Waiting {
  document: Parameters<Parse>[0]
  resolve: (read: Read) => void
}

interface Thread {
  worker: Worker
  /** What it reads now. */
  current: Waiting | null
  timer: NodeJS.Timeout | null
  ended: boolean
}

/** Hands what waits to free threads, starting new ones up to the pool's size. */
function assign(pool: Pool): void {
  while (pool.waiting.length > 0) {
    const thread = pool.threads.find(({ current }) => current === null) ?? startThread(pool)
    const next = thread && pool.waiting.shift()
    if (!thread || !next) return
    begin(pool, thread, next)
  }
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
  const thread: Thread = { worker, current: null, timer: null, ended: false }
  worker.on('message', (answer: Answer) => {
    settle(thread, 'read' in answer ? answer.read : crashed(answer.fault))
    assign(pool)
  })
  worker.on('error', (error: Error & { code?: string }) => {
    void end(pool, thread, error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? TOO_HUNGRY : crashed(error.message))
  })
  worker.on('exit', () => void end(pool, thread, crashed('its thread ended')))
  pool.threads.push(thread)
  return thread
}

function begin(pool: Pool, thread: Thread, next: Waiting): void {
  thread.current = next
  thread.timer = setTimeout(() => void end(pool, thread, tooSlow(pool.limits.timeoutMs)), pool.limits.timeoutMs)
  thread.worker.ref()
  const { bytes, contentType, url, known = null } = next.document
  // Only a whole buffer may change hands: a part of Node's shared pool would take other people's bytes along.
  const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
  const job: Job = { bytes: own, contentType, url, known }
  // Bodies are ArrayBuffers; a SharedArrayBuffer comes from nobody here.
  thread.worker.postMessage(job, [own.buffer as ArrayBuffer])
}

/** Answers for the document in hand, if there is one, and lets the thread wait without keeping the process. */
function settle(thread: Thread, read: Read): void {
  if (thread.timer) clearTimeout(thread.timer)
  const { current } = thread
  thread.current = null
  thread.timer = null
  thread.worker.unref()
  current?.resolve(read)
}

/** Takes a thread out of the pool, its document answered with `fault`; another takes what waits. Twice does nothing. */
async function end(pool: Pool, thread: Thread, fault: Unreadable): Promise<void> {
  if (thread.ended) return
  thread.ended = true
  pool.threads = pool.threads.filter((other) => other !== thread)
  settle(thread, fault)
  if (!pool.stopped) assign(pool)
  await thread.worker.terminate()
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
