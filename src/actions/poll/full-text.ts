/**
 * The whole text of items whose source gives only the beginning: fetched from their own pages, where somebody asked for
 * it (`--full-text`). What the source gave stays until there is more.
 */
import { describeError, faultOf, isCode } from '../../errors.ts'
import { groupBy } from '../../groups.ts'
import { createRepeatedError } from '../../log.ts'
import type { Article, Item, Source, Unreadable } from '../../model.ts'
import { type DueFullText, type Fetched, type FetchFailed, type IngestPlan, type Known, UNSEEN } from '../../ports.ts'
import { webAddress } from '../../publish/address.ts'
import { tokenStream } from '../../text/tokens.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../time.ts'
import { accessAt } from '../access.ts'
import type { Actions } from '../context.ts'
import type { HostGate } from '../hosts/gate.ts'
import { askInTurn, hearElsewhere, hostOf } from '../hosts/turn.ts'
import { hitsOfEdit } from '../ingest/ingest.ts'

export interface FullTexts {
  /** Starts what there is room for, and returns at once. Every tick calls it. */
  pump(): void
  /** Takes nothing more, and resolves when what runs has ended. */
  stop(): Promise<void>
}

export interface FullTextOptions {
  gate: Pick<HostGate, 'wait' | 'restMs' | 'hear'>
  /** So many alerts were written to the outbox. */
  onAlerts?: (alerts: number) => void
}

/** Pages under way at once, one of each host: news first, whole texts when there is time. */
const AT_ONCE = 4
/** Beside them so many may wait for the turn of a slow host, which must hold up nobody else. */
const MOST_WAITING = 32
/** So many are looked at to find them; more where those are all of hosts under way. */
const LOOK = 64
const FAR_LOOK = 1_024

/** After the first failure, the second and the third; a fourth is the last. */
const RETRY_MS = [10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS]
/** Whoever has too many requests, or no turn for us, is asked again, and none of the four attempts is lost. */
const THROTTLED_MS = HOUR_MS
const NO_TURN_MS = 10 * MINUTE_MS
/** Not for ever, though: of an item that is older, each counts. */
const MOST_UNCOUNTED_MS = 2 * DAY_MS
/** A server's Retry-After is believed up to this. */
const MAX_WAIT_MS = DAY_MS

/** Fetches whole texts as they become due, at the pace of their hosts. One for each service: what is under way is known in memory. */
export function createFullTexts(ctx: Actions, { gate, onAlerts }: FullTextOptions): FullTexts {
  /** By host. */
  const underWay = new Map<string, Promise<void>>()
  /** Hosts under way whose turn has not come. */
  const waiting = new Set<string>()
  const logBroken = createRepeatedError(ctx.log, ctx.clock)
  let listing: Promise<void> | null = null
  let stopped = false

  function pump(): void {
    if (stopped || listing || room() <= 0) return
    listing = start()
      .catch((error: unknown) => logBroken(faultOf(error), 'looking for full texts broke'))
      .finally(() => {
        listing = null
      })
  }

  function room(): number {
    return Math.min(AT_ONCE - underWay.size + waiting.size, AT_ONCE + MOST_WAITING - underWay.size)
  }

  async function start(): Promise<void> {
    for (const limit of [LOOK, FAR_LOOK]) {
      const dues = await ctx.store.listDueFullTexts(ctx.clock(), limit)
      if (startSome(dues) || dues.length < limit) return
    }
  }

  /** False when all were of hosts under way. */
  function startSome(dues: DueFullText[]): boolean {
    // Each may have to wait; whether it does, the next tick tells.
    let left = room()
    const before = left
    for (const due of dues) {
      if (stopped || left <= 0) return true
      const host = hostOf(due.url)
      // What is under way is still due, too.
      if (underWay.has(host)) continue
      const work = workSafely(due, host).finally(() => {
        underWay.delete(host)
      })
      underWay.set(host, work)
      left -= 1
    }
    return left < before
  }

  async function workSafely(due: DueFullText, host: string): Promise<void> {
    try {
      await work(due, host)
    } catch (error) {
      if (stopped && isCode(error, 'unavailable')) return
      ctx.log.error({ url: webAddress(due.url), err: describeError(error) }, 'fetching a full text broke')
      // It would be the first again at once.
      await putOff(due, RETRY_MS[due.attempts] ?? null).catch(() => {})
    }
  }

  async function work(due: DueFullText, host: string): Promise<void> {
    const [item, source] = [await ctx.store.findItem(due.place), await ctx.store.findSource(due.sourceId)]
    if (!item || !source || !isOwnPage(due.url, source)) return putOff(due, null)
    const fetched = await fetchInTurn(due, host, source)
    if (fetched) await settle(due, item, fetched, source)
  }

  /** Null when it is not to be now: that is put off already, or still due because we stop. */
  async function fetchInTurn(due: DueFullText, host: string, source: Source): Promise<Fetched | null> {
    waiting.add(host)
    const turn = gate.wait(host).finally(() => waiting.delete(host))
    return askInTurn(turn, {
      async ask() {
        const access = URL.canParse(due.url) ? accessAt(due.access, source.url, due.url) : null
        const fetched = await ctx.fetch({ url: due.url, ...UNSEEN, access, restMs: gate.restMs })
        // Links of news often lead through a counter to another host, which has manners of its own.
        hearElsewhere(gate, fetched)
        return fetched
      },
      isStopped: () => stopped,
      // Else it would stand before all others until its host has time.
      onNoTurn: (reason) => askAgain(due, NO_TURN_MS, reason),
    })
  }

  async function settle(due: DueFullText, item: Item, fetched: Fetched, source: Source): Promise<void> {
    if (fetched.kind === 'failed' && fetched.reason === 'throttled' && isYoung(item, ctx.clock())) {
      const waitMs = Math.max(THROTTLED_MS, Math.min(fetched.retryAfterMs ?? 0, MAX_WAIT_MS))
      return askAgain(due, waitMs, fetched.detail)
    }
    if (fetched.kind === 'failed') return putOff(due, retryMs(fetched, due.attempts), fetched.detail)
    if (fetched.kind === 'unchanged') return putOff(due, null, 'The server says that nothing changed.')
    if (isFront(fetched.url, due.url) || !isOwnPage(fetched.url, source))
      return putOff(due, null, 'It led to a front page.')

    const article = await ctx.extract(fetched)
    if (article.kind === 'unreadable') return putOff(due, retryMs(article, due.attempts), article.detail)
    if (article.text.length <= item.text.length) return putOff(due, null, 'The page says no more than the source.')
    await keep(due, article)
  }

  async function keep({ place }: DueFullText, article: Article): Promise<void> {
    const now = ctx.clock()
    let messages: IngestPlan['messages'] = []
    await ctx.store.storeFullText(place, article, now, (known) => {
      messages = planFullText(place, article, known, now)
      return messages
    })
    const alerts = messages.reduce((sum, message) => sum + message.alerts.length, 0)
    if (alerts > 0) onAlerts?.(alerts)
  }

  async function putOff({ place, url }: DueFullText, waitMs: number | null, reason?: string): Promise<void> {
    if (reason !== undefined) ctx.log.debug({ url: webAddress(url), reason, waitMs }, 'no full text')
    await ctx.store.putOffFullText(place, waitMs === null ? null : ctx.clock() + waitMs)
  }

  async function askAgain({ place, url }: DueFullText, waitMs: number, reason: string): Promise<void> {
    ctx.log.debug({ url: webAddress(url), reason, waitMs }, 'no full text now')
    await ctx.store.putOffFullText(place, ctx.clock() + waitMs, { uncounted: true })
  }

  return {
    pump,
    async stop() {
      stopped = true
      await listing
      await Promise.allSettled(underWay.values())
    },
  }
}

