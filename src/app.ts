import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Actions } from './actions/context.ts'
import { createDeliverer } from './actions/deliver.ts'
import { createBriefFetch } from './actions/hosts/brief-fetch.ts'
import { createHostGate } from './actions/hosts/gate.ts'
import { createOwnerChats } from './actions/owners.ts'
import { createFullTexts } from './actions/poll/full-text.ts'
import type { PollOutcome } from './actions/poll/poll.ts'
import { createPoller } from './actions/poll/poller.ts'
import { DEFAULT_LIMITS } from './actions/poll/pool.ts'
import { search } from './actions/search.ts'
import { findPage } from './actions/sources/find-feed.ts'
import { addSource } from './actions/sources/subscribe.ts'
import { tryQuery } from './actions/watch/try.ts'
import { createWebSub } from './actions/websub/websub.ts'
import type { Service, ServiceIo } from './cli/io.ts'
import { type Config, userAgent } from './config.ts'
import { openStore } from './db/open.ts'
import { takeServiceLock } from './db/service-lock.ts'
import { faultOf } from './errors.ts'
import { createFetch } from './fetch/fetch.ts'
import { isAllowedHost } from './fetch/guard.ts'
import { createHttp } from './http/routes.ts'
import { listen } from './http/server.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import type { Source } from './model.ts'
import type { Clock, Notify, Store } from './ports.ts'
import { webAddress } from './publish/address.ts'
import { renderAlert } from './publish/alert.ts'
import { plainText } from './publish/plain.ts'
import { startSchedule } from './schedule.ts'
import { systemClock } from './time.ts'
import { createParsePool } from './workers/parse-pool.ts'

interface AppIo extends ServiceIo {
  clock?: Clock
  /** Hears when memory gets scarce, and when it is not any more. */
  onScarce?: (isScarce: boolean) => void
}

const STOP_MS = 10_000

/** A parser thread reads a source in some 5 ms: ten of them then share one commit, and alerts leave no later than this. */
const GROUP_WAIT_MS = 50

/** How often it is looked whether a story that an alert waits for has left the window. */
const CANCEL_EVERY_MS = 600_000

/** A tick that is older than this means that the clock stands still. */
const TICKING_MS = 10_000

/**
 * The whole service. Throws an `AppError` when it cannot start (busy port, second service on one file, unreadable
 * file), and leaves nothing running then.
 */
export async function startApp(config: Config, io: AppIo): Promise<Service> {
  const { log } = io
  const clock = io.clock ?? systemClock
  /** What runs: it is stopped together, so that a slow poll does not leave the outbox going meanwhile. */
  const running: Ending[] = []
  /** What it stands on: given back afterwards, the last first. */
  const held: Ending[] = []
  const endAll = async () => {
    const stopped = Promise.all(running.splice(0).map((stop) => endOne(stop, log)))
    await Promise.race([stopped, sleep(STOP_MS, undefined, { ref: false })])
    for (const close of held.splice(0).reverse()) await endOne(close, log)
  }
  let ending: Promise<void> | null = null

  try {
    const lock = takeServiceLock(config.dataDir, io.pid)
    held.push(() => lock.release())

    let keepStoreSmall: Store['keepSmall'] = () => {}
    const onScarce = joinScarcity((isScarce) => {
      keepStoreSmall(isScarce)
      io.onScarce?.(isScarce)
    })
    // Held before the store, and so given back after it: a poll that is broken off must not be stored as a failure.
    const fetcher = createFetch({
      userAgent: userAgent(io.version, config),
      allowHosts: config.allowHosts,
      onScarce,
    })
    held.push(() => fetcher.close())
    const parsers = createParsePool({ size: 1, onScarce })
    held.push(() => parsers.stop())
    const store = await openStore({
      dataDir: config.dataDir,
      log,
      timezone: config.timezone,
      role: 'service',
      groupWaitMs: GROUP_WAIT_MS,
    })
    keepStoreSmall = store.keepSmall
    held.push(() => {
      keepStoreSmall = () => {}
      return store.close()
    })
    await store.recover()

    const metrics = createMetrics()
    const actions: Actions = {
      store,
      fetch: async (request) => {
        const fetched = await fetcher.fetch(request)
        if (fetched.kind === 'fresh') metrics.fetched(fetched.bytes.length)
        return fetched
      },
      post: fetcher.post,
      // What was read makes room for the next large body.
      parse: (document) => parsers.parse(document).finally(() => fetcher.release(document.bytes)),
      extract: (document) => parsers.extract(document).finally(() => fetcher.release(document.bytes)),
      clock,
      log,
      random: Math.random,
      timezone: config.timezone,
      ownerChats: createOwnerChats(store, config.telegram),
    }
    const isOwnHost = (host: string) => isAllowedHost(host, config.allowHosts)
    const gate = createHostGate(actions, { isOwnHost })
    /** For people who add a source and wait for it. */
    const watched: Actions = { ...actions, fetch: createBriefFetch(actions, gate) }
    // Without a bot its library is 10 MB for nothing.
    const telegram = config.telegram.token
      ? (await import('./telegram/bot.ts')).createTelegram({
          ...config.telegram,
          token: config.telegram.token,
          actions: watched,
          log,
        })
      : null

    // A deliverer for each kind of chat: a Telegram that hangs must not hold up the terminal, nor an unread terminal Telegram.
    const stopping = new AbortController()
    const deliverers = [terminalNotify(io, stopping.signal), ...(telegram ? [telegram] : [])].map((notify) =>
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
    running.push(...deliverers.map((deliverer) => () => deliverer.stop()))
    running.push(() => stopping.abort())

    // With the others: who waits for a host's turn is let in, and sees that the service stops.
    running.push(() => gate.close())
    const fullTexts = createFullTexts(actions, {
      wait: gate.wait,
      onAlerts: (alerts) => {
        metrics.ingested({ inserted: 0, edited: 0, alerts })
        deliver()
      },
    })
    running.push(() => fullTexts.stop())
    const websub =
      config.publicUrl === null
        ? null
        : createWebSub(actions, {
            publicUrl: config.publicUrl,
            wait: gate.wait,
            onPush: (_, outcome) => {
              if (outcome.kind !== 'new') return
              metrics.ingested(outcome)
              if (outcome.alerts > 0) deliver()
            },
          })
    if (websub) running.push(() => websub.stop())
    const poller = createPoller(actions, { ...DEFAULT_LIMITS, isOwnHost, gate }, (source, outcome) => {
      metrics.polled(outcome.kind)
      if (outcome.kind === 'new') metrics.ingested(outcome)
      logPoll(log, source, outcome)
      if (outcome.kind === 'new' && outcome.alerts > 0) deliver()
    })
    running.push(() => poller.stop())
    // Last, when all know that they stop: who drips keeps nobody waiting.
    running.push(() => fetcher.stop())

    const health = async () => {
      const ticked = schedule.lastTickAt() ?? startedAt
      const reasons: string[] = []
      if (clock() - ticked > TICKING_MS) reasons.push('The schedule has stopped.')
      await store.checkWritable().catch(() => reasons.push('The database cannot be written.'))
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
      tryQuery: (text) => tryQuery(actions, text),
      adding: {
        addSource: (wish) => addSource(watched, wish),
        readPage: async (url, rules) => (await findPage(watched, { url, access: null }, rules)).document,
        host: config.host,
        publicUrl: config.publicUrl,
      },
      ...(websub && { websub }),
      telegram: () => telegram?.status() ?? null,
      health,
    })
    const server = await listen(handle, { host: config.host, port: config.port })
    running.push(() => server.close())
    url = `http://${hostInUrl(config.host)}:${server.port}`

    const startedAt = clock()
    const schedule = startSchedule(
      [
        () => poller.pump(),
        () => fullTexts.pump(),
        () => websub?.pump(),
        deliver,
        seldom(CANCEL_EVERY_MS, actions, () => store.cancelStaleAlerts(clock())),
      ],
      clock,
      log,
    )
    running.push(() => schedule.stop())
    if (telegram) {
      telegram.start()
      running.push(() => telegram.stop())
    }

    return {
      url,
      feedUrl: `${config.publicUrl ?? url}/feed.atom`,
      file: join(config.dataDir, 'crier.db'),
      telegram: () => telegram?.status() ?? null,
      stop() {
        ending ??= endAll()
        return ending
      },
    }
  } catch (error) {
    await endAll()
    throw error
  }
}

