import { AppError } from '../../errors.ts'
import type { ReadDocument, ReadItem } from '../../model.ts'
import type { Fingerprints, IngestPlan, PlannedAlert, Store } from '../../ports.ts'
import { canonicalUrl } from '../../source/url.ts'
import { tokenStream } from '../../text/tokens.ts'
import type { MessageWriter } from '../chats/messages.ts'
import type { WatchView } from '../chats/watch-view.ts'
import type { FingerprintTable } from '../items/fingerprints.ts'
import type { FullTextTable } from '../items/full-texts.ts'
import type { ItemReader } from '../items/items.ts'
import type { TextTable } from '../search/text-table.ts'
import type { PollWriter } from '../sources/poll-writer.ts'
import type { SourceReader, SourceRow } from '../sources/source-rows.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Group, Transaction } from '../sqlite/group.ts'
import type { Meta } from '../sqlite/meta.ts'
import { createItemWriter } from './item-writer.ts'
import { createKnown } from './known.ts'
import type { Stories, StoryView } from './story-view.ts'

const NOTHING = { inserted: 0, edited: 0, alerts: 0 }

interface Parts {
  group: Group
  meta: Meta
  sources: SourceReader
  reader: ItemReader
  textTable: TextTable
  watchView: WatchView
  storyView: StoryView
  messages: MessageWriter
  fingerprints: FingerprintTable
  polls: PollWriter
  fullTexts: FullTextTable
}

