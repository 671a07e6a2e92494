import { describe, expect, test } from 'vitest'
import type { ReadItem, Unreadable } from '../../src/model.ts'
import { readDocument as parseDocument } from '../../src/source/parse.ts'
import { shieldDocument } from '../../src/source/shield.ts'
import { readDocument, readItem } from '../support/items.ts'
import { workedMs } from '../support/work.ts'

type Given = Partial<Pick<ReadItem, 'id' | 'url' | 'title' | 'text' | 'categories' | 'enclosures'>>

const SITE = 'https://example.com/'
const DETAILS =
  'Details Type: HttpException Code: 500 Message: 500 Internal Server Error File: lib/contents.php Line: 41'
const BRIDGE = 'https://bridge.example/?action=display&bridge=Reddit&r=news&format=Atom'

/** The only item of its document. */
const ERRORS: [name: string, item: Given][] = [
  ['RSS-Bridge', { title: 'Bridge returned error 500! (19345)', url: BRIDGE, text: DETAILS }],
  [
    'RSS-Bridge, by its id',
    { title: 'Bridge returned error 0! (20783)', url: 'https://a.example/b', id: 'Reddit_20783' },
  ],
  [
    'an old RSS-Bridge',
    { title: 'The bridge Twitter returned error 404! (18200)', url: `${BRIDGE}&_error_time=18200` },
  ],
  [
    'a Nitter mirror',
    { title: 'RSS reader not yet whitelisted!', text: 'Please send an email to rss [AT] xcancel.com' },
  ],
  [
    'Google News, old address',
    {
      title: 'This RSS feed URL is deprecated',
      url: 'https://news.google.com/news',
      text: 'This RSS feed URL is deprecated, please update. New URLs can be found in the footers.',
    },
  ],
  ['Google News, no such feed', { title: 'This feed is not available.', text: 'This feed is not available.' }],
  [
    'Google, too many questions',
    { title: 'Sorry...', text: 'Our systems have detected unusual traffic from your network.' },
  ],
  [
    'a PHP warning',
    {
      title: 'Warning: mysql_connect(): Access denied for user in /home/w/www/feed.php on line 12',
      url: SITE,
      text: '',
    },
  ],
  ['a PHP warning without its place', { title: 'Warning: mysqli_connect(): (HY000/2002)', url: null }],
  ['a fatal error of PHP', { title: 'PHP Fatal error: Uncaught Error in C:\\www\\rss.php on line 7', url: SITE }],
  ['a PHP warning as text alone', { title: '', text: 'Notice: Undefined index: title in /var/www/rss.php on line 31' }],
  ['a database of WordPress', { title: "WordPress database error: [Table 'wp.wp_posts' doesn't exist]", url: SITE }],
  ['a database that is down', { title: 'Error establishing a database connection', url: SITE, text: '' }],
  ['PDO', { title: 'SQLSTATE[HY000] [2002] Connection refused', url: null }],
  [
    'Cloudflare, a challenge',
    { title: 'Just a moment...', url: SITE, text: 'Enable JavaScript and cookies to continue' },
  ],
  [
    'Cloudflare, a refusal, at an address of its own',
    {
      title: 'Attention Required! | Cloudflare',
      url: `${SITE}news/list`,
      text: 'Sorry, you have been blocked. You are unable to access example.com. Cloudflare Ray ID: 7d1c0b',
    },
  ],
  [
    'Akamai',
    {
      title: 'Access Denied',
      url: SITE,
      text: 'You don\'t have permission to access "http://example.com/" on this server. Reference #18.5c1f',
    },
  ],
  ['a captcha', { title: 'Are you a human?', url: SITE, text: 'Please complete the security check to go on.' }],
  ['cookies wanted', { title: 'Please enable cookies', url: SITE, text: '' }],
  ['Imperva', { title: 'Pardon Our Interruption...', url: SITE, text: 'Something made us think you might be a bot.' }],
  ['a server without the page', { title: '404 Not Found', url: SITE, text: '404 Not Found nginx/1.18.0 (Ubuntu)' }],
  ['a server that is overloaded', { title: '503 Service Unavailable', url: null, text: 'No server is available.' }],
  ['Google without the page', { title: 'Error 404 (Not Found)!!1', url: null, text: '' }],
  ['a page that is gone, with the name of its site', { title: 'Page not found - Example News', url: SITE, text: '' }],
  [
    'a domain for sale',
    { title: 'example.com is for sale', url: SITE, text: 'Interested in this domain? Make an offer today.' },
  ],
  [
    'a domain at a broker',
    { title: 'Example.net is for sale!', url: 'https://www.hugedomains.com/domain/example.net' },
  ],
  [
    'a parked domain',
    { title: 'This domain may be for sale', url: SITE, text: 'Related searches: insurance, credit, hosting' },
  ],
  [
    'a domain that ran out',
    { title: 'Domain expired', url: SITE, text: 'If you are the owner, renew it at Namecheap.' },
  ],
  [
    'a feed maker without the feed',
    { title: 'Feed not found', url: 'https://feeds.example/', text: 'Check the address.' },
  ],
  [
    'a feed maker that was left',
    { title: 'This feed has been disabled.', url: null, text: 'Renew your subscription.' },
  ],
  ['a feed maker that failed', { title: 'Error: unable to load the feed', url: null, text: '' }],
]

