import type { Alert, Chat, Item, Query, Source, Watch } from '../model.ts'
import type { StoredItem } from '../ports.ts'
import { webAddress } from '../publish/address.ts'
import type { Clause } from '../query/explain.ts'
import { publisherOf } from '../source/publisher.ts'
import type { Actions } from './context.ts'
import { isStoryOver } from './stored-item.ts'
import { parseAddress } from './subscribe.ts'
import { createTurns } from './turns.ts'
import { explainerOf, leavesOf, readWatch, type Situation, situationOf, type Wait } from './why.ts'

/** Why a chat was not told of what stands at an address, or that it was. */
export interface WhyNot {
  url: string
  /** Null: the chat is not known, so it watches nothing. */
  chat: Chat | null
  /** How many watches were asked. */
  watches: number
  /** The newest items at the address; none where it was never fetched. */
  items: ItemVerdicts[]
  /** Where nothing is stored: the sources of the same publisher, the most three. */
  sources: Source[]
}

export interface ItemVerdicts {
  item: StoredItem
  /** What the chat was told of its story, or is about to be; the alert may be of another item. */
  told: { alert: Alert; situation: Situation } | null
  /** The nearest to a match first, ten at most; of those that have nothing in common with it three. */
  verdicts: { watch: Watch; verdict: Verdict }[]
  /** Watches beyond those. */
  left: number
}

/** Why one watch did not tell of one item. All but `failed` and `unreadable` match it as it is now. */
export type Verdict =
  /** It did: the alert of the item is the chat's. */
  | { kind: 'told' }
  /** The alert of its story tells another item. */
  | { kind: 'folded' }
  /** It is in an alert of the story, and not told before so many publishers carry it. */
  | ({ kind: 'waiting' } & Wait)
  /** It had called it, and that was taken back. */
  | { kind: 'cancelled' }
  /** It came with the first look at its source (or with one after a pause), which calls nobody. */
  | { kind: 'baseline' }
  /** The watch was saved after the item had come. */
  | { kind: 'younger' }
  /** The chat could not be reached when it came: then nothing is matched for it. */
  | { kind: 'gone' }
  /** It matches since it was edited. */
  | { kind: 'edited'; at: number }
  | { kind: 'unexplained' }
  | { kind: 'failed'; clause: Clause }
  /** A version before ours saved what ours refuses. */
  | { kind: 'unreadable' }

const MOST_ITEMS = 3
const MOST_VERDICTS = 10
const MOST_FAR = 3
const MOST_SOURCES = 3

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
  const given = parseAddress(address)
  // It is said back, and a login in it is nobody’s business.
  const url = webAddress(given) ?? given
  const found = await store.findItemsByUrl(url)
  const chat = (await store.findChat(chatId)) ?? null
  const giveTurn = createTurns(ctx.clock)
  const watches = await store.listWatches(chatId)
  const asked: Asked[] = []
  for (const watch of found.length > 0 ? watches : []) {
    await giveTurn()
    asked.push({ watch, query: readWatch(ctx, watch) })
  }
  const items: ItemVerdicts[] = []
  for (const item of found.slice(0, MOST_ITEMS)) {
    items.push(await judgeItem(ctx, { item, chatId, chat, asked, giveTurn }))
  }
  const sources = found.length > 0 ? [] : listOfPublisher(await store.listSources(), url).slice(0, MOST_SOURCES)
  return { url, chat, watches: watches.length, items, sources }
}

interface Case {
  item: StoredItem
  chatId: string
  chat: Chat | null
  asked: Asked[]
  giveTurn: () => Promise<void>
}

/** A watch and what it asks for; null where it cannot be read any more. */
interface Asked {
  watch: Watch
  query: Query | null
}

async function judgeItem(ctx: Pick<Actions, 'store' | 'clock'>, given: Case): Promise<ItemVerdicts> {
  const { item, chatId, asked, giveTurn } = given
  const alert = await ctx.store.findAlertOfStory(chatId, item.story)
  const told = alert === undefined ? null : { alert, situation: await situationOf(ctx.store, alert) }

  const now = ctx.clock()
  const explain = explainerOf(item)
  const judged: { watch: Watch; verdict: Verdict; nearness: number }[] = []
  for (const { watch, query } of asked) {
    await giveTurn()
    const clause = query && explain(query)
    const nearness = clause === null ? 0 : clause.holds ? 2 : shareThatHolds(clause)
    judged.push({ watch, verdict: judge(given, { watch, clause, alert, now }), nearness })
  }
  judged.sort((a, b) => b.nearness - a.nearness)
  const near = judged.filter(({ nearness }) => nearness > 0).length
  const verdicts = judged
    .slice(0, Math.min(MOST_VERDICTS, near + MOST_FAR))
    .map(({ watch, verdict }) => ({ watch, verdict }))
  return { item, told, verdicts, left: judged.length - verdicts.length }
}

function judge(
  { item, chat }: Case,
  { watch, clause, alert, now }: { watch: Watch; clause: Clause | null; alert: Alert | undefined; now: number },
): Verdict {
  if (clause === null) return { kind: 'unreadable' }
  if (!clause.holds) return { kind: 'failed', clause }

  const hit = alert?.hits.find((each) => each.watch.id === watch.id)
  const isCalled = hit !== undefined
  if (alert && alert.state !== 'cancelled') {
    if (hit?.waitsFor !== undefined) {
      return { kind: 'waiting', wanted: hit.waitsFor, isOver: isStoryOver(alert.item, now) }
    }
    if (alert.item.place !== item.place) return { kind: 'folded' }
    if (isCalled) return { kind: 'told' }
  } else if (isCalled) {
    return { kind: 'cancelled' }
  }
  if (item.quiet) return { kind: 'baseline' }
  if (watch.createdAt > item.firstSeenAt) return { kind: 'younger' }
  if (chat?.state === 'gone' && (chat.goneAt ?? 0) <= item.firstSeenAt) return { kind: 'gone' }
  return item.revisedAt === null ? { kind: 'unexplained' } : { kind: 'edited', at: item.revisedAt }
}

/** Of what a query asks for, from 0 to 1; what must not be there counts only where it is. */
function shareThatHolds(clause: Clause): number {
  const leaves = leavesOf(clause)
  return leaves.filter(({ kind, holds }) => holds && kind !== 'not').length / Math.max(1, leaves.length)
}

/** Those whose site, or whose own address, belongs to whoever publishes the address. */
function listOfPublisher<S extends Source>(sources: S[], url: string): S[] {
  const publisher = publisherOfAddress(url)
  return sources.filter((source) => {
    const item: Pick<Item, 'url' | 'source'> = { url: null, source }
    return publisherOf(item) === publisher || publisherOfAddress(source.url) === publisher
  })
}

function publisherOfAddress(url: string): string {
  return publisherOf({ url, source: { siteUrl: null, url, host: new URL(url).host } })
}
