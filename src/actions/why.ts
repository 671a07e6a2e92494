import { AppError } from '../errors.ts'
import type { Alert, Hit, Item, Query, Watch } from '../model.ts'
import type { ItemCount, Store } from '../ports.ts'
import { type Clause, createExplainer } from '../query/explain.ts'
import { parseQuery } from '../query/parse.ts'
import type { Actions } from './context.ts'
import { asMatchable, countPublishers } from './stored-item.ts'

/** Why a chat was told of something, and how far that has come. */
export interface Why {
  alert: Alert
  situation: Situation
  reasons: Reason[]
}

/** One watch that called it. */
export interface Reason {
  hit: Hit
  /** The item that it matched: that of the alert, or another one of its story. */
  item: Item
  /** Clause by clause. It holds, unless the item was edited since. Null for a watch that cannot be read any more. */
  clause: Clause | null
}

/** How far an alert has come. */
export type Situation =
  | { kind: 'sent'; at: number | null }
  /** In the outbox, behind so many alerts of its chat; `trouble` is what its last attempt met. */
  | { kind: 'queued'; ahead: ItemCount; trouble: string | null }
  | { kind: 'sending' }
  /** It waits until its chat can be reached again. */
  | { kind: 'unreachable'; reason: string | null; since: number | null }
  /** It waits for `wanted` independent publishers; `has` carry the story so far. */
  | { kind: 'waiting'; wanted: number; has: number }
  /** Given up. */
  | { kind: 'parked'; trouble: string | null }
  /** Taken back: its watch was removed, or of the publishers it waited for too few came. */
  | { kind: 'cancelled'; waitedFor: number | null }

/** Of the outbox and of a story, what is looked through for one answer. */
const MOST_AHEAD = 200
const MOST_RELATED = 20

/**
 * Which clauses of which watches an alert came from, what they hit, and where the alert is now. `newestOf` is the alert
 * that this chat was told last, or is about to be; with `in`, another chat's is not found. Throws `not_found`.
 */
export async function whyAlert(
  ctx: Pick<Actions, 'store' | 'clock' | 'timezone'>,
  ref: { id: number; in?: string } | { chat: string; messageId: string } | { newestOf: string },
): Promise<Why> {
  const alert = await getAlert(ctx.store, ref)
  const reasons: Reason[] = []
  for (const hit of alert.hits) reasons.push(await explainHit(ctx, alert, hit))
  return { alert, situation: await situationOf(ctx.store, alert), reasons }
}

async function getAlert(store: Store, ref: Parameters<typeof whyAlert>[1]): Promise<Alert> {
  if ('newestOf' in ref) {
    const [newest] = await store.listAlerts({ chat: ref.newestOf, limit: 1 })
    if (newest) return newest
    throw new AppError('not_found', 'Nothing was called out here yet.')
  }
  const alert = await store.findAlert('id' in ref ? { id: ref.id } : ref)
  const isMeant = !('in' in ref) || ref.in === undefined || ref.in === alert?.chat
  if (alert && isMeant) return alert
  if ('id' in ref)
    throw new AppError('not_found', `There is no alert ${ref.id}${ref.in === undefined ? '' : ' in this chat'}.`)
  throw new AppError('not_found', 'That message is no alert, or its item is not kept any more.')
}

async function explainHit(
  ctx: Pick<Actions, 'store' | 'clock' | 'timezone'>,
  { item }: Alert,
  hit: Hit,
): Promise<Reason> {
  const query = readWatch(ctx, hit.watch)
  if (query === null) return { hit, item, clause: null }
  const first = explainerOf(item)(query)
  if (first.holds) return { hit, item, clause: first }
  // It may have joined with a later item of the story.
  for (const { place } of item.related.slice(0, MOST_RELATED)) {
    const other = await ctx.store.findItem(place)
    const clause = other && explainerOf(other)(query)
    if (other && clause?.holds) return { hit, item: other, clause }
  }
  return { hit, item, clause: first }
}

/** A watch's query; null where a version before ours saved what ours refuses. */
export function readWatch(ctx: Pick<Actions, 'clock' | 'timezone'>, watch: Watch): Query | null {
  try {
    return parseQuery(watch.query, { now: ctx.clock(), timezone: ctx.timezone, for: 'watch' })
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

/** What queries have to say of an item, as they were asked when it came. */
export function explainerOf(item: Item): (query: Query) => Clause {
  return createExplainer(asMatchable(item), item.firstSeenAt)
}

/** How far the alert has come. */
export async function situationOf(store: Store, alert: Alert): Promise<Situation> {
  const { trouble = null } = alert
  switch (alert.state) {
    case 'sent':
      return { kind: 'sent', at: alert.sentAt }
    case 'waiting':
      return { kind: 'waiting', wanted: publishersWanted(alert) ?? 2, has: countPublishers(alert.item) }
    case 'cancelled':
      return { kind: 'cancelled', waitedFor: publishersWanted(alert) }
    case 'parked':
      return { kind: 'parked', trouble }
    case 'queued':
    case 'sending': {
      const chat = await store.findChat(alert.chat)
      if (chat?.state === 'gone') return { kind: 'unreachable', reason: chat.goneReason, since: chat.goneAt }
      if (alert.state === 'sending') return { kind: 'sending' }
      return { kind: 'queued', ahead: await countAhead(store, alert), trouble }
    }
  }
}

/** The first of its watches to be told sets it free. */
function publishersWanted({ hits }: Alert): number | null {
  const wanted = hits.flatMap(({ waitsFor }) => waitsFor ?? [])
  return wanted.length === 0 ? null : Math.min(...wanted)
}

async function countAhead(store: Store, { id, chat }: Alert): Promise<ItemCount> {
  const newest = await store.listAlerts({ chat, limit: MOST_AHEAD })
  const ahead = newest.filter((other) => other.id < id && (other.state === 'queued' || other.state === 'sending'))
  return { count: ahead.length, isMore: newest.length === MOST_AHEAD && ahead.length > 0 }
}
