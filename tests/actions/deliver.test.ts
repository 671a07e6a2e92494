import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createDeliverer, settle } from '../../src/actions/deliver.ts'
import { AppError } from '../../src/errors.ts'
import { silentLog } from '../../src/log.ts'
import type { Chat, Hit, OutboxMessage } from '../../src/model.ts'
import type { ClaimedMessages, NotifyOutcome, Settlement, Store } from '../../src/ports.ts'
import { renderAlert } from '../../src/publish/alert.ts'
import { createApi } from '../../src/telegram/api.ts'
import { createSender } from '../../src/telegram/sender.ts'
import { startFakeTelegram } from '../support/fake-telegram.ts'
import { readItem } from '../support/items.ts'
import { addTestSource, ingestPlan, openTestStore, watchQuery } from '../support/store.ts'
import { settle as nothingMore } from '../support/turns.ts'

const NOW = Date.UTC(2026, 10, 25, 12)
const HOUR = 3_600_000

describe('what an answer means', () => {
  const rows: { name: string; message?: Partial<OutboxMessage>; outcome: NotifyOutcome; expected: Settlement }[] = [
    {
      name: 'sent is sent',
      outcome: { kind: 'sent', messageId: '7' },
      expected: { kind: 'sent', at: NOW, messageId: '7' },
    },
    {
      name: '429 waits as long as Telegram says and counts as nothing',
      outcome: { kind: 'wait', retryAfterMs: 30_000 },
      expected: { kind: 'requeue', at: NOW + 30_000, counts: null, error: null },
    },
    {
      name: 'a 429 of weeks is asked again after a day',
      outcome: { kind: 'wait', retryAfterMs: 400 * HOUR },
      expected: { kind: 'requeue', at: NOW + 24 * HOUR, counts: null, error: null },
    },
    {
      name: '72 hours after the first attempt it is parked',
      message: { attempts: 80, firstAttemptAt: NOW - 72 * HOUR },
      outcome: { kind: 'unsent', reason: 'refused' },
      expected: { kind: 'parked', error: 'refused' },
    },
    {
      name: 'an unknown outcome is sent again',
      outcome: { kind: 'unknown', reason: '502' },
      expected: { kind: 'requeue', at: NOW + 5_000, counts: 'unknowns', error: '502' },
    },
    {
      name: 'how often it never arrived makes nobody wait longer for an unknown outcome',
      message: { attempts: 3, unknowns: 1 },
      outcome: { kind: 'unknown', reason: '502' },
      expected: { kind: 'requeue', at: NOW + 15_000, counts: 'unknowns', error: '502' },
    },
    {
      name: 'the third unknown outcome parks it',
      message: { unknowns: 2 },
      outcome: { kind: 'unknown', reason: '502' },
      expected: { kind: 'parked', error: '502' },
    },
    {
      name: 'a refused message goes again as plain text',
      outcome: { kind: 'refused', reason: "can't parse entities" },
      expected: { kind: 'requeue', at: NOW, counts: null, plain: true, error: "can't parse entities" },
    },
    {
      name: 'a refused plain message is parked',
      message: { plain: true },
      outcome: { kind: 'refused', reason: 'message is too long' },
      expected: { kind: 'parked', error: 'message is too long' },
    },
    {
      name: 'a chat that is gone holds its queue',
      outcome: { kind: 'gone', reason: 'bot was blocked by the user' },
      expected: { kind: 'gone', at: NOW, reason: 'bot was blocked by the user' },
    },
    {
      name: 'a chat that moved takes everything along',
      outcome: { kind: 'moved', chat: '-1001' },
      expected: { kind: 'moved', chat: '-1001' },
    },
    {
      name: 'an edit that is there is done',
      message: { edits: '7' },
      outcome: { kind: 'sent', messageId: '7' },
      expected: { kind: 'sent', at: NOW, messageId: '7' },
    },
    {
      name: 'an edit of unknown outcome may be repeated as often as one that never arrived',
      message: { edits: '7', attempts: 3, unknowns: 2 },
      outcome: { kind: 'unknown', reason: '502' },
      expected: { kind: 'requeue', at: NOW + 300_000, counts: 'attempts', error: '502' },
    },
    {
      name: '72 hours after its first attempt an edit is given up',
      message: { edits: '7', attempts: 80, firstAttemptAt: NOW - 72 * HOUR },
      outcome: { kind: 'unknown', reason: '502' },
      expected: { kind: 'parked', error: '502' },
    },
    {
      name: 'a refused edit is given up, not made plain',
      message: { edits: '7' },
      outcome: { kind: 'refused', reason: 'message to edit not found' },
      expected: { kind: 'parked', error: 'message to edit not found' },
    },
    {
      name: 'an edit waits as long as Telegram says',
      message: { edits: '7' },
      outcome: { kind: 'wait', retryAfterMs: 30_000 },
      expected: { kind: 'requeue', at: NOW + 30_000, counts: null, error: null },
    },
    {
      name: 'by an edit too a chat is found to be gone',
      message: { edits: '7' },
      outcome: { kind: 'gone', reason: 'bot was blocked by the user' },
      expected: { kind: 'gone', at: NOW, reason: 'bot was blocked by the user' },
    },
  ]
  for (const { name, message, outcome, expected } of rows) {
    test(name, () => expect(settle(outboxMessage(message), outcome, NOW, 0)).toEqual(expected))
  }

  test.each([
    [0, '5 s', 5_000],
    [1, '15 s', 15_000],
    [2, '1 min', 60_000],
    [3, '5 min', 300_000],
    [4, '15 min', 900_000],
    [5, 'an hour', HOUR],
    [40, 'an hour', HOUR],
  ])('after %i attempts that never arrived the next one comes in %s', (attempts, _, waitMs) => {
    const settlement = settle(outboxMessage({ attempts }), { kind: 'unsent', reason: 'refused' }, NOW, 0)

    expect(settlement).toEqual({ kind: 'requeue', at: NOW + waitMs, counts: 'attempts', error: 'refused' })
  })
})

