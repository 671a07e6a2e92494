import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderTable } from '../../src/cli/table.ts'
import { cut, pad, printable, widthOf, wrap } from '../../src/cli/terminal-text.ts'
import { testTerminal } from './terminal.ts'

describe('how wide a text is shown', () => {
  const rows: [name: string, text: string, cells: number][] = [
    ['Latin', 'data', 4],
    ['Chinese', '大数据', 6],
    ['Japanese and Korean', 'データ데이터', 12],
    ['fullwidth forms', 'Ａ，', 4],
    ['a mark on its letter', 'e\u0301', 1],
    ['an emoji', '📰', 2],
    ['a joined family', '👨‍👩‍👧', 2],
    ['a flag', '🇨🇳', 2],
    ['a sign made an emoji', '❤️', 2],
    ['our own colours', '\u001B[1mdata\u001B[22m', 4],
    ['nothing', '', 0],
  ]
  for (const [name, text, cells] of rows) {
    test(`${name}: ${cells}`, () => {
      expect(widthOf(text)).toBe(cells)
    })
  }
})

const text = fc.string({
  unit: fc.oneof(fc.constantFrom('大', 'a', ' ', '芯', '👨‍👩‍👧', 'e\u0301', '“'), fc.string({ maxLength: 1 })),
})

test('a cut text is never wider than asked, and a short one is left alone', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (raw, cells) => {
      const clean = printable(raw)
      const short = cut(clean, cells)
      expect(widthOf(short)).toBeLessThanOrEqual(cells)
      if (widthOf(clean) <= cells && clean.length <= cells * 8) expect(short).toBe(clean)
    }),
    { seed: 3 },
  )
})

test('wrapped lines are never wider than asked, and lose nothing but spaces', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 20, max: 60 }), (raw, cells) => {
      const clean = printable(raw)
      const lines = wrap(clean, cells)
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(cells)
      expect(lines.join('').replaceAll(' ', '')).toBe(clean.replaceAll(' ', ''))
    }),
    { seed: 3 },
  )
})

test.each<[name: string, text: string, lines: string[]]>([
  ['at spaces, which end no line', 'The harbour opens  its gates', ['The harbour', 'opens  its', 'gates']],
  ['anywhere in a script without spaces', '江城大数据交易所', ['江城大数据交', '易所']],
  ['a word that fits where it stands is whole', 'data 大数据', ['data 大数据']],
  ['a word that is too long every twenty letters', 'a'.repeat(45), ['a'.repeat(20), 'a'.repeat(20), 'aaaaa']],
  ['colours take no room', '\u001B[1mThe harbour\u001B[22m opens', ['\u001B[1mThe harbour\u001B[22m', 'opens']],
  ['nothing is one line', '', ['']],
])('lines of 12 are broken %s', (_, text, lines) => {
  expect(wrap(text, 12)).toEqual(lines)
})

test('padding fills up on either side', () => {
  expect([pad('大', 4), pad('大', 4, 'right'), pad('大数据', 4)]).toEqual(['大  ', '  大', '大数据'])
})

test('a grapheme without end costs nothing that grows faster than it', () => {
  const joined = `${'👨‍'.repeat(200_000)}👨`

  expect(widthOf(cut(joined, 20))).toBeLessThanOrEqual(20)
})

test('a table gives way where it may, and no line is wider than the terminal', () => {
  const { io } = testTerminal({ isTTY: true, columns: 40 })
  const rows = [
    { title: '江城大数据交易所今日揭牌，首批企业入驻', url: 'https://example.com/a/very/long/address.xml', n: 12_345 },
    { title: 'Short', url: 'https://a.example/', n: 1 },
  ]

  const lines = renderTable(
    rows,
    [
      { title: 'N', value: (row) => String(row.n), align: 'right' },
      { title: 'TITLE', value: (row) => row.title, shrinksTo: 8 },
      { title: 'ADDRESS', value: (row) => row.url, shrinksTo: 8 },
    ],
    io,
  ).split('\n')

  expect(lines.map((line) => widthOf(line) <= 40)).toEqual([true, true, true, true])
  expect(lines[1]).toMatch(/^12345 {2}江城大数据\S*… +https:\/\/\S+…$/)
  expect(lines[2]).toMatch(/^ {4}1 {2}Short {2,}https:/)
})
