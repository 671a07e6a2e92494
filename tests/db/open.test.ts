import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../src/db/open.ts'
import { takeServiceLock } from '../../src/db/service-lock.ts'
import { openDriver } from '../../src/db/sqlite/binding.ts'
import type { Driver } from '../../src/db/sqlite/driver.ts'
import { listPending, migrate, readMigrations } from '../../src/db/sqlite/migrate.ts'
import * as schema from '../../src/db/sqlite/schema.ts'
import { createStore } from '../../src/db/store.ts'
import type { Alert } from '../../src/model.ts'
import type { Store } from '../../src/ports.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { readItem } from '../support/items.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, silentLog, testFolder } from '../support/store.ts'

/** A folder with a closed database of some size. */
async function folderWithStore(): Promise<{ dataDir: string; path: string }> {
  const dataDir = testFolder()
  const store = await openStore({ dataDir, log: silentLog, groupWaitMs: 0 })
  const source = await addTestSource(store)
  const insert = Array.from({ length: 60 }, (_, i) => ({
    item: readItem({ title: `Item ${i}`, content: `word${i} `.repeat(400) }),
    placeMs: NOW + i,
  }))
  await ingestPlan(store, source.id, { insert })
  await store.close()
  return { dataDir, path: `${dataDir}/crier.db` }
}

/** A folder as a version left it that had so many migrations, with what `rows` puts into it. */
function folderOfVersion(count: number, rows = ''): { dataDir: string; path: string } {
  const dataDir = testFolder()
  const path = `${dataDir}/crier.db`
  const driver = openDriver(path)
  migrate(driver, readMigrations().slice(0, count), path, NOW)
  driver.exec(rows)
  driver.close()
  return { dataDir, path }
}

/** Like `openDriver`, and for its reason, we let none go; nor when this file is through, and its module goes. */
const kept: unknown[] = []
process.once('exit', () => kept.length)

const reopen = (dataDir: string, role: 'service' | 'command' = 'command') =>
  openTestStore({ isBare: true, dataDir, role })

test('what was stored is there after closing and opening', async () => {
  const { dataDir } = await folderWithStore()

  const store = await reopen(dataDir)

  expect((await store.listItems({ limit: 1, now: NOW })).items[0]).toMatchObject({ title: 'Item 59' })
  expect((await store.status()).items).toBe(60)
})

test('the folder is made when it is not there', async () => {
  const dataDir = `${testFolder()}/deep/er`

  await reopen(dataDir)

  expect(readFileSync(`${dataDir}/crier.db`).subarray(0, 15).toString()).toBe('SQLite format 3')
})

test('a folder that is made is for its user alone, for logins of sources stand in it; one that is there stays as it is', async () => {
  const [made, found] = [`${testFolder()}/data`, testFolder()]
  chmodSync(found, 0o755)

  for (const dataDir of [made, found]) await reopen(dataDir)

  expect([made, found].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['700', '755'])
})

test('a command that must not make a database says that there is none, and makes none', async () => {
  const dataDir = `${testFolder()}/none`

  await expect(openTestStore({ isBare: true, dataDir, create: false })).rejects.toMatchObject({
    code: 'not_found',
    message: `There is no Crier database at ${dataDir}/crier.db.`,
  })
  expect(() => readFileSync(`${dataDir}/crier.db`)).toThrow('ENOENT')
})

test('a commit is on disk before anybody is told: WAL with synchronous FULL', async () => {
  const { dataDir, path } = await folderWithStore()
  const other = openDriver(path)
  expect(other.pragma('journal_mode', { simple: true })).toBe('wal')
  other.close()

  // `openStore` asserts it on its own connection, and refuses to go on otherwise.
  const store = await reopen(dataDir)
  await expect(store.checkWritable()).resolves.toBeUndefined()
})