describe('the loop', () => {
  test('a message of unknown fate waits until the way is open, and that is no attempt at it', async () => {
    const settled: Settlement[] = []
    const sent: number[] = []
    const { deliverer } = start({
      queue: [outboxMessage({ id: 1, unknowns: 1 })],
      settled,
      send: async (message) => {
        sent.push(message.id)
        return { kind: 'sent', messageId: null }
      },
      reachable: false,
    })

    deliverer.wake()
    await until(() => settled.length === 1)
    await deliverer.stop()

    expect(sent).toEqual([])
    expect(settled[0]).toMatchObject({ kind: 'requeue', counts: 'attempts' })
  })

  test('never more than four are on their way', async () => {
    const settled: Settlement[] = []
    const open: (() => void)[] = []
    let most = 0
    const { deliverer, advance } = start({
      queue: Array.from({ length: 12 }, (_, id) => outboxMessage({ id })),
      settled,
      send: () =>
        new Promise((resolve) => {
          open.push(() => resolve({ kind: 'sent', messageId: null }))
          most = Math.max(most, open.length)
        }),
    })

    deliverer.wake()
    for (let round = 0; settled.length < 12 && round < 500; round += 1) {
      advance(1_000)
      deliverer.wake()
      await new Promise((resolve) => setImmediate(resolve))
      if (open.length === 4 || settled.length + open.length === 12) {
        for (const answer of open.splice(0)) answer()
      }
    }
    await deliverer.stop()

    expect(settled).toHaveLength(12)
    expect(most).toBe(4)
  })

  test('while Telegram asks us to wait, nothing is claimed', async () => {
    const { deliverer, claims, advance } = await startAskedToWait()
    const before = claims()

    advance(4_000)
    deliverer.wake()
    await deliverer.stop()

    expect(claims()).toBe(before)
  })

  const asked: { name: string; answers: { chat: string; afterMs?: number; waitMs: number }[]; pauseMs: number }[] = [
    { name: 'of one chat, 5 s', answers: [{ chat: '42', waitMs: 60_000 }], pauseMs: 5_000 },
    { name: 'of one chat for less, no longer', answers: [{ chat: '42', waitMs: 2_000 }], pauseMs: 2_000 },
    {
      name: 'of two chats within ten seconds, as long as the second was asked to',
      answers: [
        { chat: '42', waitMs: 1_000 },
        { chat: '43', afterMs: 9_999, waitMs: 60_000 },
      ],
      pauseMs: 60_000,
    },
    {
      name: 'of two chats ten seconds apart, 5 s',
      answers: [
        { chat: '42', waitMs: 1_000 },
        { chat: '43', afterMs: 10_000, waitMs: 60_000 },
      ],
      pauseMs: 5_000,
    },
    {
      name: 'twice of one chat, 5 s',
      answers: [
        { chat: '42', waitMs: 1_000 },
        { chat: '42', afterMs: 2_000, waitMs: 60_000 },
      ],
      pauseMs: 5_000,
    },
    {
      name: 'of two topics of one group, 5 s',
      answers: [
        { chat: '-100/7', waitMs: 1_000 },
        { chat: '-100/8', afterMs: 2_000, waitMs: 60_000 },
      ],
      pauseMs: 5_000,
    },
  ]
  test.each(asked)('all others pause where Telegram asks us to wait: $name', async ({ answers, pauseMs }) => {
    const settled: Settlement[] = []
    const queue: OutboxMessage[] = []
    let waitMs = 0
    const send = async (): Promise<NotifyOutcome> => ({ kind: 'wait', retryAfterMs: waitMs })
    const { deliverer, claims, advance } = start({ queue, settled, send })
    for (const answer of answers) {
      advance(answer.afterMs ?? 0)
      waitMs = answer.waitMs
      queue.push(outboxMessage({ chat: telegramChat(answer.chat) }))
      const before = settled.length
      deliverer.wake()
      await until(() => settled.length > before)
    }
    await nothingMore()
    const before = claims()

    advance(pauseMs - 1)
    deliverer.wake()
    await nothingMore()
    expect(claims()).toBe(before)
    advance(1)
    deliverer.wake()
    await nothingMore()
    expect(claims()).toBe(before + 1)
    await deliverer.stop()
  })

  test('a shorter pause that is asked for meanwhile ends no longer one', async () => {
    const answers: (() => void)[] = []
    const waits = [4_000, 1_000]
    const { deliverer, claims, advance } = start({
      queue: [outboxMessage({ id: 1 }), outboxMessage({ id: 2 })],
      settled: [],
      send: () =>
        new Promise((resolve) => {
          const retryAfterMs = waits.shift() ?? 0
          answers.push(() => resolve({ kind: 'wait', retryAfterMs }))
        }),
    })
    deliverer.wake()
    await until(() => answers.length === 2)
    for (const answer of answers) answer()
    await nothingMore()
    const before = claims()

    advance(3_999)
    deliverer.wake()
    await nothingMore()
    expect(claims()).toBe(before)
    await deliverer.stop()
  })

  test('a private chat is told something every 1.1 s at most, a group and its topics every 3.1 s, the terminal at once', async () => {
    const { deliverer, gaps } = start({ queue: [], settled: [], send: async () => ({ kind: 'sent', messageId: null }) })

    deliverer.wake()
    await deliverer.stop()

    const [gapOf] = gaps()
    const chats = [telegramChat('42'), telegramChat('-100'), telegramChat('-100/7')]
    expect(chats.map((chat) => gapOf?.(chat))).toEqual([1_100, 3_100, 3_100])
    expect(gapOf?.({ ...telegramChat('terminal'), kind: 'terminal' })).toBe(0)
  })

  test('it looks again by itself when the next message is due, and no sooner', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { deliverer, claims, advance } = start({
      queue: [],
      settled: [],
      send: async () => ({ kind: 'sent', messageId: null }),
      nextInMs: 1_100,
    })
    deliverer.wake()
    await vi.advanceTimersByTimeAsync(0)
    expect(claims()).toBe(1)

    advance(1_099)
    await vi.advanceTimersByTimeAsync(1_099)
    expect(claims()).toBe(1)
    advance(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(claims()).toBe(2)
    await deliverer.stop()
  })

  test('an outbox that cannot be looked into is looked into again 5 s later, and the log says why it was not', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { deliverer, claims, faults, advance } = start({
      queue: [],
      settled: [],
      send: async () => ({ kind: 'sent', messageId: null }),
      brokenClaims: 1,
    })
    deliverer.wake()
    await vi.advanceTimersByTimeAsync(4_999)
    expect(claims()).toBe(1)
    expect(faults()).toMatchObject([{ err: 'Internal error.', stack: expect.stringMatching('disk') }])

    advance(5_000)
    await vi.advanceTimersByTimeAsync(1)
    expect(claims()).toBe(2)
    await deliverer.stop()
  })

  test('stopping waits for the answer to what is on its way', async () => {
    const settled: Settlement[] = []
    let answer = () => {}
    const { deliverer } = start({
      queue: [outboxMessage()],
      settled,
      send: () =>
        new Promise((resolve) => {
          answer = () => resolve({ kind: 'sent', messageId: '7' })
        }),
    })
    deliverer.wake()
    await nothingMore()
    let isStopped = false
    const stopping = deliverer.stop().then(() => {
      isStopped = true
    })
    await nothingMore()
    expect(isStopped).toBe(false)

    answer()
    await stopping
    expect(settled).toMatchObject([{ kind: 'sent', messageId: '7' }])
  })

  test('what cannot be stored for as long as the lease is given up: it is claimed again', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const settled: Settlement[] = []
    const { deliverer, faults, advance } = start({
      queue: [outboxMessage()],
      settled,
      send: async () => ({ kind: 'sent', messageId: '7' }),
      failures: Number.POSITIVE_INFINITY,
    })
    deliverer.wake()
    await vi.advanceTimersByTimeAsync(0)
    advance(150_000)
    await vi.advanceTimersByTimeAsync(2_000)
    const before = faults().length
    await vi.advanceTimersByTimeAsync(60_000)

    // The second try was the last.
    expect(before).toBe(2)
    expect(faults()).toHaveLength(before)
    expect(settled).toEqual([])
    await deliverer.stop()
  })

  test('a clock that is set back makes no pause longer', async () => {
    const { deliverer, claims, advance } = await startAskedToWait()

    advance(-30 * 24 * HOUR)
    deliverer.wake()
    await nothingMore()
    const before = claims()
    advance(4_999)
    deliverer.wake()
    await nothingMore()
    expect(claims()).toBe(before)
    advance(1)
    deliverer.wake()
    await until(() => claims() > before)
    await deliverer.stop()
  })

  test('an answer that cannot be stored at once is stored later, and the message is not sent again', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const settled: Settlement[] = []
    let sends = 0
    const { deliverer, advance } = start({
      queue: [outboxMessage()],
      settled,
      send: async () => {
        sends += 1
        return { kind: 'sent', messageId: '7' }
      },
      failures: 3,
    })

    deliverer.wake()
    for (let i = 0; i < 10; i += 1) {
      advance(5_000)
      await vi.advanceTimersByTimeAsync(5_000)
    }
    await deliverer.stop()

    expect(settled).toMatchObject([{ kind: 'sent', messageId: '7' }])
    expect(sends).toBe(1)
  })

  test('three messages are sent at once, and then one each fortieth of a second', async () => {
    const settled: Settlement[] = []
    const { deliverer, advance } = start({
      queue: Array.from({ length: 9 }, (_, id) => outboxMessage({ id })),
      settled,
      send: async () => ({ kind: 'sent', messageId: null }),
    })
    const sentAfter = async (ms: number) => {
      advance(ms)
      deliverer.wake()
      await nothingMore()
      return settled.length
    }

    expect([await sentAfter(0), await sentAfter(39), await sentAfter(1), await sentAfter(80)]).toEqual([3, 3, 4, 6])
    await deliverer.stop()
    expect(await sentAfter(1_000)).toBe(6)
  })

  test('stopping does not wait for an answer that cannot be stored', async () => {
    // The next try comes never.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { deliverer } = start({
      queue: [outboxMessage()],
      settled: [],
      send: async () => ({ kind: 'sent', messageId: '7' }),
      failures: Number.POSITIVE_INFINITY,
    })

    deliverer.wake()
    await new Promise((resolve) => setImmediate(resolve))

    await deliverer.stop()
  })

  test('a fault of ours in sending leaves a message of unknown fate, not one that is sent for ever, and its stack in the log', async () => {
    const settled: Settlement[] = []
    const { deliverer, faults } = start({
      queue: [outboxMessage()],
      settled,
      send: async () => {
        throw new Error('a bug of ours')
      },
    })

    deliverer.wake()
    await until(() => settled.length === 1)
    await deliverer.stop()

    expect(settled[0]).toMatchObject({ kind: 'requeue', counts: 'unknowns' })
    expect(faults().slice(0, 1)).toMatchObject([
      { messageId: 1, err: 'Internal error.', stack: expect.stringMatching('a bug of ours') },
    ])
  })

  test('while all four slots are taken the loop sleeps until one is free', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const answers: (() => void)[] = []
    const { deliverer, advance, opens } = start({
      queue: Array.from({ length: 5 }, (_, id) => outboxMessage({ id })),
      settled: [],
      send: () => new Promise((resolve) => answers.push(() => resolve({ kind: 'sent', messageId: null }))),
    })
    for (let i = 0; i < 4; i += 1) {
      advance(1_000)
      deliverer.wake()
      await vi.advanceTimersByTimeAsync(50)
    }
    expect(answers).toHaveLength(4)
    const before = opens()

    await vi.advanceTimersByTimeAsync(60_000)
    expect(opens()).toBe(before)

    answers[0]?.()
    await vi.advanceTimersByTimeAsync(50)
    expect(answers).toHaveLength(5)
    for (const answer of answers) answer()
    await deliverer.stop()
  })

  test('edits are asked for where they can be made, and two at once at most: a slow one leaves room for news', async () => {
    const answers: (() => void)[] = []
    const { deliverer, asked, advance } = start({
      queue: [outboxMessage({ id: 1, edits: '71' }), outboxMessage({ id: 2 }), outboxMessage({ id: 3, edits: '73' })],
      settled: [],
      send: () => new Promise((resolve) => answers.push(() => resolve({ kind: 'sent', messageId: '7' }))),
      atOnce: 1,
    })

    for (let i = 1; i <= 3; i += 1) {
      advance(1_000)
      deliverer.wake()
      await until(() => answers.length >= i)
    }
    deliverer.wake()
    await until(() => asked().at(-1) === 0)
    for (const answer of answers) answer()
    await until(() => asked().at(-1) === 2)
    await deliverer.stop()

    expect(asked()[0]).toBe(2)
    expect(asked()).toContain(1)
  })

  test('whoever cannot edit is given no edit', async () => {
    const { deliverer, asked } = start({
      queue: [],
      settled: [],
      send: async () => ({ kind: 'sent', messageId: null }),
      canEdit: false,
    })

    deliverer.wake()
    await deliverer.stop()

    expect(asked()).toEqual([0])
  })

  test('an edit is settled as one, and counts as no alert', async () => {
    const settled: Settlement[] = []
    const { deliverer, settledEdits, counted, faults } = start({
      queue: [outboxMessage({ id: 1, edits: '71' }), outboxMessage({ id: 2 })],
      settled,
      send: async () => ({ kind: 'sent', messageId: '71' }),
    })

    deliverer.wake()
    await until(() => settled.length === 2)
    await deliverer.stop()

    expect(settledEdits()).toEqual(['71', null])
    expect(counted()).toEqual(['sent'])
    expect(faults()).toEqual([])
  })

  test('a closed way claims nothing', async () => {
    const { deliverer, claims } = start({
      queue: [outboxMessage()],
      settled: [],
      send: async () => ({ kind: 'sent', messageId: null }),
      open: false,
    })

    deliverer.wake()
    await deliverer.stop()

    expect(claims()).toBe(0)
  })
})

