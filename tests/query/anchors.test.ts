import { expect, test } from 'vitest'
import { findAnchors, rarestToken } from '../../src/query/anchors.ts'
import { parseQuery } from '../../src/query/parse.ts'

test.each([
  ['of several words the longest', 'big database ai', ['database']],
  ['not one that is in every other item', 'about it oslo', ['oslo']],
  ['the pair of characters before the short word', 'ai 数据', ['数据']],
  ['the word before the beginning of a longer one', 'lakes* lake', ['lake']],
  ['of phrases the one with the rarest word', '"the zebras" "data lake"', ['the zebras']],
  ['all branches', 'zebra OR lake', ['zebra', 'lake']],
  ['of each branch its rarest', '(the zebra) OR (lake of)', ['zebra', 'lake']],
  ['one word rather than several that are as rare', '(zebra OR tiger) lions', ['lions']],
  ['several rare words rather than a frequent one', 'news (zebras OR tigers)', ['zebras', 'tigers']],
  ['nothing that must not be there, or narrows only', 'ox -hippopotamus lang:en', ['ox']],
  ['what is left out twice is wanted', 'of -(-zebra OR lake)', ['zebra']],
  ['the source where the word is frequent', 'the source:wire', ['wire']],
  ['the word where it is rarer than a source', 'photosynthesis source:wire', ['photosynthesis']],
])('a watch hangs on %s: %s', (_name, text, expected) => {
  const { root } = parseQuery(text, { timezone: 'Etc/UTC', for: 'watch' })
  const anchors = findAnchors(root) ?? []
  expect(anchors.map((each) => (each.kind === 'site' ? each.host : each.written))).toEqual(expected)
})

test.each([
  [['the', 'zebra', 'of'], false, { token: 'zebra', prefix: false, index: 1 }],
  [['lake', 'databas'], true, { token: 'databas', prefix: true, index: 1 }],
  [['lakes', 'data'], true, { token: 'lakes', prefix: false, index: 0 }],
  [['大*', '数据'], false, { token: '数据', prefix: false, index: 1 }],
  [['大*', 'a'], false, { token: '大', prefix: true, index: 0 }],
  [['data', 'lake'], false, { token: 'data', prefix: false, index: 0 }],
])('the rarest token of the row %j, open at its end: %s', (tokens, prefix, expected) => {
  expect(rarestToken({ tokens, prefix })).toEqual(expected)
})
