import { type Advice, AppError } from '../../errors.ts'
import type { Access, PageRules, ReadDocument, Source, Unreadable } from '../../model.ts'
import { type Fetch, type FetchFailed, type FreshDocument, UNSEEN } from '../../ports.ts'
import { shownAddress } from '../../publish/address.ts'
import { sayDuration } from '../../source/cadence.ts'
import { discoverFeeds, type FeedCandidate, isOfComments, rivalsOf, wellKnownPaths } from '../../source/discover.ts'
import { feedOfEntry, knownFeedAddress, knownListAddress, knownListRules } from '../../source/known-feeds.ts'
import { accessAt } from '../access.ts'
import type { Actions } from '../context.ts'

/** Something to read, at `url`, as the first look found it. */
export interface FirstLook {
  url: string
  fetched: FreshDocument
  document: ReadDocument
}

export type FoundFeed =
  | ({ kind: 'feed' } & FirstLook)
  /** The way led to a source that is there already. */
  | { kind: 'present'; source: Source }
  /** The page at `page` names several, the likeliest first. */
  | { kind: 'choose'; page: string; candidates: FeedCandidate[] }
  /** There is no feed, but the page at `url` has entries that can be watched. */
  | ({ kind: 'page' } & FirstLook)

/** Where a search begins, without a login, and what goes with its requests: to the origin of `url` all of it, elsewhere the proxy alone. */
export interface Sought {
  url: string
  access: Access | null
}

/** What another address leads to. */
type Found = Exclude<FoundFeed, { kind: 'page' }>
type FoundPage = Extract<FoundFeed, { kind: 'page' }>

type Doors = Pick<Actions, 'store' | 'fetch' | 'parse'>
type Finding = Doors & { sought: Sought }

/**
 * The page itself, with one request, its entries where the rules say, or found. Stores nothing. Throws `invalid` for an
 * address we will not fetch and for a feed, `unavailable` when there is no answer or nothing that can be watched.
 */
export async function findPage(ctx: Doors, sought: Sought, rules: PageRules | null): Promise<FirstLook> {
  const { url } = sought
  const fetched = await fetchFirst(ctx.fetch, url, sought.access)
  if (fetched.kind === 'failed') throw refusalOf(fetched, url)
  // The parser may move the bytes into its thread.
  const bytes = new Uint8Array(fetched.bytes)
  const document = await ctx.parse({ ...fetched, page: { rules: rules ?? knownListRules(url) } })
  if (document.kind === 'read') return { url, fetched, document }

  const other = await ctx.parse({ ...fetched, bytes })
  if (other.kind === 'read') {
    throw new AppError('invalid', `${shownAddress(url)} is a feed, not a page.`, {
      advice: { kind: 'add', url: shownAddress(url) },
    })
  }
  throw new AppError('unavailable', document.detail, { advice: adviceFor(document, url) })
}

/**
 * The feed an address means, from as few requests as possible: a feed is one; a page is one more for the one feed it
 * names, none for a choice, and up to six for one that names none, or eight where it has nothing to watch but a link to its
 * blog; one that leads on at once is followed. A page without a
 * feed is itself what was found, where it has entries to watch. Stores nothing. Throws `invalid` for an address we will not fetch, `unavailable` when
 * there is no answer, or nothing to read.
 */
export function findFeed(doors: Doors, sought: Sought): Promise<FoundFeed> {
  return search(doors, sought, MOST_HOPS)
}

/** So many pages may lead on to the next by themselves, as a front page does to that of a language. */
const MOST_HOPS = 2

