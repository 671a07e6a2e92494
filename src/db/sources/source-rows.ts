import { getTableColumns } from 'drizzle-orm'
import type { Rhythm, Source } from '../../model.ts'
import type { Database } from '../sqlite/driver.ts'
import { sources } from '../sqlite/schema.ts'

export type SourceRow = typeof sources.$inferSelect

/** Reads whole rows. Every poll reads one twice, and a page all of them: Drizzle's own mapping takes three times as long. */
export interface SourceReader {
  byId(id: number): SourceRow | undefined
  byUrl(url: string): SourceRow | undefined
  /** All but the removed, each with the place of its newest item. */
  listKept(): { row: SourceRow; newestPlace: number | null }[]
}

export function createSourceReader({ driver }: Database): SourceReader {
  const select = (more: string) => driver.prepare(`SELECT ${NAMES}${more}`).raw()
  const byId = select(' FROM sources WHERE id = ?')
  const byUrl = select(' FROM sources WHERE url = ?')
  const kept = select(
    `, (SELECT max(place) FROM items WHERE source_id = sources.id) FROM sources WHERE state <> 'removed'`,
  )
  return {
    byId: (id) => toRow(byId.get(id)),
    byUrl: (url) => toRow(byUrl.get(url)),
    listKept: () =>
      kept.all().flatMap((values) => {
        const row = toRow(values)
        const newest = values[COLUMNS.length]
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

const COLUMNS = Object.entries(getTableColumns(sources)).map(([key, column]) => {
  // Texts and numbers are what SQLite gives.
  const isPlain = column.dataType === 'string' || column.dataType === 'number'
  return { key, name: column.name, decode: isPlain ? null : (value: unknown) => column.mapFromDriverValue(value) }
})
const NAMES = COLUMNS.map(({ name }) => name).join(', ')

function toRow(values: unknown[] | undefined): SourceRow | undefined {
  if (!values) return undefined
  const row: Record<string, unknown> = {}
  let i = 0
  for (const { key, decode } of COLUMNS) {
    const value = values[i++]
    row[key] = decode && value !== null ? decode(value) : value
  }
  // Every column of the table, each decoded as the schema says.
  return row as SourceRow
}
