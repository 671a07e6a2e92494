import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Config, OPTIONS, readConfig, userAgent } from '../src/config.ts'
import { AppError } from '../src/errors.ts'

const TOKEN = '123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0'
type Env = Record<string, string | undefined>

function refusal(env: Env, dotenv: string | null = null, readFile?: (path: string) => string): string {
  try {
    readConfig(env, dotenv, { timezone: 'Etc/UTC', ...(readFile && { readFile }) })
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid') return error.message
    throw error
  }
  return 'accepted'
}

describe('settings', () => {
  test('all have defaults', () => {
    expect(readConfig({}, null, { timezone: 'Asia/Shanghai' })).toEqual({
      host: '127.0.0.1',
      port: 8080,
      dataDir: './data',
      publicUrl: null,
      allowHosts: [],
      timezone: 'Asia/Shanghai',
      logLevel: 'info',
      telegram: { token: null, apiRoot: 'https://api.telegram.org', owner: null },
      ignored: [],
    })
  })

  test("the machine's own time zone is taken when nobody says another", () => {
    // The test runner sets TZ.
    expect(readConfig({}, null).timezone).toBe('America/New_York')
  })

  test("a machine's time zone that is none, as of an empty TZ, is UTC", () => {
    expect(readConfig({}, null, { timezone: 'Etc/Unknown' }).timezone).toBe('UTC')
  })

  test('can all be set', () => {
    const env = {
      HOST: '::1',
      PORT: '0',
      CRIER_DATA: '/var/lib/crier',
      CRIER_PUBLIC_URL: 'https://news.example.org/crier/',
      CRIER_ALLOW_HOSTS: 'NAS.local, 192.168.1.0/24,,fd00::/8,[::1],10.0.0.1',
      CRIER_TIMEZONE: 'Europe/Berlin',
      LOG_LEVEL: 'WARN',
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_API_ROOT: 'http://127.0.0.1:8081/',
      TELEGRAM_OWNER: '123456789',
    }

    expect(readConfig(env, null)).toEqual({
      host: '::1',
      port: 0,
      dataDir: '/var/lib/crier',
      publicUrl: 'https://news.example.org/crier',
      allowHosts: ['nas.local', '192.168.1.0/24', 'fd00::/8', '[::1]', '10.0.0.1'],
      timezone: 'Europe/Berlin',
      logLevel: 'warn',
      telegram: { token: TOKEN, apiRoot: 'http://127.0.0.1:8081', owner: 123456789 },
      ignored: [],
    })
  })

  test('of the environment stand above those of .env, and an empty one is not set', () => {
    const dotenv = '\ufeff# mine\nPORT=3000\nCRIER_TIMEZONE="Europe/Berlin"\nHOST=\nexport LOG_LEVEL=debug\n'

    const config = readConfig({ PORT: '4000', CRIER_TIMEZONE: ' ', LOG_LEVEL: undefined }, dotenv)

    expect(config).toMatchObject({ port: 4000, timezone: 'Europe/Berlin', host: '127.0.0.1', logLevel: 'debug' })
  })

  test('below a line of .env that sets nothing are read all the same', () => {
    const dotenv = 'my own notes\n# of today\nPORT=3000\nTELEGRAM_BOT_TOKEN\n\nexport LOG_LEVEL=debug\n'

    expect(readConfig({}, dotenv)).toMatchObject({ port: 3000, logLevel: 'debug' })
  })

  test('that are no settings of ours are left alone', () => {
    const env = { PATH: '/bin', TELEGRAM_API_HASH: 'abc', TELEGRAM_CHAT_ID: '1', CRIER_PORT: 'tcp://10.0.0.1:80' }

    expect(refusal(env)).toBe('accepted')
  })
})

test.each<[Env, Partial<Config>]>([
  [
    { HOST: 'localhost', PORT: '65535' },
    { host: 'localhost', port: 65_535 },
  ],
  [{ CRIER_PUBLIC_URL: 'HTTPS://news.example//' }, { publicUrl: 'HTTPS://news.example' }],
  [{ CRIER_ALLOW_HOSTS: '10.0.0.1/32,fd00::1/128' }, { allowHosts: ['10.0.0.1/32', 'fd00::1/128'] }],
])('%j is taken', (env, settings) => {
  expect(readConfig(env, null)).toMatchObject(settings)
})

test('we tell servers our name, and an address to complain to where there is one', () => {
  expect(userAgent('1.2.3', { publicUrl: null })).toBe('Crier/1.2.3')
  expect(userAgent('1.2.3', { publicUrl: 'https://news.example' })).toBe('Crier/1.2.3 (+https://news.example)')
})