async function search(doors: Doors, sought: Sought, hops: number): Promise<FoundFeed> {
  const { url } = sought
  const ctx = { ...doors, sought }
  const list = knownListAddress(url)
  if (list !== null) return findList(ctx, list)
  const looked: Looked = new Map()
  const shortcut = knownFeedAddress(url)
  if (shortcut !== null) {
    const found = await followEntry(ctx, shortcut, looked)
    // It is not where such sites keep it: the page itself may say.
    if (found !== null && found.kind !== 'html') return found
  }

  looked.set(url, '')
  const page = await lookOrRefuse(ctx, url)
  if (page.kind === 'feed') return page

  const { candidates, further, onlyCalled, isPage, generator, onward, news } = discoverFeeds(page)
  if (!isPage) throw notReadable(page)
  if (onward !== null && hops > 0 && candidates.length === 0 && onward !== page.url && onward !== url) {
    return search(doors, { url: onward, access: accessAt(sought.access, url, onward) }, hops - 1)
  }
  // A template may go on declaring what is gone, while the page itself links to what is there.
  const found = (await choose(ctx, page, candidates, looked)) ?? (await choose(ctx, page, further, looked))
  // Several that are only called feeds may be anything: whatever else is found here goes before them.
  const isVague = onlyCalled && found?.kind === 'choose' && found.page === page.url
  if (found !== null && !isVague) return found
  const comments = [...candidates, ...further].filter(isOfComments)
  const guessed = await guess(ctx, page, { generator, comments, looked })
  if (guessed.found) return guessed.found
  const isOver = found !== null || guessed.ended !== undefined
  const ofComments = isOver ? null : await choose(ctx, page, comments, looked, 'comments')
  if (ofComments !== null) return ofComments

  const entries = await readEntries(ctx, url, page)
  if (entries.kind === 'page') return entries
  if (found !== null) return found
  const elsewhere = guessed.ended || news === null ? null : await findOn(ctx, news, looked)
  if (elsewhere !== null) return elsewhere
  throw guessed.ended ?? refusal({ page, asked: url, looked, candidates }, entries)
}

/** A page that is known to have no feed: nothing is guessed there, where each path is somebody else's. */
async function findList(ctx: Finding, url: string): Promise<FoundFeed> {
  const source = await ctx.store.findSource(url)
  if (source) return { kind: 'present', source }
  const page = await lookOrRefuse(ctx, url)
  if (page.kind === 'feed') return page
  const entries = await readEntries(ctx, url, page)
  if (entries.kind === 'page') return entries
  throw new AppError('unavailable', `${shownAddress(url)} shows no posts. Only public channels have a page with them.`)
}

/** What was asked for: here what is neither a feed nor a page is refused. */
async function lookOrRefuse(ctx: Finding, url: string) {
  const look = await lookAt(ctx, url)
  if (look.kind === 'failed') throw refusalOf(look.failed, url)
  if (look.kind === 'unreadable') throw refusalOfDocument(url, look.document)
  return look
}

/** What there is to watch on a page itself, which `url` led to. */
async function readEntries(ctx: Finding, url: string, page: NoFeed): Promise<FoundPage | Unreadable> {
  const { bytes, contentType, fetched } = page
  const document = await ctx.parse({ bytes, contentType, url: page.url, page: { rules: knownListRules(page.url) } })
  return document.kind === 'read' ? { kind: 'page', url, fetched, document } : document
}

