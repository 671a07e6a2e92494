import { GrammyError } from 'grammy'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createAnswers } from '../../src/telegram/answers.ts'
import { createApi, readFailure } from '../../src/telegram/api.ts'
import { type FakeTelegram, startFakeTelegram } from '../support/fake-telegram.ts'
import { type FakeTime, fakeTime } from '../support/fake-time.ts'

const CHAT = '100'
const OTHER = '200'
const GROUP = '-1001'

let telegram: FakeTelegram
let time: FakeTime
let troubles: unknown[]

beforeEach(async () => {
  time = fakeTime()
  troubles = []
  telegram = await startFakeTelegram({ perChatMs: 1_000, clock: time.clock })
  for (const chat of [CHAT, OTHER, GROUP]) telegram.knowChat(Number(chat))
})
afterEach(() => telegram.close())

/** Answers with a gap so long, and the call that says a text in a chat. */
function talk(gapMs: (chat: string) => number = () => 0) {
  const api = createApi(telegram.token, telegram.url, 1)
  const answers = createAnswers({ timer: time.timer, gapMs, onTrouble: (error) => void troubles.push(error) })
  const say = (text: string, chat = CHAT) => answers.give(chat, () => api.sendMessage(chat, text))
  return { answers, api, say }
}

function texts(): string[] {
  return telegram.sent.map(({ text }) => text)
}

function until(condition: () => boolean) {
  return vi.waitFor(() => expect(condition()).toBe(true), { timeout: 10_000, interval: 2 })
}

/** Lets time pass and waits for what is sent then. */
async function pass(ms: number, wanted: string[]) {
  await time.pass(ms)
  await until(() => telegram.sent.length >= wanted.length)
  expect(texts()).toEqual(wanted)
}

function tooMany(seconds: number) {
  return { status: 429, description: 'Too Many Requests', parameters: { retry_after: seconds } }
}

describe('what Telegram wants later', () => {
  test('is said after the time it asked for, once, and what comes after it stays behind it', async () => {
    const { say } = talk()
    telegram.fail(tooMany(7))
    await say('one')
    await say('two')
    await time.pass(7_000)
    expect(texts()).toEqual([])

    await pass(300, ['one'])
    await time.pass(1_300)
    await until(() => telegram.sent.length === 2)
    expect(texts()).toEqual(['one', 'two'])
    expect(troubles).toEqual([])
  })

  test('holds up no other chat', async () => {
    const { say } = talk()
    telegram.fail(tooMany(30))
    await say('one')
    await say('elsewhere', OTHER)
    expect(texts()).toEqual(['elsewhere'])
  })

  test('is waited for once', async () => {
    const { say } = talk()
    telegram.fail([tooMany(1), tooMany(1)])
    await say('one')
    await time.pass(1_200)
    await until(() => troubles.length === 1)
    expect(readFailure(troubles[0])).toEqual({ kind: 'throttled', retryAfterMs: 1_000 })
    await say('two')
    expect(texts()).toEqual(['two'])
  })

  test('is not waited for longer than a minute', async () => {
    const { say } = talk()
    telegram.fail(tooMany(61))
    await say('one')
    expect(troubles).toEqual([expect.any(GrammyError)])
    expect(time.pending()).toBe(0)
  })

  test('is no message of a chat: a press of a button is answered later, and holds up no answer', async () => {
    const { answers, api, say } = talk()
    telegram.fail(tooMany(5), 'answerCallbackQuery')
    const presses = () => telegram.calls.filter(({ method }) => method === 'answerCallbackQuery').length
    await answers.giveAside(() => api.answerCallbackQuery('1'))
    await say('one')
    expect(texts()).toEqual(['one'])

    await time.pass(5_200)
    await until(() => presses() === 2)
    expect(troubles).toEqual([])
  })
})

test.each([
  ['an answer that may have arrived', { cut: 'middle' as const }, ['one', 'two']],
  ['an answer that was refused', { status: 400, description: 'Bad Request: no' }, ['two']],
])('%s is not given again, and the next one is', async (_, failure, wanted) => {
  const { say } = talk()
  telegram.fail(failure)
  await say('one')
  await time.pass(1_500)
  await say('two')
  expect(texts()).toEqual(wanted)
  expect(troubles).toHaveLength(1)
})

describe('the pace', () => {
  const gapMs = (chat: string) => (chat === GROUP ? 3_100 : 1_100)

  test('keeps a chat’s answers in order and apart, so that none is refused', async () => {
    const { say } = talk(gapMs)
    await say('one')
    await Promise.all([say('two'), say('three')])
    expect(texts()).toEqual(['one'])

    await pass(1_100, ['one', 'two'])
    await pass(1_100, ['one', 'two', 'three'])
    await time.pass(1_100)
    expect(troubles).toEqual([])
    expect(telegram.calls).toHaveLength(3)
    // Nobody is remembered.
    expect(time.pending()).toBe(0)
  })

  test('is that of the chat', async () => {
    const { say } = talk(gapMs)
    await say('one', GROUP)
    await say('two', GROUP)
    await time.pass(3_000)
    expect(texts()).toEqual(['one'])
    await pass(100, ['one', 'two'])
  })

  test('counts what was sent otherwise, also while an answer waits', async () => {
    const { answers, say } = talk(gapMs)
    answers.noteSent(CHAT)
    await say('one')
    await time.pass(1_000)
    answers.noteSent(CHAT)
    await time.pass(1_099)
    expect(texts()).toEqual([])
    await pass(1, ['one'])
  })

  test('is not that of alerts without end: they put an answer off for a few seconds', async () => {
    const { answers, say } = talk(gapMs)
    answers.noteSent(CHAT)
    await say('one')
    for (let n = 0; n < 5; n += 1) {
      expect(texts()).toEqual([])
      await time.pass(1_000)
      answers.noteSent(CHAT)
    }
    await pass(100, ['one'])
  })

  test('has an end: of more than fifty that wait, the last are given up', async () => {
    const { say } = talk(() => 60_000)
    await say('one')
    for (let n = 0; n < 52; n += 1) await say(`more ${n}`)
    expect(troubles).toHaveLength(2)
    expect(String(troubles[0])).toContain('Too many answers wait')
  })
})

describe('when it stops', () => {
  test('what only kept its distance is said at once, and what comes then too', async () => {
    const { answers, say } = talk((chat) => (chat === CHAT ? 1_000 : 0))
    await say('one')
    await say('two')
    time.set(time.clock() + 1_000)
    await answers.stop()
    expect(texts()).toEqual(['one', 'two'])

    await say('three', OTHER)
    await answers.stop()
    expect(texts()).toEqual(['one', 'two', 'three'])
    expect(time.pending()).toBe(0)
  })

  test('what an alert put off is said at once, and no alert puts it off any more', async () => {
    const { answers, say } = talk(() => 1_000)
    answers.noteSent(CHAT)
    await say('one')
    await time.pass(500)
    answers.noteSent(CHAT)
    const stopped = answers.stop()
    answers.noteSent(CHAT)
    await stopped
    expect(texts()).toEqual(['one'])
    expect(time.pending()).toBe(0)
  })

  test('what Telegram wants later is given up, with everything behind it', async () => {
    const { answers, say } = talk()
    telegram.fail(tooMany(30))
    await say('one')
    await say('two')
    await answers.stop()
    expect(texts()).toEqual([])
    expect(troubles).toEqual([expect.any(GrammyError), expect.objectContaining({ code: 'unavailable' })])
    expect(telegram.calls).toHaveLength(1)
    expect(time.pending()).toBe(0)
  })
})
