/**
 * Every table, and with it every rule of uniqueness the house relies on. Times are UTC milliseconds; lists are JSON.
 * The migrations make these tables STRICT and `identities` and `hits` WITHOUT ROWID, which Drizzle cannot say; the full
 * text lives in `items_text`, a virtual table of its own migration.
 *
 * No row of `sources`, `items`, `watches`, `messages`, `alerts` and `meta` is ever deleted: what was taken away is marked
 * (`state`, `removed_at`, `cancelled_at`). An item that was "pruned" is one that somebody deleted by hand: nothing of ours
 * does, but everything bears it. Of the other tables each says when its rows go.
 */
import { sql } from 'drizzle-orm'
import { blob, check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Need } from '../../errors.ts'
import type { Access, Enclosure, Hub, PageRules, Rhythm, Source, Trouble } from '../../model.ts'

export const sources = sqliteTable(
  'sources',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    kind: text('kind', { enum: ['feed', 'page'] }).notNull(),
    url: text('url').notNull().unique(),
    host: text('host').notNull(),
    givenTitle: text('given_title'),
    foundTitle: text('found_title'),
    siteUrl: text('site_url'),
    language: text('language'),
    format: text('format'),
    tags: text('tags', { mode: 'json' }).$type<string[]>().notNull(),
    everyMs: integer('every_ms'),
    state: text('state', { enum: ['active', 'paused', 'removed'] }).notNull(),
    baselineDue: integer('baseline_due', { mode: 'boolean' }).notNull(),
    etag: text('etag'),
    lastModified: text('last_modified'),
    bodyHash: text('body_hash'),
    addedAt: integer('added_at').notNull(),
    polledAt: integer('polled_at'),
    succeededAt: integer('succeeded_at'),
    nextPollAt: integer('next_poll_at').notNull(),
    failures: integer('failures').notNull().default(0),
    trouble: text('trouble'),
    needs: text('needs').$type<Need>(),
    /** Somebody polls it until then. */
    leaseUntil: integer('lease_until').notNull().default(0),
    /** The address changed while a poll was on its way: what that poll brings is of the old one. */
    pollIsStale: integer('poll_is_stale', { mode: 'boolean' }).notNull().default(false),
    /** Of the parser that read it last: another one asks for all of it again. */
    parserVersion: integer('parser_version'),
    /** How many items it has, counted as they are stored. */
    items: integer('items').notNull().default(0),
    pageRules: text('page_rules', { mode: 'json' }).$type<PageRules>(),
    fullText: integer('full_text', { mode: 'boolean' }).notNull().default(false),
    access: text('access', { mode: 'json' }).$type<Access>(),
    /** Null while nothing is known of it. */
    rhythm: text('rhythm', { mode: 'json' }).$type<Rhythm>(),
    move: text('move', { mode: 'json' }).$type<NonNullable<Source['move']>>(),
    /** Null for nothing. */
    told: text('told', { mode: 'json' }).$type<Trouble[]>(),
    /** Always `url` before `topic`: it is compared as a text. */
    hub: text('hub', { mode: 'json' }).$type<Hub>(),
    /** The lease of its subscription while that is active; written with it. */
    pushedUntil: integer('pushed_until'),
  },
  (t) => [
    index('sources_due').on(t.nextPollAt).where(sql`state = 'active'`),
    index('sources_hub').on(t.id).where(sql`state = 'active' and hub is not null`),
    check('sources_state', sql`${t.state} in ('active', 'paused', 'removed')`),
  ],
)

/** Items are dated within so long of their place, but for those in `items_astray`. */
export const ASTRAY_MS = 86_400_000
export const IS_ASTRAY = `abs(coalesce(published_at, first_seen_at) - place / 1000) > ${ASTRAY_MS}`

/** An item stands for its story: it began it, or leads what is left of it. */
export const IS_SHOWN = '(story = place OR leads)'

/** As SQL: the places of all items of a story, which is given as SQL, too. Those that joined it are in an index of their own. */
export function membersOf(story: string): string {
  return `SELECT place FROM items WHERE place = ${story}
    UNION ALL SELECT place FROM items WHERE story = ${story} AND story <> place`
}

