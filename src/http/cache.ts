import type { Clock, Store } from '../ports.ts'
import { MINUTE_MS } from '../time.ts'
import { type Representation, represent } from './representation.ts'

/** Documents that are made once per version and served from memory, the most recently used of them. */
export interface DocumentCache {
  /** The document `key` in this version; `make` is called when it is not there, once for all who wait for it. */
  get(key: string, version: string, make: () => Promise<string>): Promise<Representation>
}

/** The version of what says how long ago things were, or asks `within:`: it changes with the store, and every minute. */
export async function versionAt(now: number, store: Pick<Store, 'revision'>): Promise<string> {
  return `${await store.revision()} ${Math.floor(now / MINUTE_MS)}`
}

export function createDocumentCache(contentType: string, maxDocuments: number, clock: Clock): DocumentCache {
  // The first key is the one unused for longest.
  const kept = new Map<string, { version: string; document: Promise<Representation> }>()

  async function renew(make: () => Promise<string>, previous: Promise<Representation> | undefined) {
    const [body, before] = await Promise.all([make(), previous?.catch(() => undefined)])
    return represent(body, contentType, clock(), before)
  }

  return {
    get(key, version, make) {
      const known = kept.get(key)
      const entry = known?.version === version ? known : { version, document: renew(make, known?.document) }
      kept.delete(key)
      kept.set(key, entry)
      for (const oldest of kept.keys()) {
        if (kept.size <= maxDocuments) break
        kept.delete(oldest)
      }
      // What failed is not kept: the next who asks tries again.
      entry.document.catch(() => kept.get(key) === entry && kept.delete(key))
      return entry.document
    },
  }
}
