import type { Matchable } from '../../model.ts'
import { isNodeMatch } from '../../query/evaluate.ts'
import { type ItemView, viewItem } from '../../query/item-view.ts'
import type { Database } from '../sqlite/driver.ts'

/** What a query is told of the store before it is put into SQL. */
export interface QueryViews {
  /** Ready to be asked; read anew only when some source changed, by whatever process. */
  listSources(): { id: number; view: ItemView }[]
  /** The languages of stored items that `lang:` means by this one, as they are written there. */
  listLanguages(wanted: string): string[]
  /**
   * How much of the full text stands under this word, in pages of 4 KB: a million items have some 300,000. Of all that begin
   * with it, which have to be put together: as much of one word as takes as long. Nothing of it is read for that. What was
   * reckoned is kept for a minute: to reckon takes as long as a common word's newest items, and a page asks for its list,
   * its count and its stories by the same words.
   */
  pagesOf(word: string, isPrefix: boolean): number
}

type SourceRow = Omit<Matchable['source'], 'tags'> & { tags: string }

export function createQueryViews({ driver, clock }: Database): QueryViews {
  const newest = driver.prepare<number | null>("SELECT max(id) FROM changes WHERE kind = 'source'").pluck()
  const all = driver.prepare<SourceRow>(
    `SELECT id, url, host, coalesce(given_title, found_title, host) AS title, tags, site_url AS siteUrl FROM sources`,
  )
  // From one to the next: there are few, and many items of each.
  const languages = driver
    .prepare<string>(
      `WITH RECURSIVE known(language) AS (
         SELECT min(language) FROM items WHERE language IS NOT NULL
         UNION ALL
         SELECT (SELECT min(items.language) FROM items WHERE items.language > known.language)
           FROM known WHERE known.language IS NOT NULL
       ) SELECT language FROM known WHERE language IS NOT NULL`,
    )
    .pluck()
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
  let known: { cursor: number; sources: { id: number; view: ItemView }[] } | null = null
  const pages = { of: new Map<string, number>(), since: 0 }

  return {
    listSources() {
      const cursor = newest.get() ?? 0
      if (known?.cursor !== cursor) known = { cursor, sources: all.all().map(toView) }
      return known.sources
    },
    listLanguages(wanted) {
      const node = { kind: 'lang' as const, language: wanted }
      return languages.all().filter((language) => isNodeMatch(node, viewItem({ ...EMPTY, language }), 0))
    },
    pagesOf(word, isPrefix) {
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
    },
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

function toView({ tags, ...row }: SourceRow): { id: number; view: ItemView } {
  // Written by us, as JSON of a list of texts.
  const source = { ...row, tags: JSON.parse(tags) as string[] }
  return { id: row.id, view: viewItem({ ...EMPTY, source }) }
}

/** An item that says nothing: what matches it lies in its source, or in what is put in. */
const EMPTY: Matchable = {
  title: '',
  text: '',
  tokens: { title: '', text: '' },
  url: null,
  authors: [],
  categories: [],
  enclosures: [],
  language: null,
  publishedAt: null,
  firstSeenAt: 0,
  source: { id: 0, title: '', url: '', host: '', tags: [], siteUrl: null },
}
