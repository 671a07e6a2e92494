import { expect, test } from 'vitest'
import { createOwnerChats, listOwners } from '../../src/actions/owners.ts'

const store = (...owners: number[]) => ({ listOwners: async () => owners })

test('an owner is told in the private chat, each once', async () => {
  expect(await createOwnerChats(store(7, 9), { token: 't', owner: 9 })()).toEqual(['7', '9'])
  expect(await createOwnerChats(store(), { token: 't', owner: 9 })()).toEqual(['9'])
})

test('the terminal is told while nobody owns the bot, and where there is none', async () => {
  expect(await createOwnerChats(store(), { token: 't', owner: null })()).toEqual(['terminal'])
  expect(await createOwnerChats(store(7), { token: null, owner: 9 })()).toEqual(['terminal'])
})

test('owners are who gave the code, and who needs none', async () => {
  expect(await listOwners(store(7), 9)).toEqual([7, 9])
  expect(await listOwners(store(7), null)).toEqual([7])
})
