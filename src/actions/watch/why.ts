import { AppError } from '../../errors.ts'
import type { Alert, Hit, Item, Query, Watch } from '../../model.ts'
import type { ItemCount, Store } from '../../ports.ts'
import { type Clause, createExplainer } from '../../query/explain.ts'
import { asMatchable } from '../../query/item-view.ts'
import { parseQuery } from '../../query/parse.ts'
import type { Actions } from '../context.ts'
import { type Carriers, findCarriers, isStoryOver } from '../story.ts'
import { createTurns } from '../turns.ts'

/** Why a chat was told of something, and how far that has come. */
export interface Why {
  alert: Alert
  situation: Situation
  /** At least one where the alert has hits. */
  reasons: Reason[]
  /** Watches beyond those that called it too: there was no time to explain them. */
  left: number
  /** Who carries its story; null where none of the watches asks. */
  carriers: Carriers | null
  /** Of a message that tells several, and was asked for: the others. */
  beside: { count: number; alerts: Alert[] } | null
}

/** One watch that called it. */
export interface Reason {
  hit: Hit
  /** The item that it matched: that of the alert, or another one of its story. */
  item: Item
  /** Clause by clause. It holds, unless the item was edited since. Null for a watch that cannot be read any more. */
  clause: Clause | null
  /** Of a clause that does not hold: none of the whole story does. */
  isSure: boolean
  /** So many independent publishers it asks for; null where it does not, or its watch was removed while it waited. */
  publishers: number | null
  /** Where the watch was not told yet, what it waits for. */
  wait: Wait | null
}

