import { AppError } from '../errors.ts'
import { ENTRY_PARTS, type PageRules, type Source } from '../model.ts'
import { formatDuration } from '../time.ts'
import { decodeReferences, dropIllegal, escapeXml } from './markup/references.ts'
import { createFinder, findMarkupEnd, isNameStart, readTag, type Tag } from './markup/scan.ts'

interface Outline {
  url: string
  title: string | null
  /** The folders it lies in, outermost first, then its own category attribute. */
  tags: string[]
  /** It is a page that is watched; null rules: its entries are looked for. */
  page?: { rules: PageRules | null }
  fullText?: true
  /** How often it is to be polled, as it is written there: it may be no time at all. */
  every?: string
  isPaused?: true
  /** Its title is what it calls itself: nobody gave it one. */
  isUntitled?: true
}

/** What of a source an outline says. */
type OutlinedSource = Pick<Source, 'url' | 'title' | 'tags'> &
  Partial<Pick<Source, 'kind' | 'pageRules' | 'fullText' | 'everyMs' | 'state' | 'givenTitle'>>

/**
 * The feeds of an OPML 1.0 or 2.0 document, in its order, each address once (the tags of all its places together).
 * Tolerates what exporters write: bare ampersands, unclosed outlines, any case of attribute names. A tag in which the
 * text was cut off is left out: its address may be half of one.
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
      if (name === 'outline' && isOpml && tag.whole) openOutline(tag, found, folders)
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

/** Whether the end of an OPML document is missing, and perhaps more. */
export function isCutOff(text: string): boolean {
  return !/<\/opml\s*>|<opml[^<>]*\/>/i.test(text)
}

/**
 * OPML 2.0, valid for any text, which `parseOpml` gives back. Tags stand in the category attribute, as the specification
 * has them; what OPML has no word for (how a page is watched, how often a source is polled, whether it is paused) stands in
 * attributes of our namespace, which it allows.
 */
export function formatOpml(sources: OutlinedSource[], title: string): string {
  const outlines = sources.map((source) => {
    const { url, title, tags } = source
    const category = tags.length === 0 ? '' : ` category="${attribute(tags.map(escapeTag).join(','))}"`
    const name = attribute(title)
    const own = Object.entries(ownAttributes(source)).map(([key, value]) => ` crier:${key}="${attribute(value)}"`)
    return `    <outline type="rss" text="${name}" title="${name}" xmlUrl="${attribute(url)}"${category}${own.join('')}/>\n`
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<opml version="2.0" xmlns:crier="${NAMESPACE}">\n`,
    `  <head>\n    <title>${attribute(title)}</title>\n  </head>\n`,
    `  <body>\n${outlines.join('')}  </body>\n`,
    '</opml>\n',
  ].join('')
}

const NAMESPACE = 'urn:crier:opml'

/** `page` is how its entries are found: "auto" by ourselves, "rules" by the selectors beside it. */
function ownAttributes(source: OutlinedSource): Record<string, string> {
  const { kind, pageRules, fullText, everyMs, state, givenTitle } = source
  const own: Record<string, string> = fullText ? { fulltext: 'true' } : {}
  if (state === 'paused') own.paused = 'true'
  if (givenTitle === null) own.untitled = 'true'
  if (typeof everyMs === 'number') own.every = formatDuration(everyMs)
  if (kind !== 'page') return own
  own.page = pageRules === null || pageRules === undefined || pageRules.auto ? 'auto' : 'rules'
  for (const part of ['entry', ...ENTRY_PARTS] as const) {
    const selector = pageRules?.[part] ?? null
    if (selector !== null) own[part] = selector
  }
  return own
}

function readOwn(attributes: Map<string, string>): Omit<Outline, 'url' | 'title' | 'tags'> {
  const own = (name: string) => attributes.get(`crier:${name}`) || null
  // FreshRSS makes feeds of pages by rules of its own kind.
  const isPage = attributes.get('type')?.toLowerCase().startsWith('html+xpath')
  const [how, every] = [own('page') ?? (isPage ? 'auto' : null), own('every')]
  const entry = own('entry')
  const parts = { link: own('link'), title: own('title'), date: own('date'), summary: own('summary') }
  const rules = entry === null ? null : { entry, ...parts, auto: how === 'auto' }
  return {
    ...(how === null ? {} : { page: { rules } }),
    ...(own('fulltext') === 'true' ? { fullText: true } : {}),
    ...(own('paused') === 'true' ? { isPaused: true } : {}),
    ...(own('untitled') === 'true' ? { isUntitled: true } : {}),
    ...(every === null ? {} : { every }),
  }
}

const MAX_DEPTH = 16

function openOutline(tag: Tag, found: Map<string, Outline>, folders: (string | null)[]): void {
  const attributes = new Map(
    tag.attributes.map(({ name, value }) => [name.toLowerCase(), decodeReferences(value).trim()] as const),
  )
  // Some write what an include or a link has.
  const isFeed = /^(?:rss|atom|feed)/i.test(attributes.get('type') ?? '')
  const url = attributes.get('xmlurl') || (isFeed ? attributes.get('url') : null) || ''
  const title = attributes.get('title') || attributes.get('text') || null
  if (url !== '') {
    addOutline(found, { url, title, tags: [], ...readOwn(attributes) }, attributes.get('category') ?? '', folders)
  }
  // Beyond this depth names are no folders but a mistake, and each feed would carry all of them.
  if (!tag.selfClosing) folders.push(url === '' && folders.length < MAX_DEPTH ? title : null)
}

function addOutline(found: Map<string, Outline>, outline: Outline, category: string, folders: (string | null)[]): void {
  const named = folders.filter((name) => name !== null)
  const tags = [...named, ...category.split(',').flatMap((tag) => unescapeTag(tag.trim()))]
  const known = found.get(outline.url)
  if (!known) found.set(outline.url, { ...outline, tags: [...new Set(tags)] })
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
  // Readers turn these in attributes into spaces (XML 1.0, 3.3.3).
  return escapeXml(dropIllegal(text)).replace(/[\t\r\n]/g, (space) => `&#${space.charCodeAt(0)};`)
}
