import { randomBytes } from 'node:crypto'
import type { Clock } from '../ports.ts'
import { DAY_MS } from '../time.ts'

/** What a pressed button stands for. */
export interface Button<Place> {
  /** Where it was offered. */
  place: Place
  /** What its owner's text would be. */
  text: string
}

export interface Buttons<Place> {
  /** The data for a button (at most 64 bytes); pressed within a day, it stands for `button`, as often as it is pressed. */
  offer(button: Button<Place>): string
  /** Undefined for a button that is too old, forged, or from before a restart. */
  find(data: string | undefined): Button<Place> | undefined
}

const LIFE_MS = DAY_MS
const MOST = 1_000

/** Buttons that call back, in memory: a press holds too little data for an address. The oldest make room. */
export function createButtons<Place>(clock: Clock): Buttons<Place> {
  const offered = new Map<string, Button<Place> & { until: number }>()
  return {
    offer(button) {
      const data = `b:${randomBytes(12).toString('base64url')}`
      offered.set(data, { ...button, until: clock() + LIFE_MS })
      for (const oldest of offered.keys()) {
        if (offered.size <= MOST) break
        offered.delete(oldest)
      }
      return data
    },
    find(data) {
      const button = offered.get(data ?? '')
      return button && clock() < button.until ? button : undefined
    },
  }
}
