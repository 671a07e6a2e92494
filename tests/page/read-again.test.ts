import { expect, test } from 'vitest'
import type { PageRules } from '../../src/model.ts'
import { readPage } from '../../src/page/read-page.ts'

const MENU =
  '<div class="nav"><ul><li><a href="/about">About us and our history</a></li><li><a href="/services">Services for residents</a></li><li><a href="/contact">Contact and directions</a></li><li><a href="/careers">Careers with the harbour office</a></li></ul></div>'
const READ_BY_OTHERS = `<div class="box"><h4>Old stories</h4><ul>${[1, 2, 3, 4, 5].map((n) => `<li><a href="/old/${n}">An old story that many people read, part ${n}</a></li>`).join('')}</ul></div>`
const titleOf = (n: number) => `Announcement number ${n} of the harbour office`
const entries = (...numbers: number[]) =>
  numbers
    .map((n) => `<li><a href="/n/${n}">${titleOf(n)}</a><span>2026-11-${String(n).padStart(2, '0')}</span></li>`)
    .join('')
const list = (...numbers: number[]) => `<ul class="news">${entries(...numbers)}</ul>`

function read(body: string, rules: PageRules | null, title = 'Harbour office') {
  const html = `<!doctype html><html lang="en"><head><title>${title}</title></head><body>${body}</body></html>`
  return readPage({ bytes: Buffer.from(html), contentType: 'text/html', url: 'https://a.test/news' }, rules)
}

async function found(body: string, rules: PageRules | null = null) {
  const outcome = await read(body, rules)
  if (outcome.kind !== 'read' || !outcome.page) throw new Error('The page was not read.')
  return { rules: outcome.page, titles: outcome.items.map(({ title }) => title) }
}

test('a list that is empty for once is found again where it stood, although another was found meanwhile', async () => {
  const first = await found(MENU + list(6, 5, 4, 3) + READ_BY_OTHERS)
  const meanwhile = await found(`${MENU}<ul class="news"></ul>${READ_BY_OTHERS}`, first.rules)
  const after = await found(MENU + list(7, 6, 5, 4) + READ_BY_OTHERS, meanwhile.rules)
  const again = await found(MENU + list(8, 7, 6, 5) + READ_BY_OTHERS, after.rules)

  expect(meanwhile.titles[0]).toMatch(/old story/)
  expect(after.titles).toEqual([7, 6, 5, 4].map(titleOf))
  expect(after.rules.entry).toBe(first.rules.entry)
  expect(again.rules).toEqual(after.rules)
})

test('where a place holds a menu after a change, the list beside it is found, not the menu alerted', async () => {
  const first = await found(`<div id="content"><ul>${entries(6, 5, 4, 3)}</ul></div>`)
  const menu =
    '<ul><li><a href="/x">Services for residents</a></li><li><a href="/y">About our history</a></li><li><a href="/z">Contact and directions</a></li></ul>'
  const articles = [6, 5, 4, 3, 2, 1]
    .map((n) => `<article><h2><a href="/n/${n}">${titleOf(n)}</a></h2><time>2026-11-0${n}</time></article>`)
    .join('')

  const changed = await found(`<div id="content">${menu}<section>${articles}</section></div>`, first.rules)

  expect(first.rules.entry).toBe('#content li')
  expect(changed.titles).toEqual([6, 5, 4, 3, 2, 1].map(titleOf))
})

test('what stood for an entry may be around the list now', async () => {
  const first = await found(
    `<div>${[6, 5, 4, 3].map((n) => `<div><a href="/n/${n}">${titleOf(n)}</a></div>`).join('')}</div>`,
  )

  const changed = await found(`<div><div id="all">${list(7, 6, 5, 4)}</div></div>`, first.rules)

  expect(first.rules.entry).toBe('body > div > div')
  expect(changed.titles).toEqual([7, 6, 5, 4].map(titleOf))
})

test.each([
  ['is short', list(7)],
  ['has two entries', list(8, 7)],
  ['has lost its dates', list(7, 6, 5, 4).replace(/<span>.*?<\/span>/g, '')],
])('a list that %s stays the list, whatever stands beside it', async (_, short) => {
  const { rules } = await found(MENU + list(6, 5, 4, 3) + READ_BY_OTHERS)

  const now = await found(MENU + short + READ_BY_OTHERS, rules)

  expect(now.rules).toEqual(rules)
  expect(now.titles[0]).toMatch(/^Announcement/)
})

test('a menu is no list, also where nothing else is left of a page', async () => {
  const { rules } = await found(MENU + list(6, 5, 4, 3))

  const emptied = await read(`${MENU.replace('<ul>', '<ul><li><a href="/n">News</a></li>')}<p>No news.</p>`, rules)

  expect(emptied).toMatchObject({ kind: 'unreadable', reason: 'layout' })
})

