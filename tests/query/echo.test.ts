import fc from 'fast-check'
import { expect, test } from 'vitest'
import { echoQuery } from '../../src/query/echo.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { anyQueryText } from '../support/queries.ts'

test.each([
  ['big data', 'big and data'],
  ['a OR b', 'a or b'],
  [
    '"big data" OR 大数据 -jobs',
    '“big data”, or 大数据 without jobs. To leave it out everywhere: ("big data" OR 大数据) -jobs',
  ],
  ['("big data" OR 大数据) -jobs', '(“big data” or 大数据) without jobs'],
  ['a OR b c', 'a, or b and c'],
  ['a OR -b', 'a, or everything without b'],
  ['a -b -"c d"', 'a without b or “c d”'],
  ['a -(b c)', 'a without (b and c)'],
  ['-a', 'everything without a'],
  ['a -site:x.com -b', 'a not on x.com without b'],
  ['-lang:zh -source:3', 'everything not in Chinese not from the source 3'],
  ['x -x', 'x without x. It can match nothing: the same is asked for and left out.'],
  ['大数据 -数据', '大数据 without 数据. It can match nothing: what is left out is part of what is asked for.'],
  [
    'x after:2026-11-05 before:2026-11-01',
    'x since 2026-11-05 before 2026-11-01. It can match nothing: no day is left between them.',
  ],
  ['x lang:en lang:de', 'x in English in German. It can match nothing: an item has one language.'],
  ['(x -x) OR y', 'x without x, or y. To leave it out everywhere: (x OR y) -x'],
  [
    '(x -x) OR (y -y)',
    'x without x, or y without y. It can match nothing: the same is asked for and left out. To leave it out everywhere: (x OR y) -x -y',
  ],
  [
    'z (x -x OR Data -data)',
    'z and (x without x, or Data without data). It can match nothing: the same is asked for and left out. To leave it out everywhere: z (x OR Data) -x -data',
  ],
  ['data*', 'words beginning with data'],
  ['"big dat*"', '“big dat…”'],
  ['big-data', '“big-data”'],
  ['大数*', '大数'],
  ['title:ai author:ada', 'ai in the title and author ada'],
  ['body:a tag:b url:c', 'a in the text and tag b and (c in the address)'],
  ['a OR title:b', 'a or (b in the title)'],
  ['a body:b', 'a and (b in the text)'],
  ['big data title:x', 'big and data and (x in the title)'],
  ['title:(a b) OR c d', 'a in the title and b in the title, or c and d'],
  ['a b OR title:c', 'a and b, or c in the title'],
  ['x -a -title:b', 'x without a or (b in the title)'],
  ['x -title:a -title:b', 'x without a in the title or b in the title'],
  ['(a OR b) url:c', '(a or b) and (c in the address)'],
  ['ai -within:7d', 'ai older than 7d'],
  ['ai -after:2026-11-01 -before:2026-10-01', 'ai before 2026-11-01 since 2026-10-01'],
  ['-has:enclosure -lang:zh', 'everything without an enclosure not in Chinese'],
  ['a -x OR b -y', 'a without x, or b without y. To leave it out everywhere: (a OR b) -x -y'],
  ['a -x OR b -x', 'a without x, or b without x'],
  ['a b -x OR c', 'a and b without x, or c. To leave it out everywhere: (a b OR c) -x'],
  ['d (a OR b -c)', 'd and (a, or b without c). To leave it out everywhere: d (a OR b) -c'],
  ['a -x OR -b -c', 'a without x, or everything without b or c'],
  ['a OR d (b OR c -e)', 'a, or d and (b, or c without e)'],
  ['chips or gpus', 'chips and “or” and gpus. “or” is looked for like any word. As an operator: chips OR gpus'],
  [
    'Chips And (a Or "b or c") or d',
    'Chips and “And” and a and “Or” and “b or c” and “or” and d. “And” is looked for like any word. As an operator: Chips AND (a OR "b or c") OR d',
  ],
  ['apple not fruit', 'apple and “not” and fruit. “not” is looked for like any word. As an operator: apple NOT fruit'],
  ['«big or small»', '“big or small”'],
  ['「big or small」 title:『not a word』', '“big or small” and (“not a word” in the title)'],
  ['»big or small« -»big and small»', '“big or small” without “big and small”'],
  ['＂big or small＂ «„a“ or b»', '“big or small” and “„a“ or b”'],
  [
    'a» or «b c» or d',
    'a» and “or” and “b c” and “or” and d. “or” is looked for like any word. As an operator: a» OR «b c» OR d',
  ],
  [
    'site:bbc.com,cnn.com war',
    'on bbc.com, or cnn.com and war. “cnn.com” is not looked for in site:. In the same field: site:(bbc.com OR cnn.com) war',
  ],
  [
    'ai -Lang：en，de，fr',
    'ai not in English, or de, or fr. “de” is not looked for in lang:. In the same field: ai -Lang：(en OR de OR fr). To leave it out everywhere: (ai OR de OR fr) -lang:en',
  ],
  ['source:3,7', 'from the source 3 or 7. “7” is not looked for in source:. In the same field: source:(3 OR 7)'],
  ['title:a, b', 'a in the title or b'],
  ['title:a,tag:b', 'a in the title or tag b'],
  ['title:a,-b', 'a in the title without b'],
  ['title:1,000 body:1,5', '1,000 in the title and (1,5 in the text)'],
  ['title:a,"b c"', 'a in the title or “b c”'],
  ['x "site:a.com,b.com"', 'x and site:a.com,b.com'],
  [
    'language:de war',
    'language:de and war. There is no field language:, it is looked for as a word. As a field: lang:de war',
  ],
  [
    'war -Category："big data" since:2026-11-01',
    'war and “big data” and “since:2026-11-01” without Category：. There is no field Category:, it is looked for as a word. As a field: war -tag："big data" after:2026-11-01',
  ],
  [
    'intext:(a OR b)',
    'intext: and (a or b). There is no field intext:, it is looked for as a word. As a field: body:(a OR b)',
  ],
  ['domain:bbc.com', 'domain:bbc.com. There is no field domain:, it is looked for as a word. As a field: site:bbc.com'],
  ['标题：芯片', '标题：芯片. There is no field 标题:, it is looked for as a word. As a field: title：芯片'],
  ['since:dawn', 'since:dawn'],
  ['"language:de" category', 'language:de and category'],
  ['category: a', 'category: and a'],
  ['x language:de/fr', 'x and language:de/fr'],
  ['大数据 或 芯片', '大数据 and 或 and 芯片. “或” is looked for like any word. As an operator: 大数据 OR 芯片'],
  ['大数据 或者 芯片', '大数据 and 或者 and 芯片. “或者” is looked for like any word. As an operator: 大数据 OR 芯片'],
  ['"to be or not to be"', '“to be or not to be”'],
  ['or not, and', '“or” and “not”, or “and”'],
  ['everything -jobs', '“everything” without jobs'],
  ['title:without', '“without” in the title'],
  ['not within:7d', '“not” not older than 7d'],
  ['ai source:"BBC News"', 'ai from the source “BBC News”'],
  ['ai site:bbc.com lang:zh', 'ai on bbc.com in Chinese'],
  ['ai site:münchen.de', 'ai on münchen.de'],
  ['ai lang:en-a', 'ai in en-a'],
  ['source:wire', 'everything from the source wire'],
  ['lang:zh within:7d', 'everything in Chinese not older than 7d'],
  ['within:7d', 'everything not older than 7d'],
  ['ai OR within:7d', 'ai or not older than 7d'],
  ['ai after:2026-11-01 before:2026-12-01', 'ai since 2026-11-01 before 2026-12-01'],
  ['ai within:7d has:enclosure', 'ai not older than 7d with an enclosure'],
])('%s is said back as: %s', (text, echo) => {
  expect(echoQuery(parseQuery(text, { timezone: 'Etc/UTC', for: 'search' }))).toBe(echo)
})

