import { expect, test } from 'vitest'
import { NOW, openTestStore, testFolder } from '../../support/store.ts'

test('what a host asked for is remembered, across a restart, until it asks for something else', async () => {
  const dataDir = testFolder()
  const store = await openTestStore({ dataDir })
  await store.saveHostPace({ host: 'b.example', spacingMs: 8_000, until: NOW })
  await store.saveHostPace({ host: 'a.example', spacingMs: 2_000, until: NOW + 60_000 })
  await store.saveHostPace({ host: 'b.example', spacingMs: 16_000, until: NOW + 5 })

  const again = await openTestStore({ dataDir })

  expect(await again.listHostPaces()).toEqual([
    { host: 'a.example', spacingMs: 2_000, until: NOW + 60_000 },
    { host: 'b.example', spacingMs: 16_000, until: NOW + 5 },
  ])
})

test.each([
  ['the usual spacing and nothing to wait for', { spacingMs: 2_000, until: NOW }, false],
  ['the usual spacing, but a wait', { spacingMs: 2_000, until: NOW + 1 }, true],
  ['nothing to wait for, but a longer spacing', { spacingMs: 2_001, until: NOW }, true],
])('a host with %s is kept: %#', async (_, pace, kept) => {
  const store = await openTestStore()
  await store.saveHostPace({ host: 'a.example', spacingMs: 9_000, until: NOW - 9 })

  await store.saveHostPace({ host: 'a.example', ...pace })

  expect(await store.listHostPaces()).toEqual(kept ? [{ host: 'a.example', ...pace }] : [])
})

test('what one process was asked to wait for is not taken back by another that knows less', async () => {
  const store = await openTestStore()
  await store.saveHostPace({ host: 'a.example', spacingMs: 10_000, until: NOW + 60_000 })

  await store.saveHostPace({ host: 'a.example', spacingMs: 2_000, until: NOW - 9 })

  expect(await store.listHostPaces()).toEqual([{ host: 'a.example', spacingMs: 2_000, until: NOW + 60_000 }])
})

test('another process that writes is noticed, and what we save ourselves is not', async () => {
  const dataDir = testFolder()
  const [store, other] = [await openTestStore({ dataDir }), await openTestStore({ dataDir })]
  const version = await store.findPacesVersion()

  await store.saveHostPace({ host: 'a.example', spacingMs: 10_000, until: NOW })
  expect(await store.findPacesVersion()).toBe(version)

  await other.saveHostPace({ host: 'a.example', spacingMs: 20_000, until: NOW })
  expect(await store.findPacesVersion()).not.toBe(version)
})

test('a wait that a clock set back since made years long gives way to the next one', async () => {
  const store = await openTestStore()
  await store.saveHostPace({ host: 'a.example', spacingMs: 10_000, until: NOW + 400 * 86_400_000 })

  await store.saveHostPace({ host: 'a.example', spacingMs: 10_000, until: NOW + 60_000 })

  expect(await store.listHostPaces()).toEqual([{ host: 'a.example', spacingMs: 10_000, until: NOW + 60_000 }])
})
