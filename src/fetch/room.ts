import { collectGarbage, collectYoungGarbage } from '../garbage.ts'
import { MINUTE_MS } from '../time.ts'

/** So much of each body is not counted, so that most documents never wait. Two hundred bodies that drip hold 13 MB of it. */
const FREE_BYTES = 65_536
/** While others wait, a body over its free part that brings less than LEAST_BYTES within LEAST_MS is given up. */
const LEAST_BYTES = 24_576
const LEAST_MS = 750
/** Chunks that were copied are garbage that V8 does not see: they lie outside of its heap, and it is in no hurry. */
const LITTER_BYTES = 2 * 1_048_576
/** The same while memory is scarce. */
const SCARCE_LITTER_BYTES = 524_288
/** After so much of it, old garbage is collected too: chunks that had to wait with their body are not young any more. */
const OLD_LITTER_BYTES = 64 * 1_048_576
/** Where nobody has waited for so long, memory is not scarce any more. */
const CALM_MS = MINUTE_MS

/** One body, while it comes in. */
export interface Holding {
  /** Counts what came in. False: no more may come until the room calls. */
  take(bytes: number): boolean
  /**
   * It came whole, but `work` on it needs much memory while it lasts: such works come one after the other, and the one that
   * runs has room before all others. What it gives or throws is given on.
   */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** It came whole, as these bytes: they count until they are released, or for a while where nobody does. */
  handOver(bytes: Uint8Array): void
  /** It is given up and counts no longer. Twice, or after `handOver`, does nothing. */
  end(): void
}

export interface Room {
  /** `onRoom` is called each time a holding that was told to wait may go on; `onTooSlow` where it keeps others waiting, once. */
  open(onRoom: () => void, onTooSlow?: () => void): Holding
  /** So many bytes have come through buffers that nobody needs any more. */
  litter(bytes: number): void
  /** Nobody needs these bytes any more. Others than those that were handed over do nothing. */
  release(bytes: Uint8Array): void
}

/** What is never released counts for so long: longer than a large document may wait for those before it and take to be read. */
const HELD_MS = 30_000

/** Of what was handed over. */
interface Share {
  bytes: number
  timer: NodeJS.Timeout
}

interface Receiver {
  counted: number
  isWaiting: boolean
  isWhole: boolean
  /** What it brought since the last look; null where it had to wait meanwhile, or nobody looks. */
  brought: number | null
  onRoom: () => void
  onTooSlow: () => void
}

/**
 * The memory that all large bodies share, from their first 64 KiB on until they are read: hundreds of them at once must
 * not fill the machine. While there is none left, those that come later wait (their sockets are not read); one may
 * always go on, so that two halves never wait for each other. Nobody keeps it by dripping while others wait. `onScarce`
 * hears when the first has to wait, and when nobody has had to for a minute.
 */
export function createRoom(maxBytes: number, onScarce: (isScarce: boolean) => void = () => {}): Room {
  /** Those over their free part, the eldest first. */
  const receivers = new Set<Receiver>()
  const handedOver = new WeakMap<Uint8Array, Share>()
  let received = 0
  let handed = 0
  let watch: NodeJS.Timeout | null = null
  let calm: NodeJS.Timeout | null = null
  let lastWork: Promise<unknown> = Promise.resolve()
  const litter = createLitter()
  /** Whose work runs alone: it goes on before the eldest. */
  let first: Receiver | null = null

  // What was handed over must be read first: it goes by itself.
  const mayGoOn = (receiver: Receiver) =>
    received + handed <= maxBytes || (handed === 0 && (first ?? receivers.values().next().value) === receiver)
  // Not at once: who leaves may stand in the middle of its socket's parser, where undici wakes no other.
  const callWaiting = () => queueMicrotask(callThoseThatMayGoOn)
  const callThoseThatMayGoOn = () => {
    for (const receiver of [...receivers]) {
      if (!receiver.isWaiting || !mayGoOn(receiver)) continue
      receiver.isWaiting = false
      receiver.onRoom()
    }
  }
  const watchOut = () => {
    watch ??= setInterval(lookForSlow, LEAST_MS).unref()
    if (calm === null) onScarce(true)
    calm = calm?.refresh() ?? setTimeout(calmDown, CALM_MS).unref()
  }
  const calmDown = () => {
    calm = null
    onScarce(false)
  }
  const lookForSlow = () => {
    const all = [...receivers]
    if (!all.some(({ isWaiting }) => isWaiting)) {
      if (watch !== null) clearInterval(watch)
      watch = null
      for (const receiver of all) receiver.brought = null
      return
    }
    for (const receiver of all) {
      const isSlow = receiver.brought !== null && receiver.brought < LEAST_BYTES
      receiver.brought = receiver.isWaiting ? null : 0
      if (isSlow && !receiver.isWaiting && !receiver.isWhole) receiver.onTooSlow()
    }
  }
  const forget = (share: Share) => {
    clearTimeout(share.timer)
    handed -= share.bytes
    share.bytes = 0
    callWaiting()
  }

  return {
    open(onRoom, onTooSlow = () => {}) {
      const receiver: Receiver = { counted: 0, isWaiting: false, isWhole: false, brought: null, onRoom, onTooSlow }
      let bytes = 0
      const leave = () => {
        received -= receiver.counted
        receiver.counted = 0
        receivers.delete(receiver)
      }
      return {
        take(more) {
          bytes += more
          if (bytes <= FREE_BYTES) return true
          received += bytes - FREE_BYTES - receiver.counted
          receiver.counted = bytes - FREE_BYTES
          receivers.add(receiver)
          if (receiver.brought !== null) receiver.brought += more
          receiver.isWaiting = !mayGoOn(receiver)
          if (receiver.isWaiting) {
            receiver.brought = null
            watchOut()
          }
          return !receiver.isWaiting
        },
        alone(work) {
          // It has nothing more to bring.
          receiver.isWhole = true
          const done = lastWork.then(() => {
            first = receiver
            return work()
          })
          lastWork = done
            .catch(() => {})
            .then(() => {
              first = null
              callWaiting()
            })
          return done
        },
        handOver(body) {
          leave()
          if (body.length > FREE_BYTES) {
            const share: Share = {
              bytes: body.length - FREE_BYTES,
              timer: setTimeout(() => forget(share), HELD_MS).unref(),
            }
            handed += share.bytes
            handedOver.set(body, share)
          }
          callWaiting()
        },
        end() {
          if (receiver.counted === 0) return
          leave()
          callWaiting()
        },
      }
    },
    litter: (bytes) => litter(bytes, calm !== null),
    release(bytes) {
      const share = handedOver.get(bytes)
      if (share !== undefined) forget(share)
    },
  }
}

/** Has garbage collected when there is much of it; while memory is scarce that is sooner, and now and then old garbage too. */
function createLitter(): (bytes: number, isScarce: boolean) => void {
  let littered = 0
  let grown = 0
  return (bytes, isScarce) => {
    littered += bytes
    if (littered < (isScarce ? SCARCE_LITTER_BYTES : LITTER_BYTES)) return
    grown += littered
    littered = 0
    const isOld = isScarce && grown >= OLD_LITTER_BYTES
    if (isOld) grown = 0
    // Not in the midst of a socket's parser.
    setImmediate(isOld ? collectGarbage : collectYoungGarbage)
  }
}
