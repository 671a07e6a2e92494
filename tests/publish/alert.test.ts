import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert, Item, RelatedItem } from '../../src/model.ts'
import { exactText, inertText, nameItem, renderAlert, renderItems } from '../../src/publish/alert.ts'
import { plainText } from '../../src/publish/plain.ts'
import { anyString } from '../support/any-string.ts'
import { liveParts, parseTelegramHtml } from '../support/fake-telegram.ts'
import { workedMs } from '../support/work.ts'

const NINE = Date.UTC(2026, 10, 23, 9)

test('one alert has title, source, time, quote and reason, to the byte', () => {
  const rendered = renderAlert(
    [
      alert(
        {
          title: 'Why <Big Data> & "AI" matter',
          url: 'https://example.com/a?x=1&y=2',
          text: 'Teams move big data pipelines to the edge. Ask @everyone or tap /unfollow_all now. AT&T said 1 < 2.',
          source: source({ title: 'R&D Weekly' }),
        },
        [{ name: 'Data news', words: ['big data'] }],
      ),
    ],
    1,
  )

  expect(rendered.html).toBe(
    [
      '<a href="https://example.com/a?x=1&amp;y=2"><b>Why &lt;<u>Big Data</u>&gt; &amp; &quot;AI&quot; matter</b></a>',
      '📰 R&amp;D Weekly · <tg-time unix="1795424400" format="r">2026-11-23 09:00 UTC</tg-time>',
      '<blockquote>Teams move <b>big data</b> pipelines to the edge. Ask @\u2060everyone or tap /\u2060unfollow_all now. AT&amp;T said 1 &lt; 2.</blockquote>',
      '🔎 <b>big data</b> · <i>Data news</i>',
    ].join('\n'),
  )
  expect(rendered.openUrl).toBe('https://example.com/a?x=1&y=2')
})

test.each([
  ['no scheme Telegram takes', 'javascript:alert(1)'],
  ['a link into Telegram', 'tg://user?id=1'],
  ['a host without a dot', 'http://intranet/x'],
  ['a password inside', 'https://me:secret@example.com/'],
  ['port 0', 'http://example.com:0/'],
  ['more than 2,000 bytes', `https://example.com/${'x'.repeat(2_000)}`],
  ['nothing that is an address', 'not an address'],
  ['none', null],
])('an item with %s has neither link nor button', (_, url) => {
  const rendered = renderAlert([alert({ url })], 1)
  expect(rendered.openUrl).toBeNull()
  expect(rendered.html).not.toContain('<a')
})

test('an episode without a page of its own is opened where it is heard', () => {
  const enclosures = ['not an address', 'https://cdn.example/42.mp3'].map((url) => ({ url, type: null, length: null }))
  const episode = { url: null, enclosures }
  const rendered = renderAlert([alert(episode)], 1)
  expect(rendered.openUrl).toBe('https://cdn.example/42.mp3')
  for (const html of [rendered.html, renderItems([item(episode)]).html, nameItem(item(episode))]) {
    expect(html).toContain('<a href="https://cdn.example/42.mp3">')
  }
})

test.each([
  ['missing', null],
  ['more than an hour after it was seen', NINE + 3_600_001],
  ['before 1970', -1],
])('a time that is %s is not shown', (_, publishedAt) => {
  expect(renderAlert([alert({ publishedAt, firstSeenAt: NINE })], 1).html).not.toContain('tg-time')
})

test('a date without a time is said without one, and is no moment that Telegram could turn into another day', () => {
  const day = { publishedAt: Date.UTC(2026, 10, 22) }
  expect(renderAlert([alert(day)], 1).html).toContain('📰 Example News · 2026-11-22\n')
  expect(renderItems([item(day)]).html).toContain(' · 2026-11-22')
})

test('of an item with no date but that of its last change that one is shown, until we know of an edit', () => {
  const release = { publishedAt: null, updatedAt: NINE }
  expect(renderAlert([alert(release)], 1).html).toContain('📰 Example News · <tg-time')
  expect(renderAlert([alert({ ...release, revisedAt: NINE })], 1).html).toContain('📰 Example News · edited <tg-time')
})