/** The transactions that look at what is known before they write: a poll that read a document, and a whole text that came. */
export function createIngest(db: Database, parts: Parts): Pick<Store, 'ingest' | 'storeFullText'> {
  const { group, meta, sources, reader, textTable, watchView, storyView, messages, fingerprints, polls, fullTexts } =
    parts
  const { driver } = db
  const know = createKnown(db, parts)
  const write = createItemWriter(db)

  const describe = driver.prepare(
    'UPDATE sources SET found_title = ?, site_url = ?, language = ?, format = ? WHERE id = ?',
  )

  return { ingest: (...given) => storyView.whenLoaded(() => ingest(...given)), storeFullText }

  function ingest(...[sourceId, read, record, plan]: Parameters<Store['ingest']>): ReturnType<Store['ingest']> {
    return group.run((transaction) => {
      const before = sources.byId(sourceId)
      if (!before) throw new AppError('not_found', `There is no source ${sourceId}.`)
      const { pushed = false } = record
      if (before.state !== 'active' || before.pollIsStale) {
        // The lease is that of a poll.
        if (!pushed) polls.release(sourceId)
        return NOTHING
      }

      // Before a change is noted in here, as `current` asks.
      const watches = watchView.current()
      const row = pushed ? before : describeSource(before, read)
      const decided = plan(know(row, watches))
      if (decided.needsAll) return { ...NOTHING, needsAll: true }

      for (const { place, key } of decided.forget ?? []) write.forget(sourceId, key, place)
      const joined: Joined = { sourceId, stories: new Set(), places: [], isQuiet: true }
      const round: Round = { source: before, now: record.polledAt, transaction, joined }
      const places = insertAll(decided, round)
      const edited = editAll(decided, round)
      for (const { place, keys } of decided.bind) write.bind(sourceId, keys, place)
      const alerts = messages.write(resolveMessages(decided.messages, places), record.polledAt, joined)
      if (decided.remember !== 'as_before') fingerprints.replace(sourceId, resolveFingerprints(decided, places))

      polls.recordRead(sourceId, { ...record, ...decided }, read, places.length)
      if (places.length + edited > 0) meta.touch()
      return { inserted: places.length, edited, alerts }
    })
  }

  function storeFullText(...[place, article, now, plan]: Parameters<Store['storeFullText']>): Promise<void> {
    return group.run((transaction) => {
      const wanted = fullTexts.find(place)
      const row = wanted && sources.byId(wanted.sourceId)
      if (!wanted || row?.state !== 'active') return

      const item = reader.get(place)
      const before = { ...item, text: wanted.textBefore ?? item.text }
      const known = know(row, watchView.current())
      const findStored = (other: number) => (other === place ? before : known.findStored(other))
      const planned = wanted.quiet ? [] : plan({ ...known, findStored })

      write.setFullText(place, article)
      const tokens = { title: tokenStream(item.title), text: article.tokens }
      transaction.atEnd(place, () => textTable.replace(place, { ...item, tokens }))
      messages.write(resolveMessages(planned, []), now)
      messages.itemEdited(place, now)
      fullTexts.done(place)
      meta.touch()
    })
  }

  /** What the document says of itself; an item is judged by what its source is called now. */
  function describeSource(row: SourceRow, read: ReadDocument): SourceRow {
    const found = {
      foundTitle: read.title ?? row.foundTitle,
      siteUrl: read.link ?? row.siteUrl,
      language: read.language ?? row.language,
      format: read.format,
    }
    if (
      found.foundTitle === row.foundTitle &&
      found.siteUrl === row.siteUrl &&
      found.language === row.language &&
      found.format === row.format
    ) {
      return row
    }
    describe.run(found.foundTitle, found.siteUrl, found.language, found.format, row.id)
    meta.noteChange('source', row.id)
    return { ...row, ...found }
  }

  /** Gives the places of the new items, in the order of the plan. */
  function insertAll(plan: IngestPlan, { source, now, transaction, joined }: Round): number[] {
    if (plan.insert.length === 0) return []
    const inserted: { place: number; url: string | null; quiet: boolean }[] = []
    const stories = storyView.begin(source.id, now, transaction)
    const allQuiet = source.baselineDue || plan.quiet === true
    for (const { item, placeMs, quiet = allQuiet } of plan.insert) {
      const place = write.freePlace(placeMs)
      const story = stories.ofNew(item, place)
      if (story !== place) join(joined, { place, story, quiet })
      write.insert(item, { place, story, sourceId: source.id, quiet }, now)
      if (story !== place) write.keepLead(story)
      write.bind(source.id, keysOf(item), place)
      transaction.atEnd(place, () => textTable.insert(place, item))
      inserted.push({ place, url: item.url, quiet })
    }
    if (source.fullText) fullTexts.want(inserted, now)
    return inserted.map(({ place }) => place)
  }

  /** Gives how many items were edited. */
  function editAll(plan: IngestPlan, { source, now, transaction, joined }: Round): number {
    let edited = 0
    let stories: Stories | null = null
    for (const { place, item, silent = false } of plan.edit) {
      write.bind(source.id, keysOf(item), place)
      if (source.fullText) fullTexts.wantAnew({ place, url: item.url }, { quiet: plan.quiet === true, now })
      const before = write.shown(place)
      // An item that was pruned is known by its identity only: there is nothing left to edit.
      if (!before) continue
      write.update(place, item, silent ? null : now)
      transaction.atEnd(place, () => textTable.replace(place, item))
      edited += 1
      const isElsewhere = canonicalUrl(before.url ?? '') !== canonicalUrl(item.url ?? '')
      const isSeen = before.title !== item.title || before.text !== item.text || isElsewhere
      if (!isSeen || silent) continue
      messages.itemEdited(place, now)
      stories ??= storyView.begin(source.id, now, transaction)
      const story = stories.ofEdited(item, { place, ...before })
      if (story !== before.story) {
        write.move(place, story)
        write.keepLead(story)
        messages.storyMoved(before.story, story, now)
      }
      // At another address it may be another publisher's.
      if (story !== before.story || isElsewhere) join(joined, { place, story, quiet: before.quiet === 1 })
    }
    return edited
  }

  function resolveMessages(planned: IngestPlan['messages'], places: number[]) {
    return planned.map((message) => ({
      ...message,
      alerts: message.alerts.map(({ item, hits }) => {
        const place = placeOf(item, places)
        const story = place === undefined ? undefined : write.storyOf(place)
        if (place === undefined || story === undefined) throw new Error('The plan alerts an item that is not stored.')
        return { place, story, hits }
      }),
    }))
  }
}

/** What one ingest does for all items of its plan. */
interface Round {
  source: SourceRow
  now: number
  transaction: Transaction
  joined: Joined
}

/** Items that came to stories which others told before; filled in as items are inserted and edited. */
interface Joined {
  sourceId: number
  stories: Set<number>
  places: number[]
  /** All of them came quietly. */
  isQuiet: boolean
}

function join(joined: Joined, { place, story, quiet }: { place: number; story: number; quiet: boolean }): void {
  joined.stories.add(story)
  joined.places.push(place)
  joined.isQuiet &&= quiet
}

function placeOf(item: PlannedAlert['item'], places: number[]): number | undefined {
  return 'place' in item ? item.place : places[item.inserted]
}

function resolveFingerprints({ remember }: IngestPlan, places: number[]): Fingerprints | null {
  if (!remember || remember === 'as_before') return null
  // Named one by one: to leave one out of a copy costs more than all the rest.
  const items = remember.items.map(({ item, print, keys, namedBy, isHome, renamed = 0 }) => {
    const place = placeOf(item, places)
    if (place === undefined) throw new Error('The plan remembers an item that is not stored.')
    return { print, place, keys, namedBy, isHome, renamed }
  })
  return { context: remember.context, head: remember.head, items }
}

function keysOf({ keys }: ReadItem): string[] {
  return [keys.id, keys.url, keys.content].filter((key) => key !== null)
}
