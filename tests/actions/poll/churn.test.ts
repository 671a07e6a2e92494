import { describe, expect, test } from 'vitest'
import { type Findings, type IngestOptions, planIngest } from '../../../src/actions/ingest/ingest.ts'
import { noticesOf, sayRenumbered } from '../../../src/actions/poll/trouble.ts'
import type { ReadDocument, ReadItem } from '../../../src/model.ts'
import type { IngestPlan, Known } from '../../../src/ports.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { readDocument, readItem } from '../../support/items.ts'
import { addTestSource, NOW, openTestStore, pollRecord } from '../../support/store.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** What one poll came to. */
type Outcome = Findings & { inserted: string[]; quiet: number; edited: number; told: string[]; notices: string[] }

interface Life {
  /** A poll that finds these items, an hour after the one before; the first is the baseline. The watch is for "data". */
  poll: (items: ReadItem[], options?: IngestOptions & Partial<ReadDocument>) => Promise<Outcome>
  titles: () => Promise<string[]>
  /** The titles of what these keys name. */
  named: (keys: string[]) => Promise<(string | null)[]>
}

async function live(): Promise<Life> {
  const store = await openTestStore()
  const { id } = await addTestSource(store, { givenTitle: 'Wire' })
  await store.addWatch('terminal', parseQuery('data', { timezone: 'UTC', for: 'watch' }), NOW)
  let now = NOW

  async function poll(items: ReadItem[], { partial, doubtful, ...given }: IngestOptions & Partial<ReadDocument> = {}) {
    now += HOUR
    const [read, at] = [readDocument(items, given), now]
    const options = { ...(partial && { partial }), ...(doubtful && { doubtful }) }
    const planned: (IngestPlan & { findings: Findings })[] = []
    const record = pollRecord({ polledAt: at, ...(partial && { pushed: true }) })
    await store.ingest(id, read, record, (known) => {
      const plan = planIngest(read, known, at, options)
      planned.push(plan)
      return plan
    })
    const plan = planned.at(-1)
    const source = await store.findSource(id)
    if (!plan || !source) throw new Error('Nothing was planned.')
    const titleOf = (item: { inserted: number } | { place: number }) =>
      'inserted' in item ? (plan.insert[item.inserted]?.item.title ?? '') : `place ${item.place}`
    const said = [plan.findings.isRenumbering ? sayRenumbered(source, plan.findings) : null]
    return {
      ...plan.findings,
      inserted: plan.insert.map(({ item }) => item.title).sort(),
      edited: plan.edit.length,
      quiet: plan.insert.filter(({ quiet }) => quiet).length,
      told: plan.messages.flatMap(({ alerts }) => alerts.map(({ item }) => titleOf(item))).sort(),
      notices: noticesOf(source, ['7'], said).map(({ message }) => message.html),
    }
  }

  async function look<T>(see: (known: Known) => T): Promise<T> {
    const seen: T[] = []
    await store.ingest(id, readDocument([]), pollRecord({ pushed: true }), (known) => {
      seen.push(see(known))
      return { insert: [], edit: [], bind: [], messages: [], needsAll: true }
    })
    return seen[0] as T // The plan was called: the source is active.
  }

  return {
    poll,
    titles: async () => (await store.listItems({ limit: 9_999, now })).items.map(({ title }) => title).sort(),
    named: (keys) =>
      look((known) =>
        keys.map((key) => {
          const found = known.findItem(key)
          return found ? (known.findStored(found.place)?.title ?? null) : null
        }),
      ),
  }
}

function many(count: number, make: (n: number) => Parameters<typeof readItem>[0]): ReadItem[] {
  return Array.from({ length: count }, (_, n) =>
    readItem({ title: `data ${n}`, publishedAt: NOW - n * HOUR, ...make(n) }),
  )
}

const old = (n: number) => ({ id: `http://old.example/?p=${n}`, url: `http://old.example/2024/${n}` })
const moved = (n: number) => ({ id: `https://new.example/${n}`, url: `https://new.example/${n}` })

