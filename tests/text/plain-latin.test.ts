import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokenStream } from '../../src/text/tokens.ts'
import { anyText } from '../support/queries.ts'

describe('the short way of Latin texts', () => {
  // A Han character sends the whole text the long way.
  const byTheLongWay = (text: string) => tokenStream(`${text} 大`).replace(/(^| )大(?= #|$)/, '')

  const latin = fc
    .array(
      fc.constantFrom(
        ...[
          'Big',
          'data',
          'É',
          'café',
          'Straße',
          'x²',
          '5G',
          '½',
          'ﬁn',
          'I',
          'İ',
          '’s',
          '“',
          '…',
          ' ',
          ' ',
          '. ',
          '.',
          '..',
        ],
        ...[
          'NET',
          '-',
          '_',
          '/',
          ',',
          '\n',
          '\u00a0',
          'Ｂ',
          '．',
          '™',
          'a\u0301',
          '\u00ad',
          '+',
          '#',
          '@',
          '&',
          '1',
          'ø',
          '€',
        ],
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join(''))

  test.each([
    ['latin', latin],
    ['any', anyText],
  ])('gives the tokens of the long way: %s', (_name, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(tokenStream(text)).toBe(byTheLongWay(text))
      }),
      { numRuns: 3_000, seed: 3 },
    )
  })
})
