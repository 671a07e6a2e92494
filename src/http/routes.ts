import { type Context, Hono } from 'hono'
import type { Trial } from '../actions/watch/try.ts'
import { AppError, describeError, type ErrorCode, isCode } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Item, Query } from '../model.ts'
import type { Clock, ItemPage, Store, TelegramState } from '../ports.ts'
import { nameUrn, renderAtom } from '../publish/atom.ts'
import { itemAsJson, sourceAsJson, statusAsJson } from '../publish/json.ts'
import { createSafeHtmlCache, type SafeHtmlCache } from '../publish/safe-html.ts'
import { echoQuery, sayQuery } from '../query/echo.ts'
import { formatIso } from '../time.ts'
import { HTML, json, refusal, SECURITY_HEADERS, text } from './answers.ts'
import { createDocumentCache, type DocumentCache, versionAt } from './cache.ts'
import { linkQuery } from './frame.ts'
import { type PageModel, renderPage, WATCHES_SHOWN, watchOf } from './page.ts'
import { readBefore, readLimit, readQuery, readStories } from './parameters.ts'
import { MOST_COUNTED } from './query.ts'
import { answerWith, type Representation, represent } from './representation.ts'
import { type Adding, createSourcesRoute, type SourcesRoute } from './sources.ts'
import { listWatched, standingOf, UNWATCHED } from './standing.ts'
import { FAVICON, STYLE, STYLE_VERSION } from './style.ts'
import { isFromHere, misdirection, type Peer } from './trust.ts'
import { renderTry } from './try-page.ts'
import { createTurnstile } from './turnstile.ts'
import { createWebSubRoute, type WebSubDoor } from './websub.ts'

/** Never rejects. Without a peer the request comes from nobody we trust. */
export type Handle = (request: Request, peer?: Peer) => Promise<Response>

export interface HttpDeps {
  store: Pick<
    Store,
    | 'instance'
    | 'revision'
    | 'listSources'
    | 'listHostPaces'
    | 'listQueries'
    | 'listMutedQueries'
    | 'isWatched'
    | 'status'
    | 'countItems'
  >
  clock: Clock
  log: Log
  metrics: Pick<Metrics, 'answered' | 'setStatus' | 'render' | 'contentType'>
  /** IANA name: the days and times on the page. */
  timezone: string
  /** Where people reach us, without a slash at the end. Every absolute link is made of it, never of a request. */
  baseUrl(): string
  /** The newest items, or the newest that a query matches, with `stories` each story once; refuses what is no query. */
  search(
    text: string | null,
    options: { limit: number; before?: number | undefined; stories: boolean; patienceMs?: number },
  ): Promise<ItemPage & { query: Query | null }>
  /** What a watch would have sent; refuses what is none. */
  tryQuery(text: string): Promise<Trial>
  /** Null without a token. */
  telegram(): Pick<TelegramState, 'state' | 'username'> | null
  health(): Promise<{ ok: boolean; reasons: string[] }>
  /** How sources are added from the page, where it may be: `createTrust` decides. */
  adding: Adding
  /** Hubs are answered with it; without it, nothing is at their address. */
  websub?: WebSubDoor | undefined
}

