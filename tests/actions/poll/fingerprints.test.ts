import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Actions } from '../../../src/actions/context.ts'
import { type Findings, planIngest } from '../../../src/actions/ingest/ingest.ts'
import { pollSource } from '../../../src/actions/poll/poll.ts'
import type { Source } from '../../../src/model.ts'
import type { Parse, Store } from '../../../src/ports.ts'
import { parseQuery } from '../../../src/query/parse.ts'
import { readDocument } from '../../../src/source/parse.ts'
import { fresh, testActions } from '../../support/actions.ts'
import { createRandom } from '../../support/random.ts'
import { addTestSource, NOW, pollRecord } from '../../support/store.ts'

type Show = (text: string, url?: string) => Promise<void>

interface Newsroom {
  ctx: Actions
  /** A poll that finds this document, a minute after the last one; the first is the baseline. */
  show: Show
  /** A hub pushes this part of it, half a minute after the last poll. */
  push: (text: string) => Promise<void>
  /** How many items each poll read, reading twice included. */
  read: number[]
  /** Everything that is kept, and what the last poll found. */
  kept: () => Promise<Found & Record<string, unknown>>
}

async function open(parse: Parse): Promise<Newsroom> {
  let now = NOW
  let document = fresh()
  const read: number[] = []
  const ctx = await testActions({
    clock: () => now,
    fetch: async () => document,
    async parse(given) {
      // As the parser's threads do, it takes the bytes away.
      const outcome = await parse({ ...given, bytes: structuredClone(given.bytes, { transfer: [given.bytes.buffer] }) })
      read[read.length - 1] = (read.at(-1) ?? 0) + (outcome.kind === 'read' ? outcome.items.length : 0)
      return outcome
    },
  })
  const seen = watchPlans(ctx.store)
  ctx.store = seen.store
  const { id } = await addTestSource(ctx.store)
  await ctx.store.addWatch('terminal', parseQuery('data', { timezone: 'UTC', for: 'watch' }), NOW)
  return {
    ctx,
    read,
    async show(text, url = 'https://example.com/feed') {
      now += 60_000
      seen.forget()
      document = fresh({
        bytes: Buffer.from(new TextEncoder().encode(text).slice().buffer),
        contentType: null,
        url,
        bodyHash: `${now}`,
      })
      read.push(0)
      const source = await ctx.store.findSource(id)
      if (source) await pollSource(ctx, source)
    },
    async push(text) {
      const at = now + 30_000
      const pushed = await readDocument({
        bytes: Buffer.from(text),
        contentType: null,
        url: 'https://example.com/feed',
      })
      if (pushed.kind === 'unreadable') return
      await ctx.store.ingest(id, pushed, pollRecord({ polledAt: at, pushed: true }), (known) =>
        planIngest(pushed, known, at, { partial: true }),
      )
    },
    kept: async () => ({
      ...seen.last(),
      items: (await ctx.store.listItems({ limit: 9_999, now })).items,
      alerts: await ctx.store.listAlerts({ limit: 9_999 }),
      source: await ctx.store.findSource(id),
    }),
  }
}

/** `findings` is null where nothing was planned: the document was built anew, and says what it said. */
interface Found {
  findings: Findings | null
  notices: unknown
}

/** What the plans of the last poll found, and whom they told. */
function watchPlans(store: Store): { store: Store; last: () => Found; forget: () => void } {
  const nothing: Found = { findings: null, notices: [] }
  let last = nothing
  return {
    last: () => last,
    forget: () => {
      last = nothing
    },
    store: {
      ...store,
      ingest: (id, read, record, plan) =>
        store.ingest(id, read, record, (known) => {
          const planned = plan(known)
          if (!planned.needsAll) {
            last = { findings: planIngest(read, known, record.polledAt).findings, notices: planned.notices }
          }
          return planned
        }),
    },
  }
}

const openThrifty = () => open(({ known = null, ...document }) => readDocument(document, known))

/** Reads everything, every time. */
const openThorough = () =>
  open(async ({ bytes, contentType, url }) => {
    const outcome = await readDocument({ bytes, contentType, url })
    if (outcome.kind === 'unreadable') return outcome
    const { slices, ...read } = outcome
    return read
  })

function rss(items: string[], { head = '', root = '<rss version="2.0">' } = {}): string {
  const link = head.includes('<link>') ? '' : '<link>https://example.com/</link>'
  return `${root}<channel><title>Wire</title>${link}${head}${items.join('\n')}</channel></rss>`
}

