/// <reference lib="dom" />
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createFetch } from '../../src/fetch/fetch.ts'
import { declares, openAddingSite, rss, sitePage } from '../http/adding.ts'
import { fillSources, SOURCES } from '../http/source-list.ts'
import { ATTACKS } from '../publish/attacks.ts'
import { startFeedServer } from '../support/feed-server.ts'
import { newsPage } from '../support/news-page.ts'
import { addTestSource } from '../support/store.ts'
import { contrastOf, launchBrowser, openWindow, overflowOf, PHONE, WIDE } from './window.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(() => browser.close())

/** The page of sources of a house that fetches for real, and a web server to add from. */
async function openSources(options: BrowserContextOptions & { fill?: boolean } = {}) {
  const { fill = true, ...context } = options
  const web = await startFeedServer()
  const fetcher = createFetch({ userAgent: 'Crier/test', allowHosts: ['127.0.0.1'] })
  onTestFinished(async () => {
    await fetcher.close()
    await web.close()
  })
  const site = await openAddingSite(fetcher.fetch, { publicUrl: null })
  if (fill) await fillSources(site.store)
  const opened = await openWindow(browser, site.handle, context)
  await opened.page.goto(`${opened.base}/sources`)
  /** Does what leads to another page, which waits for a server of somebody else, and waits for it. */
  const go = (action: Promise<void>) => Promise.all([opened.page.waitForEvent('domcontentloaded'), action])
  const add = async (address: string) => {
    await opened.page.fill('.add input', address)
    await go(opened.page.press('.add input', 'Enter'))
  }
  const html = 'text/html; charset=utf-8'
  web.set('/two/', {
    body: sitePage(declares('/two/news.xml', 'All the news') + declares('/two/talk.atom', 'Talk')),
    contentType: html,
  })
  web.set('/two/news.xml', rss('Harbour Watch'))
  web.set('/none/', { body: newsPage(), contentType: html })
  return { ...opened, add, go, site, web }
}

describe('the page of sources', () => {
  test.each([
    ['wide', WIDE, 'light'],
    ['wide and dark', WIDE, 'dark'],
    ['between', { width: 760, height: 900 }, 'light'],
    ['on a phone', PHONE, 'light'],
    ['on a phone and dark', PHONE, 'dark'],
    ['on the smallest phone', { width: 320, height: 568 }, 'light'],
  ] as const)('%s fits, and breaks no rule of its own', async (_, viewport, colorScheme) => {
    const { page, complaints } = await openSources({ viewport, colorScheme })
    expect(await page.getByRole('row').count()).toBe(SOURCES.length + 1)
    expect(await overflowOf(page)).toBe(0)
    expect(complaints).toEqual([])
  })

  test('has readable contrast in both schemes', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await openSources({ colorScheme })
      for (const selector of [
        'h1',
        '.lead',
        'td a',
        'td small',
        'td .good',
        'td .warn',
        '.add button',
        '.badge',
        'th',
      ]) {
        const ratio = await page.locator(selector).first().evaluate(contrastOf)
        // WCAG 2.2, 1.4.3: 4.5 for text.
        expect([colorScheme, selector, ratio >= 4.5 ? 'fine' : ratio]).toEqual([colorScheme, selector, 'fine'])
      }
    }
  })

  test('is a table on a phone too, for those who hear it', async () => {
    const { page } = await openSources({ viewport: PHONE })
    const row = page.getByRole('row', { name: 'Harbour Times' })
    expect(await row.getByRole('cell').allInnerTexts()).toEqual([
      expect.stringContaining('harbour-times.example/feed · Atom 1.0'),
      'asked us to wait (429) until 14:20',
      expect.stringContaining('9 min ago'),
      expect.stringMatching(/^7 items/),
    ])
    expect(await page.getByRole('columnheader').allInnerTexts()).toEqual(['Source', 'State', 'Polled', 'Items'])
  })

  test('is reached from the stories and leads back, and from a source to its items', async () => {
    const { page, base } = await openSources()
    await page.click('nav >> text=Stories')
    expect(page.url()).toBe(`${base}/`)
    await page.click('nav >> text=Sources')
    expect(await page.locator('nav [aria-current]').innerText()).toContain('Sources')
    await page.click('td a:has-text("Elephant News")')
    expect(await page.locator('article').count()).toBe(4)
  })

  test('no word is so long that it breaks it, and nothing of what sources say runs', async () => {
    const { page, site, base, complaints } = await openSources({ viewport: PHONE, fill: false })
    for (const attack of [...ATTACKS.slice(0, 20), 'x'.repeat(400)]) {
      await addTestSource(site.store, {
        givenTitle: attack,
        found: { title: null, link: null, language: null, format: attack },
      })
    }
    await page.goto(`${base}/sources`)
    expect(await page.getByRole('row').count()).toBe(22)
    expect(await overflowOf(page)).toBe(0)
    expect(complaints).toEqual([])
  })
})

