import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../src/errors.ts'
import type { Query } from '../../src/model.ts'
import { formatNode } from '../../src/query/format.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { QueryRefusal } from '../../src/query/refusals.ts'
import { anyString } from '../support/any-string.ts'
import { anyQueryText, anyText } from '../support/queries.ts'
import { workedMs } from '../support/work.ts'

function parse(text: string, purpose: 'search' | 'watch' = 'search'): Query {
  return parseQuery(text, { timezone: 'Europe/Berlin', for: purpose })
}

function refusalOf(text: string, purpose: 'search' | 'watch' = 'search'): QueryRefusal {
  try {
    parse(text, purpose)
  } catch (error) {
    if (error instanceof QueryRefusal) return error
    throw error
  }
  throw new Error(`accepted: ${text}`)
}

/** The normal form without the spellings. */
function meaning(text: string): unknown {
  return JSON.parse(
    JSON.stringify(parse(text).root, (name, value: unknown) => (name === 'written' ? undefined : value)),
  )
}

describe('these are read the same', () => {
  test.each([
    ['operators', 'a AND b && c', 'a b c'],
    ['alternatives', 'a | b || c', 'a OR b OR c'],
    ['operators without blanks', 'a&&b|c', '(a b) OR c'],
    ['precedence', 'a OR b c', 'a OR (b c)'],
    ['negatives', '!a NOT b -c', '-a -b -c'],
    ['NOT before a parenthesis or a quote', 'NOT(a OR b) NOT"c d"', '-(a OR b) -"c d"'],
    ['two NOTs', 'NOT NOT a', 'a'],
    ['a leading plus and a lone dash', '+a - b -', 'a b'],
    ['punctuation alone', 'a & b … ; c', 'a b c'],
    ['a lone ampersand before a word', 'a &b', 'a b'],
    ['punctuation alone, left out', 'a -… b', 'a b'],
    ['curly quotes', '“a b”', '"a b"'],
    ['low quotes', '„a b“', '"a b"'],
    ['guillemets', '«a b»', '"a b"'],
    ['guillemets that point inwards', '»a b« -»c d«, (title:»e f«)', '"a b" -"c d" OR title:"e f"'],
    ['guillemets that point to the right both times', '»a b» c', '"a b" c'],
    ['guillemets of both kinds', '«a b» »c d« «e»', '"a b" "c d" e'],
    ['a star within and after guillemets', '»big dat*« »big dat«*', '"big dat*" "big dat*"'],
    ['guillemets that are no quotes', 'a » b, »c d', 'a b OR c d'],
    ['a guillemet before a phrase behind operators', '(x -»a) -«b» title:«c d»', '(x -a) -b title:"c d"'],
    ['guillemets around nothing but punctuation', 'a »…» b', 'a b'],
    ['a guillemet right before a phrase', '»a«b c»', 'a "b c"'],
    ['a guillemet before a phrase', '»a «b c»', 'a "b c"'],
    ['corner brackets', '「a b」', '"a b"'],
    ['quotes beside words', 'x"a b"y', 'x "a b" y'],
    ['full-width signs', '（a OR b） ！c title：d ＂e f＂', '(a OR b) -c title:d "e f"'],
    ['full-width operators', 'a ＯＲ b ＡＮＤ ＮＯＴ c "ＯＲ"', 'a OR b -c "OR"'],
    ['a dash that the keyboard made longer', 'a –b', 'a -b'],
    ['two dashes that the keyboard made one', 'a —b — c—d', 'a -b "c d"'],
    ['a list', 'a, b,c', 'a OR b OR c'],
    ['a Chinese list', '大数据，芯片、AI', '大数据 OR 芯片 OR AI'],
    ['a list, one a line, with empty lines', 'a b\r\n\r\nc\n', 'a b OR c'],
    ['a list with negative entries', 'a, -b, c, -d -e', '(a OR c) -b -d -e'],
    ['a list of negatives', '-a, -b', '-a -b'],
    ['commas beside parentheses and operators', '(, a, b,) OR, c', 'a OR b OR c'],
    ['commas at both ends, after and before operators', ', a AND, b NOT, c, OR d, AND e,,', 'a b -c OR d e'],
    ['a plus before what is no word', '+title:a +"b c" +(d)', 'title:a "b c" d'],
    ['wide spaces', 'a\u3000OR\u3000b\u00a0c', 'a OR b c'],
    ['line ends of any kind', 'a\rb\u2028c\u0085d', 'a, b, c, d'],
    ['control signs, and halves of characters', 'a\u0007b c\ud800d', 'a b c d'],
    ['white corner brackets', '『a b』', '"a b"'],
    ['a name before a headline, close to that of a field', 'Arthur: king', 'arthur king'],
    ['commas between numbers that are no thousands', '2024,2025, 1000,000', '2024 OR 2025 OR 1000 OR 000'],
    ['commas between more than two short numbers', '1,2,3', '1 OR 2 OR 3'],
    ['a comma between a number and what is none', 'G7,20 5G,6G', 'G7 OR 20 5G OR 6G'],
    ['a Chinese comma between short numbers', '1，5', '1 OR 5'],
    ['the comma of a decimal number', '1,5 Grad, 12,5%, a', '"1 5" Grad OR "12 5" OR a'],
    ['a decimal number after a Chinese comma', '芯片，1,5、2,5', '芯片 OR "1 5" OR "2 5"'],
    ['decimal numbers in full width', '１,５ １,００,０００', '"1 5" "1 00 000"'],
    ['a list of decimal numbers', '1,5, 2,5,\n3,5, a', '"1 5" OR "2 5" OR "3 5" OR a'],
    ['a decimal number with dots between its thousands', '-1.000.000,50', '-"1 000 000 50"'],
    ['commas between lakhs and crores', '1,00,000 OR 12,34,56,789', '"1 00 000" OR "12 34 56 789"'],
    ['a list of days and a number', 'a after:2026-10-31,5', 'a after:2026-10-31 OR 5'],
    ['a list of numbers of sources', 'source:3,7, feed:1,000', 'source:3 OR 7 OR source:"1 000"'],
    ['thousands in full width', '１，０００，０００', '"1 000 000"'],
    ['NOT before punctuation alone', 'a NOT … b', 'a -b'],
    ['a list in a field', 'title:(a, b)', 'title:a OR title:b'],
    ['a star after the quotes', '"big dat"*', '"big dat*"'],
    ['a star that adds nothing', '大数*', '大数'],
    ['a star after an invisible sign', 'dat\u200b* "big dat\u00ad*" می\u200c*', 'dat* "big dat*" می*'],
    ['a star after a mark of direction', 'שלום\u200f*', 'שלום*'],
    ['a star that adds nothing, after one character', '数*', '数'],
    ['names of fields ignore case', 'TITLE:a InTitle:b', 'title:a title:b'],
    ['other names of fields', 'feed:a inurl:b', 'source:a url:b'],
    ['a part of an address, with its slashes', 'url:/news/', 'url:news'],
    ['a field around a group', 'title:(a OR -b) c', '(title:a OR -title:b) c'],
    ['a site as it is pasted', 'site:HTTPS://Example.com/', 'site:example.com'],
    ['a site with everything below it', 'site:*.example.com', 'site:example.com'],
    ['a site with the dot at its end', 'site:example.com.', 'site:example.com'],
    ['a site with its scheme', 'site:https://example.com', 'site:example.com'],
    ['what was copied from a chat', 'source:https://\u2060example.com/\u2060feed', 'source:https://example.com/feed'],
    ['a site in another script', 'site:münchen.de', 'site:xn--mnchen-3ya.de'],
    ['a language', 'lang:zh_TW', 'lang:zh-tw'],
    ['operators as words', '"OR" or and not', '"OR" or and not'],
    ['a mark within a Hebrew abbreviation', 'צה"ל', '"צה ל"'],
    ['nested groups', '((a) (b (c)))', 'a b c'],
  ])('%s', (_name, text, same) => {
    expect(meaning(text)).toEqual(meaning(same))
  })
})

