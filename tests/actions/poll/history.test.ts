import { describe, expect, test } from 'vitest'
import { planIngest } from '../../../src/actions/ingest/ingest.ts'
import type { ReadDocument, ReadItem } from '../../../src/model.ts'
import type { Store } from '../../../src/ports.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { readDocument, readItem } from '../../support/items.ts'
import { createRandom } from '../../support/random.ts'
import { addTestSource, NOW, openTestStore, pollRecord } from '../../support/store.ts'

const HOME = 'https://example.com/'

interface Life {
  store: Store
  /** Polls that find these items, a minute apart; the first is the baseline. */
  poll: (items: ReadItem[], given?: Partial<ReadDocument>) => Promise<void>
  /** A hub pushes these, half a minute after the last poll. */
  push: (items: ReadItem[]) => Promise<void>
  titles: () => Promise<string[]>
  /** The titles of what the watch `data` was told, however many at once. */
  told: () => Promise<string[]>
}

async function live(): Promise<Life> {
  const store = await openTestStore()
  const source = await addTestSource(store)
  await store.addWatch('terminal', parseQuery('data', { timezone: 'UTC', for: 'watch' }), NOW)
  let now = NOW
  return {
    store,
    async poll(items, given = {}) {
      now += 60_000
      const [read, at] = [readDocument(items, { link: HOME, ...given }), now]
      await store.ingest(source.id, read, pollRecord({ polledAt: at }), (known) => planIngest(read, known, at))
    },
    async push(items) {
      const [read, at] = [readDocument(items, { link: HOME }), now + 30_000]
      await store.ingest(source.id, read, pollRecord({ polledAt: at, pushed: true }), (known) =>
        planIngest(read, known, at, { partial: true }),
      )
    },
    titles: async () => (await store.listItems({ limit: 9_999, now })).items.map(({ title }) => title).sort(),
    told: async () => (await store.listAlerts({ limit: 9_999 })).map(({ item }) => item.title).sort(),
  }
}

