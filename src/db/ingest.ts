import { eq, sql } from 'drizzle-orm'
import { AppError } from '../errors.ts'
import type { ReadDocument, ReadItem } from '../model.ts'
import type {
  Fingerprints,
  IngestPlan,
  Known,
  KnownItem,
  PlannedAlert,
  PollRecord,
  Store,
  WatchIndex,
} from '../ports.ts'
import { PARSER_VERSION } from '../source/fingerprint.ts'
import type { Database } from './driver.ts'
import type { FingerprintTable } from './fingerprints.ts'
import type { Ending, Group } from './group.ts'
import type { ItemReader } from './items.ts'
import type { Meta } from './meta.ts'
import type { MessageWriter } from './outbox.ts'
import { items, sources } from './schema.ts'
import type { TextTable } from './search.ts'
import { NEXT_POLL_AT, type SourceRow, toSource } from './sources.ts'
import type { WatchView } from './watch-view.ts'

const NOTHING = { inserted: 0, edited: 0, alerts: 0 }

interface Parts {
  group: Group
  meta: Meta
  reader: ItemReader
  textTable: TextTable
  watchView: WatchView
  messages: MessageWriter
  fingerprints: FingerprintTable
}

/** The one transaction of a poll that read a document. */
export function createIngest(db: Database, parts: Parts): Store['ingest'] {
  const { group, meta, reader, textTable, watchView, messages, fingerprints } = parts
  const { orm, driver } = db

  const byId = orm
    .select()
    .from(sources)
    .where(eq(sources.id, sql.placeholder('id')))
    .prepare()
  const free = driver.prepare('UPDATE sources SET lease_until = 0, poll_is_stale = 0 WHERE id = ?')
  const describe = driver.prepare(
    'UPDATE sources SET found_title = ?, site_url = ?, language = ?, format = ? WHERE id = ?',
  )
  const finish = driver.prepare(
    `UPDATE sources SET polled_at = :polledAt, succeeded_at = :polledAt, next_poll_at = ${NEXT_POLL_AT}, etag = :etag,
       last_modified = :lastModified, body_hash = :bodyHash, failures = 0, trouble = NULL, baseline_due = 0,
       lease_until = 0, parser_version = ${PARSER_VERSION}, items = items + :inserted WHERE id = :id`,
  )

  const findByKey = driver.prepare<KnownItem>(
    `SELECT i.place, coalesce(items.story, i.place) AS story, coalesce(items.content_key, '') AS contentKey,
       coalesce(items.first_seen_at, i.place / 1000) AS firstSeenAt
     FROM identities i LEFT JOIN items ON items.place = i.place WHERE i.source_id = ? AND i.key = ?`,
  )
  const bindKey = driver.prepare('INSERT OR REPLACE INTO identities (source_id, key, place) VALUES (?, ?, ?)')
  const lastPlace = driver.prepare<number | null>('SELECT max(place) FROM items WHERE place >= ? AND place < ?').pluck()
  const insertItem = driver.prepare(
    `INSERT INTO items (place, story, source_id, id, url, title, published_at, updated_at, authors, categories, enclosures,
       language, first_seen_at, content_key, content, summary, text)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const storyOf = driver.prepare<number>('SELECT story FROM items WHERE place = ?').pluck()

  return (sourceId, read, record, plan) =>
    group.run((ending) => {
      const before = byId.get({ id: sourceId })
      if (!before) throw new AppError('not_found', `There is no source ${sourceId}.`)
      if (before.state !== 'active' || before.pollIsStale) {
        free.run(sourceId)
        return NOTHING
      }

      const watches = watchView.current()
      const row = describeSource(before, read)
      const decided = plan(know(row, watches))
      if (decided.needsAll) {
        if (row !== before) meta.touch()
        return { ...NOTHING, needsAll: true }
      }
      const places = insertAll(sourceId, decided, record, ending)
      const edited = editAll(sourceId, decided, record, ending)
      for (const { place, keys } of decided.bind) bindAll(sourceId, keys, place)
      const alerts = messages.write(resolveMessages(decided, places), record.polledAt)

      if (decided.remember !== 'as_before') fingerprints.replace(sourceId, resolveFingerprints(decided, places))

      finish.run({ id: sourceId, inserted: places.length, ...pollValues(record, read) })
      if (places.length + edited > 0 || row !== before) meta.touch()
      return { inserted: places.length, edited, alerts }
    })

  /** What the document says of itself; an item is judged by what its source is called now. */
  function describeSource(row: SourceRow, read: ReadDocument): SourceRow {
    const found = {
      foundTitle: read.title ?? row.foundTitle,
      siteUrl: read.link ?? row.siteUrl,
      language: read.language ?? row.language,
      format: read.format,
    }
    if (
      found.foundTitle === row.foundTitle &&
      found.siteUrl === row.siteUrl &&
      found.language === row.language &&
      found.format === row.format
    ) {
      return row
    }
    describe.run(found.foundTitle, found.siteUrl, found.language, found.format, row.id)
    meta.noteChange('source', row.id)
    return { ...row, ...found }
  }

  function know(row: SourceRow, watches: WatchIndex): Known {
    return {
      source: toSource(row),
      findItem: (key) => findByKey.get(row.id, toBytes(key)),
      getItem: (place) => reader.get(place),
      fingerprints: () => fingerprints.find(row.id),
      watches,
      isAlerted: (chat, story) => messages.isAlerted(chat, story),
    }
  }

  function insertAll(sourceId: number, plan: IngestPlan, record: PollRecord, ending: Ending): number[] {
    return plan.insert.map(({ item, placeMs }) => {
      const place = freePlace(placeMs)
      insertOne(item, place, sourceId, record.polledAt)
      bindAll(sourceId, keysOf(item), place)
      ending.atEnd(place, () => textTable.insert(place, item))
      return place
    })
  }

  function insertOne(item: ReadItem, place: number, sourceId: number, now: number): void {
    const { id, url, title, publishedAt, updatedAt, language, keys, content, summary, text } = item
    const lists = [item.authors, item.categories, item.enclosures].map((list) => JSON.stringify(list))
    const head = [place, place, sourceId, id, url, title, publishedAt, updatedAt]
    insertItem.run(...head, ...lists, language, now, keys.content, content, summary, text)
  }

  function editAll(sourceId: number, plan: IngestPlan, record: PollRecord, ending: Ending): number {
    let edited = 0
    for (const { place, item } of plan.edit) {
      bindAll(sourceId, keysOf(item), place)
      const values = { ...valuesOf(item), revisedAt: record.polledAt, revision: sql`${items.revision} + 1` }
      // An item that was pruned is known by its identity only: there is nothing left to edit.
      const row = orm.update(items).set(values).where(eq(items.place, place)).returning({ place: items.place }).get()
      if (!row) continue
      ending.atEnd(place, () => textTable.replace(place, item))
      edited += 1
    }
    return edited
  }

  function bindAll(sourceId: number, keys: string[], place: number): void {
    for (const key of keys) bindKey.run(sourceId, toBytes(key), place)
  }

  /** Within one millisecond places are given in order, so the last one taken tells the first one free. */
  function freePlace(placeMs: number): number {
    for (let start = Math.trunc(placeMs) * 1000; ; start += 1000) {
      const last = lastPlace.get(start, start + 1000) ?? null
      if (last === null) return start
      if (last + 1 < start + 1000) return last + 1
    }
  }

  function resolveMessages(plan: IngestPlan, places: number[]) {
    return plan.messages.map(({ chat, alerts }) => ({
      chat,
      alerts: alerts.map(({ item, hits }) => {
        const place = placeOf(item, places)
        const story = place === undefined ? undefined : storyOf.get(place)
        if (place === undefined || story === undefined) throw new Error('The plan alerts an item that is not stored.')
        return { place, story, hits }
      }),
    }))
  }
}

function placeOf(item: PlannedAlert['item'], places: number[]): number | undefined {
  return 'place' in item ? item.place : places[item.inserted]
}

function resolveFingerprints({ remember }: IngestPlan, places: number[]): Fingerprints | null {
  if (!remember || remember === 'as_before') return null
  const items = remember.items.map(({ item, ...same }) => {
    const place = placeOf(item, places)
    if (place === undefined) throw new Error('The plan remembers an item that is not stored.')
    return { ...same, place }
  })
  return { context: remember.context, items }
}

function valuesOf({ tokens, keys, ...values }: ReadItem) {
  return { ...values, contentKey: keys.content }
}

function keysOf({ keys }: ReadItem): string[] {
  return [keys.id, keys.url, keys.content].filter((key) => key !== null)
}

function toBytes(key: string): Buffer {
  return Buffer.from(key, 'hex')
}

/** A document that was cut off must be asked for again: with its validators, the next 304 would hide the rest. */
function pollValues({ polledAt, nextPollAt, validators, bodyHash }: PollRecord, { truncated }: ReadDocument) {
  if (truncated) return { polledAt, nextPollAt, etag: null, lastModified: null, bodyHash: null }
  return { polledAt, nextPollAt, etag: validators.etag, lastModified: validators.lastModified, bodyHash }
}
