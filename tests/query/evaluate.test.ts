import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Matchable } from '../../src/model.ts'
import { evaluate } from '../../src/query/evaluate.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { createWatchIndex } from '../../src/query/watch-index.ts'
import { findMarks } from '../../src/text/marks.ts'
import { anyItem, anyText, matchable } from '../support/queries.ts'

const NOW = Date.UTC(2026, 10, 25, 12)
const DAY = 86_400_000

/** What the evaluator says, and the index of watches with it. */
function find(query: string, item: Matchable, timezone = 'Etc/UTC'): string[] | null {
  const parsed = parseQuery(query, { timezone, for: 'search' })
  const words = evaluate(parsed, item, NOW)
  const watch = { id: 1, chat: 'terminal', number: 1, query, createdAt: NOW }
  const index = createWatchIndex()
  index.add(watch, parsed)
  expect(index.match(item, NOW)).toEqual(words ? [{ watch, words }] : [])
  return words
}

function finds(query: string, item: Matchable | string): boolean {
  return find(query, typeof item === 'string' ? matchable({ text: item }) : item) !== null
}

describe('words and phrases', () => {
  test.each([
    ['both, anywhere, any order', 'big data', 'data is big', true],
    ['one is not both', 'big data', 'data', false],
    ['AND and && are spaces', 'big AND data && ai', 'ai data big', true],
    ['a phrase in a row', '"big data"', 'the big data age', true],
    ['a phrase in another order', '"big data"', 'data big', false],
    ['punctuation and line ends within a phrase', '"big data"', 'Big,\nData', true],
    ['space binds tighter than OR: the one', 'a OR b c', 'a', true],
    ['space binds tighter than OR: the others', 'a OR b c', 'b', false],
    ['| and ||', 'a | b || c', 'c', true],
    ['lower-case or is a word', 'a or b', 'a b', false],
    ['without', 'big -data', 'big data', false],
    ['without, with !', 'big !data', 'big data', false],
    ['without, with NOT', 'big NOT data', 'big', true],
    ['without a phrase', 'big -"data base"', 'big base data', true],
    ['without either', 'big -(data OR base)', 'big base', false],
    ['without both together', 'big -(data base)', 'big base', true],
    ['a group', '(a OR b) c', 'a', false],
    ['prefix', 'data*', 'databases', true],
    ['prefix of the word itself', 'data*', 'data', true],
    ['prefix at the end of a phrase', '"big dat*"', 'big database', true],
    ['prefix is not in the middle of a word', 'base*', 'database', false],
    ['a pasted list is OR', 'x, y, "c d"', 'c d', true],
    ['a list, one a line', 'x\ny\nbig data', 'big', false],
    ['a negative entry excludes from the whole list', 'x, y, -z', 'x z', false],
    ['the comma of a number is no list', '1,000,000', '1 of 000', false],
  ])('%s', (_name, query, text, expected) => {
    expect(finds(query, text)).toBe(expected)
  })

  test('words may stand apart in title and text, a phrase may not', () => {
    const item = matchable({ title: 'All is big', text: 'data for all' })
    expect(finds('big data', item)).toBe(true)
    expect(finds('"big data"', item)).toBe(false)
  })
})

