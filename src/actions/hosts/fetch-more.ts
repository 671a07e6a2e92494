import type { Source } from '../../model.ts'
import type { Fetch, FetchFailed } from '../../ports.ts'
import { MINUTE_MS } from '../../time.ts'
import type { Actions } from '../context.ts'
import type { HostGate } from './gate.ts'
import { type Departure, departureOf } from './pace.ts'

export interface FetchMore {
  /** What has no turn comes back as failed, and nothing was sent. */
  fetch: Fetch
  /** Gives back the turns it took. How the source's own host took what was asked, where that was a complaint. */
  end(): Departure | null
}

/** So long after the first of them nothing more is asked: a poll that goes on takes the place of others. */
const MOST_MS = MINUTE_MS

/**
 * The requests of one poll beyond its first. At the source's own host, whose turn the poll has, each waits for the pause
 * between two of them; another host is asked only if it is free at this moment, because two polls that waited for each
 * other's hosts would wait for ever.
 */
export function createFetchMore(
  ctx: Pick<Actions, 'fetch' | 'clock'>,
  gate: HostGate,
  source: Source,
  isStopped: () => boolean,
): FetchMore {
  /** How the last request ended at each host whose turn we have. */
  const taken = new Map<string, Departure | null>([[source.host, null]])
  let endAt: number | null = null

  return {
    async fetch(request) {
      const { hostname: host } = new URL(request.url)
      endAt ??= ctx.clock() + MOST_MS
      if (ctx.clock() >= endAt || !(await takeTurn(host)) || isStopped()) return notAsked(host)
      const fetched = await ctx.fetch(request)
      taken.set(host, departureOf(fetched))
      return fetched
    },
    end() {
      for (const [host, departure] of taken) {
        if (host !== source.host) gate.leave(host, departure)
      }
      const own = taken.get(source.host)
      return own?.kind === 'throttled' ? own : null
    },
  }

  async function takeTurn(host: string): Promise<boolean> {
    if (taken.has(host)) return gate.rest(host)
    if (!gate.isFree(host)) return false
    gate.enter(host)
    taken.set(host, null)
    return true
  }
}

function notAsked(host: string): FetchFailed {
  const detail = `There is no time for more requests to ${host} now.`
  return { kind: 'failed', reason: 'network', detail, status: null, retryAfterMs: null }
}