describe('these are plain text', () => {
  test.each([
    ['re:invent', ['re', 'invent']],
    ['12:30', ['12', '30']],
    ['std::vector', ['std', 'vector']],
    ['https://example.com/a', ['https', 'example', 'com', 'a']],
    ['/etc/passwd', ['etc', 'passwd']],
    ['/r/news', ['r', 'news']],
    ['/r/news/', ['r', 'news']],
    ['1,000,000', ['1', '000', '000']],
    ['Or', ['or']],
    ['tax:cut', ['tax', 'cut']],
    ['course:101', ['course', '101']],
    ['5?', ['5']],
    ['c++', ['c++']],
    ['AT&T', ['at&t']],
  ])('%s', (text, tokens) => {
    expect(parse(text).root).toEqual({ kind: 'words', field: 'any', tokens, prefix: false, written: text })
  })
})

test('a phrase is told with single blanks, and without those at its ends', () => {
  expect(parse('" big \n  data "').root).toMatchObject({ written: 'big data' })
  expect(parse('" big \n  dat *"').root).toMatchObject({ written: 'big dat*' })
})

describe('these are refused, with the place and a form that is right', () => {
  test.each([
    ['nothing', '  ', 'empty', 'big data'],
    ['nothing but signs', '… ?', 'no word', 'big data'],
    ['a sign that cannot be found', 'a €', '"€" (character 3)', 'Write letters or digits'],
    [
      'OR at the end',
      'a OR',
      'OR at character 3 has nothing after it',
      'leave it out: a, or to look for the word itself: a "OR"',
    ],
    ['OR at the beginning', 'OR a', 'OR at character 1 has nothing before it', '"OR" a'],
    ['two ORs', 'a OR OR b', 'OR at character 3', 'a OR b'],
    ['OR alone', 'OR', 'OR at character 1 has nothing', 'big OR data, or to look for the word itself: "OR"'],
    ['| alone', '|', '| at character 1 has nothing', 'big OR data'],
    ['| at the end', 'a |', '| at character 3', 'leave it out: a'],
    ['&& at the end', 'a &&', '&& at character 3', 'leave it out: a'],
    ['OR after a parenthesis opens', '(OR a)', 'OR at character 2 has nothing before it', 'leave it out: ( a)'],
    ['an open parenthesis after others', '(a) (b) (c', 'parenthesis at character 9', 'Close it: (a) (b) (c)'],
    ['OR before a parenthesis closes', '(a OR) b', 'OR at character 4', '(a ) b'],
    ['NOT alone', 'NOT', 'NOT at character 1 has nothing after it', 'after it, or to look for the word itself: "NOT"'],
    ['NOT at the end', 'a NOT', 'NOT at character 3', 'leave it out: a'],
    ['an open quote within parentheses', '(a OR "b)', 'quote at character 7', 'Close it: (a OR "b")'],
    ['an open quote within several', '(a (b "c)', 'quote at character 7', 'Close it: (a (b "c"))'],
    ['an open quote after parentheses', '(a) "b)', 'quote at character 5', 'Close it: (a) "b)"'],
    ['several open parentheses', '(a ((b', 'parenthesis at character 5', 'Close it: (a ((b)))'],
    ['an open quote', 'new "york', 'quote at character 5', 'new "york"'],
    ['a quote at the end', 'big data"', 'quote at character 9', 'leave it out: big data'],
    ['a quote at the end of a word', 'big"', 'quote at character 4', 'leave it out: big'],
    ['a quote alone', '"', 'quotes at character 1', '"big data"'],
    ['an open guillemet', '«new york', 'character 1', '«new york»'],
    ['characters are counted, not units', '👍 "a', 'quote at character 3', '👍 "a"'],
    ['empty quotes', 'a ""', 'quotes at character 3', 'leave them out: a'],
    ['empty quotes alone', '""', 'quotes at character 1', 'for example: "big data"'],
    ['quotes around a sign', '"…"', 'quotes at character 1', '"big data"'],
    ['an open parenthesis', 'a (b', 'parenthesis at character 3', 'a (b)'],
    ['an open parenthesis at the end', 'a (', 'parentheses at character 3', 'leave them out'],
    ['a parenthesis alone', ')', 'no word', 'big data'],
    ['a parenthesis too many', 'a) b', 'parenthesis at character 2', 'a b'],
    [
      'a parenthesis too many between words',
      'foo)bar 数)据',
      'parenthesis at character 4',
      'leave it out: foo bar 数 据',
    ],
    ['empty parentheses between words', 'foo()bar', 'parentheses at character 4', 'leave them out: foo bar'],
    ['nothing after the colon before a parenthesis too many', 'title:)x', 'character 1', 'colon: title:word x'],
    ['empty parentheses', 'a ()', 'parentheses at character 3', 'leave them out: a'],
    ['empty parentheses alone', '()', 'parentheses at character 1', 'for example: (big OR data)'],
    ['a star before', 'a *data', 'character 3', 'as in data*, or the whole word: a data'],
    ['a star within', 'a dat*base b', 'character 6', 'a dat* b'],
    ['a star right before OR', 'data*OR chip', 'character 5', 'data* OR chip'],
    ['a star before OR and nothing else', '(data*OR) chip', 'character 6', '(data*) chip'],
    ['a star before what every object has', 'data*toString x', 'character 5', 'data* x'],
    ['a star before a site', 'site:*example.com', 'character 6', 'or the whole word: site:example.com'],
    ['a star before and within a site', 'site:*.a.*.com', 'character 6', 'for example: data*'],
    ['a star before a dot', 'x title:*.net', 'character 9', 'or the whole word: x title:.net'],
    ['a star within Chinese', 'a 人工*智能 b', 'character 5', 'left open: a 人工 智能 b'],
    ['a star after one character', '-大*数据*', 'character 3', 'left open: -(大 数据*)'],
    ['two stars within Chinese', '人*工*智能', 'character 2', 'left open: 人 工 智能'],
    ['a star within a Chinese phrase', 'title:「人工*智能」', 'character 10', 'left open: title:(人工 智能)'],
    ['a star between Chinese and words', '芯片*ai', 'character 3', 'left open: 芯片 ai'],
    ['a star between a word and Chinese', 'chip*芯片', 'character 5', 'left open: chip* 芯片'],
    ['a star within, after one letter', 'a d*ta', 'character 4', 'for example: data*'],
    ['a star after a sign', 'a data.*', 'character 8', 'a data*'],
    ['a star after a sign and an invisible one', '"data. \u200b*"', 'character 9', 'left open: "data*"'],
    ['a star after invisible signs around another', 'data\u200b.\u200b*', 'character 8', 'left open: data\u200b*'],
    ['a star after one letter', 'd*', '* at character 2, two letters', 'as in data*, or this alone: d'],
    ['a star after one letter in quotes', 'a "big d *"', '* at character 10, two', 'this alone: a "big d"'],
    ['a star after one letter and quotes', 'x "d"*', '* at character 6, two', 'for example: data*'],
    ['a star within a phrase', '"big* data"', 'character 5', 'left open: big* data'],
    ['a star within a longer phrase', 'a “the big* data lake” b', 'character 11', 'open: a “the big*” “data lake” b'],
    ['stars within and after a phrase', '«big* data*»', 'character 5', 'open: big* data*'],
    ['stars within a phrase and after its quotes', '"big* dat"* b', 'character 5', 'open: big* dat* b'],
    ['two stars within a phrase', '"big* dat* lake"', 'character 5', 'open: big* dat* lake'],
    ['a star within a phrase that is left out', 'a -"big* data"', 'character 8', 'open: a -(big* data)'],
    ['a star within a phrase of a field', 'title:"big* data"', 'character 11', 'open: title:(big* data)'],
    ['a star for a word of a phrase', '"big * data lake"', 'character 6', 'open: big "data lake"'],
    ['a star for a word, after a letter', '"a * b"', 'character 4', 'open: a b'],
    ['a star after one letter within a phrase', '"a* b"', 'character 3', 'for example: data*'],
    ['a star before a word within a phrase', '"big *data"', 'character 6', 'left open: big data'],
    ['a star before an operator in a phrase', '"big* OR" x', 'character 5', 'open: big* "OR" x'],
    ['a star within a word of a phrase', '"big dat*base"', 'character 9', 'open: "big dat*"'],
    ['a lone star', 'a *', 'character 3', 'leave it out: a'],
    ['a star after a lone sign', 'big .* data', 'The * at character 5', 'leave it out: big  data'],
    ['nothing but a star', '*', 'character 1', 'data*'],
    ['two signs for without', '--a', 'character 1', '-a'],
    ['a regular expression', 'a /regex/', 'Regular expressions', 'every ending: a regex'],
    ['one of alternatives', '/big|data/i', 'Regular expressions', 'every ending: (big OR data)'],
    ['words with anything between', '/big.*data/i', 'character 1', 'every ending: big data'],
    ['whole words', '-/\\bbig\\s+data\\b|^chips?$/', 'character 2', 'or data* for every ending'],
    ['rows of them', '-/\\bbig\\s+data\\b|^chips$/', 'character 2', 'every ending: -(big data OR chips)'],
    ['an operator of ours in one', 'a /big.*OR/', 'character 3', 'or data* for every ending'],
    ['a longer one', 'a /\\bLLM(s)?\\b/i', 'character 3', 'OR'],
    ['one with a space', 'a /big (data)/', 'Regular expressions are not understood (character 3)', 'or data*'],
    ['its flags', '(?i)llm', 'Regular expressions', 'every ending: llm'],
    ['its groups', '(?:llm)', 'Regular expressions', 'data*'],
    ['a space after the colon', 'Title: x', 'Title: at character 1', 'Title:x'],
    ['OR after the colon', 'title: OR x', 'title: at character 1', 'right after the colon: title:word OR x'],
    ['| after the colon', 'a title: | x', 'title: at character 3', 'right after the colon: a title:word | x'],
    ['AND after the colon of a language', '-lang: AND x', 'lang: at character 2', 'the colon: -lang:en AND x'],
    ['NOT after the colon', 'a title: NOT (b c)', 'after title: at character 3', 'before: a -title:(b c)'],
    ['a dash after the colon and a space', 'a title: -b', 'right after the colon', 'without a space: a -title:b'],
    ['an ampersand after the colon', 'title: &b', 'title: at character 1', 'without a space: title:&b'],
    ['a word like an operator after the colon', 'title: ORB', 'title: at character 1', 'without a space: title:ORB'],
    ['nothing after the colon', 'x title:', 'title: at character 3', 'x title:word'],
    ['a sign after the colon', 'x title:…', '"…" (character 9)', 'leave it out: x title:word'],
    ['nothing after the colon of a language', 'x lang:', 'lang: at character 3', 'lang:en'],
    ['nothing after the colon of a site', 'x site:', 'site: at character 3', 'x site:example.com'],
    ['nothing after the colon of a time', 'x within: ', 'within: at character 3', 'x within:7d'],
    ['a quote alone after the colon', 'x title:"', 'quotes at character 9', 'x title:word'],
    ['a negative after the colon', 'title:-x', 'after title:', '-title:x'],
    ['another negative after the colon', 'title:!x', 'after title:', '-title:x'],
    ['negatives on both sides of the field', 'jobs -title:-x', 'after title:', 'before: jobs -title:x'],
    ['a slip in a field', 'titel:x', 'no field titel:', 'title:x'],
    ['two slips in a long field', 'arthur:king', 'no field arthur:', 'author: as in author:king'],
    ['a slip and a space', 'titel: x', 'no field titel:', 'title: as in title:x'],
    ['another slip', 'a autor:x', 'character 3', 'a author:x'],
    ['a field within a field', 'title:(a author:b)', 'author: at character 10', 'close the parenthesis'],
    ['a field as the value of another', 'title:Body:x', 'body: at character 7', 'in quotes: title:"body: x"'],
    [
      'a site with a path',
      'a site:example.com/news b',
      'character 8',
      'url:politics. The host alone: a site:example.com b',
    ],
    ['a site that cannot be', 'x site:1.2.3.999', '"1.2.3.999" at character 8', 'for example: site:example.com'],
    ['a site left open', 'site:exam*', '"exam*" at character 6', 'for example: site:example.com'],
    ['a site of signs', 'site:a&b', '"a&b" at character 6', 'for example: site:example.com'],
    ['a language by name', 'lang:chinese', '"chinese" at character 6', 'its code: lang:zh'],
    ['a language by its own name', 'x lang:Deutsch', '"Deutsch" at character 8', 'its code: x lang:de'],
    ['a language of none', 'lang:klingonian', '"klingonian" at character 6', 'such as lang:en'],
    ['an emoji left open', 'x 👍*', 'Before the * at character 4', 'this alone: x 👍'],
    ['a day that does not exist', 'after:2026-02-30', '"2026-02-30" at character 7', 'after:2026-02-28'],
    ['29 February of a common year', 'x after:2026-02-29', '"2026-02-29"', 'like this: x after:2026-02-28'],
    ['31 February of a leap year', 'x after:2028-02-31', '"2028-02-31"', 'like this: x after:2028-02-29'],
    ['a 32nd', 'x after:2026-03-32', '"2026-03-32"', 'like this: x after:2026-11-01'],
    ['a thirteenth month', 'x after:2026-13-05', '"2026-13-05"', 'like this: x after:2026-11-01'],
    ['31 November in another form', 'x after:2026/11/31', '"2026/11/31"', 'like this: x after:2026-11-30'],
    ['a day and a time', 'x after:2026-03-07T08:00Z', '"2026-03-07T08:00Z"', 'like this: x after:2026-03-07'],
    ['a day with a sign behind it', 'x before:2026-03-07; y', '"2026-03-07;"', 'like this: x before:2026-03-07 y'],
    ['a day left open', 'x after:2026-03-07*', '"2026-03-07*"', 'like this: x after:2026-03-07'],
    ['a day with longer dashes', 'x after:2026–03–07', '"2026–03–07"', 'like this: x after:2026-03-07'],
    ['a day before its month', 'x after:31/12/2026', '"31/12/2026"', 'like this: x after:2026-12-31'],
    ['a day behind its month', 'x after:12-31-2026', '"12-31-2026"', 'like this: x after:2026-12-31'],
    ['a day or month before the other', 'x after:3/7/2026', '"3/7/2026"', 'Write it like after:2026-11-01'],
    ['a time instead of a day', 'x -after:12h y', '"12h" at character 10', 'like this: x -within:12h y'],
    ['a time in quotes instead of a day', 'x After："7D"', '"7D" at character 10', 'like this: x within:7d'],
    ['a time instead of a day, of what is older', 'x before:7d', '"7d"', 'like this: x before:2026-11-01'],
    ['a day in another form', 'before:2026/3/7', 'year, month and day', 'before:2026-03-07'],
    ['a day without dashes', 'x after:20260307', '"20260307"', 'like this: x after:2026-03-07'],
    ['a day in Chinese', 'x after:2026年3月7日', '"2026年3月7日"', 'like this: x after:2026-03-07'],
    ['a day with its year at the end', 'x after:7.3.2026', '"7.3.2026"', 'like this: x after:2026-03-07'],
    ['a month', 'x before:2026-03', '"2026-03"', 'like this: x before:2026-03-01'],
    ['a year', 'x after:2025', '"2025"', 'like this: x after:2025-01-01'],
    ['a time without a unit', 'within:5', '"5" at character 8', 'like this: within:5d'],
    ['a time with a word for its unit', 'x within:24hours', '"24hours"', 'like this: x within:24h'],
    ['a time with its unit behind a space', 'within:24 hours x', '"24" at character 8', 'like this: within:24h x'],
    ['a time with the letter of its unit behind a space', 'x within:7 D', '"7"', 'like this: x within:7d'],
    ['a time in quotes', 'x within:"2 weeks"', '"2 weeks" at character 11', 'like this: x within:"2w"'],
    ['a time before a word like a unit', 'within:2 dogs', '"2"', 'like this: within:2d dogs'],
    ['a time of one', 'x within:week', '"week"', 'like this: x within:1w'],
    ['a time with a sign behind it', 'within:2w; x', '"2w;"', 'like this: within:2w x'],
    ['a day of today', 'x within:today', '"today"', 'like this: x within:1d'],
    ['a time of minutes', 'x within:90mins', '"90mins"', 'like this: x within:90m'],
    ['a time of weeks', 'x within:2weeks', '"2weeks"', 'like this: x within:2w'],
    ['a time of years', 'x within:1year', '"1year"', 'like this: x within:365d'],
    ['a time of months', 'x within:2months', '"2months"', 'like this: x within:60d'],
    ['a time that is none', 'x within:soon', '"soon"', 'like this: x within:7d'],
    ['a property unknown', 'has:video', '"video" at character 5', 'has:enclosure'],
    ['publishers', '“a b” sources>=3', 'sources>=3 at character 7 is understood in watches only', 'without it: "a b"'],
    ['publishers alone', 'sources>=3', 'sources>=3 at character 1 is understood in watches only', 'big data'],
    [
      'publishers as a field',
      'a sources:3 b',
      'There is no field sources: (character 3)',
      'mean source: as in a source:3 b',
    ],
    ['publishers as a field, with a space', 'a sources: 3', 'field sources: (character 3)', 'as in a source:3'],
    ['fewer publishers', 'a -sources>=3', 'sources>=3 at character 4 is left out', 'altogether: a'],
    ['publishers in another form', 'a OR b sources > 3', 'sources > 3 at character 8 is understood in', 'it: a OR b'],
    ['too long', 'a '.repeat(501), '1,001 characters; 1,000', 'several'],
    ['too many terms', 'a '.repeat(101), 'More than 100 terms: the one at character 201', 'several'],
    ['too deep', `${'('.repeat(21)}a${')'.repeat(21)}`, 'More than 20 parentheses', 'flatter'],
  ])('%s', (_name, text, message, hint) => {
    const error = refusalOf(text)
    expect(error.code).toBe('invalid')
    expect(error.message).toContain(message)
    expect(error.hint).toContain(hint)
    expectAccepted(error)
  })

  test('and at the limits they are not', () => {
    expect(parse('ab '.repeat(100)).root).toMatchObject({ kind: 'and' })
    expect(parse('x'.repeat(1_000)).root).toMatchObject({ kind: 'words' })
    expect(parse('👍'.repeat(1_000)).root).toMatchObject({ kind: 'words' })
    expect(parse('(a) '.repeat(21)).root).toMatchObject({ kind: 'and' })
    expect(parse(`${'('.repeat(20)}a${')'.repeat(20)}`).root).toMatchObject({ kind: 'words' })
  })
})

