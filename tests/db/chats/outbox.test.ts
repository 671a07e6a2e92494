import { describe, expect, test } from 'vitest'
import { openDriver } from '../../../src/db/sqlite/binding.ts'
import type { Alert, Chat, RenderedMessage, Source, Watch } from '../../../src/model.ts'
import type { Store } from '../../../src/ports.ts'
import { readItem } from '../../support/items.ts'
import {
  addTestSource,
  claimBoth,
  ingestPlan,
  NOW,
  openTestStore,
  testFolder,
  watchQuery,
} from '../../support/store.ts'

const GAP_MS = 1_000
const LEASE_MS = 60_000
const OUTCOME = { kind: 'sent', at: NOW, messageId: '77' } as const

interface Desk {
  store: Store
  source: Source
  watch: (chat: string, text: string) => Promise<Watch>
  /** One message for each list of titles, told to these watches' chat. */
  tell: (watches: Watch[], ...messages: string[][]) => Promise<void>
  claim: (now?: number, options?: { limit?: number; kind?: Chat['kind'] }) => Promise<string[]>
  claimAll: (now?: number) => ReturnType<Store['claimMessages']>
  states: () => Promise<string[]>
}

async function openDesk(options: { dataDir?: string } = {}): Promise<Desk> {
  const store = await openTestStore(options)
  const source = await addTestSource(store)
  let serial = 0
  const claimAll: Desk['claimAll'] = (now = NOW) =>
    claimBoth(store, { now, limit: 10, leaseMs: LEASE_MS, gapMs: () => GAP_MS, render })
  return {
    store,
    source,
    claimAll,
    watch: (chat, text) => store.addWatch(chat, watchQuery(text), NOW),
    async tell(watches, ...messages) {
      const titles = messages.flat()
      const chat = watches[0]?.chat ?? ''
      const hits = watches.map((watch) => ({ watch, words: [watch.query] }))
      await ingestPlan(store, source.id, {
        insert: titles.map((title) => ({ item: readItem({ id: `${title} ${serial++}`, title }), placeMs: NOW })),
        messages: messages.map((own) => ({
          chat,
          alerts: own.map((title) => ({ item: { inserted: titles.indexOf(title) }, hits })),
        })),
      })
    },
    async claim(now = NOW, given = {}) {
      const { limit = 10, kind } = given
      const options = { now, limit, leaseMs: LEASE_MS, gapMs: () => GAP_MS, render }
      const claimed = kind ? store.claimMessages({ ...options, kind }) : claimBoth(store, options)
      return (await claimed).messages.map(({ rendered }) => rendered.html)
    },
    states: async () => (await store.listAlerts({ limit: 99 })).map(({ item, state }) => `${item.title} ${state}`),
  }
}

/** Every title with its watches, newest first, and how many there are. */
function render(alerts: Alert[], total: number): RenderedMessage {
  const lines = alerts.map(({ item, hits }) => `${item.title}(${hits.map(({ watch }) => watch.query).join()})`)
  return { html: `${lines.join(' ')} of ${total}`, openUrl: null }
}

test('a group and its topics have one pace, and take turns', async () => {
  const { watch, tell, claim, claimAll, store } = await openDesk()
  for (const chat of ['-100', '-100/5', '-1001', '100/5']) {
    await tell([await watch(chat, 'w')], [`a of ${chat}`], [`b of ${chat}`])
  }

  const first = await claimAll()
  expect(first.messages.map(({ chat }) => chat.id).sort()).toEqual(['-100', '-1001', '100/5'])
  const own = first.messages.find(({ chat }) => chat.id === '-100')
  await store.settleMessage(own?.id ?? 0, OUTCOME)
  expect(await claim(NOW + GAP_MS - 2)).toEqual([])
  expect(await claim(NOW + GAP_MS - 1)).toEqual(['a of -100/5(w) of 1'])
  expect(await claim(NOW + GAP_MS)).toEqual([])
  expect(await claim(NOW + 2 * GAP_MS)).toEqual(['b of -100(w) of 1'])
})

