import { describe, expect, test } from 'vitest'
import type { Actions } from '../../../src/actions/context.ts'
import { sayWhy } from '../../../src/actions/watch/say-why.ts'
import { removeWatch } from '../../../src/actions/watch/watch.ts'
import { whyAlert } from '../../../src/actions/watch/why.ts'
import { deskOf, ferry, type Newsdesk, news, newsdesk } from '../../support/newsdesk.ts'
import { countTurns } from '../../support/turns.ts'
import { voice } from '../../support/voice.ts'

const MINUTE = 60_000

async function linesOf(
  desk: Newsdesk,
  ref: Parameters<typeof whyAlert>[1] = { newestOf: 'terminal' },
): Promise<string[]> {
  return sayWhy(await whyAlert(desk.actions, ref), voice)
}

const TOWNS = 'Ankara Bergen Cairo Dresden Essen Fargo Geneva Havana Izmir Jakarta Turin Vienna'.split(' ')

describe('an alert tells why it came', () => {
  test('clause by clause, with what each hit and where', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('("big data" OR 大数据) source:wire -jobs')
    await desk.publish(wire, news('Big data grows', 'https://wire.test/a', 'And big data pays.'))
    await desk.sendAll()

    expect(await linesOf(desk)).toEqual([
      'Big data grows (wire)',
      'Alert 1: sent 09:00.',
      'Watch 1: ("big data" OR 大数据) source:wire -jobs',
      '  ✓ “big data”: in the title and in the text',
      '  ✗ 大数据: not there',
      '  ✓ from the source wire: yes',
      '  ✓ without jobs: not there',
    ])
  })

  test('of each watch that called it', async () => {
    const { desk, wire } = await deskOf('wire')
    for (const text of ['big', 'grows', 'climate']) await desk.watch(text)
    await desk.publish(wire, news('Big data grows'))

    const { reasons } = await whyAlert(desk.actions, { newestOf: 'terminal' })

    expect(reasons.map(({ hit, clause }) => [hit.watch.query, clause?.holds])).toEqual([
      ['big', true],
      ['grows', true],
    ])
  })

  test('within: holds as it did when the item came', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data within:1h')
    await desk.publish(wire, news('Big data grows'))
    desk.pass(600 * MINUTE)

    expect(await linesOf(desk)).toContain('  ✓ not older than 1h: it is of 2026-11-23 09:00 UTC')
  })

  test('of a watch that another item of the story brought, with that item', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('aurelia')
    await desk.watch('salvage')
    await desk.publish(wire, ferry('wire'))
    await desk.publish(post, ferry('post', ' A salvage tug is under way.'))

    const lines = await linesOf(desk)

    expect(lines[0]).toContain('(wire)')
    expect(lines.slice(lines.indexOf('Watch 2: salvage'))).toEqual([
      'Watch 2: salvage',
      '  It matched another item of the story: Norwegian ferry Aurelia runs aground off Tromsø (post)',
      '  ✓ salvage: in the text',
    ])
  })

  test('with the publishers it waits for, and with those it waited for', async () => {
    const desk = await newsdesk()
    await desk.watch('aurelia sources>=3')
    for (const paper of ['wire', 'post']) await desk.publish(await desk.source(paper), ferry(paper))

    expect((await linesOf(desk)).at(-1)).toBe('  ✗ 3 publishers: so far 2 (wire, post)')

    await desk.publish(await desk.source('herald'), ferry('herald'))
    expect((await linesOf(desk)).slice(-2)).toEqual([
      '  ✓ aurelia: in the title and in the text',
      '  ✓ 3 publishers: wire, post, herald',
    ])
    for (let n = 0; n < 5; n += 1) await desk.publish(await desk.source(`paper${n}`), ferry(`paper${n}`))
    expect((await linesOf(desk)).at(-1)).toBe(
      '  ✓ 3 publishers or more: wire, post, herald, paper0, paper1, paper2 and 2 more',
    )
  })

  test('and one publisher with two sources is one', async () => {
    const desk = await newsdesk()
    await desk.watch('aurelia sources>=2')
    await desk.publish(await desk.source('wire'), ferry('wire'))
    await desk.publish(await desk.source('world.wire'), ferry('world.wire'))

    expect((await linesOf(desk)).at(-1)).toBe('  ✗ 2 publishers: so far 1 (wire)')
  })

  test('though the item was edited since', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.publish(wire, news('Big data grows'))
    desk.pass(MINUTE)
    await desk.publish(wire, news('Big dogs grow'))

    expect((await linesOf(desk)).slice(2)).toEqual([
      'Watch 1: data',
      '  It matched when it was called; the item was edited since.',
      '  ✗ data: not there',
    ])
  })

  test('but for one that this version cannot read any more', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.publish(wire, news('Big data grows'))
    const findAlert: typeof desk.store.findAlert = async (ref) => {
      const alert = await desk.store.findAlert(ref)
      const unreadable = alert?.hits.map((hit) => ({ ...hit, watch: { ...hit.watch, query: '"of another version' } }))
      return alert && { ...alert, hits: unreadable ?? [] }
    }

    const why = await whyAlert({ ...desk.actions, store: { ...desk.store, findAlert } }, { id: 1 })

    expect(sayWhy(why, voice).slice(2)).toEqual([
      'Watch 1: "of another version',
      '  It cannot be read any more: remove it, and write it anew.',
    ])
  })

  test('and a long one begins with the clauses that decided, and ends with how many more there are', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch(Array.from({ length: 40 }, (_, n) => `word${n}`).join(' OR '))
    await desk.publish(wire, news('Word37 wins'))

    const lines = await linesOf(desk)

    expect(lines).toHaveLength(3 + 12 + 1)
    expect(lines[3]).toBe('  ✓ word37: in the title')
    expect(lines.at(-1)).toBe('  … and 28 more')
  })
})

