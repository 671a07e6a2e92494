import { describe, expect, test } from 'vitest'
import { freshForMs, type Headers, retryAfterMs } from '../../src/fetch/cache-headers.ts'

const NOW = Date.parse('2026-11-23T09:00:00Z')
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

describe('freshForMs', () => {
  test.each<[string, Headers, number | null]>([
    ['nothing said', {}, null],
    ['max-age', { 'cache-control': 'max-age=600' }, 10 * MINUTE],
    ['max-age among others', { 'cache-control': 'public, Max-Age=60, must-revalidate' }, MINUTE],
    ['max-age in quotes', { 'cache-control': 'max-age="60"' }, MINUTE],
    ['two fields', { 'cache-control': ['private', 'max-age=60'] }, MINUTE],
    ['s-maxage is for shared caches', { 'cache-control': 's-maxage=600' }, null],
    ['max-age less the age it had already', { 'cache-control': 'max-age=600', age: '540' }, MINUTE],
    ['older than its max-age', { 'cache-control': 'max-age=600', age: '900' }, 0],
    ['what says nothing of time', { 'cache-control': 'private, must-revalidate' }, null],
    ['max-age of nothing', { 'cache-control': 'max-age=0' }, 0],
    ['no-cache', { 'cache-control': 'no-cache' }, 0],
    ['a max-age that is none', { 'cache-control': 'max-age=soon' }, 0],
    ['a negative max-age', { 'cache-control': 'max-age=-1' }, 0],
    ['more than a day', { 'cache-control': 'max-age=31536000' }, DAY],
    ['no-cache beats max-age', { 'cache-control': 'no-cache, max-age=600' }, 0],
    ['no-store beats max-age', { 'cache-control': 'max-age=600,no-store' }, 0],
    ['max-age beats Expires', { 'cache-control': 'max-age=60', expires: 'Mon, 23 Nov 2026 10:00:00 GMT' }, MINUTE],
    ['Expires', { expires: 'Mon, 23 Nov 2026 09:10:00 GMT' }, 10 * MINUTE],
    [
      'Expires by the clock of the server, which is an hour late',
      { expires: 'Mon, 23 Nov 2026 08:10:00 GMT', date: 'Mon, 23 Nov 2026 08:00:00 GMT' },
      10 * MINUTE,
    ],
    [
      'Expires, less the age it had already in a cache that keeps its Date',
      { expires: 'Mon, 23 Nov 2026 09:02:00 GMT', date: 'Mon, 23 Nov 2026 08:52:00 GMT', age: '480' },
      2 * MINUTE,
    ],
    ['Expires in the form of RFC 850', { expires: 'Monday, 23-Nov-26 09:10:00 GMT' }, 10 * MINUTE],
    ['Expires in the form of asctime', { expires: 'Mon Nov 23 09:10:00 2026' }, 10 * MINUTE],
    ['Expires in another zone', { expires: 'Mon, 23 Nov 2026 11:10:00 +0200' }, 10 * MINUTE],
    ['Expires in UTC, by its other name', { expires: 'Mon, 23 Nov 2026 09:10:00 UTC' }, 10 * MINUTE],
    ['Expires, less an age that is none', { expires: 'Mon, 23 Nov 2026 09:10:00 GMT', age: 'old' }, 10 * MINUTE],
    ['Expires in the past', { expires: 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
    ['Expires: 0', { expires: '0' }, 0],
    ['Expires: -1', { expires: '-1' }, 0],
    ['Expires that is nonsense', { expires: 'Some day' }, 0],
  ])('%s', (_, headers, expected) => {
    expect(freshForMs(headers, NOW)).toBe(expected)
  })
})

describe('retryAfterMs', () => {
  test.each<[string, Headers, number | null]>([
    ['nothing said', {}, null],
    ['seconds', { 'retry-after': '120' }, 2 * MINUTE],
    ['a fraction of seconds', { 'retry-after': '0.5' }, 500],
    ['a date', { 'retry-after': 'Mon, 23 Nov 2026 09:02:00 GMT' }, 2 * MINUTE],
    [
      'a date by the clock of the server',
      { 'retry-after': 'Mon, 23 Nov 2026 07:02:00 GMT', date: 'Mon, 23 Nov 2026 07:00:00 GMT' },
      2 * MINUTE,
    ],
    ['a date in the past', { 'retry-after': 'Mon, 23 Nov 2026 08:00:00 GMT' }, 0],
    ['more than a day', { 'retry-after': '999999' }, DAY],
    ['as good as for ever', { 'retry-after': '9'.repeat(400) }, DAY],
    ['a negative number', { 'retry-after': '-5' }, null],
    ['nonsense', { 'retry-after': 'later' }, null],
  ])('%s', (_, headers, expected) => {
    expect(retryAfterMs(headers, NOW)).toBe(expected)
  })
})