/** `work` when it is called, but not again within `ms`. */
function seldom(ms: number, { clock, log }: Pick<Actions, 'clock' | 'log'>, work: () => Promise<unknown>): () => void {
  let doneAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = clock()
    // A clock that was set back must not stop it.
    if (now >= doneAt && now < doneAt + ms) return
    doneAt = now
    work().catch((error: unknown) => log.error(faultOf(error), 'could not do what is done now and then'))
  }
}

type Ending = () => Promise<void> | void

/** Memory is scarce as long as one of many says so: `tell` hears of the first, and of the last that says it is not any more. */
function joinScarcity(tell: (isScarce: boolean) => void): (isScarce: boolean) => void {
  let reasons = 0
  return (isScarce) => {
    reasons += isScarce ? 1 : -1
    if (reasons === (isScarce ? 1 : 0)) tell(isScarce)
  }
}

/** One that fails must not keep the others from ending. */
async function endOne(end: Ending, log: Log): Promise<void> {
  try {
    await end()
  } catch (error) {
    log.error(faultOf(error), 'could not end in order')
  }
}

/** The terminal is a chat like any other: its alert is sent when it is written, and waits for its reader, until we stop. */
function terminalNotify(io: AppIo, stopping: AbortSignal): Notify {
  let isRead = true
  return {
    kind: 'terminal',
    // What is written stays.
    canEdit: false,
    // Its reader may take longer than any lease: what waits for him already is not claimed again.
    isOpen: () => isRead,
    isReachable: async () => true,
    async send(message) {
      isRead = false
      try {
        const isWritten = await io.say(plainText(message.rendered, { ansi: io.ansi, terminal: true }), stopping)
        return isWritten ? { kind: 'sent', messageId: null } : { kind: 'wait', retryAfterMs: 0 }
      } finally {
        isRead = true
      }
    },
  }
}

function logPoll(log: Log, source: Source, outcome: PollOutcome): void {
  const fields = { source: webAddress(source.url) }
  if (outcome.kind === 'new' && outcome.inserted + outcome.edited > 0) {
    const { inserted, edited, alerts } = outcome
    log.info({ ...fields, inserted, edited, alerts }, 'new items')
    return
  }
  // Told loudly the first time only: every failed poll of a dead source, or of one that asks us to wait, would drown the rest.
  const loud = source.trouble === null && (outcome.kind === 'failed' || outcome.kind === 'throttled')
  const reason = 'reason' in outcome ? { reason: outcome.reason } : {}
  log[loud ? 'warn' : 'debug']({ ...fields, ...reason }, `poll ${outcome.kind}`)
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
