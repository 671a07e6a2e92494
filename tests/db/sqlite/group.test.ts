import { expect, test } from 'vitest'
import { openDriver } from '../../../src/db/sqlite/binding.ts'
import type { Database, Driver } from '../../../src/db/sqlite/driver.ts'
import { createGroup, type Group, type Transaction } from '../../../src/db/sqlite/group.ts'
import { silentLog, testFolder } from '../../support/store.ts'

interface Bench {
  driver: Driver
  group: Group
  events: string[]
  commits: () => number
  rows: () => string[]
  insert: (name: string) => void
}

/** A file with one table, and a group over it whose clock stands still unless the test moves it. */
function openBench(
  options: { clock?: () => number; busyTimeoutMs?: number; waitMs?: number; wrap?: (driver: Driver) => Driver } = {},
): Bench & { path: string } {
  const path = `${testFolder()}/bench.db`
  const driver = openDriver(path, options.busyTimeoutMs ?? 0)
  driver.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (name TEXT UNIQUE CHECK (name <> 'bad'))")
  const events: string[] = []
  // The group uses neither Drizzle nor the log.
  const seen = options.wrap?.(driver) ?? driver
  const db = { driver: seen, log: silentLog, clock: options.clock ?? (() => 0) } as unknown as Database
  const group = createGroup(db, {
    waitMs: options.waitMs ?? 0,
    onCommit: () => events.push('commit'),
    onRollback: () => events.push('rollback'),
  })
  const insert = driver.prepare('INSERT INTO t (name) VALUES (?)')
  const rows = driver.prepare<string>('SELECT name FROM t ORDER BY rowid').pluck()
  return {
    path,
    driver,
    group,
    events,
    commits: () => events.filter((event) => event === 'commit').length,
    rows: () => rows.all(),
    insert: (name) => void insert.run(name),
  }
}

test('intentions of one turn share a commit, and resolve in order with what they made', async () => {
  const { group, insert, rows, commits } = openBench()

  const add = (name: string) => () => {
    insert(name)
    return name.toUpperCase()
  }
  const made = await Promise.all(['a', 'b', 'c'].map((name) => group.run(add(name))))

  expect(made).toEqual(['A', 'B', 'C'])
  expect(rows()).toEqual(['a', 'b', 'c'])
  expect(commits()).toBe(1)
})

test.each([
  ['the first waits for company, but ten are enough', 3_600_000],
  ['ten that come in one turn are one group too where nobody waits', 0],
])('%s', async (_, waitMs) => {
  const { group, insert, commits } = openBench({ waitMs })
  const add = (at: number) => group.run(() => insert(`${at}`))

  await Promise.all(Array.from({ length: 10 }, (_, at) => add(at)))
  await new Promise(setImmediate)

  expect(commits()).toBe(1)
})

test('when one throws, each that ran before it runs once more by itself, and it alone rejects', async () => {
  const { group, insert, rows, events } = openBench()

  const outcomes = await Promise.allSettled([
    group.run(() => insert('a')),
    group.run(({ atEnd }) => {
      atEnd(1, () => insert('never'))
      insert('b')
      throw new Error('no')
    }),
    group.run(() => insert('c')),
    group.run(() => insert('d')),
  ])

  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect(rows()).toEqual(['a', 'c', 'd'])
  expect(events).toEqual(['rollback', 'commit', 'rollback', 'commit'])
})

test('what is held in memory is taken back in reverse, of a group in which one throws and of one that cannot be committed', async () => {
  const { group, insert } = openBench()
  let held: string[] = []
  const hold = ({ ifUndone }: Transaction, ...names: string[]) => {
    for (const name of names) {
      held.push(name)
      ifUndone(() => void held.push(`no ${name}`))
    }
  }
  const throwing = (transaction: Transaction) => {
    hold(transaction, 'b', 'c')
    throw new Error('no')
  }

  await Promise.allSettled([group.run((transaction) => hold(transaction, 'a')), group.run(throwing)])
  // Each runs once more by itself.
  expect(held).toEqual(['a', 'b', 'c', 'no c', 'no b', 'no a', 'a', 'b', 'c', 'no c', 'no b'])

  held = []
  const spoiling = (transaction: Transaction) => {
    hold(transaction, 'e')
    transaction.atEnd(1, () => insert('bad'))
  }
  await Promise.allSettled([group.run((transaction) => hold(transaction, 'd')), group.run(spoiling)])
  expect(held).toEqual(['d', 'e', 'no e', 'no d', 'd', 'e', 'no e'])
})

test('when a group cannot be committed, each runs once more by itself, and only the guilty one fails', async () => {
  const { group, insert, rows, events } = openBench()

  const outcomes = await Promise.allSettled([
    group.run(() => insert('a')),
    group.run(({ atEnd }) => {
      insert('b')
      atEnd(1, () => insert('bad'))
    }),
    group.run(() => insert('c')),
  ])

  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(rows()).toEqual(['a', 'c'])
  expect(events).toEqual(['rollback', 'commit', 'rollback', 'commit'])
})

test('when SQLite ends the transaction, nobody is told of a success that never was', async () => {
  const { driver, group, insert, rows } = openBench()

  const outcomes = await Promise.allSettled([
    group.run(() => insert('a')),
    group.run(() => {
      insert('b')
      driver.exec('ROLLBACK')
      throw new Error('as after a full disk')
    }),
    group.run(() => insert('c')),
  ])

  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(rows()).toEqual(['a', 'c'])
})

