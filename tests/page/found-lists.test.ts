/** Which of the lists of a page is the one it is for, and which of its blocks are none of its entries. */
import { describe, expect, test } from 'vitest'
import { readPage } from '../../src/page/read-page.ts'
import { formatIso } from '../../src/time.ts'

const TITLES = [
  'City council approves new bicycle lanes',
  'Library extends its opening hours',
  'Volunteers restore the old mill by the river',
  'A short history of the harbour lighthouse',
  'Ferry timetable changes from June on',
]
const DAYS = ['11', '10', '09', '08', '07']
const OTHERS = ['Ceramics of five centuries', 'What the packaging rules mean', 'Students build a weather balloon']

const each = (titles: string[], write: (title: string, at: number) => string) => titles.map(write).join('\n')
const day = (at: number) => `2018-05-${DAYS[at]}`

interface Given {
  url?: string
  lang?: string
  /** What the body is called. */
  called?: string
}

async function read(body: string, { url = 'https://a.test/news/', lang = 'en', called = '' }: Given = {}) {
  const html = `<!doctype html><html lang="${lang}"><head><title>News</title></head><body class="${called}">${body}</body></html>`
  const outcome = await readPage({ bytes: Buffer.from(html), contentType: 'text/html', url }, null)
  if (outcome.kind !== 'read') throw new Error(outcome.detail)
  return outcome.items.map(({ title, url, publishedAt }) => [title, url, formatIso(publishedAt)?.slice(0, 10) ?? null])
}

const titlesOf = async (body: string, given?: Given) => (await read(body, given)).map(([title]) => title)
const datesOf = async (body: string, given?: Given) => (await read(body, given)).map(([, , date]) => date)

const dated = `<div class="c"><ul>${each(TITLES, (t, i) => `<li><a href="/n/${i}">${t}</a><span>${day(i)}</span></li>`)}</ul></div>`

const undated = dated.replace(/<span>.*?<\/span>/g, '')

describe('the list is not what stands beside it', () => {
  const more = Array.from({ length: 5 }, (_, n) => OTHERS.map((title) => `${title}, part ${n}`)).flat()
  const ranking = (heading: string) =>
    `<div class="r"><h3>${heading}</h3><ol>${each(more, (t, i) => `<li><i>${i + 1}</i><a href="/r/${i}">${t}</a></li>`)}</ol></div>`

  const RANKINGS =
    'Most read|Popular stories|Related articles:|The most viewed today|Most shared posts|Most commented|Trending now|Recommended for you|Suggested links|Top read|Top shared|Top topics|Recent comments|Latest comments|You may like|You might also like|Also read|Meistgelesen|Am meistgelesen|Beliebt|Les plus lus|Lo más leído|Más leídas|Mais lidas|Самое читаемое|Популярное|点击排行|阅读排行榜|热榜|热门文章|推荐阅读|推薦閱讀|相关新闻|相關連結|猜你喜欢|友情链接|人気ランキング|アクセスランキング|人気記事|많이 본 뉴스|많이 본 기사'
  test.each(RANKINGS.split('|'))('below "%s"', async (heading) => {
    expect(await titlesOf(ranking(heading) + undated)).toEqual(TITLES)
  })

  const NAMES =
    'topnav menu-left submenu footer head topbar breadcrumbs crumbs pager pagination tags tags-list cloud languages share social sidebar side aside widget related links friendlinks flink yqlj copyright toolbar search login comments partners sponsors hot-news popular recommended ranking ads banner cookie modal popup weixin qrcode mainNav pageFooter LeftMenu bottomLinks'
  test.each(NAMES.split(' '))('in what is called "%s"', async (name) => {
    const others = each(more.slice(0, 8), (t, i) => `<p><a href="/o/${i}">${t}</a></p>`)

    expect(await titlesOf(`<section class="${name}">${others}</section>${undated}`)).toEqual(TITLES)
  })

  test('many services without a date', async () => {
    const services = 'Pay council tax|Register a birth|Report a pothole|Book a collection|Find a school place'.split(
      '|',
    )
    const all = Array.from({ length: 8 }, (_, n) => services.map((name) => `${name} in ward ${n}`)).flat()

    expect(await titlesOf(`<ul>${each(all, (t, i) => `<li><a href="/s/${i}">${t}</a></li>`)}</ul>${dated}`)).toEqual(
      TITLES,
    )
  })

  test('what the head of a page leads to', async () => {
    const parts = each(more.slice(0, 7), (t, i) => `<p><a href="/parts/${i}">${t}</a></p>`)

    expect(await titlesOf(`<header>${parts}</header>${undated}`)).toEqual(TITLES)
  })

  const services = Array.from(
    { length: 40 },
    (_, n) =>
      `<li><a href="/s/${n}">Apply for a parking permit in ward ${n}</a><p>Information and forms about it</p></li>`,
  )
  test.each([
    ['the head of a page, most of it', `<header><ul>${services.join('')}</ul></header>`],
    ...'megamenu mega-menu main-menu sf-menu primary-menu main-nav site-navigation globalnav'
      .split(' ')
      .map((name) => [
        `a menu called "${name}", most of the page`,
        `<div class="${name}"><ul>${services.join('')}</ul></div>`,
      ]),
  ])('%s', async (_, menu) => {
    expect(await titlesOf(menu + dated)).toEqual(TITLES)
  })

  test('but what is all in a header is looked for there', async () => {
    expect(await titlesOf(`<header><h2>News</h2>${undated}</header>`)).toEqual(TITLES)
    expect(await titlesOf(`<header>${dated}</header>`)).toEqual(TITLES)
  })

  test('people, who are shorter than what pictures show', async () => {
    const people = Array.from({ length: 30 }, (_, n) => `Dr Anna Lindqvist ${n}`)
    const cards = each(people, (name, i) => `<div><a href="/people/${i}"><img src="${i}.jpg"></a><b>${name}</b></div>`)

    await expect(read(`<section>${cards}</section>`)).rejects.toThrow('no list of links')
  })

  test('what many say of something, and may be answered', async () => {
    const said =
      'is a question I have asked myself for many years, and I am glad that somebody has put it so well at last'
    const items = each(more, (t, i) => `<li><b>Anna</b>: ${t} ${said} <a href="/answer/${i}">Reply</a></li>`)

    await expect(read(`<ul>${items}</ul>`)).rejects.toThrow('no list of links')
  })

  test('two articles that stand large beside it', async () => {
    const two = each(
      OTHERS.slice(0, 2),
      (t, i) => `<article><h2><a href="/o/${i}">${t}</a></h2>2018-05-1${i}</article>`,
    )

    expect(await titlesOf(`<div>${two}</div>${undated}`)).toEqual(TITLES)
  })

  test('more that has no date, where its own stands in an attribute', async () => {
    const others = each(more.slice(0, 9), (t, i) => `<p><a href="/o/${i}">${t}</a></p>`)
    const rows = each(TITLES, (t, i) => `<li data-published="${day(i)}"><a href="/n/${i}">${t}</a></li>`)

    expect(await titlesOf(`<div>${others}</div><ul>${rows}</ul>`)).toEqual(TITLES)
  })

  test('who else may set a cookie', async () => {
    const vendors = Array.from({ length: 30 }, (_, n) => `Vendor number ${n} for the delivery of advertisements`)
    const table = `<table>${each(vendors, (t, i) => `<tr><td><a href="https://v${i}.test/privacy">${t}</a></td><td>1 year</td></tr>`)}</table>`

    expect(await titlesOf(`<div id="cookie-modal">${table}</div>${dated}`)).toEqual(TITLES)
  })

  test('a box of the same kind, below a heading that says so', async () => {
    const box = (heading: string, titles: string[], at: string) =>
      `<div class="box"><h3>${heading}</h3><ul>${each(titles, (t, i) => `<li><a href="/${at}/${i}">${t}</a></li>`)}</ul></div>`

    expect(await titlesOf(box('Latest', TITLES, 'n') + box('Popular', more.slice(0, 5), 'o'))).toEqual(TITLES)
  })

  test('a table of contents that is most of the page', async () => {
    const chapters = Array.from({ length: 40 }, (_, n) => `Documentation chapter about subject number ${n}`)
    const toc = `<div class="sidebar"><ul>${each(chapters, (t, i) => `<li><a href="/d/${i}">${t}</a></li>`)}</ul></div>`

    expect(await titlesOf(`${toc}<div class="content">${dated}</div>`)).toEqual(TITLES)
  })

  test('what is to come, in a box beside the news that calls its blocks otherwise', async () => {
    const news = each(TITLES, (t, i) => `<div class="teaser"><i>${day(i)}</i><a href="/n/${i}">${t}</a></div>`)
    const events = each(OTHERS, (t, i) => `<div class="event"><i>2018-06-0${i + 1}</i><a href="/e/${i}">${t}</a></div>`)

    expect(await titlesOf(`<main><div>${news}</div><div>${events}</div></main>`)).toEqual(TITLES)
  })

  test('at the same place of a page where nothing has a name', async () => {
    const row = (cell: string, at: number, date = '') =>
      `<tr><td><a href="show.asp?id=${at}">${cell}</a></td>${date}</tr>`
    const side = each([...OTHERS, ...OTHERS.map((t) => `${t} again`)], (t, i) => row(t, i))
    const main = each(TITLES, (t, i) => row(t, 90 + i, `<td>[${day(i)}]</td>`))
    const pager = '<tr><td>312 in all <a href="list.asp?page=2">Next</a></td></tr>'

    expect(
      await titlesOf(`<table><tr><td><table>${side}</table></td><td><table>${main}${pager}</table></td></tr></table>`),
    ).toEqual(TITLES)
  })
})

