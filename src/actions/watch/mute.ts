import { AppError } from '../../errors.ts'
import { type Mute, readNumber, type Watch } from '../../model.ts'
import { DAY_MS, parseDuration } from '../../time.ts'
import type { Actions } from '../context.ts'

/** What was asked for: `ms` from now on, or null to end it; of the watch with this number, or null for the whole chat. */
export interface MuteWish {
  ms: number | null
  number: number | null
}

export interface MuteOutcome {
  /** Null: the whole chat. */
  watch: Watch | null
  /** Null: it is muted no more. */
  until: number | null
  wasMuted: boolean
  /** What else mutes some of the same, each until when: the whole chat (null), or watches of it. */
  others: { watch: Watch | null; until: number }[]
}

/** How a surface writes what `sayMute` says. */
interface MuteVoice {
  /** The chat, at the beginning of a sentence. */
  chat: string
  text(text: string): string
  moment(ms: number): string
  /** The command that ends the mute of a watch, or with null of the chat, to be copied. */
  off(number: number | null): string
}

export const HOW_LONG = 'How long? Use 30m, 2h, 3d or off.'
const LONGEST_MS = 365 * DAY_MS
const MOST_OTHERS = 5

/** "2h", "off", "2h 3", "3 off": a time, and perhaps the number of a watch, in any order. Throws `invalid`. */
export function parseMute(words: string[]): MuteWish {
  const isTime = (word: string) => /^(?:off|\d+[a-z])$/i.test(word)
  const place = words.findIndex(isTime)
  const time = words[place]
  if (time === undefined) throw new AppError('invalid', HOW_LONG)
  const rest = words.filter((_, index) => index !== place).join(' ')
  const number = readNumber(rest)
  if (rest !== '' && number === null) throw new AppError('invalid', `"${rest}" is not the number of a watch.`)
  return { ms: parseTime(time.toLowerCase()), number }
}

function parseTime(text: string): number | null {
  if (text === 'off') return null
  const ms = parseMs(text)
  if (ms > LONGEST_MS) throw new AppError('invalid', `${text} is too long. Use 365d at most.`)
  return ms
}

function parseMs(text: string): number {
  try {
    return parseDuration(text, 'it')
  } catch (cause) {
    throw new AppError('invalid', HOW_LONG, { cause })
  }
}

/** Mutes a chat, or a watch of it, or ends that; it counts from this commit on. Throws `not_found` for a watch that is not there. */
export async function mute(
  { store, clock }: Pick<Actions, 'store' | 'clock'>,
  chat: string,
  { ms, number }: MuteWish,
): Promise<MuteOutcome> {
  const now = clock()
  const until = ms === null ? null : now + ms
  const before = await store.mute(chat, number, until ?? now, now)

  const watches = await store.listWatches(chat)
  const mutes = await store.listMutes(chat)
  const watch = watches.find((each) => each.number === number) ?? null
  // What mutes all of it is said beside a watch; beside a chat that is heard again, which of its watches are not.
  const others = number !== null ? [null] : until === null ? watches : []
  return {
    watch,
    until,
    wasMuted: before !== null,
    others: others.flatMap((other) => {
      const found = muteAt(mutes, other, now)
      return found ? [{ watch: other, until: found.until }] : []
    }),
  }
}

/** What mutes this watch at that moment, or with null its whole chat: of several what ends last. */
export function muteAt(mutes: Mute[], watch: Watch | null, at: number): Mute | null {
  const going = mutes.filter(
    ({ watchId, since, until }) => (watchId === null || watchId === watch?.id) && since <= at && at < until,
  )
  return going.sort((a, b) => b.until - a.until)[0] ?? null
}

/** What became of it, as lines. */
export function sayMute({ watch, until, wasMuted, others }: MuteOutcome, voice: MuteVoice): string[] {
  const nameOf = (each: Watch | null) => (each === null ? voice.chat : `Watch ${each.number}`)
  const toEnd = (each: Watch | null) => `To end it: ${voice.off(each?.number ?? null)}`
  const query = watch === null ? '.' : `: ${voice.text(watch.query)}`
  const said =
    until === null
      ? [`${nameOf(watch)} ${wasMuted ? 'is muted no more' : 'was not muted'}${query}`]
      : [
          `${nameOf(watch)} is muted until ${voice.moment(until)}${query}`,
          `What comes meanwhile is kept, and not told later either. ${toEnd(watch)}`,
        ]
  const muted = others.map((other) => {
    return `${nameOf(other.watch)} is muted until ${voice.moment(other.until)}. ${toEnd(other.watch)}`
  })
  const rest = muted.length > MOST_OTHERS ? [`… and ${muted.length - MOST_OTHERS} more watches are muted.`] : []
  return [...said, ...muted.slice(0, MOST_OTHERS), ...rest]
}
