import type { ReadDocument } from '../../model.ts'
import type { PollRecord, Store } from '../../ports.ts'
import { PARSER_VERSION } from '../../source/fingerprint.ts'
import { DAY_MS } from '../../time.ts'
import type { MessageWriter } from '../chats/messages.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Meta } from '../sqlite/meta.ts'
import { toHub } from './source-rows.ts'

/** What a poll leaves with its source when it ends, inside the caller's transaction. */
export interface PollWriter {
  /** A poll that read a document, after its items were stored. What was only pushed changes nothing but their number. */
  recordRead(sourceId: number, record: PollRecord, read: Pick<ReadDocument, 'truncated'>, inserted: number): void
  /** A poll without new items. Of a source that was paused, removed or changed meanwhile only the lease is given back. */
  recordNothingNew(sourceId: number, record: Parameters<Store['recordPoll']>[1]): void
  /** Gives the lease back; all else stays as it is. */
  release(sourceId: number): void
}

/** After a good poll: the interval may have become shorter since that poll began; our own is a day at most. */
const NEXT_POLL_AT = `min(:nextPollAt, :polledAt + ifnull(every_ms, ${DAY_MS}))`

export function createPollWriter({ driver }: Database, meta: Meta, messages: MessageWriter): PollWriter {
  const always =
    'polled_at = :polledAt, etag = :etag, last_modified = :lastModified, body_hash = :bodyHash, lease_until = 0'
  // Of a first document that broke off the rest comes with the next: it is the same backlog.
  const recordRead = driver.prepare(
    `UPDATE sources SET ${always}, next_poll_at = ${NEXT_POLL_AT}, failures = 0, trouble = NULL, needs = NULL,
       succeeded_at = :polledAt, baseline_due = baseline_due AND :truncated AND succeeded_at IS NULL,
       parser_version = ${PARSER_VERSION}, items = items + :inserted
     WHERE id = :id`,
  )
  const recordNothingNew = driver.prepare(
    `UPDATE sources SET ${always}, next_poll_at = iif(:succeeded, ${NEXT_POLL_AT}, :nextPollAt), failures = :failures,
       trouble = :trouble, needs = :needs, succeeded_at = iif(:succeeded, :polledAt, succeeded_at),
       baseline_due = baseline_due AND NOT :succeeded
     WHERE id = :id AND state = 'active' AND NOT poll_is_stale`,
  )
  const count = driver.prepare('UPDATE sources SET items = items + ? WHERE id = ?')
  const release = driver.prepare('UPDATE sources SET lease_until = 0, poll_is_stale = 0 WHERE id = ?')

  // Most polls say again what the last one said: that is not written.
  const setter = (column: string) => {
    const statement = driver.prepare(`UPDATE sources SET ${column} = ? WHERE id = ? AND ${column} IS NOT ?`)
    return (id: number, value: object | null) => {
      const json = value && JSON.stringify(value)
      statement.run(json, id, json)
    }
  }
  const set = {
    rhythm: setter('rhythm'),
    move: setter('move'),
    told: setter('told'),
    hub: setter('hub'),
    pageRules: setter('page_rules'),
  }
  const adopt = driver.prepare(
    `UPDATE sources SET url = :url, host = :host, move = NULL
     WHERE id = :id AND NOT EXISTS (SELECT 1 FROM sources WHERE url = :url)`,
  )

  return {
    recordRead(id, record, { truncated }, inserted) {
      if (record.pushed) return void count.run(inserted, id)
      const { polledAt, nextPollAt, validators, bodyHash } = record
      // A document that was cut off must be asked for again: with its validators, the next 304 would hide the rest.
      const seen = truncated ? { etag: null, lastModified: null, bodyHash: null } : { ...validators, bodyHash }
      recordRead.run({ id, polledAt, nextPollAt, ...seen, truncated: truncated ? 1 : 0, inserted })
      learn(id, record)
    },
    recordNothingNew(id, record) {
      const needs = record.needs ?? null
      const succeeded = record.succeeded ? 1 : 0
      const { changes } = recordNothingNew.run({ ...record, ...record.validators, id, needs, succeeded })
      if (changes === 0) release.run(id)
      else learn(id, record)
    },
    release: (id) => void release.run(id),
  }

  /** What a poll taught beyond what it brought: mostly nothing, which costs nothing. What is missing stays as it is stored. */
  function learn(id: number, { polledAt, rhythm, move, told, hub, pageRules, adoptUrl, notices }: PollRecord): void {
    if (rhythm) set.rhythm(id, rhythm)
    if (move !== undefined) set.move(id, move)
    if (told) set.told(id, told.length === 0 ? null : told)
    if (hub !== undefined) set.hub(id, hub && toHub(hub))
    if (pageRules) set.pageRules(id, pageRules)
    if (adoptUrl !== undefined && adopt.run({ id, url: adoptUrl, host: new URL(adoptUrl).hostname }).changes > 0) {
      meta.noteChange('source', id)
    }
    if (notices) messages.notify(notices, polledAt)
  }
}
