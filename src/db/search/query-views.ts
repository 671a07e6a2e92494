import type { Matchable, QueryNode } from '../../model.ts'
import { isNodeMatch } from '../../query/evaluate.ts'
import { EMPTY_ITEM, type ItemView, viewItem } from '../../query/item-view.ts'
import type { Database } from '../sqlite/driver.ts'
import { createPagesOf, type PagesOf } from './text-pages.ts'

/** What a query is told of the store before it is put into SQL. */
export interface QueryViews {
  /**
   * The sources whose every item this part of a query matches, whatever the item says. Asked of each source once, until some
   * source changes, by whatever process: one page puts the same query into SQL some times, and there may be thousands.
   */
  listSources(node: QueryNode): number[]
  /** The languages of stored items that `lang:` means by this one, as they are written there. */
  listLanguages(wanted: string): string[]
  pagesOf: PagesOf
}

interface KnownSource {
  id: number
  /** Ready to be asked. */
  view: ItemView
}

type SourceRow = Omit<Matchable['source'], 'tags'> & { tags: string }

export function createQueryViews(db: Database): QueryViews {
  const { driver } = db
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
  let known: { cursor: number; sources: KnownSource[]; meant: WeakMap<QueryNode, number[]> } | null = null

  return {
    listSources(node) {
      const cursor = newest.get() ?? 0
      if (known?.cursor !== cursor) known = { cursor, sources: all.all().map(toView), meant: new WeakMap() }
      // What is asked of sources has no time in it.
      const ids =
        known.meant.get(node) ?? known.sources.flatMap(({ id, view }) => (isNodeMatch(node, view, 0) ? id : []))
      known.meant.set(node, ids)
      return ids
    },
    listLanguages(wanted) {
      const node = { kind: 'lang' as const, language: wanted }
      return languages.all().filter((language) => isNodeMatch(node, viewItem({ ...EMPTY_ITEM, language }), 0))
    },
    pagesOf: createPagesOf(db),
  }
}

function toView({ tags, ...row }: SourceRow): KnownSource {
  // Written by us, as JSON of a list of texts.
  const source = { ...row, tags: JSON.parse(tags) as string[] }
  return { id: row.id, view: viewItem({ ...EMPTY_ITEM, source }) }
}
