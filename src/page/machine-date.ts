import type { PageElement } from './dom.ts'

/**
 * The date of what an element holds that is written for machines beside what is shown ("3 days ago", or nothing): in a
 * `data-` attribute, in a `title`, in a `meta` of its item. Null for none.
 */
export function machineDate(element: PageElement, tag: string): string | null {
  if (tag === 'meta') return publishedBy(element)
  for (const name of element.getAttributeNames()) {
    if (name !== 'title' && !(name.startsWith('data-') && TELLING.test(name) && !OTHER.test(name))) continue
    const value = element.getAttribute(name)?.trim() ?? ''
    const date = ISO.exec(value)?.[0] ?? (name === 'title' ? null : EPOCH.exec(value)?.[0])
    if (date) return date
  }
  return null
}

/** schema.org's microdata. */
function publishedBy(meta: PageElement): string | null {
  if (!/^date(?:Published|Created)$/i.test(meta.getAttribute('itemprop') ?? '')) return null
  return ISO.exec(meta.getAttribute('content')?.trim() ?? '')?.[0] ?? null
}

const TELLING = /date|time|publish|created|posted|epoch/
/** When it ends, or was touched last. */
const OTHER = /end|expir|until|deadline|updat|modif|comment|repl|last/
const ISO =
  /^(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)?(?=$| \d{10}$)/
/** Seconds or milliseconds since 1970, from 2001 on. */
const EPOCH = /^1\d{9}(?:\d{3})?$/
