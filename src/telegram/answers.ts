import type { Timer } from '../actions/hosts/gate.ts'
import { AppError } from '../errors.ts'
import { MINUTE_MS } from '../time.ts'
import { readFailure } from './api.ts'

/** The calls that answer people, at a pace that Telegram takes. */
export interface Answers {
  /**
   * Makes a call that sends something to this chat, in the order they were given, one at a time. Resolves when the call
   * has an end, or as soon as it must wait: waiting holds up nobody. Never throws.
   */
  give(chat: string, call: Call): Promise<void>
  /** The same for a call that sends nothing to a chat: it waits for no other. */
  giveAside(call: Call): Promise<void>
  /** Something else was sent to this chat: the next answer keeps its distance, even if it waits already. */
  noteSent(chat: string): void
  /** Nothing waits any more: what still may be sent is, the rest is given up. Resolves when all calls have an end. */
  stop(): Promise<void>
}

/** Runs once more only where Telegram asked to wait, which means that nothing was sent. */
type Call = () => Promise<unknown>

interface AnswersOptions {
  timer: Timer
  /** Between two messages to this chat. */
  gapMs: (chat: string) => number
  /** Hears of each answer that could not be given, once. */
  onTrouble: (error: unknown) => void
}

/** What Telegram asks for beyond is not waited for: whoever asked has gone on. */
const LONGEST_WAIT_MS = MINUTE_MS

/** Telegram counts in whole seconds. */
const MARGIN_MS = 200

/** What is sent otherwise while an answer keeps its distance puts it off again, so often: alerts without end do not silence us. */
const MOST_WAITS = 5

/** Of one chat; more commands than that were typed by no human hand. */
const MOST_WAITING = 50

interface Job {
  call: Call
  /** Whoever gave it need not wait any longer. */
  letGo: () => void
}

/** Of one chat. */
interface Line {
  jobs: Job[]
  working: Promise<void> | null
  /** The pause after what was sent last. */
  rest: Promise<void> | null
}

/** Keeps what waits in memory: an answer that nobody waits for any more is worth no more. */
export function createAnswers({ timer, gapMs, onTrouble }: AnswersOptions): Answers {
  const lines = new Map<string, Line>()
  const aside = new Set<Promise<boolean>>()
  const pauses = new Set<() => void>()
  let isStopping = false

  function lineOf(chat: string): Line {
    const line = lines.get(chat) ?? { jobs: [], working: null, rest: null }
    lines.set(chat, line)
    return line
  }

  function forgetIdle(chat: string, line: Line): void {
    if (line.working === null && line.rest === null) lines.delete(chat)
  }

  async function work(chat: string, line: Line): Promise<void> {
    for (let job = line.jobs[0]; job; job = line.jobs[0]) {
      let waits = 0
      do {
        if (line.rest) job.letGo()
        await line.rest
        waits += 1
      } while (line.rest && waits < MOST_WAITS)
      line.jobs.shift()
      const isGiven = await attempt(job)
      // Telegram has no ear for what is left, and nobody is there to wait.
      if (!isGiven && isStopping) giveUp(line)
      keepDistance(chat, line)
    }
    line.working = null
    forgetIdle(chat, line)
  }

  /** Whether it was given; the one who gave it hears at the latest when it waits. */
  async function attempt({ call, letGo }: Job): Promise<boolean> {
    try {
      try {
        await call()
      } catch (error) {
        const failure = readFailure(error)
        if (failure.kind !== 'throttled' || failure.retryAfterMs > LONGEST_WAIT_MS || isStopping) throw error
        letGo()
        await pause(failure.retryAfterMs + MARGIN_MS)
        if (isStopping) throw error
        await call()
      }
      return true
    } catch (error) {
      onTrouble(error)
      return false
    } finally {
      letGo()
    }
  }

  function giveUp(line: Line): void {
    for (const { letGo } of line.jobs.splice(0)) {
      onTrouble(new AppError('unavailable', 'The service stopped before Telegram took the answer.'))
      letGo()
    }
  }

  function keepDistance(chat: string, line: Line): void {
    const ms = isStopping ? 0 : gapMs(chat)
    if (ms <= 0) {
      forgetIdle(chat, line)
      return
    }
    const rest: Promise<void> = pause(ms).then(() => {
      // Another one may have begun since.
      if (line.rest === rest) line.rest = null
      forgetIdle(chat, line)
    })
    line.rest = rest
  }

  /** Ends early when everything does. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel()
        pauses.delete(end)
        resolve()
      }
      const cancel = timer(end, ms)
      pauses.add(end)
    })
  }

  return {
    give(chat, call) {
      const line = lineOf(chat)
      if (line.jobs.length >= MOST_WAITING) {
        onTrouble(new AppError('unavailable', 'Too many answers wait in this chat.'))
        return Promise.resolve()
      }
      return new Promise((letGo) => {
        line.jobs.push({ call, letGo })
        if (line.working) letGo()
        else line.working = work(chat, line)
      })
    },
    giveAside(call) {
      return new Promise((letGo) => {
        const given: Promise<boolean> = attempt({ call, letGo }).finally(() => aside.delete(given))
        aside.add(given)
      })
    },
    noteSent(chat) {
      keepDistance(chat, lineOf(chat))
    },
    async stop() {
      isStopping = true
      for (const end of pauses) end()
      await Promise.all([...lines.values()].map(({ working }) => working))
      await Promise.all(aside)
    },
  }
}
