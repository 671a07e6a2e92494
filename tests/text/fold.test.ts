import { describe, expect, test } from 'vitest'
import { fold } from '../../src/text/fold.ts'

describe('folding makes these the same', () => {
  test.each([
    ['case', 'BIG Data', 'big data'],
    ['case beyond ASCII', 'ÉCOLE ЁЛКА', 'ecole елка'],
    ['Turkish dotted and dotless i', 'İstanbul ısı I', 'istanbul isi i'],
    ['sharp s', 'Straße STRASSE ẞ', 'strasse strasse ss'],
    ['final sigma', 'ΣΊΣΥΦΟΣ σίσυφος', 'σισυφοσ σισυφοσ'],
    ['accents and strokes in Latin and Greek', 'é ł ø đ æ œ ü ñ ό', 'e l o d ae oe u n ο'],
    ['accents put on afterwards', 'Cafe\u0301 nai\u0308ve', 'cafe naive'],
    ['ё is е', 'всё', 'все'],
    ['stress in Cyrillic', 'за\u0301мок', 'замок'],
    ['full and half width', 'ＡＩ１２ ﾊﾞｽ ﾊｽ', 'ai12 バス ハス'],
    ['ligatures and compatibility forms', 'ﬁne 𝐁𝐢𝐠 x²', 'fine big x2'],
    ['traditional and simplified', '大數據 臺灣 發', '大数据 台湾 发'],
    ['Arabic vowel signs and tatweel', 'مُحَمَّد كـتاب', 'محمد كتاب'],
    ['Hebrew points', 'שָׁלוֹם', 'שלום'],
    ['soft hyphens, zero-width signs, variation selectors', 'so\u00adft c\u200bd \ufefff ❤️', 'soft cd f ❤'],
    ['trade marks', 'Acme™x ®', 'acme x  '],
    ['skin tones', '👍🏽', '👍'],
    ['half of a surrogate pair', 'a\ud800b', 'a b'],
    ['half of a pair with an accent', 'a\ud800\u0301b', 'a b'],
  ])('%s', (_name, text, folded) => {
    expect(fold(text)).toBe(folded)
  })
})

describe('folding keeps these apart', () => {
  test.each([
    ['й', 'йод', 'иод'],
    ['kana voicing', 'バス', 'ハス'],
    ['ü is not ue', 'Müller', 'Mueller'],
    ['Thai signs', 'กา', 'ก่า'],
    ['Indic signs', 'कि', 'का'],
  ])('%s', (_name, one, other) => {
    expect(fold(one)).not.toBe(fold(other))
  })
})
