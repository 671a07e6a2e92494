import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDate, formatLocal } from '../src/time.ts'

test('a moment is said in its zone, to the minute, summer time included', () => {
  expect(formatLocal(Date.UTC(2026, 6, 1, 22, 59, 59), 'Europe/Vienna')).toBe('2026-07-02 00:59')
  expect(formatLocal(Date.UTC(2026, 11, 1, 23, 0), 'Europe/Vienna')).toBe('2026-12-02 00:00')
  expect(formatLocal(0, 'Asia/Kathmandu')).toBe('1970-01-01 05:30')
})

test.each(['Pacific/Kiritimati', 'Europe/Berlin', 'UTC', 'America/New_York'])(
  'a date without a time is the day alone in %s',
  (zone) => {
    expect(formatDate(Date.UTC(2018, 4, 11), zone)).toBe('2018-05-11')
    expect(formatDate(Date.UTC(2018, 4, 11, 0, 1), zone)).toBe(formatLocal(Date.UTC(2018, 4, 11, 0, 1), zone))
  },
)

test('in UTC it is what any zone at UTC says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (ms) => {
      expect(formatLocal(ms, 'UTC')).toBe(formatLocal(ms, 'Etc/GMT'))
    }),
  )
})
