import { describe, expect, test } from 'vitest'
import type { PageRules } from '../../src/model.ts'
import { JSON_LD } from '../../src/page/json-ld.ts'
import { readPage } from '../../src/page/read-page.ts'
import { formatIso } from '../../src/time.ts'
import { workedMs } from '../support/work.ts'

const URL_OF_PAGE = 'https://harbour.example/news/'
const TITLES = ['Two new cranes for the western quay', 'Winter berths are let again', 'The ferry sails on Sundays, too']

/** A page that shows nothing but its name, and says the rest in scripts. */
function shell(scripts: unknown[], { body = '<div id="app"></div>', head = '', lang = 'en' } = {}) {
  const written = scripts.map((one) => {
    const text = typeof one === 'string' ? one : JSON.stringify(one)
    return `<script type="application/ld+json">${text}</script>`
  })
  const html = `<html lang="${lang}"><head><title>Harbour office</title>${head}${written.join('\n')}</head><body>${body}</body></html>`
  return { bytes: Buffer.from(html), contentType: 'text/html; charset=utf-8', url: URL_OF_PAGE }
}

async function read(document: ReturnType<typeof shell>, rules: PageRules | null = null) {
  const found = await readPage(document, rules)
  if (found.kind !== 'read') return found
  return {
    entry: found.page?.entry,
    items: found.items.map(({ title, url, publishedAt }) => [title, url, formatIso(publishedAt)]),
  }
}

const SCHEMA = 'https://schema.org'
const urlOf = (at: number) => `https://harbour.example/news/${at}`
const dayOf = (at: number) => `2026-11-2${at}`
const article = (title: string, at: number) => ({
  '@type': 'NewsArticle',
  headline: title,
  url: urlOf(at),
  datePublished: dayOf(at),
})
const ARTICLES = TITLES.map(article)
const READ = TITLES.map((title, at) => [title, urlOf(at), `${dayOf(at)}T00:00:00.000Z`])
const UNDATED = TITLES.map((title, at) => [title, urlOf(at), null])
const inList = (elements: object[]) => ({ '@context': SCHEMA, '@type': 'ItemList', itemListElement: elements })

