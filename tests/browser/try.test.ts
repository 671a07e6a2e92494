import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addStory, fillNewsroom, openSite, STORY } from '../http/site.ts'
import { ATTACKS } from '../publish/attacks.ts'
import { contrastOf, launchBrowser, openWindow, overflowOf, PHONE, WIDE } from './window.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(() => browser.close())

/** A newsroom in which three papers tell one story. */
async function openNewsroom(options: BrowserContextOptions = {}) {
  const site = await openSite()
  await fillNewsroom(site.store)
  await addStory(site.store, ['Reuters', 'BBC', 'صحيفة الميناء'], STORY)
  const opened = await openWindow(browser, site.handle, options)
  await opened.page.goto(opened.base)
  return opened
}

describe('the try-out', () => {
  test('works without script: from the page, by its field, from a search, and on to the search', async () => {
    const { page, base, complaints } = await openNewsroom({ javaScriptEnabled: false })
    await page.click('#watches a:has-text("New")')
    expect(page.url()).toBe(`${base}/try`)
    await page.click('main #watches a:has-text("大数据")')
    expect(await page.locator('.save h2').innerText()).toMatch(/already/i)
    await page.click('nav a:has-text("Watches")')
    expect(page.url()).toBe(`${base}/try`)
    expect(await page.locator('h1').innerText()).toBe('New watch')

    await page.fill('main input[type=search]', 'library')
    await page.press('main input[type=search]', 'Enter')
    expect(page.url()).toBe(`${base}/try?q=library`)
    expect(await page.locator('.ask b').innerText()).toBe('library')
    expect(await page.locator('.figures dd').first().innerText()).toMatch(/^[1-9]$/)
    expect(await page.locator('.save pre').allInnerTexts()).toEqual(['/watch library', "npx crier watch add 'library'"])

    await page.click('text=Search for it')
    expect(page.url()).toBe(`${base}/?q=library`)
    await page.click('.lead a:has-text("As a watch")')
    expect(page.url()).toBe(`${base}/try?q=library`)
    expect(complaints).toEqual([])
  })

  test.each([
    ['wide', WIDE, 'light'],
    ['wide and dark', WIDE, 'dark'],
    ['on a phone', PHONE, 'light'],
    ['on a phone and dark', PHONE, 'dark'],
    ['on the smallest phone', { width: 320, height: 568 }, 'light'],
  ] as const)('%s fits, is readable and breaks no rule of its own', async (_, viewport, colorScheme) => {
    const { page, base, complaints } = await openNewsroom({ viewport, colorScheme })
    const long = `"big data" OR ${'x'.repeat(200)} OR 大数据`
    for (const path of [`/try?q=${encodeURIComponent(long)}`, '/try']) {
      await page.goto(`${base}${path}`)
      expect([path, await overflowOf(page)]).toEqual([path, 0])
    }
    await page.goto(`${base}/try?q=${encodeURIComponent('"big data" OR 大数据')}`)
    for (const selector of ['.figures dt', '.figures dd', '.note', '.ask p + p', '.save p', '.save pre', '.lead']) {
      const ratio = await page.locator(selector).first().evaluate(contrastOf)
      // WCAG 2.2, 1.4.3: 4.5 for text.
      expect([selector, ratio >= 4.5 ? 'fine' : ratio]).toEqual([selector, 'fine'])
    }
    expect(complaints).toEqual([])
  })

  test('runs nothing of what is asked of it', async () => {
    const { page, base, complaints } = await openNewsroom()
    for (const attack of ATTACKS) await page.goto(`${base}/try?q=${encodeURIComponent(attack)}`)
    // A refused query is answered with 400, and the browser says so.
    expect(complaints.filter((complaint) => !complaint.includes('status of 400'))).toEqual([])
  })
})
