import { describe, expect, test } from 'vitest'
import { mute, muteAt, parseMute, sayMute } from '../../../src/actions/watch/mute.ts'
import { sayWhy, sayWhyNot } from '../../../src/actions/watch/say-why.ts'
import { removeWatch } from '../../../src/actions/watch/watch.ts'
import { whyAlert } from '../../../src/actions/watch/why.ts'
import { whyNot } from '../../../src/actions/watch/why-not.ts'
import { deskOf, ferry, type Newsdesk, news, newsdesk, URL_A } from '../../support/newsdesk.ts'
import { voice } from '../../support/voice.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 24 * HOUR

const muteFor = (desk: Newsdesk, words: string, chat = 'terminal') =>
  mute(desk.actions, chat, parseMute(words.split(' ')))

/** What each chat was told or is about to be, newest first: "12: Big data (data, grows)". */
async function told(desk: Newsdesk): Promise<string[]> {
  const alerts = await desk.store.listAlerts({ limit: 99 })
  return alerts
    .filter(({ state }) => state !== 'cancelled' && state !== 'waiting')
    .map(({ chat, item, hits }) => `${chat}: ${item.title} (${hits.map(({ watch }) => watch.query).join(', ')})`)
}

async function ask(desk: Newsdesk, url = URL_A): Promise<string[]> {
  return sayWhyNot(await whyNot(desk.actions, 'terminal', url), voice)
}

describe('what is asked for', () => {
  test.each([
    ['30m', { ms: 30 * MINUTE, number: null }],
    ['2H', { ms: 2 * HOUR, number: null }],
    ['3d 7', { ms: 3 * DAY, number: 7 }],
    ['№7 3d', { ms: 3 * DAY, number: 7 }],
    ['OFF', { ms: null, number: null }],
    ['off #12', { ms: null, number: 12 }],
    ['52w', { ms: 364 * DAY, number: null }],
  ])('%s', (words, wish) => {
    expect(parseMute(words.split(' '))).toEqual(wish)
  })

  test.each([
    ['', 'How long? Use 30m, 2h, 3d or off.'],
    ['soon', 'How long? Use 30m, 2h, 3d or off.'],
    ['3', 'How long? Use 30m, 2h, 3d or off.'],
    ['0m', 'How long? Use 30m, 2h, 3d or off.'],
    ['5y', 'How long? Use 30m, 2h, 3d or off.'],
    ['2h climate', '"climate" is not the number of a watch.'],
    ['2h 3 4', '"3 4" is not the number of a watch.'],
    ['1h 2h', '"2h" is not the number of a watch.'],
    ['2h 2h', '"2h" is not the number of a watch.'],
    ['366d', '366d is too long. Use 365d at most.'],
  ])('“%s” is refused: %s', (words, message) => {
    expect(() => parseMute(words.split(' ').filter((word) => word !== ''))).toThrow(
      expect.objectContaining({ code: 'invalid', message }),
    )
  })
})

