import { faultOf } from '../errors.ts'
import { createRepeatedError, type Log } from '../log.ts'
import { type Alert, type Chat, type OutboxMessage, type RenderedMessage, telegramPlace } from '../model.ts'
import type { Clock, Notify, NotifyOutcome, Settlement, Store } from '../ports.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../time.ts'

interface DeliveryContext {
  store: Pick<Store, 'claimMessages' | 'settleMessage'>
  notify: Notify
  clock: Clock
  log: Log
  random: () => number
  render: (alerts: Alert[], total: number) => RenderedMessage
  onSettled: (kind: Settlement['kind']) => void
}

interface Deliverer {
  /** Looks at once whether something is due. Every tick calls it, and every commit that made an alert. */
  wake(): void
  /** Claims nothing more, and resolves when what is on its way has an answer. */
  stop(): Promise<void>
}

/** From the first attempt, while the chat can be reached. */
const GIVE_UP_AFTER_MS = 72 * HOUR_MS

/** After an attempt that was certainly not delivered; then hourly. */
const RETRY_MS = [5 * SECOND_MS, 15 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS]

/** Telegram's own word is taken, for a day at a time: whoever was told to wait longer is told so again. */
const LONGEST_ASKED_MS = DAY_MS

/** A message whose outcome nobody knew is sent again twice at most. */
const MAX_UNKNOWNS = 2

/** Between two tries to store what was answered. */
const RECORD_RETRY_MS = 2 * SECOND_MS

/** The server may hold a request for 100 s; a lease that ends sooner would send it twice. */
const LEASE_MS = 150 * SECOND_MS

/**
 * Telegram: about one message a second to a chat, 20 a minute to a group, 30 a second in all. A full bucket of 25
 * would send 50 in the first second, hence the small one.
 */
const PRIVATE_GAP_MS = 1_100
const GROUP_GAP_MS = 3_100
const PER_SECOND = 25
const BURST = 3
const CONCURRENCY = 4

/** So many edits are on their way at once: if Telegram holds them long, there is still room for news. */
const MAX_EDITS = 2

/**
 * Carries the outbox to the chats of one kind: in order within a chat, news before edits, paced by us, retried by what was
 * answered. Everything it must remember is in the store; what it keeps here (pace, pauses) may be lost.
 */
export function createDeliverer(ctx: DeliveryContext): Deliverer {
  const pace = createPace(ctx.clock)
  const logBroken = createRepeatedError(ctx.log, ctx.clock)
  const onTheirWay = new Set<Promise<void>>()
  let editsOnTheirWay = 0
  const stopping = new AbortController()
  let looking: Promise<void> | null = null
  let lookAgain = false
  let timer: NodeJS.Timeout | undefined

  function wake(): void {
    if (stopping.signal.aborted) return
    if (looking) {
      lookAgain = true
      return
    }
    lookAgain = false
    looking = look()
      .catch((error: unknown) => {
        logBroken(faultOf(error), 'could not look into the outbox')
        wakeAt(ctx.clock() + 5 * SECOND_MS)
      })
      .finally(() => {
        looking = null
        if (lookAgain) wake()
      })
  }

  async function look(): Promise<void> {
    const now = ctx.clock()
    // The next tick looks again, or the end of one that is on its way.
    if (!ctx.notify.isOpen() || now < pace.pausedUntil() || onTheirWay.size >= CONCURRENCY) return
    const limit = Math.min(CONCURRENCY - onTheirWay.size, pace.room())
    if (limit === 0) return wakeAt(now + SECOND_MS / PER_SECOND)

    const { messages, nextAt } = await ctx.store.claimMessages({
      now,
      limit,
      leaseMs: LEASE_MS,
      kind: ctx.notify.kind,
      edits: ctx.notify.canEdit ? MAX_EDITS - editsOnTheirWay : 0,
      gapMs,
      render: ctx.render,
    })
    for (const message of messages) {
      pace.take()
      const isEdit = message.edits !== null
      if (isEdit) editsOnTheirWay += 1
      const sending: Promise<void> = deliver(ctx, message, pace, stopping.signal)
        .catch((error: unknown) => {
          // Its lease runs out, and it is claimed again.
          ctx.log.error({ messageId: message.id, ...faultOf(error) }, 'could not settle a message')
        })
        .finally(() => {
          onTheirWay.delete(sending)
          if (isEdit) editsOnTheirWay -= 1
          wake()
        })
      onTheirWay.add(sending)
    }
    if (nextAt !== null) wakeAt(nextAt)
  }

  function wakeAt(at: number): void {
    clearTimeout(timer)
    timer = setTimeout(wake, Math.min(Math.max(at - ctx.clock(), 10), HOUR_MS))
    timer.unref()
  }

  return {
    wake,
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await looking
      await Promise.allSettled(onTheirWay)
    },
  }
}

async function deliver(ctx: DeliveryContext, message: OutboxMessage, pace: Pace, stopping: AbortSignal): Promise<void> {
  const outcome = await attempt(ctx, message)
  if (outcome.kind === 'wait') pace.slowDown(telegramPlace(message.chat.id).chat, outcome.retryAfterMs)
  const settlement = settle(message, outcome, ctx.clock(), ctx.random())
  await record(ctx, message, settlement, stopping)
  const isEdit = message.edits !== null
  // An edit tells nobody anything for the first time: it counts nowhere.
  if (!isEdit) ctx.onSettled(settlement.kind)
  if (outcome.kind === 'sent') return
  const reason = 'reason' in outcome ? outcome.reason : outcome.kind
  ctx.log.warn(
    { messageId: message.id, chat: message.chat.id, outcome: outcome.kind, reason },
    `${isEdit ? 'edit' : 'alert'} ${settlement.kind}`,
  )
}

