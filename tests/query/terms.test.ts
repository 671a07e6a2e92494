import { expect, test } from 'vitest'
import type { QueryNode } from '../../src/model.ts'
import { viewItem } from '../../src/query/item-view.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { Terms } from '../../src/query/terms.ts'
import { matchable } from '../support/queries.ts'

function leaf(text: string): QueryNode {
  return parseQuery(text, { timezone: 'Etc/UTC', for: 'search' }).root
}

const LEAVES = [
  'data',
  'Data',
  '"big data"',
  '大数据',
  'dat*',
  'title:data',
  'source:example.com',
  'site:example.com',
  'lang:zh',
]

test.each(LEAVES)(
  'all who ask for %s share its terms, which leave their room to others with the last of them',
  (text) => {
    const terms = new Terms()
    terms.take(leaf('zebra'))
    const taken = terms.take(leaf(text))

    expect(terms.take(leaf(text))).toEqual(taken)
    for (const term of taken) terms.release(term)
    const [other] = terms.take(leaf('lake'))
    expect(taken).not.toContain(other)
    for (const term of taken) terms.release(term)

    expect(taken).toContain(terms.take(leaf('sea'))[0])
  },
)

test('what nobody asks for any more is not found, and what is asked for in its room is', () => {
  const terms = new Terms()
  const found: number[] = []
  const find = (text: string) => {
    found.length = 0
    terms.find(viewItem(matchable({ text })), 0, (term) => found.push(term))
    return [...found]
  }
  const [gone = 0] = terms.take(leaf('"big data"'))
  expect(find('big data')).toEqual([gone])

  terms.release(gone)
  const [term = 0] = terms.take(leaf('lake'))

  expect(term).toBe(gone)
  expect(find('big data')).toEqual([])
  expect(terms.isPresent(term)).toBe(false)
  expect(find('a lake of big data')).toEqual([term])
  expect(terms.writtenOf(term)).toBe('lake')
})
