/**
 * The words of the house as types, and the numbers that belong to them. Times are UTC milliseconds, texts are plain unless a name says HTML.
 * `null` is "known to be absent"; a missing property is "not said".
 */
import type { Need } from './errors.ts'

/** What we poll: one address, and what the last polls learned about it. */
export interface Source {
  id: number
  kind: 'feed' | 'page'
  /** Absolute http(s) address, unique among all sources ever added. */
  url: string
  host: string
  /** What people see: the title somebody gave it, else the document's, else its host. */
  title: string
  givenTitle: string | null
  /** The site the document says it belongs to. */
  siteUrl: string | null
  language: string | null
  /** For people: "RSS 2.0", "Atom 1.0", "JSON Feed 1.1". */
  format: string | null
  tags: string[]
  /** An interval somebody asked for; obeyed as it is. */
  everyMs: number | null
  /** A removed source keeps its items and identities, and is continued when its address is added again. */
  state: 'active' | 'paused' | 'removed'
  /** The next successful poll stores quietly: a new source, one after a pause, or at a new address. */
  baselineDue: boolean
  validators: Validators
  /** SHA-256 (hex) of the last body read whole, for servers without 304. */
  bodyHash: string | null
  /** Of the parser that read it last: the next version reads it anew, whatever the server says. */
  parserVersion?: number | null
  addedAt: number
  polledAt: number | null
  succeededAt: number | null
  nextPollAt: number
  /** Failed polls in a row; a Retry-After or 429 is not one. */
  failures: number
  /** What the last poll could not do, as a sentence for people; null after a success. */
  trouble: string | null
  /** What would help against that, where a person can give it. */
  needs: Need | null
  /** Where its entries stand, for a page; null for a feed. */
  pageRules: PageRules | null
  /** The whole text of its items is fetched from their own pages. */
  fullText: boolean
  /** What goes with every request to it. */
  access: Access | null
  rhythm: Rhythm
  /** Where it says it has moved for good, while that is not confirmed; `foreign`: something else stood there at first. */
  move: { url: string; seen: number; foreign?: true } | null
  /** Of what the owner was told since the last success: each once. */
  told: Trouble[]
  /** Where it offers to push (WebSub), as its last document said. */
  hub: Hub | null
  /** It is being pushed to us until then; null when it is not. */
  pushedUntil: number | null
}

/** What the owner is told of once. */
export type Trouble = 'gone' | 'dead' | 'layout' | 'blocked'

/** Where the entries of a page stand, as CSS selectors. All but `entry` are looked for within each entry; null: found by itself. */
export interface PageRules {
  entry: string
  link: string | null
  title: string | null
  date: string | null
  summary: string | null
  /** Found by us: we may find it anew when the page changes. */
  auto: boolean
}

/** What is looked for within each entry. */
export const ENTRY_PARTS = ['link', 'title', 'date', 'summary'] as const satisfies (keyof PageRules)[]
export type EntryPart = (typeof ENTRY_PARTS)[number]

/** What goes with every request to a source. Secret: never in a log, a message or an answer. */
export interface Access {
  /** By lower-case name; basic auth is `authorization`. Sent to the source's own origin only. */
  headers: Record<string, string>
  /** An http or https proxy, or null. */
  proxy: string | null
}

/** How often something comes, as the source says it and as we saw it. */
export interface Rhythm {
  /** What the document asks for (ttl, sy:updatePeriod and sy:updateFrequency); null when it does not. */
  documentMs: number | null
  /** What the cache headers asked for last: a 304 without any does not take them back. Null when they never did. */
  freshForMs: number | null
  /** skipHours (0–23) and skipDays (0 is Sunday), in UTC. */
  skipHours: number[]
  skipDays: number[]
  /** The median gap between arrivals; null while there are fewer than three. */
  gapMs: number | null
  /** When something arrived last; in a first backlog, when it was published. */
  arrivedAt: number | null
  /** What decided upon the next poll when it was planned; missing before the first. */
  because?: PollReason
  /**
   * How often it asked us to wait (429, or 503 with Retry-After) since its last success; missing for never. `status` is that of
   * the last time: null where it led us to a host that had asked before to be left alone, and was not asked. `doublings`: how
   * many of these answers named no wait longer than ours, each of which doubles it; missing for none.
   */
  throttled?: { status: number | null; times: number; doublings?: number }
  /**
   * How many of the failures in a row do not lengthen the wait: polls that somebody asked for before their time, or that
   * failed while our own network may have been down. Missing for none.
   */
  uncounted?: number
}

