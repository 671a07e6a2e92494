import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import { AppError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Clock } from '../../ports.ts'
import type * as schema from './schema.ts'

/** What we use of the SQLite binding; `binding.ts` alone knows which one it is. */
export interface Driver {
  readonly inTransaction: boolean
  /** Each statement is kept until the process ends: prepare it once, or cache it where its text is made from a query. */
  prepare<Row = unknown>(sql: string): Statement<Row>
  exec(sql: string): unknown
  pragma(text: string, options?: { simple: boolean }): unknown
  /** All of it, as it would stand in a file. */
  serialize(): Buffer
  close(): unknown
}

export interface Statement<Row> {
  run(...values: unknown[]): { changes: number; lastInsertRowid: number | bigint }
  get(...values: unknown[]): Row | undefined
  all(...values: unknown[]): Row[]
  /** Rows become the value of their first column. */
  pluck(): Statement<Row>
  /** Rows become the values of their columns, in order. */
  raw(): Statement<unknown[]>
}

/** One open file, seen twice: through Drizzle, and bare for what Drizzle cannot say. */
export interface Database {
  orm: BetterSQLite3Database<typeof schema>
  driver: Driver
  log: Log
  clock: Clock
}

/** SQLite's own code of an error ("SQLITE_BUSY"), '' for errors that are not SQLite's. */
export function sqliteCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : ''
}

/** Another connection holds the file. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error))
}

const FAULTS: [RegExp, string, string][] = [
  [
    /^SQLITE_FULL/,
    'The disk is full: nothing can be stored.',
    'Free some space: a service that runs goes on by itself, a command must be given again.',
  ],
  [/^SQLITE_IOERR/, 'The database file cannot be written: the disk reports an error.', 'Check the disk and its mount.'],
  [
    /^SQLITE_READONLY/,
    'The database file is read-only.',
    'Let the user that runs Crier write the file and its folder.',
  ],
  [/^SQLITE_(CORRUPT|NOTADB)/, 'The database file is damaged.', 'Stop Crier and put a backup in its place.'],
  [
    /^SQLITE_(BUSY|LOCKED)/,
    'The database is locked by another program.',
    'Try again, or end the program that holds it.',
  ],
]

/** What SQLite says about the disk and the file, as `unavailable` in words for people; any other error as it is. */
export function translateError(error: unknown): unknown {
  const fault = FAULTS.find(([code]) => code.test(sqliteCode(error)))
  return fault ? new AppError('unavailable', fault[1], { hint: fault[2], cause: error }) : error
}
