import { describe, expect, test } from 'vitest'
import { openDriver } from '../../../src/db/sqlite/binding.ts'
import type { Settlement } from '../../../src/ports.ts'
import { readItem } from '../../support/items.ts'
import { type Newsdesk, newsdesk } from '../../support/newsdesk.ts'
import { addTestSource, ingestPlan, NOW, testFolder } from '../../support/store.ts'
import { DAY, DELAY_MS, GAP_MS, HOUR, LEASE_MS, MINUTE, openDesk } from '../../support/story-desk.ts'

describe('how many messages a poll makes of what it sets free', () => {
  const print = (paper: string, count: number, text = 'harbour') =>
    Array.from({ length: count }, (_, n) => {
      const title = `Minister Alda${n} opens ${text} bridge number ${n * 37 + 11} in Tarvik${n} city`
      return readItem({ url: `https://${paper}.test/${text}/${n}`, title, publishedAt: NOW })
    })
  /** Of how many alerts each message is that is due. */
  const sizes = async (desk: Newsdesk) => {
    const found: number[] = []
    for (let before = -1; before < found.length; ) {
      before = found.length
      await desk.settle(({ id, rendered }) => {
        found.push(Number(/ — (\d+) new/.exec(rendered.html)?.[1] ?? 1))
        return { kind: 'sent', at: desk.now(), messageId: `${id}` }
      })
    }
    return found
  }

  test.each([
    ['ten are ten', 10, Array(10).fill(1)],
    ['more are one', 11, [11]],
    ['a flood is one', 60, [60]],
  ])('%s', async (_, count, expected) => {
    const desk = await newsdesk()
    const [a, b] = [await desk.source('a'), await desk.source('b')]
    await desk.watch('harbour sources>=2')
    await desk.publish(a, ...print('a', count))
    expect(await sizes(desk)).toEqual([])

    await desk.publish(b, ...print('b', count))

    expect(await sizes(desk)).toEqual(expected)
  })

  test.each([
    ['ten in all', 4, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    ['more than ten in all', 5, [1, 1, 1, 1, 1, 1, 5]],
  ])('what the same poll tells that chat anyway counts: %s', async (_, waiting, expected) => {
    const desk = await newsdesk()
    const [a, b] = [await desk.source('a'), await desk.source('b')]
    await desk.watch('harbour sources>=2')
    await desk.watch('ferry')
    await desk.publish(a, ...print('a', waiting))

    await desk.publish(b, ...print('b', 6, 'ferry'), ...print('b', waiting))

    expect(await sizes(desk)).toEqual(expected)
  })

  test('each chat has a count of its own', async () => {
    const desk = await newsdesk()
    const [a, b] = [await desk.source('a'), await desk.source('b')]
    await desk.watch('harbour sources>=2', '12')
    await desk.watch('Alda1 sources>=2', '34')
    await desk.publish(a, ...print('a', 11))

    await desk.publish(b, ...print('b', 11))

    expect((await sizes(desk)).sort((one, other) => one - other)).toEqual([1, 11])
  })

  test('a baseline sets free what waits, by one message', async () => {
    const desk = await newsdesk()
    const a = await desk.source('a')
    await desk.watch('harbour sources>=2')
    await desk.publish(a, ...print('a', 3))
    const b = await addTestSource(desk.store, { url: 'https://b.test/feed', givenTitle: 'b' })

    await desk.publish(b, ...print('b', 3))

    expect(await sizes(desk)).toEqual([3])
  })
})

describe('a story whose message was given up', () => {
  const parked = { kind: 'parked', error: 'no answer, three times' } as const

  test('is told when another paper has it for the same watch', async () => {
    const { store, watch, print, claim, send, states } = await openDesk()
    const storm = await watch('storm')
    await print('Times', 'storm', [{ watch: storm }])
    for (const { id } of await claim()) await store.settleMessage(id, parked, null)
    expect(await store.status()).toMatchObject({ alerts: { queued: 0, sent: 0, parked: 1 } })

    expect(await print('Post', 'storm', [{ watch: storm }])).toMatchObject({ alerts: 1 })

    expect(await states()).toEqual(['Times queued'])
    expect(await store.status()).toMatchObject({ alerts: { queued: 1, sent: 0, parked: 0 } })
    expect(await store.listParkedNotices(9)).toEqual([])
    expect(await send(NOW + GAP_MS)).toEqual(['news: Times +Post (storm=w)'])
    expect(await store.status()).toMatchObject({ alerts: { queued: 0, sent: 1, parked: 0 } })
    expect((await store.listAlerts({ limit: 9 }))[0]).not.toHaveProperty('trouble')
  })

  test('is told when another watch finds it; one that was removed is not named', async () => {
    const { store, watch, print, claim, send } = await openDesk()
    const [storm, gusts, harbour] = [await watch('storm'), await watch('gusts'), await watch('harbour')]
    await print('Times', 'storm', [{ watch: storm }, { watch: gusts }])
    for (const { id } of await claim()) await store.settleMessage(id, parked, null)
    await store.removeWatch('12', gusts.number, NOW)

    await print('Post', 'storm', [{ watch: harbour }])

    expect(await send(NOW + GAP_MS)).toEqual(['news: Times +Post (storm=w,harbour=w)'])
  })

  test('is told when what waited for more publishers has them, and not before', async () => {
    const { store, watch, print, claim, send, states } = await openDesk()
    const [storm, patient] = [await watch('storm'), await watch('patient')]
    await print('Times', 'storm', [{ watch: storm }, { watch: patient, waitsFor: 3 }])
    for (const { id } of await claim()) await store.settleMessage(id, parked, null)

    expect(await print('Post', 'storm', [{ watch: patient, waitsFor: 3 }])).toMatchObject({ alerts: 0 })
    expect(await states()).toEqual(['Times parked'])
    expect(await print('Echo', 'storm')).toMatchObject({ alerts: 1 })

    expect(await send(NOW + GAP_MS)).toEqual(['news: Times +Post +Echo (storm=w,patient=w)'])
  })

  test('stays as it is while nobody is called for it', async () => {
    const { store, watch, print, claim, states } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    for (const { id } of await claim()) await store.settleMessage(id, parked, null)

    await print('Post', 'storm')

    expect(await states()).toEqual(['Times parked'])
    expect(await claim(NOW + HOUR)).toEqual([])
  })

  test('in a summary is told alone: the others stay where they are', async () => {
    const { store, watch, print, claim, send, states } = await openDesk()
    const hit = { watch: await watch('w') }
    await print('Times', ['storm', 'bakers', 'comet'], [hit], { singly: 1 })
    for (const { id } of await claim()) await store.settleMessage(id, parked, null)

    await print('Post', 'bakers', [hit])

    expect(await store.status()).toMatchObject({ alerts: { queued: 1, sent: 0, parked: 2 } })
    expect(await states()).toEqual(['Times parked', 'Times queued', 'Times parked'])
    expect(await send(NOW + GAP_MS)).toEqual(['news: Times +Post (w=w)'])
  })

  test('was not told: an edit of its item may call', async () => {
    const { store, watch, print, claim } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    const isAlerted: boolean[] = []
    const look = () =>
      ingestPlan(store, 1, (known) => {
        isAlerted.push(known.isAlerted('12', NOW * 1000))
        return {}
      })

    await look()
    for (const { id } of await claim()) await store.settleMessage(id, parked, null)
    await look()

    expect(isAlerted).toEqual([true, false])
  })

  test('gives way to one that is to be told, where two chats become one', async () => {
    const { store, watch, print, claim, states } = await openDesk()
    const [oldOne, newOne] = [await watch('old', '-5'), await watch('new', '-1005')]
    await print('Times', 'storm', [{ watch: newOne }])
    for (const { id } of await claim()) await store.settleMessage(id, parked, null)
    await print('Post', 'storm', [{ watch: oldOne }])
    const [message] = await claim(NOW + GAP_MS)

    await store.settleMessage(message?.id ?? 0, { kind: 'moved', chat: '-1005' }, null)

    expect(await states()).toEqual(['Post queued', 'Times cancelled'])
    expect(await store.status()).toMatchObject({ alerts: { queued: 1, sent: 0, parked: 0 } })
  })
})

describe('an alert whose item was pruned', () => {
  /** A desk, and a way to lose the items of a paper. */
  async function openShredder() {
    const dataDir = testFolder()
    const desk = await openDesk({ dataDir })
    const lose = (paper: string) => {
      const driver = openDriver(`${dataDir}/crier.db`)
      const { changes } = driver
        .prepare('DELETE FROM items WHERE source_id = (SELECT id FROM sources WHERE given_title = ?)')
        .run(paper)
      driver.close()
      expect(changes).toBeGreaterThan(0)
    }
    return { ...desk, lose }
  }

  test('is told by another item of its story', async () => {
    const { watch, print, send, states, lose } = await openShredder()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await print('Post', 'storm')
    await print('Echo', 'storm')
    lose('Times')

    expect(await send()).toEqual(['news: Post +Echo (storm=w)'])
    expect(await states()).toEqual(['Post sent'])
  })

  test('is told so too when it waited until then', async () => {
    const { watch, print, send, lose } = await openShredder()
    await print('Times', 'storm', [{ watch: await watch('storm'), waitsFor: 2 }])
    await print('Times-Two', 'storm', [], { site: 'times' })
    lose('Times')

    await print('Post', 'storm')

    expect(await send()).toEqual(['news: Times-Two +Post (storm=w)'])
  })

  test('is called off where nothing is left of its story, and holds nobody up', async () => {
    const { store, watch, print, send, claim, nextAt, lose } = await openShredder()
    const hit = { watch: await watch('w') }
    await print('Times', 'storm', [hit])
    await print('Post', 'bakers', [hit])
    lose('Times')

    expect(await claim()).toEqual([])
    expect(await send()).toEqual(['news: Post (w=w)'])

    expect(await nextAt(NOW + MINUTE)).toBeNull()
    expect(await store.status()).toMatchObject({ alerts: { queued: 0, sent: 1, parked: 0 } })
  })

  test('does not count for a summary', async () => {
    const { store, watch, print, send, lose } = await openShredder()
    const hit = { watch: await watch('w') }
    const other = { watch: await watch('v') }
    await print('Times', 'storm', [
      { ...hit, waitsFor: 2 },
      { ...other, waitsFor: 2 },
    ])
    await print('Times', 'bakers', [{ ...hit, waitsFor: 9 }])
    await print('Post', ['bakers', 'comet'], [hit], { singly: 0 })
    lose('Times')
    lose('Post')
    await print('Echo', 'comet')

    expect(await send()).toEqual(['news: Echo (w=w)'])
    expect(await store.status()).toMatchObject({ alerts: { queued: 0, sent: 1, parked: 0 } })
  })
})

describe('a clock that was ahead for a while', () => {
  const AHEAD = NOW + 30 * DAY

  test('silences no chat', async () => {
    const { watch, print, send } = await openDesk()
    const hit = { watch: await watch('w') }
    await print('Times', 'storm', [hit], { now: AHEAD })
    await send(AHEAD)

    await print('Post', ['bakers', 'comet'], [hit])

    expect(await send()).toEqual(['news: Post (w=w)'])
    expect(await send(NOW + GAP_MS)).toEqual(['news: Post (w=w)'])
  })

  test('puts no edit off', async () => {
    const { watch, print, send } = await openDesk()
    // Within the window of the story.
    const ahead = NOW + 2 * DAY
    await print('Times', 'storm', [{ watch: await watch('storm') }], { now: ahead })
    await send(ahead)
    await print('Post', 'storm', [], { now: ahead })

    expect(await send(NOW)).toEqual(['edit of 71: Times +Post (storm=w)'])
    await print('Echo', 'storm', [], { now: NOW + MINUTE })
    expect(await send(NOW + MINUTE + DELAY_MS)).toEqual(['edit of 71: Times +Echo +Post (storm=w)'])
  })

  test('is got over when the service starts, too', async () => {
    const { store, watch, print, claim, next } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    await claim(AHEAD)

    await store.recover()

    expect(await next(NOW)).toBe(NOW)
    expect(await claim(NOW)).toMatchObject([{ attempts: 0, firstAttemptAt: NOW }])
  })

  test('sends nothing twice that is on its way: it has until its lease would end', async () => {
    const { store, watch, print, claim } = await openDesk()
    const hit = { watch: await watch('w') }
    await print('Times', ['storm', 'bakers'], [hit])
    const [first] = await claim(AHEAD)

    expect(await claim(NOW)).toEqual([])
    expect(await claim(NOW + LEASE_MS - 1)).toEqual([])
    await store.settleMessage(first?.id ?? 0, { kind: 'sent', at: NOW + LEASE_MS - 1, messageId: '9' }, null)
    expect(await claim(NOW + LEASE_MS)).toMatchObject([{ edits: null, attempts: 0 }])
  })

  test('is not what Telegram asks for: a day is waited for to the end', async () => {
    const { store, watch, print, claim, send } = await openDesk()
    await print('Times', 'storm', [{ watch: await watch('storm') }])
    const [first] = await claim()
    await store.settleMessage(first?.id ?? 0, { kind: 'requeue', at: NOW + DAY, counts: null, error: null }, null)

    expect(await claim(NOW + 1)).toEqual([])
    await store.recover()
    expect(await claim(NOW + DAY - 1)).toEqual([])
    expect(await send(NOW + DAY)).toEqual(['news: Times (storm=w)'])
  })
})

describe('two alerts of one story, in two chats that become one', () => {
  const OLD = '-12'
  const NEW = '-34'
  type State = 'waits' | 'parked' | 'queued' | 'sent'

  /** What two papers told before the chats were one; then a third one carries it, by which what waits is told. */
  async function openTwo(states: Record<string, State>) {
    const desk = await openDesk()
    const { store, watch, print, claim } = desk
    const hits = []
    for (const [chat, state] of Object.entries(states)) {
      hits.push({ watch: await watch(chat === OLD ? 'old' : 'new', chat), ...(state === 'waits' && { waitsFor: 3 }) })
    }
    await print('Times', 'storm', hits)
    await print('Post', 'storm')
    for (const { id, chat } of await claim()) await store.settleMessage(id, settlementOf(states[chat.id], chat.id))

    return {
      ...desk,
      /** Gives what was on its way to the new chat meanwhile. */
      async move({ isOnItsWay = false } = {}) {
        await print('Times', 'bakers', [{ watch: await watch('bakers', OLD) }])
        const claimed = await claim(NOW + MINUTE)
        for (const { id, chat } of claimed) {
          if (chat.id === NEW && !isOnItsWay) await store.settleMessage(id, settlementOf('queued', NEW))
        }
        const ofOld = claimed.find(({ chat }) => chat.id === OLD)
        await store.settleMessage(ofOld?.id ?? 0, { kind: 'moved', chat: NEW })
        return claimed.filter(({ chat }) => chat.id === NEW)
      },
      /** What is said of the story. */
      async said(now: number) {
        const all: string[] = []
        for (let i = 0; i < 3; i += 1) all.push(...(await desk.send(now + i * GAP_MS)))
        return all.filter((text) => !text.includes('bakers'))
      },
    }
  }

  function settlementOf(state: State | undefined, chat: string): Settlement {
    if (state === 'sent') return { kind: 'sent', at: NOW, messageId: chat === OLD ? '5' : '6' }
    if (state === 'parked') return { kind: 'parked', error: 'no answer, three times' }
    return { kind: 'requeue', at: NOW, counts: null, error: null }
  }

  const nothing: string[] = []
  const edit = ['edit of 6: Times +Post (old=w,new=w)']
  const news = ['news: Times +Post (old=w,new=w)']
  const newsThen = ['news: Times +Post +Echo (old=w,new=w)']
  test.each<[State, State, string[], unknown]>([
    ['waits', 'waits', nothing, newsThen],
    ['waits', 'parked', nothing, newsThen],
    ['waits', 'queued', ['news: Times +Post (new=w)'], [expect.stringMatching(/^edit .*Echo \(old=w,new=w\)/)]],
    ['waits', 'sent', nothing, ['edit of 6: Times +Post +Echo (old=w,new=w)']],
    ['parked', 'waits', nothing, newsThen],
    ['parked', 'queued', news, [expect.stringMatching(/^edit .*Echo/)]],
    ['parked', 'sent', edit, ['edit of 6: Times +Post +Echo (old=w,new=w)']],
    ['queued', 'waits', ['news: Times +Post (old=w)'], [expect.stringMatching(/^edit .*Echo \(old=w,new=w\)/)]],
    ['queued', 'parked', news, [expect.stringMatching(/^edit .*Echo/)]],
    ['queued', 'queued', news, [expect.stringMatching(/^edit .*Echo/)]],
    ['queued', 'sent', edit, ['edit of 6: Times +Post +Echo (old=w,new=w)']],
    ['sent', 'sent', edit, ['edit of 6: Times +Post +Echo (old=w,new=w)']],
    // What was sent to the old chat has no number in the new one.
    ['sent', 'waits', nothing, nothing],
    ['sent', 'parked', nothing, nothing],
    ['sent', 'queued', nothing, nothing],
  ])('the one that comes %s, the one that is there %s: no hit of either is lost', async (old, there, first, then) => {
    const { store, print, move, said } = await openTwo({ [OLD]: old, [NEW]: there })

    await move()
    expect(await said(NOW + HOUR)).toEqual(first)
    await print('Echo', 'storm', [], { now: NOW + 2 * HOUR })

    expect(await said(NOW + 3 * HOUR)).toEqual(then)
    const alerts = (await store.listAlerts({ limit: 9 })).filter(({ state }) => state !== 'cancelled')
    expect(alerts.map(({ chat, state, hits }) => [chat, state, hits.map(({ watch }) => watch.query)])).toEqual([
      [NEW, 'sent', ['bakers']],
      [NEW, 'sent', ['old', 'new']],
    ])
  })

  test('the same watch in both is named once, also where it called in the old chat only', async () => {
    const { store, watch, print, claim, send } = await openDesk()
    const [old, there] = [await watch('storm', OLD), await watch('storm', NEW)]
    const hits = [old, there].map((each) => ({ watch: each, waitsFor: 2 }))
    await print('Times', 'storm', hits)
    await print('Times', 'comet', hits.slice(0, 1))
    await print('Times', 'bakers', [{ watch: await watch('bakers', OLD) }])
    const [message] = await claim()
    await store.settleMessage(message?.id ?? 0, { kind: 'moved', chat: NEW })

    await print('Post', ['storm', 'comet'], [], { now: NOW + HOUR })

    const said = [...(await send(NOW + HOUR)), ...(await send(NOW + HOUR + GAP_MS))]
    expect(said).toEqual(['news: Times (bakers=w)', 'news: 2: Times +Post (storm=w), Times +Post (storm=w)'])
  })

  test('what joins one that is on its way is in the edit that follows', async () => {
    const { store, move, said } = await openTwo({ [OLD]: 'queued', [NEW]: 'queued' })

    const [message] = await move({ isOnItsWay: true })
    expect(message?.rendered.html).toBe('Times +Post (new=w)')
    await store.settleMessage(message?.id ?? 0, { kind: 'sent', at: NOW + MINUTE, messageId: '6' })

    expect(await said(NOW + HOUR)).toEqual(edit)
  })

  test('a hit whose watch was removed comes not along', async () => {
    const { store, watch, print, claim, send } = await openDesk()
    const [old, there] = [await watch('old', OLD), await watch('new', NEW)]
    await print('Times', 'storm', [{ watch: old }])
    for (const { id } of await claim()) await store.settleMessage(id, settlementOf('parked', OLD))
    await store.removeWatch(OLD, old.number, NOW)
    await print('Post', 'storm', [{ watch: there }])
    await print('Times', 'bakers', [{ watch: await watch('bakers', OLD) }])
    for (const { id, chat } of await claim(NOW + MINUTE)) {
      await store.settleMessage(id, chat.id === OLD ? { kind: 'moved', chat: NEW } : settlementOf('queued', NEW))
    }

    expect(await send(NOW + HOUR)).toContain('news: Post +Times (new=w)')
  })
})
