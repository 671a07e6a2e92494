/** The text of an article as its page tells it to machines: `articleBody` of schema.org, in JSON-LD. */
import { decodeReferences, escapeXml } from '../source/markup/references.ts'
import type { Page } from './dom.ts'
import { jsonLdTexts } from './json-ld.ts'

/**
 * As HTML, addresses as written. Null where there is none, where several are told (a list of articles), and where the site
 * says that it is for subscribers: it stands there for search engines then.
 */
export function articleBodyOf(page: Page): string | null {
  const texts = jsonLdTexts(page).slice(0, MOST_SCRIPTS)
  const [body, ...others] = new Set(texts.flatMap((text) => bodiesIn(parseLoosely(text), DEEPEST)))
  return body === undefined || others.length > 0 ? null : toHtml(body)
}

const MOST_SCRIPTS = 20
/** A graph of a page with an article as its main thing. */
const DEEPEST = 5

/** Templates put texts in as they are: a line break in a string is no JSON, and all else is white space. */
function parseLoosely(json: string): unknown {
  for (const tried of [json, json.replace(/\s+/g, ' ')]) {
    try {
      return JSON.parse(tried)
    } catch {
      // The other, or none.
    }
  }
  return null
}

/** Whatever anybody wrote. */
interface Thing {
  articleBody?: unknown
  isAccessibleForFree?: unknown
  mainEntity?: unknown
  mainEntityOfPage?: unknown
  '@graph'?: unknown
}

function bodiesIn(value: unknown, depth: number): string[] {
  if (typeof value !== 'object' || value === null || depth === 0) return []
  if (Array.isArray(value)) return value.flatMap((part) => bodiesIn(part, depth - 1))
  const { articleBody, isAccessibleForFree, mainEntity, mainEntityOfPage, '@graph': graph }: Thing = value
  const inside = [graph, mainEntity, mainEntityOfPage].flatMap((part) => bodiesIn(part, depth - 1))
  const isFree = !/^(?:https?:\/\/schema\.org\/)?false$/i.test(String(isAccessibleForFree))
  const body = typeof articleBody === 'string' && isFree ? articleBody.trim() : ''
  return body === '' ? inside : [body, ...inside]
}

/** Most are plain text, many with references, and some are HTML, which may be escaped. */
function toHtml(body: string): string {
  if (TAG.test(body)) return body
  const text = decodeReferences(body)
  if (TAG.test(text)) return text
  const paragraphs = text.split(/\s*\n\s*/).filter((line) => line !== '')
  return paragraphs.map((line) => `<p>${escapeXml(line)}</p>`).join('\n')
}

const TAG = /<\/?(?:p|br|div|h\d|ul|ol|li|a|b|strong|em|i|span|figure|img|blockquote)\b[^<>]*>/i
