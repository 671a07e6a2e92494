import type { Item, Source } from '../model.ts'
import { formatDuration, formatIso } from '../time.ts'
import { webAddress } from './address.ts'

/** An item as people's scripts know it: the fields of `parse` of source/parse.ts, HTML as it was published, and `source` (its address) and `story`. */
export function itemAsJson(item: Item) {
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
    source: webAddress(item.source.url),
    story: item.story,
  }
}

/** A source likewise; its address without user and password, which `crier export` alone gives away. */
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
