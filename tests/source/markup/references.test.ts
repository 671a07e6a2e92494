import { describe, expect, test } from 'vitest'
import { decodeReferences, dropIllegal, escapeXml, mendReferences } from '../../../src/source/markup/references.ts'

/** Long ones are changed part by part. */
const MANY = 30_000

describe('a long text is changed as each of its pieces would be', () => {
  test.each([
    ['names that lack their semicolon', 'a&amp b&lt<'],
    ['a pair of references to one character', '&#55357;&#56832;'],
    ['the same, in the other base', 'x &#xD83D;&#xDE00;'],
    ['names and numbers of HTML', '&eacute;&#147;&nbsp;'],
    ['what begins no reference', '&# & &&#x; &a'],
    ['references of references', '&amp;lt;&#38;#60;'],
  ])('%s', (_, piece) => {
    expect(mendReferences(piece.repeat(MANY))).toBe(mendReferences(piece).repeat(MANY))
    expect(decodeReferences(piece.repeat(MANY))).toBe(decodeReferences(piece).repeat(MANY))
    expect(escapeXml(piece.repeat(MANY))).toBe(escapeXml(piece).repeat(MANY))
  })

  test('wherever a part may end', () => {
    for (let shift = 0; shift < 20; shift += 1) {
      const text = `${'x'.repeat(65_520 + shift)}&#55357;&#56832;&amp &#60;`
      expect(decodeReferences(text)).toBe(`${'x'.repeat(65_520 + shift)}😀& <`)
    }
  })
})

test('numbers may lack their semicolon, those of letters where a space or the end tells them', () => {
  expect(decodeReferences('&#8217s &#x2019 b&#X2019<i> &#x2019')).toBe('’s ’ b’<i> ’')
  expect(decodeReferences('?a=1&#x2019bc')).toBe('?a=1&#x2019bc')
})

test('what XML has no place for goes, from a short text and from long ones of any script', () => {
  for (const text of ['a', 'a'.repeat(2_000), '字'.repeat(2_000), '😀'.repeat(2_000)]) {
    expect(dropIllegal(`\t${text}\r\n`)).toBe(`\t${text}\r\n`)
    for (let code = 0; code < 32; code += 1) {
      const control = String.fromCharCode(code)
      const kept = '\t\n\r'.includes(control) ? control : ''
      expect(dropIllegal(text + control + text)).toBe(text + kept + text)
    }
    expect(dropIllegal(`${text}\ufffe${text}\ud83d`)).toBe(text + text)
  }
})
