import { isCode } from '../errors.ts'
import type { Fetched } from '../ports.ts'
import { type Departure, departureOf, type Release } from './host-gate.ts'
import type { HubAnswer } from './websub-rules.ts'

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
export async function askInTurn<Answer extends Fetched | HubAnswer>(
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

/** Whose turn an address needs. What is no address has no host to wait for: the guard says so. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : ''
}
