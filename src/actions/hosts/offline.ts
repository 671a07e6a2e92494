import type { Fetched } from '../../ports.ts'
import { SECOND_MS } from '../../time.ts'
import type { Actions } from '../context.ts'

/** So many hosts in a row of which none answered, within so long at least: that some names are none is told at once. */
const LEAST_SILENT = 5
const LEAST_MS = 10 * SECOND_MS

const SILENCE: ReadonlySet<string> = new Set(['dns', 'connect', 'tls', 'network', 'timeout'])

/**
 * Tells a network of ours that is down from hosts that are: hears of each fetch, and gives it back, with `offline` where
 * nobody has answered for several hosts. Hosts of our own network are not to be told of: they answer all the same.
 */
export function createOfflineWatch({
  clock,
  log,
}: Pick<Actions, 'clock' | 'log'>): (host: string, fetched: Fetched) => Fetched {
  const silent = new Set<string>()
  let silentSince = 0
  let isOffline = false

  return (host, fetched) => {
    if (fetched.kind !== 'failed' || fetched.status !== null || !SILENCE.has(fetched.reason)) {
      if (isOffline) log.info({ host }, 'a host answers again')
      silent.clear()
      isOffline = false
      return fetched
    }
    if (isOffline) return { ...fetched, offline: true }

    // A clock that was set back begins anew.
    if (silent.size === 0 || clock() < silentSince) silentSince = clock()
    if (silent.size < LEAST_SILENT) silent.add(host)
    isOffline = silent.size >= LEAST_SILENT && clock() >= silentSince + LEAST_MS
    if (!isOffline) return fetched
    log.warn({ hosts: [...silent], err: fetched.detail }, 'no host answers: our own network may be down')
    return { ...fetched, offline: true }
  }
}
