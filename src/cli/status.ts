import { statSync } from 'node:fs'
import { databasePath } from '../db/data-dir.ts'
import { isServiceRunning, readPid, readTelegramStanding } from '../db/service-lock.ts'
import type { Status } from '../model.ts'
import type { TelegramStanding } from '../ports.ts'
import { statusAsJson } from '../publish/json.ts'
import { formatAge } from '../time.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { printJson } from './json.ts'
import { styleFor } from './style.ts'
import { renderFacts } from './table.ts'
import { withActions } from './workplace.ts'

/** How things are, and whether a service runs on this database. */
export async function showStatus(cli: Cli, input: Input): Promise<number> {
  return withActions(cli, async ({ store }, { dataDir }) => {
    const status = await store.status()
    const noticesParked = (await store.listParkedNotices(MOST_NOTICES)).length
    const running = isServiceRunning(dataDir)
    const service = { running, pid: running ? readPid(dataDir) : null }
    const telegram = running ? readTelegramStanding(dataDir) : null
    const database = databasePath(dataDir)
    if (input.flag('json'))
      printJson(cli.io, { service, telegram: { state: telegram }, database, ...statusAsJson(status), noticesParked })
    else cli.io.out(describe(cli, { ...status, service, telegram, database, noticesParked }))
    return EXIT.done
  })
}

/** More are counted as so many. */
const MOST_NOTICES = 1_000

interface Known extends Status {
  service: { running: boolean; pid: number | null }
  /** Null where no service says it. */
  telegram: TelegramStanding | null
  database: string
  noticesParked: number
}

function describe({ io, clock }: Cli, known: Known): string {
  const { service, telegram, database, sources, alerts, noticesParked, chatsGone } = known
  const now = clock()
  const age = (ms: number | null) => (ms === null ? 'never' : formatAge(ms, now))
  const running = styleFor(io).good(service.pid === null ? 'running' : `running, pid ${service.pid}`)
  const notices = `${noticesParked} about sources could not be sent; npx crier alerts shows them`
  return renderFacts(
    [
      ['Service', service.running ? running : 'not running; npx crier start starts it'],
      ['Telegram', telegram && SAID[telegram]],
      ['Database', `${database}, ${(sizeOf(database) / 1_000_000).toFixed(1)} MB`],
      ['Sources', `${sources.active} active, ${sources.paused} paused, ${sources.failing} failing`],
      ['Items', known.items.toLocaleString('en-US')],
      ['Watches', String(known.watches)],
      ['Alerts', `${alerts.sent.toLocaleString('en-US')} sent, ${alerts.queued} queued, ${alerts.parked} parked`],
      ['Notices', noticesParked === 0 ? null : notices],
      [
        'Chats',
        chatsGone === 0
          ? null
          : `${chatsGone} out of reach of the bot (npx crier watch list marks them); what waits for them is kept`,
      ],
      ['Last poll', age(known.lastPollAt)],
      ['Last alert', age(known.lastAlertAt)],
    ],
    io,
  )
}

const SAID = {
  off: 'off; TELEGRAM_BOT_TOKEN is not set',
  connecting: 'connecting …',
  online: 'connected',
  unauthorized:
    'refuses the token: set TELEGRAM_BOT_TOKEN to the one that @BotFather gives you, and restart; alerts wait',
  offline: 'cannot be reached now; alerts wait',
  conflict: 'another program uses the same token: stop it, or give this service a bot of its own',
} satisfies Record<TelegramStanding, string>

/** Of a database in bytes, with what a running service has written and not yet put in its place. */
function sizeOf(file: string): number {
  return statSync(file).size + (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0)
}
