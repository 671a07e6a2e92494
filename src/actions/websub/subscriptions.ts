import type { Store } from '../../ports.ts'
import { createQueues } from '../queues.ts'

export interface Subscriptions {
  /** By a token that anybody may have sent us. */
  find(token: string): ReturnType<Store['findSubscription']>
  /** Changes of the subscription of one source, one after the other. */
  inTurn<T>(sourceId: number, work: () => Promise<T>): Promise<T>
}

/** What asks hubs and what is asked by them share these. */
export function createSubscriptions(store: Store): Subscriptions {
  return {
    find: async (token) => (/^[\w-]{43}$/.test(token) ? store.findSubscription(token) : undefined),
    inTurn: createQueues(),
  }
}
