import type { Source, Trouble, Unreadable } from '../model.ts'
import type { FetchFailed, Notice } from '../ports.ts'
import { webAddress } from '../publish/address.ts'
import { renderNotice } from '../publish/notice.ts'
import { DAY_MS } from '../time.ts'
import type { Actions } from './context.ts'
import type { Findings } from './ingest.ts'
import { isSameSource } from './move.ts'

/** So long without a success, and the owner hears of it; but not of what failed once after a long night. */
const DEAD_MS = 7 * DAY_MS
const DEAD_FAILURES = 3
const BLOCKED_FAILURES = 3

/** What the owner was not told yet, if there is something to tell. */
export function newTrouble(
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
    const say = `To say what an entry is now: crier source set ${id} --entry 'SELECTOR', or --page to look for it`
    return { trouble: 'layout', text: `${title} has changed its layout. ${fault.detail} ${say}` }
  }
  if (fault.reason === 'blocked' && failures >= BLOCKED_FAILURES && !told.includes('blocked')) {
    return { trouble: 'blocked', text: `${title} does not let Crier in. ${fault.detail} Crier goes on asking.` }
  }
  const since = source.succeededAt ?? source.addedAt
  if (now - since >= DEAD_MS && failures >= DEAD_FAILURES && !told.includes('dead')) {
    const days = Math.floor((now - since) / DAY_MS)
    const text = `${title} could not be read for ${days} days. ${fault.detail} Crier goes on asking once a day; ${remove}`
    return { trouble: 'dead', text }
  }
  return null
}

/** A source that was told dead or gone, and answers. */
export function recovery({ title, told }: Source): string | null {
  return told.includes('dead') || told.includes('gone') ? `${title} is back.` : null
}

/** A page whose entries were found by other rules than before. */
export function sayRelaid({ title, id }: Source, findings: Findings): string {
  const found = `${title} has changed its layout. Crier found its entries anew`
  return isSameSource(findings)
    ? `${found}: ${findings.overlap} of ${findings.shown} were known, and the rest counts as new.`
    : `${found}, but hardly one was known: they were stored quietly. See whether they are right: crier source show ${id}`
}

/** The notices of a record that are to be written, none where there is nothing to say. */
export async function noticesFor(
  ctx: Actions,
  source: Source,
  texts: (string | null)[],
): Promise<{ notices?: Notice[] }> {
  if (texts.every((text) => text === null)) return {}
  return { notices: noticesOf(source, await ctx.ownerChats(), texts) }
}

/** One message to these chats for each text. */
export function noticesOf(source: Source, chats: string[], texts: (string | null)[]): Notice[] {
  const openUrl = webAddress(source.siteUrl) ?? webAddress(source.url)
  return texts.flatMap((text) => (text === null ? [] : [{ chats, message: renderNotice(text, openUrl) }]))
}