describe('scripts and signs', () => {
  test.each([
    ['ai', 'training in the rain', false],
    ['ai', 'AI芯片', true],
    ['chip', 'chips', false],
    ['大数据', '新大数据平台', true],
    ['大数据', '大數據', true],
    ['数', '大数据', true],
    ['据', '大数据', true],
    ['大据', '大数据', false],
    ['大数据', '大 数据', false],
    ['"大 数据"', '大 数据', true],
    ['"大 数据"', '大数据', true],
    ['"大 据"', '大数据', false],
    ['"大 数 据"', '大数据', true],
    ['大数*', '大数据', true],
    ['AI芯片', 'AI 芯片', true],
    ['"AI 芯片"', 'AI芯片组', true],
    ['データ', 'ビッグﾃﾞｰﾀ分析', true],
    ['バス', 'ハス', false],
    ['국어', '한국어', true],
    ['big-data', 'Big Data', true],
    ['email', 'e-mail', false],
    ['e-mail', 'email', false],
    ['google', 'Google’s', true],
    ['école', "L'Ecole", true],
    ['dont', "don't", false],
    ['muller', 'Müller', true],
    ['c', 'C++ and C#', false],
    ['c++', 'C++17', true],
    ['c#', 'C', false],
    ['net', 'the .NET', false],
    ['.net', 'node.net', false],
    ['net', 'ASP.NET', true],
    ['at', 'AT&T', false],
    ['at&t', 'At&t', true],
    ['node.js', 'Node JS', true],
    ['5g', '5G', true],
    ['5', '5G', false],
    ['bigdata', '#BigData', true],
    ['#bigdata', '#BigData', true],
    ['#bigdata', 'BigData', false],
    ['@acme', 'by @ACME', true],
    ['@acme', 'acme', false],
    ['big', '#BigData', false],
    ['👍', '👍🏽', true],
    ['c\u200bd', 'CD', true],
  ])('%s in %s: %s', (query, text, expected) => {
    expect(finds(query, text)).toBe(expected)
  })
})

