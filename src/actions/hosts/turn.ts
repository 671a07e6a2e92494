import { isCode } from '../../errors.ts'
import type { Fetched, Post } from '../../ports.ts'
import type { HostGate, Release } from './gate.ts'
import { type Departure, departureOf } from './pace.ts'

interface Asking<Answer> {
  ask: () => Promise<Answer>
  isStopped: () => boolean
  /** The host has no turn for us now; the reason is a sentence for people. */
  onNoTurn: (reason: string) => void | Promise<void>
}

/**
 * Asks a host once, in the turn that `HostGate.wait` promised, and ends the turn with what the answer teaches. Null where
 * there was no turn, or the service stops meanwhile: nothing was asked then.
 */
export async function askInTurn<Answer extends Fetched | Awaited<ReturnType<Post>>>(
  turn: Promise<Release>,
  { ask, isStopped, onNoTurn }: Asking<Answer>,
): Promise<Answer | null> {
  let end: Release
  try {
    end = await turn
  } catch (error) {
    if (!isCode(error, 'unavailable')) throw error
    await onNoTurn(error.message)
    return null
  }
  let departure: Departure = { kind: 'failed' }
  try {
    if (isStopped()) return null
    const answer = await ask()
    departure = departureOf(answer)
    return answer
  } finally {
    end(departure)
  }
}

/**
 * Whether another host than the one that was asked ended the fetch: one that complained, to which it was sent on. The gate
 * hears of that one then, where it was asked; who sent us there has not complained itself.
 */
export function hearElsewhere(gate: Pick<HostGate, 'hear'>, fetched: Fetched): boolean {
  if (fetched.kind !== 'failed' || fetched.host === undefined) return false
  if (fetched.status !== null) gate.hear(fetched.host, { kind: 'throttled', retryAfterMs: fetched.retryAfterMs })
  return true
}

/** Whose turn an address needs. What is no address has no host to wait for: the guard says so. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : ''
}
