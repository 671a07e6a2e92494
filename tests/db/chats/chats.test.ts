import { expect, test } from 'vitest'
import { NOW, openTestStore, watchQuery } from '../../support/store.ts'

test('watches are numbered in their chat, and a number is never used again', async () => {
  const store = await openTestStore()
  const add = async (chat: string, text: string) => (await store.addWatch(chat, watchQuery(text), NOW)).number

  expect([await add('terminal', 'a1'), await add('terminal', 'b1'), await add('-100', 'a1')]).toEqual([1, 2, 1])
  await store.removeWatch('terminal', 2, NOW)
  expect(await add('terminal', 'c1')).toBe(3)
  await store.removeWatch('terminal', 3, NOW)
  expect(await add('terminal', 'b1')).toBe(4)

  const listed = (await store.listWatches('terminal')).map(({ number, query }) => [number, query])
  expect(listed).toEqual([
    [1, 'a1'],
    [4, 'b1'],
  ])
  expect(await store.listWatches()).toHaveLength(3)
})

test('what is watched for is told once, the oldest first, however many chats watch for it', async () => {
  const store = await openTestStore()
  expect(await store.listQueries(2)).toEqual({ queries: [], total: 0 })
  for (const text of ['c1', 'a1', 'b1', 'd1']) await store.addWatch('terminal', watchQuery(text), NOW)
  for (const text of ['a1', 'b1']) await store.addWatch('12', watchQuery(text), NOW)
  await store.removeWatch('terminal', 3, NOW)
  await store.removeWatch('terminal', 4, NOW)

  expect(await store.listQueries(2)).toEqual({ queries: ['c1', 'a1'], total: 3 })
  const isWatched = ['a1', 'b1', 'd1', 'e1'].map((text) => store.isWatched(text))
  expect(await Promise.all(isWatched)).toEqual([true, true, false, false])
})

test('the same watch twice in one chat is a conflict that names the first', async () => {
  const store = await openTestStore()
  await store.addWatch('terminal', watchQuery('big data'), NOW)

  const twice = store.addWatch('terminal', watchQuery(' big data '), NOW)

  await expect(twice).rejects.toMatchObject({ code: 'conflict', message: 'Watch 1 of this chat is the same: big data' })
  expect(await store.addWatch('12', watchQuery('big data'), NOW)).toMatchObject({ number: 1 })
})

test.each([
  ['terminal', 'terminal'],
  ['12345', 'telegram'],
  ['-1001234567890', 'telegram'],
  ['-1001234567890/5', 'telegram'],
] as const)('a watch makes its chat known: %s is %s', async (id, kind) => {
  const store = await openTestStore()
  expect(await store.findChat(id)).toBeUndefined()

  await store.addWatch(id, watchQuery('data'), NOW)

  expect(await store.findChat(id)).toEqual({ id, kind, state: 'active', goneReason: null, goneAt: null })
})

test.each(['', 'me', '012', '-', '1.5', '@name', '99999999999999999', '5/', '5/0', '5/x', '5/6/7', 'terminal/5'])(
  '%o is no chat',
  async (id) => {
    const store = await openTestStore()

    await expect(store.addWatch(id, watchQuery('data'), NOW)).rejects.toMatchObject({ code: 'invalid' })
  },
)

test('removing a watch that is not there is not found', async () => {
  const store = await openTestStore()
  await store.addWatch('terminal', watchQuery('data'), NOW)
  await store.removeWatch('terminal', 1, NOW)

  await expect(store.removeWatch('terminal', 1, NOW)).rejects.toMatchObject({ code: 'not_found' })
  await expect(store.removeWatch('12', 1, NOW)).rejects.toMatchObject({ code: 'not_found' })
})

test('a chat that is gone keeps its first reason; back again it says since when it was gone', async () => {
  const store = await openTestStore()
  expect(await store.reviveChat('12')).toEqual({ goneSince: null })

  await store.markChatGone('12', 'blocked', NOW)
  await store.markChatGone('12', 'deleted', NOW + 1)
  expect(await store.findChat('12')).toMatchObject({ state: 'gone', goneReason: 'blocked', goneAt: NOW })
  expect((await store.status()).chatsGone).toBe(1)

  expect(await store.reviveChat('12')).toEqual({ goneSince: NOW })
  expect(await store.findChat('12')).toMatchObject({ state: 'active', goneReason: null, goneAt: null })
})

test('a chat that nobody knows does not become known by being gone', async () => {
  const store = await openTestStore()

  await store.markChatGone('12', 'blocked', NOW)

  expect(await store.findChat('12')).toBeUndefined()
})

test('owners are remembered in order; a stranger is news once a day, an owner never', async () => {
  const store = await openTestStore()
  const day = 86_400_000

  expect(await store.noteStranger(7, NOW)).toBe(true)
  expect(await store.noteStranger(7, NOW + day - 1)).toBe(false)
  expect(await store.noteStranger(7, NOW + day)).toBe(true)
  await store.addOwner(9, NOW)
  await store.addOwner(7, NOW + day)
  await store.addOwner(9, NOW + 2 * day)

  expect(await store.listOwners()).toEqual([9, 7])
  expect(await store.noteStranger(7, NOW + 9 * day)).toBe(false)
})

test('the places of a chat are itself, if it is known, and its topics that are watched from', async () => {
  const store = await openTestStore()
  const chats = ['-100', '-100/5', '-100/12', '-1001', '-1001/5', '-10/5', '12', 'terminal']
  for (const chat of chats) await store.addWatch(chat, watchQuery('data'), NOW)
  await store.removeWatch('-100', 1, NOW)
  await store.removeWatch('-100/12', 1, NOW)

  expect(await store.listPlaces('-100')).toEqual(['-100', '-100/5'])
  expect(await store.listPlaces('-10')).toEqual(['-10/5'])
  expect(await store.listPlaces('12')).toEqual(['12'])
  expect(await store.listPlaces('7')).toEqual([])
})
