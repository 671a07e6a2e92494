import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJsonText } from '../../src/source/json-text.ts'

test('what is JSON is read as it is', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(readJsonText(json)).toEqual({ value: JSON.parse(json), truncated: false, outside: expect.any(String) })
    }),
  )
})

describe('what people write and is none', () => {
  test.each([
    ['a comment of a line', '{"a":1, // one, "b"\n"c":2}', { a: 1, c: 2 }],
    ['a comment of several', '{/* "b":\n*/"a":1}', { a: 1 }],
    ['what looks like a comment in a string', '{"a":"https://a.test/*",}', { a: 'https://a.test/*' }],
    ['trailing commas', '{"a":[1,2,],"b":{"c":1,},}', { a: [1, 2], b: { c: 1 } }],
    ['names of numbers', '{"a":NaN,"b":-Infinity,"c":undefined}', { a: 'NaN', b: '-Infinity', c: 'undefined' }],
    ['a line break in a string', '{"a":"x\ny\u0001"}', { a: 'x\ny\u0001' }],
    ['an escape of nothing', String.raw`{"a":"it\'s \u12 \\ \n"}`, { a: "it's u12 \\ \n" }],
    ['what stands around it', 'callback({"a":1});', { a: 1 }],
    ['a comma forgotten', '{"a":"x" "b":[{} {},1 2],"c":1\n"d":2}', { a: 'x', b: [{}, {}, 1, 2], c: 1, d: 2 }],
    ['commas too many', '{,"a":,[,1,,2],,"b":3}', { a: [1, 2], b: 3 }],
    ['quotes within a string', '{"a":"he said "no" to it","b":"c"}', { a: 'he said "no" to it', b: 'c' }],
    ['a second document behind it', '{"a":1}{"b":2}', { a: 1 }],
  ])('%s', (_, text, value) => {
    expect(readJsonText(text)).toEqual({ value, truncated: false, outside: expect.any(String) })
  })

  test.each(['', 'x', '{"a"', '{"a":', '{"a" 1}', '[1,2', 'null x'])('beyond repair: %s', (text) => {
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
    else expect(read).toEqual({ value: { version: '1', authors: [], items: whole }, truncated: true, outside: '' })
  }
})
