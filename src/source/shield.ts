/**
 * Bridges, parked domains, firewalls and broken sites publish their errors as items. None of them is news.
 */
import type { Read, ReadDocument, ReadItem, Slices, Unreadable } from '../model.ts'
import { collapse, cutText } from './markup/html-text.ts'
import { unreadable } from './unreadable.ts'
import { canonicalUrl, siteHost } from './url.ts'

/**
 * The document without items that are errors; unreadable (`error_page`) where it holds nothing else. Precision goes
 * before recall: an item must have several signs, so that news about an error passes. What the prints of `slices` say
 * stays true.
 */
export function shieldDocument(read: ReadDocument): Read {
  const suspects = read.items.filter(isSuspect)
  if (suspects.length === 0) return read
  const total = read.items.length + (read.slices?.skipped.length ?? 0)
  const homes = new Set(
    [read.link, read.hints?.self ?? null].flatMap((url) => (url === null ? [] : [homeAddress(url)])),
  )
  const areAllPhp =
    total >= MANY && suspects.length === total && suspects.every((item) => PHP_MESSAGE.test(headOf(item)))
  const findErrors = (isAlone: boolean) => suspects.filter((item) => isError(lookAt(item, homes, isAlone)))
  const found = new Set(areAllPhp ? suspects : findErrors(total <= FEW))
  // Beside what is none, it is not all there is to say.
  const errors = found.size > 0 && found.size < total && total <= FEW ? new Set(findErrors(false)) : found
  if (errors.size === 0) return read
  if (errors.size === total) return asErrorPage(read.items)
  const items = read.items.filter((item) => !errors.has(item))
  return { ...read, items, ...(read.slices && { slices: withoutItems(read.slices, read.items, errors) }) }
}

const MANY = 3
/** An error is all there is to say: documents with more items than this are doing something else as well. */
const FEW = 2
const LONGEST_QUOTE = 100
const LONGEST_HEAD = 600

function asErrorPage([item]: ReadItem[]): Unreadable {
  const said = item ? headOf(item) : ''
  const quote = said.length > LONGEST_QUOTE ? `${cutText(said, LONGEST_QUOTE).trimEnd()}…` : said
  return unreadable('error_page', `The source shows an error in place of its items: “${quote}”`)
}

/** Items that were read stand at the positions that were not skipped. */
function withoutItems({ prints, skipped, ...same }: Slices, items: ReadItem[], errors: Set<ReadItem>): Slices {
  const isSkipped = new Set(skipped)
  const read = items.values()
  const kept = [...prints.entries()].flatMap(([index, print]) => {
    const item = isSkipped.has(index) ? undefined : read.next().value
    return item && errors.has(item) ? [] : [{ print, isSkipped: isSkipped.has(index) }]
  })
  return {
    ...same,
    prints: kept.map(({ print }) => print),
    skipped: kept.flatMap((slice, at) => (slice.isSkipped ? [at] : [])),
  }
}

// ---- One item ----

interface Look {
  item: ReadItem
  /** How its text begins, where it has none. */
  title: string
  text: string
  /** It leads to a page that is neither the site's nor the document's own. */
  hasOwnPage: boolean
  /** One of very few, and all of them are errors. */
  isAlone: boolean
}

/** All of them have one of these words; most news has none, and need not be looked at. */
const WORDS = new RegExp(
  [
    'bridge|feed|whitelist|sorry|warning|notice|deprecated|standards|error|mysql|sqlstate|database|moment|denied|attention',
    'cookies|javascript|human|robot|bot verif|security|pardon|one more step|ddos|browser|reject|block|[45]\\d\\d|bad request',
    'unauthorized|forbidden|not found|gone|too many|gateway|unavailable|for sale|expired|park|domain|verkauf|vendre|buy|get ',
  ].join('|'),
  'i',
)

function isSuspect(item: ReadItem): boolean {
  return WORDS.test(item.title.slice(0, LONGEST_HEAD) || item.text.slice(0, LONGEST_HEAD))
}

/** Its title, or how its text begins. No error is longer, and what looks for one must not be led through a megabyte. */
function headOf({ title, text }: ReadItem): string {
  return title.slice(0, LONGEST_HEAD).trim() || collapse(text.slice(0, LONGEST_HEAD), 300)
}