const OWN = `${SITE}2026/11/a-story`
const LONG = 'What happened on Tuesday night, told by those who were there and by those who had to clean up. '.repeat(
  20,
)

/** Items that speak of errors, and are none. */
const NEWS: [name: string, item: Given][] = [
  [
    'an issue about a bridge',
    {
      title: 'Bridge returned error 500! (19345)',
      url: 'https://github.com/RSS-Bridge/rss-bridge/issues/4975',
      text: DETAILS,
    },
  ],
  ['an issue that names the bridge', { title: 'RedditBridge returned error 403! (20245)', url: OWN, text: DETAILS }],
  ['a story about bridges', { title: 'Bridge returned error 500, and a city stood still', url: OWN, text: LONG }],
  ['an engineer about a bridge', { title: 'Bridge returned to service', url: OWN, text: '' }],
  [
    'a question about PHP',
    {
      title: 'Warning: mysql_connect(): Access denied for user in /var/www/db.php on line 5',
      url: 'https://stackoverflow.example/questions/1/warning',
      text: 'I get this warning on my server. What is wrong?',
    },
  ],
  ['a warning of the weather service', { title: 'Warning: heavy snow in the Alps on Friday', url: SITE, text: '' }],
  ['a notice of the town', { title: 'Notice: road works in Main Street on line 4', url: SITE, text: '' }],
  ['a guide', { title: 'Access denied: how banks lock out the poor', url: OWN, text: LONG }],
  ['a short story', { title: 'Access Denied', url: OWN, text: LONG }],
  ['a short story without an address', { title: 'Access denied', url: null, text: LONG }],
  ['a poem', { title: 'Just a moment…', url: OWN, text: 'a leaf, a breath, the door' }],
  ['a column', { title: 'Are you a human?', url: OWN, text: 'Our columnist wonders who writes her letters.' }],
  ['a guide to cookies', { title: 'Please enable cookies', url: OWN, text: 'Grandmother’s recipe, with ginger.' }],
  [
    'a guide to Cloudflare',
    { title: 'Just a moment...', url: OWN, text: 'How we took the Ray ID apart and what we learned from it.' },
  ],
  ['a podcast', { title: '404 Not Found', url: null, enclosures: [{ url: `${SITE}1.mp3`, type: null, length: null }] }],
  ['a band', { title: '404 Not Found', url: OWN, text: 'The new single is out.' }],
  ['how a server was mended', { title: '502 Bad Gateway', url: OWN, text: 'nginx' }],
  [
    'an outage on a page of states',
    {
      title: 'Service Unavailable',
      url: SITE,
      text: 'We are looking into timeouts of the API in Frankfurt since 09:12 UTC.',
    },
  ],
  [
    'a report about a domain',
    { title: 'Cars.com is for sale', url: 'https://domains.example/cars', text: 'Its owner said so.' },
  ],
  [
    'a trader of names',
    {
      title: 'cars.example is for sale',
      url: 'https://domains.example/cars',
      text: 'Its owner hopes for $1m.',
      categories: ['Sales'],
    },
  ],
  ['a house', { title: 'The old mill is for sale', url: SITE, text: 'Make an offer.' }],
  ['an answer about domains', { title: 'Domain expired?', url: OWN, text: 'Here is what to do in the first 30 days.' }],
  ['an issue about feeds', { title: 'Feed not found', url: 'https://github.com/a/b/issues/7', text: 'Since 2.0.' }],
  ['a farewell', { title: 'This feed has moved', url: SITE, text: 'Please subscribe anew.' }],
  ['a decision about feeds', { title: 'This feed is not available in Europe any more', url: OWN, text: LONG }],
  ['an apology', { title: 'Sorry...', url: SITE, text: 'We got the date of the concert wrong.' }],
  ['a database that was down', { title: 'Error establishing a database connection', url: OWN, text: LONG }],
  ['a course', { title: 'SQLSTATE explained', url: SITE, text: '' }],
  ['an item with nothing but an address', { title: '', url: OWN, text: '' }],
]

