import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJsonText } from '../../src/source/json-text.ts'
import { workedMs } from '../support/work.ts'

test('what is JSON is read as it is', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(readJsonText(json)).toEqual({ value: JSON.parse(json), truncated: false, outside: expect.any(String) })
    }),
    { seed: 3 },
  )
})

describe('what people write and is none', () => {
  test.each([
    ['a comment of a line', '{"a":1, // one, "b"\n"c":2}', { a: 1, c: 2 }],
    ['a comment of several', '{/* "b":\n*/"a":1}', { a: 1 }],
    ['what looks like a comment in a string', '{"a":"https://a.test/*",}', { a: 'https://a.test/*' }],
    ['trailing commas', '{"a":[1,2,],"b":{"c":1,},}', { a: [1, 2], b: { c: 1 } }],
    ['names of numbers', '{"a":NaN,"b":-Infinity}', { a: 'NaN', b: '-Infinity' }],
    ['names of nothing', '{"a":undefined,"b":None}', { a: null, b: null }],
    ['literals in capitals', '{"a":True,"b":FALSE,"c":NULL}', { a: true, b: false, c: null }],
    ['a line break in a string', '{"a":"x\ny"}', { a: 'x\ny' }],
    ['control characters', '{\u0001"a":"x\u0000y",\u007f"b":1}', { a: 'xy', b: 1 }],
    ['an escape of nothing', String.raw`{"a":"it\'s \u12 \\ \n"}`, { a: "it's u12 \\ \n" }],
    ['what stands around it', 'callback({"a":1});', { a: 1 }],
    ['a comma forgotten', '{"a":"x" "b":[{} {},1 2],"c":1\n"d":2}', { a: 'x', b: [{}, {}, 1, 2], c: 1, d: 2 }],
    ['commas too many', '{,"a":,[,1,,2],,"b":3}', { a: [1, 2], b: 3 }],
    ['quotes within a string', '{"a":"he said "no" to it","b":"c"}', { a: 'he said "no" to it', b: 'c' }],
    ['a second document behind it', '{"a":1}{"b":2}', { a: 1 }],
    ['a comment of a line as scripts write it', '{# "b"\n"a":1}', { a: 1 }],
    ['a comment that never ends', '{"a":1,/* "b":2}', { a: 1, b: 2 }],
    [
      'single quotes',
      String.raw`{'a':'it\'s "x"','b':["y",'z'],"c":"it's"}`,
      { a: 'it\'s "x"', b: ['y', 'z'], c: "it's" },
    ],
    [
      'typographic quotes',
      '{“a”: “he said “hi”, ok”, „b“: ["“x”", „y“], “c”: "d", "e": “f "g"”}',
      { a: 'he said “hi”, ok', b: ['“x”', 'y'], c: 'd', e: 'f "g"' },
    ],
    ['names without quotes', '{a:1,b_c:"x"}', { a: 1, b_c: 'x' }],
    ['a byte as Python escapes it', String.raw`{"a":"\xe9\q"}`, { a: 'éq' }],
    ['quotes of HTML', '{"a":"<a href="/x" class="y">z</a>","b":1}', { a: '<a href="/x" class="y">z</a>', b: 1 }],
    ['empty quotes of HTML', '{"a":"<img alt="" src="//b.test/x"/>"}', { a: '<img alt="" src="//b.test/x"/>' }],
    ['a quote before a comma', '{"a":"he said "hi", ok","b":["no", 1]}', { a: 'he said "hi", ok', b: ['no', 1] }],
    ['other signs for colons and commas', '{"a"=>1;"b"="x";"c"::2}', { a: 1, b: 'x', c: 2 }],
    ['a value or a colon forgotten', '{"a":,"b":1,"c" 2,"d" "x","e":}', { b: 1, c: 2, d: 'x' }],
    ['a quote forgotten', '{"a":"x,"b":"y","c":z","d":["e,"f"],"g":1}', { a: 'x', b: 'y', c: 'z', d: ['e,"f'], g: 1 }],
    ['words that name nothing', '{"a":1,\n1ff8\n"b":"x",\nNotice in /f.php\n"c":2}', { a: 1, b: 'x', c: 2 }],
    ['brackets forgotten', '{"a":[{"b":[1,2},{"b":3,{"b":4}],"c":5}', { a: [{ b: [1, 2] }, { b: 3 }, { b: 4 }], c: 5 }],
    ['brackets too many', '{"a":[{"b":1}},{"b":2}]]],"c":[3}]}', { a: [{ b: 1 }, { b: 2 }], c: [3] }],
    ['an element that ends too early', '{"a":[{"b":1},"c":2},{"b":3}]}', { a: [{ b: 1, c: 2 }, { b: 3 }] }],
    ['items that end too early', '{"items":[{"b":1}],{"b":2}],"c":3}', { items: [{ b: 1 }, { b: 2 }], c: 3 }],
    ['lists and objects of a program before it', 'array(1) { [0]=> {} }\n{"a":1,}', { a: 1 }],
    ['a name of every object', '{"__proto__":{"a":1},"constructor":2,}', { constructor: 2 }],
  ])('%s', (_, text, value) => {
    expect(readJsonText(text)).toEqual({ value, truncated: false, outside: expect.any(String) })
  })

  test.each(['', 'x', '{"a"', '{"a":', '{"a" 1', '[1,2', 'null x'])('beyond repair: %s', (text) => {
    expect(readJsonText(text)).toBeUndefined()
  })
})