describe('a place that is no good is refused with its path, and left as it is', () => {
  test('a folder in place of the file', async () => {
    const dataDir = testFolder()
    mkdirSync(`${dataDir}/crier.db`)

    await expect(reopen(dataDir)).rejects.toMatchObject({
      code: 'invalid',
      message: `${dataDir}/crier.db is a folder, not a database file.`,
    })
  })

  test('a file in place of the folder', async () => {
    const dataDir = `${testFolder()}/data`
    writeFileSync(dataDir, '')

    await expect(reopen(dataDir)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining(dataDir) })
  })

  // A link that leads to itself: like a folder that may not be entered, but for everybody.
  test('what cannot be looked at, which need not be missing', async () => {
    const dataDir = testFolder()
    symlinkSync('crier.db', `${dataDir}/crier.db`)

    await expect(openTestStore({ isBare: true, dataDir, create: false })).rejects.toMatchObject({
      code: 'invalid',
      message: `The database ${dataDir}/crier.db cannot be opened.`,
    })
  })

  test('something else than a database', async () => {
    const dataDir = testFolder()
    const garbage = 'not a database, '.repeat(1_000)
    writeFileSync(`${dataDir}/crier.db`, garbage)

    await expect(reopen(dataDir)).rejects.toMatchObject({
      code: 'invalid',
      message: `${dataDir}/crier.db is not a Crier database.`,
    })
    expect(readFileSync(`${dataDir}/crier.db`, 'utf8')).toBe(garbage)
  })

  test.each([
    ['cut off', (path: string) => truncateSync(path, 40_960 + 100)],
    [
      'damaged in the middle, which opens and counts fine',
      (path: string) => {
        const bytes = readFileSync(path)
        for (const page of [8, 9, 10, 11, 12, 13, 14, 15]) bytes.fill(0x5a, page * 4_096, page * 4_096 + 200)
        writeFileSync(path, bytes)
      },
    ],
  ])('a database that was %s', async (_, damage) => {
    const { dataDir, path } = await folderWithStore()
    damage(path)

    const refused = reopen(dataDir)

    await expect(refused).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining(`${path} is damaged`),
    })
    await expect(refused).rejects.toMatchObject({ hint: expect.stringContaining('backup') })
  })

  test('a database of another program, which gets none of our tables', async () => {
    const dataDir = testFolder()
    const other = openDriver(`${dataDir}/crier.db`)
    other.exec('CREATE TABLE theirs (x)')

    await expect(reopen(dataDir)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('another program'),
    })

    expect(other.prepare('SELECT name FROM sqlite_master').pluck().all()).toEqual(['theirs'])
    other.close()
  })

  test('an empty file is a new database', async () => {
    const dataDir = testFolder()
    writeFileSync(`${dataDir}/crier.db`, '')

    expect(await (await reopen(dataDir)).listSources()).toEqual([])
  })

  test('a database of a newer version', async () => {
    const { dataDir, path } = await folderWithStore()
    const other = openDriver(path)
    other.prepare('INSERT INTO migrations (hash, applied_at) VALUES (?, ?)').run('of the future', NOW)
    other.close()

    await expect(reopen(dataDir, 'service')).rejects.toMatchObject({
      code: 'conflict',
      message: `The database ${path} was written by a newer version of Crier.`,
    })
    // Whoever looks at it then has it for himself: it is not kept open.
    const alone = openDriver(path)
    expect(alone.pragma('journal_mode = DELETE', { simple: true })).toBe('delete')
    alone.close()
  })

  test('a database that lacks a migration, while a service of the older version runs on it', async () => {
    const { dataDir } = folderOfVersion(readMigrations().length - 1)
    const lock = takeServiceLock(dataDir, 4711)

    await expect(reopen(dataDir, 'command')).rejects.toMatchObject({ code: 'conflict' })

    lock.release()
    await expect(reopen(dataDir, 'command')).resolves.toBeDefined()
  })
})

