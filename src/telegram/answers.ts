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

/** Keeps what waits in memory: an answer that nobody waits for any more is worth no more. */
export function createAnswers({ timer, gapMs, onTrouble }: AnswersOptions): Answers {
  const pauses = createPauses(timer)
  const lines = new Map<string, Line>()
  const aside = new Set<Promise<boolean>>()

  function lineOf(chat: string): Line {
    const onIdle = () => lines.delete(chat)
    const line = lines.get(chat) ?? createLine({ pauses, onTrouble, gapMs: () => gapMs(chat), onIdle })
    lines.set(chat, line)
    return line
  }

  return {
    give: (chat, call) => lineOf(chat).give(call),
    giveAside(call) {
      return new Promise((letGo) => {
        const given: Promise<boolean> = attempt({ call, letGo }, pauses, onTrouble).finally(() => aside.delete(given))
        aside.add(given)
      })
    },
    noteSent: (chat) => lineOf(chat).keepDistance(),
    async stop() {
      pauses.endAll()
      await Promise.all([...lines.values()].map((line) => line.done()))
      await Promise.all(aside)
    },
  }
}

/** Of one chat. */
interface Line {
  give(call: Call): Promise<void>
  /** Begins the pause after what was sent last. */
  keepDistance(): void
  /** Resolves when it has nothing left to give. */
  done(): Promise<void>
}

interface LineOptions extends Pick<AnswersOptions, 'onTrouble'> {
  pauses: Pauses
  gapMs: () => number
  /** Nothing of it needs to be remembered. */
  onIdle: () => void
}

function createLine({ pauses, onTrouble, gapMs, onIdle }: LineOptions): Line {
  const jobs: Job[] = []
  let working: Promise<void> | null = null
  let rest: Promise<void> | null = null

  function forgetIdle(): void {
    if (working === null && rest === null) onIdle()
  }

  function keepDistance(): void {
    const ms = pauses.areOver() ? 0 : gapMs()
    if (ms <= 0) {
      forgetIdle()
      return
    }
    const begun: Promise<void> = pauses.pause(ms).then(() => {
      // Another one may have begun since.
      if (rest === begun) rest = null
      forgetIdle()
    })
    rest = begun
  }

  async function work(): Promise<void> {
    for (let job = jobs[0]; job; job = jobs[0]) {
      let waits = 0
      do {
        if (rest) job.letGo()
        await rest
        waits += 1
      } while (rest && waits < MOST_WAITS)
      jobs.shift()
      const isGiven = await attempt(job, pauses, onTrouble)
      // Telegram has no ear for what is left, and nobody is there to wait.
      if (!isGiven && pauses.areOver()) giveUp(jobs, onTrouble)
      keepDistance()
    }
    working = null
    forgetIdle()
  }

  return {
    give(call) {
      if (jobs.length >= MOST_WAITING) {
        onTrouble(new AppError('unavailable', 'Too many answers wait in this chat.'))
        return Promise.resolve()
      }
      return new Promise((letGo) => {
        jobs.push({ call, letGo })
        if (working) letGo()
        else working = work()
      })
    },
    keepDistance,
    done: async () => working ?? undefined,
  }
}

function giveUp(jobs: Job[], onTrouble: AnswersOptions['onTrouble']): void {
  for (const { letGo } of jobs.splice(0)) {
    onTrouble(new AppError('unavailable', 'The service stopped before Telegram took the answer.'))
    letGo()
  }
}

/** Whether it was given; the one who gave it hears at the latest when it waits. */
async function attempt({ call, letGo }: Job, pauses: Pauses, onTrouble: AnswersOptions['onTrouble']): Promise<boolean> {
  try {
    try {
      await call()
    } catch (error) {
      const failure = readFailure(error)
      if (failure.kind !== 'throttled' || failure.retryAfterMs > LONGEST_WAIT_MS || pauses.areOver()) throw error
      letGo()
      await pauses.pause(failure.retryAfterMs + MARGIN_MS)
      if (pauses.areOver()) throw error
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

interface Pauses {
  /** Ends early when all do. */
  pause(ms: number): Promise<void>
  endAll(): void
  /** Whether they were ended: everything stops. */
  areOver(): boolean
}

function createPauses(timer: Timer): Pauses {
  const ends = new Set<() => void>()
  let isOver = false
  return {
    pause(ms) {
      return new Promise((resolve) => {
        const end = () => {
          cancel()
          ends.delete(end)
          resolve()
        }
        const cancel = timer(end, ms)
        ends.add(end)
      })
    },
    endAll() {
      isOver = true
      for (const end of ends) end()
    },
    areOver: () => isOver,
  }
}
