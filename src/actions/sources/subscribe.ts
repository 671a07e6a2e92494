import { AppError } from '../../errors.ts'
import type { Access, PageRules, ReadDocument, Source } from '../../model.ts'
import type { NewSource, SourcePatch } from '../../ports.ts'
import { shownAddress } from '../../publish/address.ts'
import type { FeedCandidate } from '../../source/discover.ts'
import { MINUTE_MS } from '../../time.ts'
import { accessAt, mergeAccess, takeLogin } from '../access.ts'
import type { Actions } from '../context.ts'
import { getSource } from '../get-source.ts'
import { storeDocument } from '../poll/poll.ts'
import { parseAddress } from '../typed-address.ts'
import { type FirstLook, findFeed, findPage } from './find-feed.ts'

export interface SourceWish {
  url: string
  title?: string | undefined
  tags?: string[] | undefined
  everyMs?: number | undefined
  /** Watch the page itself, whatever feeds it has; without rules its entries are looked for. */
  page?: { rules: PageRules | null } | undefined
  /** Fetch the whole text of its items from their own pages. */
  fullText?: boolean | undefined
  /** What goes with every request to its origin. */
  access?: Access | null | undefined
}

/** What became of a wish for a source. */
export type Added =
  /** `document`: what the first look found. `note`: what was left out of the wish, as a sentence for people. */
  | { kind: 'added'; source: Source; document: ReadDocument; note: string | null }
  /** It was there already, at this address or where this one has moved for good; untouched. */
  | { kind: 'present'; source: Source }
  /** The address is a page's that names several feeds, the likeliest first: one must be chosen. Nothing was added. */
  | { kind: 'choose'; page: string; candidates: OfferedFeed[] }
  /** The page at `page` has no feed; `document` is what would be watched, and `document.page` where. Nothing was added: wished again with `page`, it is. */
  | { kind: 'page'; page: string; document: ReadDocument }

/** One of the feeds that a site names; `readAs`: the number of the source that it is already. */
export interface OfferedFeed extends FeedCandidate {
  readAs: number | null
}

/**
 * Adds a source: a feed's address is fetched once; a page leads to the one feed it names, with one more request, to a
 * choice, or to what could be watched on it. What is there is stored as the quiet baseline. The address is stored as it
 * was given, its login apart, also where it redirects: moves are the poller's to judge. Throws `invalid` for an address we will not fetch,
 * `unavailable` when there is no answer or nothing to read.
 */
export async function addSource(ctx: Actions, wish: SourceWish): Promise<Added> {
  const given = parseAddress(wish.url)
  const sought = takeLogin(given, wish.access ?? null)
  // Those of older versions keep the login in their address.
  const known = (await ctx.store.findSource(given)) ?? (await ctx.store.findSource(sought.url))
  if (known) return { kind: 'present', source: known }

  const asked = { ...wish, ...sought }
  if (wish.page) return storeFound(ctx, asked, await findPage(ctx, sought, wish.page.rules))
  const found = await findFeed(ctx, sought)
  if (found.kind === 'page') return { kind: 'page', page: withLoginOf(given, found.url), document: found.document }
  if (found.kind !== 'choose') return found.kind === 'feed' ? storeFound(ctx, asked, found) : found
  return { ...found, candidates: await Promise.all(found.candidates.map((one) => offer(ctx, given, one))) }
}

async function offer(ctx: Actions, given: string, candidate: FeedCandidate): Promise<OfferedFeed> {
  const known = await ctx.store.findSource(candidate.url)
  return { ...candidate, url: withLoginOf(given, candidate.url), readAs: known?.id ?? null }
}

/** Whoever is asked back may add one of these by its address alone: the login goes on to its own origin, and nowhere else. */
function withLoginOf(given: string, candidate: string): string {
  const { origin, username, password } = new URL(given)
  const url = new URL(candidate)
  if (url.origin !== origin) return candidate
  url.username = username
  url.password = password
  return url.href
}

