import { expect, test } from 'vitest'
import { itemAddress, linkAddress, webAddress } from '../../src/publish/address.ts'

test.each([
  ['an address', 'https://a.example/x?y=1&z="2"#t', 'https://a.example/x?y=1&z=%222%22#t'],
  ['another script', 'http://例え.example/新闻', 'http://xn--r8jz45g.example/%E6%96%B0%E9%97%BB'],
  ['user and password, which are dropped', 'https://me:secret@a.example/', 'https://a.example/'],
  ['upper case', 'HTTPS://A.EXAMPLE', 'https://a.example/'],
  ['a line end inside a scheme', 'java\nscript:alert(1)', null],
  ['another scheme', 'ftp://a.example/', null],
  ['a relative address', '/x', null],
  ['one that borrows our scheme', '//a.example/x', null],
  ['one behind an ideographic space', '\u3000/x', null],
  ['half a character', 'https://a.example/\uD800', 'https://a.example/%EF%BF%BD'],
  ['nothing', '', null],
  ['no address at all', null, null],
])('a web address: %s', (_, text, expected) => {
  expect(webAddress(text)).toBe(expected)
  expect(linkAddress(text)).toBe(expected)
})

test('a mail address is a link, and no web address', () => {
  expect(linkAddress('mailto:a@b.example')).toBe('mailto:a@b.example')
  expect(webAddress('mailto:a@b.example')).toBeNull()
})

test.each([
  ['its own page', 'https://a.example/1', ['https://a.example/1.mp3'], 'https://a.example/1'],
  ['what it encloses, where it has none', null, ['urn:x', 'https://a.example/1.mp3'], 'https://a.example/1.mp3'],
  ['none', null, ['urn:x'], null],
])('the address of an item: %s', (_, url, enclosures, expected) => {
  expect(itemAddress({ url, enclosures: enclosures.map((url) => ({ url })) })).toBe(expected)
})
