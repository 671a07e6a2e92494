import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type OpenStoreOptions, openStore } from '../../src/db/open.ts'
import { silentLog } from '../../src/log.ts'
import type { Query, Source } from '../../src/model.ts'
import type { ClaimedMessages, IngestPlan, IngestResult, Known, NewSource, PollRecord, Store } from '../../src/ports.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { readDocument } from './items.ts'

/** The moment at which tests happen, unless they say otherwise: 23 Nov 2026, 09:00 UTC. */
export const NOW = Date.UTC(2026, 10, 23, 9)

export { silentLog }

/**
 * A real store, in memory, closed after the test; with `dataDir` in that folder, where an empty database is laid unless
 * one is there or `isBare`. Writes wait for no company.
 */
export async function openTestStore(
  options: Partial<OpenStoreOptions> & { dataDir?: string; isBare?: boolean } = {},
): Promise<Store> {
  const { dataDir, isBare = false, ...others } = options
  if (dataDir !== undefined && !isBare) await layDatabase(dataDir)
  const place = dataDir === undefined ? { memory: true as const } : { dataDir }
  const store = await openStore({ log: silentLog, clock: () => NOW, groupWaitMs: 0, ...others, ...place })
  onTestFinished(() => store.close())
  return store
}

/**
 * Puts an empty database of today's schema into that folder, unless it has one: to migrate takes longer than most tests
 * do with what comes of it. All are copies of one, and so the same instance.
 */
export async function layDatabase(dataDir: string): Promise<void> {
  const path = join(dataDir, 'crier.db')
  if (existsSync(path)) return
  empty ??= makeEmpty()
  const bytes = await empty
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  writeFileSync(path, bytes)
}

let empty: Promise<Buffer> | null = null

async function makeEmpty(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'crier-test-'))
  try {
    await (await openStore({ log: silentLog, dataDir: folder })).close()
    return readFileSync(join(folder, 'crier.db'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A folder of its own, gone after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crier-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A source that is there; its address is its own unless given. */
export async function addTestSource(store: Store, given: Partial<NewSource> = {}): Promise<Source> {
  const count = (counts.get(store) ?? (await store.listSources()).length) + 1
  counts.set(store, count)
  const url = `https://source-${count}.example.com/feed.xml`
  const { source } = await store.addSource(
    { url, givenTitle: null, tags: [], everyMs: null, found: null, ...given },
    NOW,
  )
  return source
}

/** Of each store: to list hundreds for each one more takes longer than what is tested with them. */
const counts = new WeakMap<Store, number>()

/** What a watch of this text asks for. */
export function watchQuery(text: string): Query {
  return parseQuery(text, { timezone: 'UTC', for: 'watch' })
}

export function pollRecord(given: Partial<PollRecord> = {}): PollRecord {
  return {
    polledAt: NOW,
    nextPollAt: NOW + 3_600_000,
    validators: { etag: null, lastModified: null },
    bodyHash: null,
    ...given,
  }
}

/** A poll that brought nothing new. */
export function goodPoll(given: Partial<PollRecord> = {}): Parameters<Store['recordPoll']>[1] {
  return { ...pollRecord(given), failures: 0, trouble: null, succeeded: true }
}

export function badPoll({
  failures = 1,
  trouble = 'No answer.',
  ...given
}: Partial<PollRecord & Source> = {}): Parameters<Store['recordPoll']>[1] {
  return { ...pollRecord(given), failures, trouble, succeeded: false }
}

/** As `Store.claimMessages`, for chats of both kinds. */
export async function claimBoth(
  store: Store,
  options: Omit<Parameters<Store['claimMessages']>[0], 'kind'>,
): Promise<ClaimedMessages> {
  const terminal = await store.claimMessages({ ...options, kind: 'terminal' })
  const telegram = await store.claimMessages({ ...options, kind: 'telegram' })
  const dueAts = [terminal.nextAt, telegram.nextAt].filter((at) => at !== null)
  const messages = [...terminal.messages, ...telegram.messages]
  return { messages, nextAt: dueAts.length === 0 ? null : Math.min(...dueAts) }
}

/** Stores what the plan says, as if a poll had found it. */
export function ingestPlan(
  store: Store,
  sourceId: number,
  plan: Partial<IngestPlan> | ((known: Known) => Partial<IngestPlan>),
  record: Partial<PollRecord> = {},
): Promise<IngestResult> {
  const nothing: IngestPlan = { insert: [], edit: [], bind: [], messages: [] }
  return store.ingest(sourceId, readDocument([]), pollRecord(record), (known) => ({
    ...nothing,
    ...(typeof plan === 'function' ? plan(known) : plan),
  }))
}