test('where a topic is told to wait, its group and the other topics wait too', async () => {
  const { watch, tell, claim, claimAll, store } = await openDesk()
  for (const chat of ['-100/5', '-100', '-100/6']) await tell([await watch(chat, 'w')], [`a of ${chat}`])
  const { messages } = await claimAll()
  expect(messages).toHaveLength(1)

  const wait = { kind: 'requeue', at: NOW + 30_000, counts: null, error: null } as const
  await store.settleMessage(messages[0]?.id ?? 0, wait)

  expect(await claim(NOW + 29_998)).toEqual([])
  expect(await claim(NOW + 29_999)).toHaveLength(1)
})

test('a chat gets its messages one at a time, in order, no faster than its pace', async () => {
  const { watch, tell, claimAll, store } = await openDesk()
  await tell([await watch('terminal', 'w1')], ['a'], ['b'])

  const first = await claimAll()
  expect(first.messages).toMatchObject([
    {
      chat: { id: 'terminal' },
      rendered: { html: 'a(w1) of 1' },
      plain: false,
      attempts: 0,
      unknowns: 0,
      firstAttemptAt: NOW,
    },
  ])
  expect(first.nextAt).toBe(NOW + LEASE_MS)
  expect((await claimAll(NOW + GAP_MS)).messages).toEqual([])

  await store.settleMessage(first.messages[0]?.id ?? 0, { ...OUTCOME, at: NOW + 5 })
  expect(await claimAll(NOW + GAP_MS - 1)).toEqual({ messages: [], nextAt: NOW + GAP_MS })
  const second = await claimAll(NOW + GAP_MS)
  expect(second.messages.map(({ rendered }) => rendered.html)).toEqual(['b(w1) of 1'])
})

test('chats do not wait for one another, and the one that waits longest comes first', async () => {
  const { watch, tell, claim } = await openDesk()
  await tell([await watch('1', 'w1')], ['a'], ['b'])
  await tell([await watch('2', 'w1')], ['c'])

  expect(await claim(NOW, { limit: 1 })).toEqual(['a(w1) of 1'])
  expect(await claim(NOW, { limit: 1 })).toEqual(['c(w1) of 1'])
  expect(await claim(NOW, { limit: 1 })).toEqual([])
})

test('only chats of the kind that can be served are claimed, and only theirs say when the next is due', async () => {
  const { watch, tell, claim, store } = await openDesk()
  await tell([await watch('12', 'w1')], ['a'])

  const options = { now: NOW, limit: 9, leaseMs: LEASE_MS, gapMs: () => GAP_MS, render }
  expect(await store.claimMessages({ ...options, kind: 'terminal' })).toEqual({ messages: [], nextAt: null })
  expect(await claim(NOW, { kind: 'telegram' })).toEqual(['a(w1) of 1'])
})

test('while nothing is due, looking takes no lock: another program may hold the file', async () => {
  const dataDir = testFolder()
  const { watch, tell, claim, claimAll } = await openDesk({ dataDir })
  const other = openDriver(`${dataDir}/crier.db`)
  other.exec('BEGIN IMMEDIATE')
  expect(await claimAll()).toEqual({ messages: [], nextAt: null })
  other.exec('ROLLBACK')

  await tell([await watch('12', 'w1')], ['a'], ['b'])
  expect(await claim()).toEqual(['a(w1) of 1'])
  other.exec('BEGIN IMMEDIATE')
  expect(await claimAll()).toEqual({ messages: [], nextAt: NOW + LEASE_MS })
  other.close()
})

test('when all is sent nothing is due', async () => {
  const { watch, tell, claimAll, store, states } = await openDesk()
  await tell([await watch('terminal', 'w1')], ['a'])
  const { messages } = await claimAll()
  expect(await states()).toEqual(['a sending'])

  await store.settleMessage(messages[0]?.id ?? 0, OUTCOME)

  expect(await claimAll(NOW + GAP_MS)).toEqual({ messages: [], nextAt: null })
  expect(await store.listAlerts({ limit: 1 })).toMatchObject([{ state: 'sent', sentAt: NOW }])
  expect((await store.status()).alerts).toEqual({ queued: 0, sent: 1, parked: 0 })
  expect((await store.status()).lastAlertAt).toBe(NOW)
})

