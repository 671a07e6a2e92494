import { AppError } from '../../errors.ts'
import type { Alert, Chat, Hit, Item, Mute, Query, Source, Watch } from '../../model.ts'
import type { Store, StoredItem } from '../../ports.ts'
import { shownAddress } from '../../publish/address.ts'
import type { Clause } from '../../query/explain.ts'
import { publisherOf } from '../../story/publisher.ts'
import type { Actions } from '../context.ts'
import { type Carriers, findCarriers, isStoryOver } from '../story.ts'
import { createTurns } from '../turns.ts'
import { parseAddress } from '../typed-address.ts'
import { muteAt } from './mute.ts'
import { explainerOf, leavesOf, readWatch, type Situation, situationOf, type Wait } from './why.ts'

/** Why a chat was not told of what stands at an address, or that it was. */
export interface WhyNot {
  /** As it is stored, where it is. */
  url: string
  chatId: string
  /** Null: the chat is not known, so it watches nothing. */
  chat: Chat | null
  /** How many watches were asked. */
  watches: number
  /** The newest items at the address; none where it was never fetched. */
  items: ItemVerdicts[]
  /** Where nothing is stored: the sources of the same publisher, three at most; the removed only where there are no others. */
  sources: Source[]
  /** How many there are beyond those. */
  moreSources: number
}

export interface ItemVerdicts {
  item: StoredItem
  /** What the chat was told of its story, or is about to be; the alert may be of another item. */
  told: { alert: Alert; situation: Situation } | null
  /** Who carries its story; null where no verdict waits for that. */
  carriers: Carriers | null
  /** The nearest to a match first, ten at most; those that have nothing in common with it only where there are few others. */
  verdicts: { watch: Watch; verdict: Verdict }[]
  /** Watches beyond those; `near` have something in common with it, the others nothing. */
  left: { near: number; far: number }
}

/** Why one watch did not tell of one item. All but `called`, `cancelled`, `failed` and `unreadable` match it as it is now. */
export type Verdict =
  /** It did: the alert of the item is the chat's. */
  | { kind: 'told' }
  /** It is younger than the item, and in its alert by a later one of the story. */
  | { kind: 'joined' }
  /** The alert of its story tells another item; `isSent`: the chat has it. */
  | { kind: 'folded'; isSent: boolean }
  /** It is in an alert of the story, and not told before so many publishers carry it. */
  | ({ kind: 'waiting' } & Wait)
  /** It is in the alert of the story, though it does not match the item (any more); with `wait` it was not told yet. */
  | { kind: 'called'; matched: 'before an edit' | 'another item' | 'either'; wait: Wait | null }
  /** It had called it, and that was taken back. */
  | { kind: 'cancelled' }
  /** It came with the first look at its source (or with one after a pause), which calls nobody. */
  | { kind: 'baseline' }
  /** The watch was saved after the item had come. */
  | { kind: 'younger' }
  /** The chat could not be reached when it came: then nothing is matched for it. */
  | { kind: 'gone' }
  /** The watch, or the whole chat, was muted when the item came, was edited, or had as many publishers as it waited for; `isOver`: it is not any more. */
  | { kind: 'muted'; mute: Mute; isOver: boolean; when: 'came' | 'edited' | 'publishers' }
  /** It matches since it was edited. `isTold`: the chat had been told of its story by then, and an edit calls nobody again. */
  | { kind: 'edited'; at: number; isTold: boolean; mayBeGone: boolean }
  /** `mayBeGone`: when a chat was out of reach is not kept after it came back. */
  | { kind: 'unexplained'; mayBeGone: boolean }
  | { kind: 'failed'; clause: Clause }
  /** A version before ours saved what ours refuses. */
  | { kind: 'unreadable' }

const MOST_ITEMS = 3
const MOST_VERDICTS = 10
const MOST_FAR = 3
const MOST_SOURCES = 3
const MOST_LEFT_BEHIND = 20

/**
 * What became of the items at this address in this chat, watch by watch. Where nothing is stored, it says which sources of
 * the same publisher there are. Every watch is asked, others having their turn meanwhile. Throws `invalid` for what is no
 * address.
 */
export async function whyNot(
  ctx: Pick<Actions, 'store' | 'clock' | 'timezone'>,
  chatId: string,
  address: string,
): Promise<WhyNot> {
  const { store } = ctx
  const given = parseNewsAddress(address)
  // It is said back, and a login in it is nobody’s business.
  const { url, found } = await findStored(store, shownAddress(given))
  const chat = (await store.findChat(chatId)) ?? null
  const giveTurn = createTurns(ctx.clock)
  const watches = await store.listWatches(chatId)
  const asked: AskedWatch[] = []
  for (const watch of found.length > 0 ? watches : []) {
    await giveTurn()
    asked.push({ watch, query: readWatch(ctx, watch) })
  }
  const mutes = found.length > 0 ? await store.listMutes(chatId) : []
  const items: ItemVerdicts[] = []
  for (const item of found.slice(0, MOST_ITEMS)) {
    items.push(await judgeItem(ctx, { item, chatId, chat, mutes, asked, giveTurn }))
  }
  const sources = found.length > 0 ? [] : await findSources(ctx, url)
  const named = sources.slice(0, MOST_SOURCES)
  return {
    url,
    chatId,
    chat,
    watches: watches.length,
    items,
    sources: named,
    moreSources: sources.length - named.length,
  }
}

