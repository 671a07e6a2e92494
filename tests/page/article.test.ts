import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'
import { readArticle } from '../../src/page/article.ts'

const PARAGRAPH =
  'The committee met on Tuesday to discuss the draft, and after a debate of three hours it agreed on most of its parts. '
const MENU = `<nav><ul>${'<li><a href="/a">A part of the site with a long name</a></li>'.repeat(20)}</ul></nav>`

function document(body: string, given: { title?: string; head?: string; contentType?: string; url?: string } = {}) {
  const { title = 'News', head = '', contentType = 'text/html', url = 'https://a.test/news/1' } = given
  const html = `<!doctype html><html><head><title>${title}</title>${head}</head><body>${body}</body></html>`
  return { bytes: Buffer.from(html), contentType, url }
}

const article = (inside = '') =>
  `${MENU}<div id="content"><h1>Draft agreed</h1>${`<p>${PARAGRAPH}</p>`.repeat(6)}${inside}</div><footer>Imprint and terms</footer>`

test('the text of a page comes without its menu, with what a search needs', async () => {
  const read = await readArticle(document(article()))

  expect(read).toMatchObject({
    kind: 'article',
    text: expect.stringContaining('after a debate of three hours'),
    tokens: expect.stringContaining('after a debate of three hours'),
  })
  expect(read).not.toHaveProperty('text', expect.stringContaining('part of the site'))
  expect(read).not.toHaveProperty('content', expect.stringContaining('readability-page'))
})

describe('what stands around an article does not come along', () => {
  const imprint = '<p>All rights reserved by the harbour office, which is not liable for what others write.</p>'
  const links = '<a href="/a">A part of the site</a> <a href="/b">Another part</a>'
  test.each([
    ['a menu', `<nav>${links}</nav>`],
    ['a menu by its role', `<div role="navigation">${links}</div>`],
    ['an imprint', `<footer>${imprint}</footer>`],
    ['a sidebar', `<aside>${imprint}</aside>`],
  ])('%s beside paragraphs without anything of their own', async (_, part) => {
    const read = await readArticle(document(`${part}<h1>Draft agreed</h1>${`<p>${PARAGRAPH}</p>`.repeat(4)}${part}`))

    expect(read).toHaveProperty('text', expect.not.stringMatching(/part of the site|rights reserved/))
    expect(read).toHaveProperty('text', expect.stringContaining('agreed on most of its parts'))
  })

  const ask =
    '<p>We and our partners store cookies on your device, to show you ads and to measure them, and share it.</p>'
  test.each([
    'class="cmp-container"',
    'id="cookie-law-info-bar"',
    'id="onetrust-consent-sdk"',
    'class="x CookieBanner"',
  ])('nor what asks for consent beside it: %s', async (name) => {
    const read = await readArticle(
      document(`<h1>Draft</h1>${`<p>${PARAGRAPH}</p>`.repeat(4)}<div ${name}>${ask.repeat(6)}</div>`),
    )

    expect(read).toHaveProperty('text', expect.stringContaining('agreed on most of its parts'))
    expect(read).toHaveProperty('text', expect.not.stringContaining('our partners'))
  })

  test.each(['post category-cookies tag-cookie-dough', 'wrap has-cookie-bar', 'wrap cookie-bar-visible'])(
    'but what is only called like that does: %s',
    async (name) => {
      const given = document('')
      const body = `<div class="${name}">${`<p>${PARAGRAPH}</p>`.repeat(4)}</div>`
      const html = `<html><head><title>News</title></head><body class="cookie-notice">${body}</body></html>`

      expect(await readArticle({ ...given, bytes: Buffer.from(html) })).toMatchObject({ kind: 'article' })
    },
  )

  test.each([
    ['a list of things', `<ol>${`<li>${PARAGRAPH}</li>`.repeat(4)}</ol>`],
    ['an abstract', `<blockquote>${PARAGRAPH.repeat(4)}</blockquote>`],
    ['what is defined', `<dl>${`<dt>Draft</dt><dd>${PARAGRAPH}</dd>`.repeat(4)}</dl>`],
  ])('nor in the place of one without paragraphs: %s', async (_, body) => {
    const read = await readArticle(document(`<main><h1>Draft</h1>${body}</main><footer>${imprint}</footer>`))

    expect(read).toHaveProperty('text', expect.stringContaining('agreed on most of its parts'))
    expect(read).toHaveProperty('text', expect.not.stringContaining('rights reserved'))
  })

  test.each([
    ['a nav with a text', `<nav>${`<p>${PARAGRAPH}</p>`.repeat(4)}</nav>`],
    ['an aside with all of the page', `<aside><h1>Draft</h1>${`<p>${PARAGRAPH}</p>`.repeat(4)}</aside>`],
  ])('but %s does', async (_, body) => {
    expect(await readArticle(document(body))).toMatchObject({ kind: 'article' })
  })
})