test('more alerts than a message shows are counted: the ten newest, and how many in all', async () => {
  const { watch, tell, claim } = await openDesk()
  const titles = Array.from({ length: 12 }, (_, i) => `t${i}`)
  await tell([await watch('terminal', 'w1')], titles)

  const newest = titles
    .slice(2)
    .reverse()
    .map((title) => `${title}(w1)`)
  expect(await claim()).toEqual([`${newest.join(' ')} of 12`])
})

test('a requeued message goes first again, the same to the byte, not before its time, and counts what it is told to', async () => {
  const { watch, tell, claimAll, store } = await openDesk()
  const w1 = await watch('terminal', 'w1')
  await tell([w1, await watch('terminal', 'w2')], ['a'], ['b'])
  const id = (await claimAll()).messages[0]?.id ?? 0

  await store.settleMessage(id, { kind: 'requeue', at: NOW + 5_000, counts: 'attempts', error: 'no way' })
  await store.removeWatch('terminal', w1.number, NOW)
  expect(await claimAll(NOW + 4_999)).toEqual({ messages: [], nextAt: NOW + 5_000 })
  const again = await claimAll(NOW + 5_000)
  expect(again.messages).toMatchObject([
    { id, rendered: { html: 'a(w1,w2) of 1' }, attempts: 1, unknowns: 0, plain: false, firstAttemptAt: NOW },
  ])

  await store.settleMessage(id, { kind: 'requeue', at: NOW, counts: 'unknowns', plain: true, error: null })
  expect((await claimAll(NOW + 9_000)).messages).toMatchObject([{ id, attempts: 1, unknowns: 1, plain: true }])
})

test('after its lease a message is claimed again, and only one of a chat is ever on its way', async () => {
  const { watch, tell, claim, states } = await openDesk()
  await tell([await watch('terminal', 'w1')], ['a'], ['b'])

  await claim(NOW)
  expect(await claim(NOW + LEASE_MS - 1)).toEqual([])
  expect(await claim(NOW + LEASE_MS)).toEqual(['a(w1) of 1'])
  expect(await states()).toEqual(['b queued', 'a sending'])
})

test('after a crash what was on its way is due again, uncounted, and the sources are free', async () => {
  const { watch, tell, claimAll, store, source, states } = await openDesk()
  await tell([await watch('terminal', 'w1')], ['a'])
  await claimAll()
  await store.claimSources([source.id], NOW, LEASE_MS, { force: true })

  await store.recover()

  expect(await states()).toEqual(['a queued'])
  expect((await claimAll(NOW + GAP_MS)).messages).toMatchObject([{ attempts: 0, unknowns: 0 }])
  expect(await store.claimSources([source.id], NOW, LEASE_MS, { force: true })).toHaveLength(1)
})

test('a parked message is listed and holds nobody up', async () => {
  const { watch, tell, claimAll, claim, store, states } = await openDesk()
  await tell([await watch('terminal', 'w1')], ['a'], ['b'])
  const id = (await claimAll()).messages[0]?.id ?? 0

  await store.settleMessage(id, { kind: 'parked', error: 'refused' })

  expect(await claim(NOW + GAP_MS)).toEqual(['b(w1) of 1'])
  expect(await states()).toEqual(['b sending', 'a parked'])
  expect((await store.status()).alerts).toEqual({ queued: 1, sent: 0, parked: 1 })
})

test('a settled message stays settled', async () => {
  const { watch, tell, claimAll, store, states } = await openDesk()
  await tell([await watch('terminal', 'w1')], ['a'])
  const id = (await claimAll()).messages[0]?.id ?? 0
  await store.settleMessage(id, OUTCOME)

  await store.settleMessage(id, { kind: 'requeue', at: NOW, counts: 'attempts', error: 'late' })
  await store.settleMessage(id, OUTCOME)

  expect(await states()).toEqual(['a sent'])
  expect((await store.status()).alerts).toEqual({ queued: 0, sent: 1, parked: 0 })
})

