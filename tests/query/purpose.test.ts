import { expect, test } from 'vitest'
import { isQueryFor } from '../../src/query/purpose.ts'

test.each([
  ['big data', true, true],
  ['chips since:2026-11-01 within:2d', true, true],
  ['-jobs', true, false],
  ['chips sources>=3', false, true],
  // Nobody needs to wait for one.
  ['chips sources>=1', false, false],
  ['"big', false, false],
])('%s is for a search: %s, for a watch: %s', (text, forSearch, forWatch) => {
  expect([isQueryFor('search', text), isQueryFor('watch', text)]).toEqual([forSearch, forWatch])
})
