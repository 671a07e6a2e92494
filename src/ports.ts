/**
 * The doors to the outside. Actions see only these; adapters stand behind them.
 * A source's or Telegram's own faults come back as values, only ours are thrown.
 */
import type {
  Alert,
  Chat,
  Hit,
  Item,
  ItemKeys,
  KnownSlices,
  Matchable,
  OutboxMessage,
  Query,
  Read,
  ReadDocument,
  ReadItem,
  RenderedMessage,
  Source,
  Status,
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
}

export type Fetched = FreshDocument | { kind: 'unchanged'; validators: Validators; notBeforeMs: number } | FetchFailed

export interface FreshDocument {
  kind: 'fresh'
  /** The address that answered, after redirects. */
  url: string
  contentType: string | null
  /** Decompressed. */
  bytes: Uint8Array
  validators: Validators
  bodyHash: string
  /** The server asked not to be polled sooner (Cache-Control: max-age, Expires), in ms from now; 0 when it did not say. */
  notBeforeMs: number
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
    | 'body'
    | 'network'
  /** A sentence for people: what happened, and where it helps, what to do. Never a secret. */
  detail: string
  status: number | null
  /** From Retry-After; null when the server did not say. `throttled` (429, or 503 with Retry-After) is not a failure of the source. */
  retryAfterMs: number | null
}

/** One conditional GET, redirects followed, every hop guarded, one deadline and one size cap for all of it. Never throws for the other side's faults. */
export type Fetch = (request: FetchRequest) => Promise<Fetched>

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
}) => Promise<Read>

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

/** Carries messages to one kind of chat. */
export interface Notify {
  kind: Chat['kind']
  send(message: OutboxMessage): Promise<NotifyOutcome>
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
  /** The stored version, to compare with an edit. */
  getItem(place: number): Item
  /** What the source showed last time, in the document the last poll read. */
  fingerprints(): Fingerprints | null
  watches: WatchIndex
  /** Whether this chat was ever told of this story, or is about to be. */
  isAlerted(chat: string, story: number): boolean
}

export interface KnownItem {
  place: number
  story: number
  contentKey: string
  firstSeenAt: number
}

/** The items of the document a source showed last, as far as they need not be read again while they stay as they are. */
export interface Fingerprints {
  context: string
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
}

/** All watches of chats that can be reached, ready to be asked about one item. */
export interface WatchIndex {
  /** Every watch that matches, exactly as `evaluate` of query/ would say. `nowMs` is for `within:`. */
  match(item: Matchable, nowMs: number): Hit[]
}

/** What one poll changes. The store applies it whole or not at all. */
export interface IngestPlan {
  /** In ascending order of `placeMs`: the store gives each a place of its own at or after it. */
  insert: { item: ReadItem; placeMs: number }[]
  edit: { place: number; item: ReadItem }[]
  /** Keys that name a known item from now on. */
  bind: { place: number; keys: string[] }[]
  /** Each becomes one message in the outbox: of one alert, or of more than ten as a summary. */
  messages: { chat: string; alerts: PlannedAlert[] }[]
  /** What the next poll need not read, or what it was already; where it is missing, the next one reads everything. */
  remember?: { context: string; items: PlannedFingerprint[] } | 'as_before'
  /** An item that was skipped cannot be judged without reading it: nothing is applied, the document must be read whole. */
  needsAll?: true
}

export type PlannedFingerprint = Omit<FingerprintedItem, 'place'> & { item: PlannedAlert['item'] }

export interface PlannedAlert {
  /** Of `insert`, by index, or of a stored item that was edited. */
  item: { inserted: number } | { place: number }
  hits: Hit[]
}

/** The source's side of a poll, stored in the same transaction as its items. */
export interface PollRecord {
  polledAt: number
  nextPollAt: number
  validators: Validators
  bodyHash: string | null
}

export interface IngestResult {
  inserted: number
  edited: number
  alerts: number
  /** As the plan said: nothing was stored, and the source is still leased. */
  needsAll?: true
}

