import { describe, expect, test } from 'vitest'
import { sayTrial } from '../../../src/actions/watch/say-why.ts'
import { tryQuery } from '../../../src/actions/watch/try.ts'
import type { ReadItem } from '../../../src/model.ts'
import type { Store } from '../../../src/ports.ts'
import { readItem } from '../../support/items.ts'
import { newsdesk } from '../../support/newsdesk.ts'
import { createRandom } from '../../support/random.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, testFolder } from '../../support/store.ts'
import { countTurns } from '../../support/turns.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

interface News {
  title: string
  text?: string
  /** When it came. */
  daysAgo?: number
  publishedAt?: number
}

let serial = 0

/** One source of its own host with these items. */
async function publish(store: Store, name: string, news: News[]): Promise<void> {
  const { id } = await addTestSource(store, { url: `https://${name}.test/feed`, givenTitle: name })
  const insert = news
    .map(({ title, text = '', daysAgo = 0, publishedAt }) => {
      serial += 1
      const at = NOW - daysAgo * DAY - 60_000
      const url = `https://${name}.test/${serial}`
      const item = readItem({ id: url, url, title, content: text, publishedAt: publishedAt ?? at })
      return { item, placeMs: at }
    })
    .sort((a, b) => a.placeMs - b.placeMs)
  await ingestPlan(store, id, { insert })
}

const HEADLINES = [
  'Harbour bridge closes for repairs until spring',
  'Central bank keeps its interest rate unchanged',
  'Orchestra announces open air season by the lake',
  'Wind farm off the northern coast delivers first power',
  'Old library reopens after three years of works',
]

/** What two papers print of one thing; a headline alone is not enough to tell that. */
const FERRY = {
  title: 'Norwegian ferry Aurelia runs aground off Tromsø with 214 aboard',
  text:
    'The ferry Aurelia ran aground near Tromsø early on Sunday with 214 passengers aboard, the coast guard said. Captain Ingrid Solheim ' +
    'reported damage to the hull below the car deck. Two helicopters and four lifeboats took everybody to Skjervøy.',
}
const BANK = { title: 'Central bank keeps its interest rate unchanged', text: 'The board saw no reason for haste.' }
const BIG = ' Says big data.'

/** Each of them tells a story of its own, published minute by minute. */
function noticesOf(name: string, count: number, about = () => 'data'): ReadItem[] {
  return Array.from({ length: count }, (_, n) => {
    const url = `https://${name}.test/${n}`
    return readItem({
      id: url,
      url,
      title: `Notice ${n} of ${name}`,
      content: about(),
      publishedAt: NOW - n * 60_000,
    })
  })
}

/** What `name` prints of so many ferries that run aground. */
function ferriesOf(name: string, count: number): ReadItem[] {
  return Array.from({ length: count }, (_, n) => {
    const of = (text: string) => text.replaceAll('Aurelia', `${'ABCDEFGHIJKL'[n]}urelia`).replace('214', `${n + 3}14`)
    const url = `https://${name}.test/${n}`
    return readItem({ id: url, url, title: of(FERRY.title), content: of(FERRY.text), publishedAt: NOW })
  })
}

/** Of data and of dogs, and of a ferry of which others tell as well. */
function newsOf(name: string, count: number, random: (below: number) => number): ReadItem[] {
  const notices = noticesOf(name, count, () => (random(3) === 0 ? 'dogs' : 'data'))
  return [...ferriesOf(name, 12).slice(random(12)).slice(0, 1), ...notices]
}

const inIso = { time: (ms: number) => new Date(ms).toISOString() }

function trier(store: Store, clock = () => NOW) {
  return (text: string) => tryQuery({ store, clock, timezone: 'UTC' }, text)
}