test('a list tells the releases of one project from those of another', () => {
  const project = source({ title: 'Release notes from home-assistant-core' })
  expect(renderItems([item({ source: project })]).html).toContain('<i>Release notes from home-assistant-core · ')
})

test('a missing title is the beginning of the text, and without both it says so', () => {
  const words = 'word '.repeat(30)
  expect(read(alert({ title: ' \u200B ', text: words })).text).toMatch(/^(word )+word…\n/)
  expect(read(alert({ title: '', text: '' })).text).toMatch(/^\(untitled\)\n/)
})

test('within a sentence an item has the same name, linked, and its source beside it', () => {
  const words = 'word '.repeat(30)
  const { item } = alert({ title: ' \u200B ', text: words, source: source({ title: '\u200B' }) })

  expect(nameItem(item)).toMatch(/^<b><a href="[^"]+">(word )+word…<\/a><\/b> · <i>example\.com<\/i>$/)
  expect(nameItem({ ...item, url: null, title: '@all <b>' })).toBe('<b>@\u2060all &lt;b&gt;</b> · <i>example.com</i>')
})

test('a text that begins with the title is quoted without it', () => {
  const { text } = read(alert({ title: 'Rates rise', text: 'RATES RISE — The bank said so.' }))
  expect(text).toContain('\nThe bank said so.\n')
  const long = `${'word '.repeat(38)}a somewhere else ends what it says.`
  expect(quoteOf(read(alert({ title: long, text: long })))).toBe('…re else ends what it says.')
  expect(read(alert({ title: 'Big data', text: 'Big databases grow.' })).text).toContain('\nBig databases grow.\n')
})

test('a text that says nothing but the title is not quoted', () => {
  expect(read(alert({ title: 'Rates rise', text: 'Rates rise' })).entities.map((e) => e.type)).not.toContain(
    'blockquote',
  )
})

test('a long text is quoted around its first match, from the beginning of a word', () => {
  const text = `${'before '.repeat(100)}the needle itself ${'after '.repeat(100)}`
  const quoted = quoteOf(read(alert({ title: 'T', text }, [{ name: 'needle', words: ['needle'] }])))
  expect(quoted).toMatch(/^…before (before )+the needle itself (after )+af…$/)
  expect(quoted.length).toBeLessThanOrEqual(280)
})

test.each([
  ['where words are not parted', `${'字'.repeat(300)}数据 ${'后'.repeat(300)}`, /^…字{90}数据 后+…$/],
  [
    'where the next word is far',
    `${'字'.repeat(250)} ${'长'.repeat(40)}数据${'后'.repeat(300)}`,
    /^…字{49} 长{40}数据后+…$/,
  ],
])('a long text %s is quoted from within one, and its match stays in sight', (_, text, expected) => {
  expect(quoteOf(read(alert({ title: 'T', text }, [{ name: '数据', words: ['数据'] }])))).toMatch(expected)
})

test('marks in Chinese stand where the characters stand', () => {
  const { html } = renderAlert(
    [alert({ title: '中国大数据产业', text: '' }, [{ name: '大数据', words: ['大数据'] }])],
    1,
  )
  expect(html).toContain('<b>中国<u>大数据</u>产业</b>')
})

test.each([
  ['a word that is the whole query', [{ name: 'fishing', words: ['fishing'] }], 'fishing'],
  ['a phrase that is', [{ name: '"big data"', words: ['"big data"'] }], 'big data'],
  [
    'words of a phrase that was found, too',
    [
      { name: '"Big data"', words: ['"Big data"'] },
      { name: 'big data ships', words: ['big', 'data', 'ships'] },
    ],
    'Big data, ships · "Big data"; big data ships',
  ],
  ['a word that another only begins with', [{ name: 'car*', words: ['car', 'carbon'] }], 'car, carbon · car*'],
])('a reason says nothing twice: %s', (_, hits, reason) => {
  expect(read(alert({}, hits)).text.split('\n').at(-1)).toBe(`🔎 ${reason}`)
})

