import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { type CliDeps, runCli } from '../../src/cli/program.ts'
import { AppError, type ErrorCode } from '../../src/errors.ts'
import { testFolder } from '../support/store.ts'
import { noService, testTerminal } from './terminal.ts'

/** The names people and scripts depend on. */
const NAMES = [
  ...['start', 'demo', 'import', 'export', 'poll', 'parse', 'search', 'alerts', 'why', 'whynot', 'status'],
  ...['add', 'list', 'show', 'set', 'remove', 'pause', 'resume'].map((verb) => `source ${verb}`),
  ...['add', 'try', 'list', 'remove', 'mute'].map((verb) => `watch ${verb}`),
]

describe('help', () => {
  test('lists every command by the name it is typed with, on standard output', async () => {
    const { code, out, err } = await testTerminal().crier('--help')

    expect([code, err]).toEqual([0, ''])
    for (const name of NAMES) expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
    expect(COMMANDS.map((command) => command.name).sort()).toEqual([...NAMES].sort())
  })

  test('it names what each command needs, as the command’s own help does', async () => {
    const { out } = await testTerminal().crier('--help')

    for (const term of [
      'start ',
      'source set REF ',
      'watch add QUERY ',
      'watch mute \\[N\\] TIME\\|off ',
      'search \\[QUERY\\] ',
      'alerts ',
    ])
      expect(out).toMatch(new RegExp(`^  ${term} +\\S`, 'm'))
  })

  test('no line of it is wider than the terminal', async () => {
    const terminal = testTerminal({ columns: 80 })
    for (const name of ['', ...NAMES]) {
      const { code, out } = await terminal.crier(...name.split(' ').filter((word) => word !== ''), '--help')

      expect(code, name).toBe(0)
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
    }
  })

  test('every command that lists or shows takes --json', async () => {
    const shows = [
      'source list',
      'source show',
      'watch list',
      'search',
      'alerts',
      'status',
      'parse',
      'watch try',
      'why',
      'whynot',
    ]
    const taking = COMMANDS.filter((command) => command.options?.some(({ flags }) => flags === '--json'))

    expect(taking.map((command) => command.name)).toEqual(expect.arrayContaining(shows))
  })
})

test('the README knows every command', () => {
  const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')
  for (const name of NAMES) {
    const [noun, verb] = name.split(' ')
    // A table's row says `crier source list`, `show REF`, …
    expect(readme, name).toMatch(new RegExp(`^\\| .*\\bcrier ${noun}\\b.*\\b${verb ?? ''}`, 'm'))
  }
})

test('the README knows every option', () => {
  const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')
  const options = COMMANDS.flatMap(({ options = [] }) =>
    options.map(({ flags }) => /^--[a-z-]+/.exec(flags)?.[0] ?? flags),
  )

  expect(options.filter((name) => !new RegExp(`${name}(?![a-z-])`).test(readme))).toEqual([])
})

test('every command that is advised can be pasted: it begins with npx', () => {
  const src = fileURLToPath(new URL('../../src', import.meta.url))
  const words = [...new Set(NAMES.map((name) => name.split(' ')[0]))].join('|')
  const bare = new RegExp(`(?<!npx )\\bcrier (?:(?:${words})\\b|[$][{]spec[.])`)
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  // Comments are for those who read the code.
  const said = files.flatMap((path) =>
    readFileSync(join(src, path), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(?:\/?\*|\/\/)/.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  )

  expect(said.filter((line) => bare.test(line))).toEqual([])
  expect(said.filter((line) => line.includes('npx crier ')).length).toBeGreaterThan(30)
})

test('help is a command too, and nothing is suggested where nothing is near', async () => {
  const terminal = testTerminal()

  expect(await terminal.crier('help', 'search')).toMatchObject({ code: 0, out: expect.stringContaining('--limit') })
  expect(await terminal.crier('help', 'source', 'set')).toEqual(await terminal.crier('source', 'set', '--help'))
  expect((await terminal.crier('xyzzy')).err).not.toContain('Did you mean')
  expect((await terminal.crier('source', 'ad')).err).toContain('Did you mean add?')
})

test.each([
  ['list', 'source list or watch list'],
  ['mute', 'watch mute'],
  ['sources', 'source …'],
  ['sorce', 'source …'],
  ['soucre', 'source …'],
  ['wath', 'watch …'],
  ['serch', 'search'],
])('%s is no command: %s is meant', async (written, meant) => {
  const { code, err } = await testTerminal().crier(written)

  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`(Did you mean ${meant}?)`) })
})

