import { describe, expect, test } from 'vitest'
import type { OutboxMessage, ReadItem, Watch } from '../../../src/model.ts'
import { renderAlert } from '../../../src/publish/alert.ts'
import { readItem } from '../../support/items.ts'
import { createRandom } from '../../support/random.ts'
import { addTestSource, ingestPlan, NOW, testFolder } from '../../support/store.ts'
import {
  DAY,
  DELAY_MS,
  GAP_MS,
  HOUR,
  LEASE_MS,
  MINUTE,
  openDesk,
  render,
  SECOND,
  type Story,
  WIRE,
} from '../../support/story-desk.ts'

const edit = { openUrl: null }

describe('one alert for a story and a chat', () => {
  test('the next papers that carry it edit what was sent, with no new message', async () => {
    const { watch, print, send, nextAt } = await openDesk()
    const storm = await watch('storm')

    expect(await print('Times', 'storm', [{ watch: storm }])).toMatchObject({ alerts: 1 })
    expect(await send()).toEqual(['news: Times (storm=w)'])
    expect(await print('Post', 'storm', [{ watch: storm }])).toMatchObject({ alerts: 0 })
    await print('Echo', 'storm')

    expect(await nextAt()).toBe(NOW + DELAY_MS)
    expect(await send(NOW + DELAY_MS - 1)).toEqual([])
    expect(await send(NOW + DELAY_MS)).toEqual(['edit of 71: Times +Post +Echo (storm=w)'])
    expect(await send(NOW + 2 * DELAY_MS)).toEqual([])
    expect(await nextAt()).toBeNull()
  })

  test('another watch joins it, and a hit that was there keeps its words', async () => {
    const { watch, print, send, states } = await openDesk()
    const [storm, harbour] = [await watch('storm'), await watch('harbour')]
    await print('Times', 'storm', [{ watch: storm, words: ['gusts'] }])
    await send()

    await print('Post', 'storm', [{ watch: storm, words: ['wind'] }, { watch: harbour }])

    expect(await states()).toEqual(['Times sent'])
    expect(await send(NOW + DELAY_MS)).toEqual(['edit of 71: Times +Post (storm=gusts,harbour=w)'])
  })

  test('each chat has its own', async () => {
    const { watch, print, send } = await openDesk()
    const [here, there] = [await watch('storm', '12'), await watch('storm', '-34')]
    await print('Times', 'storm', [{ watch: here }])
    await send()

    expect(await print('Post', 'storm', [{ watch: here }, { watch: there }])).toMatchObject({ alerts: 1 })

    expect(await send()).toEqual(['news: Post +Times (storm=w)'])
    expect(await send(NOW + DELAY_MS)).toEqual(['edit of 71: Times +Post (storm=w)'])
  })

  test('what is not sent yet is told with all that came, and not edited', async () => {
    const { watch, print, send } = await openDesk()
    const [storm, harbour] = [await watch('storm'), await watch('harbour')]
    await print('Times', 'storm', [{ watch: storm }])
    await print('Post', 'storm', [{ watch: harbour }])

    expect(await send(NOW)).toEqual(['news: Times +Post (storm=w,harbour=w)'])
    expect(await send(NOW + HOUR)).toEqual([])
  })

  test('what was tried already is sent again the same to the byte, and edited when it has arrived', async () => {
    const { store, watch, print, claim, send } = await openDesk()
    const storm = await watch('storm')
    await print('Times', 'storm', [{ watch: storm }])
    const [first] = await claim()
    await print('Post', 'storm')
    await store.settleMessage(first?.id ?? 0, { kind: 'requeue', at: NOW + MINUTE, counts: 'unknowns', error: null })

    expect(await send(NOW + MINUTE)).toEqual(['news: Times (storm=w)'])
    expect(await send(NOW + MINUTE + DELAY_MS)).toEqual(['edit of 71: Times +Post (storm=w)'])
  })

  test('a watch that was removed after a try is in the same text sent again, and edited out when that has arrived', async () => {
    const { store, watch, print, claim, send } = await openDesk()
    const [storm, harbour] = [await watch('storm'), await watch('harbour')]
    await print('Times', 'storm', [{ watch: storm }, { watch: harbour }])
    const [first] = await claim()
    await store.settleMessage(first?.id ?? 0, { kind: 'requeue', at: NOW + MINUTE, counts: 'unknowns', error: null })

    await store.removeWatch('12', storm.number, NOW)

    expect(await send(NOW + MINUTE)).toEqual(['news: Times (storm=w,harbour=w)'])
    expect(await send(NOW + MINUTE + DELAY_MS)).toEqual(['edit of 71: Times (harbour=w)'])
  })

  test('what joins while it is on its way is in the edit that follows', async () => {
    const { store, watch, print, claim, send } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    const [first] = await claim()
    await print('Post', 'storm')

    await store.settleMessage(first?.id ?? 0, { kind: 'sent', at: NOW + 5, messageId: '9' }, null)

    expect(await send(NOW + 5 + DELAY_MS)).toEqual(['edit of 9: Times +Post (storm=w)'])
  })

  test('two items of one story in one poll are one alert with the hits of both', async () => {
    const { store, watch, print, send } = await openDesk()
    const [storm, harbour] = [await watch('storm'), await watch('harbour')]
    await print('Times', 'storm')
    const source = await addTestSource(store)

    const result = await ingestPlan(store, source.id, {
      insert: ['a', 'b'].map((id) => ({
        item: readItem({ id, ...WIRE.storm, url: 'https://post.example/storm', publishedAt: NOW }),
        placeMs: NOW,
      })),
      messages: [
        {
          chat: '12',
          singly: 10,
          alerts: [
            { item: { inserted: 0 }, hits: [{ watch: storm, words: ['first'] }] },
            { item: { inserted: 1 }, hits: [storm, harbour].map((each) => ({ watch: each, words: ['second'] })) },
          ],
        },
      ],
    })

    expect(result.alerts).toBe(1)
    expect(await send()).toEqual([expect.stringContaining('(storm=first,harbour=second)')])
  })

  test.each([
    ['so many: each has a message', 3, ['news: Times (w=w)', 'news: Times (w=w)', 'news: Times (w=w)']],
    ['more: they are summed up', 2, ['news: 3: Times (w=w), Times (w=w), Times (w=w)']],
    ['none: they are summed up', 0, ['news: 3: Times (w=w), Times (w=w), Times (w=w)']],
  ])('of new alerts, %s', async (_, singly, expected) => {
    const { watch, print, send } = await openDesk()
    const hit = { watch: await watch('w') }

    expect(await print('Times', ['storm', 'bakers', 'comet'], [hit], { singly })).toMatchObject({ alerts: 3 })

    const said: string[] = []
    for (let i = 0; i < 4; i += 1) said.push(...(await send(NOW + i * GAP_MS)))
    expect(said).toEqual(expected)
  })

  test('what joins an alert does not count for a summary', async () => {
    const { watch, print, send } = await openDesk()
    const hit = { watch: await watch('w') }
    await print('Times', ['storm', 'bakers'], [hit])
    for (let i = 0; i < 2; i += 1) await send(NOW + i * GAP_MS)

    expect(await print('Post', ['storm', 'bakers', 'comet'], [hit], { singly: 1 })).toMatchObject({ alerts: 1 })

    expect(await send(NOW + 2 * GAP_MS)).toEqual(['news: Post (w=w)'])
  })

  test('a summary stays as it was sent', async () => {
    const { watch, print, send, nextAt } = await openDesk()
    const hit = { watch: await watch('w') }
    await print('Times', ['storm', 'bakers'], [hit], { singly: 1 })
    await send()

    await print('Post', 'storm', [hit])

    expect(await nextAt()).toBeNull()
    expect(await send(NOW + HOUR)).toEqual([])
  })

  test('a message that nobody can name is not edited: the terminal has none', async () => {
    const { store, watch, print, claim, nextAt } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm', 'terminal') }])
    const [first] = await claim()
    await store.settleMessage(first?.id ?? 0, { kind: 'sent', at: NOW, messageId: null }, null)

    await print('Post', 'storm')

    expect(await nextAt()).toBeNull()
    expect(await claim(NOW + HOUR)).toEqual([])
  })

  test('after its watch was removed a story may be told to that chat by another', async () => {
    const { store, watch, print, states } = await openDesk()
    const [storm, harbour] = [await watch('storm'), await watch('harbour')]
    await print('Times', 'storm', [{ watch: storm }])
    await store.removeWatch('12', storm.number, NOW)

    expect(await print('Post', 'storm', [{ watch: harbour }])).toMatchObject({ alerts: 1 })

    expect(await states()).toEqual(['Post queued', 'Times cancelled'])
  })
})

