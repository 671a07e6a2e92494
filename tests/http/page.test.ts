import { describe, expect, test } from 'vitest'
import { search } from '../../src/actions/search.ts'
import { createCalendar } from '../../src/http/calendar.ts'
import { markLine, quoteText } from '../../src/http/marks.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { readItem } from '../support/items.ts'
import { addTestSource, ingestPlan, NOW, openTestStore, pollRecord, watchQuery } from '../support/store.ts'
import { addItems, addStory, FERRY, fillNewsroom, get, openSite, RIVER, type Site, STORY } from './site.ts'

async function readPage(site: Site, path = '/') {
  const response = await get(site, path, { accept: 'text/html' })
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  return { status: response.status, html: await response.text() }
}

/** What people read: without tags, white space collapsed. */
function textOf(html: string): string {
  const text = html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, '<')
  return text.replace(/&gt;/g, '>').replace(/&amp;/g, '&').replace(/\s+/g, ' ')
}

describe('the newest items', () => {
  test('stand under their days, with time, headline, source and what they called', async () => {
    const site = await openSite()
    await fillNewsroom(site.store)
    const { html } = await readPage(site)

    expect(textOf(html)).toMatch(
      /Today 08:59 Jilin opens its big data exchange to private firms The provincial .* Northern Wire “big data” 08:46/,
    )
    expect(textOf(html)).toMatch(/Yesterday 08:00 Kernel maintainers/)
    expect(html).toContain('its <mark>big data</mark> exchange')
    expect(html).toContain('吉林省<mark>大数据</mark>交易中心')
    expect(html).toContain('<article lang="zh"><time datetime="2026-11-23T08:46:00.000Z">08:46</time>')
    expect(html.match(/<article/g)).toHaveLength(37)
  })

  test.each([
    [3, / one two three /, 0],
    [5, / one two three and 2 more watches four five /, 2],
    [30, / one two three and 27 more watches four five .* watch23 … and 7 more /, 20],
  ])('that called %i watches name three of them, and count the rest', async (count, says, opened) => {
    const site = await openSite()
    const source = await addTestSource(site.store, { givenTitle: 'Wire' })
    const names = ['one', 'two', 'three', 'four', 'five', ...Array.from({ length: 25 }, (_, i) => `watch${i + 6}`)]
    const watches = await Promise.all(
      names.slice(0, count).map((word) => site.store.addWatch('terminal', watchQuery(word), NOW)),
    )
    const hits = watches.map((watch) => ({ watch, words: [watch.query] }))
    await ingestPlan(site.store, source.id, {
      insert: [{ item: readItem({ title: 'Called' }), placeMs: NOW }],
      messages: [{ chat: 'terminal', alerts: [{ item: { inserted: 0 }, hits }] }],
    })
    const { html } = await readPage(site)
    const footer = /<footer lang="en">.*?<\/footer>/s.exec(html)?.[0] ?? ''

    expect(textOf(footer)).toMatch(says)
    expect(footer.match(/class="called"/g)).toHaveLength(3 + opened)
  })

  test.each([
    [
      'America/New_York',
      'Sunday 22 November 14:30 Sunday noon Wire A day alone Wire Saturday 21 November 20:00 Late Wire 18:00 Later Wire',
    ],
    [
      'Pacific/Kiritimati',
      'Monday 23 November 09:30 Sunday noon Wire Sunday 22 November 15:00 Late Wire A day alone Wire 13:00 Later Wire',
    ],
  ])('of a date without a time stand under that day, without an hour, in %s', async (timezone, expected) => {
    const site = await openSite({ timezone, clock: () => Date.parse('2026-11-25T12:00:00Z') })
    const source = await addTestSource(site.store, { givenTitle: 'Wire' })
    const insert = [
      { item: readItem({ title: 'Later' }), placeMs: Date.UTC(2026, 10, 21, 23) },
      { item: readItem({ title: 'A day alone' }), placeMs: Date.UTC(2026, 10, 22) },
      { item: readItem({ title: 'Late' }), placeMs: Date.UTC(2026, 10, 22, 1) },
      { item: readItem({ title: 'Sunday noon' }), placeMs: Date.UTC(2026, 10, 22, 19, 30) },
    ]
    await ingestPlan(site.store, source.id, { insert })
    const { html } = await readPage(site)

    expect(textOf(html)).toContain(expected)
    expect(html).toContain('<time datetime="2026-11-22"></time>')
  })

  test('are at most 40 to a page, and go on by a link until the end', async () => {
    const site = await openSite()
    await addItems(
      site.store,
      Array.from({ length: 50 }, (_, i) => ({ title: `Item ${i}`, url: `https://a.example/${i}` })),
    )
    const first = await readPage(site)
    const older = /rel="next" href="\.([^"]+)"/.exec(first.html)?.[1] ?? ''
    const second = await readPage(site, older)
    expect(first.html.match(/<article/g)).toHaveLength(40)
    expect(textOf(second.html)).toContain('Item 9 ')
    expect(second.html.match(/<article/g)).toHaveLength(10)
    expect(second.html).not.toContain('rel="next"')
    expect(textOf(second.html)).toContain('Newest items')
  })

  test('end somewhere: behind the oldest the page says so', async () => {
    const site = await openSite()
    await addItems(site.store, [{ title: 'One' }])
    expect(textOf((await readPage(site, '/?before=1')).html)).toContain('Nothing older is stored.')
  })

  test('weigh at most 30 KB for 40 of them', async () => {
    const site = await openSite()
    const text = 'The provincial exchange will let hospitals, utilities and banks trade data products. '.repeat(20)
    await addItems(
      site.store,
      Array.from({ length: 40 }, (_, i) => ({
        title: `The headline of item number ${i}, which is as long as headlines are`,
        text,
        url: `https://www.northern-wire.example/2026/11/23/the-headline-of-item-number-${i}.html`,
      })),
    )
    const { html } = await readPage(site)
    expect(html.match(/<article/g)).toHaveLength(40)
    expect(Buffer.byteLength(html)).toBeLessThan(30_000)
  })

  test('show foreign text as text: no markup, no script address, no turned writing direction', async () => {
    const site = await openSite()
    await addItems(
      site.store,
      [
        {
          title: '<img src=x onerror=alert(1)>',
          url: 'javascript:alert(1)',
          text: '"><script>alert(2)</script>',
          language: '"><x',
        },
        { title: 'a \u202Egnp.exe', url: 'https://a.example/"onmouseover="alert(3)', text: '' },
      ],
      '<b onclick=alert(4)>Wire</b>',
    )
    const { html } = await readPage(site)
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(html).not.toMatch(/<img|<script|javascript:|\u202E|<b onclick|" ?onmouseover|lang="&quot;|lang=""/)
    expect(html.match(/<h3 dir="auto"><a /g)).toHaveLength(1)
  })

  test('an untitled item is told by its text, once', async () => {
    const site = await openSite()
    const text =
      'Released: the 7.4 series, with a new scheduler for machines of more than a thousand cores and a long list of fixes.'
    await addItems(site.store, [
      { title: '', text },
      { title: 'Short', text: 'Short. And more.' },
      { title: 'Same', text: 'Same' },
    ])
    const { html } = await readPage(site)
    expect(html.match(/with a new scheduler/g)).toHaveLength(1)
    expect(textOf(html)).toContain('a long list of fixes.')
    expect(html).toContain('>Short</h3>\n<p dir="auto">And more.</p>')
    expect(html).toContain('>Same</h3>\n<footer')
  })

  test('an episode without a page of its own leads to what is heard', async () => {
    const site = await openSite()
    const enclosures = [{ url: 'https://cdn.example/42.mp3', type: 'audio/mpeg', length: null }]
    await addItems(site.store, [{ title: 'Episode 42', url: null, enclosures }])
    expect((await readPage(site)).html).toContain('<h3 dir="auto"><a href="https://cdn.example/42.mp3" rel=')
  })
})

