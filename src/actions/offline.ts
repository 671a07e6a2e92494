import type { Log } from '../log.ts'
import type { Fetched } from '../ports.ts'

/** So many hosts in a row of which none answered. */
const LEAST_SILENT = 5

const SILENCE: ReadonlySet<string> = new Set(['dns', 'connect', 'tls', 'network', 'timeout'])

/**
 * Tells a network of ours that is down from hosts that are: hears of each fetch, and gives it back, with `offline` where
 * nobody has answered for several hosts. Hosts of our own network are not to be told of: they answer all the same.
 */
export function createOfflineWatch(log: Log): (host: string, fetched: Fetched) => Fetched {
  const silent = new Set<string>()
  const isOffline = () => silent.size >= LEAST_SILENT
  return (host, fetched) => {
    if (fetched.kind !== 'failed' || fetched.status !== null || !SILENCE.has(fetched.reason)) {
      if (isOffline()) log.info({ host }, 'a host answers again')
      silent.clear()
      return fetched
    }
    if (isOffline()) return { ...fetched, offline: true }
    silent.add(host)
    if (!isOffline()) return fetched
    log.warn({ hosts: [...silent], err: fetched.detail }, 'no host answers: our own network may be down')
    return { ...fetched, offline: true }
  }
}
