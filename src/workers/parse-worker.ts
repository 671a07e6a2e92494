import { readSync } from 'node:fs'
import { getHeapStatistics } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import { collectGarbage } from '../garbage.ts'
import type { Article, KnownSlices, PageRules, Read, ReadItem, Unreadable } from '../model.ts'
import { readArticle } from '../page/article.ts'
import { readPage } from '../page/read-page.ts'
import type { NewItems } from '../source/glance.ts'
import { type Document, readDocument, readNewItems } from '../source/parse.ts'
import { inPortions } from '../source/portions.ts'
import { freeBytes } from './free.ts'

/** What the pool sends, and what it gets back. `behind`: so many bytes of the document come through stdin, as they are. */
export type Job = ({ document: Document; behind?: number } & Task) | NewItemsJob
export type Task =
  | { kind: 'read'; known: KnownSlices | null }
  | { kind: 'page'; rules: PageRules | null }
  | { kind: 'extract' }
/** Of a document that the pool keeps. */
export interface NewItemsJob {
  kind: 'new_items'
  found: NewItems
  /** What is known was read in. */
  context: string
}

/** Null: the new items cannot be read by themselves. */
export type Result = Read | Article | Unreadable | null
/** `heldBytes`: what the thread's heap, or the whole process, takes after it, free space included. */
export type Answer = ({ result: Result } | { fault: string }) & { heldBytes: number }

/** The pool's side: it started us as a thread, or as a process. */
const pool = parentPort ?? process

/** Items of the answer that is to come. */
export interface Portion {
  items: ReadItem[]
}

// One document at a time: the pool sends the next one after the answer.
pool.on('message', (job: Job) => {
  run(job).then(
    (result) => answer({ result, heldBytes: heldBytes() }),
    // Ours, not the document's; the pool says so.
    (error: unknown) =>
      answer({ fault: error instanceof Error ? error.message : String(error), heldBytes: heldBytes() }),
  )
})
if (parentPort) parentPort.postMessage('ready')
else process.send?.('ready')

async function run(job: Job): Promise<Result> {
  if ('behind' in job) {
    const bytes = readBehind(job.behind)
    job.document = { ...job.document, bytes, onDecoded: () => freeBytes(bytes) }
  }
  switch (job.kind) {
    case 'new_items':
      return readNewItems(job.found, job.context)
    case 'read':
      return readDocument(job.document, job.known)
    case 'page':
      return readPage(job.document, job.rules)
    case 'extract':
      return readArticle(job.document)
  }
}

/** Nothing else is to be done meanwhile, so that it may block; as a part of its message it would be held three times over. */
function readBehind(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const got = readSync(STDIN, bytes, at, length - at, null)
    if (got === 0) throw new Error('the document did not come whole')
    at += got
  }
  return bytes
}

const STDIN = 0

function heldBytes(): number {
  return parentPort ? getHeapStatistics().total_heap_size : process.memoryUsage.rss()
}

async function answer(message: Answer): Promise<void> {
  const slices = 'result' in message && message.result?.kind === 'read' ? message.result.slices : null
  if (parentPort) {
    // Moved back as they came; a job's bytes are a whole ArrayBuffer.
    parentPort.postMessage(message, slices?.bytes ? [slices.bytes.buffer as ArrayBuffer] : [])
    return
  }
  // The pool has them still.
  if (slices?.bytes) slices.bytes = new Uint8Array()
  if ('result' in message && message.result?.kind === 'read') {
    const { items } = message.result
    message.result.items = []
    let sent = 0
    for (const portion of inPortions(takeAll(items), sizeOf, PORTION_CHARS)) {
      // What the reading left behind, and what the other side holds by now, would count twice.
      if (sent % COLLECTED_PORTIONS === 0) collectGarbage()
      await send({ items: portion })
      sent += 1
    }
  }
  await send(message)
}

/** In order; each is gone from the list when it is given. */
function* takeAll(items: ReadItem[]): Generator<ReadItem> {
  items.reverse()
  for (let item = items.pop(); item !== undefined; item = items.pop()) yield item
}

/** Resolves when it is written: what waits for the other side is one more copy. */
function send(message: Portion | Answer): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => resolve())
  })
}

/** Of a message: one of 30 MB would be held three times over while it is received. */
const PORTION_CHARS = 65_536
/** Some 8 MB of them: to collect takes longer than to send one. */
const COLLECTED_PORTIONS = 64

function sizeOf({ content, summary, text, tokens }: ReadItem): number {
  return (content?.length ?? 0) + (summary?.length ?? 0) + text.length + tokens.text.length
}
