import { expect, test } from 'vitest'
import { search } from '../../src/actions/search.ts'
import { countTurns } from '../support/turns.ts'

test('searches asked at the same time have a turn of the event loop each, in the order they came', async () => {
  const turn = countTurns()
  const turns: number[] = []
  const asked: string[] = []
  const store: Pick<Parameters<typeof search>[0]['store'], 'listItems'> = {
    async listItems({ query }) {
      asked.push(query?.text ?? '')
      turns.push(turn())
      return { items: [], next: null, lookedBackTo: null }
    },
  }
  const words = ['one', 'two', 'three', 'four', 'five']

  await Promise.all(words.map((word) => search({ store, clock: () => 0, timezone: 'UTC' }, word, { limit: 9 })))

  expect(asked).toEqual(words)
  expect(new Set(turns).size).toBe(words.length)
})
