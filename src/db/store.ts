import type { Item } from '../model.ts'
import type { ItemPage, Store } from '../ports.ts'
import { createAlertReader } from './chats/alerts.ts'
import { createChatStore, createChatWriter } from './chats/chats.ts'
import { createEditWriter } from './chats/edits.ts'
import { createMessageWriter } from './chats/messages.ts'
import { createMuteStore } from './chats/mutes.ts'
import { createOutboxStore } from './chats/outbox.ts'
import { createPeopleStore } from './chats/people.ts'
import { createWatchView } from './chats/watch-view.ts'
import { createWatchStore } from './chats/watches.ts'
import { createIngest } from './ingest/ingest.ts'
import { createStoryView } from './ingest/story-view.ts'
import { createFingerprintTable } from './items/fingerprints.ts'
import { createFullTextStore, createFullTextTable } from './items/full-texts.ts'
import { createItemReader } from './items/items.ts'
import { createPublisherCount } from './items/publishers.ts'
import { createItselfStore } from './itself.ts'
import { createSearch } from './search/search.ts'
import { createTextTable } from './search/text-table.ts'
import { createHostStore } from './sources/hosts.ts'
import { createPollWriter } from './sources/poll-writer.ts'
import { createSourceReader } from './sources/source-rows.ts'
import { createSourceStore } from './sources/sources.ts'
import { createSubscriptionStore } from './sources/subscriptions.ts'
import type { Database } from './sqlite/driver.ts'
import { createGroup } from './sqlite/group.ts'
import { createMeta } from './sqlite/meta.ts'

/** A list gives so many others of each story: people see three of them by name, and can follow some more. */
const RELATED_LISTED = 12

/** Puts the parts together over one open file. */
export function createStore(db: Database, options: { groupWaitMs: number; timezone: string }): Store {
  const meta = createMeta(db)
  const sources = createSourceReader(db)
  const reader = createItemReader(db)
  const watchView = createWatchView(db, options.timezone)
  const storyView = createStoryView(db)
  const group = createGroup(db, {
    waitMs: options.groupWaitMs,
    onCommit: watchView.onCommit,
    onRollback: watchView.onRollback,
  })
  const chatWriter = createChatWriter(db, meta)
  const edits = createEditWriter(db)
  const countPublishers = createPublisherCount(db)
  const messages = createMessageWriter(db, { chatWriter, edits, countPublishers })
  const search = createSearch(db, reader)
  const alerts = createAlertReader(db, reader)
  const fingerprints = createFingerprintTable(db)
  const textTable = createTextTable(db)
  const polls = createPollWriter(db, meta, messages)
  const fullTexts = createFullTextTable(db)

  const countAll = db.driver.prepare<number>('SELECT coalesce(sum(items), 0) FROM sources').pluck()
  const forPeople = <Found extends Item>(found: Found[]) => reader.withRelated(reader.withCalls(found))
  const complete = (page: ItemPage, stories: boolean): ItemPage => {
    // One item stands for its story: it was called, whichever of them the alert told.
    return { ...page, items: reader.withRelated(reader.withCalls(page.items, stories), RELATED_LISTED) }
  }

  return {
    ...createSourceStore(db, { group, meta, reader: sources, polls, fullTexts, fingerprints }),
    ...createHostStore(db, group),
    ...createSubscriptionStore(db, group),
    ...createFullTextStore(db, group),
    ...createChatStore(db, { group, meta, chatWriter }),
    ...createWatchStore(db, { group, meta, chatWriter }),
    ...createMuteStore(db, { group, meta, chatWriter }),
    ...createOutboxStore(db, { group, meta, alerts, chatWriter, edits }),
    ...createPeopleStore(db, group),
    ...createItselfStore(db, group, meta),
    ...createIngest(db, {
      group,
      meta,
      sources,
      reader,
      textTable,
      watchView,
      storyView,
      messages,
      fingerprints,
      polls,
      fullTexts,
    }),

    findKnownSlices: async (sourceId) => fingerprints.findPrints(sourceId),

    async listItems({ limit, before = Number.MAX_SAFE_INTEGER, query, now, stories = false }) {
      if (query) return complete(search.list({ limit, before, query, now, stories }), stories)
      const found = stories ? reader.listStoriesBefore(before, limit + 1) : reader.listBefore(before, limit + 1)
      const items = found.slice(0, limit)
      const next = found.length > limit ? (items.at(-1)?.place ?? null) : null
      return complete({ items, next, lookedBackTo: null }, stories)
    },
    async countItems({ query, now, most }) {
      if (query) return search.count({ query, now, most })
      const all = countAll.get() ?? 0
      return { count: Math.min(all, most), isMore: all > most }
    },
    async findItem(place) {
      const item = reader.find(place)
      return item && forPeople([item])[0]
    },
    findItemsByUrl: async (url) => forPeople(search.findByUrl(url)),
    countPublishers: async (story) => countPublishers(story),

    // Not as a statement, which would be kept, one for each heavy document.
    keepSmall: (isScarce) => void db.driver.exec(`PRAGMA cache_size = ${isScarce ? SCARCE_CACHE : USUAL_CACHE}`),

    async close() {
      storyView.close()
      await group.close()
      db.driver.close()
    },
  }
}

/** SQLite: less than zero are KiB, in pages of the file. The binding is built with the usual one. */
const USUAL_CACHE = -16_000
const SCARCE_CACHE = -4_000
