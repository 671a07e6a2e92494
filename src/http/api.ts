import type { Item, Source } from '../model.ts'
import { webAddress } from '../publish/address.ts'
import type { SafeHtmlCache } from '../publish/safe-html.ts'
import { formatDuration, formatIso } from '../time.ts'

/** An item as JSON: the fields of `parse`, and where it stands. Its HTML has passed the gate. */
export function itemAsJson(item: Item, cache: SafeHtmlCache) {
  return {
    id: item.id,
    url: item.url,
    title: item.title,
    content: item.content === null ? null : cache.get(item, 'content', item.content),
    summary: item.summary === null ? null : cache.get(item, 'summary', item.summary),
    published: formatIso(item.publishedAt),
    updated: formatIso(item.updatedAt),
    author: item.authors.join(', ') || null,
    categories: item.categories,
    enclosures: item.enclosures,
    language: item.language,
    source: webAddress(item.source.url),
    sourceTitle: item.source.title,
    story: item.story,
    place: item.place,
    calledBy: item.calledBy,
  }
}

/** A source as JSON. Its address is shown without user and password. */
export function sourceAsJson(source: Source & { items: number; newestAt: number | null }) {
  return {
    number: source.id,
    url: webAddress(source.url),
    title: source.title,
    site: webAddress(source.siteUrl),
    format: source.format,
    language: source.language,
    tags: source.tags,
    state: source.state,
    every: source.everyMs === null ? null : formatDuration(source.everyMs),
    items: source.items,
    newest: formatIso(source.newestAt),
    polled: formatIso(source.polledAt),
    succeeded: formatIso(source.succeededAt),
    nextPoll: formatIso(source.nextPollAt),
    failures: source.failures,
    trouble: source.trouble,
  }
}
