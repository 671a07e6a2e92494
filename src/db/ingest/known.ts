import { momentOf } from '../../model.ts'
import { type Known, type KnownItem, MOST_ARRIVALS, type WatchIndex } from '../../ports.ts'
import type { MessageWriter } from '../chats/messages.ts'
import type { FingerprintTable } from '../items/fingerprints.ts'
import type { ItemReader } from '../items/items.ts'
import { type SourceRow, toSource } from '../sources/source-rows.ts'
import type { Database } from '../sqlite/driver.ts'

interface Parts {
  reader: ItemReader
  messages: MessageWriter
  fingerprints: FingerprintTable
}

/** What a plan may ask about one source; each answer is read when it is asked for, inside the caller's transaction. */
export function createKnown(
  { driver }: Database,
  { reader, messages, fingerprints }: Parts,
): (row: SourceRow, watches: WatchIndex) => Known {
  const findByKey = driver.prepare<KnownItem>(
    `SELECT i.place, coalesce(items.content_key, '') AS contentKey, coalesce(items.first_seen_at, i.place / 1000) AS firstSeenAt
     FROM identities i LEFT JOIN items ON items.place = i.place WHERE i.source_id = ? AND i.key = ?`,
  )
  const newestBefore = driver
    .prepare<number | null>('SELECT max(place) FROM items WHERE source_id = ? AND place < ?')
    .pluck()

  return (row, watches) => ({
    source: toSource(row),
    findItem: (key) => findByKey.get(row.id, Buffer.from(key, 'hex')),
    findStored: (place) => reader.find(place),
    fingerprints: () => fingerprints.find(row.id),
    arrivals: () => listArrivals(row.id),
    watches,
    isAlerted: (chat, story) => messages.isAlerted(chat, story),
  })

  /** From moment to moment, however much arrived in each. */
  function listArrivals(sourceId: number): number[] {
    const moments: number[] = []
    for (let before = Number.MAX_SAFE_INTEGER; moments.length < MOST_ARRIVALS; ) {
      const place = newestBefore.get(sourceId, before) ?? null
      if (place === null) break
      const moment = momentOf(place)
      moments.push(moment)
      before = moment * 1000
    }
    return moments
  }
}
