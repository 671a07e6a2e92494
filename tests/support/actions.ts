import type { Actions } from '../../src/actions/context.ts'
import type { FetchFailed, FreshDocument } from '../../src/ports.ts'
import { readDocument, readItem } from './items.ts'
import { NOW, openTestStore, silentLog } from './store.ts'

/** Actions on a real store in memory; what the outside answers is given. */
export async function testActions(given: Partial<Actions> = {}): Promise<Actions> {
  return {
    store: await openTestStore(),
    fetch: async (request) => fresh({ url: request.url }),
    post: async () => ({ kind: 'answered', status: 202 }),
    extract: async () => ({ kind: 'unreadable', reason: 'not_a_feed', detail: 'There is no text in it.' }),
    ownerChats: async () => ['terminal'],
    parse: async () => readDocument([readItem({ id: 'one', title: 'One' })], { title: 'Wire' }),
    clock: () => NOW,
    log: silentLog,
    random: () => 0.5,
    timezone: 'UTC',
    ...given,
  }
}

export function fresh(given: Partial<FreshDocument> = {}): FreshDocument {
  return {
    kind: 'fresh',
    url: 'https://example.com/feed',
    contentType: 'application/rss+xml',
    bytes: new Uint8Array([1]),
    validators: { etag: '"a"', lastModified: null },
    bodyHash: 'ab',
    notBeforeMs: 0,
    ...given,
  }
}

export function failed(given: Partial<FetchFailed> = {}): FetchFailed {
  return {
    kind: 'failed',
    reason: 'status',
    detail: 'The server answered 500.',
    status: 500,
    retryAfterMs: null,
    ...given,
  }
}