describe('fields', () => {
  const item = matchable({
    title: 'Chips for AI',
    text: 'Big data in Zurich',
    url: 'https://news.github.com/acme/Big-Data?id=7&q=%E5%A4%A7%E6%95%B0%E6%8D%AE',
    authors: ['Ada Lovelace', 'Alan Turing'],
    categories: ['machine learning', 'AI'],
    language: 'zh-tw',
    source: {
      id: 24,
      title: 'BBC World News',
      url: 'https://feeds.bbci.co.uk/news/rss.xml',
      host: 'feeds.bbci.co.uk',
      tags: ['europe', 'top stories'],
      siteUrl: 'https://www.bbc.com/news',
    },
  })

  test.each([
    ['title:chips', true],
    ['intitle:big', false],
    ['Title:"chips for"', true],
    ['title:(big OR ai)', true],
    ['title:(big data)', false],
    ['body:data', true],
    ['body:chips', false],
    ['-title:chips', false],
    ['author:lovelace', true],
    ['author:"lovelace alan"', false],
    ['lovelace', false],
    ['tag:ai', true],
    ['tag:#ai', true],
    ['tag:learn', false],
    ['tag:"learning ai"', false],
    ['tag:europe', true],
    ['tag:"top stories"', true],
    ['source:bbc', true],
    ['source:"world news"', true],
    ['feed:world*', true],
    ['source:news', true],
    ['source:cnn', false],
    ['source:24', true],
    ['source:2', false],
    ['source:feeds.bbci.co.uk', true],
    ['source:bbci.co.uk', true],
    ['source:bci.co.uk', false],
    ['source:uk', false],
    ['source:https://feeds.bbci.co.uk/news/rss.xml', true],
    ['source:feeds.bbci.co.uk/news/rss.xml', true],
    ['source:https://feeds.bbci.co.uk/news', false],
    ['site:github.com', true],
    ['site:news.github.com', true],
    ['site:hub.com', false],
    ['site:bbc.com', true],
    ['site:bbci.co.uk', true],
    ['url:acme', true],
    ['inurl:github.com/acme', true],
    ['url:github.com/big', false],
    ['url:acm*', true],
    ['url:大数据', true],
    ['lang:zh', true],
    ['lang:zh-tw', true],
    ['lang:zh-cn', false],
    ['lang:en', false],
    ['has:enclosure', false],
    ['-has:enclosure', true],
  ])('%s: %s', (query, expected) => {
    expect(finds(query, item)).toBe(expected)
  })

  test.each([
    ['url:münchen', 'https://xn--mnchen-3ya.de/a', true],
    ['url:münchen.de/a', 'https://www.xn--mnchen-3ya.de/a', true],
    ['url:mün*', 'https://xn--mnchen-3ya.de/a', true],
    ['url:xn--mnchen-3ya.de', 'https://xn--mnchen-3ya.de/a', true],
    ['url:mnchen', 'https://xn--mnchen-3ya.de/a', false],
    ['site:münchen.de', 'https://www.xn--mnchen-3ya.de/a', true],
    ['url:münchen', 'https://example.com/M%C3%BCnchen', true],
    ['url:münchen', 'https://example.com/100%/M%C3%BCnchen', true],
    ['url:m%C3%BCnchen', 'https://example.com/caf%E9-M%C3%BCnchen', true],
    ['url:xn', 'https://xn--0.example.com/', true],
    ['url:c', 'https://example.com/c++/', true],
    ['url:at', 'https://example.com/?q=at&t=1', true],
    ['url:net', 'https://example.com/.net#part', true],
    ['site:example.com', 'https://www.example.com./a', true],
    ['site:example.com', 'https://me@WWW.Example.com:8443/a', true],
  ])('an address is searched as people read it: %s in %s', (query, url, expected) => {
    expect(finds(query, matchable({ url }))).toBe(expected)
  })

  test.each([
    ['source:nas.example:8080', true],
    ['source:nas.example', true],
    ['source:example', false],
    ['source:nas.example:8081', false],
    ['source:http://nas.example:8080/feed/', true],
    ['source:nas:8080', false],
  ])('a source whose address has a port: %s: %s', (query, expected) => {
    const url = 'http://nas.example:8080/feed/'
    const source = { id: 1, title: 'News', url, host: 'nas.example', tags: [], siteUrl: null }
    expect(finds(query, matchable({ source }))).toBe(expected)
  })

  test.each([
    ['source:example.com.', 'https://www.example.com/feed', true],
    ['source:https://example.com./feed', 'https://example.com/feed', true],
    ['source:https://example.com./feed', 'https://example.com./feed', true],
    ['source:example.com/feed', 'https://example.com./feed', true],
    ['source:example.com:8080', 'https://example.com.:8080/feed', true],
    ['source:example.com.:8080/feed', 'https://example.com:8080/feed', true],
    ['source:example.com/feed.', 'https://example.com/feed', false],
    ['source:me@.', 'https://me@./feed', false],
    ['source:..80..', 'https://example.com/feed', false],
    ['source:./feed', 'https://./feed', true],
    ['source:example.com..', 'https://example.com/feed', false],
  ])('a dot at the end of a host means nothing: %s of %s', (query, url, expected) => {
    const source = { id: 1, title: 'News', url, host: 'example.com', tags: [], siteUrl: null }
    expect(finds(query, matchable({ source }))).toBe(expected)
  })

  test.each([
    ['title:"大 数据"', false],
    ['body:"大 数据"', true],
    ['tag:"大 数据"', false],
    ['"大 数据"', true],
  ])('a phrase whose words go on within it stands in one part only: %s: %s', (query, expected) => {
    const item = matchable({ title: '数据', text: '大数据', categories: ['数据', '大'] })
    expect(finds(query, item)).toBe(expected)
  })

  test('what is not there is not found, and breaks nothing', () => {
    const bare = matchable({ url: 'not an address' })
    for (const query of ['author:a', 'tag:a', 'url:b', 'site:b.com', 'lang:en']) expect(finds(query, bare)).toBe(false)
    expect(finds('lang:zh', matchable({ language: 'zh' }))).toBe(true)
    expect(finds('lang:zh-tw', matchable({ language: 'zh' }))).toBe(false)
    expect(finds('lang:zh-hant', matchable({ language: 'zh-hant-tw' }))).toBe(false)
  })
})