describe('a source that renumbers its items', () => {
  const renumberings: [name: string, before: (n: number) => object, after: (n: number) => object][] = [
    ['new ids', old, (n) => ({ ...old(n), id: `new ${n}` })],
    ['new ids and addresses', old, moved],
    ['ids where there were none', (n) => ({ url: old(n).url }), (n) => ({ ...old(n) })],
    ['new addresses, never an id', (n) => ({ url: old(n).url }), (n) => ({ url: moved(n).url })],
    [
      'new ids and addresses, never a date',
      (n) => ({ ...old(n), publishedAt: null }),
      (n) => ({ ...moved(n), publishedAt: null }),
    ],
    [
      'new ids and addresses, dates where there were none',
      (n) => ({ ...old(n), publishedAt: null, summary: `about ${n}` }),
      (n) => ({ ...moved(n), summary: `about ${n}` }),
    ],
    [
      'new ids, and addresses that name nobody',
      (n) => ({ ...old(n), url: null }),
      (n) => ({ ...moved(n), url: null, summary: 'x' }),
    ],
    [
      'new ids and addresses, never a title',
      (n) => ({ ...old(n), title: '', summary: `data ${n}` }),
      (n) => ({ ...moved(n), title: '', summary: `data ${n}` }),
    ],
    [
      'new ids and addresses, other words',
      (n) => ({ ...old(n), summary: 'short' }),
      (n) => ({ ...moved(n), summary: 'all of it' }),
    ],
    [
      'new ids, the present as every date',
      (n) => ({ ...old(n), publishedAt: NOW - 9 * DAY }),
      (n) => ({ ...old(n), id: `new ${n}`, publishedAt: NOW }),
    ],
    [
      'new ids, addresses and dates',
      (n) => ({ ...old(n), summary: `about ${n}` }),
      (n) => ({ ...moved(n), summary: `about ${n}`, publishedAt: NOW + DAY - n }),
    ],
  ]
  test.each(renumberings)('%s: nobody is told, and nothing stands twice', async (_, before, after) => {
    const { poll, titles } = await live()
    await poll(many(40, before))
    const known = await titles()

    const first = await poll(many(40, after))
    const second = await poll(many(40, after))

    expect(first).toMatchObject({ shown: 40, overlap: 40, renumbered: 40, inserted: [], told: [] })
    expect(second).toMatchObject({ overlap: 40, renumbered: 0, inserted: [], told: [] })
    expect((await titles()).length).toBe(known.length)
  })

  test('and gives all of five a new id and a new address: nobody is told, and what is new beside them is', async () => {
    const { poll } = await live()
    await poll(many(5, old))
    const news = readItem({ id: 'news', url: 'https://new.example/news', title: 'data news', publishedAt: NOW + HOUR })

    const outcome = await poll([news, ...many(4, moved)])

    expect(outcome).toMatchObject({ renumbered: 4, inserted: ['data news'], told: ['data news'] })
  })

  test('its owner hears of it once', async () => {
    const { poll } = await live()
    await poll(many(40, old))

    expect((await poll(many(40, moved))).notices).toEqual([
      '🛠 Wire renumbered 40 items; none was alerted. They are known again by their addresses, titles, texts and dates.',
    ])
    expect((await poll(many(40, moved))).notices).toEqual([])
  })

  test.each([
    ['showed nothing', (items: ReadItem[]) => items.slice(0, 0), {}],
    ['was cut off', (items: ReadItem[]) => items.slice(0, 3), { truncated: true }],
  ])('is known again though its last document %s', async (_, cut, given) => {
    const { poll } = await live()
    await poll(many(20, old))
    await poll(cut(many(20, old)), given)

    expect(await poll(many(20, moved))).toMatchObject({ renumbered: 20, inserted: [], told: [] })
  })

  test('what is new in the same poll is told', async () => {
    const { poll } = await live()
    await poll(many(20, old))
    const news = readItem({ id: 'news', url: 'https://new.example/news', title: 'data news', publishedAt: NOW + HOUR })

    const outcome = await poll([news, ...many(20, moved)])

    expect(outcome).toMatchObject({ shown: 21, renumbered: 20, inserted: ['data news'], told: ['data news'] })
  })

  test('from then on its items are known by their new names: an edit is an edit', async () => {
    const { poll, titles } = await live()
    await poll(many(10, old))
    await poll(many(10, moved))

    await poll(many(10, (n) => ({ ...moved(n), title: `edited ${n}` })))

    expect(await titles()).toEqual(many(10, (n) => ({ title: `edited ${n}` })).map(({ title }) => title))
  })

  test('that lists more than before has no news in what is older than all it showed', async () => {
    const { poll } = await live()
    await poll(many(10, old))

    const outcome = await poll(many(50, moved))

    expect(outcome).toMatchObject({ renumbered: 10, told: [], quiet: 40 })
    expect(outcome.inserted).toHaveLength(40)
  })

  test('does so for some of its items, among others that stay', async () => {
    const { poll } = await live()
    await poll(many(30, old))

    const outcome = await poll(many(30, (n) => (n < 12 ? moved(n) : old(n))))

    expect(outcome).toMatchObject({ renumbered: 12, inserted: [], told: [] })
  })

  test('of those that say the same, one too many is news, and it is the newest', async () => {
    const { poll } = await live()
    const photo = { title: 'data photo', publishedAt: null }
    await poll(many(10, (n) => ({ ...old(n), ...(n < 3 && photo) })))

    const outcome = await poll([
      readItem({ id: 'x', url: 'https://new.example/x', ...photo }),
      ...many(10, (n) => ({ ...moved(n), ...(n < 3 && photo) })),
    ])

    expect(outcome).toMatchObject({ renumbered: 10, inserted: ['data photo'] })
  })
})

