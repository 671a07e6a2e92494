import { expect, test } from 'vitest'
import { search } from '../../src/actions/search.ts'
import type { Item } from '../../src/model.ts'
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

/** A store that finds one item each time it looks, of ten, each look taking 40 ms. */
function slowNewsroom() {
  let now = 0
  const asked: (number | undefined)[] = []
  const listItems: Parameters<typeof search>[0]['store']['listItems'] = async ({ limit, before }) => {
    asked.push(before)
    now += 40
    const place = (before ?? 11) - 1
    const isLast = place === 1 || limit === 1
    return { items: [{ place } as Item], next: place, lookedBackTo: isLast ? null : now }
  }
  return { ctx: { store: { listItems }, clock: () => now, timezone: 'UTC' }, asked }
}

test.each([
  ['ends where the store ends, for who does not wait', undefined, 9, [10]],
  ['looks on while time is left', 100, 9, [10, 9, 8]],
  ['ends with as many as were asked for', 1_000, 4, [10, 9, 8, 7]],
  ['ends with the last there is', 1_000, 90, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]],
])('a search %s', async (_, patienceMs, limit, places) => {
  const { ctx, asked } = slowNewsroom()

  const { items } = await search(ctx, 'chips', { limit, ...(patienceMs !== undefined && { patienceMs }) })

  expect(items.map(({ place }) => place)).toEqual(places)
  expect(asked).toEqual([undefined, ...places.slice(0, -1)])
})