test('several hits are one reason: three words and the rest counted, each watch named', () => {
  const { text } = read(
    alert({}, [
      { name: 'a b', words: ['a', 'b'] },
      { name: 'c d', words: ['a', 'c', 'd', 'e'] },
    ]),
  )
  expect(text.split('\n').at(-1)).toBe('🔎 a, b, c +2 · a b; c d')
})

test('where one watch ends and the next begins is seen, also of lists with commas', () => {
  const { text } = read(
    alert({}, [
      { name: '芯片, 大数据', words: ['芯片'] },
      { name: 'chips, wafers', words: ['chips'] },
    ]),
  )
  expect(text.split('\n').at(-1)).toBe('🔎 芯片, chips · 芯片, 大数据; chips, wafers')
})

test('a watch without words of its own gives its name as the reason', () => {
  expect(
    read(alert({}, [{ name: 'source:7', words: [] }]))
      .text.split('\n')
      .at(-1),
  ).toBe('🔎 source:7')
})

test('a common word marks only so much that Telegram does not forget the rest', () => {
  const { entities } = read(alert({ title: 'a '.repeat(90), text: 'a '.repeat(900) }, [{ name: 'a', words: ['a'] }]))
  expect(entities.length).toBeLessThanOrEqual(60)
})

test('with everything that can be marked, linked and named it is still all shown', () => {
  const everything = alert(
    {
      title: 'a '.repeat(90),
      text: 'a '.repeat(900),
      revisedAt: NINE,
      related: ['x', 'y', 'z', 'w'].map((title, i) => related({ id: 10 + i, title })),
    },
    ['a', 'b', 'c', 'd'].map((name) => ({ name, words: [name] })),
  )
  const { entities } = read(everything)
  expect(entities.length).toBeGreaterThan(50)
  expect(entities.length).toBeLessThanOrEqual(60)
})

test('a title is cut between graphemes, never inside one', () => {
  const family = '👩‍👩‍👧‍👦'
  const [title] = read(alert({ title: family.repeat(40), text: '' })).text.split('\n')
  expect(title).toBe(`${family.repeat(18)}…`)
  const endless = read(alert({ title: `👩${'\u200D👩'.repeat(500)}`, text: '' })).text.split('\n')[0] ?? ''
  expect(endless.length).toBeLessThanOrEqual(200)
  expect(endless.length).toBeGreaterThan(190)
  // What it is made of takes three units: somewhere the end falls into a pair.
  for (const longest of [30, 31, 32]) {
    const short = exactText(`👩${'\u200D👩'.repeat(500)}`, longest)
    expect(short.length).toBeGreaterThan(longest - 4)
    expect(short).not.toMatch(/\p{Surrogate}/u)
  }
  expect(endless).not.toMatch(/\p{Surrogate}/u)
})

test('a text is cut after as many graphemes as fit, whatever it is made of', () => {
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
  const unit = fc.constantFrom(...'abÖ,.@大数　はガﾞЙ', 'e\u0301\u0323', '🇦🇹', '👩\u200D👧', 'กำ', '\r\n', ' ')
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 60 }), fc.integer({ min: 25, max: 40 }), (units, longest) => {
      const text = units.join('')
      const whole = exactText(text, Number.MAX_SAFE_INTEGER)
      const fitting = [...graphemes.segment(whole)].filter(({ index, segment }) => index + segment.length < longest)
      const cut = `${fitting
        .map(({ segment }) => segment)
        .join('')
        .trimEnd()}…`
      expect(exactText(text, longest)).toBe(whole.length <= longest ? whole : cut)
    }),
  )
})