describe('an alert of much', () => {
  const PAPERS = ['wire', 'post', 'herald', 'echo', 'globe']

  /** Five papers tell it, thirty watches have called it, and it was edited: none of the watches hits anything of it now. */
  async function edited(): Promise<Newsdesk> {
    const desk = await newsdesk()
    for (let n = 0; n < 30; n += 1) await desk.watch(`quarrel OR word${n}`)
    const wire = await desk.source('wire')
    await desk.publish(wire, ferry('wire', ' There was a quarrel.'))
    for (const paper of PAPERS.slice(1)) await desk.publish(await desk.source(paper), ferry(paper))
    desk.pass(MINUTE)
    await desk.publish(wire, ferry('wire', ' There was none.'))
    return desk
  }

  test('each other item of the story is looked at once, whatever the number of watches', async () => {
    const desk = await edited()
    const asked: number[] = []
    const findItem: Actions['store']['findItem'] = (place) => {
      asked.push(place)
      return desk.store.findItem(place)
    }

    const { reasons } = await whyAlert({ ...desk.actions, store: { ...desk.store, findItem } }, { id: 1 })

    expect(reasons).toHaveLength(30)
    expect(asked).toHaveLength(PAPERS.length - 1)
    expect(reasons.map(({ clause, isSure }) => [clause?.holds, isSure])).toEqual(Array(30).fill([false, true]))
  })

  test('others have their turn meanwhile', async () => {
    const desk = await edited()
    let now = desk.now()
    const clock = () => {
      now += 3
      return now
    }
    const turns = countTurns()

    await whyAlert({ ...desk.actions, clock }, { id: 1 })

    // 30 watches and 5 items: 150 answers.
    expect(turns()).toBeGreaterThan(20)
  })

  test('what takes too long ends with what it has, and says what it did not look at', async () => {
    const desk = await edited()
    let now = desk.now()
    const clock = () => {
      now += 100
      return now
    }

    const why = await whyAlert({ ...desk.actions, clock }, { id: 1 })
    const lines = sayWhy(why, voice)

    expect(why.reasons.length).toBeGreaterThan(0)
    expect(why.left).toBe(30 - why.reasons.length)
    expect(lines.at(-1)).toBe(`${why.left} more watches called it.`)
    expect(lines).toContain(
      '  It matched another item of the story, or this one before an edit: not all of the story was looked through.',
    )
    expect(lines.join()).not.toContain('It matched when it was called')
  })
})

