/**
 * The doors to the outside. Actions see only these; adapters stand behind them.
 * A source's or Telegram's own faults come back as values, only ours are thrown.
 */
import type { Need } from './errors.ts'
import type {
  Access,
  Alert,
  Article,
  Chat,
  Hit,
  Hub,
  Item,
  ItemKeys,
  KnownSlices,
  Matchable,
  Mute,
  OutboxMessage,
  PageRules,
  Query,
  Read,
  ReadDocument,
  ReadItem,
  RenderedMessage,
  Rhythm,
  Source,
  Status,
  Unreadable,
  Validators,
  Watch,
} from './model.ts'

/** The time, in UTC milliseconds. Nobody else asks the machine for it. */
export type Clock = () => number

// ---- Fetch ----

export interface FetchRequest {
  url: string
  validators: Validators
  /** Hash of the body read last: the same body again is `unchanged`, whatever the server's validators say. */
  bodyHash: string | null
  access?: Access | null
  /** For how long this host (as in `URL.hostname`) wants to be left alone: asked before a redirect leads to another one. */
  restMs?: (host: string) => number
}

/** A request for what was never read: it has nothing to compare with. */
export const UNSEEN = { validators: { etag: null, lastModified: null }, bodyHash: null }

export type Fetched = FreshDocument | Unchanged | FetchFailed

export interface Unchanged {
  kind: 'unchanged'
  validators: Validators
  notBeforeMs: number | null
  movedTo?: string
}

export interface FreshDocument {
  kind: 'fresh'
  /** The address that answered, after redirects. */
  url: string
  contentType: string | null
  /** Decompressed. */
  bytes: Uint8Array
  validators: Validators
  bodyHash: string
  /** The server asked not to be polled sooner (Cache-Control: max-age, Expires), in ms from now; null when it did not say. */
  notBeforeMs: number | null
  /** Every hop on the way said "for good" (301, 308): the address that answered. Missing where it was not so. */
  movedTo?: string
  /** The Link header's rel=hub and rel=self (WebSub, 4). */
  links?: { hub: string | null; self: string | null }
  /** What the Link header says it is published as, too, in other formats: as it is written. */
  alternates?: { href: string; type: string; title: string }[]
}

export interface FetchFailed {
  kind: 'failed'
  reason:
    | 'refused'
    | 'dns'
    | 'connect'
    | 'tls'
    | 'timeout'
    | 'too_big'
    | 'redirects'
    | 'status'
    | 'throttled'
    /** A challenge (Cloudflare and its like) or a login page stands where the document was. */
    | 'blocked'
    | 'body'
    | 'network'
  /** A sentence for people: what happened, and where it helps, what to do. Never a secret. */
  detail: string
  /** What would help, where a person can give it. */
  needs?: Need
  status: number | null
  /** From Retry-After; null when the server did not say. `throttled` (429, or 503 with Retry-After) is not a failure of the source. */
  retryAfterMs: number | null
  /** Who is `throttled`, where a redirect led to another host; without a `status` that host was left alone, and not asked. */
  host?: string
  /** Nobody else answers either: it may be no fault of this host. */
  offline?: true
}

/** One conditional GET, redirects followed, every hop guarded, one deadline and one size cap for all of it. Never throws for the other side's faults; `unavailable` where the service stops meanwhile. */
export type Fetch = (request: FetchRequest) => Promise<Fetched>

/**
 * One guarded POST of a form, as `Fetch` in everything else. Redirects are followed with the form, but from https to https
 * only. For WebSub hubs.
 */
export type Post = (request: {
  url: string
  form: Record<string, string>
  /** Goes through it. */
  proxy?: string | null
}) => Promise<{ kind: 'answered'; status: number } | FetchFailed>

// ---- Parse ----

/**
 * Bytes to items, in a worker thread with a kill timer. What is `known` and still in the document is not read again.
 * Never throws for the document's faults.
 */
export type Parse = (document: {
  bytes: Uint8Array
  contentType: string | null
  url: string
  known?: KnownSlices | null
  /** Read it as a page of entries; without rules they are looked for. */
  page?: { rules: PageRules | null }
}) => Promise<Read>

