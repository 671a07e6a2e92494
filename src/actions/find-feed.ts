import { AppError } from '../errors.ts'
import type { ReadDocument, Source } from '../model.ts'
import type { FetchFailed, FreshDocument } from '../ports.ts'
import { webAddress } from '../publish/address.ts'
import { discoverFeeds, type FeedCandidate, knownFeedAddress, wellKnownPaths } from '../source/discover.ts'
import type { Actions } from './context.ts'

export type FoundFeed =
  | { kind: 'feed'; url: string; fetched: FreshDocument; document: ReadDocument }
  /** The way led to a source that is there already. */
  | { kind: 'present'; source: Source }
  /** The page at `page` names several, the likeliest first. */
  | { kind: 'choose'; page: string; candidates: FeedCandidate[] }

type Finding = Pick<Actions, 'store' | 'fetch' | 'parse'>

/**
 * The feed an address means, from as few requests as possible: a feed is one; a page is one more for the one feed it
 * names, none for a choice, and up to four for one that names none. Stores nothing. Throws `invalid` for an address we
 * will not fetch, `unavailable` when there is no answer or no feed.
 */
export async function findFeed(ctx: Finding, url: string): Promise<FoundFeed> {
  // In order; what is not asked twice, and what a refusal lists.
  const looked = new Set<string>()
  const shortcut = knownFeedAddress(url)
  if (shortcut !== null) {
    const found = await follow(ctx, shortcut, looked)
    // It is not where such sites keep it: the page itself may say.
    if (found !== null && found.kind !== 'page') return found
  }

  looked.add(url)
  const page = await lookAt(ctx, url)
  if (page.kind === 'feed') return page
  if (page.kind === 'failed') throw refusalOf(page.failed)
  if (page.kind === 'unreadable') throw new AppError('unavailable', page.detail)

  const { candidates, isPage, generator } = discoverFeeds(page)
  if (!isPage) throw new AppError('unavailable', page.detail)
  const found = await choose(ctx, page, withLogin(candidates, url), looked)
  if (found !== null) return found
  return (await guess(ctx, page, generator, url, looked)) ?? refuse(page, looked, url)
}

type Look =
  | Extract<FoundFeed, { kind: 'feed' }>
  | Page
  | { kind: 'unreadable'; detail: string }
  | { kind: 'failed'; failed: FetchFailed }

/** Something that was read and is no feed. */
interface Page {
  kind: 'page'
  /** After redirects. */
  url: string
  bytes: Uint8Array
  contentType: string | null
  bodyHash: string
  detail: string
}

/** One guarded fetch and parse. */
async function lookAt(ctx: Finding, url: string): Promise<Look> {
  const fetched = await ctx.fetch({ url, validators: { etag: null, lastModified: null }, bodyHash: null })
  if (fetched.kind === 'failed') return { kind: 'failed', failed: fetched }
  if (fetched.kind === 'unchanged') {
    return { kind: 'unreadable', detail: `${new URL(url).host} answered "not modified" to a first request.` }
  }
  // The parser may move the bytes into its thread.
  const bytes = fetched.bytes.slice()
  const document = await ctx.parse(fetched)
  if (document.kind === 'read') return { kind: 'feed', url, fetched, document }
  if (document.reason !== 'not_a_feed') return { kind: 'unreadable', detail: document.detail }
  const { contentType, bodyHash } = fetched
  return { kind: 'page', url: fetched.url, bytes, contentType, bodyHash, detail: document.detail }
}

/**
 * Looks at an address a page or a custom gave us. Null when nothing to read is there, or when it is one we refuse: the
 * search goes on. A host that does not answer, or asks us to wait, ends it: throws `unavailable`.
 */
async function follow(ctx: Finding, url: string, looked: Set<string>): Promise<FoundFeed | Page | null> {
  const source = await ctx.store.findSource(url)
  if (source) return { kind: 'present', source }
  looked.add(url)
  const look = await lookAt(ctx, url)
  if (look.kind === 'feed' || look.kind === 'page') return look
  if (look.kind === 'unreadable' || look.failed.reason === 'refused') return null
  if (look.failed.reason === 'status' && !KEPT_OUT.has(look.failed.status ?? 0)) return null
  throw new AppError('unavailable', `Its feed may be ${shown(url)}, but: ${look.failed.detail}`)
}

/** Statuses that mean the client, not the address: asking on would only make it worse. */
const KEPT_OUT = new Set([401, 403, 429])

/** What the candidates of a page lead to: one is followed (to a page of feeds at most), several are a choice. */
async function choose(
  ctx: Finding,
  page: Page,
  candidates: FeedCandidate[],
  looked: Set<string>,
): Promise<FoundFeed | null> {
  const left = candidates.filter(({ url }) => !looked.has(url) && url !== page.url)
  if (left.length > 1) return { kind: 'choose', page: page.url, candidates: left }
  const [only] = left
  if (!only) return null

  const found = await follow(ctx, only.url, looked)
  if (found?.kind !== 'page') return found
  // "RSS" in a menu often leads to a list of feeds: it is here already, and costs no request.
  const listed = withLogin(discoverFeeds(found).candidates, only.url).filter(({ url }) => !looked.has(url))
  if (listed.length > 1) return { kind: 'choose', page: found.url, candidates: listed }
  const last = listed[0] && (await follow(ctx, listed[0].url, looked))
  return last && last.kind !== 'page' ? last : null
}

/** The first feed at a customary path; null when there is none. */
async function guess(
  ctx: Finding,
  page: Page,
  generator: string | null,
  asked: string,
  looked: Set<string>,
): Promise<FoundFeed | null> {
  const addresses = withLogin(
    wellKnownPaths(page.url, generator).map((url) => ({ url, title: null, format: null })),
    asked,
  )
  for (const { url } of addresses) {
    if (looked.has(url)) continue
    const found = await follow(ctx, url, looked)
    if (found !== null && found.kind !== 'page') return found
    // A host that answers everything with its front page says nothing more to the next question.
    if (found?.bodyHash === page.bodyHash) return null
  }
  return null
}

function refuse(page: Page, looked: Set<string>, asked: string): never {
  const others = [...looked].filter((url) => url !== asked).map(shown)
  const also = others.length === 0 ? '' : ` No feed is at ${others.join(', ')} either.`
  throw new AppError('unavailable', `${shown(page.url)} is a web page, not a feed, and names none.${also}`, {
    hint: 'Look for a link named RSS, Atom or Feed on it and give its address.',
  })
}

function refusalOf(failed: FetchFailed): AppError {
  return new AppError(failed.reason === 'refused' ? 'invalid' : 'unavailable', failed.detail)
}

/** The name and password of the address we were given go on to its own origin, and nowhere else. */
function withLogin(candidates: FeedCandidate[], given: string): FeedCandidate[] {
  const { origin, username, password } = new URL(given)
  if (username === '' && password === '') return candidates
  return candidates.map((candidate) => {
    const url = new URL(candidate.url)
    if (url.origin !== origin) return candidate
    url.username = username
    url.password = password
    return { ...candidate, url: url.href }
  })
}

/** For a message: without the user and password it may hold. */
function shown(url: string): string {
  return webAddress(url) ?? new URL(url).host
}
