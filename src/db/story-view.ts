import { setImmediate as nextTurn } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import type { ReadItem } from '../model.ts'
import { readSignature, signatureBytes, signatureOf } from '../source/similarity.ts'
import { createStoryIndex, STORY_WINDOW_MS, type StoryIndex } from '../source/story-index.ts'
import type { Database } from './driver.ts'
import type { Ending } from './group.ts'

/** Rows that are taken in at once: some 15 ms. */
const SLICE = 500
/** How often what has left the window is forgotten. */
const FORGET_EVERY_MS = 600_000
/** Rows that are deleted at once. */
const MOST_DELETED = 5_000
/** Of a SHA-256 in hex: 52 bits. */
const URL_KEY_DIGITS = 13

/**
 * The items of the last 72 h in memory, by which a new one finds its story. They are read when the first new item comes,
 * never recomputed; what other processes add is followed in the order of their commits.
 */
export interface StoryView {
  /**
   * Null when the window is in memory, all but what others add meanwhile; else resolves when it is. Ask before a transaction
   * that tells stories: it is read in slices, and others work between them.
   */
  load(): Promise<void> | null
  /**
   * For the new items of one source, in the caller's transaction: gives the story that each tells, as the place of the
   * item that began it: its own, where it begins one. It is a member from then on; what is undone is forgotten.
   */
  begin(sourceId: number, now: number, ending: Ending): (item: ReadItem, place: number) => number
  /** Ends a `load` that is under way. */
  close(): void
}

interface MemberRow {
  id: number
  place: number
  story: number
  at: number
  sourceId: number
  language: string
  urlKey: number
  signature: Uint8Array
}

export function createStoryView({ driver, clock }: Database): StoryView {
  const since = driver.prepare<MemberRow>(
    `SELECT id, place, story, at, source_id AS sourceId, language, url_key AS urlKey, signature
     FROM story_members WHERE id > ? ORDER BY id LIMIT ?`,
  )
  const insert = driver.prepare(
    `INSERT INTO story_members (place, story, at, source_id, language, url_key, signature) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  // Ids are in order of arrival, and nothing is in the window for longer than 72 h from then: the first that still
  // is has almost nothing dead behind it.
  const trim = driver.prepare(
    `DELETE FROM story_members WHERE id < (SELECT min(id) FROM story_members) + ?
       AND id < coalesce((SELECT id FROM story_members WHERE at >= ? ORDER BY id LIMIT 1), 9e15)`,
  )

  /** Made when it is first asked for: a command that stores nothing needs none. */
  let index: StoryIndex | null = null
  /** The id of the last member seen. */
  let cursor = 0
  let isClosed = false
  let loading: Promise<void> | null = null
  let forgottenAt = Number.NEGATIVE_INFINITY

  return {
    load() {
      if (index) return null
      if (loading) return loading
      const stories = createStoryIndex()
      loading = loadRest(stories).finally(() => {
        loading = null
      })
      // Mostly its first slice was all of it, and nobody has to wait.
      return index ? null : loading
    },

    begin(sourceId, now, ending) {
      const stories = index
      if (!stories) throw new Error('The stories of the last days are not in memory yet.')
      forget(stories, now)
      const before = cursor
      const added: number[] = []
      ending.ifUndone(() => {
        for (const place of added) stories.remove(place)
        cursor = before
      })
      while (follow(stories, now) === SLICE);

      return (item, place) => {
        const at = Math.min(item.publishedAt ?? now, now)
        if (at < now - STORY_WINDOW_MS) return place
        const stranger = { at, sourceId, ...strangerOf(item) }
        const story = stories.find(stranger) ?? place
        stories.add({ place, story, ...stranger })
        added.push(place)
        const { language, urlKey, signature } = stranger
        const row = [place, story, at, sourceId, language, urlKey, signatureBytes(signature)]
        cursor = Number(insert.run(...row).lastInsertRowid)
        return story
      }
    },

    close() {
      isClosed = true
    },
  }

  async function loadRest(stories: StoryIndex): Promise<void> {
    while (follow(stories, clock()) === SLICE) {
      await nextTurn()
      if (isClosed) throw new AppError('unavailable', 'The database is closed.')
    }
    index = stories
  }

  /** Takes in the next members that were committed; gives how many rows that were. */
  function follow(stories: StoryIndex, now: number): number {
    const rows = since.all(cursor, SLICE)
    for (const { id, signature: bytes, ...member } of rows) {
      cursor = id
      const signature = member.at < now - STORY_WINDOW_MS ? null : readSignature(bytes)
      if (signature) stories.add({ ...member, signature })
    }
    return rows.length
  }

  function forget(stories: StoryIndex, now: number): void {
    // A clock that was set back begins anew.
    if (now >= forgottenAt && now < forgottenAt + FORGET_EVERY_MS) return
    forgottenAt = now
    const start = now - STORY_WINDOW_MS
    stories.forgetBefore(start)
    trim.run(MOST_DELETED, start)
  }
}

function strangerOf(item: ReadItem) {
  const { language, keys } = item
  return {
    language: language?.split('-', 1)[0] ?? '',
    urlKey: keys.url === null ? 0 : Number.parseInt(keys.url.slice(0, URL_KEY_DIGITS), 16),
    signature: signatureOf(item),
  }
}
