import { isDeepStrictEqual } from 'node:util'
import { eq } from 'drizzle-orm'
import { AppError, type Need } from '../../errors.ts'
import { momentOf, type Rhythm, type Source } from '../../model.ts'
import type { DueQuota, DueSource, SourcePatch, Store } from '../../ports.ts'
import { planNextPoll } from '../../source/cadence.ts'
import type { FingerprintTable } from '../items/fingerprints.ts'
import type { FullTextTable } from '../items/full-texts.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Group } from '../sqlite/group.ts'
import type { Meta } from '../sqlite/meta.ts'
import { sources } from '../sqlite/schema.ts'
import { createClockAhead, LONGEST_LEASE_MS } from './clock-ahead.ts'
import type { PollWriter } from './poll-writer.ts'
import { type SourceReader, type SourceRow, toSource, UNKNOWN_RHYTHM } from './source-rows.ts'

/** Due sources are looked at in such portions: those of one host may be skipped by the thousand. */
const DUE_CHUNK = 256

type SourceStore = Pick<
  Store,
  | 'addSource'
  | 'findSource'
  | 'listSources'
  | 'changeSource'
  | 'listDueSources'
  | 'claimSources'
  | 'releaseSources'
  | 'recordPoll'
>

/** What was learned from the document at one address does not hold for another. */
const UNREAD = { etag: null, lastModified: null, bodyHash: null }
const UNTAUGHT = { rhythm: null, move: null, told: null, hub: null, pushedUntil: null }

interface Parts {
  group: Group
  meta: Meta
  reader: SourceReader
  polls: PollWriter
  fullTexts: FullTextTable
  fingerprints: Pick<FingerprintTable, 'findStamp'>
}

export function createSourceStore(
  db: Database,
  { group, meta, reader, polls, fullTexts, fingerprints }: Parts,
): SourceStore {
  const { orm, driver } = db
  const bringBack = createClockAhead(db, group)
  const due = driver.prepare<DueSource & Pick<Source, 'nextPollAt'>>(
    `SELECT id, host, failures, succeeded_at AS succeededAt, next_poll_at AS nextPollAt FROM sources
     WHERE state = 'active' AND next_poll_at <= :dueBy AND lease_until <= :dueBy
       AND (next_poll_at, id) > (:dueAt, :id) ORDER BY next_poll_at, id LIMIT ${DUE_CHUNK}`,
  )
  const claim = driver.prepare(
    `UPDATE sources SET lease_until = :until, poll_is_stale = 0
     WHERE id = :id AND state = 'active' AND lease_until NOT BETWEEN :now + 1 AND :now + ${LONGEST_LEASE_MS}
       AND (:force OR next_poll_at <= :dueBy)`,
  )

  return {
    addSource: (source, now) =>
      group.run(() => {
        const known = reader.byUrl(source.url)
        if (known && known.state !== 'removed') return { source: toSource(known), added: false }

        const { givenTitle, tags, everyMs, found } = source
        const { kind = 'feed', state = 'active', pageRules = null, fullText = false, access = null } = source
        const wish = { kind, state, pageRules, fullText, access, givenTitle, tags, everyMs }
        const asked = { ...wish, baselineDue: true, nextPollAt: now } as const
        const seen = found && {
          foundTitle: found.title,
          siteUrl: found.link,
          language: found.language,
          format: found.format,
        }
        // A removed one is continued: it keeps its items and identities, and asks anew.
        const fresh = { ...UNREAD, ...UNTAUGHT, failures: 0, trouble: null, needs: null, leaseUntil: 0 }
        const row = known
          ? orm
              .update(sources)
              .set({ ...asked, ...seen, ...fresh, addedAt: now })
              .where(eq(sources.id, known.id))
              .returning()
              .get()
          : orm
              .insert(sources)
              .values({ url: source.url, host: hostOf(source.url), addedAt: now, ...asked, ...seen })
              .returning()
              .get()
        meta.noteChange('source', row.id)
        return { source: toSource(row), added: true }
      }),

    async findSource(ref, options) {
      const row = typeof ref === 'number' ? reader.byId(ref) : reader.byUrl(ref)
      if (!row || (row.state === 'removed' && !options?.removed)) return undefined
      return toSource(row)
    },

    async listSources() {
      return reader
        .listKept()
        .map(({ row, newestPlace }) => {
          const newestAt = newestPlace === null ? null : momentOf(newestPlace)
          return Object.assign(toSource(row), { items: row.items, newestAt })
        })
        .sort((a, b) => byTitle.compare(a.title, b.title) || a.id - b.id)
    },

    changeSource: (id, patch, now) =>
      group.run(() => {
        const row = reader.byId(id)
        if (!row || row.state === 'removed') throw new AppError('not_found', `There is no source ${id}.`)

        if (patch.url !== undefined && (reader.byUrl(patch.url)?.id ?? id) !== id) {
          throw new AppError('conflict', `Another source has the address ${patch.url}.`, {
            hint: 'If it was removed, add that address again: it is continued.',
          })
        }
        const values = changedBy(patch, row, now)
        const after = orm.update(sources).set(values).where(eq(sources.id, id)).returning().get()
        const [wasWanted, isWanted] = [row.fullText, after.fullText && after.state !== 'removed']
        // It looks at all its items, which may be many.
        if (wasWanted && !isWanted) fullTexts.drop(id)
        else if (!wasWanted && isWanted) fullTexts.wantNewest(id, now)
        // A hub that says that there is something only makes it due, perhaps every minute.
        if (Object.keys(patch).some((name) => name !== 'nextPollAt')) meta.noteChange('source', id)
        return toSource(after)
      }),

    async listDueSources(dueBy, ...quotas) {
      await bringBack(dueBy)
      const lists = quotas.map(createDueList)
      for (let after = { dueAt: Number.MIN_SAFE_INTEGER, id: 0 }; ; ) {
        const rows = due.all({ dueBy, ...after })
        for (const row of rows) for (const list of lists) list.offer(row)
        const last = rows.at(-1)
        if (rows.length < DUE_CHUNK || !last || lists.every(({ isFull }) => isFull())) {
          return lists.map(({ taken }) => taken)
        }
        after = { dueAt: last.nextPollAt, id: last.id }
      }
    },

    claimSources: (ids, now, leaseMs, { force = false, dueBy = now } = {}) =>
      group.run(() =>
        ids.flatMap((id) => {
          const { changes } = claim.run({ id, now, dueBy, until: now + leaseMs, force: force ? 1 : 0 })
          const row = changes === 1 ? reader.byId(id) : undefined
          return row ? [toSource(row)] : []
        }),
      ),

    releaseSources: (ids) =>
      group.run(() => {
        for (const id of ids) polls.release(id)
      }),

    recordPoll: (id, poll) =>
      group.run(() => {
        if (poll.stamp !== undefined && fingerprints.findStamp(id) !== poll.stamp) return false
        polls.recordNothingNew(id, poll)
        return true
      }),
  }
}

