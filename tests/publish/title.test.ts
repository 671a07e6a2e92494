import { expect, test } from 'vitest'
import { excerpt, itemTitle } from '../../src/publish/title.ts'

const ITEM = {
  title: 'News',
  text: 'It says more.',
  url: 'https://wire.example/a-1',
  source: { id: 1, title: 'Wire', url: 'https://wire.example/rss', host: 'wire.example', tags: [], siteUrl: null },
}

test.each([
  ['is one line, and turns no writing direction', { title: ' a\n\u202Egnp.exe\u202C  b\u0007 ' }, 'a gnp.exe b'],
  ['is the beginning of the text where there is none', { title: '', text: 'Short note.' }, 'Short note.'],
  ['or the address', { title: '', text: '' }, 'https://wire.example/a-1'],
])('the title for people %s', (_, changes, expected) => {
  expect(itemTitle({ ...ITEM, ...changes })).toBe(expected)
})

test.each([
  ['between words', 'one two three four', 12, 'one two…'],
  ['anywhere in scripts without spaces', '省政府新闻办公室举行发布会', 6, '省政府新闻…'],
  ['never inside a character', '😀😀😀😀', 4, '😀…'],
  ['not at all when it fits', 'one two', 7, 'one two'],
])('an excerpt is cut %s', (_, text, max, expected) => {
  expect(excerpt(text, max)).toBe(expected)
})
