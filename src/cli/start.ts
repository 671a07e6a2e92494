import { type Config, isLoopback, OPTIONS } from '../config.ts'
import { createLog } from '../log.ts'
import type { TelegramState } from '../ports.ts'
import { type Cli, type CliIo, EXIT, type Service } from './io.ts'
import { mayColour, styleFor } from './style.ts'
import { renderFacts } from './table.ts'
import { printable } from './terminal-text.ts'
import { readSettings, secretsOf } from './workplace.ts'

/**
 * Runs the service until a signal, and gives 0 then; a second signal ends the process at once. Where nobody reads its
 * output any more it ends in order too, but that is a fault: whoever keeps it running is to start it anew. Throws what
 * kept it from starting.
 */
export async function start(cli: Cli): Promise<number> {
  const { io, deps, clock } = cli
  const config = readSettings(io)
  const log = createLog({
    level: config.logLevel,
    pretty: io.isErrTTY,
    write: io.log,
    secrets: secretsOf(config),
    clock,
  })
  if (config.ignored.length > 0) log.warn({}, sayIgnored(config.ignored))
  const signals = waitForSignals(cli)
  try {
    const service = await deps.startApp(config, {
      log,
      say: (text, signal) => io.say(`\n${text}\n`, signal),
      ansi: mayColour(io),
      pid: io.pid,
      version: io.version,
    })
    try {
      io.out(describe(cli, service, config))
      const stopWatching = sayTelegram(cli, service)
      const gone = await signals.first
      stopWatching()
      if (gone === null) io.err('Stopping …\n')
      else sayGone(io, gone)
      return gone === null ? EXIT.done : EXIT.outsideFailed
    } finally {
      await service.stop()
    }
  } finally {
    signals.end()
  }
}

function sayIgnored(names: string[]): string {
  const ours = OPTIONS.map(({ name }) => name).filter((name) => name.startsWith('CRIER_'))
  return `${names.join(', ')}: no setting of Crier, and ignored. Those that begin so are ${ours.join(', ')}.`
}

/** To whoever reads the other one. */
function sayGone(io: CliIo, gone: 'out' | 'err'): void {
  const [what, say] = gone === 'out' ? (['standard output', io.err] as const) : (['the log', io.out] as const)
  say(`crier: who read ${what} is gone (a closed pipe). Stopping; what waits to be told is kept.\n`)
}

export interface Signals {
  /** Resolves with the first signal: null, or of which output the reader has gone. */
  first: Promise<'out' | 'err' | null>
  /** Signals are no longer ours. */
  end(): void
}

/** The first signal is a request; with the second the process ends at once, after `onSecond`. */
export function waitForSignals({ io }: Cli, onSecond: () => void = () => {}): Signals {
  let count = 0
  let tell = (_gone: 'out' | 'err' | null) => {}
  const first = new Promise<'out' | 'err' | null>((resolve) => {
    tell = resolve
  })
  const end = io.onSignal((gone) => {
    count += 1
    if (count === 1) return tell(gone ?? null)
    onSecond()
    io.exitNow(EXIT.stopped)
  })
  return { first, end }
}

function describe({ io }: Cli, service: Service, config: Config): string {
  const style = styleFor(io)
  const facts = renderFacts(
    [
      ['Page', style.accent(`${service.url}/`)],
      ['Feed', style.accent(service.feedUrl)],
      ['Open to', sayOpen(config)],
      ['Database', service.file],
      ['Add a source', 'npx crier source add https://example.com/feed.xml'],
      ['Watch', `npx crier watch add '"big data" OR 大数据'`],
      [
        'Telegram',
        service.telegram()
          ? 'connecting …'
          : 'off; put the token that @BotFather gives you into .env as TELEGRAM_BOT_TOKEN=…',
      ],
    ],
    io,
  )
  return `${style.bold(`Crier ${io.version} is running.`)} Ctrl-C stops it.\n${facts}`
}

/** Where others reach the page; '' where nobody but this machine does. */
function sayOpen({ host, publicUrl }: Config): string {
  if (isLoopback(host)) return ''
  const links = publicUrl === null ? ' Links lead to this machine alone until CRIER_PUBLIC_URL says their address.' : ''
  return `whoever reaches this machine, without a login.${links}`
}

/** How long a word about Telegram may be looked for: it comes with the first answer, or not before the network is back. */
const LOOK_MS = 200

/** Says once how Telegram is, as soon as that is known, and again when it is there at last. */
function sayTelegram({ io }: Cli, service: Service): () => void {
  let said: TelegramState['state'] = 'connecting'
  const look = () => {
    const telegram = service.telegram()
    if (!telegram || telegram.state === 'connecting' || telegram.state === said) return
    said = telegram.state
    io.out(`${sayState(telegram)}\n`)
    if (said === 'online') clearInterval(timer)
  }
  const timer = setInterval(look, LOOK_MS)
  look()
  if (service.telegram() === null) clearInterval(timer)
  return () => clearInterval(timer)
}

function sayState({ state, username, code }: TelegramState): string {
  const bot = username === null ? 'your bot' : `@${printable(username)}`
  switch (state) {
    case 'online':
      if (code === null) return `Telegram: ${bot} is connected.`
      // Bot features, "Deep linking": the press of its Start sends the code.
      return `Telegram: ${bot} is connected. To become its owner, send it: /start ${code}${
        username === null ? '' : `\nor open https://t.me/${printable(username)}?start=${code}`
      }`
    case 'unauthorized':
      return 'Telegram refuses the token. Ask @BotFather for it again, set TELEGRAM_BOT_TOKEN, and restart; everything else runs.'
    case 'conflict':
      return 'Telegram: somebody else is using this token at the same time. Stop the other one, or give this one a bot of its own.'
    default:
      return 'Telegram cannot be reached now. Crier goes on trying; alerts wait, and everything else runs.'
  }
}
