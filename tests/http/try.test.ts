import { describe, expect, test, vi } from 'vitest'
import type { Trial } from '../../src/actions/watch/try.ts'
import { AppError } from '../../src/errors.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { NOW } from '../support/store.ts'
import { addItems, addStory, FERRY, fillNewsroom, get, openSite, RIVER, type Site, STORY } from './site.ts'

async function readTry(site: Site, query: string | null) {
  const path = query === null ? '/try' : `/try?q=${encodeURIComponent(query)}`
  const response = await get(site, path, { accept: 'text/html' })
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const html = await response.text()
  return { status: response.status, html, text: readText(html) }
}

/** What people read: without tags, white space collapsed. */
function readText(html: string): string {
  const text = html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&gt;/g, '>')
  return text.replace(/&amp;/g, '&').replace(/\s+/g, ' ')
}

/** A figure and what it says, in the order of the document: first what it says. */
function figuresOf(html: string): Record<string, string> {
  const pairs = [...html.matchAll(/<dt>([^<]*)<\/dt><dd>([^<]*)<\/dd>/g)]
  return Object.fromEntries(pairs.map(([, label = '', value = '']) => [label, value]))
}

const TRIAL: Trial = {
  query: parseQuery('chips', { timezone: 'UTC', for: 'watch' }),
  echo: 'chips',
  last7: { count: 14, isMore: false },
  last30: { count: 1_234, isMore: true },
  alerts: { count: 9, isMore: true },
  messages: { count: 9, isMore: true },
  folded: { count: 5, isMore: true },
  short: { count: 2, isMore: true },
  sources: [
    { title: 'Northern <Wire>', count: 1_000 },
    { title: 'صحيفة الميناء', count: 2 },
  ],
  samples: [],
  lookedBackTo: NOW - 86_400_000,
}

