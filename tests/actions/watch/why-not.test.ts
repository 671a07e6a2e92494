import { describe, expect, test } from 'vitest'
import { sayWhyNot } from '../../../src/actions/watch/say-why.ts'
import { removeWatch } from '../../../src/actions/watch/watch.ts'
import { whyNot } from '../../../src/actions/watch/why-not.ts'
import type { Store } from '../../../src/ports.ts'
import { itemKeys } from '../../../src/source/identity.ts'
import { readItem } from '../../support/items.ts'
import { deskOf, ferry, type Newsdesk, news, newsdesk, URL_A } from '../../support/newsdesk.ts'
import { addTestSource, badPoll } from '../../support/store.ts'
import { countTurns } from '../../support/turns.ts'
import { voice } from '../../support/voice.ts'

const MINUTE = 60_000
const HOUR = 3_600_000

async function ask(desk: Newsdesk, url = URL_A, chat = 'terminal'): Promise<string[]> {
  return sayWhyNot(await whyNot(desk.actions, chat, url), voice)
}

/** What the watches of the terminal have to say of the newest item there, by their texts. */
async function verdicts(desk: Newsdesk, url = URL_A): Promise<Record<string, string>> {
  const { items } = await whyNot(desk.actions, 'terminal', url)
  return Object.fromEntries(items[0]?.verdicts.map(({ watch, verdict }) => [watch.query, verdict.kind]) ?? [])
}

describe('an address that was never fetched', () => {
  test('of a publisher we read nothing of leads to a source', async () => {
    const desk = await newsdesk()
    await desk.watch('data')
    expect(await ask(desk, 'https://www.post.test/2026/x')).toEqual([
      'Nothing is stored from this address: https://www.post.test/2026/x',
      'No source belongs to www.post.test. To read it: [addSource https://www.post.test/]',
    ])
  })

  test('of a source that waits for its first poll says so', async () => {
    const desk = await newsdesk()
    await addTestSource(desk.store, { url: 'https://wire.test/feed', givenTitle: 'First' })
    await desk.watch('data')

    expect((await ask(desk, 'wire.test/other')).slice(1)).toEqual(['Source 1, First, was not read yet. [show 1]'])
  })

  test('of a source that is read, that is paused, and that fails', async () => {
    const desk = await newsdesk()
    await desk.source('wire')
    await desk.watch('data')
    const fails = await addTestSource(desk.store, { url: 'https://feeds.wire.test/2', givenTitle: 'Second' })
    await desk.store.recordPoll(fails.id, badPoll({ failures: 2, trouble: 'The server answered 500.' }))
    const paused = await addTestSource(desk.store, { url: 'https://wire.test/3', givenTitle: 'Third' })
    await desk.store.changeSource(paused.id, { state: 'paused' }, desk.now())

    expect((await ask(desk, 'wire.test/other')).sort()).toEqual([
      'Nothing is stored from this address: https://wire.test/other',
      'Source 1, wire, was read 09:00, and this address was not in it. The next time is 10:00. [show 1]',
      'Source 2, Second, cannot be read: The server answered 500. [show 2]',
      'Source 3, Third, is paused. [resume 3]',
    ])
  })

  test('of a publisher with many sources names three, and says how many more there are', async () => {
    const desk = await newsdesk()
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await addTestSource(desk.store, { url: `https://wire.test/${name}`, givenTitle: name })
    }

    const said = await ask(desk, 'https://wire.test/other')

    expect(said.filter((line) => line.startsWith('Source '))).toHaveLength(3)
    expect(said).toContain('… and 2 more sources of the same publisher.')
    // First the sections of the site in which the address lies.
    const inside = (await ask(desk, 'https://www.wire.test/e/2026/other')).filter((line) => line.startsWith('Source '))
    expect(inside[0]).toMatch(/^Source \d+, e, /)
  })

  test('is said back without the login in it', async () => {
    const said = (await ask(await newsdesk(), 'https://me:secret@post.test/x')).join('\n')

    expect(said).toContain('https://post.test/x')
    expect(said).not.toContain('secret')
  })

  test('is refused where it is none, with an example of news', async () => {
    const desk = await newsdesk()

    await expect(ask(desk, 'hello')).rejects.toMatchObject({
      code: 'invalid',
      hint: 'Example: https://example.com/news/1',
    })
  })

  test('of a source that was removed says so, and how it is read again', async () => {
    const desk = await newsdesk()
    const wire = await addTestSource(desk.store, { url: 'https://me:secret@feeds.wire.test/1', givenTitle: 'Wire' })
    await desk.watch('data')
    await desk.publish(wire, news('Big data grows'))
    await desk.store.changeSource(wire.id, { state: 'removed' }, desk.now())

    expect(await ask(desk, 'https://www.wire.test/other')).toEqual([
      'Nothing is stored from this address: https://www.wire.test/other',
      'Source 1, Wire, was removed: nothing of it is read any more. To read it again: [addSource https://feeds.wire.test/1]',
    ])
    await desk.source('wire')
    expect((await ask(desk, 'https://www.wire.test/other'))[1]).toContain('Source 2, wire, was read')
  })
})