/** The main text of a web page (Readability), in the same threads under the same limits. */
export type Extract = (document: {
  bytes: Uint8Array
  contentType: string | null
  url: string
}) => Promise<Article | Unreadable>

// ---- Notify ----

export type NotifyOutcome =
  | { kind: 'sent'; messageId: string | null }
  /** Certainly not delivered, not our fault, do not count it: wait this long. */
  | { kind: 'wait'; retryAfterMs: number }
  /** Certainly not delivered (no connection): try again later. */
  | { kind: 'unsent'; reason: string }
  /** Nobody knows whether it was delivered. */
  | { kind: 'unknown'; reason: string }
  /** The message itself was refused. */
  | { kind: 'refused'; reason: string }
  /** The chat cannot be reached any more. */
  | { kind: 'gone'; reason: string }
  /** The chat has a new id. */
  | { kind: 'moved'; chat: string }

/** How a service stands with Telegram: 'off' without a token. */
export const TELEGRAM_STANDINGS = ['off', 'connecting', 'online', 'unauthorized', 'offline', 'conflict'] as const

export type TelegramStanding = (typeof TELEGRAM_STANDINGS)[number]

/** How the way to Telegram is; where there is no token, there is none. */
export interface TelegramState {
  state: Exclude<TelegramStanding, 'off'>
  /** Of the bot, without "@"; null before the first connection. */
  username: string | null
  /** What makes its sender the owner (`/start CODE`); null when there is an owner. */
  code: string | null
}

/** Carries messages to one kind of chat. */
export interface Notify {
  kind: Chat['kind']
  send(message: OutboxMessage): Promise<NotifyOutcome>
  /** Whether it can change what it has sent: else edits are not given to it. */
  canEdit: boolean
  /** Whether sending makes sense now; false leaves everything in the queue. */
  isOpen(): boolean
  /** Asks the other side; done before a message of unknown fate is sent again. */
  isReachable(): Promise<boolean>
}

// ---- Store ----

/** What the ingest transaction knows, for the plan to decide upon. Everything is read inside the transaction. */
export interface Known {
  /** The source as it is now; it may have been paused or removed since the poll began. */
  source: Source
  /** The item of this source that carries this key (of `ItemKeys`). */
  findItem(key: string): KnownItem | undefined
  /** The stored version, to compare with an edit; undefined when it was pruned, and only its names are left. */
  findStored(place: number): Item | undefined
  /** What the source showed last time, in the document the last poll read. */
  fingerprints(): Fingerprints | null
  /** When something arrived (its places), the latest first, each moment once, at most `MOST_ARRIVALS`. */
  arrivals(): number[]
  /** Without those that are muted at the moment it is asked for. */
  watches: WatchIndex
  /** Whether this chat was ever told of this story, or is about to be; it was not where its message was given up. */
  isAlerted(chat: string, story: number): boolean
}

/** More arrivals say nothing more about how often something comes. */
export const MOST_ARRIVALS = 17

export interface KnownItem {
  place: number
  contentKey: string
  firstSeenAt: number
}

/** The items of the document a source showed last. Those that must be read again have the print of no slice. */
export interface Fingerprints {
  context: string
  head: string
  items: FingerprintedItem[]
}

export interface FingerprintedItem {
  print: string
  place: number
  /** The first 16 characters of each: enough to tell the items of one document apart. */
  keys: ItemKeys
  /** The key that leads to its place, and to no other's. */
  namedBy: keyof ItemKeys
  /** It links to the site itself, so that its address names nobody. */
  isHome: boolean
  /** How often its id was another than before, up to 7; missing for never. */
  renamed?: number
}

/** All watches of chats that can be reached, ready to be asked about one item. */
export interface WatchIndex {
  /** Every watch that matches, exactly as `evaluate` of query/ would say. `nowMs` is for `within:`. */
  match(item: Matchable, nowMs: number): Hit[]
}

/**
 * What one poll changes. The store applies it whole or not at all. Where the plan says something of the source that the
 * `PollRecord` says, too, the plan's word counts: it knows what came.
 */
