import sanitizeHtml from 'sanitize-html'
import type { Item } from '../model.ts'
import { linkAddress, webAddress } from './address.ts'
import { cleanXml, escapeXml } from './xml.ts'

declare const safe: unique symbol

/** HTML that has passed `safeHtml`, or a text that was escaped: the only foreign HTML that may reach a page or a feed. */
export type SafeHtml = string & { readonly [safe]: true }

// Nobody reads a longer item in a feed reader, and sanitizing costs 0.24 ms a KB.
const MAX_HTML_CHARS = 200_000

/**
 * The one gate for foreign HTML: text and simple structure pass, nothing that runs, styles, frames or asks for input.
 * Links lead to absolute http, https or mailto addresses, images to http(s); what is relative is dropped, since nothing
 * says relative to what. Never throws; the result is well-formed for XML's characters and holds no "]]>".
 */
export function safeHtml(html: string): SafeHtml {
  const clean = sanitizeHtml(cleanXml(html.slice(0, MAX_HTML_CHARS)), OPTIONS)
    // What is left of an image without a usable address and without a text. Text cannot hold this: its "<" is escaped.
    .replaceAll('<img />', '')
  // Entities may have brought forbidden characters back (&#1;), so clean once more.
  // The brand is earned here and in `textAsHtml`, nowhere else.
  return cleanXml(clean) as SafeHtml
}

/** A plain text as HTML that shows it. */
export function textAsHtml(text: string): SafeHtml {
  // Nothing in it is markup any more.
  return escapeXml(cleanXml(text)) as SafeHtml
}

/** Remembers sanitized HTML. */
export interface SafeHtmlCache {
  /** `html` is the item's own `part`: the cache trusts that place, revision and part name it. */
  get(item: Pick<Item, 'place' | 'revision'>, part: 'content' | 'summary', html: string): SafeHtml
}

/** Keeps the most recently used texts, at most `maxEntries` and at most `maxChars` in all. */
export function createSafeHtmlCache(maxEntries: number, maxChars = 16_000_000): SafeHtmlCache {
  // A Map remembers the order of insertion: the first key is the one unused for longest.
  const kept = new Map<string, SafeHtml>()
  let chars = 0
  return {
    get(item, part, html) {
      const key = `${item.place}.${item.revision}.${part}`
      const known = kept.get(key)
      const found = known ?? safeHtml(html)
      if (known === undefined) chars += found.length
      else kept.delete(key)
      kept.set(key, found)
      for (const [oldest, text] of kept) {
        if (kept.size <= maxEntries && chars <= maxChars) break
        kept.delete(oldest)
        chars -= text.length
      }
      return found
    },
  }
}

const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: (
    'p br hr div section article blockquote pre figure figcaption details summary ' +
    'h1 h2 h3 h4 h5 h6 ul ol li dl dt dd address table caption thead tbody tfoot tr th td ' +
    'a img span b strong i em u s del ins sub sup small mark q cite ' +
    'code kbd samp var abbr time dfn bdi wbr ruby rt rp'
  ).split(' '),
  allowedAttributes: {
    '*': ['lang', 'dir', 'title'],
    a: ['href', 'rel'],
    img: ['src', 'alt', 'width', 'height', 'loading', 'referrerpolicy'],
    ol: ['start', 'reversed'],
    li: ['value'],
    th: ['colspan', 'rowspan'],
    td: ['colspan', 'rowspan'],
    time: ['datetime'],
  },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  // Dropped with their text: none of it is meant to be read.
  nonTextTags: (
    'script style template noscript noembed noframes iframe object svg math ' +
    'xmp plaintext textarea select option button title head'
  ).split(' '),
  nestingLimit: 100,
  enforceHtmlBoundary: false,
  transformTags: {
    a: (tagName, attribs) => ({ tagName, attribs: linkAttributes(attribs) }),
    img: (tagName, attribs) => ({ tagName, attribs: imageAttributes(attribs) }),
  },
}

function linkAttributes({ href, ...rest }: sanitizeHtml.Attributes): sanitizeHtml.Attributes {
  const address = linkAddress(href ?? null)
  return address === null ? rest : { ...rest, href: address, rel: 'noopener noreferrer nofollow' }
}

function imageAttributes({ src, alt, ...rest }: sanitizeHtml.Attributes): sanitizeHtml.Attributes {
  const address = webAddress(src ?? null)
  // Without a usable address its text may still say what was to be seen.
  const text = alt ? { alt } : {}
  if (address === null) return text
  return { ...rest, ...text, src: address, loading: 'lazy', referrerpolicy: 'no-referrer' }
}