describe('a watch', () => {
  test.each([
    'big data',
    'title:a',
    'body:a',
    'author:a',
    'tag:a',
    'source:bbc',
    'url:a',
    'site:a.com -b',
    '(a OR -b) c',
    'a -a',
    '-(-a -b)',
    'a within:7d lang:zh',
  ])('may be %s', (text) => {
    expect(parse(text, 'watch').text).toBe(text)
  })

  test.each([
    ['a negative alone', '-a', '-a at character 1 only leaves out', 'big data -a'],
    ['a negative branch', 'a OR -b', 'every branch of OR', 'a -b'],
    ['a negative branch within', 'x (a OR b) OR -c', '-c at character 15 only', 'branches: x (a OR b) -c'],
    ['two negative branches', 'a OR -b OR -c', '-b at character 6 only', 'branches: a -c -b'],
    ['negative branches alone', '-a OR -b', '-a at character 1 only', 'branches: big data -b -a'],
    [
      'a negative branch beside others',
      '(a OR (b -c) OR -d) lang:zh',
      '-d at character 17 only',
      'es: (a OR b -c) -d lang:zh',
    ],
    ['a negative branch within a branch', 'a OR (b OR -c) lang:zh', '-c at character 12', 'es: a OR b -c lang:zh'],
    ['a language alone', 'lang:zh', 'lang:zh at character 1 only', 'big data lang:zh'],
    ['dates alone', 'after:2026-11-01 before:2026-12-01', 'only leaves out or narrows', 'big data'],
    ['a time alone', 'within:7d', 'within:7d at character 1 only', 'big data within:7d'],
    ['a property alone', 'a OR has:enclosure', 'has:enclosure at character 6 only', 'a has:enclosure'],
  ])('may not be %s, which a search may', (_name, text, message, hint) => {
    expect(parse(text).text).toBe(text)
    const error = refusalOf(text, 'watch')
    expect(error.message).toContain(message)
    expect(error.hint).toContain(hint)
    expectAccepted(error, 'watch')
  })
})

