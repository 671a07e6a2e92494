import { constants, openSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { AppError } from '../errors.ts'

/** What is said to one descriptor: in order, and never one thing in the middle of another. */
interface Outlet {
  write(text: string): void
  /** A line of the log: written with the others of this turn of the event loop, and before what is said later. */
  log(line: string): void
  /**
   * True once it is written. False when `signal` came first, or the reader has gone: it is to be said again then. (Of
   * what the reader had begun with, the rest may still reach it.)
   */
  say(text: string, signal: AbortSignal): Promise<boolean>
  /**
   * Until then a call returns when all is written, however long its reader takes; from then on at once. What nobody reads
   * waits, but of the log only 256 KB: how many lines there were beyond is told to `onLost` when all of it is read.
   */
  serve(onLost: (lines: number) => void): void
  /** For an exit: writes what waits, as long as somebody reads it. */
  end(): void
}

/** What a log that nobody reads may hold of the memory: some thousand lines. */
const MOST_LOG_BYTES = 256 * 1024

/** Between two tries; while nobody reads they grow from the one to the other. */
const PAUSE_MS = 5
const LONGEST_PAUSE_MS = 200

/** An exit waits half a second for who reads nothing. */
const PAUSES_AT_EXIT = 100

interface Piece {
  bytes: Buffer
  /** So many bytes are written. */
  done: number
  isLog: boolean
  settle(isWritten: boolean): void
}

/**
 * The outlet of a descriptor that does not block (as Node makes those of a pipe or a socket when it looks at its stdout),
 * or of a file. `onGone` hears once that its reader has gone; what is said then is lost.
 *
 * It writes, and tries again later. No thread writes for us: one that hangs there keeps the process from ending, and two
 * of them half of Node's file and name look-ups. No stream either: at an exit it drops what its reader would have taken.
 */
export function createOutlet(fd: number, onGone: () => void): Outlet {
  const waiting: Piece[] = []
  /** Of this turn. */
  let lines: string[] = []
  let logBytes = 0
  let lost = 0
  let tellLost: ((lines: number) => void) | null = null
  let isGone = false
  let timer: NodeJS.Timeout | null = null
  let pauseMs = PAUSE_MS

  function add(piece: Piece): void {
    waiting.push(piece)
    if (isGone) dropAll()
    else writeOn(tellLost === null ? Number.POSITIVE_INFINITY : 0)
  }

  function addLines(): void {
    const text = lines.join('')
    lines = []
    if (text !== '') add({ ...pieceOf(text), isLog: true })
  }

  /** Until all is written, or its reader has let so many pauses pass. */
  function writeOn(mostPauses: number): void {
    let pauses = 0
    for (let piece = waiting[0]; piece; piece = waiting[0]) {
      if (writeSome(piece)) {
        pauses = 0
        pauseMs = PAUSE_MS
        continue
      }
      if (isGone) return
      if (pauses === mostPauses) {
        tryLater()
        return
      }
      pauses += 1
      // The event loop stands still meanwhile: only for what may take its time, a command or an exit.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
    if (lost === 0) return
    const lostLines = lost
    lost = 0
    tellLost?.(lostLines)
  }

  /** False when there is no room for it now, and when nobody is there any more. */
  function writeSome(piece: Piece): boolean {
    try {
      piece.done += writeSync(fd, piece.bytes, piece.done)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : ''
      if (code === 'EPIPE') leave()
      // A log on a full disk is no reason for a service to end either: that reader has no room now.
      else if (code !== 'EAGAIN' && tellLost === null) {
        dropAll()
        throw refusalOf(error)
      }
      return false
    }
    if (piece.done < piece.bytes.length) return true
    waiting.shift()
    if (piece.isLog) logBytes -= piece.bytes.length
    piece.settle(true)
    return true
  }

  function tryLater(): void {
    if (timer) return
    timer = setTimeout(() => {
      timer = null
      writeOn(0)
    }, pauseMs)
    timer.unref()
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
  }

  function leave(): void {
    isGone = true
    dropAll()
    onGone()
  }

  function dropAll(): void {
    for (const piece of waiting.splice(0)) piece.settle(false)
  }

  return {
    write(text) {
      addLines()
      if (text !== '') add(pieceOf(text))
    },
    log(line) {
      const bytes = Buffer.byteLength(line)
      const isTooMuch = () => tellLost !== null && logBytes + bytes > MOST_LOG_BYTES
      // Much in one turn is not yet unread.
      if (isTooMuch()) addLines()
      if (lost > 0 || isTooMuch()) {
        lost += 1
        return
      }
      // A write costs as much as what ten lines tell of.
      if (lines.length === 0) setImmediate(addLines)
      lines.push(line)
      logBytes += bytes
    },
    say(text, signal) {
      addLines()
      return new Promise((resolve) => {
        const piece = pieceOf(text)
        const giveUp = () => {
          // What its reader has begun with stays, or the next line would go on in the middle of it.
          const index = piece.done === 0 ? waiting.indexOf(piece) : -1
          if (index >= 0) waiting.splice(index, 1)
          piece.settle(false)
        }
        piece.settle = (isWritten) => {
          signal.removeEventListener('abort', giveUp)
          resolve(isWritten)
        }
        signal.addEventListener('abort', giveUp, { once: true })
        add(piece)
        if (signal.aborted) giveUp()
      })
    },
    serve(onLost) {
      tellLost = onLost
      fd = ofItsOwn(fd)
    },
    end() {
      // Once more for the line that says how many were lost.
      do {
        addLines()
        writeOn(PAUSES_AT_EXIT)
      } while (lines.length > 0)
    },
  }
}

/** For a command: `crier export > file` on a full disk. */
function refusalOf(error: unknown): AppError {
  const why = error instanceof Error ? error.message.replace(/^[A-Z]+: |, write$/g, '') : String(error)
  return new AppError('unavailable', `The output cannot be written: ${why}.`, { cause: error })
}

function pieceOf(text: string): Piece {
  return { bytes: Buffer.from(text), done: 0, isLog: false, settle() {} }
}

/**
 * A terminal holds up who writes to it too (Ctrl-S). Opened once more, since on the descriptor we were given, which is the
 * shell's as well, nobody must be told that it does not block any more. Where that is refused it blocks.
 */
function ofItsOwn(fd: number): number {
  if (!isatty(fd)) return fd
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return fd
  }
}
