import { statSync } from 'node:fs'
import { join } from 'node:path'
import { isServiceRunning } from '../db/open.ts'
import { readPid } from '../db/service-lock.ts'
import { formatAge, formatIso } from '../time.ts'
import { type Cli, EXIT, type Input } from './io.ts'
import { printJson } from './json.ts'
import { styleFor } from './style.ts'
import { renderFacts } from './table.ts'
import { withActions } from './workplace.ts'

/** How things are, and whether a service runs on this database. */
export async function showStatus(cli: Cli, input: Input): Promise<number> {
  return withActions(cli, async ({ store }, { dataDir }) => {
    const status = await store.status()
    const notices = await store.listParkedNotices(MOST_NOTICES)
    const running = isServiceRunning(dataDir)
    const pid = running ? readPid(dataDir) : null
    const file = join(dataDir, 'crier.db')
    if (input.flag('json')) {
      const { lastPollAt, lastAlertAt, ...counts } = status
      printJson(cli.io, {
        service: { running, pid },
        database: file,
        ...counts,
        noticesParked: notices.length,
        lastPoll: formatIso(lastPollAt),
        lastAlert: formatIso(lastAlertAt),
      })
      return EXIT.done
    }

    const style = styleFor(cli.io)
    const now = cli.clock()
    const { sources, alerts } = status
    const age = (ms: number | null) => (ms === null ? 'never' : formatAge(ms, now))
    cli.io.out(
      renderFacts(
        [
          [
            'Service',
            running
              ? style.good(pid === null ? 'running' : `running, pid ${pid}`)
              : 'not running; npx crier start starts it',
          ],
          ['Database', `${file}, ${(sizeOf(file) / 1_000_000).toFixed(1)} MB`],
          ['Sources', `${sources.active} active, ${sources.paused} paused, ${sources.failing} failing`],
          ['Items', status.items.toLocaleString('en-US')],
          ['Watches', String(status.watches)],
          ['Alerts', `${alerts.sent.toLocaleString('en-US')} sent, ${alerts.queued} queued, ${alerts.parked} parked`],
          [
            'Notices',
            notices.length === 0
              ? null
              : `${notices.length} about sources could not be sent; npx crier alerts shows them`,
          ],
          [
            'Chats',
            status.chatsGone === 0 ? null : `${status.chatsGone} out of reach of the bot; what waits for them is kept`,
          ],
          ['Last poll', age(status.lastPollAt)],
          ['Last alert', age(status.lastAlertAt)],
        ],
        cli.io,
      ),
    )
    return EXIT.done
  })
}

/** More are counted as so many. */
const MOST_NOTICES = 1_000

/** Of a database in bytes, with what a running service has written and not yet put in its place. */
function sizeOf(file: string): number {
  return statSync(file).size + (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0)
}
