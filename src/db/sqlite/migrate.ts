import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { AppError } from '../../errors.ts'
import type { Driver } from './driver.ts'
import { lazily } from './lazily.ts'

interface Migration {
  hash: string
  statements: string[]
}

const FOLDER = fileURLToPath(new URL('../../../migrations', import.meta.url))

/** The migrations of this version, oldest first; the same from `src/` and from `dist/`. */
export const readMigrations = lazily(() =>
  readMigrationFiles({ migrationsFolder: FOLDER }).map(({ hash, sql }): Migration => ({ hash, statements: sql })),
)

/**
 * What this file still lacks. Drizzle's own migrator goes by time stamps, and skips one that was merged late; this one
 * goes by hash. Throws `conflict` for a file that a newer version wrote, `invalid` for one that is not ours.
 */
export function listPending(
  driver: Driver,
  migrations: Migration[],
  path: string,
): { pending: Migration[]; isNew: boolean } {
  const tables = driver.prepare<string>('SELECT name FROM sqlite_master').pluck().all()
  const isOurs = tables.includes('migrations')
  if (tables.length > 0 && !isOurs) {
    throw new AppError('invalid', `${path} is the database of another program.`, {
      hint: 'Name another folder in CRIER_DATA.',
    })
  }
  const applied = isOurs ? driver.prepare<string>('SELECT hash FROM migrations').pluck().all() : []

  const ours = new Set(migrations.map(({ hash }) => hash))
  if (applied.some((hash) => !ours.has(hash))) {
    throw new AppError('conflict', `The database ${path} was written by a newer version of Crier.`, {
      hint: 'Install that version or a later one; this one would damage it.',
    })
  }
  const done = new Set(applied)
  return { pending: migrations.filter(({ hash }) => !done.has(hash)), isNew: applied.length === 0 }
}

/**
 * Applies what is lacking, all or nothing. It looks again under the write lock: another process may have been faster.
 * `announce` is called once when there is something to do, before it is done.
 */
export function migrate(
  driver: Driver,
  migrations: Migration[],
  path: string,
  now: number,
  announce: () => void = () => {},
): void {
  driver.exec('BEGIN IMMEDIATE')
  try {
    driver.exec('CREATE TABLE IF NOT EXISTS migrations (hash TEXT PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT')
    const { pending } = listPending(driver, migrations, path)
    if (pending.length > 0) announce()
    for (const { hash, statements } of pending) {
      for (const statement of statements) driver.exec(statement)
      driver.prepare('INSERT INTO migrations (hash, applied_at) VALUES (?, ?)').run(hash, now)
    }
    driver.exec('COMMIT')
  } catch (error) {
    driver.exec('ROLLBACK')
    throw error
  }
}
