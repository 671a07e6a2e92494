import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { Service, ServiceIo } from '../../src/cli/io.ts'
import type { Config } from '../../src/config.ts'
import { AppError } from '../../src/errors.ts'
import type { TelegramState } from '../../src/ports.ts'
import { testTerminal } from './terminal.ts'

/** A service that runs as soon as it is asked to, and what it was told. */
function fakeService(telegram: () => TelegramState | null = () => null) {
  const told: { config: Config; io: ServiceIo }[] = []
  let running = () => {}
  const started = new Promise<void>((resolve) => {
    running = resolve
  })
  const state = { stops: 0 }
  const startApp = async (config: Config, io: ServiceIo): Promise<Service> => {
    told.push({ config, io })
    running()
    return {
      url: 'http://127.0.0.1:8080',
      feedUrl: 'http://127.0.0.1:8080/feed.atom',
      file: join(config.dataDir, 'crier.db'),
      telegram,
      async stop() {
        state.stops += 1
      },
    }
  }
  return { deps: { startApp }, told, started, state }
}

/** What the start of this service says. */
async function saidAtStart(service: ReturnType<typeof fakeService>, env: Record<string, string> = {}): Promise<string> {
  const terminal = testTerminal({ env }, service.deps)
  const running = terminal.crier('start')
  await service.started
  await turn()
  terminal.signal()
  await running
  return terminal.said.out
}