function parseNewsAddress(text: string): string {
  try {
    return parseAddress(text)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    // It is not a feed that is asked about.
    throw new AppError(error.code, error.message, { hint: 'Example: https://example.com/news/1', cause: error })
  }
}

/** Servers tell addresses with and without a slash at the end apart, people do not. */
async function findStored(store: Store, url: string): Promise<{ url: string; found: StoredItem[] }> {
  const other = new URL(url)
  other.pathname = other.pathname.endsWith('/') ? other.pathname.slice(0, -1) : `${other.pathname}/`
  for (const spelling of [url, other.href]) {
    const found = await store.findItemsByUrl(spelling)
    if (found.length > 0) return { url: spelling, found }
  }
  return { url, found: [] }
}

interface Case {
  item: StoredItem
  chatId: string
  chat: Chat | null
  mutes: Mute[]
  asked: AskedWatch[]
  giveTurn: () => Promise<void>
}

/** A watch and what it asks for; null where it cannot be read any more. */
interface AskedWatch {
  watch: Watch
  query: Query | null
}

async function judgeItem(ctx: Pick<Actions, 'store' | 'clock'>, given: Case): Promise<ItemVerdicts> {
  const { item, chatId, mutes, asked, giveTurn } = given
  const alert = await ctx.store.findAlertOfStory(chatId, item.story)
  const told = alert === undefined ? null : { alert, situation: await situationOf(ctx, alert) }

  const now = ctx.clock()
  // Asked only where it may matter.
  const publishers = mutes.length > 0 ? await ctx.store.countPublishers(item.story) : 0
  const explain = explainerOf(item)
  const judged: { watch: Watch; verdict: Verdict; nearness: number }[] = []
  for (const { watch, query } of asked) {
    await giveTurn()
    const clause = query && explain(query)
    const isComplete = query?.publishers !== undefined && query.publishers <= publishers
    const verdict = judge(given, { watch, clause, alert, isComplete, now })
    judged.push({ watch, verdict, nearness: nearnessOf(verdict) })
  }
  judged.sort((a, b) => b.nearness - a.nearness)
  const near = judged.filter(({ nearness }) => nearness > 0).length
  const few = judged.length <= MOST_FAR || near === 0 ? MOST_FAR : near
  const shown = judged.slice(0, Math.min(MOST_VERDICTS, few))
  const nearLeft = Math.max(0, near - shown.length)
  const isAwaited = shown.some(({ verdict }) => waitOf(verdict) !== null)
  return {
    item,
    told,
    carriers: alert && isAwaited ? await findCarriers(ctx.store, alert.item) : null,
    verdicts: shown.map(({ watch, verdict }) => ({ watch, verdict })),
    left: { near: nearLeft, far: judged.length - shown.length - nearLeft },
  }
}

/** What a verdict waits for. */
function waitOf(verdict: Verdict): Wait | null {
  if (verdict.kind === 'called') return verdict.wait
  return verdict.kind === 'waiting' ? verdict : null
}

/** From 0 to 1 for what does not match; what matches, or called it, is nearer than that. */
function nearnessOf(verdict: Verdict): number {
  if (verdict.kind === 'unreadable') return UNKNOWN
  return verdict.kind === 'failed' ? shareThatHolds(verdict.clause) : 2
}

/** Of what cannot be read it cannot be said that it has nothing in common. */
const UNKNOWN = Number.MIN_VALUE

/** What a watch's verdict depends on. */
interface Question {
  watch: Watch
  clause: Clause | null
  alert: Alert | undefined
  /** So many publishers as it waits for carry the story. */
  isComplete: boolean
  now: number
}

