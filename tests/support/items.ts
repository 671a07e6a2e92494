import { createHash } from 'node:crypto'
import type { ReadDocument, ReadItem } from '../../src/model.ts'
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

function key(kind: string, value: string): string {
  return createHash('sha256').update(`${kind} ${value}`).digest('hex')
}
