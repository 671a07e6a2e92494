/** What stands where a page was meant to be, told by how it calls itself. */
import { resolveUrl } from '../source/url.ts'
import type { Page } from './dom.ts'

/** Its title and its first heading. */
export function calledBy({ document, title }: Page): string {
  return `${title ?? ''} ${headingOf(document)}`
}

/** Whether a check for browsers (a challenge or a captcha) stands there. */
export function isChallenge(page: Page): boolean {
  return CHALLENGE.test(calledBy(page)) || page.document.querySelector(CHALLENGE_PARTS) !== null
}

const CHALLENGE =
  /just a moment|attention required|checking your browser|verify (?:that )?you are|are you (?:a )?(?:human|robot)|access denied|security check|安全验证|人机验证|访问验证/i
const CHALLENGE_PARTS = '#challenge-form, #cf-wrapper, #challenge-running, .g-recaptcha, .h-captcha, .cf-turnstile'

/** Whether it asks for consent to cookies before anything else. */
export function isConsent(page: Page): boolean {
  return CONSENT.test(calledBy(page)) || /^https?:\/\/(?:consent\.|[^?#]*\/consent\b)/.test(page.url)
}

const CONSENT =
  /before you continue|cookie[- ](?:consent|wall|hinweis|einwilligung)|we value your privacy|your privacy choices/i

/** How a page calls itself that is an error, whatever its status says ("404 Not Found", "网站维护中"); null for all others. */
export function errorOf({ document, title }: Page): string | null {
  // A site's own name stands beside it, most often.
  const parts = (title ?? '').split(/\s[-–—:·]\s|[|_»]/)
  const [heading = '', ...titles] = [headingOf(document), ...parts].map((part) => part.replace(/\s+/g, ' ').trim())
  // "Oil filters | Maintenance | Cars": behind a page's own title stand the sections it is in.
  const said = heading !== '' && heading === titles[0] ? [heading] : [heading, ...titles]
  return said.find((part) => part.length <= MAX_ERROR_CHARS && ERROR.test(part)) ?? null
}

function headingOf(document: Page['document']): string {
  return document.querySelector('h1')?.textContent.slice(0, 200) ?? ''
}

const MAX_ERROR_CHARS = 60

/** Whole phrases only: "404 new homes" and "Maintenance of the old bridge" are news. */
const ERRORS = [
  "(?:the )?(?:page|file|object|resource|document)?,? ?(?:(?:was |is |has been |you requested was )?not found|(?:does not|doesn[’']t) exist|(?:could not|cannot|can[’']t) be found)",
  '(?:access )?forbidden|(?:internal )?server error|bad gateway|gateway time-?out|(?:service |site )?(?:is )?(?:temporarily )?unavailable',
  '(?:something|it) went wrong|an? (?:unexpected )?error (?:has )?occurred|oops',
  '(?:(?:the |our |this )?(?:web)?site |system |page )?(?:is )?(?:currently )?(?:(?:down|closed) for |under(?:going)? |in )?(?:scheduled |planned )?maintenance(?: mode| in progress)?',
  "(?:we[’']ll|we will|we are) be (?:right )?back(?: soon| shortly)?|be right back|(?:die )?seite (?:wurde )?nicht gefunden|wartungs(?:arbeiten|modus)",
  'page (?:non trouvée|introuvable)|(?:site )?en maintenance|página no encontrada|(?:sitio )?en mantenimiento|pagina non trovata|página não encontrada|strona nie znaleziona',
  'страница не найдена|(?:ведутся )?технические работы',
  '(?:抱歉|对不起|很抱歉)?[，,！!]?(?:您|你)?(?:所?(?:访问|查找|浏览|请求)的)?(?:页面|網頁|网页|頁面|文件|内容)(?:已?不存在|未找到|找不到了?|沒有找到|没有找到|已(?:被)?删除|无法访问)',
  '(?:本?(?:网站|系统|站点))?(?:正在)?(?:维护|升级|升级维护|系统维护)中?|(?:本?(?:网站|系统|站点))维护(?:通知|公告)?|系统(?:错误|繁忙|异常)|(?:访问|页面)出错(?:啦|了)?|出错(?:啦|了)',
  '(?:お探しの)?ページ[がは]見つかりません(?:でした)?|(?:ただいま)?メンテナンス中(?:です)?|페이지를 찾을 수 없습니다|(?:시스템 )?점검 ?중(?:입니다)?',
].join('|')
const ERROR = new RegExp(
  `^(?:(?:http |status )?(?:error|fehler|erreur|ошибка|错误)?[ :!]*(?:40[0134]|410|429|50[0-4])[ :!,.–—-]*(?:${ERRORS}|error|错误|页面)?|(?:(?:sorry|oops|ups)[!,.… ]+)?(?:${ERRORS}))[!.。！… ]*$`,
  'i',
)

/** Addresses of the frames a page is made of, at most three; of other sites' only where it is nothing but frames. */
export function framesOf({ document, base, url }: Page): string[] {
  const frames = [...document.querySelectorAll('frame[src], iframe[src]')].flatMap((frame) => {
    const address = resolveUrl(frame.getAttribute('src') ?? '', base)
    const isOwn = frame.localName === 'frame' || (address !== null && new URL(address).host === new URL(url).host)
    return address !== null && isOwn ? [address] : []
  })
  return [...new Set(frames)].slice(0, 3)
}
