/** Where an element of a page leads. */
import { resolveUrl, withoutHash } from '../source/url.ts'
import type { Page, PageElement } from './dom.ts'

interface Place {
  element: PageElement
  tag: string
  id: string
  classes: string[]
  inHeading: boolean
}

/** Null for what is no address of another page: mail, jumps within this one, scripts but those that only open one. */
export function linkUrl(element: PageElement, tag: string, page: Page): string | null {
  const written = tag === 'a' ? (element.getAttribute('href')?.trim() ?? '') : ''
  const isAddress = !/^(?:$|#|javascript:)/i.test(written)
  const href = isAddress ? written : addressOf(element, written)
  const url = href === null ? null : resolveUrl(href, page.base)
  return url === null || withoutHash(url) === withoutHash(page.url) || RESORTED.test(url) ? null : url
}

/** A server's list of a folder in another order. */
const RESORTED = /\?C=[NMSD];O=[AD]$/

/** Where a script or an attribute for one says it: of a link that is none without it, and of rows that are pressed as a whole. */
function addressOf(element: PageElement, script: string): string | null {
  const onclick = element.getAttribute('onclick')
  const opened = OPENS.exec((onclick ?? script).slice(0, 2_000))?.[1]
  return opened ?? element.getAttribute('data-href')
}

const OPENS =
  /(?:location(?:\.href)?\s*=|location\.(?:assign|replace)\s*\(|\bopen\s*\()\s*['"]([^'"\s]{1,1000})['"]\s*(?:[,;)]|$)/

/** A heading with its own anchor, as logs of changes have them. */
export function jumpUrl({ tag, element, inHeading, classes }: Place, page: Page): string | null {
  if (tag !== 'a' || !(inHeading || classes.some((name) => ANCHORS.test(name)))) return null
  const href = element.getAttribute('href')?.trim() ?? ''
  return /^#[^\s!]{2,200}$/.test(href) ? withoutHash(page.url) + href : null
}

/** A heading that is named, or begins what is (`outer`), and is a version is an entry of a log also where nothing leads to it. */
export function versionUrl({ tag, element, id }: Place, outer: string, page: Page): string | null {
  const name = id || outer
  if (!/^h[1-4]$/.test(tag) || name === '' || !VERSION_ALONE.test(element.textContent ?? '')) return null
  return element.querySelector('a[href]') === null ? `${withoutHash(page.url)}#${encodeURIComponent(name)}` : null
}

/** "v2.4", "Version 2.4", "[2.4.0] - 2018-05-11", "2.4.0 (11 May)"; "2.4 Methods" is a chapter. */
const VERSION_ALONE =
  /^\s*(?:(?:version |release |v\.? ?|\[)\d{1,4}\.\d|\d{1,4}(?:\.\d{1,4}){1,3}[a-z\d.+-]{0,20}\s*(?:$|[([–—/-]))/i

const ANCHORS = /^(?:header-?|heading-?)?(?:anchor(?:js)?|permalink|headerlink|hash-link)(?:-|$)/
