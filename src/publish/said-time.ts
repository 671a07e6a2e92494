import type { Item } from '../model.ts'
import { HOUR_MS } from '../time.ts'

/**
 * When an item says that it was published; Atom asks for the last change only (GitHub's releases). Null where that is missing,
 * impossible or still to come.
 */
export function saidTime({
  publishedAt,
  updatedAt,
  revisedAt,
  firstSeenAt,
}: Pick<Item, 'publishedAt' | 'updatedAt' | 'revisedAt' | 'firstSeenAt'>): number | null {
  const time = publishedAt ?? (revisedAt === null ? updatedAt : null)
  return time === null || time <= 0 || time > firstSeenAt + HOUR_MS ? null : time
}