test('--version prints the version and nothing else', async () => {
  expect(await testTerminal({ version: '1.2.3' }).crier('--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' })
})

describe('what is asked wrongly ends with 2 and says what would be right', () => {
  const rows: { asked: string[]; says: RegExp }[] = [
    { asked: ['statsu'], says: /unknown command 'statsu'[\s\S]*status/ },
    { asked: ['xyzzy'], says: /unknown command 'xyzzy'\nSee npx crier --help\n$/ },
    { asked: ['source', 'xyzzy'], says: /unknown command 'xyzzy'\nSee npx crier source --help\n$/ },
    { asked: ['search', '--limt', '3'], says: /--limit/ },
    { asked: ['search', '--limit', '0'], says: /--limit must be a whole number from 1/ },
    { asked: ['search', '--limit', '5x'], says: /--limit/ },
    { asked: ['source'], says: /source add/ },
    { asked: ['source', 'add'], says: /missing required argument[\s\S]*source add --help/ },
    { asked: ['source', 'add', 'nonsense'], says: /"nonsense" is not a web address[\s\S]*https:/ },
    { asked: ['source', 'add', 'https://a.example/', '--every', 'often'], says: /--every must be a time such as 90s/ },
    { asked: ['source', 'set', '1'], says: /--every/ },
    { asked: ['watch', 'add'], says: /There is no query[\s\S]*watch add/ },
    { asked: ['watch', 'add', '-jobs'], says: /comes after --/ },
    { asked: ['watch', 'add', 'data', '--chat', 'me'], says: /--chat must be "terminal" or the number/ },
    { asked: ['watch', 'add', 'data', '--from', 'x'], says: /Keep one of them/ },
    { asked: ['watch', 'remove', 'one'], says: /watch list/ },
    { asked: ['watch', 'mute'], says: /missing required argument/ },
    { asked: ['watch', 'mute', 'soon'], says: /"soon" says no time\. How long\? Use 30m, 2h, 3d or off\./ },
    { asked: ['poll', '--all', '1'], says: /--all/ },
    { asked: ['status', 'now'], says: /too many arguments/ },
  ]
  for (const { asked, says } of rows) {
    test(`crier ${asked.join(' ')}`, async () => {
      const terminal = testTerminal({ isBare: true })

      const { code, out, err } = await terminal.crier(...asked)

      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(says)
      expect(existsSync(join(terminal.folder, 'data'))).toBe(false)
    })
  }

  test('a setting that is wrong, told with an example', async () => {
    const { code, err } = await testTerminal({ env: { CRIER_TIMEZONE: 'Mars/Olympus' } }).crier('status')

    expect(code).toBe(2)
    expect(err).toMatch(/CRIER_TIMEZONE.*Example/)
  })
})

describe('a command without a database', () => {
  const rows = [
    ['source', 'list'],
    ['source', 'show', '1'],
    ['source', 'set', '1', '--title', 'x'],
    ['source', 'remove', '1'],
    ['source', 'pause', '1'],
    ['source', 'resume', '1'],
    ['export'],
    ['poll'],
    ['poll', '--all'],
    ['watch', 'add', 'data'],
    ['watch', 'try', 'data'],
    ['watch', 'list'],
    ['watch', 'remove', '1'],
    ['watch', 'mute', '2h'],
    ['search', 'data'],
    ['alerts'],
    ['why', '1'],
    ['whynot', 'https://example.com/1'],
    ['status', '--json'],
  ]
  for (const asked of rows) {
    test(`crier ${asked.join(' ')} ends with 3, names the path and the setting, says what to begin with, and makes none`, async () => {
      const terminal = testTerminal({ env: { CRIER_DATA: 'elsewhere' } })

      const { code, out, err } = await terminal.crier(...asked)

      expect([code, out]).toEqual([3, ''])
      expect(err).toContain(join(terminal.folder, 'elsewhere', 'crier.db'))
      expect(err).toContain('CRIER_DATA')
      expect(err).toContain('Try: npx crier source add')
      expect(existsSync(join(terminal.folder, 'elsewhere'))).toBe(false)
    })
  }
})