describe('what is no entry of a list', () => {
  test('is the head of a table whose rows are dated', async () => {
    const rows = each(TITLES, (t, i) => `<tbody><tr><th><a href="/t/${i}">${t}</a></th><td>${day(i)}</td></tr></tbody>`)
    const head = '<tbody><tr><th><a href="/sort">Filter</a></th><td>Author</td></tr></tbody>'

    expect(await titlesOf(`<div id="threads"><table>${head}${rows}</table></div>`)).toEqual(TITLES)
  })

  test('is what asks again and again to subscribe', async () => {
    const rows = each(TITLES, (t, i) => `<li><a href="/n/${i}">${t}</a> <i>${day(i)}</i></li>`)
    const ad = '<li><a href="/subscribe">Subscribe now and save</a></li>'

    expect(await titlesOf(`<ul>${rows.replaceAll('</li>\n', `</li>${ad}`)}</ul>`)).toEqual(TITLES)
  })

  test('is not one that lacks its date among those that have theirs', async () => {
    const rows = each(TITLES, (t, i) => `<li><a href="/t/${i}">${t}</a>${i === 2 ? '' : `<i>${day(i)}</i>`}</li>`)

    expect(await titlesOf(`<ul>${rows}</ul>`)).toEqual(TITLES)
  })

  test('nor is the newest, which has a box and no date of its own', async () => {
    const article = (t: string, i: number) =>
      `<article><h2><a href="/t/${i}">${t}</a></h2>${i === 0 ? '' : day(i)}</article>`
    const [newest = '', ...others] = TITLES.map(article)

    expect(await titlesOf(`<section>${newest}</section><section>${others.join('')}</section>`)).toEqual(TITLES)
  })
})

