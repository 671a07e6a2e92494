import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FakeTelegram, liveParts, parseTelegramHtml, startFakeTelegram } from '../support/fake-telegram.ts'

// The other tests believe this fake: what it must refuse is tested here.

let telegram: FakeTelegram
beforeEach(async () => {
  telegram = await startFakeTelegram({ token: '1:right', perChatMs: 0 })
  telegram.knowChat(7)
})
afterEach(() => telegram.close())

const HTML = { chat_id: 7, parse_mode: 'HTML' }
const BUTTON = (button: object) => ({ chat_id: 7, text: 'x', reply_markup: { inline_keyboard: [[button]] } })

test.each<[string, Record<string, unknown>, string]>([
  ['an unknown chat', { chat_id: 8, text: 'x' }, 'Bad Request: chat not found'],
  ['no chat', { text: 'x' }, 'Bad Request: chat not found'],
  ['no text', { chat_id: 7 }, 'Bad Request: message text is empty'],
  ['nothing but markup', { ...HTML, text: '<b> </b>' }, 'Bad Request: text must be non-empty'],
  ['4,097 characters', { chat_id: 7, text: '😀'.repeat(4_097) }, 'Bad Request: message is too long'],
  ['over 32 KB of markup', { ...HTML, text: '<b>x</b>'.repeat(4_097) }, 'Bad Request: text is too long'],
  [
    'a parameter that does not exist',
    { chat_id: 7, text: 'x', silent: true },
    'Bad Request: unknown parameter "silent"',
  ],
  [
    'a field that does not exist',
    { chat_id: 7, text: 'x', link_preview_options: { off: true } },
    'Bad Request: unknown field "off" of link_preview_options',
  ],
  ['another parse mode', { chat_id: 7, text: 'x', parse_mode: 'Html5' }, 'Bad Request: unsupported parse_mode'],
  [
    'a foreign tag',
    { ...HTML, text: 'a<p>' },
    `Bad Request: can't parse entities: Unsupported start tag "p" at byte offset 1`,
  ],
  [
    'a line break tag',
    { ...HTML, text: '<br/>' },
    `Bad Request: can't parse entities: Unsupported start tag "br/" at byte offset 0`,
  ],
  [
    'an open tag',
    { ...HTML, text: '<b>x' },
    `Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`,
  ],
  [
    'crossed tags',
    { ...HTML, text: '<b><i>x</b></i>' },
    `Bad Request: can't parse entities: Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`,
  ],
  [
    'an end without a beginning',
    { ...HTML, text: 'é</b>' },
    `Bad Request: can't parse entities: Unexpected end tag at byte offset 2`,
  ],
  [
    'a lone less-than',
    { ...HTML, text: '1 < 2' },
    `Bad Request: can't parse entities: Unclosed start tag at byte offset 2`,
  ],
  [
    'a link that would be lost',
    { ...HTML, text: '<a href="http://intranet/">x</a>' },
    `Bad Request: can't parse entities: The link to "http://intranet/" would be lost`,
  ],
  [
    'a button to a host without a dot',
    BUTTON({ text: 'x', url: 'http://intranet/' }),
    "Bad Request: inline keyboard button URL 'http://intranet/' is invalid: Wrong HTTP URL",
  ],
  [
    'a button to a script',
    BUTTON({ text: 'x', url: 'javascript:x' }),
    "Bad Request: inline keyboard button URL 'javascript:x' is invalid: Unsupported URL protocol",
  ],
  [
    'a button with too much data',
    BUTTON({ text: 'x', callback_data: 'x'.repeat(65) }),
    'Bad Request: BUTTON_DATA_INVALID',
  ],
])('it refuses %s', async (_, params, description) => {
  expect(await call('sendMessage', params)).toEqual({ ok: false, error_code: 400, description })
  expect(telegram.sent).toEqual([])
})

test('it takes 4,096 characters beyond the first plane, and entities do not count', async () => {
  expect(await call('sendMessage', { ...HTML, text: `<b>${'😀'.repeat(4_095)}</b>&amp;` })).toMatchObject({ ok: true })
})

const EDIT = { chat_id: 7, message_id: 1, text: 'y' }

