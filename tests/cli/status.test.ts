import { expect, test } from 'vitest'
import { takeServiceLock } from '../../src/db/service-lock.ts'
import { openTestStore } from '../support/store.ts'
import { testTerminal } from './terminal.ts'

test('chats that the bot cannot reach are counted, with what becomes of their alerts', async () => {
  const terminal = testTerminal()
  const store = await openTestStore({ dataDir: `${terminal.folder}/data` })
  await terminal.crier('watch', 'add', 'data', '--chat', '77')
  await store.markChatGone('77', 'Forbidden: bot was blocked by the user', 0)

  expect((await terminal.crier('status')).out).toMatch(
    /^Chats +1 out of reach of the bot \(npx crier watch list marks them\); what waits for them is kept$/m,
  )
})

test('a chat that the bot cannot reach is marked where its watches are, with why and what it misses', async () => {
  const terminal = testTerminal()
  const store = await openTestStore({ dataDir: `${terminal.folder}/data` })
  await terminal.crier('watch', 'add', 'data', '--chat', '66')
  await terminal.crier('watch', 'add', 'data', '--chat', '77')
  expect((await terminal.crier('watch', 'list')).err).toContain('Other chats have watches: --chat 66, --chat 77\n')
  await store.markChatGone('77', 'the bot was blocked', Date.UTC(2026, 10, 2, 9))

  const gone =
    /^Chat 77 is out of reach of the bot since 2026-11-02 \d\d:\d\d \(the bot was blocked\): .*nothing new is matched/m
  expect((await terminal.crier('watch', 'list')).err).toContain('--chat 77 (out of reach), --chat 66\n')
  expect((await terminal.crier('watch', 'list', '--chat', '77')).err).toMatch(gone)
  expect((await terminal.crier('watch', 'list', '--chat', '66')).err).not.toMatch(gone)
  expect((await terminal.crier('watch', 'add', 'chips', '--chat', '77')).err).toMatch(gone)
})

test('the size of a database that a service writes to is not that of its file alone', async () => {
  const terminal = testTerminal()
  const store = await openTestStore({ dataDir: `${terminal.folder}/data` })
  for (let user = 0; user < 50; user += 1) await store.addOwner(user, 0)

  const [, size] = /Database +\S+crier\.db, ([\d.]+) MB/.exec((await terminal.crier('status')).out) ?? []

  expect(Number(size)).toBeGreaterThan(0)
})

test('how the running service stands with Telegram is said, and no old word of one that has ended', async () => {
  const terminal = testTerminal()
  const dataDir = `${terminal.folder}/data`
  await openTestStore({ dataDir })
  const stateOf = async () => JSON.parse((await terminal.crier('status', '--json')).out).telegram.state
  const lock = takeServiceLock(dataDir, 4_711)
  expect((await terminal.crier('status')).out).not.toMatch(/^Telegram/m)

  lock.noteTelegram('unauthorized')
  expect((await terminal.crier('status')).out).toMatch(
    /^Service +running, pid 4711\nTelegram +refuses the token: set TELEGRAM_BOT_TOKEN to .*, and restart; alerts wait$/m,
  )
  expect(await stateOf()).toBe('unauthorized')
  lock.noteTelegram('online')
  expect(await stateOf()).toBe('online')

  lock.release()
  expect((await terminal.crier('status')).out).not.toMatch(/^Telegram/m)
  expect(await stateOf()).toBeNull()
})
