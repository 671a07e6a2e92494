import { publisherOf } from '../../story/publisher.ts'
import type { Database } from '../sqlite/driver.ts'
import { membersOf } from '../sqlite/schema.ts'

/** How many independent publishers carry a story; 0 where nothing of it is left. */
export type PublisherCount = (story: number) => number

export function createPublisherCount({ driver }: Database): PublisherCount {
  // One item stands for all that one source has at one origin: a story may have hundreds.
  const perOrigin = driver.prepare<{ itemUrl: string | null; siteUrl: string | null; url: string; host: string }>(
    `SELECT min(items.url) AS itemUrl, sources.site_url AS siteUrl, sources.url, sources.host
     FROM items JOIN sources ON sources.id = items.source_id WHERE items.place IN (${membersOf(':story')})
     GROUP BY items.source_id, substr(items.url, 1, 8 + instr(substr(items.url, 9), '/'))`,
  )
  return (story) => {
    const rows = perOrigin.all({ story })
    return new Set(rows.map(({ itemUrl, ...source }) => publisherOf({ url: itemUrl, source }))).size
  }
}
