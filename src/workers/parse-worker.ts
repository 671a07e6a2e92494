import { parentPort } from 'node:worker_threads'
import type { Read } from '../model.ts'
import { type Document, readDocument } from '../source/parse.ts'

/** What the pool sends, and what it gets back. */
export type Job = Document
export type Answer = { read: Read } | { fault: string }

// One document at a time: the pool sends the next one after the answer.
parentPort?.on('message', (job: Job) => {
  readDocument(job).then(
    (read) => answer({ read }),
    // Ours, not the document's; the pool says so.
    (error: unknown) => answer({ fault: error instanceof Error ? error.message : String(error) }),
  )
})

function answer(message: Answer): void {
  parentPort?.postMessage(message)
}
