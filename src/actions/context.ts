import type { Log } from '../log.ts'
import type { Clock, Fetch, Parse, Store } from '../ports.ts'

/** What every action may need; each takes it whole and uses its part. */
export interface Actions {
  store: Store
  fetch: Fetch
  parse: Parse
  clock: Clock
  log: Log
  /** In [0, 1): jitter. */
  random: () => number
  /** IANA name, for the days in queries. */
  timezone: string
}
