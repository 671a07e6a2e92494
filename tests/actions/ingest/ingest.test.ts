import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { planIngest } from '../../../src/actions/ingest/ingest.ts'
import type { Hit, Item, ReadItem, Watch } from '../../../src/model.ts'
import type { Fingerprints, Known, KnownItem } from '../../../src/ports.ts'
import { PARSER_VERSION } from '../../../src/source/fingerprint.ts'
import { plainSource, readDocument, readItem } from '../../support/items.ts'

const NOW = Date.UTC(2026, 10, 25, 12)
const HOUR = 3_600_000

describe('what is new', () => {
  test('an item nobody knows is inserted with its keys', () => {
    const plan = planIngest(readDocument([item({ id: 'a', title: 'One' })]), known(), NOW)

    expect(plan.insert.map(({ item }) => item.title)).toEqual(['One'])
    expect(plan.insert[0]?.item.keys.id).toBe(hash('id a'))
  })

  test('the same document again changes nothing', () => {
    const items = [item({ id: 'a', title: 'One' }), item({ id: 'b', title: 'Two' })]

    const plan = planIngest(readDocument(items), known({ stored: items }), NOW)

    expect(plan).toMatchObject({ insert: [], edit: [], bind: [], forget: [], messages: [] })
  })

  test('the same item twice in one document is stored once', () => {
    const plan = planIngest(readDocument([item({ id: 'a' }), item({ id: 'a' })]), known(), NOW)

    expect(plan.insert).toHaveLength(1)
  })

  test('the same words under two ids are two items', () => {
    const plan = planIngest(
      readDocument([item({ id: 'a', title: 'Photo' }), item({ id: 'b', title: 'Photo' })]),
      known(),
      NOW,
    )

    expect(plan.insert.map(({ item }) => item.id).sort()).toEqual(['a', 'b'])
  })

  test('two items that share an id are two items, and the id names neither', () => {
    const plan = planIngest(
      readDocument([item({ id: 'same', title: 'One' }), item({ id: 'same', title: 'Two' })]),
      known(),
      NOW,
    )

    expect(plan.insert.map(({ item }) => item.keys.id)).toEqual([null, null])
    expect(plan.insert).toHaveLength(2)
  })

  test('items that all link to the homepage stay apart', () => {
    const home = 'https://example.com/'
    const before = [item({ id: 'a', url: home, title: 'One' })]
    const now = [item({ id: 'b', url: home, title: 'Two' })]

    const plan = planIngest(readDocument(now), known({ stored: before }), NOW)

    expect(plan.insert.map(({ item }) => item.title)).toEqual(['Two'])
    expect(plan.edit).toEqual([])
  })
})

