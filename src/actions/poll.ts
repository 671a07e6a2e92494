import { AppError, describeError } from '../errors.ts'
import type { KnownSlices, PageRules, ReadDocument, Rhythm, Source, Trouble, Unreadable } from '../model.ts'
import type {
  FetchFailed,
  FreshDocument,
  IngestPlan,
  IngestResult,
  Known,
  Notice,
  PollRecord,
  Unchanged,
} from '../ports.ts'
import { webAddress } from '../publish/address.ts'
import { renderNotice } from '../publish/notice.ts'
import { gapOf, planNextPoll } from '../source/cadence.ts'
import { PARSER_VERSION } from '../source/fingerprint.ts'
import { catchUp } from './catch-up.ts'
import type { Actions } from './context.ts'
import { type Findings, planIngest } from './ingest.ts'

export type PollOutcome =
  | { kind: 'new'; inserted: number; edited: number; alerts: number }
  | { kind: 'unchanged' }
  /** The server asked us to wait; not a failure. */
  | { kind: 'throttled'; reason: string; retryAfterMs: number | null }
  | { kind: 'failed'; reason: string }

/** A move is followed when it was seen so often in a row. */
export const CONFIRMED = 3
/** As many arrivals as `Known` gives. */
const ARRIVALS = 17
/** So long without a success, and the owner hears of it; but not of what failed once after a long night. */
const DEAD_MS = 7 * 24 * 3_600_000
const DEAD_FAILURES = 3
const BLOCKED_FAILURES = 3

/**
 * Polls one source that is leased to us, and stores what is new. A source's own faults come back in the outcome; only
 * ours are thrown, and then the lease runs out by itself. `rest` is the pause before any further request to its host.
 */
export async function pollSource(
  ctx: Actions,
  source: Source,
  rest: () => Promise<void> = async () => {},
): Promise<PollOutcome> {
  const fetched = await ctx.fetch({ url: source.url, ...lastSeen(source), access: source.access })
  if (fetched.kind === 'unchanged') {
    await recordUnchanged(ctx, source, fetched)
    return { kind: 'unchanged' }
  }
  if (fetched.kind === 'failed') return recordFailure(ctx, source, fetched)

  // Only now: most polls end with a 304, and need none.
  return readAndStore(ctx, source, fetched, await ctx.store.findKnownSlices(source.id), rest)
}

/** What an older parser read must come again: the server's "not modified" would keep its mistakes for good. */
function lastSeen({ validators, bodyHash, parserVersion }: Source): Pick<Source, 'validators' | 'bodyHash'> {
  const isOurs = parserVersion === PARSER_VERSION
  return isOurs ? { validators, bodyHash } : { validators: { etag: null, lastModified: null }, bodyHash: null }
}

async function readAndStore(
  ctx: Actions,
  source: Source,
  fetched: FreshDocument,
  known: KnownSlices | null,
  rest: () => Promise<void>,
): Promise<PollOutcome> {
  const page = source.kind === 'page' ? { page: { rules: source.pageRules } } : {}
  const read = await ctx.parse({ ...fetched, known, ...page })
  if (read.kind === 'unreadable') return recordFailure(ctx, source, read)
  // Only its build date has changed.
  if (read.asBefore) {
    const isRecorded = await recordUnchanged(ctx, source, fetched, known?.stamp)
    return isRecorded ? { kind: 'unchanged' } : readAgain(ctx, source, fetched, read, rest)
  }

  const { result, isMissing } = await store(ctx, source, fetched, read)
  if (!result.needsAll) {
    const { inserted, edited, alerts } = result
    const found = isMissing ? await catchUpSafely(ctx, source, read, rest) : { inserted: 0, alerts: 0 }
    return { kind: 'new', inserted: inserted + found.inserted, edited, alerts: alerts + found.alerts }
  }

  return readAgain(ctx, source, fetched, read, rest)
}

/** Seldom: a new item has the id of one that was skipped, or another poll was faster, and who is whom must be looked at anew. */
function readAgain(
  ctx: Actions,
  source: Source,
  fetched: FreshDocument,
  { slices }: ReadDocument,
  rest: () => Promise<void>,
): Promise<PollOutcome> {
  const bytes = slices?.bytes
  if (!bytes) throw new Error('The plan asks for more than the whole document.')
  return readAndStore(ctx, source, { ...fetched, bytes }, null, rest)
}

