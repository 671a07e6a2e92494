import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { QueryNode } from '../../src/model.ts'
import { findAnchors, hasAnchors } from '../../src/query/anchors.ts'

const { node: anyNode } = fc.letrec<{ node: QueryNode; leaf: QueryNode }>((tie) => ({
  leaf: fc.constantFrom<QueryNode>(
    { kind: 'words', field: 'any', tokens: ['chip'], prefix: false, written: 'chip' },
    { kind: 'site', host: 'example.com' },
    { kind: 'enclosure' },
  ),
  node: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.record({ kind: fc.constant('not' as const), node: tie('node') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      nodes: fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}))

test('a query has anchors where some are found, whatever is negated in it', () => {
  fc.assert(
    fc.property(anyNode, (node) => {
      expect(hasAnchors(node)).toBe(findAnchors(node) !== null)
    }),
    { numRuns: 500, seed: 3 },
  )
})