describe('while a watch is muted', () => {
  test('what it matches is stored and told to nobody, then or later; another watch of the chat is heard', async () => {
    const { desk, wire } = await deskOf('wire')
    for (const text of ['data', 'dogs']) await desk.watch(text)
    await desk.watch('data', '12')
    await muteFor(desk, '2h 1')

    desk.pass(HOUR)
    await desk.publish(wire, news('Big data grows'), news('Big dogs bark', 'https://wire.test/b'))
    expect((await told(desk)).sort()).toEqual(['12: Big data grows (data)', 'terminal: Big dogs bark (dogs)'])
    expect((await desk.store.listItems({ limit: 9, now: desk.now() })).items).toHaveLength(2)

    desk.pass(2 * HOUR)
    await desk.publish(wire, news('Big data grows'), news('Small data shrinks', 'https://wire.test/c'))
    expect((await told(desk)).filter((one) => one.startsWith('terminal'))).toEqual([
      'terminal: Small data shrinks (data)',
      'terminal: Big dogs bark (dogs)',
    ])
  })

  test('an item that others of the chat call does not name it', async () => {
    const { desk, wire } = await deskOf('wire')
    for (const text of ['data', 'grows']) await desk.watch(text)
    await muteFor(desk, '2h 1')

    await desk.publish(wire, news('Big data grows'))

    expect(await told(desk)).toEqual(['terminal: Big data grows (grows)'])
  })

  test('its story is told when another source carries it after the mute', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('ferry')
    await muteFor(desk, '1h 1')
    await desk.publish(wire, ferry('wire'))
    desk.pass(HOUR)
    expect(await told(desk)).toEqual([])

    await desk.publish(post, ferry('post', ' More soon.'))

    const [alert] = await desk.store.listAlerts({ limit: 9 })
    expect(alert?.item.source.title).toBe('post')
    expect(alert?.item.related.map(({ source }) => source.title)).toEqual(['wire'])
    expect((await ask(desk)).at(-1)).toBe('Watch 1, ferry: it matches, and was folded into that alert.')
  })

  test('an edit that makes an item match is not told, and not when it is edited again after the mute', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.publish(wire, news('Big dogs bark'))
    desk.pass(MINUTE)
    await muteFor(desk, '30m')

    await desk.publish(wire, news('Big data bark'))
    desk.pass(HOUR)
    await desk.publish(wire, news('Big data bark again'))

    expect(await told(desk)).toEqual([])
    expect(await ask(desk)).toContain(
      'Watch 1, data: it matches now; the item was edited 10:01, and did not match when it came.',
    )
  })
})

describe('while a chat is muted', () => {
  test('none of its watches is heard, one that is saved meanwhile neither; other chats are', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.watch('data', '-100/5')
    await muteFor(desk, '30m')
    await desk.watch('grows')

    await desk.publish(wire, news('Big data grows'))

    expect(await told(desk)).toEqual(['-100/5: Big data grows (data)'])
  })

  test('what was in the outbox before is still told, and what joins its story is shown without a ping', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('ferry', '12')
    await desk.publish(wire, ferry('wire'))
    await muteFor(desk, '1d', '12')
    const sent: string[] = []
    const note = () =>
      desk.settle(({ id, edits }) => {
        sent.push(edits === null ? 'news' : 'edit')
        return { kind: 'sent', at: desk.now(), messageId: `m${id}` }
      })

    await note()
    desk.pass(MINUTE)
    await desk.publish(post, ferry('post', ' More soon.'))
    desk.pass(MINUTE)
    await note()

    expect(sent).toEqual(['news', 'edit'])
  })

  test('what waits for publishers is taken back when the last of them comes; it is called anew by what comes after the mute', async () => {
    const { desk, wire, post, times } = await deskOf('wire', 'post', 'times')
    await desk.watch('ferry sources>=2')
    await desk.publish(wire, ferry('wire'))
    desk.pass(MINUTE)
    await muteFor(desk, '1h')

    await desk.publish(post, ferry('post', ' More soon.'))
    expect(await told(desk)).toEqual([])
    expect(await ask(desk, 'https://wire.test/a')).toEqual([
      'Norwegian ferry Aurelia runs aground off Tromsø (wire)',
      'Stored 09:00.',
      'Alert 1 of its story: taken back: 2 publishers carried the story, and its watch was muted when the last of them came.',
      'Watch 1, ferry sources>=2: it matches, but the chat is muted until 10:01 (since 09:01), and was when the last of its publishers came.',
    ])
    expect((await ask(desk, 'https://post.test/a')).at(-1)).toBe(
      'Watch 1, ferry sources>=2: it matches, but the chat is muted until 10:01 (since 09:01), and was when it came.',
    )
    const why = sayWhy(await whyAlert(desk.actions, { id: 1 }), voice)
    expect(why[1]).toContain('taken back: 2 publishers carried the story, and its watch was muted')
    expect(why.join()).not.toContain('fewer')

    desk.pass(HOUR)
    await desk.publish(times, ferry('times', ' They are safe.'))
    expect(await told(desk)).toEqual(['terminal: Norwegian ferry Aurelia runs aground off Tromsø (ferry sources>=2)'])
  })

  test('what waits goes on waiting where the mute ends before the last of its publishers comes', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('ferry sources>=2')
    await desk.publish(wire, ferry('wire'))
    await muteFor(desk, '1h')

    desk.pass(2 * HOUR)
    await desk.publish(post, ferry('post', ' More soon.'))

    expect(await told(desk)).toHaveLength(1)
  })

  test('what waits joins a message that was told before, for that makes no sound', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    for (const text of ['Tromsø', 'ferry sources>=2']) await desk.watch(text)
    await desk.publish(wire, ferry('wire'))
    await desk.sendAll()
    await muteFor(desk, '1h')

    await desk.publish(post, ferry('post', ' More soon.'))

    expect(await told(desk)).toEqual([
      'terminal: Norwegian ferry Aurelia runs aground off Tromsø (Tromsø, ferry sources>=2)',
    ])
    expect((await desk.store.listAlerts({ limit: 9 }))[0]?.hits.map(({ waitsFor }) => waitsFor)).toEqual([
      undefined,
      undefined,
    ])
  })

  test('of an alert for which a muted watch waits, the others are told, and it joins what is told already', async () => {
    const { desk, wire, post, times } = await deskOf('wire', 'post', 'times')
    for (const text of ['ferry sources>=2', 'Tromsø sources>=3']) await desk.watch(text)
    await desk.publish(wire, ferry('wire'))
    await muteFor(desk, '1h 1')

    await desk.publish(post, ferry('post', ' More soon.'))
    expect(await told(desk)).toEqual([])
    desk.pass(2 * HOUR)
    await desk.publish(times, ferry('times', ' They are safe.'))

    expect(await told(desk)).toEqual([
      'terminal: Norwegian ferry Aurelia runs aground off Tromsø (ferry sources>=2, Tromsø sources>=3)',
    ])
  })
})

