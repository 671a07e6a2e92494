import type { Access, Item, PageRules, ReadDocument, ReadItem, Source, Status } from '../model.ts'
import { formatDuration, formatIso } from '../time.ts'
import { webAddress } from './address.ts'

/**
 * An item as people's scripts know it: the fields of `parse` of source/parse.ts, HTML as it was published, `source` (its
 * address), `story`, and `related`: who else tells it, the earliest first.
 */
export function itemAsJson(item: Item) {
  return {
    ...contentAsJson(item),
    source: webAddress(item.source.url),
    story: item.story,
    related: item.related.map(({ url, title, source }) => ({ url, title, source: webAddress(source.url) })),
  }
}

/** A document as `parse` gives it; of a page, the `rules` by which its entries were found, too. */
export function documentAsJson({ title, link, language, items, page }: ReadDocument) {
  return { title, link, language, ...(page && { rules: rulesAsJson(page) }), items: items.map(contentAsJson) }
}

/** What `page/` notes beside them for itself is nobody's business. */
function rulesAsJson({ entry, link, title, date, summary, auto }: PageRules) {
  return { entry, link, title, date, summary, auto }
}

function contentAsJson(item: Omit<ReadItem, 'tokens' | 'keys'>) {
  return {
    id: item.id,
    url: item.url,
    title: item.title,
    content: item.content,
    summary: item.summary,
    published: formatIso(item.publishedAt),
    updated: formatIso(item.updatedAt),
    author: item.authors.join(', ') || null,
    categories: item.categories,
    enclosures: item.enclosures,
  }
}

/**
 * A source likewise; its address without user and password, and of what goes with its requests only the names of the
 * headers and the proxy's host. `needs` is what would help against its trouble, where a person can give it.
 */
export function sourceAsJson(source: Source & { items: number; newestAt: number | null }) {
  return {
    number: source.id,
    kind: source.kind,
    url: webAddress(source.url),
    title: source.title,
    site: webAddress(source.siteUrl),
    format: source.format,
    language: source.language,
    tags: source.tags,
    state: source.state,
    every: source.everyMs === null ? null : formatDuration(source.everyMs),
    rules: source.pageRules && rulesAsJson(source.pageRules),
    fullText: source.fullText,
    access: accessAsJson(source.access),
    usualGap: source.rhythm.gapMs === null ? null : formatDuration(source.rhythm.gapMs),
    move: source.move && { ...source.move, url: webAddress(source.move.url) },
    hub: source.hub && webAddress(source.hub.url),
    pushedUntil: formatIso(source.pushedUntil),
    items: source.items,
    newest: formatIso(source.newestAt),
    polled: formatIso(source.polledAt),
    succeeded: formatIso(source.succeededAt),
    nextPoll: formatIso(source.nextPollAt),
    failures: source.failures,
    trouble: source.trouble,
    needs: source.needs,
    told: source.told,
  }
}

function accessAsJson(access: Access | null) {
  return access && { headers: Object.keys(access.headers), proxy: access.proxy && new URL(access.proxy).host }
}

/** How things are. */
export function statusAsJson({ lastPollAt, lastAlertAt, ...counts }: Status) {
  return { ...counts, lastPoll: formatIso(lastPollAt), lastAlert: formatIso(lastAlertAt) }
}
