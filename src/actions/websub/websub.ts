/**
 * WebSub (W3C Recommendation of 2018), the subscriber's side: we ask the hubs that sources name to push, prove that it was
 * us, and take what they push like the poll of a part of the document. What we must not forget is in the store; polling
 * goes on as a net under all of it.
 */
import { faultOf } from '../../errors.ts'
import { createRepeatedError } from '../../log.ts'
import type { Source } from '../../model.ts'
import type { Actions } from '../context.ts'
import type { HostGate } from '../hosts/gate.ts'
import { createQueues } from '../queues.ts'
import { createHubAnswers } from './answer.ts'
import { createHubAsking } from './ask.ts'
import { createPushes, type Push, type PushOutcome } from './push.ts'

export interface WebSub {
  /** Asks hubs for what is due, and returns at once. Every tick calls it; it never overlaps itself. */
  pump(): void
  /** Asks nothing more, and resolves when what runs has ended. */
  stop(): Promise<void>
  /**
   * What a hub's GET on the address `/websub/TOKEN` asks: whether this request was ours (WebSub, 5.3), or it tells that it
   * denied it (5.2). The text to answer with 200, as it is and as plain text, or null for 404.
   */
  verify(token: string, query: URLSearchParams): Promise<string | null>
  /** Whether anybody waits for pushes at this address: to be asked before a body is taken, which a stranger could send. */
  expects(token: string): Promise<boolean>
  /**
   * What a hub's POST there brings. Resolves when it is stored, so that a hub whose push we could not keep, because this
   * throws, sends it again. `accepted` also for what is ignored, unsigned or not new (WebSub, 8): answer 202. `unknown`:
   * nobody waits for it, answer 410.
   */
  receive(token: string, push: Push): Promise<'accepted' | 'unknown'>
}

interface WebSubOptions {
  /** Where the world reaches us, without a slash at its end. */
  publicUrl: string
  /** For the turn of a hub's host. */
  wait: HostGate['wait']
  onPush: (source: Source, outcome: PushOutcome) => void
}

/** The callbacks' side and the asking side of WebSub over one store. One for each service: it decides whose turn it is in memory. */
export function createWebSub(ctx: Actions, { publicUrl, wait, onPush }: WebSubOptions): WebSub {
  const isStopped = () => stopped
  // Changes of the subscription of one source, one after the other.
  const inTurn = createQueues()
  const asking = createHubAsking(ctx, inTurn, { publicUrl, wait, isStopped })
  const pushes = createPushes(ctx, { onPush, isStopped })
  const logBroken = createRepeatedError(ctx.log, ctx.clock)
  let round: Promise<void> | null = null
  let stopped = false

  async function workRound(): Promise<void> {
    await pushes.lookAgain()
    await asking.askDue()
  }

  return {
    pump() {
      if (stopped || round) return
      round = workRound()
        .catch((error: unknown) => logBroken(faultOf(error), 'asking hubs broke'))
        .finally(() => {
          round = null
        })
    },
    verify: createHubAnswers(ctx, inTurn, asking.hasLeft),
    expects: async (token) => (await ctx.store.findSubscription(token))?.source.state === 'active',
    receive: pushes.receive,
    async stop() {
      stopped = true
      await round
      await Promise.all([asking.ended(), pushes.ended()])
    },
  }
}