describe('the end of a mute', () => {
  test('comes by itself at its moment, and at once where it is asked for', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    const come = async (name: string) => desk.publish(wire, news(`Big data ${name}`, `https://wire.test/${name}`))
    await muteFor(desk, '1h')

    desk.pass(HOUR - 1)
    await come('before')
    desk.pass(1)
    await come('after')
    await muteFor(desk, '1h')
    await come('during')
    await muteFor(desk, 'off')
    await come('freed')

    expect(await told(desk)).toEqual(['terminal: Big data freed (data)', 'terminal: Big data after (data)'])
  })

  test('is moved by muting once more, to later or to sooner', async () => {
    const desk = await newsdesk()
    await desk.watch('data')
    await muteFor(desk, '2h')
    desk.pass(HOUR)
    await muteFor(desk, '3h')
    desk.pass(MINUTE)
    await muteFor(desk, '30m')

    expect(await desk.store.listMutes('terminal')).toEqual([
      { chat: 'terminal', watchId: null, since: desk.now() - HOUR - MINUTE, until: desk.now() + 30 * MINUTE },
    ])
  })

  test('of the chat leaves the mute of a watch, and the other way round, and says so', async () => {
    const desk = await newsdesk()
    for (const text of ['data', 'dogs']) await desk.watch(text)
    const say = async (words: string) =>
      sayMute(await muteFor(desk, words), {
        ...voice,
        chat: 'This chat',
        off: (number) => `[off ${number ?? 'all'}]`,
      })

    expect(await say('2h 2')).toEqual([
      'Watch 2 is muted until 11:00: dogs',
      'What comes meanwhile is kept, and not told later either. To end it: [off 2]',
    ])
    // Of the watch that is muted for longer nothing is said: all is silent first.
    expect(await say('1h')).toEqual([
      'This chat is muted until 10:00.',
      'What comes meanwhile is kept, and not told later either. To end it: [off all]',
    ])
    expect(await say('off 1')).toEqual([
      'Watch 1 was not muted: data',
      'This chat is muted until 10:00. To end it: [off all]',
    ])
    expect(await say('off')).toEqual([
      'This chat is muted no more.',
      'Watch 2 is muted until 11:00. To end it: [off 2]',
    ])
    expect(await say('off 2')).toEqual(['Watch 2 is muted no more: dogs'])
    expect(await say('off')).toEqual(['This chat was not muted.'])
  })
})

