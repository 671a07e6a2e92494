import { describe, expect, test } from 'vitest'
import { createCalendar } from '../../src/http/calendar.ts'
import type { HttpDeps } from '../../src/http/routes.ts'
import { describeState } from '../../src/http/source-state.ts'
import type { Reach } from '../../src/http/trust.ts'
import type { PollReason, Source } from '../../src/model.ts'
import type { Fetched } from '../../src/ports.ts'
import { failed } from '../support/actions.ts'
import { newsPage } from '../support/news-page.ts'
import { addTestSource, NOW, pollRecord } from '../support/store.ts'
import { declares, HERE, OWN_FORM, openAddingSite, rss, send, sitePage, webOf } from './adding.ts'
import { BASE, get, openSite, type Site } from './site.ts'
import { fillSources } from './source-list.ts'

/** What people read: without tags, white space collapsed. */
function textOf(html: string): string {
  const text = html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&').replace(/\s+/g, ' ')
}

/** As a browser on this machine sees it. */
async function look(site: Pick<Site, 'handle'>, path = '/sources', url = 'http://127.0.0.1:8080') {
  const response = await site.handle(new Request(url + path, { headers: { accept: 'text/html' } }), HERE)
  const html = await response.text()
  return { status: response.status, html, text: textOf(html), rows: rowsOf(html), headers: response.headers }
}

function rowsOf(html: string): string[] {
  return [...html.matchAll(/<tr role="row"(?: class="new")?><td.*?<\/tr>/gs)].map(([row]) => textOf(row).trim())
}

async function answerOf(response: Response) {
  const html = await response.text()
  return { status: response.status, html, text: textOf(html), location: response.headers.get('location') }
}