test('when even the rollback fails, everybody is answered, and the next group goes on', async () => {
  const { group, insert, rows } = openBench({
    wrap: (driver) => ({
      ...driver,
      get inTransaction() {
        return driver.inTransaction
      },
      prepare<Row>(sql: string) {
        const statement = driver.prepare<Row>(sql)
        if (sql !== 'ROLLBACK') return statement
        const run = () => {
          statement.run()
          throw new Error('disk I/O error')
        }
        return Object.assign(Object.create(statement), { run })
      },
    }),
  })

  const outcomes = await Promise.allSettled([
    group.run(() => insert('a')),
    group.run(({ atEnd }) => atEnd(1, () => insert('bad'))),
  ])

  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  await group.run(() => insert('c'))
  expect(rows()).toEqual(['a', 'c'])
})

test('on a full disk what does not fit is refused whole, and what fits later is stored', async () => {
  const { driver, group, insert, rows } = openBench()
  const fill = (name: string) => () => {
    for (let i = 0; i < 400; i += 1) insert(`${name}${i} ${'x'.repeat(200)}`)
  }
  driver.pragma('max_page_count = 30')

  const outcomes = await Promise.allSettled([
    group.run(() => insert('a')),
    group.run(fill('big')),
    group.run(() => insert('c')),
  ])

  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(outcomes[1]).toMatchObject({
    reason: { code: 'unavailable', message: expect.stringContaining('disk is full') },
  })
  expect(rows()).toEqual(['a', 'c'])

  driver.pragma('max_page_count = 3000')
  await group.run(fill('big'))
  expect(rows()).toHaveLength(402)
})

test('work for the end runs after all intentions, in order of place, and once for a place', async () => {
  const { group, insert, rows } = openBench()

  await Promise.all([
    group.run(({ atEnd }) => {
      atEnd(3, () => insert('third'))
      atEnd(2, () => insert('second, overtaken'))
    }),
    group.run(({ atEnd }) => {
      insert('first')
      atEnd(2, () => insert('second'))
    }),
  ])

  expect(rows()).toEqual(['first', 'second', 'third'])
})

test('a group ends after 150 ms of work', async () => {
  let now = 0
  const { group, insert, commits } = openBench({ clock: () => now })
  const work = (name: string) => () => {
    now += 37.5
    insert(name)
  }

  await Promise.all(['a', 'b', 'c', 'd'].map((name) => group.run(work(name))))
  expect(commits()).toBe(1)
  await Promise.all(['e', 'f', 'g', 'h', 'i'].map((name) => group.run(work(name))))

  expect(commits()).toBe(3)
})

test('a promise resolves only after the commit', async () => {
  const { path, group, insert } = openBench()

  await group.run(() => insert('a'))

  const other = openDriver(path)
  expect(other.prepare('SELECT name FROM t').pluck().all()).toEqual(['a'])
  other.close()
})

test('a file locked by another connection is waited for without holding the event loop', async () => {
  const { path, group, insert, rows } = openBench()
  const other = openDriver(path)
  other.exec('BEGIN IMMEDIATE')

  const done = group.run(() => insert('a'))
  setImmediate(() => {
    other.exec('COMMIT')
    other.close()
  })
  await done

  expect(rows()).toEqual(['a'])
})

test('a file that stays locked is unavailable after the deadline, with a sentence for people', async () => {
  let now = 0
  const { path, group, insert } = openBench({ clock: () => (now += 1_000) })
  const other = openDriver(path)
  other.exec('BEGIN IMMEDIATE')

  await expect(group.run(() => insert('a'), { busyMs: 2_000 })).rejects.toMatchObject({
    code: 'unavailable',
    message: 'The database is locked by another program.',
  })
  other.close()
})

test('where no transaction can begin at all, everybody is refused at once, and the next one is tried anew', async () => {
  let isBroken = true
  const { group, insert, rows } = openBench({
    wrap: (driver) => ({
      ...driver,
      inTransaction: false,
      prepare<Row>(sql: string) {
        const statement = driver.prepare<Row>(sql)
        if (sql !== 'BEGIN IMMEDIATE') return statement
        const run = () => {
          if (isBroken) throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_LOCK' })
          return statement.run()
        }
        return Object.assign(Object.create(statement), { run })
      },
    }),
  })

  const outcomes = await Promise.allSettled(['a', 'b'].map((name) => group.run(() => insert(name))))
  isBroken = false
  await group.run(() => insert('c'))

  const reason = { code: 'unavailable', message: expect.stringContaining('the disk reports an error') }
  expect(outcomes).toMatchObject([{ reason }, { reason }])
  expect(rows()).toEqual(['c'])
})

test('an intention that gives a promise is refused and undone', async () => {
  const { group, insert, rows } = openBench()

  await expect(group.run(async () => insert('a'))).rejects.toThrow('must be synchronous')

  expect(rows()).toEqual([])
})

test('closing waits for what was asked, twice too, and refuses what comes later', async () => {
  const { group, insert, rows } = openBench()
  const asked = group.run(() => insert('a'))

  await Promise.all([group.close(), group.close()])

  expect(rows()).toEqual(['a'])
  await asked
  await group.close()
  await expect(group.run(() => insert('b'))).rejects.toMatchObject({ code: 'unavailable' })
})

test('closing waits for who waits for company', async () => {
  const { group, insert, rows } = openBench({ waitMs: 1 })
  const asked = group.run(() => insert('a'))

  await group.close()

  expect(rows()).toEqual(['a'])
  await asked
})