test('a watch that the chat does not have cannot be muted, nor one that was removed', async () => {
  const desk = await newsdesk()
  await desk.watch('data')
  await removeWatch(desk.actions, 'terminal', 1)

  for (const number of ['1', '2']) {
    await expect(muteFor(desk, `2h ${number}`)).rejects.toMatchObject({
      code: 'not_found',
      message: `This chat has no watch ${number}.`,
    })
  }
  expect(await desk.store.listMutes('terminal')).toEqual([])
})

describe('why not', () => {
  test('says from when to when it was muted, or until when it is, the watch or the whole chat', async () => {
    const { desk, wire } = await deskOf('wire')
    for (const text of ['data', 'grows']) await desk.watch(text)
    await muteFor(desk, '30m 1')
    desk.pass(10 * MINUTE)
    await muteFor(desk, '2h 2')
    await desk.publish(wire, news('Big data grows'))
    expect((await ask(desk)).slice(2)).toEqual([
      'Watch 1, data: it matches, but the watch is muted until 09:30 (since 09:00), and was when it came.',
      'Watch 2, grows: it matches, but the watch is muted until 11:10 (since 09:10), and was when it came.',
    ])

    desk.pass(HOUR)
    await muteFor(desk, 'off 2')
    // A mute of another time does not count.
    await muteFor(desk, '1d')
    desk.pass(MINUTE)
    expect((await ask(desk)).slice(2)).toEqual([
      'Watch 1, data: it matches, but the watch was muted from 09:00 to 09:30, when it came.',
      'Watch 2, grows: it matches, but the watch was muted from 09:10 to 10:10, when it came.',
    ])

    await desk.publish(wire, news('More data', 'https://wire.test/more'))
    desk.pass(MINUTE)
    await muteFor(desk, 'off')
    expect((await ask(desk, 'https://wire.test/more')).at(2)).toBe(
      'Watch 1, data: it matches, but the chat was muted from 10:10 to 10:12, when it came.',
    )
  })

  test('says that it was muted when an edit made it match', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.publish(wire, news('Big dogs bark'))
    desk.pass(HOUR)
    await muteFor(desk, '1h')
    await desk.publish(wire, news('Big data bark'))
    desk.pass(2 * HOUR)

    expect((await ask(desk)).at(-1)).toBe(
      'Watch 1, data: it matches, but the chat was muted from 10:00 to 11:00, when it was edited.',
    )
  })

  test('says of what came before the mute, quietly, or to a watch that is younger, what it always said', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.publish(wire, news('Big data grows'))
    desk.pass(MINUTE)
    await muteFor(desk, '1h')
    await desk.publish(wire, news('More data', 'https://wire.test/more'))
    desk.pass(MINUTE)
    await desk.watch('more')

    expect(await ask(desk)).toContain('Watch 1, data: it called it.')
    expect((await ask(desk, 'https://wire.test/more')).at(-1)).toContain(
      'Watch 2, more: it matches, but the watch is younger',
    )
  })
})

test('of a chat that is heard again, five of the watches that are muted still are named, and how many more there are', async () => {
  const desk = await newsdesk()
  for (let n = 1; n <= 7; n += 1) {
    await desk.watch(`word${n}`)
    await muteFor(desk, `2h ${n}`)
  }
  const say = async () =>
    sayMute(await muteFor(desk, 'off'), { ...voice, chat: 'This chat', off: (number) => `[off ${number ?? 'all'}]` })

  const lines = await say()

  expect(lines.slice(1, 6).map((line) => line.slice(0, 16))).toEqual([1, 2, 3, 4, 5].map((n) => `Watch ${n} is muted`))
  expect(lines.slice(6)).toEqual(['… and 2 more watches are muted.'])
})

test('of several mutes at a moment the one counts that ends last', async () => {
  const desk = await newsdesk()
  const watch = await desk.watch('data')
  const mutes = [HOUR, 3 * HOUR, 2 * HOUR].map((until) => ({ chat: 'terminal', watchId: null, since: 0, until }))

  expect(muteAt(mutes, watch, MINUTE)?.until).toBe(3 * HOUR)
  expect(muteAt(mutes, watch, 3 * HOUR)).toBeNull()
})