async function attempt(ctx: DeliveryContext, message: OutboxMessage): Promise<NotifyOutcome> {
  if (message.unknowns > 0 && !(await ctx.notify.isReachable())) {
    return { kind: 'unsent', reason: 'waiting until the way is open again' }
  }
  try {
    return await ctx.notify.send(message)
  } catch (error) {
    ctx.log.error({ messageId: message.id, ...faultOf(error) }, 'sending broke')
    return { kind: 'unknown', reason: 'Internal error.' }
  }
}

/** Keeps the answer while the file is locked or full, for as long as the lease: what is not known as sent is sent again. */
async function record(
  ctx: DeliveryContext,
  { id, edits }: OutboxMessage,
  settlement: Settlement,
  stopping: AbortSignal,
): Promise<void> {
  const giveUpAt = ctx.clock() + LEASE_MS
  for (;;) {
    try {
      return await ctx.store.settleMessage(id, settlement, edits)
    } catch (error) {
      if (stopping.aborted || ctx.clock() >= giveUpAt) throw error
      ctx.log.warn({ messageId: id, ...faultOf(error) }, 'could not settle a message; trying again')
      await sleep(RECORD_RETRY_MS, stopping)
    }
  }
}

/** Ends early when the signal does. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}

/**
 * What one answer means for the message; `random` in [0, 1) spreads the retries. An edit may be repeated, whatever became of
 * it, and is given up where it is refused: the message says what it said. Pure.
 */
export function settle(message: OutboxMessage, outcome: NotifyOutcome, now: number, random: number): Settlement {
  switch (outcome.kind) {
    case 'sent':
      return { kind: 'sent', at: now, messageId: outcome.messageId }
    case 'wait':
      // Telegram's own word is no attempt of ours.
      return { kind: 'requeue', at: now + askedMs(outcome.retryAfterMs) + jitter(random), counts: null, error: null }
    case 'unsent':
      return retry(message, outcome.reason, 'attempts', now, random)
    case 'unknown':
      if (message.edits !== null) return retry(message, outcome.reason, 'attempts', now, random)
      if (message.unknowns >= MAX_UNKNOWNS) return { kind: 'parked', error: outcome.reason }
      return retry(message, outcome.reason, 'unknowns', now, random)
    case 'refused':
      if (message.plain || message.edits !== null) return { kind: 'parked', error: outcome.reason }
      return { kind: 'requeue', at: now, counts: null, plain: true, error: outcome.reason }
    case 'gone':
      return { kind: 'gone', at: now, reason: outcome.reason }
    case 'moved':
      return { kind: 'moved', chat: outcome.chat }
  }
}

function retry(
  message: OutboxMessage,
  reason: string,
  counts: 'attempts' | 'unknowns',
  now: number,
  random: number,
): Settlement {
  if (now - message.firstAttemptAt >= GIVE_UP_AFTER_MS) return { kind: 'parked', error: reason }
  const tried = counts === 'attempts' ? message.attempts : message.unknowns
  const waitMs = RETRY_MS[tried] ?? HOUR_MS
  return { kind: 'requeue', at: now + waitMs + jitter(random), counts, error: reason }
}

function askedMs(retryAfterMs: number): number {
  return Math.min(retryAfterMs, LONGEST_ASKED_MS)
}

function jitter(random: number): number {
  return Math.round(random * SECOND_MS)
}

function gapMs(chat: Chat): number {
  return chat.kind === 'terminal' ? 0 : telegramGapMs(chat.id)
}

/** The least time between two messages to a Telegram chat; the ids of groups are negative. */
export function telegramGapMs(chat: string): number {
  return chat.startsWith('-') ? GROUP_GAP_MS : PRIVATE_GAP_MS
}

// ---- Pace ----

interface Pace {
  room(): number
  take(): void
  pausedUntil(): number
  slowDown(chat: string, retryAfterMs: number): void
}

/** A token bucket for all chats together, and the pauses Telegram asks for: one chat's 429 is its own, two within ten seconds are everybody's. */
function createPace(clock: Clock): Pace {
  let tokens = BURST
  let filledAt = clock()
  let paused = { until: 0, ms: 0 }
  let last = { chat: '', at: 0 }

  const fill = () => {
    const now = clock()
    tokens = Math.min(BURST, tokens + (Math.max(0, now - filledAt) * PER_SECOND) / SECOND_MS)
    filledAt = now
  }
  const pausedUntil = () => {
    // A clock that was set back makes no pause longer.
    paused.until = Math.min(paused.until, clock() + paused.ms)
    return paused.until
  }
  return {
    room() {
      fill()
      return Math.floor(tokens)
    },
    take() {
      tokens -= 1
    },
    pausedUntil,
    slowDown(chat, retryAfterMs) {
      const now = clock()
      const everybody = last.chat !== chat && now - last.at < 10 * SECOND_MS
      const ms = everybody ? askedMs(retryAfterMs) : Math.min(retryAfterMs, 5 * SECOND_MS)
      if (now + ms > pausedUntil()) paused = { until: now + ms, ms }
      last = { chat, at: now }
    },
  }
}
