import fc from 'fast-check'
import type { Matchable } from '../../src/model.ts'
import { tokenStream } from '../../src/text/tokens.ts'

/** An item as `Matchable`, its tokens made from its title and text. */
export function matchable(given: Partial<Omit<Matchable, 'tokens'>> = {}): Matchable {
  const item = {
    title: '',
    text: '',
    url: null,
    authors: [],
    categories: [],
    enclosures: [],
    language: null,
    publishedAt: null,
    firstSeenAt: 0,
    source: {
      id: 1,
      title: 'Example News',
      url: 'https://example.com/feed',
      host: 'example.com',
      tags: [],
      siteUrl: null,
    },
    ...given,
  }
  return { ...item, tokens: { title: tokenStream(item.title), text: tokenStream(item.text) } }
}

/** Few words, so that queries and items meet: Latin, accents, signs, tags, scripts without spaces, emoji. */
const WORDS = [
  ...[
    'big',
    'data',
    'Database',
    'BIG-DATA',
    'ai',
    'rain',
    'café',
    'cafe\u0301',
    'CAFE',
    'c',
    'C++',
    'c++17',
    'C#',
    'net',
    '.NET',
  ],
  ...[
    'AT&T',
    'node.js',
    "Google's",
    '5G',
    '1,000,000',
    '#BigData',
    '#ai',
    '@acme',
    'so\u00adft',
    'Straße',
    'ёлка',
    'елка',
  ],
  ...[
    '大',
    '数',
    '数据',
    '大数据',
    '大數據',
    '数据大',
    '大 数据',
    'AI芯片',
    '芯片',
    '#大数据',
    'データ分析',
    'ﾃﾞｰﾀ',
    'バス',
    'ハス',
  ],
  ...['한국어', '국어', 'ภาษาไทย', '𠮷野家', '👍', '👍🏽', '🇨🇳', '❤️'],
  ...[
    'ภาษา',
    'ไทย',
    'ＡＩ',
    'ｂｉｇ',
    'F#',
    'R&D',
    '👍🏿',
    '👩‍💻',
    'Big数据',
    'data한국어',
    '#c_d',
    'हिन्दी',
    'Καφές',
    'Ⅷ',
  ],
]

const word = fc.constantFrom(...WORDS)

/** Texts of such words, with blanks, punctuation or nothing between them. */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.tuple(word, fc.constantFrom(' ', ' ', '', ', ', '-', '。', '\n')), { maxLength: 8 })
  .map((pairs) => pairs.flat().join(''))

const HOSTS = ['example.com', 'news.example.com', 'myexample.com', 'github.com']

/** Seconds around 2026-11-01T00:00Z. */
const anyMoment = fc.integer({ min: -200_000, max: 200_000 }).map((seconds) => 1_793_491_200_000 + seconds * 1_000)

/** Items that the queries of `anyQueryText` find often enough. */
export const anyItem: fc.Arbitrary<Matchable> = fc
  .record({
    title: anyText,
    text: anyText,
    url: fc.option(
      fc.tuple(fc.constantFrom(...HOSTS), word).map(([host, path]) => `https://${host}/${encodeURIComponent(path)}`),
    ),
    authors: fc.array(anyText, { maxLength: 2 }),
    categories: fc.array(anyText, { maxLength: 2 }),
    enclosures: fc.array(fc.constant({ url: 'https://example.com/a.mp3', type: null, length: null }), { maxLength: 1 }),
    language: fc.constantFrom(null, 'en', 'zh', 'zh-tw'),
    publishedAt: fc.option(anyMoment),
    firstSeenAt: anyMoment,
    source: fc
      .record({
        id: fc.integer({ min: 1, max: 3 }),
        title: anyText,
        host: fc.constantFrom(...HOSTS),
        tags: fc.array(word, { maxLength: 2 }),
      })
      .map((source) => ({ ...source, url: `https://${source.host}/feed`, siteUrl: null })),
  })
  .map(matchable)

/** What a query can ask for without words; a watch needs something beside it. */
const narrowing = fc.constantFrom(
  ...['lang:zh', 'lang:zh-tw', 'after:2026-11-01', 'before:2026-11-02', 'within:1d', 'has:enclosure'],
)

const wanted = fc.oneof(
  {
    weight: 8,
    arbitrary: word.filter((text) => text !== '1,000,000').map((text) => (text.includes(' ') ? `"${text}"` : text)),
  },
  { weight: 3, arbitrary: fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => `"${words.join(' ')}"`) },
  { weight: 2, arbitrary: fc.constantFrom('dat*', 'ca*', '"big dat*"', '数*', '"AI 芯*"', '#big*') },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom('title', 'body', 'author', 'tag', 'url', 'source'),
        word.filter((text) => !/[ ,]/.test(text)),
      )
      .map(([field, text]) => `${field}:${text}`),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[
        'site:example.com',
        'site:com',
        'source:2',
        'source:example.com',
        'source:https://github.com/feed',
        'url:github.com',
      ],
    ),
  },
)

const { text: queryText } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 5, arbitrary: wanted },
    { weight: 1, arbitrary: narrowing },
    { weight: 2, arbitrary: fc.tuple(tie('text'), tie('text')).map(([a, b]) => `${a} ${b}`) },
    { weight: 2, arbitrary: fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a} OR ${b})`) },
    { weight: 1, arbitrary: fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a}, ${b})`) },
    { weight: 1, arbitrary: tie('text').map((text) => `-(${text})`) },
    { weight: 1, arbitrary: fc.tuple(tie('text'), wanted).map(([a, b]) => `${a} -${b}`) },
  ),
}))

/** Query texts that `parseQuery` accepts for a search; a watch refuses those that only leave out or narrow. */
export const anyQueryText: fc.Arbitrary<string> = queryText