describe('what one poll after another makes of a source', () => {
  test('what an empty source shows at last calls, but not what is older than our knowing it', async () => {
    const { poll, titles, told } = await live()
    const dated = (name: string, days: number) =>
      readItem({ id: name, title: `data ${name}`, publishedAt: NOW - days * 86_400_000 })

    await poll([])
    await poll([
      readItem({ id: 'undated', title: 'data undated' }),
      dated('new', 0.5),
      dated('old', 2),
      dated('older', 30),
    ])
    await poll([dated('late', 3), dated('new', 0.5)])

    expect(await titles()).toHaveLength(5)
    expect(await told()).toEqual(['data late', 'data new', 'data undated'])
  })

  test('an item that stands twice in every document is one item, told once', async () => {
    const { poll, titles, told } = await live()
    const twice = readItem({ id: 'a', url: `${HOME}a`, title: 'data' })

    await poll([])
    for (const document of [[twice, twice], [twice, twice], [twice]]) await poll(document)

    expect(await titles()).toEqual(['data'])
    expect(await told()).toEqual(['data'])
  })

  test('items that share an id are told once each, however often they are seen', async () => {
    const { poll, titles, told } = await live()
    const [one, two] = [readItem({ id: 'x', title: 'data one' }), readItem({ id: 'x', title: 'data two' })]

    await poll([])
    for (const document of [[one, two], [two, one], [two], [one, two]]) await poll(document)

    expect(await titles()).toEqual(['data one', 'data two'])
    expect(await told()).toEqual(['data one', 'data two'])
  })

  test('of items that shared an id, the one that is left is edited, not the other', async () => {
    const { poll, titles } = await live()
    const item = (n: number, title: string) => readItem({ id: 'same', url: `${HOME}${n}`, title })

    await poll([item(1, 'one'), item(2, 'two')])
    await poll([item(1, 'one')])
    await poll([item(2, 'two')])
    await poll([item(2, 'two, corrected')])

    expect(await titles()).toEqual(['one', 'two, corrected'])
  })

  test('one item at a time, without an id, that links to the site itself is news each time', async () => {
    const { poll, titles, told } = await live()

    await poll([readItem({ url: HOME, title: 'data 1' })])
    await poll([readItem({ url: 'http://www.example.com', title: 'data 2' })])
    await poll([readItem({ url: HOME, title: 'data 3' })])

    expect(await titles()).toEqual(['data 1', 'data 2', 'data 3'])
    expect(await told()).toEqual(['data 2', 'data 3'])
  })

  test('an old id that comes back with other words, beside the item that was renamed, is news', async () => {
    const renamed = readItem({ id: 'new', url: `${HOME}a`, title: 'one' })
    const another = readItem({ id: 'old', url: `${HOME}b`, title: 'another' })

    for (const document of [
      [renamed, another],
      [another, renamed],
    ]) {
      const { poll, titles } = await live()
      await poll([readItem({ id: 'old', url: `${HOME}a`, title: 'one' })])
      await poll([renamed])
      await poll(document)

      expect(await titles()).toEqual(['another', 'one'])
    }
  })

  test.each([
    ['undated', {}],
    ['of one day', { publishedAt: NOW }],
  ])('what says the same as an item that was renamed, %s, and stands beside it, is another', async (_, given) => {
    const { poll, titles } = await live()
    const photo = (id: string) => readItem({ id, title: 'Photo', content: 'Of the day', ...given })

    await poll([photo('a')])
    await poll([photo('b')])
    await poll([photo('c'), photo('b')])

    expect(await titles()).toEqual(['Photo', 'Photo'])
  })

  test.each([
    ['address', (n: number) => ({ url: `${HOME}page`, title: `data ${n}` })],
    ['id', (n: number) => ({ id: 'same', title: `data ${n}` })],
  ])('what is pushed one by one under the one %s that all of a source have is news each time', async (_, given) => {
    const { poll, push, titles, told } = await live()
    const item = (n: number) => readItem(given(n))

    await poll([item(2), item(1)])
    await push([item(3)])
    await push([item(4)])
    await push([item(4)])

    expect(await told()).toEqual(['data 3', 'data 4'])
    await poll([4, 3, 2, 1].map(item))
    expect(await titles()).toEqual(['data 1', 'data 2', 'data 3', 'data 4'])
    expect(await told()).toEqual(['data 3', 'data 4'])
  })

  test('two items with the same words, seen again, move nothing', async () => {
    const { store } = await live()
    const source = await addTestSource(store)
    const read = readDocument(['a', 'b'].map((id) => readItem({ id, title: 'Photo' })))
    const plans: unknown[] = []

    for (const at of [1, 2, 3]) {
      await store.ingest(source.id, read, pollRecord({ polledAt: NOW + at }), (known) => {
        const plan = planIngest(read, known, NOW + at)
        plans.push(plan)
        return plan
      })
    }

    expect(plans.slice(1)).toMatchObject(Array(2).fill({ insert: [], edit: [], bind: [], forget: [], messages: [] }))
  })
})

const DAY = 24 * 3_600_000
const count = (length: number) => Array.from({ length }, (_, n) => n)
/** Number `n` of what a source publishes, one a day. */
const dated = (n: number, names: { id?: string; url?: string | null }) =>
  readItem({ title: `data ${n}`, summary: `Words of ${n}.`, publishedAt: NOW + n * DAY, url: `${HOME}${n}`, ...names })