function rssItem(id: string | null, title: string, more = ''): string {
  return `<item>${id === null ? '' : `<guid isPermaLink="false">${id}</guid>`}<title>${title}</title>${more}</item>`
}

describe('what one poll reads', () => {
  test('of a document that changed its build date, nothing', async () => {
    const { show, read } = await openThrifty()
    const items = ['a', 'b', 'c'].map((id) => rssItem(id, id))

    await show(rss(items))
    await show(rss(items, { head: '<lastBuildDate>Mon, 23 Nov 2026 09:01:00 GMT</lastBuildDate>' }))

    expect(read).toEqual([3, 0])
  })

  test('of new, edited and moved items, the new and the edited', async () => {
    const { show, read, ctx } = await openThrifty()

    await show(rss([rssItem('a', 'A'), rssItem('b', 'B'), rssItem('c', 'C')]))
    await show(rss([rssItem('d', 'D'), rssItem('c', 'C'), rssItem('b', 'B, corrected'), rssItem('a', 'A')]))

    expect(read).toEqual([3, 2])
    const { items } = await ctx.store.listItems({ limit: 9, now: NOW })
    expect(items.map(({ title }) => title).sort()).toEqual(['A', 'B, corrected', 'C', 'D'])
  })

  test.each([
    ['address', (title: string) => rssItem(null, title, `<link>https://example.com/${title}</link>`)],
    ['words', (title: string) => rssItem(null, title)],
  ])('of items that only their %s name, the new one', async (_, item) => {
    const { show, read, ctx } = await openThrifty()

    await show(rss(['a', 'b', 'c'].map(item)))
    await show(rss(['d', 'a', 'b', 'c'].map(item)))
    await show(rss(['d', 'a', 'b', 'c'].map(item)))

    expect(read).toEqual([3, 1, 0])
    expect((await ctx.store.listItems({ limit: 9, now: NOW })).items).toHaveLength(4)
  })

  test('of two that say the very same, the one without a name of its own, which its words do not tell', async () => {
    const { show, read, ctx } = await openThrifty()
    const same = [rssItem('a', 'Same'), rssItem(null, 'Same')]

    await show(rss(same))
    await show(rss([rssItem('b', 'B'), ...same]))
    await show(rss([rssItem('c', 'C'), ...same]))

    expect(read).toEqual([2, 2, 2])
    expect((await ctx.store.listItems({ limit: 9, now: NOW })).items).toHaveLength(4)
  })

  test('of a source that renumbers some of its items, those, and tells nobody', async () => {
    const { show, read, ctx } = await openThrifty()
    const item = (name: string, n: number) =>
      rssItem(`${name}${n}`, `data ${n}`, `<link>https://${name}.example/${n}</link><pubDate>${iso(NOW - n)}</pubDate>`)
    const all = [...Array(20).keys()]

    await show(rss(all.map((n) => item('old', n))))
    await show(rss(all.map((n) => item(n < 12 ? 'new' : 'old', n))))
    await show(rss(all.map((n) => item(n < 12 ? 'new' : 'old', n))))

    expect(read).toEqual([20, 12, 0])
    expect(await ctx.store.listAlerts({ limit: 9 })).toEqual([])
    expect((await ctx.store.listItems({ limit: 99, now: NOW })).items).toHaveLength(20)
  })

  test('a change of one letter inside an item is seen', async () => {
    const { show, ctx } = await openThrifty()
    const item = (word: string) => rssItem('a', 'A', `<description>${'x '.repeat(500)}${word}</description>`)

    await show(rss([item('cat')]))
    await show(rss([item('cut')]))

    const [stored] = (await ctx.store.listItems({ limit: 9, now: NOW })).items
    expect(stored).toMatchObject({ revision: 1, summary: expect.stringContaining('cut') })
  })

  test('a new item with the id of one that stands where it stood is news, and not its edit', async () => {
    const { show, ctx } = await openThrifty()

    await show(rss([rssItem('a', 'A')]))
    await show(rss([rssItem('a', 'Another'), rssItem('a', 'A')]))

    const { items } = await ctx.store.listItems({ limit: 9, now: NOW })
    expect(items.map(({ title, revision }) => [title, revision])).toEqual([
      ['Another', 0],
      ['A', 0],
    ])
  })

  test.each([
    ['an item it had before the last poll', [rssItem('a', 'A')], [rssItem('a', 'A, corrected')], [rssItem('a', 'A')]],
  ])('%s is read again', async (_, ...documents) => {
    const { show, read } = await openThrifty()
    for (const items of documents) await show(rss(items))
    expect(read).toEqual([1, 1, 1])
  })

  test.each([
    ['was cut off', rss([rssItem('a', 'A'), rssItem('b', 'B')]).replace('</channel></rss>', ''), 2],
    ['cannot be cut', rss([rssItem('a', 'A'), rssItem('b', 'B')]).replace('</item>', ''), 2],
    [
      'is a JSON Feed',
      '{"version":"https://jsonfeed.org/version/1.1","title":"W","items":[{"id":"a","title":"A"}]}',
      1,
    ],
    [
      'gives prefixes a meaning within an item',
      rss([
        rssItem('a', 'A', '<d:creator xmlns:d="http://purl.org/dc/elements/1.1/">J</d:creator>'),
        rssItem('b', 'B'),
      ]),
      2,
    ],
    ['has items that share an id', rss([rssItem('a', 'A'), rssItem('a', 'B')]), 2],
  ])('a document that %s is read whole each time', async (_, text, count) => {
    const { show, read } = await openThrifty()
    for (let poll = 0; poll < 3; poll += 1) await show(text)
    expect(read).toEqual([count, count, count])
  })

  test.each([
    ['a pause', { state: 'paused' }, { state: 'active' }],
    ['a move', { url: 'https://elsewhere.example/feed' }, {}],
  ] as const)('everything, after %s', async (_, first, second) => {
    const { ctx, show, read } = await openThrifty()
    await show(rss([rssItem('a', 'A')]))
    await show(rss([rssItem('a', 'A')]))
    await ctx.store.changeSource(1, first, NOW)
    await ctx.store.changeSource(1, second, NOW)
    await show(rss([rssItem('a', 'A')]))

    expect(read).toEqual([1, 0, 1])
  })

  test('everything, after a removal', async () => {
    const { ctx, show, read } = await openThrifty()
    await show(rss([rssItem('a', 'A')]))
    const source = await ctx.store.findSource(1)
    await ctx.store.changeSource(1, { state: 'removed' }, NOW)
    await ctx.store.addSource({ ...newSource, url: source?.url ?? '' }, NOW)
    await show(rss([rssItem('a', 'A')]))

    expect(read).toEqual([1, 1])
  })

  test('where another poll was faster and saw it change, the whole document after all', async () => {
    const { ctx, show, read } = await openThrifty()
    await show(rss([rssItem('a', 'A')]))
    const known = await ctx.store.findKnownSlices(1)
    await show(rss([rssItem('a', 'A, corrected')]))
    ctx.store = { ...ctx.store, findKnownSlices: async () => known }
    await show(rss([rssItem('a', 'A')]))

    expect(read).toEqual([1, 1, 1])
    expect((await ctx.store.listItems({ limit: 9, now: NOW })).items).toMatchObject([{ title: 'A', revision: 2 }])
  })
})

