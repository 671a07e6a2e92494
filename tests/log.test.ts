import { describe, expect, test } from 'vitest'
import { createLog, createRepeatedError, type LogLevel, redactTokens, silentLog } from '../src/log.ts'

const TOKEN = '123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0'
const NOW = Date.parse('2026-11-23T09:03:07Z')

function listen(options: { level?: LogLevel; pretty?: boolean; secrets?: string[] } = {}) {
  const lines: string[] = []
  const log = createLog({
    level: options.level ?? 'info',
    pretty: options.pretty ?? false,
    write: (line) => lines.push(line),
    secrets: options.secrets ?? [],
    clock: () => NOW,
  })
  return { log, lines }
}

describe('a line', () => {
  test('is one JSON object with time, level, fields and message', () => {
    const { log, lines } = listen()

    log.info({ source: 12, items: 3, tags: ['a'] }, 'Polled 100 %d.')

    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/\n$/)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: '2026-11-23T09:03:07.000Z',
      source: 12,
      items: 3,
      tags: ['a'],
      message: 'Polled 100 %d.',
    })
  })

  test('for people has the local time, the level, the message and key=value', () => {
    const { log, lines } = listen({ pretty: true })

    log.warn({ source: 12, url: 'https://x.example/a', title: 'two words', at: null }, 'No answer.')

    // The test runner's zone is New York.
    expect(lines).toEqual(['04:03:07 warn  No answer.  source=12 url=https://x.example/a title="two words" at=null\n'])
  })

  test('without fields is only the message', () => {
    const { log, lines } = listen({ pretty: true })

    log.error({}, 'The port is taken.')

    expect(lines).toEqual(['04:03:07 error The port is taken.\n'])
  })

  test.each<[LogLevel, number]>([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
    ['silent', 0],
  ])('at level %s: %d of four', (level, expected) => {
    const { log, lines } = listen({ level })

    for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each]({}, 'x')

    expect(lines).toHaveLength(expected)
  })

  test('keeps its own names when a field has the same', () => {
    const { log, lines } = listen()

    log.info({ level: 'x', time: 'y', message: 'z' }, 'Mine.')

    expect(JSON.parse(lines[0] ?? '')).toEqual({
      ...{ level: 'info', time: '2026-11-23T09:03:07.000Z', message: 'Mine.' },
      ...{ level_: 'x', time_: 'y', message_: 'z' },
    })
  })
})

test('of an error only the sentence goes out, whatever it would say of itself', () => {
  const { log, lines } = listen()
  const err = Object.assign(new TypeError('No answer.'), { request: 'GET /', toJSON: () => ({ request: 'GET /' }) })

  log.error({ err, inside: { err: new Error('No.') } }, 'x')

  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: 'TypeError: No answer.', inside: { err: 'Error: No.' } })
})