describe('a list that stands in scripts alone is read as it is written', () => {
  test.each<[string, unknown[], unknown[]]>([
    [
      'an ItemList of whole items',
      [inList(ARTICLES.map((item, at) => ({ '@type': 'ListItem', position: at + 1, item })))],
      READ,
    ],
    [
      'an ItemList of names and addresses',
      [inList(TITLES.map((name, at) => ({ '@type': 'ListItem', position: at + 1, name, url: urlOf(at) })))],
      UNDATED,
    ],
    [
      'an ItemList whose items are addresses',
      [inList(TITLES.map((name, at) => ({ '@type': 'ListItem', position: at + 1, name, item: urlOf(at) })))],
      UNDATED,
    ],
    [
      'an ItemList whose items go by @id',
      [inList(TITLES.map((name, at) => ({ '@type': 'ListItem', item: { '@id': urlOf(at), name } })))],
      UNDATED,
    ],
    ['an ItemList of articles themselves', [inList(ARTICLES)], READ],
    ['a Blog', [{ '@context': SCHEMA, '@type': 'Blog', name: 'Quay notes', blogPost: ARTICLES }], READ],
    ['a Blog of the old name', [{ '@context': SCHEMA, '@type': 'Blog', blogPosts: ARTICLES }], READ],
    ['a CollectionPage with its parts', [{ '@context': SCHEMA, '@type': 'CollectionPage', hasPart: ARTICLES }], READ],
    [
      'a CollectionPage whose main thing is a list',
      [{ '@context': SCHEMA, '@type': ['WebPage', 'CollectionPage'], mainEntity: inList(ARTICLES) }],
      READ,
    ],
    [
      'a list in a graph, beside the site, its makers and the way to the page',
      [
        {
          '@context': SCHEMA,
          '@graph': [
            { '@type': 'WebSite', name: 'Harbour office', url: 'https://harbour.example/' },
            { '@type': 'Organization', name: 'Harbour office', sameAs: ['https://social.example/harbour'] },
            {
              '@type': 'BreadcrumbList',
              itemListElement: ['Home', 'Harbour', 'Office', 'News of the office'].map((name, at) => ({
                '@type': 'ListItem',
                position: at + 1,
                item: { '@id': `https://harbour.example/${at}`, name },
              })),
            },
            { '@type': 'CollectionPage', mainEntity: { '@type': 'ItemList', itemListElement: ARTICLES } },
          ],
        },
      ],
      READ,
    ],
    ['articles in a graph', [{ '@context': SCHEMA, '@graph': [{ '@type': 'WebPage' }, ...ARTICLES] }], READ],
    ['articles in an array', [ARTICLES], READ],
    ['articles, each in a script of its own', ARTICLES, READ],
    ['types that are addresses', [ARTICLES.map((one) => ({ ...one, '@type': 'http://schema.org/BlogPosting' }))], READ],
    [
      'addresses that are those of the pages the articles are on',
      [
        inList(
          ARTICLES.map(({ url, ...one }) => ({
            ...one,
            '@id': `${URL_OF_PAGE}#${one.headline.length}`,
            mainEntityOfPage: { '@type': 'WebPage', '@id': url },
          })),
        ),
      ],
      READ,
    ],
    ['relative addresses', [inList(ARTICLES.map((one, at) => ({ ...one, url: `/news/${at}` })))], READ],
    [
      'names and dates in a language of their own',
      [
        inList(
          ARTICLES.map((one) => ({
            ...one,
            headline: [{ '@value': one.headline, '@language': 'en' }],
            datePublished: { '@type': 'Date', '@value': one.datePublished },
          })),
        ),
      ],
      READ,
    ],
    [
      'videos, and jobs',
      [
        inList([
          { '@type': 'VideoObject', name: TITLES[0], url: urlOf(0), uploadDate: dayOf(0) },
          { '@type': 'JobPosting', title: TITLES[1], url: urlOf(1), datePosted: dayOf(1) },
          { '@type': 'CreativeWork', name: TITLES[2], url: urlOf(2), dateCreated: dayOf(2) },
        ]),
      ],
      READ,
    ],
    ['two lists of news, of which some is the same', [inList(ARTICLES), inList(ARTICLES.toReversed())], READ],
    [
      'a list of news, and a longer one of things without dates',
      [
        inList(Array.from({ length: 9 }, (_, at) => ({ name: `Mooring rope no. ${at}`, url: `/shop/${at}` }))),
        inList(ARTICLES),
      ],
      READ,
    ],
    [
      'of two lists without dates the longer',
      [
        inList(TITLES.map((name, at) => ({ name: `${name} again`, url: `/again/${at}` }))),
        inList([...TITLES, 'The lock is open'].map((name, at) => ({ name, url: urlOf(at) }))),
      ],
      [...UNDATED, ['The lock is open', urlOf(3), null]],
    ],
    [
      'a list with one that has no title, and one that has no address',
      [inList([...ARTICLES, { name: 'Nowhere to be found' }, { url: '/x' }])],
      READ,
    ],
    [
      'titles that are escaped, as they need not be',
      [inList(ARTICLES.map((one) => ({ ...one, headline: `${one.headline} &amp; more` })))],
      READ.map(([title, ...rest]) => [`${title} & more`, ...rest]),
    ],
    [
      'a script with line breaks in its strings',
      [JSON.stringify(inList(ARTICLES)).replace('new cranes', 'new\n cranes')],
      READ,
    ],
    ['a script around which comments stand', [`//<![CDATA[\n${JSON.stringify(inList(ARTICLES))}\n//]]>`], READ],
    ['a script with a comma too many', [JSON.stringify(inList(ARTICLES)).replace(/\]\}$/, ',]}')], READ],
  ])('%s', async (_, scripts, items) => {
    expect(await read(shell(scripts))).toEqual({ entry: JSON_LD, items })
  })
})

