import type { Fetched } from '../ports.ts'

/** So many hosts in a row of which none answered. */
const LEAST_SILENT = 5

const SILENCE: ReadonlySet<string> = new Set(['dns', 'connect', 'tls', 'network', 'timeout'])

/**
 * Tells a network of ours that is down from hosts that are: hears of each fetch, and gives it back, with `offline` where
 * nobody has answered for several hosts. Hosts of our own network are not to be told of: they answer all the same.
 */
export function createOfflineWatch(): (host: string, fetched: Fetched) => Fetched {
  const silent = new Set<string>()
  return (host, fetched) => {
    if (fetched.kind !== 'failed' || fetched.status !== null || !SILENCE.has(fetched.reason)) {
      silent.clear()
      return fetched
    }
    if (silent.size < LEAST_SILENT) silent.add(host)
    return silent.size < LEAST_SILENT ? fetched : { ...fetched, offline: true }
  }
}