describe('after an upgrade of the parser', () => {
  test('the next poll asks for the document whatever the server said, and what it reads better calls nobody', async () => {
    const { ctx, show } = await openThrifty()
    await show(rss([rssItem('a', 'A')]))
    const asked: unknown[] = []
    const { fetch } = ctx
    ctx.fetch = (request) => {
      asked.push(request.validators.etag)
      return fetch(request)
    }
    await show(rss([rssItem('a', 'A')]))
    const { store } = ctx
    ctx.store = {
      ...store,
      findSource: async (ref) => asOld(await store.findSource(ref)),
      ingest: (id, read, record, plan) =>
        store.ingest(id, read, record, (known) => plan({ ...known, source: { ...known.source, parserVersion: 0 } })),
    }
    await show(rss([rssItem('a', 'A, data'), rssItem('b', 'B, data')]))

    expect(asked).toEqual(['"a"', null])
    expect((await ctx.store.listAlerts({ limit: 9 })).map(({ item }) => item.title)).toEqual(['B, data'])
    expect((await ctx.store.listItems({ limit: 9, now: NOW })).items.map(({ title }) => title).sort()).toEqual([
      'A, data',
      'B, data',
    ])
  })
})

function asOld(source: Source | undefined): Source | undefined {
  return source && { ...source, parserVersion: 0 }
}

const newSource = { givenTitle: null, tags: [], everyMs: null, found: null }

