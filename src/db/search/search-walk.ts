import type { Database } from '../sqlite/driver.ts'
import type { Batches } from './batches.ts'
import type { Planner, Wanted } from './search-plan.ts'

/**
 * Hands over the places of all items that may match, newest first, until it is enough. `take` says whether one does, or null:
 * there was no time for it, and it is to be the first of the next walk.
 */
export type Walk = (options: WalkOptions, take: (place: number, by: Terms) => boolean | null) => Way

/** Something to look for: where it may be, and what ends the search. */
interface WalkOptions extends Wanted {
  before: number
  stopAt: number
  isEnough: () => boolean
}

/** How an item is taken: it does match (`isSure`), or somebody has to look, until this moment; after it, it `mayWait`. */
interface Terms {
  isSure: boolean
  judgeUntil: number
  mayWait: boolean
}

/** How far a walk came: to the end, or with places before `before` left to look at, for time was up or nobody wanted more. */
type Way = { end: 'all' } | { end: 'time' | 'enough'; before: number }

/**
 * What a question gave is looked at for so long at least: on a busy machine the question alone may take all the time. A count
 * may say that there are more.
 */
const JUDGED_MS = 10
const JUDGED_TO_COUNT_MS = 2
/** So many are looked at in any case: on a machine that stands still for a moment time is up before the first is. */
const LEAST_JUDGED = 8
/** What was found so often, among the newest items, is common. */
const COMMON = 3

export function createWalk({ clock }: Database, planner: Planner): Walk {
  return function walk(options, take) {
    const { before, stopAt, isEnough, isCount = false } = options
    const plan = planner.plan(options)
    let [found, judged] = [0, 0]

    return (
      considerAll(plan.listAstray(plan.end, before)) ??
      walkBatches(plan, Math.min(before, plan.end)) ??
      considerAll(plan.listAstray(Number.MIN_SAFE_INTEGER, Math.min(before, plan.start))) ?? { end: 'all' }
    )

    /** Those from `seen` on were taken before. */
    function walkBatches({ isExact, listBatches, listAtOnce }: Batches, from: number, seen = from): Way | null {
      for (const { places, start } of listBatches(from)) {
        const judgeUntil = startJudging()
        for (const place of places) {
          if (place >= seen) continue
          const way = consider(place, isExact, judgeUntil)
          if (way) return way
          // What is so common is found at once wherever one looks: from the beginning, since to come to where the walk
          // is takes the full text longer than to find again what was found.
          if (listAtOnce && found >= COMMON && clock() < stopAt) return walkBatches(listAtOnce(), from, place)
        }
        if (start > plan.start && clock() >= stopAt) return { end: 'time', before: Math.min(start, seen) }
      }
      return null
    }

    function considerAll(places: number[]): Way | null {
      const judgeUntil = startJudging()
      for (const place of places) {
        const way = consider(place, false, judgeUntil)
        if (way) return way
      }
      return null
    }

    function startJudging(): number {
      return Math.max(stopAt, clock() + (isCount ? JUDGED_TO_COUNT_MS : JUDGED_MS))
    }

    function consider(place: number, isSure: boolean, judgeUntil: number): Way | null {
      const isOne = take(place, { isSure, judgeUntil, mayWait: judged >= LEAST_JUDGED })
      if (isOne === null) return { end: 'time', before: place + 1 }
      if (isOne) found += 1
      judged += 1
      if (isEnough()) return { end: 'enough', before: place }
      // To count what is sure takes less time than to ask for it.
      if ((isSure && isCount) || judged < LEAST_JUDGED) return null
      return clock() >= judgeUntil ? { end: 'time', before: place } : null
    }
  }
}