export interface IngestPlan
  extends Partial<Pick<PollRecord, 'nextPollAt' | 'rhythm' | 'move' | 'adoptUrl' | 'told' | 'pageRules' | 'notices'>> {
  /** In ascending order of `placeMs`: the store gives each a place of its own at or after it. */
  insert: PlannedInsert[]
  /** `silent`: only we read it differently now. It is stored, and counts as no edit to anybody. */
  edit: { place: number; item: ReadItem; silent?: true }[]
  /** Keys that name a known item from now on. */
  bind: { place: number; keys: string[] }[]
  /** What names an item no longer: keys, or how they begin (16 characters). Done before anything is bound. */
  forget?: { place: number; key: string }[]
  /**
   * Each becomes one message in the outbox: of one alert, or of more as a summary. With `singly`, a message for each of
   * its alerts unless there are more than so many. Alerts of one story are one, and where the chat was told of a story
   * before, or is about to be, the hits join that alert: then there is no new message.
   */
  messages: { chat: string; alerts: PlannedAlert[]; singly?: number }[]
  /** What the next poll need not read; `as_before`: what this one need not. Where it is missing, the next one reads everything. */
  remember?: { context: string; head: string; items: PlannedFingerprint[] } | 'as_before'
  /** What it inserts and edits calls nobody, not even by its whole text, which is fetched later. A due baseline is quiet anyway. */
  quiet?: true
  /** An item that was skipped cannot be judged without reading it: nothing is applied, the document must be read whole. */
  needsAll?: true
}

export interface PlannedInsert {
  item: ReadItem
  placeMs: number
  /** It calls nobody, not even by its whole text, which is fetched later. */
  quiet?: true
}

/** What the owner is told of a source: one message in each of these chats. */
export interface Notice {
  chats: string[]
  message: RenderedMessage
}

export type PlannedFingerprint = Omit<FingerprintedItem, 'place'> & { item: PlannedAlert['item'] }

/** More alerts than this for one chat from one poll become one message, which shows so many of them. */
export const MOST_SINGLE_ALERTS = 10

export interface PlannedAlert {
  /** Of `insert`, by index, or of a stored item that was edited. */
  item: { inserted: number } | { place: number }
  hits: Hit[]
}

/** What is enough to choose whom to poll. */
export type DueSource = Pick<Source, 'id' | 'host' | 'failures' | 'succeededAt'>

/** How many due sources somebody has room for. */
export interface DueQuota {
  limit: number
  /** Of these, so many of one host. */
  perHost: number
  /** Others are passed over; missing: all are wanted. */
  isWanted?: (source: DueSource) => boolean
}

/** A source, how many items it holds, and when the newest of them came. */
export type ListedSource = Source & { items: number; newestAt: number | null }

/** The source's side of a poll, stored in the same transaction as its items. */
export interface PollRecord {
  polledAt: number
  nextPollAt: number
  validators: Validators
  bodyHash: string | null
  rhythm?: Rhythm
  move?: Source['move']
  /** It has moved there: its address from now on, unless another source has it. Everything known of it stays. */
  adoptUrl?: string
  told?: Source['told']
  hub?: Hub | null
  pageRules?: PageRules
  notices?: Notice[]
  /** A hub pushed it, or it is a page of older items: only its items and `polledAt`, the moment, count. All else the source knows, its lease too, stays as it is. */
  pushed?: true
}

export interface IngestResult {
  inserted: number
  edited: number
  alerts: number
  /** As the plan said: nothing was stored, and the source is still leased. */
  needsAll?: true
}

export interface NewSource {
  kind?: Source['kind']
  /** Active unless told. */
  state?: 'active' | 'paused'
  pageRules?: PageRules | null
  fullText?: boolean
  access?: Access | null
  url: string
  givenTitle: string | null
  tags: string[]
  everyMs: number | null
  /** What the first look found, when there was one; of what was imported, what it called itself elsewhere. */
  found: (Pick<ReadDocument, 'title' | 'link' | 'language'> & Pick<Source, 'format'>) | null
}