describe('edits', () => {
  test('an edit of the item that is told edits the message', async () => {
    const { store, watch, print, send } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    const source = await store.findSource('https://Times.example/feed')
    const { items } = await store.listItems({ limit: 1, now: NOW })
    const place = items[0]?.place ?? 0
    await store.changeSource(source?.id ?? 0, { givenTitle: 'New Times' }, NOW)

    await ingestPlan(store, source?.id ?? 0, { edit: [{ place, item: readItem({ title: 'Storm is over' }) }] })

    expect(await send(NOW + DELAY_MS)).toEqual(['edit of 71: New Times (storm=w)'])
  })

  test('where nothing would look different, none is made', async () => {
    const { store, watch, print, claim, send, nextAt } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    const source = await store.findSource('https://Times.example/feed')
    const place = (await store.listItems({ limit: 1, now: NOW })).items[0]?.place ?? 0
    await ingestPlan(store, source?.id ?? 0, { edit: [{ place, item: readItem({ title: 'Storm is over' }) }] })

    expect(await claim(NOW + DELAY_MS)).toEqual([])
    expect(await nextAt(NOW + DELAY_MS)).toBeNull()
  })

  test('what is edited again and again is edited ever more seldom', async () => {
    const { watch, print, claim, store, nextAt, send } = await openDesk()
    await print('Paper', 'storm', [{ watch: await watch('storm') }])
    await send()

    const waits: number[] = []
    let now = NOW
    for (let i = 0; i < 7; i += 1) {
      await print(`Paper-${i}`, 'storm', [], { now: now + SECOND })
      const at = (await nextAt(now)) ?? 0
      waits.push((at - now) / SECOND)
      now = at
      const [message] = await claim(now)
      expect(message?.firstAttemptAt).toBe(now)
      await store.settleMessage(message?.id ?? 0, { kind: 'sent', at: now, messageId: '71' }, message?.edits)
    }

    expect(waits).toEqual([21, 21, 60, 300, 1_800, 7_200, 7_200])
  })

  test('the first of a chat that is due is the next', async () => {
    const { watch, print, send, nextAt } = await openDesk()
    const hit = { watch: await watch('w') }
    await print('Times', ['storm', 'bakers'], [hit])
    for (let i = 0; i < 2; i += 1) await send(NOW + i * GAP_MS)

    await print('Post', 'storm', [], { now: NOW + 5 * SECOND })
    await print('Post', 'bakers', [], { now: NOW + 9 * SECOND })

    expect(await nextAt(NOW + 9 * SECOND)).toBe(NOW + 5 * SECOND + DELAY_MS)
  })

  test('news go first, and an edit keeps the pace of its chat', async () => {
    const { store, watch, print, claim, send, next } = await openDesk()
    const hit = { watch: await watch('w') }
    await print('Times', 'storm', [hit])
    await send()
    await print('Post', 'storm')
    const due = NOW + DELAY_MS
    await print('Post', ['bakers', 'comet'], [hit], { now: due })

    const [first] = await claim(due)
    expect(first).toMatchObject({ edits: null })
    expect(await next(due)).toBe(due + LEASE_MS)
    await store.settleMessage(first?.id ?? 0, { kind: 'sent', at: due, messageId: '9' }, null)
    expect(await send(due + GAP_MS)).toEqual(['news: Post (w=w)'])
    expect(await send(due + 2 * GAP_MS - 1)).toEqual([])
    expect(await claim(due + 2 * GAP_MS)).toMatchObject([{ edits: '71', unknowns: 0, attempts: 0 }])
  })

  test('an edit on its way holds no news up, and nothing else of its chat is edited before its turn', async () => {
    const { watch, print, claim, send } = await openDesk()
    const hit = { watch: await watch('w') }
    await print('Times', ['storm', 'bakers'], [hit])
    for (let i = 0; i < 2; i += 1) await send(NOW + i * GAP_MS)
    await print('Post', ['storm', 'bakers'], [], { now: NOW + GAP_MS })
    const due = NOW + GAP_MS + DELAY_MS

    expect(await claim(due)).toHaveLength(1)
    expect(await claim(due + GAP_MS - 1)).toEqual([])
    await print('Post', 'comet', [hit], { now: due })
    expect(await send(due + GAP_MS)).toEqual(['news: Post (w=w)'])
    expect(await claim(due + 2 * GAP_MS)).toHaveLength(1)
    expect(await claim(due + 3 * GAP_MS)).toEqual([])
  })

  test('a group and its topics have one pace for edits too: they take turns, and wait together', async () => {
    const { store, watch, print, send, claim } = await openDesk()
    const chats = ['-100/5', '-100', '-100/6']
    const other = await watch('v', '-100/7')
    await print('Times', 'storm', await Promise.all(chats.map(async (chat) => ({ watch: await watch('w', chat) }))))
    for (const i of [0, 1, 2]) await send(NOW + i * GAP_MS)
    await print('Post', 'storm', [], { now: NOW + 2 * GAP_MS })
    const due = NOW + 2 * GAP_MS + DELAY_MS

    const [first, ...others] = await claim(due)
    expect(others).toEqual([])
    await store.settleMessage(first?.id ?? 0, { kind: 'sent', at: due, messageId: '9' }, first?.edits)
    expect(await claim(due + GAP_MS - 2)).toEqual([])
    const [second, ...more] = await claim(due + GAP_MS - 1)
    expect(more).toEqual([])

    const wait = { kind: 'requeue', at: due + MINUTE, counts: null, error: null } as const
    await store.settleMessage(second?.id ?? 0, wait, second?.edits)
    await print('Post', 'comet', [{ watch: other }], { now: due })
    expect(await claim(due + MINUTE - 2)).toEqual([])
    expect(await claim(due + MINUTE - 1)).toHaveLength(1)
  })

  test('none is given to who does not ask for it, and no more than asked for', async () => {
    const { store, watch, print, send, claim } = await openDesk()
    const hits = [{ watch: await watch('w', '1') }, { watch: await watch('w', '2') }, { watch: await watch('w', '3') }]
    await print('Times', 'storm', hits)
    await send()
    await print('Post', 'storm')
    const due = NOW + DELAY_MS

    const options = { now: due, limit: 9, leaseMs: LEASE_MS, kind: 'telegram' as const, gapMs: () => 0, render }
    expect(await store.claimMessages(options)).toEqual({ messages: [], nextAt: null })
    expect(await store.claimMessages({ ...options, kind: 'terminal', edits: 9 })).toEqual({
      messages: [],
      nextAt: null,
    })
    expect(await claim(due, { edits: 2 })).toHaveLength(2)
    expect(await claim(due, { edits: 2, limit: 1 })).toHaveLength(1)
  })

  test('one whose fate is not known is made again, and what came meanwhile is in it', async () => {
    const { store, watch, print, send, claim } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    await print('Post', 'storm')
    const due = NOW + DELAY_MS
    const [first] = await claim(due)
    await print('Echo', 'storm', [], { now: due })

    const settlement = { kind: 'requeue', at: due + 5 * SECOND, counts: 'attempts', error: '502' } as const
    await store.settleMessage(first?.id ?? 0, settlement, first?.edits)

    expect(await claim(due + 5 * SECOND - 1)).toEqual([])
    expect(await claim(due + 5 * SECOND)).toMatchObject([
      { edits: '71', attempts: 1, firstAttemptAt: due, rendered: { ...edit, html: 'Times +Post +Echo (storm=w)' } },
    ])
  })

  test('one whose fate is not known is made again even if it would look the same', async () => {
    const { store, watch, print, send, claim } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    await print('Post', 'storm')
    const [first] = await claim(NOW + DELAY_MS)
    const settlement = { kind: 'requeue', at: NOW + MINUTE, counts: 'attempts', error: '502' } as const
    await store.settleMessage(first?.id ?? 0, settlement, first?.edits)

    expect(await send(NOW + MINUTE)).toEqual(['edit of 71: Times +Post (storm=w)'])
  })

  test('what comes while one is on its way follows it, and never overtakes it', async () => {
    const { store, watch, print, send, claim } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    await print('Post', 'storm')
    const due = NOW + DELAY_MS
    const [first] = await claim(due)
    await print('Echo', 'storm', [], { now: due })
    expect(await claim(due + DELAY_MS)).toEqual([])

    await store.settleMessage(first?.id ?? 0, { kind: 'sent', at: due + MINUTE, messageId: '71' }, first?.edits)

    expect(await send(due + MINUTE + DELAY_MS)).toEqual(['edit of 71: Times +Post +Echo (storm=w)'])
  })

  test('after a crash one is made again when its lease ends, by whatever process', async () => {
    const dataDir = testFolder()
    const { watch, print, send, claim } = await openDesk({ dataDir })
    const other = await openDesk({ dataDir })
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    await print('Post', 'storm')
    const due = NOW + DELAY_MS
    await claim(due)

    await other.store.recover()

    expect(await other.send(due + LEASE_MS - 1)).toEqual([])
    expect(await other.send(due + LEASE_MS)).toEqual(['edit of 71: Times +Post (storm=w)'])
    expect(await claim(due + HOUR)).toEqual([])
  })

  test('one that is refused is given up: the message stays as it was, and the next reason is another edit', async () => {
    const { store, watch, print, send, claim, states, nextAt } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    await print('Post', 'storm')
    const [first] = await claim(NOW + DELAY_MS)

    await store.settleMessage(first?.id ?? 0, { kind: 'parked', error: 'message to edit not found' }, first?.edits)

    expect(await states()).toEqual(['Times sent'])
    expect(await nextAt(NOW + DELAY_MS)).toBeNull()
    expect((await store.status()).alerts).toEqual({ queued: 0, sent: 1, parked: 0 })
    const place = (await store.listAlerts({ limit: 1 }))[0]?.item.place ?? 0
    const edited = { place, item: readItem({ title: 'Storm is over' }) }
    await ingestPlan(store, 1, { edit: [edited] }, { polledAt: NOW + HOUR })
    expect(await send(NOW + 2 * HOUR)).toEqual(['edit of 71: Times +Post (storm=w)'])
  })

  test('edits are no alerts: none is counted, and they are not the last that was told', async () => {
    const { store, watch, print, send } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    await print('Post', 'storm')
    await send(NOW + DELAY_MS)

    expect(await store.status()).toMatchObject({ alerts: { queued: 0, sent: 1, parked: 0 }, lastAlertAt: NOW })
    expect(await store.listAlerts({ limit: 9 })).toMatchObject([{ state: 'sent', sentAt: NOW }])
  })

  test('when Telegram asks to wait, the whole chat waits, and that is no attempt', async () => {
    const { store, watch, print, send, claim } = await openDesk()
    const hit = { watch: await watch('w') }
    await print('Times', 'storm', [hit])
    await send()
    await print('Post', 'storm')
    const due = NOW + DELAY_MS
    const [first] = await claim(due)

    const settlement = { kind: 'requeue', at: due + MINUTE, counts: null, error: null } as const
    await store.settleMessage(first?.id ?? 0, settlement, first?.edits)
    await print('Post', 'comet', [hit], { now: due })

    expect(await send(due + MINUTE - 1)).toEqual([])
    expect(await send(due + MINUTE)).toEqual(['news: Post (w=w)'])
    expect(await claim(due + MINUTE + GAP_MS)).toMatchObject([{ edits: '71', attempts: 0 }])
  })

  test('a chat that is gone is edited when it is back, and that is no further attempt', async () => {
    const { store, watch, print, send, claim, nextAt } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    await print('Post', 'storm')
    const due = NOW + DELAY_MS
    const [first] = await claim(due)

    await store.settleMessage(first?.id ?? 0, { kind: 'gone', at: due, reason: 'blocked' }, first?.edits)
    expect(await store.findChat('12')).toMatchObject({ state: 'gone', goneReason: 'blocked' })
    expect(await nextAt(due + HOUR)).toBeNull()
    expect(await claim(due + HOUR)).toEqual([])

    await store.reviveChat('12')
    const later = due + 71 * HOUR
    expect(await claim(later)).toMatchObject([{ edits: '71', attempts: 0, firstAttemptAt: later }])
  })

  test('a chat that is back after weeks is not shown its old messages anew', async () => {
    const { store, watch, print, send, claim, nextAt } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    await print('Post', 'storm')
    const [first] = await claim(NOW + DELAY_MS)
    await store.settleMessage(first?.id ?? 0, { kind: 'gone', at: NOW + MINUTE, reason: 'blocked' }, first?.edits)

    await store.reviveChat('12')

    expect(await send(NOW + 20 * DAY)).toEqual([])
    expect(await nextAt(NOW + 20 * DAY)).toBeNull()
  })

  test('72 hours after it was sent a message stays as it is', async () => {
    const { watch, print, send, nextAt } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()

    await print('Post', 'storm', [], { now: NOW + 3 * DAY - MINUTE })
    expect(await send(NOW + 3 * DAY - DELAY_MS)).toEqual(['edit of 71: Times +Post (storm=w)'])
    await print('Echo', 'storm', [], { now: NOW + 3 * DAY })

    expect(await nextAt(NOW + 3 * DAY)).toBeNull()
    expect(await send(NOW + 4 * DAY)).toEqual([])
  })

  test('after ten edits a message stays as it is', async () => {
    const { watch, print, send, nextAt } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()

    const said: string[] = []
    for (let i = 1; i <= 12; i += 1) {
      await print(`Paper-${i}`, 'storm', [], { now: NOW + i * 3 * HOUR })
      said.push(...(await send(NOW + i * 3 * HOUR + DELAY_MS)))
    }

    expect(said).toHaveLength(10)
    expect(said.at(-1)).toContain('+Paper-10 (')
    expect(await nextAt(NOW + 2 * DAY)).toBeNull()
  })

  test('what is on its way for the tenth time is the last, whatever comes meanwhile', async () => {
    const { store, watch, print, send, claim } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    for (let i = 1; i <= 9; i += 1) {
      await print(`Paper-${i}`, 'storm', [], { now: NOW + i * 3 * HOUR })
      await send(NOW + i * 3 * HOUR + DELAY_MS)
    }
    const now = NOW + 30 * HOUR
    await print('Post', 'storm', [], { now })
    const [tenth] = await claim(now + DELAY_MS)
    await print('Echo', 'storm', [], { now: now + DELAY_MS })

    await store.settleMessage(tenth?.id ?? 0, { kind: 'sent', at: now + MINUTE, messageId: '71' }, tenth?.edits)

    expect(tenth?.edits).toBe('71')
    expect(await send(now + DAY)).toEqual([])
  })

  test('that an item was edited, and nothing else, is not worth an edit', async () => {
    const { store, watch, print } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    const claim = async (now: number) => {
      const options = { now, limit: 9, leaseMs: LEASE_MS, kind: 'telegram' as const, gapMs: () => GAP_MS }
      return (await store.claimMessages({ ...options, edits: 9, render: renderAlert })).messages
    }
    const [message] = await claim(NOW)
    await store.settleMessage(message?.id ?? 0, { kind: 'sent', at: NOW, messageId: '71' }, null)
    const place = (await store.listItems({ limit: 1, now: NOW })).items[0]?.place ?? 0
    const url = message?.rendered.openUrl ?? ''
    const revise = (given: Partial<ReadItem>, now: number) => {
      const item = { ...readItem({ ...WIRE.storm, publishedAt: NOW }), url, ...given }
      return ingestPlan(store, 1, { edit: [{ place, item }] }, { polledAt: now })
    }

    await revise({ content: '<p>The same text in other markup.</p>' }, NOW + MINUTE)
    expect(await claim(NOW + MINUTE + DELAY_MS)).toEqual([])
    // The same address, with what says where the reader came from.
    await revise({ content: '<p>In yet another.</p>', url: `${url}?utm_campaign=2` }, NOW + 2 * MINUTE)
    expect(await claim(NOW + 2 * MINUTE + DELAY_MS)).toEqual([])
    await revise({ url: url.replace('https:', 'http:') }, NOW + 3 * MINUTE)
    expect(await claim(NOW + 3 * MINUTE + DELAY_MS)).toEqual([])
    const elsewhere = `${url}-corrected`
    await revise({ url: elsewhere }, NOW + 4 * MINUTE)
    const [moved] = await claim(NOW + 4 * MINUTE + DELAY_MS)
    expect(moved).toMatchObject({ edits: '71', rendered: { openUrl: elsewhere } })
    await store.settleMessage(moved?.id ?? 0, { kind: 'sent', at: NOW + 5 * MINUTE, messageId: '71' }, '71')
    await revise({ title: 'Storm closes two harbours' }, NOW + HOUR)

    const [shown] = await claim(NOW + HOUR + DELAY_MS)
    expect(shown).toMatchObject({ edits: '71' })
    expect(shown?.rendered.html).toContain('Storm closes two harbours')
    expect(shown?.rendered.html).toContain(`edited <tg-time unix="${(NOW + HOUR) / 1000}"`)
    await store.settleMessage(shown?.id ?? 0, { kind: 'sent', at: NOW + HOUR + MINUTE, messageId: '71' }, '71')
    await revise({ title: 'Storm closes two harbours', text: 'Nothing moves.' }, NOW + DAY)
    expect((await claim(NOW + 2 * DAY))[0]?.rendered.html).toContain('Nothing moves.')
  })

  test.each([
    ['soon after it was sent, soon', MINUTE, DELAY_MS],
    ['an hour after it was sent, in a quarter of an hour', HOUR, 15 * MINUTE],
    ['a day after it was sent, in two hours', DAY, 2 * HOUR],
  ])('where there was nothing to show, what comes next is shown: %s', async (_, age, waitMs) => {
    const { store, watch, print, claim, send, nextAt } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    const place = (await store.listItems({ limit: 1, now: NOW })).items[0]?.place ?? 0
    const item = readItem({ ...WIRE.storm, title: `${WIRE.storm.title}!` })
    await ingestPlan(store, 1, { edit: [{ place, item }] }, { polledAt: NOW + age - DELAY_MS })
    expect(await claim(NOW + age)).toEqual([])

    await print('Post', 'storm', [], { now: NOW + age })

    expect(await nextAt(NOW + age)).toBe(NOW + age + waitMs)
  })

  test('what more a paper brings of a story that it carries already is no reason for an edit', async () => {
    const { watch, print, send, nextAt } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()
    await print('Post', 'storm')
    await send(NOW + DELAY_MS)

    await print('Times', 'storm', [], { now: NOW + HOUR })
    await print('Post', 'storm', [], { now: NOW + HOUR })
    expect(await nextAt(NOW + HOUR)).toBeNull()
    await print('Echo', ['storm', 'storm'], [], { now: NOW + HOUR })

    expect(await nextAt(NOW + HOUR)).toBe(NOW + HOUR + DELAY_MS)
  })

  test('in a chat that moved, what was sent has another number: it is not edited, and not found by the old one', async () => {
    const { store, watch, print, send, claim } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm', '-5') }])
    await send()
    await print('Post', 'storm')
    const [first] = await claim(NOW + DELAY_MS)

    await store.settleMessage(first?.id ?? 0, { kind: 'moved', chat: '-1005' }, first?.edits)
    await print('Times', 'bakers', [{ watch: await watch('bakers', '-1005') }])
    expect(await send(NOW)).toEqual(['news: Times (bakers=w)'])
    await print('Echo', ['storm', 'bakers'], [], { now: NOW + HOUR })

    expect(await claim(NOW + 9 * HOUR)).toMatchObject([{ edits: '72' }])
    expect(await claim(NOW + 9 * HOUR + GAP_MS)).toEqual([])
    expect(await store.findAlert({ chat: '-1005', messageId: '71' })).toBeUndefined()
    expect(await store.findAlertOfStory('-1005', NOW * 1000)).toMatchObject({ state: 'sent' })
  })

  test('a settlement that comes too late changes nothing', async () => {
    const { store, watch, print, send, claim, states } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()

    await store.settleMessage(1, { kind: 'parked', error: 'x' }, '71')
    await store.settleMessage(1, { kind: 'requeue', at: NOW, counts: 'attempts', error: null }, '71')
    expect(await states()).toEqual(['Times sent'])
    expect(await claim(NOW + HOUR)).toEqual([])

    await print('Post', 'storm', [], { now: NOW + HOUR })
    await claim(NOW + 2 * HOUR)
    await store.settleMessage(1, { kind: 'sent', at: NOW + 2 * HOUR, messageId: '99' }, '99')
    expect(await send(NOW + 3 * HOUR)).toEqual(['edit of 71: Times +Post (storm=w)'])
  })
})