describe('a story that several sources tell', () => {
  const MANY = ['Northern Wire', 'Reuters', 'BBC & Co', 'Guardian', 'Longshore', 'Northern Wire']

  test('is shown once, and below it who else has it, each name a link to its item', async () => {
    const site = await openSite()
    await addStory(site.store, MANY, STORY)
    await addStory(site.store, ['Energy Desk', 'Data Review'], RIVER)
    const { html } = await readPage(site)

    expect(html.match(/<article/g)).toHaveLength(2)
    expect(textOf(html)).toContain('Energy Desk also: Data Review')
    expect(textOf(html)).toMatch(/Northern Wire also: Reuters , BBC & Co , Guardian and 2 more/)
    expect(html).toMatch(
      /<summary>and 2 more<\/summary><a href="[^"]+"[^>]*>Longshore<\/a>, <a[^>]*>Northern Wire<\/a><\/details>/,
    )
    expect(html).toContain(
      `also: <a href="https://paper-2.example/a" title="${STORY.title}" rel="noopener noreferrer" dir="auto">Reuters</a>, <a`,
    )
  })

  test('is shown item by item with ?stories=0, one link away and back, and keeps to it on the way', async () => {
    const site = await openSite()
    await addItems(
      site.store,
      Array.from({ length: 50 }, (_, i) => ({ title: `Item ${i}`, url: `https://a.example/${i}` })),
    )
    await addStory(site.store, MANY, STORY)
    const once = await readPage(site)
    expect(once.html).toContain('<a href="./?stories=0">Every item</a>')
    expect(once.html).toMatch(/rel="next" href="\.\/\?before=\d+"/)

    const every = await readPage(site, '/?stories=0')
    expect(every.html.split(STORY.title).length).toBeGreaterThan(MANY.length)
    expect(every.html).toContain('<a href="./">Each story once</a>')
    expect(every.html).toContain('href="./feed.atom?stories=0"')
    expect(every.html).toMatch(/rel="next" href="\.\/\?stories=0&amp;before=\d+"/)
    const older = /rel="next" href="\.([^"]+)"/.exec(every.html)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect((await readPage(site, older)).html).toContain('<a href="./?stories=0">Newest items</a>')

    const search = await readPage(site, '/?q=jilin&stories=0')
    expect(search.html).toContain('<a href="./?q=jilin">Each story once</a>')
    expect(search.html).toContain('href="./feed.atom?q=jilin&amp;stories=0"')
  })

  test('that only its own source tells again says so, without a name', async () => {
    const site = await openSite()
    await addStory(site.store, ['Northern Wire', 'Northern Wire', 'Northern Wire'], STORY)
    const { html } = await readPage(site)
    expect(html).toContain('<div class="also"><details><summary>2 more of this source</summary><a href')
  })

  test('that many tell says of how many sources, and names the first of them', async () => {
    const site = await openSite()
    await addStory(
      site.store,
      Array.from({ length: 20 }, (_, i) => `Paper ${i}`),
      STORY,
    )
    const { html } = await readPage(site)
    const said = textOf(/<div class="also">.*?<\/div>/s.exec(html)?.[0] ?? '')
    expect(said).toMatch(/^ also: Paper 1 , Paper 2 , Paper 3 and 16 more Paper 4 , Paper 5 /)
    expect(said).toMatch(/ , Paper 12 and 7 more $/)
  })

  test('offers nothing to unfold where nothing is folded', async () => {
    const site = await openSite()
    await addStory(site.store, ['Northern Wire'], STORY)
    expect((await readPage(site)).html).not.toContain('Every item')
  })

  test.each(['x', '2', ''])('is not shown for stories=%s, which is refused as a page', async (value) => {
    const { status, html } = await readPage(await openSite(), `/?stories=${value}`)
    expect(status).toBe(400)
    expect(textOf(html)).toContain(`stories must be 0 (every item) or 1 (each story once), not "${value}".`)
  })

  test('names sources as text, whatever they are called', async () => {
    const site = await openSite()
    const attack = '"><img src=x onerror=alert(1)>\u202E'
    await addStory(site.store, ['Wire', attack], { ...STORY, title: `${STORY.title} "><script>` })
    await addStory(site.store, ['Longshore', 'Other'], { ...FERRY, url: 'javascript:alert(1)' })
    const { html } = await readPage(site)
    expect(textOf(html)).toContain('also: "><img src=x onerror=alert(1)>')
    expect(html).toContain('also: <bdi>Other</bdi>')
    expect(html).not.toMatch(/<img|<script|javascript:|\u202E/)
  })
})