describe('a number of publishers', () => {
  test.each([
    ['at the end', '"big data" sources>=3', '"big data"', 3],
    ['at the beginning', 'sources>=3 "big data"', '"big data"', 3],
    ['between two words', 'big sources>=3 data', 'big data', 3],
    ['joined by AND', 'big AND sources>=3 AND data', 'big data', 3],
    ['beside a parenthesis', '(a OR b -c) sources>=2', 'a OR b -c', 2],
    ['beside a list in parentheses', '(a, b) sources>=2 -c', '(a OR b) -c', 2],
    ['with spaces, in capitals', 'SOURCES   >=  3 a', 'a', 3],
    ['with another sign', 'a sources≥3', 'a', 3],
    ['with full-width signs', '大数据 sources＞＝３', '大数据', 3],
    ['at the limit', 'a sources>=50', 'a', 50],
  ])('may stand %s', (_name, text, rest, publishers) => {
    const query = parse(text, 'watch')
    expect(query.text).toBe(text)
    expect(query.publishers).toBe(publishers)
    expect(query.root).toEqual(parse(rest).root)
  })

  test.each([
    ['with a colon', 'a sources:>=3', 'sources:>=3 at character 3', 'like this: a sources>=3'],
    ['as a field', 'a sources:3', 'sources:3 at character 3 is no field', 'publishers: a sources>=3'],
    ['as a field of words', 'a sources=Reuters b', 'There is no field sources= (', 'source: as in a source:Reuters b'],
    ['as a field, with a space', 'a sources： ３, b', 'sources： ３ at character 3', 'publishers: (a OR b) sources>=3'],
    ['as more than', 'a sources>3', 'sources>3 at character 3', 'like this: a sources>=4'],
    ['as an exact number', 'a sources=3', 'sources=3 at character 3', 'like this: a sources>=3'],
    ['with the signs the wrong way round', 'a sources=>3', 'sources=>3 at character 3', 'like this: a sources>=3'],
    ['with a sign too many', 'a sources>==3', 'sources>==3 at character 3', 'like this: a sources>=3'],
    ['in the singular', 'a source>=3', 'source>=3 at character 3', 'like this: a sources>=3'],
    ['without the number', 'a sources>= b', 'sources>= at character 3', 'like this: a b sources>=3'],
    ['with a word for the number', 'a sources>=many', 'sources>=many at character 3', 'like this: a sources>=3'],
    ['with something at the number', 'a sources>=5+', 'sources>=5+ at character 3', 'like this: a sources>=5'],
    ['of more than fifty', 'a sources>=51', 'sources>=51 at character 3 asks for more than 50', 'a sources>=50'],
    ['twice', 'a sources>=3 b sources>=4', 'sources>=4 at character 16 comes second', 'it once: a b sources>=4'],
    ['twice, by branch', 'a sources>=3 OR b sources>=2', 'character 19 comes second', ': (a OR b) sources>=2'],
    ['as less than', 'a sources<3', 'sources<3 at character 3 asks for fewer', 'Leave it out: a'],
    ['as at most', 'a OR b sources =< 3', 'sources =< 3 at character 8 asks for fewer', 'Leave it out: a OR b'],
    ['as another number', 'a sources!=3', 'sources!=3 at character 3 asks for fewer', 'Leave it out: a'],
    ['beside less than', 'sources<5 a sources>=3', 'character 1 asks for fewer', 'Leave it out: a sources>=3'],
    ['as not less than', 'a -sources<3', 'sources<3 at character 4', 'like this: a sources>=3'],
    ['as not another number', 'a -sources!=3', 'sources!=3 at character 4', 'like this: a sources>=3'],
    ['as not at most', 'a -(b OR sources≤3)', 'sources≤3 at character 10', 'like this: a -b sources>=4'],
    ['of one, which every story has', 'a sources>=1', 'character 3 waits for nothing', 'Leave it out: a'],
    ['of none', 'a OR b sources>=0', 'character 8 waits for nothing', 'Leave it out: a OR b'],
    ['of less than none', 'a sources>=-1', 'character 3 waits for nothing', 'Leave it out: a'],
    ['of one as a field', 'a sources:1', 'sources:1 at character 3 waits for nothing', 'Leave it out: a'],
    ['in a branch of OR', 'a OR b sources>=3', 'character 8 stands within OR', 'two watches. If all'],
    ['before an OR', 'a sources>=3 OR b', 'character 3 stands within OR', 'at the end: (a OR b) sources>=3'],
    ['as a branch of OR', 'a OR sources>=3', 'character 6 stands within OR', 'at the end: a sources>=3'],
    ['in a branch of a list', 'a, b OR sources>=3, -c', 'within OR or a list', 'end: (a OR b) -c sources>=3'],
    ['before OR in a list', 'a, b, sources>=3 OR -c', 'within OR or a list', 'end: (a OR b) -c sources>=3'],
    ['after NOT', 'a NOT sources>=3', 'character 7 is left out', 'Leave it out altogether: a'],
    ['after a dash', '-sources>=3 a', 'character 2 is left out', 'altogether: a'],
    ['after two NOTs', 'a NOT NOT sources>=3', 'character 11 stands within parentheses or NOT', ': a sources>=3'],
    ['within parentheses', '(a sources>=3) b', 'character 4 stands within', 'at the end: a b sources>=3'],
    ['alone within parentheses', '(sources>=3) a', 'character 2 stands within', 'at the end: a sources>=3'],
    ['alone within what is left out', '-(sources>=3) a', 'character 3 is left out', 'altogether: a'],
    ['within a field', 'title:(a OR sources>=3)', 'character 13 stands within', 'title:a sources>=3'],
    ['alone within a field', '-title:(-sources>=3) a', 'character 10 stands within', 'end: a sources>=3'],
    ['as an entry of a list', 'a, sources>=3, b', 'character 4 stands within', '(a OR b) sources>=3'],
    ['on a line of its own', 'a\nsources>=3', 'character 3 stands within', 'at the end: a sources>=3'],
    ['alone', 'sources>=3', 'sources>=3 at character 1 only leaves out or narrows', 'big data sources>=3'],
    ['alone, of fewer', '-sources>=3', 'character 2 is left out', 'Leave it out altogether: big data'],
    [
      'beside a negative alone',
      '-a sources>=3',
      '-a at character 1 only leaves out or narrows',
      'big data -a sources>=3',
    ],
    [
      'beside a negative alone, otherwise',
      '-a sources>3',
      '-a at character 1 only leaves out',
      'big data -a sources>=4',
    ],
    ['of fewer, beside a negative alone', '-a sources<3', '-a at character 1 only leaves out', 'example: big data -a'],
    ['beside what is wrong itself', 'a sources>=3 "b', 'quote at character 14', 'a sources>=3 "b"'],
    [
      'after an AND that joins nothing',
      'AND sources>=3 a',
      'AND at character 1 has nothing before',
      'leave it out: sources>=3 a',
    ],
  ])('may not stand %s', (_name, text, message, hint) => {
    const error = refusalOf(text, 'watch')
    expect(error.message).toContain(message)
    expect(error.hint).toContain(hint)
    expectAccepted(error, 'watch')
  })

  test.each(['open source = code', 'data sources', '"sources>=3"', 'opensources>=3'])('is not meant by %s', (text) => {
    expect(parse(text, 'watch').publishers).toBeUndefined()
    expect(parse(text).text).toBe(text)
  })

  /** A pattern with these in the place of a, b and s. */
  function fill(pattern: string, given: Record<string, string>): string {
    return pattern.replace(/\b[abs]\b/g, (letter) => given[letter] ?? letter)
  }

  test.each([
    ['a s OR b', 'a OR b'],
    ['a OR s b', 'a OR b'],
    ['a OR s', 'a'],
    ['s OR a', 'a'],
    ['a OR s OR b', 'a OR b'],
    ['a | (s) || b', 'a OR b'],
    ['a AND s OR b', 'a OR b'],
    ['a OR s AND b', 'a OR b'],
    ['(a s) OR b', 'a OR b'],
    ['a OR (b (s))', 'a OR b'],
    ['a (s OR b)', 'a b'],
    ['a (b OR ((s)))', 'a b'],
    ['a OR s s OR b', 'a OR b'],
    ['a title:(s) OR b', 'a OR b'],
    ['a s, b', 'a OR b'],
    ['a, s, b', 'a OR b'],
    ['s\na', 'a'],
    ['a, b OR s, -z', '(a OR b) -z'],
    ['a, b, s OR -z', '(a OR b) -z'],
    ['(a s) b', 'a b'],
    ['a (s) AND b', 'a b'],
    ['a -(-s) b', 'a b'],
    ['a -(-s z) b', 'a -z b'],
  ])('what is proposed for %j is accepted, and looks for the same as %s', (written, rest) => {
    const clause = fc.constantFrom('sources>=3', 'SOURCES ≥ 3', 'sources>2', 'sources:3', 'source=3')
    fc.assert(
      fc.property(anyQueryText, anyQueryText, clause, (one, other, s) => {
        const given = { a: `(${one})`, b: `(${other})`, s }
        const without = fill(rest, given)
        fc.pre(isAccepted(without, 'watch'))
        const { form = '' } = refusalOf(fill(written, given), 'watch')
        expect(parse(form, 'watch').publishers).toBe(3)
        expect(meaning(form.replace(/ sources>=3$/, ''))).toEqual(meaning(without))
      }),
      { numRuns: 20, seed: 8 },
    )
  })

  test.each([
    ['a -s', 'a'],
    ['-s a OR b', 'a OR b'],
    ['a OR NOT (s) b', 'a OR b'],
    ['a, -s, b', 'a OR b'],
    ['a sources<3 OR b', 'a OR b'],
    ['(a OR sources≤3) b', 'a b'],
    ['a OR b sources>=1', 'a OR b'],
    ['a -title:(s)', 'a'],
  ])('for fewer, or one, as in %j the proposal waits for none, and looks for the same as %s', (written, rest) => {
    fc.assert(
      fc.property(anyQueryText, anyQueryText, (one, other) => {
        const given = { a: `(${one})`, b: `(${other})`, s: 'sources>=3' }
        const without = fill(rest, given)
        fc.pre(isAccepted(without, 'watch'))
        const { form = '' } = refusalOf(fill(written, given), 'watch')
        expect(parse(form, 'watch').publishers).toBeUndefined()
        expect(meaning(form)).toEqual(meaning(without))
      }),
      { numRuns: 20, seed: 8 },
    )
  })
})

