/**
 * WebSub (W3C Recommendation of 2018), the subscriber's side: we ask the hubs that sources name to push, prove that it was
 * us, and take what they push like the poll of a part of the document. What we must not forget is in the store; polling
 * goes on as a net under all of it.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { AppError, describeError, isCode } from '../errors.ts'
import type { Hub, ReadDocument, ReadItem, Source } from '../model.ts'
import type { IngestPlan, Known, Post, Subscription } from '../ports.ts'
import { webAddress } from '../publish/address.ts'
import type { Actions } from './context.ts'
import { type Departure, departureOf, type HostGate, type Release } from './host-gate.ts'
import { planIngest } from './ingest.ts'

export interface WebSub {
  /** Asks hubs for what is due, and returns at once. Every tick calls it; it never overlaps itself. */
  pump(): void
  /** Asks nothing more, and resolves when what runs has ended. */
  stop(): Promise<void>
  /**
   * What a hub's GET on the address `/websub/TOKEN` asks: whether this request was ours (WebSub, 5.3), or it tells that it
   * denied it (5.2). The text to answer with 200, as it is and as plain text, or null for 404.
   */
  verify(token: string, query: URLSearchParams): Promise<string | null>
  /** Whether anybody waits for pushes at this address: to be asked before a body is taken, which a stranger could send. */
  expects(token: string): Promise<boolean>
  /**
   * What a hub's POST there brings. Resolves when it is stored, so that a hub whose push we could not keep, because this
   * throws, sends it again. `accepted` also for what is ignored, unsigned or not new (WebSub, 8): answer 202. `unknown`:
   * nobody waits for it, answer 410.
   */
  receive(token: string, push: Push): Promise<'accepted' | 'unknown'>
}

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

export interface WebSubOptions {
  /** Where the world reaches us, without a slash at its end. */
  publicUrl: string
  wait?: HostGate['wait']
  onPush?: (source: Source, outcome: PushOutcome) => void
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** What we ask for; the hub decides. */
const LEASE_SECONDS = (10 * DAY_MS) / 1_000
/** What we take for one, whatever the hub says. */
const MIN_LEASE_MS = 5 * MINUTE_MS
const MAX_LEASE_MS = 30 * DAY_MS

/** Sources that are looked at, and hubs that are asked, at once; of one hub's host, one at a time. */
const LOOK = 256
const AT_ONCE = 16
/** A hub whose host has no time for us is asked for its turn again after this. */
const NO_TURN_MS = 10 * MINUTE_MS
/** Nothing here is in a hurry: that long after the last one is asked, nobody looks. */
const REST_MS = 10_000
/** Pushes in work at once; those of one source are always in the same lane, one after the other. */
const LANES = 4
/** Pushes that may be here at once, in work or not: each holds its document. What comes beyond them is polled instead. */
const MAX_PUSHES = 32
/** Hubs we said goodbye to, who may still ask whether it was us. */
const MAX_LEAVING = 1_000
/** Hubs give it back as it is; nobody needs a longer one. */
const MAX_CHALLENGE_CHARS = 2_048
/** A push that brings nothing makes its source due, though not more often than this. */
const LOOK_AGAIN_MS = MINUTE_MS

/** The callbacks' side and the asking side of WebSub over one store. One for each service: it decides whose turn it is in memory. */
export function createWebSub(ctx: Actions, options: WebSubOptions): WebSub {
  const callbackBase = `${options.publicUrl}/websub/`
  const wait = options.wait ?? (async () => () => {})
  /** Tokens that are no subscription's any more, with their topics: the hub's last question may still come. */
  const leaving = new Map<string, string>()
  /** Sources whose light pings are to be followed by a second look, with the time of the ping. */
  const pinged = new Map<number, number>()
  /** Changes of one subscription, one after the other. */
  const changing = createTurns()
  const lanes = createTurns()
  const pushes = new Set<Promise<unknown>>()
  /** By the host of the hub. */
  const underWay = new Map<string, Promise<void>>()
  let round: Promise<void> | null = null
  let listAt = 0
  let stopped = false

  // ---- Asking ----

  function pump(): void {
    if (stopped || round) return
    round = workRound()
      .catch((error: unknown) => ctx.log.error({ err: describeError(error) }, 'asking hubs broke'))
      .finally(() => {
        round = null
      })
  }

  async function workRound(): Promise<void> {
    await lookAgain()
    const now = ctx.clock()
    if (now < listAt || underWay.size >= AT_ONCE) return
    const due = await ctx.store.listDueSubscriptions(now, LOOK)
    const started = due.filter(({ source, subscription }) => start(source, subscription))
    if (due.length < LOOK && started.length === due.length) listAt = now + REST_MS
  }

  /** A hub that is slow holds up its own only. What is under way is still due, too. */
  function start(source: Source, subscription: Subscription | null): boolean {
    const host = hostOf((wishedHub(source) ?? subscription?.hub)?.url ?? '')
    if (stopped || underWay.size >= AT_ONCE || underWay.has(host)) return false
    const work = tendSafely(source, subscription).finally(() => underWay.delete(host))
    underWay.set(host, work)
    return true
  }

  /** A fault of ours, or of the disk, must not end the others; what is due stays due. */
  async function tendSafely(source: Source, subscription: Subscription | null): Promise<void> {
    try {
      await tend(source, subscription)
    } catch (error) {
      if (stopped && isCode(error, 'unavailable')) return
      ctx.log.error({ source: webAddress(source.url), err: describeError(error) }, 'asking a hub broke')
    }
  }

  async function tend(source: Source, subscription: Subscription | null): Promise<void> {
    const hub = wishedHub(source)
    if (!hub) {
      await changing(source.id, () => ctx.store.removeSubscription(source.id))
      if (subscription) await leave(source, subscription)
      return
    }
    if (!subscription || isSameHub(subscription.hub, hub)) {
      const hadTurn = await ask(source, hub, subscription)
      // Else those of one hub would stand before all others until it has time.
      if (!hadTurn && !stopped) await askLater(source, hub, subscription)
      return
    }
    await ask(source, hub, null)
    // Only when the new one stands in its place: until then the old one pushes.
    if (!(await find(subscription.token))) await leave(source, subscription)
  }

  /** False when the hub had no turn for us. */
  async function ask(source: Source, hub: Hub, before: Subscription | null): Promise<boolean> {
    return atHub(hub, async () => {
      // Before the request: the hub may ask back before it has answered.
      const asked = await save(source, hub, before, (next) => next)
      const answer = await post('subscribe', source, asked)
      if (!isTaken(answer)) await putOff(asked, answer)
      return answer
    })
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
      nextAt: now + backOff(HOUR_MS, attempts),
      attempts,
    }
  }

