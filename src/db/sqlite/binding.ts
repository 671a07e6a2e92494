import BetterSqlite3 from 'better-sqlite3'
import type { Driver } from './driver.ts'
import { lazily } from './lazily.ts'

/** A locked file holds the event loop this long at most; then the wait goes on outside SQLite. */
const BUSY_TIMEOUT_MS = 100

/**
 * From Node 24.19 on, a binding of this kind that was built from source aborts the process when the garbage collector
 * meets one of its objects outside of any call (nodejs `ObjectWrap`; mended in better-sqlite3 13, which needs Node 22).
 * So none is ever let go: neither connections nor statements, and nothing is iterated, which would make one each time.
 */
const kept: unknown[] = []

/** The bare binding over a file, or over a copy of one in memory, with the settings every connection has. Throws what SQLite throws. */
export function openDriver(path: string | Buffer, busyTimeoutMs = BUSY_TIMEOUT_MS): Driver {
  const driver = new BetterSqlite3(path, { timeout: busyTimeoutMs })
  const prepare = driver.prepare.bind(driver)
  const prepareKept = (sql: string) => {
    const statement = prepare(sql)
    kept.push(statement)
    return statement
  }
  const pragma = (text: string, options?: { simple: boolean }) => {
    const statement = prepareKept(`PRAGMA ${text}`)
    if (!statement.reader) return statement.run()
    return options?.simple ? statement.pluck().get() : statement.all()
  }
  kept.push(driver)
  // Its types say the same as ours, in generics of another shape.
  return Object.assign(driver, {
    prepare: (sql: string) => lazyStatement(() => prepareKept(sql)),
    pragma,
  }) as unknown as Driver
}

/** A statement that is prepared when it is first run: a store has two hundred, and a command runs a dozen. */
function lazyStatement(prepare: () => BetterSqlite3.Statement) {
  const made = lazily(prepare)
  let shape: 'pluck' | 'raw' | null = null
  const statement = () => {
    if (shape) made()[shape]()
    shape = null
    return made()
  }
  const lazy = {
    run: (...values: unknown[]) => statement().run(...values),
    get: (...values: unknown[]) => statement().get(...values),
    all: (...values: unknown[]) => statement().all(...values),
    pluck() {
      shape = 'pluck'
      return lazy
    },
    raw() {
      shape = 'raw'
      return lazy
    },
  }
  return lazy
}

/** What Drizzle works on: it prepares anew with every call, so here the same text is the same statement. */
export function forDrizzle(driver: Driver): BetterSqlite3.Database {
  const statements = new Map<string, unknown>()
  const prepare = (sql: string) => {
    const statement = statements.get(sql) ?? driver.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  // `openDriver` made it of one; all but `prepare` is its own.
  return Object.create(driver, { prepare: { value: prepare } }) as BetterSqlite3.Database
}