export interface NewSource {
  url: string
  givenTitle: string | null
  tags: string[]
  everyMs: number | null
  /** What the first look found, when there was one. */
  found: Pick<ReadDocument, 'title' | 'link' | 'language' | 'format'> | null
}

export type SourcePatch = Partial<Pick<Source, 'url' | 'givenTitle' | 'tags' | 'everyMs' | 'state' | 'nextPollAt'>>

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

/** What became of a claimed message. */
export type Settlement =
  | { kind: 'sent'; at: number; messageId: string | null }
  /** Back to the head of its chat's queue, not before `at`. `counts` says which counter it moves, if any. */
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
  listSources(): Promise<(Source & { items: number; newestAt: number | null })[]>
  /** Throws `not_found`, and `conflict` when another source has the new address. A new address, and leaving a pause, make a baseline due. */
  changeSource(id: number, patch: SourcePatch, now: number): Promise<Source>
  /** Due, active and not leased, the longest due first, at most `perHost` of one host. */
  listDueSources(now: number, limit: number, perHost: number): Promise<Pick<Source, 'id' | 'url' | 'host'>[]>
  /** Leases those that are still free (and, unless `force`, still due); what somebody else polls is left out. */
  claimSources(ids: number[], now: number, leaseMs: number, options?: { force: true }): Promise<Source[]>
  /** A poll without new items; frees the lease. */
  recordPoll(
    id: number,
    record: PollRecord & Pick<Source, 'failures' | 'trouble'> & { succeeded: boolean },
  ): Promise<void>
  /** What a document may repeat without being read again. */
  findKnownSlices(sourceId: number): Promise<KnownSlices | null>
  /** A poll that read a document: calls the pure, synchronous `plan` inside the transaction (perhaps twice), applies it, and frees the lease. */
  ingest(
    sourceId: number,
    read: ReadDocument,
    record: PollRecord,
    plan: (known: Known) => IngestPlan,
  ): Promise<IngestResult>

  // Items
  /** All items, or those a query matches, newest first, strictly before the place `before`. */
  listItems(options: { limit: number; before?: number; query?: Query; now: number }): Promise<ItemPage>
  findItem(place: number): Promise<Item | undefined>
  /** Moves whenever what feeds and pages show may have changed, by whatever process. */
  revision(): Promise<number>

  // Chats and watches
  findChat(id: string): Promise<Chat | undefined>
  /** Makes the chat known, and active again if it was gone; `backSince` says since when it was gone. */
  reviveChat(id: string): Promise<{ chat: Chat; goneSince: number | null }>
  markChatGone(id: string, reason: string, now: number): Promise<void>
  /** Throws `conflict` when the chat has a watch with the same text. Makes the chat known. */
  addWatch(chat: string, query: Query, now: number): Promise<Watch>
  /** By chat and number; all of them without a chat. */
  listWatches(chat?: string): Promise<Watch[]>
  /** Throws `not_found`. Takes back its own waiting hits; an alert with no hit left is cancelled. */
  removeWatch(chat: string, number: number, now: number): Promise<Watch>

  // Outbox
  /** Takes the head of each due chat of these kinds (none while one of its messages is on its way), renders what is not rendered yet, and stores that. */
  claimMessages(options: {
    now: number
    limit: number
    leaseMs: number
    kinds: Chat['kind'][]
    /** The least time between two messages to this chat. */
    gapMs: (chat: Chat) => number
    /** Pure. The newest ten alerts, and how many there are in all. */
    render: (alerts: Alert[], total: number) => RenderedMessage
  }): Promise<ClaimedMessages>
  settleMessage(id: number, settlement: Settlement): Promise<void>
  /** For a service that starts: what a crash left on its way goes back to the queue, uncounted, and every lease is free. */
  recover(): Promise<void>
  /** Newest first. */
  listAlerts(options: { limit: number; chat?: string }): Promise<Alert[]>

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
  checkWritable(now: number): Promise<void>
  close(): Promise<void>
}
