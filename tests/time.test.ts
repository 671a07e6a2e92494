import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aheadOfUtcMs, formatAge, formatDate, formatDuration, formatLocal, parseDuration } from '../src/time.ts'

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

test.each([
  ['1s', 1_000],
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['90m', 5_400_000],
  ['12h', 43_200_000],
  ['7d', 604_800_000],
])('%s is read, and said again in the same words', (text, ms) => {
  expect(parseDuration(text, '--every')).toBe(ms)
  expect(formatDuration(ms)).toBe(text)
})

test('a time is read with blanks around it and in weeks, and said in days; less than a second is said as one', () => {
  expect(parseDuration(' 2w ', '--every')).toBe(14 * 86_400_000)
  expect(formatDuration(14 * 86_400_000)).toBe('14d')
  expect(formatDuration(400)).toBe('1s')
  expect(formatDuration(59_700)).toBe('1m')
})

test.each(['0s', '5', '5 m', '1.5h', '-1m', '1m30s', '1234567s', 'm', ''])('"%s" is no time', (text) => {
  expect(() => parseDuration(text, '--every')).toThrow(
    `--every must be a time such as 90s, 30m, 12h or 7d, not "${text}".`,
  )
})

test.each([
  ['now', -5_000],
  ['now', 999],
  ['1 s ago', 1_000],
  ['59 s ago', 59_999],
  ['1 min ago', 60_000],
  ['59 min ago', 3_599_999],
  ['1 h ago', 3_600_000],
  ['47 h ago', 172_799_999],
  ['2 days ago', 172_800_000],
])('it is said to be "%s" after %d ms', (said, ms) => {
  expect(formatAge(NOON, NOON + ms)).toBe(said)
})

test.each([
  ['UTC', 0],
  ['America/New_York', -5 * 3_600_000],
  ['Asia/Kathmandu', 20_700_000],
])('how far %s is ahead of UTC is a whole number of minutes, at whatever second', (zone, ahead) => {
  expect(aheadOfUtcMs(NOON + 59_999, zone)).toBe(ahead)
})

const NOON = Date.UTC(2026, 10, 23, 12)
