import type { Database } from '../sqlite/driver.ts'

/**
 * How much of the full text stands under a word, in pages of 4 KB: a million items have some 300,000. Of all that begin
 * with it, which have to be put together: as much of one word as takes as long. Nothing of it is read for that. What was
 * reckoned is kept for a minute: to reckon takes as long as a common word's newest items, and a page asks for its list,
 * its count and its stories by the same words.
 */
export type PagesOf = (word: string, isPrefix: boolean) => number

/** They grow by some per cent a day, and decide on the way alone. */
const PAGES_KEPT_MS = 60_000
/** So many words' pages. */
const MOST_PAGES_KEPT = 1_000
/** So many need no closer look. */
const FEW_PAGES = 200
const ROWS = 500
const PAGES_OF_ROWS = 3
/** A page on which words begin is one of many short rows, which take longer to be merged than one that is long. */
const BEGINNING = 3
const LAST_CHARACTER = '\u{10ffff}'

/** See `PagesOf`. */
export function createPagesOf({ driver, clock }: Database): PagesOf {
  // Rows of `instance` come one by one: the first says which term is the next, whatever stands under it.
  driver.exec('CREATE VIRTUAL TABLE IF NOT EXISTS temp.items_text_terms USING fts5vocab(main, items_text, instance)')
  const termFrom = driver.prepare<string>('SELECT term FROM items_text_terms WHERE term >= ? LIMIT 1').pluck()
  const rowsOf = driver
    .prepare<number>('SELECT count(*) FROM (SELECT 1 FROM items_text WHERE items_text MATCH ? LIMIT ?)')
    .pluck()
  // The full text's own index says on which page of each of its segments a term begins: the pages between two terms hold
  // what stands under those between them, and nothing of it needs to be read. Terms of words begin with a zero there.
  const pageOf = (which: string) => `(SELECT pgno >> 1 FROM items_text_idx WHERE segid = id AND term ${which} LIMIT 1)`
  const overSegments = (pages: string) =>
    driver
      .prepare<number>(
        `WITH RECURSIVE segments(id) AS (
           SELECT min(segid) FROM items_text_idx
           UNION ALL
           SELECT (SELECT min(segid) FROM items_text_idx WHERE segid > id) FROM segments WHERE id IS NOT NULL
         ) SELECT coalesce(sum(${pages}), 0) FROM segments WHERE id IS NOT NULL`,
      )
      .pluck()
  const pagesOfMany = overSegments(
    `${pageOf('<= :after ORDER BY term DESC')} - ${pageOf('<= :from ORDER BY term DESC')}
     + ${BEGINNING} * (SELECT count(*) FROM items_text_idx WHERE segid = id AND term > :from AND term <= :after)`,
  )
  const pagesOfOne = overSegments(`${pageOf('> :from ORDER BY term')} - ${pageOf('<= :from ORDER BY term DESC')}`)
  const pages = { of: new Map<string, number>(), since: 0 }

  return function pagesOf(word, isPrefix) {
    const now = clock()
    // Either way: a clock may be set back.
    if (Math.abs(now - pages.since) >= PAGES_KEPT_MS || pages.of.size >= MOST_PAGES_KEPT) {
      pages.of.clear()
      pages.since = now
    }
    const key = isPrefix ? `${word}*` : word
    const reckoned = pages.of.get(key) ?? (isPrefix ? pagesOfPrefix(word) : pagesOfWord(word))
    pages.of.set(key, reckoned)
    return reckoned
  }

  function pagesOfWord(word: string): number {
    const pages = pagesOfOne.get({ from: Buffer.from(`0${word}`) }) ?? 0
    // They may be those of another, that begins on the same page.
    if (pages <= FEW_PAGES) return pages
    return (rowsOf.get(`"${word}"`, ROWS) ?? 0) < ROWS ? PAGES_OF_ROWS : pages
  }

  function pagesOfPrefix(prefix: string): number {
    const first = termFrom.get(prefix) ?? ''
    if (!first.startsWith(prefix)) return 0
    const after = termFrom.get(prefix + LAST_CHARACTER) ?? LAST_CHARACTER
    return pagesOfMany.get({ from: Buffer.from(`0${first}`), after: Buffer.from(`0${after}`) }) ?? 0
  }
}