describe('what is no renumbering', () => {
  const alike = () => ({ title: 'data', publishedAt: NOW })

  test.each<[name: string, count: number, after: (n: number) => object, before?: (n: number) => object]>([
    [
      'a briefing with its title and the date of another day',
      10,
      (n: number) => ({ ...moved(n), publishedAt: NOW + DAY - n * HOUR }),
    ],
    [
      'a briefing with title and words of yesterday',
      10,
      (n: number) => ({ ...moved(n), publishedAt: NOW + DAY - n * HOUR, summary: 'The morning briefing.' }),
    ],
    [
      'a table at the same address, with another title',
      10,
      (n: number) => ({ ...old(n), id: `new ${n}`, title: `now data ${n}`, publishedAt: NOW + HOUR }),
    ],
    ['two items', 2, moved],
    [
      'seven items, most of them strangers',
      7,
      (n: number) => ({ ...moved(n), ...(n > 2 && { title: `new data ${n}` }) }),
    ],
    ['seven items that look alike', 7, (n: number) => ({ ...moved(n), ...alike() }), alike],
    [
      'seven items with title and text, but not the date, of those before',
      7,
      (n: number) => ({ ...moved(n), publishedAt: NOW + DAY, summary: `about ${n}` }),
      (n: number) => ({ summary: `about ${n}` }),
    ],
  ])('%s: told as news', async (_, count, after, before = () => ({})) => {
    const { poll } = await live()
    await poll(many(count, (n) => ({ ...old(n), summary: 'The morning briefing.', ...before(n) })))

    const outcome = await poll(many(count, (n) => ({ summary: 'The morning briefing.', ...after(n) })))

    expect(outcome).toMatchObject({ renumbered: 0, notices: [] })
    expect(outcome.told).toHaveLength(count)
  })

  test('undated items that share a title say something else', async () => {
    const { poll } = await live()
    const briefing = (n: number) => ({ title: 'data briefing', publishedAt: null, summary: `Day ${n}` })
    await poll(many(10, (n) => ({ ...old(n), ...briefing(n) })))

    expect((await poll(many(10, (n) => ({ ...moved(n), ...briefing(n + 10) })))).told).toHaveLength(10)
  })

  test('most of what looks new is news, and eight items only look like old ones', async () => {
    const { poll } = await live()
    await poll(many(40, old))

    const outcome = await poll(many(40, (n) => (n < 8 ? moved(n) : { ...moved(n), title: `data news ${n}` })))

    expect(outcome.told).toHaveLength(40)
  })
})

