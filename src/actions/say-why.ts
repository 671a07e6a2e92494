import type { Item, Source } from '../model.ts'
import type { ItemCount } from '../ports.ts'
import { type Clause, sayDeciding } from '../query/explain.ts'
import type { Trial } from './try.ts'
import { leavesOf, type Reason, type Situation, type Wait, type Why } from './why.ts'
import type { ItemVerdicts, Verdict, WhyNot } from './why-not.ts'

/** How a surface writes what these sentences hold; everything foreign passes through one of these, and is safe there. */
export interface Voice {
  /** Foreign text, within a line. */
  text(text: string): string
  time(ms: number): string
  /** An item on one line: its title, where to read it, and from whom. */
  item(item: Item): string
  /** How something is asked for here, to be copied. */
  command(name: 'addSource' | 'showSource' | 'resumeSource' | 'addWatch' | 'why', argument: string): string
}

/** A clause tree can be long; so many lines of it are shown. */
const MOST_CLAUSES = 12

/** What a query would have sent: "Last 7 days 14, last 30 days 61; would have sent 9 alerts, 5 folded as duplicates." */
export function sayTrial(
  { query, last7, last30, alerts, folded, lookedBackTo }: Trial,
  voice: Pick<Voice, 'time'>,
): string[] {
  const found = `Last 7 days ${sayCount(last7)}, last 30 days ${sayCount(last30)}`
  const duplicates = folded.count === 0 ? 'none' : sayCount(folded)
  const sent = `would have sent ${sayCount(alerts)} ${plural(alerts, 'alert')}, ${duplicates} folded as duplicates`
  const short = sayCount({ ...last30, count: last30.count - alerts.count - folded.count })
  const publishers =
    query.publishers === undefined ? '' : `; ${short} in stories of fewer than ${query.publishers} publishers`
  const back = lookedBackTo === null ? [] : [`I looked back to ${voice.time(lookedBackTo)} only: there is more.`]
  return [`${found}; ${sent}${publishers}.`, ...back]
}

/** Why an alert came and where it is now, as lines. */
export function sayWhy(why: Why, voice: Voice): string[] {
  const { alert, situation, reasons, left } = why
  const reasonLines = reasons.flatMap((reason) => sayReason(why, reason, voice))
  const rest = left === 0 ? [] : [`${left} more ${left === 1 ? 'watch' : 'watches'} called it.`]
  return [voice.item(alert.item), `Alert ${alert.id}: ${saySituation(situation, voice)}.`, ...reasonLines, ...rest]
}

function sayReason({ alert }: Why, { hit, item, clause, isSure, wait }: Reason, voice: Voice): string[] {
  const { watch } = hit
  const name = `Watch ${watch.number}: ${voice.text(watch.query)}${wait === null ? '' : ` (${sayWait(wait)})`}`
  if (clause === null) return [name, '  It cannot be read any more: remove it, and write it anew.']
  const other = item.place === alert.item.place ? [] : [`  It matched another item of the story: ${voice.item(item)}`]
  const edited = clause.holds ? [] : [isSure ? EDITED : UNSURE]
  return [name, ...other, ...edited, ...sayClauses(clause, voice)]
}

const EDITED = '  It matched when the item came; the item was edited since.'
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
  const lines = ordered.slice(0, MOST_CLAUSES).map(({ holds, said, finding }) => {
    return `  ${holds ? '✓' : '✗'} ${voice.text(`${said}: ${finding}`)}`
  })
  return leaves.length > lines.length ? [...lines, `  … and ${leaves.length - lines.length} more`] : lines
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
      return situation.waitedFor === null
        ? 'taken back: its watch was removed'
        : `taken back: its watch was removed, or fewer than ${situation.waitedFor} publishers carried the story`
  }
}

/** Why a chat was not told of what stands at an address, as lines. */
export function sayWhyNot(whyNot: WhyNot, voice: Voice): string[] {
  if (whyNot.items.length === 0) return sayNeverFetched(whyNot, voice)
  return whyNot.items.flatMap((item) => sayItem(whyNot, item, voice))
}