export const items = sqliteTable(
  'items',
  {
    place: integer('place').primaryKey(),
    story: integer('story').notNull(),
    sourceId: integer('source_id')
      .notNull()
      .references(() => sources.id),
    id: text('id'),
    url: text('url'),
    title: text('title').notNull(),
    publishedAt: integer('published_at'),
    updatedAt: integer('updated_at'),
    authors: text('authors', { mode: 'json' }).$type<string[]>().notNull(),
    categories: text('categories', { mode: 'json' }).$type<string[]>().notNull(),
    enclosures: text('enclosures', { mode: 'json' }).$type<Enclosure[]>().notNull(),
    language: text('language'),
    firstSeenAt: integer('first_seen_at').notNull(),
    revision: integer('revision').notNull().default(0),
    revisedAt: integer('revised_at'),
    contentKey: text('content_key').notNull(),
    content: text('content'),
    /** HTML from its own page; it stands in place of `content`, and `text` is cut from it. */
    fullContent: text('full_content'),
    summary: text('summary'),
    text: text('text').notNull(),
    /** It came with a baseline or a backlog, and calls nobody. */
    quiet: integer('quiet', { mode: 'boolean' }).notNull().default(false),
    /** The item that began its story is gone, and of those that joined it is the earliest. Kept by triggers. */
    leads: integer('leads', { mode: 'boolean' }).notNull().default(false),
  },
  (t) => [
    index('items_source').on(t.sourceId, t.place),
    // Most items stand alone, and cost nothing here.
    index('items_story').on(t.story, t.place, t.sourceId).where(sql`story <> place`),
    // By whom each story is shown: a list of stories passes over all the others, however many.
    index('items_shown').on(t.place).where(sql.raw(IS_SHOWN)),
    index('items_language').on(t.language, t.place).where(sql`language is not null`),
    index('items_enclosed').on(t.place).where(sql`enclosures <> '[]'`),
    // All others are dated near their place: a search by date leaps to it.
    index('items_astray').on(t.place, t.publishedAt, t.firstSeenAt).where(sql.raw(IS_ASTRAY)),
  ],
)

/**
 * By what names an item is known again in its source. No reference to items: identities outlive them. A name goes when it
 * names its item no longer.
 */
export const identities = sqliteTable(
  'identities',
  {
    sourceId: integer('source_id').notNull(),
    key: blob('key', { mode: 'buffer' }).notNull(),
    place: integer('place').notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.key] }), check('identities_key', sql`length(${t.key}) = 32`)],
)

/**
 * The items of the last 72 h as the story index in memory has them: a service that starts reads this, and follows by `id`
 * what other processes add. Ids are in the order of commits and never used again. No reference to items: they may be
 * pruned. What has left the 72 h goes, a few rows with each ingest.
 */
export const storyMembers = sqliteTable(
  'story_members',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    place: integer('place').notNull(),
    story: integer('story').notNull(),
    at: integer('at').notNull(),
    sourceId: integer('source_id').notNull(),
    language: text('language').notNull(),
    urlKey: integer('url_key').notNull(),
    signature: blob('signature', { mode: 'buffer' }).notNull(),
  },
  (t) => [index('story_members_at').on(t.at), index('story_members_place').on(t.place)],
)

/**
 * What a source showed last, for the next poll to leave unread (`fingerprints.ts` knows the form). In a table of its own:
 * most polls end with a 304 and never look. A trigger clears it when its source is to begin anew.
 */
export const fingerprints = sqliteTable('fingerprints', {
  sourceId: integer('source_id')
    .primaryKey()
    .references(() => sources.id),
  value: blob('value', { mode: 'buffer' }).notNull(),
})

/** Whose whole text is still to be fetched, or cannot be; a row goes when the text has come, or nobody wants it any more. */
export const fullTexts = sqliteTable(
  'full_texts',
  {
    place: integer('place')
      .primaryKey()
      .references(() => items.place, { onDelete: 'cascade' }),
    /** The item came quietly: its text calls nobody. */
    quiet: integer('quiet', { mode: 'boolean' }).notNull(),
    /** What its whole text was before an edit took it away: what the next one is compared with. */
    textBefore: text('text_before'),
    attempts: integer('attempts').notNull().default(0),
    /** Null: never again. */
    dueAt: integer('due_at'),
  },
  (t) => [index('full_texts_due').on(t.quiet, t.dueAt).where(sql`due_at is not null`)],
)