describe('dates', () => {
  const at = (iso: string) => matchable({ publishedAt: Date.parse(iso) })

  test.each([
    ['after includes its day', 'after:2026-11-01', '2026-11-01T00:00:00Z', 'Etc/UTC', true],
    ['after starts with its day', 'after:2026-11-01', '2026-10-31T23:59:59Z', 'Etc/UTC', false],
    ['before leaves its day out', 'before:2026-11-01', '2026-11-01T00:00:00Z', 'Etc/UTC', false],
    ['before ends with the day before', 'before:2026-11-01', '2026-10-31T23:59:59Z', 'Etc/UTC', true],
    ['days are days of the zone', 'after:2026-11-01', '2026-10-31T15:00:00Z', 'Asia/Tokyo', true],
    ['and one second earlier is the day before', 'after:2026-11-01', '2026-10-31T14:59:59Z', 'Asia/Tokyo', false],
    ['summer time', 'after:2026-07-01', '2026-07-01T03:59:59Z', 'America/New_York', false],
    ['a day without midnight begins at one', 'after:2026-09-06', '2026-09-06T03:59:59Z', 'America/Santiago', false],
    ['and that is where it begins', 'after:2026-09-06', '2026-09-06T04:00:00Z', 'America/Santiago', true],
    ['a day at the edge of the world', 'after:2026-11-01', '2026-10-31T10:00:00Z', 'Pacific/Kiritimati', true],
  ])('%s', (_name, query, published, timezone, expected) => {
    expect(find(query, at(published), timezone) !== null).toBe(expected)
  })

  test('within counts back from now, and an undated item counts from when it was first seen', () => {
    expect(finds('within:7d', matchable({ publishedAt: NOW - 7 * DAY }))).toBe(true)
    expect(finds('within:7d', matchable({ publishedAt: NOW - 7 * DAY - 1 }))).toBe(false)
    expect(finds('within:90m', matchable({ firstSeenAt: NOW - 60_000 }))).toBe(true)
    expect(finds('within:2w', matchable({ firstSeenAt: NOW - 15 * DAY }))).toBe(false)
    expect(finds('after:2026-11-01', matchable({ firstSeenAt: NOW }))).toBe(true)
  })
})

describe('the words that were found', () => {
  test.each([
    ['as they stand in the query', 'BIG "Data Base*"', 'big data bases', ['BIG', 'Data Base*']],
    ['of every branch', 'big OR data OR ai', 'data, big', ['big', 'data']],
    ['not of a branch that fails', 'big OR (data ai)', 'big data', ['big']],
    ['not what is left out', 'big -ai -(-data)', 'big data', ['big', 'data']],
    ['each once', 'big OR (big data)', 'big data', ['big', 'data']],
    ['none, where none was asked for', '-ai', 'big', []],
  ])('%s', (_name, query, text, words) => {
    expect(find(query, matchable({ text }))).toEqual(words)
  })
})

test('what is found in a title is what would be marked there', () => {
  fc.assert(
    fc.property(anyText, anyText, (title, word) => {
      const quoted = word.replaceAll('"', '')
      fc.pre(findMarks(quoted, [quoted]).length > 0)
      expect(finds(`title:"${quoted}"`, matchable({ title }))).toBe(findMarks(title, [quoted]).length > 0)
    }),
    { numRuns: 1_000, seed: 2 },
  )
})

test('a run of Han is found exactly where its characters stand in a row', () => {
  const han = (minLength: number, maxLength: number) =>
    fc.string({ unit: fc.constantFrom('大', '数', '据', ' '), minLength, maxLength })
  fc.assert(
    fc.property(han(0, 12), han(1, 4), (text, word) => {
      fc.pre(!word.includes(' '))
      expect(finds(word, text)).toBe(text.includes(word))
    }),
    { numRuns: 1_000, seed: 2 },
  )
})

test('NOT turns every answer around', () => {
  fc.assert(
    fc.property(anyItem, anyText, (item, text) => {
      fc.pre(findMarks(text, [text]).length > 0)
      expect(finds(`-"${text}"`, item)).toBe(!finds(`"${text}"`, item))
    }),
    { numRuns: 300, seed: 2 },
  )
})