describe('the list of sources', () => {
  test('says of each how it is, when it was polled, and when and why it is polled next', async () => {
    const site = await openSite()
    await fillSources(site.store)
    const { rows, text } = await look(site)
    const number = / no\. \d+/
    expect(rows.filter((row) => number.test(row))).toHaveLength(9)
    expect(rows.map((row) => row.replace(number, ''))).toEqual([
      "Old Mill Blog old-mill.example/atom.xml · Atom 1.0 failing for 3 days: The server answered 404 Not Found. Check the address, or look for the feed's new one on its site. 14 polls in a row failed, so it is asked less and less often, once a day at least. 7 h ago next 24 November, 02:00 1 item newest 1 h ago",
      'Data Review data-review.example/index.xml · RSS 1.0 moved to /feed.xml: 2 of 3 confirmations Too little has come to know its rhythm, so it is polled about every 15 min. 3 min ago next 09:12 2 items newest 1 h ago',
      'Harbour Times harbour-times.example/feed · Atom 1.0 asked us to wait (429) until 14:20 9 min ago next 14:20 7 items newest 1 h ago',
      'Elephant News elephant-news.example/rss · RSS 2.0 fine The document itself asks to wait 4 h (ttl or sy:updatePeriod). 48 min ago next 12:12 4 items newest 1 h ago',
      'Kernel Weekly kernel-weekly.example/headlines/rss · RSS 1.0 fine Usually something new comes about every 64 min, so it is polled about every 32 min. 2 min ago next 09:30 1,204 items newest 1 h ago',
      'Northern Wire northern-wire.example/rss · RSS 2.0 fine Usually something new comes about every 18 min, so it is polled about every 9 min. just now next 09:09 12 items newest 1 h ago',
      'The Longshore longshore.example/feed.json · JSON Feed 1.1 paused On the command line: npx crier source resume 8 30 h ago 0 items',
      'Zodiac zodiac.example/feed not polled yet It is new, and is polled as soon as its host is free. not yet next now 0 items',
      "吉林省人民政府 jl.gov.example/yw/ · page · full text fine The server's cache headers ask to wait 60 min. 22 min ago next 09:38 3 items newest 1 h ago",
    ])
    expect(text).toContain('9 sources, 1 failing, 1 paused. A poll is due now.')
    expect(text).toContain('Sources 1 ')
  })

  test('says of a source that needs something how to give it', async () => {
    const site = await openSite()
    await addTestSource(site.store)
    await site.store.claimSources([1], NOW, 60_000)
    const trouble = { failures: 1, trouble: 'It wants a password.', needs: 'login' as const, succeeded: false }
    await site.store.recordPoll(1, { ...pollRecord(), ...trouble })
    expect((await look(site)).rows[0]).toMatch(
      /It wants a password\. .* On the command line: npx crier source set 1 --auth NAME:PASSWORD/,
    )
  })

  test('leads from each source to its items', async () => {
    const site = await openSite()
    const { id } = await addTestSource(site.store, { givenTitle: 'Wire' })
    expect((await look(site)).html).toContain(
      `<a href="./?q=source%3A${id}" dir="auto">Wire <span class="quiet">no. ${id}</span></a>`,
    )
  })

  test('says what its host asked for, of a source that is due, and that it is polled after that', async () => {
    const site = await openSite()
    const { host } = await addTestSource(site.store)
    await site.store.saveHostPace({ host, spacingMs: 2_000, until: NOW + 600_000 })
    const [row] = (await look(site)).rows
    expect(row).toContain(`It is new, but ${host} asked to wait until 09:10.`)
    expect(row).toMatch(/not yet ?next .*09:10/)
  })

  test('has 200 to a page, and goes on by links until the end', async () => {
    const site = await openSite()
    for (let i = 0; i < 403; i++) {
      await site.store.addSource(
        {
          url: `https://s${i}.example/`,
          givenTitle: `S ${String(i).padStart(3, '0')}`,
          tags: [],
          everyMs: null,
          found: null,
        },
        NOW,
      )
    }
    const seen: string[] = []
    const counts: number[] = []
    let path: string | undefined = '/sources'
    while (path !== undefined) {
      const { rows, html } = await look(site, path)
      counts.push(rows.length)
      seen.push(...rows.map((row) => row.slice(0, 5)))
      const next = /rel="next" href="([^"]+)"/.exec(html)?.[1]
      path = next && `/${next}`
    }
    expect(counts).toEqual([200, 200, 3])
    expect(new Set(seen).size).toBe(403)
    expect((await look(site, '/sources?page=3')).html).toContain('rel="prev" href="sources?page=2"')
    expect((await look(site, '/sources?page=2')).html).toContain('rel="prev" href="sources"')
    expect((await look(site, '/sources')).html).not.toContain('rel="prev"')
    expect((await look(site, '/sources?page=4')).text).toContain('There are no more. To the first')
  })

  test.each(['0', '-1', '1.5', 'x', '', '99999'])('has no page "%s"', async (page) => {
    const response = await get(await openSite(), `/sources?page=${page}`)
    expect([response.status, await response.text()]).toEqual([
      400,
      `page must be a whole number from 1, not "${page}".\n`,
    ])
  })

  test('is made once a minute, and again when something changes', async () => {
    const site = await openSite()
    const etag = async () => (await get(site, '/sources')).headers.get('etag') ?? ''
    const first = await etag()
    expect((await get(site, '/sources', { 'if-none-match': first })).status).toBe(304)
    await addTestSource(site.store)
    expect(await etag()).not.toBe(first)
  })

  test('of an empty house says what to do', async () => {
    const { text } = await look(await openAddingSite(webOf({})))
    expect(text).toMatch(
      /No sources yet Give the address of a feed, or of a site: its feed is found\..*npx crier import/,
    )
  })

  test('shows no password, and foreign text as text', async () => {
    const site = await openSite()
    const attack = '"><script>alert(1)</script><img src=x onerror=alert(2)> \u202Egnp'
    await addTestSource(site.store, {
      url: `https://me:secret@a.example/${attack}`,
      givenTitle: attack,
      found: { title: null, link: null, language: null, format: attack },
    })
    const { id } = await addTestSource(site.store, { givenTitle: 'B' })
    await site.store.claimSources([id], NOW, 60_000, { force: true })
    await site.store.recordPoll(id, {
      ...{ polledAt: NOW, nextPollAt: NOW + 1, validators: { etag: null, lastModified: null }, bodyHash: null },
      ...{ failures: 1, trouble: attack, succeeded: false },
    })
    const { html } = await look(site)
    expect(html).not.toMatch(/secret|<script|<img|\u202E/)
    expect(html).toContain('&lt;script&gt;alert(1)')
  })

  test('leads to the stories and back, and says where one is', async () => {
    const site = await openSite()
    expect((await look(site)).html).toMatch(
      /<a href="\.\/">Stories<\/a><a href="\.\/try">Watches<\/a><a href="\.\/sources" aria-current="page">Sources<\/a>/,
    )
    expect((await look(site, '/')).html).toMatch(
      /<a href="\.\/" aria-current="page">Stories<\/a><a href="\.\/try">Watches<\/a><a href="\.\/sources">Sources<\/a>/,
    )
  })
})

