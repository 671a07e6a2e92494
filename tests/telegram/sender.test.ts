import { HttpError } from 'grammy'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Chat, OutboxMessage } from '../../src/model.ts'
import { createApi, readFailure } from '../../src/telegram/api.ts'
import { createSender } from '../../src/telegram/sender.ts'
import { type FakeAnswer, type FakeTelegram, startFakeTelegram } from '../support/fake-telegram.ts'

const URL_2 = 'https://example.com/2'

let telegram: FakeTelegram
beforeEach(async () => {
  telegram = await startFakeTelegram()
  telegram.knowChat(100)
})
afterEach(() => telegram.close())

test('an alert goes out as HTML, without a preview, with one button', async () => {
  const outcome = await sender().send(message())

  expect(outcome).toEqual({ kind: 'sent', messageId: '1' })
  expect(telegram.sent).toMatchObject([
    { chat: '100', text: 'Big data', raw: '<b>Big data</b>', buttons: ['🔗 Open → https://example.com/1'] },
  ])
  expect(telegram.sent[0]?.params).toMatchObject({ parse_mode: 'HTML', link_preview_options: { is_disabled: true } })
})

test('an alert without an address has no button', async () => {
  await sender().send(message({ rendered: { html: 'x', openUrl: null } }))
  expect(telegram.sent[0]?.params).not.toHaveProperty('reply_markup')
})

test('what was refused once goes out plain, without markup and button', async () => {
  await sender().send(message({ plain: true }))
  expect(telegram.sent[0]).toMatchObject({ raw: 'Big data', buttons: [] })
  expect(telegram.sent[0]?.params).not.toHaveProperty('parse_mode')
})

test.each(['Bad Request: message thread not found', 'Bad Request: TOPIC_DELETED'])(
  'after "%s" the message of a topic goes to its chat',
  async (description) => {
    telegram.fail(no(400, description))
    const chat: Chat = { id: '100/7', kind: 'telegram', state: 'active', goneReason: null, goneAt: null }
    expect(await sender().send(message({ chat }))).toEqual({ kind: 'moved', chat: '100' })
  },
)

test('an edit takes the place of what was sent, with the same button and without a preview', async () => {
  await sender().send(message())

  const outcome = await sender().send(message({ edits: '1', rendered: { html: '<b>Big data</b> +1', openUrl: URL_2 } }))

  expect(outcome).toEqual({ kind: 'sent', messageId: '1' })
  expect(telegram.sent).toMatchObject([{ id: 1, raw: '<b>Big data</b> +1', buttons: [`🔗 Open → ${URL_2}`], edits: 1 }])
  expect(telegram.calls.map(({ method }) => method)).toEqual(['sendMessage', 'editMessageText'])
  expect(telegram.sent[0]?.params).toMatchObject({ parse_mode: 'HTML', link_preview_options: { is_disabled: true } })
})

test('in a topic too, where it goes by the chat alone', async () => {
  const chat: Chat = { id: '100/7', kind: 'telegram', state: 'active', goneReason: null, goneAt: null }
  telegram.push({ text: 'Hello', chat: 100, topic: 7 })
  const { messageId } = { messageId: null, ...(await sender().send(message({ chat }))) }

  expect(await sender().send(message({ chat, edits: messageId, rendered: { html: 'new', openUrl: null } }))).toEqual({
    kind: 'sent',
    messageId,
  })
  expect(telegram.sent).toMatchObject([{ chat: '100', raw: 'new', edits: 1 }])
  expect(telegram.calls.map(({ method, params }) => [method, params.message_thread_id])).toEqual([
    ['sendMessage', 7],
    ['editMessageText', undefined],
  ])
})

test('what was sent plain is edited plain', async () => {
  await sender().send(message({ plain: true }))

  await sender().send(message({ plain: true, edits: '1', rendered: { html: '<b>Big</b> +1', openUrl: URL_2 } }))

  expect(telegram.sent).toMatchObject([{ raw: 'Big +1', buttons: [], edits: 1 }])
})

test('an edit that is there already has arrived', async () => {
  await sender().send(message())
  telegram.fail({ cut: 'middle' }, 'editMessageText')
  const edit = message({ edits: '1', rendered: { html: 'new', openUrl: null } })

  expect(await sender().send(edit)).toMatchObject({ kind: 'unknown' })
  expect(await sender().send(edit)).toEqual({ kind: 'sent', messageId: '1' })
  expect(telegram.sent).toMatchObject([{ text: 'new', edits: 1 }])
})

test('what was deleted, or is somebody else’s, cannot be edited: nothing new is sent', async () => {
  await sender().send(message())
  for (const sent of telegram.sent) telegram.remove(sent)
  telegram.push({ text: 'hello' })

  const outcomes = [await sender().send(message({ edits: '1' })), await sender().send(message({ edits: '2' }))]

  expect(outcomes).toEqual([
    { kind: 'refused', reason: 'Bad Request: message to edit not found' },
    { kind: 'refused', reason: "Bad Request: message can't be edited" },
  ])
  expect(telegram.sent).toEqual([])
})

