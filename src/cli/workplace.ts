import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Actions } from '../actions/context.ts'
import { createOwnerChats } from '../actions/owners.ts'
import { type Config, readConfig, userAgent } from '../config.ts'
import { isServiceRunning } from '../db/service-lock.ts'
import { AppError } from '../errors.ts'
import { createLog, type Log } from '../log.ts'
import type { Extract, Fetch, Parse, Post } from '../ports.ts'
import type { Cli, CliIo } from './io.ts'

/** The settings of the environment and of `.env` in the working directory. Throws `invalid` with every fault in it. */
export function readSettings(io: CliIo): Config {
  const readFile = (path: string) => readFileSync(resolve(io.cwd, path), 'utf8')
  const config = readConfig(io.env, readDotenv(join(io.cwd, '.env')), { readFile })
  return { ...config, dataDir: resolve(io.cwd, config.dataDir) }
}

type Work<T> = (actions: Actions, config: Config, network: Pick<Network, 'stop'>) => Promise<T>

/** Does the work on the database that the settings name. Throws `not_found` where there is none yet. */
export async function withActions<T>(cli: Cli, work: Work<T>): Promise<T> {
  return withActionsOn(cli, readSettings(cli.io), { create: false }, work)
}

/** The same, and makes the database where there is none. */
export async function withActionsOrNew<T>(cli: Cli, work: Work<T>): Promise<T> {
  return withActionsOn(cli, readSettings(cli.io), { create: true }, work)
}

/**
 * Opens the database of these settings, does the work, and closes what was opened. What fetches and parses is loaded when
 * it is first used, as most commands need neither, and what stores is loaded here: to read a file takes no database.
 */
export async function withActionsOn<T>(
  cli: Cli,
  config: Config,
  { create }: { create: boolean },
  work: Work<T>,
): Promise<T> {
  const { timezone, dataDir } = config
  const { clock } = cli
  const log = createCommandLog(cli, config)
  const { openStore } = await import('../db/open.ts')
  const store = await openStore({ dataDir, log, timezone, clock, create })
  const network = createNetwork(cli, config)
  try {
    const { fetch, post, parse, extract } = network
    const doors = { fetch, post, parse, extract }
    const ownerChats = createOwnerChats(store, config.telegram)
    return await work({ store, ...doors, clock, log, random: Math.random, timezone, ownerChats }, config, network)
  } finally {
    // First: what is broken off must not be stored as a failure of its source.
    await store.close()
    await network.close()
  }
}

/** For whoever has changed what only a service acts upon. */
export function noteNoService({ note }: Cli, dataDir: string): void {
  if (!isServiceRunning(dataDir)) note('No service is running here. To start it: npx crier start\n')
}

export interface Network {
  fetch: Fetch
  post: Post
  parse: Parse
  extract: Extract
  /** What is being fetched ends at once, as `unavailable`, and nothing is fetched any more. */
  stop(): void
  close(): Promise<void>
}

/** The guarded way out and the parse threads, both loaded with the first use. */
export function createNetwork(cli: Cli, config: Config): Network {
  let opened: Promise<Network> | null = null
  const open = () => {
    opened ??= openNetwork(cli, config)
    return opened
  }
  return {
    fetch: async (request) => (await open()).fetch(request),
    post: async (request) => (await open()).post(request),
    parse: async (document) => (await open()).parse(document),
    extract: async (document) => (await open()).extract(document),
    stop: () => void opened?.then((network) => network.stop()),
    close: async () => (await opened)?.close(),
  }
}

async function openNetwork({ io, deps }: Cli, config: Config): Promise<Network> {
  const [{ createFetch }, { createParsePool }] = await Promise.all([
    import('../fetch/fetch.ts'),
    import('../workers/parse-pool.ts'),
  ])
  const fetcher = createFetch({ userAgent: userAgent(io.version, config), allowHosts: config.allowHosts })
  const parsers = deps.parsers ?? createParsePool({ size: 1 })
  return {
    fetch: fetcher.fetch,
    post: fetcher.post,
    parse: (document) => parsers.parse(document).finally(() => fetcher.release(document.bytes)),
    extract: (document) => parsers.extract(document).finally(() => fetcher.release(document.bytes)),
    stop: fetcher.stop,
    async close() {
      await Promise.all([fetcher.close(), deps.parsers ? null : parsers.stop()])
    },
  }
}

/** A command says in its own words what happened; only trouble is worth a line of log. */
function createCommandLog({ io, clock }: Cli, config: Config): Log {
  const level = config.logLevel === 'info' ? 'warn' : config.logLevel
  return createLog({ level, pretty: io.isErrTTY, write: io.log, secrets: secretsOf(config), clock })
}

/** What no line of output may hold. */
export function secretsOf(config: Config): string[] {
  return config.telegram.token === null ? [] : [config.telegram.token]
}

function readDotenv(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    // Most have none; one that is there and cannot be read would be ignored in silence.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw new AppError('invalid', `The settings file ${path} cannot be read.`, { cause: error })
  }
}
