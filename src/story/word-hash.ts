/** Hashes of words for signatures: FNV-1a by UTF-16 units, then the finalizer of MurmurHash3. */

/** To hash by unit: begin with this, `Math.imul(hash ^ unit, HASH_PRIME)` for each, and `mix` what comes out. */
export const HASH_SEED = 0x811c9dc5 | 0
export const HASH_PRIME = 0x01000193

export function hashText(text: string): number {
  return hashPart(text, 0, text.length)
}

export function hashPart(text: string, start: number, end: number): number {
  let hash = HASH_SEED
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), HASH_PRIME)
  return mix(hash)
}

export function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** Whether a hash is one of these words'; so it is of one other word in a thousand. A set of them takes ten times as long. */
export function hashesOf(words: Iterable<string>): { has(hash: number): boolean } {
  const bits = new Uint32Array(2 ** 13)
  for (const word of words) {
    const bit = hashText(word) >>> 14
    bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31))
  }
  return { has: (hash) => (((bits[hash >>> 19] ?? 0) >>> ((hash >>> 14) & 31)) & 1) === 1 }
}