test('migrations go by hash: one that was merged late is applied too, and all of them or none', () => {
  const driver = openDriver(':memory:')
  const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ hash: name, statements: [`CREATE TABLE ${name} (x)`] }))
  if (!a || !b || !c) throw new Error('three were made')
  migrate(driver, [a, c], 'x', NOW)

  migrate(driver, [a, b, c], 'x', NOW)
  expect(listPending(driver, [a, b, c], 'x')).toEqual({ pending: [], isNew: false })

  const broken = { hash: 'd', statements: ['CREATE TABLE d (x)', 'CREATE TABLE d (x)'] }
  expect(() => migrate(driver, [a, b, c, broken], 'x', NOW)).toThrow('already exists')
  expect(listPending(driver, [a, b, c, broken], 'x').pending).toEqual([broken])
  expect(driver.prepare("SELECT 1 FROM sqlite_master WHERE name = 'd'").get()).toBeUndefined()
  driver.close()
})

test('a database of the version before sources had manners reads as if they had been asked for nothing', async () => {
  const { dataDir } = folderOfVersion(
    3,
    `INSERT INTO sources (kind, url, host, tags, state, baseline_due, etag, added_at, next_poll_at, items) VALUES
       ('feed', 'https://a.example/feed', 'a.example', '["x"]', 'active', 0, '"e"', 1, 2, 1),
       ('feed', 'https://b.example/feed', 'b.example', '[]', 'removed', 0, NULL, 1, 2, 0);
     INSERT INTO items (place, story, source_id, url, title, authors, categories, enclosures, first_seen_at, content_key,
       content, text) VALUES (5000, 5000, 1, 'https://a.example/1', 'Old', '[]', '[]', '[]', 5, 'k', '<p>All</p>', 'All');
     INSERT INTO fingerprints (source_id, value) VALUES (1, zeroblob(12));
     INSERT INTO chats (id, kind) VALUES ('12', 'telegram');
     INSERT INTO messages (chat, total, html, created_at) VALUES ('12', 1, 'kept', 5)`,
  )

  const store = await reopen(dataDir)

  expect(await store.findSource(1)).toMatchObject({
    kind: 'feed',
    tags: ['x'],
    validators: { etag: '"e"' },
    pageRules: null,
    fullText: false,
    access: null,
    rhythm: { documentMs: null, freshForMs: null, skipHours: [], skipDays: [], gapMs: null, arrivedAt: null },
    move: null,
    told: [],
    hub: null,
    pushedUntil: null,
  })
  expect(await store.findItem(5_000)).toMatchObject({ content: '<p>All</p>', text: 'All', revision: 0 })
  expect(await store.listDueFullTexts(NOW, 9)).toEqual([])
  expect(await store.listDueSubscriptions(NOW, 9)).toEqual([])
  // Their form has changed.
  expect(await store.findKnownSlices(1)).toBeNull()
})