describe.each([
  ['wide and light', { viewport: WIDE, colorScheme: 'light' }],
  ['on a phone, dark, without script', { viewport: PHONE, colorScheme: 'dark', javaScriptEnabled: false }],
] as const)('adding, %s', (_, options) => {
  test('a site with two feeds: the one that is chosen', async () => {
    const { page, base, add, go, web, complaints } = await openSources(options)
    await add(`${web.url}/two/`)
    expect(await page.locator('h1').innerText()).toBe('Which of its feeds?')
    expect(await page.locator('.list li').count()).toBe(2)
    await go(page.getByRole('button', { name: 'Add All the news' }).click())

    expect(page.url()).toMatch(new RegExp(`^${base}/sources\\?added=${SOURCES.length + 1}&among=`))
    expect(await page.getByRole('status').innerText()).toBe(
      'Harbour Watch is read from now on. 2 items stored quietly; the next new one can alert.',
    )
    expect(await page.locator('tr.new').innerText()).toContain('fine')
    expect(await page.locator('tbody tr').count()).toBe(SOURCES.length + 1)

    await go(page.getByRole('button', { name: 'More feeds of 127.0.0.1' }).click())
    expect(await page.locator('.list li').first().innerText()).toContain('read already')
    await page.goBack()

    // Again: it is there.
    await add(`${web.url}/two/news.xml`)
    expect(await page.getByRole('status').innerText()).toBe('Harbour Watch is there already, and was left as it is.')
    expect(complaints).toEqual([])
  })

  test('a page without feeds: what is shown, once its selectors are right', async () => {
    const { page, add, go, web, complaints } = await openSources(options)
    await add(`${web.url}/none/`)
    expect(await page.locator('.list li').count()).toBe(6)
    expect(await page.getByLabel('Entry').inputValue()).toBe('ul.news > li')
    expect(await overflowOf(page)).toBe(0)

    await page.getByLabel('Entry').fill('li.none')
    await go(page.getByLabel('Entry').press('Enter'))
    expect(await page.getByRole('alert').innerText()).toContain('Nothing on the page matches "li.none"')
    expect(await page.getByLabel('Entry').inputValue()).toBe('li.none')

    await page.getByLabel('Entry').fill('ul.news li')
    await page.getByLabel('Date').fill('.day')
    await go(page.getByRole('button', { name: 'Look again' }).click())
    expect(await page.locator('.list time').first().innerText()).toBe('11 November')
    await go(page.getByRole('button', { name: 'Watch this page' }).click())

    expect(await page.getByRole('status').innerText()).toContain('Harbour office is read from now on. 6 items stored')
    expect(await page.locator('tr.new').innerText()).toContain('· page')
    // The refused selectors were answered with 422, and the browser says so.
    expect(complaints.filter((complaint) => !complaint.includes('status of 422'))).toEqual([])
  })

  test('what is no address: it says so, and what was written stays', async () => {
    const { page, add, complaints } = await openSources(options)
    await add('no address')
    expect(await page.getByRole('alert').innerText()).toContain('"no address" is not a web address.')
    expect(await page.inputValue('.add input')).toBe('no address')
    expect(await overflowOf(page)).toBe(0)
    expect(complaints.filter((complaint) => !complaint.includes('status of 400'))).toEqual([])
  })
})

test('another site cannot add: its form is refused', async () => {
  const { base, web, site } = await openSources({ fill: false })
  const form = `<form method="post" action="${base}/sources"><input name="url" value="${web.url}/two/news.xml"><button>Go</button></form>`
  web.set('/evil', { body: `<!doctype html>${form}`, contentType: 'text/html' })
  const page = await browser.newPage()
  onTestFinished(() => page.close())
  // Another port of this machine, and another name for it.
  for (const address of [`${web.url}/evil`, `http://localhost:${web.port}/evil`]) {
    await page.goto(address)
    await page.click('button')
    await page.waitForURL(`${base}/sources`)
    expect(await page.locator('main').innerText()).toContain('sent by something that is not a page of Crier')
  }
  expect(await site.store.listSources()).toEqual([])
})
