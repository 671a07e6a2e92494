import type { Store } from '../ports.ts'
import type { Calendar } from './calendar.ts'

/** What is watched for, by whomever: the first queries, how many there are, and which of the first call nobody before when. */
export interface Watched {
  queries: string[]
  total: number
  mutedUntil: Map<string, number>
}

/** Whether a query is a watch of somebody, and until when it calls nobody, because all who have it have muted it. */
export interface WatchStanding {
  isWatched: boolean
  mutedUntil: number | null
}

export const UNWATCHED: WatchStanding = { isWatched: false, mutedUntil: null }

type Watches = Pick<Store, 'listQueries' | 'listMutedQueries' | 'isWatched'>

export async function listWatched(store: Watches, most: number, now: number): Promise<Watched> {
  const { queries, total } = await store.listQueries(most)
  return { queries, total, mutedUntil: await store.listMutedQueries(queries, now) }
}

export async function standingOf(store: Watches, text: string, now: number): Promise<WatchStanding> {
  if (!(await store.isWatched(text))) return UNWATCHED
  const muted = await store.listMutedQueries([text], now)
  return { isWatched: true, mutedUntil: muted.get(text) ?? null }
}

/** What becomes of what comes. */
export function sayStanding({ mutedUntil }: WatchStanding, calendar: Calendar): string {
  if (mutedUntil === null) return 'What comes is called out.'
  return `It is muted until ${calendar.moment(mutedUntil)}: what comes before is not called out.`
}