describe('an error in place of news', () => {
  test.each(ERRORS)('%s', (_, item) => {
    const read = shieldDocument(readDocument([readItem(item)], { link: SITE }))

    expect(read).toMatchObject({ kind: 'unreadable', reason: 'error_page' })
  })

  test('is quoted, briefly', () => {
    const title = `Warning: mysql_connect(): ${'no '.repeat(80)} in /www/feed.php on line 12`
    const quoted = (item: Given) => (shieldDocument(readDocument([readItem(item)])) as Unreadable).detail

    expect(quoted({ title: 'Bridge returned error 500! (19345)', url: BRIDGE })).toBe(
      'The source shows an error in place of its items: “Bridge returned error 500! (19345)”',
    )
    expect(quoted({ title })).toMatch(/items: “Warning: mysql_connect\(\): no no .{60,75}…”$/)
  })

  test('all items that say at which line they broke are one error, wherever they lead', () => {
    const item = (n: number) =>
      readItem({ title: `Warning: Undefined array key ${n} in /www/rss.php on line 9`, url: `${OWN}${n}`, text: LONG })

    expect(shieldDocument(readDocument([item(1), item(2), item(3)])).kind).toBe('unreadable')
    expect(shieldDocument(readDocument([item(1), item(2), readItem({ title: 'News' })])).kind).toBe('read')
  })
})

describe('news about errors', () => {
  test.each(NEWS)('%s passes', (_, item) => {
    const document = readDocument([readItem(item)], { link: SITE })
    expect(shieldDocument(document)).toBe(document)
  })

  test.each(NEWS)('%s passes among others', (_, item) => {
    const others = ['One', 'Two', 'Three'].map((title) => readItem({ title, url: `${SITE}${title}` }))
    const document = readDocument([readItem(item), ...others], { link: SITE })
    expect(shieldDocument(document)).toBe(document)
  })
})

describe('an error among news', () => {
  const news = ['One', 'Two', 'Three'].map((title) => readItem({ title, url: `${SITE}${title}` }))
  const error = readItem({ title: 'Bridge returned error 500! (19345)', url: BRIDGE })

  test('is left out', () => {
    const read = shieldDocument(readDocument([error, ...news]))
    expect(read).toMatchObject({ kind: 'read', items: news })
  })

  test('is left out of the slices too, so that each print stays beside its item', () => {
    const [one, two, three] = news as [ReadItem, ReadItem, ReadItem]
    const slices = {
      context: 'c',
      head: 'h',
      prints: ['1', 's', 'e', '2', 't', '3'],
      skipped: [1, 4],
      bytes: new Uint8Array(),
    }

    const read = shieldDocument(readDocument([one, error, two, three], { slices }))

    expect(read).toMatchObject({
      items: [one, two, three],
      slices: { prints: ['1', 's', '2', 't', '3'], skipped: [1, 3] },
    })
  })

  test('alone among what was skipped, it is no error of the whole', () => {
    const slices = { context: 'c', head: 'h', prints: ['s', 'e'], skipped: [0], bytes: new Uint8Array() }

    const read = shieldDocument(readDocument([error], { slices }))

    expect(read).toMatchObject({ kind: 'read', items: [], slices: { prints: ['s'], skipped: [0] } })
  })

  test.each([
    ['a title of a firewall', { title: 'Access denied', url: SITE, text: '' }],
    ['a title of a server', { title: '404 Not Found', url: SITE, text: '' }],
    ['a domain for sale', { title: 'example.com is for sale', url: SITE, text: '' }],
    ['a missing feed', { title: 'Feed not found', url: SITE, text: '' }],
  ])('%s is not enough there', (_, item) => {
    for (const others of [news, news.slice(0, 1)]) {
      const document = readDocument([readItem(item), ...others])
      expect(shieldDocument(document)).toBe(document)
    }
  })
})

test.each([
  ['a status', `500 ${'-'.repeat(200_000)}`],
  ['a status and its name', `Error ${'503 Service Unavailable '.repeat(20_000)}`],
  ['a message of PHP', `Warning: ${'a in /b '.repeat(50_000)}`],
])('a title without end that begins like %s costs no more than a short one', (_, title) => {
  const started = workedMs()
  shieldDocument(readDocument([readItem({ title, url: SITE })]))

  expect(workedMs() - started).toBeLessThan(200)
})

test('the parser shields what it read', async () => {
  const rss = `<rss version="2.0"><channel><title>Reddit</title><item><title>Bridge returned error 429! (20783)</title>
    <link>${BRIDGE.replaceAll('&', '&amp;')}</link></item></channel></rss>`
  const read = await parseDocument({ bytes: Buffer.from(rss), contentType: null, url: 'https://bridge.example/' })

  expect(read).toMatchObject({ kind: 'unreadable', reason: 'error_page' })
})