const byTitle = new Intl.Collator('en', { numeric: true })

function hostOf(url: string): string {
  return new URL(url).hostname
}

function createDueList({ limit, perHost, isWanted = () => true }: DueQuota) {
  const hosts = new Map<string, number>()
  const taken: DueSource[] = []
  const isFull = () => taken.length === limit
  return {
    taken,
    isFull,
    offer(source: DueSource) {
      const count = hosts.get(source.host) ?? 0
      if (isFull() || count >= perHost || !isWanted(source)) return
      hosts.set(source.host, count + 1)
      taken.push(source)
    },
  }
}

/** What begins anew is stored quietly: another address, another kind, the end of a pause. Other rules are only read whole. */
function changedBy(patch: SourcePatch, row: SourceRow, now: number): Partial<SourceRow> {
  const isMoved = patch.url !== undefined && patch.url !== row.url
  const isOtherKind = patch.kind !== undefined && patch.kind !== row.kind
  const isOtherRules = patch.pageRules !== undefined && !isDeepStrictEqual(patch.pageRules, row.pageRules)
  const isOtherAccess = patch.access !== undefined && !isDeepStrictEqual(patch.access, row.access)
  const isResumed = patch.state === 'active' && row.state === 'paused'
  const isReread = isMoved || isOtherKind || isOtherRules
  const isAnew = isMoved || isOtherKind || isResumed
  // What was asked for is given: whether it helps, the next poll will say.
  const isAnswered = isMoved || (row.needs !== null && (GIVEN_BY[row.needs] === 'access' ? isOtherAccess : isReread))
  return {
    ...patch,
    ...(isReread && UNREAD),
    // What a poll brings that is on its way is of the old address, read by the old rules, or refused to the old login.
    ...((isReread || isOtherAccess) && { pollIsStale: row.leaseUntil > now }),
    ...(isMoved && { ...UNTAUGHT, rhythm: rhythmElsewhere(row), host: hostOf(patch.url ?? row.url) }),
    ...((patch.state ?? row.state) !== 'active' && { pushedUntil: null }),
    ...(isAnswered && { needs: null }),
    // A secret that nobody needs any more.
    ...(patch.state === 'removed' && { access: null }),
    nextPollAt: patch.nextPollAt ?? nextPoll(row, patch, isAnew || isReread || isOtherAccess, now),
    baselineDue: row.baselineDue || isAnew,
  }
}

/** What failed at the old address makes nobody wait at the new one. */
function rhythmElsewhere({ failures }: SourceRow): Rhythm | null {
  return failures === 0 ? null : { ...UNKNOWN_RHYTHM, uncounted: failures }
}

/** By which settings a source can be given what it needs. */
const GIVEN_BY = {
  login: 'access',
  proxy_login: 'access',
  cookie: 'access',
  entry: 'reading',
  page: 'reading',
  feed: 'reading',
} satisfies Record<Need, 'access' | 'reading'>

/** A shorter interval, or our own again, acts at once, and so does what begins anew, is read anew or is asked with other credentials. */
function nextPoll(row: SourceRow, { everyMs }: SourcePatch, isDue: boolean, now: number): number {
  if (isDue) return now
  if (everyMs === undefined || everyMs === row.everyMs) return row.nextPollAt
  return Math.min(row.nextPollAt, plannedBy(row, everyMs, now))
}

/** As the last poll would have planned it with this interval: failures, and what a server asked for, stand above it. */
function plannedBy(row: SourceRow, everyMs: number | null, now: number): number {
  const source = toSource(row)
  if (source.rhythm.because === 'asked') return row.nextPollAt
  return planNextPoll({ ...source, everyMs }, { now: row.polledAt ?? now, random: 0.5 }).at
}