describe('no list is', () => {
  test.each<[string, unknown[]]>([
    ['the way to the page', [{ '@type': 'BreadcrumbList', itemListElement: inList(ARTICLES).itemListElement }]],
    ['what is a menu', [inList(ARTICLES.map((one) => ({ ...one, '@type': 'SiteNavigationElement' })))]],
    ['two entries', [inList(ARTICLES.slice(1))]],
    [
      'one article, and who wrote it',
      [{ ...ARTICLES[0], author: TITLES.map((name, at) => ({ name, url: urlOf(at) })) }],
    ],
    ['places on the page itself', [inList(ARTICLES.map((one, at) => ({ ...one, url: `${URL_OF_PAGE}#${at}` })))]],
    ['one address three times', [inList(ARTICLES.map((one) => ({ ...one, url: urlOf(1) })))]],
    ['addresses that lead nowhere', [inList(ARTICLES.map((one) => ({ ...one, url: 'javascript:void(0)' })))]],
    [
      'short words without dates',
      [inList(['Home', 'Berths', 'Contact'].map((name, at) => ({ name, url: urlOf(at) })))],
    ],
    ['questions', [{ '@type': 'FAQPage', mainEntity: TITLES.map((name) => ({ '@type': 'Question', name })) }]],
    ['no JSON', ['window.list = ["a", "b"]']],
    ['nothing', ['', 'null', '[]', '{}', '{"@graph": null, "itemListElement": "x"}']],
  ])('%s', async (_, scripts) => {
    expect(await read(shell(scripts))).toMatchObject({ kind: 'unreadable', reason: 'not_a_feed' })
  })

  test('one in a script of another type', async () => {
    const { bytes, ...rest } = shell([inList(ARTICLES)])
    const other = Buffer.from(bytes.toString().replaceAll('application/ld+json', 'application/json'))

    expect(await read({ ...rest, bytes: other })).toMatchObject({ kind: 'unreadable' })
  })
})

describe('what is shown comes first', () => {
  const shown = `<ul class="news">${TITLES.map((title, at) => `<li><a href="/shown/${at}">${title}, as shown</a> <time datetime="2026-11-0${at + 1}"></time></li>`).join('')}</ul>`

  test('a list on the page is read, and not that of the scripts', async () => {
    const found = await read(shell([inList(ARTICLES)], { body: shown }))

    expect(found).toMatchObject({ entry: expect.not.stringContaining('script') })
    expect(JSON.stringify(found)).toContain('as shown')
  })

  const found: PageRules = { entry: JSON_LD, link: null, title: null, date: null, summary: null, auto: true }

  test('where the scripts had the list, they are asked first as long as they have one', async () => {
    expect(await read(shell([inList(ARTICLES)], { body: shown }), found)).toMatchObject({ entry: JSON_LD, items: READ })
    expect(await read(shell([], { body: shown }), found)).toMatchObject({ entry: expect.stringContaining('news') })
  })

  test('a list that is not shown any more is looked for in the scripts, and where it stood when it is back', async () => {
    const before = { ...found, entry: 'ul.news > li' }
    const moved = await readPage(shell([inList(ARTICLES)]), before)
    if (moved.kind !== 'read' || !moved.page) throw new Error('not read')
    expect(moved.page).toMatchObject({ entry: JSON_LD, auto: true })

    expect(await read(shell([inList(ARTICLES)], { body: shown }), moved.page)).toMatchObject({ entry: before.entry })
  })

  test('who names the scripts gets their list', async () => {
    const given = { ...found, auto: false }

    expect(await read(shell([inList(ARTICLES)], { body: shown }), given)).toMatchObject({ entry: JSON_LD, items: READ })
    expect(await read(shell([], { body: shown }), given)).toMatchObject({ kind: 'unreadable', reason: 'layout' })
  })

  test('who names other entries gets none of it', async () => {
    const given = { ...found, auto: false, entry: 'ul.news > li' }

    expect(await read(shell([inList(ARTICLES)]), given)).toMatchObject({ kind: 'unreadable' })
  })
})

test('times without a zone are those of the country of the language', async () => {
  const items = ARTICLES.map((one) => ({ ...one, datePublished: `${one.datePublished}T12:00:00` }))

  const found = await read(shell([inList(items)], { lang: 'de' }))

  expect(found).toMatchObject({ items: [[TITLES[0], urlOf(0), '2026-11-20T11:00:00.000Z'], {}, {}] })
})

test('what is said of an entry is its summary', async () => {
  const items = ARTICLES.map((one) => ({ ...one, description: 'The quay is closed to lorries until the spring.' }))

  const found = await readPage(shell([inList(items)]), null)

  expect(found).toMatchObject({ items: [{ summary: 'The quay is closed to lorries until the spring.' }, {}, {}] })
})

test.each<[string, string]>([
  ['nested without end', `${'{"mainEntity":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
  [
    'of twenty thousand entries',
    JSON.stringify(inList(Array.from({ length: 20_000 }, (_, at) => article(`${TITLES[0]} ${at}`, at)))),
  ],
  ['of brackets that nothing closes', '['.repeat(1_000_000)],
])('a script %s is read or refused in time', async (_, script) => {
  const started = workedMs()

  const found = await readPage(shell([script]), null)

  expect(workedMs() - started).toBeLessThan(5_000)
  if (found.kind === 'read') expect(found.items).toHaveLength(1_000)
})
