import { BotError, type Context, GrammyError, HttpError } from 'grammy'
import { expect, test } from 'vitest'
import { AppError } from '../../src/errors.ts'
import type { Log } from '../../src/log.ts'
import { noteTrouble } from '../../src/telegram/trouble.ts'
import { silentLog } from '../support/store.ts'

const SECRET = '987654:CANARY-abc'

/** What the log says of this, as lines of level and all that it holds. */
function linesOf(error: unknown): string[] {
  const lines: string[] = []
  const note = (level: string) => (more: object, text: string) => {
    lines.push(`${level} ${JSON.stringify(more)} ${text}`)
  }
  const log = { ...silentLog, warn: note('warn'), error: note('error') } as Log
  noteTrouble(error, { log, secret: SECRET })
  return lines
}

// A handler of grammY wraps what broke in it; only the error in it is ours.
const ofHandler = (error: unknown) => new BotError(error, {} as Context)
const answered = { ok: false as const, error_code: 400, description: 'Bad Request: message is too long' }

test.each([
  ['Telegram refuses it', new GrammyError('failed', answered, 'sendMessage', {}), 'Bad Request: message is too long'],
  ['Telegram asks to wait', throttled(), 'throttled'],
  ['there is no connection', new HttpError(`to ${SECRET}`, new SyntaxError(SECRET)), 'no JSON'],
  ['too much waits already', new AppError('unavailable', 'Too many answers wait in this chat.'), 'Too many answers'],
])('an answer that cannot be given because %s is a warning that says why', (_, error, why) => {
  for (const given of [error, ofHandler(error)]) {
    const lines = linesOf(given)
    expect(lines).toEqual([expect.stringMatching(/^warn .*Telegram: an answer could not be given$/)])
    expect(lines[0]).toContain(why)
    expect(lines[0]).not.toContain('CANARY')
  }
})

test.each([
  ['a bug', new TypeError(`no x of https://api.telegram.org/bot${SECRET}/getMe`)],
  ['a bug that holds the token as an address does', new TypeError(`bot${encodeURIComponent(SECRET)}/getMe`)],
  ['what is no error at all', `bot${SECRET}`],
])('%s is an error in the log, and the token is not in it', (_, error) => {
  for (const given of [error, ofHandler(error)]) {
    const lines = linesOf(given)
    expect(lines).toEqual([expect.stringMatching(/^error .*\(token\).*Telegram: an update could not be handled$/)])
    expect(lines[0]).not.toContain('CANARY')
  }
})

function throttled() {
  const answer = {
    ok: false as const,
    error_code: 429,
    description: 'Too Many Requests',
    parameters: { retry_after: 3 },
  }
  return new GrammyError('failed', answer, 'sendMessage', {})
}
