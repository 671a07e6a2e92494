import type { ReadDocument, ReadItem, Source } from '../../model.ts'
import { type Known, UNSEEN } from '../../ports.ts'
import { webAddress } from '../../publish/address.ts'
import { canonicalUrl, resolveUrl } from '../../source/url.ts'
import { DAY_MS } from '../../time.ts'
import { accessAt } from '../access.ts'
import type { Actions } from '../context.ts'
import { NO_CHANGE, planIngest, recordOfPart } from '../ingest/ingest.ts'

export interface CatchUp {
  /** Older pages that were read. */
  pages: number
  /** What was found on them that nobody knew. */
  inserted: number
  alerts: number
  /** They led back to what was known before: nothing is missing between. */
  isClosed: boolean
}

/** Further back than this nobody looks for news, and a chain may be made to have no end. */
const MOST_PAGES = 5

/**
 * After a poll that knew nothing of its document: follows the pages with older items that it names (RFC 5005: prev-archive
 * or next; the pages of WordPress without being told) back to what was known before, at most five, and stores and alerts
 * what was missed, as one part of that poll, which has `told` so many alerts already. `source` as it was before that poll, `read` what the poll read. A chain that
 * fails, ends, turns in a circle or repeats itself ends the search; what it gave until then counts.
 */
export async function catchUp(ctx: Actions, source: Source, read: ReadDocument, told: number): Promise<CatchUp> {
  const { pages, isClosed } = await findPages(ctx, source, read)
  const { inserted, alerts } = await storePages(ctx, source, pages, told)
  const found = { pages: pages.length, inserted, alerts, isClosed }
  ctx.log.info({ source: webAddress(source.url), ...found }, sayWhatWasFound(found))
  return found
}

function sayWhatWasFound({ pages, inserted, isClosed }: CatchUp): string {
  const missed = 'a poll shared nothing with the one before'
  if (pages === 0) return `${missed}, and there are no older pages to look at`
  return `${missed}: ${inserted} missed items were found on ${pages} older pages, ${isClosed ? 'all there were' : 'perhaps not all'}`
}

/** Newest first, none without something new. */
async function findPages(
  ctx: Actions,
  source: Source,
  read: ReadDocument,
): Promise<{ pages: ReadDocument[]; isClosed: boolean }> {
  // What that poll stored itself is no sign of having arrived.
  const since = (await ctx.store.findSource(source.id))?.polledAt ?? ctx.clock()
  const pages: ReadDocument[] = []
  const seen: Seen = { addresses: new Set([canonicalUrl(source.url)]), bodies: new Set() }
  let next = olderThan(source, read, read, 2)
  for (let number = 2; next !== null && number <= MOST_PAGES + 1; number += 1) {
    if (!isAdded(seen.addresses, canonicalUrl(next))) break
    const page = await readPage(ctx, source, next, seen)
    if (page === null || page.items.length === 0) break
    if (isBeforeLastPoll(page, source)) return { pages, isClosed: true }

    const { fresh, before } = await compare(ctx, source, page, since)
    if (fresh > 0) pages.push(page)
    if (before > 0) return { pages, isClosed: true }
    if (fresh === 0) break
    next = olderThan(source, read, page, number + 1)
  }
  return { pages, isClosed: false }
}

/** What of the chain was there already. */
interface Seen {
  addresses: Set<string>
  bodies: Set<string>
}

function isAdded(set: Set<string>, value: string): boolean {
  if (set.has(value)) return false
  set.add(value)
  return true
}

/** The address of page `number`; the document's own word goes before what WordPress would call it. */
function olderThan(source: Source, first: ReadDocument, read: ReadDocument, number: number): string | null {
  const named = read.hints?.older ?? null
  if (named !== null) return resolveUrl(named, source.url)
  return isWordPress(source, first) ? withParameter(source.url, `paged=${number}`) : null
}

/** By its feeds' addresses (/feed/, ?feed=rss2) or its items' ids (?p=123). */
function isWordPress({ url }: Source, { items }: ReadDocument): boolean {
  const { pathname, search } = new URL(url)
  if (/\/feed(?:\/\w+)?\/?$/.test(pathname) || /[?&]feed=/.test(search)) return true
  return items.some(({ id }) => /\/\?(?:post_type=[\w-]+&)?p=\d+$/.test(id ?? ''))
}

function withParameter(address: string, parameter: string): string {
  const url = new URL(address)
  url.search = url.search === '' ? parameter : `${url.search}&${parameter}`
  return url.href
}

async function readPage(ctx: Actions, source: Source, url: string, seen: Seen): Promise<ReadDocument | null> {
  // Whoever owns the other address has no right to the source's credentials.
  const access = accessAt(source.access, source.url, url)
  const fetched = await ctx.fetch({ url, ...UNSEEN, access })
  if (fetched.kind !== 'fresh' || !isAdded(seen.bodies, fetched.bodyHash)) return null
  const read = await ctx.parse(fetched)
  return read.kind === 'read' ? read : null
}

/** A page from before the last successful poll holds nothing that could have been missed since; a day for late ones. */
function isBeforeLastPoll({ items }: ReadDocument, { succeededAt }: Source): boolean {
  const newest = items.reduce(
    (latest, { publishedAt }) => Math.max(latest, publishedAt ?? Number.POSITIVE_INFINITY),
    Number.NEGATIVE_INFINITY,
  )
  return succeededAt !== null && newest < succeededAt - DAY_MS
}

/** How many of its items nobody knows, and how many were known before `since`. Nothing is stored. */
async function compare(
  ctx: Actions,
  source: Source,
  { items, ...page }: ReadDocument,
  since: number,
): Promise<{ fresh: number; before: number }> {
  let counts = { fresh: 0, before: 0 }
  await ctx.store.ingest(source.id, { ...page, items }, recordOfPart(source, ctx.clock()), (known) => {
    const seenAt = items.map((item) => firstSeenAt(item, known))
    counts = {
      fresh: seenAt.filter((at) => at === null).length,
      before: seenAt.filter((at) => at !== null && at < since).length,
    }
    return NO_CHANGE
  })
  return counts
}

/** An address names an item only where nothing better does: many sources link every item to one page. */
function firstSeenAt({ keys }: ReadItem, known: Known): number | null {
  const names = keys.id === null ? [keys.url, keys.content] : [keys.id, keys.content]
  const found = names.map((name) => (name === null ? undefined : known.findItem(name))).find((item) => item)
  return found?.firstSeenAt ?? null
}

/** As one document, the newest first: five pages with ten alerts each would be fifty messages. */
async function storePages(ctx: Actions, source: Source, pages: ReadDocument[], toldBefore: number) {
  const [newest] = pages
  if (!newest) return { inserted: 0, alerts: 0 }
  const now = ctx.clock()
  const { slices: _, ...whole } = { ...newest, items: pages.flatMap(({ items }) => items) }
  return ctx.store.ingest(source.id, whole, recordOfPart(source, now), (known) =>
    planIngest(whole, known, now, { partial: true, toldBefore }),
  )
}
