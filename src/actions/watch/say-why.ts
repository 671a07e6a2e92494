import type { Item, Source } from '../../model.ts'
import type { ItemCount } from '../../ports.ts'
import { shownAddress, webAddress } from '../../publish/address.ts'
import { countOf } from '../../publish/count.ts'
import { type Clause, sayDeciding } from '../../query/explain.ts'
import { canonicalUrl } from '../../source/url.ts'
import type { Carriers } from '../story.ts'
import type { Trial } from './try.ts'
import { leavesOf, type Reason, type Situation, type Wait, type Why } from './why.ts'
import type { ItemVerdicts, Verdict, WhyNot } from './why-not.ts'

/** How a surface writes what these sentences hold; everything foreign passes through one of these, and is safe there. */
export interface Voice {
  /** Foreign text, within a line. */
  text(text: string): string
  time(ms: number): string
  /** The same as a date and a time of day, also where `time` says how long ago. */
  moment(ms: number): string
  /** An item on one line: its title, where to read it, and from whom. */
  item(item: Item): string
  /** Where an alert was called out, behind its number; '' where that goes without saying. */
  where(chat: string): string
  /** How something is asked for here, to be copied. */
  command(name: 'addSource' | 'why', argument: string): string
  /** Where more is said of a source, as a sentence. */
  showSource(source: Source): string
  /** How a paused source is read again, as a sentence. */
  resumeSource(source: Source): string
  /** That this chat watches for nothing, and what can be done. */
  noWatches(whyNot: Pick<WhyNot, 'chatId' | 'chat'>): string
}

/** A clause tree can be long; so many lines of it are shown. */
const MOST_CLAUSES = 12
const MOST_NAMES = 6

/**
 * What a query would have sent: "Last 7 days 14, last 30 days 61; would have sent 9 alerts, 5 folded as duplicates.", or
 * where there are summaries among them "24 alerts in 3 messages".
 */
export function sayTrial(
  { query, last7, last30, alerts, messages, folded, short, lookedBackTo }: Trial,
  voice: Pick<Voice, 'time'>,
): string[] {
  const back = lookedBackTo === null ? [] : [`I looked back to ${voice.time(lookedBackTo)} only: there is more.`]
  if (last30.count === 0) {
    const what = lookedBackTo === null ? 'that came in the last 30 days' : 'that was looked at'
    return [`Nothing ${what} matches: it would have sent nothing.`, ...back]
  }

  const found = `Last 7 days ${sayCount(last7)}, last 30 days ${sayCount(last30)}`
  const duplicates = folded.count === 0 ? 'none' : sayCount(folded)
  const inMessages = messages.count === alerts.count ? '' : ` in ${sayCount(messages)} ${plural(messages, 'message')}`
  const sent = `would have sent ${sayCount(alerts)} ${plural(alerts, 'alert')}${inMessages}, ${duplicates} folded as duplicates`
  const publishers =
    query.publishers === undefined ? '' : `; ${sayCount(short)} in stories of fewer than ${query.publishers} publishers`
  return [`${found}; ${sent}${publishers}.`, ...back]
}

/** Why an alert came and where it is now, as lines. */
export function sayWhy(why: Why, voice: Voice): string[] {
  const { alert, situation, reasons, left, beside } = why
  const reasonLines = reasons.flatMap((reason) => sayReason(why, reason, voice))
  const rest = left === 0 ? [] : [`${countOf(left, 'more watch', 'more watches')} called it.`]
  return [
    voice.item(alert.item),
    `Alert ${alert.id}${voice.where(alert.chat)}: ${saySituation(situation, voice)}.`,
    ...reasonLines,
    ...rest,
    ...sayBeside(beside, voice),
  ]
}

/** What else the message told, and how each is asked about. */
function sayBeside(beside: Why['beside'], voice: Voice): string[] {
  if (beside === null) return []
  const { count, alerts } = beside
  const others = alerts.map(({ id, item }) => `${voice.command('why', String(id))} ${voice.item(item)}`)
  const rest = count > others.length ? [`… and ${count - others.length} more`] : []
  return [`This is the newest that the message told. It told ${count} more:`, ...others, ...rest]
}

