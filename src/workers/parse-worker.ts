import { getHeapStatistics } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import type { Article, KnownSlices, PageRules, Read, Unreadable } from '../model.ts'
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

// One document at a time: the pool sends the next one after the answer.
parentPort?.on('message', (job: Job) => {
  run(job).then(
    (result) => answer({ result, heapBytes: heapBytes() }),
    // Ours, not the document's; the pool says so.
    (error: unknown) =>
      answer({ fault: error instanceof Error ? error.message : String(error), heapBytes: heapBytes() }),
  )
})

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
  const bytes = 'result' in message && message.result.kind === 'read' ? message.result.slices?.bytes : null
  // Moved back as they came; a job's bytes are a whole ArrayBuffer.
  parentPort?.postMessage(message, bytes ? [bytes.buffer as ArrayBuffer] : [])
}