/** What the poll itself found is stored: what goes wrong on older pages must not make it a failure. */
async function catchUpSafely(ctx: Actions, source: Source, read: ReadDocument, rest: () => Promise<void>) {
  const fetch: Actions['fetch'] = async (request) => {
    await rest()
    return ctx.fetch(request)
  }
  try {
    return await catchUp({ ...ctx, fetch }, source, read)
  } catch (error) {
    ctx.log.error({ source: webAddress(source.url), ...faultOf(error) }, 'catching up broke')
    return { inserted: 0, alerts: 0 }
  }
}

/** For the log; only a bug of ours needs a stack. */
export function faultOf(error: unknown): { err: string; stack?: string | undefined } {
  const isBug = error instanceof Error && !(error instanceof AppError)
  return { err: describeError(error), ...(isBug && { stack: error.stack }) }
}

/** Stores what a document holds that is new, quietly where the source's baseline is due. */
export async function storeDocument(
  ctx: Actions,
  source: Source,
  fetched: FreshDocument,
  read: ReadDocument,
): Promise<IngestResult> {
  return (await store(ctx, source, fetched, read)).result
}

async function store(
  ctx: Actions,
  source: Source,
  fetched: FreshDocument,
  read: ReadDocument,
): Promise<{ result: IngestResult; isMissing: boolean }> {
  const [now, random, ownerChats] = [ctx.clock(), ctx.random(), await ctx.ownerChats()]
  const move = await followMove(ctx, source, fetched.movedTo)
  const hub = hubOf(source, fetched, read)
  const relaid = source.pageRules !== null && read.page !== undefined && !isSame(source.pageRules, read.page)
  let isMissing = false

  const plan = (known: Known): IngestPlan => {
    const { findings, ...planned } = planIngest(read, known, now, { relaid, ownerChats })
    if (planned.needsAll) return planned
    isMissing = findings.missedWindow

    const rhythm = rhythmOf(known, planned, fetched, read)
    const after = { ...known.source, failures: 0, told: [], rhythm }
    const { at, because } = planNextPoll(after, { now, random, isMissing })
    const isConfirmed = isSameSource(findings)
    const told = [
      move.notice,
      isConfirmed && move.adopt !== null ? sayMoved(source, move.adopt) : null,
      recovery(known.source),
      relaid ? sayRelaid(source, findings) : null,
    ]
    return {
      ...planned,
      nextPollAt: at,
      ...rhythmIfChanged(known.source.rhythm, { ...rhythm, because }),
      ...moved(source, move, isConfirmed),
      ...(known.source.told.length > 0 && { told: [] }),
      ...(read.page && !isSame(known.source.pageRules, read.page) && { pageRules: read.page }),
      notices: [...(planned.notices ?? []), ...noticesOf(source, ownerChats, told)],
    }
  }

  // Items, alerts and validators in one transaction: validators newer than the items
  // would make the next 304 hide them for good. The store may ask for the plan twice.
  const { at: nextPollAt } = planNextPoll({ ...source, failures: 0, told: [] }, { now, random })
  const { validators, bodyHash } = fetched
  const record = { polledAt: now, nextPollAt, validators, bodyHash, ...hub }
  const result = await ctx.store.ingest(source.id, read, record, plan)
  return { result, isMissing }
}

/** False where it rests on what was remembered at this `stamp`, and that is no longer so. */
async function recordUnchanged(
  ctx: Actions,
  source: Source,
  fetched: Unchanged | FreshDocument,
  stamp?: string,
): Promise<boolean> {
  const now = ctx.clock()
  // What a 304 does not say it has not taken back.
  const before = fetched.kind === 'unchanged' ? source.rhythm.freshForMs : null
  const rhythm = { ...source.rhythm, freshForMs: fetched.notBeforeMs ?? before }
  const after = { ...source, failures: 0, told: [], rhythm }
  const { at, because } = planNextPoll(after, { now, random: ctx.random() })
  const move = await followMove(ctx, source, fetched.movedTo)
  const told = [move.notice, move.adopt !== null ? sayMoved(source, move.adopt) : null, recovery(source)]
  return ctx.store.recordPoll(source.id, {
    ...(stamp !== undefined && { stamp }),
    polledAt: now,
    nextPollAt: at,
    validators: fetched.validators,
    bodyHash: fetched.kind === 'fresh' ? fetched.bodyHash : source.bodyHash,
    failures: 0,
    trouble: null,
    succeeded: true,
    ...rhythmIfChanged(source.rhythm, { ...rhythm, because }),
    // It knew our validators, or shows what we know: this is the same document.
    ...moved(source, move, true),
    ...(source.told.length > 0 && { told: [] }),
    ...(await noticesFor(ctx, source, told)),
  })
}

