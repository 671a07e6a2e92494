import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findMarks, fold, queryTokens, tokenStream } from '../src/text.ts'
import { anyText } from './support/queries.ts'

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

describe('the tokens of a text', () => {
  test.each([
    [
      'punctuation, hyphens, slashes and underscores part',
      'Big-Data, snake_case; TCP/IP!',
      'big data snake case tcp ip',
    ],
    ['the apostrophe parts', "Google's l’école don't Hawaiʻi", 'google s l ecole don t hawai i'],
    ['letters with ++ or #', 'C++ C# F# C++17 C#12 c++-like', 'c++ c# f# c++ 17 c# 12 c++ like'],
    ['# within an address or before a number belongs to neither', 'page#part issue#12', 'page part issue 12'],
    ['a dot before letters', '.NET (.NET) 微软.NET平台', '.net .net 微软 软 .net 平台 台'],
    [
      'a dot within or after words',
      'node.js ASP.NET end.Next wait...then v1.5',
      'node js asp net end next wait then v1 5',
    ],
    ['letters & letters', 'AT&T R&D S&P500 a & b 3M&A', 'at&t r&d s&p 500 a b 3m a'],
    ['digits belong to words', '5G COVID19 1,000,000', '5g covid19 1 000 000'],
    ['a change of script ends a word', 'AI芯片 µm iPhone15手机', 'ai 芯片 片 μ m iphone15 手机 机'],
    ['runs of scripts without spaces', '大數據 データ分析 𠮷野', '大数 数据 据 デー ータ タ分 分析 析 𠮷野 野'],
    ['Hangul and Thai too', '한국어 ไทย', '한국 국어 어 ไท ทย ย'],
    ['each emoji', '👍👍🏽 🇨🇳🇺🇸 👨‍👩‍👧 ❤️', '👍 👍 🇨🇳 🇺🇸 👨 👩 👧 ❤'],
    [
      'tags and names again at the end',
      '#BigData by @Acme_Inc, #bigdata',
      'bigdata by acme inc bigdata # #bigdata @acme‿inc',
    ],
    ['tags within Chinese, closed or not', '今天#大数据#很火 #AI', '今天 天 大数 数据 据 很火 火 ai # #大数据 #ai'],
    ['an address of e-mail has no name', 'joe@example.com', 'joe example com'],
    ['nothing', ' … — € ', ''],
  ])('%s', (_name, text, tokens) => {
    expect(tokenStream(text)).toBe(tokens)
  })

  test('hold nothing that SQLite would part or fold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(tokenStream(text)).toMatch(/^(?:[a-z0-9+#@&.\u0080-\u{10ffff}]+(?: (?!$)|$))*$/u)
      }),
      { numRuns: 500, seed: 1 },
    )
  })

  test('do not change when the text is folded before', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: 'grapheme', maxLength: 40 })), (text) => {
        expect(tokenStream(fold(text))).toBe(tokenStream(text))
      }),
      { numRuns: 500, seed: 1 },
    )
  })
})

describe('what a query looks for', () => {
  test.each([
    ['a word', 'Data', ['data'], false],
    ['a run: pairs without its last character', '大数据', ['大数', '数据'], false],
    ['a lone character: every pair that begins with it', '数', ['数'], true],
    ['a run before something: its last character stays', '大数据 ai', ['大数', '数据', '据*', 'ai'], false],
    ['lone characters in a row', '大 数据', ['大*', '数据'], false],
    ['a change of script', 'AI芯片', ['ai', '芯片'], false],
    ['a tag alone', '#BigData', ['#bigdata'], false],
    ['a tag as people close it', '#大数据#', ['#大数据'], false],
    ['a tag in a phrase is a word', '#BigData news', ['bigdata', 'news'], false],
    ['nothing', '…', [], false],
  ])('%s', (_name, text, tokens, prefix) => {
    expect(queryTokens(text)).toEqual({ tokens, prefix })
  })

  test('an open ending counts in scripts with spaces only', () => {
    expect(queryTokens('big dat', true)).toEqual({ tokens: ['big', 'dat'], prefix: true })
    expect(queryTokens('大数据', true)).toEqual({ tokens: ['大数', '数据'], prefix: false })
  })
})

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

test.each([
  ['marks out of order', `a${'\u0301\u0316'.repeat(200_000)}`],
  ['one run', '数'.repeat(300_000)],
  ['tag signs', '#'.repeat(300_000)],
  ['tags', '#a'.repeat(200_000)],
  ['ampersands', 'a&'.repeat(200_000)],
  ['zero-width signs', '\u200b'.repeat(300_000)],
])('a hostile text of %s takes time in proportion', (_name, text) => {
  const started = performance.now()
  tokenStream(text)
  // Anything quadratic would take minutes.
  expect(performance.now() - started).toBeLessThan(3_000)
})

test('a thousand words are looked for in one walk through a long text', () => {
  const words = Array.from({ length: 1_000 }, (_, index) => `word${index}`)
  const started = performance.now()
  expect(findMarks(`${'数据分析人工智能芯片'.repeat(20_000)} word7`, words)).toHaveLength(1)
  // A walk for each word takes seconds.
  expect(performance.now() - started).toBeLessThan(1_000)
})

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
      { numRuns: 3_000 },
    )
  })
})
