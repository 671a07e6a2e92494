/// <reference lib="dom" />
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import type { Handle } from '../../src/http/routes.ts'
import { listen } from '../../src/http/server.ts'

export const WIDE = { width: 1180, height: 1020 }
export const PHONE = { width: 390, height: 844 }

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
    ],
  })
}

/** A window on a service that is up, and everything the browser complained about or asked others for. */
export async function openWindow(browser: Browser, handle: Handle, options: BrowserContextOptions = {}) {
  const server = await listen(handle, { host: '127.0.0.1', port: 0 })
  const opened = await browser.newContext({ viewport: WIDE, ...options })
  onTestFinished(async () => {
    await opened.close()
    await server.close()
  })

  const base = `http://127.0.0.1:${server.port}`
  const page = await opened.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(base)) complaints.push(`request to ${request.url()}`)
  })
  return { page, base, complaints }
}

/** How much wider than the window the page is. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

/** In the page: the contrast of an element's text with what lies behind it (WCAG 2.2, relative luminance). */
export function contrastOf(element: Element): number {
  const read = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = (rgb: number[]) => {
    const [r = 0, g = 0, b = 0] = rgb.map((value) => {
      const share = value / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  let behind: Element | null = element
  let background = read(getComputedStyle(element).backgroundColor)
  while (behind !== null && (background[3] ?? 1) === 0) {
    behind = behind.parentElement
    background = behind === null ? [255, 255, 255] : read(getComputedStyle(behind).backgroundColor)
  }
  const text = luminance(read(getComputedStyle(element).color).slice(0, 3))
  const ground = luminance(background.slice(0, 3))
  return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)
}