describe('a watch on trial', () => {
  test('is not there yet: the page shows what can be written, and what is watched for already', async () => {
    const site = await openSite()
    const empty = await readTry(site, null)
    await fillNewsroom(site.store)
    await site.store.mute('terminal', 1, NOW + 3_600_000, NOW)
    const { html, text } = await readTry(site, null)

    expect(empty.html).not.toContain('id="watches"')
    expect(text).toContain('Watches “big data” muted until 10:00 大数据 chip* OR 芯片')
    expect(html).toContain(`<a href="try?q=%E5%A4%A7%E6%95%B0%E6%8D%AE" dir="auto">大数据</a>`)
    expect(html).toContain('<a href="./try" aria-current="page">Watches</a>')
    expect((await readTry(site, 'library')).html).not.toContain('id="watches"')
    for (let n = 0; n < 201; n += 1) {
      await site.store.addWatch('terminal', parseQuery(`w${n}`, { timezone: 'UTC', for: 'watch' }), NOW)
    }
    expect((await readTry(site, null)).text).toMatch(/and \d more: \/watches WORDS finds them in their chat/)
  })

  test('is said back, with what it would have sent, from whom, and how to save it', async () => {
    const site = await openSite()
    await addStory(site.store, ['Northern Wire', 'Reuters', 'BBC'], STORY)
    await addStory(site.store, ['Longshore', 'Reuters'], FERRY)
    await addItems(site.store, [{ title: 'Nothing of it' }], 'Alone')

    const { status, html, text } = await readTry(site, 'monday')

    expect(status).toBe(200)
    expect(text).toContain('Calls you for monday')
    expect(figuresOf(html)).toEqual({
      'items in 7 days': '5',
      'in 30 days': '5',
      'alerts it would have sent': '2',
      'folded as the same story': '3',
    })
    expect(text).toMatch(/Most from: .*Northern Wire \(1\)/)
    expect(html.match(/<article/g)).toHaveLength(2)
    expect(html).toContain('<mark>Monday</mark>')
    expect(text).toContain("/watch monday npx crier watch add 'monday' Search for it")
    expect(html).toContain('href="./?q=monday"')
    expect(html).toContain('value="monday"')
  })

  test('waits for its publishers, and cannot be searched for', async () => {
    const site = await openSite()
    await addStory(site.store, ['Northern Wire', 'Reuters', 'BBC'], STORY)
    await addStory(site.store, ['Longshore', 'Reuters'], RIVER)
    const { html, text } = await readTry(site, 'monday sources>=3')
    expect(figuresOf(html)).toEqual({
      'items in 7 days': '5',
      'in 30 days': '5',
      'alerts it would have sent': '1',
      'folded as the same story': '2',
      'in stories of fewer than 3 publishers': '2',
    })
    expect(text).toContain('/watch monday sources>=3')
    expect(text).not.toContain('Search for it')
    // Nobody needs to wait for one.
    expect((await readTry(site, 'monday sources>=1')).text).toContain('Leave it out: monday')
  })

  test('that is saved already says so', async () => {
    const site = await openSite()
    await fillNewsroom(site.store)
    const { text, html } = await readTry(site, '"big data"')
    expect(text).toContain('You have this watch already What comes is called out.')
    expect(html).not.toContain('/watch ')
    await site.store.mute('terminal', null, NOW + 3_600_000, NOW)
    expect((await readTry(site, '"big data"')).text).toContain('It is muted until 10:00')
  })

  test('says how a watch is ended where there is one, and not where there is none', async () => {
    const site = await openSite()
    const how = 'To end a watch: in its chat /watches shows its number and /unwatch N ends it'
    expect((await readTry(site, null)).text).not.toContain(how)
    await fillNewsroom(site.store)
    expect((await readTry(site, null)).text).toContain(how)
    expect((await readTry(site, '"big data"')).text).toContain(how)
    expect((await readTry(site, 'library')).text).not.toContain(how)
  })

  test('is said back with a link to the form that may be meant', async () => {
    const site = await openSite()
    await fillNewsroom(site.store)
    const form =
      '<a href="try?q=%28%22big+data%22+OR+port%29+-jobs" dir="auto">(&quot;big data&quot; OR port) -jobs</a>'

    const { html } = await readTry(site, '"big data" OR port -jobs')
    expect(html).toContain('Calls you for <b dir="auto">“big data”, or port without jobs</b></p>')
    expect(html).toContain(`<p class="lead"><span>To leave it out everywhere: ${form}</span></p>`)

    const found = await (await get(site, '/?q=%22big+data%22+OR+port+-jobs', { accept: 'text/html' })).text()
    expect(found).toContain('<b dir="auto">“big data”, or port without jobs</b></span>')
    expect(found).toContain(`To leave it out everywhere: ${form.replace('try', './')}`)
    expect((await readTry(site, 'x -x')).html).toContain(
      'It can match nothing: the same is asked for and left out.</span>',
    )
  })

  test('that can match nothing is not promised to call', async () => {
    const { text } = await readTry(await openSite(), 'zebra -zebra')
    expect(text).toContain('It would have sent nothing, and never will.')
    expect(text).not.toContain('It calls as soon as')
  })

  test('that would have sent nothing says so', async () => {
    const { html, text } = await readTry(await openSite(), 'zebra')
    expect(figuresOf(html)['alerts it would have sent']).toBe('0')
    expect(text).toContain('It would have sent nothing.')
    expect(text).not.toContain('Most from')
    expect(text).not.toContain('There is much to look through')
    expect(html).toContain('<title>zebra as a watch – Crier</title>')
    expect(html).toContain('<h2>Save it</h2>')
    expect(html).not.toContain('aria-invalid')
  })

  test('of more than can be looked through says how far it came, and that there are more', async () => {
    const { html, text } = await readTry(await openSite({ tryQuery: async () => TRIAL }), 'chips')
    expect(figuresOf(html)).toEqual({
      'items in 7 days': '14',
      'in 30 days': '1,234+',
      'alerts it would have sent': '9+',
      'folded as the same story': '5+',
    })
    expect(text).toContain('only what came since 22 November, 09:00 was counted')
    expect(html).toContain('<bdi>Northern &lt;Wire&gt;</bdi> (1,000), <bdi>صحيفة الميناء</bdi> (2).')
  })

  test('of which much would have come together says in how many messages', async () => {
    const tryQuery = async () => ({ ...TRIAL, messages: { count: 2, isMore: true } })
    const { html } = await readTry(await openSite({ tryQuery }), 'chips')
    expect(figuresOf(html)['alerts it would have sent, in 2 messages']).toBe('9+')
  })

  test.each([
    ['an unclosed quote', '"big', 'The quote at character 1 is not closed.'],
    ['nothing to look for', '-jobs', '-jobs at character 1 only leaves out or narrows.'],
    ['only a language', 'lang:en', 'lang:en at character 1 only leaves out or narrows.'],
  ])('with %s is refused as on the search page, in its field', async (_, query, message) => {
    const { status, html, text } = await readTry(await openSite(), query)
    expect(status).toBe(400)
    expect(html).toContain('role="alert"')
    expect(html).toContain(`value="${query.replaceAll('"', '&quot;')}"`)
    expect(html).toContain('aria-invalid="true"')
    expect(html).toContain('href="try?q=big+data"')
    expect(text).toContain(message)
    expect(html).not.toContain('<article')
  })

  test.each([null, '', ' '])('of %o is a field and what can be written', async (query) => {
    const tryQuery = vi.fn()
    const { status, html } = await readTry(await openSite({ tryQuery }), query)
    expect(status).toBe(200)
    expect(html).toContain('<title>New watch – Crier</title>')
    expect(html).toContain('<form class="ask" action="try">')
    expect(html).toContain('href="try?q=big+data"')
    expect(tryQuery).not.toHaveBeenCalled()
  })

  test.each(['<script>alert(1)</script>', '"><img src=x>', "' onfocus=alert(1) autofocus='", 'a\u202Eb'])(
    'for %s is text wherever it stands',
    async (attack) => {
      for (const query of [attack, `"${attack}`]) {
        const { html } = await readTry(await openSite(), query)
        expect(html).not.toContain(attack)
        expect(html).not.toMatch(/<script|<img|\u202E/)
      }
    },
  )
})

