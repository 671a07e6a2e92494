import type { Fetch } from '../../ports.ts'
import type { Actions } from '../context.ts'
import type { HostGate } from './gate.ts'
import { askInTurn, hearElsewhere, hostOf } from './turn.ts'

/**
 * Asks for somebody who waits for the answer: one thing at a time of each host, at once where it has not complained. Of one
 * that wants to be left alone for longer than 30 s nothing is asked: it comes back as throttled, and what an answer
 * teaches is learned.
 */
export function createBriefFetch({ fetch }: Pick<Actions, 'fetch'>, gate: HostGate): Fetch {
  return async (request) => {
    const host = hostOf(request.url)
    let detail = ''
    const fetched = await askInTurn(gate.waitBriefly(host), {
      async ask() {
        const answer = await fetch({ ...request, restMs: gate.restMs })
        hearElsewhere(gate, answer)
        return answer
      },
      isStopped: () => false,
      onNoTurn: (reason) => {
        detail = reason
      },
    })
    return fetched ?? { kind: 'failed', reason: 'throttled', status: null, detail, retryAfterMs: gate.restMs(host) }
  }
}
