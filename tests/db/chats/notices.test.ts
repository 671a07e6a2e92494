import { expect, test } from 'vitest'
import type { OutboxMessage } from '../../../src/model.ts'
import type { Notice, Settlement, Store } from '../../../src/ports.ts'
import { readItem } from '../../support/items.ts'
import {
  addTestSource,
  badPoll,
  claimBoth,
  ingestPlan,
  NOW,
  openTestStore,
  testFolder,
  watchQuery,
} from '../../support/store.ts'

const LEASE_MS = 60_000

function notice(html: string, ...chats: string[]): Notice {
  return { chats, message: { html, openUrl: 'https://a.example/' } }
}

/** A poll without new items that has something to tell. */
function recordNotices(store: Store, id: number, ...notices: Notice[]): Promise<boolean> {
  return store.recordPoll(id, badPoll({ notices }))
}

async function claim(store: Store, now = NOW): Promise<OutboxMessage[]> {
  const { messages } = await claimBoth(store, {
    now,
    limit: 9,
    leaseMs: LEASE_MS,
    gapMs: () => 0,
    render: (alerts, total) => ({ html: `${alerts.map(({ item }) => item.title).join()} of ${total}`, openUrl: null }),
  })
  return messages
}

/** Claims and sends until nothing is left. */
async function sendAll(store: Store): Promise<string[]> {
  const sent: string[] = []
  for (let messages = await claim(store); messages.length > 0; messages = await claim(store)) {
    for (const { id, chat, rendered } of messages) {
      sent.push(`${chat.id}: ${rendered.html}`)
      await store.settleMessage(id, { kind: 'sent', at: NOW, messageId: null })
    }
  }
  return sent
}

test('a notice is one message in each of its chats, which are made known, and is told as it was written', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)

  await recordNotices(store, id, notice('It is <b>gone</b>.', '12', 'terminal', '12'))

  expect(await store.findChat('12')).toMatchObject({ kind: 'telegram', state: 'active' })
  const messages = await claim(store)
  expect(messages.map(({ chat }) => chat.id).sort()).toEqual(['12', 'terminal'])
  for (const message of messages) {
    const rendered = { html: 'It is <b>gone</b>.', openUrl: 'https://a.example/' }
    expect(message).toMatchObject({ rendered, plain: false, attempts: 0, unknowns: 0, firstAttemptAt: NOW })
  }
  expect(await claim(store)).toEqual([])
})

test('notices and alerts of a chat are told in the order in which they came', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  const watch = await store.addWatch('12', watchQuery('data'), NOW)
  const alertOf = (title: string) => ({
    insert: [{ item: readItem({ id: title, title }), placeMs: NOW }],
    messages: [{ chat: '12', alerts: [{ item: { inserted: 0 }, hits: [{ watch, words: ['data'] }] }] }],
  })
  await ingestPlan(store, id, alertOf('data 1'))
  await recordNotices(store, id, notice('first', '12'), notice('second', '12'))
  await ingestPlan(store, id, { ...alertOf('data 2'), notices: [notice('third', '12')] })

  expect(await sendAll(store)).toEqual(['12: data 1 of 1', '12: first', '12: second', '12: data 2 of 1', '12: third'])
})

test('what the plan has to tell stands in place of what the record has', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)

  await ingestPlan(store, id, {}, { notices: [notice('of the record', '12')] })
  await ingestPlan(store, id, { notices: [notice('of the plan', '12')] }, { notices: [notice('not told', '12')] })

  expect(await sendAll(store)).toEqual(['12: of the record', '12: of the plan'])
})

test('a notice that was given up is listed, with what it says and why it was', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  const watch = await store.addWatch('12', watchQuery('data'), NOW)
  await ingestPlan(store, id, {
    insert: [{ item: readItem({ title: 'data' }), placeMs: NOW }],
    messages: [{ chat: '12', alerts: [{ item: { inserted: 0 }, hits: [{ watch, words: [] }] }] }],
  })
  await recordNotices(store, id, notice('first', '12'), notice('sent', '12'), notice('second', '12'))
  for (const html of ['data of 1', 'first', 'sent', 'second']) {
    const [message] = await claim(store)
    expect(message?.rendered.html).toBe(html)
    const isSent = html === 'sent'
    const settlement = isSent ? { kind: 'sent', at: NOW, messageId: '1' } : { kind: 'parked', error: 'refused' }
    await store.settleMessage(message?.id ?? 0, settlement as Settlement) // One of the two, as `isSent` says.
  }

  const parked = await store.listParkedNotices(9)
  expect(parked.map(({ message }) => message.html)).toEqual(['second', 'first'])
  expect(parked[0]).toMatchObject({
    chat: '12',
    message: { openUrl: 'https://a.example/' },
    error: 'refused',
    createdAt: NOW,
  })
  expect(await store.listParkedNotices(1)).toHaveLength(1)
})