test('over the whole way: what more papers carry is edited in place, in silence and in its turn', async () => {
  let now = NOW
  const telegram = await startFakeTelegram({ perChatMs: 1_000, clock: () => now })
  onTestFinished(() => telegram.close())
  telegram.knowChat(42)
  const store = await openTestStore({ clock: () => now })
  const watch = await store.addWatch('42', watchQuery('harbour'), now)
  const api = createApi(telegram.token, telegram.url, 5)
  const notify = { kind: 'telegram' as const, isOpen: () => true, ...createSender(api, api, () => undefined) }
  const tools = { clock: () => now, log: silentLog, random: () => 0, onSettled: () => undefined }
  let settled = 0
  const counting: Pick<Store, 'claimMessages' | 'settleMessage'> = {
    claimMessages: store.claimMessages,
    async settleMessage(...settlement) {
      await store.settleMessage(...settlement)
      settled += 1
    },
  }
  const deliverer = createDeliverer({ store: counting, notify, render: renderAlert, ...tools })
  const print = async (title: string, hits: Hit[]) => {
    const { id } = await addTestSource(store, { givenTitle: title, url: `https://${title}.example/feed` })
    const url = `https://${title}.example/storm`
    const item = readItem({ title: 'Storm closes the harbour of Port Alder', text: WIRE, url, publishedAt: now })
    const messages = [{ chat: '42', singly: 10, alerts: [{ item: { inserted: 0 }, hits }] }]
    const plan = { insert: [{ item, placeMs: now }], messages: hits.length > 0 ? messages : [] }
    await ingestPlan(store, id, plan, { polledAt: now })
  }
  /** So much later the next one is settled. */
  const pass = async (ms: number) => {
    now += ms
    const before = settled
    deliverer.wake()
    await expect.poll(() => settled).toBe(before + 1)
  }

  await print('Times', [{ watch, words: ['harbour'] }])
  await pass(0)
  await print('Post', [{ watch, words: ['harbour'] }])
  await print('Echo', [])
  telegram.fail([{ cut: 'middle' }], 'editMessageText')
  await pass(20_000)
  await pass(5_000)
  await deliverer.stop()

  expect(telegram.sent).toMatchObject([
    { text: expect.stringMatching(/^Storm closes.*\n\+2: (Post, Echo|Echo, Post)\n/s) },
  ])
  expect(telegram.sent).toHaveLength(1)
  expect(telegram.sent[0]?.edits).toBe(1)
  expect(telegram.calls.map(({ method }) => method)).toEqual(['sendMessage', 'editMessageText', 'editMessageText'])
  expect(await store.status()).toMatchObject({ alerts: { queued: 0, sent: 1, parked: 0 } })
})

