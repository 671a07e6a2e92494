import { expect, test } from 'vitest'
import { createButtons } from '../../src/telegram/buttons.ts'

test('a button is found for a day, by data that fits Telegram', () => {
  let now = 0
  const buttons = createButtons<string>(() => now)
  const data = buttons.offer({ place: 'here', text: '/help' })

  expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64)
  expect(buttons.find(data)).toMatchObject({ place: 'here', text: '/help' })
  expect(buttons.find('b:forged')).toBeUndefined()
  expect(buttons.find(undefined)).toBeUndefined()
  now = 86_400_000
  expect(buttons.find(data)).toBeUndefined()
})

test('of very many the oldest make room', () => {
  const buttons = createButtons<null>(() => 0)
  const offered = Array.from({ length: 1_001 }, (_, n) => buttons.offer({ place: null, text: String(n) }))

  expect(offered.map((data) => buttons.find(data)?.text ?? null).slice(0, 2)).toEqual([null, '1'])
  expect(buttons.find(offered[1_000])?.text).toBe('1000')
})
