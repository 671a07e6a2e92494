import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findContradiction } from '../../src/query/contradictions.ts'
import { evaluate } from '../../src/query/evaluate.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { anyItem, anyQueryText } from '../support/queries.ts'

const NOW = Date.UTC(2026, 10, 2)
const read = (text: string) => parseQuery(text, { timezone: 'Etc/UTC', for: 'search' })

test.each([
  ['x -x', 'same'],
  ['x -(X OR y)', 'same'],
  ['(x OR y) -(y OR x)', 'same'],
  ['(x OR y) z -x -y', 'same'],
  ['(x -x) OR (y -y)', 'same'],
  ['z (x -x OR y -y)', 'same'],
  ['lang:en -lang:en', 'same'],
  ['(x OR y) -(x OR y)', 'same'],
  ['"big data" -big', 'part'],
  ['"big data lake" -"data lake"', 'part'],
  ['大数据 -数据', 'part'],
  ['大数据 -数', 'part'],
  ['"大 数据" -大', 'part'],
  ['AI芯片 -ai', 'part'],
  ['data* -dat*', 'part'],
  ['data -dat*', 'part'],
  ['"big dat*" -big', 'part'],
  ['title:x -x', 'part'],
  ['body:"x y" -y', 'part'],
  ['tag:"x y" -tag:x', 'part'],
  ['("big data" OR big-lake) -big', 'part'],
  ['(x "big data" OR "big lake" y) -big', 'part'],
  ['site:news.a.com -site:a.com', 'part'],
  ['x after:2026-11-05 before:2026-11-05', 'days'],
  ['x before:2026-11-01 (y after:2026-11-05)', 'days'],
  ['x lang:en lang:de', 'languages'],
  ['x lang:zh-cn lang:zh-tw', 'languages'],
])('%s can match nothing: %s', (text, why) => {
  expect(findContradiction(read(text).root)).toBe(why)
})

test.each([
  'x',
  '-x',
  'x -y',
  'x -x OR y',
  'x -(x y)',
  '(x OR y) -x',
  'big -"big data"',
  'big data -"big data"',
  '数据 -大数据',
  'data* -data',
  'dat* -data*',
  '"big dat*" -data',
  '大数据 -大据',
  'x -title:x',
  'title:x -body:x',
  'title:x -author:x',
  '"x y" -tag:x',
  'source:"x y" -source:x',
  'site:a.com -site:news.a.com',
  'x after:2026-11-05 before:2026-11-06',
  'x after:2026-11-05 -before:2026-11-01',
  'x lang:en OR y lang:de',
  'x lang:zh lang:zh-tw',
  'x lang:en -lang:de',
])('%s may match something', (text) => {
  expect(findContradiction(read(text).root)).toBeNull()
})

test('what is said to match nothing matches no item', () => {
  let found = 0
  const part = fc.oneof(anyQueryText, fc.constantFrom('big', 'dat*', '数', '数据', '"big data"', '#ai', 'title:big'))
  const items = fc.sample(anyItem, { numRuns: 60, seed: 7 })
  fc.assert(
    fc.property(anyQueryText, part, (asked, leftOut) => {
      const query = read(`(${asked}) -(${leftOut})`)
      if (findContradiction(query.root) === null) return
      found += 1
      expect(items.filter((item) => evaluate(query, item, NOW))).toEqual([])
    }),
    { numRuns: 3_000, seed: 6 },
  )
  expect(found).toBeGreaterThan(60)
})
