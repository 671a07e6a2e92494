import { Tokenizer } from 'htmlparser2'
import { decodePage } from './charset/charset.ts'
import { knownFeedAddress } from './known-feeds.ts'
import { htmlToText } from './markup/html-text.ts'
import { decodeReferences } from './markup/references.ts'
import { resolveUrl, siteHost, withoutHash } from './url.ts'

/** An address that may be a feed: nobody has looked yet. */
export interface FeedCandidate {
  /** Absolute, http or https. */
  url: string
  /** What the page calls it; plain text. */
  title: string | null
  /** What the page says it is: "RSS", "Atom", "JSON Feed"; null where it does not say. */
  format: string | null
}

interface Discovery {
  /** Whether it is a web page at all: only then has it candidates, and is guessing at paths worth a request. */
  isPage: boolean
  /** The likeliest first, each once, at most 20; only of the best kind of hint the page gives. */
  candidates: FeedCandidate[]
  /** What only weaker hints speak for: for where none of those is a feed. */
  further: FeedCandidate[]
  /** Nothing but what they are called speaks for them: they may be any page. */
  onlyCalled: boolean
  /** The program that made the page, as it names itself ("Hugo 0.120"). */
  generator: string | null
  /** Where a browser goes from here by itself, at once; null for a page that stays. */
  onward: string | null
  /** The page of the same site that a link calls its blog, or else its news; null where none is called so. */
  news: string | null
}

/** `alternates`: what the header of its answer declares as a page does. */
interface WebPage {
  bytes: Uint8Array
  contentType: string | null
  url: string
  alternates?: { href: string; type: string; title: string }[]
}

/**
 * The feeds a web page names. What it declares (`link rel=alternate`, wrong types included) comes before links that lead
 * to what looks like a feed, and these before links that are only called so; the first kind that is there is the answer.
 * Reads the first 2 MiB; linear in any input.
 */
