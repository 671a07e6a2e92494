import { getHeapStatistics } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import type { Article, KnownSlices, PageRules, Read, ReadItem, Unreadable } from '../model.ts'
import { readArticle } from '../source/article.ts'
import { readPage } from '../source/page.ts'
import { type Document, readDocument } from '../source/parse.ts'

/** What the pool sends, and what it gets back. */
export type Job = { document: Document } & Task
export type Task =
  | { kind: 'read'; known: KnownSlices | null }
  | { kind: 'page'; rules: PageRules | null }
  | { kind: 'extract' }

export type Result = Read | Article | Unreadable
/** `heapBytes`: what the thread holds after it, free space included. */
export type Answer = ({ result: Result } | { fault: string }) & { heapBytes: number }

/** The pool's side: it started us as a thread, or as a process. */
const pool = parentPort ?? process

/** Items of the answer that is to come. */
export interface Portion {
  items: ReadItem[]
}

// One document at a time: the pool sends the next one after the answer.
pool.on('message', (job: Job) => {
  run(job).then(
    (result) => answer({ result, heapBytes: heapBytes() }),
    // Ours, not the document's; the pool says so.
    (error: unknown) =>
      answer({ fault: error instanceof Error ? error.message : String(error), heapBytes: heapBytes() }),
  )
})
if (parentPort) parentPort.postMessage('ready')
else process.send?.('ready')

function run(job: Job): Promise<Result> {
  switch (job.kind) {
    case 'read':
      return readDocument(job.document, job.known)
    case 'page':
      return readPage(job.document, job.rules)
    case 'extract':
      return readArticle(job.document)
  }
}

function heapBytes(): number {
  return getHeapStatistics().total_heap_size
}

function answer(message: Answer): void {
  const slices = 'result' in message && message.result.kind === 'read' ? message.result.slices : null
  if (parentPort) {
    // Moved back as they came; a job's bytes are a whole ArrayBuffer.
    parentPort.postMessage(message, slices?.bytes ? [slices.bytes.buffer as ArrayBuffer] : [])
    return
  }
  // The pool has them still.
  if (slices?.bytes) slices.bytes = new Uint8Array()
  if ('result' in message && message.result.kind === 'read') {
    for (const items of inPortions(message.result.items)) process.send?.({ items } satisfies Portion)
    message.result.items = []
  }
  process.send?.(message)
}

/** A message of 30 MB would be held three times over while it is received. */
function* inPortions(items: ReadItem[]): Generator<ReadItem[]> {
  let chars = 0
  let portion: ReadItem[] = []
  for (const item of items) {
    portion.push(item)
    chars += (item.content?.length ?? 0) + (item.summary?.length ?? 0) + item.text.length + item.tokens.text.length
    if (chars < PORTION_CHARS) continue
    yield portion
    portion = []
    chars = 0
  }
  yield portion
}

const PORTION_CHARS = 524_288
