import {
  behindRawText,
  type Finder,
  findMarkupEnd,
  isNameStart,
  localName,
  RAW_TEXT,
  readTag,
  SECTION,
  skipName,
  type Tag,
  XML_NAME,
} from './scan.ts'

/** What stands there instead of a feed; `list`: OPML; `start`: a feed's first tag, cut off within; `binary`: no text at all. */
export type Seen = 'web_page' | 'list' | 'xml' | 'start' | 'binary' | 'nothing'

export interface Root {
  kind: 'rss' | 'rdf' | 'atom'
  tag: Tag
  start: number
}

/** `lostRoot`: no root, but what only stands in one begins there. */
type FoundRoot = Root | { lostRoot: number } | { seen: Seen }

const ROOTS: Record<string, Root['kind'] | undefined> = { rss: 'rss', channel: 'rss', rdf: 'rdf', feed: 'atom' }

/**
 * The root element of a feed, junk and wrappers before it skipped; else what stands there instead. In a web page only
 * what cannot be anything else is one.
 */
export function findRoot(finder: Finder): FoundRoot {
  const { text } = finder
  let isPage = false
  let first: { name: string; start: number } | null = null
  let looks = 0
  const isMeant = rootOrWord(text)
  for (let lt = text.indexOf('<'); lt !== -1; ) {
    if (/^<!doctype\s+html/i.test(text.slice(lt, lt + 32)) && !isNetscape(text, lt)) isPage = true
    const markupEnd = findMarkupEnd(finder, lt)
    let next = markupEnd !== undefined && markupEnd !== -1 ? markupEnd : lt + 1
    // A DOCTYPE that never ends hides nothing but itself, nor does a section before all tags.
    const mayHide = markupEnd !== undefined && (isDoctype(text, lt) || (first === null && text.startsWith(SECTION, lt)))
    if (mayHide && ++looks <= MAX_LOOKS && ROOT_TAG.test(text.slice(lt, next))) next = lt + 1
    if (markupEnd === undefined && isNameStart(text.charCodeAt(lt + 1))) {
      const written = text.slice(lt + 1, skipName(text, lt + 1))
      const name = localName(written).toLowerCase()
      if (name === 'opml' && first === null) return { seen: 'list' }
      if (PAGE.has(written.toLowerCase())) isPage = true
      const kind = Object.hasOwn(ROOTS, name) && XML_NAME.test(written) ? ROOTS[name] : undefined
      if (kind === 'rdf' && !isPage && !isSurely(text, lt, name) && !RDF_FEED.test(text))
        return { seen: whatIsIt(text) }
      const isFeed = kind && (!isPage || isSurely(text, lt, name)) && !isWrapper(text, lt, name)
      if (isFeed && isMeant(lt, name, first !== null)) {
        const tag = readTag(finder, lt)
        return tag.whole ? { kind, tag, start: lt } : { seen: 'start' }
      }
      if (RAW_TEXT.has(name) || (isPage && OF_PAGES.has(name))) next = behindRawText(finder, name, next)
      first ??= { name, start: lt }
    }
    lt = text.indexOf('<', next)
  }
  if (isPage) return { seen: 'web_page' }
  if (first && ITEM.test(text)) {
    if (HEADS.has(first.name)) return { lostRoot: first.start }
    // `<feedxmlns="…">`: no name a root has, but the namespace of one.
    const tag = readTag(finder, first.start)
    if (OWN_NAMESPACE.test(text.slice(first.start, tag.end))) return { lostRoot: tag.end }
  }
  return { seen: first ? whatIsIt(text) : text.includes('\0') ? 'binary' : 'nothing' }
}

/** No feed and no page, but something in it looks like a tag: in any binary data something does. */
function whatIsIt(text: string): Seen {
  if (text.includes('\0')) return 'binary'
  return text.trimStart().startsWith('<') ? 'xml' : 'nothing'
}