describe.each([false, true])('secrets (pretty: %s)', (pretty) => {
  const secret = 'p@ss "word"/+ü'

  test.each<[string, object, string]>([
    ['in a field', { a: secret }, 'x'],
    ['in the message', {}, `Wrong: ${secret}.`],
    ['in a name of a field', { [secret]: 1 }, 'x'],
    ['deep inside', { a: { b: [{ c: secret }] } }, 'x'],
    ['URL-encoded', { a: encodeURIComponent(secret) }, 'x'],
    ['in an address', { a: encodeURI(`https://x.example/${secret}`) }, 'x'],
    ['in base64', { a: Buffer.from(secret).toString('base64') }, 'x'],
    ['in an error', { err: new Error(`at ${secret}`) }, 'x'],
    ['in an error inside', { a: { err: new Error(`at ${secret}`) } }, 'x'],
    ['at the edge where a field is cut', { a: `${'-'.repeat(2_043)}${secret}` }, 'x'],
    ['at the edge where a message is cut', {}, `${'-'.repeat(2_043)}${secret}`],
  ])('%s are taken out', (_, fields, message) => {
    const { log, lines } = listen({ pretty, secrets: [secret] })

    log.info(fields, message)

    expect(lines.join('')).toContain('[secr')
    for (const form of [
      'p@ss',
      'word',
      encodeURIComponent('p@ss'),
      Buffer.from(secret).toString('base64').slice(0, 12),
    ]) {
      expect(lines.join('')).not.toContain(form)
    }
  })

  test.each([0, 1, 2, 3])('in base64 behind %d other characters are taken out', (length) => {
    // With signs for which the two codings have other letters, wherever it stands.
    const secret = 'AAE->>>>-hunter2-????'
    const { log, lines } = listen({ pretty, secrets: [secret] })

    for (const coding of ['base64', 'base64url'] as const) {
      log.info({ header: Buffer.from(`${'u:?'.slice(0, length)}${secret}~~`).toString(coding) }, 'x')
    }

    for (const line of lines) expect(line).toContain('[secret]')
  })

  test('that are learned later are taken out too', () => {
    const secrets: string[] = []
    const { log, lines } = listen({ pretty, secrets })

    secrets.push('one-time-code')
    log.info({}, 'Say one-time-code.')

    expect(lines.join('')).toContain('Say [secret].')
  })

  test.each([
    TOKEN,
    `https://api.telegram.org/bot${TOKEN}/getMe`,
    encodeURIComponent(TOKEN),
    `https://ann:hunter2hunter2@x.example/feed`,
    'https://ann:p@hunter2@x.example/feed',
    `https://ann:${'hunter2'.repeat(60)}@x.example/feed`,
  ])('that nobody registered are known by their shape: %#', (text) => {
    const { log, lines } = listen({ pretty })

    log.info({ text }, `Asked ${text}.`)

    expect(lines.join('')).not.toMatch(/AAHdq|hunter2/)
  })

  test('too short to be one leave words alone', () => {
    const { log, lines } = listen({ pretty, secrets: ['', 'a'] })

    log.info({}, 'A banana.')

    expect(lines.join('')).toContain('A banana.')
  })
})

describe.each([false, true])('foreign text (pretty: %s)', (pretty) => {
  test('cannot make lines or move the terminal', () => {
    const { log, lines } = listen({ pretty })
    const hostile = 'a\nb\r\u001b[31mred\u0007\u009b1m\u2028\u202eesrever\u0000'

    log.info({ title: hostile }, `Title: ${hostile}`)

    expect(lines).toHaveLength(1)
    expect(lines[0]?.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u)
    if (!pretty) expect(JSON.parse(lines[0] ?? '')).toMatchObject({ title: hostile })
  })

  test('is cut at 2 kB, never inside a character', () => {
    const { log, lines } = listen({ pretty })

    log.info({ a: `${'x'.repeat(2_047)}😀${'y'.repeat(100_000)}`, b: { c: 'z'.repeat(100_000) } }, 'w'.repeat(100_000))

    expect(lines.join('').length).toBeLessThan(7_000)
    expect(lines.join('')).not.toMatch(/\\ud83d(?!\\u)/)
    expect(lines.join('')).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/)
  })
})

test('fields that cannot be written do not stop the line', () => {
  const { log, lines } = listen()
  const circle = { self: {} }
  circle.self = circle

  log.info({ circle, big: 10n, inside: { big: 10n }, nothing: undefined, f: () => 1 }, 'Still here.')

  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'Still here.', circle: '[unreadable]', big: '10' })
})

test('a token is known by its shape alone', () => {
  expect(redactTokens(`bot${TOKEN}/x`)).toBe('bot[secret]/x')
  expect(redactTokens('at 12:30:45, 123456:short')).toBe('at 12:30:45, 123456:short')
})

test('the silent log takes everything', () => {
  expect(() => silentLog.error({}, 'x')).not.toThrow()
})

test('an error that comes back each second is said once a minute, another one at once', () => {
  let now = NOW
  const said: string[] = []
  const log = {
    ...silentLog,
    error: (fields: object, message: string) => said.push(`${message} ${JSON.stringify(fields)}`),
  }
  const complain = createRepeatedError(log, () => now)
  const everySecond = (seconds: number, err: string) => {
    for (let second = 0; second < seconds; second += 1) {
      complain({ err }, 'broke')
      now += 1_000
    }
    return said.splice(0)
  }

  expect(everySecond(60, 'full')).toHaveLength(1)
  expect(everySecond(61, 'full')).toHaveLength(2)
  expect(everySecond(2, 'locked')).toEqual(['broke {"err":"locked"}'])
  expect(everySecond(1, 'full')).toHaveLength(1)
  // A clock that was set back must not keep it silent.
  now -= 3_600_000
  expect(everySecond(2, 'full')).toHaveLength(1)
})
