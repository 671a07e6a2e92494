import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { createIncoming } from './behind.ts'
import { createDropped } from './dropped.ts'
import { freeBytes } from './free.ts'
import type { Answer, Job } from './parse-worker.ts'

/** Who reads documents for the pool, one at a time. */
export interface Reader {
  /** A process frees the bytes of a job soon, unless they are to stand in its answer. */
  post(job: Job): void
  /** Nobody waits for so many of the last posted any more: what it has not begun with it answers at once, with null. */
  drop(count: number): void
  /** Whether it keeps our process alive. */
  hold(isHeld: boolean): void
  /** Resolves when it is gone, and its memory with it. */
  terminate(): Promise<unknown>
}

export interface Listener {
  onReady(): void
  onAnswer(answer: Answer): void
  /** It is gone, by itself. `hungry`: it took more memory than it may; `stopped`: it was told to stop, as we are. */
  onEnd(fault: 'hungry' | 'stopped' | { why: string }): void
}

// Always the built one: `new Worker` cannot run TypeScript, whoever runs the pool from its source.
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/workers/parse-worker.js' : './parse-worker.js',
  import.meta.url,
)

/** A thread: a document costs it hardly more than its reading. But where V8 passes its limit in one step, all ends. */
export function startThread(maxHeapMb: number, listener: Listener): Reader {
  const dropped = createDropped()
  let posted = 0
  const worker = new Worker(WORKER, {
    workerData: dropped.shared,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 8 },
    // Loaders and flags of the main thread mean nothing to a built file, and some refuse it.
    execArgv: [],
  })
  worker.on('message', (message: Answer | 'ready') => {
    if (message === 'ready') listener.onReady()
    else listener.onAnswer(message)
  })
  worker.on('error', (error: Error & { code?: string }) => {
    listener.onEnd(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'hungry' : { why: error.message })
  })
  worker.on('exit', () => listener.onEnd({ why: 'its thread ended' }))
  return {
    post(job) {
      posted += 1
      if (!('document' in job)) return worker.postMessage(job)
      // A copy: the thread may end before it comes to it.
      const bytes = new Uint8Array(job.document.bytes)
      worker.postMessage({ ...job, document: { ...job.document, bytes } }, [bytes.buffer])
    },
    drop: (count) => dropped.set(posted - count, posted),
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    terminate: () => worker.terminate(),
  }
}

/** A process: what explodes there takes nobody along, and all its memory comes back. */
export function startProcess(maxHeapMb: number, listener: Listener): Reader {
  const child = fork(fileURLToPath(WORKER), {
    execArgv: [`--max-old-space-size=${maxHeapMb}`, ...SMALL],
    serialization: 'advanced',
    // V8 tells its last words to a stderr that is not ours. No secret of ours is in its environment.
    stdio: ['pipe', 'pipe', 'ignore', 'ipc'],
    env: MALLOC,
  })
  // It is gone: 'exit' says why.
  child.stdin?.on('error', () => {})
  const incoming = createIncoming()
  // Of a child's pipes Node makes sockets, which keep a process alive; their type does not say so. A process that could not
  // be started, for want of files, has none at all, and 'error' says why.
  const stdout = child.stdout as Socket | undefined
  stdout?.on('data', (chunk) => incoming.add(chunk) || child.kill('SIGKILL')).on('close', () => incoming.end())
  let isOver = false
  const finish = async (answer: Answer) => {
    const behind = answer.behind ?? NOTHING_BEHIND
    await incoming.hasCome(behind.bytes)
    // V8 gives back little of what it took: before its items are made here, it is gone.
    if (answer.heldBytes > MAX_KEPT_PROCESS_BYTES) {
      isOver = true
      await kill(child)
    }
    const items = await incoming.take(behind)
    if ('result' in answer && answer.result?.kind === 'read') answer.result.items = items
    listener.onAnswer(answer)
  }
  child.on('message', (received) => {
    // The other end is parse-worker.ts.
    const message = received as 'ready' | Answer
    if (message === 'ready') return listener.onReady()
    finish(message).catch((error: Error) => listener.onEnd({ why: error.message }))
  })
  child.on('error', (error) => listener.onEnd({ why: error.message }))
  // V8 aborts where its limit is passed; a system that is short of memory kills.
  child.on('exit', (_, signal) => {
    if (isOver) return
    if (signal !== null && STOPPING.has(signal)) return listener.onEnd('stopped')
    listener.onEnd(signal === 'SIGABRT' || signal === 'SIGKILL' ? 'hungry' : { why: 'its process ended' })
  })
  return {
    post(job) {
      if (!('document' in job)) return void child.send(job, () => {})
      const { bytes, ...document } = job.document
      // A message is copied on both sides, and once more in between; what goes through a pipe is not.
      child.send({ ...job, document: { ...document, bytes: NOTHING }, behind: bytes.byteLength }, () => {})
      // Of a document with known slices we keep it: should it have to be read whole after all.
      const isKept = job.kind === 'read' && job.known !== null
      child.stdin?.write(bytes, isKept ? undefined : () => freeBytes(bytes))
    },
    // One at a time is posted here.
    drop() {},
    hold(isHeld) {
      for (const end of [child, child.channel, stdout]) {
        if (isHeld) end?.ref()
        else end?.unref()
      }
    },
    terminate: () => kill(child),
  }
}

/** A terminal's Ctrl-C, and who stops a service, may tell all its processes. */
const STOPPING = new Set<NodeJS.Signals>(['SIGINT', 'SIGTERM', 'SIGHUP'])

const NOTHING = new Uint8Array()
const NOTHING_BEHIND = { bytes: 0, items: [] }
/** What a process is that has read nothing yet, and a little: the next large document would come on top. */
export const MAX_KEPT_PROCESS_BYTES = 72 * 1_024 * 1_024
/** V8 collects what is garbage before it takes new memory, and starts no helpers: 20 MB less, and no slower for one document. */
const SMALL = ['--optimize-for-size', '--max-semi-space-size=1', '--single-threaded']
/** glibc: one arena, and what is large goes back to the system as soon as it is free. Others do not know these names. */
const MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' }

function kill(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve()
    child.once('exit', () => resolve())
    child.ref()
    child.kill('SIGKILL')
  })
}