test.each(['/', '/sources'])(
  'on %s neither a source of an endless name nor a pasted list takes the place of the rest',
  async (path) => {
    const site = await openSite()
    const list = Array.from({ length: 60 }, (_, i) => `company${i}`).join(', ')
    const watch = await site.store.addWatch('terminal', parseQuery(list, { timezone: 'UTC', for: 'watch' }), NOW)
    const source = await addTestSource(site.store, { givenTitle: 'Wire '.repeat(1_000) })
    await ingestPlan(site.store, source.id, {
      insert: [{ item: readItem({ title: 'News of company59' }), placeMs: NOW }],
      messages: [{ chat: 'terminal', alerts: [{ item: { inserted: 0 }, hits: [{ watch, words: ['company59'] }] }] }],
    })
    const { html } = await readPage(site, path)

    // The address of a watch is whole.
    expect(textOf(html)).toMatch(/ (?:Wire ){20,24}Wire… /)
    expect(textOf(html)).not.toContain('company30')
    expect(textOf(html).length).toBeLessThan(1_500)
  },
)

describe('a search', () => {
  test.each([
    ['counts items, and stories where it shows them all', '/?q=monday', '7 items in 3 stories for monday'],
    ['counts items where it shows each', '/?q=monday&stories=0', '7 items for monday'],
    ['counts one item as one', '/?q=jilin+source:wire', '1 item for jilin from the source wire'],
    ['says so when there are none', '/?q=zebra', 'Showing zebra'],
  ])('%s', async (_, path, expected) => {
    const site = await openSite()
    await addStory(site.store, ['Wire', 'B', 'C'], STORY)
    await addStory(site.store, ['D', 'E'], FERRY)
    await addStory(site.store, ['F', 'G'], RIVER)
    expect(textOf((await readPage(site, path)).html)).toContain(` ${expected} `)
  })

  test.each([
    [{ count: 10_000, isMore: true }, 'More than 10,000 items for chips'],
    [{ count: 310, isMore: true }, 'At least 310 items for chips'],
    [{ count: 1_234, isMore: false }, '1,234 items in 1 story for chips'],
    [{ count: 0, isMore: true }, 'Showing chips'],
  ])('that counts %o says it in words', async (count, expected) => {
    const store = await openTestStore()
    await addItems(store, [{ title: 'Chips', url: 'https://a.example/1' }])
    const site = await openSite({ store: Object.assign(store, { countItems: async () => count }) })
    expect(textOf((await readPage(site, '/?q=chips')).html)).toContain(expected)
  })

  test('says in how many stories only where all of them stand on the page', async () => {
    const site = await openSite()
    await addItems(
      site.store,
      Array.from({ length: 50 }, (_, i) => ({ title: `Chips ${i}`, url: `https://a.example/${i}` })),
    )
    const first = await readPage(site, '/?q=chips')
    const older = /rel="next" href="\.([^"]+)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? ''
    for (const { html } of [first, await readPage(site, older)]) expect(textOf(html)).toContain(' 50 items for chips ')
  })

  test('that had no time to look at everything says since when, and of no story how many it is in', async () => {
    const store = await openTestStore()
    await addStory(store, ['Wire', 'B', 'C'], STORY)
    const find = { store, clock: () => NOW, timezone: 'UTC' }
    const site = await openSite({
      store,
      search: async (text, options) => ({ ...(await search(find, text, options)), lookedBackTo: NOW - 60_000 }),
    })
    const said = textOf((await readPage(site, '/?q=jilin')).html)
    expect(said).toContain(' 3 items for jilin ')
    expect(said).toContain(' Looked back to 08:59 ')
  })

  test('says how to be told what comes, in the bot and in a shell, and leads to the try-out', async () => {
    const site = await openSite()
    await addItems(site.store, [{ title: "It's -5 °C in Jilin" }])
    const { html } = await readPage(site, `/?q=${encodeURIComponent("it's jilin -jobs")}`)
    expect(textOf(html)).toMatch(
      /As a watch .* \/watch it's jilin -jobs npx crier watch add 'it'\\''s jilin -jobs' What it/,
    )
    expect(html).toContain('href="try?q=it%27s+jilin+-jobs"')
  })

  test('that is a watch already says so', async () => {
    const site = await openSite()
    await fillNewsroom(site.store)
    const { html } = await readPage(site, '/?q=%22big+data%22')
    expect(textOf(html)).toContain('As a watch You have this watch already. What comes is called out.')
    expect(html).not.toContain('/watch ')
  })

  test('that cannot be a watch does not offer it', async () => {
    const site = await openSite()
    await addItems(site.store, [{ title: 'One' }])
    const { html } = await readPage(site, '/?q=-jobs')
    expect(html).toContain('<article')
    expect(html).not.toMatch(/As a watch|href="try\?/)
  })

  test('that only a watch can ask for leads to the try-out', async () => {
    const { html, status } = await readPage(await openSite(), `/?q=${encodeURIComponent('chips sources>=3')}`)
    expect(status).toBe(400)
    expect(html).toContain('<a href="try?q=chips+sources%3E%3D3">Try it as a watch</a>')
  })

  test('that is refused shows examples, each where it is understood', async () => {
    const site = await openSite()
    const { html } = await readPage(site, '/?q=%28')
    const links = [...html.matchAll(/<dt><a href="([^"]*)">/g)].map(([, href = '']) => href)
    expect(links).toContain('try?q=chips+sources%3E%3D3')
    for (const href of links) expect((await readPage(site, `/${href.replace('./', '')}`)).status).toBe(200)
  })

  test('that is refused has no feed: those beside it are of everything', async () => {
    const { html } = await readPage(await openSite(), `/?q=${encodeURIComponent('chips sources>=3')}`)
    expect(html.match(/feed\.atom[^"&]*/g)).toEqual(Array(3).fill('feed.atom'))
  })

  test('a watch that waits for publishers leads to the try-out wherever it stands, and every other one to what it finds', async () => {
    const site = await openSite()
    for (const text of ['chips sources>=2', 'river']) {
      await site.store.addWatch('terminal', parseQuery(text, { timezone: 'UTC', for: 'watch' }), NOW)
    }
    const watches = await site.store.listWatches()
    const source = await addTestSource(site.store)
    const hits = watches.map((watch) => ({ watch, words: [] }))
    await ingestPlan(site.store, source.id, {
      insert: [{ item: readItem({ title: 'Chips by the river' }), placeMs: NOW }],
      messages: [{ chat: 'terminal', alerts: [{ item: { inserted: 0 }, hits }] }],
    })
    const { html } = await readPage(site)
    const links = [...html.matchAll(/href="([^"]*q=[^"]*)"[^>]*>([^<]*)</g)].map(([, href]) => href)
    // In the item, and in the rail.
    const [waits, finds] = ['try?q=chips+sources%3E%3D2', './?q=river']
    expect(links).toEqual([waits, finds, waits, finds])
  })

  test('says so where it is a watch already, and the rail lists the first of them', async () => {
    const site = await openSite()
    await fillNewsroom(site.store)
    const add = (text: string) =>
      site.store.addWatch('terminal', parseQuery(text, { timezone: 'UTC', for: 'watch' }), NOW)
    const before = textOf((await readPage(site, '/?q=library')).html)
    for (let n = 0; n < 10; n += 1) await add(`word${n}`)
    await add('library')
    const { html } = await readPage(site, '/?q=library')

    expect(before).toContain("npx crier watch add 'library'")
    expect(textOf(html)).toContain('You have this watch already. What comes is called out.')
    expect(html.match(/href="\.\/\?q=word\d"/g)).toHaveLength(3)
    expect(html).toContain('<a href="try#watches">and 8 more</a>')
  })

  test('and the rail beside it say until when a watch is muted, where nobody hears it', async () => {
    const site = await openSite()
    await fillNewsroom(site.store)
    await site.store.mute('terminal', 1, NOW + 3_600_000, NOW)
    const { html } = await readPage(site, '/?q=%22big+data%22')

    expect(textOf(html)).toContain('It is muted until 10:00: what comes before is not called out.')
    expect(textOf(html)).toContain('“big data” muted until 10:00 大数据 chip*')
    site.time.now = NOW + 3_600_000
    expect((await readPage(site)).html).not.toContain('muted')
  })

  test('pasted as a list of lines stands in the field as a list with commas', async () => {
    const { html } = await readPage(await openSite(), `/?q=${encodeURIComponent('big data,\n大数据\r\n\n-jobs')}`)
    expect(html).toContain('value="big data, 大数据, -jobs"')
    expect(textOf(html)).toContain("npx crier watch add 'big data, 大数据, -jobs'")
  })

  test('is said back, marks its words, and offers its feed', async () => {
    const site = await openSite()
    await fillNewsroom(site.store)
    const { html, status } = await readPage(site, `/?q=${encodeURIComponent('library OR 芯片')}`)
    expect(status).toBe(200)
    expect(textOf(html)).toContain('2 items for library or 芯片')
    expect(html).toContain('<mark>library</mark>')
    expect(html).toContain('国产<mark>芯片</mark>')
    expect(html).toContain('value="library OR 芯片"')
    expect(html).toContain('href="./feed.atom?q=library+OR+%E8%8A%AF%E7%89%87"')
    expect(html).not.toContain('<mark>big data')
  })

  test('that is refused says why and what would be right, with status 400', async () => {
    const site = await openSite()
    await fillNewsroom(site.store)
    const { html, status } = await readPage(site, '/?q=%22big+data')
    expect(status).toBe(400)
    expect(html).toContain('role="alert"')
    expect(textOf(html)).toMatch(/That search was not understood .*quote.* big data both words, anywhere/)
    expect(html).toContain('value="&quot;big data"')
    expect(html).not.toContain('<article')
    expect(html).not.toContain('Try it as a watch')
  })

  test('that finds nothing says how to be told later, safe to paste into a shell', async () => {
    const { html } = await readPage(await openSite(), `/?q=${encodeURIComponent("it's $(now)")}`)
    expect(textOf(html)).toContain("npx crier watch add 'it'\\''s $(now)'")
  })

  test.each([
    ['be no watch', '-jobs'],
    ['match nothing', 'jobs -jobs'],
  ])('that finds nothing and can %s says only that', async (_, query) => {
    const { html } = await readPage(await openSite(), `/?q=${encodeURIComponent(query)}`)
    expect(textOf(html)).toContain('Nothing stored says that')
    expect(html).not.toContain('/watch')
    expect(html).not.toContain('watch add -- ')
  })

  test('that begins with a hyphen is given to the shell as no option', async () => {
    const { html } = await readPage(await openSite(), '/?q=-jobs+library')
    expect(textOf(html)).toContain("/watch -jobs library npx crier watch add -- '-jobs library'")
  })

  test.each(['<script>alert(1)</script>', '"><img src=x>', "' onfocus=alert(1) autofocus='"])(
    'for %s is text wherever it stands',
    async (attack) => {
      for (const path of [`/?q=${encodeURIComponent(attack)}`, `/?q=${encodeURIComponent(`"${attack}`)}`]) {
        const { html } = await readPage(await openSite(), path)
        expect(html).not.toContain(attack)
        expect(html).not.toMatch(/<script|<img/)
      }
    },
  )
})

describe('an empty house', () => {
  test('says what to do first', async () => {
    const { html } = await readPage(await openSite())
    expect(textOf(html)).toMatch(
      /No sources yet .* npx crier source add https:\/\/example\.com\/feed\.xml .* npx crier import subscriptions\.opml/,
    )
    expect(html).toContain('<a href="sources">Add the first</a> by its address')
    expect(textOf(html)).toMatch(/Watches New None yet\..*npx crier watch add '"big data"'/)
    expect(textOf(html)).toMatch(/Telegram Not connected\. .*TELEGRAM_BOT_TOKEN/)
  })

  test('with sources and no items says how to look now', async () => {
    const site = await openSite()
    await addTestSource(site.store)
    expect(textOf((await readPage(site)).html)).toMatch(/Waiting for the first items .*npx crier poll --all/)
  })
})

test.each([
  ['/nowhere', 404, 'Nothing here There is nothing at this address. To the newest items'],
  ['/sources?page=0', 400, 'That did not work page must be a whole number from 1, not "0". To the newest items'],
])('%s is refused by a page of its own, with %s', async (path, status, said) => {
  const page = await readPage(await openSite(), path)
  expect(page.status).toBe(status)
  expect(textOf(page.html)).toContain(said)
})

describe('beside the items', () => {
  test('sources are counted, and the troubled ones say what is wrong', async () => {
    const site = await openSite()
    await addTestSource(site.store, { givenTitle: 'Northern Wire' })
    const bad = await addTestSource(site.store, { givenTitle: 'Harbour <Times>' })
    const [claimed] = await site.store.claimSources([bad.id], NOW, 1_000, { force: true })
    expect(claimed?.id).toBe(bad.id)
    const record = {
      polledAt: NOW,
      nextPollAt: NOW + 1,
      validators: { etag: null, lastModified: null },
      bodyHash: null,
    }
    await site.store.recordPoll(bad.id, { ...record, failures: 2, trouble: 'It answered 404.', succeeded: false })

    const { html } = await readPage(site)
    expect(textOf(html)).toMatch(/Sources 1 fine last poll 09:00 Harbour <Times> It answered 404\./)
    expect(html.match(/<li class="bad">/g)).toHaveLength(1)

    const other = await addTestSource(site.store, { givenTitle: 'Silent Gazette' })
    await site.store.recordPoll(other.id, { ...record, failures: 1, trouble: 'It answered 500.', succeeded: false })
    await site.store.changeSource(other.id, { state: 'paused' }, NOW)
    site.time.now += 60_000
    const said = textOf((await readPage(site)).html)
    expect(said).toMatch(/Sources 1 fine .* Harbour <Times> It answered 404\. 1 paused/)
    expect(said).not.toContain('It answered 500.')
  })

  test('five troubled sources are named, and the others counted', async () => {
    const site = await openSite()
    for (let i = 0; i < 7; i += 1) {
      const { id } = await addTestSource(site.store, { givenTitle: `Wire ${i}` })
      const fault = { failures: 1, trouble: 'It answered 404.', succeeded: false }
      await site.store.recordPoll(id, { ...pollRecord(), ...fault })
    }
    const { html } = await readPage(site)
    expect(html.match(/<li class="bad">/g)).toHaveLength(5)
    expect(textOf(html)).toContain(' 2 more cannot be read ')
  })

  test.each([
    [{ state: 'online', username: 'harbour_bot' }, '@harbour_bot 0 queued'],
    [{ state: 'connecting', username: null }, 'connecting 0 queued'],
    [{ state: 'offline', username: null }, 'cannot be reached 0 queued Alerts go out as soon as it answers.'],
    [{ state: 'unauthorized', username: null }, 'the token is refused 0 queued Take a new one'],
    [{ state: 'conflict', username: null }, 'somebody else reads this bot 0 queued'],
    [null, 'Not connected.'],
  ] as const)('Telegram as %o is said in words', async (state, expected) => {
    const { html } = await readPage(await openSite({ telegram: () => state }))
    expect(textOf(html)).toContain(`Telegram ${expected}`)
  })

  test('chats that the bot cannot reach are counted, and where they are named is said', async () => {
    const site = await openSite({ telegram: () => ({ state: 'online', username: 'harbour_bot' }) })
    expect(textOf((await readPage(site)).html)).not.toContain('out of reach')
    await site.store.reviveChat('77')
    await site.store.markChatGone('77', 'the bot was blocked', site.time.now)
    site.time.now += 60_000
    const { html } = await readPage(site)
    expect(textOf(html)).toContain('1 chat is out of reach of the bot: npx crier watch list marks them.')
  })

  test('a page is made once for a minute and a state, and again when either changes', async () => {
    let state: 'connecting' | 'online' = 'connecting'
    const site = await openSite({ telegram: () => ({ state, username: null }) })
    const etag = async () => (await get(site, '/')).headers.get('etag') ?? ''
    const first = await etag()
    expect((await get(site, '/', { 'if-none-match': first })).status).toBe(304)
    state = 'online'
    expect(await etag()).not.toBe(first)
    await addTestSource(site.store)
    site.time.now += 60_000
    expect((await get(site, '/', { 'if-none-match': await etag() })).status).toBe(304)
    expect((await readPage(site)).html).toContain('1 fine')
  })
})

describe('words in a line', () => {
  const show = (pieces: { text: string; marked: boolean }[]) =>
    pieces.map((p) => (p.marked ? `[${p.text}]` : p.text)).join('')

  test.each([
    ['at the ends', 'data and data', ['data'], '[data] and [data]'],
    ['in scripts without spaces', '吉林省大数据中心', ['大数据'], '吉林省[大数据]中心'],
    ['nowhere', 'nothing here', ['data'], 'nothing here'],
    ['without words', 'data', [], 'data'],
  ])('are marked %s', (_, line, words, expected) => {
    expect(show(markLine(line, words))).toBe(expected)
  })

  test('a quotation begins where the first of them stands, when that is far in', () => {
    const text = `${'Long beginnings are common. '.repeat(30)}At last the word library appears.`
    const quoted = show(quoteText(text, ['library']))
    expect(quoted).toMatch(/^…\S.*At last the word \[library\] appears\.$/)
    expect(quoted.length).toBeLessThan(110)
    expect(show(quoteText(text, []))).toMatch(/^Long beginnings are .*…$/)
  })
})

describe('days in the zone', () => {
  const at = (text: string) => Date.parse(text)
  const day = (moment: string, now: string, zone: string) => createCalendar(zone, at(now)).dayName(at(moment))

  test.each([
    ['2026-11-23T00:00:00Z', '2026-11-23T23:59:00Z', 'UTC', 'Today'],
    ['2026-11-22T23:59:00Z', '2026-11-23T00:00:00Z', 'UTC', 'Yesterday'],
    ['2026-11-21T23:59:00Z', '2026-11-23T00:00:00Z', 'UTC', 'Saturday 21 November'],
    ['2025-12-31T10:00:00Z', '2026-11-23T00:00:00Z', 'UTC', '31 December 2025'],
    ['2026-11-22T16:30:00Z', '2026-11-23T01:00:00Z', 'Asia/Shanghai', 'Today'],
    ['2026-11-23T03:00:00Z', '2026-11-23T09:00:00Z', 'America/New_York', 'Yesterday'],
    // The clocks go back: the day has 25 hours. Forward: 23.
    ['2026-10-24T22:30:00Z', '2026-10-25T22:30:00Z', 'Europe/Berlin', 'Today'],
    ['2026-10-24T21:30:00Z', '2026-10-25T22:30:00Z', 'Europe/Berlin', 'Yesterday'],
    ['2026-03-28T12:00:00Z', '2026-03-29T21:30:00Z', 'Europe/Berlin', 'Yesterday'],
    // No moment, but a date: the same day everywhere.
    ['2026-11-22T00:00:00Z', '2026-11-23T02:00:00Z', 'America/New_York', 'Today'],
    ['2026-11-22T00:00:00Z', '2026-11-22T12:00:00Z', 'Pacific/Kiritimati', 'Yesterday'],
    ['2026-03-29T00:00:00Z', '2026-03-29T21:30:00Z', 'Europe/Berlin', 'Today'],
  ])('%s seen at %s in %s is %s', (moment, now, zone, expected) => {
    expect(day(moment, now, zone)).toBe(expected)
  })

  test('a moment is a time today, and a day with a time before', () => {
    const { moment } = createCalendar('UTC', NOW)
    expect(moment(NOW - 60_000)).toBe('08:59')
    expect(moment(NOW - 86_400_000)).toBe('22 November, 09:00')
  })
})