describe('what it would have sent', () => {
  test('the matches of seven and of thirty days are counted by when they came', async () => {
    const store = await openTestStore()
    const ages = [0, 6, 8, 29, 31]
    await publish(
      store,
      'wire',
      HEADLINES.map((title, n) => ({ title, text: 'All about big data.', daysAgo: ages[n] ?? 0 })),
    )

    const trial = await trier(store)('"big data"')

    expect(trial).toMatchObject({
      echo: '“big data”',
      last7: { count: 2, isMore: false },
      last30: { count: 4, isMore: false },
      alerts: { count: 4, isMore: false },
      folded: { count: 0, isMore: false },
      sources: [{ title: 'wire', count: 4 }],
      lookedBackTo: null,
    })
    expect(trial.samples.map(({ title }) => title)).toEqual(HEADLINES.slice(0, 3))
  })

  test('what tells a story again is folded, and is no sample of its own', async () => {
    const store = await openTestStore()
    await publish(store, 'wire', [FERRY, BANK])
    await publish(store, 'post', [FERRY])
    await publish(store, 'herald', [FERRY])

    const trial = await trier(store)('ferry OR bank')

    expect(trial).toMatchObject({ last30: { count: 4 }, alerts: { count: 2 }, folded: { count: 2 } })
    expect(new Set(trial.samples.map(({ story }) => story)).size).toBe(2)
    expect(trial.samples).toHaveLength(2)
  })

  test('of a story it shows what would have been told: the first that matches, whoever came later', async () => {
    const store = await openTestStore()
    await publish(store, 'wire', [{ ...FERRY, daysAgo: 0.03 }])
    await publish(store, 'post', [{ ...FERRY, text: FERRY.text + BIG, daysAgo: 0.02 }])
    await publish(store, 'herald', [{ ...FERRY, text: FERRY.text + BIG, daysAgo: 0.01 }])
    await publish(store, 'bank', [{ ...BANK, text: BANK.text + BIG, daysAgo: 0.015 }])

    const { samples } = await trier(store)('"big data"')

    // The story of the bank is newer than that of the ferry, though one more tells of the ferry since.
    expect(samples.map(({ source }) => source.title)).toEqual(['bank', 'post'])
    expect(samples[1]?.related.map(({ source }) => source.title)).toEqual(['wire', 'herald'])
  })

  test('sources>=3 counts publishers beyond the fifty that are listed beside an item', async () => {
    const store = await openTestStore()
    for (let n = 0; n < 54; n += 1) await publish(store, `paper${n}.group`, [{ ...FERRY, daysAgo: 0.1 - n / 1_000 }])
    await publish(store, 'post', [FERRY])
    await publish(store, 'herald', [FERRY])

    const trial = await trier(store)('ferry sources>=3')

    expect(trial).toMatchObject({ last30: { count: 56 }, alerts: { count: 1 }, folded: { count: 55 } })
  })

  test('sources>=3 counts the stories that so many publishers carry, whether all of their items match or not', async () => {
    const store = await openTestStore()
    await publish(store, 'wire', [
      { ...FERRY, text: FERRY.text + BIG },
      { ...BANK, text: BANK.text + BIG },
    ])
    await publish(store, 'post', [FERRY])
    await publish(store, 'herald', [FERRY])

    const two = await trier(store)('"big data"')
    const three = await trier(store)('"big data" sources>=3')
    const four = await trier(store)('"big data" sources>=4')

    expect(two).toMatchObject({ last30: { count: 2 }, alerts: { count: 2 } })
    expect(three).toMatchObject({ last30: { count: 2 }, alerts: { count: 1 }, folded: { count: 0 } })
    expect(three.samples.map(({ title }) => title)).toEqual([FERRY.title])
    expect(sayTrial(three, inIso)).toEqual([
      'Last 7 days 2, last 30 days 2; would have sent 1 alert, none folded as duplicates; 1 in stories of fewer than 3 publishers.',
    ])
    expect(four).toMatchObject({ last30: { count: 2 }, alerts: { count: 0 }, samples: [] })
  })

  test('nothing found is said in words, and that not all was looked at', async () => {
    const trial = await trier(await openTestStore())('zebra')

    expect(sayTrial(trial, inIso)).toEqual([
      'Nothing that came in the last 30 days matches: it would have sent nothing.',
    ])
    expect(sayTrial({ ...trial, lookedBackTo: NOW }, inIso)).toEqual([
      'Nothing that was looked at matches: it would have sent nothing.',
      `I looked back to ${inIso.time(NOW)} only: there is more.`,
    ])
  })

  test('more than ten alerts of one poll are one message, as they would have been', async () => {
    const desk = await newsdesk()
    for (const [name, count] of Object.entries({ wire: 11, post: 10 })) {
      await desk.publish(await desk.source(name), ...noticesOf(name, count))
    }

    const trial = await tryQuery(desk.actions, 'notice')

    expect(trial).toMatchObject({ alerts: { count: 21 }, messages: { count: 11 } })
    expect(sayTrial(trial, inIso)).toEqual([
      'Last 7 days 21, last 30 days 21; would have sent 21 alerts in 11 messages, none folded as duplicates.',
    ])
  })

  test('where nobody knows which poll an alert is of, it counts as a message: of a first backlog, and after a wait for publishers', async () => {
    const desk = await newsdesk()
    const backlog = await addTestSource(desk.store, { url: 'https://old.test/feed', givenTitle: 'old' })
    await desk.publish(backlog, ...noticesOf('old', 12))
    for (const name of ['wire', 'post']) await desk.publish(await desk.source(name), ...ferriesOf(name, 11))

    expect(await tryQuery(desk.actions, 'notice old')).toMatchObject({ alerts: { count: 12 }, messages: { count: 12 } })
    const awaited = await tryQuery(desk.actions, 'ferry sources>=2')
    expect(awaited).toMatchObject({ alerts: { count: 11 }, messages: { count: 11 } })
  })

  test.each(['data', 'ferry OR data', 'notice -dogs', 'ferry sources>=2'])(
    'of what comes it counts the alerts and messages of a watch that was there before: %s',
    async (text) => {
      const random = createRandom(text.length)
      const desk = await newsdesk()
      const papers = await Promise.all(['wire', 'post', 'herald'].map((name) => desk.source(name)))
      await desk.watch(text)
      for (let poll = 0; poll < 20; poll += 1) {
        desk.pass(HOUR)
        const paper = papers[random(3)]
        const count = random(4) === 0 ? 15 + random(15) : random(4)
        if (paper) await desk.publish(paper, ...newsOf(`${paper.title}${poll}`, count, random))
      }
      let messages = 0
      await desk.sendAll(({ edits }) => {
        if (edits === null) messages += 1
      })
      const alerts = (await desk.store.listAlerts({ limit: 500 })).filter(({ state }) => state === 'sent').length

      const trial = await tryQuery(desk.actions, text)

      expect(trial).toMatchObject({ alerts: { count: alerts }, messages: { count: messages } })
      expect(messages).toBeGreaterThan(0)
    },
  )

  test('within: is asked as of the moment when each item came, also below a NOT', async () => {
    const store = await openTestStore()
    const [fresh = '', stale = ''] = HEADLINES
    // Everything is first seen now; the second one had been published long before.
    await publish(store, 'wire', [
      { title: fresh, text: 'data', daysAgo: 20, publishedAt: NOW - 1_000 },
      { title: stale, text: 'data', daysAgo: 20, publishedAt: NOW - 3 * DAY },
    ])
    // A week later the service is asked what it would have sent.
    const later = trier(store, () => NOW + 7 * DAY)

    const inTime = await later('data within:1d')
    const late = await later('data -within:1d')

    expect(inTime.samples.map(({ title }) => title)).toEqual([fresh])
    expect(late.samples.map(({ title }) => title)).toEqual([stale])
  })

  test('the five sources with the most matches are named', async () => {
    const store = await openTestStore()
    for (const [n, name] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) {
      await publish(
        store,
        name,
        Array.from({ length: n + 1 }, (_, i) => ({ title: `${HEADLINES[i % 5]} ${name}${i}`, text: 'big data' })),
      )
    }

    const { sources } = await trier(store)('"big data"')

    expect(sources).toEqual([6, 5, 4, 3, 2].map((count, n) => ({ title: 'fedcb'[n], count })))
  })

  test('sources of one title are one among them, as people see them', async () => {
    const store = await openTestStore()
    for (const [n, name] of ['a', 'b', 'c'].entries()) {
      await publish(store, name, [{ title: `${HEADLINES[n]}`, text: 'big data' }])
    }
    const [, second, third] = await store.listSources()
    for (const source of [second, third]) await store.changeSource(source?.id ?? 0, { givenTitle: 'wire' }, NOW)

    const { sources } = await trier(store)('"big data"')

    expect(sources).toEqual([
      { title: 'wire', count: 2 },
      { title: 'a', count: 1 },
    ])
  })

  test('nothing stored is nothing sent', async () => {
    expect(await trier(await openTestStore())('climate')).toMatchObject({
      ...{ last7: { count: 0 }, last30: { count: 0 }, alerts: { count: 0 }, folded: { count: 0 } },
      ...{ sources: [], samples: [], lookedBackTo: null },
    })
  })
})