function sayNeverFetched({ url, sources }: WhyNot, voice: Voice): string[] {
  const { host } = new URL(url)
  const none = `Nothing is stored from this address: ${voice.text(url)}`
  if (sources.length > 0) return [none, ...sources.map((source) => saySource(source, voice))]
  return [
    none,
    `No source belongs to ${voice.text(host)}. To read it: ${voice.command('addSource', `https://${host}/`)}`,
  ]
}

function saySource(source: Source, voice: Voice): string {
  const name = `Source ${source.id}, ${voice.text(source.title)},`
  const number = String(source.id)
  if (source.state === 'paused') return `${name} is paused. To go on: ${voice.command('resumeSource', number)}`
  const show = voice.command('showSource', number)
  if (source.failures > 0)
    return `${name} cannot be read: ${voice.text(source.trouble ?? 'no reason is known')} See ${show}`
  if (source.succeededAt === null) return `${name} was not read yet. See ${show}`
  return `${name} was read ${voice.time(source.succeededAt)}, and this was not in it. The next time is ${voice.time(source.nextPollAt)}. See ${show}`
}

function sayItem({ chat, watches }: WhyNot, { item, told, verdicts, left }: ItemVerdicts, voice: Voice): string[] {
  const lines = [voice.item(item), `Stored ${voice.time(item.firstSeenAt)}.`]
  if (told !== null) lines.push(sayTold(item, told, voice))
  if (chat?.state === 'gone') lines.push(sayGone(chat.goneReason, chat.goneAt, voice))
  if (watches === 0) lines.push(`This chat watches for nothing. To begin: ${voice.command('addWatch', 'climate')}`)
  for (const { watch, verdict } of verdicts) {
    const name = `Watch ${watch.number}, ${voice.text(watch.query)}: `
    lines.push(`${name}${sayVerdict(verdict, voice)}`)
    if (verdict.kind === 'failed') lines.push(...sayFailed(verdict.clause, voice))
  }
  if (left > 0) lines.push(`${left} more ${left === 1 ? 'watch is' : 'watches are'} no nearer to it.`)
  return lines
}

function sayTold(item: Item, { alert, situation }: NonNullable<ItemVerdicts['told']>, voice: Voice): string {
  if (situation.kind === 'cancelled') return `Alert ${alert.id} of its story: ${saySituation(situation, voice)}.`
  const where = `alert ${alert.id} (${saySituation(situation, voice)})`
  if (alert.item.place === item.place)
    return `This chat has it as ${where}. Why: ${voice.command('why', String(alert.id))}`
  return `Its story is ${where}, which tells ${voice.item(alert.item)}`
}

function sayGone(reason: string | null, since: number | null, voice: Voice): string {
  const why = reason === null ? '' : ` (${voice.text(reason)})`
  return `This chat is out of reach${why}${since === null ? '' : ` since ${voice.time(since)}`}: nothing is matched for it meanwhile.`
}

function sayVerdict(verdict: Verdict, voice: Voice): string {
  switch (verdict.kind) {
    case 'told':
      return 'it called it.'
    case 'folded':
      return 'it matches, but the chat has the story already: it was folded into that alert.'
    case 'waiting':
      return `it matches, ${verdict.isOver ? 'but' : 'and'} ${sayWait(verdict)}.`
    case 'cancelled':
      return 'it had called it, and that was taken back.'
    case 'baseline':
      return 'it matches, but it came with the first look at its source (or the first after a pause, or at a new address), which is stored quietly.'
    case 'younger':
      return 'it matches, but the watch is younger than the item: it tells what comes after it was saved.'
    case 'gone':
      return 'it matches, but it came while the chat was out of reach.'
    case 'edited':
      return `it matches now; the item was edited ${voice.time(verdict.at)}, and did not match when it came.`
    case 'unexplained':
      return 'it matches, and nothing stored says why it was not told.'
    case 'failed':
      return 'it does not match.'
    case 'unreadable':
      return 'it cannot be read any more: remove it, and write it anew.'
  }
}

function sayFailed(clause: Clause, voice: Voice): string[] {
  const deciding = sayDeciding(clause)
  const lines = deciding.slice(0, MOST_CLAUSES).map((line) => `  ✗ ${voice.text(line)}`)
  return deciding.length > lines.length ? [...lines, `  … and ${deciding.length - lines.length} more`] : lines
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
