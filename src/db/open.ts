import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Clock, Store } from '../ports.ts'
import { systemClock } from '../time.ts'
import { getDatabasePath } from './data-dir.ts'
import { explain, openFile, RESTORE } from './file.ts'
import { isServiceRunning } from './service-lock.ts'
import { forDrizzle, openDriver } from './sqlite/binding.ts'
import { type Driver, isBusy } from './sqlite/driver.ts'
import { listPending, migrate, readMigrations } from './sqlite/migrate.ts'
import * as schema from './sqlite/schema.ts'
import { createStore } from './store.ts'

/** For a locked file: how long it is tried again, and how often. */
const OPEN_DEADLINE_MS = 15_000
const OPEN_RETRY_MS = 50

/** The bug that loses committed writes under concurrent checkpoints is mended from here on (sqlite.org/wal.html, "walresetbug"). */
const OLDEST_SQLITE = [3, 51, 3]

/** How much file is checked at start: about 5 ms a MB. */
const CHECKED_BYTES = { service: 1_000_000_000, command: 16_000_000 }

/** To bring a file up to date reads all of it: from here on people wait for that, and are told. */
const LONG_MIGRATED_BYTES = 50_000_000

export type OpenStoreOptions = ({ dataDir: string } | { memory: true }) & {
  log: Log
  clock?: Clock
  /** How long the first of a group of writes waits for company. */
  groupWaitMs?: number
  /** For the days in stored watches: an IANA name. */
  timezone?: string
  /** The service holds the service lock, and checks the whole file; a command (the default) is quick, and leaves a running service's schema alone. */
  role?: 'service' | 'command'
  /** Make the file when there is none (the default); else that is `not_found`. */
  create?: boolean
}

/**
 * Opens `crier.db` in the data folder, or a store in memory, and brings its schema up to date. Throws `invalid` for a place
 * that cannot be read and written, `conflict` for a file of a newer version, `internal` for a damaged one, `not_found`
 * without `create`; each names the path and says what to do.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { log, clock = systemClock, groupWaitMs = 4, timezone = 'UTC', role = 'command' } = options
  const path = 'memory' in options ? ':memory:' : getDatabasePath(options.dataDir, { create: options.create ?? true })
  const driver = 'memory' in options ? openDriver(blank ?? path) : openFile(path)
  try {
    await retryWhileBusy(clock, () => setUp(driver, path))
    await retryWhileBusy(clock, () => checkFile(driver, path, role))
    await retryWhileBusy(clock, () => migrateFile(driver, path, role, { log, clock }))
    if ('memory' in options) blank ??= driver.serialize()
  } catch (error) {
    driver.close()
    throw explain(error, path)
  }
  const orm = drizzle(forDrizzle(driver), { schema })
  return createStore({ driver, orm, log, clock }, { groupWaitMs, timezone })
}

/** The first store in memory, before anything is in it; the others begin as its copies: to migrate takes longer than all else. */
let blank: Buffer | null = null

function setUp(driver: Driver, path: string): void {
  const version = driver.prepare<string>('SELECT sqlite_version()').pluck().get() ?? ''
  if (isOlder(version, OLDEST_SQLITE)) {
    throw new AppError('internal', `SQLite ${version} can lose writes; ${OLDEST_SQLITE.join('.')} is needed.`, {
      hint: 'Run npm ci again.',
    })
  }
  // Only a new file takes it. An item with its content fits into 8 KB, and each page is written twice.
  driver.pragma('page_size = 8192')
  driver.pragma('foreign_keys = ON')
  if (path === ':memory:') return

  const mode = driver.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal') {
    throw new AppError('invalid', `The file system of ${path} does not support SQLite's write-ahead log.`, {
      hint: 'Put CRIER_DATA on a local disk.',
    })
  }
  // The binding is built with NORMAL, which lost committed rows in simulated power cuts.
  driver.pragma('synchronous = FULL')
  driver.pragma('journal_size_limit = 67108864')
  // 32 MB: a page that is written again and again goes to the database once.
  driver.pragma('wal_autocheckpoint = 4000')
  if (driver.pragma('synchronous', { simple: true }) !== 2) throw new Error('SQLite refused synchronous=FULL.')
  // A file that can only be read says so at the first write: let that be now.
  driver.exec('BEGIN IMMEDIATE')
  driver.exec('ROLLBACK')
}

function isOlder(version: string, than: number[]): boolean {
  const parts = version.split('.').map(Number)
  const at = than.findIndex((part, i) => part !== (parts[i] ?? 0))
  return at >= 0 && (parts[at] ?? 0) < (than[at] ?? 0)
}

/** A new file has no service beside it yet; a service's own file is not changed beneath it. */
function migrateFile(
  driver: Driver,
  path: string,
  role: 'service' | 'command',
  { log, clock }: { log: Log; clock: Clock },
): void {
  const migrations = readMigrations()
  const { pending, isNew } = listPending(driver, migrations, path)
  if (pending.length === 0) return
  if (role === 'command' && !isNew && isServiceRunning(dirname(path))) {
    throw new AppError('conflict', `The Crier that is running on ${path} is of an older version.`, {
      hint: 'Restart it with this version first.',
    })
  }
  migrate(driver, migrations, path, clock(), () => {
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (bytes < LONG_MIGRATED_BYTES) return
    log.info({ path, megabytes: Math.round(bytes / 1e6) }, 'Bringing the database up to date: this can take a minute.')
  })
}

/** Damage in the middle of a file opens and counts fine: only this finds it. */
function checkFile(driver: Driver, path: string, role: 'service' | 'command'): void {
  if (path === ':memory:' || statSync(path).size > CHECKED_BYTES[role]) return
  const found = driver.pragma('quick_check(1)', { simple: true })
  if (found !== 'ok') throw new AppError('internal', `The database ${path} is damaged: ${found}.`, { hint: RESTORE })
}

/** A wait inside SQLite blocks the event loop, so the long wait is here. */
async function retryWhileBusy(clock: Clock, work: () => void): Promise<void> {
  for (const giveUpAt = clock() + OPEN_DEADLINE_MS; ; await sleep(OPEN_RETRY_MS)) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || clock() >= giveUpAt) throw error
    }
  }
}