/** The web side of the service: feeds, pages, the JSON API, health and numbers; reads, but for the form of `/sources` and what hubs push. */
export function createHttp(deps: HttpDeps): Handle {
  const app = new Hono<Env>({ strict: true })
  const site: Site = {
    ...deps,
    safeHtml: createSafeHtmlCache(2_000),
    feeds: createDocumentCache('application/atom+xml; charset=utf-8', 8, deps.clock),
    pages: createDocumentCache(HTML, 16, deps.clock),
    trying: createTurnstile(MOST_TRYING, 'queries are being tried', 'Load it again in a few seconds.'),
  }
  const sources = createSourcesRoute({ ...deps, hasBot: () => deps.telegram() !== null })
  const websub = deps.websub && createWebSubRoute(deps.websub)
  const routes = listRoutes(site, sources)

  app.use((c, next) => refuseMisdirected(c, next, deps))
  app.use(refuseBodies)
  app.post('/sources', (c) => sources.post(c.req.raw, c.env.peer))
  if (websub) app.all('/websub/:token', (c) => websub(c.req.raw, c.req.param('token')))
  for (const [path, route] of Object.entries(routes)) {
    app.get(path, route)
    const others = path === '/sources' ? ', HEAD, POST' : ', HEAD'
    const said = `Only GET${others.replace(/, (?=\w+$)/, ' and ')} are answered here.\n`
    app.all(path, () => text(said, 405, { Allow: `GET${others}` }))
  }
  app.notFound((c) => refuse(c.req.raw, new AppError('not_found', 'There is nothing at this address.')))
  app.onError((error, c) => {
    if (!(error instanceof AppError) || error.code === 'internal') {
      const { pathname } = new URL(c.req.url)
      const path = pathname.startsWith(WEBSUB) ? '/websub' : pathname.slice(0, 200)
      site.log.error({ err: error.message, path }, 'request failed')
    }
    return refuse(c.req.raw, error)
  })

  return async (request, peer = { address: null }) => {
    // Hono catches errors only; what else may be thrown is not theirs to see either.
    const response = await Promise.resolve(app.fetch(request, { peer })).catch(() => text('Internal error.\n', 500))
    const { pathname } = new URL(request.url)
    const known = Object.hasOwn(routes, pathname) ? pathname : 'other'
    deps.metrics.answered(pathname.startsWith(WEBSUB) ? '/websub' : known, response.status)
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.headers.set(name, value)
    if (deps.baseUrl().startsWith('https:')) response.headers.set('Strict-Transport-Security', 'max-age=15552000')
    return response
  }
}

type Route = (c: Context<Env>) => Promise<Response> | Response

/** What is answered to GET and HEAD, by its path. */
function listRoutes(site: Site, sources: SourcesRoute): Record<string, Route> {
  const style = represent(STYLE, 'text/css; charset=utf-8', site.clock())
  const favicon = represent(FAVICON, 'image/svg+xml', site.clock())
  return {
    '/': (c) => answerPage(site, c.req.raw),
    '/try': (c) => answerTry(site, c.req.raw),
    '/sources': (c) => sources.get(c.req.raw, c.env.peer),
    '/feed.atom': (c) => answerFeed(site, c.req.raw),
    '/api/v1/items': (c) => answerItems(site, c.req.raw),
    '/api/v1/sources': async () => json((await site.store.listSources()).map(sourceAsJson)),
    '/api/v1/status': () => answerStatus(site),
    '/healthz': () => answerHealth(site),
    '/readyz': () => answerHealth(site),
    '/metrics': (c) => answerMetrics(site, c.req.raw, c.env.peer),
    '/style.css': (c) => answerFile(site, c.req.raw, style),
    '/favicon.svg': (c) => answerFile(site, c.req.raw, favicon),
    '/robots.txt': () => text('User-agent: *\nDisallow: /api/\nDisallow: /*?q=\nDisallow: /*stories=\n'),
  }
}

type Env = { Bindings: { peer: Peer } }

interface Site extends HttpDeps {
  safeHtml: SafeHtmlCache
  feeds: DocumentCache
  pages: DocumentCache
  trying: ReturnType<typeof createTurnstile>
}

/** What follows is a secret: it stands in no log and in no number. */
const WEBSUB = '/websub/'

// Hardly anything here takes a body; one that says it is large is refused before a byte of it is read.
const MAX_BODY_BYTES = 64 * 1024

/** RFC 9110, 15.5.20. */
async function refuseMisdirected(
  c: Context<Env>,
  next: () => Promise<void>,
  { adding, baseUrl }: Pick<HttpDeps, 'adding' | 'baseUrl'>,
): Promise<Response | undefined> {
  const fault = misdirection(c.req.raw, adding, baseUrl())
  if (fault !== null) return text(`${fault}\n`, 421)
  await next()
}

async function refuseBodies(c: Context<Env>, next: () => Promise<void>): Promise<Response | undefined> {
  const isPush = c.req.method === 'POST' && new URL(c.req.url).pathname.startsWith(WEBSUB)
  if (!isPush && Number(c.req.header('content-length') ?? 0) > MAX_BODY_BYTES) {
    return text('The body is too large.\n', 413, { Connection: 'close' })
  }
  await next()
}

// ---- Feed ----

// Asking again costs a reader 304 and us microseconds: nobody needs to be behind.
const ASK_AGAIN = 'no-cache'