export type SourcePatch = Partial<
  Pick<
    Source,
    'url' | 'kind' | 'givenTitle' | 'tags' | 'everyMs' | 'state' | 'nextPollAt' | 'pageRules' | 'fullText' | 'access'
  >
>

/** How a host wants to be asked, learned from its answers; hosts that never complained are not known. */
export interface HostPace {
  host: string
  /** The least time between two requests. */
  spacingMs: number
  /** Not before then. */
  until: number
}

/** Our subscription at a source's hub. */
export interface Subscription {
  sourceId: number
  hub: Hub
  /** The secret part of the address we are called back at; new with every hub. */
  token: string
  /** Signs what is pushed (WebSub, 8). */
  secret: string
  state: 'asked' | 'active' | 'refused'
  /** The hub pushes until then. */
  leaseUntil: number | null
  /** When to ask (again). */
  nextAt: number
  /** Requests in a row that were not verified. */
  attempts: number
}

/** An item whose whole text is to be fetched. */
export interface DueFullText {
  place: number
  url: string
  sourceId: number
  access: Access | null
  attempts: number
}

export interface ListOptions {
  limit: number
  before?: number | undefined
  query?: Query | undefined
  now: number
  /** Each story once: by the item that began it, or where that does not match (or is gone) by the first that does. */
  stories?: boolean
}

/** How many there are; `isMore`: at least so many, there was no time or need to count them all. */
export interface ItemCount {
  count: number
  isMore: boolean
}

/** An item with what only its store knows of it. */
export interface StoredItem extends Item {
  /** It came with a baseline or a backlog, and calls nobody. */
  quiet: boolean
}

export interface ItemPage {
  /** Newest first. */
  items: Item[]
  /** Where to go on (`before`), or null at the end. */
  next: number | null
  /** The search ran out of time: it has looked back to this moment only. */
  lookedBackTo: number | null
}

export interface ClaimedMessages {
  messages: OutboxMessage[]
  /** When the next one is due; null when nothing waits. */
  nextAt: number | null
}

/** A notice that could not be told. */
export interface ParkedNotice {
  id: number
  chat: string
  message: RenderedMessage
  /** Why, as a sentence for people. */
  error: string | null
  createdAt: number
}

/** What became of a claimed message. */
export type Settlement =
  | { kind: 'sent'; at: number; messageId: string | null }
  /** Back to the head of its chat's queue, not before `at`, a day ahead at most. `counts` says which counter it moves, if any. */
  | { kind: 'requeue'; at: number; counts: 'attempts' | 'unknowns' | null; plain?: true; error: string | null }
  | { kind: 'parked'; error: string }
  /** Requeued, and its chat takes no more until it comes back. */
  | { kind: 'gone'; at: number; reason: string }
  /** Requeued, and everything of this chat belongs to the new id from now on. */
  | { kind: 'moved'; chat: string }

/**
 * Everything that is kept. Each method is one whole intention and one transaction; several that come together may
 * share a commit, and a promise resolves only after it.
 */