describe('a source that draws new ids for every answer', () => {
  const drawn = (poll: number) => (n: number) => ({ id: `${poll}-${n}`, url: `https://example.com/${n}` })

  const answers = [
    { name: 'with steady dates', count: 12, more: () => ({}), notices: 1 },
    { name: 'with steady dates, of two items', count: 2, more: () => ({}), notices: 0 },
    {
      name: 'with the present as every date',
      count: 12,
      more: (poll: number) => ({ publishedAt: NOW + poll * 3 * DAY }),
      notices: 1,
    },
    {
      name: 'with the present as every date, of three items',
      count: 3,
      more: (poll: number) => ({ publishedAt: NOW + poll * 3 * DAY }),
      notices: 1,
    },
    {
      name: 'with the present as date, of one item, within a day',
      count: 1,
      more: (poll: number) => ({ publishedAt: NOW + poll * HOUR }),
      notices: 0,
    },
    {
      name: 'with other words for all',
      count: 12,
      more: (poll: number) => ({ summary: `${poll} comments` }),
      notices: 1,
    },
  ]
  test.each(answers)('$name: alerts nothing again, and gathers no names', async ({ count, more, notices }) => {
    const { poll, titles, named } = await live()
    await poll(many(count, (n) => ({ ...drawn(0)(n), ...more(0) })))
    const heard: string[] = []

    for (let nth = 1; nth <= 10; nth += 1) {
      const outcome = await poll(many(count, (n) => ({ ...drawn(nth)(n), ...more(nth) })))
      expect(outcome).toMatchObject({ overlap: count, inserted: [], told: [] })
      heard.push(...outcome.notices)
    }

    expect((await titles()).length).toBe(count)
    expect(heard).toHaveLength(notices)
    const ids = Array.from({ length: 11 }, (_, nth) => readItem(drawn(nth)(0)).keys.id ?? '')
    expect((await named(ids)).filter((title) => title !== null).length).toBeLessThanOrEqual(4)
  })

  test.each([
    ['and addresses', (poll: number, n: number) => ({ id: `${poll}-${n}`, url: `https://example.com/${n}?t=${poll}` })],
    ['of addresses only', (poll: number, n: number) => ({ url: `https://example.com/${n}?t=${poll}` })],
  ])('%s, of seven items: tells what is new, and keeps few of the names they go by', async (_, name) => {
    const { poll, named } = await live()
    for (let nth = 0; nth <= 8; nth += 1) {
      const items = many(7, (n) => ({
        ...name(nth, n - nth),
        title: `data ${n - nth}`,
        publishedAt: NOW - (n - nth) * HOUR,
      }))
      expect((await poll(items)).told).toEqual(nth === 0 ? [] : [`data ${-nth}`])
    }

    // Of one that stood in seven of them.
    const keys = Array.from({ length: 9 }, (_, nth) => readItem(name(nth, -2)).keys)
    const key = keys.every(({ id }) => id !== null) ? 'id' : 'url'
    const found = await named(keys.map((one) => one[key] ?? ''))
    expect(found.filter((title) => title !== null).length).toBeLessThanOrEqual(4)
  })

  test.each([
    ['without addresses', { url: null }],
    ['that leads to one page', { url: 'https://example.com/page' }],
  ])('%s, with the present as every date: alerts nothing again', async (_, given) => {
    const { poll, titles } = await live()
    for (let nth = 0; nth <= 30; nth += 1) {
      const now = { ...given, publishedAt: NOW + nth * HOUR }
      const { told } = await poll(many(12, (n) => ({ ...drawn(nth)(n), ...now, summary: `of ${Math.floor(n / 2)}` })))
      expect(told).toEqual([])
    }
    expect(await titles()).toHaveLength(12)
  })

  test('says on another day what it said before, under new ids and without addresses: that is news', async () => {
    const { poll } = await live()
    const forecast = (day: number) => (n: number) => ({ id: `${day}-${n}`, url: null, publishedAt: NOW + day * DAY })
    await poll(many(12, forecast(0)))

    expect((await poll(many(12, forecast(1)))).told).toHaveLength(12)
  })

  test('tells what is new each time', async () => {
    const { poll } = await live()
    for (let nth = 0; nth <= 6; nth += 1) {
      const items = many(12 + nth, drawn(nth)).map((item, n) => ({ ...item, publishedAt: NOW - (20 - n) * HOUR }))
      const { told } = await poll(items)
      expect(told).toEqual(nth === 0 ? [] : [`data ${11 + nth}`])
    }
  })

  test.each([
    ['new addresses', (nth: number) => ({ id: 'a', url: `https://example.com/?session=${nth}` })],
    [
      'new addresses and words',
      (nth: number) => ({ id: 'a', url: `https://example.com/?session=${nth}`, summary: `${nth}` }),
    ],
  ])('an item that has %s at every poll keeps its last names only', async (_, said) => {
    const { poll, named } = await live()
    for (let nth = 0; nth <= 6; nth += 1) await poll([readItem(said(nth))])

    const keys = Array.from({ length: 7 }, (_, nth) => readItem(said(nth)).keys)
    for (const name of ['url', 'content'] as const) {
      const found = await named(keys.map((one) => one[name] ?? ''))
      expect(found).toEqual([...Array(6).fill(null), 'An item'])
    }
  })

  test('items that have new ids, addresses and words at every poll keep few ids and words', async () => {
    const { poll, named } = await live()
    const said = (nth: number) => (n: number) => ({
      id: `${nth}-${n}`,
      url: `https://example.com/${nth}/${n}`,
      summary: `${nth}`,
    })
    for (let nth = 0; nth <= 20; nth += 1) await poll(many(12, said(nth)))

    const keys = Array.from({ length: 21 }, (_, nth) => many(1, said(nth))[0]?.keys)
    for (const name of ['id', 'content'] as const) {
      const found = await named(keys.map((one) => one?.[name] ?? ''))
      expect(found.filter((title) => title !== null).length).toBeLessThanOrEqual(4)
    }
  })

  test('and shows each item two or three times only: its owner hears of it once', async () => {
    const { poll } = await live()
    const heard: string[] = []
    for (let nth = 0; nth <= 6; nth += 1) {
      const items = Array.from({ length: 40 }, (_, n) => {
        const serial = nth * 16 + n
        const names = { id: `${nth}-${serial}`, url: `https://example.com/${serial}` }
        return readItem({ ...names, title: `news ${serial}`, publishedAt: NOW + serial * HOUR })
      })
      const { notices, renumbered } = await poll(items)
      expect(renumbered).toBe(nth === 0 ? 0 : 24)
      heard.push(...notices)
    }

    expect(heard).toHaveLength(1)
  })

  test('edits nothing where several say the same', async () => {
    const { poll } = await live()
    const photo = (nth: number) => many(12, (n) => ({ id: `${nth}-${n}`, title: 'Photo', publishedAt: NOW + n }))
    await poll(photo(0))

    expect(await poll(photo(1))).toMatchObject({ renumbered: 12, inserted: [], edited: 0 })
  })

  test('an item that stands twice, known by its positions, keeps the name that stays', async () => {
    const { poll, named } = await live()
    const item = (id: string) => readItem({ id, url: 'https://example.com/a', title: 'data' })
    for (const id of ['old', 'no 3', 'no 2', 'no 1', 'no 0']) await poll([item(id)])
    await poll([item('no 0'), readItem({ id: 'other' }), item('no 9')])

    expect(await named([item('no 0').keys.id ?? ''])).toEqual(['data'])
  })

  test('an item whose words change at every poll keeps its last names only', async () => {
    const { poll, named } = await live()
    const said = (nth: number) => readItem({ id: 'a', title: 'data', summary: `${nth} comments` })
    for (let nth = 0; nth <= 6; nth += 1) await poll([said(nth)])

    expect(await named([0, 5, 6].map((nth) => said(nth).keys.content))).toEqual([null, null, 'data'])
  })
})