describe('alerts that wait for more publishers', () => {
  test('an alert waits until so many carry its story, whether they match or not, and is told then', async () => {
    const { watch, print, send, states, store } = await openDesk()
    const hit = { watch: await watch('storm sources>=3'), waitsFor: 3 }

    expect(await print('Times', 'storm', [hit])).toMatchObject({ alerts: 0 })
    await print('Post', 'storm')
    expect(await states()).toEqual(['Times waiting'])
    expect(await store.listAlerts({ limit: 1 })).toMatchObject([{ hits: [{ waitsFor: 3 }] }])
    expect(await send()).toEqual([])
    await print('Echo', 'storm')

    expect(await states()).toEqual(['Times queued'])
    expect(await send()).toEqual(['news: Times +Post +Echo (storm sources>=3=w)'])
    expect((await store.listAlerts({ limit: 1 }))[0]?.hits[0]).not.toHaveProperty('waitsFor')
  })

  test('one publisher counts once, however many of its sites and sources carry the story', async () => {
    const { watch, print, states } = await openDesk()
    const hit = { watch: await watch('storm sources>=2'), waitsFor: 2 }
    await print('Times', 'storm', [hit])

    await print('Times-feed-two', 'storm', [hit], { site: 'www.times' })
    expect(await states()).toEqual(['Times waiting'])

    await print('Post', 'storm', [], { quiet: true })
    expect(await states()).toEqual(['Times queued'])
  })

  test('where so many carry it already nothing waits', async () => {
    const { watch, print, states } = await openDesk()
    await print('Times', 'storm')
    await print('Post', 'storm')

    expect(await print('Echo', 'storm', [{ watch: await watch('s'), waitsFor: 3 }])).toMatchObject({ alerts: 1 })

    expect(await states()).toEqual(['Echo queued'])
  })

  test('a watch that waits for nothing makes the alert be told at once; the one that waits is named when its time comes', async () => {
    const { watch, print, send, states } = await openDesk()
    const [patient, eager] = [await watch('patient'), await watch('eager')]
    await print('Times', 'storm', [{ watch: patient, waitsFor: 3 }])

    expect(await print('Post', 'storm', [{ watch: eager }])).toMatchObject({ alerts: 1 })
    expect(await states()).toEqual(['Times queued'])
    expect(await send()).toEqual(['news: Times +Post (eager=w)'])
    await print('Echo', 'storm')

    expect(await send(NOW + DELAY_MS)).toEqual(['edit of 71: Times +Post +Echo (patient=w,eager=w)'])
  })

  test('alerts that wait do not count for a summary', async () => {
    const { watch, print, send } = await openDesk()
    const [patient, eager] = [await watch('patient'), await watch('eager')]
    await print('Times', 'bakers', [{ watch: patient, waitsFor: 2 }])

    await print('Times', ['storm', 'comet'], [{ watch: patient, waitsFor: 2 }])
    await print('Post', ['comet'], [{ watch: eager }], { singly: 1 })

    expect(await send()).toEqual(['news: Times +Post (patient=w,eager=w)'])
    expect(await send(NOW + HOUR)).toEqual([])
  })

  test('whoever only waits was not told of the story', async () => {
    const { store, watch, print } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('s'), waitsFor: 3 }])
    const source = await addTestSource(store)

    await ingestPlan(store, source.id, (known) => {
      expect(known.isAlerted('12', NOW * 1000)).toBe(false)
      return {}
    })
  })

  test('each chat waits for its own number', async () => {
    const { watch, print, send } = await openDesk()
    const hits = [2, 3].map(async (n) => ({ watch: await watch(`w sources>=${n}`, String(n)), waitsFor: n }))
    await print('Times', 'storm', await Promise.all(hits))

    await print('Post', 'storm')
    expect(await send()).toEqual(['news: Times +Post (w sources>=2=w)'])
    await print('Echo', 'storm')
    expect(await send()).toEqual(['news: Times +Post +Echo (w sources>=3=w)'])
  })

  test('a removed watch takes back what waits; what nothing else called is cancelled', async () => {
    const { store, watch, print, states } = await openDesk()
    const [one, two] = [await watch('one'), await watch('two')]
    await print(
      'Times',
      'storm',
      [one, two].map((each) => ({ watch: each, waitsFor: 2 })),
    )

    await store.removeWatch('12', one.number, NOW)
    expect(await states()).toEqual(['Times waiting'])
    await store.removeWatch('12', two.number, NOW)
    expect(await states()).toEqual(['Times cancelled'])

    await print('Post', 'storm')
    expect(await states()).toEqual(['Times cancelled'])
  })

  test('an alert that is left with what waits goes back to waiting, if it was not sent yet', async () => {
    const { store, watch, print, send, states, nextAt } = await openDesk()
    const [eager, patient] = [await watch('eager'), await watch('patient')]
    await print('Times', 'storm', [{ watch: eager }, { watch: patient, waitsFor: 2 }])

    await store.removeWatch('12', eager.number, NOW)

    expect(await states()).toEqual(['Times waiting'])
    expect(await send()).toEqual([])
    expect(await nextAt()).toBeNull()
    expect((await store.status()).alerts).toEqual({ queued: 0, sent: 0, parked: 0 })
    await print('Post', 'storm')
    expect(await send()).toEqual(['news: Times +Post (patient=w)'])
  })

  test('in a summary that was not sent yet, what is left waiting is told no more', async () => {
    const { store, watch, print, send } = await openDesk()
    const [eager, patient, both] = [await watch('eager'), await watch('patient'), await watch('both')]
    await print('Times', 'storm', [{ watch: patient, waitsFor: 2 }])
    await print('Post', 'bakers', [{ watch: patient, waitsFor: 9 }])
    await print('Echo', ['bakers', 'comet'], [{ watch: eager }], { singly: 1 })
    await print('Echo', 'comet', [{ watch: both }])

    await store.removeWatch('12', eager.number, NOW)

    expect(await send()).toEqual(['news: Echo +Echo (both=w)'])
  })

  test('a removed watch that waits in an alert that was sent is never named', async () => {
    const { store, watch, print, send } = await openDesk()
    const [eager, patient] = [await watch('eager'), await watch('patient')]
    await print('Times', 'storm', [{ watch: eager }, { watch: patient, waitsFor: 2 }])
    await send()

    await store.removeWatch('12', patient.number, NOW)
    await print('Post', 'storm')

    expect(await send(NOW + DELAY_MS)).toEqual(['edit of 71: Times +Post (eager=w)'])
  })

  test('it is taken back when its story has left the window of 72 hours, by the newest item of it', async () => {
    const { store, watch, print, states } = await openDesk()
    const hit = { watch: await watch('s'), waitsFor: 9 }
    await print('Times', 'storm', [hit], { publishedAt: NOW - HOUR })
    await print('Post', 'bakers', [hit])
    await print('Echo', 'bakers', [], { publishedAt: NOW + 9 * HOUR, now: NOW + HOUR })

    expect(await store.cancelStaleAlerts(NOW + 71 * HOUR)).toBe(0)
    expect(await store.cancelStaleAlerts(NOW + 71 * HOUR + 1)).toBe(1)
    expect(await states()).toEqual(['Post waiting', 'Times cancelled'])
    expect(await store.cancelStaleAlerts(NOW + 73 * HOUR)).toBe(0)
    expect(await store.cancelStaleAlerts(NOW + 73 * HOUR + 1)).toBe(1)
  })

  test('what a paper brings elsewhere sets alerts free, though it carries the story already', async () => {
    const { watch, print, send } = await openDesk()
    await print('Aggregator', 'storm', [{ watch: await watch('s'), waitsFor: 2 }], { site: 'times' })

    await print('Aggregator', 'storm', [], { site: 'post' })

    expect(await send()).toEqual([expect.stringMatching(/^news: Aggregator .*\(s=w\)$/)])
  })

  test('of a story in two chats that become one, what was sent stays, then what waits for nothing', async () => {
    const { store, watch, print, claim, states } = await openDesk()
    const [oldOne, newOne] = [await watch('old', '-5'), await watch('new', '-1005')]
    await print('Times', 'storm', [{ watch: newOne, waitsFor: 9 }])
    await print('Post', 'storm', [{ watch: oldOne }])
    await print('Times', 'bakers', [{ watch: oldOne, waitsFor: 9 }])
    await print('Post', 'bakers', [{ watch: newOne, waitsFor: 8 }])
    const [message] = await claim()

    await store.settleMessage(message?.id ?? 0, { kind: 'moved', chat: '-1005' }, null)

    expect(await states()).toEqual(['Post waiting', 'Times cancelled', 'Post queued', 'Times cancelled'])
  })
})

