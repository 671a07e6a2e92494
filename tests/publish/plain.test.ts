import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainText } from '../../src/publish/plain.ts'
import { anyString } from '../support/any-string.ts'

const ALERT = [
  '<a href="https://example.com/a?x=1&amp;y=2"><b>Why &lt;<u>Big Data</u>&gt; matters</b></a>',
  '📰 R&amp;D Weekly · <tg-time unix="1795424400" format="r">2026-11-23 09:00 UTC</tg-time>',
  '<blockquote>Teams move <b>big data</b>. Ask @\u2060everyone.</blockquote>',
  '🔎 <b>big data</b> · <i>Data news</i>',
].join('\n')

test('on a terminal an alert is bold and underlined, its address on a line of its own', () => {
  const shown = plainText({ html: ALERT, openUrl: null }, { ansi: true })
  expect(shown.split('\n')).toEqual([
    '\u001B[1mWhy <\u001B[4mBig Data\u001B[24m> matters\u001B[22m',
    'https://example.com/a?x=1&y=2',
    '📰 R&D Weekly · 2026-11-23 09:00 UTC',
    '│ Teams move \u001B[1mbig data\u001B[22m. Ask @everyone.',
    '🔎 \u001B[1mbig data\u001B[22m · \u001B[3mData news\u001B[23m',
  ])
})

test('on a terminal without colours, or in a log, it is the same without codes: whole, and to be copied and searched', () => {
  const shown = plainText({ html: ALERT, openUrl: null }, { ansi: false, terminal: true })
  expect(shown).toContain('Why <Big Data> matters\nhttps://example.com/a?x=1&y=2\n')
  expect(shown).toContain('│ Teams move big data. Ask @everyone.')
  const long = 'long '.repeat(1_000)
  expect(plainText({ html: `${long}\nend`, openUrl: null }, { ansi: false, terminal: true })).toBe(`${long}\nend`)
})

test('on a terminal the times are those of its zone', () => {
  const shown = plainText({ html: ALERT, openUrl: null }, { ansi: false, terminal: true, timezone: 'Europe/Berlin' })
  expect(shown).toContain('📰 R&D Weekly · 2026-11-23 10:00\n')
})

test('as plain text for Telegram it has no codes, and names stay defused', () => {
  const shown = plainText({ html: ALERT, openUrl: null }, { ansi: false })
  expect(shown).toContain('Why <Big Data> matters\nhttps://example.com/a?x=1&y=2\n')
  expect(shown).toContain('│ Teams move big data. Ask @\u2060everyone.')
  expect(shown).not.toContain('\u001B')
})

test('a quote over several lines has its bar on each', () => {
  expect(plainText({ html: 'a\n<blockquote>b\nc</blockquote>\nd', openUrl: null }, { ansi: false })).toBe(
    'a\n│ b\n│ c\nd',
  )
})

test('no control character of a source reaches the terminal', () => {
  fc.assert(
    fc.property(anyString(), (text) => {
      const escaped = text.replace(/[&<>"\n]/g, '')
      const shown = plainText(
        { html: `${escaped}\u001B]0;title\u0007\u009B31m\r\u202E`, openUrl: null },
        { ansi: true },
      )
      expect(shown).not.toMatch(/[\p{Cc}\u202E]/u)
    }),
    { seed: 3 },
  )
})

test('plain text for Telegram ends at a whole line within 3,500 units', () => {
  const html = Array.from({ length: 100 }, (_, i) => `<a href="https://example.com/${'x'.repeat(90)}">Title ${i}</a>`)
  const shown = plainText({ html: html.join('\n'), openUrl: null }, { ansi: false })
  expect(shown.length).toBeLessThanOrEqual(3_500)
  expect(shown.length).toBeGreaterThan(3_300)
  expect(shown).toMatch(/\n…$/)
  expect(plainText({ html: '😀'.repeat(3_000), openUrl: null }, { ansi: false }).length).toBeLessThanOrEqual(3_503)
})
