import { createHash } from 'node:crypto'
import { UNKNOWN_RHYTHM } from '../../src/db/sources/source-rows.ts'
import type { ReadDocument, ReadItem, Source } from '../../src/model.ts'
import { tokenStream } from '../../src/text/tokens.ts'

/** One item as `normalize` gives it: say what matters, the rest is plain. The text is the content without its tags. */
export function readItem(
  given: Partial<Omit<ReadItem, 'tokens' | 'keys'>> & { keys?: Partial<ReadItem['keys']> } = {},
): ReadItem {
  const { keys, ...said } = given
  const item = {
    id: null,
    url: null,
    title: 'An item',
    content: null,
    summary: null,
    publishedAt: null,
    updatedAt: null,
    authors: [],
    categories: [],
    enclosures: [],
    language: null,
    text: (said.content ?? said.summary ?? '').replace(/<[^>]*>/g, ''),
    ...said,
  }
  const { id, url, title, content, summary, text } = item
  return {
    ...item,
    tokens: { title: tokenStream(title), text: tokenStream(text) },
    keys: {
      id: id === null ? null : key('id', id),
      url: url === null ? null : key('url', url),
      content: key('content', JSON.stringify([title, content, summary, text, url, item.authors, item.categories])),
      ...keys,
    },
  }
}

/** A document of these items, as the parser gives it. */
export function readDocument(items: ReadItem[], given: Partial<Omit<ReadDocument, 'items'>> = {}): ReadDocument {
  return {
    kind: 'read',
    format: 'RSS 2.0',
    title: null,
    link: null,
    language: null,
    truncated: false,
    ...given,
    items,
  }
}

/** A feed that is new, and was asked for nothing yet. */
export function plainSource(given: Partial<Source> = {}): Source {
  return {
    ...{ id: 1, kind: 'feed', url: 'https://example.com/feed', host: 'example.com', title: 'Wire', givenTitle: null },
    ...{ siteUrl: null, language: null, format: null, tags: [], everyMs: null, state: 'active', baselineDue: false },
    ...{
      validators: { etag: null, lastModified: null },
      bodyHash: null,
      parserVersion: null,
      addedAt: 0,
      polledAt: null,
    },
    ...{ succeededAt: null, nextPollAt: 0, failures: 0, trouble: null, needs: null, pageRules: null, fullText: false },
    ...{ access: null, rhythm: UNKNOWN_RHYTHM, move: null, told: [], hub: null, pushedUntil: null },
    ...given,
  }
}

function key(kind: string, value: string): string {
  return createHash('sha256').update(`${kind} ${value}`).digest('hex')
}