/** Why a source is polled next when it is; `whyNext` of source/cadence.ts says it in words. */
export type PollReason =
  | 'every'
  | 'unproven'
  | 'usual'
  | 'quiet'
  | 'pushed'
  | 'sooner'
  | 'cache'
  | 'document'
  | 'skip_hours'
  | 'skip_days'
  | 'asked'
  | 'throttled'
  | 'failing'
  | 'gone'

/** A hub and the address it knows the source by (WebSub, 4). */
export interface Hub {
  url: string
  topic: string
}

/** What a server gave us to ask "has it changed?" with (RFC 9110, 8.8). */
export interface Validators {
  etag: string | null
  lastModified: string | null
}

export interface Enclosure {
  url: string
  type: string | null
  length: number | null
}

/** The names by which an item is known again within its source; each a SHA-256 in hex. */
export interface ItemKeys {
  /** Of the id the document gives it. */
  id: string | null
  /** Of its canonical address. */
  url: string | null
  /** Of everything a reader sees (no dates): changes when the item is edited. */
  content: string
}

/** One thing a document says, after `normalize`: titles plain, addresses absolute, dates in milliseconds. */
export interface ReadItem {
  /** As published. */
  id: string | null
  url: string | null
  /** Plain text, '' when there is none. */
  title: string
  /** HTML as published, addresses made absolute. */
  content: string | null
  /** HTML as published, addresses made absolute. */
  summary: string | null
  publishedAt: number | null
  updatedAt: number | null
  authors: string[]
  categories: string[]
  enclosures: Enclosure[]
  /** Declared, else what the script says; null for undeclared Latin text. Lower case: "zh", "zh-tw". */
  language: string | null
  /** Plain text of content, else of summary: what is matched, searched and quoted. */
  text: string
  /**
   * Title and text as `tokenStream` of text/tokens.ts gives them: what the match index and the full text read. With them what
   * stories are compared by, where a thread has worked it out (`signatureOf` of story/signature.ts).
   */
  tokens: { title: string; text: string; signature?: Uint16Array }
  keys: ItemKeys
}

/** What is fetched, pushed and read of one document at most: one number, or one of them would refuse what another let in. */
export const MAX_DOCUMENT_BYTES = 10 * 1_024 * 1_024

/** What a document says. */
export interface ReadDocument {
  kind: 'read'
  format: string
  title: string | null
  /** The site's address. */
  link: string | null
  language: string | null
  /** In document order. */
  items: ReadItem[]
  /** The document was cut off: what arrived whole is here, and its validators must not be kept. */
  truncated: boolean
  /** What it says of itself beside its items; missing where the format has nothing of it. */
  hints?: DocumentHints
  /** Where its entries stood: it is a page. */
  page?: PageRules
  /** Of the selectors a person gave, those that match nothing within any entry, or no date; missing where each matches. */
  unmatched?: EntryPart[]
  /** All its items are known, under the same head: nothing of it was read, and nothing is said here. */
  asBefore?: true
  /** How the next poll knows again what it need not read; missing where the next one must read everything. */
  slices?: Slices
}

export interface DocumentHints {
  /** ttl, sy:updatePeriod and sy:updateFrequency. */
  everyMs: number | null
  skipHours: number[]
  skipDays: number[]
  /** link rel=hub and rel=self. */
  hub: string | null
  self: string | null
  /** Where older items are: rel=prev-archive, else rel=next (RFC 5005). */
  older: string | null
}

/** The pieces of the document that are one item each. Those that were `skipped` are not among the document's `items`. */
export interface Slices {
  /** A print of all that items inherit. */
  context: string
  /** A print of all that is no item, without what changes with every build (dates): where it is the same, so is the context. */
  head: string
  /** A fingerprint each, in document order. */
  prints: string[]
  /** Positions in `prints`, ascending. */
  skipped: number[]
  /** Where some were skipped, the document itself, given back should it have to be read whole after all. */
  bytes: Uint8Array | null
}