describe('what a source calls by a name it used before is news all the same', () => {
  const reused: [name: string, documents: ReadItem[][]][] = [
    ['one id for whatever comes', count(4).map((n) => [dated(n, { id: 'latest' })])],
    ['one id, and the site itself for an address', count(4).map((n) => [dated(n, { id: HOME, url: HOME })])],
    ['one id, and no address', count(4).map((n) => [dated(n, { id: 'latest', url: null })])],
    ['one page for an address, and no id', count(4).map((n) => [dated(n, { url: `${HOME}news` })])],
    [
      'one page for an address, and no id, one or two at a time',
      [[0], [0, 1], [2], [2, 3], [3]].map((all) => all.map((n) => dated(n, { url: `${HOME}news` }))),
    ],
    ['its position for an id', count(4).map((newest) => count(10).map((at) => dated(newest - at, { id: String(at) })))],
    [
      'its position for an id, and no date',
      count(4).map((newest) =>
        count(10).map((at) => ({ ...dated(newest - at, { id: String(at) }), publishedAt: null })),
      ),
    ],
  ]
  test.each(reused)('%s', async (_, documents) => {
    const { poll, titles, told } = await live()
    for (const document of documents) await poll(document)
    const before = await titles()
    // What is shown again, by a cache that lags behind, is known.
    for (const document of documents.slice(-2)) await poll(document)

    expect(await told()).toEqual(['data 1', 'data 2', 'data 3'])
    expect(await titles()).toEqual(before)
    expect(new Set(before).size).toBe(before.length)
  })

  test('an item known by its position is edited, though it stands at another by now', async () => {
    const { poll, titles } = await live()
    const shown = (newest: number) => count(10).map((at) => dated(newest - at, { id: String(at) }))
    await poll(shown(0))
    await poll(shown(1))
    const before = await titles()
    const corrected = shown(2).map((item) =>
      item.title === 'data -3' ? readItem({ ...item, title: 'data -3, corrected', keys: {} }) : item,
    )
    await poll(corrected)

    expect(await titles()).toEqual(
      [...before.map((title) => (title === 'data -3' ? 'data -3, corrected' : title)), 'data 2'].sort(),
    )
  })

  test.each([
    ['its date', { publishedAt: NOW + 9 }],
    ['its title', { title: 'data, corrected' }],
    ['its title and date', { title: 'data, corrected', publishedAt: NOW + 9 }],
    ['its title and words', { title: 'data, corrected', summary: 'Other words.' }],
    ['its words and date', { summary: 'Other words.', publishedAt: NOW + 9 }],
    ['its address, title and words', { url: `${HOME}b`, title: 'data, corrected', summary: 'Other words.' }],
  ])('but an item that changes %s is the same', async (_, change) => {
    const before = { id: 'a', url: `${HOME}a`, title: 'data', summary: 'Some words.', publishedAt: NOW }
    for (const given of [before, { ...before, id: null }, { ...before, url: null }]) {
      // Without an id, another address makes another item.
      if (given.id === null && 'url' in change) continue
      const { poll, titles } = await live()
      await poll([readItem(given)])
      await poll([readItem({ ...given, ...change })])

      expect(await titles()).toHaveLength(1)
    }
  })
})

describe('whatever a source does, an item is one row, shows its last version, and is told once', () => {
  for (let seed = 1; seed <= 6; seed += 1) {
    test(`history ${seed}`, async () => {
      const { store, poll, push, titles, told } = await live()
      const newsroom = createNewsroom(createRandom(seed))
      const mishap = createRandom(seed + 1_000)
      const chance = (oneIn: number) => mishap(oneIn) === 0
      let yesterday: ReadItem[] = []

      for (let day = 0; day < 25; day += 1) {
        const pushed = day === 0 ? [] : newsroom.hurry()
        if (pushed.length > 0) await push(pushed)
        newsroom.work(day === 0 ? 'first' : pushed.length > 0 ? 'settled' : 'any')
        const document = newsroom.document()
        await poll(document)
        if (chance(5)) await poll([])
        if (chance(5)) await poll(document.slice(0, 1 + (document.length >> 1)), { truncated: true })
        if (chance(5) && pushed.length === 0) {
          // A cache that lags behind, and then does not.
          await poll(yesterday)
          await poll(document)
        }
        yesterday = document

        expect(await titles()).toEqual(newsroom.titles())
        expect(await told()).toEqual(newsroom.titlesToTell())
      }
      const alerts = await store.listAlerts({ limit: 9_999 })
      expect(new Set(alerts.map(({ story }) => story)).size).toBe(alerts.length)
    })
  }
})

// ---- A newsroom that adds, edits, removes, brings back, reorders, repeats, renames its ids, draws them anew each time, moves house, and hurries ----