describe('what is known again', () => {
  test('an item whose id is known and whose content differs is an edit', () => {
    const plan = planIngest(
      readDocument([item({ id: 'a', title: 'One, corrected' })]),
      known({ stored: [item({ id: 'a', title: 'One' })] }),
      NOW,
    )

    expect(plan.insert).toEqual([])
    expect(plan.edit.map(({ place, item }) => [place, item.title])).toEqual([[1, 'One, corrected']])
  })

  test('a source that renames its ids is bound again, silently', () => {
    const url = 'https://example.com/1'
    const stored = [item({ id: 'old', url, title: 'One' })]

    const plan = planIngest(
      readDocument([item({ id: 'new', url, title: 'One' })]),
      known({ stored, watches: [watch('one')] }),
      NOW,
    )

    expect(plan.insert).toEqual([])
    expect(plan.messages).toEqual([])
    expect(plan.bind).toContainEqual({ place: 1, keys: expect.arrayContaining([hash('id new')]) })
  })

  test('an item at a known address is new while the old id is still in the document', () => {
    const url = 'https://example.com/live'
    const old = item({ id: 'old', url, title: 'Live' })

    const plan = planIngest(readDocument([item({ id: 'new', url, title: 'Live' }), old]), known({ stored: [old] }), NOW)

    expect(plan.insert.map(({ item }) => item.id)).toEqual(['new'])
  })

  test.each<[string, Parameters<typeof item>[0], Parameters<typeof known>[0], boolean]>([
    ['news under an id that its source gives to one after another', {}, {}, true],
    ['an edit, where it has no date', { publishedAt: null }, {}, false],
    ['an edit, where it says nothing', { title: '', content: null, text: '' }, {}, false],
    ['an edit, where another version of the parser read it last', {}, { parserVersion: PARSER_VERSION - 1 }, false],
  ])('what has other words and another date under a known id is %s', (_, change, more, isNews) => {
    const stored = [item({ id: 'a', title: 'One', content: 'Of one thing', publishedAt: NOW - 5 * HOUR })]
    const now = item({ id: 'a', title: 'Two', content: 'Of another', publishedAt: NOW - HOUR, ...change })

    const plan = planIngest(readDocument([now]), known({ stored, ...more }), NOW)

    expect([plan.insert.length, plan.edit.length]).toEqual(isNews ? [1, 0] : [0, 1])
  })

  test('of items that had one id what else is the same tells which was edited', () => {
    const [one, two] = ['One', 'Two'].map((title) => item({ id: 'same', url: `https://example.com/${title}`, title }))
    if (!one || !two) throw new Error('There are two.')

    const plan = planIngest(
      readDocument([item({ ...given(one), title: 'One, corrected' })]),
      known({ stored: [one, two] }),
      NOW,
    )

    expect(plan.edit.map(({ place, item }) => [place, item.title])).toEqual([[1, 'One, corrected']])
  })

  test('what was skipped must be read after all, where another poll remembered it in another context meanwhile', () => {
    const stored = [item({ id: 'a', title: 'One' })]
    const planOf = (context: string) => {
      const slices = { context, head: '', prints: ['0'], skipped: [0], bytes: new Uint8Array() }
      return planIngest(readDocument([], { slices }), known({ stored, isRemembered: true }), NOW)
    }

    expect([planOf('').needsAll, planOf('another').needsAll]).toEqual([undefined, true])
  })

  test('three that say the very same at their addresses are no news, though others stay under their ids', () => {
    const stored = Array.from({ length: 7 }, (_, i) =>
      item({ id: `${i}`, url: `https://example.com/${i}`, title: `Title ${i}`, publishedAt: NOW - 72 * HOUR }),
    )
    const anew = (count: number) =>
      stored.map((one, i) => (i < count ? item({ ...given(one), id: `new ${i}`, publishedAt: NOW }) : one))
    const insertedOf = (count: number) =>
      planIngest(readDocument(anew(count)), known({ stored, isRemembered: true }), NOW).insert.length

    expect([insertedOf(2), insertedOf(3)]).toEqual([2, 0])
  })

  describe('what was pushed under another id, at the address of an item that may stand there yet, is', () => {
    const day = { publishedAt: NOW - 5 * HOUR }
    test.each<[string, object, object, boolean]>([
      ['news, where it says something else under the same title, undated', {}, {}, true],
      ['news, where it has the date, but another title', day, { ...day, title: 'More' }, true],
      ['that item, where it has its title and its date', day, day, false],
      ['that item, where it says the very same', {}, { content: 'One' }, false],
      ['that item, where that had no id', { id: null }, {}, false],
    ])('%s', (_, before, after, isNews) => {
      const given = { id: 'a', url: 'https://example.com/live', title: 'Live', content: 'One' }
      const stored = [item({ ...given, ...before })]
      const pushed = readDocument([item({ ...given, id: 'b', content: 'Two', ...after })])

      expect(planIngest(pushed, known({ stored }), NOW, { partial: true }).insert).toHaveLength(isNews ? 1 : 0)
      // A whole document shows that the old id is gone.
      expect(planIngest(pushed, known({ stored }), NOW).insert).toEqual([])
    })
  })

  test('where items are numbered from the top each is bound to its new number', () => {
    const numbered = (titles: string[]) =>
      titles.map((title, i) => item({ id: `${i}`, url: `https://example.com/${title}`, title }))

    const plan = planIngest(
      readDocument(numbered(['New', 'One', 'Two'])),
      known({ stored: numbered(['One', 'Two']) }),
      NOW,
    )

    expect(plan.insert.map(({ item }) => item.title)).toEqual(['New'])
    expect(plan.bind).toEqual(
      expect.arrayContaining([
        { place: 1, keys: [hash('id 1')] },
        { place: 2, keys: [hash('id 2')] },
      ]),
    )
  })

  test('a weekly item with a new id and a new date is news, though it says the same', () => {
    const url = 'https://example.com/'
    const stored = [item({ id: 'w1', url, title: 'Open thread', publishedAt: NOW - 7 * 24 * HOUR })]

    const plan = planIngest(
      readDocument([item({ id: 'w2', url, title: 'Open thread', publishedAt: NOW })]),
      known({ stored }),
      NOW,
    )

    expect(plan.insert).toHaveLength(1)
  })
})

describe('place', () => {
  test('a baseline item stands at its own date, a dateless or future one at its arrival', () => {
    const items = [
      item({ id: 'a', publishedAt: NOW - HOUR }),
      item({ id: 'u', title: 'Atom', updatedAt: NOW - 2 * HOUR }),
      item({ id: 'b', publishedAt: null }),
      item({ id: 'c', publishedAt: NOW + HOUR }),
    ]

    const plan = planIngest(readDocument(items), known({ baselineDue: true }), NOW)

    const places = new Map(plan.insert.map(({ item, placeMs }) => [item.id, placeMs]))
    expect(Object.fromEntries(places)).toEqual({ a: NOW - HOUR, u: NOW - 2 * HOUR, b: NOW, c: NOW })
  })

  test('later items stand at their arrival, and the newest of a document comes last', () => {
    const items = [item({ id: 'new', title: 'n' }), item({ id: 'old', title: 'o' })]

    const plan = planIngest(readDocument(items), known(), NOW)

    expect(plan.insert.map(({ item, placeMs }) => [item.id, placeMs])).toEqual([
      ['old', NOW],
      ['new', NOW],
    ])
  })
})

