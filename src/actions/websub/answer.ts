/** WebSub, a hub's questions: whether a request was ours (5.3), and its notice that it denied one (5.2). */
import type { Source } from '../../model.ts'
import type { Subscription } from '../../ports.ts'
import { webAddress } from '../../publish/address.ts'
import { DAY_MS } from '../../time.ts'
import type { Actions } from '../context.ts'
import type { Queues } from '../queues.ts'
import { isSameHub, readLeaseMs, renewalMs, spreadMs, wishedHub } from './rules.ts'

/** Hubs give it back as it is; nobody needs a longer one. */
const MAX_CHALLENGE_CHARS = 2_048

/** Gives what is to be answered, as `WebSub.verify` says. `hasLeft`: whether we said goodbye with this token and topic. */
export function createHubAnswers(
  ctx: Actions,
  inTurn: Queues,
  hasLeft: (token: string, topic: string) => boolean,
): (token: string, query: URLSearchParams) => Promise<string | null> {
  async function verify(token: string, query: URLSearchParams): Promise<string | null> {
    const mode = query.get('hub.mode')
    const topic = query.get('hub.topic') ?? ''
    const challenge = query.get('hub.challenge') ?? ''
    if (mode === 'denied') return noteDenial(token, topic, query.get('hub.reason'))
    if (challenge === '' || challenge.length > MAX_CHALLENGE_CHARS) return null
    if (mode === 'unsubscribe') return (await isLeaving(token, topic)) ? challenge : null
    if (mode !== 'subscribe') return null
    return (await activate(token, topic, readLeaseMs(query.get('hub.lease_seconds')))) ? challenge : null
  }

  /** Stores that the hub pushes from now on, if we want it to. */
  async function activate(token: string, topic: string, leaseMs: number): Promise<boolean> {
    return change(token, topic, ({ source, subscription }) => {
      const hub = wishedHub(source)
      if (!hub || !isSameHub(subscription.hub, hub)) return null
      const now = ctx.clock()
      ctx.log.info({ source: webAddress(source.url), hub: hub.url, leaseMs }, 'a hub pushes')
      const nextAt = now + renewalMs(leaseMs, ctx.random())
      return { ...subscription, state: 'active', leaseUntil: now + leaseMs, nextAt, attempts: 0 }
    })
  }

  async function noteDenial(token: string, topic: string, reason: string | null): Promise<string | null> {
    const isKnown = await change(token, topic, ({ source, subscription }) => {
      ctx.log.info({ source: webAddress(source.url), hub: subscription.hub.url, reason }, 'a hub denied a subscription')
      return {
        ...subscription,
        state: 'refused',
        leaseUntil: null,
        nextAt: ctx.clock() + spreadMs(DAY_MS, ctx.random()),
      }
    })
    return isKnown ? '' : null
  }

  /** True if the token and its topic are ours and `decide` wanted a change. */
  async function change(
    token: string,
    topic: string,
    decide: (found: { source: Source; subscription: Subscription }) => Subscription | null,
  ): Promise<boolean> {
    const known = await ctx.store.findSubscription(token)
    if (!known) return false
    return inTurn(known.source.id, async () => {
      const found = await ctx.store.findSubscription(token)
      const after = found?.subscription.hub.topic === topic ? decide(found) : null
      if (after) await ctx.store.saveSubscription(after)
      return after !== null
    })
  }

  /** A stranger must not end what we want. */
  async function isLeaving(token: string, topic: string): Promise<boolean> {
    if (hasLeft(token, topic)) return true
    const found = await ctx.store.findSubscription(token)
    return found?.subscription.hub.topic === topic && wishedHub(found.source) === null
  }

  return verify
}