describe('a window that was missed', () => {
  const fresh = (n: number) => ({ id: `fresh ${n}`, publishedAt: NOW + n, title: `news ${n}` })
  const all = [
    { name: 'nothing in common, at the usual length', before: 20, now: many(20, fresh), missed: true },
    { name: 'nothing in common, a little shorter', before: 20, now: many(16, fresh), missed: true },
    { name: 'nothing in common, much shorter', before: 20, now: many(15, fresh), missed: false },
    { name: 'one item in common', before: 20, now: [...many(19, fresh), ...many(20, old).slice(0, 1)], missed: false },
    { name: 'documents of four items', before: 4, now: many(4, fresh), missed: false },
    { name: 'renumbered items', before: 20, now: many(20, moved), missed: false },
  ]
  test.each(all)('$name: $missed', async ({ before, now, missed }) => {
    const { poll } = await live()
    await poll(many(before, old))

    expect((await poll(now)).missedWindow).toBe(missed)
  })

  test.each([
    ['the first poll', false, {}],
    ['what was pushed', true, { partial: true as const }],
    ['a page read by other rules', true, { doubtful: true }],
    ['a document that was cut off', true, { truncated: true }],
  ])('is not seen in %s', async (_, hasBaseline, options) => {
    const { poll } = await live()
    if (hasBaseline) await poll(many(20, old))

    expect((await poll(many(20, fresh), options)).missedWindow).toBe(false)
  })

  test('is not seen where the items between came by a push', async () => {
    const { poll } = await live()
    await poll(many(20, old))
    await poll(many(20, fresh), { partial: true })

    expect(await poll(many(20, fresh))).toMatchObject({ overlap: 20, missedWindow: false })
  })
})