/** Whom the whole text calls that the stored one did not: by the rules of an edit. */
function planFullText(place: number, article: Article, known: Known, now: number): IngestPlan['messages'] {
  const stored = known.findStored(place)
  if (!stored) return []
  const { text, tokens } = article
  const item = { ...stored, content: article.content, text, tokens: { title: tokenStream(stored.title), text: tokens } }
  const byChat = groupBy(hitsOfEdit(place, item, known, now), ({ watch }) => watch.chat)
  return [...byChat].map(([chat, hits]) => ({ chat, alerts: [{ item: { place }, hits }] }))
}

/** Many sources link their items to their own front page: its text is nobody's. */
function isOwnPage(url: string, source: Source): boolean {
  return ![source.siteUrl, source.url].some((other) => other !== null && pageAddress(other) === pageAddress(url))
}

/** Where many a site leads whoever asks for what is gone. */
function isFront(url: string, asked: string): boolean {
  return FRONT.test(pageAddress(url)) && !FRONT.test(pageAddress(asked))
}

/** Of the site or of a language of it, by one of the names fronts have; or the page that says that nothing is there. */
const FRONT =
  /^https?:\/\/[^/?#]+(?:\/[a-z]{2}(?:[-_][a-z]{2})?)?(?:\/(?:(?:index|default|home)(?:\.\w{2,5})?|404(?:\.\w{2,5})?|not-?found))?$/i

function pageAddress(url: string): string {
  return url.replace(/#.*$/, '').replace(/\/$/, '')
}

function isYoung({ firstSeenAt }: Item, now: number): boolean {
  return now - firstSeenAt < MOST_UNCOUNTED_MS
}

/** Null: asking again would not help. */
function retryMs(fault: FetchFailed | Unreadable, attempts: number): number | null {
  if (isFinal(fault)) return null
  const waitMs = RETRY_MS[attempts]
  if (waitMs === undefined) return null
  const asked = fault.kind === 'failed' ? (fault.retryAfterMs ?? 0) : 0
  return Math.max(waitMs, Math.min(asked, MAX_WAIT_MS))
}

function isFinal(fault: FetchFailed | Unreadable): boolean {
  if (fault.kind === 'unreadable') return fault.reason !== 'too_slow' && fault.reason !== 'error_page'
  return fault.reason === 'refused' || fault.reason === 'too_big' || fault.status === 404 || fault.status === 410
}