const WIRE = `Gusts of up to 130 kilometres an hour kept the ferries at their moorings on Monday, the harbour master said, and the
  chain across the inner basin stays closed until the wind turns west. Some two hundred lorries wait on the coast road.`

function telegramChat(id: string): Chat {
  return { id, kind: 'telegram', state: 'active', goneReason: null, goneAt: null }
}

function outboxMessage(given: Partial<OutboxMessage> = {}): OutboxMessage {
  return {
    id: 1,
    chat: telegramChat('42'),
    rendered: { html: '<b>x</b>', openUrl: null },
    plain: false,
    attempts: 0,
    unknowns: 0,
    firstAttemptAt: NOW - 1_000,
    edits: null,
    ...given,
  }
}

function start(given: {
  queue: OutboxMessage[]
  settled: Settlement[]
  send: (message: OutboxMessage) => Promise<NotifyOutcome>
  reachable?: boolean
  open?: boolean
  canEdit?: boolean
  atOnce?: number
  /** How many answers cannot be stored before one can. */
  failures?: number
  /** How many looks into the outbox fail before one does not. */
  brokenClaims?: number
  /** After each look the next message is due in so long. */
  nextInMs?: number
}) {
  let now = NOW
  let claims = 0
  let opens = 0
  let failures = given.failures ?? 0
  const gaps: ((chat: Chat) => number)[] = []
  const asked: (number | undefined)[] = []
  const settledEdits: (string | null | undefined)[] = []
  const counted: string[] = []
  const faults: object[] = []
  const noteFault = (fields: object) => void faults.push(fields)
  const store: Pick<Store, 'claimMessages' | 'settleMessage'> = {
    async claimMessages({ limit, edits, gapMs }): Promise<ClaimedMessages> {
      claims += 1
      if (claims <= (given.brokenClaims ?? 0)) throw new Error('disk')
      asked.push(edits)
      gaps.push(gapMs)
      const nextAt = given.nextInMs === undefined ? null : now + given.nextInMs
      return { messages: given.queue.splice(0, Math.min(limit, given.atOnce ?? limit)), nextAt }
    },
    async settleMessage(_id, settlement, edits) {
      failures -= 1
      if (failures >= 0) throw new AppError('unavailable', 'The database is locked by another program.')
      settledEdits.push(edits)
      given.settled.push(settlement)
    },
  }
  const deliverer = createDeliverer({
    store,
    notify: {
      kind: 'telegram',
      canEdit: given.canEdit ?? true,
      send: given.send,
      isOpen() {
        opens += 1
        return given.open ?? true
      },
      isReachable: async () => given.reachable ?? true,
    },
    clock: () => now,
    log: { ...silentLog, warn: noteFault, error: noteFault },
    random: () => 0,
    render: () => ({ html: '', openUrl: null }),
    onSettled: (kind) => counted.push(kind),
  })
  return {
    deliverer,
    claims: () => claims,
    /** For how many edits each claim asked. */
    asked: () => asked,
    /** What each claim was told of the distance between two messages. */
    gaps: () => gaps,
    settledEdits: () => settledEdits,
    /** What was counted as the fate of an alert. */
    counted: () => counted,
    faults: () => faults,
    /** How often the loop looked whether it may send. */
    opens: () => opens,
    advance: (ms: number) => {
      now += ms
    },
  }
}

/** The first of two messages was answered by "wait for a minute". */
async function startAskedToWait(): Promise<ReturnType<typeof start>> {
  const settled: Settlement[] = []
  const started = start({
    queue: [outboxMessage({ id: 1 }), outboxMessage({ id: 2 })],
    settled,
    send: async () => ({ kind: 'wait', retryAfterMs: 60_000 }),
    atOnce: 1,
  })
  started.deliverer.wake()
  await until(() => settled.length === 1)
  return started
}

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !done(); i += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(done()).toBe(true)
}