describe('a part of what a source shows', () => {
  test('says nothing of the rest: the next poll finds it as it was', async () => {
    const { poll } = await live()
    await poll(many(20, old))
    await poll(
      many(1, () => ({ id: 'pushed', title: 'data pushed' })),
      { partial: true },
    )

    expect(await poll(many(20, moved))).toMatchObject({ renumbered: 20, inserted: [], told: [] })
  })

  test('alerts what is new in it, once', async () => {
    const { poll } = await live()
    await poll(many(20, old))
    const news = many(1, () => ({ id: 'news', title: 'data news' }))

    expect((await poll(news, { partial: true })).told).toEqual(['data news'])
    expect((await poll([...news, ...many(19, old)])).told).toEqual([])
  })

  test('is no renumbering, however many look alike', async () => {
    const { poll } = await live()
    await poll(many(20, old))

    expect(await poll(many(20, moved), { partial: true })).toMatchObject({ renumbered: 0, notices: [] })
  })
})

describe('a page read by other rules than before', () => {
  const entry = (n: number) => ({ url: `https://example.com/${n}`, publishedAt: null })

  test('is quiet where hardly an entry is known', async () => {
    const { poll } = await live()
    await poll(many(10, entry))

    const outcome = await poll(
      many(10, (n) => entry(n + 6)),
      { doubtful: true },
    )

    expect(outcome).toMatchObject({ shown: 10, overlap: 4, told: [] })
    expect(outcome.inserted).toHaveLength(6)
  })

  test('tells what is new where half of them are', async () => {
    const { poll } = await live()
    await poll(many(10, entry))

    expect(
      (
        await poll(
          many(10, (n) => entry(n + 5)),
          { doubtful: true },
        )
      ).told,
    ).toHaveLength(5)
  })

  test('calls nobody for what the other rules read otherwise', async () => {
    const { poll } = await live()
    await poll(many(10, (n) => ({ ...entry(n), title: `entry ${n}` })))

    expect((await poll(many(10, entry), { doubtful: true })).told).toEqual([])
  })
})