describe('who else carries the story', () => {
  const others = (...titles: string[]) => titles.map((title, i) => related({ title, id: 10 + i }))
  const lineOf = (changes: Partial<Item>) =>
    read(alert(changes))
      .text.split('\n')
      .find((line) => line.startsWith('+'))

  test('is one line below the source, each name a link to its item, to the byte', () => {
    const { html } = renderAlert([alert({ related: others('Reuters', 'R&D <Weekly>', 'The Guardian') })], 1)
    expect(html.split('\n').slice(1, 4)).toEqual([
      '📰 Example News · <tg-time unix="1795424400" format="r">2026-11-23 09:00 UTC</tg-time>',
      '+3: <a href="https://other-10.example/a">Reuters</a>, <a href="https://other-11.example/a">R&amp;D &lt;Weekly&gt;</a>, <a href="https://other-12.example/a">The Guardian</a>',
      '<blockquote>Some text.</blockquote>',
    ])
  })

  test.each([
    ['nobody', [], undefined],
    ['one', others('Reuters'), '+1: Reuters'],
    ['three', others('Reuters', 'BBC', 'The Guardian'), '+3: Reuters, BBC, The Guardian'],
    ['more: the earliest three, and the rest counted', others('a', 'b', 'c', 'd', 'e'), '+5: a, b, c and 2 more'],
    ['one source three times', others('Reuters', 'BBC', 'Reuters', ' Reuters\u202E'), '+2: Reuters, BBC'],
    [
      'its own source again, in this feed and in another',
      [related({ id: 1, title: 'x' }), ...others('Example News')],
      undefined,
    ],
    ['a source without a title', [related({ id: 9, title: ' ', host: 'wire.example' })], '+1: wire.example'],
  ])('%s', (_, list, expected) => {
    expect(lineOf({ related: list })).toBe(expected)
  })

  test.each([
    ['more than are given', { sources: 40, isMore: false }, '+40: a, b, c and 37 more'],
    ['more than were counted', { sources: 50, isMore: true }, '+50 or more: a, b, c and others'],
    ['further items of the same', { sources: 4, isMore: false }, '+4: a, b, c and 1 more'],
  ])('%s', (_, relatedCount, expected) => {
    expect(lineOf({ related: others('a', 'b', 'c', 'd'), relatedCount })).toBe(expected)
  })

  test.each([
    ['none', null],
    ['one Telegram does not take', 'http://intranet/x'],
    ['one that would fill the message', `https://other.example/${'&'.repeat(300)}`],
  ])('a name whose address is %s is no link', (_, url) => {
    const { html } = renderAlert([alert({ url: null, related: [{ ...related({}), url }] })], 1)
    expect(html).toContain('\n+1: Other News\n')
    expect(html).not.toContain('<a ')
  })

  test('is not told of the items of a summary', () => {
    const alerts = [1, 2].map((place) => alert({ place, related: others('Reuters'), revisedAt: NINE + 1 }))
    expect(renderAlert(alerts, 2).html).not.toMatch(/\+1|Reuters|edited/)
  })

  test('is told in plain text too, the addresses below the names', () => {
    const rendered = renderAlert([alert({ related: others('Reuters', 'BBC') })], 1)
    expect(plainText(rendered, { ansi: false })).toContain(
      '\n+2: Reuters, BBC\nhttps://other-10.example/a\nhttps://other-11.example/a\n│ Some text.',
    )
  })
})

test('an item that its publisher edited says when; one that only got its whole text says nothing', () => {
  const edited = renderAlert([alert({ revision: 1, revisedAt: NINE + 3_600_000 })], 1).html
  expect(edited.split('\n')[1]).toBe(
    '📰 Example News · <tg-time unix="1795424400" format="r">2026-11-23 09:00 UTC</tg-time> · edited <tg-time unix="1795428000" format="r">2026-11-23 10:00 UTC</tg-time>',
  )
  expect(renderAlert([alert({ revision: 1, revisedAt: null })], 1).html).not.toContain('edited')
})

test('many alerts are one list: the ten newest, numbered, and how many more there are', () => {
  const alerts = Array.from({ length: 10 }, (_, i) =>
    alert({ place: i, title: `Title ${i}`, url: `https://example.com/${i}` }),
  )

  const rendered = renderAlert(alerts, 12)

  const { text, entities } = parseTelegramHtml(rendered.html)
  const lines = text.split('\n')
  expect(lines[0]).toBe('Example News — 12 new')
  expect(lines.slice(1, 3)).toEqual(['1. Title 9', 'Example News · 2026-11-23 09:00 UTC'])
  expect(lines[19]).toBe('10. Title 0')
  expect(lines.slice(21)).toEqual(['… and 2 more: npx crier alerts --chat 1 --limit 12 lists them.', '🔎 data'])
  expect(entities.filter((entity) => entity.type === 'a')).toHaveLength(10)
  expect(rendered.openUrl).toBeNull()
})