async function recordFailure(ctx: Actions, source: Source, fault: FetchFailed | Unreadable): Promise<PollOutcome> {
  const now = ctx.clock()
  const throttled = fault.reason === 'throttled'
  const failures = throttled ? source.failures : source.failures + 1
  const retryAfterMs = fault.kind === 'failed' ? fault.retryAfterMs : null
  const news = throttled ? null : newTrouble(source, fault, failures, now)
  const told = news ? [...source.told, news.trouble] : source.told
  const { at, because } = planNextPoll({ ...source, failures, told }, { now, random: ctx.random(), retryAfterMs })
  await ctx.store.recordPoll(source.id, {
    polledAt: now,
    nextPollAt: at,
    validators: source.validators,
    bodyHash: source.bodyHash,
    failures,
    trouble: fault.detail,
    succeeded: false,
    ...rhythmIfChanged(source.rhythm, { ...source.rhythm, because }),
    ...(news && { told, ...(await noticesFor(ctx, source, [news.text])) }),
  })
  return throttled
    ? { kind: 'throttled', reason: fault.detail, retryAfterMs }
    : { kind: 'failed', reason: fault.detail }
}

// ---- How often does something come? ----

function rhythmOf(known: Known, plan: IngestPlan, { notBeforeMs }: FreshDocument, { hints }: ReadDocument): Rhythm {
  const { rhythm } = known.source
  return {
    documentMs: hints?.everyMs ?? null,
    freshForMs: notBeforeMs,
    skipHours: hints?.skipHours ?? [],
    skipDays: hints?.skipDays ?? [],
    ...arrivalsOf(known, plan, rhythm),
  }
}

/** What was pushed arrived between the polls, unseen by them. */
function arrivalsOf(known: Known, plan: IngestPlan, { gapMs, arrivedAt }: Rhythm): Pick<Rhythm, 'gapMs' | 'arrivedAt'> {
  const isNewKnown = arrivedAt !== null && known.source.pushedUntil === null
  if (plan.insert.length === 0 && isNewKnown) return { gapMs, arrivedAt }
  const moments = new Set([...plan.insert.map(({ placeMs }) => Math.trunc(placeMs)), ...known.arrivals()])
  const arrivals = [...moments].sort((a, b) => b - a).slice(0, ARRIVALS)
  return { gapMs: gapOf(arrivals), arrivedAt: arrivals[0] ?? null }
}

/** Most polls change nothing of it, and then it need not be written. */
function rhythmIfChanged(before: Rhythm, after: Rhythm): { rhythm?: Rhythm } {
  const isAsBefore =
    before.because === after.because &&
    before.freshForMs === after.freshForMs &&
    before.documentMs === after.documentMs &&
    before.gapMs === after.gapMs &&
    before.arrivedAt === after.arrivedAt &&
    isSame(before.skipHours, after.skipHours) &&
    isSame(before.skipDays, after.skipDays)
  return isAsBefore ? {} : { rhythm: after }
}

// ---- Where does it live? ----

interface Move {
  /** What is known of it after this answer. */
  move: Source['move']
  /** The address to take, if this is the same source there. */
  adopt: string | null
  /** Why it is not taken. */
  notice: string | null
}

const STAYS: Move = { move: null, adopt: null, notice: null }

/** Every hop said "for good": believed when it was said three times in a row, and then only of what we may follow. */
async function followMove(ctx: Actions, source: Source, movedTo: string | undefined): Promise<Move> {
  const url = movedTo === undefined ? null : webAddress(movedTo)
  if (url === null || url === webAddress(source.url)) return STAYS

  const before = source.move?.url === url ? source.move.seen : 0
  // Beyond that nothing changes any more, and nothing need be written.
  const move = { url, seen: Math.min(before + 1, CONFIRMED + 1) }
  if (move.seen < CONFIRMED) return { ...STAYS, move }

  const adopt = withCredentials(url, source)
  const refusal = adopt === null ? sayNotWithPassword(source, url) : await refusalToMove(ctx, source, adopt)
  if (refusal === null) return { move, adopt, notice: null }
  return { move, adopt: null, notice: move.seen === CONFIRMED ? refusal : null }
}

/** The same name and password at the new address; null where they would go to somebody else. */
function withCredentials(url: string, source: Source): string | null {
  const [from, to] = [new URL(source.url), new URL(url)]
  const isSecret = from.username !== '' || from.password !== '' || Object.keys(source.access?.headers ?? {}).length > 0
  if (!isSecret) return url
  if (from.origin !== to.origin) return null
  to.username = from.username
  to.password = from.password
  return to.href
}

