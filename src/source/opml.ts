import { AppError } from '../errors.ts'
import { decodeReferences, dropIllegal } from './references.ts'
import { createFinder, findMarkupEnd, isNameStart, readTag, type Tag } from './xml-scan.ts'

export interface Outline {
  url: string
  title: string | null
  /** The folders it lies in, outermost first, then its own category attribute. */
  tags: string[]
}

/**
 * The feeds of an OPML 1.0 or 2.0 document, in its order, each address once (the tags of all its places together).
 * Tolerates what exporters write: bare ampersands, unclosed outlines, any case of attribute names.
 * Throws `invalid` for what is no OPML.
 */
export function parseOpml(text: string): Outline[] {
  const finder = createFinder(text)
  const found = new Map<string, Outline>()
  // One entry for each open outline: its name where it is a folder, else null.
  const folders: (string | null)[] = []
  let isOpml = false

  for (let lt = text.indexOf('<'); lt !== -1; ) {
    let next = lt + 1
    if (isNameStart(text.charCodeAt(lt + 1))) {
      const tag = readTag(finder, lt)
      const name = tag.name.toLowerCase()
      if (name === 'opml') isOpml = true
      if (name === 'outline' && isOpml) openOutline(tag, found, folders)
      next = tag.end
    } else if (/^<\/outline[\s>]/i.test(text.slice(lt, lt + 10))) {
      folders.pop()
    } else {
      const end = findMarkupEnd(finder, lt)
      if (end !== undefined && end !== -1) next = end
    }
    lt = text.indexOf('<', next)
  }

  if (isOpml) return [...found.values()]
  throw new AppError('invalid', 'This is not an OPML document.', {
    hint: 'Export the subscriptions of your feed reader as OPML (an XML file that begins with <opml>).',
  })
}

/** OPML 2.0, valid for any text; tags stand in the category attribute, as the specification has them, and `parseOpml` gives them back. */
export function formatOpml(sources: { url: string; title: string; tags: string[] }[], title: string): string {
  const outlines = sources.map(({ url, title, tags }) => {
    const category = tags.length === 0 ? '' : ` category="${attribute(tags.map(escapeTag).join(','))}"`
    const name = attribute(title)
    return `    <outline type="rss" text="${name}" title="${name}" xmlUrl="${attribute(url)}"${category}/>\n`
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    '<opml version="2.0">\n',
    `  <head>\n    <title>${attribute(title)}</title>\n  </head>\n`,
    `  <body>\n${outlines.join('')}  </body>\n`,
    '</opml>\n',
  ].join('')
}

const MAX_DEPTH = 16

function openOutline(tag: Tag, found: Map<string, Outline>, folders: (string | null)[]): void {
  const attributes = new Map(
    tag.attributes.map(({ name, value }) => [name.toLowerCase(), decodeReferences(value).trim()] as const),
  )
  const url = attributes.get('xmlurl') ?? ''
  const title = attributes.get('title') || attributes.get('text') || null
  if (url !== '') addOutline(found, url, { title, category: attributes.get('category') ?? '' }, folders)
  // Beyond this depth names are no folders but a mistake, and each feed would carry all of them.
  if (!tag.selfClosing) folders.push(url === '' && folders.length < MAX_DEPTH ? title : null)
}

function addOutline(
  found: Map<string, Outline>,
  url: string,
  { title, category }: { title: string | null; category: string },
  folders: (string | null)[],
): void {
  const named = folders.filter((name) => name !== null)
  const tags = [...named, ...category.split(',').flatMap((tag) => unescapeTag(tag.trim()))]
  const known = found.get(url)
  if (!known) found.set(url, { url, title, tags: [...new Set(tags)] })
  else known.tags = [...new Set([...known.tags, ...tags])]
}

// A category attribute is a list with commas, and a slash at the start of one makes it a path (OPML 2.0, "category").
// It has no spelling for a tag that holds these signs itself: they are percent-encoded for the way back.
function escapeTag(tag: string): string {
  return tag.replace(/[%,]|^\//g, (c) => (c === '%' ? '%25' : c === ',' ? '%2C' : '%2F'))
}

function unescapeTag(tag: string): string[] {
  // "/Tech/News" is a path of folders; "TCP/IP" is a word.
  const parts = tag.startsWith('/') ? tag.split('/') : [tag]
  return parts.map((part) => part.replace(/%(25|2C|2F)/gi, decodeURIComponent).trim()).filter((part) => part !== '')
}

function attribute(text: string): string {
  return dropIllegal(text).replace(/[&<>"\t\r\n]/g, (c) => ESCAPES[c] ?? '')
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // Readers turn bare ones in attributes into spaces (XML 1.0, 3.3.3).
  '\t': '&#9;',
  '\r': '&#13;',
  '\n': '&#10;',
}
