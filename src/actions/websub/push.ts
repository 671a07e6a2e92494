/** WebSub, what hubs push: a part of the document, stored like the poll of one; or a sign that a poll is worth while. */
import { AppError, isCode } from '../../errors.ts'
import type { Hub, Source } from '../../model.ts'
import type { Known, Subscription } from '../../ports.ts'
import { webAddress } from '../../publish/address.ts'
import { MINUTE_MS } from '../../time.ts'
import type { Actions } from '../context.ts'
import { recordOfPart } from '../ingest/ingest.ts'
import { createQueues } from '../queues.ts'
import { faultOfSignature, planPush } from './rules.ts'

export interface Push {
  bytes: Uint8Array
  contentType: string | null
  /** The header X-Hub-Signature. */
  signature: string | null
}

export type PushOutcome =
  | { kind: 'new'; inserted: number; edited: number; alerts: number }
  /** It says only that there is something, or we cannot read it: the source is polled now. */
  | { kind: 'light' }
  | { kind: 'ignored'; reason: 'unsigned' | 'wrong signature' | 'baseline is due' }

interface Pushes {
  /** As `WebSub.receive` says. */
  receive(token: string, push: Push): Promise<'accepted' | 'unknown'>
  /** Makes the second look due that a push without news is followed by. */
  lookAgain(): Promise<void>
  /** Resolves when what is in work has ended. */
  ended(): Promise<unknown>
}

/** Pushes in work at once; those of one source are always in the same lane, one after the other. */
const LANES = 4
/** Pushes that may be here at once, in work or not: each holds its document. What comes beyond them is polled instead. */
const MAX_PUSHES = 32
/** A push that brings nothing makes its source due, though not more often than this. */
const LOOK_AGAIN_MS = MINUTE_MS

/** Which sources are looked at again stands in memory. */
export function createPushes(
  ctx: Actions,
  { onPush, isStopped }: { onPush: (source: Source, outcome: PushOutcome) => void; isStopped: () => boolean },
): Pushes {
  /** Sources whose light pings are to be followed by a second look, with the time of the ping. */
  const pinged = new Map<number, number>()
  const lanes = createQueues()
  const pushes = new Set<Promise<unknown>>()

  async function receive(token: string, push: Push): Promise<'accepted' | 'unknown'> {
    if (isStopped()) throw new AppError('unavailable', 'Crier is stopping.')
    const found = await ctx.store.findSubscription(token)
    if (found?.source.state !== 'active') return 'unknown'
    const work = take(found.source, found.subscription, push)
    pushes.add(work)
    try {
      const outcome = await work
      ctx.log.debug({ source: webAddress(found.source.url), ...outcome }, 'a hub pushed')
      onPush(found.source, outcome)
      return 'accepted'
    } finally {
      pushes.delete(work)
    }
  }

  async function take(source: Source, { hub, secret }: Subscription, push: Push): Promise<PushOutcome> {
    const fault = faultOfSignature(push.bytes, push.signature, secret)
    if (fault) return { kind: 'ignored', reason: fault }
    // The first poll stores quietly what is there; a push would bring half of it as news.
    if (source.baselineDue) return { kind: 'ignored', reason: 'baseline is due' }
    // The entries of a page are told by where they stand in the whole of it.
    const isReadable = source.kind === 'feed' && push.bytes.length > 0 && pushes.size < MAX_PUSHES
    const outcome = isReadable ? await lanes(source.id % LANES, () => store(source, hub, push)) : null
    if (outcome) return outcome
    await pollSoon(source)
    return { kind: 'light' }
  }

  /** Null when nothing could be read from it. */
  async function store(source: Source, hub: Hub, { bytes, contentType }: Push): Promise<PushOutcome | null> {
    const read = await ctx.parse({ bytes, contentType, url: hub.topic })
    if (read.kind === 'unreadable' || read.items.length === 0) return null
    if (read.truncated) await pollSoon(source)
    const now = ctx.clock()
    const plan = (known: Known) => planPush(read, known, now)
    const { inserted, edited, alerts } = await ctx.store.ingest(source.id, read, recordOfPart(source, now), plan)
    return { kind: 'new', inserted, edited, alerts }
  }

  /**
   * Once now, and once more a minute later: hubs are quicker than caches, and a poll that is under way may have asked
   * before there was anything.
   */
  async function pollSoon(source: Source): Promise<void> {
    pinged.set(source.id, ctx.clock())
    await makeDue(source)
  }

  async function lookAgain(): Promise<void> {
    for (const [id, at] of pinged) {
      const now = ctx.clock()
      // Unless the clock was set back.
      if (now >= at && now < at + LOOK_AGAIN_MS) continue
      pinged.delete(id)
      const source = await ctx.store.findSource(id)
      if (source) await makeDue(source)
    }
  }

  /** A server that failed, or asked us to wait, is left alone: its next poll brings what there is. */
  async function makeDue({ id, trouble, polledAt, nextPollAt }: Source): Promise<void> {
    const now = ctx.clock()
    const at = Math.max(now, (polledAt ?? 0) + LOOK_AGAIN_MS)
    if (trouble !== null || nextPollAt <= at) return
    await ctx.store.changeSource(id, { nextPollAt: at }, now).catch((error: unknown) => {
      // Removed in this moment.
      if (!isCode(error, 'not_found')) throw error
    })
  }

  return { receive, lookAgain, ended: () => Promise.allSettled(pushes) }
}
