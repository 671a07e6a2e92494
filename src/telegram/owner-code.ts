import { randomInt, timingSafeEqual } from 'node:crypto'
import { HOUR_MS } from '../time.ts'

interface OwnerCode {
  /** For the person who can read this service's output; null once it was used. */
  current(): string | null
  /** Whether this person has shown the right code; it works once. `silent`: too many wrong tries, answer nothing. */
  redeem(userId: number, text: string, now: number): 'right' | 'wrong' | 'silent'
}

/** No 0 and O, 1 and I and L: people copy it from a screen. */
const SIGNS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
const LENGTH = 8
const WRONG_TRIES_PER_HOUR = 5
/** More people than this trying within the hour is an attack; then nobody is answered until the hour is over. */
const MOST_PEOPLE = 1_000

/** A one-time code, 40 bits from the system's random numbers, that makes whoever types it the owner. */
export function createOwnerCode(): OwnerCode {
  let code: string | null = Array.from({ length: LENGTH }, () => SIGNS.charAt(randomInt(SIGNS.length))).join('')
  const tries = new Map<number, number>()
  let hour = 0

  return {
    current: () => code,
    redeem(userId, text, now) {
      if (Math.floor(now / HOUR_MS) !== hour) {
        hour = Math.floor(now / HOUR_MS)
        tries.clear()
      }
      const wrong = tries.get(userId) ?? 0
      if (wrong >= WRONG_TRIES_PER_HOUR || (wrong === 0 && tries.size >= MOST_PEOPLE)) return 'silent'
      if (code !== null && isSame(text.trim().toUpperCase(), code)) {
        code = null
        return 'right'
      }
      tries.set(userId, wrong + 1)
      return 'wrong'
    },
  }
}

function isSame(text: string, code: string): boolean {
  const given = Buffer.from(text)
  const expected = Buffer.from(code)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
