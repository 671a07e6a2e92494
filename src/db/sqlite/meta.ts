import type { Database } from './driver.ts'
import type { changes, meta } from './schema.ts'

type Counter = (typeof meta.$inferSelect)['name']

/** No process that holds something in memory falls behind by so many. */
const KEPT_CHANGES = 10_000

/** Small facts the house keeps of itself, and the cursor of changes; all of it inside the caller's transaction. */
export interface Meta {
  read(name: Counter): number
  add(name: Counter, by: number): void
  raise(name: Counter, to: number): void
  /** Feeds and pages may look different from now on. */
  touch(): void
  /** For what other processes hold in memory; feeds and pages may look different by it, too. */
  noteChange(kind: (typeof changes.$inferSelect)['kind'], ref: string | number): void
  /** Forgets old changes. Only for a service that starts: it has read none yet, and a command beside it reads them as they come. */
  trimChanges(): void
}

export function createMeta({ driver }: Database): Meta {
  const read = driver.prepare<number>('SELECT value FROM meta WHERE name = ?').pluck()
  const add = driver.prepare('UPDATE meta SET value = value + ? WHERE name = ?')
  const raise = driver.prepare('UPDATE meta SET value = max(value, ?) WHERE name = ?')
  const note = driver.prepare('INSERT INTO changes (kind, ref) VALUES (?, ?)')
  const trim = driver.prepare('DELETE FROM changes WHERE id <= (SELECT max(id) FROM changes) - ?')
  const touch = () => void add.run(1, 'revision')
  return {
    read: (name) => read.get(name) ?? 0,
    add: (name, by) => void add.run(by, name),
    raise: (name, to) => void raise.run(to, name),
    touch,
    noteChange(kind, ref) {
      note.run(kind, String(ref))
      touch()
    },
    trimChanges: () => void trim.run(KEPT_CHANGES),
  }
}
