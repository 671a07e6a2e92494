import { describe, expect, test } from 'vitest'
import { describeRules, readPageRules, sayUnmatched } from '../../../src/actions/sources/page-rules.ts'
import type { PageRules } from '../../../src/model.ts'

const FOUND: PageRules = { entry: 'li', link: 'a', title: null, date: '.day', summary: null, auto: true }
const GIVEN: PageRules = { ...FOUND, auto: false }

describe('what people say of a page’s entries', () => {
  const rows: [
    name: string,
    wish: Parameters<typeof readPageRules>[0],
    before: PageRules | null,
    rules: PageRules | null,
  ][] = [
    ['nothing is nothing', {}, GIVEN, null],
    ['an entry alone is enough', { entry: ' ul > li ' }, null, { ...GIVEN, entry: 'ul > li', link: null, date: null }],
    ['what is not said stays', { date: 'time' }, GIVEN, { ...GIVEN, date: 'time' }],
    ['an empty part is found by itself', { date: '' }, GIVEN, { ...GIVEN, date: null }],
    [
      'of what was found only the entry stays: its parts were found for it',
      { title: 'h2' },
      FOUND,
      { ...GIVEN, title: 'h2', link: null, date: null },
    ],
  ]
  for (const [name, wish, before, rules] of rows) {
    test(name, () => expect(readPageRules(wish, (part) => part, before)).toEqual(rules))
  }

  const refused: [name: string, wish: Parameters<typeof readPageRules>[0], says: RegExp][] = [
    ['no selector', { entry: 'li[[' }, /^<entry> is no selector: /],
    ['a bad part of a good entry', { entry: 'li', summary: '>>' }, /^<summary> is no selector: /],
    ['a part of no entry', { link: 'a' }, /^<link> needs <entry>, which says which elements are the entries\.$/],
    ['an empty entry', { entry: ' ' }, /^<entry> is empty: it says which elements/],
  ]
  for (const [name, wish, says] of refused) {
    test(`${name} is refused by its name, with an example`, () => {
      const refusal = {
        code: 'invalid',
        message: expect.stringMatching(says),
        hint: expect.stringContaining('ul.news > li'),
      }
      expect(() => readPageRules(wish, (part) => `<${part}>`)).toThrow(expect.objectContaining(refusal))
    })
  }
})

test('of each selector that matches nothing it is said what that means', () => {
  const rules = { ...GIVEN, title: 'h2', summary: 'p' }

  expect(sayUnmatched(['link', 'title', 'date', 'summary'], rules, (part) => `--${part}`)).toEqual([
    '--link "a" matches nothing within the entries: there is no link.',
    '--title "h2" matches nothing within the entries: the titles are those that Crier finds by itself.',
    '--date ".day" matches no date within the entries.',
    '--summary "p" matches nothing within the entries: there is no summary.',
  ])
})

test('rules are said in one line', () => {
  expect(describeRules(GIVEN)).toBe('li, the link at a, the date at .day')
  expect(describeRules({ ...FOUND, link: null, date: null })).toBe('li, found by itself')
})