export interface Store {
  // Sources
  /** Adds it, or continues the one that had this address; `added` is false when it is there already, untouched. */
  addSource(source: NewSource, now: number): Promise<{ source: Source; added: boolean }>
  /** By number, or by address. A removed source is found only with `removed`. */
  findSource(ref: number | string, options?: { removed: true }): Promise<Source | undefined>
  /** All but the removed, by title. */
  listSources(): Promise<ListedSource[]>
  /**
   * Throws `not_found`, and `conflict` when another source has the new address. A new address or another kind is read
   * whole at once and makes a baseline due, as leaving a pause does; other page rules are read whole at once; another
   * access is tried at once. Whole texts wanted from now on begin with the twenty newest items.
   */
  changeSource(id: number, patch: SourcePatch, now: number): Promise<Source>
  /** Active, not leased and due by then, the longest due first: for each quota a list. */
  listDueSources(dueBy: number, ...quotas: DueQuota[]): Promise<DueSource[][]>
  /** Leases those that are still free (and, unless `force`, due by `dueBy`: now); what somebody else polls is left out. */
  claimSources(
    ids: number[],
    now: number,
    leaseMs: number,
    options?: { force?: boolean; dueBy?: number },
  ): Promise<Source[]>
  /** Gives back leases of polls that were not begun, or were broken off: whoever is next need not wait for their ends. */
  releaseSources(ids: number[]): Promise<void>
  /**
   * A poll without new items; frees the lease. False where it rests on what was remembered (`stamp`, of its
   * `KnownSlices`) and something else is remembered by now: nothing was recorded.
   */
  recordPoll(
    id: number,
    record: PollRecord & Pick<Source, 'failures' | 'trouble'> & { needs?: Need; succeeded: boolean; stamp?: string },
  ): Promise<boolean>
  /** What a document may repeat without being read again. */
  findKnownSlices(sourceId: number): Promise<KnownSlices | null>
  /** A poll that read a document: calls the pure, synchronous `plan` inside the transaction (perhaps twice), applies it, and frees the lease. */
  ingest(
    sourceId: number,
    read: ReadDocument,
    record: PollRecord,
    plan: (known: Known) => IngestPlan,
  ): Promise<IngestResult>

  // Hosts
  listHostPaces(): Promise<HostPace[]>
  /** Another number as soon as another process may have changed a pace; what this one saves leaves it as it is. */
  findPacesVersion(): Promise<number>
  /** With the usual spacing and nothing to wait for, it is forgotten. */
  saveHostPace(pace: HostPace): Promise<void>

  // WebSub
  /**
   * Active sources that name a hub and need a request: never asked, another hub, a lease that ends, or `nextAt` is over.
   * And those that have a subscription they need no more: paused, removed, or without a hub.
   */
  listDueSubscriptions(now: number, limit: number): Promise<{ source: Source; subscription: Subscription | null }[]>
  findSubscription(token: string): Promise<{ source: Source; subscription: Subscription } | undefined>
  /** Inserts or replaces the one of its source; what it says of pushes is in `pushedUntil` of the source from then on. */
  saveSubscription(subscription: Subscription): Promise<void>
  removeSubscription(sourceId: number): Promise<void>

  // Full text
  listDueFullTexts(now: number, limit: number): Promise<DueFullText[]>
  /**
   * Takes the text as the item's own, if it is still wanted, and alerts as `plan` says, which sees the item as it was before
   * (after an edit, with the whole text it had). An item that came quietly calls nobody: then the plan is not asked.
   */
  storeFullText(
    place: number,
    article: Article,
    now: number,
    plan: (known: Known) => IngestPlan['messages'],
  ): Promise<void>
  /** Not now: again at `nextAt`, or never (null). One attempt more, unless it was not for the page that it failed. */
  putOffFullText(place: number, nextAt: number | null, options?: { uncounted: true }): Promise<void>

  // Items
  /** All items, or those a query matches, newest first, strictly before the place `before`. */
  listItems(options: ListOptions): Promise<ItemPage>
  /** How many items a query matches (all of them without one), counted up to `most`, as long as time allows. */
  countItems(options: { query?: Query; now: number; most: number }): Promise<ItemCount>
  findItem(place: number): Promise<Item | undefined>
  /**
   * All items at this address, whatever the source, by their canonical addresses, the newest first, fifty at most; where there
   * are none, those that are remembered to have stood there, else those whose recording it is, of the newest that have one.
   */
  findItemsByUrl(url: string): Promise<StoredItem[]>
  /** How many independent publishers carry a story, whether all of its items match something or not; 0 where nothing of it is left. */
  countPublishers(story: number): Promise<number>
  /** Moves whenever what feeds and pages show may have changed, by whatever process. */
  revision(): Promise<number>