describe('what an entry is about', () => {
  test('is not the link that is the same in all of them', async () => {
    const rows = each(
      TITLES,
      (t, i) =>
        `<tr><td><a href="/f/${i}.htm">Documents</a></td><td>${t}</td><td>${day(i)}</td><td><a href="/company">1-07 Filings of it</a></td></tr>`,
    )

    expect(await read(`<table>${rows}</table>`)).toEqual(TITLES.map((t, i) => [t, `https://a.test/f/${i}.htm`, day(i)]))
  })

  test('is the number of an issue with its day', async () => {
    const write = (_: string, i: number) => `Issue #${45 - i} — May ${Number(DAYS[i])}, 2018`
    const rows = each(TITLES, (t, i) => `<li><a href="/issue/${i}">${write(t, i)}</a></li>`)

    expect(await read(`<ul>${rows}</ul>`)).toEqual(
      TITLES.map((t, i) => [write(t, i), `https://a.test/issue/${i}`, day(i)]),
    )
  })

  test('is not what leads on, in whatever words', async () => {
    const words =
      'More|Read more…|Read on|Continue|Continue reading|Learn more|View more|View all|See all|See more|Show more|Load more|All news|Detail|Full story »|Weiterlesen|Mehr|Lire la suite|Leer más|Читать далее|Подробнее|Next|Previous|Prev|更多|查看更多|更多内容|更多信息|查看详情|查看全部|详细|详情|详细内容|阅读全文|全文|阅读更多|点击查看|[查看]|下一页|上一页|末页|もっと見る|続きを読む|一覧|더보기|More &amp;gt;'.split(
        '|',
      )
    const titles = words.map((_, i) => `What was said in the council, part ${i}`)
    const cards = each(titles, (t, i) => `<div><h3>${t}</h3><a href="/n/${i}">${words[i]}</a> ${day(0)}</div>`)

    expect(await titlesOf(`<main>${cards}</main>`)).toEqual(titles)
  })

  test('is not who wrote it, however long the name', async () => {
    const rows = each(
      ['Poem', 'Stone', 'River song', 'Night', 'Two hands'],
      (t, i) =>
        `<li><h3><a href="/d/${i}">${t}</a></h3> by <a href="/by/${i}">Somebody with a very long name ${i}</a> <i>${day(i)}</i></li>`,
    )

    expect((await titlesOf(`<ul>${rows}</ul>`))[0]).toBe('Poem')
  })

  test('is the heading before it, where nothing is around them', async () => {
    const flat = each(
      TITLES,
      (t, i) => `<h2>${t}</h2><p>${day(i)}</p><p>A short text.</p><p><a href="/k/${i}">Read more</a></p>`,
    )

    expect(await read(`<div>${flat}</div>`)).toEqual(TITLES.map((t, i) => [t, `https://a.test/k/${i}`, day(i)]))
  })

  test('is not the file with the longest name', async () => {
    const rows = each(
      TITLES,
      (t, i) =>
        `<section><p><a href="/r/${i}">${t.slice(0, 22)}</a> <i>${day(i)}</i></p><ul><li><a href="/d/${i}">some-tool-with-a-name-v4.1.${i}-linux-amd64.tar.gz</a> 2 MB</li></ul></section>`,
    )

    expect((await read(`<main>${rows}</main>`)).map(([, url]) => url)).toEqual(
      TITLES.map((_, i) => `https://a.test/r/${i}`),
    )
  })

  test('is said in the first cell where all links say the same', async () => {
    const rows = each(
      ['3.2.1', '3.2.0', '3.1.9', '3.1.8', '3.1.7'],
      (v, i) => `<tr><td>Tool ${v}</td><td>${day(i)}</td><td><a href="/notes/${v}">Release notes</a></td></tr>`,
    )

    expect(await titlesOf(`<table>${rows}</table>`)).toEqual([
      'Tool 3.2.1',
      'Tool 3.2.0',
      'Tool 3.1.9',
      'Tool 3.1.8',
      'Tool 3.1.7',
    ])
  })

  test('is not what is to be pressed or chosen before it', async () => {
    const rows = each(
      TITLES,
      (t, i) =>
        `<li><button>Save this notice for later</button><select><option>Tell me of others like it</option></select> ${t} <i>${day(i)}</i> <a href="/n/${i}">PDF</a></li>`,
    )

    expect(await titlesOf(`<ul>${rows}</ul>`)).toEqual(TITLES)
  })

  test('is its first line where only its date leads to it', async () => {
    const notes = each(
      TITLES,
      (t, i) =>
        `<div class="entry"><p>${t}. The <a href="https://post.test/${i}">morning post</a> has the whole story.</p><p><a href="/2018/${i}">${Number(DAYS[i])} May 2018, 10:00 am</a></p></div>`,
    )

    expect((await titlesOf(notes))[0]).toBe(`${TITLES[0]}. The`)
  })

  test('stands whole in the title= of its heading', async () => {
    const cards = each(
      TITLES,
      (t, i) =>
        `<div class="card"><h3 title="${t}">${t.slice(0, 20)}…</h3><a href="/c/${i}">Read more</a><i>${day(i)}</i></div>`,
    )

    expect(await titlesOf(cards)).toEqual(TITLES)
  })

  test('is parted from its kind and its day, where only a style sheet does it', async () => {
    const cards = each(
      TITLES,
      (t, i) =>
        `<a class="x" href="/c/${i}"><span>${Number(DAYS[i])}</span><span>May 2018</span><strong>${t}</strong></a>`,
    )

    expect(await read(`<div>${cards}</div>`)).toEqual(TITLES.map((t, i) => [t, `https://a.test/c/${i}`, day(i)]))
  })

  test.each<[string, (title: string, at: number) => string]>([
    ['in a card that is pressed', (t, i) => `<a href="/c/${i}"><h4>Economy</h4><h3>${t}</h3><p>More.</p></a>`],
    ['above "Read more"', (t, i) => `<h4>Economy</h4><h3>${t}</h3><a href="/c/${i}">Read more</a>`],
  ])('is the larger heading %s', async (_, write) => {
    const cards = each(TITLES, (t, i) => `<article>${write(t, i)}<i>${day(i)}</i></article>`)

    expect(await titlesOf(`<main>${cards}</main>`)).toEqual(TITLES)
  })

  test('is not torn apart where a word is', async () => {
    const rows = each(TITLES, (t, i) => `<li><a href="/c/${i}"><b>${t[0]}</b><i>${t.slice(1)}</i></a></li>`)
    const han = each(
      ['关于做好春季', '关于调整城镇', '关于征集地方'],
      (t, i) => `<li><a href="/h/${i}"><em>${t}</em><em>工作的通知</em></a></li>`,
    )

    const shifted = rows.replace(/<\/b><i>(...)/g, '$1</b><i>')

    expect(await titlesOf(`<ul>${rows}</ul>`)).toEqual(TITLES)
    expect(await titlesOf(`<ul>${shifted}</ul>`)).toEqual(TITLES)
    expect((await titlesOf(`<ul>${han}</ul>`))[0]).toBe('关于做好春季工作的通知')
  })
})