async function answerFeed(site: Site, request: Request): Promise<Response> {
  const address = new URL(request.url)
  const limit = readLimit(address, { usual: 100, max: 500 })
  const before = readBefore(address)
  const stories = readStories(address, true)
  const query = readQuery(address)

  const now = site.clock()
  const version = query === null ? `${await site.store.revision()}` : await versionAt(now, site.store)
  const key = JSON.stringify([site.baseUrl(), limit, before, stories, query])
  const document = await site.feeds.get(key, version, () => renderFeed(site, query, { limit, before, stories }))
  return answerWith(document, request, { cacheControl: ASK_AGAIN, now })
}

async function renderFeed(
  site: Site,
  written: string | null,
  options: { limit: number; before: number | undefined; stories: boolean },
): Promise<string> {
  const { items, next, query } = await site.search(written, options)
  const shown = { q: written, stories: options.stories ? null : 0 }
  const asked = { ...shown, limit: options.limit === 100 ? null : options.limit }
  const instance = await site.store.instance()
  return renderAtom(items, {
    // One id for all pages of a feed (RFC 5005, 3), and another for each search, and for the items of either one by one.
    id: nameUrn(`${options.stories ? 'feed' : 'feed-of-items'} ${instance} ${written ?? ''}`),
    title: query === null ? 'Crier' : `Crier: ${sayQuery(query)}`,
    selfUrl: urlOf(site, 'feed.atom', { ...asked, before: options.before ?? null }),
    siteUrl: urlOf(site, '', shown),
    nextUrl: next === null ? null : urlOf(site, 'feed.atom', { ...asked, before: next }),
    safeHtml: site.safeHtml,
    onSkipped: (item, error) => {
      const err = error instanceof Error ? error.message : 'unknown'
      site.log.error({ err, item: item.place }, 'item left out of the feed')
    },
  })
}

function urlOf(site: Site, page: string, parameters: Record<string, string | number | null>): string {
  return `${site.baseUrl()}/${page}${linkQuery(parameters)}`
}

// ---- Page ----

const ITEMS_ON_PAGE = 40

async function answerPage(site: Site, request: Request): Promise<Response> {
  const address = new URL(request.url)
  const before = readBefore(address)
  const stories = readStories(address, true)
  const written = readQuery(address)

  const now = site.clock()
  const telegram = site.telegram()
  const ask = { now, telegram, written, before, stories }
  const key = JSON.stringify([site.baseUrl(), telegram?.state, telegram?.username, before, stories, written])
  return answerAsk(site, request, { key, now }, async (refusal) => renderPage(await readPage(site, ask, refusal)))
}

/** A page made once a minute at most, and after each change; where its query is refused, the page that says so, which is not kept. */
async function answerAsk(
  site: Site,
  request: Request,
  { key, now }: { key: string; now: number },
  render: (refusal: AppError | null) => Promise<string>,
): Promise<Response> {
  const version = await versionAt(now, site.store)
  const options = { cacheControl: ASK_AGAIN, now }
  try {
    return await answerWith(await site.pages.get(key, version, () => render(null)), request, options)
  } catch (error) {
    if (!isCode(error, 'invalid')) throw error
    return answerWith(represent(await render(error), HTML, now), request, { ...options, status: 400 })
  }
}

/** Everything the page shows; with a refusal it shows that in place of items. */
async function readPage(
  site: Site,
  ask: Pick<PageModel, 'now' | 'telegram' | 'written' | 'before' | 'stories'>,
  refusal: AppError | null,
): Promise<PageModel> {
  const nothing = { items: [], next: null, lookedBackTo: null, query: null, count: null }
  const watch = watchOf({ ...ask, timezone: site.timezone })
  const [found, status, watched, standing] = await Promise.all([
    refusal === null ? searchAndCount(site, ask) : nothing,
    site.store.status(),
    listWatched(site.store, WATCHES_SHOWN, ask.now),
    watch === null ? UNWATCHED : standingOf(site.store, watch.text, ask.now),
  ])
  // Thousands of sources are counted, and listed only when one of them has something to say.
  const sources = status.sources.failing > 0 ? await site.store.listSources() : []
  return {
    ...ask,
    ...found,
    refusal,
    status,
    watched,
    standing,
    troubled: sources.filter((source) => source.state === 'active' && source.failures > 0),
    timezone: site.timezone,
    baseUrl: site.baseUrl(),
  }
}

/** What is looked for first after a start finds next to nothing at once. */
const PATIENCE_MS = 250