describe('a database of the version before there were stories', () => {
  const place = (i: number) => (NOW - 86_400_000 + i * 60_000) * 1000
  const told = ['sent', 'parked', 'queued', 'cancelled']
  const itemOf = (state: string, i: number) => `
    INSERT INTO items (place, story, source_id, id, url, title, authors, categories, enclosures, first_seen_at, content_key,
      content, text, language) VALUES (${place(i)}, ${place(i)}, 1, '${i}', 'https://a.example/${i}', 'Big data ${state}', '[]',
      '["x"]', '[]', ${place(i) / 1000}, 'k', '<p>All of it</p>', 'All of it', 'en');
    INSERT INTO items_text (rowid, title, body, author, tag, url)
      VALUES (${place(i)}, 'big data ${state}', 'all of it', '', 'x', 'a example ${i}');`
  const alertOf = (state: string, i: number) => `
    INSERT INTO messages (id, chat, state, total, html, external_id, sent_at, created_at) VALUES (${i + 1}, '12', '${state}',
      ${state === 'cancelled' ? 0 : 1}, ${state === 'queued' ? 'NULL' : `'${state} as it was'`},
      ${state === 'sent' ? `'77', ${NOW - 5_000}` : 'NULL, NULL'}, ${NOW - 9_000});
    INSERT INTO alerts (id, chat, story, place, message_id, created_at, cancelled_at) VALUES (${i + 1}, '12', ${place(i)}, ${place(i)},
      ${i + 1}, ${NOW - 9_000}, ${state === 'cancelled' ? NOW - 8_000 : 'NULL'});
    INSERT INTO hits (alert_id, watch_id, words, cancelled) VALUES (${i + 1}, 1, '["data"]', ${state === 'cancelled' ? 1 : 0});`
  const rows = `
    INSERT INTO sources (kind, url, host, given_title, tags, state, baseline_due, added_at, next_poll_at, items) VALUES
      ('feed', 'https://a.example/feed', 'a.example', 'A', '[]', 'active', 0, 1, 2, 5);
    INSERT INTO chats (id, kind, next_number, waiting, due_at, ready_at)
      VALUES ('12', 'telegram', 2, 1, ${NOW + 3_000}, ${NOW + 3_000});
    INSERT INTO watches (id, chat, number, query, created_at) VALUES (1, '12', 1, 'data', 5);
    ${[...told, 'alone'].map(itemOf).join('')}
    ${told.map(alertOf).join('')}`

  /** What is sent until nothing is left, as "html", or "html in place of 77". */
  async function deliver(store: Store, now: number): Promise<string[]> {
    const render = (alerts: Alert[]) => ({ html: alerts.map(({ item }) => item.title).join(), openUrl: null })
    const options = { limit: 9, leaseMs: 60_000, kind: 'telegram' as const, edits: 9, gapMs: () => 0, render }
    const sent: string[] = []
    for (;;) {
      const { messages } = await store.claimMessages({ ...options, now })
      if (messages.length === 0) return sent
      for (const { id, edits, rendered } of messages) {
        sent.push(edits === null ? rendered.html : `${rendered.html} in place of ${edits}`)
        await store.settleMessage(id, { kind: 'sent', at: now, messageId: edits ?? `${id}` }, edits)
      }
    }
  }

  test('keeps its items, watches, alerts and what waits to be sent, and begins with a story for each item', async () => {
    const store = await reopen(folderOfVersion(4, rows).dataDir)

    const { items } = await store.listItems({ limit: 9, now: NOW, stories: true })
    expect(items.map(({ title }) => title)).toEqual([
      'Big data alone',
      'Big data cancelled',
      'Big data queued',
      'Big data parked',
      'Big data sent',
    ])
    expect(items.every((item) => item.story === item.place && item.related.length === 0)).toBe(true)
    expect(items[0]).toMatchObject({
      content: '<p>All of it</p>',
      categories: ['x'],
      revision: 0,
      url: 'https://a.example/4',
    })
    const query = parseQuery('data -sent tag:x lang:en', { timezone: 'UTC', for: 'search' })
    const found = await store.listItems({ limit: 9, now: NOW, query, stories: true })
    expect(found.items).toHaveLength(4)
    expect(await store.findAlert({ chat: '12', messageId: '77' })).toMatchObject({
      id: 1,
      state: 'sent',
      sentAt: NOW - 5_000,
    })

    const alerts = await store.listAlerts({ limit: 9 })
    expect(alerts.map(({ state }) => state)).toEqual(['cancelled', 'queued', 'parked', 'sent'])
    expect(alerts.map(({ hits }) => hits)).toEqual(
      alerts.map(() => [{ watch: { id: 1, chat: '12', number: 1, query: 'data', createdAt: 5 }, words: ['data'] }]),
    )
  })

  test('goes on where it was: what waits is sent at its time, and nothing that was sent is sent or edited again', async () => {
    const store = await reopen(folderOfVersion(4, rows).dataDir)

    expect(await deliver(store, NOW)).toEqual([])
    expect(await deliver(store, NOW + 3_000)).toEqual(['Big data queued'])
    expect(await deliver(store, NOW + 3_600_000)).toEqual([])
  })

  test('goes on with what is new: a poll stores, alerts, and an edit shows in the message that was sent before', async () => {
    const store = await reopen(folderOfVersion(4, rows).dataDir)
    await deliver(store, NOW + 3_000)
    const [watch] = await store.listWatches('12')
    if (!watch) throw new Error('there is one')
    const alert = { item: { inserted: 0 }, hits: [{ watch, words: ['data'] }] }

    await ingestPlan(store, 1, {
      insert: [{ item: readItem({ id: 'n', title: 'Big data anew' }), placeMs: NOW }],
      edit: [{ place: place(0), item: readItem({ id: '0', title: 'Big data sent, corrected' }) }],
      messages: [{ chat: '12', alerts: [alert], singly: 5 }],
    })

    const { items } = await store.listItems({ limit: 1, now: NOW, stories: true })
    expect(items).toMatchObject([{ title: 'Big data anew', place: NOW * 1000, story: NOW * 1000, related: [] }])
    expect(await deliver(store, NOW + 3_600_000)).toEqual(['Big data anew', 'Big data sent, corrected in place of 77'])
  })
})