describe('a state in words', () => {
  const source: Pick<
    Source,
    | 'id'
    | 'rhythm'
    | 'state'
    | 'failures'
    | 'trouble'
    | 'polledAt'
    | 'succeededAt'
    | 'addedAt'
    | 'move'
    | 'nextPollAt'
    | 'pushedUntil'
    | 'url'
  > = {
    id: 7,
    rhythm: { documentMs: null, freshForMs: null, skipHours: [], skipDays: [], gapMs: null, arrivedAt: null },
    state: 'active',
    failures: 0,
    trouble: null,
    polledAt: NOW,
    succeededAt: NOW,
    addedAt: NOW - 86_400_000,
    move: null,
    nextPollAt: NOW + 60_000,
    pushedUntil: null,
    url: 'https://a.example/feed',
  }
  const move = (url: string, seen: number) => ({ move: { url, seen } })
  const asked = (status: number | null, because: PollReason = 'asked') => ({
    trouble: 'Later.',
    rhythm: { ...source.rhythm, because, throttled: { status, times: 2 } },
  })

  test.each<[string, Partial<Source>]>([
    ['fine', {}],
    ['fine, its hub pushes', { pushedUntil: NOW + 1 }],
    ['fine', { pushedUntil: NOW - 1 }],
    ['paused', { state: 'paused', failures: 3, trouble: 'x' }],
    ['not polled yet', { polledAt: null, succeededAt: null }],
    ['failing for 1 min: No answer.', { failures: 1, trouble: 'No answer.', succeededAt: NOW - 100 }],
    ['failing for 59 min: No answer.', { failures: 1, trouble: 'No answer.', succeededAt: NOW - 59.5 * 60_000 }],
    ['failing for 47 h: No answer.', { failures: 9, trouble: 'No answer.', succeededAt: NOW - 47 * 3_600_000 }],
    ['failing for 94 days: No answer.', { failures: 99, trouble: 'No answer.', succeededAt: NOW - 94 * 86_400_000 }],
    ['failing since it was added, 24 h ago: No answer.', { failures: 5, trouble: 'No answer.', succeededAt: null }],
    ['asked us to wait (503) until 09:01', asked(503)],
    ['asked us to wait (429)', { nextPollAt: NOW, ...asked(429) }],
    // The next poll is later than it wanted.
    ['asked us to wait (429)', asked(429, 'usual')],
    // Another host, to which it leads, asked for it.
    ['asked us to wait until 24 November, 09:00', { nextPollAt: NOW + 86_400_000, ...asked(null) }],
    ['moved to /new?x=1: 1 of 3 confirmations', move('https://a.example/new?x=1', 1)],
    ['moved to https://b.example/feed: 2 of 3 confirmations', move('https://b.example/feed', 2)],
    ['moved to https://b.example/feed, which Crier does not follow by itself', move('https://b.example/feed', 4)],
  ])('is "%s"', (words, given) => {
    // Only what is said here is looked at.
    const whole = { ...source, ...given } as Source
    expect(describeState(whole, NOW, createCalendar('UTC', NOW)).words).toBe(words)
  })
})