describe('however a document lives, what is kept is what reading all of it each time would keep', () => {
  for (const format of ['rss', 'rdf', 'atom'] as const) {
    for (let seed = 1; seed <= 3; seed += 1) {
      test(`${format}, history ${seed}`, async () => {
        const [thrifty, thorough] = [await openThrifty(), await openThorough()]
        const wire = createWire(format, createRandom(seed * 7 + format.length))

        for (let day = 0; day < 30; day += 1) {
          if (wire.chance(6)) {
            const part = wire.part()
            await thrifty.push(part)
            await thorough.push(part)
          }
          const { text, url } = wire.next()
          await thrifty.show(text, url)
          await thorough.show(text, url)
          const [some, all] = [await thrifty.kept(), await thorough.kept()]
          if (some.findings === null) expect(all.notices).toEqual([])
          const wanted = some.findings === null ? { ...all, findings: null } : all
          // Of hundreds of items each day: Vitest would take longer to see that they are equal.
          if (!isDeepStrictEqual(some, wanted)) expect(some).toEqual(wanted)
        }
        const total = ({ read }: Newsroom) => read.reduce((sum, count) => sum + count, 0)
        expect(total(thrifty)).toBeLessThan(total(thorough) * 0.95)
      })
    }
  }
})

// ---- A wire that adds, edits, removes, brings back, reorders, repeats, renames and confuses its items, changes its head, and moves to other systems ----

interface Piece {
  id: string | null
  link: string | null
  title: string
  date: number | null
  /** Something no reader sees. */
  stamp: number
}

const HOMES = ['https://example.com/', 'https://example.org/']

function createWire(format: 'rss' | 'rdf' | 'atom', random: (below: number) => number) {
  let serial = 0
  let shown: Piece[] = []
  let gone: Piece[] = []
  /** Of which system it is, and where that lists its items. */
  const system = { ids: 0, path: 0, draws: false, numbers: false, sessions: 0 }
  const head = { built: 0, title: 'Wire', home: 0, language: 'en', author: 'Ann', base: '', path: 'feed' }
  const chance = (oneIn: number) => random(oneIn) === 0
  const pick = <T>(list: T[]): T | undefined => list[random(list.length)]

  function create(): Piece {
    serial += 1
    const naming = random(12)
    const id = naming < 7 ? `id-${serial}` : naming === 7 ? (pick(shown)?.id ?? null) : null
    const own = naming === 8 ? (pick(shown)?.link ?? null) : `/story/${serial}`
    const link = naming === 9 ? (HOMES[head.home] ?? null) : naming === 10 || naming === 6 ? null : own
    const title = naming === 11 ? (pick(shown)?.title ?? 'Photo') : `${chance(3) ? 'data ' : ''}story ${serial}`
    return { id, link, title, date: chance(3) ? null : NOW - random(99) * 3_600_000, stamp: 0 }
  }

  function replace(change: (piece: Piece) => Partial<Piece>): void {
    const at = random(shown.length)
    shown = shown.map((piece, index) => (index === at ? { ...piece, ...change(piece) } : piece))
  }

  const deeds: (() => void)[] = [
    () => shown.unshift(create()),
    () => shown.splice(random(shown.length), 0, create()),
    () => replace(({ title }) => ({ title: `${title}!` })),
    () => replace(({ title }) => ({ title: `data ${title}` })),
    () => replace(() => ({ link: `/moved/${serial}` })),
    () => replace(({ title }) => ({ id: `renamed-${title}` })),
    () => replace(({ stamp }) => ({ stamp: stamp + 1 })),
    () => replace(() => ({ date: NOW - random(99) * 3_600_000 })),
    () => replace(() => ({ id: pick(shown)?.id ?? null })),
    () => replace(({ id }) => ({ ...create(), id })),
    () => replace(({ link }) => ({ ...create(), id: null, link })),
    () => void gone.push(...shown.splice(random(shown.length), 1)),
    () => void gone.push(...shown.splice(-2)),
    () => void shown.push(...gone.splice(random(gone.length + 1), 1)),
    () => void shown.push(...shown.slice(0, 2)),
    () => void shown.push(...shown.slice(0, 1).map((piece) => ({ ...piece, stamp: piece.stamp + 1 }))),
    () => {
      const turn = random(shown.length + 1)
      shown = [...shown.slice(turn), ...shown.slice(0, turn)]
    },
  ]
  const changesOfHead: (() => Partial<typeof head>)[] = [
    () => ({ title: `${head.title}.` }),
    () => ({ home: 1 - head.home }),
    () => ({ language: head.language === 'en' ? 'de' : 'en' }),
    () => ({ author: head.author === 'Ann' ? 'Bob' : 'Ann' }),
    () => ({ base: head.base === '' ? 'https://base.example/' : '' }),
    () => ({ path: head.path === 'feed' ? 'feed/2' : 'feed' }),
  ]

  const disasters: (() => void)[] = [
    () => Object.assign(system, { ids: system.ids + 1 }),
    () => Object.assign(system, { path: system.path + 1 }),
    () => Object.assign(system, { ids: system.ids + 1, path: system.path + 1 }),
    () => Object.assign(system, { draws: !system.draws }),
    () => Object.assign(system, { numbers: !system.numbers }),
    () => Object.assign(system, { sessions: system.sessions === 0 ? 1 : 0 }),
    () => {
      gone.push(...shown)
      shown = shown.map(create)
    },
  ]
  const nameOf = (id: string, at: number) =>
    system.numbers ? `no ${at}` : system.ids === 0 ? id : `${system.ids}-${id}`
  const addressOf = (path: string) => {
    const address = system.path === 0 ? path : `/${system.path}${path}`
    return system.sessions === 0 ? address : `${address}?session=${system.sessions}`
  }
  const publish = (piece: Piece, at: number): Piece => ({
    ...piece,
    id: piece.id === null ? null : nameOf(piece.id, at),
    link: piece.link?.startsWith('/') ? addressOf(piece.link) : piece.link,
  })

  return {
    chance,
    part: () => RENDER[format](head, shown.slice(0, 1 + random(4)).map(publish)),
    next(): { text: string; url: string } {
      while (shown.length < 8) shown.unshift(create())
      if (shown.length > 20) shown = shown.slice(0, 14)
      if (gone.length > 30) gone = gone.slice(-10)
      head.built += 60_000
      for (let count = random(4); count > 0; count -= 1) pick(deeds)?.()
      if (chance(8)) Object.assign(head, pick(changesOfHead)?.())
      if (chance(15)) pick(disasters)?.()
      if (system.draws) system.ids += 1
      if (system.sessions > 0) system.sessions += 1

      const text = RENDER[format](head, shown.map(publish))
      return { text: chance(15) ? text.slice(0, -20 - random(200)) : text, url: `https://example.com/${head.path}` }
    },
  }
}