/** What a refusal proposes. */
function expectAccepted({ form, quoted, hint }: QueryRefusal, purpose: 'search' | 'watch' = 'search'): void {
  for (const each of [form, quoted].filter((each) => each !== undefined)) {
    expect(hint).toContain(each)
    expect(() => parse(each, purpose), each).not.toThrow()
  }
  expect(hint?.includes('the word itself')).toBe(quoted !== undefined)
  // Without one, the hint is a sentence all the same.
  if (form === undefined && quoted === undefined)
    expect(hint).not.toMatch(/(?:this|example|publishers|branches|Permitted)\.$|[:,] ?$/)
}

function isAccepted(text: string, purpose: 'search' | 'watch'): boolean {
  try {
    parse(text, purpose)
    return true
  } catch {
    return false
  }
}

/** What has a meaning in a query, and what has not, in any order. */
const pieces = fc.constantFrom(
  ...[
    '"',
    '“',
    '«',
    '(',
    ')',
    '（',
    '-',
    '--',
    '!',
    '*',
    'OR',
    'AND',
    'NOT',
    '|',
    '&&',
    ',',
    '、',
    '\n',
    ' ',
    '/',
    '(?i)',
  ],
  ...[
    'title:',
    'site:',
    'after:',
    'within:',
    'source:',
    'lang:',
    'has:',
    'titel:',
    'sources>=3',
    ':',
    '#',
    '@',
    '+',
    '.',
    '\u0000',
    '\ud800',
  ],
  ...['a', 'big', '大', '数据', '2026-11-01', '7d', 'example.com', '👍', '\u200b', '%', '1,000'],
)
const anything = fc.oneof(
  fc.array(pieces, { maxLength: 25 }).map((all) => all.join('')),
  anyString(40),
  anyText,
)

