import { expect, test } from 'vitest'
import { shellQuote, shellWord } from '../../src/publish/shell.ts'

test.each([
  ['plain', "'plain'"],
  ['it\'s $(now) `x` \\ "y"', "'it'\\''s $(now) `x` \\ \"y\"'"],
  ["'", "''\\'''"],
  ['', "''"],
])('%j is the word %s', (text, word) => {
  expect(shellQuote(text)).toBe(word)
})

test.each([
  ['https://www.post.example/a-b_c.html', 'https://www.post.example/a-b_c.html'],
  ['https://post.example/?a=1&b=2', "'https://post.example/?a=1&b=2'"],
  ['https://[::1]/', "'https://[::1]/'"],
  ["a'$(x)", "'a'\\''$(x)'"],
  ['a\nb', "'a\nb'"],
  ['', "''"],
])('%j needs quotes only where a shell reads more in it: %s', (text, word) => {
  expect(shellWord(text)).toBe(word)
})