describe('what it costs', () => {
  test('the same is tried once for all who ask, and again after something came', async () => {
    const tryQuery = vi.fn(async () => TRIAL)
    const site = await openSite({ tryQuery })
    const first = await get(site, '/try?q=chips')
    await Promise.all([get(site, '/try?q=chips'), get(site, '/try?q=chips')])
    expect(tryQuery).toHaveBeenCalledTimes(1)
    const etag = first.headers.get('etag') ?? ''
    expect((await get(site, '/try?q=chips', { 'if-none-match': etag })).status).toBe(304)
    await addItems(site.store, [{ title: 'One' }])
    await get(site, '/try?q=chips')
    expect(tryQuery).toHaveBeenCalledTimes(2)
  })

  test('no more than two are tried at once; the next is told to come back, and may then', async () => {
    const waiting: ((trial: Trial) => void)[] = []
    const tryQuery = () => new Promise<Trial>((resolve) => waiting.push(resolve))
    const site = await openSite({ tryQuery })
    const asked = [get(site, '/try?q=one'), get(site, '/try?q=two')]
    await vi.waitFor(() => expect(waiting).toHaveLength(2))

    const third = await get(site, '/try?q=three')
    expect([third.status, third.headers.get('retry-after')]).toEqual([503, '10'])
    expect(await third.text()).toBe('2 queries are being tried already. Load it again in a few seconds.\n')

    for (const end of waiting) end(TRIAL)
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200])
    const again = get(site, '/try?q=three')
    await vi.waitFor(() => expect(waiting).toHaveLength(3))
    waiting[2]?.(TRIAL)
    expect((await again).status).toBe(200)
  })

  test('a trial that fails is no trial under way any more', async () => {
    const tryQuery = vi.fn(() => Promise.reject<Trial>(new AppError('unavailable', 'The database is busy.')))
    const site = await openSite({ tryQuery })
    for (let i = 0; i < 4; i++) expect(await (await get(site, `/try?q=${i}`)).text()).toBe('The database is busy.\n')
    expect(tryQuery).toHaveBeenCalledTimes(4)
  })
})