/** Hosts that asked for more than the usual manners; a row goes when its host is asked as all others again. */
export const hosts = sqliteTable('hosts', {
  host: text('host').primaryKey(),
  spacingMs: integer('spacing_ms').notNull(),
  until: integer('until').notNull(),
})

/** Our subscriptions at hubs; a row goes when its hub is told that we want no more. */
export const subscriptions = sqliteTable(
  'subscriptions',
  {
    sourceId: integer('source_id')
      .primaryKey()
      .references(() => sources.id),
    /** As in `sources`. */
    hub: text('hub', { mode: 'json' }).$type<Hub>().notNull(),
    token: text('token').notNull().unique(),
    secret: text('secret').notNull(),
    state: text('state', { enum: ['asked', 'active', 'refused'] }).notNull(),
    leaseUntil: integer('lease_until'),
    nextAt: integer('next_at').notNull(),
    attempts: integer('attempts').notNull(),
  },
  (t) => [check('subscriptions_state', sql`${t.state} in ('asked', 'active', 'refused')`)],
)

/** A row goes only when Telegram gave the chat another id: then that one has all that it had (`chat-mover.ts`). */
export const chats = sqliteTable(
  'chats',
  {
    id: text('id').primaryKey(),
    kind: text('kind', { enum: ['terminal', 'telegram'] }).notNull(),
    state: text('state', { enum: ['active', 'gone'] })
      .notNull()
      .default('active'),
    goneReason: text('gone_reason'),
    goneAt: integer('gone_at'),
    /** The number of its next watch. */
    nextNumber: integer('next_number').notNull().default(1),
    /** It may have messages in the queue; cleared by who finds none. */
    waiting: integer('waiting', { mode: 'boolean' }).notNull().default(false),
    /** When its next message may be claimed: while one is on its way, when that one's lease ends. */
    dueAt: integer('due_at').notNull().default(0),
    /** When its next message may be claimed by its pace alone. */
    readyAt: integer('ready_at').notNull().default(0),
    /** When the next edit of what it was sent may be claimed, should nothing new wait; null: there is none. */
    editDueAt: integer('edit_due_at'),
  },
  (t) => [
    index('chats_due').on(t.kind, t.dueAt).where(sql`state = 'active' and waiting = 1`),
    index('chats_edits')
      .on(t.kind, t.editDueAt)
      .where(sql`state = 'active' and waiting = 0 and edit_due_at is not null`),
    check('chats_state', sql`${t.state} in ('active', 'gone')`),
  ],
)

/** A removed watch stays for the alerts that name it. */
export const watches = sqliteTable(
  'watches',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    chat: text('chat')
      .notNull()
      .references(() => chats.id),
    number: integer('number').notNull(),
    query: text('query').notNull(),
    createdAt: integer('created_at').notNull(),
    removedAt: integer('removed_at'),
  },
  (t) => [
    uniqueIndex('watches_number').on(t.chat, t.number),
    uniqueIndex('watches_query').on(t.chat, t.query).where(sql`removed_at is null`),
  ],
)

/**
 * What comes from `since` on and before `until` is told to nobody of the chat, or not by this watch of it. Kept for a year
 * after its end.
 */
export const mutes = sqliteTable(
  'mutes',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    chat: text('chat')
      .notNull()
      .references(() => chats.id),
    /** Null: the whole chat. */
    watchId: integer('watch_id').references(() => watches.id),
    since: integer('since').notNull(),
    until: integer('until').notNull(),
  },
  (t) => [index('mutes_chat').on(t.chat, t.until)],
)