test('of a message that is in the queue again nothing counts but that it was sent after all', async () => {
  const { watch, tell, claim, claimAll, store, states } = await openDesk()
  await tell([await watch('terminal', 'w1')], ['a'], ['b'])
  const id = (await claimAll()).messages[0]?.id ?? 0
  await store.recover()

  await store.settleMessage(id, { kind: 'parked', error: 'late' })
  await store.settleMessage(id, { kind: 'requeue', at: NOW + 9_000, counts: 'attempts', error: 'late' })
  expect(await states()).toEqual(['b queued', 'a queued'])
  await store.settleMessage(id, OUTCOME)

  expect(await states()).toEqual(['b queued', 'a sent'])
  expect(await claim(NOW + GAP_MS)).toEqual(['b(w1) of 1'])
})

test('a chat that is gone keeps its queue; back again it gets it at once, and its retries begin anew', async () => {
  const { watch, tell, claimAll, claim, store } = await openDesk()
  await tell([await watch('12', 'w1')], ['a'], ['b'])
  const id = (await claimAll()).messages[0]?.id ?? 0

  await store.settleMessage(id, { kind: 'gone', at: NOW, reason: 'blocked' })
  expect(await store.findChat('12')).toMatchObject({ state: 'gone', goneReason: 'blocked' })
  expect(await claimAll(NOW + 1e9)).toEqual({ messages: [], nextAt: null })

  await store.reviveChat('12')
  const later = NOW + 1e9
  expect((await claimAll(later)).messages).toMatchObject([{ id, firstAttemptAt: later, attempts: 0 }])
  await store.settleMessage(id, OUTCOME)
  expect(await claim(later + GAP_MS)).toEqual(['b(w1) of 1'])
})

test('a chat that goes and comes back while a message is on its way does not get that message twice', async () => {
  const { store, watch, tell, claim, claimAll } = await openDesk()
  await tell([await watch('12', 'a')], ['a1'], ['a2'])
  const [first] = (await claimAll()).messages

  await store.markChatGone('12', 'blocked', NOW)
  await store.reviveChat('12')
  expect(await claim(NOW + GAP_MS)).toEqual([])
  await store.settleMessage(first?.id ?? 0, OUTCOME)

  expect(await claim(NOW + GAP_MS)).toEqual([expect.stringContaining('a2')])
})

test('an alert that cannot be rendered is parked, and the others go on', async () => {
  const { store, watch, tell, states } = await openDesk()
  await tell([await watch('12', 'a')], ['bad'], ['a2'])
  const claim = (now: number) =>
    store.claimMessages({
      now,
      limit: 10,
      leaseMs: LEASE_MS,
      kind: 'telegram',
      gapMs: () => GAP_MS,
      render: (alerts, total) => {
        if (alerts[0]?.item.title === 'bad') throw new Error('a bug of ours')
        return render(alerts, total)
      },
    })

  const first = await claim(NOW)
  expect(first.messages).toEqual([])
  expect(first.nextAt).toBeLessThanOrEqual(NOW)
  expect((await claim(NOW)).messages.map(({ rendered }) => rendered.html)).toEqual([expect.stringContaining('a2')])
  expect(await states()).toEqual(['a2 sending', 'bad parked'])
})

test('what is held in memory is brought up to date by a list of changes that does not grow for ever', async () => {
  const dataDir = testFolder()
  const store = await openTestStore({ dataDir })
  const source = await addTestSource(store)
  const writer = openDriver(`${dataDir}/crier.db`)
  const count = writer.prepare<number>('SELECT count(*) FROM changes').pluck()
  for (let i = 0; i < 30; i += 1) await store.changeSource(source.id, { tags: [`t${i}`] }, NOW)
  writer.exec(`INSERT INTO changes (kind, ref) SELECT 'source', '1' FROM json_each('[${'0,'.repeat(20_000)}0]')`)

  await store.recover()

  expect(count.get()).toBe(10_000)
  writer.close()
})