test.each<[string, Record<string, unknown>, string]>([
  ['in an unknown chat', { ...EDIT, chat_id: 8 }, 'Bad Request: chat not found'],
  ['of no message', { chat_id: 7, text: 'y' }, 'Bad Request: message identifier is not specified'],
  ['of a message that is not there', { ...EDIT, message_id: 9 }, 'Bad Request: message to edit not found'],
  ['of a message in another chat', { ...EDIT, chat_id: 5 }, 'Bad Request: message to edit not found'],
  ['of what a person wrote', { ...EDIT, message_id: 2 }, "Bad Request: message can't be edited"],
  ['to nothing', { ...EDIT, text: ' ' }, 'Bad Request: message text is empty'],
  ['to 4,097 characters', { ...EDIT, text: 'y'.repeat(4_097) }, 'Bad Request: message is too long'],
  [
    'to broken markup',
    { ...EDIT, parse_mode: 'HTML', text: '<b>y' },
    `Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`,
  ],
  ['to a question', { ...EDIT, reply_markup: { force_reply: true } }, 'Bad Request: inline keyboard expected'],
  [
    'with a sound or without',
    { ...EDIT, disable_notification: true },
    'Bad Request: unknown parameter "disable_notification"',
  ],
  [
    'to what it is, however it is written',
    { ...EDIT, parse_mode: 'HTML', text: '&#120;' },
    'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
  ],
])('it refuses an edit %s', async (_, params, description) => {
  await call('sendMessage', { chat_id: 7, text: 'x' })
  telegram.push({ text: 'hi', from: 7 })
  telegram.knowChat(5)

  expect(await call('editMessageText', params)).toEqual({ ok: false, error_code: 400, description })
  expect(telegram.sent).toMatchObject([{ text: 'x', edits: 0 }])
})

test('an edit changes what people see, and takes the buttons away that it does not name', async () => {
  await call('sendMessage', BUTTON({ text: 'x', url: 'https://example.com/' }))

  expect(await call('editMessageText', { chat_id: 7, message_id: 1, text: 'x' })).toMatchObject({ ok: true })
  expect(telegram.sent).toMatchObject([{ id: 1, text: 'x', buttons: [], edits: 1 }])
})

test('edits count for how fast one may write', async () => {
  const slow = await startFakeTelegram({ token: '1:right', perChatMs: 1_000, clock: () => 5 })
  slow.knowChat(7)
  await call('sendMessage', { chat_id: 7, text: 'x' }, '1:right', slow)

  expect(await call('editMessageText', EDIT, '1:right', slow)).toMatchObject({ error_code: 429 })
  await slow.close()
})

test('a wrong token, and a method that does not exist', async () => {
  expect(await call('getMe', {}, '1:wrong')).toMatchObject({ error_code: 401, description: 'Unauthorized' })
  expect(await call('getMe', {}, 'wrong')).toMatchObject({ error_code: 404, description: 'Not Found' })
  expect(await call('sendPigeon', {})).toMatchObject({ error_code: 404 })
})

test('it reads forms too', async () => {
  const body = new URLSearchParams({ chat_id: '7', text: 'x', link_preview_options: '{"is_disabled":true}' })
  const response = await fetch(`${telegram.url}/bot1:right/sendMessage`, { method: 'POST', body })
  expect(await response.json()).toMatchObject({ ok: true })
})

test('an update is given again until a question with a higher offset confirms it', async () => {
  const id = telegram.push({ text: 'hi' })
  expect((await call('getUpdates', {})).result).toHaveLength(1)
  expect((await call('getUpdates', { offset: id })).result).toHaveLength(1)
  expect((await call('getUpdates', { offset: id + 1 })).result).toEqual([])
  expect(telegram.unconfirmed()).toBe(0)
})

test('a second question ends the first with a conflict', async () => {
  const first = call('getUpdates', { timeout: 10 })
  await expect.poll(() => telegram.calls.length).toBe(1)
  const second = call('getUpdates', { timeout: 10 })
  expect(await first).toMatchObject({ error_code: 409 })
  telegram.push({ text: 'hi' })
  expect((await second).result).toHaveLength(1)
})

test('only Telegram’s own entities are decoded', () => {
  expect(parseTelegramHtml('&lt;&gt;&amp;&quot;&#39;&#x41;&apos;&nbsp;&').text).toBe('<>&"\'A&apos;&nbsp;&')
})

test('it knows what Telegram makes live', () => {
  expect(liveParts('ask @everyone or tap /go, not a@b.c, 1/2, @\u2060you')).toEqual(['@everyone', '/go'])
})

async function call(
  method: string,
  params: object,
  token = telegram.token,
  { url }: FakeTelegram = telegram,
): Promise<{ result?: unknown }> {
  const response = await fetch(`${url}/bot${token}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params),
  })
  return JSON.parse(await response.text())
}