describe('adding from the page', () => {
  test('is for this one reader: a shared cache keeps no page that may hold the form', async () => {
    const { headers } = await look(await openAddingSite(webOf({})))
    expect(headers.get('cache-control')).toBe('private, no-cache')
  })

  const FEED = 'https://a.example/feed.xml'

  test('a feed stores what it holds quietly, and says so', async () => {
    const site = await openAddingSite(webOf({ [FEED]: rss('Harbour Watch', ['1', '2', '3']) }))
    await fillSources(site.store)
    const response = await send(site, { url: ' a.example/feed.xml ' })
    expect([response.status, response.headers.get('location')]).toEqual([303, 'sources?added=10'])

    const { text, rows } = await look(site, '/sources?added=10')
    expect(text).toContain('Harbour Watch is read from now on. 3 items stored quietly; the next new one can alert.')
    expect(rows[0]).toMatch(/^Harbour Watch no\. 10 a\.example\/feed\.xml · RSS 2\.0 fine/)
    expect(rows).toHaveLength(10)
  })

  test('a feed that holds nothing says so', async () => {
    const site = await openAddingSite(webOf({ [FEED]: rss('Empty', []) }))
    await send(site, { url: FEED })
    expect((await look(site, '/sources?added=1')).text).toContain(
      'Empty is read from now on. It holds nothing yet; what comes can alert.',
    )
  })

  test('what is there already says so, and changes nothing', async () => {
    const site = await openAddingSite(webOf({}))
    await addTestSource(site.store, { url: FEED, givenTitle: 'Wire' })
    expect((await send(site, { url: FEED })).headers.get('location')).toBe('sources?present=1')
    expect((await look(site, '/sources?present=1')).text).toContain('Wire is there already, and was left as it is.')
  })

  test.each(['/sources?added=99', '/sources?added=x', '/sources?present=-1', '/sources?added='])(
    '%s says nothing',
    async (path) => {
      const { status, html } = await look(await openAddingSite(webOf({})), path)
      expect(status).toBe(200)
      expect(html).not.toContain('role="status"')
    },
  )

  test('a site with several feeds offers each, with title and format, and a press adds it', async () => {
    const site = await openAddingSite(
      webOf({
        'https://a.example/': sitePage(
          declares('/feed.xml', 'All the news') + declares('https://b.example/sport', 'Sport', 'application/atom+xml'),
        ),
        [FEED]: rss('News'),
      }),
    )
    const choice = await answerOf(await send(site, { url: 'a.example' }))
    expect(choice.status).toBe(200)
    expect(choice.text).toContain(
      'Which of its feeds? a.example names 2 feeds. All the news a.example/feed.xml · RSS Add Sport b.example/sport · Atom Add',
    )
    const [first = ''] = [...choice.html.matchAll(/name="url" value="([^"]+)"/g)].map(([, url]) => url ?? '')
    expect(await site.store.listSources()).toEqual([])
    expect(choice.html).toContain('<input type="hidden" name="among" value="https://a.example/">')
    const added = await send(site, { url: first, among: 'https://a.example/' })
    expect(added.headers.get('location')).toBe('sources?added=1&among=https%3A%2F%2Fa.example%2F')
    expect(await site.store.listSources()).toMatchObject([{ url: FEED, kind: 'feed' }])

    const { html } = await look(site, `/${added.headers.get('location')}`)
    expect(html).toMatch(/value="https:\/\/a\.example\/"><button[^>]*>More feeds of a\.example<\/button>/)
    for (const wrong of ['javascript:alert(1)', 'https://me:secret@a.example/', 'a.example']) {
      expect((await look(site, `/sources?added=1&among=${encodeURIComponent(wrong)}`)).html).not.toContain('More feeds')
    }

    const again = await answerOf(await send(site, { url: 'a.example' }))
    expect(again.text).toContain('a.example/feed.xml · RSS read already Sport b.example/sport · Atom Add')
  })

  describe('a page without feeds', () => {
    const PAGE = 'https://a.example/'
    const open = () => openAddingSite(webOf({ [PAGE]: newsPage() }))

    /** The fields of the form with this button, as a browser would send them. */
    function formOf(html: string, button: string): Record<string, string> {
      const form = html.split('<form ').find((part) => part.includes(`>${button}</button>`)) ?? ''
      const fields = [...form.matchAll(/<input [^>]*name="(\w+)" value="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, textOf(value)],
      )
      return { ...Object.fromEntries(fields), page: /name="page" value="(\w+)"/.exec(form)?.[1] ?? '' }
    }

    test('shows what would be watched and where it stands, and watches it when told to', async () => {
      const site = await open()
      const preview = await answerOf(await send(site, { url: 'a.example' }))
      expect(preview.status).toBe(200)
      expect(preview.text).toContain('a.example names no feed. Crier would watch these 6 entries:')
      expect(preview.text).toContain('Announcement number 11 of the harbour office a.example/n/11.html 11 November')
      expect(formOf(preview.html, 'Look again')).toEqual({
        ...{ url: PAGE, page: 'look', entry: 'ul.news > li', found: 'ul.news > li' },
        ...{ link: '', title: '', date: '', summary: '' },
      })
      expect(await site.store.listSources()).toEqual([])

      const response = await send(site, formOf(preview.html, 'Watch this page'))
      expect(response.headers.get('location')).toBe('sources?added=1')
      expect(await site.store.listSources()).toMatchObject([
        { url: PAGE, kind: 'page', items: 6, pageRules: { entry: 'ul.news > li', auto: true } },
      ])
    })

    test('stands at an address of its own, to which one can go back, until there are many newer ones', async () => {
      const site = await open()
      const ask = async () => {
        const body = new URLSearchParams({ url: PAGE })
        const init = { method: 'POST', headers: OWN_FORM, body }
        const response = await site.handle(new Request('http://127.0.0.1:8080/sources', init), HERE)
        expect([response.status, response.headers.get('cache-control')]).toEqual([303, 'no-store'])
        return `/${response.headers.get('location')}`
      }
      const first = await ask()
      expect(first).toMatch(/^\/sources\?shown=[\w-]{36}$/)
      expect((await look(site, first)).text).toContain('Watch this page?')
      expect((await look(site, first)).headers.get('cache-control')).toBe('no-store')
      for (let i = 0; i < 15; i += 1) await ask()
      expect((await look(site, first)).text).toContain('Watch this page?')
      const last = await ask()
      expect((await look(site, last)).text).toContain('Watch this page?')
      expect((await look(site, first)).text).toContain('No sources yet')
      const gone = (await look(site, '/sources?shown=x')).text
      expect(gone).toContain(
        'What was shown here is not kept any more. If its source is not below, give the address once more.',
      )
      expect(gone).toContain('No sources yet')
      expect((await look(site, '/sources')).text).not.toContain('not kept any more')
    })

    test('shows the first six of what would be watched, with its day where it has one, and how many more', async () => {
      const page = newsPage({ days: [11, 10, 9, 8, 7, 6, 5, 4] }).replace('2026-11-10', '')
      const site = await openAddingSite(webOf({ [PAGE]: page }))
      const { html, text } = await answerOf(await send(site, { url: PAGE }))
      expect(text).toContain('Crier would watch these 8 entries:')
      expect(text).toContain('office a.example/n/10.html Announcement number 9 of the')
      expect(text).toMatch(/a\.example\/n\/6\.html 6 November and 2 more/)
      expect(text).not.toContain('a.example/n/5.html')
      expect(html).not.toContain('role="alert"')
      const link = '<a href="https://a.example/n/11.html" rel="noopener noreferrer" dir="auto">Announcement number 11'
      expect(html).toContain(link)
    })

    test('is looked at again by other selectors, and watched by those that were shown', async () => {
      const site = await open()
      const form = {
        ...formOf((await answerOf(await send(site, { url: PAGE }))).html, 'Look again'),
        entry: 'ul.menu > li',
        title: 'a',
      }
      const again = await answerOf(await send(site, form))
      expect(again.text).toContain('Of a.example Crier would watch this 1 entry: About a.example/about')
      expect(formOf(again.html, 'Look again')).toMatchObject({ entry: 'ul.menu > li', title: 'a', found: '' })

      await send(site, formOf(again.html, 'Watch this page'))
      expect(await site.store.listSources()).toMatchObject([
        { kind: 'page', pageRules: { entry: 'ul.menu > li', title: 'a', link: null, auto: false } },
      ])
    })

    test('names the selectors that match nothing', async () => {
      const site = await open()
      const fields = { entry: 'ul.news > li', title: '.none', date: 'a' }
      const { text } = await answerOf(await send(site, { url: PAGE, page: 'look', ...fields }))
      expect(text).toContain('“Title” ".none" matches nothing within the entries: the titles are those that Crier')
      expect(text).toContain('“Date” "a" matches no date within the entries.')
    })

    test('looked at again unchanged is still found by us', async () => {
      const site = await open()
      const first = formOf((await answerOf(await send(site, { url: PAGE }))).html, 'Look again')
      const again = await answerOf(await send(site, first))
      expect(formOf(again.html, 'Look again')).toEqual(first)
      expect(formOf(again.html, 'Watch this page')).toEqual({ url: PAGE, page: 'watch' })
    })

    test.each<[string, Record<string, string>, RegExp, number]>([
      ['no selector', { entry: 'li..x' }, /“Entry” is no selector: /, 400],
      [
        'nothing on the page',
        { entry: 'li.none' },
        /Nothing on the page matches "li\.none".*is "ul\.news > li" \(6,/,
        422,
      ],
      [
        'a part without an entry',
        { entry: '', date: '.day' },
        /“Date” needs “Entry”, which says which elements are the entries\./,
        400,
      ],
    ])('says what is wrong with %s, and keeps what was written', async (_, fields, reason, status) => {
      const site = await open()
      const refused = await answerOf(await send(site, { url: PAGE, page: 'look', ...fields }))
      expect([refused.status, refused.html.includes('role="alert"')]).toEqual([status, true])
      expect(refused.text).toMatch(reason)
      expect(formOf(refused.html, 'Look again')).toMatchObject({ url: PAGE, ...fields })
      expect(refused.html).not.toContain('Watch this page</button>')
    })

    test('says that no list was found, beside the fields for selectors and without a button to them', async () => {
      const site = await openAddingSite(
        webOf({ [PAGE]: sitePage('').replace('Hello', '<a href="/about">About us</a>') }),
      )
      const { text, html } = await answerOf(await send(site, { url: PAGE, page: 'look' }))
      expect(text).toMatch(/Where do its entries stand\?.*This page has no list of links/)
      expect(formOf(html, 'Look again')).toMatchObject({ url: PAGE, entry: '' })
      expect(text).not.toContain('Give a CSS selector')
    })

    test('says that a feed is none, and adds it as one when told to', async () => {
      const feed = 'https://b.example/feed.xml'
      const site = await openAddingSite(webOf({ [feed]: rss('B') }))
      const { text, html } = await answerOf(await send(site, { url: feed, page: 'watch' }))
      expect(text).toContain(`${feed} is a feed, not a page.`)
      expect(text).not.toContain('crier ')
      expect((await send(site, formOf(html, 'Add it as a feed'))).headers.get('location')).toBe('sources?added=1')
    })

    test('shows foreign text as text', async () => {
      const attack = '<script>alert(1)</script>'
      const escaped = '&lt;script&gt;alert(1)&lt;/script&gt;'
      const page = newsPage()
        .replaceAll('Announcement number', `${escaped} "onmouseover="x number`)
        .replace('/n/11.html', 'javascript:alert(1)')
        .replaceAll('class="news"', 'class="news&quot;&gt;&lt;script&gt;"')
      const site = await openAddingSite(webOf({ [PAGE]: page }))
      for (const fields of [
        {},
        { page: 'look', entry: `ul li:not([x='"><script>'])` },
        { page: 'look', entry: `"><script>${attack}`, title: attack },
      ]) {
        const { html } = await answerOf(await send(site, { url: PAGE, ...fields }))
        expect(html).not.toMatch(/<script|"onmouseover|javascript:/)
      }
    })
  })

  describe('what cannot be added is refused beside the field', () => {
    test.each<[string, string, string | Fetched | undefined, RegExp, number]>([
      ['nothing', '  ', undefined, /There is no address\. Example: https:\/\/example\.com\/feed\.xml/, 400],
      ['no address', 'not an address', undefined, /"not an address" is not a web address\. Example: /, 400],
      ['another scheme', 'file:///etc/passwd', undefined, /is not a web address/, 400],
      [
        'what does not answer',
        'https://a.example/',
        failed({ detail: 'a.example does not answer.' }),
        /a\.example does not answer\./,
        422,
      ],
      [
        'what we may not fetch',
        'https://a.example/',
        failed({ reason: 'refused', detail: '10.0.0.1 is private.' }),
        /10\.0\.0\.1 is private\./,
        400,
      ],
      [
        'a page whose entries are not found',
        'https://a.example/',
        sitePage('').replace('Hello', '<a href="/about">About us</a>'),
        /names none\..*No list of entries was found.*by a CSS selector\. Give a CSS selector/,
        422,
      ],
      [
        'a page with nothing to watch, where no selector would help',
        'https://a.example/',
        sitePage(''),
        /names none\..*There are no links on this page.*that links to its news\. (?!Give)/,
        422,
      ],
    ])('%s', async (_, url, answer, reason, status) => {
      const site = await openAddingSite(webOf(answer === undefined ? {} : { [url]: answer }))
      const refused = await answerOf(await send(site, { url }))
      expect(refused.status).toBe(status)
      expect(refused.text).toMatch(reason)
      expect(refused.html).toMatch(/aria-invalid="true" aria-describedby="fault"/)
      expect(refused.html).toContain(`name="url" value="${url.trim()}"`)
      expect(refused.text).not.toContain('--')
    })

    test.each<[string, Fetched, string]>([
      [
        'a cookie',
        failed({ reason: 'blocked', status: 403, detail: 'It asks for a browser. Send a cookie.', needs: 'cookie' }),
        "It asks for a browser. Send a cookie. On the command line: npx crier source add https://a.example/ --header 'Cookie: …'",
      ],
      [
        'a password',
        failed({ reason: 'blocked', status: 401, detail: 'It wants a password.', needs: 'login' }),
        'It wants a password. On the command line: npx crier source add https://a.example/ --auth NAME:PASSWORD',
      ],
      ['time', failed({ reason: 'throttled', status: 503, detail: 'It is busy.' }), 'It is busy.'],
    ])('and where it wants %s, with the way to give it, and no page to watch', async (_, answer, says) => {
      const site = await openAddingSite(webOf({ 'https://a.example/': answer }))
      const { text } = await answerOf(await send(site, { url: 'https://a.example/' }))
      expect(text).toContain(says)
      expect(text).not.toContain('Give a CSS selector')
    })

    test.each([
      'https://me:secret@a.example/feed',
      'me:secret@a.example',
      'https://me@a.example/',
      'https:/\\me:secret@a.example',
      'ht\ntps://me:secret@a.example',
      '//me:secret@a',
      'feed:https://me:secret@a.example/',
      'feed://me:secret@a.example/',
      'https://me:sec@ret@a.example/',
      '\u0001https://me:secret@a.example/',
      '\u200bhttps://me:secret@a.example/',
      '<https://me:secret@a.example/>',
      '"https://me:secret@a.example/',
    ])('a login in %s, which stands in no page', async (url) => {
      const site = await openAddingSite(webOf({ 'https://a.example/feed': rss('A') }))
      for (const fields of [{}, { page: 'look' }, { page: 'watch' }]) {
        const refused = await answerOf(await send(site, { url, ...fields }))
        expect([refused.status, refused.html]).toEqual([400, expect.not.stringMatching(/secret|sec@|me@/)])
        expect(refused.text).toContain('npx crier source add ADDRESS --auth NAME:PASSWORD')
      }
      expect(await site.store.listSources()).toEqual([])
    })

    test.each(['"><script>alert(1)</script>', `' onfocus=alert(1) autofocus='`, 'https://a.example/"onclick="x'])(
      '%s, which stays text',
      async (url) => {
        const { html } = await answerOf(await send(await openAddingSite(webOf({})), { url }))
        expect(html).not.toContain(url)
        expect(html).not.toMatch(/<script|"onclick/)
      },
    )

    test('our own fault is no refusal', async () => {
      const site = await openAddingSite(() => Promise.reject(new Error('secret')))
      const response = await send(site, { url: 'a.example' })
      expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining('secret')])
    })
  })

  test('waits for at most four addresses at once', async () => {
    let finish = () => {}
    const isFinished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const site = await openAddingSite(async () => {
      await isFinished
      return failed()
    })
    const waiting = Array.from({ length: 4 }, (_, i) => send(site, { url: `https://s${i}.example/` }))
    // The first four have read their bodies by the time the fifth comes.
    await new Promise((resolve) => setImmediate(resolve))
    const fifth = await send(site, { url: 'https://s5.example/' })
    expect([fifth.status, fifth.headers.get('retry-after')]).toEqual([503, '10'])
    expect(await fifth.text()).toContain(
      '4 addresses are being looked at already. Go back, and send it again in a minute.',
    )
    finish()
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([422, 422, 422, 422])
    expect((await send(site, { url: 'https://s5.example/' })).status).toBe(422)
  })
})

describe('a form that is not taken', () => {
  const ask = async (
    headers: Record<string, string>,
    body: string | ReadableStream = 'url=https://a.example/feed.xml',
    reach: Partial<Reach> = {},
  ) => {
    const site = await openAddingSite(webOf({ 'https://a.example/feed.xml': rss('A') }), reach)
    const init = { method: 'POST', headers, body, duplex: 'half' }
    const response = await site.handle(new Request('http://127.0.0.1:8080/sources', init), HERE)
    expect(await site.store.listSources()).toEqual([])
    return response
  }

  test.each<[string, Record<string, string>, number]>([
    ['of another site', { ...OWN_FORM, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    ['without a sender', { 'content-type': OWN_FORM['content-type'] }, 403],
    ['as JSON', { ...OWN_FORM, 'content-type': 'application/json' }, 415],
    ['as plain text', { ...OWN_FORM, 'content-type': 'text/plain' }, 415],
    ['with files', { ...OWN_FORM, 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['of a type that only begins so', { ...OWN_FORM, 'content-type': 'application/x-www-form-urlencodedx' }, 415],
  ])('%s', async (_, headers, status) => {
    const response = await ask(headers)
    expect([response.status, response.headers.get('connection')]).toEqual([status, 'close'])
  })

  test('that breaks off', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('cut')) })
    const response = await ask(OWN_FORM, body)
    expect([response.status, response.headers.get('connection')]).toEqual([400, 'close'])
    expect(await response.text()).toContain('broke off')
  })

  test('larger than 64 KB, whatever its length was said to be', async () => {
    expect((await ask(OWN_FORM, `url=${'x'.repeat(65_536)}`)).status).toBe(413)
    expect((await ask({ ...OWN_FORM, 'content-length': '70000' })).status).toBe(413)
  })

  test('where adding is off, with the other way to do it', async () => {
    const response = await ask(OWN_FORM, undefined, { host: '0.0.0.0', publicUrl: null })
    expect(response.status).toBe(403)
    expect(textOf(await response.text())).toContain(
      'Sources cannot be added here. On the command line: npx crier source add ADDRESS',
    )
  })

  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])('by %s', async (method) => {
    const response = await get(await openSite(), '/sources', {}, method)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
    expect(await response.text()).toBe('Only GET, HEAD and POST are answered here.\n')
  })
})

describe('where nothing can be added', () => {
  const bot: HttpDeps['telegram'] = () => ({ state: 'online', username: 'bot' })

  test('because the network reaches us, the page has no form and says how else', async () => {
    const { html, text } = await look(await openAddingSite(webOf({}), { host: '0.0.0.0', publicUrl: null }))
    expect(html).not.toContain('method="post"')
    expect(text).toContain('To add one, on the command line: npx crier source add ADDRESS .')
  })

  test('the bot is named where there is one', async () => {
    const { text } = await look(await openSite({ telegram: bot }))
    expect(text).toContain('or in the bot: /addsource ADDRESS .')
  })

  test('who came by a name that somebody pointed at us sees nothing at all', async () => {
    const site = await openAddingSite(webOf({}))
    for (const path of ['/', '/sources', '/feed.atom', '/api/v1/items']) {
      const response = await site.handle(new Request(`http://rebound.example${path}`), { address: '127.0.0.1' })
      expect([response.status, await response.text()]).toEqual([
        421,
        expect.stringContaining(`Crier is not at rebound.example: open ${BASE}, or`),
      ])
    }
    expect((await look(site)).html).toContain('method="post"')
  })
})