test('a removed watch takes back what waits, and nothing else', async () => {
  const { watch, tell, claimAll, claim, store, states } = await openDesk()
  const [w1, w2] = [await watch('terminal', 'w1'), await watch('terminal', 'w2')]
  await tell([w1], ['sent'])
  await store.settleMessage((await claimAll()).messages[0]?.id ?? 0, OUTCOME)
  await tell([w1], ['on its way'])
  await claim(NOW + GAP_MS)
  await tell([w1, w2], ['both'])
  await tell([w1], ['only this'])
  await tell([w1], ['first', 'second'])

  await store.removeWatch('terminal', w1.number, NOW)

  expect(await states()).toEqual([
    'second cancelled',
    'first cancelled',
    'only this cancelled',
    'both queued',
    'on its way sending',
    'sent sent',
  ])
  await store.recover()
  const sendNext = async (now: number) => {
    const { messages } = await claimAll(now)
    for (const { id } of messages) await store.settleMessage(id, OUTCOME)
    return messages.map(({ rendered }) => rendered.html)
  }
  expect(await sendNext(NOW + 2 * GAP_MS)).toEqual(['on its way(w1) of 1'])
  expect(await sendNext(NOW + 3 * GAP_MS)).toEqual(['both(w2) of 1'])
  expect(await claimAll(NOW + 4 * GAP_MS)).toEqual({ messages: [], nextAt: null })
  expect(await store.listAlerts({ limit: 1 })).toMatchObject([{ hits: [{ watch: { query: 'w1' } }] }])
})

test('a message that nobody has seen yet is written anew without the hits that were taken back', async () => {
  const { watch, tell, claimAll, claim, store } = await openDesk()
  const [w1, w2] = [await watch('terminal', 'w1'), await watch('terminal', 'w2')]
  await tell([w1, w2], ['a'])
  const id = (await claimAll()).messages[0]?.id ?? 0
  await store.settleMessage(id, { kind: 'requeue', at: NOW, counts: null, error: null })

  await store.removeWatch('terminal', w1.number, NOW)

  expect(await claim(NOW + GAP_MS)).toEqual(['a(w2) of 1'])
})

test('a story whose alert was taken back may be told to that chat after all', async () => {
  const { watch, tell, store, source, states } = await openDesk()
  const [w1, w2] = [await watch('terminal', 'w1'), await watch('terminal', 'w2')]
  await tell([w1], ['a'])
  await store.removeWatch('terminal', w1.number, NOW)

  await ingestPlan(store, source.id, (known) => {
    expect(known.isAlerted('terminal', NOW * 1000)).toBe(false)
    return {
      messages: [{ chat: 'terminal', alerts: [{ item: { place: NOW * 1000 }, hits: [{ watch: w2, words: [] }] }] }],
    }
  })

  expect(await states()).toEqual(['a queued', 'a cancelled'])
})

test('everything of a chat that moved belongs to the new one: watches with their numbers, queue, alerts', async () => {
  const { watch, tell, claimAll, claim, store } = await openDesk()
  await tell([await watch('-5', 'w1')], ['a'], ['b'])
  const id = (await claimAll()).messages[0]?.id ?? 0

  await store.settleMessage(id, { kind: 'moved', chat: '-1005' })

  expect(await store.findChat('-5')).toBeUndefined()
  expect(await store.listWatches('-1005')).toMatchObject([{ number: 1, query: 'w1' }])
  const again = await claimAll(NOW + GAP_MS)
  expect(again.messages).toMatchObject([{ id, chat: { id: '-1005' }, rendered: { html: 'a(w1) of 1' } }])
  await store.settleMessage(id, OUTCOME)
  expect(await claim(NOW + 2 * GAP_MS)).toEqual(['b(w1) of 1'])
  expect((await store.listAlerts({ limit: 9, chat: '-1005' })).map(({ state }) => state)).toEqual(['sending', 'sent'])
})

