import { isDeepStrictEqual } from 'node:util'
import type { Source } from '../../model.ts'
import type { PollRecord } from '../../ports.ts'
import { webAddress } from '../../publish/address.ts'
import type { Said } from '../../publish/notice.ts'
import type { Actions } from '../context.ts'
import type { Findings } from '../ingest/ingest.ts'

/** A move is followed when it was seen so often in a row. */
export const CONFIRMED = 3

export interface Move {
  /** What is known of it after this answer. */
  move: Source['move']
  /** The address to take, if this is the same source there. */
  adopt: string | null
  /** Why it is not taken. */
  notice: Said | null
}

const STAYS: Move = { move: null, adopt: null, notice: null }

/** Every hop said "for good": believed when it was said three times in a row, and then only of what we may follow. */
export async function followMove(ctx: Actions, source: Source, movedTo: string | undefined): Promise<Move> {
  const url = movedTo === undefined ? null : webAddress(movedTo)
  if (url === null || url === webAddress(source.url)) return STAYS

  const before = source.move?.url === url ? source.move : null
  // Something else stood there at first: what is known of it by now proves nothing.
  if (before?.foreign) return { ...STAYS, move: before }
  // Beyond that nothing changes any more, and nothing need be written.
  const move = { url, seen: Math.min((before?.seen ?? 0) + 1, CONFIRMED + 1) }
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

async function refusalToMove(ctx: Actions, source: Source, url: string): Promise<Said | null> {
  const other = await ctx.store.findSource(url, { removed: true })
  if (!other) return null
  const whose =
    other.state === 'removed' ? 'which belonged to a source that was removed' : `which is source ${other.id} already`
  return [
    `${source.title} says that it has moved to `,
    { address: webAddress(url) ?? '' },
    `, ${whose}. Crier goes on asking the old address; to remove it: `,
    { kind: 'remove', id: source.id },
  ]
}

function sayNotWithPassword({ title, id }: Source, url: string): Said {
  return [
    `${title} says that it has moved to `,
    { address: url },
    '. Crier takes its password nowhere by itself; if it is right: ',
    { kind: 'move', id, url },
  ]
}

/** What stands there is not what the source showed: the address is never taken by itself, and nobody is called from there. */
export function foreign({ move }: Move): Move {
  return { ...STAYS, move: move && { ...move, foreign: true } }
}

/** For the owner, who alone can know. */
export function sayForeign({ title, id }: Source, url: string): Said {
  return [
    `${title} sends us to `,
    { address: url },
    ' for good, and hardly anything there was known: what stands there is stored, but calls nobody until you say what it is. If it is the same source: ',
    { kind: 'move', id, url },
    ' – if not: ',
    { kind: 'remove', id },
  ]
}

/** For the owner, when it was followed. */
export function sayMoved({ title }: Source, url: string): Said {
  return [`${title} has moved to `, { address: webAddress(url) ?? '' }, '; Crier follows.']
}

/** What a poll records of it; an address is taken only where this is certainly the same source. */
export function moved(
  source: Source,
  { move, adopt }: Move,
  isConfirmed: boolean,
): Pick<PollRecord, 'move' | 'adoptUrl'> {
  if (adopt !== null && isConfirmed) return { move: null, adoptUrl: adopt }
  return isDeepStrictEqual(source.move, move) ? {} : { move }
}

/** A site that is closed or sold answers everything with something else. */
export function isSameSource({ shown, overlap }: Findings): boolean {
  return shown > 0 && overlap * 2 >= shown
}