test('alerts of several sources are counted together, and each line names its own', () => {
  const alerts = ['One', 'Two'].map((title, place) => alert({ place, source: source({ title }) }))
  const lines = parseTelegramHtml(renderAlert(alerts, 2).html).text.split('\n')
  expect(lines[0]).toBe('2 sources — 2 new')
  expect(lines[2]).toMatch(/^Two · /)
  expect(lines.at(-1)).toBe('🔎 data')
})

test.each([
  ['missing', null],
  ['still to come', NINE + 86_400_000],
])('of an item whose date is %s a list says when it was seen', (_, publishedAt) => {
  const { html } = renderItems([item({ publishedAt, firstSeenAt: NINE })])
  expect(parseTelegramHtml(html).text.split('\n')[1]).toBe('Example News · seen 2026-11-23 09:00 UTC')
  expect(html).toContain(`seen <tg-time unix="${NINE / 1_000}" format="r">`)
})

test('a list says of each item in a few words who else carries its story', () => {
  const others = ['Reuters', '@all <b>', 'Post'].map((title, id) => related({ title, id: 10 + id }))
  const day = { publishedAt: Date.UTC(2026, 10, 22) }
  const { html, shown } = renderItems([
    item({ ...day, related: others.slice(0, 2) }),
    item({ ...day, related: others }),
    item({ ...day, related: [] }),
  ])
  const { text, entities } = parseTelegramHtml(html)
  expect(shown).toBe(3)
  expect(text.split('\n').filter((_, n) => n % 2 === 1)).toEqual([
    'Example News · 2026-11-22 · +2: Reuters, @\u2060all <b>',
    'Example News · 2026-11-22 · +3: Reuters, @\u2060all <b> and 1 more',
    'Example News · 2026-11-22',
  ])
  // The links of the items themselves.
  expect(entities.filter(({ type }) => type === 'a')).toHaveLength(3)
})

test('a list of twenty of the longest stays inside what Telegram takes, and says how many it shows', () => {
  const items = Array.from({ length: 20 }, (_, place) =>
    item({
      place,
      title: '/a@b'.repeat(100),
      source: source({ title: '/a@b"'.repeat(30) }),
      url: `https://example.com/${'&'.repeat(100)}`,
      related: [1, 2, 3].map((id) => related({ id: 10 + id, title: `/a@b"${id}`.repeat(30) })),
    }),
  )
  const { html, shown } = renderItems(items)
  const { text, entities } = parseTelegramHtml(html)
  expect(text.split('\n')).toHaveLength(2 * shown)
  expect(text.length).toBeLessThanOrEqual(3_800)
  expect(entities.length).toBeLessThanOrEqual(60)
  expect(Buffer.byteLength(html)).toBeLessThan(32_768)
})

const HOSTILE = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '<b>',
          '</a>',
          '<script>',
          '&amp;',
          '&#0;',
          '&nbsp;',
          '"',
          "'",
          '>',
          '@everyone',
          '/unfollow_all',
          '@',
          '/',
          '//',
        ],
        ...[
          '\u0000',
          '\u001B[31m',
          '\r\n',
          '\u202E',
          '\u2066',
          '\u200B',
          '\u2060',
          '\uFEFF',
          '\uD800',
          '\uDC00',
          'e\u0301\u0301\u0301\u0301\u0301',
        ],
        ...['👩‍👩‍👧‍👦', '大数据', 'big data', ' ', 'https://example.com/@a/b', 'İ', 'ﬁ', '\u{E0041}', 'a'.repeat(300)],
      ),
      anyString(20),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''))