test('a notice is no alert: none is counted or listed, whatever became of it', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  await recordNotices(store, id, notice('sent', '12'), notice('parked', '12'), notice('waits', '12'))
  const [first] = await claim(store)
  await store.settleMessage(first?.id ?? 0, { kind: 'sent', at: NOW, messageId: '1' })
  const [second] = await claim(store)
  await store.settleMessage(second?.id ?? 0, { kind: 'parked', error: 'refused' })

  expect(await store.listAlerts({ limit: 9 })).toEqual([])
  expect(await store.status()).toMatchObject({ alerts: { queued: 0, sent: 0, parked: 0 }, lastAlertAt: null })
  expect(await sendAll(store)).toEqual(['12: waits'])
})

test('a notice that was not delivered is sent again to the byte, by whatever process', async () => {
  const dataDir = testFolder()
  const [store, other] = [await openTestStore({ dataDir }), await openTestStore({ dataDir })]
  const { id } = await addTestSource(store)
  await recordNotices(store, id, notice('the same', '12'))
  const [first] = await claim(store)

  expect(await claim(other, NOW + LEASE_MS - 1)).toEqual([])
  expect(await claim(other, NOW + LEASE_MS)).toEqual([first])
  await other.settleMessage(first?.id ?? 0, { kind: 'requeue', at: NOW, counts: 'attempts', error: 'no' })
  expect(await claim(store, NOW + LEASE_MS)).toEqual([first && { ...first, attempts: 1 }])
  await store.recover()
  expect(await claim(store, NOW + LEASE_MS)).toMatchObject([{ rendered: first?.rendered }])
})

test('a notice waits for a chat that is gone, and goes with one that moves', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  await recordNotices(store, id, notice('first', '-5'), notice('second', '-5'))
  const [first] = await claim(store)
  await store.settleMessage(first?.id ?? 0, { kind: 'gone', at: NOW, reason: 'blocked' })
  await recordNotices(store, id, notice('third', '-5'))
  expect(await claim(store)).toEqual([])

  await store.reviveChat('-5')
  const [again] = await claim(store)
  await store.settleMessage(again?.id ?? 0, { kind: 'moved', chat: '-1005' })

  expect(await sendAll(store)).toEqual(['-1005: first', '-1005: second', '-1005: third'])
})

test('a removed watch takes no notice back', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  const watch = await store.addWatch('12', watchQuery('data'), NOW)
  await ingestPlan(store, id, {
    insert: [{ item: readItem({ title: 'data' }), placeMs: NOW }],
    messages: [{ chat: '12', alerts: [{ item: { inserted: 0 }, hits: [{ watch, words: [] }] }] }],
    notices: [notice('told', '12')],
  })

  await store.removeWatch('12', watch.number, NOW)

  expect(await sendAll(store)).toEqual(['12: told'])
})

test('a poll that is not stored tells nothing', async () => {
  const store = await openTestStore()
  const { id } = await addTestSource(store)
  await store.claimSources([id], NOW, LEASE_MS)
  await store.changeSource(id, { state: 'paused' }, NOW)

  await recordNotices(store, id, notice('told', '12'))
  await ingestPlan(store, id, { notices: [notice('told', '12')] })

  expect(await claim(store)).toEqual([])
})

test('a chat that is none is refused, and nothing of that poll is stored', async () => {
  const store = await openTestStore()
  const source = await addTestSource(store)

  await expect(recordNotices(store, source.id, notice('x', 'nobody'))).rejects.toMatchObject({ code: 'invalid' })

  expect(await store.findSource(source.id)).toEqual(source)
})
