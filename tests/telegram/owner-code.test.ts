import { expect, test } from 'vitest'
import { createOwnerCode } from '../../src/telegram/owner-code.ts'
import { HOUR_MS } from '../../src/time.ts'
import { NOW } from '../support/store.ts'

const SOMEBODY = 7

test('the code works once, typed in any case and with spaces around', () => {
  const code = createOwnerCode()
  const shown = code.current() ?? ''
  expect(shown).toMatch(/^[2-9A-HJKMNP-Z]{8}$/)

  expect(code.redeem(SOMEBODY, shown.slice(1), NOW)).toBe('wrong')
  expect(code.redeem(SOMEBODY, ` ${shown.toLowerCase()}\n`, NOW)).toBe('right')

  expect(code.current()).toBeNull()
  expect(code.redeem(SOMEBODY, shown, NOW)).toBe('wrong')
})

test('no two services have the same', () => {
  expect(new Set(Array.from({ length: 100 }, () => createOwnerCode().current())).size).toBe(100)
})

test('a thousand people who guess silence it for all others until the hour is over, but for those who tried before', () => {
  const code = createOwnerCode()
  const shown = code.current() ?? ''
  for (let person = 1; person <= 1_000; person += 1) expect(code.redeem(person, 'GUESS', NOW)).toBe('wrong')

  expect(code.redeem(1_001, shown, NOW)).toBe('silent')
  expect(code.redeem(1_000, 'GUESS', NOW)).toBe('wrong')
  expect(code.redeem(1_001, shown, NOW + HOUR_MS)).toBe('right')
})