  // Chats and watches
  findChat(id: string): Promise<Chat | undefined>
  /** The ids of this chat, if it is known, and of its topics that somebody watches from. */
  listPlaces(id: string): Promise<string[]>
  /** Makes the chat known, and active again if it was gone: `goneSince` says since when, null where it was not. */
  reviveChat(id: string): Promise<{ goneSince: number | null }>
  markChatGone(id: string, reason: string, now: number): Promise<void>
  /** The chat has got another id: everything of it belongs to that one from now on. Does nothing where it is not known. */
  moveChat(from: string, to: string): Promise<void>
  /** Throws `conflict` when the chat has a watch with the same text. Makes the chat known. */
  addWatch(chat: string, query: Query, now: number): Promise<Watch>
  /** By chat and number; all of them without a chat. */
  listWatches(chat?: string): Promise<Watch[]>
  /** What all chats watch for, each query once: the first `most`, the oldest first, and how many there are. */
  listQueries(most: number): Promise<{ queries: string[]; total: number }>
  /** Whether any chat has a watch with this text. */
  isWatched(text: string): Promise<boolean>
  /**
   * Of these texts those that call nobody at this moment, because each of their watches is muted, by itself or with its chat;
   * and when the first of them is heard again.
   */
  listMutedQueries(texts: string[], now: number): Promise<Map<string, number>>
  /** Throws `not_found`. Takes back its own waiting hits; an alert with no hit left is cancelled. */
  removeWatch(chat: string, number: number, now: number): Promise<Watch>
  /**
   * What comes before `until` is not told to the chat, or not by the watch with this number, and never will be; what waits in
   * the outbox is. What is muted already is so until then instead; an `until` that is not after `now` ends it. Gives the
   * mute that was going on. Makes the chat known; throws `not_found` for a watch it does not have.
   */
  mute(chat: string, number: number | null, until: number, now: number): Promise<Mute | null>
  /** All that is remembered, those of its removed watches too, in the order in which they began: for a year after they ended. */
  listMutes(chat: string): Promise<Mute[]>

  // Outbox
  /** Takes the head of each due chat of this kind (none while one of its messages is on its way), renders what is not rendered yet, and stores that. */
  claimMessages(options: {
    now: number
    limit: number
    leaseMs: number
    kind: Chat['kind']
    /** At most so many edits of what was sent, rendered anew, to chats in which nothing new waits; none unless told. */
    edits?: number
    /** The least time between two messages to this chat. */
    gapMs: (chat: Chat) => number
    /** Pure. The newest alerts, `MOST_SINGLE_ALERTS` at most, and how many there are in all. */
    render: (alerts: Alert[], total: number) => RenderedMessage
  }): Promise<ClaimedMessages>
  /** `edits` as it was claimed: the settlement of an edit leaves the message sent, `parked` gives the edit up. */
  settleMessage(id: number, settlement: Settlement, edits?: OutboxMessage['edits']): Promise<void>
  /** Takes back what waits for more publishers, where its story has left the window (72 h); gives how many alerts. */
  cancelStaleAlerts(now: number): Promise<number>
  /** For a service that starts: what a crash left on its way goes back to the queue, uncounted, and every lease is free. */
  recover(): Promise<void>
  /** Newest first. */
  listAlerts(options: { limit: number; chat?: string }): Promise<Alert[]>
  /** By its number; or by what the other side calls the message that tells it (the newest alert of a summary). */
  findAlert(ref: { id: number } | { chat: string; messageId: string }): Promise<Alert | undefined>
  /** What a chat was told of a story, or is about to be; the cancelled last. */
  findAlertOfStory(chat: string, story: number): Promise<Alert | undefined>
  /** Notices that were given up, newest first: they are no alerts, and are counted and listed nowhere else. */
  listParkedNotices(limit: number): Promise<ParkedNotice[]>

  // People
  /** Telegram user ids. */
  listOwners(): Promise<number[]>
  addOwner(userId: number, now: number): Promise<void>
  /** True once a day for each stranger. */
  noteStranger(userId: number, now: number): Promise<boolean>

  // Itself
  /** Drawn once for this database: it tells our feeds from those of every other Crier. */
  instance(): Promise<number>
  status(): Promise<Status>
  /** Throws when the file cannot be written. */
  checkWritable(): Promise<void>
  /** While memory is scarce less of the database is held in it; what is asked for takes longer then. */
  keepSmall(isScarce: boolean): void
  close(): Promise<void>
}
