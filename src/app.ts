import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Actions } from './actions/context.ts'
import { createDeliverer } from './actions/deliver.ts'
import type { PollOutcome } from './actions/poll.ts'
import { createPoller, DEFAULT_LIMITS } from './actions/poller.ts'
import { search } from './actions/search.ts'
import type { Config } from './config.ts'
import { openStore } from './db/open.ts'
import { takeServiceLock } from './db/service-lock.ts'
import { AppError } from './errors.ts'
import { createFetch } from './fetch/fetch.ts'
import { isAllowedHost } from './fetch/guard.ts'
import { createHttp } from './http/routes.ts'
import { listen } from './http/server.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import type { Source } from './model.ts'
import type { Clock, Notify } from './ports.ts'
import { renderAlert } from './publish/alert.ts'
import { plainText } from './publish/plain.ts'
import { startSchedule } from './schedule.ts'
import { createTelegram, type TelegramStatus } from './telegram/bot.ts'
import { systemClock } from './time.ts'
import { createParsePool } from './workers/parse-pool.ts'

export interface AppIo {
  log: Log
  /** Shows one alert of the chat "terminal"; returning means that it was written. */
  say: (text: string) => void
  /** Whether `say` understands colours. */
  ansi: boolean
  pid: number
  version: string
  clock?: Clock
}

export interface App {
  /** Where the page is: http://HOST:PORT, whatever CRIER_PUBLIC_URL says. */
  url: string
  /** What readers subscribe to. */
  feedUrl: string
  /** The SQLite file. */
  file: string
  /** Null when there is no token. */
  telegram(): TelegramStatus | null
  /** Ends polls and messages under way (10 s at most), closes the file. May be called twice. */
  stop(): Promise<void>
}

const STOP_MS = 10_000

/** A tick that is older than this means that the clock stands still. */
const TICKING_MS = 10_000

/**
 * The whole service. Throws an `AppError` when it cannot start (busy port, second service on one file, unreadable
 * file), and leaves nothing running then.
 */
export async function startApp(config: Config, io: AppIo): Promise<App> {
  const { log } = io
  const clock = io.clock ?? systemClock
  const closers: (() => Promise<void> | void)[] = []
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }

  try {
    makeFolder(config.dataDir)
    const lock = takeServiceLock(config.dataDir, io.pid)
    closers.push(() => lock.release())
    const store = await openStore({ dataDir: config.dataDir, log, timezone: config.timezone, role: 'service' })
    closers.push(() => store.close())
    await store.recover()

    const userAgent = `Crier/${io.version}${config.publicUrl ? ` (+${config.publicUrl})` : ''}`
    const fetcher = createFetch({ userAgent, allowHosts: config.allowHosts })
    closers.push(() => fetcher.close())
    const parsers = createParsePool({ size: 1 })
    closers.push(() => parsers.stop())

    const metrics = createMetrics()
    const actions: Actions = {
      store,
      fetch: async (request) => {
        const fetched = await fetcher.fetch(request)
        if (fetched.kind === 'fresh') metrics.fetched(fetched.bytes.length)
        return fetched
      },
      parse: parsers.parse,
      clock,
      log,
      random: Math.random,
      timezone: config.timezone,
    }
    const telegram = config.telegram.token
      ? createTelegram({ ...config.telegram, token: config.telegram.token, actions, log })
      : null

    // A deliverer for each kind of chat: a Telegram that hangs must not hold up the terminal.
    const deliverers = [terminalNotify(io), ...(telegram ? [telegram] : [])].map((notify) =>
      createDeliverer({
        store,
        notify,
        clock,
        log,
        random: Math.random,
        render: renderAlert,
        onSettled: (kind) => metrics.messageSettled(kind),
      }),
    )
    const deliver = () => {
      for (const deliverer of deliverers) deliverer.wake()
    }
    closers.push(async () => void (await Promise.all(deliverers.map((deliverer) => deliverer.stop()))))

    const isOwnHost = (host: string) => isAllowedHost(host, config.allowHosts)
    const poller = createPoller(actions, { ...DEFAULT_LIMITS, isOwnHost }, (source, outcome) => {
      metrics.polled(outcome.kind)
      if (outcome.kind === 'new') metrics.ingested(outcome)
      logPoll(log, source, outcome)
      if (outcome.kind === 'new' && outcome.alerts > 0) deliver()
    })
    closers.push(() => poller.stop())

    const health = async () => {
      const ticked = schedule.lastTickAt() ?? startedAt
      const reasons: string[] = []
      if (clock() - ticked > TICKING_MS) reasons.push('The schedule has stopped.')
      await store.checkWritable(clock()).catch(() => reasons.push('The database cannot be written.'))
      return { ok: reasons.length === 0, reasons }
    }
    let url = ''
    const handle = createHttp({
      store,
      clock,
      log,
      metrics,
      timezone: config.timezone,
      baseUrl: () => config.publicUrl ?? url,
      search: (text, options) => search(actions, text, options),
      telegram: () => telegram?.status() ?? null,
      health,
    })
    const server = await listen(handle, { host: config.host, port: config.port })
    closers.push(() => server.close())
    url = `http://${hostInUrl(config.host)}:${server.port}`

    const startedAt = clock()
    const schedule = startSchedule([() => poller.pump(), deliver], clock, log)
    closers.push(() => schedule.stop())
    if (telegram) {
      telegram.start()
      closers.push(() => telegram.stop())
    }

    return {
      url,
      feedUrl: `${config.publicUrl ?? url}/feed.atom`,
      file: join(config.dataDir, 'crier.db'),
      telegram: () => telegram?.status() ?? null,
      stop: () => withDeadline(closeAll(), STOP_MS),
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw new AppError('invalid', `The data folder ${path} cannot be made.`, {
      hint: 'Choose another with CRIER_DATA, or give this user the right to write there.',
      cause: error,
    })
  }
}

/** The terminal is a chat like any other: its alert is sent when it is written. */
function terminalNotify(io: AppIo): Notify {
  return {
    kind: 'terminal',
    isOpen: () => true,
    isReachable: async () => true,
    async send(message) {
      io.say(plainText(message.rendered, { ansi: io.ansi }))
      return { kind: 'sent', messageId: null }
    },
  }
}

function logPoll(log: Log, source: Source, outcome: PollOutcome): void {
  const fields = { source: source.url }
  if (outcome.kind === 'new' && outcome.inserted + outcome.edited > 0) {
    const { inserted, edited, alerts } = outcome
    log.info({ ...fields, inserted, edited, alerts }, 'new items')
    return
  }
  // Told loudly the first time only: every failed poll of a dead source would drown the rest.
  const loud = source.failures === 0 && (outcome.kind === 'failed' || outcome.kind === 'throttled')
  const reason = 'reason' in outcome ? { reason: outcome.reason } : {}
  log[loud ? 'warn' : 'debug']({ ...fields, ...reason }, `poll ${outcome.kind}`)
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

async function withDeadline(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
    timer.unref()
  })
  await Promise.race([work, deadline])
  clearTimeout(timer)
}