/** RDF says many other things. */
const RDF_FEED = /<(?:\w{1,20}:)?(?:channel|item)[\s>]/i
const MAX_LOOKS = 4
const ROOT_TAG = /<(?:\w{1,20}:)?(?:rss|feed|rdf:RDF|channel)[\s>]/i

function isDoctype(text: string, lt: number): boolean {
  return text.slice(lt, lt + 9).toUpperCase() === '<!DOCTYPE'
}

/**
 * Tells whether a feed's first tag is one and no word: television's programmes have channels, shops have feeds, a program speaks of "<rss>".
 * Where nothing stands before it, a feed may be empty. Few are looked at: many could cost too much.
 */
function rootOrWord(text: string): (lt: number, name: string, isWithin: boolean) => boolean {
  let looks = 0
  let hasItem: boolean | null = null
  return (lt, name, isWithin) => {
    if (name === 'channel' ? isWithin : name === 'feed' && !isSurely(text, lt, name)) {
      hasItem ??= ITEM.test(text)
      return hasItem
    }
    looks += 1
    if (looks > MAX_LOOKS) return false
    return PARTS.test(text.slice(lt + 1, lt + MAX_HEAD)) || text.slice(0, lt).replace(PROLOGUE, '').trim() === ''
  }
}

const PARTS = /<(?:[\w-]{1,20}:)?(?:channel|item|entry|title|link|id)[\s>/]/i
/** A start tag may declare many namespaces. */
const MAX_HEAD = 20_000
const PROLOGUE = /<[?!][^<>]*>/g

/** An `rss` around an Atom feed says nothing. */
function isWrapper(text: string, lt: number, name: string): boolean {
  return name === 'rss' && /^<rss[^<>]*>\s*<(?:\w+:)?feed[\s>]/i.test(text.slice(lt, lt + 1_000))
}

const PAGE = new Set(['html', 'head', 'body'])
/** What stands in them is no markup either (HTML, "escapable raw text elements"). */
const OF_PAGES = new Set(['textarea', 'title'])

/** A feed that stands within a web page: a proxy or a browser wrapped it. Pages have elements of any name. */
function isSurely(text: string, lt: number, name: string): boolean {
  const start = text.slice(lt, lt + 1_000)
  if (name === 'rss') return /^<rss\b[^>]*>(?:\s|<!--[^<>]*-->)*<channel[\s>]/i.test(start)
  return FEED_NAMESPACE.test(start.slice(0, start.indexOf('>') + 1))
}

const FEED_NAMESPACE =
  /xmlns(?::\w+)?\s*=\s*["']https?:\/\/(?:www\.w3\.org\/2005\/Atom|purl\.org\/(?:atom|rss)|my\.netscape\.com\/rdf)/i

const OWN_NAMESPACE = /xmlns\s*=\s*["']https?:\/\/(?:www\.w3\.org\/2005\/Atom|purl\.org\/(?:atom|rss))/i

/** What a head or a list of items begins with where the root is gone. */
const HEADS = new Set(
  'title link description language item entry id updated generator subtitle category author icon logo rights'.split(
    ' ',
  ),
)
const ITEM = /<(?:\w{1,20}:)?(?:item|entry)[\s>]/i

/** The text from `start` on, in the root that its items want. */
export function withRoot(text: string, start: number): string {
  const inner = text.slice(start)
  const item = ITEM.exec(inner)?.[0] ?? ''
  const prefix = item.slice(1, item.indexOf(':') + 1)
  return item.toLowerCase().includes('entry')
    ? `<${prefix}feed>${inner}</${prefix}feed>`
    : `<rss><channel>${inner}</channel></rss>`
}

/** RSS 0.91 documents carry a DOCTYPE of their own; "html" in its beginning is none of theirs. */
function isNetscape(text: string, lt: number): boolean {
  return /rss/i.test(text.slice(lt, lt + 128))
}
