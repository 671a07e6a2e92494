import { findPage } from '../../src/actions/sources/find-feed.ts'
import { addSource } from '../../src/actions/sources/subscribe.ts'
import type { HttpDeps } from '../../src/http/routes.ts'
import type { Adding } from '../../src/http/sources.ts'
import { readPage } from '../../src/page/read-page.ts'
import type { Fetch, Fetched, Parse } from '../../src/ports.ts'
import { readDocument } from '../../src/source/parse.ts'
import { failed, fresh, testActions } from '../support/actions.ts'
import { openTestStore } from '../support/store.ts'
import { BASE, openSite, type Site } from './site.ts'

/** Reads in this thread; the bytes are gone afterwards, as the pool would have it. */
const parseHere: Parse = async (document) => {
  const moved = { ...document, bytes: structuredClone(document.bytes) }
  document.bytes.fill(0)
  return moved.page ? readPage(moved, moved.page.rules) : readDocument(moved)
}

/** A web of these documents by address; what is not there answers 404. */
export function webOf(documents: Record<string, string | Fetched>): Fetch {
  return async ({ url }) => {
    const document = documents[url]
    if (document === undefined) return failed({ status: 404, detail: 'The server answered 404 Not Found.' })
    if (typeof document !== 'string') return document
    const contentType = document.startsWith('<?xml') ? 'application/xml' : 'text/html; charset=utf-8'
    return fresh({ url, contentType, bytes: new TextEncoder().encode(document), bodyHash: document })
  }
}

/** The web side of a service that can add sources, from what `fetch` finds. */
export async function openAddingSite(
  fetch: Fetch,
  changes: Partial<Adding> & { deps?: Partial<Omit<HttpDeps, 'store'>> } = {},
): Promise<Site> {
  const { deps = {}, ...adding } = changes
  const store = await openTestStore()
  const actions = await testActions({ store, fetch, parse: parseHere })
  return openSite({
    store,
    adding: {
      addSource: (wish) => addSource(actions, wish),
      readPage: async (url, rules) => (await findPage(actions, { url, access: null }, rules)).document,
      host: '127.0.0.1',
      publicUrl: BASE,
      ...adding,
    },
    ...deps,
  })
}

export const HERE = { address: '127.0.0.1' }

/** What a browser sends with a form of ours on this machine. */
export const OWN_FORM = {
  'content-type': 'application/x-www-form-urlencoded',
  origin: 'http://127.0.0.1:8080',
  'sec-fetch-site': 'same-origin',
  accept: 'text/html',
}

/** Sends the form of /sources as a browser on this machine does, which goes on to what is asked back. */
export async function send(
  site: Pick<Site, 'handle'>,
  form: Record<string, string>,
  headers: Record<string, string> = OWN_FORM,
) {
  const body = new URLSearchParams(form).toString()
  const address = 'http://127.0.0.1:8080/sources'
  const response = await site.handle(new Request(address, { method: 'POST', headers, body }), HERE)
  const location = response.headers.get('location') ?? ''
  return location.startsWith('sources?shown=') ? site.handle(new Request(new URL(location, address)), HERE) : response
}

export function rss(title: string, items = ['One', 'Two']): string {
  const entries = items.map((item) => `<item><guid>${item}</guid><title>${item}</title></item>`).join('')
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>${title}</title><link>https://a.example/</link><description/>${entries}</channel></rss>`
}

export function declares(href: string, title: string, type = 'application/rss+xml'): string {
  return `<link rel="alternate" type="${type}" title="${title}" href="${href}">`
}

export function sitePage(head: string): string {
  return `<!doctype html><html><head><title>A site</title>${head}</head><body><p>Hello</p></body></html>`
}
