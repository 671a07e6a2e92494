/** Slots by a key, the newest first. */
import { longer } from './longer.ts'

const CHAIN_BITS = 17
const CHAINS = 2 ** CHAIN_BITS
/** Slots that there is room for at first. */
const FEW = 512
/** Steps along one chain: thousands of items under one title or address must not cost more than a few. */
const MAX_STEPS = 256

/** A hash table of slots in three arrays. It does not keep the keys: whoever walks a chain looks whether a slot is meant. */
export function createChains() {
  // Slots from 1, 0 for none: arrays that begin as zeros take memory only where they are written.
  const heads = new Int32Array(CHAINS)
  let older = new Int32Array(FEW)
  let newer = new Int32Array(FEW)

  return {
    add(key: number, slot: number): void {
      const link = slot + 1
      if (link >= older.length) {
        older = longer(older, link)
        newer = longer(newer, link)
      }
      const chain = chainOf(key)
      const before = heads[chain] ?? 0
      older[link] = before
      newer[link] = 0
      if (before !== 0) newer[before] = link
      heads[chain] = link
    },
    /** The slot must be there. */
    remove(key: number, slot: number): void {
      const [before, after] = [older[slot + 1] ?? 0, newer[slot + 1] ?? 0]
      if (before !== 0) newer[before] = after
      if (after !== 0) older[after] = before
      else heads[chainOf(key)] = before
    },
    /** The newest slot that is meant; -1 without one. */
    find(key: number, isMeant: (slot: number) => boolean): number {
      let link = heads[chainOf(key)] ?? 0
      while (link !== 0 && !isMeant(link - 1)) link = older[link] ?? 0
      return link - 1
    },
    /** The newest of the chain, among them slots of other keys. */
    walk(key: number, visit: (slot: number) => void): void {
      let link = heads[chainOf(key)] ?? 0
      for (let step = 0; link !== 0 && step < MAX_STEPS; step += 1) {
        visit(link - 1)
        link = older[link] ?? 0
      }
    },
  }
}

/** Keys are integers of up to 53 bits. */
function chainOf(key: number): number {
  const high = Math.floor(key / 2 ** 32)
  return Math.imul((key - high * 2 ** 32) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> (32 - CHAIN_BITS)
}