describe('what a refusal proposes is accepted', () => {
  /** The queries that are proposed, each of which the hint shows; none where it is no refusal. */
  function proposed(text: string, purpose: 'search' | 'watch'): string[] {
    if (isAccepted(text, purpose)) return []
    const error = refusalOf(text, purpose)
    expectAccepted(error, purpose)
    return [error.form, error.quoted].filter((each) => each !== undefined)
  }

  test.each([
    ['several faults', '(a OR "b) titel: -c', '(a OR "b) titel: -c")'],
    ['faults of several kinds', 'a OR (titel:x', 'a OR (title:x)'],
    ['a field that is nowhere at its end', 'a titel:', 'a title:word'],
    ['a quote alone in parentheses', '(a "', '(a)'],
    ['a dash that is left over', 'a -""', 'a -'],
    ['a negative that would be left alone', 'OR -a', 'big data -a'],
  ])('where the query has %s', (_name, text, form) => {
    expect(proposed(text, 'watch')[0]).toBe(form)
  })

  test('where nothing would be, none is proposed, and the hint is a sentence', () => {
    for (const text of ['()', '""', '*', '|', '/a(b)/', 'title:(a author:b)', `OR ${'x '.repeat(101)}`]) {
      expect(proposed(text, 'watch')).toEqual([])
    }
  })

  test('for whatever is refused', () => {
    const fault = fc.tuple(pieces, fc.integer({ min: 0, max: 40 }), fc.nat(3))
    const mangled = fc
      .tuple(anyQueryText, fc.array(fault, { minLength: 1, maxLength: 3 }))
      .map(([text, faults]) =>
        faults.reduce((all, [piece, at, lost]) => all.slice(0, at) + piece + all.slice(at + lost), text),
      )
    let refused = 0
    let withForm = 0
    fc.assert(
      fc.property(fc.oneof(mangled, anything), fc.constantFrom('search', 'watch'), (text, purpose) => {
        if (!isAccepted(text, purpose)) refused += 1
        if (proposed(text, purpose).length > 0) withForm += 1
      }),
      { numRuns: 1_200, seed: 9 },
    )
    expect(refused).toBeGreaterThan(350)
    expect(withForm / refused).toBeGreaterThan(0.5)
  })
})

