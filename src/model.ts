/**
 * The words of the house as types. Times are UTC milliseconds, texts are plain unless a name says HTML.
 * `null` is "known to be absent"; a missing property is "not said".
 */

/** What we poll: one address, and what the last polls learned about it. */
export interface Source {
  id: number
  kind: 'feed'
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
  /** Title and text as `tokenStream` of text.ts gives them: what the match index and the full text read. */
  tokens: { title: string; text: string }
  keys: ItemKeys
}

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
  /** How the next poll knows again what it need not read; missing where the next one must read everything. */
  slices?: Slices
}

/** The pieces of the document that are one item each. Those that were `skipped` are not among the document's `items`. */
export interface Slices {
  /** A print of all that items inherit. */
  context: string
  /** A fingerprint each, in document order. */
  prints: string[]
  /** Positions in `prints`, ascending. */
  skipped: number[]
  /** Where some were skipped, the document itself, given back should it have to be read whole after all. */
  bytes: Uint8Array | null
}

/** What a source showed last time: slices that need not be read again while the context is the same. */
export type KnownSlices = Pick<Slices, 'context' | 'prints'>

export type Read = ReadDocument | Unreadable

/** The document's own fault (or a limit it met), as a sentence for people. */
export interface Unreadable {
  kind: 'unreadable'
  reason: 'not_a_feed' | 'too_big' | 'too_slow' | 'malformed'
  detail: string
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
  /** 0 as first stored, one more with each edit. */
  revision: number
  revisedAt: number | null
  /** The queries of the watches that called it. */
  calledBy: string[]
}

// ---- Queries ----

/** A query people wrote, in its normal form. `query/parse.ts` makes it, `query/echo.ts` says it back. */
export interface Query {
  /** As written, ends trimmed. */
  text: string
  root: QueryNode
}

/** In which part a word is looked for; `any` is title or text, and a phrase never runs from one into the other. */
export type TextField = 'any' | 'title' | 'body' | 'author' | 'tag' | 'url'

export type QueryNode =
  | { kind: 'and' | 'or'; nodes: QueryNode[] }
  | { kind: 'not'; node: QueryNode }
  /**
   * Tokens in a row, as `queryTokens` of text.ts makes them; `prefix`: the last one may go on. One before it that ends in
   * `*` may go on too ("大 数据" is 大* 数据). `written` is the bare word or phrase, with its `*`, without its field.
   */
  | { kind: 'words'; field: TextField; tokens: string[]; prefix: boolean; written: string }
  /** The source's title (its words), host, address or number; `address` is a host, or an address without its scheme (`isSourceMeant` judges it). */
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
  /** "terminal", or the Telegram chat id in decimal. */
  id: string
  kind: 'terminal' | 'telegram'
  state: 'active' | 'gone'
  goneReason: string | null
  goneAt: number | null
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

/** A watch matched an item; the words are as they stand in the query, for people. */
export interface Hit {
  watch: Watch
  words: string[]
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
}

/** A message as it goes out: rendered once, so that a resend is the same to the byte. */
export interface RenderedMessage {
  /** Telegram's HTML (Bot API, "HTML style"). */
  html: string
  /** For the Open button; null when the item has no address Telegram takes. */
  openUrl: string | null
}

/** One row of the outbox: it tells one alert, or sums up many. */
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
