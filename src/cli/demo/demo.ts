import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addWatch } from '../../actions/watch/watch.ts'
import { type Config, readConfig } from '../../config.ts'
import { createLog } from '../../log.ts'
import { TERMINAL } from '../../model.ts'
import { type Cli, EXIT, type Service } from '../io.ts'
import { waitForSignals } from '../start.ts'
import { mayColour, styleFor } from '../style.ts'
import { renderFacts } from '../table.ts'
import { cut, pad } from '../terminal-text.ts'
import { withActionsOn } from '../workplace.ts'
import { renderBubble } from './bubble.ts'
import type { Desk, Piece } from './desks.ts'
import { type Newsroom, startNewsroom } from './newsroom.ts'

const WATCHES = ['"big data" OR 大数据', 'chip* OR 芯片']
const POLL_EVERY_MS = 2_000

/**
 * The whole service against an invented newsroom, in a folder that is gone afterwards, however it ends. Reads no
 * setting but PORT: a real token would write to real chats.
 */
export async function demo(cli: Cli): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'crier-demo-'))
  const leaveNothing = () => rmSync(folder, { recursive: true, force: true })
  const signals = waitForSignals(cli, leaveNothing)
  let newsroom: Newsroom | null = null
  let service: Service | null = null
  try {
    const config = readConfig(
      { PORT: cli.io.env.PORT || '0', CRIER_DATA: folder, CRIER_ALLOW_HOSTS: '127.0.0.1', LOG_LEVEL: 'warn' },
      null,
    )
    const log = createLog({ level: 'warn', pretty: true, write: cli.io.log, secrets: [], clock: cli.clock })
    const screen = createScreen(cli)
    newsroom = await startNewsroom({
      clock: cli.clock,
      onPublished: screen.published,
    })
    await furnish(cli, config, newsroom)
    service = await cli.deps.startApp(config, {
      log,
      say: screen.alert,
      ansi: mayColour(cli.io),
      pid: cli.io.pid,
      version: cli.io.version,
    })
    cli.io.out(describe(cli, service, newsroom, folder))
    await signals.first
    cli.io.err('\nStopping …\n')
  } finally {
    await service?.stop()
    await newsroom?.stop()
    leaveNothing()
    signals.end()
  }
  cli.io.out('That was the demo; nothing of it is left. Your own newsroom: npx crier start\n')
  return EXIT.done
}

/** Sources and watches, as `crier source add --every 2s` and `crier watch add` would make them; the service finds them and looks for the first time. */
async function furnish(cli: Cli, config: Config, newsroom: Newsroom): Promise<void> {
  await withActionsOn(cli, config, { create: true }, async (actions) => {
    for (const { url, tags } of newsroom.sources) {
      const source = { url, tags, givenTitle: null, everyMs: POLL_EVERY_MS, found: null }
      await actions.store.addSource(source, actions.clock())
    }
    for (const query of WATCHES) await addWatch(actions, TERMINAL, query)
  })
}

function describe({ io }: Cli, service: Service, newsroom: Newsroom, folder: string): string {
  const style = styleFor(io)
  const facts = renderFacts(
    [
      ['Page', style.accent(`${service.url}/`)],
      ['Feed', style.accent(service.feedUrl)],
      ['Newsroom', `${newsroom.url} (${newsroom.sources.length} invented sources, polled every 2 s)`],
      ['Watches', WATCHES.map((query) => style.bold(query)).join('   ')],
      ['Database', `${folder} (temporary: gone when you stop)`],
    ],
    io,
  )
  return [
    `${style.bold('Crier demo')}: invented news, no token, no network. Ctrl-C ends it.\n`,
    facts,
    'Each line below is something a source published.\n',
    'Each box is an alert, as your chat would get it.\n\n',
  ].join('')
}

/** The stream that Crier reads, so that one sees what it leaves out, and between its lines the alerts. */
function createScreen({ io, clock }: Cli) {
  const style = styleFor(io, 'err')
  // "14:03:07", in the machine's zone.
  const time = () => new Date(clock()).toTimeString().slice(0, 8)
  let isBelowBox = false
  return {
    published(desk: Desk, piece: Piece) {
      const line = cut(`${time()}  ${pad(desk.title, 16)}  ${piece.title}`, Math.max(40, io.columns))
      io.err(`${isBelowBox ? '\n' : ''}${style.dim(line)}\n`)
      isBelowBox = false
    },
    alert(text: string, signal: AbortSignal) {
      isBelowBox = true
      return io.say(`\n${renderBubble(io, text, time())}\n`, signal)
    },
  }
}