interface Piece {
  serial: number
  /** Where it was published: what is gone when the others move keeps its names. */
  house: number
  naming: 'id and address' | 'id' | 'address' | 'id and homepage' | 'words'
  version: number
  isData: boolean
  /** Whether the watch was to be told of it. */
  isTold: boolean
  publishedAt: number | null
}

const NAMINGS: Piece['naming'][] = ['id and address', 'id', 'address', 'id and homepage', 'words']

function createNewsroom(random: (below: number) => number) {
  const pieces: Piece[] = []
  let shown: Piece[] = []
  let generation = 0
  let houses = 0
  let draws = false
  /** It came back today, perhaps under another id. */
  let back: Piece | null = null

  function toItem(piece: Piece): ReadItem {
    const { serial, house, naming, publishedAt } = piece
    const id = naming === 'address' || naming === 'words' ? null : `${generation}-${house}-${serial}`
    const own = naming === 'id and address' || naming === 'address' ? `${HOME}${house}/${serial}` : null
    return readItem({ id, url: naming === 'id and homepage' ? HOME : own, title: titleOf(piece), publishedAt })
  }

  function rearrange(): void {
    shown = shown.slice(0, Math.max(1, shown.length - random(4)))
    const turn = random(shown.length)
    shown = [...shown.slice(turn), ...shown.slice(0, turn)]
    const before = pieces[random(pieces.length)]
    back = before && !shown.includes(before) ? before : null
    if (back) shown.push(back)
  }

  function edit(piece: Piece | undefined): void {
    // An item that only its words name is another with other words.
    if (!piece || piece.naming === 'words' || piece === back) return
    piece.version += 1
    if (!piece.isData && random(3) === 0) Object.assign(piece, { isData: true, isTold: true })
  }

  function add(isBaseline: boolean): void {
    const isData = random(3) === 0
    const piece: Piece = {
      serial: pieces.length,
      house: houses,
      naming: NAMINGS[random(NAMINGS.length)] ?? 'id',
      version: 0,
      isData,
      isTold: isData && !isBaseline,
      publishedAt: random(2) === 0 ? null : NOW - random(9) * 3_600_000,
    }
    pieces.push(piece)
    shown.unshift(piece)
  }

  /** All names at once, of enough items. */
  function move(): void {
    generation += 1
    houses += 1
    for (const piece of shown) piece.house = houses
  }

  const canMove = () => shown.filter(({ naming }) => naming !== 'words').length >= 10

  return {
    work(when: 'first' | 'settled' | 'any'): void {
      const isBaseline = when === 'first'
      if (when === 'any' && canMove() && random(5) === 0) {
        move()
        for (let i = random(4); i > 0; i -= 1) add(false)
        return
      }
      if (!isBaseline) rearrange()
      if (random(8) === 0) draws = !draws
      // New ids or new words: an item that had both at once would be another.
      if (draws || random(4) === 0) generation += 1
      else if (!isBaseline) for (let i = random(3); i > 0; i -= 1) edit(shown[random(shown.length)])
      for (let i = isBaseline || random(6) === 0 ? 16 : random(4); i > 0; i -= 1) add(isBaseline)
    },
    /** What cannot wait for the next poll: news, and a correction. */
    hurry(): ReadItem[] {
      if (random(4) > 0) return []
      add(false)
      const old = shown[1 + random(shown.length - 1)]
      if (!draws) edit(old)
      return [shown[0], old].flatMap((piece) => (piece ? [toItem(piece)] : []))
    },
    document(): ReadItem[] {
      const items = shown.map(toItem)
      return random(3) === 0 ? [...items, ...items.slice(0, 2)] : items
    },
    titles: () => pieces.map(titleOf).sort(),
    titlesToTell: () =>
      pieces
        .filter(({ isTold }) => isTold)
        .map(titleOf)
        .sort(),
  }
}

function titleOf({ serial, version, isData }: Piece): string {
  return `${isData ? 'data ' : ''}${serial} v${version}`
}