describe('lists that are found, too', () => {
  test('those of a page whose body is called by the state of its cookies', async () => {
    expect(await titlesOf(undated, { called: 'cookies-not-set' })).toEqual(TITLES)
  })

  const shown = [...TITLES, ...OTHERS]

  test('pictures that are called what they show', async () => {
    const cells = each(shown, (t, i) => `<div class="cell"><a href="/p/${i}"><img src="${i}.png" alt="${t}"></a></div>`)

    expect(await titlesOf(`<div class="grid">${cells}</div>`)).toEqual(shown)
  })

  test('pictures with a caption below', async () => {
    const cells = each(shown, (t, i) => `<li><a href="/p/${i}"><img src="${i}.png"></a><p>${t}</p></li>`)

    expect(await titlesOf(`<ul class="pics">${cells}</ul>`)).toEqual(shown)
  })

  test('two articles with a heading and a date each, but not two links', async () => {
    const two = each(
      TITLES.slice(0, 2),
      (t, i) => `<article><h2><a href="/b/${i}">${t}</a></h2><p>${day(i)}</p></article>`,
    )

    expect(await titlesOf(`<main>${two}</main>`)).toEqual(TITLES.slice(0, 2))
    await expect(titlesOf(`<main>${two.replace(/<p>.*?<\/p>/g, '')}</main>`)).rejects.toThrow(/no list/)
    await expect(titlesOf(`<main>${two.replace(/<\/?h2>/g, '')}</main>`)).rejects.toThrow(/no list/)
  })

  test('the newest, which stands large above the others', async () => {
    const [first = '', ...others] = TITLES
    const write = (title: string, i: number) => `<h3><a href="/p/${i}">${title}</a></h3><p>${day(i)}</p>`
    const grid = each(others, (t, i) => `<article class="post">${write(t, i + 1)}</article>`)
    const page = `<main><article class="post lead">${write(first, 0)}</article><div class="grid">${grid}</div></main>`

    expect(await titlesOf(page)).toEqual(TITLES)
  })

  test.each([
    ['2018年第', '期'],
    ['Issue #', ''],
    ['No. ', ''],
  ])('issues called by their numbers: "%s12%s"', async (before, behind) => {
    const issues = each(Array(12).fill(''), (_, i) => `<li><a href="/i/${i}/">${before}${i + 1}${behind}</a></li>`)

    expect(await titlesOf(`<ul class="issues">${issues}</ul>`)).toHaveLength(12)
  })

  test('the first of what is only parted by paragraphs', async () => {
    const parted = each(TITLES, (t, i) => `<B>${day(i)}</B> - <A HREF="n${i}.htm">${t}</A><P>`)

    expect(await read(`<table><tr><td><font>${parted}</font></td></tr></table>`)).toEqual(
      TITLES.map((t, i) => [t, `https://a.test/news/n${i}.htm`, day(i)]),
    )
  })

  test('slides that a slider has several times', async () => {
    const slides = each(TITLES, (t, i) => `<article><h3><a href="/n/${i}">${t}</a></h3></article>`)

    expect(await titlesOf(`<main><div>${slides.repeat(3)}</div></main>`)).toEqual(TITLES)
  })

  test('boxes below headings that papers give their own news', async () => {
    const box = (heading: string, at: string) =>
      `<section><h2>${heading}</h2>${each(TITLES, (t, i) => `<article><h3><a href="/${at}/${i}">${t}</a></h3></article>`)}</section>`

    expect(await titlesOf(box('Top stories', 't') + box('Featured', 'f') + box('World', 'w'))).toHaveLength(15)
  })

  test('versions whose part of the page has a name', async () => {
    const parts = each(
      ['v4.2.0', 'v4.1.3', 'v4.1.2'],
      (v, i) => `<section id="${v}"><h2>${v}</h2><p>Released May ${DAYS[i]}, 2018</p><p>Fixed a crash.</p></section>`,
    )

    expect(await read(`<main>${parts}</main>`)).toEqual(
      ['v4.2.0', 'v4.1.3', 'v4.1.2'].map((v, i) => [v, `https://a.test/news/#${v}`, day(i)]),
    )
  })
})