test('whatever comes in, there is a query or a refusal with a hint', () => {
  let accepted = 0
  fc.assert(
    fc.property(anything, fc.constantFrom('search', 'watch'), (text, purpose) => {
      try {
        const { root } = parse(text, purpose)
        accepted += 1
        expect(formatNode(root)).not.toBe('')
      } catch (error) {
        expect(error).toBeInstanceOf(AppError)
        expect(error).toMatchObject({ code: 'invalid', hint: expect.stringMatching(/\S/) })
      }
    }),
    { numRuns: 1_500, seed: 5 },
  )
  expect(accepted).toBeGreaterThan(150)
})

test.each([
  ['slashes', '/a(b '.repeat(250)],
  ['spaces in quotes', `"${' '.repeat(990)}*x"`],
  ['quotes', '"'.repeat(999)],
  ['stars', '*'.repeat(1_000)],
  ['dashes', '- '.repeat(500)],
  ['parentheses', '('.repeat(1_000)],
  ['dots', `site:${'a.'.repeat(497)}`],
  ['commas', ','.repeat(1_000)],
  ['days', 'after:2026-11-01 '.repeat(58)],
  ['far too much', 'x '.repeat(2_000_000)],
])('a hostile query of %s is answered at once', (_name, text) => {
  const started = workedMs()
  try {
    parse(text)
  } catch (error) {
    expect(error).toBeInstanceOf(AppError)
  }
  expect(workedMs() - started).toBeLessThan(1_000)
})

test('what is alone in a query, and is read on a short way, means what it means in parentheses', () => {
  const plain = fc.stringMatching(/^[a-zA-Z0-9]{1,12}( [a-zA-Z0-9]{1,8}){0,3}$/)
  fc.assert(
    fc.property(fc.oneof(plain, fc.constantFrom('OR', 'and', 'Not')), (text) => {
      expect(parse(`"${text}"`).root).toEqual(parse(`("${text}")`).root)
      if (/^(AND|OR|NOT)$/.test(text)) expect(refusalOf(text).message).toMatch(/\S/)
      else expect(parse(text).root).toEqual(parse(`(${text})`).root)
    }),
    { numRuns: 300, seed: 6 },
  )
})

test.each(['"ＯＲ" a', 'צה"ל', '«"a" b»', '"a&&b"'])(
  'what is more than a word is written out in quotes: %s',
  (text) => {
    expect(meaning(formatNode(parse(text).root))).toEqual(meaning(text))
  },
)

test('a query written out plainly is read back the same', () => {
  fc.assert(
    fc.property(anyQueryText, (text) => {
      expect(meaning(formatNode(parse(text).root))).toEqual(meaning(text))
    }),
    { numRuns: 500, seed: 6 },
  )
})