async function searchAndCount(
  site: Site,
  { now, written, before, stories }: Pick<PageModel, 'now' | 'written' | 'before' | 'stories'>,
) {
  const found = await site.search(written, { limit: ITEMS_ON_PAGE, before, stories, patienceMs: PATIENCE_MS })
  const { query } = found
  return { ...found, count: query && (await site.store.countItems({ query, now, most: MOST_COUNTED })) }
}

// ---- Try-out ----

// One looks through thousands of items; more of them at once would hold up everything else.
const MOST_TRYING = 2

/** On their own page; more of them a person looks for in the chat that has them. */
const WATCHES_LISTED = 200

function answerTry(site: Site, request: Request): Promise<Response> {
  const written = readQuery(new URL(request.url))
  const now = site.clock()
  return answerAsk(site, request, { key: JSON.stringify(['try', written]), now }, async (refusal) => {
    const isTried = written !== null && refusal === null
    const trial = isTried ? await site.trying(() => site.tryQuery(written)) : null
    const standing = trial === null ? UNWATCHED : await standingOf(site.store, trial.query.text, now)
    const status = await site.store.status()
    const watched = written === null ? await listWatched(site.store, WATCHES_LISTED, now) : null
    return renderTry({ now, timezone: site.timezone, written, refusal, status, trial, standing, watched })
  })
}

// ---- JSON API ----

async function answerItems(site: Site, request: Request): Promise<Response> {
  const address = new URL(request.url)
  const limit = readLimit(address, { usual: 20, max: 500 })
  const stories = readStories(address, false)
  const found = await site.search(readQuery(address), { limit, before: readBefore(address), stories })
  return json({
    query: found.query === null ? null : echoQuery(found.query),
    items: found.items.map((item) => itemForApi(item, site.safeHtml)),
    next: found.next,
    lookedBackTo: formatIso(found.lookedBackTo),
  })
}

/** What the command line prints of an item, its HTML passed through the gate, and where it stands. */
function itemForApi(item: Item, cache: SafeHtmlCache) {
  return {
    ...itemAsJson(item),
    content: item.content === null ? null : cache.get(item, 'content', item.content),
    summary: item.summary === null ? null : cache.get(item, 'summary', item.summary),
    language: item.language,
    sourceTitle: item.source.title,
    place: item.place,
    calledBy: item.calledBy,
  }
}

async function answerStatus(site: Site): Promise<Response> {
  const { state = 'off', username = null } = site.telegram() ?? {}
  return json({ ...statusAsJson(await site.store.status()), telegram: { state, username } })
}

// ---- Health and numbers ----

async function answerHealth(site: Site): Promise<Response> {
  const { ok, reasons } = await site.health()
  return ok ? text('ok\n') : text(`${reasons.join('\n')}\n`, 503)
}

/** The numbers are for this machine only. */
async function answerMetrics(site: Site, request: Request, peer: Peer): Promise<Response> {
  if (!isFromHere(request, peer)) {
    throw new AppError('not_found', 'The numbers are served to this machine only.', {
      hint: 'Ask from here: curl http://127.0.0.1:PORT/metrics.',
    })
  }
  site.metrics.setStatus(await site.store.status())
  return text(await site.metrics.render(), 200, { 'Content-Type': site.metrics.contentType })
}

// ---- Answers ----

function answerFile(site: Site, request: Request, file: Representation): Promise<Response> {
  const isNamed = new URL(request.url).searchParams.get('v') === STYLE_VERSION
  const cacheControl = isNamed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600'
  return answerWith(file, request, { cacheControl, now: site.clock() })
}

const STATUS_OF = {
  invalid: 400,
  not_found: 404,
  conflict: 409,
  unavailable: 503,
  internal: 500,
} satisfies Record<ErrorCode, number>

/** The API gets a problem (RFC 9457). */
async function refuse(request: Request, error: unknown): Promise<Response> {
  const code = error instanceof AppError ? error.code : 'internal'
  const status = STATUS_OF[code]
  const message = describeError(error)
  if (new URL(request.url).pathname.startsWith('/api/')) {
    return json({ status, title: message, code }, status, 'application/problem+json')
  }
  // A database that was busy for too long is free again soon.
  return refusal(request, status, message, code === 'unavailable' ? { 'Retry-After': '10' } : {})
}
