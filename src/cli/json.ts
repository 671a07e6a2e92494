import type { Alert, Item, Source, Watch } from '../model.ts'
import { webAddress } from '../publish/address.ts'
import { formatDuration, formatIso } from '../time.ts'
import type { CliIo } from './io.ts'

/** Writes one JSON document, and nothing else, to standard output. Valid everywhere, and inert on a terminal. */
export function printJson(io: CliIo, document: object): void {
  const json = JSON.stringify(document, null, 2)
  // JSON leaves DEL, C1 (a terminal takes 0x9b for the beginning of a command) and turned directions as they are.
  const inert = json.replace(/[\u007F-\u009F\u2028-\u202E\u2066-\u2069]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  io.out(`${inert}\n`)
}

/** The fields of `parse` of source/parse.ts, HTML as it was published, and `source` and `story`. */
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

export function alertAsJson(alert: Alert) {
  const watches = alert.hits.map((hit) => hit.watch.query)
  return {
    watch: watches[0] ?? null,
    watches,
    chat: alert.chat,
    state: alert.state,
    created: formatIso(alert.createdAt),
    sent: formatIso(alert.sentAt),
    item: itemAsJson(alert.item),
  }
}

export function watchAsJson(watch: Watch) {
  return { number: watch.number, chat: watch.chat, query: watch.query, created: formatIso(watch.createdAt) }
}

/** As the HTTP API shows it; its address without user and password, which `export` alone gives away. */
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