/** What a source showed last time: slices that need not be read again while the context is the same. */
export type KnownSlices = Pick<Slices, 'context' | 'head' | 'prints'> & {
  /** A hash of all that is remembered of the source: another one means that something else is remembered by now. */
  stamp?: string
}

export type Read = ReadDocument | Unreadable

/** The document's own fault (or a limit it met), as a sentence for people. */
export interface Unreadable {
  kind: 'unreadable'
  reason: 'not_a_feed' | 'opml' | 'too_big' | 'too_slow' | 'malformed' | 'layout' | 'error_page' | 'blocked'
  detail: string
  /** What would help, where a person can give it. */
  needs?: Need
}

/** The whole text of an item, as its own page has it. */
export interface Article {
  kind: 'article'
  /** HTML, addresses made absolute. */
  content: string
  text: string
  tokens: string
}

/** What a query looks at. Stored items and new ones both fit. */
export interface Matchable
  extends Pick<
    ReadItem,
    'title' | 'text' | 'tokens' | 'url' | 'authors' | 'categories' | 'enclosures' | 'language' | 'publishedAt'
  > {
  firstSeenAt: number
  source: Pick<Source, 'id' | 'title' | 'url' | 'host' | 'tags' | 'siteUrl'>
}

/** One item as it is stored. */
export interface Item extends Omit<ReadItem, 'tokens' | 'keys'> {
  /** Its key, and its position in every list: UTC milliseconds times 1000 plus a serial, never changed. */
  place: number
  /** The place of the item that began its story; its own when it stands alone. */
  story: number
  source: Matchable['source']
  firstSeenAt: number
  /** 0 as first stored, one more with each edit, and with its whole text. */
  revision: number
  revisedAt: number | null
  /** The queries of the watches that called it; in a list where it stands for its story, of those that called any item of that. */
  calledBy: string[]
  /**
   * Others that tell the same story, the earliest first: fifty at most, or twelve in a list of items. Where there are more,
   * each source has its earliest here before any has a second. Filled in where items are listed for people.
   */
  related: RelatedItem[]
  /** How many other sources tell it, those that `related` leaves out included; missing where it leaves none out. */
  relatedCount?: RelatedCount
}

/** The moment in a place: its UTC milliseconds. */
export function momentOf(place: number): number {
  return Math.floor(place / 1_000)
}

/** Sources that people cannot tell apart are one, and the item's own is not among them. */
export interface RelatedCount {
  sources: number
  /** Fifty others of the story were looked at, and there are more: at least so many. */
  isMore: boolean
}

/** An item as another one's list of the same story has it. */
export type RelatedItem = Pick<Item, 'place' | 'title' | 'url' | 'source' | 'publishedAt' | 'firstSeenAt'>

// ---- Queries ----

/** A query people wrote, in its normal form. `query/parse.ts` makes it, `query/echo.ts` says it back. */
export interface Query {
  /** As written, ends trimmed. */
  text: string
  root: QueryNode
  /** `sources>=3`: told as soon as so many independent publishers carry the story, two at least. Watches only; who matches an item ignores it. */
  publishers?: number
}

/** In which part a word is looked for; `any` is title or text, and a phrase never runs from one into the other. */
export type TextField = 'any' | 'title' | 'body' | 'author' | 'tag' | 'url'

export type QueryNode =
  | { kind: 'and' | 'or'; nodes: QueryNode[] }
  | { kind: 'not'; node: QueryNode }
  /**
   * Tokens in a row, as `queryTokens` of text/tokens.ts makes them; `prefix`: the last one may go on. One before it that
   * ends in `*` may go on too ("大 数据" is 大* 数据). `written` is the bare word or phrase, with its `*`, without its field.
   */
  | { kind: 'words'; field: TextField; tokens: string[]; prefix: boolean; written: string }
  /** The source's title (its words), host, address or number; `address` is a host, or an address without its scheme (`isAddressMeant` judges it). */
  | { kind: 'source'; written: string; tokens: string[]; prefix: boolean; id: number | null; address: string | null }
  | { kind: 'site'; host: string }
  | { kind: 'lang'; language: string }
  /** Published (else first seen) at or after `fromMs` and before `toMs`; `written` is the day, "2026-11-01". */
  | { kind: 'published'; fromMs: number | null; toMs: number | null; written: string }
  | { kind: 'within'; ms: number; written: string }
  | { kind: 'enclosure' }

