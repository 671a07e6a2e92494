import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findMarks } from '../../src/text/marks.ts'
import { anyText } from '../support/queries.ts'
import { workedMs } from '../support/work.ts'

describe('marks', () => {
  const marked = (text: string, words: string[]) =>
    findMarks(text, words).map(({ start, end }) => text.slice(start, end))

  test.each([
    ['a word, however it is written', 'Cafe\u0301 CAFÉ cafés', ['café'], ['Cafe\u0301', 'CAFÉ']],
    ['a phrase with what stands between its words', 'Big — Data, big and data', ['big data'], ['Big — Data']],
    ['an open ending marks the whole word', 'databases, update', ['data*'], ['databases']],
    ['a run within a run, traditional or not', '新大數據平台', ['大数据'], ['大數據']],
    ['one character only', '新数据', ['数'], ['数']],
    ['beyond the basic plane', 'x𠮷野家', ['𠮷野', '野家'], ['𠮷野家']],
    ['where folding makes text longer', 'ﬁne Straße x', ['strasse', 'x'], ['Straße', 'x']],
    ['where lower case makes text longer', 'İİİ data', ['data'], ['data']],
    ['a tag, not the word', 'AI and #AI', ['#ai'], ['#AI']],
    ['a tag, not one that goes on', '#ai #aix', ['#ai'], ['#ai']],
    ['a tag behind a word', 'data #ai', ['#ai', 'data'], ['data', '#ai']],
    ['an open ending, and no tag', 'data #ai', ['dat*'], ['data']],
    ['an open ending of the last word only', 'bigger data, big database', ['big dat*'], ['big database']],
    ['whole words of a phrase', 'big database, big data', ['big data'], ['big data']],
    ['characters apart and in a row', '大 数据，大数据', ['大 数据'], ['大 数据', '大数据']],
    ['one within another', 'a big data base', ['big data base', 'data'], ['big data base']],
    ['tags that go on', '#big, bigger #bigger', ['#big*'], ['#big', '#bigger']],
    [
      'several that begin with one word',
      'big data, a big lake, big',
      ['big data', 'big lake'],
      ['big data', 'big lake'],
    ],
    ['one word, and a phrase that begins with it', 'big data, too big', ['big', 'big data'], ['big data', 'big']],
    ['names, and not the words', '@acme of Acme, #acme', ['@acme'], ['@acme']],
    ['those that touch as one', '大数据', ['大', '数'], ['大数']],
    ['overlapping ones once', 'a big data base', ['big data', 'data base'], ['big data base']],
    ['nothing', 'training', ['ai', '', '…'], []],
  ])('%s', (_name, text, words, expected) => {
    expect(marked(text, words)).toEqual(expected)
  })

  test('are in order, apart, inside the text, and never cut a surrogate pair', () => {
    fc.assert(
      fc.property(anyText, fc.array(anyText, { maxLength: 3 }), (text, words) => {
        let last = -1
        for (const { start, end } of findMarks(text, words)) {
          expect(start).toBeGreaterThan(last)
          expect(end).toBeGreaterThan(start)
          expect(text.slice(start, end)).not.toMatch(/\p{Cs}/u)
          last = end
        }
        expect(last).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 500, seed: 1 },
    )
  })
})

test('a thousand words are looked for in one walk through a long text', () => {
  const words = Array.from({ length: 1_000 }, (_, index) => `word${index}`)
  const started = workedMs()
  expect(findMarks(`${'数据分析人工智能芯片'.repeat(20_000)} word7`, words)).toHaveLength(1)
  // A walk for each word takes seconds.
  expect(workedMs() - started).toBeLessThan(1_000)
})