function lookAt(item: ReadItem, homes: Set<string>, isAlone: boolean): Look {
  const hasOwnPage = item.url !== null && !isHome(item.url) && !homes.has(homeAddress(item.url))
  return { item, title: headOf(item), text: collapse(item.text, 2_000), hasOwnPage, isAlone }
}

function isHome(url: string): boolean {
  return /^https?:\/\/[^/?#]+\/?$/.test(url)
}

function homeAddress(url: string): string {
  return canonicalUrl(url)
    .replace(/^https:\/\/(www\.)?/, '')
    .replace(/\/$/, '')
}

function isError(look: Look): boolean {
  // Whoever encloses or files something means it.
  if (look.item.enclosures.length > 0 || look.item.categories.length > 0) return false
  return ERRORS.some((is) => is(look))
}

const ERRORS: ((look: Look) => boolean)[] = [
  isBridgeError,
  isServiceNotice,
  isPhpMessage,
  isDatabaseError,
  isChallenge,
  isStatusPage,
  isParkedDomain,
  isMissingFeed,
]

// ---- Bridges ----

/**
 * RSS-Bridge (`DisplayAction`): "Bridge returned error 404! (19345)", the number being the day since 1970. It links to
 * the bridge's own address, and its id ends in that number. An issue about it has an address of its own.
 */
function isBridgeError({ item, title, text, hasOwnPage }: Look): boolean {
  const day = /^(?:The bridge \S+ |[\w-]*Bridge )returned error -?\d+!? ?\((\d{4,6})\)$/i.exec(title)?.[1]
  if (day === undefined) return false
  const isOfBridge = item.url !== null && /[?&]bridge=/.test(item.url) && /[?&](?:action|format)=/.test(item.url)
  const isOfDay = item.id?.endsWith(`_${day}`) === true
  const saysSo = !hasOwnPage && /\b(?:RSS-Bridge|Query string:|Type: \w*(?:Exception|Error))/i.test(text)
  return isOfBridge || isOfDay || saysSo
}

/** Services that say no with a feed of one item: Nitter's mirrors, Google News, feed makers. */
function isServiceNotice({ title, text, isAlone }: Look): boolean {
  return isAlone && SERVICE_NOTICES.some(([called, says]) => called.test(title) && says.test(text))
}

const SERVICE_NOTICES: [RegExp, RegExp][] = [
  [/^RSS reader not yet whitelist(?:ed)?!?$/i, /whitelist|e-?mail/i],
  [
    /^This (?:RSS )?feed (?:URL )?is (?:deprecated|not available|no longer available)\.?$/i,
    /^This (?:RSS )?feed (?:URL )?is /i,
  ],
  [/^Sorry(?:\.\.\.|…)$/i, /unusual traffic|automated queries|can.?t process your request|not available/i],
]

// ---- Broken sites ----

const PHP_MESSAGE =
  /^(?:PHP )?(?:Warning|Notice|Deprecated|Strict Standards|(?:Catchable |Recoverable )?Fatal error|Parse error): .+ in (?:\/|[A-Za-z]:\\)\S.* on line \d+/

/** A question about such a message has a page of its own, and says something else as well. */
function isPhpMessage({ title, text, hasOwnPage }: Look): boolean {
  const isBare = /^(?:PHP )?(?:Warning|Fatal error): (?:mysqli?|pg|PDO|SQLite)[\w:]*\(.*\)/.test(title)
  if (!PHP_MESSAGE.test(title) && !isBare) return false
  if (hasOwnPage) return false
  return text === '' || text.length < 600
}

function isDatabaseError({ title, text, hasOwnPage }: Look): boolean {
  if (hasOwnPage) return false
  if (/^WordPress database error:? (?:\[|for query)/i.test(title)) return true
  if (/^SQLSTATE\[\w{5}\]/.test(title)) return true
  if (/^You have an error in your SQL syntax; check the manual that corresponds to your M/.test(title)) return true
  return /^(?:Error establishing a database connection|Database Error)\.?$/i.test(title) && text.length < 600
}

// ---- Who are you? ----

/** What firewalls and captchas call their pages. */
const CHALLENGE_TITLES = new RegExp(
  `^(?:${[
    'Just a moment(?:\\.\\.\\.|…)?',
    'Attention Required! \\| Cloudflare',
    'Access (?:to this (?:page|site|website) has been )?denied(?: \\| .{1,80} used Cloudflare to restrict access)?',
    'Please (?:enable|turn on) (?:cookies|JavaScript)(?: and (?:cookies|JavaScript))?(?: to continue)?',
    '(?:Please )?Verify (?:that )?you are (?:a )?human',
    'Are you (?:a )?(?:human|robot)\\??',
    'Human Verification',
    'Robot Check',
    'Bot Verification',
    'Security Check(?: Required)?',
    'Pardon Our Interruption(?:\\.\\.\\.|…)?',
    'One more step',
    'DDoS-Guard',
    'Checking your browser(?: before accessing .{1,80})?',
    'Request (?:Rejected|blocked)',
    'You have been blocked',
    'Sorry, you have been blocked',
  ].join('|')})[.!]?$`,
  'i',
)

/** What stands on them. */
const CHALLENGE_WORDS = [
  /\bray id\b/i,
  /performance & security by cloudflare/i,
  /you are unable to access \S+\.\w/i,
  /(?:enable|turn on) (?:javascript|cookies)/i,
  /verif(?:y|ying) (?:that )?you(?: are|['’]re) (?:a |not a )?(?:human|robot)/i,
  /(?:checking|verifying) (?:your|if your) (?:browser|connection|site connection)/i,
  /unusual (?:traffic|activity)/i,
  /you (?:don['’]?t|do not) have permission to access/i,
  /(?:reference|support|incident|request|event) (?:id|#|number)[: #]+[\w.-]{6,}/i,
  /made us think you(?: might be|['’]re| are) a (?:bot|robot)/i,
  /(?:complete|solve) the (?:captcha|security check)/i,
  /please contact the site owner/i,
  /the requested url was rejected/i,
]

/** Its title, what stands on such pages, and no room for an article. A page of its own asks for two such phrases. */
function isChallenge({ title, text, hasOwnPage, isAlone }: Look): boolean {
  if (!CHALLENGE_TITLES.test(title) || text.length > LONGEST_ERROR) return false
  const phrases = CHALLENGE_WORDS.filter((words) => words.test(text)).length
  if (!hasOwnPage && isAlone && text.length < 60) return true
  return phrases >= (hasOwnPage ? 2 : 1)
}

const LONGEST_ERROR = 1_500

// ---- Pages of servers ----

/** "404 Not Found" with nothing but the server's signature below; the page of a service's state says more. */
function isStatusPage({ title, text, hasOwnPage, isAlone }: Look): boolean {
  if (!isAlone || hasOwnPage) return false
  const [, code = '', phrase = ''] = STATUS_TITLE.exec(title) ?? []
  const isStatus = STATUS_PHRASES.test(phrase.trim()) || /^(?:HTTP )?Error [45]\d\d\b/i.test(title)
  if (!isStatus) return false
  const saysMore = text !== '' && text !== title && !(code !== '' && text.length < 60)
  return !saysMore || SERVER_WORDS.some((words) => words.test(text))
}

/** "503 Service Unavailable", and perhaps the site's name after it. */
const STATUS_TITLE = /^(?:(?:HTTP )?(?:Error )?([45]\d\d)[ :.–-]*)?([A-Za-z' -]+?)[.!]?(?: [|–—·-] .{1,60})?$/

const STATUS_PHRASES =
  /^(?:Bad Request|Unauthorized|Forbidden|(?:Page |Object |Resource )?Not Found|Gone|Too Many Requests|(?:Internal )?Server Error|Bad Gateway|(?:Service |Service Temporarily |Temporarily )Unavailable|Gateway Time-?out)$/i

const SERVER_WORDS = [
  /^(?:\d{3} [\w ]{3,40} )?(?:nginx|openresty|cloudflare|apache|microsoft-iis|litespeed|varnish)\b[\w./() -]{0,40}$/i,
  /^(?:[\w ]{3,40} )?(?:the requested (?:url|page|resource)|the server encountered|the server is temporarily|you don['’]t have permission to access)/i,
  /^(?:[\w ]{3,40} )?(?:guru meditation|additionally, a \d{3})/i,
]

// ---- Parked domains ----

/** The name that is for sale is the source's own, or the page says what brokers say. */
function isParkedDomain({ item, title, text, hasOwnPage, isAlone }: Look): boolean {
  if (!isAlone || text.length > LONGEST_ERROR || !PARKED_TITLES.some((called) => called.test(title))) return false
  const host = siteHost(item.url)
  if (host !== null && BROKERS.test(host)) return true
  const isItself = host !== null && title.toLowerCase().includes(host) && !hasOwnPage
  const phrases = BROKER_WORDS.filter((words) => words.test(text)).length
  return isItself || (!hasOwnPage && phrases > 0) || phrases >= 2
}

const PARKED_TITLES = [
  /^(?:the )?(?:domain(?: name)? )?[\w-]+(?:\.[\w-]+)+ (?:is|may be|could be) (?:available )?for sale\b.{0,40}$/i,
  /^(?:buy )?(?:this|the) domain(?: name)?(?: \S+)? (?:is|may be|could be) (?:available )?for sale\b.{0,40}$/i,
  /^(?:buy|get) (?:this domain|the domain \S+|[\w-]+(?:\.[\w-]+)+)[.!]?$/i,
  /^[\w-]+(?:\.[\w-]+)+ ?[-–|:] ?(?:(?:this )?(?:website|domain)(?: name)? (?:is )?for sale|domain parking|parked (?:domain|page)).{0,60}$/i,
  /^(?:(?:this|the|your) )?domain(?: name)?(?: \S+)? (?:has )?expired[.!]?$/i,
  /^[\w-]+(?:\.[\w-]+)+ (?:has|is) expired[.!]?$/i,
  /^(?:parked domain|domain parking|domain default page|this (?:domain|page) is parked.{0,60})$/i,
  /^diese domain (?:steht|ist) .{0,20}zum verkauf/i,
  /^(?:le|ce) (?:nom de )?domaine .{0,60}est (?:à|a) vendre/i,
]

const BROKERS =
  /(?:^|\.)(?:hugedomains|sedo|sedoparking|afternic|dan|undeveloped|bodis|parkingcrew|above|buydomains|domainmarket|brandbucket|squadhelp|atom|epik|uniregistry|parklogic|skenzo)\.(?:com|net)$/

const BROKER_WORDS = [
  /(?:buy|purchase|inquire about|interested in|acquire|own|lease) this domain/i,
  /make an? offer/i,
  /related (?:searches|links)/i,
  /domain (?:name )?(?:is |may be )?(?:listed )?for sale/i,
  /this (?:web ?page|domain|page) (?:is parked|was generated by the domain owner|has expired|is registered)/i,
  /(?:godaddy|sedo|hugedomains|afternic|namecheap|dan\.com)/i,
  /renew (?:it|your domain|this domain)/i,
  /get (?:this|a price on this) domain/i,
]

// ---- No such feed ----

/** Feed makers answer so for feeds that were never made, have ended, or cannot be made now. */
function isMissingFeed({ title, text, hasOwnPage, isAlone }: Look): boolean {
  return isAlone && !hasOwnPage && text.length < 600 && MISSING_FEED.test(title)
}

const MISSING_FEED =
  /^(?:error[:!]? ?)?(?:(?:(?:the|this|your) )?(?:requested )?(?:rss )?feed (?:could )?(?:not|cannot|can['’]t) (?:be )?(?:found|loaded|generated|fetched|created|available|exist)|(?:no|invalid|unknown) (?:such )?(?:rss )?feed(?: found| url| id)?|(?:(?:the|this|your) )(?:rss )?feed (?:does not exist|(?:has been|is|was) (?:disabled|suspended|removed|deleted|expired)|has expired)|(?:unable to|could not|cannot|failed to|error) (?:load|loading|fetch|fetching|generate|generating|create|creating|read|reading|parse|parsing) (?:the |this )?(?:rss )?feed)[.!]?$/i