describe('what a page hides until a script has run', () => {
  const script = `<script>${'var unseen = 1;'.repeat(1_000)}</script>`
  const text = `<p>${PARAGRAPH}</p>`.repeat(4)
  test.each([
    ['all of it', `${MENU}<article>${text}</article>`, ' style="display:none"'],
    ['all of it, in another way', `${MENU}<article>${text}</article>`, ' style="opacity: 0; visibility : hidden"'],
    ['its main part', `${MENU}<div id="c" style="visibility: hidden; opacity: 0; ">${text}</div>${script}`, ''],
  ])('is read: %s', async (_, body, style) => {
    const given = document('')
    const html = `<html><head><title>News</title></head><body${style}>${body}</body></html>`

    const read = await readArticle({ ...given, bytes: Buffer.from(html) })

    expect(read).toHaveProperty('text', expect.stringContaining('agreed on most of its parts'))
    expect(read).toHaveProperty('text', expect.not.stringMatching(/part of the site|unseen/))
  })

  test.each(['visibility:hidden', 'display:none'])('but no smaller part of it: %s', async (style) => {
    const dialog = `<div style="${style}"><p>Dialog. ${PARAGRAPH}</p></div>`

    const read = await readArticle(document(`${dialog}<article>${text}</article>`))

    expect(read).toHaveProperty('text', expect.not.stringContaining('Dialog'))
  })
})

test('addresses in it are absolute, against the base the page names', async () => {
  const inside = `<p>${PARAGRAPH}<a href="more.html">More</a> <img src="/p.png"></p>`

  const read = await readArticle(document(article(inside), { head: '<base href="https://cdn.test/x/">' }))

  expect(read).toHaveProperty('content', expect.stringContaining('href="https://cdn.test/x/more.html"'))
  expect(read).toHaveProperty('content', expect.stringContaining('src="https://cdn.test/p.png"'))
})

test('scripts are no text, and forms and handlers do not come along', async () => {
  const read = await readArticle(document(article('<script>var secret = 1</script><style>p{color:red}</style>')))

  expect(JSON.stringify(read)).not.toMatch(/secret|color:red/)
})

test('a Chinese article of three paragraphs in GBK, declared by the page alone', async () => {
  const text =
    '近日，有关部门印发通知，要求各地区进一步加强大数据产业发展的组织领导，完善政策措施，确保各项任务落到实处。'
  const html = `<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>通知</title></head>
    <body>${MENU}<div class="TRS_Editor">${`<p>　　${text}</p>`.repeat(3)}</div></body></html>`

  const read = await readArticle({
    bytes: iconv.encode(html, 'gbk'),
    contentType: 'text/html',
    url: 'https://a.test/1',
  })

  expect(read).toMatchObject({ kind: 'article', text: expect.stringContaining('加强大数据产业发展') })
})

describe('the text that a page tells to machines', () => {
  const told = (body: string, more: object = {}) => ({
    '@type': 'NewsArticle',
    headline: 'T',
    articleBody: body,
    ...more,
  })
  const script = (json: unknown) => `<script type="application/ld+json">${JSON.stringify(json)}</script>`
  const whole = PARAGRAPH.repeat(6)
  const stub = `<article><p>${PARAGRAPH}</p><p>${PARAGRAPH}</p></article>`

  test.each([
    ['a page that a script fills', script(told(whole)), '<div id="app"></div>'],
    ['a page with the beginning', script(told(whole)), stub],
    ['a graph', script({ '@graph': [{ '@type': 'WebSite' }, told(whole)] }), stub],
    ['a list', script([told(whole)]), stub],
    ['the main thing of a page', script({ '@type': 'WebPage', mainEntity: told(whole) }), stub],
    ['one that is free', script(told(whole, { isAccessibleForFree: true })), stub],
    ['two that say the same', script(told(whole)) + script(told(whole)), stub],
    [
      'a string with a line break in it',
      `<script type="application/ld+json">{"@type":"Article","articleBody":"${PARAGRAPH}\n${whole}"}</script>`,
      stub,
    ],
  ])('is its text: %s', async (_, head, body) => {
    const read = await readArticle(document(body, { head }))

    expect(read).toHaveProperty('text', expect.stringContaining(whole.trim()))
  })

  test.each([
    ['there is as much to see', script(told(PARAGRAPH.repeat(7)))],
    ['it is for subscribers', script(told(whole.repeat(3), { isAccessibleForFree: 'False' }))],
    ['it is of several articles', script([told(whole.repeat(3)), told(`Other. ${whole.repeat(3)}`)])],
    ['it is no text', script(told('', { articleBody: [1] }))],
    ['it is no JSON', '<script type="application/ld+json">{"articleBody":</script>'],
  ])('is not, where %s', async (_, head) => {
    const read = await readArticle(document(article('<img src="/p.png">'), { head }))

    expect(read).toHaveProperty('content', expect.stringContaining('/p.png'))
  })

  test.each([
    ['plain text', `${whole}\n\n1 < 2 & more`, '<p>1 &lt; 2 &amp; more</p>'],
    ['text with references', `${whole}\n1 &lt; 2 &amp;&nbsp;more`, '<p>1 &lt; 2 &amp;\u00a0more</p>'],
    [
      'HTML',
      `<p>${whole}</p><p><a href="/more">More &lt;b&gt;</a></p>`,
      '<a href="https://a.test/more">More &lt;b&gt;</a>',
    ],
    ['escaped HTML', `&lt;p&gt;${whole}&lt;/p&gt;&lt;p&gt;More &amp;amp; more&lt;/p&gt;`, '<p>More &amp; more</p>'],
  ])('may be %s', async (_, body, expected) => {
    const read = await readArticle(document('<div id="app"></div>', { head: script(told(body)) }))

    expect(read).toHaveProperty('content', expect.stringContaining(expected))
  })
})