const no = (status: number, description: string, parameters?: Record<string, unknown>): FakeAnswer => ({
  status,
  description,
  ...(parameters && { parameters }),
})

test.each<[string, FakeAnswer, unknown]>([
  ['429', no(429, 'Too Many Requests: retry after 7', { retry_after: 7 }), { kind: 'wait', retryAfterMs: 7_000 }],
  ['a blocked bot', no(403, 'Forbidden: bot was blocked by the user'), { kind: 'gone' }],
  ['an unknown chat', no(400, 'Bad Request: chat not found'), { kind: 'gone' }],
  [
    'an upgraded group',
    no(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -1001 }),
    { kind: 'moved', chat: '-1001' },
  ],
  ['bad HTML', no(400, "Bad Request: can't parse entities: Unsupported start tag"), { kind: 'refused' }],
  ['500', no(500, 'Internal Server Error: restart'), { kind: 'unknown' }],
  ['no answer', { hang: true }, { kind: 'unknown' }],
])('after %s an edit has the right fate', async (_, answer, outcome) => {
  await sender().send(message())
  telegram.fail(answer, 'editMessageText')
  expect(await senderFor(answer).send(message({ edits: '1' }))).toMatchObject(outcome as object)
})

test('a message is never taken for an edit: "not modified" is no word about it', async () => {
  telegram.fail(no(400, 'Bad Request: message is not modified'))
  expect(await sender().send(message())).toMatchObject({ kind: 'refused' })
})

test.each<[string, FakeAnswer, unknown]>([
  ['429', no(429, 'Too Many Requests: retry after 7', { retry_after: 7 }), { kind: 'wait', retryAfterMs: 7_000 }],
  ['429 without a time', no(429, 'Too Many Requests'), { kind: 'wait', retryAfterMs: 30_000 }],
  [
    'a blocked bot',
    no(403, 'Forbidden: bot was blocked by the user'),
    { kind: 'gone', reason: 'Forbidden: bot was blocked by the user' },
  ],
  ['a deleted person', no(403, 'Forbidden: user is deactivated'), { kind: 'gone' }],
  ['a kicked bot', no(403, 'Forbidden: bot was kicked from the supergroup chat'), { kind: 'gone' }],
  ['an unknown chat', no(400, 'Bad Request: chat not found'), { kind: 'gone' }],
  [
    'a group that took the right to write',
    no(400, 'Bad Request: not enough rights to send text messages to the chat'),
    { kind: 'gone' },
  ],
  ['a channel without rights', no(400, 'Bad Request: need administrator rights in the channel chat'), { kind: 'gone' }],
  ['a closed topic', no(400, 'Bad Request: TOPIC_CLOSED'), { kind: 'gone' }],
  ['a topic where none was meant', no(400, 'Bad Request: message thread not found'), { kind: 'refused' }],
  [
    'an upgraded group',
    no(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -1001 }),
    { kind: 'moved', chat: '-1001' },
  ],
  ['bad HTML', no(400, "Bad Request: can't parse entities: Unsupported start tag"), { kind: 'refused' }],
  ['a long text', no(400, 'Bad Request: message is too long'), { kind: 'refused' }],
  [
    'a bad button',
    no(400, "Bad Request: inline keyboard button URL 'x' is invalid: Wrong HTTP URL"),
    { kind: 'refused' },
  ],
  ['an answer nobody foresaw', no(418, 'I am a teapot'), { kind: 'refused' }],
  ['a wrong token', no(401, 'Unauthorized'), { kind: 'unsent', reason: 'Telegram refuses the bot token' }],
  ['a token of the wrong shape', no(404, 'Not Found'), { kind: 'unsent' }],
  ['500', no(500, 'Internal Server Error: restart'), { kind: 'unknown', reason: 'Telegram answered 500' }],
  ['the page of a proxy', { html: 502 }, { kind: 'unknown', reason: 'the answer was not from Telegram: no JSON' }],
  ['no answer', { hang: true }, { kind: 'unknown', reason: 'no answer from Telegram in time' }],
  ['a connection cut before the answer', { cut: 'before' }, { kind: 'unknown' }],
  ['a connection cut in the answer', { cut: 'middle' }, { kind: 'unknown' }],
])('after %s the message has the right fate', async (_, answer, outcome) => {
  telegram.fail(answer)
  expect(await senderFor(answer).send(message())).toMatchObject(outcome as object)
})

// As the server's source has them: without its word a chat that is gone would lose one message after another.
test.each([
  'have no write access to the chat',
  'CHAT_WRITE_FORBIDDEN',
  'CHAT_RESTRICTED',
  'TOPIC_DELETED',
  'PEER_ID_INVALID',
  'group chat was deactivated',
  'bot was blocked by the user',
  'bot was kicked from the group chat',
])('%s is a chat that is gone, in an answer of 400 too', async (description) => {
  telegram.fail(no(400, `Bad Request: ${description}`))
  expect(await sender().send(message())).toMatchObject({ kind: 'gone' })
})

