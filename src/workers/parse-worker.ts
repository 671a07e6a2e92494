import { readSync, writeSync } from 'node:fs'
import { getHeapStatistics } from 'node:v8'
import { parentPort, workerData } from 'node:worker_threads'
import type { Article, KnownSlices, PageRules, Read, ReadItem, Unreadable } from '../model.ts'
import { readArticle } from '../page/article.ts'
import { readPage } from '../page/read-page.ts'
import type { NewItems } from '../source/glance.ts'
import { type Document, readDocument, readNewItems } from '../source/parse.ts'
import { signatureOf } from '../story/signature.ts'
import { createDropped } from './dropped.ts'
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
export type Answer = ({ result: Result } | { fault: string }) & { heldBytes: number; behind?: Behind }
/** The items of an answer of a process come through its stdout: of so many bytes those of each item, as JSON. */
export interface Behind {
  bytes: number
  items: { from: number; to: number }[]
}

/** The pool's side: it started us as a thread, or as a process. */
const pool = parentPort ?? process

const dropped = parentPort ? createDropped(workerData) : null

// One document at a time, in the order in which they came.
let last = Promise.resolve()
let came = 0
pool.on('message', (job: Job) => {
  came += 1
  const number = came
  last = last
    .then(() => (dropped?.has(number) ? null : run(job)))
    .then(
      (result) => answer({ result, heldBytes: heldBytes() }),
      // Ours, not the document's; the pool says so.
      (error: unknown) =>
        answer({ fault: error instanceof Error ? error.message : String(error), heldBytes: heldBytes() }),
    )
})
if (parentPort) parentPort.postMessage('ready')
else {
  // On Node 20 the first ones are free by the next turn only, and none comes while a document is read.
  freeBytes(new Uint8Array(1))
  process.send?.('ready')
}

async function run(job: Job): Promise<Result> {
  written.clear()
  writtenBytes = 0
  if ('behind' in job) {
    const bytes = readBehind(job.behind)
    job.document = { ...job.document, bytes, onItems: writeItems }
  }
  if ('document' in job) {
    const { bytes } = job.document
    job.document.onDecoded = () => freeBytes(bytes)
  }
  if (job.kind === 'extract') return readArticle(job.document)
  const result = await read(job)
  // The pool's loop is the busier one. Not of a process, whose items go out as they are read.
  if (parentPort && result?.kind === 'read')
    for (const { tokens, text } of result.items) tokens.signature = signatureOf({ tokens, text })
  return result
}

function read(job: Exclude<Job, { kind: 'extract' }>): Read | null | Promise<Read | null> {
  switch (job.kind) {
    case 'new_items':
      return readNewItems(job.found, job.context)
    case 'read':
      return readDocument(job.document, job.known)
    case 'page':
      return readPage(job.document, job.rules)
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

function answer(message: Answer): void {
  const slices = 'result' in message && message.result?.kind === 'read' ? message.result.slices : null
  // The pool has them still.
  if (slices?.bytes) slices.bytes = new Uint8Array()
  if (parentPort) {
    parentPort.postMessage(message)
    return
  }
  const read = 'result' in message && message.result?.kind === 'read' ? message.result : null
  const items = read?.items ?? []
  writeItems(items.filter((item) => !written.has(item)))
  if (read !== null) read.items = []
  process.send?.({
    ...message,
    behind: { bytes: writtenBytes, items: items.flatMap((item) => written.get(item) ?? []) },
  })
}

// ---- What a process says of items ----

/** Where those of the document in hand stand in what went to the pool. */
const written = new Map<ReadItem, { from: number; to: number }>()
let writtenBytes = 0

/**
 * Items leave as they are read, and what is left of them here is what they are judged by: all of a document's would be
 * several times as large as itself. In UTF-8 they take half of what they do as texts, and the pool keeps them so for now.
 */
function writeItems(items: ReadItem[]): void {
  for (const item of items) {
    const from = writtenBytes
    writeOut(JSON.stringify(item))
    written.set(item, { from, to: writtenBytes })
    item.content = null
    item.summary = null
    item.tokens = { title: '', text: '' }
    // A copy: a part of it would keep all of it.
    item.text = Buffer.from(item.text.slice(0, JUDGED_CHARS)).toString()
  }
}

/** See `onItems` of source/parse.ts. */
const JUDGED_CHARS = 2_000

/** As much as is taken at a time: nothing else is to be done meanwhile, so that it may block. */
function writeOut(text: string): void {
  for (let at = 0; at < text.length; ) {
    const { read, written: bytes } = ENCODER.encodeInto(text.slice(at, at + OUT.length), OUT)
    at += read
    for (let sent = 0; sent < bytes; ) sent += writeSync(STDOUT, OUT, sent, bytes - sent)
    writtenBytes += bytes
  }
}

const STDOUT = 1
const ENCODER = new TextEncoder()
const OUT = new Uint8Array(65_536)
