import { expect, test } from 'vitest'
import { visibleUnits } from '../../src/publish/alert.ts'
import { renderNotice, type Said } from '../../src/publish/notice.ts'
import { plainText } from '../../src/publish/plain.ts'

test('a notice is its text behind a sign, with the address to open', () => {
  const notice = renderNotice(['Wire renumbered 40 items; none was alerted.'], 'https://example.com/', 'telegram')

  expect(notice).toEqual({
    html: '🛠 Wire renumbered 40 items; none was alerted.',
    openUrl: 'https://example.com/',
  })
})

test('addresses and commands stand in it as they are, to be copied', () => {
  const url = 'https://example.com/feed?a&b'
  const said: Said = ['Wire has moved to ', { address: url }, '. If it is right: ', { kind: 'move', id: 3, url }]

  expect(renderNotice(said, null, 'telegram').html).toBe(
    "🛠 Wire has moved to <code>https://example.com/feed?a&amp;b</code>. If it is right: <code>npx crier source set 3 --url 'https://example.com/feed?a&amp;b'</code>",
  )
})

test('in a chat an advice is the command of the bot, where it has one', () => {
  const said: Said = ['To remove it: ', { kind: 'remove', id: 3 }, ', or to go on: ', { kind: 'resume', id: 3 }]

  expect(renderNotice(said, null, 'telegram').html).toBe(
    '🛠 To remove it: <code>/removesource 3</code>, or to go on: <code>npx crier source resume 3</code>',
  )
  expect(renderNotice(said, null, 'terminal').html).toBe(
    '🛠 To remove it: <code>npx crier source remove 3</code>, or to go on: <code>npx crier source resume 3</code>',
  )
})

test('what a source is called is no command of ours, whatever it looks like', () => {
  expect(renderNotice(['crier source remove 3 is back.'], null, 'telegram').html).toBe(
    '🛠 crier source remove 3 is back.',
  )
})

test('what a source is called can neither mark up, nor mention, nor command', () => {
  const { html } = renderNotice(['<b>@admin</b> & /stop\u202e\nhas moved'], null, 'telegram')

  expect(html).toBe('🛠 &lt;b&gt;@\u2060admin&lt;/\u2060b&gt; &amp; /\u2060stop has moved')
})

test('a long text is cut, and what was cut says so', () => {
  const { html } = renderNotice(['data '.repeat(1_000)], null, 'telegram')

  expect(html.length).toBeLessThanOrEqual(800)
  expect(html).toMatch(/data? ?…$|…$/)
})

test('however many addresses it names, it stays a notice', () => {
  const { html } = renderNotice(
    Array(1_000)
      .fill(['see ', { address: 'https://example.com/a_page' }, ' and '])
      .flat(),
    null,
    'telegram',
  )

  expect(visibleUnits(html)).toBeLessThanOrEqual(801)
  expect(html.match(/<code>/g)?.length).toBeLessThan(60)
})

test.each([
  ['http://localhost:8080/feed', null],
  ['javascript:alert(1)', null],
  ['https://me:secret@example.com/feed', null],
  ['https://example.com/ä', 'https://example.com/%C3%A4'],
  [null, null],
])('the button for %s leads to %s', (given, openUrl) => {
  expect(renderNotice(['Wire is back.'], given, 'telegram').openUrl).toBe(openUrl)
})

test('in a terminal it is one line of plain text, and the address', () => {
  const notice = renderNotice(['Wire & Co is back.'], 'https://example.com/', 'telegram')

  expect(plainText(notice, { ansi: false })).toContain('🛠 Wire & Co is back.')
})