test('people are told when it takes long to bring a database up to date, and only then', async () => {
  const lines: [object, string][] = []
  const log = { ...silentLog, info: (fields: object, message: string) => void lines.push([fields, message]) }
  const large = folderOfVersion(4, "INSERT INTO changes (kind, ref) VALUES ('source', hex(zeroblob(30000000)))")

  await openTestStore({ isBare: true, dataDir: folderOfVersion(4).dataDir, log })
  await openTestStore({ isBare: true, dataDir: testFolder(), log })
  expect(lines).toEqual([])
  await openTestStore({ isBare: true, dataDir: large.dataDir, log })
  await openTestStore({ isBare: true, dataDir: large.dataDir, log })

  expect(lines).toEqual([
    [{ path: large.path, megabytes: 60 }, 'Bringing the database up to date: this can take a minute.'],
  ])
})

test('the schema is what the migrations say: STRICT tables, and one message of a chat on its way at most', async () => {
  const { path } = await folderWithStore()
  const db = openDriver(path)
  const tables = db.prepare("SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND schema = 'main'").all()

  // Those of the full text and SQLite's own are not ours to say.
  const ours = (tables as { name: string; strict: number }[]).filter(({ name }) => !/^(items_text|sqlite_)/.test(name))
  expect(ours.filter(({ strict }) => !strict)).toEqual([])
  expect(ours.length).toBeGreaterThan(10)
  db.exec("INSERT INTO chats (id, kind) VALUES ('1', 'telegram')")
  const insert = db.prepare("INSERT INTO messages (chat, total, state, created_at) VALUES ('1', 1, 'sending', 0)")
  insert.run()
  expect(() => insert.run()).toThrow('UNIQUE')
  db.close()
})

test('two processes that open a new file at once both get a whole schema', async () => {
  const dataDir = testFolder()
  const built = fileURLToPath(new URL('../../dist/db/open.js', import.meta.url))
  const script = `
    const { openStore } = await import(${JSON.stringify(built)})
    const log = { debug() {}, info() {}, warn() {}, error() {} }
    process.stdin.once('data', async () => {
      const store = await openStore({ dataDir: ${JSON.stringify(dataDir)}, log })
      await store.addOwner(process.pid, 1)
      await store.close()
      process.exit(0)
    })
    process.stdout.write('ready')`
  const start = () =>
    spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const children = [start(), start(), start()]
  await Promise.all(children.map((child) => new Promise((resolve) => child.stdout.once('data', resolve))))

  const codes = children.map((child) => new Promise((resolve) => child.once('exit', resolve)))
  for (const child of children) child.stdin.write('go')

  expect(await Promise.all(codes)).toEqual([0, 0, 0])
  const owners = await (await reopen(dataDir)).listOwners()
  expect(owners.sort()).toEqual(children.map(({ pid }) => pid).sort())
})

