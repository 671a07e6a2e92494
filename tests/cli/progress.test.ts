import { expect, test } from 'vitest'
import { startProgress } from '../../src/cli/progress.ts'
import { testTerminal } from './terminal.ts'

/** What stands in the line, one after another. */
function linesOf({ said }: ReturnType<typeof testTerminal>): string[] {
  return said.err.split('\r\u001B[2K').slice(1)
}

test('it says what is done, each hundredth of it, and is gone at the end', () => {
  const terminal = testTerminal({ isErrTTY: true })
  const progress = startProgress(terminal.io, 'Polling')
  for (let done = 1; done <= 450; done += 1) progress.update(done, 450)
  progress.end()

  const lines = linesOf(terminal)
  expect(lines.slice(0, 2)).toEqual(['Polling …', 'Polling 5 of 450'])
  expect(lines.slice(-3)).toEqual(['Polling 445 of 450', 'Polling 450 of 450', ''])
  expect(lines).toHaveLength(92)
})

test('of what is no multiple of a hundredth the last is said too', () => {
  const terminal = testTerminal({ isErrTTY: true })
  const progress = startProgress(terminal.io, 'Polling')
  for (let done = 198; done <= 201; done += 1) progress.update(done, 201)

  expect(linesOf(terminal)).toEqual(['Polling …', 'Polling 198 of 201', 'Polling 201 of 201'])
})

test('it is one line of the terminal, and nothing where that understands no line', () => {
  const narrow = testTerminal({ isErrTTY: true, columns: 12 })
  startProgress(narrow.io, 'Fetching https://example.com/feed.xml')
  expect(linesOf(narrow)).toEqual(['Fetching h…'])

  for (const dumb of [testTerminal({ isErrTTY: true, env: { TERM: 'dumb' } }), testTerminal()]) {
    const progress = startProgress(dumb.io, 'Polling')
    progress.update(1, 1)
    progress.end()
    expect(dumb.said.err).toBe('')
  }
})