test('what stands around the value is told', () => {
  expect(readJsonText('x {"a":1,} <y>')?.outside).toBe('x  <y>')
  expect(readJsonText('{"a":"<"}')?.outside).toBe('')
})

test('quotes that end no string cost linear time', () => {
  expect(readJsonText(`{"a":"${'x"y'.repeat(300_000)}`)).toBeUndefined()
  expect(readJsonText(`{"a":"${'" x'.repeat(300_000)}"}`)?.value).toEqual({ a: '" x'.repeat(300_000) })
})

test.each([
  ['escapes', `{"a":"\\q${'\\n'.repeat(1_000_000)}`],
  ['quotes and commas before a name', `{"a":"${'x", y'.repeat(300_000)}`],
  ['gaps between names', `{${`"a"${' '.repeat(99)}`.repeat(20_000)}`],
  ['items that end too early', `{"items":[{}],${'{]'.repeat(500_000)}`],
  ['elements that do', `{"a":[${'{"b":1},"c":2}'.repeat(100_000)}`],
  ['comments that never end', `{${'/*//#'.repeat(300_000)}`],
  ['apostrophes', `{"a":[${"'b ".repeat(500_000)}`],
  ['brackets beyond a forgotten quote', `{"a":"b "c"${'[{"a":'.repeat(150_000)}`],
])('%s cost linear time', (_, text) => {
  const start = workedMs()
  readJsonText(text)

  expect(workedMs() - start).toBeLessThan(3_000)
})

test('whatever one sign does to an element, the others live', () => {
  const items = ['1', '2', '3'].map((id) => ({ id, title: `Number ${id}`, tags: ['a', 'b'], authors: [{ name: 'x' }] }))
  const json = JSON.stringify({ version: '1', items })
  const [from, to] = [json.indexOf('{"id":"1"') + 1, json.indexOf('"authors"')]
  for (const sign of ['', '}', '[', ']', ',', ':', '"', '/', '#', '//', '/*', '\n', '\0', '<b>', ' x ']) {
    for (let at = from; at < to; at += 1) {
      const text = json.slice(0, at) + sign + json.slice(sign === '' ? at + 1 : at)

      expect(readJsonText(text)?.value, text).toHaveProperty('items', expect.arrayContaining(items.slice(1)))
    }
  }
})

test('of a document that is cut off anywhere the whole elements of its list are kept', () => {
  const items = [
    { id: '1', tags: ['a', '}'] },
    { id: '2', text: '\\" ] }' },
    { id: '3', author: { name: 'x' } },
  ]
  const json = JSON.stringify({ version: '1', authors: [], items, more: [1] })
  const from = json.indexOf('"items":[') + 9
  for (let at = from; at < json.length; at += 1) {
    const whole = items.filter((_, index) => {
      const before = items.slice(0, index + 1).map((item) => JSON.stringify(item))
      return from + before.join(',').length <= at
    })
    const read = readJsonText(json.slice(0, at))
    if (whole.length === 0) expect(read).toBeUndefined()
    else
      expect(read).toMatchObject({ value: { version: '1', authors: [], items: whole }, truncated: true, outside: '' })
  }
})

describe('one sign that was lost costs no item of a JSON Feed', () => {
  const TWO = [
    { id: '1', title: 'a' },
    { id: '2', title: 'b' },
  ]
  const feed = (rest: string) => `{"version":"https://jsonfeed.org/version/1.1","title":"F",${rest}`
  test.each([
    ['the bracket of its list', feed('"items": {"id":"1","title":"a"},{"id":"2","title":"b"}]}')],
    ['nothing, but a brace stands before it', feed('"items": {[{"id":"1","title":"a"},{"id":"2","title":"b"}]}')],
    ['a quote of the name of it', feed('"items: [{"id":"1","title":"a"},{"id":"2","title":"b"}]}')],
    ['the colon behind its name', feed('"items" [{"id":"1","title":"a"},{"id":"2","title":"b"}]}')],
    ['the brace before one', feed('"items":[{"id":"1","title":"a"},"id":"2","title":"b"}]}')],
    ['the first quote of a name', feed('"items":[{"id":"1",title":"a"},{"id":"2","title":"b"}]}')],
    [
      'the brace behind what stands before them',
      feed('"author":{"name":"x","items":[{"id":"1","title":"a"},{"id":"2","title":"b"}]}'),
    ],
    [
      'none, but a program warns of something',
      `Notice: {index} ${feed('"items":[{"id":"1","title":"a"},{"id":"2","title":"b"}]}')}`,
    ],
  ])('%s', (_, text) => {
    expect(readJsonText(text)?.value).toMatchObject({ title: 'F', items: TWO })
  })

  test('the brace behind the only element of a list', () => {
    const read = readJsonText(feed('"items":[{"id":"1","authors":[{"name":"P"],"title":"a"},{"id":"2","title":"b"}]}'))
    expect(read?.value).toMatchObject({ items: [{ id: '1', authors: [{ name: 'P' }], title: 'a' }, TWO[1]] })
  })

  test('attributes of HTML with names of fields stay as they are', () => {
    const read = readJsonText('{"items":[{"content_html":"<img width="10"title="y">","title":"b"}]}')
    expect(read?.value).toEqual({ items: [{ content_html: '<img width="10"title="y">', title: 'b' }] })
  })
})