// ---- Watches, alerts, chats ----

/** Where alerts go: a Telegram chat, or the service's own terminal. */
export interface Chat {
  /** "terminal", or the Telegram chat id in decimal; with "/" and its number for a topic of that chat. */
  id: string
  kind: 'terminal' | 'telegram'
  state: 'active' | 'gone'
  goneReason: string | null
  goneAt: number | null
}

/** The id of the service's own terminal. */
export const TERMINAL = 'terminal'

/** What a chat is by its id as people give it; null for what can be no chat. */
export function chatKind(id: string): Chat['kind'] | null {
  if (id === TERMINAL) return 'terminal'
  return /^-?[1-9]\d{0,15}(?:\/[1-9]\d{0,9})?$/.test(id) ? 'telegram' : null
}

/** A number of ours as people write it: "3", "#3", "№ 3"; null for anything else. */
export function readNumber(text: string): number | null {
  const digits = /^[№#]?\s*(\d{1,15})$/.exec(text.trim())?.[1]
  return digits === undefined ? null : Number(digits)
}

/** Where in Telegram a chat of ours is: the id of the chat there, and the topic in it, if it is one. */
export function telegramPlace(id: string): { chat: string; topic: number | null } {
  const [chat = '', topic] = id.split('/')
  return { chat, topic: topic === undefined ? null : Number(topic) }
}

export interface Watch {
  id: number
  chat: string
  /** Its number in its chat, never used again. */
  number: number
  /** As written; it is also the watch's name. */
  query: string
  createdAt: number
}

/** What came from `since` on and before `until` was told to nobody of the chat, or not by this watch of it. */
export interface Mute {
  chat: string
  /** Null: the whole chat. */
  watchId: number | null
  since: number
  until: number
}

/** A watch matched an item; the words are as they stand in the query, for people. */
export interface Hit {
  watch: Watch
  words: string[]
  /** Not told before so many independent publishers carry the story; missing where nothing is waited for (any more). */
  waitsFor?: number
}

/** `waiting` for a condition, then in the outbox (`queued`, `sending`), then `sent`, or `parked`, or `cancelled`. */
export type AlertState = 'waiting' | 'queued' | 'sending' | 'sent' | 'parked' | 'cancelled'

/** What one chat is told of one story. */
export interface Alert {
  id: number
  chat: string
  story: number
  state: AlertState
  item: Item
  hits: Hit[]
  createdAt: number
  sentAt: number | null
  /** What the last attempt at its message met, as a sentence for people; missing where nothing went wrong, or it was sent. */
  trouble?: string
  /** How many others its message tells; missing where it is alone. */
  beside?: number
}

/** A message as it goes out: rendered once, so that a resend is the same to the byte. */
export interface RenderedMessage {
  /** Telegram's HTML (Bot API, "HTML style"). */
  html: string
  /** For the Open button; null when the item has no address Telegram takes. */
  openUrl: string | null
}

/** One row of the outbox: it tells one alert, or sums up many, or is a notice to the owner. */
export interface OutboxMessage {
  id: number
  chat: Chat
  rendered: RenderedMessage
  /** Send it as plain text, without markup and button: Telegram refused it once as it was. */
  plain: boolean
  /** Attempts that were certainly not delivered. */
  attempts: number
  /** Attempts whose outcome nobody knows. */
  unknowns: number
  firstAttemptAt: number
  /** What the other side calls the message that this one takes the place of, without a new ping; null for a new message. */
  edits: string | null
}

// ---- What the house knows of itself ----

export interface Status {
  sources: { active: number; paused: number; failing: number }
  items: number
  watches: number
  alerts: { queued: number; sent: number; parked: number }
  /** Chats that cannot be reached. */
  chatsGone: number
  lastPollAt: number | null
  lastAlertAt: number | null
}
