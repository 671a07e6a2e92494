import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate } from '../../src/query/evaluate.ts'
import { type Clause, createExplainer, sayDeciding } from '../../src/query/explain.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { anyItem, anyQueryText, matchable } from '../support/queries.ts'

const NOW = Date.UTC(2026, 10, 23, 9)
const parse = (text: string) => parseQuery(text, { timezone: 'Etc/UTC', for: 'search' })

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

  expect(lines(createExplainer(item, NOW)(parse('("big data" OR 大数据) -title:jobs within:7d')))).toEqual([
    'no: (“big data” or 大数据) not older than 7d without jobs in the title',
    '  yes: “big data” or 大数据',
    '    yes: “big data” (title, body)',
    '    no: 大数据',
    '  no: without jobs in the title',
    '    yes: jobs in the title (title)',
    '  no: not older than 7d',
  ])
})

test('the words of a field stand in that field', () => {
  const item = matchable({ title: 'Big plans', authors: ['Ada'], categories: ['plans'] })
  expect(lines(createExplainer(item, NOW)(parse('author:ada OR tag:plans')))).toEqual([
    'yes: author ada or tag plans',
    '  yes: author ada (author)',
    '  yes: tag plans (tag)',
  ])
})

describe('what an item had to say to a clause', () => {
  const item = matchable({
    ...{
      title: 'Big plans for C++',
      text: 'The data of 大数据 is big.',
      authors: ['Ada Byron'],
      categories: ['science'],
    },
    ...{ url: 'https://post.example/2026/plans', language: 'en', publishedAt: Date.UTC(2026, 10, 20, 12) },
  })
  const rows: [query: string, finding: string][] = [
    ['big', 'in the title and in the text'],
    ['plans', 'in the title'],
    ['data', 'in the text'],
    ['climate', 'not there'],
    ['title:big', 'there'],
    ['title:data', 'not there'],
    ['author:byron', 'there'],
    ['"big data"', 'not there (its words are, but not in a row)'],
    ['"big climate"', 'not there (“big” is, “climate” is not)'],
    ['title:"big data"', 'not there (“big” is, “data” is not)'],
    ['"climate change"', 'not there'],
    ['big-climate', 'not there (“big” is, “climate” is not)'],
    ['"big clim*"', 'not there (“big” is, “clim” is not)'],
    ['"big … climate"', 'not there (“big” is, “climate” is not)'],
    ['"bi clim*"', 'not there'],
    ['"climate pla"', 'not there'],
    ['"plans big pla*"', 'not there (its words are, but not in a row)'],
    ['数据库', 'not there'],
    ['-climate', 'not there'],
    ['-plans', 'in the title'],
    ['-(plans OR climate)', 'plans: in the title'],
    ['-(climate OR weather)', 'climate: not there, weather: not there'],
    ['source:example', 'yes'],
    ['source:wire', 'no, from “Example News”'],
    ['site:post.example', 'yes'],
    ['site:wire.example', 'no, on post.example, example.com'],
    ['lang:de', 'it is en'],
    ['lang:en', 'it is en'],
    ['after:2026-11-21', 'it is of 2026-11-20 12:00 UTC'],
    ['within:1d', 'it is of 2026-11-20 12:00 UTC'],
    ['has:enclosure', 'no'],
  ]
  test.each(rows)('%s: %s', (text, finding) => {
    expect(createExplainer(item, NOW)(parse(text)).finding).toBe(finding)
  })

  test('whose host is of another script', () => {
    const abroad = matchable({ url: 'https://xn--mnchen-3ya.de/1' })
    expect(createExplainer(abroad, NOW)(parse('site:köln.de'))).toMatchObject({
      said: 'on köln.de',
      finding: 'no, on münchen.de, example.com',
    })
  })

  test('whose language nobody knows', () => {
    expect(createExplainer(matchable(), NOW)(parse('lang:de')).finding).toBe('its language is not known')
  })

  test('that has no date, but something to listen to', () => {
    const enclosures = [{ url: 'https://example.com/a.mp3', type: null, length: null }]
    const explain = createExplainer(matchable({ firstSeenAt: NOW, enclosures }), NOW)
    expect(explain(parse('within:1d')).finding).toBe('it is of 2026-11-23 09:00 UTC')
    expect(explain(parse('has:enclosure')).finding).toBe('yes')
  })
})

test.each<[string, string[]]>([
  ['big climate -plans', ['climate: not there', 'without plans: in the title']],
  ['climate OR weather OR (big storm)', ['climate: not there', 'weather: not there', 'storm: not there']],
  ['(climate OR big) -weather', ['big: in the title', 'without weather: not there']],
  ['big', ['big: in the title']],
  ['big -lang:en', ['big: in the title', 'not in English: its language is not known']],
])('what decided %s are the clauses that answered like the whole', (text, lines) => {
  expect(sayDeciding(createExplainer(matchable({ title: 'Big plans' }), NOW)(parse(text)))).toEqual(lines)
})

test('an explanation says of the whole what the evaluator says, for every query and item', () => {
  const answers = { yes: 0, no: 0 }
  fc.assert(
    fc.property(anyQueryText, anyItem, (text, item) => {
      const query = parse(text)
      const clause = createExplainer(item, NOW)(query)
      const { holds } = clause
      answers[holds ? 'yes' : 'no'] += 1
      expect(holds).toBe(evaluate(query, item, NOW) !== null)
      expect(sayDeciding(clause).length).toBeGreaterThan(0)
    }),
    { numRuns: 600, seed: 11 },
  )
  expect(Math.min(answers.yes, answers.no)).toBeGreaterThan(50)
})