function judge(given: Case, question: Question): Verdict {
  const { item, chat } = given
  const { watch, clause, alert, isComplete, now } = question
  if (clause === null) return { kind: 'unreadable' }
  const hit = alert?.hits.find((each) => each.watch.id === watch.id)
  if (alert && hit) {
    // Its publishers came, and yet it was taken back.
    const isSilenced = alert.state === 'cancelled' && isComplete && clause.holds
    const muted = isSilenced ? findMute(given, question) : null
    return muted ?? judgeHit(alert, hit, { item, isMatch: clause.holds, now })
  }
  if (!clause.holds) return { kind: 'failed', clause }
  if (item.quiet) return { kind: 'baseline' }
  if (watch.createdAt > item.firstSeenAt) return { kind: 'younger' }
  if (chat?.state === 'gone' && (chat.goneAt ?? 0) <= item.firstSeenAt) return { kind: 'gone' }
  const muted = findMute(given, question)
  if (muted !== null) return muted
  const mayBeGone = chat?.kind === 'telegram'
  if (item.revisedAt === null) return { kind: 'unexplained', mayBeGone }
  return { kind: 'edited', at: item.revisedAt, isTold: wasTold(alert, item.revisedAt), mayBeGone }
}

function wasTold(alert: Alert | undefined, at: number): boolean {
  if (alert === undefined || alert.state === 'waiting' || alert.state === 'cancelled') return false
  return alert.createdAt <= at
}

/** Whether it was muted when it would have been told. */
function findMute({ item, mutes }: Case, { watch, isComplete, now }: Question): Verdict | null {
  const moments = [
    { when: 'came' as const, at: item.firstSeenAt },
    ...(item.revisedAt === null ? [] : [{ when: 'edited' as const, at: item.revisedAt }]),
    ...(isComplete ? item.related : []).map(({ firstSeenAt: at }) => ({ when: 'publishers' as const, at })),
  ]
  for (const { when, at } of moments) {
    const mute = muteAt(mutes, watch, at)
    if (mute !== null) return { kind: 'muted', mute, isOver: mute.until <= now, when }
  }
  return null
}

/** Of a watch that is in the alert of the story. */
function judgeHit(
  alert: Alert,
  { watch, waitsFor }: Hit,
  { item, isMatch, now }: { item: Item; isMatch: boolean; now: number },
): Verdict {
  const isOver = alert.state === 'cancelled'
  const wait = waitsFor === undefined ? null : { wanted: waitsFor, isOver: isOver || isStoryOver(alert.item, now) }
  if (wait === null && isOver) return { kind: 'cancelled' }
  if (!isMatch) return { kind: 'called', matched: whatMatched(item), wait }
  if (wait !== null) return { kind: 'waiting', ...wait }
  if (alert.item.place !== item.place) return { kind: 'folded', isSent: alert.state === 'sent' }
  return { kind: watch.createdAt > item.firstSeenAt ? 'joined' : 'told' }
}

/** Of an item that does not match, what of its story did. */
function whatMatched({ related, revisedAt }: Item): 'before an edit' | 'another item' | 'either' {
  if (related.length === 0) return 'before an edit'
  return revisedAt === null ? 'another item' : 'either'
}

/** Of what a query asks for, from 0 to 1; what must not be there counts only where it is. */
function shareThatHolds(clause: Clause): number {
  const leaves = leavesOf(clause)
  return leaves.filter(({ kind, holds }) => holds && kind !== 'not').length / Math.max(1, leaves.length)
}

async function findSources({ store, clock }: Pick<Actions, 'store' | 'clock'>, url: string): Promise<Source[]> {
  const sources = listOfPublisher(await store.listSources(), url)
  if (sources.length > 0) return sources

  // Removed ones are in no list, but their items stay.
  const root = { kind: 'site' as const, host: publisherOfAddress(url) }
  const { items } = await store.listItems({ limit: MOST_LEFT_BEHIND, query: { text: '', root }, now: clock() })
  const ids = new Set(items.map(({ source }) => source.id))
  const known = await Promise.all([...ids].map((id) => store.findSource(id, { removed: true })))
  const removed = known.filter((source) => source !== undefined).filter(({ state }) => state === 'removed')
  return listOfPublisher(removed, url)
}

/** Those whose site, or whose own address, belongs to whoever publishes the address: first those that begin as it does. */
function listOfPublisher<S extends Source>(sources: S[], url: string): S[] {
  const publisher = publisherOfAddress(url)
  const ofPublisher = sources.filter((source) => {
    const item: Pick<Item, 'url' | 'source'> = { url: null, source }
    return publisherOf(item) === publisher || publisherOfAddress(source.url) === publisher
  })
  const nearness = (source: S) => Math.max(sharedStart(source.url, url), sharedStart(source.siteUrl ?? '', url))
  return ofPublisher.toSorted((a, b) => nearness(b) - nearness(a))
}

/** In how many parts of their paths two addresses of one host begin alike. */
function sharedStart(one: string, other: string): number {
  const [these, those] = [one, other].map((url) => url.replace(/^https?:\/\/(?:www\.)?|\/$/g, '').split('/'))
  const end = these?.findIndex((part, at) => part !== those?.[at]) ?? 0
  return end < 0 ? (these?.length ?? 0) : end
}

function publisherOfAddress(url: string): string {
  return publisherOf({ url, source: { siteUrl: null, url, host: new URL(url).host } })
}