describe('alerts', () => {
  test('a baseline calls nobody', () => {
    const plan = planIngest(
      readDocument([item({ id: 'a', title: 'big data' })]),
      known({ baselineDue: true, watches: [watch('data')] }),
      NOW,
    )

    expect(plan.insert).toHaveLength(1)
    expect(plan.messages).toEqual([])
  })

  test('two watches of one chat that match one item make one alert with two hits', () => {
    const watches = [watch('data'), watch('big')]

    const plan = planIngest(readDocument([item({ id: 'a', title: 'big data' })]), known({ watches }), NOW)

    expect(plan.messages).toHaveLength(1)
    expect(plan.messages[0]?.alerts[0]?.hits.map((hit) => hit.watch.query)).toEqual(['data', 'big'])
  })

  test('up to ten alerts for a chat are told singly, whatever was told of the same poll before', () => {
    const many = (n: number) =>
      readDocument(Array.from({ length: n }, (_, i) => item({ id: `${i}`, title: `data ${i}` })))
    const now = known({ watches: [watch('data')] })

    const said = (n: number, toldBefore: number) =>
      planIngest(many(n), now, NOW, { toldBefore }).messages.map(({ alerts, singly }) => [alerts.length, singly])

    expect(said(11, 0)).toEqual([[11, 10]])
    expect(said(3, 8)).toEqual([[3, 2]])
    expect(said(1, 14)).toEqual([[1, 0]])
  })

  const edits = [
    { name: 'did not match before and does now', before: 'One', after: 'One on data', calls: true },
    { name: 'matched before already', before: 'data', after: 'data, corrected', calls: false },
    { name: 'does not match', before: 'One', after: 'Two', calls: false },
  ]
  for (const { name, before, after, calls } of edits) {
    test(`an edit that ${name} ${calls ? 'calls' : 'does not call'}`, () => {
      const stored = [item({ id: 'a', title: before })]

      const plan = planIngest(
        readDocument([item({ id: 'a', title: after })]),
        known({ stored, watches: [watch('data')] }),
        NOW,
      )

      expect(plan.messages).toHaveLength(calls ? 1 : 0)
    })
  }

  test('an edit does not call a chat that was told of the story', () => {
    const stored = [item({ id: 'a', title: 'One' })]
    const now = known({ stored, watches: [watch('data')], alerted: true })

    expect(planIngest(readDocument([item({ id: 'a', title: 'data' })]), now, NOW).messages).toEqual([])
  })

  test('an edit of an item stored before the watch does not call it', () => {
    const stored = [item({ id: 'a', title: 'One' })]
    const late = { ...watch('data'), createdAt: NOW - HOUR + 1 }

    expect(
      planIngest(readDocument([item({ id: 'a', title: 'data' })]), known({ stored, watches: [late] }), NOW).messages,
    ).toEqual([])
  })
})

describe('what was pruned never comes back as new', () => {
  const old = item({ id: 'a', url: 'https://a.test/1', title: 'data', publishedAt: NOW - 9 * HOUR })
  const now = known({ stored: [old], watches: [watch('data')], pruned: true })

  const again = [
    ['as it was', old],
    ['edited', item({ ...given(old), title: 'data, corrected' })],
    ['under another id', item({ ...given(old), id: 'b' })],
    ['under another id, edited', item({ ...given(old), id: 'b', title: 'data, corrected' })],
    ['without an id', item({ ...given(old), id: null })],
  ] as const
  for (const [how, shown] of again) {
    test(how, () => {
      expect(planIngest(readDocument([shown]), now, NOW)).toMatchObject({ insert: [], messages: [] })
    })
  }

  test('without a date its whole content is what tells it again, under another id, too', () => {
    const undated = item({ id: 'a', url: 'https://a.test/1', title: 'data' })
    const before = known({ stored: [undated], watches: [watch('data')], pruned: true })

    expect(planIngest(readDocument([item({ ...given(undated), id: 'b' })]), before, NOW).insert).toEqual([])
    const other = item({ ...given(undated), id: 'c', title: 'other data' })
    expect(planIngest(readDocument([other]), before, NOW).insert).toHaveLength(1)
  })

  test('but what is published later at the same address is news: many sources link all they have to one page', () => {
    const later = item({ ...given(old), id: 'b', title: 'More data', publishedAt: NOW })

    expect(planIngest(readDocument([later]), now, NOW).insert).toMatchObject([{ item: { title: 'More data' } }])
  })
})

