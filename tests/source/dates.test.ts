import { describe, expect, test } from 'vitest'
import { parseDate } from '../../src/source/dates.ts'

const NOON = '2026-11-25T12:00:00.000Z'

describe('dates are read in every form seen, and never in the zone of the machine', () => {
  test.each([
    ['RFC 822', 'Wed, 25 Nov 2026 12:00:00 GMT', NOON],
    ['RFC 822 with an offset', 'Wed, 25 Nov 2026 13:00:00 +0100', NOON],
    ['RFC 822 without a day of the week', '25 Nov 2026 12:00 UT', NOON],
    ['RFC 822 with two digits of the year', 'Wed, 25 Nov 26 12:00:00 GMT', NOON],
    ['two digits of the last century', '25 Nov 99 12:00:00 GMT', '1999-11-25T12:00:00.000Z'],
    ['American zones', 'Wed, 25 Nov 2026 07:00:00 EST', NOON],
    ['American zones in summer', 'Sat, 25 Jul 2026 08:00:00 EDT', '2026-07-25T12:00:00.000Z'],
    ['European zones', 'Wed, 25 Nov 2026 13:00:00 CET', NOON],
    ['Asian zones', 'Wed, 25 Nov 2026 21:00:00 JST', NOON],
    ['a half-hour zone', 'Wed, 25 Nov 2026 17:30:00 +05:30', NOON],
    ['an unknown zone is UTC', 'Wed, 25 Nov 2026 12:00:00 XYZT', NOON],
    ['an offset on no map is UTC', 'Wed, 25 Nov 2026 12:00:00 +2500', NOON],
    ['no zone is UTC', 'Wed, 25 Nov 2026 12:00:00', NOON],
    ['GMT with an offset', 'Wed, 25 Nov 2026 13:00:00 GMT+0100', NOON],
    ['a wrong day of the week', 'Mon, 25 Nov 2026 12:00:00 GMT', NOON],
    ['a comma too many', 'Wed, 25 Nov, 2026 12:00:00 GMT', NOON],
    ['ISO 8601', '2026-11-25T12:00:00Z', NOON],
    ['ISO 8601 with an offset', '2026-11-25T14:30:00+02:30', NOON],
    ['ISO 8601 without a zone', '2026-11-25T12:00:00', NOON],
    ['ISO 8601 with a fraction', '2026-11-25T12:00:00.250Z', '2026-11-25T12:00:00.250Z'],
    ['ISO 8601 with seven digits of it', '2026-11-25T12:00:00.2500000Z', '2026-11-25T12:00:00.250Z'],
    ['ISO 8601 to the minute', '2026-11-25T12:00Z', NOON],
    ['ISO 8601, compact', '20261125T120000Z', NOON],
    ['a space instead of the T', '2026-11-25 12:00:00 +0000', NOON],
    ['a day alone', '2026-11-25', '2026-11-25T00:00:00.000Z'],
    ['a month alone', '2026-11', '2026-11-01T00:00:00.000Z'],
    ['a year alone', '2026', '2026-01-01T00:00:00.000Z'],
    ['slashes, year first', '2026/11/25 12:00', NOON],
    ['Chinese', '2026年11月25日 12:00', NOON],
    ['Chinese with words for hours', '2026年11月25日 12时00分', NOON],
    ['German dots', '25.11.2026 12:00', NOON],
    ['American slashes', '11/25/2026 12:00:00 PM', NOON],
    ['slashes that can only be day first', '25/11/2026 12:00', NOON],
    ['a month written out', 'November 25, 2026 12:00 pm', NOON],
    ['a month written out, no time', 'Nov 25, 2026', '2026-11-25T00:00:00.000Z'],
    ['midnight as 12 am', 'Nov 25, 2026 12:30 AM', '2026-11-25T00:30:00.000Z'],
    ['at', 'November 25th, 2026 at 12:00', NOON],
    ['asctime', 'Wed Nov 25 12:00:00 2026', NOON],
    ['date(1)', 'Wed Nov 25 13:00:00 CET 2026', NOON],
    ['German', 'Mi, 25 Nov. 2026 12:00:00 GMT', NOON],
    ['German with an umlaut', '25. März 2026 12:00', '2026-03-25T12:00:00.000Z'],
    ['French', 'mer., 25 févr. 2026 12:00:00 +0000', '2026-02-25T12:00:00.000Z'],
    ['Spanish', '25 de noviembre de 2026 12:00', NOON],
    ['Russian', 'Ср, 25 ноя 2026 15:00:00 MSK', NOON],
    ['Polish', '25 października 2026', '2026-10-25T00:00:00.000Z'],
    ['seconds since 1970', '1795608000', NOON],
    ['milliseconds since 1970', '1795608000000', NOON],
    ['midnight as 24:00', '2026-11-24T24:00:00Z', '2026-11-25T00:00:00.000Z'],
    ['a leap second', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['the leap day', '2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['white space around and inside', '\n Wed,  25 Nov 2026\n12:00:00   GMT ', NOON],
  ])('%s', (_, text, iso) => {
    const date = parseDate(text)
    expect(date === null ? null : new Date(date).toISOString()).toBe(iso)
  })

  test.each(
    ['', 'yesterday', '2026-02-30', '2026-13-01', '31 Feb 2026', '2026-11-25T25:00:00Z', '0000-00-00 00:00:00'].concat([
      '29 Feb 2026',
      'N/A',
      'x'.repeat(1_000_000),
      '1 '.repeat(500_000),
    ]),
  )('what is no date is null: %.40s', (text) => {
    expect(parseDate(text)).toBeNull()
  })
})
