import { AppError, describeError } from '../errors.ts'
import type { ReadDocument, Source } from '../model.ts'
import type { SourcePatch } from '../ports.ts'
import type { FeedCandidate } from '../source/discover.ts'
import { formatOpml, parseOpml } from '../source/opml.ts'
import type { Actions } from './context.ts'
import { findFeed } from './find-feed.ts'
import { storeDocument } from './poll.ts'

export interface SourceWish {
  url: string
  title?: string | undefined
  tags?: string[] | undefined
  everyMs?: number | undefined
}

/** What became of a wish for a source. */
export type Added =
  /** `document`: what the first look found. */
  | { kind: 'added'; source: Source; document: ReadDocument }
  /** It was there already, untouched. */
  | { kind: 'present'; source: Source }
  /** The address is a page's that names several feeds, the likeliest first: one must be chosen. Nothing was added. */
  | { kind: 'choose'; page: string; candidates: FeedCandidate[] }

/**
 * Adds a source: a feed's address is fetched once; a page leads to the one feed it names, with one more request, or to a
 * choice. What the feed holds is stored as the quiet baseline. Throws `invalid` for an address we will not fetch,
 * `unavailable` when there is no answer or no feed.
 */
export async function addSource(ctx: Actions, wish: SourceWish): Promise<Added> {
  const url = parseAddress(wish.url)
  const known = await ctx.store.findSource(url)
  if (known) return { kind: 'present', source: known }

  const found = await findFeed(ctx, url)
  if (found.kind !== 'feed') return found
  const { fetched, document } = found
  const now = ctx.clock()
  const { source, added } = await ctx.store.addSource({ ...newSource(found.url, wish), found: document }, now)
  if (!added) return { kind: 'present', source }
  const [claimed] = await ctx.store.claimSources([source.id], now, 60_000, { force: true })
  // Where the service was quicker, it stores the baseline by itself.
  if (!claimed) return { kind: 'added', source, document }

  await storeDocument(ctx, claimed, fetched, document)
  return { kind: 'added', source: (await ctx.store.findSource(source.id)) ?? source, document }
}

/** By number or address. Throws `not_found`. */
export async function getSource(ctx: Pick<Actions, 'store'>, ref: string): Promise<Source> {
  const isNumber = /^\d+$/.test(ref)
  const found = await ctx.store.findSource(isNumber ? Number(ref) : parseAddress(ref))
  if (found) return found
  throw new AppError('not_found', `There is no source ${ref}.`, { hint: 'crier source list shows them all.' })
}

/** Throws `not_found`, and `conflict` when another source has the new address. */
export async function changeSource(ctx: Actions, ref: string, patch: SourcePatch): Promise<Source> {
  const source = await getSource(ctx, ref)
  const checked = patch.url === undefined ? patch : { ...patch, url: parseAddress(patch.url) }
  return ctx.store.changeSource(source.id, checked, ctx.clock())
}

/** Its items and identities stay; its address added again continues it. Throws `not_found`. */
export async function removeSource(ctx: Actions, ref: string): Promise<Source> {
  return changeSource(ctx, ref, { state: 'removed' })
}

/** Adds every feed of an OPML document without fetching; the service polls them when it runs. Throws `invalid` for what is no OPML. */
export async function importOpml(
  ctx: Actions,
  text: string,
  onProgress: (done: number, total: number) => void,
): Promise<{ added: string[]; present: string[]; failed: { url: string; reason: string }[] }> {
  const outlines = parseOpml(text)
  const summary = { added: [] as string[], present: [] as string[], failed: [] as { url: string; reason: string }[] }
  let done = 0
  const addOne = async (outline: (typeof outlines)[number]) => {
    try {
      const url = parseAddress(outline.url)
      const wish = { url, title: outline.title ?? undefined, tags: outline.tags }
      const { added } = await ctx.store.addSource({ ...newSource(url, wish), found: null }, ctx.clock())
      summary[added ? 'added' : 'present'].push(url)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      summary.failed.push({ url: outline.url, reason: describeError(error) })
    }
    done += 1
    onProgress(done, outlines.length)
  }
  // Together, so that they share commits: a thousand sources are then some fifty of them.
  for (let start = 0; start < outlines.length; start += 50) {
    await Promise.all(outlines.slice(start, start + 50).map(addOne))
  }
  return summary
}

/** All sources that are not removed, as OPML 2.0. */
export async function exportOpml(ctx: Pick<Actions, 'store'>): Promise<string> {
  return formatOpml(await ctx.store.listSources(), 'Crier')
}

function newSource(url: string, wish: SourceWish) {
  return {
    url,
    givenTitle: wish.title?.trim() || null,
    tags: [...new Set((wish.tags ?? []).map((tag) => tag.trim()).filter((tag) => tag !== ''))],
    everyMs: wish.everyMs ?? null,
  }
}

/** Any spelling a person may type, as the one we store: https where nothing is said, no fragment. Throws `invalid`. */
export function parseAddress(text: string): string {
  const trimmed = text.trim()
  const spelled = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  const url = URL.canParse(spelled) ? new URL(spelled) : null
  if (url && /^https?:$/.test(url.protocol) && /[.:]|^localhost$/.test(url.hostname)) {
    url.hash = ''
    return url.href
  }
  throw new AppError('invalid', `"${trimmed.slice(0, 200)}" is not a web address.`, {
    hint: 'Example: https://example.com/feed.xml',
  })
}