/** The outbox. At most one message of a chat is on its way. */
export const messages = sqliteTable(
  'messages',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    chat: text('chat')
      .notNull()
      .references(() => chats.id),
    state: text('state', { enum: ['queued', 'sending', 'sent', 'parked', 'cancelled'] })
      .notNull()
      .default('queued'),
    /** How many alerts it tells; the cancelled do not count. 0 from the start for a notice, which is rendered already. */
    total: integer('total').notNull(),
    html: text('html'),
    openUrl: text('open_url'),
    plain: integer('plain', { mode: 'boolean' }).notNull().default(false),
    attempts: integer('attempts').notNull().default(0),
    unknowns: integer('unknowns').notNull().default(0),
    firstAttemptAt: integer('first_attempt_at'),
    sentAt: integer('sent_at'),
    /** What the other side calls it. */
    externalId: text('external_id'),
    error: text('error'),
    createdAt: integer('created_at').notNull(),
    /** When what was sent is to be shown anew (more sources carry its story, or its item was edited); null: it is as it should be. */
    editAt: integer('edit_at'),
    /** Something came that neither its text nor an edit on its way knows of. */
    editWanted: integer('edit_wanted', { mode: 'boolean' }).notNull().default(false),
    /** When its next edit may be claimed: while one is on its way, when that one's lease ends. */
    editReadyAt: integer('edit_ready_at').notNull().default(0),
    /** Of the edit that is due: its first attempt, and how many did not arrive. */
    editTriedAt: integer('edit_tried_at'),
    editAttempts: integer('edit_attempts').notNull().default(0),
    /** How many edits it had. */
    edits: integer('edits').notNull().default(0),
  },
  (t) => [
    index('messages_edits').on(t.chat, t.editAt).where(sql`edit_at is not null`),
    // By chat alone too: for one that moves, and so that it can be forgotten.
    index('messages_external').on(t.chat, t.externalId),
    index('messages_queue').on(t.chat, t.id, t.total).where(sql`state = 'queued'`),
    uniqueIndex('messages_sending').on(t.chat).where(sql`state = 'sending'`),
    index('messages_parked').on(t.id, t.total).where(sql`state = 'parked'`),
    check('messages_state', sql`${t.state} in ('queued', 'sending', 'sent', 'parked', 'cancelled')`),
  ],
)

export const alerts = sqliteTable(
  'alerts',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    chat: text('chat')
      .notNull()
      .references(() => chats.id),
    story: integer('story').notNull(),
    place: integer('place').notNull(),
    /** The message that tells it; null while it waits for a condition. */
    messageId: integer('message_id').references(() => messages.id),
    createdAt: integer('created_at').notNull(),
    cancelledAt: integer('cancelled_at'),
  },
  (t) => [
    uniqueIndex('alerts_story').on(t.chat, t.story).where(sql`cancelled_at is null`),
    index('alerts_chat').on(t.chat, t.id),
    index('alerts_carried').on(t.story).where(sql`cancelled_at is null`),
    index('alerts_waiting').on(t.id).where(sql`message_id is null and cancelled_at is null`),
    index('alerts_place').on(t.place),
    index('alerts_message').on(t.messageId),
  ],
)

/** A row goes only when another takes its place, as two alerts become one; what is taken back stays, `cancelled`. */
export const hits = sqliteTable(
  'hits',
  {
    alertId: integer('alert_id')
      .notNull()
      .references(() => alerts.id),
    watchId: integer('watch_id')
      .notNull()
      .references(() => watches.id),
    words: text('words', { mode: 'json' }).$type<string[]>().notNull(),
    cancelled: integer('cancelled', { mode: 'boolean' }).notNull().default(false),
    /** It waits until so many independent publishers carry the story; null: it stands. */
    waitsFor: integer('waits_for'),
  },
  (t) => [primaryKey({ columns: [t.alertId, t.watchId] }), index('hits_watch').on(t.watchId)],
)

/** Telegram users: who may change things, and who was turned away when; that is forgotten after a day. */
export const people = sqliteTable(
  'people',
  {
    id: integer('id').primaryKey(),
    role: text('role', { enum: ['owner', 'stranger'] }).notNull(),
    since: integer('since').notNull(),
  },
  (t) => [check('people_role', sql`${t.role} in ('owner', 'stranger')`)],
)

/**
 * What changed, in order of its commits: the cursor by which a process brings what it holds in memory up to date. The last
 * 10,000 are kept when a service starts.
 */
export const changes = sqliteTable('changes', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  kind: text('kind', { enum: ['watch', 'chat', 'mute', 'source'] }).notNull(),
  ref: text('ref').notNull(),
})

export const meta = sqliteTable('meta', {
  name: text('name', { enum: ['revision', 'alerts_sent', 'last_alert_at', 'writes_checked', 'instance'] }).primaryKey(),
  value: integer('value').notNull(),
})
