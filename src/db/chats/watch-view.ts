import { faultOf } from '../../errors.ts'
import type { Watch } from '../../model.ts'
import type { WatchIndex } from '../../ports.ts'
import { parseQuery } from '../../query/parse.ts'
import { createWatchIndex } from '../../query/watch-index.ts'
import type { Database } from '../sqlite/driver.ts'
import type { changes } from '../sqlite/schema.ts'
import { createMuteView } from './mute-view.ts'
import { WATCH_COLUMNS } from './watches.ts'

/**
 * The watches of all chats that can be reached, in memory, without those that are muted at the moment asked about. It
 * follows the table of changes, whoever wrote it, and is built when it is first asked for.
 */
export interface WatchView {
  /**
   * Up to date as of this moment in the caller's transaction. Ask before the intention notes a change of its own: if it
   * is undone, the next change gets the same number, and would pass for seen.
   */
  current(): WatchIndex
  /** The transaction is on disk: what was seen in it holds. */
  onCommit(): void
  /** The transaction never was: what was seen in it is looked up again. */
  onRollback(): void
}

type WatchRow = Watch & { isLive: 0 | 1 }

/** Those of sources are not for us. */
interface Change {
  kind: Exclude<(typeof changes.$inferSelect)['kind'], 'source'>
  /** The id of the watch, or of the chat. */
  ref: string
}

export function createWatchView(db: Database, timezone: string): WatchView {
  const { driver, log } = db
  const columns = `${WATCH_COLUMNS}, watches.removed_at IS NULL AND chats.state = 'active' AS isLive`
  const from = 'FROM watches JOIN chats ON chats.id = watches.chat'
  const newest = driver.prepare<number | null>('SELECT max(id) FROM changes').pluck()
  const since = driver.prepare<Change>("SELECT DISTINCT kind, ref FROM changes WHERE id > ? AND kind <> 'source'")
  const all = driver.prepare<WatchRow>(`SELECT ${columns} ${from} WHERE isLive`)
  const byId = driver.prepare<WatchRow>(`SELECT ${columns} ${from} WHERE watches.id = ?`)
  const ofChat = driver.prepare<WatchRow>(`SELECT ${columns} ${from} WHERE watches.chat = ?`)

  const index = createWatchIndex()
  const mutes = createMuteView(db)
  const audible = mutes.without(index)
  /** The last change seen; null before the first look. */
  let cursor: number | null = null
  /** The same as of the last commit, and the watches looked at since: after a rollback these are doubtful. */
  let committedCursor: number | null = null
  let looked = new Set<number>()
  let isDoubtful = false

  const follow: Record<Change['kind'], (ref: string) => void> = {
    watch: (id) => look(Number(id)),
    chat(id) {
      // It may have got another id, and taken its mutes along.
      mutes.read()
      for (const row of ofChat.all(id)) put(row)
    },
    mute: () => mutes.read(),
  }

  return {
    current() {
      if (isDoubtful) {
        for (const id of [...looked]) look(id)
        mutes.read()
      }
      isDoubtful = false
      const last = newest.get() ?? 0
      if (cursor === null) {
        for (const row of all.all()) put(row)
        mutes.read()
      } else if (last > cursor) for (const { kind, ref } of since.all(cursor)) follow[kind](ref)
      cursor = last
      return audible
    },
    onCommit() {
      if (isDoubtful) return
      committedCursor = cursor
      if (looked.size > 0) looked = new Set()
    },
    // Only noted here: what made the transaction fail may still be there, and would fail these looks too.
    onRollback() {
      cursor = committedCursor
      isDoubtful = true
    },
  }

  function look(id: number): void {
    const row = byId.get(id)
    if (row) put(row)
    else index.remove(id)
  }

  function put({ isLive, ...watch }: WatchRow): void {
    looked.add(watch.id)
    index.remove(watch.id)
    if (!isLive) return
    try {
      index.add(watch, parseQuery(watch.query, { timezone, for: 'watch' }))
    } catch (error) {
      // Saved by a version that read it otherwise: it must not stop what all others are told.
      const fields = { watch: watch.id, query: watch.query, ...faultOf(error) }
      log.error(fields, 'A stored watch cannot be read any more; it is skipped.')
    }
  }
}