test('settings come from .env in the working directory, and the environment wins', async () => {
  const terminal = testTerminal()
  writeFileSync(join(terminal.folder, '.env'), 'CRIER_DATA=from-dotenv\n')
  expect((await terminal.crier('status')).err).toContain('from-dotenv')

  const other = testTerminal({ cwd: terminal.folder, env: { CRIER_DATA: 'from-env' } })
  expect((await other.crier('status')).err).toContain('from-env')
})

describe('what went wrong decides the exit code', () => {
  const rows: { thrown: Error; code: number }[] = [
    ...Object.entries({ invalid: 2, conflict: 2, not_found: 3, unavailable: 4, internal: 1 }).map(([kind, code]) => ({
      // The keys above are the error codes.
      thrown: new AppError(kind as ErrorCode, `It was ${kind}.`),
      code,
    })),
    { thrown: new TypeError('x is undefined'), code: 1 },
  ]
  for (const { thrown, code } of rows) {
    test(`${thrown.message} → ${code}`, async () => {
      const deps: CliDeps = { startApp: () => Promise.reject(thrown) }

      const ran = await testTerminal({}, deps).crier('start')

      expect(ran.code).toBe(code)
      expect(ran.err).toContain(thrown.message)
      expect(ran.out).toBe('')
    })
  }

  test('our own bug shows where it was, without a token', async () => {
    const token = '987654:CANARY-abcdefghijklmnopqrstuvwxyz0123'
    const deps: CliDeps = { startApp: () => Promise.reject(new Error(`https://api.telegram.org/bot${token}/getMe`)) }

    const { err } = await testTerminal({}, deps).crier('start')

    expect(err).toContain('Internal error.')
    expect(err).toMatch(/program\.test\.ts/)
    expect(err).not.toContain('CANARY')
  })
})

test('crier alone is crier start', async () => {
  const terminal = testTerminal()
  let started = 0
  const deps: CliDeps = {
    startApp: () => {
      started += 1
      return Promise.reject(new AppError('conflict', 'Busy.'))
    },
  }

  const code = await runCli([], terminal.io, deps)

  expect([code, started]).toEqual([2, 1])
})

test('nobody starts a service but start and demo', async () => {
  const terminal = testTerminal({ cwd: testFolder() }, noService)
  for (const name of ['status', 'alerts', 'export'])
    expect((await terminal.crier(name)).err).not.toContain('No service here')
})

test('a small command loads neither the network, nor the bot, nor the pages', () => {
  const root = fileURLToPath(new URL('../../src', import.meta.url))
  const packages = new Set<string>()
  const seen = new Set<string>()
  const visit = (path: string) => {
    if (seen.has(path)) return
    seen.add(path)
    // Only what is imported for its values and at once: types vanish, and `import(…)` waits.
    const imports = readFileSync(path, 'utf8').matchAll(/^(?:import|export) (?!type )[^'"]*?from '([^']+)'/gm)
    for (const [, name = ''] of imports) {
      if (name.startsWith('.')) visit(join(dirname(path), name))
      else packages.add(name)
    }
  }
  for (const name of ['program', 'status', 'watches', 'search', 'alerts', 'why', 'try'])
    visit(join(root, 'cli', `${name}.ts`))

  expect(packages).toContain('commander')
  for (const heavy of ['undici', 'grammy', 'hono', 'sanitize-html', 'rss-parser', 'feed', 'node-cron']) {
    expect([...packages].filter((name) => `${name}/`.startsWith(`${heavy}/`))).toEqual([])
  }
})
