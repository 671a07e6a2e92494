import { escapeXml } from '../../publish/xml.ts'
import { encodeGbk } from './gbk.ts'

export type DeskName = 'harbour' | 'ledger' | 'bench' | 'fieldnotes' | 'river' | 'frontier'

/** One thing a desk has published. */
export interface Piece {
  /** Path of its page. */
  path: string
  title: string
  text: string
  at: number
}

export interface Desk {
  name: DeskName
  title: string
  /** Path of its feed. */
  path: string
  tags: string[]
  contentType: string
  /** The document, newest piece first; `base` is the newsroom's address. */
  render: (desk: Desk, pieces: Piece[], base: string) => Uint8Array
}

/** The newsroom's desks, one for each way in which feeds come. */
export const DESKS: Desk[] = [
  {
    name: 'harbour',
    title: 'The Harbour Wire',
    path: '/harbour/rss.xml',
    tags: ['local'],
    contentType: 'application/rss+xml; charset=utf-8',
    render: (desk, pieces, base) => utf8(rss(desk, pieces, base, 'UTF-8', 'en')),
  },
  {
    name: 'ledger',
    title: 'Ledger & Line',
    path: '/ledger/atom.xml',
    tags: ['business'],
    contentType: 'application/atom+xml',
    render: (desk, pieces, base) => utf8(atom(desk, pieces, base, 'en')),
  },
  {
    name: 'bench',
    title: 'Open Bench',
    path: '/bench/index.rdf',
    tags: ['science'],
    contentType: 'application/rdf+xml',
    render: (desk, pieces, base) => utf8(rdf(desk, pieces, base)),
  },
  {
    name: 'fieldnotes',
    title: 'Fieldnotes',
    path: '/fieldnotes/feed.json',
    tags: ['nature'],
    contentType: 'application/feed+json',
    render: (desk, pieces, base) => utf8(jsonFeed(desk, pieces, base)),
  },
  {
    name: 'river',
    title: '江城日报',
    path: '/river/rss.xml',
    tags: ['中文'],
    // No charset here, as it comes from such servers: the XML declaration has it.
    contentType: 'text/xml',
    render: (desk, pieces, base) => encodeGbk(rss(desk, pieces, base, 'GBK', 'zh-CN')),
  },
  {
    name: 'frontier',
    title: '数字前沿',
    path: '/frontier/atom.xml',
    tags: ['中文', 'tech'],
    contentType: 'application/atom+xml; charset=utf-8',
    render: (desk, pieces, base) => utf8(atom(desk, pieces, base, 'zh')),
  },
]

function rss(desk: Desk, pieces: Piece[], base: string, encoding: string, language: string): string {
  const items = pieces.map(
    ({ path, title, text, at }) =>
      `<item><title>${escapeXml(title)}</title><link>${base}${path}</link><guid isPermaLink="true">${base}${path}</guid>` +
      `<pubDate>${new Date(at).toUTCString()}</pubDate><description>${escapeXml(`<p>${escapeXml(text)}</p>`)}</description></item>\n`,
  )
  return (
    `<?xml version="1.0" encoding="${encoding}"?>\n<rss version="2.0"><channel><title>${escapeXml(desk.title)}</title>` +
    `<link>${base}/${desk.name}/</link><description>${escapeXml(desk.title)}</description><language>${language}</language>\n` +
    `${items.join('')}</channel></rss>\n`
  )
}

function atom(desk: Desk, pieces: Piece[], base: string, language: string): string {
  const entries = pieces.map(
    ({ path, title, text, at }) =>
      `<entry><id>${base}${path}</id><title>${escapeXml(title)}</title><link href="${path}"/><published>${new Date(at).toISOString()}</published>` +
      `<updated>${new Date(at).toISOString()}</updated><author><name>${escapeXml(desk.title)}</name></author>` +
      `<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>${escapeXml(text)}</p></div></content></entry>\n`,
  )
  const updated = new Date(pieces[0]?.at ?? 0).toISOString()
  return (
    `<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${language}" xml:base="${base}"><id>${base}/${desk.name}/</id>` +
    `<title>${escapeXml(desk.title)}</title><updated>${updated}</updated><link href="/${desk.name}/"/>\n${entries.join('')}</feed>\n`
  )
}

function rdf(desk: Desk, pieces: Piece[], base: string): string {
  const list = pieces.map(({ path }) => `<rdf:li rdf:resource="${base}${path}"/>`)
  const items = pieces.map(
    ({ path, title, text, at }) =>
      `<item rdf:about="${base}${path}"><title>${escapeXml(title)}</title><link>${base}${path}</link>` +
      `<description>${escapeXml(text)}</description><dc:date>${new Date(at).toISOString()}</dc:date></item>\n`,
  )
  return (
    `<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"` +
    ` xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">` +
    `<channel rdf:about="${base}${desk.path}"><title>${escapeXml(desk.title)}</title><link>${base}/${desk.name}/</link>` +
    `<description>${escapeXml(desk.title)}</description><items><rdf:Seq>${list.join('')}</rdf:Seq></items></channel>\n` +
    `${items.join('')}</rdf:RDF>\n`
  )
}

function jsonFeed(desk: Desk, pieces: Piece[], base: string): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: desk.title,
    home_page_url: `${base}/${desk.name}/`,
    feed_url: `${base}${desk.path}`,
    language: 'en',
    items: pieces.map(({ path, title, text, at }) => ({
      id: `${base}${path}`,
      url: `${base}${path}`,
      title,
      content_html: `<p>${escapeXml(text)}</p>`,
      date_published: new Date(at).toISOString(),
    })),
  })
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