test('a cut in the middle of the answer is noticed at once, not when the time is up', async () => {
  telegram.fail({ cut: 'middle' })
  const before = performance.now()
  await sender({ seconds: 60 }).send(message())
  expect(performance.now() - before).toBeLessThan(5_000)
})

test('a message to a server that is not there was certainly not sent', async () => {
  await telegram.close()
  const outcome = await sender().send(message())
  expect(outcome).toEqual({ kind: 'unsent', reason: 'no connection to Telegram (ECONNREFUSED)' })
  telegram = await startFakeTelegram()
})

const withCode = (code: string, more = {}) =>
  Object.assign(new Error('https://api.telegram.org/botSECRET'), { code, ...more })

test.each<[string, unknown, string]>([
  ['a host that is not known', withCode('ENOTFOUND'), 'unsent'],
  ['a resolver that is away', withCode('EAI_AGAIN'), 'unsent'],
  ['no route', withCode('EHOSTUNREACH'), 'unsent'],
  ['a connection that never opened', withCode('ETIMEDOUT', { syscall: 'connect' }), 'unsent'],
  ['a foreign certificate', withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'unsent'],
  ['a certificate that has ended', withCode('CERT_HAS_EXPIRED'), 'unsent'],
  ['the certificate of another host', withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'unsent'],
  [
    'every address of a host refusing',
    new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]),
    'unsent',
  ],
  [
    'one address refusing, the other breaking',
    new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNRESET')]),
    'unknown',
  ],
  ['a connection that fell silent', withCode('ETIMEDOUT', { syscall: 'read' }), 'unknown'],
  ['a connection that was reset', withCode('ECONNRESET'), 'unknown'],
  ['an error without a code', new Error('https://api.telegram.org/botSECRET'), 'unknown'],
])('%s is told apart from its neighbours, and its text is dropped', (_, cause, kind) => {
  const failure = readFailure(new HttpError('failed', new TypeError('fetch failed', { cause })))
  expect(failure.kind).toBe(kind)
  expect(JSON.stringify(failure)).not.toContain('SECRET')
})

test('what Telegram says is one line of two hundred signs at most', async () => {
  telegram.fail(no(400, `Bad Request: \u0000\n${'x'.repeat(300)}`))
  expect(await sender().send(message())).toEqual({ kind: 'refused', reason: `Bad Request:  ${'x'.repeat(186)}` })
})

test('a refused token is reported beside the outcome, and nothing else is', async () => {
  let heard = 0
  telegram.fail(no(400, 'Bad Request: chat not found'))
  await sender({ onUnauthorized: () => heard++ }).send(message())
  expect(heard).toBe(0)
  telegram.revoke()
  await sender({ onUnauthorized: () => heard++ }).send(message())
  expect(heard).toBe(1)
})

test('no outcome holds the token, whatever went wrong', async () => {
  const outcomes: unknown[] = []
  for (const answer of [
    { html: 502 },
    { cut: 'before' },
    { cut: 'middle' },
    { hang: true },
    no(400, 'Bad Request: x'),
  ]) {
    telegram.fail(answer as FakeAnswer)
    outcomes.push(await senderFor(answer).send(message()))
  }
  outcomes.push(await sender({ url: 'http://127.0.0.1:1' }).send(message()))
  outcomes.push(await sender({ url: 'not an address' }).send(message()))
  expect(JSON.stringify(outcomes)).not.toContain('CANARY')
  expect(outcomes).toHaveLength(7)
})

test('it is reachable when Telegram answers for this bot, and else not', async () => {
  expect(await sender().isReachable()).toBe(true)
  telegram.fail({ html: 502 }, 'getMe')
  expect(await sender().isReachable()).toBe(false)
  telegram.revoke()
  expect(await sender().isReachable()).toBe(false)
})

/** Does not wait long for an answer that does not come; for the others as long as a busy machine may take. */
function senderFor(answer: unknown) {
  return sender({ seconds: JSON.stringify(answer).includes('hang') ? 0.3 : 10 })
}

function sender(options: { seconds?: number; url?: string; onUnauthorized?: () => void } = {}) {
  const api = createApi(telegram.token, options.url ?? telegram.url, options.seconds ?? 10)
  return createSender(api, api, options.onUnauthorized ?? (() => undefined))
}

function message(changes: Partial<OutboxMessage> = {}): OutboxMessage {
  return {
    id: 1,
    chat: { id: '100', kind: 'telegram', state: 'active', goneReason: null, goneAt: null },
    rendered: { html: '<b>Big data</b>', openUrl: 'https://example.com/1' },
    plain: false,
    attempts: 0,
    unknowns: 0,
    firstAttemptAt: 0,
    edits: null,
    ...changes,
  }
}
