import type { Item } from '../model.ts'
import { itemAsJson } from '../publish/json.ts'
import type { SafeHtmlCache } from '../publish/safe-html.ts'

/** An item for the API: what the command line prints of it, its HTML passed through the gate, and where it stands. */
export function itemForApi(item: Item, cache: SafeHtmlCache) {
  return {
    ...itemAsJson(item),
    content: item.content === null ? null : cache.get(item, 'content', item.content),
    summary: item.summary === null ? null : cache.get(item, 'summary', item.summary),
    language: item.language,
    sourceTitle: item.source.title,
    place: item.place,
    calledBy: item.calledBy,
  }
}
