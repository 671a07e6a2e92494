import type { Enclosure, Query, QueryNode } from '../../model.ts'
import type { StoredItem } from '../../ports.ts'
import { urlStream } from '../../query/addresses.ts'
import { urlKey } from '../../source/identity.ts'
import { canonicalUrl } from '../../source/url.ts'
import type { ItemReader } from '../items/items.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Walk } from './search-walk.ts'

/** So long the words of an address are looked for, before its names are. */
const ADDRESS_MS = 15
/** So many items of one address are listed. */
const MOST_OF_URL = 50
/** So many of the newest items with a recording are asked whether it is theirs. */
const MOST_ENCLOSED = 5_000

/** See `Store.findItemsByUrl`. */
export function createUrlSearch(
  { driver, clock }: Database,
  reader: ItemReader,
  walk: Walk,
): (url: string) => StoredItem[] {
  const urlOf = driver.prepare<string | null>('SELECT url FROM items WHERE place = ?').pluck()
  const namedBy = driver
    .prepare<number>(
      'SELECT place FROM sources CROSS JOIN identities ON identities.source_id = sources.id AND identities.key = ?',
    )
    .pluck()

  const enclosed = driver.prepare<{ place: number; enclosures: string }>(
    `SELECT place, enclosures FROM (SELECT place, enclosures FROM items INDEXED BY items_enclosed WHERE enclosures <> '[]'
       ORDER BY place DESC LIMIT ${MOST_ENCLOSED}) WHERE instr(enclosures, ?)`,
  )

  /** Every spelling of the address has its last part. */
  function listEnclosed(wanted: string): number[] {
    const [path = ''] = wanted.split('?', 1)
    const parts = path.split('/').filter((part) => part !== '')
    return enclosed.all(parts.at(-1) ?? '').flatMap(({ place, enclosures }) => {
      // Written by us, and of this shape.
      const files = JSON.parse(enclosures) as Enclosure[]
      return files.some((file) => canonicalUrl(file.url) === wanted) ? [place] : []
    })
  }

  return function findByUrl(url) {
    const wanted = canonicalUrl(url)
    const query = addressQuery(wanted)
    const found = new Set<number>()
    if (!query) return []
    const isOne = (place: number) => canonicalUrl(urlOf.get(place) ?? '') === wanted
    const isEnough = () => found.size >= MOST_OF_URL
    const before = Number.MAX_SAFE_INTEGER
    const way = walk({ query, now: 0, before, stopAt: clock() + ADDRESS_MS, isEnough }, (place) => {
      if (!isOne(place)) return false
      found.add(place)
      return true
    })
    if (way.end === 'time' || found.size === 0) {
      // Its words are those of thousands (a front page): by name there is one in each source.
      const named = namedBy.all(Buffer.from(urlKey(wanted), 'hex'))
      const there = named.filter(isOne)
      // Else what stood there before its source gave it another address.
      for (const place of found.size === 0 && there.length === 0 ? named : there) found.add(place)
    }
    if (found.size === 0) for (const place of listEnclosed(wanted)) found.add(place)
    return [...found]
      .sort((a, b) => b - a)
      .slice(0, MOST_OF_URL)
      .flatMap((place) => reader.findStored(place) ?? [])
  }
}

/** What an address has all words of, whatever else stands between them, may be another version of the same page. */
function addressQuery(url: string): Query | null {
  const tokens = new Set(urlStream(url.replace(/^https?:/, '')).split(' '))
  tokens.delete('')
  const nodes = [...tokens].map(
    (token): QueryNode => ({ kind: 'words', field: 'url', tokens: [token], prefix: false, written: token }),
  )
  return nodes.length === 0 ? null : { text: url, root: { kind: 'and', nodes } }
}
