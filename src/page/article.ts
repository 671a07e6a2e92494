import type { Article, Unreadable } from '../model.ts'
import { absolutizeLinks } from '../source/html-links.ts'
import { htmlToText } from '../source/html-text.ts'
import { cutHtml, MAX_TEXT_CHARS } from '../source/normalize.ts'
import type { Document } from '../source/parse.ts'
import { tokenStream } from '../text/tokens.ts'
import { openPage, type Page, type PageElement } from './dom.ts'
import { unreadable } from './refusals.ts'
import { widthOf } from './tree.ts'
import { calledBy, isChallenge } from './wall.ts'

/**
 * The main text of a web page, as Readability finds it, without menus and sidebars: within the limits items have. A page
 * that asks for a password, consent or a browser, or says too little to be an article, is `unreadable`, and says so.
 */
export async function readArticle(document: Document): Promise<Article | Unreadable> {
  const page = await openPage(document)
  if ('kind' in page) return page
  // Asked first: what looks for the text takes the page apart.
  const wall = wallOf(page)

  const main = await findMain(page)
  const content = main === null ? '' : absolutizeLinks(cutHtml(main.innerHTML), page.base)
  const text = htmlToText(content, MAX_TEXT_CHARS)
  const width = widthOf(text) - (main === null ? 0 : widthOfLinks(main))
  if (wall !== null && width < MAX_WALL_WIDTH) return unreadable('error_page', wall)
  if (width < MIN_WIDTH) return unreadable('not_a_feed', TOO_SHORT)
  return { kind: 'article', content, text, tokens: tokenStream(text) }
}

/** Twice as many Han characters' worth: about three sentences. */
const MIN_WIDTH = 140
/** Beside more text than this, a form to log in is only a form. */
const MAX_WALL_WIDTH = 1_200
const TOO_SHORT =
  'No article was found on this page: what is left of it without menus is too short to be one. It may be filled by JavaScript, or hold pictures or files only.'

async function findMain({ document }: Page): Promise<PageElement | null> {
  const { Readability } = await import('@mozilla/readability')
  // Its type is the browser's DOM; that it works on this one is what its authors promise and our tests hold.
  const given = document as unknown as ConstructorParameters<typeof Readability>[0]
  // A Chinese article of three paragraphs is shorter than its 500 letters.
  // It hands over what `given` made: elements of this document.
  const serializer = (node: unknown) => node as PageElement
  const found = new Readability<PageElement>(given, { charThreshold: 200, serializer }).parse()?.content
  // It puts all it finds into an element of its own.
  return found?.querySelector('#readability-page-1') ?? found ?? null
}

/** Where there is no article, what is left may be a menu. */
function widthOfLinks(main: PageElement): number {
  let width = 0
  for (const link of main.querySelectorAll('a')) width += widthOf(link.textContent.replace(/\s+/g, ' '))
  return width
}

// ---- What stands in the way ----

/** A sentence for a page that may be in the way of its text; null for all others. */
function wallOf(page: Page): string | null {
  const { document, url } = page
  const said = calledBy(page)
  if (isChallenge(page)) {
    return 'A check for browsers (a challenge or captcha) stands where the article was. Some sites let nobody else in.'
  }
  if (CONSENT.test(said) || /^consent\.|\/consent\b/.test(url.replace(/^https?:\/\//, ''))) {
    return 'The site asks for consent before it shows the article; nobody can give it from here.'
  }
  if (document.querySelector('input[type="password"]') !== null) {
    return 'A form to log in stands where the article was: give the source its access, or go without the full text.'
  }
  return PAYWALL.test(said) ? 'The site shows this article to subscribers only.' : null
}

const CONSENT =
  /before you continue|cookie[- ](?:consent|wall|hinweis|einwilligung)|we value your privacy|your privacy choices/i
const PAYWALL = /subscribe to (?:continue|read)|subscribers only|log ?in to continue|sign in to (?:continue|read)/i