  /** Nobody was asked, and no attempt counts. */
  async function askLater(source: Source, hub: Hub, before: Subscription | null): Promise<void> {
    const nextAt = ctx.clock() + spread(NO_TURN_MS)
    await save(source, hub, before, (next) => ({ ...next, attempts: next.attempts - 1, nextAt }))
  }

  function save(
    source: Source,
    hub: Hub,
    before: Subscription | null,
    decide: (next: Subscription) => Subscription,
  ): Promise<Subscription> {
    return changing(source.id, async () => {
      // It may have waited long for its turn, and the hub have asked back meanwhile.
      const now = before && (await find(before.token))
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

  /** False when its host has no turn for us, or we stop: nothing was done then. */
  async function atHub(hub: Hub, work: () => Promise<HubAnswer>): Promise<boolean> {
    let done: Release
    try {
      done = await wait(hostOf(hub.url))
    } catch (error) {
      if (!isCode(error, 'unavailable')) throw error
      ctx.log.debug({ hub: hub.url, reason: error.message }, 'a hub is not asked now')
      return false
    }
    let departure: Departure = { kind: 'failed' }
    try {
      if (stopped) return false
      departure = departureOf(await work())
      return true
    } finally {
      done(departure)
    }
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
    const wish = { url: hub.url, form: mode === 'subscribe' ? { ...form, ...asking } : form }
    const proxy = access?.proxy ?? null
    const answer = await ctx.post(proxy === null ? wish : { ...wish, proxy })
    ctx.log.debug({ hub: hub.url, topic: hub.topic, mode, ...answerFields(answer) }, 'asked a hub')
    return answer
  }

  async function putOff(asked: Subscription, answer: HubAnswer): Promise<void> {
    const retryAfterMs = answer.kind === 'failed' ? (answer.retryAfterMs ?? 0) : 0
    const refused = isRefusal(answer)
    await changing(asked.sourceId, async () => {
      const found = await ctx.store.findSubscription(asked.token)
      // Verified meanwhile: what the hub answered then counts less.
      if (found?.subscription.attempts !== asked.attempts) return
      const waitMs = Math.max(backOff(refused ? HOUR_MS : MINUTE_MS, asked.attempts), Math.min(retryAfterMs, DAY_MS))
      const state = refused && asked.state !== 'active' ? 'refused' : asked.state
      await ctx.store.saveSubscription({ ...found.subscription, state, nextAt: ctx.clock() + waitMs })
    })
  }

  /** Doubles with each attempt, up to a day, for ever. */
  function backOff(firstMs: number, attempts: number): number {
    return spread(Math.min(firstMs * 2 ** Math.min(attempts - 1, 20), DAY_MS))
  }

  /** 10 % around it, so that what began together drifts apart. */
  function spread(ms: number): number {
    return Math.round(ms * (0.9 + 0.2 * ctx.random()))
  }

  // ---- Being asked ----

  async function verify(token: string, query: URLSearchParams): Promise<string | null> {
    const mode = query.get('hub.mode')
    const topic = query.get('hub.topic')
    const challenge = query.get('hub.challenge') ?? ''
    if (mode === 'denied') return topic === null ? null : noteDenial(token, topic, query.get('hub.reason'))
    if (topic === null || challenge === '' || challenge.length > MAX_CHALLENGE_CHARS) return null
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
      return {
        ...subscription,
        state: 'active',
        leaseUntil: now + leaseMs,
        // Before it ends, with a day left to try again where there is one.
        nextAt: now + Math.round(Math.max(0.8 * leaseMs, leaseMs - DAY_MS) * (1 - 0.05 * ctx.random())),
        attempts: 0,
      }
    })
  }

  async function noteDenial(token: string, topic: string, reason: string | null): Promise<string | null> {
    const isKnown = await change(token, topic, ({ source, subscription }) => {
      ctx.log.info({ source: webAddress(source.url), hub: subscription.hub.url, reason }, 'a hub denied a subscription')
      return { ...subscription, state: 'refused', leaseUntil: null, nextAt: ctx.clock() + spread(DAY_MS) }
    })
    return isKnown ? '' : null
  }

  /** True if the token and its topic are ours and `decide` wanted a change. */
  async function change(
    token: string,
    topic: string,
    decide: (found: { source: Source; subscription: Subscription }) => Subscription | null,
  ): Promise<boolean> {
    const known = await find(token)
    if (!known) return false
    return changing(known.source.id, async () => {
      const found = await find(token)
      const after = found?.subscription.hub.topic === topic ? decide(found) : null
      if (after) await ctx.store.saveSubscription(after)
      return after !== null
    })
  }

  /** A stranger must not end what we want. */
  async function isLeaving(token: string, topic: string): Promise<boolean> {
    if (leaving.get(token) === topic) return true
    const found = await find(token)
    return found?.subscription.hub.topic === topic && wishedHub(found.source) === null
  }

  async function expects(token: string): Promise<boolean> {
    return (await find(token))?.source.state === 'active'
  }

  async function find(token: string) {
    return /^[\w-]{43}$/.test(token) ? ctx.store.findSubscription(token) : undefined
  }

  // ---- Being pushed to ----

  async function receive(token: string, push: Push): Promise<'accepted' | 'unknown'> {
    if (stopped) throw new AppError('unavailable', 'Crier is stopping.')
    const found = await find(token)
    if (found?.source.state !== 'active') return 'unknown'
    const work = take(found.source, found.subscription, push)
    pushes.add(work)
    try {
      const outcome = await work
      ctx.log.debug({ source: webAddress(found.source.url), ...outcome }, 'a hub pushed')
      options.onPush?.(found.source, outcome)
      return 'accepted'
    } finally {
      pushes.delete(work)
    }
  }

  async function take(source: Source, { hub, secret }: Subscription, push: Push): Promise<PushOutcome> {
    const fault = faultOfSignature(push, secret)
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
    const { nextPollAt, validators, bodyHash } = source
    const record = { polledAt: now, nextPollAt, validators, bodyHash, pushed: true } as const
    const result = await ctx.store.ingest(source.id, read, record, (known) => planPush(read, known, now))
    return { kind: 'new', inserted: result.inserted, edited: result.edited, alerts: result.alerts }
  }

  /**
   * Once now, and once more a minute later: hubs are quicker than caches, and a poll that is under way may have asked
   * before there was anything.
   */
  async function pollSoon(source: Source): Promise<void> {
    if (!pinged.has(source.id)) pinged.set(source.id, ctx.clock())
    await makeDue(source)
  }

  async function lookAgain(): Promise<void> {
    for (const [id, at] of pinged) {
      if (at + LOOK_AGAIN_MS > ctx.clock()) continue
      pinged.delete(id)
      const source = await ctx.store.findSource(id)
      if (source) await makeDue(source)
    }
  }

  /** A server that failed, or asked us to wait, is left alone: its next poll brings what there is. */
  async function makeDue({ id, state, trouble, polledAt, nextPollAt }: Source): Promise<void> {
    const now = ctx.clock()
    const at = Math.max(now, (polledAt ?? 0) + LOOK_AGAIN_MS)
    if (state !== 'active' || trouble !== null || nextPollAt <= at) return
    await ctx.store.changeSource(id, { nextPollAt: at }, now).catch((error: unknown) => {
      // Removed in this moment.
      if (!isCode(error, 'not_found')) throw error
    })
  }

  return {
    pump,
    verify,
    expects,
    receive,
    async stop() {
      stopped = true
      await round
      await Promise.allSettled([...underWay.values(), ...pushes])
    },
  }
}

/** Null when nobody wants to be pushed to for this source. */
function wishedHub(source: Source): Hub | null {
  return source.state === 'active' ? source.hub : null
}

function isSameHub(a: Hub, b: Hub): boolean {
  return a.url === b.url && a.topic === b.topic
}

/** What is no address has no host to wait for: the guard says so. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : ''
}

type HubAnswer = Awaited<ReturnType<Post>>

/** 202 by the book; others say 200 or 204. Whether it was taken only the question that follows tells. */
function isTaken(answer: HubAnswer): boolean {
  return answer.kind === 'answered' && answer.status >= 200 && answer.status < 300
}

/** It will not, rather than cannot; 408, 425 and 429 say "not now". */
function isRefusal(answer: HubAnswer): boolean {
  const { status } = answer
  if (answer.kind === 'failed' && answer.reason === 'refused') return true
  return status !== null && status >= 400 && status < 500 && ![408, 425, 429].includes(status)
}

function answerFields(answer: HubAnswer): object {
  return answer.kind === 'answered' ? { status: answer.status } : { status: answer.status, reason: answer.detail }
}

/** A hub that does not say is believed what we asked for; what it says is bounded. */
function readLeaseMs(seconds: string | null): number {
  const said = seconds !== null && /^\d{1,12}$/.test(seconds) ? Number(seconds) : LEASE_SECONDS
  return Math.min(Math.max(said * 1_000, MIN_LEASE_MS), MAX_LEASE_MS)
}

/** WebSub, 8: the methods a hub may sign with. */
const SIGNATURE = /^(sha1|sha256|sha384|sha512)=([\da-f]+)$/i

function faultOfSignature({ bytes, signature }: Push, secret: string): 'unsigned' | 'wrong signature' | null {
  if (signature === null) return 'unsigned'
  const [, method, hex] = SIGNATURE.exec(signature.trim()) ?? []
  if (method === undefined || hex === undefined) return 'wrong signature'
  const right = createHmac(method.toLowerCase(), secret).update(bytes).digest()
  const given = Buffer.from(hex, 'hex')
  return given.length === right.length && timingSafeEqual(given, right) ? null : 'wrong signature'
}

/** What a part of the document changes. */
function planPush(read: ReadDocument, known: Known, now: number): IngestPlan {
  if (known.source.baselineDue) return { insert: [], edit: [], bind: [], messages: [], remember: 'as_before' }
  const plan = planIngest(read, known, now, { partial: true })
  const late = new Set(plan.edit.filter(({ place, item }) => isLate(item, place, known)).map(({ place }) => place))
  if (late.size === 0) return plan
  return {
    ...plan,
    edit: plan.edit.filter(({ place }) => !late.has(place)),
    messages: withoutPlaces(plan.messages, late),
  }
}

/** Pushes overtake one another and can be replayed: an older version must not take the place of a newer one. */
function isLate(item: ReadItem, place: number, known: Known): boolean {
  const updatedAt = known.findStored(place)?.updatedAt ?? null
  return updatedAt !== null && item.updatedAt !== null && item.updatedAt < updatedAt
}

function withoutPlaces(messages: IngestPlan['messages'], places: Set<number>): IngestPlan['messages'] {
  return messages.flatMap((message) => {
    const left = message.alerts.filter(({ item }) => !('place' in item && places.has(item.place)))
    return left.length > 0 ? [{ ...message, alerts: left }] : []
  })
}

/** One after the other for each key; different keys do not wait for one another. */
function createTurns(): <T>(key: number, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<number, Promise<unknown>>()
  return (key, work) => {
    const result = (tails.get(key) ?? Promise.resolve()).then(work)
    // Who waits behind it does not care how it ended.
    const tail = result
      .catch(() => {})
      .then(() => {
        if (tails.get(key) === tail) tails.delete(key)
      })
    tails.set(key, tail)
    return result
  }
}