function sayReason(why: Why, reason: Reason, voice: Voice): string[] {
  const { hit, item, clause, isSure, wait } = reason
  const { watch } = hit
  const name = `Watch ${watch.number}: ${voice.text(watch.query)}${wait === null ? '' : ` (${sayWait(wait)})`}`
  if (clause === null) return [name, '  It cannot be read any more: remove it, and write it anew.']
  const other =
    item.place === why.alert.item.place ? [] : [`  It matched another item of the story: ${voice.item(item)}`]
  const edited = clause.holds ? [] : [isSure ? EDITED : UNSURE]
  return [name, ...other, ...edited, ...sayClauses(clause, voice), ...sayPublishers(reason, why.carriers, voice)]
}

/** Why so many publishers are there, or which are so far. */
function sayPublishers({ publishers, wait }: Reason, carriers: Carriers | null, voice: Voice): string[] {
  if (publishers === null || carriers === null) return []
  if (wait !== null) {
    const so = wait.isOver ? 'only' : 'so far'
    return [`  ✗ ${publishers} publishers: ${so} ${carriers.count} (${sayNames(carriers, voice)})`]
  }
  const more = carriers.count > publishers ? ' or more' : ''
  return [`  ✓ ${publishers} publishers${more}: ${sayNames(carriers, voice)}`]
}

function sayNames({ count, names }: Carriers, voice: Voice): string {
  const named = names.slice(0, MOST_NAMES)
  const rest = count > named.length ? ` and ${count - named.length} more` : ''
  return `${named.map((name) => voice.text(name)).join(', ')}${rest}`
}

const EDITED = '  It matched when it was called; the item was edited since.'
const UNSURE =
  '  It matched another item of the story, or this one before an edit: not all of the story was looked through.'

function sayWait({ wanted, isOver }: Wait): string {
  return isOver ? `it waited for ${wanted} publishers, and fewer came` : `waits for ${wanted} publishers`
}

/** Each clause on a line of its own, with ✓ or ✗; of too many those first that decided it. */
function sayClauses(clause: Clause, voice: Voice): string[] {
  const leaves = leavesOf(clause)
  const decides = ({ holds }: Clause) => holds === clause.holds
  const ordered =
    leaves.length > MOST_CLAUSES ? [...leaves.filter(decides), ...leaves.filter((leaf) => !decides(leaf))] : leaves
  return some(ordered.map(({ holds, said, finding }) => `  ${holds ? '✓' : '✗'} ${voice.text(`${said}: ${finding}`)}`))
}

function some(lines: string[]): string[] {
  const more = lines.length - MOST_CLAUSES
  return more > 0 ? [...lines.slice(0, MOST_CLAUSES), `  … and ${more} more`] : lines
}

/** Where an alert is, as the end of a sentence: "sent 5 min ago". */
function saySituation(situation: Situation, voice: Voice): string {
  switch (situation.kind) {
    case 'sent':
      return situation.at === null ? 'sent' : `sent ${voice.time(situation.at)}`
    case 'sending':
      return 'on its way at this moment'
    case 'queued': {
      const { ahead, trouble } = situation
      const last = trouble === null ? '' : ` (the last attempt: ${voice.text(withoutStop(trouble))})`
      // It is behind so many that are newer that nobody looked further.
      if (ahead.count === 0 && ahead.isMore) return `waiting in the outbox${last}`
      if (ahead.count === 0) return `waiting in the outbox, the next of its chat${last}`
      return `waiting in the outbox behind ${sayCount(ahead)} ${plural(ahead, 'alert')} of its chat${last}`
    }
    case 'unreachable': {
      const { reason, since } = situation
      const why = reason === null ? '' : ` (${voice.text(reason)})`
      return `waiting until its chat can be reached again${why}${since === null ? '' : `, which it cannot since ${voice.time(since)}`}`
    }
    case 'waiting':
      return `waiting until ${situation.wanted} independent publishers carry the story; ${situation.has} so far`
    case 'parked':
      return `given up: ${situation.trouble === null ? 'the message could not be delivered' : voice.text(withoutStop(situation.trouble))}`
    case 'cancelled':
      return `taken back: ${sayCancelled(situation)}`
  }
}

function sayCancelled({ because, waitedFor }: Extract<Situation, { kind: 'cancelled' }>): string {
  const removed = 'its watch was removed'
  const fewer = `fewer than ${waitedFor} publishers carried the story`
  if (because === 'muted')
    return `${waitedFor} publishers carried the story, and its watch was muted when the last of them came`
  if (because === 'either') return `${removed}, or ${fewer}`
  return because === 'removed' ? removed : fewer
}

