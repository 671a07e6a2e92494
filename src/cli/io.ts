import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Clock, TelegramState } from '../ports.ts'
import type { ParsePool } from '../workers/parse-pool.ts'

/** The process as a command sees it. `out` is for what was asked, `err` for notices, progress and refusals. */
export interface CliIo {
  /** Returns when it is written; while a service runs at once, whether somebody reads it or not. So does `err`. */
  out(text: string): void
  err(text: string): void
  /** A line of the log, to where `err` goes, before what `err` says later: written with the others of this turn of the event loop. */
  log(text: string): void
  /** To where `out` goes. True once it is written, however long its reader takes; false when `signal` came first, or the reader has gone. */
  say(text: string, signal: AbortSignal): Promise<boolean>
  isTTY: boolean
  isErrTTY: boolean
  /** Of the terminal; 80 where there is none. */
  columns: number
  /** Whether `out` may be coloured. */
  color: boolean
  env: Record<string, string | undefined>
  cwd: string
  pid: number
  version: string
  stdin(): Promise<string | Uint8Array>
  /** SIGINT, SIGTERM and SIGHUP, and the end of who reads `out` or `err`, until the returned function is called. */
  onSignal(handler: (gone?: 'out' | 'err') => void): () => void
  /** Ends the process, whatever is under way. */
  exitNow(code: number): void
}

/** What a running service is told by the command that starts it. */
export interface ServiceIo {
  log: Log
  /** Shows one alert of the chat "terminal". True once it is written; false when `signal` came first, or the reader has gone. */
  say: (text: string, signal: AbortSignal) => Promise<boolean>
  /** Whether `say` understands colours. */
  ansi: boolean
  pid: number
  version: string
}

/** The service, as app.ts starts it. */
export interface Service {
  /** Where the page is: http://HOST:PORT, whatever CRIER_PUBLIC_URL says. */
  url: string
  /** What readers subscribe to. */
  feedUrl: string
  /** The SQLite file. */
  file: string
  /** Null when there is no token. */
  telegram(): TelegramState | null
  /** Ends polls and messages under way (10 s at most), closes the file. May be called twice. */
  stop(): Promise<void>
}

export interface CliDeps {
  startApp(config: Config, io: ServiceIo): Promise<Service>
  clock?: Clock
  /** What reads documents in place of a thread that each command starts and ends: whoever gives it ends it. */
  parsers?: ParsePool
}

/** What every command gets. */
export interface Cli {
  io: CliIo
  /** To `err`, what is said beside the answer to people; with --json nobody reads it. Refusals, and what else must not be missed, go to `err` itself. */
  note(text: string): void
  deps: CliDeps
  clock: Clock
}

/** What was written behind the command's name; options go by their names as they are typed, without --. */
export interface Input {
  /** In order, without the options. */
  args: string[]
  /** An option's value; undefined when it was not given. */
  text(name: string): string | undefined
  /** The values of an option that may be repeated. */
  list(name: string): string[]
  flag(name: string): boolean
  /** Of --NAME and --no-NAME the one that was given; undefined for neither. */
  choice(name: string): boolean | undefined
}

/** The exit codes people's scripts depend on; what a signal stops ends as a shell would have it: 128 and the number of SIGINT. */
export const EXIT = { done: 0, ourFault: 1, askedWrongly: 2, notFound: 3, outsideFailed: 4, stopped: 130 } as const
