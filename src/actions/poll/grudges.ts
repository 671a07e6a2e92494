/** Against sources whose poll went ill, until it has gone well often enough: who behaves every other time is not taken for well-behaved. */
export interface Grudges {
  /** This poll goes ill. */
  bear(id: number): void
  /** A poll has ended: one more has gone well, unless it is borne a grudge. */
  ease(id: number): void
  has(id: number): boolean
}

/** Each lasts for so many polls that go well. */
export function createGrudges(polls: number): Grudges {
  const left = new Map<number, number>()
  return {
    bear: (id) => void left.set(id, polls + 1),
    ease(id) {
      const more = (left.get(id) ?? 1) - 1
      if (more > 0) left.set(id, more)
      else left.delete(id)
    },
    has: (id) => left.has(id),
  }
}