describe('finding an alert', () => {
  test('by its number, by the message that tells it, and by its story', async () => {
    const { store, watch, print, send } = await openDesk()
    const storm = await watch('storm')
    await print('Times', 'storm', [{ watch: storm }])
    await send()
    await print('Post', 'storm')
    const [listed] = await store.listAlerts({ limit: 1 })

    expect(listed).toMatchObject({
      state: 'sent',
      item: { calledBy: ['storm'], related: [{ source: { title: 'Post' } }] },
    })
    expect(await store.findAlert({ id: listed?.id ?? 0 })).toEqual(listed)
    expect(await store.findAlert({ chat: '12', messageId: '71' })).toEqual(listed)
    expect(await store.findAlertOfStory('12', listed?.story ?? 0)).toEqual(listed)
  })

  test('what is not there is not found', async () => {
    const { store, watch, print, send } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await send()

    expect(await store.findAlert({ id: 99 })).toBeUndefined()
    expect(await store.findAlert({ chat: '12', messageId: '72' })).toBeUndefined()
    expect(await store.findAlert({ chat: '13', messageId: '71' })).toBeUndefined()
    expect(await store.findAlertOfStory('13', NOW * 1000)).toBeUndefined()
    expect(await store.findAlertOfStory('12', NOW * 1000 + 1)).toBeUndefined()
  })

  test('the message of a summary leads to the newest that it tells, which says how many others there are', async () => {
    const { store, watch, print, send } = await openDesk()
    await print('Times', ['storm', 'bakers'], [{ watch: await watch('w') }], { singly: 1 })
    await send()

    const newest = { item: { title: WIRE.bakers.title }, beside: 1 }
    expect(await store.findAlert({ chat: '12', messageId: '71' })).toMatchObject(newest)
  })

  test('of a story that was called off and told after all, the one that stands comes first; else the last', async () => {
    const { store, watch, print } = await openDesk()
    const [one, two, three] = [await watch('one'), await watch('two'), await watch('three')]
    await print('Times', 'storm', [{ watch: one }])
    await store.removeWatch('12', one.number, NOW)
    await print('Post', 'storm', [{ watch: two }])
    await store.removeWatch('12', two.number, NOW)
    const story = NOW * 1000
    expect(await store.findAlertOfStory('12', story)).toMatchObject({
      state: 'cancelled',
      item: { source: { title: 'Post' } },
      hits: [{ watch: { query: 'two' } }],
    })

    await print('Echo', 'storm', [{ watch: three }])
    expect(await store.findAlertOfStory('12', story)).toMatchObject({ state: 'queued', story })
  })
})

