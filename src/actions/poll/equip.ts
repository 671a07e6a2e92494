import type { Read, Source } from '../../model.ts'
import type { Fetched, FetchRequest } from '../../ports.ts'
import type { Actions } from '../context.ts'
import type { HostGate, Timer } from '../hosts/gate.ts'
import { createOfflineWatch } from '../hosts/offline.ts'
import { hearElsewhere } from '../hosts/turn.ts'
import { createDesk } from './desk.ts'
import type { Slots } from './slots.ts'

/** A fetch that takes longer waits for its server, not for us: meanwhile its poll is not counted among those at once. */
const SLOW_MS = 300
/** From this size on a document waits for its place at the desk, whosesoever it is. */
const LARGE_BYTES = 1_048_576
/** A poll is dear that reads so many items anew, or so large a document. */
const MANY_ITEMS = 50
const DEAR_BYTES = 262_144

/** What one poll works with: it waits for slow servers, and for its place at the desk, which it has until `end`. */
export interface Equipment {
  ctx: Actions
  end(): void
  /** Whether another host than its own ended a fetch of it. */
  isElsewhere(): boolean
}

/** `onSlotFree`: a poll gave up its slot before it ended. */
export function createEquipping(
  ctx: Actions,
  { gate, timer, slots, onSlotFree }: { gate: HostGate; timer: Timer; slots: Slots; onSlotFree: () => void },
): (source: Source) => Equipment {
  const desk = createDesk()
  const watchOffline = createOfflineWatch(ctx)

  return ({ id, host }) => {
    let leaveDesk: (() => void) | null = null
    let elsewhere = false
    const fetch: Actions['fetch'] = async (request) => {
      const fetched = await fetchPatiently(id, { ...request, restMs: gate.restMs })
      if (hearElsewhere(gate, fetched)) elsewhere = true
      // Once: whose older pages are asked for has its place still, and would wait for itself.
      if (fetched.kind === 'fresh' && leaveDesk === null) leaveDesk = await takePlace(id, fetched.bytes.byteLength)
      return gate.isOwn(host) ? fetched : watchOffline(host, fetched)
    }
    const parse: Actions['parse'] = async (document) => {
      const read = await ctx.parse(document)
      if (isDear(read, document.bytes.byteLength)) slots.markDear(id)
      return read
    }
    return { ctx: { ...ctx, fetch, parse }, end: () => leaveDesk?.(), isElsewhere: () => elsewhere }
  }

  /** A poll gives its slot to others while its server is slow; what it brings is read at the desk. */
  async function fetchPatiently(id: number, request: FetchRequest): Promise<Fetched> {
    let cancel = () => {}
    const lookAgain = () => {
      const begunAt = ctx.clock()
      cancel = timer(() => {
        // It is we who were busy.
        if (ctx.clock() > begunAt + 2 * SLOW_MS) return lookAgain()
        slots.giveUpSlot(id)
        onSlotFree()
      }, SLOW_MS)
    }
    lookAgain()
    try {
      return await ctx.fetch(request)
    } finally {
      cancel()
    }
  }

  /** Null where it needs none. */
  async function takePlace(id: number, bytes: number): Promise<(() => void) | null> {
    return slots.isDoubtful(id) || bytes >= LARGE_BYTES ? desk.take(bytes) : null
  }
}

function isDear(read: Read, bytes: number): boolean {
  return read.kind === 'read' && !read.asBefore && (read.items.length >= MANY_ITEMS || bytes >= DEAR_BYTES)
}