/** Lets what waits for a promise run. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('crier start', () => {
  test('says what runs, where, and how to go on; a signal ends it with 0', async () => {
    const service = fakeService()
    const terminal = testTerminal({}, service.deps)
    const running = terminal.crier('start')
    await service.started
    await turn()

    expect(terminal.said.out).toContain('http://127.0.0.1:8080/\n')
    expect(terminal.said.out).toContain('http://127.0.0.1:8080/feed.atom')
    expect(terminal.said.out).toContain(join(terminal.folder, 'data', 'crier.db'))
    expect(terminal.said.out).toContain('npx crier source add https://example.com/feed.xml')
    expect(terminal.said.out).not.toContain('Open to')
    expect(terminal.said.out).toMatch(/Telegram +off; .*@BotFather.*TELEGRAM_BOT_TOKEN/)

    terminal.signal()
    expect((await running).code).toBe(0)
    expect([service.state.stops, terminal.handlers(), terminal.said.exits]).toEqual([1, 0, []])
  })

  test.each([
    [
      { HOST: '0.0.0.0' },
      /Open to +whoever reaches this machine, without a login\. Links lead to this machine alone until/,
    ],
    [
      { HOST: '192.168.1.9', CRIER_PUBLIC_URL: 'https://news.example' },
      /Open to +whoever reaches .* without a login\.\n/,
    ],
    [{ HOST: '::1' }, /^(?![\s\S]*Open to)/],
  ])('says who else may read what it shows: %j', async (env, said) => {
    expect(await saidAtStart(fakeService(), env)).toMatch(said)
  })

  test.each([
    ['out', 'err', 'who read standard output is gone'],
    ['err', 'out', 'who read the log is gone'],
  ] as const)(
    'without a reader of %s it ends in order, with a code that starts it anew, and says so on %s',
    async (gone, there, says) => {
      const service = fakeService()
      const terminal = testTerminal({}, service.deps)
      const running = terminal.crier('start')
      await service.started
      terminal.signal(gone)

      expect((await running).code).toBe(4)
      expect(terminal.said[there]).toContain(says)
      expect([service.state.stops, terminal.handlers(), terminal.said.exits]).toEqual([1, 0, []])
    },
  )

  test('warns of a setting that does nothing, without its value', async () => {
    const service = fakeService()
    const terminal = testTerminal({ env: { CRIER_BACKUP_FOLDER: '/secret' } }, service.deps)
    const running = terminal.crier('start')
    await service.started
    terminal.signal()
    await running

    expect(terminal.said.err).toMatch(
      /CRIER_BACKUP_FOLDER: no setting of Crier, and ignored\. Those that begin so are .*CRIER_DATA/,
    )
    expect(terminal.said.err).not.toContain('secret')
  })

  test('a second signal ends the process at once', async () => {
    const service = fakeService()
    const terminal = testTerminal({}, service.deps)
    const running = terminal.crier('start')
    await service.started

    terminal.signal()
    terminal.signal()

    expect(terminal.said.exits).toEqual([130])
    await running
  })

  test('a signal that comes while it starts is not lost', async () => {
    const service = fakeService()
    const terminal = testTerminal(
      {},
      {
        startApp: (config, io) => {
          terminal.signal()
          return service.deps.startApp(config, io)
        },
      },
    )

    expect((await terminal.crier('start')).code).toBe(0)
    expect(service.state.stops).toBe(1)
  })

  test('what it refuses is one line', async () => {
    const startApp = () => Promise.reject(new AppError('conflict', 'Crier is already running here (pid 7), on ./data.'))
    const terminal = testTerminal({}, { startApp })

    const { code, out, err } = await terminal.crier('start')

    expect([code, out]).toEqual([2, ''])
    expect(err).toBe('crier: Crier is already running here (pid 7), on ./data.\n')
    expect(terminal.handlers()).toBe(0)
  })

  const states: { state: TelegramState['state']; code: string | null; says: RegExp }[] = [
    {
      state: 'online',
      code: 'ABCD2345',
      says: /@my_bot is connected.*\/start ABCD2345\nor open https:\/\/t\.me\/my_bot\?start=ABCD2345$/m,
    },
    { state: 'online', code: null, says: /@my_bot is connected\.$/m },
    { state: 'unauthorized', code: null, says: /refuses the token.*TELEGRAM_BOT_TOKEN.*everything else runs/ },
    { state: 'offline', code: null, says: /cannot be reached/ },
    { state: 'conflict', code: null, says: /somebody else/ },
  ]
  for (const { state, code, says } of states) {
    test(`Telegram ${state}${code ? ', without an owner' : ''}: says how to go on`, async () => {
      const service = fakeService(() => ({ state, username: 'my_bot', code }))
      expect(await saidAtStart(service)).toMatch(says)
    })
  }

  test('Telegram that is there at last is said then, and nothing twice', async () => {
    const states = ['connecting', 'offline', 'offline', 'online'] as const
    let looks = 0
    const service = fakeService(() => ({ state: states[looks++ - 1] ?? 'connecting', username: 'my_bot', code: null }))
    const terminal = testTerminal({}, service.deps)
    const running = terminal.crier('start')
    await vi.waitFor(() => expect(terminal.said.out).toContain('is connected'), { timeout: 10_000 })

    expect(terminal.said.out.match(/cannot be reached|is connected/g)).toEqual(['cannot be reached', 'is connected'])
    terminal.signal()
    await running
  })

  test('its alerts go to standard output and its log to standard error, without the token', async () => {
    const token = '987654:CANARY-abcdefghijklmnopqrstuvwxyz0123'
    const service = fakeService()
    const terminal = testTerminal({ env: { TELEGRAM_BOT_TOKEN: token } }, service.deps)
    const running = terminal.crier('start')
    await service.started
    await turn()

    await service.told[0]?.io.say('An alert', new AbortController().signal)
    service.told[0]?.io.log.info({ url: `https://api.telegram.org/bot${token}/getMe` }, 'asked')
    expect(terminal.said.out).toContain('\nAn alert\n')
    expect(terminal.said.err).toContain('asked')
    expect(terminal.said.out + terminal.said.err).not.toContain('CANARY')
    terminal.signal()
    await running
  })
})

test('npm start becomes the service: a signal that npm hands to its shell does not stop there', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const command = scripts.start.replaceAll('node dist/main.js', `"${process.execPath}" -p process.pid`)

  const { pid, stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' })

  expect(stdout).toBe(`${pid}\n`)
})

test('npm start -- ARGS is the command with these: npm puts them at the end of its script', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const show = 'console.log(process.argv.slice(1).join(" "))'
  const command = scripts.start.replaceAll('node dist/main.js', `"${process.execPath}" -e '${show}' --`)

  const { stdout } = spawnSync('sh', ['-c', `${command} "source" "list"`], { encoding: 'utf8' })

  expect(stdout).toBe('source list\n')
})