async function refusalToMove(ctx: Actions, source: Source, url: string): Promise<string | null> {
  const other = await ctx.store.findSource(url, { removed: true })
  if (!other || other.id === source.id) return null
  const whose =
    other.state === 'removed' ? 'which belonged to a source that was removed' : `which is source ${other.id} already`
  return `${source.title} says that it has moved to ${webAddress(url)}, ${whose}. Crier goes on asking the old address; to remove it: crier source remove ${source.id}`
}

function sayNotWithPassword(source: Source, url: string): string {
  return `${source.title} says that it has moved to ${url}. Crier takes its password nowhere by itself; if it is right: crier source set ${source.id} --url ${url}`
}

function sayMoved(source: Source, url: string): string {
  return `${source.title} has moved to ${webAddress(url)}; Crier follows.`
}

function moved(source: Source, { move, adopt }: Move, isConfirmed: boolean): Pick<PollRecord, 'move' | 'adoptUrl'> {
  if (adopt !== null && isConfirmed) return { move: null, adoptUrl: adopt }
  return source.move?.url === move?.url && source.move?.seen === move?.seen ? {} : { move }
}

/** A site that is closed or sold answers everything with something else. */
function isSameSource({ shown, overlap }: Findings): boolean {
  return shown > 0 && overlap * 2 >= shown
}

/** WebSub, 4: what the headers say goes before what the document says. Not said where it is as before. */
function hubOf(source: Source, { links }: FreshDocument, { hints }: ReadDocument): Pick<PollRecord, 'hub'> {
  const [byHeader, byDocument] = [webAddress(links?.hub ?? null), webAddress(hints?.hub ?? null)]
  const url = byHeader ?? byDocument
  const self = byHeader === null ? (hints?.self ?? links?.self) : (links?.self ?? hints?.self)
  const topic = webAddress(self ?? null) ?? webAddress(source.url)
  const hub = url === null || topic === null ? null : { url, topic }
  return source.hub?.url === hub?.url && source.hub?.topic === hub?.topic ? {} : { hub }
}

// ---- What is the owner told? ----

/** What the owner was not told yet, if there is something to tell. */
function newTrouble(
  source: Source,
  fault: FetchFailed | Unreadable,
  failures: number,
  now: number,
): { trouble: Trouble; text: string } | null {
  const { title, told, id } = source
  // It has ended: what else it does is no news.
  if (told.includes('gone')) return null
  const remove = `to remove it: crier source remove ${id}`
  if (fault.kind === 'failed' && fault.status === 410) {
    const text = `${title} answers 410 Gone: its publisher has ended it. Crier asks once a day; ${remove}`
    return { trouble: 'gone', text }
  }
  if (fault.reason === 'layout' && !told.includes('layout')) {
    return { trouble: 'layout', text: `${title} has changed its layout. ${fault.detail}` }
  }
  if (fault.reason === 'blocked' && failures >= BLOCKED_FAILURES && !told.includes('blocked')) {
    return { trouble: 'blocked', text: `${title} does not let Crier in. ${fault.detail} Crier goes on asking.` }
  }
  const since = source.succeededAt ?? source.addedAt
  if (now - since >= DEAD_MS && failures >= DEAD_FAILURES && !told.includes('dead')) {
    const days = Math.floor((now - since) / (24 * 3_600_000))
    const text = `${title} could not be read for ${days} days. ${fault.detail} Crier goes on asking once a day; ${remove}`
    return { trouble: 'dead', text }
  }
  return null
}

function recovery({ title, told }: Source): string | null {
  return told.includes('dead') || told.includes('gone') ? `${title} is back.` : null
}

function sayRelaid({ title, id }: Source, findings: Findings): string {
  const found = `${title} has changed its layout. Crier found its entries anew`
  return isSameSource(findings)
    ? `${found}: ${findings.overlap} of ${findings.shown} were known, and the rest counts as new.`
    : `${found}, but hardly one was known: they were stored quietly. See whether they are right: crier source show ${id}`
}

async function noticesFor(ctx: Actions, source: Source, texts: (string | null)[]): Promise<{ notices?: Notice[] }> {
  if (texts.every((text) => text === null)) return {}
  return { notices: noticesOf(source, await ctx.ownerChats(), texts) }
}

function noticesOf(source: Source, chats: string[], texts: (string | null)[]): Notice[] {
  const openUrl = webAddress(source.siteUrl) ?? webAddress(source.url)
  return texts.flatMap((text) => (text === null ? [] : [{ chats, message: renderNotice(text, openUrl) }]))
}

function isSame(a: PageRules | number[] | null, b: PageRules | number[] | null): boolean {
  if (a === null || b === null) return a === b
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, index) => one === b[index])
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())
}
