import type { ReadItem } from '../../model.ts'
import { urlStream } from '../../query/addresses.ts'
import { TAGS_BEGIN, tokenStream } from '../../text/tokens.ts'
import type { Database } from '../sqlite/driver.ts'

/** The full text of the items, by place. */
export interface TextTable {
  /** Cheapest at the end of a transaction, in ascending order of places. */
  insert(place: number, item: TextOf): void
  /** For an item that may be there already. */
  replace(place: number, item: TextOf): void
}

export function createTextTable({ driver }: Database): TextTable {
  const columns = 'INTO items_text (rowid, title, body, author, tag, url) VALUES (?, ?, ?, ?, ?, ?)'
  const insert = driver.prepare(`INSERT ${columns}`)
  const replace = driver.prepare(`INSERT OR REPLACE ${columns}`)
  const each = (texts: string[]) => texts.map(tokenStream).join(SEPARATOR)
  // A JS number is bound as a float, and full text takes a float for "no rowid given".
  const row = (place: number, { tokens, authors, categories, url }: TextOf) =>
    [BigInt(place), tokens.title, tokens.text, each(authors), each(categories), urlStream(url ?? '')] as const
  return {
    insert: (place, item) => void insert.run(...row(place, item)),
    replace: (place, item) => void replace.run(...row(place, item)),
  }
}

type TextOf = Pick<ReadItem, 'tokens' | 'authors' | 'categories' | 'url'>

/** No query makes this token, so no phrase runs across it. */
const SEPARATOR = ` ${TAGS_BEGIN} `