describe('what is too much', () => {
  /** One item a minute, the newest now. */
  async function flood(store: Store, count: number): Promise<void> {
    const { id } = await addTestSource(store)
    const insert = Array.from({ length: count }, (_, n) => ({
      item: readItem({ id: String(n), title: `Notice ${n}`, content: 'data' }),
      placeMs: NOW - (count - n) * 60_000,
    }))
    await ingestPlan(store, id, { insert })
  }

  test('after 2,000 matches it says how far it came, and that there is more', async () => {
    const store = await openTestStore()
    await flood(store, 2_100)

    const trial = await trier(store)('data')

    expect(trial.last30).toEqual({ count: 2_000, isMore: true })
    expect(trial.last7).toEqual({ count: 2_000, isMore: true })
    expect(trial.lookedBackTo).toBe(NOW - 2_001 * 60_000)
    expect(sayTrial(trial, inIso)).toEqual([
      'Last 7 days more than 2,000, last 30 days more than 2,000; would have sent more than 2,000 alerts, none folded as duplicates.',
      'I looked back to 2026-11-21T23:39:00.000Z only: there is more.',
    ])
  })

  test('of exactly 2,000 there is no more', async () => {
    const store = await openTestStore()
    await flood(store, 2_000)

    expect(await trier(store)('data')).toMatchObject({ last30: { count: 2_000, isMore: false }, lookedBackTo: null })
  })

  /** A store whose pages take so long for each item; the clock goes on by them alone. */
  function slow(store: Store, msPerItem: number) {
    const time = { now: NOW }
    const limits: number[] = []
    const listItems: Store['listItems'] = async (options) => {
      const page = await store.listItems(options)
      limits.push(options.limit)
      time.now += page.items.length * msPerItem
      return page
    }
    return { limits, ask: trier({ ...store, listItems }, () => time.now) }
  }

  test('after two seconds of work it stops at a page', async () => {
    const store = await openTestStore({ dataDir: testFolder() })
    await flood(store, 500)

    const trial = await slow(store, 10).ask('data')

    expect(trial.last30).toEqual({ count: 200, isMore: true })
    expect(trial.lookedBackTo).toBe(NOW - 200 * 60_000)
  })

  test.each([
    // Of such items one alone is long enough.
    [40, 50],
    [1, 100],
    [0, 100],
  ])('pages become as large as their time allows: %i ms an item', async (msPerItem, most) => {
    const store = await openTestStore()
    await flood(store, 500)
    const { limits, ask } = slow(store, msPerItem)

    await ask('data')

    // The first is taken without knowing.
    const [first = 0, ...rest] = limits
    expect(first).toBeLessThanOrEqual(5)
    expect(Math.max(...rest)).toBeLessThanOrEqual(100)
    expect(Math.max(...rest.slice(2).map((limit) => limit * msPerItem))).toBeLessThanOrEqual(most)
    expect(rest.length).toBeLessThan(60)
  })

  test('others have their turn while a page is judged', async () => {
    const store = await openTestStore()
    await flood(store, 30)
    let now = NOW
    const clock = () => {
      now += 5
      return now
    }
    const turns = countTurns()

    await trier(store, clock)('data within:30d')

    // 30 items, each of them 5 ms.
    expect(turns()).toBeGreaterThan(10)
  })
})

test('what is refused as a watch is refused with its reason', async () => {
  const ask = trier(await openTestStore())

  await expect(ask('-jobs')).rejects.toMatchObject({ code: 'invalid' })
  await expect(ask('"big')).rejects.toMatchObject({ code: 'invalid' })
})