describe('dates', () => {
  const rows = (write: (at: number) => string) =>
    `<ul>${each(TITLES.slice(0, 3), (t, i) => `<li><a href="/n/${i}">${t}</a> <small>${write(i)}</small></li>`)}</ul>`
  const expected = [0, 1, 2].map(day)

  test.each<[string, string, (at: number) => string]>([
    ['behind a slash', 'zh', (i) => `<b>${Number(DAYS[i])}</b>/2018.05`],
    ['in capitals', 'en', (i) => `${Number(DAYS[i])}TH MAY 2018`],
    ['in capitals, the month first', 'en', (i) => `MAY ${Number(DAYS[i])}TH, 2018`],
    ['of the Buddhist era', 'th', (i) => `${Number(DAYS[i])} พฤษภาคม 2561`],
    ['of the Buddhist era, cut short', 'th', (i) => `${Number(DAYS[i])} พ.ค. 61`],
    ['of the Buddhist era in numbers', 'th', (i) => `${DAYS[i]}/05/2561`],
    ['with a space behind each point', 'cs', (i) => `${Number(DAYS[i])}. 5. 2018`],
    ['with spaces around each slash', 'it', (i) => `${DAYS[i]} / 05 / 2018`],
    ['in Hindi', 'hi', (i) => `${Number(DAYS[i])} मई 2018`],
    ['in Hindi, the month first', 'hi', (i) => `मई ${Number(DAYS[i])}, 2018`],
    ['in Hindi and its digits', 'hi', (i) => `${['११', '१०', '०९'][i]}-मई-२०१८`],
    ['in Marathi', 'mr', (i) => `${['११', '१०', '९'][i]} मे, २०१८`],
    ['in the digits of Bengali', 'bn', (i) => `${['১১', '১০', '০৯'][i]}/০৫/২০১৮`],
    ['in the digits of Odia', 'or', (i) => `${['୧୧', '୧୦', '୦୯'][i]}/୦୫/୨୦୧୮`],
    ['in the digits of Burmese', 'my', (i) => `၂၀၁၈-၀၅-${['၁၁', '၁၀', '၀၉'][i]}`],
    ['in the digits of Thai', 'th', (i) => `${['๑๑', '๑๐', '๙'][i]} พฤษภาคม ๒๕๖๑`],
    ['of the Persian year', 'fa', (i) => `۱۳۹۷/۰۲/${21 - i}`],
    ['of the Persian year in words', 'fa', (i) => `${21 - i} اردیبهشت ۱۳۹۷`],
  ])('%s', async (_, lang, write) => {
    expect(await datesOf(rows(write), { lang })).toEqual(expected)
  })

  test.each<[string, (title: string, at: number) => string]>([
    [
      'an attribute that says when it was made',
      (t, i) => `<li data-created="${day(i)}"><a href="/n/${i}">${t}</a></li>`,
    ],
    [
      'an attribute that says when it was put there',
      (t, i) => `<li data-posted="${day(i)}"><a href="/n/${i}">${t}</a></li>`,
    ],
    [
      'a meta of its making',
      (t, i) => `<li><meta itemprop="dateCreated" content="${day(i)}"><a href="/n/${i}">${t}</a></li>`,
    ],
    ['an attribute of the entry', (t, i) => `<li data-published="${day(i)}"><a href="/n/${i}">${t}</a></li>`],
    [
      'an attribute in seconds',
      (t, i) => `<li><a href="/n/${i}">${t}</a><i data-timestamp="${Date.parse(day(i)) / 1000}">3 days ago</i></li>`,
    ],
    ['a title', (t, i) => `<li><a href="/n/${i}">${t}</a><i title="${day(i)}T10:00:00 1526032800">3 days ago</i></li>`],
    ['a meta', (t, i) => `<li><meta itemprop="datePublished" content="${day(i)}"><a href="/n/${i}">${t}</a></li>`],
    [
      'the first words below',
      (t, i) =>
        `<h3><a href="/n/${i}">${t}</a></h3><p>May ${Number(DAYS[i])}, 2018. ${'A release that brings fixes. '.repeat(4)}</p>`,
    ],
    [
      'a dateline',
      (t, i) =>
        `<div><a href="/n/${i}">${t}</a><p>Lisbon, ${Number(DAYS[i])} May 2018 – ${'The office said. '.repeat(6)}</p></div>`,
    ],
  ])('that stand in %s', async (_, write) => {
    const list = each(TITLES, write)

    expect(await read(`<main>${list}</main>`)).toEqual(TITLES.map((t, i) => [t, `https://a.test/n/${i}`, day(i)]))
  })

  test('are those of the headings above them, whatever white space parts them', async () => {
    const box = (day: string, from: number) =>
      `<h2>${day} May 2018</h2>\n<ul>\n  ${each(TITLES.slice(from, from + 2), (t, i) => `<li>\n<a href="/n/${from + i}">${t}</a></li>`)}</ul>`

    expect(await datesOf(`${box('11', 0)}\n${box('10', 2)}`)).toEqual(
      ['11', '11', '10', '10'].map((d) => `2018-05-${d}`),
    )
  })

  test.each<[string, (heading: string, rows: string) => string]>([
    ['beside lists', (heading, rows) => `<h2>${heading}</h2><ul>${rows}</ul>`],
    ['in boxes', (heading, rows) => `<div class="day"><b>${heading}</b>${rows.replaceAll('li>', 'p>')}</div>`],
  ])('are those of the headings of days above several entries, with the time of each, %s', async (_, write) => {
    const row = (at: number) => `<li><i>1${at}:30</i> <a href="/n/${at}">${[...TITLES, ...OTHERS][at]}</a></li>`
    const html =
      write('11 May 2018', row(0) + row(1)) +
      write('10 May 2018', row(2) + row(3)) +
      write('9 May 2018', row(4) + row(5))
    const read = await readPage(
      { bytes: Buffer.from(`<body><main>${html}</main>`), contentType: null, url: 'https://a.test/' },
      null,
    )

    expect(read).toHaveProperty('items.length', 6)
    expect(read.kind === 'read' && read.items.map(({ publishedAt }) => formatIso(publishedAt))).toEqual(
      ['11T10:30', '11T11:30', '10T12:30', '10T13:30', '09T14:30', '09T15:30'].map((time) => `2018-05-${time}:00.000Z`),
    )
  })

  test.each([
    ['es', 'Martes, 11 de septiembre de 2018'],
    ['es', 'miércoles 11 de septiembre de 2018'],
    ['pt', 'Terça-feira, 11 de setembro de 2018'],
    ['de', 'Donnerstag, den 11. September 2018'],
    ['en', 'Wednesday, September 11, 2018'],
    ['ru', 'Понедельник, 11 сентября 2018'],
    ['pl', 'poniedziałek, 11 września 2018'],
  ])('are those of headings that name the day of the week, in %s "%s"', async (lang, heading) => {
    const box = (heading: string, from: number) =>
      `<h2>${heading}</h2><ul>${each(TITLES.slice(from, from + 2), (t, i) => `<li><a href="/n/${from + i}">${t}</a></li>`)}</ul>`

    expect(await datesOf(box(heading, 0) + box(heading.replace('11', '10'), 2), { lang })).toEqual(
      ['11', '11', '10', '10'].map((d) => `2018-09-${d}`),
    )
  })

  test('of a title that begins with a day of the week are no heading', async () => {
    const rows = each(TITLES, (_, i) => `<li><a href="/n/${i}">Sunday concert on ${Number(DAYS[i])} May 2018</a></li>`)

    expect(await titlesOf(`<ul>${rows}</ul>`)).toEqual(
      TITLES.map((_, i) => `Sunday concert on ${Number(DAYS[i])} May 2018`),
    )
  })

  test('are those when what lasted began, the year above them', async () => {
    const list = each(
      TITLES,
      (t, i) => `<div><a href="/n/${i}">${t}</a><p>May ${Number(DAYS[i])}, 14:02 - 16:30 UTC</p></div>`,
    )

    expect(await datesOf(`<h2>May 2018</h2><div>${list}</div>`)).toEqual(TITLES.map((_, i) => day(i)))
  })

  describe('below headings of months', () => {
    const rows = (from: number, to: number, write: (at: number) => string) =>
      `<ul>${each(TITLES.slice(from, to), (t, i) => `<li>${write(from + i)} <a href="/n/${from + i}">${t}</a></li>`)}</ul>`
    const NUMBERS = ['11', '8', '3', '28', '9']
    const expected = ['2018-05-11', '2018-05-08', '2018-05-03', '2018-04-28', '2018-04-09']

    test.each<[string, [string, string], (number: string) => string]>([
      ['en', ['May 2018', 'April 2018'], (number) => `<b>${number}</b> –`],
      ['en', ['May 2018 (3)', 'April 2018 (2)'], (number) => `Fri ${number}th:`],
      ['ja', ['2018年5月', '2018年4月'], (number) => `<i>${number}日</i>`],
      ['ja', ['平成30年5月', '平成30年4月'], (number) => `${number}日（金）`],
      ['ko', ['2018년 5월', '2018년 4월'], (number) => `${number}일`],
      ['es', ['Mayo de 2018', 'Abril de 2018'], (number) => `${number}.`],
      ['hi', ['मई 2018', 'अप्रैल 2018'], (number) => `<i>${number}</i>`],
    ])('are lone days, in %s below %j', async (lang, [first, second], write) => {
      const day = (at: number) => write(NUMBERS[at] ?? '')
      const page = `<h3>${first}</h3>${rows(0, 3, day)}<h3>${second}</h3>${rows(3, 5, day)}`

      expect(await datesOf(page, { lang })).toEqual(expected)
    })

    test('are of the year above them', async () => {
      const day = (at: number) => `${NUMBERS[at]}.`
      const page = `<h2>2018</h2><h3>Mai</h3>${rows(0, 3, day)}<h3>April</h3>${rows(3, 5, day)}`

      expect(await datesOf(page, { lang: 'de' })).toEqual(expected)
    })

    test.each<[string, string[]]>([
      ['ranks', ['1', '2', '3', '4', '5']],
      ['numbers of something else', ['11', '3', '8', '28', '9']],
      ['no days', ['61', '58', '53', '48', '42']],
    ])('are not %s', async (_, numbers) => {
      expect(await datesOf(`<h3>May 2018</h3>${rows(0, 5, (at) => `<i>${numbers[at]}</i>`)}`)).toEqual(
        TITLES.map(() => null),
      )
    })

    test('are not what stands below a link to another month', async () => {
      const page = `<p><a href="/2018-05">May 2018</a></p>${rows(0, 5, (at) => `<i>${[11, 9, 8, 7, 2][at]}</i>`)}`

      expect(await datesOf(page)).toEqual(TITLES.map(() => null))
    })
  })

  test('are read before a colon, the year above them', async () => {
    const list = each(TITLES, (t, i) => `<li>${Number(DAYS[i])} May: <a href="/n/${i}">${t}</a></li>`)

    expect(await datesOf(`<h2>2018</h2><ul>${list}</ul>`)).toEqual(TITLES.map((_, i) => day(i)))
  })

  test.each([
    ['令和元年5月11日', '2019-05-11'],
    ['1397/10/11', '2019-01-01'],
    ['1397/12/29', '2019-03-20'],
    ['1399/12/30', '2021-03-20'],
    ['22 دی 1397', '2019-01-12'],
    ['1397/13/01', null],
    ['1397/01/32', null],
    ['1397/07/31', null],
  ])('%s is %s', async (written, date) => {
    expect(await datesOf(rows(() => written))).toEqual([date, date, date])
  })

  test('are not the numbers of standards', async () => {
    const rows = each(TITLES, (t, i) => `<li>DIN 1415-1-${i + 1} <a href="/n/${i}">${t}</a></li>`)

    expect(await datesOf(`<ul>${rows}</ul>`, { lang: 'de' })).toEqual(TITLES.map(() => null))
  })

  test('are not those when an entry ends, or was answered last', async () => {
    const rows = each(
      TITLES,
      (t, i) => `<li data-end-date="${day(i)}" data-last-reply-time="1526032800"><a href="/n/${i}">${t}</a></li>`,
    )

    expect(await datesOf(`<ul>${rows}</ul>`)).toEqual(TITLES.map(() => null))
  })

  test.each(['expiry-date', 'date-until', 'deadline-time', 'update-time', 'date-modified', 'comment-time'])(
    'nor what a machine is told in data-%s',
    async (name) => {
      const rows = each(TITLES, (t, i) => `<li data-${name}="${day(i)}"><a href="/n/${i}">${t}</a></li>`)

      expect(await datesOf(`<ul>${rows}</ul>`)).toEqual(TITLES.map(() => null))
    },
  )

  test.each<[string, (title: string, at: number) => string]>([
    [
      'a column',
      (t, i) =>
        `${i > 0 ? '' : '<tr><th>Tender</th><th>Closing date</th><th>Published</th></tr>'}<tr><td><a href="/n/${i}">${t}</a></td><td>2018-06-2${i}</td><td>${day(i)}</td></tr>`,
    ],
    ['a word', (t, i) => `<tr><td><a href="/n/${i}">${t}</a> Deadline: 2${i} June 2018</td><td>${day(i)}</td></tr>`],
    [
      'an element before it',
      (t, i) =>
        `<tr><td><a href="/n/${i}">${t}</a><p><b>截止时间：</b><i>2018-06-2${i}</i></p><p>发布时间：${day(i)}</p></td></tr>`,
    ],
    [
      'a word before what machines read',
      (t, i) =>
        `<tr><td><a href="/n/${i}">${t}</a> Closes: <time datetime="2018-06-2${i}">2${i} June</time> <time datetime="${day(i)}">May</time></td></tr>`,
    ],
  ])('are not those when it closes, as %s says', async (_, write) => {
    expect(await datesOf(`<table>${each(TITLES, write)}</table>`)).toEqual(TITLES.map((_, i) => day(i)))
  })

  test.each<[string, (title: string, at: number) => string]>([
    [
      'words in elements',
      (t, i) => `<a href="/n/${i}">${t}</a><p>Updated: 2018-06-2${i}</p><p>Published: ${day(i)}</p>`,
    ],
    ['words in one text', (t, i) => `<a href="/n/${i}">${t}</a><p>成文日期：2018-04-0${i + 1} 发布日期：${day(i)}</p>`],
    ['words before it', (t, i) => `<a href="/n/${i}">${t}</a><b>Updated:</b> 2018-06-2${i} <b>Posted:</b> ${day(i)}`],
    [
      'terms of a list',
      (t, i) =>
        `<a href="/n/${i}">${t}</a><dl><dt>Closing date</dt><dd>2018-06-2${i}</dd><dt>Publication date</dt><dd>${day(i)}</dd></dl>`,
    ],
    [
      'names for machines',
      (t, i) =>
        `<a href="/n/${i}">${t}</a><time class="updated" datetime="2018-06-2${i}">June</time> <time class="entry-date" datetime="${day(i)}">May</time>`,
    ],
    [
      'a word, the other date for machines',
      (t, i) =>
        `<a href="/n/${i}">${t}</a>Last updated <time datetime="2018-06-2${i}">2${i} June</time>, published ${day(i)}`,
    ],
  ])('are those when an entry was published, not changed or written, as %s say', async (_, write) => {
    const rows = each(TITLES, (t, i) => `<li>${write(t, i)}</li>`)

    expect(await datesOf(`<ul>${rows}</ul>`)).toEqual(TITLES.map((_, i) => day(i)))
  })

  test('are those of the column that says so', async () => {
    const rows = each(
      TITLES,
      (t, i) => `<tr><td><a href="/n/${i}">${t}</a></td><td>2018-04-0${i + 1}</td><td>${day(i)}</td></tr>`,
    )
    const head = (written: string, published: string) =>
      `<table><tr><th>Title</th><th>${written}</th><th>${published}</th></tr>${rows}</table>`

    expect(await datesOf(head('成文日期', '发布日期'))).toEqual(TITLES.map((_, i) => day(i)))
    expect(await datesOf(head('Last updated', 'Date'))).toEqual(TITLES.map((_, i) => day(i)))
    expect(await datesOf(head('Published', 'Effective date'))).toEqual(TITLES.map((_, i) => `2018-04-0${i + 1}`))
  })

  const CHANGES =
    'Updated|Modified|Changed on|Amended|Last revised|Reviewed|Effective from|Signed|更新日期|修改时间|成文日期|生成日期|印发日期|签发日期|实施日期|施行日期|生效日期|수정일|Aktualisiert am|Zuletzt geändert|Mis à jour le|Date de mise à jour|Actualizado|Modificado|Aggiornato il|Ultimo aggiornamento|Atualizado em|Senast uppdaterad|Opdateret|Oppdatert|Bijgewerkt|Gewijzigd|Zaktualizowano|Обновлено|Изменено|Güncelleme'
  const PUBLICATIONS =
    'Published|Publication date|Posted|发布日期|發布日期|公布日期|发表于|公开日期|公示时间|公開日|掲載日|게시일|등록일|Veröffentlicht am|Veröffentlichung|Publié le|Date de publication|Publicado|Fecha de publicación|Publicação|Pubblicato il|Data pubblicazione|Publicerad|Publiceret|Publisert|Gepubliceerd op|Opublikowano|Data publikacji|Vyvěšeno|Publikováno|Опубликовано|Дата публикации|Yayın tarihi'
  test.each([
    ...CHANGES.split('|').map((word) => [word, 'Published']),
    ...PUBLICATIONS.split('|').map((word) => ['Updated', word]),
  ])('are not those behind "%s" where one stands behind "%s"', async (changed, published) => {
    const rows = each(
      TITLES,
      (t, i) => `<li><a href="/n/${i}">${t}</a><p>${changed}: 2018-06-2${i}</p><p>${published}: ${day(i)}</p></li>`,
    )

    expect(await datesOf(`<ul>${rows}</ul>`)).toEqual(TITLES.map((_, i) => day(i)))
    expect(await datesOf(`<ul>${rows.replace(/<p>[^<]*<\/p><\/li>/g, '</li>')}</ul>`)).toEqual(
      TITLES.map((_, i) => `2018-06-2${i}`),
    )
  })

  test('are those behind a word that ends alike', async () => {
    const rows = each(TITLES, (t, i) => `<li><a href="/n/${i}">${t}</a><span>Weekends, ${day(i)}</span></li>`)

    expect(await datesOf(`<ul>${rows}</ul>`)).toEqual(TITLES.map((_, i) => day(i)))
  })

  const ENDS =
    'Deadline|Closes|Closing|Expires|Due|Ends|Until|截止|截至|到期|有效期|结束|結束|开标|開標|締切|締め切り|마감|Frist|Anmeldeschluss|Gültig bis|Date limite|Fecha límite|Prazo|Scadenza|Окончание'
  test.each(ENDS.split('|'))('nor is one dated by that where nothing else is said than "%s"', async (word) => {
    const rows = each(TITLES, (t, i) => `<li><a href="/n/${i}">${t}</a><span>${word}: 2018-06-2${i}</span></li>`)

    expect(await datesOf(`<ul>${rows}</ul>`)).toEqual(TITLES.map(() => null))
  })

  test.each<[string, (title: string, at: number) => string]>([
    ['behind the title', (t, i) => `${t} - ${Number(DAYS[i])} May 2018`],
    ['behind it in brackets', (t, i) => `${t} (May ${Number(DAYS[i])}, 2018)`],
    ['before it', (t, i) => `${Number(DAYS[i])} May 2018 ${t}`],
    ['as that of what is called so', (t, i) => `${t} of ${Number(DAYS[i])} May 2018`],
    ['as that of an issue', (_, i) => `Amtsblatt Nr. ${12 - i} vom ${Number(DAYS[i])}. Mai 2018`],
    [
      'in numbers behind a preposition',
      (_, i) => `Amtliche Bekanntmachung der Stadt vom ${DAYS[i]}.05.2018 (PDF, 1,2 MB)`,
    ],
    ['behind it with a word for the year', (t, i) => `${t} от ${Number(DAYS[i])} мая 2018 г.`],
    ['behind it in French', (t, i) => `${t} du ${Number(DAYS[i])} mai 2018`],
    ['behind it in Czech', (t, i) => `${t} ze dne ${Number(DAYS[i])}. 5. 2018`],
  ])('%s, written out, are read and stay', async (_, write) => {
    const items = await read(
      `<ul>${each(TITLES.slice(0, 3), (t, i) => `<li><a href="/n/${i}">${write(t, i)}</a></li>`)}</ul>`,
    )

    expect(items.map(([title, , date]) => [title, date])).toEqual(
      [0, 1, 2].map((i) => [write(TITLES[i] ?? '', i), day(i)]),
    )
  })

  test('are those of a heading or an address before the one a title is called by', async () => {
    const row = (t: string, i: number) => `<li><a href="/2018/05/${DAYS[i]}/${i}">${t} of 28 April 2018</a></li>`

    expect(await datesOf(`<ul>${each(TITLES, row)}</ul>`)).toEqual(TITLES.map((_, i) => day(i)))
    const below = each(TITLES, (t, i) => `<h2>${day(i)}</h2><ul>${row(t, i).replace(/\/2018[^"]*/, `/n/${i}`)}</ul>`)
    expect(await datesOf(`<div>${below}</div>`)).toEqual(TITLES.map((_, i) => day(i)))
  })

  test.each<[string, (at: number) => string]>([
    ['day, month and year', (i) => `<p>${Number(DAYS[i])}</p><p>May 2018</p>`],
    ['month, day and year', (i) => `<p>May</p><p>${Number(DAYS[i])}</p><p>2018</p>`],
    ['month and day, the year in the address', (i) => `<p>May</p><p>${DAYS[i]}</p>`],
    ['day and month, the year in the address', (i) => `<p>${DAYS[i]}</p><p>Sept.</p>`],
  ])('%s below one another', async (name, write) => {
    const boxes = each(
      TITLES.slice(0, 3),
      (t, i) => `<div class="post"><div class="box">${write(i)}</div><h2><a href="/2018/${i}.html">${t}</a></h2></div>`,
    )

    const month = name.startsWith('day and') ? '09' : '05'
    expect(await datesOf(`<main>${boxes}</main>`)).toEqual([0, 1, 2].map((at) => `2018-${month}-${DAYS[at]}`))
  })

  test.each([
    ['de', '11.05.', ''],
    ['de', '<b>11.05.</b> <i>2018</i>', ''],
    ['de', '12.01.', '/2018/01'],
    ['ru', '[11.05]', ''],
    ['fr', '11/05', ''],
    ['en', '05/11', ''],
    ['zh', '05.11', ''],
  ])('in %s %s has its month where the language puts it', async (lang, written, folder) => {
    const html = each(TITLES.slice(0, 3), (t, i) => `<li><a href="${folder}/n/${i}">${t}</a> <i>${written}</i></li>`)

    const expected = folder === '' ? '2018-05-11' : '2018-01-12'
    expect(await datesOf(`<h2>2018</h2><ul>${html}</ul>`, { lang })).toEqual(Array(3).fill(expected))
  })

  // News of three months either way.
  const [DAY_FIRST, MONTH_FIRST] = [
    ['2018-05-11', '2018-04-10', '2018-03-09'],
    ['2018-11-05', '2018-10-04', '2018-09-03'],
  ]
  test.each([
    ['https://a.co.uk/news/', 'en', DAY_FIRST],
    ['https://a.gov.ie/news/', 'en', DAY_FIRST],
    ['https://a.de/news/', 'en', DAY_FIRST],
    ['https://a.co.za/news/', 'en', DAY_FIRST],
    ['https://a.co.jp/news/', 'en', MONTH_FIRST],
    ['https://a.com/news/', 'en', MONTH_FIRST],
    ['https://a.com.br/news/', '', DAY_FIRST],
    ['https://a.io/news/', '', MONTH_FIRST],
    ['https://a.co.uk/news/', 'en-US', MONTH_FIRST],
  ])('11/05/2018 at %s, in %s', async (url, lang, dates) => {
    expect(
      await datesOf(
        rows((i) => `${DAYS[i]}/0${5 - i}/2018`),
        { url, lang },
      ),
    ).toEqual(dates)
  })
})
