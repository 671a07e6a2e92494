/** WebSub, our requests: hubs that sources name are asked to push, again before they stop, and to stop when nobody wants it. */
import { randomBytes } from 'node:crypto'
import { faultOf, isCode } from '../../errors.ts'
import type { Hub, Source } from '../../model.ts'
import type { Subscription } from '../../ports.ts'
import { webAddress } from '../../publish/address.ts'
import { HOUR_MS, MINUTE_MS } from '../../time.ts'
import type { Actions } from '../context.ts'
import type { HostGate } from '../hosts/gate.ts'
import { askInTurn, hostOf } from '../hosts/turn.ts'
import type { Queues } from '../queues.ts'
import {
  answerFields,
  backOffMs,
  type HubAnswer,
  isRefusal,
  isSameHub,
  isTaken,
  LEASE_SECONDS,
  putOffMs,
  spreadMs,
  wishedHub,
} from './rules.ts'

interface HubAsking {
  /** Starts what is due and has room; resolves when that is known, not when it has ended. */
  askDue(): Promise<void>
  /** Whether we said goodbye with this token and topic: the hub's last question may still come. */
  hasLeft(token: string, topic: string): boolean
  /** Resolves when what is under way has ended. */
  ended(): Promise<unknown>
}

interface HubAskingOptions {
  /** Where the world reaches us, without a slash at its end. */
  publicUrl: string
  /** For the turn of the hub's host. */
  wait: HostGate['wait']
  isStopped: () => boolean
}

/** Sources that are looked at, and hubs that are asked, at once; of one hub's host, one at a time. */
const LOOK = 256
const AT_ONCE = 16
/** A hub whose host has no time for us is asked for its turn again after this. */
const NO_TURN_MS = 10 * MINUTE_MS
/** Nothing here is in a hurry: that long after the last one is asked, nobody looks. */
const REST_MS = 10_000
/** Hubs we said goodbye to, who may still ask whether it was us. */
const MAX_LEAVING = 1_000

