import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fold } from '../../src/text/fold.ts'
import { queryTokens, tokenStream } from '../../src/text/tokens.ts'
import { anyString } from '../support/any-string.ts'
import { anyText } from '../support/queries.ts'
import { workedMs } from '../support/work.ts'

describe('the tokens of a text', () => {
  test.each([
    [
      'punctuation, hyphens, slashes and underscores part',
      'Big-Data, snake_case; TCP/IP!',
      'big data snake case tcp ip',
    ],
    ['the apostrophe parts', "Google's l’école don't Hawaiʻi", 'google s l ecole don t hawai i'],
    ['letters with ++ or #', 'C++ C# F# C++17 C#12 c++-like', 'c++ c# f# c++ 17 c# 12 c++ like'],
    ['# after several letters', 'J# ADA# Mate#1', 'j# ada# mate 1'],
    ['signs that belong to no word', 'a+b c+ x-+y R&5 a&-b', 'a b c x y r 5 a b'],
    ['# within an address or before a number belongs to neither', 'page#part issue#12', 'page part issue 12'],
    ['a dot before letters', '.NET (.NET) 微软.NET平台', '.net .net 微软 软 .net 平台 台'],
    [
      'a dot within or after words',
      'node.js ASP.NET end.Next wait...then v1.5 mp3.com',
      'node js asp net end next wait then v1 5 mp3 com',
    ],
    ['letters & letters', 'AT&T R&D S&P500 a & b 3M&A', 'at&t r&d s&p 500 a b 3m a'],
    ['digits belong to words', '5G COVID19 1,000,000', '5g covid19 1 000 000'],
    ['a change of script ends a word', 'AI芯片 µm iPhone15手机', 'ai 芯片 片 μ m iphone15 手机 机'],
    ['runs of scripts without spaces', '大數據 データ分析 𠮷野', '大数 数据 据 デー ータ タ分 分析 析 𠮷野 野'],
    ['Hangul and Thai too', '한국어 ไทย', '한국 국어 어 ไท ทย ย'],
    ['each emoji', '👍👍🏽 🇨🇳🇺🇸 👨‍👩‍👧 ❤️', '👍 👍 🇨🇳 🇺🇸 👨 👩 👧 ❤'],
    ['a flag beside an emoji, and half of one', '👍🇨🇳 🇺x', '👍 🇨🇳 🇺 x'],
    [
      'words of other scripts are whole, with their signs',
      'हिन्दी भाषा, தமிழ்! Հայերեն ქართული',
      'हिन्दी भाषा தமிழ் հայերեն ქართული',
    ],
    ['other scripts beside Latin and digits', 'AIहिन्दीbyte २०२६हिन्दी', 'ai हिन्दी byte २०२६हिन्दी'],
    ['tags and names in other scripts', '#हिन्दी @தமிழ்', 'हिन्दी தமிழ் # #हिन्दी @தமிழ்'],
    ['signs that belong to words of other scripts', 'क# क++ क&ख .हिन्दी ка.हि', 'क# क++ क&ख .हिन्दी ка हि'],
    [
      'words of scripts beyond the basic plane: Adlam, Osage',
      '𞤀𞤣𞤤𞤢𞤥 𞤆𞤵𞤤𞤢𞤪! #𐓏𐓘𐓻𐓘𐓻𐓟 b𞤀𞤣𞤤2',
      '𞤢𞤣𞤤𞤢𞤥 𞤨𞤵𞤤𞤢𞤪 𐓷𐓘𐓻𐓘𐓻𐓟 b 𞤢𞤣𞤤2 # #𐓷𐓘𐓻𐓘𐓻𐓟',
    ],
    ['signs of Thai, Khmer and Burmese part, their digits are words', '๏ไทย๏ไทย ក។ខ ๒๕๖๙', 'ไท ทย ย ไท ทย ย ក ខ ๒๕๖๙'],
    [
      'tags and names again at the end',
      '#BigData by @Acme_Inc, #bigdata',
      'bigdata by acme inc bigdata # #bigdata @acme‿inc',
    ],
    ['tags within Chinese, closed or not', '今天#大数据#很火 #AI', '今天 天 大数 数据 据 很火 火 ai # #大数据 #ai'],
    ['the sign that closes a tag is no part of its word', '看#NBA#直播 #AI#', '看 nba 直播 播 ai # #nba #ai'],
    ['a tag of Chinese right after a word', 'Mate#鸿蒙# Mate60#鸿蒙#', 'mate 鸿蒙 蒙 mate60 鸿蒙 蒙 # #鸿蒙'],
    ['names and tags in Chinese, one after another', '@用户#话题#@别人', '用户 户 话题 题 别人 人 # @用户 #话题 @别人'],
    ['C# before Chinese, and as a tag', 'C#语言 #C#', 'c# 语言 言 c# # #c'],
    ['a tag of digits', '#2026 1#a', '2026 1 a # #2026'],
    ['an address of e-mail in Chinese has no name', 'joe@用户', 'joe 用户 户'],
    ['an address of e-mail has no name', 'joe@example.com', 'joe example com'],
    ['signs of tags and names without one', 'a # b @ c #_', 'a b c'],
    ['nothing', ' … — € ', ''],
  ])('%s', (_name, text, tokens) => {
    expect(tokenStream(text)).toBe(tokens)
  })

  test('are all there, however long it is', () => {
    expect(tokenStream('大'.repeat(50_000)).split(' ')).toHaveLength(50_000)
    expect(tokenStream('é b '.repeat(50_000)).split(' ')).toHaveLength(100_000)
  })

  test('hold nothing that SQLite would part or fold', () => {
    fc.assert(
      fc.property(anyString(60), (text) => {
        expect(tokenStream(text)).toMatch(/^(?:[a-z0-9+#@&.\u0080-\u{10ffff}]+(?: (?!$)|$))*$/u)
      }),
      { numRuns: 500, seed: 1 },
    )
  })

  test('are whole characters', () => {
    const letters = fc.constantFrom(...'a1-#&+ 𞤀𞤣𞤢𐓏𐓷𐐀𐐨𠮷👍🇨')
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 12 }), (chars) => {
        expect(tokenStream(chars.join(''))).not.toMatch(/\p{Cs}/u)
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
    ['a lone character after a word', 'ai 数', ['ai', '数'], true],
    ['a change of script', 'AI芯片', ['ai', '芯片'], false],
    ['a tag alone', '#BigData', ['#bigdata'], false],
    ['a tag as people close it', '#大数据#', ['#大数据'], false],
    ['a tag with punctuation around it', '（#BigData！', ['#bigdata'], false],
    ['a name at the end of a sentence', '@acme.', ['@acme'], false],
    ['C# as a tag, with punctuation behind it', '#C#.', ['#c'], false],
    ['a tag after a word', 'the #BigData', ['the', 'bigdata'], false],
    ['a sign that a tag does not hold', '#C++!', ['c++'], false],
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

test.each([
  ['marks out of order', `a${'\u0301\u0316'.repeat(200_000)}`],
  ['one run', '数'.repeat(300_000)],
  ['tag signs', '#'.repeat(300_000)],
  ['tags', '#a'.repeat(200_000)],
  ['ampersands', 'a&'.repeat(200_000)],
  ['zero-width signs', '\u200b'.repeat(300_000)],
])('a hostile text of %s takes time in proportion', (_name, text) => {
  const started = workedMs()
  tokenStream(text)
  // Anything quadratic would take minutes.
  expect(workedMs() - started).toBeLessThan(3_000)
})
