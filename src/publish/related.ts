import type { Item, RelatedItem } from '../model.ts'
import { cleanLine } from './xml.ts'

/** Who else carries a story. */
interface OtherSources {
  /** Of each source its earliest item, the earliest source first. */
  named: RelatedItem[]
  /** How many sources there are besides the item's own; with `isMore`, at least. */
  count: number
  isMore: boolean
  /** What is said of those without a name: "and 2 more", "and others"; empty when all have one. */
  rest: string
}

/**
 * The other sources of an item's story, the first `most` of them by name. Sources are one when people cannot tell them
 * apart, by the title they go by; the item's own is not among them.
 */
export function otherSources(item: Pick<Item, 'source' | 'related' | 'relatedCount'>, most: number): OtherSources {
  const titles = new Set([sourceTitle(item)])
  const others = item.related.filter((related) => {
    const title = sourceTitle(related)
    if (related.source.id === item.source.id || titles.has(title)) return false
    titles.add(title)
    return true
  })
  const named = others.slice(0, most)
  const { sources: count, isMore } = item.relatedCount ?? { sources: others.length, isMore: false }
  const unnamed = count - named.length
  const rest = unnamed <= 0 ? '' : isMore ? 'and others' : `and ${unnamed} more`
  return { named, count, isMore, rest }
}

/** What a source goes by, one line: its title, else its host. */
export function sourceTitle({ source }: Pick<Item, 'source'>): string {
  return cleanLine(source.title) || cleanLine(source.host)
}
