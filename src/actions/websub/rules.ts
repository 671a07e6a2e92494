/**
 * The rules of WebSub: which hub a source names and which is wanted, what its answer means, when to ask it again, how long it pushes, whether a
 * push is its own, and what that changes. Pure.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Hub, ReadDocument, ReadItem, Source } from '../../model.ts'
import type { FreshDocument, IngestPlan, Known, PollRecord, Post } from '../../ports.ts'
import { webAddress } from '../../publish/address.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../time.ts'
import { NO_CHANGE, planIngest } from '../ingest/ingest.ts'

/** What we ask for; the hub decides. */
export const LEASE_SECONDS = (10 * DAY_MS) / SECOND_MS
/** What we take for one, whatever the hub says. */
const MIN_LEASE_MS = 5 * MINUTE_MS
const MAX_LEASE_MS = 30 * DAY_MS

/** The hub that a source names, for the record of its poll. WebSub, 4: the headers go before the document. Not said where it is as before. */
export function namedHub(source: Source, { links }: FreshDocument, { hints }: ReadDocument): Pick<PollRecord, 'hub'> {
  const [byHeader, byDocument] = [webAddress(links?.hub ?? null), webAddress(hints?.hub ?? null)]
  const url = byHeader ?? byDocument
  const self = byHeader === null ? (hints?.self ?? links?.self) : (links?.self ?? hints?.self)
  const topic = webAddress(self ?? null) ?? webAddress(source.url)
  const hub = url === null || topic === null ? null : { url, topic }
  return isDeepStrictEqual(source.hub, hub) ? {} : { hub }
}

/** Null when nobody wants to be pushed to for this source. */
export function wishedHub(source: Source): Hub | null {
  return source.state === 'active' ? source.hub : null
}

export function isSameHub(a: Hub, b: Hub): boolean {
  return a.url === b.url && a.topic === b.topic
}

// ---- What a hub answers ----

export type HubAnswer = Awaited<ReturnType<Post>>

/** 202 by the book; others say 200 or 204. Whether it was taken only the question that follows tells. */
export function isTaken(answer: HubAnswer): boolean {
  return answer.kind === 'answered' && answer.status >= 200 && answer.status < 300
}

/** It will not, rather than cannot; 408, 425 and 429 say "not now". */
export function isRefusal(answer: HubAnswer): boolean {
  const { status } = answer
  if (answer.kind === 'failed' && answer.reason === 'refused') return true
  return status !== null && status >= 400 && status < 500 && ![408, 425, 429].includes(status)
}

/** For the log. */
export function answerFields(answer: HubAnswer): object {
  return answer.kind === 'answered' ? { status: answer.status } : { status: answer.status, reason: answer.detail }
}

// ---- When to ask again ----

/** How long to wait after an answer that was no yes. */
export function putOffMs(answer: HubAnswer, attempts: number, random: number): number {
  const retryAfterMs = answer.kind === 'failed' ? (answer.retryAfterMs ?? 0) : 0
  const waitMs = backOffMs(isRefusal(answer) ? HOUR_MS : MINUTE_MS, attempts, random)
  return Math.max(waitMs, Math.min(retryAfterMs, DAY_MS))
}

/** Doubles with each attempt, up to a day, for ever. */
export function backOffMs(firstMs: number, attempts: number, random: number): number {
  return spreadMs(Math.min(firstMs * 2 ** (attempts - 1), DAY_MS), random)
}

/** 10 % around it, so that what began together drifts apart; `random` in [0, 1). */
export function spreadMs(ms: number, random: number): number {
  return Math.round(ms * (0.9 + 0.2 * random))
}

/** A hub that does not say is believed what we asked for; what it says is bounded. */
export function readLeaseMs(seconds: string | null): number {
  const said = seconds !== null && /^\d{1,12}$/.test(seconds) ? Number(seconds) : LEASE_SECONDS
  return Math.min(Math.max(said * SECOND_MS, MIN_LEASE_MS), MAX_LEASE_MS)
}

/** Before the lease ends, with a day left to try again where there is one. */
export function renewalMs(leaseMs: number, random: number): number {
  return Math.round(Math.max(0.8 * leaseMs, leaseMs - DAY_MS) * (1 - 0.05 * random))
}

// ---- What a hub pushes ----

/** WebSub, 8: the methods a hub may sign with. */
const SIGNATURE = /^(sha1|sha256|sha384|sha512)=([\da-f]+)$/i

/** Null when the hub that knows the secret signed these bytes. */
export function faultOfSignature(
  bytes: Uint8Array,
  signature: string | null,
  secret: string,
): 'unsigned' | 'wrong signature' | null {
  if (signature === null) return 'unsigned'
  const [, method, hex] = SIGNATURE.exec(signature.trim()) ?? []
  if (method === undefined || hex === undefined) return 'wrong signature'
  const right = createHmac(method, secret).update(bytes).digest()
  const given = Buffer.from(hex, 'hex')
  return given.length === right.length && timingSafeEqual(given, right) ? null : 'wrong signature'
}

/** What a part of the document changes. */
export function planPush(read: ReadDocument, known: Known, now: number): IngestPlan {
  if (known.source.baselineDue) return NO_CHANGE
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