test('nothing a source can write is refused by Telegram, mentions anybody, or presses a command', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ title: HOSTILE, text: HOSTILE, name: HOSTILE, url: fc.oneof(HOSTILE, fc.webUrl()) }), {
        minLength: 1,
        maxLength: 10,
      }),
      fc.array(fc.oneof(HOSTILE, fc.constantFrom('big data', '大数据', 'a*', 'everyone')), { maxLength: 6 }),
      fc.integer({ min: -1e15, max: 1e15 }),
      fc.integer({ min: 0, max: 10_000 }),
      fc.array(fc.record({ title: HOSTILE, url: fc.oneof(HOSTILE, fc.webUrl()) }), { maxLength: 60 }),
      fc.option(fc.integer({ min: NINE, max: 2 * NINE })),
      (items, words, publishedAt, more, others, revisedAt) => {
        const list = others.map(({ title, url }, i) => ({ ...related({ id: 10 + i, title }), url }))
        const alerts = items.map(({ title, text, name, url }, place) =>
          alert(
            {
              place,
              title,
              text,
              url,
              publishedAt,
              revisedAt,
              related: list,
              source: source({ title: name }),
            },
            [{ name, words }],
          ),
        )
        const { html, openUrl } = renderAlert(alerts, alerts.length + more)
        const { text, entities } = parseTelegramHtml(html)
        expect(text.length).toBeLessThanOrEqual(3_900)
        expect(Buffer.byteLength(html)).toBeLessThan(32_768)
        expect(entities.length).toBeLessThanOrEqual(60)
        expect(liveParts(text)).toEqual([])
        expect(text).not.toMatch(/[\p{Surrogate}\u202E\u200B]|(?!\n)\p{Cc}/u)
        for (const { url } of entities) if (url !== undefined) expect(url).toMatch(/^https?:\/\//)
        if (openUrl !== null) expect(openUrl).toMatch(/^https?:\/\//)
      },
    ),
    { numRuns: 200, seed: 5 },
  )
})

test('text inside an answer is one inert line', () => {
  expect(inertText('a\n<b> @you & /go', 64)).toBe('a &lt;b&gt; @\u2060you &amp; /\u2060go')
})

test('an item of ten megabytes is told as quickly as any other', () => {
  const text = '大数据 data <b> @x '.repeat(700_000)
  const before = workedMs()
  renderAlert([alert({ title: text, text }, [{ name: 'zebra', words: ['zebra'] }])], 1)
  expect(workedMs() - before).toBeLessThan(1_000)
})

function read(one: Alert) {
  return parseTelegramHtml(renderAlert([one], 1).html)
}

function quoteOf({ text, entities }: ReturnType<typeof parseTelegramHtml>): string {
  const quote = entities.find((entity) => entity.type === 'blockquote')
  return quote ? text.slice(quote.offset, quote.offset + quote.length) : ''
}

function alert(
  changes: Partial<Item> = {},
  hits: { name: string; words: string[] }[] = [{ name: 'data', words: [] }],
): Alert {
  return {
    id: 1,
    chat: '1',
    story: 1,
    state: 'queued',
    item: item(changes),
    hits: hits.map(({ name, words }, i) => ({
      watch: { id: i, chat: '1', number: i, query: name, createdAt: 0 },
      words,
    })),
    createdAt: NINE,
    sentAt: null,
  }
}

function item(changes: Partial<Item> = {}): Item {
  return {
    place: 1,
    story: 1,
    source: source(),
    id: null,
    url: 'https://example.com/1',
    title: 'A title',
    content: null,
    summary: null,
    publishedAt: NINE,
    updatedAt: null,
    authors: [],
    categories: [],
    enclosures: [],
    language: null,
    text: 'Some text.',
    firstSeenAt: NINE,
    revision: 0,
    revisedAt: null,
    calledBy: [],
    related: [],
    ...changes,
  }
}

/** An item of another source that tells the same. */
function related(changes: Partial<Item['source']>): RelatedItem {
  const { id = 2, title = 'Other News' } = changes
  return {
    place: 100 + id,
    title: 'The same, in other words',
    url: `https://other-${id}.example/a`,
    source: source({ ...changes, id, title }),
    publishedAt: NINE,
    firstSeenAt: NINE,
  }
}

function source(changes: Partial<Item['source']> = {}): Item['source'] {
  return {
    id: 1,
    title: 'Example News',
    url: 'https://example.com/feed',
    host: 'example.com',
    tags: [],
    siteUrl: null,
    ...changes,
  }
}
