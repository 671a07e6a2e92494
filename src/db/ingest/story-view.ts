import { setImmediate as nextTurn } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import type { ReadItem } from '../../model.ts'
import { readSignature, signatureBytes, signatureOf } from '../../story/signature.ts'
import { createStoryIndex, STORY_WINDOW_MS, type StoryIndex } from '../../story/story-index.ts'
import type { StoryMember, StoryStranger } from '../../story/story-members.ts'
import { HOUR_MS } from '../../time.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Transaction } from '../sqlite/group.ts'

/** Rows that are taken in at once: some 7 ms. */
const SLICE = 500
/** So much of what has left the window is forgotten with each ingest, in memory and on disk: some 5 ms. */
const MOST_FORGOTTEN = 500
/** A clock that leaps ahead by more is believed only when it still says so later: it may have been wrong for one poll. */
const LEAP_MS = 6 * HOUR_MS
const CONFIRMED_AFTER_MS = 600_000
/** Of a SHA-256 in hex: 52 bits. */
const URL_KEY_DIGITS = 13

/**
 * The items of the last 72 h in memory, by which a new one finds its story. They are read when the first new item comes,
 * never recomputed but for what is edited; what other processes add is followed in the order of their commits.
 */
export interface StoryView {
  /**
   * Runs an intention that may `begin`. Where that finds that the window is not in memory yet, what the intention did is
   * undone, the window is read in slices, between which others work, and the intention runs again.
   */
  whenLoaded<T>(run: () => Promise<T>): Promise<T>
  /** For items of one source, in the caller's transaction; what is undone is forgotten. Throws what `whenLoaded` waits for. */
  begin(sourceId: number, now: number, transaction: Transaction): Stories
  /** Ends the reading of the window, if it is under way. */
  close(): void
}

/** Which story an item tells, as the place of the item that began it. The item is in memory from then on, as it is now. */
export interface Stories {
  /** Of a new item: its own place, where it begins a story. */
  ofNew(item: ReadItem, place: number): number
  /**
   * Of an item that says something else now. It keeps its story, unless it is alone in it and tells another one by now:
   * what was only announced at first is filled in later.
   */
  ofEdited(item: ReadItem, known: { place: number; story: number; firstSeenAt: number }): number
}

interface MemberRow extends Omit<StoryMember, 'signature'> {
  id: number
  signature: Uint8Array
}

export function createStoryView({ driver, clock }: Database): StoryView {
  // A bound LIMIT would have SQLite prepare the statement anew each time.
  const since = driver.prepare<MemberRow>(
    `SELECT id, place, story, at, source_id AS sourceId, language, url_key AS urlKey, signature
     FROM story_members WHERE id > ? ORDER BY id LIMIT ${SLICE}`,
  )
  const insert = driver.prepare(
    `INSERT INTO story_members (place, story, at, source_id, language, url_key, signature) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const drop = driver.prepare('DELETE FROM story_members WHERE place = ?')
  const trim = driver.prepare(
    `DELETE FROM story_members WHERE id IN (SELECT id FROM story_members WHERE at < ? ORDER BY at LIMIT ${MOST_FORGOTTEN})`,
  )
  const hasOthers = driver.prepare('SELECT 1 FROM items WHERE story = ? AND story <> place LIMIT 1')
  const newest = driver.prepare<number | null>('SELECT max(at) FROM story_members').pluck()

  /** Made when it is first asked for: a command that stores nothing needs none. */
  let index: StoryIndex | null = null
  /** The id of the last member seen. */
  let cursor = 0
  let isClosed = false
  let loading: Promise<void> | null = null
  /** The latest time that is believed; null until something was asked. */
  let believed: number | null = null
  /** Since when the clock has been more than LEAP_MS ahead of that; null while it is not. */
  let leaptAt: number | null = null

  return {
    async whenLoaded(run) {
      // A group that failed may have lost it again before its intentions run singly.
      for (;;) {
        try {
          return await run()
        } catch (error) {
          if (error !== NOT_LOADED) throw error
        }
        await load()
      }
    },

    begin(sourceId, now, transaction) {
      // Mostly the first slice is all of it, and nobody has to wait.
      if (!index) load().catch(() => {})
      const members = index
      if (!members) throw NOT_LOADED
      const start = beginningOfWindow(now)
      members.forgetBefore(start, MOST_FORGOTTEN)
      trim.run(start)
      const before = cursor
      const added: number[] = []
      let isRetold = false
      transaction.ifUndone(() => {
        // Not from `members`: another intention of the group may have had it read anew since.
        for (const place of added) index?.remove(place)
        cursor = before
        // What a member said before is on disk only.
        if (isRetold) index = null
      })
      while (follow(members, start) === SLICE);

      const join = (member: StoryMember) => {
        members.add(member)
        const { place, story, at, language, urlKey, signature } = member
        const row = [place, story, at, sourceId, language, urlKey, signatureBytes(signature)]
        cursor = Number(insert.run(...row).lastInsertRowid)
        return story
      }

      return {
        ofNew(item, place) {
          const stranger = strangerOf(item, sourceId, now, now)
          if (stranger.at < now - STORY_WINDOW_MS) return place
          added.push(place)
          return join({ place, story: members.find(stranger) ?? place, ...stranger })
        },
        ofEdited(item, { place, story, firstSeenAt }) {
          const stranger = strangerOf(item, sourceId, firstSeenAt, now)
          if (stranger.at < now - STORY_WINDOW_MS) return story
          isRetold = true
          members.remove(place)
          drop.run(place)
          const isAlone = story === place && hasOthers.get(story) === undefined
          return join({ place, story: (isAlone ? members.find(stranger) : null) ?? story, ...stranger })
        },
      }
    },

    close() {
      isClosed = true
    },
  }

  function load(): Promise<void> {
    loading ??= loadAll().finally(() => {
      loading = null
    })
    return loading
  }

  async function loadAll(): Promise<void> {
    if (index) return
    cursor = 0
    const members = createStoryIndex()
    const start = beginningOfWindow(clock())
    while (follow(members, start) === SLICE) {
      await nextTurn()
      if (isClosed) throw new AppError('unavailable', 'The database is closed.')
    }
    index = members
  }

  /** Takes in the next members that were committed, of those since `start`; gives how many rows that were. */
  function follow(members: StoryIndex, start: number): number {
    const rows = since.all(cursor)
    for (const row of rows) {
      cursor = row.id
      const signature = row.at < start ? null : readSignature(row.signature)
      if (signature) members.add({ ...row, signature })
    }
    return rows.length
  }

  /** What is older may be forgotten. */
  function beginningOfWindow(now: number): number {
    believed ??= newest.get() ?? now
    const isLeap = now > believed + LEAP_MS
    if (isLeap) leaptAt = Math.min(leaptAt ?? now, now)
    if (!isLeap || now >= (leaptAt ?? now) + CONFIRMED_AFTER_MS) {
      believed = now
      leaptAt = null
    }
    return believed - STORY_WINDOW_MS
  }
}

/** Thrown by `begin`: an error that nobody sees. */
const NOT_LOADED = new Error('The stories of the last days are not in memory yet.')

function strangerOf(item: ReadItem, sourceId: number, firstSeenAt: number, now: number): StoryStranger {
  const { language, keys } = item
  return {
    at: Math.min(item.publishedAt ?? firstSeenAt, now),
    sourceId,
    language: language?.split('-', 1)[0] ?? '',
    urlKey: keys.url === null ? 0 : Number.parseInt(keys.url.slice(0, URL_KEY_DIGITS), 16),
    signature: item.tokens.signature ?? signatureOf(item),
  }
}
