import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluate } from '../../src/query/evaluate.ts'
import { type Clause, explainQuery } from '../../src/query/explain.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { anyItem, anyQueryText, matchable } from '../support/queries.ts'

const NOW = Date.UTC(2026, 10, 23, 9)
const parse = (text: string) => parseQuery(text, { now: NOW, timezone: 'Etc/UTC', for: 'search' })

/** The tree as lines: deeper ones indented. */
function lines(clause: Clause, depth = 0): string[] {
  const found = clause.foundIn.length > 0 ? ` (${clause.foundIn.join(', ')})` : ''
  const line = `${'  '.repeat(depth)}${clause.holds ? 'yes' : 'no'}: ${clause.said}${found}`
  return [line, ...clause.parts.flatMap((part) => lines(part, depth + 1))]
}

test('each clause says whether it holds and where its words stand', () => {
  const item = matchable({
    title: 'Big data jobs',
    text: 'The data is big, big data all over.',
    publishedAt: NOW - 8 * 86_400_000,
  })

  expect(lines(explainQuery(parse('("big data" OR 大数据) -title:jobs within:7d'), item, NOW))).toEqual([
    'no: (“big data” or 大数据) not older than 7d without jobs in the title',
    '  yes: “big data” or 大数据',
    '    yes: “big data” (title, body)',
    '    no: 大数据',
    '  no: without jobs in the title',
    '    yes: jobs in the title (title)',
    '  no: not older than 7d',
  ])
})

test('an explanation says of the whole what the evaluator says, for every query and item', () => {
  const answers = { yes: 0, no: 0 }
  fc.assert(
    fc.property(anyQueryText, anyItem, (text, item) => {
      const query = parse(text)
      const { holds } = explainQuery(query, item, NOW)
      answers[holds ? 'yes' : 'no'] += 1
      expect(holds).toBe(evaluate(query, item, NOW) !== null)
    }),
    { numRuns: 600, seed: 11 },
  )
  expect(Math.min(answers.yes, answers.no)).toBeGreaterThan(50)
})
