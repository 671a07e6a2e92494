import { isCode } from '../errors.ts'
import type { Fetch } from '../ports.ts'
import type { Actions } from './context.ts'
import { type Departure, departureOf, type HostGate, type Release } from './host-gate.ts'
import { hostOf } from './host-turn.ts'

/**
 * Asks for somebody who waits for the answer: one thing at a time of each host, at once where it has not complained. Of one
 * that wants to be left alone for longer than 30 s nothing is asked: it comes back as throttled, and what an answer
 * teaches is learned.
 */
export function createBriefFetch({ fetch }: Pick<Actions, 'fetch'>, gate: HostGate): Fetch {
  return async (request) => {
    const host = hostOf(request.url)
    let end: Release
    try {
      end = await gate.waitBriefly(host)
    } catch (error) {
      if (!isCode(error, 'unavailable')) throw error
      const { message: detail } = error
      return { kind: 'failed', reason: 'throttled', status: null, detail, retryAfterMs: gate.restMs(host) }
    }
    let departure: Departure = { kind: 'failed' }
    try {
      const fetched = await fetch({ ...request, restMs: gate.restMs })
      departure = departureOf(fetched)
      // Who sent us to a host that complained has not complained itself.
      if (fetched.kind === 'failed' && fetched.host !== undefined) {
        if (fetched.status !== null) gate.hear(fetched.host, departure)
        departure = { kind: 'answered' }
      }
      return fetched
    } finally {
      end(departure)
    }
  }
}
