/**
 * The farm of the bench: a thousand feeds on loopback, in a process of its own so that its work is not counted.
 * `node farm.ts SOURCES` prints its port; `GET /mode/NAME` changes what every feed answers from then on.
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'

const SOURCES = Number(process.argv[2] ?? 1000)
const ITEMS = 30
const START = Date.now()

type Mode = 'as_before' | 'build_date' | 'one_new'

/** Small and seeded: two runs publish the same news. */
function generator(seed: number) {
  let state = seed * 2_654_435_761 + 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const SYLLABLES = 'ba de fi go lu ma ne pi ro su ta ve wi xo zu chi dra ster tion ment ly ing over cla'.split(' ')
const HAN = '大数据平台发布新版本人工智能芯片市场经济政府公开企业研究北京上海交易中心民营开放首批产品'

function word(random: () => number): string {
  let text = ''
  for (let i = 0; i < 1 + random() * 3; i += 1) text += SYLLABLES[Math.floor(random() * random() * SYLLABLES.length)]
  return text
}

function sentence(random: () => number, words: number, chinese: boolean): string {
  if (chinese) {
    return Array.from({ length: words * 2 }, () => HAN[Math.floor(random() * HAN.length)]).join('')
  }
  const text = Array.from({ length: words }, () => (random() < 0.01 ? 'big data' : word(random))).join(' ')
  return text[0]?.toUpperCase() + text.slice(1)
}

interface Entry {
  id: string
  title: string
  body: string
  at: number
}

function entry(source: number, serial: number): Entry {
  const random = generator(source * 1_000 + serial)
  const chinese = source % 10 === 3
  const paragraphs = Array.from(
    { length: 4 },
    () => `<p>${sentence(random, 53, chinese)}. <a href="/s/${serial}">${word(random)}</a></p>`,
  )
  return {
    id: `https://feed${source}.example/item/${serial}`,
    title: sentence(random, 9, chinese),
    body: paragraphs.join('\n'),
    // Within the last 72 h, the newest first.
    at: START - (100 - serial) * 40 * 60_000,
  }
}

function render(source: number, newest: number, builtAt: number): string {
  const entries = Array.from({ length: ITEMS }, (_, i) => entry(source, newest - i))
  const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  if (source % 2 === 0) {
    return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Wire ${source}</title><link>https://feed${source}.example/</link><description>News</description><lastBuildDate>${new Date(builtAt).toUTCString()}</lastBuildDate>
${entries
  .map(
    (e) =>
      `<item><title>${xml(e.title)}</title><link>${e.id}</link><guid>${e.id}</guid><pubDate>${new Date(e.at).toUTCString()}</pubDate><category>news</category><content:encoded><![CDATA[${e.body}]]></content:encoded></item>`,
  )
  .join('\n')}
</channel></rss>`
  }
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Wire ${source}</title><link href="https://feed${source}.example/"/><id>https://feed${source}.example/</id><updated>${new Date(builtAt).toISOString()}</updated>
${entries
  .map(
    (e) =>
      `<entry><title>${xml(e.title)}</title><link href="${e.id}"/><id>${e.id}</id><updated>${new Date(e.at).toISOString()}</updated><author><name>Desk</name></author><category term="news"/><content type="html">${xml(e.body)}</content></entry>`,
  )
  .join('\n')}
</feed>`
}

/** The list of a site without a feed, 100 KB of it: menus, a long list, a footer. */
function listPage(): string {
  const random = generator(7)
  const menu = Array.from({ length: 40 }, (_, i) => `<li><a href="/topic/${i}">${word(random)}</a></li>`)
  const rows = Array.from({ length: 400 }, (_, i) => {
    const title = sentence(random, 12, false)
    const day = new Date(START - i * 7_200_000).toISOString().slice(0, 10)
    return `<li class="row"><span class="date">${day}</span><a href="/news/${i}.html" title="${title}">${title.slice(0, 60)}…</a></li>`
  })
  const lists = `<nav><ul>${menu.join('')}</ul></nav><main><h1>News</h1><ul class="list">${rows.join('\n')}</ul></main>`
  return `<!doctype html><html><head><title>News</title></head><body>${lists}<footer><p>Imprint</p></footer></body></html>`
}

interface Page {
  gzip: Buffer
  etag: string
}

const pages = new Map<string, Page>()
function page(source: number, mode: Mode): Page {
  // Each mode follows the one before it: a new build date, then a new item on top.
  const newest = mode === 'one_new' ? 100 : 99
  const key = `${source} ${mode}`
  const found = pages.get(key)
  if (found) return found
  const gzip = gzipSync(render(source, newest, START + (mode === 'as_before' ? 0 : 60_000)))
  const made = { gzip, etag: `"${createHash('sha256').update(gzip).digest('hex').slice(0, 20)}"` }
  pages.set(key, made)
  return made
}

let mode: Mode = 'as_before'
let served = 0
const server = createServer((request, response) => {
  const path = request.url ?? ''
  if (path.startsWith('/mode/')) {
    // The names are the runner's own.
    mode = path.slice('/mode/'.length) as Mode
    for (let source = 0; source < SOURCES; source += 1) page(source, mode)
    served = 0
    return response.end('ok')
  }
  if (path === '/served') return response.end(String(served))

  if (path === '/list') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    return response.end(listPage())
  }

  const { gzip, etag } = page(Number(/\d+/.exec(path)?.[0] ?? 0), mode)
  if (path.startsWith('/feed/')) served += 1
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag })
    return response.end()
  }
  const type = { 'content-type': 'application/xml; charset=utf-8', etag }
  if (/gzip/.test(request.headers['accept-encoding'] ?? '')) {
    response.writeHead(200, { ...type, 'content-encoding': 'gzip' })
    return response.end(gzip)
  }
  response.writeHead(200, type)
  response.end(
    render(
      Number(/\d+/.exec(path)?.[0] ?? 0),
      mode === 'one_new' ? 100 : 99,
      START + (mode === 'as_before' ? 0 : 60_000),
    ),
  )
})
server.keepAliveTimeout = 30_000
for (let source = 0; source < SOURCES; source += 1) page(source, mode)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(typeof address === 'object' ? address?.port : '')
})