describe('whatever happens on the way', () => {
  test.each([1, 3, 5, 6])('in the end each message says what there is to say (%i)', async (seed) => {
    const { store, watch, print } = await openDesk()
    const below = createRandom(seed)
    const pick = <T>(values: T[]): T | undefined => values[below(values.length)]
    const stories = Object.keys(WIRE) as Story[] // Its own keys.
    /** What people see, by chat and number. */
    const screen = new Map<string, string>()
    const onTheWay: OutboxMessage[] = []
    const watches: Watch[] = []
    const calls = { news: 0, edits: 0 }
    let now = NOW

    for (let i = 0; i < 120; i += 1) {
      now += below(40) * SECOND
      switch (below(6)) {
        case 0:
          watches.push(await watch(`w${i}`, pick(['12', '34', '-5'])))
          break
        case 1: {
          const gone = below(5) === 0 ? watches.splice(below(watches.length), 1)[0] : undefined
          if (gone) await store.removeWatch(gone.chat, gone.number, now)
          break
        }
        case 2: {
          const hits = watches
            .filter(() => below(3) === 0)
            .map((each) => ({ watch: each, ...(each.id % 3 === 0 && { waitsFor: 2 + (each.id % 4) }) }))
          await print(`Paper-${i}`, pick([...stories, stories]) ?? [], hits, { now, singly: below(2) * 9 })
          break
        }
        case 3:
          if (below(4) === 0) now += LEASE_MS + GAP_MS
          onTheWay.push(...(await look(now)))
          break
        default:
          await arrive(onTheWay.splice(below(onTheWay.length), 1)[0], below(8))
      }
    }
    for (const message of onTheWay.splice(0)) await arrive(message, 0)
    for (let i = 0; i < 400; i += 1) {
      now += 5 * MINUTE
      for (const message of await look(now)) await arrive(message, 0)
    }

    let seen = 0
    for (const [key, text] of screen) {
      const [chat = '', messageId = ''] = key.split(' ')
      const alert = await store.findAlert({ chat, messageId })
      // What arrived without our knowing, and was sent again.
      if (alert?.state !== 'sent' || /^\d+: /.test(text)) continue
      const hits = alert.hits.filter(({ waitsFor }) => waitsFor === undefined)
      expect(`${key}: ${text}`).toBe(`${key}: ${render([{ ...alert, hits }], 1).html}`)
      seen += 1
    }
    expect(seen).toBeGreaterThan(0)
    expect(calls.edits).toBeGreaterThan(0)
    const told = (await store.listAlerts({ limit: 999 })).filter(({ state }) => state !== 'cancelled')
    expect(new Set(told.map(({ chat, story }) => `${chat} ${story}`)).size).toBe(told.length)
    const parked = told.filter(({ state }) => state === 'parked').length
    expect((await store.status()).alerts).toMatchObject({ queued: 0, parked })

    async function look(at: number): Promise<OutboxMessage[]> {
      const { messages } = await store.claimMessages({
        now: at,
        limit: 4,
        leaseMs: LEASE_MS,
        kind: 'telegram',
        gapMs: () => GAP_MS,
        render,
        edits: 2,
      })
      for (const { chat, edits } of messages) {
        const others = onTheWay.filter((other) => other.chat.id === chat.id && other.edits === edits)
        // Their leases have run out: they will never arrive.
        for (const other of others) onTheWay.splice(onTheWay.indexOf(other), 1)
      }
      return messages
    }

    /** 0 to 2: it arrives; 3: it arrives unknown to us; 4, 5: it does not; 6: we crash before we know; 7: news are given up. */
    async function arrive(message: OutboxMessage | undefined, fate: number): Promise<void> {
      if (!message) return
      const { id, chat, rendered, edits } = message
      calls[edits === null ? 'news' : 'edits'] += 1
      const messageId = edits ?? `${calls.news}`
      if (fate <= 3 || fate === 6) screen.set(`${chat.id} ${messageId}`, rendered.html)
      if (fate === 6) return
      if (fate <= 2) await store.settleMessage(id, { kind: 'sent', at: now, messageId }, edits)
      else if (fate === 7 && edits === null) await store.settleMessage(id, { kind: 'parked', error: 'refused' }, edits)
      else {
        const counts = fate === 3 && edits === null ? 'unknowns' : fate === 5 ? null : 'attempts'
        const settlement = { kind: 'requeue', at: now + below(60) * SECOND, counts, error: null } as const
        await store.settleMessage(id, settlement, edits)
      }
    }
  })
})

test('an item that stands for its story was called by what another item of it called', async () => {
  const { store, watch, print } = await openDesk()
  await print('Times', 'storm')
  await print('Post', 'storm', [{ watch: await watch('storm') }])

  const called = async (options: { stories?: true }) =>
    (await store.listItems({ limit: 9, now: NOW, ...options })).items.map(({ source, calledBy }) => [
      source.title,
      calledBy,
    ])

  expect(await called({ stories: true })).toEqual([['Times', ['storm']]])
  expect(await called({})).toEqual([
    ['Post', ['storm']],
    ['Times', []],
  ])
})
