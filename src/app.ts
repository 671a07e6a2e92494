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
import { createWebSub, type WebSub } from './actions/websub/websub.ts'
import type { Service, ServiceIo } from './cli/io.ts'
import { type Config, userAgent } from './config.ts'
import { databasePath } from './db/data-dir.ts'
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
import type { Clock, Notify, Store, TelegramStanding } from './ports.ts'
import { webAddress } from './publish/address.ts'
import { renderAlert } from './publish/alert.ts'
import { plainText } from './publish/plain.ts'
import { startSchedule } from './schedule.ts'
import type { Telegram } from './telegram/bot.ts'
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

/** What runs is stopped together, so that a slow poll does not leave the outbox going meanwhile; what that stands on is given back afterwards, the last first. */
interface Endings {
  running: Ending[]
  held: Ending[]
}

type Ending = () => Promise<void> | void

/**
 * The whole service. Throws an `AppError` when it cannot start (busy port, second service on one file, unreadable
 * file), and leaves nothing running then.
 */
export async function startApp(config: Config, io: AppIo): Promise<Service> {
  const endings: Endings = { running: [], held: [] }
  let ending: Promise<void> | null = null
  const stop = () => {
    ending ??= endAll(endings, io.log)
    return ending
  }
  try {
    const house = await openHouse(config, io, endings)
    const { telegram, actions } = house
    const { clock } = actions
    const deliver = startDelivering(house, io, endings)
    const { websub, ticks } = startPolling(house, deliver, endings)

    let tickedAt = clock()
    const tick = () => {
      tickedAt = clock()
    }
    const url = await serve(house, { websub, tickedAt: () => tickedAt }, endings)
    endings.running.push(
      startSchedule([tick, ...ticks, deliver, cancelNowAndThen(actions), noteTelegram(house)], io.log),
    )
    if (telegram) {
      telegram.start()
      endings.running.push(() => telegram.stop())
    }

    return {
      url,
      feedUrl: `${config.publicUrl ?? url}/feed.atom`,
      file: databasePath(config.dataDir),
      telegram: () => telegram?.status() ?? null,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function endAll({ running, held }: Endings, log: Log): Promise<void> {
  const stopped = Promise.all(running.splice(0).map((stop) => endOne(stop, log)))
  await Promise.race([stopped, sleep(STOP_MS, undefined, { ref: false })])
  for (const close of held.splice(0).reverse()) await endOne(close, log)
}

/** One that fails must not keep the others from ending. */
async function endOne(end: Ending, log: Log): Promise<void> {
  try {
    await end()
  } catch (error) {
    log.error(faultOf(error), 'could not end in order')
  }
}

type House = Awaited<ReturnType<typeof openHouse>>

/** What everything else stands on: the lock, the way out, the parsers, the file. */
async function openHouse(config: Config, io: AppIo, { held }: Endings) {
  const { log, clock = systemClock } = io
  const { dataDir, timezone, allowHosts } = config
  const lock = takeServiceLock(dataDir, io.pid)
  held.push(() => lock.release())

  let keepStoreSmall: Store['keepSmall'] = () => {}
  const onScarce = joinScarcity((isScarce) => {
    keepStoreSmall(isScarce)
    io.onScarce?.(isScarce)
  })
  // Held before the store, and so given back after it: a poll that is broken off must not be stored as a failure.
  const fetcher = createFetch({ userAgent: userAgent(io.version, config), allowHosts, onScarce })
  held.push(() => fetcher.close())
  const parsers = createParsePool({ size: 1, onScarce })
  held.push(() => parsers.stop())
  const store = await openStore({ dataDir, log, timezone, role: 'service', groupWaitMs: GROUP_WAIT_MS })
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
    timezone,
    ownerChats: createOwnerChats(store, config.telegram),
  }
  const isOwnHost = (host: string) => isAllowedHost(host, allowHosts)
  const gate = createHostGate(actions, { isOwnHost })
  /** For people who add a source and wait for it. */
  const watched: Actions = { ...actions, fetch: createBriefFetch(actions, gate) }
  const telegram = await createBot(config, watched)
  return { config, lock, fetcher, metrics, actions, watched, isOwnHost, gate, telegram }
}

/** Without a bot its library is 10 MB for nothing. */
async function createBot({ telegram }: Config, actions: Actions): Promise<Telegram | null> {
  const { token } = telegram
  if (token === null) return null
  const { createTelegram } = await import('./telegram/bot.ts')
  return createTelegram({ ...telegram, token, actions, log: actions.log })
}

/** Gives what makes it look at the outbox now. */
function startDelivering({ actions, metrics, telegram }: House, io: AppIo, { running }: Endings): () => void {
  const { store, clock, log, random } = actions
  const stopping = new AbortController()
  // A deliverer for each kind of chat: a Telegram that hangs must not hold up the terminal, nor an unread terminal Telegram.
  const deliverers = [terminalNotify(io, actions, stopping.signal), ...(telegram ? [telegram] : [])].map((notify) =>
    createDeliverer({ store, notify, clock, log, random, render: renderAlert, onSettled: metrics.messageSettled }),
  )
  running.push(...deliverers.map((deliverer) => () => deliverer.stop()))
  running.push(() => stopping.abort())
  return () => {
    for (const deliverer of deliverers) deliverer.wake()
  }
}

/** `ticks` are what is to be done each second. */
function startPolling(
  { config, fetcher, metrics, actions, isOwnHost, gate }: House,
  deliver: () => void,
  { running }: Endings,
) {
  const { log } = actions
  const onIngested = (counts: { inserted: number; edited: number; alerts: number }) => {
    metrics.ingested(counts)
    if (counts.alerts > 0) deliver()
  }
  // With the others: who waits for a host's turn is let in, and sees that the service stops.
  running.push(() => gate.close())
  const fullTexts = createFullTexts(actions, {
    gate,
    onAlerts: (alerts) => onIngested({ inserted: 0, edited: 0, alerts }),
  })
  running.push(() => fullTexts.stop())
  const { publicUrl } = config
  const websub =
    publicUrl === null
      ? undefined
      : createWebSub(actions, {
          publicUrl,
          wait: gate.wait,
          onPush(source, outcome) {
            if (outcome.kind !== 'new') return
            logNew(log, source, outcome)
            onIngested(outcome)
          },
        })
  if (websub) running.push(() => websub.stop())
  const poller = createPoller(actions, { ...DEFAULT_LIMITS, isOwnHost, gate }, (source, outcome) => {
    metrics.polled(outcome.kind)
    logPoll(log, source, outcome)
    if (outcome.kind === 'new') onIngested(outcome)
  })
  running.push(() => poller.stop())
  // Last, when all know that they stop: who drips keeps nobody waiting.
  running.push(() => fetcher.stop())
  return { websub, ticks: [() => poller.pump(), () => fullTexts.pump(), () => void websub?.pump()] }
}

/** Gives the address of the page on this machine. */
async function serve(
  { config, metrics, actions, watched, telegram }: House,
  { websub, tickedAt }: { websub: WebSub | undefined; tickedAt: () => number },
  { running }: Endings,
): Promise<string> {
  const { store, clock, log, timezone } = actions
  const { host, publicUrl } = config
  const health = async () => {
    const reasons: string[] = []
    if (clock() - tickedAt() > TICKING_MS) reasons.push('The schedule has stopped.')
    await store.checkWritable().catch(() => reasons.push('The database cannot be written.'))
    return { ok: reasons.length === 0, reasons }
  }
  let url = ''
  const handle = createHttp({
    ...{ store, clock, log, metrics, timezone, websub, health },
    baseUrl: () => publicUrl ?? url,
    search: (text, options) => search(actions, text, options),
    tryQuery: (text) => tryQuery(actions, text),
    adding: {
      addSource: (wish) => addSource(watched, wish),
      readPage: async (url, rules) => (await findPage(watched, { url, access: null }, rules)).document,
      host,
      publicUrl,
    },
    telegram: () => telegram?.status() ?? null,
  })
  const server = await listen(handle, { host, port: config.port })
  running.push(() => server.close())
  url = `http://${hostInUrl(host)}:${server.port}`
  return url
}

/** Every ten minutes, however often it is called. */
function cancelNowAndThen({ store, clock, log }: Actions): () => void {
  let doneAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = clock()
    // A clock that was set back must not stop it.
    if (now >= doneAt && now < doneAt + CANCEL_EVERY_MS) return
    doneAt = now
    store.cancelStaleAlerts(now).catch((error: unknown) => log.error(faultOf(error), 'could not cancel stale alerts'))
  }
}

/** When it has changed. */
function noteTelegram({ lock, telegram }: House): () => void {
  let noted: TelegramStanding | null = null
  return () => {
    const standing = telegram?.status().state ?? 'off'
    if (standing !== noted) lock.noteTelegram(standing)
    noted = standing
  }
}

/** Memory is scarce as long as one of many says so: `tell` hears of the first, and of the last that says it is not any more. */
function joinScarcity(tell: (isScarce: boolean) => void): (isScarce: boolean) => void {
  let reasons = 0
  return (isScarce) => {
    reasons += isScarce ? 1 : -1
    if (reasons === (isScarce ? 1 : 0)) tell(isScarce)
  }
}

/** The terminal is a chat like any other: its alert is sent when it is written, and waits for its reader, until we stop. */
function terminalNotify(io: AppIo, { timezone }: Actions, stopping: AbortSignal): Notify {
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
        const text = plainText(message.rendered, { ansi: io.ansi, terminal: true, timezone })
        const isWritten = await io.say(text, stopping)
        return isWritten ? { kind: 'sent', messageId: null } : { kind: 'wait', retryAfterMs: 0 }
      } finally {
        isRead = true
      }
    },
  }
}

/** Loud is what changes: every failed poll of a dead source, or of one that asks us to wait, would drown the rest. */
function logPoll(log: Log, source: Source, outcome: PollOutcome): void {
  const fields = { source: webAddress(source.url) }
  const wasWell = source.trouble === null
  if ('reason' in outcome) {
    log[wasWell ? 'warn' : 'debug']({ ...fields, reason: outcome.reason }, `poll ${outcome.kind}`)
    return
  }
  if (!wasWell) log.info(fields, 'read again')
  if (outcome.kind === 'new') logNew(log, source, outcome)
  else log.debug(fields, 'poll unchanged')
}

/** By a poll or from a hub. */
function logNew(log: Log, source: Source, { inserted, edited, alerts }: Extract<PollOutcome, { kind: 'new' }>): void {
  const isNews = inserted + edited > 0
  const what = inserted > 0 || !isNews ? 'new items' : 'edited items'
  log[isNews ? 'info' : 'debug']({ source: webAddress(source.url), inserted, edited, alerts }, what)
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