describe('an item that is stored', () => {
  test('failed on these words, of the watch that came nearest first', async () => {
    const { desk, wire } = await deskOf('wire')
    for (const text of ['climate', '"big data" grows -jobs', 'source:post grows']) await desk.watch(text)
    await desk.publish(wire, news('Big plans, more jobs', URL_A, 'The market grows.'))

    expect(await ask(desk)).toEqual([
      'Big plans, more jobs (wire)',
      'Stored 09:00.',
      'Watch 3, source:post grows: it does not match.',
      '  ✗ from the source post: no, from “wire”',
      'Watch 2, "big data" grows -jobs: it does not match.',
      '  ✗ “big data”: not there (“big” is, “data” is not)',
      '  ✗ without jobs: in the title',
      'Watch 1, climate: it does not match.',
      '  ✗ climate: not there',
    ])
  })

  test('was told, and when', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.publish(wire, news('Big data grows'))
    await desk.sendAll()

    expect(await ask(desk)).toEqual([
      'Big data grows (wire)',
      'Stored 09:00.',
      'This chat has it as alert 1 (sent 09:00). Why: [why 1]',
      'Watch 1, data: it called it.',
    ])
  })

  test('waits in the outbox', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.publish(wire, news('Big data grows'))

    expect(await ask(desk)).toContain('It is alert 1 (waiting in the outbox, the next of its chat). Why: [why 1]')
  })

  test('waits for more publishers', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('aurelia sources>=2')
    await desk.publish(wire, ferry('wire'))

    expect((await ask(desk)).slice(2)).toEqual([
      'It is alert 1 (waiting until 2 independent publishers carry the story; 1 so far). Why: [why 1]',
      'Watch 1, aurelia sources>=2: it matches, and waits: 1 of 2 publishers (wire).',
    ])
  })

  test('waited for more publishers, beside a watch that told it, until they could come no more', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('tromsø')
    await desk.watch('aurelia sources>=3')
    await desk.publish(wire, ferry('wire'))
    await desk.sendAll()
    desk.pass(73 * HOUR)

    expect((await ask(desk)).slice(-2)).toEqual([
      'Watch 1, tromsø: it called it.',
      'Watch 2, aurelia sources>=3: it matches, but it waited for 3 publishers, and only 1 came (wire).',
    ])
  })

  test('was folded into the story that another item told', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('aurelia')
    await desk.publish(wire, ferry('wire'))
    await desk.sendAll()
    desk.pass(MINUTE)
    await desk.publish(post, ferry('post'))

    expect((await ask(desk, 'https://post.test/a')).slice(1)).toEqual([
      'Stored 09:01.',
      'Its story is alert 1 (sent 09:00), which is of Norwegian ferry Aurelia runs aground off Tromsø (wire)',
      'Watch 1, aurelia: it matches, but the chat has the story already: it was folded into that alert.',
    ])
  })

  test('came with the baseline, and joined a story that is told', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('aurelia')
    await desk.watch('salvage')
    await desk.publish(wire, ferry('wire'))
    await desk.sendAll()
    const post = await addTestSource(desk.store, { url: 'https://post.test/feed', givenTitle: 'post' })
    await desk.publish(post, ferry('post', ' A salvage tug is under way.'))

    const [, stored, its, ...said] = await ask(desk, 'https://post.test/a')

    expect(stored).toMatch(/^Stored 09:00, quietly: it came with the first look at its source/)
    expect(its).toContain('Its story is alert 1 (sent 09:00)')
    expect(said).toEqual([
      'Watch 1, aurelia: it matches, but the chat has the story already: it was folded into that alert.',
      'Watch 2, salvage: it matches, but the item was stored quietly.',
    ])
  })

  test('is a second paper’s, while the watch still waits: the chat has nothing', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('aurelia sources>=3')
    await desk.publish(wire, ferry('wire'))
    await desk.publish(post, ferry('post'))

    expect((await ask(desk, 'https://post.test/a')).slice(2)).toEqual([
      'Its story is alert 1 (waiting until 3 independent publishers carry the story; 2 so far), which is of Norwegian ferry Aurelia runs aground off Tromsø (wire)',
      'Watch 1, aurelia sources>=3: it matches, and waits: 2 of 3 publishers (wire, post).',
    ])
  })

  test('was told by one watch, while another one waits', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('tromsø')
    await desk.watch('aurelia sources>=4')
    await desk.publish(wire, ferry('wire'))
    await desk.sendAll()
    await desk.publish(post, ferry('post'))

    expect((await ask(desk, 'https://post.test/a')).slice(-2)).toEqual([
      'Watch 1, tromsø: it matches, but the chat has the story already: it was folded into that alert.',
      'Watch 2, aurelia sources>=4: it matches, and waits: 2 of 4 publishers (wire, post).',
    ])
  })

  test('joined an alert that waits for others: a watch that is younger had no part in it', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('aurelia sources>=3')
    await desk.publish(wire, ferry('wire'))
    await desk.publish(post, ferry('post'))
    desk.pass(MINUTE)
    await desk.watch('tromsø')

    expect(await verdicts(desk, 'https://post.test/a')).toEqual({ 'aurelia sources>=3': 'waiting', tromsø: 'younger' })
  })

  test('waited until its story was over', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('aurelia sources>=2')
    await desk.publish(wire, ferry('wire'))
    desk.pass(73 * HOUR)
    await desk.store.cancelStaleAlerts(desk.now())

    expect((await ask(desk)).slice(-2)).toEqual([
      'Alert 1 of its story: taken back: fewer than 2 publishers carried the story.',
      'Watch 1, aurelia sources>=2: it matches, but it waited for 2 publishers, and only 1 came (wire).',
    ])
  })

  test('was to be told, and could not be', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.publish(wire, news('Big data grows'))
    await desk.settle(() => ({ kind: 'parked', error: 'refused' }))

    expect((await ask(desk)).slice(2)).toEqual([
      'It is alert 1 (given up: refused). Why: [why 1]',
      'Watch 1, data: it called it.',
    ])
  })

  test('is found with and without a slash at the end', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.publish(wire, news('Big data grows'), news('Bank buys centre', 'https://wire.test/b/?page=2'))

    expect((await ask(desk, `${URL_A}/`))[0]).toBe('Big data grows (wire)')
    expect((await ask(desk, 'wire.test/b?page=2'))[0]).toBe('Bank buys centre (wire)')
    expect((await ask(desk, 'wire.test/a/b/'))[0]).toBe('Nothing is stored from this address: https://wire.test/a/b/')
  })

  test('came with the baseline', async () => {
    const desk = await newsdesk()
    await desk.watch('data')
    const wire = await addTestSource(desk.store, { url: 'https://wire.test/feed' })
    await desk.publish(wire, news('Big data grows'))

    expect(await verdicts(desk)).toEqual({ data: 'baseline' })
  })

  test('is older than the watch', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.publish(wire, news('Big data grows'))
    desk.pass(MINUTE)
    await desk.watch('data')

    expect(await verdicts(desk)).toEqual({ data: 'younger' })
  })

  test('is older than one watch, though another one had called it', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('big')
    await desk.publish(wire, news('Big data grows'))
    desk.pass(MINUTE)
    await desk.watch('data')

    expect(await verdicts(desk)).toEqual({ big: 'told', data: 'younger' })
  })

  test('is older than one watch, which a later item of the story brought into its alert', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('aurelia')
    await desk.publish(wire, ferry('wire'))
    desk.pass(MINUTE)
    await desk.watch('tromsø')
    await desk.publish(post, ferry('post'))

    expect(await verdicts(desk)).toEqual({ aurelia: 'told', tromsø: 'joined' })
    expect(await verdicts(desk, 'https://post.test/a')).toEqual({ aurelia: 'folded', tromsø: 'folded' })
  })

  test('came while the chat was out of reach', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.store.markChatGone('terminal', 'the bot was blocked', desk.now())
    desk.pass(HOUR)
    await desk.publish(wire, news('Big data grows'))

    expect(await ask(desk)).toEqual([
      'Big data grows (wire)',
      'Stored 10:00.',
      'This chat is out of reach (the bot was blocked) since 09:00: nothing is matched for it meanwhile.',
      'Watch 1, data: it matches, but it came while the chat was out of reach.',
    ])
  })

  test('was called by a watch that was removed, and then is matched by a new one', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.publish(wire, news('Big data grows'))
    await removeWatch(desk.actions, 'terminal', 1)
    desk.pass(MINUTE)
    await desk.watch('big')

    expect((await ask(desk)).slice(2)).toEqual([
      'Alert 1 of its story: taken back: its watch was removed.',
      'Watch 2, big: it matches, but the watch is younger than the item: it tells what comes after it was saved.',
    ])
  })

  test('was called by a watch whose alert was taken back, as with an item that was pruned', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.publish(wire, news('Big data grows'))
    const findAlertOfStory: Store['findAlertOfStory'] = async (...of) => {
      const alert = await desk.store.findAlertOfStory(...of)
      return alert && { ...alert, state: 'cancelled' }
    }

    const found = await whyNot({ ...desk.actions, store: { ...desk.store, findAlertOfStory } }, 'terminal', URL_A)

    expect(sayWhyNot(found, voice).at(-1)).toBe('Watch 1, data: it had called it, and that was taken back.')
  })

  test('matches since an edit, which calls nobody to what the chat was told of before', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('dogs')
    await desk.watch('data')
    await desk.publish(wire, news('Big dogs grow'))
    desk.pass(MINUTE)
    await desk.publish(wire, news('Big dogs grow on data'))

    expect((await ask(desk)).slice(-2)).toEqual([
      'Watch 1, dogs: it called it.',
      'Watch 2, data: it matches since the item was edited 09:01; the chat had the story already, and an edit calls nobody again.',
    ])
  })

  test('came while the chat was out of reach, of which nothing is kept after it is back', async () => {
    const { desk, wire } = await deskOf('wire')
    for (const text of ['data', 'dogs']) await desk.watch(text, '7')
    await desk.store.markChatGone('7', 'blocked', desk.now())
    await desk.publish(wire, news('Big data grows'))
    desk.pass(MINUTE)
    await desk.publish(wire, news('Big data and dogs grow'))
    await desk.publish(wire, news('More data', 'https://wire.test/b'))
    await desk.store.reviveChat('7')

    expect((await ask(desk, URL_A, '7')).slice(-2)).toEqual(
      ['data', 'dogs'].map(
        (text, i) =>
          `Watch ${i + 1}, ${text}: it matches now; the item was edited 09:01, and did not match when it came, or the chat was out of reach.`,
      ),
    )
    expect(await ask(desk, 'https://wire.test/b', '7')).toContain(
      'Watch 1, data: it matches, and nothing stored says why it was not told; perhaps the chat was out of reach when it came.',
    )
  })

  test('matches since it was edited by a poll that calls nobody', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('data')
    await desk.publish(wire, news('Big dogs grow'))
    desk.pass(MINUTE)
    await desk.store.changeSource(wire.id, { state: 'paused' }, desk.now())
    await desk.store.changeSource(wire.id, { state: 'active' }, desk.now())
    await desk.publish(wire, news('Big data grows'))

    expect((await ask(desk)).at(-1)).toBe(
      'Watch 1, data: it matches now; the item was edited 09:01, and did not match when it came.',
    )
  })

  test('was called before an edit: the watch that called it comes first', async () => {
    const { desk, wire } = await deskOf('wire')
    for (const text of ['big climate', 'data', 'lamps']) await desk.watch(text)
    await desk.publish(wire, news('Big data grows'))
    await desk.sendAll()
    desk.pass(MINUTE)
    await desk.publish(wire, news('Big dogs grow'))

    const lines = (await ask(desk)).slice(2)
    expect(lines[0]).toContain('This chat has it as alert 1')
    expect(lines[1]).toBe('Watch 2, data: it matched before the item was edited, and called it.')
    expect(lines[2]).toBe('Watch 1, big climate: it does not match.')
  })

  test('carries a story that another item of it called: by a watch that waits, that is told, and after an edit', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('lamps')
    await desk.watch('aurelia salvage sources>=3')
    await desk.publish(wire, ferry('wire', ' A salvage tug is under way.'))
    await desk.publish(post, ferry('post'))
    const said = async (watch: number) =>
      (await ask(desk, 'https://post.test/a')).find((line) => line.startsWith(`Watch ${watch}`))

    expect(await said(2)).toBe(
      'Watch 2, aurelia salvage sources>=3: it matches another item of the story, and waits: 2 of 3 publishers (wire, post).',
    )
    await desk.publish(await desk.source('herald'), ferry('herald'))
    expect(await said(2)).toBe(
      'Watch 2, aurelia salvage sources>=3: it matches another item of the story, and was called by that.',
    )
    desk.pass(MINUTE)
    await desk.publish(post, ferry('post', ' Divers came.'))
    expect(await said(2)).toMatch(
      /: it matched before the item was edited, or matches another item of the story, and was/,
    )
  })

  test('was called from an address that its source changed since', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('lamps')
    const shown = (house: string) =>
      ['Lamps', 'Ferries', 'Harbours', 'Bakers'].map((word) => {
        const url = `https://wire.test/${house}/${word}`
        const item = news(`${word} of Lindow`, url, `The ${word} of Lindow were counted.`)
        return { ...item, keys: itemKeys(item) }
      })
    await desk.publish(wire, ...shown('old'))
    await desk.sendAll()
    await desk.publish(wire, ...shown('new'))

    expect(await ask(desk, 'https://wire.test/old/Lamps')).toEqual([
      'Lamps of Lindow (wire)',
      'Its source gave it another address since: https://wire.test/new/Lamps',
      'Stored 09:00.',
      'This chat has it as alert 1 (sent 09:00). Why: [why 1]',
      'Watch 1, lamps: it called it.',
    ])
    expect(await ask(desk, 'https://wire.test/new/Lamps')).toHaveLength(4)
  })

  test('is found by the address of its recording', async () => {
    const { desk, wire } = await deskOf('wire')
    await desk.watch('lamps')
    const enclosures = [{ url: 'https://cdn.test/1.mp3', type: 'audio/mpeg', length: null }]
    await desk.publish(wire, readItem({ id: '1', title: 'Lamps of Lindow', enclosures }))
    const withPage = [{ url: 'https://cdn.test/2.mp3', type: null, length: null }]
    await desk.publish(wire, { ...news('Bakers of Lindow', 'https://wire.test/2'), enclosures: withPage })
    await desk.sendAll()

    expect(await ask(desk, 'https://cdn.test/1.mp3')).toEqual([
      'Lamps of Lindow (wire)',
      'Stored 09:00.',
      'This chat has it as alert 1 (sent 09:00). Why: [why 1]',
      'Watch 1, lamps: it called it.',
    ])
    expect((await ask(desk, 'https://cdn.test/2.mp3')).slice(0, 2)).toEqual([
      'Bakers of Lindow (wire)',
      'Stored 09:00.',
    ])
  })

  test('is asked of watches that this version cannot read, too', async () => {
    const { desk, wire } = await deskOf('wire')
    const root = { kind: 'enclosure' as const }
    await desk.store.addWatch('terminal', { text: '"of another version', root }, desk.now())
    await desk.watch('data')
    await desk.publish(wire, news('Big data grows'))

    expect(Object.entries(await verdicts(desk))).toEqual([
      ['data', 'told'],
      ['"of another version', 'unreadable'],
    ])
  })

  test('is found by any spelling of its address, and each of several sources has its own answer', async () => {
    const { desk, wire, post } = await deskOf('wire', 'post')
    await desk.watch('data')
    await desk.publish(wire, news('Big data grows'))
    desk.pass(MINUTE)
    await desk.publish(post, news('Big dogs bark'))

    const found = await whyNot(desk.actions, 'terminal', 'http://wire.test/a?utm_source=x#top')

    expect(found.items.map(({ item, verdicts: [first] }) => [item.source.title, first?.verdict.kind])).toEqual([
      ['post', 'called'],
      ['wire', 'told'],
    ])
  })
})

