import { hash } from 'node:crypto'
import type { ItemKeys, ReadItem } from '../model.ts'
import { canonicalUrl, withoutTracking } from './url.ts'

/**
 * The names by which an item is known again within its source, each a SHA-256 in hex. The three can never meet: each
 * begins with what it is made of. The content's has no dates in it, nor has it tracking parameters, in links within the text
 * either: a source that stamps every answer edits nothing.
 */
export function itemKeys(item: Omit<ReadItem, 'keys' | 'text' | 'tokens'>): ItemKeys {
  const url = item.url === null ? null : canonicalUrl(item.url)
  return {
    id: item.id === null ? null : idKey(item.id),
    url: url === null ? null : urlKey(url),
    content: digest([
      'content',
      url ?? '',
      item.title,
      withoutTracking(item.content ?? ''),
      withoutTracking(item.summary ?? ''),
      list(item.authors),
      list(item.categories),
      list(
        item.enclosures.map(({ url, type, length }) => list([withoutTracking(url), type ?? '', String(length ?? '')])),
      ),
    ]),
  }
}

/** Of what a document calls it. */
export function idKey(id: string): string {
  return digest(['id', id])
}

/** Of a canonical address. */
export function urlKey(canonical: string): string {
  return digest(['url', canonical])
}

/** The length before each part keeps ["ab", "c"] and ["a", "bc"] apart. */
function list(parts: string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('')
}

function digest(parts: string[]): string {
  return hash('sha256', list(parts), 'hex')
}
