import type { Need } from '../../errors.ts'
import { chatKind, type Source, type Trouble, type Unreadable } from '../../model.ts'
import type { FetchFailed, Notice } from '../../ports.ts'
import { webAddress } from '../../publish/address.ts'
import { renderNotice, type Said } from '../../publish/notice.ts'
import { DAY_MS } from '../../time.ts'
import type { Actions } from '../context.ts'
import type { Findings } from '../ingest/ingest.ts'
import { isSameSource } from './move.ts'

/** So long without a success, and the owner hears of it; but not of what failed once after a long night. */
const DEAD_MS = 7 * DAY_MS
const DEAD_POLLS = 3
const BLOCKED_FAILURES = 3

/** What the owner was not told yet, if there is something to tell. `polls` are those without a success: the failures that count, and those that were asked to wait. */
export function newTrouble(
  source: Source,
  fault: FetchFailed | Unreadable,
  { failures, polls }: { failures: number; polls: number },
  now: number,
): { trouble: Trouble; said: Said } | null {
  const { title, told, id } = source
  // It has ended: what else it does is no news.
  if (told.includes('gone')) return null
  const { detail, needs } = fault
  const give = (what: Need) => ({ kind: 'give' as const, what, id })
  const asks = fault.reason === 'throttled' ? 'goes on asking' : 'asks once a day'
  const remove: Said = [` Crier ${asks}; to remove it: `, { kind: 'remove', id }]
  if (fault.kind === 'failed' && fault.status === 410) {
    return { trouble: 'gone', said: [`${title} answers 410 Gone: its publisher has ended it.`, ...remove] }
  }
  if (fault.reason === 'layout' && !told.includes('layout')) {
    const say: Said = [' To say what an entry is now: ', give('entry'), ', or to look for it: ', give('page')]
    return { trouble: 'layout', said: [`${title} has changed its layout. ${detail}`, ...say] }
  }
  if (fault.reason === 'blocked' && failures >= BLOCKED_FAILURES && !told.includes('blocked')) {
    const how: Said = needs === undefined ? [] : [' On the command line: ', give(needs)]
    return { trouble: 'blocked', said: [`${title} does not let Crier in. ${detail} Crier goes on asking.`, ...how] }
  }
  const since = source.succeededAt ?? source.addedAt
  if (now - since >= DEAD_MS && polls >= DEAD_POLLS && !told.includes('dead')) {
    const days = Math.floor((now - since) / DAY_MS)
    return { trouble: 'dead', said: [`${title} could not be read for ${days} days. ${detail}`, ...remove] }
  }
  return null
}

/** A source that was told dead or gone, and answers. */
export function recovery({ title, told }: Source): Said | null {
  return told.includes('dead') || told.includes('gone') ? [`${title} is back.`] : null
}

/** Of what it showed before, so much came under other names. */
export function sayRenumbered({ title }: Source, { renumbered }: Findings): Said {
  return [
    `${title} renumbered ${renumbered} items; none was alerted. They are known again by their addresses, titles, texts and dates.`,
  ]
}

/** A page whose entries were found by other rules than before. */
export function sayRelaid({ title, id }: Source, findings: Findings): Said {
  const found = `${title} has changed its layout. Crier found its entries anew`
  return isSameSource(findings)
    ? [`${found}: ${findings.overlap} of ${findings.shown} were known, and the rest counts as new.`]
    : [
        `${found}, but hardly one was known: they were stored quietly. See whether they are right: `,
        { kind: 'show', id },
      ]
}

/** The notices of a record that are to be written, none where there is nothing to say. */
export async function noticesFor(ctx: Actions, source: Source, told: (Said | null)[]): Promise<{ notices?: Notice[] }> {
  if (told.every((said) => said === null)) return {}
  return { notices: noticesOf(source, await ctx.ownerChats(), told) }
}

/** One message to these chats for each of what is said, with the commands that there are in them. */
export function noticesOf(source: Source, chats: string[], told: (Said | null)[]): Notice[] {
  const openUrl = webAddress(source.siteUrl) ?? webAddress(source.url)
  return told.flatMap((said) =>
    (['telegram', 'terminal'] as const).flatMap((kind) => {
      const there = chats.filter((chat) => chatKind(chat) === kind)
      if (said === null || there.length === 0) return []
      return [{ chats: there, message: renderNotice(said, openUrl, kind) }]
    }),
  )
}