test('a chat without watches hears just that, whatever was found, and nobody else’s watches are read', async () => {
  const { desk, wire } = await deskOf('wire')
  await desk.publish(wire, news('Big data grows'))
  await desk.watch('data', '100')
  const asked: (string | undefined)[] = []
  const store: Store = Object.assign(Object.create(desk.store), {
    listWatches(chat?: string) {
      asked.push(chat)
      return desk.store.listWatches(chat)
    },
  })

  for (const url of [URL_A, 'https://wire.test/other', 'https://post.test/x']) {
    const found = await whyNot({ ...desk.actions, store }, '7', url)
    expect(sayWhyNot(found, voice).at(-1)).toBe('7 watches for nothing.')
  }
  expect(new Set(asked)).toEqual(new Set(['7']))
})

test('of many watches those that have something in common with it are named, ten at most, and the others counted', async () => {
  const { desk, wire } = await deskOf('wire')
  for (let n = 0; n < 30; n += 1) await desk.watch(`word${n}`)
  await desk.watch('grows faster')
  await desk.publish(wire, news('Big data grows'))

  const lines = await ask(desk)

  expect(lines.filter((line) => line.startsWith('Watch'))).toEqual(['Watch 31, grows faster: it does not match.'])
  expect(lines.at(-1)).toBe('30 other watches have nothing in common with it.')

  for (let n = 0; n < 30; n += 1) await desk.watch(`grows faster${n}`)
  const more = await ask(desk)
  expect(more.filter((line) => line.startsWith('Watch'))).toHaveLength(10)
  expect(more.slice(-2)).toEqual([
    '21 more watches have something in common with it.',
    '30 other watches have nothing in common with it.',
  ])
})

test('where no watch has anything in common with it, three of them show what was missing', async () => {
  const { desk, wire } = await deskOf('wire')
  for (let n = 0; n < 4; n += 1) await desk.watch(`word${n}`)
  await desk.publish(wire, news('Big data grows'))

  const lines = await ask(desk)

  expect(lines.filter((line) => line.startsWith('Watch'))).toHaveLength(3)
  expect(lines.at(-1)).toBe('1 other watch has nothing in common with it.')
})

test('others have their turn while many watches are asked', async () => {
  const { desk, wire } = await deskOf('wire')
  for (let n = 0; n < 30; n += 1) await desk.watch(`word${n}`)
  await desk.publish(wire, news('Big data grows'))
  let now = desk.now()
  // Each watch takes 12 ms.
  const clock = () => {
    now += 12
    return now
  }
  const turns = countTurns()

  await whyNot({ ...desk.actions, clock }, 'terminal', URL_A)

  expect(turns()).toBeGreaterThan(20)
})