describe('an alert tells where it is', () => {
  /** The second line, without the number. */
  async function situation(desk: Newsdesk, ref?: Parameters<typeof whyAlert>[1]): Promise<string> {
    const [, line = ''] = await linesOf(desk, ref)
    return line.replace(/^Alert \d+: /, '')
  }

  /** Three items that one watch calls, each in a poll of its own. */
  async function three(): Promise<Newsdesk> {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    for (const title of ['Harbour data lost', 'Bank buys data centre', 'Lake data published at last']) {
      await desk.publish(wire, news(title, `https://wire.test/${title}`))
    }
    return desk
  }

  test('in the outbox, behind how many', async () => {
    const desk = await three()

    expect(await situation(desk, { id: 1 })).toBe('waiting in the outbox, the next of its chat.')
    expect(await situation(desk, { id: 2 })).toBe('waiting in the outbox behind 1 alert of its chat.')
    expect(await situation(desk, { id: 3 })).toBe('waiting in the outbox behind 2 alerts of its chat.')
  })

  test('given up', async () => {
    const desk = await three()
    await desk.settle(() => ({ kind: 'parked', error: 'refused' }))

    expect(await situation(desk, { id: 1 })).toBe('given up: refused.')
  })

  test('with what the last attempt met, where that is known', async () => {
    const desk = await three()
    const known: typeof desk.store.findAlert = async (ref) => {
      const alert = await desk.store.findAlert(ref)
      return alert && { ...alert, trouble: 'Telegram answered 502.' }
    }
    const store = { ...desk.store, findAlert: known }
    const [, queued] = sayWhy(await whyAlert({ ...desk.actions, store }, { id: 1 }), voice)
    await desk.settle(() => ({ kind: 'parked', error: 'refused' }))
    const [, parked] = sayWhy(await whyAlert({ ...desk.actions, store }, { id: 1 }), voice)

    expect(queued).toBe(
      'Alert 1: waiting in the outbox, the next of its chat (the last attempt: Telegram answered 502).',
    )
    expect(parked).toBe('Alert 1: given up: Telegram answered 502.')
  })

  test('held until its chat can be reached', async () => {
    const desk = await three()
    await desk.store.markChatGone('terminal', 'the bot was blocked', desk.now())

    expect(await situation(desk)).toBe(
      'waiting until its chat can be reached again (the bot was blocked), which it cannot since 09:00.',
    )
  })

  test('taken back with its watch', async () => {
    const desk = await three()
    await removeWatch(desk.actions, 'terminal', 1)

    expect(await situation(desk)).toBe('taken back: its watch was removed.')
    desk.pass(73 * 60 * MINUTE)
    expect(await situation(desk)).toBe('taken back: its watch was removed.')
  })

  test('on its way', async () => {
    const desk = await three()
    const render = () => ({ html: '', openUrl: null })
    const options = { kind: 'terminal' as const, limit: 1, leaseMs: MINUTE, gapMs: () => 0, render }
    await desk.store.claimMessages({ ...options, now: desk.now() })

    expect(await situation(desk, { id: 1 })).toBe('on its way at this moment.')
  })

  test('taken back for want of publishers, or with the watch, as well as can be known', async () => {
    const kept = await waitingAlone()
    kept.pass(73 * 60 * MINUTE)
    // It is over before anybody writes that down.
    expect(await situation(kept)).toBe('taken back: fewer than 2 publishers carried the story.')
    await kept.store.cancelStaleAlerts(kept.now())
    expect(await situation(kept)).toBe('taken back: fewer than 2 publishers carried the story.')
    expect((await linesOf(kept)).at(-1)).toBe('  ✗ 2 publishers: only 1 (wire)')

    await removeWatch(kept.actions, 'terminal', 1)
    expect(await situation(kept)).toBe(
      'taken back: its watch was removed, or fewer than 2 publishers carried the story.',
    )
    expect((await linesOf(kept)).slice(2)).toEqual(REMOVED)

    const removed = await waitingAlone()
    await removeWatch(removed.actions, 'terminal', 1)
    for (const paper of ['post', 'herald']) await removed.publish(await removed.source(paper), ferry(paper))
    expect(await situation(removed)).toBe('taken back: its watch was removed.')
    expect((await linesOf(removed)).slice(2)).toEqual(REMOVED)
  })

  /** Nothing is said of the publishers it waited for: they may have come since. */
  const REMOVED = ['Watch 1: aurelia sources>=2', '  ✓ aurelia: in the title and in the text']

  async function waitingAlone(): Promise<Newsdesk> {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('aurelia sources>=2')
    await desk.publish(wire, ferry('wire'))
    return desk
  }

  test('waiting for more publishers', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('aurelia sources>=3')
    await desk.publish(wire, ferry('wire'))
    await desk.publish(post, ferry('post'))

    expect(await situation(desk)).toBe('waiting until 3 independent publishers carry the story; 2 so far.')
    expect(await linesOf(desk)).toContain('Watch 1: aurelia sources>=3 (waits for 3 publishers)')
  })

  test('told, while another of its watches waits for publishers, until they can come no more', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('tromsø')
    await desk.watch('aurelia sources>=3')
    await desk.publish(wire, ferry('wire'))
    await desk.sendAll()
    desk.pass(24 * 60 * MINUTE)
    await desk.publish(post, ferry('post'))

    desk.pass(71 * 60 * MINUTE)
    expect(await linesOf(desk)).toContain('Watch 2: aurelia sources>=3 (waits for 3 publishers)')
    desk.pass(2 * 60 * MINUTE)
    expect(await linesOf(desk)).toContain('Watch 2: aurelia sources>=3 (it waited for 3 publishers, and fewer came)')
    expect(await situation(desk)).toMatch(/^sent/)
  })

  test('behind hundreds that are newer it is in the outbox, nobody knows where', async () => {
    const desk = await three()
    const { alert } = await whyAlert(desk.actions, { id: 3 })
    const listAlerts: typeof desk.store.listAlerts = async ({ limit }) =>
      Array.from({ length: limit }, (_, n) => ({ ...alert, id: 1_000 - n }))
    const store = { ...desk.store, listAlerts }

    const [, line] = sayWhy(await whyAlert({ ...desk.actions, store }, { id: 1 }), voice)

    expect(line).toBe('Alert 1: waiting in the outbox.')
  })
})

