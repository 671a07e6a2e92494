import { expect, test } from 'vitest'
import { openTestStore } from '../support/store.ts'
import { testTerminal } from './terminal.ts'

test('chats that the bot cannot reach are counted, with what becomes of their alerts', async () => {
  const terminal = testTerminal()
  const store = await openTestStore({ dataDir: `${terminal.folder}/data` })
  await terminal.crier('watch', 'add', 'data', '--chat', '77')
  await store.markChatGone('77', 'Forbidden: bot was blocked by the user', 0)

  expect((await terminal.crier('status')).out).toMatch(
    /^Chats +1 out of reach of the bot; what waits for them is kept$/m,
  )
})

test('the size of a database that a service writes to is not that of its file alone', async () => {
  const terminal = testTerminal()
  const store = await openTestStore({ dataDir: `${terminal.folder}/data` })
  for (let user = 0; user < 50; user += 1) await store.addOwner(user, 0)

  const [, size] = /Database +\S+crier\.db, ([\d.]+) MB/.exec((await terminal.crier('status')).out) ?? []

  expect(Number(size)).toBeGreaterThan(0)
})