/** On a page of the same site that is called its blog or its news; with two requests at most. Null for nothing, whatever the reason. */
async function findOn(ctx: Finding, url: string, looked: Looked): Promise<FoundFeed | null> {
  if (looked.has(url)) return null
  try {
    const page = await follow(ctx, url, looked)
    if (page?.kind !== 'html') return page
    const { candidates } = discoverFeeds(page)
    const found = await choose(ctx, page, candidates, looked)
    if (found !== null) return found
    const entries = await readEntries(ctx, url, page)
    return entries.kind === 'page' ? entries : null
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

/** Addresses that were looked at, in order, and what is wrong with each; none is asked twice. */
type Looked = Map<string, string>

type Look =
  | Extract<FoundFeed, { kind: 'feed' }>
  | NoFeed
  | { kind: 'unreadable'; document: Unreadable }
  | { kind: 'failed'; failed: FetchFailed }

/** Something that was read and is no feed, its bytes still here. */
interface NoFeed extends Omit<FreshDocument, 'kind'> {
  kind: 'html'
  detail: string
  fetched: FreshDocument
}

/** One guarded fetch of what nobody has read yet. */
export async function fetchFirst(
  fetch: Fetch,
  url: string,
  access: Access | null,
): Promise<FreshDocument | FetchFailed> {
  const fetched = await fetch({ url, ...UNSEEN, access })
  if (fetched.kind !== 'unchanged') return fetched
  const detail = `${new URL(url).host} answered "not modified" to a first request.`
  return { kind: 'failed', reason: 'status', status: 304, retryAfterMs: null, detail }
}

/** One guarded fetch and parse. */
async function lookAt(ctx: Finding, url: string): Promise<Look> {
  // To the origin that was sought go its headers, elsewhere the proxy alone.
  const fetched = await fetchFirst(ctx.fetch, url, accessAt(ctx.sought.access, ctx.sought.url, url))
  if (fetched.kind === 'failed') return { kind: 'failed', failed: fetched }
  // The parser may move the bytes into its thread.
  const bytes = new Uint8Array(fetched.bytes)
  const document = await ctx.parse(fetched)
  if (document.kind === 'read') return { kind: 'feed', url, fetched, document }
  if (document.reason !== 'not_a_feed') return { kind: 'unreadable', document }
  return { ...fetched, kind: 'html', bytes, detail: document.detail, fetched }
}

/**
 * Looks at an address a page or a custom gave us. Null when nothing to read is there, or when it is one we refuse: the
 * search goes on. A host that does not answer, or asks us to wait, ends it: throws `unavailable`.
 */
async function follow(ctx: Finding, url: string, looked: Looked): Promise<Found | NoFeed | null> {
  const source = await ctx.store.findSource(url)
  if (source) return { kind: 'present', source }
  const look = await lookAt(ctx, url)
  looked.set(url, faultOf(look))
  if (look.kind === 'feed' || look.kind === 'html') return look
  if (look.kind === 'unreadable' || look.failed.reason === 'refused') return null
  if (look.failed.reason === 'status' && !KEPT_OUT.has(look.failed.status ?? 0)) return null
  throw refusalOf(look.failed, url, `Its feed may be ${shownAddress(url)}, but: `)
}

/** The same; what is no feed may be the entry of a directory that names it. */
async function followEntry(ctx: Finding, url: string, looked: Looked): Promise<Found | NoFeed | null> {
  const found = await follow(ctx, url, looked)
  const named = found?.kind === 'html' ? feedOfEntry(new TextDecoder().decode(found.bytes)) : null
  return named === null ? found : follow(ctx, named, looked)
}

function faultOf(look: Look): string {
  if (look.kind === 'feed') return ''
  if (look.kind === 'html') return look.detail
  return look.kind === 'failed' ? look.failed.detail : look.document.detail
}

/** Statuses that mean the client, not the address: asking on would only make it worse. */
const KEPT_OUT = new Set([401, 403])

/**
 * What the candidates of a page lead to: one is followed (to a page of feeds at most), several are a choice. Comments alone
 * are none unless they are what is looked for.
 */
async function choose(
  ctx: Finding,
  page: NoFeed,
  candidates: FeedCandidate[],
  looked: Looked,
  sought: 'news' | 'comments' = 'news',
): Promise<Found | null> {
  const left = candidates.filter(({ url }) => !looked.has(url) && url !== page.url)
  const [only, ...rivals] = rivalsOf(left)
  if (!only || (sought === 'news' && isOfComments(only))) return null
  if (rivals.length > 0) return { kind: 'choose', page: page.url, candidates: left }

  const found = await follow(ctx, only.url, looked)
  if (found === null) return choose(ctx, page, candidates, looked, sought)
  if (found.kind !== 'html') return found
  // "RSS" in a menu often leads to a list of feeds: it is here already, and costs no request.
  const listed = discoverFeeds(found).candidates.filter(({ url }) => !looked.has(url))
  if (listed.length > 1) return { kind: 'choose', page: found.url, candidates: listed }
  const last = listed[0] && (await follow(ctx, listed[0].url, looked))
  return last && last.kind !== 'html' ? last : null
}

/** The first feed at a customary path; `ended` is why the host cannot be asked on. */
async function guess(
  ctx: Finding,
  page: NoFeed,
  { generator, comments, looked }: { generator: string | null; comments: FeedCandidate[]; looked: Looked },
): Promise<{ found?: Found; ended?: AppError }> {
  const bodies = new Set([page.bodyHash])
  // Beside an article of WordPress stand its comments.
  const known = new Set(comments.map(({ url }) => url.replace(/\/$/, '')))
  for (const url of wellKnownPaths(page.url, generator)) {
    if (looked.has(url) || known.has(url)) continue
    const found = await follow(ctx, url, looked).catch((error: unknown) => {
      if (error instanceof AppError) return error
      throw error
    })
    if (found instanceof AppError) return { ended: found }
    if (found !== null && found.kind !== 'html') return { found }
    if (found === null) continue
    // A host that answers everything with one page, its front or "not found", says nothing more to the next question.
    if (bodies.has(found.bodyHash)) return {}
    bodies.add(found.bodyHash)
  }
  return {}
}

function refusal(
  { page, asked, looked, candidates }: { page: NoFeed; asked: string; looked: Looked; candidates: FeedCandidate[] },
  document: Unreadable,
): AppError {
  const others = [...looked.keys()].filter((url) => url !== asked)
  const named = candidates.find(({ url }) => others.includes(url))?.url
  const guessed = others.filter((url) => url !== named).map(shownAddress)
  const names =
    named === undefined ? ', and names none.' : `. It names ${shownAddress(named)}, but: ${looked.get(named)}`
  const message = `${shownAddress(page.url)} is a web page, not a feed${names} No feed is at ${guessed.join(', ')}.`
  const advice = adviceFor(document, asked)
  // A login, or a page that only a browser fills, is why, and no selector helps there.
  if (advice === null) return new AppError('unavailable', `${message} ${document.detail}`)
  return new AppError('unavailable', `${message} No list of entries was found on it either.`, {
    hint: 'Look for a link named RSS, Atom or Feed on it and give its address, or say what an entry is, by a CSS selector.',
    advice,
  })
}

/** Of what a page may need only a selector helps it here. */
function adviceFor({ needs }: Unreadable, url: string): Advice | null {
  return needs === 'entry' ? { kind: 'give', what: needs, url: shownAddress(url) } : null
}

/** Neither a feed nor a page. */
function notReadable({ url, detail }: NoFeed): AppError {
  return new AppError('unavailable', `${shownAddress(url)}: ${detail}`, {
    hint: 'Give the address of a feed, or of a page that shows its news.',
  })
}

function refusalOfDocument(url: string, { reason, detail }: Unreadable): AppError {
  if (reason !== 'opml') return new AppError('unavailable', detail)
  return new AppError('unavailable', `${shownAddress(url)}: ${detail}`, {
    hint: 'Save it as a file first.',
    advice: { kind: 'import' },
  })
}

/** Why nothing was fetched from `url`, which is no source yet. */
export function refusalOf(failed: FetchFailed, url: string, before = ''): AppError {
  const { reason, detail, needs } = failed
  const advice = needs === undefined ? null : { kind: 'give' as const, what: needs, url: shownAddress(url) }
  const hint = sayWhenAgain(failed)
  return new AppError(reason === 'refused' ? 'invalid' : 'unavailable', `${before}${detail}`, { hint, advice })
}

/** What passes by itself needs nothing but patience. */
function sayWhenAgain({ reason, status, retryAfterMs }: FetchFailed): string | undefined {
  if (reason === 'blocked') return undefined
  if (retryAfterMs !== null) return `Try again in ${sayDuration(retryAfterMs)}.`
  const passes = reason === 'throttled' || reason === 'timeout' || (status ?? 0) >= 500
  return passes ? 'Try again later.' : undefined
}
