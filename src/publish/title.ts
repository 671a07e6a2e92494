import type { Item } from '../model.ts'
import { webAddress } from './address.ts'
import { sourceTitle } from './related.ts'
import { cleanLine, cleanXml } from './xml.ts'

/** The title for people, one line, never empty: what an untitled item says first, else its address, else its source. */
export function itemTitle(item: Pick<Item, 'title' | 'text' | 'url' | 'source'>): string {
  return cleanLine(item.title) || excerpt(item.text, 90) || webAddress(item.url) || sourceTitle(item)
}

/** The beginning of a text as one line of at most `maxChars`, cut between words where there are any, with "…" when cut. */
export function excerpt(text: string, maxChars: number): string {
  // Cut first: cleaning a whole book for two lines of it would cost its length.
  const line = cleanLine(text.slice(0, maxChars * 4))
  if (line.length <= maxChars) return line
  const cut = cleanXml(line.slice(0, maxChars - 1))
  const space = cut.lastIndexOf(' ')
  return `${(space > maxChars / 2 ? cut.slice(0, space) : cut).replace(/[\s,;:.，。、；：]+$/u, '')}…`
}
