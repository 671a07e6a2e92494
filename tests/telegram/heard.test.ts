import { expect, test } from 'vitest'
import { createHeard } from '../../src/telegram/heard.ts'

const said = (id: number, text: string, chat = 1) => ({
  chat: { id: chat, type: 'private' as const, first_name: 'P' },
  message_id: id,
  text,
})

test('of each message of each chat its last text is known', () => {
  const heard = createHeard()
  heard.note(said(1, 'one'))
  heard.note(said(1, 'one of another chat', 2))
  heard.note(said(1, 'one, corrected'))

  expect(heard.before(said(1, 'new'))).toBe('one, corrected')
  expect(heard.before(said(1, 'new', 2))).toBe('one of another chat')
  expect(heard.before(said(2, 'new'))).toBeUndefined()
})

test('the last hundred are known, and what was corrected is as new as if it were said then', () => {
  const heard = createHeard()
  for (let id = 1; id <= 100; id += 1) heard.note(said(id, 'first'))
  heard.note(said(1, 'corrected'))
  heard.note(said(101, 'first'))

  expect(heard.before(said(1, 'new'))).toBe('corrected')
  expect(heard.before(said(2, 'new'))).toBeUndefined()
  expect(heard.before(said(3, 'new'))).toBe('first')
})