describe('which alert is meant', () => {
  test('the one of a message, or the newest of the chat', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data', '7')
    await desk.publish(wire, news('Harbour data lost'))
    await desk.sendAll()
    await desk.publish(wire, news('Bank buys data centre', 'https://wire.test/b'))

    const replied = await whyAlert(desk.actions, { chat: '7', messageId: 'm1' })
    const newest = await whyAlert(desk.actions, { newestOf: '7' })

    expect([replied.alert.item.title, newest.alert.item.title]).toEqual(['Harbour data lost', 'Bank buys data centre'])
  })

  test('of a message that told many the newest, with the numbers of the others', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data', '7')
    await desk.publish(wire, news('Lake data published at last', 'https://wire.test/before'))
    await desk.sendAll()
    desk.pass(MINUTE)
    await desk.publish(
      wire,
      ...Array.from({ length: 12 }, (_, n) => news(`${TOWNS[n]} data`, `https://wire.test/${n}`)),
    )
    await desk.sendAll()

    const lines = await linesOf(desk, { chat: '7', messageId: 'm2' })

    const start = lines.indexOf('This is the newest that the message told. It told 11 more:')
    expect(lines[0]).toBe('Ankara data (wire)')
    expect(lines.slice(start + 1)).toHaveLength(10)
    expect(lines[start + 1]).toMatch(/^\[why \d+\] Bergen data \(wire\)$/)
    const [, number] = /why (\d+)/.exec(lines[start + 1] ?? '') ?? []
    expect((await linesOf(desk, { id: Number(number), in: '7' }))[0]).toBe('Bergen data (wire)')
    expect(lines.at(-1)).toBe('… and 2 more')
    expect((await linesOf(desk, { chat: '7', messageId: 'm1' })).join()).not.toContain('more')
    expect((await linesOf(desk, { id: 12 })).join()).not.toContain('more')
  })

  test('of a message that told few the others are those with the numbers around its own, up to what it did not tell', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data', '7')
    await desk.publish(wire, news('Harbour data lost'))
    const { alert } = await whyAlert(desk.actions, { id: 1 })
    const told = { ...alert, sentAt: desk.now(), beside: 2 }
    const others = [{ ...told, chat: '8' }, { ...told, sentAt: 0 }, { ...told, beside: 1 }, undefined]
    const besideOf = async (border: typeof told | undefined) => {
      const alerts = [border, told, told, told, border].map((one, id) => one && { ...one, id })
      const findAlert: typeof desk.store.findAlert = async (ref) => alerts['id' in ref ? ref.id : 2]
      const { beside } = await whyAlert(
        { ...desk.actions, store: { ...desk.store, findAlert } },
        { chat: '7', messageId: 'm' },
      )
      return beside?.alerts.map(({ id }) => id)
    }

    expect(await Promise.all(others.map(besideOf))).toEqual(others.map(() => [1, 3]))
  })

  test('the newest is one that was told: what waits, was given up or taken back comes after it', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('lamps sources>=3')
    await desk.watch('data')
    await desk.watch('harbour')
    await desk.publish(wire, news('Lamps go out all over the old town of Lindow tonight'))
    const waiting = await whyAlert(desk.actions, { newestOf: 'terminal' })
    await desk.publish(wire, news('Bank buys data centre', 'https://wire.test/b'))
    await desk.sendAll()
    await desk.publish(wire, news('Lake data published at last', 'https://wire.test/c'))
    await desk.settle(() => ({ kind: 'parked', error: 'refused' }))
    await desk.publish(wire, news('Harbour bridge closes until spring', 'https://wire.test/d'))
    await removeWatch(desk.actions, 'terminal', 3)
    await desk.publish(wire, news('Old lamps are collected by a museum of Tarvik', 'https://wire.test/e'))

    const newest = await whyAlert(desk.actions, { newestOf: 'terminal' })

    expect([waiting.alert.id, waiting.situation.kind]).toEqual([1, 'waiting'])
    expect([newest.alert.item.title, newest.situation.kind]).toEqual(['Bank buys data centre', 'sent'])
  })

  test('what waited and was told just now is newer than what was called out meanwhile', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('aurelia sources>=2')
    await desk.watch('data')
    await desk.publish(wire, ferry('wire'))
    await desk.publish(wire, news('Bank buys data centre', 'https://wire.test/b'))
    await desk.sendAll()
    desk.pass(MINUTE)
    await desk.publish(post, ferry('post'))
    await desk.sendAll()

    expect((await whyAlert(desk.actions, { newestOf: 'terminal' })).alert.id).toBe(1)
  })

  test('an alert is known by its message after that was edited, too', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('aurelia', '7')
    await desk.publish(wire, ferry('wire'))
    await desk.sendAll()
    desk.pass(MINUTE)
    await desk.publish(post, ferry('post'))
    desk.pass(60 * MINUTE)
    const edits: (string | null)[] = []
    await desk.settle((message) => {
      edits.push(message.edits)
      return { kind: 'sent', at: desk.now(), messageId: 'm1' }
    })

    expect(edits).toEqual(['m1'])
    expect((await whyAlert(desk.actions, { chat: '7', messageId: 'm1' })).alert.id).toBe(1)
  })

  test.each<[string, Parameters<typeof whyAlert>[1], string]>([
    ['a number nobody has', { id: 99 }, 'There is no alert 99.'],
    ['a number of another chat', { id: 1, in: '8' }, 'There is no alert 1 in this chat.'],
    ['a message of another chat', { chat: '8', messageId: 'm1' }, 'That message is no alert'],
    ['a chat that was told nothing', { newestOf: '8' }, 'Nothing was called out here yet.'],
  ])('%s is not found', async (_, ref, message) => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data', '7')
    await desk.publish(wire, news('Big data grows'))
    await desk.sendAll()

    await expect(whyAlert(desk.actions, ref)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining(message),
    })
  })
})