test.each([
  ['"big data" sources>=3', '“big data”, once 3 publishers carry it'],
  ['sources>=2 (a OR b)', 'a or b, once 2 publishers carry it'],
  ['sources>=2 (a OR b c)', '(a, or b and c), once 2 publishers carry it'],
  [
    '(a OR b -c) sources>=2',
    '(a, or b without c), once 2 publishers carry it. To leave it out everywhere: (a OR b) -c sources>=2',
  ],
  [
    'x -x sources>=2',
    'x without x, once 2 publishers carry it. It can match nothing: the same is asked for and left out.',
  ],
])('a watch of %s is said back as: %s', (text, echo) => {
  expect(echoQuery(parseQuery(text, { timezone: 'Etc/UTC', for: 'watch' }))).toBe(echo)
})

test('the form that leaves out everywhere is accepted, and has no such branch any more', () => {
  const read = (text: string) => parseQuery(text, { timezone: 'Etc/UTC', for: 'search' })
  let offered = 0
  fc.assert(
    fc.property(anyQueryText, anyQueryText, (one, other) => {
      const [, form] = /To leave it out everywhere: (.*)$/s.exec(echoQuery(read(`${one} -jobs OR ${other}`))) ?? []
      if (form === undefined) return
      offered += 1
      expect(read(form).root.kind).toBe('and')
    }),
    { numRuns: 300, seed: 3 },
  )
  expect(offered).toBeGreaterThan(200)
})

test('the form with operators is accepted, whatever stands beside them', () => {
  const read = (text: string) => parseQuery(text, { timezone: 'Etc/UTC', for: 'search' })
  let offered = 0
  fc.assert(
    fc.property(anyQueryText, fc.constantFrom('and', 'Or', 'not', '或'), anyQueryText, (one, word, other) => {
      const [, form] =
        /As an operator: (.*?)(?:\. To leave it|$)/s.exec(echoQuery(read(`${one} ${word} ${other}`))) ?? []
      if (form === undefined) return
      offered += 1
      expect(() => read(form)).not.toThrow()
    }),
    { numRuns: 300, seed: 5 },
  )
  expect(offered).toBeGreaterThan(100)
})