describe('a fault', () => {
  test.each<[Env, string]>([
    [{ PORT: 'http' }, 'PORT must be a whole number from 0 to 65535, not "http". Example: PORT=3000'],
    [{ PORT: '65536' }, 'not "65536"'],
    [{ PORT: '-1' }, 'not "-1"'],
    [{ PORT: '80.5' }, 'not "80.5"'],
    [{ HOST: 'http://localhost' }, 'HOST must be an address or a host name, without a port, not "http://localhost"'],
    [{ HOST: 'localhost:80' }, 'not "localhost:80"'],
    [{ CRIER_PUBLIC_URL: 'news.example.org' }, 'must be a whole address with http:// or https://'],
    [{ CRIER_PUBLIC_URL: 'ftp://news.example.org' }, 'CRIER_PUBLIC_URL'],
    [{ CRIER_PUBLIC_URL: 'https://news.example.org/?a=1' }, 'CRIER_PUBLIC_URL'],
    [{ CRIER_PUBLIC_URL: 'https://' }, 'CRIER_PUBLIC_URL'],
    [{ CRIER_ALLOW_HOSTS: 'nas.local,http://x.example' }, 'not "http://x.example". Example: CRIER_ALLOW_HOSTS='],
    [{ CRIER_ALLOW_HOSTS: 'nas.local:80' }, 'not "nas.local:80"'],
    [{ CRIER_ALLOW_HOSTS: '10.0.0.0/33' }, 'not "10.0.0.0/33"'],
    [{ CRIER_ALLOW_HOSTS: '10.0.0/8' }, 'not "10.0.0/8"'],
    [{ CRIER_ALLOW_HOSTS: '10.0.0.0/' }, 'not "10.0.0.0/"'],
    [{ CRIER_ALLOW_HOSTS: '10.0.0.0/8/8' }, 'not "10.0.0.0/8/8"'],
    [{ CRIER_ALLOW_HOSTS: 'fd00::/129' }, 'not "fd00::/129"'],
    [{ CRIER_ALLOW_HOSTS: 'nas.local/8' }, 'not "nas.local/8"'],
    [{ CRIER_ALLOW_HOSTS: '10' }, 'not "10"'],
    [{ CRIER_ALLOW_HOSTS: '300.1.1.1' }, 'not "300.1.1.1"'],
    [{ CRIER_ALLOW_HOSTS: '*.local' }, 'not "*.local"'],
    [
      { CRIER_TIMEZONE: 'Berlin' },
      'must be a time zone by its IANA name, not "Berlin". Example: CRIER_TIMEZONE=Europe/Berlin',
    ],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of debug, info, warn, error, silent, not "loud"'],
    [{ TELEGRAM_OWNER: '@ann' }, 'TELEGRAM_OWNER must be a numeric user id'],
    [{ TELEGRAM_OWNER: '0' }, 'TELEGRAM_OWNER'],
    [{ TELEGRAM_OWNER: '9999999999999999' }, 'TELEGRAM_OWNER'],
    [{ TELEGRAM_API_ROOT: 'api.telegram.org' }, 'TELEGRAM_API_ROOT must be a whole address'],
    [{ TELEGRAM_BOT_TOKEN: 'hunter2hunter2' }, 'TELEGRAM_BOT_TOKEN is not a bot token: digits, a colon'],
    [{ CRIER_PUBLC_URL: 'https://x.example' }, 'CRIER_PUBLC_URL is no setting. Did you mean CRIER_PUBLIC_URL?'],
    [{ crier_data: '/x' }, 'crier_data is no setting. Did you mean CRIER_DATA?'],
    [{ TELEGRAM_TOKEN: TOKEN }, 'TELEGRAM_TOKEN is no setting. Did you mean TELEGRAM_BOT_TOKEN?'],
    [{ TELEGRAM_TOKEN_FILE: '/t' }, 'Did you mean TELEGRAM_BOT_TOKEN_FILE?'],
    [{ TELEGRAM_OWNER_ID: '12' }, 'Did you mean TELEGRAM_OWNER?'],
    [{ CRIER_HOST: '::1' }, 'Did you mean HOST?'],
    [{ CRIER_PORT: '3000' }, 'Did you mean PORT?'],
    [{ CRIER_TZ: 'UTC' }, 'Did you mean CRIER_TIMEZONE?'],
    [{ CRIER_URL: 'https://x.example' }, 'Did you mean CRIER_PUBLIC_URL?'],
    [{ TELEGRAM_BOT_TKNE: TOKEN }, 'Did you mean TELEGRAM_BOT_TOKEN?'],
    [{ CRIER_DATADIR: '/x' }, 'CRIER_DATADIR is no setting. Did you mean CRIER_DATA?'],
    [{ CRIER_LOGLEVEL: 'debug' }, 'CRIER_LOGLEVEL is no setting. Did you mean LOG_LEVEL?'],
  ])('%j is told', (env, sentence) => {
    expect(refusal(env)).toContain(sentence)
  })

  test('that is alone is told in one line', () => {
    expect(refusal({ PORT: 'x' })).toBe(
      'A setting is wrong. PORT must be a whole number from 0 to 65535, not "x". Example: PORT=3000',
    )
  })

  test('does not hide the others: all are told at once', () => {
    const message = refusal({ PORT: 'x', LOG_LEVEL: 'loud', TELEGRAM_OWNR: '1' }, 'CRIER_TIMEZONE=Nowhere')

    expect(message.split('\n')).toHaveLength(5)
    for (const name of ['4 settings are wrong', 'PORT', 'LOG_LEVEL', 'TELEGRAM_OWNR', 'CRIER_TIMEZONE']) {
      expect(message).toContain(name)
    }
  })

  test.each<Env>([
    { TELEGRAM_BOT_TOKEN: `${TOKEN}!` },
    { TELEGRAM_BOT_TOKEN: `bot${TOKEN}` },
    { TELEGRAM_OWNER: TOKEN },
    { CRIER_TIMEZONE: encodeURIComponent(TOKEN) },
    { CRIER_PUBLIC_URL: `https://ann:${TOKEN.slice(10)}@x.example` },
    { TELEGRAM_API_ROOT: `https://api.telegram.org/bot${TOKEN}?` },
  ])('never repeats a secret, also in the wrong place: %#', (env) => {
    const message = refusal(env)

    expect(message).toContain(Object.keys(env)[0])
    expect(message).not.toContain(TOKEN.slice(10))
  })
})

