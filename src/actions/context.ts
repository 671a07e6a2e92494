import type { Log } from '../log.ts'
import type { Clock, Extract, Fetch, Parse, Post, Store } from '../ports.ts'

/** What every action may need; each takes it whole and uses its part. */
export interface Actions {
  store: Store
  fetch: Fetch
  post: Post
  parse: Parse
  extract: Extract
  clock: Clock
  log: Log
  /** In [0, 1): jitter. */
  random: () => number
  /** IANA name, for the days in queries. */
  timezone: string
  /** The chats of the owners, where notices go; the terminal where there are none. */
  ownerChats: () => Promise<string[]>
}
