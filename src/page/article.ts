import type { Article, Unreadable } from '../model.ts'
import { absolutizeLinks } from '../source/markup/html-links.ts'
import { htmlToText } from '../source/markup/html-text.ts'
import { cutHtml, MAX_TEXT_CHARS } from '../source/normalize.ts'
import type { Document } from '../source/parse.ts'
import { unreadable } from '../source/unreadable.ts'
import { tokenStream } from '../text/tokens.ts'
import { articleBodyOf } from './article-body.ts'
import { openPage, type Page, type PageElement } from './dom.ts'
import { hideFrame, showText } from './frame.ts'
import { widthOf } from './tree.ts'
import { calledBy, errorOf, isChallenge, isConsent } from './wall.ts'

/**
 * The main text of a web page, as Readability finds it, without menus and sidebars, or as the page tells it to machines
 * where that is far more: within the limits items have. A page that asks for a password, consent or a browser, or says too little to be an article, is `unreadable`, and says so.
 */
export async function readArticle(document: Document): Promise<Article | Unreadable> {
  const page = await openPage(document)
  if ('kind' in page) return page
  // Asked first: what looks for the text takes the page apart.
  const wall = wallOf(page)
  const told = articleBodyOf(page)
  showText(page)
  hideFrame(page)

  const shown = textOf(page, await findMain(page))
  const other = told === null ? null : textIn(page, told)
  // What is shown has pictures and headings, too. A stub, or a page that a script fills, has far less.
  const { content, text, width } = other !== null && other.width > FAR_MORE * shown.width ? other : shown
  if (wall !== null && width < wall.below) return unreadable('error_page', wall.said)
  if (width < MAX_WALL_WIDTH && TEASER_END.test(text.slice(-MAX_FOOT_CHARS)))
    return unreadable('error_page', SUBSCRIBERS)
  if (width < MIN_WIDTH) return unreadable('not_a_feed', TOO_SHORT)
  return { kind: 'article', content, text, tokens: tokenStream(text) }
}

/** So many times the width of what is shown. */
const FAR_MORE = 1.5
/** Twice as many Han characters' worth: about three sentences. */
const MIN_WIDTH = 140
/** Beside more text than this, what looks like a wall is only a part of the page. */
const MAX_WALL_WIDTH = 1_200
/** Likewise a form to log in, on a page that speaks of something else: many stand in a header. */
const MAX_FORM_WIDTH = 400
/** Where a text ends, it says what it costs to go on. */
const MAX_FOOT_CHARS = 300
const SUBSCRIBERS = 'The site shows this article to subscribers only.'
const TOO_SHORT =
  'No article was found on this page: what is left of it without menus is too short to be one. It may be filled by JavaScript, or hold pictures or files only.'

interface Text {
  content: string
  text: string
  /** Without its links: where there is no article, what is left may be a menu. */
  width: number
}

function textIn({ base }: Page, html: string): Text {
  const content = absolutizeLinks(cutHtml(html), base)
  const text = htmlToText(content, MAX_TEXT_CHARS)
  return { content, text, width: widthOf(text) }
}

function textOf(page: Page, main: PageElement | null): Text {
  if (main === null) return { content: '', text: '', width: 0 }
  const found = textIn(page, main.innerHTML)
  return { ...found, width: found.width - widthOfLinks(main) }
}

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

function widthOfLinks(main: PageElement): number {
  let width = 0
  for (const link of main.querySelectorAll('a')) width += widthOf(link.textContent.replace(/\s+/g, ' '))
  return width
}

// ---- What stands in the way ----

interface Wall {
  said: string
  /** It is in the way of a text narrower than this. */
  below: number
}

/** What may be in the way of the text of a page; null for nothing. */
function wallOf(page: Page): Wall | null {
  const { document } = page
  const called = calledBy(page)
  const wall = (said: string, below = MAX_WALL_WIDTH) => ({ said, below })
  if (isChallenge(page)) {
    return wall(
      'A check for browsers (a challenge or captcha) stands where the article was. Some sites let nobody else in.',
    )
  }
  if (isConsent(page)) {
    return wall('The site asks for consent before it shows the article; nobody can give it from here.')
  }
  if (document.querySelector('input[type="password"]') !== null) {
    const below = LOGIN.test(called) ? MAX_WALL_WIDTH : MAX_FORM_WIDTH
    return wall(
      'A form to log in stands where the article was: give the source its access, or go without the full text.',
      below,
    )
  }
  const error = errorOf(page)
  if (error !== null) return wall(`The page shows an error in place of the article: “${error}”`)
  return PAYWALL.test(called) ? wall(SUBSCRIBERS) : null
}

const LOGIN =
  /\b(?:log|sign) ?-?in\b|\blogin\b|members only|anmelden|anmeldung|connexion|iniciar sesión|accedi|вход|войти|登录|登入|登陆|ログイン|로그인/i
const PAYWALL = /subscribe to (?:continue|read)|subscribers only|(?:log|sign) ?in to continue|sign in to read/i
/** Where only the beginning is shown; "Subscribe to our newsletter" stands below whole articles, too. */
const TEASER_END =
  /(?:subscribe|register|(?:log|sign) ?in) (?:now |today )?to (?:continue|keep) reading|subscribe to read (?:the (?:full|rest|whole)|this)|to (?:continue|keep) reading(?: this \w+)?,? (?:please )?(?:subscribe|register|(?:log|sign) ?in)|already a subscriber|for subscribers only|réservé (?:à nos|aux) abonnés|nur für abonnenten|solo para suscriptores|(?:订阅|登录|付费)后(?:可|继续|即可)*(?:查看|阅读)(?!(?:更多|全部|所有)?(?:的|精彩)?(?:评论|留言|回复|跟帖))/i