type Head = { built: number; title: string; home: number; language: string; author: string; base: string }

const baseOf = (head: Head) => (head.base === '' ? '' : ` xml:base="${head.base}"`)
const iso = (at: number) => new Date(at).toISOString()

function element(name: string, value: string | null, attributes = ''): string {
  return value === null ? '' : `<${name}${attributes}>${value}</${name}>`
}

const RENDER = {
  rss: (head: Head, pieces: Piece[]) =>
    `<rss version="2.0"${baseOf(head)}><channel><title>${head.title}</title><link>${HOMES[head.home]}</link>
<language>${head.language}</language><lastBuildDate>${iso(head.built)}</lastBuildDate>${pieces
      .map(
        ({ id, link, title, date, stamp }) =>
          `<item>${element('guid', id, ' isPermaLink="false"')}${element('link', link)}<title>${title}</title><x>${stamp}</x>${element('pubDate', date === null ? null : iso(date))}</item>`,
      )
      .join('\n')}</channel></rss>`,
  rdf: (head: Head, pieces: Piece[]) =>
    `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"${baseOf(head)}>
<channel><title>${head.title}</title><link>${HOMES[head.home]}</link><dc:language>${head.language}</dc:language><dc:date>${iso(head.built)}</dc:date>
<items><rdf:Seq>${pieces.map(({ id }) => `<rdf:li resource="${id}"/>`).join('')}</rdf:Seq></items></channel>${pieces
      .map(
        ({ id, link, title, date, stamp }) =>
          `<item${id === null ? '' : ` rdf:about="${id}"`}>${element('link', link)}<title>${title}</title><x>${stamp}</x>${element('dc:date', date === null ? null : iso(date))}</item>`,
      )
      .join('\n')}</rdf:RDF>`,
  atom: (head: Head, pieces: Piece[]) =>
    `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${head.language}"${baseOf(head)}><title>${head.title}</title><link href="${HOMES[head.home]}"/>
<updated>${iso(head.built)}</updated><author><name>${head.author}</name></author>${pieces
      .map(
        ({ id, link, title, date, stamp }) =>
          `<entry>${element('id', id)}${link === null ? '' : `<link href="${link}"/>`}<title>${title}</title><x>${stamp}</x>${element('updated', date === null ? null : iso(date))}<content type="html">about ${title}</content></entry>`,
      )
      .join('\n')}</feed>`,
}