describe('what another version of the parser reads differently', () => {
  const stored = ['a', 'b', 'c'].map((id) => item({ id, title: `${id} on other things` }))

  test('is an edit to nobody', () => {
    const shown = [item({ id: 'a', title: 'a on data' }), ...stored.slice(1)]

    const [now, before] = [PARSER_VERSION, PARSER_VERSION - 1].map((parserVersion) =>
      planIngest(readDocument(shown), known({ stored, watches: [watch('data')], parserVersion }), NOW),
    )

    expect(now).toMatchObject({ edit: [{ place: 1 }], messages: [{ chat: 'terminal' }] })
    expect(now?.edit[0]).not.toHaveProperty('silent')
    expect(before).toMatchObject({ edit: [{ place: 1, silent: true }], messages: [] })
  })

  test('and names otherwise is stored, but where hardly anything is known any more it is no news', () => {
    const shown = [
      item({ url: 'https://a.test/old', title: 'old data', publishedAt: NOW - 9 * HOUR }),
      item({ url: 'https://a.test/undated', title: 'undated data' }),
      item({ url: 'https://a.test/new', title: 'new data', publishedAt: NOW }),
      item({ id: 'new', title: 'more new data' }),
    ]
    const told = (items: ReadItem[], parserVersion: number) => {
      const plan = planIngest(readDocument(items), known({ stored, watches: [watch('data')], parserVersion }), NOW)
      const alerts = plan.messages.flatMap((message) => message.alerts)
      return alerts.map(({ item }) => ('inserted' in item ? plan.insert[item.inserted]?.item.title : null)).sort()
    }

    expect(told(shown, PARSER_VERSION)).toHaveLength(4)
    expect(told(shown, PARSER_VERSION - 1)).toEqual(['more new data', 'new data'])
    // Most of it is known: then the one that is not is new.
    expect(told([...stored, ...shown.slice(1, 2)], PARSER_VERSION - 1)).toEqual(['undated data'])
  })
})

// ---- Builders ----

/** What was said of it, without what follows from that. */
function given({ id, url, title, publishedAt }: ReadItem) {
  return { id, url, title, publishedAt }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function item(given: Parameters<typeof readItem>[0]): ReadItem {
  return readItem({ title: '', ...given })
}

let watchIds = 0
function watch(query: string): Watch {
  watchIds += 1
  return { id: watchIds, chat: 'terminal', number: watchIds, query, createdAt: 0 }
}

/** What the store would know: places count from 1, and a watch matches a title that holds its word. */
function known(
  given: {
    stored?: ReadItem[]
    watches?: Watch[]
    baselineDue?: boolean
    alerted?: boolean
    /** All that is stored was pruned since: only its names are left. */
    pruned?: boolean
    parserVersion?: number
    /** The last document showed all that is stored. */
    isRemembered?: boolean
  } = {},
): Known {
  const stored = given.stored ?? []
  const byKey = new Map<string, KnownItem>()
  for (const [index, { keys }] of stored.entries()) {
    const found = { place: index + 1, contentKey: keys.content, firstSeenAt: NOW - HOUR }
    for (const key of [keys.id, keys.url, keys.content]) if (key !== null) byKey.set(key, found)
  }
  const source = plainSource({
    baselineDue: given.baselineDue ?? false,
    succeededAt: given.parserVersion === undefined ? null : NOW - HOUR,
    parserVersion: given.parserVersion ?? null,
  })
  const storedItem = (place: number): Item | undefined => {
    const read = given.pruned ? undefined : stored[place - 1]
    const seen = { firstSeenAt: NOW - HOUR, revision: 0, revisedAt: null, calledBy: [], related: [] }
    return read && { ...read, place, story: place, source, ...seen }
  }
  const match = (title: string): Hit[] =>
    (given.watches ?? [])
      .filter((watch) => title.includes(watch.query))
      .map((watch) => ({ watch, words: [watch.query] }))
  return {
    source,
    findItem: (key) => byKey.get(key),
    findStored: storedItem,
    fingerprints: () => (given.isRemembered ? fingerprintsOf(stored) : null),
    arrivals: () => [],
    watches: { match: (item) => match(item.title) },
    isAlerted: () => given.alerted ?? false,
  }
}

function fingerprintsOf(stored: ReadItem[]): Fingerprints {
  const items = stored.map(({ keys: { id, url, content } }, index) => {
    const [shortId = null, shortUrl = null] = [id, url].map((key) => key?.slice(0, 16))
    const keys = { id: shortId, url: shortUrl, content: content.slice(0, 16) }
    return { print: `${index}`, place: index + 1, keys, namedBy: 'id' as const, isHome: false }
  })
  return { context: '', head: '', items }
}
