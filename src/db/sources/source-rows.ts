import type { Hub, Rhythm, Source } from '../../model.ts'
import type { Database } from '../sqlite/driver.ts'
import { rowsOf } from '../sqlite/rows.ts'
import { sources } from '../sqlite/schema.ts'

export type SourceRow = typeof sources.$inferSelect

const ROWS = rowsOf(sources)

/** Reads whole rows: every poll reads one twice, and a page all of them. */
export interface SourceReader {
  byId(id: number): SourceRow | undefined
  byUrl(url: string): SourceRow | undefined
  /** All but the removed, each with the place of its newest item. */
  listKept(): { row: SourceRow; newestPlace: number | null }[]
}

export function createSourceReader({ driver }: Database): SourceReader {
  const byId = driver.prepare(`SELECT ${ROWS.columns} FROM sources WHERE id = ?`).raw()
  const byUrl = driver.prepare(`SELECT ${ROWS.columns} FROM sources WHERE url = ?`).raw()
  const newestPlace = '(SELECT max(place) FROM items WHERE source_id = sources.id)'
  const kept = driver.prepare(`SELECT ${ROWS.columns}, ${newestPlace} FROM sources WHERE state <> 'removed'`).raw()
  return {
    byId: (id) => ROWS.toRow(byId.get(id)),
    byUrl: (url) => ROWS.toRow(byUrl.get(url)),
    listKept: () =>
      kept.all().flatMap((values) => {
        const row = ROWS.toRow(values)
        const newest = values.at(-1)
        return row ? { row, newestPlace: typeof newest === 'number' ? newest : null } : []
      }),
  }
}

/** The row as the house knows it. */
export function toSource(row: SourceRow): Source {
  // Named one by one: to leave some out of a copy costs more than to read the row.
  return {
    id: row.id,
    kind: row.kind,
    url: row.url,
    host: row.host,
    title: row.givenTitle ?? row.foundTitle ?? row.host,
    givenTitle: row.givenTitle,
    siteUrl: row.siteUrl,
    language: row.language,
    format: row.format,
    tags: row.tags,
    everyMs: row.everyMs,
    state: row.state,
    baselineDue: row.baselineDue,
    validators: { etag: row.etag, lastModified: row.lastModified },
    bodyHash: row.bodyHash,
    parserVersion: row.parserVersion,
    addedAt: row.addedAt,
    polledAt: row.polledAt,
    succeededAt: row.succeededAt,
    nextPollAt: row.nextPollAt,
    failures: row.failures,
    trouble: row.trouble,
    needs: row.needs,
    pageRules: row.pageRules,
    fullText: row.fullText,
    access: row.access,
    rhythm: row.rhythm ?? UNKNOWN_RHYTHM,
    move: row.move,
    told: row.told ?? [],
    hub: row.hub,
    pushedUntil: row.pushedUntil,
  }
}

/** Of a source of which nothing is known yet. */
export const UNKNOWN_RHYTHM: Rhythm = {
  documentMs: null,
  freshForMs: null,
  skipHours: [],
  skipDays: [],
  gapMs: null,
  arrivedAt: null,
}

/** In the one order in which hubs are stored: they are compared as texts. */
export function toHub({ url, topic }: Hub): Hub {
  return { url, topic }
}
