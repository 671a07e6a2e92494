import type { LookupAddress } from 'node:dns'
import { describe, expect, test } from 'vitest'
import { createLookup, findInHosts, type LookupAll } from '../../src/fetch/lookup.ts'

const FOUR: LookupAddress = { address: '93.184.215.14', family: 4 }
const SIX: LookupAddress = { address: '2606:2800::1', family: 6 }
const silent: LookupAll = () => {}
const unknown = Object.assign(new Error('x'), { code: 'ENOTFOUND' })

function lookUp(lookup: LookupAll, name = 'x.example'): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(name, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)))
  })
}

describe('createLookup', () => {
  test('takes what the system says, and asks nobody else', async () => {
    let asked = 0
    const direct = async () => {
      asked += 1
      return [SIX]
    }
    const lookup = createLookup({ system: (_, __, callback) => callback(null, [FOUR]), direct, patienceMs: 5 })

    expect(await lookUp(lookup)).toEqual([FOUR])
    expect(asked).toBe(0)
  })

  test('goes around a system that is silent', async () => {
    const lookup = createLookup({ system: silent, direct: async () => [SIX], patienceMs: 5 })

    expect(await lookUp(lookup)).toEqual([SIX])
  })

  test('goes around at once when dozens wait for the system', async () => {
    const lookup = createLookup({ system: silent, direct: async () => [SIX], patienceMs: 60_000 })
    for (let i = 0; i < 32; i += 1) lookup(`slow${i}.example`, { all: true }, () => {})

    expect(await lookUp(lookup)).toEqual([SIX])
  })

  test('fails as the system fails, at once', async () => {
    const lookup = createLookup({
      system: (_, __, callback) => callback(unknown, []),
      direct: async () => [SIX],
      patienceMs: 60_000,
    })

    await expect(lookUp(lookup)).rejects.toBe(unknown)
  })

  test.each<[string, (answer: (late: boolean) => void) => void]>([
    ['the other way fails first', (answer) => answer(true)],
    ['the system fails first', (answer) => answer(false)],
  ])('waits for the last one: %s', async (_, start) => {
    let answerSystem: Parameters<LookupAll>[2] = () => {}
    let answerDirect: { resolve: (found: LookupAddress[]) => void; reject: (error: Error) => void } | undefined
    let around: (value: unknown) => void = () => {}
    const wentAround = new Promise((resolve) => {
      around = resolve
    })
    const lookup = createLookup({
      system: (_name, __, callback) => {
        answerSystem = callback
      },
      direct: () =>
        new Promise((resolve, reject) => {
          answerDirect = { resolve, reject }
          around(null)
        }),
      patienceMs: 1,
    })
    const found = lookUp(lookup)
    await wentAround

    start((directFirst) => {
      if (directFirst) {
        answerDirect?.reject(new Error('refused'))
        answerSystem(null, [FOUR])
      } else {
        answerSystem(unknown, [])
        answerDirect?.resolve([SIX])
      }
    })

    expect(await found).toHaveLength(1)
  })
})

test.each([
  ['nas.lan', [{ address: '192.168.1.5', family: 4 }]],
  ['NAS.lan.', [{ address: '192.168.1.5', family: 4 }]],
  [
    'localhost',
    [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ],
  ],
  ['commented.example', []],
  ['192.168.1.5', []],
  ['bad.example', []],
])('the hosts file knows %s as %j', (name, expected) => {
  const text = `127.0.0.1 localhost
::1\tlocalhost ip6-localhost
192.168.1.5   nas nas.lan # the box in the cellar: commented.example
# 10.0.0.1 commented.example
not-an-address bad.example
`
  expect(findInHosts(text, name)).toEqual(expected)
})
