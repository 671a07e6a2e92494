import { expect, test } from 'vitest'
import { createTurns } from '../../src/actions/turns.ts'

/** Whether the event loop came round meanwhile. */
async function isTurn(giveTurn: () => Promise<void>): Promise<boolean> {
  let came = false
  setImmediate(() => {
    came = true
  })
  await giveTurn()
  return came
}

test.each([
  ['less than 10 ms', [0, 9], false],
  ['10 ms', [0, 10], true],
  ['no one knows how long, for the clock was set back', [0, -5], true],
])('after %s of work others have their turn: %j', async (_, [from, to], expected) => {
  let now = from ?? 0
  const giveTurn = createTurns(() => now)
  now = to ?? 0

  expect(await isTurn(giveTurn)).toBe(expected)
})

test('the time begins anew with each turn', async () => {
  let now = 0
  const giveTurn = createTurns(() => now)

  now = 50
  const first = await isTurn(giveTurn)
  now = 55
  const second = await isTurn(giveTurn)

  expect([first, second]).toEqual([true, false])
})
