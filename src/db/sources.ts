import { eq, max, ne, sql } from 'drizzle-orm'
import { AppError } from '../errors.ts'
import type { Source } from '../model.ts'
import type { Store } from '../ports.ts'
import type { Database } from './driver.ts'
import { sqliteCode } from './driver.ts'
import type { Group } from './group.ts'
import type { Meta } from './meta.ts'
import { items, sources } from './schema.ts'

/** Due sources are looked at in such portions: those of one host may be skipped by the thousand. */
const DUE_CHUNK = 256

export type SourceRow = typeof sources.$inferSelect

type SourceStore = Pick<
  Store,
  'addSource' | 'findSource' | 'listSources' | 'changeSource' | 'listDueSources' | 'claimSources' | 'recordPoll'
>

/** After a good poll, in SQL: the interval may have become shorter since that poll began. */
export const NEXT_POLL_AT = 'iif(:polledAt + every_ms < :nextPollAt, :polledAt + every_ms, :nextPollAt)'

/** The row as the house knows it. */
export function toSource(row: SourceRow): Source {
  const { foundTitle, etag, lastModified, leaseUntil, pollIsStale, items, ...same } = row
  return { ...same, title: row.givenTitle ?? foundTitle ?? row.host, validators: { etag, lastModified } }
}