test('a file that cannot be written now fails the check of it, in words for people', async () => {
  const { dataDir, path } = await folderWithStore()
  let now = NOW
  const store = await openTestStore({ isBare: true, dataDir, clock: () => (now += 500) })
  const other = openDriver(path)
  other.exec('BEGIN IMMEDIATE')

  await expect(store.checkWritable()).rejects.toMatchObject({
    code: 'unavailable',
    message: 'The database is locked by another program.',
  })

  other.exec('COMMIT')
  other.close()
  await expect(store.checkWritable()).resolves.toBeUndefined()
})

test('a file that another process holds is waited for', async () => {
  const { dataDir, path } = await folderWithStore()
  const other = openDriver(path)
  other.exec('BEGIN IMMEDIATE')

  const opening = reopen(dataDir)
  setImmediate(() => {
    other.exec('COMMIT')
    other.close()
  })

  await expect(opening).resolves.toBeDefined()
})

test('every statement of a store fits the schema, also one that is never run', () => {
  const { path } = folderOfVersion(readMigrations().length)
  const driver = openDriver(path)
  const texts: string[] = []
  const prepare = (sql: string) => {
    texts.push(sql)
    return driver.prepare(sql)
  }
  const noting: Driver = Object.create(driver, { prepare: { value: prepare } })
  // It is the binding, whatever its type says.
  const orm = drizzle(noting as unknown as BetterSqlite3.Database, { schema })
  createStore({ driver: noting, orm, log: silentLog, clock: () => NOW }, { groupWaitMs: 0, timezone: 'UTC' })

  const { prepare: prepareNow } = BetterSqlite3.prototype
  for (const text of texts) expect(() => kept.push(prepareNow.call(driver, text)), text).not.toThrow()
  expect(texts.length).toBeGreaterThan(100)
  driver.close()
})

test('less of the file is held in memory while that is scarce', () => {
  const driver = openDriver(':memory:')
  migrate(driver, readMigrations(), ':memory:', NOW)
  // It is the binding, whatever its type says.
  const orm = drizzle(driver as unknown as BetterSqlite3.Database, { schema })
  const store = createStore({ driver, orm, log: silentLog, clock: () => NOW }, { groupWaitMs: 0, timezone: 'UTC' })
  const cacheSize = () => driver.pragma('cache_size', { simple: true })
  const usual = cacheSize()

  store.keepSmall(true)
  expect(cacheSize()).toBe(-4_000)
  store.keepSmall(false)
  expect(cacheSize()).toBe(usual)
  driver.close()
})

test('a statement is prepared when it is first run, and gives what it was asked for from then on', () => {
  const driver = openDriver(':memory:')
  const names = driver.prepare<string>('SELECT name FROM later ORDER BY name').pluck()
  const rows = driver.prepare('SELECT name, 1 FROM later').raw()
  expect(() => names.all()).toThrow('no such table')

  driver.exec("CREATE TABLE later (name TEXT); INSERT INTO later VALUES ('a'), ('b')")
  for (let time = 0; time < 2; time += 1) {
    expect([names.get(), names.all(), rows.get()]).toEqual(['a', ['a', 'b'], ['a', 1]])
  }
  driver.close()
})

test('stores in memory begin empty, whatever is in the others', async () => {
  const [one, other] = [await openTestStore(), await openTestStore()]
  await addTestSource(one)

  expect([await one.listSources(), await other.listSources()]).toMatchObject([[{ id: 1 }], []])
  expect(await (await openTestStore()).listSources()).toEqual([])
})

test('two databases are two instances, and one stays the same', async () => {
  const dataDir = testFolder()
  const first = await openTestStore({ isBare: true, dataDir })
  const again = await openTestStore({ isBare: true, dataDir })
  const other = await openTestStore({ isBare: true, dataDir: testFolder() })

  expect(await again.instance()).toBe(await first.instance())
  expect(await other.instance()).not.toBe(await first.instance())
})
