import type { Matchable } from '../model.ts'
import { type ItemView, viewItem } from '../query/evaluate.ts'
import type { Database } from './driver.ts'

/** What queries ask of sources, ready to be asked; read anew only when some source changed, by whatever process. */
export interface SourceView {
  list(): { id: number; view: ItemView }[]
}

type SourceRow = Omit<Matchable['source'], 'tags'> & { tags: string }

export function createSourceView({ driver }: Database): SourceView {
  const newest = driver.prepare<number | null>("SELECT max(id) FROM changes WHERE kind = 'source'").pluck()
  const all = driver.prepare<SourceRow>(
    `SELECT id, url, host, coalesce(given_title, found_title, host) AS title, tags, site_url AS siteUrl FROM sources`,
  )
  let known: { cursor: number; sources: { id: number; view: ItemView }[] } | null = null

  return {
    list() {
      const cursor = newest.get() ?? 0
      if (known?.cursor !== cursor) known = { cursor, sources: all.all().map(toView) }
      return known.sources
    },
  }
}

function toView({ tags, ...row }: SourceRow): { id: number; view: ItemView } {
  // Written by us, as JSON of a list of texts.
  const source = { ...row, tags: JSON.parse(tags) as string[] }
  return { id: row.id, view: viewItem({ ...EMPTY, source }) }
}

/** An item that says nothing: what matches it lies in its source. */
const EMPTY: Omit<Matchable, 'source'> = {
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
}