/** Whose turn it is stands in memory. */
export function createHubAsking(
  ctx: Actions,
  inTurn: Queues,
  { publicUrl, wait, isStopped }: HubAskingOptions,
): HubAsking {
  const callbackBase = `${publicUrl}/websub/`
  /** Tokens that are no subscription's any more, with their topics. */
  const leaving = new Map<string, string>()
  /** By the host of the hub. */
  const underWay = new Map<string, Promise<void>>()
  let listAt = 0

  async function askDue(): Promise<void> {
    const now = ctx.clock()
    // A clock that was set back makes no rest longer.
    const isResting = now < listAt && now >= listAt - REST_MS
    if (isResting || underWay.size >= AT_ONCE) return
    const due = await ctx.store.listDueSubscriptions(now, LOOK)
    const started = due.filter(({ source, subscription }) => start(source, subscription))
    if (due.length < LOOK && started.length === due.length) listAt = now + REST_MS
  }

  /** A hub that is slow holds up its own only. What is under way is still due, too. */
  function start(source: Source, subscription: Subscription | null): boolean {
    const host = hostOf((wishedHub(source) ?? subscription?.hub)?.url ?? '')
    if (isStopped() || underWay.size >= AT_ONCE || underWay.has(host)) return false
    const work = tendSafely(source, subscription).finally(() => underWay.delete(host))
    underWay.set(host, work)
    return true
  }

  /** A fault of ours, or of the disk, must not end the others; what is due stays due. */
  async function tendSafely(source: Source, subscription: Subscription | null): Promise<void> {
    try {
      await tend(source, subscription)
    } catch (error) {
      if (isStopped() && isCode(error, 'unavailable')) return
      ctx.log.error({ source: webAddress(source.url), ...faultOf(error) }, 'asking a hub broke')
    }
  }

  async function tend(source: Source, subscription: Subscription | null): Promise<void> {
    const hub = wishedHub(source)
    if (!hub) {
      await inTurn(source.id, () => ctx.store.removeSubscription(source.id))
      if (subscription) await leave(source, subscription)
      return
    }
    if (!subscription || isSameHub(subscription.hub, hub)) {
      const hadTurn = await ask(source, hub, subscription)
      // Else those of one hub would stand before all others until it has time.
      if (!hadTurn && !isStopped()) await askLater(source, hub, subscription)
      return
    }
    await ask(source, hub, null)
    // Only when the new one stands in its place: until then the old one pushes.
    if (!(await ctx.store.findSubscription(subscription.token))) await leave(source, subscription)
  }

  /** False when the hub had no turn for us. */
  async function ask(source: Source, hub: Hub, before: Subscription | null): Promise<boolean> {
    const answer = await atHub(hub, async () => {
      // Before the request: the hub may ask back before it has answered.
      const asked = await save(source, hub, before, (next) => next)
      const answer = await post('subscribe', source, asked)
      if (!isTaken(answer)) await putOff(asked, answer)
      return answer
    })
    return answer !== null
  }

  function nextRequest(source: Source, hub: Hub, before: Subscription | null): Subscription {
    const now = ctx.clock()
    const isLive = before?.state === 'active' && before.leaseUntil !== null && before.leaseUntil > now
    const attempts = (before?.attempts ?? 0) + 1
    return {
      sourceId: source.id,
      hub,
      // A renewal keeps both: to the hub it is the same subscription, and what is under way stays signed as we expect.
      token: before?.token ?? randomBytes(32).toString('base64url'),
      secret: before?.secret ?? randomBytes(32).toString('hex'),
      state: isLive ? 'active' : 'asked',
      leaseUntil: isLive ? before.leaseUntil : null,
      nextAt: now + backOffMs(HOUR_MS, attempts, ctx.random()),
      attempts,
    }
  }

  /** Nobody was asked, and no attempt counts. */
  async function askLater(source: Source, hub: Hub, before: Subscription | null): Promise<void> {
    const nextAt = ctx.clock() + spreadMs(NO_TURN_MS, ctx.random())
    await save(source, hub, before, (next) => ({ ...next, attempts: next.attempts - 1, nextAt }))
  }

  function save(
    source: Source,
    hub: Hub,
    before: Subscription | null,
    decide: (next: Subscription) => Subscription,
  ): Promise<Subscription> {
    return inTurn(source.id, async () => {
      // It may have waited long for its turn, and the hub have asked back meanwhile.
      const now = before && (await ctx.store.findSubscription(before.token))
      const subscription = decide(nextRequest(source, hub, now?.subscription ?? null))
      await ctx.store.saveSubscription(subscription)
      return subscription
    })
  }

  /** Best effort: what this does not reach, our 410 or the end of the lease ends. */
  async function leave(source: Source, subscription: Subscription): Promise<void> {
    const { token, hub, state, leaseUntil } = subscription
    if (state !== 'active' || leaseUntil === null || leaseUntil <= ctx.clock()) return
    leaving.set(token, hub.topic)
    for (const [oldest] of leaving) {
      if (leaving.size <= MAX_LEAVING) break
      leaving.delete(oldest)
    }
    await atHub(hub, () => post('unsubscribe', source, subscription))
  }

  /** Null when its host has no turn for us, or we stop: nothing was done then. */
  function atHub(hub: Hub, ask: () => Promise<HubAnswer>): Promise<HubAnswer | null> {
    const onNoTurn = (reason: string) => ctx.log.debug({ hub: hub.url, reason }, 'a hub is not asked now')
    return askInTurn(wait(hostOf(hub.url)), { ask, isStopped, onNoTurn })
  }

  /** By the way that leads to the source: where that is a proxy, there is often no other. */
  async function post(
    mode: 'subscribe' | 'unsubscribe',
    { access }: Source,
    subscription: Subscription,
  ): Promise<HubAnswer> {
    const { hub, token, secret } = subscription
    const form = { 'hub.mode': mode, 'hub.topic': hub.topic, 'hub.callback': callbackBase + token }
    const asking = { 'hub.secret': secret, 'hub.lease_seconds': String(LEASE_SECONDS) }
    const wish = mode === 'subscribe' ? { ...form, ...asking } : form
    const answer = await ctx.post({ url: hub.url, form: wish, proxy: access?.proxy ?? null })
    ctx.log.debug({ hub: hub.url, topic: hub.topic, mode, ...answerFields(answer) }, 'asked a hub')
    return answer
  }

  async function putOff(asked: Subscription, answer: HubAnswer): Promise<void> {
    await inTurn(asked.sourceId, async () => {
      const found = await ctx.store.findSubscription(asked.token)
      // Verified meanwhile: what the hub answered then counts less.
      if (found?.subscription.attempts !== asked.attempts) return
      const state = isRefusal(answer) && asked.state !== 'active' ? 'refused' : asked.state
      const nextAt = ctx.clock() + putOffMs(answer, asked.attempts, ctx.random())
      await ctx.store.saveSubscription({ ...found.subscription, state, nextAt })
    })
  }

  return {
    askDue,
    hasLeft: (token, topic) => leaving.get(token) === topic,
    ended: () => Promise.allSettled(underWay.values()),
  }
}