test.each([
  ['404 Not Found', '<h1>404</h1>'],
  ['Harbour office', '<h1>Page not found</h1><p>It may have been moved.</p>'],
  ['Page not found | Harbour office', '<p>Try the search.</p>'],
  ['Harbour office – Error 503 Service Unavailable', ''],
  ['Down for maintenance', "<h1>We'll be back soon!</h1>"],
  ['Seite nicht gefunden', ''],
  ['提示', '<h1>您访问的页面不存在</h1>'],
  ['网站维护中', ''],
  ['ページが見つかりません', ''],
])('an error in the place of a page (%s) is named, and no list beside it is taken', async (title, body) => {
  const { rules } = await found(MENU + list(6, 5, 4, 3) + READ_BY_OTHERS)

  const outcome = await read(MENU + body + READ_BY_OTHERS, rules, title)

  expect(outcome).toMatchObject({ kind: 'unreadable', reason: 'error_page', detail: expect.stringMatching(/“.+”/) })
})

test.each([
  '404 new homes by the harbour',
  'Maintenance of the old bridge',
  'Service unavailable no longer: what changed',
])('a page called "%s" is no error', async (title) => {
  const { rules } = await found(MENU + list(6, 5, 4, 3))

  const outcome = await read(`<h1>${title}</h1>${list(7, 6, 5, 4).replace('news', 'other')}`, rules, title)

  expect(outcome).toMatchObject({ kind: 'read' })
})

test('a list with one entry left is read where it stood, though nothing on the page looks like one any more', async () => {
  const { rules } = await found(MENU + list(6, 5, 4, 3))

  expect((await found(list(7), rules)).titles).toEqual([titleOf(7)])
})

test('a check for browsers is told by what it is made of, too', async () => {
  const outcome = await read('<div class="cf-turnstile"></div><p>One moment.</p>', null)

  expect(outcome).toMatchObject({ kind: 'unreadable', reason: 'blocked', detail: expect.stringMatching(/captcha/) })
})

test('a check for browsers is named as such, with rules and without', async () => {
  const { rules } = await found(MENU + list(6, 5, 4, 3))
  const challenge = '<div id="challenge-error-text">Enable JavaScript and cookies to continue</div><script></script>'

  for (const given of [null, rules, { ...rules, auto: false }]) {
    const outcome = await read(challenge, given, 'Just a moment...')

    expect(outcome).toMatchObject({ kind: 'unreadable', reason: 'blocked', detail: expect.stringMatching(/captcha/) })
  }
})

test.each([
  ['<li onclick="show(1)"><a href="javascript:;">TITLE</a><i>2026-11-06</i></li>'],
  ['<li><a href="#none" onclick="view(2); return false">TITLE</a></li>'],
  ['<li><a href="javascript:open2(3)">TITLE</a></li>'],
])('entries that only a script can open are told apart from no entries: %s', async (entry) => {
  const entries = [6, 5, 4, 3, 2].map((n) => entry.replace('TITLE', titleOf(n))).join('')

  const outcome = await read(`${MENU}<ul class="news">${entries}</ul>`, null)

  expect(outcome).toMatchObject({
    kind: 'unreadable',
    detail: expect.stringMatching(/opens its entries by JavaScript/),
  })
})

test.each([
  'Attention Required!',
  'Checking your browser',
  'Verify you are human',
  'Are you a robot?',
  'Access denied',
  'Security check',
  '安全验证',
  '人机验证',
  '访问验证',
])('so is one called "%s"', async (title) => {
  expect(await read('<p>One moment.</p>', null, title)).toMatchObject({
    kind: 'unreadable',
    detail: expect.stringMatching(/captcha/),
  })
})

test.each(['Cookie consent', 'Cookie-Hinweis', 'We value your privacy', 'Your privacy choices'])(
  'a page called "%s" asks for consent',
  async (title) => {
    expect(await read('<p>Accept all?</p>', null, title)).toMatchObject({
      kind: 'unreadable',
      detail: expect.stringMatching(/consent/),
    })
  },
)

test('a question for consent in the place of a page is named as such', async () => {
  const { rules } = await found(MENU + list(6, 5, 4, 3) + READ_BY_OTHERS)

  const outcome = await read(`<h1>Before you continue to the harbour</h1>${READ_BY_OTHERS}`, rules)

  expect(outcome).toMatchObject({ kind: 'unreadable', reason: 'blocked', detail: expect.stringMatching(/consent/) })
})

test('a page that shows another in a frame says which', async () => {
  const frames = '<h1>News</h1><iframe src="/news/list.html"></iframe><iframe src="https://video.test/1"></iframe>'

  const outcome = await read(frames, null)

  expect(outcome).toMatchObject({
    kind: 'unreadable',
    detail: expect.stringMatching(/ https:\/\/a\.test\/news\/list\.html$/),
  })
})
