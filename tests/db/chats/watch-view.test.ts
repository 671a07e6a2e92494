import { expect, test } from 'vitest'
import { openDriver } from '../../../src/db/sqlite/binding.ts'
import type { Known } from '../../../src/ports.ts'
import { readItem } from '../../support/items.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, testFolder, watchQuery } from '../../support/store.ts'

test('what was seen of a group that came to nothing, and of which nothing could be stored later either, never was', async () => {
  const dataDir = testFolder()
  let now = NOW
  const store = await openTestStore({ dataDir, clock: () => now })
  const other = openDriver(`${dataDir}/crier.db`)
  const source = await addTestSource(store)
  const item = { ...readItem({ title: 'data dogs' }), firstSeenAt: NOW, source }
  const seen: string[][] = []
  const look = (known: Known) => {
    seen.push(known.watches.match(item, NOW).map(({ watch }) => watch.query))
    return {}
  }
  await store.addWatch('terminal', watchQuery('data'), NOW)
  await ingestPlan(store, source.id, look)

  // The plan sees both changes before it fails; then another program has the file for longer than anybody waits for it.
  const outcomes = await Promise.allSettled([
    store.removeWatch('terminal', 1, NOW),
    store.addWatch('terminal', watchQuery('dogs'), NOW),
    ingestPlan(store, source.id, (known) => {
      look(known)
      queueMicrotask(() => {
        other.exec('BEGIN IMMEDIATE')
        now += 60_000
      })
      throw new Error('no')
    }),
  ])
  other.exec('ROLLBACK')
  other.close()
  await ingestPlan(store, source.id, look)

  const locked = { status: 'rejected', reason: expect.objectContaining({ code: 'unavailable' }) }
  expect(outcomes).toEqual([locked, locked, locked])
  expect(seen).toEqual([['data'], ['dogs'], ['data']])
})