test('a chat that moves to one that is known joins it: clashing watches get new numbers, equal ones are one', async () => {
  const { watch, tell, claimAll, store, states } = await openDesk()
  const old = [await watch('-5', 'same'), await watch('-5', 'other')]
  const known = [await watch('-1005', 'mine'), await watch('-1005', 'same')]
  await tell(
    [old[1] ?? known[0]].flatMap((w) => w ?? []),
    ['a'],
  )
  await tell(known, ['b'])
  const id = (await claimAll()).messages.find(({ chat }) => chat.id === '-5')?.id ?? 0

  await store.settleMessage(id, { kind: 'moved', chat: '-1005' })

  expect((await store.listWatches('-1005')).map(({ number, query }) => `${number} ${query}`)).toEqual([
    '1 mine',
    '2 same',
    '4 other',
  ])
  expect(await watch('-1005', 'next')).toMatchObject({ number: 5 })
  expect(await states()).toEqual(['b sending', 'a queued'])
  expect(await store.findChat('-5')).toBeUndefined()
})

describe('of a chat that moves to one that is known', () => {
  const move = async ({ store, claimAll }: Desk, now = NOW) => {
    const id = (await claimAll(now)).messages.find(({ chat }) => chat.id === '-5')?.id ?? 0
    await store.settleMessage(id, { kind: 'moved', chat: '-1005' })
  }

  test('what an equal watch called is taken back with the one that is left', async () => {
    const desk = await openDesk()
    await desk.watch('-1005', 'same')
    await desk.tell([await desk.watch('-5', 'same')], ['a'])
    await move(desk)

    await desk.store.removeWatch('-1005', 1, NOW)

    expect(await desk.states()).toEqual(['a cancelled'])
  })

  test('a watch stays though an equal one was removed there, and keeps what it called', async () => {
    const desk = await openDesk()
    const { store, watch } = desk
    await watch('-1005', 'once')
    await store.removeWatch('-1005', 1, NOW)
    await desk.tell([await watch('-5', 'once')], ['a'])

    await move(desk)

    const [left] = await store.listWatches('-1005')
    expect(left).toMatchObject({ query: 'once', number: 2 })
    await store.removeWatch('-1005', 2, NOW)
    expect(await desk.states()).toEqual(['a cancelled'])
  })

  test('an alert may have hits of a watch that was removed and of the same one again', async () => {
    const desk = await openDesk()
    const { store, watch } = desk
    await watch('-1005', 'same')
    const removed = await watch('-5', 'same')
    await store.removeWatch('-5', 1, NOW)
    await desk.tell([removed, await watch('-5', 'same')], ['a'])

    await move(desk)

    expect((await store.listWatches()).map(({ chat, query }) => `${chat} ${query}`)).toEqual(['-1005 same'])
    expect(await desk.states()).toEqual(['a queued'])
  })

  test('what may have been seen is sent again to the byte', async () => {
    const desk = await openDesk()
    const { store, watch } = desk
    await watch('-1005', 'mine')
    await desk.tell([await watch('-5', 'w1'), await watch('-5', 'w2')], ['a'])
    const id = (await desk.claimAll()).messages[0]?.id ?? 0
    await store.settleMessage(id, { kind: 'requeue', at: NOW + 5_000, counts: 'unknowns', error: 'No answer.' })
    await store.removeWatch('-5', 2, NOW)

    await move(desk, NOW + 5_000)

    expect(await desk.claim(NOW + 9_000)).toEqual(['a(w1,w2) of 1'])
  })
})

test('a chat that moves is looked up among the messages of all others, not searched for', async () => {
  const dataDir = testFolder()
  await openTestStore({ dataDir })
  const driver = openDriver(`${dataDir}/crier.db`)
  const plans = ['UPDATE messages SET chat = ? WHERE chat = ?', 'SELECT 1 FROM messages WHERE chat = ?'].map((sql) =>
    driver
      .prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...Array(sql.split('?').length - 1).fill('-5'))
      .map(({ detail }) => detail),
  )
  driver.close()

  for (const plan of plans) expect(plan).toEqual([expect.stringMatching(/^SEARCH messages USING .*INDEX/)])
})
