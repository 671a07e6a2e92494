import { join } from 'node:path'
import type { CliDeps, CliIo } from '../../src/cli/program.ts'
import { runCli } from '../../src/cli/program.ts'
import { createParsePool } from '../../src/workers/parse-pool.ts'
import { layDatabase, testFolder } from '../support/store.ts'

export interface Ran {
  code: number
  out: string
  err: string
}

/** To start a thread is most of the work of a short command, so these share one. It keeps nobody waiting at the end. */
const parsers = createParsePool({ size: 1 })

/** What nothing in these tests may start by accident. */
export const noService: CliDeps = {
  startApp: async () => {
    throw new Error('No service here.')
  },
}

/** A terminal, or with `isTTY: false` a pipe: a folder of its own, where an empty database is laid unless `isBare`, and a command line on it. */
export function testTerminal(
  { isBare = false, ...given }: Partial<CliIo> & { isBare?: boolean } = {},
  deps: CliDeps = noService,
) {
  const folder = given.cwd ?? testFolder()
  const signalled = new Set<Parameters<CliIo['onSignal']>[0]>()
  const said = { out: '', err: '', exits: [] as number[] }
  const io: CliIo = {
    out: (text) => {
      said.out += text
    },
    err: (text) => {
      said.err += text
    },
    log: (text) => {
      said.err += text
    },
    say: async (text) => {
      said.out += text
      return true
    },
    isTTY: false,
    isErrTTY: false,
    columns: 80,
    color: false,
    cwd: folder,
    pid: 4_242,
    version: '0.0.0',
    stdin: async () => '',
    onSignal: (handler) => {
      signalled.add(handler)
      return () => void signalled.delete(handler)
    },
    exitNow: (code) => void said.exits.push(code),
    ...given,
    env: { CRIER_ALLOW_HOSTS: '127.0.0.1', CRIER_TIMEZONE: 'UTC', ...given.env },
  }
  return {
    folder,
    io,
    said,
    /** With an output: its reader has gone. */
    signal: (gone?: 'out' | 'err') => {
      for (const handler of signalled) handler(gone)
    },
    handlers: () => signalled.size,
    /** Runs one command to its end. */
    async crier(...args: string[]): Promise<Ran> {
      said.out = ''
      said.err = ''
      if (!isBare && given.env?.CRIER_DATA === undefined) await layDatabase(join(folder, 'data'))
      const code = await runCli(args, io, { parsers, ...deps })
      return { code, out: said.out, err: said.err }
    },
  }
}

/** An RSS document of these items. */
export function rss(title: string, items: { id: string; title: string; text?: string; date?: string }[]): string {
  const xml = items.map(
    (item) =>
      `<item><guid>${item.id}</guid><link>https://wire.example/${item.id}</link><title>${item.title}</title>` +
      `<description>${item.text ?? ''}</description>${item.date ? `<pubDate>${item.date}</pubDate>` : ''}</item>`,
  )
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>${title}</title><link>https://wire.example/</link><description/>${xml.join('')}</channel></rss>`
}
