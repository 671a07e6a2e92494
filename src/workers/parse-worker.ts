import { parentPort } from 'node:worker_threads'
import type { KnownSlices, Read } from '../model.ts'
import { type Document, readDocument } from '../source/parse.ts'

/** What the pool sends, and what it gets back. */
export type Job = Document & { known: KnownSlices | null }
export type Answer = { read: Read } | { fault: string }

// One document at a time: the pool sends the next one after the answer.
parentPort?.on('message', (job: Job) => {
  readDocument(job, job.known).then(
    (read) => answer({ read }),
    // Ours, not the document's; the pool says so.
    (error: unknown) => answer({ fault: error instanceof Error ? error.message : String(error) }),
  )
})

function answer(message: Answer): void {
  const bytes = 'read' in message && message.read.kind === 'read' ? message.read.slices?.bytes : null
  // Moved back as they came; a job's bytes are a whole ArrayBuffer.
  parentPort?.postMessage(message, bytes ? [bytes.buffer as ArrayBuffer] : [])
}
