/// <reference lib="dom" />
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { safeHtml } from '../../src/publish/safe-html.ts'
import { addItems, addStory, fillNewsroom, openSite, type Site, STORY } from '../http/site.ts'
import { fillSources } from '../http/source-list.ts'
import { ATTACKS } from '../publish/attacks.ts'
import { addTestSource } from '../support/store.ts'
import { contrastOf, launchBrowser, openWindow, overflowOf, PHONE, WIDE } from './window.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(() => browser.close())

/** The first page of a newsroom. */
async function openPage(options: BrowserContextOptions & { fill?: (site: Site) => Promise<void> } = {}) {
  const { fill = (site: Site) => fillNewsroom(site.store), ...context } = options
  const site = await openSite({ telegram: () => ({ state: 'online', username: 'harbour_crier_bot' }) })
  await fill(site)
  const opened = await openWindow(browser, site.handle, context)
  await opened.page.goto(opened.base)
  return opened
}

describe('the page', () => {
  test.each([
    ['wide', WIDE, 'light'],
    ['wide and dark', WIDE, 'dark'],
    ['on a phone', PHONE, 'light'],
    ['on a phone and dark', PHONE, 'dark'],
    ['on the smallest phone', { width: 320, height: 568 }, 'light'],
  ] as const)(
    '%s fits, asks nobody else for anything and breaks no rule of its own',
    async (_, viewport, colorScheme) => {
      const { page, complaints } = await openPage({ viewport, colorScheme })
      expect(await page.locator('article').count()).toBe(37)
      expect(await overflowOf(page)).toBe(0)
      expect(complaints).toEqual([])
    },
  )

  test.each([320, 390, 601, 700, 760, 1180])(
    '%i wide, no word at its head is broken, cut or under the search',
    async (width) => {
      const { page } = await openPage({ viewport: { width, height: 800 }, fill: (site) => fillSources(site.store) })
      const bottomOf = async (selector: string) => {
        const { y = 0, height = 0 } = (await page.locator(selector).boundingBox()) ?? {}
        return { y, bottom: y + height }
      }

      const words = page.locator('header nav a:visible')
      expect(await words.count()).toBe(width > 940 ? 3 : 4)
      for (const word of await words.all()) {
        const { lines, right } = await word.evaluate((link) => {
          const range = document.createRange()
          range.selectNodeContents(link.firstChild ?? link)
          return { lines: range.getClientRects().length, right: link.getBoundingClientRect().right }
        })
        expect([await word.innerText(), lines]).toEqual([await word.innerText(), 1])
        expect(right).toBeLessThanOrEqual(width)
      }
      expect((await bottomOf('header form')).y).toBeLessThan((await bottomOf('.brand')).bottom)
    },
  )

  test('has readable contrast in both schemes', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await openPage({ colorScheme })
      for (const selector of [
        'h3',
        'article p',
        'time',
        '.called',
        '.lead',
        'mark',
        'article p mark',
        '.good',
        'aside section > p',
      ]) {
        const ratio = await page.locator(selector).first().evaluate(contrastOf)
        // WCAG 2.2, 1.4.3: 4.5 for text.
        expect([colorScheme, selector, ratio >= 4.5 ? 'fine' : ratio]).toEqual([colorScheme, selector, 'fine'])
      }
    }
  })

  test('works without script: search, say it back, follow a watch, go home', async () => {
    const { page, base, complaints } = await openPage({ javaScriptEnabled: false })
    await page.fill('input[type=search]', '"big data"')
    await page.press('input[type=search]', 'Enter')
    expect(page.url()).toBe(`${base}/?q=%22big+data%22`)
    expect(await page.locator('article').count()).toBe(2)
    expect(await page.locator('.lead').innerText()).toContain('“big data”')
    expect(await page.inputValue('input[type=search]')).toBe('"big data"')

    await page.click('#watches a:has-text("大数据")')
    expect(await page.locator('mark').allInnerTexts()).toContain('大数据')
    await page.click('a.brand')
    expect(page.url()).toBe(`${base}/`)
    expect(complaints).toEqual([])
  })

  test('a story has who else tells it in its line, readable in both schemes, however they are called', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, complaints } = await openPage({
        viewport: PHONE,
        colorScheme,
        fill: (site) =>
          addStory(site.store, ['Northern Wire', 'x'.repeat(300), 'صحيفة الميناء', '北方网', 'BBC'], STORY),
      })
      expect(await page.locator('article').count()).toBe(1)
      expect(await page.locator('.also').innerText()).toMatch(/^also: x+…, صحيفة الميناء, 北方网 and 1 more$/)
      expect(await page.locator('.also').evaluate(contrastOf)).toBeGreaterThanOrEqual(4.5)
      expect(await page.locator('.also a:visible').count()).toBe(3)
      await page.click('.also summary')
      expect(await page.locator('.also').innerText()).toMatch(/ and 1 more\s*BBC$/)
      expect(await overflowOf(page)).toBe(0)

      await page.click('text=Every item')
      expect(await page.locator('article').count()).toBe(5)
      await page.click('text=Each story once')
      expect(await page.locator('article').count()).toBe(1)
      expect(complaints).toEqual([])
    }
  })

  test('older items are one link away', async () => {
    const { page } = await openPage({
      fill: (site) =>
        addItems(
          site.store,
          Array.from({ length: 45 }, (_, i) => ({ title: `Item ${i}`, url: `https://a.example/${i}` })),
        ),
    })
    await page.click('a[rel=next]')
    expect(await page.locator('h3').allInnerTexts()).toEqual(['Item 4', 'Item 3', 'Item 2', 'Item 1', 'Item 0'])
  })

  test('goes by keyboard, and shows where one is', async () => {
    const { page, base } = await openPage()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('To the items')
    expect(await page.locator('.skip').boundingBox()).toMatchObject({ x: expect.any(Number) })

    const seen: string[] = []
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab')
      const focus = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement // Something is focused: Tab was pressed.
        const { outlineStyle, outlineWidth } = getComputedStyle(element)
        return { name: `${element.tagName}`, outline: `${outlineStyle} ${outlineWidth}` }
      })
      expect(focus.outline).toBe('solid 2px')
      seen.push(focus.name)
    }
    expect(seen.slice(0, 5)).toEqual(['A', 'A', 'A', 'A', 'INPUT'])

    await page.focus('input[type=search]')
    await page.keyboard.type('library')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${base}/?q=library`)
  })

  test('runs nothing of what sources publish', async () => {
    const { page, base, complaints } = await openPage({
      fill: async (site) => {
        for (const attack of ATTACKS.slice(0, 36)) {
          const url = `javascript:alert(1)//${attack}`
          await addItems(site.store, [{ title: attack, content: attack, text: attack, url, language: attack }], attack)
        }
        await addTestSource(site.store, { givenTitle: ATTACKS[0] ?? null })
      },
    })
    expect(await page.locator('article').count()).toBe(36)
    for (const attack of ATTACKS) await page.goto(`${base}/?q=${encodeURIComponent(attack)}`)
    // A refused search is answered with 400, and the browser says so.
    expect(complaints.filter((complaint) => !complaint.includes('status of 400'))).toEqual([])
  })

  test('runs nothing of what the gate lets pass, even where no policy forbids it', async () => {
    const run = async (html: string) => {
      const page = await browser.newPage()
      let ran = 0
      page.on('dialog', (dialog) => {
        ran += 1
        void dialog.dismiss()
      })
      // Until the load event: by then every image has come or failed.
      await page.setContent(`<!doctype html><body>${html}`)
      for (const link of await page.locator('a').all()) await link.dispatchEvent('click')
      await page.close()
      return ran
    }
    // The control: these strings do run where nobody stands at the gate.
    expect(await run(ATTACKS.filter((attack) => attack.startsWith('<img')).join(''))).toBeGreaterThan(0)
    expect(await run(ATTACKS.map((attack) => safeHtml(`<div>${attack}`)).join('\n'))).toBe(0)
  })

  test('an empty house fits a phone', async () => {
    const { page, complaints } = await openPage({ viewport: PHONE, fill: async () => {} })
    expect(await page.locator('h1').innerText()).toBe('No sources yet')
    expect(await overflowOf(page)).toBe(0)
    expect(complaints).toEqual([])
  })

  test('a headline as long as a text takes six lines, linked or not', async () => {
    const title = 'word '.repeat(400)
    const { page } = await openPage({
      viewport: PHONE,
      fill: (site) => addItems(site.store, [{ title, url: 'https://a.example/' }, { title: `more ${title}` }]),
    })
    for (const headline of await page.locator('h3').all()) {
      expect((await headline.boundingBox())?.height).toBe(6 * 25)
    }
  })

  test('no word is so long that it breaks the page', async () => {
    // The second is one letter with a tower of marks, of which some fonts make a row.
    for (const long of ['x'.repeat(400), `x${'\u0338\u0353\u0354'.repeat(200)}`]) {
      const { page } = await openPage({
        viewport: PHONE,
        fill: (site) => addItems(site.store, [{ title: long, text: long, url: `https://a.example/${long}` }], long),
      })
      expect(await overflowOf(page)).toBe(0)
    }
  })
})
