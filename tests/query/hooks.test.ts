import { expect, test } from 'vitest'
import { Hooks, type Place } from '../../src/query/hooks.ts'
import { createRandom } from '../support/random.ts'

/** What is met in a text, by the hooks' names in `named`: where it stands, in order. */
function walked(hooks: Hooks, place: Place, text: string, named: Map<number, string>): string[] {
  const met: string[] = []
  hooks.walk(place, ` ${text} `, (hook, start) => met.push(`${named.get(hook)} ${start}`))
  return met.sort()
}

test('a token, its beginning and another place each have a hook of their own, in whatever order they come and go', () => {
  const all: [Place, string, boolean][] = [
    ['text', 'data', false],
    ['text', 'data', true],
    ['text', 'dat', true],
    ['tag', 'data', false],
    ['text', 'database', false],
  ]
  for (const order of [all, all.toReversed()]) {
    const hooks = new Hooks()
    const named = new Map<number, string>()
    for (const [place, token, isOpen] of order) {
      named.set(hooks.take(place, token, isOpen), `${place} ${token}${isOpen ? '*' : ''}`)
    }
    expect(named.size).toBe(5)
    const met = ['text dat* 1', 'text dat* 6', 'text data 1', 'text data* 1', 'text data* 6', 'text database 6']
    expect(walked(hooks, 'text', 'data database', named)).toEqual(met)
    expect(walked(hooks, 'tag', 'data database', named)).toEqual(['tag data 1'])

    hooks.remove(hooks.find('text', 'data', true))

    expect(walked(hooks, 'text', 'data database', named)).toEqual(met.filter((each) => !each.includes('data*')))
    expect(hooks.find('text', 'data', true)).toBe(0)
    expect(hooks.has('tag')).toBe(true)
    hooks.remove(hooks.find('tag', 'data', false))
    expect(hooks.has('tag')).toBe(false)
  }
})

test('tokens that come and go by thousands are found exactly while they are there', () => {
  const random = createRandom(11)
  const hooks = new Hooks()
  const there = new Map<string, number>()
  for (let step = 0; step < 60_000; step += 1) {
    // More come than go at first, then all go.
    const token = random(30_000).toString(36)
    const known = there.get(token)
    expect(hooks.find('text', token, false)).toBe(known ?? 0)
    if (known === undefined && step < 40_000) there.set(token, hooks.take('text', token, false))
    else if (known !== undefined && (step >= 40_000 || random(3) === 0)) {
      hooks.remove(known)
      there.delete(token)
    }
  }
  expect(there.size).toBeGreaterThan(4_096)
  expect(new Set(there.values()).size).toBe(there.size)
  for (const [token, hook] of there) expect(hooks.find('text', token, false)).toBe(hook)
})

test('tokens at the end of a text are met however long it is, and after a longer one those of the shorter alone', () => {
  const hooks = new Hooks()
  const named = new Map([[hooks.take('text', 'lake', false), 'lake']])
  // It is copied in another way beyond 32 units, and there is room for 16,384 at first.
  for (const length of [6, 32, 34, 16_384, 16_386, 40_000, 34, 32, 6]) {
    const text = 'lake'.padStart(length - 2, 'x ')
    expect(walked(hooks, 'text', text, named)).toEqual([`lake ${text.length - 3}`])
  }
})

test('tokens whose hashes happen to be the same are told apart', () => {
  // Of a hundred thousand words two or so have the hash of another. These were found by trying.
  const [one, other] = ['ealsel', 'tlttis']
  for (const isOpen of [false, true]) {
    const hooks = new Hooks()
    const first = hooks.take('text', one, isOpen)
    expect(hooks.find('text', other, isOpen)).toBe(0)
    const second = hooks.take('text', other, isOpen)

    expect(second).not.toBe(first)
    expect([one, other].map((token) => hooks.find('text', token, isOpen))).toEqual([first, second])
    const named = new Map([
      [first, one],
      [second, other],
    ])
    expect(walked(hooks, 'text', `${other} ${one}`, named)).toEqual([`${one} 8`, `${other} 1`])
  }
})
