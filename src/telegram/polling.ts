import { setTimeout as sleep } from 'node:timers/promises'
import type { Api } from 'grammy'
import type { Update, UserFromGetMe } from 'grammy/types'
import type { Log } from '../log.ts'
import type { TelegramState } from '../ports.ts'
import { type Failure, readFailure } from './api.ts'

type PollingState = TelegramState['state']

export interface Polling {
  start(): void
  /** Ends the question that is under way, waits for the update in hand, and confirms what was handled. */
  stop(): Promise<void>
  state(): PollingState
  /** Somebody else was told that the token is refused. */
  noteUnauthorized(): void
}

interface PollingOptions {
  /** Its time-out must be longer than `pollSeconds`. */
  api: Api
  log: Log
  pollSeconds: number
  retryMs: { first: number; most: number; unauthorized: number }
  /** Before the first update of a connection. */
  onConnected: (me: UserFromGetMe) => Promise<void>
  /** Must not throw; the next update waits for it. */
  onUpdate: (update: Update) => Promise<void>
}

const UPDATES = ['message', 'edited_message', 'callback_query', 'my_chat_member'] as const
const CONFIRM_MS = 3_000

/**
 * Long polling that never gives up and never throws: each trouble is one line in the log, with what to do, and is
 * retried. Not grammY's `bot.start()`: it retries in silence with pauses of up to twenty minutes, and dies of a 409.
 * Updates are confirmed after they were handled, so a crash repeats at most the last hundred and loses none.
 */
export function createPolling(options: PollingOptions): Polling {
  const { api } = options
  const standing = createStanding(options)
  const stopping = new AbortController()
  const signal = asPolyfill(stopping.signal)
  let running: Promise<void> | null = null
  let offset = 0
  let unconfirmed = false

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const failure = await session()
      if (failure === null || stopping.signal.aborted) break
      const pauseMs = standing.meet(failure)
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
    if (unconfirmed) await confirm(api, offset)
  }

  /** Connects, then asks for updates until something fails. */
  async function session(): Promise<Failure | null> {
    try {
      const me = await api.getMe(signal)
      await api.deleteWebhook({ drop_pending_updates: false }, signal)
      await options.onConnected(me)
      // The first question is answered at once, so that we know where we stand.
      for (let seconds = 0; ; seconds = options.pollSeconds) {
        const updates = await api.getUpdates({ offset, timeout: seconds, allowed_updates: [...UPDATES] }, signal)
        unconfirmed = false
        standing.meetAnswer(me, seconds > 0)
        for (const update of updates) {
          if (stopping.signal.aborted) return null
          await options.onUpdate(update)
          offset = update.update_id + 1
          unconfirmed = true
        }
      }
    } catch (error) {
      return readFailure(error)
    }
  }

  return {
    start() {
      running ??= run()
    },
    async stop() {
      stopping.abort()
      await running
    },
    state: standing.state,
    noteUnauthorized: standing.noteUnauthorized,
  }
}

/** Without it the next start would be asked the last commands again. */
async function confirm(api: Api, offset: number): Promise<void> {
  const limit = asPolyfill(AbortSignal.timeout(CONFIRM_MS))
  await api.getUpdates({ offset, limit: 1, timeout: 0 }, limit).catch(() => undefined)
}

/** grammY declares the signal of a polyfill; it reads only `aborted` and the abort event, which are the same here. */
function asPolyfill(signal: AbortSignal) {
  return signal as unknown as NonNullable<Parameters<Api['getMe']>[0]>
}

/** How we stand with Telegram: each change is said once. */
function createStanding({ log, retryMs }: Pick<PollingOptions, 'log' | 'retryMs'>) {
  let state: PollingState = 'connecting'
  let said: PollingState | null = null
  let waitMs = retryMs.first

  function pauseAfter(failure: Failure): number {
    if (failure.kind === 'unauthorized') return retryMs.unauthorized
    if (failure.kind === 'throttled') return failure.retryAfterMs
    const pauseMs = waitMs
    waitMs = Math.min(waitMs * 2, retryMs.most)
    return pauseMs
  }

  return {
    state: () => state,
    noteUnauthorized() {
      state = 'unauthorized'
    },
    /** `waited`: not at once. */
    meetAnswer(me: UserFromGetMe, waited: boolean): void {
      state = 'online'
      // Two programs with one token take turns: only a question that lasted shows that the other one is gone.
      if (said === 'conflict' && !waited) return
      if (said !== 'online') log.info({ bot: me.username }, `Telegram: online as @${me.username}`)
      said = 'online'
      waitMs = retryMs.first
    },
    /** Notes what is wrong, says it once, and gives the time to wait. */
    meet(failure: Failure): number {
      state = STATES[failure.kind]
      const pauseMs = pauseAfter(failure)
      if (said !== state) log.warn({ state, retryMs: pauseMs }, `Telegram: ${adviceOn(failure)}`)
      said = state
      return pauseMs
    },
  }
}

const STATES = {
  throttled: 'offline',
  unauthorized: 'unauthorized',
  conflict: 'conflict',
  rejected: 'offline',
  unsent: 'offline',
  unknown: 'offline',
} satisfies Record<Failure['kind'], PollingState>

function adviceOn(failure: Failure): string {
  switch (failure.kind) {
    case 'unauthorized':
      return 'the bot token is refused. Ask @BotFather for the right one and set TELEGRAM_BOT_TOKEN; everything else goes on.'
    case 'conflict':
      return 'another program polls with the same bot token. Stop it, or give this service a bot of its own.'
    case 'throttled':
      return 'asked to wait; alerts are kept meanwhile.'
    case 'rejected':
      return `${failure.description}. Trying again; alerts are kept meanwhile.`
    case 'unsent':
    case 'unknown':
      return `${failure.reason}. Trying again; alerts are kept meanwhile. Check the network, and TELEGRAM_API_ROOT if it is set.`
  }
}