export function createSourceStore(db: Database, group: Group, meta: Meta): SourceStore {
  const { orm, driver } = db
  const byId = orm
    .select()
    .from(sources)
    .where(eq(sources.id, sql.placeholder('id')))
    .prepare()
  const byUrl = orm
    .select()
    .from(sources)
    .where(eq(sources.url, sql.placeholder('url')))
    .prepare()

  const due = driver.prepare<Pick<Source, 'id' | 'url' | 'host' | 'nextPollAt'>>(
    `SELECT id, url, host, next_poll_at AS nextPollAt FROM sources
     WHERE state = 'active' AND next_poll_at <= :now AND lease_until <= :now
       AND (next_poll_at, id) > (:dueAt, :id) ORDER BY next_poll_at, id LIMIT ${DUE_CHUNK}`,
  )
  const claim = driver.prepare(
    `UPDATE sources SET lease_until = :until, poll_is_stale = 0
     WHERE id = :id AND state = 'active' AND lease_until <= :now AND (:force OR next_poll_at <= :now)`,
  )
  const record = driver.prepare(
    `UPDATE sources SET polled_at = :polledAt, next_poll_at = iif(:succeeded, ${NEXT_POLL_AT}, :nextPollAt), etag = :etag, last_modified = :lastModified,
       body_hash = :bodyHash, failures = :failures, trouble = :trouble, lease_until = 0,
       succeeded_at = iif(:succeeded, :polledAt, succeeded_at), baseline_due = baseline_due AND NOT :succeeded
     WHERE id = :id AND state = 'active' AND NOT poll_is_stale`,
  )
  const free = driver.prepare('UPDATE sources SET lease_until = 0, poll_is_stale = 0 WHERE id = ?')

  const changed = (id: number) => {
    meta.noteChange('source', id)
    meta.touch()
  }

  return {
    addSource: (source, now) =>
      group.run(() => {
        const known = byUrl.get({ url: source.url })
        if (known && known.state !== 'removed') return { source: toSource(known), added: false }

        const { givenTitle, tags, everyMs, found } = source
        const asked = { givenTitle, tags, everyMs, state: 'active', baselineDue: true, nextPollAt: now } as const
        const seen = found && {
          foundTitle: found.title,
          siteUrl: found.link,
          language: found.language,
          format: found.format,
        }
        // A removed one is continued: it keeps its items and identities, and asks anew.
        const fresh = { etag: null, lastModified: null, bodyHash: null, failures: 0, trouble: null, leaseUntil: 0 }
        const row = known
          ? orm
              .update(sources)
              .set({ ...asked, ...seen, ...fresh, addedAt: now })
              .where(eq(sources.id, known.id))
              .returning()
              .get()
          : orm
              .insert(sources)
              .values({ kind: 'feed', url: source.url, host: hostOf(source.url), addedAt: now, ...asked, ...seen })
              .returning()
              .get()
        changed(row.id)
        return { source: toSource(row), added: true }
      }),

    async findSource(ref, options) {
      const row = typeof ref === 'number' ? byId.get({ id: ref }) : byUrl.get({ url: ref })
      if (!row || (row.state === 'removed' && !options?.removed)) return undefined
      return toSource(row)
    },

    async listSources() {
      const newest = orm
        .select({ place: max(items.place) })
        .from(items)
        .where(eq(items.sourceId, sources.id))
      const rows = orm
        .select({ row: sources, newestPlace: sql<number | null>`(${newest})` })
        .from(sources)
        .where(ne(sources.state, 'removed'))
        .all()
      return rows
        .map(({ row, newestPlace }) => ({
          ...toSource(row),
          items: row.items,
          newestAt: newestPlace === null ? null : Math.floor(newestPlace / 1000),
        }))
        .sort((a, b) => byTitle.compare(a.title, b.title) || a.id - b.id)
    },

    changeSource: (id, patch, now) =>
      group.run(() => {
        const row = byId.get({ id })
        if (!row || row.state === 'removed') throw new AppError('not_found', `There is no source ${id}.`)

        const isMoved = patch.url !== undefined && patch.url !== row.url
        const isResumed = patch.state === 'active' && row.state === 'paused'
        const nextPollAt = patch.nextPollAt ?? nextPoll(row, patch.everyMs, isMoved || isResumed, now)
        const moved = isMoved && {
          host: hostOf(patch.url ?? row.url),
          etag: null,
          lastModified: null,
          bodyHash: null,
          pollIsStale: row.leaseUntil > now,
        }
        try {
          const values = { ...patch, ...moved, nextPollAt, baselineDue: row.baselineDue || isMoved || isResumed }
          const after = orm.update(sources).set(values).where(eq(sources.id, id)).returning().get()
          changed(id)
          return toSource(after)
        } catch (error) {
          if (!sqliteCode(error).startsWith('SQLITE_CONSTRAINT')) throw error
          throw new AppError('conflict', `Another source has the address ${patch.url}.`, {
            hint: 'If it was removed, add that address again: it is continued.',
            cause: error,
          })
        }
      }),

    async listDueSources(now, limit, perHost) {
      const hosts = new Map<string, number>()
      const taken: Pick<Source, 'id' | 'url' | 'host'>[] = []
      for (let after = { dueAt: Number.MIN_SAFE_INTEGER, id: 0 }; ; ) {
        const rows = due.all({ now, ...after })
        for (const { id, url, host } of rows) {
          const count = hosts.get(host) ?? 0
          if (count >= perHost) continue
          hosts.set(host, count + 1)
          taken.push({ id, url, host })
          if (taken.length === limit) return taken
        }
        const last = rows.at(-1)
        if (rows.length < DUE_CHUNK || !last) return taken
        after = { dueAt: last.nextPollAt, id: last.id }
      }
    },

    claimSources: (ids, now, leaseMs, options) =>
      group.run(() =>
        ids.flatMap((id) => {
          const { changes } = claim.run({ id, now, until: now + leaseMs, force: options?.force ? 1 : 0 })
          const row = changes === 1 ? byId.get({ id }) : undefined
          return row ? [toSource(row)] : []
        }),
      ),

    recordPoll: (id, poll) =>
      group.run(() => {
        const { changes } = record.run({
          id,
          polledAt: poll.polledAt,
          nextPollAt: poll.nextPollAt,
          etag: poll.validators.etag,
          lastModified: poll.validators.lastModified,
          bodyHash: poll.bodyHash,
          failures: poll.failures,
          trouble: poll.trouble,
          succeeded: poll.succeeded ? 1 : 0,
        })
        if (changes === 0) free.run(id)
      }),
  }
}

const byTitle = new Intl.Collator('en')

function hostOf(url: string): string {
  return new URL(url).hostname
}

/** A shorter interval acts at once, and so do a new address and the end of a pause. */
function nextPoll(row: SourceRow, everyMs: number | null | undefined, isAnew: boolean, now: number): number {
  if (isAnew) return now
  if (everyMs === null || everyMs === undefined) return row.nextPollAt
  return Math.min(row.nextPollAt, (row.polledAt ?? now) + everyMs)
}