describe('what is no article says why', () => {
  const short = '<p>Short.</p>'
  test.each([
    ['a page that says almost nothing', document(`${MENU}${short}`), 'not_a_feed', 'too short'],
    ['an empty one', { ...document(''), bytes: Buffer.from(' ') }, 'not_a_feed', 'empty'],
    ['a login', document(`${short}<form><input type="password"></form>`), 'error_page', 'log in'],
    ['a challenge', document(short, { title: 'Just a moment...' }), 'error_page', 'challenge'],
    ['consent', document(`<h1>Before you continue</h1>${short}`), 'error_page', 'consent'],
    ['a paywall', document(`<h1>Subscribe to read</h1>${short}`), 'error_page', 'subscribers'],
    ['another', document(`<h1>Log in to continue</h1>${short}`), 'error_page', 'subscribers'],
    [
      'an error that was sent as a page',
      document(`${article()}<h1>Page not found</h1>`, { title: '404' }),
      'error_page',
      '“404”',
    ],
    [
      'the beginning of what subscribers may read',
      document(`<article><p>${PARAGRAPH}${PARAGRAPH}</p><p>Subscribe to continue reading.</p></article>`),
      'error_page',
      'subscribers',
    ],
    ['JSON', { ...document(''), bytes: Buffer.from('{"a":1}') }, 'not_a_feed', 'JSON'],
    ['no page', { ...document(''), bytes: Buffer.from('plain words') }, 'not_a_feed', 'not a web page'],
  ])('%s', async (_, given, reason, detail) => {
    expect(await readArticle(given)).toMatchObject({
      kind: 'unreadable',
      reason,
      detail: expect.stringContaining(detail),
    })
  })

  test.each([
    'Sign in to keep reading.',
    'Register now to continue reading.',
    'To continue reading this article, please log in.',
    'Subscribe to read the rest.',
    'Already a subscriber?',
    'This is for subscribers only.',
    'Article réservé aux abonnés',
    'Nur für Abonnenten',
    'Solo para suscriptores',
    '登录后可查看全文',
    '付费后继续阅读',
  ])('the beginning of what ends with "%s"', async (end) => {
    const given = document(`<article><p>${PARAGRAPH}${PARAGRAPH}</p><p>${end}</p></article>`)

    expect(await readArticle(given)).toMatchObject({
      kind: 'unreadable',
      detail: expect.stringContaining('subscribers'),
    })
  })

  const form = '<form><input type="password"></form>'
  test.each([
    ['a long article beside a form to log in', document(`<h1>Log in</h1>${article()}${article()}${form}`)],
    ['a short one, on a page that speaks of something else', document(`<header>${form}</header>${article()}`)],
    [
      'one in a section that is called like an error',
      document(`<h1>How to change filters</h1>${article()}`, { title: 'How to change filters | Maintenance | Cars' }),
    ],
    ['one below which readers log in to comment', document(article('<p>登录后即可查看更多评论</p>'))],
    ['one below which readers are asked to subscribe', document(article('<p>Subscribe to our newsletter.</p>'))],
  ])('but %s is an article', async (_, given) => {
    expect(await readArticle(given)).toMatchObject({ kind: 'article' })
  })
})

test('text and HTML stay within the limits of items', async () => {
  const read = await readArticle(document(`<article>${`<p>${PARAGRAPH}</p>`.repeat(12_000)}</article>`))

  if (read.kind !== 'article') throw new Error(read.detail)
  expect(read.text.length).toBeLessThanOrEqual(256 * 1_024)
  expect(read.content.length).toBeLessThanOrEqual(1_024 * 1_024)
})

test.each([
  ['deep', '<div>'.repeat(100_000), 'nested'],
  ['wide', '<p>x</p>'.repeat(100_000), 'elements'],
  ['torn to pieces', `<p>${'&amp;'.repeat(1_000_000)}`, 'pieces'],
  ['nested in its fonts', '<font>x'.repeat(100_000), 'nested'],
])('a page that is too %s is refused before it costs anything', async (_, body, detail) => {
  expect(await readArticle(document(body))).toMatchObject({
    kind: 'unreadable',
    reason: 'too_big',
    detail: expect.stringContaining(detail),
  })
})
