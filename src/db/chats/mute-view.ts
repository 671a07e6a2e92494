import type { Mute, Watch } from '../../model.ts'
import type { WatchIndex } from '../../ports.ts'
import type { Database } from '../sqlite/driver.ts'
import { MUTE_COLUMNS } from './mutes.ts'

/** What is muted now, in memory. */
interface MuteView {
  /** Reads it anew, as of this moment in the caller's transaction: there is never much of it. */
  read(): void
  /** The watches without those that are muted at the moment asked about; while nothing is, that costs a comparison. */
  without(index: WatchIndex): WatchIndex
}

export function createMuteView({ driver, clock }: Database): MuteView {
  // Where there are two of one chat, the later one holds.
  const going = driver.prepare<Mute>(`SELECT ${MUTE_COLUMNS} FROM mutes WHERE until > ? ORDER BY until`)
  /** By the chat, or by the watch. */
  let mutes = new Map<string | number, Mute>()
  let lastUntil = 0

  return {
    read() {
      const found = going.all(clock())
      mutes = new Map(found.map((mute) => [mute.watchId ?? mute.chat, mute]))
      lastUntil = found.at(-1)?.until ?? 0
    },
    without: (index) => ({
      match(item, nowMs) {
        const hits = index.match(item, nowMs)
        return nowMs < lastUntil ? hits.filter(({ watch }) => !isMuted(watch, nowMs)) : hits
      },
    }),
  }

  function isMuted({ id, chat }: Watch, nowMs: number): boolean {
    return isWithin(mutes.get(chat), nowMs) || isWithin(mutes.get(id), nowMs)
  }
}

function isWithin(mute: Mute | undefined, nowMs: number): boolean {
  return mute !== undefined && mute.since <= nowMs && nowMs < mute.until
}