export function discoverFeeds(document: WebPage): Discovery {
  const text = decodePage(beginningOf(document.bytes), document.contentType)
  const page = readPage(text, document)
  const saysSo = /\bhtml\b/i.test(document.contentType ?? '')
  // JSON may hold HTML in its texts, and a list of feeds (OPML) has a head, a title and a body, too.
  const isPage = page.first !== null && page.first !== 'opml' && (saysSo || (page.isHtml && !/^\s*[{[]/.test(text)))
  const [declared, oddly, both, looks, called] = page.tiers
  const named = [...looks].filter(([url, { title }]) => title !== null || !both.has(url))
  // What is also called so goes first: beside a feed for each tag of each article it is the one of the site.
  const tiers = [declared, oddly, new Map([...both, ...named].slice(0, MAX_CANDIDATES)), called]
  const best = isPage ? tiers.find((tier) => tier.size > 0) : undefined
  const further = best === undefined ? [] : tiers.slice(tiers.indexOf(best) + 1)
  return {
    isPage,
    candidates: byBurden([...(best?.values() ?? [])], document.url),
    further: byBurden([...new Map(further.flatMap((tier) => [...tier])).values()], document.url),
    onlyCalled: best !== undefined && best === called,
    generator: page.generator,
    onward: isPage ? page.onward : null,
    news: isPage ? (page.blog ?? page.news) : null,
  }
}

const MAX_CANDIDATES = 20
const MAX_LOOKED = 5_000
const MAX_BYTES = 2 * 1_024 * 1_024

/** Up to a ">": in no charset of the web is it a part of a longer character. */
function beginningOf(bytes: Uint8Array): Uint8Array {
  return bytes.length > MAX_BYTES ? bytes.subarray(0, bytes.lastIndexOf(0x3e, MAX_BYTES - 1) + 1) : bytes
}

// ---- The page ----

type Tier = Map<string, FeedCandidate>
type Tiers = [declared: Tier, oddly: Tier, both: Tier, looks: Tier, called: Tier]

interface PageClues {
  /** Candidates by address: declared, declared oddly; links that look like a feed and are called so, that only look so, that are only called so. */
  tiers: Tiers
  isHtml: boolean
  /** The name of its first tag. */
  first: string | null
  base: string
  /** How many addresses were judged. */
  looked: number
  generator: string | null
  onward: string | null
  blog: string | null
  news: string | null
}

/** Attributes of one tag, by lower-case name; the first of a name counts, as in HTML. */
type Attributes = Map<string, string>

/** Pictures in a link, and those of their attributes that say what they show. */
const PICTURES = new Set(['img', 'use', 'i', 'span', 'svg'])
const SHOWN_BY = ['class', 'src', 'href', 'xlink:href']
const READ_ATTRIBUTES = new Set(
  'rel type href title content name alt aria-label class hreflang http-equiv src xlink:href'.split(' '),
)

function readPage(text: string, { url, alternates = [] }: WebPage): PageClues {
  const page: PageClues = {
    tiers: [new Map(), new Map(), new Map(), new Map(), new Map()],
    isHtml: false,
    first: null,
    base: url,
    looked: 0,
    generator: null,
    onward: null,
    blog: null,
    news: null,
  }
  for (const link of alternates) readLink(page, new Map([['rel', 'alternate'], ...Object.entries(link)]))
  let hasBase = false
  let anchor: { attributes: Attributes; textFrom: number; alt: string } | null = null

  const endAnchor = (end: number) => {
    if (anchor === null) return
    const said = htmlToText(text.slice(anchor.textFrom, Math.min(end, anchor.textFrom + 2_000)), 120)
    readAnchor(page, anchor.attributes, said || anchor.alt)
    anchor = null
  }
  const openTag = (tag: string, attributes: Attributes, end: number) => {
    const iconAs = (names: string[]) => (names.some((name) => RSS_ICON.test(attributes.get(name) ?? '')) ? 'RSS' : '')
    if (tag === 'link') readLink(page, attributes)
    else if (tag === 'a') {
      endAnchor(end)
      anchor = { attributes, textFrom: end + 1, alt: iconAs(['class']) }
    } else if (PICTURES.has(tag) && anchor !== null) anchor.alt ||= plain(attributes.get('alt')) || iconAs(SHOWN_BY)
    // Of a drawing, which has its name so: what is in it is no text.
    else if (tag === 'title' && anchor !== null) anchor.alt ||= plain(text.slice(end + 1, end + 200).split('<', 1)[0])
    else if (tag === 'base' && !hasBase) {
      page.base = resolveUrl(decode(attributes.get('href')), url) ?? url
      hasBase = true
    } else if (tag === 'meta') readMeta(page, attributes)
  }
  readTags(text, {
    begin(tag) {
      page.isHtml ||= HTML_TAGS.has(tag)
      page.first ??= tag
    },
    open: openTag,
    close(tag, at) {
      if (tag === 'a') endAnchor(at)
    },
  })
  // One that the page, or what is read of it, leaves open.
  endAnchor(text.length)
  return page
}

/** What is told of a page's tags, whose names are in lower case. */
interface TagListener {
  /** It may never end. */
  begin(tag: string): void
  /** Its start tag ends with the ">" at `end`. */
  open(tag: string, attributes: Attributes, end: number): void
  /** Its end tag begins at `at`. */
  close(tag: string, at: number): void
}

/** Only tokens: the parser above them keeps a stack of open tags, which nested ones make quadratic. */
function readTags(text: string, listener: TagListener): void {
  const nameAt = (start: number, end: number) => text.slice(start, end).toLowerCase()
  const nothing = () => {}
  let tag = ''
  let name = ''
  let attributes: Attributes = new Map()
  const open = (end: number) => listener.open(tag, attributes, end)
  const tokenizer = new Tokenizer(
    { decodeEntities: false },
    {
      onopentagname(start, end) {
        tag = nameAt(start, end)
        attributes = new Map()
        listener.begin(tag)
      },
      onattribname(start, end) {
        name = nameAt(start, end)
      },
      onattribdata(start, end) {
        if (READ_ATTRIBUTES.has(name) && !attributes.has(name))
          attributes.set(name, text.slice(start, Math.min(end, start + 8_192)))
      },
      onopentagend: open,
      onselfclosingtag: open,
      onclosetag: (start, end) => listener.close(nameAt(start, end), start - 2),
      ondeclaration: nothing,
      onattribend: nothing,
      onattribentity: nothing,
      oncdata: nothing,
      oncomment: nothing,
      onend: nothing,
      onprocessinginstruction: nothing,
      ontext: nothing,
      ontextentity: nothing,
    },
  )
  tokenizer.write(text)
}

/** A picture drawn by a style: `fa-rss`, `icon_rss`, `icon-feed`, or from a file; a "feed" alone is also a column of news. */
const RSS_ICON = /(?:^|[\s_/#-])(?:rss|icon[_-]feed|feed[_-]icon)(?:$|[\s_.-])/i
const HTML_TAGS = new Set(['html', 'head', 'body', 'title', 'meta', 'p', 'div'])

function decode(raw: string | undefined): string {
  return raw === undefined ? '' : decodeReferences(raw).trim()
}

/** An attribute's value as one line of plain text. */
function plain(raw: string | undefined): string {
  return decode(raw?.slice(0, 400)).replace(/\s+/g, ' ').slice(0, 120)
}

function readMeta(page: PageClues, attributes: Attributes): void {
  const content = attributes.get('content')
  if (attributes.get('name')?.toLowerCase() === 'generator') page.generator ??= plain(content) || null
  if (attributes.get('http-equiv')?.toLowerCase() !== 'refresh') return
  // HTML, "shared declarative refresh steps". Later than that somebody reads the page first.
  const href = /^\s*[0-5](?:\.\d*)?\s*[;,]\s*url\s*=\s*["']?([^"']+)/i.exec(decode(content))?.[1]
  page.onward ??= href === undefined ? null : resolveUrl(href.trim(), page.base)
}

function readLink(page: PageClues, attributes: Attributes): void {
  const said = decode(attributes.get('rel')).toLowerCase()
  const rel = said.split(/\s+/)
  if (rel.includes('canonical')) readCanonical(page, attributes)
  const isAlternate = rel.includes('alternate') && !rel.includes('stylesheet')
  const type = typeOf(attributes)
  const format = formatOf(type)
  const isMeant = format !== null && NEARLY_ALTERNATE.test(said)
  if (!isAlternate && !rel.includes('feed') && !isMeant) return
  // Alternates are also other languages, apps and APIs.
  if (format === null && !VAGUE_TYPES.has(type)) return
  const url = look(page, decode(attributes.get('href')))
  if (url === null) return

  const title = plain(attributes.get('title')) || null
  if (format !== null) add(page, 0, { url, title, format })
  // A type that says nothing needs a second hint.
  // The same page in another language may be about feed.
  else if (type === '' && attributes.has('hreflang') && !rel.includes('feed')) return
  else if (XML_TYPES.has(type) || looksLikeFeed(url) || CALLED_FEED.test(title ?? '') || rel.includes('feed')) {
    add(page, 1, { url, title, format })
  }
}

/** What some write for "alternate". */
const NEARLY_ALTERNATE = /^(?:alternativ\w*|rss|atom|self)?$/

/** The other name a page has may say where its feed is: a handle of YouTube is a channel with a number there. */
function readCanonical(page: PageClues, attributes: Attributes): void {
  const canonical = look(page, decode(attributes.get('href')))
  const url = canonical === null ? null : knownFeedAddress(canonical)
  if (url !== null) add(page, 1, { url, title: null, format: null })
}

function readAnchor(page: PageClues, attributes: Attributes, text: string): void {
  const href = decode(attributes.get('href'))
  const carried = feedOfButton(href)
  if (carried !== null) {
    readButton(page, carried)
    return
  }
  // "Follow us" says less than the words that come up over it.
  const names = [text, plain(attributes.get('title')), plain(attributes.get('aria-label'))].filter(Boolean)
  const title = names[0] ?? null
  readSection(page, href, text)
  const format = formatOf(typeOf(attributes))
  const calledSo = names.some(isCalledFeed)
  if (format === null && !calledSo && !MAYBE_FEED.test(href) && !READER.test(href)) return
  const url = look(page, href)
  if (url === null || url === page.base) return
  const looksSo = format !== null || READER.test(href) || looksLikeFeed(url)
  if (looksSo) add(page, calledSo ? 2 : 3, { url, title, format })
  else if (calledSo) add(page, 4, { url, title, format })
}

function readButton(page: PageClues, carried: string): void {
  const url = look(page, carried)
  // "Follow us on …" is no name for it.
  if (url !== null && url !== page.base) add(page, 3, { url, title: null, format: null })
}

/** A front page without news of its own leads to them. */
function readSection(page: PageClues, href: string, text: string): void {
  const name = BLOG.test(text) ? 'blog' : NEWS.test(text) ? 'news' : null
  if (name === null || page[name] !== null) return
  const url = look(page, href)
  if (url === null || url === page.base) return
  const [host, own] = [siteHost(url) ?? '', siteHost(page.base) ?? '']
  if (host === own || host.endsWith(`.${own}`)) page[name] = url
}

const BLOG =
  /^(?:(?:our|the|visit our|read our|company|tech|engineering|developer) )?(?:blog|weblog|博客|ブログ|블로그)$/i
const NEWS =
  /^(?:(?:our|the|latest|company) )?(?:news|newsroom|news ?(?:&|and) ?(?:updates|events|press)|aktuelles|neuigkeiten|nachrichten|actualités|noticias|notícias|novedades|notizie|nyheter|nieuws|aktualności|новости|新闻|新闻中心|新闻资讯|新聞|资讯|ニュース|お知らせ|소식|뉴스)$/iu

/** The address that is meant; null for none, and on a page that has had more of them than any real one. */
function look(page: PageClues, href: string): string | null {
  page.looked += 1
  return page.looked > MAX_LOOKED ? null : resolveFeedUrl(href, page.base)
}

function add({ tiers }: PageClues, tier: 0 | 1 | 2 | 3 | 4, candidate: FeedCandidate): void {
  const found = tiers[tier]
  if (found.size < MAX_CANDIDATES && !found.has(candidate.url)) found.set(candidate.url, candidate)
}

function typeOf(attributes: Attributes): string {
  return decode(attributes.get('type')).toLowerCase().split(';', 1)[0]?.trim() ?? ''
}

/** How some pages write an address for a reader of feeds or podcasts: `feed://host/x`, `feed:https://host/x`. */
const READER = /^(?:feed|itpc|pcast|podcast):/i

/** The address that a button for adding a feed to a reader on the web carries; null for all other links. */
function feedOfButton(href: string): string | null {
  const carried = BUTTON.exec(href)?.[1] ?? null
  if (carried === null || !/^https?%3a/i.test(carried)) return carried
  try {
    return decodeURIComponent(carried.replace(/&.*$/s, ''))
  } catch {
    return null
  }
}

const BUTTON =
  /^https?:\/\/(?:[\w-]+\.)*(?:feedly\.com\/(?:i\/|#)subscription\/(?:feed(?:\/|%2f)){1,2}|inoreader\.com\/(?:feed\/|\?add_feed=)|(?:newsblur\.com\/|theoldreader\.com\/feeds\/subscribe|my\.yahoo\.com\/rss|netvibes\.com\/subscribe\.php|bazqux\.com\/add)\?url=)(https?(?::|%3a).+)$/is

function resolveFeedUrl(href: string, base: string): string | null {
  const web = /^\w+:(?:https?:|\/\/)/i.test(href) ? href.replace(READER, '') : href
  const url = resolveUrl(web, base)
  return url === null || NO_FEED.test(url) ? null : withoutHash(url)
}

/** What a type says it is, registered or only meant ("text/rss"); null for what is no feed, or may be one. */
function formatOf(type: string): string | null {
  if (type === 'application/feed+json') return 'JSON Feed'
  const [, name] = /^(?:application|text)\/(?:x-)?(rss|rdf|atom)(?:\+xml)?$/.exec(type) ?? []
  return name === undefined ? null : name === 'atom' ? 'Atom' : 'RSS'
}

/** An alternate in XML is a feed: what else is written so has another relation, or a type of its own. */
const XML_TYPES = new Set(['text/xml', 'application/xml'])
/** What servers and templates write where they do not know better. */
const VAGUE_TYPES = new Set(['', ...XML_TYPES, 'application/json', 'text/html', 'text/plain'])

/** Names of feeds in an address: as a whole part of the path, or beside one other word. Among more they are a headline: /cattle-feed-prices-rise. */
const FEED_PATH =
  /(?:^|[/._])(?:(?:[^/._-]+-)?(?:rss2?|atom|feeds?|rdf)|(?:rss2?|atom|feeds?|rdf)-[^/._-]+)(?:[/._]|$)/i
/** No page of news is XML. */
const FEED_FILE = /[/._-](?:rss2?|atom|feeds?|rdf)[/._-]|^\/(?:index|news|blog)\.xml$/i
const FEED_QUERY = /(?:^|[?&])(?:feed|format|type|output|alt|action|fmt)=(?:rss|atom|feed|rdf|xml)/i
const MAYBE_FEED = /rss|atom|feed|rdf|\.xml/i
const CALLED_FEED = /\b(?:rss|atom|xml|feeds?)\b|订阅|訂閱|聚合|フィード|購読|구독/i

/** The words of a link, not a headline about the price of feed: "Subscribe to our RSS feed", "订阅本站". */
function isCalledFeed(text: string): boolean {
  if (/\brss\b/i.test(text)) return text.length <= 40
  const isShort = /\p{Script=Han}/u.test(text) ? text.length <= 8 : text.split(' ').length <= 4
  return isShort && CALLED_FEED.test(text)
}

/** Addresses that speak of feeds and are none: readers' and neighbours' buttons, APIs, sitemaps, pictures. */
const NO_FEED =
  /\/wp-json\/|oembed|sitemap|feedback|feedly\.com|inoreader\.com|netvibes\.com|newsblur\.com|add\.my\.yahoo|\/\/(?:www\.)?(?:facebook|twitter|x|linkedin|whatsapp)\.com\/|\.wikipedia\.org\/wiki\/|\.(?:png|jpe?g|gif|svg|ico|webp|css|js|pdf|zip)(?:\?|$)/i

function looksLikeFeed(url: string): boolean {
  const { hostname, pathname, search } = new URL(url)
  const named = pathname.endsWith('.xml') ? FEED_FILE : FEED_PATH
  return named.test(pathname) || FEED_QUERY.test(search) || (/^feeds?\d?\./.test(hostname) && pathname !== '/')
}

/**
 * Comments last: people mean the news. The feed of a section goes before the whole site's to who asks for the section. The
 * order of the page decides the rest (the sort is stable).
 */
function byBurden(candidates: FeedCandidate[], page: string): FeedCandidate[] {
  const { origin, pathname } = new URL(page || 'http://localhost/')
  const section = pathname === '/' ? null : `${origin}${pathname.replace(/\/$/, '')}/`
  const burden = (candidate: FeedCandidate) => {
    if (isOfComments(candidate)) return 2
    const { url } = candidate
    return section !== null && url.startsWith(section) ? 0 : 1
  }
  return candidates.sort((a, b) => burden(a) - burden(b))
}

/** Whether it says so: people mean the news. */
export function isOfComments({ url, title }: FeedCandidate): boolean {
  return COMMENTS.test(`${title ?? ''} ${new URL(url).pathname}`)
}

/**
 * What there is to choose from, in the same order: not the comments beside the news, nor what a feed is, nor the same feed a
 * second time in another format. At least one, where there is any.
 */
export function rivalsOf(candidates: FeedCandidate[]): FeedCandidate[] {
  const news = candidates.filter((candidate) => !isOfComments(candidate))
  const feeds = news.filter((one) => one.format !== null || looksLikeFeed(one.url) || !EXPLAINS.test(one.title ?? ''))
  const formatsOf = new Map<string, string[]>()
  return ([feeds, news].find((some) => some.length > 0) ?? candidates).filter(({ title, format: declared }) => {
    const said = declared ?? FORMAT.exec(title ?? '')?.[0]
    if (said === undefined) return true
    const format = `${said} ${VERSION.exec(title ?? '')?.[0] ?? ''}`.toLowerCase()
    const name = (title ?? '')
      .replace(FORMAT_WORDS, '')
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim()
      .toLowerCase()
    const formats = formatsOf.get(name) ?? []
    formatsOf.set(name, [...formats, format])
    return formats.length === 0 || formats.includes(format)
  })
}

/** What a link to it is called. */
const FORMAT = /\b(?:rss|atom|json)\b/i
/** "RSS 2.0" and "RSS .92" are two formats. */
const VERSION = /\brdf\b|\b(?:rss|atom) ?v?(?:0?\.9\d?|0\.3|[12]\.0)\b/i
const FORMAT_WORDS = /\b(?:rss|atom|rdf|json|xml)\b(?: ?v?[\d.]+)?|\bfeeds?\b/gi

/** "What is RSS?", beside the link that is one. */
const EXPLAINS = /^(?:what(?:['’]s| is| are)|about|how to|why|help)\b|[?？]$|什么是|是什么/iu

/** As WordPress says it in its languages. */
const COMMENTS =
  /comments?\b|kommentar|komentar|komentář|komentarz|commentaires?|comentarios?|comentários?|commenti|reacties|yorum|комментари|коментар|σχόλι|评论|評論|留言|コメント|댓글|تعليق|תגוב/i

// ---- Sites that say nothing ----

/**
 * Where feeds stand by custom, the likeliest first, at most six: at the root of the host, and for a page further in beside
 * it too. What made the site (`generator`) moves its own custom to the front.
 */
export function wellKnownPaths(url: string, generator: string | null = null): string[] {
  const own = CUSTOMS.find(({ of }) => of.test(generator ?? ''))?.path
  const paths = [...new Set([...(own ? [own] : []), 'feed', 'rss.xml', 'feed.xml', 'rss', 'atom.xml', 'index.xml'])]
  const root = new URL('/', url).href
  // Up to the last slash: the folder the page stands in.
  const folder = new URL('.', url)
  folder.search = ''
  const addresses =
    folder.href === root ? paths.map((path) => root + path) : paths.flatMap((path) => [folder.href + path, root + path])
  return addresses.slice(0, 6)
}

const CUSTOMS = [
  { of: /\bhugo\b/i, path: 'index.xml' },
  { of: /\bhexo\b|\bzola\b/i, path: 'atom.xml' },
  { of: /\bghost\b/i, path: 'rss' },
]
