import type { DueSource } from '../../ports.ts'

/** Of the slots at most, for those that are slow, failing or new, or dear; and for the dear ones alone: their documents take memory while they wait. */
const DOUBTFUL_SHARE = 5 / 6
const DEAR_SHARE = 1 / 9
/** Claimed at once, however many of them are slow: hundreds that hang hold up none that is well. */
const MOST_DOUBTFUL = 448
/** So many polls in a row must go well until one that was slow or dear counts as prompt again. */
const PROOFS = 3

/** Prompt: it answers at once, with little to do; the others begin behind those, in this order. */
export const STANDINGS = ['prompt', 'slow', 'doubtful', 'dear'] as const
export type Standing = (typeof STANDINGS)[number]

/** Who may poll at once, so that sources which answer promptly are held up by no others. A poll enters, begins and ends. */
export interface Slots {
  standingOf(source: Pick<DueSource, 'id' | 'failures' | 'succeededAt'>): Standing
  /** Whether one more of them may enter. */
  admits(standing: Standing): boolean
  enter(id: number, standing: Standing): void
  /** Whether it may begin: there is a slot for its kind, or it needs none. */
  hasSlotFor(standing: Standing): boolean
  needsNone(id: number): boolean
  begin(id: number): void
  /** Its server is slow: it goes on without its slot. */
  giveUpSlot(id: number): void
  /** It has much to read. */
  markDear(id: number): void
  /** It might hold up others. */
  isDoubtful(id: number): boolean
  end(id: number): void
  /** A poll of it has ended, well or as it was marked meanwhile. */
  judge(id: number): void
}

/** For so many polls at once. */
export function createSlots(concurrency: number): Slots {
  const [slow, dear] = [createGrudges(), createGrudges()]
  /** Those that hold a slot: all that were begun, but for those whose server is slow. */
  const working = new Set<number>()
  /** Those under way that may hold up others. */
  const doubtful = new Set<number>()
  const count = (among: { has(id: number): boolean }) => [...working].filter((id) => among.has(id)).length

  return {
    standingOf({ id, failures, succeededAt }) {
      if (dear.has(id)) return 'dear'
      if (failures > 0 || succeededAt === null) return 'doubtful'
      return slow.has(id) ? 'slow' : 'prompt'
    },
    admits: (standing) => standing === 'prompt' || doubtful.size < MOST_DOUBTFUL,
    enter(id, standing) {
      if (standing !== 'prompt') doubtful.add(id)
    },
    hasSlotFor(standing) {
      if (working.size >= concurrency) return false
      if (standing !== 'prompt' && count(doubtful) >= concurrency * DOUBTFUL_SHARE) return false
      return standing !== 'dear' || count(dear) < concurrency * DEAR_SHARE
    },
    needsNone: (id) => slow.has(id),
    begin(id) {
      if (!slow.has(id)) working.add(id)
    },
    giveUpSlot(id) {
      slow.bear(id)
      doubtful.add(id)
      working.delete(id)
    },
    markDear: (id) => dear.bear(id),
    isDoubtful: (id) => doubtful.has(id),
    end(id) {
      doubtful.delete(id)
      working.delete(id)
    },
    judge(id) {
      slow.ease(id)
      dear.ease(id)
    },
  }
}

/** Against sources whose poll went ill, until it has gone well often enough: who behaves every other time is not taken for well-behaved. */
function createGrudges() {
  /** Polls that must go well yet, the one under way included. */
  const left = new Map<number, number>()
  return {
    bear: (id: number) => void left.set(id, PROOFS + 1),
    ease(id: number) {
      const more = (left.get(id) ?? 1) - 1
      if (more > 0) left.set(id, more)
      else left.delete(id)
    },
    has: (id: number) => left.has(id),
  }
}