/** Why a chat was not told of what stands at an address, as lines. */
export function sayWhyNot(whyNot: WhyNot, voice: Voice): string[] {
  if (whyNot.items.length === 0) return [...sayNeverFetched(whyNot, voice), ...sayNoWatches(whyNot, voice)]
  return whyNot.items.flatMap((item) => sayItem(whyNot, item, voice))
}

function sayNeverFetched({ url, sources, moreSources }: WhyNot, voice: Voice): string[] {
  const { host } = new URL(url)
  const none = `Nothing is stored from this address: ${voice.text(url)}`
  const rest = moreSources > 0 ? [`… and ${countOf(moreSources, 'more source')} of the same publisher.`] : []
  if (sources.length > 0) return [none, ...sources.map((source) => saySource(source, voice)), ...rest]
  return [
    none,
    `No source belongs to ${voice.text(host)}. To read it: ${voice.command('addSource', `https://${host}/`)}`,
  ]
}

function saySource(source: Source, voice: Voice): string {
  const name = `Source ${source.id}, ${voice.text(source.title)},`
  const show = voice.showSource(source)
  if (source.state === 'removed') {
    return `${name} was removed: nothing of it is read any more. To read it again: ${voice.command('addSource', shownAddress(source.url))}`
  }
  if (source.state === 'paused') return `${name} is paused. ${voice.resumeSource(source)}`
  if (source.failures > 0)
    return `${name} cannot be read: ${voice.text(source.trouble ?? 'no reason is known')} ${show}`
  if (source.succeededAt === null) return `${name} was not read yet. ${show}`
  return `${name} was read ${voice.time(source.succeededAt)}, and this address was not in it. The next time is ${voice.time(source.nextPollAt)}. ${show}`
}

function sayItem(whyNot: WhyNot, { item, told, carriers, verdicts, left }: ItemVerdicts, voice: Voice): string[] {
  const { chat } = whyNot
  const now = addressNow(whyNot.url, item)
  const moved = now === null ? [] : [`Its source gave it another address since: ${voice.text(now)}`]
  const lines = [voice.item(item), ...moved, `Stored ${voice.time(item.firstSeenAt)}${item.quiet ? QUIETLY : '.'}`]
  if (told !== null) lines.push(sayTold(item, told, voice))
  if (chat?.state === 'gone') lines.push(sayGone(chat.goneReason, chat.goneAt, voice))
  lines.push(...sayNoWatches(whyNot, voice))
  for (const { watch, verdict } of verdicts) {
    const name = `Watch ${watch.number}, ${voice.text(watch.query)}: `
    lines.push(`${name}${sayVerdict(verdict, carriers, voice)}`)
    if (verdict.kind === 'failed') lines.push(...sayFailed(verdict.clause, voice))
  }
  if (left.near > 0)
    lines.push(`${countOf(left.near, 'more watch has', 'more watches have')} something in common with it.`)
  if (left.far > 0)
    lines.push(`${countOf(left.far, 'other watch has', 'other watches have')} nothing in common with it.`)
  return lines
}

/** Where it stands, if that is not where it was asked for. */
function addressNow(asked: string, { url, enclosures }: Item): string | null {
  const isAsked = (address: { url: string }) => canonicalUrl(address.url) === canonicalUrl(asked)
  return url === null || [{ url }, ...enclosures].some(isAsked) ? null : webAddress(url)
}

const QUIETLY =
  ', quietly: it came with the first look at its source (or the first after a pause, or at a new address), which calls nobody.'

function sayTold(item: Item, { alert, situation }: NonNullable<ItemVerdicts['told']>, voice: Voice): string {
  if (situation.kind === 'cancelled') return `Alert ${alert.id} of its story: ${saySituation(situation, voice)}.`
  const where = `alert ${alert.id} (${saySituation(situation, voice)})`
  const why = `Why: ${voice.command('why', String(alert.id))}`
  if (alert.item.place !== item.place) return `Its story is ${where}, which is of ${voice.item(alert.item)}`
  return situation.kind === 'sent' ? `This chat has it as ${where}. ${why}` : `It is ${where}. ${why}`
}