/** Stores the source and what was found as its baseline. */
async function storeFound(ctx: Actions, wish: SourceWish, { url, fetched, document }: FirstLook): Promise<Added> {
  const there = fetched.movedTo === undefined ? undefined : await ctx.store.findSource(fetched.movedTo)
  if (there) return { kind: 'present', source: there }

  const now = ctx.clock()
  const given = wish.url
  const access = accessAt(wish.access ?? null, given, url)
  const kept = { ...newSource(url, wish), ...pageOf(document), access, found: document }
  const { source, added } = await ctx.store.addSource(kept, now)
  if (!added) return { kind: 'present', source }

  const isLeft = Object.keys(wish.access?.headers ?? {}).length > Object.keys(access?.headers ?? {}).length
  const note = isLeft ? noteOnAccess(given, url) : null
  const [claimed] = await ctx.store.claimSources([source.id], now, MINUTE_MS, { force: true })
  // Where the service was quicker, it stores the baseline by itself.
  if (!claimed) return { kind: 'added', source, document, note }
  await storeDocument(ctx, claimed, fetched, document)
  return { kind: 'added', source: (await ctx.store.findSource(source.id)) ?? source, document, note }
}

/** The newest date in it, null where none of its items has one. */
export function newestDate({ items }: Pick<ReadDocument, 'items'>): number | null {
  const dates = items.flatMap(({ publishedAt, updatedAt }) => publishedAt ?? updatedAt ?? [])
  return dates.reduce<number | null>((newest, date) => (newest === null || date > newest ? date : newest), null)
}

function pageOf({ page }: ReadDocument): Pick<NewSource, 'kind' | 'pageRules'> {
  return page === undefined ? { kind: 'feed', pageRules: null } : { kind: 'page', pageRules: page }
}

function noteOnAccess(given: string, found: string): string {
  const [from, to] = [new URL(given).host, new URL(found).host]
  return `The feed is at ${to}: the headers and the login given for ${from} are not sent there.`
}

/** What is to change of a source. */
export interface SourceChange extends SourcePatch {
  /** Goes along from now on, too: beside what does already, or beside what `access` says. */
  accessToo?: Access | null
}

/**
 * Throws `not_found`, and `conflict` when another source has the new address. Headers and login stay behind when the
 * address moves to another origin.
 */
export async function changeSource(ctx: Actions, ref: string, change: SourceChange): Promise<Source> {
  const source = await getSource(ctx, ref)
  const { accessToo: more = null, ...patch } = change
  const said = patch.url === undefined ? null : takeLogin(parseAddress(patch.url), more)
  if (said !== null) patch.url = said.url
  const url = said?.url ?? source.url
  const there = url === source.url ? undefined : await ctx.store.findSource(url)
  if (there) {
    throw new AppError('conflict', `Source ${there.id} has the address ${shownAddress(url)} already.`, {
      advice: { kind: 'show', id: there.id },
    })
  }
  const accessToo = said?.access ?? more
  const left = patch.access === undefined ? accessAt(source.access, source.url, url) : patch.access
  const access = mergeAccess(left, accessToo)
  return ctx.store.changeSource(source.id, { ...patch, ...(access !== source.access && { access }) }, ctx.clock())
}

/** Its items and identities stay; its address added again continues it. Throws `not_found`. */
export async function removeSource(ctx: Actions, ref: string): Promise<Source> {
  return changeSource(ctx, ref, { state: 'removed' })
}

/** What a wish says of a source at this address. */
export function newSource(url: string, wish: SourceWish): Omit<NewSource, 'found'> {
  return {
    url,
    fullText: wish.fullText ?? false,
    givenTitle: wish.title?.trim() || null,
    tags: [...new Set((wish.tags ?? []).map((tag) => tag.trim()).filter((tag) => tag !== ''))],
    everyMs: wish.everyMs ?? null,
  }
}
