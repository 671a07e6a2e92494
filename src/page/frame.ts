/** What stands around an article: menus, sidebars, what the site says of itself. */
import type { Page, PageElement } from './dom.ts'
import { widthOf } from './tree.ts'

/**
 * Hides it from Readability, which judges by names of classes and by what a part holds: where the paragraphs of an article
 * stand beside menu and imprint, in nothing of their own, it takes all of them along.
 */
export function hideFrame({ document }: Page): void {
  for (const menu of first(document.querySelectorAll('nav, [role="navigation"]'))) {
    if (isMostlyLinks(menu)) menu.setAttribute('hidden', '')
  }
  for (const part of first(document.querySelectorAll(PARTS))) {
    if (!isWithinText(part) && !holdsText(part)) part.setAttribute('hidden', '')
  }
  for (const part of first(document.querySelectorAll(MAY_ASK_FOR_CONSENT))) {
    if (isConsentPart(part) && !isWithinText(part) && !holdsText(part)) part.setAttribute('hidden', '')
  }
}

/**
 * Shows what its page hides until a script has run: all of it, or the element with most of its text, as WeChat does.
 * What is hidden and less stays so: a dialog, another language, the part for subscribers.
 */
export function showText({ document }: Page): void {
  for (const page of document.querySelectorAll('html[style], body[style]')) {
    if (UNSHOWN.test(page.getAttribute('style') ?? '')) page.setAttribute('style', '')
  }
  const hidden = first(document.querySelectorAll('[style*="visibility"]')).filter((element) =>
    INVISIBLE.test(element.getAttribute('style') ?? ''),
  )
  if (hidden.length === 0) return
  const whole = textWidth(document.documentElement)
  for (const element of hidden) if (2 * textWidth(element) > whole) element.setAttribute('style', '')
}

/** Most of some pages is scripts, and of others menus. */
function textWidth(element: PageElement): number {
  let width = widthOf(element.textContent)
  for (const other of element.querySelectorAll('script, style, a')) width -= widthOf(other.textContent)
  return width
}

const UNSHOWN = /(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)/i
const INVISIBLE = /(?:^|[;\s])visibility\s*:\s*hidden/i

const PARTS = 'footer, aside, [role="contentinfo"], [role="complementary"]'

/** Each is looked through, and they may stand within one another. */
function first(elements: Iterable<PageElement>): PageElement[] {
  return [...elements].slice(0, MOST)
}

const MOST = 100

function isMostlyLinks(element: PageElement): boolean {
  let width = 0
  for (const link of element.querySelectorAll('a')) width += widthOf(link.textContent.trim())
  return 2 * width >= widthOf(element.textContent.replace(/\s+/g, ' ').trim())
}

/** An article has a footer and asides of its own, which Readability knows. */
function isWithinText({ parentElement }: PageElement): boolean {
  for (let outer = parentElement; outer !== null; outer = outer.parentElement) {
    if (outer.localName === 'article' || outer.localName === 'main') return true
  }
  return false
}

const MAY_ASK_FOR_CONSENT = ['cookie', 'consent', 'cmp', 'onetrust', 'didomi', 'usercentrics']
  .flatMap((name) => [`[id*="${name}" i]`, `[class*="${name}" i]`])
  .join(', ')

/**
 * By what tools for consent call what they put into pages. "category-cookies" is about pastry, and "has-cookie-bar" and
 * "cookie-bar-visible" are states of a whole page.
 */
function isConsentPart(element: PageElement): boolean {
  const names = `${element.getAttribute('id') ?? ''} ${element.getAttribute('class') ?? ''}`
  return element.localName !== 'body' && element.localName !== 'html' && CONSENT_PART.test(names)
}

const CONSENT_PART =
  /(?:^|\s)(?:(?:cookies?|consent|cmp)[-_]?(?:banner|bar|box|notice|consent|law|popup|modal|dialog|overlay|layer|message|wall|container|info|root)(?![-_]?(?:visible|open|active|shown|enabled|on)\b)|onetrust-|didomi-|usercentrics-|cybotcookiebot)/i

/** Some templates put all they have into one. */
function holdsText(element: PageElement): boolean {
  return element.querySelector('article, main, h1') !== null
}