/** A watch that is told as soon as `wanted` independent publishers carry the story; `isOver`: they did not come, and will not. */
export interface Wait {
  wanted: number
  isOver: boolean
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
  /** Taken back: its watch was removed, or of the publishers it `waitedFor` too few came, or the last of them while it was muted. */
  | { kind: 'cancelled'; because: 'removed' | 'publishers' | 'muted' | 'either'; waitedFor: number | null }

/** Of the outbox and of a story, what is looked through for one answer. */
const MOST_AHEAD = 200
const MOST_RELATED = 20
const MOST_MS = 2_000
/** Nearly always enough of the outbox: an alert brings its whole item. */
const FEW_ALERTS = 20
/** A message that sums up shows ten. */
const MOST_BESIDE = 9

type AlertRef = { id: number; in?: string } | { chat: string; messageId: string } | { newestOf: string }

/**
 * Which clauses of which watches an alert came from, what they hit, and where the alert is now. `newestOf` is the alert
 * that this chat was told last, or is about to be, else its newest; with `in`, another chat's is not found. Works for 2 s
 * and one item more at most, others having their turn meanwhile. Throws `not_found`.
 */
export async function whyAlert(ctx: Pick<Actions, 'store' | 'clock' | 'timezone'>, ref: AlertRef): Promise<Why> {
  const alert = await getAlert(ctx.store, ref)
  const situation = await situationOf(ctx, alert)
  const reasons = await explainHits(ctx, alert, situation)
  const isAsked = reasons.some(({ publishers }) => publishers !== null)
  return {
    alert,
    situation,
    reasons,
    left: alert.hits.length - reasons.length,
    carriers: isAsked ? await findCarriers(ctx.store, alert.item) : null,
    beside: 'messageId' in ref ? await findBeside(ctx.store, alert) : null,
  }
}

async function getAlert(store: Store, ref: AlertRef): Promise<Alert> {
  const alert = 'newestOf' in ref ? await findNewest(store, ref.newestOf) : await store.findAlert(ref)
  const isMeant = !('in' in ref) || ref.in === undefined || ref.in === alert?.chat
  if (alert && isMeant) return alert
  throw new AppError('not_found', sayNone(ref))
}

function sayNone(ref: AlertRef): string {
  if ('newestOf' in ref) return 'Nothing was called out here yet.'
  if ('messageId' in ref) return 'That message is no alert, or its item is not kept any more.'
  return `There is no alert ${ref.id}${ref.in === undefined ? '' : ' in this chat'}.`
}

/** What was told last, or is next; else the newest of those that wait, were taken back or given up. */
async function findNewest(store: Store, chat: string): Promise<Alert | undefined> {
  let newest: Alert | undefined
  for (const limit of [FEW_ALERTS, MOST_AHEAD]) {
    const alerts = await store.listAlerts({ chat, limit })
    const told = alerts.filter(({ state }) => state === 'queued' || state === 'sending' || state === 'sent')
    // What waited may be told after newer ones.
    const [last] = told.sort((a, b) => (b.sentAt ?? SOON) - (a.sentAt ?? SOON) || b.id - a.id)
    if (last) return last
    newest ??= alerts[0]
  }
  return newest
}

const SOON = Number.MAX_SAFE_INTEGER

/** Its message tells them too: nearly always they have the numbers before and after its own. */
async function findBeside(store: Store, { id, chat, sentAt, beside: count = 0 }: Alert): Promise<Why['beside']> {
  if (count === 0) return null
  const alerts: Alert[] = []
  for (const step of [-1, 1]) {
    for (let other = id + step; alerts.length < Math.min(count, MOST_BESIDE); other += step) {
      const alert = await store.findAlert({ id: other })
      if (alert?.chat !== chat || alert.sentAt !== sentAt || alert.beside !== count) break
      alerts.push(alert)
    }
  }
  return { count, alerts: alerts.sort((a, b) => b.item.place - a.item.place) }
}

async function explainHits(
  ctx: Pick<Actions, 'store' | 'clock' | 'timezone'>,
  { item, hits }: Alert,
  situation: Situation,
): Promise<Reason[]> {
  const giveTurn = createTurns(ctx.clock)
  const now = ctx.clock()
  const isLate = () => ctx.clock() - now >= MOST_MS
  const isOver = situation.kind === 'cancelled' || isStoryOver(item, now)
  // Who came after its watch was removed, or too late, says nothing of why it was taken back.
  const isRemoved = situation.kind === 'cancelled' && situation.because !== 'publishers'
  const reasons: Reason[] = []
  const open: Open[] = []
  const explain = explainerOf(item)
  for (const hit of hits) {
    await giveTurn()
    if (reasons.length > 0 && isLate()) break
    const query = readWatch(ctx, hit.watch)
    const wait = hit.waitsFor === undefined || isRemoved ? null : { wanted: hit.waitsFor, isOver }
    const publishers = isRemoved ? null : (query?.publishers ?? hit.waitsFor ?? null)
    const reason: Reason = { hit, item, clause: query && explain(query), isSure: true, publishers, wait }
    reasons.push(reason)
    if (query !== null && reason.clause?.holds === false) open.push({ reason, query })
  }
  await explainByOthers(ctx.store, item, open, { giveTurn, isLate })
  return reasons
}

/** A reason whose watch does not match the item of the alert (any more). */
interface Open {
  reason: Reason
  query: Query
}

/** It may have joined with a later item of the story: each of those is made ready once, and asked all that is open. */
async function explainByOthers(
  store: Store,
  { related, relatedCount }: Item,
  open: Open[],
  { giveTurn, isLate }: { giveTurn: () => Promise<void>; isLate: () => boolean },
): Promise<void> {
  let rest = open
  let asked = 0
  for (const { place } of related.slice(0, MOST_RELATED)) {
    if (rest.length === 0 || isLate()) break
    const other = await store.findItem(place)
    await giveTurn()
    asked += 1
    if (other) rest = await explainBy(other, rest, giveTurn)
  }
  const isSure = asked === related.length && relatedCount === undefined
  for (const { reason } of rest) reason.isSure = isSure
}

/** Gives back what is still open. */
async function explainBy(item: Item, open: Open[], giveTurn: () => Promise<void>): Promise<Open[]> {
  const explain = explainerOf(item)
  const rest: Open[] = []
  for (const each of open) {
    await giveTurn()
    const clause = explain(each.query)
    if (clause.holds) Object.assign(each.reason, { item, clause })
    else rest.push(each)
  }
  return rest
}

/** A watch's query; null where a version before ours saved what ours refuses. */
export function readWatch({ timezone }: Pick<Actions, 'timezone'>, watch: Watch): Query | null {
  try {
    return parseQuery(watch.query, { timezone, for: 'watch' })
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
export async function situationOf(ctx: Pick<Actions, 'store' | 'clock'>, alert: Alert): Promise<Situation> {
  const { store } = ctx
  const { trouble = null } = alert
  switch (alert.state) {
    case 'sent':
      return { kind: 'sent', at: alert.sentAt }
    case 'waiting':
      // What takes it back comes by every few minutes.
      if (isStoryOver(alert.item, ctx.clock())) return { kind: 'cancelled', ...(await whyCancelled(ctx, alert)) }
      return {
        kind: 'waiting',
        wanted: publishersWanted(alert) ?? 2,
        has: await store.countPublishers(alert.story),
      }
    case 'cancelled':
      return { kind: 'cancelled', ...(await whyCancelled(ctx, alert)) }
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

/** What was told to nobody is taken back with its last watch, when its story is over (which came first nobody knows), or by a mute. */
async function whyCancelled({ store, clock }: Pick<Actions, 'store' | 'clock'>, alert: Alert) {
  const waitedFor = publishersWanted(alert)
  if (waitedFor === null) return { because: 'removed' as const, waitedFor }
  const kept = new Set((await store.listWatches(alert.chat)).map(({ id }) => id))
  if (alert.hits.some(({ watch }) => kept.has(watch.id))) {
    const isComplete = (await store.countPublishers(alert.story)) >= waitedFor
    const wasMuted = isComplete && (await store.listMutes(alert.chat)).length > 0
    return { because: wasMuted ? ('muted' as const) : ('publishers' as const), waitedFor }
  }
  return { because: isStoryOver(alert.item, clock()) ? ('either' as const) : ('removed' as const), waitedFor }
}

/** The first of its watches to be told sets it free. */
function publishersWanted({ hits }: Alert): number | null {
  const wanted = hits.flatMap(({ waitsFor }) => waitsFor ?? [])
  return wanted.length === 0 ? null : Math.min(...wanted)
}

async function countAhead(store: Store, { id, chat }: Alert): Promise<ItemCount> {
  let count = 0
  for (const limit of [FEW_ALERTS, MOST_AHEAD]) {
    const newest = await store.listAlerts({ chat, limit })
    const older = newest.filter((other) => other.id < id)
    count = older.filter(({ state }) => state === 'queued' || state === 'sending').length
    // A chat is told in order: nothing waits behind what was settled.
    const isAll = newest.length < limit || older.some(({ state }) => state === 'sent' || state === 'parked')
    if (isAll) return { count, isMore: false }
  }
  return { count, isMore: true }
}

/** The clauses that ask something of an item, in the order in which they were written. */
export function leavesOf(clause: Clause): Clause[] {
  return clause.kind === 'and' || clause.kind === 'or' ? clause.parts.flatMap(leavesOf) : [clause]
}