function sayGone(reason: string | null, since: number | null, voice: Voice): string {
  const why = reason === null ? '' : ` (${voice.text(reason)})`
  return `This chat is out of reach${why}${since === null ? '' : ` since ${voice.time(since)}`}: nothing is matched for it meanwhile.`
}

function sayNoWatches(whyNot: WhyNot, voice: Voice): string[] {
  return whyNot.watches === 0 ? [voice.noWatches(whyNot)] : []
}

function sayVerdict(verdict: Verdict, carriers: Carriers | null, voice: Voice): string {
  switch (verdict.kind) {
    case 'told':
      return 'it called it.'
    case 'joined':
      return 'it matches, but the watch is younger than the item: it is in that alert by a later item of the story.'
    case 'folded':
      if (!verdict.isSent) return 'it matches, and was folded into that alert.'
      return 'it matches, but the chat has the story already: it was folded into that alert.'
    case 'waiting':
      return `it matches, ${sayWaiting(verdict, carriers, voice)}.`
    case 'called': {
      const { matched, wait } = verdict
      return `${MATCHED[matched]}, ${wait === null ? CALLED[matched] : sayWaiting(wait, carriers, voice)}.`
    }
    case 'cancelled':
      return 'it had called it, and that was taken back.'
    case 'baseline':
      return 'it matches, but the item was stored quietly.'
    case 'younger':
      return 'it matches, but the watch is younger than the item: it tells what comes after it was saved.'
    case 'gone':
      return 'it matches, but it came while the chat was out of reach.'
    case 'muted':
      return `it matches, ${sayMuted(verdict, voice)}.`
    case 'edited': {
      const edited = `the item was edited ${voice.time(verdict.at)}`
      if (verdict.isTold)
        return `it matches since ${edited}; the chat had the story already, and an edit calls nobody again.`
      return `it matches now; ${edited}, and did not match when it came${verdict.mayBeGone ? ', or the chat was out of reach' : ''}.`
    }
    case 'unexplained': {
      const guess = verdict.mayBeGone ? '; perhaps the chat was out of reach when it came' : ''
      return `it matches, and nothing stored says why it was not told${guess}.`
    }
    case 'failed':
      return 'it does not match.'
    case 'unreadable':
      return 'it cannot be read any more: remove it, and write it anew.'
  }
}

type Muted = Extract<Verdict, { kind: 'muted' }>

const WHEN = {
  came: 'it came',
  edited: 'it was edited',
  publishers: 'the last of its publishers came',
} satisfies Record<Muted['when'], string>

/** "but the watch was muted from 09:00 to 11:00, when it came". */
function sayMuted({ mute, isOver, when }: Muted, voice: Voice): string {
  const who = mute.watchId === null ? 'the chat' : 'the watch'
  const [since, until] = [voice.moment(mute.since), voice.moment(mute.until)]
  return isOver
    ? `but ${who} was muted from ${since} to ${until}, when ${WHEN[when]}`
    : `but ${who} is muted until ${until} (since ${since}), and was when ${WHEN[when]}`
}

type Matched = Extract<Verdict, { kind: 'called' }>['matched']

const MATCHED = {
  'before an edit': 'it matched before the item was edited',
  'another item': 'it matches another item of the story',
  either: 'it matched before the item was edited, or matches another item of the story',
} satisfies Record<Matched, string>

const CALLED = {
  'before an edit': 'and called it',
  'another item': 'and was called by that',
  either: 'and was called by that',
} satisfies Record<Matched, string>

function sayWaiting(wait: Wait, carriers: Carriers | null, voice: Voice): string {
  if (carriers === null) return `${wait.isOver ? 'but' : 'and'} ${sayWait(wait)}`
  const names = sayNames(carriers, voice)
  if (wait.isOver) return `but it waited for ${wait.wanted} publishers, and only ${carriers.count} came (${names})`
  return `and waits: ${carriers.count} of ${wait.wanted} publishers (${names})`
}

function sayFailed(clause: Clause, voice: Voice): string[] {
  return some(sayDeciding(clause).map((line) => `  ✗ ${voice.text(line)}`))
}

function sayCount({ count, isMore }: ItemCount): string {
  return `${isMore ? 'more than ' : ''}${count.toLocaleString('en-US')}`
}

function plural({ count, isMore }: ItemCount, one: string): string {
  return count === 1 && !isMore ? one : `${one}s`
}

/** Within a sentence of ours. */
function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}