test('a name that begins as ours do and is like none of them is ignored, and given back to be told', () => {
  const env = { CRIER_BACKUP_FOLDER: '/b', CRIER_UI: 'dark', TELEGRAM_CHANNEL: '@x', HOME: '/h', CRIER_EMPTY: ' ' }
  // A service named crier in Kubernetes.
  const pod = {
    ...{ CRIER_PORT: 'tcp://10.0.0.1:80', CRIER_SERVICE_HOST: '10.0.0.1', CRIER_SERVICE_PORT_HTTP: '80' },
    ...{ CRIER_PORT_80_TCP: 'tcp://10.0.0.1:80', CRIER_PORT_80_TCP_PROTO: 'tcp', CRIER_PORT_80_TCP_ADDR: '10.0.0.1' },
  }

  expect(readConfig({ ...env, ...pod }, 'CRIER_VOLUME=x').ignored.sort()).toEqual([
    'CRIER_BACKUP_FOLDER',
    'CRIER_UI',
    'CRIER_VOLUME',
  ])
})

describe('the token in a file', () => {
  test('is read, its line end is not part of it', () => {
    const readFile = (path: string) => (path === '/run/secrets/token' ? `${TOKEN}\n` : '')

    const config = readConfig({ TELEGRAM_BOT_TOKEN_FILE: '/run/secrets/token' }, null, { readFile })

    expect(config.telegram.token).toBe(TOKEN)
  })

  test.each<[string, Env, (path: string) => string, string]>([
    [
      'that cannot be read',
      { TELEGRAM_BOT_TOKEN_FILE: '/nowhere' },
      () => {
        throw new Error('ENOENT')
      },
      'TELEGRAM_BOT_TOKEN_FILE names a file that cannot be read: "/nowhere". Example:',
    ],
    ['that holds none', { TELEGRAM_BOT_TOKEN_FILE: '/x' }, () => 'nonsense', 'that does not hold a bot token'],
    [
      'and beside it',
      { TELEGRAM_BOT_TOKEN_FILE: '/x', TELEGRAM_BOT_TOKEN: TOKEN },
      () => TOKEN,
      'TELEGRAM_BOT_TOKEN and TELEGRAM_BOT_TOKEN_FILE are both set. Keep one of them.',
    ],
  ])('%s is a fault', (_, env, readFile, sentence) => {
    expect(refusal(env, null, readFile)).toContain(sentence)
  })
})

describe('the list of settings', () => {
  const accepted = OPTIONS.filter(({ name }) => name !== 'TELEGRAM_BOT_TOKEN')

  test.each(accepted)('$name has an example that is accepted, and a default that is', ({ name, ...option }) => {
    for (const value of [option.example, option.default]) {
      expect(refusal({ [name]: value }, null, () => TOKEN)).toBe('accepted')
    }
  })

  test('is what .env.example says, line by line, with everything commented out', () => {
    const file = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
    const expected = OPTIONS.map(
      (option) => `# ${option.meaning}\n#${option.name}=${option.default || option.example}\n`,
    ).join('\n')

    expect(file.slice(file.indexOf('\n\n') + 2)).toBe(expected)
    expect(file.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([])
  })
})
